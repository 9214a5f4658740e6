"""What the store holds, and taking away what was not used for long."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import reading
from .records import to_json
from .store import BLOB_NAME, DAY_S, RECORD_LIMIT, RECORD_NAME, Store


@dataclass(frozen=True, slots=True)
class StepUse:
    """What one kind of step left.

    Args:
        step: what it makes, such as "synthesize.speak".
        results: how many are remembered.
        bytes: of the files that only its results name; a file that several kinds name counts for the first.
    """

    step: str
    results: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RemoteUse:
    """What lies in the store of several machines.

    Args:
        url: of it.
        files: results and the files they name.
        bytes: of all.
    """

    url: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StoreUse:
    """What the store holds.

    Args:
        folder: of the store; with a remote, that of this machine, of which all but `remote` speaks.
        bytes: of all its files.
        results: remembered results.
        steps: by kind, the largest first.
        unused_bytes: of files that no result names.
        remote: the store of several machines behind the folder; None where there is none.
    """

    folder: Path
    bytes: int
    results: int
    steps: tuple[StepUse, ...]
    unused_bytes: int
    remote: RemoteUse | None = None

    def json(self) -> dict[str, Any]:
        """What `localize store show --json` prints."""
        return {"schema": 1, **to_json(self)}


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken away, or would be.

    Args:
        results: remembered results.
        files: that no remaining result names.
        bytes: of both.
        left_bytes: what remains.
        remote: the URL of the store of several machines behind the folder, where nothing is taken away; "" for none.
    """

    results: int
    files: int
    bytes: int
    left_bytes: int
    remote: str = ""

    def json(self) -> dict[str, Any]:
        """What `localize store prune --json` prints."""
        return {"schema": 1, **to_json(self)}


@dataclass(frozen=True, slots=True)
class _Record:
    path: Path
    step: str
    blobs: frozenset[str]
    size: int
    used_s: float


def measure_store(store: Store) -> StoreUse:
    """Measure what a store holds; nothing is changed.

    Raises:
        LocalizeError: its remote cannot be listed.
    """
    records, objects = list(_records(store)), _objects(store)
    results = Counter(record.step for record in records)
    sizes: Counter[str] = Counter()
    counted: set[str] = set()
    for record in records:
        sizes[record.step] += record.size + sum(objects.get(name, (None, 0))[1] for name in record.blobs - counted)
        counted |= record.blobs
    unused = sum(size for name, (_, size) in objects.items() if name not in counted)
    steps = tuple(StepUse(step, results[step], size) for step, size in sizes.most_common())
    total = sum(sizes.values()) + unused
    remote = None if store.remote is None else RemoteUse(store.remote.url, *store.remote.measure())
    return StoreUse(store.folder, total, len(records), steps, unused, remote)


def prune_store(store: Store, older_than_days: float, *, dry_run: bool = False) -> Pruned:
    """Take away the results that no run used for some days, and the files that no other result names. On a remote
    nothing is taken away: what is gone here is got from there again.

    Args:
        store: to be pruned. It is held alone meanwhile: runs that begin wait.
        older_than_days: since the last use, which is known to the day; 0 for everything.
        dry_run: only say what would go.

    Raises:
        StoreError: a run uses the store.
    """
    url = "" if store.remote is None else store.remote.url
    if not store.folder.is_dir():
        return Pruned(0, 0, 0, 0, url)
    with store.locked():
        before = time.time() - older_than_days * DAY_S
        records, objects = list(_records(store)), _objects(store)
        old = [record for record in records if record.used_s <= before]
        gone = {record.path for record in old}
        kept: Set[str] = {name for record in records if record.path not in gone for name in record.blobs}
        files = [found for name, found in objects.items() if name not in kept]
        if not dry_run:
            for path in (*gone, *(path for path, _ in files)):  # the results first: none names what is gone
                path.unlink(missing_ok=True)
        freed = sum(record.size for record in old) + sum(size for _, size in files)
        total = sum(record.size for record in records) + sum(size for _, size in objects.values())
        return Pruned(len(old), len(files), freed, total - freed, url)


def _records(store: Store) -> Iterator[_Record]:
    """Every result that can be read; one that cannot names no file, and goes with the old ones."""
    for path in store.files("steps", RECORD_NAME):
        with suppress(FileNotFoundError):
            found = path.stat()
            try:
                data = reading.read_json(path, RECORD_LIMIT)
                step, blobs = str(data["step"]), frozenset(_names(data["result"]))
            except (OSError, ValueError, KeyError, TypeError):
                step, blobs = "damaged", frozenset()
            yield _Record(path, step.removeprefix("localize."), blobs, found.st_size, found.st_mtime)


def _names(value: Any) -> Iterator[str]:
    """The hashes that a result names."""
    if isinstance(value, dict):
        if isinstance(name := value.get("sha256"), str):
            yield name
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


def _objects(store: Store) -> dict[str, tuple[Path, int]]:
    return {path.name[:64]: (path, path.lstat().st_size) for path in store.files("objects", BLOB_NAME)}
