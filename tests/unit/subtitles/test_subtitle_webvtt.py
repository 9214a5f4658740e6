"""The W3C file parsing algorithm, case by case: https://www.w3.org/TR/webvtt1/#file-parsing."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from localize.errors import MediaError
from localize.timedtext import formats
from localize.timedtext.cues import Document, Region


def read(body: str) -> Document:
    return formats.parse(body.encode(), "case.vtt")


def one(settings: str, head: str = "") -> object:
    cues = read(f"WEBVTT\n\n{head}00:00:00.000 --> 00:00:01.000{settings}\ntext").cues
    assert len(cues) == 1
    return cues[0].settings


@pytest.mark.parametrize(
    "start", ["WEBVTT", "WEBVTT\n", "WEBVTT ", "WEBVTT\ttab", "\ufeffWEBVTT", "WEBVTT foo", "WEBVTT\r\n\r\n"]
)
def test_signatures(start: str) -> None:
    assert read(start).cues == ()


@pytest.mark.parametrize(
    "start",
    [
        "WEBVT",
        "WEBVTTfoo",
        "WEBVTT-",
        "webvtt",
        "\nWEBVTT",
        " WEBVTT",
        "WEBVTT\x0c",
        "\ufeff\ufeffWEBVTT",
        "FOO",
    ],
)
def test_no_signature_is_refused_with_the_line(start: str) -> None:
    with pytest.raises(MediaError, match=r"case\.vtt:1: "):
        read(start + "\n\n00:00.000 --> 00:01.000\ntext")


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("00:00:00.000 --> 00:00:01.000", 0, 1000),
        ("00:00.000 --> 00:01.000", 0, 1000),
        ("00:00:00.000-->00:00:01.000", 0, 1000),
        ("\t\f 00:00:00.000 \t-->\f00:00:01.000 \t", 0, 1000),
        ("59:59.999 --> 123:00:00.000", 3599999, 442800000),
        ("0:00:00.000 --> 1:00:00.000", 0, 3600000),
        ("00:00:02.000 --> 00:00:01.000", 2000, 1000),
        ("0000000000000000:00:00.000 --> 00000000000000001:00:00.000", 0, 3600000),
        ("00:00:00.000 --> 10000000000000000000000:00:00.000", 0, 36000000000000000000000000000),
    ],
)
def test_timings(line: str, start: int, end: int) -> None:
    (cue,) = read(f"WEBVTT\n\n{line}\ntext").cues
    assert (cue.span.start_ms, cue.span.end_ms, cue.text) == (start, end, "text")


@pytest.mark.parametrize(
    "line",
    [
        "-->",
        "00:00:00.000 -->",
        "--> 00:00:01.000",
        "00:00:00.000 -a --> 00:00:01.000",
        "00:00:00.000 --a> --> 00:00:01.000",
        "00:60:00.000 --> 01:00:01.000",
        "00:00:60.000 --> 00:01:01.000",
        "60:00.000 --> 60:01.000",
        "00:00:00.00 --> 00:00:01.000",
        "00:00:00.0000 --> 00:00:01.000",
        "00:00:00.000 --> 00:00:01.0000",
        "00:00:00,000 --> 00:00:01.000",
        "0:00.000 --> 00:01.000",
        "00:0:00.000 --> 00:00:01.000",
        "-00:00:00.000 --> 00:00:01.000",
        "00:00:00.000 --> -00:00:01.000",
        "\v00:00:00.000 --> 00:00:01.000",
        "00:00:00.000 --> 00:00:0\0.000",
        "٠٠:٠٠.٠٠٠ --> 00:01.000",
    ],
)
def test_timings_that_are_none(line: str) -> None:
    document = read(f"WEBVTT\n\n{line}\nFAIL\n\n00:00.000 --> 00:01.000\nnext")
    assert [cue.text for cue in document.cues] == ["next"]
    assert [remark.line for remark in document.warnings][:1] == [3]


def test_an_arrow_starts_a_new_cue_without_an_empty_line() -> None:
    text = "WEBVTT\n\n-->\n00:00.000 --> 00:01.000\none\n"
    text += "foo-->\n00:00.000 --> 00:01.000\ntwo\n00:00.000 --> 00:01.000\nthree"
    assert [(cue.id, cue.text) for cue in read(text).cues] == [("", "one"), ("", "two"), ("", "three")]


def test_header_lines_belong_to_the_header_until_an_empty_line_or_an_arrow() -> None:
    assert [c.text for c in read("WEBVTT\nfoo\nbar\n00:00.000 --> 00:01.000\none").cues] == ["one"]
    assert [c.text for c in read("WEBVTT\n00:00.000 --> 00:01.000\none").cues] == ["one"]
    assert [c.id for c in read("WEBVTT\nid\n\n00:00.000 --> 00:01.000\none").cues] == [""]
    assert read("WEBVTT\nKind: captions\nLanguage: es-MX\n\n00:00.000 --> 00:01.000\nuno").language == "es-MX"


def test_ids() -> None:
    text = "WEBVTT\n\n1\n00:00.000 --> 00:01.000\na\n\n  x y \n00:00.000 --> 00:01.000\nb\n\n"
    text += "NOTE z\n00:00.000 --> 00:01.000\nc"
    assert [cue.id for cue in read(text).cues] == ["1", "  x y ", "NOTE z"]
    assert [c.text for c in read("WEBVTT\n\nid\nnot an arrow\n00:00.000 --> 00:01.000\nlost id").cues] == ["lost id"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines(newline: str) -> None:
    text = newline.join(
        [
            "WEBVTT",
            "",
            "id",
            "00:00.000 --> 00:01.000",
            "one",
            "two",
            "",
            "",
            "00:02.000 --> 00:03.000",
            "three",
        ]
    )
    assert [(c.id, c.text) for c in read(text).cues] == [("id", "one\ntwo"), ("", "three")]


def test_nulls_become_the_replacement_character() -> None:
    cues = read(
        "WEBVTT\n\0\n00:00.000 --> 00:01.000\na\0b\n\n"
        "\0id\n00:00.000 --> 00:01.000\0 align:end\nc\n\n00:00.000 --> 00:01.000\0align:end\nd"
    ).cues
    assert [(c.id, c.text) for c in cues] == [("", "a\ufffdb"), ("\ufffdid", "c"), ("", "d")]
    assert cues[1].settings is not None
    assert cues[1].settings.align == "end"
    assert cues[2].settings is None


@pytest.mark.parametrize(
    ("value", "line", "snap", "align"),
    [
        ("-1", -1, True, "start"),
        ("-0", 0, True, "start"),
        ("1.5", 1.5, True, "start"),
        ("18446744073709552000", 18446744073709552000, True, "start"),
        ("00%", 0, False, "start"),
        ("100%,start", 100, False, "start"),
        ("100%,center", 100, False, "center"),
        ("3,end", 3, True, "end"),
        ("100%,middle", 100, False, "start"),
    ],
)
def test_line(value: str, line: float, snap: bool, align: str) -> None:
    settings = one(f" line:{value}")
    assert (settings.line, settings.snap_to_lines, settings.line_align) == (line, snap, align)


@pytest.mark.parametrize(
    "value",
    [
        "101%",
        "-0%",
        "1%-",
        "1-",
        "%1",
        "1%%",
        "0%0",
        " 0%",
        "0%x",
        "-",
        "%",
        "1..5",
        ".5",
        "5.",
        "--1",
        "1e3",
        "",
    ],
)
def test_line_that_is_none(value: str) -> None:
    assert one(f" line:{value}") is None


@pytest.mark.parametrize(
    ("text", "position", "align"),
    [
        ("position:1%", 1, "auto"),
        ("position:100%,line-left", 100, "line-left"),
        ("position:1.5%,center", 1.5, "center"),
        ("position:1%,line-right", 1, "line-right"),
        ("position:1%,middle", 1, "auto"),
        ("position:1% position:x", 1, "auto"),
        ("position:1% ,center", 1, "auto"),
    ],
)
def test_position(text: str, position: float, align: str) -> None:
    settings = one(" " + text)
    assert (settings.position, settings.position_align) == (position, align)


@pytest.mark.parametrize("value", ["-1%", "1", "1x", "1%x", "", " 1%", "101%", "4294967296%", "101%,center"])
def test_position_that_is_none(value: str) -> None:
    assert one(f" position:{value}") is None


@pytest.mark.parametrize(
    ("text", "size"),
    [("size:1xx size:2%", 2), ("size:50% size:101%", 50), ("size:0%", 0), ("size:1.5%", 1.5)],
)
def test_size(text: str, size: float) -> None:
    assert one(" " + text).size == size


def test_align_and_vertical() -> None:
    assert [one(f" align:{a}").align for a in ("start", "end", "left", "right")] == [
        "start",
        "end",
        "left",
        "right",
    ]
    assert one(" align:middle") is None
    assert one(" align:END") is None
    assert [one(f" vertical:{v}").vertical for v in ("rl", "lr")] == ["rl", "lr"]
    assert one(" vertical:lrl") is None
    assert one("line:1 align:end").align == "end"


def test_regions() -> None:
    head = (
        "REGION\nid:foo width:40% lines:2\nregionanchor:10%,20%\nviewportanchor:30%,40% scroll:up\n\n"
        "REGION\nid:bar\nwidth:101% lines:-1 regionanchor:1%,x viewportanchor:1 scroll:down\n\n"
        "REGION: id=old width=40%\n\nREGION\nid:foo lines:18446744073709552000\n\n"
    )
    assert one(" region:bar", head).region == Region("bar")
    assert one(" region:foo", head).region.lines == 18446744073709552000
    assert one(" region:foo region:none", head) is None
    assert one(" region:old", head) is None
    again = read("WEBVTT\n\n" + head + "00:00.000 --> 00:01.000\nx")
    assert again.regions[0] == Region("foo", 40, 2, 10, 20, 30, 40, "up")
    assert read("WEBVTT\n\n00:00.000 --> 00:01.000\nx\n\nREGION\nid:late").regions == ()


def test_styles_only_before_the_first_cue() -> None:
    document = read(
        "WEBVTT\n\nSTYLE \n::cue { color: red }\n\nSTYLE\n\n00:00.000 --> 00:01.000\nx\n\nSTYLE\n::cue {}\n"
    )
    assert document.styles == ("::cue { color: red }",)
    assert len(document.cues) == 1


def test_notes_voices_and_plain_text() -> None:
    document = read(
        "WEBVTT\n\nNOTE hello\nthere\n\n00:00.000 --> 00:01.000\n"
        "<v.loud Ana &amp; Eva>Hi &lt;you&gt;\n<c.x>two</c>&nbsp;<00:00.500>three"
    )
    assert document.comments[0].text == "hello\nthere"
    (cue,) = document.cues
    assert cue.speaker == "Ana & Eva"
    assert cue.plain == ("Hi <you>", "two\u00a0three")
    assert cue.text.startswith("<v.loud Ana &amp; Eva>Hi &lt;you&gt;\n")


def test_json_has_the_names_of_the_contract() -> None:
    document = read("WEBVTT\n\n00:00.000 --> 00:01.000 line:50% region:none\n<i>x</i>\ny")
    (row,) = document.cues_json()
    assert row["text"] == "<i>x</i>\ny"
    assert json.loads(json.dumps(row["settings"])) == {
        "vertical": "",
        "line": 50,
        "snap_to_lines": False,
        "line_align": "start",
        "position": "auto",
        "position_align": "auto",
        "size": 100,
        "align": "center",
        "region": None,
    }


def test_hours_beyond_all_numbers_stay_printable() -> None:
    document = read(f"WEBVTT\n\n{'9' * 6000}:00:00.000 --> 00:01.000 line:{'9' * 6000}\nx")
    assert "Infinity" not in json.dumps(document.cues_json())


def test_written_and_read_again_it_is_the_same() -> None:
    text = (
        "WEBVTT title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:r\nwidth:50%\n\nNOTE first\n\nid 1\n"
        "00:00.000 --> 00:01.000 line:1,end position:5%,center size:50% align:left region:r\n<v Ana>Hi\nyou\n\n"
        "NOTE last\nof all\n\n00:01.000 --> 00:01.500\n\n"
    )
    document = read(text)
    written, remarks = formats.render(document, "vtt", frame_rate=Fraction(25))
    assert remarks == ()
    assert read(written) == document
