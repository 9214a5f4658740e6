"""Acronyms, said as words or spelled, and codes of letters and digits: flights, plates, models."""

from __future__ import annotations

import re

from .network import spell
from .numerals import cardinal, digits
from .tables import Table

_CAPITALS = "A-ZÀ-ÖØ-Þ"
_ACRONYM = re.compile(
    rf"(?<![\w'’.-])(?:[{_CAPITALS}]\.){{2,}}(?![\w])|(?<![\w/])[{_CAPITALS}]{{2,8}}(?:s(?!\w)|\b)(?![.]\w)"
)
_CODE = re.compile(
    rf"(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[{_CAPITALS}])[{_CAPITALS}]*\d*[{_CAPITALS}\d]*(?:-[{_CAPITALS}\d]+)*(?![\w-])"
)
_PLATE = re.compile(
    rf"\b(\d{{4}})[ -]([{_CAPITALS}]{{3}})\b|\b([{_CAPITALS}]{{2,3}})[ -](\d{{3,4}})(?:[ -]([{_CAPITALS}]{{2}}))?\b"
)
_WORD_NUMBER = re.compile(r"\b([^\W\d_]{2,})-(\d{1,4})\b(?![-/.,]\d)")
_SHOUTED = 0.6
"""Share of words in capitals from which a line is shouted and has no acronyms."""


def say_codes(text: str, table: Table) -> str:
    """Codes of capitals and digits: letters by name, up to two digits as a number, more one by one."""
    text = _PLATE.sub(lambda m: " ".join(_run(part, table) for part in m.groups() if part), text)
    text = _CODE.sub(lambda m: _code(m.group(), table), text)
    return _WORD_NUMBER.sub(r"\1 \2", text)


def _code(code: str, table: Table) -> str:
    runs = re.findall(r"\d+|[^\W\d_]+", code)
    return " ".join(_run(run, table) for run in runs)


def _run(run: str, table: Table) -> str:
    if run.isdecimal():
        return cardinal(int(run), table) if len(run) < 3 and not run.startswith("0") else digits(run, table)
    return run.capitalize() if is_said(run, table) and len(run) > 3 else spell(run, table)


def say_acronyms(text: str, table: Table) -> str:
    """Acronyms as the language says them; a line all in capitals is shouted, and has none."""
    words = re.findall(r"[^\W\d_]+", text)
    shouted = len(words) > 1 and sum(w.isupper() and len(w) > 1 for w in words) > _SHOUTED * len(words)
    return _ACRONYM.sub(lambda m: _acronym(m.group(), table, shouted=shouted), text)


def _acronym(written: str, table: Table, *, shouted: bool) -> str:
    plural = "s" if written.endswith("s") else ""
    letters = re.sub(r"[.s]", "", written) if plural or "." in written else written
    respelled = table.part("acronyms.respelled")
    if letters in respelled:
        return respelled[letters]
    if shouted and (_VOWELS if table.language == "en" else _SYLLABLES).search(letters.casefold()):
        return written
    if "." not in written and is_said(letters, table):
        return written
    return spell(letters, table) + ("'s" if plural and table.language == "en" else "")


def is_said(letters: str, table: Table) -> bool:
    """Whether an acronym is read as a word: by the lists, else where its letters make syllables."""
    word = letters.casefold()
    if word in table.words_of("acronyms.spelled"):
        return False
    if word in table.words_of("acronyms.said"):
        return True
    if table.language == "en" or len(word) > _LONGEST_SPELLED:
        return bool(_VOWELS.search(word))
    return bool(_SYLLABLES.fullmatch(word))


_LONGEST_SPELLED = 4
"""Letters: a longer word in capitals, with a vowel, is a stressed word rather than an acronym that is spelled."""
_VOWELS = re.compile("[aeiouyáéíóúàèìòùâêôãõ]", re.IGNORECASE)
_ONSET = r"(?:[bcfgpt][lr]|dr|qu|gu|ch|lh|nh|s[cptmnlk]|[bcdfghjklmnpqrstvwxyzñç])"
_VOWEL = "[aeiouáéíóúàèìòùâêôãõ]"
_SYLLABLES = re.compile(rf"^(?:{_ONSET}?{_VOWEL}{{1,2}}[lmnrsd]?)+[lmnrsdzxyptcbkgf]?$")
"""Any word that can be syllabified; two letters ("NO", "SÍ") are words too, unless they are listed as spelled."""
