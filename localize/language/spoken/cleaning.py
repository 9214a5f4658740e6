"""What is written and not said: mark-up, entities, labels, notes in brackets, emoji; and what is said otherwise:
censored words and interjections.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import partial

from ..markup import ANGLES, CURLY, TAG, VOICE, is_placeholder
from ..profanity import strong_words
from ..sounds import translate_sound
from .numerals import Number, gender_of, word_before
from .quantities import counted
from .tables import Noun, Table, any_of

_MARKUP = re.compile(rf"{TAG}|{VOICE.pattern}|\{{\\[^}}]*\}}|[♪♫♩♬#]?[♪♫♩♬]+")
_ANGLES = re.compile(ANGLES)
_CURLY = re.compile(CURLY)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_BRACKETS = re.compile(r"\[[^\[\]]*\]|【[^】]*】")
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_LABEL = re.compile(
    r"(?m)^(\s*[-–—]?\s*)(?=[^\n:]{2,47}:\s)[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ0-9 .'’#-]*[A-ZÀ-ÖØ-Þ0-9.]"
    r"(?: ?\([^()\n]*\))?[ \u00a0]?:\s+(?!\d{1,3} ?[-–x] ?\d{1,3}\b)"  # "PSG-OM: 2-1" is a score
)
_STRETCHED = re.compile(r"(?<![IVXLCMivxlcm])([aeouáéíóúàèìòùâêôãõ]|(?<=[^\W\d_])i)\1{2,}", re.IGNORECASE)
"""A vowel that is drawn out, "¡gooool!": said once; one in three of a numeral ("III") is none."""
_STRETCHED_TO_ACCENT = re.compile(
    r"(?=\w{3})([aá]*á[aá]*|[eé]*é[eé]*|[ií]*í[ií]*|[oó]*ó[oó]*|[uú]*ú[uú]*)", re.IGNORECASE
)
"""The same of a vowel that has its accent at one place of it, "siiií"."""
_EMOTICON = re.compile(
    r"(?:(?<=\s)|^)(?:[:;][-'’o]?[)(\]\[DPp3/|\\*]+|=[)(]+|\^_?\^|-_-)(?=\s|$|[.,!?])|(?<=[^\W\d_]{2}\s)(?:<3+\s*)+(?=\s|$|[^\W\d_])"
)
"""Faces and hearts made of marks, after a space."""
_SPACES = "\u00a0\u2007\u2009\u202f\u3000"


def clean(text: str, table: Table) -> str:
    """A text without what is only written."""
    text = re.sub(r"[^\S\n]{2,}", " ", re.sub(r"\n{2,}", "\n", text))
    text = _ENTITY.sub(lambda m: html.unescape(m.group()), text)
    text = _MARKUP.sub("", text.replace("<<", "«").replace(">>", "»"))
    text = _ANGLES.sub(lambda m: " " if _is_note(m.group()[1:-1], table) else f" {m.group()[1:-1]} ", text)
    text = _CURLY.sub(partial(_without_direction, table=table), text)
    text = re.sub(r"(?m)^(\s*[-–—]? ?)#+ (?=[^\W\d_])|(?<=\S) #+\s*$", lambda m: m[1] or "", text)  # a song
    text = _EMOTICON.sub("", text)
    text = _LABEL.sub(lambda m: m.group() if _is_kept(m, table) else m[1], text)
    text = _BRACKETS.sub(" ", text)
    text = _PARENTHESES.sub(lambda m: " " if _is_note(m.group(1), table) else m.group(), text)
    text = re.sub(r"\*([^*\n]{2,40})\*", lambda m: " " if _is_note(m[1], table) else m.group(), text)
    text = re.sub(r"(?<=\d) ?[→⇒➔➡]\ufe0f? ?(?=\d)", f" {table.word('to')} ", text)
    text = re.sub(r"(★+)(☆*)", lambda m: _rating(m, table), text)
    text = "".join(c for c in text if not _is_picture(c))
    if table.language == "en":
        return text
    return _STRETCHED.sub(r"\1", _STRETCHED_TO_ACCENT.sub(_keep_accent, text))


def _keep_accent(match: re.Match[str]) -> str:
    """A drawn out vowel as the one of its letters that has an accent."""
    return match[1] if len(match[1]) < 3 else next(c for c in match[1] if c.lower() in "áéíóú")


def _rating(match: re.Match[str], table: Table) -> str:
    """Such as "★★★☆☆": how many stars; one alone is an ornament."""
    star, stars, gender = table.word("stars").split("|")
    many = len(match[1])
    return f" {counted(Number(many), Noun(star, stars, gender), table)} " if len(match.group()) > 1 else ""


_POSTSCRIPTS = ("PD", "PS", "PPS", "NB")


def _is_kept(match: re.Match[str], table: Table) -> bool:
    """Whether what stands before a colon names no speaker: "P. D.:", "P.S.:", or what a number is of: "IVA: 21 %"."""
    label = re.sub(r"[^A-ZÀ-ÖØ-Þ]", "", match.group())
    if label in _POSTSCRIPTS:
        return True
    known = table.words_of("acronyms.spelled") | table.words_of("acronyms.said")
    return (label.casefold() in known or not _VOWELS.search(label)) and bool(
        re.match(r"[A-Z$€£]{0,4} ?[(+]?\d|[A-Z]+\d", match.string[match.end() :])
    )


_VOWELS = re.compile("[AEIOUÁÉÍÓÚÀÈÌÒÙÂÊÔÃÕ]")


def _without_direction(match: re.Match[str], table: Table) -> str:
    """What is said of curly brackets: nothing of a direction, else the word that they hold."""
    inside, text = match.group()[1:-1], match.string
    said = is_placeholder(inside, text[: match.start()], text[match.end() :]) and not _is_note(inside, table)
    return f" {inside} " if said else " "


def _is_note(inside: str, table: Table) -> bool:
    """Whether what stands in round brackets names a sound, rather than being said."""
    other = "es" if table.language == "en" else "en"
    return bool(translate_sound(inside, table.language, other))


def _is_picture(character: str) -> bool:
    """Emoji, their joiners and tones, arrows and other pictures; a sign such as "°" or "©" is none."""
    if character in "♭♯":  # a note of music is said
        return False
    code = ord(character)
    return (
        0x1F000 <= code <= 0x1FAFF
        or 0x2190 <= code <= 0x21FF
        or 0x2300 <= code <= 0x23FF
        or 0x2500 <= code <= 0x27BF
        or 0x2B00 <= code <= 0x2BFF
        or 0xE0000 <= code <= 0xE01EF
        or character in "\u200b\u200d\ufe0e\ufe0f\ufeff\u2060©®™"
    )


def fold_signs(text: str, _table: Table) -> str:
    """Variants of signs in one form: spaces, minus, ellipsis of letters in other widths, primes, superscripts."""
    text = re.sub(f"[{_SPACES}]", "\u00a0", text)
    text = re.sub(r"(?<!\.)º ?(?=[CF]\b)", "°", re.sub(r"[−‒‐‑]", "-", text))  # "1.º C" is a flat
    text = text.replace("° C", "°C").replace("° F", "°F").replace("℃", "°C").replace("℉", "°F").replace("μ", "µ")
    text = re.sub(r"[\uff01-\uff5e]", lambda m: unicodedata.normalize("NFKC", m.group()), text)
    text = re.sub(r"[₀-₉Ⅰ-ⅿ]", lambda m: unicodedata.normalize("NFKC", m.group()), text)  # "CO₂", "siglo Ⅳ"
    text = re.sub(r"[①-⑳]", lambda m: f" {unicodedata.normalize('NFKC', m.group())} ", text)
    text = re.sub(r"(?<![\w/~])~ ?(?=\d)", "≈", text)
    return re.sub(r"(?<=\d)\u00a0(?=\d{3}(?!\d))", "\u202f", text)


def say_censored(text: str, table: Table) -> str:
    """A word hidden behind asterisks is named by its first letter: "m****", "jod*r"; asterisks alone are not said.

    An asterisk that is dialled ("*69") or multiplies ("2*3") is said, and "@" is a letter: "c@ralho", "tod@s".
    """
    letters = table.part("letters")
    text = _say_at_letters(_say_disguised(text, table), table)
    text = re.sub(r"(?<![\w*])\*(?=\d{2,4}(?:#|\b(?!\*)))", f" {table.word('star')} ", text)
    text = re.sub(r"(?<=\d)#(?!\w)", f" {table.part('net')['#']} ", text)
    text = re.sub(r"(?<=\d) ?\* ?(?=\d)", "×", text)
    text = re.sub(r"(?<![\w#@$%&*!?])(?=[#@$%&*!?]*[#@%&])[#@$%&*!?]{3,}(?!\w)", " ", text)
    text = re.sub(
        r"(?<![\w*])([^\W\d_])(?:[*]+[\w*]*|[^\W\d_]+(?:[*]{2,}|[*#]+(?=[^\W\d_]))[\w*#]*|#+[^\W\d_][\w#]*)",
        lambda m: letters.get(m.group(1).upper(), m.group(1)),
        text,
    )
    return re.sub(r"\*+", " ", text)


_DISGUISES = str.maketrans("0134578@$!", "oieastbasi")
_PLAIN = str.maketrans("áàâãéêíóôõúüç", "aaaaeeiooouuc")


def _say_disguised(text: str, table: Table) -> str:
    """Strong words with digits for letters, "m13rd4", "sh1t": said where the letters make one of the known words."""
    known = {word.translate(_PLAIN): word for word in strong_words(table.language)}

    def say(match: re.Match[str]) -> str:
        # A mark of exclamation after the word is no letter.
        return known.get(match.group().casefold().translate(_DISGUISES).translate(_PLAIN), match.group())

    return re.sub(r"(?<![\w@#/.$-])(?=[^\W\d_]*[013457@$!][\w@$]*)[\w@$!]*[\w@$](?![\w@/])", say, text)


def _say_at_letters(text: str, table: Table) -> str:
    """The "@" inside of a word: an "a" near its beginning; at the end of a Spanish or Portuguese one both genders."""
    text = re.sub(r"(?<![\w.])([^\W\d_]{1,2})@(?=[^\W\d_]{3,}(?![.@]))", r"\1a", text)
    if table.language not in ("es", "pt"):
        return text
    return re.sub(r"\b([^\W\d_]{3,})@(s?)(?!\w|[.@]\w)", rf"\1o\2 {table.word('and')} \1a\2", text)


_INITIALS = re.compile(r"(?<![\w.&])(?:[A-ZÀ-ÖØ-Þ]\.[ \u00a0]?){2,4}(?=[A-ZÀ-ÖØ-Þ][a-zß-ÿ])")
_LAST_INITIALS = re.compile(r"(?<![\w.&])(?:[A-ZÀ-ÖØ-Þ]\. ){1,3}[A-ZÀ-ÖØ-Þ]\.(?=([,;:!?)\"”»\n]|$))")
_NUMBERED_STREET = re.compile(
    r"(\b(?:Calle|Carrera|Cra\.?|Cll\.?|Cl\.|Kr\.?|Diagonal|Transversal|Avenida|Av\.) \d[^\n]{0,12}?"
    r"(?:#|No\.|N\.?[º°]) ?)(\d+[A-Z]?) ?- ?(\d+)"
)
"""Such as "Carrera 7 # 45-20": the cross street and the metres from it (Colombia)."""
_PLACES = frozenset(
    "barrio calle plaza iglesia colegio hospital avenida parroquia ermita convento capilla castillo puerto isla rey "
    "reina bairro rua praça igreja colégio paróquia capela largo rei rainha príncipe infante infanta".split()
)
"""Before a saint or a title rather than the second name of a person."""
_MIDDLE = re.compile(r"(?<=[a-zß-ÿ\ue000-\uf8ff] )([A-ZÀ-ÖØ-Þ])\. (?=[A-ZÀ-ÖØ-Þ][a-zß-ÿ])")
_AFTER_TITLE = re.compile(
    r"\b((?:Dra?|Sra?|Srta|Profa?|Lic|Ing|Mrs?|Ms|Dott|Sig)\. )([A-CE-ZÀ-ÖØ-Þ])\. (?=[A-ZÀ-ÖØ-Þ][a-zß-ÿ])"
)


def say_initials(text: str, table: Table) -> str:
    """Initials before a surname, by the names of their letters: "C. S. Lewis", "Harry S. Truman" are no saints."""
    if table.language in ("en", "fr"):
        return text
    letters = table.part("letters")

    def say(match: re.Match[str]) -> str:
        initials = re.findall(r"[^\W\d_]", match.group())
        behind = any(f"{before}{match.group().strip()}" in table.abbreviations for before in _befores(match))
        if behind or "".join(initials) in _POSTSCRIPTS:
            return match.group()
        return " ".join(letters.get(letter, letter) for letter in initials) + " "

    def middle(match: re.Match[str]) -> str:
        named = re.search(
            r"(?:^|\s)(?:[A-ZÀ-ÖØ-Þ][^\W\d_]+|[\ue000-\uf8ff]) $",
            match.string[max(0, match.start() - 40) : match.start()],
        )
        placed = word_before(match.string, match.start()).casefold() in _PLACES and match[1] in "SD"
        return f"{letters.get(match[1], match[1])} " if named and not placed else match.group()

    text = _AFTER_TITLE.sub(lambda m: f"{m[1]}{letters.get(m[2], m[2])} ", text)
    text = _LAST_INITIALS.sub(lambda m: say(m).rstrip() + ("." if m[1] == "" else ""), text)
    return _INITIALS.sub(say, _MIDDLE.sub(middle, text))


def _befores(match: re.Match[str]) -> tuple[str, ...]:
    """Nothing, and the one or two words before: of "44 a. de J. C." the initials are a part."""
    words = match.string[max(0, match.start() - 20) : match.start()].split(" ")
    return ("", " ".join(words[-2:]), " ".join(words[-3:]))


_DRIVE = re.compile(r"(?<=[a-z0-9,] )([A-Z][a-z]+ )Dr\.(?=[^\S\n]*(?:$|[\n\"”)]|[a-z]|[,;]))")
"""A drive of a city, after its name; a doctor stands before a name, and is spoken to after a comma."""


_COMPASS = re.compile(
    r"(?<=\d )([NS]\.?(?:[EW]\.?)?|[EW]\.?) (?=\d{1,3}(?:st|nd|rd|th)\b|(?:[A-Z][\w'’]+ ){1,2}"
    r"(?:St|Ave?|Rd|Blvd|Dr|Ln|Street|Avenue|Road|Boulevard|Drive|Lane|Court|Place|Way)\b)"
)
_DIRECTIONS = {
    "N": "north", "S": "south", "E": "east", "W": "west",
    "NE": "northeast", "NW": "northwest", "SE": "southeast", "SW": "southwest",
}  # fmt: skip
"""Of a street, between its house number and its name: "45 W. 3rd St." (Chicago 10.34)."""


def expand_abbreviations(text: str, table: Table) -> str:
    """Abbreviations in full: some everywhere, some only before a name or a number."""
    text = _say_agreeing(_say_included(_say_weekdays(text, table), table), table)
    if table.language == "en":
        text = _COMPASS.sub(lambda m: f"{_DIRECTIONS[m[1].replace('.', '')]} ", text)
        text = _DRIVE.sub(lambda m: f"{m[1]}Drive{'' if m.string[m.end() :].strip() else '.'}", text)
    if table.language == "es":
        text = _NUMBERED_STREET.sub(r"\1\2 \3", text)
    for short, said in table.part("before_word").items():
        text = re.sub(rf"(?<![\w/.])(?i:{short}) ?(?=[a-zà-ÿ]{{2}})", f"{said} ", text)
    for part, follows in (
        (
            "before_name",
            r"(?=[ \u00a0]?(?:(?:d[aeo]s?|del|de la|de los) )?"
            r"(?:[A-ZÀ-ÖØ-Þ][a-zß-ÿ]|(?:[IVX]+|\d{1,2}) de [A-ZÀ-Þ]?[a-z]))",
        ),
        ("before_number", r"(?=[ \u00a0]?(?:\d|(?<![NnoO]\.)(?<![NnoO]\. )[IVXLC]+\b))"),
    ):
        known = table.part(part)
        # After another letter with a point it is half of an abbreviation: "a. C.", "P. D.".
        longer = any_of(short for short in table.abbreviations if short.startswith(tuple(known)) and short not in known)
        pattern = rf"(?<![\w.&])(?<!\b[^\W\d_]\. )(?!(?:{longer})(?!\w))({any_of(known)}){follows}[ \u00a0]?"
        text = re.sub(pattern, partial(_by_name, known), text)
    return _say_chat(_everywhere(text, table), table)


def _say_weekdays(text: str, table: Table) -> str:
    """Such as "lun.-vie.", "Seg a Sex", "Mon–Fri": two weekdays in short and what joins them; Portuguese "3ª feira"."""
    if table.language == "pt":
        text = re.sub(r"(?<![\w.,])3[ªa](s?)(?=[ -]feiras?\b)", r"terça\1", text)
    short = dict(zip(table.raw["calendar"]["weekdays_short"].split(), table.raw["calendar"]["weekdays"].split()))
    day, to = rf"({any_of(short)})\.?", table.word("to")
    and_ = table.word("and")  # "sat and sun" may be words; "Sat. and Sun." are days
    link = rf"{to}l" if table.language == "es" else r"(?!)"
    pattern = rf"(?<![\w.]){day}(?: ?(?:[-–—/]|{to}) ?| ({link}) |(?<=\.) ({and_}) ){day}(?![\w-])"

    def say(match: re.Match[str]) -> str:
        return f"{short[match[1].casefold()]} {match[2] or match[3] or to} {short[match[4].casefold()]}"

    text = re.sub(pattern, say, text, flags=re.IGNORECASE)
    if table.language == "es":
        text = _WEEKDAY_LETTERS.sub(lambda m: f"{_WEEKDAYS[m[1]]} a {_WEEKDAYS[m[2]]}", text)
    dated = rf"(?<![\w.])(?<!\d )({any_of(short)})(,?) (?=\d{{1,2}}/\d{{1,2}}\b)"
    text = re.sub(dated, lambda m: f"{short[m[1].casefold()]}{m[2]} ", text, flags=re.IGNORECASE)
    alone = rf"(?<![\w.])(?<!\d )({any_of(short)})\.(?=,? \d{{1,2}}|, (?:{any_of(short.values())})\b)"
    return re.sub(alone, lambda m: short[m[1].casefold()], text, flags=re.IGNORECASE)


_WEEKDAYS = dict(zip("LMXJVSD", "lunes martes miércoles jueves viernes sábado domingo".split()))
_WEEKDAY_LETTERS = re.compile(
    r"(?<![\w.-])(?=(?:L(?: ?[-–] ?| a )[JVSD]|[MXJVS] ?[-–] ?[VSD](?=,?:? (?:\d|cerrad|de \d)))(?![\w'’-]))([A-Z])"
    r"(?: ?[-–] ?| a )([A-Z])(?![\w'’-])"
)
"""Spanish opening days by their letters, "L-V 9-14 h": from Monday, or before hours."""


def _say_chat(text: str, table: Table) -> str:
    """Words of messages in short, "vc", "tqm"; Portuguese "n" is a no before a verb or beside another such word."""
    known = table.part("chat")
    if not known:
        return text
    # A letter alone may be a variable ("q = 3") or an item of a list ("q)").
    pattern = rf"(?<![\w.@#/'’-])({any_of(known)})(?![\w@/'’)-]|\.\w| ?[=+<>])"

    def say(match: re.Match[str]) -> str:
        written = match[1]
        if said := known.get(written, ""):
            return said
        said = known.get(written[0].lower() + written[1:], "") if len(written) > 1 else ""  # "PQ" is an acronym
        return said[0].upper() + said[1:] if said else written

    found = re.sub(pattern, say, text, flags=re.IGNORECASE)
    if table.language != "pt":
        return found
    found = _NOT.sub(r"\1ão", found)
    return re.sub(r"(?<![\w.'’-])([nN])(?= [a-zà-ÿ])", r"\1ão", found) if found != text else found


_NOT = re.compile(
    r"(?<![\w.'’-])([nN])(?= (?:sei|vou|vai|é|tem|tenho|quero|quer|pode|posso|dá|deu|foi|tô|to|tá|ta|consigo|entendi|"
    r"gostei|fala|faz|precisa|vem|veio|acho|acredito|era|estou|está|sou)\b)"
)


def _say_included(text: str, table: Table) -> str:
    """Such as "IVA incl.", "gastos no incl.": a participle that agrees with the noun before it."""
    forms = table.part("included")
    if not forms:
        return text

    def say(match: re.Match[str]) -> str:
        noun, link, stop = match[1], match[2], "." if re.fullmatch(r"[\s)]*", match.string[match.end() :]) else ""
        many = noun.casefold().endswith("s") and not noun.isupper()
        feminine = not noun.isupper() and gender_of(noun, table, plural=many) == "f"
        feminine = feminine or noun in forms.get("feminine", "").split()
        return f"{noun}{link}{forms[('f' if feminine else 'm') + ('s' if many else '')]}{stop}"

    return re.sub(r"\b([^\W\d_]+)( (?:(?:no|não|non) )?)[Ii]n(?:cl?|clu)\.(?!\w)", say, text)


def _say_agreeing(text: str, table: Table) -> str:
    """Adjectives in short agree with the noun before them, "temperaturas mín. y máx."; with what a number counts they
    do not: "3 personas máx." is said "máximo".
    """
    known = {short: tuple(said.split("|")) for short, said in table.part("agreeing").items()}
    if not known:
        return text
    shorts = any_of(known)

    def say(match: re.Match[str]) -> str:
        counted, noun = match["counted"], match["noun"].casefold()
        many = noun.endswith("s")
        article = noun in ("la", "las", "a", "as")
        feminine = not counted and (article or gender_of(noun, table, plural=many) == "f")
        form = 0 if counted else 2 * many + feminine
        ends = "." if re.fullmatch(r"[\s)]*", match.string[match.end() :]) else ""
        adjectives = re.sub(shorts, lambda m: known[m.group()][form], match["adjectives"])
        return f"{counted or ''}{match['noun']} {adjectives}{ends}"

    adjectives = rf"(?P<adjectives>(?:{shorts})(?:(?: [yoeu] | ou |/|, )(?:{shorts}))*)"
    return re.sub(rf"(?P<counted>\d[\d.,]* )?\b(?P<noun>[^\W\d_]+) {adjectives}(?!\w)", say, text)


def _everywhere(text: str, table: Table) -> str:
    """Abbreviations that hold everywhere; the dot of one that ends a sentence still ends it."""
    known = table.abbreviations
    titles, before = table.part("titles"), frozenset(table.part("titles").get("before", "").split())
    pattern = rf"(?<![\w.@/])({any_of(known)})(?![^\W\d_]|\.\w|(?<=[a-zA-Z])\d)([ \u00a0]?(?=\d)|)"

    def expand(match: re.Match[str]) -> str:
        said = known[match.group(1)]
        if said in titles and word_before(text, match.start()).casefold() in before:
            said = titles[said]
        last = match.group(1).endswith(".") and re.fullmatch(r"[ \u00a0]*[\n\"»”)]*", text[match.end() :])
        return said + ("." if last else " " if match.group(2) or text[match.end() : match.end() + 1].isdigit() else "")

    return re.sub(pattern, expand, text)


def _by_name(known: dict[str, str], match: re.Match[str]) -> str:
    """An abbreviation whose reading may depend on the gender of the name after it: "Dom|Dona"."""
    masculine, _, feminine = known[match.group(1)].partition("|")
    name = re.match(r"[ \u00a0]?([^\W\d_]+)", match.string[match.end() :])
    said = feminine if feminine and name and name.group(1).casefold().endswith("a") else masculine
    if name and feminine == "santa":  # Italian: "sant'Anna", "santo Stefano" (Crusca, "santo")
        if re.match("[AEIOUÀÈÌÒÙ]", name[1]):
            return "sant'"
        said = "santo" if said == "san" and re.match("S[^aeiouàèìòù]|Z", name[1]) else said
    return f"{said} "


def tidy(text: str, _table: Table) -> str:
    """One space between words, none before a mark, no brackets, hyphens between words kept."""
    text = re.sub(r"[\[\]{}<>|\\/_^~`]", " ", text)
    text = re.sub(r"\s+([,.;:!?…)»”])", r"\1", re.sub(r"\s+", " ", text))
    text = re.sub(r"([,;:])(?=[^\W\d_])", r"\1 ", text)
    return re.sub(r"^[\s,;:.!?…]+(?=\w)", "", text).strip() if re.search(r"\w", text) else text.strip()
