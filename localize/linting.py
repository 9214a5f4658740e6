"""A subtitle file held against a profile, with its film where there is one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from .media import probe
from .subtitles import formats, profiles
from .subtitles.cues import Document
from .subtitles.lint import Report, lint
from .subtitles.shots import shots
from .subtitles.timing import frame_rate

WITHOUT_FILM = Fraction(24)
"""Frames are counted at this rate where no film says another (DESIGN 6.1)."""


def linted(path: Path, profile: str, film: Path | None, language: str | None) -> tuple[Report, Document]:
    """Read and measure a file.

    Args:
        path: the subtitles.
        profile: name of the rules.
        film: for frame rate and cuts; None where only the file is at hand.
        language: of the text; None to take it from the file or its name.

    Raises:
        MediaError: the file or the film cannot be read.
        UsageError: nobody knows the profile.
    """
    document = formats.read(path)
    tongue = language or document.language or _named(path) or "en"
    rate = frame_rate(probe(film).frame_rate) if film else WITHOUT_FILM
    cuts = shots(film) if film else ()
    return lint(document, profiles.load(profile, tongue), tongue, rate, cuts), document


def _named(path: Path) -> str:
    """The language that a name such as "film.es.srt" says."""
    tag = path.stem.rpartition(".")[2] if "." in path.stem else ""
    return tag.lower() if 2 <= len(tag) <= 3 and tag.isalpha() else ""
