"""`doctor FILE`: what a film holds and what is wrong with it, told before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.doctor.film import examine_film
from localize.errors import MediaError
from tests.film_matrix import Case, make


@pytest.mark.costly
def test_a_hole_is_told_with_its_time(tmp_path: Path) -> None:
    found = examine_film(make(Case(".mp4", "mpeg4", "aac", fault="hole"), tmp_path))
    assert [p.code for p in found.problems] == ["holes"]
    assert found.sound is not None
    (hole,) = found.sound.holes
    assert (hole.start_ms, hole.end_ms) == (pytest.approx(600, abs=30), pytest.approx(1100, abs=30))
    assert (found.ok, found.delivers, found.delivered_sound) == (True, ".mp4", "aac, 48 kHz, stereo")
    assert 0 < found.seconds[0] < found.seconds[1]
    assert found.disk_bytes > 4 * 48_000 * 6
    assert found.json()["sound"]["jumps"]


@pytest.mark.costly
def test_what_breaks_off_and_what_changes_is_told(tmp_path: Path) -> None:
    cut = examine_film(make(Case(".mkv", "mpeg4", "flac", fault="truncated"), tmp_path))
    assert [p.code for p in cut.problems] == ["truncated"]
    avi = examine_film(make(Case(".avi", "mpeg4", "libmp3lame"), tmp_path))
    assert [p.code for p in avi.problems] == ["container_changed"]
    assert (avi.delivers, avi.delivered_sound) == (".mkv", "flac, 48 kHz, stereo")
    pcm = examine_film(make(Case(".mov", "mjpeg", "pcm_s16le"), tmp_path))
    assert (pcm.problems, pcm.delivered_sound) == ((), "pcm_s24le, 48 kHz, stereo")


@pytest.mark.costly
def test_dialogue_is_chosen_as_a_dub_would(tmp_path: Path) -> None:
    found = examine_film(make(Case(".mkv", "mpeg4", "flac", flags="described"), tmp_path))
    assert found.chosen == 2
    assert "description" in found.note
    assert examine_film(Path(found.file), "a:0").chosen == 1
    with pytest.raises(MediaError, match="no audio stream 9"):
        examine_film(Path(found.file), 9)
