"""Dub every media file of a folder with models loaded once; outcomes as JSON and as JUnit XML for a CI."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .. import pipeline
from ..errors import LocalizeError, QualityError, UsageError
from ..events import Run
from ..job import Job
from ..runtime.files import check_writable, replacing, write_json
from ..runtime.records import to_json

MEDIA = frozenset(
    ".mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .m2ts .mts .flv .wmv .3gp .ogv .mxf "
    ".wav .mp3 .m4a .aac .flac .ogg .oga .opus .aiff .aif .wma .caf".split()
)


WorkerPool = Callable[[Sequence[Job], Callable[[int, dict[str, Any]], None]], None]
"""Does many jobs, and tells the place and the outcome of each as soon as it is known."""
NOT_TRIED = "not tried yet, or not finished"


def run_batch(
    job: Job,
    run: Run,
    include: str,
    report_path: Path | None,
    say: Callable[[str], None],
    crowd: WorkerPool | None = None,
) -> dict[str, Any]:
    """Dub every media file of a folder. A file that fails does not stop the others, whatever it raised.

    The report and its JUnit twin are written before the first file and after every one, so that they are true for this
    run whenever it ends: files that were not tried, or not finished, are said to be so, and are errors in JUnit.

    Args:
        job: what each file is asked for; its `input` is the folder.
        run: shared by all files.
        include: which file names.
        report_path: where the outcomes go; None for `batch.report.json` beside the results.
        say: told one line a file.
        crowd: works on many files at once; None for one after another, here.

    Returns:
        the report; `exit_code` is that of the worst outcome, None in a report written before the end.

    Raises:
        UsageError: no folder, or no media file in it.
    """
    if not job.to:
        raise UsageError("name the languages to dub into, such as --to es,pt")
    if not job.input.is_dir():
        raise UsageError(f"{job.input} is not a folder: use 'localize dub' for one file")
    paths = sorted(
        p for p in job.input.iterdir() if p.is_file() and p.suffix.lower() in MEDIA and fnmatch(p.name, include)
    )
    if not paths:
        raise UsageError(f"{job.input} holds no media file that matches {include!r}")
    root = job.output or Path("localized") / (job.input.resolve().name or "batch")
    folders = _output_folders(root, paths)
    report_path = report_path or root / "batch.report.json"
    if report_path.suffix.lower() == ".xml":
        raise UsageError(f"--report {report_path}: the report is JSON, and its JUnit twin gets the suffix .xml")
    check_writable(report_path.parent)
    if crowd is None:
        job = replace(job, cast=job.cast or root / "cast.toml")  # one series: who is in two films is one person
    elif job.cast is not None:
        raise UsageError("a cast is learned from one film after another: leave out --cast, or --jobs and --on")
    jobs = [replace(job, input=path, output=folders[path]) for path in paths]
    outcomes = Outcomes(job, jobs, report_path)
    if crowd is None:
        for number, one in enumerate(jobs):
            say(f"[{number + 1}/{len(jobs)}] {one.input.name}")
            outcomes.add(number, dub_one(one, run))
    else:

        def done(number: int, found: dict[str, Any]) -> None:
            outcomes.add(number, found | {"input": str(jobs[number].input)})
            say(f"[{outcomes.count}/{len(jobs)}] {jobs[number].input.name}")

        crowd(jobs, done)
    return outcomes.written()


class Outcomes:
    """The outcome of every file so far, written to disk after each.

    Args:
        job: what the batch was asked for.
        jobs: one for each file.
        path: of the report; its JUnit twin has the suffix ".xml".
    """

    def __init__(self, job: Job, jobs: Sequence[Job], path: Path) -> None:
        self._job, self._path = job, path
        self._files = [failure(one, NOT_TRIED, None) | {"tried": False} for one in jobs]
        path.parent.mkdir(parents=True, exist_ok=True)
        self.written()

    @property
    def count(self) -> int:
        """Number of files with an outcome."""
        return sum(entry["tried"] for entry in self._files)

    def add(self, number: int, found: dict[str, Any]) -> None:
        """Record the outcome of a file, by its index, and write both reports."""
        self._files[number] = found
        self.written()

    def written(self) -> dict[str, Any]:
        """Write the JSON report and the JUnit XML, each whole or not at all; returns the JSON report."""
        junit = self._path.with_suffix(".xml")
        finished = self.count == len(self._files)
        report = {
            "schema": 1,
            "folder": str(self._job.input),
            "to": list(self._job.to),
            "files": list(self._files),
            "finished": finished,
            "exit_code": max(entry["exit_code"] for entry in self._files) if finished else None,
            "report": str(self._path),
            "junit": str(junit),
        }
        with replacing(junit) as draft:
            ElementTree.ElementTree(_junit(report)).write(draft, encoding="utf-8", xml_declaration=True)
        write_json(self._path, report)
        return report


def _output_folders(root: Path, paths: list[Path]) -> dict[Path, Path]:
    """A folder for every file: named after it, with its suffix where two files share a name."""
    plain = [Job(p).name for p in paths]
    found: dict[Path, Path] = {}
    taken: set[str] = set()
    for path, name in zip(paths, plain):
        wished = name if plain.count(name) == 1 else path.name.lstrip("-.")
        number = 1
        while (folder := wished if number == 1 else f"{wished}-{number}").casefold() in taken:
            number += 1
        taken.add(folder.casefold())
        found[path] = root / folder
    return found


def dub_one(job: Job, run: Run) -> dict[str, Any]:
    """Dub one file and return its outcome, also where it raised an unforeseen error."""
    began, stages, warnings = time.monotonic(), len(run.stages), len(run.warnings)
    error: LocalizeError | None = None
    result: dict[str, Any] = {}
    try:
        result = pipeline.dub(job, run).json()
    except QualityError as caught:
        error, result = caught, caught.details["result"]
    except LocalizeError as caught:
        error = caught
    except Exception as caught:  # of one file; the others are tried all the same
        error = unforeseen(caught)
    finally:
        run.language = ""
    return failure(job, error.message if error else None, error.exit_code if error else 0) | {
        "ok": error is None,
        "seconds": round(time.monotonic() - began, 3),
        "made": sum(s.made for s in run.stages[stages:]),
        "hits": sum(s.hits for s in run.stages[stages:]),
        "targets": result.get("targets", []),
        "warnings": [to_json(w) for w in run.warnings[warnings:]],
    }


def unforeseen(error: Exception) -> LocalizeError:
    """Describe an error outside the `LocalizeError` tree in one line."""
    text = " ".join(f"unexpected {type(error).__name__}: {error}".split())
    return LocalizeError(f"{text} (run 'localize dub -v' with this file to see where, and report it)")


def failure(job: Job, message: str | None, exit_code: int | None) -> dict[str, Any]:
    """The outcome of a file that failed before it could report one."""
    return {
        "input": str(job.input),
        "tried": True,
        "ok": False,
        "exit_code": exit_code,
        "error": message,
        "seconds": 0.0,
        "made": 0,
        "hits": 0,
        "targets": [],
        "warnings": [],
    }


def _junit(report: dict[str, Any]) -> ElementTree.Element:
    files = report["files"]
    failed = str(sum(entry["tried"] and not entry["ok"] for entry in files))
    untried = str(sum(not entry["tried"] for entry in files))
    seconds = f"{sum(entry['seconds'] for entry in files):.3f}"
    suite = ElementTree.Element(
        "testsuite", name="localize batch", tests=str(len(files)), failures=failed, errors=untried, time=seconds
    )
    for entry in files:
        name = _xml_safe(entry["input"])
        case = ElementTree.SubElement(
            suite, "testcase", classname="localize.batch", name=name, time=f"{entry['seconds']:.3f}"
        )
        if not entry["ok"]:
            message = _xml_safe(entry["error"])
            kind, why = ("failure", f"exit {entry['exit_code']}") if entry["tried"] else ("error", "not tried")
            ElementTree.SubElement(case, kind, message=message, type=why).text = message
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    return suites


def _xml_safe(text: str) -> str:
    """The text without the control characters that XML 1.0 cannot hold."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
