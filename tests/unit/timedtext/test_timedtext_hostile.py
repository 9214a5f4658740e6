"""Mutated and hostile files: nothing but a MediaError of one line, and what was read can be written."""

# ruff: noqa: E501 - files as they are, in one line each

from __future__ import annotations

import os
import random
from fractions import Fraction

import pytest
from mutated_files import mutated

from localize.data import Span
from localize.errors import MediaError, UsageError
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document, Mark
from localize.timedtext.rewrite import REWRITABLE, rewrite

RATE = Fraction(25)
COUNT = int(os.environ.get("LOCALIZE_MUTATIONS", "400"))
"""Mutated files; `LOCALIZE_MUTATIONS=10000` for the whole measure."""

SEEDS = {
    "a.srt": b"1\n00:00:01,000 --> 00:00:02,000\n<i>one</i>\n{\\an8}two &lt;b&gt;\n\n2\n00:00:03,000 --> 00:00:04,000\n- a\n- b\n",
    "b.srt": b'1\n00:00:01:12 --> 00:00:02;05 X1:1\n<font color="#ff0000" size=3>{\\pos(10,20)}x</font>\n\n1984\n\n2\n-0:0:3,5-->0:0:4\n',
    "a.vtt": b"WEBVTT x\nLanguage: en\n\nREGION\nid:r\nwidth:40%\n\nSTYLE\n::cue(.c123456) { color: #123456 }\n\nNOTE n\n\n"
    b"id\n00:01.000 --> 00:02.000 line:5%,end position:1.5%,center size:50% region:r\n<v A>x <c.red.b>y</c>\n"
    b"<ruby>a<rt>b</rt></ruby><00:00:01.500>z &amp;&copy;\n\n00:03.000 --> 00:04.000 vertical:rl\n<lang fr>q</lang>\n",
    "a.sbv": b"0:00:01.000,0:00:02.000\nx\n\n0:00:03.000,0:00:04.000\ny\n",
    "a.ass": b"[Script Info]\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 480\n\n[V4+ Styles]\nFormat: Name, Fontname, PrimaryColour, "
    b"Italic, Alignment\nStyle: A,Arial,&H0000FF,-1,8\n\n[Fonts]\nfontname: x\n\n[Events]\nFormat: Layer, Start, End, Style, Name, "
    b"MarginL, MarginR, MarginV, Effect, Text\nComment: 0,0:00:00.00,0:00:01.00,A,,0,0,0,,note\n"
    b"Dialogue: 1,0:00:01.00,0:00:02.00,A,Ann,0,0,0,,{\\i1\\pos(1,2)\\k20}x{\\i0}\\Ny{\\rA}{\\c&H00FF00&}\n"
    b"Dialogue: 0,0:00:01.00,0:00:02.00,A,,0,0,0,fx,{\\p1}m 0 0{\\p0}z\n",
    "a.ttml": b'<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en" ttp:frameRate="25" '
    b'ttp:tickRate="100"><head><styling><style xml:id="s" tts:color="red" tts:fontStyle="italic"/></styling><layout>'
    b'<region xml:id="r" tts:origin="10% 10%" tts:extent="80% 20%" tts:displayAlign="before"/></layout></head>'
    b'<body begin="1s"><div timeContainer="seq" style="s"><p dur="2s" region="r">a<br/><span begin="0.5s">b</span></p>'
    b'<p begin="00:00:01:05" end="250f"><span tts:ruby="container"><span tts:ruby="base">x</span><span tts:ruby="text">'
    b"y</span></span></p></div></body></tt>\n",
    "a.scc": b"Scenarist_SCC V1.0\n\n00:00:01;00\t9420 9420 94ae 94ae 9470 9470 91ae 91ae c8e5 ecec ef80 942f 942f\n\n"
    b"00:00:03;00\t942c 942c\n",
}


def stl_seed() -> bytes:
    cues = (
        Cue("", Span(1000, 2000), ("Café", "two"), marks=(Mark(0, 0, 4, "italic"),)),
        Cue("", Span(3000, 4000), ("x" * 150,), marks=(Mark(0, 1, 9, "colour", "#ffff00"),)),
    )
    return formats.to_bytes(Document(cues, "es", start_ms=36_000_000), "stl", frame_rate=RATE)[0]


@pytest.mark.costly
def test_mutated_files_raise_nothing_but_media_errors() -> None:
    chance = random.Random(11)
    seeds = {**SEEDS, "a.stl": stl_seed()}
    outcomes: list[str] = []
    for turn in range(COUNT):
        name = chance.choice(list(seeds))
        data = mutated(seeds[name], chance)
        try:
            document = formats.parse(data, name)
        except MediaError as error:
            outcomes.append(error.message)
            continue
        for fmt in formats.WRITABLE if turn % 4 == 0 else ():
            try:
                written, _ = formats.to_bytes(document, fmt, frame_rate=RATE)
                formats.parse(written, f"x.{fmt}")
            except UsageError:
                assert fmt == "scc"
            except MediaError:
                assert fmt in {"ttml", "scc", "stl", "srt", "ass", "sbv"}
        if document.cues and document.format in REWRITABLE:
            changed(data, document)
    assert outcomes
    assert not any("\n" in message for message in outcomes)


def changed(data: bytes, document: Document) -> None:
    """Change one cue and take one out: refused, or done."""
    from dataclasses import replace

    cue = document.cues[-1]
    other = replace(cue, span=cue.span.shifted(40), lines=(*cue.lines, "new"))
    for change in ({len(document.cues) - 1: other}, {0: None}, {0: document.cues[0]}):
        try:
            result = rewrite(data, document, change)
        except (MediaError, UsageError):
            continue
        assert isinstance(result, bytes)


@pytest.mark.parametrize("number", [1, 60_000])
def test_long_text_takes_linear_time(number: int) -> None:
    text = f"1\n00:00:01,000 --> 00:00:02,000\n{'{' * number}{'<b' * number}{'&' * number}\n"
    (cue,) = formats.parse(text.encode(), "x.srt").cues
    formats.render(Document((cue,)), "ass", frame_rate=RATE)
    formats.render(Document((Cue("", cue.span, cue.lines),)), "srt", frame_rate=RATE)
