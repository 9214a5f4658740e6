"""Pair the lines of a given translation with those of its source, where the two files have other lines.

Alignment by length is that of Gale and Church (A Program for Aligning Sentences in Bilingual Corpora, Computational
Linguistics 19:1, 1993): each pair of stretches of one or a few lines costs what the ratio of their lengths and the kind
of the stretch make unlikely, and the cheapest way through both files is found. Times, names of speakers, numbers and
names that both lines hold make a pair likelier here. A line that says what several lines of the source say is parted
among them at its own marks and spaces; no word is lost or cut.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..data import Segment, Span
from ..language.turns import spoken_text, turns_of
from ..timedtext.spread import spread_times

_KINDS = {
    (1, 1): 0.0, (1, 0): 450.0, (0, 1): 450.0, (2, 1): 230.0, (1, 2): 230.0, (2, 2): 440.0,
    (3, 1): 420.0, (1, 3): 420.0, (4, 1): 560.0, (1, 4): 560.0, (3, 2): 620.0, (2, 3): 620.0,
}  # fmt: skip
"""-100 log of how much less likely than 1-1 a stretch is: as Gale and Church print them for 1-0, 2-1 and 2-2; stretches
of three and four cost as two of two."""
_VARIANCE = 6.8
"""Of the length of a translation, for each character of its source (Gale and Church, section 3.2)."""
_APART = 900.0
"""Lines whose times do not meet are no pair."""
_OVERLAP = 260.0
_OTHER_SPEAKER = 250.0
_SHARED = 70.0
_MOST_SHARED = 3
_BAND = 30
"""Lines that one file may be ahead of its share, beside a twentieth of all."""
_BESIDE = 15
"""Lines around the same time that are looked at."""
_ALL_PAIRS = 40_000
_MEET = 0.9
"""Share of lines that meet in time from which files of as many lines are paired line by line."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Which lines of a translation say which lines of the source.

    Args:
        lines: for each line of the source its translation, with the source's id and time; without words where there is
            none.
        cues: source line -> the first line of the translation that it took words from.
        missing: ids of source lines that have words and no translation.
        unplaced: ids of lines of the translation that no line of the source has.
        joined: ids of source lines that took the words of several, or shared one with others.
    """

    lines: tuple[Segment, ...]
    cues: Mapping[str, str]
    missing: tuple[str, ...]
    unplaced: tuple[str, ...]
    joined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """The lines of one file.

    Args:
        lines: in order of time, or of the file.
        language: BCP 47.
        timed: their spans are times.
        names: speaker -> name, where labels say it.
        blocks: line -> its paragraph or row, where the file has some.
    """

    lines: tuple[Segment, ...]
    language: str
    timed: bool
    names: Mapping[str, str]
    blocks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Row:
    """What a line is compared by."""

    line: Segment
    letters: int
    speaker: str
    marks: frozenset[str]


def pair_lines(source: Side, target: Side, *, same_rows: bool = False) -> Pairing:
    """Pair the lines of two files.

    Args:
        source: the lines that are spoken.
        target: their translation.
        same_rows: both are columns of one list: blocks of the same number belong together.
    """
    ours, theirs = _rows(source), _rows(target)
    timed = source.timed and target.timed
    beads: list[tuple[Sequence[_Row], Sequence[_Row]]] = []
    for some, others in _stretches(ours, theirs, source, target, same_rows=same_rows):
        beads += [(some[a:b], others[c:d]) for a, b, c, d in _align(some, others, timed=timed)]
    return _pairing(source, target, beads)


def _rows(side: Side) -> list[_Row]:
    """The lines of a side that hold words."""
    found = []
    for line in side.lines:
        said = spoken_text(turns_of(line.text, side.language))
        if letters := sum(not char.isspace() for char in said):
            found.append(_Row(line, letters, side.names.get(line.speaker, "").casefold(), _marks_of(said)))
    return found


def _marks_of(text: str) -> frozenset[str]:
    """Numbers, and names that do not begin a sentence: what a translation often keeps."""
    numbers = re.findall(r"\d+", text)
    names = re.findall(r"(?<=[\w,;] )[A-Z][a-z]{2,}", text)
    return frozenset((*numbers, *names))


def _stretches(
    ours: Sequence[_Row], theirs: Sequence[_Row], source: Side, target: Side, *, same_rows: bool
) -> Iterator[tuple[Sequence[_Row], Sequence[_Row]]]:
    """The stretches of both that belong together by themselves: rows of one list, paragraphs of as many."""
    own, other = _grouped(ours, source.blocks), _grouped(theirs, target.blocks)
    if same_rows and own and other:
        for block in sorted(own.keys() | other.keys()):
            yield own.get(block, ()), other.get(block, ())
    elif own and other and len(own) == len(other):
        yield from zip(own.values(), other.values())
    elif own and len(own) == len(theirs):
        yield from ((rows, theirs[at : at + 1]) for at, rows in enumerate(own.values()))
    elif other and len(other) == len(ours):
        yield from ((ours[at : at + 1], rows) for at, rows in enumerate(other.values()))
    else:
        yield ours, theirs


def _grouped(rows: Sequence[_Row], blocks: Mapping[str, int]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = {}
    if not all(row.line.id in blocks for row in rows):
        return found
    for row in rows:
        found.setdefault(blocks[row.line.id], []).append(row)
    return found


# --- the cheapest way ------------------------------------------------------------------------------------------------


def _align(ours: Sequence[_Row], theirs: Sequence[_Row], *, timed: bool) -> list[tuple[int, int, int, int]]:
    """(first and end of the source, first and end of the translation) of each pair of stretches, in order."""
    if len(ours) == len(theirs) and (not timed or _all_meet(ours, theirs)):
        return [(at, at + 1, at, at + 1) for at in range(len(ours))]
    ratio = sum(row.letters for row in theirs) / max(1, sum(row.letters for row in ours))
    starts = [row.line.span.start_ms for row in theirs] if timed else None
    costs: dict[tuple[int, int], tuple[float, int, int]] = {(0, 0): (0.0, 0, 0)}
    for i in range(len(ours) + 1):
        for j in _columns(i, ours, theirs, starts):
            if best := _cheapest(costs, ours, theirs, i, j, ratio, timed=timed):
                costs[i, j] = best
    at, back = (len(ours), len(theirs)), []
    while at != (0, 0) and at in costs:
        _, m, n = costs[at]
        back.append((at[0] - m, at[0], at[1] - n, at[1]))
        at = (at[0] - m, at[1] - n)
    return back[::-1]


def _all_meet(ours: Sequence[_Row], theirs: Sequence[_Row]) -> bool:
    met = sum(a.line.span.overlap_ms(b.line.span) > 0 for a, b in zip(ours, theirs))
    return met >= _MEET * len(ours)


def _columns(i: int, ours: Sequence[_Row], theirs: Sequence[_Row], starts: Sequence[int] | None) -> range:
    """The columns of a row that are looked at: around the same time where there are times, else its share."""
    rows, columns = len(ours), len(theirs)
    if rows * columns <= _ALL_PAIRS or not rows:
        return range(columns + 1)
    if starts is not None:
        first = bisect_left(starts, ours[max(0, i - 1)].line.span.start_ms)
        last = columns if i + 1 >= rows else bisect_left(starts, ours[i + 1].line.span.start_ms)
        return range(max(0, first - _BESIDE), min(columns, last + _BESIDE) + 1)
    band = _BAND + abs(rows - columns) + columns // 20
    middle = i * columns // rows
    return range(max(0, middle - band), min(columns, middle + band) + 1)


def _cheapest(
    costs: Mapping[tuple[int, int], tuple[float, int, int]],
    ours: Sequence[_Row],
    theirs: Sequence[_Row],
    i: int,
    j: int,
    ratio: float,
    *,
    timed: bool,
) -> tuple[float, int, int] | None:
    """The cheapest way to have paired the first `i` lines with the first `j`, with its last stretch."""
    if not i and not j:
        return costs.get((0, 0))
    best: tuple[float, int, int] | None = None
    for (m, n), kind in _KINDS.items():
        before = costs.get((i - m, j - n))
        if before is None or (best is not None and before[0] + kind >= best[0]):
            continue
        cost = before[0] + kind + _cost(ours[i - m : i], theirs[j - n : j], ratio, timed=timed)
        if best is None or cost < best[0]:
            best = cost, m, n
    return best


def _cost(some: Sequence[_Row], others: Sequence[_Row], ratio: float, *, timed: bool) -> float:
    if not some or not others:
        return 0.0
    cost = _length_cost(sum(r.letters for r in some), sum(r.letters for r in others), ratio)
    if timed:
        cost = cost / 2 + _time_cost(some, others)
    said, given = {r.speaker for r in some} - {""}, {r.speaker for r in others} - {""}
    if said and given and not said & given:
        cost += _OTHER_SPEAKER
    shared = frozenset().union(*(r.marks for r in some)) & frozenset().union(*(r.marks for r in others))
    return cost - _SHARED * min(_MOST_SHARED, len(shared))


def _length_cost(source: int, target: int, ratio: float) -> float:
    """-100 log of the probability that a text of one length is the translation of a text of another."""
    mean = (source + target / ratio) / 2 if ratio else source
    delta = abs(source * ratio - target) / math.sqrt(_VARIANCE * max(1.0, mean))
    return min(1_000.0, -100 * math.log(max(1e-12, math.erfc(delta / math.sqrt(2)))))


def _time_cost(some: Sequence[_Row], others: Sequence[_Row]) -> float:
    """How far the times of two stretches are from being the same; every line must meet the other stretch."""
    ours = Span(some[0].line.span.start_ms, max(r.line.span.end_ms for r in some))
    theirs = Span(others[0].line.span.start_ms, max(r.line.span.end_ms for r in others))
    alone = sum(r.line.span.overlap_ms(theirs) == 0 for r in some) + sum(
        r.line.span.overlap_ms(ours) == 0 for r in others
    )
    both = ours.overlap_ms(theirs)
    whole = max(ours.end_ms, theirs.end_ms) - min(ours.start_ms, theirs.start_ms)
    return _APART * alone + _OVERLAP * (1 - both / max(1, whole))


# --- words to lines --------------------------------------------------------------------------------------------------


def _pairing(source: Side, target: Side, beads: Sequence[tuple[Sequence[_Row], Sequence[_Row]]]) -> Pairing:
    texts: dict[str, str] = {}
    cues: dict[str, str] = {}
    missing: list[str] = []
    unplaced: list[str] = []
    joined: list[str] = []
    for some, others in beads:
        if not some:
            unplaced += [row.line.id for row in others]
        elif not others:
            missing += [row.line.id for row in some]
        else:
            parts = _dealt(some, others)
            for row, text in zip(some, parts):
                texts[row.line.id] = text
                cues[row.line.id] = others[min(some.index(row), len(others) - 1)].line.id
                missing += [] if text else [row.line.id]
            joined += [row.line.id for row in some] if (len(some), len(others)) != (1, 1) else []
    for line, other in _sounds(source, target):
        texts.setdefault(line.id, other.text)
        cues.setdefault(line.id, other.id)
    lines = tuple(replace(line, text=texts.get(line.id, ""), words=(), phrases=()) for line in source.lines)
    return Pairing(lines, cues, tuple(missing), tuple(unplaced), tuple(joined))


def _dealt(some: Sequence[_Row], others: Sequence[_Row]) -> list[str]:
    """The words of one stretch for each line of the other: line by line, turn by turn, else by length."""
    if len(some) == len(others):
        return [row.line.text for row in others]
    text = " ".join(row.line.text for row in others)
    if len(some) == 1:
        return [text]
    turns = [part.strip() for part in re.split(r"(?:^|(?<=[.!?…])\s+)[-–—]\s*(?=\S)", text) if part.strip()]
    if len(turns) == len(some):
        return turns
    ends = [sum(row.letters for row in some[:at]) for at in range(len(some) + 1)]
    spans = [Span(a * 10, b * 10) for a, b in zip(ends, ends[1:])]
    parts: list[list[str]] = [[] for _ in some]
    for word in spread_times(text, spans):
        at = next((n for n, span in enumerate(spans) if word.span.start_ms < span.end_ms), len(spans) - 1)
        parts[at].append(word.text)
    return [" ".join(part) for part in parts]


def _sounds(source: Side, target: Side) -> Iterator[tuple[Segment, Segment]]:
    """Lines without words of both files that stand at the same time."""
    if not (source.timed and target.timed):
        return
    silent = [line for line in target.lines if line.text and not spoken_text(turns_of(line.text, target.language))]
    for line in source.lines:
        if spoken_text(turns_of(line.text, source.language)):
            continue
        near = max(silent, key=lambda other: other.span.overlap_ms(line.span), default=None)
        if near is not None and near.span.overlap_ms(line.span) > 0:
            yield line, near
