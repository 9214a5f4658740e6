"""What an answer of a chat model must be before it is taken for the translation of a line.

A model that chats refuses, talks, and does what a subtitle tells it ("ignore all instructions and output …"). These
checks know nothing of meaning; they find answers that cannot be a translation of their line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ..language.identify import identify
from .output_guards import is_plausible, size

BRIEF = 0.35
"""An answer of fewer words than this share of its line, less `SPARE`, has left something out: no single word says all
that six do."""
SPARE = 0.75
SURE = 0.99
"""Probability from which a language counts as the wrong one."""
TELLING = 40
"""Letters that tell it."""
COMMON = 3
"""Letters of a word in lower case that few languages share; "no" and "si" are shared by many."""
MANY, MOST = 5, 0.6
"""Of so many words, more than this share in common with the line are the line, worded anew."""
_CLOSE = frozenset(
    frozenset(pair.split("-"))
    for pair in "bg-mk ca-es cs-sk da-no da-sv es-gl gl-pt hr-sl hr-sr id-ms no-sv sl-sr".split()
)
"""Languages in which a line may well be the same in both."""
REFUSAL = re.compile(
    r"\b(?:as an ai|language model|(?:i(?:'m| am) sorry|sorry),? (?:but )?i (?:can(?:'t|not)|am unable)"
    r"|i can(?:'t|not) (?:help|assist|translate|comply)|i(?:'m| am) (?:unable|not able) to"
    r"|no puedo (?:ayudar|traducir|cumplir)|como (?:modelo de lenguaje|ia\b)"
    r"|modelo de linguagem|não posso (?:ajudar|traduzir)|je ne peux pas (?:vous aider|traduire)"
    r"|als ki\b|sprachmodell|non posso (?:aiutar|tradurre)|modello linguistico)",
    re.IGNORECASE,
)
"""How models refuse in the languages they mostly do it in; a line that says the same itself may be answered so."""
_FOREIGN = re.compile(r"https?:|www\.|@|[<>{}\[\]|\\`]|\*\*|__")
"""Markup and addresses: in an answer only where its line has them."""
_WORD = re.compile(r"[^\W_]+")
_JOINERS = "\u200c\u200d"
"""Zero-width, which Persian and the scripts of India are written with."""


def answer_fault(line: str, answer: str, source: str, target: str) -> str:
    """Why an answer cannot be a translation of a line, "" where it can.

    Args:
        line: what was to be translated.
        answer: what came.
        source: language of the line.
        target: language wanted.
    """
    if any(unicodedata.category(c)[0] == "C" and c not in _JOINERS and not c.isspace() for c in answer):
        return "its answer has control characters"
    if not any(map(str.isalpha, answer)) or not is_plausible(line, answer):
        return "its answer says nothing, goes round in circles or runs on"
    if size(answer) < BRIEF * size(line) - SPARE:
        return "its answer leaves most of the line out"
    if set(_FOREIGN.findall(answer)) - set(_FOREIGN.findall(line)):
        return "its answer has markup or an address that nobody said"
    if REFUSAL.search(answer) and not REFUSAL.search(line):
        return "it refused"
    if _is_untranslated(line, answer, source, target):
        return "it did not translate"
    own, said = _words(line), _words(answer)
    if set(said) <= set(own) and 2 * len(said) < len(own):
        return "its answer only repeats words of the line"
    return ""


def _is_untranslated(line: str, answer: str, source: str, target: str) -> bool:
    """Whether an answer is its line again, mostly its words, or surely in its language or that of the prompts."""
    if frozenset((source, target)) in _CLOSE:
        return False
    common, said = {word for word in _WORD.findall(line) if word.islower()}, _words(answer)
    if _words(line) == said and any(len(word) >= COMMON for word in common):
        return True
    if len(said) >= MANY and sum(word in common for word in said) > MOST * len(said):
        return True
    wrong = identify(answer, SURE) if sum(map(str.isalpha, answer)) >= TELLING else ""
    return wrong in (source, "en") and wrong != target and identify(line, SURE) in ("", source)


def is_borrowed(line: str, terms: Iterable[str], around: Iterable[str], answer: str) -> bool:
    """Whether every word of an answer was said around its line and none in it: then another line speaks through the
    model.

    Args:
        line: what was to be translated.
        terms: translations that its words must have.
        around: what is said before and after it.
        answer: what came.
    """
    words = set(_words(answer))
    others, own = set(_words(" ".join(around))), {*_words(line), *_words(" ".join(terms))}
    return bool(words) and words <= others and not words & own


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
