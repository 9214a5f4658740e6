"""review.json: the lines of a dub as they were when its review began, and every decision since, in order.

The list only grows. Its version is how many events it holds: whoever adds one says which version was seen, and is
refused where somebody else was faster.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from ..data import ORIGINAL, Edit
from ..errors import ReviewChanged, UsageError
from ..runtime.files import disk_errors, once_a_file, read_json, write_json
from ..runtime.records import build, to_json
from ..runtime.upgrades import present_schema, upgraded
from ..transcription.edits import kept_edits_path, read_edits
from ..transcription.master import Master, open_master
from .events import Event, check_event, check_who, is_language, is_line_id, read_event
from .state import MachineLine, advanced, replay

T = TypeVar("T")
KIND = "review.json"
FILE = "review.json"
LIMIT = 128_000_000
MOST_EVENTS = 200_000


@dataclass(frozen=True, slots=True)
class Review:
    """The review of one title.

    Args:
        title: the base name of its files.
        source_language: BCP 47.
        frame_rate: of the picture, "24000/1001".
        offset_ms: where the film's clock starts.
        names: speaker -> what people call them.
        lines: as they were when it began.
        events: every decision, numbered from 1.
    """

    title: str
    source_language: str
    frame_rate: str
    offset_ms: int
    names: dict[str, str]
    lines: tuple[MachineLine, ...]
    events: tuple[Event, ...] = ()

    @property
    def version(self) -> int:
        """How many events there are."""
        return len(self.events)

    @property
    def languages(self) -> tuple[str, ...]:
        """The target languages that it knows."""
        return tuple(dict.fromkeys(language for line in self.lines for language in line.translation))

    def json(self) -> dict[str, Any]:
        """The content of review.json."""
        body = {name: value for name, value in to_json(replace(self, events=())).items() if name != "events"}
        return {"schema": present_schema(KIND), **body, "events": [event.json() for event in self.events]}


def review_path(folder: Path) -> Path:
    """Where the review of a delivered folder lies."""
    return folder / FILE


def open_review(folder: Path) -> Review:
    """The review of a delivered folder: as it stands, or a new one. Nothing is written.

    Target languages that were dubbed since are added to what it knows.

    Raises:
        UsageError: no dub lies there, or review.json is none.
        MediaError: its master.json cannot be read.
    """
    title, master = read_delivered(folder)
    begun = _begin(folder, title, master)
    try:
        _check_lines(begun)
    except ValueError as error:
        raise UsageError(f"{folder} cannot be reviewed: {error}", folder=str(folder)) from error
    path = review_path(folder)
    if not path.exists():
        return begun
    review = read_review(path)
    if review.title != title:
        raise UsageError(f"{path} is the review of {review.title}, and {folder} holds {title}", file=str(path))
    return _with_new_languages(review, begun)


def read_delivered(folder: Path) -> tuple[str, Master]:
    """Title and master.json of a delivered folder.

    Raises:
        UsageError: there is none, or there are several titles.
        MediaError: master.json cannot be read.
    """
    found = sorted(folder.glob("*.master.json")) if folder.is_dir() else []
    if len(found) != 1:
        what = "holds no dub" if not found else f"holds {len(found)} titles"
        raise UsageError(f"{folder} {what}: give the folder of one title that 'localize dub' wrote", folder=str(folder))
    return found[0].name.removesuffix(".master.json"), open_master(found[0])


@once_a_file
def read_review(path: Path) -> Review:
    """Read and check review.json: its shape, every event, and that they can be applied one after the other. One reading
    serves as long as the file is the same.

    Raises:
        UsageError: it is none; the message names the file and the event.
    """
    data = read_json(path, LIMIT)
    try:
        data = upgraded(KIND, data, str(path))
    except ValueError as error:
        raise UsageError(f"{path} is no {KIND}: {error}", file=str(path)) from error
    del data["schema"]
    events = data.pop("events", None)
    try:
        if not isinstance(events, list) or len(events) > MOST_EVENTS:
            raise ValueError(f"events must be a list of at most {MOST_EVENTS}")
        review: Review = build(Review, data, KIND)
        _check_lines(review)
        review = replace(review, events=tuple(read_event(entry, n) for n, entry in enumerate(events, 1)))
        replay(review.lines, review.events)
    except ValueError as error:
        raise UsageError(f"{path}: {error}", file=str(path)) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", file=str(path), **error.details) from error
    return review


def append(folder: Path, entries: Sequence[Event], *, expected: int, who: str) -> Review:
    """Add decisions, all or none; they are on the disk when this returns.

    Args:
        folder: delivered.
        entries: without number, time and name.
        expected: the version that `who` saw.
        who: decides.

    Returns:
        the review with them.

    Raises:
        ReviewChanged: somebody else added decisions since; nothing is written.
        UsageError: one cannot be applied to the lines as they stand; nothing is written.
        StoreError: the disk is full.
    """
    name = check_who(who)
    with _lock(folder):
        review = open_review(folder)
        if review.version != expected:
            raise _changed(review, expected)
        added = stamp(review, entries, name)
        review = replace(review, events=(*review.events, *added))
        if len(review.events) > MOST_EVENTS:
            raise UsageError(f"a review holds at most {MOST_EVENTS} events")
        write_json(review_path(folder), review.json())
    return review


def stamp(review: Review, entries: Sequence[Event], who: str) -> tuple[Event, ...]:
    """Events with number, time and name, and what only the review knows: the id of a split's second part, the words of
    an approval and of a candidate.

    Raises:
        UsageError: one cannot be applied.
    """
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    events = list(review.events)
    state = replay(review.lines, events)
    for number, entry in enumerate(entries, review.version + 1):
        made = check_event(state.completed(replace(entry, number=number, at=at, who=who)))
        state = advanced(state, review.lines, events, made)
        events.append(made)
    return tuple(events[review.version :])


def _changed(review: Review, expected: int) -> ReviewChanged:
    if expected > review.version:
        return ReviewChanged(
            f"review.json has {review.version} decisions, not {expected}: it was replaced; load it again",
            version=review.version, expected=expected,
        )  # fmt: skip
    others = sorted({event.who for event in review.events[max(0, expected) :]})
    return ReviewChanged(
        f"{', '.join(others)} added {review.version - expected} decisions meanwhile: load the review again (it is at "
        f"version {review.version}, you saw {expected}); yours is not written",
        version=review.version, expected=expected,
    )  # fmt: skip


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the review of a folder for one writer; others wait."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder of a dub: name the one that -o named", folder=str(folder))
    with disk_errors(str(review_path(folder))):
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(folder / ".review.lock", flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


# --- the lines at the beginning --------------------------------------------------------------------------------------


def _begin(folder: Path, title: str, master: Master) -> Review:
    """The review of a dub that nobody looked at yet."""
    sheet = master.sheet
    path = kept_edits_path(folder, title)
    kept = {e.segment: e for e in read_edits(path).edits} if path.exists() else {}
    said: dict[str, dict[str, str]] = {}
    wordings: dict[str, dict[str, tuple[str, ...]]] = {}
    voices: dict[str, dict[str, str]] = {}
    for target in master.targets:
        language = target.translation.language
        for line in target.translation.lines:
            said.setdefault(line.segment, {})[language] = line.candidates[target.chosen[line.segment]].text
            wordings.setdefault(line.segment, {})[language] = tuple(c.text for c in line.candidates)
            if line.segment in target.forced:
                voices.setdefault(line.segment, {})[language] = ORIGINAL
    lines = tuple(
        MachineLine(
            s.id, s.speaker, s.span.start_ms, s.span.end_ms, s.text, _heard(s.text, kept.get(s.id)),
            said.get(s.id, {}), wordings.get(s.id, {}), voices.get(s.id, {}),
        )
        for s in sheet.transcript.segments
    )  # fmt: skip
    language = sheet.transcript.language
    return Review(title, language, sheet.frame_rate, sheet.offset_ms, dict(sheet.names), lines)


def _heard(text: str, kept: Edit | None) -> str:
    return kept.heard if kept is not None and kept.heard is not None else text


def _with_new_languages(review: Review, now: Review) -> Review:
    new = [language for language in now.languages if language not in review.languages]
    if not new:
        return review
    there = {line.line: line for line in now.lines}
    return replace(review, lines=tuple(_with_languages(line, there.get(line.line), new) for line in review.lines))


def _with_languages(line: MachineLine, now: MachineLine | None, new: Sequence[str]) -> MachineLine:
    if now is None or now.heard != line.heard:
        return line
    return replace(
        line,
        translation=_with(line.translation, now.translation, new),
        candidates=_with(line.candidates, now.candidates, new),
        voice=_with(line.voice, now.voice, new),
    )


def _with(table: Mapping[str, T], now: Mapping[str, T], languages: Sequence[str]) -> dict[str, T]:
    return {**table, **{language: value for language, value in now.items() if language in languages}}


def _check_lines(review: Review) -> None:
    """Refuse lines that cannot be of a film."""
    ids = [line.line for line in review.lines]
    if len(set(ids)) != len(ids):
        raise ValueError("two lines have the same id")
    if not 0 <= review.offset_ms < 10**10:
        raise ValueError("offset_ms is no time")
    for line in review.lines:
        if not is_line_id(line.line):
            raise ValueError(f"{line.line[:40]!r} is no id of a line")
        for language in (*line.translation, *line.candidates, *line.voice):
            if not is_language(language):
                raise ValueError(f"line {line.line}: {language[:40]!r} is no language")
        if not 0 <= line.start_ms <= line.end_ms < 10**10:
            raise ValueError(f"the times of line {line.line} are none")
