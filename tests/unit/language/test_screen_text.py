"""Text that the picture shows: known by its label in six languages, translated, told, and said by no voice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localize.events import Run
from localize.language.screen_text import is_screen_text, translate_screen_label
from localize.language.structure import parse_line, rejoin_parts
from localize.scripts import Wanted
from localize.transcription.cue_turns import part_cues
from localize.transcription.given import read_given
from localize.transcription.supplied import spoken_lines, spoken_words

# The right values were written before the code was run.
SHOWN = {
    "en": (
        "TITLE CARD", "Title card", "Title Card 2", "ON SCREEN", "ON-SCREEN", "On-screen text", "TEXT ON SCREEN",
        "CAPTION", "SUPER", "SUPER (fades in)", "SUPERIMPOSE", "TEXT", "CHYRON", "Lower third", "INTERTITLE", "TITLE",
        "SIGN", "OPENING CREDITS", "TEXT MESSAGE", "SUPER #3", "FN",
    ),
    "es": ("RÓTULO", "Rótulo", "TEXTO EN PANTALLA", "EN PANTALLA", "INTERTÍTULO", "SOBREIMPRESIÓN", "TEXTO"),
    "pt": ("CARTELA", "TEXTO NA TELA", "NO ECRÃ", "Lettering", "LETREIRO", "TÍTULO", "TITLE CARD"),
    "fr": ("CARTON", "Carton", "À L'ÉCRAN", "À L’ÉCRAN", "TEXTE À L'ÉCRAN", "INCRUSTATION", "SYNTHÉ", "TITRE"),
    "it": ("CARTELLO", "SOVRIMPRESSIONE", "In sovrimpressione", "TESTO A SCHERMO", "SCRITTA", "SOTTOPANCIA"),
    "de": ("TEXTTAFEL", "Texttafel", "EINBLENDUNG", "BAUCHBINDE", "INSERT", "TEXT IM BILD", "TITEL", "ZWISCHENTITEL"),
}  # fmt: skip
SAID = {
    "en": ("ANNA", "Text", "Title", "On screen", "Super", "Sign", "CARTON", "TITUS", "NARRATOR", "TEXTER", "CAPTAIN"),
    "es": ("Texto", "En pantalla", "CARTON", "TITO", "SUPERMÁN", "LOCUTOR"),
    "fr": ("Texte", "À l'écran", "CARTEL", "CARTIER"),
    "de": ("Titel", "Im Bild", "TAFELRUNDE", "SPRECHER"),
}


@pytest.mark.parametrize(("language", "label"), [(tag, one) for tag, labels in SHOWN.items() for one in labels])
def test_labels_of_text_on_the_screen(language: str, label: str) -> None:
    assert is_screen_text(label, language)
    assert is_screen_text(label, "und")


@pytest.mark.parametrize(("language", "label"), [(tag, one) for tag, labels in SAID.items() for one in labels])
def test_people_and_clauses_are_none(language: str, label: str) -> None:
    assert not is_screen_text(label, language)


def test_labels_have_a_wording_in_each_language() -> None:
    assert translate_screen_label("TITLE CARD", "en", "es") == "RÓTULO"
    assert translate_screen_label("Title card", "en", "pt-BR") == "Cartela"
    assert translate_screen_label("EN PANTALLA", "es", "en") == "ON SCREEN"
    assert translate_screen_label("ANNA", "en", "es") == ""
    parts = parse_line("TITLE CARD: London, 1945", "en")
    assert "".join(b + shown for b, shown in rejoin_parts(parts, ["Londres, 1945"], "es")) == "RÓTULO: Londres, 1945"


CUES = (
    ("TITLE CARD: London, 1945", []),
    ("ON SCREEN: 10:45", []),
    ("[TITLE CARD] London, 1945", []),
    ("<i>SUPER: Three years\nearlier</i>", []),
    ("Text on screen: it ends", []),
    ("- CAPTION: The end\n- ANNA: Look!", [("ANNA", "Look!")]),
    ("ANNA: Look! TEXT: Help me", [("ANNA", "Look!")]),
    ("TITLE: The Long Road", []),
    ("ANNA (ON SCREEN): Look!", [("ANNA", "Look!")]),
    ("[ON SCREEN] Look!", [("ON SCREEN", "Look!")]),
    ("The text: it says no.", [("", "The text: it says no.")]),
    ("Title: I have none.", [("", "Title: I have none.")]),
)


def as_subtitles(path: Path) -> Path:
    cues = (f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{text}\n" for n, (text, _) in enumerate(CUES, 1))
    path.write_text("\n".join(cues))
    return path


def test_no_voice_says_what_a_subtitle_file_shows(run: Run, tmp_path: Path) -> None:
    want = Wanted("source", "en", "es")
    found = spoken_words(part_cues(read_given(run, as_subtitles(tmp_path / "a.en.srt"), want, "en")))
    said = [(found.names.get(s.speaker, ""), s.text) for s in found.transcript.segments if s.text]
    assert said == [one for _, expected in CUES for one in expected]
    (told,) = [w.message for w in run.warnings if w.code == "screen_text"]
    assert "no voice says it, in 8 places: cue 1 (line 2) 'London, 1945'" in told


def test_a_person_of_the_request_who_is_called_so_speaks(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.en.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nSUPER: The rent is late.\n")
    found = spoken_words(read_given(run, path, Wanted("source", "en", "es", called=("Super",)), "en"))
    assert [s.text for s in found.transcript.segments] == ["The rent is late."]
    assert not run.warnings


def plain(path: Path) -> Path:
    path.write_text("TITLE CARD: London, 1945\n\nANNA: Where is it?\n\nSUPER: Dusk\n\nBOB: Here.\n")
    return path


def names_above(path: Path) -> Path:
    path.write_text("TITLE CARD\nLondon, 1945\n\nANNA\nWhere is it?\n\nON SCREEN\nDusk\n\nBOB\nHere.\n")
    return path


def table(path: Path) -> Path:
    rows = ("Character,Dialogue", 'ON-SCREEN TEXT,"London, 1945"', "ANNA,Where is it?", "Caption,Dusk", "BOB,Here.")
    path.write_text("\n".join(rows))
    return path


@pytest.mark.parametrize(("name", "written"), [("a.txt", plain), ("b.txt", names_above), ("c.csv", table)])
def test_no_voice_says_what_a_script_shows(
    run: Run, tmp_path: Path, name: str, written: Callable[[Path], Path]
) -> None:
    given = read_given(run, written(tmp_path / name), Wanted("source", "en", "es"), "en")
    found = spoken_words(given)
    said = [(found.names.get(s.speaker, ""), s.text) for s in found.transcript.segments if s.text]
    assert said == [("ANNA", "Where is it?"), ("BOB", "Here.")]
    (told,) = [w.message for w in run.warnings if w.code == "screen_text"]
    assert "in 2 places" in told


def test_a_timed_list_keeps_it_for_its_readers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = (
        "Start,End,Character,Dialogue",
        "00:00:01.000,00:00:02.000,TITLE CARD,London",
        "00:00:03.000,00:00:04.000,ANNA,Yes.",
    )
    path.write_text("\n".join(rows))
    given = read_given(run, path, Wanted("source", "en", "es"), "en")
    assert [s.text for s in given.transcript.segments] == ["TITLE CARD: London", "Yes."]
    assert [s.text for s in spoken_words(given).transcript.segments] == ["", "Yes."]


def test_a_voice_of_the_file_may_be_the_screen(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.en.vtt"
    path.write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Sign>London</v>\n\n00:03.000 --> 00:04.000\n<v Anna>Yes.</v>\n"
    )
    found = spoken_words(read_given(run, path, Wanted("source", "en", "es"), "en"))
    assert [s.text for s in found.transcript.segments] == ["", "Yes."]


def test_a_given_translation_is_read_the_same_way(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.es.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nRÓTULO: Londres, 1945\n\n2\n00:00:03,000 --> 00:00:04,000\nSí.\n"
    )
    given = read_given(run, path, Wanted("target", "es", "en"), "es")
    assert [line.text for line in spoken_lines(given.transcript.segments, "es", given)] == ["", "Sí."]


def test_a_cue_that_is_drawn_twice_is_said_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.en.srt"
    cues = ((1, "Yes."), (1, "Yes."), (3, "Yes."), (5, "Yes."), (5, "No."), (7, "- A.\n- B."), (7, "- A.\n- B."))
    rows = (f"{n}\n00:00:{at:02},000 --> 00:00:{at:02},900\n{text}\n" for n, (at, text) in enumerate(cues, 1))
    path.write_text("\n".join(rows))
    found = spoken_words(part_cues(read_given(run, path, Wanted("source", "en", "es"), "en")))
    said = {s.id: s.text for s in found.transcript.segments if s.text}
    assert list(said) == ["s0001", "s0003", "s0004", "s0005", "s0006", "s0006-2"]
    (told,) = [w.message for w in run.warnings if w.code == "repeated_cues"]
    assert "2 places: cue 2" in told


STYLED = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20
Style: Signs,Arial,20
Style: TL note,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,{0},Anna,0,0,0,,Where is it?
Dialogue: 0,0:00:03.00,0:00:04.00,Signs,,0,0,0,,City Hall
Dialogue: 0,0:00:05.00,0:00:06.00,{0},Ben,0,0,0,,Here.
Dialogue: 0,0:00:07.00,0:00:08.00,{0},Ben,0,0,0,,There.
Dialogue: 0,0:00:09.00,0:00:10.00,TL note,,0,0,0,,A pun.
"""


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("Default", ["Where is it?", "", "Here.", "There.", ""]),
        ("Signs", ["Where is it?", "City Hall", "Here.", "There.", "A pun."]),  # how a tool calls all that it writes
    ],
)
def test_the_style_of_signs_says_that_nobody_says_them(run: Run, tmp_path: Path, style: str, said: list[str]) -> None:
    path = tmp_path / "a.en.ass"
    path.write_text(STYLED.format(style))
    found = spoken_words(read_given(run, path, Wanted("source", "en", "es"), "en"))
    assert [s.text for s in found.transcript.segments] == said
    assert [w.code for w in run.warnings].count("screen_text") == said.count("") // 2
