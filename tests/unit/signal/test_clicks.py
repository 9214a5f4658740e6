"""Pops beside words are taken out, clicks in a voice are found; words stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import Span
from localize.signal.activity import voice_activity
from localize.signal.clicks import find_clicks, find_pops, silence_pops
from tests.film_matrix import speech

RATE = 24_000
WORD = Span(100, 400)


def word_and(start_ms: float, length_ms: float, dbfs: float) -> Any:
    """A word (noise at -12 dBFS from 100 to 400 ms) and a burst, in a second of near silence."""
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 1e-5, RATE).astype(np.float32)
    samples[100 * 24 : 400 * 24] += np.clip(rng.normal(0, 0.1, 300 * 24), -0.25, 0.25).astype(np.float32)
    first, last = round(start_ms * 24), round((start_ms + length_ms) * 24)
    samples[first:last] = 10 ** (dbfs / 20) * (-1.0) ** np.arange(last - first)
    return samples


@pytest.mark.parametrize(
    ("start_ms", "length_ms", "dbfs", "pops"),
    [
        (500, 5, -30, [Span(500, 505)]),
        (600, 1, -40, [Span(600, 601)]),
        (20, 5, -30, [Span(20, 25)]),
        (500, 20, -30, []),  # longer: the release of a stop, a breath
        (404, 5, -30, []),  # beside the word
        (500, 5, -70, []),  # nobody hears it
    ],
)
def test_short_bursts_alone_in_silence_are_pops(start_ms: int, length_ms: int, dbfs: float, pops: list[Span]) -> None:
    samples = word_and(start_ms, length_ms, dbfs)
    assert find_pops(samples, RATE, [WORD]) == pops
    quiet = silence_pops(samples, RATE, [WORD])
    assert np.array_equal(quiet[90 * 24 : 410 * 24], samples[90 * 24 : 410 * 24])
    for pop in pops:
        assert np.abs(quiet[pop.start_ms * 24 : pop.end_ms * 24]).max() == 0.0
    assert pops or quiet is samples


def test_nothing_inside_the_voice_is_a_pop() -> None:
    assert find_pops(word_and(500, 5, -30), RATE, [Span(100, 600)]) == []


def test_silence_and_nothing_have_no_pops() -> None:
    assert find_pops(np.zeros(0, np.float32), RATE, []) == []
    assert find_pops(np.zeros(RATE, np.float32), RATE, []) == []


def test_real_speech_stays_as_it_is(spoken: Any) -> None:
    samples, rate = soundfile.read(spoken.path, dtype="float32")
    assert silence_pops(samples, rate, voice_activity(samples, rate)) is samples
    assert find_clicks(samples, rate) == []


@pytest.mark.shared
@pytest.mark.parametrize("name", ["LJ001-0003", "LJ001-0005", "LJ001-0012"])
def test_a_recorded_voice_does_not_click(shared: Path, name: str) -> None:
    """Voiced stops and a voice that sets in again stand out from its pulses, but are not as loud as it."""
    samples, rate = soundfile.read(shared / "media" / "1_english" / "ljspeech" / f"{name}.wav", dtype="float32")
    assert find_clicks(samples, rate) == []


def voiced_places(sound: Any) -> list[int]:
    """Some places in the middle of loud voice, in ms."""
    frames = sound[: len(sound) // 480 * 480].reshape(-1, 480).std(axis=1)
    loud = np.convolve(frames > 0.3 * frames.max(), np.ones(9), "same") == 9
    return [int(at) * 10 for at in np.flatnonzero(loud)[::4]]


@pytest.mark.parametrize("kind", ["impulse", "burst", "hole"])
def test_a_click_in_a_voice_is_found_where_it_is(kind: str) -> None:
    sound = speech().copy()
    assert find_clicks(sound, 48_000) == []
    places = voiced_places(sound)
    found = 0
    for at in places:
        clicking, first = sound.copy(), at * 48
        loudest = np.abs(sound[first - 480 : first + 480]).max()
        if kind == "impulse":
            clicking[first] += loudest
        elif kind == "burst":
            burst = np.random.default_rng(at).normal(size=240) * np.hanning(240)
            clicking[first : first + 240] += (loudest * burst / np.abs(burst).max()).astype(np.float32)
        else:
            clicking[first : first + 96] = 0.0
        clicks = find_clicks(clicking, 48_000)
        assert all(abs(click - at) <= 8 for click in clicks)
        found += bool(clicks)
    assert len(places) >= 4
    assert found >= len(places) * (0.5 if kind == "hole" else 0.8)
