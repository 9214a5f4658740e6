"""A profile of a run is made of its events: what each stage cost, and when it was at work."""

from __future__ import annotations

import json
from pathlib import Path

from localize.cli.profile import RunProfile
from localize.events import Event, Run, Started
from localize.runtime.store import Store, step


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
    profile.write_trace(tmp_path / "trace.json")
    trace = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    whole = {event["name"]: event for event in trace if event["ph"] == "X"}
    assert whole["plan"]["args"]["made"] == 1
    assert whole["plan"]["ts"] + whole["plan"]["dur"] <= whole["mix"]["ts"]
    assert [event["args"]["done"] for event in trace if event["ph"] == "C"] == [1, 2]
    shown = profile.table()
    assert [line.split()[0] for line in shown] == ["stage", "plan", "mix", "all"]
    assert shown[-1].split()[-2:] == ["2", "1"]
