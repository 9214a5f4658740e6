"""One term of a glossary, and where it stands in a text, inflected too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..language.inflection import inflected_pattern, without_accents


@dataclass(frozen=True, slots=True)
class Term:
    """A term and what it is called in one other language.

    Args:
        source: the term.
        target: its translation; the term itself where it is not to be translated.
        source_language: tag, "" for any.
        language: tag of the translation, "" for any.
        variants: further translations that are right.
        forbidden: translations that are not to be used.
        keep: it is not to be translated.
        note: what the list says of it.
    """

    source: str
    target: str
    source_language: str = ""
    language: str = ""
    variants: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    keep: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text that says a term, and whether as the glossary has it."""

    start: int
    end: int
    text: str
    exact: bool


def find_forms(text: str, terms: Sequence[str], language: str, *, any_case: bool) -> Iterator[Found]:
    """Where a text says one of some terms: as written, else inflected by the rules of `language/inflection.py`.

    Args:
        text: to be looked through.
        terms: the first that fits a place counts.
        language: of both.
        any_case: capitals and small letters are the same; otherwise the first letter of each word must be as written.
    """
    taken: list[tuple[int, int]] = []
    plain = without_accents(text)
    for exact in (True, False):
        for term in sorted(terms, key=len, reverse=True):
            where = text if exact else plain
            for match in _pattern(term, language, exact).finditer(where):
                start, end = match.span()
                said = text[start:end]
                if any(start < b and end > a for a, b in taken) or not (any_case or _as_written(said, term)):
                    continue
                taken.append((start, end))
                yield Found(start, end, said, exact)


@lru_cache(maxsize=50_000)
def _pattern(term: str, language: str, exact: bool) -> re.Pattern[str]:
    pattern = re.escape(term) if exact else inflected_pattern(term, language)
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def _as_written(said: str, term: str) -> bool:
    """Whether the words of a stretch have capitals where the term has them, so that "Bill" is no bill."""
    return all(
        not own[:1].isupper() or heard[:1].isupper() for own, heard in zip(term.split(), said.split())
    )  # fmt: skip
