"""The reviews of a season: each title's figures, and all together."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_dubs import make_dub

from localize.cli.root import cli
from localize.errors import UsageError
from localize.review import append, open_review, read_draft
from localize.review.season import (
    measure_season,
    refuse_to_replace_season,
    season_path,
    season_table,
    titles_in,
    write_season,
)
from localize.runtime.files import read_json

LINES = [("Where is it?", "¿Dónde está?"), ("It is here.", "Está aquí."), ("Good.", "Bien.")]


def decide(folder: Path, *events: dict[str, object], who: str = "Ana") -> None:
    drafts = [read_draft({"language": "es", **event}) for event in events]
    append(folder, drafts, expected=open_review(folder).version, who=who)


@pytest.fixture
def season(tmp_path: Path) -> Path:
    """Three titles: one corrected, approved and marked, one approved as it is, one that nobody looked at."""
    for name in ("e01", "e02", "e03"):
        make_dub(tmp_path, LINES, name=name)
    for name in ("e01", "e02"):
        make_dub(tmp_path, LINES, name=name, variant="warm")
    out = tmp_path / "localized"
    decide(
        out / "e01",
        {"kind": "edit_translation", "line": "s0001", "text": "¿Y dónde está?"},
        {"kind": "edit_translation", "line": "s0001", "text": "¿Pero dónde está?"},
        {"kind": "approve", "line": "s0001"},
        {"kind": "qc", "line": "s0002", "severity": "blocker", "category": "mix"},
        {"kind": "prefer", "line": "s0002", "between": ["main", "warm"], "prefers": "warm"},
    )
    decide(
        out / "e02",
        *({"kind": "approve", "line": line} for line in ("s0001", "s0002", "s0003")),
        {"kind": "qc", "line": "s0001", "severity": "blocker", "category": "mix"},
        {"kind": "qc", "line": "s0001", "severity": "FYI", "category": "timing"},
        {"kind": "prefer", "line": "s0002", "between": ["warm", "main"], "prefers": "main", "blind": True},
        who="Bo",
    )
    return out


def test_titles_add_up_and_what_nobody_reviewed_counts_nowhere(season: Path) -> None:
    found = measure_season(titles_in(season))
    assert [(one.title, one.reviewed) for one in found.titles] == [("e01", True), ("e02", True), ("e03", False)]
    assert (found.reviewed, found.unread) == (2, 0)
    (es,) = found.languages
    assert (es.titles, es.lines, es.touched, es.approved, es.approved_share) == (2, 6, 1, 4, 0.6667)
    assert (es.machine_words, es.kept_words, es.kept_share) == (10, 9, 0.9)  # "¿Dónde" is "dónde" by now
    assert (es.word_edits, es.reviewed_words, es.edit_rate) == (2, 11, 0.1818)
    assert (es.remade, es.remade_again) == (2, 1)
    assert [(m.category, m.severity, m.marks) for m in found.marks] == [("mix", "blocker", 2), ("timing", "FYI", 1)]
    (pair,) = found.comparisons
    assert (pair.variants, pair.wins, pair.blind) == (("main", "warm"), {"main": 1, "warm": 1, "equal": 0}, 1)


def test_a_review_that_cannot_be_read_is_told_and_the_others_count(season: Path) -> None:
    (season / "e02" / "review.json").write_text("{", "utf-8")
    found = measure_season(titles_in(season))
    assert (found.reviewed, found.unread) == (1, 1)
    assert "review.json" in (found.titles[1].error or "")
    assert found.languages[0].lines == 3


def test_the_table_has_each_title_and_all_together(season: Path) -> None:
    rows = list(csv.reader(io.StringIO(season_table(measure_season(titles_in(season))))))
    value = {(title, figure): number for title, language, figure, _, _, number in rows if language in ("", "es")}
    assert (value["e01", "touched"], value["e02", "touched"], value["", "touched"]) == ("1", "0", "1")
    assert (value["", "kept_share"], value["e03", "state"], value["", "reviewed"]) == ("0.9", "not reviewed", "2")
    assert ["", "es", "marks", "mix", "blocker", "2"] in rows


def test_a_batch_writes_them_beside_its_report(season: Path, tmp_path: Path) -> None:
    for path in tmp_path.glob("e0*.wav"):
        path.touch()
    words = ["batch", str(tmp_path), "--to", "es", "-o", str(season), "--collect", "--json"]
    CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
    written = read_json(season / "batch.season.json", 1_000_000)
    assert (written["reviewed"], len(written["titles"]), written["languages"][0]["approved"]) == (2, 3, 4)
    assert written["titles"][0]["figures"]["languages"][0]["touched"] == 1
    schema = json.loads((Path(__file__).parents[3] / "docs/schemas/season.schema.json").read_text("utf-8"))
    pytest.importorskip("jsonschema").validate(written, schema)
    assert (season / "batch.season.csv").read_text("utf-8").startswith("title,language,figure")


def test_figures_replace_nothing_but_figures(season: Path) -> None:
    path = season_path(season / "batch.report.json")
    assert path == season / "batch.season.json"
    for _ in range(2):
        refuse_to_replace_season(path)
        write_season(path, titles_in(season))
    path.with_suffix(".csv").write_text("a,b\n", "utf-8")
    with pytest.raises(UsageError, match=r"batch\.season\.csv"):
        refuse_to_replace_season(path)


def test_the_summary_of_a_folder_of_titles_is_that_of_all(season: Path) -> None:
    words = ["review", str(season), "--summary"]
    shown = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False).output
    assert "reviewed  2 of 3 titles" in shown
    assert "marks     2 blocker, mix in es" in shown
    assert "variants  es: main 1, warm 1, equal 0 (2 choices of 2 lines, 1 blind)" in shown
