"""Given cues of several people, from the files of a request to the subtitles: lines for turns, cues as they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localize.data import Candidate, Span, SubtitleSource
from localize.errors import UsageError
from localize.events import Run
from localize.inputs import Inputs, check_edits, read_inputs, warn_of_given_cues
from localize.job import Job
from localize.source.given_cues import _given_template, source_template
from localize.source.words import spoken_inputs

ENGLISH = ("- Are you coming?\n- In a minute.", "Good.", "ANNA: Who?\nBEN: Me.")
SPANISH = ("—¿Vienes?\n—En un minuto.", "Bien.", "¿Quién? Yo.")
EDITS = [
    {"segment": "s0001-2", "source": "Later.", "translation": {"es": "Luego."}, "start_ms": 2100, "end_ms": 2900},
    {"segment": "s0003", "source": "Who now?", "translation": {"es": "¿Quién ahora?"}, "start_ms": 7050},
]


def srt(path: Path, texts: Sequence[str], shifted_ms: int = 0) -> Path:
    rows = []
    for n, text in enumerate(texts, 1):
        start, end = 3 * n - 2, 3 * n
        rows.append(f"{n}\n00:00:{start:02},{shifted_ms:03} --> 00:00:{end - 1:02},{999 - shifted_ms:03}\n{text}\n")
    path.write_text("\n".join(rows), "utf-8")
    return path


def asked(
    tmp_path: Path, run: Run, english: Sequence[str] = ENGLISH, spanish: Sequence[str] = SPANISH, **more: Any
) -> tuple[Job, Inputs]:
    (tmp_path / "film.wav").touch()
    given: dict[str, Any] = {}
    if english:
        given["transcript"] = srt(tmp_path / "film.en.srt", english)
    if spanish:
        given["translation"] = srt(tmp_path / "film.es.srt", spanish, 40)
    job = Job(tmp_path / "film.wav", to=("es",), source_language="en", output=tmp_path / "out", **given, **more)
    return job, spoken_inputs(read_inputs(job, run), "es")


def edits(tmp_path: Path, rows: Sequence[dict[str, Any]] = EDITS) -> Path:
    path = tmp_path / "edits.json"
    path.write_text(json.dumps({"schema": 1, "edits": list(rows)}), "utf-8")
    return path


def warned(job: Job, inputs: Inputs, run: Run) -> list[tuple[str, str]]:
    warn_of_given_cues(job, inputs, run)
    return [(w.code, w.message) for w in run.warnings]


def test_turns_of_words_and_of_their_translation_are_lines_of_one_id(run: Run, tmp_path: Path) -> None:
    job, inputs = asked(tmp_path, run)
    assert inputs.transcript is not None
    said = {s.id: s.text for s in inputs.transcript.transcript.segments}
    assert said == {
        "s0001": "Are you coming?", "s0001-2": "In a minute.", "s0002": "Good.", "s0003": "Who?", "s0003-2": "Me.",
    }  # fmt: skip
    assert {line.id: line.text for line in inputs.translation} == {
        "s0001": "¿Vienes?", "s0001-2": "En un minuto.", "s0002": "Bien.", "s0003": "¿Quién?", "s0003-2": "Yo.",
    }  # fmt: skip
    assert warned(job, inputs, run) == []


def test_turns_of_a_translation_alone_are_lines(run: Run, tmp_path: Path) -> None:
    job, inputs = asked(tmp_path, run, english=())
    assert [(line.id, line.text) for line in inputs.translation] == [
        ("s0001", "¿Vienes?"), ("s0001-2", "En un minuto."), ("s0002", "Bien."), ("s0003", "¿Quién? Yo."),
    ]  # fmt: skip
    assert inputs.paired == {"s0001": "s0001", "s0001-2": "s0001", "s0002": "s0002", "s0003": "s0003"}
    assert warned(job, inputs, run) == []


def test_cues_whose_turns_cannot_be_told_in_both_files_stay_whole_and_are_told(run: Run, tmp_path: Path) -> None:
    job, inputs = asked(tmp_path, run, ENGLISH, ("¿Vienes ya o no?", "- Bien.\n- Vale.", "- ¿Quién?\n- Yo."))
    assert inputs.transcript is not None
    assert [s.id for s in inputs.transcript.transcript.segments] == ["s0001", "s0002", "s0003", "s0003-2"]
    found = warned(job, inputs, run)
    assert [code for code, _ in found] == ["shared_cues", "shared_cues"]
    assert "film.en.srt: 1 cues" in found[0][1]
    assert "cue 1 (line 2)" in found[0][1]
    assert "film.es.srt: 1 cues" in found[1][1]
    assert "cue 2 (line 6)" in found[1][1]


def test_files_in_another_order_are_paired_cue_by_cue(run: Run, tmp_path: Path) -> None:
    job, _ = asked(tmp_path, run)
    rows = (tmp_path / "film.es.srt").read_text("utf-8").split("\n\n")
    (tmp_path / "film.es.srt").write_text("\n\n".join([rows[2].strip(), rows[0], rows[1]]) + "\n", "utf-8")
    inputs = spoken_inputs(read_inputs(job, run), "es")
    assert [line.text for line in inputs.translation] == ["¿Vienes?", "En un minuto.", "Bien.", "¿Quién?", "Yo."]
    assert inputs.paired == {
        "s0001": "s0002", "s0001-2": "s0002", "s0002": "s0003", "s0003": "s0001", "s0003-2": "s0001",
    }  # fmt: skip


def test_corrections_of_turns_leave_the_rest_of_their_cues(run: Run, tmp_path: Path) -> None:
    """In the source's cues and in those of the translation, one of which has its turns in one line."""
    job, inputs = asked(tmp_path, run, edits=edits(tmp_path))
    check_edits(inputs)
    assert inputs.transcript is not None
    assert inputs.translation_cues is not None
    sheet = SubtitleSource(inputs.transcript.transcript, 12_000, "25/1", shots=())
    kept = source_template(job, inputs, sheet, {})
    assert kept is not None
    assert kept.texts == {
        "s0001": Candidate("- Are you coming?\n- Later.", 0.0), "s0003": Candidate("ANNA: Who now?\nBEN: Me.", 0.0),
    }  # fmt: skip
    assert kept.spans == {"s0001": Span(1000, 2900), "s0003": Span(7050, 8999)}
    own = _given_template(inputs, inputs.translation_cues, sheet, "es")
    assert own.texts == {
        "s0001": Candidate("—¿Vienes?\n—Luego.", 0.0), "s0003": Candidate("¿Quién ahora? Yo.", 0.0),
    }  # fmt: skip
    assert own.spans == {"s0001": Span(1040, 2900), "s0003": Span(7050, 8959)}


def test_edits_of_turns_that_are_not_there_are_refused(run: Run, tmp_path: Path) -> None:
    """Turns of a cue that is spoken whole, of one with fewer, of subtitles alone."""
    with pytest.raises(UsageError, match="s0002-2"):
        asked(tmp_path, run, edits=edits(tmp_path, [{"segment": "s0002-2", "source": "No."}]))
    rows = [{"segment": "s0001-2", "source": "No."}]
    _, whole = asked(tmp_path, run, ENGLISH, ("¿Vienes ya o no?", "Bien.", "¿Quién?"), edits=edits(tmp_path, rows))
    with pytest.raises(UsageError, match="s0001-2"):
        check_edits(whole)
    job, _ = asked(tmp_path, run, edits=edits(tmp_path, rows))
    with pytest.raises(UsageError, match="s0001-2"):
        check_edits(read_inputs(job, run))


def test_cues_stay_whole_with_a_translators_file(run: Run, tmp_path: Path) -> None:
    """It has one unit for a cue."""
    job, _ = asked(tmp_path, run, spanish=())
    returned: Any = object()
    inputs = read_inputs(job, run)
    found = spoken_inputs(replace(inputs, returned=returned), "es")
    assert found.transcript is not None
    assert [s.id for s in found.transcript.transcript.segments] == ["s0001", "s0002", "s0003"]
    assert [code for code, _ in warned(job, found, run)] == ["shared_cues"]


def test_a_translation_of_other_counts_keeps_its_turns(run: Run, tmp_path: Path) -> None:
    joined = ("- ¿Vienes? - En un minuto.", "Bien.", "- ¿Quién?\n- Yo.", "[música]")
    _, inputs = asked(tmp_path, run, ENGLISH, joined)
    assert [line.text for line in inputs.translation] == ["¿Vienes?", "En un minuto.", "Bien.", "¿Quién?", "Yo."]


def test_the_words_of_a_translation_are_those_of_the_lines(run: Run, tmp_path: Path) -> None:
    """No word of any cue is lost or said twice, whichever of the files has turns."""
    for english, spanish in ((ENGLISH, SPANISH), (SPANISH, ENGLISH), (ENGLISH, ENGLISH[::-1])):
        _, inputs = asked(tmp_path, run, english, spanish)
        assert inputs.transcript is not None
        assert len(inputs.translation) == len(inputs.transcript.transcript.segments)
        ours = " ".join(s.text for s in inputs.transcript.transcript.segments)
        theirs = " ".join(line.text for line in inputs.translation)
        for text, said in ((" ".join(english), ours), (" ".join(spanish), theirs)):
            bare = text.replace("ANNA:", "").replace("BEN:", "").replace("—", " ").replace("- ", " ")
            assert said.split() == bare.split()


def test_what_the_picture_shows_is_silent_in_a_translation_without_its_label(run: Run, tmp_path: Path) -> None:
    _, found = asked(tmp_path, run, ["TITLE CARD: London, 1945", "Where is it?"], ["Londres, 1945", "¿Dónde está?"])
    assert found.transcript is not None
    assert [s.text for s in found.transcript.transcript.segments] == ["", "Where is it?"]
    assert [line.text for line in found.translation] == ["", "¿Dónde está?"]
