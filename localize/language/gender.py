"""Words that show a gender in Spanish and Portuguese, and the verbs whose predicates they are: gender.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GENDERS = ("female", "male")
LANGUAGES = ("es", "pt")

_ENDINGS = {
    "es": (("or", "ora"), ("és", "esa"), ("án", "ana"), ("ón", "ona"), ("ín", "ina"), ("o", "a")),
    "pt": (("or", "ora"), ("ês", "esa"), ("o", "a")),
}
_PARTICIPLE = re.compile(r"\w{2,}(?:[aií]d|(?:pues|vis|dich|hech|escri|abier|cubier|muer|vuel|elei|acei)t|eit)[oa]")


@dataclass(frozen=True, slots=True)
class GenderGrammar:
    """One language of gender.toml; `adjectives`, `people` … map each form to (masculine, feminine)."""

    language: str
    sure: re.Pattern[str]
    shared: re.Pattern[str]
    objects: re.Pattern[str]
    fillers: frozenset[tuple[str, ...]]
    joins: frozenset[str]
    determiners: dict[str, tuple[str, str]]
    possessives: frozenset[str]
    copulas: frozenset[str]
    short: dict[str, tuple[str, str]]
    nominal: dict[str, tuple[str, str]]
    disjuncts: dict[str, tuple[str, str]]
    myself: re.Pattern[str]
    selves: dict[str, tuple[str, str]]
    thanks: dict[str, tuple[str, str]]
    child: dict[str, tuple[str, str]]
    depictives: dict[str, tuple[str, str]]
    adjectives: dict[str, tuple[str, str]]
    people: dict[str, tuple[str, str]]
    either: frozenset[str]
    never: frozenset[str]

    def participle(self, word: str) -> tuple[str, str] | None:
        """Both forms of a regular participle, or None for another word."""
        if word in self.never or not _PARTICIPLE.fullmatch(word):
            return None
        return word[:-1] + "o", word[:-1] + "a"


def _feminine(word: str, language: str) -> str:
    """The feminine of a masculine form; a word that no rule changes has one form."""
    for ending, put in _ENDINGS[language]:
        if word.endswith(ending):
            return word.removesuffix(ending) + put
    return word


@cache
def gender_grammar(language: str) -> GenderGrammar:
    """The grammar of a language of `LANGUAGES`."""
    table = tomllib.loads(Path(__file__).with_name("gender.toml").read_text(encoding="utf-8"))[language]

    def forms(key: str) -> dict[str, tuple[str, str]]:
        cells = (cell.partition(":") for cell in table[key].split())
        pairs = [(masculine, feminine or _feminine(masculine, language)) for masculine, _, feminine in cells]
        return {form: pair for pair in reversed(pairs) for form in pair}

    def anchors(key: str) -> re.Pattern[str]:
        return re.compile(rf"(?<!\S)(?:{'|'.join(table[key].split(chr(10))).strip('|')})(?!\S)")

    nominal = {w: (w, w[:-1] + "a" if w.endswith("o") else w) for w in table["nominal"].split()}
    return GenderGrammar(
        language,
        sure=anchors("sure"),
        shared=anchors("shared"),
        objects=anchors("objects"),
        fillers=frozenset(tuple(words.split("_")) for words in table["fillers"].split()),
        joins=frozenset(table["joins"].split()),
        determiners=forms("determiners"),
        possessives=frozenset(table["possessives"].split()),
        copulas=frozenset(table["copulas"].split()),
        short=forms("short"),
        nominal={form: pair for pair in nominal.values() for form in pair},
        disjuncts=forms("disjuncts"),
        myself=re.compile(table["myself"]),
        selves=forms("selves"),
        thanks=forms("thanks"),
        child=forms("child"),
        depictives=forms("depictives"),
        adjectives=forms("adjectives"),
        people=forms("people"),
        either=frozenset(table["either"].split()),
        never=frozenset(table["never"].split()),
    )
