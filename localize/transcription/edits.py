"""Corrections by a person (`--edits`): read, checked, applied to a transcript."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..data import Edits, Span, Transcript
from ..errors import UsageError
from ..runtime.files import read_json
from ..runtime.records import from_json
from ..runtime.upgrades import upgraded

KIND = "edits file"
EDITS_LIMIT = 64_000_000
LATEST_MS = 10**9


def read_edits(path: Path | None) -> Edits:
    """Read a person's corrections (`--edits`; DESIGN.md 6.1).

    Raises:
        UsageError: unreadable or of another shape; the message names the file and the field.
    """
    if path is None:
        return Edits()
    data = read_json(path, EDITS_LIMIT)
    try:
        data = upgraded(KIND, data, str(path))
    except ValueError as error:
        wanted = f'{path} is no {KIND}: it must hold {{"schema": 1, "edits": [...]}}'
        raise UsageError(wanted, file=str(path)) from error
    del data["schema"]
    try:
        edits = from_json(Edits, data)
    except ValueError as error:
        raise UsageError(f"{path}: {error}", file=str(path)) from error
    for edit in edits.edits:
        times = [t for t in (edit.start_ms, edit.end_ms) if t is not None]
        if any(not 0 <= t < LATEST_MS for t in times) or (len(times) == 2 and times[0] >= times[1]):
            raise UsageError(f"{path}: the times of segment {edit.segment} leave no time to speak in", file=str(path))
    names = [e.segment for e in edits.edits]
    if repeated := sorted({n for n in names if names.count(n) > 1}):
        raise UsageError(f"{path}: segment {repeated[0]} is edited twice", file=str(path))
    return edits


def check_segments(transcript: Transcript, edits: Edits) -> None:
    """Refuse edits of lines that nobody says.

    Raises:
        UsageError: one names a segment that is not there.
    """
    if unknown := {edit.segment for edit in edits.edits} - {segment.id for segment in transcript.segments}:
        raise UsageError(f"the edits name a segment that is not there: {min(unknown)}", segment=min(unknown))


def apply_edits(transcript: Transcript, edits: Edits) -> Transcript:
    """Apply corrections of words and times to a transcript; idempotent.

    Words keep their times where their number stays the same, and lose them otherwise.

    Raises:
        UsageError: an edit names a segment that is not there, or a span that ends before it starts.
    """
    check_segments(transcript, edits)
    by_id = {edit.segment: edit for edit in edits.edits}
    segments = []
    for segment in transcript.segments:
        edit = by_id.get(segment.id)
        if edit is not None and edit.source is not None and edit.source != segment.text:
            texts = edit.source.split()
            known = segment.words if len(texts) == len(segment.words) else ()
            words = tuple(replace(word, text=text) for word, text in zip(known, texts))
            segment = replace(segment, text=edit.source, words=words)  # noqa: PLW2901
        if edit is not None:
            start = segment.span.start_ms if edit.start_ms is None else edit.start_ms
            end = segment.span.end_ms if edit.end_ms is None else edit.end_ms
            if not 0 <= start < end:
                raise UsageError(f"the edit of {segment.id} ends before it starts", segment=segment.id)
            segment = replace(segment, span=Span(start, end))  # noqa: PLW2901
        segments.append(segment)
    return replace(transcript, segments=tuple(segments))
