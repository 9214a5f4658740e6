"""Many files in one go: a folder of films, here or by workers, and what became of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..events import Run
    from ..job import Job
    from .outcomes import BatchReport


def batch(
    job: Job,
    run: Run,
    *,
    include: str = "*",
    inputs: Sequence[str | os.PathLike[str]] = (),
    report: str | os.PathLike[str] | None = None,
    on: str = "local",
    jobs: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> BatchReport:
    """Dub every media file of a folder, or the files that are named. A file that fails does not stop the others,
    whatever it raised.

    Args:
        job: what each file is asked for; its `input` is the folder.
        run: whose store, home and models all files share.
        include: which file names, with `*` and `?`.
        inputs: these files alone, from any folders; the job's own `input` counts for nothing then, and all of them are
            looked at before the first is worked on.
        report: where the outcomes go; None for `batch.report.json` beside the results.
        on: where the work is done: "local" or "ray".
        jobs: files at once; None for one, and for what Ray has room for.
        say: called with one line for each file.

    Raises:
        UsageError: no folder, no media file in it, or what cannot be done by many at once.
        MediaError: one of `inputs` is not there, or no film.
        EngineMissing: Ray is not installed.
    """
    from pathlib import Path

    from .folder import run_batch, run_files
    from .workers import worker_pool

    path = None if report is None else Path(report)
    if inputs:
        return run_files(job, [Path(name) for name in inputs], run, path, say)
    return run_batch(job, run, include, path, say, worker_pool(run, on, jobs))
