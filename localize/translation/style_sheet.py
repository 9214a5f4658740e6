"""A title's style sheet (`--style`): what its client asks of the words, as far as it can be done.

    units = "converted"
    profanity = "softened"
    numbers = "words"
    do_not_translate = ["Baker Street", "Enterprise"]
    glossary = "terms.xlsx"

    [register]
    "S1>S2" = "usted"

    [regions]
    es = "MX"

Every key is applied or refused: a key that nobody knows, and one that nobody here can apply, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..language.tags import main_language
from ..runtime import reading
from .glossary import Glossary, read_glossary

UNITS = ("kept", "converted")
PROFANITY = ("kept", "softened")
NUMBERS = ("kept", "words")
KEYS = ("units", "profanity", "numbers", "do_not_translate", "glossary", "register", "regions")
_NOT_YET = {
    "bleep": 'no word is covered by a tone; profanity = "softened" has milder ones said',
    "names": "names are kept as they are; write the others into the glossary",
    "currency": "amounts of money are not converted",
}


@dataclass(frozen=True, slots=True)
class StyleSheet:
    """What a style sheet asks for.

    Args:
        glossary: its glossary, what is not to be translated, and registers.
        regions: language -> where its audience is at home.
        converts_units: measurements are said in metric units.
        softens: strong words are said milder.
        spells_numbers: numbers from one to ten that count something stand in words.
        name: of the file, for messages.
    """

    glossary: Glossary = field(default_factory=Glossary)
    regions: Mapping[str, str] = field(default_factory=dict)
    converts_units: bool = False
    softens: bool = False
    spells_numbers: bool = False
    name: str = ""


def read_style(path: Path | None, to: Sequence[str] = ()) -> StyleSheet:
    """Read a style sheet; no path, one that asks for nothing.

    Raises:
        UsageError: it cannot be read, or asks for something that is not known or cannot be done; the message names the
            key.
    """
    if path is None:
        return StyleSheet()
    try:
        table = reading.read_toml(path)
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the style sheet {path}: {cause}", path=str(path)) from error
    for key in table:
        if key in _NOT_YET:
            raise _refusal(path, key, f"cannot be applied: {_NOT_YET[key]}; take the key out")
        if key not in KEYS:
            raise _refusal(path, key, f"is not known; known are {', '.join(KEYS)}")
    units = _one_of(path, "units", UNITS, table)
    profanity = _one_of(path, "profanity", PROFANITY, table)
    numbers = _one_of(path, "numbers", NUMBERS, table)
    kept = _texts(path, "do_not_translate", table.get("do_not_translate", []))
    registers = _pairs(path, "register", table.get("register", {}))
    regions = _pairs(path, "regions", table.get("regions", {}))
    for region in regions.values():
        if not re.fullmatch(r"[A-Z]{2}|[0-9]{3}", region):
            why = f'names a region by two capitals or three digits ("MX", "419"), not {region!r}'
            raise _refusal(path, "regions", why)
    own = Glossary(tuple((text, text) for text in kept), tuple(registers.items()))
    return StyleSheet(
        _glossary(path, table.get("glossary"), to).under(own),
        {main_language(language): region for language, region in regions.items()},
        units == "converted",
        profanity == "softened",
        numbers == "words",
        path.name,
    )


def _one_of(path: Path, key: str, choices: Sequence[str], table: Mapping[str, Any]) -> str:
    """The choice a sheet makes, the first where it makes none."""
    chosen = table.get(key, choices[0])
    if chosen not in choices:
        raise _refusal(path, key, f"is one of {', '.join(choices)}, not {chosen!r}")
    return str(chosen)


def _glossary(path: Path, named: Any, to: Sequence[str]) -> Glossary:
    """The glossary that a sheet names: it lies in the folder of the sheet, or below it."""
    if named is None:
        return Glossary()
    if not isinstance(named, str) or not named:
        raise _refusal(path, "glossary", f"is the name of a file, not {named!r}")
    folder = path.resolve().parent
    file = (folder / named).resolve()
    if not file.is_relative_to(folder):
        raise _refusal(path, "glossary", f"may only name what lies in the sheet's folder, not {named!r}")
    return read_glossary(file, to)


def _texts(path: Path, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() and v.isprintable() for v in value):
        raise _refusal(path, key, f"is a list of texts, not {str(value)[:60]}")
    return tuple(" ".join(text.split()) for text in value)


def _pairs(path: Path, key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) and v for v in value.values()):
        raise _refusal(path, key, f"is a table of texts, not {str(value)[:60]}")
    return dict(value)


def _refusal(path: Path, key: str, why: str) -> UsageError:
    return UsageError(f"{path}: {key} {why}", path=str(path), key=key)
