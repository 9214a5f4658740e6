"""A title's numbers from one to ten in words, where its style sheet asks for it (`numbers = "words"`).

Timed text guides ask so of numbers that count something in a sentence (Netflix, Timed Text Style Guides, "Numbers";
RAE, Ortografía VIII 2.1). Measures, amounts, times, dates, scores, codes, labels and ordinals keep their figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..data import Conversion, Line, Translation
from ..language.facts import find_facts
from ..language.spoken.numerals import cardinal, gender_of, word_after, word_before
from ..language.spoken.tables import LANGUAGES, Table, table_of
from ..language.tags import main_language

_SMALL = re.compile(
    r"(?<![\w.,:/$€£¥#+–—°-])(?:[1-9]|10)(?![\w%‰°ºª$€£¥]|[.,:/]\d|\.[ºª]| ?[%°€$£¥+×=]|[–—-]\w| [–—-] ?\d)"
)


def numbers_in_words(translation: Translation) -> Translation:
    """A translation with its small numbers in words, in every wording; lines that a person gave stay."""
    language = main_language(translation.language)
    if language not in LANGUAGES:
        return translation
    lines, changes = [], []
    for line in translation.lines:
        lines.append(line if line.edited else _spelled(line, language))
        before, after = line.candidates[0].text, lines[-1].candidates[0].text
        if before != after:
            changes.append(Conversion(line.segment, before, after))
    return replace(translation, lines=tuple(lines), converted=(*translation.converted, *changes))


def _spelled(line: Line, language: str) -> Line:
    made = [spell_small_numbers(candidate.text, language) for candidate in line.candidates]
    new = [c if c.text == text else c.reworded(text) for c, text in zip(line.candidates, made)]
    return replace(line, candidates=tuple({c.text: c for c in reversed(new)}[t] for t in dict.fromkeys(made)))


def spell_small_numbers(text: str, language: str) -> str:
    """A text with numbers from one to ten in words where they count something that follows.

    Args:
        text: of a line.
        language: en, es, fr, it or pt, main subtag.
    """
    table = table_of(language)
    taken = [range(fact.start, fact.start + len(fact.text)) for fact in find_facts(text, language)]
    parts, at = [], 0
    for match in _SMALL.finditer(text):
        if any(match.start() in span for span in taken):
            continue
        said = _in_words(match, text, table)
        parts += [text[at : match.start()], said]
        at = match.end()
    return "".join([*parts, text[at:]])


def _in_words(match: re.Match[str], text: str, table: Table) -> str:
    """The numeral as it agrees with its noun; as it is where it counts nothing."""
    noun, value = word_after(text, match.end()), int(match.group())
    if not noun.islower() or not _counts(noun, value, table) or _is_label(text[: match.start()], table):
        return match.group()
    gender = gender_of(noun, table, plural=value > 1) if table.language != "en" else ""
    said = cardinal(value, table, gender)
    opens = re.search(r"(?:^|[.!?…\n][\"”»]?\s+|[¿¡\"“«—-]\s*)$", text[: match.start()])
    return said[0].upper() + said[1:] if opens else said


def _counts(noun: str, value: int, table: Table) -> bool:
    if noun in table.month_numbers or noun in table.units or noun in ("am", "pm", "a", "p", "h"):
        return False
    if table.language == "en":
        return noun not in _NO_NOUNS
    return bool(gender_of(noun, table, plural=value > 1))


def _is_label(before: str, table: Table) -> bool:
    """Whether the word before a number names its place: "página 5", "to Room 3"."""
    word = word_before(before, len(before))
    name = re.search(r"[\w,;] [A-Z\u00c0-\u00de][^\W\d_]*\.? $", before) is not None
    return name or word.casefold() in table.words_of("numbers.labels")


_NO_NOUNS: Sequence[str] = (
    "and or of to in at on for is are was were the but if so then than times percent by from with per as not "
    "i you he she it we they"
).split()
