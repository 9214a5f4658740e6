"""The review room's server: who may ask it, what it gives, what it never gives. Asked without a socket.

Over 400 lines: one server, asked through the same fixtures.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_dubs import EACH_MS, RATE, make_dub

pytest.importorskip("starlette")
pytest.importorskip("httpx")

from starlette.testclient import TestClient

from localize import consent
from localize.errors import GrantRevoked, UsageError
from localize.events import Run
from localize.models import Models
from localize.review import open_review, unapproved
from localize.review_room.app import LONGEST_RANGE, review_app
from localize.review_room.room import Room
from localize.review_room.sound import byte_range
from localize.runtime.store import Store

TOKEN = "t0ken-of-the-test_0123456789"
PORT = 8123
HOSTILE = '<img src=x onerror="alert(1)">"\'</script><script>alert(2)</script>'
LINES = [("Where is it?", "¿Dónde está?"), (HOSTILE, f"{HOSTILE} \u202e"), ("It is here.", "Está aquí.")]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server for tests that change nothing."""
    base = tmp_path_factory.mktemp("review")
    run = Run(Store(base / "store"), consent.Home.open(base / "home"), Models())
    room = Room.open(make_dub(base, LINES, fits=("exact", "overflow")), None, run)
    yield client_of(room)
    room.close()


def client_of(room: Room) -> TestClient:
    return TestClient(review_app(room, TOKEN, PORT), base_url=f"http://127.0.0.1:{PORT}", follow_redirects=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_dub(tmp_path, LINES, fits=("exact", "overflow"))


@pytest.fixture
def room(folder: Path, run: Run) -> Iterator[Room]:
    opened = Room.open(folder, None, run)
    yield opened
    opened.close()


@pytest.fixture
def client(room: Room) -> TestClient:
    return client_of(room)


def asked(client: TestClient, path: str, **values: object) -> dict[str, object]:
    answer = client.get(f"/{TOKEN}{path}", params=values)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def decide(client: TestClient, *events: dict[str, object], version: int = 0, who: str = "Ana"):
    body = {"version": version, "who": who, "events": events, "redo": False}
    return client.post(f"/{TOKEN}/api/events", json=body)


# --- who may ask -----------------------------------------------------------------------------------------------------

EVERY = (
    "/", "/page/main.js", "/api/state", "/api/peaks/dub", "/api/changes", "/api/subtitles", "/media/sound.wav",
    "/media/picture", "/media/audition.wav",
)  # fmt: skip


@pytest.mark.parametrize("path", EVERY)
@pytest.mark.parametrize("token", ["", "?token=", f"?token={TOKEN[:-1]}", f"?token={TOKEN}x", "?token=%00", "?token=é"])
def test_nothing_is_served_without_the_token(reader: TestClient, path: str, token: str) -> None:
    answer = reader.get(path + token)
    assert answer.status_code == 403
    assert "film" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/api/events", "/api/takes", "/api/audition", "/api/warm", "/api/redo", "/api/cues/check", "/api/term/check"],
)
def test_nothing_is_decided_without_the_token(client: TestClient, folder: Path, path: str) -> None:
    assert client.post(path, json={"version": 0, "who": "Ana", "events": []}).status_code == 403
    assert not (folder / "review.json").exists()


@pytest.mark.costly
def test_the_token_may_stand_in_path_query_or_header(reader: TestClient) -> None:
    for path, headers in (
        (f"/{TOKEN}/api/state", {}), (f"/api/state?token={TOKEN}", {}),
        ("/api/state", {"authorization": f"Bearer {TOKEN}"}),
    ):  # fmt: skip
        assert reader.get(path, headers=headers).status_code == 200, path


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8123", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.nip.io:8123", ""]
)
def test_a_name_that_was_bound_to_this_machine_gets_nothing(reader: TestClient, host: str) -> None:
    """DNS rebinding: the browser asks 127.0.0.1, and says the name of the attacker's page."""
    assert reader.get(f"/?token={TOKEN}", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8123"])
def test_another_page_may_not_ask(reader: TestClient, origin: str) -> None:
    assert reader.get(f"/{TOKEN}/api/state", headers={"origin": origin}).status_code == 403
    assert reader.post(f"/{TOKEN}/api/redo", json={}, headers={"origin": origin}).status_code == 403


def test_a_form_of_another_page_cannot_decide(reader: TestClient) -> None:
    plain = {"content-type": "text/plain"}
    assert reader.post(f"/{TOKEN}/api/events", content=b"{}", headers=plain).status_code == 415
    cross = {"sec-fetch-site": "cross-site"}
    assert reader.post(f"/{TOKEN}/api/redo", json={}, headers=cross).status_code == 403


def test_every_answer_forbids_what_comes_from_elsewhere(reader: TestClient) -> None:
    for path in (f"/{TOKEN}/", f"/{TOKEN}/api/state", f"/{TOKEN}/page/nothing.js", "/"):
        headers = reader.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "set-cookie" not in headers


# --- what it gives ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/page/../app.py", "/page/..%2fapp.py", "/page/%2e%2e/guard.py", "/page/__init__.py", "/page//etc/passwd",
        "/../../etc/passwd", "/media/../film.wav", "/media/film.es.wav", "/media/picture/../../x", "/film.job.json",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_listed(reader: TestClient, path: str) -> None:
    answer = reader.get(f"/{TOKEN}{path}")
    assert answer.status_code in (403, 404)
    assert "root:" not in answer.text


@pytest.mark.parametrize("language", ["../../x", "fr", "es/../../x", "es\x00", "*"])
def test_a_language_that_is_not_there_opens_no_file(reader: TestClient, language: str) -> None:
    for path in ("/api/state", "/media/sound.wav", "/api/peaks/dub"):
        assert reader.get(f"/{TOKEN}{path}", params={"language": language}).status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, room: Room, tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes((folder / "film.es.wav").read_bytes())
    (folder / "film.es.wav").unlink()
    (folder / "film.es.wav").symlink_to(secret)
    assert room.dub.delivered("es.wav") is None


def test_the_page_holds_no_script_and_loads_its_own_parts_alone(reader: TestClient) -> None:
    text = reader.get("/", params={"token": TOKEN}).text
    assert "onclick" not in text
    assert "style=" not in text
    assert "{root}" not in text
    parts = [part.split('"')[0] for key in ('src="', 'href="') for part in text.split(key)[1:]]
    assert parts
    for part in parts:
        assert part.startswith(("#", f"/{TOKEN}/page/")), part
        assert part.startswith("#") or reader.get(part).status_code == 200, part


def test_the_state_has_every_line_with_its_wordings_and_flags(reader: TestClient) -> None:
    state = asked(reader, "/api/state")
    lines = {line["id"]: line for line in state["lines"]}  # type: ignore[index, attr-defined]
    assert [line["source"] for line in lines.values()] == [source for source, _ in LINES]
    assert lines["s0002"]["flags"] == ["overflow"]
    assert lines["s0001"]["wordings"][1]["length_ms"] > lines["s0001"]["natural_ms"]
    assert state["redo"]["possible"] is True  # type: ignore[index]
    assert "--to es" in state["redo"]["command"]  # type: ignore[index]


def test_hostile_words_stay_words(reader: TestClient) -> None:
    answer = reader.get(f"/{TOKEN}/api/state")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["lines"][1]["source"] == HOSTILE


# --- sound -----------------------------------------------------------------------------------------------------------


def test_source_dub_and_bed_are_in_step_to_the_sample(reader: TestClient) -> None:
    answer = reader.get(f"/{TOKEN}/media/sound.wav")
    samples, rate = soundfile.read(io.BytesIO(answer.content), always_2d=True)
    assert (rate, samples.shape[1]) == (RATE, 8)
    clicks = [np.flatnonzero(np.abs(samples[:, channel]) > 0.05).tolist() for channel in range(8)]
    assert clicks[0] == [(EACH_MS * n + 500) * RATE // 1000 for n in range(len(LINES))]
    assert all(found == clicks[0] for found in clicks)
    assert np.abs(samples[clicks[0][0]] - [0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.4, 0.4]).max() < 1e-3


@pytest.mark.parametrize(
    "asked_for",
    ["bytes=0-", "bytes=0-99", "bytes=60-75", "bytes=1001-200003", "bytes=0-9999999999", "bytes=-501", "bytes=44-44"],
)
def test_any_range_of_the_sound_is_that_part_of_it(reader: TestClient, asked_for: str) -> None:
    whole = reader.get(f"/{TOKEN}/media/sound.wav").content
    answer = reader.get(f"/{TOKEN}/media/sound.wav", headers={"range": asked_for})
    start, end = byte_range(asked_for, len(whole)) or (0, 0)
    end = min(end, start + LONGEST_RANGE)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    assert answer.content == whole[start:end]


@pytest.mark.parametrize(
    "wrong",
    [
        "bytes=9999999999-",
        "bytes=5-4",
        "bytes=x-",
        "bytes=-",
        "lines=1-2",
        "bytes=-0",
        "bytes=1e3-",
        "bytes=" + "9" * 40 + "-",
    ],
)
def test_a_range_that_is_none_is_refused(reader: TestClient, wrong: str) -> None:
    assert reader.get(f"/{TOKEN}/media/sound.wav", headers={"range": wrong}).status_code == 416


def test_without_its_film_a_dub_can_be_heard_and_not_made_again(tmp_path: Path, run: Run) -> None:
    room = Room.open(make_dub(tmp_path, LINES, film=False), None, run)
    state = room.state("es")
    assert state["redo"]["possible"] is False
    assert "--source" in state["redo"]["missing"]
    assert state["sounds"]["source"] is False
    assert room.redo() is False


def test_sounds_that_are_not_there_are_told(tmp_path: Path, run: Run) -> None:
    folder = make_dub(tmp_path, LINES, film=False)
    (folder / "film.es.wav").unlink()
    room = Room.open(folder, None, run)
    sounds = room.state("es")["sounds"]
    assert (sounds["source"], sounds["dub"], sounds["bed"]) == (False, False, True)
    assert "--source" in sounds["missing"]
    room.close()


def test_without_a_recorded_hash_no_film_is_taken(tmp_path: Path, run: Run) -> None:
    folder = make_dub(tmp_path, LINES)
    path = folder / "film.job.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "sha256": ""}), "utf-8")
    room = Room.open(folder, None, run)
    assert room.origin.film is None
    assert "hash" in room.origin.missing
    room.close()


def test_another_film_of_that_name_is_not_taken(tmp_path: Path, run: Run) -> None:
    folder = make_dub(tmp_path, LINES)
    with (tmp_path / "film.wav").open("ab") as file:
        file.write(b"\0")
    assert Room.open(folder, None, run).origin.film is None
    with pytest.raises(UsageError, match="is not the film"):
        Room.open(folder, tmp_path / "film.wav", run)


def test_a_revoked_voice_opens_no_review(tmp_path: Path, run: Run) -> None:
    folder = make_dub(tmp_path, LINES)
    consent.revoke(run.home, "ef_dora", reason="a test")
    with pytest.raises(GrantRevoked):
        Room.open(folder, None, run)


def test_a_mix_is_heard_before_its_files_are_made(client: TestClient, folder: Path, room: Room, tmp_path: Path) -> None:
    """As `tests/made_dubs.py` delivers it the dub clicks at the start of each line; the new one half a second later."""
    sound, rate = soundfile.read(folder / "film.es.wav", always_2d=True)
    paths = {name: str(tmp_path / f"{name}.wav") for name in ("full", "dialogue")}
    for path in paths.values():
        soundfile.write(path, np.roll(sound, rate // 2, axis=0), rate, "PCM_24")
    heard: list[dict[str, object]] = []
    room.listen(heard.append)
    lines = room.state("es")["lines"]
    dub = {line["id"]: line["dub"] for line in lines} | {"s0001": [[500, 900]]}
    before = client.get(f"/{TOKEN}/media/sound.wav").content
    waves = asked(client, "/api/peaks/dub")["peaks"]
    room._tell({"kind": "take", "language": "es", **paths, "dub": dub})
    assert asked(client, "/api/peaks/dub")["peaks"] == list(np.roll(waves, 50)), "the waveform is of what is heard"
    assert heard == [{"kind": "take", "language": "es", "made": 2, "dub": {"s0001": [[500, 900]]}, "first": True}]
    assert client.get(f"/{TOKEN}/media/sound.wav").content != before
    room._tell({"kind": "redo", "state": "failed", "message": "the disk is full"})
    assert client.get(f"/{TOKEN}/media/sound.wav").content == before, "what is not delivered is heard no more"
    assert room.made == 3


# --- decisions -------------------------------------------------------------------------------------------------------

CHANGED = {"kind": "edit_translation", "line": "s0001", "language": "es", "text": "¿Y dónde?"}


def test_a_correction_is_in_the_file_and_the_line_waits_for_its_dub(client: TestClient, folder: Path) -> None:
    answer = decide(client, CHANGED)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["changed"] is True
    line = found["review"]["lines"][0]
    assert (line["text"], line["pending"]) == ("¿Y dónde?", True)
    assert json.loads((folder / "review.json").read_text("utf-8"))["events"][0]["who"] == "Ana"


def test_an_undo_brings_the_words_back(client: TestClient) -> None:
    decide(client, CHANGED)
    line = decide(client, {"kind": "undo", "undoes": 1}, version=1).json()["review"]["lines"][0]
    assert (line["text"], line["pending"]) == ("¿Dónde está?", False)


@pytest.mark.costly
def test_an_undo_of_what_is_in_the_dub_waits_for_the_next_one(client: TestClient, folder: Path, room: Room) -> None:
    decide(client, CHANGED)
    path = folder / "film.master.json"
    path.write_text(path.read_text("utf-8").replace('"¿Dónde está?"', '"¿Y dónde?"'), "utf-8")
    room._tell({"kind": "redo", "state": "done"})
    line, other = client.get(f"/{TOKEN}/api/state").json()["review"]["lines"][0:2]
    assert (line["text"], line["pending"], other["pending"]) == ("¿Y dónde?", False, False)
    line = decide(client, {"kind": "undo", "undoes": 1}, version=1).json()["review"]["lines"][0]
    assert (line["text"], line["pending"]) == ("¿Dónde está?", True)


def test_an_approval_ends_when_the_line_changes(client: TestClient) -> None:
    approve = {"kind": "approve", "line": "s0001", "language": "es", "text": "¿Dónde está?"}
    first = decide(client, approve).json()
    assert first["changed"] is False
    assert first["review"]["lines"][0]["approved"]["who"] == "Ana"
    assert decide(client, CHANGED, version=1).json()["review"]["lines"][0]["approved"] is None


def test_an_approval_of_other_words_than_a_later_run_brought_does_not_hold(
    client: TestClient, folder: Path, room: Room
) -> None:
    decide(client, {"kind": "approve", "line": "s0001", "language": "es", "text": "¿Dónde está?"})
    path = folder / "film.master.json"
    path.write_text(path.read_text("utf-8").replace('"¿Dónde está?"', '"¿Y dónde?"'), "utf-8")
    room._tell({"kind": "redo", "state": "done"})
    line = asked(client, "/api/state")["review"]["lines"][0]
    assert (line["text"], line["approved"]) == ("¿Y dónde?", None)


def test_a_line_that_stays_in_the_original_can_be_approved(client: TestClient, folder: Path) -> None:
    decide(client, {"kind": "keep_original", "line": "s0001", "language": "es"})
    line = decide(client, {"kind": "approve", "line": "s0001", "language": "es"}, version=1).json()["review"]["lines"][
        0
    ]
    assert line["approved"]["who"] == "Ana"
    assert "s0001" not in unapproved(open_review(folder), "es", {"s0001": "¿Dónde está?"})


def test_decisions_hold_where_the_ledger_cannot_be_written(client: TestClient, folder: Path, room: Room) -> None:
    told: list[dict[str, object]] = []
    room.listen(told.append)
    shutil.rmtree(room._run.home.folder, ignore_errors=True)
    room._run.home.folder.write_text("no folder")
    approve = {"kind": "approve", "line": "s0001", "language": "es", "text": "¿Dónde está?"}
    answer = decide(client, approve)
    assert answer.status_code == 200, answer.text
    assert open_review(folder).version == 1
    assert [message["kind"] for message in told] == ["review", "unwritten"]
    assert (folder / "review.report.json").is_file()


def test_who_saw_an_older_version_writes_nothing(client: TestClient, folder: Path) -> None:
    assert decide(client, CHANGED, who="Ana").status_code == 200
    before = (folder / "review.json").read_bytes()
    answer = decide(client, {**CHANGED, "text": "¿Dónde?"}, version=0, who="Ben")
    assert answer.status_code == 409
    assert "Ana" in answer.json()["error"]["message"]
    assert (folder / "review.json").read_bytes() == before


@pytest.mark.costly
@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"null", b"[" * 100_000, b'{"version":0,"who":"A","events":{}}',
        b'{"version":true,"who":"A","events":[{}]}', b'{"version":0,"who":1,"events":[{}]}',
        b'{"version":0,"who":"A","events":[]}', b'{"version":0,"who":"A","events":[3]}',
        b'{"version":0,"who":"A","events":[{"kind":"nothing"}]}',
        b'{"version":0,"who":"","events":[{"kind":"comment","text":"x"}]}',
        b'{"version":0,"who":"A","events":[{"kind":"approve","line":"../x","language":"es"}]}',
        b'{"version":0,"who":"A","events":[{"kind":"approve","line":"s9999","language":"es"}]}',
    ],
)  # fmt: skip
def test_what_is_no_decision_is_refused_in_one_line(client: TestClient, folder: Path, body: bytes) -> None:
    answer = client.post(f"/{TOKEN}/api/events", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert "\n" not in answer.json()["error"]["message"]
    assert not (folder / "review.json").exists()


def test_a_request_of_endless_length_is_cut_off(client: TestClient) -> None:
    answer = client.post(f"/{TOKEN}/api/events", content=b" " * 4_000_001, headers={"content-type": "application/json"})
    assert answer.status_code == 413


# --- subtitles and terms ---------------------------------------------------------------------------------------------


def cues_of(client: TestClient, profile: str = "netflix", language: str = "es") -> dict[str, Any]:
    return asked(client, "/api/subtitles", language=language, profile=profile)


def edit_of(cue: dict[str, Any], *after: dict[str, Any], profile: str = "netflix") -> dict[str, Any]:
    bare = {name: cue[name] for name in ("start_ms", "end_ms", "lines")}
    return {"kind": "edit_cue", "language": "es", "profile": profile, "before": [bare], "after": list(after)}


def test_a_changed_cue_is_shown_until_it_is_taken_back(client: TestClient, folder: Path) -> None:
    before = cues_of(client)
    cue = before["cues"][0]
    after = {"start_ms": cue["start_ms"], "end_ms": cue["end_ms"] + 40, "lines": ["¿Y dónde", HOSTILE[:40]]}
    assert decide(client, edit_of(cue, after)).status_code == 200
    shown = cues_of(client)
    assert (shown["cues"][0]["lines"], shown["cues"][0]["edited"], shown["lost"]) == (after["lines"], 1, [])
    assert cues_of(client, "mobile")["cues"][0]["edited"] is None
    assert decide(client, {"kind": "undo", "undoes": 1}, version=1).status_code == 200
    assert cues_of(client)["cues"] == before["cues"]


def test_a_changed_cue_whose_words_are_gone_is_told(client: TestClient) -> None:
    cue = cues_of(client)["cues"][0] | {"lines": ["Nobody says this."]}
    after = {"start_ms": cue["start_ms"], "end_ms": cue["end_ms"], "lines": ["x"]}
    assert decide(client, edit_of(cue, after), who="Bo").status_code == 200
    assert [(e["number"], e["who"], e["lines"]) for e in cues_of(client)["lost"]] == [(1, "Bo", ["Nobody says this."])]


def test_cues_are_held_against_the_rules_while_they_are_written(reader: TestClient) -> None:
    body = {"profile": "netflix", "cues": [{"start_ms": 503, "end_ms": 1200, "lines": ["a" * 50, "b"]}]}
    (found,) = reader.post(f"/{TOKEN}/api/cues/check?language=es", json=body).json()["cues"]
    assert (found["start_ms"], found["lengths"]) == (520, [50, 1])  # on a frame of 25 a second
    assert {"cps", "cpl", "duration"} <= {entry["rule"] for entry in found["broken"]}


def test_a_cue_is_snapped_to_the_cuts_near_it(reader: TestClient) -> None:
    body = {"profile": "netflix", "cues": [{"start_ms": 3120, "end_ms": 5000, "lines": ["Ya."]}]}
    (found,) = reader.post(f"/{TOKEN}/api/cues/check?language=es", json=body).json()["cues"]
    assert found["snapped"] == [3000, 5000]


@pytest.mark.parametrize(
    "body",
    [
        {"profile": "netflix", "cues": []},
        {"profile": "/etc/passwd.toml", "cues": [{"start_ms": 0, "end_ms": 1, "lines": ["a"]}]},
        {"profile": "netflix", "cues": [{"start_ms": 5, "end_ms": 1, "lines": ["a"]}]},
        {"profile": "netflix", "cues": [{"start_ms": 0, "end_ms": 1, "lines": [1]}]},
        {"profile": "netflix", "cues": [[]]},
        {"profile": 1, "cues": [{"start_ms": 0, "end_ms": 1, "lines": ["a"]}]},
    ],
)
def test_what_is_no_cue_is_refused(reader: TestClient, body: dict[str, Any]) -> None:
    assert reader.post(f"/{TOKEN}/api/cues/check?language=es", json=body).status_code == 422


def test_a_profile_is_a_name_and_no_path(reader: TestClient) -> None:
    answer = reader.get(f"/{TOKEN}/api/subtitles", params={"language": "es", "profile": "../secret.toml"})
    assert answer.status_code == 422


def test_a_term_is_checked_in_every_line_and_holds_from_then_on(client: TestClient) -> None:
    found = client.post(f"/{TOKEN}/api/term/check?language=es", json={"term": "where", "text": "adónde"}).json()
    assert [(use["line"], use["status"]) for use in found["lines"]] == [("s0001", "missing")]
    decide(client, {"kind": "add_term", "language": "es", "term": "where", "text": "adónde"})
    assert asked(client, "/api/state")["review"]["terms"] == [["s0001", "where", "adónde"]]
    decide(client, {"kind": "edit_translation", "line": "s0001", "language": "es", "text": "¿Adónde va?"}, version=1)
    assert asked(client, "/api/state")["review"]["terms"] == []
