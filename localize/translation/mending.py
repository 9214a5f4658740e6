"""Put right by rule what translators write wrong in Spanish and Portuguese: ordinals, weekdays, hours, articles.

Sources: RAE, Diccionario panhispánico de dudas ("el" 2.1, "ciento", "hora"); Cunha and Cintra, Nova gramática do
português contemporâneo (1984).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from ..language.colloquial import native_words
from ..language.numbers import BELOW_TWENTY, TENS
from ..language.spoken.tables import table_of
from .persons import with_genders

WHEN = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February July September October November "
    "December",
    "es": "lunes martes miércoles jueves viernes sábado domingo enero febrero julio septiembre octubre noviembre "
    "diciembre",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo janeiro fevereiro julho "
    "setembro outubro novembro dezembro",
}
"""Weekdays, and the months that are no other word, one for one."""


def mend_spelling(text: str, said: str, source: str, target: str) -> str:
    """A translation with what rules can put right.

    Args:
        text: the translation of one sentence.
        said: the sentence.
        source: its language, main subtag; "" where nothing is known of it.
        target: language of the translation, main subtag.
    """
    text = _write_ordinals(text, target)
    text = native_words(text, said, target) if source == "en" else text
    text = _write_weekday(_with_dashes(text, said), said, target)
    text = _write_hours(text, said) if target == "pt" else text
    text = _month_first().sub(r"el \2 de \1", text) if target == "es" and _DIGIT.search(text) else text
    text = _write_articles(text, said) if target == "es" else text
    text = _write_exact(text, said, target)
    text = _write_results(text, said, target) if source == "en" else text
    return with_genders(text, said, target) if source == "en" else text


_DIGIT = re.compile(r"\d")
_NTH = re.compile(r"(\b(?:la|a|da|na|una|uma|esta|primera) )?\b(\d+)(?:st|nd|rd|th)\b")
_NTH_OF = re.compile(r"\b(\d{1,3})([oa])(?= [^\W\d_])")
_NTH_SPELLED = re.compile(r"\b(\d{1,3})(?:el|il|er) (?=[^\W\d_])")
_NTH_WITH_POINT = re.compile(r"\b(\d{1,3})\.([oa])(?!\w)")
_DECADE = {
    "es": re.compile(r"\b(?:(l)as |(años) )?(\d{2,4})['’]?s\b"),
    "pt": re.compile(r"\b(?:(l)as |(anos) )?(\d{2,4})['’]?s\b"),
}


def _write_ordinals(text: str, language: str) -> str:
    """English "5th" and "1980s" that were copied, as the language writes them: "5.ª", "años 1980"."""
    if language not in ("es", "pt") or not _DIGIT.search(text):
        return text
    point = "." if language == "es" else ""
    text = _NTH.sub(lambda found: f"{found[1] or ''}{found[2]}{point}{'ª' if found[1] else 'º'}", text)
    years = "años" if language == "es" else "anos"
    if language == "es":
        text = _NTH_SPELLED.sub(rf"\1{point}º ", text)
    for pattern in (_NTH_OF, _NTH_WITH_POINT):
        text = pattern.sub(lambda found: found[1] + point + {"o": "º", "a": "ª"}[found[2]], text)
    text = re.sub(r"^(\d{1,3}) de temporada\b", r"Temporada \1", text)
    return _DECADE[language].sub(lambda f: f"{'los ' * bool(f[1])}{years} {f[3]}", text)


_WEEKDAY = {
    "es": r"(?P<day>lunes|martes|miércoles|jueves|viernes|sábado|domingo)",
    "pt": r"(?P<day>(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|sábado|domingo)",
}


_DAY_OF_MONTH = re.compile(r"day,? (?:the )?(\d{1,2})(?:st|nd|rd|th)(?! [a-z])")


def _write_weekday(text: str, said: str, language: str) -> str:
    """A weekday with its day, "Tuesday the 8th", as the language says it: "martes 8", "terça-feira, dia 8"."""
    found = _DAY_OF_MONTH.search(said)
    if not found or language not in _WEEKDAY:
        return text
    day, number = _WEEKDAY[language], rf"{found[1]}(?:\.?[ºoªa])?(?!\w)"
    written = rf"\g<day> {found[1]}" if language == "es" else rf"\g<day>, dia {found[1]}"
    text = re.sub(rf"{number} de(?:l| la| o)? {day}", written, text)
    return re.sub(rf"{day},? (?:(?:el|la|o|a|no|na|dia|día|de) )*{number}", written, text)


_BY_THEN = re.compile(rf"\bby (?:next |this )?(?:{WHEN['en'].replace(' ', '|')}|noon|midnight|tomorrow|the end|\d)")
_NO_DEADLINE = re.compile(r"\b(?:un)?till?\b|\bby \d+ (?:points|goals|votes|runs|percent|per|\w+s\b)")
_IN_THE_MINUTE = re.compile(r"\bin the \d+(?:st|nd|rd|th) minute\b")
_AT_ONE_OCLOCK = re.compile(r"\bat one o['’]clock\b")


def _write_articles(text: str, said: str) -> str:
    """Spanish articles and numbers that models get wrong: "son las una", "hasta domingo", "cien y diez", "la puente",
    and "la" before a stressed a (DPD, "el" 2.1, "cien(to)").
    """
    if "hasta " in text and _BY_THEN.search(said) and not _NO_DEADLINE.search(said):
        text = re.sub(r"\bhasta (?=(?:el|la|las|mañana|\d))", "para ", text)
    if " un" in text and _AT_ONE_OCLOCK.search(said):
        text = re.sub(r"\b([Aa]) (?:una hora|una|uno)\b", r"\1 la una", text)
    if " minutos" in text and _IN_THE_MINUTE.search(said):
        text = re.sub(r"\ben los (\d{1,3}) minutos\b(?= *[.,;!?]|$)", r"en el minuto \1", text)
    for holds, pattern, put in _ARTICLES:
        if any(part in text for part in holds):
            text = pattern.sub(put, text)
    return text


_MASCULINE = {
    "la": "el",
    "una": "un",
    "esta": "este",
    "esa": "ese",
    "nuestra": "nuestro",
    "otra": "otro",
    "mucha": "mucho",
}
_FEMININE_BEFORE_MASCULINE = re.compile(
    rf"\b({'|'.join(_MASCULINE)})(?= (?:paquete|billete|puente|coche|nombre|cajón|jardín|camión|avión|"
    r"jabón|tren|papel|lápiz|pie|diente|accidente|problema|tema|sistema|programa|idioma|clima|mapa|día|"
    r"[a-zñ]{3,}aje|[a-zñ]{2,}miento)\b)",
    re.IGNORECASE,
)
"""Feminine words before nouns that small models take for feminine ones."""
_FEMININE = {"el": "la", "un": "una", "este": "esta", "ese": "esa", "nuestro": "nuestra", "mucho": "mucha"}
_MASCULINE_BEFORE_FEMININE = re.compile(
    rf"\b((?i:{'|'.join(_FEMININE)}))(?= (?:[a-zñ]{{2,}}(?:[cs]ión|dad|tud)|leche|llave|nube|torre|clase|calle|noche|"
    r"tarde|suerte|carne|frase|fiebre|sangre|nariz|cárcel|mano(?! a )|foto|moto)\b)"
)
"""The same the other way round: nouns in "-ción", "-sión", "-dad", "-tud" are feminine (RAE, Nueva gramática 2.3)."""
_STRESSED_A = r"(?:agua|águila|alma|arma|hambre|ala|ave|área|aula|hacha|hada|ancla|alba)\b"


def _one_oclock(found: re.Match[str]) -> str:
    """Spanish one o'clock is singular: "es la una", "a la una"."""
    return {"Son": "Es", "son": "es"}.get(found[1], found[1]) + " la una"


def _as_masculine(found: re.Match[str]) -> str:
    own = _MASCULINE[found[1].lower()]
    return own if found[1].islower() else own.title()


def _as_feminine(found: re.Match[str]) -> str:
    own = _FEMININE[found[1].lower()]
    return own if found[1].islower() else own.title()


_Put = str | Callable[[re.Match[str]], str]
_ARTICLES: tuple[tuple[tuple[str, ...], re.Pattern[str], _Put], ...] = (
    ((" las una",), re.compile(r"\b([Ss]on|a) las una\b"), _one_oclock),
    (("hasta ", "desde "), re.compile(rf"\b(hasta|desde) (?={_WEEKDAY['es']})"), r"\1 el "),
    ((" de ",), re.compile(rf"\b(antes|después) de (?={_WEEKDAY['es']})"), r"\1 del "),
    (
        ("ien ",),
        re.compile(
            r"\b([Cc])ien (?:y )?(?=diez|once|doce|veint|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)"
        ),
        r"\1iento ",
    ),
    (("na ",), re.compile(r"\b([Uu]na) (pulgada|milla|libra|onza|hora|pastilla|cucharada)s\b"), r"\1 \2"),
    (("años y media",), re.compile(r"\baños y media\b"), "años y medio"),
    (
        ("primero ", "tercero "),
        re.compile(r"\b(el|un|mi|tu|su|nuestro) (prim|terc)ero (?!de\b|que\b|en\b|y\b|a\b|es\b|fue\b)(?=[^\W\d_])"),
        r"\1 \2er ",
    ),
    ((" Ms.",), re.compile(r"\b(a|de|con|para|por|en|y|que) Ms\. ?(?=[A-Z])"), r"\1 la Sra. "),
    (("Ms.",), re.compile(r"\bMs\. ?(?=[A-Z])"), "Sra. "),
    (("a ", "A "), _FEMININE_BEFORE_MASCULINE, _as_masculine),
    ((" ",), _MASCULINE_BEFORE_FEMININE, _as_feminine),
    ((" el ",), re.compile(r"\b([Aa]|[Dd]e) el (?=[a-zñ])"), r"\1l "),
    ((" la a", " la á", " la h"), re.compile(rf"\b([Aa]|[Dd]e) la (?={_STRESSED_A})"), r"\1l "),
    (
        ("a a", "a á", "a h"),
        re.compile(rf"\b([Ll])a (?={_STRESSED_A})"),
        lambda found: "El " if found[1] == "L" else "el ",
    ),
)
"""What a text must hold for a pattern to match anywhere, the pattern, and what is written."""


@cache
def _month_first() -> re.Pattern[str]:
    """A Spanish date in the order of English: "en marzo de 3"."""
    return re.compile(rf"\b(?:el|en) ({'|'.join(table_of('es').months)})(?: de)? (\d{{1,2}})(?![\w:]|[.,]\d)")


_HOURS_OF_DAY = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"


_AT_ONE = re.compile(r"\b([Àà])s uma\b")
_AT_AN_HOUR = re.compile(rf"\bat (?:{_HOURS_OF_DAY})(?:[.,!?]|$| (?:tomorrow|tonight|today|sharp|on|every|in the)\b)")


def _write_hours(text: str, said: str) -> str:
    """Hours as Portuguese says them: "às nove" for "at nine", "em ponto" for "sharp"."""
    text = _AT_ONE.sub(r"\1 uma", text) if "s uma" in text else text
    if " sharp" in said and re.search(r"\d sharp\b", said):
        text = re.sub(r"(?<=\d) afiad[oa]s?\b", " em ponto", text)
    if not _AT_AN_HOUR.search(said):
        return text
    text = re.sub(r"\b(?:aos|em|às) dois\b", "às duas", text)
    return re.sub(r"\b(?:aos|no|em) (?=(?:três|quatro|cinco|seis|sete|oito|nove|dez|onze|doze)\b)", "às ", text)


_EXACT = {
    "es": (r"\ba las? [\w:]+(?: (?:y|menos) \w+)?(?: [ap]\. m\.)?", "en punto"),
    "pt": (r"\bàs [\w:]+(?: e \w+)?", "em ponto"),
}


def _write_exact(text: str, said: str, language: str) -> str:
    """A time to the minute, "at exactly 3 p.m.", with the words for it where the translation has none."""
    if language not in _EXACT or "at exactly " not in said or not re.search(r"\bat exactly (?:\d|[a-z]+ o)", said):
        return text
    if re.search(r"exact|exat|\bpunto\b|\bponto\b|just[oa]|precis", text):
        return text
    pattern, words = _EXACT[language]
    return re.sub(pattern, lambda found: f"{found[0]} {words}", text, count=1)


_PRESSURE = re.compile(r"\b(\d{2,3}) over (\d{2,3})\b")
_BY_HOW_MUCH = re.compile(
    r"\b(?:los(?:t|ing|es?)|w[oi]n(?:ning|s)?|lead(?:ing|s)?|led|trail(?:ing|s|ed)?|beat(?:en)?|ahead|behind) by "
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+)\b"
)


def _write_results(text: str, said: str, language: str) -> str:
    """What models take for something else: a blood pressure, "140 over 90", for a sum, by how much somebody wins for an
    hour, what is left for a direction, the table of a restaurant for one in a book.
    """
    over = {"es": "sobre", "pt": "por"}.get(language)
    for found in _PRESSURE.finditer(said) if over and " over " in said else ():
        text = re.sub(rf"\b{found[1]}(?: [^\W\d]+){{1,3}} {found[2]}\b", f"{found[1]} {over} {found[2]}", text)
    if language == "es" and " times " in said and _TIMES.search(said):
        text = re.sub(r"(?i)\b(cuánto) (?:cuesta|vale)n?(?=.* veces )", r"\1 es", text)
        text = re.sub(rf"\b({_SMALL_NUMBER}) veces (?={_SMALL_NUMBER}\b)", r"\1 por ", text)
    if (
        language == "es"
        and " by " in said
        and _BY_HOW_MUCH.search(said)
        and not re.search(r"o['’]clock|\bat \d|[ap]\.?m\b", said)
    ):
        text = re.sub(r"\b(?:a|para|hasta) las (?=\w+\b)", "por ", text, count=1)
    if (
        " left" in said
        and _LEFT_OVER.search(said)
        and not re.search(r"\bright\b|\b(?:to|on|at) (?:the|your|my) left\b", said)
    ):
        rest = "restante" if re.search(r"\bone \w+ left\b", said) else "restantes"
        text = _TO_THE_LEFT[language].sub(rest, text) if language in _TO_THE_LEFT else text
    if language == "pt" and "able " in said and _SERVED.search(said) and not _PRINTED.search(said):
        text = re.sub(r"\b(t|T)abela(?= \d)", lambda found: "mesa" if found[1] == "t" else "Mesa", text)
    return text


_ENGLISH_NUMBER = (
    rf"(?:\d+|(?:(?:{'|'.join(TENS['en'])})-)?(?:{'|'.join(BELOW_TWENTY['en'])})|{'|'.join(TENS['en'])}|a hundred)"
)
_TIMES = re.compile(
    rf"\b{_ENGLISH_NUMBER} times {_ENGLISH_NUMBER}(?=[.,;!?]|$| (?:is|are|equals|makes|plus|minus)\b)", re.IGNORECASE
)
"""A product, "seven times eight"; "three times two players" counts something."""
_SMALL_NUMBER = r"(?:\d+|[^\W\d_]+(?: y [^\W\d_]+)?)"
_LEFT_OVER = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|\d+) (?!on\b|in\b)[a-z]+ left(?=[.,;!?]|$)"
)
_TO_THE_LEFT = {"es": re.compile(r"\ba la izquierda\b"), "pt": re.compile(r"\bà esquerda\b")}
_SERVED = re.compile(r"\b[Tt]able \d")
_PRINTED = re.compile(
    r"\b(?:[Ss]ee|[Ii]n|[Ff]rom|[Oo]f|shows?|lists?) [Tt]able \d|\b[Tt]able \d+ (?:shows?|lists?|below|above)"
)


_COMMA_AT_END = re.compile(r",(?=[.!?…]+$)")


def _with_dashes(text: str, said: str) -> str:
    """Broken-off words with their dash at them; no comma before the end."""
    text = _COMMA_AT_END.sub("", text) if "," in text else text
    if "-" not in said:
        return text
    if re.search(r"\w-$", said):
        return re.sub(r"\s+-$", "-", text)
    if re.search(r"\w-- ", said) and not re.search(r" [-–—] ", said):
        return re.sub(r"(?<=\w)(?: ?-{1,2}| [–—]) (?=\w)", "-- ", text)
    return text
