"""Other voices for a person of the dub: what the review room's server refuses, and whose voice a person has."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_dubs import VOICE, make_dub

pytest.importorskip("starlette")
pytest.importorskip("httpx")

from starlette.testclient import TestClient

from localize import consent
from localize.errors import UsageError
from localize.events import Run
from localize.pipeline import check_request
from localize.review_room.app import review_app
from localize.review_room.audition import audition_folder, voices_now
from localize.review_room.room import Room

TOKEN = "t0ken-of-the-test_0123456789"
LINES = [("Where is it?", "¿Dónde está?"), ("It is here.", "Está aquí."), ("Good.", "Bien."), ("Yes.", "Sí.")]


@pytest.fixture
def room(tmp_path: Path, run: Run) -> Iterator[Room]:
    opened = Room.open(make_dub(tmp_path, LINES), None, run)
    yield opened
    opened.close()


@pytest.fixture
def client(room: Room) -> TestClient:
    return TestClient(review_app(room, TOKEN, 8123), base_url="http://127.0.0.1:8123")


def give(client: TestClient, voice: str, language: str = "es", version: int = 0):
    event = {"kind": "change_voice", "line": "s0001", "voice": voice} | ({"language": language} if language else {})
    body = {"version": version, "who": "Ana", "redo": False, "events": [event]}
    return client.post(f"/{TOKEN}/api/events", json=body)


@pytest.mark.parametrize("language", ["es", ""])
def test_a_voice_that_nobody_granted_is_refused_and_nothing_is_written(
    client: TestClient, room: Room, run: Run, language: str
) -> None:
    answer = give(client, "nobody", language)
    assert answer.status_code == 422
    assert "nobody" in answer.json()["error"]["message"]
    assert not (room.folder / "review.json").exists()
    asked = [r for r in consent.ledger.read(run.home) if r["kind"] == "check"]
    assert [(r["voice"], r["language"], r["title"], r["outcome"]) for r in asked[1:]] == [
        ("nobody", "es", "film", "refused")
    ]  # the first is of the voice that the dub has


def test_a_revoked_voice_is_refused_and_one_with_consent_is_given_and_taken_back(client: TestClient, run: Run) -> None:
    consent.revoke(run.home, "em_santa", reason="asked for")
    assert give(client, "em_santa").status_code == 422
    assert give(client, "em_alex").json()["review"]["lines"][0]["voice"] == "em_alex"
    body = {"version": 1, "who": "Ana", "redo": False, "events": [{"kind": "undo", "undoes": 1}]}
    line = client.post(f"/{TOKEN}/api/events", json=body).json()["review"]["lines"][0]
    assert line["voice"] == ""


def test_without_its_film_nothing_is_spoken_and_voices_can_be_noted(tmp_path: Path, run: Run) -> None:
    room = Room.open(make_dub(tmp_path, LINES, film=False), None, run)
    client = TestClient(review_app(room, TOKEN, 8123), base_url="http://127.0.0.1:8123")
    answer = client.post(f"/{TOKEN}/api/audition", json={"line": "s0001"})
    assert answer.status_code == 422
    assert "--source" in answer.json()["error"]["message"]
    assert give(client, "ana").status_code == 200, "where the dub is made again, the voice is asked for"
    room.close()


@pytest.mark.parametrize("line", ["s0009", "../s0001", "", 7, None])
def test_what_is_no_line_of_the_dub_is_not_spoken(client: TestClient, line: object) -> None:
    answer = client.post(f"/{TOKEN}/api/audition", json={"line": line})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("asked", [{}, {"number": "1", "voice": VOICE}, {"number": "../1", "voice": "../../x"}])
def test_a_voice_that_was_not_offered_is_not_heard(client: TestClient, asked: dict[str, str]) -> None:
    assert client.get(f"/{TOKEN}/media/audition.wav", params=asked).status_code == 404


def test_a_voice_that_is_revoked_after_it_was_offered_is_heard_no_more(
    client: TestClient, room: Room, run: Run, tmp_path: Path
) -> None:
    heard = tmp_path / "1-em_alex.wav"
    heard.write_bytes(b"RIFF" + bytes(60))
    room.offered.sounds["1", "em_alex"] = heard
    asked = {"number": "1", "voice": "em_alex"}
    assert client.get(f"/{TOKEN}/media/audition.wav", params=asked).content == heard.read_bytes()
    consent.revoke(run.home, "em_alex", reason="asked for")
    answer = client.get(f"/{TOKEN}/media/audition.wav", params=asked)
    assert answer.status_code == 422
    assert "em_alex was revoked" in answer.json()["error"]["message"]


def test_a_person_has_the_voice_of_most_lines_that_are_spoken_for_them(room: Room) -> None:
    report = room.dub.reports["es"]
    assert voices_now(report) == {"S1": VOICE, "S2": VOICE}
    first, second, third, fourth = report.lines
    lines = (
        replace(first, voice="em_alex"), replace(second, voice="original"), replace(third, voice="em_alex"),
        replace(fourth, recorded="0" * 64, voice="ana"),
    )  # fmt: skip
    assert voices_now(replace(report, lines=lines)) == {"S1": "em_alex"}
    assert voices_now(replace(report, lines=(*lines, first, first, first))) == {"S1": VOICE}


def test_what_an_audition_leaves_beside_a_dub_is_in_no_later_runs_way(room: Room, run: Run) -> None:
    assert room.origin.job is not None
    audition_folder(room.folder, "film", "es", "S1").mkdir()
    check_request(room.origin.job, run)
    (room.folder / "film.es.wav").unlink()
    (room.folder / "film.es.wav").mkdir()
    with pytest.raises(UsageError, match="a folder where a file should go"):
        check_request(room.origin.job, run)
