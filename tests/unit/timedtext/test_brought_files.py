"""Odd files as people bring them, each with what it means: `brought.json`, a file a line.

`text` is the file in `encoding` (UTF-8 where none is named), `cues` its times and lines (parted by "/") or "refused",
`lost` and `repaired` the codes of what its reader says; `marks` for each cue its marks as "kind:value:text", `places`
its place of the nine and `forced` whether it is, where the file is about those.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from localize.errors import MediaError, QualityError, UsageError
from localize.subtitles import profiles, score
from localize.subtitles.check import check_file
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document

BROUGHT: list[dict[str, Any]] = json.loads(Path(__file__).with_name("brought.json").read_text(encoding="utf-8"))
READ = [row for row in BROUGHT if row["cues"] != "refused"]
UNSEEN = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
COUNTED = {"letters", "split", "text", "lines"}


def data_of(row: dict[str, Any]) -> bytes:
    return str(row["text"]).encode(row.get("encoding", "utf-8"))


def parsed(row: dict[str, Any]) -> Document:
    return formats.parse(data_of(row), row["file"])


def words(cues: tuple[Cue, ...]) -> list[str]:
    """What cues say, in order of time: SCC knows no other."""
    said = [(c.span.start_ms, " ".join(" ".join(c.lines).translate(UNSEEN).split())) for c in cues]
    return [text for _, text in sorted(said, key=lambda pair: pair[0]) if text]


@pytest.mark.parametrize("row", BROUGHT, ids=lambda row: row["file"])
def test_a_file_is_read_as_it_means_or_refused(row: dict[str, Any]) -> None:
    if row["cues"] == "refused":
        with pytest.raises(MediaError):
            parsed(row)
        return
    document = parsed(row)
    assert [[c.span.start_ms, c.span.end_ms, "/".join(c.lines)] for c in document.cues] == row["cues"]
    assert {remark.code for remark in document.losses} == set(row.get("lost", ()))
    told = {remark.code for remark in document.warnings if not remark.loss}
    assert told - set(row.get("lost", ())) == set(row.get("repaired", ()))


@pytest.mark.parametrize(
    "row", [row for row in READ if {"marks", "places", "forced"} & set(row)], ids=lambda r: r["file"]
)
def test_looks_and_places_are_read(row: dict[str, Any]) -> None:
    cues = parsed(row).cues
    if "marks" in row:
        found = [sorted(f"{m.kind}:{m.value}:{cue.lines[m.line][m.start : m.end]}" for m in cue.marks) for cue in cues]
        assert found == [sorted(marks) for marks in row["marks"]]
    assert [cue.place for cue in cues] == row.get("places", [cue.place for cue in cues])
    assert [cue.forced for cue in cues] == row.get("forced", [cue.forced for cue in cues])


@pytest.mark.costly
@pytest.mark.parametrize("row", READ, ids=lambda row: row["file"])
def test_no_format_loses_a_word_unsaid(row: dict[str, Any]) -> None:
    document = parsed(row)
    for fmt in formats.WRITABLE:
        try:
            data, lost = formats.to_bytes(document, fmt, frame_rate=Fraction(25))
        except UsageError:  # SCC has no letters of some scripts
            assert fmt == "scc"
            continue
        if COUNTED.isdisjoint(remark.code for remark in lost) and words(document.cues):
            assert words(formats.parse(data, f"x.{fmt}").cues) == words(document.cues), fmt


@pytest.mark.costly
@pytest.mark.parametrize("row", READ, ids=lambda row: row["file"])
def test_mending_changes_no_word_and_no_file_whose_reading_lost_one(row: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / row["file"]
    path.write_bytes(data_of(row))
    before = parsed(row)
    try:
        check_file(path, "netflix", None, "en", into=path)
    except QualityError:
        assert path.read_bytes() == data_of(row)
        return
    assert not before.losses
    after = formats.read(path)
    assert words(after.cues) == words(before.cues)
    assert (after.comments, after.opaque, after.styles) == (before.comments, before.opaque, before.styles)


@pytest.mark.parametrize("row", [row for row in READ if row.get("lost")], ids=lambda row: row["file"])
def test_what_was_not_read_in_full_does_not_conform(row: dict[str, Any]) -> None:
    document = parsed(row)
    unread = {"timing", "order", "text", "encoding", "cut", "code", "channel", "frames", "rate"}
    report = score.lint(document, profiles.load("netflix", "en"), "en", Fraction(25))
    assert not (report.conforms and unread & {remark.code for remark in document.losses})
