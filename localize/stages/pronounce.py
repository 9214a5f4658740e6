"""Written words to spoken ones: numbers, money, times, abbreviations, acronyms, as each language says them.

Number words come from num2words; what is here is only which written form is what.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LETTERS = {
    "en": dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ay bee see dee ee eff gee aitch eye jay kay ell em en oh pee cue ar ess tee you vee double-you ex why zee".split())),
    "es": dict(zip("ABCDEFGHIJKLMNÑOPQRSTUVWXYZ", "a be ce de e efe ge hache i jota ka ele eme ene eñe o pe cu erre ese te u uve uve-doble equis ye zeta".split())),
    "pt": dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "á bê cê dê é efe gê agá i jota cá ele eme ene ó pê quê erre esse tê u vê dáblio xis ípsilon zê".split())),
    "fr": dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a bé cé dé e effe gé ache i ji ka elle emme enne o pé cu erre esse té u vé double-vé ixe i-grec zède".split())),
    "it": dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a bi ci di e effe gi acca i i-lunga cappa elle emme enne o pi cu erre esse ti u vu doppia-vu ics ipsilon zeta".split())),
}  # fmt: skip
ABBREVIATIONS = {
    "en": {"Mr.": "mister", "Mrs.": "missus", "Ms.": "miz", "Dr.": "doctor", "Prof.": "professor", "St.": "saint", "vs.": "versus", "etc.": "et cetera", "e.g.": "for example", "i.e.": "that is"},
    "es": {"Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Dr.": "doctor", "Dra.": "doctora", "Ud.": "usted", "Uds.": "ustedes", "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "etc.": "etcétera", "p. ej.": "por ejemplo", "av.": "avenida", "n.º": "número", "núm.": "número"},
    "pt": {"Sr.": "senhor", "Sra.": "senhora", "Srta.": "senhorita", "Dr.": "doutor", "Dra.": "doutora", "Prof.": "professor", "EUA": "Estados Unidos", "etc.": "et cétera", "p. ex.": "por exemplo", "nº": "número", "av.": "avenida"},
    "fr": {"M.": "monsieur", "Mme": "madame", "Mlle": "mademoiselle", "Dr": "docteur", "etc.": "et cetera", "p. ex.": "par exemple", "n°": "numéro"},
    "it": {"Sig.": "signor", "Sig.ra": "signora", "Dott.": "dottor", "Dott.ssa": "dottoressa", "ecc.": "eccetera", "n.": "numero"},
}  # fmt: skip
SYMBOLS = {
    "en": {"%": "percent", "&": "and", "+": "plus", "=": "equals", "°": "degrees", "@": "at", "#": "number"},
    "es": {"%": "por ciento", "&": "y", "+": "más", "=": "igual a", "°": "grados", "@": "arroba", "#": "número"},
    "pt": {"%": "por cento", "&": "e", "+": "mais", "=": "igual a", "°": "graus", "@": "arroba", "#": "número"},
    "fr": {"%": "pour cent", "&": "et", "+": "plus", "=": "égale", "°": "degrés", "@": "arobase", "#": "numéro"},
    "it": {"%": "per cento", "&": "e", "+": "più", "=": "uguale a", "°": "gradi", "@": "chiocciola", "#": "numero"},
}
MONEY = {
    "en": {"$": ("dollar", "dollars"), "€": ("euro", "euros"), "£": ("pound", "pounds"), "¥": ("yen", "yen"), "R$": ("real", "reais")},
    "es": {"$": ("dólar", "dólares"), "€": ("euro", "euros"), "£": ("libra", "libras"), "¥": ("yen", "yenes"), "R$": ("real", "reales")},
    "pt": {"$": ("dólar", "dólares"), "€": ("euro", "euros"), "£": ("libra", "libras"), "¥": ("iene", "ienes"), "R$": ("real", "reais")},
    "fr": {"$": ("dollar", "dollars"), "€": ("euro", "euros"), "£": ("livre", "livres"), "¥": ("yen", "yens"), "R$": ("réal", "réaux")},
    "it": {"$": ("dollaro", "dollari"), "€": ("euro", "euro"), "£": ("sterlina", "sterline"), "¥": ("yen", "yen"), "R$": ("real", "real")},
}  # fmt: skip
CENTS_JOIN = {"en": "and", "es": "con", "pt": "e", "fr": "et", "it": "e"}
ORDINAL = {
    "en": r"(?:st|nd|rd|th)\b",
    "es": r"\.?[ºª]",
    "pt": r"\.?[ºª]",
    "fr": r"(?:er|ère|e|ème)\b",
    "it": r"[ºª]",
}
FEMININE = re.compile(r"ª|ère")
CLOCK = {
    "en": lambda h, m: f"{h} {m}" if m else f"{h} o'clock",
    "es": lambda h, m: f"{h} y {m}" if m else f"{h} en punto",
    "pt": lambda h, m: f"{h} e {m}" if m else f"{h} em ponto",
    "fr": lambda h, m: f"{h} heures {m}" if m else f"{h} heures",
    "it": lambda h, m: f"{h} e {m}" if m else f"{h} in punto",
}
"""How a language joins hours and minutes, both already in words ("" for no minutes)."""
_NUM2WORDS = {"en": "en", "es": "es", "pt": "pt_BR", "fr": "fr", "it": "it"}
_FEMININE_HOURS = {"es": {"uno": "una"}, "pt": {"um": "uma", "dois": "duas"}}
# One dot or comma between digits is a decimal mark unless exactly three digits follow, then it parts thousands.
_NUMBER = r"\d{1,3}(?:[.,\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"


def spoken(text: str, language: str) -> str:
    """The words a voice says for a written text.

    Args:
        text: as it stands in a subtitle.
        language: ISO 639-1 code; one of en es pt fr it, others come back unchanged.

    Returns:
        text without digits, symbols of money or measure, abbreviations and acronyms that would be misread.
    """
    if language not in LETTERS:
        return text
    text = re.sub(r"</?[a-z][^<>]*>|\{\\[^}]*\}|[♪♫]", "", text)
    for short, long in sorted(ABBREVIATIONS[language].items(), key=lambda item: -len(item[0])):
        text = re.sub(rf"(?<!\w){re.escape(short)}(?!\w)", long, text)
    text = _clock(text, language)
    text = _money(text, language)
    ordinal = rf"\b(\d+)({ORDINAL[language]})"
    text = re.sub(ordinal, lambda m: _ordinal(m.group(1), m.group(2), language), text)
    text = re.sub(rf"(?<![\w.])-(?=(?:{_NUMBER})\b)", f"{_minus(language)} ", text)
    text = re.sub(_NUMBER, lambda m: f" {_cardinal(m.group(0), language)} ", text)
    for symbol, word in SYMBOLS[language].items():
        text = text.replace(symbol, f" {word} ")
    text = re.sub(r"\b[A-ZÑ]{2,5}\b", lambda m: _acronym(m.group(0), text, language), text)
    return re.sub(r"\s+([,.;:!?…])", r"\1", re.sub(r"\s+", " ", text)).strip()


def _say(number: float | int, language: str, to: str = "cardinal") -> str:
    from num2words import num2words

    return str(num2words(number, lang=_NUM2WORDS[language], to=to))


def _value(written: str) -> int | float:
    """"1.234,50" and "1,234.50" alike: the last mark is decimal if it differs from the others or no three digits follow."""
    marks = re.findall(r"\D", written)
    if not marks:
        return int(written)
    whole, _, tail = written.rpartition(marks[-1])
    decimal = len(tail) != 3 or (len(marks) > 1 and marks[-1] != marks[0])
    if decimal:
        return float(re.sub(r"\D", "", whole) + "." + tail)
    return int(re.sub(r"\D", "", written))


def _cardinal(written: str, language: str) -> str:
    digits = re.sub(r"\D", "", written)
    if len(digits) > 15 or (written.isdigit() and len(written) > 1 and written.startswith("0")):
        return " ".join(_say(int(d), language) for d in digits)  # a code or telephone number, not a quantity
    value = _value(written)
    if language == "en" and isinstance(value, int) and written.isdigit() and 1100 <= value <= 2099 and value % 1000 > 9:
        return _say(value, language, "year")
    return _say(value, language)


def _ordinal(digits: str, ending: str, language: str) -> str:
    if len(digits) > 6:
        return digits + ending
    word = _say(int(digits), language, "ordinal")
    if FEMININE.search(ending) and language in ("es", "pt", "it"):
        word = " ".join(re.sub(r"o$", "a", part) for part in word.split())
    return word


def _minus(language: str) -> str:
    return {"en": "minus", "es": "menos", "pt": "menos", "fr": "moins", "it": "meno"}[language]


def _clock(text: str, language: str) -> str:
    def say(match: re.Match[str]) -> str:
        hours, minutes = int(match.group(1)), int(match.group(2))
        if hours > 24 or minutes > 59:
            return match.group(0)
        hour = _say(hours, language)
        hour = _FEMININE_HOURS.get(language, {}).get(hour, hour)
        return str(CLOCK[language](hour, _say(minutes, language) if minutes else ""))

    return re.sub(r"\b(\d{1,2})[:h](\d{2})\b", say, text)


def _money(text: str, language: str) -> str:
    signs = "|".join(re.escape(s) for s in sorted(MONEY[language], key=len, reverse=True))
    scale = r"(?:\s*(million|billion|millones|milhões|millón|milhão|millions|milliards|milioni|miliardi)\b)?"

    def say(sign: str, number: str, many: str | None) -> str:
        one, several = MONEY[language][sign]
        value = _value(number)
        if many:
            link = " de" if language in ("es", "pt", "fr") else " di" if language == "it" else ""
            return f"{_cardinal(number, language)} {many}{link} {several}"
        whole, cents = int(value), round((value - int(value)) * 100)
        amount = "un" if whole == 1 and language in ("es", "fr", "it") else _say(whole, language)
        said = f"{amount} {one if whole == 1 else several}"
        return f"{said} {CENTS_JOIN[language]} {_say(cents, language)}" if cents else said

    before: Callable[[re.Match[str]], str] = lambda m: say(m.group(1), m.group(2), m.group(3))  # noqa: E731
    after: Callable[[re.Match[str]], str] = lambda m: say(m.group(2), m.group(1), None)  # noqa: E731
    text = re.sub(rf"({signs})\s?({_NUMBER}){scale}", before, text)
    return re.sub(rf"({_NUMBER})\s?({signs})", after, text)


def _acronym(word: str, text: str, language: str) -> str:
    """Spell out what cannot be read as a word; a shouted sentence is no acronym."""
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) > 1 and sum(w.isupper() for w in words) > 0.6 * len(words):
        return word
    # Consonants and vowels taking turns can be said ("ONU", "NASA"); "FBI" cannot.
    readable = len(word) > 2 and re.fullmatch(r"[^AEIOU]?(?:[AEIOU]+[^AEIOU])*[AEIOU]+[^AEIOU]?", word)
    return word if readable and len(re.findall("[AEIOU]", word)) > 1 else " ".join(LETTERS[language].get(letter, letter) for letter in word)
