"""Text normalization for speech: what is written, as a reader says it.

A grammar of rules in order, each a function from text to text; what they know of a language is in its `.toml` file
here. A rule takes what it understands and leaves words without digits and signs behind, so that the order decides:
addresses before dates, dates before ranges, everything before plain numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ..tags import main_language
from .acronyms import name_letters, say_acronyms, say_codes
from .agreement import join_thousands, mark_degrees, say_numbers, say_ordinals, say_parts, say_signs, say_symbols
from .cleaning import clean, expand_abbreviations, fold_signs, say_censored, say_initials, tidy
from .dates import say_dates, say_decades, say_times, say_years
from .fractions import say_fractions
from .network import say_network
from .notation import say_notation, say_powers, say_verses
from .pronunciations import (
    MARKED,
    NONE,
    Pronunciation,
    Pronunciations,
    Settled,
    read_pronunciations,
    settle_patterns,
    settle_words,
    without_phonemes,
)
from .quantities import say_money, say_percent, say_ranges, say_units
from .romans import say_romans
from .tables import LANGUAGES, Table, table_of
from .telephones import say_telephones, say_versions

__all__ = [
    "MARKED",
    "NONE",
    "Pronunciation",
    "Pronunciations",
    "normalize_text",
    "read_pronunciations",
    "without_phonemes",
]

_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
Rule = Callable[[str, Table], str]

_RULES: tuple[Rule, ...] = (
    say_network,
    say_censored,
    say_initials,
    say_verses,
    expand_abbreviations,
    fold_signs,
    say_notation,
    say_romans,
    say_dates,
    say_times,
    say_telephones,
    join_thousands,
    mark_degrees,
    say_money,
    say_versions,
    say_fractions,
    say_ranges,
    say_signs,
    say_decades,
    say_percent,
    say_units,
    say_powers,
    say_codes,
    say_ordinals,
    say_parts,
    say_years,
    say_numbers,
    say_symbols,
    name_letters,
    say_acronyms,
    tidy,
)


def normalize_text(text: str, language: str, pronunciations: Pronunciations = NONE, *, respell: bool = True) -> str:
    """The spoken form of a written text.

    Args:
        text: as it stands in a subtitle.
        language: BCP 47 tag; what is not en, es, fr, it or pt comes back with the user's pronunciations alone.
        pronunciations: a user's lexicon, which goes before everything else.
        respell: False leaves words of either lexicon as they are written: to compare words, not sounds.

    Returns:
        text without digits, symbols, abbreviations and acronyms that would be misread; phonemes of a lexicon stand as
        `[word](/IPA/)`.
    """
    return _normalized(text, main_language(language), pronunciations.of(language) if respell else (), respell)


@lru_cache(maxsize=8192)
def _normalized(text: str, language: str, given: tuple[Pronunciation, ...], respell: bool) -> str:
    text, settled = _PRIVATE.sub("", text), Settled()
    if language not in LANGUAGES:
        return settled.restore(settle_words(text, given, settled))
    table = table_of(language)
    text = clean(text, table)
    if respell:
        text = settle_words(text, (*given, *_lexicon(table)), settled)
    text = settle_patterns(text, table.part("interjections"), settled)
    for rule in _RULES:
        text = rule(text, table)
    said = settled.restore(text)
    return said if respell else without_phonemes(said)


def _lexicon(table: Table) -> tuple[Pronunciation, ...]:
    """The language's own entries: loan words and brands; what is two words may be joined by a hyphen."""
    known = table.part("lexicon")
    joined = {word.replace(" ", "-"): said for word, said in known.items() if " " in word}
    return tuple(Pronunciation(word, said) for word, said in {**joined, **known}.items())
