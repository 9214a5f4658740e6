"""Text normalization for speech: numbers, money, times, abbreviations and acronyms as they are spoken.

Number words come from num2words; which written form is what stands in `normalize.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

FEMININE = re.compile(r"ª|ère")
_NUM2WORDS = {"en": "en", "es": "es", "pt": "pt_BR", "fr": "fr", "it": "it"}
# One dot or comma between digits is a decimal mark unless exactly three digits follow, then it parts thousands.
_NUMBER = r"\d{1,3}(?:[.,\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def normalize_text(text: str, language: str) -> str:
    """The spoken form of a written text.

    Args:
        text: as it stands in a subtitle.
        language: ISO 639-1 code; one of en es pt fr it, others come back unchanged.

    Returns:
        text without digits, symbols of money or measure, abbreviations and acronyms that would be misread.
    """
    if language not in _tables():
        return text
    table = _tables()[language]
    text = re.sub(r"</?[a-z][^<>]*>|\{\\[^}]*\}|[♪♫]", "", text)
    for short, long in sorted(table["abbreviations"].items(), key=lambda item: -len(item[0])):
        text = re.sub(rf"(?<!\w){re.escape(short)}(?!\w)", long, text)
    text = _clock(text, language)
    text = _money(text, language)
    ordinal = rf"\b(\d+)({table['ordinal']})"
    text = re.sub(ordinal, lambda m: _ordinal(m.group(1), m.group(2), language), text)
    text = re.sub(rf"(?<![\w.])-(?=(?:{_NUMBER})\b)", f"{table['minus']} ", text)
    text = re.sub(_NUMBER, lambda m: f" {_cardinal(m.group(0), language)} ", text)
    for symbol, word in table["symbols"].items():
        text = text.replace(symbol, f" {word} ")
    text = re.sub(r"\b[A-ZÑ]{2,5}\b", lambda m: _acronym(m.group(0), text, language), text)
    return re.sub(r"\s+([,.;:!?…])", r"\1", re.sub(r"\s+", " ", text)).strip()


def _say_match(number: float | int, language: str, to: str = "cardinal") -> str:
    from num2words import num2words

    return str(num2words(number, lang=_NUM2WORDS[language], to=to))


def _value(written: str, language: str) -> int | float:
    """Parse a number with the decimal and group separators of its language.

    A mark on the wrong side ("1.5" in Spanish) is understood where it cannot part thousands.
    """
    marks = re.findall(r"\D", written)
    if not marks:
        return int(written)
    whole, _, tail = written.rpartition(marks[-1])
    own = "." if language == "en" else ","
    thousands = len(tail) == 3 and whole != "0" and (marks[-1] != own or (len(marks) > 1 and marks[0] == own))
    if thousands:
        return int(re.sub(r"\D", "", written))
    return float(re.sub(r"\D", "", whole) + "." + tail)


def _cardinal(written: str, language: str) -> str:
    digits = re.sub(r"\D", "", written)
    if len(digits) > 15 or (written.isdigit() and len(written) > 1 and written.startswith("0")):
        return " ".join(_say_match(int(d), language) for d in digits)  # a code or telephone number, not a quantity
    value = _value(written, language)
    if language == "en" and isinstance(value, int) and written.isdigit() and 1100 <= value <= 2099 and value % 1000 > 9:
        return _say_match(value, language, "year")
    return _say_match(value, language)


def _ordinal(digits: str, ending: str, language: str) -> str:
    if len(digits) > 6:
        return digits + ending
    word = _say_match(int(digits), language, "ordinal")
    if FEMININE.search(ending) and language in ("es", "pt", "it"):
        word = " ".join(re.sub(r"o$", "a", part) for part in word.split())
    return word


def _clock(text: str, language: str) -> str:
    table = _tables()[language]

    def say(match: re.Match[str]) -> str:
        hours, minutes = int(match.group(1)), int(match.group(2))
        if hours > 24 or minutes > 59:
            return match.group(0)
        hour = _say_match(hours, language)
        hour = table["hours"].get(hour, hour)
        with_minutes, full = table["clock"]
        form: str = with_minutes if minutes else full
        return form.format(h=hour, m=_say_match(minutes, language))

    return re.sub(r"\b(\d{1,2})[:h](\d{2})\b", say, text)


def _money(text: str, language: str) -> str:
    table = _tables()[language]
    signs = "|".join(re.escape(s) for s in sorted(table["money"], key=len, reverse=True))
    scale = r"(?:\s*(million|billion|millones|milhões|millón|milhão|millions|milliards|milioni|miliardi)\b)?"

    def say(sign: str, number: str, many: str | None) -> str:
        one, several = table["money"][sign]
        value = _value(number, language)
        if many:
            link = " de" if language in ("es", "pt", "fr") else " di" if language == "it" else ""
            return f"{_cardinal(number, language)} {many}{link} {several}"
        whole, cents = int(value), round((value - int(value)) * 100)
        amount = "un" if whole == 1 and language in ("es", "fr", "it") else _say_match(whole, language)
        said = f"{amount} {one if whole == 1 else several}"
        return f"{said} {table['cents']} {_say_match(cents, language)}" if cents else said

    before: Callable[[re.Match[str]], str] = lambda m: say(m.group(1), m.group(2), m.group(3))  # noqa: E731
    after: Callable[[re.Match[str]], str] = lambda m: say(m.group(2), m.group(1), None)  # noqa: E731
    text = re.sub(rf"({signs})\s?({_NUMBER}){scale}", before, text)
    return re.sub(rf"({_NUMBER})\s?({signs})", after, text)


def _acronym(word: str, text: str, language: str) -> str:
    """Spell out an acronym that cannot be read as a word, or is spelled by convention; never inside a line all in
    capitals.
    """
    table = _tables()[language]
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) > 1 and sum(w.isupper() for w in words) > 0.6 * len(words):
        return word
    if re.search("[AEIOUY]", word) and word not in table["spelled"].split():
        return word
    names = dict(zip(table["alphabet"], table["letters"].split()))
    return " ".join(names.get(letter, letter) for letter in word)
