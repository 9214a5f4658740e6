"""Numbers from one to ten in words: which are, and which keep their figures."""

import pytest

from localize.data import Candidate, Conversion, Line, Translation
from localize.translation.small_numbers import numbers_in_words, spell_small_numbers


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("es", "Tiene 3 hijos.", "Tiene tres hijos."),
        ("es", "1 hija y 2 hijos.", "Una hija y dos hijos."),
        ("es", "¿2 personas?", "¿Dos personas?"),
        ("pt", "Ele tem 2 filhas.", "Ele tem duas filhas."),
        ("en", "He has 3 children.", "He has three children."),
        ("fr", "Il a 1 fille.", "Il a une fille."),
        ("it", "Ha 3 figli.", "Ha tre figli."),
        ("es", "Son 12 personas.", "Son 12 personas."),
        ("es", "Pesa 3 kg.", "Pesa 3 kg."),
        ("es", "Cuesta 5 euros.", "Cuesta 5 euros."),
        ("es", "A las 5:30, página 7.", "A las 5:30, página 7."),
        ("es", "Ganamos 3-1 el 4 de julio.", "Ganamos 3-1 el 4 de julio."),
        ("es", "El capítulo 3 es bueno.", "El capítulo 3 es bueno."),
        ("es", "La 3.ª vez, 3,5 veces.", "La 3.ª vez, 3,5 veces."),
        ("en", "Room 3 is mine.", "Room 3 is mine."),
        ("en", "It's 5 pm.", "It's 5 pm."),
        ("en", "Between 2 and 4.", "Between 2 and 4."),
        ("pt", "Apto. 3, 2º andar.", "Apto. 3, 2º andar."),
    ],
)
def test_what_counts_something_is_spelled(language: str, text: str, wanted: str) -> None:
    assert spell_small_numbers(text, language) == wanted
    assert spell_small_numbers(wanted, language) == wanted


def test_machine_lines_are_spelled_and_given_lines_stay() -> None:
    lines = (
        Line("s0001", (Candidate("Tengo 2 perros.", -0.1), Candidate("Tengo dos perros.", -0.3))),
        Line("s0002", (Candidate("Tengo 2 perros.", 0.0),), edited=True),
    )
    made = numbers_in_words(Translation("es-MX", lines))
    assert made.lines[0].candidates == (Candidate("Tengo dos perros.", -0.1),)
    assert made.lines[1] == lines[1]
    assert made.converted == (Conversion("s0001", "Tengo 2 perros.", "Tengo dos perros."),)
    assert numbers_in_words(Translation("de", lines)).lines == lines
