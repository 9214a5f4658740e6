"""What stands in curly brackets and is no ASS override: a direction, a name, or the place of a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.events import Run
from localize.language.spoken import normalize_text
from localize.language.turns import speaker_of, spoken_text, turns_of
from localize.scripts import Wanted
from localize.transcription.given import read_given
from localize.transcription.supplied import spoken_words


# The right values were written before the code was run.
@pytest.mark.parametrize(
    ("text", "who", "said"),
    [
        ("{quietly} Yes.", "", "Yes."),
        ("{Quietly} Yes.", "", "Yes."),
        ("{he says it very quietly indeed} Yes.", "", "Yes."),
        ("Yes. {sighs} No.", "", "Yes. No."),
        ("I {sighs} know.", "", "I know."),
        ("Yes. {beat}", "", "Yes."),
        ("{door slams}", "", ""),
        ("{whispers\nin his ear} Yes.", "", "Yes."),
        ("- {whispers} Yes.", "", "Yes."),
        ("{ANNA} Yes.", "ANNA", "Yes."),
        ("{ANNA}\nYes.", "ANNA", "Yes."),
        ("{Dr. Hall} Yes.", "Dr. Hall", "Yes."),
        ("ANNA {quietly}: Yes.", "ANNA", "Yes."),
        ("ANNA: {quietly} Yes.", "ANNA", "Yes."),
        ("{\\an8}Yes.", "", "Yes."),
        ("{\\i1}Yes{\\i0}.", "", "Yes{\\i0}."),
        ("Hello, {name}!", "", "Hello, {name}!"),
        ("{0} left.", "", "{0} left."),
        ("{player_name}, come.", "", "{player_name}, come."),
        ("Take {count} of {things}.", "", "Take {count} of {things}."),
        ("a {b", "", "a {b"),
        ("{} Yes.", "", "{} Yes."),
    ],
)
def test_directions_names_and_words_are_told_apart(text: str, who: str, said: str) -> None:
    turns = turns_of(text, "en")
    assert (speaker_of(turns), spoken_text(turns)) == (who, said)
    assert " ".join(turn.parts.line for turn in turns) == text.replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{en voz baja} Sí.", "Sí."),
        ("{bajito} Sí.", "Sí."),
        ("Hola, {nombre}.", "Hola, nombre."),
        ("{\\i1}Sí{\\i0}.", "Sí."),
    ],
)
def test_a_direction_is_not_spoken(text: str, said: str) -> None:
    assert normalize_text(text, "es") == said


@pytest.mark.parametrize("name", ["a.en.srt", "a.en.vtt", "a.txt"])
def test_what_is_said_of_them_and_what_is_not_is_told(run: Run, tmp_path: Path, name: str) -> None:
    lines = ("{quietly} Yes.", "Hello, {name}!", "No.")
    cues = "\n".join(f"00:00:0{n}.000 --> 00:00:0{n}.900\n{line}\n" for n, line in enumerate(lines, 1))
    path = tmp_path / name
    path.write_text("\n".join(lines) if name == "a.txt" else cues if name.endswith("srt") else f"WEBVTT\n\n{cues}")
    found = spoken_words(read_given(run, path, Wanted("source", "en", "es"), "en"))
    assert [s.text for s in found.transcript.segments] == ["Yes.", "Hello, {name}!", "No."]
    told = {w.code: w.message for w in run.warnings}
    assert "1 places: '{quietly}'" in told["curly_brackets"]
    assert "1 places: '{name}'" in told["placeholders"]
