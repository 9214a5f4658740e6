"""Annotations of a check for editors and code review: every remark once, on its line, with what the form escapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localize.subtitles.annotations import FORMATS, Annotation, annotate, format_github, format_gitlab, format_sarif
from localize.subtitles.check import check_file

FAULTY = "1\n00:00:01,000 --> 00:00:01,200\nFar too much text for a fifth of a second.\n\nnoise\n"
REMARKS = (
    Annotation("a, b/100%.srt", 2, "cps", "cue 1: 50 %\nof it", severe=True),
    Annotation("a, b/100%.srt", 7, "cps", "cue 2: fast", severe=False),
    Annotation("a, b/100%.srt", 9, "cps", "cue 2: fast", severe=False),
)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "film.en.srt"
    path.write_text(FAULTY)
    return path


def test_every_finding_and_every_remark_of_the_reader_is_annotated(faulty: Path) -> None:
    checked = check_file(faulty, "netflix", None, None)
    made = annotate(checked, "film.en.srt")
    assert len(made) == len(checked.report.findings) + len(checked.document.warnings)
    assert {a.rule for a in made} >= {"cps", "duration"}
    assert {a.line for a in made if a.severe} == {2}


def test_a_file_without_a_cue_fails_by_a_remark_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "film.en.vtt"
    path.write_text("WEBVTT\n")
    made = [a for a in annotate(check_file(path, "netflix", None, None), "film.en.vtt") if a.severe]
    assert [(a.rule, a.severe) for a in made] == [("integrity", True)]


def test_github_gets_a_command_a_remark_with_its_escapes() -> None:
    assert format_github(REMARKS).splitlines() == [
        "::error file=a%2C b/100%25.srt,line=2,title=cps::cue 1: 50 %25%0Aof it",
        "::warning file=a%2C b/100%25.srt,line=7,title=cps::cue 2: fast",
        "::warning file=a%2C b/100%25.srt,line=9,title=cps::cue 2: fast",
    ]


def test_gitlab_gets_an_issue_a_remark_each_with_a_fingerprint_that_does_not_move() -> None:
    issues = json.loads(format_gitlab(REMARKS))
    assert [(i["location"], i["severity"]) for i in issues[:2]] == [
        ({"path": "a, b/100%.srt", "lines": {"begin": 2}}, "major"),
        ({"path": "a, b/100%.srt", "lines": {"begin": 7}}, "minor"),
    ]
    assert len({i["fingerprint"] for i in issues}) == 3
    moved = tuple(Annotation(a.path, a.line + 5, a.rule, a.message, severe=a.severe) for a in REMARKS)
    assert [i["fingerprint"] for i in json.loads(format_gitlab(moved))] == [i["fingerprint"] for i in issues]


def test_sarif_names_its_rules_once_and_its_file_by_a_uri() -> None:
    log = json.loads(format_sarif(REMARKS))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"] == [{"id": "cps"}]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%2C%20b/100%25.srt"}, "region": {"startLine": 2}}
    assert [r["level"] for r in run["results"]] == ["error", "warning", "warning"]


@pytest.mark.parametrize("form", FORMATS)
def test_no_remark_is_no_fault_of_the_form(form: str) -> None:
    made = FORMATS[form](())
    assert made == "" if form == "github" else json.loads(made) is not None
