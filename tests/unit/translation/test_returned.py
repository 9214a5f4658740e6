"""A translator's work: exported from subtitles or a master.json, done in a tool, given back, and delivered as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from localize import pipeline
from localize.errors import EngineError, LocalizeError, UsageError
from localize.events import Run
from localize.job import Job
from localize.translation.export import describe_export, export
from localize.translation.known_lines import read_returned

FILM = """1
00:00:01,000 --> 00:00:03,000
The keeper of the tower
is <i>always</i> awake.

2
00:00:03,500 --> 00:00:06,000
- Where did you put the keys?
- On the table.

3
00:00:07,000 --> 00:00:09,000
<i>Good night.</i>

4
00:00:10,000 --> 00:00:12,000
Good night.
"""
GERMAN = {
    "s0001": 'Der Wächter ist<ph id="1" type="fmt" subType="xlf:lb"/>'
    '<pc id="2" type="fmt" subType="xlf:i">stets</pc> wach.',
    "s0002": '- Wo sind die Schlüssel?<ph id="1" type="fmt" subType="xlf:lb"/>- Auf dem Tisch.',
    "s0003": '<pc id="1" type="fmt" subType="xlf:i">Gute Nacht.</pc>',
    "s0004": "Schlaf gut.",
}
DELIVERED = """1
00:00:01,000 --> 00:00:03,000
Der Wächter ist
<i>stets</i> wach.

2
00:00:03,500 --> 00:00:06,000
- Wo sind die Schlüssel?
- Auf dem Tisch.

3
00:00:07,000 --> 00:00:09,000
<i>Gute Nacht.</i>

4
00:00:10,000 --> 00:00:12,000
Schlaf gut.
"""

Work = Callable[..., Path]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "film.en.srt").write_text(FILM, encoding="utf-8")
    return tmp_path / "film.en.srt"


@pytest.fixture
def work(film: Path, run: Run) -> Work:
    """Exports the film and translates its units; `lines` are targets by unit, `state` is that of all of them."""

    def done(lines: dict[str, str] = GERMAN, *, state: str = "translated", to: str = "de") -> Path:
        file = film.with_name("film.de.xlf")
        export(film, file, run, to=to)
        text = file.read_text(encoding="utf-8")
        for name, target in lines.items():
            shown = f' state="{state}"' if state else ""
            text = re.sub(
                rf'(<segment id="{name}-1") state="initial">(\s*)(<source>.*?</source>)',
                lambda m, shown=shown, target=target: f"{m[1]}{shown}>{m[2]}{m[3]}{m[2]}<target>{target}</target>",
                text,
            )
        file.write_text(text, encoding="utf-8")
        return file

    return done


def subtitle(film: Path, run: Run, translation: Path, **more: object) -> str:
    job = Job(film, to=("de",), output=film.with_name("out"), translation=translation, **more)  # type: ignore[arg-type]
    result = pipeline.subtitle(job, run)
    return result.targets[0].subtitles["de"]["srt"].read_text(encoding="utf-8")


def codes(run: Run) -> dict[str, str]:
    return {warning.code: warning.message for warning in run.warnings}


def test_a_film_comes_back_with_its_lines_dialogue_and_italics_without_any_engine(
    film: Path, run: Run, work: Work
) -> None:
    """Nobody here translates into German."""
    assert subtitle(film, run, work()) == DELIVERED
    assert not {code for code in codes(run) if code.startswith("translation")}
    master = json.loads((film.parent / "out" / "film.master.json").read_text(encoding="utf-8"))
    assert all(s["translations"]["de"]["edited"] for s in master["segments"])


def test_a_line_without_line_breaks_is_set_by_the_profile_and_keeps_its_italics(
    film: Path, run: Run, work: Work
) -> None:
    long = (
        'Der alte Wächter des Turmes ist, wie <pc id="2" type="fmt" subType="xlf:i">jeder hier weiß</pc>, immer wach.'
    )
    shown = subtitle(film, run, work({**GERMAN, "s0001": long}))
    cue = shown.split("\n\n")[0].split("\n")[2:]
    assert len(cue) == 2
    assert re.sub(r"\s+", " ", " ".join(cue)) == (
        "Der alte Wächter des Turmes ist, wie <i>jeder hier weiß</i>, immer wach."
    )


def test_italics_that_were_lost_are_told(film: Path, run: Run, work: Work) -> None:
    shown = subtitle(film, run, work({**GERMAN, "s0003": "Gute Nacht."}))
    assert "\nGute Nacht.\n" in shown
    assert codes(run)["translation_codes"].startswith("film.de.xlf: s0003 have no italics")


def test_a_tool_that_keeps_no_states_loses_no_work(film: Path, run: Run, work: Work) -> None:
    assert subtitle(film, run, work(state="")) == DELIVERED
    assert "4 translations have no state" in codes(run)["translation_stateless"]


def test_lines_that_are_not_finished_are_named_and_wait_for_a_translator(film: Path, run: Run, work: Work) -> None:
    """Nobody here translates into German: that is said before any work."""
    some = {name: GERMAN[name] for name in ("s0001", "s0003")}
    with pytest.raises((UsageError, EngineError), match=r"German|translator|de"):
        subtitle(film, run, work(some))
    assert not (film.parent / "out").exists()


def test_words_that_changed_since_the_export_are_not_overwritten(film: Path, run: Run, work: Work) -> None:
    file = work()
    film.write_text(FILM.replace("Good night.\n", "Good morning.\n", 1).replace("<i>Good night", "<i>Good day"))
    with pytest.raises(LocalizeError):
        subtitle(film, run, file)
    assert "s0003" in codes(run)["translation_unused"]


def test_units_of_another_tool_are_known_by_their_words(film: Path, run: Run, work: Work) -> None:
    file = work()
    file.write_text(
        re.sub(r'<unit id="s(\d+)"', r'<unit id="tu-\1"', file.read_text(encoding="utf-8")), encoding="utf-8"
    )
    shown = subtitle(film, run, file)
    assert "Der Wächter" in shown
    assert shown.count("Gute Nacht.") == 1
    assert shown.count("Schlaf gut.") == 1  # of two lines that are the same, each has its own


def test_notes_of_a_person_are_told(film: Path, run: Run, work: Work) -> None:
    file = work()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("</notes>", '<note category="qa">too long?</note></notes>', 1), encoding="utf-8")
    subtitle(film, run, file)
    assert "s0001" in codes(run)["translation_notes"]


def test_a_persons_correction_holds_over_the_file(film: Path, run: Run, work: Work) -> None:
    edits = film.with_name("edits.json")
    edits.write_text(
        '{"schema": 1, "edits": [{"segment": "s0004", "translation": {"de": "Träum süß."}}]}', encoding="utf-8"
    )
    assert "Träum süß." in subtitle(film, run, work(), edits=edits)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace('trgLang="de"', 'trgLang="fr"'), "into fr, and --to is de"),
        (lambda text: text.replace('state="translated"', 'state="initial"'), "no finished translation"),
        (lambda text: text.replace('version="2.0"', 'version="1.1"'), "XLIFF 1.1"),
        (lambda text: "<!DOCTYPE x [<!ENTITY a 'b'>]>" + text[text.index("<xliff") :], "refused"),
        (lambda text: text[:200], "film.de.xlf"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_any_work(
    film: Path, run: Run, work: Work, change: Callable[[str], str], why: str
) -> None:
    file = work()
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(UsageError, match=why):
        subtitle(film, run, file)
    assert not (film.parent / "out").exists()


# --- export


def test_a_pair_of_subtitles_becomes_a_memory_that_gives_the_same_again(film: Path, run: Run) -> None:
    other = film.with_name("film.de.srt")
    other.write_text(DELIVERED, encoding="utf-8")
    memory = film.with_name("house.tmx")
    done = export(film, memory, run, translation=other)
    assert describe_export(done) == f"{memory}: 4 lines, en to de, 4 translated"
    other.write_text(DELIVERED.replace("Schlaf gut", "Bis morgen"), encoding="utf-8")
    assert "Bis morgen." in subtitle(film, run, other, memory=memory)  # what is given holds over any memory
    assert "nothing is taken from house.tmx" in codes(run)["memory_unused"]


def test_a_master_is_exported_with_what_a_person_wrote_and_what_a_machine_did(tmp_path: Path, run: Run) -> None:
    def line(text: str, *, edited: bool) -> dict[str, object]:
        match = {
            "file": "m.tmx",
            "likeness": 88,
            "source": "Hi.",
            "text": "Hola.",
            "language": "es",
            "used": False,
            "note": "",
        }
        return {"text": text, "chosen": 0, "edited": edited, "candidates": [], "words": [], "memory": [match]}

    segments = [
        {"id": f"s000{n}", "start_ms": n, "end_ms": n + 1, "speaker": "S1", "text": text, "translations": {"es": made}}
        for n, (text, made) in enumerate(
            [("Hello <b>.", line("Hola.", edited=True)), ("Bye & so.", line("Adiós.", edited=False))], 1
        )
    ]
    master = {"schema": 1, "source_language": "en", "duration_ms": 9, "names": {"S1": "Ann"}, "segments": segments}
    (tmp_path / "film.master.json").write_text(json.dumps(master), encoding="utf-8")
    done = export(tmp_path, tmp_path / "film.xlf", run)
    assert (done.json()["lines"], done.json()["translated"], done.json()["machine"]) == (2, 2, 1)
    first, second = read_returned(tmp_path / "film.xlf", ["es"]).units
    assert (first.finished, first.source.text, first.target.text) == (True, "Hello <b>.", "Hola.")
    assert ("speaker", "Ann (S1)") in first.notes
    assert (second.finished, second.machine, second.source.text) == (False, "Adiós.", "Bye & so.")
    assert 'type="tm" origin="m.tmx" similarity="88"' in (tmp_path / "film.xlf").read_text()
    export(tmp_path, tmp_path / "film.tmx", run)
    assert (tmp_path / "film.tmx").read_text().count("x-localize-machine") == 1


@pytest.mark.parametrize(
    ("out", "more", "why"),
    [
        ("film.po", {}, "written as .tmx, .xlf or .xliff"),
        ("film.xlf", {}, "name the language to translate into with --to"),
        ("film.tmx", {"to": "de"}, "no line in de"),
        ("film.xlf", {"translation": "short.de.srt"}, "one for one"),
        ("film.xlf", {"translation": "late.de.srt"}, "not timed as"),
    ],
)
def test_what_cannot_be_exported_is_refused(film: Path, run: Run, out: str, more: dict[str, str], why: str) -> None:
    film.with_name("short.de.srt").write_text(DELIVERED.split("\n\n", maxsplit=1)[0] + "\n", encoding="utf-8")
    film.with_name("late.de.srt").write_text(DELIVERED.replace("00:00:", "00:10:"), encoding="utf-8")
    given = {name: film.with_name(value) if name == "translation" else value for name, value in more.items()}
    with pytest.raises(UsageError, match=why):
        export(film, film.with_name(out), run, **given)  # type: ignore[arg-type]
    assert not film.with_name(out).exists()


# --- into a master.json


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A master in German: one line a person's, two a machine's."""
    made = {"Guten Tag.": True, "Gehen.": False, "Bleib.": False}
    segments = [
        {
            "id": f"s000{n}", "start_ms": n * 2000, "end_ms": n * 2000 + 1500, "speaker": "S1", "text": text,
            "translations": {
                "de": {"text": text_de, "chosen": 0, "edited": edited, "candidates": [{"text": text_de, "score": 0}]}
            },
        }
        for n, (text, (text_de, edited)) in enumerate(zip(("Hello.", "Go!", "Stay!"), made.items()), 1)
    ]  # fmt: skip
    content = {"schema": 1, "source_language": "en", "duration_ms": 9000, "names": {}, "segments": segments}
    path = tmp_path / "film.master.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def shown(master: Path, run: Run, **more: object) -> list[str]:
    job = Job(master, to=("de",), output=master.with_name("out"), **more)  # type: ignore[arg-type]
    text = pipeline.subtitle(job, run).targets[0].subtitles["de"]["srt"].read_text(encoding="utf-8")
    return [row for row in text.split("\n") if row and not row[0].isdigit()]


def test_a_translators_file_goes_into_a_master_without_any_engine(master: Path, run: Run) -> None:
    file = master.with_name("film.xlf")
    export(master, file, run)
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace(
            "<target>Gehen.</target>\n   </segment>",
            '<target>Geh <pc id="1" subType="xlf:i">schon</pc>!</target>\n   </segment>',
        ),
        encoding="utf-8",
    )
    assert shown(master, run, translation=file) == ["Guten Tag.", "Geh schon!", "Bleib."]
    assert "s0003" in codes(run)["translation_open"]
    assert "s0002" in codes(run)["translation_marks"]  # subtitles of a master are cut anew
    lines = json.loads((master.parent / "out" / "film.master.json").read_text(encoding="utf-8"))["segments"]
    assert [line["translations"]["de"]["edited"] for line in lines] == [True, True, False]


def test_a_memory_goes_over_a_machine_and_not_over_a_person(master: Path, run: Run) -> None:
    unit = '<tu><tuv xml:lang="en"><seg>{}</seg></tuv><tuv xml:lang="de"><seg>{}</seg></tuv></tu>'
    units = unit.format("Hello.", "Hallo.") + unit.format("Go!", "Los!")
    memory = master.with_name("m.tmx")
    memory.write_text(f'<tmx version="1.4"><body>{units}</body></tmx>', encoding="utf-8")
    assert shown(master, run, memory=memory) == ["Guten Tag.", "Los!", "Bleib."]
    matches = json.loads((master.parent / "out" / "film.subtitles.json").read_text(encoding="utf-8"))["resources"]["de"]
    assert [(m["segment"], m["used"]) for m in matches["memory"]] == [("s0001", False), ("s0002", True)]
    again = master.parent / "out" / "film.master.json"
    assert shown(again, run) == ["Guten Tag.", "Los!", "Bleib."]
    assert '"memory"' in again.read_text(encoding="utf-8")


def test_edits_and_a_whole_translation_go_into_a_master(master: Path, run: Run) -> None:
    edits = master.with_name("edits.json")
    edits.write_text('{"schema": 1, "edits": [{"segment": "s0003", "translation": {"de": "Bleib da!"}}]}')
    assert shown(master, run, edits=edits) == ["Guten Tag.", "Gehen.", "Bleib da!"]
    cue = "{}\n00:00:0{},000 --> 00:00:0{},500\n{}\n"
    whole = master.with_name("film.de.srt")
    whole.write_text(
        "\n".join(cue.format(n, 2 * n, 2 * n + 1, text) for n, text in ((1, "Eins."), (2, "Zwei."), (3, "Drei.")))
    )
    assert shown(master, run, translation=whole) == ["Eins.", "Zwei.", "Drei."]
