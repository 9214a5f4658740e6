"""Who is dubbed by which voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import consent
from localize.consent import Card, Home
from localize.data import ORIGINAL, Blob, Segment, Span, Transcript, Voice
from localize.errors import NoGrant, UsageError
from localize.language.wordless import is_wordless
from localize.runtime.store import Store
from localize.speakers.apart import APART, Company, alike_pairs, keep_apart, pair_cost, scene_partners
from localize.speakers.casting import cast_voices, median_pitch
from localize.speakers.stock_sound import stock_likeness, stock_sounds

RATE = 16_000


def voice(name: str, gender: str, native: str, *also: str) -> Card:
    made = Voice(name, name, (native,), gender, "kokoro", (("style.bin", "0" * 64),), "/nowhere")
    return Card(made, also, True, "a licence", "Apache-2.0", "", "", "0" * 64)


VOICES = (
    voice("ef_ana", "female", "es"),
    voice("em_luis", "male", "es"),
    voice("em_juan", "male", "es"),
    voice("am_bob", "male", "en", "es"),
)


@pytest.fixture
def sounding(store: Store, tone: Callable[..., Any]) -> Callable[..., tuple[Blob, Transcript]]:
    """A track in which each speaker hums at a pitch, two seconds each, twice."""

    def get(*hertz: float) -> tuple[Blob, Transcript]:
        parts, segments, at = [], [], 0
        for turn in range(2):
            for n, height in enumerate(hertz):
                sound = tone(2.0, height, 0.3, RATE) if height else np.zeros(2 * RATE, np.float32)
                parts += [sound, np.zeros(RATE // 2, np.float32)]
                segments.append(Segment(f"s{turn}{n}", Span(at, at + 2000), f"S{n + 1}", "text"))
                at += 2500
        with store.writing(".wav") as draft:
            soundfile.write(draft.path, np.concatenate(parts), RATE, "PCM_16")
        return draft.blob, Transcript("en", tuple(segments))

    return get


@pytest.mark.parametrize("hertz", [90.0, 120.0, 150.0, 190.0, 220.0, 300.0])
def test_the_pitch_is_that_of_the_voice(store: Store, sounding: Callable[..., Any], hertz: float) -> None:
    blob, transcript = sounding(hertz)
    assert median_pitch(store, blob, tuple(s.span for s in transcript.segments)) == pytest.approx(hertz, rel=0.04)


def test_silence_and_too_little_have_no_pitch(store: Store, sounding: Callable[..., Any]) -> None:
    blob, _ = sounding(120.0)
    assert median_pitch(store, blob, ()) == 0.0
    assert median_pitch(store, blob, (Span(100, 150),)) == 0.0
    assert median_pitch(store, blob, (Span(10**6, 10**6 + 2000),)) == 0.0


def test_real_voices_are_told_apart(store: Store, spoken: Any) -> None:
    """af_heart is a woman's voice."""
    with store.writing(".wav") as draft:
        draft.path.write_bytes(spoken.ears.read_bytes())
    assert 160 < median_pitch(store, draft.blob, spoken.phrases) < 300


def test_speakers_get_native_voices_of_their_register_each_their_own(
    store: Store, sounding: Callable[..., Any]
) -> None:
    blob, transcript = sounding(110.0, 220.0, 130.0)
    roles = cast_voices(store, blob, transcript, {}, VOICES, "es")
    assert [r.speaker for r in roles] == ["S1", "S2", "S3"]
    assert [r.voice for r in roles] == ["em_luis", "ef_ana", "em_juan"]
    assert all("Hz" in r.reason for r in roles)


def test_a_voice_is_shared_only_when_its_register_is_used_up(store: Store, sounding: Callable[..., Any]) -> None:
    """A voice shared is less wrong than a man spoken by a woman."""
    blob, transcript = sounding(110.0, 110.0, 110.0, 110.0, 220.0, 220.0)
    used = [r.voice for r in cast_voices(store, blob, transcript, {}, VOICES, "es")]
    assert used[:3] == ["em_luis", "em_juan", "am_bob"]
    assert used[3] in used[:3]
    assert used[4:] == ["ef_ana", "ef_ana"]


def test_voices_go_to_those_whose_pitch_is_nearest(store: Store, home: Home, sounding: Callable[..., Any]) -> None:
    """Of 143 and 118 Hz: whoever speaks first, the higher one gets the higher voice."""
    cards = [consent.card(home, name) for name in ("am_fenrir", "am_michael")]
    for heights, voices in (
        ((110.0, 150.0), ["am_michael", "am_fenrir"]),
        ((150.0, 110.0), ["am_fenrir", "am_michael"]),
    ):
        blob, transcript = sounding(*heights)
        assert [r.voice for r in cast_voices(store, blob, transcript, {}, cards, "en")] == voices


def test_with_few_native_voices_others_speak_and_nobody_shares(
    store: Store, home: Home, sounding: Callable[..., Any]
) -> None:
    blob, transcript = sounding(105.0, 115.0, 125.0, 135.0, 145.0, 180.0, 200.0, 220.0)
    cards = [consent.card(home, v.id) for v in consent.voices(home)]
    known = {card.voice.id: card.voice for card in cards}
    roles = cast_voices(store, blob, transcript, {}, cards, "es")
    assert len({known[r.voice].name for r in roles}) == 8
    assert [known[r.voice].gender for r in roles] == ["male"] * 5 + ["female"] * 3
    assert sum("native" in r.reason for r in roles) >= 5
    assert any("speaks es too" in r.reason for r in roles)
    likest = max(stock_likeness(a.voice, b.voice) or 0.0 for a, b in combinations(roles, 2))
    assert likest <= APART


def test_one_person_under_two_names_is_one_voice(store: Store, home: Home, sounding: Callable[..., Any]) -> None:
    """em_alex and pm_alex are the same man."""
    blob, transcript = sounding(130.0, 132.0, 134.0)
    cards = [consent.card(home, v.id) for v in consent.voices(home) if v.gender == "male"]
    names = [r.voice.partition("_")[2] for r in cast_voices(store, blob, transcript, {}, cards, "es")]
    assert len(set(names)) == 3


def test_a_voice_is_used_again_in_another_scene_first(store: Store, sounding: Callable[..., Any]) -> None:
    """Three men, two voices: the third speaks half a minute later, with the second alone."""
    blob, transcript = sounding(110.0, 120.0, 130.0)
    first, second, third = transcript.segments[:3]
    late = [replace(s, id=f"{s.id}b", span=s.span.shifted(30_000)) for s in (second, third)]
    film = Transcript("en", (first, second, *late))
    roles = cast_voices(store, blob, film, {}, VOICES[1:3], "es")
    assert roles[2].voice == roles[0].voice != roles[1].voice
    assert "shared with S1" in roles[2].reason


def test_what_was_asked_for_is_taken_and_no_one_else_gets_it(store: Store, sounding: Callable[..., Any]) -> None:
    blob, transcript = sounding(110.0, 120.0, 130.0)
    roles = cast_voices(store, blob, transcript, {"S2": "em_luis", "S3": ORIGINAL}, VOICES, "es")
    assert {r.speaker: r.voice for r in roles} == {"S1": "em_juan", "S2": "em_luis", "S3": "original"}
    assert roles[1].reason == "asked for"


def test_a_voice_that_only_also_speaks_the_language_is_the_second_choice(
    store: Store, sounding: Callable[..., Any]
) -> None:
    blob, transcript = sounding(110.0)
    (role,) = cast_voices(store, blob, transcript, {}, (VOICES[3],), "es")
    assert role.voice == "am_bob"
    (role,) = cast_voices(store, blob, transcript, {}, (VOICES[3], VOICES[1]), "es")
    assert role.voice == "em_luis"


def test_an_unknown_speaker_is_an_error_that_names_those_there(store: Store, sounding: Callable[..., Any]) -> None:
    blob, transcript = sounding(110.0, 220.0)
    with pytest.raises(UsageError, match="'S7': there are S1, S2"):
        cast_voices(store, blob, transcript, {"S7": "ef_ana"}, VOICES, "es")


def test_a_language_without_a_voice_is_no_grant(store: Store, sounding: Callable[..., Any]) -> None:
    blob, transcript = sounding(110.0)
    with pytest.raises(NoGrant, match="no voice here speaks de"):
        cast_voices(store, blob, transcript, {}, VOICES, "de")
    (role,) = cast_voices(store, blob, transcript, {"S1": ORIGINAL}, VOICES, "de")
    assert role.voice == ORIGINAL


def test_a_speaker_nobody_can_hear_still_gets_a_voice(store: Store, sounding: Callable[..., Any]) -> None:
    blob, transcript = sounding(0.0)
    (role,) = cast_voices(store, blob, transcript, {}, VOICES, "es")
    assert role.voice in {card.voice.id for card in VOICES}
    assert "unknown" in role.reason


@pytest.mark.parametrize("language", ["es", "pt", "en", "it"])
def test_the_stock_voices_can_be_cast(store: Store, home: Home, sounding: Callable[..., Any], language: str) -> None:
    blob, transcript = sounding(110.0, 220.0)
    cards = [consent.card(home, v.id) for v in consent.voices(home)]
    known = {card.voice.id: card.voice for card in cards}
    for role, gender in zip(cast_voices(store, blob, transcript, {}, cards, language), ("male", "female")):
        assert known[role.voice].gender == gender
        assert known[role.voice].languages[0] == language


@pytest.mark.parametrize(
    "text",
    [
        "Ha ha ha!",
        "Hahaha.",
        "Aaaah!",
        "Mmmm...",
        "La la la, la la.",
        "♪ Over the hills ♪",
        "[Laughter]",
        "[sighs] [laughs]",
        "(sighs)",
    ],
)
def test_what_is_no_speech_is_left_as_it_is(text: str) -> None:
    assert is_wordless(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Ha!",
        "He? He!",
        "Na, na, na!",
        "He has it.",
        "Oh, no.",
        "Hi, hi!",
        "Mm.",
        "Ah, you.",
        "La la land is a film.",
        "...",
        "",
        "He (laughs) ran.",
    ],
)
def test_what_is_said_is_dubbed(text: str) -> None:
    assert not is_wordless(text, "en")


def test_a_laugh_is_written_as_its_language_does() -> None:
    assert is_wordless("Jajaja.", "es")
    assert not is_wordless("Ja, ja, ja.", "de")


# --- voices of one scene


def stock(home: Home, *ids: str) -> list[Card]:
    return [consent.card(home, name) for name in ids]


def test_every_stock_voice_was_measured(home: Home) -> None:
    sounds = stock_sounds()
    assert set(sounds) == {v.id for v in consent.voices(home)}
    for sound in sounds.values():
        assert 80 < sound.hertz < 260
        assert 2 < sound.range_st < 14
        assert np.linalg.norm(sound.print) == pytest.approx(1.0, abs=0.01)


def test_two_men_of_a_scene_get_voices_that_are_told_apart(
    store: Store, home: Home, sounding: Callable[..., Any]
) -> None:
    """em_alex and em_santa are nearest, and alike by more than 0.65."""
    assert (stock_likeness("em_alex", "em_santa") or 0) > APART
    blob, transcript = sounding(132.0, 139.0)
    cards = stock(home, "em_alex", "em_santa", "em_santa_low", "am_fenrir")
    first, second = cast_voices(store, blob, transcript, {}, cards, "es")
    assert {first.voice, second.voice} != {"em_alex", "em_santa"}
    assert {first.voice, second.voice} & {"em_alex", "em_santa"}
    assert (stock_likeness(first.voice, second.voice) or 0) <= APART
    later = replace(transcript, segments=tuple(
        replace(s, span=s.span.shifted(60_000)) if s.speaker == "S2" else s for s in transcript.segments
    ))  # fmt: skip
    alone = {r.voice for r in cast_voices(store, blob, later, {}, cards, "es")}
    assert alone == {"em_alex", "em_santa"}  # who never meet need not be told apart


def test_no_man_speaks_as_a_woman_to_be_told_apart(store: Store, home: Home, sounding: Callable[..., Any]) -> None:
    blob, transcript = sounding(132.0, 139.0)
    cards = stock(home, "em_alex", "em_santa", "ef_dora", "ff_siwis")
    assert {r.voice for r in cast_voices(store, blob, transcript, {}, cards, "es")} == {"em_alex", "em_santa"}


def test_the_cast_does_not_depend_on_who_speaks_first(store: Store, home: Home, sounding: Callable[..., Any]) -> None:
    cards = [consent.card(home, v.id) for v in consent.voices(home)]
    heights = (104.0, 127.0, 148.0, 205.0)
    found = set()
    for order in (heights, heights[::-1], (148.0, 104.0, 205.0, 127.0)):
        blob, transcript = sounding(*order)
        roles = cast_voices(store, blob, transcript, {}, cards, "es")
        found.add(tuple(sorted(zip(order, (r.voice for r in roles)))))
    assert len(found) == 1


def test_voices_that_were_given_are_kept_and_others_are_cast_apart_from_them(
    store: Store, home: Home, sounding: Callable[..., Any]
) -> None:
    blob, transcript = sounding(139.0, 132.0)
    cards = stock(home, "em_alex", "em_santa", "em_santa_low")
    roles = cast_voices(store, blob, transcript, {"S1": "em_alex"}, cards, "es")
    assert [r.voice for r in roles] == ["em_alex", "em_santa_low"]


def test_voices_of_people_elsewhere_in_the_series_are_left_to_them(
    store: Store, home: Home, sounding: Callable[..., Any]
) -> None:
    blob, transcript = sounding(133.0)
    cards = stock(home, "em_alex", "em_santa")
    assert [r.voice for r in cast_voices(store, blob, transcript, {}, cards, "es")] == ["em_alex"]
    assert [r.voice for r in cast_voices(store, blob, transcript, {}, cards, "es", {"em_alex"})] == ["em_santa"]


def test_pairs_that_are_not_apart_are_found_and_unknown_ones_are_no_less(
    sounding: Callable[..., Any],
) -> None:
    _, transcript = sounding(130.0, 131.0, 200.0)
    partners = scene_partners(transcript)
    voices = {"S1": "em_alex", "S2": "em_santa", "S3": "ana"}
    assert [(a, b, found is None) for a, b, found in alike_pairs(voices, partners)] == [
        ("S1", "S2", False), ("S1", "S3", True), ("S2", "S3", True),
    ]  # fmt: skip
    assert not list(alike_pairs(voices, dict.fromkeys(voices, frozenset())))


def test_exchanges_of_two_voices_at_once_lower_what_a_cast_costs(home: Home) -> None:
    """Neither of two speakers can move alone: each wants what the other has."""
    alex, santa = (consent.voice(home, name) for name in ("em_alex", "em_santa"))
    far = {("S1", "em_alex"): 9.0, ("S2", "em_santa"): 9.0}
    start = {"S1": alex, "S2": santa}
    partners = {"S1": frozenset({"S2"}), "S2": frozenset({"S1"})}
    together = Company(partners, partners)
    made = keep_apart(start, {}, (alex, santa), lambda who, voice: far.get((who, voice.id), 0.0), together)
    assert made == {"S1": santa, "S2": alex}


def test_what_a_pair_costs_grows_with_likeness_and_ends_below_another_register(home: Home) -> None:
    alex, santa, heart, bella, dora = (
        consent.voice(home, name) for name in ("em_alex", "em_santa", "af_heart", "af_bella", "ef_dora")
    )
    assert pair_cost(dora, santa, together=True) == 0.0
    assert pair_cost(alex, santa, together=False) == 0.0
    assert 0 < pair_cost(alex, santa, together=True) < pair_cost(heart, bella, together=True) < 20
    assert pair_cost(alex, alex, together=True) > pair_cost(alex, alex, together=False) > 20
