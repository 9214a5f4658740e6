"""Listen on the loopback interface until a signal says to stop."""

from __future__ import annotations

import secrets
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from ..errors import EngineMissing, UsageError
from ..events import Run

HOST = "127.0.0.1"
CLOSING_S = 1
"""How long open answers may take to end."""
PACKAGES = ("starlette", "uvicorn")


def require_packages() -> None:
    """Refuse where the server's packages are missing.

    Raises:
        EngineMissing: naming the command that installs them.
    """
    from importlib.util import find_spec

    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise EngineMissing(
            f"the review room needs {missing[0]}: pip install 'localize-toolkit[review]'", extra="review"
        )


def listen(port: int) -> socket.socket:
    """A socket of this machine alone.

    Raises:
        UsageError: the port is taken.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
    except OSError as error:
        made.close()
        raise UsageError(
            f"port {port} cannot be used ({error.strerror}): take another with --port, or 0 for any that is free"
        ) from error
    made.listen(128)
    return made


def serve(folder: Path, source: Path | None, run: Run, port: int, opened: Callable[[str], None]) -> None:
    """Serve the review of a dub until SIGTERM or Ctrl-C.

    Args:
        folder: of the dub.
        source: its film; None to look for it.
        run: whose store and home are used.
        port: to listen on; 0 for any that is free.
        opened: given the address when it can be asked.

    Raises:
        EngineMissing: the extra `review` is not installed.
        UsageError: no dub lies there; the port is taken; the film is another.
    """
    require_packages()
    import uvicorn

    from .app import review_app
    from .room import Room

    room = Room.open(folder, source, run)
    token = secrets.token_urlsafe(24)
    with listen(port) as bound:
        number = bound.getsockname()[1]
        app = review_app(room, token, number)
        settings = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, lifespan="on", ws="none",
            timeout_graceful_shutdown=CLOSING_S,
        )  # fmt: skip
        for stopping in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stopping, lambda *_: None)  # uvicorn raises it again when it has ended: this is how to end it
        opened(f"http://{HOST}:{number}/?token={token}")
        try:
            uvicorn.Server(settings).run(sockets=[bound])
        finally:
            room.close()
