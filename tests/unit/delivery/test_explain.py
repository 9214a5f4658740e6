"""Why a line of a dub is as it is: read from the files of an output folder, and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localize.delivery.explain import explain, format_explanation
from localize.delivery.report import DeliveredSound, Report, SoundReport, Summary
from localize.errors import UsageError
from localize.speakers.casting import Role


def line(segment: str, **more: Any) -> dict[str, Any]:
    return {
        "segment": segment, "speaker": "S1", "voice": "em_alex", "text": "Buenas.", "read_back": "buenas",
        "rate": 1.234,
        "fit": "stretched", "start_error_ms": 40, "end_error_ms": -1250, "overlap": 0.876,
        "reason": "the shorter one fits", "dub": [[1040, 1800]], "candidate": 0, "rule": "", "instead_of": None,
        "source": [[1000, 1800], [2100, 2550]], **more,
    }  # fmt: skip


def segment(name: str, text: str, *candidates: tuple[str, float]) -> dict[str, Any]:
    rows = [{"text": words, "score": score} for words, score in candidates]
    said = {"es": {"text": rows[0]["text"], "candidates": rows}} if rows else {}
    return {"id": name, "text": text, "start_ms": 1000, "end_ms": 2550, "translations": said}


SUMMARY = Summary(
    lines=1, overlap=0.5, on_time=50.0, start_ms=(0, 0), talk_over_ms=0, fast_lines=0.0, max_rate=1.0, overflow=1,
    wer=None, dnsmos=None, loudness_lufs=-23.0, source_loudness_lufs=-23.0, true_peak_dbtp=-1.0,
)  # fmt: skip
SOUND = SoundReport("separate", "source", None, DeliveredSound(-23.0, -1.0), {})
REPORT = Report("es", 3000, SUMMARY, SOUND, {"translator": "one"}, (Role("S1", "em_alex", "only one"),), ()).json()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dub into two languages; French has no candidates in the master."""
    segments = [
        segment("s0001", "Good evening.", ("Buenas noches.", -0.1), ("Buenas.", -0.5)),
        segment("s0002", "Bye.", ("Adiós.", -0.2)),
    ]
    master = {"schema": 1, "source_language": "en", "duration_ms": 3000, "segments": segments}
    (tmp_path / "film.master.json").write_text(json.dumps(master), encoding="utf-8")
    spanish = [line("s0001"), line("s0002", text="Adiós.", read_back=None), line("s0009", text="Nobody said it.")]
    for language, lines in (("es", spanish), ("fr", [line("s0001", text="Bonsoir.")])):
        report = {**REPORT, "language": language, "lines": lines, "added_later": True}
        (tmp_path / f"film.{language}.report.json").write_text(json.dumps(report), encoding="utf-8")
    return tmp_path


def test_every_line_comes_with_what_was_said_and_what_could_have_been(folder: Path) -> None:
    spanish, french = explain(folder).json()["targets"]
    assert [(e["segment"], e["source_text"]) for e in spanish["lines"]] == [
        ("s0001", "Good evening."),
        ("s0002", "Bye."),
    ]
    assert [c["text"] for c in spanish["lines"][0]["candidates"]] == ["Buenas noches.", "Buenas."]
    assert (spanish["language"], spanish["cast"], spanish["engines"]) == (
        "es", REPORT["cast"], {"translator": "one"}
    )  # fmt: skip
    assert french["lines"][0]["candidates"] == []


def test_one_line_alone(folder: Path) -> None:
    assert [[e["segment"] for e in t["lines"]] for t in explain(folder, "s0002").json()["targets"]] == [["s0002"], []]


def test_the_spoken_form_is_told_where_it_differs(folder: Path) -> None:
    report = {**REPORT, "lines": [line("s0001", text="21 €", spoken="veintiún euros"), line("s0002", spoken="Buenas.")]}
    (folder / "film.es.report.json").write_text(json.dumps(report), encoding="utf-8")
    told = format_explanation(explain(folder))
    assert "  spoken     veintiún euros\n" in told
    assert "spoken     Buenas." not in told
    assert explain(folder, "s0001").json()["targets"][0]["lines"][0]["spoken"] == "veintiún euros"


def test_a_line_is_told_with_its_times_in_seconds(folder: Path) -> None:
    assert format_explanation(explain(folder, "s0001")).splitlines() == [
        "== es ==",
        "s0001  1.00–2.55 s  S1 as em_alex",
        "  said       Good evening.",
        "  dubbed     Buenas.",
        "  heard as   buenas",
        "  timing     1.23 x, stretched, overlap 0.88, start +40 ms, end -1250 ms",
        "  why        the shorter one fits",
        "  candidate  -0.10  Buenas noches.",
        "== fr ==",
        "s0001  1.00–2.55 s  S1 as em_alex",
        "  said       Good evening.",
        "  dubbed     Bonsoir.",
        "  heard as   buenas",
        "  timing     1.23 x, stretched, overlap 0.88, start +40 ms, end -1250 ms",
        "  why        the shorter one fits",
    ]


def test_a_doubtful_line_is_told_with_the_reasons(folder: Path) -> None:
    path = folder / "film.es.report.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    report["lines"][0] |= {"risk": 0.314, "doubts": ["its other wordings differ much", "does not fit its place"]}
    report["lines"][1] |= {"risk": 0.02, "doubts": []}
    path.write_text(json.dumps(report), encoding="utf-8")
    doubtful, plain = explain(folder).targets[0].lines
    assert (doubtful.risk, plain.risk) == (0.314, 0.02)
    told = format_explanation(explain(folder)).splitlines()
    assert told.count("  doubtful   31%: its other wordings differ much; does not fit its place") == 1
    assert sum("doubtful" in row for row in told) == 1


def test_what_was_not_heard_back_is_not_told(folder: Path) -> None:
    assert "heard as" not in format_explanation(explain(folder, "s0002"))


def test_a_folder_without_a_dub_and_a_line_that_is_not_there_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no line s0099: its lines are s0001, s0002"):
        explain(folder, "s0099")
    with pytest.raises(UsageError, match=r"holds no dub: .* wrote, such as "):
        explain(folder.parent)
    (folder / "film.master.json").unlink()
    with pytest.raises(UsageError, match="holds no dub"):
        explain(folder, None)
    with pytest.raises(UsageError, match="holds no dub"):
        explain(tmp_path / "nowhere", None)


def test_memory_terms_and_units_of_a_line_are_told(folder: Path) -> None:
    match = {"segment": "s0001", "file": "m.tmx", "likeness": 100, "source": "Good evening.", "text": "Buenas.",
             "language": "es-MX"}  # fmt: skip
    term = {"source": "evening", "target": "noches", "keep": False, "note": "", "said": 1, "used": 0, "inflected": {},
            "missing": 1, "forbidden": {},
            "lines": [{"segment": "s0001", "status": "missing", "found": ""}]}  # fmt: skip
    resources = {
        "terms": [term],
        "unsaid": 0,
        "memory": [{**match, "used": True}, {**match, "likeness": 80, "text": "Hola."}, {**match, "segment": "s0002"}],
        "converted": [{"segment": "s0001", "before": "1 mile", "after": "1.6 kilometers"}],
    }
    path = folder / "film.es.report.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "resources": resources}), encoding="utf-8")
    told = format_explanation(explain(folder, "s0001")).splitlines()
    assert told[4:8] == [
        "  from memory: m.tmx",
        "  in memory  80 % m.tmx: Hola.",
        "  term       evening = noches: missing",
        "  converted  1 mile to 1.6 kilometers",
    ]


WAYS = (("Entonces, la verdad, no lo sé.", -0.1), ("No lo sé, la verdad.", -0.2), ("No sé.", -0.4))


def test_a_line_that_does_not_fit_comes_with_wordings_that_would(folder: Path) -> None:
    """Spoken at 1.3 in 2400 ms, "Entonces, la verdad, no lo sé." takes 3120 ms by itself: 148 ms a letter of 21."""
    master = json.loads((folder / "film.master.json").read_text(encoding="utf-8"))
    master["segments"] = [
        segment("s0001", "I do not know.", *WAYS),
        segment("s0002", "Bye.", ("Adiós.", -0.2)),
    ]  # fmt: skip
    (folder / "film.master.json").write_text(json.dumps(master), encoding="utf-8")
    long = line("s0001", text="Entonces, la verdad, no lo sé.", rate=1.3, fit="overflow", dub=[[1000, 3400]])
    long |= {"source": [[1000, 2000]], "overlap": 0.4}
    following = line("s0002", text="Adiós.", rate=1.0, source=[[3020, 3600]])
    report = {**REPORT, "lines": [long, following]}
    (folder / "film.es.report.json").write_text(json.dumps(report), encoding="utf-8")
    found, fits = explain(folder).targets[0].lines
    letters = sum(map(str.isalnum, long["text"]))
    assert found.room_ms == 2000
    assert found.most_letters == int(1.2 * 2000 / (3120 / letters))
    assert [s.text for s in found.suggestions] == ["No lo sé, la verdad.", "La verdad, no lo sé.", "No sé."]
    assert found.suggestions[2].natural_ms == round(3120 / letters * 4)
    assert (fits.suggestions, fits.most_letters) == ((), 0)
    assert "  would fit  0.6 s  No sé." in format_explanation(explain(folder)).splitlines()
    report["lines"][0]["source"], report["lines"][1]["source"] = [[1000, 1100]], [[1120, 1200]]
    (folder / "film.es.report.json").write_text(json.dumps(report), encoding="utf-8")
    assert "say it in 0 letters" not in format_explanation(explain(folder))
