"""Whether one voice serves both channels: real speech at places and in rooms, under music that is wide."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soundfile
from scipy import signal

from localize.sound.bed import _spectra
from localize.sound.central_voice import place_voices

RATE = 48_000
HERTZ = np.fft.rfftfreq(1024, 1 / RATE)


def at(left: float, right: float) -> Any:
    return lambda voice: voice[:, None] * np.array([left, right])


def in_room(share: float) -> Any:
    """The voice in the middle and a room of 0.3 s around it, another on each side, with this share of its power."""

    def heard(voice: Any) -> Any:
        decay = np.arange(3 * RATE // 10)
        room = np.random.default_rng(5).normal(size=(len(decay), 2)) * 10 ** (-3 * decay / len(decay))[:, None]
        room[: RATE // 200] = 0
        room *= np.sqrt(share / (room**2).sum(axis=0))
        room[0] = 1
        return np.stack([signal.fftconvolve(voice, room[:, side])[: len(voice)] for side in (0, 1)], axis=1)

    return heard


def moving(voice: Any) -> Any:
    """In the middle first, and at the left for the last third."""
    places = np.ones((len(voice), 2))
    places[2 * len(voice) // 3 :] = 1.0, 0.2
    return voice[:, None] * places


@pytest.mark.parametrize(
    ("placed", "central"),
    [
        (at(1, 1), True),
        (at(1, 0.95), True),
        (at(1, 0.8), True),
        (at(0.7, 1), True),
        (at(1, 0.5), False),
        (at(1, 0), False),
        (at(0, 1), False),
        (at(1, -1), False),
        (in_room(0.003), True),
        (in_room(0.2), False),
        (moving, False),
    ],
)
@pytest.mark.parametrize("music", [0.0, 0.3, 1.0])
def test_a_voice_is_central_where_both_channels_have_it_alike(
    spoken: Any, placed: Any, central: bool, music: float
) -> None:
    voice = soundfile.read(spoken.path)[0]
    random = np.random.default_rng(3)
    pink = signal.lfilter([1], [1, -0.97], random.normal(size=(len(voice), 2)), axis=0)
    under = pink * music * np.sqrt((voice**2).mean() / (pink**2).mean())
    said = placed(voice)
    # As it is found: a tenth of the music with it; of opposed channels one is taken.
    mean = said[:, 0] if (said[:, 0] == -said[:, 1]).all() else said.mean(axis=1)
    found = _spectra((mean + 0.1 * under.mean(axis=1))[:, None])
    voices = place_voices(_spectra(said + under), found[0], HERTZ)
    assert (voices is not None) is central
    if voices is not None and not music:
        assert np.abs(voices - _spectra(said)).max() < 0.1 * np.abs(_spectra(said)).max()
    alone = place_voices(found, found[0], HERTZ)
    assert alone is not None
    assert np.array_equal(alone, found)


def test_silence_is_central_and_more_channels_than_two_are_not() -> None:
    nothing = np.zeros((RATE, 3))
    assert place_voices(_spectra(nothing[:, :2]), _spectra(nothing[:, :1])[0], HERTZ) is not None
    assert place_voices(_spectra(nothing), _spectra(nothing[:, :1])[0], HERTZ) is None
