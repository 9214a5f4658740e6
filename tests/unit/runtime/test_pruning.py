"""The store is measured, and pruned of what no run used for long; what is named or in use stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localize.data import Blob
from localize.errors import StoreError
from localize.runtime.pruning import measure_store, prune_store
from localize.runtime.store import DAY_S, Store, step


@step(version=1)
def write(store: Store, text: str) -> Blob:
    with store.writing(".txt") as draft:
        draft.path.write_text(text)
    return draft.blob


@step(version=1)
def write_both(store: Store, first: str, second: str) -> tuple[Blob, Blob]:
    return write(store, first), write(store, second)


def age(store: Store, days: float, only: str = "") -> None:
    """As if results were last used so many days ago."""
    for path in (store.folder / "steps").rglob("*.json"):
        if only in path.read_text():
            os.utime(path, (time.time() - days * DAY_S,) * 2)


def test_files_count_once_and_for_their_step(store: Store) -> None:
    write(store, "x" * 1000)
    write_both(store, "x" * 1000, "y" * 500)
    (store.folder / "objects" / "aa").mkdir(exist_ok=True)
    (store.folder / "objects" / "aa" / ("a" * 64 + ".wav")).write_bytes(b"z" * 70)
    found = measure_store(store)
    assert found.results == 3
    assert found.unused_bytes == 70
    records = sum(p.stat().st_size for p in (store.folder / "steps").rglob("*.json"))
    assert found.bytes == 1000 + 500 + 70 + records
    assert sum(use.results for use in found.steps) == 3
    assert {use.step.rpartition(".")[2] for use in found.steps} == {"write", "write_both"}


def test_what_was_not_used_goes_and_a_file_that_another_result_names_stays(store: Store) -> None:
    shared = write(store, "shared")
    old = write(store, "old")
    age(store, 10)
    write_both(store, "shared", "new")  # uses the first result, which is thereby young again
    told = prune_store(store, 5, dry_run=True)
    assert store.path(old).read_text() == "old"
    done = prune_store(store, 5)
    assert done == told
    assert (done.results, done.files) == (1, 1)
    assert store.path(shared).read_text() == "shared"
    with pytest.raises(StoreError, match="damaged"):
        store.path(old)
    again = Store(store.folder)
    assert write(again, "old").sha256 == old.sha256
    assert again.made == 1


def test_everything_goes_where_nothing_is_young_enough(store: Store) -> None:
    write(store, "one")
    done = prune_store(store, 0)
    assert (done.results, done.files, done.left_bytes) == (1, 1, 0)
    assert measure_store(store).bytes == 0


def test_a_damaged_result_goes_with_the_old_ones(store: Store) -> None:
    write(store, "one")
    (record,) = (store.folder / "steps").rglob("*.json")
    record.write_text("{")
    assert measure_store(store).steps[0].step == "damaged"
    age(store, 2)
    assert prune_store(store, 1).results == 1


@pytest.mark.costly
def test_a_store_that_a_run_uses_is_not_pruned(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from localize.runtime.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "with store.writing('.txt') as draft: draft.path.write_text('x')\n"
        "print('ready', flush=True); sys.stdin.readline()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdin is not None
        assert user.stdout is not None
        assert user.stdout.readline() == "ready\n"
        with pytest.raises(StoreError, match="a run uses the store"):
            prune_store(Store(tmp_path), 0)
        user.stdin.write("\n")
        user.stdin.close()
        assert user.wait() == 0
    assert prune_store(Store(tmp_path), 0).files == 1


def test_a_store_that_is_not_there_is_empty(tmp_path: Path) -> None:
    store = Store(tmp_path / "none")
    assert measure_store(store).bytes == 0
    assert prune_store(store, 0).results == 0
    assert not store.folder.exists()


@pytest.mark.parametrize("link", ["drafts", "objects", "steps", "objects/ab", "steps/ab"])
def test_nothing_outside_the_store_is_taken_away_through_a_link(tmp_path: Path, link: str) -> None:
    """Opening a store sweeps its drafts, and pruning its files: a link laid into it leads to somebody's folder."""
    victim = tmp_path / "victim"
    (victim / "ab").mkdir(parents=True)
    kept = [victim / "letter.txt", victim / ("ab" * 32 + ".json"), victim / "ab" / ("ab" * 32 + ".json")]
    for path in kept:
        path.write_text("{}")
    place = tmp_path / "store" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(victim)
    prune_store(Store(tmp_path / "store"), 0)
    assert all(path.exists() for path in kept)


def test_a_folder_that_is_no_store_loses_nothing(tmp_path: Path) -> None:
    """`LOCALIZE_STORE=.git`, and files a person laid beside the store's own."""
    kept = [tmp_path / "objects" / "ab" / ("c" * 38), tmp_path / "drafts" / "letter.txt", tmp_path / "steps/ab/a.json"]
    for path in kept:
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    prune_store(Store(tmp_path), 0)
    assert all(path.exists() for path in kept)
