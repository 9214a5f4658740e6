"""Runs of flags, spans of frames, gaps that are closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from localize.data import Span
from localize.signal.activity import close_gaps, spans_of_frames, true_runs, voice_activity


@pytest.mark.parametrize(
    ("flags", "runs"),
    [
        ("", []),
        ("....", []),
        ("####", [(0, 4)]),
        ("#", [(0, 1)]),
        ("##..#.###", [(0, 2), (4, 5), (6, 9)]),
        (".#.", [(1, 2)]),
    ],
)
def test_runs_of_true_flags(flags: str, runs: list[tuple[int, int]]) -> None:
    assert true_runs(np.array([flag == "#" for flag in flags], np.bool_)) == runs


def test_frames_are_counted_from_the_start_of_the_recording() -> None:
    active = np.array([False, True, True, False, True])
    assert spans_of_frames(active, 10) == [Span(10, 30), Span(40, 50)]
    assert spans_of_frames(active, 5, 100) == [Span(505, 515), Span(520, 525)]


def test_gaps_shorter_than_the_limit_are_closed() -> None:
    spans = [Span(0, 100), Span(199, 300), Span(400, 500)]
    assert close_gaps(spans, 100) == [Span(0, 300), Span(400, 500)]
    assert close_gaps([], 100) == []


def test_speech_is_found_between_silences(tone: Callable[..., Any]) -> None:
    silence = np.zeros(8_000, np.float32)
    word = np.asarray(tone(0.5, 150.0, 0.3, 16_000), np.float32)
    found = voice_activity(np.concatenate([silence, word, silence[:1000], word, silence]), 16_000)
    assert [(round(s.start_ms, -1), round(s.end_ms, -1)) for s in found] == [(500, 1560)], "62 ms are no pause"
