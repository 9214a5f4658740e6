"""Change single cues of a subtitle file and keep every other byte: encoding, line ends, order, unknown content.

A format made of lines rewrites the lines of the changed cue (`block` of its class); in TTML the times of the paragraph
and its content are replaced where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import MediaError, UsageError
from . import encoding as encodings
from . import ttml
from .cues import Cue, Document
from .formats import format_of
from .srt import LINE_END

REWRITABLE = ("srt", "vtt", "ass", "ssa", "sbv", "ttml")
"""Formats in which one cue can be changed and the rest kept."""


def rewrite(source: bytes, document: Document, changes: Mapping[int, Cue | None]) -> bytes:
    """A file with some of its cues changed.

    Args:
        source: the file's bytes.
        document: what was read from them.
        changes: by index into `document.cues`, the cue as it shall be (made with `dataclasses.replace` from the one
            read, so that its `origin` stays), or None to take it out of the file. Its times, lines and marks are
            written, in WebVTT and ASS its settings too; a cue that changed nothing changes no byte.

    Returns:
        the bytes of the changed file; equal to `source` outside of the lines that a change is about.

    Raises:
        UsageError: the format is none that can be rewritten, or a change is about a cue without a place in the file.
        MediaError: the file cannot be written as it was read: its encoding does not give back its own bytes.
    """
    if document.format not in REWRITABLE:
        raise UsageError(
            f"{document.format or 'this document'} cannot be changed in place: {', '.join(REWRITABLE)} can"
        )
    wanted = {index: cue for index, cue in changes.items() if cue != document.cues[index]}
    for index, cue in wanted.items():
        if document.cues[index].origin is None or (cue is not None and cue.origin is None):
            raise UsageError(f"cue {index + 1} shares its place in the file with others: it cannot be changed in place")
    if not wanted:
        return source
    mark = encodings.byte_order_mark(source)
    text = _text(source[len(mark) :], document.encoding or "utf-8")
    changed = _ttml(text, document, wanted) if document.format == "ttml" else _lines(text, document, wanted)
    encoding = document.encoding or "utf-8"
    try:
        # XML has references for letters that an encoding lacks.
        return mark + changed.encode(encoding, errors="xmlcharrefreplace" if document.format == "ttml" else "strict")
    except UnicodeEncodeError as error:
        lacking = changed[error.start : error.end]
        raise UsageError(f"{encoding}, the file's encoding, has no {lacking!r}: write another file with -o") from error


def _text(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
        same = text.encode(encoding) == data
    except (UnicodeError, LookupError):
        same = False
    if not same:
        raise MediaError(
            f"the file is not all {encoding}: changed in place, it would not be the same; write another with -o"
        )
    return text


def _lines(text: str, document: Document, changes: Mapping[int, Cue | None]) -> str:
    fmt: Any = format_of(document.format)
    # Every line with its own end, as the readers part them.
    end = LINE_END if document.format in ("srt", "sbv") else r"\r\n|\r|\n"
    found = [m.group(0) for m in re.finditer(rf"[^\r\n]*(?:{end})|[^\r\n]+\Z", text)]
    out: list[str] = []
    at = 0
    ends = [re.sub(r"\A[^\r\n]*", "", line) for line in found]
    usual = max(set(filter(None, ends)), key=ends.count, default="\n")
    for index in sorted(changes, key=lambda i: _first(document.cues[i])):
        cue, origin = changes[index], document.cues[index].origin
        assert origin is not None
        first, last = origin.first - 1, origin.last
        out += found[at:first]
        at = last
        if cue is None:
            at = _after_blank(found, last)
            continue
        old = [line.rstrip("\r\n") for line in found[first:last]]
        new = fmt.block(old, replace(cue, origin=origin), document.cues[index], document)
        out += _with_ends(new, found[first:last], usual)
    return "".join([*out, *found[at:]])


def _first(cue: Cue) -> int:
    return cue.origin.first if cue.origin else 0


def _after_blank(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _with_ends(new: list[str], old: list[str], usual: str) -> list[str]:
    """New lines with the ends of those they stand for, the last one ending as the block did."""
    ends = [re.sub(r"\A[^\r\n]*", "", line) for line in old]
    out = [line + (ends[i] if i < len(ends) and ends[i] else usual) for i, line in enumerate(new)]
    if out and ends and not ends[-1]:
        out[-1] = new[-1]
    return out


def _ttml(text: str, document: Document, changes: Mapping[int, Cue | None]) -> str:
    data = text.encode("utf-8")
    parts: list[bytes] = []
    at = 0
    for index in sorted(changes, key=lambda i: _start(document.cues[i])):
        before, cue = document.cues[index], changes[index]
        assert before.origin is not None
        start, end = before.origin.start, before.origin.end
        parts.append(data[at:start])
        element = data[start:end].decode("utf-8")
        closing = (
            re.match(r"</[^>]*>", data[end : end + 200].decode("utf-8", "replace"))
            if not element.endswith("/>")
            else None
        )
        at = end + (len(closing.group(0).encode()) if closing else 0)
        if cue is not None:
            parts.append((_paragraph(element, before, cue) + (closing.group(0) if closing else "")).encode("utf-8"))
    return b"".join([*parts, data[at:]]).decode("utf-8")


def _start(cue: Cue) -> int:
    return cue.origin.start if cue.origin else 0


def _paragraph(element: str, before: Cue, after: Cue) -> str:
    """A paragraph from `<p` up to its end tag, with other times or another content."""
    opened = re.match(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", element)
    if opened is None:
        raise MediaError(f"line {before.at_line}: the paragraph cannot be found again in the file")
    head, inner = opened.group(0), element[opened.end() :]
    if after.span != before.span:
        head = _write_times(head, before, after)
    if (after.lines, after.marks) != (before.lines, before.marks):
        inner = ttml.paragraph(after)
    return head + inner


def _write_times(head: str, before: Cue, after: Cue) -> str:
    """The start tag with new times, moved by as much as the cue's are: what its containers add stays theirs."""
    found = re.search(r"\bbegin\s*=\s*([\"'])([^\"']*)\1", head)
    ends = re.search(r"\bend\s*=\s*([\"'])([^\"']*)\1", head)
    clock = re.compile(r"(\d+):(\d\d):(\d\d)(?:\.(\d{1,3}))?\Z")
    times = [clock.match(m[2].strip()) if m else None for m in (found, ends)]
    if found is None or ends is None or None in times:
        raise UsageError(
            f"line {before.at_line}: its times are not written as begin and end in clock time: they cannot be changed "
            "in place; write another file with -o"
        )
    moves = (after.span.start_ms - before.span.start_ms, after.span.end_ms - before.span.end_ms)
    for match, time, move in sorted(zip((found, ends), times, moves), key=lambda row: -row[0].start()):
        assert time is not None
        hours, minutes, seconds = (int(time[group]) for group in (1, 2, 3))
        ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(((time[4] or "") + "000")[:3]) + move
        head = head[: match.start(2)] + ttml.format_time(ms) + head[match.end(2) :]
    return head
