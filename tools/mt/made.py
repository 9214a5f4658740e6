"""Sentences with holes, filled: for learning to copy names and numbers, and for measuring it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from localize.language.numbers import localize_numbers

from .corpus import lines
from .recipe import HERE

NAMES_KEPT = 4
"""Every such name is kept for measuring."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A made sentence, its translation where the template has one, and what must be in any translation, as written."""

    source: str
    target: str
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Maker:
    """Fills templates.

    Args:
        source: language code.
        target: language code.
        test: use templates and names kept for measuring.
    """

    source: str
    target: str
    test: bool = False
    _used: list[str] = field(default_factory=list)

    def make(self, draw: random.Random) -> Filled:
        """One sentence."""
        use = "test" if self.test else "train"
        rows = [row for row in _templates(f"made.{self.source}-{self.target}.tsv") if row[0] == use]
        _, source, target = draw.choice(rows)
        names: list[str] = []
        numbers: list[str] = []
        for hole in dict.fromkeys(re.findall(r"\{(\w+)\}", source)):
            value = self._value(hole.rstrip("123456789"), draw)
            source = source.replace(f"{{{hole}}}", value)
            target = target.replace(f"{{{hole}}}", self._written(hole, value))
            (names if hole.rstrip("2") in ("name", "full", "place", "code") else numbers).append(value)
        return Filled(source, target, tuple(names), tuple(numbers))

    def _written(self, hole: str, value: str) -> str:
        if hole == "price":
            number = localize_numbers(re.sub(r"[^\d.,]", "", value), self.target)
            return f"{number} {_CURRENCIES[self.target][value[0]]}"
        if hole == "percent":
            return localize_numbers(value[:-1], self.target) + " %"
        return localize_numbers(value, self.target) if hole in ("big", "decimal") else value

    def _value(self, hole: str, draw: random.Random) -> str:
        holes: dict[str, Callable[[], str]] = {
            "name": lambda: self._name(("first", "last")[draw.random() < 0.4], draw),
            "full": lambda: f"{self._name('first', draw)} {self._name('last', draw)}",
            "place": lambda: self._name("place", draw),
            "code": lambda: "".join(draw.choices("ABCDEFGHIKLMNOPRSTUVWZ", k=draw.choice((3, 3, 4)))),
            "int": lambda: str(draw.randrange(2, 10 ** draw.choice((1, 2, 2, 3)) + 2)),
            "day": lambda: str(draw.randrange(2, 32)),
            "big": lambda: f"{draw.randrange(1000, 10 ** draw.choice((4, 5, 6, 7))):,}",
            "year": lambda: str(draw.randrange(1500, 2050)),
            "price": lambda: (
                draw.choice("$€£") + draw.choice((f"{draw.randrange(2, 900)}", _cents(draw), _thousands(draw)))
            ),
            "time": lambda: f"{draw.randrange(2, 13)}:{draw.randrange(0, 60):02}",
            "percent": lambda: f"{draw.randrange(1, 100)}" + draw.choice(("", f".{draw.randrange(1, 10)}")) + "%",
            "decimal": lambda: f"{draw.randrange(1, 99)}.{draw.randrange(1, 10)}",
            "digits": lambda: "".join(draw.choices("0123456789", k=draw.randrange(3, 8))),
        }
        return holes[hole]()

    def _name(self, kind: str, draw: random.Random) -> str:
        if not self.test and draw.random() < 0.3:
            return _invented(draw)
        known = [name for at, name in enumerate(_names()[kind]) if (at % NAMES_KEPT == 0) == self.test]
        return draw.choice(known)


def other_name(draw: random.Random) -> str:
    """A name to stand where another stood, never one kept for measuring."""
    return Maker("", "")._name(draw.choice(("first", "first", "last", "place")), draw)


def _cents(draw: random.Random) -> str:
    return f"{draw.randrange(1, 200)}.{draw.randrange(0, 100):02}"


def _thousands(draw: random.Random) -> str:
    return f"{draw.randrange(1000, 2_000_000):,}"


def _invented(draw: random.Random) -> str:
    # No model has seen these: they can only be copied.
    onsets = [
        "b",
        "br",
        "ch",
        "d",
        "dr",
        "f",
        "g",
        "h",
        "j",
        "k",
        "kl",
        "l",
        "m",
        "n",
        "p",
        "r",
        "s",
        "sh",
        "st",
        "t",
        "v",
        "w",
        "z",
    ]
    codas = ["", "", "n", "r", "l", "s", "ck", "nd", "rt", "th", "x", "ng"]
    count = draw.choice((1, 2, 2, 3))
    parts = [draw.choice(onsets) + draw.choice("aeiou") + draw.choice(codas) for _ in range(count)]
    return "".join(parts).capitalize()


_CURRENCIES = {
    "es": {"$": "dólares", "€": "euros", "£": "libras"},
    "pt": {"$": "dólares", "€": "euros", "£": "libras"},
    "fr": {"$": "dollars", "€": "euros", "£": "livres"},
    "it": {"$": "dollari", "€": "euro", "£": "sterline"},
    "de": {"$": "Dollar", "€": "Euro", "£": "Pfund"},
}


@cache
def _templates(file: str) -> list[list[str]]:
    return [row.split("\t") for row in lines(HERE / "data" / file) if row]


@cache
def _names() -> dict[str, Sequence[str]]:
    rows = (row.partition(": ") for row in lines(HERE / "data" / "names.txt") if row)
    return {kind: [name.replace("_", " ") for name in names.split()] for kind, _, names in rows}
