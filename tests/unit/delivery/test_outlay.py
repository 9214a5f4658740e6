"""What a dub will take, by what earlier ones took."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.data import Stream
from localize.delivery.outlay import (
    CALIBRATION,
    EACH,
    LOADING_S,
    ONCE,
    describe_outlay,
    estimate_outlay,
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


def test_the_first_dub_is_the_calibration(store: Store) -> None:
    stages = took(10.0)
    keep_costs(store, stages, 100_000, 1)
    total = 10.0 * len(stages)
    again = LOADING_S + sum(seconds for _, seconds in stage_seconds(read_costs(store), 100_000, 1))
    assert again == pytest.approx(total, rel=0.01), "the same film takes what it took"
    half = LOADING_S + sum(seconds for _, seconds in stage_seconds(read_costs(store), 50_000, 1))
    assert half == pytest.approx(LOADING_S + (total - LOADING_S) / 2, rel=0.01)


def test_what_came_from_the_store_teaches_nothing(store: Store) -> None:
    keep_costs(store, took(10.0), 100_000, 1)
    before = read_costs(store)
    keep_costs(store, took(0.1, hits=9), 100_000, 1)
    keep_costs(store, took(1.0), 1000, 1)
    assert read_costs(store) == before


def test_two_targets_share_what_is_done_once(store: Store) -> None:
    keep_costs(store, took(10.0, languages=2), 100_000, 2)
    known = read_costs(store)
    assert known["ingest"] == known["mix"]
    assert len(stage_seconds(known, 60_000, 2)) == len(ONCE) + 2 * len(EACH)
    assert [name for name, _ in stage_seconds(known, 60_000, 2, dubs=False)][len(ONCE) :] == ["translate"] * 2


def test_a_dub_that_is_delivered_does_not_fail_for_its_calibration(store: Store) -> None:
    (store.folder / CALIBRATION / "in the way").mkdir(parents=True)
    keep_costs(store, took(10.0), 100_000, 1)
    assert read_costs(store) == {}


@pytest.mark.parametrize("written", ["", "[]", '{"stages": 3}', '{"stages": {"ingest": "x", "mix": 1e9}}'])
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
    keep_costs(store, took(10.0), 600_000, 1)
    assert "what earlier dubs took here" in describe_outlay(estimate_outlay(store, film, chosen, 600_000, 1))
