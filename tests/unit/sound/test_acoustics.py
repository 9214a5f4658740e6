"""Rooms: fades that are heard, spectra that are followed half way, tails that end in time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from scipy import signal

from localize import media
from localize.data import Blob, Room, Span
from localize.events import Run
from localize.signal.activity import voice_activity
from localize.sound.acoustics import BANDS_HZ, FLAT, LIMIT_DB, TAIL_MS, apply_reverberation, estimate_reverberation
from localize.sound.bed import make_bed

RATE = 48_000


@pytest.fixture
def heard(run: Run, tmp_path: Path, spoken: Any) -> Callable[..., Room]:
    """The room that is found for speech after something was done to it."""

    def get(change: Callable[[Any], Any], dub: Callable[[Any], Any] = lambda voice: voice) -> Room:
        voice, rate = soundfile.read(spoken.path)
        long = np.tile(voice, 2)
        soundfile.write(tmp_path / "room.wav", 0.5 * change(long), rate, "PCM_24")
        source = media.ingest(run.store, tmp_path / "room.wav", stream=None, language=None)
        phrases = tuple(p.shifted(n * spoken.length_ms) for n in range(2) for p in spoken.phrases)
        lying = make_bed(run, source, phrases)
        with run.store.writing(".wav") as draft:
            soundfile.write(draft.path, dub(voice), rate, "PCM_24")
        return estimate_reverberation(run.store, source, lying, (phrases,), ((draft.blob,),))[0]

    return get


def tail(seconds: float, ratio_db: float) -> Any:
    at = np.arange(int(RATE * seconds * 1.1))
    noise = np.random.default_rng(0).normal(size=len(at)) * 10 ** (-3 * at / RATE / seconds)
    noise[:240] = 0
    noise *= np.sqrt(10 ** (-ratio_db / 10) / (noise**2).sum())
    noise[0] = 1
    return noise


def test_a_dry_voice_is_left_dry(heard: Callable[..., Room]) -> None:
    assert heard(lambda voice: voice).rt60_ms == 0


def test_a_longer_room_is_heard_as_longer(heard: Callable[..., Room]) -> None:
    short, long = (heard(lambda v, s=s: signal.fftconvolve(v, tail(s, 3))[: len(v)]).rt60_ms for s in (0.35, 0.9))
    assert 100 < short < 800
    assert long > short


def test_steady_noise_is_no_room(heard: Callable[..., Room]) -> None:
    noise = np.random.default_rng(1)
    assert heard(lambda v: v + noise.normal(0, 0.02, len(v))).rt60_ms == 0


def test_a_muffled_voice_muffles_the_dub_half_as_much(heard: Callable[..., Room]) -> None:
    sos = signal.butter(1, 1500, fs=RATE, output="sos")
    eq = dict(zip(BANDS_HZ, heard(lambda v: signal.sosfilt(sos, v)).eq_db))
    _, response = signal.sosfreqz(sos, [500, 5000], fs=RATE)
    apart = 20 * np.log10(abs(response[1]) / abs(response[0]))
    assert eq[5000] - eq[500] == pytest.approx(apart / 2, abs=1.5)


def test_the_same_voice_in_the_same_room_is_left_alone(heard: Callable[..., Room]) -> None:
    assert max(map(abs, heard(lambda v: v).eq_db)) < 1.0


def test_no_band_is_moved_far(heard: Callable[..., Room]) -> None:
    sos = signal.butter(6, 900, fs=RATE, output="sos")
    eq = heard(lambda v: signal.sosfilt(sos, v)).eq_db
    assert min(eq) == -LIMIT_DB


@pytest.mark.parametrize("rt60_ms", [0, 300, 1000])
def test_a_line_in_a_room_begins_where_it_began_and_ends_in_time(run: Run, spoken: Any, rt60_ms: int) -> None:
    voice, rate = soundfile.read(spoken.path)
    first = spoken.phrases[0]
    take = voice[first.start_ms * 48 : first.end_ms * 48].astype(np.float32)
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, take, rate, "FLOAT")
    made = apply_reverberation(run.store, draft.blob, Room((3.0, *FLAT[1:]), rt60_ms))
    wet = soundfile.read(run.store.path(made))[0]
    assert len(take) <= len(wet) <= len(take) + TAIL_MS * 48
    ends = [voice_activity(np.concatenate([x, np.zeros(RATE)]).astype(np.float32), RATE) for x in (take, wet)]
    assert abs(ends[1][0].start_ms - ends[0][0].start_ms) <= 10
    assert ends[1][-1].end_ms - ends[0][-1].end_ms <= TAIL_MS
    assert isinstance(made, Blob)
    assert isinstance(ends[0][0], Span)
