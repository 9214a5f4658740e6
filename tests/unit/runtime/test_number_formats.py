"""Dates and shares of a workbook are read as its cells show them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from made_workbooks import workbook

from localize.runtime.number_formats import NumberFormats, read_number_formats
from localize.runtime.spreadsheet import read_sheets

STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="d\\ mmm\\ yyyy"/>'
    '<numFmt numFmtId="165" formatCode="h:mm:ss"/><numFmt numFmtId="166" formatCode="0.0%"/>'
    '<numFmt numFmtId="167" formatCode="0&quot;d/m&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="164"/><xf numFmtId="165"/>'
    '<xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="22"/></cellXfs></styleSheet>'
)


# The right values are those that spreadsheet programs show, written before the code was run.
@pytest.mark.parametrize(
    ("style", "stored", "text"),
    [
        ("0", "16565", "16565"),
        ("1", "16565", "1945-05-08"),
        ("3", "16565", "1945-05-08"),
        ("1", "1", "1900-01-01"),
        ("1", "59", "1900-02-28"),
        ("1", "61", "1900-03-01"),
        ("1", "0.25", "0.25"),
        ("2", "0.5", "50%"),
        ("5", "0.125", "12.5%"),
        ("2", "0.07", "7%"),
        ("4", "0.5", "0.5"),
        ("6", "16565", "16565"),
        ("7", "16565.5", "1945-05-08"),
        ("9", "16565", "16565"),
        ("", "16565", "16565"),
        ("1", "99999999", "99999999"),
    ],
)
def test_numbers_are_read_as_they_are_shown(tmp_path: Path, style: str, stored: str, text: str) -> None:
    path = workbook(tmp_path / "a.xlsx", {"1": f'<row r="1"><c r="A1" s="{style}"><v>{stored}</v></c></row>'})
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("xl/styles.xml", STYLES)
    assert read_sheets(path)[0].rows == ((1, {0: text}),)


def test_days_may_be_counted_from_1904() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("xl/styles.xml", STYLES)
        file.writestr("xl/workbook.xml", '<workbook><workbookPr date1904="1"/><sheets/></workbook>')
    with zipfile.ZipFile(data) as file:
        assert read_number_formats(file).shown("15103", "1") == "1945-05-08"
    assert NumberFormats().shown("15103", "1") == "15103"
