"""Quantities: money, units with powers and rates, percentages, ranges and scores."""

from __future__ import annotations

import re

from ..units import units
from .dates import duration
from .numerals import NUMBER, Number, cardinal, parse_number, say_number
from .tables import Money, Noun, Table, any_of

_NUM = rf"(?<![\w.,])({NUMBER})"
_SP = r"[ \u00a0]?"


def counted(number: Number, noun: Noun, table: Table) -> str:
    """A number and the noun it counts."""
    below_two = table.language == "fr" and number.whole < 2 and bool(number.fraction)
    none = table.language in ("fr", "pt") and number.whole == 0 and not number.fraction  # "zero hora" (Folha, "horas")
    singular = number.is_one or below_two or none
    said = one_as_article(number, noun, table)
    if table.language == "it" and number.is_one and noun.gender == "f" and noun.one[0] in "aeiou":
        return f"un'{noun.one}"
    return f"{said} {of_millions(number, noun.many, table)}{noun.one if singular else noun.many}"


def of_millions(number: Number, noun: str, table: Table) -> str:
    """What joins whole millions to their noun: "un millón de euros" (DPD "millón"); "" for any other number."""
    link = table.raw["money"].get("of", "")
    if not link or not number.whole or number.whole % 1_000_000 or number.fraction or number.code:
        return ""
    return joined(link, noun, table)


def joined(link: str, noun: str, table: Table) -> str:
    """A link such as "de" before a noun, in French without its vowel where one follows."""
    return "d'" if table.language == "fr" and noun[0] in "aeiouéè" else f"{link} "


def one_as_article(number: Number, noun: Noun, table: Table) -> str:
    """The numeral before its noun; Italian "uno" shortens before most nouns ("un euro", "uno yen", "un'ora")."""
    if table.language == "it" and number.is_one:
        return italian_article(noun.one, noun.gender)
    return say_number(number, table, noun.gender)


def italian_article(noun: str, gender: str) -> str:
    """Such as "un", "uno", "una" or "un" with an apostrophe, by how the noun begins (Treccani, "uno")."""
    if gender == "f":
        return "una"
    return "uno" if re.match(r"s[^aeiouàèìòù]|z|gn|ps|pn|x|y|i[aeiou]", noun.casefold()) else "un"


# --- money -----------------------------------------------------------------------------------------------------------


def say_money(text: str, table: Table) -> str:
    """Amounts with the sign before or after them, with cents or with words of magnitude."""
    signs, sizes = any_of(table.currencies), any_of(table.part("money.magnitudes"))
    size = rf"(?:{_SP}({sizes})\b\.?)?"
    rate = rf"(?:/((?:{NUMBER}{_SP})?(?:{any_of(table.units)})|[^\W\d_]+)(?![\w/]))?"
    spread = re.compile(rf"({signs}){_SP}({NUMBER}){_SP}[-–—]{_SP}(?:{signs})?{_SP}({NUMBER}){size}")
    text = spread.sub(lambda m: f"{m[2]} {table.word('to')} {m[3]}{' ' + m[4] if m[4] else ''} {m[1]}", text)
    text = _attributes(_named_twice(text, table), table)
    before = rf"([-+−]?)(?<![\w])(?!COP\d\d\b)({signs}){_SP}([-−]?)({NUMBER}){size}(?![\d]){rate}"
    after = rf"(?<![\w.,])((?<![)/])[-−+])?({NUMBER}){size}{_SP}({signs})(?!\w){rate}"
    text = re.sub(before, lambda m: _signed(m, table), text)
    text = _sizes_alone(text, table)
    text = re.sub(after, lambda m: _signed_after(m, table), text)
    alone = any_of(sign for sign in table.currencies if not sign[-1].isalnum())  # "5 millones de €"
    return re.sub(rf"(?<![\w$])({alone})(?![\w$])", lambda m: table.currencies[m[1]].unit.many, text)


def _named_twice(text: str, table: Table) -> str:
    """Such as "$5 MXN", "R$ 50 reais": what stands after the amount tells which money it is."""
    names = {name for money in table.currencies.values() for name in (money.unit.one, money.unit.many)}
    known = [code for code in table.currencies if code.isalpha() and code.isupper()]
    known += [] if table.language == "en" else names
    size = rf"(?:{_SP}(?:{any_of(table.part('money.magnitudes'))}))?"
    signs = any_of(sign for sign in table.currencies if not sign.isalnum())
    pattern = rf"(?<!\w)(?:{signs}){_SP}({NUMBER}{size}(?: de)? (?:{any_of(known)}))\b"
    return re.sub(pattern, r"\1", text)


_NO_NOUN = "a|an|per|each|in|to|for|and|or|off|on|of|from|at|by|more|less|i|you|he|she|we|they|when|if|is|was|every"


def _attributes(text: str, table: Table) -> str:
    """English amounts before the noun they describe, "a $20 bill": no plural (Chicago 7.89)."""
    if table.language != "en":
        return text
    amount = rf"({any_of(table.currencies)})({NUMBER})(?:{_SP}({any_of(table.part('money.magnitudes'))})\b)?"

    def say(match: re.Match[str]) -> str:
        number, size = parse_number(match[3], table), match[4]
        if number.fraction and not size:
            return match.group()
        many = f" {table.part('money.magnitudes')[size].split('|')[0]}" if size else ""
        return f"{match[1]}{say_number(number, table)}{many} {table.currencies[match[2]].unit.one}"

    return re.sub(rf"(\b[Aa]n? ){amount}(?=[ -](?!(?:{_NO_NOUN})\b)[a-z]{{2,}})", say, text)


def _sizes_alone(text: str, table: Table) -> str:
    """Such as "3 mln di persone": a magnitude in short without a currency."""
    known = table.part("money.magnitudes")
    short = any_of(table.words_of("money.short"))
    signs = any_of(table.currencies)

    def say(match: re.Match[str]) -> str:
        number = parse_number(match[1], table)
        size = known[match[2]].split("|")[0 if number.is_one else 1]
        if size == "mil" and (number.is_one or number.whole in (2, 4, 8)):  # "4k" is a screen
            return size if number.is_one else match.group()
        return f"{say_number(number, table, 'm')} {size}"

    if table.language in ("es", "pt"):  # "10M de visitas"
        text = re.sub(rf"{_NUM}{_SP}([KM])(?= de [a-zà-ÿ])", say, text)
    return re.sub(rf"{_NUM}{_SP}({short})\b(?!\.?{_SP}(?:{signs}))", say, text)


def _signed(match: re.Match[str], table: Table) -> str:
    sign = match[1] or match[3]
    said = _amount(match[4], match[5], table.currencies[match[2]], table) + _per(match[6], table)
    if sign and sign in "-−":
        return f"{table.word('minus')} {said}"
    return f"{table.word('plus')} {said}" if sign else said


def _signed_after(match: re.Match[str], table: Table) -> str:
    sign, written, size, money, rate = match.groups()
    said = _amount(written, size, table.currencies[money], table) + _per(rate, table)
    return f"{table.word('plus' if sign == '+' else 'minus')} {said}" if sign else said


def _amount(written: str, size: str | None, money: Money, table: Table) -> str:
    number = _of_money(parse_number(written, table), money, table)
    if size:
        return _sized(number, size, money, table)
    if money.cent is None or len(number.fraction) != 2:
        return counted(number, money.unit, table)
    cents = Number(int(number.fraction))
    if not cents.whole:
        return counted(Number(number.whole), money.unit, table)
    if not number.whole:
        return counted(cents, money.cent, table)
    form: str = table.raw["money"]["with_cents"]
    whole = counted(Number(number.whole), money.unit, table)
    return form.format(whole=whole, cents=cardinal(cents.whole, table), cents_named=counted(cents, money.cent, table))


def _of_money(number: Number, money: Money, table: Table) -> Number:
    """An amount with three decimals is one whose thousands are parted as in Mexico and the United States: "$1,500".

    Where nobody parts them so, it is a rate of exchange: "R$ 5,123".
    """
    if len(number.fraction) != 3 or not number.whole:
        return number
    dollars = money == table.currencies["$"]
    if table.language in ("pt", "fr", "it") and not dollars and not number.fraction.endswith("00"):
        return number
    return Number(number.whole * 1000 + int(number.fraction))


def _per(symbol: str | None, table: Table) -> str:
    """Such as "/kg", "/100 g", "/mes" after an amount."""
    if not symbol:
        return ""
    if many := re.match(rf"({NUMBER}){_SP}", symbol):
        said = counted(parse_number(many[1], table), table.units[symbol[many.end() :]], table)
        return f" {table.word('per_many')} {said}"
    return f" {_rate(symbol, '', table)}" if symbol in table.units else f" {table.word('per')} {symbol}"


def _sized(number: Number, size: str, money: Money, table: Table) -> str:
    """Such as "US$ 1 milhão": a magnitude is a masculine noun, joined by "de" where it is one; "mil" is none."""
    one, many = table.part("money.magnitudes")[size].split("|")
    thousand = one == many and " " not in one
    if thousand:
        if number.is_one and table.language in ("es", "pt", "fr"):
            return f"{one} {money.unit.many}"
        return f"{say_number(number, table, money.unit.gender)} {many} {money.unit.many}"
    small = number.is_one or (number.whole < 2 and bool(number.fraction) and table.language in ("pt", "fr"))
    link = table.raw["money"].get("of", "")
    unit = money.unit.many
    join = joined(link, unit, table) if link else ""
    return f"{say_number(number, table, 'm')} {one if small else many} {join}{unit}"


# --- units -----------------------------------------------------------------------------------------------------------

_POWERS = {"²": "square", "2": "square", "³": "cubic", "3": "cubic"}


def say_units(text: str, table: Table) -> str:
    """Numbers with a unit, its power and its rate: "20 m²", "120 km/h", "25 °C", heights."""
    text = _counted_in_short(_heights(text, table), table)
    units = any_of(table.units)
    lengths = any_of([u for u in table.units if u in ("km", "hm", "m", "dm", "cm", "mm", "mi", "ft", "yd", "in")])
    times = any_of(table.words_of("units.rates"))
    rate = rf"(?:/({NUMBER}{_SP})?({units})([²³23]?))?(?:/({times}))?(?![\w²³/])"
    unit = rf"(?:({lengths})([²³23])|({units})){rate}"
    text = re.sub(
        rf"(\d[²³⁰¹⁴-⁹⁻]+) ({units})(?:/({units})([²³23]?))?(?![\w²³/])",
        lambda m: f"{m[1]} {table.units[m[2]].many}{' ' + _rate(m[3], m[4], table) if m[3] else ''}",
        text,
    )
    text = re.sub(rf"{_NUM}{_SP}{unit}(?:(?<=[a-z])\.(?= [a-zà-ÿ]))?", lambda m: _measured(m, table), text)
    text = re.sub(rf"({_NUM} [^\W\d_]{{3,}})/({times})(?!\w)", rf"\1 {table.word('per')} \3", text)  # "2 veces/día"
    text = _units_alone(text, table)
    return _unit_attributes(text, table) if table.language == "en" else text


def _counted_in_short(text: str, table: Table) -> str:
    """Such as "3 hab.", "2 uds.": nouns that are short only after their number."""
    known = {short: Noun(*said.split("|")) for short, said in table.part("after_number").items()}

    def say(match: re.Match[str]) -> str:
        ends = match[2].endswith(".") and re.fullmatch(r"\s*", match.string[match.end() :])
        return counted(parse_number(match[1], table), known[match[2]], table) + ("." if ends else "")

    return re.sub(rf"{_NUM}{_SP}({any_of(known)})(?!\w)", say, text)


_NOUNS = ("kg", "km", "cm", "mm", "ml", "mg", "lb", "oz", "kWh", "GB", "MB")
"""Signs that are no word of any language, and are written after an article too."""


def _units_alone(text: str, table: Table) -> str:
    """Units that no number counts, "21 € el kg", "los km": nouns after an article or a word such as "por"."""
    signs = any_of(sign for sign in _NOUNS if sign in table.units)
    one, many = (any_of(table.words_of(f"units.{name}")) for name in ("after_one", "after_many"))

    def say(match: re.Match[str]) -> str:
        unit = table.units[match[3]]
        return f"{match[1] or match[2]} {unit.one if match[1] else unit.many}"

    return re.sub(rf"\b(?:((?i:{one}))|((?i:{many}))) ({signs})\.?(?![\w²³/])", say, text)


def _unit_attributes(text: str, table: Table) -> str:
    """English measures joined to the noun they describe, "a 20-lb. bag": no plural (Chicago 7.89)."""
    units = any_of(unit for unit in table.units if unit[0].isalpha() and unit != "m")
    return re.sub(
        rf"{_NUM}-({units})\.?(?=[ -][a-z])",
        lambda m: f"{say_number(parse_number(m[1], table), table)} {table.units[m[2]].one}",
        text,
    )


def _measured(match: re.Match[str], table: Table) -> str:
    written, length, power, plain, many, per, per_power, time = match.groups()
    noun = table.units[plain] if plain else raised(table.units[length], _POWERS[power], table)
    said = counted(parse_number(written, table), noun, table)
    if many:  # "6 l/100 km"
        said += f" {table.word('per_many')} {counted(parse_number(many.strip(), table), table.units[per], table)}"
    elif per:
        said += f" {_rate(per, per_power, table)}"
    return f"{said} {table.word('per')} {time}" if time else said


def raised(unit: Noun, power: str, table: Table) -> Noun:
    """A unit squared or cubed: an adjective that agrees with it, in English before it."""
    forms = table.raw["powers"][power]
    if len(forms) == 1:
        return Noun(f"{forms[0]} {unit.one}", f"{forms[0]} {unit.many}", unit.gender)
    shift = 2 if unit.gender == "f" else 0
    return Noun(f"{unit.one} {forms[shift]}", f"{unit.many} {forms[shift + 1]}", unit.gender)


def _rate(symbol: str, power: str, table: Table) -> str:
    known = table.part("per")
    if symbol in known and not power:
        return known[symbol]
    unit = table.units[symbol]
    one = raised(unit, _POWERS[power], table).one if power else unit.one
    return f"{table.word('per')} {one}"


def _heights(text: str, table: Table) -> str:
    """Such as "1,80 m" of a person or a table, as metres and centimetres; feet and inches."""
    metre = table.units["m"]

    def say(match: re.Match[str]) -> str:
        metres, rest = Number(int(match[1])), int(match[2])
        form: str = table.raw["height"]["say"]
        return form.format(
            m=one_as_article(metres, metre, table),
            metre=metre.one if metres.is_one else metre.many,
            cm=cardinal(rest, table),
        )

    text = re.sub(rf"(?<![\w.,])([12])[.,]([1-9]\d){_SP}m\b(?![²³/\d])", say, text)
    if table.language != "en":
        text = re.sub(r"(?<![\w.,])(\d{1,2}) ?m ?([1-9]\d)(?![\w²³]|[.,]\d)", say, text)
    if len(re.findall("['’′]", text)) == 1:  # one alone opens or closes nothing
        mark = table.units["ft" if table.language == "en" else "min"]
        text = re.sub(rf"{_NUM}['’′](?![\w\"”])", lambda m: counted(parse_number(m[1], table), mark, table), text)
    if len(re.findall('[”"″]', text)) == 1 and not re.search(r"\d['’′]", text):
        own = units()["inch"].words[table.language]
        inch = Noun(own.one, own.many, own.gender)
        text = re.sub(rf"{_NUM}[”\"″](?!\w)", lambda m: counted(parse_number(m[1], table), inch, table), text)
    foot = rf"(?:[’'′]{_SP}(?=\d+(?:[”\"″]|''))|{_SP}ft\.? (?=\d+ in\b))"
    feet = rf"(?<![\w.,])(\d){foot}(\d{{1,2}})(?:[”\"″]|''| in\b\.?)"
    # Twelve inches are a foot: more are seconds, "2'35\"".
    text = re.sub(
        r"(?<![\w.,°'’′])(\d{1,2})[’'′] ?([1-5]\d)(?:[”\"″]|''|’’)(?!\w)",
        lambda m: duration((0, int(m[1]), int(m[2])), table) if int(m[2]) > 11 else m.group(),
        text,
    )
    return re.sub(feet, lambda m: _feet(int(m[1]), int(m[2]), table), text)


def _feet(feet: int, inches: int, table: Table) -> str:
    unit = table.units["ft"]
    said = cardinal(feet, table, unit.gender)
    if table.language == "en":
        return f"{said} foot {cardinal(inches, table)}"
    inch = units()["inch"].words[table.language]
    counted_inches = counted(Number(inches), Noun(inch.one, inch.many, inch.gender), table)
    return f"{said} {unit.one if feet == 1 else unit.many} {counted_inches}"


_TERMS = {"a": "ano", "m": "mês", "d": "dia", "s": "semestre"}
"""What Portuguese interest is for, "12% a.a." (Banco Central do Brasil)."""


def say_percent(text: str, table: Table) -> str:
    """A number with "%" or "‰"."""
    if table.language == "pt":
        text = re.sub(r"(?<=%) a\. ?([amds])\.", lambda m: f" ao {_TERMS[m[1]]}", text)
    return re.sub(
        rf"{_NUM}{_SP}([%‰])",
        lambda m: f"{say_number(parse_number(m[1], table), table)} {table.part('symbols')[m[2]]}",
        text,
    )


# --- ranges ----------------------------------------------------------------------------------------------------------


def say_ranges(text: str, table: Table) -> str:
    """Such as "1939-1945", "10-20", "3-2": what stands between two numbers; "entre … y …" after such a word."""
    between, link, and_ = table.word("between"), table.word("to"), table.word("and")
    pattern = rf"(?<![\w.,/-])((?:(?i:{between}) )?)({NUMBER}) ?[-–—] ?({NUMBER})(?![\w/-]|[.,]\d| ?=)"

    def say(match: re.Match[str]) -> str:
        cue, first, second = match.groups()
        if (first + second).isdecimal() and (first[0] == "0" != first or second[0] == "0" != second):
            return match.group()  # a code
        return f"{cue}{first} {and_ if cue else link} {second}"

    text = re.sub(rf"({NUMBER} ?%) ?[-–—] ?(?=\d[\d.,]* ?%)", rf"\1 {link} ", text)
    return re.sub(pattern, say, text)
