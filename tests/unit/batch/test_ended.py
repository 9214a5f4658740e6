"""How a batch ends where the files that it leaves cannot be written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from localize import pipeline
from localize.batches import batch
from localize.batches.checking import FilmRequest
from localize.batches.folder import Board, Work, report_place, run_batch
from localize.batches.planning import plan_titles
from localize.delivery.results import DubResult
from localize.errors import LocalizeError
from localize.events import Run
from localize.job import Job


def film_in(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a.wav").write_bytes(b"sound")
    return folder


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_what_ends_a_batch_is_heard_where_its_last_files_cannot_be_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: type[BaseException]
) -> None:
    output, said = tmp_path / "o", list[str]()
    (output / "batch.season.csv").mkdir(parents=True)  # a folder where the table of the season would go

    def work(_work: Work, _requests: Sequence[FilmRequest], board: Board) -> None:
        (output / "batch.report.xml").unlink()
        (output / "batch.report.xml").mkdir()
        raise raised

    monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    job = Job(film_in(tmp_path / "in"), to=("es",), output=output)
    titles, place = plan_titles(job, output), report_place(output, None)
    with pytest.raises(raised):
        run_batch(job, titles, run, place, said.append, work)
    told = [line for line in said if "before its time" in line]
    assert len(told) == 2
    assert "batch.report.xml" in told[0]
    assert "batch.season.csv" in told[1]


def test_a_batch_that_ends_well_says_what_it_cannot_write(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "o"
    (output / "batch.season.csv").mkdir(parents=True)
    monkeypatch.setattr(pipeline, "dub", lambda job, *_: DubResult(job.input, (), ()))
    monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    with pytest.raises(LocalizeError, match=r"batch\.season\.csv"):
        batch(Job(film_in(tmp_path / "in"), to=("es",), output=output), run)
    assert json.loads((output / "batch.report.json").read_text(encoding="utf-8"))["finished"]
