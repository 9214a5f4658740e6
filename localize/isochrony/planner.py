"""The timing plan of a dub: for every line its candidate, placement, rate and pauses, chosen jointly by dynamic
programming.

A line's natural length is predicted before synthesis, and every candidate is placed on its source (`placement.py`). The
dynamic programme chooses for all lines of an episode together, because a line that runs on makes the next one late. No
speech is cut, no two lines overlap, and the picture is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..data import Candidate, Phrase, Plan, Span
from .closures import closure_agreement
from .phrasing import pauses_between, split_phrases
from .placement import (
    COMFORTABLE_RATE,
    EARLY_MS,
    MAX_RATE,
    PAUSE_MS,
    TIMING_MODES,
    Placement,
    PlacementTask,
    TimingMode,
    natural_total_ms,
    place_phrases,
)

WANTED_GAP_MS = 170
"""Silence wished for between two lines: less is not heard as one."""
MIN_GAP_MS = 20
"""Silence kept between two lines in any case; a line that leaves less overflows."""
FAST_RATE = 1.2
"""A line spoken faster is counted as fast."""
FEW_FAST, MANY_FAST = (1.12, 0.05), (1.20, 0.20)
"""What share of the lines may be fast where a translation is 1.12 times as long as its source, and where it is 1.20
times and more; in between in between."""
MEANING = 1.0
"""Seconds that one unit of log-probability a word is worth: a hypothesis in doubt is rarely worth its fit."""
LIPS = 0.2
"""What it costs where a wording closes none of the lips that are seen to close, in seconds: it decides between wordings
that are nearly as good."""
PACE = 0.75
"""What it costs to change pace by 100 % between two lines of one speaker, in seconds."""
STATE_MS = 50
"""Resolution of the ends in the dynamic programme."""
STATES = 12
UNSURE = 0.6
"""An option is not laid if it could not be cheaper than the best by this many seconds: what it may still gain with its
neighbours."""
Pace = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Slot:
    """The time one line may take, and the phrases of its source.

    Args:
        segment: its id.
        phrases: where the source is heard.
        speaker: who says it.
        until_ms: where the next line begins, or the end of the file: nothing may sound beyond without making it late.
        manner: how closely it is to follow its source.
        closures: when lips are seen to close.
        kept: what is heard near it in the source's own voice, and stays: laughs, and lines that nobody dubs.
    """

    segment: str
    phrases: tuple[Span, ...]
    speaker: str
    until_ms: int
    manner: TimingMode = TIMING_MODES["strict"]
    closures: tuple[int, ...] = ()
    kept: tuple[Span, ...] = ()

    @property
    def latest_end_ms(self) -> int:
        """The latest end that makes nothing late."""
        return max(self.phrases[-1].end_ms, self.until_ms - MIN_GAP_MS)

    @property
    def comfortable_end_ms(self) -> int:
        """The latest end that leaves a silence before the next line, if the source leaves one."""
        return max(self.phrases[-1].end_ms, self.until_ms - WANTED_GAP_MS)


@dataclass(frozen=True, slots=True)
class Variant:
    """One candidate split into a number of phrases.

    Args:
        candidate: its index.
        texts: the phrases.
        natural_ms: the predicted length of each.
        slots: the stretch of source each is laid on; as many as `texts`.
        pauses: what a pause before each but the first costs, in seconds.
        loss: how much meaning it costs, in seconds.
        rule: the rewriting rules that made it; "" for the translator's own words.
        language: of the phrases.
    """

    candidate: int
    texts: tuple[str, ...]
    natural_ms: tuple[int, ...]
    slots: tuple[Span, ...]
    pauses: tuple[float, ...]
    loss: float
    rule: str = ""
    language: str = ""

    @property
    def natural_total_ms(self) -> int:
        """Its length at its own pace, short pauses included."""
        return natural_total_ms(self.natural_ms, self.pauses)

    @property
    def least(self) -> float:
        """A lower bound of the cost, in seconds: meaning lost, and what exceeds every slot."""
        shortest = sum(self.natural_ms) / MAX_RATE
        room = self.slots[-1].end_ms - self.slots[0].start_ms
        return self.loss + max(0.0, shortest - room) / 1000


@dataclass(frozen=True, slots=True)
class _PartialPlan:
    """The cheapest plan known up to one line that ends at one time."""

    cost: float
    end_ms: int
    rate: float
    back: int
    way: tuple[Variant, Placement] | None


# --- one line --------------------------------------------------------------------------------------------------------


def phrase_variants(
    slot: Slot, candidates: Sequence[Candidate], language: str, pace: Pace, among: Sequence[int] | None = None
) -> tuple[Variant, ...]:
    """Candidates split at the source's pauses where that reads naturally, with their predicted lengths.

    Args:
        slot: what they have to fit.
        candidates: all of them, the best first.
        language: of the words.
        pace: predicts the length of phrases.
        among: indices of those looked at; None for all.
    """
    best = candidates[0].score
    made = []
    for i in range(len(candidates)) if among is None else among:
        candidate = candidates[i]
        texts, slots = split_phrases(candidate.text, slot.phrases, language)
        loss = MEANING * max(0.0, best - candidate.score) + (0.05 if i else 0.0)
        pauses = pauses_between(texts, language)
        made.append(Variant(i, texts, tuple(pace(texts)), slots, pauses, loss, candidate.rule, language))
    return tuple(made)


def lips_cost(slot: Slot, texts: Sequence[str], spans: Sequence[Span], language: str) -> float:
    """What it costs that phrases do not close the lips where they are seen to close, in seconds."""
    return LIPS * (1 - closure_agreement(slot.closures, texts, spans, language)) if slot.closures else 0.0


# --- all lines -------------------------------------------------------------------------------------------------------


def plan_timing(slots: Sequence[Slot], choices: Sequence[Sequence[Variant]]) -> tuple[Plan, ...]:
    """Choose and place all lines jointly.

    Args:
        slots: the lines in order of time.
        choices: for each at least one option.

    Returns:
        one plan a line. The cost grows linearly with the number of lines: a line only knows where the one before ends.
    """
    script = _Lines(slots, choices)
    chosen = _plan_together(script, frozenset())
    may_rush = _lines_to_rush(script, chosen)
    if may_rush:
        chosen = _plan_together(script, may_rush)
    plans = [_plan(slot, option, placement) for slot, (option, placement) in zip(slots, chosen)]
    return tuple(replace(plan, reason=_blame(n, plan, slots, chosen)) for n, plan in enumerate(plans))


def _blame(n: int, plan: Plan, slots: Sequence[Slot], chosen: Sequence[tuple[Variant, Placement]]) -> str:
    """The reason of a plan; of a line that overflows only since the one before runs on, that it does."""
    if plan.fit != "overflow" or not n or chosen[n - 1][1].end_ms <= slots[n - 1].latest_end_ms:
        return plan.reason
    over = chosen[n][1].end_ms - slots[n].latest_end_ms
    if over > chosen[n][1].spans[0].start_ms - slots[n].phrases[0].start_ms:
        return plan.reason
    before = slots[n - 1].segment
    return f"{over} ms too long, only because {before} before it runs on: shorten {before}"


class _Lines:
    """All lines with their variants; placements are memoised."""

    def __init__(self, slots: Sequence[Slot], choices: Sequence[Sequence[Variant]]) -> None:
        self.slots = slots
        self._choices = [sorted(options, key=lambda o: o.least) for options in choices]
        self._laid: dict[tuple[int, int, bool], list[tuple[Variant, Placement]]] = {}

    def ways(self, line: int, free_ms: int, *, may_rush: bool) -> list[tuple[Variant, Placement]]:
        """All promising placements of a line's variants, if it may be heard from `free_ms` on."""
        slot = self.slots[line]
        earliest = max(0, slot.phrases[0].start_ms - EARLY_MS[-1] - PAUSE_MS, free_ms)
        key = (line, earliest, may_rush)
        if key not in self._laid:
            found = self._laid[key] = []
            cheapest = float("inf")
            for option in self._choices[line]:
                if option.least > cheapest + UNSURE:
                    break
                task = PlacementTask(
                    option.natural_ms,
                    option.slots,
                    option.pauses,
                    slot.phrases,
                    slot.comfortable_end_ms,
                    slot.latest_end_ms,
                    slot.manner,
                    may_rush,
                    slot.kept,
                )
                for placed in place_phrases(task, earliest):
                    unlike = lips_cost(slot, option.texts, placed.spans, option.language)
                    placement = replace(placed, cost=placed.cost + unlike)
                    found.append((option, placement))
                    cheapest = min(cheapest, option.loss + placement.cost)
        return self._laid[key]


def _plan_together(script: _Lines, may_rush: frozenset[int]) -> list[tuple[Variant, Placement]]:
    """The cheapest variant and placement of every line, given which lines may be fast."""
    columns: list[list[_PartialPlan]] = [[_PartialPlan(0.0, -(10**6), 1.0, -1, None)]]
    for line in range(len(script.slots)):
        columns.append(_advance(columns[-1], script, line, may_rush=line in may_rush))
    chain: list[tuple[Variant, Placement]] = []
    at = min(range(len(columns[-1])), key=lambda k: columns[-1][k].cost)
    for column in reversed(columns[1:]):
        way = column[at].way
        assert way is not None
        chain.append(way)
        at = column[at].back
    return chain[::-1]


def _lines_to_rush(script: _Lines, chosen: Sequence[tuple[Variant, Placement]]) -> frozenset[int]:
    """The lines that gain most from a fast rate, at most the tolerated share of all lines."""
    spoken = sum(option.natural_total_ms for option, _ in chosen)
    ratio = spoken / max(1, sum(p.length_ms for slot in script.slots for p in slot.phrases))
    (low, few), (high, many) = FEW_FAST, MANY_FAST
    share = few + (many - few) * min(1.0, max(0.0, (ratio - low) / (high - low)))
    gains = []
    for line, (option, placement) in enumerate(chosen):
        if placement.rate < COMFORTABLE_RATE - 0.01:
            continue
        free = chosen[line - 1][1].end_ms + MIN_GAP_MS if line else 0
        cost = min(o.loss + way.cost for o, way in script.ways(line, free, may_rush=True))
        gains.append((option.loss + placement.cost - cost, -line))
    most = sorted(gains, reverse=True)[: int(share * len(chosen))]
    return frozenset(-line for gain, line in most if gain > 0)


def _advance(states: Sequence[_PartialPlan], script: _Lines, line: int, *, may_rush: bool) -> list[_PartialPlan]:
    """Extend the cheapest plans by one more line."""
    slot = script.slots[line]
    same = line > 0 and script.slots[line - 1].speaker == slot.speaker
    best: dict[int, _PartialPlan] = {}
    for k, state in enumerate(states):
        for option, placement in script.ways(line, state.end_ms + MIN_GAP_MS, may_rush=may_rush):
            cost = (
                state.cost + option.loss + placement.cost + (PACE * abs(placement.rate - state.rate) if same else 0.0)
            )
            # An end that leaves the next line all the room it may want is as good as any other.
            key = max(0, placement.end_ms - (slot.latest_end_ms - EARLY_MS[-1] - PAUSE_MS)) // STATE_MS
            if key not in best or cost < best[key].cost:
                best[key] = _PartialPlan(cost, placement.end_ms, placement.rate, k, (option, placement))
    found = sorted(best.values(), key=lambda s: s.end_ms)
    kept = [s for i, s in enumerate(found) if all(s.cost < before.cost for before in found[:i])]
    return kept[:STATES]


def _plan(slot: Slot, option: Variant, placement: Placement) -> Plan:
    phrases: list[Phrase] = []
    for text, span in zip(option.texts, placement.spans):
        if phrases and phrases[-1].span.end_ms == span.start_ms:  # spoken as one
            whole = phrases.pop()
            phrases.append(Phrase(f"{whole.text} {text}", Span(whole.span.start_ms, span.end_ms)))
        else:
            phrases.append(Phrase(text, span))
    over = placement.end_ms - slot.latest_end_ms
    overflow = over > 0
    reason = _explain_plan(slot, option, placement, phrases)
    if overflow:
        excess = max(1, round(100 * over / max(1, sum(p.span.length_ms for p in phrases))))
        reason = f"{over} ms too long at {MAX_RATE} x: shorten the text by about {excess} %"
    natural = sum(option.natural_ms)
    return Plan(slot.segment, option.candidate, tuple(phrases), natural, "overflow" if overflow else "exact", reason)


def _explain_plan(slot: Slot, option: Variant, placement: Placement, phrases: Sequence[Phrase]) -> str:
    """The decision for a line, in words."""
    said = [f"rate {placement.rate:.2f}" if len(phrases) == 1 else f"fastest phrase {placement.rate:.2f}"]
    if option.candidate:
        sake = "its length or its lips" if slot.closures else "its length"
        said.append(f"candidate {option.candidate + 1} for {sake} ({option.rule or 'other words'})")
    if len(phrases) < len(slot.phrases):
        said.append(f"{len(slot.phrases)} source phrases spoken as {len(phrases)}")
    return ", ".join(said)
