"""Roman numerals: of kings and popes, centuries, chapters, wars; other letters stay letters."""

from __future__ import annotations

import re

from .numerals import cardinal, gender_of, ordinal, year
from .tables import Table, any_of

ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_NAME = r"[A-ZÀ-ÖØ-Þ][^\W\d_]+"
_AFTER_KING = r"(?![\w-]|['’](?!s\b)|\.\w)"
_FRENCH_ORDINAL = re.compile(r"\b(?:(I)(ers?|[èe]?res?)|(II)(n?de?)|([IVX]+)([èe]mes?|es?))\b")


def roman_value(numeral: str) -> int:
    """The value of a Roman numeral in capitals."""
    values = [_VALUES[letter] for letter in numeral]
    return sum(-v if v < following else v for v, following in zip(values, [*values[1:], 0]))


def say_romans(text: str, table: Table) -> str:
    """Numerals that a word beside them shows to be numbers."""
    if table.language == "fr":
        text = _FRENCH_ORDINAL.sub(lambda m: _french(m, table), text)
        text = re.sub(r"(?<=ième) s\.(?!\w)", " siècle", text)
    if table.language == "es":
        text = re.sub(r"\b([Ll]os|[Ee]ntre los) siglo(?= [IVX])", r"\1 siglos", text)
    text = _after_cue(text, table)
    text = _IN_ARTICLE.sub(lambda m: f"{m[1]}{cardinal(roman_value(m['n']), table)}", text)
    text = _before_noun(text, table)
    text = _of_rulers(text, table)
    text = re.sub(
        rf"\b({_NAME}) ({_SURE}{ROMAN}){_AFTER_KING}",
        lambda m: f"{m.group(1)} {cardinal(roman_value(m.group(2)), table)}",
        text,
    )
    return _left_over(text, table)


_SURE = "(?=[IVX]{2}|[IVXLCDM]{4}|X[LC][IVX]|LX[IVX]|LI[IX])"
"""What cannot be taken for a word or a size: "MIX", "XL" can."""
_STANDING_ALONE = re.compile(rf"(?<![\w'’.-])(?!VI\b){_SURE}{ROMAN}(?![\w'’-]|\.\w)")
_YEAR = re.compile(rf"(?<![\w'’.-])(?=[IVXLCDM]{{5}}|M[MC][IVXLCDM]{{2}}){ROMAN}(?![\w'’-]|\.\w)")


def _left_over(text: str, table: Table) -> str:
    """Numerals of two letters or more that nothing beside them explains are cardinals: no word is written so."""
    text = _YEAR.sub(lambda m: year(roman_value(m.group()), table), text)
    if table.language == "en" or not re.search("[a-zß-ÿ]", text):
        return text
    return _STANDING_ALONE.sub(lambda m: cardinal(roman_value(m.group()), table), text)


def _french(match: re.Match[str], table: Table) -> str:
    numeral, ending = filter(None, match.groups())
    form = "f" if ending in ("re", "ère", "ere", "res", "ères", "nde", "de") else "m"
    if ending.endswith(("d", "de")):
        return "seconde" if form == "f" else "second"
    return ordinal(roman_value(numeral), table, form)


def _after_cue(text: str, table: Table) -> str:
    """Such as "siglo XXI", "capítulo IV", "Super Bowl LVIII"."""
    cues = table.words_of("romans.cardinal_after")
    ordinals = table.words_of("romans.ordinal_after")
    sure, and_, to = table.words_of("romans.always"), table.word("and"), table.word("to")
    second = rf"((?:(?:[ \u00a0](?:{and_}|{to})[ \u00a0]|[ \u00a0]?[-–][ \u00a0]?){ROMAN}\b)?)"
    pattern = rf"\b((?i:{any_of(cues | ordinals)}))([ \u00a0])({ROMAN})(?![\w'’]|\.\w|\. ?\d){second}"

    def say(match: re.Match[str]) -> str:
        cue, space, numeral, more = match.groups()
        if (
            table.language == "en"
            and numeral == "I"
            and not (cue.istitle() and cue.casefold() in sure)
            and not _ends(match)
        ):
            return match.group()
        said = _of_cue(cue, numeral, table, ordinals)
        for word in re.findall(r"\w+|[-–]", more):
            other = to if word in "-–" else word
            said += f" {_of_cue(cue, other, table, ordinals) if re.fullmatch(ROMAN, other) else other}"
        return f"{cue}{space}{said}"

    return re.sub(pattern, say, text) if cues | ordinals else text


_IN_ARTICLE = re.compile(
    rf"(\b(?i:art(?:igo|ículo|icolo|icle)s?|parágrafo)\b[^.;:\n]{{1,30}}?, )(?P<n>{ROMAN})(?=[,;.]|$| d[aeo])"
)
"""Such as "artigo 5º, XXXV, da Constituição": an item of an article."""


def _of_cue(cue: str, numeral: str, table: Table, ordinals: frozenset[str]) -> str:
    value = roman_value(numeral.upper())
    highest = int(table.raw["romans"].get("ordinal_to", 0))
    if cue.casefold() in ordinals and (highest == 0 or value <= highest):
        return ordinal(value, table, _form(cue, table))
    return cardinal(value, table)


def _ends(match: re.Match[str]) -> bool:
    """Whether an English "I" after a name or a cue is a numeral: no verb follows."""
    return bool(
        re.match(
            r"\s*(?:$|[.,;:!?)\"”]|['’]s\b|(?:of|and|in|to|by|as|on|or|for|with|is|has|reigned|ruled|died|became)\b)",
            match.string[match.end() :],
        )
    )


_REIGNS = re.compile(
    r" (?:was|is|has|had|would|became|ruled|reigned|died|never|also|gave|made|founded|signed|married|succeeded|"
    r"ascended|conquered|declared|ordered|granted|built|sent|left)\b"
)
_BEFORE_RULER = re.compile(
    r"(?:^|[.!?…:;\"“«]\s*|\b(?:King|Queen|Emperor|Empress|Tsar|Czar|Pope|Saint|reign of|death of|court of|age of|"
    r"rule of|time of|son of|daughter of|under|since) )$"
)


def _is_ruler(match: re.Match[str], at: int) -> bool:
    """Whether a name with "I" opens a sentence or follows a title, and goes on as of a third person: "Mary I was"."""
    return bool(_BEFORE_RULER.search(match.string[:at]) and _REIGNS.match(match.string[match.end() :]))


def _form(noun: str, table: Table) -> str:
    return gender_of(noun, table, plural=False) or "m"


def _before_noun(text: str, table: Table) -> str:
    """Such as "II Guerra Mundial", "XV edición": an ordinal that agrees with its noun."""
    nouns = table.words_of("romans.ordinal_before")
    pattern = rf"(?<![\w.])({ROMAN})([ \u00a0])(?=((?i:{any_of(nouns)}))\b)"

    def say(match: re.Match[str]) -> str:
        numeral, space, noun = match.groups()
        form = _form(noun, table)
        apocope = "a" if form == "m" and table.language == "es" else form
        return f"{ordinal(roman_value(numeral), table, apocope)}{space}"

    return re.sub(pattern, say, text)


def _of_rulers(text: str, table: Table) -> str:
    """Such as "Carlos V", "Juan Pablo II", "Luis XIV": kings, queens and popes; only known names before one letter."""
    kings, queens = (frozenset(table.raw["romans"].get(key, "").split()) for key in ("kings", "queens"))
    barred = frozenset(table.raw["romans"].get("not_kings", "").split())
    pattern = rf"\b({any_of((kings | queens) - barred)})([ \u00a0])({ROMAN}){_AFTER_KING}"

    def say(match: re.Match[str]) -> str:
        name, space, numeral = match.groups()
        initial = len(numeral) == 1 and re.match(r"\. [A-Z]", match.string[match.end() :])
        one = numeral == "I" and not (_ends(match) or _is_ruler(match, match.start()))
        if table.language == "en" and (initial or one):
            return match.group()
        return f"{name}{space}{_of_ruler(roman_value(numeral), name in queens, table)}"

    text = _of_two_lands(text, any_of(kings), table)
    return re.sub(pattern, say, text)


def _of_two_lands(text: str, kings: str, table: Table) -> str:
    """Such as "Carlos I de España y V de Alemania": the second numeral of one king."""
    of, and_ = table.word("of"), table.word("and")
    pattern = rf"(\b(?:{kings}) {ROMAN} {of} {_NAME} {and_} )({ROMAN})(?= {of} [A-ZÀ-Þ])"
    return re.sub(pattern, lambda m: m[1] + _of_ruler(roman_value(m[2]), False, table), text)


def _of_ruler(value: int, queen: bool, table: Table) -> str:
    highest = int(table.raw["romans"].get("ruler_ordinal_to", table.raw["romans"].get("ordinal_to", 0)))
    article = table.raw["romans"].get("article", "")
    if highest and value > highest:
        return cardinal(value, table)
    return f"{article} {ordinal(value, table, 'f' if queen else 'm')}".strip()
