"""Read and write subtitle files: which format it is, and where the formats' own files lie.

What a format cannot hold, a writer says in its remarks. What a file has wrong, a reader mends and says in the
document's warnings; what cannot be read is a `MediaError` that names the file and the line, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from ..errors import MediaError, UsageError
from ..runtime import files
from . import srt, webvtt
from .cues import Document, Remark
from .encoding import QUALIFIERS, decode

READABLE = ("srt", "vtt", "ass", "ssa", "ttml", "dfxp", "imsc", "scc", "stl", "sbv")
WRITABLE = ("srt", "vtt", "ttml", "ass", "scc")
LARGEST = 64 << 20
"""Bytes; the longest films have subtitles of a few hundred kilobytes."""

_KIN = {".ssa": "ass", ".dfxp": "ttml", ".imsc": "ttml", ".imsc1": "ttml", ".xml": "ttml", ".itt": "ttml"}
OTHERS = {
    ".smi": "SAMI",
    ".sami": "SAMI",
    ".lrc": "LRC lyrics",
    ".sub": "MicroDVD, SubViewer or VobSub",
    ".idx": "VobSub",
    ".sup": "PGS",
    ".rtf": "rich text",
    ".csv": "a table",
    ".eaf": "ELAN",
    ".zip": "an archive",
    ".docx": "a document",
}
"""What else holds words, by suffix, and is refused by name."""
_EXAMPLE = 1 << 16


def read(path: Path, encoding: str | None = None) -> Document:
    """Read a subtitle file of any readable format and encoding.

    Args:
        path: the format is found by the content, the suffix only helps.
        encoding: of its text, where somebody knows it.

    Raises:
        MediaError: it cannot be opened, is no subtitle file or of a format that is not read, or its encoding cannot be
            told.
        UsageError: nobody knows the encoding.
        EngineMissing: the format needs a package that is not installed.
    """
    try:
        if not path.is_file():
            raise MediaError(
                f"{path.name}: no such file" if not path.exists() else f"{path.name}: not a file",
                file=path.name,
            )
        if path.stat().st_size > LARGEST:
            raise MediaError(
                f"{path.name}: too large for a subtitle file ({path.stat().st_size} bytes)", file=path.name
            )
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path.name}: cannot be read: {error.strerror or error}", file=path.name) from error
    except ValueError as error:  # a NUL in the name
        raise MediaError(f"{path.name}: no such file", file=path.name) from error
    return parse(data, path.name, encoding)


def language_of(document: Document, path: Path) -> str:
    """The language a file says its text is in: the tag inside it, else one in its name, such as "film.pt-BR.srt"; ""
    where neither does.
    """
    parts = path.stem.split(".")[1:]
    while parts and parts[-1].lower() in QUALIFIERS:
        parts.pop()
    tag = document.language or (parts[-1] if parts else "")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", tag) else ""


def parse(data: bytes, name: str, encoding: str | None = None) -> Document:
    """Read the bytes of a subtitle file.

    Args:
        data: the whole file.
        name: its name; the suffix helps to find the format, a language in it the encoding, messages start with it.
        encoding: of its text, where somebody knows it.

    Raises:
        MediaError: as `read`.
    """
    suffix = Path(name).suffix.lower() if "\0" not in name else ""
    if not data.strip():
        raise MediaError(f"{name}: the file is empty", file=name)
    if re.match(rb"[0-9]{3}STL[0-9]{2}\.01", data):
        return _later("stl", data, name)
    decoded = decode(data, name=name, encoding=encoding)
    kind = _kind(decoded.text, suffix, name)
    document = _parse_text(kind, decoded.text, data, name)
    if not decoded.repairs:
        return document
    return replace(document, warnings=(*decoded.repairs, *document.warnings))


def _parse_text(kind: str, text: str, data: bytes, name: str) -> Document:
    if kind == "vtt":
        return webvtt.parse(text, name)
    if kind in ("srt", "sbv"):
        return srt.parse(text, name, sbv=kind == "sbv")
    return _later(kind, text if kind != "stl" else data, name)


def _later(kind: str, content: str | bytes, name: str) -> Document:
    """Formats whose libraries are heavy or optional."""
    from . import ass, broadcast

    readers: dict[str, Callable[..., Document]] = {
        "ass": ass.parse,
        "ttml": broadcast.parse_ttml,
        "scc": broadcast.parse_scc,
        "stl": broadcast.parse_stl,
    }
    return readers[kind](content, name)


def _kind(text: str, suffix: str, name: str) -> str:
    head = text[:_EXAMPLE].lstrip()
    if text.startswith("WEBVTT") or suffix == ".vtt":
        return "vtt"
    if head.startswith("Scenarist_SCC"):
        return "scc"
    if re.search(r"^[ \t]*\[(?:Script Info|V4\+? Styles|Events)\]", head, re.MULTILINE | re.IGNORECASE):
        return "ass"
    if re.match(r"(?:<\?xml|<!--|<!DOCTYPE|<(?:\w+:)?tt[\s>])", head) and re.search(
        r"<(?:\w+:)?tt[\s>]", text[: _EXAMPLE * 4]
    ):
        return "ttml"
    lines = [line for line in head.split("\n", 4000)[:4000] if len(line) < 400]
    if any(srt.TIMING.match(line.rstrip("\r")) for line in lines if ">" in line) and suffix not in (
        ".smi",
        ".sami",
        ".rtf",
    ):
        return "srt"
    if suffix not in (".csv", ".sub") and any(srt.SBV_TIMING.match(line.rstrip("\r")) for line in lines if "," in line):
        return "sbv"
    if suffix in OTHERS:
        what = OTHERS[suffix]
        raise MediaError(f"{name}: {what} is not read; convert it to one of: {', '.join(READABLE)}", file=name)
    if suffix == ".stl":
        raise MediaError(
            f"{name}: not EBU STL (Spruce STL text is not read); read are: {', '.join(READABLE)}", file=name
        )
    if suffix in _KIN or suffix.lstrip(".") in READABLE:
        kind = _KIN.get(suffix, suffix.lstrip("."))
        raise MediaError(f"{name}:1: not a {kind} file: nothing in it looks like one", file=name, line=1)
    raise MediaError(f"{name}: not a subtitle file of a known format; read are: {', '.join(READABLE)}", file=name)


# --- writing ---------------------------------------------------------------------------------------------------------


def render(document: Document, fmt: str, *, frame_rate: Fraction) -> tuple[str, tuple[Remark, ...]]:
    """The document in another format.

    Args:
        document: the cues.
        fmt: one of `WRITABLE`.
        frame_rate: of the video, for the formats that count frames.

    Returns:
        the text, and what the format could not hold.

    Raises:
        UsageError: the format is not written.
    """
    if fmt == "srt":
        return srt.render(document)
    if fmt == "vtt":
        return webvtt.render(document)
    if fmt not in WRITABLE:
        raise UsageError(f"subtitles are not written as {fmt!r}; written are: {', '.join(WRITABLE)}")
    from . import ass, imsc, scc

    if fmt == "ass":
        return ass.render(document)
    return imsc.render(document, frame_rate) if fmt == "ttml" else scc.render(document, frame_rate)


def write(document: Document, path: Path, fmt: str, *, frame_rate: Fraction) -> tuple[Remark, ...]:
    """Write the document completely or not at all.

    Returns:
        what the format could not hold.

    Raises:
        UsageError: the format is not written.
        StoreError: the disk is full or cannot be written.
    """
    text, remarks = render(document, fmt, frame_rate=frame_rate)
    with files.replacing(path) as draft:
        draft.write_bytes(text.encode("utf-8", errors="replace"))
    return remarks
