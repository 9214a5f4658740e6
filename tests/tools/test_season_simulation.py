"""The simulated season: every figure here was computed by hand first."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.season import CAUSES, Cost, Costs, first_broken, main, simulate  # noqa: E402

NOTHING = Cost(0.0, 0.0, 0.0)
COSTS = Costs(
    kind="toy",
    command_s=1.0,
    start_s=2.0,
    hear={"ingest": Cost(1.0, 1.0, 0.1)},
    cast=Cost(0.0, 0.5, 0.01),
    dub={"synthesize": Cost(2.0, 1.0, 0.5), "mix": Cost(0.0, 0.0, 0.2)},
    report_s=0.0,
    records=0.0,
    stored=100.0,
    delivered=50.0,
)


def test_one_worker_does_everything_in_turn() -> None:
    found = simulate(COSTS, [10.0, 20.0], 1, 100.0)
    # 1 for the command; 1 once, 2 and 3 to hear; 2 once, 6 and 11 to speak, 2 and 4 to mix.
    assert found.seconds == pytest.approx(1 + 1 + 2 + 3 + 2 + 6 + 11 + 2 + 4)
    assert found.worked == pytest.approx(31.0)
    assert (found.stored, found.delivered) == (3000.0, 1500.0)


def test_two_workers_start_hear_wait_for_the_cast_and_dub() -> None:
    found = simulate(COSTS, [10.0, 10.0], 2, 100.0)
    # 1; 2 to start, 1 + 2 to hear; 0.6 a film for the cast; 2 + 6 + 2 to dub, by the same workers.
    assert found.seconds == pytest.approx(1 + 2 + 3 + 1.2 + 10)
    assert found.lost == pytest.approx({"start": 6.0, "driver": 0.0, "cast": 2.4, "ledger": 0.0, "tail": 0.0})


def test_films_go_to_whoever_is_free_first() -> None:
    plain = replace(COSTS, command_s=0, start_s=0, hear={}, cast=NOTHING, dub={"mix": Cost(0.0, 0.0, 1.0)})
    # 9 | 2, 3, 5: the second worker has ended all three when the first is at 9, and one more second is left for nobody.
    found = simulate(plain, [9.0, 2.0, 3.0, 5.0], 2, 100.0)
    assert found.seconds == pytest.approx(10.0)
    assert found.lost["tail"] == pytest.approx(1.0)


def test_a_slow_ledger_is_what_all_wait_for() -> None:
    slow = replace(COSTS, hear={}, cast=NOTHING, dub={"synthesize": NOTHING}, records=1.0)
    found = simulate(slow, [10.0] * 4, 4, 2.0)
    assert found.records == 40
    # 40 records, two a second, after 1 + 2 s in which workers start.
    assert found.seconds == pytest.approx(23.0)
    assert found.shared["ledger"] == pytest.approx(20 / 23)
    assert found.worst == "ledger"


def test_the_report_is_written_when_a_film_is_begun_and_when_it_ends() -> None:
    slow = replace(COSTS, command_s=0, start_s=0, hear={}, cast=NOTHING, dub={}, report_s=0.1)
    found = simulate(slow, [10.0] * 5, 5, 100.0)
    assert found.seconds == pytest.approx(2 * 5 * 0.5)  # of five titles, twice for each
    assert found.shared["driver"] == pytest.approx(1.0)


@pytest.mark.parametrize("workers", [1, 2, 7, 40])
def test_every_second_of_every_worker_is_work_or_lost_to_something(workers: int) -> None:
    busy = replace(COSTS, report_s=0.003, records=0.7)
    found = simulate(busy, [10.0, 25.0, 7.0] * 6, workers, 9.0)
    assert found.worked + sum(found.lost.values()) == pytest.approx(workers * found.seconds)
    assert set(found.lost) == set(CAUSES)
    assert found.records == 6 * (7 + 18 + 5)  # 0.7 a second, whole ones


def test_what_a_minute_costs_is_every_worker_to_the_end() -> None:
    found = simulate(replace(COSTS, command_s=0, start_s=0, hear={}, dub={"mix": Cost(0.0, 0.0, 1.0)}), [60.0], 1, 1.0)
    assert found.price(rate=3.0) == pytest.approx(3.0 * 60 / 3600)


def test_it_says_where_it_breaks_first() -> None:
    seasons = [simulate(COSTS, [600.0] * 20, workers, 100.0) for workers in (1, 2, 5, 50)]
    broken = first_broken(seasons)
    assert broken is not None
    # With five workers the cast takes 130 s of 1 + 2 + 1 + 4·61 + 130 + 2 + 4·421 = 2,064, 6 %; with 50 more.
    assert (broken[0].workers, broken[1]) == (50, "tail")
    assert seasons[2].share("cast") == pytest.approx(130 / 2064)
    assert first_broken(seasons[:3]) is None


def test_the_same_arguments_print_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def both(cost: Cost, slower: float) -> dict[str, list[float]]:
        cpu = [cost.first, cost.each, cost.second]
        return {"clock": [slower * x for x in cpu], "cpu": cpu}

    data = {
        "kind": "toy", "command_s": dict.fromkeys(("clock", "cpu"), 1.0), "records": 0.3, "stored": 1e6,
        "start_s": dict.fromkeys(("clock", "cpu"), 2.0), "report_s": dict.fromkeys(("clock", "cpu"), 0.0),
        "delivered": 5e5, "cast": {"cast": both(COSTS.cast, 2.0)},
        "hear": {name: both(cost, 2.0) for name, cost in COSTS.hear.items()},
        "dub": {name: both(cost, 2.0) for name, cost in COSTS.dub.items()},
    }  # fmt: skip
    path = tmp_path / "costs.json"
    path.write_text(json.dumps(data))
    said = []
    for by in ("cpu", "cpu", "clock"):
        asked = [str(path), "--titles", "4,8", "--workers", "1,3", "--minutes", "1,2", "--appends", "50", "--rate", "1"]
        monkeypatch.setattr(sys, "argv", ["season.py", *asked, "--by", by])
        main()
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != said[2]
    assert "breaks first at 3 workers" in said[0]
    monkeypatch.setattr(sys, "argv", ["season.py", str(path), "--minutes", "22"])
    with pytest.raises(SystemExit):  # how fast the ledger is has to be said
        main()
