"""Files as people bring them: each in `cases/`, what it means in `cases/expected.json`, and what becomes of it elsewhere."""

# ruff: noqa: E501 - files as they are, in one line each

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localize.errors import MediaError, UsageError
from localize.timedtext import formats
from localize.timedtext.convert import convert, output_format
from localize.timedtext.cues import Cue
from localize.timedtext.rolling import is_rolling

CASES = Path(__file__).parent / "cases"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))


def row(cue: Cue) -> dict[str, Any]:
    """A cue as the data writes it: what says nothing is left out."""
    found = {
        "id": cue.id,
        "speaker": cue.speaker,
        "place": cue.place if cue.place != 2 else 0,
        "marks": [[m.line, m.start, m.end, m.kind, m.value] for m in cue.marks],
        "style": cue.style,
        "forced": cue.forced,
    }
    always = {"ms": [cue.span.start_ms, cue.span.end_ms], "lines": list(cue.lines)}
    return always | {key: value for key, value in found.items() if value}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_read_as_it_means(name: str) -> None:
    expected = EXPECTED[name]
    if reason := expected.get("refused"):
        with pytest.raises(MediaError, match=reason):
            formats.read(CASES / name)
        return
    document = formats.read(CASES / name)
    assert [row(cue) for cue in document.cues] == expected["cues"]
    assert [[w.code, w.line] for w in document.warnings] == expected.get("warnings", [])
    assert [part.kind for part in document.opaque] == expected.get("opaque", [])
    assert [comment.text for comment in document.comments] == expected.get("comments", [])
    assert document.start_ms == expected.get("start_ms", 0)


def test_every_file_has_its_meaning() -> None:
    assert {path.name for path in CASES.iterdir()} - {"expected.json"} == set(EXPECTED)


@dataclass(frozen=True)
class Conversion:
    source: str
    to: str
    holds: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()


CONVERSIONS = [
    Conversion("full.vtt", "srt", ("&lt;b&gt;hi&lt;/b&gt;", "<i>slanted</i>\n<i>over two</i> lines"), ("<b>",),
               frozenset({"comment", "style", "position", "voice", "id", "timing", "ruby", "language"})),
    Conversion("full.vtt", "ass", ("Tom & Jerry said <b>hi</b>,", "Ben O'Neil"), ("\\b1",),
               frozenset({"style", "position", "voice", "id", "timing", "ruby", "language"})),
    Conversion("full.vtt", "ttml", ("&lt;b&gt;hi&lt;/b&gt;", 'tts:ruby="base">漢<'), (),
               frozenset({"comment", "style", "position", "timing"})),
    Conversion("full.vtt", "vtt", ("Tom &amp; Jerry said &lt;b&gt;hi&lt;/b&gt;,", "<v.loud Ben O'Neil>R&D&nbsp;is &copy;")),
    Conversion("ital2.en.srt", "ttml", ('<span tts:fontStyle="italic">He said he would come</span><br/>'
                                        '<span tts:fontStyle="italic">before the winter ended.</span>',)),
    Conversion("asstag.srt", "ass", ("{\\pos(320,40)}Moved {\\i1}and slanted",), ("\\{", "<i>")),
    Conversion("asstag.srt", "vtt", ("line:13.889%,end position:83.333%,center", "Moved <i>and slanted</i>"), ("\\pos",)),
    Conversion("tags.en.srt", "vtt", ("line:0 align:left\nTop left", "line:50%,center align:left\nMiddle left",
                                      "<c.yellow>Yellow speaker talks.</c>", "5 &lt; 6 &amp;&amp; 7 &gt; 3, R&amp;D &lt;grin&gt;"),
               ("{\\a",), frozenset({"effect", "style"})),
    Conversion("tags.en.srt", "ass", ("{\\an7}Top left", "{\\an8}Old top centre", "{\\fad(200,200)}Moved caption")),
    Conversion("signs.ass", "srt", ("<i>Or did I?</i>", '{\\an8}<font color="#ffff00"><b>BAKERY</b></font>'),
               ("m 0 0", "\\k", "note to"), frozenset({"comment", "style", "drawing", "effect", "voice"})),
    Conversion("signs.ass", "ass", ("{\\an7\\pos(100,100)\\p1\\bord0}m 0 0 l 200 0 200 80 0 80{\\p0}",
                                    "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,template line,function f() end",
                                    "{\\k20}Sail{\\k30}ing {\\kf40}home {\\ko25}a{\\k50}gain", "fx,{\\pos(140,50)}ing")),
    Conversion("forced.ttml", "ttml", ('itts:forcedDisplay="true"', 'tts:color="#ffff00"', 'tts:direction="rtl"')),
    Conversion("forced.ttml", "srt", ('<font color="#ffff00">Yellow talker.</font>', "\u202bשלום, NASA!\u202c"), (),
               frozenset({"forced"})),
    Conversion("mix.scc", "srt", ("<i>Hello</i>", "♪ La ♪")),
    Conversion("roll.en.vtt", "srt", ("1\n00:00:00,160 --> 00:00:02,440\ntoday we are going to\n",
                                      "3\n00:00:04,760 --> 00:00:07,010\nwith very simple tools\n"),
               ("\n4\n",), frozenset({"timing"})),
    Conversion("bodybegin.ttml", "srt", ("00:01:01,000 --> 00:01:03,000\nFirst of three.",)),
    Conversion("voices.en.vtt", "vtt", ("<v Ben>Which table?\n<v Anna>The kitchen table.",)),
    Conversion("open25.stl", "srt", ("00:00:01,000 --> 00:00:03,000\n<i>Italic line</i>\nplain line", "{\\an8}Top line"), (),
               frozenset({"comment"})),
]  # fmt: skip


@pytest.mark.parametrize("case", CONVERSIONS, ids=lambda case: f"{case.source}-{case.to}")
def test_a_file_becomes_another(case: Conversion, tmp_path: Path) -> None:
    target = tmp_path / f"out.{case.to}"
    done = convert(CASES / case.source, target)
    text = target.read_text(encoding="utf-8")
    assert [part for part in case.holds if part not in text] == []
    assert [part for part in case.lacks if part in text] == []
    assert {loss.code for loss in done.losses} == case.codes
    assert all(loss.count for loss in done.losses)


@pytest.mark.parametrize(
    ("source", "arguments", "to", "times"),
    [
        ("smpte25.ttml", {"start_at": "10:00:00:00"}, "srt", [(1480, 3000), (4000, 6960)]),
        ("smpte25.ttml", {"offset_ms": -36_000_000}, "vtt", [(1480, 3000), (4000, 6960)]),
        ("asstag.srt", {"fps": "25:23.976"}, "srt", [(521, 3128), (3649, 6256)]),
        ("asstag.srt", {"offset_ms": 250}, "ass", [(750, 3250), (3750, 6250)]),
        ("ttx25.stl", {}, "srt", [(1000, 3000), (4000, 6000)]),
        ("ttx25.stl", {}, "stl", [(1000, 3000), (4000, 6000)]),
        ("asstag.srt", {"start_at": "10:00:00:00"}, "stl", [(520, 3000), (3520, 6000)]),
    ],
)
def test_times_move_only_as_asked(
    source: str, arguments: dict[str, Any], to: str, times: list[tuple[int, int]], tmp_path: Path
) -> None:
    target = tmp_path / f"out.{to}"
    convert(CASES / source, target, **arguments)
    back = formats.read(target)
    assert [(cue.span.start_ms, cue.span.end_ms) for cue in back.cues] == times
    if to == "stl":
        assert back.start_ms == 36_000_000


def test_what_cannot_be_converted_is_said_before_anything_is_written(tmp_path: Path) -> None:
    for name, arguments in (("a.doc", {}), ("a.srt", {"fps": "25"}), ("a.srt", {"start_at": "10 o'clock"}), ("a", {})):
        with pytest.raises(UsageError):
            convert(CASES / "overlap.en.srt", tmp_path / name, **arguments)
    assert not list(tmp_path.iterdir())
    assert output_format(tmp_path / "x.dfxp") == "ttml"


def test_only_captions_that_roll_are_collapsed() -> None:
    assert is_rolling(formats.read(CASES / "roll.en.vtt"))
    assert not is_rolling(formats.read(CASES / "overlap.en.srt"))


def test_signs_at_the_top_do_not_collide_with_what_is_said() -> None:
    places = [cue.place for cue in formats.read(CASES / "overlap.en.srt").cues]
    assert places == [8, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("value", "line", "snap"),
    [
        ("1" + "0" * 400, None, True),
        ("-1" + "0" * 400, None, True),
        ("17976931348623157" + "0" * 292, 1.7976931348623157e308, True),
        ("0." + "0" * 323 + "5", 5e-324, True),
        ("0." + "0" * 323 + "2", 0, True),
        ("1e2", None, True),
        ("0." + "0" * 323 + "5%", 5e-324, False),
    ],
)
def test_lines_at_the_edge_of_what_a_double_holds(value: str, line: float | None, snap: bool) -> None:
    text = f"WEBVTT\n\n00:00.000 --> 00:01.000 line:{value}\nx\n"
    (cue,) = formats.parse(text.encode(), "x.vtt").cues
    settings = cue.settings
    assert (settings.line if settings else None) == line
    assert (settings.snap_to_lines if settings else True) is snap


@pytest.mark.parametrize("value", ["1%x", "1%%", "1%-,center", "1 %", "%1", "1%.5", "0x1%"])
def test_a_position_with_rubbish_after_it_is_auto(value: str) -> None:
    text = f"WEBVTT\n\n00:00.000 --> 00:01.000 position:{value}\nx\n"
    (cue,) = formats.parse(text.encode(), "x.vtt").cues
    assert cue.settings is None


def test_a_programme_start_that_no_time_reaches_is_said_to_change_nothing(tmp_path: Path) -> None:
    found = convert(CASES / "asstag.srt", tmp_path / "x.vtt", start_at="10:00:00:00")
    assert [remark.message for remark in found.repairs if remark.code == "timing"] == [
        "the programme's start is not taken off: all times come before it"
    ]
