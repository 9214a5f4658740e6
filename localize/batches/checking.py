"""Films of a batch, looked at before work on the first: what each is found to be, and whether its results lie there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import pipeline
from ..delivery.results import DubResult, TargetResult, run_warnings
from ..errors import LocalizeError, QualityError, unforeseen
from ..events import Event, Run
from ..job import Job
from ..source.film_check import FilmCheck
from .outcomes import FileOutcome

SEE_WHERE = "run 'localize dub -v' with this file to see where, and report it"


@dataclass(frozen=True, slots=True)
class FilmRequest:
    """What is asked for one film, and what it was found to be when all films were looked at."""

    job: Job
    check: FilmCheck | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A film whose results lie there, and would be the same again.

    Args:
        request: to dub it all the same.
        outcome: what dubbing it would come to.
        said: what it would say.
    """

    request: FilmRequest
    outcome: FileOutcome
    said: tuple[Event, ...]


def check_films(jobs: Sequence[Job], run: Run) -> list[FilmRequest | Standing | FileOutcome]:
    """Look at every film before any work: its request with what it was found to be, the same where what it would
    deliver lies there, or the outcome of one that cannot be dubbed as it is asked for. What is to be warned of, the dub
    says.
    """
    return [_look_at(job, run) for job in jobs]


def _look_at(job: Job, run: Run) -> FilmRequest | Standing | FileOutcome:
    said: list[Event] = []

    def hears(event: Event) -> bool:
        said.append(event)
        return False

    own = run.for_title(heard=hears)
    own.engaged = []
    found: FilmCheck | DubResult | None = None

    def look() -> tuple[TargetResult, ...]:
        nonlocal found
        found = pipeline.check_request(job, own)
        return found.targets if isinstance(found, DubResult) else ()

    outcome = attempt(job, run, own, look)
    if not outcome.ok:
        return outcome
    if isinstance(found, DubResult):
        return Standing(FilmRequest(job), outcome, tuple(said))
    return FilmRequest(job, found)


def say_again(one: Standing, run: Run) -> None:
    """What the dub of a film would say."""
    own = run.for_title()
    for event in one.said:
        own.emit(event)


def attempt(job: Job, run: Run, own: Run, work: Callable[[], tuple[TargetResult, ...]]) -> FileOutcome:
    """Do the work with a run of its own; what the store says meanwhile comes to the run of all."""
    began, warnings = time.monotonic(), len(run.warnings)
    error: LocalizeError | None = None
    targets: tuple[TargetResult, ...] = ()
    try:
        targets = work()
    except QualityError as caught:
        error, targets = caught, caught.details["result"].targets
    except LocalizeError as caught:
        error = caught
    except Exception as caught:  # of one file; the others are tried all the same
        error = unforeseen(caught, SEE_WHERE)
    return FileOutcome(
        input=job.input,
        state="failed" if error else "ok",
        exit_code=error.exit_code if error else 0,
        error=error.message if error else None,
        seconds=round(time.monotonic() - began, 3),
        made=sum(s.made for s in own.stages),
        hits=sum(s.hits for s in own.stages),
        targets=targets,
        warnings=(*run_warnings(own), *run_warnings(run)[warnings:]),
    )
