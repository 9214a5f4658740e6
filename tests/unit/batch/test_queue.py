"""Batches that end early or go on, and titles dubbed one by one by a queue of one's own: outcomes, lists, reports."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from localize import batches, pipeline
from localize.batches import outcomes
from localize.batches.outcomes import BatchReport, Part
from localize.delivery.results import DubResult
from localize.errors import LocalizeError, MediaError, QualityError, UsageError
from localize.events import Run, Warned
from localize.job import Job

Dubbed = Callable[..., list[str]]


@pytest.fixture
def dubbed(monkeypatch: pytest.MonkeyPatch) -> Dubbed:
    """The pipeline replaced by outcomes by file name; gives the names of the films that were dubbed, as they are."""

    def using(**errors: LocalizeError | BaseException) -> list[str]:
        names: list[str] = []

        def take(job: Job, *_: object) -> DubResult:
            names.append(job.input.stem)
            if found := errors.get(job.input.stem):
                raise found
            return DubResult(job.input, (), ())

        monkeypatch.setattr(pipeline, "dub", take)
        monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
        monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
        return names

    return using


@pytest.fixture
def season(tmp_path: Path) -> Job:
    """Three films, of which nobody opens one."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.mp4").write_bytes(name.encode())
    return Job(folder, to=("es",), output=tmp_path / "out")


def states(report: dict[str, Any]) -> str:
    return " ".join(f["state"] for f in report["files"])


def on_disk(job: Job) -> dict[str, Any]:
    assert job.output is not None
    return json.loads((job.output / "batch.report.json").read_text("utf-8"))  # type: ignore[no-any-return]


def test_a_batch_that_fails_fast_begins_no_more(run: Run, season: Job, dubbed: Dubbed) -> None:
    names = dubbed(b=MediaError("no film"))
    report = batches.batch(season, run, fail_fast=True)
    assert names == ["a", "b"]
    assert states(report.json()) == states(on_disk(season)) == "ok failed cancelled"
    assert (report.finished, report.exit_code, report.worst) == (False, None, 3)
    (suite,) = ElementTree.parse(report.junit).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")


@pytest.mark.parametrize(("fail_fast", "heard"), [(False, ["a", "c"]), (True, [])])
def test_what_can_be_known_of_all_films_is_told_before_work_on_any_begins(
    run: Run, season: Job, dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch, fail_fast: bool, heard: list[str]
) -> None:
    names, learnt = dubbed(), list[str]()

    def check(job: Job, own: Run) -> None:
        own.warn("strange", "a warning that the dub says again")
        if job.input.stem == "b":
            raise UsageError("no translator: name another language")

    monkeypatch.setattr(pipeline, "check_request", check)
    monkeypatch.setattr(pipeline, "learn_people", lambda job, *_: learnt.append(job.input.stem))
    said: list[str] = []
    report = batches.batch(season, run, fail_fast=fail_fast, say=said.append).json()
    assert said[0] == "[1/3] b.mp4 failed: no translator: name another language"
    assert learnt == names == heard
    assert states(report) == ("cancelled failed cancelled" if fail_fast else "ok failed ok")
    assert not run.warnings
    assert batches.learn_cast(season, batches.find_titles(season), run) == 2


@pytest.mark.parametrize(
    ("standing", "adds", "heard", "made"),
    [("abc", False, "", ""), ("ac", False, "b", "b"), ("ac", True, "b", "abc"), ("", True, "abc", "abc")],
)
def test_what_lies_there_unchanged_is_left_alone_unless_another_film_changes_the_cast(
    run: Run, season: Job, dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch, standing: str, adds: bool, heard: str,
    made: str,
) -> None:  # fmt: skip
    names, learnt, said, told = dubbed(), list[str](), list[str](), list[str]()
    assert season.output is not None
    cast = season.output / "cast.toml"
    cast.parent.mkdir()
    cast.write_text("# people")

    def check(job: Job, own: Run) -> DubResult | None:
        if job.input.stem not in standing:
            return None
        own.warn("strange", f"of {job.input.stem}")
        return DubResult(job.input, (), ())

    def learn(job: Job, *_: object) -> None:
        learnt.append(job.input.stem)
        if adds and job.input.stem == "b":
            cast.write_text("# people and one more")

    monkeypatch.setattr(pipeline, "check_request", check)
    monkeypatch.setattr(pipeline, "learn_people", learn)
    listening = Run(
        run.store, run.home, run.models, lambda event: told.append(event.message) if isinstance(event, Warned) else None
    )
    report = batches.batch(season, listening, say=said.append).json()
    assert ("".join(learnt), "".join(names)) == (heard, made)
    assert states(report) == states(on_disk(season)) == "ok ok ok"
    kept = [] if adds else list(standing)
    assert told == [f"of {name}" for name in kept]
    assert [[w["message"] for w in one["warnings"]] for one in report["files"]] == [
        [f"of {name}"] if name in kept else [] for name in "abc"
    ]
    assert sorted(line[-8:] for line in said if line.startswith("[")) == [f"{name}.mp4 ok" for name in "abc"]


def test_what_lies_there_and_misses_what_strict_asks_for_fails_as_its_dub_would(
    run: Run, season: Job, dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = dubbed()

    def check(job: Job, _: Run) -> DubResult:
        result = DubResult(job.input, (), ())
        if job.input.stem == "b":
            raise QualityError("two lines too fast", result=result)
        return result

    monkeypatch.setattr(pipeline, "check_request", check)
    report = batches.batch(season, run)
    assert not names
    assert states(report.json()) == "ok failed ok"
    assert report.exit_code == 6


def test_every_film_is_looked_at_once(run: Run, season: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was found to be is handed to those who hear it and who dub it."""
    looked: list[str] = []
    passes: dict[str, list[object]] = {"hear": [], "dub": []}

    def check(job: Job, _: Run) -> str:
        looked.append(job.input.stem)
        return f"found of {job.input.stem}"

    def take(job: Job, _: Run, found: object) -> DubResult:
        passes["dub"].append(found)
        return DubResult(job.input, (), ())

    monkeypatch.setattr(pipeline, "check_request", check)
    monkeypatch.setattr(pipeline, "learn_people", lambda _job, _run, found: passes["hear"].append(found))
    monkeypatch.setattr(pipeline, "dub", take)
    batches.batch(season, run)
    assert looked == ["a", "b", "c"]
    found = [f"found of {name}" for name in looked]
    assert passes == {"hear": found, "dub": found}


def test_the_report_is_written_once_where_one_film_ends_and_another_begins(
    run: Run, season: Job, dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    dubbed()
    written: list[str] = []
    write = outcomes.write_report

    def note(report: BatchReport, parts: Sequence[Part]) -> None:
        written.append(" ".join(one.state for one in report.files))
        write(report, parts)

    monkeypatch.setattr(outcomes, "write_report", note)
    batches.batch(season, run)
    assert written == [
        "queued queued queued", "running queued queued", "ok running queued", "ok ok running", "ok ok ok",
    ]  # fmt: skip
    assert states(on_disk(season)) == "ok ok ok"


def test_an_interrupted_batch_says_what_has_no_outcome(run: Run, season: Job, dubbed: Dubbed) -> None:
    dubbed(b=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        batches.batch(season, run)
    assert states(on_disk(season)) == "ok cancelled cancelled"


def test_what_is_at_work_is_said_to_be(run: Run, season: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after a kill, which nothing can tidy up after."""
    seen = []

    def take(job: Job, *_: object) -> DubResult:
        seen.append(states(on_disk(season)))
        return DubResult(job.input, (), ())

    monkeypatch.setattr(pipeline, "dub", take)
    monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    batches.batch(season, run)
    assert seen == ["running queued queued", "ok running queued", "ok ok running"]


def test_failed_films_alone_are_tried_again(run: Run, season: Job, dubbed: Dubbed) -> None:
    dubbed(b=MediaError("no film"))
    batches.batch(season, run)
    names = dubbed()
    report = batches.batch(season, run, retry_failed=True)
    assert names == ["b"]
    assert states(report.json()) == "ok ok ok"
    assert report.exit_code == 0


def test_a_film_that_changed_or_is_asked_for_otherwise_is_tried_again(run: Run, season: Job, dubbed: Dubbed) -> None:
    dubbed()
    batches.batch(season, run)
    names = dubbed()
    (season.input / "c.mp4").write_bytes(b"another")
    batches.batch(season, run, retry_failed=True)
    assert names == ["c"]
    other = Job(season.input, to=("es",), output=season.output, timing="free")
    batches.batch(other, run, retry_failed=True)
    assert names == ["c", "a", "b", "c"]


def test_a_report_that_is_none_is_not_gone_by(run: Run, season: Job, dubbed: Dubbed) -> None:
    dubbed()
    assert season.output is not None
    season.output.mkdir()
    (season.output / "batch.report.json").write_text('{"files": [{"input": 3}]}')
    with pytest.raises(UsageError, match="no report of a batch that could be gone by"):
        batches.batch(season, run, retry_failed=True)


def test_a_film_s_report_holds_its_own_warnings_alone(run: Run, season: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def take(job: Job, run: Run, _: object) -> DubResult:
        run.warn("stream", "the same for each")
        run.warn("gap", f"of {job.input.stem}")
        with run.stage("ingest"):
            assert [w.message for w in run.warnings] == ["the same for each", f"of {job.input.stem}"]
            assert run.stages == []
        return DubResult(job.input, (), ())

    monkeypatch.setattr(pipeline, "dub", take)
    monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    found = batches.batch(season, run).json()["files"]
    assert [[w["message"] for w in f["warnings"]] for f in found] == [["the same for each", f"of {n}"] for n in "abc"]


# --- a queue of one's own --------------------------------------------------------------------------------------------


def test_titles_dubbed_one_by_one_make_one_report(run: Run, season: Job, dubbed: Dubbed) -> None:
    """Each knows nothing of the others; the report says what is missing, and what was made with other settings."""
    dubbed(b=MediaError("no film"))
    titles = batches.find_titles(season)
    assert [t.name for t in titles] == ["a", "b", "c"]
    batches.dub_title(season, titles, "b", run)
    batches.dub_title(season, titles, "3", run)
    report = batches.collect(season, titles)
    assert states(report.json()) == states(on_disk(season)) == "queued failed ok"
    assert (report.exit_code, report.worst) == (None, 3)
    dubbed()
    for number in "12":
        batches.dub_title(season, titles, number, run)
    assert batches.collect(season, titles).exit_code == 0
    other = Job(season.input, to=("es",), output=season.output, timing="free")
    stale = batches.collect(other, batches.find_titles(other))
    assert states(stale.json()) == "queued queued queued"
    assert stale.worst == 1
    assert "other settings" in (stale.files[0].error or "")


def test_an_outcome_that_was_damaged_is_none(run: Run, season: Job, dubbed: Dubbed) -> None:
    dubbed()
    titles = batches.find_titles(season)
    batches.dub_title(season, titles, "a", run)
    assert season.output is not None
    (place,) = (season.output / "batch.outcomes").iterdir()
    place.write_text('{"state": "ok"}')
    report = batches.collect(season, titles)
    assert states(report.json()) == "queued queued queued"
    assert "is no outcome of a title" in (report.files[0].error or "")


def test_a_title_nobody_knows_is_refused(run: Run, season: Job) -> None:
    for name in ("d", "4", "0", ""):
        with pytest.raises(UsageError, match="no title is called"):
            batches.dub_title(season, batches.find_titles(season), name, run)


def command(season: Job, *more: str) -> list[str]:
    return ["batch", str(season.input), "--to", "es", "-o", str(season.output), *more]


def localize(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "localize", *words], cwd=cwd, capture_output=True, text=True, check=False,
        env={**os.environ, "LOCALIZE_HOME": str(cwd / "home"), "LOCALIZE_STORE": str(cwd / "store")},
    )  # fmt: skip


@pytest.mark.costly
def test_a_list_prints_commands_that_a_shell_runs(season: Job, tmp_path: Path) -> None:
    """First who speaks, then a command a title with all that was given, last the report."""
    told = command(season, "--voice", "S1=em_alex", "--exclude", "c*", "--timing", "free", "--draft")
    listed = localize(*told, "--list", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    lines = [shlex.split(line) for line in listed.stdout.splitlines()]
    assert [line[-2:] for line in lines[1:-1]] == [["--title", "a"], ["--title", "b"]]
    assert (lines[0][-1], lines[-1][-1]) == ("--learn", "--collect")
    given = lines[-1][:-1]
    assert {*told[2:]} < {*given}
    as_json = json.loads(localize(*told, "--list", "--json", cwd=tmp_path).stdout)
    assert [title["command"] for title in as_json["titles"]] == lines[1:-1]
    assert (as_json["first"], as_json["last"]) == (lines[0], lines[-1])


@pytest.mark.costly
def test_a_plan_names_what_stops_each_film(season: Job, tmp_path: Path) -> None:
    """A film that is none is found before the work, with the code its dub would end with."""
    done = localize(*command(season, "--dry-run", "--json"), cwd=tmp_path)
    plan = json.loads(done.stdout)
    assert done.returncode == 3
    assert [(title["name"], title["exit_code"]) for title in plan["titles"]] == [("a", 3), ("b", 3), ("c", 3)]
    assert all(title["error"] for title in plan["titles"])
    assert not (tmp_path / "out").exists()
    both = localize(*command(season, "--dry-run", "--list"), cwd=tmp_path)
    assert both.returncode == 2
    assert "two different things" in both.stderr


def test_collecting_after_a_batch_keeps_what_the_batch_reported(run: Run, season: Job, dubbed: Dubbed) -> None:
    """Films that nobody dubbed one by one have no outcome of their own, and are not called untried for that."""
    dubbed(b=MediaError("no film"))
    batches.batch(season, run)
    titles = batches.find_titles(season)
    assert states(batches.collect(season, titles).json()) == "ok failed ok"
    dubbed()
    batches.dub_title(season, titles, "b", run)
    assert states(batches.collect(season, titles).json()) == states(on_disk(season)) == "ok ok ok"
    (season.input / "c.mp4").write_bytes(b"another film")
    assert states(batches.collect(season, batches.find_titles(season)).json()) == "ok ok queued"
