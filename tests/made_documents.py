"""Word documents (.docx) for tests, made as small as a reader takes them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = f'<w:document xmlns:w="{MAIN}"><w:body>%s</w:body></w:document>'


def paragraph(text: str) -> str:
    """A paragraph; a newline in it is a line break, a tab a tab."""
    runs = escape(text).replace("\n", "</w:t><w:br/><w:t>").replace("\t", "</w:t><w:tab/><w:t>")
    return f'<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr><w:r><w:t xml:space="preserve">{runs}</w:t></w:r></w:p>'


def table(*rows: Sequence[str | None]) -> str:
    """A table; None is a cell that is one with that above."""
    shown = []
    for row in rows:
        cells = [
            "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>" if text is None else f"<w:tc>{paragraph(text)}</w:tc>"
            for text in row
        ]
        shown.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl><w:tblPr/>{''.join(shown)}</w:tbl>"


def document(path: Path, *blocks: str) -> Path:
    """A .docx of paragraphs and tables; each block is XML, or the text of a paragraph."""
    body = "".join(block if block.startswith("<w:") else paragraph(block) for block in blocks)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", '<Types xmlns="t"/>')
        file.writestr("word/document.xml", BODY % body)
        file.writestr("word/header1.xml", BODY % paragraph("EPISODE 1 - CONFIDENTIAL"))
    return path
