"""A run of a request whose files lie there already makes nothing; anything that could make them other makes it whole.

The engines are the fakes of `localize.testing`; store, ledger, signatures and files are real. Over 400 lines: whatever
can make a delivered result another is tried on one film.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import Job, engine_selection, pipeline
from localize.consent import Home, Request, check, ledger, revoke
from localize.delivery import unchanged
from localize.delivery.results import DubResult, RunWarning, SubtitleResult
from localize.errors import EngineMissing, QualityError
from localize.events import EngineSelected, Event, Run, Started, Warned
from localize.models import Models
from localize.pipeline import dub, subtitle
from localize.review import open_review, review_path
from localize.runtime.files import StagedFolder, staged_folder, write_json
from localize.runtime.store import Store
from localize.testing import FakeSynthesizer, FakeTranslator
from tests.fake_package import ENGINES

CUES = "1\n00:00:00,500 --> 00:00:01,500\nOn the table.\n\n2\n00:00:02,000 --> 00:00:03,000\nWhere is it?\n"


@dataclass(frozen=True)
class Dubbed:
    """A request that was run once, and where."""

    job: Job
    store: Path
    home: Home
    models: Models

    def again(self, **changed: Any) -> tuple[DubResult, Run, list[Any]]:
        events: list[Any] = []
        run = Run(Store(self.store), self.home, self.models, events.append)
        return dub(replace(self.job, **changed), run), run, events


@pytest.fixture
def dubbed(fakes: None, tmp_path: Path, tone: Any, models: Models) -> Dubbed:
    track = 0.003 * np.sin(2 * np.pi * 50 * np.arange(192_000) / 48_000)
    for start in (24_000, 96_000):
        track[start : start + 48_000] += tone(1.0, 180.0, 0.2)
    soundfile.write(tmp_path / "talk.wav", track, 48_000, "PCM_24")
    (tmp_path / "talk.en.srt").write_text(CUES, encoding="utf-8")
    job = Job(
        tmp_path / "talk.wav", ("es",), tmp_path / "out", "en", transcript=tmp_path / "talk.en.srt", engines=ENGINES,
        voices={"S1": "em_alex"}, speakers=1, bed="duck", draft=True, deliver=("mix", "srt"),
        cast=tmp_path / "cast.toml",
    )  # fmt: skip
    made = Dubbed(job, tmp_path / "store", Home.open(tmp_path / "home"), models)
    made.again()
    return made


def seen(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ctime_ns for path in folder.iterdir()}


@pytest.mark.costly
def test_the_same_request_leaves_every_file_as_it_is_and_says_what_the_first_run_said(dubbed: Dubbed) -> None:
    first, run, _ = dubbed.again(output=dubbed.job.input.parent / "other")
    assert run.stages
    assert not first.unchanged
    before, records = seen(dubbed.job.input.parent / "other"), len(list(ledger.read(dubbed.home)))
    second, run, events = dubbed.again(output=dubbed.job.input.parent / "other")
    assert second == replace(first, stages=(), unchanged=True)
    assert second.json()["unchanged"] is True
    assert not run.stages
    assert run.store.made == run.store.hits == 0
    assert seen(dubbed.job.input.parent / "other") == before
    new = list(ledger.read(dubbed.home))[records:]
    assert {record["kind"] for record in new} == {"check"}, "consent is asked anew, and nothing is spoken"
    assert [e.message for e in events if isinstance(e, Warned)] == [w.message for w in first.warnings]


def edit_given(dubbed: Dubbed) -> None:
    given = dubbed.job.transcript
    assert given is not None
    given.write_text(given.read_text("utf-8").replace("table", "shelf"), encoding="utf-8")


def touch_film(dubbed: Dubbed) -> None:
    data = bytearray(dubbed.job.input.read_bytes())
    data[-1] ^= 1
    dubbed.job.input.write_bytes(data)


def spoil_delivered(dubbed: Dubbed) -> None:
    with (dubbed.job.folder / "talk.es.wav").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\0\0\0")


def drop_delivered(dubbed: Dubbed) -> None:
    (dubbed.job.folder / "talk.es.srt").unlink()


def leave_older(dubbed: Dubbed) -> None:
    (dubbed.job.folder / "talk.es.mp4").write_bytes(b"of an earlier run")


def edit_kept(dubbed: Dubbed) -> None:
    edits = {"schema": 1, "edits": [{"segment": "s0001", "translation": {"es": "Sobre la mesa."}}]}
    (dubbed.job.folder / "talk.edits.json").write_text(json.dumps(edits), encoding="utf-8")


def edit_cast(dubbed: Dubbed) -> None:
    cast = dubbed.job.cast
    assert cast is not None
    cast.write_text(cast.read_text("utf-8") + "# seen by Ana\n", encoding="utf-8")


def revoke_another(dubbed: Dubbed) -> None:
    revoke(dubbed.home, "ef_dora", reason="asked for")


def lose_ledger(dubbed: Dubbed) -> None:
    for path in (dubbed.home.ledger, dubbed.home.head, dubbed.home.keys / "ledger.key"):
        path.unlink()


def lose_key(dubbed: Dubbed) -> None:
    (dubbed.home.keys / "c2pa.pem").unlink()


@pytest.mark.costly
@pytest.mark.parametrize(
    "change",
    [
        edit_given, touch_film, spoil_delivered, drop_delivered, leave_older, edit_kept, edit_cast, revoke_another,
        lose_ledger, lose_key,
    ],
)  # fmt: skip
def test_whatever_changed_makes_the_run_whole(dubbed: Dubbed, change: Callable[[Dubbed], None]) -> None:
    assert dubbed.again()[0].unchanged
    change(dubbed)
    result, run, _ = dubbed.again()
    assert not result.unchanged
    assert run.stages
    assert dubbed.again()[0].unchanged, "and it stands again"


def begin_review(dubbed: Dubbed) -> None:
    write_json(review_path(dubbed.job.folder), open_review(dubbed.job.folder).json())


@pytest.mark.costly
@pytest.mark.parametrize("change", [edit_kept, edit_cast, begin_review])
def test_what_a_person_changes_while_a_run_works_is_taken_by_the_next(
    dubbed: Dubbed, change: Callable[[Dubbed], None]
) -> None:
    def listen(event: Event) -> None:
        if isinstance(event, Started) and event.stage == "deliver":
            change(dubbed)

    drop_delivered(dubbed)
    dub(dubbed.job, Run(Store(dubbed.store), dubbed.home, dubbed.models, listen))
    assert not dubbed.again()[0].unchanged
    said = (dubbed.job.folder / "talk.es.srt").read_text("utf-8")
    assert ("Sobre la mesa." in said) == (change is edit_kept)
    assert dubbed.again()[0].unchanged


@pytest.mark.costly
@pytest.mark.parametrize("beside", [True, False], ids=["the file beside the results is given", "another is given"])
def test_a_correction_that_is_written_while_a_run_works_is_kept_beside_those_of_the_run(
    dubbed: Dubbed, beside: bool
) -> None:
    kept = dubbed.job.folder / "talk.edits.json"
    given = kept if beside else dubbed.job.input.parent / "given.json"
    mine = {"segment": "s0002", "translation": {"es": "¿Y ella?"}}
    theirs = {"segment": "s0001", "translation": {"es": "Sobre la mesa."}}
    given.write_text(json.dumps({"schema": 1, "edits": [mine]}), encoding="utf-8")

    def listen(event: Event) -> None:
        if isinstance(event, Started) and event.stage == "deliver":
            kept.write_text(json.dumps({"schema": 1, "edits": [*([mine] if beside else []), theirs]}), encoding="utf-8")

    job = replace(dubbed.job, edits=given)
    result = dub(job, Run(Store(dubbed.store), dubbed.home, dubbed.models, listen))
    assert [w.code for w in result.warnings].count("edits_changed") == 1
    assert "Sobre la mesa." not in (job.folder / "talk.es.srt").read_text("utf-8")
    result, _, _ = replace(dubbed, job=job).again()
    assert not result.unchanged
    said = (job.folder / "talk.es.srt").read_text("utf-8")
    assert "Sobre la mesa." in said
    assert "¿Y ella?" in said


@pytest.mark.costly
def test_whatever_a_dub_delivers_is_looked_at(dubbed: Dubbed) -> None:
    wanted = {
        "deliver": ("mix", "stems", "srt", "report", "clips"), "stems": ("speakers",), "formats": ("srt", "vtt"),
        "renderings": ("bbc",), "notice": ("spoken",),
    }  # fmt: skip
    dubbed.again(**wanted)
    assert dubbed.again(**wanted)[0].unchanged
    (clip, *_) = (dubbed.job.folder / "talk.es.clips").iterdir()
    for path in (dubbed.job.folder / "talk.bed.wav", dubbed.job.folder / "talk.es.bbc.vtt", clip):
        path.write_bytes(path.read_bytes())
        asked = unchanged.look_at(Run(Store(dubbed.store), dubbed.home, dubbed.models), dubbed.job)
        assert asked is not None
        seen_now = [file for file in asked.there if file[0] == str(path)]
        assert len(seen_now) == 1, path
    assert not dubbed.again(**wanted)[0].unchanged


@pytest.mark.costly
def test_subtitles_of_a_dub_stand_and_the_dub_whose_files_they_took_is_made_again(dubbed: Dubbed) -> None:
    job = replace(dubbed.job, cast=None, profile="bbc")
    runs = [Run(Store(dubbed.store), dubbed.home, dubbed.models) for _ in range(2)]
    assert [subtitle(job, run).unchanged for run in runs] == [False, True]
    assert not dubbed.again()[0].unchanged
    assert not subtitle(job, Run(Store(dubbed.store), dubbed.home, dubbed.models)).unchanged


@pytest.mark.costly
def test_what_is_not_of_the_title_changes_nothing(dubbed: Dubbed) -> None:
    for name in ("talk.2.es.wav", "talk.2.master.json", "other.es.srt", ".DS_Store", "review.html", "notes.txt"):
        (dubbed.job.folder / name).write_text("of somebody else", encoding="utf-8")
    assert dubbed.again()[0].unchanged


@pytest.mark.costly
@pytest.mark.parametrize("changed", [{"dry": True}, {"draft": False}, {"voices": {"S1": "ef_dora"}}])
def test_another_request_is_another_run(dubbed: Dubbed, changed: dict[str, Any]) -> None:
    assert not dubbed.again(**changed)[0].unchanged
    assert not dubbed.again()[0].unchanged, "it took the place of the first"


@pytest.mark.costly
def test_other_software_makes_it_whole(dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "_software", lambda: "a later version")
    assert not dubbed.again()[0].unchanged


@pytest.mark.costly
def test_what_stands_is_known_before_a_file_of_the_request_is_read(
    dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> Any:
        raise AssertionError("a file was read")

    monkeypatch.setattr(pipeline, "read_inputs", read)
    monkeypatch.setattr(pipeline, "check_film", read)
    result, _, events = dubbed.again()
    assert result.unchanged
    assert {e.role for e in events if isinstance(e, EngineSelected)} == {"recogniser", "translator", "synthesizer"}


@pytest.mark.costly
@pytest.mark.parametrize("given", [True, False], ids=["lines given in translation", "lines translated"])
def test_another_engine_makes_it_whole_where_it_would_be_used(
    dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch, given: bool
) -> None:
    lines = dubbed.job.input.parent / "lines.es.srt"
    lines.write_text(CUES.replace("On the table.", "En la mesa.").replace("Where is it?", "¿Y?"), encoding="utf-8")
    # Not where subtitles of an earlier run lie, of which these would be corrections.
    wanted = {"translation": lines if given else None, "output": dubbed.job.input.parent / "other"}
    dubbed.again(**wanted)
    assert dubbed.again(**wanted)[0].unchanged
    monkeypatch.setattr(FakeTranslator, "fingerprint", "a later version")
    assert dubbed.again(**wanted)[0].unchanged is given
    monkeypatch.setattr(FakeSynthesizer, "fingerprint", "a later version")
    assert not dubbed.again(**wanted)[0].unchanged


@pytest.mark.costly
def test_an_engine_that_went_missing_is_told_as_by_a_first_run(dubbed: Dubbed, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> Any:
        raise EngineMissing("its package was taken away")

    monkeypatch.setattr(engine_selection, "load", missing)
    with pytest.raises(EngineMissing, match="taken away"):
        dubbed.again()


@pytest.mark.costly
def test_a_voice_that_was_revoked_is_not_left_as_it_stands(dubbed: Dubbed) -> None:
    free = replace(dubbed.job, voices={}, cast=None)
    made = replace(dubbed, job=free)
    made.again()
    assert made.again()[0].unchanged
    (voice,) = json.loads((free.folder / "talk.es.report.json").read_text("utf-8"))["consent"]
    revoke(dubbed.home, voice)
    made.again()
    (other,) = json.loads((free.folder / "talk.es.report.json").read_text("utf-8"))["consent"]
    assert other != voice


@pytest.mark.costly
def test_a_result_that_falls_short_does_so_again(dubbed: Dubbed) -> None:
    shortfalls = []
    for _ in range(2):
        with pytest.raises(QualityError) as found:
            dubbed.again(strict=True, draft=False)
        shortfalls.append(found.value)
    assert shortfalls[0].message == shortfalls[1].message
    assert shortfalls[1].details["result"].unchanged


@pytest.mark.costly
def test_subtitles_stand_too(fakes: None, tmp_path: Path, models: Models) -> None:
    (tmp_path / "talk.en.srt").write_text(CUES, encoding="utf-8")
    results: list[SubtitleResult] = []
    for text in (CUES, CUES, CUES.replace("it?", "she?")):
        if text != (tmp_path / "talk.en.srt").read_text("utf-8"):
            (tmp_path / "talk.en.srt").write_text(text, encoding="utf-8")
        run = Run(Store(tmp_path / "store"), Home.open(tmp_path / "home"), models)
        translator = {"translator": ENGINES["translator"]}
        results.append(subtitle(Job(tmp_path / "talk.en.srt", ("es",), tmp_path / "out", engines=translator), run))
    assert [result.unchanged for result in results] == [False, True, False]
    assert results[1] == replace(results[0], stages=(), unchanged=True)
    assert "she?" in (tmp_path / "out" / "talk.en.srt").read_text("utf-8")


@pytest.fixture
def asked_for(tmp_path: Path, models: Models) -> tuple[Run, Job]:
    (tmp_path / "talk.en.srt").write_text(CUES, encoding="utf-8")
    run = Run(Store(tmp_path / "store"), Home.open(tmp_path / "home"), models)
    return run, Job(tmp_path / "talk.en.srt", output=tmp_path / "out")


def deliver(stage: StagedFolder, **files: str) -> None:
    for name, text in files.items():
        (stage.folder / f"talk.{name}.srt").write_text(text, encoding="utf-8")


def recalled(run: Run, job: Job, while_working: Callable[[Path], object], *warnings: str) -> bool:
    """Whether a result stands after a run in whose folder something happened before its files were in place."""
    result = SubtitleResult(job.input, (), tuple(RunWarning(code, "said") for code in warnings))
    asked = unchanged.look_at(run, job)
    with staged_folder(job.folder) as stage:
        deliver(stage, en="one")
        while_working(job.folder)
    unchanged.keep_result(run, unchanged.as_delivered(asked, stage), result, {}, ())
    return unchanged.recall_result(run, unchanged.look_at(run, job), SubtitleResult, lambda _: {}) is not None


def test_what_failed_is_tried_again(asked_for: tuple[Run, Job]) -> None:
    run, job = asked_for
    assert recalled(run, job, lambda _folder: None, "subtitles_short")
    assert not recalled(run, job, lambda _folder: None, "subtitles_short", "film_not_muxed")


def test_a_voice_that_is_wished_for_is_asked_for_though_nobody_spoke_with_it(asked_for: tuple[Run, Job]) -> None:
    run, job = asked_for
    check(run.home, [Request("em_alex", "Ana", "es", "talk", "dub")])  # the ledger gets its key
    assert recalled(run, job, lambda _folder: None)
    for voice, stands in (("em_alex", True), ("nobody", False)):
        wished = [Request(voice, "Ana", "es", "talk", "dub")]
        found = unchanged.recall_result(run, unchanged.look_at(run, job), SubtitleResult, lambda _: {}, wished)
        assert (found is not None) is stands
        assert [record["voice"] for record in ledger.read(run.home)][-1] == voice


def test_a_review_that_is_taken_away_while_a_run_works_counts_in_the_next(asked_for: tuple[Run, Job]) -> None:
    run, job = asked_for
    job.folder.mkdir()
    review_path(job.folder).write_text("{}", encoding="utf-8")
    assert recalled(run, job, lambda _folder: None)
    assert not recalled(run, job, lambda folder: review_path(folder).unlink())


def test_files_that_another_run_put_in_their_place_are_not_remembered_as_ones_own(asked_for: tuple[Run, Job]) -> None:
    run, job = asked_for
    result, asked = SubtitleResult(job.input, (), ()), unchanged.look_at(run, job)
    with staged_folder(job.folder) as stage:
        deliver(stage, en="one")
    (job.folder / "of another").write_text("two", encoding="utf-8")
    (job.folder / "of another").replace(job.folder / "talk.en.srt")
    unchanged.keep_result(run, unchanged.as_delivered(asked, stage), result, {}, ())
    assert unchanged.recall_result(run, unchanged.look_at(run, job), SubtitleResult, lambda _: {}) is None


def test_an_input_that_changes_while_it_is_read_is_not_what_was_asked(asked_for: tuple[Run, Job]) -> None:
    run, job = asked_for
    assert recalled(run, job, lambda _folder: None)
    asked = unchanged.look_at(run, job)
    job.input.write_text(CUES.replace("it?", "he?"), encoding="utf-8")
    assert unchanged.recall_result(run, asked, SubtitleResult, lambda _: {}) is None


@pytest.mark.costly
def test_a_glossary_that_the_style_sheet_names_is_read_too(fakes: None, tmp_path: Path, models: Models) -> None:
    (tmp_path / "talk.en.srt").write_text(CUES, encoding="utf-8")
    (tmp_path / "style.toml").write_text('glossary = "terms.tsv"\n', encoding="utf-8")
    job = Job(
        tmp_path / "talk.en.srt", ("es",), tmp_path / "out", style=tmp_path / "style.toml",
        engines={"translator": ENGINES["translator"]},
    )  # fmt: skip
    found = []
    for term in ("mesa", "mesa", "tabla"):
        if not found or term == "tabla":
            (tmp_path / "terms.tsv").write_text(f"table\t{term}\n", encoding="utf-8")
        run = Run(Store(tmp_path / "store"), Home.open(tmp_path / "home"), models)
        found.append(subtitle(job, run).unchanged)
    assert found == [False, True, False]


def test_files_named_in_full_are_the_same_from_every_folder(
    asked_for: tuple[Run, Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, job = asked_for
    assert recalled(run, job, lambda _folder: None)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "talk.en.srt").write_text(CUES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    by_name = replace(job, input=Path("talk.en.srt"))
    assert unchanged.recall_result(run, unchanged.look_at(run, job), SubtitleResult, lambda _: {}) is not None
    assert recalled(run, by_name, lambda _folder: None)
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert unchanged.recall_result(run, unchanged.look_at(run, by_name), SubtitleResult, lambda _: {}) is None


def test_a_file_changed_within_a_tick_of_the_clock_is_another(tmp_path: Path) -> None:
    path = tmp_path / "talk.es.srt"
    path.write_text("0", encoding="utf-8")
    seen_as = []
    for number in range(20):
        seen_as.append(unchanged._identity(path))
        with path.open("r+") as file:
            file.write(f"{number % 10}")
    assert len({tuple(identity) for identity in seen_as}) == 20


def test_subtitles_drawn_into_a_film_are_drawn_in_the_fonts_of_today(
    asked_for: tuple[Run, Job], tmp_path: Path
) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"")
    run, _ = asked_for
    film = Job(tmp_path / "talk.mp4", ("es",), tmp_path / "out")
    assert unchanged.look_at(run, film) is not None
    assert unchanged.look_at(run, replace(film, burn=True)) is None


def test_another_ffmpeg_is_other_software(
    asked_for: tuple[Run, Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, job = asked_for
    first = unchanged.look_at(run, job)
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setattr(unchanged, "_software", unchanged._software.__wrapped__)
    monkeypatch.setattr(unchanged, "ffmpeg", unchanged.ffmpeg.__wrapped__)
    second = unchanged.look_at(run, job)
    assert first is not None
    assert second is not None
    assert second.digest != first.digest
