"""What lies in an output folder and is not of an earlier run is never replaced: a translation that a person made, a
film from elsewhere, or a delivered file that somebody changed. It is renamed, and told.

A file counts as delivered where it is what the last run left under that name, by the store; where that knows nothing of
the folder, where a master.json lies there. A file that this run was given is replaced where an earlier run delivered
one of that name: what was corrected in it was read before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import LocalizeError
from ..events import Run, name_some
from ..runtime.files import StagedFolder, backup_path

ENDS = 65_536
"""Bytes at either end of a file by which, with its size, it is known: to read a whole film takes seconds a gigabyte."""
WRITTEN_BY_HAND = (".edits.json", "review.json")
"""Ends of the names of files that every run reads before it writes them."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Which content a file had.

    Args:
        name: of the file.
        size: in bytes.
        digest: of its ends.
    """

    name: str
    size: int
    digest: str


def set_aside(run: Run, stage: StagedFolder, title: str, given: Iterable[Path], *, noted: bool = True) -> None:
    """Find which files the staged ones would replace that no run delivered, and have them renamed when those are moved
    to their place: `film.es.srt` to `film.es.srt.bak`. What is staged is remembered as delivered before it is moved: a
    run that is killed on the way leaves nothing that counts as a person's.

    Args:
        run: store, and told of what is renamed.
        stage: with every file of the results.
        title: of the results.
        given: files that the run read.
        noted: whether the store remembers it, also where it knows nothing of the folder yet. A run that only cuts cues
            leaves nothing in a store.
    """
    place = f"files of {title} in {stage.target.absolute()}"
    known = run.store.recall_last(place, tuple[Mark, ...])
    ours = known is None and (stage.target / f"{title}.master.json").is_file()
    delivered = set(known or ())
    read = {path.resolve() for path in given}
    staged = {path.name: _mark(path) for path in sorted(stage.folder.iterdir()) if path.is_file()}
    replaced = set()
    for name, new in staged.items():
        there = mark_of(stage.target / name)
        if there is None or name.endswith(WRITTEN_BY_HAND):
            continue
        corrected = (stage.target / name).resolve() in read and any(mark.name == name for mark in delivered)
        if ours or there == new or there in delivered or corrected:
            replaced.add(there)
        else:
            stage.aside[stage.target / name] = backup_path(stage.target / name)
    if stage.aside:
        names = name_some([f"{path.name} to {free.name}" for path, free in stage.aside.items()])
        run.warn(
            "files_kept",
            f"{stage.target}: not of an earlier run, or changed since, so renamed and not replaced: {names}; -o names "
            "another folder, and --transcript and --translation take over corrected subtitles",
        )
    if known is None and not noted:
        return
    others = {mark for mark in delivered if mark.name not in staged}
    with suppress(LocalizeError, OSError):  # a store that cannot be written: the next run may keep a file too many
        run.store.remember_last(place, tuple(sorted({*others, *replaced, *staged.values()})))


def set_corrections_aside(stage: StagedFolder, files: Iterable[Path]) -> None:
    """Have files of corrections that are not, or not all, of this film renamed when the staged ones are moved to their
    place; it was told why.
    """
    stage.aside.update({path: backup_path(path) for path in files if path.exists()})


def mark_of(path: Path) -> Mark | None:
    """Which content a file has; None where it is no plain file, or cannot be read."""
    with suppress(OSError):
        return _mark(path) if path.is_file() else None
    return None


def _mark(path: Path) -> Mark:
    with path.open("rb") as file:
        size = path.stat().st_size
        content = file.read(ENDS)
        file.seek(max(ENDS, size - ENDS))
        return Mark(path.name, size, hashlib.sha256(content + file.read()).hexdigest())
