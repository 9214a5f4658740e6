"""Where lips close, and wordings that close them where they are seen to."""

from __future__ import annotations

import pytest

from localize.data import Candidate, PhraseOnScreen, Segment, Span, Word
from localize.isochrony.closures import closure_agreement, closures, seen_closures
from localize.isochrony.planner import Slot, phrase_variants, plan_timing


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("en", "Put the map by my bed.", 6),
        ("en", "Phone the psalm, pneumatic ghost", 2),
        ("en", "happy apple, number, ambush", 4),
        ("en", "Where is the dog?", 0),
        ("es", "Vamos al bosque, primo", 5),
        ("es", "La psicóloga no vino", 1),
        ("fr", "Trop de plomb, beaucoup, mon nom", 3),
        ("pt", "Bom dia, mãe", 2),
        ("it", "Mamma, il pane", 3),
        ("de", "Papa bringt Milch", 4),
        ("en", "", 0),
        ("en", "…", 0),
    ],
)
def test_lips_close_where_they_are_said_to(language: str, text: str, count: int) -> None:
    found = closures(text, Span(0, 3000), language)
    assert len(found) == count
    assert found == sorted(found)
    assert all(0 < at < 3000 for at in found)


def test_each_letter_takes_an_equal_part_of_the_time() -> None:
    assert closures("ab", Span(1000, 1400), "en") == [1300]
    assert closures("b, a!", Span(1000, 1400), "en") == [1100]


def line(*words: tuple[str, int, int]) -> Segment:
    said = tuple(Word(text, Span(start, end)) for text, start, end in words)
    return Segment("s1", Span(0, 2000), "S1", " ".join(w.text for w in said), said, (Span(0, 2000),))


def test_only_lips_that_are_seen_count() -> None:
    said = line(("my", 0, 200), ("dog", 300, 500), ("barks", 600, 1100))
    seen = [PhraseOnScreen("s1", Span(500, 2000), "on", 1, 0.01), PhraseOnScreen("s2", Span(0, 400), "on", 1, 0.01)]
    assert seen_closures(said, seen, "en") == (650,)
    for verdict in ("off", "unsure"):
        assert seen_closures(said, [PhraseOnScreen("s1", Span(0, 2000), verdict, 1, 0.0)], "en") == ()


def test_lips_agree_where_they_close_at_about_the_same_times() -> None:
    half = Span(0, 1000)
    assert closure_agreement([], ["dog"], [half], "en") == 1.0
    assert closure_agreement([500], ["dog"], [half], "en") == 0.0
    assert closure_agreement([], ["my dog"], [half], "en") == 0.0
    assert closure_agreement([100], ["my dog"], [half], "en") == 1.0
    assert closure_agreement([100, 900], ["my dog"], [half], "en") == pytest.approx(2 / 3)
    assert closure_agreement([100, 150], ["my dog"], [half], "en") == pytest.approx(2 / 3), "one closes for one"


def chosen(closed: tuple[int, ...], *wordings: tuple[str, float]) -> int:
    """The candidate of a line of one second, all of which last as long."""
    slot = Slot("s1", (Span(0, 1000),), "S1", 4000, closures=closed)
    candidates = [Candidate(text, score) for text, score in wordings]
    variants = phrase_variants(slot, candidates, "en", lambda texts: [1000 // len(texts)] * len(texts))
    (plan,) = plan_timing([slot], [variants])
    return plan.chosen


def test_of_wordings_nearly_as_good_the_one_is_said_that_closes_the_lips() -> None:
    early = closures("by a dog", Span(0, 1000), "en")
    ways = (("to a dog", 0.0), ("by a dog", -0.1))
    assert chosen((), *ways) == 0
    assert chosen(tuple(early), *ways) == 1
    assert chosen(tuple(early), ("to a dog", 0.0), ("by a dog", -0.5)) == 0, "meaning counts more"
    assert chosen(tuple(early), ("by a dog", 0.0), ("to a dog", -0.01)) == 0
