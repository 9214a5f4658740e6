"""Whose words of delivered cues are exchanged for the new ones that stand in their place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import groupby

from ..data import Span
from ..timedtext.cues import Document
from .caption import RenderedSubtitles
from .cue_words import CueWord, bare, opcodes

_ENDS = re.compile(r"[.!?…][\"'»”)\]]*$")
_LABELS = re.compile(r"(?:\[[^\[\]]*\]\s*)+")


@dataclass(frozen=True, slots=True)
class Change:
    """Words of a segment from `first` to before `end`, as shown, that are others now."""

    first: int
    end: int
    texts: tuple[str, ...]


def with_others_below(ours: Sequence[CueWord]) -> set[int]:
    """Cues that show another language below."""
    return {word.cue for word, apart in zip(ours, _bracketed(ours)) if not word.segment and not apart}


def may_be_below(
    ours: Sequence[CueWord],
    place: tuple[int, int],
    theirs: Sequence[CueWord],
    other: tuple[int, int],
    below: Set[int],
    *,
    whole: bool,
) -> bool:
    """Whether new words may be such of the language below: of a cue with other words altogether, of several lines, or
    behind those of the language below.
    """
    (a, b), (c, d) = place, other
    if not below or c == d or not {word.cue for word in ours[max(0, a - 1) : b + 1]} & below:
        return False
    behind = a == b > 0 and c > 0 and not ours[a - 1].segment and theirs[c - 1].cue == theirs[c].cue
    return whole or behind or len({(word.cue, word.line) for word in theirs[c:d]}) > 1


def deal(
    ours: Sequence[CueWord],
    place: tuple[int, int],
    new: Sequence[CueWord],
    document: Document,
    shown: RenderedSubtitles,
) -> tuple[list[tuple[str, Change]], bool]:
    """Whose words are exchanged for new ones, nobody's where they belong to none; and whether a label was changed."""
    a, b = place
    if a == b:
        beside = None
        if not _LABELS.fullmatch(" ".join(word.text for word in new)):
            beside = _beside(ours, place, new, document, shown)
        return ([] if beside is None else [(beside.segment, Change(beside.at, beside.at, _texts(new)))]), False
    labels, spoken = _between([not word.segment for word in ours[a:b]])
    others, said = _between(_bracketed(new))
    below = any(not word.segment and not apart for word, apart in zip(ours[a:b], _bracketed(ours[a:b])))
    if not spoken or (new and (below or len(spoken) != len(said))):
        return [], False  # a label, a sound or another language below: nobody's words
    parts = [
        part
        for n, (first, end) in enumerate(spoken)
        for part in _parted(ours[a + first : a + end], _texts(new[slice(*said[n])]) if new else ())
    ]
    differ = [_texts(ours[a + x : a + y]) for x, y in labels] != [_texts(new[x:y]) for x, y in others]
    return [(line[0].segment, Change(line[0].at, line[-1].at + 1, tuple(texts))) for line, texts in parts], (
        differ and bool(new)
    )


def _texts(words: Sequence[CueWord]) -> tuple[str, ...]:
    return tuple(word.text for word in words)


def _bracketed(words: Sequence[CueWord]) -> list[bool]:
    """Of each word, whether it belongs to a label or a sound in brackets."""
    found: list[bool] = []
    inside = False
    for word in words:
        inside = inside or word.text.startswith("[")
        found.append(inside)
        inside = inside and "]" not in word.text
    return found


def _between(apart: Sequence[bool]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """From and to of the stretches of words that stand apart, and of the others."""
    found: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for kind, group in groupby(range(len(apart)), key=apart.__getitem__):
        numbers = list(group)
        found[kind].append((numbers[0], numbers[-1] + 1))
    return found[True], found[False]


def _beside(
    ours: Sequence[CueWord],
    place: tuple[int, int],
    new: Sequence[CueWord],
    document: Document,
    shown: RenderedSubtitles,
) -> CueWord | None:
    """The word before which new ones go, `at` counted past the last of its line where they end it; None where they are
    shown when nobody speaks.
    """
    a, b = place
    before = next((word for word in reversed(ours[:a]) if word.segment), None)
    after = next((word for word in ours[b:] if word.segment), None)
    if before is not None:
        before = replace(before, at=before.at + 1)
    if before is not None and after is not None and before.segment == after.segment:
        return before
    span = document.cues[new[0].cue].span
    near = [w for w in (before, after) if w is not None and _meets(shown.document.cues[w.cue].span, span)]
    if len(near) == 2:
        overlaps = [shown.document.cues[w.cue].span.overlap_ms(span) for w in near]
        if overlaps[0] == overlaps[1]:
            return near[1] if _ENDS.search(ours[a - 1].text) and not _ENDS.search(new[-1].text) else near[0]
        return near[overlaps.index(max(overlaps))]
    return near[0] if near else None


def _meets(one: Span, two: Span) -> bool:
    return one.overlap_ms(two) > 0


def _parted(old: Sequence[CueWord], new: Sequence[str]) -> Iterator[tuple[list[CueWord], list[str]]]:
    """Old words by line, each with its part of the new ones: those that are alike stay together, others follow by their
    share.
    """
    lines: list[list[CueWord]] = []
    for word in old:
        if lines and lines[-1][0].segment == word.segment:
            lines[-1].append(word)
        else:
            lines.append([word])
    ends = _ends_in(opcodes([bare(w.text) for w in old], [bare(t) for t in new]), lines, len(new))
    start = 0
    for line, end in zip(lines, ends):
        yield line, list(new[start:end])
        start = end


def _ends_in(
    opcodes: Iterable[tuple[str, int, int, int, int]], lines: Sequence[Sequence[CueWord]], total: int
) -> list[int]:
    """Where among the new words each line ends."""
    steps = list(opcodes)
    starts = [a for _, a, *_ in steps]
    ends, at = [], 0
    for line in lines[:-1]:
        at += len(line)
        _, a, b, c, d = steps[max(0, bisect_right(starts, at) - 1)]
        ends.append(c + round((at - a) * (d - c) / max(1, b - a)))
    return [*ends, total]
