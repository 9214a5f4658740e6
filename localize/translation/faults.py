# ruff: noqa: E501 - a pattern is read on one line
"""Faults of a translation that no list of terms shows: numbers nobody said, a negation lost or added, words left as they
were, sentences with no counterpart.

Each check was tried on pairs that people translated (`bench/facts.py` prints how often it is wrong there).

Over 400 lines: the checks share what is known of a sentence and its numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..language.boundaries import word_set
from ..language.facts import find_facts, forms_of_unit, names_unit
from ..language.inflection import without_accents
from ..language.invariants import has_negation
from ..language.lexicon import WORD, english_and_spanish_words, english_words
from ..language.numbers import number_words
from ..language.spoken.romans import roman_value
from .tenses import ONE_SENTENCE, changed_person, changed_tense

_NUMBER = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")
_DIGIT = re.compile(r"\d")
_MORE = {
    "en": {"hundred": 100, "hundreds": 100, "thousand": 1000, "thousands": 1000, "million": 1000000, "millions": 1000000, "billion": 1000000, "billions": 1000000, "k": 1000, "grand": 1000, "trillion": 1000000, "dozen": 12, "dozens": 12, "half": 30, "quarter": 15, "noon": 12,
           "midday": 12, "midnight": 12, "both": 2, "couple": 2, "pair": 2, "twice": 2, "double": 2, "second": 2,
           "fortnight": 15, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
           "tenth": 10, "triple": 3, "century": 100, "decade": 10, "teenager": 13, "teenage": 13, "twins": 2, "either": 2,
           "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80, "nineties": 90,
           "neither": 2, "each": 2, "score": 20, "teens": 13, "weekend": 2, "two-thirds": 3},
    "es": {"veintiuno": 21, "veintiún": 21, "veintidós": 22, "veintitrés": 23, "veinticuatro": 24, "veinticinco": 25,
           "veintiséis": 26, "veintisiete": 27, "veintiocho": 28, "veintinueve": 29, "mil": 1000, "millón": 1000000, "millones": 1000000},
    "pt": {"duas": 2, "catorze": 14, "mil": 1000, "milhão": 1000000, "milhões": 1000000},
}  # fmt: skip
_NUMBER_WORDS = {language: number_words(language) | more for language, more in _MORE.items()}
# What is said with a negation in one language and without one in the other.
_NO_NEGATION = {
    "en": r"\b(?:is|are|was|were|do|does|did|have|has|had|can|could|will|would|should|wo|ca)n't (?:i|you|he|she|it|we|they|there)\?"
    r"|\bno matter\b|\bno sooner\b|\bcan't wait\b|\bcouldn't (?:be|have been|agree)\b|\bwhy (?:don't|not)\b"
    r"|\b(?:do|did|does|is|are|was|have|has|can|could|would|will)n't (?:you|it|he|she|they|we|that|this|i)\b"
    r"|\bno (?:good|use|wonder|doubt|accounting|talking)\b|\bno (?:one|thing) but\b|\bnothing but\b|\bnot only\b"
    r"|\bnot (?:\w+ )?(?:un|im|in|ir|il|dis)\w+|\bcan't help\b|\bnot (?:to )?mind\b|\bdon't mind\b|\bor not\b|\bif not\b"
    r"|\bnone other\b|\bnever mind\b|\bwithout (?:a )?doubt\b|\bnot to mention\b|\bwhether\b",
}
_NEAR_NEGATION = re.compile(
    r"\b(?:(?:un|im|in|ir|il|dis|mis|non)\w{3,}|\w+less|\w*out of\w*|only|but|just|hardly|barely|scarcely|rarely|seldom|ever|"
    r"except|unless|until|till|since|for (?:a|two|three|\w+) (?:\w+ )?(?:days?|weeks?|months?|years?|hours?|long)|"
    r"avoid\w*|fail\w*|stop\w*|lack\w*|miss\w*|refus\w*|den(?:y|ies|ied)|doubt\w*|prevent\w*|forbid\w*|forbade|"
    r"quit|kee?pt? from|instead|too|than|rather|far from|away|ago|still|any\w*|least|absent|empty|free|lost|lose|how about|"
    r"would you|could you|will you|what if|missed|gave up|give up|or|beyond|other|else|little|few|if|"
    r"wish\w*|long time|as far as|stay|put|put off|mystery|remain\w*|ha(?:s|ve) yet|yet|right|isn.t it|let's|"
    r"let go|sw[ia]m\w*|swum|non|worn|dead|hate[sd]?|dislike\w*|ignor\w*|shut up|be quiet|quiet|don|broke|broken|drop|waste\w*)\b",
    re.IGNORECASE,
)
_FOREIGN_TO_PORTUGUESE = re.compile(
    r"[kwy]|th|sh|ck|gh|ph|ll|tt|pp|ff|nn|mm|dd|gg|bb|cc|zz|oo|ee|[bcdfghjkpqtvx]$|[^aeiou][^aeiourlns]$|[bcdfghjpqtvmn]s$"
    r"|rs$|ls$|ed$|[aeiou]{3}$|^s[bcdfghjklmnpqrtvw]|ngs?$"
)
_PLAIN_ENGLISH = word_set(
    "have for his are him her from here never people home into house again over our before love give ever live sure "
    "leave name please believe children alone hope often girl beautiful because able true even teacher began five gone "
    "learn under question ago sister until minutes fire dear trouble voice change hate police hair upon course since "
    "favorite drive hour someone longer picture fun large language close number near become later four movie advice age "
    "side paper also river dream outside fine garden minute possible born older dress computer uncle clear less safe "
    "chair sometimes camera noise across several team blue expensive seven gentleman dangerous famous danger horse "
    "alive silence inside decision serious nervous message guitar vacation experience medicine couple human prison "
    "courage dare meal museum brain singer nurse action castle army navy marines men sir order nope gotcha duh geez "
    "jeez dude whoa woah huh gosh yikes roger bro nah yeah yep yup gallon gate apartment rename restart reboot unplug upgrade update gonna wanna gotta"
)
_BORROWED = word_set(
    "show shows shopping marketing software hardware internet email e-mail web site sites online offline blog chat link "
    "download upload login rock jazz punk funk rap pop blues hip hop whisky whiskey ketchup sandwich hamburger pizza "
    "hotel taxi shampoo baby ballet bar bikini boom boss brandy bridge bulldog camping cartoon check-in cowboy crack "
    "dandy deck design fast food feedback flash freelance full game gay gol golf gospel hobby holding jeans jet kit "
    "lobby look lord lunch mall miss mister modern motel mouse notebook outdoor part-time performance playboy poker "
    "punk ranking replay reality record royalties runner set sex sexy shorts short skate slogan smoking snack smart "
    "smartphone spa spray squash staff stand standard status stress strip surf surfing switch talk tablet tennis test "
    "thriller top trailer training trekking tweet vip web week-end windsurf workshop yoga zoom podcast streaming drone "
    "selfie spoiler stalker bullying delivery drink happy hour hacker karaoke kung karate sushi tsunami judo whatsapp "
    "facebook twitter google youtube wifi wi-fi laptop mail pen drive script check fashion black blazer body bullying "
    "crush cool cookie cookies bacon cheddar brownie cupcake waffle donut milkshake mix pub rum gin vodka rugby hockey "
    "lady gang gangster glamour hall iceberg jeep jockey kiwi panda koala okay royal backup cover single band hey"
)
_WORDY = ((1, 3), (2, 5), (3, 8))
"""So many words of a source, and the most of an answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a translation.

    Args:
        kind: "number_added", "name_added", "unit_added", "negation_lost", "negation_added", "untranslated", "tense_changed",
            "person_changed", "subject_changed", "verb_lost", "unsaid" (see `reverse.py`) or "invented".
        value: the words it is about.
    """

    kind: str
    value: str


@lru_cache(maxsize=1 << 13)
def find_faults(said: str, text: str, source: str, target: str, kept: str = "", extra: int = 0) -> tuple[Fault, ...]:
    """The faults of a translation.

    Args:
        said: the source, without what a translator is not given.
        text: its translation.
        source: language of the source, main subtag.
        target: language of the translation, main subtag.
        kept: what else the translation may contain: terms of a glossary, facts as they are written there.
        extra: words that the writing of its facts adds.
    """
    return (
        *(Fault("number_added", n) for n in added_numbers(f"{said} {kept}", text, source, target, kept)),
        *_negations(said, text, source, target),
        *(Fault("untranslated", word) for word in untranslated_words(said, text, source, target, kept)),
        *(Fault("name_added", name) for name in added_names(said, text, source, target, kept)),
        *(Fault("unit_added", value) for value in added_units(said, text, source, target, kept)),
        *_changes(said, text, source, target),
        *_inventions(said, text, extra, source, target),
    )


def _numerals(said: str, source: str) -> set[int]:
    """Values of the Roman numerals of a text."""
    return {roman_value(fact.text) for fact in find_facts(said, source) if fact.kind == "numeral"}


def added_numbers(said: str, text: str, source: str, target: str, kept: str = "") -> tuple[str, ...]:
    """Numbers of a translation, in figures or words, that neither its source nor `kept`, in its own language, says."""
    figures, words = _NUMBER.findall(text), _NUMBER_WORDS.get(target, {}) if source in _NUMBER_WORDS else {}
    spelled = [word for word in WORD.findall(text.lower()) if words.get(word, 1) > 2] if words else []
    if not figures and not spelled:
        return ()
    known = _known_values(said, source, kept, target)
    found = [n for n in figures if not {int(re.sub(r"\D", "", n)), *_parts(n)} & known]
    return tuple(dict.fromkeys((*found, *(word for word in spelled if words[word] not in known))))


@lru_cache(ONE_SENTENCE)
def _known_values(said: str, source: str, kept: str, target: str) -> frozenset[int]:
    """Values that a source says, and what is kept of it in the language of its translation."""
    return frozenset(_values(said, source) | _values(kept, target) | _numerals(said, source))


def _values(text: str, language: str) -> set[int]:
    """Values of the numbers of a text, their groups of digits, their tens and ones, and hours by the other clock."""
    words = _NUMBER_WORDS.get(language, {})
    found = {words[w] for w in re.findall(r"[^\W\d_]+", text.lower()) if w in words}
    for number in _NUMBER.findall(text):
        found |= {int(re.sub(r"\D", "", number)), *_parts(number)}
    found |= {int(n) for n in re.findall(r"\d+", text) if len(n) < 12}
    found |= {v + ones for v in found for ones in found if v % 10 == 0 and 19 < v < 100 and ones < 10}
    found |= {scale for value in found for scale in (1000, 1_000_000) if value >= scale}
    for value in tuple(found):
        if value < 10_000:
            found |= {value % 100, value % 10, value // 10 % 10 * 10, value // 100 * 100, value // 1000 * 1000}
            found |= {value // 100, value + 12} if value < 13 else {value // 100}
    return found


def _parts(number: str) -> set[int]:
    return {int(part) for part in re.findall(r"\d+", number)} if re.search(r"[:]", number) else set()


def _negations(said: str, text: str, source: str, target: str) -> tuple[Fault, ...]:
    if source not in ("en", "es", "pt") or target not in ("en", "es", "pt"):
        return ()
    lost, may_add = _negation_of(said, source)
    if not lost and not may_add:
        return ()
    after = has_negation(text, target)
    if (
        lost
        and not after
        and not re.search(
            r"\b(?:im|in|ir|des|dis)\w{4,}|\bapenas\b|\bmenos\b|\bevit|\bfals|\bment|\bmal\b", text.lower()
        )
    ):
        return (Fault("negation_lost", lost[0]),)
    return (Fault("negation_added", _first_negation(text, target)),) if after and may_add else ()


@lru_cache(ONE_SENTENCE)
def _negation_of(said: str, source: str) -> tuple[tuple[str, ...], bool]:
    """The first negation of a source, none where there is none, and whether a translation that negates adds one."""
    plain = re.sub(_NO_NEGATION.get(source, r"(?!)"), " ", said.replace("’", "'"), flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\w)'s\b", "", plain)
    lost = (_first_negation(plain, source),) if has_negation(plain, source) else ()
    plainly = source == "en" and not has_negation(re.sub(r"(?<=\w)['’]s\b", "", said), source)
    return lost, plainly and not _NEAR_NEGATION.search(said)


def _first_negation(text: str, language: str) -> str:
    words = (word.strip(".,;:!?…\"'“”«»()[]¿¡") for word in text.split())
    return next((word for word in words if has_negation(word, language)), "")


def untranslated_words(said: str, text: str, source: str, target: str, kept: str = "") -> tuple[str, ...]:
    """English words that stand in a translation as they stood in the source, names apart."""
    if source != "en" or target == "en":
        return ()
    theirs, small = _words_of(said)
    held = {word.casefold() for word in WORD.findall(kept)}
    found = []
    for at, word in enumerate(WORD.findall(text)):
        low = word.casefold()
        if low not in theirs or low in held:
            continue
        own = (
            word.islower()
            or _is_counted(word, said)
            or (at == 0 and _is_order(word, said))
            or (at == 0 and word.istitle() and (low in small or len(theirs) == 1))
        )
        own = own and _is_english_only(low, target)
        if own or _is_title(word, said):
            found.append(word)
    return tuple(dict.fromkeys(found))


@lru_cache(ONE_SENTENCE)
def _words_of(said: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a source without regard to capitals, and those without a capital."""
    words = WORD.findall(said)
    return frozenset(word.casefold() for word in words), frozenset(word for word in words if word.islower())


def _is_counted(word: str, said: str) -> bool:
    """Whether a word with a capital is a noun with its number, "Gate B12", rather than a name."""
    return (
        word.lower() in _NUMBERED
        and re.search(rf"\b{re.escape(word)} (?:[A-Z]{{0,2}}\d|(?:[A-Z]|[IVX]+)\b|number\b)", said) is not None
    )


def _is_title(word: str, said: str) -> bool:
    """Whether a word is a title before a name, which has a word in every language: "Pope John Paul"."""
    return word.lower() in _TITLES and re.search(rf"\b{re.escape(word)} [A-Z]", said) is not None


def _is_order(word: str, said: str) -> bool:
    """Whether the first word is a verb, "Rename it", rather than a name."""
    objects = (
        "it|them|him|her|me|us|the|this|that|these|those|an?|your|my|our|down|up|to|off|out|back|for|with|in|on|at|over|"
        "until|from|by|all|each|every|some|both|one|two|three|four|five|six|seven|eight|nine|ten|half|through|under|around"
    )
    return said.startswith(f"{word} ") and re.match(rf"(?:{objects})(?!\w)", said[len(word) + 1 :]) is not None


_NUMBERED = word_set(
    "gate apartment suite room floor exit page seat row lane door year size platform flight locker booth ward act"
)
_TITLES = word_set("pope king queen prince princess captain uncle aunt judge mayor chief duke duchess emperor nurse")


def _is_english_only(word: str, target: str) -> bool:
    known = english_words().knows(word) or word in _PLAIN_ENGLISH
    if word in _BORROWED or len(word) < 3 or not known or english_and_spanish_words().knows(word):
        return False
    return target == "es" or word in _PLAIN_ENGLISH or _FOREIGN_TO_PORTUGUESE.search(word) is not None


def added_units(said: str, text: str, source: str, target: str, kept: str = "") -> tuple[str, ...]:
    """Measures and prices of a translation whose unit its source does not name."""
    found = []
    # In "3–1 euros" the unit goes with the whole.
    for fact in find_facts(_BETWEEN_DIGITS.sub(" ", text), target):
        own = set(forms_of_unit(fact, target))
        if own and not own & _known_units(said, source, kept, target) and not names_unit(said, fact, source):
            found.append(fact.text)
    if (rest := _after_parted_price(said)) is not None:
        found += [m[0] for m in _TWICE.finditer(text.lower()) if m["unit"] not in rest]
    return tuple(dict.fromkeys(found))


@lru_cache(ONE_SENTENCE)
def _known_units(said: str, source: str, kept: str, target: str) -> frozenset[str]:
    """How a translation may write the units of its source and of what is kept."""
    facts = (*find_facts(said, source), *find_facts(kept, target))
    return frozenset(form for fact in facts for form in forms_of_unit(fact, target))


@lru_cache(ONE_SENTENCE)
def _after_parted_price(said: str) -> str | None:
    """What a source says after a price of two coins, in small letters; None where it has none."""
    parted = _PARTED_PRICE.search(said)
    return said.lower()[parted.end() :] if parted else None


_BETWEEN_DIGITS = re.compile(r"(?<=\d)[–-](?=\d)")
_PARTED_PRICE = re.compile(
    rf"(?i)\b(?:\d+|{'|'.join(number_words('en'))}) (?:pounds?|dollars?|bucks?|euros?) (?:and )?"
    rf"(?:\d\d|{'|'.join(word for word, value in number_words('en').items() if value > 9)})(?![\w-]| (?:times|people))"
)
"""Such as "four pounds fifty": the second number is of the smaller coin."""
_TWICE = re.compile(r"\b(?P<unit>libras|dólares|euros|pavos)\b(?: [ye])? [\w ]{1,30}? (?P=unit)\b")


_CAPITAL = re.compile(r"(?<![.!?…:¿¡\"“«—-] )(?<![\w¿¡\"“«'’(—-])[A-ZÀ-ÖØ-Þ][a-zß-ÿ]{2,}(?!\w)")
_NO_NAMES = word_set(
    "señor señora señorita sr sra srta don doña doctor doctora senhor senhora dom dona dios deus tierra terra sol luna "
    "lua internet estado iglesia igreja policía polícia navidad natal biblia bíblia gobierno governo"
)


def added_names(said: str, text: str, source: str, target: str, kept: str = "") -> tuple[str, ...]:
    """Words with a capital inside a translation whose source has no name and no word like them."""
    if source != "en" or target not in ("es", "pt") or not (beginnings := _beginnings_without_name(said)):
        return ()
    found = [m[0] for m in _CAPITAL.finditer(text) if m.start()]
    if not found:
        return ()
    like = beginnings | {w.lower() for w in WORD.findall(kept)}
    return tuple(w for w in found if without_accents(w.lower())[:3] not in like and w.lower() not in like | _NO_NAMES)


@lru_cache(ONE_SENTENCE)
def _beginnings_without_name(said: str) -> frozenset[str]:
    """The first three letters of each word of an English sentence without names; none where it may have one."""
    words = re.findall(r"[^\W\d_][\w'’]*", said)
    if said.isupper() or len(words) < 2:
        return frozenset()
    if any(w[0].isupper() and w.split("'")[0].split("’")[0] != "I" for w in words[1:]):
        return frozenset()
    if not english_words().knows(words[0].split("'")[0].split("’")[0].lower()):
        return frozenset()
    return frozenset(without_accents(w.lower())[:3] for w in words)


def _changes(said: str, text: str, source: str, target: str) -> tuple[Fault, ...]:
    """What happens told of another time, to another, or not told at all."""
    if source != "en" or target not in ("es", "pt"):
        return ()
    tense = changed_tense(said, text, target)
    found = (
        ("tense_changed", tense),
        ("person_changed", "" if tense else changed_person(said, text, target)),
        ("verb_lost", lost_verb(said, text)),
    )
    object_made = _object_made(said, text) if target == "es" else ""
    return tuple(Fault(kind, value) for kind, value in (*found, ("subject_changed", object_made)) if value)


NUMBERED_VERB = re.compile(
    r"(?<![\w-])(?:[A-Z]?[a-z]+|No\.) (?P<number>#?[A-Z]{0,2} ?\d+) (?P<verb>[a-z]+[^\Waiu_s\d]s)"
    r"(?= (?:on|at|in|to|from|by|for|now|today|tonight|tomorrow|soon|next|here|there|every|again|outside)\b|[.!?]?$)"
)
"""A thing with its number and what it does: "Order number 7730 ships on Monday". No verb ends as "bus" or "class" do."""
_THINGS = word_set(
    "number no. order train bus package parcel shipment truck ferry boat episode line case unit team group player store "
    "branch machine engine camera box lot item model phase exhibit witness driver runner van taxi cab tram plane song "
    "message account invoice ticket"
)


def lost_verb(said: str, text: str) -> str:
    """A verb after a thing's number that became a plural noun: "ships" as "barcos"; "" where none did."""
    for found in NUMBERED_VERB.finditer(said) if _DIGIT.search(said) else ():
        label = found[0].split(maxsplit=1)[0].lower()
        after = re.search(rf"(?<!\w){re.escape(found['number'])}(?!\w)\W*([^\W\d_]*)", text)
        if label in _THINGS | _NUMBERED and after and not _may_be_verb(after[1]):
            return found["verb"]
    return ""


def _may_be_verb(word: str) -> bool:
    """Whether a Spanish or Portuguese word may be a verb of the third person, by its ending."""
    return word.islower() and word not in _NO_VERBS and word[-1] in "aeiuáéíóôê"


_NO_VERBS = word_set(
    "en el la al a de del esta este cada fuera afuera hoy mañana na às ao à hoje neste nesta que sobre para durante ante e"
)


_DOER = re.compile(
    r"(?:The )?(?P<name>[A-Z][\w'’-]+) (?!is|was|were|are|got|had|has)(?:[a-z]+ed|[a-z]+t|[a-z]+w|[a-z]+e) "
)


def _object_made(said: str, text: str) -> str:
    """Who does something and is done to in the translation, "A la NASA la envió"; "" where nobody is."""
    doer = _DOER.match(said)
    if doer is None:
        return ""
    return (
        doer["name"] if re.match(rf"Al? (?:el |la |los |las )?{re.escape(doer['name'])} (?:l[oa]s? )\w", text) else ""
    )


_OFFERED = re.compile(
    r"(?i)\b(?:(?:[aà]|d?esta|d?essa|n[ae]|da|nesta) (?:propriedade|acomodação)|o alojamento|os hóspedes)\b"
)
_LODGING = re.compile(
    r"(?i)\b(?:propert|estate|lodg|accommodat|hotel|hostel|inn\b|guest|ranch|farm|land\b|belonging|possession|home|house|place|room)"
)


def _inventions(said: str, text: str, extra: int, source: str, target: str) -> tuple[Fault, ...]:
    meant, told = len(said.split()), len(text.split()) - extra
    most = dict(_WORDY).get(meant, 2 * meant + 4)
    if told > most:
        return (Fault("invented", text),)
    # Those made from web pages of hotels speak of one: "A propriedade fica a 30 minutos".
    offered = _OFFERED.search(text) if source == "en" and target == "pt" and not _LODGING.search(said) else None
    if offered:
        return (Fault("invented", offered[0]),)
    # Models made from web pages explain themselves: "Roger (em inglês)".
    asides = re.findall(r"\([^()]*\)", text) if "(" in text and "(" not in said else []
    return tuple(Fault("invented", aside) for aside in asides)
