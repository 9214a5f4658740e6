"""Where bytes become text: byte order mark, UTF-8, what the file declares, else the likeliest encoding."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from .cues import Remark

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text.

    Args:
        text: without a byte order mark.
        encoding: it was decoded with.
        repairs: where something had to be guessed or replaced.
    """

    text: str
    encoding: str
    repairs: tuple[Remark, ...] = ()


def text_of(data: bytes, name: str = "", encoding: str | None = None) -> Decoded:
    """The text of a file.

    Args:
        data: the whole file.
        name: of the file, whose parts may tell the language.
        encoding: where a person says it.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], marked)
    if encoding:
        return _decoded(data, encoding)
    if unmarked := _unmarked_utf16(data):
        return _decoded(data, unmarked)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    if declared := _declared(data):
        return _decoded(data, declared)
    found = _decoded(data, _guess(data))
    guessed = Remark("encoding", f"not UTF-8: read as {found.encoding}", 1, loss=True)
    return replace(found, repairs=(guessed, *found.repairs))


def mark_of(data: bytes) -> bytes:
    """The byte order mark a file starts with; none where it has none."""
    return next((mark for mark, _ in _MARKS if data.startswith(mark)), b"")


def _decoded(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except (UnicodeDecodeError, LookupError) as error:
        at = data[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 1
        known = encoding if isinstance(error, UnicodeDecodeError) else "utf-8"
        text = data.decode(known, errors="replace")
        return Decoded(text, known, (Remark("encoding", f"bytes that are no {known} were replaced", at, loss=True),))


def _unmarked_utf16(data: bytes) -> str:
    sample = data[:4096]
    if len(sample) < 8 or len(data) % 2:
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) * 0.3 and even == 0:
        return "utf-16-le"
    if even > len(sample) * 0.3 and odd == 0:
        return "utf-16-be"
    return ""


def _guess(data: bytes) -> str:
    """An encoding for bytes that are no UTF-8: Chinese, Japanese, Korean or Cyrillic where sure, else Windows Latin."""
    import chardet  # comes with pysrt

    # chardet judges letters, and most of a subtitle file is digits and arrows.
    letters = b"\n".join(line for line in data.split(b"\n") if any(byte > 127 for byte in line))[:20000]
    found = chardet.detect(letters)
    name = (found.get("encoding") or "").lower()
    if name.startswith(("gb", "hz")):
        return "gb18030"
    western = name.startswith(
        ("iso-8859-1", "windows-1252", "cp1252", "latin", "mac", "ascii", "utf", "iso8859-1", "cp8", "cp4")
    )
    if not name or western or (found.get("confidence") or 0) < 0.5:
        return "cp1252" if _fits(data, "cp1252") else "latin-1"
    return name if _fits(data, name) else "cp1252"


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _declared(data: bytes) -> str:
    found = re.match(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']", data[:400])
    if found is None:
        return ""
    name = found.group(1).decode("ascii")
    try:
        info = codecs.lookup(name)
    except LookupError:
        return ""
    return info.name if getattr(info, "_is_text_encoding", True) else ""
