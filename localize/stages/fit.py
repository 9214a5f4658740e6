"""Words that fit: which candidate is spoken, how fast, where it pauses, and where it may run on.

A line's natural length is foretold before anything is spoken. Each phrase of the dub is laid on a phrase of the source;
what is too long first goes a little faster, then borrows the silence that follows; what is too short goes a little
slower. A dynamic programme over the lines of an episode chooses for all of them together, because a line that runs on
makes the next one late. Nothing is cut, no line sounds over another, and the picture is never touched.

All costs are in seconds of speech heard at the wrong time, so that one number can be weighed against another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..data import Candidate, Phrase, Plan, Span
from .parting import part

GAP_MS = 80
"""Silence wished for between two lines."""
LEAST_GAP_MS = 20
"""Silence kept between two lines in any case; a line that leaves less overflows."""
PAUSE_MS = 120
"""Silence kept between two phrases of one line, where a phrase runs on."""
SLOWEST, SLOW, FAST, FASTEST = 0.75, 0.8, 1.2, 1.27
"""Rates planned with: quality is that of natural pace from 0.75 to 1.3 and breaks beyond; what is heard of a short
phrase differs from its plan by up to 2 %, which is kept free below 1.3."""
ON_TIME_MS = 200
MEANING = 1.5
"""Seconds that one unit of log-probability a word is worth: a hypothesis in doubt is rarely worth its fit."""
STATE_MS = 50
"""How finely the dynamic programme tells one lateness from another."""
Pace = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Slot:
    """What one line has to fit.

    Args:
        segment: its id.
        phrases: where the source is heard.
        speaker: who says it.
        until_ms: where the next line begins, or the end of the file: nothing may sound beyond without making it late.
    """

    segment: str
    phrases: tuple[Span, ...]
    speaker: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Option:
    """One candidate parted into as many phrases as it will be spoken in.

    Args:
        candidate: its index.
        texts: the phrases.
        natural_ms: the foretold length of each.
        slots: the stretch of source each is laid on; as many as `texts`.
        loss: how much meaning it costs, in seconds.
    """

    candidate: int
    texts: tuple[str, ...]
    natural_ms: tuple[int, ...]
    slots: tuple[Span, ...]
    loss: float


@dataclass(frozen=True, slots=True)
class _Laid:
    """A way to lay an option: spans, cost, and the fastest rate used."""

    spans: tuple[Span, ...]
    cost: float
    rate: float
    overflow: bool


@dataclass(frozen=True, slots=True)
class _State:
    """The best way known to reach a lateness after a line."""

    cost: float
    end_ms: int
    rate: float
    back: int
    option: int
    laid: _Laid | None


# --- one line --------------------------------------------------------------------------------------------------------


def options(slot: Slot, candidates: Sequence[Candidate], language: str, pace: Pace) -> tuple[Option, ...]:
    """Every candidate, parted at the pauses of the source where that reads naturally, with its foretold lengths."""
    best = candidates[0].score
    made = []
    for i, candidate in enumerate(candidates):
        texts, slots = part(candidate.text, slot.phrases, language)
        loss = MEANING * max(0.0, best - candidate.score) + (0.05 if i else 0.0)
        made.append(Option(i, texts, tuple(pace(texts)), slots, loss))
    return tuple(made)


def _lay(option: Option, start_ms: int, end_ms: int, until_ms: int) -> _Laid:
    """Lay an option's phrases on their stretches, from `start_ms` on, running on to `end_ms` if need be."""
    spans: list[Span] = []
    cost, fastest = option.loss, 0.0
    clock = start_ms
    for i, (natural, slot) in enumerate(zip(option.natural_ms, option.slots)):
        start = max(slot.start_ms, clock)
        last = i == len(option.slots) - 1
        room = (end_ms if last else option.slots[i + 1].start_ms - PAUSE_MS) - start
        length, rate = _length(natural, slot.end_ms - start, room)
        spans.append(Span(start, start + length))
        clock = start + length + PAUSE_MS
        fastest = max(fastest, rate)
        missed = slot.length_ms - spans[-1].overlap_ms(slot)
        cost += (missed + length - spans[-1].overlap_ms(slot)) / 1000 + _strain(rate) * natural / 1000
        cost += 0.4 if start - slot.start_ms > ON_TIME_MS else 0.0
    cost += 0.4 if spans[-1].end_ms - option.slots[-1].end_ms > ON_TIME_MS else 0.0
    over = max(0, spans[-1].end_ms - until_ms)
    return _Laid(tuple(spans), cost + 2.0 * over / 1000, fastest, over > GAP_MS - LEAST_GAP_MS)


def _length(natural: int, wanted: int, room: int) -> tuple[int, float]:
    """How long a phrase is spoken, and its rate: as long as wanted if that is within the comfortable rates, else as
    near as they allow, faster only where there is no room.
    """
    shortest, fast, slow = natural / FASTEST, natural / FAST, natural / SLOWEST
    length = min(max(wanted, fast), slow)
    if length > room:
        length = max(shortest, min(length, room))
    length = max(1, round(length))
    return length, natural / length


def _strain(rate: float) -> float:
    """What a rate costs for each second of speech: nothing near 1, much beyond the preferred ones."""
    away = (rate - 1) / (FAST - 1) if rate > 1 else (1 - rate) / (1 - SLOW)
    return 0.04 * away * away + (max(0.0, rate - FAST) * 6.0)


# --- all lines -------------------------------------------------------------------------------------------------------


def plan(slots: Sequence[Slot], choices: Sequence[Sequence[Option]]) -> tuple[Plan, ...]:
    """Choose and lay out all lines together.

    Args:
        slots: the lines in order of time.
        choices: for each at least one option.

    Returns:
        one plan a line. The cost grows linearly with the number of lines: a line only knows how late the one before
        made it.
    """
    columns: list[list[_State]] = [[_State(0.0, -LEAST_GAP_MS, 1.0, -1, -1, None)]]
    for i, slot in enumerate(slots):
        columns.append(_advance(columns[-1], slot, choices[i], same=i > 0 and slots[i - 1].speaker == slot.speaker))
    chain: list[_State] = []
    at = min(range(len(columns[-1])), key=lambda k: columns[-1][k].cost)
    for column in reversed(columns[1:]):
        chain.append(column[at])
        at = column[at].back
    return tuple(_plan(slot, options, state) for slot, options, state in zip(slots, choices, reversed(chain)))


def _advance(states: Sequence[_State], slot: Slot, options: Sequence[Option], *, same: bool) -> list[_State]:
    """The best way to each lateness after one more line."""
    begins, ends = slot.phrases[0].start_ms, slot.phrases[-1].end_ms
    limit = max(ends, slot.until_ms - GAP_MS)
    best: dict[int, _State] = {}
    for k, state in enumerate(states):
        start = max(begins, state.end_ms + LEAST_GAP_MS)
        for n, option in enumerate(options):
            laid, room = None, 0
            for end in dict.fromkeys((ends, min(limit, ends + ON_TIME_MS), limit, limit + 400, limit + 1200)):
                if laid is not None and laid.spans[-1].end_ms < room:
                    break  # it did not use the room it had: more changes nothing
                room = max(end, start + 100)
                laid = _lay(option, start, room, limit)
                pace = 0.15 * abs(laid.rate - state.rate) / (FAST - 1) if same else 0.0
                cost = state.cost + laid.cost + pace
                late = max(0, laid.spans[-1].end_ms - limit)
                key = -(-late // STATE_MS)
                if key not in best or cost < best[key].cost:
                    best[key] = _State(cost, laid.spans[-1].end_ms, laid.rate, k, n, laid)
    return [best[key] for key in sorted(best)][:12]


def _plan(slot: Slot, options: Sequence[Option], state: _State) -> Plan:
    option, laid = options[state.option], state.laid
    assert laid is not None
    phrases = tuple(Phrase(text, span) for text, span in zip(option.texts, laid.spans))
    natural = sum(option.natural_ms)
    reason = f"rate {laid.rate:.2f}" if len(phrases) == 1 else f"fastest phrase {laid.rate:.2f}"
    if option.candidate:
        reason += f", candidate {option.candidate + 1} for its length"
    if len(option.texts) < len(slot.phrases):
        reason += f", {len(slot.phrases)} source phrases spoken as {len(option.texts)}"
    if laid.overflow:
        over = laid.spans[-1].end_ms - max(slot.phrases[-1].end_ms, slot.until_ms - GAP_MS)
        reason = f"{over} ms too long at {FASTEST} x: shorten the text by about {_excess(over, laid)} %"
    return Plan(slot.segment, option.candidate, phrases, natural, "overflow" if laid.overflow else "exact", reason)


def _excess(over_ms: int, laid: _Laid) -> int:
    spoken = sum(s.length_ms for s in laid.spans)
    return max(1, round(100 * over_ms / max(1, spoken)))
