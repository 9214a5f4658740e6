"""What a batch would do, found out without an engine: its films, what lies beside each, and what stops it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from .. import pipeline
from ..delivery.outlay import PEAK_BYTES, free_bytes
from ..delivery.results import DubPlan
from ..errors import LocalizeError
from ..events import Run
from .planning import Title


class TitleJson(TypedDict):
    """A member of `titles` of a batch's plan.

    Args:
        name: the film's folder among the results.
        beside: option -> the file found by its name.
        unused: files beside the film that are taken for nothing, and why.
        seconds: that its dub takes, if nothing of it is in the store; null where it cannot be dubbed.
        error: why it cannot be dubbed, and `exit_code` what the command would end with.
    """

    name: str
    input: str
    to: list[str]
    output: str
    beside: dict[str, str]
    unused: list[str]
    duration_ms: int | None
    seconds: int | None
    disk_bytes: int | None
    error: str | None
    exit_code: int
    warnings: list[str]


class BatchPlanJson(TypedDict):
    """What `localize batch --dry-run --json` prints, and `localize dub --dry-run --json` of several films.

    Args:
        seconds: that the batch takes; files that are done at once share the cores.
        disk_bytes: in the store and the output folder together.
        memory_bytes: at most, of all that are done at once.
    """

    schema: Literal[1]
    folder: str
    titles: list[TitleJson]
    seconds: int
    disk_bytes: int
    free_bytes: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class PlannedTitle:
    """A title with what its dry run found: a plan, or an error."""

    title: Title
    plan: DubPlan | None
    error: LocalizeError | None

    def json(self) -> TitleJson:
        """A member of `titles` of the plan."""
        title, plan = self.title, self.plan
        return {
            "name": title.name,
            "input": str(title.job.input),
            "to": list(title.job.to),
            "output": str(title.job.folder),
            "beside": {option: str(path) for option, path in title.beside.items()},
            "unused": list(title.unused),
            "duration_ms": None if plan is None else plan.duration_ms,
            "seconds": None if plan is None else plan.outlay.seconds,
            "disk_bytes": None if plan is None else plan.outlay.disk_bytes,
            "error": None if self.error is None else self.error.message,
            "exit_code": 0 if self.error is None else self.error.exit_code,
            "warnings": [] if plan is None else [warning.message for warning in plan.warnings],
        }


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch would do.

    Args:
        folder: of the films, or their list.
        titles: in order.
        free_bytes: on the disk of the store.
        jobs: films at once.
    """

    folder: Path
    titles: tuple[PlannedTitle, ...]
    free_bytes: int
    jobs: int

    @property
    def exit_code(self) -> int:
        """That of the worst title; 0 where each can be dubbed."""
        return max((title.error.exit_code for title in self.titles if title.error), default=0)

    def json(self) -> BatchPlanJson:
        """What the command prints."""
        plans = [title.plan.outlay for title in self.titles if title.plan]
        return {
            "schema": 1,
            "folder": str(self.folder),
            "titles": [title.json() for title in self.titles],
            "seconds": sum(outlay.seconds for outlay in plans),
            "disk_bytes": sum(outlay.disk_bytes for outlay in plans),
            "free_bytes": self.free_bytes,
            "memory_bytes": PEAK_BYTES * min(self.jobs, max(1, len(plans))),
        }


def plan_batch(folder: Path, titles: Sequence[Title], run: Run, jobs: int = 1) -> BatchPlan:
    """Check every title as its dub would, without an engine.

    Args:
        folder: of the films, or their list.
        titles: of the batch.
        run: whose store, home and models they use.
        jobs: films at once.
    """
    found = []
    for title in titles:
        plan, error = None, None
        try:
            plan = pipeline.dry_run(title.job, run.for_title())
        except LocalizeError as caught:
            error = caught
        found.append(PlannedTitle(title, plan, error))
    return BatchPlan(folder, tuple(found), free_bytes(run.store), jobs)
