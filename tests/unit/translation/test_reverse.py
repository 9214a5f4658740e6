"""Words that a translation leaves out, by how likely a translator is to write them back."""

from __future__ import annotations

import pytest

from localize.data import Candidate
from localize.translation.reverse import unlinked_words, unsaid_words


@pytest.mark.parametrize(
    ("sentence", "given", "alone", "found"),
    [
        ("Add a quarter teaspoon.", (-0.1, -0.2, -18.0, -2.6), (-18.0, -6.5, -15.5, -59.4), ("quarter",)),
        # Unlikely, but far likelier than by itself: said in other words.
        ("Simmer it.", (-10.0, -1.0), (-22.0, -5.0), ()),
        ("Is it far?", (-20.0, -20.0, -0.5), (-10.0, -10.0, -9.0), ()),  # small words often have no counterpart
        ("Room 12 at NASA.", (-0.1, -20.0, -1.0, -20.0), (-9.0, -10.0, -9.0, -9.0), ()),  # no words
        ("Far far.", (), (), ()),
    ],
)
def test_what_is_not_likelier_by_its_translation_is_not_said(
    sentence: str, given: tuple[float, ...], alone: tuple[float, ...], found: tuple[str, ...]
) -> None:
    assert unsaid_words(sentence, given, alone, range(len(given))) == found


def test_a_word_that_something_says_is_never_told() -> None:
    assert unsaid_words("Add salt.", (-1.0, -20.0), (-9.0, -9.0), {0}) == ()


def test_words_that_nothing_says() -> None:
    said = Candidate("Adicione uma colher.", -0.1, links=((0, 0), (1, 1), (3, 2)))
    assert unlinked_words("Add a quarter teaspoon.", said) == (2,)
    assert unlinked_words("Add a quarter teaspoon.", said, {"quarter"}) == ()
    assert unlinked_words("Add a quarter teaspoon.", Candidate("Adicione uma colher.", -0.1)) == ()
