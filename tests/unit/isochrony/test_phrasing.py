"""Where a target text is split: its share of syllables nearest to the source's share of time, as a voice may pause."""

from __future__ import annotations

import pytest

from localize.data import Span
from localize.isochrony.phrasing import pauses_between, split_phrases

EVEN = ((0, 1000), (1400, 2400))
TWO_TO_THREE = ((0, 1000), (1400, 2900))


@pytest.mark.parametrize(
    ("text", "phrases", "texts"),
    [
        # Ten words of one syllable, time as two to three: four and six.
        ("sol mar paz luz pan sal flor tren gol mes", TWO_TO_THREE, ["sol mar paz luz", "pan sal flor tren gol mes"]),
        # Four syllables in four words, six in two.
        ("sol mar paz luz camino ventana", TWO_TO_THREE, ["sol mar paz luz", "camino ventana"]),
        # Five and five, at the comma; also where an even split would lie a word later.
        ("Hola amigo, vamos al cine.", EVEN, ["Hola amigo,", "vamos al cine."]),
        ("Hola, vamos mañana.", EVEN, ["Hola,", "vamos mañana."]),
        # After a comma one syllable is a phrase.
        ("Sí, vamos mañana ahora.", ((0, 300), (700, 2000)), ["Sí,", "vamos mañana ahora."]),
        # "de" leans on the next word, "la" as well: no pause after them.
        ("Quiero la casa de la montaña grande", EVEN, ["Quiero la casa", "de la montaña grande"]),
        # One word cannot be parted, and two syllables without a comma are no phrase.
        ("Adiós.", EVEN, ["Adiós."]),
        ("sol mar", EVEN, ["sol mar"]),
        # One phrase of the source needs no split.
        ("Hola amigo, vamos al cine.", EVEN[:1], ["Hola amigo, vamos al cine."]),
        # What would crowd four fifths of the syllables into a fifth of the time is rather spoken as one.
        ("Responsabilidades internacionales, sí.", ((0, 400), (800, 2800)), ["Responsabilidades internacionales, sí."]),
    ],
)
def test_a_text_is_split_where_the_source_pauses(
    text: str, phrases: tuple[tuple[int, int], ...], texts: list[str]
) -> None:
    spans = tuple(Span(*phrase) for phrase in phrases)
    found, slots = split_phrases(text, spans, "es")
    assert list(found) == texts
    whole = (Span(spans[0].start_ms, spans[-1].end_ms),)
    assert slots == (spans if len(texts) == len(spans) else whole)


def test_the_shortest_pause_is_missed_first() -> None:
    """Three words make three phrases, and the source has four: its pause of 100 ms is spoken through."""
    spans = (Span(0, 1000), Span(1500, 2500), Span(2600, 3600), Span(4000, 5000))
    found, slots = split_phrases("Hola, vamos, mañana.", spans, "es")
    assert found == ("Hola,", "vamos,", "mañana.")
    assert slots == (spans[0], Span(1500, 3600), spans[3])


def test_a_pause_costs_what_the_text_makes_of_it() -> None:
    texts = ("Hola.", "Vamos,", "y luego", "casa", "de", "Juan")
    after_sentence, after_comma, *others, after_leaning = pauses_between(texts, "es")
    assert (after_sentence, after_comma) == (0.0, 0.0)
    assert after_leaning == 1.0
    assert all(0 < cost < 1 for cost in others)
    assert pauses_between(("Hola.",), "es") == ()
