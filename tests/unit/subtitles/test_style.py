"""What a quality control sees: faulty cues are found by the name of their rule, right ones left alone."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from localize.subtitles import profiles, score
from localize.subtitles.style import find_faults, rule_sources
from localize.timedtext import formats

FAULTY = tomllib.loads(Path(__file__).with_name("style_faults.toml").read_text(encoding="utf-8"))
EACH = [(lang, rule, text) for lang, rules in FAULTY.items() for rule, texts in rules.items() for text in texts]
PAIRS = [
    line.replace("\\n", "\n").split("\t")
    for line in Path(__file__).with_name("style_pairs.tsv").read_text(encoding="utf-8").splitlines()
]
SHARED = Path(__file__).parents[4] / "shared"


def found(language: str, *texts: str) -> set[str]:
    return {fault.rule for _, fault in find_faults([text.split("\n") for text in texts], language)}


def test_the_list_is_long_and_its_rules_have_sources() -> None:
    assert len(EACH) >= 200
    assert {rule for _, rule, _ in EACH} <= set(rule_sources())


@pytest.mark.parametrize(("language", "rule", "text"), EACH)
def test_faulty_cues_are_found(language: str, rule: str, text: str) -> None:
    assert rule in found(language, text)


@pytest.mark.parametrize(("language", "rule", "faulty", "right"), PAIRS)
def test_a_fault_is_found_and_its_mended_form_left_alone(language: str, rule: str, faulty: str, right: str) -> None:
    assert rule in found(language, faulty)
    assert {fault.rule for _, fault in find_faults([right.split("\n")], language) if not fault.habit} == set()


RIGHT = [
    ("en", "-Are you coming?\n-In a minute."),
    ("en", "What are you--"),
    ("en", "She hesitated… about it."),
    ("en", "[door opens]"),
    ("en", "♪ Take me home tonight ♪"),
    ("en", "♪ Take me home tonight\nWhere the lights are low ♪"),
    ("en", "At 5 p.m. in room 3."),
    ("en", "-5 degrees outside."),
    ("en", "See www.example.com, please."),
    ("en", "It is 10:30."),
    ("en", "1,000 people came."),
    ("en", "<i>I never knew</i>\nthat you would agree."),
    ("en", "He was well-known,\nthey know you-\nthrough your work."),
    ("es", "- ¿Vienes?\n- En un minuto."),
    ("es", "¿Qué te trae aquí?"),
    ("es", "¡No puede ser!"),
    ("es", "El 5 de mayo."),
    ("fr", "- Tu viens ?\n- Dans une minute."),
    ("fr", "C'est à 50 % vrai !"),
    ("de", "-Kommst du?\n-Gleich."),
    ("de", "Am 5. Mai um 3 Uhr."),
    ("it", "- Vieni?\n- Tra un minuto."),
    ("pt", "- Você vem?\n- Já vou."),
    ("sv", "Varför då?\n- Blunda!"),
    ("ja", "え…何も"),
]


@pytest.mark.parametrize(("language", "text"), RIGHT)
def test_right_cues_are_left_alone(language: str, text: str) -> None:
    assert found(language, text) == set()


def test_duplicates_are_found_in_both_cues_where_they_follow_at_once() -> None:
    cues = [("Same text.",), ("Same text.",), ("[thud]",), ("[thud]",)]
    assert [at for at, fault in find_faults(cues, "en") if fault.rule == "duplicate"] == [0, 1]
    assert find_faults(cues, "en", gaps_ms=(2000, 0, 0)) == []


@pytest.mark.shared
def test_the_twelve_faulty_cues_of_the_case_list() -> None:
    document = formats.read(SHARED / "cases" / "subtitles" / "min" / "lintmisses.en.srt")
    report = score.lint(document, profiles.load("netflix", "en"), "en", Fraction(24))
    style = [finding for finding in report.findings if finding.rule in rule_sources()]
    assert {finding.cue for finding in style} == set(range(1, 13))
    assert all(finding.line == document.cues[finding.cue - 1].at_line for finding in style)


@pytest.mark.shared
@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "ja"])
def test_a_human_file_has_no_faults(language: str) -> None:
    path = SHARED / "media" / "6_subtitles" / "ableplayer" / f"wwa_captions_{language}.vtt"
    report = score.lint(formats.read(path), profiles.load("netflix", language), language, Fraction(24))
    assert report.score["style"] == 100.0
