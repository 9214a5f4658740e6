"""The other commands from the outside: subs, batch, explain, models, doctor, lint, voices."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import pysrt
import pytest

from localize.timedtext import formats

from .conftest import User

pytestmark = pytest.mark.xdist_group("e2e")

HEAVY = ("numpy", "av", "onnxruntime", "librosa", "cryptography", "c2pa", "faster_whisper", "scipy", "soundfile")


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from localize.cli import cli; print([m for m in sys.argv[1:] if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script, *HEAVY], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_subtitles_of_a_film(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, _ = veteran
    result = user.run("subs", clip, "--to", "es", "--format", "srt,vtt", "-o", user.folder / "subs", "--json", "-q")
    assert result.code == 0, result.err
    target = result.json["targets"][0]
    assert target["frame_rate"] == "25/1"
    assert set(target["subtitles"]) == {"es", "en"}
    assert set(target["subtitles"]["es"]) == {"srt", "vtt"}
    assert len(pysrt.open(target["subtitles"]["es"]["srt"])) >= 3


def test_a_master_is_rendered_without_home_store_or_models(
    veteran: tuple[User, dict[str, Any]], tmp_path: Path
) -> None:
    _, first = veteran
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    for name in ("HOME", "LOCALIZE_HOME", "LOCALIZE_STORE", "LOCALIZE_MODELS"):
        environment[name] = str(tmp_path / "nowhere")
    command = [sys.executable, "-m", "localize", "subs", first["targets"][0]["master"], "--profile", "mobile", "-o"]
    done = subprocess.run(
        [*command, str(tmp_path / "out"), "--json", "-q"], capture_output=True, env=environment, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    target = json.loads(done.stdout)["targets"][0]
    lines = [line for cue in pysrt.open(target["subtitles"]["es"]["srt"]) for line in cue.text.splitlines()]
    assert lines
    assert max(map(len, lines)) <= 32
    assert not (tmp_path / "nowhere").exists()


def test_a_subtitle_file_is_translated_without_media(user: User) -> None:
    (user.folder / "film.en.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,500\nGood morning.\n\n2\n00:00:03,000 --> 00:00:05,000\nWhere is the bread?\n"
    )
    result = user.run("subs", "film.en.srt", "--to", "es", "-o", "out", "--json", "-q")
    assert result.code == 0, result.err
    text = (user.folder / result.json["targets"][0]["subtitles"]["es"]["srt"]).read_text()
    assert "Buenos días" in text
    assert "pan" in text


def test_given_words_are_spoken_cue_by_cue(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, _ = veteran
    cues = [(2000, 3600), (4300, 5700)]
    stamp = "{:02}:{:02}:{:02},{:03}".format
    at = lambda ms: stamp(ms // 3600000, ms // 60000 % 60, ms // 1000 % 60, ms % 1000)  # noqa: E731
    for name, texts in (
        ("en", ("There is a lot of rain.", "The street is wet.")),
        ("es", ("{\\an8}<i>Hoy llueve\na mares.</i>", "Todo está <b>mojado</b>.")),
    ):
        blocks = [f"{n}\n{at(a)} --> {at(b)}\n{text}\n" for n, ((a, b), text) in enumerate(zip(cues, texts), 1)]
        (user.folder / f"given.{name}.srt").write_text("\n".join(blocks))
    result = user.run(
        "dub", clip, "--to", "es", "--transcript", user.folder / "given.en.srt", "--translation",
        user.folder / "given.es.srt", "-o", user.folder / "given", "--json", "-q",
    )  # fmt: skip
    assert result.code == 0, result.err
    clips = json.loads(Path(result.json["targets"][0]["timeline"]).read_text())["clips"]
    assert [c["text"] for c in clips] == ["Hoy llueve a mares.", "Todo está mojado."]
    for (start, end), made in zip(cues, clips):
        assert abs(made["source"]["start_ms"] - start) <= 200
        assert abs(made["source"]["end_ms"] - end) <= 200
    given, shown = (formats.read(Path(path)).cues for path in (
        user.folder / "given.es.srt", result.json["targets"][0]["subtitles"]["es"]["srt"],
    ))  # fmt: skip
    for before, after in zip(given, shown, strict=True):
        assert (after.span, after.lines, after.marks) == (before.span, before.lines, before.marks)
        assert after.place == before.place


def test_a_folder_with_a_broken_file(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, _ = veteran
    season = user.folder / "season"
    season.mkdir()
    shutil.copy(clip, season / "one.mp4")
    (season / "two.mp4").write_text("no film")
    (season / "notes.txt").write_text("no film either")
    result = user.run("batch", season, "--to", "es", "-o", user.folder / "batch", "--json", "-q")
    assert result.code == 3, result.err
    report = result.json
    assert [(Path(f["input"]).name, f["ok"]) for f in report["files"]] == [("one.mp4", True), ("two.mp4", False)]
    suite = ElementTree.parse(report["junit"]).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert json.loads(Path(report["report"]).read_text())["exit_code"] == 3
    again = user.run("batch", season, "--to", "es", "-o", user.folder / "batch", "--json", "-q")
    assert again.json["files"][0]["made"] == 0


def test_explain_tells_of_a_line(veteran: tuple[User, dict[str, Any]]) -> None:
    user, _ = veteran
    told = user.run("explain", user.folder / "out", "--line", "s0001")
    assert told.code == 0
    assert "s0001" in told.out
    assert "dubbed" in told.out
    assert user.run("explain", user.folder / "out", "--line", "s9999").code == 2


def test_models_and_doctor(veteran: tuple[User, dict[str, Any]]) -> None:
    user, _ = veteran
    listed = user.run("models", "list", "--json").json["models"]
    assert all(m["installed"] for m in listed if m["command"].startswith("pip "))
    assert not any(m["installed"] for m in listed if "pull" in m["command"])
    used = {line["pair"]: line for line in user.run("models", "list", "--json").json["used"]}
    assert used["en->es"]["translator"]["engine"] == "marian_ct2:dialogue-en-es"
    assert "the only one installed" in used["en->es"]["translator"]["why"]
    assert user.run("models", "verify", "dialogue-en-es", "--json").json["models"][0]["ok"]
    assert user.run("models", "verify", "nobody").code == 2
    found = user.run("doctor", "--json")
    assert found.code == 0, found.out
    assert found.json["ok"]


def test_the_ledger_knows_what_was_made(veteran: tuple[User, dict[str, Any]]) -> None:
    user, _ = veteran
    usage = user.run("voices", "usage", "--json").json["usage"]
    assert sum(entry["lines"] for entry in usage) >= 3
    kinds = {r["kind"] for r in user.run("voices", "log", "--json").json["records"]}
    assert {"check", "synthesis", "deliverable"} <= kinds
    assert user.run("voices", "log", "--verify").code == 0


def test_delivered_subtitles_conform(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, first = veteran
    for language in ("es", "en"):
        path = first["targets"][0]["subtitles"][language]["srt"]
        found = user.run("lint", path, "--media", clip, "--json")
        assert {f["rule"] for f in found.json["findings"]} <= {"sync"}, found.json["findings"]
        assert found.json["score"]["shot"] in (100, None)
        assert found.json["score"]["sync"] >= 75  # of four cues
        assert user.run("lint", path, "--json").code == 0
    report = json.loads(Path(first["targets"][0]["report"]).read_text())
    assert report["subtitles"]["es"]["conforms"]
    assert set(report["subtitles"]) == {"es", "en"}


def test_what_is_mechanical_is_mended_in_place_or_elsewhere(user: User) -> None:
    broken = "1\n00:00:03,000 --> 00:00:05,000\nSecond line.\n\n2\n00:00:01,000 --> 00:00:03,010\nFirst line.\n"
    (user.folder / "film.en.srt").write_text(broken)
    elsewhere = user.run("lint", "film.en.srt", "--fix", "-o", "mended.en.vtt", "--json")
    assert elsewhere.code == 0, elsewhere.err
    assert elsewhere.json["mended"]
    assert (user.folder / "film.en.srt").read_text() == broken
    assert (user.folder / "mended.en.vtt").read_text().startswith("WEBVTT")
    assert user.run("lint", "film.en.srt", "-q").code == 6
    assert user.run("lint", "film.en.srt", "--fix").code == 0
    assert [item.text for item in pysrt.open(str(user.folder / "film.en.srt"))] == ["Second line.", "First line."]
    assert user.run("lint", "film.en.srt", "-o", "x.srt").code == 2
    (user.folder / "x.scc").write_text(
        "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420 9470 9470 c8e5 ecec ef80 942f 942f\n\n00:00:03:00\t942c 942c\n"
    )
    refused = user.run("lint", "x.scc", "--fix")
    assert refused.code == 6
    assert "-o" in refused.err


def test_a_profile_of_ones_own(veteran: tuple[User, dict[str, Any]]) -> None:
    user, first = veteran
    (user.folder / "house.toml").write_text('[narrow]\nchars = 24\n\n[wide]\nbase = "bbc"\nchars = 60\n')
    master = first["targets"][0]["master"]
    made = user.run("subs", master, "--profile", "house.toml#narrow", "-o", user.folder / "narrow", "--json", "-q")
    assert made.code == 0, made.err
    path = made.json["targets"][0]["subtitles"]["es"]["srt"]
    assert max(len(line) for cue in pysrt.open(path) for line in cue.text.splitlines()) <= 24
    assert user.run("lint", path, "--profile", "house.toml#narrow", "--json").json["score"]["cpl"] == 100
    refused = user.run("subs", master, "--profile", "house.toml", "-q")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "house.toml#narrow" in refused.err
    for text in (
        "[a]\nlines = 99",
        "[a]\ncps = true",
        '[a]\nlinger = "1e999999"',
        "chars = 3",
        "[a]\nchars_by = 3",
        "\0",
    ):
        (user.folder / "bad.toml").write_text(text)
        assert user.run("lint", path, "--profile", "bad.toml").code == 2, text


def test_a_dub_is_packaged_for_streaming(veteran: tuple[User, dict[str, Any]]) -> None:
    user, _ = veteran
    made = user.run("package", user.folder / "out", "--hls", "--json")
    assert made.code == 0, made.err
    assert made.json["audio"][0]["default"]
    assert [track["language"] for track in made.json["audio"]] == ["es", "en"]
    assert {(t["language"], t["sdh"]) for t in made.json["subtitles"]} == {
        ("es", False), ("es", True), ("en", False), ("en", True),
    }  # fmt: skip
    assert Path(made.json["master"]).is_file()
    assert user.run("package", user.folder / "out").code == 2
    assert user.run("package", user.folder, "--hls").code == 2


def test_subtitles_are_drawn_into_the_picture_on_request(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, first = veteran
    made = user.run("subs", clip, "--to", "es", "--burn", "-o", user.folder / "burnt", "--json", "-q")
    assert made.code == 0, made.err
    with av.open(made.json["targets"][0]["burnt"]) as burnt, av.open(str(clip)) as plain:
        assert [s.type for s in burnt.streams] == ["video", "audio"]
        at = pysrt.open(made.json["targets"][0]["subtitles"]["es"]["srt"])[0]
        middle = (at.start.ordinal + at.end.ordinal) / 2000
        pictures = [_picture_at(film, seconds) for seconds in (middle, 0.2) for film in (burnt, plain)]
    bottom = pictures[0].shape[0] * 4 // 5
    during = np.abs(pictures[0][bottom:].astype(int) - pictures[1][bottom:]).max()
    before = np.abs(pictures[2][bottom:].astype(int) - pictures[3][bottom:]).max()
    assert during > 100
    assert before < 40
    assert user.run("subs", first["targets"][0]["master"], "--burn", "-q").code == 2


def _picture_at(film: Any, seconds: float) -> Any:
    film.seek(0)
    for frame in film.decode(video=0):
        if frame.time >= seconds:
            return frame.to_ndarray(format="gray")
    raise AssertionError(seconds)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2, reason="one core only")
def test_the_number_of_cores_changes_no_word(veteran: tuple[User, dict[str, Any]], clip: Path, tmp_path: Path) -> None:
    _, first = veteran
    alone = User(tmp_path)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        result = alone.run("dub", clip, "--to", "es", "-o", "out", "--json", "-q")
    finally:
        os.sched_setaffinity(0, cores)
    assert result.code == 0, result.err
    theirs, ours = first["targets"][0], result.json["targets"][0]
    assert Path(theirs["timeline"]).read_bytes() == (tmp_path / ours["timeline"]).read_bytes()
    assert Path(theirs["dialogue"]).read_bytes() == (tmp_path / ours["dialogue"]).read_bytes()


def test_cues_in_any_order_keep_their_numbers(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, _ = veteran
    spans = [("00:00:06,650", "00:00:08,250"), ("00:00:02,000", "00:00:03,600"), ("00:00:04,300", "00:00:06,100")]
    for name, texts in (
        ("en", ("When?", "It rains.", "It is wet.")),
        ("es", ("¿Cuándo?", "Llueve mucho.", "Todo mojado.")),
    ):
        blocks = [f"{n}\n{a} --> {b}\n{text}\n" for n, ((a, b), text) in enumerate(zip(spans, texts), 1)]
        (user.folder / f"order.{name}.srt").write_text("\n".join(blocks))
    result = user.run(
        "dub", clip, "--to", "es", "--transcript", user.folder / "order.en.srt", "--translation",
        user.folder / "order.es.srt", "-o", user.folder / "order", "--json", "-q",
    )  # fmt: skip
    assert result.code == 0, result.err
    timeline = json.loads(Path(result.json["targets"][0]["timeline"]).read_text())
    assert [(c["segment"], c["text"]) for c in timeline["clips"]] == [
        ("s0002", "Llueve mucho."), ("s0003", "Todo mojado."), ("s0001", "¿Cuándo?"),
    ]  # fmt: skip
    assert all(abs(c["dub"]["start_ms"] - c["source"]["start_ms"]) <= 200 for c in timeline["clips"])
    assert all(c["dub"]["end_ms"] <= timeline["duration_ms"] for c in timeline["clips"])
    assert len({c["speaker"] for c in timeline["clips"]}) == 2, "the file does not say who speaks, the sound does"


def test_a_second_language_later_keeps_the_first_in_the_master(
    veteran: tuple[User, dict[str, Any]], clip: Path
) -> None:
    user, _ = veteran
    for language in ("es", "pt"):
        assert user.run("dub", clip, "--to", language, "-o", user.folder / "both", "-q").code == 0
    master = json.loads((user.folder / "both" / "clip.master.json").read_text())
    assert set(master["segments"][0]["translations"]) == {"es", "pt"}


def test_another_profile_leaves_the_signed_delivery_as_it_is(veteran: tuple[User, dict[str, Any]]) -> None:
    user, first = veteran
    target = first["targets"][0]
    signed = [Path(files["srt"]) for files in target["subtitles"].values()]
    before = {path: path.read_bytes() for path in signed}
    made = user.run(
        "subs", target["master"], "--profile", "easy", "--profile", "bbc", "-o", user.folder / "out", "--json"
    )
    assert made.code == 0, made.err
    easy = made.json["targets"][0]["subtitles"]["es"]["srt"]
    bbc = made.json["targets"][0]["renderings"]["bbc"]["es"]["srt"]
    assert easy == signed[0].with_name(f"{signed[0].stem}.easy.srt").as_posix()
    assert bbc == signed[0].with_name(f"{signed[0].stem}.bbc.srt").as_posix()
    assert {path: path.read_bytes() for path in signed} == before
    checked = user.run("verify", *signed, "--json")
    assert checked.code == 0, checked.out
    twice = user.run("subs", target["master"], "--profile", "easy", "--profile", "easy", "-o", user.folder / "out")
    assert twice.code == 2
    assert "twice" in twice.err


def test_signed_subtitles_are_not_replaced_by_others(veteran: tuple[User, dict[str, Any]], tmp_path: Path) -> None:
    user, first = veteran
    folder = tmp_path / "out"
    shutil.copytree(user.folder / "out", folder)
    path = folder / Path(first["targets"][0]["subtitles"]["es"]["srt"]).name
    master = next(folder.glob("*.master.json"))
    assert user.run("subs", master, "-o", folder, "-q").code == 0
    path.write_text(path.read_text(encoding="utf-8").replace("1\n", "1\n", 1) + "\n", encoding="utf-8")
    was = path.read_bytes()
    refused = user.run("subs", master, "-o", folder, "-q")
    assert refused.code == 2
    assert "is signed" in refused.err
    assert path.read_bytes() == was


def test_what_a_terminal_would_obey_stays_out_of_subtitles_and_messages(user: User) -> None:
    evil = "\x1b]0;owned\x07\x1b[31mHello\x9b there."
    (user.folder / "film.en.srt").write_text(f"1\n00:00:01,000 --> 00:00:03,000\n{evil}\n", encoding="utf-8")
    made = user.run("subs", "film.en.srt", "--from", "en", "-o", "out")
    assert made.code == 0, made.err
    text = (user.folder / "out" / "film.en.srt").read_text(encoding="utf-8")
    assert "Hello there." in text
    assert not set(text) & set("\x1b\x07\x9b")
    assert "control characters" in made.err
    for said in (made, user.run("lint", "film.en.srt"), user.run("explain", "out", "--line", "\x1b[31m")):
        assert not set(said.out + said.err) & set("\x1b\x07\x9b")


def test_every_profile_of_a_dub_is_signed(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, _ = veteran
    made = user.run(
        "dub", clip, "--to", "es", "--profile", "netflix", "--profile", "easy", "-o", user.folder / "two", "--json"
    )
    assert made.code == 0, made.err
    target = made.json["targets"][0]
    files = [*target["subtitles"]["es"].values(), *target["renderings"]["easy"]["es"].values()]
    assert [Path(path).name for path in files] == ["clip.es.srt", "clip.es.easy.srt"]
    assert user.run("verify", *files).code == 0
    report = json.loads(Path(target["report"]).read_text())
    assert report["renderings"]["easy"]["es"]["profile"] == "easy"
