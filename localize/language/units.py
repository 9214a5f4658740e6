"""Units of measurement: one table (`units.toml`) of their names, signs and other words in each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class UnitWords:
    """A unit in one language.

    Args:
        one: its name after one.
        many: its name after another number.
        gender: of the name, "m" or "f"; "" where the language has none.
        signs: by which it is written.
        read: signs that mean something else as well: they are read aloud, and are no sure mark of it.
        also: further words and signs by which it is written.
    """

    one: str
    many: str
    gender: str
    signs: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """All by which it is sure to be meant."""
        return (*self.signs, self.many, self.one, *self.also)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measurement.

    Args:
        symbol: how a translation writes it after a number; "" where it is written in words.
        stand_in: the unit that models translate well in its place; "" for one that no translation must keep.
        words: language -> its words there.
    """

    symbol: str
    stand_in: str
    words: Mapping[str, UnitWords]


@cache
def units() -> dict[str, Unit]:
    """All units by name."""
    table = tomllib.loads(resources.files(__package__).joinpath("units.toml").read_text(encoding="utf-8"))
    return {name: _unit(row) for name, row in table.items()}


def _unit(row: Mapping[str, Any]) -> Unit:
    words = {language: _words(*cells) for language, cells in row.items() if isinstance(cells, list)}
    return Unit(row.get("symbol", ""), row.get("stand_in", ""), words)


def _words(name: str, signs: str = "", read: str = "", also: str = "") -> UnitWords:
    one, many, gender = name.split("|")
    return UnitWords(
        one, many, gender, tuple(signs.split()), tuple(read.split()), tuple(also.split("|")) if also else ()
    )
