"""Read and write subtitle files: which format it is, which encoding, and where the formats' own files lie.

A format is one class in one file that can detect, read and write, and says what it cannot hold; `FORMATS` lists them.
What a format cannot hold, a writer counts in its remarks. What a file has wrong, a reader mends and says in the
document's warnings; what cannot be read is a `MediaError` that names the file and the line, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from ..errors import MediaError, UsageError
from ..runtime import files
from ..runtime.records import uncollected
from .ass import AdvancedSubStation
from .cues import Diagnostic, Document
from .direction import directed
from .ebu_stl import EbuStl
from .encoding import QUALIFIERS, decode
from .sample import Sample
from .scc import Scenarist
from .srt import Sbv, SubRip
from .ttml import Ttml
from .webvtt import WebVtt

LARGEST = 64 << 20
"""Bytes; the longest films have subtitles of a few hundred kilobytes."""


class Format(Protocol):
    """What a format offers; `content` is bytes where `binary` is set, else text.

    `label` is its name as people say it, `suffixes` are those of its files, `holds` the kinds of marks that its writer
    keeps, `lacks` what it has no place for, in words.
    """

    @property
    def name(self) -> str:
        """Its short name, and the suffix of what is written."""
        ...

    @property
    def label(self) -> str:
        """Its name as people say it."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of its files, with their dots."""
        ...

    @property
    def binary(self) -> bool:
        """Whether its files are bytes and no text."""
        ...

    @property
    def writable(self) -> bool:
        """Whether it is written too."""
        ...

    @property
    def holds(self) -> frozenset[str]:
        """The kinds of marks its writer keeps."""
        ...

    @property
    def lacks(self) -> str:
        """What it has no place for, in words."""
        ...

    def detect(self, sample: Sample) -> bool:
        """Whether the beginning of a file is its own."""
        ...

    def read(self, text: Any, name: str) -> Document:
        """Read a file's content."""
        ...

    def write(self, document: Document, frame_rate: Fraction) -> tuple[Any, tuple[Diagnostic, ...]]:
        """Write a document, and say what could not be kept."""
        ...


FORMATS: tuple[Format, ...] = (
    EbuStl(), WebVtt(), Scenarist(), AdvancedSubStation(), Ttml(), SubRip(), Sbv(),
)  # fmt: skip
"""In the order in which they are asked whether a file is theirs: those with a signature first."""

READABLE = ("srt", "vtt", "ass", "ssa", "ttml", "dfxp", "imsc", "scc", "stl", "sbv")
WRITABLE = ("srt", "vtt", "ttml", "ass", "scc", "stl", "sbv")

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


def format_of(name: str) -> Format | None:
    """The format with a short name or file suffix; None where it is unknown.

    Args:
        name: "srt", "dfxp", ".itt" …
    """
    suffix = f".{name.lower().lstrip('.')}"
    return next((f for f in FORMATS if suffix == f".{f.name}" or suffix in f.suffixes), None)


def read(path: Path, *, encoding: str | None = None) -> Document:
    """Read a subtitle file of any readable format and encoding.

    Args:
        path: the format is found by the content, the suffix only helps.
        encoding: of the text; None to find out.

    Raises:
        MediaError: it cannot be opened, is no subtitle file or of a format that is not read, or its encoding cannot be
            told.
        UsageError: there is no such encoding.
        EngineMissing: the format needs a package that is not installed.
    """
    return parse(bytes_of(path), path.name, encoding=encoding)


def bytes_of(path: Path) -> bytes:
    """The bytes of a subtitle file.

    Raises:
        MediaError: it cannot be opened, or is too large for one.
    """
    try:
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no file that holds text"
            raise MediaError(
                f"{path.name}: no such file here: check its name and folder"
                if not path.exists()
                else f"{path}: {what}: name a subtitle file",
                file=path.name,
            )
        if path.stat().st_size > LARGEST:
            raise MediaError(
                f"{path.name}: too large for a subtitle file ({path.stat().st_size} bytes)", file=path.name
            )
        return path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path.name}: cannot be read: {error.strerror or error}", file=path.name) from error
    except ValueError as error:  # a NUL in the name
        raise MediaError(f"{path.name}: no such file", file=path.name) from error


def language_of(document: Document, path: Path) -> str:
    """The language a file says its text is in: the tag inside it, else one in its name, such as "film.pt-BR.srt"; ""
    where neither does.
    """
    parts = path.stem.split(".")[1:]
    while parts and parts[-1].lower() in QUALIFIERS:
        parts.pop()
    tag = document.language or (parts[-1] if parts else "")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", tag) else ""


@uncollected()
def parse(data: bytes, name: str, *, encoding: str | None = None) -> Document:
    """Read the bytes of a subtitle file.

    Args:
        data: the whole file.
        name: its name; the suffix helps to find the format, messages start with it.
        encoding: of the text; None to find out.

    Raises:
        MediaError: as `read`.
    """
    suffix = Path(name).suffix.lower() if "\0" not in name else ""
    if not data.strip():
        raise MediaError(f"{name}: the file is empty", file=name)
    if (found := _binary_format(data, suffix)) is not None:
        return found.read(data, name)
    if _is_media(data):
        raise MediaError(
            f"{name} is a film or a sound, and holds no subtitles as text: give a subtitle file", file=name
        )
    decoded = decode(data, name=name, encoding=encoding)
    found = _text_format(data, decoded.text, suffix)
    if found is None:
        raise _unknown(suffix, name)
    document = found.read(decoded.text, name)
    return replace(document, warnings=(*decoded.repairs, *document.warnings), encoding=decoded.encoding)


def _is_media(data: bytes) -> bool:
    """Whether a file begins as MP4, Matroska, RIFF (WAV, AVI), Ogg, FLAC or MP3 does."""
    return data[4:8] == b"ftyp" or data.startswith((b"\x1aE\xdf\xa3", b"RIFF", b"OggS", b"fLaC", b"ID3"))


def _binary_format(data: bytes, suffix: str) -> Format | None:
    sample = Sample(data[: 1 << 16], "", suffix)
    return next((fmt for fmt in FORMATS if fmt.binary and fmt.detect(sample)), None)


def _text_format(data: bytes, text: str, suffix: str) -> Format | None:
    sample = Sample(data[: 1 << 16], text, suffix)
    return next((fmt for fmt in FORMATS if not fmt.binary and fmt.detect(sample)), None)


def is_subtitles(data: bytes, name: str, *, encoding: str | None = None) -> bool:
    """Whether the bytes of a file are subtitles of a format that is read here, whatever the file is called.

    Raises:
        MediaError: its encoding cannot be told.
        UsageError: there is no such encoding.
    """
    suffix = Path(name).suffix.lower()
    if not data.strip():
        return False
    if _binary_format(data, suffix) is not None:
        return True
    return _text_format(data, decode(data, name=name, encoding=encoding).text, suffix) is not None


def _unknown(suffix: str, name: str) -> MediaError:
    """The reason why a file cannot be read."""
    kinds = ", ".join(READABLE)
    if suffix in OTHERS:
        return MediaError(f"{name}: {OTHERS[suffix]} is not read; convert it to one of: {kinds}", file=name)
    if suffix == ".stl":
        return MediaError(f"{name}: not EBU STL (Spruce STL text is not read); read are: {kinds}", file=name)
    if known := format_of(suffix) if suffix else None:
        return MediaError(f"{name}:1: not a {known.name} file: nothing in it looks like one", file=name, line=1)
    return MediaError(f"{name}: not a subtitle file of a known format; read are: {kinds}", file=name)


# --- writing ---------------------------------------------------------------------------------------------------------


def check_formats(wanted: Sequence[str]) -> None:
    """Refuse a subtitle format that cannot be written.

    Raises:
        UsageError: naming those that are written.
    """
    if unknown := [fmt for fmt in wanted if fmt not in WRITABLE]:
        raise UsageError(f"subtitles are not written as {unknown[0]!r}; written are: {', '.join(WRITABLE)}")


def render(document: Document, fmt: str, *, frame_rate: Fraction) -> tuple[Any, tuple[Diagnostic, ...]]:
    """The document in another format.

    Args:
        document: the cues.
        fmt: one of `WRITABLE`.
        frame_rate: of the video, for the formats that count frames.

    Returns:
        the text (bytes for a binary format), and what the format could not hold, counted.

    Raises:
        UsageError: the format is not written.
    """
    found = format_of(fmt)
    if found is None or fmt not in WRITABLE:
        raise UsageError(f"subtitles are not written as {fmt!r}; written are: {', '.join(WRITABLE)}")
    return found.write(directed(document, fmt), frame_rate)


@uncollected()
def to_bytes(document: Document, fmt: str, *, frame_rate: Fraction) -> tuple[bytes, tuple[Diagnostic, ...]]:
    """As `render`, as the bytes of a file: UTF-8 where the format is text."""
    content, remarks = render(document, fmt, frame_rate=frame_rate)
    return content if isinstance(content, bytes) else content.encode("utf-8", errors="replace"), remarks


def write(document: Document, path: Path, fmt: str, *, frame_rate: Fraction) -> tuple[Diagnostic, ...]:
    """Write the document completely or not at all.

    Returns:
        what the format could not hold.

    Raises:
        UsageError: the format is not written.
        StoreError: the disk is full or cannot be written.
    """
    data, remarks = to_bytes(document, fmt, frame_rate=frame_rate)
    with files.atomic_write(path) as draft:
        draft.write_bytes(data)
    return remarks
