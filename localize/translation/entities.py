"""Required terms of a translation: find facts, numbers, names and glossary terms, mask them, restore or report them.

Over 400 lines: what a term is, how it is found, checked, mended and masked stand together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import groupby, pairwise

from ..data import Candidate
from ..language.boundaries import ends_sentence, word_set
from ..language.counterparts import Counterpart, find_counterparts, with_ending
from ..language.facts import (
    OPAQUE,
    Fact,
    accepted_forms,
    counted_words,
    find_facts,
    misspelled_forms,
    stand_ins,
    write_fact,
)
from ..language.inflection import inflected_pattern, without_accents
from ..language.institutions import find_institutions, without_institutions
from ..language.lexicon import english_words
from ..language.numbers import localize_numbers, number_words
from ..language.peoples import People, find_peoples, without_peoples
from ..language.spoken.numerals import cardinal, ordinal
from ..language.spoken.romans import roman_value
from ..language.spoken.tables import LANGUAGES, table_of
from .faults import NUMBERED_VERB, Fault, find_faults
from .mending import WHEN, mend_spelling
from .sentences import Sentence

MANY_SENTENCES = 8_192
"""Sentences whose looked-through hypotheses a process keeps: made again after a correction, the others are the same."""
MARGIN = 0.7
"""A candidate further below the best than this (log-probability a word) is not one."""

_NUMBER = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_OPENS = re.compile(r"(?:^|[.!?…:\"“«-])\W*$")
"""What stands before a sentence's first word."""
_SPELLED = {word: value for word, value in number_words("en").items() if value > 1}
_SCALES = word_set("hundred thousand million billion dozen")
# Capitalised words that are translated like any other.
_COMMON = word_set(
    "mr mrs ms miss dr sir madam lady lord king queen prince princess captain doctor professor president "
    "general saint god jesus christ christmas easter bible heaven hell mom mum dad mother father grandma "
    "grandpa uncle aunt earth moon sun internet tv ok okay i oh i'm i'll i've i'd english spanish french "
    "german italian portuguese american british european african asian chinese japanese russian greek "
    "dutch swedish turkish indian mexican monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july august september october november december united states kingdom "
    "new south north east west us uk usa un eu street avenue river lake ocean sea university "
    "school church hospital war world cold pacific atlantic olympic bank park deus natal estados unidos "
    "reino unido senhor senhora dom dona mamãe papai rei rainha army navy marines congress parliament senate avenue "
    "valentine halloween thanksgiving day eve year years merry happy gate floor room exit "
    "detective sergeant lieutenant "
    "colonel corporal private reverend senator governor inspector officer agent apartment suite building level "
    "terminal platform ward act part chapter scene block dock pier cell stage wing grade route highway volume section "
    "albanian algerian arab arabic argentine argentinian armenian australian austrian belgian bolivian brazilian "
    "bulgarian californian canadian chilean colombian croatian cuban czech danish ecuadorian egyptian estonian "
    "ethiopian filipino finnish georgian hebrew hindi hungarian icelandic indonesian iranian iraqi irish israeli "
    "jamaican kenyan korean kuwaiti latin latvian lebanese libyan lithuanian malaysian moroccan nigerian norwegian "
    "pakistani palestinian persian peruvian polish romanian roman saudi scottish serbian slovak slovenian sudanese "
    "swiss syrian taiwanese texan thai tunisian ukrainian uruguayan venezuelan vietnamese welsh asian "
    "buddhist catholic christian hindu islamic jewish muslim protestant republican democrat democratic communist nazi "
    "celsius fahrenheit mercury venus mars jupiter saturn uranus neptune mt station airport t-shirt "
    "pope chief mayor duke duchess emperor bishop judge atm suv mri cpr ptsd asap diy hr pin rv iq dispatch "
    "sprinkle whisk simmer knead preheat marinate"
)
_ACRONYMS = {
    row.split()[0]: dict(zip(("es", "pt"), row.split()[1:]))
    for row in (
        "NATO OTAN OTAN|IMF FMI FMI|GDP PIB PIB|UFO ovni ovni|DNA ADN DNA|HIV VIH HIV|AIDS sida aids|NGO ONG ONG|"
        "ICU UCI UTI|VAT IVA IVA|OPEC OPEP OPEP|WTO OMC OMC|OAS OEA OEA|OECD OCDE OCDE|IOC COI COI|USSR URSS URSS"
    ).split("|")
}
"""Acronyms that other languages make of their own words (Fundéu; Folha, Manual da redação)."""
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
        "veneza|florence florencia florença|beijing pekín pequim|geneva ginebra genebra|prague praga praga|"
        "munich múnich munique|naples nápoles nápoles|"
        "milan milán milão|turin turín turim|warsaw varsovia varsóvia|brussels bruselas bruxelas|seville sevilla "
        "sevilha|havana habana havana|cairo cairo cairo|jerusalem jerusalén jerusalém|istanbul estambul istambul|"
        "edinburgh edimburgo edimburgo|dublin dublín dublin|copenhagen copenhague copenhague|stockholm estocolmo "
        "estocolmo|cologne colonia colônia|marseille marsella marselha|philadelphia filadelfia filadélfia|hawaii "
        "hawái havaí|texas texas texas|bavaria baviera baviera|sicily sicilia sicília|thailand tailandia tailândia|"
        "kyoto kioto quioto|chicago chicago "
        "chicago",
    )
)
_PLACE_IN = {
    language: {place: row[column] for row in _PLACES for place in row}
    for column, language in enumerate(("en", "es", "pt"))
}
_STAND_INS = {
    "name": ("Tom", "Mary", "John", "Bill", "Jane"),
    "term": ("Tom", "Mary", "John", "Bill", "Jane"),
    "number": ("20", "30", "50", "40", "60"),
}


@dataclass(frozen=True, slots=True)
class RequiredTerm:
    """A term of the source that the translation must contain, in both languages.

    Args:
        kind: "number", "name", "term" of a glossary, or a kind of fact: "url", "price" ….
        source: as it was said.
        target: as it is written in the translation.
        spelled: patterns of its words, for text without accents.
        times: how often it was said.
        accepted: patterns of which the translation of a fact must hold one.
        misspelled: patterns of what is put right by writing `target`.
        stand_ins: what a translator may be asked in its place, and the pattern of its answer.
    """

    kind: str
    source: str
    target: str
    spelled: tuple[str, ...] = ()
    times: int = 1
    accepted: tuple[str, ...] = ()
    misspelled: tuple[str, ...] = ()
    stand_ins: tuple[tuple[str, str], ...] = ()

    def within(self, text: str) -> bool:
        """Whether a translation contains the term."""
        if self.kind == "term":
            if re.search(rf"(?<!\w){re.escape(self.target)}(?!\w)", text, re.IGNORECASE):
                return True
            plain = without_accents(text)
            return any(re.search(rf"(?<!\w){form}(?!\w)", plain, re.IGNORECASE) for form in self.spelled)
        if self.accepted:
            held = sum(len(re.findall(pattern, text)) for pattern in self.accepted)
            return held >= self.times or any(re.search(rf"\b{p}\b", _plain(text)) for p in self.spelled)
        words = [_plain(word) for word in _WORD.findall(text)]
        if self.kind == "name":
            # Word by word, as often as it was said; a place may also go by its name here.
            return all(
                sum(word in (_plain(name), _plain(self.target)) for word in words) >= self.times
                for name in self.source.split()
            )
        # A number that was said in words is not the figures of a code, "twenty" not those of "SAVE20".
        written = text if self.source[0].isdigit() else re.sub(r"(?<=[^\W\d_])\d+", " ", text)
        numbers = {_digits(number) for number in _NUMBER.findall(written)}
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
    rest, lowered = text, text.casefold()
    for term, wanted in sorted(terms, key=lambda pair: -len(pair[0])):
        # Terms in lower case match any case; others as written, so that "Bill" is not a bill.
        flags = re.IGNORECASE if term.islower() else 0
        if term.casefold() not in lowered:
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(term)}(?!\w)", rest, flags):
            forms = () if wanted == term else (inflected_pattern(wanted, target),)
            items.append(RequiredTerm("term", match[0], wanted, forms))
            rest = rest[: match.start()] + "\x00" * len(match[0]) + rest[match.end() :]
    for fact in find_facts(rest, source):
        items.append(_fact_term(fact, source, target))
        rest = rest[: fact.start] + "\x00" * len(fact.text) + rest[fact.start + len(fact.text) :]
    if source == "en" and target in _CALENDAR:
        items += _people_and_dates(rest, target)
        rest = without_institutions(without_peoples(rest))
    for name in _names_with_particles(rest):
        items.append(RequiredTerm("name", name, name))
        rest = rest.replace(name, "\x00" * len(name))
    for run in re.finditer(r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)*", rest):
        words = [_name(word) for word in run[0].split()]
        marks = known.among(words, first=_OPENS.search(rest[: run.start()]) is not None)
        for is_name, group in groupby(zip(words, marks), key=lambda pair: pair[1]):
            if is_name:
                written = " ".join(word for word, _ in group)
                place = _PLACE_IN.get(target, {}).get(written.lower(), "").capitalize()
                place = place or _ACRONYMS.get(written, {}).get(target, "")
                items.append(RequiredTerm("name", written, place or _territory(written, source, target) or written))
    for match in re.finditer(r"(\d+(?:[.,:\u00a0\u202f]\d+)*)(st|nd|rd|th|0?s)?", rest):
        number = localize_numbers(match[1], target)
        items.append(RequiredTerm("number", match[0], number, number_patterns(match[1], target)))
    if source == "en":
        items += [
            RequiredTerm("number", word, value, number_patterns(value, target)) for word, value in _in_words(rest)
        ]
    return tuple(replace(item, times=times) for item, times in Counter(items).items())


@cache
def _territory(name: str, source: str, target: str) -> str:
    """A country's name in the other language; "" where it is none (Unicode CLDR, as langcodes has it)."""
    import langcodes
    from language_data.names import name_to_code  # type: ignore[import-untyped]

    code = name_to_code("territory", name, source) if len(name) > 3 else None
    return langcodes.Language.make(territory=code).territory_name(target) if code else ""


_PARTICLED = re.compile(
    r"(?:(?P<first>[A-Z][\w'’-]*[a-z]) )?(?P<rest>(?<![\w'-])"
    r"(?P<particle>van|von|zu|de|del|della|di|da|dos|du|bin|ibn|al)(?: (?:der|den|de|la|las|los|het|zu))?"
    r" [A-Z][\w'’-]*[a-z](?!\w))"
)
"""A particle is no name's alone: "their van" has no capital after it, "the van Mary drove" an article before it."""


def _names_with_particles(text: str) -> Iterator[str]:
    """Names as "Ludwig von Hessen" and "van der Berg", whole; names that are words, after a title: "Aunt May"."""
    yield from dict.fromkeys(_TITLED.findall(text))
    yield from dict.fromkeys(_CLUBS.findall(text))
    yield from dict.fromkeys(_WITHOUT_ARTICLE.findall(text))
    yield from dict.fromkeys(_SPELLED_LETTERS.findall(text))
    for found in _PARTICLED.finditer(text):
        before = text[: found.start("rest")].split()
        last = before[-1].lower() if before else ""
        if found["particle"] in ("van", "bin") and (
            last in _DETERMINERS or not (found["first"] or "der" in found["rest"] or "den" in found["rest"])
        ):
            continue
        first = found["first"] or ""
        inside = bool(_OPENS.search(text[: found.start()])) and first.lower() in _PLAIN_FIRST
        yield found["rest"] if not first or inside or _common(first) else f"{first} {found['rest']}"


_TITLED = re.compile(
    r"\b(?:Aunt|Auntie|Uncle|Mr\.?|Mrs\.?|Ms\.?|Miss|Dr\.?|Sister|Nurse|Detective|Officer|Agent|Grandma|Grandpa) "
    r"(May|June|April|August|Day|Bank|King|Queen|Prince|Church|Lake|Park|West|North|French|English|Moon|General|Major)(?!\w)"
)
_CLUBS = re.compile(r"\bReal (?:Madrid|Sociedad|Betis|Zaragoza|Valladolid|Oviedo|Mallorca|Salt Lake)\b")
"""Names whose first word is another one in English, "the real Madrid"."""
_LETTERS = (
    "Alpha|Alfa|Bravo|Charlie|Delta|Echo|Foxtrot|Golf|Hotel|India|Juliett?|Kilo|Lima|Mike|November|Oscar|Papa|Quebec|"
    "Romeo|Sierra|Tango|Uniform|Victor|Whiskey|X-?ray|Yankee|Zulu"
)
_SPELLED_LETTERS = re.compile(rf"(?<![\w-])(?:{_LETTERS})(?: (?:{_LETTERS}))+(?![\w'’-])")
"""Letters as the radio spells them, two and more (ICAO, Annex 10, volume II)."""
_WITHOUT_ARTICLE = re.compile(
    r"\b(?:between|and|from|near|to|at|towards?|via) "
    r"(Bank|Lake|Park|River|Church|Street|School|Pier|Dock)(?![\w'’-]| [A-Z])"
)
"""Places by a word that would have an article if it were no name: "between Camden and Bank"."""
_PLAIN_FIRST = word_set(
    "is was did does do has had have and but so when where who what why how if then will would can could it he she we "
    "they i you the not no"
)


_CALENDAR = {
    language: dict(zip(WHEN["en"].split(), own.split()))
    for language, own in WHEN.items() if language != "en"
}  # fmt: skip
_CALENDAR_WORD = re.compile(rf"(?<![\w'’-])({WHEN['en'].replace(' ', '|')})s?(?![\w-])")


def _calendar_term(match: re.Match[str], target: str) -> RequiredTerm:
    """A weekday or a month, which no translation may leave out."""
    own = _CALENDAR[target][match[1]]
    root = without_accents(own.removesuffix("-feira"))
    # In its place another of the same gender that is said in the same way.
    feminine, day = own.endswith("-feira"), match[1].endswith("day")
    others = ("Monday", "Tuesday") if feminine else ("Saturday", "Sunday") if day else ("July", "September")
    stand_ins = tuple((other, rf"(?i:{_CALENDAR[target][other]})s?") for other in others if other != match[1])
    return RequiredTerm("date", match[0], own, (rf"{root}s?",), accepted=("(?!)",), stand_ins=stand_ins)


_MONTHS = ("March", "April", "May", "June", "August")
_MONTH = re.compile(
    rf"(?<![\w'’-])(?P<before>{'|'.join(_MONTHS)})(?= (?:the )?\d)"
    r"|(?:\d(?:st|nd|rd|th)?(?: of)?|\b(?:[Ii]n|[Ll]ast|[Nn]ext|[Ee]very|[Ee]arly|[Ll]ate)) "
    rf"(?P<after>{'|'.join(_MONTHS)})(?![\w'’-])"
)
"""Months that are other words or names as well, where they can be nothing else."""


def _month_term(match: re.Match[str], target: str) -> RequiredTerm:
    name = match["before"] or match["after"]
    own = table_of(target).months[table_of("en").months.index(name)]
    stand_ins = tuple((other, rf"(?i:{_CALENDAR[target][other]})") for other in ("July", "September"))
    return RequiredTerm("date", name, own, (without_accents(own),), accepted=("(?!)",), stand_ins=stand_ins)


def _people_and_dates(text: str, target: str) -> list[RequiredTerm]:
    """Weekdays, months, peoples and words of one counterpart that an English text has."""
    return [
        *(_calendar_term(match, target) for match in _CALENDAR_WORD.finditer(text)),
        *(_month_term(match, target) for match in _MONTH.finditer(text)),
        *map(_people_term, find_peoples(text, target)),
        *map(_institution_term, find_institutions(text, target)),
        *(_counterpart_term(word) for word in find_counterparts(text, target)),
    ]


def _counterpart_term(word: Counterpart) -> RequiredTerm:
    return RequiredTerm("word", word.source, word.target, (word.forms,), accepted=("(?!)",), stand_ins=word.stand_ins)


def _people_term(people: People) -> RequiredTerm:
    return RequiredTerm(
        "people",
        people.source,
        people.target,
        (people.spelled,),
        accepted=("(?!)",),
        stand_ins=people.stand_ins,
    )


def _institution_term(name: Counterpart) -> RequiredTerm:
    written = rf"(?<!\w)(?i:{re.escape(name.target)})(?!\w)"
    return replace(_counterpart_term(name), kind="institution", misspelled=(written,))


def _fact_term(fact: Fact, source: str, target: str) -> RequiredTerm:
    numbers = number_patterns(fact.number, target) if fact.number else ()
    words = counted_words(fact, target)
    spelled = tuple(rf"{number}(?: \w+)? (?:{_plain(words)})" for number in numbers[:1]) if words else ()
    if fact.kind == "numeral":
        value = str(roman_value(fact.text))
        spelled = (*number_patterns(value, target), value)
    return RequiredTerm(
        fact.kind,
        fact.text,
        write_fact(fact, source, target),
        spelled,
        accepted=accepted_forms(fact, source, target),
        misspelled=misspelled_forms(fact, source, target) or _figures_of(fact, target),
        stand_ins=stand_ins(fact, source, target),
    )


_PARTS = "capítulo parte acto ato volumen volume tomo sección seção artículo artigo libro livro escena cena".split()
_AFTER_PART = "|".join(rf"(?<=(?i:{part}) )" for part in _PARTS)
"""Behind the parts of a work, whose numbers are copied rather than said."""


def _figures_of(fact: Fact, target: str) -> tuple[str, ...]:
    """Figures, or words after the part of a work, in the place of a Roman numeral: "Parte 3", "Capítulo doce"."""
    if fact.kind != "numeral":
        return ()
    value = str(roman_value(fact.text))
    words = (cardinal(int(value), table_of(target)),) if target in LANGUAGES else ()
    return (
        rf"(?<![\w.,]){value}(?![\w.,]\w)(?![ºª])",
        *(rf"(?:{_AFTER_PART})(?i:{word})(?! y |[\w-])" for word in words),
    )


def _in_words(text: str) -> Iterator[tuple[str, str]]:
    # "twenty-one people": (as written, "21"). Hundreds and more are left alone.
    words = re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)?", text)
    for word, after in zip(words, [*words[1:], ""]):
        tens, _, ones = word.lower().partition("-")
        if after.lower() not in _SCALES and tens in _SPELLED and (not ones or ones in _SPELLED or ones == "one"):
            yield word, str(_SPELLED[tens] + (_SPELLED.get(ones, 1) if ones else 0))


@cache
def number_patterns(number: str, language: str) -> tuple[str, ...]:
    """Patterns of the words of a whole number and of its ordinal, in both genders, for text without accents."""
    if not number.isdecimal() or len(number) > 6 or language not in LANGUAGES:
        return ()
    table, value = table_of(language), int(number)
    said = (cardinal(value, table), *((ordinal(value, table),) if value else ()))
    forms = (_plain(form).replace("-", " ").replace(",", "") for form in said)
    return tuple(form if language == "en" else _both_genders(form) for form in forms)


def _both_genders(words: str) -> str:
    words = re.sub(r"\bdois\b", "(?:dois|duas)", re.sub(r"\bum$", "uma?", words))
    words = re.sub(r"\bdeze(?=sseis|ssete|nove)", "dez[ae]", words)  # in Portugal "dezasseis"
    # Spanish "decimotercero" and "décimo tercero", "decimoctavo" and "décimo octavo".
    words = re.sub(r"\bdecimo(?=cuart|[tqsn])", "decimo ?", words).replace("decimoctavo", "decimo(?: o)?ctavo")
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
        capital_says_little = first
        for word in words:
            found.append(word in self.inside and not (capital_says_little and word.lower() in self.plain))
            capital_says_little = word.lower() in _DETERMINERS or (
                capital_says_little and word[:1].isupper() and not found[-1]
            )
        return found


def find_names(sentences: Sequence[Sentence], language: str) -> KnownNames:
    """Find the names in all sentences together."""
    found: set[str] = set()
    plain = {_name(word) for sentence in sentences for word in sentence.text.split() if word[0].islower()}
    for sentence in sentences:
        words = sentence.text.split()
        capitals = [w for w in words[1:] if w[0].isupper() and not _common(_name(w))]
        if (len(capitals) * 2 > len(words) > 2 and _is_title(words)) or sentence.text.isupper():
            continue
        order = len(words) > 1 and words[1].lower().strip(".,!?") in _OBJECTS
        if language == "en" and not order and (_is_strange_name(_name(words[0])) or _is_place(_name(words[0]))):
            found.add(_name(words[0]))
        if language == "en" and len(words) > 2 and words[1].islower() and _is_acronym(words[0]):
            found.add(_name(words[0]))
        found |= {_name(word) for word in words if _MIXED.fullmatch(_name(word))}
        for before, word in pairwise(words):
            inside = before[-1] not in ':"“-' and not ends_sentence(before, word, language)
            if inside and word[0].isupper():
                found.add(_name(word))
    return KnownNames(frozenset(name for name in found if name and not _common(name)), frozenset(plain))


_MIXED = re.compile(r"[a-z]{1,2}[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*")
"""iOS, YouTube: names by their letters."""
_OBJECTS = word_set("it them him her me us this that these those your my our the a an")
"""After a verb that opens a sentence: "Rename it" names nobody."""
_DERIVED = re.compile(
    r"(?:'?s|e?d|ing|ly|er|est|ness|less|ful|ies|ish|ese|ians?|ans?|ists?|ism|ations?|ions?|able|n't|'\w+)$"
)


def _is_strange_name(word: str) -> bool:
    """Whether the first word of a sentence is a name: it has a capital, and nobody writes it without one."""
    low = word.lower()
    if (
        len(word) < 4
        or not re.fullmatch(r"(?:Mc|Mac|O['’]|D['’])?[A-Z][a-zà-ÿ]+(?:-[A-Z][a-z]+)?", word)
        or _common(word)
    ):
        return False
    known = english_words()
    stem = _DERIVED.sub("", low)
    parts = low.split("-")
    shorter = stem[:-1] if stem != low and stem[-1:] == stem[-2:-1] else stem  # "stopped", but not "Paris" of "par"
    return (
        not any(known.knows(form) for form in (low, stem, stem + "e", stem + "y", shorter))
        and not all(map(known.knows, parts))
        and not re.search(r"(?:ish|ese|i?ans?)$", low)
    )


def _is_acronym(word: str) -> bool:
    """Whether the first word of a sentence is an acronym: "NASA sent it", but not "NOBODY moves"."""
    name = _name(word)
    return re.fullmatch(r"[A-Z]{3,10}(?:['’]s?)?", word) is not None and not english_words().knows(name.lower())


def _is_place(word: str) -> bool:
    """Whether the first word of a sentence is a place that is no other word."""
    return word.istitle() and word.lower() in _PLACE_IN["en"] and not english_words().knows(word.lower())


def _is_title(words: Sequence[str]) -> bool:
    """Whether a line is a title, written with capitals as English titles are; "This is Ann Lee, FBI." is none."""
    small = [word for word in words[1:] if word[0].islower()]
    acronym = any(re.fullmatch(r"[A-Z]{3,}\W*", word) for word in words)
    return not acronym and all(word.strip(".,!?") in _SMALL_IN_TITLES for word in small)


_SMALL_IN_TITLES = word_set("a an the of and or to in on at for from with by nor but as")


def _common(name: str) -> bool:
    plain = name.casefold()
    return plain in _COMMON or (not name.isupper() and plain.removesuffix("s") in _COMMON)  # the USS is no US


def _name(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.strip(".,;:!?…\"'“”()[]«»"))


@dataclass(frozen=True, slots=True)
class GuardedSentence:
    """One sentence with its required terms and the texts a translator is given for it.

    Args:
        text: the sentence.
        kept: what its translation must contain.
        source: its language, main subtag; "" where only `kept` is checked.
        target: language of the translation, main subtag.
    """

    text: str
    kept: tuple[RequiredTerm, ...]
    source: str = ""
    target: str = ""

    @property
    def shielded(self) -> Placeholders:
        """The first question: with stand-ins for what no translator reads right."""
        return Placeholders.over(self.text, [item for item in self.kept if item.kind in OPAQUE])

    @property
    def checked_words(self) -> frozenset[str]:
        """The words of its required terms."""
        return frozenset(word.strip(".,;:!?") for item in self.kept for word in item.source.split())

    def sound(self, hypotheses: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """The hypotheses that make sense, best first: those that lose least, none that runs away."""
        return _sound(self, tuple(hypotheses))

    def _sound(self, hypotheses: Sequence[Candidate]) -> tuple[Candidate, ...]:
        sane = [_mend(c, self) for c in hypotheses if c.text and not _is_runaway(self.text, c.text)]
        if not sane:
            return tuple(c.reworded(_without_loops(c.text)) for c in hypotheses[:1]) or (Candidate(self.text, -9.0),)
        badness = [self.badness((c,)) for c in sane]
        good = [c for c, bad in zip(sane, badness) if bad == min(badness)]
        distinct: dict[str, Candidate] = {}
        for candidate in good:
            if candidate.score >= good[0].score - MARGIN:
                distinct.setdefault(candidate.text, candidate)
        return tuple(distinct.values())

    def lost(self, hypotheses: Sequence[Candidate]) -> tuple[RequiredTerm, ...]:
        """What the best hypothesis does not hold."""
        return tuple(item for item in self.kept if not item.within(hypotheses[0].text))

    def faults(self, hypotheses: Sequence[Candidate]) -> tuple[Fault, ...]:
        """What else is wrong with the best hypothesis."""
        if not self.source:
            return ()
        held = " ".join(f"{item.source} {item.target}" for item in self.kept)
        extra = sum(max(0, len(item.target.split()) - len(item.source.split())) for item in self.kept)
        return find_faults(self.text, hypotheses[0].text, self.source, self.target, held, extra)

    def badness(self, hypotheses: Sequence[Candidate]) -> tuple[int, int]:
        """How much the best hypothesis loses, and how much else is wrong with it."""
        return len(self.lost(hypotheses)), len(self.faults(hypotheses))

    def again(self, hypotheses: Sequence[Candidate]) -> tuple[Placeholders, ...]:
        """Other questions where the best hypothesis loses something or has a fault."""
        lost, faults = bool(self.lost(hypotheses)), self.faults(hypotheses)
        opaque = [item for item in self.kept if item.kind in OPAQUE]
        texts = _other_wordings(self.text, faults)
        masks = self.placeholders(hypotheses) if lost or (faults and any(item.stand_ins for item in self.kept)) else ()
        return (*masks, *(replace(Placeholders.over(text, opaque), source=self.text) for text in texts))

    def placeholders(self, hypotheses: Sequence[Candidate]) -> tuple[Placeholders, ...]:
        """Ways to ask again: with stand-ins for what was lost, and for everything; with others where those are lost."""
        lost = self.lost(hypotheses)
        opaque = [item for item in self.kept if item.kind in OPAQUE and item not in lost]
        ways = (
            Placeholders.over(self.text, (*lost, *opaque)),
            Placeholders.over(self.text, self.kept),
            Placeholders.over(self.text, (*lost, *opaque), skip=1),
        )
        return tuple(dict.fromkeys(ways))


@lru_cache(MANY_SENTENCES)
def _sound(asked: GuardedSentence, hypotheses: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    return asked._sound(hypotheses)


def _other_wordings(text: str, faults: Sequence[Fault]) -> tuple[str, ...]:
    """Wordings of a sentence that may be translated better where its translation has a fault.

    Capitals that make a name of a word are put down, contractions of a negation written out, the final mark changed.
    """
    if not faults:
        return ()
    low = text
    for fault in faults:
        if fault.kind == "untranslated":
            low = re.sub(rf"(?<!^)\b{re.escape(fault.value)}\b", fault.value.lower(), low, flags=re.IGNORECASE)
    full = re.sub(r"\b(do|does|did|is|are|was|were|would|could|should|have|has|had)n['’]t\b", r"\1 not", text)
    other = re.sub(r"!$", ".", text) if text.endswith("!") else re.sub(r"(?<=\w)\.$", "!", text)
    plain = text[:1].lower() + text[1:]
    verb = NUMBERED_VERB.sub(lambda m: f"{m[0].removesuffix(m['verb'])}is {_in_progress(m['verb'])}", text)
    verb = verb if any(fault.kind == "verb_lost" for fault in faults) else text
    return tuple(way for way in dict.fromkeys((verb, low, full, other, plain)) if way != text)


def _in_progress(verb: str) -> str:
    """English "ships" as "shipping": the last letter of a short verb is doubled, an "e" dropped."""
    stem = verb[:-2] if re.search(r"(?:ss|sh|ch|x|zz|o)es$", verb) else verb[:-1]
    stem = stem[:-2] + "y" if stem.endswith("ie") else stem
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", stem):
        return f"{stem}{stem[-1]}ing"
    return f"{stem.removesuffix('e') if not stem.endswith('ee') else stem}ing"


def _mend(candidate: Candidate, asked: GuardedSentence) -> Candidate:
    candidate = _restore_names(candidate, asked)
    numbers = [item for item in asked.kept if item.kind == "number"]
    counted = [_NUMBER.search(item.target) for item in asked.kept if item.kind in ("price", "measure")]
    written = {_digits(item.target): item.target for item in numbers} | {_digits(n[0]): n[0] for n in counted if n}
    text = candidate.text
    if written:
        text = _NUMBER.sub(lambda match: written.get(_digits(match[0]), match[0]), text)
    text = mend_spelling(text, asked.text, asked.source, asked.target)
    for item in asked.kept:
        text = _respelled(text, item)
        if asked.target == "es" and re.fullmatch(r"\d{2,4}['’]?s", item.source):
            text = re.sub(rf"\bl[ao]s (?={item.target}\b)", "los años ", text)
    candidate = candidate.reworded(text)
    # One number lost and one that nobody said: the model miswrote it.
    lost = [item for item in numbers if not item.within(candidate.text)]
    if len(lost) != 1 or not lost[0].source[0].isdigit():
        return candidate
    said = {_digits(number) for number in _NUMBER.findall(asked.text)}
    strange = [number for number in _NUMBER.findall(candidate.text) if _digits(number) not in said]
    if len(strange) != 1:
        return candidate
    return candidate.reworded(candidate.text.replace(strange[0], lost[0].target))


def _respelled(text: str, item: RequiredTerm) -> str:
    """A fact that stands there in another spelling, as it is written."""
    for pattern in item.misspelled:
        if item.within(text) and item.target in text:
            break
        text = re.sub(pattern, lambda _: item.target, text)
    return re.sub(r"(?<=\w\.)\.(?=\s|$)", "", text) if item.target.endswith(".") else text


def _restore_names(candidate: Candidate, asked: GuardedSentence) -> Candidate:
    """The right names where the model miswrote them or put others: in the one word that says them, if it is a name."""
    names = [item for item in asked.kept if item.kind == "name" and not item.within(candidate.text)]
    if not names:
        return candidate
    said, words = asked.text.split(), candidate.text.split()
    right = {name for item in asked.kept if item.kind == "name" for name in item.source.split()}
    correct = {name: item.target if item.source == name else name for item in names for name in item.source.split()}
    answers = Counter(source for source, _ in candidate.links)
    for source, own in candidate.links:
        name, written = _name(said[source]), _name(words[own])
        if name in correct and answers[source] == 1 and written[:1].isupper() and written not in right:
            words[own] = words[own].replace(written, correct[name])
    return candidate.reworded(" ".join(words))


def _is_runaway(source: str, text: str) -> bool:
    looped = text != _without_loops(text) and source == _without_loops(source)
    return looped or len(text.split()) > 3 * len(source.split()) + 6


def _without_loops(text: str) -> str:
    # "no no no no": one to four words said three times and more are said once.
    return re.sub(r"(?<!\w)((?:[\w'’]+\W+){1,4}?)(?:\1){2,}", r"\1", text + " ", flags=re.IGNORECASE).rstrip()


@dataclass(frozen=True, slots=True)
class Placeholders:
    """A sentence with stand-ins that models copy well in the place of what they spoil.

    Args:
        text: what a translator is asked.
        items: the pattern of each stand-in's translation, and what it stands for.
        source: the sentence without stand-ins; "" where there are none.
    """

    text: str
    items: tuple[tuple[str, RequiredTerm], ...] = field(default=())
    source: str = ""

    @classmethod
    def over(cls, text: str, lost: Sequence[RequiredTerm], skip: int = 0) -> Placeholders:
        """Put stand-ins over the lost things, passing over the first `skip` of them."""
        items = []
        source = text
        taken: set[str] = set()
        for item in lost:
            choices = item.stand_ins or tuple((word, "") for word in _STAND_INS.get(item.kind, ()))
            free = [(asked, answer) for asked, answer in choices if _sign(asked) not in taken and asked not in text]
            free = free[skip if item.stand_ins else 0 :]
            if not free:
                continue
            stand_in, answer = free[0]
            found = rf"(?<!\w){re.escape(item.source)}(?!\w)"
            stop = "." if item.source.endswith(".") and text.endswith(item.source) else ""
            first = stand_in[:1].upper() + stand_in[1:] if source.startswith(item.source) else stand_in
            text = re.sub(found, lambda m, put=stand_in + stop, top=first + stop: put if m.start() else top, text)  # type: ignore[misc]
            if stand_in[0] not in "aeiou":
                text = re.sub(rf"\b([Aa])n (?={re.escape(stand_in)}\b)", r"\1 ", text)
            taken.add(_sign(stand_in))
            items.append((answer or stand_in, item))
        return cls(text, tuple(items), source)

    def unmask(self, hypotheses: Sequence[Candidate], language: str) -> tuple[Candidate, ...]:
        """Put the right words back; hypotheses that lost or repeated a stand-in are left out."""
        hypotheses = [c.reworded(_with_mark_of(c.text, self.text, self.source)) for c in hypotheses]
        if not self.items:
            return tuple(c.of_source(self.text, self.source) for c in hypotheses)
        found = []
        for candidate in hypotheses:
            text = candidate.text
            for answer, item in self.items:
                pattern = answer
                if not item.stand_ins:
                    forms = [re.escape(answer), *number_patterns(answer, language)[:1]]
                    pattern = rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)"
                flags = re.NOFLAG if item.stand_ins else re.IGNORECASE
                text, count = re.subn(
                    pattern,
                    lambda found, put=item.target: _in_form_of(found, put, language),  # type: ignore[misc]
                    text,
                    flags=flags,
                )
                if count != item.times:
                    break
            else:
                text = re.sub(r"(?<=[ap]\. m\.)\.|(?<=[ap]\.m\.)\.", "", text)
                found.append(candidate.reworded(text).of_source(self.text, self.source))
        return tuple(found)


def _in_form_of(found: re.Match[str], word: str, language: str) -> str:
    """A word in the place of a stand-in, with the ending and the capital of the latter where its pattern tells them."""
    if "ending" not in found.re.groupindex:
        return word
    written = with_ending(word, found["ending"], language)
    return written[:1].upper() + written[1:] if found[0][0].isupper() else written


def _with_mark_of(text: str, asked: str, source: str) -> str:
    """A translation of a question that ends with another mark than its source, with the mark of the source."""
    if not source or asked[-1] == source[-1] or text[-1:] != asked[-1]:
        return text
    return re.sub(r"^¡", "", text[:-1]) + source[-1]


def _sign(stand_in: str) -> str:
    """What tells a stand-in from others: its number, else its first word."""
    number = re.search(r"\d+", stand_in)
    return number[0] if number else stand_in.split(maxsplit=1)[0]


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


@lru_cache(maxsize=1 << 16)
def _plain(word: str) -> str:
    return without_accents(word.casefold())
