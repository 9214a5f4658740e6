"""What a translator that reads scenes is told of each sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from localize.data import Candidate, SceneLine, Segment, Span
from localize.engines.scene_prompts import scene_of
from localize.errors import EngineFailed
from localize.events import Run
from localize.translation.entities import GuardedSentence, RequiredTerm
from localize.translation.scene import AROUND, PAUSE_MS, no_answer, request_with_scene, scene_lines, with_register
from localize.translation.sentences import join_sentences


def film(*lines: tuple[int, str, str]) -> list[Segment]:
    """Segments of two seconds: when they begin, who speaks, what."""
    return [Segment(f"s{n:04}", Span(at, at + 2000), who, text) for n, (at, who, text) in enumerate(lines)]


def scenes(segments: list[Segment], *, asked: tuple[int, ...] | None = None) -> dict[int, SceneLine]:
    sentences = join_sentences(segments, "en")
    terms = (RequiredTerm("term", "dock", "muelle"), RequiredTerm("number", "9", "9"))
    wanted = range(len(sentences)) if asked is None else asked
    guarded = {
        at: GuardedSentence(sentences[at].text, tuple(t for t in terms if t.source in sentences[at].text))
        for at in wanted
    }
    return scene_lines(sentences, guarded, segments, "en")


def test_a_sentence_is_told_with_its_neighbours_its_terms_and_its_line() -> None:
    segments = film(*((3000 * n, f"S{1 + n % 2}", f"We met at dock number {n}.") for n in range(9)))
    found = scenes(segments)[4]
    assert (found.text, found.speaker, found.segment) == ("We met at dock number 4.", "S1", "s0004")
    assert found.before == tuple((f"S{1 + n % 2}", f"We met at dock number {n}.") for n in (1, 2, 3))
    assert found.after == tuple((f"S{1 + n % 2}", f"We met at dock number {n}.") for n in (5, 6, 7))
    assert found.terms == (("dock", "muelle"),)
    assert len(scenes(segments)[0].before) == 0
    assert len(scenes(segments)[1].before) == 1
    assert AROUND == 3


def test_another_scene_begins_after_a_long_silence() -> None:
    later = 5000 + PAUSE_MS
    segments = film((0, "S1", "Good night."), (2500, "S2", "Sleep well."), (later, "S1", "Good morning."))
    found = scenes(segments)
    assert found[1].after == ()
    assert found[2].before == ()
    assert found[1].before == (("S1", "Good night."),)


def test_what_a_person_translated_and_what_has_no_words() -> None:
    segments = film((0, "S1", "Good night."), (2500, "S2", "..."), (5000, "S1", "Sleep well."))
    found = scenes(segments, asked=(2,))
    assert list(found) == [2]
    assert found[2].before == (("S1", "Good night."),)


@pytest.mark.parametrize(
    ("segment", "syllables"),
    [
        (Segment("s0000", Span(0, 1700), "S1", "Good night."), 10),
        (Segment("s0000", Span(0, 5000), "S1", "Good night.", phrases=(Span(0, 850), Span(4150, 5000))), 10),
        (Segment("s0000", Span(0, 0), "S1", "Good night."), 0),
    ],
)
def test_there_is_time_for_so_many_syllables_as_somebody_sounds(segment: Segment, syllables: int) -> None:
    assert scenes([segment])[0].syllables == syllables


def test_two_sentences_of_a_line_share_its_time() -> None:
    found = scenes([Segment("s0000", Span(0, 3400), "S1", "Good night. Sleep well.")])
    assert 18 <= found[0].syllables + found[1].syllables <= 20


def test_a_line_asked_in_other_words_keeps_the_terms_that_are_left() -> None:
    scene = SceneLine("The dock at 9.", terms=(("dock", "muelle"),))
    assert with_register(scene, "The dock at 9.", "tu").terms == (("dock", "muelle"),)
    assert with_register(scene, "The Zorbo at 9.", "tu") == SceneLine("The Zorbo at 9.", register="tu")


def test_lines_that_follow_each_other_are_told_as_one_scene() -> None:
    segments = film(*((3000 * n, "S1", f"We met at dock number {n}.") for n in range(6)))
    shown = scene_of([scenes(segments)[n] for n in (1, 2, 3)])
    assert [line["text"] for line in shown] == [s.text for s in segments]
    assert [line.get("id") for line in shown] == [None, "1", "2", "3", None, None]


def test_many_lines_without_an_answer_are_counted() -> None:
    class Somebody:
        name = "somebody"

    message = no_answer(Somebody(), [f"s{n:04}: it refused" for n in range(12)]).message  # type: ignore[arg-type]
    assert "s0009: it refused; and 2 more: write them with --edits" in message


class Reader:
    """A translator that reads scenes, two lines at once, and has no answer to some of them."""

    name = "reader"
    fingerprint = "reader 1"
    lines_at_once = 2
    pairs = frozenset({("en", "es")})

    def __init__(self, *silent: str) -> None:
        self.silent, self.asked = silent, list[tuple[str, ...]]()

    def translate_scene(
        self, lines: Sequence[SceneLine], source: str, target: str, *, n_best: int, region: str
    ) -> tuple[tuple[Candidate, ...], ...]:
        self.asked.append(tuple(line.text for line in lines))
        if missing := [line.text for line in lines if line.text in self.silent]:
            raise EngineFailed("no answer", engine=self.name, texts=tuple(missing), reasons=(f"{missing[0]}: nothing",))
        return tuple((Candidate(f"<{line.text}>", 0.0),) for line in lines)


def wordings(reader: Any, run: Run, *texts: str) -> tuple[list[list[str]], list[str]]:
    unanswered: list[str] = []
    lines = [SceneLine(text) for text in texts]
    found = request_with_scene(run.store, reader, lines, ("en", "es"), "MX", unanswered)
    return [[candidate.text for candidate in each] for each in found], unanswered


def test_lines_are_asked_by_as_many_as_fit_and_an_answer_is_kept(run: Run) -> None:
    reader = Reader()
    assert wordings(reader, run, "a", "b", "c") == ([["<a>"], ["<b>"], ["<c>"]], [])
    assert reader.asked == [("a", "b"), ("c",)]
    assert wordings(reader, run, "c", "b", "d")[0] == [["<c>"], ["<b>"], ["<d>"]]
    assert reader.asked[2:] == [("d",)]


def test_a_line_without_an_answer_costs_only_itself_and_is_named(run: Run) -> None:
    reader = Reader("b")
    assert wordings(reader, run, "a", "b", "c") == ([["<a>"], [], ["<c>"]], ["b: nothing"])
    assert reader.asked == [("a", "b"), ("a",), ("c",)]


def test_a_translator_that_does_not_work_at_all_is_an_error(run: Run) -> None:
    class Broken(Reader):
        def translate_scene(self, *given: Any, **named: Any) -> Any:
            raise EngineFailed("the server is gone", engine=self.name)

    with pytest.raises(EngineFailed, match="the server is gone"):
        wordings(Broken(), run, "a")
