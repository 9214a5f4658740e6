"""A line in one's own voice, sent to the review room's server: what is kept, what is refused, what the page shows."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_dubs import make_dub

pytest.importorskip("starlette")
pytest.importorskip("httpx")

from starlette.testclient import TestClient

from localize import consent
from localize.events import Patch, Run
from localize.isochrony.recorded import LARGEST
from localize.review_room.app import review_app
from localize.review_room.room import Room
from localize.review_room.sound import tracks_of

TOKEN = "t0ken-of-the-test_0123456789"
ROOT = f"/{TOKEN}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_dub(tmp_path, [("Where is it?", "¿Dónde está?"), ("It is here.", "Está aquí.")])


@pytest.fixture
def room(folder: Path, run: Run) -> Iterator[Room]:
    opened = Room.open(folder, None, run)
    yield opened
    opened.close()


@pytest.fixture
def client(room: Room) -> TestClient:
    return TestClient(review_app(room, TOKEN, 8123), base_url="http://127.0.0.1:8123", follow_redirects=False)


@pytest.fixture
def ana(run: Run, tmp_path: Path) -> str:
    """A person's voice that no engine may imitate, for this title alone."""
    bursts = np.arange(7 * 44_100) // 8000 % 2
    soundfile.write(tmp_path / "ana.wav", np.random.default_rng(1).normal(0, 0.2, len(bursts)) * bursts, 44_100)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\nsigned")
    consent.enroll(run.home, "ana", reference=tmp_path / "ana.wav", evidence=tmp_path / "paper.pdf")
    consent.grant(run.home, "ana", languages=["es"], titles=["film"], cloning=False)
    return "ana"


def wav(seconds: float = 1.0, level: float = 0.3) -> bytes:
    at = np.arange(int(seconds * 48_000)) / 48_000
    file = io.BytesIO()
    soundfile.write(file, level * np.sin(2 * np.pi * 300 * at), 48_000, "PCM_24", format="WAV")
    return file.getvalue()


def sent(client: TestClient, data: bytes, kind: str = "audio/wav", token: str = ROOT) -> Any:
    return client.post(f"{token}/api/takes", content=data, headers={"content-type": kind})


def decide(client: TestClient, version: int, **event: object) -> Any:
    body = {"version": version, "who": "Ana", "redo": False, "events": [{"language": "es", **event}]}
    return client.post(f"{ROOT}/api/events", json=body)


def test_a_recording_is_kept_under_its_hash_and_waits_for_the_dub(
    client: TestClient, folder: Path, run: Run, ana: str
) -> None:
    assert client.get(f"{ROOT}/api/state").json()["people"] == [ana]
    found = sent(client, wav()).json()
    assert (found["length_ms"], found["clipped"]) == (pytest.approx(1000, abs=15), False)
    assert (folder / "film.takes" / f"{found['take']}.wav").read_bytes() == wav()
    answer = decide(client, 0, kind="own_take", line="s0001", voice=ana, take=found["take"])
    assert answer.status_code == 200, answer.text
    line = answer.json()["review"]["lines"][0]
    assert (line["take"], line["voice"], line["pending"], line["text"]) == (found["take"], ana, True, "¿Dónde está?")
    (event,) = json.loads((folder / "review.json").read_text("utf-8"))["events"]
    assert (event["take"], event["text"]) == (found["take"], "¿Dónde está?")
    asked = [r for r in consent.ledger.read(run.home) if r["kind"] == "check" and r.get("recorded")]
    assert [(r["voice"], r["speaker"], r["outcome"]) for r in asked] == [(ana, "s0001", "granted")]


ENDS = (
    {"kind": "edit_translation", "line": "s0001", "text": "¿Y dónde?"},
    {"kind": "choose_candidate", "line": "s0001", "candidate": 2},
    {"kind": "change_voice", "line": "s0001", "voice": "em_alex"},
    {"kind": "keep_original", "line": "s0001"},
)


@pytest.mark.parametrize("event", ENDS, ids=lambda event: event["kind"])
def test_other_words_or_another_voice_end_a_recording_and_undo_brings_it_back(
    client: TestClient, ana: str, event: dict[str, object]
) -> None:
    take = sent(client, wav()).json()["take"]
    decide(client, 0, kind="own_take", line="s0001", voice=ana, take=take)
    line = decide(client, 1, **event).json()["review"]["lines"][0]
    assert line["take"] == ""
    assert line["voice"] != ana, "nobody imitates her"
    body = {"version": 2, "who": "Ana", "redo": False, "events": [{"kind": "undo", "undoes": 2}]}
    line = client.post(f"{ROOT}/api/events", json=body).json()["review"]["lines"][0]
    assert (line["take"], line["voice"]) == (take, ana)


GUIDE_ENDS = {"edit_translation": "", "choose_candidate": "", "change_voice": "kept", "own_take": ""}


@pytest.mark.parametrize("kind", GUIDE_ENDS)
def test_a_guide_needs_nobodys_leave_and_ends_with_its_words(client: TestClient, ana: str, kind: str) -> None:
    found = sent(client, wav()).json()["take"]
    answer = decide(client, 0, kind="guide_take", line="s0001", take="0" * 64)
    assert "not uploaded" in answer.json()["error"]["message"]
    line = decide(client, 0, kind="guide_take", line="s0001", take=found).json()["review"]["lines"][0]
    assert (line["guide"], line["take"], line["voice"], line["pending"]) == (found, "", "", True)
    event = next((e for e in ENDS if e["kind"] == kind), {"kind": kind, "line": "s0001", "voice": ana, "take": found})
    line = decide(client, 1, **event).json()["review"]["lines"][0]
    assert line["guide"] == (found if GUIDE_ENDS[kind] else "")
    body = {"version": 2, "who": "Ana", "redo": False, "events": [{"kind": "undo", "undoes": 2}]}
    line = client.post(f"{ROOT}/api/events", json=body).json()["review"]["lines"][0]
    assert (line["guide"], line["take"]) == (found, "")


def test_what_nobody_may_use_is_refused_in_one_line_and_nothing_is_decided(
    client: TestClient, folder: Path, run: Run, ana: str
) -> None:
    take = sent(client, wav()).json()["take"]
    for voice, said in (("ef_dora", "stock voice"), ("bo", "bo")):
        answer = decide(client, 0, kind="own_take", line="s0001", voice=voice, take=take)
        assert answer.status_code == 422
        assert said in answer.json()["error"]["message"]
    answer = decide(client, 0, kind="own_take", line="s0001", voice=ana, take="0" * 64)
    assert "not uploaded" in answer.json()["error"]["message"]
    for bad in ("../../etc/passwd", "A" * 64, take[:-1], take + "0"):
        assert decide(client, 0, kind="own_take", line="s0001", voice=ana, take=bad).status_code == 422
    consent.revoke(run.home, ana, reason="a test")
    answer = decide(client, 0, kind="own_take", line="s0001", voice=ana, take=take)
    assert "revoked" in answer.json()["error"]["message"]
    assert not (folder / "review.json").exists()
    assert client.get(f"{ROOT}/api/state").json()["people"] == []


def test_what_is_no_recording_or_comes_from_elsewhere_is_not_kept(client: TestClient, folder: Path) -> None:
    for data in (b"", b"RIFF", b"<script>alert(1)</script>", wav(0.5, 0.0)):
        answer = sent(client, data)
        assert answer.status_code == 422
        assert "recording" in answer.json()["error"]["message"]
    assert sent(client, bytes(LARGEST + 1)).status_code == 413
    assert sent(client, wav(), kind="text/plain").status_code == 415
    assert sent(client, wav(), token="").status_code == 403
    assert list((folder / "film.takes").iterdir()) == []


def test_recordings_do_not_leave_the_folder(client: TestClient, folder: Path, tmp_path: Path) -> None:
    (folder / "film.takes").symlink_to(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert sent(client, wav()).status_code == 422
    assert sorted(tmp_path.iterdir()) == before


def test_what_changes_in_a_mix_is_heard_over_the_files_until_they_hold_it(
    client: TestClient, room: Room, tmp_path: Path
) -> None:
    """The patch is where it begins, in the dub and in its dialogue, and nowhere else."""
    for name, level in (("full", 0.5), ("dialogue", 0.25)):
        soundfile.write(tmp_path / f"{name}.wav", np.full((480, 2), level), 48_000, "PCM_24")
    heard: list[dict[str, Any]] = []
    room.listen(heard.append)
    patches = [(960, str(tmp_path / "full.wav"), str(tmp_path / "dialogue.wav"))]
    room._tell({"kind": "take", "language": "es", "patches": patches, "dub": {}})
    assert (heard[0]["made"], heard[0]["first"]) == (2, True)
    head = 68
    data = client.get(f"{ROOT}/media/sound.wav", headers={"range": f"bytes={head}-{head + 1600 * 16 - 1}"}).content
    found = np.frombuffer(data, "<i2").reshape(-1, 8)
    assert set(found[960:1440, 2]) == {16384}
    assert set(found[960:1440, 7]) == {8192}
    assert not found[:960, 2:].any()
    assert not found[1440:, 2:].any()
    assert not found[:, 4:6].any()
    room._tell({"kind": "redo", "state": "failed", "message": "the disk is full"})
    assert room.tracks("es").patches == ()
    whole = tracks_of(None, None, None, None, (Patch(0, tmp_path / "full.wav", tmp_path / "dialogue.wav"),))
    assert whole.samples == 0
