"""What a placement costs and which are tried, worked out by hand from the figures in `placement.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from localize.data import Span
from localize.isochrony.placement import (
    TIMING_MODES,
    Placement,
    PlacementTask,
    _candidate_spans,
    _cost,
    _natural_phrase_ms,
    natural_total_ms,
    place_phrases,
    rate_penalty,
)

NOTHING = Placement((Span(0, 0),), 0.0, 0.0)
SLOT = Span(1000, 2000)
ONE = PlacementTask((1000,), (SLOT,), (), (SLOT,), 2500, 2650, TIMING_MODES["strict"])
"""One second of text for one second of source; 500 ms later the silence before the next line would be short."""
SLOTS = (SLOT, Span(2500, 3000))
TWO = PlacementTask((1000, 500), SLOTS, (0.1,), SLOTS, 4000, 4150, TIMING_MODES["strict"])


@pytest.mark.parametrize(
    ("rate", "cost"), [(1.0, 0.0), (1.2, 0.04), (0.8, 0.04), (1.1, 0.01), (0.9, 0.01), (1.4, 0.16), (0.6, 0.16)]
)
def test_a_rate_costs_more_the_further_it_is_from_a_voices_own(rate: float, cost: float) -> None:
    assert rate_penalty(rate) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("span", "cost"),
    [
        # All of it at the right time: what is said alone less twice what is said together, in seconds.
        ((1000, 2000), -1.0),
        # 100 ms late: 0.9 - 1.8, a rate of 1.11 (0.04 * 0.556 ** 2), lips (0.4 * 0.1).
        ((1100, 2000), -0.9 + 0.0123457 + 0.04),
        # 200 ms late is in time. Planned at a rate of 1.25 it may be heard as fast: 0.5.
        ((1200, 2000), -0.8 + 0.0625 + 0.08 + 0.5),
        # 250 ms late is not: 0.4.
        ((1250, 2000), -0.75 + 0.1111111 + 0.1 + 0.4 + 0.5),
        ((750, 2000), -0.75 + 0.04 + 0.1 + 0.4),
        # It ends 200 ms late, and 210.
        ((1000, 2200), -0.8 + 0.0277778),
        ((1000, 2210), -0.79 + 0.0301209 + 0.4),
        # 100 ms into the silence before the next line.
        ((1000, 2600), -0.4 + 0.140625 + 0.4 + 0.1),
        # 100 ms beyond what makes it late: 1 and 2 a second.
        ((1000, 2750), -0.25 + 0.1836735 + 0.4 + 0.25 + 1.0 + 0.2),
    ],
)
def test_a_placement_costs_what_is_heard_at_the_wrong_time(span: tuple[int, int], cost: float) -> None:
    placed = Span(*span)
    assert _cost(ONE, 0, NOTHING, placed, 1000 / placed.length_ms) == pytest.approx(cost, abs=1e-6)


def test_a_line_that_may_be_fast_costs_nothing_for_it_and_a_manner_weighs() -> None:
    fast = Span(1200, 2000)
    assert _cost(replace(ONE, may_rush=True), 0, NOTHING, fast, 1.25) == pytest.approx(-0.8 + 0.0625 + 0.08)
    natural = replace(ONE, manner=TIMING_MODES["natural"])  # misfit 0.5, rush 3
    assert _cost(natural, 0, NOTHING, Span(1100, 2000), 10 / 9) == pytest.approx(-0.45 + 3 * 0.0123457 + 0.02, abs=1e-6)


@pytest.mark.parametrize(
    ("span", "cost"),
    [
        ((2500, 3000), -0.5 + 0.1),  # its pause costs 0.1
        ((2600, 3100), -0.3 + 0.1 + 0.01),  # and a tenth of how far it is off
        ((2000, 2500), 0.5),  # spoken as one with the phrase before: no pause, and nothing at the right time
    ],
)
def test_a_later_phrase_pays_for_its_pause(span: tuple[int, int], cost: float) -> None:
    before = Placement((SLOT,), 0.0, 1.0)
    assert _cost(TWO, 1, before, Span(*span), 1.0) == pytest.approx(cost)


def test_a_voice_pauses_by_itself_where_two_phrases_are_one() -> None:
    at_a_comma = replace(TWO, pauses=(0.0,))
    assert [_natural_phrase_ms(at_a_comma, n, joined=bool(n)) for n in (0, 1)] == [1000, 650]
    assert _natural_phrase_ms(at_a_comma, 1, joined=False) == 500
    assert _natural_phrase_ms(TWO, 1, joined=True) == 500
    assert natural_total_ms((1000, 500, 300), (0.0, 0.1)) == 1950


@pytest.mark.parametrize(
    ("natural_ms", "free_ms", "spans"),
    [
        (1000, 0, {(1000, 2000)}),  # it fits
        (700, 0, {(1000, 1933)}),  # at the slowest, 0.75
        # 1400 ms: at 1.195 1172 ms, at 1.295 1081; begun up to 100 ms early, where 160 ms are silent before.
        (1400, 0, {(1000, 2172), (1000, 2081), (950, 2122), (950, 2031), (900, 2072), (900, 2000)}),
        (1400, 740, {(1000, 2172), (1000, 2081), (950, 2122), (950, 2031), (900, 2072), (900, 2000)}),
        (1400, 741, {(1000, 2172), (1000, 2081), (950, 2122), (950, 2031)}),
        (1400, 791, {(1000, 2172), (1000, 2081)}),
        # 1500 ms also up to 200 ms late, where that lies between both rates.
        (
            1500,
            0,
            {(1000, 2255), (1000, 2158), (1000, 2200), (950, 2205), (950, 2108), (950, 2200), (900, 2155), (900, 2058)},
        ),
        (1000, 1300, {(1300, 2137), (1300, 2072)}),  # the line before ends late
    ],
)
def test_the_spans_tried_for_a_line(natural_ms: int, free_ms: int, spans: set[tuple[int, int]]) -> None:
    task = replace(ONE, natural_ms=(natural_ms,))
    assert {(s.start_ms, s.end_ms) for s in _candidate_spans(task, 0, free_ms)} == spans


def test_what_stays_in_the_original_is_not_spoken_over_for_nothing() -> None:
    """A laugh from 2190 on: the line may end there, and pays for every second that it goes on."""
    laugh = Span(2190, 2900)
    plain = replace(ONE, natural_ms=(1500,))
    tried = {
        task: {(s.start_ms, s.end_ms) for s in _candidate_spans(task, 0, 0)} for task in (plain, beside(plain, laugh))
    }
    assert tried[beside(plain, laugh)] - tried[plain] == {(1000, 2190), (950, 2190)}
    until = Span(1000, 2290)
    more = _cost(beside(plain, laugh), 0, NOTHING, until, 1.2) - _cost(plain, 0, NOTHING, until, 1.2)
    assert more == pytest.approx(0.1)


def beside(task: PlacementTask, *kept: Span) -> PlacementTask:
    return replace(task, kept=kept)


def test_a_phrase_may_run_up_to_the_silence_before_the_next() -> None:
    """1180 ms: from 1000 to 160 ms before the next phrase at 2340."""
    task = replace(TWO, natural_ms=(1500, 500), slots=(SLOT, Span(2340, 3000)))
    lengths = {s.length_ms for s in _candidate_spans(task, 0, 900) if s.start_ms == 1000}
    assert lengths == {1255, 1158, 1200, 1180}


def test_what_fits_is_placed_on_its_source_and_costs_nothing() -> None:
    best = min(place_phrases(ONE, 0), key=lambda placement: placement.cost)
    assert (best.spans, best.rate) == ((SLOT,), 1.0)
    assert best.cost == pytest.approx(0.0)
    best = min(place_phrases(TWO, 0), key=lambda placement: placement.cost)
    assert (best.spans, best.rate) == (SLOTS, 1.0)
    assert best.cost == pytest.approx(0.1), "the pause that its text has no boundary for"
