"""`localize.subtitles`: read, write, convert and lint as a program calls them, with paths as texts or as paths."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import localize
from localize import subtitles
from localize.data import Span
from localize.errors import UsageError

SRT = "1\n00:00:01,000 --> 00:00:03,000\n<i>Good evening.</i>\n\n2\n00:00:04,000 --> 00:00:06,000\nWhere is it?\n"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "film.en.srt").write_text(SRT, encoding="utf-8")
    return tmp_path / "film.en.srt"


def test_a_file_is_read_changed_and_written(film: Path, tmp_path: Path) -> None:
    document = subtitles.read(str(film))
    assert [(cue.span, cue.lines) for cue in document.cues] == [
        (Span(1000, 3000), ("Good evening.",)),
        (Span(4000, 6000), ("Where is it?",)),
    ]
    later = replace(document, cues=tuple(replace(cue, span=cue.span.shifted(500)) for cue in document.cues))
    assert subtitles.write(later, str(tmp_path / "later.vtt")) == ()
    again = subtitles.read(tmp_path / "later.vtt")
    assert (again.format, [cue.span.start_ms for cue in again.cues]) == ("vtt", [1500, 4500])


def test_what_a_format_cannot_hold_is_said_and_its_frames_are_of_the_rate_given(film: Path, tmp_path: Path) -> None:
    document = subtitles.read(film)
    losses = subtitles.write(document, tmp_path / "film.out", to="sbv")
    assert losses
    assert (tmp_path / "film.out").read_text(encoding="utf-8").startswith("0:00:01.000,0:00:03.000\nGood evening.")
    subtitles.write(document, tmp_path / "film.scc", frame_rate=Fraction(30000, 1001))
    assert (tmp_path / "film.scc").read_text(encoding="ascii").startswith("Scenarist_SCC V1.0")
    with pytest.raises(UsageError):
        subtitles.write(document, tmp_path / "film.doc")
    assert not (tmp_path / "film.doc").exists()


def test_one_file_becomes_another_moved_and_decoded_as_asked(film: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.srt"
    old.write_bytes(SRT.replace("Where is it?", "Où est-ce ?").encode("cp1252"))
    done = subtitles.convert(str(old), str(tmp_path / "new.sbv"), offset_ms=250, encoding="cp1252")
    assert (done.format, done.document.cues[1].lines) == ("sbv", ("Où est-ce ?",))
    assert done.losses
    assert (tmp_path / "new.sbv").read_text(encoding="utf-8").startswith("0:00:01.250,")
    assert subtitles.convert(film, tmp_path / "new.txt", to="vtt").format == "vtt"
    assert (tmp_path / "new.txt").read_text(encoding="utf-8").startswith("WEBVTT")


def test_a_file_is_checked_and_mended_elsewhere_or_in_place(tmp_path: Path) -> None:
    path = tmp_path / "film.en.srt"
    path.write_text(SRT.replace("00:00:04,000", "00:00:02,900"), encoding="utf-8")
    before = path.read_bytes()
    checked = subtitles.lint(str(path))
    assert not checked.conforms
    assert checked.mended == ()
    mended = subtitles.lint(path, "netflix", language="en", encoding="utf-8", fix=str(tmp_path / "mended.srt"))
    assert mended.mended
    first, second = subtitles.read(tmp_path / "mended.srt").cues
    assert first.span.end_ms < second.span.start_ms, "the two were shown at once for 100 ms"
    assert path.read_bytes() == before
    in_place = subtitles.lint(path, fix=path)
    assert in_place.backup is not None
    assert in_place.backup.read_bytes() == before
    assert path.read_bytes() == (tmp_path / "mended.srt").read_bytes()


def test_a_film_is_looked_at_in_a_run_only(film: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"give run=localize\.open_run\(\) with media"):
        localize.subtitles.lint(film, media=tmp_path / "film.mp4")
