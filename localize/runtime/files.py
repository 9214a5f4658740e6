"""Atomic files and folders: replacement by rename, staging folders, hashes, disk errors.

Over 400 lines: how a file appears, goes, and is known again are read together.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from ..errors import StoreError, UsageError
from . import reading

R = TypeVar("R")
READINGS = 8
"""Files whose content stays in memory for each reader that reads a file once."""


def read_json(path: Path, limit: int) -> Any:
    """Read a JSON file from outside.

    Raises:
        UsageError: absent, too large, or no JSON.
    """
    try:
        return reading.read_json(path, limit)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", file=str(path)) from error
    except ValueError as error:
        raise UsageError(f"{path} is not valid JSON: {error}", file=str(path)) from error


class StagedFolder:
    """A hidden folder inside the output folder; its files are moved out together when they are complete, those of its
    folders into the folders of the same name.
    """

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self.target = target
        self.outdated: list[Path] = []
        """Files of an earlier run that are deleted when all others are in place."""
        self.aside: dict[Path, Path] = {}
        """Files that people wrote and that are renamed, and the names that they get."""
        self.inodes: set[int] = set()
        """Of the files that were moved out."""

    def final(self, path: Path) -> Path:
        """Where a staged file will be."""
        return self.target / path.name

    def final_or_none(self, path: Path | None) -> Path | None:
        """The same, for a file that may not have been made."""
        return None if path is None else self.final(path)


@contextmanager
def staged_folder(target: Path) -> Iterator[StagedFolder]:
    """Deliver into `target` all or nothing: when the block ends well every staged file is moved there, by renames;
    when it does not, nothing is left, not even a folder that was not there before. What killed runs left is swept.

    Raises:
        UsageError: the folder cannot be made or written.
        StoreError: the disk is full.
    """
    check_writable(target)
    before = target.exists()
    made = [p for p in (target, *target.parents) if not p.exists()]
    try:
        target.mkdir(parents=True, exist_ok=True)
        sweep_drafts(target, own=True)
        folder = target / f".localize-{draft_owner()}"
        folder.mkdir()
    except OSError as error:
        raise UsageError(f"cannot write to the output folder {target}: {error.strerror}", folder=str(target)) from error
    try:
        with disk_errors(str(target)):
            stage = StagedFolder(folder, target)
            yield stage
            _move_out(stage)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for path in () if before else made:
            with suppress(OSError):  # of another run meanwhile, or not there
                path.rmdir()


def _move_out(stage: StagedFolder) -> None:
    """Move the files of a staged folder to where they belong."""
    inner = [path for path in sorted(stage.folder.iterdir()) if path.is_dir()]
    files = [path for path in sorted(stage.folder.iterdir()) if path not in inner]
    for path in files:
        if (stage.target / path.name).is_dir():
            raise UsageError(f"{stage.target / path.name} is a folder where a file should go: move it away")
    for path in inner:
        if os.path.lexists(stage.target / path.name) and not _is_folder(stage.target / path.name):
            raise UsageError(f"{stage.target / path.name} is where a folder should go: move it away")
    fsync_all([file for path in inner for file in path.iterdir()])
    stage.inodes.update(
        file.stat().st_ino for path in (stage.folder, *inner) for file in path.iterdir() if file.is_file()
    )
    for path in inner:
        (stage.target / path.name).mkdir(exist_ok=True)
        for file in path.iterdir():
            file.replace(stage.target / path.name / file.name)
    for path in stage.aside.keys() - {stage.target / path.name for path in files}:
        _rename_away(path, stage.aside[path])
    for path in files:
        fsync(path)
        if free := stage.aside.get(stage.target / path.name):
            _rename_away(stage.target / path.name, free)
        path.replace(stage.target / path.name)
    for path in stage.outdated:
        path.unlink(missing_ok=True)


def _rename_away(path: Path, free: Path) -> None:
    with suppress(FileNotFoundError):  # taken away since
        path.rename(free)


def _is_folder(path: Path) -> bool:
    """Whether a folder of its own is there, no link to one elsewhere."""
    return path.is_dir() and not path.is_symlink()


def check_writable(target: Path) -> None:
    """Refuse a folder that cannot be written, before any work.

    Raises:
        UsageError: naming it and the cause.
    """
    existing = target
    first = Path(*target.parts[:1])
    if first.name.startswith("~") and not first.exists():
        raise UsageError(
            f"the output folder {target} would lie in a folder called {first}, as no shell reads ~ in quotes or after "
            f"'=': give the folder in full",
            folder=str(target),
        )
    try:
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
    except OSError as error:
        raise UsageError(f"the output folder {target} cannot be: {error.strerror}", folder=str(target)) from error
    if not existing.is_dir():
        raise UsageError(
            f"the output folder {target} cannot be: {existing} is a file: choose another place", folder=str(target)
        )
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UsageError(f"the output folder {target} cannot be written: choose another with -o", folder=str(target))


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Hex SHA-256 of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    with reading.open_plain(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turn a full or failing disk into a `StoreError` that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreError(
                f"the disk is full while writing {what}: free some space and run the same command again"
            ) from error
        raise StoreError(f"cannot write {what}: {error.strerror or error}") from error
    except RuntimeError as error:
        # libsndfile says "System error." (2) where a write failed; it does not say which.
        if type(error).__name__ != "LibsndfileError" or getattr(error, "code", 0) != 2:
            raise
        raise StoreError(
            f"the disk is full while writing {what}, or fails: free some space and run the same command again"
        ) from error


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Write `path` completely or not at all: yields a hidden draft beside it, fsyncs it and renames it.

    Raises:
        StoreError: the disk is full or cannot be written.
    """
    with disk_errors(str(path)):
        draft = _draft_beside(path)
        try:
            yield draft
            fsync(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def atomic_folder(target: Path, *, mode: int = 0o777, replace: Callable[[], bool] | None = None) -> Iterator[Path]:
    """Fill a folder completely or not at all: yields a hidden draft beside `target`, which is renamed to it when the
    block ends well and deleted when it does not. What killed runs left there is swept.

    Args:
        target: its parent exists.
        mode: permissions of the folder, less the process's mask.
        replace: asked where something is at `target` by then: whether the new folder takes its place; where it answers
            no, the new one is dropped. None: that is an error.

    Raises:
        OSError: it cannot be written, or `target` is there already.
    """
    sweep_drafts(target.parent)
    draft = _draft_beside(target)
    try:
        draft.mkdir(mode)
        yield draft
        if replace is None:
            draft.rename(target)
        else:
            _exchange(draft, target, replace)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def replace_folder(draft: Path, target: Path) -> None:
    """Rename a complete folder to `target`; what was there is moved aside first and deleted last.

    Raises:
        OSError: it cannot be renamed; what was there is back in its place then.
    """
    aside = _draft_beside(target)
    there = target.exists()
    if there:
        target.rename(aside)
    try:
        draft.rename(target)
    except OSError:
        if there:
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(draft: Path, target: Path, replace: Callable[[], bool]) -> None:
    if target.exists() and not replace():
        return
    try:
        replace_folder(draft, target)
    except OSError:
        if not target.exists() or replace():  # another process was quicker, and its folder may do as well
            raise


def _draft_beside(path: Path) -> Path:
    """A hidden name in the same folder that says whose draft it is, see `sweep_drafts`."""
    return path.with_name(f".localize-{draft_owner()}-{secrets.token_hex(8)}{path.suffix[-16:]}")


def backup_path(path: Path) -> Path:
    """A free name beside a file for what it holds: `film.srt.bak`, then `film.srt.bak2` …

    Raises:
        UsageError: a thousand of them are there.
    """
    for number in range(1, 1000):
        free = path.with_name(f"{path.name}.bak{number if number > 1 else ''}")
        if not os.path.lexists(free):
            return free
    raise UsageError(f"{path} has a thousand backups beside it: move them away")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text completely or not at all."""
    with atomic_write(path) as draft:
        draft.write_bytes(text.encode("utf-8", "backslashreplace"))  # a file name can hold what UTF-8 cannot


def write_json(path: Path, value: Any) -> None:
    """Write JSON that a person can read, completely or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def sweep_drafts(folder: Path, *, own: bool = False) -> None:
    """Remove what killed runs left half-written in `folder`; drafts of living processes stay.

    Args:
        folder: where drafts are written.
        own: also remove those with the number of this process, which has none here yet: in a container, the killed
            process had the same number.
    """
    for draft in folder.glob(".localize-*"):
        owner = draft.name.removeprefix(".localize-").partition("-")[0].partition(".")[0]
        mine = owner in (draft_owner(), str(os.getpid()))
        if own if mine else is_abandoned(owner, draft):
            shutil.rmtree(draft, ignore_errors=True) if draft.is_dir() else draft.unlink(missing_ok=True)


ABANDONED_S = 2 * 86_400
"""Seconds after which a draft of another machine or container counts as left by a run that was killed."""


def draft_owner() -> str:
    """The name of this process in the names of its drafts: its number, and where that number holds."""
    return f"{os.getpid()}_{_process_space()}"


def is_abandoned(owner: str, draft: Path) -> bool:
    """Whether nobody goes on with a draft: its process is gone, or, where its number was given on another machine or in
    another container and says nothing here, nobody wrote to it for two days.

    Args:
        owner: as `draft_owner` named it; a number alone in drafts of 0.1.
        draft: a file or folder.
    """
    pid, _, space = owner.partition("_")
    if not pid.isascii() or not pid.isdigit():
        return False  # nobody's draft: a person's own file
    if not space or space == _process_space():
        return not is_process_alive(int(pid))
    try:
        return time.time() - draft.stat().st_mtime > ABANDONED_S
    except OSError:
        return False


@cache
def _process_space() -> str:
    """Where process numbers mean the same: this boot of this machine, this container (a PID namespace of Linux)."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text(), str(Path("/proc/self/ns/pid").readlink())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def file_identity(path: Path) -> tuple[int, int, int]:
    """Which file it is, how long, and when it last changed (ns); nobody but the system sets the last."""
    return identity_of(path.stat())


def identity_of(found: os.stat_result) -> tuple[int, int, int]:
    """The same of what the system said of a file."""
    return found.st_ino, found.st_size, found.st_ctime_ns


def once_a_file(read: Callable[[Path], R]) -> Callable[[Path], R]:
    """Have one reading of a file serve as long as the file is the same. What is read must not be changed.

    Args:
        read: gives the content of a file; what it raises is met again at the next call.
    """

    @lru_cache(maxsize=READINGS)
    def known(path: Path, _identity: tuple[int, int, int]) -> R:
        return read(path)

    @wraps(read)
    def read_once(path: Path) -> R:
        try:
            identity = file_identity(path)
        except OSError:
            return read(path)  # which says in its own words that it cannot be read
        return known(path, identity)

    return read_once


def fsync(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


FEW = 4
"""Files that are waited for one by one; for more the disk is asked once."""


def fsync_all(paths: Sequence[Path]) -> None:
    """Wait until the bytes of many files of one disk are on it; files that are gone by now count for nothing.

    More than a few are written by one syncfs(2) where the system has it: an fsync a file flushes the disk's own cache
    each time, 5-8 ms here, and 200 small files took 1.6 s that syncfs wrote in 0.08 s.
    """
    there = [path for path in paths if path.exists()]
    if len(there) > FEW and (syncfs := _syncfs()) is not None:
        descriptor = os.open(there[0].parent, os.O_RDONLY)
        try:
            if syncfs(descriptor):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(descriptor)
        return
    for path in there:
        fsync(path)


@cache
def _syncfs() -> Callable[[int], int] | None:
    """Linux's syncfs; None where the system has none."""
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    return found


def is_process_alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
