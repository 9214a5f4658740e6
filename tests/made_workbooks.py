"""Workbooks (.xlsx) for tests, made as small as a reader takes them."""

from __future__ import annotations

import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = f'<workbook xmlns="{MAIN}" xmlns:r="u"><sheets>%s</sheets></workbook>'
RELATIONS = '<Relationships xmlns="p">%s</Relationships>'


def workbook(path: Path, sheets: dict[str, str], *, strings: str = "", state: str = "", more: str = "") -> Path:
    """An .xlsx of sheets by name; each is the content of `sheetData`, or a whole part where it begins with "<!"."""
    named = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" {state if n == 1 else ""}/>'
        for n, name in enumerate(sheets, 1)
    )
    targets = "".join(f'<Relationship Id="rId{n}" Target="worksheets/s{n}.xml"/>' for n in range(1, len(sheets) + 1))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", BOOK % named)
        file.writestr("xl/_rels/workbook.xml.rels", RELATIONS % (targets + more))
        if strings:
            file.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
        for n, rows in enumerate(sheets.values(), 1):
            whole = (
                rows
                if rows.startswith("<!")
                else f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            )
            file.writestr(f"xl/worksheets/s{n}.xml", whole)
    return path


def cells(*texts: str, row: int = 1) -> str:
    """A row of inline texts, from column A."""
    shown = "".join(
        f'<c r="{chr(65 + n)}{row}" t="inlineStr"><is><t>{t}</t></is></c>' for n, t in enumerate(texts) if t
    )
    return f'<row r="{row}">{shown}</row>'
