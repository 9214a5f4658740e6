"""The output folder: all or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localize.data import Blob
from localize.delivery.deliverables import keep_delivered
from localize.errors import LocalizeError, StoreError, UsageError
from localize.runtime.files import check_writable, staged_folder


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def test_files_appear_together_when_all_is_well(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    with staged_folder(target) as stage:
        for name in ("film.mp4", "film.srt"):
            (stage.folder / name).write_text(name)
            assert stage.final(stage.folder / name) == target / name
        assert [p for p in target.iterdir() if not p.name.startswith(".")] == []
    assert files(target) == ["film.mp4", "film.srt"]


def test_files_of_folders_join_those_that_are_there_and_outdated_ones_go_last(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    for name in ("old", "mine"):
        (tmp_path / "clips" / name).write_text(name)
    with staged_folder(tmp_path) as stage:
        (stage.folder / "clips").mkdir()
        for n in range(6):
            (stage.folder / "clips" / f"new{n}").write_text("new")
        stage.outdated.append(tmp_path / "clips" / "old")
    assert files(tmp_path) == ["clips", *sorted(["clips/mine", *(f"clips/new{n}" for n in range(6))])]


def test_what_lies_there_is_kept_where_it_has_the_same_bytes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    bed, other = out / "film.bed.wav", out / "film.other.wav"
    bed.write_text("the bed")
    other.write_text("edited!")
    blob = Blob(hashlib.sha256(b"the bed").hexdigest(), 7, ".wav")
    number = bed.stat().st_ino
    with staged_folder(out) as stage:
        assert keep_delivered(stage.target / "film.bed.wav", stage.folder / "film.bed.wav", blob)
        assert not keep_delivered(stage.target / "film.other.wav", stage.folder / "film.other.wav", blob)
        assert not keep_delivered(stage.target / "film.new.wav", stage.folder / "film.new.wav", blob)
    assert files(out) == ["film.bed.wav", "film.other.wav"]
    assert (bed.read_text(), bed.stat().st_ino, bed.stat().st_nlink) == ("the bed", number, 1)


@pytest.mark.parametrize("link", [False, True])
def test_a_file_or_a_link_in_the_place_of_a_folder_stays(tmp_path: Path, link: bool) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "clips").symlink_to(elsewhere) if link else (out / "clips").write_text("mine")

    def deliver() -> None:
        with staged_folder(out) as stage:
            (stage.folder / "clips").mkdir()
            (stage.folder / "clips" / "a").write_text("a")

    with pytest.raises(UsageError, match="where a folder should go"):
        deliver()
    assert files(elsewhere) == []
    assert [p.name for p in out.iterdir()] == ["clips"]


def test_older_files_are_replaced_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "film.srt").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    with staged_folder(tmp_path) as stage:
        (stage.folder / "film.srt").write_text("new")
        assert (tmp_path / "film.srt").read_text() == "old"
    assert (tmp_path / "film.srt").read_text() == "new"
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("failure", [KeyError, KeyboardInterrupt, UsageError])
def test_nothing_is_left_of_a_failure_not_even_the_folder(tmp_path: Path, failure: Any) -> None:
    def failing() -> None:
        with staged_folder(tmp_path / "a" / "b") as stage:
            (stage.folder / "film.mp4").write_text("half")
            raise failure("no")

    with pytest.raises(failure):
        failing()
    assert files(tmp_path) == []


def test_a_folder_that_was_there_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_text("old")

    def failing() -> None:
        with staged_folder(tmp_path) as stage:
            (stage.folder / "film.mp4").write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert files(tmp_path) == ["film.mp4"]
    assert (tmp_path / "film.mp4").read_text() == "old"


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from localize.runtime.files import staged_folder
with staged_folder(Path({str(tmp_path)!r})) as stage:
    (stage.folder / "film.mp4").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert files(tmp_path), "it was killed before it wrote anything"
    with staged_folder(tmp_path) as stage:
        (stage.folder / "film.mp4").write_text("whole")
    assert files(tmp_path) == ["film.mp4"]


def test_what_another_run_is_writing_is_not_swept(tmp_path: Path) -> None:
    theirs = tmp_path / f".localize-{os.getppid()}"
    theirs.mkdir()
    with staged_folder(tmp_path) as stage:
        (stage.folder / "x").write_text("x")
    assert theirs.is_dir()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="is a file"):
            check_writable(target)
        with pytest.raises(UsageError), staged_folder(target):
            pass
    assert files(tmp_path) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="cannot be written"):
            check_writable(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENAMETOOLONG])
def test_a_folder_that_cannot_be_made_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def failing(self: Path, *_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", failing)
    with pytest.raises(LocalizeError, match="cannot write") as caught, staged_folder(tmp_path / "out"):
        pass
    assert caught.value.exit_code == 2


def test_a_name_too_long_for_the_disk_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LocalizeError) as caught, staged_folder(tmp_path / ("x" * 300)):
        pass
    assert caught.value.exit_code in (2, 7)
    assert files(tmp_path) == []


def test_a_full_disk_while_files_are_made_is_a_store_error(tmp_path: Path) -> None:
    def failing() -> None:
        with staged_folder(tmp_path / "out") as stage:
            (stage.folder / "film.mp4").write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match="the disk is full"):
        failing()
    assert files(tmp_path) == []


def test_a_file_that_cannot_take_its_place_leaves_the_others_away(tmp_path: Path) -> None:
    """A folder lies where a file must go: then nothing at all is delivered, old files included stay as they were."""
    (tmp_path / "film.srt").mkdir()
    (tmp_path / "film.srt" / "kept").write_text("x")

    def failing() -> None:
        with staged_folder(tmp_path) as stage:
            for name in ("a.wav", "film.srt", "z.wav"):
                (stage.folder / name).write_text("new")

    with pytest.raises(LocalizeError, match=r"film\.srt|cannot write"):
        failing()
    assert files(tmp_path) == ["film.srt", "film.srt/kept"]
