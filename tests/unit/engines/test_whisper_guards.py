"""What of a recogniser's answers counts as said: rows of its own figures, as both Whisper engines give them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import Span
from localize.engines.whisper_guards import accepted_utterances, language_excerpt, listen


def segment(text: str, at_ms: int, certainty: float, no_speech: float = 0.0, likely: float = -0.2) -> Any:
    """Words of 300 ms each, all as certain."""
    words = [
        SimpleNamespace(
            word=f" {w}", start=(at_ms + 300 * n) / 1000, end=(at_ms + 300 * n + 300) / 1000, probability=certainty
        )
        for n, w in enumerate(text.split())
    ]
    return SimpleNamespace(text=text, words=words, no_speech_prob=no_speech, avg_logprob=likely, compression_ratio=1.1)


def test_stretches_whose_language_is_told_lie_apart(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.full(16_000 * 40, 0.5), 16_000, "FLOAT")
    heard = language_excerpt(tmp_path / "x.wav", (Span(0, 1000), Span(2000, 3000)))
    assert (len(heard), int((heard == 0).sum()), heard[0], heard[-1]) == (40_000, 8000, 0.5, 0.5)
    assert len(language_excerpt(tmp_path / "x.wav", (Span(0, 20_000), Span(20_000, 40_000)))) == 30 * 16_000
    assert len(language_excerpt(tmp_path / "x.wav", (Span(0, 1000),))) == 16_000


VOICED = (Span(0, 10_000),)
SURE = ("The bread is in the kitchen.", 2000, 0.95)


@pytest.mark.parametrize(
    ("segments", "kept"),
    [
        # A cut of a clip whose line was lost by a hundredth: .74 beside .94 and .99, decoded at once.
        ([("Where is it?", 0, 0.78, 0.52), (*SURE, 0.52), ("How many", 5000, 0.74, 0.52)], [0, 1, 2]),
        ([("How many", 5000, 0.74, 0.52)], []),
        ([("How many", 5000, 0.76, 0.52)], [0]),
        # What is unlikelier than not is doubted, whatever stands beside it.
        ([(*SURE, 0.52), ("Thank you.", 5000, 0.45, 0.52)], [0]),
        ([(*SURE, 0.3), ("Thank you.", 5000, 0.45, 0.3)], [0, 1]),
        # Others decoded at another time say nothing about it.
        ([(*SURE, 0.1), ("How many", 5000, 0.74, 0.52)], [0]),
        # Not sure of anything: nobody speaks.
        ([("Thanks for watching", 0, 0.6, 0.7), ("Bye", 2000, 0.7, 0.7)], []),
        ([("Thanks for watching", 0, 0.9, 0.7, -1.1)], []),
        ([(*SURE, 0.1), ("Subtitles by the Amara.org community", 5000, 0.9, 0.1)], [0]),
        ([("Subtítulos realizados por la comunidad de Amara.org", 0, 0.9)], []),
    ],
)
def test_a_soft_line_among_sure_ones_is_not_taken_for_silence(segments: list[Any], kept: list[int]) -> None:
    made = [segment(*row) for row in segments]
    assert [u.text for u in accepted_utterances(made, VOICED, 0)] == [made[n].text for n in kept]


@pytest.mark.parametrize(
    ("parted", "whole", "heard"),
    [
        ([SURE], [("Other words", 0, 0.9)], SURE[0]),
        ([], [SURE], SURE[0]),
        ([("How many", 0, 0.6, 0.7)], [SURE], SURE[0]),
        ([], [("Thank you.", 0, 0.7)], ""),
        ([], [], ""),
    ],
)
def test_a_stretch_in_which_nothing_is_heard_is_heard_once_more(
    parted: list[Any], whole: list[Any], heard: str
) -> None:
    answers = {True: [segment(*row) for row in parted], False: [segment(*row) for row in whole]}
    assert " ".join(u.text for u in listen(lambda how: answers[how], VOICED, 0)) == heard
