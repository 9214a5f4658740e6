"""What speech has beside sentences: cries, broken-off words, stutters, stars over swearing, emoji, abbreviations.

Small models answer them with something invented. They are taken from a sentence before it is translated, and written
for the other language by table (`colloquial.toml`).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

EMOJI = (
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|[\U0001f300-\U0001faff\u2600-\u2668\u2670-\u27bf\u2b05-\u2b55\u231a\u231b"
    "\u23e9-\u23f3\U0001f004\U0001f0cf][\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*"
    "(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
"""A pattern of one emoji, with its skin tone, and of those that are joined (Unicode Technical Standard 51)."""
_COLUMNS = {"es": 0, "pt": 1}
_LAUGHTER = re.compile(r"(?:(?:[Hh](?P<vowel>a|e+|o))(?:[ ,-]*h(?P=vowel))+h?)(?![^\W\d_])", re.IGNORECASE)
_SUNG = r"(?:(?P<sung>la|na|da|doo|dum|sha|tra|ba|bum|oh|ooh|hey|yeah)(?:[ ,-]+(?P=sung)){2,})(?![\w'-])"
"""Syllables that are sung and mean nothing."""
_SUNG_OTHERWISE = {"yeah": ("sí", "sim"), "doo": ("du", "du"), "hey": ("eh", "ei"), "sha": ("sha", "xa")}
_STUTTER = re.compile(r"(?<![\w'-])([^\W\d_])-(?:\1-)*(?=\1[^\W\d_-])", re.IGNORECASE)
_AFTER_CRY = r"(?=[,.!?…]|\s*[-–—]|$)"
_STARS = re.compile(r"(?<![\w*])[A-Za-z]+\*{2,}[A-Za-z]*|(?<![\w*])[A-Za-z]+\*[A-Za-z]+")


def is_emoji(word: str) -> bool:
    """Whether a word is emoji and nothing else."""
    return re.fullmatch(f"{EMOJI}+", word) is not None


def leading_cry(text: str, language: str) -> str:
    """The cry, laugh or broken-off word that a sentence begins with, and its marks; "" where it begins otherwise."""
    if language != "en":
        return ""
    if found := _leading_cries().match(text):
        return found[0]
    if found := re.match(r"([A-Za-z']+)(?:\.{2,}|…)$", text):
        return found[0] if found[1].lower() in _table()["fragments"] else ""
    return ""


def translate_cry(cry: str, language: str) -> str:
    """What `leading_cry` found, in another language; as it is in a language without a table."""
    if language not in _COLUMNS:
        return cry
    said = _leading_cries().sub(lambda found: _answer(found[0], language), cry) if _leading_cries().match(cry) else ""
    if not said:
        found = re.match(r"([A-Za-z']+)", cry)
        said = (
            _in_case(_table()["fragments"][found[1].lower()][_COLUMNS[language]], cry) + cry[len(found[1]) :]
            if found
            else cry
        )
    opening = {"!": "¡", "?": "¿"}.get(said.rstrip()[-1:], "") if language == "es" else ""
    return opening + said


def _answer(cry: str, language: str) -> str:
    words, marks = re.match(r"(.*?)([,.!?…\s]*)$", cry, re.DOTALL).groups()  # type: ignore[union-attr]
    if laugh := _LAUGHTER.fullmatch(words):
        return _in_case(_laughter(words, laugh["vowel"][0].lower(), language), words) + marks
    if sung := re.fullmatch(_SUNG, words, re.IGNORECASE):
        syllable = sung["sung"].lower()
        written = _SUNG_OTHERWISE.get(syllable, (syllable, syllable))[_COLUMNS[language]]
        return _in_case(words.lower().replace(syllable, written), words) + marks
    key = _squeezed(words.lower())
    row = next((row for cry, row in _table()["cries"].items() if _squeezed(cry) == key), [words, words])
    return _in_case(row[_COLUMNS[language]], words) + marks


def _laughter(words: str, vowel: str, language: str) -> str:
    vowel = {"e": "i"}.get(vowel, vowel)
    count = len(re.findall(r"h[aeo]", words.lower()))
    syllable = ("j" if language == "es" else "h") + vowel
    return (", " if " " in words else "").join([syllable] * count)


def _in_case(text: str, like: str) -> str:
    if len(like) > 1 and like.upper() == like and like.lower() != like and len(re.findall("[A-Z]", like)) > 1:
        return text.upper()
    return text[:1].upper() + text[1:] if like[:1].isupper() else text


def without_stutter(text: str) -> tuple[str, bool]:
    """A text without "w-what"; and whether its first word was said so."""
    first = _STUTTER.match(re.sub(r"^\W+", "", text)) is not None
    plain = _STUTTER.sub(lambda found: "\0" if found[1].isupper() else "", text)
    return re.sub("\0(.)", lambda found: found[1].upper(), plain), first


def stutter(text: str) -> str:
    """A text whose first word is begun twice."""
    found = re.search(r"[^\W\d_]{2,}", text)
    if not found:
        return text
    at = found.start()
    return f"{text[:at]}{text[at]}-{text[at].lower()}{text[at + 1 :]}"


def uncensored(text: str, language: str) -> tuple[str, str]:
    """A text with words for stars, and the first word with stars; "" where it has none."""
    first = ""
    for found in _STARS.findall(text) if language == "en" else ():
        for pattern, word in _table()["censored"].items():
            if re.fullmatch(pattern, found.lower()):
                first = first or found
                text = text.replace(found, _in_case(word, found))
                break
    # "What the hell" is said by models that know no stronger word.
    text = re.sub(r"\b([Ww]hat|[Ww]ho|[Ww]here|[Ww]hy|[Hh]ow) the fuck\b", r"\1 the hell", text) if first else text
    return text, first


def censor(text: str, language: str, like: str) -> str:
    """A text whose swearing has stars, the last letter shown where `like` shows it."""
    words = _table()["censor"].get(language, "").split()
    tail = like[-1:] != "*"

    def starred(found: re.Match[str]) -> str:
        word = found[0]
        return word[0] + "*" * (len(word) - 1 - tail) + (word[-1] if tail else "")

    return re.sub(rf"\b(?:{'|'.join(words)})\b", starred, text, flags=re.IGNORECASE) if words else text


def native_words(text: str, said: str, language: str) -> str:
    """A translation with the language's own words in place of those that small models take from its neighbour.

    Args:
        text: the translation.
        said: its English source: a word is only exchanged where that says what it means.
        language: of the translation, main subtag.
    """
    if language != "es":
        return text
    low = text.lower()
    for word, (own, says, not_says) in _table()["other_words"].items():
        if word[:4] not in low or not re.search(says, said, re.IGNORECASE):
            continue
        if not_says and re.search(not_says, said, re.IGNORECASE):
            continue
        text = re.sub(rf"(?i)\b{word}\b", lambda found, put=own: _in_case(put, found[0]), text)  # type: ignore[misc]
        low = text.lower()
    return text


def write_out_for_translation(text: str, language: str) -> str:
    """A text with what small translators misread written out: abbreviations whose point they take for the end of a
    sentence, and a few idioms of number ("two out of three", "ten grand").

    How a text is *said* is another matter, and is settled by `language/spoken/` after translation.
    """
    for pattern, word in _table()["written_out"].items() if language == "en" else ():
        text = re.sub(pattern, lambda found, put=word: _at_start(found, found.expand(put)), text)  # type: ignore[misc]
    return text


def _at_start(found: re.Match[str], written: str) -> str:
    """What is written in place of the first words of a text keeps their capital."""
    return written[:1].upper() + written[1:] if not found.start() and found[0][:1].isupper() else written


@cache
def _leading_cries() -> re.Pattern[str]:
    cries = sorted(_table()["cries"], key=len, reverse=True)
    stretched = (
        re.escape(cry) if not cry.isalpha() else "".join(f"{letter}+" for letter in _squeezed(cry)) for cry in cries
    )
    one = rf"(?:{_LAUGHTER.pattern}|{_SUNG}|(?:{'|'.join(stretched)})(?![\w'-]))"
    return re.compile(rf"{one}{_AFTER_CRY}(?:[,.!?…]+(?:\s+|$)|\s*$)", re.IGNORECASE)


def _squeezed(cry: str) -> str:
    return re.sub(r"(\w)\1+", r"\1", cry)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("colloquial.toml").read_text(encoding="utf-8"))
