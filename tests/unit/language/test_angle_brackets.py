"""What stands in angle brackets and is no tag: a name, a sound, or words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localize.events import Run
from localize.language.spoken import normalize_text
from localize.language.structure import parse_line, rejoin_parts
from localize.language.turns import speaker_of, spoken_text, spoken_turns, turns_of
from localize.scripts import Wanted
from localize.transcription.cue_turns import part_cues
from localize.transcription.given import read_given
from localize.transcription.supplied import spoken_words

WANT = Wanted("source", "en", "es")


@pytest.mark.parametrize(
    ("text", "who", "said"),
    [
        ("<ANNA> Yes.", "ANNA", "Yes."),
        ("<Anna> Yes.", "Anna", "Yes."),
        ("<Mark> Yes.", "Mark", "Yes."),
        ("<MAN 1> Go.", "MAN 1", "Go."),
        ("<Anna Smith> Go.", "Anna Smith", "Go."),
        ("<Anna (off)> Yes.", "Anna", "Yes."),
        ("<ANNA>: Yes.", "ANNA", "Yes."),
        ("- <BOB> No.", "BOB", "No."),
        ("<i><ANNA></i> Yes.", "ANNA", "Yes."),
        ("<v Anna>Yes.</v>", "Anna", "Yes."),
        ("ANNA <whispering>: Yes.", "ANNA", "Yes."),
        ("Yes. <laughs> No.", "", "Yes. No."),
        ("<v.loud.first Anna Smith>Yes.", "Anna Smith", "Yes."),
        ("<i>ANNA:</i> Yes.", "ANNA", "Yes."),
        ("ANNA:<i> Yes.</i>", "ANNA", "Yes."),
        ("<laughs> Yes.", "", "Yes."),
        ("<LAUGHS> Yes.", "", "Yes."),
        ("<door opens>", "", ""),
        ("Yes. <sighs>", "", "Yes."),
        ("<ANNA>", "", ""),
        ("<font foo=bar onclick='x'>Yes.</font>", "", "Yes."),
        ("<FONT COLOR=red>Yes.</FONT>", "", "Yes."),
        ("<c.red>Yes.</c>", "", "Yes."),
        ("<00:00:01.000>Yes.", "", "Yes."),
        ("<!-- seen -->Yes.", "", "Yes."),
        ("<br/>Yes.", "", "Yes."),
        ("<x-note lang=en>Yes.</x-note>", "", "Yes."),
        ("I <3 you.", "", "I <3 you."),
        ("a < b > c", "", "a < b > c"),
        ("Yes <no", "", "Yes <no"),
        ("Use <Enter> now.", "", "Use <Enter> now."),
        ("Press <ENTER> now.", "", "Press <ENTER> now."),
        ("x<y and y>z", "", "x<y and y>z"),
        ("<<Yes>>", "", "<<Yes>>"),
        (">> ANNA: Yes.", "ANNA", "Yes."),
        ("<1st MAN> Go.", "1st MAN", "Go."),
        ("<2ND WOMAN> Go.", "2ND WOMAN", "Go."),
        ("<1er HOMME> Go.", "1er HOMME", "Go."),
        ("[1st MAN] Go.", "1st MAN", "Go."),
        ("(3rd GUARD) Go.", "3rd GUARD", "Go."),
        ("1st MAN: Go.", "1st MAN", "Go."),
        ("2º HOMEM: Go.", "2º HOMEM", "Go."),
        ("1. ANNA: Go.", "", "1. ANNA: Go."),
        ("<2nd floor> Yes.", "", "Yes."),
        ("2nd: we go.", "", "2nd: we go."),
        ("I <3 you> and me.", "", "I <3 you> and me."),
        ("[Quietly] Yes.", "", "Yes."),
        ("[Molly] Yes.", "Molly", "Yes."),
        ("(V.O.) Yes.", "", "Yes."),
        ("(Cont.) Yes.", "", "Yes."),
        ("(CONT’D) Yes.", "", "Yes."),
        ("[Beat] Yes.", "", "Yes."),
        ("[To Anna] Yes.", "", "Yes."),
        ("[Sotto Voce] Yes.", "", "Yes."),
        ("[FLASHBACK] Yes.", "", "Yes."),
        ("[Angry] Yes.", "", "Yes."),
        ("[Tony] Yes.", "Tony", "Yes."),
        ("[Chorus] Yes.", "Chorus", "Yes."),
        ("[ANNA, quietly] Yes.", "ANNA", "Yes."),
        ("(ANNA, on phone) Yes.", "ANNA", "Yes."),
        ("(Anna:) Yes.", "Anna", "Yes."),
        ("[Carlos, al teléfono] Yes.", "Carlos", "Yes."),
        ("(Together) Yes.", "", "Yes."),
        ("[DOOR SLAMS, then silence] Yes.", "", "Yes."),
    ],
)
def test_names_sounds_and_words_are_told_apart(text: str, who: str, said: str) -> None:
    turns = turns_of(text, "en")
    assert (speaker_of(turns), spoken_text(turns)) == (who, said)
    assert "".join(turn.parts.line for turn in turns) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<ANNA>\nYes.", [("ANNA", "Yes.")]),
        ("<ANNA>\nYes, it is\nhere.", [("ANNA", "Yes, it is here.")]),
        ("<laughs>\nYes.", [("", "Yes.")]),
        ("[ANNA]\nYes.", [("ANNA", "Yes.")]),
        ("(ANNA)\nYes.", [("ANNA", "Yes.")]),
        ("[Dr. Hall]\nYes.", [("Dr. Hall", "Yes.")]),
        ("[MAN 2]\nYes, it\nis.", [("MAN 2", "Yes, it is.")]),
        ("[THUNDER]\nRun!", [("", "Run!")]),
        ("[DOOR SLAMS]\nWho is it?", [("", "Who is it?")]),
        ("(laughs)\nYes.", [("", "Yes.")]),
        ("[ANNA]\n- Yes.\n- No.", [("", "Yes."), ("", "No.")]),
        ("- [ANNA]\nYes.\n- [MIKE]\nNo.", [("ANNA", "Yes."), ("MIKE", "No.")]),
        ("- <ANNA> Yes.\n- <BOB> No.", [("ANNA", "Yes."), ("BOB", "No.")]),
        ("<ANNA> Yes.\n<BOB> No.", [("ANNA", "Yes."), ("BOB", "No.")]),
        ("<ANNA> Yes. <BOB> No.", [("ANNA", "Yes."), ("BOB", "No.")]),
        ("Yes. <BOB> No.", [("", "Yes."), ("BOB", "No.")]),
        ("- A. - <BOB> B.", [("", "A."), ("BOB", "B.")]),
        ("A. - <BOB> B.", [("", "A."), ("BOB", "B.")]),
        ("Hi. - <BOB> No.", [("", "Hi."), ("BOB", "No.")]),
        ("- <ANN> Hi. - <BOB> No.", [("ANN", "Hi."), ("BOB", "No.")]),
        ("Wait- <BOB> No.", [("", "Wait-"), ("BOB", "No.")]),
        ("- Hi. - {BOB} No.", [("", "Hi."), ("BOB", "No.")]),
    ],
)
def test_each_person_of_a_cue_has_a_turn(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(turn.name, turn.text) for turn in spoken_turns(turns_of(text, "en"))] == expected


def test_they_stand_in_the_translation_as_they_are_written() -> None:
    parts = parse_line("<ANNA> Yes. <laughs>", "en")
    assert "".join(before + shown for before, shown in rejoin_parts(parts, ["Sí."], "es")) == "<ANNA> Sí. <ríe>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Usa <Intro> ahora.", "Usa Intro ahora."),
        ("<b>Usa</b> esto.", "Usa esto."),
        ("<v Ana>Usa esto.</v>", "Usa esto."),
        ("Sí <risas> claro.", "Sí claro."),
        ("<<Sí>> dijo.", "«Sí» dijo."),
        ("Los <b>dos<i>.</i></b>", "Los dos."),
    ],
)
def test_only_tags_and_sounds_are_left_out_of_what_is_said(text: str, said: str) -> None:
    assert normalize_text(text, "es") == said


LINES = ("<ANNA> Where is it?", "<BOB> On the table. <laughs>", "ANNA: Use <Enter> now.", "<coughs badly now> No.")


def script(path: Path) -> Path:
    path.write_text("\n".join(LINES))
    return path


def subtitles(path: Path) -> Path:
    path.write_text("\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n" for n, line in enumerate(LINES, 1)))
    return path


@pytest.mark.parametrize(("name", "written"), [("a.en.txt", script), ("a.en.srt", subtitles)])
def test_what_a_file_has_in_angle_brackets_is_a_speaker_or_told(
    run: Run, tmp_path: Path, name: str, written: Callable[[Path], Path]
) -> None:
    given = spoken_words(part_cues(read_given(run, written(tmp_path / name), WANT, "en")))
    said = [(given.names.get(s.speaker, ""), s.text) for s in given.transcript.segments]
    assert said[:3] == [("ANNA", "Where is it?"), ("BOB", "On the table."), ("ANNA", "Use <Enter> now.")]
    assert said[3][1] == "No."
    (told,) = [w.message for w in run.warnings if w.code == "angle_brackets"]
    assert "2 places" in told
    assert "'<laughs>', '<coughs badly now>'" in told
