"""Lines of a script among recognised words: found, placed between their neighbours, or told to have no place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from localize.data import Segment, Span, Word
from localize.transcription.forced_alignment import find_lines


def script(*texts: str) -> list[Segment]:
    return [Segment(f"s{n:04}", Span(n, n + 1), "S1", text) for n, text in enumerate(texts, 1)]


def heard(*stretches: tuple[int, str]) -> list[Word]:
    """Words of 200 ms each, without pauses inside a stretch."""
    return [
        Word(text, Span(start + 200 * n, start + 200 * (n + 1)))
        for start, texts in stretches
        for n, text in enumerate(texts.split())
    ]


def voice(words: Sequence[Word]) -> list[Span]:
    return [word.span for word in words]


FIRST, SECOND, THIRD = "Good morning to you all.", "What happened to the bridge?", "It fell into the river."


def test_every_word_gets_the_time_at_which_it_is_heard() -> None:
    words = heard((1000, "good morning to you all"), (4000, "what happened to the bridge"))
    found = find_lines(script(FIRST, SECOND), words, voice(words), "en", 9000)
    assert [s.span for s in found.segments] == [Span(1000, 2000), Span(4000, 5000)]
    assert [w.text for w in found.segments[0].words] == FIRST.split()
    assert [w.span for w in found.segments[1].words] == [w.span for w in words[5:]]
    assert (found.lost, found.strange) == ((), ())


SPOKEN = {
    "misheard": ("What happened to the bridge?", "what happening to the fridge", 1000),
    "digits in the script": ("200 people came.", "two hundred people came", 800),
    "digits in the words": ("Two hundred people came in.", "200 people came in", 800),
    "words not heard": ("What on earth happened to the old bridge?", "what happened to the bridge", 1000),
    "labels and sounds": ("ANNA: [sighs] What happened to the bridge?", "what happened to the bridge", 1000),
    "marks alone": ("What — happened to the bridge ?", "what happened to the bridge", 1000),
    "all in capitals, without marks": ("WHAT HAPPENED TO THE BRIDGE", "What happened to the bridge?", 1000),
    "joined by hyphens": ("Twenty-five years ago.", "25 years ago", 600),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOKEN)
def test_a_line_is_found_however_it_was_written(name: str) -> None:
    text, said, length = SPOKEN[name]
    words = heard((1000, "good morning to you all"), (4000, said))
    found = find_lines(script(FIRST, text), words, voice(words), "en", 9000)
    assert found.found == {"s0001", "s0002"}
    line = found.segments[1]
    assert abs(line.span.start_ms - 4000) <= 50
    assert abs(line.span.end_ms - (4000 + length)) <= 50
    if line.words:
        assert " ".join(w.text for w in line.words) == text
        assert all(a.span.end_ms <= b.span.start_ms + 1 for a, b in zip(line.words, line.words[1:]))


def test_a_line_that_was_not_recognised_stands_where_a_voice_is_left() -> None:
    words = heard((1000, "good morning to you all"), (7000, "it fell into the river"))
    voiced = [*voice(words[:5]), Span(4000, 5500), *voice(words[5:])]
    found = find_lines(script(FIRST, SECOND, THIRD), words, voiced, "en", 9000)
    assert found.found == {"s0001", "s0003"}
    assert found.segments[1].span == Span(4000, 5500)
    assert found.segments[1].words == ()
    assert found.lost == ()


def test_a_line_that_nobody_says_has_no_place() -> None:
    words = heard((1000, "good morning to you all"), (7000, "it fell into the river"))
    found = find_lines(script(FIRST, SECOND, THIRD), words, voice(words), "en", 9000)
    assert [s.id for s in found.segments] == ["s0001", "s0003"]
    assert found.lost == ("s0002",)


def test_a_scene_that_was_cut_does_not_draw_words_of_others_to_itself() -> None:
    words = heard((1000, "good morning to you all"), (7000, "it fell into the river"))
    cut = ["To the left of you there is the door.", "The river is far.", "You all fell for it."]
    found = find_lines(script(FIRST, *cut, THIRD), words, voice(words), "en", 9000)
    assert {s.id: s.span.start_ms for s in found.segments} == {"s0001": 1000, "s0005": 7000}
    assert found.lost == ("s0002", "s0003", "s0004")


def test_words_that_no_line_has_are_named() -> None:
    words = heard((1000, "good morning to you all"), (4000, "nobody wrote this down"), (7000, "it fell into the river"))
    found = find_lines(script(FIRST, THIRD), words, voice(words), "en", 9000)
    assert " ".join(word.text for word in found.strange) == "nobody wrote this down"


def test_a_language_without_spaces_is_found_too() -> None:
    words = [
        Word("何が", Span(1000, 1400)),
        Word("あったんですか", Span(1400, 2000)),
        Word("おはようございます", Span(4000, 5000)),
    ]
    found = find_lines(script("何があったんですか？", "おはようございます。"), words, voice(words), "ja", 9000)
    assert [s.span for s in found.segments] == [Span(1000, 2000), Span(4000, 5000)]


@pytest.mark.costly
def test_a_long_script_is_found_line_by_line() -> None:
    texts = [f"Line number {n} says something about the {n * 7 % 97} trees of the river bank." for n in range(200)]
    words = heard(*((4000 * n, text.lower().replace(".", "")) for n, text in enumerate(texts)))
    found = find_lines(script(*texts), words, voice(words), "en", 1_000_000)
    assert [s.span.start_ms for s in found.segments] == [4000 * n for n in range(200)]
