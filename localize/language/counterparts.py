"""English words that every Spanish or Portuguese translation says with one of a few words: see counterparts.toml.

"East", "grandmother" or "dozen" are facts as a number is; a small model puts another word in their place ("leíste" for
"east"), and the sentence still reads well.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_COLUMNS = {"es": 0, "pt": 1}
_SURNAMES = ("direction", "colour")
"""Stand-ins of words that are names of persons as well."""
_OF_ONE = frozenset(("man", "woman", "thing_m", "thing_f", "person_m", "animal_m"))
"""Stand-ins that are one person, animal or thing."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """An English word with its counterpart in another language.

    Args:
        source: as it was said.
        target: the other language's word.
        forms: pattern of what says the same, for small letters without accents.
        stand_ins: words that may be asked in its place, and the pattern of their translation.
    """

    source: str
    target: str
    forms: str
    stand_ins: tuple[tuple[str, str], ...]


def find_counterparts(text: str, target: str) -> Iterator[Counterpart]:
    """The words of an English text that a translation must say.

    A word with a capital is looked at only where it opens the text: elsewhere it is a name.

    Args:
        text: one English sentence.
        target: "es" or "pt"; of others nothing is known.
    """
    told = text[:1].lower() + text[1:]
    if target not in _COLUMNS or not _any_word().search(told):
        return
    column, stand_ins = _COLUMNS[target], _table()["stand_ins"]
    rows = list(_table()["words"].values())
    for match in _pattern().finditer(told):
        row = rows[int((match.lastgroup or "w0")[1:])]
        # "West went on", "Van Buren": a person, as far as anybody can tell.
        if not match.start() and (row[4] in _SURNAMES or text[match.end() :][1:2].isupper()):
            continue
        names = row[4].split("/")
        name = names[min(column, len(names) - 1)]
        # One thing stands for one: in the place of several it would spoil the sentence.
        known = () if name in _OF_ONE and match[0].endswith("s") else stand_ins.get(name, ())
        others = ((asked, answers) for asked, *answers in known if asked != match[0])
        yield Counterpart(
            text[match.start() : match.end()],
            row[2 * column],
            rf"(?:{row[2 * column + 1]})",
            tuple((asked, rf"(?<!\w){answers[column]}(?!\w)") for asked, answers in others),
        )


@cache
def _any_word() -> re.Pattern[str]:
    """Any of the words. It costs a tenth of `_pattern`, whose groups are all entered, and most lines have none."""
    return re.compile(rf"(?<![\w'’-])(?:{'|'.join(_table()['words'])})(?![\w'’-])")


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(f"(?P<w{number}>{pattern})" for number, pattern in enumerate(_table()["words"]))
    return re.compile(rf"(?<![\w'’-])(?:{words})(?![\w'’-])")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("counterparts.toml").read_text(encoding="utf-8"))
