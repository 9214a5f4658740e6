"""Pops of a synthesizer: bursts of a few milliseconds that stand alone in silence, before, between or after words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..data import Span
from .activity import close_gaps, spans_of_frames

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


LONGEST_MS = 12
"""A stop's release lasts 15 ms and more with its breath; what is shorter and stands alone is none."""
ALONE_MS = 8
"""A burst this near to other sound is taken to belong to it."""
UNDER_DB, SILENT_DBFS = 46.0, -66.0
"""What is further under the loudest sound, or under this level, is silence."""
RAMP_MS = 2


def find_pops(samples: Samples, rate: int, voice: Sequence[Span]) -> list[Span]:
    """Where a take pops, in ms: short bursts outside its voice with silence around them.

    Args:
        samples: a take, mono.
        rate: samples a second.
        voice: where it is heard, see `activity.voice_activity`; nothing inside is a pop.
    """
    import numpy as np

    hop = rate // 1000
    frames = np.abs(samples[: len(samples) // hop * hop].reshape(-1, hop))
    if not len(frames):
        return []
    peaks = 20 * np.log10(frames.max(axis=1) + 1e-9)
    loud = peaks > max(float(peaks.max()) - UNDER_DB, SILENT_DBFS)
    sounds = close_gaps(spans_of_frames(loud, 1), ALONE_MS)
    return [s for s in sounds if s.length_ms <= LONGEST_MS and not any(s.overlap_ms(v) for v in voice)]


def silence_pops(samples: Samples, rate: int, voice: Sequence[Span]) -> Samples:
    """A take without its pops: silence for each, faded over 2 ms to both sides; the same samples elsewhere."""
    import numpy as np

    pops = find_pops(samples, rate, voice)
    if not pops:
        return samples
    at = np.arange(len(samples)) * 1000 / rate
    gain = np.ones(len(samples), np.float32)
    for pop in pops:
        away = np.maximum(pop.start_ms - at, at - pop.end_ms)
        gain = np.minimum(gain, np.clip(away / RAMP_MS, 0.0, 1.0)).astype(np.float32)
    silent: Samples = samples * gain
    return silent
