"""Subtitles of a dub, and the public functions over subtitle files: read, write, convert, lint.

Nothing is imported before one of them is called.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from ..events import Run
    from ..timedtext.convert import Conversion
    from ..timedtext.cues import Diagnostic, Document
    from .check import CheckedFile

# `formats` and `cues` are modules of `timedtext` now; their former names are found last.
__path__.append(str(Path(__file__).parents[1] / "deprecated" / "subtitles"))

AnyPath = str | os.PathLike[str]

__all__ = ["convert", "lint", "read", "write"]


def read(path: AnyPath, *, encoding: str | None = None) -> Document:
    """Read a subtitle file of any readable format and encoding.

    Args:
        path: the format is found by the content, the suffix only helps.
        encoding: of its text; None to find out.

    Raises:
        MediaError: it cannot be opened, is no subtitle file, or its encoding cannot be determined.
        UsageError: there is no such encoding.
        EngineMissing: the format needs a package that is not installed.
    """
    from ..timedtext import formats

    return formats.read(Path(path), encoding=encoding)


def write(
    document: Document, path: AnyPath, *, to: str | None = None, frame_rate: Fraction = Fraction(24)
) -> tuple[Diagnostic, ...]:
    """Write a document completely or not at all.

    Args:
        document: as `read` gave it, or changed.
        path: its suffix says the format unless `to` does.
        to: the format.
        frame_rate: of the video, for formats that count frames.

    Returns:
        what the format could not hold.

    Raises:
        UsageError: the format is not written.
        StoreError: the disk is full or cannot be written.
    """
    from ..timedtext import formats
    from ..timedtext.convert import output_format

    path = Path(path)
    return formats.write(document, path, output_format(path, to), frame_rate=frame_rate)


def convert(
    source: AnyPath, target: AnyPath, *, to: str | None = None, offset_ms: int = 0, encoding: str | None = None
) -> Conversion:
    """Read one file and write another; what it could not hold is counted in the result.

    Args:
        source: any readable file.
        target: its suffix says the format unless `to` does.
        to: the format.
        offset_ms: added to all times.
        encoding: of the file read; None to find out.

    Raises:
        MediaError: the file cannot be read.
        UsageError: the other format is not written.
        StoreError: the disk is full or cannot be written.
    """
    from ..timedtext.convert import convert as convert_file

    return convert_file(Path(source), Path(target), to=to, offset_ms=offset_ms, encoding=encoding)


def lint(
    path: AnyPath,
    profile: str = "netflix",
    *,
    media: AnyPath | None = None,
    run: Run | None = None,
    language: str | None = None,
    encoding: str | None = None,
    fix: AnyPath | None = None,
) -> CheckedFile:
    """Check a subtitle file against a profile.

    Args:
        path: the file.
        profile: the rules: a name, or a TOML file of them.
        media: the film, for its frame rate, cuts and voices; needs `run`.
        run: whose store keeps what was found in the film.
        language: of the text; None to take it from the file, else what it looks like.
        encoding: of the file; None to find out.
        fix: where the mended file goes (`path` itself to mend it in place); None to change nothing.

    Raises:
        MediaError: the file or the film cannot be read.
        UsageError: there is no such profile, the mended file would be of a format that is not written, or `media` is
            given and `run` is not.
        EngineMissing: what finds cuts is not installed.
        StoreError: the mended file cannot be written.
    """
    from .check import check_file

    if media is not None and run is None:
        raise UsageError("a film is looked at in a run: give run=localize.open_run() with media")
    film, into = (None if place is None else Path(place) for place in (media, fix))
    return check_file(Path(path), profile, film, language, encoding=encoding, run=run, into=into)
