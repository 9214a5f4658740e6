"""Hold the dub's lines against the delivered film: how late each is heard, as players present the file.

The stems say where a line was put, not where a player plays it: a hole in the source, an encoder's delay or a container
may move it. So both tracks of the finished file are decoded by their timestamps, and each line is looked for in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import NOT_CONTENT, Blob, Clip, Media, Mix, Span, Timeline
from ..events import Run
from ..media import RATE, SPEECH_RATE, probe, read_block
from ..runtime.store import Store, step
from .listening import measure_stem, stem_to_hear
from .quality_control import OUT_OF_STEP_MS, measure_timing
from .report import LineReport, Report
from .sync import FARTHEST_MS, lag_of_excerpt, presented_sound, read_part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXCERPT_MS = 1500
"""Of a line, at most, that is looked for in the delivered file."""
AROUND_MS = 200


def measure_delivered(
    run: Run, report: Report, timeline: Timeline, mixed: Mix, film: Path | None, shifts: Mapping[str, int | None]
) -> Report:
    """The report with its timing as it is in the delivered film; unchanged without one.

    Args:
        run: store and listener; told where the film is out of step.
        report: as it was measured on the stems.
        timeline: where every line was put.
        mixed: the dub's sound.
        film: the delivered file.
        shifts: of its lines, see `measure_shifts`.
    """
    if film is None or not shifts:
        return report
    known = [shift for shift in shifts.values() if shift is not None]
    farthest = max(known, key=abs, default=None)
    report = replace(report, summary=replace(report.summary, lag_ms=farthest, lines_in_film=len(known)))
    if not farthest:
        return report
    if abs(farthest) > OUT_OF_STEP_MS:
        run.warn("out_of_step", f"{film.name}: lines of the dub are up to {abs(farthest)} ms out of step with the film")
    heard = measure_stem(run.store, stem_to_hear(run.store, mixed, timeline.language)).phrases
    moved = replace(timeline, clips=tuple(_move_clip(clip, shifts[clip.take.segment] or 0) for clip in timeline.clips))
    timing = measure_timing(moved, tuple(_move_span(span, timeline, shifts) for span in heard))
    lines = tuple(_move_line(line, shifts.get(line.segment) or 0) for line in report.lines)
    return replace(report, summary=replace(report.summary, **timing), lines=lines)


def measure_shifts(store: Store, timeline: Timeline, media: Media, mixed: Mix, film: Path) -> dict[str, int | None]:
    """Segment -> how much later than planned its dub is heard than its original, ms; None where either is not found.

    Args:
        store: keeps the film's sounds while they are compared.
        timeline: where every line was put.
        media: the source.
        mixed: the dub's sound.
        film: the delivered file, the dub first and the original second.
    """
    tracks = [s.index for s in probe(film).streams if s.kind == "audio"][:2]
    if len(tracks) < 2:
        return {clip.take.segment: None for clip in timeline.clips}
    dub, original = (presented_sound(store, film, index) for index in tracks)
    lags = line_lags(store, timeline, media, mixed, (dub, original))
    return {name: None if late is None or source is None else round(late - source) for name, (late, source) in lags}


def line_lags(
    store: Store, timeline: Timeline, media: Media, mixed: Mix, sounds: tuple[Blob, Blob]
) -> Iterator[tuple[str, tuple[float | None, float | None]]]:
    """For each segment how much later than planned its dub and its original are heard, ms; None where one is not found.

    Args:
        store: holds the sounds.
        timeline: where every line was put.
        media: the source.
        mixed: the dub's sound.
        sounds: dub and original of the delivered film, see `presented_sound`.
    """
    dub, original = sounds
    late = find_all_lags(store, mixed.full, tuple(clip.span for clip in timeline.clips), dub, media.offset_ms)
    source = find_all_lags(
        store, media.original, tuple(clip.source for clip in timeline.clips), original, media.offset_ms
    )
    for clip, of_dub, of_source in zip(timeline.clips, late, source, strict=True):
        yield clip.take.segment, (of_dub, of_source)


@step(version=1)
def find_all_lags(
    store: Store, sound: Blob, spans: tuple[Span, ...], delivered: Blob, offset_ms: int
) -> tuple[float | None, ...]:
    """How much later than planned each stretch of a 48 kHz sound is heard in a delivered track, ms; None where it is
    not found. No correction of the dub changes what is found of the original.
    """
    found = []
    with read_block(store, sound) as file, read_block(store, delivered) as track:
        for span in spans:
            start = max(0, span.start_ms - AROUND_MS)
            end = min(span.end_ms + AROUND_MS, start + EXCERPT_MS)
            file.seek(min(file.frames, start * RATE // 1000))
            samples = file.read((end - start) * RATE // 1000, dtype="int32", always_2d=True)
            around = read_part(track, start + offset_ms - FARTHEST_MS, 2 * FARTHEST_MS + EXCERPT_MS)
            digest = hashlib.sha256(samples.tobytes())
            digest.update(around.tobytes())
            found.append(Sought(digest.hexdigest(), sound, Span(start, end), delivered, start + offset_ms))
    return find_lags(store, tuple(found))


@dataclass(frozen=True, slots=True)
class Sought:
    """A stretch of a sound that is looked for in a delivered track, known by the samples of both.

    Args:
        sha256: of the stretch, and of the track where it may lie.
        sound: at 48 kHz.
        span: of it.
        delivered: the track, at 16 kHz.
        at_ms: where in it the stretch should begin.
    """

    sha256: str
    sound: Blob = field(metadata=NOT_CONTENT)
    span: Span = field(metadata=NOT_CONTENT)
    delivered: Blob = field(metadata=NOT_CONTENT)
    at_ms: int = field(metadata=NOT_CONTENT)


@step(version=1, each="sought")
def find_lags(store: Store, sought: tuple[Sought, ...]) -> tuple[float | None, ...]:
    """How much later than it should each stretch is heard, in ms; None where it is too quiet, or not there."""
    return tuple(lag_of_excerpt(_mono(store, one.sound, one.span), store, one.delivered, one.at_ms) for one in sought)


def _mono(store: Store, sound: Blob, span: Span) -> NDArray[np.float32]:
    """A stretch of a 48 kHz sound at 16 kHz, its channels folded to one."""
    import numpy as np
    import soxr

    with read_block(store, sound) as file:
        file.seek(min(file.frames, span.start_ms * RATE // 1000))
        part = file.read(span.length_ms * RATE // 1000, dtype="float32", always_2d=True).mean(axis=1)
    return np.asarray(soxr.resample(part, RATE, SPEECH_RATE), np.float32)


def _move_clip(clip: Clip, by_ms: int) -> Clip:
    return replace(clip, at_ms=clip.at_ms + by_ms, phrases=tuple(p.shifted(by_ms) for p in clip.phrases))


def _move_span(span: Span, timeline: Timeline, shifts: Mapping[str, int | None]) -> Span:
    """A stretch of the stem, moved as the line it belongs to."""
    nearest = max(timeline.clips, key=lambda c: (c.span.overlap_ms(span), -abs(c.span.start_ms - span.start_ms)))
    return span.shifted(shifts[nearest.take.segment] or 0)


def _move_line(line: LineReport, by_ms: int) -> LineReport:
    dub = tuple((start + by_ms, end + by_ms) for start, end in line.dub)
    errors = line.start_error_ms + by_ms, line.end_error_ms + by_ms
    return replace(line, start_error_ms=errors[0], end_error_ms=errors[1], dub=dub)
