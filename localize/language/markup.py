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
ANGLES = rf"(?<!<)(?!{TAG})<[^\W\d_][^<>\n]{{0,60}}>(?!>)"
"""What stands in angle brackets and is no tag."""
