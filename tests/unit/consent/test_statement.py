"""The consent statement: what a recogniser wrote against what was asked; the wordings of each language."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import pytest

from localize.consent import Home, challenge
from localize.consent.spoken_consent import PURPOSES, _likeness, _plain, _wordings, statement_fault
from localize.errors import UsageError

CASES = tomllib.loads(Path(__file__).with_name("statements.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("language", "fault", "heard"),
    [(language, fault, heard) for language, case in CASES.items() for fault, heard in case["heard"]],
)
def test_what_was_heard(language: str, fault: str, heard: str) -> None:
    found = statement_fault(heard, language, "Anna Price", ("dub",), CASES[language]["words"])
    assert fault in found
    assert bool(fault) == bool(found), found


@pytest.mark.costly
@pytest.mark.parametrize("language", list(_wordings()))
def test_every_order_but_the_asked_one_is_refused(language: str) -> None:
    """Of 500 orders of the right words none is taken."""
    words = CASES[language]["words"]
    asked = CASES[language]["heard"][0][1].split()
    for n, order in enumerate(itertools.islice(itertools.permutations(asked[::-1]), 0, 50_000, 100)):
        assert statement_fault(" ".join(order), language, "Anna Price", ("dub",), words), n


@pytest.mark.parametrize("language", list(_wordings()))
def test_the_words_of_a_language_are_told_apart(language: str) -> None:
    wording = _wordings()[language]
    words = [_plain(word)[0] for word in wording.words]
    assert len(set(words)) >= 40
    assert [pair for pair in itertools.combinations(words, 2) if _likeness(*pair) >= 0.75] == []
    assert not set(words) & wording.refusals


@pytest.mark.parametrize("language", list(_wordings()))
def test_the_sentence_that_is_shown_is_the_one_that_is_taken(home: Home, language: str) -> None:
    for purposes in (("dub",), ("ad", "dub"), PURPOSES):
        asked = challenge(home, "Ana Pérez", purposes, language=language)
        assert asked.language == language
        assert "*" not in asked.text
        assert statement_fault(asked.text, language, "Ana Pérez", purposes, asked.words) == ""
    assert "purpose 'ad'" in statement_fault(
        challenge(home, "Ana", language=language).text, language, "Ana", ("ad",), asked.words
    )


@pytest.mark.parametrize(
    ("name", "language", "why"),
    [
        ("Ana No", "es", "holds 'no'"),
        ("Mai Linh", "it", "holds 'mai'"),
        ("", "en", "one to 8 words"),
        ("a b c d e f g h i", "en", "one to 8 words"),
        ("Ana", "de", "en, es, pt, fr, it"),
    ],
)
def test_a_name_or_language_that_cannot_be_told_from_a_denial(home: Home, name: str, language: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        challenge(home, name, language=language)
