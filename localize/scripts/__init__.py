"""Scripts as people have them: dialogue lists (Word, Excel, CSV), screenplays (Fountain, Final Draft), plain text.

`read_script` finds out what a file is by its content, with its suffix as a help, and reads its dialogue. Macros and
whatever lies outside the file are never opened. What cannot be read is one error that names the file and the place.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import MediaError, UsageError
from ..language.tags import main_language
from ..runtime.reading import open_zip
from ..runtime.spreadsheet import Sheet, read_sheets
from ..runtime.word_document import Paragraph, read_body
from ..runtime.xml_reading import XmlError
from ..timedtext.cues import Diagnostic
from ..timedtext.encoding import decode, language_in
from .dialogue_list import TEXTS, Columns, Row, Table, Wanted, find_columns, infer_columns, read_table
from .final_draft import read_final_draft
from .plain_text import read_plain_text
from .screenplay import looks_like_screenplay, plain_emphasis, read_screenplay
from .script import LARGEST, LONGEST, MOST_LINES, Aside, Script, ScriptLine, has_words, split_label
from .timecodes import Timecode, moved, without_programme_start

__all__ = [
    "REFUSED", "SUFFIXES", "Script", "ScriptLine", "Timecode", "Wanted", "has_words", "is_script", "moved",
    "read_script", "without_programme_start",
]  # fmt: skip

_TEXT = frozenset({".txt", ".text", ".md", ".fountain", ".spmd", ".csv", ".tsv"})
SUFFIXES = _TEXT | {".docx", ".docm", ".xlsx", ".xlsm", ".fdx"}
"""Of the files that are read here."""
REFUSED = {
    ".doc": "an old Word file: save it as .docx",
    ".xls": "an old Excel file: save it as .xlsx",
    ".rtf": "rich text: save it as .docx",
    ".odt": "an OpenDocument text: save it as .docx",
    ".ods": "an OpenDocument table: save it as .xlsx",
    ".pdf": "a PDF, which keeps no lines: export the script as .fdx, .fountain or .docx",
    ".pages": "a Pages document: export it as .docx",
    ".numbers": "a Numbers table: export it as .xlsx",
    ".celtx": "a Celtx project: export it as .fdx or .fountain",
}
"""What else holds scripts, and is refused by name."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = {
    b"%PDF": ".pdf",
    b"{\\rtf": ".rtf",
}
_UNSEEN_MOST = 0.02
"""Share of control characters from which a file is no text."""
_MOST_MERGED = 500_000


def is_script(path: Path) -> bool:
    """Whether a path is a script by its name, read here or refused by name."""
    return path.suffix.lower() in SUFFIXES | REFUSED.keys()


def looks_like_script(data: bytes) -> bool:
    """Whether a file's first bytes say that it is a script, whatever it is called."""
    head = data[:4096]
    return head.startswith((b"PK\x03\x04", _OLD_OFFICE, *_SIGNATURES)) or b"<FinalDraft" in head


def read_script(path: Path, want: Wanted, encoding: str | None = None, data: bytes | None = None) -> Script:
    """Read a script of any kind.

    Args:
        path: the file.
        want: which of its languages.
        encoding: of a text; None to find it out.
        data: its bytes, where they are read already.

    Raises:
        MediaError: it cannot be read, is of another kind, or holds no dialogue.
        UsageError: several of its columns could be what is wanted; there is no such encoding.
    """
    try:
        if (path.stat().st_size if data is None else len(data)) > LARGEST:
            raise ValueError(f"it is too large: at most {LARGEST} bytes are read")
        data = path.read_bytes() if data is None else data
        found = _checked(_reader_of(data, path)(data, path, want, encoding))
    except XmlError as error:
        raise MediaError(f"{path}:{error.line}: {error}", file=str(path), line=error.line) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", file=str(path), **error.details) from error
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror or error}", file=str(path)) from error
    except ValueError as error:
        raise MediaError(f"cannot read {path}: {error}", file=str(path)) from error
    if not found.lines:
        aside = f" ({found.remarks[-1].message})" if found.remarks else ""
        raise MediaError(f"{path} holds no dialogue: nothing in it is a line that somebody says{aside}", file=str(path))
    return found


_Reader = Callable[[bytes, Path, Wanted, "str | None"], Script]


def _checked(script: Script) -> Script:
    if len(script.lines) > MOST_LINES:
        raise ValueError(f"it has more than {MOST_LINES} lines of dialogue")
    for line in script.lines:
        if len(line.text) > LONGEST:
            raise ValueError(f"{line.place} has more than {LONGEST} characters, which nobody says at once: part it")
    return script


def _reader_of(data: bytes, path: Path) -> _Reader:
    """What reads a file; a refusal where nothing does."""
    suffix = path.suffix.lower()
    if data.startswith(b"PK\x03\x04"):
        return _reader_of_zip(data)
    if data.startswith(_OLD_OFFICE):
        raise ValueError("it is an old Word or Excel file, or one under a password: save it as .docx or .xlsx without")
    signed = next((kind for mark, kind in _SIGNATURES.items() if data.startswith(mark)), "")
    if signed or suffix in REFUSED:
        raise ValueError(f"it is {REFUSED[signed or suffix]}")
    if b"<FinalDraft" in data[:4096] or suffix == ".fdx":
        return lambda data, *_: read_final_draft(data)
    if suffix in (".docx", ".docm", ".xlsx", ".xlsm"):
        raise ValueError(f"it is no {suffix[1:]} file: nothing in it looks like one")
    return _read_text


def _reader_of_zip(data: bytes) -> _Reader:
    with open_zip(data, 4_000) as file:
        names = set(file.namelist())
    if "word/document.xml" in names:
        return _read_word
    if "xl/workbook.xml" in names:
        return _read_workbook
    kind = "an OpenDocument file: save it as .docx or .xlsx" if "content.xml" in names else "an archive: unpack it"
    raise ValueError(f"it is {kind}")


# --- text ------------------------------------------------------------------------------------------------------------


def _read_text(data: bytes, path: Path, want: Wanted, encoding: str | None) -> Script:
    if not data.strip():
        raise ValueError("the file is empty")
    decoded = decode(data, name=_name_with_language(path, want), encoding=encoding)
    text = re.sub(r"\r\n?|[\u2028\u2029\x85\x0b]", "\n", decoded.text)
    unseen = sum(char < " " and char not in "\n\t\f" for char in text)
    if unseen > _UNSEEN_MOST * len(text):
        raise ValueError("it is no text: it is full of characters that nobody writes")
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        found = _read_separated(text, suffix, want)
    elif suffix in (".fountain", ".spmd") or looks_like_screenplay(text):
        found = read_screenplay(text.replace("\f", "\n"))
    else:
        text = re.sub(r"(?m)^#{1,6} ", "", plain_emphasis(text)) if suffix == ".md" else text
        found = read_plain_text(text, want)
    repairs = tuple(replace(r, message=f"line {r.line}: {r.message}" if r.line else r.message) for r in decoded.repairs)
    return replace(found, remarks=(*repairs, *found.remarks), encoding=decoded.encoding)


def _name_with_language(path: Path, want: Wanted) -> str:
    """A file's name as its encoding is found out by: with its language, where only the request says it."""
    if not want.language or language_in(path.name):
        return path.name
    return f"{path.stem}.{main_language(want.language)}{path.suffix}"


def _read_separated(text: str, suffix: str, want: Wanted) -> Script:
    """A table whose cells commas, semicolons or tabs part (RFC 4180)."""
    heading = next((line for line in text.split("\n") if line.strip()), "")
    first = heading if re.search("[,;\t]", heading) else text[:20_000]  # timecodes have semicolons too
    mark = "\t" if suffix == ".tsv" or first.count("\t") > first.count("\n") / 2 else (
        ";" if first.count(";") > first.count(",") else ","
    )  # fmt: skip
    reader = csv.reader(io.StringIO(text), delimiter=mark)
    rows: list[tuple[str, list[str]]] = []
    before = 0
    try:
        for cells in reader:
            rows.append((f"line {before + 1}", cells))
            before = reader.line_num
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error
    table = Table(tuple(Row(place, _by_column(cells)) for place, cells in rows))
    found = find_columns(table)
    if found is not None:
        wide = max(table.rows[found[1] - 1].cells) + 1
        table = Table(tuple(Row(place, _within(place, cells, wide, found[0], mark)) for place, cells in rows))
    return read_table(table, want)


def _by_column(cells: Sequence[str]) -> dict[int, str]:
    return {at: cell.strip() for at, cell in enumerate(cells) if cell.strip()}


def _within(place: str, cells: Sequence[str], wide: int, columns: Columns, mark: str) -> dict[int, str]:
    """The cells of a row; a text that holds the mark between cells without quotes is put together where it is the last.

    Raises:
        ValueError: there are more cells than columns, and nobody can tell which belong together.
    """
    if not any(cell.strip() for cell in cells[wide:]):
        return _by_column(cells)
    if columns.kinds.get(wide - 1) not in TEXTS:
        raise ValueError(f"{place} has {len(cells)} cells for {wide} columns: put a text that holds {mark!r} in quotes")
    return _by_column([*cells[: wide - 1], mark.join(cells[wide - 1 :])])


# --- Office ----------------------------------------------------------------------------------------------------------


def _read_workbook(data: bytes, _path: Path, want: Wanted, _encoding: str | None) -> Script:
    sheets = [sheet for sheet in read_sheets(data) if sheet.rows]
    tables = [_table_of_sheet(sheet) for sheet in sheets]
    if not tables:
        raise ValueError("no visible sheet of it holds anything")
    at = next((n for n, table in enumerate(tables) if find_columns(table)), None)
    if at is None:
        at = next((n for n, table in enumerate(tables) if infer_columns(table)), 0)
    found = read_table(tables[at], want)
    others = [repr(sheet.name) for n, sheet in enumerate(sheets) if n != at]
    remarks = list(found.remarks)
    if others:
        remarks.append(
            Diagnostic("not_read", f"only the sheet {sheets[at].name!r} is read, not {', '.join(others[:5])}")
        )
    if hidden := sheets[at].hidden:
        rows = ", ".join(map(str, hidden[:5])) + (" …" if len(hidden) > 5 else "")
        said = (
            f"{len(hidden)} rows are hidden, as by a filter, and read all the same ({rows}): delete them if not meant"
        )
        remarks.append(Diagnostic("hidden_rows", said, count=len(hidden)))
    if sheets[at].formulas:
        cells = ", ".join(sheets[at].formulas[:5])
        remarks.append(
            Diagnostic("not_read", f"formulas are not computed; the values stored with them are read ({cells})")
        )
    return replace(found, remarks=tuple(remarks))


def _table_of_sheet(sheet: Sheet) -> Table:
    merged = _merged_columns(sheet.merged)
    rows = [Row(f"row {n} of the sheet {sheet.name!r}", cells, merged.get(n, frozenset())) for n, cells in sheet.rows]
    return Table(tuple(rows), sheet.name)


def _merged_columns(ranges: Sequence[str]) -> dict[int, frozenset[int]]:
    """Row -> columns whose cell is one with that above, of ranges such as "B2:B5".

    Raises:
        ValueError: they cover more cells than a script has.
    """
    found: dict[int, set[int]] = {}
    covered = 0
    for text in ranges:
        parts = re.fullmatch(r"([A-Z]{1,2})(\d{1,6}):[A-Z]{1,3}(\d{1,6})", text)
        if parts is None:
            continue
        column = 0
        for letter in parts[1]:
            column = column * 26 + ord(letter) - 64
        rows = range(int(parts[2]) + 1, min(int(parts[3]), int(parts[2]) + 5_000) + 1)
        covered += len(rows)
        if covered > _MOST_MERGED:
            raise ValueError(f"more than {_MOST_MERGED} cells are one with the cell above")
        for row in rows:
            found.setdefault(row, set()).add(column - 1)
    return {row: frozenset(columns) for row, columns in found.items()}


def _read_word(data: bytes, _path: Path, want: Wanted, _encoding: str | None) -> Script:
    paragraphs: list[Paragraph] = []
    rows: dict[int, list[Row]] = {}
    struck = Aside()
    for block in read_body(data):
        if isinstance(block, Paragraph):
            place = f"paragraph {block.number}"
            paragraphs.append(block)
        else:
            place = f"row {block.number} of table {block.table}"
            rows.setdefault(block.table, []).append(Row(place, block.cells, block.merged))
        if block.unread:
            struck.add("passages that are struck out or hidden", place)
    if (table := _table_of_word(rows)) is not None:
        found = read_table(table, want)
        outside = sum(bool(p.text.strip()) for p in paragraphs)
        if outside:
            remark = Diagnostic("not_read", f"{outside} paragraphs outside its tables are not read", count=outside)
            found = replace(found, remarks=(*found.remarks, remark))
    else:
        found = _read_paragraphs(paragraphs, want)
    return replace(found, remarks=(*found.remarks, *struck.remarks()))


def _table_of_word(rows: dict[int, list[Row]]) -> Table | None:
    """The tables of a document that are one dialogue list: those with its headings, and those that go on without."""
    tables = [Table(tuple(found)) for found in rows.values()]
    chosen = next((table for table in tables if find_columns(table)), None)
    if chosen is None:
        chosen = next((table for table in tables if len(table.rows) > 1 and infer_columns(table)), None)
    if chosen is None:
        return None
    wide = _width(chosen)
    after = tables[tables.index(chosen) + 1 :]
    same = [table for table in after if find_columns(table) or _width(table) == wide]
    return Table(tuple(row for table in (chosen, *same) for row in table.rows))


def _width(table: Table) -> int:
    return max((column + 1 for row in table.rows for column in row.cells), default=0)


def _read_paragraphs(paragraphs: Sequence[Paragraph], want: Wanted) -> Script:
    """A document without a table: `NAME: line`, names above their words, or a screenplay."""
    lines = list(_lines_of(paragraphs))
    text = "\n".join(line for _, line in lines)
    places = [number for number, _ in lines]
    found = read_screenplay(text) if looks_like_screenplay(text) else read_plain_text(text, want, lines_go_on=False)

    def place(told: str) -> str:
        return re.sub(r"\bline (\d+)", lambda m: f"paragraph {places[int(m[1]) - 1]}", told)

    return replace(
        found,
        lines=tuple(replace(line, place=place(line.place)) for line in found.lines),
        remarks=tuple(replace(remark, message=place(remark.message)) for remark in found.remarks),
    )


def _lines_of(paragraphs: Sequence[Paragraph]) -> Iterator[tuple[int, str]]:
    for paragraph in paragraphs:
        text = paragraph.text
        if split_label(text.partition("\n")[0])[1] and split_label(text)[0]:
            text = " ".join(text.split("\n"))  # one speech, broken inside its paragraph
        lines = text.split("\n")
        if len(lines) > 1:
            yield paragraph.number, ""
        yield from ((paragraph.number, line) for line in lines)
        if len(lines) > 1:
            yield paragraph.number, ""
