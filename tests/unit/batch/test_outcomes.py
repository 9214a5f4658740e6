"""The outcomes of a batch as they are written and read again."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from localize import batches, pipeline
from localize.batches import outcomes
from localize.batches.outcomes import FileOutcome, Outcomes, earlier_outcomes, refuse_to_replace
from localize.batches.requests import request_digest
from localize.delivery.report import Summary
from localize.delivery.results import DubResult, TargetResult
from localize.errors import MediaError
from localize.events import Run
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


# --- what still holds ------------------------------------------------------------------------------------------------


def target(folder: Path) -> TargetResult:
    """A target with all its files, which are there."""
    folder.mkdir(parents=True, exist_ok=True)

    def made(name: str) -> Path:
        (folder / name).write_bytes(b"")
        return folder / name

    return TargetResult(
        "es", Summary(1, None, None, None, 0, None, None, 0, None, None, -23.0, -23.0, -2.0),
        made("a.es.wav"), made("a.es.dialogue.wav"), made("a.bed.wav"), made("a.es.timeline.json"),
        made("a.master.json"), made("a.es.report.json"), {"es": {"srt": made("a.es.srt")}}, made("a.es.mp4"),
        made("a.es.burnt.mp4"), {"S1": made("a.es.dialogue.S1.wav")}, None,
        {"bbc": {"es": {"vtt": made("a.es.bbc.vtt")}}},
    )  # fmt: skip


def test_what_was_delivered_and_is_gone_is_not_well_done(tmp_path: Path) -> None:
    """Each of its files counts: a film that somebody moved away is to be made again."""
    film, report = tmp_path / "a.mp4", tmp_path / "out" / "batch.report.json"
    film.write_bytes(b"a")
    job = Job(film, to=("es",), output=tmp_path / "out" / "a")
    found = FileOutcome(film, state="ok", exit_code=0, targets=(target(job.folder),))
    board = Outcomes(Job(tmp_path, to=("es",)), [job], report)
    board.add(0, found)
    board.close()
    place = tmp_path / "out" / "batch.outcomes" / "a.json"
    outcomes.write_outcome(place, FileOutcome(film, request_digest(job), "ok", 0, targets=found.targets))
    names = sorted(path.name for path in job.folder.iterdir())
    assert len(names) == 11
    for name in names:
        assert list(earlier_outcomes(report, [job])) == [0]
        assert outcomes.read_outcome(place, job).ok
        (job.folder / name).rename(tmp_path / "moved")
        assert earlier_outcomes(report, [job]) == {}
        read = outcomes.read_outcome(place, job)
        assert (read.state, read.error) == ("queued", f"dubbed, but {job.folder / name} is not there any more")
        (tmp_path / "moved").rename(job.folder / name)


def test_a_changed_table_of_rules_is_another_request(tmp_path: Path) -> None:
    """Every file that a request names counts, those of profiles too; the cast does not, which each film adds to."""
    rules = tmp_path / "house.toml"
    rules.write_text('[house]\nbase = "netflix"\ncps = 15\n')
    (tmp_path / "cast.toml").write_text("")
    job = Job(tmp_path / "a.mp4", to=("es",), profile=f"{rules}#house", cast=tmp_path / "cast.toml")
    before = request_digest(job)
    (tmp_path / "cast.toml").write_text("schema = 1\n")
    assert request_digest(job) == before
    rules.write_text('[house]\nbase = "netflix"\ncps = 14.5\n')
    assert request_digest(job) != before


@pytest.fixture
def season(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A film with words beside it; dubs of it come to nothing until a test says otherwise."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp4").write_bytes(b"a")
    (tmp_path / "in" / "a.en.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nOne.\n")
    monkeypatch.setattr(pipeline, "dub", lambda job, *_: DubResult(job.input, (), ()))
    monkeypatch.setattr(pipeline, "learn_people", lambda *_: None)
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    return Job(tmp_path / "in", to=("es",), output=tmp_path / "out")


def test_words_that_change_while_their_film_is_dubbed_are_dubbed_again(
    run: Run, season: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its outcome is of the words that were asked for when it began."""

    def dub(job: Job, *_: object) -> DubResult:
        (season.input / "a.en.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nAnother one.\n")
        return DubResult(job.input, (), ())

    monkeypatch.setattr(pipeline, "dub", dub)
    batches.dub_title(season, batches.find_titles(season), "a", run)
    report = batches.collect(season, batches.find_titles(season))
    assert states_of(report.json()) == "queued"
    assert "other settings or files" in (report.files[0].error or "")


def test_of_an_outcome_and_a_report_the_later_counts(run: Run, season: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> DubResult:
        raise MediaError("no disk")

    assert season.output is not None
    outcome, titles = season.output / "batch.outcomes" / "a.json", batches.find_titles(season)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "dub", refused)
        batches.dub_title(season, titles, "a", run)
    assert states_of(batches.collect(season, titles).json()) == "failed"
    report = batches.batch(season, run).report
    os.utime(outcome, ns=(0, report.stat().st_mtime_ns - 1))
    assert states_of(batches.collect(season, titles).json()) == "ok"
    os.utime(outcome, ns=(0, report.stat().st_mtime_ns + 1))
    assert states_of(batches.collect(season, titles).json()) == "failed"


@pytest.mark.parametrize("size", [12, 1_000_000])
@pytest.mark.parametrize("at", [0, -1])
def test_a_file_that_was_replaced_within_one_tick_of_its_disk_is_another(tmp_path: Path, size: int, at: int) -> None:
    """Disks of cameras and archives count two seconds; the same size is nothing rare for a sound or a picture."""
    film, given = tmp_path / "film.wav", tmp_path / "film.en.srt"
    job = Job(film, to=("es",), transcript=given)
    for path in (film, given):
        path.write_bytes(bytes(size))
        os.utime(path, ns=(10**18, 10**18))
    before = request_digest(job)
    for path in (film, given):
        content = bytearray(size)
        content[at] = 1
        path.write_bytes(content)
        os.utime(path, ns=(10**18, 10**18))
        assert request_digest(job) != before
        path.unlink()
        path.write_bytes(bytes(size))  # as another machine may see it: with another inode
        os.utime(path, ns=(10**18, 10**18))
        assert request_digest(job) == before


def test_a_film_that_changed_in_its_middle_is_asked_again(tmp_path: Path) -> None:
    """Its size, its time and both of its ends are the same."""
    film, report = tmp_path / "film.mp4", tmp_path / "batch.report.json"
    film.write_bytes(bytes(1_000_000))
    os.utime(film, ns=(10**18, 10**18))
    job = Job(film, to=("es",), output=tmp_path / "out")
    before = request_digest(job)
    board = Outcomes(Job(tmp_path, to=("es",)), [job], report)
    board.add(0, FileOutcome(film, state="ok", exit_code=0))
    board.publish()
    assert list(earlier_outcomes(report, [job])) == [0]
    with film.open("r+b") as file:
        file.seek(500_000)
        file.write(b"x")
    os.utime(film, ns=(10**18, 10**18))
    assert request_digest(job) == before  # which any machine tells alike
    assert earlier_outcomes(report, [job]) == {}


def test_what_is_no_plain_file_has_a_digest_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.mp4")
    job = Job(tmp_path / "film.mp4", to=("es",), me=tmp_path)
    assert request_digest(job) == request_digest(job)
