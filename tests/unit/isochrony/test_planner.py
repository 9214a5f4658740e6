"""Words that fit: never over another line, in order, within the rates, and in time that grows with the lines.

Over 400 lines: all about the one plan of an episode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from localize.data import Candidate, Plan, Span
from localize.isochrony import planner
from localize.isochrony.phrasing import split_phrases
from localize.isochrony.placement import COMFORTABLE_RATE, EARLY_MS, MAX_RATE, PAUSE_MS, SLOWEST, TIMING_MODES
from localize.isochrony.planner import MIN_GAP_MS, WANTED_GAP_MS, Slot, Variant, phrase_variants, plan_timing

SYLLABLE_MS = 170
LEANING = {
    "es": set("el la los las un una de del al en con por a mi tu su no que muy y o".split()),
    "pt": set("o a os as um uma de do da no na em com por meu sua não que muito e ou".split()),
    "en": set("the a an of to in on at by for with from and or but not my your his".split()),
}
"""Articles, prepositions, negations: nobody pauses after one."""


def pace(texts: Sequence[str]) -> list[int]:
    """A voice that needs 170 ms for each vowel."""
    return [max(120, SYLLABLE_MS * sum(c in "aeiouáéíóú" for c in text.lower())) for text in texts]


def slot(*phrases: tuple[int, int], until: int = 10**7, speaker: str = "S1", name: str = "s0001") -> Slot:
    return Slot(name, tuple(Span(a, b) for a, b in phrases), speaker, until)


def words(syllables: int) -> str:
    return " ".join(["bata"] * (syllables // 2) + ["ba"] * (syllables % 2))


def planned(
    slots: Sequence[Slot], texts: Sequence[Sequence[tuple[str, float]]], language: str = "es"
) -> tuple[Plan, ...]:
    choices = [
        phrase_variants(s, [Candidate(text, score) for text, score in said], language, pace)
        for s, said in zip(slots, texts)
    ]
    return plan_timing(slots, choices)


def rates(one: Plan) -> list[float]:
    return [pace([p.text])[0] / p.span.length_ms for p in one.phrases]


# --- parting a text --------------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.sampled_from("casa el la perro, no de viene mañana. rápido que y luna".split()), min_size=1, max_size=25
    ),
    st.lists(st.tuples(st.integers(210, 900), st.integers(100, 4000)), min_size=1, max_size=5),
)
def test_a_text_is_parted_into_all_its_words_in_order(said: list[str], pieces: list[tuple[int, int]]) -> None:
    phrases, clock = [], 0
    for pause, length in pieces:
        phrases.append(Span(clock + pause, clock + pause + length))
        clock = phrases[-1].end_ms
    texts, spans = split_phrases(" ".join(said), phrases, "es")
    assert " ".join(texts).split() == said
    assert len(texts) == len(spans) <= len(phrases)
    assert all(texts)
    assert (spans[0].start_ms, spans[-1].end_ms) == (phrases[0].start_ms, phrases[-1].end_ms)
    edges = {p.start_ms for p in phrases}, {p.end_ms for p in phrases}
    assert all(s.start_ms in edges[0] and s.end_ms in edges[1] for s in spans)
    for text in texts[:-1]:
        assert text.split()[-1] not in LEANING["es"]


def test_a_text_pauses_at_its_comma_when_the_source_pauses_there() -> None:
    phrases = [Span(0, 1000), Span(1500, 3000)]
    texts, spans = split_phrases("Mañana por la noche, vendremos a verte otra vez.", phrases, "es")
    assert texts == ("Mañana por la noche,", "vendremos a verte otra vez.")
    assert spans == tuple(phrases)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Compramos la casa de la montaña"),
        ("pt", "Compramos uma casa na montanha"),
        ("en", "We bought the house on the mountain"),
    ],
)
def test_no_pause_follows_a_word_that_leans_on_the_next(language: str, text: str) -> None:
    for share in range(300, 2000, 100):
        texts, _ = split_phrases(text, [Span(0, share), Span(share + 300, 2300)], language)
        assert len(texts) == 1 or texts[0].split()[-1].lower() not in LEANING[language]


def test_two_words_are_not_parted_over_three_pauses() -> None:
    texts, spans = split_phrases("Muy bien", [Span(0, 300), Span(600, 900), Span(1200, 1500)], "es")
    assert texts == ("Muy bien",)
    assert spans == (Span(0, 1500),)


# --- one line --------------------------------------------------------------------------------------------------------


def test_a_text_of_the_right_length_is_spoken_where_the_source_is() -> None:
    (one,) = planned([slot((1000, 1000 + 10 * SYLLABLE_MS))], [[(words(10), 0.0)]])
    assert [p.span for p in one.phrases] == [Span(1000, 1000 + 10 * SYLLABLE_MS)]
    assert (one.fit, one.chosen, one.natural_ms) == ("exact", 0, 10 * SYLLABLE_MS)


def test_a_text_that_is_a_little_long_is_spoken_a_little_faster() -> None:
    length = round(10 * SYLLABLE_MS / 1.1)
    (one,) = planned([slot((0, length), until=length + WANTED_GAP_MS)], [[(words(10), 0.0)]])
    assert one.phrases[0].span == Span(0, length)
    assert one.fit == "exact"


def test_a_text_that_is_too_long_borrows_the_silence_that_follows() -> None:
    length = round(10 * SYLLABLE_MS / 1.6)
    (one,) = planned([slot((0, length), until=5000)], [[(words(10), 0.0)]])
    assert one.phrases[0].span.end_ms > length
    assert one.fit == "exact"
    assert max(rates(one)) <= planner.FAST_RATE + 0.01


def test_a_shorter_candidate_is_taken_where_the_first_does_not_fit() -> None:
    (one,) = planned([slot((0, 1700), until=1700)], [[(words(20), -0.1), (words(10), -0.5)]])
    assert one.chosen == 1
    assert one.fit == "exact"
    assert "candidate 2" in one.reason


def test_meaning_wins_where_both_fit() -> None:
    (one,) = planned([slot((0, 1700), until=9000)], [[(words(10), -0.1), (words(9), -0.5)]])
    assert one.chosen == 0


def test_what_fits_nowhere_is_an_overflow_that_says_by_how_much() -> None:
    (one,) = planned([slot((0, 1000), until=1000 + MIN_GAP_MS)], [[(words(20), 0.0)]])
    assert one.fit == "overflow"
    over = one.phrases[-1].span.end_ms - 1000
    assert int(one.reason.split(" ms too long")[0].split()[-1]) == over
    assert "shorten" in one.reason
    assert max(rates(one)) <= MAX_RATE + 0.01


def test_a_short_text_is_not_dragged_out() -> None:
    (one,) = planned([slot((0, 10_000))], [[(words(4), 0.0)]])
    assert min(rates(one)) >= SLOWEST - 0.01
    assert one.phrases[0].span.start_ms == 0


def test_a_text_that_is_too_long_begins_early_where_it_cannot_end_late() -> None:
    lines = [slot((0, 1000), until=2000), slot((2000, 3000), until=3100, name="s0002")]
    _, one = planned(lines, [[(words(4), 0.0)], [(words(8), 0.0)]])
    assert lines[1].phrases[0].start_ms - EARLY_MS[-1] <= one.phrases[0].span.start_ms < lines[1].phrases[0].start_ms
    assert one.fit == "exact"


def test_a_pause_moves_rather_than_being_spoken_through() -> None:
    (one,) = planned([slot((0, 950), (1750, 3000))], [[("bata bata bata, bata bata ba.", 0.0)]])
    first, second = one.phrases
    assert first.text == "bata bata bata,"
    assert second.span.start_ms - first.span.end_ms >= PAUSE_MS
    assert second.span.start_ms == 1750


def test_a_pause_is_spoken_through_where_there_is_no_room_for_it() -> None:
    (one,) = planned([slot((0, 750), (980, 1780), until=1850)], [[("bata bata bata, bata bata bata ba.", 0.0)]])
    assert [p.text for p in one.phrases] == ["bata bata bata, bata bata bata ba."]
    assert "2 source phrases spoken as 1" in one.reason


@pytest.mark.parametrize(("ratio", "most"), [(1.25, 5), (1.0, 1)])
def test_no_more_lines_are_fast_than_a_listener_bears(ratio: float, most: int) -> None:
    """Every fourth line is far too long; how many of those may be hurried depends on the whole."""
    length = round(10 * SYLLABLE_MS / ratio)
    slots = [
        slot((n * 3000, n * 3000 + (length if n % 4 else 1150)), until=n * 3000 + 3000, name=f"s{n:04}")
        for n in range(24)
    ]
    plans = planned(slots, [[(words(10), 0.0)]] * 24)
    fast = [p for p in plans if max(rates(p)) > planner.FAST_RATE]
    assert 0 < len(fast) <= most
    assert all(int(p.segment[1:]) % 4 == 0 for p in fast if ratio == 1.0)


@pytest.mark.parametrize("length", [900, 1700, 3000])
def test_off_screen_lines_keep_their_own_pace(length: int) -> None:
    free = Slot("s0001", (Span(0, length),), "S1", 9000, TIMING_MODES["free"])
    (one,) = planned([free], [[(words(10), 0.0)]])
    assert one.phrases[0].span.length_ms == 10 * SYLLABLE_MS


def test_a_free_line_still_makes_nobody_wait() -> None:
    free = Slot("s0001", (Span(0, 1500),), "S1", 1600, TIMING_MODES["free"])
    (one,) = planned([free], [[(words(10), 0.0)]])
    assert one.fit == "exact"
    assert one.phrases[0].span.end_ms <= 1600 - MIN_GAP_MS


@pytest.mark.parametrize(("syllables", "end_ms"), [(10, 1550), (14, 14 * SYLLABLE_MS)])
def test_a_free_line_ends_before_a_laugh_where_it_can(syllables: int, end_ms: int) -> None:
    """1700 ms in 1550 is a rate of 1.1; 2380 would be one that nobody bears."""
    laugh = Slot("s0001", (Span(0, 1500),), "S1", 9000, TIMING_MODES["free"], kept=(Span(1550, 2500),))
    (one,) = planned([laugh], [[(words(syllables), 0.0)]])
    assert (one.phrases[-1].span.end_ms, one.fit) == (end_ms, "exact")


def test_natural_timing_hurries_less_than_strict() -> None:
    found = {}
    for name in ("strict", "natural"):
        (one,) = planned([Slot("s0001", (Span(0, 1450),), "S1", 4000, TIMING_MODES[name])], [[(words(10), 0.0)]])
        found[name] = rates(one)[0]
    assert found["natural"] < found["strict"] <= COMFORTABLE_RATE


# --- all lines -------------------------------------------------------------------------------------------------------


@st.composite
def scripts(draw: st.DrawFn) -> tuple[list[Slot], list[list[tuple[str, float]]]]:
    """Lines of one scene: phrases, pauses, speakers and texts of any length."""
    slots, texts = [], []
    clock = draw(st.integers(0, 500))
    raw = []
    for _ in range(draw(st.integers(1, 6))):
        phrases = []
        for _ in range(draw(st.integers(1, 3))):
            length = draw(st.integers(150, 3000))
            phrases.append((clock, clock + length))
            clock += length + draw(st.integers(200, 700))
        clock += draw(st.integers(0, 2000))
        raw.append(phrases)
    starts = [p[0][0] for p in raw] + [clock]
    for n, phrases in enumerate(raw):
        speaker = draw(st.sampled_from(["S1", "S2"]))
        slots.append(slot(*phrases, until=starts[n + 1], speaker=speaker, name=f"s{n + 1:04}"))
        lengths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=3))
        texts.append([(words(n), -0.3 * i) for i, n in enumerate(lengths)])
    return slots, texts


@pytest.mark.costly
@settings(max_examples=60)
@given(scripts())
def test_lines_stay_in_order_and_never_sound_together(script: Any) -> None:
    slots, texts = script
    plans = planned(slots, texts)
    assert [p.segment for p in plans] == [s.segment for s in slots]
    clock = -MIN_GAP_MS
    for one, line, said in zip(plans, slots, texts):
        assert one.phrases[0].span.start_ms >= max(0, line.phrases[0].start_ms - EARLY_MS[-1], clock + MIN_GAP_MS)
        for before, after in zip(one.phrases, one.phrases[1:]):
            assert after.span.start_ms >= before.span.end_ms + PAUSE_MS
        assert all(p.span.length_ms > 0 for p in one.phrases)
        assert " ".join(p.text for p in one.phrases) == said[one.chosen][0]
        clock = one.phrases[-1].span.end_ms


@pytest.mark.costly
@settings(max_examples=60)
@given(scripts())
def test_no_line_is_faster_or_slower_than_a_voice_can_bear(script: Any) -> None:
    for one, line in zip(planned(*script), script[0]):
        for phrase, rate in zip(one.phrases, rates(one)):
            rounding = len(line.phrases) / phrase.span.length_ms  # each part of what is spoken as one is rounded
            assert SLOWEST - rounding <= rate <= MAX_RATE * (1 + rounding)


@pytest.mark.costly
@settings(max_examples=60)
@given(scripts())
def test_an_overflow_is_said_exactly_where_a_line_runs_over(script: Any) -> None:
    slots, texts = script
    for one, line in zip(planned(slots, texts), slots):
        limit = max(line.phrases[-1].end_ms, line.until_ms - MIN_GAP_MS)
        assert (one.fit == "overflow") == (one.phrases[-1].span.end_ms > limit)


@settings(max_examples=60)
@given(st.integers(2, 30), st.integers(300, 4000), st.integers(0, 3000))
def test_nothing_overflows_where_there_is_room_at_a_comfortable_rate(syllables: int, length: int, silence: int) -> None:
    assume(syllables * SYLLABLE_MS / COMFORTABLE_RATE <= length + silence - WANTED_GAP_MS)
    (one,) = planned([slot((0, length), until=length + silence)], [[(words(syllables), 0.0)]])
    assert one.fit == "exact"
    assert max(rates(one)) <= planner.FAST_RATE * 1.02


def test_lines_that_run_very_late_still_wait_for_each_other() -> None:
    """A translation ten times too long (a wrong file, say): every line overflows, nobody talks over another."""
    slots = [slot((n * 1000, n * 1000 + 900), until=(n + 1) * 1000, name=f"s{n:04}") for n in range(30)]
    plans = planned(slots, [[(words(60), 0.0)]] * 30)
    assert {p.fit for p in plans} == {"overflow"}
    for before, after in zip(plans, plans[1:]):
        assert after.phrases[0].span.start_ms >= before.phrases[-1].span.end_ms + MIN_GAP_MS


def test_a_late_line_costs_the_next_one_its_place_only_where_it_must() -> None:
    """The first line could run on into the second; its shorter candidate leaves both on time."""
    slots = [slot((0, 1700), until=1900), slot((1900, 3600), until=9000, name="s0002")]
    first, second = planned(slots, [[(words(16), -0.2), (words(10), -0.4)], [(words(10), 0.0)]])
    assert first.chosen == 1
    assert second.phrases[0].span.start_ms == 1900


def test_the_work_grows_with_the_lines_and_not_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    real, counted = planner.place_phrases, [0]

    def counting(*arguments: Any) -> Any:
        counted[0] += 1
        return real(*arguments)

    monkeypatch.setattr(planner, "place_phrases", counting)

    def work(lines: int) -> int:
        counted[0] = 0
        slots = [
            slot((n * 2000, n * 2000 + 1700), until=(n + 1) * 2000, speaker=f"S{n % 3}", name=f"s{n:04}")
            for n in range(lines)
        ]
        planned(slots, [[(words(8 + n % 11), 0.0), (words(6 + n % 7), -0.3)] for n in range(lines)])
        return counted[0]

    assert work(100) > 100
    assert work(200) <= 2.2 * work(100)
    assert work(400) <= 4.4 * work(100)


def test_an_option_knows_what_it_costs_in_meaning() -> None:
    made = phrase_variants(
        slot((0, 1000)), [Candidate("casa", -0.2), Candidate("cama", -0.2), Candidate("cosa", -0.9)], "es", pace
    )
    assert [o.candidate for o in made] == [0, 1, 2]
    # Another candidate costs 0.05 s, and as many seconds as its score is worse than the first one's.
    assert [o.loss for o in made] == pytest.approx([0.0, 0.05, 0.75])
    assert all(isinstance(o, Variant) and o.natural_ms == tuple(pace(o.texts)) for o in made)


def test_only_the_candidates_asked_for_are_split_and_each_against_the_best() -> None:
    said = [Candidate("casa", -0.2), Candidate("cama", -0.1, "short"), Candidate("cosa", -0.9)]
    made = phrase_variants(slot((0, 1000)), said, "es", pace, among=[2, 1])
    assert [(o.candidate, o.rule) for o in made] == [(2, ""), (1, "short")]
    assert [o.loss for o in made] == pytest.approx([0.75, 0.05]), "a better score than the first one's is no gain"


def test_an_option_is_no_cheaper_than_what_exceeds_every_slot() -> None:
    """1295 ms at the greatest rate take 1000; 300 of them are too many for 700."""
    option = Variant(0, ("bata",), (1295,), (Span(100, 800),), (), 0.25)
    assert option.least == pytest.approx(0.25 + 0.3)
    assert Variant(0, ("bata",), (500,), (Span(100, 800),), (), 0.25).least == 0.25
    assert Variant(0, ("a", "b"), (400, 300), (Span(0, 400), Span(500, 800)), (0.0,), 0.0).natural_total_ms == 850


# --- what is said of a plan ------------------------------------------------------------------------------------------


def test_a_plan_says_what_was_decided_for_its_line() -> None:
    exact = slot((1000, 1000 + 10 * SYLLABLE_MS))
    (one,) = planned([exact], [[(words(10), 0.0)]])
    assert one.reason == "rate 1.00"
    (one,) = planned([slot((0, 1700), until=1700)], [[(words(20), -0.1), (words(10), -0.5)]])
    assert one.reason == "rate 1.00, candidate 2 for its length (other words)"
    choices = phrase_variants(
        slot((0, 1700), until=1700), [Candidate(words(20), -0.1), Candidate(words(10), -0.5, "no filler")], "es", pace
    )
    (one,) = plan_timing([slot((0, 1700), until=1700)], [choices])
    assert one.reason == "rate 1.00, candidate 2 for its length (no filler)"


def test_each_phrase_of_a_plan_has_its_words_and_its_time() -> None:
    """Six and five syllables for the time of six and five: both phrases where the source has them."""
    source = slot((0, 6 * SYLLABLE_MS), (2000, 2000 + 5 * SYLLABLE_MS))
    (one,) = planned([source], [[("bata bata bata, bata bata ba.", 0.0)]])
    assert [(p.text, p.span) for p in one.phrases] == [
        ("bata bata bata,", Span(0, 1020)),
        ("bata bata ba.", Span(2000, 2850)),
    ]
    assert (one.natural_ms, one.reason) == (1870, "fastest phrase 1.00")


def test_an_overflow_says_how_much_of_the_text_is_too_much() -> None:
    """3400 ms of text are 2625 at a rate of 1.295, 1625 beyond the end of 1000: 62 in a hundred."""
    (one,) = planned([slot((0, 1000), until=1000 + MIN_GAP_MS)], [[(words(20), 0.0)]])
    assert (one.fit, one.phrases[0].span) == ("overflow", Span(0, 2625))
    assert one.reason == "1625 ms too long at 1.295 x: shorten the text by about 62 %"


def option(candidate: int, natural_ms: int, at: Slot, loss: float = 0.0) -> Variant:
    """A text of one phrase."""
    return Variant(candidate, ("bata",), (natural_ms,), at.phrases, (), loss)


@pytest.mark.parametrize(("speaker", "chosen"), [("S1", 1), ("S2", 0)])
def test_a_speaker_who_would_change_pace_says_something_else(speaker: str, chosen: int) -> None:
    """At 1.17 the first costs 0.034 s, and 0.75 * 0.17 more after a line of the same person; the second 0.08."""
    first = slot((0, 1000), until=2000)
    then = slot((2000, 3000), until=3170, speaker=speaker, name="s0002")
    plans = plan_timing([first, then], [[option(0, 1000, first)], [option(0, 1170, then), option(1, 1000, then, 0.08)]])
    assert [p.chosen for p in plans] == [0, chosen]


@pytest.mark.parametrize("fastest", [0, 2, 4])
def test_the_line_that_gains_most_may_be_fast(fastest: int) -> None:
    """A fifth of five lines whose texts take 1.2 times their time: the one that fits at 1.29 and nowhere else."""
    slots = [slot((n * 1020, n * 1020 + 1000), until=n * 1020 + 1020, name=f"s{n:04}") for n in range(5)]
    lines = planner._Lines(slots, [[option(0, 1290 if n == fastest else 1180, at)] for n, at in enumerate(slots)])
    assert planner._lines_to_rush(lines, planner._plan_together(lines, frozenset())) == frozenset({fastest})


def test_a_line_that_is_late_because_of_the_one_before_is_not_blamed() -> None:
    """The first, 2540 ms at its fastest in a second, leaves the second no room for words that would fit it."""
    first, then = slot((0, 1000), until=1200), slot((1200, 2200), until=2300, name="s0002")
    plans = plan_timing([first, then], [[option(0, 3300, first)], [option(0, 1000, then)]])
    assert [p.fit for p in plans] == ["overflow", "overflow"]
    assert plans[0].reason.endswith("%")
    assert plans[1].reason.endswith(f"only because {first.segment} before it runs on: shorten {first.segment}")
    alone = plan_timing([first, then], [[option(0, 900, first)], [option(0, 3300, then)]])
    assert alone[1].reason.endswith("%"), "its own words are too many"
