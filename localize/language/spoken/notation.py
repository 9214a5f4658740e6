"""Notation of arithmetic and science: powers, roots, formulas, ratios, marks out of ten, verses, coordinates.

Sources: RAE and ASALE, Ortografía (2010), VIII 3 (signs and symbols); Inmetro and BIPM, SI brochure 5.4 (powers of
units); IUPAC, Nomenclature of Inorganic Chemistry (2005), IR-4 (formulas are read symbol by symbol).
"""

from __future__ import annotations

import re

from .network import spell
from .numerals import NUMBER, Number, cardinal, ordinal, parse_number, say_number
from .quantities import counted, raised
from .romans import ROMAN, roman_value
from .tables import Noun, Table, any_of

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n")
_LENGTHS = ("km", "hm", "dam", "m", "dm", "cm", "mm")
_SCREENS = {(16, 9), (4, 3)}
_ELEMENTS = "H|He|Li|Be|B|C|N|O|F|Ne|Na|Mg|Al|Si|P|S|Cl|K|Ca|Cr|Mn|Fe|Ni|Cu|Zn|Br|Ag|Sn|I|Au|Hg|Pb|U"
_FORMULA = re.compile(
    rf"(?<![\w.-])(?=[A-Za-z\d]*[A-Z][a-z]?[A-Z\d])(?=\w*[a-z])(?:(?:{_ELEMENTS})\d*){{2,}}(?![\w'’-])"
)


def say_notation(text: str, table: Table) -> str:
    """Formulas, ratios and marks, before anything takes their numbers for dates or times."""
    text = _FORMULA.sub(lambda m: " ".join(spell(run, table) for run in re.findall(r"[A-Za-z]|\d+", m.group())), text)
    text = _say_episodes(text, table)
    for sign, name in (("#♯", "sharp"), ("♭", "flat")):  # notes of music
        text = re.sub(
            rf"\b([A-G]|do|re|mi|fa|sol|la|si)[{sign}](?!\w)", rf"\1 {table.word(name)}", text, flags=re.IGNORECASE
        )
    text = _say_compass(text, table)
    text = _say_marks(text, table)
    text = _say_moves(_say_sets(text, table), table)
    text = _say_equations(text, table)
    text = _say_pressure(text, table)
    text = _say_roads(text, table)
    return _say_ratios(text, table)


def say_verses(text: str, table: Table) -> str:
    """Such as "Juan 3:16", "1 Cor. 13:4": chapter and verse of a book of the Bible, which is no time of day."""
    short = dict(pair.split("=") for pair in table.part("verses")["short"].split())
    books = any_of(str(table.raw["notation"]["books"]).split())
    numbered = r"(?<![\w.,])(?:([1-3])[ªº]? ?)?"
    # "Marcos 5,3" is a verse only where nothing is counted; after a book in short every mark parts chapter and verse.
    book = rf"(?:\b({books}) (\d{{1,3}})(:|, |[.,](?=\d{{1,3}}(?:[-–]\d+)?(?!\d| ?[%°€$]| [^\W\d_]))))"
    short_book = rf"(?:\b({any_of(short)})\.? (\d{{1,3}})([:.]|, ?))"
    pattern = rf"{numbered}(?:{book}|{short_book})(\d{{1,3}})(?:[-–](\d{{1,3}}))?(?![\w:]|[.,]\d)"

    def say(match: re.Match[str]) -> str:
        number, full, chapter, mark, brief, brief_chapter, brief_mark, first, last = match.groups()
        said = [_numbered_book(number, full or short[brief], table), cardinal(int(chapter or brief_chapter), table)]
        said[1] += "," if (mark or brief_mark) == ", " else ""
        said.append(cardinal(int(first), table))
        return " ".join([*said, table.word("to"), cardinal(int(last), table)] if last else said)

    return re.sub(pattern, say, text)


def _numbered_book(number: str | None, book: str, table: Table) -> str:
    """Such as "1 Corintios": the first letter, or the first volume, of that name."""
    if not number:
        return book
    form = "f" if book in table.part("verses")["letters"].split() else "m"
    return f"{ordinal(int(number), table, form)} {table.part('verses')['of']} {book}".replace("  ", " ")


_EPISODE = re.compile(r"(?<![\w.-])[STst](\d{1,2}) ?[:.xX×-]? ?[Ee][Pp]?(\d{1,3})(?![\w-])")


def _say_episodes(text: str, table: Table) -> str:
    """Such as "S01E03", "T2E5": season and episode of a series."""
    season, episode = table.word("season"), table.word("episode")
    return _EPISODE.sub(
        lambda m: f"{season} {cardinal(int(m[1]), table)}, {episode} {cardinal(int(m[2]), table)}", text
    )


def _say_compass(text: str, table: Table) -> str:
    """Such as "40° 25' N": the side of a coordinate."""
    sides = dict(pair.split("=") for pair in str(table.raw["notation"]["compass"]).split())
    return re.sub(rf"(?<=\d[°'’′\"″]) ?([{''.join(sides)}])\b(?!['’.]\w)", lambda m: f" {sides[m[1]]}", text)


def _say_marks(text: str, table: Table) -> str:
    """Such as "9,5/10", "un 7/10": a mark, and the best there is."""
    cues, best = any_of(table.words_of("notation.marks")), "(5|10|20|100)"
    rated = rf"(\b(?i:{cues}):? )(\d{{1,3}})/{best}(?![\w/]|[.,]\d)"
    text = re.sub(rf"(?<![\w.,/])(\d{{1,2}}[.,]\d)/{best}(?![\w/]|[.,]\d)", rf"\1 {table.word('out_of')} \2", text)

    def say(match: re.Match[str]) -> str:
        if not (1 < int(match[2]) <= int(match[3])):
            return match.group()
        return f"{match[1]}{cardinal(int(match[2]), table)} {table.word('out_of')} {cardinal(int(match[3]), table)}"

    return re.sub(rated, say, text)


_SET = r"(?:6/[0-4]|[0-4]/6|7/[56]|[56]/7)"
_SETS = re.compile(rf"(?<![\w/.,-]){_SET}(?:(?:,? (?:[yeé]|et|and) |, | ){_SET})+(?![\w/]|[.,]\d)")


_PENALTIES = re.compile(r"(?<![\w.,])(\d{1,2}) \((\d{1,2})\) ?[x×–-] ?\((\d{1,2})\) (\d{1,2})(?![\w/.,]\d)")


def _say_sets(text: str, table: Table) -> str:
    """Such as "6/4, 7/5": two or more sets of tennis in a row, which are no dates; penalties beside a score."""
    text = _PENALTIES.sub(lambda m: "{}, {}, {to} {}, {}".format(*_cardinals(m, table), to=table.word("to")), text)
    return _SETS.sub(lambda m: m.group().replace("/", f" {table.word('to')} "), text)


def _cardinals(match: re.Match[str], table: Table) -> list[str]:
    return [cardinal(int(group), table) for group in match.groups()]


def _say_moves(text: str, table: Table) -> str:
    """Such as "Cf3", "Nxe5+": a piece of chess and where it goes, by its letter in the language."""
    pieces = table.part("chess")
    pattern = rf"(?<![\w'’.-])([{''.join(k for k in pieces if len(k) == 1)}])(x?)([a-h])([1-8])([+#]?)(?![\w'’+#-])"

    def say(match: re.Match[str]) -> str:
        piece, takes, column, row, check = match.groups()
        said = [pieces[piece], pieces["takes"] if takes else "", table.part("letters")[column.upper()]]
        ends = {"+": f", {pieces['check']}", "#": f", {pieces['mate']}"}.get(check, "")
        return " ".join(filter(None, [*said, cardinal(int(row), table)])) + ends

    return re.sub(pattern, say, text)


def _say_equations(text: str, table: Table) -> str:
    """The letters of an equation: "2x + 1 = 7", "y = 3"."""
    if "=" not in text:
        return text
    text = re.sub(r"(?<![\w.,])(\d+)([a-z])(?= ?[-+=×÷)]|\s*$)", lambda m: f"{m[1]} {spell(m[2], table)}", text)
    return re.sub(r"(?<![\w'’])([a-z])(?= ?=)", lambda m: spell(m[1], table), text)


def _say_pressure(text: str, table: Table) -> str:
    """Such as "presión 120/80"."""
    cues = any_of(table.words_of("notation.pressure"))
    pattern = rf"(\b(?i:{cues})\b[^\d\n.!?]{{0,20}} )(\d{{1,3}})/(\d{{1,3}})(?![\w/]|[.,]\d)"
    return re.sub(pattern, rf"\1\2 {table.word('pressure_over')} \3", text)


def _say_roads(text: str, table: Table) -> str:
    """Such as "N-II": a road, or a rocket, whose number is Roman."""
    pattern = rf"(?<![\w.-])([A-Z])-(?=[IVX])({ROMAN})(?![\w'’-])"
    return re.sub(pattern, lambda m: f"{spell(m[1], table)} {cardinal(roman_value(m[2]), table)}", text)


def _say_ratios(text: str, table: Table) -> str:
    """Such as "16:9", "1:100": the shape of a screen by its fraction or by "by", other ratios as scores are read."""

    def say(match: re.Match[str]) -> str:
        top, bottom = int(match[1]), int(match[2])
        screen, parts = table.word("screen"), table.part("fractions.parts")
        if (top, bottom) not in _SCREENS:
            return f"{cardinal(top, table)} {table.word('to')} {cardinal(bottom, table)}"
        if screen:
            return f"{cardinal(top, table)} {screen} {cardinal(bottom, table)}"
        return counted(Number(top), Noun(*parts[str(bottom)].split("|")), table)

    cues, ratio = any_of(table.words_of("notation.ratios")), re.compile(r"(\d+):(\d+)")
    text = re.sub(
        rf"(\b(?i:{cues})(?: de)? )(\d{{1,2}}:\d\d)(?![\w:]|[.,]\d)", lambda m: m[1] + ratio.sub(say, m[2]), text
    )
    return re.sub(r"(?<![\w.,:/-])(\d{1,2}):(\d(?!\d)|\d{3,4})(?![\w:]|[.,]\d)", say, text)


def say_powers(text: str, table: Table) -> str:
    """Powers that no number of a unit took: "x²", "10^6", "por m²"; and the digits of formulas, "CO₂"."""
    text = _lengths_alone(text, table)
    sign = r"(?:([²³])(?![⁰¹²³⁴-⁹])|([⁰¹⁴-⁹⁻][⁰¹²³⁴-⁹]*|[²³][⁰¹²³⁴-⁹]+|ⁿ)|\^ ?(-?\d{1,3}|[a-z])\b)"
    base = rf"(?:(?<![\w.,])({NUMBER})|(?<![^\W\d_])([A-Za-z]{{1,2}}|sin|sen|cos|tan|log)|(?<=\)))"
    return re.sub(rf"{base} ?{sign}", lambda m: _power(m, table), text)


def _power(match: re.Match[str], table: Table) -> str:
    number, letters, short, raised_to, caret = match.groups()
    said = say_number(parse_number(number, table), table) if number else _base(letters, table)
    exponent = {"²": "2", "³": "3"}.get(short or "", caret or (raised_to or "").translate(_SUPERSCRIPTS))
    if exponent in ("2", "3"):
        return f"{said} {table.word('squared' if exponent == '2' else 'cubed')} ".replace("  ", " ")
    minus = f"{table.word('minus')} " if exponent.startswith("-") else ""
    bare = exponent.removeprefix("-")
    return (
        f"{said} {table.word('power')} {minus}{cardinal(int(bare), table) if bare.isdecimal() else spell(bare, table)} "
    )


def _base(letters: str | None, table: Table) -> str:
    """What is raised: a letter, or two, by name, or a function, "cos²"."""
    if not letters:
        return ""
    return letters if len(letters) > 2 else spell(letters, table)


def _lengths_alone(text: str, table: Table) -> str:
    """Squared and cubed lengths that no number counts: "el precio por m²", "los m³"."""
    lengths = any_of(unit for unit in _LENGTHS if unit in table.units)
    many = any_of(table.words_of("units.after_many"))

    def say(match: re.Match[str]) -> str:
        noun = raised(table.units[match[2]], "square" if match[3] == "²" else "cubic", table)
        return f"{match[1]} {noun.many}" if match[1] else noun.one

    return re.sub(rf"(?<![\w])(?:((?i:{many})) )?({lengths})([²³])(?!\w)", say, text)
