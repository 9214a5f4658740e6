"""Shorten lines that cannot be read in time: choose another wording, or apply the cheapest cuts.

A means is given the cues that cannot be read in time and changes their lines: words spread evenly, cuts of some
strength that lose least together, another candidate of the translator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..data import Span
from ..language.invariants import keeps_meaning
from .condense import Cut, Strength, find_cuts
from .words import TimedWord, retime_wording

_WAYS = 64
"""Sets of cuts that are looked at for one cue."""
ANOTHER = "another-translation"
"""The rule a shortening is logged under when the translator's next best wording was taken."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One timed wording of a segment.

    Args:
        words: the text's words with their times.
        rule: what made it, for the log; "" for the translator's own words.
        final: a person wrote it: no rule may change it.
        phrases: where it is heard, if its words have no times of their own but are spread over it.
    """

    words: tuple[TimedWord, ...]
    rule: str = ""
    final: bool = False
    phrases: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join(word.text for word in self.words)

    def shifted(self, by_ms: int) -> Wording:
        """The same so many milliseconds later."""
        words = tuple(replace(word, span=word.span.shifted(by_ms)) for word in self.words)
        return replace(self, words=words, phrases=tuple(phrase.shifted(by_ms) for phrase in self.phrases))


@dataclass(slots=True)
class Line:
    """One segment while it is being shortened."""

    ways: tuple[Wording, ...]
    words: tuple[TimedWord, ...]
    chosen: int = 0
    even: bool = False
    rules: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.ways[0].words[0].segment_id

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    def write(self, way: int, texts: Sequence[str]) -> None:
        """Show these words: those of another way, or fewer of the same."""
        self.words = retime_wording(
            self.ways[way].words if way != self.chosen else self.words, texts, self.ways[0].phrases, even=self.even
        )
        self.chosen = way


@dataclass(frozen=True, slots=True)
class TightCue:
    """A cue that cannot be read in time, or parts what belongs together.

    Args:
        parts: for each line it shows words of: the line's index and the words, `[start, end)`.
        surplus: share of its text that is too much, over 0.
    """

    parts: tuple[tuple[int, int, int], ...]
    surplus: float


def trim_lines(strength: Strength, lines: Sequence[Line], fast: Sequence[TightCue], language: str) -> bool:
    """Apply the cuts that lose least to what the cues show, until enough is saved; whether anything changed."""
    wanted: dict[int, list[Cut]] = {}
    offered: dict[int, tuple[Cut, ...]] = {}
    for cue in fast:
        owed = cue.surplus * sum(
            len(word.text) + 1 for index, start, end in cue.parts for word in lines[index].words[start:end]
        )
        options = []
        for index, start, end in cue.parts:
            if index not in offered:
                before = lines[index - 1].text if index else ""
                offered[index] = _cuts_for(lines[index], language, strength, before)
            # Words without times of their own are spread anew: leaving out any of them slows all.
            whole = bool(lines[index].ways[0].phrases)
            options += [(c, index) for c in offered[index] if whole or (c.start < end and c.end > start)]
        for cut, index in _cheapest_cuts(options, lines, owed):
            taken = wanted.setdefault(index, [])
            if _apart(cut, taken) and _sound(lines[index], [*taken, cut], language):
                taken.append(cut)
    for index, taken in wanted.items():
        if taken:
            line = lines[index]
            line.write(line.chosen, _after(line, taken))
            line.rules += [cut.rule for cut in taken]
    return any(wanted.values())


def _cuts_for(line: Line, language: str, strength: Strength, before: str) -> tuple[Cut, ...]:
    if line.ways[0].final:
        return ()
    return tuple(c for c in find_cuts(line.words, language, strength, before) if _sound(line, [c], language))


def _cheapest_cuts(options: Sequence[tuple[Cut, int]], lines: Sequence[Line], owed: float) -> list[tuple[Cut, int]]:
    """The cuts that save what is owed and lose least together; those that save most where all do not."""
    best: list[tuple[float, int, list[tuple[Cut, int]]]] = [(0.0, 0, [])]
    for cut, index in sorted(options, key=lambda pair: pair[0].price):
        saving = _saving(cut, lines[index])
        best += [
            (price + cut.price, saved + saving, [*taken, (cut, index)])
            for price, saved, taken in best
            if saved < owed and _apart(cut, [other for other, place in taken if place == index])
        ]
        # Only what nothing else beats in both is worth going on with.
        best.sort(key=lambda way: (way[0], -way[1]))
        most = -1
        kept = []
        for way in best:
            if way[1] > most:
                kept.append(way)
                most = way[1]
        best = kept[:_WAYS]
    enough = [way for way in best if way[1] >= owed]
    return enough[0][2] if enough else best[-1][2]


def _apart(cut: Cut, taken: Sequence[Cut]) -> bool:
    return all(cut.end <= other.start or cut.start >= other.end for other in taken)


def _saving(cut: Cut, line: Line) -> int:
    before = sum(len(word.text) + 1 for word in line.words[cut.start : cut.end])
    return max(1, before - sum(len(text) + 1 for text in cut.texts))


def _after(line: Line, taken: Sequence[Cut]) -> list[str]:
    texts = [word.text for word in line.words]
    for cut in sorted(taken, key=lambda cut: -cut.start):
        tail = texts[cut.end :]
        # What now opens the line or follows a full stop takes the capital.
        opens = not cut.texts and (cut.start == 0 or texts[cut.start - 1][-1] in ".!?…")
        if opens and tail:
            tail[0] = tail[0][:1].upper() + tail[0][1:]
        texts = [*texts[: cut.start], *cut.texts, *tail]
    return texts


def _sound(line: Line, taken: Sequence[Cut], language: str) -> bool:
    after = " ".join(_after(line, taken))
    return bool(after.strip(" .,;:!?…")) and keeps_meaning(line.ways[0].text, after, language)


def spread_evenly(lines: Sequence[Line], fast: Sequence[TightCue], language: str) -> bool:
    """Spread the words of the cues evenly over their phrases, where they have no times of their own."""
    shown = {index for cue in fast for index, _, _ in cue.parts}
    moved = [lines[i] for i in shown if lines[i].ways[0].phrases and not lines[i].even]
    for line in moved:
        line.even = True
        line.write(line.chosen, line.text.split())
    return bool(moved)


def use_shorter_candidate(lines: Sequence[Line], fast: Sequence[TightCue], language: str) -> bool:
    """Take another candidate for every line of the cues that has one short enough."""
    moved = False
    for cue in fast:
        for index, start, end in cue.parts:
            line = lines[index]
            if len(line.ways) == 1:
                continue
            owed = cue.surplus * sum(len(word.text) + 1 for word in line.words[start:end])
            better = _shorter(line, len(line.text) - owed, language)
            if better is not None:
                line.write(better, line.ways[better].text.split())
                line.rules = [line.ways[better].rule or ANOTHER]
                moved = True
    return moved


def _shorter(line: Line, length: float, language: str) -> int | None:
    """The best choice of at most so many characters; one that saves too little is not worth another wording."""
    return next(
        (
            i
            for i, way in enumerate(line.ways)
            if i != line.chosen
            and way.words
            and len(way.text) <= length
            and keeps_meaning(line.ways[0].text, way.text, language)
        ),
        None,
    )
