"""What detector and recogniser hear: quiet, one-sided and cancelling channels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from localize import media
from localize.events import Run
from localize.signal.denoise import FOLD_HZ, Denoiser, Downmix, are_apart, scene_gains, speech_gain
from localize.transcription.transcribe import transcribe

TONE = np.sin(2 * np.pi * 220 * np.arange(2 * FOLD_HZ) / FOLD_HZ).astype(np.float32) * 0.2


def level(samples: Any) -> float:
    return float(np.sqrt((np.asarray(samples, np.float64) ** 2).mean()))


@pytest.mark.parametrize(
    ("left", "right", "share"),
    [(1.0, 1.0, 1.0), (1.0, -1.0, 1.0), (0.3, -1.0, 1.0), (1.0, 0.0, 0.5), (0.0, 1.0, 0.5), (1.0, -0.5, 1.0)],
)
def test_channels_are_compared_before_they_are_summed(left: float, right: float, share: float) -> None:
    folded = Downmix().process(np.stack([TONE * left, TONE * right], axis=1))
    assert level(folded[FOLD_HZ:]) == pytest.approx(share * level(TONE), rel=0.02)


def test_a_film_whose_channels_part_midway_keeps_both_halves() -> None:
    right = np.concatenate([TONE[:FOLD_HZ], -TONE[FOLD_HZ:]])
    folded = Downmix().process(np.stack([TONE, right], axis=1))
    assert len(folded) == len(TONE)
    for half in np.split(folded, 2):
        assert level(half) == pytest.approx(level(TONE), rel=0.02)
    assert np.abs(np.diff(folded)).max() < 2 * np.abs(np.diff(TONE)).max()  # the change of channel does not click


VOICE = 0.1 * np.abs(np.sin(np.arange(300) / 7)) + 1e-4
STEADY = np.full(300, 0.1)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (VOICE, STEADY * 0.03, True),
        (STEADY, VOICE * 0.03, True),
        (STEADY, VOICE * 0.3, False),  # ten decibels below: heard in the mean
        (VOICE, VOICE * 0.03, False),  # one voice beside the middle, and its room
        (STEADY, VOICE * 0.003, False),  # a room at night, or the last bits of a channel
        (STEADY, 0 * VOICE, False),
        (VOICE[:0], VOICE[:0], False),
    ],
)
def test_a_channel_that_would_be_lost_in_the_mean_is_brought_up_by_itself(one: Any, other: Any, *, apart: bool) -> None:
    assert are_apart(one, other) is apart
    assert are_apart(other, one) is apart


SURROUND = ("FL", "FR", "FC", "LFE", "BL", "BR")


@pytest.mark.parametrize(
    ("front", "centre", "back", "share"),
    [
        ((0.0, 0.0), 1.0, (0.0, 0.0), 1.0),
        ((1.0, 1.0), 0.0, (0.0, 0.0), 2**0.5),
        ((1.0, -1.0), 0.0, (0.0, 0.0), 2**0.5),
        ((0.0, 0.0), 0.0, (1.0, -1.0), 1.0),
        ((1.0, -1.0), 1.0, (0.0, 0.0), 1.0),  # music around a centre that speaks cancels, and should
    ],
)
def test_pairs_of_surround_do_not_cancel_each_other(front: Any, centre: float, back: Any, share: float) -> None:
    gains = (*front, centre, 1.0, *back)  # what is below the voice (LFE) is left out
    mono = Downmix(SURROUND).process(np.stack([TONE * gain for gain in gains], axis=1))
    assert level(mono[FOLD_HZ:]) == pytest.approx(share * level(TONE), rel=0.02)


def test_channels_that_nobody_named_are_neighbours() -> None:
    mono = Downmix(["", "", ""]).process(np.stack([TONE, -TONE, 0 * TONE], axis=1))
    assert level(mono[FOLD_HZ:]) > 0.9 * level(TONE)


def test_a_quiet_scene_of_a_loud_film_is_brought_up_and_its_neighbours_are_not() -> None:
    """20 s at -20 dBFS, 20 s at -45, 20 s at -20; then a minute of a room at -70."""
    dbfs = np.concatenate([np.full(200, -20.0), np.full(200, -45.0), np.full(200, -20.0), np.full(600, -70.0)])
    gains = 20 * np.log10(scene_gains(10 ** (dbfs / 20)))
    assert gains[:215] == pytest.approx(0.0, abs=1e-6)  # for two seconds a neighbour counts, and what is smoothed
    assert gains[226:374] == pytest.approx(22.0, abs=0.01)
    assert gains[385:] == pytest.approx(0.0, abs=1e-6)
    assert np.abs(np.diff(gains)).max() <= 2.01  # 22 dB over 1.1 s: nothing jumps


def test_no_scene_is_brought_up_further_than_30_db() -> None:
    dbfs = np.concatenate([np.full(200, -20.0), np.full(200, -55.0)])
    assert 20 * np.log10(scene_gains(10 ** (dbfs / 20)))[300] == pytest.approx(30.0, abs=0.01)


@pytest.mark.parametrize(
    ("dbfs", "brought_to"), [(-20.0, -20.0), (-33.0, -33.0), (-40.0, -23.0), (-60.0, -23.0), (-90.0, -40.0)]
)
def test_only_quiet_recordings_are_brought_up_and_no_further_than_50_db(dbfs: float, brought_to: float) -> None:
    levels = np.full(100, 10 ** (dbfs / 20))
    assert 20 * np.log10(speech_gain(levels) * levels[0]) == pytest.approx(brought_to, abs=0.01)


def test_two_lines_in_twenty_minutes_of_silence_are_loud_enough() -> None:
    levels = np.zeros(20 * 600)
    levels[50:100] = levels[-120:-70] = 10 ** (-20 / 20)
    assert speech_gain(levels) == 1.0


def test_silence_stays_as_it_is_heard() -> None:
    assert speech_gain(np.zeros(0)) == 1.0
    assert np.isfinite(speech_gain(np.zeros(10)))


def turned(samples: Any, how: str) -> Any:
    """Speech as it comes from careless hands; mono 48 kHz in, (samples, channels) out."""
    if how.startswith("quiet"):
        return (samples * 10 ** (float(how.split()[1]) / 20))[:, None]
    if how == "opposed":
        return np.stack([samples, -samples], axis=1)
    if how == "opposed in 5.1":
        return np.stack([samples, -samples, *[0 * samples] * 4], axis=1)
    if how == "hushed":  # after a loud scene, over the noise of a room
        noise = np.random.default_rng(0).normal(0, 1e-4, 2 * len(samples)).astype(np.float32)
        return (np.concatenate([samples, samples * 10 ** (-25 / 20)]) + noise)[:, None]
    if how.startswith("beside"):  # at -50 dB, in one channel of its own
        far, place = samples * 10 ** (-50 / 20) / level(samples), np.arange(len(samples)) / 48_000
        waves = sum(np.sin(2 * np.pi * hertz * place) for hertz in (110, 220, 277, 330, 440, 660))
        loud = np.random.default_rng(3).normal(size=len(samples)) if how.endswith("noise") else waves
        loud = (0.1 * loud / level(loud)).astype(np.float32)
        return np.stack([loud, loud, far, 0 * far, loud, loud] if how.startswith("beside 5") else [loud, far], axis=1)
    if how == "left":
        return np.stack([samples, 0 * samples], axis=1)
    narrow = soxr.resample(soxr.resample(samples, 48_000, 8_000), 8_000, 48_000)
    return narrow[: len(samples), None]


@pytest.mark.parametrize(
    "how",
    [
        "quiet -35", "quiet -45", "opposed", "opposed in 5.1", "left", "telephone", "hushed", "beside music",
        "beside noise", "beside 5 of music",
    ],
)  # fmt: skip
def test_every_line_is_heard_however_the_sound_comes(
    run: Run, spoken: Any, tmp_path: Path, how: str, engine: Callable[[Any, str], Any]
) -> None:
    samples, rate = soundfile.read(spoken.path, dtype="float32")
    soundfile.write(tmp_path / "x.wav", turned(samples, how), rate, "PCM_24")
    before = (tmp_path / "x.wav").read_bytes()
    source = media.ingest(run.store, tmp_path / "x.wav", stream=None, language=None)
    text = " ".join(s.text for s in transcribe(run, source, engine("recogniser", "faster_whisper"), "en", ()).segments)
    times = 2 if how == "hushed" else 1
    assert text.count("tomorrow morning") == times
    assert text.count("late again") == times
    assert (tmp_path / "x.wav").read_bytes() == before
    made, _ = soundfile.read(run.store.path(source.original), dtype="float32", always_2d=True)
    assert level(made) == pytest.approx(level(turned(samples, how)), rel=0.01)  # what is delivered is not brought up


@pytest.mark.shared
@pytest.mark.parametrize("name", ["q0.02.flac", "q0.05.flac", "phase.flac", "phone.3gp"])
def test_real_files_are_heard_whole(run: Run, shared: Path, name: str, engine: Callable[[Any, str], Any]) -> None:
    source = media.ingest(run.store, shared / "cases" / "media" / name, stream=None, language=None)
    text = " ".join(s.text for s in transcribe(run, source, engine("recogniser", "faster_whisper"), "en", ()).segments)
    assert "bridge" in text
    assert "river" in text


@pytest.mark.slow
def test_digital_silence_costs_nothing_and_what_follows_is_cleaned_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, 48_000).astype(np.float32)
    sound = np.concatenate([noise, np.zeros(4 * 48_000, np.float32), noise])
    blocks = np.split(sound, [70_001, 150_000])  # frames of 10 ms lie across their borders

    def denoised() -> np.ndarray:
        cleaner = Denoiser()
        return np.concatenate([cleaner.process(b, last=at == 2) for at, b in enumerate(blocks)])

    skipping = denoised()
    monkeypatch.setattr("localize.signal.denoise.HUSHED_FRAMES", 10**9)
    whole = denoised()
    assert len(skipping) == len(whole) == len(sound)
    assert np.abs(skipping - whole).max() < 0.01  # the network's running means are younger by the silence
    assert np.array_equal(skipping[: 3 * 48_000 - 1440], whole[: 3 * 48_000 - 1440])
    assert not skipping[4 * 48_000 : 5 * 48_000 - 1440].any()
