"""A client of S3 that connects to no server but the one it was given.

aiobotocore asks for credentials in several places, and lets aiohttp follow any redirect of a server, of which nobody
else hears: so its session has no way that was not allowed, and addresses and sockets are given to it here.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .network import is_loopback

_METADATA = {"iam-role": "169.254.169.254", "container-role": "169.254.170.2"}
"""Where a machine of a cloud gets its own credentials, by the name that botocore gives the way."""


def connect(check_host: Callable[[str], None], hosts: frozenset[str]) -> tuple[Any, str]:
    """The file system of fsspec for S3, and the URL of the server that it asks. No request is sent.

    Args:
        check_host: raises an error for the URL of a server that may not be asked.
        hosts: that were allowed, for a machine's own credentials.

    Raises:
        Exception: of the client, for settings that it does not take.
    """
    from aiobotocore.session import AioSession
    from s3fs import S3FileSystem

    session = AioSession()
    ways = session.get_component("credential_provider")
    for name, host in _METADATA.items():
        if host not in hosts:
            ways.remove(name)

    def check_request(request: Any, **_: Any) -> None:
        """Before anything is sent, be it after an answer that names another region, or to ask for credentials."""
        check_host(request.url)

    session.register("before-send", check_request)
    door = _door(check_host)
    settings = {
        "connect_timeout": 10, "read_timeout": 30, "retries": {"max_attempts": 3}, "proxies": {},
        "connector_args": {"resolver": door, "socket_factory": door.socket},
    }  # fmt: skip
    system = S3FileSystem(session=session, config_kwargs=settings, use_listings_cache=False, skip_instance_cache=True)
    system.connect()
    endpoint: str = system.s3.meta.endpoint_url
    door.endpoint = urlsplit(endpoint)
    return system, endpoint


def _door(check_host: Callable[[str], None]) -> Any:
    """What aiohttp asks for addresses and sockets. aiobotocore lets it follow any redirect of a server, of which nobody
    else hears.
    """
    from aiohttp import ThreadedResolver
    from aiohttp.abc import AbstractResolver

    class Door(AbstractResolver):  # type: ignore[misc]
        endpoint = urlsplit("")

        def __init__(self) -> None:
            self.known: set[str] = set()

        async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
            check_host(f"https://{host}")
            found = await ThreadedResolver().resolve(host, port, family)
            if is_loopback(host) and not all(is_loopback(each["host"]) for each in found):
                raise OSError(errno.EACCES, "a hosts file names another machine")
            self.known |= {each["host"] for each in found}
            return found

        async def close(self) -> None:
            pass

        def socket(self, place: Any) -> socket.socket:
            family, kind, protocol, _, address = place
            named = address[0] in self.known or address[0] == self.endpoint.hostname
            if not named or address[1] not in (self.endpoint.port or 443, 443):
                raise OSError(errno.EACCES, "an answer leads to another server")
            return socket.socket(family, kind, protocol)

    return Door()
