"""The films of a batch, one after another or many at once, with models loaded once.

First every film is looked at, so that what is wrong with one is told before work begins; what it was found to be is
handed on. Then it is heard who speaks in each; from all of that together the cast of the series is written
(`series.py`), and each film is dubbed with it, so that it is the same in whatever order, and by however many workers,
the films are heard and dubbed. A film whose results lie there, and would be the same again, is neither heard nor
dubbed, as long as no other film changes the cast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Protocol

from .. import pipeline
from ..delivery.results import TargetResult
from ..errors import UsageError
from ..events import Run, Warned
from ..job import Job
from ..review.season import refuse_to_replace_season, season_path, write_season
from ..runtime.files import check_writable, file_identity
from ..speakers.series import FilmPeople
from .checking import FilmRequest, Standing, attempt, check_films, say_again
from .outcomes import (
    BatchReport,
    FileOutcome,
    Outcomes,
    earlier_outcomes,
    read_outcome,
    refuse_to_replace,
    reported_outcomes,
    waiting,
    write_outcome,
    write_report,
)
from .planning import Title, title_called
from .requests import files_identity, request_digest
from .series import CastFilm, write_casts

Work = Callable[[FilmRequest, Run], FileOutcome]
"""What is done with one film; a function of a module, since it is sent to workers by its name."""


class Board(Protocol):
    """Where a worker pool says how far its films are; each is named by its place among them."""

    @property
    def stopped(self) -> bool:
        """No further film is to be begun."""
        ...

    def begin(self, number: int) -> None:
        """A film was given to a worker."""
        ...

    def add(self, number: int, found: FileOutcome) -> None:
        """A film is done."""
        ...

    def publish(self) -> None:
        """Everything is said that is known: nothing more will be until a film is done."""
        ...


WorkerPool = Callable[[Work, Sequence[FilmRequest], Board], None]
"""Works on many films, and says how far each is as soon as it is known; called once for each pass over them."""


def output_root(job: Job) -> Path:
    """The folder for the results of a batch."""
    return job.output or Path("localized") / (job.input.resolve().stem or "batch")


def report_place(root: Path, wanted: Path | None) -> Path:
    """Where the report of a batch goes.

    Args:
        root: of the results.
        wanted: as asked for; None for `batch.report.json` among the results.

    Raises:
        UsageError: another file lies there, or nothing can be written there.
    """
    if wanted is not None:
        refuse_to_replace(wanted)
        refuse_to_replace_season(season_path(wanted))
    path = wanted or root / "batch.report.json"
    if path.suffix.lower() == ".xml":
        raise UsageError(f"--report {path}: the report is JSON, and its JUnit twin gets the suffix .xml")
    check_writable(path.parent)
    return path


def with_cast(titles: Sequence[Title], root: Path) -> list[Title]:
    """Titles with the one cast of their series: the one given, else `cast.toml` among the results."""
    return [replace(t, job=replace(t.job, cast=t.job.cast or root / "cast.toml")) for t in titles]


def run_batch(
    job: Job,
    titles: Sequence[Title],
    run: Run,
    report_path: Path,
    say: Callable[[str], None],
    crowd: WorkerPool | None = None,
    *,
    fail_fast: bool = False,
    retry_failed: bool = False,
) -> BatchReport:
    """Dub every film. One that fails does not stop the others, whatever it raised.

    The report and its JUnit twin are written before the first film and whenever one is begun or ends (once where one
    is begun as another ends), so that they are
    true for this run whenever it ends: files that were not tried, or not finished, are said to be so, and are errors in
    JUnit. At the end, what people decided about the titles is written beside it (`write_season`).

    Args:
        job: what the batch was asked for.
        titles: its films, with their cast.
        run: shared by all films.
        report_path: where the outcomes go.
        say: called with one line for each film.
        crowd: works on many films at once; None for one after another, here.
        fail_fast: begin no further film after one that failed.
        retry_failed: leave alone what the report that lies there calls well done.

    Returns:
        the report, as its file holds it.
    """
    jobs = [title.job for title in titles]
    kept = earlier_outcomes(report_path, jobs) if retry_failed else {}
    outcomes = Outcomes(job, jobs, report_path, kept, fail_fast=fail_fast)
    asked = [n for n in range(len(jobs)) if n not in kept]
    ends = (outcomes.close, lambda: write_season(season_path(report_path), [one.folder for one in jobs]))
    try:
        casts = _casts(jobs)
        looked = dict(zip(asked, check_films([jobs[n] for n in asked], run)))
        requests = {number: one for number, one in looked.items() if isinstance(one, FilmRequest)}
        standing = {number: one for number, one in looked.items() if isinstance(one, Standing)}
        if refused := {number: one for number, one in looked.items() if isinstance(one, FileOutcome)}:
            _tell_failed(outcomes, refused, say)
            outcomes.publish()
        numbers = [] if outcomes.stopped else list(requests)
        heard: dict[int, FileOutcome] = {}
        if numbers:
            by_place = learn_cast([requests[n] for n in numbers], run, say, crowd, fail_fast=fail_fast)
            heard = {numbers[place]: found for place, found in by_place.items()}
        _tell_failed(outcomes, heard, say)
        if _casts(jobs) != casts:  # with another cast each of them is to be dubbed again
            requests |= {number: one.request for number, one in standing.items()}
            heard |= {number: replace(one.outcome, warnings=()) for number, one in standing.items()}
        elif not outcomes.stopped:
            for number, one in standing.items():
                say_again(one, run)
                _tell(outcomes, number, one.outcome, say)
        left = [number for number in sorted(heard) if heard[number].ok]
        if left:
            (crowd or _one_by_one(run))(dub_one, [requests[n] for n in left], _Told(outcomes, left, heard, say))
    except BaseException:
        for end in ends:
            try:
                end()
            except Exception as error:
                say(f"the batch ended before its time, and of what it leaves this is missing: {error}")
        raise
    for end in ends:
        end()
    return outcomes.report


def _tell(outcomes: Outcomes, number: int, found: FileOutcome, say: Callable[[str], None]) -> None:
    """Note the outcome of a film, by its place among all, and say a line on it."""
    outcomes.add(number, found)
    files = outcomes.report.files
    why = "" if found.ok else f": {found.error}"
    say(f"[{outcomes.count}/{len(files)}] {files[number].input.name} {found.state}{why}")


def _tell_failed(outcomes: Outcomes, found: Mapping[int, FileOutcome], say: Callable[[str], None]) -> None:
    """The same for those that failed, by their places."""
    for number, one in found.items():
        if not one.ok:
            _tell(outcomes, number, one, say)


class _Told:
    """A board that passes on to the outcomes of all films, and says a line for each.

    Args:
        outcomes: of all films.
        numbers: place of a request -> place of its film among all.
        heard: place of a film among all -> what hearing it came to.
        say: called with a line.
    """

    def __init__(
        self, outcomes: Outcomes, numbers: Sequence[int], heard: Mapping[int, FileOutcome], say: Callable[[str], None]
    ) -> None:
        self._outcomes, self._numbers, self._heard, self._say = outcomes, numbers, heard, say

    @property
    def stopped(self) -> bool:
        return self._outcomes.stopped

    def begin(self, number: int) -> None:
        self._outcomes.begin(self._numbers[number])

    def add(self, number: int, found: FileOutcome) -> None:
        film = self._numbers[number]
        _tell(self._outcomes, film, _together(self._heard[film], found), self._say)

    def publish(self) -> None:
        self._outcomes.publish()


def _casts(jobs: Sequence[Job]) -> dict[Path, tuple[int, int, int]]:
    """Which files the casts of films are."""
    return {place: file_identity(place) for place in {one.cast for one in jobs} if place is not None and place.exists()}


def learn_cast(
    requests: Sequence[FilmRequest],
    run: Run,
    say: Callable[[str], None],
    crowd: WorkerPool | None = None,
    *,
    fail_fast: bool = False,
) -> dict[int, FileOutcome]:
    """Hear who speaks in every film of a series, then write its cast.

    Returns:
        place -> what hearing the film came to; none for films that were not heard, since one before them failed. Then
        no cast is written: the same films are to give the same cast, whichever fails first.
    """
    heard = _Heard(fail_fast=fail_fast)
    for number, request in enumerate(requests):
        if request.job.cast is None:  # a film of no series
            heard.add(number, FileOutcome(request.job.input, state="ok"))
    numbers = [number for number in range(len(requests)) if number not in heard.found]
    if asked := [requests[number] for number in numbers]:
        (crowd or _one_by_one(run))(hear_one, asked, _Among(heard, numbers, [one.job.input.name for one in asked], say))
    if not heard.stopped:
        films = {
            number: CastFilm(requests[number].job, found.people)
            for number, found in sorted(heard.found.items())
            if isinstance(found, HeardOutcome) and found.people is not None
        }
        for number, found in write_casts(films, run).items():
            heard.add(number, found)
    # Prints of many films are much to keep while they are dubbed.
    return {n: replace(one, people=None) if isinstance(one, HeardOutcome) else one for n, one in heard.found.items()}


class _Heard:
    """What hearing each film came to, by its place."""

    def __init__(self, *, fail_fast: bool) -> None:
        self.found: dict[int, FileOutcome] = {}
        self._fail_fast = fail_fast

    @property
    def stopped(self) -> bool:
        """No further film is to be heard."""
        return self._fail_fast and any(not outcome.ok for outcome in self.found.values())

    def add(self, number: int, found: FileOutcome) -> None:
        """A film was heard, or cast."""
        self.found[number] = _together(self.found.get(number), found)


class _Among:
    """A board for some of the films that are heard.

    Args:
        heard: what hearing all of them came to.
        numbers: place among these -> place among all.
        names: of these.
        say: called with a line when one is begun.
    """

    def __init__(self, heard: _Heard, numbers: Sequence[int], names: Sequence[str], say: Callable[[str], None]) -> None:
        self._heard, self._numbers, self._names, self._say = heard, numbers, names, say

    @property
    def stopped(self) -> bool:
        return self._heard.stopped

    def begin(self, number: int) -> None:
        """A film that is heard has no outcome yet."""
        self._say(f"who speaks in {self._names[number]}, {number + 1} of {len(self._names)} films")

    def add(self, number: int, found: FileOutcome) -> None:
        self._heard.add(self._numbers[number], found)

    def publish(self) -> None:
        """What hearing came to is told where its film is dubbed."""


def _together(before: FileOutcome | None, after: FileOutcome) -> FileOutcome:
    """The outcome of two passes over one film: that of the second, with what both took."""
    if before is None:
        return after
    warnings = (*before.warnings, *(w for w in after.warnings if w not in before.warnings))
    seconds = round(before.seconds + after.seconds, 3)
    return replace(after, seconds=seconds, made=before.made + after.made, warnings=warnings)


def dub_by_name(titles: Sequence[Title], name: str, root: Path, run: Run) -> FileOutcome:
    """Dub one title, named or by its number from 1, with the cast of the series where one was written.

    Raises:
        UsageError: no title is called so, or two could be meant.
    """
    title = title_called(titles, name)
    own, learnt = title.job, root / "cast.toml"
    if own.cast is None and learnt.exists():
        own = replace(own, cast=learnt)
    place = _outcome_place(root, title)
    write_outcome(place, waiting(own.input, "running"))
    request = request_digest(own)  # a file that changes while the film is dubbed is to be dubbed again
    identity = files_identity(own)
    outcome = replace(dub_one(FilmRequest(own), run), request=request, identity=identity)
    write_outcome(place, outcome)
    return outcome


def collect_outcomes(job: Job, titles: Sequence[Title], root: Path, report_path: Path) -> BatchReport:
    """The report of titles that were dubbed by themselves, written. Of those without an outcome of their own, or with
    one from before the report that lies there, that report counts, where it is of the same request; of the others it
    is said that they have none.
    """
    reported = reported_outcomes(report_path, [title.job for title in titles])
    written_ns = report_path.stat().st_mtime_ns if reported else 0
    found = []
    for number, title in enumerate(titles):
        place = _outcome_place(root, title)
        own = read_outcome(place, title.job)
        older = not own.tried or place.stat().st_mtime_ns < written_ns
        found.append(reported.get(number, own) if older else own)
    files = tuple(found)
    report = BatchReport(job.input, job.to, files, report_path, report_path.with_suffix(".xml"))
    write_report(report)
    write_season(season_path(report_path), [title.job.folder for title in titles])
    return report


def _outcome_place(root: Path, title: Title) -> Path:
    """Where the outcome of a title dubbed by itself lies: not in its own folder, which a dub replaces as a whole."""
    return root / "batch.outcomes" / f"{title.name}.json"


def _one_by_one(run: Run) -> WorkerPool:
    """Work here, on one film after another."""

    def go(work: Work, requests: Sequence[FilmRequest], board: Board) -> None:
        for number, request in enumerate(requests):
            if board.stopped:
                return
            board.begin(number)
            board.publish()
            board.add(number, work(request, run))

    return go


@dataclass(frozen=True, slots=True)
class HeardOutcome(FileOutcome):
    """How hearing one film went, and who was heard; None where it failed."""

    people: FilmPeople | None = None


def hear_one(request: FilmRequest, run: Run) -> FileOutcome:
    """Hear who speaks in one film, and say how it went. What it warns of, the dub says again."""
    own = run.for_title(heard=lambda event: not isinstance(event, Warned))
    people: FilmPeople | None = None

    def learn() -> tuple[TargetResult, ...]:
        nonlocal people
        people = pipeline.learn_people(request.job, own, request.check)
        return ()

    outcome = attempt(request.job, run, own, learn)
    return HeardOutcome(**{field.name: getattr(outcome, field.name) for field in fields(outcome)}, people=people)


def dub_one(request: FilmRequest, run: Run) -> FileOutcome:
    """Dub one film and say how it went, also where it raised what nobody foresaw."""
    own = run.for_title()
    return attempt(request.job, run, own, lambda: pipeline.dub(request.job, own, request.check).targets)
