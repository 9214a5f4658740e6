"""The band of a line: telephones and radios are heard as such, and their takes are no wider."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from scipy import signal

from localize import media
from localize.data import Clip, Media, Span, Take, Timeline
from localize.events import Run
from localize.sound.bandwidth import FULL, MOST_DB, SPEECH_DB, THIRDS_HZ, Band, aligned_levels, band_filter, voice_band
from localize.sound.mix import mix_dub

RATE = 48_000
NOISE = np.random.default_rng(0).normal(0, 0.1, 8 * RATE).astype(np.float32)


def telephone(samples: Any) -> Any:
    return signal.sosfilt(signal.butter(6, [300, 3400], "band", fs=RATE, output="sos"), samples)


def radio(samples: Any) -> Any:
    """What `-af highpass=f=300,lowpass=f=2800` of ffmpeg does, twice: four poles each."""
    low, high = signal.butter(2, 2800, fs=RATE, output="sos"), signal.butter(2, 300, "high", fs=RATE, output="sos")
    return signal.sosfilt(np.vstack([low, low, high, high]), samples)


def eight_khz(samples: Any) -> Any:
    return soxr.resample(soxr.resample(samples, RATE, 8000), 8000, RATE)[: len(samples)]


def test_a_third_octave_more_of_white_noise_has_one_decibel_more() -> None:
    levels = aligned_levels(NOISE)
    assert np.diff(levels) == pytest.approx([10 * np.log10(b / a) for a, b in zip(THIRDS_HZ, THIRDS_HZ[1:])], abs=0.8)
    core = [n for n, f in enumerate(THIRDS_HZ) if 500 <= f <= 2500]
    assert np.mean(levels[core]) == pytest.approx(np.mean(np.array(SPEECH_DB)[core]), abs=1e-9)


def test_a_filter_takes_away_what_the_band_lacks_and_nothing_inside() -> None:
    own = np.array(SPEECH_DB)
    missing = np.where(np.array(THIRDS_HZ) > 4000, 30.0, 0.0) + np.where(np.array(THIRDS_HZ) < 315, 20.0, 0.0)
    band = Band(250, 4000, tuple(own - missing + np.where(missing > 0, 0.0, -6.0)))
    hertz, response = signal.freqz(band_filter(band, own), worN=1 << 15, fs=RATE)
    gains = {
        f: 20 * np.log10(np.abs(response[np.argmin(np.abs(hertz - f))])) for f in (200, 315, 1000, 4000, 6300, 16_000)
    }
    assert gains == pytest.approx({200: -20.0, 315: 0.0, 1000: 0.0, 4000: 0.0, 6300: -30.0, 16_000: -30.0}, abs=1.5)
    silent = Band(0, 4000, tuple(own - 10 * missing))
    _, response = signal.freqz(band_filter(silent, own), worN=[8000], fs=RATE)
    assert 20 * np.log10(np.abs(response[0])) == pytest.approx(MOST_DB, abs=3)


@pytest.mark.parametrize(
    ("narrow", "low", "high"),
    [(telephone, (250, 500), (2500, 4000)), (radio, (160, 500), (2500, 5000)), (eight_khz, (0, 0), (3150, 4000))],
)
def test_a_narrow_line_is_heard_as_narrow(spoken: Any, narrow: Any, low: Any, high: Any) -> None:
    voice = voiced(spoken)
    assert voice_band(voice, voice) == FULL
    band = voice_band(narrow(voice), narrow(voice))
    assert low[0] <= band.low_hz <= low[1]
    assert high[0] <= band.high_hz <= high[1]


def test_highs_that_a_separator_took_are_not_missing(spoken: Any) -> None:
    voice = voiced(spoken)
    dull = signal.sosfilt(signal.butter(6, 4000, fs=RATE, output="sos"), voice)
    assert voice_band(dull, voice) == FULL
    assert voice_band(dull, dull).high_hz


def test_a_blink_of_sound_tells_no_band() -> None:
    assert voice_band(NOISE[: RATE // 8], NOISE[: RATE // 8]) == FULL


def voiced(spoken: Any) -> Any:
    samples = soundfile.read(spoken.path, dtype="float32")[0]
    return np.concatenate([samples[p.start_ms * 48 : p.end_ms * 48] for p in spoken.phrases])


def highs(samples: Any) -> float:
    """What lies over 5 kHz against what lies under, in dB."""
    hertz, power = signal.welch(np.asarray(samples, np.float64), RATE, nperseg=4096)
    return float(10 * np.log10(power[hertz > 5000].sum() / power[(hertz > 300) & (hertz < 3000)].sum()))


def test_the_line_on_the_telephone_alone_is_dubbed_narrow(run: Run, spoken: Any, tmp_path: Path) -> None:
    samples = soundfile.read(spoken.path, dtype="float32")[0]
    source, at = film(run, tmp_path, [telephone(samples), samples])
    clips = []
    for n, start in enumerate(at):
        for i, phrase in enumerate(spoken.phrases):
            with run.store.writing(".wav") as draft:
                soundfile.write(draft.path, samples[phrase.start_ms * 48 : phrase.end_ms * 48], RATE, "PCM_24")
            take = Take(
                f"s{n}{i}", "hola", draft.blob, phrase.length_ms, (Span(0, phrase.length_ms),), (), "v", "g",
                phrase.length_ms, "exact",
            )  # fmt: skip
            span = phrase.shifted(start)
            clips.append(Clip(take, span.start_ms, (span,), 1.0, "exact", span, (span,), "S1"))
    made = mix_dub(run, source, Timeline("es", source.duration_ms, tuple(clips)))
    dialogue = soundfile.read(run.store.path(made.dialogue))[0]
    narrow, full = (
        highs(
            np.concatenate([dialogue[c.phrases[0].start_ms * 48 : c.phrases[0].end_ms * 48] for c in clips[k : k + 2]])
        )
        for k in (0, 2)
    )
    assert narrow < highs(voiced(spoken)) - 20
    assert full == pytest.approx(highs(voiced(spoken)), abs=6)


def film(run: Run, folder: Path, parts: list[Any]) -> tuple[Media, list[int]]:
    """Pieces one after the other, and when each begins, in ms."""
    soundfile.write(folder / "film.wav", np.concatenate(parts), RATE, "PCM_24")
    at = [sum(len(p) for p in parts[:n]) // 48 for n in range(len(parts))]
    return media.ingest(run.store, folder / "film.wav", stream=None, language=None), at
