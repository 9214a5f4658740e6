"""Scripts as transcripts: their lines, times and languages; what a file is told apart by."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from localize.data import Span
from localize.events import Run
from localize.scripts import Wanted
from localize.transcription.given import FilmClock, credit_cues, place_of, read_given, shared_cues
from localize.transcription.supplied import UNKNOWN_LANGUAGE, SuppliedWords, spoken_lines, spoken_words

FILM = FilmClock(Fraction(25), 10_000)
LIST = (
    "TC IN,TC OUT,WHO,EN,ES\n01:00:01:00,01:00:02:20,ANNA,Good day.,Buen día.\n"
    "01:00:04:15,01:00:05:21,BEN,What?,¿Qué?\n"
)

FINAL_DRAFT = '<?xml version="1.0"?><FinalDraft><Paragraph Type="Dialogue"><Text>Hello.</Text></Paragraph></FinalDraft>'


def given(run: Run, path: Path, text: str, want: Wanted | None = None) -> SuppliedWords:
    path.write_text(text, encoding="utf-8")
    return read_given(run, path, want or Wanted("source", "en", "es"), None, None, lambda: FILM)


def test_a_list_with_both_times_is_a_transcript_with_times(run: Run, tmp_path: Path) -> None:
    found = given(run, tmp_path / "film.csv", LIST)
    assert found.timed
    assert [s.span for s in found.transcript.segments] == [Span(1000, 2800), Span(4600, 5840)]
    assert found.names == {"S1": "ANNA", "S2": "BEN"}
    assert found.transcript.language == "en"
    (warning,) = run.warnings
    assert "film.csv: its times begin at hour 1" in warning.message


def test_its_other_column_is_the_translation(run: Run, tmp_path: Path) -> None:
    found = given(run, tmp_path / "film.csv", LIST, Wanted("target", "es", "en"))
    assert [s.text for s in found.transcript.segments] == ["Buen día.", "¿Qué?"]


@pytest.mark.parametrize(
    "text",
    [
        "Time,Who,Line\n0:01,ANNA,Good day.\n0:04,BEN,What?\n",
        "In,Out,Who,Line\n0:01,0:02,ANNA,Good day.\n0:04,0:05,BEN,What?\n",
        "In,Out,Who,Line\n0:01.0,0:02.8,ANNA,Good day.\n,,BEN,What?\n",
    ],
)
def test_rough_and_missing_times_are_found_in_the_sound(run: Run, tmp_path: Path, text: str) -> None:
    found = given(run, tmp_path / "film.csv", text)
    assert not found.timed
    assert found.near["s0001"] == 1000


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("film.txt", "1\n00:00:01,000 --> 00:00:02,000\nHello.\n", "cues"),
        ("film.txt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n", "cues"),
        ("film.txt", "Hello.\n", "script"),
        ("film.dat", FINAL_DRAFT, "script"),
    ],
)  # fmt: skip
def test_what_a_file_is_shows_in_it(run: Run, tmp_path: Path, name: str, text: str, kind: str) -> None:
    found = given(run, tmp_path / name, text)
    assert [s.text for s in found.transcript.segments] == ["Hello."]
    assert (found.document is not None) == (kind == "cues")


@pytest.mark.parametrize(
    ("name", "language"), [("film.es.txt", "es"), ("film.txt", UNKNOWN_LANGUAGE), ("the.end.txt", UNKNOWN_LANGUAGE)]
)
def test_the_language_of_a_script_is_in_its_name(run: Run, tmp_path: Path, name: str, language: str) -> None:
    assert given(run, tmp_path / name, "Hola.\n").transcript.language == language


def test_the_language_of_a_script_that_does_not_say_it_is_seen_in_its_text(run: Run, tmp_path: Path) -> None:
    text = "Good morning, we have a problem with the bridge.\nWhat happened to it last night?\n"
    assert given(run, tmp_path / "film.txt", text, Wanted()).transcript.language == "en"
    assert given(run, tmp_path / "film.txt", text, Wanted("target", "es")).transcript.language == UNKNOWN_LANGUAGE


def test_a_long_speech_is_parted_at_its_sentences_and_nowhere_else(run: Run, tmp_path: Path) -> None:
    sentences = [
        "I never said that to anybody in this house.",
        "Mr. Smith knows it, too.",
        "(He laughs. A door slams.) So what do you want me to tell them now?",
        "Go.",
    ]
    found = given(run, tmp_path / "film.en.txt", f"ANNA: {' '.join(sentences)}\nBEN: Yes.\n")
    texts = [s.text for s in found.transcript.segments]
    assert " ".join(texts) == f"{' '.join(sentences)} Yes."
    assert texts[0] == " ".join(sentences[:2])
    assert {s.speaker for s in found.transcript.segments[:-1]} == {"S1"}
    assert place_of(found, "s0002") == "line 1"


def test_what_is_no_dialogue_is_told(run: Run, tmp_path: Path) -> None:
    given(run, tmp_path / "film.fountain", "INT. HOUSE\n\nShe runs.\n\nANNA\nGo!\n")
    (warning,) = run.warnings
    assert warning.message.endswith("never spoken: 1 scene headings (line 1), 1 lines of action (line 3)")


def test_cues_of_several_people_are_found(run: Run, tmp_path: Path) -> None:
    texts = ["- Hi.\n- Hello.", "ANNA: Go.\nBEN: No.", "ANNA: Go\naway.", "- Alone.", "- [rain]\n- Look!"]
    found = given(run, tmp_path / "film.srt", cues(*texts))
    assert shared_cues(found) == ("cue 1 (line 2)", "cue 2 (line 7)")


def cues(*texts: str) -> str:
    return "\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n" for n, text in enumerate(texts, 1))


def test_labels_in_small_letters_are_not_spoken_and_clauses_are(run: Run, tmp_path: Path) -> None:
    """In each line of a cue."""
    texts = ["john: hello\nanna : hi", "dr. smith: yes", "listen: go", "ANNA: no\nBEN: oh", "at 10:30: go", "blue: hi"]
    want = Wanted("source", "en", "es", ("Blue",))
    found = spoken_words(given(run, tmp_path / "film.srt", cues(*texts), want))
    said = [(found.names.get(s.speaker, ""), s.text) for s in found.transcript.segments]
    assert said == [
        ("john", "hello hi"), ("dr. smith", "yes"), ("", "listen: go"), ("ANNA", "no oh"), ("", "at 10:30: go"),
        ("blue", "hi"),
    ]  # fmt: skip


def test_labels_of_a_given_translation_are_not_spoken(run: Run, tmp_path: Path) -> None:
    found = given(run, tmp_path / "film.es.srt", cues("juan: hola", "- ana: vale\n- juan: no", "la verdad: no sé"))
    said = spoken_lines(found.transcript.segments, "es", found)
    assert [line.text for line in said] == ["hola", "vale no", "la verdad: no sé"]


def test_clauses_of_a_plain_text_are_no_names(run: Run, tmp_path: Path) -> None:
    found = given(run, tmp_path / "film.txt", "listen: go\nthe truth is: i lied\njohn: ok\nremember: never\n")
    assert [s.text for s in found.transcript.segments] == [
        "listen: go",
        "the truth is: i lied",
        "ok",
        "remember: never",
    ]
    assert list(found.names.values()) == ["john"]


def test_cues_that_say_who_made_them_are_found(run: Run, tmp_path: Path) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nHi.\n\n2\n00:00:03,000 --> 00:00:04,000\nSubtitles by\nAnn Lee\n"
    assert credit_cues(given(run, tmp_path / "film.srt", text)) == ("cue 2 (line 6)",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("film.csv", "Character,Line\nANNA,One.\nAnna,Two.\nBEN,Three.\nanna ,Four.\n"),
        ("film.fountain", "INT. X\n\nANNA\nOne.\n\n@Anna\nTwo.\n\nBEN\nThree.\n\nANNA (V.O.)\nFour.\n"),
        ("film.vtt", "WEBVTT\n\n" + "".join(
            f"00:0{n}.000 --> 00:0{n}.900\n<v {who}>{text}\n\n"
            for n, (who, text) in enumerate(zip(("ANNA", "Anna", "Ben", "anna"), ("One.", "Two.", "Three.", "Four.")))
        )),
    ],
)  # fmt: skip
def test_a_name_in_other_letters_is_the_same_person(run: Run, tmp_path: Path, name: str, text: str) -> None:
    found = given(run, tmp_path / name, text)
    assert [s.speaker for s in found.transcript.segments] == ["S1", "S1", "S2", "S1"]
    assert found.names["S1"] == "ANNA"


def test_whole_milliseconds_of_a_recogniser_are_times(run: Run, tmp_path: Path) -> None:
    found = given(run, tmp_path / "film.tsv", "start\tend\ttext\n1000\t3000\tGood day.\n4500\t6000\tWhat?\n")
    assert found.timed
    assert [s.span for s in found.transcript.segments] == [Span(1000, 3000), Span(4500, 6000)]
    (warning,) = run.warnings
    assert warning.message.endswith("its times are whole numbers: they are taken for milliseconds")


def test_programs_name_speakers_by_numbers(run: Run, tmp_path: Path) -> None:
    texts = ["SPEAKER_00: Hi.", "[SPEAKER_01]: Oh.", "[Speaker 2] No.", "spk_3: Go.", "[Chapter 2] Well."]
    found = spoken_words(given(run, tmp_path / "film.srt", cues(*texts)))
    said = [(found.names.get(s.speaker, ""), s.text) for s in found.transcript.segments]
    assert said == [
        ("SPEAKER_00", "Hi."), ("SPEAKER_01", "Oh."), ("Speaker 2", "No."), ("spk_3", "Go."), ("", "Well."),
    ]  # fmt: skip


def test_marks_of_direction_hide_no_label(run: Run, tmp_path: Path) -> None:
    texts = [f"\u202b{text}\u202c" for text in ("דנה: כן", "אורי: לא", "דנה: טוב", "אורי: בוא")]
    found = spoken_words(given(run, tmp_path / "film.he.srt", cues(*texts)))
    assert [(found.names[s.speaker], s.text) for s in found.transcript.segments] == [
        ("דנה", "כן"), ("אורי", "לא"), ("דנה", "טוב"), ("אורי", "בוא"),
    ]  # fmt: skip
