"""How actors say their phrases, measured on made-up voices whose pitch and level are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import PhraseProsody, Segment, Span, Word
from localize.events import Run
from localize.transcription.prosody import measure_phrase, measure_prosody, relate_to_speakers

RATE = 16_000


def voice(hertz: Any, seconds: float, gain: float = 0.1) -> Any:
    count = int(seconds * RATE)
    curve = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(hertz)), hertz)
    phase = 2 * np.pi * np.cumsum(curve) / RATE
    return sum(np.sin(k * phase) / k for k in range(1, 11)).astype(np.float32) * np.float32(gain)


def test_a_phrase_is_as_high_wide_and_loud_as_it_was_made() -> None:
    sound = voice([100, 150], 1.0)
    found = measure_phrase(sound, Span(0, 1000))
    assert 118 < found.pitch_hz < 130
    assert 4.5 < found.range_st < 6.5  # 80 % of seven semitones
    assert found.final_st > 1
    louder = measure_phrase(sound * 2, Span(0, 1000))
    assert louder.level_db - found.level_db == pytest.approx(6.0, abs=0.11)


def test_a_tune_ends_before_a_consonant_without_voice_and_is_not_known_where_the_voice_creaks() -> None:
    random = np.random.default_rng(2)
    hiss = np.diff(random.normal(0, 0.02, RATE * 3 // 10 + 1)).astype(np.float32)  # an s, 6 dB more an octave
    rising = np.concatenate([voice([100, 100, 100, 135], 1.0), hiss])
    found = measure_phrase(rising, Span(0, 1300)).final_st
    assert found is not None
    assert found > 2
    rough = np.convolve(random.normal(0, 0.2, RATE * 3 // 10), np.full(20, 0.05), "same").astype(np.float32)
    assert measure_phrase(np.concatenate([voice([130, 100], 1.0), rough]), Span(0, 1300)).final_st is None


def test_a_whisper_has_a_level_and_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, RATE).astype(np.float32)
    found = measure_phrase(noise, Span(0, 1000))
    assert (found.pitch_hz, found.range_st, found.emphasis) == (0.0, 0.0, -1)
    assert found.level_db == pytest.approx(-26, abs=0.5)


def test_the_word_that_stands_out_is_found() -> None:
    parts = [voice([120, 120], 0.3), voice([121, 119], 0.3), voice([165, 175], 0.3, 0.16), voice([118, 119], 0.6)]
    words = [
        (4 + i, Word(t, Span(a, b)))
        for i, (t, a, b) in enumerate([("I", 0, 300), ("want", 300, 600), ("this", 600, 900), ("one now", 900, 1500)])
    ]
    assert measure_phrase(np.concatenate(parts), Span(0, 1500), words).emphasis == 6
    flat = np.concatenate([voice([120, 118], 1.5)])
    assert measure_phrase(flat, Span(0, 1500), words).emphasis == -1


def phrase(hertz: float, level: float = -20.0) -> PhraseProsody:
    return PhraseProsody("s1", Span(0, 1000), hertz, 4.0, level, 0.0)


def test_high_is_what_is_high_for_the_speaker() -> None:
    low, high = [phrase(h) for h in (100, 100, 126)], [phrase(h) for h in (220, 220, 277)]
    found = relate_to_speakers([*(("S1", p) for p in low), *(("S2", p) for p in high)])
    assert [p.pitch_z for p in found[:3]] == pytest.approx([p.pitch_z for p in found[3:]], abs=0.05)
    assert found[2].pitch_z > 1
    assert found[2].height_st == pytest.approx(2.67, abs=0.05)


def test_with_few_phrases_there_is_no_norm() -> None:
    found = relate_to_speakers([("S1", phrase(100, -30)), ("S1", phrase(200, -10))])
    assert all((p.pitch_z, p.level_z, p.height_st, p.louder_db) == (0, 0, 0, 0) for p in found)


def test_a_phrase_without_pitch_is_no_part_of_the_norm() -> None:
    found = relate_to_speakers([("S1", p) for p in (phrase(100), phrase(110), phrase(0), phrase(121))])
    assert (found[2].pitch_z, found[2].height_st) == (0.0, 0.0)
    assert sum(p.height_st for p in found) == pytest.approx(0, abs=0.05)


def test_every_phrase_of_a_film_is_measured_once(run: Run) -> None:
    sound = np.concatenate([voice([120, 120], 1.0), np.zeros(RATE // 2, np.float32), voice([150, 150], 1.0)])
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, sound, RATE, format="WAV")
    line = Segment("s0001", Span(0, 2500), "S1", "a b", (), (Span(0, 1000), Span(1500, 2500)))
    other = Segment("s0002", Span(1500, 2500), "S2", "c")
    found = measure_prosody(run.store, draft.blob, (line, other))
    assert [(p.segment, p.span) for p in found] == [
        ("s0001", Span(0, 1000)), ("s0001", Span(1500, 2500)), ("s0002", Span(1500, 2500)),
    ]  # fmt: skip
    assert [round(p.pitch_hz) for p in found] == [120, 150, 150]
    made = run.store.made_here
    assert measure_prosody(run.store, draft.blob, (line, other)) == found
    assert run.store.made_here == made
