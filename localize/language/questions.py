"""Which kind of question a text ends with, and how such questions end where nobody says it another way, by the table of
its language (`questions.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

from .boundaries import sentences_of
from .script import main_language

Kind = Literal["yes-no", "worded", "alternative", "tag"]
ADDRESS_WORDS = 3
"""What follows the last comma and has no more words is taken for whom one speaks to, or for "please", where a question
word came before it ("Where are you going, my friend?")."""
_ASKS = re.compile(r"\?[^\w¿]*$")
_PARTS = re.compile(r"[¿¡;:…–—]+|\.\.\.")
_APOSTROPHES = str.maketrans("’ʼ", "''")
_OUTSIDE = " \"'«»“”‘’„-–—()[].!?"


@dataclass(frozen=True, slots=True)
class _Rules:
    """Of one language; a pattern that matches nothing where it has none."""

    worded: re.Pattern[str]
    alternative: re.Pattern[str]
    tag: re.Pattern[str]
    begins: re.Pattern[str]
    in_place: re.Pattern[str]
    ends: dict[Kind, float]


def question_kind(text: str, language: str) -> Kind | None:
    """The kind of the question that a text ends with; None where it ends with none, or its language has no table.

    Args:
        text: a line, up to where it ends.
        language: BCP 47 tag.
    """
    rules = _rules().get(main_language(language))
    if rules is None or not _ASKS.search(text):
        return None
    sentence = _PARTS.split(sentences_of(text.rstrip(), language)[-1].translate(_APOSTROPHES).casefold())
    said = [part for part in sentence if re.search(r"\w", part)]
    if not said:
        return None
    clauses = [clause.strip(_OUTSIDE) for clause in said[-1].split(",")]
    clauses = [clause for clause in clauses if clause] or [""]
    if (len(clauses) > 1 or len(said) > 1) and rules.tag.fullmatch(clauses[-1]):
        return "tag"
    if any(rules.worded.match(clause) for clause in _asking(clauses, rules)):
        return "worded"
    if rules.alternative.search(", ".join(clauses)):
        return "alternative"
    return "worded" if rules.in_place.search(clauses[-1]) else "yes-no"


def plain_end(kind: Kind, language: str) -> float | None:
    """How questions of a kind end, in semitones against what is before; None where that is left to the voice."""
    rules = _rules().get(main_language(language))
    return None if rules is None else rules.ends.get(kind)


def _asking(clauses: Sequence[str], rules: _Rules) -> Iterator[str]:
    """The last clause, and those before it that are no clause of time or manner, as long as short ones alone follow."""
    for at, clause in enumerate(reversed(clauses)):
        if not at or not rules.begins.match(clause):
            yield clause
        if len(clause.split()) > ADDRESS_WORDS:
            return


@cache
def _rules() -> dict[str, _Rules]:
    text = (resources.files(__package__) / "questions.toml").read_text("utf-8")
    return {language: _read(table) for language, table in tomllib.loads(text).items()}


def _read(table: dict[str, str | dict[str, float]]) -> _Rules:
    never = r"(?!)"

    def words(name: str) -> str:
        # a word ends where no letter follows; one with an apostrophe goes on with the next
        found = sorted(str(table[name]).split(), key=len, reverse=True)
        return "|".join(re.escape(word) + ("" if word.endswith("'") else r"(?!\w)") for word in found) or never

    before, subject = words("before"), words("subject")
    choice = rf"(?<=\w)(?:,? )(?:{words('or')}) (?!(?:{words('open')}))\w"
    ends = table["ends"]
    assert isinstance(ends, dict)
    assert set(ends) <= set(get_args(Kind))
    opening = rf"(?:(?:{before}) ?){{0,3}}(?:(?:{subject}) (?:(?:{before}) ?){{0,2}})?"
    return _Rules(
        worded=re.compile(rf"{opening}(?:{words('words')})"),
        alternative=re.compile(choice),
        tag=re.compile(str(table["tags"]) or never),
        begins=re.compile(str(table["begins"]) or never),
        in_place=re.compile(rf"(?<=\w) (?:{table['in_place']})$" if table["in_place"] else never),
        ends={kind: ends[kind] for kind in get_args(Kind) if kind in ends},
    )
