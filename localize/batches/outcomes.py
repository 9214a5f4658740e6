"""What became of the files of a batch: records, the report that the disk holds of them, and JUnit XML for a CI."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict
from xml.etree import ElementTree

from ..delivery.report import RunWarning
from ..delivery.results import TargetJson, TargetResult, WarningJson
from ..errors import LocalizeError, UsageError
from ..job import Job
from ..review.season import SEASON_HEAD, SeasonReport, join_titles, measure_title, season_table
from ..runtime.files import atomic_write, write_json, write_text
from ..runtime.reading import open_plain
from ..runtime.records import to_json

NOT_TRIED = "not tried yet, or not finished"
_REPORT = b'{\n "schema": 1,\n "folder": '
_JUNIT = b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites><testsuite name=\"localize batch\""
_TABLE = SEASON_HEAD.encode()
"""How the three files of a report begin."""


class FileOutcomeJson(TypedDict):
    """A member of `files` of a batch's report."""

    input: str
    tried: bool
    ok: bool
    exit_code: int | None
    error: str | None
    seconds: float
    made: int
    hits: int
    targets: list[TargetJson]
    warnings: list[WarningJson]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """How one file of a batch went.

    Args:
        input: the file.
        tried: whether it was begun and ended, well or not.
        ok: it was dubbed, and reaches what --strict asks for where that was given.
        exit_code: what the command would end with for this file alone; None while it is not tried.
        error: why it is not ok.
        seconds: that it took.
        made: results made.
        hits: results found in the store.
        targets: what was delivered, also where --strict refused it.
        warnings: of this file.
    """

    input: Path
    tried: bool = True
    ok: bool = False
    exit_code: int | None = None
    error: str | None = None
    seconds: float = 0.0
    made: int = 0
    hits: int = 0
    targets: tuple[TargetResult, ...] = ()
    warnings: tuple[RunWarning, ...] = ()

    def json(self) -> FileOutcomeJson:
        """A member of `files` of the report."""
        return {
            "input": str(self.input),
            "tried": self.tried,
            "ok": self.ok,
            "exit_code": self.exit_code,
            "error": self.error,
            "seconds": self.seconds,
            "made": self.made,
            "hits": self.hits,
            "targets": [target.json() for target in self.targets],
            "warnings": to_json(self.warnings),
        }


def failed(path: Path, error: LocalizeError) -> FileOutcome:
    """The outcome of a file of which nothing but its error is known."""
    return FileOutcome(path, exit_code=error.exit_code, error=error.message)


class BatchReportJson(TypedDict):
    """The report of a batch, and what `localize batch --json` prints."""

    schema: Literal[1]
    folder: str
    to: list[str]
    files: list[FileOutcomeJson]
    finished: bool
    exit_code: int | None
    report: str
    junit: str
    season: Annotated[dict[str, Any], SeasonReport]


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a batch came to.

    Args:
        folder: whose files were dubbed.
        to: target languages.
        files: the outcome of each, in the order of their names.
        report: where this report lies.
        junit: where its JUnit twin lies.
        season: what people decided about the titles, as their reviews stand.
    """

    folder: Path
    to: tuple[str, ...]
    files: tuple[FileOutcome, ...]
    report: Path
    junit: Path
    season: SeasonReport

    @property
    def finished(self) -> bool:
        """Every file was tried."""
        return all(outcome.tried for outcome in self.files)

    @property
    def exit_code(self) -> int | None:
        """That of the worst outcome; None before the end."""
        return max(outcome.exit_code or 0 for outcome in self.files) if self.finished else None

    def json(self) -> BatchReportJson:
        """The content of the report's file."""
        return {
            "schema": 1,
            "folder": str(self.folder),
            "to": list(self.to),
            "files": [outcome.json() for outcome in self.files],
            "finished": self.finished,
            "exit_code": self.exit_code,
            "report": str(self.report),
            "junit": str(self.junit),
            "season": to_json(self.season),
        }


class Outcomes:
    """What became of every file so far, on the disk at any moment.

    Args:
        job: what the batch was asked for.
        jobs: one for each file.
        path: of the report; its JUnit twin has the suffix ".xml", the table of the reviews ".csv".
    """

    def __init__(self, job: Job, jobs: Sequence[Job], path: Path) -> None:
        files = tuple(FileOutcome(one.input, tried=False, error=NOT_TRIED) for one in jobs)
        self._jobs = jobs
        self._reviews = [measure_title(one.folder) for one in jobs]
        season = join_titles(self._reviews)
        self.report = BatchReport(job.input, job.to, files, path, path.with_suffix(".xml"), season)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(self.report)

    @property
    def count(self) -> int:
        """Files whose outcome is known."""
        return sum(outcome.tried for outcome in self.report.files)

    def add(self, number: int, found: FileOutcome) -> None:
        """Note the outcome of a file by its place."""
        files = self.report.files
        self._reviews[number] = measure_title(self._jobs[number].folder)
        self.report = replace(
            self.report,
            files=(*files[:number], found, *files[number + 1 :]),
            season=join_titles(self._reviews),
        )
        _write(self.report)


def refuse_to_replace(path: Path) -> None:
    """Refuse a report in the place of anything but an earlier report: it may be a film, or another tool's results.

    Raises:
        UsageError: it, its JUnit twin or its table is another's file.
    """
    for place, beginning in (
        (path, _REPORT),
        (path.with_suffix(".xml"), _JUNIT),
        (path.with_suffix(".csv"), _TABLE),
    ):
        if not os.path.lexists(place):
            continue
        try:
            with open_plain(place) as file:
                ours = file.read(len(beginning)) == beginning
        except OSError:
            ours = False
        if not ours:
            raise UsageError(
                f"{place} is no report of a batch, and would be replaced by one: name another with --report"
            )


def _write(report: BatchReport) -> None:
    with atomic_write(report.junit) as draft:
        ElementTree.ElementTree(_junit(report)).write(draft, encoding="utf-8", xml_declaration=True)
    write_text(report.report.with_suffix(".csv"), season_table(report.season))
    write_json(report.report, report.json())


def _junit(report: BatchReport) -> ElementTree.Element:
    files = report.files
    refused = str(sum(outcome.tried and not outcome.ok for outcome in files))
    untried = str(sum(not outcome.tried for outcome in files))
    seconds = f"{sum(outcome.seconds for outcome in files):.3f}"
    suite = ElementTree.Element(
        "testsuite", name="localize batch", tests=str(len(files)), failures=refused, errors=untried, time=seconds
    )
    for outcome in files:
        name = _xml_safe(str(outcome.input))
        case = ElementTree.SubElement(
            suite, "testcase", classname="localize.batch", name=name, time=f"{outcome.seconds:.3f}"
        )
        if not outcome.ok:
            message = _xml_safe(outcome.error or "")
            kind, why = ("failure", f"exit {outcome.exit_code}") if outcome.tried else ("error", "not tried")
            ElementTree.SubElement(case, kind, message=message, type=why).text = message
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    return suites


def _xml_safe(text: str) -> str:
    """XML has no way to write most control characters."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
