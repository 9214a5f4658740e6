"""The subtitle files of other projects: read or refused, written in every format, one cue changed in its place."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from localize.errors import MediaError, UsageError
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document
from localize.timedtext.rewrite import REWRITABLE, rewrite

SHARED = Path(__file__).resolve().parents[4] / "shared" / "media" / "6_subtitles"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/media/6_subtitles")
FILES = sorted(path for path in SHARED.rglob("*") if path.is_file()) if SHARED.is_dir() else []


def words(cues: tuple[Cue, ...]) -> list[str]:
    """What is read of each cue; marks of direction, which a writer adds for players, are no words."""
    texts = (re.sub("[\u202a-\u202e]", "", " ".join(cue.lines)) for cue in cues)
    return [" ".join(text.split()) for text in texts if text.strip()]


def read(path: Path) -> Document:
    try:
        return formats.read(path)
    except MediaError:
        return Document(())


@pytest.mark.costly
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("fmt", formats.WRITABLE)
def test_no_word_is_lost_without_a_remark(path: Path, fmt: str) -> None:
    document = read(path)
    if not words(document.cues):
        return
    try:
        data, remarks = formats.to_bytes(document, fmt, frame_rate=Fraction(25))
    except UsageError:
        assert fmt == "scc"
        return
    back = formats.parse(data, f"x.{fmt}")
    if {"letters", "split", "text"}.isdisjoint(remark.code for remark in remarks):
        assert words(back.cues) == words(document.cues)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_one_cue_is_changed_in_its_place(path: Path) -> None:
    document = read(path)
    if document.format not in REWRITABLE or not document.cues or document.cues[-1].origin is None:
        return
    last = replace(document.cues[-1], lines=("Hi <b>",), marks=())
    data = path.read_bytes()
    again = formats.parse(rewrite(data, document, {len(document.cues) - 1: last}), path.name)
    assert again.cues[-1].lines == ("Hi <b>",)
    assert [(c.span, c.lines) for c in again.cues[:-1]] == [(c.span, c.lines) for c in document.cues[:-1]]
