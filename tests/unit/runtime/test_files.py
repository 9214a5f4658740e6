"""A folder that is whole or absent, and drafts that killed processes left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from localize.runtime.files import atomic_folder, replace_folder, sweep_drafts


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
