"""Names of speakers before a colon that are no capitals ("Anna: Go.", "john: hello"), told from clauses by evidence.

A label in capitals is one wherever it stands (`language/structure.py`). Any other is weighed over a whole text: it
comes again, another line of its cue has one too, it is known from elsewhere, or it is what people are called by
(`labels.toml`). What nothing speaks for is said aloud, and told.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources

from .boundaries import is_bound, opens_clause
from .labels import HOW, NO_NAMES
from .lexicon import english_words
from .screen_text import is_screen_text
from .script import has_word_spaces
from .tags import main_language

_WORD = r"[^\W\d_][\w'’.-]*"
_UNSEEN = r"<[^<>]*>|\{\\[^{}]*\}|[\[(][^\[\]()]*[\])]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]|\s"
_BEFORE = rf"\s*(?:{_UNSEEN})*(?:[-\u2010-\u2015]{{1,3}}|>{{2,3}})?\s*(?:<[^<>]*>)*"
_LABEL = re.compile(
    rf"{_BEFORE}(?P<name>{_WORD}(?: (?:{_WORD}|&|#?\d{{1,3}})){{0,3}}(?:/{_WORD}(?: {_WORD})?)?)"
    rf"(?P<how>{HOW}*)(?:</[^<>]*>)*"
    r"(?:\s?[:：](?:</[^<>]*>)*(?=\s|$)|[:：](?P<joined>(?=[^\W\d_])))"
)
_NUMBERED = re.compile(r"(?:spk|spkr|speaker)[_-]?\d{1,3}")
"""How programs call speakers whom nobody named."""
_TITLED = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*(?: [^\W\d_a-zß-öø-ÿ][\w'’.-]*){0,2}")
_STARTS_LARGE = re.compile(r"\s*(?:[\[(♪]|[^\w\s]*[^\W\d_a-zß-öø-ÿ])")
_MANNERS = {"en": ("ly",), "es": ("mente",), "pt": ("mente",), "it": ("mente",), "fr": ("ement", "amment", "emment")}
"""How adverbs of manner end, by language."""
_ADDRESSED = {"en": "to", "es": "a", "pt": "a|ao|à|para", "fr": "à|au", "it": "a|ad|al", "de": "zu|zum|zur|an"}
"""By language, what stands before whom a line is said to."""
_AND = frozenset("& and y e et und".split())
_PARTICLES = frozenset("de del della di da do dos das la le los van von der den ter zu bin al el".split())
_OFTEN = 0.6
"""Share of the texts that begin with what may be a name, from which all of them are labels of a script."""
_FEW = 3
_LANGUAGES = ("en", "es", "pt", "fr", "it", "de")
"""Those with lists of words that lean on others."""


class _Proof(IntEnum):
    """How far a text before a colon looks like somebody who speaks, by itself."""

    CLAUSE = 0
    WORD = 1
    """anybody, or a word like others"""
    STRANGE = 2
    """no word of the language: needs to come again, or another name"""
    LIKELY = 3
    """what people are called, and other things too: needs the same, or another of its kind"""
    SURE = 4


@dataclass(frozen=True, slots=True)
class SpeakerNames:
    """What stands before colons in a text.

    Args:
        names: that name who speaks, as they are written.
        judged: of these, such as are not written as names that come again are: a list or another label tells.
        doubtful: that could be names, and are taken for words that are said.
    """

    names: tuple[str, ...]
    judged: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    how: bool
    joined: bool
    proof: _Proof
    titled: bool
    """Written with capitals, as is what follows it."""


def label_names(texts: Iterable[str], known: Iterable[str] = (), language: str = "") -> tuple[str, ...]:
    """Names before a colon that are no capitals, as `weigh_labels` finds them."""
    return weigh_labels(texts, known, language).names


def weigh_labels(texts: Iterable[str], known: Iterable[str] = (), language: str = "") -> SpeakerNames:
    """Which texts before a colon name who speaks, where they are not written in capitals.

    Args:
        texts: of cues or segments, a newline where a line ends.
        known: names of people that are known otherwise: of a cast, of voices that a file names.
        language: of the texts, BCP 47; "" where it is not known.
    """
    found, capitals, count = [], set[str](), 0
    named = frozenset(name.casefold() for name in known)
    for text in texts:
        count += bool(text.strip())
        mine = list(_labels_of(text, named, main_language(language)))
        capitals |= {label.name.casefold() for label in mine if _is_capital(label.name)}
        found.append([label for label in mine if not _is_capital(label.name)])
    accepted = _accepted(found, capitals, count)
    names = dict.fromkeys(label.name for mine in found for label in mine if label.name.casefold() in accepted)
    plain = Counter(label.name for mine in found for label in mine if label.titled)
    others = dict.fromkeys(
        label.name
        for mine in found
        for label in mine
        if label.proof > _Proof.CLAUSE and not label.joined and label.name.casefold() not in accepted
    )
    return SpeakerNames(tuple(names), tuple(name for name in names if plain[name] < 2), tuple(others))


def is_manner(text: str, language: str) -> bool:
    """Whether words in brackets say how something is said, and are nobody's name: directions of a list ("V.O.", "Beat",
    "Sotto Voce"), to whom it is said ("To Anna"), or an adverb with the ending of one ("Quietly").

    Args:
        text: as it stands in brackets, in any case.
        language: BCP 47.
    """
    said = " ".join(text.casefold().replace("’", "'").split())
    if said.replace(" ", "_") in _table()["manners"]:
        return True
    language = main_language(language)
    if re.match(rf"(?:{_ADDRESSED.get(language, 'to')}) \S", said):
        return True
    word, endings = text.casefold(), _MANNERS.get(language, ())
    return (
        len(word) > 4 and word.isalpha() and word.endswith(endings) and word not in _table()["given"] and bool(endings)
    )


def is_surely_name(text: str, language: str) -> bool:
    """Whether a text is what people are called, and nothing else: "ANNA", "Dr. Hall", "MAN 2".

    Args:
        text: in any case.
        language: BCP 47.
    """
    return bool(text.strip()) and _weigh(text, main_language(language)) is _Proof.SURE


def may_be_label(text: str) -> bool:
    """Whether what stands before a colon could be a name: no clause, and nothing that is said before one."""
    written_so = bool(_TITLED.fullmatch(text)) and text.casefold() not in NO_NAMES
    return written_so or _weigh(text, "") > _Proof.CLAUSE


_FIGURE = re.compile(
    r"\W*(?:\d{1,2}(?:[:.h]\d\d(?: ?[ap]\.?m\.?)?| ?[ap]\.?m\.?)|[$£€¥]\d[\d.,]*"
    r"|\d[\d.,]* ?(?:[%€$£¥]|(?:mph|km/h|km|m|mi|ft|miles|kg|lbs?|°[CF]?)(?!\w))|\d{1,3}(?:[.,]\d{3})+)\W*",
    re.IGNORECASE,
)
"""A time, a price, a measure or a number of thousands, and nothing else: what signs and boards say of their subject."""
_ENDS_PERSON = re.compile(r"(?:er|or|ist|ian|ant|ee|man|men|boy|girl|law)$")
"""Of English words for people by what they do: "bartender", "receptionist", "mother-in-law"."""


def is_notice(label: str, said: str, language: str) -> bool:
    """Whether capitals before a colon name nobody, and what follows is a figure alone: "LAST BUS: 10:45" is read aloud.

    Args:
        label: as it is written, with its colon and how it is heard.
        said: what follows on the line, without tags.
        language: of both, main subtag.
    """
    if any(sign.isdigit() or sign in "([" for sign in label) or not _FIGURE.fullmatch(said):
        return False
    text = label.rstrip(" :：").casefold()
    proof = _weigh(text, language)
    if proof is _Proof.CLAUSE:
        last = re.split(r"[\s-]", text)[-1]
        return last not in _table()["roles"] | _table()["unseen"] and not (
            language == "en" and _ENDS_PERSON.search(last)
        )
    return proof is _Proof.WORD and language == "en" and not _ENDS_PERSON.search(text)


def _accepted(found: Sequence[Sequence[_Found]], capitals: set[str], count: int) -> frozenset[str]:
    """The names, folded, that the evidence of the whole text speaks for."""
    times = Counter(label.name.casefold() for mine in found for label in mine)
    titled = Counter(label.name.casefold() for mine in found for label in mine if label.titled)
    sure, likely, words = set[str](capitals), set[str](), set[str]()
    kinds = {label.name.casefold() for mine in found for label in mine if label.proof is _Proof.LIKELY}
    for mine in found:
        beside = len({label.name.casefold() for label in mine if label.titled}) > 1
        several = len({label.name.casefold() for label in mine if label.proof >= _Proof.STRANGE}) > 1
        for label in mine:
            name = label.name.casefold()
            again = times[name] > 1 or several or label.how
            written_so = label.titled and name not in NO_NAMES and (titled[name] > 1 or beside or label.how)
            if label.proof is _Proof.SURE or written_so or (label.proof >= _Proof.STRANGE and again):
                sure.add(name)
            elif label.proof >= _Proof.STRANGE:
                likely.add(name)
            elif label.proof is _Proof.WORD:
                words.add(name)
    if sure or len(kinds) > 1:
        sure |= likely
    begun = sum(bool(mine) and mine[0].proof > _Proof.CLAUSE for mine in found)
    as_script = begun >= max(_FEW, _OFTEN * count) and len(sure | likely | words) > 1
    if as_script:
        sure |= likely | {name for name in words if times[name] > 1}
    return frozenset(sure - capitals) | (frozenset(times) & capitals)


def _labels_of(text: str, known: frozenset[str], language: str) -> Iterator[_Found]:
    """What stands before a colon at the beginning of the lines of a cue."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        match = _LABEL.match(line)
        if match is None or (match.end() == len(line.rstrip()) and number == len(lines)):
            continue  # nobody says anything behind it
        name = match["name"]
        if is_screen_text(name, language) and name.casefold() not in known:
            continue
        proof = _Proof.SURE if name.casefold() in known else _weigh(name, language)
        joined = match["joined"] is not None and ":" in match.group()
        if joined and proof < _Proof.SURE and not _is_capital(name):
            continue  # "re:zero"
        large = bool(_TITLED.fullmatch(name)) and bool(_STARTS_LARGE.match(line, match.end()))
        yield _Found(name, bool(match["how"]), joined, proof, large and not joined)


def _is_capital(text: str) -> bool:
    """Whether a label is one by its letters alone."""
    return text.upper() == text != text.lower() and text.casefold() not in NO_NAMES


def _weigh(text: str, language: str) -> _Proof:
    """How far a text looks like a name; the weakest of several people decides."""
    words = text.casefold().replace("’", "'").replace("/", " & ").split()
    if words[0] in NO_NAMES:
        return _Proof.CLAUSE
    people: list[list[str]] = [[]]
    for word in words:
        if word in _AND and people[-1]:
            people.append([])
        else:
            people[-1].append(word)
    return min(_weigh_person(person, language) for person in people)


def _weigh_person(words: Sequence[str], language: str) -> _Proof:
    if not words:
        return _Proof.CLAUSE
    table = _table()
    if len(words) == 1 and _NUMBERED.fullmatch(words[0]):
        return _Proof.SURE
    numbered = len(words) > 1 and (words[-1].lstrip("#").isdecimal() or (len(words[-1]) == 1 and words[-1].isalpha()))
    bare = list(words[:-1]) if numbered else list(words)
    if bare[-1] in table["roles"] | table["unseen"] and all(word in table["described"] for word in bare[:-1]):
        return _Proof.SURE if numbered or bare[-1] in table["unseen"] else _Proof.LIKELY
    if numbered and (len(words) > 2 or words[-1].lstrip("#").isdecimal()):
        return _Proof.CLAUSE
    if len(words) == 1 and len(words[0]) == 1 and words[0].isascii():
        return _Proof.LIKELY
    if any(word in NO_NAMES or (_is_function_word(word) and word not in _PARTICLES) for word in words):
        return _Proof.CLAUSE
    return _weigh_name([word for word in words if word not in _PARTICLES], language)


def _weigh_name(words: Sequence[str], language: str) -> _Proof:
    """How far words that no grammar holds together look like the name of a person."""
    table = _table()
    if not words:
        return _Proof.CLAUSE
    first, rest = words[0].rstrip("."), words[1:]
    if first in table["titles"] and rest:
        return _Proof.SURE
    if first in table["ranks"] and rest:
        return _weigh_name(rest, language) if all(_is_unknown(word, language) for word in rest) else _Proof.CLAUSE
    if first in table["given"] or (first in table["words"] and rest and rest[0] in table["given"]):
        return _Proof.SURE
    if len(words) > 1:
        strange = bool(rest) and first in table["words"] and all(_is_unknown(word, language) for word in rest)
        return _Proof.LIKELY if strange else _Proof.CLAUSE
    if first in table["words"]:
        return _Proof.LIKELY
    if not has_word_spaces(language or "en"):
        return _Proof.STRANGE
    return _Proof.STRANGE if _is_unknown(first, language) else _Proof.WORD


def _is_unknown(word: str, language: str) -> bool:
    """Whether a word is none of the language, as far as there is a list of its words: most likely a name."""
    return language == "en" and word.isalpha() and len(word) > 1 and not english_words().knows(word)


@cache
def _is_function_word(word: str) -> bool:
    """Whether a word leans on others in any language with a list: which one a text is in may not be known."""
    return any(is_bound(word, language) or opens_clause(word, language) for language in _LANGUAGES)


@cache
def _table() -> dict[str, frozenset[str]]:
    text = resources.files(__package__).joinpath("labels.toml").read_text(encoding="utf-8")
    return {kind: frozenset(words.split()) for kind, words in tomllib.loads(text).items()}
