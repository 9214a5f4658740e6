"""Place one line on its source: start, rate and pauses of each phrase, with the cost of every placement.

Phrases go where the source has theirs. What is too long first goes a little faster, then borrows the silence around it;
what is too short goes a little slower. A pause may move, or be spoken through, where that fits better. All costs are in
seconds of speech heard at the wrong time, so that one number can be weighed against another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..data import Span

PAUSE_MS = 160
"""Silence between two phrases that are not spoken as one, and before one that begins early."""
JOINT_MS = 150
"""What a voice pauses at punctuation by itself, where two phrases are spoken as one."""
SLOWEST, MAX_RATE = 0.75, 1.295
"""Rates planned with: quality is that of natural pace from 0.75 to 1.3 and breaks beyond (ADR 3); a little is kept free
for what is heard otherwise than it was planned."""
ON_TIME_MS = 200
EARLY_MS = (50, 100)
"""How much before its source a phrase may begin that is too long for its place."""
LATE_MS = (0, 400, 1200)
"""How far beyond its room a line that does not fit is tried."""
BUCKET_MS = 50
"""Resolution of the ends that are tried."""
KEPT = 8
OFF_TIME = 0.4
"""Seconds that a start or an end more than 200 ms off is worth."""
LIPS = 0.4
"""What a second is worth by which a line does not begin with the lips."""
COMFORTABLE_RATE = 1.195
"""A line planned to be faster may be heard at over 1.2, and counts as fast."""
FAST_LINE = 0.5
"""What a line is worth that is heard as fast, where it was not picked to be."""
OVERFLOW = 1.0
"""What a line is worth that makes the next one late."""
OVER_KEPT = 1.0
"""What a second is worth in which a line is spoken over a laugh, or over words that stay in the original: as much as a
second of speech where lips are seen to be still."""


@dataclass(frozen=True, slots=True)
class TimingMode:
    """How closely a line must follow its source: tolerances and cost weights.

    Args:
        fast: the rate up to which speaking faster is preferred to running over.
        slow: the rate down to which speaking slower is preferred to ending early.
        misfit: what a second of speech at the wrong time is worth.
        rush_limit: what an unnatural rate is worth.
    """

    fast: float
    slow: float
    misfit: float
    rush_limit: float


TIMING_MODES = {
    "strict": TimingMode(COMFORTABLE_RATE, SLOWEST, 1.0, 1.0),
    "natural": TimingMode(1.10, 0.9, 0.5, 3.0),
    "free": TimingMode(1.0, 1.0, 0.1, 3.0),
}
"""strict: lips are seen; natural: an even rate comes first; free: nobody sees the speaker."""
BY_PICTURE = "lips"
"""The picture decides for each line: strict where its speaker's lips are seen, or may be, free where they are not."""
TIMINGS = (*TIMING_MODES, BY_PICTURE)


@dataclass(frozen=True, slots=True)
class Placement:
    """One way to place a line's phrases.

    Args:
        spans: of its phrases; equal ends and starts are spoken as one.
        cost: in seconds.
        rate: of the fastest phrase.
    """

    spans: tuple[Span, ...]
    cost: float
    rate: float

    @property
    def end_ms(self) -> int:
        """Its last sound."""
        return self.spans[-1].end_ms


@dataclass(frozen=True, slots=True)
class PlacementTask:
    """A text to place, with its limits.

    Args:
        natural_ms: predicted length of each of its phrases.
        slots: the stretch of source each belongs to; as many.
        pauses: what a pause before each phrase but the first costs, in seconds.
        source: where the source is heard.
        comfortable_end_ms: up to this it leaves a silence before the next line.
        latest_end_ms: beyond this it makes the next line late.
        manner: how closely it follows.
        may_rush: picked to be spoken fast if that helps.
        kept: what is heard near it in the source's own voice, and stays.
    """

    natural_ms: tuple[int, ...]
    slots: tuple[Span, ...]
    pauses: tuple[float, ...]
    source: tuple[Span, ...]
    comfortable_end_ms: int
    latest_end_ms: int
    manner: TimingMode
    may_rush: bool = False
    kept: tuple[Span, ...] = ()


def place_phrases(task: PlacementTask, earliest_ms: int) -> tuple[Placement, ...]:
    """The cheapest placements of a text, one for each end worth distinguishing.

    Args:
        task: the text.
        earliest_ms: it may not begin before.
    """
    states = [Placement((Span(earliest_ms, earliest_ms),), task.manner.misfit * _seconds(task.source), 0.0)]
    for n in range(len(task.slots)):
        best: dict[int, Placement] = {}
        for state in states:
            for span in _candidate_spans(task, n, state.end_ms):
                rate = _natural_phrase_ms(task, n, joined=n > 0 and span.start_ms == state.end_ms) / span.length_ms
                cost = state.cost + _cost(task, n, state, span, rate)
                key = span.end_ms // BUCKET_MS
                if key not in best or cost < best[key].cost:
                    before = state.spans if n else ()
                    best[key] = Placement((*before, span), cost, max(state.rate, rate))
        states = sorted(best.values(), key=lambda s: s.cost)[:KEPT]
    return tuple(states)


def _candidate_spans(task: PlacementTask, n: int, free_ms: int) -> Iterator[Span]:
    """Candidate spans of phrase `n` if the line may be heard from `free_ms` on."""
    slot, last = task.slots[n], n == len(task.slots) - 1
    fast = task.natural_ms[n] / task.manner.fast
    starts = [max(slot.start_ms, free_ms + PAUSE_MS if n else free_ms)]
    if fast > slot.end_ms - starts[0]:
        starts += [slot.start_ms - early for early in EARLY_MS if slot.start_ms - early >= free_ms + PAUSE_MS]
    if n:
        starts.append(free_ms)
    room = task.latest_end_ms if last else task.slots[n + 1].start_ms - PAUSE_MS
    over = [task.comfortable_end_ms, *(task.latest_end_ms + late for late in LATE_MS)] if last else [room]
    over += [k.start_ms for k in task.kept if slot.end_ms <= k.start_ms < max(over)]
    for start in dict.fromkeys(starts):
        natural = _natural_phrase_ms(task, n, joined=n > 0 and start == free_ms)
        shortest, fast, slow = natural / MAX_RATE, natural / task.manner.fast, natural / task.manner.slow
        lengths = [min(max(slot.end_ms - start, fast), slow), min(max(slot.end_ms - start, shortest), slow)]
        if lengths[0] > slot.end_ms - start:
            lengths += [min(max(end - start, shortest), fast) for end in (slot.end_ms + ON_TIME_MS, *over)]
        for length in dict.fromkeys(max(1, round(length)) for length in lengths):
            yield Span(start, start + length)


def _natural_phrase_ms(task: PlacementTask, n: int, *, joined: bool) -> int:
    """Natural length of a phrase, with the short pause before it where no break parts it from the last."""
    return task.natural_ms[n] + (JOINT_MS if joined and not task.pauses[n - 1] else 0)


def _cost(task: PlacementTask, n: int, before: Placement, span: Span, rate: float) -> float:
    """The cost of phrase `n` in a span, in seconds."""
    slot, last = task.slots[n], n == len(task.slots) - 1
    shared = sum(span.overlap_ms(s) for s in task.source)
    cost = task.manner.misfit * (span.length_ms - 2 * shared) / 1000
    cost += task.manner.rush_limit * rate_penalty(rate) * task.natural_ms[n] / 1000
    cost += OVER_KEPT * sum(span.overlap_ms(k) for k in task.kept) / 1000
    off = abs(span.start_ms - slot.start_ms)
    if n == 0:
        cost += task.manner.misfit * (LIPS * off / 1000 + (OFF_TIME if off > ON_TIME_MS else 0.0))
    elif span.start_ms > before.end_ms:
        cost += task.pauses[n - 1] + task.manner.misfit * 0.1 * off / 1000
    if last:
        cost += task.manner.misfit * OFF_TIME * (span.end_ms - task.slots[-1].end_ms > ON_TIME_MS)
        cost += max(0, span.end_ms - task.comfortable_end_ms) / 1000
        if span.end_ms > task.latest_end_ms:
            cost += OVERFLOW + 2.0 * (span.end_ms - task.latest_end_ms) / 1000
        began = before.spans[0].start_ms if n else span.start_ms
        if (
            not task.may_rush
            and natural_total_ms(task.natural_ms, task.pauses) > COMFORTABLE_RATE * (span.end_ms - began) + 1
        ):
            cost += FAST_LINE
    return cost


def natural_total_ms(natural_ms: Sequence[int], pauses: Sequence[float]) -> int:
    """Natural length of a text, with the pauses a voice makes by itself."""
    return sum(natural_ms) + JOINT_MS * sum(not pause for pause in pauses)


def rate_penalty(rate: float) -> float:
    """The cost of a speaking rate for each second of speech: 0 near 1, increasing away from it."""
    away = (rate - 1) / 0.2 if rate > 1 else (1 - rate) / 0.2
    return 0.04 * away * away


def _seconds(spans: Sequence[Span]) -> float:
    return sum(s.length_ms for s in spans) / 1000
