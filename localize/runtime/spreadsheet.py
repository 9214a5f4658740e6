"""Bounded reading of XLSX from outside (ECMA-376, Office Open XML): the cells of its sheets as text.

No formula is computed: what the program that saved the file stored as its value is what is read. Nothing outside the
file is opened. (openpyxl, the kept library, reads a shared string of any size and unpacks a file of any size.)

A CSV has no types, so that a text that begins as a formula does gets an apostrophe before it, which is taken off when
the table comes back (OWASP, "CSV Injection").
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .number_formats import NumberFormats, read_number_formats
from .reading import open_zip
from .xml_reading import Element, read_zip_records

LARGEST = 32_000_000
"""Bytes of the file."""
LARGEST_PART = 64_000_000
"""Bytes that one part of it unpacks to."""
LARGEST_WHOLE = 256_000_000
"""Bytes that all its parts unpack to, as its directory says: no more of a part is unpacked."""
MOST_PARTS = 4_000
MOST_ROWS = 50_000
MOST_COLUMNS = 256
MOST_STRINGS = 500_000
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_CELL = re.compile(r"([A-Z]{1,3})[1-9][0-9]{0,6}\Z")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its rows with cells by column (from 0), where a formula's value was read, and the ranges of
    cells that are shown as one ("A2:A5"; the first of them has the text), and which rows are hidden, as by a filter.
    """

    name: str
    rows: tuple[tuple[int, dict[int, str]], ...]
    formulas: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    hidden: tuple[int, ...] = ()


def escape_formula(text: str) -> str:
    """A text for a cell of a CSV that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(text: str) -> str:
    """The text that `escape_formula` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def read_sheets(source: Path | bytes) -> tuple[Sheet, ...]:
    """The visible sheets of a workbook in their order; rows are (number from 1, cells), those without text left out.

    Args:
        source: the file, or its bytes.

    Raises:
        ValueError: it is no workbook, or too large in any way; the message says where.
        OSError: it cannot be read.
    """
    if (len(source) if isinstance(source, bytes) else source.stat().st_size) > LARGEST:
        raise ValueError(f"it is too large: at most {LARGEST} bytes are read")
    with open_zip(source, MOST_PARTS) as file:
        names = set(file.namelist())
        if "xl/workbook.xml" not in names:
            raise ValueError("it is no workbook (XLSX)")
        if sum(entry.file_size for entry in file.infolist()) > LARGEST_WHOLE:
            raise ValueError(f"it unpacks to more than {LARGEST_WHOLE} bytes")
        strings = _strings(file) if "xl/sharedStrings.xml" in names else ()
        formats = read_number_formats(file)
        targets = {
            relation.attributes.get("Id", ""): _inside(relation.attributes.get("Target", ""))
            for relation in _records(file, "xl/_rels/workbook.xml.rels", "Relationship")
            if relation.attributes.get("TargetMode") != "External"
        }
        found = []
        for sheet in _records(file, "xl/workbook.xml", "sheet"):
            part = targets.get(sheet.attributes.get("id", ""), "")
            if part in names and sheet.attributes.get("state", "visible") == "visible":
                found.append(_sheet(file, part, sheet.attributes.get("name", ""), strings, formats))
                names.remove(part)  # it is one sheet's alone
        return tuple(found)


def _records(file: zipfile.ZipFile, part: str, *tags: str) -> Iterator[Element]:
    return read_zip_records(file, part, tags, limit=LARGEST_PART)


def _inside(target: str) -> str:
    """The part that a relation of the workbook leads to."""
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")


def _strings(file: zipfile.ZipFile) -> tuple[str, ...]:
    found = []
    for item in _records(file, "xl/sharedStrings.xml", "si"):
        found.append(_rich_text(item))
        if len(found) > MOST_STRINGS:
            raise ValueError(f"it has more than {MOST_STRINGS} texts")
    return tuple(found)


def _rich_text(element: Element) -> str:
    """The runs of a text, without how it is read aloud in Japanese (`rPh`)."""
    parts = []
    for child in element.elements("t", "r"):
        shown = child if child.tag == "t" else child.first("t")
        parts.append("" if shown is None else shown.text())
    return "".join(parts)


def _sheet(file: zipfile.ZipFile, part: str, name: str, strings: tuple[str, ...], formats: NumberFormats) -> Sheet:
    rows: list[tuple[int, dict[int, str]]] = []
    formulas: list[str] = []
    merged: list[str] = []
    hidden: list[int] = []
    count = 0
    for row in _records(file, part, "row", "mergeCell"):
        if row.tag == "mergeCell":
            merged.append(row.attributes.get("ref", ""))
        else:
            count += 1
        if count + len(merged) > MOST_ROWS:
            raise ValueError(f"the sheet {name!r} has more than {MOST_ROWS} rows")
        if row.tag == "mergeCell":
            continue
        number = row.attributes.get("r", "")
        cells: dict[int, str] = {}
        for cell in row.elements("c"):
            column = _column(cell.attributes.get("r", ""), len(cells), name)
            if cell.first("f") is not None:
                formulas.append(cell.attributes.get("r", ""))
            if text := _value(cell, strings, name, formats):
                cells[column] = text
        if cells:
            rows.append((int(number) if number.isdecimal() and len(number) < 8 else count, cells))
            if row.attributes.get("hidden") in ("1", "true"):
                hidden.append(rows[-1][0])
    return Sheet(name, tuple(rows), tuple(formulas), tuple(merged), tuple(hidden))


def _column(place: str, otherwise: int, sheet: str) -> int:
    """The column of a cell "AB12", from 0."""
    found = _CELL.match(place)
    column = otherwise
    if found is not None:
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        column -= 1
    if column >= MOST_COLUMNS:
        raise ValueError(f"the sheet {sheet!r} has more than {MOST_COLUMNS} columns ({place or column})")
    return column


def _value(cell: Element, strings: tuple[str, ...], sheet: str, formats: NumberFormats) -> str:
    kind, stored, inline = cell.attributes.get("t", "n"), cell.first("v"), cell.first("is")
    if kind == "inlineStr":
        return "" if inline is None else _rich_text(inline).strip()
    text = "" if stored is None else stored.text().strip()
    if kind == "s" and text:
        if not text.isdecimal() or len(text) > 9 or int(text) >= len(strings):
            place = cell.attributes.get("r", "a cell")
            raise ValueError(f"the sheet {sheet!r}: {place} names a text that is not there")
        return strings[int(text)].strip()
    if kind == "b":
        return {"1": "yes", "0": "no"}.get(text, text)
    if kind == "n":
        return formats.shown(text, cell.attributes.get("s", ""))
    return "" if kind == "e" else text
