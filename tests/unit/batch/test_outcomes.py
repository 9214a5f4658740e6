"""The outcomes of a batch as they are written and read again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from localize.batches import outcomes
from localize.batches.outcomes import FileOutcome, Outcomes, refuse_to_replace
from localize.job import Job


def states_of(report: dict[str, Any]) -> str:
    return " ".join(f["state"] for f in report["files"])


def test_the_report_holds_names_and_errors_as_they_are(tmp_path: Path) -> None:
    """It is put together of texts made for each film: what looks like its own syntax stays content."""
    names = ("a\u2028b.mp4", '"files": [].mp4', "c\n  d.mp4", "<testsuite>.mp4", "ñ&<>.mp4", "e.mp4")
    job = Job(tmp_path / '"files": [', to=("es",))
    kept = {1: FileOutcome(tmp_path / names[1], state="failed", exit_code=3, error='no "files": [\x00]\n</testcase>')}
    board = Outcomes(job, [Job(tmp_path / name, to=("es",)) for name in names], tmp_path / "r.json", kept)
    board.begin(0)
    board.add(0, FileOutcome(tmp_path / "elsewhere.mp4", state="ok", exit_code=0, seconds=1.25))
    board.publish()
    text = (tmp_path / "r.json").read_text("utf-8")
    assert text == json.dumps(board.report.json(), ensure_ascii=False, indent=1) + "\n"
    found = json.loads(text)
    assert [Path(one["input"]).name for one in found["files"]] == list(names)
    assert states_of(found) == "ok failed queued queued queued queued"
    (suite,) = ElementTree.parse(tmp_path / "r.xml").getroot()
    told = [suite.get(name) for name in ("tests", "failures", "errors", "time")]
    assert told == ["6", "1", "4", "1.250"]
    assert [Path(case.get("name") or "").name for case in suite] == [
        "a\ufffdb.mp4", '"files": [].mp4', "c\ufffd  d.mp4", "<testsuite>.mp4", "ñ&<>.mp4", "e.mp4",
    ]  # fmt: skip
    (failure,) = suite[1]
    assert failure.get("message") == failure.text == 'no "files": [\ufffd]\ufffd</testcase>'
    refuse_to_replace(tmp_path / "r.json")


def test_a_film_is_put_into_words_when_its_outcome_changes_and_not_for_every_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, made = 50, list[str]()
    worded = outcomes.part_of
    monkeypatch.setattr(outcomes, "part_of", lambda one: made.append(one.state) or worded(one))
    jobs = [Job(tmp_path / f"e{n:02}.mp4", to=("es",)) for n in range(count)]
    board = Outcomes(Job(tmp_path, to=("es",)), jobs, tmp_path / "r.json")
    for number in range(count):
        board.begin(number)
        board.publish()
        board.add(number, FileOutcome(jobs[number].input, state="ok", exit_code=0))
    board.close()
    assert Counter(made) == {"queued": count, "running": count, "ok": count}
    assert states_of(json.loads((tmp_path / "r.json").read_text("utf-8"))) == " ".join(["ok"] * count)
