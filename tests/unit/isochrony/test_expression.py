"""From how the actor says a phrase to how its translation is to be said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from localize.data import (
    Candidate,
    Line,
    Manner,
    Phrase,
    PhraseProsody,
    Plan,
    Segment,
    Span,
    Transcript,
    Translation,
    Word,
)
from localize.isochrony.expression import asked_end, director, level_phrases


def heard(final: float = 0.0, **more: Any) -> PhraseProsody:
    return replace(PhraseProsody("s1", Span(0, 1000), 120.0, 4.0, -20.0, final), **more)


@pytest.mark.parametrize(
    ("language", "text", "actor", "wanted"),
    [
        ("es", "¿Vienes mañana?", -3.0, "rise"),
        ("es", "¿Vienes mañana?", 6.0, "rise"),
        ("es", "¿Dónde estás?", -2.0, "fall"),
        ("es", "¿Dónde estás?", 4.0, "rise"),  # the actor asks back
        ("es", "Vienes mañana.", 4.0, "rise"),
        ("es", "Vienes mañana.", 0.5, None),
        ("es", "Vienes mañana.", -6.0, None),
        ("pt", "Você vem amanhã?", 6.0, None),  # rises on the last stress and falls after it, by itself
        ("pt", "Onde você está?", -1.0, "fall"),
        ("en", "Are you coming?", 0.0, "rise"),
        ("fr", "Tu viens demain ?", 0.0, "rise"),
        ("it", "Dove sei?", 0.0, "fall"),
        ("en", "Tea or coffee?", 0.0, "fall"),
        ("en", "Tea or coffee?", 4.0, "rise"),  # it is asked whether any of them is wanted
        ("en", "You're Ana, aren't you?", -2.0, "fall"),  # the speaker is sure
        ("en", "You're Ana, aren't you?", 3.0, "rise"),
        ("pt", "Você é a Ana, né?", -2.0, "rise"),
        ("es", "¿Qué?!", -1.0, "fall"),
        ("pt-BR", "Onde você está?", -1.0, "fall"),
        ("de", "Wo bist du?", 4.0, "rise"),
    ],
)
def test_a_sentence_ends_as_its_language_has_it(language: str, text: str, actor: float, wanted: str | None) -> None:
    found = asked_end(text, heard(actor), language)
    assert (None if found is None else "rise" if found > 0 else "fall") == wanted
    assert found is None or -4 <= found <= 5


def test_a_question_whose_actor_was_not_heard_still_ends_as_one() -> None:
    assert (asked_end("¿Vienes?", None, "es") or 0) > 0
    assert asked_end("Vienes.", None, "es") is None


SEGMENT = Segment(
    "s1", Span(0, 2000), "S1", "I want THIS one", tuple(Word(w, Span(0, 1)) for w in "I want THIS one".split())
)
LINKS = ((0, 0), (1, 0), (2, 1), (3, 1))


def directed(*own: PhraseProsody, text: str = "Quiero este", said: str = "quiero este", strength: float = 1.0) -> Any:
    transcript = Transcript("en", (SEGMENT,))
    translation = Translation("es", (Line("s1", (Candidate(text, 0.0, links=LINKS),)),))
    direct = director(transcript, translation, own, strength)
    if direct is None:
        return None
    plan = Plan("s1", 0, (Phrase(text, Span(0, 1000)),), 1000, "exact")
    return direct(plan, [Phrase(said, Span(0, 1000))])


def test_without_strength_nobody_directs() -> None:
    assert directed(heard(), strength=0.0) is None


def test_a_line_that_was_not_measured_is_left_to_the_voice() -> None:
    assert directed(replace(heard(), segment="s2")) == ()


def test_height_range_and_effort_go_over_within_bounds() -> None:
    (manner,) = directed(heard(height_st=2.0, range_z=1.0, level_z=1.5))
    assert (manner.strength, manner.height_st, manner.range, manner.effort) == (1.0, 2.0, 1.25, 1.5)
    (wild,) = directed(heard(height_st=11.0, range_z=9.0, level_z=-7.0))
    assert (wild.height_st, wild.range, wild.effort) == (4.0, 1.5, -2.0)


def test_the_linked_word_is_emphasised() -> None:
    assert [m.emphasis for m in directed(heard(emphasis=2))] == [1]
    assert [m.emphasis for m in directed(heard(emphasis=1))] == [0]
    assert [m.emphasis for m in directed(heard())] == [-1]


def test_a_word_that_is_said_by_others_is_not_looked_for() -> None:
    assert [m.emphasis for m in directed(heard(emphasis=2), text="Quiero 15", said="quiero quince ahora")] == [-1]
    assert [m.emphasis for m in directed(heard(emphasis=1), text="Quiero 15", said="quiero quince ahora")] == [0]


def test_a_phrase_of_the_dub_over_two_of_the_source_takes_their_mean() -> None:
    first, second = heard(height_st=-2.0), heard(final=4.0, height_st=1.0)
    (manner,) = directed(replace(first, span=Span(0, 500)), replace(second, span=Span(500, 1000)))
    assert manner.height_st == -0.5
    assert manner.final_st == 4.0


def test_phrases_get_as_loud_to_each_other_as_wished_and_no_sample_moves() -> None:
    rate = 1000
    samples = np.concatenate([np.full(1000, 0.1), np.zeros(200), np.full(1000, 0.1)]).astype(np.float32)
    spans = [Span(0, 1000), Span(1200, 2200)]
    louder = level_phrases(samples, rate, spans, [Manner(1.0, level_db=-2.0), Manner(1.0, level_db=2.0)])
    assert len(louder) == len(samples)
    assert 20 * np.log10(louder[1700] / louder[500]) == pytest.approx(4.0, abs=0.1)
    half = level_phrases(samples, rate, spans, [Manner(0.5, level_db=-2.0), Manner(0.5, level_db=2.0)])
    assert 20 * np.log10(half[1700] / half[500]) == pytest.approx(2.0, abs=0.1)
    assert level_phrases(samples, rate, spans, ()) is samples
