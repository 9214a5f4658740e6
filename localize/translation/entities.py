"""Required terms of a translation: find numbers, names and glossary terms, mask them, restore or report them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from typing import Literal

from ..data import Candidate
from ..language.boundaries import LEANS, ends_sentence, word_set
from ..language.numbers import localize_numbers
from .sentences import Sentence

MARGIN = 0.7
"""A candidate further below the best than this (log-probability a word) is not one."""

_NUMBER = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_OPENS = re.compile(r"(?:^|[.!?…:\"“«-])\W*$")
"""What stands before a sentence's first word."""
_SPELLED = {
    word: value
    for values, words in (
        (range(2, 21), "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
         "sixteen seventeen eighteen nineteen twenty"),
        (range(30, 100, 10), "thirty forty fifty sixty seventy eighty ninety"),
    )
    for value, word in zip(values, words.split())
}  # fmt: skip
_SCALES = word_set("hundred thousand million billion dozen")
# Capitalised words that are translated like any other.
_COMMON = word_set(
    "mr mrs ms miss dr sir madam lady lord king queen prince princess captain doctor professor president "
    "general saint god jesus christ christmas easter bible heaven hell mom mum dad mother father grandma "
    "grandpa uncle aunt earth moon sun internet tv ok okay i oh i'm i'll i've i'd english spanish french "
    "german italian portuguese american british european african asian chinese japanese russian greek "
    "dutch swedish turkish indian mexican monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july august september october november december united states kingdom "
    "new south north east west us uk usa un eu nato dna aids street avenue river lake ocean sea university "
    "school church hospital war world cold pacific atlantic olympic bank park deus natal estados unidos "
    "reino unido senhor senhora dom dona mamãe papai rei rainha"
)
_DETERMINERS = word_set(
    "the a an this that these those my your his her its our their el la los las un una unos unas o os as um uma uns "
    "umas"
)
# Places by their English, Spanish and Portuguese names.
_PLACES = tuple(
    tuple(row.split())
    for row in re.split(
        r"\|",
        "london londres londres|spain españa espanha|france francia frança|germany alemania alemanha|italy "
        "italia itália|england inglaterra inglaterra|scotland escocia escócia|wales gales gales|ireland "
        "irlanda irlanda|sweden suecia suécia|norway noruega noruega|denmark dinamarca dinamarca|finland "
        "finlandia finlândia|switzerland suiza suíça|netherlands holanda holanda|belgium bélgica "
        "bélgica|austria austria áustria|hungary hungría hungria|poland polonia polônia|greece grecia "
        "grécia|turkey turquía turquia|russia rusia rússia|ukraine ucrania ucrânia|egypt egipto "
        "egito|morocco marruecos marrocos|japan japón japão|china china china|korea corea coreia|india "
        "india índia|australia australia austrália|canada canadá canadá|mexico méxico méxico|brazil brasil "
        "brasil|america américa américa|europe europa europa|africa áfrica áfrica|asia asia ásia|york york "
        "york|paris parís paris|rome roma roma|berlin berlín berlim|vienna viena viena|moscow moscú "
        "moscou|tokyo tokio tóquio|athens atenas atenas|lisbon lisboa lisboa|venice venecia "
        "veneza|florence florencia florença|beijing pekín pequim|kyoto kioto quioto|chicago chicago "
        "chicago",
    )
)
_PLACE_IN = {
    language: {place: row[column] for row in _PLACES for place in row}
    for column, language in enumerate(("en", "es", "pt"))
}
_STAND_INS: dict[str, tuple[str, ...]] = {
    "name": ("Tom", "Mary", "John", "Bill", "Jane"),
    "term": ("Tom", "Mary", "John", "Bill", "Jane"),
    "number": ("20", "30", "50", "40", "60"),
}


@dataclass(frozen=True, slots=True)
class RequiredTerm:
    """A term of the source that the translation must contain, in both languages."""

    kind: Literal["number", "name", "term"]
    source: str
    target: str
    spelled: tuple[str, ...] = ()
    times: int = 1

    def within(self, text: str) -> bool:
        """Whether a translation contains the term."""
        if self.kind == "term":
            return re.search(rf"(?<!\w){re.escape(self.target)}(?!\w)", text, re.IGNORECASE) is not None
        words = [_plain(word) for word in _WORD.findall(text)]
        if self.kind == "name":
            # Word by word, as often as it was said; a place may also go by its name here.
            return all(
                sum(word in (_plain(name), _plain(self.target)) for word in words) >= self.times
                for name in self.source.split()
            )
        numbers = {_digits(number) for number in _NUMBER.findall(text)}
        decade = {self.target[-2:]} if re.search(r"\d0s$", self.source) else set()
        joined = " ".join(words).replace("-", " ")  # "twenty-one", as the patterns have it
        return bool(({_digits(self.target)} | decade) & numbers) or any(
            re.search(rf"\b{pattern}\b", joined) for pattern in self.spelled
        )


def required_terms(
    text: str, known: KnownNames, terms: Sequence[tuple[str, str]], source: str, target: str
) -> tuple[RequiredTerm, ...]:
    """The terms a translation of `text` must contain, glossary terms before the names and numbers inside them."""
    items: list[RequiredTerm] = []
    rest = text
    for term, wanted in sorted(terms, key=lambda pair: -len(pair[0])):
        # Terms in lower case match any case; others as written, so that "Bill" is not a bill.
        flags = re.IGNORECASE if term.islower() else 0
        for match in re.finditer(rf"(?<!\w){re.escape(term)}(?!\w)", rest, flags):
            items.append(RequiredTerm("term", match[0], wanted))
            rest = rest[: match.start()] + "\x00" * len(match[0]) + rest[match.end() :]
    for run in re.finditer(r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)*", rest):
        words = [_name(word) for word in run[0].split()]
        marks = known.among(words, first=_OPENS.search(rest[: run.start()]) is not None)
        for is_name, group in groupby(zip(words, marks), key=lambda pair: pair[1]):
            if is_name:
                written = " ".join(word for word, _ in group)
                place = _PLACE_IN.get(target, {}).get(written.lower(), written)
                items.append(
                    RequiredTerm("name", written, written[0] + place[1:] if place == written else place.capitalize())
                )
    for match in re.finditer(r"(\d+(?:[.,:\u00a0\u202f]\d+)*)(st|nd|rd|th|0?s)?", rest):
        number = localize_numbers(match[1], target)
        items.append(RequiredTerm("number", match[0], number, _number_patterns(match[1], target)))
    if source == "en":
        items += [
            RequiredTerm("number", word, value, _number_patterns(value, target)) for word, value in _in_words(rest)
        ]
    return tuple(replace(item, times=times) for item, times in Counter(items).items())


def _in_words(text: str) -> Iterator[tuple[str, str]]:
    # "twenty-one people": (as written, "21"). Hundreds and more are left alone.
    words = re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)?", text)
    for word, after in zip(words, [*words[1:], ""]):
        tens, _, ones = word.lower().partition("-")
        if after.lower() not in _SCALES and tens in _SPELLED and (not ones or ones in _SPELLED or ones == "one"):
            yield word, str(_SPELLED[tens] + (_SPELLED.get(ones, 1) if ones else 0))


def _number_patterns(number: str, language: str) -> tuple[str, ...]:
    """Patterns of a whole number's words, in both genders; none where num2words is not installed."""
    if not number.isdecimal() or len(number) > 6 or language not in LEANS:
        return ()
    try:
        from num2words import num2words
    except ImportError:
        return ()
    forms = [num2words(int(number), lang=language), num2words(int(number), lang=language, to="ordinal")]
    plain = (_plain(form.replace("-", " ").replace(",", "")) for form in forms)
    return tuple(form if language == "en" else _both_genders(form) for form in plain)


def _both_genders(words: str) -> str:
    words = re.sub(r"\bdois\b", "(?:dois|duas)", re.sub(r"\bum$", "uma?", words))
    return re.sub(r"os$", "[oa]s", re.sub(r"o$", "[oa]?", words))


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The words of a transcript that are names.

    Args:
        inside: words written with a capital inside a sentence somewhere.
        plain: words written without one somewhere.
    """

    inside: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()

    def among(self, words: Sequence[str], *, first: bool) -> list[bool]:
        """Which words of a run are names.

        A word that is also written plain is none where a capital says little: first in a sentence ("The" is not the one
        of "The Hague" there) and after a determiner ("the Government"). `first` says whether the run opens a sentence.
        """
        found: list[bool] = []
        dressed = first
        for word in words:
            found.append(word in self.inside and not (dressed and word.lower() in self.plain))
            dressed = word.lower() in _DETERMINERS or (dressed and word[:1].isupper() and not found[-1])
        return found


def find_names(sentences: Sequence[Sentence], language: str) -> KnownNames:
    """Find the names in all sentences together."""
    found: set[str] = set()
    plain = {_name(word) for sentence in sentences for word in sentence.text.split() if word[0].islower()}
    for sentence in sentences:
        words = sentence.text.split()
        capitals = [w for w in words[1:] if w[0].isupper() and not _common(_name(w))]
        if len(capitals) * 2 > len(words) > 2 or sentence.text.isupper():
            continue  # a title
        for before, word in pairwise(words):
            inside = before[-1] not in ':"“-' and not ends_sentence(before, word, language)
            if inside and word[0].isupper():
                found.add(_name(word))
    return KnownNames(frozenset(name for name in found if name and not _common(name)), frozenset(plain))


def _common(name: str) -> bool:
    return not {name.casefold(), name.casefold().removesuffix("s")}.isdisjoint(_COMMON)


def _name(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.strip(".,;:!?…\"'“”()[]«»"))


@dataclass(frozen=True, slots=True)
class GuardedSentence:
    """One sentence with its required terms and the texts a translator is given for it."""

    text: str
    kept: tuple[RequiredTerm, ...]

    def sound(self, hypotheses: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """The hypotheses that make sense, best first: those that lose least, none that runs away."""
        sane = [_mend(c, self) for c in hypotheses if c.text and not _is_runaway(self.text, c.text)]
        if not sane:
            return tuple(c.reworded(_without_loops(c.text)) for c in hypotheses[:1]) or (Candidate(self.text, -9.0),)
        least = min(len(self.lost((c,))) for c in sane)
        good = [c for c in sane if len(self.lost((c,))) == least]
        distinct: dict[str, Candidate] = {}
        for candidate in good:
            if candidate.score >= good[0].score - MARGIN:
                distinct.setdefault(candidate.text, candidate)
        return tuple(distinct.values())

    def lost(self, hypotheses: Sequence[Candidate]) -> tuple[RequiredTerm, ...]:
        """What the best hypothesis does not hold."""
        return tuple(item for item in self.kept if not item.within(hypotheses[0].text))

    def placeholders(self, hypotheses: Sequence[Candidate]) -> tuple[_Placeholders, ...]:
        """Ways to ask again: with stand-ins for what was lost, and for everything."""
        ways = (_Placeholders.over(self.text, self.lost(hypotheses)), _Placeholders.over(self.text, self.kept))
        return tuple(dict.fromkeys(ways))


def _mend(candidate: Candidate, asked: GuardedSentence) -> Candidate:
    candidate = _restore_names(candidate, asked)
    numbers = [item for item in asked.kept if item.kind == "number"]
    written = {_digits(item.target): item.target for item in numbers}
    text = _NUMBER.sub(lambda match: written.get(_digits(match[0]), match[0]), candidate.text)
    candidate = candidate.reworded(text)
    # One number lost and one that nobody said: the model miswrote it.
    lost = [item for item in numbers if not item.within(candidate.text)]
    said = {_digits(number) for number in _NUMBER.findall(asked.text)}
    strange = [number for number in _NUMBER.findall(candidate.text) if _digits(number) not in said]
    if len(lost) != 1 or len(strange) != 1 or not lost[0].source[0].isdigit():
        return candidate
    return candidate.reworded(candidate.text.replace(strange[0], lost[0].target))


def _restore_names(candidate: Candidate, asked: GuardedSentence) -> Candidate:
    """The right names where the model miswrote them or put others: in the one word that says them, if it is a name."""
    said, words = asked.text.split(), candidate.text.split()
    names = [item for item in asked.kept if item.kind == "name" and not item.within(candidate.text)]
    right = {name for item in asked.kept if item.kind == "name" for name in item.source.split()}
    correct = {name: item.target if item.source == name else name for item in names for name in item.source.split()}
    answers = Counter(source for source, _ in candidate.links)
    for source, own in candidate.links:
        name, written = _name(said[source]), _name(words[own])
        if name in correct and answers[source] == 1 and written[:1].isupper() and written not in right:
            words[own] = words[own].replace(written, correct[name])
    return candidate.reworded(" ".join(words)) if names else candidate


def _is_runaway(source: str, text: str) -> bool:
    looped = text != _without_loops(text) and source == _without_loops(source)
    return looped or len(text.split()) > 3 * len(source.split()) + 6


def _without_loops(text: str) -> str:
    # "no no no no": one to four words said three times and more are said once.
    return re.sub(r"(?<!\w)((?:[\w'’]+\W+){1,4}?)(?:\1){2,}", r"\1", text + " ", flags=re.IGNORECASE).rstrip()


@dataclass(frozen=True, slots=True)
class _Placeholders:
    """A sentence with stand-ins that models copy well in the place of what they spoilt."""

    text: str
    items: tuple[tuple[str, RequiredTerm], ...] = field(default=())

    @classmethod
    def over(cls, text: str, lost: Sequence[RequiredTerm]) -> _Placeholders:
        """Put stand-ins over the lost things."""
        items = []
        for item in lost:
            free = (s for s in _STAND_INS[item.kind] if s not in text)
            stand_in = next(free, None)
            if stand_in is not None:
                text = re.sub(rf"(?<!\w){re.escape(item.source)}(?!\w)", stand_in, text)
                items.append((stand_in, item))
        return cls(text, tuple(items))

    def unmask(self, hypotheses: Sequence[Candidate], language: str) -> tuple[Candidate, ...]:
        """Put the right words back; hypotheses that lost or repeated a stand-in are left out."""
        found = []
        for candidate in hypotheses:
            text = candidate.text
            for stand_in, item in self.items:
                forms = [re.escape(stand_in), *_number_patterns(stand_in, language)[:1]]
                pattern = rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)"
                text, count = re.subn(pattern, item.target.replace("\\", r"\\"), text, flags=re.IGNORECASE)
                if count != item.times:
                    break
            else:
                # Its links are those of the sentence with the stand-ins.
                found.append(replace(candidate, text=text, links=()))
        return tuple(found)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))
