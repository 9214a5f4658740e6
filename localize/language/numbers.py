"""Numerals between locales: decimal and group separators."""

from __future__ import annotations

import re

# Thousands with or without decimals, or decimals alone; a time or a date is neither.
_ENGLISH_NUMBER = r"(?<![\d.,:/])(?:\d{1,3}(?:[,]\d{3})+(?:[.]\d+)?|\d+[.]\d{1,2})(?![.,:/]?\d)"
_OTHER_MARKS = str.maketrans(",.", ".,")


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
