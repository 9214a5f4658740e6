"""Films that are named on the command line: looked at before the first is worked on, then dubbed one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import UsageError
from ..events import Run
from ..inputs import check_paths, require_targets
from ..job import Job
from ..source.film_check import check_film
from .folder import report_place, run_batch
from .outcomes import BatchReport, refuse_to_replace
from .planning import Title, folder_names

ONE_FILM = ("transcript", "translation", "edits", "review", "me")
"""Options that belong to one film."""


def run_named(job: Job, inputs: Sequence[Path], run: Run, say: Callable[[str], None]) -> BatchReport:
    """Dub films, each into the folder that it would have alone; one that fails does not stop the others. They are a
    series with one cast only where `job.cast` names it.

    Args:
        job: what each film is asked for.
        inputs: the films, from any folders.
        run: shared by all of them.
        say: called with one line for each film.

    Raises:
        UsageError: a film is named twice, or an option belongs to one film alone.
        MediaError: a film is not there, or is none.
    """
    titles = name_titles(job, inputs)
    for title in titles:
        require_targets(title.job)
        check_paths(title.job)
        check_film(title.job)
    root = named_root(job)
    place = report_place(root, None)
    refuse_to_replace(place)
    return run_batch(replace(job, input=root), titles, run, place, say)


def named_root(job: Job) -> Path:
    """The folder for the folders of films that are named."""
    return job.output or Path("localized")


def name_titles(job: Job, inputs: Sequence[Path]) -> list[Title]:
    """The titles of films that are named.

    Raises:
        UsageError: a film is named twice, or an option belongs to one film alone.
    """
    if given := next((name for name in ONE_FILM if getattr(job, name) is not None), ""):
        raise UsageError(f"--{given} belongs to one film: dub that one by itself, or leave --{given} out")
    places = [path.resolve() for path in inputs]
    if twice := next((path for path, place in zip(inputs, places) if places.count(place) > 1), None):
        raise UsageError(f"{twice} is named twice: name each film once")
    root, names = named_root(job), folder_names(None, inputs)
    return [Title(name, replace(job, input=path, output=root / name)) for name, path in zip(names, inputs)]
