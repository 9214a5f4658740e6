"""Cues that a person changed, laid over cues that are made anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from localize.data import (
    Candidate,
    Line,
    Segment,
    Span,
    SubtitleSource,
    TargetText,
    TargetWords,
    Transcript,
    Translation,
)
from localize.subtitles.caption import RenderedSubtitles
from localize.subtitles.cue_edits import CueEdit, ShownCue, edit_cues, shown
from localize.subtitles.render import render_target
from localize.timedtext.spread import spread_times

SAID = (
    (1000, 3000, "Buenos días a todos."),
    (5000, 7000, "¿Dónde están las llaves?"),
    (9000, 11_000, "Sí."),
    (12_000, 14_000, "Sí."),
)


def made(by_ms: int = 0, profile: str = "netflix", said: tuple[tuple[int, int, str], ...] = SAID) -> RenderedSubtitles:
    """Subtitles of these lines, heard so much later."""
    spans = [Span(a + by_ms, b + by_ms) for a, b, _ in said]
    segments = tuple(Segment(f"s{n}", span, "S1", "x y") for n, span in enumerate(spans, 1))
    lines = tuple(Line(s.id, (Candidate(text, 0.0),)) for s, (_, _, text) in zip(segments, said))
    words = tuple(TargetWords(s.id, t, spread_times(t, (s.span,))) for s, (_, _, t) in zip(segments, said))
    target = TargetText(Translation("es", lines), words, {s.id: 0 for s in segments})
    return render_target(profile, SubtitleSource(Transcript("en", segments), 20_000, "25/1"), target)


def edit(before: RenderedSubtitles, at: int, *lines: str, by_ms: int = 0) -> CueEdit:
    cue = shown(before.document.cues[at])
    after = ShownCue(cue.start_ms + by_ms, cue.end_ms + by_ms, lines)
    return CueEdit("es", "netflix", (cue,), (after,), 1, "Ana")


def test_a_change_holds_where_nothing_else_changed() -> None:
    found, lost = edit_cues(made(), [edit(made(), 1, "¿Y las", "llaves?", by_ms=40)])
    before = made().document.cues
    assert lost == ()
    assert [shown(c) for c in found.document.cues] == [
        shown(before[0]), ShownCue(before[1].span.start_ms + 40, before[1].span.end_ms + 40, ("¿Y las", "llaves?")),
        shown(before[2]), shown(before[3]),
    ]  # fmt: skip
    assert found.report.score["integrity"] == 100.0  # what a person wrote is what is to be shown


def test_a_change_goes_with_its_words_where_the_line_is_heard_later() -> None:
    later = made(400)
    found, lost = edit_cues(later, [edit(made(), 1, "¿Y las llaves?", by_ms=40)])
    assert lost == ()
    assert found.document.cues[1].span.start_ms == later.document.cues[1].span.start_ms + 40
    assert [c.span for n, c in enumerate(found.document.cues) if n != 1] == [
        c.span for n, c in enumerate(later.document.cues) if n != 1
    ]


@pytest.mark.parametrize("now", [made(4000), made(said=((SAID[0]), (5000, 7000, "¿Dónde están las maletas?")))])
def test_a_change_whose_words_are_gone_or_far_away_is_told_and_changes_nothing(now: RenderedSubtitles) -> None:
    wanted = edit(made(), 1, "¿Y las llaves?")
    assert edit_cues(now, [wanted]) == (now, (wanted,))


def test_of_the_same_words_the_nearest_are_changed() -> None:
    found, _ = edit_cues(made(), [edit(made(), 3, "No.")])
    assert [" ".join(c.lines) for c in found.document.cues[2:]] == ["Sí.", "No."]


def test_cues_are_split_and_merged_and_the_next_change_goes_on_from_that() -> None:
    cue = shown(made().document.cues[1])
    middle = (cue.start_ms + cue.end_ms) // 2
    parts = (ShownCue(cue.start_ms, middle, ("¿Dónde",)), ShownCue(middle + 80, cue.end_ms, ("están las llaves?",)))
    whole = ShownCue(cue.start_ms, cue.end_ms, ("¿Dónde están", "las llaves?"))
    split, merge = CueEdit("es", "netflix", (cue,), parts), CueEdit("es", "netflix", parts, (whole,))
    assert [c.lines for c in edit_cues(made(), [split])[0].document.cues][1:3] == [p.lines for p in parts]
    found, lost = edit_cues(made(), [split, merge])
    assert (shown(found.document.cues[1]), lost) == (whole, ())


def test_a_rule_that_the_change_breaks_is_found() -> None:
    found, _ = edit_cues(made(), [edit(made(), 1, "x" * 60)])
    assert "cpl" in {finding.rule for finding in found.report.findings}
    assert not found.report.conforms


def test_a_given_files_cues_are_not_changed_here() -> None:
    kept = replace(made(), mode="template")
    wanted = edit(made(), 1, "¿Y las llaves?")
    assert edit_cues(kept, [wanted]) == (kept, (wanted,))
