"""Acronyms, said as words or spelled, and codes of letters and digits: flights, plates, models."""

from __future__ import annotations

import re

from .network import spell
from .numerals import cardinal, digits
from .tables import Table

_CAPITALS = "A-ZÀ-ÖØ-Þ"
_ACRONYM = re.compile(
    rf"(?<![\w'’.-])(?:[{_CAPITALS}]\.){{2,}}(?![\w])|(?<!\w)[{_CAPITALS}]{{2,}}(?:s(?!\w)|\b)(?![.]\w)"
)
_CODE = re.compile(
    rf"(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[{_CAPITALS}])[{_CAPITALS}]*\d*[{_CAPITALS}\d]*(?:-[{_CAPITALS}\d]+)*(?![\w-])"
)
_PLATE = re.compile(
    rf"\b(\d{{4}})[ -]([{_CAPITALS}]{{3}})\b|\b([{_CAPITALS}]{{2,3}})[ -](\d{{3,4}})(?:[ -]([{_CAPITALS}]{{2}}))?\b"
)
_FLIGHT = re.compile(rf"\b((?i:voo|vuelo|vol|volo|flight) )([{_CAPITALS}]\d|\d[{_CAPITALS}]) ?(\d{{2,4}})\b")
_AIRLINE = re.compile(rf"\b((?i:voo|vuelo|vol|volo|flight) )([{_CAPITALS}]{{2}}) (?=\d{{1,2}}\b)")
_PARTED = re.compile(r"(?<![\w/.-])[A-Z]{1,3}(?:/[A-Z]{1,3})+(?![\w/-])")
_WORD_NUMBER = re.compile(r"\b([^\W\d_]{2,})-(\d{1,4})\b(?![-/.,]\d)")


def say_codes(text: str, table: Table) -> str:
    """Codes of capitals and digits: letters by name, up to three digits as a number, more one by one."""
    if table.language not in ("en", "fr"):  # a square of a chess board
        text = re.sub(
            r"(?<![\w.,'’-])([b-df-h])([1-8])(?![\w'’-])", lambda m: f"{spell(m[1], table)} {spell(m[2], table)}", text
        )
    text = _AIRLINE.sub(lambda m: f"{m[1]}{spell(m[2], table)} ", text)
    text = _FLIGHT.sub(lambda m: f"{m[1]}{spell(m[2], table)} {digits(m[3], table)}", text)
    text = _PLATE.sub(lambda m: " ".join(_part(part, table) for part in m.groups() if part), text)
    text = _CODE.sub(lambda m: _code(m.group(), table), text)
    text = _PARTED.sub(lambda m: _parted(m.group(), table), text)
    text = re.sub(r"(?<=\d)-(?=[A-ZÀ-Þ][a-zß-ÿ])", " ", text)  # "Linha 4-Amarela"
    return _WORD_NUMBER.sub(r"\1 \2", text)


def _parted(written: str, table: Table) -> str:
    """Such as "AC/DC", "TCP/IP": letters, where one of the parts can be no word."""
    parts = written.split("/")
    return written if all(re.search("[AEIOUY]", part) for part in parts) else " ".join(spell(p, table) for p in parts)


def _code(code: str, table: Table) -> str:
    runs = re.findall(r"\d+|[^\W\d_]+", code)
    return " ".join(_run(run, table) for run in runs)


def _part(part: str, table: Table) -> str:
    """A part of a plate: a train has a name, "AVE 3142"."""
    return part.capitalize() if part.casefold() in table.words_of("acronyms.said") else spell(part, table)


def _run(run: str, table: Table) -> str:
    if run.isdecimal():
        return cardinal(int(run), table) if len(run) < 4 and not run.startswith("0") else digits(run, table)
    listed = run.casefold() in table.words_of("acronyms.said")
    return run.capitalize() if listed or (is_said(run, table) and len(run) > 3) else spell(run, table)


def say_acronyms(text: str, table: Table) -> str:
    """Acronyms as the language says them; a line all in capitals is shouted, and has none."""
    if table.language == "en":
        text = re.sub(r"(?<=[A-Z]['’])(?:[STMD]|LL|RE|VE)\b", lambda m: m.group().lower(), text)
    words = re.findall(r"[^\W\d_]+", text)
    shouted = sum(w.isupper() and len(w) > 1 for w in words) > 1 and all(map(str.isupper, words))
    return _ACRONYM.sub(lambda m: _acronym(m.group(), table, shouted=shouted), text)


_LETTER = re.compile(
    r"(?<![\w'’.&-])[B-DF-HJ-NP-TV-XZÑ](?![\w'’&-]|\. ?[A-ZÀ-Þ]|\.\w)"  # "Malcolm X": no word of these languages
    r"|(?<=[a-zß-ÿ] )[AEIOUY](?![\w'’&-]|\.? ?[A-ZÀ-Þ]|\.\w)"  # "vitamina E", but not "E ele"
    r"|(?<![\w'’.&-])[b-df-hj-np-tv-xzñ](?![\w'’&.…-]|\) ?\w)"  # "la letra f", but no stutter: "d… de acuerdo"
)


def name_letters(text: str, table: Table) -> str:
    """Letters that stand alone, by name: "vitamina C"; in English and French a capital is read so by itself."""
    if table.language in ("en", "fr"):
        return text
    letters = table.part("letters")
    return _LETTER.sub(lambda m: letters.get(m.group().upper(), m.group()), text)


def _acronym(written: str, table: Table, *, shouted: bool) -> str:
    plural = "s" if written.endswith("s") else ""
    letters = re.sub(r"[.s]", "", written) if plural or "." in written else written
    respelled = table.part("acronyms.respelled")
    if letters in respelled:
        return respelled[letters]
    if shouted and _has_syllables(letters.casefold(), table):
        return written.casefold()
    if "." not in written and is_said(letters, table):
        return written.casefold()  # espeak spells some words in capitals
    return spell(letters, table) + ("'s" if plural and table.language == "en" else "")


def is_said(letters: str, table: Table) -> bool:
    """Whether an acronym is read as a word: by the lists, else where its letters make syllables."""
    word = letters.casefold()
    if word in table.words_of("acronyms.spelled"):
        return False
    if word in table.words_of("acronyms.said"):
        return True
    if len(word) < 3:
        return word in table.words_of("acronyms.words") or word in table.words_of("gender.not_nouns")
    return _has_syllables(word, table)


def _has_syllables(word: str, table: Table) -> bool:
    if len(word) > _LONGEST_SPELLED:
        return bool(_VOWELS.search(word))
    return bool((_ENGLISH if table.language == "en" else _SYLLABLES).fullmatch(word))


_LONGEST_SPELLED = 4
"""Letters: a longer word in capitals, with a vowel, is a stressed word rather than an acronym that is spelled."""
_VOWELS = re.compile("[aeiouyáéíóúàèìòùâêôãõ]", re.IGNORECASE)
_ONSET = r"(?:[bcfgpt][lr]|dr|qu|gu|ch|lh|nh|s[cptmnlk]|[bcdfghjklmnpqrstvwxyzñç])"
_VOWEL = "[aeiouáéíóúàèìòùâêôãõ]"
_SYLLABLES = re.compile(rf"^(?:{_ONSET}?{_VOWEL}{{1,2}}[lmnrsd]?)+[lmnrsdzxyptcbkgf]?$")
"""Any word that can be syllabified; two letters ("NO", "SÍ") are words too, unless they are listed as spelled."""
_CLUSTERS = (
    "[bcfgps]l|[bcdfgpt]r|s[ckmnpqtwl]|str|spr|scr|spl|thr?|shr?|ch|w[hr]|kn|qu|[td]w|ph|g[hu]|[bcdfghjklmnpqrstvwxyz]"
)
_CODAS = (
    "ll|ss|ff|zz|tt|dd|gg|rr|nn|bb|pp|[lrn][bcdfgkpstmnvzx]|[lr]th|[mn]p?[ts]|s[tkpm]s?|[ckpftbdgw]s|[cxpf]t|ght?|t?ch|ck|"
    "[ts]h|n[gk]s?|rl|mn|w[nlks]|[bcdfghjklmnpqrstvwxyz]"
)
_ENGLISH = re.compile(rf"(?:{_CLUSTERS})?[aeiouy]{{1,3}}(?:(?:{_CODAS})?(?:{_CLUSTERS})?[aeiouy]{{1,3}})*(?:{_CODAS})?")
"""The same for English: a stressed word ("STOP", "HELP") has such syllables, an acronym ("LSU") mostly not."""
