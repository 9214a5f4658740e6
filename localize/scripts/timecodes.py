"""Times as people write them into lists: hh:mm:ss:ff, hh:mm:ss,mmm, mm:ss, seconds, fractions of a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
_CLOCK = re.compile(
    r"(?:(?P<hours>\d{1,2})\s?[:.h]\s?)?(?P<minutes>\d{1,3})\s?[:m'′]\s?(?P<seconds>\d{1,2})(?:s|\"|″)?"
    r"(?:(?P<frame_mark>[:;])(?P<frames>\d{2,3})|[.,](?P<part>\d{1,6}))?"
)
_SEMICOLONS = re.compile(r"\d{1,2};\d{2};\d{2};\d{2}")
_SECONDS = re.compile(r"(\d{1,6})(?:[.,](\d{1,9}))?\s?(?:s|sec|secs|seconds)?\.?", re.IGNORECASE)
_FRACTION = re.compile(r"0[.,]\d+|\d(?:[.,]\d+)?[eE]-\d{1,2}|0|1")
_WITH_FRAMES = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}):(\d{2,3})")
_RANGE = re.compile(r"\s*(?:-->|->|=>|→|[–—]|(?<=[\d\s])-(?=[\d\s])|\bto\b|\s/\s|\n|\s(?=\d{1,2}:\d{2}:\d{2}))\s*")


@dataclass(frozen=True, slots=True)
class Timecode:
    """A time of a list.

    Args:
        ms: without its frames.
        frames: counted from the last full second.
        counts_frames: it is a frame's address, hh:mm:ss:ff.
        drops: the numbers of frames that NTSC drops are left out (hh:mm:ss;ff).
        exact: it is finer than a second.
        bare: it is a whole number alone.
    """

    ms: int
    frames: int = 0
    counts_frames: bool = False
    drops: bool = False
    exact: bool = False
    bare: bool = False

    def at_ms(self, rate: Fraction) -> int:
        """When that is in a film of a frame rate, ms (SMPTE ST 12-1)."""
        if not self.counts_frames:
            return self.ms
        counted = round(rate)
        minutes = self.ms // 60_000
        number = self.ms // 1000 * counted + self.frames
        if self.drops:
            number -= 2 * max(1, counted // 30) * (minutes - minutes // 10)
        return round(number * 1000 / rate)


def read_timecode(text: str) -> Timecode | None:
    """A time as it is written; None where it is none.

    A bare number is taken for seconds: whether a column holds fractions of a day is seen by all of it
    (`as_fractions_of_a_day`).
    """
    text = " ".join(text.split()).strip("[](){}<>")
    if _SEMICOLONS.fullmatch(text):  # Premiere Pro's way to write drop frames
        text = text.replace(";", ":", 2)
    if found := _CLOCK.fullmatch(text):
        return _clock(found)
    if found := _SECONDS.fullmatch(text):
        ms = int(found[1]) * 1000 + _thousandths(found[2])
        return Timecode(ms, exact=bool(found[2]), bare=text.isdecimal())
    return None


def _clock(found: re.Match[str]) -> Timecode | None:
    hours, minutes, seconds = (int(found[name] or 0) for name in ("hours", "minutes", "seconds"))
    if seconds > 59 or (found["hours"] is not None and minutes > 59):
        return None
    ms = ((hours * 60 + minutes) * 60 + seconds) * 1000
    if found["frame_mark"] is None:
        return Timecode(ms + _thousandths(found["part"]), exact=found["part"] is not None)
    frames, marked = int(found["frames"]), found["frame_mark"] == ";"
    return None if frames >= 120 else Timecode(ms, frames, counts_frames=True, drops=marked, exact=True)


def _thousandths(digits: str | None) -> int:
    return 0 if not digits else round(Fraction(int(digits), 10 ** len(digits)) * 1000)


def read_range(text: str) -> tuple[Timecode | None, Timecode | None]:
    """Start and end of a cell: "00:01:02:03 - 00:01:04:00"; (start, None) for one time, (None, None) for none."""
    if (one := read_timecode(text)) is not None:
        return one, None
    parts = [part for part in _RANGE.split(text.strip().strip("[]()")) if part.strip()]
    if len(parts) != 2:
        return None, None
    first, second = map(read_timecode, parts)
    return (first, second) if first and second else (None, None)


def are_fractions_of_a_day(texts: Sequence[str]) -> bool:
    """Whether a column of bare numbers holds times as a spreadsheet stores them: parts of a day, all under 1.

    Seconds that are all under 1 would be a list without time to speak in.
    """
    given = [text.strip() for text in texts if text.strip()]
    return (
        len(given) > 1 and all(_FRACTION.fullmatch(text) for text in given) and any(t not in ("0", "1") for t in given)
    )


def day_fraction(text: str) -> Timecode:
    """A time stored as a fraction of a day (ECMA-376 part 1, 18.17.4.2), rounded to the millisecond."""
    return Timecode(round(float(text.strip().replace(",", ".")) * DAY_MS), exact=True)


def without_programme_start(times: Sequence[Timecode | None], film_ms: int, rate: Fraction) -> tuple[int, int]:
    """What a list's times have to be changed by to lie in the film.

    Lists count from the programme's start, mostly 01:00:00:00 or 10:00:00:00; a spreadsheet takes "1:05", typed for a
    minute and five seconds, for an hour and five minutes; and recognisers write whole milliseconds.

    Returns:
        milliseconds to take off, as the list counts them, and what to divide the times by: (0, 1) where they fit.
    """
    given = [time for time in times if time is not None]
    known = sorted(time.at_ms(rate) for time in given)
    if not known or known[-1] <= film_ms + 2_000:
        return 0, 1
    whole_minutes = all(time.ms % 60_000 == 0 and not time.counts_frames for time in given)
    if whole_minutes and known[-1] // 60 <= film_ms and len(known) > 1:
        return 0, 60
    if all(time.bare for time in given) and known[-1] // 1000 <= film_ms + 2_000:
        return 0, 1000
    hours = min(time.ms for time in given) // HOUR_MS * HOUR_MS
    latest = max(moved(time, rate, hours, 1).ms for time in given)
    return (hours, 1) if hours and latest <= film_ms + 60_000 else (0, 1)


def moved(time: Timecode, rate: Fraction, off_ms: int, divisor: int) -> Timecode:
    """A time with `without_programme_start` applied, in milliseconds. An hour that frames are counted in lasts 3.6 s
    longer where 24 a second are 23.976.
    """
    ms = replace(time, ms=max(0, time.ms - off_ms)).at_ms(rate) // divisor
    return Timecode(ms, exact=time.exact or divisor == 1000)
