"""Telling the audience: in a cue where there is room, and by a voice that may be used."""

from __future__ import annotations

from fractions import Fraction

import pytest

from localize import consent
from localize.data import Span
from localize.delivery import disclosure
from localize.delivery.notices import TEXTS, check_notice
from localize.errors import NoGrant, UsageError
from localize.events import Run
from localize.runtime.records import to_json
from localize.subtitles import profiles
from localize.subtitles.caption import RenderedSubtitles
from localize.subtitles.score import lint
from localize.subtitles.shorten import FittedCues
from localize.testing import FakeSynthesizer
from localize.timedtext.cues import Cue, Document


def captions(*spans: tuple[int, int]) -> RenderedSubtitles:
    cues = tuple(Cue("", Span(a, b), ("Hola.",)) for a, b in spans)
    document = Document(cues=cues, language="es")
    profile = profiles.load("netflix", "es")
    report = lint(document, profile, "es", Fraction(25))
    return RenderedSubtitles("es", document, Fraction(25), FittedCues(cues, (), (), 0, 0, 0, ()), report, profile)


def test_the_notice_stands_first_where_there_is_room(run: Run) -> None:
    cues = disclosure.add_screen_notice(run, captions((4000, 5000), (9000, 9500))).document.cues
    assert [(c.span.start_ms, c.text) for c in cues[:2]] == [(0, TEXTS["es"]), (4000, "Hola.")]


def test_else_in_the_first_gap_and_over_no_other_cue(run: Run) -> None:
    cues = disclosure.add_screen_notice(run, captions((1000, 2000), (3000, 5000), (9000, 9500))).document.cues
    assert [c.span for c in cues if c.text != "Hola."] == [Span(5250, 8250)]
    assert all(a.span.end_ms <= b.span.start_ms for a, b in zip(cues, cues[1:]))
    assert run.warnings == []


def test_where_there_is_no_room_it_is_told(run: Run) -> None:
    crowded = captions(*((n * 2000, n * 2000 + 1900) for n in range(90)))
    assert disclosure.add_screen_notice(run, crowded) == crowded
    assert [w.code for w in run.warnings] == ["notice"]


def test_it_is_spoken_in_a_stock_voice_and_paid_for_like_any_line(run: Run) -> None:
    class Kokoro(FakeSynthesizer):
        name = "kokoro"

    take, grant = disclosure.speak_notice(run, "film", "dub", "es", Kokoro())
    assert (grant.kind, take.text) == ("licence", TEXTS["es"])
    (used,) = consent.usage(run.home)
    assert (used.voice, used.lines) == (grant.voice.id, 1)
    for voice in consent.voices(run.home):
        consent.revoke(run.home, voice.id)
    with pytest.raises(NoGrant):
        disclosure.speak_notice(run, "film", "dub", "es", Kokoro())


def test_a_notice_nobody_wrote_is_refused() -> None:
    check_notice((), ("ja",))
    check_notice(("screen", "spoken"), ("es", "pt"))
    with pytest.raises(UsageError, match="screen or spoken"):
        check_notice(("song",), ("es",))
    with pytest.raises(UsageError, match="no notice in ja"):
        check_notice(("screen",), ("ja",))


def test_platforms_are_told_by_fields_of_their_own() -> None:
    told = to_json(disclosure.disclosure_labels(translated=True))
    assert told["platforms"]["youtube"] == {"status.containsSyntheticMedia": True}
    assert told["machine_translation"] is True
