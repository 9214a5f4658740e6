"""What a translation shows of the wishes one can have: its spoken length, its register, its region."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from localize.language.syllables import syllables

from .recipe import Class

WORD = re.compile(r"[^\W\d_]+")
SHORT, LONG = 0.25, 0.75
"""Quantiles of length: the shortest quarter of what people wrote is short."""


@dataclass(frozen=True)
class Control:
    """Recognises tags. Everything in it was learned from the pairs or stands in the recipe.

    Args:
        source: language code.
        target: language code.
        classes: registers and regions.
        line: target syllables expected for a source: line[0] + line[1] * source syllables.
        bounds: below and above these multiples of what is expected, a translation is short or long.
        learned: by tag, words that show it.
    """

    source: str
    target: str
    classes: tuple[Class, ...]
    line: tuple[float, float] = (0.0, 1.0)
    bounds: tuple[float, float] = (0.0, 99.0)
    learned: tuple[tuple[str, frozenset[str]], ...] = ()

    def length(self, source: str, target: str) -> str:
        """The tag of a pair's length; "" where the source is too short to choose."""
        heard = syllables(source, self.source)
        if heard < 4:
            return ""
        ratio = syllables(target, self.target) / self.expected(heard)
        low, high = self.bounds
        return "length:short" if ratio < low else "length:long" if ratio > high else "length:normal"

    def expected(self, heard: float) -> float:
        """Target syllables for so many of the source."""
        return max(1.0, self.line[0] + self.line[1] * heard)

    def shown(self, target: str, source: str = "") -> frozenset[str]:
        """Registers and regions that a text shows; what is implied only with its source. Never two of one kind."""
        words = set(WORD.findall(target.lower()))
        found = [
            entry.tag
            for entry, shows, _, _, _ in self._patterns
            if shows.search(target) or not self._learned.get(entry.tag, frozenset()).isdisjoint(words)
        ]
        if source:
            for entry, _, implied, cue, unless in self._patterns:
                kind = entry.tag.partition(":")[0]
                if implied is None or any(tag.startswith(kind) for tag in found):
                    continue
                if cue.search(source) and not unless.search(source) and implied.search(target):
                    found.append(entry.tag)
        kinds = Counter(tag.partition(":")[0] for tag in found)
        return frozenset(tag for tag in found if kinds[tag.partition(":")[0]] == 1)

    @cached_property
    def _learned(self) -> dict[str, frozenset[str]]:
        return dict(self.learned)

    @cached_property
    def _patterns(
        self,
    ) -> list[tuple[Class, re.Pattern[str], re.Pattern[str] | None, re.Pattern[str], re.Pattern[str]]]:
        def pattern(text: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
            return re.compile(text or "(?!)", flags)

        return [
            (c, pattern(c.shows), pattern(c.implied) if c.implied else None, pattern(c.cue), pattern(c.unless, 0))
            for c in self.classes
        ]


def learn(pairs: Sequence[tuple[str, str]], source: str, target: str, classes: tuple[Class, ...]) -> Control:
    """Lengths and words from pairs that people wrote."""
    lengths = [(syllables(a, source), syllables(b, target)) for a, b in pairs]
    lengths = [(x, y) for x, y in lengths if x >= 4]
    count = max(1, len(lengths))
    mean_x, mean_y = sum(x for x, _ in lengths) / count, sum(y for _, y in lengths) / count
    spread = sum((x - mean_x) ** 2 for x, _ in lengths) or 1.0
    slope = sum((x - mean_x) * (y - mean_y) for x, y in lengths) / spread if lengths else 1.0
    line = (mean_y - slope * mean_x, slope)
    control = Control(source, target, classes, line)
    ratios = sorted(y / control.expected(x) for x, y in lengths) or [1.0]
    bounds = ratios[int(SHORT * (len(ratios) - 1))], ratios[int(LONG * (len(ratios) - 1))]
    learned = tuple((c.tag, _words(pairs, c)) for c in classes if c.ending)
    return Control(source, target, classes, line, bounds, learned)


def _words(pairs: Iterable[tuple[str, str]], entry: Class, least: int = 5, share: float = 0.93) -> frozenset[str]:
    """Words with the ending that stand almost only where the cue is in the source, and whose stem is a word too."""
    cue = re.compile(entry.cue, re.IGNORECASE)
    with_cue: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for source, target in pairs:
        words = set(WORD.findall(target.lower()))
        every.update(words)
        if cue.search(source):
            with_cue.update(words)
    return frozenset(
        word
        for word, count in every.items()
        if word.endswith(entry.ending)
        and count >= least
        and with_cue[word] >= share * count
        and every[word.removesuffix(entry.ending)] >= 1
    )
