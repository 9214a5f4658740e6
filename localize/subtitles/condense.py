"""Rules that shorten a line of subtitles locally, each with a name, a strength and a price.

A cut names the words it replaces, so that everything else keeps its time and a film is shortened only where a cue
cannot be read. Mild rules change no meaning (contractions, synonyms, fillers); strong ones leave out what a
subtitler leaves out first: asides between commas, relative clauses at the end (Díaz Cintas & Remael, "Subtitling:
Concepts and Practices", chapter 5: condensation and omission).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from ..language.boundaries import Break, boundary
from ..language.tags import main_language
from .editing import Put, Rule, edit_rules, is_restricted, redundant_in_answer, word_lists
from .words import GLUE, SOUND, TimedWord


class Strength(IntEnum):
    """The strength of a rule: how much may be lost."""

    MILD = 0
    """nothing but style"""
    STRONG = 1
    """what a subtitler in need of time leaves out: asides, relative clauses at the end"""
    EDITED = 2
    """what a sentence stands without (`editing.py`)"""


_LETTER = 0.06
"""What one letter left out costs besides."""
_END = "drop-end"
_SHORTEST_SENTENCE = 25


@dataclass(frozen=True, slots=True)
class Cut:
    """Words `[start, end)` of a line written as `texts`; `price` is how much is lost."""

    start: int
    end: int
    texts: tuple[str, ...]
    rule: str
    price: float


def find_cuts(words: Sequence[TimedWord], language: str, strength: Strength, before: str = "") -> tuple[Cut, ...]:
    """All cuts of rules up to a strength; none for a language without rules.

    Args:
        words: one line, in order.
        language: BCP 47 tag.
        strength: how much may be lost.
        before: the line before, which this one may answer.
    """
    main = main_language(language)
    text = " ".join(word.text for word in words)
    starts: list[int] = []
    at = 0
    for word in words:
        starts.append(at)
        at += len(word.text) + 1
    found = []
    rules = _rules(main, strength)
    if strength >= Strength.EDITED and (answer := redundant_in_answer(before, main)):
        rules = (*rules, answer)
    for rule in rules:
        for match in rule.pattern.finditer(text):
            cut = _cut(rule, match, text, starts)
            if rule.stands and not _is_complete_sentence(rule, match, main):
                continue
            if rule.affirms and is_restricted(_sentence_before(match).rpartition(",")[2], main):
                continue
            if cut is not None and not any(_is_label_or_sound(word) for word in words[cut.start : cut.end]):
                found.append(cut)
    return tuple(found)


def _is_label_or_sound(word: TimedWord) -> bool:
    """Whether a word is part of a label or sound, which no rule may change."""
    return GLUE in word.text or word.speaker == SOUND


def _cut(rule: Rule, match: re.Match[str], text: str, starts: Sequence[int]) -> Cut | None:
    """A match as whole words: what surrounds it inside its first and last word stays."""
    first = max(0, bisect_right(starts, match.start()) - 1)
    last = max(0, bisect_left(starts, match.end()) - 1)
    if match.start() > starts[first] and match.end() in starts[last + 1 : last + 2]:
        last += 1  # what stands before the match, such as "¿", now stands before the next word
    ends = starts[last + 1] - 1 if last + 1 < len(starts) else len(text)
    put = match.expand(rule.put) if isinstance(rule.put, str) else rule.put(match)
    before = text[starts[first] : ends]
    after = " ".join((text[starts[first] : match.start()] + put + text[match.end() : ends]).split())
    after = re.sub(r" ([,.;:!?…])", r"\1", after)
    capital = next((i for i, char in enumerate(after) if char.isalpha()), 0)
    if next((char for char in before if char.isalpha()), "").isupper():
        after = after[:capital] + after[capital : capital + 1].upper() + after[capital + 1 :]
    if len(after) >= len(before) or (not after and last - first + 1 == len(starts)):
        return None
    return Cut(first, last + 1, tuple(after.split()), rule.name, rule.price + _LETTER * (len(before) - len(after)))


# --- rules -----------------------------------------------------------------------------------------------------------


@cache
def _rules(language: str, strength: Strength) -> tuple[Rule, ...]:
    if not word_lists(language):
        return ()
    rules = [*_dub_rules(language), *_mild(language)]
    if strength >= Strength.STRONG:
        rules += _strong(language)
    if strength >= Strength.EDITED:
        rules += edit_rules(language)
    return tuple(rules)


def _dub_rules(language: str) -> Iterator[Rule]:
    """The rules a dub is shortened by, but those of spoken style only."""
    from ..language.paraphrase import SHORTER

    for rule in SHORTER.get(language, ()):
        if rule.name == "spoken-para":
            continue
        for pattern, put in rule.edits:
            if put == ", ":  # an aside without its words leaves a comma too many: "drop-word" knows better
                continue
            yield Rule(rule.name, 1.0, pattern, _replacement(put, rule.unless))


def _replacement(put: Put, unless: Callable[[str], object] | None) -> Put:
    """What to write instead; the text itself where the rule must leave it alone."""

    def write(match: re.Match[str]) -> str:
        if unless is not None and unless(match.string):
            return match[0]
        return match.expand(put) if isinstance(put, str) else put(match)

    return write


def _mild(language: str) -> Iterator[Rule]:
    lists = word_lists(language)
    for name, rows in (("short-word", lists["synonyms"]), ("simple-present", lists.get("progressives", ""))):
        for row in rows.strip().splitlines():
            long, short = row.replace("{regular}", lists.get("regular", "")).split(" = ")
            yield Rule(name, 1.0, _pattern(rf"(?<![\w'’-])(?:{long.strip()})(?![\w'’-])"), short.strip())
    # "Not very good" is not "not good", and "a very old" would be "a old".
    kept = "".join(
        f"(?<!{word} )" for word in ("not", "n't", "no", "never", "nunca", "não", "ni", "nem", "tan", "tão", "a", "an")
    )
    yield Rule("drop-repeat", 0.5, _pattern(r"\b((?:[\w'’-]+,? ){1,5}[\w'’-]+),? \1\b"), r"\1")
    dropped = lists["dropped"]
    yield Rule("drop-word", 1.5, _pattern(rf"(?<![\w'’-]){kept}(?:{dropped}) (?!(?:que|that)\b)(?=[\w¿¡])"))
    yield Rule("drop-word", 1.5, _pattern(rf",? (?:{dropped})(?=[.!?…;])"))
    yield Rule("drop-word", 1.5, _pattern(rf", (?:{dropped}),"))


def _strong(language: str) -> Iterator[Rule]:
    words = word_lists(language)
    if "pronouns" in words:
        # The picture shows who is meant, and the verb says the person.
        pronoun = rf"(?:{words['pronouns']}) (?!(?:{words['no_subject']})\b)(?=\w)"
        yield Rule("drop-pronoun", 3.0, _pattern(rf"(?:^|(?<=[.!?…] )|(?<=[¿¡])){pronoun}"), stands=True)
        yield Rule("drop-pronoun", 3.0, _pattern(rf"(?<= que ){pronoun}"))
    opens, relatives, lists = words["opens"], words["relatives"], words["joints"]
    # An aside holds no comma, quotation mark, dash or conjunction of its own; what follows it is no name, no next item
    # of a list and no other aside of the same make.
    aside = rf"(?:(?! [-–—] | (?:{lists}) )[^,.;:!?…()\"“”«»])"
    listed = rf"(?! (?:\S+ ){{0,3}}(?:{lists})\b)(?! (?P=first)\b)(?= (?-i:[a-zà-ÿ]))"
    yield Rule("drop-aside", 4.0, _pattern(rf", (?P<first>{opens}) {aside}{{6,60}},{listed}"), _comma, stands=True)
    yield Rule("drop-aside", 4.0, _pattern(r" \([^()]{2,90}\)"), stands=True)
    yield Rule("drop-aside", 4.0, _pattern(r" [–—] [^–—.!?…\"“”«»]{2,90} [–—](?= )"), stands=True)
    yield Rule(_END, 7.0, _pattern(rf"[,;] (?:{opens}|{relatives}) {aside}{{8,110}}(?=[.;!?…])"), stands=True)
    indifferent = rf", (?:{words['whatever']}) {aside}{{2,40}}(?=[,.;!?…])"
    yield Rule("drop-aside", 3.0, _pattern(indifferent))
    start = r"(?:(?<=[.!?…] )|^)"
    goes_on = rf"(?=\w)(?!(?:{relatives}|{lists}|\w+(?:ing|ando|endo|indo))\b)"
    yield Rule("drop-opening", 7.0, _pattern(rf"{start}(?:{opens}) {aside}{{6,40}}, {goes_on}"), stands=True)


def _sentence_before(match: re.Match[str]) -> str:
    """The sentence up to what is left out."""
    return re.split(r"[.!?…:;] ", match.string[: match.start()])[-1]


def _comma(match: re.Match[str]) -> str:
    """What is left of an aside's commas: one, where another aside ends with it."""
    return "," if "," in _sentence_before(match) else ""


def _is_complete_sentence(rule: Rule, match: re.Match[str], language: str) -> bool:
    """Whether what is left of the sentence can stand alone: no word waits for what was left out."""
    before = match.string[: match.end("held") if "held" in match.re.groupindex else match.start()]
    word = re.search(r"[\w'’-]+$", before)
    # Spanish "solo" binds as "only", not as "alone".
    alone = re.search(r"[ai]do sol[oa]$", before)
    if word is not None and not alone and boundary(word[0], "so", language) == Break.FORBIDDEN:
        return False
    if rule.name != _END:
        return True
    # Where a sentence opens with an adverbial, its verb may well be in the end.
    kept = re.split(r"[.!?…:;] ", before)[-1].strip(' "“”«»¿¡')
    item = ", " + match[0][2:].split()[0].lower()
    if item in kept.lower():  # one more of a list
        return False
    opens = word_lists(language)["opens"]
    return len(kept) >= _SHORTEST_SENTENCE and not re.match(rf"(?:{opens})\b", kept, re.IGNORECASE)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
