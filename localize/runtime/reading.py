"""Bounded reading of TOML, JSON and zip files from outside: size, depth and entries are limited before parsing.

A parser's own work can be far more than a file is long: `tomllib` needs the square of a dotted key's parts (64 KB of
`a.a.a…` took 43 s and 3.9 GB), every empty JSON list 60 bytes, `zipfile` a record for every entry it is told of. What
these files may hold is bounded here, in one place, by a scan that takes time in proportion to the file.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import re
import stat
import tomllib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

SMALL = 1 << 20
"""Bytes of a file that a person or a model's maker writes: settings, cards, profiles."""
DEEPEST = 64
"""Lists and tables inside one another."""
MOST_PARTS = 8
"""Parts of a dotted TOML key."""
MOST_KEYS = 20_000
"""Keys and tables of a TOML file: a cast of 1000 people has 6000."""
MOST_SHOWN = 60
"""Characters of a key, and of an object, in a message."""
MOST_VALUES = 6_000_000
"""Values of a JSON file: a master of three hours in ten languages has two million."""

# Each alternative matches wherever its first character does, so that no part of a file is looked at twice.
_TOML_STRINGS = re.compile(
    r'"""(?:[^"\\]|\\(?s:.)|"(?!""))*+(?:"{3,5}|\\?\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+(?:"|$|\\)'
    r"|'[^'\n]*+(?:'|$)"
    r"|#[^\n]*+",
    re.MULTILINE,
)
_KEYS = re.compile(r"[^\w\-. \t]+")
_JSON_STRINGS = re.compile(r'"[^"\\]*+(?:\\(?s:.)[^"\\]*+)*+(?:"|\\?\Z)')
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")
_ENTRY = b"PK\x01\x02"


def open_plain(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a plain file for reading. A pipe waits for ever, a device never ends: in a stranger's folder either may have
    any name.

    Raises:
        OSError: it cannot be opened, or is no plain file.
    """
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")  # a folder is an error here
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no plain file", os.fspath(path))
    return file


def begins_with(path: Path, beginning: bytes) -> bool:
    """Whether a plain file that can be read begins so."""
    try:
        with open_plain(path) as file:
            return file.read(len(beginning)) == beginning
    except OSError:
        return False


def read_bytes(path: Path, limit: int = SMALL) -> bytes:
    """Read a plain file.

    Args:
        path: the file.
        limit: most bytes to accept.

    Raises:
        OSError: it cannot be read, or is a pipe, a device or a folder.
        ValueError: it has more bytes.
    """
    with open_plain(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"it is too large: at most {limit} bytes are read")
    return data


def read_text(path: Path, limit: int = SMALL) -> str:
    """Read a UTF-8 text file, with or without a byte order mark, as `read_bytes` does.

    Raises:
        OSError: it cannot be read.
        ValueError: it has more bytes, or is no UTF-8.
    """
    return read_bytes(path, limit).decode("utf-8-sig")


def read_toml(path: Path, limit: int = SMALL) -> dict[str, Any]:
    """Read a TOML file from outside.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too large, too deep, or no TOML.
    """
    return parse_toml(read_text(path, limit))


def read_json(path: Path, limit: int = SMALL) -> Any:
    """Read a JSON file from outside.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too large, too deep, or no JSON.
    """
    return parse_json(read_text(path, limit))


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML from outside.

    Raises:
        ValueError: a key has too many parts, there are too many keys, they nest too deeply, or it is no TOML.
    """
    bare = _TOML_STRINGS.sub("s", text)
    if any(part.count(".") >= MOST_PARTS for part in _KEYS.split(bare)):
        raise ValueError(f"a key has more than {MOST_PARTS} parts")
    if bare.count("=") + len(re.findall(r"^[ \t]*\[", bare, re.MULTILINE)) > MOST_KEYS:
        raise ValueError(f"it has more than {MOST_KEYS} keys")
    _refuse_depth(bare)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def parse_json(text: str | bytes, *, constant: Callable[[str], Any] | None = None) -> Any:
    """Parse JSON from outside.

    Args:
        text: of the file; bytes in an encoding that JSON may have.
        constant: called with NaN and infinities; None to accept them.

    Raises:
        ValueError: it nests too deeply, holds too many values, has a key twice in one object, or is no JSON.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    bare = _JSON_STRINGS.sub("", text)
    if bare.count(",") + bare.count("[") + bare.count("{") > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES} values")
    _refuse_depth(bare)
    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON by its keys and values.

    Raises:
        ValueError: a key stands in it twice, so that one of two values would be lost.
    """
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(key for key, _ in pairs)
    twice = next(key for key, _ in pairs if counts[key] > 1)
    shown = ", ".join(f"{key}: {value!s:.{MOST_SHOWN}}" for key, value in pairs if isinstance(value, (str, int)))
    raise ValueError(
        f"the key {twice[:MOST_SHOWN]!r} stands {counts[twice]} times in one object ({shown[: 2 * MOST_SHOWN]}): "
        "leave one of them"
    )


def _refuse_depth(bare: str) -> None:
    """Refuse what nests too deeply; `bare` has no strings."""
    depth = 0
    for bracket in _NO_BRACKETS.sub("", bare):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")


@contextmanager
def open_zip(source: Path | bytes, most: int) -> Iterator[zipfile.ZipFile]:
    """A zip file from outside, open to read. What its entries unpack to, the caller bounds while reading them.

    Args:
        source: the file, or its bytes.
        most: entries it may have.

    Raises:
        OSError: it cannot be read.
        ValueError: it has more entries, or is no zip file.
    """
    # What an archive says of its own size may be a lie; every entry of its directory begins with these bytes.
    if _entries(source, most + 1) > most:
        raise ValueError(f"it holds more than {most} files")
    try:
        opened = zipfile.ZipFile(BytesIO(source) if isinstance(source, bytes) else source)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(f"it is no zip file: {error}") from error
    with opened:
        if len(opened.infolist()) > most:
            raise ValueError(f"it holds more than {most} files")
        yield opened


def _entries(source: Path | bytes, enough: int) -> int:
    """How many entries the directory of a zip file can have, counted up to `enough`."""
    if isinstance(source, bytes):
        return _count_entries(source, enough)
    with open_plain(source) as file:
        if not source.stat().st_size:
            return 0
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _count_entries(data, enough)


def _count_entries(data: bytes | mmap.mmap, enough: int) -> int:
    count, at = 0, data.find(_ENTRY)
    while at >= 0 and count < enough:
        count, at = count + 1, data.find(_ENTRY, at + len(_ENTRY))
    return count
