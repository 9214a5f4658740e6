"""What is written comes back: generated documents in every format, and what differs is named by a counted remark."""

# ruff: noqa: E501 - files as they are, in one line each

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localize.data import Span
from localize.timedtext import formats
from localize.timedtext.content import merge_marks
from localize.timedtext.cues import Comment, Cue, Diagnostic, Document, Mark, Region, Settings, settings_at
from localize.timedtext.direction import directed

RATE = Fraction(25)
EXAMPLES = int(os.environ.get("LOCALIZE_EXAMPLES", "80"))
"""Documents a format and test; more of them with LOCALIZE_EXAMPLES."""
LETTERS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff\ufffd"
)
MARKUP = st.sampled_from(
    ["<b>", "</i>", "{\\an8}", "{i}", "&lt;", "&amp;", "&", "<", ">", "-->", "\\N", "\\h", "{", "}", "<v Ana>", "{\\k5}",
     "00:00:01,000 --> 00:00:02,000", "0:00:01.000,0:00:02.000", "<00:00:01.000>", "♪", "- ", "]]>", "\u2060", "<c.red>"]
)  # fmt: skip
WORDS = st.text("abc áéñ'.,?!ABC", min_size=1, max_size=12)
LINES = (
    st.lists(st.one_of(WORDS, MARKUP, st.text(LETTERS, max_size=6)), min_size=1, max_size=4)
    .map(lambda parts: "".join(parts).strip())
    .filter(bool)
)
SIMPLE = ("italic", "bold", "underline", "strike")
VALUES = {
    "colour": st.sampled_from(["#ff0000", "#00ffff", "#123456", "#12345680"]),
    "background": st.sampled_from(["#000000", "#00000080", "#0000ff"]),
    "face": st.sampled_from(["Arial", "Noto Sans"]),
    "size": st.sampled_from(["24", "120%"]),
    "ruby": st.sampled_from(["kan", "a & b", "<i>"]),
    "voice": st.sampled_from(["Ana", "Ben & Eva", "Q <1>"]),
    "class": st.sampled_from(["loud", "x-y"]),
    "lang": st.sampled_from(["fr", "pt-BR"]),
    "direction": st.just("rtl"),
    "time": st.integers(0, 9_000_000).map(str),
    "tag": st.sampled_from(["{\\k20}", "{\\fad(200,200)}", "{note}", "{\\t(0,500,\\fs40)}"]),
}
PLACES = st.one_of(
    st.none(),
    st.integers(1, 9).map(settings_at),
    st.builds(
        Settings,
        line=st.one_of(st.none(), st.integers(-3, 12)),
        position=st.one_of(st.none(), st.integers(0, 100)),
        size=st.sampled_from([100, 50]),
        align=st.sampled_from(["start", "center", "end", "left", "right"]),
        vertical=st.sampled_from(["", "", "rl"]),
    ),
    st.builds(Settings, line=st.integers(0, 100), snap_to_lines=st.just(False), region=st.just(None)),
    st.just(Settings(region=Region("r"))),
).map(lambda s: None if s == Settings() else s)


@st.composite
def marks_for(draw: st.DrawFn, lines: tuple[str, ...]) -> tuple[Mark, ...]:
    """Up to four marks; two of a kind never overlap, and a ruby base stands alone on its line."""
    found: list[Mark] = []
    for _ in range(draw(st.integers(0, 4))):
        row = draw(st.integers(0, len(lines) - 1))
        start = draw(st.integers(0, len(lines[row]) - 1))
        kind = draw(st.sampled_from([*SIMPLE, *SIMPLE, *VALUES]))
        value = draw(VALUES[kind]) if kind in VALUES else ""
        end = start if kind in {"time", "tag"} else draw(st.integers(start + 1, len(lines[row])))
        clash = any(m.line == row and m.kind == kind and m.start <= end and start <= m.end for m in found)
        if not clash:
            found.append(Mark(row, start, end, kind, value))
    return merge_marks(found)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    cues, at = [], 0
    for number in range(1, draw(st.integers(1, 5)) + 1):
        start = at + draw(st.integers(0, 400)) * 40
        at = start + draw(st.integers(1, 400)) * 40 + draw(st.sampled_from([0, 0, 7]))
        lines = tuple(draw(st.lists(LINES, min_size=1, max_size=3)))
        marks = draw(marks_for(lines))
        speaker = " / ".join(dict.fromkeys(m.value for m in marks if m.kind == "voice"))
        cues.append(
            Cue(
                draw(st.sampled_from([str(number), "", "intro"])),
                Span(start, at),
                lines,
                speaker or draw(st.sampled_from(["", "", "Ana", "Ana / Ben"])),
                draw(PLACES),
                draw(st.sampled_from(["", "", "Sign"])),
                marks,
                draw(st.sampled_from([False, False, True])),
                draw(st.sampled_from([(), (), (("ass:Layer", "1"),), (("stl:CS", "1"),)])),
            )
        )
    comments = draw(st.sampled_from([(), (), (Comment("a note", 0),), (Comment("two\nlines", 1),)]))
    language = draw(st.sampled_from(["", "es", "en"]))
    return Document(tuple(cues), language, comments=comments, regions=(Region("r"),))


def again(document: Document, fmt: str) -> tuple[Document, tuple[Diagnostic, ...]]:
    data, remarks = formats.to_bytes(document, fmt, frame_rate=RATE)
    return formats.parse(data, f"x.{fmt}"), remarks


def by_mark(cue: Cue, kinds: frozenset[str]) -> list[Mark]:
    return [mark for mark in cue.marks if mark.kind in kinds]


CODES = {
    "style": {"bold", "italic", "underline", "strike", "face", "size", "class"}, "colour": {"colour", "background"},
    "ruby": {"ruby"}, "voice": {"voice"}, "language": {"lang"}, "direction": {"direction"}, "timing": {"time"},
    "effect": {"tag"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["srt", "vtt", "ass", "ttml", "sbv", "stl"])
@given(documents())
@settings(max_examples=EXAMPLES)
def test_what_is_written_comes_back_but_for_what_is_counted(  # noqa: C901 - one question a field
    fmt: str, document: Document
) -> None:
    document = directed(document, fmt)  # what a line written from right to left needs in this format is part of it
    back, remarks = again(document, fmt)
    codes = {remark.code for remark in remarks}
    assert len(back.cues) == len(document.cues)
    assert all(remark.count > 0 and remark.loss for remark in remarks)
    held = formats.format_of(fmt).holds
    lost_kinds = set().union(*(CODES.get(code, set()) for code in codes)) if codes else set()
    for number, (was, now) in enumerate(zip(document.cues, back.cues), 1):
        if codes.isdisjoint({"time"}):
            assert now.span == was.span
        if codes.isdisjoint({"text", "letters"}):
            assert now.lines == was.lines
            kept = frozenset(held - lost_kinds)
            # A speaker of the whole cue becomes a mark where the format has no other place.
            kept -= {"voice"}
            assert by_mark(now, kept) == by_mark(was, kept)
        if "position" not in codes:
            assert now.settings == was.settings
        if "voice" not in codes:
            assert now.speaker == was.speaker
            if was.voices():
                assert now.voices() == was.voices() or fmt == "ass"
        if "id" not in codes:
            assert now.id in {was.id, str(number), ""}
        if "forced" not in codes:
            assert now.forced == was.forced
        if "field" not in codes:
            assert set(was.extras) <= set(now.extras)
        for mark in was.marks:
            if mark.kind not in held and not (fmt == "ass" and mark.kind == "voice"):
                assert mark.kind in lost_kinds
    if "comment" not in codes:
        assert [c.text for c in back.comments] == [c.text for c in document.comments]


@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["srt", "vtt", "ass", "ttml", "sbv", "stl"])
@given(documents())
@settings(max_examples=EXAMPLES // 2)
def test_a_second_round_trip_changes_and_loses_nothing(fmt: str, document: Document) -> None:
    once, _ = again(document, fmt)
    twice, remarks = again(once, fmt)
    assert twice == once
    assert not remarks


@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["srt", "vtt", "ass", "ttml", "sbv", "stl"])
@given(documents())
@settings(max_examples=EXAMPLES // 2)
def test_text_and_marks_are_written_the_same_without_their_source(fmt: str, document: Document) -> None:
    once, _ = again(document, fmt)
    bare = replace(once, cues=tuple(replace(cue, origin=None) for cue in once.cues))
    twice, _ = again(bare, fmt)
    assert [(c.lines, c.marks, c.settings) for c in twice.cues] == [(c.lines, c.marks, c.settings) for c in once.cues]


LINE_21 = (
    st.text("abcdefgh XYZ.,?!áéíóúñçàèâêîôûÁÉÓÚÜü¡¿«»ãõÃÕäöÄÖß♪", min_size=1, max_size=30)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)


@given(st.lists(st.lists(LINE_21, min_size=1, max_size=6), min_size=1, max_size=5), st.booleans(), st.booleans())
@settings(max_examples=EXAMPLES // 2)
def test_line_21_loses_no_word_and_keeps_italics(texts: list[list[str]], italic: bool, top: bool) -> None:
    cues = tuple(
        Cue(
            "",
            Span(n * 20_000, n * 20_000 + 15_000),
            tuple(lines),
            settings=settings_at(8) if top else None,
            marks=tuple(Mark(i, 0, len(line), "italic") for i, line in enumerate(lines)) if italic else (),
        )
        for n, lines in enumerate(texts, 1)
    )
    back, _ = again(Document(cues), "scc")

    def words(document: Document) -> str:
        return "".join("".join("".join(c.lines).split()) for c in document.cues)

    assert words(back) == words(Document(cues))
    if italic:
        assert all(
            sum(m.end - m.start for m in c.marks) >= len("".join(c.lines)) - c.text.count(" ") for c in back.cues
        )
    if top:
        assert all(c.place == 8 for c in back.cues)


@pytest.mark.parametrize(
    ("inner", "kinds"),
    [
        ("lineThrough", {"underline", "strike"}),
        ("noUnderline", set()),
        ("none", set()),
        ("noUnderline lineThrough", {"strike"}),
        ("underline", {"underline"}),
    ],
)
def test_decorations_of_ttml_add_up(inner: str, kinds: set[str]) -> None:
    data = (
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" xml:lang="en"><body><div>'
        '<p begin="1s" end="2s"><span tts:textDecoration="underline">'
        f'<span tts:textDecoration="{inner}">Hello</span></span></p></div></body></tt>'
    )
    (cue,) = formats.parse(data.encode(), "x.ttml").cues
    assert {mark.kind for mark in cue.marks} == kinds
