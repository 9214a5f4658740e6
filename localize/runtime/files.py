"""Atomic files and folders: replacement by rename, staging folders, hashes, disk errors."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import StoreError, UsageError
from . import reading


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
    """A hidden folder inside the output folder; its files are moved out together when they are complete."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self.target = target

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
        _sweep(target)
        folder = target / f".localize-{os.getpid()}"
        folder.mkdir()
    except OSError as error:
        raise UsageError(f"cannot write to the output folder {target}: {error.strerror}", folder=str(target)) from error
    try:
        with disk_errors(str(target)):
            yield StagedFolder(folder, target)
            files = sorted(folder.iterdir())
            taken = next((path.name for path in files if (target / path.name).is_dir()), None)
            if taken is not None:
                raise UsageError(
                    f"{target / taken} is a folder where a file should go: move it away", folder=str(target)
                )
            for path in files:
                fsync(path)
                path.replace(target / path.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not before:
            for path in made:
                if path.exists() and not any(path.iterdir()):
                    path.rmdir()


def check_writable(target: Path) -> None:
    """Refuse a folder that cannot be written, before any work.

    Raises:
        UsageError: naming it and the cause.
    """
    existing = target
    try:
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
    except OSError as error:
        raise UsageError(f"the output folder {target} cannot be: {error.strerror}", folder=str(target)) from error
    if not existing.is_dir():
        raise UsageError(f"the output folder {target} cannot be: {existing} is a file", folder=str(target))
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UsageError(f"the output folder {target} cannot be written: choose another with -o", folder=str(target))


def _sweep(target: Path) -> None:
    for leftover in target.glob(".localize-*"):
        pid = leftover.name.removeprefix(".localize-").split("-", 1)[0]
        if pid.isdigit() and (int(pid) == os.getpid() or not is_process_alive(int(pid))):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Hex SHA-256 of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
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
        draft = path.with_name(f".localize-{os.getpid()}-{threading.get_ident()}{path.suffix[-16:]}")
        try:
            yield draft
            fsync(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text completely or not at all."""
    with atomic_write(path) as draft:
        draft.write_bytes(text.encode("utf-8", "backslashreplace"))  # a file name can hold what UTF-8 cannot


def write_json(path: Path, value: Any) -> None:
    """Write JSON that a person can read, completely or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def sweep_drafts(folder: Path) -> None:
    """Remove what killed runs left half-written in `folder`; drafts of living processes stay."""
    for draft in folder.glob(".localize-*"):
        pid = draft.name.removeprefix(".localize-").split("-", 1)[0]
        if not (pid.isdigit() and is_process_alive(int(pid)) and int(pid) != os.getpid()):
            draft.unlink(missing_ok=True)


def fsync(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_process_alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
