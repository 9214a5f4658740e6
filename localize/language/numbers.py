"""Numerals between locales: decimal and group separators; number words and their values."""

from __future__ import annotations

import re

# Thousands with or without decimals, or decimals alone; a time or a date is neither.
_ENGLISH_NUMBER = r"(?<![\d.,:/])(?:\d{1,3}(?:[,]\d{3})+(?:[.]\d+)?|\d+[.]\d{1,2})(?![.,:/]?\d)"
_OTHER_MARKS = str.maketrans(",.", ".,")
BELOW_TWENTY = {
    "en": (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    ).split(),
    "es": (
        "cero un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
        "dieciocho diecinueve"
    ).split(),
    "pt": (
        "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete "
        "dezoito dezenove"
    ).split(),
}
"""Number words from 0 to 19, in their order."""
TENS = {
    "en": dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10))),
    "es": dict(zip("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(), range(20, 100, 10))),
    "pt": dict(zip("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split(), range(20, 100, 10))),
}
"""Number word -> value, from 20 to 90."""


def localize_numbers(text: str, language: str) -> str:
    """English 1,000.5 is written 1.000,5 in Spanish and Portuguese, and the other way round."""
    pattern = _ENGLISH_NUMBER.translate(_OTHER_MARKS) if language == "en" else _ENGLISH_NUMBER
    return re.sub(pattern, lambda match: match[0].translate(_OTHER_MARKS), text)


def number_pattern(language: str) -> str:
    """A pattern of one number as a language writes it: thousands parted or not, decimals or none."""
    english = r"\d{1,3}(?:[,]\d{3})+(?:[.]\d+)?|\d+(?:[.]\d+)?"
    return f"(?:{english if language == 'en' else english.translate(_OTHER_MARKS)})"


def exchange_marks(number: str, source: str, target: str) -> str:
    """A number of one language with the marks of another: English 3.125 is 3,125 elsewhere."""
    return number.translate(_OTHER_MARKS) if (source == "en") != (target == "en") else number


def number_words(language: str) -> dict[str, int]:
    """Number word -> value, of the words from 0 to 20 and of the tens; empty for other languages than en, es and pt.

    For finding them in a text; how a value is said is `spoken.numerals.cardinal`.
    """
    return {word: value for value, word in enumerate(BELOW_TWENTY.get(language, ()))} | TENS.get(language, {})
