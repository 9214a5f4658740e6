"""Timed words to cues, and the master that renders them again without any engine."""

from __future__ import annotations

import json
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
    Span,
    Speech,
    Take,
    Timeline,
    Transcript,
    Translation,
    Word,
)
from localize.errors import MediaError, UsageError
from localize.stages.caption import (
    Sheet,
    Target,
    caption,
    check_formats,
    chosen_of,
    dubbed_words,
    flat,
    master,
    read_master,
    source_words,
    target_words,
    write,
)

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
SHEET = Sheet(TRANSCRIPT, 9000, "25/1")


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
    said = tuple(Word(w, Span(n * 100, n * 100 + 90)) for n, w in enumerate("Era mil novecientos".split()))
    (shown,) = dubbed_words(Timeline("es", 9000, (clip("s0001", "Era 1900", 5000, said),)))
    assert [w.text for w in shown.words] == ["Era", "1900"]
    assert shown.words[0].span.start_ms >= 5000
    assert shown.words[-1].span.end_ms <= 6000


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


def test_cues_lie_on_frames_and_hold_all_words() -> None:
    made = caption(source_words(TRANSCRIPT), "en", "netflix", SHEET)
    text = " ".join(" ".join(c.lines) for c in made.document.cues)
    assert text == "Good evening. Where were you?"
    for cue in made.document.cues:
        assert cue.span.start_ms % 40 == 0
        assert cue.span.length_ms > 0


def test_subtitles_follow_the_pictures_clock() -> None:
    late = Sheet(TRANSCRIPT, 9000, "25/1", offset_ms=600)
    plain = caption(source_words(TRANSCRIPT), "en", "netflix", SHEET).document.cues
    moved = caption(source_words(TRANSCRIPT), "en", "netflix", late).document.cues
    assert [c.span.start_ms - 600 for c in moved] == [c.span.start_ms for c in plain]


def test_an_unknown_profile_or_format_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(UsageError, match="netflix"):
        caption(source_words(TRANSCRIPT), "en", "nobody", SHEET)
    with pytest.raises(UsageError, match=r"'doc'.*srt"):
        check_formats(("srt", "doc"))
    check_formats(("srt", "vtt"))


def test_srt_is_always_written_and_pysrt_reads_it(tmp_path: Path) -> None:
    words = flat(target_words(TRANSCRIPT, TRANSLATION), TRANSCRIPT)
    files = write(caption(words, "es", "netflix", SHEET), tmp_path, "film", ("vtt",))
    assert {k: p.name for k, p in files.items()} == {"srt": "film.es.srt", "vtt": "film.es.vtt"}
    read = pysrt.open(str(files["srt"]), encoding="utf-8")
    assert " ".join(item.text for item in read).split() == "Buenas noches. ¿Dónde estabas?".split()
    assert files["vtt"].read_text(encoding="utf-8").startswith("WEBVTT")


# --- the master ------------------------------------------------------------------------------------------------------


def target() -> Target:
    plans = (Plan("s0001", 1, (), 1, "exact"), Plan("s0002", 0, (), 1, "exact"))
    words = dubbed_words(Timeline("es", 9000, (clip("s0001", "Buenas.", 1000, (Word("Buenas.", Span(0, 900)),)),)))
    return Target(TRANSLATION, words, chosen_of(Speech("es", (), plans)))


def test_the_master_is_as_the_design_has_it() -> None:
    made = json.loads(json.dumps(master(SHEET, [target()])))
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
    made = master(SHEET, [target()])
    found = read_master(json.loads(json.dumps(made)), "film.master.json")
    assert found.transcript.language == "en"
    assert [(s.id, s.span, s.speaker, s.text) for s in found.transcript.segments] == [
        (s.id, s.span, s.speaker, s.text) for s in SEGMENTS
    ]
    (spanish,) = found.targets
    assert spanish.translation.lines == TRANSLATION.lines
    assert spanish.chosen == {"s0001": 1, "s0002": 0}
    again = master(Sheet(found.transcript, found.duration_ms, found.frame_rate), found.targets)
    first = made["segments"][0]
    assert again["segments"][0] == first


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


WHOLE = json.loads(json.dumps(master(SHEET, [target()])))
PATHS = [p for p in paths(WHOLE) if p]


@settings(max_examples=200)
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
    except MediaError as error:
        told = error.message
    assert "film.master.json" in told


@pytest.mark.parametrize("data", [None, [], 3, "x", {}, {"schema": 2, "segments": []}, {"schema": 1}])
def test_what_is_no_master_is_refused_with_its_name(data: Any) -> None:
    with pytest.raises(MediaError, match=r"film\.master\.json is no master\.json"):
        read_master(data, "film.master.json")


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
