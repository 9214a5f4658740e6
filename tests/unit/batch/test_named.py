"""Films that are named on the command line: looked at before work, each in the folder that it would have alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile

from localize.batches import dub_films
from localize.batches.dry_run import plan_batch
from localize.batches.named import name_titles
from localize.consent import Home
from localize.errors import MediaError, UsageError
from localize.events import Run
from localize.job import Job
from localize.models import Models
from localize.runtime.store import Store


def test_films_that_are_named_have_the_folders_they_have_alone(tmp_path: Path, spoken: Any, models: Models) -> None:
    samples, second = soundfile.read(spoken.path)[0], spoken.phrases[1]
    talk = samples[(second.start_ms - 400) * 48 : (second.end_ms + 600) * 48]
    inputs = [tmp_path / "talk.wav", tmp_path / "talk.flac"]
    for path in inputs:
        soundfile.write(path, talk, 48_000, "PCM_24")
    none = tmp_path / "none.mp4"
    none.write_text("text")
    said: list[str] = []
    run = Run(Store(tmp_path / "store"), Home.open(tmp_path / "home"), models)
    job = Job(inputs[0], to=("es",), output=tmp_path / "out", source_language="en", draft=True)
    with pytest.raises(MediaError, match="not a media file"):
        dub_films(job, [*inputs, none], run, said.append)
    assert not said, "all are looked at before the first is worked on"
    plan = plan_batch(tmp_path / "out", name_titles(job, [*inputs, none]), run)
    assert [(t.title.name, t.plan is not None) for t in plan.titles] == [
        ("talk.wav", True), ("talk.flac", True), ("none", False),
    ]  # fmt: skip
    assert plan.exit_code == MediaError.exit_code
    assert not (tmp_path / "out").exists()
    report = dub_films(job, inputs, run, said.append)
    assert (report.exit_code, [f.state for f in report.files]) == (0, ["ok", "ok"])
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "talk.wav", "talk.flac", "batch.report.json", "batch.report.xml", "batch.season.json", "batch.season.csv",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "names", "why"),
    [
        ({}, ["a.wav", "b.wav"], "name the language"),
        ({"to": ("es",)}, ["a.wav", "./a.wav"], "named twice"),
        ({"to": ("es",), "edits": Path("e.json")}, ["a.wav", "b.wav"], "--edits belongs to one film"),
        ({"to": ("es",), "transcript": Path("t.srt")}, ["a.wav", "b.wav"], "--transcript belongs to one film"),
    ],
)
def test_what_several_films_cannot_share_is_refused(
    run: Run, tmp_path: Path, given: dict[str, Any], names: list[str], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        dub_films(Job(Path("a.wav"), **given, output=tmp_path / "out"), names, run)
    assert not (tmp_path / "out").exists()
