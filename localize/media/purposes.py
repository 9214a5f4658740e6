"""What an audio stream is for, and its language, by flags and by the words that people put into its title."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from ..language.tags import main_language, tag_of_name

_ABBREVIATED = re.compile(r"(?<![\w&])(?:AD|DVS)(?![\w&])")
"""Audio description, Descriptive Video Service: in capitals only."""


def purpose_of(stream: Any, title: str) -> str:
    """What a stream holds beside or in place of dialogue: "description", "commentary", "music and effects", or "".

    Sound without words is also known by its language, "zxx" (ISO 639-2).

    Args:
        stream: of PyAV.
        title: of it.
    """
    from av.stream import Disposition

    named = purpose_of_title(title)
    if stream.disposition & (Disposition.visual_impaired | Disposition.descriptions) or named == "description":
        return "description"
    if stream.disposition & Disposition.comment or named == "commentary":
        return "commentary"
    wordless = stream.disposition & (Disposition.karaoke | Disposition.clean_effects)
    if wordless or named or str(stream.metadata.get("language", "")).lower() == "zxx":
        return "music and effects"
    return ""


def purpose_of_title(title: str) -> str:
    """The purpose that the words of a title name, in any language of the table; "" for none."""
    plain = unicodedata.normalize("NFC", title)
    if _ABBREVIATED.search(plain):
        return "description"
    return next((purpose for purpose, words in _titles().items() if words.search(plain.casefold())), "")


def language_of_title(title: str) -> str | None:
    """The language that a title begins with ("Français (VFF)", "English 5.1"); None where it names none."""
    found = re.match(r"[^\W\d_]{4,}", unicodedata.normalize("NFC", title))
    tag = tag_of_name(found.group().casefold()) if found else ""
    return main_language(tag) or None


@cache
def _titles() -> Mapping[str, re.Pattern[str]]:
    """Purpose -> its words, in the order in which they are looked for."""
    rows = tomllib.loads(resources.files(__package__).joinpath("track_titles.toml").read_text(encoding="utf-8"))
    return {purpose: re.compile("|".join(words)) for purpose, words in rows.items()}
