"""A script without times, laid on the film's sound; what was not found, and what nobody wrote down, is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..data import Media, Segment, Span, Transcript, Word
from ..engines import Recogniser
from ..errors import MediaError
from ..events import Run
from .forced_alignment import LETTER_MS, FoundLines, find_lines
from .given import place_of
from .supplied import SuppliedWords
from .transcribe import detect_speech_spans, format_spans, refine, transcribe

LEAST_FOUND = 0.5
"""Share of a script's lines, and of its words, that must be found; under both it is taken for another film's."""
_NAMED = 8
"""Lines that a warning names."""
_APART_MS = 2_000
"""Words that are in no line and further apart are told apart."""
_FEW_WORDS = 2


def time_script(
    run: Run, media: Media, recogniser: Recogniser, given: SuppliedWords, path: Path, among: Sequence[str] = ()
) -> Transcript:
    """The lines of a script with the times at which they are heard.

    Args:
        run: store and listener; told of lines that were not found.
        media: the film.
        recogniser: hears the words whose times are taken.
        given: the script; its language is known.
        path: of it, for messages.
        among: languages that could be spoken in the film.

    Raises:
        MediaError: nobody speaks, or most of the script is not heard.
    """
    language = given.transcript.language
    heard = transcribe(run, media, recogniser, language, among)
    words = [word for segment in heard.segments for word in segment.words]
    voiced = detect_speech_spans(run.store, media.speech)
    lines = sorted(given.transcript.segments, key=lambda s: s.id)
    found = find_lines(lines, words, voiced, language, media.duration_ms)
    _require_most(found, lines, media, path)
    near = [segment for name in found.lost if (segment := _near(given, name, media.duration_ms))]
    _tell_unfound(run, given, found, near, media, path)
    _tell_unwritten(run, found, media, path)
    ordered = sorted((*found.segments, *near), key=lambda s: (s.span, s.id))
    return replace(given.transcript, segments=refine(run.store, media.speech, tuple(ordered), voiced))


def _require_most(found: FoundLines, lines: Sequence[Segment], media: Media, path: Path) -> None:
    total = sum(len(line.text.split()) for line in lines)
    there = sum(len(line.text.split()) for line in lines if line.id in found.found)
    if there < LEAST_FOUND * total and len(found.found) < LEAST_FOUND * len(lines):
        raise MediaError(
            f"{path}: only {len(found.found)} of its {len(lines)} lines are heard in {media.source.path}: it seems to "
            "be the script of another film, cut or language; give subtitles with times, or leave it out",
            file=str(path),
            found=len(found.found),
            lines=len(lines),
        )


def _near(given: SuppliedWords, name: str, end_ms: int) -> Segment | None:
    """A line that was not heard, where the script says about when it is said; None where it does not."""
    start = given.near.get(name)
    if start is None or start >= end_ms:
        return None
    line = next(s for s in given.transcript.segments if s.id == name)
    return replace(line, span=Span(start, min(end_ms, start + max(300, len(line.text) * LETTER_MS))))


def _tell_unfound(
    run: Run, given: SuppliedWords, found: FoundLines, near: Sequence[Segment], media: Media, path: Path
) -> None:
    """Say which lines were not recognised: where they stand now, or that they have no place."""
    total = len(given.transcript.segments)
    placed = [s for s in (*found.segments, *near) if s.id not in found.found]
    if placed:
        said = "; ".join(f"{_quoted(given, s)} at {format_spans((s.span,))}" for s in placed[:_NAMED])
        run.warn(
            "line_not_found",
            f"{path}: {len(placed)} of {total} lines were not found in the sound of {media.source.path}; they stand "
            f"where a voice is heard between the others, or where the script says: {said}{_more(placed)}",
        )
    by_id = {s.id: s for s in given.transcript.segments}
    lost = [by_id[name] for name in found.lost if name not in {s.id for s in near}]
    if lost:
        said = "; ".join(_quoted(given, line) for line in lost[:_NAMED])
        run.warn(
            "line_left_out",
            f"{path}: {len(lost)} of {total} lines were not found in the sound of {media.source.path}, and nobody "
            f"speaks between their neighbours: they are left out: {said}{_more(lost)}",
        )


def _tell_unwritten(run: Run, found: FoundLines, media: Media, path: Path) -> None:
    """Say which recognised words are in no line."""
    groups: list[list[Word]] = []
    for word in found.strange:
        near = groups and word.span.start_ms - groups[-1][-1].span.end_ms < _APART_MS
        groups[-1].append(word) if near else groups.append([word])
    groups = [group for group in groups if len(group) > _FEW_WORDS]
    if groups:
        said = "; ".join(
            f"{' '.join(word.text for word in group)[:60]!r} at "
            f"{format_spans((Span(group[0].span.start_ms, group[-1].span.end_ms),))}"
            for group in groups[:_NAMED]
        )
        run.warn(
            "speech_not_in_script",
            f"{sum(map(len, groups))} words that are heard in {media.source.path} are in no line of {path}: they stay "
            f"in the original: {said}{_more(groups)}",
        )


def _quoted(given: SuppliedWords, line: Segment) -> str:
    text = line.text if len(line.text) <= 40 else f"{line.text[:39]}…"
    return f"{place_of(given, line.id)} {text!r}"


def _more(items: Sequence[object]) -> str:
    return f"; and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
