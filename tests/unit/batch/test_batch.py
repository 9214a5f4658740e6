"""A folder of files on the real engines: outcomes, reports, and a second run that does only what is missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import soundfile

from localize import pipeline
from localize.batches import batch
from localize.batches.checking import FilmRequest
from localize.batches.folder import Board, Work, WorkerPool, report_place, run_batch, with_cast
from localize.batches.planning import plan_titles
from localize.batches.workers import worker_pool
from localize.consent import Home
from localize.delivery.report import Summary
from localize.delivery.results import DubResult, TargetResult
from localize.errors import LocalizeError, MediaError, QualityError, UsageError
from localize.events import Run
from localize.job import Job
from localize.models import Models
from localize.runtime.store import Store

pytestmark = pytest.mark.xdist_group("batch")


@dataclass(frozen=True)
class Season:
    """A folder dubbed twice, and what was said of it."""

    folder: Path
    output: Path
    first: dict[str, Any]
    second: dict[str, Any]
    said: list[str]


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory, spoken: Any, models: Models) -> Season:
    """Two recordings of one name with the same sound, a film that is none, and a text nobody asked for."""
    base = tmp_path_factory.mktemp("season")
    folder, output = base / "in", base / "out"
    folder.mkdir()
    samples = soundfile.read(spoken.path)[0]
    first, second = spoken.phrases[:2]  # together long enough that a voice is known again
    talk = samples[max(0, first.start_ms - 400) * 48 : (second.end_ms + 600) * 48]
    for name in ("talk.wav", "talk.flac"):
        soundfile.write(folder / name, talk, 48_000, "PCM_24")
    (folder / "not a\nfilm.mp4").write_text("text")
    (folder / "notes.txt").write_text("no media")
    said: list[str] = []

    def go() -> dict[str, Any]:
        run = Run(Store(base / "store"), Home.open(base / "home"), models)
        return batch(Job(folder, to=("es",), output=output, source_language="en"), run, say=said.append).json()

    return Season(folder, output, go(), go(), said)


def batch_with(job: Job, run: Run, crowd: WorkerPool, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """A batch by a worker pool of the test's."""
    assert job.output is not None
    titles = with_cast(plan_titles(job, job.output), job.output)
    return run_batch(job, titles, run, report_place(job.output, None), say, crowd).json()


def outcomes(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {Path(entry["input"]).name: entry for entry in report["files"]}


def test_a_file_that_fails_does_not_stop_the_others(season: Season) -> None:
    found = outcomes(season.first)
    assert {name: (e["ok"], e["exit_code"]) for name, e in found.items()} == {
        "not a\nfilm.mp4": (False, 3),
        "talk.flac": (True, 0),
        "talk.wav": (True, 0),
    }
    assert season.first["exit_code"] == 3
    assert "\n" not in found["not a\nfilm.mp4"]["error"]


def test_each_file_has_a_folder_of_its_own(season: Season) -> None:
    assert {p.name for p in season.output.iterdir() if p.is_dir()} == {"talk.wav", "talk.flac"}
    for entry in season.first["files"]:
        for target in entry["targets"]:
            assert Path(target["audio"]).is_file()
            assert Path(target["timeline"]).is_file()


def test_a_second_run_makes_nothing_anew(season: Season) -> None:
    for entry in season.second["files"]:
        assert entry["made"] == 0, entry
    assert outcomes(season.second)["talk.wav"]["targets"] == outcomes(season.first)["talk.wav"]["targets"]


def test_the_same_sound_in_another_file_is_heard_and_spoken_once(season: Season) -> None:
    flac, wav = (outcomes(season.first)[name] for name in ("talk.flac", "talk.wav"))
    assert wav["made"] < flac["made"] / 3


def test_the_report_is_written_and_is_what_was_returned(season: Season) -> None:
    assert json.loads((season.output / "batch.report.json").read_text(encoding="utf-8")) == season.second
    assert Path(season.second["report"]) == season.output / "batch.report.json"


def test_the_junit_file_is_xml_that_a_ci_reads(season: Season) -> None:
    (suite,) = ElementTree.parse(season.second["junit"]).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    failed = [case for case in suite if case.find("failure") is not None]
    assert len(failed) == 1
    failure = failed[0].find("failure")
    assert failure is not None
    assert failure.get("type") == "exit 3"
    assert "film.mp4" in (failure.text or "")
    assert abs(sum(float(c.get("time") or 0) for c in suite) - float(suite.get("time") or 0)) < 0.01


def test_progress_is_one_line_a_file(season: Season) -> None:
    assert [line.split("]")[0] for line in season.said if line[0] == "["] == ["[1/3", "[2/3", "[3/3"] * 2


# --- wiring ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def dubbed(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, LocalizeError]], list[Job]]:
    """The pipeline replaced by outcomes by file name."""

    def using(outcome: dict[str, LocalizeError]) -> list[Job]:
        jobs: list[Job] = []

        def take(job: Job, *_: object) -> DubResult:
            jobs.append(job)
            if found := outcome.get(job.input.name):
                raise found
            return DubResult(job.input, (), ())

        monkeypatch.setattr(pipeline, "dub", take)
        monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
        monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
        return jobs

    return using


def folder_with(path: Path, *names: str) -> Path:
    path.mkdir()
    for name in names:
        (path / name).write_bytes(b"")
    return path


def test_only_media_that_match_are_taken_in_order(run: Run, tmp_path: Path, dubbed: Any) -> None:
    jobs = dubbed({})
    folder = folder_with(tmp_path / "in", "b.mkv", "a.mp4", "c.MP4", "d.txt", "e.srt", "f", ".hidden.mp4")
    batch(Job(folder, to=("es",), output=tmp_path / "o"), run, include="[abc].*")
    assert [j.input.name for j in jobs] == ["a.mp4", "b.mkv", "c.MP4"]
    assert [j.folder for j in jobs] == [tmp_path / "o" / name for name in "abc"]


SUMMARY = Summary(
    lines=1, overlap=0.5, on_time=50.0, start_ms=(0, 0), talk_over_ms=0, fast_lines=0.0, max_rate=1.0, overflow=1,
    wer=None, dnsmos=None, loudness_lufs=-23.0, source_loudness_lufs=-23.0, true_peak_dbtp=-1.0,
)  # fmt: skip
PLACES = dict.fromkeys(("audio", "dialogue", "bed", "timeline", "master", "report"), Path("b"))
SHORT = DubResult(Path("b.mp4"), (), (), (TargetResult("es", SUMMARY, subtitles={}, **PLACES),))


def test_the_worst_outcome_is_the_exit_code_and_strict_results_are_kept(run: Run, tmp_path: Path, dubbed: Any) -> None:
    dubbed({"a.mp4": MediaError("no"), "b.mp4": QualityError("short", result=SHORT)})
    folder = folder_with(tmp_path / "in", "a.mp4", "b.mp4", "c.mp4")
    report = batch(Job(folder, to=("es",), output=tmp_path / "o"), run).json()
    assert [e["exit_code"] for e in report["files"]] == [3, 6, 0]
    assert report["exit_code"] == 6
    assert report["files"][1]["targets"] == [SHORT.targets[0].json()]


def test_a_report_goes_where_it_was_asked_for(run: Run, tmp_path: Path, dubbed: Any) -> None:
    dubbed({})
    folder = folder_with(tmp_path / "in", "a.mp4")
    wanted = tmp_path / "reports" / "tonight.json"
    report = batch(Job(folder, to=("es",), output=tmp_path / "o"), run, report=wanted).json()
    assert report["report"] == str(wanted)
    assert wanted.is_file()
    assert wanted.with_suffix(".xml").is_file()


@pytest.mark.parametrize("taken", ["film.wav", "pom.xml", "notes.json"])
def test_a_report_replaces_nothing_but_a_report(run: Run, tmp_path: Path, dubbed: Any, taken: str) -> None:
    """A name mistyped must not cost a film, nor another tool's results."""
    dubbed({})
    folder = folder_with(tmp_path / "in", "a.mp4")
    (tmp_path / taken).write_text('{"mine": 1}')
    wanted = tmp_path / taken.replace(".xml", ".json")
    with pytest.raises(UsageError, match="is no report of a batch"):
        batch(Job(folder, to=("es",), output=tmp_path / "o"), run, report=wanted)
    assert (tmp_path / taken).read_text() == '{"mine": 1}'
    (tmp_path / taken).unlink()
    for _ in range(2):
        batch(Job(folder, to=("es",), output=tmp_path / "o"), run, report=wanted)


def test_two_files_that_differ_only_in_their_suffix_never_share_a_folder(run: Run, tmp_path: Path, dubbed: Any) -> None:
    jobs = dubbed({})
    folder = folder_with(tmp_path / "in", "a.mp4", "a.mkv", "a.mp4.wav", "-x.mp4", "x.mp4")
    batch(Job(folder, to=("es",), output=tmp_path / "o"), run)
    assert len({j.folder for j in jobs}) == 5


def test_no_folder_or_no_media_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", folder_with(tmp_path / "in", "a.txt")):
        with pytest.raises(UsageError):
            batch(Job(path, to=("es",)), run)
    (tmp_path / "file.mp4").write_bytes(b"")
    with pytest.raises(UsageError, match="use 'localize dub'"):
        batch(Job(tmp_path / "file.mp4", to=("es",)), run)


def test_nothing_is_written_beside_the_input(season: Season) -> None:
    assert sorted(p.name for p in season.folder.iterdir()) == ["not a\nfilm.mp4", "notes.txt", "talk.flac", "talk.wav"]


# --- what nobody foresaw ---------------------------------------------------------------------------------------------


def states(report: dict[str, Any]) -> list[tuple[str, bool, bool]]:
    return [(Path(e["input"]).name, e["tried"], e["ok"]) for e in report["files"]]


@pytest.mark.parametrize(
    ("raised", "code"), [(ValueError("three\nlines\nlong"), 1), (MemoryError(), 5), (RecursionError("deep"), 1)]
)
def test_what_nobody_foresaw_fails_one_file_and_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, code: int
) -> None:
    def take(job: Job, *_: object) -> DubResult:
        if job.input.name == "b.wav":
            raise raised
        return DubResult(job.input, (), ())

    monkeypatch.setattr(pipeline, "dub", take)
    monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    folder = folder_with(tmp_path / "in", "a.wav", "b.wav", "c.wav")
    report = batch(Job(folder, to=("es",), output=tmp_path / "o"), run).json()
    assert states(report) == [("a.wav", True, True), ("b.wav", True, False), ("c.wav", True, True)]
    assert report["exit_code"] == code
    assert report["finished"]
    assert type(raised).__name__ in report["files"][1]["error"]
    assert "\n" not in report["files"][1]["error"]
    (suite,) = ElementTree.parse(report["junit"]).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")


def test_the_report_is_true_at_any_moment(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older green report is gone before the first file; an interrupt leaves what is known by then."""
    output = tmp_path / "o"
    output.mkdir()
    (output / "batch.report.xml").write_text("<testsuites><testsuite tests='3' failures='0' errors='0'/></testsuites>")
    seen: list[tuple[list[tuple[str, bool, bool]], str | None]] = []

    def take(job: Job, *_: object) -> DubResult:
        report = json.loads((output / "batch.report.json").read_text(encoding="utf-8"))
        (suite,) = ElementTree.parse(output / "batch.report.xml").getroot()
        seen.append((states(report), suite.get("errors")))
        assert not report["finished"]
        assert report["exit_code"] is None
        if job.input.name == "b.wav":
            raise KeyboardInterrupt
        return DubResult(job.input, (), ())

    monkeypatch.setattr(pipeline, "dub", take)
    monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    folder = folder_with(tmp_path / "in", "a.wav", "b.wav", "c.wav")
    with pytest.raises(KeyboardInterrupt):
        batch(Job(folder, to=("es",), output=output), run)
    untried = [("b.wav", False, False), ("c.wav", False, False)]
    assert seen == [([("a.wav", False, False), *untried], "3"), ([("a.wav", True, True), *untried], "2")]
    report = json.loads((output / "batch.report.json").read_text(encoding="utf-8"))
    assert states(report) == [("a.wav", True, True), *untried]


class Deadly(Job):
    """A job that kills the worker which unpacks it, as the system does where memory runs out."""

    def __reduce__(self) -> tuple[Any, ...]:
        return signal.raise_signal, (signal.SIGKILL,)

    @classmethod
    def like(cls, job: Job) -> Deadly:
        return cls(**{field.name: getattr(job, field.name) for field in fields(job)})


@pytest.mark.parametrize(("on", "jobs"), [("local", 2), ("ray", 1)])
def test_a_worker_that_is_killed_costs_its_file_alone(
    season: Season, models: Models, on: str, jobs: int, tmp_path: Path
) -> None:
    if on == "ray":
        pytest.importorskip("ray", reason="batch --on ray needs the extra ray")
    base = season.output.parent
    run = Run(Store(base / "store"), Home.open(base / "home"), models)
    job = Job(season.folder, to=("es",), output=tmp_path / "out", source_language="en")

    def with_killer(work: Work, many: Sequence[FilmRequest], board: Board) -> None:
        deadly = [replace(one, job=Deadly.like(one.job)) if one.job.input.suffix == ".flac" else one for one in many]
        assert crowd is not None
        crowd(work, deadly, board)

    with worker_pool(run, on, jobs) as crowd:
        report = batch_with(job, run, with_killer)
    found = outcomes(report)
    assert {name: (e["ok"], e["exit_code"]) for name, e in found.items()} == {
        "not a\nfilm.mp4": (False, 3),
        "talk.flac": (False, 5),
        "talk.wav": (True, 0),
    }
    assert "died" in found["talk.flac"]["error"]


# --- many at once ----------------------------------------------------------------------------------------------------


def told(report: dict[str, Any]) -> list[tuple[str, bool, int, list[Any]]]:
    return [(e["input"], e["ok"], e["exit_code"], [t["summary"] for t in e["targets"]]) for e in report["files"]]


@pytest.mark.parametrize(("on", "jobs"), [("local", 2), ("ray", 2)])
def test_workers_give_the_same_outcomes_in_the_same_order(
    season: Season, models: Models, on: str, jobs: int, tmp_path: Path
) -> None:
    """Files that fail fail alike: errors come back from a worker with their message and their code."""
    if on == "ray":
        pytest.importorskip("ray", reason="batch --on ray needs the extra ray")
    base = season.output.parent
    run = Run(Store(base / "store"), Home.open(base / "home"), models)
    said: list[str] = []
    job = Job(season.folder, to=("es",), output=tmp_path / "out", source_language="en")
    report = batch(job, run, on=on, jobs=jobs, say=said.append).json()
    assert told(report) == told(season.first)
    assert all(e["made"] == 0 for e in report["files"]), "the store is shared"
    assert [e["error"] for e in report["files"]] == [e["error"] for e in season.first["files"]]
    assert len([line for line in said if line[0] == "["]) == 3
    assert all(Path(t["audio"]).is_file() for e in report["files"] for t in e["targets"])
    assert (tmp_path / "out" / "cast.toml").read_bytes() == (season.output / "cast.toml").read_bytes()


@pytest.mark.slow
def test_a_queue_of_one_s_own_gives_the_same(season: Season, models: Models, tmp_path: Path) -> None:
    """The commands that --list prints, run by a plain shell as an array of jobs would: one process a title."""
    base = season.output.parent
    places = {"LOCALIZE_STORE": base / "store", "LOCALIZE_HOME": base / "home", "LOCALIZE_MODELS": models.folder}
    shell = 'localize() { "$PYTHON" -m localize "$@"; }; localize batch "$FOLDER" --to es --from en -o "$OUT" '
    script = shell + '--list > "$OUT.sh"; . "$OUT.sh"'
    done = subprocess.run(
        ["bash", "-c", script], check=False, stdout=subprocess.DEVNULL,
        env={
            **os.environ, **{name: str(path) for name, path in places.items()},
            "PYTHON": sys.executable, "FOLDER": str(season.folder), "OUT": str(tmp_path / "out"),
        },
    )  # fmt: skip
    assert done.returncode == 3
    report = json.loads((tmp_path / "out" / "batch.report.json").read_text("utf-8"))
    assert told(report) == told(season.first)
    assert (tmp_path / "out" / "cast.toml").read_bytes() == (season.output / "cast.toml").read_bytes()
