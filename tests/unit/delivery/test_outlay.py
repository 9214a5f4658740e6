"""What a dub will take, by what earlier ones took."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.data import Stream
from localize.delivery.outlay import (
    CALIBRATION,
    EACH,
    ONCE,
    describe_outlay,
    estimate_outlay,
    estimate_seconds,
    keep_costs,
    read_costs,
    spread,
    stage_seconds,
)
from localize.events import Finished
from localize.runtime.store import Store


def took(seconds: float, *, hits: int = 0, languages: int = 1) -> list[Finished]:
    """Stages of a run, each of which took so long."""
    names = [*ONCE, *(name for name in EACH if name != "watermark")]
    return [Finished(name, seconds, hits, 1) for name in names for _ in range(languages if name in EACH else 1)]


@pytest.fixture
def store(store: Store) -> Store:
    store.folder.mkdir(parents=True, exist_ok=True)
    return store


def whole(stages: list[Finished]) -> float:
    return sum(stage.seconds for stage in stages) + 9.0


@pytest.mark.parametrize("length_ms", [25_000, 100_000])
def test_the_first_dub_is_the_calibration(store: Store, length_ms: int) -> None:
    stages = took(10.0)
    keep_costs(store, stages, length_ms, 1, whole(stages))
    again = estimate_seconds(read_costs(store), length_ms, 1)
    assert again == pytest.approx(whole(stages), rel=0.01), "the same film takes what it took"
    double = estimate_seconds(read_costs(store), 2 * length_ms, 1)
    assert whole(stages) < double < 2 * whole(stages), "engines are loaded once, however long the film"


def test_a_machine_half_as_quick_takes_twice_as_long(store: Store) -> None:
    usual = [Finished(name, 2 * seconds, 0, 1) for name, seconds in stage_seconds({}, 60_000, 1)]
    keep_costs(store, usual, 60_000, 1, 2 * estimate_seconds({}, 60_000, 1))
    for length_ms in (10_000, 600_000):
        assert estimate_seconds(read_costs(store), length_ms, 2) == pytest.approx(
            2 * estimate_seconds({}, length_ms, 2), rel=0.01
        )


def test_what_else_the_machine_did_is_not_foretold(store: Store) -> None:
    """A dub whose every stage had a third of the time calibrates like one that had all of it."""
    usual = stage_seconds({}, 60_000, 1)
    starved = [Finished(name, 3 * s, 0, 1, held_up_seconds=2 * s) for name, s in usual]
    alone = estimate_seconds({}, 60_000, 1)
    keep_costs(store, starved, 60_000, 1, 3 * alone, 2 * alone)
    assert estimate_seconds(read_costs(store), 60_000, 1) == pytest.approx(alone, rel=0.01)


def test_a_draft_is_not_measured(store: Store) -> None:
    names = [name for name, _ in stage_seconds({}, 60_000, 2, draft=True)]
    assert "measure" not in names
    spared = estimate_seconds({}, 60_000, 1) - estimate_seconds({}, 60_000, 1, draft=True)
    assert spared == pytest.approx(dict(stage_seconds({}, 60_000, 1))["measure"])


def test_what_came_from_the_store_teaches_nothing(store: Store) -> None:
    keep_costs(store, took(10.0), 100_000, 1, 500.0)
    before = read_costs(store)
    keep_costs(store, took(0.1, hits=9), 100_000, 1, 500.0)
    keep_costs(store, took(1.0), 1000, 1, 500.0)
    assert read_costs(store) == before


def test_two_targets_share_what_is_done_once(store: Store) -> None:
    keep_costs(store, took(10.0, languages=2), 100_000, 2, 500.0)
    known = read_costs(store)
    assert estimate_seconds(known, 100_000, 2) == pytest.approx(500.0, rel=0.01)
    assert len(stage_seconds(known, 60_000, 2)) == len(ONCE) + 2 * len(EACH)
    assert [name for name, _ in stage_seconds(known, 60_000, 2, dubs=False)][len(ONCE) :] == ["translate"] * 2


def test_a_dub_that_is_delivered_does_not_fail_for_its_calibration(store: Store) -> None:
    (store.folder / CALIBRATION / "in the way").mkdir(parents=True)
    keep_costs(store, took(10.0), 100_000, 1, 500.0)
    assert read_costs(store) == {}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        '{"stages": 3}',
        '{"schema": 2, "factors": {"ingest": "x", "mix": 1e9}}',
        '{"schema": 1, "stages": {"ingest": 1.0}}',
    ],
)
def test_a_damaged_calibration_is_none(store: Store, written: str) -> None:
    (store.folder / CALIBRATION).write_text(written, "utf-8")
    assert read_costs(store) == {}


def test_disk_and_time_are_told(store: Store, tmp_path: Path) -> None:
    film, chosen = tmp_path / "film.mp4", Stream(1, "audio", "aac", channels=2)
    film.write_bytes(b"0" * 1000)
    first = estimate_outlay(store, film, chosen, 600_000, 1)
    assert not first.calibrated
    assert first.disk_bytes > 8 * 600 * 48_000 * 3
    assert spread(first)[0] < first.seconds < spread(first)[1]
    assert "the first dub measures yours" in describe_outlay(first)
    keep_costs(store, took(10.0), 600_000, 1, 500.0)
    assert "what earlier dubs took here" in describe_outlay(estimate_outlay(store, film, chosen, 600_000, 1))
