"""Dialogue lists as tables: XLSX and DOCX by openpyxl and python-docx, CSV by Python; read back with our own bounded
readers (`runtime/spreadsheet.py`, `runtime/word_document.py`).

What a line says may begin as a formula does. In a workbook every cell is text, and says so; in a CSV such a text is
escaped.
"""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import EngineMissing, UsageError
from ..runtime import reading
from ..runtime.files import atomic_write
from ..runtime.spreadsheet import escape_formula, read_sheets, unescape_formula
from ..runtime.word_document import WordRow, read_body
from .dialogue import COLUMNS, DialogueList, Row

_WIDTHS = (10, 13, 13, 18, 48, 48, 8, 40, 14)
"""Of the columns, in characters."""
MOST_ROWS = 50_000


def _package(name: str, distribution: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise EngineMissing(f"{distribution} is not installed: pip install 'localize-toolkit[office]'") from error


def write_xlsx(found: DialogueList, path: Path) -> None:
    """Write a workbook with one sheet; all cells are texts.

    Raises:
        EngineMissing: openpyxl is not installed.
        StoreError: the disk is full.
    """
    openpyxl = _package("openpyxl", "openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Dialogue"
    for number, cells in enumerate((COLUMNS, *(row.cells for row in found.rows)), 1):
        for column, text in enumerate(cells, 1):
            cell = sheet.cell(row=number, column=column)
            cell.value = text
            cell.data_type = "s"  # whatever it looks like
            cell.quotePrefix = True
            cell.number_format = "@"
            cell.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
    for column, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    with atomic_write(path) as draft:
        book.save(draft)


def write_docx(found: DialogueList, path: Path) -> None:
    """Write a document with one table.

    Raises:
        EngineMissing: python-docx is not installed.
        StoreError: the disk is full.
    """
    document = _package("docx", "python-docx").Document()
    document.add_heading(f"{found.title} ({found.source_language} > {found.language})", 1)
    table = document.add_table(rows=0, cols=len(COLUMNS))
    table.style = "Table Grid"
    for cells in (COLUMNS, *(row.cells for row in found.rows)):
        for cell, text in zip(table.add_row().cells, cells, strict=True):
            cell.text = text
    with atomic_write(path) as draft:
        document.save(draft)


def write_csv(found: DialogueList, path: Path) -> None:
    """Write a UTF-8 table with a byte order mark, which spreadsheets want.

    Raises:
        StoreError: the disk is full.
    """
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    table.writerows([escape_formula(text) for text in row.cells] for row in found.rows)
    with atomic_write(path) as draft:
        draft.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())


def read_table(path: Path) -> list[Row]:
    """The rows of a list that was written here, and edited since.

    Raises:
        UsageError: it cannot be read, or has no columns of a dialogue list.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".xlsx":
            sheets = read_sheets(path)
            if any(sheet.formulas for sheet in sheets):
                raise ValueError("it holds formulas: replace them by their values, as texts")
            rows = [(f"row {number}", cells) for number, cells in (sheets[0].rows if sheets else ())]
        elif suffix == ".docx":
            rows = [(f"row {r.number}", r.cells) for r in read_body(path) if isinstance(r, WordRow)]
        else:
            rows = list(_csv_rows(reading.read_text(path, 64_000_000)))
        return list(_rows(rows))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}", file=str(path)) from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}", file=str(path)) from error


def _csv_rows(text: str) -> Iterator[tuple[str, dict[int, str]]]:
    mark = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text), delimiter=mark)
    try:
        for cells in reader:
            yield f"line {reader.line_num}", {n: unescape_formula(cell) for n, cell in enumerate(cells) if cell}
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error


def _rows(rows: Sequence[tuple[str, Mapping[int, str]]]) -> Iterable[Row]:
    """The rows below the headings."""
    if len(rows) > MOST_ROWS:
        raise ValueError(f"it has more than {MOST_ROWS} rows")
    head = next((n for n, (_, cells) in enumerate(rows) if _headings(cells).keys() >= {"id", "adaptation"}), None)
    if head is None:
        raise ValueError(f"it is no dialogue list of localize: it has no row with the headings {', '.join(COLUMNS)}")
    columns = _headings(rows[head][1])
    missing = [name for name in COLUMNS[:-1] if name.lower() not in columns and name not in ("Character", "Rate")]
    if missing:
        raise ValueError(f"its column {missing[0]} is missing: export the list again")
    for place, cells in rows[head + 1 :]:
        if any(text.strip() for text in cells.values()):
            texts = [cells.get(columns.get(name.lower(), -1), "").strip() for name in COLUMNS]
            yield replace(Row(*texts), place=place)


def _headings(cells: Mapping[int, str]) -> dict[str, int]:
    known = {name.lower() for name in COLUMNS}
    return {text.strip().lower(): column for column, text in cells.items() if text.strip().lower() in known}
