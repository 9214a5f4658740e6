"""A folder of films, or films that are named, one after another or many at once, with models loaded once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from .. import pipeline
from ..delivery.results import TargetResult, run_warnings
from ..errors import LocalizeError, QualityError, UsageError
from ..events import Run
from ..inputs import check_paths, require_targets
from ..job import Job
from ..runtime.files import check_writable
from ..source import check_film
from .outcomes import BatchReport, FileOutcome, Outcomes, refuse_to_replace

MEDIA = frozenset(
    ".mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .m2ts .mts .flv .wmv .3gp .ogv .mxf "
    ".wav .mp3 .m4a .aac .flac .ogg .oga .opus .aiff .aif .wma .caf".split()
)


Say = Callable[[str], None]
WorkerPool = Callable[[Sequence[Job], Callable[[int, FileOutcome], None]], None]
"""Does many jobs, and reports the place and the outcome of each as soon as it is known."""


def run_batch(
    job: Job,
    run: Run,
    include: str,
    report_path: Path | None,
    say: Say,
    crowd: WorkerPool | None = None,
) -> BatchReport:
    """Dub every media file of a folder. A file that fails does not stop the others, whatever it raised.

    The report and its JUnit twin are written before the first file and after every one, so that they are true for this
    run whenever it ends: files that were not tried, or not finished, are said to be so, and are errors in JUnit.

    Args:
        job: what each file is asked for; its `input` is the folder.
        run: shared by all files.
        include: which file names.
        report_path: where the outcomes go; None for `batch.report.json` beside the results.
        say: called with one line for each file.
        crowd: works on many files at once; None for one after another, here.

    Returns:
        the report, as its file holds it.

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
    if report_path is not None:
        refuse_to_replace(report_path)
    report_path = report_path or root / "batch.report.json"
    if report_path.suffix.lower() == ".xml":
        raise UsageError(f"--report {report_path}: the report is JSON, and its JUnit twin gets the suffix .xml")
    check_writable(report_path.parent)
    if crowd is None:
        job = replace(job, cast=job.cast or root / "cast.toml")  # one series: who is in two films is one person
    elif job.cast is not None:
        raise UsageError("a cast is learned from one film after another: leave out --cast, or --jobs and --on")
    jobs = [replace(job, input=path, output=folders[path]) for path in paths]
    return _dub_each(job, jobs, run, report_path, say, crowd)


ONE_FILM = ("transcript", "translation", "edits", "review", "me")
"""Options that belong to one film."""


def run_files(job: Job, inputs: Sequence[Path], run: Run, report_path: Path | None, say: Say) -> BatchReport:
    """Dub films that are named, one after another, each into the folder it would have alone. All of them are looked at
    before the first is worked on; then one that fails does not stop the others.

    Args:
        job: what each file is asked for.
        inputs: the files, from any folders.
        run: shared by all files.
        report_path: where the outcomes go; None for `batch.report.json` beside the folders.
        say: called with one line for each file.

    Raises:
        UsageError: a file is named twice, or an option belongs to one film alone.
        MediaError: a file is not there, or no film.
    """
    if given := next((name for name in ONE_FILM if getattr(job, name) is not None), ""):
        raise UsageError(f"--{given} belongs to one film: dub that one by itself, or leave --{given} out")
    places = [path.resolve() for path in inputs]
    if twice := next((path for path, place in zip(inputs, places) if places.count(place) > 1), None):
        raise UsageError(f"{twice} is named twice: name each film once")
    root = job.output or Path("localized")
    folders = _output_folders(root, list(inputs))
    jobs = [replace(job, input=path, output=folders[path]) for path in inputs]
    for one in jobs:
        require_targets(one)
        check_paths(one)
        check_film(one)
    report_path = report_path or root / "batch.report.json"
    refuse_to_replace(report_path)
    return _dub_each(replace(job, input=root), jobs, run, report_path, say, None)


def _dub_each(
    job: Job, jobs: Sequence[Job], run: Run, report_path: Path, say: Say, crowd: WorkerPool | None
) -> BatchReport:
    """Do the jobs; the report on the disk is true at any moment."""
    outcomes = Outcomes(job, jobs, report_path)
    if crowd is None:
        for number, one in enumerate(jobs):
            say(f"[{number + 1}/{len(jobs)}] {one.input.name}")
            outcomes.add(number, dub_one(one, run))
    else:

        def done(number: int, found: FileOutcome) -> None:
            outcomes.add(number, replace(found, input=jobs[number].input))
            say(f"[{outcomes.count}/{len(jobs)}] {jobs[number].input.name}")

        crowd(jobs, done)
    return outcomes.report


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


def dub_one(job: Job, run: Run) -> FileOutcome:
    """Dub one file and say how it went, also where it raised what nobody foresaw."""
    began, stages, warnings = time.monotonic(), len(run.stages), len(run.warnings)
    error: LocalizeError | None = None
    targets: tuple[TargetResult, ...] = ()
    try:
        targets = pipeline.dub(job, run).targets
    except QualityError as caught:
        error, targets = caught, caught.details["result"].targets
    except LocalizeError as caught:
        error = caught
    except Exception as caught:  # of one file; the others are tried all the same
        error = unforeseen(caught)
    return FileOutcome(
        input=job.input,
        ok=error is None,
        exit_code=error.exit_code if error else 0,
        error=error.message if error else None,
        seconds=round(time.monotonic() - began, 3),
        made=sum(s.made for s in run.stages[stages:]),
        hits=sum(s.hits for s in run.stages[stages:]),
        targets=targets,
        warnings=run_warnings(run)[warnings:],
    )


def unforeseen(error: Exception) -> LocalizeError:
    """An error of no branch of the tree, in one line."""
    text = " ".join(f"unexpected {type(error).__name__}: {error}".split())
    return LocalizeError(f"{text} (run 'localize dub -v' with this file to see where, and report it)")
