"""What the rules know of each language: `es.toml` and its like, read once into frozen records."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from ..units import units

LANGUAGES = ("en", "es", "fr", "it", "pt")


@dataclass(frozen=True, slots=True)
class Noun:
    """What is counted: "kilómetro", "kilómetros", and its gender, "m" or "f" ("" where the language has none)."""

    one: str
    many: str
    gender: str


@dataclass(frozen=True, slots=True)
class Money:
    """A currency and its hundredth part; `cent` is None where nobody says one."""

    unit: Noun
    cent: Noun | None


@dataclass(frozen=True)
class Table:
    """The data of one language; `raw` is its file, the properties are what rules ask often."""

    language: str
    raw: Mapping[str, Any]

    def word(self, name: str) -> str:
        """A word of the table [words]."""
        return str(self.raw["words"][name])

    def part(self, path: str) -> dict[str, str]:
        """A table of texts, such as "abbreviations" or "money.magnitudes"; empty where the language has none."""
        found: Any = self.raw
        for key in path.split("."):
            found = found.get(key, {})
        return {key: value for key, value in found.items() if isinstance(value, str)}

    @cached_property
    def abbreviations(self) -> dict[str, str]:
        """Those that hold everywhere; one in lower case holds with a capital too, where it is no name ("Max.")."""
        known = self.part("abbreviations")
        more = {
            k[0].upper() + k[1:]: v
            for k, v in known.items()
            if k.islower() and k.count(".") < 2 and len(k) > 3 and k != "max."
        }
        return {**more, **known}

    def words_of(self, path: str) -> frozenset[str]:
        """A list of words, such as "numbers.labels", in lower case."""
        if path not in self._lists:
            table, _, key = path.partition(".")
            self._lists[path] = frozenset(str(self.raw[table].get(key, "")).casefold().split())
        return self._lists[path]

    @cached_property
    def _lists(self) -> dict[str, frozenset[str]]:
        """The lists that were asked for."""
        return {}

    @cached_property
    def units(self) -> dict[str, Noun]:
        """Symbol -> unit."""
        known = [unit.words[self.language] for unit in units().values() if self.language in unit.words]
        return {sign: Noun(own.one, own.many, own.gender) for own in known for sign in (*own.signs, *own.read)}

    @cached_property
    def currencies(self) -> dict[str, Money]:
        """Sign or code -> currency."""
        found = {}
        for sign, text in self.part("money.currencies").items():
            one, many, gender, *cent = text.split("|")
            found[sign] = Money(Noun(one, many, gender), Noun(*(*cent, "")[:3]) if cent and cent[0] else None)
        return found

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The twelve names."""
        return tuple(self.raw["calendar"]["months"].split())

    @cached_property
    def month_numbers(self) -> dict[str, int]:
        """Name, abbreviation or variant, in lower case -> 1 to 12."""
        calendar = self.raw["calendar"]
        short = dict(zip(calendar["short"].casefold().split(), range(1, 13)))
        more = {name: int(n) for name, n in (pair.split("=") for pair in calendar.get("more", "").split())}
        return {**short, **more, **{name.casefold(): n for n, name in enumerate(self.months, 1)}}


@cache
def table_of(language: str) -> Table:
    """The table of one of `LANGUAGES`."""
    path = Path(__file__).with_name(f"{language}.toml")
    return Table(language, tomllib.loads(path.read_text(encoding="utf-8")))


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first; one that never matches for none."""
    return _any_of(tuple(words))


@lru_cache(maxsize=1024)
def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w))) or r"(?!)"
