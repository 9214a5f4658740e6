"""Delivered subtitles given back: corrections of a run, and files that are not written over."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from localize.consent import note_deliverable
from localize.data import (
    Candidate,
    Edit,
    Edits,
    Line,
    Segment,
    Span,
    SubtitleSource,
    TargetText,
    Transcript,
    Translation,
)
from localize.errors import UsageError
from localize.events import Run
from localize.job import Job
from localize.pipeline import dry_run
from localize.review import Event, append
from localize.runtime.files import write_json
from localize.subtitles.caption import target_words
from localize.subtitles.render import render_all, write_subtitles
from localize.subtitles.revised import take_revised
from localize.transcription.master import master_json

SAID = (("s0001", 1000, "Where are the keys?", "¿Dónde están?"), ("s0002", 4000, "On the table.", "En la mesa."))
TRANSCRIPT = Transcript("en", tuple(Segment(i, Span(at, at + 2000), "S1", text) for i, at, text, _ in SAID))
SHEET = SubtitleSource(TRANSCRIPT, 9000, "25/1")


@pytest.fixture
def out(run: Run, tmp_path: Path) -> Path:
    """The folder of a dub of film.mp4 into Spanish, as far as subtitles go."""
    folder = tmp_path / "out"
    folder.mkdir()
    translation = Translation("es", tuple(Line(i, (Candidate(text, 0.0),)) for i, *_, text in SAID))
    target = TargetText(translation, target_words(TRANSCRIPT, translation), {i: 0 for i, *_ in SAID})
    files = write_subtitles(run, render_all("netflix", SHEET, [target]), folder, "film", ("srt",))
    for language in ("es", "en"):
        note_deliverable(run.home, files[language]["srt"], title="film", language="es", lines={})
    write_json(folder / "film.master.json", master_json(SHEET, [target]))
    write_json(folder / "film.job.json", {"schema": 1, "profile": "netflix"})
    run.warnings.clear()
    return folder


def job(out: Path, **given: Path) -> Job:
    return Job(out.parent / "film.mp4", to=("es",), output=out, **given)  # type: ignore[arg-type]


def corrected(path: Path, old: str, new: str, at: Path | None = None) -> Path:
    text = path.read_text("utf-8")
    assert old in text
    (at or path).write_text(text.replace(old, new), "utf-8")
    return at or path


def test_a_corrected_copy_corrects_its_lines_and_nothing_else(run: Run, out: Path, tmp_path: Path) -> None:
    spanish = corrected(out / "film.es.srt", "mesa", "silla", tmp_path / "mine.srt")
    english = corrected(out / "film.en.srt", "keys", "car keys", tmp_path / "english.srt")
    given_back, edits = take_revised(job(out, translation=spanish, transcript=english), run)
    assert given_back == {"transcript", "translation"}
    assert sorted(edits.edits, key=lambda edit: edit.segment) == [
        Edit("s0001", source="Where are the car keys?"),
        Edit("s0002", translation={"es": "En la silla."}),
    ]
    assert [w.code for w in run.warnings] == ["corrections_taken"] * 2


def test_the_delivered_file_itself_may_be_corrected_and_named(run: Run, out: Path) -> None:
    path = corrected(out / "film.es.srt", "mesa", "silla")
    with pytest.raises(UsageError, match=r"film\.es\.srt was changed .* give it as --translation"):
        take_revised(job(out), run)
    _, edits = take_revised(job(out, translation=path), run)
    assert edits.edits == (Edit("s0002", translation={"es": "En la silla."}),)


def test_what_would_be_lost_is_refused_and_of_a_copy_told(run: Run, out: Path, tmp_path: Path) -> None:
    copy = corrected(out / "film.es.srt", "00:00:04", "00:00:05", tmp_path / "copy.srt")
    assert take_revised(job(out, translation=copy), run) == ({"translation"}, Edits())
    assert [w.code for w in run.warnings] == ["corrections_left", "corrections_taken"]
    corrected(out / "film.es.srt", "00:00:04", "00:00:05")
    with pytest.raises(UsageError, match="cannot take over cues at other times: 2: copy it"):
        take_revised(job(out, translation=out / "film.es.srt"), run)


def test_what_is_told_quotes_the_new_words_and_names_cues_that_are_cut_anew(
    run: Run, out: Path, tmp_path: Path
) -> None:
    copy = corrected(out / "film.es.srt", "En la mesa.", "En la\nsilla.", tmp_path / "copy.srt")
    text = copy.read_text("utf-8").replace("¿Dónde están?", "¿Dónde\nestán?")
    copy.write_text(text, "utf-8")
    take_revised(job(out, translation=copy), run)
    said = {w.code: w.message for w in run.warnings}
    assert set(said) == {"cut_anew", "corrections_taken"}
    assert "its cues 1 are joined" in said["cut_anew"]
    assert "corrects s0002 ('En la silla.')" in said["corrections_taken"]


def test_delivered_words_at_other_times_are_given_ones_and_that_is_told(run: Run, out: Path, tmp_path: Path) -> None:
    copy = corrected(out / "film.es.srt", "00:00:0", "00:01:0", tmp_path / "copy.srt")
    assert not take_revised(job(out, translation=copy), run)[0]
    assert [w.code for w in run.warnings] == ["given_words"]
    assert "taken as a given translation" in run.warnings[0].message


def test_given_words_stay_given(run: Run, out: Path, tmp_path: Path) -> None:
    other = tmp_path / "theirs.srt"
    other.write_text("1\n00:00:00,200 --> 00:00:03,900\nSobre la cama.\n", "utf-8")
    assert not take_revised(job(out, translation=other), run)[0], "another person's subtitles"
    asked = {"schema": 1, "profile": "netflix", "translation": "theirs.srt"}
    (out / "film.job.json").write_text(json.dumps(asked), "utf-8")
    copy = corrected(out / "film.es.srt", "mesa", "silla", tmp_path / "copy.srt")
    assert not take_revised(job(out, translation=copy), run)[0], "the last run had a given translation"
    assert not run.warnings


def test_what_a_review_decided_otherwise_is_not_lost_without_a_word(run: Run, out: Path, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").touch()
    append(out, [Event("edit_translation", line="s0002", language="es", text="En la cama.")], expected=0, who="Ana")
    copy = corrected(out / "film.es.srt", "mesa", "silla", tmp_path / "copy.srt")
    with pytest.raises(UsageError, match="say different things of s0002: change it in the review"):
        dry_run(job(out, translation=copy), run)


def test_a_changed_file_that_is_not_written_stays(run: Run, out: Path) -> None:
    corrected(out / "film.es.srt", "mesa", "silla")
    assert take_revised(replace(job(out), deliver=("video",)), run) == (frozenset(), Edits())
