"""Who speaks and who is cast, as a user asks for it."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from localize.media import ffmpeg

from .conftest import SAMPLE, User

pytestmark = pytest.mark.xdist_group("speakers")


@pytest.fixture
def scene(user: User) -> Path:
    """The first 13 seconds of the sample: two people, two turns each, the sound kept as it is."""
    target = user.folder / "scene.wav"
    command = [ffmpeg(), "-v", "error", "-i", str(SAMPLE), "-t", "13", "-vn", "-c:a", "pcm_s24le", str(target)]
    subprocess.run(command, check=True)
    return target


def speakers(master: Path) -> list[str]:
    return [s["speaker"] for s in json.loads(master.read_text(encoding="utf-8"))["segments"]]


def test_the_number_of_speakers_can_be_said(user: User, scene: Path) -> None:
    for number, wanted in (("1", {"S1"}), ("2", {"S1", "S2"})):
        result = user.run("subs", scene, "--from", "en", "--speakers", number, "--json")
        assert result.code == 0, result.err
        assert set(speakers(Path(user.folder / result.json["targets"][0]["master"]))) == wanted
    refused = user.run("subs", "-q", scene, "--speakers", "0")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--speakers" in refused.err


def test_people_keep_id_name_and_voice_over_films_and_one_can_stay_original(user: User, scene: Path) -> None:
    # Maya comes first here, and is S1 of the series from then on.
    later = user.folder / "later.wav"
    subprocess.run(
        [ffmpeg(), "-v", "error", "-ss", "6.4", "-i", str(scene), "-c:a", "pcm_s24le", str(later)], check=True
    )
    first = user.run("subs", later, "--from", "en", "--cast", "cast.toml")
    assert first.code == 0, first.err
    cast = user.folder / "cast.toml"
    cast.write_text(cast.read_text(encoding="utf-8").replace('name = "S1"', 'name = "maya"'), encoding="utf-8")

    result = user.run(
        "dub", scene, "--from", "en", "--to", "es", "--cast", "cast.toml", "--voice", "Maya=original", "--json"
    )
    assert result.code == 0, result.err
    target = result.json["targets"][0]
    master = json.loads((user.folder / target["master"]).read_text(encoding="utf-8"))
    assert [s["speaker"] for s in master["segments"]] == ["S2", "S2", "S1", "S2", "S1"]
    assert master["names"] == {"S1": "maya"}
    report = json.loads((user.folder / target["report"]).read_text(encoding="utf-8"))
    by_speaker = {c["speaker"]: c for c in report["cast"]}
    assert (by_speaker["S1"]["name"], by_speaker["S1"]["voice"]) == ("maya", "original")
    assert "Hz" in by_speaker["S2"]["reason"]
    timeline = json.loads((user.folder / target["timeline"]).read_text(encoding="utf-8"))
    assert {c["speaker"] for c in timeline["clips"]} == {"S2"}
    mix, rate = soundfile.read(user.folder / target["audio"], always_2d=True)
    source, _ = soundfile.read(scene, always_2d=True)
    for segment in (s for s in master["segments"] if s["speaker"] == "S1"):
        assert segment["translations"]["es"]["text"]
        span = slice(segment["start_ms"] * rate // 1000, segment["end_ms"] * rate // 1000)
        np.testing.assert_array_equal(mix[span], source[span])
    kept = {person["id"]: person["voice"]["es"] for person in tomllib.loads(cast.read_text(encoding="utf-8"))["person"]}
    assert kept == {"S1": "original", "S2": by_speaker["S2"]["voice"]}


def test_what_is_no_cast_is_refused_before_any_work(user: User, scene: Path) -> None:
    (user.folder / "cast.toml").write_text("schema = 1\n[[person]]\nid = '../../x'\n", encoding="utf-8")
    result = user.run("dub", "-q", scene, "--to", "es", "--cast", "cast.toml")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "cast.toml" in result.err
    assert not (user.folder / "localized").exists()


def test_a_voice_for_nobody_names_those_who_speak(user: User, scene: Path) -> None:
    result = user.run("dub", "-q", scene, "--from", "en", "--to", "es", "--voice", "host=em_alex")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "'host': there are S1, S2" in result.err


def test_pyannote_that_is_not_there_says_how_to_get_it(user: User, scene: Path) -> None:
    result = user.run("dub", "-q", scene, "--from", "en", "--to", "es", "--engine", "diarizer=pyannote:models/x")
    if "pip install" not in result.err and "config.yaml" in result.err:
        pytest.skip("pyannote.audio is installed here")
    assert (result.code, result.err.count("\n")) == (5, 1)
    assert "pip install 'localize-toolkit[pyannote]'" in result.err
