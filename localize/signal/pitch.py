"""Fundamental frequency of a voice, by YIN.

Nothing here imports librosa: importing it compiles functions with numba into a cache beside its files, and two
processes that fill this cache at once can leave it broken, after which every later process dies (numba issue 10128).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


PITCH_HZ = 16_000
"""Sample rate of what is measured."""
YIN_FRAME, YIN_HOP = 1024, 320
"""Samples of a frame and between two, of 16 kHz: two periods of the lowest voice fit, one value every 20 ms."""
YIN_LOWEST_HZ, YIN_HIGHEST_HZ = 65.0, 400.0
YIN_THRESHOLD = 0.1
"""Of the normalised difference, below which a period is taken (de Cheveigné & Kawahara 2002, step 4)."""

APERIODIC = 0.45
"""Of the same: a frame with more of it at its period is no voice. In 64 ms a voice that rises or falls repeats but
roughly."""
VOICED_DB = 25.0
JUMP_ST = 6.0
"""Further from its neighbours a value is an octave taken wrongly."""


def pitch_track(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fundamental frequency in Hz and RMS level, one each 20 ms, by YIN (de Cheveigné & Kawahara, JASA 111.4, 2002).

    The difference function is computed from the autocorrelation, as librosa does; where no period is below the
    threshold the best one is taken, so that frames without a voice have a value too, which means nothing.

    Args:
        samples: mono, 16 kHz, at least one frame long.
    """
    (found, _), levels = _track(samples)
    return found, levels


def voiced_pitch(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fundamental frequency in Hz where a voice is heard, 0 elsewhere, and RMS level, one each 20 ms.

    A frame is voiced whose sound repeats (see `APERIODIC`), within `VOICED_DB` of the loud ones and `JUMP_ST` of the
    median of its neighbours.

    Args:
        samples: mono, 16 kHz, of one phrase; shorter than a frame has no voice.
    """
    import numpy as np

    if len(samples) < YIN_FRAME:
        return np.zeros(0), np.zeros(0)
    (found, unlike), levels = _track(samples)
    loud = levels > np.percentile(levels, 95) * 10 ** (-VOICED_DB / 20)
    pitch = np.where((unlike < APERIODIC) & loud, found, 0.0)
    voiced = np.flatnonzero(pitch)
    for at in voiced:
        near = pitch[max(0, at - 3) : at + 4]
        near = near[near > 0]
        if len(near) < 3 or abs(12 * np.log2(found[at] / np.median(near))) > JUMP_ST:
            pitch[at] = 0.0
    return pitch, levels


def final_movement(pitch: NDArray[np.float64], hop_ms: float) -> float | None:
    """How far the end of a phrase lies above what is before it, in semitones; below 0 it falls.

    The median of the last 100 ms before its last voiced sound against that of the 300 ms before those.

    Args:
        pitch: fundamental frequency in Hz, 0 where there is no voice.
        hop_ms: between two values.

    Returns:
        None where either part has fewer than two voiced values.
    """
    import numpy as np

    voiced = np.flatnonzero(pitch > 0)
    if not len(voiced):
        return None
    end, last, before = int(voiced[-1]) + 1, round(100 / hop_ms), round(400 / hop_ms)
    parts = pitch[max(0, end - last) : end], pitch[max(0, end - before) : max(0, end - last)]
    tail, body = (part[part > 0] for part in parts)
    if len(tail) < 2 or len(body) < 2:
        return None
    return float(12 * np.log2(np.median(tail) / np.median(body)))


def _track(
    samples: Samples,
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    """Pitch and how little each frame repeats, and its level."""
    import numpy as np

    padded = np.pad(np.asarray(samples, np.float64), YIN_FRAME // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, YIN_FRAME)[::YIN_HOP]
    shortest, longest = int(PITCH_HZ / YIN_HIGHEST_HZ), int(np.ceil(PITCH_HZ / YIN_LOWEST_HZ))
    parts = [_periods(part, shortest, longest) for part in np.array_split(frames, -(-len(frames) // 500))]
    periods, unlike = (np.concatenate(values) for values in zip(*parts))
    return (PITCH_HZ / periods, unlike), np.sqrt((frames**2).mean(axis=1))


def _periods(
    frames: NDArray[np.float64], shortest: int, longest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The period of each frame in samples, between two integers, and the normalised difference there."""
    import numpy as np

    lags = np.arange(1, longest + 1)
    spectrum = np.fft.rfft(frames, 2 * YIN_FRAME)
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[:, : longest + 1]
    differences = 2 * (alike[:, :1] - alike[:, 1:]) - np.cumsum(frames**2, axis=1)[:, :longest]
    mean = np.cumsum(differences, axis=1) / lags
    low = differences[:, shortest - 1 :] / (mean[:, shortest - 2 : -1] + np.finfo(np.float64).tiny)
    before, after = np.diff(low, axis=1) < 0, np.diff(low, axis=1) >= 0
    ones = np.ones((len(low), 1), np.bool_)
    trough = np.hstack([ones, before]) & np.hstack([after, ones])
    trough[:, 0] = low[:, 0] < low[:, 1]
    good = trough & (low < YIN_THRESHOLD)
    at = np.where(good.any(axis=1), good.argmax(axis=1), low.argmin(axis=1))
    return shortest + at + _vertex(low, at), low[np.arange(len(low)), at]


def _vertex(curves: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far the lowest point of the parabola through three neighbours is from the middle one; 0 at the edges."""
    import numpy as np

    rows, inner = np.arange(len(curves)), np.clip(at, 1, curves.shape[1] - 2)
    left, middle, right = (curves[rows, inner + step] for step in (-1, 0, 1))
    bend, slope = left + right - 2 * middle, (right - left) / 2
    usable = (np.abs(slope) < np.abs(bend)) & (at == inner)
    return np.where(usable, -slope / np.where(usable, bend, 1.0), 0.0)
