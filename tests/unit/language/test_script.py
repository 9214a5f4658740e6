"""How long text is on a screen, and where lines of any script may break."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from localize.data import Span
from localize.language.script import characters, display_width, graphemes, inside_word, split_words
from localize.subtitles import profiles, score
from localize.subtitles.segment import segment_cues, wrap_lines
from localize.subtitles.words import TimedWord
from localize.timedtext import formats

SHARED = Path(__file__).parents[4] / "shared" / "cases" / "subtitles" / "i18n"

# Text, characters (UAX #29), columns (UAX #11).
LENGTHS = [
    ("", 0, 0),
    ("Hello, “world” – it’s…", 22, 22),
    ("e\u0301te\u0301", 3, 3),
    ("zero\u200bwidth\u200b", 9, 9),
    ("\u200f- أين كنت؟", 10, 10),
    ("\u2067שלום\u2069", 4, 4),
    ("مُحَمَّدٌ", 4, 4),
    ("น้ำปั่น", 3, 4),
    ("हिन्दी", 2, 2),
    ("👨‍👩‍👧‍👦 family", 8, 9),
    ("🇪🇸", 1, 2),
    ("❤️", 1, 2),
    ("👍🏽", 1, 2),
    ("한국어", 3, 6),
    ("ＮＨＫ", 3, 6),
    ("ｶﾀｶﾅは", 5, 6),
    ("co\u00adoperate", 9, 9),
]


@pytest.mark.parametrize(("text", "seen", "wide"), LENGTHS)
def test_lengths(text: str, seen: int, wide: int) -> None:
    if text == "हिन्दी":  # the conjunct is one cluster since Unicode 15.1
        assert characters(text) in (2, 3)
        return
    assert (characters(text), display_width(text)) == (seen, wide)


WORDS = [
    ("th", "ฉันรักคุณ", ("ฉัน", "คุณ")),
    ("ja", "昨日の夜はとても寒かったので", ("昨日の", "とても")),
    ("zh-Hans", "我昨天晚上没有睡好觉", ("昨天", "晚上", "没有")),
    ("zh-Hant", "我們必須在天黑之前趕到", ("我們", "必須", "天黑")),
    ("zh", "2026年是NASA的一年", ("2026", "NASA")),
]


@pytest.mark.parametrize(("language", "text", "whole"), WORDS)
def test_words_without_spaces(language: str, text: str, whole: tuple[str, ...]) -> None:
    words = split_words(text, language)
    assert "".join(words) == text
    assert len(words) > 1
    for word in whole:
        at = text.index(word)
        for inner in range(at + 1, at + len(word)):
            assert inside_word(text[:inner], text[inner:], language)


def test_words_are_left_whole_where_spaces_part_them() -> None:
    assert split_words("Hello world", "en") == ["Hello world"]
    assert not inside_word("Hel", "lo", "en")


LONG = {
    "th": "ทั้งวันคุณไปอยู่ที่ไหนมา ฉันรอคุณตั้งแต่เช้าจนถึงตอนนี้",
    "zh": "我昨天晚上没有睡好觉所以今天早上起得很晚而且还迟到了",
    "ja": "昨日はとても寒かったので、家から一歩も出なかった",
}


@pytest.mark.parametrize("language", LONG)
def test_no_line_breaks_inside_a_word(language: str) -> None:
    profile = profiles.load("netflix", language)
    lines = wrap_lines((LONG[language],), language, profile)
    assert lines is not None
    assert len(lines) == 2
    assert not inside_word(lines[0], lines[1], language)
    kept = " ".join(lines) if lines[0] + lines[1] != LONG[language] else "".join(lines)
    assert kept == LONG[language]
    assert all(profile.length(line) <= profile.chars for line in lines)


@pytest.mark.parametrize("language", LONG)
def test_recognised_pieces_are_joined_to_words_before_they_are_parted(language: str) -> None:
    profile = profiles.load("netflix", language)
    clusters = list(graphemes(LONG[language].replace(" ", "")))
    words = [TimedWord(one, Span(n * 150, n * 150 + 150), "s1") for n, one in enumerate(clusters)]
    cues = segment_cues(words, language, profile, Fraction(24))
    for cue in cues:
        assert not any(inside_word(a, b, language) for a, b in zip(cue.lines, cue.lines[1:]))
    assert "".join(line for cue in cues for line in cue.lines) == LONG[language].replace(" ", "")


@pytest.mark.parametrize(
    ("profile", "language", "chars"),
    [
        ("netflix", "th", 35), ("netflix", "ja", 13), ("netflix", "ko", 16), ("netflix", "zh-Hant", 16),
        ("netflix", "ar", 42), ("netflix", "he", 42), ("netflix-sdh", "ja", 23), ("mobile", "th", 27),
    ],
)  # fmt: skip
def test_width_by_script(profile: str, language: str, chars: int) -> None:
    assert profiles.load(profile, language).chars == chars


def test_lint_finds_a_word_parted() -> None:
    cue = "1\n00:00:01,000 --> 00:00:05,000\n{}\n{}\n"
    profile = profiles.load("netflix", "zh")
    parted = formats.parse(cue.format("我昨天晚", "上没有睡好觉").encode(), "x.zh.srt")
    whole = formats.parse(cue.format("我昨天晚上", "没有睡好觉").encode(), "x.zh.srt")
    rules = [[f.rule for f in score.lint(d, profile, "zh", Fraction(24)).findings] for d in (parted, whole)]
    assert ("break" in rules[0], "break" in rules[1]) == (True, False)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "too_wide"),
    [("ar.ar", {3}), ("emoji.en", set()), ("he.he", set()), ("ja.ja", {1, 3}), ("th.th", {1}), ("zh.zh", {1})],
)
def test_cases(name: str, too_wide: set[int]) -> None:
    language = name[-2:]
    document = formats.read(SHARED / f"{name}.srt")
    report = score.lint(document, profiles.load("netflix", language), language, Fraction(24))
    assert {f.cue for f in report.findings if f.rule == "cpl"} == too_wide
