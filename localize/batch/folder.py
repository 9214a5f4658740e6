"""A folder of films, one after another, with models loaded once: outcomes as JSON and as JUnit XML for a CI."""

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


WorkerPool = Callable[[Sequence[Job], Callable[[str], None]], list[dict[str, Any]]]
"""Does many jobs and gives their outcomes, in their order."""


def run_batch(
    job: Job,
    run: Run,
    include: str,
    report_path: Path | None,
    say: Callable[[str], None],
    crowd: WorkerPool | None = None,
) -> dict[str, Any]:
    """Dub every media file of a folder. A file that fails does not stop the others.

    Args:
        job: what each file is asked for; its `input` is the folder.
        run: shared by all files.
        include: which file names.
        report_path: where the outcomes go; None for `batch.report.json` beside the results.
        say: told one line a file.
        crowd: works on many files at once; None for one after another, here.

    Returns:
        the report; `exit_code` is that of the worst outcome.

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
    if crowd is None:
        files = []
        for number, one in enumerate(jobs, 1):
            say(f"[{number}/{len(paths)}] {one.input.name}")
            files.append(dub_one(one, run))
    else:
        files = crowd(jobs, say)
    report_path.parent.mkdir(parents=True, exist_ok=True)
    junit = report_path.with_suffix(".xml")
    report = {
        "schema": 1,
        "folder": str(job.input),
        "to": list(job.to),
        "files": files,
        "exit_code": max(entry["exit_code"] for entry in files),
        "report": str(report_path),
        "junit": str(junit),
    }
    write_json(report_path, report)
    with replacing(junit) as draft:
        ElementTree.ElementTree(_junit(report)).write(draft, encoding="utf-8", xml_declaration=True)
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
    """Dub one file and say how it went; only what nobody foresaw is raised."""
    began, stages, warnings = time.monotonic(), len(run.stages), len(run.warnings)
    error: LocalizeError | None = None
    result: dict[str, Any] = {}
    try:
        result = pipeline.dub(job, run).json()
    except QualityError as caught:
        error, result = caught, caught.details["result"]
    except LocalizeError as caught:
        error = caught
    return {
        "input": str(job.input),
        "ok": error is None,
        "exit_code": error.exit_code if error else 0,
        "error": error.message if error else None,
        "seconds": round(time.monotonic() - began, 3),
        "made": sum(s.made for s in run.stages[stages:]),
        "hits": sum(s.hits for s in run.stages[stages:]),
        "targets": result.get("targets", []),
        "warnings": [to_json(w) for w in run.warnings[warnings:]],
    }


def _junit(report: dict[str, Any]) -> ElementTree.Element:
    files = report["files"]
    failed = str(sum(not entry["ok"] for entry in files))
    seconds = f"{sum(entry['seconds'] for entry in files):.3f}"
    suite = ElementTree.Element(
        "testsuite", name="localize batch", tests=str(len(files)), failures=failed, errors="0", time=seconds
    )
    for entry in files:
        name = _xml_safe(entry["input"])
        case = ElementTree.SubElement(
            suite, "testcase", classname="localize.batch", name=name, time=f"{entry['seconds']:.3f}"
        )
        if not entry["ok"]:
            message = _xml_safe(entry["error"])
            ElementTree.SubElement(case, "failure", message=message, type=f"exit {entry['exit_code']}").text = message
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    return suites


def _xml_safe(text: str) -> str:
    """XML has no way to write most control characters."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
