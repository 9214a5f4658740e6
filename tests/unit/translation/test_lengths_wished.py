"""Nobody is asked for another length, or for many hypotheses, where the first wording serves: counted, not timed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

import pytest

from localize.data import Candidate, Edits, Segment, Span, Transcript
from localize.events import Run
from localize.subtitles import profiles
from localize.subtitles.shorten import lengths_to_read
from localize.translation.glossary import Glossary
from localize.translation.translate import LENGTHS, translate

SAID = ("We leave the old house today.", "He knows where the keys are.", "Bring me", "the letter of the king.")

ANSWERS = {
    SAID[0]: "Dejamos la vieja casa hoy.",
    SAID[1]: "Él sabe dónde están las llaves.",
    "Bring me the letter of the king.": "Tráigame la carta del rey.",
}
ENDS = {"": ".", "short": "!", "long": " ya."}


class Steered:
    """A translator that takes wishes, and remembers what it was asked for each."""

    name, requires, extra, fingerprint = "steered", (), "", "steered 1"
    pairs = frozenset({("en", "es")})
    wishes = frozenset(f"length:{length}" for length in LENGTHS)

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4, length: str = "", **_: str
    ) -> tuple[tuple[Candidate, ...], ...]:
        self.asked += [(sentence, length, n_best) for sentence in sentences]
        return tuple((Candidate(ANSWERS.get(text, text)[:-1] + ENDS[length], -0.5),) for text in sentences)


def transcript() -> Transcript:
    spans = [Span(2000 * at, 2000 * at + 1800) for at in range(len(SAID))]
    return Transcript("en", tuple(Segment(f"s{n}", s, "S1", t) for n, (t, s) in enumerate(zip(SAID, spans))))


@pytest.mark.parametrize(
    ("wishes", "lengths"),
    [
        ({}, {}),
        ({"s0": ("short",)}, {SAID[0]: ["short"]}),
        ({"s1": ("short", "long")}, {SAID[1]: ["short", "long"]}),
        ({"s3": ("long",)}, {"Bring me the letter of the king.": ["long"]}),
    ],
)
def test_other_lengths_are_asked_for_where_a_segment_wishes_them(
    run: Run, wishes: dict[str, Collection[str]], lengths: dict[str, list[str]]
) -> None:
    translator, told = Steered(), dict[str, str]()

    def wished(segment: str, text: str) -> Collection[str]:
        told[segment] = text
        return wishes.get(segment, ())

    translate(run, transcript(), translator, to="es", edits=Edits(()), glossary=Glossary(()), lengths=wished)
    assert [n for _, length, n in translator.asked if not length] == [6, 6, 6]
    assert {text: [w for t, w, _ in translator.asked if t == text and w] for text, w, _ in translator.asked if w} == (
        lengths
    )
    assert list(told) == ["s0", "s1", "s2", "s3"]
    assert told["s2"], "each has its share of the sentence they are two parts of"
    assert told["s3"]


class Ways(Steered):
    """One with a second, longer or shorter, wording for its first answer."""

    def __init__(self, other: str) -> None:
        super().__init__()
        self.other = other

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4, length: str = "", **_: str
    ) -> tuple[tuple[Candidate, ...], ...]:
        found = super().translate(sentences, source, target, n_best=n_best, length=length)
        return tuple(
            (*best, Candidate(self.other, -0.6)) if s == SAID[0] else best for s, best in zip(sentences, found)
        )


@pytest.mark.parametrize(
    ("other", "fits", "wish", "asked"),
    [
        ("Dejamos la casa hoy.", "Dejamos la casa hoy.", "short", []),
        ("Hoy dejamos la vieja casa de siempre.", "Hoy dejamos la vieja casa de siempre.", "long", []),
        ("Dejamos la casa hoy.", "", "short", ["short"]),
        ("Dejamos la casa hoy.", "Dejamos la casa hoy.", "long", ["long"]),
    ],
)
def test_nobody_is_asked_where_a_known_wording_fits(
    run: Run, other: str, fits: str, wish: str, asked: list[str]
) -> None:
    translator = Ways(other)

    def wished(segment: str, text: str) -> Collection[str]:
        return () if segment != "s0" or text == fits else (wish,)

    found = translate(run, transcript(), translator, to="es", edits=Edits(()), glossary=Glossary(()), lengths=wished)
    assert [length for _, length, _ in translator.asked if length] == asked
    assert other in [candidate.text for candidate in found.lines[0].candidates]


def test_many_hypotheses_are_asked_for_where_the_best_loses_something(run: Run) -> None:
    translator = Steered()
    numbered = transcript()
    segments = (*numbered.segments[:1], Segment("s1", Span(2000, 3800), "S1", "They paid 4130 for it."))
    translate(
        run, Transcript("en", segments), translator, to="es", edits=Edits(()), glossary=Glossary(()),
        lengths=lambda *_: (),
    )  # fmt: skip
    assert [n for text, _, n in translator.asked if text == SAID[0]] == [6]
    assert [n for text, _, n in translator.asked if text == "They paid 4130 for it."] == [6, 16]


def test_what_can_be_read_in_its_time_wishes_nothing() -> None:
    profile = profiles.load("netflix", "es")
    segment = Segment("s0", Span(0, 2000), "S1", "")
    wished = lengths_to_read([segment], [profile])
    room = int(Fraction(2) * Fraction(profile.cps))
    assert wished("s0", "a" * room) == frozenset()
    assert wished("s0", "a" * (room + 1)) == {"short"}
    slow = Segment("s0", Span(0, 60_000), "S1", "")
    assert lengths_to_read([slow], [profile])("s0", "a" * (2 * profile.chars + 1)) == {"short"}, "no cue holds it"


def test_what_is_spoken_at_a_comfortable_pace_wishes_nothing(run: Run) -> None:
    from localize.isochrony.synthesize import SYLLABLE_MS, lengths_to_speak

    class Steady:
        name, requires, extra, fingerprint = "steady", (), "", "steady 1"
        exact_duration = False

    segment = Segment("s0", Span(0, 10 * SYLLABLE_MS), "S1", "")
    synthesizer: Any = Steady()
    grants: Any = {"s0": None}
    wished = lengths_to_speak(run.store, Transcript("en", (segment,)), grants, synthesizer, "es")
    for syllables, wish in ((5, {"long"}), (10, set()), (15, {"short"})):
        assert wished("s0", " ".join(["la"] * syllables)) == wish
    assert wished("elsewhere", "la la") == frozenset(), "what stays in the original"
