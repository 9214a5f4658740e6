"""Numbers that are left when everything else is said: they agree with the noun that follows."""

from __future__ import annotations

import re
import unicodedata

from .numerals import NUMBER, Number, cardinal, gender_of, ordinal, parse_number, say_number, word_after, word_before
from .quantities import italian_article, of_millions
from .tables import Table, any_of


def mark_degrees(text: str, table: Table) -> str:
    """Such as "3° posto" is an ordinal written with the sign of degrees: it stands before the noun it counts."""
    if table.language not in ("es", "it", "pt"):
        return text

    def mark(match: re.Match[str]) -> str:
        following = word_after(match.string, match.end())
        counts = following.islower() and following not in _DIRECTIONS and gender_of(following, table, plural=False)
        return f"{match[1]}º" if counts else match.group()

    text = re.sub(r"(?<![\w.,])(\d{1,2})°(?= )", mark, text)
    text = re.sub(r"(?<![\w.,])(-?\d{1,3}[.,]\d{1,2})º(?![\w.]\w)", r"\1°", text)  # nothing is counted in parts
    return re.sub(r"(?<![\w.,])(-?\d{1,2})º(?![\w.]\w)", lambda m: _degree(m, table), text)


def _degree(match: re.Match[str], table: Table) -> str:
    """Such as "Hoy 30º": degrees with the sign of an ordinal, after a word of the weather, before no noun."""
    following = word_after(match.string, match.end())
    before = word_before(match.string, match.start()).casefold()
    counts = following not in _DIRECTIONS and following and gender_of(following, table, plural=False)
    weather = before in table.words_of("notation.weather") or match[1].startswith("-")
    return f"{match[1]}°" if weather and not counts else match.group()


_DIRECTIONS = frozenset(
    "norte sur sul este leste oeste nord sud ovest bajo abaixo sotto latitud longitud latitude".split()
)


def say_ordinals(text: str, table: Table) -> str:
    """Such as "3.º", "2ª", "1er", "1st": ordinals with the gender of their ending, apocopated before a noun."""
    endings = {**table.part("ordinal_endings")}
    pattern = rf"(?<![\w.,])(\d{{1,4}})({any_of(endings)})(?!\w)(?:\.(?= [a-zà-ÿ]))?"

    def say(match: re.Match[str]) -> str:
        value, form = int(match[1]), endings[match[2]]
        if not value:
            return match[1]
        if form.endswith("?"):  # an "a" or "o" is an ending only before a noun of that gender
            form = form.removesuffix("?")
            following = word_after(match.string, match.end())
            plural_form = form.endswith("s")
            if not following or gender_of(following, table, plural=plural_form) != form.removesuffix("s"):
                return match.group()
        plural = (form.endswith("s") and "s") or ""
        form = form.removesuffix("s")
        if form == "m" and table.language == "es" and not plural:
            following = word_after(match.string, match.end())
            counts = len(following) > 1 and gender_of(following, table, plural=False) == "m"  # "3.º B" is a flat
            form = "a" if counts else "m"
        if value == 2 and table.language == "fr" and match[2].startswith(("n", "d")):
            return f"second{'e' if form == 'f' else ''}{plural}"
        return ordinal(value, table, form) + plural

    return re.sub(pattern, say, text)


def join_thousands(text: str, table: Table) -> str:
    """Such as "1 000 000": thousands parted by spaces, as ISO 31-0 and the Ortografía of the RAE write them."""
    if table.language == "en":
        return text
    return re.sub(
        r"(?<![\w.,/-])\d{1,3}(?: \d{3})+(?:,\d+)?(?![\w/-]|[.,]?\d)", lambda m: m.group().replace(" ", ""), text
    )


def say_signs(text: str, table: Table) -> str:
    """A minus before a number, and "x" between two."""
    times, by = table.part("symbols")["×"], table.word("by")
    score = rf"\1 {table.word('to')} "
    text = re.sub(r"(\b[A-ZÀ-Þ][^\W\d_]+ \d{1,2}) ?x ?(?=\d{1,2} [A-ZÀ-Þ])", score, text)
    games, links = any_of(table.words_of("scores.after")), any_of(table.words_of("scores.links"))
    text = re.sub(
        rf"(\b(?i:{games})(?: (?i:{links}))*:? \d{{1,2}}) ?[x×] ?(?=\d{{1,2}}\b(?! ?=|[.,:/]\d))", score, text
    )
    text = re.sub(rf"(?<![\w.,])(\d{{1,2}})x(?=\d{{1,2}} (?:{any_of(table.words_of('scores.before'))})\b)", score, text)
    text = re.sub(r"(?<![\w.,])(\d{1,2}(?= ?x ?0\b)|0(?= ?x ?\d)) ?x ?(?=\d{1,2}\b(?! ?=))", score, text)
    text = re.sub(rf"({NUMBER}) ?[x×] ?(?=\d[\d.,]* ?=)", rf"\1 {times} ", text)
    text = re.sub(rf"({NUMBER})(?:x|×)(?=\d)", rf"\1 {by} ", text)
    units = any_of(table.units)
    text = re.sub(rf"({NUMBER} ?(?:{units})) ?[x×] ?(?=\d)", rf"\1 {by} ", text)
    text = re.sub(rf"({NUMBER}) ?[x×] ?(?=(?:{NUMBER}(?: ?[x×] ?{NUMBER})?) ?(?:mm|cm|m|km)(?!\w))", rf"\1 {by} ", text)
    text = re.sub(rf"({NUMBER}) ?[x×] ?(?=\d)", rf"\1 {times} ", text)
    text = re.sub(r"(?<=\d) [-–] (?=\d[\d.,]* ?=)", f" {table.word('minus')} ", text)
    return re.sub(rf"(?<![\w.)/])-(?=(?:{NUMBER})(?!\d))", f"{table.word('minus')} ", text)


def say_parts(text: str, table: Table) -> str:
    """The parts of Spanish written with digits: "12avo", "20ava"."""
    if table.language != "es":
        return text
    return re.sub(r"(?<![\w.,])(\d{2,3})(av[oa]s?)\b", lambda m: cardinal(int(m[1]), table) + m[2], text)


def say_numbers(text: str, table: Table) -> str:
    """Every number that is left."""
    found = re.compile(rf"({NUMBER})")
    parts, at = [], 0
    for match in found.finditer(text):
        said, end = _agreeing(match, text, table)
        parts += [text[at : match.start()], " " if match.start() and text[match.start() - 1].isalnum() else "", said]
        parts.append(" " if end < len(text) and text[end].isalnum() and said[-1] != "'" else "")
        at = end
    return "".join([*parts, text[at:]])


def _agreeing(match: re.Match[str], text: str, table: Table) -> tuple[str, int]:
    """The numeral in words, and where what it replaces ends."""
    number = parse_number(match.group(), table)
    following = word_after(text, match.end())
    number = _of_things(number, following, table)
    if table.language == "en" or number.code or number.fraction:
        return say_number(number, table), match.end()
    if word_before(text, match.start()).casefold() in table.words_of("numbers.labels"):
        return say_number(number, table), match.end()
    return _with_noun(number, following, match, text, table)


def _of_things(number: Number, noun: str, table: Table) -> Number:
    """Such as "1,200 personas", thousands parted as in Mexico: things are counted whole, units need not be."""
    measured = {unit.many for unit in table.units.values()} | {"millones", "puntos", "veces"}
    if table.language != "es" or len(number.fraction) != 3 or not number.whole or noun in measured:
        return number
    return Number(number.whole * 1000 + int(number.fraction)) if gender_of(noun, table, plural=True) else number


_OF_EACH = re.compile(r" (?:de|em) cada \d+ ([^\W\d_]+)")
"""Spanish and Portuguese "1 de cada 3 mujeres": the noun comes after the second number."""


def _with_noun(number: Number, following: str, match: re.Match[str], text: str, table: Table) -> tuple[str, int]:
    thousand = following.casefold() in table.words_of("numbers.thousand")
    noun = word_after(text, match.end() + 1 + len(following)) if thousand else following
    of_each = _OF_EACH.match(text, match.end())
    noun = of_each[1] if of_each else noun
    before = word_before(text, match.start()).casefold()
    team = noun and noun[0].isupper() and before == table.word("to")  # "7 a 1 Alemanha": nothing is counted
    many = not number.is_one or thousand or of_each is not None
    noun = _past_adjective(noun, text, match.end() + (1 + len(following) if thousand else 0), table, plural=many)
    gender = gender_of(noun, table, plural=many) if noun and not team else ""
    if of_them := table.raw["numbers"].get("feminine_of"):  # "2 de ellas", "200 de las mujeres"
        gender = "f" if re.match(rf" (?:{of_them})\b", text[match.end() :]) else gender
    if not gender and thousand:
        gender = "m"
    if (
        not gender
        and following == table.word("of")
        and _counted_before(text[max(0, match.start() - 80) : match.start()], table) == "f"
    ):
        gender = "f"  # "2 tazas de té y 1 de café"
    if not gender and before in table.words_of("numbers.feminine_articles"):
        gender = "f"
    if table.language == "it" and number.is_one and gender:
        return _italian_one(noun, gender, match.end())
    link = of_millions(number, noun, table).rstrip() if gender and noun else ""
    return f"{say_number(number, table, gender)} {link}".rstrip(), match.end()


def _counted_before(text: str, table: Table) -> str:
    """The gender of what the number before counts, in the same sentence; "" for none."""
    found = re.findall(r"\d ([^\W\d_]{2,})[^.!?…\d]*$", text)
    return gender_of(found[-1], table, plural=True) or gender_of(found[-1], table, plural=False) if found else ""


def _past_adjective(word: str, text: str, at: int, table: Table, *, plural: bool) -> str:
    """The noun after an adjective that tells no gender, "200 grandes ideas"; the word itself where none follows."""
    if not table.raw.get("gender") or word.casefold() not in table.words_of("gender.either"):
        return word
    following = word_after(text, at + 1 + len(word))
    return following if following.islower() and gender_of(following, table, plural=plural) else word


def _italian_one(noun: str, gender: str, end: int) -> tuple[str, int]:
    if gender == "f" and noun[0].casefold() in "aeiouàèìòù":
        return "un'", end + 1
    return italian_article(noun, gender), end


_SUPERSCRIPTS = re.compile("[⁰¹²³⁴-⁹]+")
"""Of a note, or of what no other rule took for a power."""


def say_symbols(text: str, table: Table) -> str:
    """Signs that are left, by their names: none may be lost, even where it stands between letters."""
    text = re.sub(r"(?<=[^\W\d_])\$(?=[^\W\d_])", "s", text)  # "Ke$ha"
    for sign, money in table.currencies.items():
        if not re.search(r"\w", sign):
            text = text.replace(sign, f" {money.unit.many} ")
    text = _SUPERSCRIPTS.sub(lambda m: f" {say_numbers(unicodedata.normalize('NFKC', m.group()), table)} ", text)
    for sign, word in table.part("symbols").items():
        text = text.replace(sign, f" {word} ")
    return text
