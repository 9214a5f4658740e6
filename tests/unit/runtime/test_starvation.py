"""How long work stood still because other programs had the processors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localize.runtime.starvation import Usage, held_up, held_up_seconds, usage_so_far


@pytest.mark.parametrize(
    ("seconds", "cpu_s", "ran_s", "waited_s", "stood_still"),
    [
        (10.0, 10.0, 10.0, 0.0, 0.0),  # one thread, alone
        (30.0, 10.0, 10.0, 20.0, 20.0),  # it had a third of a processor
        (30.0, 20.0, 20.0, 40.0, 20.0),  # two threads on two processors, each with a third
        (10.0, 20.0, 20.0, 20.0, 0.0),  # four threads on two processors wait for each other alone
        (20.0, 20.0, 20.0, 60.0, 10.0),  # the same beside as many of others
        (10.0, 0.2, 0.1, 0.2, 0.4),  # it waited for an answer from elsewhere: no longer still than all threads waited
        (30.0, 10.0, 1.0, 2.0, 20.0),  # a program that it started, under the same load
        (5.0, 0.0, 0.0, 0.0, 0.0),  # the system says nothing
    ],
)
def test_what_other_programs_took_is_no_cost_of_the_work(
    seconds: float, cpu_s: float, ran_s: float, waited_s: float, stood_still: float
) -> None:
    assert held_up(seconds, cpu_s, ran_s, waited_s, processors=2) == pytest.approx(stood_still)


def test_threads_that_began_meanwhile_count_and_those_that_ended_do_not() -> None:
    before = Usage(100.0, 50.0, {1: (10_000_000_000, 0), 2: (7, 7)})
    after = Usage(104.0, 52.0, {1: (11_000_000_000, 1_000_000_000), 3: (1_000_000_000, 1_000_000_000)})
    assert held_up_seconds(before, after) == pytest.approx(2.0)


def test_this_process_is_read() -> None:
    before = usage_so_far()
    while usage_so_far().cpu_s - before.cpu_s < 0.02:
        sum(range(1000))
    after = usage_so_far()
    assert 0 <= held_up_seconds(before, after) <= after.clock_s - before.clock_s
    if Path("/proc/self/schedstat").exists():
        assert os.getpid() in after.threads
