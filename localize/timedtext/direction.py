"""The base direction of a line: which side it starts on, and where its numbers, dashes and full stops go.

A line knows its letters' directions (Unicode UAX #9) but not its own: players that guess go by the first strong letter
(WebVTT, section 7.4; "unicode-bidi: plaintext"), others take every line for left to right: libass, and with it VLC, mpv
and ffmpeg, "for compatibility with VSFilter" (mpv, pull request 12985). Where that would be wrong the line is written
between RIGHT-TO-LEFT EMBEDDING and POP DIRECTIONAL FORMATTING, which both kinds show alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from ..language.script import main_language
from .cues import Cue, Document, Mark

RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
"""Languages that are written from right to left by default (CLDR, orientation)."""
_EMBEDDING = frozenset({"srt", "sbv", "ass", "vtt"})
_EMBED, _POP = "\u202b", "\u202c"
# A person who wrote one of these has said how the line is to run.
_SAID = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Direction = Literal["ltr", "rtl"]


def base_direction(line: str, language: str) -> Direction:
    """Which way a line runs.

    Args:
        line: plain text.
        language: BCP 47 tag of the document, or "". One written from right to left turns every line but those all in
            letters of the other direction; others turn a line that starts with such letters and mostly holds them.
    """
    strong = [way != "L" for way in map(unicodedata.bidirectional, line) if way in {"L", "R", "AL"}]
    if main_language(language) in RIGHT_TO_LEFT:
        return "rtl" if any(strong) or not strong else "ltr"
    return "rtl" if strong and strong[0] and sum(strong) * 2 > len(strong) else "ltr"


def first_strong(line: str) -> Direction:
    """The base direction that a player finds which goes by the first letter (UAX #9, rules P2 and P3)."""
    found = next((way for way in map(unicodedata.bidirectional, line) if way in {"L", "R", "AL"}), "L")
    return "ltr" if found == "L" else "rtl"


def directed(document: Document, fmt: str) -> Document:
    """A document whose lines stand on a screen as they are read, in the way a format says it.

    Args:
        document: to be written. What is written as it was read keeps its characters.
        fmt: name of the format. TTML says direction by an attribute; SubRip, SBV, ASS and WebVTT by an embedding.
    """
    if fmt not in _EMBEDDING and fmt != "ttml":
        return document
    cues = tuple(_direct_cue(cue, document, fmt) for cue in document.cues)
    same = all(new is old for new, old in zip(cues, document.cues, strict=True))
    return document if same else replace(document, cues=cues)


def _direct_cue(cue: Cue, document: Document, fmt: str) -> Cue:
    if document.format == fmt and cue.origin is not None and cue.origin.format == fmt and cue.as_read:
        return cue
    whole = {m.line for m in cue.marks if m.kind == "direction" and m.value == "rtl" and _covers(m, cue.lines)}
    turned = {
        row for row, line in enumerate(cue.lines)
        if _is_turned(line, document.language, guessing=fmt == "vtt", said=row in whole)
    }  # fmt: skip
    if fmt == "ttml":
        told = {mark.line for mark in cue.marks if mark.kind == "direction"}
        added = [Mark(row, 0, len(cue.lines[row]), "direction", "rtl") for row in sorted(turned - told)]
        return replace(cue, marks=(*added, *cue.marks)) if added else cue
    if not turned and not whole:
        return cue
    lines = tuple(f"{_EMBED}{line}{_POP}" if row in turned else line for row, line in enumerate(cue.lines))
    return replace(cue, lines=lines, marks=tuple(_move_marks(cue.marks, cue.lines, turned, whole)))


def _covers(mark: Mark, lines: Sequence[str]) -> bool:
    return mark.start == 0 and mark.end == len(lines[mark.line])


def _move_marks(
    marks: Sequence[Mark], lines: Sequence[str], turned: Collection[int], whole: Collection[int]
) -> Iterator[Mark]:
    """The marks where the embeddings have moved them; a direction that an embedding says goes."""
    for mark in marks:
        if mark.kind == "direction" and mark.line in whole:
            continue
        if mark.line not in turned:
            yield mark
            continue
        # What holds for the whole line holds for its embedding: libass orders every stretch of one look by itself.
        shift = 0 if _covers(mark, lines) else 1
        yield replace(mark, start=mark.start + shift, end=mark.end + 2 - shift)


def _is_turned(line: str, language: str, *, guessing: bool, said: bool) -> bool:
    """Whether a player would show the line in another order than it has."""
    if line.isascii() and not said and main_language(language) not in RIGHT_TO_LEFT:
        return False
    if _SAID.search(line) or not line.strip() or (not said and base_direction(line, language) == "ltr"):
        return False
    if guessing:
        return first_strong(line) == "ltr"
    # Letters and spaces alone stand in the same order whatever the base direction.
    return not {unicodedata.bidirectional(letter) for letter in line} <= {"R", "AL", "NSM", "BN", "WS"}
