"""A client's terms, memory and style sheet with the embedded translator: what is given is kept, the rest is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localize import pipeline
from localize.events import Run
from localize.job import Job
from localize.translation.export import export

FILM = {
    "s0001": "The keeper of the tower is always awake.",
    "s0002": "- Where did you put the keys?\n- On the table.",
    "s0003": "He was doing 60 mph on Baker Street.",
    "s0004": "I will never leave you alone.",
    "s0005": "It costs 20 pounds.",
}
MEMORY = """<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header srclang="en"/><body>
<tu><tuv xml:lang="en-GB"><seg>- Where did you put the keys? - On the table.</seg></tuv>
<tuv xml:lang="es-MX"><seg>- ¿Dónde dejaste las llaves? - En la mesa.</seg></tuv></tu>
<tu><tuv xml:lang="en-GB"><seg>I will never leave you.</seg></tuv>
<tuv xml:lang="es-MX"><seg>Nunca te dejaré.</seg></tuv></tu></body></tmx>"""
STYLE = 'units = "converted"\nglossary = "knp.tsv"\ndo_not_translate = ["Baker Street"]\n[regions]\nes = "MX"\n'
TERMS = "Source\tSpanish\tNotes\nkeeper\tguardián\ta job\ntower\tbarbacana\t\nkeys\tllaves\t\n"


@pytest.fixture
def desk(tmp_path: Path, engine: Callable[[Any, str], Any]) -> Path:
    engine("translator", "marian_ct2:dialogue-en-es")
    cue = "{0}\n00:00:{1:02},000 --> 00:00:{2:02},500\n{3}\n"
    rows = [cue.format(n, 4 * n, 4 * n + 3, text) for n, text in enumerate(FILM.values(), 1)]
    for name, text in {
        "film.en.srt": "\n".join(rows), "house.tmx": MEMORY, "style.toml": STYLE, "knp.tsv": TERMS,
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def subtitles(desk: Path, run: Run, **more: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """Segment -> its translation in master.json, and what became of the resources."""
    job = Job(desk / "film.en.srt", to=("es",), output=desk / "out", **more)  # type: ignore[arg-type]
    pipeline.subtitle(job, run)
    master = json.loads((desk / "out" / "film.master.json").read_text(encoding="utf-8"))
    report = json.loads((desk / "out" / "film.subtitles.json").read_text(encoding="utf-8"))
    return {s["id"]: s["translations"]["es"] for s in master["segments"]}, report["resources"]["es"]


def test_memory_terms_and_style_are_kept_and_told_line_by_line(desk: Path, run: Run) -> None:
    lines, found = subtitles(desk, run, memory=desk / "house.tmx", style=desk / "style.toml")
    assert lines["s0002"]["text"] == "- ¿Dónde dejaste las llaves? - En la mesa."
    assert lines["s0002"]["edited"]
    assert len(lines["s0002"]["candidates"]) == 1
    assert "- En la mesa." in (desk / "out" / "film.es.srt").read_text(encoding="utf-8").split("\n")
    assert [(m["segment"], m["file"], m["used"]) for m in found["memory"]] == [
        ("s0002", "house.tmx", True),
        ("s0004", "house.tmx", False),
    ]
    assert not lines["s0004"]["edited"]
    assert lines["s0004"]["memory"][0]["text"] == "Nunca te dejaré."
    terms = {use["source"]: use for use in found["terms"]}
    assert terms["keeper"]["used"] == terms["keys"]["used"] == terms["Baker Street"]["used"] == 1
    assert found["converted"] == [{"segment": "s0003", "before": "60 mph", "after": "100 km/h"}]
    assert "100" in lines["s0003"]["text"]
    assert "mph" not in lines["s0003"]["text"]
    told = {warning.code: warning.message for warning in run.warnings}
    assert "s0005 (20 pounds)" in told["units_doubtful"]
    assert "no translator here knows the words of MX" in told["region"]  # the embedded model knows no region
    for use in found["terms"]:  # a term is kept, or a warning names its line
        assert use["missing"] == 0 or any(use["source"] in w.message and "s0001" in w.message for w in run.warnings)


def test_lines_that_a_translator_left_open_are_translated_here_and_named(desk: Path, run: Run) -> None:
    file = desk / "film.es.xlf"
    export(desk / "film.en.srt", file, run, to="es-MX")
    text = file.read_text(encoding="utf-8")
    source = "<source>The keeper of the tower is always awake.</source>"
    done = text.replace('id="s0001-1" state="initial"', 'id="s0001-1" state="final"')
    file.write_text(done.replace(source, f"{source}<target>El celador nunca duerme.</target>"), encoding="utf-8")
    lines, _ = subtitles(desk, run, translation=file)
    assert lines["s0001"]["text"] == "El celador nunca duerme."
    assert [line["edited"] for line in lines.values()] == [True, False, False, False, False]
    assert all(line["text"] for line in lines.values())
    told = {warning.code: warning.message for warning in run.warnings}
    assert told["translation_open"].startswith("film.es.xlf: s0002, s0003, s0004, s0005 are not finished")


def test_a_dub_of_a_memory_is_the_same_again_from_its_own_export(desk: Path, run: Run) -> None:
    first, _ = subtitles(desk, run, memory=desk / "house.tmx")
    export(desk / "out", desk / "own.tmx", run)
    again, found = subtitles(desk, run, memory=desk / "own.tmx")
    assert {name: line["text"] for name, line in again.items()} == {name: line["text"] for name, line in first.items()}
    notes = {m["segment"]: (m["used"], m["note"]) for m in found["memory"] if m["likeness"] == 100}
    assert notes["s0002"] == (True, "")
    assert notes["s0001"] == (False, "not finished by a person")
