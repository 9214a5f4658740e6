"""Lines that Marian models answer with inventions, and answers that nobody should believe."""

from __future__ import annotations

from typing import Any

import pytest

from localize.data import Candidate
from localize.engines.output_guards import LONG, guarded_translate


class Inventive:
    """Answers as a Marian model does when nobody watches it."""

    def __init__(self, *answers: str) -> None:
        self.answers = answers or ("Pues sí.", "Sí.")
        self.asked: list[str] = []

    def __call__(self, lines: list[str]) -> list[tuple[Candidate, ...]]:
        self.asked += lines
        return [tuple(Candidate(text, -0.1 * n) for n, text in enumerate(self.answers)) for _ in lines]


@pytest.mark.parametrize("line", ["...", "…", "?!", "--", "♪ ♪", "1998.", " . . . "])
def test_what_has_no_letters_is_passed_through_and_never_asked(line: str) -> None:
    model = Inventive()
    ((found,),) = guarded_translate([line], 4, model)
    assert found == Candidate(" ".join(line.split()), 0.0)
    assert model.asked == []


@pytest.mark.parametrize("line", ["", "   ", "\n"])
def test_nothing_has_no_candidates(line: str) -> None:
    model = Inventive()
    assert guarded_translate([line], 4, model) == ((),)
    assert model.asked == []


def test_capitals_are_put_down_and_taken_up_again() -> None:
    model = Inventive("¿Qué haces?")
    assert guarded_translate(["WHAT ARE YOU DOING? I AM HERE."], 4, model)[0][0].text == "¿QUÉ HACES?"
    assert model.asked == ["What are you doing? I am here."]


@pytest.mark.parametrize("line", ["I", "A.", "NATO and the EU", "Mr. Smith", "東京"])
def test_what_only_has_some_capitals_is_asked_as_it_is(line: str) -> None:
    model = Inventive()
    guarded_translate([line], 4, model)
    assert model.asked == [line]


def test_an_answer_that_runs_away_from_one_word_is_dropped() -> None:
    talk = "Adiós, y que sepas que nunca más volveré a verte por aquí."
    assert [c.text for c in guarded_translate(["Bye."], 4, Inventive(talk, "Adiós."))[0]] == ["Adiós."]
    assert guarded_translate(["Bye."], 4, Inventive(talk))[0][0].text == "Bye."


def test_loops_and_empty_answers_are_dropped() -> None:
    loop = "no lo sé " * 6
    found = guarded_translate(
        ["I do not know what to say about it now, my friend."], 4, Inventive(loop, "...", "No lo sé.")
    )
    assert [c.text for c in found[0]] == ["No lo sé."]


def test_a_paragraph_is_asked_sentence_by_sentence_and_joined() -> None:
    model = Inventive("Uno dos.", "Uno.")
    sentence = "This is a sentence of eight plain words."
    (found,) = guarded_translate([" ".join([sentence] * (LONG // 8 + 1))], 4, model)
    assert model.asked == [sentence] * (LONG // 8 + 1)
    assert found[0].text == " ".join(["Uno dos."] * len(model.asked))
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


def test_quotes_stay_with_their_sentence_and_links_with_their_words() -> None:
    class Linked(Inventive):
        def __call__(self, lines: list[str]) -> list[tuple[Candidate, ...]]:
            self.asked += lines
            return [(Candidate("uno dos", -1.0, links=((0, 1), (2, 0))),) for _ in lines]

    sentences = ['"This is a sentence of nine whole plain words."', "And this is another one of nine plain words."] * 3
    model = Linked()
    (found,) = guarded_translate([" ".join(sentences)], 4, model)
    assert model.asked == sentences
    assert found[0].links[:4] == ((0, 1), (2, 0), (9, 3), (11, 2))


def test_what_is_too_long_for_a_model_is_asked_in_runs_or_not_at_all() -> None:
    model = Inventive("Uno.")
    guarded_translate(["word " * 150, "x" * 5000, "東京 " * 90], 1, model)
    assert [len(run.split()) for run in model.asked[:3]] == [60, 60, 30]
    assert all(len(run.encode()) <= 400 for run in model.asked)
    assert sum(len(run.split()) for run in model.asked) == 150 + 90
    assert guarded_translate(["x" * 5000], 1, model)[0][0].text == "x" * 5000


def test_short_lines_of_two_sentences_stay_together() -> None:
    model = Inventive()
    guarded_translate(["Go. Now."], 4, model)
    assert model.asked == ["Go. Now."]


def test_candidates_are_distinct_and_no_more_than_asked_for() -> None:
    (found,) = guarded_translate(["Hello there."], 2, Inventive("Hola.", "Hola.", "Buenas.", "Hey."))
    assert [c.text for c in found] == ["Hola.", "Buenas."]


@pytest.mark.parametrize("engine", ["marian_ct2"])
def test_a_real_model_invents_nothing(engine: str, models: Any) -> None:
    pytest.importorskip("ctranslate2")
    from localize.engines import load

    translator = load("translator", engine, models)
    lines = ["...", "", "Bye.", "WHAT ARE YOU DOING?", "…", "Yes.", "1998.", "東京" * 60, "word " * 700, "a" * 3000]
    found = translator.translate(lines, "en", "es")
    assert [c[0].text if c else "" for c in found[:2]] == ["...", ""]
    assert found[4][0].text == "…"
    assert found[6][0].text == "1998."
    assert found[3][0].text.isupper()
    assert all(len(c.text.split()) <= 5 for c in (*found[2], *found[5]))
