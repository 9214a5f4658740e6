"""Line 21 as a decoder shows it: each row is what is sent, and the captions that stand on the screen."""

from __future__ import annotations

from fractions import Fraction

import pytest

from localize.data import Span
from localize.errors import MediaError
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document, settings_at
from localize.timedtext.scc_reader import read_scc

LOAD, SHOW, CLEAR, FORGET = "9420 9420", "942f 942f", "942c 942c", "94ae 94ae"
BOTTOM, ROW_14, TOP = "9470 9470", "9440 9440", "9140 9140"
AB, CD, E_ = "c162", "43e4", "4580"

SENT = {
    # what is sent at 1 s, then at 3 s and 5 s: the texts shown, each with its start and end frame
    "pop-on": (f"{LOAD} {BOTTOM} {AB} {SHOW}", CLEAR, "", [("Ab", 35, 90)]),
    "the one before goes when the next comes": (
        f"{LOAD} {BOTTOM} {AB} {SHOW}", f"{LOAD} {BOTTOM} {CD} {SHOW}", CLEAR, [("Ab", 35, 95), ("Cd", 95, 150)]),
    "a backspace": (f"{LOAD} {BOTTOM} {AB} 94a1 94a1 {CD} {SHOW}", CLEAR, "", [("ACd", 38, 90)]),
    "to the end of the row": (
        f"{LOAD} {BOTTOM} {AB} {CD} {BOTTOM} 97a1 97a1 94a4 94a4 {SHOW}", CLEAR, "", [("A", 42, 90)]),
    "an extended letter replaces the one before it": (
        f"{LOAD} {BOTTOM} {AB} 4580 92a1 92a1 {SHOW}", CLEAR, "", [("Ab\u00c9", 38, 90)]),
    "tabs are one space": (f"{LOAD} {BOTTOM} {AB} 9723 9723 {CD} {SHOW}", CLEAR, "", [("Ab Cd", 38, 90)]),
    "two rows": (f"{LOAD} {BOTTOM} {CD} {ROW_14} {AB} {SHOW}", CLEAR, "", [("Ab/Cd", 38, 90)]),
    "roll-up by two": (
        f"9425 9425 94ad 94ad {BOTTOM} {AB}", f"94ad 94ad {CD}", f"94ad 94ad {E_} {CLEAR}",
        [("Ab", 32, 90), ("Ab/Cd", 90, 150), ("Cd/E", 150, 153)]),
    "paint-on": (f"9429 9429 {BOTTOM} {AB}", CLEAR, "", [("Ab", 32, 90)]),
    "painted anew": (f"9429 9429 {BOTTOM} {AB}", f"9429 9429 {ROW_14} {CD}", CLEAR,
        [("Ab", 32, 92), ("Cd/Ab", 92, 150)]),
    "nothing takes it off": (f"{LOAD} {BOTTOM} {AB} {SHOW}", "", "", [("Ab", 35, 185)]),
}  # fmt: skip


def file_of(*runs: str) -> str:
    lines = [f"00:00:0{2 * n + 1}:00\t{words}" for n, words in enumerate(runs) if words]
    return "\n\n".join(["Scenarist_SCC V1.0", *lines]) + "\n"


@pytest.mark.parametrize(("first", "second", "third", "shown"), SENT.values(), ids=SENT)
def test_what_is_sent_is_shown(first: str, second: str, third: str, shown: list[tuple[str, int, int]]) -> None:
    cues = read_scc(file_of(first, second, third), "x.scc").cues
    found = [("/".join(c.lines), *(round(t * 30 / 1001) for t in (c.span.start_ms, c.span.end_ms))) for c in cues]
    assert found == shown


def test_places_are_rows() -> None:
    rows = (("9140 9140", 8), ("1640 1640", 5), (BOTTOM, 2))
    for row, place in rows:
        (cue,) = read_scc(file_of(f"{LOAD} {row} {AB} {SHOW}", CLEAR), "x.scc").cues
        assert (cue.place, cue.at_line) == (place, 3)


def test_captions_beside_each_other_keep_their_sides() -> None:
    places = (1, 2, 3, 4, 5, 6, 7, 8, 9, 2)
    given = tuple(
        Cue("", Span(n * 3000, n * 3000 + 2000), ("Who is it?",), settings=settings_at(place))
        for n, place in enumerate(places, 1)
    )
    written, lost = formats.render(Document(given), "scc", frame_rate=Fraction(30000, 1001))
    assert not lost
    assert tuple(cue.place for cue in read_scc(str(written), "x.scc").cues) == places


def test_line_21_shows_one_caption_at_a_time_and_says_what_that_costs() -> None:
    cues = (
        Cue("", Span(9000, 9900), ("Last, and first in the file",)),
        Cue("", Span(2000, 6000), ("Long",)),
        Cue("", Span(4000, 6000), ("Over it",)),
    )
    written, lost = formats.render(Document(cues), "scc", frame_rate=Fraction(30000, 1001))
    assert [(remark.code, remark.count, remark.cue) for remark in lost] == [("overlap", 1, 2)]
    assert [cue.lines[0] for cue in read_scc(str(written), "x.scc").cues] == ["Long", "Over it", cues[0].lines[0]]


LOST = {
    "unseen": f"{LOAD} {BOTTOM} {CD} {FORGET}",
    "channel": f"1c20 1c20 1c70 1c70 {CD}",
    "text": f"942a 942a {CD}",
    "code": f"{LOAD} xyz",
    "colour": f"{LOAD} {BOTTOM} 1022 1022 {CD} {SHOW}",
}


@pytest.mark.parametrize("code", LOST)
def test_what_is_not_in_the_document_is_said(code: str) -> None:
    document = read_scc(file_of(f"{LOAD} {BOTTOM} {AB} {SHOW}", f"{CLEAR} {LOST[code]}", CLEAR), "x.scc")
    assert document.cues[0].lines == ("Ab",)
    assert [(remark.code, remark.line) for remark in document.losses] == [(code, 5)]


def test_a_file_without_a_caption_is_refused() -> None:
    with pytest.raises(MediaError, match="no subtitle found"):
        read_scc(file_of(f"{LOAD} {SHOW} {CLEAR}"), "x.scc")


def test_numbers_that_ntsc_drops_are_no_time() -> None:
    words = f"{LOAD} {BOTTOM} {AB} {SHOW}"
    kept, dropped = (read_scc(f"Scenarist_SCC V1.0\n\n01:00:00{mark}00\t{words}\n", "x").cues[0] for mark in ":;")
    assert kept.span.start_ms - dropped.span.start_ms == round(108 * 1001 / 30)
