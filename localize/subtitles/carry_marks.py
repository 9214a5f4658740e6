"""Marks of a cue on other words: italics, colours, speakers where the words stand that say the same.

Where the translator tells which words those are they go there; else where words of one form show it, or where a turn
had them whole. What finds no place is counted, never put anywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from ..data import Candidate
from ..language.tags import main_language
from ..language.word_forms import is_same_word, link_by_form
from ..timedtext.content import POINTS
from ..timedtext.cues import Cue, Mark

_SHORT = 2
"""Marked words that a word beside them may stand for."""
_SIGNS = ".,;:!?…"
_BESIDE = 2
"""How many words away it may stand."""
_KARAOKE = re.compile(r"\\[kK][of]?\d")


@dataclass(frozen=True, slots=True)
class _Ink:
    """Where the words of lines stand: for each its line, first and last character."""

    words: tuple[tuple[int, int, int], ...]
    turns: tuple[int, ...]

    def of_turn(self, number: int) -> list[int]:
        return [at for at, turn in enumerate(self.turns) if turn == number]


def carry_marks(
    cue: Cue,
    given: Candidate,
    own: Sequence[int],
    set_lines: Sequence[Sequence[str]],
    languages: tuple[str, str],
    dropped: Counter[str],
) -> list[Mark]:
    """The marks of a cue on its new lines.

    Args:
        cue: as it was.
        given: its words, in lines of turns, and which of them say which of the cue's.
        own: for each turn how many lines of the cue it had.
        set_lines: for each turn the lines it is set in.
        languages: of the cue, and of its new words.
        dropped: counts those that found no place, by kind.
    """
    written_in, language = languages
    if not cue.marks:
        return []
    source = _source_ink(cue, own)
    lines = [line for row in set_lines for line in row]
    rows = [number for number, row in enumerate(set_lines) for _ in row]
    target = _target_places(lines, given.text)
    sources: dict[int, set[int]] = {}
    said = [word for line in cue.lines for word in line.split()]
    for theirs, ours in given.links or link_by_form(said, given.text.split()):
        sources.setdefault(ours, set()).add(theirs)
    _pair_same_words(sources, said, given.text.split())
    marks: list[Mark] = []
    styles = list(dict.fromkeys((mark.kind, mark.value) for mark in cue.marks if mark.kind not in POINTS))
    for kind, value in styles:
        mine = [mark for mark in cue.marks if (mark.kind, mark.value) == (kind, value)]
        if kind in ("ruby", "direction") and language != written_in:
            dropped[kind] += len(mine)  # says how words of the source are read
            continue
        written = language if kind == "lang" and _same(value, written_in) else value
        covered = {at for at, word in enumerate(source.words) if any(_covers(mark, word) for mark in mine)}
        for turn in range(len(own)):
            inside = [at for at in source.of_turn(turn) if at in covered]
            if not inside:
                continue
            if len(inside) == len(source.of_turn(turn)):
                marks += [Mark(n, 0, len(lines[n]), kind, written) for n, row in enumerate(rows) if row == turn]
                continue
            bare = all(cue.lines[mark.line][mark.end - 1].isalnum() for mark in mine if mark.end > mark.start)
            for run in _runs(inside, source.of_turn(turn)):
                found = list(_stretches(run, sources, target, turn))
                found = found or list(_whole_lines(cue, set(run), source, turn, lines, rows))
                if not found and given.links and (beside := _word_beside(cue, run, source, sources, turn)) is not None:
                    found = list(_stretches([beside], sources, target, turn))
                placed = [
                    Mark(line, *_without_signs(lines[line], start, end, bare=bare), kind, written)
                    for line, start, end in found
                ]
                if not placed or any(_contradicts(mark, other) for mark in placed for other in marks):
                    dropped[kind] += len({source.words[at][0] for at in run})
                else:
                    marks += placed
    marks += _points(cue, source, sources, target, lines, dropped)
    return [mark for mark in marks if mark.kind in POINTS or mark.end > mark.start]


def _runs(marked: Sequence[int], words: Sequence[int]) -> Iterator[list[int]]:
    """The marked words of a turn that follow each other."""
    run: list[int] = []
    for at in words:
        if at in marked:
            run.append(at)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _without_signs(line: str, start: int, end: int, *, bare: bool) -> tuple[int, int]:
    """A stretch without the signs at its edges that its mark does not hold: those of the sentence around it."""
    inner = line[start:end]
    if bare:
        inner = inner.rstrip(_SIGNS) or inner
    opens = next((closing for opening, closing in ("¿?", "¡!") if inner.startswith(opening)), "")
    if opens and opens not in inner and len(inner) > 1:
        return start + 1, start + len(inner)
    return start, start + len(inner)


def _pair_same_words(sources: Mapping[int, set[int]], said: Sequence[str], shown: Sequence[str]) -> None:
    """Where words say something together, as a name of several, those that are the same are held for each other."""
    for ours, theirs in sources.items():
        if len(theirs) > 1 and ours < len(shown):
            same = {at for at in theirs if at < len(said) and is_same_word(said[at], shown[ours])}
            if len(same) == 1:
                theirs.intersection_update(same)


def _contradicts(mark: Mark, other: Mark) -> bool:
    """Whether two marks say different things of the same letters: nobody sees the outer one of two colours.

    Classes, and languages one inside the other, are held side by side.
    """
    meets = mark.line == other.line and mark.start < other.end and other.start < mark.end
    return meets and mark.kind == other.kind and mark.kind not in ("class", "lang") and mark.value != other.value


def _same(tag: str, other: str) -> bool:
    return main_language(tag) == main_language(other)


def _covers(mark: Mark, word: tuple[int, int, int]) -> bool:
    """Whether a mark holds most of a word."""
    line, start, end = word
    return mark.line == line and 2 * (min(mark.end, end) - max(mark.start, start)) > end - start


def _source_ink(cue: Cue, own: Sequence[int]) -> _Ink:
    ends = list(accumulate(own))
    words, turns, row = [], [], 0
    for number, line in enumerate(cue.lines):
        if not line.strip():
            continue
        turn = next((at for at, end in enumerate(ends) if row < end), len(own) - 1)
        for found in re.finditer(r"\S+", line):
            words.append((number, found.start(), found.end()))
            turns.append(turn)
        row += 1
    return _Ink(tuple(words), tuple(turns))


@dataclass(frozen=True, slots=True)
class _Places:
    """Of each word of a text its turn, and where its characters stand on the lines it was set in."""

    words: tuple[tuple[int, int, int], ...]
    at: tuple[tuple[int, int], ...]


def _target_places(lines: Sequence[str], text: str) -> _Places:
    at = tuple((n, column) for n, line in enumerate(lines) for column, char in enumerate(line) if not char.isspace())
    words, count = [], 0
    for turn, line in enumerate(text.split("\n")):
        for word in line.split():
            words.append((turn, count, count + len(word)))
            count += len(word)
    return _Places(tuple(words) if count == len(at) else (), at)


def _stretches(
    covered: Collection[int], sources: Mapping[int, set[int]], target: _Places, turn: int
) -> Iterator[tuple[int, int, int]]:
    """Where the words of a turn stand whose sources are all covered: line, first and last character of each stretch."""
    run: list[int] = []
    waiting: list[int] = []
    for at, (own, _, _) in enumerate(target.words):
        theirs = sources.get(at, set())
        if own == turn and theirs and theirs.issubset(covered):
            run += [*waiting, at] if run else [at]
            waiting = []
        elif own == turn and not theirs and run:
            waiting.append(at)  # nobody knows: it belongs to what stands on both sides of it
        elif run:
            yield from _placed(run, target)
            run, waiting = [], []
    if run:
        yield from _placed(run, target)


def _word_beside(
    cue: Cue, marked: Sequence[int], source: _Ink, sources: Mapping[int, set[int]], turn: int
) -> int | None:
    """The word next to one or two marked ones that no word of the translation answers by itself: what answers it says
    both ("*do* you know", "¿sabes?"). None where there is none in the same clause.
    """
    answered = {at for theirs in sources.values() for at in theirs}
    if len(marked) > _SHORT or marked[-1] - marked[0] >= _SHORT or not answered.isdisjoint(marked):
        return None

    def ends_clause(at: int) -> bool:
        line, _, end = source.words[at]
        return not cue.lines[line][end - 1].isalnum()

    mine = source.of_turn(turn)
    for away in range(1, _BESIDE + 1):
        after, before = marked[-1] + away, marked[0] - away
        if after in mine and after in answered and not any(ends_clause(at) for at in range(marked[-1], after)):
            return after
        if before in mine and before in answered and not any(ends_clause(at) for at in range(before, marked[0])):
            return before
    return None


def _placed(run: Sequence[int], target: _Places) -> Iterator[tuple[int, int, int]]:
    first, last = target.words[run[0]][1], target.words[run[-1]][2]
    rows: dict[int, list[int]] = {}
    for line, column in target.at[first:last]:
        rows.setdefault(line, []).append(column)
    for line, columns in rows.items():
        yield line, columns[0], columns[-1] + 1


def _whole_lines(
    cue: Cue, covered: set[int], source: _Ink, turn: int, lines: Sequence[str], rows: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """Lines of a turn that were covered whole, where it is set in as many lines as it had."""
    theirs = list(dict.fromkeys(source.words[at][0] for at in source.of_turn(turn)))
    ours = [number for number, row in enumerate(rows) if row == turn]
    if len(theirs) != len(ours):
        return
    for old, new in zip(theirs, ours):
        if all(at in covered for at, word in enumerate(source.words) if word[0] == old):
            yield new, 0, len(lines[new])


def _points(
    cue: Cue,
    source: _Ink,
    sources: Mapping[int, set[int]],
    target: _Places,
    lines: Sequence[str],
    dropped: Counter[str],
) -> Iterator[Mark]:
    """Marks without length: at the beginning and the end they stay there, else they stand before the word that says
    the same; times of single words and karaoke are gone with the words.
    """
    for mark in cue.marks:
        if mark.kind not in POINTS:
            continue
        after = [at for at, (line, start, end) in enumerate(source.words) if (line, end) > (mark.line, mark.start)]
        sung = mark.kind == "time" or bool(_KARAOKE.search(mark.value))
        if sung:
            dropped[mark.kind] += 1
        elif len(after) == len(source.words):
            yield replace(mark, line=0, start=0, end=0)
        elif not after:
            yield replace(mark, line=len(lines) - 1, start=len(lines[-1]), end=len(lines[-1]))
        elif ours := [at for at, theirs in sources.items() if theirs == {after[0]} and at < len(target.words)]:
            line, column = target.at[target.words[min(ours)][1]]
            yield replace(mark, line=line, start=column, end=column)
        else:
            dropped[mark.kind] += 1
