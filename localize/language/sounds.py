"""Sounds as subtitles write them ("PHONE RINGING", "Paul sighs"), in another language by a table of usual ones
(`sounds.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from .script import main_language

LANGUAGES = ("en", "es", "pt", "fr", "it", "de")
"""Of the table of sounds, in its order."""


def translate_sound(text: str, source: str, target: str, names: Sequence[str] = ()) -> str:
    """A sound in another language, in the case it is written in; "" where the table does not know it.

    Args:
        text: without brackets: "PHONE RINGING", "dog barks in distance", "Paul sighs", "coughs, sniffs".
        source: its language.
        target: the one that is asked for.
        names: of speakers, in lower case.
    """
    source, target = main_language(source), main_language(target)
    if source not in LANGUAGES or target not in LANGUAGES:
        return ""
    plain = " ".join(text.split())
    found = _compose_sound(plain, source, target, names)
    if not found:
        return ""
    if plain.upper() == plain:
        return found.upper()
    return found[:1].upper() + found[1:] if plain[:1].isupper() else found


def _compose_sound(text: str, source: str, target: str, names: Sequence[str]) -> str:
    sounds, tails = _table("sounds", source, target), _table("tails", source, target)
    if found := sounds.get(_key(text, source)):
        return found
    several = re.split(r"\s*,\s*|\s+(?:and|y|e|et|und)\s+", text)
    if len(several) > 1:
        found_all = [_compose_sound(one, source, target, names) for one in several]
        return ", ".join(found_all) if all(found_all) else ""
    words = text.split(" ")
    for at in range(len(words) - 1, 0, -1):
        head, rest = " ".join(words[:at]), " ".join(words[at:])
        if (tail := tails.get(_key(rest, source))) and (found := _compose_sound(head, source, target, names)):
            return f"{found} {tail}"
        if (done := sounds.get(_key(rest, source))) and (who := _subject(head, rest, source, target, names)):
            return f"{who} {done}"
    return ""


def _subject(head: str, rest: str, source: str, target: str, names: Sequence[str]) -> str:
    """The source of a sound: an entry of the table, or a name before a verb ("Paul sighs")."""
    if found := _table("sounds", source, target).get(_key(head, source)):
        return found if " " not in found else ""
    verb = source == "en" and " " not in rest and rest.endswith("s") and rest.islower()
    named = all(word[:1].isupper() and not word.isupper() for word in head.split())
    return head if head.casefold() in names or (verb and named and len(head.split()) <= 2) else ""


def _key(text: str, language: str) -> str:
    """The normal form under which a sound is looked up: without case, articles and final marks."""
    bare = text.casefold().strip(" .…!-")
    return re.sub(r"\b(?:a|an|the) ", "", bare) if language == "en" else bare


@cache
def _table(name: str, source: str, target: str) -> Mapping[str, str]:
    """The wordings of one language, and the first one of the other."""
    rows = tomllib.loads(resources.files(__package__).joinpath("sounds.toml").read_text(encoding="utf-8"))[name]
    there, here = LANGUAGES.index(target), LANGUAGES.index(source)
    return {_key(wording, source): row[there].split("|")[0] for row in rows for wording in row[here].split("|")}
