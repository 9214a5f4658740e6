"""Words that are written alike in two languages."""

from __future__ import annotations

import pytest

from localize.language.word_forms import link_by_form

# Source, translation, and for each word of the translation the words of the source it is linked with.
CASES = [
    ("Paris is cold", "París es fría", ["Paris", "is cold", "is cold"]),
    ("Room 12 is free", "La habitación 12 está libre", ["Room", "Room", "12", "is free", "is free"]),
    ("a general question", "una pregunta general", ["a", "a", "general"]),
    ("I am not here", "no estoy aquí", ["", "", ""]),
    ("no son of mine", "no es hijo mío", ["", "", "", ""]),
    ("", "", []),
]


@pytest.mark.parametrize(("source", "target", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_words_of_one_form_are_linked(source: str, target: str, wanted: list[str]) -> None:
    words = source.split()
    links = link_by_form(words, target.split())
    found = [" ".join(words[a] for a, b in links if b == ours) for ours in range(len(target.split()))]
    assert found == wanted


def test_a_very_long_text_is_left() -> None:
    words = [f"word{n}" for n in range(401)]
    assert link_by_form(words, words) == ()
