"""How far a command is, also where a stage says nothing and where there is no terminal."""

from __future__ import annotations

import threading

import pytest

from localize.cli.progress import Estimate, Minutes


def test_a_stage_that_says_nothing_moves_with_the_time() -> None:
    now = [0.0]
    estimate = Estimate([("ingest", 10), ("separate", 30)], clock=lambda: now[0])
    estimate.begin("ingest")
    estimate.end(worked=True)
    estimate.begin("separate")
    shares = []
    for at in (0.0, 10.0, 30.0, 300.0):
        now[0] = at
        shares.append(estimate.share)
    assert shares == sorted(set(shares))
    assert shares[0] == pytest.approx(0.25)
    assert shares[2] == pytest.approx(0.25 + 0.75 * 0.632, abs=0.001), "as long as expected: two thirds"
    assert 0.99 < shares[3] < 1.0, "never done before it is"
    estimate.advance(1, 3)
    assert estimate.share == pytest.approx(0.25 + 0.75 / 3), "what a stage says goes before the time"


def test_a_line_comes_again_and_again_until_it_is_closed() -> None:
    said: list[str] = []
    enough = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        if len(said) == 3:
            enough.set()

    minutes = Minutes(lambda: "mix 40 %", say, every_s=0.001)
    assert enough.wait(60)
    minutes.close()
    assert set(said) == {"mix 40 %"}
