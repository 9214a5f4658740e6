"""A script, read: lines of dialogue in the order of the file, who says them, and times where the file has them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from ..language.structure import parse_line
from ..timedtext.cues import Diagnostic
from .timecodes import Timecode

LARGEST = 32_000_000
"""Bytes of a script; a feature's takes some hundred kilobytes as text."""
MOST_LINES = 50_000
LONGEST = 4_000
"""Characters of one line of dialogue: twice the longest monologue of a play."""
MOST_NAME = 60
"""Characters of a speaker's name; longer ones are no name."""

_TAGS = re.compile(r"</?(?:i|b|u|s|em|strong|font|span|c)(?:[ .][^<>]{0,200})?\s*/?>|\{\\[^{}]{0,200}\}", re.IGNORECASE)
_BREAKS = re.compile(r"</?(?:br|p)\b[^<>]{0,200}>|(?<=[^\s|])\|(?=[^\s|])|(?<=[.,!?…])\\N(?=\S)", re.IGNORECASE)
"""A line that ends inside of a text: a tag, or "|" between words, as lists of subtitling programs have it."""
_HOW = re.compile(r"^((?:[-–—]\s*)?[^\W\d_][^:()\[\]\n]{0,40}?)\s*(?:\([^()]{1,30}\)\s*)+:")
"""A label that says how somebody is heard: "ANNA (V.O.):"."""
_WIDE_COLON = re.compile(r"([^:：]{1,40}?)\s*：\s*")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f]")
_EXTENSION = re.compile(r"\s*(?:[\[(（][^\[\]()（）]*[\])）]|<[^<>]*>)")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?\s+([^>]{1,80})>", re.IGNORECASE)
_PLACES = 5
"""Places that a remark names."""


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line of dialogue.

    Args:
        text: what is said, on one line; sounds in brackets and music marks stay in it.
        place: where it stands in the file, for messages: "line 12", "row 5 of the sheet 'Ep 1'".
        speaker: as the file names who says it; "" where it does not.
        start: when it begins, where the file says so.
        end: when it ends, where the file says so.
        block: lines of one paragraph, row or speech have the same number, from 1 up.
    """

    text: str
    place: str
    speaker: str = ""
    start: Timecode | None = None
    end: Timecode | None = None
    block: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """A script.

    Args:
        kind: what it is to a person: "plain text", "screenplay", "dialogue list".
        lines: in the order of the file.
        remarks: what is not used, and what was mended; of lines only what is worth a person's look.
        language: that a heading tells, BCP 47; "" where none does.
        encoding: its text was decoded with; "" where the format says it.
    """

    kind: str
    lines: tuple[ScriptLine, ...]
    remarks: tuple[Diagnostic, ...] = ()
    language: str = ""
    encoding: str = ""


@dataclass(slots=True)
class Aside:
    """What of a script is no dialogue, counted by kind with its first places."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, place: str) -> None:
        """One more of a kind, such as "scene headings"."""
        self.counts[kind] += 1
        where = self.places.setdefault(kind, [])
        if len(where) < _PLACES:
            where.append(place)

    def remarks(self) -> tuple[Diagnostic, ...]:
        """One remark for all of it."""
        if not self.counts:
            return ()
        said = ", ".join(f"{count} {kind} ({self._where(kind)})" for kind, count in self.counts.items())
        return (Diagnostic("not_dialogue", f"no dialogue, so never spoken: {said}", count=self.counts.total()),)

    def _where(self, kind: str) -> str:
        where = self.places[kind]
        return ", ".join(where) + (" …" if self.counts[kind] > len(where) else "")


def clean_text(text: str) -> str:
    """Dialogue on one line, without tags of subtitles and characters that nobody sees."""
    return " ".join(_UNSEEN.sub("", _TAGS.sub("", _BREAKS.sub(" ", text))).split())


def clean_name(text: str) -> str:
    """A speaker's name without what only says how he is heard: "ANNA (V.O.) (CONT'D)" -> "ANNA"."""
    return clean_text(_EXTENSION.sub("", " ".join(text.split()))).strip(" :：^\t*_").removesuffix(".").strip()


def split_label(text: str, names: tuple[str, ...] = ()) -> tuple[str, str]:
    """The name of a label at the start of a line of dialogue, and the rest: "- <i>ANNA:</i> Go." -> "ANNA", "Go.".

    Args:
        text: of the line.
        names: of speakers; of others only those in capitals, and in brackets, are labels.
    """
    if voice := _VOICE.search(text):
        return clean_name(voice[1]), clean_text(re.sub(r"</?v\b[^>]*>", " ", text, flags=re.IGNORECASE))
    text = _HOW.sub(r"\1:", clean_text(text))
    if (wide := _WIDE_COLON.match(text)) and (wide[1] in names or wide[1].upper() == wide[1] != wide[1].lower()):
        text = f"{wide[1]}: {text[wide.end() :]}"
    parts = parse_line(text, "en", names).items
    at = 1 if parts and parts[0].kind in ("dash", "chevron") else 0
    if len(parts) > at + 1 and parts[at].kind == "label" and len(parts[at].text) <= MOST_NAME:
        rest = "".join(p.before + p.opening + p.text + p.closing for p in parts[at + 1 :]).strip()
        rest = rest.removeprefix(":").strip() if parts[at].opening else rest
        return clean_name(parts[at].text), rest
    return "", text


def has_words(text: str, language: str = "en") -> bool:
    """Whether anything of a line is spoken: not where it is only sounds in brackets, marks or a label."""
    if re.fullmatch(r"\*[^*]+\*", text):  # *door slams*
        return False
    return any(re.search(r"\w", words) for words in parse_line(text, language).words)
