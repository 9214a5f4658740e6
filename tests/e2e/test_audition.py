"""`localize voices audition`: a line of a dub in three voices, to be listened to."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.speakers.apart import APART
from localize.speakers.stock_sound import stock_likeness

from .conftest import User

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("e2e")]


def test_a_line_is_heard_in_three_voices_and_the_dub_stays_as_it_is(
    veteran: tuple[User, dict[str, Any]], clip: Path, tmp_path: Path
) -> None:
    user, _ = veteran
    dub = user.folder / "out"
    before = {p.name: p.read_bytes() for p in dub.iterdir() if p.is_file()}
    into = tmp_path / "heard"
    result = user.run("voices", "audition", "S1", dub, "-o", into, "--source", clip, "--json")
    assert result.code == 0, result.err
    found = result.json["candidates"]
    assert json.loads((into / "audition.json").read_text())["candidates"] == found
    voices = [one["voice"] for one in found]
    assert len(set(voices)) == 3
    assert [one["now"] for one in found] == [True, False, False]
    assert all((stock_likeness(a, b) or 0) <= APART for a, b in combinations(voices[1:], 2))
    for one in found:
        samples, rate = soundfile.read(into / one["file"])
        assert np.abs(samples).max() > 0.05
        assert 500 < one["duration_ms"] <= len(samples) * 1000 / rate + 5
        assert 60 < one["pitch_hz"] < 300
        assert 1 < one["dnsmos"] < 5
        assert -1 < one["likeness"] < 1
        assert one["consent"]
    assert {p.name: p.read_bytes() for p in dub.iterdir() if p.is_file()} == before
    again = user.run("voices", "audition", "S1", dub, "-o", into, "--source", clip)
    assert again.code == 2
    assert "is there already" in again.err


def test_whoever_says_nothing_is_named_with_those_who_speak(
    veteran: tuple[User, dict[str, Any]], clip: Path, tmp_path: Path
) -> None:
    user, _ = veteran
    dub = user.folder / "out"
    result = user.run("voices", "audition", "S9", dub, "-o", tmp_path / "heard", "--source", clip)
    assert result.code == 2
    assert "S9" in result.err
    assert not (tmp_path / "heard").exists()
