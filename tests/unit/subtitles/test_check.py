"""A file looked over without its film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from localize.subtitles.check import check_file
from localize.timedtext.frames import time_of


def film(path: Path, rate: Fraction) -> Path:
    """Five cues two frames apart, as they are delivered for a film of a rate."""
    rows = []
    for n in range(5):
        start, end = time_of(20 + 75 * n, rate), time_of(20 + 75 * n + 73, rate)
        rows.append(f"{n + 1}\n{_stamp(start)} --> {_stamp(end)}\nA line to read.\n")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def _stamp(ms: int) -> str:
    return f"00:{ms // 60_000:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30)])
def test_the_times_tell_the_frame_rate(tmp_path: Path, rate: Fraction) -> None:
    found = check_file(film(tmp_path / "film.en.srt", rate), "netflix", None, None)
    assert found.report.score["gap"] == 100


def test_times_of_no_rate_are_counted_at_24_frames(tmp_path: Path) -> None:
    path = film(tmp_path / "film.en.srt", Fraction(25))
    path.write_text(path.read_text().replace("00:00:00,800", "00:00:00,811"))
    assert check_file(path, "netflix", None, None).report.score["gap"] < 100
