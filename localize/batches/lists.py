"""The films of a batch in a list, a CSV or JSON file, each with settings of its own."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import LocalizeError, UsageError
from ..job import Job
from ..runtime import reading
from ..timedtext.encoding import decode

LISTS = (".csv", ".json")
LONGEST_LIST = 16_000_000
_COLUMNS = {
    "file": "input", "to": "to", "from": "source_language", "stream": "stream", "speakers": "speakers",
    "voice": "voices", "transcript": "transcript", "translation": "translation", "me": "me", "edits": "edits",
    "glossary": "glossary", "style": "style", "pronunciation": "pronunciation", "purpose": "purpose",
    "timing": "timing", "bed": "bed", "loudness": "loudness",
}  # fmt: skip
"""Column of a list -> field of a job."""
_FILES = frozenset({"input", "transcript", "translation", "me", "edits", "glossary", "style", "pronunciation"})


def read_list(job: Job) -> list[Job]:
    """The films of a list, each with settings of its own over those of the batch. Its paths start at its own folder.

    Raises:
        UsageError: it cannot be read, or a row names a column, a film or a value that there is not; the message names
            the row.
    """
    path = job.input
    try:
        data = reading.read_bytes(path, LONGEST_LIST)
        rows = list(
            _json_rows(data) if path.suffix.lower() == ".json" else _csv_rows(decode(data, name=path.name).text)
        )
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", file=str(path)) from error
    except (ValueError, LocalizeError) as error:
        raise UsageError(f"{path} is no list of films: {error}", file=str(path)) from error
    asked: dict[Job, str] = {}
    for place, row in rows:
        made = _job_of_row(job, path, place, row)
        if (before := asked.setdefault(made, place)) != place:
            raise UsageError(f"{path}, {place}: it asks for the same as {before}: leave one of them out")
    return list(asked)


def _csv_rows(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    lines = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), strict=True)
    try:
        if twice := [name for name, count in Counter(lines.fieldnames or ()).items() if name and count > 1]:
            raise ValueError(f"the first line names {twice[0]!r} twice")
        for row in lines:
            if None in row:
                raise ValueError(f"line {lines.line_num} has more cells than the first line has names")
            yield f"line {lines.line_num}", {key: value for key, value in row.items() if (value or "").strip()}
    except csv.Error as error:
        raise ValueError(f"line {lines.line_num}: {error}") from error


def _json_rows(data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = reading.parse_json(data)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it is no list of objects")
    for number, row in enumerate(rows, 1):
        yield f"entry {number}", row


def _job_of_row(job: Job, path: Path, place: str, row: dict[str, Any]) -> Job:
    if unknown := sorted(set(row) - set(_COLUMNS)):
        raise UsageError(f"{path}, {place}: unknown column {unknown[0]!r}; known are {', '.join(_COLUMNS)}")
    if not isinstance(row.get("file"), str) or not row["file"].strip():
        raise UsageError(f"{path}, {place}: it names no file")
    values: dict[str, Any] = {}
    for column, value in row.items():
        values[_COLUMNS[column]] = _value(path, place, column, value)
    film = values["input"]
    if not film.is_file():
        raise UsageError(f"{path}, {place}: there is no file {film}", file=str(film))
    try:
        made = replace(job, **values)
    except UsageError as error:
        raise UsageError(f"{path}, {place}: {error.message}") from error
    if not made.to:
        raise UsageError(f"{path}, {place}: name the languages to dub into, in a column 'to' or with --to")
    return made


def _value(path: Path, place: str, column: str, value: Any) -> Any:
    """The value of one cell as a job's field takes it."""
    text = value.strip() if isinstance(value, str) else value
    name = _COLUMNS[column]
    if name in _FILES and isinstance(text, str):
        return path.parent / text
    if column == "to" and isinstance(text, str):
        return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())
    if column == "to" and isinstance(text, list) and all(isinstance(part, str) for part in text):
        return tuple(text)
    if column == "voice" and isinstance(text, str):
        pairs = [part.partition("=") for part in text.split(";") if part.strip()]
        if all(equals for _, equals, _ in pairs):
            return {who.strip(): voice.strip() for who, _, voice in pairs}
    if column == "voice" and isinstance(text, dict):
        return text
    if column == "speakers" and (isinstance(text, int) or (isinstance(text, str) and text.isdecimal())):
        return int(text)
    if column == "loudness" and isinstance(text, int | float) and not isinstance(text, bool):
        return str(text)
    if column not in ("to", "voice", "speakers") and isinstance(text, str):
        return text
    raise UsageError(f"{path}, {place}: {column} has a value of the wrong kind: {value!r}")
