"""A profile of a run is made of its events: what each stage cost, and when it was at work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localize.cli.profile import RunProfile, seconds_at_work
from localize.errors import StoreError
from localize.events import Event, Run, Started
from localize.runtime.store import StepCall, Store, step


@step(version=1)
def busy(store: Store, number: int) -> int:
    return sum(n * n for n in range(400_000)) % (number + 7)


def test_what_stages_cost_is_kept_written_and_shown(run: Run, tmp_path: Path) -> None:
    passed: list[Event] = []
    profile = RunProfile(passed.append)
    run._listener = profile
    with run.stage("plan", 2) as advance:
        for number in (1, 1):
            busy(run.store, number)
            advance()
    with run.target("es"), run.stage("mix"):
        busy(run.store, 2)
    assert isinstance(passed[0], Started)
    assert [(s.stage, s.language, s.hits, s.made) for s in profile.stages] == [("plan", "", 1, 1), ("mix", "es", 0, 1)]
    assert all(s.cpu_seconds > 0 and s.peak_mb > 10 for s in profile.stages)
    profile.write_trace(tmp_path / "trace.json", run.store.calls)
    trace = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    whole = {event["name"]: event for event in trace if event["ph"] == "X"}
    assert whole["plan"]["args"]["made"] == 1
    assert whole["plan"]["ts"] + whole["plan"]["dur"] <= whole["mix"]["ts"]
    assert [event["args"]["done"] for event in trace if event["ph"] == "C"] == [1, 2]
    steps = [event for event in trace if event["name"].endswith(".busy")]
    assert [event["tid"] for event in steps] == [2, 2], "what was found in the store is no work"
    assert whole["plan"]["ts"] <= steps[0]["ts"] <= steps[0]["ts"] + steps[0]["dur"] <= steps[1]["ts"]
    shown = profile.table()
    assert [line.split()[0] for line in shown] == ["stage", "plan", "mix", "all"]
    assert shown[-1].split()[-2:] == ["2", "1"]


@pytest.mark.parametrize(
    ("calls", "one_or_more", "several"),
    [
        ([], 0, 0),
        ([(1, 0, 4)], 4, 0),
        ([(1, 0, 4), (2, 3, 6)], 6, 1),
        ([(1, 0, 4), (1, 1, 2)], 4, 0),  # a step calls another in its own thread
        ([(1, 0, 4), (2, 5, 7), (3, 6, 7)], 6, 1),
    ],
)
def test_steps_at_work_at_once_are_counted_by_their_threads(
    calls: list[tuple[int, float, float]], one_or_more: float, several: float
) -> None:
    made = [StepCall("a step", *call) for call in calls]
    assert seconds_at_work(made) == (one_or_more, several)
    assert len(RunProfile(lambda _event: None).table(made)) == 2 + bool(calls)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_what_ended_a_run_is_raised_where_its_trace_cannot_be_written(
    run: Run, tmp_path: Path, raised: type[BaseException]
) -> None:
    said: list[str] = []
    profile = RunProfile(lambda _event: None)
    with pytest.raises(raised), profile.told(tmp_path, run.store, said.append):  # a folder stands there
        raise raised
    with pytest.raises(raised), profile.told(tmp_path / "trace.json", run.store, said.append):
        raise raised
    assert (tmp_path / "trace.json").is_file()
    assert said[0].startswith("stage")
    with pytest.raises(StoreError), profile.told(tmp_path, run.store, said.append):
        pass
    with profile.told(None, run.store, said.append):
        pass
    assert len(said) == len(profile.table(run.store.calls))
