"""Which hosts a user lets this toolkit talk to at run time: none but this machine, unless the home says otherwise.

    [network]
    allow = ["llm.example.org"]

That file is `localize.toml` in the home. One found in a working folder may be a stranger's, and allows nothing.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
from pathlib import Path

from ..errors import UsageError
from . import reading

FILE = "localize.toml"
"""In the home."""
_HOST = re.compile(r"(?!-)[a-z0-9.-]{1,253}|[0-9a-f:.]{2,45}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its own writing: "localhost", or an address of 127.0.0.0/8 or ::1. No name is
    looked up.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed_hosts(home: Path) -> frozenset[str]:
    """The hosts that the user's own `localize.toml` allows; none without that file.

    Args:
        home: the user's home of this toolkit.

    Raises:
        UsageError: the file cannot be read, may be written by others, or holds anything else.
    """
    path = home / FILE
    try:
        found = path.stat()
    except OSError:
        return frozenset()
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UsageError(f"{path} may be written by others: make it yours alone (chmod go-w) before it allows a host")
    try:
        table = reading.read_toml(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    network = table.get("network", {})
    if set(table) - {"network"} or not isinstance(network, dict) or set(network) - {"allow"}:
        raise UsageError(
            f"{path} may hold [network] with allow, and nothing else: other keys go into that of your project"
        )
    hosts = network.get("allow", [])
    if not isinstance(hosts, list) or not all(isinstance(h, str) and _HOST.fullmatch(h.lower()) for h in hosts):
        raise UsageError(f'{path}: network.allow is a list of host names without port, such as ["llm.example.org"]')
    return frozenset(host.lower() for host in hosts)
