"""From words to the subtitles of every language: what is shown by which profile, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.data import Candidate, Line, Segment, Span, SubtitleSource, TargetText, Transcript, Translation, Word
from localize.errors import UsageError
from localize.events import Run
from localize.runtime.files import staged_folder
from localize.subtitles.caption import RenderedSubtitles, target_words
from localize.subtitles.render import (
    describe_subtitles,
    passing_percent,
    render_all,
    render_source,
    render_target,
    shortened_lines,
    write_subtitles,
)

TRANSCRIPT = Transcript(
    "en",
    (
        Segment("s0001", Span(1000, 2000), "S1", "Good evening.", (), (Span(1000, 2000),)),
        Segment("s0002", Span(4000, 6000), "S2", "Where were you?", (), (Span(4000, 6000),)),
    ),
)
SHEET = SubtitleSource(TRANSCRIPT, 9000, "25/1")


def target(language: str, *texts: str, forced: frozenset[str] = frozenset()) -> TargetText:
    lines = tuple(Line(s.id, (Candidate(text, -0.1),)) for s, text in zip(TRANSCRIPT.segments, texts))
    translation = Translation(language, lines)
    return TargetText(
        translation, target_words(TRANSCRIPT, translation), {s.id: 0 for s in TRANSCRIPT.segments}, forced
    )


SPANISH = target("es", "Buenas noches.", "¿Dónde estabas?")


def texts(found: RenderedSubtitles) -> list[str]:
    return [" ".join(cue.lines) for cue in found.document.cues]


def test_every_target_and_the_source_have_subtitles() -> None:
    portuguese = target("pt", "Boa noite.", "Onde você estava?")
    made = render_all("netflix", SHEET, [SPANISH, portuguese])
    assert {language: texts(found) for language, found in made.items()} == {
        "es": ["Buenas noches.", "¿Dónde estabas?"],
        "pt": ["Boa noite.", "Onde você estava?"],
        "en": ["Good evening.", "Where were you?"],
    }


def test_a_target_in_the_language_of_the_source_is_not_made_twice() -> None:
    made = render_all("netflix", SHEET, [target("en", "Evening.", "Where were you?")])
    assert {language: texts(found) for language, found in made.items()} == {"en": ["Evening.", "Where were you?"]}


@pytest.mark.parametrize(
    ("profile", "forced", "shown"),
    [
        ("netflix", frozenset({"s0002"}), ["Buenas noches.", "¿Dónde estabas?"]),
        ("forced", frozenset({"s0002"}), ["¿Dónde estabas?"]),
        ("forced", frozenset(), []),
        ("bilingual", frozenset(), ["Buenas noches. Good evening.", "¿Dónde estabas? Where were you?"]),
    ],
)
def test_the_profile_says_which_lines_are_shown(profile: str, forced: frozenset[str], shown: list[str]) -> None:
    spanish = target("es", "Buenas noches.", "¿Dónde estabas?", forced=forced)
    assert texts(render_target(profile, SHEET, spanish)) == shown


def test_who_understands_the_source_must_read_nothing() -> None:
    assert texts(render_source("forced", SHEET)) == []
    assert texts(render_source("netflix", SHEET)) == ["Good evening.", "Where were you?"]


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UsageError, match="nobody"):
        render_source("nobody", SHEET)


# --- files, and what is said of them ---------------------------------------------------------------------------------


def test_every_language_is_written_in_every_format(run: Run, tmp_path: Path) -> None:
    with staged_folder(tmp_path / "out") as stage:
        made = render_all("netflix", SHEET, [SPANISH])
        files = write_subtitles(run, made, stage.folder, "film", ("srt", "vtt"))
    assert {language: sorted(own) for language, own in files.items()} == {"es": ["srt", "vtt"], "en": ["srt", "vtt"]}
    names = {"film.en.srt", "film.en.vtt", "film.es.srt", "film.es.vtt"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert not run.warnings


@pytest.mark.parametrize(
    ("profile", "why"),
    [("forced", "nothing is marked as heard in another language"), ("netflix", "nobody says anything")],
)
def test_empty_subtitles_are_told_with_their_reason(run: Run, tmp_path: Path, profile: str, why: str) -> None:
    silence = SubtitleSource(Transcript("en", ()), 9000, "25/1")
    with staged_folder(tmp_path / "out") as stage:
        write_subtitles(run, {"en": render_source(profile, silence)}, stage.folder, "film", ("srt",))
    assert [(w.code, w.message) for w in run.warnings] == [("subtitles_empty", f"subtitles in en are empty: {why}")]


def test_cues_that_break_a_rule_are_counted_and_told(run: Run, tmp_path: Path) -> None:
    """Two seconds for what takes five to read, and another cue that is easy to read."""
    long = "The inspector asked every one of the passengers whether anybody had seen the missing suitcase."
    words = tuple(Word(text, Span(1000 + 110 * n, 1100 + 110 * n)) for n, text in enumerate(long.split()))
    segments = (
        Segment("s0001", Span(1000, words[-1].span.end_ms), "S1", long, words),
        Segment("s0002", Span(6000, 8000), "S2", "Where were you?", (), (Span(6000, 8000),)),
    )
    sheet = SubtitleSource(Transcript("en", segments), 9000, "25/1")
    made = {"en": render_source("netflix", sheet)}
    report = made["en"].report
    fast = sum(f.rule == "cps" for f in report.findings)
    failing = {f.cue for f in report.findings}
    assert fast
    assert len(failing) < len(made["en"].document.cues)
    with staged_folder(tmp_path / "out") as stage:
        write_subtitles(run, made, stage.folder, "film", ("srt",))
    (warning,) = run.warnings
    assert warning.code == "subtitles_short"
    assert warning.message == (
        f"subtitles in en: {len(failing)} of {len(made['en'].document.cues)} cues break a rule of netflix, "
        f"{fast} of them too fast: shorter lines (--edits) would mend it"
    )
    passing = passing_percent(made | {"es": render_target("netflix", SHEET, SPANISH)})
    assert passing["es"] == 100.0
    assert (passing["en"] or 0.0) < 100.0


def test_what_is_said_of_subtitles_that_conform() -> None:
    made = render_all("netflix", SHEET, [SPANISH])
    assert passing_percent(made) == {"es": 100.0, "en": 100.0}
    assert shortened_lines(made) == {"es": 0, "en": 0}
    assert describe_subtitles(made).keys() == {"es", "en"}
    assert describe_subtitles(made)["es"].conforms
    assert describe_subtitles(made)["es"].shortened == ()
