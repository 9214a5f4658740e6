"""What comes in: nonsense refused at once, given words fitted to the film, a person's corrections applied."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import (
    Candidate,
    Line,
    Media,
    Segment,
    Source,
    Span,
    SubtitleSource,
    TargetText,
    TargetWords,
    Transcript,
    Translation,
    Word,
)
from localize.engine_selection import SelectedEngines
from localize.errors import LocalizeError, MediaError, UsageError
from localize.events import Run
from localize.inputs import Inputs, read_inputs
from localize.job import Job
from localize.source.film_check import check_film
from localize.source.given_cues import in_lines, source_template, target_template, voices_by_line
from localize.source.words import (
    NO_FILM_RATE,
    SourceWords,
    _match_lines,
    subtitle_source_of_file,
    warn_of_other_clock,
    words_of_file,
    words_of_film,
)
from localize.transcription.edits import apply_edits
from localize.transcription.master import Master
from localize.transcription.supplied import SuppliedWords

NOBODY = SelectedEngines(None, (), None)
"""Given words need no engine."""
CUES = (((1000, 2500), "Good evening."), ((3000, 4200), "Where were you?"), ((12_000, 13_000), "After the end."))


def srt(path: Path, cues: Sequence[tuple[tuple[int, int], str]]) -> Path:
    rows = [f"{n}\n{stamp(a)} --> {stamp(b)}\n{text}\n" for n, ((a, b), text) in enumerate(cues, 1)]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def stamp(ms: int) -> str:
    return f"00:{ms // 60_000:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


@pytest.fixture
def film(run: Run, tone: Callable[..., Any]) -> Media:
    """Ten seconds that hum throughout, so that given times are moved nowhere."""
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, tone(10.0, 150.0, 0.3, 16_000), 16_000, "PCM_16")
    source = Source("0" * 64, 1, "film.wav")
    return Media(source, "wav", (), 0, 10_000, 480_000, 1, "mono", "24/1", draft.blob, draft.blob)


def job(tmp_path: Path, **more: Any) -> Job:
    return Job(tmp_path / "film.wav", to=("es",), source_language="en", speakers=1, output=tmp_path / "out", **more)


def words_of(asked: Job, run: Run, film: Media) -> SourceWords:
    """What is said, the film's sound aside: given words need no engine."""
    asked.input.touch()
    return words_of_film(asked, read_inputs(asked, run), run, NOBODY, film)


# --- words -----------------------------------------------------------------------------------------------------------


def test_given_lines_beyond_the_end_are_left_out_and_told(run: Run, film: Media, tmp_path: Path) -> None:
    given = srt(tmp_path / "film.en.srt", CUES)
    words = words_of(job(tmp_path, transcript=given), run, film)
    assert [s.text for s in words.transcript.segments] == ["Good evening.", "Where were you?"]
    assert all(0 <= s.span.start_ms < s.span.end_ms <= film.duration_ms for s in words.transcript.segments)
    (warning,) = run.warnings
    assert warning.code == "line_beyond_end"
    assert "s0003 starts at 12000 ms" in warning.message


def test_a_given_line_that_reaches_beyond_the_end_is_cut_and_told(run: Run, film: Media, tmp_path: Path) -> None:
    given = srt(tmp_path / "film.en.srt", [CUES[0], ((9000, 11_000), "Until the end.")])
    words = words_of(job(tmp_path, transcript=given), run, film)
    assert words.transcript.segments[-1].span.end_ms <= film.duration_ms
    assert [w.code for w in run.warnings] == ["line_beyond_end"]
    assert "1000 ms after the end" in run.warnings[0].message


@pytest.fixture
def spoken_film(film: Media, run: Run, tone: Callable[..., Any]) -> Media:
    """A minute that sounds where twelve lines are spoken."""
    sound = np.random.default_rng(0).normal(0, 1e-4, 60 * 16_000)
    for start_ms, end_ms in TWELVE:
        part = tone((end_ms - start_ms) / 1000, 150.0, 0.3, 16_000)
        sound[start_ms * 16 :][: len(part)] += part
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, sound, 16_000, "PCM_16")
    return replace(film, original=draft.blob, speech=draft.blob, duration_ms=60_000, samples=60 * 48_000)


TWELVE = (
    (1000, 2800), (5800, 6800), (10500, 12200), (17100, 18200), (20000, 21300), (24400, 26900),
    (29200, 31400), (35600, 36900), (41300, 43000), (43800, 45400), (48800, 50600), (52500, 54700),
)  # fmt: skip


@pytest.mark.parametrize("late_ms", [0, 2000])
@pytest.mark.parametrize("kind", ["transcript", "translation"])
def test_lines_timed_for_another_version_of_a_film_are_told(
    run: Run, spoken_film: Media, tmp_path: Path, late_ms: int, kind: str
) -> None:
    cues = [((a + late_ms, b + late_ms), f"Line number {n}.") for n, (a, b) in enumerate(TWELVE)]
    asked = job(tmp_path, **{kind: srt(tmp_path / "film.es.srt", cues)})
    asked.input.touch()
    warn_of_other_clock(asked, read_inputs(asked, run), run, spoken_film)
    if not late_ms:
        assert run.warnings == []
        return
    (warning,) = run.warnings
    assert warning.code == "given_clock"
    (found,) = re.findall(r"as if timed \d\.\d s too late .* 'localize convert --offset (-\d+)'", warning.message)
    assert int(found) == pytest.approx(-late_ms, abs=100)


def test_lines_that_all_lie_beyond_the_end_are_refused(run: Run, film: Media, tmp_path: Path) -> None:
    given = srt(tmp_path / "film.en.srt", CUES[2:])
    with pytest.raises(MediaError, match="starts after the end"):
        words_of(job(tmp_path, transcript=given), run, film)


def test_a_given_translation_loses_the_lines_that_the_film_has_no_room_for(
    run: Run, film: Media, tmp_path: Path
) -> None:
    cues = [CUES[2], *CUES[:2]]  # the first cue of the file is the one beyond the end
    given = srt(tmp_path / "film.en.srt", cues)
    lines = srt(
        tmp_path / "film.es.srt", [(s, t) for (s, _), t in zip(cues, ("Después.", "Buenas noches.", "¿Dónde?"))]
    )
    words = words_of(job(tmp_path, transcript=given, translation=lines), run, film)
    assert [s.text for s in words.transcript.segments] == ["Good evening.", "Where were you?"]
    assert words.translation == ("Buenas noches.", "¿Dónde?")


def test_corrections_change_texts_and_a_moved_line_forgets_where_its_words_were(
    run: Run, film: Media, tmp_path: Path
) -> None:
    given = srt(tmp_path / "film.en.srt", CUES[:2])
    edits = tmp_path / "edits.json"
    rows = [{"segment": "s0001", "source": "Good night."}, {"segment": "s0002", "start_ms": 5000, "end_ms": 6000}]
    edits.write_text(json.dumps({"schema": 1, "edits": rows}), encoding="utf-8")
    first, second = words_of(job(tmp_path, transcript=given, edits=edits), run, film).transcript.segments
    assert first.text == "Good night."
    assert (second.span, second.phrases, second.words) == (Span(5000, 6000), (Span(5000, 6000),), ())


@pytest.mark.parametrize(
    ("lines", "segments", "matched"),
    [
        ((), ("s0001",), None),
        # By id where both have the same.
        ((("s0002", "dos"), ("s0001", "uno")), ("s0001", "s0002"), ("uno", "dos")),
        # Else in their order; the stage refuses a number that differs.
        ((("s0001", "uno"), ("s0003", "tres")), ("s0001", "s0002"), ("uno", "tres")),
        ((("s0001", "uno"),), ("s0001", "s0002"), ("uno",)),
    ],
)
def test_cue_n_of_a_translation_belongs_to_segment_n(
    lines: tuple[tuple[str, str], ...], segments: tuple[str, ...], matched: tuple[str, ...] | None
) -> None:
    def segment(name: str, text: str = "") -> Segment:
        return Segment(name, Span(0, 1), "S1", text)

    assert _match_lines([segment(*line) for line in lines], [segment(name) for name in segments]) == matched


ORDERED = ((1000, 2000), (3000, 4000), (5000, 6000))


@pytest.mark.parametrize(
    ("lines", "matched"),
    [
        # As they stand, wherever each touches its segment at all.
        ((("s0001", 1999, 2100), ("s0002", 3999, 5000), ("s0003", 5999, 9000)), ("s0001", "s0002", "s0003")),
        # In another order: by their times.
        ((("s0001", 5000, 6000), ("s0002", 1000, 2000), ("s0003", 3000, 4000)), ("s0002", "s0003", "s0001")),
        ((("s0001", 5999, 6100), ("s0002", 1000, 1001), ("s0003", 3000, 3001)), ("s0002", "s0003", "s0001")),
        # One of them lies nowhere: their times say nothing, their numbers do.
        ((("s0001", 5000, 6000), ("s0002", 1000, 2000), ("s0003", 8000, 9000)), ("s0001", "s0002", "s0003")),
        ((("s0003", 8000, 9000), ("s0001", 5000, 6000), ("s0002", 1000, 2000)), ("s0001", "s0002", "s0003")),
        # Two segments are nearest to one line: the same.
        ((("s0001", 1000, 4000), ("s0002", 8000, 9000), ("s0003", 5000, 6000)), ("s0001", "s0002", "s0003")),
    ],
)
def test_lines_in_another_order_are_matched_by_their_times(
    lines: tuple[tuple[str, int, int], ...], matched: tuple[str, ...]
) -> None:
    segments = [Segment(f"s{n:04}", Span(*span), "S1", "") for n, span in enumerate(ORDERED, 1)]
    assert _match_lines([Segment(name, Span(a, b), "S1", name) for name, a, b in lines], segments) == matched


def test_a_subtitle_file_is_its_own_sheet(run: Run, tmp_path: Path) -> None:
    given = srt(tmp_path / "film.en.srt", CUES)
    inputs = read_inputs(Job(given, to=("es",), output=tmp_path / "out"), run)
    words = words_of_file(inputs)
    sheet, known = subtitle_source_of_file(inputs, words)
    assert (sheet.duration_ms, sheet.transcript.language, sheet.shots) == (13_000, "en", None)
    assert [s.text for s in words.transcript.segments] == [text for _, text in CUES]
    assert known == {}
    assert (sheet.frame_rate, words.translation) == (NO_FILM_RATE, None)


def test_the_translation_given_with_a_subtitle_file_belongs_to_its_cues(run: Run, tmp_path: Path) -> None:
    given = srt(tmp_path / "film.en.srt", CUES[:2])
    lines = srt(tmp_path / "film.es.srt", [(CUES[0][0], "Buenas noches."), (CUES[1][0], "¿Dónde?")])
    words = words_of_file(read_inputs(Job(given, to=("es",), translation=lines, output=tmp_path / "out"), run))
    assert words.translation == ("Buenas noches.", "¿Dónde?")


def test_a_master_keeps_its_sheet_and_the_translations_it_holds() -> None:
    said = Transcript("en", (Segment("s0001", Span(0, 900), "S1", "Hello."),), given=True)
    sheet = SubtitleSource(said, 9000, "25/1", offset_ms=40, shots=(500,))
    spanish = TargetText(
        Translation("es", (Line("s0001", (Candidate("Hola.", 0.0),)),)),
        (TargetWords("s0001", "Hola.", (Word("Hola.", Span(0, 900)),)),),
        {"s0001": 0},
    )
    corrected = replace(said, segments=(replace(said.segments[0], text="Good evening."),))
    inputs = Inputs(words=SuppliedWords(said, Master(sheet, (spanish,))))
    found, known = subtitle_source_of_file(inputs, SourceWords(corrected))
    assert found == replace(sheet, transcript=corrected)
    assert known == {"es": spanish}


# --- given cues that are kept ----------------------------------------------------------------------------------------

SPOKEN = "<v Ana>Good evening.\n<v Ben>Good morning."
VTT = f"WEBVTT\n\n00:01.000 --> 00:02.500\n{SPOKEN}\n\n00:03.000 --> 00:04.200\nWhere were\nyou?\n"


def given_cues(run: Run, tmp_path: Path, **more: Any) -> tuple[Job, Inputs, SubtitleSource]:
    """Two cues of two lines each, a person's edits of the second, and what is known of a film of nine seconds."""
    (tmp_path / "film.wav").touch()
    (tmp_path / "film.en.vtt").write_text(VTT, encoding="utf-8")
    rows = [{"segment": "s0002", "source": "Where have you been?", "start_ms": 3100, "translation": {"es": "¿Dónde?"}}]
    (tmp_path / "edits.json").write_text(json.dumps({"schema": 1, "edits": rows}), encoding="utf-8")
    asked = job(tmp_path, transcript=tmp_path / "film.en.vtt", edits=tmp_path / "edits.json", **more)
    inputs = read_inputs(asked, run)
    assert inputs.transcript is not None
    return asked, inputs, SubtitleSource(inputs.transcript.transcript, 9000, "25/1", offset_ms=40, shots=())


def test_the_sources_cues_are_kept_with_a_persons_words_and_times(run: Run, tmp_path: Path) -> None:
    asked, inputs, sheet = given_cues(run, tmp_path)
    found = source_template(asked, inputs, sheet, {"S1": "Ana", "S2": "Ben"})
    assert found is not None
    assert inputs.transcript is not None
    assert found.document is inputs.transcript.document
    assert (found.language, found.written_in, found.names, found.end_ms) == ("en", "en", ("Ana", "Ben"), 9040)
    assert found.texts == {"s0002": Candidate("Where have you been?", 0.0)}
    assert found.spans == {"s0002": Span(3100, 4200)}, "a person moved the start and left the end"
    without_film = source_template(asked, inputs, replace(sheet, shots=None), {})
    assert without_film is not None
    assert without_film.end_ms is None


def test_no_cues_are_kept_where_none_were_given_or_they_are_cut_anew(run: Run, tmp_path: Path) -> None:
    asked, inputs, sheet = given_cues(run, tmp_path)
    assert source_template(replace(asked, recut=True), inputs, sheet, {}) is None
    assert source_template(asked, replace(inputs, transcript=None), sheet, {}) is None
    assert inputs.transcript is not None
    as_master = replace(inputs, transcript=replace(inputs.transcript, document=None))
    assert source_template(asked, as_master, sheet, {}) is None


def test_a_translation_is_shown_in_the_sources_cues(run: Run, tmp_path: Path) -> None:
    asked, inputs, sheet = given_cues(run, tmp_path)
    kept = source_template(asked, inputs, sheet, {})
    best, other = Candidate("Buenas noches.", -0.1), Candidate("Buenas.", -0.9)
    translation = Translation("es", (Line("s0001", (best, other)), Line("s0002", ())))
    found = target_template(asked, inputs, sheet, kept, translation)
    assert kept is not None
    assert found == replace(kept, language="es", texts={"s0001": best})
    assert target_template(asked, inputs, sheet, None, translation) is None


def test_a_given_translation_keeps_its_own_cues_unless_they_are_cut_anew(run: Run, tmp_path: Path) -> None:
    lines = srt(tmp_path / "film.es.srt", [((1100, 2500), "Buenas noches."), ((3000, 4200), "¿Qué?")])
    asked, inputs, sheet = given_cues(run, tmp_path, translation=lines)
    kept = source_template(asked, inputs, sheet, {})
    translation = Translation("es", (Line("s0001", (Candidate("Buenas noches.", 0.0),)),))
    found = target_template(asked, inputs, sheet, kept, translation)
    assert found is not None
    assert found.document is inputs.translation_cues
    assert (found.language, found.written_in, found.end_ms, found.spans) == (
        "es",
        "es",
        9040,
        {"s0002": Span(3100, 4200)},
    )
    assert found.texts == {"s0002": Candidate("¿Dónde?", 0.0)}, "a person corrected the given line, and moved it"
    anew = target_template(replace(asked, recut=True), inputs, sheet, kept, translation)
    assert anew is not None
    assert kept is not None
    assert anew.document is kept.document


def test_lines_of_given_cues_are_those_of_their_texts_where_the_words_are_the_same(run: Run, tmp_path: Path) -> None:
    asked, inputs, sheet = given_cues(run, tmp_path)
    kept = source_template(asked, inputs, sheet, {})
    assert [s.text for s in in_lines(sheet.transcript, kept).segments] == [
        "Good evening.\nGood morning.",
        "Where were\nyou?",
    ]
    edited = apply_edits(sheet.transcript, inputs.edits)
    further = replace(edited, segments=(*edited.segments, Segment("s0003", Span(8000, 8500), "S1", "Hello.")))
    assert [s.text for s in in_lines(further, kept).segments][1:] == ["Where have you been?", "Hello."]
    assert in_lines(edited, None) is edited


def test_who_speaks_in_each_line_is_known_where_the_file_says_so(run: Run, tmp_path: Path) -> None:
    asked, inputs, sheet = given_cues(run, tmp_path)
    kept = source_template(asked, inputs, sheet, {})
    assert voices_by_line(kept) == {"s0001": (("Ana",), ("Ben",))}
    assert voices_by_line(None) == {}


# --- nonsense --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"to": ("es", "pt", "es")}, "names es twice"),
        ({"to": ("en",)}, "would go from en to en"),
        ({"to": ("no such language",)}, "no such language"),
        ({"source_language": "??"}, r"\?\?"),
        ({"to": ("es", "pt"), "translation": Path("film.es.srt")}, "one --to"),
        ({"profile": "nobody"}, "nobody"),
        ({"formats": ("srt", "doc")}, "doc"),
        ({"speakers": 0}, "from 1 to 50, not 0"),
        ({"speakers": 51}, "from 1 to 50, not 51"),
        ({"notice": ("smoke",)}, "smoke"),
        ({"loudness": "deafening"}, "deafening"),
        ({"regions": {"es": "Mexico"}}, "'Mexico' of es is no region"),
        ({"bed": "feathers"}, "--bed takes .*'feathers'"),
        ({"stems": ("flowers",)}, "--stems takes speakers, not 'flowers'"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_nonsense_is_refused_before_any_work(tmp_path: Path, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        replace(job(tmp_path), **asked)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("field", ["input", "transcript", "translation", "me"])
def test_a_file_that_is_not_there_is_refused_before_any_work(run: Run, tmp_path: Path, field: str) -> None:
    (tmp_path / "film.wav").touch()
    with pytest.raises(MediaError, match=r"gone\.srt does not exist"):
        read_inputs(replace(job(tmp_path), **{field: tmp_path / "gone.srt"}), run)


@pytest.mark.parametrize("speakers", [1, 50, None])
def test_the_number_of_speakers_may_be_anything_sensible(tmp_path: Path, speakers: int | None) -> None:
    assert replace(job(tmp_path), speakers=speakers).speakers == speakers


def test_nobody_draws_into_a_picture_that_is_not_there(tmp_path: Path, tone: Callable[..., Any]) -> None:
    soundfile.write(tmp_path / "film.wav", tone(1.0), 48_000, "PCM_16")
    with pytest.raises(UsageError, match="has none: leave it out"):
        check_film(job(tmp_path, burn=True))
    given = srt(tmp_path / "film.en.srt", CUES)
    with pytest.raises(LocalizeError, match="has none: give the film"):
        Job(given, to=("es",), burn=True)
