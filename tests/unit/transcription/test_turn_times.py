"""When each turn of a given cue is said: by recognised words, by pauses and voices, by length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from localize.data import Media, Segment, Source, Span, Transcript, Word
from localize.events import Run
from localize.testing import FakeRecogniser
from localize.transcription.cue_turns import share_span
from localize.transcription.lines import turn_id
from localize.transcription.turn_times import (
    _best_cuts,
    _by_sound,
    _by_words,
    _with_time,
    _within,
    time_by_heard,
    time_turns,
)


def cue(span: tuple[int, int], *texts: str, number: int = 1) -> list[Segment]:
    """The turns of a cue, as they are before any sound is heard."""
    spans = share_span(Span(*span), texts)
    name = f"s{number:04}"
    return [Segment(turn_id(name, n), s, "S1", t) for n, (s, t) in enumerate(zip(spans, texts), 1)]


def by_words(turns: list[Segment], heard: Sequence[Word], voiced: Sequence[Span] = ()) -> list[Span] | None:
    found = _by_words(turns, heard, voiced, ROOM, "en")
    return _within(turns, [turn.span for turn in found], ROOM) if found else None


def words(*said: tuple[str, int, int]) -> list[Word]:
    return [Word(text, Span(a, b), 0.9) for text, a, b in said]


HEARD = words(
    ("Are", 1000, 1150), ("you", 1150, 1300), ("coming?", 1300, 1800), ("In", 3100, 3250), ("a", 3250, 3300),
    ("minute.", 3300, 3700),
)  # fmt: skip
ROOM = Span(900, 4000)
WHOLE = (900, 4000)


def test_turns_begin_and_end_with_their_words() -> None:
    turns = cue(WHOLE, "Are you coming?", "In a minute.")
    assert by_words(turns, HEARD) == [Span(900, 1800), Span(3100, 4000)]


def test_a_turn_that_was_misheard_lies_where_the_other_is_not() -> None:
    turns = cue(WHOLE, "Are you coming?", "In a jiffy, dear.")
    found = by_words(turns, HEARD, (Span(1000, 1800), Span(3100, 3700)))
    assert found is not None
    assert abs(found[1].start_ms - 3100) <= 100


def test_words_of_other_lines_tell_nothing() -> None:
    assert by_words(cue(WHOLE, "No way.", "Never ever."), words(("Hello", 9000, 9400))) is None


def test_turns_that_are_said_at_once_get_no_time_by_words() -> None:
    turns = cue((1000, 2000), "Yes.", "No.")
    assert by_words(turns, words(("Yes.", 1000, 1900), ("No.", 1010, 1900))) is None


def test_a_second_turn_behind_the_end_of_its_cue_gets_its_time() -> None:
    turns = cue((900, 1900), "Are you coming?", "In a minute.")
    assert by_words(turns, HEARD) == [Span(900, 1800), Span(3100, 3700)]


def test_a_cue_without_time_gets_what_its_words_take() -> None:
    """Until the next line begins, at most."""
    turns = cue((1000, 1002), "Are you coming?", "In a minute.")
    first, second = _with_time(turns, turns, 60_000)
    assert first.span.start_ms == 1000
    assert 2500 <= second.span.end_ms <= 3500
    following = Segment("s0002", Span(1500, 2000), "S1", "No.")
    assert _with_time(turns, [*turns, following], 60_000)[1].span.end_ms == 1500
    long = cue(WHOLE, "Are you coming?", "In a minute.")
    assert _with_time(long, long, 60_000) is long


# The right values were written before the code was run: (turns, voiced, changes of voice, spans).
SOUNDS: list[tuple[tuple[str, ...], list[tuple[int, int]], list[int], list[tuple[int, int]] | None]] = [
    # the only pause
    (("Are you coming?", "In a minute."), [(1000, 1800), (2600, 3700)], [], [(900, 1800), (2600, 4000)]),
    # of two pauses the one where the voice changes
    (
        ("Are you coming?", "In a minute."),
        [(1000, 1800), (2100, 2500), (2800, 3700)],
        [2790],
        [(900, 2500), (2800, 4000)],
    ),
    # a change without a pause
    (("Are you coming?", "In a minute."), [(1000, 3700)], [2300], [(900, 2300), (2300, 4000)]),
    # nothing is heard
    (("Are you coming?", "In a minute."), [(1000, 3700)], [], None),
    # a pause at the very end of a cue of two long turns is none between them
    (("Are you coming with us?", "In a minute or so."), [(1000, 3500), (3800, 3950)], [], None),
    # three turns
    (("Who is it?", "It is me.", "Is it you?"), [(1000, 1700), (2000, 2700), (3000, 3900)], [],
     [(900, 1700), (2000, 2700), (3000, 4000)]),
    (("Who is it?", "It is me.", "Is it you?"), [(1000, 1700), (2000, 3900)], [], None),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "voiced", "changes", "right"), SOUNDS)
def test_turns_are_parted_at_pauses_and_changes_of_voice(
    texts: tuple[str, ...],
    voiced: list[tuple[int, int]],
    changes: list[int],
    right: list[tuple[int, int]] | None,
) -> None:
    found = _by_sound(cue(WHOLE, *texts), [Span(*span) for span in voiced], changes)
    assert found == (right and [Span(*span) for span in right])


# --- in a film -------------------------------------------------------------------------------------------------------


@pytest.fixture
def film(run: Run) -> Media:
    """Six seconds with two sounds, which the fake recogniser hears as "la"."""
    samples = np.zeros(6 * 16_000, np.float32)
    at = np.arange(8_000) / 16_000
    for second in (1.0, 2.6):
        begin = round(second * 16_000)
        samples[begin : begin + 8_000] = 0.3 * np.sin(2 * np.pi * 220 * at)
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, samples, 16_000, "PCM_16")
    return Media(
        Source("0" * 64, 1, "film.wav"), "wav", (), 0, 6000, 288_000, 1, "mono", "24/1", draft.blob, draft.blob
    )


def timed(run: Run, film: Media, lines: Sequence[Segment], recogniser: FakeRecogniser | None) -> Transcript:
    transcript = Transcript("en", tuple(lines), given=True)
    return time_turns(run, film, recogniser, transcript, lambda: (), "film.en.srt")


@pytest.mark.costly
def test_only_the_sound_around_shared_cues_is_recognised(run: Run, film: Media) -> None:
    recogniser = FakeRecogniser()
    other = Segment("s0002", Span(4000, 5000), "S1", "La.")
    found = timed(run, film, [*cue((800, 3300), "La.", "La."), other], recogniser)
    first, second, last = (segment.span for segment in found.segments)
    assert (first.start_ms, second.end_ms, last) == (800, 3300, other.span)
    assert abs(first.end_ms - 1500) <= 20
    assert abs(second.start_ms - 2600) <= 20
    assert recogniser.windows == [Span(500, 3600)]
    assert not run.warnings


def test_lines_that_are_no_turns_are_not_listened_to(run: Run, film: Media) -> None:
    recogniser = FakeRecogniser()
    lines = [Segment("s0001", Span(1000, 2000), "S1", "La."), Segment("s0002", Span(2500, 3000), "S1", "La.")]
    assert timed(run, film, lines, recogniser).segments == tuple(lines)
    assert recogniser.windows == []


@pytest.mark.costly
def test_where_nothing_tells_the_time_is_shared_and_that_is_told(run: Run, film: Media) -> None:
    turns = cue((4000, 5500), "La.", "La.")  # nobody sounds there
    assert timed(run, film, turns, FakeRecogniser()).segments == tuple(turns)
    (warning,) = run.warnings
    assert warning.code == "turns_unsure"
    assert "s0001" in warning.message


@given(
    st.integers(2, 4), st.lists(st.tuples(st.integers(0, 400), st.integers(60, 600)), min_size=4, max_size=12),
    st.lists(st.sampled_from(["S1", "S2"]), min_size=12, max_size=12),
)  # fmt: skip
def test_every_turn_gets_a_stretch_of_the_recognised_words(
    count: int, said: list[tuple[int, int]], voices: list[str]
) -> None:
    at, heard = 0, []
    for (pause, length), voice in zip(said, voices):
        heard.append((Word("la", Span(at + pause, at + pause + length)), voice))
        at += pause + length
    cuts = _best_cuts(heard, [500] * count)
    assert len(cuts) == count - 1
    assert all(a < b for a, b in zip([0, *cuts], [*cuts, len(heard)]))


def test_a_translations_turns_are_parted_where_another_speaks() -> None:
    """The second has fewer words in the source than in the translation."""
    lines = [
        *cue((900, 4000), "¿Vienes?", "Dentro de un minuto, cariño."),
        Segment("s0002", Span(5000, 6000), "S1", "A."),
    ]
    heard = Transcript(
        "en",
        (
            Segment("s0001", Span(1000, 1800), "S1", "Are you coming?", tuple(HEARD[:3])),
            Segment("s0002", Span(3100, 3700), "S2", "In a minute.", tuple(HEARD[3:])),
        ),
    )
    found = time_by_heard(lines, heard)
    assert [line.span for line in found] == [Span(900, 1800), Span(3100, 4000), Span(5000, 6000)]


def test_a_translations_turns_that_nothing_is_heard_of_keep_their_times() -> None:
    lines = cue((900, 4000), "¿Vienes?", "Pronto.")
    assert time_by_heard(lines, Transcript("en", ())) == tuple(lines)
