"""Cue timing on exact frames: rates as fractions, times of neighbouring cues chosen jointly.

`schedule_cues` is a dynamic programme over in-times. Every cue may start on a few frames (its first sound, a cut near
it) and end on a few (its last word, the reading time, a cut, the frame that closes the gap); the cheapest chain by the
rules of the profile wins. Source of the rules: Netflix timed text style guide, timing guidelines.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..data import Span
from ..timedtext.frames import frame_at, frame_from, time_of
from .profiles import Profile

NEVER = 1 << 60
"""A frame that no film reaches."""

_SYNC = 2
_BROKEN = 100_000


@dataclass(frozen=True, slots=True)
class CueTiming:
    """What one cue needs of the clock.

    Args:
        span: from its first to its last sound.
        reading_ms: the least time to read it.
        never_early: its start is that of a given cue, before which nobody has said anything.
        fixed: its times stand: the others keep clear of it.
    """

    span: Span
    reading_ms: int
    never_early: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class TimingRules:
    """A profile's limits in frames of one rate, and the cuts of one film."""

    rate: Fraction
    gap: int
    apart: int
    """the narrowest gap that stays open"""
    shortest: int
    longest: int
    near: int
    far: int
    linger_ms: int
    cuts: tuple[int, ...] = ()

    @classmethod
    def of(cls, profile: Profile, rate: Fraction, shots: Sequence[int] = ()) -> TimingRules:
        """The limits of `profile` at `rate` frames a second; `shots` are cut times in milliseconds."""
        return cls(
            rate,
            profile.gap,
            max(profile.gap, profile.chain_frames(rate) + 1),
            -int(-profile.min_duration * rate // 1),
            int(profile.max_duration * rate),
            profile.shot_near,
            profile.shot_far,
            int(profile.linger * 1000),
            tuple(sorted({frame_at(cut, rate) for cut in shots})),
        )

    def start_breaks_cut(self, frame: int) -> bool:
        """Whether an in-time lies too shortly before a cut."""
        after = bisect_left(self.cuts, frame + 1)
        return after < len(self.cuts) and self.cuts[after] - frame <= self.far

    def end_breaks_cut(self, frame: int) -> bool:
        """Whether an out-time lies too near a cut: allowed are `gap` frames before it, or more than `far` from it."""
        at = bisect_left(self.cuts, frame - self.far)
        while at < len(self.cuts) and self.cuts[at] <= frame + self.far + 1:
            if self.cuts[at] - frame != self.gap:
                return True
            at += 1
        return False

    def start_for_cut(self, frame: int) -> int:
        """Where the table moves an in-time to."""
        after = bisect_left(self.cuts, frame + 1)
        if after == len(self.cuts) or self.cuts[after] - frame > self.far:
            return frame
        return self.cuts[after] if self.cuts[after] - frame <= self.near else self.cuts[after] - self.far - 1

    def latest_end(self, heard_ms: int, follower_ms: int | None) -> tuple[int, bool]:
        """How long a cue can stay without breaking a rule, in milliseconds, and whether speech runs too close over a
        cut for both neighbours to obey the table.

        Args:
            heard_ms: when its last word ends.
            follower_ms: when the first word of the next cue is heard; None for the last cue.
        """
        start = NEVER if follower_ms is None else self._snap_start(frame_at(follower_ms, self.rate))
        stop = heard_ms + self.linger_ms
        limit = min(frame_at(stop, self.rate), start - self.gap)
        first, last = limit - 2 * self.far - 2, limit + self.gap + self.far + 2
        near = self.cuts[bisect_left(self.cuts, first) : bisect_left(self.cuts, last)]
        # The next cue may start a frame or two early to close a gap.
        starts = [at for at in (start, start - 1, start - _SYNC) if at == start or not self.start_breaks_cut(at)]
        frames = {limit, *(at - self.gap for at in starts), start - self.apart}
        frames |= {place for cut in near for place in (cut - self.gap, cut - self.far - 2)}
        legal = [
            frame
            for frame in frames
            if frame <= limit
            and any(at - frame == self.gap or at - frame >= self.apart for at in starts)
            and not (near and self.end_breaks_cut(frame))
        ]
        if not legal:
            return min(stop, time_of(limit, self.rate)), bool(near)
        last = max(legal)
        early = heard_ms * self.rate.numerator / (1000 * self.rate.denominator) - last
        excused = last + self.gap in near and early <= self.near + self.gap
        clash = bool(near) and early > _SYNC and not excused
        return min(stop, time_of(limit if early > _SYNC and not excused else last, self.rate)), clash

    def _snap_start(self, start: int) -> int:
        """Where a cue may start that is heard from a frame on: the table, and the cut that is two frames before."""
        start = self.start_for_cut(start)
        at = bisect_right(self.cuts, start)
        return self.cuts[at - 1] if at and start - self.cuts[at - 1] <= _SYNC else start


def schedule_cues(asks: Sequence[CueTiming], profile: Profile, rate: Fraction, shots: Sequence[int] = ()) -> list[Span]:
    """The times of cues in a row, on exact frames.

    Args:
        asks: in order of time.
        profile: whose rules hold.
        rate: frames a second of the video.
        shots: cut times in milliseconds.

    Returns:
        one span a cue, in milliseconds; no two overlap, but for those that are fixed, which come back as they were.
    """
    if not asks:
        return []
    rules = TimingRules.of(profile, rate, shots)
    heard = _speech_frames(asks, rules)
    starts = [_starts(index, heard, rules) for index in range(len(heard))]
    # Backwards: for each start of a cue, the cheapest way from there to the end of the film.
    tail: list[tuple[float, int, int]] = [(0.0, 0, NEVER)]
    choices: list[list[tuple[float, int, int]]] = []
    followers = [NEVER]
    for index in range(len(asks) - 1, -1, -1):
        row = []
        for start, price in starts[index]:
            ends = {follower: _end(start, follower, heard[index], rules) for follower in followers}
            best = min(
                (price + ends[follower][0] + tail[i][0], ends[follower][1], i) for i, follower in enumerate(followers)
            )
            row.append(best)
        choices.append(row)
        tail, followers = row, [start for start, _ in starts[index]]
    spans = _walk(choices[::-1], starts, rate)
    return _keep_fixed(asks, spans, rules) if any(ask.fixed for ask in asks) else spans


def _keep_fixed(asks: Sequence[CueTiming], spans: Sequence[Span], rules: TimingRules) -> list[Span]:
    """The spans with those that are fixed as they were, to the millisecond; a gap that closes to one is exact too."""
    gap_ms = time_of(rules.gap, rules.rate)
    out = []
    for ask, span, after, following in zip(asks, spans, [*asks[1:], None], [*spans[1:], None]):
        if ask.fixed:
            out.append(ask.span)
        elif after is not None and following is not None and after.fixed and _closes(span, following, rules):
            out.append(Span(span.start_ms, max(span.start_ms + 1, after.span.start_ms - gap_ms)))
        else:
            out.append(span)
    return out


def _closes(span: Span, following: Span, rules: TimingRules) -> bool:
    return frame_at(following.start_ms, rules.rate) - frame_at(span.end_ms, rules.rate) == rules.gap


def _walk(
    choices: list[list[tuple[float, int, int]]], starts: list[list[tuple[int, float]]], rate: Fraction
) -> list[Span]:
    at = min(range(len(choices[0])), key=lambda i: choices[0][i][0])
    spans = []
    for row, options in zip(choices, starts):
        _, end, following = row[at]
        spans.append(Span(time_of(options[at][0], rate), time_of(end, rate)))
        at = following
    return spans


@dataclass(frozen=True, slots=True)
class _SpeechFrames:
    exact: Fraction
    """when the first sound is heard, in frames and parts of one"""
    first: int
    last: int
    latest: int
    reading: int
    never_early: bool = False
    fixed: bool = False


def _speech_frames(asks: Sequence[CueTiming], rules: TimingRules) -> list[_SpeechFrames]:
    """Speech in frames; starts that coincide are put apart, so that every cue has a place."""
    heard: list[_SpeechFrames] = []
    # Each cue may be moved `_SYNC` frames later, and needs one frame and the gap before its follower.
    apart = rules.gap + 1 + 2 * _SYNC
    for ask in asks:
        at = frame_from if ask.never_early else frame_at
        first = max(0, at(ask.span.start_ms, rules.rate))
        if ask.fixed:
            last = max(first + 1, frame_at(ask.span.end_ms, rules.rate))
            heard.append(_SpeechFrames(Fraction(first), first, last, last, 0, fixed=True))
            continue
        if heard:
            first = max(first, heard[-1].first + apart)
        # A millisecond less: times that were rounded up from a frame belong to that frame.
        last = max(first + 1, frame_from(ask.span.end_ms - 1, rules.rate))
        latest = frame_at(ask.span.end_ms + rules.linger_ms, rules.rate)
        exact = max(Fraction(first) - Fraction(1, 2), ask.span.start_ms * rules.rate / 1000)
        reading = frame_from(ask.reading_ms, rules.rate)
        heard.append(_SpeechFrames(exact, first, last, max(last, latest), reading, ask.never_early))
    return heard


def _starts(index: int, heard: Sequence[_SpeechFrames], rules: TimingRules) -> list[tuple[int, float]]:
    """Frames a cue may start on, each with its price."""
    first = heard[index].first
    if heard[index].fixed:
        return [(first, 0.0)]
    # A frame or two early is in step still, where reading needs them.
    options = {first, max(0, first - 1), max(0, first - _SYNC)}
    if index and first - heard[index - 1].last <= rules.gap:
        options |= {first + 1, first + _SYNC}
    if rules.cuts:
        options |= {rules.start_for_cut(frame) for frame in tuple(options)}
        before = bisect_left(rules.cuts, first)
        # A start shortly after a cut may be pulled to it: early by some frames, where else two rules would clash.
        if before and first - rules.cuts[before - 1] <= rules.near:
            options.add(rules.cuts[before - 1])
    if heard[index].never_early:
        options = {frame for frame in options if frame >= first}
    floor = heard[index - 1].first + rules.gap + 1 + _SYNC if index else 0
    ceiling = heard[index + 1].first - rules.gap - 1 if index + 1 < len(heard) else NEVER
    options = {frame for frame in options if floor <= frame <= ceiling} or {first}
    priced = []
    for frame in sorted(options):
        price = 2.0 * (frame - first) ** 2
        if rules.start_breaks_cut(frame):
            price += 450
        elif abs(frame - heard[index].exact) > _SYNC and not (rules.cuts and frame == rules.start_for_cut(first)):
            # On a cut it is in step if the cue before closes to it: what that saves there decides.
            price += 200 if frame in rules.cuts else 300
        priced.append((frame, price))
    return priced


def _end(start: int, follower: int, cue: _SpeechFrames, rules: TimingRules) -> tuple[float, int]:
    """The best frame to end on between a start and the next cue's start, and its price."""
    if cue.fixed:
        gap = follower - cue.last
        return (float(_BROKEN) if gap < rules.gap else 1000.0 if rules.gap < gap < rules.apart else 0.0), cue.last
    wish = max(cue.last, start + cue.reading, start + rules.shortest)
    limit = follower - rules.gap
    options = {
        wish,
        cue.last,
        cue.last - 1,
        cue.latest,
        start + rules.longest,
        start + rules.shortest,
        limit,
        follower - rules.apart,
    }
    near = bisect_left(rules.cuts, cue.last - rules.far - rules.gap)
    while near < len(rules.cuts) and rules.cuts[near] <= wish + rules.far + rules.gap:
        options |= {
            rules.cuts[near] - rules.gap,
            rules.cuts[near] + rules.far + 1,
            rules.cuts[near] - rules.far - 2,
        }
        near += 1
    sane = [frame for frame in options if start < frame <= limit and frame <= max(wish, cue.latest) + 2 * rules.apart]
    if not sane:
        return float(_BROKEN), max(start + 1, min(limit, wish))
    return min((_end_price(frame, (start, follower), cue, rules, wish), frame) for frame in sane)


def _end_price(frame: int, around: tuple[int, int], cue: _SpeechFrames, rules: TimingRules, wish: int) -> float:
    price = abs(frame - wish) * 0.2
    length, gap = frame - around[0], around[1] - frame
    if rules.gap < gap < rules.apart:
        price += 1000
    if length < rules.shortest:
        price += 400 + 10 * (rules.shortest - length)
    if length < cue.reading:
        price += 500 + 5 * (cue.reading - length)
    if length > rules.longest:
        price += 600 + length - rules.longest
    breaks = rules.end_breaks_cut(frame)
    if breaks:
        price += 450
    if frame < cue.last and length < rules.longest:
        # Before a cut the table itself takes the cue off while its last sounds are heard.
        excused = (
            not breaks
            and frame + rules.gap in rules.cuts[bisect_left(rules.cuts, frame) : bisect_left(rules.cuts, cue.last + 1)]
        )
        early = cue.last - frame
        price += 3 * early**2 if early <= 8 else 24 * early
        price += 0 if early <= _SYNC or (excused and early <= rules.near + rules.gap) else 300
    if frame > cue.latest:
        price += 300 + 3 * (frame - cue.latest)
    return price
