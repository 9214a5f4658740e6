"""Collapse roll-up captions (as YouTube writes them) to phrases.

Each phrase comes three times: growing word by word below the one before (words timed inside the cue), standing still
for 10 ms, and again as the upper line of the next cue. Here each is shown once, from its own first word to the next
phrase's.
"""

from __future__ import annotations

from dataclasses import replace

from ..data import Span
from .cues import Cue, Diagnostic, Document

_STILL_MS = 50
"""A cue that only holds the picture is no longer than this; YouTube's are 10 ms."""


def is_rolling(document: Document) -> bool:
    """Whether most cues repeat the last line of the one before as their first, with words timed or cues that stand
    still between them.
    """
    cues = [cue for cue in document.cues if cue.lines]
    if len(cues) < 3:
        return False
    repeats = sum(after.lines[0] == before.lines[-1] for before, after in zip(cues, cues[1:]))
    still = sum(cue.span.length_ms <= _STILL_MS for cue in cues)
    timed = sum(any(mark.kind == "time" for mark in cue.marks) for cue in cues)
    return repeats * 3 >= 2 * (len(cues) - 1) and (still * 4 >= len(cues) or timed * 4 >= len(cues))


def collapse(document: Document) -> Document:
    """The document with every phrase once; as it is where its captions do not roll."""
    if not is_rolling(document):
        return document
    phrases: list[Cue] = []
    shown: tuple[str, ...] = ()
    for cue in document.cues:
        fresh = _fresh(cue.lines, shown)
        if fresh < len(cue.lines):
            phrases.append(_only(cue, fresh))
        elif phrases and cue.span.start_ms <= phrases[-1].span.end_ms + _STILL_MS and cue.lines:
            last = phrases[-1]
            phrases[-1] = replace(last, span=Span(last.span.start_ms, max(last.span.end_ms, cue.span.end_ms)))
        shown = cue.lines or shown
    ended = [
        replace(cue, span=Span(cue.span.start_ms, min(cue.span.end_ms, after.span.start_ms)))
        for cue, after in zip(phrases, phrases[1:])
    ]
    told = Diagnostic("rolling", f"{len(document.cues)} rolling captions became {len(phrases)} phrases", 0,
                  len(document.cues) - len(phrases))  # fmt: skip
    return replace(document, cues=(*ended, *phrases[-1:]), warnings=(*document.warnings, told))


def _fresh(lines: tuple[str, ...], shown: tuple[str, ...]) -> int:
    """Index of the first line that was not on the screen already."""
    for kept in range(min(len(lines), len(shown)), 0, -1):
        if lines[:kept] == shown[-kept:]:
            return kept
    return 0


def _only(cue: Cue, first: int) -> Cue:
    """The cue from one of its lines on; `origin` goes, for the text is no longer the file's."""
    marks = tuple(replace(mark, line=mark.line - first) for mark in cue.marks if mark.line >= first)
    return replace(cue, lines=cue.lines[first:], marks=marks, settings=None, origin=None)
