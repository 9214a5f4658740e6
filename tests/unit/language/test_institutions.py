"""Names of institutions, which are said in the words of the other language."""

from __future__ import annotations

import re

import pytest

from localize.language.inflection import without_accents
from localize.language.institutions import find_institutions, without_institutions


@pytest.mark.parametrize(
    ("text", "target", "written"),
    [
        ("She works at the White House.", "es", ["Casa Blanca"]),
        ("The U.S. Coast Guard called the Royal Air Force.", "pt", ["Guarda Costeira", "Força Aérea Real"]),
        ("He lives in a white house on the coast.", "es", []),
        ("The White Houses are old.", "es", []),
        ("The Red Cross is here.", "fr", []),
    ],
)
def test_institutions_are_found_by_their_capitals(text: str, target: str, written: list[str]) -> None:
    assert [found.target for found in find_institutions(text, target)] == written


@pytest.mark.parametrize("target", ["es", "pt"])
def test_every_name_is_one_of_its_own_forms(target: str) -> None:
    for english in ("Coast Guard", "House of Lords", "Foreign Office", "Cold War", "Eiffel Tower"):
        (found,) = find_institutions(f"The {english} it is.", target)
        assert re.fullmatch(found.forms, without_accents(found.target.lower()))
        assert len(found.stand_ins) == 2


def test_their_words_are_no_names() -> None:
    assert without_institutions("Mary left the Red Cross.").replace("\x00", "") == "Mary left the ."
