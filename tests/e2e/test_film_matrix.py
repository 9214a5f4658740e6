"""Films made here in every container, with every fault of their clock: the dub is in step, the picture and flags stay.

Twelve of them in every run of the tests, two hundred more among the slow ones: forty of these mixed as any dub is, the
others with the take added to the sound, which costs half. `python bench/containers.py` dubs them all.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from localize.events import Run
from tests.film_matrix import NEIGHBOURS, SEPARATING, Case, cases, dub, make

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
    Case(".mkv", "gif", "aac"),
    Case(".ts", "mpeg2video", "mp2", fault="middle"),
    Case(".mp4", "libx264", "aac", flags="subtitles"),
)
OTHERS = tuple(case for case in cases() if case not in (*QUICK, *NEIGHBOURS))
SLOW = OTHERS[::8]
SUMMED = (*(case for n, case in enumerate(OTHERS) if n % 8 in (1, 3, 4, 6)), *NEIGHBOURS)
"""Half of what is left; every container, codec, layout, rate, fault and flag is among them all."""


WITHOUT_SIZE = {f"ts-libx265-libmp3lame-stereo-48-{fault}-none" for fault in ("cut", "middle")}
"""Cut between two complete pictures, which are so far apart that none is left: nobody knows how large they are."""


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sounds")


@pytest.mark.parametrize(
    ("case", "whole"),
    [
        *(pytest.param(case, True, id=case.name) for case in QUICK),
        *(pytest.param(case, True, id=case.name, marks=pytest.mark.slow) for case in SLOW),
        *(pytest.param(case, False, id=case.name, marks=pytest.mark.slow) for case in SUMMED),
    ],
)
def test_a_film_is_dubbed_in_step(
    case: Case, whole: bool, run: Run, sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in SEPARATING:
        monkeypatch.setattr(sys.modules[module], "package_version", lambda _name: "")
    try:
        film = make(case, tmp_path, sounds)
    except subprocess.CalledProcessError:
        pytest.skip("this ffmpeg does not make it")
    found = dub(case, film, run, tmp_path, whole=whole)
    assert not found.faults
    if case.name in WITHOUT_SIZE:
        assert not found.film, "foretold, or there would be a fault"
        return
    assert found.picture in ("equal", "repacked")


def test_two_hundred_films_are_dubbed_and_no_two_are_alike() -> None:
    dubbed = [case.name for case in (*QUICK, *SLOW, *SUMMED)]
    assert len(dubbed) == len(set(dubbed)) >= 200
    for kind in ("suffix", "picture", "sound", "layout", "rate", "fault", "flags"):
        named = {getattr(case, kind) for case in cases()}
        assert {getattr(case, kind) for case in (*QUICK, *SLOW, *SUMMED)} == named
