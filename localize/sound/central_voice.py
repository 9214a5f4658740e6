"""Whether the voices of a stereo sound are in or near its middle, so that those found in the mean of both channels are
those of each: one run of the separator then serves the recogniser, the bed and the room.

Decided by measure, ten seconds at a time: what the side (half of left minus right) has in common with the voices. A
voice beside the middle is in the side at once, one in a stereo room a little later; music is in it by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Spectrum = NDArray[np.complexfloating]


BAND_HZ = (100, 8_000)
"""Where voices have their power."""
STEADY_FRAMES = 94
"""A voice's place is averaged over half a second."""
BESIDE = 0.2
"""Of the voices' amplitude may be in the side: the channels are 3.5 decibels apart then. Further beside, a voice is
found better in its own channel than in the mean."""
WHOLE = 0.6
"""So much of the voices must be in the mean at least: where channels are opposed they were found in one of them."""
ELSEWHERE = 0.02
"""Of the voices' power may be anywhere else."""
DELAYS = (0, 4, 8, 12)
"""In hops of 5.3 ms: early reflections, within 64 ms."""
WIDE = 0.01
"""Of the voices' power may come from the sides as reflections."""
OVERLAPPED = 4
"""Neighbouring frames share three quarters of their samples: so many count as one."""


def place_voices(channels: Spectrum, voices: Spectrum, hertz: NDArray[np.float64]) -> Spectrum | None:
    """Voices found in the mean of the channels, as each channel has them; None where they are not in the middle.

    Args:
        channels: short-time spectra, shape (channels, bins, frames).
        voices: of the mean, shape (bins, frames).
        hertz: of each bin.
    """
    import numpy as np
    from scipy import ndimage

    if len(channels) == 1:
        return voices[None]
    if len(channels) != 2:
        return None
    inside = (hertz >= BAND_HZ[0]) & (hertz <= BAND_HZ[1])
    left, right, voice = channels[0][inside], channels[1][inside], voices[inside]
    mean, side = (left + right) / 2, (left - right) / 2
    power = ndimage.uniform_filter1d((np.abs(voice) ** 2).sum(axis=0), STEADY_FRAMES)
    beside, within = (
        ndimage.uniform_filter1d((x * voice.conj()).real.sum(axis=0), STEADY_FRAMES) / (power + 1e-12)
        for x in (side, mean)
    )
    elsewhere = (np.abs(beside) > BESIDE) | (within < WHOLE)
    if power[elsewhere].sum() > ELSEWHERE * power.sum():
        return None
    beside = np.clip(beside, -BESIDE, BESIDE).astype(np.float32)
    if _reflected(side - beside * voice, voice) > WIDE * float((np.abs(voice) ** 2).sum()):
        return None
    return np.stack([(1 + beside) * voices, (1 - beside) * voices])


def _reflected(side: Spectrum, voice: Spectrum) -> float:
    """Power of the side that follows from the voices, now or up to 64 ms ago; what would follow by chance is taken off.

    By least squares for each bin, as the linear prediction of late reverberation (Nakatani et al. 2010) does it.
    """
    import numpy as np

    late = max(DELAYS)
    frames = voice.shape[1] - late
    if frames <= OVERLAPPED * len(DELAYS):
        return 0.0
    past = np.stack([voice[:, late - d : late - d + frames] for d in DELAYS], axis=1)
    now = side[:, late:]
    alike = np.einsum("btf,buf->btu", past.conj(), past)
    alike += 1e-9 * (1 + np.trace(alike, axis1=1, axis2=2).real)[:, None, None] * np.eye(len(DELAYS))
    shared = np.einsum("btf,bf->bt", past.conj(), now)
    weights = np.linalg.solve(alike, shared[:, :, None])[:, :, 0]
    explained = float((shared.conj() * weights).real.sum())
    rest = float((np.abs(now) ** 2).sum()) - explained
    return float(explained - rest * OVERLAPPED * len(DELAYS) / frames)
