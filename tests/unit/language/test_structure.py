"""The parts of a line: what is not said never reaches a translator, and stands where it stood."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.language.sounds import LANGUAGES, _table
from localize.language.structure import (
    ParsedLine,
    dialogue_dash,
    parse_line,
    rejoin_parts,
    unknown_sounds,
)


def translate_line(
    parts: ParsedLine, translated: Sequence[str], language: str, names: Mapping[str, str] | None = None
) -> str:
    """The line in another language."""
    return "".join(before + text for before, text in rejoin_parts(parts, translated, language, names)) + parts.after


CASES = tomllib.loads(Path(__file__).with_name("structure.toml").read_text(encoding="utf-8"))


def test_the_lists_are_as_long_as_they_should_be() -> None:
    assert len(CASES["known"]) + len(CASES["unknown"]) == 100
    assert len(CASES["labels"]) == 50
    for language in LANGUAGES:
        assert len(_table("sounds", language, "en")) >= 150


@pytest.mark.parametrize("target", ["es", "pt", "fr", "it", "de"])
@pytest.mark.parametrize("sound", CASES["known"])
def test_known_sounds_are_put_in_the_target_language(sound: str, target: str) -> None:
    alone, beside = parse_line(sound, "en"), parse_line(f"{sound} Come in.", "en")
    assert (alone.words, beside.words) == ((), ("Come in.",))
    done = translate_line(alone, (), target)
    assert (done[0], done[-1]) == (sound[0], sound[-1])
    assert done[1:-1].isupper() == sound[1:-1].isupper()
    assert done != sound or sound[1:-1] in ("crash", "inaudible", "silence", "static", "explosion")
    assert translate_line(beside, ("X",), target) == f"{done} X"


@pytest.mark.parametrize("sound", CASES["unknown"])
def test_unknown_sounds_stay_as_they_are(sound: str) -> None:
    assert parse_line(sound, "en").words == ()
    assert translate_line(parse_line(sound, "en"), (), "es") == sound
    assert translate_line(parse_line(f"No. {sound}", "en"), ("X",), "es") == f"X {sound}"
    assert unknown_sounds(parse_line(f"No. {sound}", "en"), "es") == ((sound,) if sound != "[♪♪♪]" else ())


def test_known_sounds_are_not_told_as_unknown() -> None:
    assert unknown_sounds(parse_line("[door slams] ANNA: No! (laughs)", "en"), "pt-BR") == ()
    assert unknown_sounds(parse_line("[paper tears]", "en"), "en-GB") == ()


@pytest.mark.parametrize("label", CASES["labels"])
def test_labels_are_no_words(label: str) -> None:
    parts = parse_line(f"{label} I knew it.", "en", names=("Anna", "Ben", "Old Ben"))
    assert parts.words == ("I knew it.",)
    done = translate_line(parts, ("X",), "es")
    assert done.endswith(" X")
    assert done[0] == label[0] or label[0].isalpha()
    generic = {"ALL:": "TODOS:", "BOTH:": "LOS DOS:", "NARRATOR:": "NARRADOR:", "VOICE:": "VOICE:"}
    if not any(
        word in label.casefold() for word in ("man", "guard", "narrator", "all:", "both", "phone", "tv", "radio")
    ):
        assert done == f"{label} X"
    elif label in generic:
        assert done == f"{generic[label]} X"


def test_names_are_written_as_the_list_says() -> None:
    parts = parse_line("- KING ARTHUR: Go.", "en")
    assert translate_line(parts, ("Vete.",), "es", {"King Arthur": "REY ARTURO"}) == "- REY ARTURO: Vete."
    assert parse_line("Anna: Go.", "en").words == ("Anna: Go.",)
    assert parse_line("Anna: Go.", "en", names=("Anna",)).words == ("Go.",)


@pytest.mark.parametrize(("line", "words", "spanish"), CASES["lines"])
def test_lines(line: str, words: list[str], spanish: str) -> None:
    parts = parse_line(line, "en")
    assert (parts.line, list(parts.words)) == (line, words)
    assert translate_line(parts, ["sí"] * len(words), "es") == spanish


@pytest.mark.parametrize(
    ("language", "dash"),
    [("en", "-"), ("de", "-"), ("es", "- "), ("pt-BR", "- "), ("fr", "- "), ("it", "- "), ("ja", "-"), ("ru", "- ")],
)
def test_dashes_are_in_the_style_of_the_target(language: str, dash: str) -> None:
    assert dialogue_dash(language) == dash
    assert translate_line(parse_line("—  Yes.", "en"), ("X",), language) == f"{dash}X"


@pytest.mark.parametrize(("source", "target"), list(permutations(LANGUAGES, 2)))
def test_the_table_works_from_every_language_to_every_other(source: str, target: str) -> None:
    sighs = {"en": "sighs", "es": "suspira", "pt": "suspira", "fr": "soupire", "it": "sospira", "de": "seufzt"}
    assert translate_line(parse_line(f"[{sighs[source]}]", source), (), target) == f"[{sighs[target]}]"


def test_as_many_texts_as_words() -> None:
    with pytest.raises(ValueError, match="2 translations for 1 texts"):
        translate_line(parse_line("Go.", "en"), ("a", "b"), "es")


@given(st.text(alphabet="abAB .:,-–—()[]♪#<>i/{}\\1\n\u200f", max_size=60))
def test_any_line_is_its_parts(line: str) -> None:
    parts = parse_line(line, "en")
    assert parts.line == line
    assert len(translate_line(parts, ["x"] * len(parts.words), "de")) >= len(parts.words)


def test_the_names_of_a_script_are_folded_once() -> None:
    """60,000 names in a hostile script, looked at anew for each of its lines, took many minutes."""
    folded = []

    class Name(str):
        __slots__ = ()

        def casefold(self) -> str:
            folded.append(self)
            return super().casefold()

    names = (Name("Anna"), Name("Ben"))
    for text in ("Anna: Hi.", "Ben: Hi.", "Carl: Hi."):
        labelled = parse_line(text, "en", names).items[0].kind == "label"
        assert labelled == (text[:4] != "Carl")
        assert parse_line(text, "en").words == (text,)
    assert folded == list(names)


def test_a_pilcrow_stands_for_a_note() -> None:
    assert parse_line("¶ La la ¶", "en").words == ("La la",)
    assert translate_line(parse_line("¶ La la ¶", "en"), ("X",), "es") == "¶ X ¶"


@pytest.mark.parametrize(
    ("line", "language", "label"),
    [
        ("LAST BUS: 10:45", "en", ""),
        ("<i>ADMISSION: $5</i>", "en", ""),
        ("SPEED LIMIT: 50 MPH", "en", ""),
        ("POPULATION: 4,312", "en", ""),
        ("ÚLTIMO BUS: 22:45", "es", ""),
        ("ÚLTIMO ÔNIBUS: 22h45", "pt", ""),
        ("LAST BUS: Hurry up!", "en", "LAST BUS"),
        ("ANNA: 10:45.", "en", "ANNA"),
        ("KOWALCZYK: 10:45.", "en", "KOWALCZYK"),
        ("MAN 2: $5.", "en", "MAN 2"),
        ("UNIT 7: 10:45.", "en", "UNIT 7"),
        ("OLD MAN: 7 a.m.", "en", "OLD MAN"),
        ("TAXI DRIVER: $9.", "en", "TAXI DRIVER"),
        ("BARTENDER: $9.", "en", "BARTENDER"),
        ("MOTHER-IN-LAW: 7 p.m.", "en", "MOTHER-IN-LAW"),
        ("MRS. PARK: 10:45.", "en", "MRS. PARK"),
        ("ANNA (V.O.): 10:45.", "en", "ANNA (V.O.)"),
        ("MISSION CONTROL: 5, 4, 3.", "en", "MISSION CONTROL"),
        ("PEDRO: 22:45", "es", "PEDRO"),
    ],
)
def test_a_notice_before_a_figure_names_nobody(line: str, language: str, label: str) -> None:
    labels = [part.text for part in parse_line(line, language).items if part.kind == "label"]
    assert labels == [label] * bool(label)
    assert bool(label) or ":" in parse_line(line, language).words[0]


def test_a_cast_names_who_a_notice_would() -> None:
    assert parse_line("LAST BUS: 10:45", "en", ("Last Bus",)).items[0].kind == "label"
