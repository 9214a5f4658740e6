"""What is heard of a finished stem: where it sounds, whose words are understood; and nothing is listened to twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import Blob, Clip, Span, Take, Timeline, Utterance
from localize.delivery.listening import (
    begin_to_listen,
    listen,
    measure_stem,
    recognise_stem,
    resample_for_recogniser,
)
from localize.runtime.store import Store
from localize.testing import FakeRecogniser

NO_SOUND = Blob("0" * 64, 0, ".wav")


def clip(at: tuple[int, int], source: tuple[int, int], segment: str) -> Clip:
    """A line heard from `at[0]` to `at[1]` in place of one heard from `source[0]` to `source[1]`."""
    length = at[1] - at[0]
    take = Take(segment, "Hola.", NO_SOUND, length, (Span(0, length),), (), "ef_dora", "grant", length, "exact")
    return Clip(take, at[0], (Span(*at),), 1.0, "exact", Span(*source), (Span(*source),), "S1")


def timeline(*clips: Clip, duration_ms: int = 10_000) -> Timeline:
    return Timeline("es", duration_ms, clips)


@pytest.fixture
def stem(store: Store, tone: Callable[..., Any]) -> Callable[..., Blob]:
    """A 16 kHz stem of ten seconds or more that sounds in the given stretches, in ms."""

    def get(*spans: tuple[int, int]) -> Blob:
        track = np.zeros(max(160_000, *(16 * (end + 1000) for _, end in spans), 0), np.float32)
        for start, end in spans:
            burst = tone((end - start) / 1000, 150.0, 0.3, 16_000)
            track[start * 16 : start * 16 + len(burst)] = burst
        with store.writing(".wav") as draft:
            soundfile.write(draft.path, track, 16_000, "PCM_16")
        return draft.blob

    return get


def test_each_word_that_is_heard_goes_to_the_nearest_line(store: Store, stem: Callable[..., Blob]) -> None:
    lines = timeline(
        clip((1000, 2000), (1000, 2000), segment="s0001"),
        clip((3000, 4000), (3000, 4000), segment="s0002"),
        clip((6000, 7000), (6000, 7000), segment="s0003"),
    )
    # The first word's middle lies in the first line; the last two are nearer to the second (4100) than to the third.
    heard = stem((1100, 1500), (3500, 3700), (4000, 4200))
    said = recognise_stem(store, FakeRecogniser(), heard, lines)
    assert said == {"s0001": "la", "s0002": "la la", "s0003": ""}


class Met(FakeRecogniser):
    """Hears nothing before another call is under way."""

    calls_at_once = 2

    def __init__(self) -> None:
        super().__init__()
        self.barrier = Barrier(2, timeout=60)

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        self.barrier.wait()
        return super().recognise(audio, span, language)


def test_windows_are_heard_at_once_and_what_is_heard_is_the_same(store: Store, stem: Callable[..., Blob]) -> None:
    starts = (1000, 12_000, 23_000, 34_000)
    lines = timeline(*(clip((at, at + 1000), (at, at + 1000), f"s{at}") for at in starts), duration_ms=36_000)
    heard = stem(*((at + 100, at + 300 + at // 100) for at in starts))
    said = recognise_stem(store, Met(), heard, lines)
    assert store.made == len(starts)
    assert said == {f"s{at}": "la" for at in starts}


def test_a_stem_that_is_listened_to_ahead_is_listened_to_once_and_counted_where_it_is_asked_for(store: Store) -> None:
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, np.zeros((7 * 48_000, 2)), 48_000, "PCM_24")
    lines = timeline(
        clip((1000, 2000), (1000, 2000), "s0001"), clip((5000, 6500), (5000, 6500), "s0002"), duration_ms=7000
    )
    begin_to_listen(store, Hearing(), draft.blob, lines)
    measured, said = listen(store, Hearing(), draft.blob, lines)
    assert (measured.phrases, set(said)) == ((), {"s0001", "s0002"})
    assert (store.made, store.hits, len(store.calls)) == (4, 0, 5), "hashed, resampled, measured, two windows read back"


class Hearing(FakeRecogniser):
    """A recogniser that two threads may ask at the same time."""

    calls_at_once = 2


@pytest.mark.costly
def test_a_stretch_that_sounds_as_before_is_not_listened_to_again(store: Store, stem: Callable[..., Blob]) -> None:
    """A correction moves what comes after it to another window of another stem: known samples are known anywhere."""
    lines = timeline(
        clip((1000, 2000), (1000, 2000), segment="s0001"),
        clip((61_000, 62_000), (61_000, 62_000), segment="s0002"),
        duration_ms=70_000,
    )
    before, after = stem((1100, 1500), (61_200, 61_400)), stem((1100, 1900), (61_200, 61_400))
    recognise_stem(store, FakeRecogniser(), before, lines)
    measure_stem(store, before)
    made = store.made
    assert recognise_stem(store, FakeRecogniser(), after, lines)["s0002"] == "la"
    measure_stem(store, after)
    assert store.made - made == 2, "the first window and the first stretch"


@pytest.mark.parametrize("seconds", [0.5, 10.0, 20.0, 21.3])
def test_the_stem_that_is_judged_is_as_long_as_the_dialogue(store: Store, seconds: float) -> None:
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, np.full((round(48_000 * seconds), 2), 0.1), 48_000, "PCM_24")
    with soundfile.SoundFile(store.path(resample_for_recogniser(store, draft.blob))) as found:
        assert (found.samplerate, found.channels, found.subtype) == (16_000, 1, "PCM_16")
        assert found.frames == round(16_000 * seconds)


def test_the_channel_that_speaks_is_judged(store: Store, tone: Callable[..., Any]) -> None:
    channels = np.zeros((48_000, 6), np.float32)
    channels[:, 2] = tone(1.0)
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, channels, 48_000, "PCM_24")
    found, _ = soundfile.read(store.path(resample_for_recogniser(store, draft.blob)))
    level = float(np.sqrt(np.mean(tone(1.0) ** 2)))
    assert float(np.sqrt(np.mean(found**2))) == pytest.approx(level, rel=0.02)


def test_nothing_is_heard_in_silence(store: Store, stem: Callable[..., Blob]) -> None:
    heard = measure_stem(store, stem())
    assert (heard.phrases, heard.dnsmos) == ((), 0.0)


def test_speech_is_heard_where_it_is_and_judged_good(store: Store, spoken: Any) -> None:
    """The second minute of a stem counts on, and silence is not judged."""
    speech, _ = soundfile.read(spoken.ears, dtype="float32")
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, np.concatenate([np.zeros(960_000, np.float32), speech]), 16_000, "PCM_16")
    heard = measure_stem(store, draft.blob)
    assert abs(heard.phrases[0].start_ms - (60_000 + spoken.phrases[0].start_ms)) <= 60
    assert abs(heard.phrases[-1].end_ms - (60_000 + spoken.phrases[-1].end_ms)) <= 120
    assert 2.5 < heard.dnsmos <= 5.0
