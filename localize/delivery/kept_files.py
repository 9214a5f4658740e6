"""What lies in an output folder and is not of an earlier run is never replaced: a translation that a person made, a
film from elsewhere, or a delivered file that somebody changed. It is renamed, and told.

A file counts as delivered where it is what the last run left under that name, by the store; where that knows nothing of
the folder, where a master.json lies there. A file that this run was given, or a copy of one, is read before it is
replaced where an earlier run delivered one of that name: that is how delivered subtitles are corrected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..events import Run, name_some
from ..runtime.files import StagedFolder, backup_path

ENDS = 65_536
"""Bytes at either end of a file by which, with its size, it is known: to read a whole film takes seconds a gigabyte."""
WRITTEN_BY_HAND = (".edits.json", "review.json")
"""Ends of the names of files that every run reads before it writes them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Which content a delivered file had.

    Args:
        name: of the file.
        size: in bytes.
        digest: of its ends.
    """

    name: str
    size: int
    digest: str


def set_aside(run: Run, stage: StagedFolder, title: str, given: Iterable[Path]) -> tuple[Mark, ...]:
    """Find which files the staged ones would replace that no run delivered, and have them renamed when those are moved
    to their place: `film.es.srt` to `film.es.srt.bak`.

    Args:
        run: store, and told of what is renamed.
        stage: with every file of the results.
        title: of the results.
        given: files that the run read.

    Returns:
        what is delivered, for `note_delivered`.
    """
    staged = {path.name: _mark(path) for path in sorted(stage.folder.iterdir()) if path.is_file()}
    known = run.store.recall_last(_place(stage.target, title), tuple[Mark, ...])
    delivered = {} if known is None else {mark.name: mark for mark in known}
    read = [mark for path in given if (mark := _mark_or_none(path)) is not None]
    ours = known is None and (stage.target / f"{title}.master.json").is_file()
    for name, new in staged.items():
        there = _mark_or_none(stage.target / name)
        if there is None or name.endswith(WRITTEN_BY_HAND) or _same(there, new) or ours:
            continue
        before = delivered.get(name)
        if before is None or not (_same(there, before) or any(_same(there, mark) for mark in read)):
            stage.aside[stage.target / name] = backup_path(stage.target / name)
    if stage.aside:
        names = name_some([f"{path.name} to {free.name}" for path, free in stage.aside.items()])
        run.warn(
            "files_kept",
            f"{stage.target}: not of an earlier run, or changed since, so renamed and not replaced: {names}; -o names "
            "another folder, and --transcript and --translation take over corrected subtitles",
        )
    return tuple({**delivered, **staged}.values())


def note_delivered(run: Run, stage: StagedFolder, title: str, delivered: tuple[Mark, ...]) -> None:
    """Remember what lies in the folder, when it is in place.

    Args:
        run: store.
        stage: its files were moved out.
        title: of the results.
        delivered: by `set_aside`.
    """
    run.store.remember_last(_place(stage.target, title), delivered)


def _place(folder: Path, title: str) -> str:
    return f"files of {title} in {folder.absolute()}"


def _same(one: Mark, other: Mark) -> bool:
    return (one.size, one.digest) == (other.size, other.digest)


def _mark_or_none(path: Path) -> Mark | None:
    with suppress(OSError):
        return _mark(path) if path.is_file() else None
    return None


def _mark(path: Path) -> Mark:
    with path.open("rb") as file:
        size = path.stat().st_size
        content = file.read(ENDS)
        file.seek(max(ENDS, size - ENDS))
        return Mark(path.name, size, hashlib.sha256(content + file.read()).hexdigest())
