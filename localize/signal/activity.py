"""Voice activity on plain samples: where sound is above the floor."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..data import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Flags = NDArray[np.bool_]


def true_runs(flags: Flags) -> list[tuple[int, int]]:
    """The runs of consecutive true values: (first index, index after the last) of each, in order."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2])]


def spans_of_frames(active: Flags, frame_ms: int, first: int = 0) -> list[Span]:
    """The runs of active frames as spans.

    Args:
        active: one value for each frame.
        frame_ms: length of a frame.
        first: number of the first frame, counted from the start of the recording.
    """
    return [Span((first + a) * frame_ms, (first + b) * frame_ms) for a, b in true_runs(active)]


def frames_of_spans(spans: Sequence[Span], frame_ms: int, total: int) -> Flags:
    """Which of `total` frames the spans touch: `spans_of_frames` the other way."""
    import numpy as np

    mask = np.zeros(total, bool)
    for span in spans:
        mask[span.start_ms // frame_ms : -(-span.end_ms // frame_ms)] = True
    return mask


def close_gaps(spans: Sequence[Span], gap_ms: int) -> list[Span]:
    """Spans in order of time, those joined that are less than `gap_ms` apart."""
    merged: list[Span] = []
    for span in spans:
        if merged and span.start_ms - merged[-1].end_ms < gap_ms:
            merged[-1] = Span(merged[-1].start_ms, span.end_ms)
        else:
            merged.append(span)
    return merged


def overlapping(spans: Sequence[Span], span: Span) -> Sequence[Span]:
    """Of spans in order of time, none of which overlap, those that overlap one."""
    first = bisect_right(spans, span.start_ms, key=lambda s: s.end_ms)
    return spans[first : bisect_left(spans, span.end_ms, lo=first, key=lambda s: s.start_ms)]


def voice_activity(samples: Samples, rate: int) -> list[Span]:
    """Where clean speech is heard: 5 ms frames within 38 dB of the loud ones, gaps under 100 ms closed."""
    import numpy as np

    hop = rate // 200
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return [Span(0, max(1, len(samples) * 1000 // rate))]
    level = 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) + 1e-9)
    active = level > max(float(np.percentile(level, 99)) - 38.0, -65.0)
    spans = close_gaps(spans_of_frames(active, 5), 100)
    spans = [s for s in spans if s.length_ms >= 30] or spans
    return spans or [Span(0, max(1, len(samples) * 1000 // rate))]
