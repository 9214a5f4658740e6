"""What a run says while it works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localize.consent import Home
from localize.events import EngineSelected, Event, Finished, Progress, Run, Started, Warned, print_progress
from localize.models import Models
from localize.runtime.store import Store, step


@step(version=1)
def doubled(store: Store, value: int) -> int:
    return 2 * value


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def run(tmp_path: Path, heard: list[Event]) -> Run:
    return Run(Store(tmp_path / "store"), Home.open(tmp_path / "home"), Models(tmp_path), heard.append)


def test_a_stage_says_when_it_starts_advances_and_ends(run: Run, heard: list[Event]) -> None:
    with run.stage("work", 2) as advance:
        advance()
        advance()
    started, first, second, finished = heard
    assert (started, first, second) == (Started("work", 2), Progress("work", 1, 2), Progress("work", 2, 2))
    assert isinstance(finished, Finished)
    assert finished.stage == "work"
    assert finished.seconds >= 0
    assert run.stages == [finished]


def test_a_stage_counts_what_came_from_the_store_and_what_was_made(run: Run) -> None:
    with run.stage("first"):
        doubled(run.store, 1)
        doubled(run.store, 2)
    with run.stage("second"):
        doubled(run.store, 2)
        doubled(run.store, 3)
    assert [(s.stage, s.hits, s.made) for s in run.stages] == [("first", 0, 2), ("second", 1, 1)]


def test_a_warning_is_said_once_and_kept(run: Run, heard: list[Event]) -> None:
    for _ in range(3):
        run.warn("overflow", "line s0001 does not fit")
    run.warn("overflow", "line s0002 does not fit")
    assert heard == run.warnings == [Warned("overflow", f"line s000{n} does not fit") for n in (1, 2)]


def test_an_error_leaves_a_stage_unfinished(run: Run, heard: list[Event]) -> None:
    def fail() -> Any:
        with run.stage("work"):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert heard == [Started("work", 0)]
    assert run.stages == []


def test_a_run_needs_no_listener(tmp_path: Path) -> None:
    run = Run(Store(tmp_path / "store"), Home.open(tmp_path / "home"), Models(tmp_path))
    run.warn("code", "message")
    with run.stage("work") as advance:
        advance()
    assert [s.stage for s in run.stages] == ["work"]


def test_progress_in_plain_lines_says_each_thing_once_and_nothing_over_another() -> None:
    lines: list[str] = []
    listen = print_progress(lines.append)
    listen(EngineSelected("translator", "marian_ct2:one", "the only one installed"))
    listen(Started("translate", 100))
    for done in range(1, 101):
        listen(Progress("translate", done, 100))
    listen(Warned("overflow", "line s0001 does not fit"))
    listen(Finished("translate", 1.25, 60, 40, "es"))
    listen(Progress("translate", 25, 100))
    assert lines == [
        "translator: marian_ct2:one (the only one installed)",
        "translate: 25 of 100",
        "translate: 50 of 100",
        "translate: 75 of 100",
        "warning [overflow]: line s0001 does not fit",
        "translate (es): 1.2 s, 40 made, 60 from the store",
        "translate: 25 of 100",
    ]
    assert not any(sign in line for line in lines for sign in "\r\n\x1b")
