"""The mix: the source's own samples outside speech, its length and channels, and a dub that adds up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from localize import media
from localize.data import Blob, Clip, Media, Mix, Span, Take, Timeline
from localize.events import Run
from localize.runtime import store
from localize.runtime.store import Store
from localize.sound import bed as beds
from localize.sound.bed import dubbed_regions
from localize.sound.mix import MixClip, longest_lines, mix_dub

RATE = 48_000
OUTSIDE_MS = 300
"""From the design: this far from any speech the mix is the source's own audio."""
VOICE = Span(2000, 3500)


@pytest.fixture
def source(run: Run, tmp_path: Path, tone: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Media]:
    """Music (noise) with a voice (a tone) from 2.0 to 3.5 s; in 5.1 the voice is in the centre alone.

    The cleaner would take the tone for noise, so it is as if it were not installed.
    """
    monkeypatch.setattr(store, "package_version", lambda _name: "")
    monkeypatch.setattr(beds, "package_version", lambda _name: "")

    def get(
        channels: int = 2, seconds: float = 6.0, music: float = 0.02, voice: float = 0.2, spans: Any = (VOICE,)
    ) -> Media:
        samples = np.random.default_rng(channels).normal(0, music, (round(seconds * RATE), channels))
        for span in spans:
            sound = tone(span.length_ms / 1000, level=voice)
            for channel in [2] if channels == 6 else range(channels):
                samples[span.start_ms * 48 : span.start_ms * 48 + len(sound), channel] += sound
        path = tmp_path / f"source{channels}.wav"
        soundfile.write(path, np.clip(samples, -1, 1), RATE, "PCM_24")
        return media.ingest(run.store, path, stream=None, language=None)

    return get


@pytest.fixture
def line(run: Run, tone: Callable[..., Any]) -> Callable[..., Clip]:
    """A dubbed line: another tone, at the place and of the length asked for, over a line of the source."""

    def get(
        at: int, length: int, over: Span = VOICE, *, level: float = 0.3, rate: int = 24_000, name: str = "s0001"
    ) -> Clip:
        with run.store.writing(".wav") as draft:
            soundfile.write(draft.path, tone(length / 1000, 330.0, level, rate), rate, "PCM_24")
        take = Take(name, "hola", draft.blob, length, (Span(0, length),), (), "ef_dora", "licence", length, "exact")
        return Clip(take, at, (Span(at, at + length),), 1.0, "exact", over, (over,), "S1")

    return get


def mixed(run: Run, source: Media, *clips: Clip) -> Mix:
    return mix_dub(run, source, Timeline("es", source.duration_ms, clips))


def whole(run: Run, blob: Blob) -> Any:
    return soundfile.read(run.store.path(blob), dtype="int32", always_2d=True)[0].astype(np.int64)


def outside(source: Media, clips: Sequence[Clip]) -> Any:
    """Samples further than 0.3 s from what is heard in source or dub."""
    far = np.ones(source.samples, bool)
    for clip in clips:
        for span in (*clip.phrases, *clip.source_phrases):
            far[max(0, (span.start_ms - OUTSIDE_MS) * 48) : (span.end_ms + OUTSIDE_MS) * 48] = False
    return far


def true_peak(samples: Any) -> float:
    """In dBTP, four times oversampled."""
    scaled = samples / 2.0**31
    return max(20 * np.log10(np.abs(resample_poly(scaled[:, c], 4, 1)).max() + 1e-9) for c in range(scaled.shape[1]))


def level(samples: Any) -> float:
    return float(10 * np.log10(((samples / 2.0**31) ** 2).mean() + 1e-12))


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_outside_speech_the_mix_is_the_source_sample_for_sample(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip], channels: int
) -> None:
    film = source(channels)
    clip = line(2050, 1600)
    made = mixed(run, film, clip)
    original, full = whole(run, film.original), whole(run, made.full)
    far = outside(film, [clip])
    assert far.sum() > 2 * RATE
    assert np.array_equal(full[far], original[far])
    assert not np.array_equal(full[~far], original[~far])
    assert np.array_equal(whole(run, made.bed)[far], original[far])
    assert not whole(run, made.dialogue)[far].any()


@pytest.mark.slow
@pytest.mark.parametrize(("channels", "seconds"), [(1, 4.01), (2, 10.0), (2, 10.0 + 1 / RATE), (6, 4.0)])
def test_all_stems_have_the_sources_length_channels_and_depth(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip], channels: int, seconds: float
) -> None:
    film = source(channels, seconds)
    made = mixed(run, film, line(2000, 1500))
    for blob in (made.full, made.dialogue, made.bed):
        with soundfile.SoundFile(run.store.path(blob)) as file:
            assert (file.frames, file.channels, file.samplerate) == (round(seconds * RATE), channels, RATE)
            assert file.subtype == "PCM_24"


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_bed_and_dialogue_add_up_to_the_mix(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip], channels: int
) -> None:
    film = source(channels)
    made = mixed(run, film, line(1900, 1700))
    together = whole(run, made.bed) + whole(run, made.dialogue)
    assert np.abs(together - whole(run, made.full)).max() <= 2 * 256  # two steps of 24 bits: each is rounded alone


@pytest.mark.slow
def test_in_surround_only_the_centre_is_touched(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip]
) -> None:
    film = source(6)
    made = mixed(run, film, line(2000, 1500))
    original = whole(run, film.original)
    for blob in (made.full, made.bed):
        changed = [c for c in range(6) if not np.array_equal(whole(run, blob)[:, c], original[:, c])]
        assert changed == [2]
    assert [c for c in range(6) if whole(run, made.dialogue)[:, c].any()] == [2]


@pytest.mark.slow
def test_the_original_voice_is_masked_where_the_dub_speaks(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip]
) -> None:
    film = source(2)
    made = mixed(run, film, line(2000, 1500))
    inside = slice(2100 * 48, 3400 * 48)
    under, over = whole(run, made.bed)[inside], whole(run, made.dialogue)[inside]
    assert level(over) - level(under) > 15
    assert level(whole(run, film.original)[inside]) - level(under) > 20


@pytest.fixture
def told(run: Run, tmp_path: Path, spoken: Any) -> Callable[..., tuple[Media, list[Span]]]:
    """Real speech, one phrase after another at the levels asked for."""

    def get(*levels: float) -> tuple[Media, list[Span]]:
        phrase, samples = spoken.phrases[1], soundfile.read(spoken.path)[0]
        voice = samples[phrase.start_ms * 48 : phrase.end_ms * 48]
        track = np.random.default_rng(1).normal(0, 1e-4, (len(levels) * (len(voice) + RATE) + RATE, 1))
        spans = []
        for n, level in enumerate(levels):
            at = RATE // 2 + n * (len(voice) + RATE)
            track[at : at + len(voice), 0] += level * voice
            spans.append(Span(at // 48, at // 48 + phrase.length_ms))
        soundfile.write(tmp_path / "told.wav", track, RATE, "PCM_24")
        return media.ingest(run.store, tmp_path / "told.wav", stream=None, language=None), spans

    return get


def heard(run: Run, blob: Blob, span: Span) -> float:
    return level(whole(run, blob)[span.start_ms * 48 : span.end_ms * 48])


@pytest.mark.slow
@pytest.mark.parametrize("loud", [0.25, 1.0])
@pytest.mark.parametrize("own", [0.1, 0.6])
def test_a_line_is_as_loud_as_the_one_it_replaces(
    run: Run, told: Callable[..., Any], line: Callable[..., Clip], loud: float, own: float
) -> None:
    """However loud the source speaks, and however loud the engine."""
    film, (span,) = told(loud)
    made = mixed(run, film, line(span.start_ms, span.length_ms, span, level=own))
    assert heard(run, made.dialogue, span) == pytest.approx(heard(run, film.original, span), abs=2.0)


@pytest.mark.slow
def test_lines_of_quiet_and_loud_sources_keep_their_distance(
    run: Run, told: Callable[..., Any], line: Callable[..., Clip]
) -> None:
    film, (quiet, loud) = told(0.5, 1.0)
    clips = [line(s.start_ms, s.length_ms, s, level=0.1, name=f"s000{n}") for n, s in enumerate((quiet, loud))]
    made = mixed(run, film, *clips)
    assert heard(run, made.dialogue, loud) - heard(run, made.dialogue, quiet) == pytest.approx(6.02, abs=1.0)


@pytest.mark.slow
@pytest.mark.parametrize("under_db", [12.0, 25.0])
def test_a_whisper_stays_a_whisper_within_three_decibels(
    run: Run, told: Callable[..., Any], line: Callable[..., Clip], under_db: float
) -> None:
    film, spans = told(1.0, 10 ** (-under_db / 20), 1.0)
    clips = [line(s.start_ms, s.length_ms, s, level=0.3, name=f"s000{n}") for n, s in enumerate(spans)]
    made = mixed(run, film, *clips)
    first, quiet, last = (heard(run, made.dialogue, span) for span in spans)
    assert first == pytest.approx(last, abs=0.5)
    assert first - quiet == pytest.approx(under_db, abs=3.0)


@pytest.mark.slow
def test_the_whole_is_as_loud_as_the_source(run: Run, source: Callable[..., Media], line: Callable[..., Clip]) -> None:
    made = mixed(run, source(2), line(2000, 1500))
    assert made.loudness_lufs == pytest.approx(made.source_loudness_lufs, abs=1.0)
    assert made.loudness_lufs == media.loudness(run.store, made.full).integrated_lufs


@pytest.mark.slow
def test_a_dub_without_lines_is_the_source(run: Run, source: Callable[..., Media]) -> None:
    film = source(2)
    made = mixed(run, film)
    original = whole(run, film.original)
    assert np.array_equal(whole(run, made.full), original)
    assert np.array_equal(whole(run, made.bed), original)
    assert not whole(run, made.dialogue).any()


@pytest.mark.slow
def test_the_dialogue_is_the_take_at_one_gain_across_blocks(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip], tone: Callable[..., Any]
) -> None:
    """A line over the border of two ten-second blocks has no seam."""
    over = Span(9000, 11_000)
    film = source(1, 12.0, spans=(over,))
    made = mixed(run, film, line(9000, 2000, over, rate=RATE))
    heard = whole(run, made.dialogue)[9000 * 48 : 11_000 * 48, 0] / 2.0**31
    wanted = tone(2.0, 330.0, 0.3).astype(np.float64)
    gain = float(heard @ wanted / (wanted @ wanted))
    assert gain > 0.01
    assert np.abs(heard - gain * wanted).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("rate", [8000, 22_050])
def test_a_take_of_any_rate_is_heard_to_its_end(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip], rate: int
) -> None:
    over = Span(5000, 12_000)
    film = source(1, 13.0, spans=(over,))
    made = mixed(run, film, line(5000, 7000, over, rate=rate))
    dialogue = whole(run, made.dialogue)[:, 0]
    for second in range(5, 12):
        assert level(dialogue[second * RATE : (second + 1) * RATE]) > -40, f"nothing is heard in second {second}"
    assert not dialogue[12_100 * 48 :].any()


@pytest.mark.slow
def test_a_line_that_runs_past_the_end_is_cut_with_the_file(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip]
) -> None:
    film = source(2, 4.0)
    made = mixed(run, film, line(3000, 1500, Span(3000, 3900)))
    assert len(whole(run, made.full)) == film.samples


@pytest.mark.slow
@pytest.mark.parametrize("music", [0.02, 0.28])
def test_the_true_peak_stays_under_minus_one(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip], music: float
) -> None:
    film = source(2, music=music, voice=0.9)
    made = mixed(run, film, line(2000, 1500, level=0.99))
    loud = whole(run, made.full)[2000 * 48 : 3500 * 48]
    assert true_peak(loud) <= -1.0
    assert level(loud) > -20


@pytest.mark.slow
def test_two_lines_at_once_stay_under_minus_one_too(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip]
) -> None:
    """Lines that overlap in the source may overlap in the dub; together they must not clip."""
    film = source(2, voice=0.9)
    first, second = line(2000, 1500, level=0.99), line(2000, 1400, level=0.99, name="s0002")
    made = mixed(run, film, first, second)
    assert true_peak(whole(run, made.full)[2000 * 48 : 3500 * 48]) <= -1.0


@pytest.mark.slow
def test_the_same_request_is_not_rendered_twice(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip]
) -> None:
    film, clip = source(2), line(2000, 1500)
    first = mixed(run, film, clip)
    made = run.store.made
    assert mixed(run, film, clip) == first
    assert run.store.made == made


@pytest.mark.slow
@pytest.mark.parametrize("target", ["source", "ebu"])
def test_a_corrected_dub_sounds_as_one_that_is_made_anew(
    run: Run, source: Callable[..., Media], line: Callable[..., Clip], tmp_path: Path, target: str
) -> None:
    """Sample for sample, and measured alike."""
    spans = [Span(at, at + 1500) for at in (2000, 13_000, 21_000)]
    film = source(1, seconds=24.0, spans=spans)
    clips = [line(s.start_ms, 1500, s, name=f"s000{n}") for n, s in enumerate(spans)]
    mix_dub(run, film, Timeline("es", film.duration_ms, tuple(clips)), target=target)
    clips[1] = line(13_200, 900, spans[1], level=0.1, name="s0001")
    timeline = Timeline("es", film.duration_ms, tuple(clips))
    again = mix_dub(run, film, timeline, target=target)
    shutil.copytree(run.store.folder / "objects", tmp_path / "other" / "objects")  # the sounds, and no results
    other = Run(Store(tmp_path / "other"), run.home, run.models)
    assert mix_dub(other, film, timeline, target=target) == again


SPANS = st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 3000)), max_size=8)


@settings(max_examples=60)
@given(SPANS)
def test_the_original_voice_goes_where_it_speaks_and_nowhere_else(said: Any) -> None:
    heard = [Span(a, a + n) for a, n in said]
    regions = dubbed_regions(heard)
    for span in heard:
        assert any(r.start_ms <= span.start_ms and span.end_ms <= r.end_ms for r in regions)
    for region in regions:
        assert 0 <= region.start_ms < region.end_ms
        assert any(s.start_ms - OUTSIDE_MS <= region.start_ms <= s.start_ms for s in heard)
        assert any(s.end_ms <= region.end_ms <= s.end_ms + OUTSIDE_MS for s in heard)
    assert all(a.end_ms < b.start_ms for a, b in zip(regions, regions[1:]))


@pytest.mark.slow
def test_one_bed_serves_every_language(run: Run, source: Callable[..., Media], line: Callable[..., Clip]) -> None:
    """`episode.bed.wav` is delivered once: where the dub of one language runs on must not show in it."""
    film = source(2)
    assert mixed(run, film, line(2000, 1500)).bed == mixed(run, film, line(2200, 1700)).bed


def test_a_voice_is_told_by_the_longest_lines_whatever_they_say() -> None:
    spans = [Span(at, at + length) for at, length in ((0, 2000), (3000, 9000), (13000, 500), (14000, 30000))]
    clips = [MixClip(Blob(f"{n}", 1, ".wav"), s.start_ms, (s,), (s,), "S1") for n, s in enumerate(spans)]
    assert [clip.audio.sha256 for clip in longest_lines(clips)] == ["3"]
    assert [clip.audio.sha256 for clip in longest_lines(clips[:3])] == ["0", "1", "2"], "in the order of time"
    corrected = [replace(clips[0], audio=Blob("new", 1, ".wav"), phrases=(Span(0, 900),)), *clips[1:]]
    assert longest_lines(corrected) == longest_lines(clips)
