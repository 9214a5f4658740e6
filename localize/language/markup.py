"""Tags in a line of dialogue, told from what people write in angle brackets: a name, a sound, a key to press."""

from __future__ import annotations

import re

_NAMES = (
    "a|b|big|bpt|br|c|del|div|em|ept|font|g|i|ins|it|lang|p|pc|ph|rb|rp|rt|rtc|ruby|s|sc|ec|small|span|strike|strong"
    "|sub|sup|tt|u|x"
)
"""Of SubRip, WebVTT, TTML, HTML and the exchange formats of translators, but for those that are also names and words
("Mark", "code", "left").
"""
TAG = (
    rf"<(?:(?i:{_NAMES})(?:[\s./][^<>]*)?|v(?:\.[^\s<>]*)?\s*|/[^<>]*|[!?][^<>]*|\s*|\d{{1,3}}:[\d:.,]*"
    r"|[\w:-]+\s[^<>=]*=[^<>]*)>"
)
"""One that closes, is known, has attributes, or is a time of karaoke."""
VOICE = re.compile(r"(?P<opening><v(?:\.[^\s<>]*)?\s+)(?P<name>[^<>\s=][^<>=]{0,79})>")
"""Who speaks, as WebVTT writes it: "<v Anna>"."""
ORDINAL = r"(?i:\d{1,3}(?:st|nd|rd|th|er|re|[èe]me|e|\.?[ºª°]|[oa]\.?|\.)(?=\s))"
"""A number that says which of several: "1st", "2º", "3.", "2ème"."""
ANGLES = rf"(?<!<)(?!{TAG})<(?:{ORDINAL}\s)?[^\W\d_][^<>\n]{{0,60}}>(?!>)"
"""What stands in angle brackets and is no tag."""
CURLY = r"\{(?:[^\W_]|[♪\"'“‘¿¡])[^{}\\]{0,200}\}"
"""What stands in curly brackets and changes no look, as ASS overrides do."""
_SENTENCE_ENDED = re.compile(r"(?:^|[.!?…:;♪\])”»\"*-])\s*\Z")


def is_placeholder(inside: str, before: str, after: str) -> bool:
    """Whether curly brackets hold what a program puts a word for ("Hello, {name}!", "{0} left."), and no direction for
    who speaks ("{quietly} Yes."): one word, in the middle of a sentence or with a sign that no word has.

    Args:
        inside: of the brackets.
        before: what stands before them on the line, without tags.
        after: what follows.
    """
    if re.search(r"\s", inside.strip()):
        return False
    in_sentence = not _SENTENCE_ENDED.search(before) or bool(re.match(r"\s*(?:[^\W\d_A-ZÀ-ÖØ-Þ]|[,;.!?'’])", after))
    return in_sentence or bool(re.search(r"[\d_.$%:=|@]", inside))
