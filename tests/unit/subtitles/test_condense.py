"""Small cuts inside a line: what they save, what they may never touch, and that everything else keeps its time."""

from __future__ import annotations

import pytest

from localize.data import Span
from localize.subtitles.condense import Strength, find_cuts
from localize.subtitles.words import GLUE, SOUND, TimedWord, as_timed_words, retime_wording
from localize.timedtext.spread import spread_times


def line(text: str, start: int = 1000, end: int = 5000) -> tuple[TimedWord, ...]:
    return as_timed_words(spread_times(text, [Span(start, end)]), "s1", "S1")


def ways(text: str, language: str, strength: Strength = Strength.STRONG, before: str = "") -> dict[str, set[str]]:
    words = line(text)
    found: dict[str, set[str]] = {}
    for cut in find_cuts(words, language, strength, before):
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


@pytest.mark.parametrize(
    ("language", "rule", "before", "after"),
    [
        ("en", "edit-opener", "And he turned to me.", "he turned to me."),
        ("en", "edit-adjective", "She gave me a strange look.", "She gave me a look."),
        ("en", "edit-adjective", "He saw an old bridge.", "He saw a bridge."),
        ("en", "edit-adverb", "He smiled affably at her.", "He smiled at her."),
        ("en", "edit-adjunct", "She plays the piano in a small theater.", "She plays the piano."),
        ("en", "edit-adjunct", "What brings you to the land of the gatekeepers?", "What brings you to the land?"),
        (
            "en",
            "edit-participle",
            "They took prints from wood blocks engraved in relief.",
            "They took prints from wood blocks.",
        ),
        ("en", "edit-clause", "I've been alone for as long as I can remember.", "I've been alone."),
        ("en", "edit-pair", "I bought cheese and fruit.", "I bought cheese."),
        ("en", "edit-question", "Did you hear that noise?", "hear that noise?"),
        ("es", "simple-present", "Estoy buscando a alguien.", "Busco a alguien."),
        ("es", "edit-adjective", "Ella toca el piano en un pequeño teatro.", "Ella toca el piano en un teatro."),
        ("es", "edit-adjective", "Ayer vio a un hombre alto.", "Ayer vio a un hombre."),
        ("es", "edit-participle", "Era una reja celada de jazmines.", "Era una reja."),
        ("es", "edit-clause", "He estado solo mientras pueda acordar.", "He estado solo."),
        ("pt", "simple-present", "Estou à procura de alguém.", "Procuro alguém."),
        ("pt", "edit-adjunct", "O que o leva à terra dos porteiros?", "O que o leva à terra?"),
        ("pt", "edit-adverb", "Que, assim, as flores crescem.", "Que as flores crescem."),
    ],
)
def test_edited_subtitles_leave_out_what_a_sentence_stands_without(
    language: str, rule: str, before: str, after: str
) -> None:
    assert after in ways(before, language, Strength.EDITED)[rule]
    assert after not in ways(before, language, Strength.STRONG).get(rule, set()) or rule == "simple-present"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He is not a good worker."),  # a bad one, perhaps
        ("en", "You need not do it at once."),
        ("en", "He only eats bread with salt."),
        ("en", "I did not leave until the rain stopped."),
        ("en", "The bread is in the kitchen."),
        ("en", "Do not ask me when he came."),
        ("en", "The main thing is that."),
        ("en", "The widow waited for an answer."),
        ("en", "There is a lot of rain."),
        ("en", "It was an unhappy marriage."),
        ("en", "It probably is late."),
        ("es", "Tomás no es un buen trabajador."),
        ("es", "Llegó el año pasado."),
        ("es", "Está lleno de agua."),
        ("pt", "Ele só come pão com sal."),
        ("pt", "Estou à procura."),
        ("pt", "As provas seriam levadas por ele."),
    ],
)
def test_edits_touch_nothing_that_means_something_else_without_it(language: str, text: str) -> None:
    assert {rule for rule in ways(text, language, Strength.EDITED) if rule.startswith("edit-")} <= {"edit-question"}


@pytest.mark.parametrize(
    ("language", "question", "line", "after"),
    [
        ("en", "Where is the bread?", "The bread is in the kitchen.", "in the kitchen."),
        ("es", "¿Dónde está el pan?", "El pan está en la cocina.", "en la cocina."),
        ("pt", "Onde está o pão?", "O pão está na cozinha.", "na cozinha."),
    ],
)
def test_an_answer_need_not_repeat_its_question(language: str, question: str, line: str, after: str) -> None:
    assert after in ways(line, language, Strength.EDITED, question)["edit-answer"]
    assert "edit-answer" not in ways(line, language, Strength.EDITED, "The oven is warm.")


def test_what_is_said_over_and_over_is_said_once() -> None:
    said = "y que su orden, y que su orden debe ser bonito."
    assert "y que su orden debe ser bonito." in ways(said, "es", Strength.MILD)["drop-repeat"]


def test_mild_rules_are_cheaper_than_strong_ones() -> None:
    text = "Well, I am really sure, as they say in town, that it is late."
    prices = {cut.rule: cut.price for cut in find_cuts(line(text), "en", Strength.STRONG)}
    assert prices["contract"] < prices["drop-aside"]
    assert {"contract"} <= set(ways(text, "en", Strength.MILD)) < set(ways(text, "en"))


def test_languages_without_rules_have_no_cuts() -> None:
    assert find_cuts(line("Das ist wirklich sehr gut."), "de", Strength.EDITED) == ()


def test_labels_and_sounds_are_nobodys_words() -> None:
    words = (
        TimedWord(f"[speaker{GLUE}1]{GLUE}Really", Span(0, 500), "s1", "S1"),
        TimedWord("late.", Span(500, 900), "s1", "S1"),
        TimedWord("really", Span(900, 1200), "", SOUND),
    )
    assert find_cuts(words, "en", Strength.EDITED) == ()


# --- the same line in other words ------------------------------------------------------------------------------------


def spans(words: tuple[TimedWord, ...]) -> dict[str, tuple[int, int]]:
    return {w.text: (w.span.start_ms, w.span.end_ms) for w in words}


WORDS = tuple(
    TimedWord(text, Span(at, at + 400), "s1", "S1")
    for text, at in (("Well,", 0), ("this", 400), ("is", 800), ("it.", 2000))
)


def test_words_that_stay_keep_their_time_and_what_goes_leaves_its_own_to_the_neighbour() -> None:
    after = retime_wording(WORDS, ["This", "it."])
    assert spans(after) == {"This": (0, 1200), "it.": (2000, 2400)}
    assert {w.segment_id for w in after} == {"s1"}


def test_replaced_words_share_the_time_of_those_they_replace() -> None:
    after = retime_wording(WORDS, ["Well,", "here", "we", "go."])
    assert after[0].span == WORDS[0].span
    assert (after[1].span.start_ms, after[-1].span.end_ms) == (400, 2400)
    assert [w.text for w in after] == ["Well,", "here", "we", "go."]


def test_words_nobody_timed_are_spread_anew_over_where_the_line_is_heard() -> None:
    phrases = [Span(0, 2000), Span(3000, 4000)]
    long = as_timed_words(spread_times("One two three four, five six.", phrases), "s1", "S1")
    after = retime_wording(long, ["One", "two", "six."], phrases)
    assert [w.span for w in after] == [w.span for w in spread_times("One two six.", phrases)]
    assert {w.segment_id for w in after} == {"s1"}


def test_spread_evenly_a_phrase_need_not_end_at_a_comma() -> None:
    phrases = [Span(0, 1000), Span(1500, 2500)]
    text = "aaaa aaaa aaaa aaaa aaaa, aaaa aaaa aaaa aaaa"
    assert sum(w.span.end_ms <= 1000 for w in spread_times(text, phrases)) == 5
    assert sum(w.span.end_ms <= 1000 for w in spread_times(text, phrases, even=True)) == 4


def test_added_words_come_in_the_moment_before() -> None:
    after = retime_wording(WORDS, ["Well,", "now", "this", "is", "it."])
    assert after[1].span == Span(400, 400)
    assert [a.span for a in (after[0], *after[2:])] == [w.span for w in WORDS]


def test_nothing_rewritten_is_nothing() -> None:
    assert retime_wording((), ["a"]) == ()
    assert retime_wording(WORDS, []) == ()
