"""A run of a request whose files lie there already makes nothing; anything that could make them other makes it whole.

The engines are the fakes of `localize.testing`; store, ledger, signatures and files are real.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import Job
from localize.consent import Home, ledger, revoke
from localize.delivery import unchanged
from localize.delivery.results import DubResult, SubtitleResult
from localize.errors import QualityError
from localize.events import Run, Warned
from localize.models import Models
from localize.pipeline import dub, subtitle
from localize.runtime.store import Store
from tests.fake_package import ENGINES, lay_tones

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


@pytest.fixture(scope="module")
def fakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    site = tmp_path_factory.mktemp("site")
    lay_tones(site)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.setattr(sys.modules["localize.media.decode"], "package_version", lambda _name: "")
        yield
    sys.modules.pop("tones", None)


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
def test_subtitles_stand_too(tmp_path: Path, models: Models) -> None:
    (tmp_path / "talk.en.srt").write_text(CUES, encoding="utf-8")
    results: list[SubtitleResult] = []
    for text in (CUES, CUES, CUES.replace("it?", "she?")):
        if text != (tmp_path / "talk.en.srt").read_text("utf-8"):
            (tmp_path / "talk.en.srt").write_text(text, encoding="utf-8")
        run = Run(Store(tmp_path / "store"), Home.open(tmp_path / "home"), models)
        results.append(subtitle(Job(tmp_path / "talk.en.srt", output=tmp_path / "out"), run))
    assert [result.unchanged for result in results] == [False, True, False]
    assert results[1] == replace(results[0], stages=(), unchanged=True)
    assert "she?" in (tmp_path / "out" / "talk.en.srt").read_text("utf-8")
