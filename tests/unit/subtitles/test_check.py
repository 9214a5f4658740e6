"""A file looked over without its film."""

from __future__ import annotations

import re
import shutil
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from localize.data import Span
from localize.errors import MediaError, QualityError
from localize.subtitles.check import check_file
from localize.subtitles.measures import tracks
from localize.timedtext import formats
from localize.timedtext.cues import Document
from localize.timedtext.frames import time_of
from localize.timedtext.rewrite import REWRITABLE


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
    path.write_bytes(GOOD)
    second = check_file(path, "netflix", None, None, into=path).backup
    assert first is not None
    assert second is not None
    assert (first.name, second.name) == ("film.en.srt.bak", "film.en.srt.bak2")
    assert first.read_bytes() == GOOD
    assert check_file(path, "netflix", None, None, into=path).backup is None  # nothing was left to mend


SHARED = Path(__file__).resolve().parents[4] / "shared"
CASES = Path(__file__).resolve().parents[1] / "timedtext" / "cases"
GIVEN = sorted(
    path
    for folder in (CASES, SHARED / "media" / "6_subtitles", SHARED / "cases" / "subtitles")
    for path in folder.rglob("*")
    if path.is_file() and path.suffix not in {".json", ".md", ".tsv"}
)


@pytest.mark.costly
@pytest.mark.parametrize("source", GIVEN, ids=lambda path: path.name)
def test_no_byte_changes_but_in_the_cues_that_findings_name(tmp_path: Path, source: Path) -> None:
    try:
        before = formats.read(source)
    except MediaError:
        return
    path = tmp_path / source.name
    shutil.copyfile(source, path)
    data = path.read_bytes()
    try:
        found = check_file(path, "netflix", None, None, into=path)
    except QualityError:
        assert path.read_bytes() == data
        assert list(tmp_path.iterdir()) == [path]
        if before.format not in REWRITABLE:
            return
        found = check_file(path, "netflix", None, None, into=path, accept_losses=True)
        if any(remark.loss for remark in before.warnings if remark.code == "encoding"):
            return  # what is no text cannot be written as it was
    named = {f.cue - 1 for f in check_file(source, "netflix", None, None).report.findings}
    named |= {second for track in tracks(before.cues) for first, second in pairwise(track) if first in named}
    document = found.document
    assert len(document.cues) == len(before.cues)
    for index, (was, now) in enumerate(zip(before.cues, document.cues)):
        assert now == was or index in named
        assert "".join("".join(now.lines).split()) == "".join("".join(was.lines).split())
        assert [m.kind for m in now.marks if m.kind == "tag"] == [m.kind for m in was.marks if m.kind == "tag"]
    if before.format != "ttml":
        assert _others(path.read_bytes(), document) == _others(data, before)
    assert (document.comments, document.opaque, document.header, document.styles) == (
        before.comments, before.opaque, before.header, before.styles,
    )  # fmt: skip
    if found.backup:
        assert found.backup.read_bytes() == data


def _others(data: bytes, document: Document) -> list[bytes]:
    """The lines of a file that are no times and no text of any cue, with their ends."""
    wide = {"utf-16-le": 2, "utf-16-be": 2}.get(document.encoding, 1)
    lines = re.split(rb"(?<=\n)", data) if wide == 1 else [data[:8]]
    mine = {at for c in document.cues if c.origin for at in range(c.origin.timing, c.origin.last + 1)}
    return [line for number, line in enumerate(lines, 1) if number not in mine]


MARKED = (
    b"1\r\n00:00:01,000 --> 00:00:07,000\r\n"
    b"<i>A whole long line in italics that is</i> <b>more than anyone</b> may set in one.\r\n"
)


def test_marks_go_with_their_words(tmp_path: Path) -> None:
    path = tmp_path / "film.en.srt"
    path.write_bytes(MARKED)
    (cue,) = check_file(path, "netflix", None, None, into=path).document.cues
    assert len(cue.lines) == 2
    assert path.read_bytes().replace(b"</i>\r\n<i>", b" ").replace(b"\r\n<b>", b" <b>") == MARKED


def test_only_the_overlap_at_one_place_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "overlap.en.srt"
    shutil.copyfile(CASES / "overlap.en.srt", path)
    gaps = [f for f in check_file(path, "netflix", None, None).report.findings if f.rule == "gap"]
    assert [(f.cue, f.line) for f in gaps if f.measured < 0] == [(4, 14)]
    before = path.read_bytes().split(b"\n\n")
    found = check_file(path, "netflix", None, None, into=path)
    after = path.read_bytes().split(b"\n\n")
    assert after[0] == before[0]
    assert after[3] != before[3]
    assert "gap" not in {f.rule for f in found.report.findings}
    assert found.document.cues[0].span == Span(1000, 6000)


def test_another_format_is_written_with_its_losses_counted(tmp_path: Path) -> None:
    found = check_file(CASES / "forced.ttml", "netflix", None, None, into=tmp_path / "x.srt")
    assert found.lost
    assert all(remark.count for remark in found.lost)
    assert formats.read(tmp_path / "x.srt").format == "srt"


def test_what_cannot_be_changed_in_place_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mix.scc"
    shutil.copyfile(CASES / "mix.scc", path)
    data = path.read_bytes()
    with pytest.raises(QualityError, match=r"cannot be changed in place.*-o FILE"):
        check_file(path, "netflix", None, None, into=path)
    assert path.read_bytes() == data


def test_a_typeset_file_is_mended_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "signs.ass"
    path.write_bytes((CASES / "signs.ass").read_bytes().replace(b"0:00:16.00", b"0:00:17.50"))
    before = path.read_bytes().splitlines(keepends=True)
    found = check_file(path, "netflix", None, None, into=path)
    pairs = zip(before, path.read_bytes().splitlines(keepends=True), strict=True)
    changed = {number for number, (was, now) in enumerate(pairs, 1) if was != now}
    assert changed == {remark.line for remark in found.mended} == {25, 26}
