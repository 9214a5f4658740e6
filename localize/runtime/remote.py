"""The store of several machines: an object store, or a folder that all of them see, behind a folder of this machine.

What is got from it is a file like any other: the store checks its hash or its seal before anything is used. Nothing is
listed and no clock of another machine is read, so late listings and wrong clocks change nothing.

A remote that fails is left alone for a while and told of in one line; the run goes on with what is here. What could not
be put there is noted in the folder, and put there by the next run.

No message of a library is ever passed on: an address or a key could stand in it.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..errors import EngineMissing, LocalizeError, UsageError
from . import s3
from .files import draft_owner, is_abandoned
from .network import is_loopback
from .threads import in_order

T = TypeVar("T")
SCHEMES = {"s3": "s3fs", "file": "fsspec"}
"""The URLs that are taken, and the module behind each. What other schemes connect to is not known before they do."""
INSTALL = "pip install 'localize-toolkit[remote]'"
AT_ONCE = 16
"""Files that are got or put at once: a small one mostly waits for the way there and back."""
LIMIT_S = 60.0
"""Seconds for a file, and one more for each `LEAST_BYTES_S` of it."""
LEAST_BYTES_S = 100_000
AGAIN_S = 120.0
"""Seconds for which a remote that failed is left alone; twice as long each time it fails again."""
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,254}")
_LOCAL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Remote:
    """Files of a store that lie on another machine.

    Args:
        url: "s3://BUCKET/PREFIX" or "file:///FOLDER". Where a bucket lies, and with which credentials, is said as for
            every client of S3: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, a profile.
        hosts: that it may talk to, beside this machine (`network.allowed_hosts`).

    Raises:
        UsageError: the URL is none that is taken, or leads to a host that is not allowed.
        EngineMissing: the package behind it is not installed.
    """

    def __init__(self, url: str, hosts: frozenset[str] = frozenset()) -> None:
        self.url, self.hosts = url.rstrip("/"), hosts
        self.on_loss: Callable[[str], None] = lambda _message: None
        """Called with one line when the remote fails."""
        scheme, _, rest = self.url.partition("://")
        odd = not rest.isprintable() or set("?#*[]\\") & set(rest) or {".", ".."} & set(rest.split("/"))
        if scheme not in SCHEMES or odd or (scheme == "file") != rest.startswith("/") or "//" in rest:
            raise UsageError(
                "LOCALIZE_STORE is a folder, s3://BUCKET/PREFIX or file:///FOLDER, without any of ?#*[]\\: "
                "other stores are mounted as a folder, or asked through their S3 interface"
            )
        if scheme == "s3" and not _NAME.fullmatch(rest.partition("/")[0]):
            raise UsageError(
                "LOCALIZE_STORE: s3:// is followed by a bucket's name, without user or key: those go into "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the server into AWS_ENDPOINT_URL"
            )
        self._root = rest
        self._bucket = rest.partition("/")[0] if scheme == "s3" else ""
        self._lost_until, self._losses = 0.0, 0
        self._read_only = False
        self._lock = threading.Lock()
        self._system = self._connected()

    def __reduce__(self) -> tuple[type[Remote], tuple[str, frozenset[str]]]:
        return Remote, (self.url, self.hosts)

    @property
    def cache_name(self) -> str:
        """A name for the folder of this machine that holds what came from there."""
        return hashlib.sha256(self.url.encode("utf-8", "backslashreplace")).hexdigest()[:16]

    # -- files

    def fetch(self, name: str, target: Path, limit: int, limit_s: float = LIMIT_S) -> bool:
        """Get a file.

        Args:
            name: of it, below the URL.
            target: to be written; by halves where False is returned or an error raised.
            limit: bytes that it may have.
            limit_s: seconds that it may take.

        Returns:
            whether it came: False where there is none, and where the remote fails, which is told.

        Raises:
            ValueError: it is longer.
            OSError: the target cannot be written.
        """
        if self.is_lost:
            return False
        from fsspec.callbacks import Callback

        class Bounded(Callback):  # type: ignore[misc]
            def set_size(self, size: int | None) -> None:
                if size is not None and size > limit:
                    raise _TooLongError

            def relative_update(self, inc: int = 1) -> None:
                super().relative_update(inc)
                self.set_size(self.value)

        get = partial(self._system.get_file, self._path(name), str(target), callback=Bounded())
        try:
            _within(limit_s, get)
            return True
        except _FailedError as failed:
            if isinstance(error := failed.error, _TooLongError):
                raise _TooLongError from None
            if isinstance(error, OSError) and error.errno in _LOCAL:
                raise OSError(error.errno, error.strerror, str(target)) from None
            if not isinstance(error, FileNotFoundError):
                self._lose(error, "read", "s3:GetObject and s3:ListBucket")
            return False

    def put(self, files: Sequence[tuple[str, Path]]) -> bool:
        """Put files there, several at once; one that is gone here by now, or is a link, counts for nothing.

        Args:
            files: the name of each below the URL, and where it lies here.

        Returns:
            whether all of them need no second try: they are there, or may not be put there at all.
        """
        if self._read_only:
            return True
        for done in in_order(self._put, files, AT_ONCE if self._bucket else 1):
            if not done:
                return self._read_only
        return True

    def measure(self) -> tuple[int, int]:
        """How many files lie there, and their bytes, by one listing.

        Raises:
            LocalizeError: the remote fails.
        """
        try:
            found = _within(10 * LIMIT_S, partial(self._system.find, self._root, detail=True, refresh=True))
        except _FailedError as failed:
            if isinstance(failed.error, FileNotFoundError):
                return 0, 0
            raise LocalizeError(f"{self.url} cannot be listed ({_reason(failed.error)})") from None
        return len(found), sum(int(each["size"] or 0) for each in found.values())

    @property
    def is_lost(self) -> bool:
        """Whether it failed a short while ago."""
        return time.monotonic() < self._lost_until

    def _put(self, file: tuple[str, Path]) -> bool:
        name, path = file
        if self.is_lost or self._read_only:
            return False
        if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
            return True  # a link could lead to any file of this user
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return True
        try:
            _within(seconds_for(size), partial(self._put_whole, name, path))
            return True
        except _FailedError as failed:
            self._lose(failed.error, "written", "s3:PutObject")
            return False

    def _put_whole(self, name: str, path: Path) -> None:
        """An object appears whole; a file of a folder that several machines see is renamed into its place."""
        if self._bucket:
            self._system.put_file(str(path), self._path(name))
            return
        if not Path(self._root).is_dir():
            raise FileNotFoundError(errno.ENOENT, "not mounted")
        draft = self._path(f"drafts/{draft_owner()}-{secrets.token_hex(8)}")
        try:
            self._system.put_file(str(path), draft)
            self._system.makedirs(str(PurePosixPath(self._path(name)).parent), exist_ok=True)
            self._system.mv(draft, self._path(name))
        except BaseException:
            with suppress(OSError):
                self._system.rm_file(draft)
            raise

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _lose(self, error: BaseException, verb: str, rights: str) -> None:
        refused = isinstance(error, PermissionError)
        may_not_write = refused and verb == "written"
        with self._lock:
            if self._read_only if may_not_write else self.is_lost:
                return  # another thread has told it
            if may_not_write:
                self._read_only = True
            else:
                self._lost_until = time.monotonic() + AGAIN_S * 2**self._losses
                self._losses += 1
        if may_not_write:
            after = "what this run makes stays in the folder of this machine"
        else:
            after = (
                "the run goes on with the folder of this machine alone, and what it makes is put there "
                "by the next run that can"
            )
        needs = f"; it needs {rights}" if refused and self._bucket else ""
        self.on_loss(f"{self.url} cannot be {verb} ({_reason(error)}{needs}): {after}")

    # -- the way there

    def _connected(self) -> Any:
        """The file system of fsspec; no request is sent."""
        module = SCHEMES[self.url.partition(":")[0]]
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise EngineMissing(f"a store at {self.url} needs the package {module}: {INSTALL}") from error
        if self._bucket:
            return self._s3()
        from fsspec.implementations.local import LocalFileSystem

        if not Path(self._root).is_dir():
            raise UsageError(f"{self.url} is no folder: make it, or mount it, first")
        return LocalFileSystem(auto_mkdir=True, skip_instance_cache=True)

    def _s3(self) -> Any:
        try:
            system, endpoint = s3.connect(self._check_host, self.hosts)
        except Exception as error:
            why = _reason(error)
            raise UsageError(f"{self.url}: its client does not take the settings it was given ({why})") from None
        self._check_host(endpoint)
        return system

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.username is not None or parts.password is not None:
            raise UsageError(f"{self.url}: its server is named without user and key")
        if is_loopback(host) or (host.startswith(f"{self._bucket}.") and is_loopback(host[len(self._bucket) + 1 :])):
            return
        if parts.scheme != "https":
            raise UsageError(f"{host} is another machine: what a film says goes there by https:// only", host=host)
        if host not in self.hosts and host.removeprefix(f"{self._bucket}.") not in self.hosts:
            raise UsageError(
                f'{self.url} is asked at {host}, which your home does not allow: write [network] allow = ["{host}"] '
                "into the localize.toml of your home, or name another server in AWS_ENDPOINT_URL",
                host=host,
            )


class Unsent:
    """What a folder's processes stored and have not put on the remote yet: names are noted before their files appear,
    so that a run that is killed leaves nothing out.

    Args:
        folder: of the store.
        remote: where its files go.
    """

    def __init__(self, folder: Path, remote: Remote) -> None:
        self.folder, self.remote = folder, remote
        self._names: list[str] = []
        self._notes: Path | None = None
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    def note(self, name: str) -> None:
        """Note a file that is about to appear.

        Args:
            name: on the remote: as in the folder, but that results have another folder after the first.

        Raises:
            OSError: the disk is full or fails.
        """
        with self._lock:
            if self._notes is None:
                notes = self.folder / "unsent" / f"{draft_owner()}-{secrets.token_hex(8)}"
                notes.parent.mkdir(parents=True, exist_ok=True)
                self._notes = notes
            with self._notes.open("a", encoding="ascii") as file:
                file.write(f"{name}\n")
            self._names.append(name)

    def send(self) -> None:
        """Put everything on the remote: what this process noted, and what processes that are gone left."""
        with self._sending:
            with self._lock:
                names, self._names = self._names, []
                notes, self._notes = self._notes, None
            left = [] if self.remote.is_lost else self._left_by_others()
            for path in left:
                with suppress(OSError, UnicodeDecodeError):
                    names += path.read_text("ascii").splitlines()
            names = [name for name in dict.fromkeys(names) if _STORED.fullmatch(name)]
            for kind in ("objects/", "steps/"):  # a result appears after the files that it names
                files = [(name, self.folder / _SEAL.sub(r"\1", name)) for name in names if name.startswith(kind)]
                if files and not self.remote.put(files):
                    return
            for path in (*left, *([notes] if notes else [])):
                path.unlink(missing_ok=True)

    def _left_by_others(self) -> list[Path]:
        """Notes whose process is gone, and of this process those that it could not send."""
        return [
            path
            for path in sorted((self.folder / "unsent").glob("*"))
            if path != self._notes
            and (path.name.startswith(f"{draft_owner()}-") or is_abandoned(path.name.partition("-")[0], path))
        ]


_STORED = re.compile(r"(objects|steps/[0-9a-f]{16})/[0-9a-f]{2}/[0-9a-f]{64}(\.\w{1,16})?", re.ASCII)
_SEAL = re.compile(r"^(steps/)[0-9a-f]{16}/")


class _TooLongError(ValueError):
    """A file has more bytes than it may have."""


def seconds_for(size: int) -> float:
    """Seconds that a file of so many bytes may take on its way."""
    return LIMIT_S + size / LEAST_BYTES_S


class _FailedError(Exception):
    """A library's call failed. Its error is not raised again: fsspec keeps it in a frame of its own traceback, so that
    the frames that it passes, and the store that they hold, would live until the next collection.
    """

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _within(limit_s: float, work: Callable[[], T]) -> T:
    """Do it in a thread, which is left alone when it takes too long: no library bounds the whole of a call.

    Raises:
        _FailedError: it raised an error, or took too long.
    """
    settled: Future[tuple[T] | BaseException] = Future()
    threading.Thread(target=_settle, args=(settled, work), name="remote store", daemon=True).start()
    try:
        found = settled.result(limit_s)
    except TimeoutError as error:
        raise _FailedError(error.with_traceback(None)) from None
    if isinstance(found, BaseException):
        raise _FailedError(found)
    return found[0]


def _settle(settled: Future[tuple[T] | BaseException], work: Callable[[], T]) -> None:
    try:
        settled.set_result((work(),))
    except BaseException as error:
        settled.set_result(error)
    finally:
        del settled, work


def _reason(error: BaseException) -> str:
    """Why it failed, in words that hold nothing of a request: a code of S3, one of the system, or an error's name."""
    if isinstance(error, UsageError):
        return error.message
    found: BaseException | None = error
    while found is not None:
        response = getattr(found, "response", None)
        code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
        if isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9.]{1,64}", code):
            return code
        found = found.__cause__
    if isinstance(error, TimeoutError):
        return "no answer in time"
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number in errno.errorcode:
        return errno.errorcode[number]
    return type(error).__name__
