"""Lines written from right to left stand the same way whatever a player takes for their base direction."""

from fractions import Fraction

import pytest

from localize.data import Span
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document, Mark
from localize.timedtext.direction import base_direction

EMBED, POP = "\u202b", "\u202c"


@pytest.mark.parametrize(
    ("line", "language", "direction"),
    [
        ("99 בלונים אדומים.", "he", "rtl"),
        ("NASA עובד שם.", "he", "rtl"),
        ("25%!", "fa-IR", "rtl"),
        ("NASA, Houston.", "he", "ltr"),
        ("أين كنت؟ 25%!", "", "rtl"),
        ("- 99 בלונים אדומים, NASA!", "en", "rtl"),
        ("שלום means hello to all of us.", "en", "ltr"),
        ("He said שלום.", "en", "ltr"),
        ("25%!", "en", "ltr"),
    ],
)
def test_the_language_and_then_the_letters_say_which_way_a_line_runs(line: str, language: str, direction: str) -> None:
    assert base_direction(line, language) == direction


def _written(line: str, fmt: str, language: str = "he", marks: tuple[Mark, ...] = ()) -> str:
    document = Document((Cue("", Span(1000, 2000), (line,), marks=marks),), language, "")
    text, remarks = formats.render(document, fmt, frame_rate=Fraction(25))
    assert not remarks
    return str(text)


@pytest.mark.parametrize("fmt", ["srt", "sbv", "ass"])
def test_players_that_start_at_the_left_are_told_by_an_embedding(fmt: str) -> None:
    assert f"{EMBED}הוא ב-NASA, נכון?{POP}" in _written("הוא ב-NASA, נכון?", fmt)
    assert EMBED not in _written("הוא שם", fmt)
    assert EMBED not in _written("NASA, Houston.", fmt)
    assert _written("\u200f- כן.", fmt).count("\u200f- כן.") == 1


def test_webvtt_goes_by_the_first_letter() -> None:
    assert EMBED not in _written("99 בלונים אדומים.", "vtt")
    assert f"{EMBED}NASA שם.{POP}" in _written("NASA שם.", "vtt")


def test_ttml_says_it_by_attributes() -> None:
    written = _written("NASA שם.", "ttml")
    assert '<span tts:direction="rtl" tts:unicodeBidi="embed">NASA שם.</span>' in written
    assert EMBED not in written


@pytest.mark.parametrize(
    ("line", "marks", "written"),
    [
        ("הוא ב-NASA, נכון?", ((6, 10),), "הוא ב-<i>NASA</i>, נכון?"),
        ("שלום עולם, טוב!", ((0, 4),), "<i>שלום</i> עולם, טוב!"),
        ("שלום עולם, טוב!", ((11, 15),), "שלום עולם, <i>טוב!</i>"),
        ("שלום עולם, טוב!", ((0, 4), (11, 15)), "<i>שלום</i> עולם, <i>טוב!</i>"),
    ],
)
def test_a_part_in_italics_stays_inside_the_one_embedding(
    line: str, marks: tuple[tuple[int, int], ...], written: str
) -> None:
    italics = tuple(Mark(0, start, end, "italic") for start, end in marks)
    assert f"\n{EMBED}{written}{POP}\n" in _written(line, "srt", marks=italics)
    whole = (Mark(0, 0, len(line), "italic"),)
    assert f"\n<i>{EMBED}{line}{POP}</i>\n" in _written(line, "srt", marks=whole)


def test_marks_move_with_their_letters_and_a_direction_is_not_lost() -> None:
    italic = Mark(0, 0, 4, "italic")
    assert f"{EMBED}<i>NASA</i> שם.{POP}" in _written("NASA שם.", "srt", marks=(italic,))
    whole = Mark(0, 0, 8, "direction", "rtl")
    assert f"{EMBED}NASA שם.{POP}" in _written("NASA שם.", "srt", language="", marks=(whole,))


def test_what_a_person_wrote_keeps_its_characters() -> None:
    data = "1\n00:00:01,000 --> 00:00:02,000\nNASA שם.\n".encode()
    document = formats.parse(data, "film.he.srt")
    assert formats.to_bytes(document, "srt", frame_rate=Fraction(25))[0].strip() == data.strip()
