"""Where a voice has a pitch, and how it ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from localize.signal.pitch import final_movement, voiced_pitch

RATE = 16_000


def voice(hertz: Any, seconds: float) -> Any:
    """A buzz of ten harmonics whose pitch goes through the values given."""
    count = int(seconds * RATE)
    curve = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(hertz)), hertz)
    phase = 2 * np.pi * np.cumsum(curve) / RATE
    return sum(np.sin(k * phase) / k for k in range(1, 11)).astype(np.float32) * np.float32(0.1)


@pytest.mark.parametrize("hertz", [90.0, 130.0, 220.0, 330.0])
def test_a_steady_voice_has_its_pitch(hertz: float) -> None:
    pitch, levels = voiced_pitch(voice([hertz, hertz], 1.0))
    heard = pitch[pitch > 0]
    assert len(heard) > 0.9 * len(pitch)
    assert abs(12 * np.log2(np.median(heard) / hertz)) < 0.2
    assert len(levels) == len(pitch)


def test_noise_and_silence_have_none() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    assert (voiced_pitch(noise)[0] > 0).mean() < 0.05
    quiet = np.concatenate([voice([200, 200], 0.5), np.zeros(RATE // 2, np.float32)])
    pitch, _ = voiced_pitch(quiet)
    assert not pitch[30:].any()
    assert len(voiced_pitch(noise[:500])[0]) == 0


@pytest.mark.parametrize(("end", "moves"), [(160, 1), (100, -1), (126, 0)])
def test_the_end_of_a_phrase_rises_falls_or_stays(end: float, moves: int) -> None:
    pitch, _ = voiced_pitch(voice([125, 126, 126, 126, end], 1.2))
    moved = final_movement(pitch, 20)
    assert moved is not None
    assert moved * moves > 1.0 if moves else abs(moved) < 0.5


def test_what_has_no_voice_does_not_end() -> None:
    assert final_movement(np.zeros(40), 20) is None
    assert final_movement(np.zeros(0), 20) is None
