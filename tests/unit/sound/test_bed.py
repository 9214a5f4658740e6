"""The bed: real speech in music, taken out where it speaks and nowhere else."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from scipy import signal

from localize import media
from localize.data import Blob, Media, Span
from localize.errors import MediaError
from localize.events import Run
from localize.runtime.store import Store
from localize.sound import bed
from localize.sound.bed import begin_bed, dubbed_regions, make_bed, music_and_effects

RATE = 48_000
LENGTH = 6500 * 48


def chords(channels: int, length: int = LENGTH) -> Any:
    """Chords that change every half second, each channel with another mix of them, and air up to the top."""
    random = np.random.default_rng(3)
    at = np.arange(length) / RATE
    notes = np.stack([np.sin(2 * np.pi * h * at + p) for h, p in zip((131, 196, 262, 330, 392, 523, 784), range(7))])
    steps = random.uniform(0.2, 1.0, (7, length // (RATE // 2) + 2))
    notes *= np.repeat(steps, RATE // 2, axis=1)[:, :length]
    shared = random.normal(0, 0.03, length)
    return np.stack(
        [random.uniform(0.3, 1, 7) @ notes / 7 + shared + random.normal(0, 0.01, length) for _ in range(channels)], 1
    )


@pytest.fixture
def film(run: Run, tmp_path: Path, spoken: Any) -> Callable[..., tuple[Media, Any]]:
    """Speech at given places over music, and the music alone."""

    def get(*places: float, music: Any = None, gain: float = 0.3) -> tuple[Media, Any]:
        voice = soundfile.read(spoken.path)[0]
        inside = np.concatenate([voice[p.start_ms * 48 : p.end_ms * 48] for p in spoken.phrases])
        under = chords(len(places)) if music is None else music
        under = under * np.sqrt((inside**2).mean() / (under**2).mean())
        path = tmp_path / "film.wav"
        soundfile.write(path, gain * (voice[:, None] * np.array(places) + under), RATE, "PCM_24")
        return media.ingest(run.store, path, stream=None, language=None), gain * under

    return get


def numbers(run: Run, blob: Blob) -> Any:
    return soundfile.read(run.store.path(blob), dtype="int32", always_2d=True)[0]


def within(regions: tuple[Span, ...], length: int) -> Any:
    mask = np.zeros(length, bool)
    for region in regions:
        mask[region.start_ms * 48 : region.end_ms * 48] = True
    return mask


def si_sdr(estimate: Any, reference: Any) -> float:
    scaled = (estimate * reference).sum() / (reference**2).sum() * reference
    return float(10 * np.log10((scaled**2).sum() / ((estimate - scaled) ** 2).sum()))


@pytest.mark.parametrize("places", [(1.0,), (1.0, 1.0), (1.0, 0.0), (0.2, 0.0, 1.0, 0.0, 0.0, 0.0)])
def test_music_stays_where_the_voice_goes(
    run: Run, film: Callable[..., Any], spoken: Any, places: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, under = film(*places)
    regions = dubbed_regions(spoken.phrases)
    asked: list[int] = []
    own = bed.Denoiser.process
    monkeypatch.setattr(bed.Denoiser, "process", lambda *a, **more: asked.append(len(a[1])) or own(*a, **more))
    made = make_bed(run, source, spoken.phrases)
    # The separator listens once to what is in the middle, for the recogniser; else to each channel with voices.
    assert len(asked) == (1 if len(places) == 6 else 0 if places[0] == places[-1] else 2)
    inside = within(regions, LENGTH)
    left, original = numbers(run, made.audio), numbers(run, source.original)
    assert made.made == ("centre" if len(places) == 6 else "separated")
    channel = places.index(1.0)
    before = si_sdr(original[inside, channel] / 2.0**31, under[inside, channel])
    assert si_sdr(left[inside, channel] / 2.0**31, under[inside, channel]) > before + 6
    assert np.array_equal(left[~inside], original[~inside])
    if len(places) == 6:
        assert [c for c in range(6) if not np.array_equal(left[:, c], original[:, c])] == [2]


def test_a_bed_that_is_begun_ahead_is_made_once_the_same(run: Run, film: Callable[..., Any], spoken: Any) -> None:
    source, _ = film(1.0, 1.0)
    begin_bed(run.store, source, spoken.phrases)
    made = make_bed(run, source, spoken.phrases)
    assert Counter(call.step.rsplit(".", 1)[1] for call in run.store.calls)["separate_voice"] == 1
    alone = Run(Store(run.store.folder / "other"), run.home, run.models)
    shutil.copytree(run.store.folder / "objects", alone.store.folder / "objects")
    assert make_bed(alone, source, spoken.phrases) == made


@pytest.mark.shared
def test_real_music_comes_through_clean(run: Run, film: Callable[..., Any], spoken: Any, shared: Path) -> None:
    path = shared / "media" / "5_noise_multilang_odd" / "music" / "Kevin_MacLeod_Vibe_Ace.ogg"
    samples, rate = soundfile.read(path, stop=30 * 22_050, dtype="float32")
    mono = soxr.resample(samples, rate, RATE)[20 * RATE :][:LENGTH]
    source, under = film(1.0, 1.0, music=np.stack([mono, 0.8 * mono], 1))
    regions = dubbed_regions(spoken.phrases)
    left = numbers(run, make_bed(run, source, spoken.phrases).audio) / 2.0**31
    inside = within(regions, LENGTH)
    assert si_sdr(left[inside], under[inside]) >= 9


def test_the_voices_are_heard_alone_and_only_where_they_speak(run: Run, film: Callable[..., Any], spoken: Any) -> None:
    source, _ = film(1.0, 0.0)
    regions = dubbed_regions(spoken.phrases[:1])
    made = make_bed(run, source, spoken.phrases[:1])
    assert made.voices is not None
    voices = numbers(run, made.voices) / 2.0**31
    voice = soundfile.read(spoken.path)[0]
    first = spoken.phrases[0]
    heard = slice(first.start_ms * 48, first.end_ms * 48)
    assert si_sdr(voices[heard, 0], voice[heard]) > 6
    assert (voices[heard, 0] ** 2).mean() > 30 * (voices[heard, 1] ** 2).mean()
    assert not voices[~within(regions, LENGTH)].any()


def test_width_and_top_of_the_music_stay(run: Run, film: Callable[..., Any], spoken: Any) -> None:
    source, under = film(1.0, 1.0)
    regions = dubbed_regions(spoken.phrases)
    left = numbers(run, make_bed(run, source, spoken.phrases).audio) / 2.0**31
    inside = within(regions, LENGTH)
    assert np.corrcoef(left[inside].T)[0, 1] == pytest.approx(np.corrcoef(under[inside].T)[0, 1], abs=0.02)
    top = signal.butter(8, 16_500, "high", fs=RATE, output="sos")
    original = numbers(run, source.original) / 2.0**31
    assert (signal.sosfilt(top, left, axis=0) ** 2).mean() == pytest.approx(
        (signal.sosfilt(top, original, axis=0) ** 2).mean(), rel=0.02
    )


def test_pieces_of_a_long_dialogue_have_no_seam(
    run: Run, film: Callable[..., Any], spoken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = film(1.0)
    whole = (Span(0, source.duration_ms),)
    once = numbers(run, make_bed(run, source, whole).audio)[:, 0] / 2.0**31
    monkeypatch.setattr(bed, "PIECE", RATE)
    pieces = (
        numbers(run, bed.separate_voice.__wrapped__(run.store, source, (0,), dubbed_regions(whole)).bed)[:, 0] / 2.0**31
    )
    assert si_sdr(pieces, once) > 15
    steps = np.abs(np.diff(pieces))
    for seam in range(RATE, LENGTH, RATE):
        assert steps[seam - 10 : seam + 10].max() < 2 * np.percentile(steps, 99.9)


def test_voice_over_leaves_the_original_to_be_heard(run: Run, film: Callable[..., Any], spoken: Any) -> None:
    source, _ = film(1.0, 1.0)
    regions = dubbed_regions(spoken.phrases)
    made = make_bed(run, source, spoken.phrases, style=bed.DUCK)
    left, original = numbers(run, made.audio) / 2.0**31, numbers(run, source.original) / 2.0**31
    first = spoken.phrases[0]
    heard = slice(first.start_ms * 48, first.end_ms * 48)
    assert made.made == "voice-over"
    assert 10 * np.log10((left[heard] ** 2).mean() / (original[heard] ** 2).mean()) == pytest.approx(-15, abs=0.1)
    assert np.array_equal(left[~within(regions, LENGTH)], original[~within(regions, LENGTH)])


def test_without_a_separator_the_original_is_lowered_and_that_is_said(
    run: Any, film: Callable[..., Any], spoken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bed, "package_version", lambda _name: "")
    source, _ = film(1.0)
    made = make_bed(run, source, spoken.phrases)
    assert (made.made, made.voices) == ("ducked", None)
    assert [w.code for w in run.warnings] == ["bed_ducked"]


def test_a_centre_without_a_voice_is_no_place_for_the_dub(run: Run, tmp_path: Path, spoken: Any) -> None:
    voice = soundfile.read(spoken.path)[0]
    six = voice[:, None] * np.array([0.5, 0.5, 0.0, 0.0, 0.0, 0.0])
    soundfile.write(tmp_path / "six.wav", six, RATE, "PCM_24")
    source = media.ingest(run.store, tmp_path / "six.wav", stream=None, language=None)
    assert source.channel_layout.startswith("5.1")
    made = make_bed(run, source, spoken.phrases)
    assert made.channels == tuple(range(6))


def test_a_voice_that_speaks_to_the_last_sample_goes_to_the_last_sample(run: Run, tmp_path: Path, spoken: Any) -> None:
    voice = soundfile.read(spoken.path)[0]
    ends = spoken.phrases[0].end_ms - 100
    soundfile.write(tmp_path / "cut.wav", voice[: ends * 48], RATE, "PCM_24")
    source = media.ingest(run.store, tmp_path / "cut.wav", stream=None, language=None)
    made = make_bed(run, source, [Span(spoken.phrases[0].start_ms, ends)])
    left, original = numbers(run, made.audio) / 2.0**31, numbers(run, source.original) / 2.0**31
    last = slice(-200 * 48, -20 * 48)
    assert (left[last] ** 2).mean() < 0.1 * (original[last] ** 2).mean()


def test_a_line_that_stays_is_not_touched_by_its_neighbours() -> None:
    regions = dubbed_regions([Span(1000, 2000), Span(2550, 4000)], [Span(2100, 2500)])
    assert regions == (Span(720, 2100), Span(2500, 4280))


# --- a studio's music and effects ------------------------------------------------------------------------------------


def effects(tmp_path: Path, channels: int, length: int = LENGTH) -> Path:
    path = tmp_path / "me.wav"
    soundfile.write(path, 0.1 * chords(channels, length), RATE, "PCM_24")
    return path


@pytest.mark.slow
def test_music_and_effects_lie_under_the_dub_untouched(run: Run, film: Callable[..., Any], tmp_path: Path) -> None:
    source, _ = film(1.0, 1.0)
    path = effects(tmp_path, 2)
    found = music_and_effects(run.store, source, path)
    assert np.array_equal(numbers(run, found), soundfile.read(path, dtype="int32", always_2d=True)[0])


@pytest.mark.slow
@pytest.mark.parametrize("off", [-1900, 1900])
def test_a_frame_more_or_less_is_made_up_for(run: Run, film: Callable[..., Any], tmp_path: Path, off: int) -> None:
    source, _ = film(1.0)
    path = effects(tmp_path, 1, LENGTH + off)
    found = numbers(run, music_and_effects(run.store, source, path))
    own = soundfile.read(path, dtype="int32", always_2d=True)[0]
    assert len(found) == LENGTH
    assert np.array_equal(found[: min(LENGTH, len(own))], own[:LENGTH])
    assert not found[len(own) :].any()


@pytest.mark.slow
@pytest.mark.parametrize(("channels", "length", "says"), [(1, LENGTH, "1 channels"), (2, LENGTH // 2, "3.25 s")])
def test_music_and_effects_of_another_film_are_refused(
    run: Run, film: Callable[..., Any], tmp_path: Path, channels: int, length: int, says: str
) -> None:
    source, _ = film(1.0, 1.0)
    with pytest.raises(MediaError, match=says):
        music_and_effects(run.store, source, effects(tmp_path, channels, length))


def test_lines_that_stay_in_the_original_are_heard_beside_music_and_effects(
    run: Run, film: Callable[..., Any], tmp_path: Path, spoken: Any
) -> None:
    from dataclasses import replace

    source, _ = film(1.0, 1.0)
    path = effects(tmp_path, 2)
    source = replace(source, effects=music_and_effects(run.store, source, path))
    dubbed, kept = spoken.phrases
    made = make_bed(run, source, [dubbed], kept=(kept,))
    under, original = numbers(run, made.under), numbers(run, source.original)
    assert made.made == "M&E"
    assert np.array_equal(numbers(run, made.audio), numbers(run, source.effects))
    stays = slice(kept.start_ms * 48, kept.end_ms * 48)
    assert np.abs(under[stays].astype(int) - original[stays]).max() <= 256
    goes = slice(dubbed.start_ms * 48, dubbed.end_ms * 48)
    assert np.array_equal(under[goes], numbers(run, source.effects)[goes])
