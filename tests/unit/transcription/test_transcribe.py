"""Speech to segments: real speech heard by the real recogniser, and the rules that part it into lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from localize import media
from localize.data import Media, Segment, Span, Utterance, Word
from localize.errors import MediaError
from localize.events import Run
from localize.testing import FakeRecogniser
from localize.transcription.lines import LONG_LINE_MS, renumber, segment_lines
from localize.transcription.transcribe import MARGIN_MS, WINDOW_MS, recognition_windows, transcribe

SPANS = st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 70_000)), max_size=12)


def spans_of(pieces: list[tuple[int, int]]) -> list[Span]:
    spans, clock = [], 0
    for gap, length in pieces:
        spans.append(Span(clock + gap, clock + gap + length))
        clock += gap + length
    return spans


@settings(max_examples=80)
@given(SPANS, st.integers(0, 5000))
def test_windows_hold_all_speech_fit_the_recogniser_and_never_overlap(pieces: Any, tail: int) -> None:
    spans = spans_of(pieces)
    end = (spans[-1].end_ms if spans else 0) + tail
    windows = recognition_windows(spans, end)
    for window in windows:
        assert 0 <= window.start_ms < window.end_ms <= end
        assert window.length_ms <= WINDOW_MS + 2 * MARGIN_MS + 1
    assert all(a.end_ms <= b.start_ms for a, b in zip(windows, windows[1:]))
    for span in spans:
        assert sum(w.overlap_ms(span) for w in windows) == span.length_ms


def test_near_stretches_are_heard_together_far_ones_apart() -> None:
    assert len(recognition_windows([Span(0, 1000), Span(2000, 3000)], 9000)) == 1
    assert len(recognition_windows([Span(0, 1000), Span(8000, 9000)], 9000)) == 2


def words(*timed: tuple[str, int, int]) -> tuple[Utterance, ...]:
    made = tuple(Word(text, Span(a, b)) for text, a, b in timed)
    return (Utterance(" ".join(w.text for w in made), made),)


@pytest.mark.parametrize(
    ("first", "pause", "lines"),
    [
        ("so", 100, 1),
        ("so", 600, 1),
        ("so", 800, 2),
        ("so.", 100, 1),
        ("so.", 250, 2),
        ("so?", 300, 2),
        ("so,", 300, 1),
    ],
)
def test_lines_part_at_long_pauses_and_at_the_ends_of_sentences(first: str, pause: int, lines: int) -> None:
    found = segment_lines(words((first, 0, 500), ("then", 500 + pause, 1000 + pause)))
    assert len(found) == lines


def test_a_line_does_not_grow_without_end() -> None:
    timed = [(f"w{n}", n * 700, n * 700 + 450) for n in range(60)]
    found = segment_lines(words(*timed))
    assert len(found) > 1
    assert all(s.span.length_ms <= LONG_LINE_MS + 1200 for s in found)
    assert " ".join(s.text for s in found).split() == [w for w, _, _ in timed]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["a", "b.", "c?"]), st.integers(0, 1500), st.integers(0, 900)), max_size=25))
def test_no_word_is_lost_whatever_the_times(pieces: Any) -> None:
    clock, timed = 0, []
    for text, gap, length in pieces:
        timed.append((text, clock + gap, clock + gap + length))
        clock += gap + length
    found = segment_lines(words(*timed)) if timed else segment_lines(())
    assert [w.text for s in found for w in s.words] == [w for w, _, _ in timed]
    assert all(s.span.length_ms > 0 for s in found)
    assert [s.id for s in found] == [f"s{n:04}" for n in range(1, len(found) + 1)]


def test_segments_are_numbered_in_order_of_time() -> None:
    later, sooner = Segment("x", Span(500, 900), "S1", "b"), Segment("y", Span(0, 400), "S2", "a")
    assert [(s.id, s.text, s.speaker) for s in renumber((later, sooner))] == [
        ("s0001", "a", "S2"),
        ("s0002", "b", "S1"),
    ]


# --- wiring ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def speech(run: Run, spoken: Any) -> Media:
    return media.ingest(run.store, spoken.path, stream=None, language=None)


def test_a_second_run_hears_nothing_anew(run: Run, speech: Media) -> None:
    engine = FakeRecogniser()
    first = transcribe(run, speech, engine, "en", ("en",))
    asked = len(engine.windows)
    assert asked > 0
    assert transcribe(run, speech, engine, "en", ("en",)) == first
    assert len(engine.windows) == asked
    transcribe(run, speech, engine, "es", ("es",))
    assert len(engine.windows) == 2 * asked


def test_a_run_that_was_stopped_goes_on_where_it_was(run: Run, tmp_path: Path, spoken: Any) -> None:
    """Two stretches of speech far apart are two windows; the engine dies at the second."""
    voice = soundfile.read(spoken.path)[0]
    track = np.concatenate([voice, np.zeros(4 * 48_000), voice])
    soundfile.write(tmp_path / "two.wav", track, 48_000, "PCM_24")
    source = media.ingest(run.store, tmp_path / "two.wav", stream=None, language=None)

    class Dying(FakeRecogniser):
        def recognise(self, audio: Path, span: Span, language: str) -> Any:
            if self.windows:
                raise KeyboardInterrupt
            return super().recognise(audio, span, language)

    with pytest.raises(KeyboardInterrupt):
        transcribe(run, source, Dying(), "en", ("en",))
    engine = FakeRecogniser()
    transcribe(run, source, engine, "en", ("en",))
    assert len(engine.windows) == 1


def test_an_unsure_language_is_told(run: Run, speech: Media) -> None:
    class Unsure(FakeRecogniser):
        fingerprint = "unsure"

        def identify(self, audio: Path, spans: Any, among: frozenset[str]) -> tuple[str, float]:
            return "pt", 0.4

    assert transcribe(run, speech, Unsure(), None, ("en", "pt")).language == "pt"
    assert [w.code for w in run.warnings] == ["language_unsure"]
    assert "--from" in run.warnings[0].message


# --- the real recogniser ---------------------------------------------------------------------------------------------


def test_real_speech_becomes_lines_with_the_words_that_were_said(
    run: Run, speech: Media, spoken: Any, engine: Callable[[Any, str], Any]
) -> None:
    found = transcribe(run, speech, engine("recogniser", "faster_whisper"), None, ("en", "pt"))
    assert found.language == "en"
    assert not found.given

    def plain(text: str) -> list[str]:
        return re.findall(r"[a-z]+|9", text.lower().replace("nine", "9"))

    assert plain(" ".join(s.text for s in found.segments)) == plain(" ".join(spoken.texts))
    assert len(found.segments) == 2
    for segment, truth in zip(found.segments, spoken.phrases):
        assert abs(segment.span.start_ms - truth.start_ms) <= 80
        assert abs(segment.span.end_ms - truth.end_ms) <= 120
        assert segment.phrases[0].start_ms == segment.span.start_ms
        assert " ".join(w.text for w in segment.words) == segment.text


@pytest.mark.parametrize("kind", ["silence", "noise", "music"])
def test_where_nobody_speaks_no_words_are_invented(
    run: Run, tmp_path: Path, kind: str, engine: Callable[[Any, str], Any]
) -> None:
    at = np.arange(6 * 48_000) / 48_000
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    samples = {
        "silence": np.zeros(len(at)),
        "noise": np.random.default_rng(1).normal(0, 0.1, len(at)),
        "music": sum(
            0.1 * np.sin(2 * np.pi * np.array([c[k] for c in chords])[(at // 1.5).astype(int) % 4] * at)
            for k in range(3)
        )
        * np.exp(-2 * (at % 0.75)),
    }[kind]
    soundfile.write(tmp_path / "x.wav", samples, 48_000, "PCM_16")
    source = media.ingest(run.store, tmp_path / "x.wav", stream=None, language=None)
    with pytest.raises(MediaError, match="no speech found") as caught:
        transcribe(run, source, engine("recogniser", "faster_whisper"), "en", ("en",))
    assert caught.value.details["file"] == str(tmp_path / "x.wav")


def test_a_silent_track_names_the_others(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.mkv"
    silence = ["-f", "lavfi", "-i", "anullsrc=cl=mono:d=1"]
    media.run_ffmpeg(
        ["-v", "error", *silence, *silence, "-map", "0", "-map", "1", "-metadata:s:a:1", "title=Boom", media.url(path)],
        "x",
    )
    source = media.ingest(run.store, path, stream=None, language=None)
    with pytest.raises(
        MediaError, match=r'no speech found: .*; this is stream 0 .*also 1 \(untagged, "Boom", .*--stream'
    ):
        transcribe(run, source, FakeRecogniser(), "en", ("en",))
