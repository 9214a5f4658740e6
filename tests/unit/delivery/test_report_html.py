"""report.html: everything escaped, nothing fetched, every phrase drawn.

Over 400 lines: every part of the page is read by the same reader of its tags.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localize.delivery.line_clips import LineClips
from localize.delivery.report import Report
from localize.delivery.report_html import COLOURS, SOURCE_COLOUR, STYLE
from localize.delivery.report_html import render_report as render
from localize.job import Job, named_folders
from localize.runtime.records import from_json

VOID = {"meta", "rect", "br", "img", "link", "input"}
OPTIONAL = {"td", "tr", "th", "html"}
"""Elements whose end HTML lets a writer leave out."""


class Reader(HTMLParser):
    """Collects elements, texts and what is not closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID | OPTIONAL:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID | OPTIONAL:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def render_report(data: dict[str, Any], title: str, folders: Collection[str] = ()) -> str:
    return render(from_json(Report, data), title, folders=folders)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def line(n: int = 1, start: int = 1000, rate: float = 1.0, **more: Any) -> dict[str, Any]:
    return {
        "segment": f"s{n:04}",
        "speaker": "S1",
        "voice": "ef_dora",
        "text": "Buenas noches.",
        "read_back": "buenas noches",
        "rate": rate,
        "fit": "exact",
        "start_error_ms": 10,
        "end_error_ms": -20,
        "source": [[start, start + 1000]],
        "dub": [[start + 10, start + 980]],
        "overlap": 0.97,
        "candidate": 0,
        "rule": "",
        "instead_of": None,
        "reason": "rate 1.00",
        **more,
    }


def report(*lines: dict[str, Any], duration: int = 60_000, **more: Any) -> dict[str, Any]:
    return {
        "language": "es",
        "duration_ms": duration,
        "summary": {
            "lines": len(lines),
            "overlap": 0.95,
            "on_time": 100.0,
            "start_ms": [10, 40],
            "talk_over_ms": 0,
            "fast_lines": 0.0,
            "max_rate": 1.1,
            "overflow": 0,
            "wer": 0.02,
            "dnsmos": 3.3,
            "loudness_lufs": -23.0,
            "source_loudness_lufs": -23.2,
            "true_peak_dbtp": -1.4,
        },
        "engines": {"recogniser": "whisper 1"},
        "cast": [{"speaker": "S1", "voice": "ef_dora", "reason": "median pitch 210 Hz"}],
        "lines": list(lines),
        "sound": {
            "bed": "separated",
            "loudness": "source",
            "dialogue_lufs": None,
            "delivered": {"loudness_lufs": -23.1, "true_peak_dbtp": -1.5},
            "rooms": {},
        },
        "stages": [{"name": "mix", "language": "es", "seconds": 1.25, "hits": 2, "made": 3}],
        "warnings": [],
        **more,
    }


def bars(reader: Reader) -> list[dict[str, str | None]]:
    return [attributes for tag, attributes in reader.elements if tag == "rect"]


def test_the_page_is_sound_and_fetches_nothing() -> None:
    html = render_report(report(line()), "episode")
    reader = read(html)
    assert not reader.wrong
    assert reader.open == []
    assert not {tag for tag, _ in reader.elements} & {"script", "link", "img", "iframe", "object"}
    assert not re.search(r"https?://|url\(|@import", html.replace("http://www.w3.org/2000/svg", ""))


@pytest.mark.parametrize("where", ["text", "instead_of", "segment", "speaker", "reason", "fit"])
def test_whatever_a_line_holds_is_text(where: str) -> None:
    evil = "<script>alert('1')</script>\"' onload=x & <b>"
    reader = read(render_report(report(line(**{where: evil})), "episode"))
    assert not {tag for tag, _ in reader.elements} & {"script", "b"}
    assert "<script>alert('1')</script>" in reader.text
    assert not any("onload" in attributes for _, attributes in reader.elements)


def test_a_line_stands_beside_its_source_with_what_was_heard() -> None:
    lines = [
        line(1, source_text="Good evening."),
        line(2, 5000, text="¿Oíste?", read_back="Oiste,", source_text="Did you hear?"),
        line(3, 9000, text="Voy.", read_back="boy", source_text="I go."),
    ]
    reader = read(render_report(report(*lines, source_language="en"), "episode"))
    cells = [attributes for tag, attributes in reader.elements if tag == "td" and attributes.get("lang")]
    assert [cell["lang"] for cell in cells] == ["en", "es"] * 3
    for shown in ("Good evening.", "Did you hear?", "heard as: boy", "heard as: Oiste,"):
        assert shown in reader.text
    assert reader.text.count("heard as") == 2, "what the word error rate counts is shown"


def test_bars_and_reviewed_lines_lead_to_their_row() -> None:
    told = {"lines": 1, "first": [{"segment": "s0001", "risk": 0.4, "translation_risk": 0.4, "reasons": []}]}
    reader = read(render_report(report(line(), review={**told, "likely_wrong": 0, "calibrated": True}), "episode"))
    rows = {attributes["id"] for tag, attributes in reader.elements if tag == "tr" and attributes.get("id")}
    assert rows == {"s0001"}
    assert [a["href"] for tag, a in reader.elements if tag == "a"] == [
        "#s0001"
    ] * 5  # reviewed, two figures, source, dub


def test_a_page_that_is_mailed_names_no_folder_of_this_machine() -> None:
    told = [
        {"code": "truncated", "message": "/home/ann/My films/b.mkv ends early; see ~/c/d.txt, a/b stays, 1/2 too"},
        {"code": "model_assembled", "message": "kokoro is assembled in /root/models"},
    ]
    job = Job("/home/ann/My films/b.mkv", to=("es",), glossary="./my terms/house's.tsv")
    told += [
        {"code": "not_read", "message": "my terms/house's.tsv:3: 'a/b' is read; localized/b/b.es.srt is not"},
        {"code": "edits_kept", "message": "corrections hold: 'localize edits' lists them"},
    ]
    text = read(render_report(report(line(), warnings=told), "episode", named_folders(job))).text
    assert "ann" not in text
    assert "My films" not in text
    assert "b.mkv ends early; see d.txt, a/b stays, 1/2 too" in text
    assert "house's.tsv:3: 'a/b' is read; b.es.srt is not" in text
    assert "my terms" not in text
    assert "kokoro" not in text
    assert "localize edits" not in text


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_texts_have_a_contrast_of_4_5_and_bars_of_3_on_light_and_dark() -> None:
    themes = [dict(re.findall(r"--(\w+):(#\w{6}|#fff)", block)) for block in re.findall(r":root\{[^}]*\}", STYLE)]
    assert len(themes) == 2
    for theme in themes:
        ground = theme["ground"].replace("#fff", "#ffffff") if theme["ground"] == "#fff" else theme["ground"]
        for ink in ("ink", "soft"):
            assert _contrast(theme[ink], ground) >= 4.5
            assert _contrast(theme[ink], theme["warn"]) >= 4.5
        for _, colour in (*COLOURS, (0, SOURCE_COLOUR)):
            assert _contrast(colour, ground) >= 3


def test_the_page_begins_with_the_lines_to_review() -> None:
    evil = "<script>x</script>"
    first = [{"segment": "s0002", "risk": 0.456, "translation_risk": 0.4, "reasons": ["unsure", evil]}]
    told = {"lines": 120, "first": first, "likely_wrong": 0, "calibrated": True}
    reader = read(render_report(report(line(), line(2, 5000), review=told), "episode"))
    assert "Review these 1 of 2 lines first" in reader.text
    assert f"unsure; {evil}" in reader.text
    assert "46%" in reader.text
    assert "only orders" not in reader.text
    assert not {tag for tag, _ in reader.elements} & {"script"}
    reader = read(render_report(report(line(), review={**told, "calibrated": False}), "episode"))
    assert "only orders the lines" in reader.text
    assert "None of 120 translated lines stands out" in render_report(report(line(), review={**told, "first": []}), "e")
    assert "Review" not in render_report(report(line()), "episode")


def test_title_warnings_cast_and_engines_are_text_too() -> None:
    evil = "<script>x</script>"
    told = report(
        line(),
        warnings=[{"code": "x", "message": evil}],
        cast=[{"speaker": evil, "voice": evil, "reason": evil}],
        engines={evil: evil},
        stages=[{"name": evil, "language": "es", "seconds": 0.0, "hits": 0, "made": 0}],
        language=evil,
    )
    reader = read(render_report(told, evil))
    assert "script" not in {tag for tag, _ in reader.elements}
    assert reader.text.count("<script>x</script>") >= 9


def test_who_is_not_told_apart_is_said_beside_the_voice() -> None:
    cast = [{"speaker": "S1", "voice": "em_alex", "reason": "nearest", "alike": ["S2", "S4"]}]
    assert "nearest; not told apart from S2, S4" in read(render_report(report(line(), cast=cast), "episode")).text


def test_every_phrase_of_source_and_dub_is_drawn_in_its_minute() -> None:
    lines = [line(1, 1000), line(2, 59_500), line(3, 130_000, source=[[130_000, 130_400], [131_000, 131_500]])]
    reader = read(render_report(report(*lines, duration=150_000), "episode"))
    assert sum(tag == "svg" for tag, _ in reader.elements) == 3
    # Line 2 crosses the minute: its source and dub are drawn in both.
    assert len(bars(reader)) == 2 + 4 + 3
    for bar in bars(reader):
        assert float(bar["x"] or 0) >= 0
        assert float(bar["width"] or 0) > 0
        assert float(bar["x"] or 0) + float(bar["width"] or 0) <= 1080 + 0.1


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    reader = read(render_report(report(line(1, 10_000, source=[[10_000, 20_000]], dub=[[10_000, 15_000]])), "x"))
    source, dub = bars(reader)
    assert float(source["width"] or 0) == pytest.approx(2 * float(dub["width"] or 0), abs=0.2)
    assert source["x"] == dub["x"]


@pytest.mark.parametrize(("rate", "colour"), [(0.5, 0), (0.79, 0), (0.9, 1), (1.2, 1), (1.25, 2), (1.3, 2), (1.31, 3)])
def test_the_colour_says_how_fast_a_line_is(rate: float, colour: int) -> None:
    _, dub = bars(read(render_report(report(line(rate=rate)), "x")))
    assert dub["fill"] == COLOURS[colour][1]


def test_what_was_not_measured_is_a_dash() -> None:
    empty = report(duration=0)
    empty["summary"].update(
        dict.fromkeys(("overlap", "on_time", "start_ms", "fast_lines", "max_rate", "wer", "dnsmos"))
    )
    reader = read(render_report(empty, "x"))
    assert reader.text.count("–") >= 6
    assert "None" not in reader.text


def test_figures_are_shown_as_a_person_reads_them() -> None:
    text = read(render_report(report(line()), "episode")).text
    for shown in (
        "0.950",
        "100 %",
        "10 / 40 ms",
        "1.10×",
        "2.0%",
        "3.30",
        "-23.0 LUFS",
        "-1.4 dBTP",
        "s0001",
        "Buenas noches.",
    ):
        assert shown in text


@settings(max_examples=10)
@given(
    st.lists(st.tuples(st.integers(0, 190_000), st.integers(1, 9000), st.floats(0.5, 2.0)), max_size=5),
    st.text(max_size=12),
    st.integers(0, 200_000),
)
def test_any_report_makes_a_sound_page(pieces: Any, title: str, duration: int) -> None:
    lines = [
        line(n, a, rate, source=[[a, a + length]], dub=[[a, a + length]], text=title)
        for n, (a, length, rate) in enumerate(pieces)
    ]
    reader = read(render_report(report(*lines, duration=duration), title))
    assert not reader.wrong
    assert reader.open == []


def test_what_was_shortened_is_shown_with_what_was_said() -> None:
    made = {
        "es": {
            "profile": "netflix",
            "cues": 2,
            "conforms": False,
            "score": {"all_pass": 50.0},
            "fitted_by": {"timing": 1, "segmentation": 0, "shortening": 1},
            "shortened": [
                {
                    "segment": "s0001",
                    "before": "Yo <b>voy</b>.",
                    "after": "Voy.",
                    "rule": "drop-pronoun",
                    "edited": False,
                }
            ],
            "findings": [{"cue": 2, "rule": "cps", "measured": 20, "limit": 17, "detail": "20 a second, at most 17"}],
        }
    }
    reader = read(render_report(report(line(), subtitles=made), "episode"))
    assert reader.open == []
    for text in ("Subtitles", "50.0 %", "Yo <b>voy</b>.", "Voy.", "drop-pronoun", "2: 20 a second, at most 17"):
        assert text in reader.text
    assert "Subtitles" not in read(render_report(report(line()), "episode")).text


def test_the_sound_is_told() -> None:
    sound = {
        "bed": "separated",
        "loudness": "netflix",
        "dialogue_lufs": -27.1,
        "delivered": {"loudness_lufs": -28.3, "true_peak_dbtp": -4.2},
        "rooms": {"S1": {"rt60_ms": 410, "eq_db": {}}, "<S2>": {"rt60_ms": 0, "eq_db": {}}},
    }
    shown = read(render_report(report() | {"sound": sound}, "film"))
    assert not shown.wrong
    for text in ("separated", "netflix", "-27.1 LUFS", "-28.3 LUFS, -4.2 dBTP", "S1: fades in 410 ms", "<S2>: dry"):
        assert text in shown.text


def test_what_became_of_a_clients_resources_is_shown_as_text() -> None:
    evil = "<script>x</script>"
    term = {"source": evil, "target": evil, "keep": True, "note": evil, "said": 3, "used": 1, "inflected": {evil: 1},
            "missing": 2, "forbidden": {evil: 1},
            "lines": [{"segment": "s0007", "status": "missing", "found": evil}]}  # fmt: skip
    match = {"segment": "s0001", "file": evil, "likeness": 88, "source": evil, "text": evil, "language": "es",
             "used": False, "note": evil}  # fmt: skip
    resources = {
        "terms": [term],
        "unsaid": 1,
        "memory": [match, {**match, "used": True}],
        "converted": [{"segment": "s0002", "before": evil, "after": evil}],
    }
    reader = read(render_report(report(line(), resources=resources), "episode"))
    assert "script" not in {tag for tag, _ in reader.elements}
    for shown in ("Terms", "s0007", "offered", "from memory", "88 %", "Changed by the style sheet"):
        assert shown in reader.text
    assert "Terms" not in read(render_report(report(line()), "episode")).text


def test_figures_lead_to_the_lines_that_fall_short() -> None:
    told: list[tuple[float, dict[str, Any]]] = [
        (1.0, {}),
        (1.25, {"start_error_ms": 400}),
        (1.4, {"fit": "overflow"}),
        (1.1, {"read_back": "otra cosa"}),
        *[(1.21, {})] * 6,
    ]
    lines = [line(n, 2000 * n, rate=rate, **more) for n, (rate, more) in enumerate(told, 1)]
    page = render_report(report(*lines), "episode")
    cells = dict(re.findall(r"<dt>([^<]*)</dt><dd>[^<]*(?:<small>(.*?)</small>)?</dd>", page))
    links = {name: re.findall(r"#(s\d+)", found) for name, found in cells.items()}
    assert links["Lines on time"] == ["s0002"]
    assert links["Lines that do not fit"] == ["s0003"]
    assert links["Words misheard"] == ["s0004"]
    assert links["Fastest line"] == ["s0003"]
    assert links["Lines over 1.2×"][:2] == ["s0003", "s0002"]
    assert cells["Lines over 1.2×"].endswith(" and 3 more")


def test_every_line_has_its_players_beside_the_page() -> None:
    clips = {"s0001": LineClips("a b.es.clips/s0001.source.m4a", "a b.es.clips/s0001.dub.m4a")}
    reader = read(render(from_json(Report, report(line(), line(2, 5000))), "a b", clips))
    players = [attributes for tag, attributes in reader.elements if tag == "audio"]
    assert [p["src"] for p in players] == ["a%20b.es.clips/s0001.source.m4a", "a%20b.es.clips/s0001.dub.m4a"]
    assert [p["aria-label"] for p in players] == ["source of s0001", "dub of s0001"]
    assert all(p["preload"] == "none" for p in players)
    assert "folder a b.es.clips beside this page" in reader.text
    assert not reader.wrong
