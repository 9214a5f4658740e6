"""First-person agreement, held against lines written for it: agreement.es.tsv, agreement.pt.tsv."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localize.data import Candidate
from localize.translation.addressees import speaks_to_many
from localize.translation.agreement import agree, agreed

LEAST_RIGHT = 0.95
OTHER = {"female": "male", "male": "female"}


def cases(language: str) -> Iterator[tuple[str, str, str, str]]:
    """(gender, English, line, line wanted) of one language's table."""
    table = Path(__file__).with_name(f"agreement.{language}.tsv").read_text(encoding="utf-8")
    for row in table.splitlines():
        if row.startswith("#"):
            continue
        source, *texts = row.split("\t")
        man, woman = texts * 2 if len(texts) == 1 else texts
        yield "female", source, man, woman
        yield "male", source, woman, man


@pytest.mark.parametrize("language", ["es", "pt"])
def test_lines_to_change_are_right_in_95_of_100_and_others_stay(language: str) -> None:
    wrong, changing = [], 0
    for gender, source, text, wanted in cases(language):
        found = agree(text, source, language, gender)
        changing += text != wanted
        if text == wanted:
            assert found == text, f"{source}: {text!r} became {found!r}"
        elif found != wanted:
            wrong.append((gender, source, found))
        assert agree(found, source, language, gender) == found, "a second time changes it again"
    assert changing >= 100
    assert len(list(cases(language))) >= 2 * 200
    assert sum(text == wanted for _, _, text, wanted in cases(language)) >= 2 * 80
    assert len(wrong) <= (1 - LEAST_RIGHT) * changing, wrong


@pytest.mark.parametrize("gender", ["", "unknown", "both"])
def test_where_nobody_knows_the_speaker_nothing_changes(gender: str) -> None:
    assert agree("Estoy cansado.", "I'm tired.", "es", gender) == "Estoy cansado."


def test_other_languages_stay() -> None:
    assert agree("Sono stanco.", "I'm tired.", "it", "female") == "Sono stanco."


def test_capitals_stay() -> None:
    assert agree("¡ESTOY CANSADO!", "I'M TIRED!", "es", "female") == "¡ESTOY CANSADA!"
    assert agree("Obrigado!", "Thanks!", "pt", "female") == "Obrigada!"


def test_a_hypothesis_of_the_translators_goes_before_a_changed_one() -> None:
    own = (Candidate("Estoy cansado.", -0.1), Candidate("Estoy cansada.", -0.3), Candidate("Me cansé.", -0.4))
    assert agreed(own, "I'm tired.", "es", "female") == own[1:]
    assert agreed(own, "I'm tired.", "es", "male") == (own[0], own[2])
    assert agreed(own, "I'm tired.", "es", "") == own
    made = agreed(own[:1], "I'm tired.", "es", "female")
    assert [(c.text, c.score) for c in made] == [("Estoy cansada.", -0.1)]


@pytest.mark.parametrize(
    ("source", "many"),
    [
        ("You two are late.", True),
        ("Are you guys ready?", True),
        ("Listen, everybody.", True),
        ("Good morning, children!", True),
        ("I want all of you out.", True),
        ("Help yourselves.", True),
        ("You are late.", False),
        ("Everybody knows you.", False),
        ("Do you know two children?", False),
        ("You all right?", False),
        ("The guys are here.", False),
    ],
)
def test_english_shows_that_several_are_spoken_to(source: str, many: bool) -> None:
    assert speaks_to_many(source) is many


def test_several_are_addressed_by_a_hypothesis_that_says_so() -> None:
    one, two, plain = (Candidate(t, -0.1 * n) for n, t in enumerate(("¿Estás listo?", "¿Estáis listos?", "¿Listos?")))
    assert agreed((one, two, plain), "Are you two ready?", "es", "", plural=True) == (two, plain)
    assert agreed((one, plain), "Are you two ready?", "es", "", plural=True) == (one, plain)
    assert agreed((one, two), "Are you ready?", "es", "") == (one, two)
