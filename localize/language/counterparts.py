"""English words that every Spanish or Portuguese translation says with one of a few words: see counterparts.toml.

"East", "grandmother" or "dozen" are facts as a number is; a small model puts another word in their place ("leíste" for
"east"), and the sentence still reads well. Words that models do not know, "cabbage" said as "taxi", are in a list
of their own, `rare_words.tsv`: whatever says the same in a good translation is found by the rules of inflection.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from .boundaries import word_set
from .inflection import inflected_pattern, without_accents

_COLUMNS = {"es": 0, "pt": 1}
_SURNAMES = ("direction", "colour")
"""Stand-ins of words that are names of persons as well."""
_OF_ONE = frozenset(("man", "woman", "thing_m", "thing_f", "person_m", "animal_m"))
"""Stand-ins that are one person, animal or thing."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """An English word with its counterpart in another language.

    Args:
        source: as it was said.
        target: the other language's word.
        forms: pattern of what says the same, for small letters without accents.
        stand_ins: words that may be asked in its place, and the pattern of their translation.
    """

    source: str
    target: str
    forms: str
    stand_ins: tuple[tuple[str, str], ...]


def find_counterparts(text: str, target: str) -> Iterator[Counterpart]:
    """The words of an English text that a translation must say.

    A word with a capital is looked at only where it opens the text: elsewhere it is a name.

    Args:
        text: one English sentence.
        target: "es" or "pt"; of others nothing is known.
    """
    told = text[:1].lower() + text[1:]
    if target not in _COLUMNS:
        return
    column, stand_ins = _COLUMNS[target], _table()["stand_ins"]
    rows = list(_table()["words"].values())
    taken: list[range] = []
    for match in _pattern().finditer(told) if _any_word().search(told) else ():
        row = rows[int((match.lastgroup or "w0")[1:])]
        # "West went on", "Van Buren": a person, as far as anybody can tell.
        if not match.start() and (row[4] in _SURNAMES or text[match.end() :][1:2].isupper()):
            continue
        taken.append(range(match.start(), match.end()))
        names = row[4].split("/")
        name = names[min(column, len(names) - 1)]
        # One thing stands for one: in the place of several it would spoil the sentence.
        known = () if name in _OF_ONE and match[0].endswith("s") else stand_ins.get(name, ())
        others = ((asked, answers) for asked, *answers in known if asked != match[0])
        yield Counterpart(
            text[match.start() : match.end()],
            row[2 * column],
            rf"(?:{row[2 * column + 1]})",
            tuple((asked, rf"(?<!\w){answers[column]}(?!\w)") for asked, answers in others),
        )

    yield from _find_rare_words(told, text, target, taken)


# --- rare words -----------------------------------------------------------------------------------------------------

_WORD = re.compile(r"(?<![\w'’-])[a-zé]+(?:-[a-zé]+)*(?![\w'’-]|['’]s\b)")
_DETERMINERS = word_set(
    "a an the my your his her our their this that these those some any no every each both another one two three four "
    "five six seven eight nine ten"
)
_MANY = {"goose": "geese", "calf": "calves", "deer": "deer", "moose": "moose", "squid": "squid", "trout": "trout"}


@dataclass(frozen=True, slots=True)
class _RareWord:
    """A row of the list of rare words.

    Args:
        kind: what may stand in its place, one of those of `rare_words.tsv`.
        verb: whether it is a verb as well, so that it is only looked at after a determiner.
        words: for each language what it is called.
        genders: for each language "m" or "f".
        forms: for each language the pattern of what says the same.
    """

    kind: str
    verb: bool
    words: tuple[str, ...]
    genders: tuple[str, ...]
    forms: tuple[str, ...]


def _find_rare_words(low: str, text: str, target: str, taken: list[range]) -> Iterator[Counterpart]:
    column, before = _COLUMNS[target], ""
    low = _sayings().sub(lambda found: "\x00" * len(found[0]), low)
    words = list(_WORD.finditer(low))
    for at, match in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) and words[at + 1].start() == match.end() + 1 else None
        both = f"{match[0]} {after[0]}" if after else ""
        found = both if both in _rare_words() else match[0]
        before = words[at - 1][0] if at and words[at - 1].end() == match.start() - 1 else ""
        start, end = match.start(), match.start() + len(found)
        if found not in _rare_words() or any(start in span for span in taken):
            continue
        noun, form = _rare_words()[found]
        is_verb = noun.kind in _VERBS
        opens = not start and noun.kind not in ("food", *_VERBS, *_ADJECTIVES) and not form  # as likely a name, "Bush"
        if opens or (noun.verb and before not in _DETERMINERS) or (is_verb and before in _DETERMINERS):
            continue
        taken.append(range(start, end))
        word = noun.words[column]
        if form == "s" and not is_verb:
            word = _in_plural(word, target)
        stand_ins = _table()["stand_ins"].get(_stands_for(noun, form == "s", column), ()) if word else ()
        yield Counterpart(
            text[start:end],
            word or noun.words[column],
            noun.forms[column],
            tuple(
                (asked, rf"(?<!\w){own[column]}(?!\w)")
                for asked, *own in ([_verb(asked, form) if is_verb else asked, *own] for asked, *own in stand_ins)
                if asked != found
            ),
        )


_ADJECTIVES = ("trait", "state", "quality")
_VERBS = ("act", "act_on", "verb")


def with_ending(word: str, ending: str, language: str) -> str:
    """A word of the list with the ending of what stood in its place: "bostezar" and "ó" are "bostezó", "terco" and "as"
    "tercas".

    Args:
        word: an adjective, or a regular verb.
        ending: of a regular form; of a verb all behind its stem.
        language: "es" or "pt".
    """
    if word.endswith(("er", "ir")):
        return word[:-2] + (re.sub("^e(?=r|mos)", "i", ending) if word[-2] == "i" else ending)
    if word.endswith("ar"):
        stem = word[:-2]
        if ending[:1] in "eéê":
            stem = re.sub("c$", "qu", re.sub("g$", "gu", stem)) if stem[-1] in "cg" else re.sub("[zç]$", "c", stem)
            stem = word[:-2] if language == "pt" and word[-3] == "z" else stem
        return stem + ending
    if word.endswith("o"):
        return word[:-1] + ending
    return _in_plural(word, language) or word if ending.endswith("s") else word


def _stands_for(noun: _RareWord, many: bool, column: int) -> str:
    gender = noun.genders[column]
    if noun.kind in (*_ADJECTIVES, *_VERBS, "word"):
        return noun.kind if noun.words[column].endswith("ar") or noun.kind not in _VERBS else f"{noun.kind}_er"
    if noun.kind == "person":
        return "men" if many else "person_m"
    if noun.kind == "food" and not many:
        return "food_f" if gender == "f" else "food"
    kind = {"food": "thing", "things": "thing"}.get(noun.kind, noun.kind)
    return f"{kind}{'s' * (many or noun.kind == 'things')}_{gender}"


def _in_plural(word: str, language: str) -> str:
    """A noun in the plural where rules tell it; "" where they do not."""
    if " " in word or "-" in word:
        return ""
    if language == "es" and (found := re.search(r"([áéíóú])([ns])$", word)):
        return f"{word[:-2]}{without_accents(found[1])}{found[2]}es"
    rules = {
        "es": (("z$", "ces"), ("[aeiouáéó]$", r"\g<0>s"), ("[lrndj]$", r"\g<0>es"), ("s$", "s")),
        "pt": (("ão$", ""), ("[aeiouáéêóôã]$", r"\g<0>s"), ("[rz]$", r"\g<0>es"), ("m$", "ns")),
    }
    for ending, written in rules[language]:
        if re.search(ending, word):
            return re.sub(ending, written, word) if written else ""
    return ""


@cache
def _rare_words() -> dict[str, tuple[_RareWord, str]]:
    """English words in every form, each with its row and its ending: "s" of many, "s", "ed" and "ing" of verbs."""
    found: dict[str, tuple[_RareWord, str]] = {}
    for english, kind, *cells in _rows():
        if kind == "saying":
            continue
        ways = [cell.split("|") for cell in cells]
        plain = kind in (*_ADJECTIVES, *_VERBS, "word")
        named = [(way[0], "", "") if plain else way[0].rpartition(" ") for way in ways]
        noun = _RareWord(
            kind,
            english.endswith("*"),
            tuple(word for word, _, _ in named),
            tuple(gender for _, _, gender in named),
            tuple(
                rf"(?:{'|'.join(_forms(way, language) for way in (own[0], *others))})"
                for own, (_, *others), language in zip(named, ways, _COLUMNS)
            ),
        )
        one = english.rstrip("*")
        found[one] = (noun, "s" if kind == "things" else "")
        if kind in _VERBS:
            found |= {_verb(one, form): (noun, form) for form in ("s", "ed", "ing")}
        elif kind not in ("things", "word", *_ADJECTIVES):
            found.setdefault(_MANY.get(one) or _english_plural(one), (noun, "s"))
    return found


def _verb(verb: str, form: str) -> str:
    """An English verb that is regular, with its ending: "hug" and "ed" is "hugged"."""
    if form in ("", "s"):
        return _english_plural(verb) if form else verb
    if re.fullmatch("(?:un)?[^aeiou]*[aeiou][^aeiouwxy]", verb):
        return f"{verb}{verb[-1]}{form}"
    verb = re.sub("(?<![aeiou])y$", "i", verb) if form == "ed" else verb
    return re.sub("(?<!e)e$", "", verb) + form


def _english_plural(noun: str) -> str:
    """Such as "boxes", "daisies", "fishermen"."""
    for ending, written in (("man$", "men"), ("(?:s|x|z|ch|sh)$", r"\g<0>es"), ("(?<![aeiou])y$", "ies"), ("$", "s")):
        if re.search(ending, noun):
            return re.sub(ending, written, noun, count=1)
    return noun


@cache
def _sayings() -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{re.escape(english)}s?\b" for english, kind, *_ in _rows() if kind == "saying"))


def _rows() -> Iterator[list[str]]:
    lines = resources.files(__package__).joinpath("rare_words.tsv").read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines[1:] if line and not line.startswith("#"))


def _forms(word: str, language: str) -> str:
    """The pattern of a word in any number; with "*" of whatever begins so."""
    if word.endswith("*"):
        return rf"{without_accents(word[:-1])}\w*"
    return inflected_pattern(word, language)


# --- words -----------------------------------------------------------------------------------------------------------


@cache
def _any_word() -> re.Pattern[str]:
    """Any of the words. It costs a tenth of `_pattern`, whose groups are all entered, and most lines have none."""
    return re.compile(rf"(?<![\w'’-])(?:{'|'.join(_table()['words'])})(?![\w'’-])")


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(f"(?P<w{number}>{pattern})" for number, pattern in enumerate(_table()["words"]))
    return re.compile(rf"(?<![\w'’-])(?:{words})(?![\w'’-])")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("counterparts.toml").read_text(encoding="utf-8"))
