"""Loudness: targets reached after the encoder, peaks never over, stems that still add up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfilt

from localize import media
from localize.data import Blob, Media, Span
from localize.errors import UsageError
from localize.events import Run
from localize.sound.bed import dubbed_regions
from localize.sound.loudness import TARGETS, Stems, apply_limiter, loudness_target, normalize_loudness

RATE = 48_000
EVERYWHERE = (Span(0, 6000),)


def stored(run: Run, samples: Any) -> Blob:
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, samples, RATE, "PCM_24")
    return draft.blob


def numbers(run: Run, blob: Blob) -> Any:
    return soundfile.read(run.store.path(blob), dtype="int32", always_2d=True)[0].astype(np.int64)


def true_peak(numbers: Any) -> float:
    """In dBTP, by another filter than the limiter's."""
    return max(20 * np.log10(np.abs(resample_poly(c / 2.0**31, 8, 1)).max() + 1e-9) for c in numbers.T)


def sounding(seed: int, level: float, channels: int = 2, seconds: float = 6.0) -> Any:
    """Noise in bursts, with single spikes, up to 16 kHz: meters differ on what lies above."""
    random = np.random.default_rng(seed)
    length = round(seconds * RATE)
    bursts = np.repeat(random.uniform(0.1, 1, length // 4800 + 1), 4800)[:length, None]
    samples = random.normal(0, level, (length, channels)) * bursts
    samples[random.integers(0, length, 20)] *= 3
    samples = sosfilt(butter(8, 16_000, fs=RATE, output="sos"), samples, axis=0)
    return samples / max(1.0, np.abs(samples).max() / 0.99)


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 99), st.floats(-20, 20), st.floats(-12, -0.5), st.sampled_from([0.01, 0.2, 0.6]))
def test_no_peak_is_ever_over(run: Run, seed: int, gain_db: float, ceiling: float, level: float) -> None:
    parts = (stored(run, sounding(seed, level)), stored(run, sounding(seed + 1, level)))
    found = true_peak(numbers(run, apply_limiter(run.store, parts, parts, gain_db, ceiling)))
    # A meter at four times the rate reads 16 kHz as much as 0.3 dB low (ITU-R BS.1770-5, annex 2: cos(pi f / 4 fs)).
    assert found <= ceiling + 0.3


@pytest.mark.slow
def test_stems_still_add_up_where_peaks_are_limited(run: Run) -> None:
    parts = (stored(run, sounding(1, 0.4)), stored(run, sounding(2, 0.4)))
    full, *stems = (apply_limiter(run.store, p, parts, 6.0, -3.0) for p in (parts, parts[:1], parts[1:]))
    together = sum(numbers(run, s) for s in stems)
    assert true_peak(numbers(run, full)) <= -2.8
    assert np.abs(together - numbers(run, full)).max() <= 2 * 256


def test_what_does_not_peak_is_summed_to_the_last_bit(run: Run) -> None:
    parts = (stored(run, sounding(1, 0.05)), stored(run, sounding(2, 0.05)))
    full = apply_limiter(run.store, parts, parts, 0.0, -1.0)
    assert np.array_equal(numbers(run, full), numbers(run, parts[0]) + numbers(run, parts[1]))


@pytest.mark.costly
def test_outside_of_regions_peaks_stay_as_they_are(run: Run) -> None:
    hot = stored(run, sounding(5, 0.7))
    region = Span(2000, 3500)
    where = dubbed_regions([region])
    done = numbers(run, apply_limiter(run.store, (hot,), (hot,), 0.0, -1.0, where))
    own = numbers(run, hot)
    outside = np.ones(len(own), bool)
    outside[where[0].start_ms * 48 : where[0].end_ms * 48] = False
    assert np.array_equal(done[outside], own[outside])
    assert true_peak(done[region.start_ms * 48 : region.end_ms * 48]) <= -0.8
    assert true_peak(own) > -0.5


@pytest.fixture
def source(run: Run, tmp_path: Path) -> Callable[..., Media]:
    """A source as loud as asked for, with a picture or without."""

    def get(level: float, channels: int, picture: bool) -> Media:
        path = tmp_path / "source.wav"
        soundfile.write(path, sounding(3, level, channels), RATE, "PCM_24")
        if picture:
            film = tmp_path / "source.mp4"
            frames = ["-f", "lavfi", "-i", "color=black:s=64x64:r=25:d=6"]
            media.run_ffmpeg(
                [*frames, "-i", media.url(path), "-c:v", "libx264", "-c:a", "aac", media.url(film)], "film"
            )
            path = film
        return media.ingest(run.store, path, stream=None, language=None)

    return get


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TARGETS, "-31.5"])
@pytest.mark.parametrize(("level", "channels", "picture"), [(0.6, 2, True), (0.005, 1, False), (0.1, 6, True)])
def test_targets_are_reached_as_encoded(
    run: Run, source: Callable[..., Media], name: str, level: float, channels: int, picture: bool
) -> None:
    film = source(level, channels, picture)
    silence = stored(run, np.zeros((film.samples, film.channels)))
    stems = Stems(film.original, silence, film.original, film.original, {"S1": silence})
    done = normalize_loudness(run.store, film, stems, name, EVERYWHERE)
    wanted = loudness_target(name)
    assert wanted is not None
    assert done.missed == ""
    # Measured again by another meter than the one that steered.
    import pyloudnorm

    data = numbers(run, done.stems.full) / 2.0**31
    if channels == 6:
        data = data[:, [0, 1, 2, 4, 5]]  # its order, without the channel of effects that has no loudness
    assert pyloudnorm.Meter(RATE).integrated_loudness(data) == pytest.approx(wanted.lufs, abs=wanted.tolerance_lu)
    assert max(done.delivered.true_peak_dbtp, done.measured.true_peak_dbtp) <= wanted.peak_dbtp


@pytest.mark.slow
def test_dialogue_counts_alone_where_a_target_asks_for_it(run: Run, source: Callable[..., Media]) -> None:
    film = source(0.1, 2, False)
    quiet = sounding(3, 0.1)
    quiet[3 * RATE :] *= 0.1
    full = stored(run, quiet)
    stems = Stems(full, stored(run, 0 * quiet), full, full)
    done = normalize_loudness(run.store, film, stems, "netflix", (Span(3000, 6000),))
    assert done.dialogue_lufs == pytest.approx(-27, abs=0.5)
    assert done.delivered.integrated_lufs > -27 + 5


@pytest.mark.slow
def test_the_source_s_own_loudness_changes_nothing(run: Run, source: Callable[..., Media]) -> None:
    film = source(0.1, 2, False)
    stems = Stems(film.original, film.original, film.original, film.original)
    assert normalize_loudness(run.store, film, stems, "source", EVERYWHERE).stems == stems


@pytest.mark.slow
def test_silence_is_left_silent(run: Run, source: Callable[..., Media]) -> None:
    film = source(0.1, 1, False)
    silence = stored(run, np.zeros((film.samples, 1)))
    done = normalize_loudness(run.store, film, Stems(silence, silence, silence, silence), "ebu", ())
    assert not numbers(run, done.stems.full).any()
    assert done.missed


@pytest.mark.parametrize("text", ["loud", "", "nan", "inf", "-100", "3", "--", "-16 LUFS"])
def test_other_targets_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--loudness"):
        loudness_target(text)
