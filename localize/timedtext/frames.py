"""Exact frames: rates as fractions, times to frames and back."""

from __future__ import annotations

from fractions import Fraction

from ..errors import UsageError

FRAME_RATES = tuple(
    Fraction(n, d) for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001))
)
"""Frames a second that films are delivered in; any other fraction works too."""


def frame_rate(text: str) -> Fraction:
    """A rate from "25", "23.976" or "24000/1001"; the decimal names of NTSC rates mean the exact ones.

    Raises:
        UsageError: no positive number.
    """
    try:
        rate = Fraction(text.strip())
    except (ValueError, ZeroDivisionError) as error:
        raise UsageError(f"{text!r} is no frame rate; write 25, 23.976 or 24000/1001") from error
    if not 1 <= rate <= 1000:
        raise UsageError(f"{text!r} is no frame rate; write 25, 23.976 or 24000/1001")
    for known in FRAME_RATES:
        if known.denominator == 1001 and abs(rate - known) < Fraction(1, 200):
            return known
    return rate


def frame_at(ms: int, rate: Fraction) -> int:
    """The frame whose start is nearest to a time."""
    return (2 * ms * rate.numerator + 1000 * rate.denominator) // (2000 * rate.denominator)


def frame_from(ms: int, rate: Fraction) -> int:
    """The first frame that starts at or after a time."""
    return -(-ms * rate.numerator // (1000 * rate.denominator))


def time_of(frame: int, rate: Fraction) -> int:
    """When a frame starts, in milliseconds, rounded to the nearest."""
    return (2000 * frame * rate.denominator + rate.numerator) // (2 * rate.numerator)
