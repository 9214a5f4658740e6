"""Films made here in every container, with every fault of their clock: the dub is in step, the picture and flags stay.

Ten of them in every run of the tests, forty more among the slow ones; `python bench/containers.py` dubs them all.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from localize.events import Run
from tests.film_matrix import SEPARATING, Case, cases, dub, make

QUICK = (
    Case(".mp4", "libx264", "aac", fault="hole"),
    Case(".mp4", "libx264", "aac", fault="cut"),
    Case(".mov", "mjpeg", "pcm_s16le"),
    Case(".mkv", "libx264", "libmp3lame", fault="two holes"),
    Case(".webm", "libvpx", "libvorbis", fault="late"),
    Case(".avi", "mpeg4", "libmp3lame"),
    Case(".ts", "libx264", "aac", fault="wrap"),
    Case(".wmv", "wmv2", "wmav2"),
    Case(".mkv", "libx264", "aac", flags="described"),
    Case(".mp4", "libx264", "aac", flags="subtitles"),
)
SLOW = tuple(case for case in cases() if case not in QUICK)[::8]


@pytest.mark.parametrize(
    "case",
    [
        *(pytest.param(case, id=case.name) for case in QUICK),
        *(pytest.param(case, id=case.name, marks=pytest.mark.slow) for case in SLOW),
    ],
)
def test_a_film_is_dubbed_in_step(case: Case, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in SEPARATING:
        monkeypatch.setattr(sys.modules[module], "package_version", lambda _name: "")
    try:
        film = make(case, tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("this ffmpeg does not make it")
    found = dub(case, film, run, tmp_path)
    assert not found.faults
    assert found.picture in ("equal", "repacked")


def test_there_are_two_hundred_films_and_no_two_alike() -> None:
    names = [case.name for case in cases()]
    assert len(names) == len(set(names)) >= 200
    assert len(SLOW) >= 30
