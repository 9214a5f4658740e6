"""Subtitles of given words, by Python: what an earlier run delivered in the same folder is carried over, or said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localize import Job, subtitle
from localize.errors import UsageError
from localize.events import Run

LINES = {
    "en": ("Good evening.", "Yes."),
    "es": ("Buenas noches.", "Sí."),
    "pt": ("Boa noite.", "Sim."),
}


def words(folder: Path, language: str, first: str = "") -> Path:
    one, two = LINES[language]
    path = folder / f"film.{language}.srt"
    path.write_text(
        f"1\n00:00:01,000 --> 00:00:03,000\n{first or one}\n\n2\n00:00:04,000 --> 00:00:06,000\n{two}\n", "utf-8"
    )
    return path


def translated(folder: Path, language: str, run: Run, first: str = "") -> dict[str, Any]:
    """The master.json after the film was subtitled in one more language."""
    given = words(folder, language)
    job = Job(words(folder, "en", first), to=(language,), translation=given, output=folder / "out")
    subtitle(job, run)
    return master(folder)


def master(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "film.master.json").read_text("utf-8"))
    return found


def test_a_second_language_later_keeps_the_first_in_the_master(run: Run, tmp_path: Path) -> None:
    translated(tmp_path, "es", run)
    segments = translated(tmp_path, "pt", run)["segments"]
    assert [{k: v["text"] for k, v in s["translations"].items()} for s in segments] == [
        {"es": es, "pt": pt} for es, pt in zip(LINES["es"], LINES["pt"])
    ]
    assert run.warnings == []


def test_one_language_of_a_master_leaves_the_others_in_it(run: Run, tmp_path: Path) -> None:
    translated(tmp_path, "es", run)
    translated(tmp_path, "pt", run)
    subtitle(Job(tmp_path / "out" / "film.master.json", to=("es",), output=tmp_path / "out"), run)
    assert set(master(tmp_path)["segments"][1]["translations"]) == {"es", "pt"}


def test_languages_of_other_words_are_not_carried_over_and_it_is_said(run: Run, tmp_path: Path) -> None:
    translated(tmp_path, "es", run)
    found = translated(tmp_path, "pt", run, first="Good morning.")
    assert set(found["segments"][0]["translations"]) == {"pt"}
    assert [(w.code, "held es" in w.message) for w in run.warnings] == [("master_replaced", True)]


def test_a_damaged_master_is_replaced_and_it_is_said(run: Run, tmp_path: Path) -> None:
    translated(tmp_path, "es", run)
    (tmp_path / "out" / "film.master.json").write_text("{", "utf-8")
    found = translated(tmp_path, "pt", run)
    assert set(found["segments"][0]["translations"]) == {"pt"}
    assert [(w.code, "not valid JSON" in w.message) for w in run.warnings] == [("master_replaced", True)]


def test_a_master_of_a_later_version_is_never_replaced(run: Run, tmp_path: Path) -> None:
    translated(tmp_path, "es", run)
    path = tmp_path / "out" / "film.master.json"
    later = json.dumps({**master(tmp_path), "schema": 9, "version": "7.0.0"})
    path.write_text(later, "utf-8")
    with pytest.raises(UsageError, match=r"written by localize 7\.0\.0.*upgrade localize, or name another folder"):
        translated(tmp_path, "pt", run)
    assert path.read_text("utf-8") == later


def test_a_translation_that_says_another_language_is_taken_with_a_warning(run: Run, tmp_path: Path) -> None:
    subtitle(Job(words(tmp_path, "en"), to=("pt",), translation=words(tmp_path, "es"), output=tmp_path / "out"), run)
    assert set(master(tmp_path)["segments"][0]["translations"]) == {"pt"}
    assert [(w.code, "Spanish [es]" in w.message) for w in run.warnings] == [("translation_language", True)]
