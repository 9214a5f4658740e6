"""Recordings of lines that people made, beside the review that names them: `NAME.takes/SHA-256.wav`, unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .. import media
from ..data import Source
from ..errors import MediaError, UsageError
from ..isochrony.recorded import Recorded, take_recording
from ..runtime.files import atomic_write, disk_errors
from ..runtime.store import Store
from .log import Review
from .state import replay


def takes_folder(review: Path, title: str) -> Path:
    """Where the recordings of a review lie: beside its file."""
    return review.parent / f"{title}.takes"


def keep_take(store: Store, review: Path, title: str, data: bytes) -> Recorded:
    """Check a recording that came from anywhere, and keep it.

    Args:
        store: keeps what is heard of it.
        review: the file of the review, which may not be there yet.
        title: of the review.
        data: of a WAV.

    Raises:
        MediaError: it is no recording of a line; nothing is kept.
        UsageError: something else lies where the recordings go.
        StoreError: the disk is full.
    """
    folder, digest = takes_folder(review, title), hashlib.sha256(data).hexdigest()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is where the folder of recordings should go: move it away", folder=str(folder))
    with disk_errors(str(folder)):
        folder.mkdir(exist_ok=True)
        path = folder / f"{digest}.wav"
        with atomic_write(path) as draft:
            draft.write_bytes(data)
            found = take_recording(store, Source(digest, len(data), str(draft)))
    return found


def read_takes(store: Store, review: Path, content: Review, languages: Iterable[str]) -> dict[str, Recorded]:
    """SHA-256 -> recording of all that are heard, or lead a voice, in some languages.

    Raises:
        UsageError: one is not there, or is another file than was recorded.
        MediaError: one is no recording of a line; the message names it.
    """
    wanted = set(languages)
    found = {}
    for line in replay(content.lines, content.events).in_order():
        files = [*((name, take.file) for name, take in line.takes.items()), *line.guides.items()]
        for file in (file for language, file in files if language in wanted):
            path = takes_folder(review, content.title) / f"{file}.wav"
            source = _require(path, file, line.line)
            try:
                found[file] = take_recording(store, source)
            except MediaError as error:
                raise MediaError(f"line {line.line}: {error.message}: {path}", file=str(path)) from error
    return found


def _require(path: Path, digest: str, line: str) -> Source:
    """A recording by its hash; its content is hashed again where it is read."""
    if path.is_symlink() or not path.is_file() or (found := media.identify(path)).sha256 != digest:
        raise UsageError(
            f"the recording of line {line}, {path}, is not there as it was given: record the line again, or take that "
            "decision back",
            file=str(path),
        )
    return found
