"""Strong words said milder: by lists, with the gender, the number and the capitals of what they replace."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Softened:
    """A text without strong words.

    Args:
        text: as it may be said.
        changes: (strong, mild), in the order of the lists.
        left: strong words that stay, for no milder one fits every sentence, or they are written as names are.
    """

    text: str
    changes: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()


def has_list(language: str) -> bool:
    """Whether strong words of a language, a main subtag, are known."""
    return language in _tables()


@cache
def strong_words(language: str) -> frozenset[str]:
    """The strong words of a language that are one word, in lower case; none where `has_list` says no."""
    table = _tables().get(language, {})
    known = [*table.get("left", "").split(), *table.get("alone", {}), *table.get("words", {})]
    return frozenset(word for entry in known for word in entry.split() if len(word) > 3)


def soften(text: str, language: str) -> Softened:
    """A text with milder words for the strong ones of its language; as it is where `has_list` says no."""
    table = _tables().get(language)
    if table is None:
        return Softened(text)
    changes: list[tuple[str, str]] = []

    def exchange(kind: str, match: re.Match[str]) -> str:
        if _is_name(match) or (kind == "alone" and not _stands_alone(match)):
            return match[0]
        mild: str = table[kind][_entry(match[0])]
        if mild == _entry(match[0]):
            return match[0]
        mild = _in_case(match[0], mild.replace("'", "’") if "’" in match[0] else mild)
        changes.append((match[0], mild))
        return mild

    for kind in ("alone", "words"):
        text = _any_of(language, kind).sub(lambda match, kind=kind: exchange(kind, match), text)  # type: ignore[misc]
    stay = [match[0] for match in _any_of(language, "left").finditer(text)]
    stay += [m[0] for m in _any_of(language, "words").finditer(text) if table["words"][_entry(m[0])] != _entry(m[0])]
    return Softened(text, tuple(changes), tuple(dict.fromkeys(stay)))


def _entry(written: str) -> str:
    """A strong word as the lists have it."""
    return " ".join(written.casefold().replace("’", "'").split())


def _is_name(match: re.Match[str]) -> bool:
    """Whether a capital in the middle of a sentence makes it a name ("Comic Con")."""
    before = match.string[: match.start()].rstrip()
    return match[0][0].isupper() and not match[0].isupper() and before[-1:].isalnum()


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether a word stands between two marks, or at an end of the text: it is called out."""
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    return not before[-1:].isalnum() and not after[:1].isalnum()


def _in_case(strong: str, mild: str) -> str:
    if strong.isupper() and len(strong) > 1:
        return mild.upper()
    return mild[0].upper() + mild[1:] if strong[0].isupper() else mild


@cache
def _any_of(language: str, kind: str) -> re.Pattern[str]:
    """A pattern for every entry of a list, the longest first, spaces as they come."""
    entries = _tables()[language][kind]
    words = sorted(entries.split() if isinstance(entries, str) else entries, key=len, reverse=True)
    either = "|".join(r"\s+".join(map(re.escape, word.split())) for word in words).replace("'", "['’]")
    return re.compile(rf"(?<!\w['’])(?<![\w-])(?:{either})(?![\w-])(?!['’]\w)", re.IGNORECASE)


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("profanity.toml").read_text(encoding="utf-8"))
