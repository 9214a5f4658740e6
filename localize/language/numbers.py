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
