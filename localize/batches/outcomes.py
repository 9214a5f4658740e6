"""What became of the files of a batch: records, the report that the disk holds of them, and JUnit XML for a CI."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypedDict
from xml.etree import ElementTree

from ..delivery.report import RunWarning
from ..delivery.results import TargetJson, TargetResult, WarningJson
from ..errors import LocalizeError, UsageError
from ..job import Job
from ..runtime.files import read_json, write_json, write_text
from ..runtime.reading import begins_with
from ..runtime.records import from_json, to_json
from .requests import files_identity, request_digest

State = Literal["queued", "running", "ok", "failed", "cancelled"]
WAITS: dict[State, str] = {
    "queued": "not tried yet",
    "running": "begun, and not finished",
    "cancelled": "not tried: the batch was ended before",
}
"""Why a file has no outcome, by its state."""
LARGEST_REPORT = 512_000_000
_REPORT = b'{\n "schema": 1,\n "folder": '
_JUNIT = b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites><testsuite name=\"localize batch\""
"""How the two files of a report begin."""


class FileOutcomeJson(TypedDict):
    """A member of `files` of a batch's report."""

    input: str
    request: str
    identity: str
    state: State
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
        request: a digest of what was asked for it, the state of every file it names among it.
        identity: a digest of which files these were on the machine that tried it; "" where nobody noted it.
        state: "ok" where it was dubbed, and reaches what --strict asks for if that was given.
        exit_code: what the command would end with for this file alone; None while it is not tried.
        error: why it is not ok.
        seconds: that it took.
        made: results made.
        hits: results found in the store.
        targets: what was delivered, also where --strict refused it.
        warnings: of this file.
    """

    input: Path
    request: str = ""
    state: State = "failed"
    exit_code: int | None = None
    error: str | None = None
    seconds: float = 0.0
    made: int = 0
    hits: int = 0
    targets: tuple[TargetResult, ...] = ()
    warnings: tuple[RunWarning, ...] = ()
    identity: str = ""

    @property
    def tried(self) -> bool:
        """It was begun and ended, well or not."""
        return self.state in ("ok", "failed")

    @property
    def ok(self) -> bool:
        """It ended well."""
        return self.state == "ok"

    @property
    def missing(self) -> list[Path]:
        """What was delivered and is not there any more."""
        return [path for target in self.targets for path in target.files if not path.exists()]

    def json(self) -> FileOutcomeJson:
        """A member of `files` of the report."""
        return {
            "input": str(self.input),
            "request": self.request,
            "identity": self.identity,
            "state": self.state,
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


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a batch came to.

    Args:
        folder: whose files were dubbed.
        to: target languages.
        files: the outcome of each, in the order of their names.
        report: where this report lies.
        junit: where its JUnit twin lies.
    """

    folder: Path
    to: tuple[str, ...]
    files: tuple[FileOutcome, ...]
    report: Path
    junit: Path

    @property
    def finished(self) -> bool:
        """Every file was tried."""
        return all(outcome.tried for outcome in self.files)

    @property
    def exit_code(self) -> int | None:
        """That of the worst outcome; None before the end."""
        return self.worst if self.finished else None

    @property
    def worst(self) -> int:
        """The highest code of all outcomes so far; 1 where all are good and some are missing."""
        return max(outcome.exit_code or 0 for outcome in self.files) or int(not self.finished)

    def json(self) -> BatchReportJson:
        """The content of the report's file."""
        return self.json_around([outcome.json() for outcome in self.files])

    def json_around(self, files: list[FileOutcomeJson]) -> BatchReportJson:
        """The content of the report's file but for its films, which are given."""
        return {
            "schema": 1,
            "folder": str(self.folder),
            "to": list(self.to),
            "files": files,
            "finished": self.finished,
            "exit_code": self.exit_code,
            "report": str(self.report),
            "junit": str(self.junit),
        }


def waiting(path: Path, state: State) -> FileOutcome:
    """The outcome of a file that has none yet."""
    return FileOutcome(path, state=state, error=WAITS[state])


def earlier_outcomes(path: Path, jobs: Sequence[Job]) -> dict[int, FileOutcome]:
    """Place -> outcome, of the jobs that a report calls well done with the same request and the very same files, and
    whose results are there. What is left to be asked again costs little where its content is the same.

    Raises:
        UsageError: what lies there is no report of a batch.
    """
    found = reported_outcomes(path, jobs).items()
    return {number: one for number, one in found if one.ok and one.identity == files_identity(jobs[number])}


def reported_outcomes(path: Path, jobs: Sequence[Job]) -> dict[int, FileOutcome]:
    """Place -> outcome, of the jobs that a report calls tried with the same request; of those that it calls well done,
    only where their files are there.

    Args:
        path: of the report; it may be missing.
        jobs: of this run.

    Raises:
        UsageError: what lies there is no report of a batch.
    """
    if not path.exists():
        return {}
    try:
        found = [_outcome_of(entry) for entry in read_json(path, LARGEST_REPORT)["files"]]
    except (LocalizeError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no report of a batch that could be gone by: {error}; move it away") from error
    done = {(str(o.input), o.request): o for o in found if o.tried and not (o.ok and o.missing)}
    wanted = ((number, (str(job.input), request_digest(job))) for number, job in enumerate(jobs))
    return {number: done[key] for number, key in wanted if key in done}


def _outcome_of(entry: Mapping[str, Any]) -> FileOutcome:
    """An outcome as a report tells it.

    Raises:
        ValueError: it has another shape.
    """
    return from_json(FileOutcome, {key: value for key, value in entry.items() if key not in ("tried", "ok")})


def write_outcome(path: Path, found: FileOutcome) -> None:
    """Write the outcome of one title where `collect_outcomes` finds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"schema": 1, **found.json()})


def read_outcome(path: Path, job: Job) -> FileOutcome:
    """The outcome of a title that was dubbed by itself; one that waits where there is none for this request.

    Args:
        path: of its file.
        job: what is asked for it now.
    """
    try:
        entry = dict(read_json(path, LARGEST_REPORT)) if path.exists() else {}
        entry.pop("schema", None)
        found = _outcome_of(entry) if entry else waiting(job.input, "queued")
    except (LocalizeError, ValueError, TypeError) as error:
        return replace(waiting(job.input, "queued"), error=f"{path} is no outcome of a title: {error}")
    if entry and found.request != request_digest(job):
        return replace(waiting(job.input, "queued"), error="dubbed with other settings or files, and not again yet")
    if found.ok and (missing := found.missing):
        return replace(waiting(job.input, "queued"), error=f"dubbed, but {missing[0]} is not there any more")
    return replace(found, input=job.input)


@dataclass(frozen=True, slots=True)
class Part:
    """What a report holds of one film: its member of `files`, and its test case of JUnit."""

    json: str
    case: str


class Outcomes:
    """What became of every file so far, on the disk whenever it is published. A film is put into words when its outcome
    changes, once for all reports in which it stands: else a batch of a thousand films would do that a million times.

    Args:
        job: what the batch was asked for.
        jobs: one for each file.
        path: of the report; its JUnit twin has the suffix ".xml".
        kept: place -> an outcome of an earlier run that still holds.
        fail_fast: no further file is begun after one that failed.
    """

    def __init__(
        self,
        job: Job,
        jobs: Sequence[Job],
        path: Path,
        kept: Mapping[int, FileOutcome] = MappingProxyType({}),
        *,
        fail_fast: bool = False,
    ) -> None:
        files = tuple(kept.get(n) or waiting(one.input, "queued") for n, one in enumerate(jobs))
        self._requests = [(request_digest(one), files_identity(one)) for one in jobs]
        self.report = BatchReport(job.input, job.to, files, path, path.with_suffix(".xml"))
        self._parts = [part_of(outcome) for outcome in files]
        self._fail_fast = fail_fast
        path.parent.mkdir(parents=True, exist_ok=True)
        self.publish()

    @property
    def count(self) -> int:
        """Files whose outcome is known."""
        return sum(outcome.tried for outcome in self.report.files)

    @property
    def stopped(self) -> bool:
        """No further file is to be begun."""
        return self._fail_fast and any(outcome.state == "failed" for outcome in self.report.files)

    def begin(self, number: int) -> None:
        """Note that a file is worked on, by its place; `publish` writes it."""
        self._set(number, waiting(self.report.files[number].input, "running"))

    def add(self, number: int, found: FileOutcome) -> None:
        """Note the outcome of a file by its place; `publish` writes it."""
        (request, identity), path = self._requests[number], self.report.files[number].input
        self._set(number, replace(found, input=path, request=request, identity=identity))

    def publish(self) -> None:
        """Write what is known."""
        write_report(self.report, self._parts)

    def close(self) -> None:
        """Note of every file without an outcome that it will have none: the batch was ended."""
        for number, outcome in enumerate(self.report.files):
            if not outcome.tried:
                self._set(number, waiting(outcome.input, "cancelled"))
        self.publish()

    def _set(self, number: int, found: FileOutcome) -> None:
        files = self.report.files
        self.report = replace(self.report, files=(*files[:number], found, *files[number + 1 :]))
        self._parts[number] = part_of(found)


def refuse_to_replace(path: Path) -> None:
    """Refuse a report in the place of anything but an earlier report: it may be a film, or another tool's results.

    Raises:
        UsageError: it, or its JUnit twin, is another's file.
    """
    for place, beginning in ((path, _REPORT), (path.with_suffix(".xml"), _JUNIT)):
        if os.path.lexists(place) and not begins_with(place, beginning):
            raise UsageError(
                f"{place} is no report of a batch, and would be replaced by one: name another with --report"
            )


def write_report(report: BatchReport, parts: Sequence[Part] | None = None) -> None:
    """Write a report and its JUnit twin where it says.

    Args:
        report: what is written.
        parts: `part_of` every file, where they are known: to make them is nearly all of the work.
    """
    each = parts or [part_of(outcome) for outcome in report.files]
    write_text(report.junit, _junit(report.files, each))
    around = json.dumps(report.json_around([]), ensure_ascii=False, indent=1)
    before, here, after = around.partition('"files": [')  # no text of JSON has its quotes
    inner = ",\n  ".join(part.json for part in each)
    write_text(report.report, f"{before}{here}\n  {inner}\n {after}\n")


def part_of(outcome: FileOutcome) -> Part:
    """What the two files of a report hold of one film."""
    text = json.dumps(outcome.json(), ensure_ascii=False, indent=1).replace("\n", "\n  ")
    return Part(text, ElementTree.tostring(_test_case(outcome), encoding="unicode"))


def _junit(files: Sequence[FileOutcome], parts: Sequence[Part]) -> str:
    suite = ElementTree.Element(
        "testsuite",
        name="localize batch",
        tests=str(len(files)),
        failures=str(sum(outcome.tried and not outcome.ok for outcome in files)),
        errors=str(sum(not outcome.tried for outcome in files)),
        time=f"{sum(outcome.seconds for outcome in files):.3f}",
    )
    around = ElementTree.tostring(suite, encoding="unicode", short_empty_elements=False)
    before, end, _ = around.partition("</testsuite>")
    cases = "".join(part.case for part in parts)
    return f"<?xml version='1.0' encoding='utf-8'?>\n<testsuites>{before}{cases}{end}</testsuites>"


def _test_case(outcome: FileOutcome) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase", classname="localize.batch", name=_xml_safe(str(outcome.input)), time=f"{outcome.seconds:.3f}"
    )
    if not outcome.ok:
        message = _xml_safe(outcome.error or "")
        kind, why = ("failure", f"exit {outcome.exit_code}") if outcome.tried else ("error", outcome.state)
        ElementTree.SubElement(case, kind, message=message, type=why).text = message
    return case


def _xml_safe(text: str) -> str:
    """XML has no way to write most control characters."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
