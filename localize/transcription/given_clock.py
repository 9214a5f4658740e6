"""Whether given times fit a film: cues that were timed for another version of it lie beside its voices.

A film of 24 frames a second is shown at 25 on television, and a master may begin elsewhere: every cue is then early or
late, by 4 % of its time or by as much throughout. Cues and voices are taken for signals of ten values a second, and
their correlation tells at which rate and where they lie on one another; of those that fit, and of those that were moved
or stretched, see `tests/unit/transcription/test_given_clock.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..data import Span
from ..signal.activity import frames_of_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATES = {"23.976": 24_000 / 1001, "24": 24.0, "25": 25.0}
"""Frames a second at which versions of one film are shown."""
HOP_MS = 100
FARTHEST_MS = 30_000
"""Cues are looked for up to so much earlier or later."""
NEAR_MS = 200
"""Nearer than this nobody times lines."""
FEWEST = 8
"""Fewer lines lie on any voices by chance."""
FITS, BETTER, ALIKE = 0.45, 0.25, 0.06
"""Correlation from which moved cues fit, by how much more than as they are, and what makes no difference. Of cues that
fit, in meetings and in a film, it is 0.47 to 0.79, and no other rate or place has 0.03 more; moved by a second they
have at most 0.31."""


@dataclass(frozen=True, slots=True)
class OtherClock:
    """How given times would fit a film.

    Args:
        fps: the rate they count at and the film's, "25:23.976"; "" where they are the same.
        offset_ms: added to all times after that.
        fit: correlation of cues and voices as they are.
        moved_fit: the same with these times.
    """

    fps: str
    offset_ms: int
    fit: float
    moved_fit: float


def find_other_clock(cues: Sequence[Span], voices: Sequence[Span]) -> OtherClock | None:
    """How given times would fit a film; None where they do, or where nothing fits them better by far.

    Args:
        cues: where lines are said to be spoken, on the sound's clock.
        voices: where voices are heard.
    """
    if len(cues) < FEWEST or not voices:
        return None
    pairs = {f"{a}:{b}": RATES[a] / RATES[b] for a in RATES for b in RATES if a != b}
    total = 1 + round(max(max(c.end_ms for c in cues) * max(pairs.values()), voices[-1].end_ms) / HOP_MS)
    heard = frames_of_spans(voices, HOP_MS, total).astype(float)
    found: list[tuple[float, str, int]] = []
    fit = 0.0
    for fps, ratio in {"": 1.0, **pairs}.items():
        moved = [Span(round(c.start_ms * ratio), round(c.end_ms * ratio)) for c in cues]
        said = frames_of_spans(moved, HOP_MS, total).astype(float)
        fits = _correlations(heard, said, FARTHEST_MS // HOP_MS)
        fit = fit if fps else max(r for at, r in fits.items() if abs(at) * HOP_MS <= NEAR_MS)
        shift = max(fits, key=lambda at: (round(fits[at], 3), -abs(at)))
        found.append((fits[shift], fps, shift * HOP_MS))
    best = max(found)[0]
    # Where a rate alone or a beginning alone explains as much, not both: in a minute 23.976 and 24 are the same.
    alike = [one for one in found if one[0] >= best - ALIKE]
    moved_fit, fps, offset_ms = max(alike, key=lambda one: (-bool(one[1]) - (abs(one[2]) > NEAR_MS), one[0]))
    if moved_fit < FITS or moved_fit < fit + BETTER:
        return None
    return OtherClock(fps, offset_ms, round(fit, 2), round(moved_fit, 2))


def _correlations(heard: NDArray[np.float64], said: NDArray[np.float64], farthest: int) -> dict[int, float]:
    """Pearson's correlation of two signals for every shift of the second, in values of it."""
    import numpy as np

    size = 1 << (2 * len(heard) - 1).bit_length()
    farthest = min(farthest, len(heard) - 1)
    one, other = heard - heard.mean(), said - said.mean()
    power = float(np.sqrt((one**2).sum() * (other**2).sum()))
    if not power:
        return dict.fromkeys(range(-farthest, farthest + 1), 0.0)
    both = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)), size)
    return {shift: float(both[shift]) / power for shift in range(-farthest, farthest + 1)}
