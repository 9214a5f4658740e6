"""Pops of a synthesizer: bursts of a few milliseconds alone in silence, and clicks in the middle of a voice.

A click in a voice is what a linear predictor of the voice does not foresee (Vaseghi & Rayner 1990, "Detection and
suppression of impulsive noise in speech communication systems"; Godsill & Rayner 1998, chapter 5): a residual that
stands out among the pulses of the glottis on both sides of it.
"""

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
STANDS_OUT = 3.0
"""A click's residual against the greatest within `BESIDE_MS` to both sides; in takes without clicks 1.8 at most."""
LOUD = 0.3
"""A click's residual against the peak of the voice beside it. In recorded speech the release of a voiced stop, or a
voice that sets in again, stands out too: of eleven in 128 s nine reach 0.11 to 0.27; clicks as loud as the voice 0.4 to
1.4."""
GONE = 0.02
"""Peak of a millisecond, against the voice beside it, where samples are missing: their edges may stand out less."""
CLICK_MS, BESIDE_MS = 5, 25
"""So far to both sides a click reaches; the pulses of the deepest voice are 16 ms apart."""
VOICED, VOICED_DB, VOICED_MS = 0.5, 20.0, 30
"""How periodic the sound is on both sides of a click, and how far it may lie under the take: a stop's release has its
closure before it, a whisper no pitch."""
PITCH_HZ = (60, 400)
PREDICTED_MS = 30
"""The predictor is estimated on this much, with one coefficient for each kHz."""


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


def find_clicks(samples: Samples, rate: int) -> list[int]:
    """Where a take clicks in the middle of its voice, in ms.

    Found are impulses and bursts of a few ms as loud as the voice, and samples that are missing; not what is a quarter
    as loud, nor a bump without high frequencies, nor the stops of a recorded voice.

    Args:
        samples: a take, mono.
        rate: samples a second.
    """
    import numpy as np

    hop = rate // 1000
    if len(samples) < 2 * BESIDE_MS * hop:
        return []
    frames = _residual(samples, rate)[: len(samples) // hop * hop].reshape(-1, hop)
    peaks = np.abs(frames).max(axis=1)
    levels = np.abs(samples[: len(samples) // hop * hop].reshape(-1, hop)).max(axis=1)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(peaks, BESIDE_MS), BESIDE_MS - CLICK_MS).max(axis=1)
    count = len(peaks)
    beside = np.maximum(around[:count], around[BESIDE_MS + CLICK_MS + 1 : BESIDE_MS + CLICK_MS + 1 + count])
    found: list[int] = []
    for at in np.flatnonzero(peaks > STANDS_OUT * np.maximum(beside, 1e-9)).tolist():
        near = bool(found) and at - found[-1] <= CLICK_MS
        if not near and _is_loud(peaks, levels, at) and _voiced_beside(samples, rate, at * hop + hop // 2):
            found.append(at)
    return found


def _is_loud(residual: NDArray[np.float64], levels: Samples, at: int) -> bool:
    """Whether what stands out in a millisecond is as loud as the voice, or what is left where samples are missing."""
    beside = [levels[max(0, at - BESIDE_MS) : max(0, at - CLICK_MS)], levels[at + CLICK_MS + 1 : at + BESIDE_MS + 1]]
    voice = max((float(side.max()) for side in beside if len(side)), default=0.0)
    around = levels[max(0, at - CLICK_MS) : at + CLICK_MS + 1]
    return bool(residual[at] > LOUD * voice or around.min() < GONE * voice)


def _residual(samples: Samples, rate: int) -> NDArray[np.float64]:
    """What linear prediction leaves of a sound, its predictor estimated anew every 15 ms (autocorrelation method)."""
    import numpy as np

    order, half = rate // 1000, rate * PREDICTED_MS // 2000
    window = np.hanning(2 * half + 1)[:-1]
    padded = np.pad(samples.astype(np.float64), (half + order, 2 * half))
    left = np.zeros(len(padded))
    lags = np.abs(np.arange(order)[:, None] - np.arange(order)[None])
    for start in range(0, len(samples) + half, half):
        piece = padded[start + order : start + order + 2 * half] * window
        power = np.fft.irfft(np.abs(np.fft.rfft(piece, 4 * half)) ** 2)[: order + 1]
        if power[0] < 1e-9:
            continue
        power[0] *= 1.0001
        predictor = np.linalg.solve(power[lags], power[1:])
        heard = padded[start : start + order + 2 * half]
        wrong = heard[order:] - np.convolve(heard[:-1], predictor, "valid")
        left[start : start + 2 * half] += wrong * window
    return left[half : half + len(samples)]


def _voiced_beside(samples: Samples, rate: int, at: int) -> bool:
    """Whether a voice is heard right before and right after a sample."""
    import numpy as np

    away, length = (CLICK_MS + 1) * rate // 1000, VOICED_MS * rate // 1000
    heard = samples[np.abs(samples) > 10 ** (SILENT_DBFS / 20)]
    least = float((heard.astype(np.float64) ** 2).mean()) / 10 ** (VOICED_DB / 10)
    for first in (at - away - length, at + away):
        piece = samples[max(0, first) : max(0, first) + length].astype(np.float64)
        if len(piece) < length or first < 0 or float((piece**2).mean()) < least:
            return False
        piece = piece - piece.mean()
        lags = range(rate // PITCH_HZ[1], min(rate // PITCH_HZ[0], length - 1))
        alike = (piece[:-n] @ piece[n:] / np.sqrt((piece[:-n] @ piece[:-n]) * (piece[n:] @ piece[n:])) for n in lags)
        if max(alike) < VOICED:
            return False
    return True


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
