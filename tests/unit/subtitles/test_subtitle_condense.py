"""Small cuts inside a line: what they save, what they may never touch, and that everything else keeps its time."""

from __future__ import annotations

import pytest

from localize.data import Span
from localize.subtitles.condense import MILD, cuts
from localize.subtitles.sense import keeps_sense
from localize.subtitles.words import GLUE, SOUND, TimedWord, rewritten, spread, timed


def line(text: str, start: int = 1000, end: int = 5000) -> tuple[TimedWord, ...]:
    return timed(spread(text, [Span(start, end)]), "s1", "S1")


def ways(text: str, language: str) -> dict[str, set[str]]:
    words = line(text)
    found: dict[str, set[str]] = {}
    for cut in cuts(words, language):
        texts = [w.text for w in words]
        after = " ".join([*texts[: cut.start], *cut.texts, *texts[cut.end :]])
        found.setdefault(cut.rule, set()).add(after)
        assert len(after) < len(text)
    return found


@pytest.mark.parametrize(
    ("language", "rule", "before", "after"),
    [
        ("en", "contract", "I am sure it is late.", "I'm sure it is late."),
        ("en", "short-word", "He came in order to help.", "He came to help."),
        ("en", "drop-word", "It was really cold.", "It was cold."),
        ("en", "drop-aside", "Printing, in the only sense we know, is young.", "Printing is young."),
        ("en", "drop-end", "They made a few large books, which were rare then.", "They made a few large books."),
        ("es", "drop-pronoun", "Yo quiero agua.", "Quiero agua."),
        ("es", "short-word", "Vino a pesar de la lluvia.", "Vino pese a la lluvia."),
        ("es", "drop-word", "Es realmente tarde.", "Es tarde."),
        ("es", "drop-aside", "La casa, según dicen todos, está vacía.", "La casa está vacía."),
        ("es", "drop-pronoun", "Sé que ella toca el piano.", "Sé que toca el piano."),
        ("pt", "drop-pronoun", "Ela toca piano.", "toca piano."),  # the line's first letter is its maker's business
        ("es", "drop-pronoun", "¿Ella viene hoy?", "¿Viene hoy?"),
        ("pt", "short-word", "Isso pode ser considerado como arte.", "Isso é arte."),
        ("pt", "drop-word", "É realmente tarde.", "É tarde."),
        ("pt", "drop-end", "Fizeram poucos livros grandes, que eram raros.", "Fizeram poucos livros grandes."),
    ],
)
def test_each_rule_does_what_its_name_says(language: str, rule: str, before: str, after: str) -> None:
    assert after in ways(before, language)[rule]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I would rather go than stay."),
        ("en", "He reads, writes, and sings."),
        ("en", "It was not very good."),
        ("en", "It isn't really late."),
        ("es", "No es muy tarde, no muy tarde."),
        ("es", "Ella y Juan vinieron."),
        ("en", "If you want to go there, you can call me."),
        ("en", "I like old books, for their smell, for their paper, for their age."),
        ("en", "It was a very old house."),
        ("en", "I thought that was brilliant."),
        ("es", "Si quieres ir allí, puedes llamarme."),
        ("pt", "A empresa disse ontem, segundo Ana, que vem."),
        ("es", "Sé que ella cantaba."),
        ("pt", "Eu sabia tudo."),
    ],
)
def test_what_means_something_is_left_alone(language: str, text: str) -> None:
    found = {after for afters in ways(text, language).values() for after in afters}
    assert found <= {"No es tarde, no muy tarde.", "It wasn't very good."}


def test_mild_rules_are_cheaper_than_strong_ones() -> None:
    found = cuts(line("Well, I am really sure, as they say in town, that it is late."), "en")
    prices = {cut.rule: cut.price for cut in found}
    assert prices["contract"] <= MILD < prices["drop-aside"]


def test_languages_without_rules_have_no_cuts() -> None:
    assert cuts(line("Das ist wirklich sehr gut."), "de") == ()


def test_labels_and_sounds_are_nobodys_words() -> None:
    words = (
        TimedWord(f"[speaker{GLUE}1]{GLUE}Really", Span(0, 500), "s1", "S1"),
        TimedWord("late.", Span(500, 900), "s1", "S1"),
        TimedWord("really", Span(900, 1200), "", SOUND),
    )
    assert cuts(words, "en") == ()


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("I bought twenty plates.", "I bought plates.", False),
        ("Compré dos platos.", "Compré platos.", False),
        ("There are two or three.", "There are three or two.", True),
    ],
)
def test_numbers_in_words_are_numbers(before: str, after: str, kept: bool) -> None:
    assert keeps_sense(before, after, "es" if "Compré" in before else "en") is kept


# --- the same line in other words ------------------------------------------------------------------------------------


def spans(words: tuple[TimedWord, ...]) -> dict[str, tuple[int, int]]:
    return {w.text: (w.span.start_ms, w.span.end_ms) for w in words}


WORDS = tuple(
    TimedWord(text, Span(at, at + 400), "s1", "S1")
    for text, at in (("Well,", 0), ("this", 400), ("is", 800), ("it.", 2000))
)


def test_words_that_stay_keep_their_time_and_what_goes_leaves_its_own_to_the_neighbour() -> None:
    after = rewritten(WORDS, ["This", "it."])
    assert spans(after) == {"This": (0, 1200), "it.": (2000, 2400)}
    assert {w.segment_id for w in after} == {"s1"}


def test_replaced_words_share_the_time_of_those_they_replace() -> None:
    after = rewritten(WORDS, ["Well,", "here", "we", "go."])
    assert after[0].span == WORDS[0].span
    assert (after[1].span.start_ms, after[-1].span.end_ms) == (400, 2400)
    assert [w.text for w in after] == ["Well,", "here", "we", "go."]


def test_added_words_come_in_the_moment_before() -> None:
    after = rewritten(WORDS, ["Well,", "now", "this", "is", "it."])
    assert after[1].span == Span(400, 400)
    assert [a.span for a in (after[0], *after[2:])] == [w.span for w in WORDS]


def test_nothing_rewritten_is_nothing() -> None:
    assert rewritten((), ["a"]) == ()
    assert rewritten(WORDS, []) == ()
