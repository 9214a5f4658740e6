"""Convert a subtitle file between formats; cues are neither segmented anew nor retimed, except as asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypedDict

from ..data import Span
from ..errors import UsageError
from ..runtime import files
from . import formats
from .cues import Cue, Diagnostic, Document, Mark
from .frames import frame_rate as rate_of
from .rolling import collapse

_TIMECODE = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})(?:([:;.,])(\d{1,3}))?")
_WITHOUT_FILM = Fraction(25)


class ConversionRemarkJson(TypedDict):
    """A repair or a loss: the line of the file read, the first cue (0 where it is about none), how many times."""

    code: str
    message: str
    line: int
    cue: int
    count: int


class ConvertJson(TypedDict):
    """What `localize convert --json` prints.

    Args:
        input: the file read, as the user named it.
        output: the file written.
        format: of the file written.
        cues: how many.
        warnings: what was wrong with the file read.
        losses: what the format written could not hold.
    """

    schema: Literal[1]
    input: str
    output: str
    format: str
    cues: int
    warnings: list[ConversionRemarkJson]
    losses: list[ConversionRemarkJson]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did.

    Args:
        document: as it was written.
        format: of the file that was written.
        repairs: what was wrong with the file that was read.
        losses: what the other format could not hold, counted.
    """

    document: Document
    format: str
    repairs: tuple[Diagnostic, ...]
    losses: tuple[Diagnostic, ...]

    def to_json(self, source: Path, target: Path) -> ConvertJson:
        """What `localize convert --json` prints.

        Args:
            source: the file read, as it was named.
            target: the file written.
        """
        return {
            "schema": 1,
            "input": str(source),
            "output": str(target),
            "format": self.format,
            "cues": len(self.document.cues),
            "warnings": [_row(remark) for remark in self.repairs],
            "losses": [_row(remark) for remark in self.losses],
        }


def _row(remark: Diagnostic) -> ConversionRemarkJson:
    return {
        "code": remark.code,
        "message": remark.message,
        "line": remark.line,
        "cue": remark.cue,
        "count": remark.count,
    }


def convert(
    source: Path,
    target: Path,
    *,
    offset_ms: int = 0,
    start_at: str | None = None,
    fps: str | None = None,
    frame_rate: Fraction = _WITHOUT_FILM,
    drop_frame: bool = False,
    encoding: str | None = None,
    to: str | None = None,
) -> Conversion:
    """Read one file and write another.

    Args:
        source: any readable file.
        target: its suffix says the format unless `to` does.
        offset_ms: added to all times.
        start_at: time code of the programme's start, "10:00:00:00": taken off all times, or, where the file read starts
            at zero and the one written has a place for it (EBU STL), written as its start.
        fps: "25:23.976": times that counted frames at the first rate are made to count them at the second.
        frame_rate: of the video, for formats that count frames.
        drop_frame: `start_at` counts in drop-frame time code (29.97 with dropped numbers).
        encoding: of the file read; None to find out.
        to: one of `formats.WRITABLE`.

    Raises:
        MediaError: the file cannot be read.
        UsageError: the other format is not written, an argument is none, or both files are one.
        StoreError: the disk is full or cannot be written.
    """
    fmt = output_format(target, to)
    if target.exists() and source.exists() and target.samefile(source):
        raise UsageError(f"{target} is the file to be converted: name another one to write")
    factor = parse_speed(fps) if fps else Fraction(1)
    begins = start_ms(start_at, frame_rate, drop_frame=drop_frame) if start_at else 0
    data = formats.bytes_of(source)
    read = formats.parse(data, source.name, encoding=encoding)
    document = collapse(read)
    language = document.language or formats.language_of(document, source)
    document = replace(retime(document, offset_ms, begins, factor, fmt), language=language)
    written, losses = formats.to_bytes(document, fmt, frame_rate=frame_rate)
    with files.atomic_write(target) as draft:
        draft.write_bytes(written)
    return Conversion(document, fmt, document.warnings, losses)


def output_format(target: Path, to: str | None = None) -> str:
    """The format a file is written in.

    Raises:
        UsageError: nobody writes it.
    """
    name = to or target.suffix
    found = formats.format_of(name)
    if not to and not target.suffix and formats.format_of(target.name) is not None:
        raise UsageError(f"{target.name} is a format and no file: name the file to write, as in FILE.{target.name}")
    if found is None or not found.writable or name.lower().lstrip(".") == "ssa":
        raise UsageError(
            f"{target.name}: subtitles are not written as {name.lstrip('.') or 'a file without a suffix'!r}; "
            f"written are: {', '.join(formats.WRITABLE)}"
        )
    return found.name


def parse_speed(fps: str) -> Fraction:
    """What times are multiplied with, from "25:23.976".

    Raises:
        UsageError: no two rates.
    """
    first, colon, second = fps.partition(":")
    if not colon:
        raise UsageError(f"{fps!r} is no pair of frame rates; write FROM:TO, such as 25:23.976")
    return rate_of(first) / rate_of(second)


def start_ms(timecode: str, rate: Fraction, *, drop_frame: bool = False) -> int:
    """A time code in milliseconds.

    Args:
        timecode: "10:00:00:00", "10:00:00", or with a semicolon before the frames for drop-frame.
        rate: frames a second.
        drop_frame: two numbers a minute are skipped, but not every tenth (SMPTE ST 12-1).

    Raises:
        UsageError: no time code.
    """
    found = _TIMECODE.fullmatch(timecode.strip())
    if found is None or int(found[2]) > 59 or int(found[3]) > 59:
        raise UsageError(f"{timecode!r} is no time code; write hh:mm:ss:ff, such as 10:00:00:00")
    hours, minutes, seconds = (int(found[group]) for group in (1, 2, 3))
    whole = (hours * 60 + minutes) * 60 + seconds
    if found[4] in {".", ","}:
        return whole * 1000 + int((found[5] + "000")[:3])
    frames = int(found[5] or 0)
    counted = -(-rate.numerator // rate.denominator)
    if frames >= counted:
        raise UsageError(f"{timecode!r} is no time code at {float(rate):.6g} frames a second")
    if drop_frame or found[4] == ";":
        skipped = 2 * (counted // 30) * (hours * 54 + minutes - minutes // 10)
        return round(Fraction(whole * counted + frames - skipped) * 1000 / rate)
    return whole * 1000 + round(frames * 1000 / rate)


def retime(document: Document, offset_ms: int, begins_ms: int, factor: Fraction, fmt: str) -> Document:
    """The document on another clock.

    Args:
        document: as read.
        offset_ms: added to all times, last.
        begins_ms: the programme's start, taken off first.
        factor: what times are multiplied with, after that.
        fmt: it is to be written in.
    """
    early = document.cues and max(cue.span.end_ms for cue in document.cues) < begins_ms
    if begins_ms and early:
        # Times that already count from the programme's start: it is only written down, where there is a place for it.
        document = replace(document, start_ms=begins_ms if fmt == "stl" else document.start_ms)
        if fmt != "stl":
            message = "the programme's start is not taken off: all times come before it"
            document = replace(document, warnings=(*document.warnings, Diagnostic("timing", message)))
        begins_ms = 0
    if not (offset_ms or begins_ms or factor != 1):
        return document

    def moved(ms: int) -> int:
        return round((ms - begins_ms) * factor) + offset_ms

    cues = tuple(_move_cue(cue, moved(cue.span.start_ms), moved(cue.span.end_ms), moved) for cue in document.cues)
    started = replace(document, cues=cues, start_ms=begins_ms if fmt == "stl" and begins_ms else document.start_ms)
    if lost := sum(cue.span.start_ms < 0 for cue in cues):
        first = next(number for number, cue in enumerate(cues, 1) if cue.span.start_ms < 0)
        remark = Diagnostic("timing", f"{lost} cues would start before zero", 0, lost, first, loss=True)
        return replace(started, warnings=(*started.warnings, remark))
    return started


def _move_cue(cue: Cue, start: int, end: int, moved: object) -> Cue:
    assert callable(moved)
    if not any(mark.kind == "time" for mark in cue.marks):
        return replace(cue, span=Span(start, end))
    marks = tuple(
        Mark(m.line, m.start, m.end, m.kind, str(max(0, moved(int(m.value))))) if m.kind == "time" else m
        for m in cue.marks
    )
    return replace(cue, span=Span(start, end), marks=marks)
