"""Timed words to cues, and the master that renders them again without any engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pysrt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localize.data import (
    Blob,
    Candidate,
    Clip,
    Line,
    Plan,
    Segment,
    SoundEvent,
    Span,
    Speech,
    SubtitleSource,
    Take,
    TargetText,
    Timeline,
    Transcript,
    Translation,
    Word,
)
from localize.errors import MediaError, UsageError
from localize.subtitles import profiles
from localize.subtitles.caption import (
    RenderedSubtitles,
    chosen_candidates,
    describe_rendering,
    dubbed_words,
    kept_in_original,
    render_subtitles,
    source_choices,
    source_words,
    target_choices,
    target_words,
    write,
)
from localize.timedtext.formats import check_formats
from localize.transcription.master import master_json, read_master

WORDS = (Word("Good", Span(1000, 1300), 0.91), Word("evening.", Span(1350, 2000), 0.8765))
SEGMENTS = (
    Segment("s0001", Span(1000, 2000), "S1", "Good evening.", WORDS),
    Segment("s0002", Span(4000, 6000), "S2", "Where were you?", (), (Span(4000, 4800), Span(5200, 6000))),
)
TRANSCRIPT = Transcript("en", SEGMENTS)
TRANSLATION = Translation(
    "es",
    (
        Line("s0001", (Candidate("Buenas noches.", -0.1), Candidate("Buenas.", -0.5, "short"))),
        Line("s0002", (Candidate("¿Dónde estabas?", -0.2),), edited=True),
    ),
)
SHEET = SubtitleSource(TRANSCRIPT, 9000, "25/1")


def clip(segment: str, text: str, at: int, words: tuple[Word, ...], length: int = 1000) -> Clip:
    blob = Blob("0" * 64, 1, ".wav")
    take = Take(segment, text, blob, length, (Span(0, length),), words, "ef_dora", "g", length, "exact")
    return Clip(take, at, (Span(at, at + length),), 1.0, "exact", Span(at, at + length), (Span(at, at + length),), "S1")


# --- words -----------------------------------------------------------------------------------------------------------


def test_the_sources_words_keep_their_times_or_are_spread_over_its_phrases() -> None:
    words = source_words(TRANSCRIPT)
    assert [w.text for w in words] == ["Good", "evening.", "Where", "were", "you?"]
    assert [w.span for w in words[:2]] == [w.span for w in WORDS]
    spread = [w.span for w in words[2:]]
    assert (spread[0].start_ms, spread[-1].end_ms) == (4000, 6000)
    assert all(a.end_ms <= b.start_ms for a, b in zip(spread, spread[1:]))
    assert not any(s.overlap_ms(Span(4800, 5200)) for s in spread), "nobody speaks in a pause"


def test_the_dubs_words_are_shown_when_they_are_spoken() -> None:
    said = (Word("Son", Span(0, 200)), Word("tres", Span(250, 900)))
    (shown,) = dubbed_words(Timeline("es", 9000, (clip("s0001", "Son 3", 5000, said),)))
    assert [(w.text, w.span) for w in shown.words] == [("Son", Span(5000, 5200)), ("3", Span(5250, 5900))]


def test_a_number_of_many_words_is_still_shown_as_written() -> None:
    said = tuple(Word(w, Span(n * 100, n * 100 + 90)) for n, w in enumerate("Era mil novecientos ya".split()))
    (shown,) = dubbed_words(Timeline("es", 9000, (clip("s0001", "Era 1900 ya.", 5000, said),)))
    assert [(w.text, w.span) for w in shown.words] == [
        ("Era", Span(5000, 5090)), ("1900", Span(5100, 5290)), ("ya.", Span(5300, 5390)),
    ]  # fmt: skip


def test_lines_that_are_not_dubbed_are_shown_over_the_source() -> None:
    timeline = Timeline("es", 9000, (clip("s0001", "Buenas.", 1100, ()),))
    first, second = target_words(TRANSCRIPT, TRANSLATION, timeline)
    assert (first.text, second.text) == ("Buenas.", "¿Dónde estabas?")
    assert first.words[0].span.start_ms == 1100
    assert (second.words[0].span.start_ms, second.words[-1].span.end_ms) == (4000, 6000)


def test_lines_without_words_are_not_shown() -> None:
    empty = Translation("es", (Line("s0001", ()), Line("s0002", (Candidate("", 0.0),))))
    assert target_words(TRANSCRIPT, empty) == ()


# --- cues ------------------------------------------------------------------------------------------------------------


def subtitles(profile: str = "netflix", sheet: SubtitleSource = SHEET) -> RenderedSubtitles:
    return render_subtitles(source_choices(sheet.transcript), "en", profiles.load(profile, "en"), sheet)


def test_cues_lie_on_frames_and_hold_all_words() -> None:
    made = subtitles()
    text = " ".join(" ".join(c.lines) for c in made.document.cues)
    assert text == "Good evening. Where were you?"
    for cue in made.document.cues:
        assert cue.span.start_ms % 40 == 0
        assert cue.span.length_ms > 0


def test_subtitles_follow_the_pictures_clock() -> None:
    late = SubtitleSource(TRANSCRIPT, 9000, "25/1", offset_ms=600)
    plain = subtitles().document.cues
    moved = subtitles(sheet=late).document.cues
    assert [c.span.start_ms - 600 for c in moved] == [c.span.start_ms for c in plain]


def test_no_cue_crosses_a_cut_it_need_not_cross() -> None:
    for cut in range(2000, 3400, 40):
        made = subtitles(sheet=SubtitleSource(TRANSCRIPT, 9000, "25/1", shots=(cut,)))
        assert made.report.score["shot"] in (100, None), cut


def test_the_deaf_read_who_speaks_and_where_music_plays() -> None:
    sheet = SubtitleSource(
        TRANSCRIPT, 9000, "25/1", sounds=(SoundEvent(Span(6500, 9000), "music"),), names={"S2": "Maya"}
    )
    texts = [" ".join(cue.lines) for cue in subtitles("netflix-sdh", sheet).document.cues]
    assert texts[0] == "[speaker 1] Good evening."
    assert texts[1].startswith("[Maya] Where")
    assert texts[-1] == "[music]"
    assert not any("[" in " ".join(cue.lines) for cue in subtitles("netflix", sheet).document.cues)


def test_one_speaker_nobody_named_needs_no_label() -> None:
    alone = SubtitleSource(Transcript("en", SEGMENTS[:1]), 9000, "25/1")
    assert subtitles("netflix-sdh", alone).document.cues[0].lines == ("Good evening.",)


def spanish(lines: tuple[Line, ...], *spans: Span) -> tuple[TargetText, SubtitleSource]:
    segments = tuple(Segment(line.segment, span, "S1", "…", (), (span,)) for line, span in zip(lines, spans))
    transcript = Transcript("en", segments)
    translation = Translation("es", lines)
    return TargetText(translation, target_words(transcript, translation), {}), SubtitleSource(
        transcript, 20_000, "25/1"
    )


LONG = "De hecho, la verdad es que no sé muy bien qué hora es, por supuesto."


def test_what_cannot_be_read_is_shortened_and_said() -> None:
    target, sheet = spanish((Line("s0001", (Candidate(LONG, -0.2),)),), Span(1000, 3000))
    made = render_subtitles(target_choices(target, sheet.transcript), "es", profiles.load("netflix", "es"), sheet)
    assert made.report.conforms
    (change,) = describe_rendering(made).shortened
    assert (change.segment, change.before) == ("s0001", LONG)
    assert "no sé" in change.after
    assert len(change.after) < len(LONG)
    assert change.rule
    shown = " ".join(" ".join(cue.lines) for cue in made.document.cues)
    assert shown == change.after


def test_an_edited_profile_leaves_out_more_and_marks_it() -> None:
    said = "Ella toca el piano en un pequeño teatro de la ciudad."
    target, sheet = spanish((Line("s0001", (Candidate(said, -0.2),)),), Span(1000, 2800))
    choices = target_choices(target, sheet.transcript)
    (change,) = describe_rendering(render_subtitles(choices, "es", profiles.load("mobile", "es"), sheet)).shortened
    assert change.edited is True
    assert "edit-" in change.rule
    plain = describe_rendering(render_subtitles(choices, "es", profiles.load("netflix", "es"), sheet)).shortened
    assert not any(row.edited for row in plain)


def test_words_of_a_translation_are_spread_and_words_of_a_dub_are_not() -> None:
    shown = TargetText(TRANSLATION, target_words(TRANSCRIPT, TRANSLATION), {})
    assert [ways[0].phrases for ways in target_choices(shown, TRANSCRIPT)] == [(Span(1000, 2000),), SEGMENTS[1].phrases]
    spoken = replace(shown, words=dubbed_words(Timeline("es", 9000, (clip("s0001", "Buenas noches.", 1000, WORDS),))))
    assert target_choices(spoken, TRANSCRIPT)[0][0].phrases == ()


def test_a_persons_line_is_never_shortened_and_falls_short_openly() -> None:
    target, sheet = spanish((Line("s0001", (Candidate(LONG, 0.0),), edited=True),), Span(1000, 3000))
    made = render_subtitles(target_choices(target, sheet.transcript), "es", profiles.load("netflix", "es"), sheet)
    assert describe_rendering(made).shortened == ()
    assert not made.report.conforms
    assert " ".join(" ".join(cue.lines) for cue in made.document.cues) == LONG


def test_another_wording_is_taken_only_where_it_is_nearly_as_good() -> None:
    for score, taken in ((-0.25, True), (-0.6, False)):
        text, other = "Ahora mismo estaba buscando a alguien por aquí.", "Buscaba a alguien aquí."
        line = Line("s0001", (Candidate(text, -0.2), Candidate(other, score)))
        target, sheet = spanish((line,), Span(1000, 2300))
        made = render_subtitles(target_choices(target, sheet.transcript), "es", profiles.load("netflix", "es"), sheet)
        shown = " ".join(" ".join(cue.lines) for cue in made.document.cues)
        assert (shown == other) is taken


def test_the_source_stands_below_in_bilingual_subtitles() -> None:
    target = TargetText(TRANSLATION, target_words(TRANSCRIPT, TRANSLATION), {})
    below = source_words(TRANSCRIPT)
    choices = target_choices(target, TRANSCRIPT)
    made = render_subtitles(choices, "es", profiles.load("bilingual", "es"), SHEET, below)
    assert made.document.cues[0].lines == ("Buenas noches.", "Good evening.")


def test_what_a_dub_leaves_in_the_original_must_be_read() -> None:
    timeline = Timeline("es", 9000, (clip("s0001", "Buenas.", 1100, ()),))
    assert kept_in_original(TRANSCRIPT, timeline) == {"s0002"}


def test_an_unknown_profile_or_format_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(UsageError, match="netflix"):
        profiles.load("nobody", "en")
    with pytest.raises(UsageError, match=r"'doc'.*srt"):
        check_formats(("srt", "doc"))
    check_formats(("srt", "vtt"))


def test_srt_is_always_written_and_pysrt_reads_it(tmp_path: Path) -> None:
    choices = target_choices(TargetText(TRANSLATION, target_words(TRANSCRIPT, TRANSLATION), {}), TRANSCRIPT)
    files = write(render_subtitles(choices, "es", profiles.load("netflix", "es"), SHEET), tmp_path, "film", ("vtt",))
    assert {k: p.name for k, p in files.items()} == {"srt": "film.es.srt", "vtt": "film.es.vtt"}
    read = pysrt.open(str(files["srt"]), encoding="utf-8")
    assert " ".join(item.text for item in read).split() == "Buenas noches. ¿Dónde estabas?".split()
    assert files["vtt"].read_text(encoding="utf-8").startswith("WEBVTT")


# --- the master ------------------------------------------------------------------------------------------------------


def target() -> TargetText:
    plans = (Plan("s0001", 1, (), 1, "exact"), Plan("s0002", 0, (), 1, "exact"))
    words = dubbed_words(Timeline("es", 9000, (clip("s0001", "Buenas.", 1000, (Word("Buenas.", Span(0, 900)),)),)))
    return TargetText(TRANSLATION, words, chosen_candidates(Speech("es", (), plans)))


def test_the_master_is_as_the_design_has_it() -> None:
    made = json.loads(json.dumps(master_json(SHEET, [target()])))
    assert (made["schema"], made["source_language"], made["duration_ms"], made["frame_rate"]) == (1, "en", 9000, "25/1")
    first, second = made["segments"]
    assert {k: first[k] for k in ("id", "start_ms", "end_ms", "speaker", "text")} == {
        "id": "s0001",
        "start_ms": 1000,
        "end_ms": 2000,
        "speaker": "S1",
        "text": "Good evening.",
    }
    assert first["words"][0] == {"text": "Good", "start_ms": 1000, "end_ms": 1300, "confidence": 0.91}
    spanish = first["translations"]["es"]
    assert (spanish["text"], spanish["chosen"]) == ("Buenas.", 1)
    assert [c["text"] for c in spanish["candidates"]] == ["Buenas noches.", "Buenas."]
    assert spanish["words"] == [{"text": "Buenas.", "start_ms": 1000, "end_ms": 1900}]
    assert second["translations"]["es"]["edited"] is True


def test_a_master_that_was_written_is_read_back_whole() -> None:
    made = master_json(SHEET, [target()])
    found = read_master(json.loads(json.dumps(made)), "film.master.json")
    transcript = found.sheet.transcript
    assert transcript.language == "en"
    assert [s.phrases for s in transcript.segments] == [s.phrases for s in SEGMENTS]
    assert [(s.id, s.span, s.speaker, s.text) for s in transcript.segments] == [
        (s.id, s.span, s.speaker, s.text) for s in SEGMENTS
    ]
    (spanish,) = found.targets
    assert spanish.translation.lines == TRANSLATION.lines
    assert spanish.chosen == {"s0001": 1, "s0002": 0}
    again = master_json(found.sheet, found.targets)
    first = made["segments"][0]
    assert again["segments"][0] == first
    assert {k: v for k, v in again.items() if k != "segments"} == {k: v for k, v in made.items() if k != "segments"}


def test_a_master_of_before_has_no_cuts_and_one_of_now_keeps_all_it_knows() -> None:
    old = {k: v for k, v in WHOLE.items() if k not in ("shots_ms", "offset_ms", "sounds", "names")}
    assert read_master(old, "x").sheet.shots is None
    sound = SoundEvent(Span(0, 2500), "music")
    sheet = SubtitleSource(TRANSCRIPT, 9000, "25/1", 40, (1200, 3000), (sound,), {"S1": "Tom"})
    made = json.loads(json.dumps(master_json(sheet, [replace(target(), forced=frozenset({"s0002"}))])))
    found = read_master(made, "x")
    kept = found.sheet
    assert (kept.offset_ms, kept.shots, kept.sounds, dict(kept.names)) == (40, (1200, 3000), (sound,), {"S1": "Tom"})
    assert found.targets[0].forced == {"s0002"}


@pytest.mark.parametrize("language", ["../../es", "es/..", "", "e\n", 3])
def test_a_language_that_would_leave_the_folder_is_refused(language: Any) -> None:
    data = json.loads(json.dumps(WHOLE))
    translations = data["segments"][0]["translations"]
    translations[str(language)] = translations["es"]
    with pytest.raises(MediaError, match="s0001"):
        read_master(data, "film.master.json")
    with pytest.raises(MediaError, match="language tag"):
        read_master({**WHOLE, "source_language": language}, "film.master.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += paths(inner, (*at, key))
    return found


WHOLE = json.loads(json.dumps(master_json(SHEET, [target()])))
PATHS = [p for p in paths(WHOLE) if p]


@pytest.mark.slow
@settings(max_examples=80)
@given(st.sampled_from(PATHS), JSON | st.just(10**400) | st.just(float("inf")) | st.just("1/0"))
def test_a_master_with_anything_in_it_is_read_or_is_a_media_error(path: tuple[Any, ...], other: Any) -> None:
    data = json.loads(json.dumps(WHOLE))
    inside = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = other
    told = "film.master.json"
    try:
        read_master(data, "film.master.json")
    except (MediaError, UsageError) as error:  # a schema of a later version is no damage
        told = error.message
    assert "film.master.json" in told


@pytest.mark.parametrize("data", [None, [], 3, "x", {}, {"schema": 1}])
def test_what_is_no_master_is_refused_with_its_name(data: Any) -> None:
    with pytest.raises(MediaError, match=r"film\.master\.json is no master\.json"):
        read_master(data, "film.master.json")


def test_a_master_of_a_later_version_says_to_upgrade() -> None:
    with pytest.raises(UsageError, match=r"film\.master\.json has schema 2, written by a later localize.*upgrade"):
        read_master({"schema": 2, "segments": []}, "film.master.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("duration_ms", float("inf")),
        ("frame_rate", "1/0"),
        ("frame_rate", "0"),
        ("frame_rate", "x"),
    ],
)
def test_impossible_numbers_are_refused(key: str, value: Any) -> None:
    with pytest.raises(MediaError, match=r"film\.master\.json"):
        read_master({**WHOLE, key: value}, "film.master.json")


def test_an_impossible_score_is_refused() -> None:
    data = json.loads(json.dumps(WHOLE))
    data["segments"][0]["translations"]["es"]["candidates"][0]["score"] = 10**400
    with pytest.raises(MediaError, match="s0001"):
        read_master(data, "film.master.json")


def test_two_segments_of_one_name_are_refused() -> None:
    """Every later step finds a line by its segment's id: with two of one name, words come at another's time."""
    data = json.loads(json.dumps(WHOLE))
    data["segments"][1]["id"] = "s0001"
    with pytest.raises(MediaError, match="s0001"):
        read_master(data, "film.master.json")
