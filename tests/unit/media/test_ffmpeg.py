"""The program ffmpeg at its worst: it dies, hangs, or says no end of errors. Programs of its name do so."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localize.errors import FfmpegFailed, MediaError, unforeseen
from localize.media.ffmpeg import ffmpeg, reading, run_ffmpeg

module = sys.modules["localize.media.ffmpeg"]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a shell script in the place of ffmpeg."""

    def put(script: str) -> None:
        path = tmp_path / "ffmpeg"
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        ffmpeg.cache_clear()

    yield put
    ffmpeg.cache_clear()


DEATHS = [
    ("kill -SEGV $$", "ended by SIGSEGV while it worked on film.mkv, a fault of its own"),
    ("kill -KILL $$", "ended by SIGKILL while it worked on film.mkv, mostly since memory ran out"),
]


@pytest.mark.parametrize(("script", "said"), DEATHS, ids=["crash", "killed"])
def test_a_program_that_dies_is_to_blame(program: Callable[[str], None], script: str, said: str) -> None:
    program(script)
    with pytest.raises(FfmpegFailed, match=said) as found:
        run_ffmpeg(["-i", "film.mkv"], "film.mkv")
    assert found.value.exit_code == 5


def test_a_program_that_refuses_a_film_names_the_film(program: Callable[[str], None]) -> None:
    program("echo 'first' >&2; echo 'Invalid data found' >&2; exit 1")
    with pytest.raises(MediaError, match=r"film\.mkv: Invalid data found") as found:
        run_ffmpeg(["-i", "film.mkv"], "film.mkv")
    assert found.value.exit_code == 3


def test_a_program_that_does_nothing_is_ended(program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    program("echo begun >&2; exec /bin/sleep 1000")
    monkeypatch.setattr(module, "CHECK_S", 0.05)
    monkeypatch.setattr(module, "STALLED_S", 0.3)
    with pytest.raises(FfmpegFailed, match="has done nothing"):
        run_ffmpeg(["-i", "film.mkv"], "film.mkv")


def test_a_program_that_works_in_silence_is_left_alone(
    program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("for ((i = 0; i < 200000; i++)); do :; done; echo done >&2")
    monkeypatch.setattr(module, "CHECK_S", 0.05)
    monkeypatch.setattr(module, "STALLED_S", 5.0)
    assert run_ffmpeg([], "film.mkv") == "done\n"


def test_a_program_that_says_no_end_of_errors_is_ended(
    program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("while true; do echo 'error while decoding' >&2; done")
    monkeypatch.setattr(module, "MOST_SAID", 1_000_000)
    with pytest.raises(FfmpegFailed, match="no end of errors"):
        run_ffmpeg(["-i", "film.mkv"], "film.mkv")


def test_many_errors_do_not_stop_what_is_read(program: Callable[[str], None]) -> None:
    """More than a pipe holds, while nobody listens."""
    program("for ((i = 0; i < 20000; i++)); do echo 'error while decoding' >&2; done; echo -n sound")
    with reading(Path("film.mkv"), rate=16_000, channels=1) as pipe:
        assert pipe.read() == b"sound"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("mkl_malloc: failed to allocate memory"),
        RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=lambda e: str(e) or "MemoryError",
)
def test_memory_that_ran_out_is_named(error: Exception) -> None:
    found = unforeseen(error, "report it")
    assert found.exit_code == 5
    assert found.message.startswith("memory ran out (")
    assert "--jobs" in found.message


def test_what_nobody_foresaw_says_what_to_do() -> None:
    found = unforeseen(ValueError("two\nlines"), "report it")
    assert (found.message, found.exit_code) == ("unexpected ValueError: two lines (report it)", 1)
