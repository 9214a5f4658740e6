"""One cue changed in its file: every other byte stays, in every encoding and with every line end."""

# ruff: noqa: E501 - files as they are, in one line each

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.data import Span
from localize.errors import MediaError, UsageError
from localize.timedtext import formats
from localize.timedtext.cues import Mark
from localize.timedtext.rewrite import rewrite

SRT = "1\r\n00:00:01,0 --> 00:00:02.500  X1:10\r\n<I>Příliš</I> žluťoučký\r\n\r\n\r\n7\r\n00:00:03,000 --> 00:00:04,000\r\nkůň\r\nú\r\n\r\n2\n00:00:05,000 -->\nrozbité\n"
VTT = "WEBVTT - x\n\nNOTE keep  me\n\nid a\n00:01.000  -->  00:02.000 line:0   align:left\n<v Ana>one\ntwo\n\njunk --> junk\n\n00:03.000 --> 00:04.000\nthree"
ASS = (
    "; hand made\n[Script Info]\nTitle: x\n\n[V4+ Styles]\nFormat: Name, Italic, Alignment\nStyle: S,-1,8\n\n[Events]\n"
    "Format: Start, End, Style, Text\nComment: 0:00:00.00,0:00:01.00,S,keep\n"
    "Dialogue:  0:00:01.00,0:00:02.00,S,{\\k20}a{\\fad(1,2)}b\nDialogue: 0:00:03.00,0:00:04.00,S,{\\p1}m 0 0{\\p0}\n"
    "Dialogue: 0:00:05.00,0:00:06.00,S,c\\Nd\n"
)
SBV = "0:00:01.000,0:00:02.000\nx\ny\n\n0:00:03.000,0:00:04.000\nz\n"
TTML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="cs">\n<!-- keep -->\n'
    '<body begin="10s"><div>\n<p   begin="00:00:01.000" end=\'00:00:02.000\' custom="1">žlu<br/>ť</p>\n'
    '<p begin="3s" end="4s">two</p></div></body></tt>\n'
)
FILES = {"srt": SRT, "vtt": VTT, "ass": ASS, "sbv": SBV, "ttml": TTML}


def parsed(kind: str, encoding: str = "utf-8", bom: bytes = b"") -> tuple[bytes, object]:
    data = bom + FILES[kind].encode(encoding)
    return data, formats.parse(data, f"x.{kind}", encoding=encoding)


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_nothing_changed_changes_no_byte(kind: str, bom: bytes) -> None:
    data, document = parsed(kind, bom=bom)
    same = {index: replace(cue) for index, cue in enumerate(document.cues)}
    assert rewrite(data, document, same) == data


CASES = [
    # format, cue, new span, new lines, what the file loses, what it gets instead
    ("srt", 0, (1200, 2500), None, "00:00:01,0 --> 00:00:02.500  X1:10", "00:00:01,200 --> 00:00:02,500  X1:10"),
    ("srt", 1, None, ("kůň & ú",), "kůň\r\nú\r\n", "kůň & ú\r\n"),
    ("vtt", 0, (1000, 2040), None, "00:01.000  -->  00:02.000 line", "00:00:01.000 --> 00:00:02.040 line"),
    ("vtt", 1, None, ("a < b", "c"), "three", "a &lt; b\nc"),
    ("ass", 0, (1000, 2500), None, "0:00:01.00,0:00:02.00,S,{\\k20}", "0:00:01.00,0:00:02.50,S,{\\k20}"),
    ("ass", 1, None, ("c", "{d}"), "c\\Nd", "{\\i0}c\\N\\{d\\}"),
    ("sbv", 0, (500, 2000), None, "0:00:01.000,0:00:02.000", "0:00:00.500,0:00:02.000"),
    ("ttml", 0, (11000, 12400), None, "end='00:00:02.000'", "end='00:00:02.400'"),
    ("ttml", 1, None, ("a & b", "c"), ">two<", ">a &amp; b<br/>c<"),
]


@pytest.mark.parametrize(("kind", "index", "span", "lines", "old", "new"), CASES)
def test_only_what_is_changed_changes(
    kind: str, index: int, span: tuple[int, int] | None, lines: tuple[str, ...] | None, old: str, new: str
) -> None:
    data, document = parsed(kind)
    cue = document.cues[index]
    changed = replace(cue, span=Span(*span) if span else cue.span)
    if lines:
        changed = replace(changed, lines=lines, marks=())
    result = rewrite(data, document, {index: changed})
    assert FILES[kind].count(old) == 1
    start = FILES[kind].index(old)
    expected = FILES[kind][:start] + new + FILES[kind][start + len(old) :]
    text = result.decode("utf-8")
    assert text == expected


def test_a_cue_is_taken_out_with_its_number_and_its_blank_lines() -> None:
    data, document = parsed("srt")
    assert rewrite(data, document, {0: None}).decode() == SRT[SRT.index("7\r\n") :]
    data, document = parsed("ttml")
    assert b"two" not in rewrite(data, document, {1: None})


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2", "utf-16-le", "utf-8"])
def test_the_encoding_stays(encoding: str) -> None:
    data, document = parsed("srt", encoding)
    changed = replace(document.cues[1], lines=("žába", "ú"), marks=(Mark(0, 0, 4, "italic"),))
    expected = SRT.replace("kůň\r\nú", "<i>žába</i>\r\nú")
    assert rewrite(data, document, {1: changed}) == expected.encode(encoding)


def test_a_letter_that_the_encoding_lacks_is_refused() -> None:
    data, document = parsed("srt", "cp1250")
    with pytest.raises(UsageError, match="cp1250"):
        rewrite(data, document, {1: replace(document.cues[1], lines=("слева",), marks=())})


def test_bytes_that_were_mended_are_refused() -> None:
    data = b"1\n00:00:01,000 --> 00:00:02,000\ncaf\xc3\xa9 \xff \xe2\x82\xac\n"
    document = formats.parse(data, "x.srt", encoding="utf-8")
    with pytest.raises(MediaError):
        rewrite(data, document, {0: replace(document.cues[0], lines=("x",))})


def test_formats_that_hold_no_single_cue_are_refused() -> None:
    document = formats.parse(b"1\n00:00:01,000 --> 00:00:02,000\nx\n", "x.srt")
    with pytest.raises(UsageError, match="scc"):
        rewrite(b"", replace(document, format="scc"), {0: None})


@pytest.mark.costly
@given(
    st.sampled_from(list(FILES)), st.integers(0, 5), st.integers(1, 200), st.sampled_from(["a", "ž <b> {x}", "♪ & ♪"])
)
def test_what_is_changed_is_read_back_and_all_else_is_as_it_was(kind: str, index: int, by: int, text: str) -> None:
    data, document = parsed(kind)
    index %= len(document.cues)
    cue = document.cues[index]
    moves = kind != "ttml" or index == 0
    span = cue.span.shifted(by * 10) if moves else cue.span
    changed = replace(cue, span=span, lines=(text, "two"), marks=())
    back = formats.parse(rewrite(data, document, {index: changed}), f"x.{kind}")
    assert [(c.span, c.lines) for c in back.cues] == [
        (span, (text, "two")) if i == index else (c.span, c.lines) for i, c in enumerate(document.cues)
    ]
    assert back.comments == document.comments
    assert back.opaque == document.opaque
