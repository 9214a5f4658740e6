"""Subtitles drawn into a picture: looked at as pictures, beside the same line drawn by libass with the font named.

A test needs a font of its script on this machine and skips, naming it, where there is none.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from localize.data import Span
from localize.delivery import burn_in
from localize.events import Run
from localize.media import ffmpeg
from localize.timedtext.cues import Cue, Document, Mark

SIZE = (640, 360)


def _document(*texts: str, marks: tuple[Mark, ...] = ()) -> Document:
    cues = (
        Cue("", Span(n * 1000, n * 1000 + 1000), tuple(text.split("\n")), marks=marks) for n, text in enumerate(texts)
    )
    return Document(tuple(cues), "", "srt")


def _picture(script: str, folder: Path, second: int = 0) -> np.ndarray:
    """One picture of a script, as libass draws it through ffmpeg: grey, rows by columns."""
    (folder / "t.ass").write_text(script, encoding="utf-8")
    made = subprocess.run(
        [ffmpeg(), "-v", "error", "-f", "lavfi", "-i", f"color=black:size={SIZE[0]}x{SIZE[1]}:rate=1:duration=9",
         "-vf", f"ass=filename=t.ass,select='eq(n\\,{second})'", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt",
         "gray", "-"],
        cwd=folder, check=True, capture_output=True,
    ).stdout  # fmt: skip
    return np.frombuffer(made, np.uint8).reshape(SIZE[1], SIZE[0]).astype(int)


def _plain(text: str, family: str, scale: int = 100) -> str:
    """The same look, with one font named and the whole line in the order the Unicode rules give."""
    head, _, _ = burn_in.prepare(_document("x"), "en").script.partition("Dialogue:")
    return f"{head}Dialogue: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,{{\\fn{family}\\fscx{scale}\\fscy{scale}}}{text}\n"


@pytest.fixture
def font() -> Callable[[str], str]:
    def find(script: str) -> str:
        family = burn_in._family(script)
        if not family:
            pytest.skip(f"no font of burn_in.FONTS for {script} is on this machine, such as {burn_in.FONTS[script][0]}")
        return family

    return find


@pytest.mark.costly
@pytest.mark.parametrize(
    ("script", "language", "line", "right"),
    [
        ("Hebrew", "he", "שלום עולם", "שלום עולם"),
        ("Arabic", "ar", "أين كنت طوال اليوم", "أين كنت طوال اليوم"),
        ("Thai", "th", "น้ำปั่นที่นี่อร่อยมาก", "น้ำปั่นที่นี่อร่อยมาก"),
        ("Japanese", "ja", "昨日はとても寒かった。", "昨日はとても寒かった。"),
        ("Chinese", "zh", "你说什么", "你说什么"),
        ("Traditional Chinese", "zh-Hant", "你說什麼", "你說什麼"),
    ],
)
def test_a_line_is_drawn_with_the_font_of_its_script(
    script: str, language: str, line: str, right: str, tmp_path: Path, font: Callable[[str], str]
) -> None:
    family = font(script)
    drawing = burn_in.prepare(_document(line), language)
    assert not drawing.missing
    ours = _picture(drawing.script, tmp_path)
    theirs = _picture(_plain(right, family, burn_in._ENLARGED.get(family, 100)), tmp_path)
    assert ours.max() > 200
    assert np.abs(ours - theirs).max() == 0


@pytest.mark.costly
@pytest.mark.parametrize(
    ("script", "language", "line"),
    [
        ("Hebrew", "he", "99 בלונים אדומים."),
        ("Hebrew", "he", "NASA, הוא שם?"),
        ("Hebrew", "en", "- 99 בלונים, NASA!"),
        ("Arabic", "ar", "- في المكتب مع NASA."),
        ("Arabic", "", "أين كنت؟ 25%!"),
    ],
)
def test_a_line_from_right_to_left_starts_at_the_right(
    script: str, language: str, line: str, tmp_path: Path, font: Callable[[str], str]
) -> None:
    """What the line starts with is drawn at its right end: the picture is that of the line with its base given."""
    font(script)
    ours = _picture(burn_in.prepare(_document(line), language).script, tmp_path)
    marked = _picture(burn_in.prepare(_document(f"\u200f{line}"), language).script, tmp_path)
    turned = _picture(burn_in.prepare(_document(f"\u200e{line}"), language).script, tmp_path)
    assert np.abs(ours - marked).max() == 0
    assert np.abs(ours - turned).max() > 100


def test_a_look_does_not_part_a_line_from_right_to_left(tmp_path: Path, font: Callable[[str], str]) -> None:
    font("Hebrew")
    line = "NASA, הוא שם?"
    marks = (Mark(0, 0, 4, "underline"),)
    ours = _picture(burn_in.prepare(_document(line, marks=marks), "he").script, tmp_path)
    without = _picture(burn_in.prepare(_document(line), "he").script, tmp_path)
    lit = np.flatnonzero((without > 100).any(axis=0))
    underlined = np.flatnonzero((np.abs(ours - without) > 100).any(axis=0))
    assert len(underlined) > 10
    assert underlined.min() > lit.mean()  # what comes first is at the right


@pytest.mark.parametrize(
    ("script", "language", "line"),
    [
        ("Chinese", "zh", "我昨天晚上没有睡好觉所以今天早上起得很晚而且还迟到了你说什么我听不清楚"),
        ("Thai", "th", "ทั้งวันคุณไปอยู่ที่ไหนมาฉันรอคุณตั้งแต่เช้าจนถึงตอนนี้" * 2),
        ("Japanese", "ja", "昨日の夜はとても寒かったので家から一歩も出ませんでしたが今日は出かけます"),
    ],
)
@pytest.mark.parametrize("shape", [16 / 9, 9 / 16])
def test_lines_without_spaces_fit_the_picture(
    script: str, language: str, line: str, shape: float, tmp_path: Path, font: Callable[[str], str]
) -> None:
    font(script)
    made = burn_in.prepare(_document(line), language, shape)
    assert "\\N" in made.script
    if shape > 1:
        lit = np.flatnonzero((_picture(made.script, tmp_path) > 60).any(axis=0))
        assert lit[0] > 8
        assert lit[-1] < SIZE[0] - 8


def test_letters_without_a_font_are_named_with_their_cues(run: Run) -> None:
    """Private-use letters: a machine that has them all has been given them on purpose."""
    letter = "\U0010fff0"
    drawing = burn_in.prepare(_document("plain", f"a {letter}", "{\\b1} \\N &lt;", f"{letter}\u200b\u200f"), "en")
    assert drawing.missing == {letter: (2, 4)}
    burn_in.warn_of_missing(run, drawing, "film.en.srt")
    assert [warning.code for warning in run.warnings] == ["glyphs"]
    assert "U+10FFF0" in run.warnings[0].message
    assert "cue 2, 4" in run.warnings[0].message


def test_given_text_is_looked_at_before_any_work(run: Run) -> None:
    burn_in.check_given(run, ["one", "two \U0010fff0"], "en", "film.es.srt")
    assert "film.es.srt: no font here has" in run.warnings[0].message


def test_a_font_that_a_person_named_stays() -> None:
    marks = (Mark(0, 0, 4, "face", "Courier New"),)
    assert "\\fnCourier New" in burn_in.prepare(_document("שלום", marks=marks), "he").script
