"""The as-recorded dialogue list of a dub: one row a line, as the review leaves it.

Each row has a check: a hash of what it says. So a sheet that comes back tells which of its rows somebody changed, and
whether the review changed the same line meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ..delivery.report import read_report
from ..errors import UsageError
from ..runtime.files import read_json
from ..timedtext.frames import frame_at, frame_rate
from ..transcription.master import MASTER_LIMIT, Master
from .events import Event
from .log import Review, open_review, read_delivered
from .state import ReviewLine, State, replay

COLUMNS = ("ID", "In", "Out", "Character", "Source", "Adaptation", "Rate", "Notes", "Check")
_UNWRITABLE = {c: "\ufffd" for c in (*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF) if c not in (9, 10)}
"""Characters that XML 1.0 has no form for (section 2.2); a carriage return would come back as another character."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of dialogue as texts.

    Args:
        line: id.
        start: when it begins, as the format writes times.
        end: when it ends.
        character: who says it.
        source: the words.
        adaptation: what the dub says.
        rate: natural length over length used, where the dub is measured.
        notes: comments and QC marks, a line each.
        check: hash of what a person can change in it; "" where a sheet came without.
        place: in a file, for messages.
    """

    line: str
    start: str
    end: str
    character: str
    source: str
    adaptation: str
    rate: str = ""
    notes: str = ""
    check: str = ""
    place: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of `COLUMNS`."""
        return (
            self.line, self.start, self.end, self.character, self.source, self.adaptation, self.rate, self.notes,
            self.check,
        )  # fmt: skip

    def digest(self) -> str:
        """The check of what it says now."""
        said = (self.line, self.start, self.end, plain(self.source), plain(self.adaptation), plain_lines(self.notes))
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class DialogueList:
    """The rows of one target language, in order of time."""

    title: str
    source_language: str
    language: str
    rate: Fraction
    offset_ms: int
    names: Mapping[str, str]
    speakers: Mapping[str, str]
    rows: tuple[Row, ...]


def plain(text: str) -> str:
    """A text on one line, as a cell gives it back."""
    return " ".join(text.translate(_UNWRITABLE).split())


def plain_lines(text: str) -> str:
    """A text of several lines, as a cell gives it back."""
    return "\n".join(filter(None, (plain(line) for line in text.split("\n"))))


def timecode(ms: int, rate: Fraction) -> str:
    """The address of the nearest frame (SMPTE ST 12-1): hh:mm:ss:ff, at 29.97 and 59.94 with dropped numbers,
    hh:mm:ss;ff.
    """
    number, counted = frame_at(ms, rate), round(rate)
    drops = rate.denominator != 1 and counted % 30 == 0
    if drops:
        dropped = counted // 15
        tens, rest = divmod(number, round(600 * rate))
        number += 9 * dropped * tens + dropped * max(0, (rest - dropped) // (60 * counted - dropped))
    seconds, frames = divmod(number, counted)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{';' if drops else ':'}{frames:02}"


def choose_language(review: Review, wanted: str | None) -> str:
    """The target language of a list.

    Raises:
        UsageError: the dub has no such language, or several, and none is named.
    """
    known = ", ".join(review.languages) or "none"
    if wanted is None and len(review.languages) == 1:
        return review.languages[0]
    if wanted is None:
        raise UsageError(f"name one of the languages of the dub with --to: {known}")
    if wanted not in review.languages:
        raise UsageError(f"the dub is not in {wanted}: it is in {known}")
    return wanted


def list_dialogue(
    folder: Path, language: str | None = None, times: Callable[[int, Fraction], str] = timecode
) -> tuple[DialogueList, Review]:
    """The dialogue list of a delivered folder, and the review that it shows.

    Args:
        folder: delivered.
        language: target; None for the only one.
        times: (ms on the film's clock, frame rate) -> as the format writes times.

    Raises:
        UsageError: it is no delivered folder, or has no such language.
        MediaError: its master.json cannot be read.
    """
    title, master = read_delivered(folder)
    review = open_review(folder)
    language = choose_language(review, language)
    state = replay(review.lines, review.events)
    said, rates = _said_now(master, language), _rates(folder / f"{title}.{language}.report.json")
    rate = frame_rate(review.frame_rate)
    lines = state.in_order()
    rows = []
    for line in lines:
        row = Row(
            line.line,
            times(line.start_ms + review.offset_ms, rate),
            times(line.end_ms + review.offset_ms, rate),
            plain(review.names.get(line.speaker, line.speaker)),
            plain(line.source),
            plain(current_text(line, language, said)),
            rates.get(line.line, ""),
            plain_lines(_notes(line, review, state, language, rate)),
        )
        rows.append(with_check(row))
    names = {line.speaker: plain(review.names.get(line.speaker, line.speaker)) for line in lines}
    speakers = {line.line: line.speaker for line in lines}
    found = DialogueList(title, review.source_language, language, rate, review.offset_ms, names, speakers, tuple(rows))
    return found, review


def with_check(row: Row) -> Row:
    """The row with its check."""
    return replace(row, check=row.digest())


def current_text(line: ReviewLine, language: str, said: Mapping[str, tuple[str, str]]) -> str:
    """What a line says: a person's words, else the dub's as it lies there, where it is of these source words."""
    if language in line.translation:
        return line.translation[language]
    source, text = said.get(line.line, ("", ""))
    return text if plain(source) == plain(line.source) else line.machine.get(language, "") if not line.reworded else ""


def _said_now(master: Master, language: str) -> dict[str, tuple[str, str]]:
    """Line -> its source words and what the dub that lies there says."""
    sources = {segment.id: segment.text for segment in master.sheet.transcript.segments}
    return {
        line: (sources[line], text)
        for target in master.targets
        if target.translation.language == language
        for line, text in target.said.items()
    }


def _rates(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return {line.segment: f"{line.rate:.2f}" for line in read_report(read_json(path, MASTER_LIMIT), str(path)).lines}


def _notes(line: ReviewLine, review: Review, state: State, language: str, rate: Fraction) -> str:
    numbers = sorted({*line.comments, *line.marks} - state.undone)
    events = (review.events[number - 1] for number in numbers)
    found = [_note(event, rate, review.offset_ms) for event in events if event.language in ("", language)]
    if line.voice.get(language, line.voice.get("")) == "original":
        found.append("[stays in the original]")
    return "\n".join(found)


def _note(event: Event, rate: Fraction, offset_ms: int) -> str:
    at = "" if event.at_ms is None else f" {timecode(event.at_ms + offset_ms, rate)}"
    mark = f"[{event.severity} {event.category}{at}] " if event.kind == "qc" else f"[{at.strip()}] " if at else ""
    return f"{mark}{plain(event.text or '')}".strip()
