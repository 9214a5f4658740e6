"""Given cues stay cues: cases in template.toml, then what holds for every one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from localize.data import Candidate, Segment, Span, SubtitleSource, Transcript
from localize.subtitles import profiles
from localize.subtitles.template import Template, cue_text, render_template
from localize.timedtext.cues import TOP, Comment, Cue, Document, Mark

CASES = tomllib.loads((Path(__file__).parent / "template.toml").read_text(encoding="utf-8"))["case"]
SPAN = Span(1017, 4033)
SHEET = SubtitleSource(Transcript("en", (Segment("s0001", SPAN, "S1", "x"),), given=True), 5000, "24/1")


def marks(rows: list[list[Any]]) -> tuple[Mark, ...]:
    return tuple(Mark(*row) for row in rows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_words_take_the_place_of_words(case: dict[str, Any]) -> None:
    cue = Cue(
        "7", SPAN, tuple(case["lines"]), "Ann", TOP, "Sign", marks(case.get("marks", [])), True, (("ass:Layer", "2"),)
    )
    given = Document((cue,), "en", "ass", comments=(Comment("note", 0),), styles=("Style: Sign",), header="Title: x")
    words = Candidate(case["text"], 0.0, links=tuple(map(tuple, case.get("links", []))))
    template = Template(given, "es", "en", {"s0001": words})
    made, lost = render_template(template, profiles.load("netflix", "es"), SHEET)
    (shown,) = made.document.cues
    assert list(shown.lines) == case["shown"]
    assert shown.marks == marks(case.get("kept", []))
    assert {kind: count for kind, count in lost.items() if count} == case.get("lost", {})
    assert (shown.span, shown.settings, shown.style, shown.forced) == (SPAN, TOP, "Sign", True)
    assert (shown.speaker, shown.id, shown.extras) == ("Ann", "7", cue.extras)
    document = made.document
    assert (document.comments, document.styles, document.header) == (given.comments, given.styles, given.header)
    assert made.mode == "template"


def test_a_cue_that_gets_no_words_is_what_it_was() -> None:
    cue = Cue("1", SPAN, ("Good  evening.",))
    made, _ = render_template(Template(Document((cue,), "en"), "en", "en"), profiles.load("netflix", "en"), SHEET)
    assert made.document.cues == (cue,)
    assert cue_text(cue) == "Good evening."


def test_no_cue_outlasts_its_film() -> None:
    cues = (
        Cue("1", Span(0, 2000), ("One.",)),
        Cue("2", Span(2100, 4000), ("Two.",)),
        Cue("3", Span(5000, 6000), ("3.",)),
    )
    made, lost = render_template(
        Template(Document(cues, "en"), "en", "en", end_ms=3500), profiles.load("netflix", "en"), SHEET
    )
    assert [cue.span for cue in made.document.cues] == [Span(0, 2000), Span(2100, 3500)]
    assert lost["cue"] == 1


def test_forced_subtitles_keep_the_forced_cues_alone() -> None:
    cues = (Cue("1", Span(0, 900), ("Exit",), forced=True), Cue("2", Span(1000, 1900), ("Hello.",)))
    made, _ = render_template(Template(Document(cues, "en"), "en", "en"), profiles.load("forced", "en"), SHEET)
    assert [cue.lines for cue in made.document.cues] == [("Exit",)]


def test_a_bilingual_rendering_has_the_sources_lines_and_marks_below() -> None:
    source = Document((Cue("1", SPAN, ("Good", "evening."), marks=(Mark(1, 0, 8, "italic"),)),), "en")
    template = Template(source, "es", "en", {"s0001": Candidate("Buenas noches.", 0.0)})
    made, _ = render_template(template, profiles.load("bilingual", "es"), SHEET, Template(source, "en", "en"))
    (shown,) = made.document.cues
    assert shown.lines == ("Buenas noches.", "Good", "evening.")
    assert Mark(2, 0, 8, "italic") in shown.marks


def test_a_header_says_the_language_of_the_words() -> None:
    given = Document((Cue("1", SPAN, ("Hello.",)),), "en", "vtt", header="Kind: captions\nLanguage: en-GB")
    profile = profiles.load("netflix", "es")
    made, _ = render_template(Template(given, "es", "en", {"s0001": Candidate("Hola.", 0.0)}), profile, SHEET)
    assert (made.document.header, made.document.language) == ("Kind: captions\nLanguage: es", "es")
    same, _ = render_template(Template(given, "en", "en"), profiles.load("netflix", "en"), SHEET)
    assert same.document.header == given.header


def test_a_cue_whose_words_a_person_took_out_is_empty() -> None:
    given = Document((Cue("1", SPAN, ("Hello.",), marks=(Mark(0, 0, 6, "italic"),)),), "en")
    template = Template(given, "es", "en", {"s0001": Candidate("", 0.0)})
    made, _ = render_template(template, profiles.load("netflix", "es"), SHEET)
    assert [(cue.lines, cue.marks) for cue in made.document.cues] == [((), ())]
