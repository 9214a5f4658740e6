"""Lead the pitch and energy curves of a line that Kokoro is about to speak.

The curves that the voice would have by itself are known before it speaks (`contour.onnx`), so that a wish is reached
from there: what is asked for is a factor of the pitch and an addition to the energy, two values a frame of 25 ms.
Frames without voice are near 0 Hz, and a factor leaves them there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..data import Manner
from ..signal.pitch import final_movement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Curve = NDArray[np.float32]

STEP_MS = 12.5
VOICED_HZ, VOICED = 50.0, 0.6
"""Lower values of the curve are no voice, nor are those under this share of the voice's usual pitch: it dies away."""
MOST_ST = 6.0
"""Furthest that any frame is moved: beyond it the voice is no longer the same (`docs/expression.md`)."""
TURNED_ST = 9.0
"""The same of the end of a phrase that is to move another way than its own."""
MOVED_ST = 4.0
"""Furthest that a whole phrase is moved."""
TURN_MS, BASE_MS = 250, 150
"""The final movement is made in the last of the phrase's voice that is heard, from the height of what is before it."""
FADES = 3.0
"""Where the energy is lower than near its highest by more, at the end of a phrase, the voice dies away: what is asked
for there is not heard."""
ABOVE_ST, LEAST_ST, BUMP_ST = 2.5, 1.5, 5.0
"""An emphasised word's peak is to lie this far above every other of its phrase; it is raised by the second at least
and the third at most."""
BEFORE, AFTER, LOWER_ST = 0.8, 0.5, 1.0
"""What is left of the movements of the words before an emphasised one, and of those after it, which also lie this much
lower: focus expands the range of its word, and narrows and lowers what follows (Xu & Xu, J. Phonetics 33, 2005)."""
EFFORT, STRESS, UNSTRESSED = 1.0, 3.0, -1.0
"""Energy for each standard deviation of level, on an emphasised word, and on the other words of its phrase; 1 is heard
as 0.4 dB and a brighter sound."""


@dataclass(frozen=True, slots=True)
class LedPhrase:
    """Where a phrase is in the curves, and how it is to be said.

    Args:
        start: first of its values.
        end: after the last.
        words: the same of its spoken words.
        manner: of the phrase.
    """

    start: int
    end: int
    words: tuple[tuple[int, int], ...]
    manner: Manner


def lead(pitch: Curve, energy: Curve, phrases: Sequence[LedPhrase], usual_hz: float) -> tuple[Curve, Curve]:
    """The factor of the pitch and the addition to the energy that say each phrase in its manner.

    Args:
        pitch: of the voice's own reading, in Hz.
        energy: of the same.
        phrases: of the line.
        usual_hz: the voice's usual pitch.

    Returns:
        both of the shape of `pitch`; ones and zeros outside the phrases.
    """
    import numpy as np

    moved = np.zeros(len(pitch))
    added = np.zeros(len(pitch))
    for phrase in phrases:
        own, manner = pitch[phrase.start : phrase.end], phrase.manner
        voiced = own > max(VOICED_HZ, VOICED * usual_hz)
        if not manner.strength or voiced.sum() < 4:
            continue
        curve = 12 * np.log2(np.maximum(own, 1.0) / usual_hz)
        strong = energy[phrase.start : phrase.end] >= np.percentile(energy[phrase.start : phrase.end], 90) - FADES
        end = int(np.flatnonzero(voiced & strong).max(initial=0)) + 1
        wished, turns = _wished(np.where(voiced, curve, np.nan), phrase, end)
        change = np.where(voiced, wished - curve, np.nan)
        filled = np.interp(np.arange(len(own)), np.flatnonzero(voiced), change[voiced])
        most = np.where(np.arange(len(own)) < turns, MOST_ST, TURNED_ST)
        moved[phrase.start : phrase.end] = np.clip(manner.strength * filled, -most, most)
        added[phrase.start : phrase.end] = manner.strength * EFFORT * manner.effort
        if 0 <= manner.emphasis < len(phrase.words):
            first, last = phrase.words[manner.emphasis]
            added[phrase.start : phrase.end] += manner.strength * UNSTRESSED
            added[first:last] += manner.strength * (STRESS - UNSTRESSED)
    return (2 ** (moved / 12)).astype(np.float32), added.astype(np.float32)


def _wished(curve: NDArray[np.float64], phrase: LedPhrase, end: int) -> tuple[NDArray[np.float64], int]:
    """The phrase's curve in semitones over the usual pitch as it would be at full strength; nan where it has no voice.
    And the first of its values that make the end that is asked for.

    Its voice is heard up to `end`.
    """
    import numpy as np

    manner = phrase.manner
    middle = float(np.nanmedian(curve))
    height = middle + float(np.clip(manner.height_st - middle, -MOVED_ST, MOVED_ST))
    wished = height + manner.range * (curve - middle)
    if 0 <= manner.emphasis < len(phrase.words):
        first, last = (at - phrase.start for at in phrase.words[manner.emphasis])
        wished = _narrowed(wished, first, last)
        wished = wished + _bump(wished, first, last)
    turns = len(wished)
    if manner.final_st is not None:
        wished, turns = _turned(wished, end, manner.final_st)
    return wished + height - float(np.nanmedian(wished)), turns  # as a whole the phrase is where it is asked for


def _narrowed(curve: NDArray[np.float64], first: int, last: int) -> NDArray[np.float64]:
    """The curve with less movement around an emphasised word than in it, most of all after it."""
    import numpy as np

    places, margin = np.arange(len(curve)), 4
    edges = np.maximum.accumulate([first - margin, first + margin, last - margin, last + margin])
    left = np.interp(places, edges, [BEFORE, 1.0, 1.0, AFTER])
    lower = np.interp(places, edges, [0.0, 0.0, 0.0, LOWER_ST])
    middle = float(np.nanmedian(curve))
    narrowed: NDArray[np.float64] = middle + left * (curve - middle) - lower
    return narrowed


def _bump(curve: NDArray[np.float64], first: int, last: int) -> NDArray[np.float64]:
    """What raises a word's peak above the others of the phrase, smoothly from and to its neighbours."""
    import numpy as np

    inside = np.zeros(len(curve), bool)
    inside[first:last] = True
    own, others = curve[inside & ~np.isnan(curve)], curve[~inside & ~np.isnan(curve)]
    if not len(own) or not len(others):
        return np.zeros(len(curve))
    height = float(np.clip(np.percentile(others, 95) + ABOVE_ST - own.max(), LEAST_ST, BUMP_ST))
    places, margin = np.arange(len(curve)), 4
    edges = [first - margin, first + margin, last - margin, last + margin]
    bump: NDArray[np.float64] = np.interp(places, np.maximum.accumulate(edges), [0.0, height, height, 0.0])
    return bump


def _turned(curve: NDArray[np.float64], end: int, final_st: float) -> tuple[NDArray[np.float64], int]:
    """The curve with an end that moves by `final_st`, measured as `final_movement` does, and where that begins.

    It goes straight to its end and stays there: whatever dies away after it is heard, if at all, at that height.
    """
    import numpy as np

    begin = max(0, end - round(TURN_MS / STEP_MS))
    before = curve[max(0, begin - round(BASE_MS / STEP_MS)) : begin + 1]
    if np.isnan(before).all():
        return curve, len(curve)
    base = float(np.nanmedian(before))
    ramp = np.clip((np.arange(len(curve)) - begin) / max(1, end - begin), 0.0, 1.0)

    def bent(size: float) -> NDArray[np.float64]:
        return np.where((ramp > 0) & ~np.isnan(curve), base + size * ramp, curve)

    def movement(size: float) -> float | None:
        line = bent(size)[:end]
        return final_movement(np.where(np.isnan(line), 0.0, 100 * 2 ** (np.nan_to_num(line) / 12)), STEP_MS)

    level, unit = movement(0.0), movement(1.0)
    if level is None or unit is None or unit - level < 0.2:
        return curve, len(curve)
    return bent(float(np.clip((final_st - level) / (unit - level), -TURNED_ST, TURNED_ST))), begin
