"""Fractions: parts, halves that agree with their noun, and what is whole before them."""

from __future__ import annotations

import re
import unicodedata

from .dates import day_and_month
from .numerals import Number, cardinal, gender_of, ordinal, word_before
from .quantities import counted, one_as_article
from .tables import Noun, Table, any_of

_LAW = re.compile(
    r"(\b(?i:ley|lei|decreto|decreto-lei|decreto-ley|portaria|resolução|resolución|medida provisória|emenda)"
    r"(?: (?i:complementar|orgánica|ordinaria))?(?: [Nn]\.?[º°])? \d[\d.]*)/([3-9]\d)(?![\d/])"
)


def say_fractions(text: str, table: Table) -> str:
    """Such as "½ kilo", "2 1/2 tazas", "⅔": a half agrees with its noun, other parts are nouns of their own."""
    # "110/220 V", "220 V/50 Hz": what an appliance takes, no fraction and no rate.
    text = re.sub(r"(?<![\w.,/])(\d{2,3})/(?=\d{2,3} ?(?:V|W|Hz)\b)", r"\1 ", text)
    text = re.sub(r"(\d ?(?:V|W|kW|Hz))/(?=\d+ ?(?:V|W|Hz)\b)", r"\1, ", text)
    if table.language in ("es", "pt"):  # "Lei 8.666/93", of that year
        text = _LAW.sub(rf"\1 {table.word('of')} \2", text)
    text = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", " ", text)
    text = re.sub(r"[¼-¾⅐-⅞]", lambda m: unicodedata.normalize("NFKC", m.group()).replace("⁄", "/"), text)
    if table.language == "en":
        text = re.sub(r"(?<![\w.,/-])(?<!\d )1/2(?= (?:an?|the|of)\b)", "half", text)
    text = _halves_after(text, table)
    noun = rf"(?:[ \u00a0]?({any_of(table.units)})(?![\w/²³°])|[ \u00a0-]([^\W\d_]+))?"
    pattern = (
        rf"(?<![\w.,/-])(?:(\d{{1,3}})(?: (?:and|y|e|et))?[ \u00a0])?(\d{{1,3}})/(\d{{1,4}})(?![\d/]|[.,]\d){noun}"
    )
    return re.sub(pattern, lambda m: _fraction(m, table), text)


def _halves_after(text: str, table: Table) -> str:
    """Such as "1 taza y 1/2", "2 h y 1/2": the half agrees with the noun before it."""
    if table.language not in ("es", "pt"):
        return text

    def say(match: re.Match[str]) -> str:
        many, word = match.groups()
        unit = table.units.get(word)
        gender = unit.gender if unit else gender_of(word, table, plural=word.endswith("s"))
        half = table.raw["fractions"]["and_half_f" if gender == "f" else "and_half"]
        return f"{many}{word} {table.word('and')} {half}"

    ends = r"(?![\d/]|[.,]\d| ?(?!d[eo]\b)[^\W\d_])"
    return re.sub(rf"(\d |meia-)([^\W\d_]+) {table.word('and')} 1/2{ends}", say, text)


def _fraction(match: re.Match[str], table: Table) -> str:
    whole, top, bottom, unit, word = match[1], int(match[2]), int(match[3]), match[4], match[5]
    parts = table.part("fractions.parts")
    rest = match.group()[match.end(3) - match.start() :]
    if not whole and 1900 <= bottom < 2100 and table.language in ("es", "pt", "it"):  # "ley 1/2004"
        return f"{cardinal(top, table)} {table.word('of')} {cardinal(bottom, table)}{rest}"
    if not whole and (date := day_and_month(top, bottom, table)) and (top >= bottom or str(bottom) not in parts):
        return f"{date}{rest}"
    if not whole and bottom == top + 1 and bottom > 12 and table.language != "en":  # "temporada 23/24"
        return f"{cardinal(top, table)} {cardinal(bottom, table)}{rest}"
    if top >= bottom or str(bottom) not in parts:
        over = "" if top >= bottom else f"{table.word('over')} "
        before = f"{cardinal(int(whole), table)} " if whole else ""
        return f"{before}{cardinal(top, table)} {over}{cardinal(bottom, table)}{rest}"
    if word and (share := _share(top, bottom, word, table)):
        return share
    if word and re.match("d[aeio][lg]", word):  # "due terzi degli italiani"
        word = None
    if word and table.language == "en" and rest.startswith("-"):
        return _attribute(whole, top, bottom, rest[1:], match, table)
    noun = _fraction_noun(unit, word, table, plural=bool(whole))
    part = counted(Number(top), Noun(*parts[str(bottom)].split("|")), table)
    if whole:
        half = (top, bottom) == (1, 2)
        if half and noun is None and word_before(match.string, match.start()).casefold() in ("las", "às", "as"):
            return (
                f"{cardinal(int(whole), table, 'f')} {table.word('and')} {table.raw['fractions']['and_half_f']}{rest}"
            )
        return _mixed(int(whole), "" if half else part, noun, table) + ("" if noun else rest)
    if noun is None:
        return f"{table.raw['fractions']['alone'] if (top, bottom) == (1, 2) and not rest else part}{rest}"
    if (top, bottom) == (1, 2):
        form: str = table.raw["fractions"]["f" if noun.gender == "f" else "m"]
        return form.format(noun=noun.one, a=_a(noun.one))
    return table.raw["fractions"]["of"].format(part=part, noun=noun.one, a=_a(noun.one))  # type: ignore[no-any-return]


def _attribute(whole: str | None, top: int, bottom: int, rest: str, match: re.Match[str], table: Table) -> str:
    """English "a 1/4-inch drill", "a 2 1/2-inch gap": a fraction joined to the noun it describes (Chicago 9.14)."""
    one, many, _ = table.part("fractions.parts")[str(bottom)].split("|")
    part = one if top == 1 or bottom == 4 else many
    if whole:
        half = table.raw["fractions"]["and_half"] if bottom == 2 else f"{cardinal(top, table)} {part}"
        return f"{cardinal(int(whole), table)} {table.word('and')} {half} {rest}"
    bare = bottom == 2 or (top == 1 and re.search(r"\ba $", match.string[: match.start()], re.IGNORECASE))
    return f"{part} {rest}" if bare else f"{cardinal(top, table)} {part} {rest}"


def _share(top: int, bottom: int, word: str, table: Table) -> str:
    """Such as "2/3 partes": the feminine ordinal and its noun (DPD "fraccionarios"); "" for another noun."""
    if word not in table.words_of("fractions.share") or bottom < 3:
        return ""
    part = str(table.raw["fractions"].get("third", "")) if bottom == 3 else ordinal(bottom, table, "f")
    if table.language == "it":
        return f"{cardinal(top, table)} {part[:-1] + 'e' if top > 1 else part} {word}"
    return f"{cardinal(top, table, 'f')} {part}{'s' if top > 1 else ''} {word}"


def _a(noun: str) -> str:
    """The English article."""
    return "an" if noun[0].casefold() in "aeiou" or noun == "hour" else "a"


def _fraction_noun(unit: str | None, word: str | None, table: Table, *, plural: bool) -> Noun | None:
    """The noun a fraction is of; None where a preposition or nothing follows."""
    if unit:
        return table.units[unit]
    if not word or not word[0].islower() or word in table.words_of("gender.not_nouns"):
        return None
    if gender := gender_of(word, table, plural=plural) or (plural and gender_of(word, table, plural=False)):
        return Noun(word, word, gender)
    return Noun(word, word, "") if table.language == "en" else None


def _mixed(whole: int, part: str, noun: Noun | None, table: Table) -> str:
    """Such as "dos tazas y media", "two and a half cups"; `part` is "" for a half."""
    forms = table.raw["fractions"]
    half = part or forms["and_half_f" if noun and noun.gender == "f" else "and_half"]
    if noun is None:
        return f"{cardinal(whole, table)} {table.word('and')} {half}"
    if whole == 1 and re.search("[aeo]s$", noun.one) and table.language in ("es", "pt"):
        noun = Noun(noun.one[:-1], noun.many, noun.gender)
    said = one_as_article(Number(whole), noun, table)
    named = noun.one if whole == 1 and table.language != "en" else noun.many
    form: str = forms["mixed"]
    return form.format(whole=said, noun=named, part=half)
