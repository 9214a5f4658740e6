"""Numerals: written numbers as values, and values as words with gender and apocope.

The words of whole numbers are those of the rule-based number formats of the Unicode CLDR (package unicode-rbnf).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from .tables import Table

if TYPE_CHECKING:
    from unicode_rbnf import RbnfEngine

# One dot or comma between digits is a decimal mark unless exactly three digits follow, then it parts thousands.
NUMBER = r"(?<!\d)(?:\d{1,3}(?:[.,\u00a0\u202f'’]\d{3})++(?:[.,]\d++)?(?!\d)|\d++(?:[.,]\d++)?)"
LONGEST = 15
"""Digits: a longer one is a code, and read digit by digit."""
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Number:
    """A written number.

    Args:
        whole: before the decimal mark.
        fraction: the digits after it; "" for none.
        code: its digits, where they are no quantity: with a leading zero, or too many.
    """

    whole: int
    fraction: str = ""
    code: str = ""

    @property
    def is_one(self) -> bool:
        """Whether what it counts stands in the singular everywhere."""
        return self.whole == 1 and not self.fraction and not self.code


def parse_number(written: str, table: Table) -> Number:
    """The value of a number that matches `NUMBER`, by the marks of its language.

    A mark on the wrong side ("1.5" in Spanish) is understood where it cannot part thousands, and "10,000" as thousands.
    """
    digits = re.sub(r"\D", "", written)
    if len(digits) > LONGEST or (written.isdecimal() and len(written) > 1 and written.startswith("0")):
        return Number(0, code=digits)
    marks = re.findall(r"\D", written)
    if not marks:
        return Number(int(written))
    whole, _, tail = written.rpartition(marks[-1])
    own = "." if table.language == "en" else ","
    spaced = marks[-1] not in ".,"
    many = len(set(marks)) < len(marks) if len(marks) > 1 else False
    if spaced or (len(tail) == 3 and whole != "0" and (marks[-1] != own or many or tail == "000")):
        return Number(int(digits))
    return Number(int(re.sub(r"\D", "", whole)), tail)


# --- words -----------------------------------------------------------------------------------------------------------


@cache
def _engine(language: str) -> RbnfEngine:
    from unicode_rbnf import RbnfEngine

    return RbnfEngine.for_language(language)


@cache
def _spell(language: str, value: int, rules: str) -> str:
    found = _engine(language).format_number(value, ruleset_names=[rules]).text
    return found.replace("\u00ad", "")


_CARDINAL = {"": "spellout-numbering", "m": "spellout-cardinal-masculine", "f": "spellout-cardinal-feminine"}


def cardinal(value: int, table: Table, gender: str = "") -> str:
    """A whole number in words.

    Args:
        value: below 10 to the 15th.
        table: of the language.
        gender: "m" or "f" of the noun it counts ("veintiún", "veintiuna"), "" where it counts none ("veintiuno").
    """
    if value < 0:
        return f"{table.word('minus')} {cardinal(-value, table, gender)}"
    if table.language == "en":
        return _spell("en", value, "spellout-cardinal-verbose")
    if table.language == "it" and value != 1:
        return _spell("it", value, "spellout-numbering")  # Crusca: "ventuno" whatever follows
    said = _spell(table.language, value, _CARDINAL[gender])
    if table.language == "es" and gender == "f":
        said = re.sub(r"ientos(?= mil\b)", "ientas", said)  # DPD "cientos": doscientas mil personas
    if table.language == "fr":
        said = said.replace("-et-", " et ")
    return said


def digits(code: str, table: Table) -> str:
    """Digits one by one."""
    return " ".join(cardinal(int(digit), table) for digit in code)


def say_number(number: Number, table: Table, gender: str = "") -> str:
    """A number in words, decimals as the language reads them."""
    if number.code:
        return digits(number.code, table)
    if not number.fraction:
        return cardinal(number.whole, table, gender)
    whole = cardinal(number.whole, table, gender if table.language == "pt" and gender == "f" else "")
    return f"{whole} {table.word('decimal')} {_decimals(number.fraction, table)}"


def _decimals(fraction: str, table: Table) -> str:
    """English reads digits; the others read two as a number ("coma catorce"), French three as well."""
    longest = {"en": 0, "fr": 3}.get(table.language, 2)
    if len(fraction) > longest or fraction.startswith("0"):
        if table.language != "fr" or len(fraction) > longest:
            return digits(fraction, table)
        zeros = len(fraction) - len(fraction.lstrip("0"))
        rest = fraction.lstrip("0")
        return " ".join([*["zéro"] * zeros, *([cardinal(int(rest), table)] if rest else [])])
    return cardinal(int(fraction), table)


def year(value: int, table: Table) -> str:
    """A year as it is read: in English by two and two."""
    if table.language != "en" or value < 1000:
        return cardinal(value, table)
    if 2000 <= value <= 2009:
        return cardinal(value, table)
    return _spell("en", value, "spellout-numbering-year")


def ordinal(value: int, table: Table, form: str = "m") -> str:
    """An ordinal in words.

    Args:
        value: from 1.
        table: of the language.
        form: "m", "f", or "a" for the masculine before its noun ("primer").
    """
    rules = {"m": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine", "a": "spellout-ordinal-masculine"}
    if table.language == "en":
        return _spell("en", value, "spellout-ordinal-verbose")
    if table.language == "es":
        known = table.part("ordinals")
        if str(value) in known:
            return _inflected(known[str(value)], form)
        if form == "a":
            return _spell("es", value, "spellout-ordinal-masculine-adjective")
    return _spell(table.language, value, rules[form]).replace("-et-", " et ")


def _inflected(word: str, form: str) -> str:
    """A Spanish ordinal in another form: "undécimo", "undécima", "decimotercer"."""
    if form == "a":
        return re.sub(r"(primer|tercer)o\b", r"\1", word)
    return re.sub(r"o\b", "a", word) if form == "f" else word


# --- gender and number -----------------------------------------------------------------------------------------------


def gender_of(word: str, table: Table, *, plural: bool) -> str:
    """The gender of a noun, by lists of exceptions, then by its ending; "" for no noun.

    Args:
        word: as written.
        table: of the language.
        plural: whether the number before it asks for a plural, so that a word in another number is no noun it counts.
    """
    word = word.casefold()
    if not table.raw.get("gender") or word in table.words_of("gender.not_nouns"):
        return ""
    forms = {word, word.removesuffix("s")} if table.language == "fr" else {word}
    if forms & table.words_of("gender.feminine"):
        return "f"
    if forms & table.words_of("gender.masculine"):
        return "m"
    if table.language == "it" and plural and word.endswith("e"):
        return "f"  # the plural of nouns in -a
    ends = table.raw["numbers"].get("plural_ends", "")
    if ends and word.endswith(tuple(ends.split())) is not plural:
        return ""
    return _by_ending(word, table)


def _by_ending(word: str, table: Table) -> str:
    """The gender that the longest known ending tells, masculine where none does."""
    found = [
        (len(ending), gender)
        for gender, key in (("f", "gender.feminine_endings"), ("m", "gender.masculine_endings"))
        for ending in table.words_of(key)
        if word.endswith(ending) and len(word) > len(ending) + 1
    ]
    return max(found)[1] if found else "m"


def word_after(text: str, at: int) -> str:
    """The word that follows a place in a text, after one space; "" for none."""
    found = re.compile(r"[ \u00a0]").match(text, at) and _WORD.match(text, at + 1)
    return found.group() if found else ""


def word_before(text: str, at: int) -> str:
    """The word that ends just before a place, spaces skipped; "" where a mark stands between."""
    found = re.search(r"([^\W\d_]+)\.?[ \u00a0]*$", text[max(0, at - 40) : at])
    return found.group(1) if found else ""
