"""Lines that a person splits or merges: made before any correction of a line's words or times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..data import LineChange, Segment, Span, Transcript, Word
from ..errors import UsageError

LINE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""How a line may be called: an id becomes part of documents."""


def change_lines(transcript: Transcript, changes: Sequence[LineChange]) -> Transcript:
    """The transcript with lines split and merged, in order of time.

    Words keep their times. A split point outside of the line, or beyond its words, is moved to its nearest end: the
    corrections that follow say what either part says, and when.

    Raises:
        UsageError: a line is not there, or the new one is there already.
    """
    if not changes:
        return transcript
    segments = {segment.id: segment for segment in transcript.segments}
    for change in changes:
        line = _line(segments, change.segment)
        if change.kind == "split":
            if change.other in segments:
                raise UsageError(f"{change.segment} is split into a line {change.other} that is there already")
            segments[change.segment], segments[change.other] = _split(line, change)
        else:
            segments[change.segment] = _merge(line, _line(segments, change.other))
            del segments[change.other]
    return replace(transcript, segments=tuple(sorted(segments.values(), key=lambda s: s.span)))


def _line(segments: dict[str, Segment], name: str) -> Segment:
    if name not in segments:
        raise UsageError(f"the edits split or merge a segment that is not there: {name}", segment=name)
    return segments[name]


def _split(line: Segment, change: LineChange) -> tuple[Segment, Segment]:
    start, end = line.span.start_ms, line.span.end_ms
    if end - start < 2:
        raise UsageError(f"{line.id} lasts {end - start} ms, and cannot be split", segment=line.id)
    at = min(max(change.at_ms or 0, start + 1), end - 1)
    texts = line.text.split()
    word = min(change.word or 0, len(texts))
    known = line.words if len(line.words) == len(texts) else ()
    return (
        _part(line, line.id, Span(start, at), texts[:word], known[:word]),
        _part(line, change.other, Span(at, end), texts[word:], known[word:]),
    )


def _part(line: Segment, name: str, span: Span, texts: Sequence[str], words: tuple[Word, ...]) -> Segment:
    return replace(
        line, id=name, span=span, text=" ".join(texts), words=words,
        phrases=_within(line.phrases, span), overlaps=_within(line.overlaps, span),
    )  # fmt: skip


def _within(spans: Sequence[Span], whole: Span) -> tuple[Span, ...]:
    """What of some spans lies in another."""
    cut = (Span(max(s.start_ms, whole.start_ms), min(s.end_ms, whole.end_ms)) for s in spans)
    return tuple(s for s in cut if s.start_ms < s.end_ms)


def _merge(line: Segment, other: Segment) -> Segment:
    if (other.speaker, other.language) != (line.speaker, line.language):
        raise UsageError(f"{line.id} and {other.id} are not of one speaker and language: not merged", segment=line.id)
    timed = all(s.words or not s.text for s in (line, other))
    phrased = (line.phrases or (line.span,)) + (other.phrases or (other.span,))
    return replace(
        line,
        span=Span(min(line.span.start_ms, other.span.start_ms), max(line.span.end_ms, other.span.end_ms)),
        text=f"{line.text} {other.text}".strip(),
        words=(*line.words, *other.words) if timed else (),
        phrases=tuple(sorted(phrased)) if line.phrases or other.phrases else (),
        overlaps=tuple(sorted((*line.overlaps, *other.overlaps))),
    )


def changed_texts(texts: dict[str, str], changes: Sequence[LineChange]) -> dict[str, str]:
    """Given texts of lines, as their lines are split and merged: of a split line the first part keeps them all."""
    found = dict(texts)
    for change in changes:
        if change.kind == "merge":
            found[change.segment] = f"{found[change.segment]} {found.pop(change.other)}".strip()
        else:
            found[change.other] = ""
    return found
