"""What is read from measured dubs for the simulated season."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.season_costs import fit, stages_of


def test_first_each_and_second_are_told_apart() -> None:
    rows = [(n == 0, film_s, 3.0 * (n == 0) + 1.5 + 0.2 * film_s) for n, film_s in enumerate((12.0, 30.0, 7.0, 20.0))]
    assert fit(rows) == pytest.approx([3.0, 1.5, 0.2], abs=1e-4)


def test_no_cost_is_below_nothing() -> None:
    assert min(fit([(True, 10.0, 5.0), (False, 20.0, 3.0), (False, 30.0, 2.0)])) >= 0


def test_what_belongs_to_no_stage_is_a_stage_of_its_own() -> None:
    calls = [
        {
            "film": name,
            "clock": 2 + 2 * film_s,
            "cpu": film_s,
            "stages": [("mix", film_s, film_s), ("mix", film_s, 0.0)],
        }
        for name, film_s in (("a", 10.0), ("b", 20.0), ("c", 40.0))
    ]
    found = stages_of(calls, {"a": 10.0, "b": 20.0, "c": 40.0})
    assert found["mix"]["clock"] == pytest.approx([0, 0, 2], abs=1e-4)
    assert found["mix"]["cpu"] == pytest.approx([0, 0, 1], abs=1e-4)
    assert found["beside"]["clock"] == pytest.approx([0, 2, 0], abs=1e-4)
    assert found["beside"]["cpu"] == pytest.approx([0, 0, 0], abs=1e-4)
