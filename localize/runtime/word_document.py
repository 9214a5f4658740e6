"""Bounded reading of DOCX from outside (ECMA-376, Office Open XML): paragraphs and tables of the body as text.

Macros, embedded objects, fields and anything outside the file are never opened; headers, footers, notes, comments and
text boxes are no part of the body. Text that tracked changes delete is left out, text that they insert is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .reading import open_zip
from .xml_reading import Element, read_zip_records

LARGEST = 32_000_000
"""Bytes of the file."""
LARGEST_PART = 64_000_000
"""Bytes that the body unpacks to; a script of 200 pages has six million."""
MOST_PARTS = 4_000
MOST_BLOCKS = 100_000
MOST_COLUMNS = 64
BODY = "word/document.xml"
_STRUCK = ("strike", "dstrike", "vanish")
_LEFT_OUT = frozenset({"del", "moveFrom", "Fallback", "drawing", "pict", "object", "instrText", "pPr", "rPr"})
_WHITE = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph outside of tables, by its number among all of them, from 1; `unread` of its runs are struck out or
    hidden, and not in its text.
    """

    number: int
    text: str
    unread: int = 0


@dataclass(frozen=True, slots=True)
class WordRow:
    """A row of a table.

    Args:
        table: its table, from 1.
        number: among the rows of its table, from 1.
        cells: texts by column, from 0; a cell over several columns stands in the first.
        merged: columns whose cell is one with the cell above.
        unread: runs that are struck out or hidden, and not in the texts.
    """

    table: int
    number: int
    cells: dict[int, str]
    merged: frozenset[int] = field(default_factory=frozenset)
    unread: int = 0


def read_body(source: Path | bytes) -> Iterator[Paragraph | WordRow]:
    """The paragraphs and the rows of tables of a document, in their order; empty ones too.

    Args:
        source: the file, or its bytes.

    Raises:
        ValueError: it is no Word document, or too large in any way; the message says where.
        OSError: it cannot be read.
    """
    if (len(source) if isinstance(source, bytes) else source.stat().st_size) > LARGEST:
        raise ValueError(f"it is too large: at most {LARGEST} bytes are read")
    with open_zip(source, MOST_PARTS) as file:
        if BODY not in file.namelist():
            raise ValueError("it is no Word document (DOCX)")
        paragraphs = tables = rows = 0
        for element in read_zip_records(file, BODY, ("p", "tr"), heads=("tbl",), limit=LARGEST_PART):
            if element.tag == "tbl":
                tables, rows = tables + 1, 0
            elif element.tag == "p":
                paragraphs += 1
                yield Paragraph(paragraphs, _text(element).strip("\n"), _count_unread(element))
            else:
                rows += 1
                yield _row(element, tables, rows)
            if paragraphs + rows > MOST_BLOCKS:
                raise ValueError(f"it has more than {MOST_BLOCKS} paragraphs and rows")


def _row(element: Element, table: int, number: int) -> WordRow:
    cells: dict[int, str] = {}
    merged = set()
    column = 0
    for cell in _cells(element):
        if column >= MOST_COLUMNS:
            raise ValueError(f"row {number} of table {table} has more than {MOST_COLUMNS} columns")
        text = "\n".join(filter(None, (_text(p).strip() for p in cell.every("p")))).strip()
        if text:
            cells[column] = text
        settings = cell.first("tcPr")
        joined = settings.first("vMerge") if settings else None
        if joined is not None and joined.attributes.get("val", "continue") != "restart":
            merged.add(column)
        span = settings.first("gridSpan") if settings else None
        wide = "" if span is None else span.attributes.get("val", "")
        column += int(wide) if wide.isdecimal() and 0 < int(wide[:4]) <= MOST_COLUMNS else 1
    return WordRow(table, number, cells, frozenset(merged), _count_unread(element))


def _cells(row: Element) -> Iterator[Element]:
    """The cells of a row, those that a content control holds too."""
    for child in row.elements():
        if child.tag == "tc":
            yield child
        elif child.tag in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _cells(child)


def _text(element: Element) -> str:
    parts = []
    for child in element.elements():
        if child.tag == "t":
            parts.append(child.text())
        elif child.tag in _WHITE:
            parts.append(_WHITE[child.tag])
        elif child.tag not in _LEFT_OUT and not _is_struck(child):
            parts.append(_text(child))
    return "".join(parts)


def _is_struck(run: Element) -> bool:
    """Whether a run is struck out, as a line that was cut, or hidden (ECMA-376 part 1, 17.3.2: strike, vanish)."""
    look = run.first("rPr") if run.tag == "r" else None
    if look is None:
        return False
    return any(mark.attributes.get("val", "1") not in ("0", "false", "off") for mark in look.elements(*_STRUCK))


def _count_unread(element: Element) -> int:
    """How many runs with text are struck out or hidden."""
    return sum(_is_struck(run) and bool(_text(run).strip()) for run in element.every("r"))
