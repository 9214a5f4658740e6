"""Which kind of question a text ends with: `questions.tsv`, written before the rules were."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.language.questions import plain_end, question_kind

ROWS = [line.split("\t") for line in (Path(__file__).parent / "questions.tsv").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("language", "kind", "text"), ROWS)
def test_the_kind_of_a_question_is_known(language: str, kind: str, text: str) -> None:
    assert (question_kind(text, language) or "-") == kind


@pytest.mark.parametrize(
    ("text", "language"),
    [("", "es"), ("?", "es"), ("¿?", "es"), ("…?", "en"), ("Where is he", "en"), ("¿Dónde está", "es"), (",?", "pt")],
)
def test_what_asks_nothing_is_no_question(text: str, language: str) -> None:
    assert question_kind(text, language) in (None, "yes-no")


def test_abbreviations_and_sentences_before_it_change_nothing() -> None:
    assert question_kind("Where is Mr. Smith?", "en") == "worded"
    assert question_kind("Who knows. Is it late?", "en") == "yes-no"
    assert question_kind("Is it late? Who knows?", "en-GB") == "worded"


def test_how_a_kind_ends_is_a_matter_of_the_language() -> None:
    assert (plain_end("yes-no", "es") or 0) > 2 > 0 > (plain_end("worded", "es") or 0)
    assert plain_end("yes-no", "pt-BR") is None, "they rise on the last stress and fall after it, as the voice does"
    assert plain_end("worded", "de") is None
