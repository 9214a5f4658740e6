"""What people decide about a dub: one event each, checked when it is made. The list of them is only ever added to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, get_args

from ..delivery.variants import EQUAL, is_variant
from ..errors import UsageError
from ..runtime.records import from_json, to_json
from ..subtitles.cue_edits import ShownCue
from ..transcription.edits import LATEST_MS
from ..transcription.line_changes import LINE_ID

Kind = Literal[
    "edit_source", "edit_translation", "choose_candidate", "change_voice", "move", "trim", "retime", "split", "merge",
    "keep_original", "own_take", "guide_take", "edit_cue", "add_term", "comment", "qc", "approve", "reject", "prefer",
    "undo",
]  # fmt: skip
Severity = Literal["FYI", "issue", "blocker"]
Category = Literal[
    "translation", "timing", "sync", "voice", "pronunciation", "performance", "mix", "subtitle", "picture", "other"
]

LONGEST_TEXT = 5_000
LONGEST_TERM = 200
LONGEST_CUE_LINE = 200
MOST_CUE_LINES = 4
MOST_CUES = 20
"""Cues that one decision may change, or make of them."""
LONGEST_NAME = 100
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_PROFILE = re.compile(r"[\w-]{1,40}")
_VOICE = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNWRITTEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Event:
    """One decision. Which fields a kind has is in `FIELDS`; the others are left out.

    Args:
        kind: what was decided.
        number: counted from 1; given when it is appended.
        at: when, UTC: "2026-11-29T12:00:00.000Z"; given when it is appended.
        who: decided it; given when it is appended.
        line: id.
        language: target language; "" for all, or for none in particular.
        text: the words; what a comment, a mark or a rejection says; the words that were approved.
        candidate: which of the wordings of master.json, counted from 0; `text` has its words.
        voice: that speaks the line; of a recording whose it is.
        take: SHA-256 of the recording that is heard, or leads the synthesized voice; `text` has its words.
        by_ms: how much later the line is heard; earlier below 0.
        start_ms: when the line begins on the film's clock.
        end_ms: when it ends.
        at_ms: where the line is split, or what a mark or comment points at.
        word: the words of the source before the split.
        parted: target language -> the words of its text before the split.
        other: of a split the id of its second part; of a merge the following line that is taken in.
        severity: of a mark.
        category: of a mark.
        undoes: the number of the event that is taken back.
        profile: label of the subtitle profile whose cues are changed.
        before: the cues that were seen, one after the other.
        after: what they become.
        term: of the source, whose translation is `text`.
        between: the two variants that were compared, as they were offered: the first was A.
        prefers: the better of them, or "equal".
        said: variant -> the words of the line that were heard.
        blind: whether their names were hidden.
    """

    kind: Kind
    number: int = 0
    at: str = ""
    who: str = ""
    line: str = ""
    language: str = ""
    text: str | None = None
    candidate: int | None = None
    voice: str | None = None
    by_ms: int | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    at_ms: int | None = None
    word: int | None = None
    parted: dict[str, int] = field(default_factory=dict)
    other: str = ""
    severity: Severity | None = None
    category: Category | None = None
    undoes: int | None = None
    profile: str = ""
    before: tuple[ShownCue, ...] = ()
    after: tuple[ShownCue, ...] = ()
    term: str = ""
    between: tuple[str, ...] = ()
    prefers: str = ""
    said: dict[str, str] = field(default_factory=dict)
    blind: bool | None = None
    take: str = ""

    def json(self) -> dict[str, Any]:
        """What review.json has of it: the fields that say something."""
        return {name: value for name, value in to_json(self).items() if value not in _NOTHING}


_NOTHING: tuple[Any, ...] = (None, "", {}, [], ())
STAMP = ("kind", "number", "at", "who")
"""Fields of every event."""
FIELDS: dict[str, tuple[str, str]] = {
    "edit_source": ("line text", ""),
    "edit_translation": ("line language text", ""),
    "choose_candidate": ("line language candidate", "text"),
    "change_voice": ("line voice", "language"),
    "move": ("line by_ms", ""),
    "trim": ("line", "start_ms end_ms"),
    "retime": ("line start_ms end_ms", ""),
    "split": ("line at_ms word", "other parted"),
    "merge": ("line other", ""),
    "keep_original": ("line", "language"),
    "own_take": ("line language voice take", "text"),
    "guide_take": ("line language take", "text"),
    "edit_cue": ("language profile before after", ""),
    "add_term": ("language term text", ""),
    "comment": ("text", "line language at_ms"),
    "qc": ("severity category", "line language at_ms text"),
    "approve": ("line language", "text"),
    "reject": ("line language", "text"),
    "prefer": ("line language between prefers", "said blind"),
    "undo": ("undoes", ""),
}
"""Kind -> the fields that it must have, and those that it may have."""
CHANGES = frozenset(
    "edit_source edit_translation choose_candidate change_voice move trim retime split merge keep_original "
    "own_take guide_take".split()
)
"""Kinds that change what is heard: they end an approval of the line."""
WORDED = frozenset("edit_source edit_translation choose_candidate comment add_term own_take guide_take".split())
"""Kinds whose text says something."""
REMADE = CHANGES | {"edit_cue", "add_term"}
"""Kinds after which the dub has to be made again."""


def check_event(event: Event) -> Event:
    """An event, whose every field was looked at: it may have come from anywhere.

    Raises:
        UsageError: a field is missing, does not belong to its kind, or has a value that none may have.
    """
    needed, allowed = (names.split() for names in FIELDS[event.kind])
    for entry in fields(event):
        there = getattr(event, entry.name) not in _NOTHING
        if entry.name in needed and not there:
            raise _bad(event, f"{entry.name} is missing")
        if there and entry.name not in (*needed, *allowed, *STAMP):
            raise _bad(event, f"{entry.name} does not belong to it")
    if event.kind == "trim" and (event.start_ms is None) == (event.end_ms is None):
        raise _bad(event, "give start_ms or end_ms; 'retime' sets both")
    _check_names(event)
    _check_numbers(event)
    _check_texts(event)
    _check_choice(event)
    return event


def _check_names(event: Event) -> None:
    for name, known in (
        ("line", LINE_ID), ("other", LINE_ID), ("language", _LANGUAGE), ("voice", _VOICE), ("profile", _PROFILE),
        ("take", _DIGEST),
    ):  # fmt: skip
        value = getattr(event, name)
        if value and not known.fullmatch(value):
            raise _bad(event, f"{name} {value[:40]!r} is not one")
    for language in event.parted:
        if not _LANGUAGE.fullmatch(language):
            raise _bad(event, f"parted {language[:40]!r} is no language")


def _check_numbers(event: Event) -> None:
    for name in ("start_ms", "end_ms", "at_ms"):
        value = getattr(event, name)
        if value is not None and not 0 <= value < LATEST_MS:
            raise _bad(event, f"{name} {value} is no time of a film")
    if event.by_ms is not None and not -LATEST_MS < event.by_ms < LATEST_MS:
        raise _bad(event, f"by_ms {event.by_ms} is no time of a film")
    if event.start_ms is not None and event.end_ms is not None and event.start_ms >= event.end_ms:
        raise _bad(event, "it ends before it starts")
    counts = {"candidate": event.candidate, "word": event.word, "undoes": event.undoes, **event.parted}
    for name, value in counts.items():
        if value is not None and not 0 <= value < LATEST_MS:
            raise _bad(event, f"{name} {value} is no number of something")


def _check_cues(event: Event) -> None:
    for name in ("before", "after"):
        cues: tuple[ShownCue, ...] = getattr(event, name)
        if len(cues) > MOST_CUES:
            raise _bad(event, f"{name} has {len(cues)} cues: at most {MOST_CUES}")
        for cue in cues:
            if not 0 <= cue.start_ms < cue.end_ms < LATEST_MS:
                raise _bad(event, f"{name} has a cue from {cue.start_ms} to {cue.end_ms} ms, which is no time")
            if not 0 < len(cue.lines) <= MOST_CUE_LINES or not any(line.strip() for line in cue.lines):
                raise _bad(event, f"{name} has a cue of {len(cue.lines)} lines: write 1 to {MOST_CUE_LINES}")
            for line in cue.lines:
                if len(line) > LONGEST_CUE_LINE or "\n" in line or _UNWRITTEN.search(line):
                    raise _bad(event, f"{name} has a line that is no line of a subtitle")
        if any(first.end_ms > second.start_ms for first, second in pairwise(cues)) and name == "after":
            raise _bad(event, "after has cues that are shown at the same time")


def _check_texts(event: Event) -> None:
    _check_cues(event)
    if len(event.term) > LONGEST_TERM or not event.term.isprintable():
        raise _bad(event, "term is no term")
    text = event.text
    if text is None:
        return
    if len(text) > LONGEST_TEXT:
        raise _bad(event, f"text has {len(text)} characters: at most {LONGEST_TEXT}")
    if _UNWRITTEN.search(text):
        raise _bad(event, "text has characters that are no text")
    if event.kind in WORDED and not text.strip():
        raise _bad(event, "text is empty: 'keep_original' leaves a line undubbed")


def _check_choice(event: Event) -> None:
    """A choice names two variants, and one of them or neither."""
    if not event.between:
        return
    if len(set(event.between)) != 2 or len(event.between) != 2 or not all(map(is_variant, event.between)):
        raise _bad(event, "between names two variants")
    if event.prefers not in (*event.between, EQUAL):
        raise _bad(event, f"prefers is one of the two, or {EQUAL!r}")
    for variant, text in event.said.items():
        if variant not in event.between or len(text) > LONGEST_TEXT or _UNWRITTEN.search(text):
            raise _bad(event, "said has the words of the two variants")


def is_line_id(name: str) -> bool:
    """Whether a line may be called so: an id becomes part of documents."""
    return LINE_ID.fullmatch(name) is not None


def is_language(tag: str) -> bool:
    """Whether it is a tag: a language becomes part of file names."""
    return _LANGUAGE.fullmatch(tag) is not None


def check_who(who: str) -> str:
    """The name of a reviewer, as it is kept.

    Raises:
        UsageError: there is none, or it is no name.
    """
    name = " ".join(who.split()) if isinstance(who, str) else ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"say who decides this: a name of at most {LONGEST_NAME} characters")
    return name


def read_draft(data: Any) -> Event:
    """An event as a page or a program sends it: without number, time and name, which are given when it is appended.

    Raises:
        UsageError: it is none; the message names the field.
    """
    if isinstance(data, Mapping) and (stamped := [name for name in ("number", "at", "who") if name in data]):
        raise UsageError(f"{stamped[0]} is given by localize when an event is appended: leave it out")
    try:
        return check_event(from_json(Event, data))
    except ValueError as error:
        raise UsageError(f"no event of a review: {error}") from error


def read_event(data: Any, number: int) -> Event:
    """An event as review.json has it.

    Args:
        data: parsed JSON.
        number: that it must have.

    Raises:
        UsageError: it is none; the message names its number.
    """
    try:
        event = check_event(from_json(Event, data))
        stamp = datetime.fromisoformat(event.at)
        if event.number != number or not event.at.endswith("Z") or stamp.tzinfo is None:
            raise ValueError("its number or time is not the one it must have")
        check_who(event.who)
    except ValueError as error:
        raise UsageError(f"event {number}: {error}") from error
    except UsageError as error:
        raise UsageError(f"event {number}: {error.message}") from error
    return event


def _bad(event: Event, what: str) -> UsageError:
    return UsageError(f"{event.kind}{f' of {event.line}' if event.line else ''}: {what}")


assert set(FIELDS) == set(get_args(Kind))
