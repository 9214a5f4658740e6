"""Tables in plain text: columns that tabs part, or the rows of Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..timedtext.cues import Diagnostic
from .dialogue_list import Row, Table, Wanted, find_columns, infer_columns, read_table
from .script import Script

OFTEN = 0.6
"""Share of lines that begin with a time, number or column from which all of them are taken to."""
_PIPED = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"\s*:?-+:?\s*")
_PIPE = re.compile(r"(?<!\\)\|")


def read_text_table(lines: Sequence[tuple[int, str]], want: Wanted) -> Script | None:
    """Lines of text as a dialogue list; None where they are no table.

    Args:
        lines: each with its number; no empty ones.
        want: which columns.

    Raises:
        UsageError: several columns could be the dialogue.
    """
    return _of_tabs(lines, want) or _of_pipes(lines, want)


def _of_tabs(lines: Sequence[tuple[int, str]], want: Wanted) -> Script | None:
    tabs = [text.strip("\n").count("\t") for _, text in lines]
    if not tabs or sum(count > 0 for count in tabs) < OFTEN * len(tabs) or len(tabs) < 2:
        return None
    return _read([_row(number, text.split("\t")) for number, text in lines], want)


def _of_pipes(lines: Sequence[tuple[int, str]], want: Wanted) -> Script | None:
    """Rows such as "| Anna | Go. |"; lines outside are told."""
    piped = [(number, text) for number, text in lines if _PIPED.fullmatch(text)]
    if len(piped) < max(2, OFTEN * len(lines)):
        return None
    split = [(number, _PIPE.split(text.strip()[1:-1])) for number, text in piped]
    rows = [_row(number, cells) for number, cells in split if not all(map(_RULE.fullmatch, cells))]
    found, left = _read(rows, want), len(lines) - len(piped)
    if found is None or not left:
        return found
    told = Diagnostic("not_read", f"{left} lines outside its table are not read", count=left)
    return replace(found, remarks=(*found.remarks, told))


def _row(number: int, cells: Sequence[str]) -> Row:
    texts = {at: cell.replace("\\|", "|").strip() for at, cell in enumerate(cells) if cell.strip()}
    return Row(f"line {number}", texts)


def _read(rows: Sequence[Row], want: Wanted) -> Script | None:
    table = Table(tuple(rows))
    return read_table(table, want) if find_columns(table) or infer_columns(table) else None
