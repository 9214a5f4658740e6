"""Bring sound to a length: each phrase of a take where it was planned, by stretching and silence; no sound is cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..data import Span
from ..signal.activity import voice_activity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

STRETCH = (0.85, 1.25)
"""What python-stretch does without audible harm (FACTS: DNSMOS 3.2-3.3)."""
MAX_STRETCH = 0.12
"""A phrase that an exact engine leaves this share too short or too long is stretched to land where it was planned: its
sounds come in steps of 25 ms, and no predictor knows how long a voice fades."""
NEAR_MS = 5
"""What is heard is measured in steps of 5 ms."""
FADE_MS = 10
TAIL_MS = 40


def trim_to_spans(samples: Samples, rate: int, lead_ms: int, spans: Sequence[Span]) -> tuple[Samples, tuple[Span, ...]]:
    """Keep each phrase from its first sound to its last phoneme, however quiet, at its planned time; all else is
    silence.

    Args:
        samples: mono audio in which phrase n is heard near `spans[n]`.
        rate: samples a second.
        lead_ms: where time 0 of `spans` lies in `samples`.
        spans: the plan, from 0.

    Returns:
        audio from the first sound on, and where each phrase is heard in it; a whispered ending may lie after that.
    """
    import numpy as np

    found = voice_activity(samples, rate)
    pieces: list[tuple[int, Samples, int]] = []
    for i, span in enumerate(spans):
        left = (spans[i - 1].end_ms + span.start_ms) // 2 if i else -10_000
        right = (span.end_ms + spans[i + 1].start_ms) // 2 if i + 1 < len(spans) else 10_000_000
        window = Span(left + lead_ms, right + lead_ms)
        mine = [s for s in found if s.overlap_ms(window) * 2 > s.length_ms]
        start = max(window.start_ms, mine[0].start_ms) if mine else span.start_ms + lead_ms
        end = min(window.end_ms, mine[-1].end_ms) if mine else span.end_ms + lead_ms
        kept = min(window.end_ms, max(end, span.end_ms + lead_ms) + TAIL_MS)
        a, b = max(0, start * rate // 1000), min(len(samples), kept * rate // 1000)
        piece, length = samples[a:b], end - start
        if NEAR_MS < abs(span.length_ms - length) <= MAX_STRETCH * length:
            piece = stretch_to(piece, rate, span.length_ms / length)
            length = voice_activity(piece, rate)[-1].end_ms
        pieces.append((span.start_ms * rate // 1000, fade_edges(piece, rate), length * rate // 1000))
    audio = np.zeros(max(at + len(piece) for at, piece, _ in pieces), np.float32)
    for at, piece, _ in pieces:
        audio[at : at + len(piece)] += piece
    heard = tuple(Span(round(at * 1000 / rate), round((at + length) * 1000 / rate)) for at, _, length in pieces)
    return audio, heard


def fade_edges(piece: Samples, rate: int) -> Samples:
    """Sound that begins and ends without a step."""
    import numpy as np

    ramp = min(FADE_MS * rate // 1000, len(piece) // 2)
    piece = piece.copy()
    if ramp:
        piece[:ramp] *= np.linspace(0, 1, ramp, dtype=np.float32)
        piece[-ramp:] *= np.linspace(1, 0, ramp, dtype=np.float32)
    return piece


def stretch_to(samples: Samples, rate: int, factor: float) -> Samples:
    """Audio `factor` times as long at the same pitch (Signalsmith Stretch)."""
    import numpy as np
    import python_stretch

    stretch = python_stretch.Signalsmith.Stretch()
    stretch.preset(1, rate)
    stretch.setTimeFactor(1 / factor)
    result = np.asarray(stretch.process(samples[np.newaxis, :].astype(np.float32)), np.float32)[0]
    wanted = round(len(samples) * factor)
    return np.pad(result, (0, max(0, wanted - len(result))))[:wanted]


def bounded_stretch(wanted: float, there: float) -> float:
    """The factor nearest to `wanted / there` that does no audible harm."""
    return min(max(wanted / there, 1 / STRETCH[1]), 1 / STRETCH[0])
