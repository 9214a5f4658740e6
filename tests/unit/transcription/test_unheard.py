"""Detected speech is never silenced unsaid: a second look, then a warning with its times. The recogniser is real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from localize import media
from localize.data import Span, Utterance, Word
from localize.errors import MediaError
from localize.events import Run
from localize.testing import FakeRecogniser
from localize.transcription.transcribe import format_spans, speech_without_words, transcribe

LINES = ("bread", "kitchen", "cheese", "How many")
CUTS = [
    *((start, 8000) for start in range(0, 900, 100)),
    *((0, end) for end in range(7900, 7300, -100)),
    (300, 7700),
    (500, 7500),
    (700, 7800),
]


def said(*spans: tuple[int, int]) -> list[Utterance]:
    return [Utterance("word", (Word("word", Span(a, b)),)) for a, b in spans]


@pytest.mark.parametrize(
    ("spans", "words", "left"),
    [
        ([(0, 1000)], [], [(0, 1000)]),
        ([(0, 1000)], [(300, 700)], []),
        ([(0, 1000), (2000, 3000)], [(100, 900)], [(2000, 3000)]),
        ([(0, 4000)], [(0, 1000), (3500, 4000)], [(1250, 3250)]),
        ([(0, 390)], [], []),
        ([(1000, 2000)], [(500, 800)], [(1050, 2000)]),
    ],
)
def test_detected_speech_without_words_is_found(spans: Any, words: Any, left: Any) -> None:
    assert speech_without_words([Span(*s) for s in spans], said(*words)) == [Span(*s) for s in left]


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda s: Span(100 * s[0], 100 * (s[0] + s[1]))))


@settings(max_examples=300)
@given(spans=SPANS, words=SPANS)
def test_what_is_left_has_no_word_near_it_and_nothing_long_is_left_out(spans: list[Span], words: list[Span]) -> None:
    near = {ms for w in words for ms in range(w.start_ms - 250, w.end_ms + 250, 50)}
    expected = []
    for span in spans:
        free = [ms for ms in range(span.start_ms, span.end_ms, 50) if ms not in near]
        starts = [ms for ms in free if ms - 50 not in free]
        ends = [ms + 50 for ms in free if ms + 50 not in free]
        expected += [Span(a, b) for a, b in zip(starts, ends) if b - a >= 400]

    assert speech_without_words(spans, said(*((w.start_ms, w.end_ms) for w in words))) == expected


def test_times_are_told_in_minutes_and_tenths() -> None:
    assert format_spans([Span(3749, 6400), Span(59_960, 62_000)]) == "0:03.7-0:06.4, 1:00.0-1:02.0"


class Deaf(FakeRecogniser):
    """Hears nothing that begins in its first window."""

    fingerprint = "deaf at first"

    def __init__(self, until: int) -> None:
        super().__init__()
        self.until = until

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        found = super().recognise(audio, span, language)
        return () if len(self.windows) <= self.until else found


def test_what_a_second_look_hears_is_kept_and_not_warned_of(run: Run, spoken: Any) -> None:
    source = media.ingest(run.store, spoken.path, stream=None, language=None)
    assert transcribe(run, source, Deaf(1), "en", ("en",)).segments
    assert not run.warnings


def test_a_voice_without_words_ends_in_an_error_that_names_its_times(run: Run, spoken: Any) -> None:
    source = media.ingest(run.store, spoken.path, stream=None, language=None)
    with pytest.raises(MediaError, match=r"no words could be made out where a voice was detected, 0:0\d\.\d-0:0"):
        transcribe(run, source, Deaf(99), "en", ("en",))


@pytest.mark.shared
@pytest.mark.slow
def test_lines_after_a_doubtful_opening_are_heard_in_every_cut(
    run: Run, shared: Path, tmp_path: Path, engine: Callable[[Any, str], Any]
) -> None:
    """Whisper takes the clip for silence (no_speech .6) and is sure of its words (log-probability -.23)."""
    clip = shared / "cases" / "media" / "lost_speech.mp4"
    media.run_ffmpeg(["-v", "error", "-i", media.url(clip), media.url(tmp_path / "whole.wav")], str(clip))
    samples, rate = soundfile.read(tmp_path / "whole.wav", always_2d=True)
    recogniser = engine("recogniser", "faster_whisper")
    lost = []
    for start, end in CUTS:
        soundfile.write(tmp_path / "cut.wav", samples[start * rate // 1000 : end * rate // 1000], rate)
        source = media.ingest(run.store, tmp_path / "cut.wav", stream=None, language=None)
        text = " ".join(s.text for s in transcribe(run, source, recogniser, "en", ("en",)).segments)
        lost += [(start, end, line, text) for line in LINES if line not in text]
    assert lost == []


def test_padding_with_silence_loses_no_line(
    run: Run, spoken: Any, tmp_path: Path, engine: Callable[[Any, str], Any]
) -> None:
    samples, rate = soundfile.read(spoken.path)
    soundfile.write(tmp_path / "late.wav", np.concatenate([np.zeros(3 * rate), samples]), rate)
    source = media.ingest(run.store, tmp_path / "late.wav", stream=None, language=None)
    assert len(transcribe(run, source, engine("recogniser", "faster_whisper"), "en", ("en",)).segments) == 2
