"""A file looked over without its film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from localize.errors import QualityError
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


GOOD = b"1\n00:00:03,000 --> 00:00:05,000\nSecond line.\n\n2\n00:00:01,000 --> 00:00:03,010\nFirst line.\n"
WRONG = {
    "a cue whose times cannot be read": GOOD + b"\n3\n00:00:0X,000 --> 00:00:09,000\nThird line.\n",
    "an encoding that had to be guessed": GOOD.replace(b"First", "Pétříček".encode("cp1250")),
    "bytes that are no UTF-8 after its mark": b"\xef\xbb\xbf" + GOOD.replace(b"First", b"F\xffrst"),
    "times that end before they start": GOOD.replace(b"00:00:05,000", b"00:00:02,000"),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_was_not_understood_is_not_replaced(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "film.en.srt"
    path.write_bytes(data)
    with pytest.raises(QualityError, match=r"film\.en\.srt:\d+: .*-o FILE, or --accept-losses"):
        check_file(path, "netflix", None, None, into=path)
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]
    elsewhere = check_file(path, "netflix", None, None, into=tmp_path / "mended.en.srt")
    assert elsewhere.document.warnings
    assert elsewhere.backup is None
    assert path.read_bytes() == data


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_losses_that_were_accepted_leave_the_file_in_a_backup(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "film.en.srt"
    path.write_bytes(data)
    found = check_file(path, "netflix", None, None, into=path, accept_losses=True)
    assert found.document.warnings
    assert found.backup == tmp_path / "film.en.srt.bak"
    assert found.backup.read_bytes() == data
    assert path.read_bytes() != data


def test_a_link_to_the_file_itself_is_in_place_too(tmp_path: Path) -> None:
    path, link = tmp_path / "film.en.srt", tmp_path / "link.en.srt"
    path.write_bytes(next(iter(WRONG.values())))
    link.symlink_to(path)
    with pytest.raises(QualityError):
        check_file(path, "netflix", None, None, into=link)


def test_a_backup_never_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "film.en.srt"
    path.write_bytes(GOOD)
    first = check_file(path, "netflix", None, None, into=path).backup
    second = check_file(path, "netflix", None, None, into=path).backup
    assert first is not None
    assert second is not None
    assert (first.name, second.name) == ("film.en.srt.bak", "film.en.srt.bak2")
    assert first.read_bytes() == GOOD
