"""Many films in one go: of a folder or a list, here, by workers, or a command a title, and what became of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..events import Run
    from ..job import Job
    from .outcomes import BatchReport, FileOutcome
    from .planning import Title


def batch(
    job: Job,
    run: Run,
    *,
    include: str = "*",
    exclude: Sequence[str] = (),
    recursive: bool = False,
    report: str | os.PathLike[str] | None = None,
    on: str = "local",
    jobs: int | None = None,
    fail_fast: bool = False,
    retry_failed: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> BatchReport:
    """Dub every film of a folder, or of a list. One that fails does not stop the others, whatever it raised.

    Args:
        job: what each film is asked for; its `input` is the folder, or a list of films (.csv, .json).
        run: whose store, home and models all films share.
        include: which file names, with `*` and `?`.
        exclude: file names that are passed over, of films and of what lies beside them.
        recursive: also films in folders of the folder.
        report: where the outcomes go; None for `batch.report.json` among the results.
        on: where the work is done: "local" or "ray".
        jobs: films at once; None for one, and for what Ray has room for.
        fail_fast: begin no further film after one that failed.
        retry_failed: leave alone what the report that lies there calls well done.
        say: called with a line on each film.

    Raises:
        UsageError: no folder or list, no film in it, or what cannot be done by many at once.
        EngineMissing: Ray is not installed.
    """
    from .folder import output_root, report_place, run_batch, with_cast
    from .workers import worker_pool

    root = output_root(job)
    titles = with_cast(find_titles(job, include=include, exclude=exclude, recursive=recursive), root)
    place = report_place(root, None if report is None else Path(report))
    for title in titles:
        for line in (*(f"{option} {path}" for option, path in title.beside.items()), *title.unused):
            say(f"{title.name}: {line}")
    with worker_pool(run, on, jobs, say) as crowd:
        return run_batch(job, titles, run, place, say, crowd, fail_fast=fail_fast, retry_failed=retry_failed)


def dub_films(
    job: Job, inputs: Sequence[str | os.PathLike[str]], run: Run, say: Callable[[str], None] = lambda _: None
) -> BatchReport:
    """Dub films that are named, from any folders. All of them are looked at before the first is worked on; then one
    that fails does not stop the others.

    Args:
        job: what each film is asked for; its own `input` counts for nothing.
        inputs: the films.
        run: whose store, home and models all films share.
        say: called with a line on each film.

    Raises:
        UsageError: a film is named twice, or an option belongs to one film alone.
        MediaError: a film is not there, or is none.
    """
    from .named import run_named

    return run_named(job, [Path(name) for name in inputs], run, say)


def find_titles(job: Job, *, include: str = "*", exclude: Sequence[str] = (), recursive: bool = False) -> list[Title]:
    """The films of a batch, with what lies beside each.

    Raises:
        UsageError: no folder or list, or no film in it.
    """
    from .folder import output_root
    from .planning import plan_titles

    return plan_titles(job, output_root(job), include=include, exclude=exclude, recursive=recursive)


def learn_cast(job: Job, titles: Sequence[Title], run: Run, say: Callable[[str], None] = lambda _: None) -> int:
    """Hear who speaks in every film, and write the cast of the series, before the titles are dubbed one by one.

    Returns:
        the exit code of the worst film.
    """
    from .checking import Standing, check_films
    from .folder import learn_cast, output_root, with_cast
    from .outcomes import FileOutcome

    series = with_cast(titles, output_root(job))
    looked = check_films([title.job for title in series], run)
    refused = [found for found in looked if isinstance(found, FileOutcome)]
    for outcome in refused:
        say(f"{outcome.input.name} {outcome.state}: {outcome.error}")
    requests = [one.request if isinstance(one, Standing) else one for one in looked if not isinstance(one, FileOutcome)]
    heard = learn_cast(requests, run, say)
    return max((outcome.exit_code or 0 for outcome in (*refused, *heard.values())), default=0)


def dub_title(job: Job, titles: Sequence[Title], name: str, run: Run) -> FileOutcome:
    """Dub one film of a batch, and leave its outcome where `collect` finds it.

    Args:
        job: what the batch was asked for.
        titles: of the batch.
        name: of the title, or its number from 1.
        run: its store, home and models.

    Raises:
        UsageError: no title is called so.
    """
    from .folder import dub_by_name, output_root

    return dub_by_name(titles, name, output_root(job), run)


def collect(job: Job, titles: Sequence[Title], report: str | os.PathLike[str] | None = None) -> BatchReport:
    """Write the report of a batch whose titles were dubbed one by one, from the outcomes that they left.

    Args:
        job: what the batch was asked for.
        titles: of the batch.
        report: where it goes; None for `batch.report.json` among the results.
    """
    from .folder import collect_outcomes, output_root, report_place

    root = output_root(job)
    return collect_outcomes(job, titles, root, report_place(root, None if report is None else Path(report)))
