# ruff: noqa: E501 - a pattern is read on one line
"""Facts of a text: addresses, codes, dates, times, prices, measures; found, written for another language, found again.

A fact is what a translation must hold and a translator must not reword. Those that read the same everywhere (an e-mail
address, a version) are written as they are; numbers, units and currencies as the other language writes them
(`facts.toml`, with its sources).

Over 400 lines: a kind's pattern, its writing and its accepted forms are read together.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from .numbers import exchange_marks, number_pattern, number_words
from .spoken.numerals import cardinal, gender_of, ordinal
from .spoken.tables import table_of
from .units import Unit, UnitWords, units

_LANGUAGES = {"en": 1, "es": 2, "pt": 3}
"""Columns of the table of currencies; numbers and codes are known in any language."""
_COLUMNS = {column: language for language, column in _LANGUAGES.items()}
OPAQUE = frozenset({"url", "e-mail", "handle", "hashtag", "file", "path", "code", "height", "street address", "label"})
"""Kinds that no translator is given: it would spell or translate them."""
CODES = ("X7", "A1", "B3", "K9", "Z4")
"""Words that translators copy, and treat as names of things."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact where it stands in a text.

    Args:
        kind: what it is, in the words of a message: "url", "price", "measure".
        text: as it is written.
        start: of its first character.
        number: its number as written, "" where it has none of its own.
        unit: name of its unit or currency in `facts.toml`.
        scale: "million" and the like, by their names in `facts.toml`.
        parts: the numbers of a fact that has several.
    """

    kind: str
    text: str
    start: int
    number: str = ""
    unit: str = ""
    scale: str = ""
    parts: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 13)
def find_facts(text: str, language: str) -> tuple[Fact, ...]:
    """The facts of a text in their order, none inside another.

    Args:
        text: one sentence or line.
        language: of the text, main subtag; words for units and currencies are known in English, Spanish, Portuguese.
    """
    found: list[Fact] = []
    rest = text
    for kind, pattern in _patterns_for(language, _signs_of(text)):
        for match in pattern.finditer(rest):
            found += [fact for fact in (_fact(kind, match, language),) if fact]
        for fact in found:
            rest = rest[: fact.start] + "\x00" * len(fact.text) + rest[fact.start + len(fact.text) :]
    return tuple(sorted(found, key=lambda fact: fact.start))


def _fact(kind: str, match: re.Match[str], language: str) -> Fact | None:
    own = match.groupdict()
    number, unit = own.get("number") or "", ""
    if kind in ("price", "measure", "rate", "worded measure"):
        unit = _unit_of(kind, own.get("before") or own.get("unit") or "", language)
        if not unit:
            return None
    if kind == "phone" and len(re.sub(r"\D", "", match[0])) < 7:
        return None
    scale = _scale_of(own.get("scale") or "", language)
    parts = tuple(v for k, v in own.items() if k[:4] == "part" and v)
    if kind == "height" and not parts[0].isdecimal():
        parts = tuple(str(_HOURS["en"].index(part.lower()) + 1) for part in parts)
    written = match["fact"] if "fact" in own else match[0]
    if kind == "code" and _NO_CODE.fullmatch(written):
        return None
    return Fact(kind, written, match.start("fact" if "fact" in own else 0), number, unit, scale, parts)


# --- found -----------------------------------------------------------------------------------------------------------

_END_OF_ADDRESS = r"[^\s<>\"“”«».,;:!?)\]}'’…]"
_ISO = r"(?:19|20)\d\d-\d\d-\d\d"
_HOUR = r"(?P<part1>[01]?\d|2[0-4])"
_MERIDIEM = r"(?P<part3>[aApP](?:\.\s?[mM]\.|\.?[mM])(?!\w))"
_STREETS = (
    r"(?:Streets?|St\.?|Avenue|Ave\.?|Road|Rd\.?|Boulevard|Blvd\.?|Drive|Lane|Ln\.?|Court|Place|Terrace|Parkway|Pkwy\.?|Square|"
    r"Highway|Hwy\.?|Crescent)(?!\w)"
)
_OPAQUE = (
    ("url", rf"(?:(?i:https?|ftp|file|rtsp|mailto)://?|(?<![\w@.])(?i:www\.))[^\s<>\"“”«»]*{_END_OF_ADDRESS}/?", "/."),
    ("e-mail", r"(?<![\w.+-])[\w.+-]*\w@\w[\w-]*(?:\.\w[\w-]*)+", "@"),
    ("handle", r"(?<![\w@.])@\w+(?:\.\w+)*", "@"),
    ("code", r"(?<![\w#&])#(?=[\w-]*\d)(?=[\w-]*[^\W\d_])\w+(?:-\w+)+(?![\w-])", "#"),
    ("hashtag", r"(?<![\w#&])#\w*[^\W\d]\w*", "#"),
    ("path", r"(?<!\w)[A-Za-z]:\\(?:[^\s,;\"]*[^\s,;\"'.!?:)])?|(?<![\w/.<])(?:~|\.{1,2})?(?:/[\w@+-][\w.@+-]*){2,}/?"
     r"|(?<![\w/.<])(?:~|\.{1,2})/[\w@+-][\w.@+-]*/?|(?<![\w/.<])/[a-z]{2,}/?(?![\w/])", "/\\"),
)  # fmt: skip
_VERBATIM = (
    ("isbn", r"ISB?N(?:-1[03])?:? ?(?=(?:[\dX][ -]?){8,17}(?!\d))\d[\d -]*[\dX](?!\w)|(?<![\w-])97[89](?:-\d+){4}(?!\w)", "0"),
    ("coordinates", r"(?<![\w.])[-+]?\d{1,3}\.\d{3,}°?(?: ?[NS])?[,;]? [-+]?\d{1,3}\.\d{3,}°?(?: ?[EW](?!\w))?"
     r"|(?<![\w.])\d{1,3}° ?\d{1,2}['′’](?: ?\d{1,2}(?:\.\d+)?(?:\"|″|''))?(?: ?[NSEW](?!\w))?", "0"),
    ("address", r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+|/\d+)?(?![\w.]?\d)|(?<![\w:])(?:[\dA-Fa-f]{2}:){5}[\dA-Fa-f]{2}(?!\w)", ":0"),
    ("date", rf"(?<![\w.,/-])(?:\d{{1,2}}([/.-])\d{{1,2}}\1(?:\d{{4}}|\d\d)|{_ISO}|\d{{4}}/\d\d/\d\d)(?![\w/-]|[.,]\d)", "0"),
    ("version", r"(?<![\w.,])v?\d+(?:\.\d+){2,}(?:-[A-Za-z][\w.]*)?(?![\w.]\w)|(?<![\w.])v\d+(?:\.\d+)*(?:-[a-z]+\d*)?(?!\w)", "0"),
    ("version", r"(?:[Vv]ersi[oó]n|[Vv]ersão|OS|Python|Java|Android|Windows|Firmware|Linux|Chrome|Firefox) (?P<fact>\d+\.\d+)(?![\w.]\w)", "0"),
    ("version", r"(?i:sections?|clause|paragraph|chapter|figure|table|exercise|appendix|release|update|build|firmware|step|rule|article|question|lesson|unit) (?P<fact>\d+\.\d+)(?![\w.]\w|,\d| ?%)", "0"),
    ("code", r"(?<![\w.,*#])(?:\*\d{2,6}[*#]?|\d{3,8}[*#])(?![\w*#])", "0"),
    ("phone", r"(?<![\w.,-])(?:\+\d{1,3}[ -]?)?(?:\(\d{2,4}\)[ -]?)?\d{1,4}(?:[ -]\d{2,4}){1,5}(?![\w-]|[.,:/]\d)", "0"),
)  # fmt: skip
_LATER = (
    ("plate", r"(?<![\w-])(?:\d{4} [A-Z]{3}|[A-Z]{1,3}\d{1,3} [A-Z]{2,3}|[A-Z]{2,3}-\d{3,4}(?:-[A-Z]{2})?|\d[A-Z]{3}\d{3})(?![\w-])", "0"),
    ("flight", r"(?<![\w-])(?:[A-Z]{2,3}|[A-Z]\d|\d[A-Z]) ?\d{3,4}(?![\w-]|[.,:]\d)", "0"),
    ("duration", r"(?<![\w.])(?P<part1>\d{1,3}) ?(?:h|hr|hrs) ?(?P<part2>\d{1,2}) ?(?:m|min|mins)(?!\w)", "0"),
    ("street address", rf"(?<![\w.,-])\d{{1,5}}[A-Z]? (?:[NSEW]\.? |(?:North|South|East|West) )?(?:(?:[A-Z][\w'’-]*[a-z]|\d{{1,3}}(?:st|nd|rd|th)) ){{1,3}}{_STREETS}", "0"),
    ("street", r"(?P<part1>\d{1,3})(?:st|nd|rd|th) (?P<part2>Avenue|Ave|Street|St)(?!\w)", "0"),
    ("height", r"(?<![\w.])(?P<part1>[3-9]) ?['′’] ?(?P<part2>1[01]|\d)(?: ?(?:\"|″|”|''))?(?![\w'])(?: tall(?!\w))?", "0"),
    ("height", r"(?<![\w.])(?P<part1>[3-9])[ -](?:foot|feet|ft\.?)[ -](?P<part2>1[01]|\d)(?![\w.,]?\d| ?(?:in\b|inch|\"|″))(?: tall(?!\w))?", "0"),
    ("clock", r"(?<![\w-])(?i:(?:an? )?(?P<part1>half) (?P<part2>past)|(?:a )?(?P<part3>quarter) (?P<part4>past|after|to)"
     r"|(?P<part5>five|ten|twenty(?:-five)?) (?:minutes )?(?P<part6>past)|(?:(?<=\bat )|(?<=\bby )|(?<=\buntil )|(?<=\bit['’]s )|(?<=\bit was ))"
     r"(?P<part8>five|ten|twenty(?:-five)?) (?:minutes )?(?P<part9>to)) (?P<part91>one|two|three|four|five|six|seven|eight|nine|"
     r"ten|eleven|twelve)(?![\w-]| (?:of|hundred|thousand|million))", "p"),
    ("height", r"(?<![\w-])(?i:(?P<part1>four|five|six|seven) (?:foot|feet) (?P<part2>one|two|three|four|five|six|seven|eight|"
     r"nine|ten|eleven)(?: inch(?:es)?)?)(?![\w-]| (?:hundred|feet|of))(?: tall(?!\w))?", "f"),
    ("time", rf"(?<![\w.,:/$€£-]){_HOUR}(?:[:.](?P<part2>[0-5]\d))? ?{_MERIDIEM}"
     r"|(?<![\w.,:/-])\d{1,2}(?::[0-5]\d){1,2}(?![:]?\d|\w)", "0"),
    ("score", r"(?<![\w.,/$€£–-])(?P<part1>\d{1,4})[–-](?P<part2>\d{1,4})(?![\w–]|-\d|[.,:/]\d)", "0"),
    ("date", r"(?<!\w)(?:[Oo]n|[Bb]y|[Uu]ntil|[Tt]ill|[Ss]ince|[Bb]efore|[Aa]fter|dated|due|closes|expires|starts|ends) "
     r"(?P<fact>(?:1[0-2]|0?[1-9])/(?:1[3-9]|2\d|3[01]))(?![\w/]|[.,]\d)", "0"),
    ("fraction", r"(?<![\w.,/])(?:\d+ )?\d{1,2}/\d{1,3}(?![\w/]|[.,]\d)|(?<![\w.,])\d*[½⅓⅔¼¾⅕⅛⅜⅝⅞]", "0½⅓⅔¼¾⅕⅛⅜⅝⅞"),
)  # fmt: skip
_LAST = (
    ("code", r"(?<![\w.,:/-])(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z])[A-Za-z\d]+(?:-[A-Za-z\d]+)*(?![\w/]|[.,:]\d)", "0"),
    ("numeral", r"(?:[A-Z][^\W\d_]+\.?|[A-Z]{2,}) (?P<fact>(?=[IVXLC]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))(?!\w|\.\w)", "X"),
    ("numeral", r"(?:War|Chapter|Volume|Section|Article|Book|Part|Act|Louis|Henry|Charles|Philip|Felipe|Carlos|Elizabeth|Napoleon) (?P<fact>[IVX])(?!\w|['’.]\w| (?:am|have|think|do|did|will|can)\b)", "I"),
)  # fmt: skip
_NO_CODE = re.compile(
    r"\d+(?:st|nd|rd|th|s|[ap]m|h|d|D)|[A-Za-z]+|\d+|(?:mid|pre|post|non|sub)-.*|.*\d-(?:year|day|hour|foot|mile|man|way|time|year-olds?|minute|week|month|inch|storey|story|page|point|side|car|pound|dollar)s?(?:-.*)?|\d+[ºª]",
    re.IGNORECASE,
)
"""Letters and digits that are words all the same: "5th", "1990s", "mid-1990"."""


_Row = tuple[str, str, str]
"""A kind of facts, its pattern, and signs of which whatever matches has one (see `_signs_of`); "" for none."""
_MARKS = frozenset("@#/\\`-+_($:½⅓⅔¼¾⅕⅛⅜⅝⅞")
_DIGIT, _ROMAN, _ROMAN_AFTER = re.compile(r"\d"), re.compile(r"[IVXLC]{2}"), re.compile(r" [IVX]")
_BEFORE_COMMAND = re.compile("sudo|[tT]ype |[rR]un |[eE]nter |[eE]xecute ")


def _signs_of(text: str) -> frozenset[str]:
    """The signs of a text by which it is told which patterns may match it: most lines have one or none.

    A mark stands for itself, a point only where something follows it. "0" is a digit, "X" two letters of a Roman
    numeral, "I" one after a space, "p" a word of times, "f" one of heights, "c" one before a command.
    """
    signs = set(_MARKS.intersection(text))
    if "." in text[:-1]:
        signs.add(".")
    if _DIGIT.search(text):
        signs.add("0")
    if _ROMAN_AFTER.search(text):
        signs.add("I")
    if _ROMAN.search(text):
        signs.add("X")
    low = text.casefold()
    if " past " in low or " after " in low or " to " in low:
        signs.add("p")
    if " foot " in low or " feet " in low:
        signs.add("f")
    if _BEFORE_COMMAND.search(text):
        signs.add("c")
    return frozenset(signs)


@lru_cache(maxsize=1 << 10)
def _patterns_for(language: str, signs: frozenset[str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The patterns that may match a text with such signs, in their order."""
    return tuple(
        (kind, _compiled(pattern)) for kind, pattern, needs in _patterns(language) if not needs or signs & set(needs)
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _patterns(language: str) -> tuple[_Row, ...]:
    files, commands = _table()["files"], _table()["commands"]["words"].replace(" ", "|")
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    domain = (
        rf"(?<![\w@./-])(?:{label}\.)+(?:{files['domains'].replace(' ', '|')})(?![\w-]|\.\w)(?:/(?:[^\s<>\"]*{_END_OF_ADDRESS})?)?"
        rf"|(?<![\w@./-])(?:{label}\.)+(?:{files['countries'].replace(' ', '|')})/(?:[^\s<>\"]*{_END_OF_ADDRESS})?"
        rf"|(?<![\w@./-])(?:{label}\.)+(?:com?|org|net|gov|ac|edu)\.(?:{files['countries'].replace(' ', '|')}|uk|br|mx|au|nz|jp)(?!\w)(?:/(?:[^\s<>\"]*{_END_OF_ADDRESS})?)?"
    )
    file = rf"(?<![\w@./\\])\w[\w.-]*\.(?i:{files['endings'].replace(' ', '|')})(?![\w-]|\.\w)|(?<![\w.])\.(?:env|git\w*|bashrc|zshrc|htaccess|npmrc|profile)(?!\w)"
    flag = r"-{1,2}[A-Za-z][\w-]*(?:=\S*\w)?"
    argument = r"[~./]*[A-Za-z0-9][\w./:@-]*[\w/]|[a-z]"
    verb = "(?:(?<=[tT]ype )|(?<=[rR]un )|(?<=[eE]nter )|(?<=[eE]xecute ))"
    argument = rf"{argument}|\.\."
    command = (
        rf"`[^`]+`|(?<![\w-])(?:{commands})(?: (?:{argument}))*?(?: {flag})+(?: [~./][\w./-]*\w)?(?![\w-])"
        rf"|{verb}(?:sudo )?(?:ls|cd|git|npm|pip|docker|ssh|grep|mkdir|sudo|apt|chmod|cargo|kubectl|python3?|curl|wget)(?: (?!(?:and|then|or|to|in|on|first|now|again|please|here|before|after|once|instead)\b)(?:{argument}))*(?!\w)"
        rf"|(?<![\w-])sudo(?: (?!and\b|then\b|or\b)(?:{argument}))+(?!\w)"
    )
    code = (
        rf"(?<![\w-]){flag}(?![\w-])|(?<!\w)(?:Ctrl|Control|Alt|Shift|Cmd|Command|Fn|Win)(?:\+\w+|-[A-Z\d](?!\w))+"
        r"|(?<!\w)0x[\dA-Fa-f]+(?!\w)|(?<![\w.])[A-Za-z]\w*\(\)|(?<!\w)[A-Za-z]+\d*(?:_\w+)+|(?<!\w)\$[A-Z_]{2,}(?!\w)"
        r"|(?<!\w)#[\dA-Fa-f]{6}(?!\w)|(?<!\w)C\+\+(?!\w)|(?<!\w)[CF]#(?!\w)|(?<!\w)\.NET(?!\w)"
    )
    row: list[_Row] = [
        *_OPAQUE,
        ("code", command, "`-c"),
        ("url", domain, "."),
        ("file", file, "."),
        ("code", code, "-+0(_$#."),
        *_VERBATIM,
    ]
    # A file is none of the domains, "report.py" is no site.
    row.sort(key=lambda item: item[0] not in ("url", "e-mail") or item[1] == domain)
    numbers = _counted_patterns(language)
    labels = _label_patterns() if language == "en" else []
    return (*row, *labels[:1], *_LATER, *labels[1:], *numbers, *_LAST)


def _label_patterns() -> list[_Row]:
    """Places by their number or code, "Gate B14"; measures in words, "half a ton"."""
    labels = "|".join(_table()["labels"])
    words = "|".join(sorted((w for w, value in number_words("en").items() if value > 1), key=len, reverse=True))
    measures = _any(f for name in _WORDED for f in _forms("units", name, 1) if _is_word(f))
    return [
        (
            "label",
            rf"(?<![\w-])(?P<part1>(?!act )(?i:{labels})) (?:[Nn]o\. ?)?(?P<part2>[A-Z]?\d{{1,3}}[A-Z]?|[A-HJ-Z]|[IVX]{{2,5}}|I(?=[.,;:!?]|$))(?![\w/'’]|[.,:]\d| (?:times|miles|people|minutes|hours|days)\b)",
            "",
        ),
        (
            "worded measure",
            rf"(?<![\w-])(?P<part1>(?i:half an?|one(?= \w+spoon)|{words})) (?P<unit>{measures})(?![\w-]| under)",
            "",
        ),
    ]


_WORDED = ("tonne", "pound", "ounce", "mile", "foot", "inch", "kilometre", "metre", "centimetre", "kilogram", "litre", "gallon", "acre", "tablespoon", "teaspoon", "pint", "quart")  # fmt: skip
"""Units of measures in words; those of time, and words of many meanings, are left to the translator."""


def _counted_patterns(language: str) -> list[_Row]:
    one = number_pattern(language)
    number = rf"(?P<number>{one}(?:[–-]{one})?)"
    symbols = _any(s for name in _table()["currencies"] for s in _forms("currencies", name, 0))
    scales = _any(s for name in _table()["scales"] for s in _scale_forms(name, language))
    scale = rf"(?: ?(?P<scale>{scales})(?!\w))?" if scales else "(?P<scale>(?!))?"
    found: list[_Row] = [("price", rf"(?<![\w.,$])(?P<before>{symbols}) ?{number}{scale}(?![\d]|[.,]\d)", "0")]
    after = f"{symbols}"
    if language in _LANGUAGES:
        column = _LANGUAGES[language]
        words = _any(s for name in _table()["currencies"] for s in _forms("currencies", name, column))
        after = f"{symbols}|{words}"
        measures = _any(s for name in _units() for s in _forms("units", name, column))
        of = "(?: de)?" if language != "en" else ""
        found.append(("price", rf"(?<![\w.,]){number}{scale}{of}[ -]?(?P<unit>{after})(?!\w)", "0"))
        sign = rf"(?<![\w.,/:])(?P<number>[-−+]?{one}(?:[–-]{one})?)"
        found.append(("measure", rf"{sign}{scale}{of}[ -]?(?P<unit>{measures})(?!\w)", "0"))
        if language == "en":
            each = _any(s for name in _PRICED for s in _forms("units", name, column) if _is_word(s) and s[-1] != "s")
            found.append(("rate", rf"\x00 (?:an?|per|each) (?P<fact>(?P<unit>{each}))(?!\w)", ""))
    return found


_PRICED = (
    "gallon", "pound", "ounce", "mile", "foot", "inch", "yard", "acre", "tonne", "kilogram", "litre", "metre"
)  # fmt: skip
"""Units after a price: "$3.49 a gallon"."""


def _any(forms: Iterator[str]) -> str:
    """Any of some forms, longest first: a word in any case, a symbol as it is."""
    ordered = sorted(set(forms) - {""}, key=len, reverse=True)
    return "|".join(rf"(?i:{re.escape(form)})" if _is_word(form) else _symbol(form) for form in ordered)


def _is_word(form: str) -> bool:
    return len(form) > 2 and form.replace(" ", "").isalpha() and form.islower()


def _symbol(form: str) -> str:
    # "3.5 lb. of flour", but not the point that ends a sentence.
    return re.escape(form) + (r"(?=\s+[a-z\d]|,)" if form.endswith(".") else "")


def _unit_of(kind: str, form: str, language: str) -> str:
    table, columns = ("currencies", (0, _LANGUAGES.get(language, 0))) if kind == "price" else ("units", ())
    for column in columns or (_LANGUAGES[language],):
        for name in _units() if table == "units" else _table()[table]:
            forms = _forms(table, name, column)
            if form in forms or (form.lower() in forms and _is_word(form.lower())):
                return str(name)
    return ""


def _scale_of(form: str, language: str) -> str:
    return next((name for name in _table()["scales"] if form and form in _scale_forms(name, language)), "")


# --- written, and found again ----------------------------------------------------------------------------------------


def write_fact(fact: Fact, source: str, target: str) -> str:
    """A fact as another language writes it."""
    number = exchange_marks(fact.number, source, target)
    if fact.kind == "price" and target in _LANGUAGES:
        return _with_scale(fact, number, target, _noun("currencies", fact, target))
    if fact.kind == "measure" and target in _LANGUAGES:
        symbol = _units()[fact.unit].symbol
        if symbol == "%":
            return f"{number} %" if target == "es" else f"{number}%"
        return _with_scale(fact, number, target, symbol or _noun("units", fact, target))
    if fact.kind == "time" and fact.parts and target in _LANGUAGES:
        return _write_time(fact, target)
    if fact.kind == "rate" and target in _LANGUAGES:
        return _words(fact.unit, target).one
    if fact.kind == "date" and source == "en" and target in ("es", "pt"):
        return _write_date(fact.text)
    if fact.kind == "duration":
        return f"{fact.parts[0]} h {fact.parts[1]} min"
    if fact.kind in _WRITTEN_OUT and target in ("es", "pt"):
        return _WRITTEN_OUT[fact.kind](fact, target)
    return fact.text


_HOURS = {
    "en": "one two three four five six seven eight nine ten eleven twelve".split(),
    "es": "una dos tres cuatro cinco seis siete ocho nueve diez once doce".split(),
    "pt": "uma duas três quatro cinco seis sete oito nove dez onze doze".split(),
}  # fmt: skip
_MINUTES = {"half": 30, "quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}
_SAID_MINUTES = {
    "es": {30: "media", 15: "cuarto", 5: "cinco", 10: "diez", 20: "veinte", 25: "veinticinco"},
    "pt": {30: "meia", 15: "quinze", 5: "cinco", 10: "dez", 20: "vinte", 25: "vinte e cinco"},
}


def _clock_time(fact: Fact) -> tuple[int, int]:
    """The hour and minute of "half past nine", "a quarter to six"."""
    minute, past, hour = fact.parts
    at = _HOURS["en"].index(hour.lower()) + 1
    if past.lower() in ("past", "after"):
        return at, _MINUTES[minute.lower()]
    return (at - 2) % 12 + 1, 60 - _MINUTES[minute.lower()]


def _write_clock(fact: Fact, target: str) -> str:
    """A time in words: "nueve y media", "seis menos cuarto"; Portuguese counts the minutes: "cinco e quarenta e cinco"."""
    hour, minute = _clock_time(fact)
    minutes = _SAID_MINUTES[target]
    if minute <= 30:
        return f"{_HOURS[target][hour - 1]} {'y' if target == 'es' else 'e'} {minutes[minute]}"
    if target == "es":
        return f"{_HOURS['es'][hour % 12]} menos {minutes[60 - minute]}"
    return f"{_HOURS['pt'][hour - 1]} e quarenta e cinco" if minute == 45 else f"{hour}:{minute}"


def _clocks(fact: Fact, target: str) -> tuple[str, ...]:
    """Patterns of a time in words, as it may be said or written."""
    hour, minute = _clock_time(fact)
    said, after = _HOURS[target][hour - 1], _HOURS[target][hour % 12]
    near = _SAID_MINUTES[target].get(min(minute, 60 - minute), "")
    numbers = rf"(?<![\d:])(?:{hour}|{hour + 12})[:.h]{minute:02}(?!\d)"
    if minute <= 30:
        also = {30: "treinta|trinta", 15: "quince|quinze"}.get(minute, near)
        return (numbers, rf"(?i)\b(?:{said}|{hour}) [ye] (?:{near}|{also}|{minute})(?!\w)")
    to = rf"(?:cuarto|{near})"
    return (
        numbers,
        rf"(?i)\b(?:{after}|{hour % 12 + 1}) menos {to}(?!\w)",
        rf"(?i)\b{to} (?:para (?:las?|as?|o)|pras?|pro) (?:{after}|{hour % 12 + 1})(?!\w)",
        rf"(?i)\b{said} [ye] (?:cuarenta y cinco|quarenta e cinco)(?!\w)",
    )


def _label(fact: Fact, target: str) -> tuple[str, str]:
    """The word for what is numbered, and its gender."""
    if target == "en":
        return fact.parts[0], ""
    word, gender = _table()["labels"][fact.parts[0].lower()][_LANGUAGES[target] - 2].split("|")
    return word, gender


def _write_label(fact: Fact, target: str) -> str:
    return f"{_label(fact, target)[0]} {fact.parts[1]}"


def _write_height(fact: Fact, target: str) -> str:
    foot, inch, joint = ("pies", "pulgada", "y") if target == "es" else ("pés", "polegada", "e")
    return f"{fact.parts[0]} {foot} {joint} {fact.parts[1]} {inch}{'s' * (fact.parts[1] != '1')}"


def _write_worded(fact: Fact, target: str) -> str:
    """Such as "media tonelada", "duas milhas"."""
    table, half = table_of(target), fact.parts[0].lower().startswith("half")
    value = 1 if half else number_words("en")[fact.parts[0].lower()]
    words = _words(fact.unit, target)
    noun = words.one if half or value == 1 else words.many
    gender = words.gender or gender_of(noun, table, plural=not half)
    return (
        f"{table.raw['fractions'][gender or 'm'].format(noun=noun)}"
        if half
        else f"{cardinal(value, table, gender)} {noun}"
    )


def _write_date(date: str) -> str:
    """A date of the United States whose second number can be no month, day first; any other as it is."""
    if found := re.fullmatch(r"(\d{1,2})/(1[3-9]|2\d|3[01])", date):
        return f"{found[2]}/{found[1]}"
    found = re.fullmatch(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2,4})", date)
    if not found or not int(found[1]) <= 12 < int(found[3]) <= 31:
        return date
    return f"{found[3]}{found[2]}{found[1]}{found[2]}{found[4]}"


def _write_street(fact: Fact, target: str) -> str:
    number, avenue = fact.parts[0], fact.parts[1].startswith("Av")
    if target == "es":
        return f"la {number}.ª Avenida" if avenue else f"la calle {number}"
    return f"{number}ª Avenida" if avenue else f"Rua {number}"


_WRITTEN_OUT: dict[str, Callable[[Fact, str], str]] = {
    "clock": _write_clock,
    "label": _write_label,
    "worded measure": _write_worded,
    "street": _write_street,
    "height": _write_height,
}
"""Kinds that are written in words."""


def _with_scale(fact: Fact, number: str, target: str, noun: str) -> str:
    if not fact.scale:
        return f"{number} {noun}"
    column = _LANGUAGES[target] - 1
    many, one = (_table()["scales"][fact.scale][column].split("|") * 2)[:2]
    scale = one if number == "1" else many
    joint = " de" if target != "en" and not scale.endswith("mil") else ""
    return f"{number} {scale}{joint} {noun}"


def _noun(table: str, fact: Fact, target: str) -> str:
    many, one = _counted(table, fact.unit, target)
    return one if fact.number == "1" and not fact.scale else many


def _write_time(fact: Fact, target: str) -> str:
    """With the half of the day: Spanish "5:45 p. m." (RAE), Portuguese, which counts to 24, "17:45"."""
    hour, minute = fact.parts[0], fact.parts[1] if len(fact.parts) == 3 else ""
    late = fact.parts[-1][0].lower() == "p"
    if target == "pt":
        return f"{int(hour) % 12 + 12 * late}:{minute or '00'}"
    half = ("p" if late else "a") + (". m." if target == "es" else ".m.")
    return f"{hour}:{minute} {half}" if minute else f"{hour} {half}"


def accepted_forms(fact: Fact, source: str, target: str) -> tuple[str, ...]:
    """Patterns of which a translation must hold one: the fact as it may be written there."""
    number = _loose_number(exchange_marks(fact.number, source, target)) if fact.number else ""
    if fact.kind in ("price", "measure") and target in _LANGUAGES:
        table = "currencies" if fact.kind == "price" else "units"
        scale = _any(iter(_scale_forms(fact.scale, target))) if fact.scale else "(?!)"
        words = _any(f for column in {0, _LANGUAGES[target]} for f in _forms(table, fact.unit, column))
        counted = rf"(?<![\d.,]){number}(?! ?\d|[.,]\d)(?:\s?(?:{scale}))?(?:\s(?:de|e meia|y media))?"
        forms = [rf"{counted}[\s-]?(?:{words})(?!\w)"]
        return (*forms, rf"(?<!\w)(?:{words})\s?{number}(?!\d|[.,]\d)") if fact.kind == "price" else tuple(forms)
    if fact.kind == "time" and fact.parts:
        return _times(fact)
    if fact.kind == "clock" and target in ("es", "pt"):
        return _clocks(fact, target)
    if fact.kind == "rate" and target in _LANGUAGES:
        each = r"(?<!\w)(?:por|per|cada|una?|uma?|l[ao]s?|el|al?|ao?|o|/) ?"  # "2 libras" are no "libra" each
        return (rf"{each}(?:{_any(iter(_forms('units', fact.unit, _LANGUAGES[target])))})(?!\w)",)
    if fact.kind in ("label", "worded measure", "street", "street address") and target in _LANGUAGES:
        return _placed_forms(fact, target)
    if fact.kind == "date":
        return (rf"(?<!\w){re.escape(write_fact(fact, source, target))}(?!\w)",)
    if fact.kind == "time":
        return (rf"(?<![\d:]){fact.text.replace(':', '[:.h]')}(?![\d:])",)
    if fact.kind == "score":
        return (rf"(?<!\d){fact.parts[0]}\s?[–-]\s?{fact.parts[1]}(?!\d)",)
    if fact.kind == "duration":
        return (rf"(?<!\d){fact.parts[0]}\s?h\w*\s(?:[ye]\s)?{fact.parts[1]}\s?m",)
    if fact.kind == "height":
        return (rf"(?<!\d){fact.parts[0]}\s?(?:pies|pés|feet|['′’])\s?(?:[ye]\s|com\s|con\s)?{fact.parts[1]}(?!\d)",)
    if fact.kind == "fraction":
        return (re.escape(fact.text), *_FRACTIONS.get(fact.text, ()))
    return (rf"(?<!\w){re.escape(fact.text)}(?!\w)",)


def _placed_forms(fact: Fact, target: str) -> tuple[str, ...]:
    """Patterns of places by their number, and of measures in words."""
    if fact.kind == "label":
        code = re.escape(fact.parts[1])
        return (rf"(?i:(?<!\w)(?:{_label(fact, target)[0]})(?: de \w+)?) (?:n\w*\.? ?[º°]? ?)?{code}(?!\w)",)
    if fact.kind == "worded measure":
        words = _any(iter(_forms("units", fact.unit, _LANGUAGES[target])))
        if fact.parts[0].lower().startswith("half"):
            return (rf"(?<!\w)(?i:medi[oa]|mei[oa]) (?:{words})(?<!s)(?!\w)",)
        return (rf"(?<!\w)(?:{words})(?!\w)",)
    if fact.kind == "street address":
        number, name = fact.text.split(maxsplit=1)[0], re.escape(fact.text.split()[-2])
        alone = rf"(?<!\w){number}(?![\w.]?[\dºª])"
        return (re.escape(fact.text), rf"{alone}.{{1,40}}{name}", rf"{name}.{{0,20}}{alone}")
    place = int(fact.parts[0])
    word = ordinal(place, table_of(target), "f") if place else "(?!)"
    number = rf"(?:{fact.parts[0]}\.?(?:ª|º|th|st|nd|rd)?|(?i:{word}))"
    kind = "(?:[Aa]venida|[Cc]alle|[Rr]ua)"
    plain = fact.parts[0] if target == "es" else number
    return (rf"{number} {kind}", rf"{kind} {plain}(?!\d|\.?[ºª])", re.escape(fact.text))


def _times(fact: Fact) -> tuple[str, ...]:
    hour, minute = int(fact.parts[0]), fact.parts[1] if len(fact.parts) == 3 else ""
    late = fact.parts[-1][0].lower() == "p"
    day = hour % 12 + 12 * late
    part = "tarde|noche|noite" if late else "mañana|manhã|madrugada"
    exact = rf"(?:[:.h]\s?{minute})" if minute else r"(?:[:.h]00)?"
    half = rf"(?:{'p' if late else 'a'}\.?\s?m(?!\w)|(?:de|da) (?:la )?(?:{part}))"
    full = rf"(?<![\d:]){day}(?:[:.h]\s?{minute})" if minute else rf"(?<![\d:]){day}(?:[:.h]00|\s?h)"
    return (rf"(?<![\d:])0?{hour}{exact}\s?h?\s?{half}", full, rf"(?<![\d:])0{day}[:.h]{minute or '00'}")


_FRACTIONS = {
    "1/2": ("½", r"\bmedi[oa]\b", r"\bmei[oa]\b", r"\bmitad\b", r"\bmetade\b"),
    "½": ("1/2", r"\bmedi[oa]\b", r"\bmei[oa]\b"),
    "1/4": ("¼", r"\bcuarto\b", r"\bcuarta parte\b", r"\bquarto\b", r"\bquarta parte\b"),
    "3/4": ("¾", r"\btres cuart[oa]s\b", r"\btrês quart[oa]s\b"),
    "1/3": ("⅓", r"\btercio\b", r"\btercera parte\b", r"\bterço\b"),
    "2/3": ("⅔", r"\bdos terci", r"\bdois terços\b"),
}


def counted_words(fact: Fact, target: str) -> str:
    """A pattern of the words for a fact's unit or currency, for a number that is written out; "" where it has none."""
    if fact.kind not in ("price", "measure") or target not in _LANGUAGES or fact.scale:
        return ""
    return _any(iter(_forms("currencies" if fact.kind == "price" else "units", fact.unit, _LANGUAGES[target])))


_ALIKE = ({"celsius", "fahrenheit", "degree"}, {"pound", "gbp"}, {"usd", "cad", "aud"}, {"cent", "pence"})
_IMPLIED = frozenset({"year", "hour", "minute", "percent", "degree"})
"""Units that a language says where another leaves them out: "she is 31", "at 5"."""


def forms_of_unit(fact: Fact, language: str) -> tuple[str, ...]:
    """How a fact's unit or currency may be written; those of another that is meant by the same word too."""
    if not fact.unit or language not in _LANGUAGES:
        return ()
    names = next((group for group in _ALIKE if fact.unit in group), {fact.unit})
    tables = [("units", name) for name in sorted(names) if name in _units()]
    tables += [("currencies", name) for name in sorted(names) if name in _table()["currencies"]]
    return tuple(form for table, name in tables for form in _forms(table, name, _LANGUAGES[language]))


def names_unit(text: str, fact: Fact, language: str) -> bool:
    """Whether a text names the unit of a fact somewhere, or may leave it out."""
    if fact.unit == "year" and re.search(
        r"(?i)\b(?:aged?|ages|kids|children|teens?|old(?:er)?|young(?:er)?)\b"
        r"|\b(?:under|over|turn(?:ed|s)?|turning) \d{1,2}\b(?! ?(?:[%°$€£]|percent|degrees|dollars|pounds|euros|bucks|miles|minutes|hours|days|feet))",
        text,
    ):
        return True
    if fact.unit in _IMPLIED and not re.search(r"\d\s?(?!st|nd|rd|th|am|pm)[A-Za-z°$£€%]+", text):
        return True
    signs = _forms("currencies", fact.unit, 0) if fact.kind == "price" else ()
    forms = (*forms_of_unit(fact, language), *signs)
    return bool(forms) and re.search(rf"(?<![^\W\d_])(?:{_any(iter(forms))})(?![^\W\d_])", text) is not None


def misspelled_forms(fact: Fact, source: str, target: str) -> tuple[str, ...]:
    """Patterns of what a translator makes of a fact, with nothing else in it: they are written anew by rule."""
    if fact.kind == "time" and fact.parts:
        minute = rf"[:.h]{fact.parts[1]}" if len(fact.parts) == 3 else ""
        half = r"(?:\s?[AaPp]\.?\s?[Mm](?:\.(?!$)|(?!\w))|\s?\.m\.?)?(?:\s(?:de|da|por|pela)(?: la)? (?:mañana|tarde|noche|manhã|noite|madrugada))?"
        return (rf"(?<![\d:,.]){fact.parts[0]}{minute}{half}(?![:.,]?\d)",)
    if fact.kind == "version" and re.fullmatch(r"\d+\.\d+", fact.text):
        return (rf"(?<![\w.,]){fact.text.replace('.', ',')}(?![\w,]|\.\d)",)
    if fact.kind == "street" and target == "es" and not fact.parts[1].startswith("Av"):
        return (rf"(?:la )?[Cc]alle {fact.parts[0]}\.?[ºªo](?!\w)",)
    if fact.kind == "date" and write_fact(fact, source, target) != fact.text:
        return (rf"(?<![\w/]){re.escape(fact.text)}(?![\w/])",)
    if fact.kind == "score":
        return (rf"(?<!\d){fact.parts[0]}\s?(?:[–—-]|a|o|por|x)?\s?{fact.parts[1]}(?!\d)",)
    if fact.kind in ("price", "measure") and target in _LANGUAGES and fact.number:
        number = _loose_number(exchange_marks(fact.number, source, target))
        symbol = _table()["currencies"][fact.unit][0] if fact.kind == "price" else _units()[fact.unit].symbol
        marks = [m for m in symbol.split("|") if m]
        scale = rf"(?:\s?(?:{_any(iter(_scale_forms(fact.scale, target)))}))" if fact.scale else ""
        if fact.kind == "measure":
            marks += [
                f for f in _forms("units", fact.unit, _LANGUAGES[target]) if symbol and not _is_word(f) and f != symbol
            ]
        near = [re.sub(r"(?<=\w)\\\$", r"\\s?\\$", re.escape(m)).replace("°", r"\s?[°ºo]?\s?") for m in marks]
        own = [rf"(?<![\w.,]){number}{scale}\s?(?:{form})(?!\w)" for form in near]
        return (*own, *(rf"(?<!\w)(?:{form})\s?{number}{scale}(?!\d|[.,]\d)" for form in near if fact.kind == "price"))
    return ()


def stand_ins(fact: Fact, source: str, target: str) -> tuple[tuple[str, str], ...]:
    """What a translator may be given in a fact's place: the words asked, and the pattern of their translation."""
    codes = tuple((code, rf"(?<!\w){code}(?!\w)") for code in CODES)
    if target not in _LANGUAGES or source not in _LANGUAGES:
        return codes
    if fact.kind == "price":
        return _counted_stand_ins(fact, "currencies", "eur", source, target)
    if fact.kind == "height" and target in ("es", "pt"):
        tall = r"(?: de (?:altura|alto|estatura|largo))?"
        return tuple((f"{n} meters tall", rf"(?<!\d){n} metros{tall}(?!\w)") for n in ("20", "30", "50"))
    if fact.kind == "label" and target in ("es", "pt"):
        asked, said = ("house", "casa") if _label(fact, target)[1] == "f" else ("train", "tren|trem")
        return tuple(
            (f"{asked} {n}", rf"(?<!\w)(?i:{said}) (?:número )?{n}(?!\w)") for n in ("20", "30", "50", "40", "60")
        )
    if fact.kind == "rate":
        asked, answer = _units()[fact.unit].stand_in, _LANGUAGES[target]
        return ((_words(asked, source).one, rf"(?<!\w)(?:{_any(iter(_forms('units', asked, answer)))})(?!\w)"),)
    if fact.kind == "clock":
        times = ("1:20", "1:40") if _clock_time(fact)[0] == 1 else ("10:30", "11:20", "9:40")
        return tuple((t, rf"(?<![\d:]){t}(?![\d:])") for t in times)
    if fact.kind in ("measure", "worded measure", "duration", "height"):
        carrier = {"duration": "hour", "height": "metre"}.get(fact.kind) or _units()[fact.unit].stand_in
        table, name = ("currencies", "eur") if carrier == "euro" else ("units", carrier)
        return _counted_stand_ins(fact, table, name, source, target)
    if fact.kind == "time":
        return tuple((t, rf"(?<![\d:]){t}(?![\d:])") for t in ("10:30", "11:20", "9:40"))
    if fact.kind == "numeral":
        return tuple((n, rf"(?<!\w){n}(?!\w)") for n in ("II", "III", "IV"))
    if fact.kind in ("score", "phone", "fraction"):
        return tuple((n, rf"(?<!\w){n}(?!\w)") for n in ("20", "30", "50", "40", "60"))
    return codes


def _counted_stand_ins(fact: Fact, table: str, name: str, source: str, target: str) -> tuple[tuple[str, str], ...]:
    many, one = _counted(table, name, source)
    joint = "-" if re.search(r"\w-\w", fact.text) and table == "units" else " "  # "a 10-mile run"
    words = _any(iter((*_forms(table, name, _LANGUAGES[target]), *_forms(table, name, 0))))
    asked = one if joint == "-" else many
    return tuple((f"{n}{joint}{asked}", rf"(?<![\d.,]){n}\s?(?:{words})(?!\w)") for n in ("20", "30", "50", "40", "60"))


def _loose_number(number: str) -> str:
    """A number however its thousands are parted."""
    cut = re.search(r",\d{1,2}$|,\d{4,}$", number) or (number.count(",") == 1 and "." in number)
    decimal = "," if cut else ""
    sign = r"[-−–]" if number[:1] in "-−" else ""
    whole, _, rest = number.lstrip("-−+").partition(decimal) if decimal else (number.lstrip("-−+"), "", "")
    digits = re.sub(r"[.,\s]", r"[.,\\s]?", re.escape(whole).replace("\\.", ".").replace("\\,", ",")) or "0"
    if re.fullmatch(r"\d{4,}", whole):
        digits = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", r"[.\\s]?", whole)
    return f"{sign}{digits}" + (rf",{rest}" if rest else "")


@cache
def _units() -> dict[str, Unit]:
    """Units that a translation must keep."""
    return {name: unit for name, unit in units().items() if unit.stand_in}


def _words(unit: str, language: str) -> UnitWords:
    return _units()[unit].words[language]


def _counted(table: str, name: str, language: str) -> tuple[str, str]:
    """What a unit or currency is called: for many, for one."""
    if table == "units":
        return _words(name, language).many, _words(name, language).one
    many, one = (_forms(table, name, _LANGUAGES[language]) * 2)[:2]
    return many, one


@cache
def _forms(table: str, name: str, column: int) -> tuple[str, ...]:
    if table == "units":
        unit = _units()[name]
        return unit.words[_COLUMNS[column]].forms if column else (unit.symbol,) * bool(unit.symbol)
    row: Sequence[str] = _table()[table][name]
    return tuple(row[column].split("|")) if column < len(row) else ()


@cache
def _scale_forms(name: str, language: str) -> tuple[str, ...]:
    row: Sequence[str] = _table()["scales"][name]
    return tuple(row[_LANGUAGES[language] - 1].split("|")) if language in _LANGUAGES else ()


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("facts.toml").read_text(encoding="utf-8"))
