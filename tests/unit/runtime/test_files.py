"""A folder that is whole or absent, and drafts that killed processes left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from localize.runtime.files import (
    atomic_folder,
    draft_owner,
    is_abandoned,
    once_a_file,
    replace_folder,
    sweep_drafts,
    write_text,
)
from localize.runtime.store import Store


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_folder(tmp_path / "voice") as draft:
        (draft / "half").write_text((tmp_path / "absent").read_text())
    assert list(tmp_path.iterdir()) == []
    with atomic_folder(tmp_path / "voice", mode=0o700) as draft:
        (draft / "whole").write_text("x")
        assert not (tmp_path / "voice").exists()
    assert [p.name for p in tmp_path.rglob("*")] == ["voice", "whole"]
    assert (tmp_path / "voice").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("replace", "content"), [(None, "old"), (lambda: False, "old"), (lambda: True, "new")])
def test_a_folder_takes_the_place_of_another_only_where_it_may(
    tmp_path: Path, replace: Callable[[], bool] | None, content: str
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("old")
    refused = pytest.raises(OSError, match="not empty") if replace is None else nullcontext()
    with refused, atomic_folder(tmp_path / "model", replace=replace) as draft:
        (draft / "weights").write_text("new")
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    assert (tmp_path / "model" / "weights").read_text() == content


def test_a_folder_that_cannot_be_exchanged_leaves_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("old")
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "absent", tmp_path / "model")
    assert [p.name for p in tmp_path.rglob("*")] == ["model", "weights"]


def test_drafts_of_killed_processes_are_swept_with_what_is_in_them(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f".localize-{dead.pid}-7", f".localize-{os.getppid()}-7", f".localize-{os.getpid()}-7"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_text("x")
    with atomic_folder(tmp_path / "voice"):
        pass
    assert not (tmp_path / f".localize-{dead.pid}-7").exists()
    assert (tmp_path / f".localize-{os.getppid()}-7" / "half").exists()
    sweep_drafts(tmp_path, own=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f".localize-{os.getppid()}-7", "voice"]


def test_a_persons_own_file_with_such_a_name_stays(tmp_path: Path) -> None:
    (tmp_path / ".localize-notes").mkdir()
    for name in (".localize-notes.txt", ".localize-notes/page", ".localize-²-x"):
        (tmp_path / name).write_text("mine")
    sweep_drafts(tmp_path, own=True)
    assert len(list(tmp_path.rglob("*"))) == 4


@pytest.mark.parametrize(("days", "swept"), [(1, False), (3, True)])
def test_a_draft_of_another_machine_or_container_is_swept_only_when_it_is_old(
    tmp_path: Path, days: float, swept: bool
) -> None:
    """A process number of another PID namespace says nothing here, even where this machine has the same."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    theirs = [tmp_path / f".localize-{pid}_0000abcd-7" for pid in (dead.pid, os.getpid())]
    stored = tmp_path / "drafts" / f"{dead.pid}_0000abcd-x.wav"
    stored.parent.mkdir()
    for path in (*theirs, stored):
        path.write_text("half")
        os.utime(path, (time.time() - days * 86_400,) * 2)
    sweep_drafts(tmp_path)
    Store(tmp_path)
    assert [path.exists() for path in (*theirs, stored)] == [not swept] * 3


def test_a_draft_names_its_process_and_where_its_number_holds(tmp_path: Path) -> None:
    own = draft_owner()
    assert own.startswith(f"{os.getpid()}_")
    assert not is_abandoned(own, tmp_path)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    assert is_abandoned(own.replace(str(os.getpid()), str(dead.pid)), tmp_path)


def test_a_file_is_read_once_as_long_as_it_is_the_same(tmp_path: Path) -> None:
    read: list[str] = []

    @once_a_file
    def words(path: Path) -> str:
        read.append(path.read_text("utf-8"))
        if read[-1] == "bad":
            raise ValueError(read[-1])
        return read[-1]

    path = tmp_path / "words"
    with pytest.raises(FileNotFoundError):
        words(path)
    write_text(path, "one")
    assert (words(path), words(path), read) == ("one", "one", ["one"])
    write_text(path, "two")
    assert (words(path), read) == ("two", ["one", "two"])
    write_text(path, "bad")
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            words(path)
    assert read == ["one", "two", "bad", "bad"], "an error is met each time"
