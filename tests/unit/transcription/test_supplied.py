"""Words that a person supplies: one segment a cue, times moved only a little, nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localize import data, media
from localize.data import Media, Segment, Span, Transcript, Word
from localize.errors import LocalizeError, MediaError
from localize.events import Run
from localize.transcription.master import master_json
from localize.transcription.supplied import (
    NEAR_MS,
    UNKNOWN_LANGUAGE,
    clip_to_media,
    is_supplied_text,
    name_voices,
    read_supplied,
    recut_to_lines,
    refine_supplied,
    spoken_words,
)

CUES = [
    ((1000, 2500), "Good evening."),
    ((3000, 4200), "Where were you\nlast night?"),
    ((4100, 5000), "<i>At home.</i>"),
]


def stamp(ms: int, mark: str) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def srt(path: Path, cues: Any = CUES) -> Path:
    blocks = [f"{n}\n{stamp(a, ',')} --> {stamp(b, ',')}\n{text}\n" for n, ((a, b), text) in enumerate(cues, 1)]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def vtt(path: Path, cues: Any = CUES) -> Path:
    blocks = [f"{stamp(a, '.')} --> {stamp(b, '.')}\n{text}\n" for (a, b), text in cues]
    path.write_text("WEBVTT\n\n" + "\n".join(blocks), encoding="utf-8")
    return path


@pytest.mark.parametrize(("write", "name"), [(srt, "film.srt"), (vtt, "film.vtt")])
def test_every_cue_is_a_segment_with_its_own_words_and_times(run: Run, tmp_path: Path, write: Any, name: str) -> None:
    found = read_supplied(run, write(tmp_path / name), "en").transcript
    assert found.given
    assert found.language == "en"
    assert [s.id for s in found.segments] == ["s0001", "s0002", "s0003"]
    assert [s.span for s in found.segments] == [Span(*span) for span, _ in CUES]
    assert [s.text for s in found.segments] == ["Good evening.", "Where were you last night?", "At home."]


def test_cues_out_of_order_keep_their_number(run: Run, tmp_path: Path) -> None:
    """Cue N is segment N, whatever its time: a translation is paired with it by its number."""
    found = read_supplied(run, vtt(tmp_path / "x.vtt", [CUES[1], CUES[0], CUES[2]]), "en").transcript
    texts = {s.id: s.text for s in found.segments}
    assert texts == {"s0001": "Where were you last night?", "s0002": "Good evening.", "s0003": "At home."}
    assert [s.span for s in found.segments] == sorted(s.span for s in found.segments)


@pytest.mark.parametrize(
    ("name", "asked", "language"),
    [
        ("film.en.srt", None, "en"),
        ("film.pt-BR.srt", None, "pt"),
        ("film.es.srt", "en", "en"),
        ("film.srt", None, UNKNOWN_LANGUAGE),
        ("season.1.srt", None, UNKNOWN_LANGUAGE),
    ],
)
def test_the_language_comes_from_the_flag_or_the_name(
    run: Run, tmp_path: Path, name: str, asked: str | None, language: str
) -> None:
    assert read_supplied(run, srt(tmp_path / name), asked).transcript.language == language


def test_speakers_named_in_the_cues_are_numbered_in_order(run: Run, tmp_path: Path) -> None:
    cues = [((0, 900), "<v Ana>Hi.</v>"), ((1000, 1900), "<v Bo>Hello.</v>"), ((2000, 2900), "<v Ana>So?</v>")]
    found = read_supplied(run, vtt(tmp_path / "x.vtt", cues), "en").transcript
    assert [s.speaker for s in found.segments] == ["S1", "S2", "S1"]


def test_a_master_is_read_with_its_words_and_translations(run: Run, tmp_path: Path) -> None:
    words = (Word("Good", Span(1000, 1400), 0.9), Word("evening.", Span(1450, 2500), 0.8))
    transcript = Transcript("en", (Segment("s0001", Span(1000, 2500), "S2", "Good evening.", words),))
    path = tmp_path / "film.master.json"
    path.write_text(json.dumps(master_json(data.SubtitleSource(transcript, 9000, "25/1"), ())))
    found = read_supplied(run, path, None)
    assert found.master is not None
    assert found.transcript.language == "en"
    assert found.transcript.segments[0].words == words
    assert (found.master.sheet.duration_ms, found.master.sheet.frame_rate) == (9000, "25/1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.srt", ""),
        ("x.srt", "no cues at all"),
        ("x.vtt", "WEBVTT\n\n"),
        ("x.srt", "1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n"),
        ("x.json", "{}"),
        ("x.json", '{"schema": 1, "source_language": "en", "duration_ms": 1, "segments": []}'),
        ("x.json", "[[["),
    ],
)
def test_a_file_without_words_is_refused_with_its_name(run: Run, tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(LocalizeError) as caught:
        read_supplied(run, path, "en")
    assert name in caught.value.message
    assert caught.value.exit_code in (2, 3)


def test_repairs_are_told_as_warnings(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n2\n00:00:05,000 --> 00:00:04,000\nBye.\n")
    found = read_supplied(run, path, "en").transcript
    assert [s.text for s in found.segments] == ["Hello.", "Bye."]
    assert all(s.span.length_ms > 0 for s in found.segments)
    assert run.warnings
    assert all(str(path) in w.message for w in run.warnings)


@pytest.mark.parametrize("name", ["a.srt", "a.VTT", "a.ass", "a.ttml", "a.scc", "a.master.json"])
def test_files_of_words_are_known_by_their_names(name: str) -> None:
    assert is_supplied_text(Path(name))


@pytest.mark.parametrize("name", ["a.mp4", "a.wav", "a", "srt", "a.srt.mp4"])
def test_media_are_no_words(name: str) -> None:
    assert not is_supplied_text(Path(name))


LABELLED = {
    "ANNA: Good morning.": ("ANNA", "Good morning."),
    "JUAN\nWhat happened?": ("JUAN", "What happened?"),
    "JUAN:\nWhat now?": ("JUAN", "What now?"),
    "<b>JUAN</b>\nBold.": ("JUAN", "Bold."),
    "[ANNA] It fell.": ("ANNA", "It fell."),
    "ANNA (V.O.): Far away.": ("ANNA", "Far away."),
    "ANNA (whispering): Quiet.": ("ANNA", "Quiet."),
    "ANNA:Hello.": ("ANNA", "Hello."),
    "Greta (whispering): Once only.": ("Greta", "Once only."),
    "ANNA [on phone]: Hello.": ("ANNA", "Hello."),
    "[sighs] ANNA: Well.": ("ANNA", "Well."),
    "*sighs* Well.": ("", "Well."),
    "Question (again): why?": ("", "Question (again): why?"),
    "NOTICE: keep out.": ("", "NOTICE: keep out."),
    "Subtitles by Ann Lee": ("", ""),
    "<i>Synced and corrected by</i>\nAnn Lee": ("", ""),
    "Subtítulos por Ann Lee": ("", ""),
    "Visit www.opensubtitles.org": ("", ""),
    "Translated by Ann Lee.": ("", "Translated by Ann Lee."),
    "Subtitles are easy to make by hand.": ("", "Subtitles are easy to make by hand."),
    "Go to example.com now.": ("", "Go to example.com now."),
    "- Anna: Hello.\n- Juan: Hi.": ("ANNA", "Hello. Hi."),
    "<i>ANNA:</i> Slanted.": ("ANNA", "Slanted."),
    "{\\an8}ANNA: [door opens] At the top.": ("ANNA", "At the top."),
    "FBI\nagents are here.": ("", "FBI agents are here."),
    "NO WAY\nI SAID NO.": ("", "NO WAY I SAID NO."),
    "#La la la#": ("", "La la la"),
    "♪ La la ♪": ("", "La la"),
    "I play in C# now.": ("", "I play in C# now."),
    "[rain]": ("", ""),
    "Note: this is said.": ("", "Note: this is said."),
}


def test_labels_name_who_speaks_and_are_never_spoken(run: Run, tmp_path: Path) -> None:
    cues = [((1000 * n, 1000 * n + 900), text) for n, text in enumerate(LABELLED)]
    found = spoken_words(read_supplied(run, srt(tmp_path / "film.srt", cues), "en"))
    said = [(found.names.get(s.speaker, ""), s.text) for s in found.transcript.segments]
    assert said == list(LABELLED.values())


# --- on the signal ---------------------------------------------------------------------------------------------------


@pytest.fixture
def speech(run: Run, spoken: Any) -> Media:
    return media.ingest(run.store, spoken.path, stream=None, language=None)


def lines(*spans: tuple[int, int], texts: Any = None) -> Transcript:
    texts = texts or ["some words here"] * len(spans)
    segments = tuple(
        Segment(f"s{n:04}", Span(*span), "S1", text) for n, (span, text) in enumerate(zip(spans, texts), 1)
    )
    return Transcript("en", segments, given=True)


@pytest.mark.parametrize("off", [-190, -100, 0, 100, 190])
def test_given_times_are_moved_to_the_signal_by_a_fifth_of_a_second_at_most(
    run: Run, speech: Media, spoken: Any, off: int
) -> None:
    truth = spoken.phrases
    asked = lines(*((p.start_ms + off, p.end_ms + off) for p in truth), texts=spoken.texts)
    found = refine_supplied(run.store, speech, asked)
    for before, after, real in zip(asked.segments, found.segments, truth):
        assert abs(after.span.start_ms - before.span.start_ms) <= NEAR_MS
        assert abs(after.span.end_ms - before.span.end_ms) <= NEAR_MS
        assert abs(after.span.start_ms - real.start_ms) <= 60
        assert after.text == before.text
        assert after.phrases[0].start_ms == after.span.start_ms
        assert after.phrases[-1].end_ms == after.span.end_ms
        assert " ".join(w.text for w in after.words) == before.text


def test_given_times_far_from_any_sound_are_believed(run: Run, speech: Media, spoken: Any) -> None:
    first = spoken.phrases[0]
    asked = lines((0, 600), (first.start_ms + 500, first.end_ms - 500))
    found = refine_supplied(run.store, speech, asked)
    for before, after in zip(asked.segments, found.segments):
        assert abs(after.span.start_ms - before.span.start_ms) <= NEAR_MS
        assert abs(after.span.end_ms - before.span.end_ms) <= NEAR_MS


def test_segments_come_in_order_of_time_and_keep_their_numbers(run: Run, speech: Media, spoken: Any) -> None:
    first, second = spoken.phrases
    asked = lines((second.start_ms, second.end_ms), (first.start_ms, first.end_ms), texts=("later", "earlier"))
    found = refine_supplied(run.store, speech, asked)
    assert [(s.id, s.text) for s in found.segments] == [("s0002", "earlier"), ("s0001", "later")]
    assert found.segments[0].span.end_ms < found.segments[1].span.start_ms


def test_a_line_after_the_end_is_left_out_and_one_over_the_end_is_cut(run: Run, speech: Media) -> None:
    path = Path("film.en.srt")
    kept = clip_to_media(run, speech, lines((1000, 2000), (5000, 9000), (7000, 8000)), path)
    assert [s.id for s in kept.segments] == ["s0001", "s0002"]
    assert refine_supplied(run.store, speech, kept).segments[1].span.end_ms <= speech.duration_ms + NEAR_MS
    told = {w.message.split(": line ")[1][:5]: w.code for w in run.warnings if "beyond" in w.code}
    assert told == {"s0002": "line_beyond_end", "s0003": "line_beyond_end"}
    with pytest.raises(MediaError, match=r"film\.en\.srt.*after the end"):
        clip_to_media(run, speech, lines((7000, 8000)), path)


def test_lines_that_overlap_are_told(run: Run, speech: Media) -> None:
    clip_to_media(run, speech, lines((1000, 3000), (2500, 4000), (4100, 5000)), Path("film.es.srt"))
    (warning,) = run.warnings
    assert warning.code == "lines_overlap"
    assert "s0001 and s0002 overlap by 500 ms" in warning.message


# --- a given translation without a transcript ------------------------------------------------------------------------


def test_what_was_heard_is_cut_by_the_given_lines() -> None:
    words = tuple(Word(f"w{n}", Span(n * 500, n * 500 + 400)) for n in range(8))
    heard = Transcript(
        "en",
        (
            Segment("s0001", Span(0, 1900), "S1", "w0 w1 w2 w3", words[:4]),
            Segment("s0002", Span(2000, 3900), "S2", "w4 w5 w6 w7", words[4:]),
        ),
    )
    cues = lines((0, 900), (900, 2900), (5000, 6000)).segments
    found = recut_to_lines(heard, cues)
    assert [(s.id, s.span) for s in found.segments] == [(c.id, c.span) for c in cues]
    assert [s.text for s in found.segments] == ["w0 w1", "w2 w3 w4 w5", ""]
    assert [s.speaker for s in found.segments] == ["S1", "S1", "S1"]


def test_no_word_is_heard_in_two_lines() -> None:
    words = tuple(Word(f"w{n}", Span(n * 300, n * 300 + 290)) for n in range(20))
    heard = Transcript("en", (Segment("s0001", Span(0, 6000), "S1", "", words),))
    cues = lines(*((n * 700, n * 700 + 700) for n in range(9))).segments
    said = [w.text for s in recut_to_lines(heard, cues).segments for w in s.words]
    assert said == [w.text for w in words]


# --- what is spoken ------------------------------------------------------------------------------------------------


def test_labels_name_the_speaker_and_sounds_are_not_spoken(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "film.en.srt"
    rows = [
        "ANNA: Get out.", "[door opens] Good morning.", "[suspenseful music]", "- What happened?", "♪ Home again ♪",
        "BEN: I left.",
    ]  # fmt: skip
    path.write_text(
        "\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n" for n, text in enumerate(rows, 1)), "utf-8"
    )
    found = spoken_words(read_supplied(run, path, "en"))
    assert [s.text for s in found.transcript.segments] == [
        "Get out.", "Good morning.", "", "What happened?", "Home again", "I left.",
    ]  # fmt: skip
    assert [found.names.get(s.speaker, "") for s in found.transcript.segments] == ["ANNA", "", "", "", "", "BEN"]
    voices = ["S2", "S1", "S1", "S1", "S2", "S1"]
    heard = replace(
        found.transcript,
        segments=tuple(replace(s, speaker=voice) for s, voice in zip(found.transcript.segments, voices)),
    )
    named, names = name_voices(found.transcript, heard, found.names)
    assert [names[s.speaker] for s in named.segments] == ["ANNA", "BEN", "BEN", "BEN", "ANNA", "BEN"]
