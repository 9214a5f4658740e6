"""Dialogue lists that go out and come back: what somebody changed in a sheet becomes decisions of the review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from ..errors import LocalizeError, UsageError
from ..runtime.files import check_writable
from ..scripts.timecodes import read_timecode
from .dapt import media_time, read_dapt, read_media_time, write_dapt
from .dialogue import DialogueList, Row, list_dialogue, plain, plain_lines, timecode
from .events import Event, check_event
from .figures import write_report
from .log import append, stamp
from .sheets import read_table, write_csv, write_docx, write_xlsx

FORMATS: dict[str, Callable[[DialogueList, Path], None]] = {
    "xlsx": write_xlsx, "csv": write_csv, "docx": write_docx, "dapt": write_dapt,
}  # fmt: skip
_SUFFIXES = {".xlsx": "xlsx", ".csv": "csv", ".docx": "docx", ".ttml": "dapt", ".xml": "dapt", ".dapt": "dapt"}


@dataclass(frozen=True, slots=True)
class SheetChange:
    """What a sheet changes of a line: a column, what it said and what it says."""

    line: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SheetDiff:
    """What a sheet that came back comes to.

    Args:
        language: of the dub.
        changes: that become decisions.
        passed_over: what of it is not taken, a line each, with the reason.
        version: of the review afterwards.
        applied: the decisions were added.
    """

    language: str
    changes: tuple[SheetChange, ...]
    passed_over: tuple[str, ...]
    version: int
    applied: bool


def export_dialogue(folder: Path, form: str, path: Path, language: str | None = None) -> DialogueList:
    """Write the dialogue list of a delivered folder.

    Args:
        folder: delivered.
        form: "xlsx", "csv", "docx" or "dapt".
        path: to write.
        language: target; None for the only one.

    Raises:
        UsageError: no dub, no such language or form; the place cannot be written.
        EngineMissing: the package that writes the form is not installed.
    """
    if form not in FORMATS:
        raise UsageError(f"--format takes {', '.join(FORMATS)}, not {form!r}")
    check_writable(path.absolute().parent)
    found, _ = list_dialogue(folder, language, media_time if form == "dapt" else timecode)
    FORMATS[form](found, path)
    return found


def import_dialogue(
    folder: Path, path: Path, who: str, language: str | None = None, *, dry_run: bool = False
) -> SheetDiff:
    """Read a dialogue list that somebody edited, add what changed to the review, and write its figures.

    A row that the review changed meanwhile is passed over where the sheet changed it too; a column that no decision can
    change is passed over. What is passed over is told.

    Args:
        folder: delivered.
        path: the sheet.
        who: edited it.
        language: target; None for the only one.
        dry_run: look only.

    Raises:
        UsageError: it is no dialogue list, or a change of it cannot be applied; nothing is added then.
        ReviewChanged: somebody added decisions in this moment.
    """
    form = _SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"{path} is no dialogue list: name a file {', '.join(_SUFFIXES)}", file=str(path))
    now, review = list_dialogue(folder, language, media_time if form == "dapt" else timecode)
    rows = read_dapt(path, now.source_language, now.language) if form == "dapt" else read_table(path)
    compared = _Comparison(now, form == "dapt")
    try:
        compared.compare(rows)
        stamp(review, compared.events, who)
    except LocalizeError as error:
        raise UsageError(f"{path}: {error.message}", file=str(path)) from error
    version = review.version
    if compared.events and not dry_run:
        review = append(folder, compared.events, expected=review.version, who=who)
        write_report(folder, review)
        version = review.version
    applied = bool(compared.events) and not dry_run
    return SheetDiff(now.language, tuple(compared.changes), tuple(compared.passed_over), version, applied)


class _Comparison:
    """The rows of a sheet against the lines as they stand."""

    def __init__(self, now: DialogueList, dapt: bool) -> None:
        self.now, self._dapt = now, dapt
        self.changes: list[SheetChange] = []
        self.passed_over: list[str] = []
        self.events: list[Event] = []

    def compare(self, rows: list[Row]) -> None:
        """Look at every row."""
        there = {row.line: row for row in self.now.rows}
        seen: set[str] = set()
        for row in rows:
            if row.line in seen:
                raise UsageError(f"{row.place}: the line {row.line} stands there twice")
            seen.add(row.line)
            if row.line not in there:
                self.passed_over.append(f"{row.place}: there is no line {row.line[:40]!r}: a sheet adds none")
            else:
                self._row(row, there[row.line])
        if gone := [name for name in there if name not in seen]:
            shown = ", ".join(gone[:5]) + (" …" if len(gone) > 5 else "")
            self.passed_over.append(f"{len(gone)} lines are not in it ({shown}): they stay as they are")

    def _row(self, row: Row, now: Row) -> None:
        if plain(row.character) and plain(row.character) != now.character:
            self.passed_over.append(f"{row.line}: Character {row.character!r}: who speaks is not changed by a sheet")
        if plain(row.rate) not in ("", now.rate):
            self.passed_over.append(f"{row.line}: Rate {row.rate!r}: it is measured")
        if row.check and row.check == row.digest():
            return
        if row.check and now.check != row.check:
            if row.digest() != now.check:
                self.passed_over.append(f"{row.line}: changed in the review since the list was written: not taken")
            return
        self._times(row, now)
        self._words("Source", row.source, now.source, Event("edit_source", line=row.line))
        translated = Event("edit_translation", line=row.line, language=self.now.language)
        self._words("Adaptation", row.adaptation, now.adaptation, translated)
        self._notes(row, now)

    def _words(self, column: str, after: str, before: str, event: Event) -> None:
        if plain(after) == before:
            return
        if not plain(after):
            self.passed_over.append(f"{event.line}: {column} is empty: 'keep_original' leaves a line undubbed")
            return
        self._add(SheetChange(event.line, column, before, plain(after)), replace(event, text=plain(after)))

    def _times(self, row: Row, now: Row) -> None:
        start, end = (
            None if text.strip() == before else self._ms(text.strip(), row)
            for text, before in ((row.start, now.start), (row.end, now.end))
        )
        if start is None and end is None:
            return
        kind: Literal["trim", "retime"] = "trim" if start is None or end is None else "retime"
        self.events.append(check_event(Event(kind, line=row.line, start_ms=start, end_ms=end)))
        if start is not None:
            self.changes.append(SheetChange(row.line, "In", now.start, row.start.strip()))
        if end is not None:
            self.changes.append(SheetChange(row.line, "Out", now.end, row.end.strip()))

    def _ms(self, text: str, row: Row) -> int:
        found: int | None
        if self._dapt:
            found = read_media_time(text)
        else:
            time = read_timecode(text)
            found = None if time is None else time.at_ms(Fraction(self.now.rate))
        if found is None or found < self.now.offset_ms:
            raise UsageError(f"{row.place}: {text[:40]!r} is no time of the film")
        return found - self.now.offset_ms

    def _notes(self, row: Row, now: Row) -> None:
        before, after = plain_lines(now.notes).split("\n"), plain_lines(row.notes).split("\n")
        for note in after:
            if note and note not in before:
                event = Event("comment", line=row.line, language=self.now.language, text=note)
                self._add(SheetChange(row.line, "Notes", "", note), event)
        if gone := [note for note in before if note and note not in after]:
            self.passed_over.append(f"{row.line}: the note {gone[0][:60]!r} is gone from it, and stays in the review")

    def _add(self, change: SheetChange, event: Event) -> None:
        self.events.append(check_event(event))
        self.changes.append(change)
