"""Work done at once gives what work done one after another gives, in its order."""

from __future__ import annotations

from threading import Barrier, Event, current_thread

import pytest

from localize.runtime.threads import in_order


@pytest.mark.parametrize("workers", [1, 2, 5, 50])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    assert list(in_order(lambda n: n * n, range(20), workers)) == [n * n for n in range(20)]


def test_as_many_are_at_work_as_there_are_workers() -> None:
    met = Barrier(3, timeout=60)  # passes only where three wait for each other
    assert sorted(in_order(lambda n: (met.wait(), n)[1], range(6), 3)) == list(range(6))


def test_one_worker_works_in_the_callers_thread() -> None:
    assert set(in_order(lambda _: current_thread(), range(3), 1)) == {current_thread()}


def test_the_first_error_is_raised_and_little_is_begun_after_it() -> None:
    begun: list[int] = []

    def failing(n: int) -> int:
        begun.append(n)
        if n in (3, 4):
            raise ValueError(n)
        return n

    results = in_order(failing, range(100), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)
    assert max(begun) <= 7


def test_nobody_waits_for_the_first_that_takes_long() -> None:
    third = Event()

    def work(n: int) -> bool:
        if n == 2:
            third.set()
        return n != 0 or third.wait(60)  # the first is done only when the third is begun

    assert list(in_order(work, range(3), 2)) == [True] * 3
