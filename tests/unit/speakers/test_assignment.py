"""Who speaks with which voice, by whose leave: what was asked for, replaced, edited, kept from a series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import consent
from localize.consent import Grant
from localize.data import Blob, Edit, Edits, Media, Segment, Source, Span, Transcript
from localize.engines.kokoro import Kokoro
from localize.errors import ConsentError, EngineMissing, UsageError
from localize.events import Run
from localize.models import Models
from localize.speakers.assignment import (
    CastLines,
    VoiceRequest,
    assign_voices,
    match_voices,
    synthesizers_for,
    voices_for_cast_file,
)
from localize.speakers.casting import Role
from localize.speakers.people import People, Person
from localize.testing import FakeSynthesizer

NO_SOUND = Blob("0" * 64, 0, ".wav")
FILM = Media(Source("0" * 64, 1, "film.mp4"), "mov", (), 0, 9000, 432_000, 2, "stereo", "24/1", NO_SOUND, NO_SOUND)
LINES = (
    Segment("s0001", Span(0, 1000), "S1", "Good evening."),
    Segment("s0002", Span(1000, 2000), "S2", "Hello."),
    Segment("s0003", Span(2000, 3000), "S1", "Ha ha ha!"),
)
VOICES = {"S1": "em_alex", "S2": "ef_dora"}


def words(
    *edits: Edit, names: Mapping[str, str] | None = None, people: People | None = None, given: bool = False
) -> CastLines:
    return CastLines(Transcript("en", LINES), names or {}, people or People(), Edits(edits), given)


@pytest.fixture
def kokoro(models: Models) -> Kokoro:
    return Kokoro(None, models)


@pytest.fixture
def job() -> VoiceRequest:
    return VoiceRequest("film", "dub", VOICES, {}, "es")


def heard(found: tuple[tuple[Role, ...], dict[str, Grant]]) -> dict[str, str]:
    """Segment -> the voice it is granted to be spoken with."""
    return {segment: grant.voice.id for segment, grant in found[1].items()}


def test_who_was_given_a_voice_speaks_with_it_and_a_laugh_stays_as_it_is(
    run: Run, kokoro: Kokoro, job: VoiceRequest
) -> None:
    found = assign_voices(run, FILM, words(), job, kokoro, "es")
    assert found[0] == (Role("S1", "em_alex", "asked for"), Role("S2", "ef_dora", "asked for"))
    assert heard(found) == {"s0001": "em_alex", "s0002": "ef_dora"}


def test_voices_of_one_scene_that_are_not_told_apart_are_warned_of_and_named(
    run: Run, kokoro: Kokoro, job: VoiceRequest
) -> None:
    same = replace(job, voices={"S1": "em_alex", "S2": "em_santa"})
    roles, _ = assign_voices(run, FILM, words(), same, kokoro, "es")
    assert [r.alike for r in roles] == [("S2",), ("S1",)]
    (warned,) = [w.message for w in run.noted if w.code == "voices_alike"]
    assert "pairs: 1: S1 (em_alex) and S2 (em_santa): alike by 0." in warned
    apart = replace(job, voices={"S1": "em_alex", "S2": "original"})
    assert [r.alike for r in assign_voices(run, FILM, words(), apart, kokoro, "es")[0]] == [(), ()]


def test_who_stays_original_needs_no_grant(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    found = assign_voices(run, FILM, words(), replace(job, voices=VOICES | {"S2": "original"}), kokoro, "es")
    assert heard(found) == {"s0001": "em_alex"}


def test_an_edited_line_is_spoken_by_the_voice_it_names_and_nobody_else_changes(
    run: Run, kokoro: Kokoro, job: VoiceRequest
) -> None:
    found = assign_voices(run, FILM, words(Edit("s0001", voice="em_santa")), job, kokoro, "es")
    assert heard(found) == {"s0001": "em_santa", "s0002": "ef_dora"}
    assert [r.voice for r in found[0]] == ["em_alex", "ef_dora"]


@pytest.mark.parametrize(
    "edit", [Edit("s0003", translation={"es": "Je, je."}), Edit("s0003", voice="em_alex")], ids=["text", "voice"]
)
def test_a_laugh_that_a_person_edited_is_spoken(run: Run, kokoro: Kokoro, job: VoiceRequest, edit: Edit) -> None:
    assert heard(assign_voices(run, FILM, words(edit), job, kokoro, "es"))["s0003"] == "em_alex"


def test_a_laugh_is_known_by_its_language_and_the_lines_after_it_are_spoken(
    run: Run, kokoro: Kokoro, job: VoiceRequest
) -> None:
    lines = (Segment("s0001", Span(0, 900), "S1", "¡Jajaja!"), Segment("s0002", Span(1000, 2000), "S2", "Hola."))
    spanish = replace(words(), transcript=Transcript("es", lines))
    asked = replace(job, voices={"S1": "am_michael", "S2": "af_bella"})
    assert heard(assign_voices(run, FILM, spanish, asked, kokoro, "en")) == {"s0002": "af_bella"}


def test_a_laugh_with_a_given_translation_is_spoken(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    given = words(given=True)
    assert heard(assign_voices(run, FILM, given, job, kokoro, "es"))["s0003"] == "em_alex"


def test_who_was_given_no_voice_gets_the_stock_voice_nearest_in_pitch(
    run: Run, kokoro: Kokoro, job: VoiceRequest, tone: Callable[..., Any]
) -> None:
    """A hum at 120 Hz is nearest to em_alex, at 132 Hz; with his licence revoked, to em_santa, at 139 Hz."""
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, tone(3.0, 120.0, 0.3, 16_000), 16_000, "PCM_16")
    source, open_parts = replace(FILM, speech=draft.blob), replace(job, voices={"S2": "ef_dora"})
    found = assign_voices(run, source, words(), open_parts, kokoro, "es")
    assert heard(found)["s0001"] == "em_alex"
    consent.revoke(run.home, "em_alex", reason="a test")
    found = assign_voices(run, source, words(), open_parts, kokoro, "es")
    assert heard(found)["s0001"] == "em_santa"


def test_a_grant_is_asked_for_the_title_purpose_and_language_of_the_job(
    run: Run, kokoro: Kokoro, job: VoiceRequest
) -> None:
    asked = replace(job, title="My Film", purpose="trailer", voices=VOICES | {"S2": "original"})
    assign_voices(run, FILM, words(Edit("s0002", voice="em_santa")), asked, kokoro, "es")
    checks = [r for r in consent.ledger.read(run.home) if r["kind"] == "check"]
    assert [(r["speaker"], r["voice"], r["language"], r["title"], r["purpose"]) for r in checks] == [
        ("S1", "em_alex", "es", "My Film", "trailer"),
        ("s0002", "em_santa", "es", "My Film", "trailer"),
    ]


class Cloning(FakeSynthesizer):
    """Speaks with any recording."""

    clones = True


@pytest.fixture
def ana(run: Run, tmp_path: Path) -> str:
    """An enrolled voice that may be heard in Spain only."""
    bursts = np.arange(7 * 44_100) // 8000 % 2
    soundfile.write(tmp_path / "ana.wav", np.random.default_rng(1).normal(0, 0.2, len(bursts)) * bursts, 44_100)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\nsigned")
    consent.enroll(run.home, "ana", reference=tmp_path / "ana.wav", evidence=tmp_path / "paper.pdf")
    consent.grant(run.home, "ana", languages=["es"], territory="ES")
    return "ana"


def test_an_enrolled_voice_speaks_in_an_engine_that_clones_and_where_it_may_be_heard_is_told(
    run: Run, kokoro: Kokoro, job: VoiceRequest, ana: str
) -> None:
    asked = replace(job, voices={"S1": ana, "S2": "original"})
    assert heard(assign_voices(run, FILM, words(), asked, Cloning(), "es")) == {"s0001": ana}
    (warning,) = run.warnings
    assert (warning.code, warning.message) == ("territory", "the voice ana may be heard in ES only")
    with pytest.raises(EngineMissing, match="kokoro cannot speak as ana, which is made for coqui"):
        assign_voices(run, FILM, words(), asked, kokoro, "es")


# --- replaced --------------------------------------------------------------------------------------------------------


def test_a_voice_is_replaced_wherever_it_would_be_heard(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    asked = replace(job, recast={"em_alex": "em_santa"})
    found = assign_voices(run, FILM, words(), asked, kokoro, "es")
    assert found[0][0] == Role("S1", "em_santa", "instead of em_alex")
    assert heard(found) == {"s0001": "em_santa", "s0002": "ef_dora"}
    assert not run.warnings


def test_a_voice_is_replaced_in_edited_lines_too(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    """Without this a revoked voice would be asked for again by every line that an edit gives it."""
    asked = replace(job, recast={"em_santa": "pm_alex", "ef_dora": "ef_dora"})
    found = assign_voices(run, FILM, words(Edit("s0002", voice="em_santa")), asked, kokoro, "es")
    assert heard(found) == {"s0001": "em_alex", "s0002": "pm_alex"}
    assert not run.warnings, "em_santa would be heard in an edited line: replacing it changes something"


def test_replacing_a_voice_that_nobody_has_is_told(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    asked = replace(job, recast={"em_santa": "pm_alex"})
    assert heard(assign_voices(run, FILM, words(), asked, kokoro, "es")) == {"s0001": "em_alex", "s0002": "ef_dora"}
    (warning,) = run.warnings
    assert warning.code == "recast"
    assert "em_santa" in warning.message


def test_a_replacement_needs_a_grant_like_any_voice(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    with pytest.raises(ConsentError, match="nobody"):
        assign_voices(run, FILM, words(), replace(job, recast={"em_alex": "nobody"}), kokoro, "es")


# --- from a series ---------------------------------------------------------------------------------------------------


def test_the_voice_of_a_series_is_kept_unless_another_is_asked_for(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    people = People(
        known=(Person("S1", "Ana", (0.0,), {"es": "em_santa"}), Person("S2", "Ben", (0.0,), {"es": "pm_alex"})),
        here=frozenset({"S1", "S2"}),
    )
    asked = replace(job, voices={"Ben": "ef_dora"})
    found = assign_voices(run, FILM, words(names={"S1": "Ana", "S2": "Ben"}, people=people), asked, kokoro, "es")
    assert found[0] == (
        Role("S1", "em_santa", "as in the cast file", "Ana"),
        Role("S2", "ef_dora", "asked for", "Ben"),
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"S1": "em_alex"}, {"S1": "em_alex"}),
        ({"ana": "em_alex"}, {"S1": "em_alex"}),
        ({"BEN": "em_alex", "S2": "em_alex"}, {"S2": "em_alex"}),
        ({"Carla": "em_alex"}, {}),
        ({"Carla": "em_alex", "S2": "em_santa"}, {"S2": "em_santa"}),
        ({}, {}),
    ],
)
def test_speakers_are_meant_by_id_or_name(wanted: dict[str, str], found: dict[str, str]) -> None:
    names = {"S1": "Ana", "S2": "Ben"}
    assert match_voices(wanted, ("S1", "S2"), names, {"carla"}) == found


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"S9": "em_alex"}, r"no speaker is called 'S9': there are S1 \(Ana\), S2"),
        ({"Ana": "em_alex", "S1": "em_santa"}, "gives S1 two voices, em_alex and em_santa"),
    ],
)
def test_a_speaker_who_is_not_there_or_has_two_voices_is_refused(wanted: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as found:
        match_voices(wanted, ("S1", "S2"), {"S1": "Ana"}, ())
    assert found.value.details["speaker"] in wanted


def test_people_of_the_series_who_are_not_in_this_film_are_let_be(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    people = People(known=(Person("S7", "Carla", (0.0,)),))
    for who in ("carla", "S7"):
        asked = replace(job, voices=VOICES | {who: "em_santa"})
        found = assign_voices(run, FILM, words(people=people), asked, kokoro, "es")
        assert heard(found) == {"s0001": "em_alex", "s0002": "ef_dora"}


def test_a_cast_file_keeps_voice_and_grant_of_who_was_dubbed(run: Run, kokoro: Kokoro, job: VoiceRequest) -> None:
    roles, grants = assign_voices(
        run,
        FILM,
        words(Edit("s0001", voice="em_santa")),
        replace(job, voices=VOICES | {"S2": "original"}),
        kokoro,
        "es",
    )
    # S1's only spoken line was given to another voice: its own voice is kept, under no grant.
    assert voices_for_cast_file(roles, Transcript("en", LINES), grants) == {
        "S1": ("em_alex", ""),
        "S2": ("original", ""),
    }
    roles, grants = assign_voices(run, FILM, words(), job, kokoro, "es")
    kept = voices_for_cast_file(roles, Transcript("en", LINES), grants)
    assert kept == {"S1": ("em_alex", grants["s0001"].id), "S2": ("ef_dora", grants["s0002"].id)}
    assert all(grant for _, grant in kept.values())


# --- who can speak ---------------------------------------------------------------------------------------------------


def test_a_voice_made_for_another_engine_is_refused(run: Run, job: VoiceRequest) -> None:
    for engine in (FakeSynthesizer(), Cloning()):  # a stock voice is data for one engine, no recording to be cloned
        with pytest.raises(EngineMissing, match="fake cannot speak as em_alex, which is made for kokoro") as found:
            assign_voices(run, FILM, words(), job, engine, "es")
        assert found.value.details["voice"] == "em_alex"


def test_a_stock_voice_is_spoken_by_the_engine_it_is_made_for(run: Run, kokoro: Kokoro) -> None:
    assert synthesizers_for(consent.card(run.home, "ef_dora")) == (kokoro.name,)


@pytest.mark.costly
def test_an_enrolled_voice_is_spoken_by_every_installed_engine_that_clones(
    run: Run, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "kokoro" not in synthesizers_for(consent.card(run.home, ana))
    monkeypatch.setattr(Kokoro, "clones", True)
    assert "kokoro" in synthesizers_for(consent.card(run.home, ana))
    monkeypatch.setattr(Kokoro, "name", "another")
    assert "kokoro" not in synthesizers_for(consent.card(run.home, "ef_dora")), "a stock voice is no recording"
