"""Where a voice is really heard: on tones whose pauses we chose, and on speech whose times we know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import Span, Word
from localize.transcription import alignment
from localize.transcription.alignment import HOP_MS, band_levels, detect_speech, refine_alignment

RATE = 16_000
NEAR = 20
"""Two steps of the level meter."""


@pytest.fixture
def track(tmp_path: Path, tone: Callable[..., Any]) -> Callable[..., str]:
    """A 16 kHz file with tones in the given spans over noise of the given level."""

    def get(*spans: tuple[int, int], seconds: float = 6.0, noise_db: float = -70.0, level: float = 0.2) -> str:
        samples = np.random.default_rng(1).normal(0, 10 ** (noise_db / 20), round(seconds * RATE)).astype(np.float32)
        for a, b in spans:
            sound = tone((b - a) / 1000, level=level, rate=RATE)
            samples[a * RATE // 1000 : a * RATE // 1000 + len(sound)] += sound
        path = tmp_path / "track.wav"
        soundfile.write(path, samples, RATE, "PCM_16")
        return str(path)

    return get


def said(*spans: tuple[int, int]) -> list[Word]:
    return [Word(f"w{n}", Span(a, b), 0.9) for n, (a, b) in enumerate(spans)]


def found(path: str, words: list[Word], room: Span | None = None) -> tuple[tuple[Word, ...], tuple[Span, ...]]:
    return refine_alignment(band_levels(path), words, room or Span(0, 6000))


def near(phrases: tuple[Span, ...], *wanted: tuple[int, int]) -> bool:
    return len(phrases) == len(wanted) and all(
        abs(p.start_ms - a) <= NEAR and abs(p.end_ms - b) <= NEAR for p, (a, b) in zip(phrases, wanted)
    )


def test_levels_are_decibels_of_ten_milliseconds(track: Callable[..., str]) -> None:
    heard = band_levels(track((1000, 2000), seconds=3.0, level=0.2))
    assert heard.shape == (300, 2)
    rms = 0.2 / 1.5 * np.sqrt(sum(1 / k**2 for k in (1, 2, 3)) / 2)
    assert float(np.median(heard[110:190, 0])) == pytest.approx(20 * np.log10(rms), abs=0.5)
    assert float(np.median(heard[110:190, 1])) < -50
    power = float(np.median((10 ** (heard[:90] / 10)).sum(axis=1)))
    assert 10 * np.log10(power) == pytest.approx(-70, abs=2)  # the bands are all of the noise


def test_rumble_is_not_heard(tmp_path: Path) -> None:
    at = np.arange(2 * RATE) / RATE
    soundfile.write(tmp_path / "r.wav", 0.5 * np.sin(2 * np.pi * 20 * at), RATE)
    assert float(np.median(band_levels(str(tmp_path / "r.wav")))) < -30


@pytest.mark.parametrize("seconds", [0.0, 0.004, 0.015, 1.0, 61.0])
def test_any_length_has_its_frames(tmp_path: Path, seconds: float) -> None:
    soundfile.write(tmp_path / "z.wav", np.zeros(round(seconds * RATE)), RATE)
    heard = band_levels(str(tmp_path / "z.wav"))
    assert len(heard) == -(-round(seconds * RATE) // (RATE * HOP_MS // 1000))


@pytest.mark.parametrize("early", [-300, -150, 0, 150])
def test_word_times_that_are_off_are_moved_to_the_sound(track: Callable[..., str], early: int) -> None:
    path = track((1500, 2100), (2130, 2800))
    words, phrases = found(path, said((1500 + early, 2100 + early), (2130 + early, 2800 + early)))
    assert near(phrases, (1500, 2800))
    assert abs(words[0].span.start_ms - 1500) <= NEAR
    assert abs(words[-1].span.end_ms - 2800) <= NEAR


@pytest.mark.parametrize(("pause", "parts"), [(60, 1), (150, 1), (240, 2), (500, 2)])
def test_a_pause_of_200_ms_parts_two_phrases(track: Callable[..., str], pause: int, parts: int) -> None:
    path = track((1000, 1600), (1600 + pause, 2400))
    words, phrases = found(path, said((1000, 1600), (1600, 2400)))
    assert len(phrases) == parts
    if parts == 2:
        assert near(phrases, (1000, 1600), (1600 + pause, 2400))
        assert words[0].span.end_ms <= phrases[0].end_ms + NEAR
        assert words[1].span.start_ms >= phrases[1].start_ms - NEAR


def test_each_pause_goes_between_two_words(track: Callable[..., str]) -> None:
    path = track((1000, 1400), (1700, 2100), (2500, 3000))
    words, phrases = found(path, said((950, 1500), (1500, 2250), (2250, 3050)))
    assert near(phrases, (1000, 1400), (1700, 2100), (2500, 3000))
    for word, (a, b) in zip(words, ((1000, 1400), (1700, 2100), (2500, 3000))):
        assert abs(word.span.start_ms - a) <= NEAR
        assert abs(word.span.end_ms - b) <= NEAR


def test_words_keep_their_order_text_and_confidence(track: Callable[..., str]) -> None:
    given = said((900, 1300), (1300, 1350), (1350, 2900))
    words, phrases = found(track((1000, 1400), (2000, 2900)), given)
    assert [(w.text, w.confidence) for w in words] == [(w.text, w.confidence) for w in given]
    clock = phrases[0].start_ms
    for word in words:
        assert clock <= word.span.start_ms < word.span.end_ms <= phrases[-1].end_ms
        clock = word.span.end_ms


def test_a_neighbours_sound_is_not_taken(track: Callable[..., str]) -> None:
    path = track((1000, 1500), (1560, 2500))
    _, phrases = found(path, said((1000, 1500)), Span(0, 1540))
    assert phrases[-1].end_ms <= 1540 + HOP_MS
    _, free = found(path, said((1000, 1500)), Span(0, 6000))
    assert free[-1].end_ms > 1540


def test_where_the_signal_says_nothing_the_words_are_believed(track: Callable[..., str]) -> None:
    given = said((1000, 1500), (1600, 2000))
    words, phrases = found(track(), given)
    assert words == tuple(given)
    assert phrases == (Span(1000, 2000),)


def test_words_after_the_end_of_the_file_are_believed(track: Callable[..., str]) -> None:
    given = said((7000, 7500))
    assert found(track((1000, 2000)), given, Span(6500, 8000)) == (tuple(given), (Span(7000, 7500),))


def test_a_click_that_touches_no_word_is_left_out(track: Callable[..., str]) -> None:
    _, phrases = found(track((1000, 2000), (2080, 2110)), said((1000, 2000)))
    assert near(phrases, (1000, 2000))


@pytest.mark.parametrize("noise_db", [-70.0, -50.0, -40.0])
def test_a_voice_is_told_from_the_noise_it_stands_in(track: Callable[..., str], noise_db: float) -> None:
    _, phrases = found(track((1000, 1600), (2000, 2600), noise_db=noise_db), said((1000, 1700), (1900, 2600)))
    assert near(phrases, (1000, 1600), (2000, 2600))


# --- speech ----------------------------------------------------------------------------------------------------------


def test_real_speech_is_found_with_its_pause(spoken: Any) -> None:
    first, second = spoken.phrases
    middle = (first.end_ms + second.start_ms) // 2
    words = [Word("first", Span(first.start_ms - 200, middle)), Word("second", Span(middle, second.end_ms + 150))]
    _, phrases = found(str(spoken.ears), words, Span(0, spoken.length_ms))
    assert phrases[0].start_ms == pytest.approx(first.start_ms, abs=60)
    assert phrases[-1].end_ms == pytest.approx(second.end_ms, abs=100)
    assert any(
        abs(a.end_ms - first.end_ms) <= 100 and abs(b.start_ms - second.start_ms) <= 60
        for a, b in zip(phrases, phrases[1:])
    )


def test_the_detector_hears_speech_where_it_is(spoken: Any) -> None:
    spans = detect_speech(str(spoken.ears))
    assert spans
    assert abs(spans[0].start_ms - spoken.phrases[0].start_ms) <= 150
    assert abs(spans[-1].end_ms - spoken.phrases[-1].end_ms) <= 250
    inside = sum(s.overlap_ms(p) for s in spans for p in spoken.phrases)
    assert inside > 0.9 * sum(p.length_ms for p in spoken.phrases)


def test_speech_cut_by_a_block_is_one_stretch(spoken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = detect_speech(str(spoken.ears))
    cut = (spoken.phrases[0].start_ms + spoken.phrases[0].end_ms) // 2
    monkeypatch.setattr(alignment, "BLOCK_MS", cut)
    parts = detect_speech(str(spoken.ears))
    assert len(parts) == len(whole)
    for one, other in zip(parts, whole):
        assert abs(one.start_ms - other.start_ms) <= 150
        assert abs(one.end_ms - other.end_ms) <= 150


def test_silence_noise_and_a_whistle_are_no_speech(track: Callable[..., str], tmp_path: Path) -> None:
    assert detect_speech(track(seconds=3.0)) == ()
    assert detect_speech(track(seconds=3.0, noise_db=-20.0)) == ()
    whistle = 0.3 * np.sin(2 * np.pi * 1500 * np.arange(3 * RATE) / RATE)
    soundfile.write(tmp_path / "whistle.wav", whistle * np.hanning(len(whistle)), RATE)
    assert detect_speech(str(tmp_path / "whistle.wav")) == ()


def with_noise(tmp_path: Path, path: str, span: tuple[int, int], level_db: float, band: tuple[int, int]) -> str:
    """The track with a noise between two frequencies added in a span."""
    samples, _ = soundfile.read(path)
    a, b = (t * RATE // 1000 for t in span)
    noise = np.fft.rfft(np.random.default_rng(2).normal(0, 1, b - a))
    noise[: band[0] * (b - a) // RATE] = 0
    noise[band[1] * (b - a) // RATE :] = 0
    sound = np.fft.irfft(noise, b - a)
    samples[a:b] += sound / np.sqrt((sound**2).mean()) * 10 ** (level_db / 20)
    out = tmp_path / f"{Path(path).stem}n.wav"
    soundfile.write(out, samples, RATE, "PCM_16")
    return str(out)


def test_a_final_hiss_under_the_rumble_is_heard(tmp_path: Path, track: Callable[..., str]) -> None:
    rumbling = with_noise(tmp_path, track((1000, 2000)), (0, 6000), -38, (80, 1000))
    words = said((1000, 2050))
    assert near(found(rumbling, words)[1], (1000, 2000))
    assert near(found(with_noise(tmp_path, rumbling, (2080, 2260), -40, (4000, 7000)), words)[1], (1000, 2260))


def test_a_breath_before_or_after_is_no_speech(tmp_path: Path, track: Callable[..., str]) -> None:
    for span in ((1680, 1980), (3020, 3320)):
        breathing = with_noise(tmp_path, track((2000, 3000)), span, -53, (400, 7000))
        assert near(found(breathing, said((2000, 3000)))[1], (2000, 3000))


def test_words_written_too_short_are_followed_while_a_voice_is_detected(track: Callable[..., str]) -> None:
    heard = band_levels(track((1000, 1500), (1600, 2900)))
    words = said((1000, 2000))
    room = Span(0, 6000)
    assert near(refine_alignment(heard, words, room, [Span(950, 2950)])[1], (1000, 2900))
    assert refine_alignment(heard, words, room)[1][-1].end_ms < 2400
