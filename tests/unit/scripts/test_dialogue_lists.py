"""Dialogue lists in CSV, Excel and Word: columns by their headings in six languages, times as people write them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from made_documents import document, paragraph, table
from made_workbooks import workbook

from localize.errors import UsageError
from localize.scripts import Script, Wanted, read_script
from localize.scripts.timecodes import moved, read_timecode, without_programme_start

PAL = Fraction(25)
SPANISH = Wanted("target", "es", "en")


def cells(row: int, *values: str | float) -> str:
    """A row of a sheet; numbers are stored as numbers."""
    shown = []
    for n, value in enumerate(values):
        place = f"{chr(65 + n)}{row}"
        if isinstance(value, str):
            shown.append(f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>' if value else "")
        else:
            shown.append(f'<c r="{place}"><v>{value}</v></c>')
    return f'<row r="{row}">{"".join(shown)}</row>'


def sheet(*rows: tuple[str | float, ...]) -> str:
    return "".join(cells(n, *row) for n, row in enumerate(rows, 1))


def csv(path: Path, text: str) -> Path:
    path = path.with_suffix(".csv")
    path.write_text(text, encoding="utf-8")
    return path


def xlsx(path: Path, rows: str, more: dict[str, str] | None = None) -> Path:
    return workbook(path.with_suffix(".xlsx"), {"Info": "", **(more or {}), "Ep 1": rows})


def docx(path: Path, *blocks: str) -> Path:
    return document(path.with_suffix(".docx"), *blocks)


def said(found: Script) -> list[tuple[Any, ...]]:
    """Speaker, text, start and end in ms at 25 frames a second."""
    return [(x.speaker, x.text, x.start and x.start.at_ms(PAL), x.end and x.end.at_ms(PAL)) for x in found.lines]


BOTH = [("ANNA", "Good day.", 1000, 2800), ("BEN", "What now?", 4600, 5840)]
HEADS = {
    "en": "TC IN,TC OUT,CHARACTER,DIALOGUE",
    "es": "Entrada,Salida,Personaje,Diálogo",
    "pt": "Início,Fim,Personagem,Fala",
    "fr": "TC entrée,TC sortie,Personnage,Réplique",
    "de": "Beginn,Ende,Figur,Dialog",
    "it": "Inizio,Fine,Personaggio,Battuta",
    "ru": "Начало,Конец,Персонаж,Реплика",
    "ja": "開始,終了,キャラクター,セリフ",
    "zh": "开始,结束,角色,台词",
    "ko": "시작,종료,등장인물,대사",
    "pl": "Początek,Koniec,Postać,Tekst",
    "nl": "Begintijd,Einde,Personage,Dialoog",
    "sv": "Starttid,Sluttid,Roll,Replik",
    "tr": "Başlangıç,Bitiş,Karakter,Diyalog",
    "words that nobody here knows": "Hasi,Amaia,Nork,Esaldia",
}


@pytest.mark.parametrize("language", HEADS)
def test_columns_are_found_by_headings_in_many_languages(tmp_path: Path, language: str) -> None:
    rows = "1,00:00:01:00,00:00:02:20,ANNA,Good day.\n2,00:00:04:15,00:00:05:21,BEN,What now?\n"
    assert said(read_script(csv(tmp_path / "l", f"No,{HEADS[language]}\n{rows}"), Wanted())) == BOTH


TRACKED = (
    "<w:p><w:r><w:t>ANNA: Good </w:t></w:r><w:del><w:r><w:delText>bad</w:delText></w:r></w:del>"
    "<w:ins><w:r><w:t>day.</w:t></w:r></w:ins></w:p>"
)
LISTS: dict[str, tuple[Callable[[Path], Path], Wanted, list[tuple[Any, ...]]]] = {
    "fractions of a day": (
        lambda p: xlsx(
            p,
            sheet(
                ("#", "Start", "End", "Who", "Line"),
                (1, 1 / 86400, 2.8 / 86400, "ANNA", "Good day."),
                (2, 4.6 / 86400, 5.84 / 86400, "BEN", "What now?"),
            ),
        ),
        Wanted(),
        BOTH,
    ),
    "seconds": (
        lambda p: xlsx(
            p,
            sheet(
                ("Start", "End", "Who", "Line"), (1.0, 2.8, "ANNA", "Good day."), ("4,6", "5.84", "BEN", "What now?")
            ),
        ),
        Wanted(),
        BOTH,
    ),
    "title above, two languages": (
        lambda p: xlsx(
            p,
            sheet(
                ("Episode 1",),
                ("Client", "Foo"),
                ("Timecode", "Character", "English", "Spanish (Latin America)"),
                ("01:00:01:00", "ANNA", "Good day.", "Buen día."),
                ("", "", "(door)"),
                ("01:00:04:15", "BEN", "What?", ""),
            ),
        ),
        SPANISH,
        [("ANNA", "Buen día.", 3_601_000, None)],
    ),
    "merged cells": (
        lambda p: xlsx(
            p,
            sheet(("Character", "Dialogue"), ("ANNA", "Good day."), ("", "We fell."), ("", "Who says?"))
            + '</sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells><sheetData>',
        ),
        Wanted(),
        [("ANNA", "Good day.", None, None), ("ANNA", "We fell.", None, None), ("", "Who says?", None, None)],
    ),
    "a heading between the rows": (
        lambda p: csv(p, "Time,Who,Line\n0:01,ANNA,Good day.\n,,SCENE 2\n0:04,BEN,What?\n0:07,,Oh.\n0:09,BEN,No.\n"),
        Wanted(),
        [
            ("ANNA", "Good day.", 1000, None),
            ("BEN", "What?", 4000, None),
            ("", "Oh.", 7000, None),
            ("BEN", "No.", 9000, None),
        ],
    ),
    "a column of ranges": (
        lambda p: xlsx(p, sheet(("Timecode", "Who", "Line"), ("00:00:01:00 - 00:00:02:20", "ANNA", "Good day."))),
        Wanted(),
        BOTH[:1],
    ),
    "a semicolon in the last column": (
        lambda p: csv(p, "TC IN;PERSONAJE;DIÁLOGO\n00:00:01:00;ANA;Buen día; amigos\n"),
        Wanted(),
        [("ANA", "Buen día; amigos", 1000, None)],
    ),
    "no headings": (
        lambda p: csv(p, "00:00:01:00,00:00:02:20,ANNA,Good day.\n00:00:04:15,00:00:05:21,BEN,What now?\n"),
        Wanted(),
        BOTH,
    ),
    "a table of Word": (
        lambda p: docx(
            p,
            "Episode 1",
            table(
                ("TC", "CHARACTER", "ORIGINAL", "TRANSLATION"), ("00:00:01:00", "ANNA (V.O.)", "Good day.", "Buen día.")
            ),
        ),
        Wanted(),
        [("ANNA", "Good day.", 1000, None)],
    ),
    "its other column": (
        lambda p: docx(
            p, table(("TC", "CHARACTER", "ORIGINAL", "TRANSLATION"), ("00:00:01:00", "ANNA", "Good day.", "Buen día."))
        ),
        SPANISH,
        [("ANNA", "Buen día.", 1000, None)],
    ),
    "tables that go on": (
        lambda p: docx(
            p,
            table(("TC", "Who", "Dialogue"), ("0:01", "ANNA", "Good day.")),
            "Page 1",
            table(("TC", "Who", "Dialogue"), ("0:04", "BEN", "What?")),
            table(("Key", "x")),
        ),
        Wanted(),
        [("ANNA", "Good day.", 1000, None), ("BEN", "What?", 4000, None)],
    ),
    "names of languages in their own": (
        lambda p: docx(p, table(("English", "Español"), ("Good day.", "Buen día."))),
        SPANISH,
        [("", "Buen día.", None, None)],
    ),
    "two languages without headings": (
        lambda p: docx(
            p,
            table(
                ("What happened to the bridge last night, my friends?", "¿Qué le pasó anoche al puente, amigos míos?"),
                ("It fell into the river and nobody saw it.", "Se cayó al río y nadie lo vio."),
            ),
        ),
        Wanted("source", "en", "es"),
        [
            ("", "What happened to the bridge last night, my friends?", None, None),
            ("", "It fell into the river and nobody saw it.", None, None),
        ],
    ),
    "cells joined in Word": (
        lambda p: docx(p, table(("Role", "Text"), ("ANNA", "Good day."), (None, "We fell."), ("BEN", "Oh."))),
        Wanted(),
        [("ANNA", "Good day.", None, None), ("ANNA", "We fell.", None, None), ("BEN", "Oh.", None, None)],
    ),
    "labels in Word": (
        lambda p: docx(p, "ANNA: Good day.", "(thunder)", "BEN (V.O.):\tIt fell.\nLast night."),
        Wanted(),
        [("ANNA", "Good day.", None, None), ("BEN", "It fell. Last night.", None, None)],
    ),
    "a screenplay in Word": (
        lambda p: docx(p, "INT. HOUSE - DAY", "", "Anna enters.", "", "ANNA", "(sad)", "Good day.", "", "BEN", "What?"),
        Wanted(),
        [("ANNA", "Good day.", None, None), ("BEN", "What?", None, None)],
    ),
    "tracked changes": (
        lambda p: docx(
            p,
            TRACKED,
        ),
        Wanted(),
        [("ANNA", "Good day.", None, None)],
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_dialogue_list_says_who_when_and_what(tmp_path: Path, name: str) -> None:
    make, want, lines = LISTS[name]
    assert said(read_script(make(tmp_path / "list"), want)) == lines


AMBIGUOUS: dict[str, tuple[Callable[[Path], Path], Wanted, str]] = {
    "three languages": (
        lambda p: xlsx(p, sheet(("Who", "EN", "FR"), ("A", "Good day.", "Bonjour."))),
        Wanted(),
        "'EN' and 'FR' could hold the words that are spoken",
    ),
    "no translation": (
        lambda p: csv(p, "Who,Original\nANNA,Good day.\n"),
        SPANISH,
        "no column holds the translation in es",
    ),
    "no dialogue": (lambda p: xlsx(p, sheet(("A", "B"), (1, 2))), Wanted(), "no column of dialogue was found"),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_column_is_never_guessed(tmp_path: Path, name: str) -> None:
    make, want, says = AMBIGUOUS[name]
    with pytest.raises(UsageError, match=says) as caught:
        read_script(make(tmp_path / "list"), want)
    assert "list." in caught.value.message


def test_a_time_that_is_none_is_told_with_its_row(tmp_path: Path) -> None:
    path = csv(tmp_path / "l", "Start,End,Who,Line\n00:00:99,,ANNA,Good.\n00:07,00:05,BEN,Oh.\n")
    messages = [remark.message for remark in read_script(path, Wanted()).remarks]
    assert messages[0].startswith("line 2: '00:00:99' is no time")
    assert messages[1].startswith("line 3: ends before it begins")


@pytest.mark.parametrize(
    ("text", "rate", "ms"),
    [
        ("00:01:02:12", PAL, 62_480),
        ("01:02", PAL, 62_000),
        ("00:01:02,480", PAL, 62_480),
        ("1:02.5", PAL, 62_500),
        ("62.48", PAL, 62_480),
        ("62", PAL, 62_000),
        ("[00:01:02]", PAL, 62_000),
        ("00:10:00;00", Fraction(30000, 1001), 599_999),
        ("00:01:00;02", Fraction(30000, 1001), 60_060),
        ("00:10:00:00", Fraction(24000, 1001), 600_600),
    ],
)
def test_times_are_read_as_people_write_them(text: str, rate: Fraction, ms: int) -> None:
    found = read_timecode(text)
    assert found is not None
    assert found.at_ms(rate) == ms


@pytest.mark.parametrize("text", ["", "soon", "00:00:99", "1:2:3:4:5", "00:61:00", "12:30 is fine"])
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert read_timecode(text) is None


@pytest.mark.parametrize(
    ("times", "film_ms", "change"),
    [
        (("00:00:01:00", "00:00:09:00"), 10_000, (0, 1)),
        (("01:00:01:00", "01:00:09:00"), 10_000, (3_600_000, 1)),
        (("10:00:01:00", "10:00:09:00"), 10_000, (36_000_000, 1)),
        (("1:05:00", "1:10:00"), 80_000, (0, 60)),
        (("02:30:00:00",), 10_000, (0, 1)),
        (("1000", "8500"), 10_000, (0, 1000)),
        (("1", "8"), 10_000, (0, 1)),
        (("01:00:01", "01:00:09"), 10_000, (3_600_000, 1)),
    ],
)
def test_the_programmes_start_is_taken_off(times: tuple[str, ...], film_ms: int, change: tuple[int, int]) -> None:
    assert without_programme_start([read_timecode(text) for text in times], film_ms, PAL) == change


@pytest.mark.parametrize(
    ("text", "rate", "ms"),
    [
        ("01:00:01:00", PAL, 1_000),
        ("01:00:01:00", Fraction(24000, 1001), 1_001),  # 24 frames at 23.976 a second
        ("10:00:01:00", Fraction(24000, 1001), 1_001),
        ("01:00:01:15", Fraction(30000, 1001), 1_502),
        ("01:00:01;15", Fraction(30000, 1001), 1_502),
        ("01:00:01.500", Fraction(24000, 1001), 1_500),
        ("00:59:59:00", PAL, 0),
    ],
)
def test_an_hour_of_timecode_is_as_long_as_its_frames(text: str, rate: Fraction, ms: int) -> None:
    found = read_timecode(text)
    assert found is not None
    assert moved(found, rate, int(text[:2]) * 3_600_000 or 3_600_000, 1).ms == ms


def test_a_column_that_nobody_knows_is_told(tmp_path: Path) -> None:
    path = csv(tmp_path / "l", "Time,Char,Line,Gizmo,Note,Empty\n00:01,ANNA,Good.,x,y,\n00:07,BEN,Oh.,,,\n")
    found = read_script(path, Wanted())
    assert [line.speaker for line in found.lines] == ["ANNA", "BEN"]
    (remark,) = found.remarks
    assert (remark.code, remark.message.split(": ")[-1]) == ("not_read", "'Gizmo'")


def test_rows_that_a_filter_hides_are_read_and_told(tmp_path: Path) -> None:
    hidden = cells(3, "BEN", "It fell.").replace('<row r="3"', '<row r="3" hidden="1"')
    path = workbook(tmp_path / "a.xlsx", {"1": cells(1, "Speaker", "Dialogue") + cells(2, "ANNA", "Hi.") + hidden})
    found = read_script(path, Wanted("source", "en", "es"))
    assert [line.text for line in found.lines] == ["Hi.", "It fell."]
    (told,) = [remark.message for remark in found.remarks if remark.code == "hidden_rows"]
    assert "1 rows are hidden, as by a filter, and read all the same (3)" in told


def test_words_that_are_struck_out_or_hidden_are_not_read_and_told(tmp_path: Path) -> None:
    def look(text: str, mark: str) -> str:
        return paragraph(text).replace("<w:r>", f"<w:r><w:rPr>{mark}</w:rPr>")

    path = document(
        tmp_path / "a.docx",
        "ANNA: Good morning.",
        look("BEN: This was cut.", "<w:strike/>"),
        look("BEN: So was this.", '<w:dstrike w:val="1"/>'),
        look("BEN: This stays.", '<w:strike w:val="0"/>'),
        look("BEN: Nobody sees this.", "<w:vanish/>"),
        "ANNA: Bye.",
    )
    found = read_script(path, Wanted("source", "en", "es"))
    assert [(line.speaker, line.text) for line in found.lines] == [
        ("ANNA", "Good morning."), ("BEN", "This stays."), ("ANNA", "Bye."),
    ]  # fmt: skip
    (told,) = [remark.message for remark in found.remarks if "struck" in remark.message]
    assert told.endswith("3 passages that are struck out or hidden (paragraph 2, paragraph 3, paragraph 5)")


def test_semicolons_of_timecodes_part_no_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = (
        "Speaker Name,Start Time,End Time,Text",
        "Anna,00;00;01;00,00;00;02;12,Hi.",
        "Ben,00;00;03;00,00;00;04;10,No.",
    )
    path.write_text("\n".join(rows))
    found = read_script(path, Wanted("source", "en", "es"))
    assert [(line.speaker, line.text) for line in found.lines] == [("Anna", "Hi."), ("Ben", "No.")]
    starts = [line.start for line in found.lines]
    assert [start and (start.ms, start.drops) for start in starts] == [(1000, True), (3000, True)]
