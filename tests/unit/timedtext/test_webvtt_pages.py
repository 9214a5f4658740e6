"""What the pages of web-platform-tests assert of a WebVTT parser (webvtt/parsing/file-parsing), with texts of our own.

The tables have a row for each of its pages and failing loads: the file, and of each cue that a player must find what
the page looks at. `T` stands for the times 00:00:00.000 --> 00:00:01.000.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from localize.errors import MediaError
from localize.timedtext import formats
from localize.timedtext.cues import Cue

T = "00:00:00.000 --> 00:00:01.000"
NO_TIMES = [
    "00:00:00.000 -a -->", "00:00:00.000 --a -->", "00:00:00.000 - -->", "00:00:00.000 -- -->",
]  # fmt: skip


def cues_with(settings: list[str], head: str = "") -> str:
    return f"WEBVTT\n\n{head}" + "\n\n".join(f"{T} {setting}\nsays" for setting in settings)


def regions(settings: list[str]) -> str:
    """Each region with a cue in it."""
    defined = "".join(f"REGION\nid:r{n}\n{setting}\n\n" for n, setting in enumerate(settings))
    return cues_with([f"region:r{n}" for n in range(len(settings))], defined)


def spoilt_times(letter: str) -> list[str]:
    """The times with one character more, or another one, at every place within."""
    return [T[:at] + letter + T[at + cut :] for cut in (0, 1) for at in range(len(T) + 1 - cut) if 0 < at < len(T)]


LARGEST, BEYOND = "17976931348623157" + "0" * 292, "17976931348623159" + "0" * 292
SMALLEST, NOTHING = f"0.{'0' * 323}5", f"0.{'0' * 323}2"
"""Of doubles: the largest and a number beyond it, the smallest over 0 and one that is none."""
BIG = ["65536", "4294967296", "18446744073709552000", "1" + "0" * 34]
ANCHORS_WRONG = [
    "0,0", "0%,0", "0,0%", "1%", ",1%", "101%,1%", "1%,101%", "-0%,0%", "0%,-0%", *(f"{n}%,{n}%" for n in BIG),
    " 100%,100%", "100% ,100%", "100%, 100%", "100 %,100%", "100%,100 %",
]  # fmt: skip
ANCHORS = {"": (0, 100), "0%,0%": (0, 0), "1%,1%": (1, 1), "100%,0%": (100, 0), "0%,100%": (0, 100)}


def test_words_that_look_like_tags_are_told() -> None:
    text = f"WEBVTT\n\n{T}\n1 < 2 and <3> ok\n\n{T}\n<i.x>so</i> <font color=red>red</font> <b and c"
    (told,) = formats.parse(text.encode(), "film.vtt").warnings
    assert (told.code, told.line, told.loss) == ("tag", 3, True)
    assert "in 3 places" in told.message
    assert "'< 2 and <3>'" in told.message


@pytest.mark.parametrize("end", ["</>", "</ >", "</.x>", "</i>", "</b>", "</rt>", "</ruby>", "</nobody>"])
def test_an_end_of_what_was_not_begun_ends_nothing(end: str) -> None:
    (cue,) = formats.parse(f"WEBVTT\n\n{T}\none{end} <u>two</u>{end}".encode(), "film.vtt").cues
    assert cue.lines == ("one two",)
    assert [(mark.kind, mark.start, mark.end) for mark in cue.marks] == [("underline", 4, 7)]


PAGES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "arrows": (
        "WEBVTT\n\n-->\n"
        + "".join(f"{T}\nsays {n}\n{end}\n" for n, end in enumerate(["wait-->", "-->wait", "--->", "-->-->"]))
        + f"{T}\nsays 4\n{T}\nsays 5\n\n" + "\n\n".join(NO_TIMES) + "\n",
        [{"text": f"says {n}"} for n in range(6)],
    ),
    "header, garbage": (f"WEBVTT or so\nand more\n\n{T}\nsays", [{"text": "says", "ms": (0, 1000)}]),
    "header, regions": (
        regions(["", "width:62%\nlines:5", "regionanchor:4%,78%", "viewportanchor:4%,78% scroll:up"]),
        [
            {"region": {}},
            {"region": {"width": 62, "lines": 5}},
            {"region": {"region_anchor_x": 4, "region_anchor_y": 78}},
            {"region": {"viewport_anchor_x": 4, "viewport_anchor_y": 78, "scroll": "up"}},
        ],
    ),
    "header, space": (f"WEBVTT \n\n{T}\nsays", [{"text": "says"}]),
    "header, tab": (f"WEBVTT\t\n\n{T}\nsays", [{"text": "says"}]),
    "header, timings": (f"WEBVTT\n{T}\nsays\n\n{T}\nalso", [{"text": "says"}, {"text": "also"}]),
    "ids": (
        "WEBVTT\n\n" + "\n\n".join(f"{name}\n{T}\nsays" for name in (" before", "after ", "-- >", "->", " ")),
        [{"id": " before"}, {"id": "after "}, {"id": "-- >"}, {"id": "->"}, {"id": " "}],
    ),
    "newlines": (
        f"WEBVTT\r\rone\r{T}\rsays 1\n\ntwo\n{T}\nsays 2\r\n\r\nthree\r\n{T}\r\nsays 3\n\rfour\r{T}\nsays 4\n\r",
        [{"id": name, "text": f"says {n}"} for n, name in enumerate(("one", "two", "three", "four"), 1)],
    ),
    "nulls": (
        f"WEBVTT\n\0\n{T}\nsays 1\n\n\0 name\n{T}\nsays 2\n\n{T}\n\0sa\0ys\n\n{T} align\0:end\nsays 4\n\n"
        f"{T} align:end\0\nsays 5\n\n{T}\0align:end\nsays 6\n\n{T}\0 align:end\nsays 7\n\n"
        + "\n\n".join(f"{line}\nno" for line in spoilt_times("\0")),
        [
            {"id": "", "text": "says 1"}, {"id": "\ufffd name"}, {"text": "\ufffdsa\ufffdys"}, {"align": "center"},
            {"align": "center"}, {"align": "center"}, {"align": "end"},
        ],
    ),
    "regions, id": (
        cues_with(
            ["region:foo", "region:bar", "region:id", "region:\v"],
            "REGION\nid:foo\nid:bar\nlines:1\n\nREGION\nid:bar id:foo\nlines:2\n\n"
            "REGION\nid:id\nid: foo\nid :bar\nlines:3\n\nREGION\nid:\v\nlines:4\n\n",
        ),
        [{"region": {"lines": lines}} for lines in (2, 1, 3, 4)],
    ),
    "regions, lines": (
        regions([f"lines:{n}" for n in ("0", "1", "100", "101", *BIG)] + ["lines:1 lines:2"]
                + [f"lines:{n}" for n in ("-1", "1.5", "1%", "")]),
        [{"region": {"lines": n}} for n in (0, 1, 100, 101, *map(int, BIG), 2, 3, 3, 3, 3)],
    ),
    "regions, old": (
        cues_with(["region:foo", "region:bar"], "REGION: id=foo width=40% lines=3\n\nREGION: id=bar scroll=up\n\n"),
        [{"region": None}, {"region": None}],
    ),
    "regions, regionanchor": (
        regions([f"regionanchor:{value}" for value in (*ANCHORS, *ANCHORS_WRONG)]),
        [{"region": {"region_anchor_x": x, "region_anchor_y": y}} for x, y in ANCHORS.values()]
        + [{"region": {"region_anchor_x": 0, "region_anchor_y": 100}}] * len(ANCHORS_WRONG),
    ),
    "regions, viewportanchor": (
        regions([f"viewportanchor:{value}" for value in (*ANCHORS, *ANCHORS_WRONG)]),
        [{"region": {"viewport_anchor_x": x, "viewport_anchor_y": y}} for x, y in ANCHORS.values()]
        + [{"region": {"viewport_anchor_x": 0, "viewport_anchor_y": 100}}] * len(ANCHORS_WRONG),
    ),
    "regions, scroll": (
        regions(["", "scroll:up", "scroll:up scroll:up\nscroll:up", "scroll:down\nscroll:left",
                 "scroll: up\nscroll :up",
                 "scroll:up scroll:"]),
        [{"region": {"scroll": way}} for way in ("", "up", "up", "", "", "up")],
    ),
    "regions, width": (
        # By the standard's text alone ("Collect WebVTT region settings", "parse a percentage string").
        regions(["", *(f"width:{n}" for n in (
            "0%", "00%", "1%", "1.5%", "50.05%", "100%", "100.0%", f"{SMALLEST}%", "50% width:101%", "50% width:",
            "40% width:50%\nwidth:60%", "50%\nwidth: 60%\nwidth :70%",
        )), *(f"width:{n}" for n in (
            "", "%", "%%", "5", "1%%", "1%x", "x1%", "1%1", "-0%", "-1%", "+1%", "101%", "100.1%", ".5%", "5.%",
            "1..5%", "1e1%", " 1%", "1 %", *(f"{big}%" for big in BIG), f"{LARGEST}%", f"{BEYOND}%",
        ))]),
        [{"region": {"width": n}} for n in (100, 0, 0, 1, 1.5, 50.05, 100, 100, 5e-324, 50, 50, 60, 50, *[100] * 25)],
    ),
    "settings, align": (
        cues_with(["", "align:start", "align:center", "align:end", "align:left", "align:right", "align:start align:end",
                   "align:end align:CENTER", "align:end align: center", "align:end align:", "align:end align:middle",
                   "align:end align", "align:end " * 200 + "align:center"]),
        [{"align": a} for a in ("center", "start", "center", "end", "left", "right", *["end"] * 6, "center")],
    ),
    "settings, line": (
        cues_with([f"line:{n}" for n in ("-1", "0", "-0", "1", "100", "101", *BIG, "1.5", LARGEST, f"-{LARGEST}",
                                         SMALLEST, NOTHING)]
                  + [f"line:{n}" for n in (*(f"{big}%" for big in BIG), "-0%", "101%", "1%-", "1-", "%1", "1%%", "0%0",
                                           " 0%", "0%x", "-", "%", "1..5", ".5", "5.", BEYOND, f"-{BEYOND}", "1e2")]
                  + [f"line:{n}" for n in ("0%", "00%", "100%", "100%,start", "100%,center", "100%,end",
                                           "100%,middle", f"{SMALLEST}%", f"{NOTHING}%")]),
        [{"line": n, "snap_to_lines": True}
         for n in (-1, 0, 0, 1, 100, 101, *map(int, BIG), 1.5, sys.float_info.max, -sys.float_info.max, 5e-324, 0)]
        + [{"line": None, "snap_to_lines": True}] * 21
        + [{"line": n, "snap_to_lines": False, "line_align": align}
           for n, align in ((0, "start"), (0, "start"), (100, "start"), (100, "start"), (100, "center"), (100, "end"),
                            (100, "start"), (5e-324, "start"), (0, "start"))],
    ),
    "settings, multiple": (
        f"WEBVTT\n\none\n{T} align:start line:1% vertical:lr size:50% position:25%\nsays\n\n"
        f"two\n{T} align:center line:1 vertical:rl size:0% position:100%\nsays",
        [
            {"id": "one", "align": "start", "line": 1, "snap_to_lines": False, "vertical": "lr", "size": 50,
             "position": 25},
            {"id": "two", "align": "center", "line": 1, "vertical": "rl", "size": 0, "position": 100},
        ],
    ),
    "settings, position": (
        cues_with([f"position:{p}" for p in ("1%", "100%", "1% position:x", "1.5%", "1%,line-left", "1%,center",
                                             "1%,line-right", "1%,middle", "1% ,center", "1%, center")]
                  + [f"position:{p}" for p in ("-1%", "1", "1x", "1%x", "", " 1%", "101%", "65536%", "4294967296%",
                                               "101%,line-left", "101%,center", "101%,line-right")]),
        [{"position": p, "position_align": a}
         for p, a in ((1, "auto"), (100, "auto"), (1, "auto"), (1.5, "auto"), (1, "line-left"), (1, "center"),
                      (1, "line-right"), (1, "auto"), (1, "auto"), (1, "auto"))]
        + [{"position": None, "position_align": "auto"}] * 12,
    ),
    "settings, region": (
        cues_with(["region:foo", "region:bar", "region:foo region:bar", "region:no", "region:no region:foo", "region:",
                   "region: ", "region: foo", "region :foo"],
                  "REGION\nid:foo\nlines:1\n\nREGION\nid:bar\n\nREGION\nid:foo\nlines:2\n\nREGION\nwidth:10%\n\n"),
        [{"region": {"lines": 2}}, {"region": {"id": "bar"}}, {"region": {"id": "bar"}}, {"region": None},
         {"region": {"id": "foo"}}, *[{"region": None}] * 4],
    ),
    "settings, size": (
        cues_with(["", "size:1xx size:2%", "size:0%", "size:00%", "size:50% size:100%", "size:50% size:101%",
                   "size:1.5%", *(f"size:{n}" for n in ("", "x", "%", "%%", "1%%", "1%x", "101%", "-3%", "200%"))]),
        [{"size": n} for n in (100, 2, 0, 0, 100, 50, 1.5, *[100] * 9)],
    ),
    "settings, vertical": (
        cues_with(["", "vertical:lr", "vertical:rl", "vertical:rl vertical:lr", "vertical:", "vertical:RL",
                   "vertical: rl", "vertical:vertical-rl"]),
        [{"vertical": way} for way in ("", "lr", "rl", "lr", "", "", "", "")],
    ),
    "signature, bom": (f"\ufeffWEBVTT\n\n{T}\nsays", [{"text": "says"}]),
    "signature, no newline": ("WEBVTT", []),
    "signature, space, no newline": ("WEBVTT ", []),
    "signature, space": (f"WEBVTT \n\n{T}\nsays", [{"text": "says"}]),
    "signature, tab, no newline": ("WEBVTT\t", []),
    "signature, tab": (f"WEBVTT\tso\n\n{T}\nsays", [{"text": "says"}]),
    "signature, timings": (f"WEBVTT {T}\nsays", []),
    "stylesheets, newlines": (
        f"WEBVTT\n\nSTYLE\n::cue(#a) {{\n}} /*\nNOTE x\n00:00:00.000 -- > 00:00:01.000\n*/\n\n.b {{\n}}\n\na\n{T}\nsays"
        f"\n\nSTYLE\n::cue(::c) {{\n}}\n\nd\n{T}\nsays",
        [{"id": "a"}, {"id": "d"}],
    ),
    "stylesheets, none": ("WEBVTT\n", []),
    "stylesheets": (f"WEBVTT\n\nSTYLE\n::cue {{ color: red }}\n\n{T}\nsays", [{"text": "says"}]),
    "timings, 60": (
        "WEBVTT\n\n00:00:00.000 --> 60:00:01.000\nsays 1\n\n60:00:00.000 --> 60:00:01.000\nsays 2\n\n"
        "00:60:00.000 --> 01:00:01.000\nno\n\n00:00:60.000 --> 00:01:01.000\nno\n\n"
        "00:00:00.000 --> 00:60:00.000\nno\n\n00:00:00.000 --> 00:00:60.000\nno\n\n60:00.000 --> 60:01.000\nno",
        [{"ms": (0, 216_001_000)}, {"ms": (216_000_000, 216_001_000)}],
    ),
    "timings, eof": ("WEBVTT\n\n00:00:00.000 -->", []),
    "timings, garbage": (
        "WEBVTT\n\n" + "\n\n".join(f"{line}\nno" for line in (
            f"x{T}", "x 00:00:00.000 --> 00:00:01.000", "00:00:00.000x --> 00:00:01.000",
            "00:00:00.000 x --> 00:00:01.000", "00:00:00.000 --> x 00:00:01.000", "00:00:00.000 -->x00:00:01.000",
            "00:00:00,000 --> 00:00:01,000", "00.00.00.000 --> 00.00.01.000", "0x:00:00.000 --> 00:00:01.000",
        )), [],
    ),
    "timings, negative": (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.000\nsays\n\n00:00:01.000 --> 00:00:00.999\nsays\n\n"
        "00:01:00.000 --> 00:00:59.999\nsays\n\n01:00:00.000 --> 00:59:59.999\nsays",
        [{"ms": (0, 0)}, {"ms": (1000, 999)}, {"ms": (60_000, 59_999)}, {"ms": (3_600_000, 3_599_999)}],
    ),
    "timings, omitted hours": (
        "WEBVTT\n\n00:00.000 --> 00:00:01.000\nsays\n\n00:00:00.000 --> 00:01.000\nsays\n\n"
        "00:00.000 --> 00:01.000\nsays",
        [{"ms": (0, 1000)}] * 3,
    ),
    "timings, too long": (
        f"WEBVTT\n\n000{T[2:]}\nsays 1\n\n" + "\n\n".join(f"{line}\nno" for line in (
            *(f"{start} --> 00:00:01.000" for start in ("00::00:00.000", "00:000:00.000", "00:00::00.000",
                                                        "00:00:000.000", "00:00:00..000", "00:00:00.0000",
                                                        "00:00.0000", "000:00.000", "00::00.000", "00:000.000")),
            "00:00.000 --> 000:01.000",
        )) + "\n\n00:00:00.000 --> 000:00:01.000\nsays 2",
        [{"text": "says 1", "ms": (0, 1000)}, {"text": "says 2", "ms": (0, 1000)}],
    ),
    "timings, too short": (
        f"WEBVTT\n\n{T[1:]}\nsays 1\n\n" + "\n\n".join(f"{start} --> 00:00:01.000\nno" for start in (
            "0000:00.000", "00:0:00.000", "00:0000.000", "00:00:0.000", "00:00:00000", "00:00:00.00", "00:00:00.",
            "00:00:00", "00:00:", "00:00", "00:", "00", "", "0:00.000", "0000.000", "00:0.000", "00:00000", ":00.", ".",
        )) + "\n\n00:00.000 --> 0:01.000\nno\n\n00:00:00.000 --> 0:00:01.000\nsays 2",
        [{"text": "says 1", "ms": (0, 1000)}, {"text": "says 2", "ms": (0, 1000)}],
    ),
    "whitespace chars": (
        "WEBVTT\n\n" + "\n\n".join(
            f"{name}\n{3 * c}00:00:00.000{4 * c}-->{2 * c}00:00:01.000{c}\n{text}"
            for name, c, text in (("spaces", " ", "   says"), ("tabs", "\t", "says"), ("feeds", "\f", "says"),
                                  ("vertical", "\v", "no"))
        ),
        [{"id": "spaces", "text": "   says"}, {"id": "tabs", "text": "says"}, {"id": "feeds", "text": "says"}],
    ),
}  # fmt: skip
REFUSED = {
    "signature, invalid": "FOO\n", "signature, invalid whitespace": "WEBVTT\f",
    "signature, missing whitespace": "WEBVTTx",
    "signature, partial": "WEBVT", "signature, empty": "",
}  # fmt: skip
DEFAULTS = {"vertical": "", "line": None, "snap_to_lines": True, "line_align": "start", "position": None,
            "position_align": "auto", "size": 100, "align": "center", "region": None}  # fmt: skip


def found(cue: Cue, name: str) -> Any:
    if name == "text":
        assert cue.origin is not None
        return cue.origin.payload
    if name == "ms":
        return cue.span.start_ms, cue.span.end_ms
    if name == "id":
        return cue.id
    return getattr(cue.settings, name) if cue.settings else DEFAULTS[name]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_finds_what_it_asserts(page: str) -> None:
    text, wanted = PAGES[page]
    cues = formats.parse(text.encode(), "page.vtt").cues
    assert len(cues) == len(wanted)
    for number, (cue, properties) in enumerate(zip(cues, wanted)):
        for name, value in properties.items():
            if isinstance(value, dict):
                region = found(cue, "region")
                assert region is not None, number
                assert {key: getattr(region, key) for key in value} == value, number
            else:
                assert found(cue, name) == value, (number, name)


@pytest.mark.parametrize("page", REFUSED)
def test_a_page_without_the_signature_fails_to_load(page: str) -> None:
    with pytest.raises(MediaError):
        formats.parse(REFUSED[page].encode(), "page.vtt")
