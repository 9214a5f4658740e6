"""`localize dub` from the outside: what it delivers, what it costs to run again, what survives a kill."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from localize.media import ffmpeg

from .conftest import User

pytestmark = pytest.mark.xdist_group("e2e")


def packets(path: Path, kind: str, which: int = 0) -> list[tuple[int | None, str]]:
    """Every packet of a stream: its time and the hash of its bytes."""
    with av.open(str(path)) as container:
        stream = [s for s in container.streams if s.type == kind][which]
        return [(p.pts, hashlib.sha256(bytes(p)).hexdigest()) for p in container.demux(stream) if p.size]


def decoded(path: Path, stream: str) -> np.ndarray:
    """Samples of one audio stream as ffmpeg plays them, 48 kHz."""
    command = [ffmpeg(), "-v", "error", "-i", str(path), "-map", stream, "-ar", "48000", "-f", "f32le", "pipe:1"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4").reshape(-1, 2)


def test_every_file_is_there_and_nothing_else(veteran: tuple[User, dict[str, Any]]) -> None:
    user, _ = veteran
    names = {p.name for p in (user.folder / "out").iterdir()}
    assert names == {
        "clip.es.mp4", "clip.es.wav", "clip.es.dialogue.wav", "clip.bed.wav", "clip.es.srt", "clip.en.srt",
        "clip.es.dialogue.wav.c2pa", "clip.es.srt.c2pa", "clip.en.srt.c2pa", "clip.es.timeline.json",
        "clip.master.json", "clip.es.report.json", "clip.es.report.html", "clip.job.json", "clip.es.clips",
    }  # fmt: skip


def test_the_json_says_where(veteran: tuple[User, dict[str, Any]]) -> None:
    _, result = veteran
    (target,) = result["targets"]
    assert target["language"] == "es"
    for kind in ("video", "audio", "dialogue", "bed", "timeline", "master", "report"):
        assert Path(target[kind]).is_file(), kind
    assert Path(target["subtitles"]["es"]["srt"]).is_file()
    assert Path(target["subtitles"]["en"]["srt"]).is_file()
    assert {s["name"] for s in result["stages"]} >= {
        "ingest",
        "transcribe",
        "translate",
        "synthesize",
        "mix",
        "deliver",
    }
    assert all(w["code"] == "model_assembled" for w in result["warnings"])


def test_the_picture_is_copied_to_the_bit(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    _, result = veteran
    assert packets(Path(result["targets"][0]["video"]), "video") == packets(clip, "video")


def test_the_dub_is_the_default_track_and_the_original_the_second(
    veteran: tuple[User, dict[str, Any]], clip: Path
) -> None:
    _, result = veteran
    film = Path(result["targets"][0]["video"])
    with av.open(str(film)) as container:
        audio = list(container.streams.audio)
        assert [s.metadata["language"] for s in audio] == ["spa", "eng"]
        assert bool(audio[0].disposition & av.stream.Disposition.default)
        assert not bool(audio[1].disposition & av.stream.Disposition.default)
        assert [s.metadata["language"] for s in container.streams.subtitles] == ["spa", "eng"]
    assert [h for _, h in packets(film, "audio", 1)] == [h for _, h in packets(clip, "audio")]


def test_stems_are_as_long_as_the_source_and_add_up(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    _, result = veteran
    target = result["targets"][0]
    source = decoded(clip, "0:a:0")
    full, rate = soundfile.read(target["audio"], dtype="int32")
    dialogue, _ = soundfile.read(target["dialogue"], dtype="int32")
    bed, _ = soundfile.read(target["bed"], dtype="int32")
    assert rate == 48_000
    assert soundfile.info(target["audio"]).subtype == "PCM_24"
    assert len(source) == len(full) == len(dialogue) == len(bed)
    total = (bed >> 8) + (dialogue >> 8)
    assert np.abs((full >> 8) - total).max() <= 1


def test_outside_speech_the_mix_is_the_source(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    _, result = veteran
    target = result["targets"][0]
    timeline = json.loads(Path(target["timeline"]).read_text())
    full, _ = soundfile.read(target["audio"], dtype="float32")
    source = decoded(clip, "0:a:0")
    quiet = np.ones(len(source), bool)
    for side in ("source", "dub"):
        for a, b in (p for c in timeline["clips"] for p in c[side]["phrases"]):
            quiet[max(0, (a - 300) * 48) : (b + 300) * 48] = False
    assert quiet.sum() > 48_000
    assert np.abs(full[quiet] - source[quiet]).max() < 2**-22


def test_the_film_plays_the_mix_in_time(veteran: tuple[User, dict[str, Any]]) -> None:
    _, result = veteran
    target = result["targets"][0]
    played = decoded(Path(target["video"]), "0:a:0").mean(axis=1)
    mixed = soundfile.read(target["audio"], dtype="float32")[0].mean(axis=1)
    n = min(len(played), len(mixed)) - 4800
    shifts = range(-2400, 2401, 48)
    scores = [float(np.dot(played[2400 + s : n + s], mixed[2400:n])) for s in shifts]
    assert abs(list(shifts)[int(np.argmax(scores))]) <= 48


def test_lines_sit_on_their_source(veteran: tuple[User, dict[str, Any]]) -> None:
    _, result = veteran
    summary = result["targets"][0]["summary"]
    assert summary["overlap"] >= 0.93
    assert summary["talk_over_ms"] == 0
    assert summary["max_rate"] <= 1.3
    assert summary["dnsmos"] >= 2.9
    assert summary["wer"] <= 0.15


def test_a_second_run_makes_nothing_and_gives_the_same(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, first = veteran
    again = user.run("dub", clip, "--to", "es", "-o", user.folder / "again", "--json", "-q")
    assert again.code == 0, again.err
    assert all(stage["made"] == 0 for stage in again.json["stages"]), again.json["stages"]
    one, two = first["targets"][0], again.json["targets"][0]
    assert Path(one["timeline"]).read_bytes() == Path(two["timeline"]).read_bytes()
    for stem in ("dialogue", "bed"):
        assert Path(one[stem]).read_bytes() == Path(two[stem]).read_bytes()


def test_one_edited_line_costs_one_line(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, first = veteran
    timeline = json.loads(Path(first["targets"][0]["timeline"]).read_text())
    line = timeline["clips"][0]["segment"]
    edits = user.folder / "edits.json"
    edits.write_text(
        json.dumps({"schema": 1, "edits": [{"segment": line, "translation": {"es": "Esta noche llueve mucho."}}]})
    )
    result = user.run("dub", clip, "--to", "es", "-o", user.folder / "edited", "--edits", edits, "--json", "-q")
    assert result.code == 0, result.err
    made = {s["name"]: s["made"] for s in result.json["stages"]}
    assert made["transcribe"] == made["translate"] == 0
    assert made["synthesize"] <= 2, "its pace and its take"
    edited = json.loads(Path(result.json["targets"][0]["timeline"]).read_text())
    texts = {c["segment"]: c["text"] for c in edited["clips"]}
    assert texts[line] == "Esta noche llueve mucho."
    assert [c["text"] for c in edited["clips"] if c["segment"] != line] == [
        c["text"] for c in timeline["clips"] if c["segment"] != line
    ]


def test_a_correction_holds_in_later_runs_until_it_is_taken_back(
    veteran: tuple[User, dict[str, Any]], clip: Path
) -> None:
    user, first = veteran
    line = json.loads(Path(first["targets"][0]["timeline"]).read_text())["clips"][0]
    edits, output = user.folder / "kept.json", user.folder / "kept"
    edits.write_text(
        json.dumps({"schema": 1, "edits": [{"segment": line["segment"], "translation": {"es": "Llueve mucho hoy."}}]})
    )

    def said(*more: object) -> tuple[str, list[str]]:
        result = user.run("dub", clip, "--to", "es", "-o", output, "--json", "-q", *more)
        assert result.code == 0, result.err
        clips = json.loads(Path(result.json["targets"][0]["timeline"]).read_text())["clips"]
        return clips[0]["text"], [w["code"] for w in result.json["warnings"]]

    assert said("--edits", edits) == ("Llueve mucho hoy.", [])
    assert said() == ("Llueve mucho hoy.", ["edits_kept"])
    assert line["segment"] in user.run("edits", "list", output).out
    assert user.run("edits", "undo", output, line["segment"]).code == 0
    assert said() == (line["text"], [])


def test_delivered_subtitles_corrected_by_hand_correct_the_dub(
    veteran: tuple[User, dict[str, Any]], clip: Path
) -> None:
    """As a draft, and only some files of it: what is left out is not there, and what lies there of before is named."""
    user, first = veteran
    before = json.loads(Path(first["targets"][0]["timeline"]).read_text())["clips"]
    folder, copy = user.folder / "by-hand", user.folder / "mine.srt"
    shutil.copytree(user.folder / "out", folder)
    cues = (folder / "clip.es.srt").read_text("utf-8").split("\n\n")
    word = re.findall(r"[a-z]{4,}", cues[0])[-1]
    copy.write_text("\n\n".join([cues[0].replace(word, "mucho"), *cues[1:]]), "utf-8")
    given = ("--translation", copy, "--draft", "--deliver", "srt", "--json", "-q")
    result = user.run("dub", clip, "--to", "es", "-o", folder, *given)
    assert result.code == 0, result.err
    (target,) = result.json["targets"]
    after = json.loads(Path(target["timeline"]).read_text())["clips"]
    changed = [(a["segment"], b["text"]) for a, b in zip(before, after) if a["text"] != b["text"]]
    assert changed == [(before[0]["segment"], before[0]["text"].replace(word, "mucho"))]
    made = {s["name"]: s["made"] for s in result.json["stages"]}
    assert made["transcribe"] == made["translate"] == 0
    assert made["synthesize"] <= 2, "its pace and its take"
    assert "measure" not in made
    assert (target["video"], target["audio"], target["bed"]) == (None, None, None)
    assert (target["summary"]["overlap"], target["summary"]["dnsmos"], target["summary"]["wer"]) == (None, None, None)
    assert {"corrections_taken", "draft", "older_files"} <= {w["code"] for w in result.json["warnings"]}
    assert "mucho" in (folder / "clip.es.srt").read_text("utf-8")
    plain = user.run("dub", clip, "--to", "es", "-o", folder, "-q", "--json")
    assert plain.code == 0, plain.err
    text = json.loads(Path(plain.json["targets"][0]["timeline"]).read_text())["clips"][0]["text"]
    assert text == after[0]["text"], "corrections hold in a plain run"


def test_a_revoked_voice_is_refused_whatever_the_store_holds(
    veteran: tuple[User, dict[str, Any]], clip: Path, tmp_path: Path
) -> None:
    user, first = veteran
    voice = json.loads(Path(first["targets"][0]["timeline"]).read_text())["clips"][0]["voice"]
    other = User(tmp_path)
    shutil.copytree(user.folder / "store", tmp_path / "store")
    assert other.run("voices", "revoke", voice, "--reason", "test").code == 0
    refused = other.run("dub", clip, "--to", "es", "--voice", f"S1={voice}", "-o", tmp_path / "out", "-q")
    assert refused.code == 4
    assert refused.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_what_was_made_can_be_verified_and_a_changed_byte_is_found(
    veteran: tuple[User, dict[str, Any]], tmp_path: Path
) -> None:
    user, first = veteran
    target = first["targets"][0]
    signed = [target["video"], target["audio"], target["dialogue"], *(f["srt"] for f in target["subtitles"].values())]
    assert user.run("verify", *signed).code == 0
    stranger = User(tmp_path)
    assert stranger.run("verify", *signed).code == 6
    (tmp_path / "root.pem").write_text(user.run("keys", "root").out)
    assert stranger.run("verify", *signed, "--trust", "root.pem").code == 0
    changed = tmp_path / "clip.es.mp4"
    data = bytearray(Path(target["video"]).read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(data)
    assert user.run("verify", changed).code == 6


@pytest.mark.slow
def test_killed_at_ten_moments_and_run_again(user: User, clip: Path, veteran: tuple[User, dict[str, Any]]) -> None:
    """A kill loses nothing that was stored and leaves no half file; the next run ends with the same result."""
    rng = random.Random(8)
    out = user.folder / "out"
    for _ in range(10):
        process = user.start("dub", clip, "--to", "es", "-o", out, "-q")
        stopper = threading.Timer(rng.uniform(0.3, 9.0), process.send_signal, [signal.SIGKILL])
        stopper.start()
        process.communicate()
        stopper.cancel()
        for path in out.glob("*.json"):
            json.loads(path.read_text())
    final = user.run("dub", clip, "--to", "es", "-o", out, "--json", "-q")
    assert final.code == 0, final.err
    assert not [p.name for p in out.iterdir() if p.name.startswith(".")]
    ours, theirs = final.json["targets"][0], veteran[1]["targets"][0]
    assert Path(ours["timeline"]).read_bytes() == Path(theirs["timeline"]).read_bytes()
    assert Path(ours["dialogue"]).read_bytes() == Path(theirs["dialogue"]).read_bytes()
    assert user.run("voices", "log", "--verify").code == 0
