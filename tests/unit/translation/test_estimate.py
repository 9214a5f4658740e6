"""The estimate orders lines by what the translator shows, adds what else is known, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.data import Candidate, Line, Segment, Span, Transcript, Translation, Word
from localize.events import LineFault, Warned
from localize.translation.estimate import (
    Evidence,
    LineEstimate,
    estimate_line,
    features,
    lines_to_review,
    translation_risk,
)
from localize.translation.review import estimate_translation, review

SURE = (
    Candidate("Te llamaré mañana por la tarde.", -0.05),
    Candidate("Te llamo mañana por la tarde.", -0.15),
    Candidate("Te llamaré mañana en la tarde.", -0.2),
)
TORN = (
    Candidate("La grúa estaba en la mancha.", -0.9),
    Candidate("El gruñón era del punto.", -0.92),
    Candidate("Un cangrejo se paró allí.", -0.95),
)
NONE = Evidence()


def estimated(candidates: tuple[Candidate, ...], known: Evidence = NONE, chosen: int = 0) -> LineEstimate:
    return estimate_line("s1", "I will call you tomorrow afternoon.", candidates, chosen, "es", known)


def test_who_is_sure_and_says_the_same_again_is_trusted() -> None:
    sure, torn = estimated(SURE), estimated(TORN)
    assert sure.risk < 0.1 < 0.25 < torn.risk
    assert sure.reasons == ()
    assert set(torn.reasons) == {"its other wordings differ much", "the translator is unsure of its words"}
    assert estimated(SURE, chosen=2).risk > sure.risk


@pytest.mark.parametrize("language", ["es", "pt", "fr"])
def test_every_language_has_an_order(language: str) -> None:
    sure, torn = (estimate_line("s1", "I will call you.", found, 0, language, NONE) for found in (SURE, TORN))
    assert 0 < sure.risk < torn.risk < 1


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (Evidence(lost=("the translation lost the number 15",)), "the translation lost the number 15"),
        (Evidence(unsure=("Siobhan",)), "the recogniser was unsure of: Siobhan"),
        (Evidence(read_back=0.5), "50% of its words are heard otherwise"),
        (Evidence(rate=1.29), "spoken 1.29 times as fast"),
        (Evidence(overflow=True, rate=1.4), "does not fit its place"),
    ],
)
def test_evidence_raises_the_risk_and_is_named(known: Evidence, reason: str) -> None:
    found = estimated(SURE, known)
    assert found.reasons == (reason,)
    assert found.risk > estimated(SURE).risk
    assert found.translation_risk == estimated(SURE).translation_risk


def test_a_recognisers_own_mistakes_are_no_evidence() -> None:
    assert estimated(SURE, Evidence(read_back=0.1, rate=1.1)) == estimated(SURE)


def test_features_of_one_wording_alone() -> None:
    found = features("Yes.", (Candidate("Sí.", 0.0),))
    assert found["agreement"] == found["mean_agreement"] == found["best_share"] == 1.0
    assert found["entropy"] == pytest.approx(0.0, abs=1e-6)


def line(name: str, risk: float) -> LineEstimate:
    return LineEstimate(name, risk, risk, ())


def test_a_fifth_is_read_first_and_whatever_is_likelier_wrong_than_right() -> None:
    usual = [line(f"s{n:02}", 0.11 + n / 1000) for n in range(20)]
    assert [x.segment for x in lines_to_review(usual)] == ["s19", "s18", "s17", "s16"]
    good = [line(f"s{n:02}", 0.05) for n in range(20)]
    assert lines_to_review(good) == ()
    bad = [line(f"s{n:02}", 0.9) for n in range(20)]
    assert len(lines_to_review(bad)) == 20
    assert lines_to_review(()) == ()


def segment(name: str, text: str, *words: Word) -> Segment:
    return Segment(name, Span(0, 1000), "S1", text, words)


def test_a_translation_is_estimated_where_a_translator_wrote_it() -> None:
    mumbled = (Word("I", Span(0, 100), 0.9), Word("call,", Span(100, 200), 0.2))
    segments = (
        segment("s1", "I call you tomorrow.", *mumbled), segment("s2", "Bye."), segment("s3", "♪"),
        segment("s4", "Fifteen cranes stood there."),
    )  # fmt: skip
    lines = (
        Line("s1", SURE), Line("s2", (Candidate("Adiós.", 0.0),), edited=True), Line("s3", (Candidate("♪", 0.0),)),
        Line("s4", TORN),
    )  # fmt: skip
    transcript, translation = Transcript("en", segments), Translation("es", lines, "marian_ct2")
    lost = LineFault("s4", "the translation lost the number 15", ("15",))
    found = estimate_translation(transcript, translation, [Warned("number_lost", "", lost), Warned("pivot", "s1")])
    assert [x.segment for x in found] == ["s1", "s4"]
    assert found[0].reasons == ("the recogniser was unsure of: call",)
    assert found[1].reasons[0] == "the translation lost the number 15"
    first = review(transcript, translation, found)
    assert (first.lines, first.ids[0], first.likely_wrong, first.calibrated) == (2, "s4", 1, True)
    assert not review(transcript, Translation("es", lines, "mine"), found).calibrated


def test_the_weights_find_half_of_the_worst_tenth_in_a_fifth_of_unseen_lines() -> None:
    """On lines nothing was trained on; `bench/estimate.py --rows tests/data/estimate/held_out.tsv` writes them."""
    table = (Path(__file__).parents[2] / "data" / "estimate" / "held_out.tsv").read_text(encoding="utf-8")
    (_, _, *names), *rows = (row.split("\t") for row in table.splitlines())
    assert list(features("Yes.", SURE)) == names
    bad = marked = both = 0
    for name in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == name]
        worst = sorted(range(len(own)), key=lambda at: float(own[at][1]))[: len(own) // 10]
        measured = [dict(zip(names, map(float, row[2:]))) for row in own]
        risks = [translation_risk(found, name[-2:]) for found in measured]
        first = sorted(range(len(own)), key=lambda at: -risks[at])[: len(own) // 5]
        bad, marked, both = bad + len(worst), marked + len(first), both + len(set(worst) & set(first))
        average = sum(risks) / len(risks)
        assert 0.05 < average < 0.2, "a tenth of the lines is of the worst tenth"
    assert both >= bad / 2
    assert marked <= len(rows) / 5
