"""One POST to a model's server: no proxy, no redirect, no other host, bounded in bytes and in time."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..runtime.network import is_loopback
from ..runtime.version import __version__

MOST_BYTES = 1 << 20
"""Of an answer: eight lines in three wordings are some kilobytes."""
EXAMPLE = "llm:http://127.0.0.1:8080/v1#MODEL"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server with the interface of OpenAI answers, and the model it is asked for.

    Args:
        scheme: "http" or "https".
        host: in lower case, without brackets.
        port: of TCP.
        path: before "/chat/completions".
        model: as the server calls it.
    """

    scheme: str
    host: str
    port: int
    path: str
    model: str

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read "http://HOST:PORT/v1#MODEL".

        Raises:
            UsageError: it is none, names no model, carries a user or a query, or would send lines unencrypted to
                another machine.
        """
        try:
            parts = urllib.parse.urlsplit(text)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            parts, host, port = urllib.parse.urlsplit(""), "", None
        printable = text.isascii() and text.isprintable() and " " not in text
        if parts.scheme not in ("http", "https") or not host or not printable:
            raise UsageError(f"a model's server is written {EXAMPLE}, that is no such address")
        if parts.username is not None or parts.password is not None or parts.query:
            raise UsageError("a model's server is named without user, key or query: a key goes into LOCALIZE_LLM_KEY")
        if not parts.fragment:
            raise UsageError(f"which model of {host}? Write its name after #, as in {EXAMPLE}")
        if parts.scheme == "http" and not is_loopback(host):
            raise UsageError(f"{host} is another machine: what a film says goes there by https:// only", host=host)
        port = port or (443 if parts.scheme == "https" else 80)
        return cls(parts.scheme, host, port, parts.path.rstrip("/"), urllib.parse.unquote(parts.fragment))

    @property
    def origin(self) -> str:
        """Its address without the model."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    @property
    def is_here(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer; `body` is cut at `MOST_BYTES` + 1."""

    status: int
    retry_after: str
    body: bytes


def post(endpoint: Endpoint, body: Mapping[str, Any], key: str, limit_s: float) -> Answer:
    """Send one request for a chat completion.

    Args:
        endpoint: where to; nothing else is connected to, whatever the environment or the answer says.
        body: of the request, as JSON.
        key: sent as a bearer token, "" for none.
        limit_s: seconds for all of it.

    Raises:
        TimeoutError: it took longer.
        OSError: nobody answers, or the certificate is not right.
        http.client.HTTPException: what came is no HTTP.
    """
    headers = {"Content-Type": "application/json", "User-Agent": f"localize-toolkit/{__version__}"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    connection = _connection(endpoint, limit_s)
    late = threading.Event()
    opened: list[socket.socket] = []

    def hang_up() -> None:
        # The limit of a socket is one for each piece that comes: a server that drips would never reach it.
        late.set()
        for way in opened:
            with suppress(OSError):
                way.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(limit_s, hang_up)
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        opened.append(connection.sock)  # kept here, since the connection forgets it when an answer begins
        if late.is_set():
            raise TimeoutError
        data = json.dumps(body, ensure_ascii=True).encode()
        connection.request("POST", f"{endpoint.path}/chat/completions", data, headers)
        answer = connection.getresponse()
        said = answer.read(MOST_BYTES + 1)
        if late.is_set():
            raise TimeoutError
        return Answer(answer.status, answer.headers.get("Retry-After", ""), said)
    except (OSError, http.client.HTTPException) as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        connection.close()


def _connection(endpoint: Endpoint, limit_s: float) -> http.client.HTTPConnection:
    # "localhost" is looked up nowhere: a hosts file could name another machine.
    host = "127.0.0.1" if endpoint.host == "localhost" else endpoint.host
    if endpoint.scheme == "http":
        return http.client.HTTPConnection(host, endpoint.port, timeout=limit_s)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, endpoint.port, timeout=limit_s, context=context)


def server_message(body: bytes, key: str) -> str:
    """What a server says of its failure, in one printable line, without the key."""
    text = body[:4000].decode("utf-8", "replace")
    text = text.replace(key, "…") if key else text
    text = re.sub(r"[A-Za-z]{2,3}-[\w-]{12,}", "…", text)  # keys that servers write back in part
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat[:200]
