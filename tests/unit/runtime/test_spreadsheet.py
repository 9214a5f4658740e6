"""Workbooks from strangers: their cells as text, no formula computed, refused where they are absurd."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from made_workbooks import cells, workbook

from localize.runtime import spreadsheet
from localize.runtime.spreadsheet import read_sheets

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def test_texts_of_all_kinds_are_read_where_they_stand(tmp_path: Path) -> None:
    rows = (
        '<row r="3"><c r="A3" t="s"><v>1</v></c><c r="C3"><v>12.5</v></c><c r="D3" t="b"><v>1</v></c>'
        '<c r="E3" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r></is></c><c r="F3" t="e"><v>#REF!</v></c></row>'
    )
    strings = "<si><t>zero</t></si><si><r><t>on</t></r><r><t>e</t></r><rPh><t>いち</t></rPh></si>"
    (sheet,) = read_sheets(workbook(tmp_path / "k.xlsx", {"KNP": rows}, strings=strings))
    assert sheet.name == "KNP"
    assert sheet.rows == ((3, {0: "one", 2: "12.5", 3: "yes", 4: "rich"}),)


def test_a_formula_is_not_computed_but_its_stored_value_read(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="str"><f>HYPERLINK("http://x","y")</f><v>stored</v></c><c r="B1"><f>1+1</f></c></row>'
    )
    (sheet,) = read_sheets(workbook(tmp_path / "k.xlsx", {"KNP": rows}))
    assert sheet.rows == ((1, {0: "stored"}),)
    assert sheet.formulas == ("A1", "B1")


def test_hidden_sheets_and_parts_outside_are_left_alone(tmp_path: Path) -> None:
    other = '<Relationship Id="rId9" Target="../../../etc/passwd"/>'
    other += '<Relationship Id="rId8" Target="http://x" TargetMode="External"/>'
    made = workbook(tmp_path / "k.xlsx", {"old": cells("a"), "new": cells("b")}, state='state="hidden"', more=other)
    assert [sheet.name for sheet in read_sheets(made)] == ["new"]


HOSTILE = {
    "entities": ({"s": LAUGHS + "<worksheet><row/></worksheet>"}, "declarations of its own"),
    "a column far to the right": ({"s": '<row r="1"><c r="XFD1"><v>1</v></c></row>'}, "more than 256 columns"),
    "a text that is not there": ({"s": '<row r="1"><c r="A1" t="s"><v>7</v></c></row>'}, "not there"),
    "a number of very many digits as a text": (
        {"s": f'<row r="1"><c r="A1" t="s"><v>{"9" * 5000}</v></c></row>'},
        "not",
    ),
    "a number of a text that begins with noughts": (
        {"s": '<row r="1"><c r="A1" t="s"><v>0000000009999</v></c></row>'},
        "not there",
    ),
    "ranges of cells without end": ({"s": '<mergeCell ref="A1:A5000"/>' * 50_001}, "more than 50000 rows"),
    "half a sheet": ({"s": "<!--"}, "not well-formed"),
}


@pytest.mark.costly
@pytest.mark.parametrize(("sheets", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_sheet_is_refused(tmp_path: Path, sheets: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_sheets(workbook(tmp_path / "k.xlsx", sheets))


def test_a_part_that_unpacks_to_very_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "LARGEST_PART", 1_000_000)
    bomb = workbook(tmp_path / "k.xlsx", {"s": f"<row>{' ' * 2_000_000}</row>"})
    assert bomb.stat().st_size < 10_000
    with pytest.raises(ValueError, match="at most 1000000 bytes"):
        read_sheets(bomb)


def test_rows_texts_and_bytes_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = workbook(tmp_path / "k.xlsx", {"s": "<row/>" * 11}, strings="<si/>" * 11)
    monkeypatch.setattr(spreadsheet, "MOST_STRINGS", 10)
    with pytest.raises(ValueError, match="more than 10 texts"):
        read_sheets(rows)
    monkeypatch.setattr(spreadsheet, "MOST_STRINGS", 100)
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 10)
    with pytest.raises(ValueError, match="more than 10 rows"):
        read_sheets(rows)
    monkeypatch.setattr(spreadsheet, "LARGEST", 10)
    with pytest.raises(ValueError, match="too large"):
        read_sheets(rows)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an encrypted workbook"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "k.xlsx"
    file.write_bytes(data)
    with pytest.raises(ValueError, match="zip"):
        read_sheets(file)


def test_a_zip_file_without_a_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "k.xlsx", "w") as file:
        file.writestr("word/document.xml", "<x/>")
    with pytest.raises(ValueError, match="no workbook"):
        read_sheets(tmp_path / "k.xlsx")


def test_a_part_is_read_once_however_many_sheets_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 sheets of one part of 64 MB would take hours."""
    sheets = {"a": cells("x"), "b": cells("y")}
    path = workbook(tmp_path / "k.xlsx", sheets)
    again = '<Relationship Id="rId2" Target="worksheets/s1.xml"/>'
    assert [sheet.name for sheet in read_sheets(path)] == ["a", "b"]
    assert [sheet.name for sheet in read_sheets(workbook(tmp_path / "twice.xlsx", sheets, more=again))] == ["a"]
    monkeypatch.setattr(spreadsheet, "LARGEST_WHOLE", 100)
    with pytest.raises(ValueError, match="unpacks to more than 100 bytes"):
        read_sheets(path)
