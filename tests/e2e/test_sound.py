"""Music and effects, loudness and stems as a user asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.media import run_ffmpeg, url

from .conftest import User

pytestmark = pytest.mark.xdist_group("e2e")


def numbers(path: str | Path) -> Any:
    return soundfile.read(path, dtype="int32", always_2d=True)[0].astype(np.int64)


@pytest.fixture(scope="module")
def loud(veteran: tuple[User, dict[str, Any]], clip: Path) -> dict[str, Any]:
    """A second mix of the veteran's dub."""
    user, _ = veteran
    flags = ["--loudness", "ebu", "--stems", "speakers", "--no-room"]
    result = user.run("dub", clip, "--to", "es", "-o", user.folder / "loud", "--json", "-q", *flags)
    assert result.code == 0, result.err
    return dict(result.json["targets"][0])


def test_a_loudness_target_is_reached_in_the_film(loud: dict[str, Any], tmp_path: Path) -> None:
    sound = json.loads(Path(loud["report"]).read_text())["sound"]
    assert sound["loudness"] == "ebu"
    assert sound["delivered"]["loudness_lufs"] == pytest.approx(-23, abs=0.5)
    assert sound["delivered"]["true_peak_dbtp"] <= -1
    text = run_ffmpeg(
        ["-i", url(loud["video"]), "-map", "0:a:0", "-af", "ebur128=framelog=quiet", "-f", "null", "-"], ""
    )
    heard = float(text[text.rfind("I:") :].split()[1])
    assert heard == pytest.approx(-23, abs=0.5)


def test_stems_of_speakers_add_up_to_the_dialogue_and_all_to_the_mix(loud: dict[str, Any]) -> None:
    dialogue = numbers(loud["dialogue"])
    assert len(loud["speakers"]) == 2
    alone = [numbers(path) for path in loud["speakers"].values()]
    assert all(a.any() for a in alone)
    assert np.abs(sum(alone) - dialogue).max() <= 2 * 256
    assert np.abs(numbers(loud["bed"]) + dialogue - numbers(loud["audio"])).max() <= 2 * 256


def test_stems_of_speakers_are_signed(veteran: tuple[User, dict[str, Any]], loud: dict[str, Any]) -> None:
    user, _ = veteran
    result = user.run("verify", *loud["speakers"].values(), "--json")
    assert result.code == 0, result.out
    assert all(f["ok"] for f in result.json["files"])


def test_a_studio_s_music_and_effects_lie_under_the_dub(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, first = veteran
    original = numbers(first["targets"][0]["bed"])
    effects = user.folder / "effects.wav"
    noise = np.random.default_rng(1).integers(-(2**20), 2**20, original.shape).astype(np.int32) * 256
    soundfile.write(effects, noise, 48_000, "PCM_24")
    result = user.run("dub", clip, "--to", "es", "--me", effects, "-o", user.folder / "me", "--json", "-q")
    assert result.code == 0, result.err
    target = result.json["targets"][0]
    assert np.array_equal(numbers(target["bed"]), noise)
    assert np.array_equal(numbers(target["bed"]) + numbers(target["dialogue"]), numbers(target["audio"]))
    assert json.loads(Path(target["report"]).read_text())["sound"]["bed"] == "M&E"


@pytest.mark.parametrize(
    ("flags", "code", "says"),
    [
        (["--loudness", "loud"], 2, "--loudness"),
        (["--stems", "everything"], 2, "--stems"),
        (["--me", "nowhere.wav"], 3, "nowhere.wav"),
        (["--me", "short.wav"], 3, "short.wav"),
    ],
)
def test_sound_that_cannot_be_is_refused_at_once(
    user: User, clip: Path, flags: list[str], code: int, says: str
) -> None:
    soundfile.write(user.folder / "short.wav", np.zeros((4800, 2)), 48_000)
    result = user.run("dub", clip, "--from", "en", "--to", "es", "-o", "out", "-q", *flags)
    assert result.code == code
    assert says in result.err
    assert len(result.err.strip().splitlines()) == 1
    assert not (user.folder / "out").exists()
