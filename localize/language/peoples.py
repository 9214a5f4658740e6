"""Peoples and their languages, "Finnish", "the Swedes": found in English, and known again in Spanish and Portuguese.

A small model says what it rarely read with a piece of the English word, "Finn". Forms: RAE, Diccionario panhispánico de
dudas, list of countries and capitals with their demonyms; Vocabulário Ortográfico do Português (demonyms). Peoples
whose word stands in too many sayings (English, French, American) are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .inflection import without_accents

_ROWS = """
Finnish/Finns       finlandés finlandes|finlandia|fines         finlandês finlandes|finlandia|fines
Danish/Danes        danés danes|dinamar            dinamarquês dinamar|danes
Swedish/Swedes      sueco suec                      sueco suec
Norwegian/s         noruego norueg                  norueguês norueg
Icelandic/Icelanders islandés islandes|islandia                islandês islandes|islandia
Dutch/              holandés holand|neerland|bajos  holandês holand|neerland|baixos
Polish/Poles        polaco polac|polon              polonês polon|polac
Turkish/Turks       turco turc|turqu                turco turc|turqu
Greek/s             griego grieg|grec|helen         grego greg|grec|helen
Hungarian/s         húngaro hung                    húngaro hung
Czech/s             checo chec                      tcheco tchec|chec
Irish/              irlandés irland                 irlandês irland
Scottish/Scots      escocés escoc                   escocês escoc
Welsh/              galés gales                     galês gales
Swiss/              suizo suiz|helvet               suíço suic|helvet
Belgian/s           belga belg                      belga belg
Austrian/s          austriaco austria               austríaco austria
German/s            alemán alem|german              alemão alem|german
Italian/s           italiano italian                italiano italian
Romanian/s          rumano ruman                    romeno romen
Russian/s           ruso rus                        russo russ
Ukrainian/s         ucraniano ucran                 ucraniano ucran
Croatian/s          croata croat                    croata croat
Serbian/s           serbio serb                     sérvio servi|serb
Bulgarian/s         búlgaro bulgar                  búlgaro bulgar
Estonian/s          estonio eston                   estoniano eston
Lithuanian/s        lituano lituan                  lituano lituan
Korean/s            coreano (?:nor|sur)?corea       coreano (?:nor|sul-)?core[ai]
Vietnamese/         vietnamita vietnam              vietnamita vietnam
Lebanese/           libanés liban                   libanês liban
Egyptian/s          egipcio egip                    egípcio egi
Moroccan/s          marroquí marr[ou]               marroquino marro
Iranian/s           iraní iran|persa                iraniano iran|persa
Brazilian/s         brasileño brasil                brasileiro brasil
Canadian/s          canadiense canad                canadense canad
Australian/s        australiano austral             australiano austral
"""


_STAND_INS = (("German", "Italian"), ("Germans", "Italians"))
"""One and many of peoples whose words a small model knows."""


@dataclass(frozen=True, slots=True)
class People:
    """A people named in an English text.

    Args:
        source: as it was said.
        target: the other language's word, of men.
        spelled: pattern of its forms, in text without accents.
        stand_ins: others to be asked for in its place, and the pattern of their word.
    """

    source: str
    target: str
    spelled: str
    stand_ins: tuple[tuple[str, str], ...]


def find_peoples(text: str, target: str) -> Iterator[People]:
    """The peoples that an English text names, for a translation into Spanish or Portuguese; none for another.

    What a capital follows, "the Scottish Sun", may be a name of its own and is left out.
    """
    if target not in ("es", "pt"):
        return
    for match in _pattern().finditer(text):
        one, forms, many = _table(target)[match[0]]
        others = ((name, _table(target)[name][0]) for name in _STAND_INS[many] if name != match[0])
        stand_ins = tuple((name, rf"(?<!\w){word}(?!\w)") for name, word in others)
        yield People(match[0], one, rf"(?:{forms})\w*", stand_ins)


def without_peoples(text: str) -> str:
    """An English text with zero bytes for the peoples it names, which are no names of persons."""
    return _pattern().sub(lambda match: "\x00" * len(match[0]), text)


_OBJECT = r"(?<=Polish )(?:the|your|my|his|her|our|their|this|that|those|these|it|up)\b"
"""What is polished."""


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(sorted(_table("es"), key=len, reverse=True))
    before = r"(?<!go )(?<!going )(?<!went )(?<![\w'’-])"
    return re.compile(rf"{before}(?:{words})(?![\w-]| to me\b| [A-Z]| {_OBJECT})")


@cache
def _table(target: str) -> dict[str, tuple[str, str, bool]]:
    """English word -> (its word, patterns of its forms, whether it names many)."""
    found: dict[str, tuple[str, str, bool]] = {}
    for row in filter(None, _ROWS.splitlines()):
        names, *columns = row.split()
        word, forms = columns[:2] if target == "es" else columns[2:]
        one, _, many = names.partition("/")
        found[one] = (word, forms, False)
        if many:
            found[one + many if many == "s" else many] = (_plural(word), forms, True)
    return found


@cache
def forms_by_gender(language: str) -> dict[str, tuple[str, str]]:
    """Adjective of a people, in either gender -> its masculine, its feminine; those of one form are left out."""
    found: dict[str, tuple[str, str]] = {}
    for word, _, many in _table(language).values():
        feminine = _feminine(word)
        if not many and feminine != word:
            found |= {word: (word, feminine), feminine: (word, feminine)}
    return found


def _feminine(word: str) -> str:
    if word == "alemão":
        return "alemã"
    if word.endswith(("és", "ês", "án")):
        return without_accents(word) + "a"
    return word[:-1] + "a" if word.endswith("o") else word


def _plural(word: str) -> str:
    if word == "alemão":
        return "alemães"
    if word[-1] in "sn":
        return without_accents(word) + "es"
    return f"{word}es" if word[-1] == "í" else f"{word}s"
