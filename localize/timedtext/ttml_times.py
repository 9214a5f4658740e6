"""Times of TTML: expressions, and when an element is shown inside its containers.

Source: TTML2 (https://www.w3.org/TR/ttml2/), section 12.3 "Time Value Expressions", 12.2.4 "timeContainer", appendix
H "Time Expression Semantics".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .ttml_tree import Node

_CLOCK = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9})(?:[.,](\d{1,30})|[:;](\d{1,9})(?:\.(\d{1,9}))?)?")
_OFFSET = re.compile(r"(\d{1,18})(?:\.(\d{1,30}))?(h|m|s|ms|f|t)?")
_UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}


@dataclass(frozen=True, slots=True)
class Clock:
    """How a document counts time.

    Args:
        rate: frames a second.
        ticks: a second.
        subframes: a frame.
        base: "media", "smpte" or "clock".
        counted: frame numbers a second, before a multiplier makes them NTSC's.
        drops: SMPTE time codes drop numbers, as NTSC's do.
        thousandths: the last number of `hh:mm:ss:mmm` counts milliseconds.
    """

    rate: Fraction = Fraction(30)
    ticks: Fraction = Fraction(1)
    subframes: int = 1
    base: str = "media"
    counted: int = 30
    drops: bool = False
    thousandths: bool = False

    @classmethod
    def of(cls, root: Node) -> Clock:
        """By the parameters of a `tt` element; unreadable ones count as absent."""
        values = root.attributes
        counted = _whole(values.get("frameRate", ""), 30)
        first, _, second = values.get("frameRateMultiplier", "1 1").replace(":", " ").strip().partition(" ")
        rate = Fraction(counted) * Fraction(_whole(first, 1), _whole(second.strip() or "1", 1))
        subframes = _whole(values.get("subFrameRate", ""), 1)
        default = rate * subframes if "frameRate" in values else Fraction(1)
        ticks = Fraction(_whole(values["tickRate"], 1)) if "tickRate" in values else default
        drops = values.get("dropMode", "") in {"dropNTSC", "dropPAL"}
        return cls(rate, ticks, subframes, values.get("timeBase", "media"), counted, drops)

    def seconds(self, text: str) -> Fraction | None:
        """A time expression in seconds; None for what is none."""
        text = text.strip()
        if found := _CLOCK.fullmatch(text):
            return self._clock(found)
        found = _OFFSET.fullmatch(text)
        if found is None:
            return None
        number = Fraction(f"{found[1]}.{found[2] or 0}")
        if found[3] == "f":
            return number / self.rate
        return number / self.ticks if found[3] == "t" else number * _UNITS[found[3] or "s"]

    def _clock(self, found: re.Match[str]) -> Fraction:
        hours, minutes, seconds = (int(found[group]) for group in (1, 2, 3))
        whole = (hours * 60 + minutes) * 60 + seconds
        if found[4]:
            return whole + Fraction(f"0.{found[4]}")
        if self.thousandths and found[5] and len(found[5]) == 3:
            return whole + Fraction(int(found[5]), 1000)
        frames = Fraction(int(found[5] or 0)) + Fraction(int(found[6] or 0), self.subframes)
        if self.base != "smpte":
            return whole + frames / self.rate
        number = whole * self.counted + frames
        if self.drops:
            # Two numbers a minute are skipped, but not every tenth (SMPTE ST 12-1).
            number -= 2 * (self.counted // 30 or 1) * (hours * 54 + minutes - minutes // 10)
        return number / self.rate


_THREE = re.compile(r"\s*\d+:\d\d:\d\d:(\d{3})\s*")


def counts_thousandths(node: Node, clock: Clock) -> bool:
    """Whether an element's `hh:mm:ss:mmm` has more frames than a second can, so that milliseconds are meant."""
    found = (_THREE.fullmatch(node.attributes.get(name, "")) for name in ("begin", "end", "dur"))
    return any(time is not None and int(time[1]) >= clock.counted for time in found)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text.strip()) and int(text) else otherwise


@dataclass(frozen=True, slots=True)
class Interval:
    """When something is shown, in seconds; `end` is None where nothing ends it."""

    begin: Fraction
    end: Fraction | None

    def covers(self, at: Fraction) -> bool:
        """Whether it is shown at a time."""
        return self.begin <= at and (self.end is None or self.end > at)

    def within(self, outer: Interval) -> Interval:
        """The part of it inside another."""
        if self.end is None or outer.end is None:
            end = outer.end if self.end is None else self.end
        else:
            end = min(self.end, outer.end)
        return Interval(max(self.begin, outer.begin), end)


def interval(node: Node, clock: Clock, base: Fraction) -> Interval | None:
    """When an element wants to be shown: its own `begin`, `end` and `dur`, counted from its container's `base`; None
    where one of them cannot be read.
    """
    found: list[Fraction | None] = []
    for name in ("begin", "end", "dur"):
        text = node.attributes.get(name)
        found.append(clock.seconds(text) if text is not None else None)
        if text is not None and found[-1] is None:
            return None
    begin, end, dur = found
    start = base if begin is None else base + begin
    if end is None:
        return Interval(start, None if dur is None else start + dur)
    return Interval(start, base + end if dur is None else min(base + end, start + dur))


def extent(node: Node, clock: Clock, base: Fraction) -> Fraction | None:
    """When an element ends for the next of its sequence: by its own times, else when its content does."""
    own = interval(node, clock, base) or Interval(base, base)
    if own.end is not None:
        return own.end
    at, last = own.begin, own.begin
    sequence = node.attributes.get("timeContainer") == "seq"
    for child in node.elements("body", "div", "p", "span"):
        end = extent(child, clock, at if sequence else own.begin)
        if end is None:
            return None
        last = max(last, end)
        at = end if sequence else at
    # Text that nothing ends is shown until its container ends.
    return last if any(True for _ in node.elements("div", "p", "span")) else None


def find_invalid_time(node: Node, clock: Clock) -> str:
    """The first of an element's times that is no time expression; "" where all are."""
    return next(
        (
            node.attributes[name]
            for name in ("begin", "end", "dur")
            if name in node.attributes and clock.seconds(node.attributes[name]) is None
        ),
        "",
    )
