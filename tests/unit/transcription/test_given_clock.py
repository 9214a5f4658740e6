"""Times of another version of a film are told from those that fit it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from localize.data import Span
from localize.transcription.given_clock import RATES, find_other_clock


def voices(count: int, seed: int = 0) -> list[Span]:
    """Lines of one to four seconds with pauses of one to eight between them."""
    chance, at, found = random.Random(seed), 2000, []
    for _ in range(count):
        length = chance.randint(1000, 4000)
        found.append(Span(at, at + length))
        at += length + chance.randint(1000, 8000)
    return found


def timed(spans: Sequence[Span], ratio: float = 1.0, by_ms: int = 0, seed: int = 0) -> list[Span]:
    """Cues of these lines as people time them, 0.2 s off, in another version."""
    chance = random.Random(seed)
    found = []
    for span in spans:
        start, end = (round((at + chance.randint(-200, 200)) * ratio) + by_ms for at in (span.start_ms, span.end_ms))
        found.append(Span(max(0, start), max(1, end)))
    return found


@pytest.mark.parametrize("count", [8, 20, 300])
@pytest.mark.parametrize("seed", range(5))
def test_times_that_fit_are_left_alone(count: int, seed: int) -> None:
    heard = voices(count, seed)
    assert find_other_clock(timed(heard, seed=seed), heard) is None
    assert find_other_clock(timed(heard[::2], seed=seed), heard) is None, "some lines have no cue"
    assert find_other_clock(timed(heard, seed=seed), heard[::2]) is None, "some lines are not heard"


@pytest.mark.parametrize("theirs", RATES)
@pytest.mark.parametrize("own", RATES)
@pytest.mark.parametrize("seed", range(3))
def test_another_rate_is_found(theirs: str, own: str, seed: int) -> None:
    heard = voices(400, seed)
    found = find_other_clock(timed(heard, RATES[own] / RATES[theirs], seed=seed), heard)
    if own == theirs:
        assert found is None
        return
    assert found is not None
    assert found.fps == f"{theirs}:{own}"
    assert abs(found.offset_ms) <= 100
    assert found.moved_fit > found.fit


@pytest.mark.parametrize("by_ms", [-20_000, -3_000, -1_500, 1_500, 3_000, 20_000])
def test_another_beginning_is_found(by_ms: int) -> None:
    heard = [span.shifted(25_000) for span in voices(40)]
    found = find_other_clock(timed(heard, by_ms=by_ms), heard)
    assert found is not None
    assert found.fps == ""
    assert found.offset_ms == pytest.approx(-by_ms, abs=100)


@pytest.mark.parametrize("length_ms", [10, 90, 1000, 3000])
def test_a_film_may_be_short(length_ms: int) -> None:
    cues = [Span(n * length_ms // 10, n * length_ms // 10 + max(1, length_ms // 20)) for n in range(10)]
    assert find_other_clock(cues, cues) is None
    assert find_other_clock([Span(0, 1)] * 10, [Span(0, 1)]) is None


def test_what_cannot_be_told_is_not_told() -> None:
    heard = voices(40)
    assert find_other_clock([], heard) is None
    assert find_other_clock(timed(heard), []) is None
    assert find_other_clock(timed(heard[:7], by_ms=3000), heard) is None, "seven lines"
    assert find_other_clock(voices(40, 1), voices(40, 2)) is None, "the words of another film"
    assert find_other_clock(timed(heard, by_ms=3000), [Span(0, 400_000)]) is None, "music throughout"
