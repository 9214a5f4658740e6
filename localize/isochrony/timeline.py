"""Place takes on the source's clock as clips of a timeline; timeline.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from ..data import Clip, Speech, Timeline, Transcript
from .planner import MIN_GAP_MS


def place_takes(transcript: Transcript, speech: Speech, duration_ms: int) -> Timeline:
    """Place each take where it was planned.

    A take can come out some milliseconds longer than its plan; then the next line of the same scene waits, it is never
    spoken over.

    Args:
        transcript: the segments the takes replace.
        speech: takes and the plans they were made to.
        duration_ms: of the source; clips end within it wherever they can.
    """
    segments = {s.id: s for s in transcript.segments}
    clips: list[Clip] = []
    for take, plan in zip(speech.takes, speech.plans, strict=True):
        segment = segments[take.segment]
        at = plan.phrases[0].span.start_ms
        at = max(0, min(max(at, _free_from(clips, segment.span.start_ms)), duration_ms - take.duration_ms))
        clips.append(
            Clip(
                take=take,
                at_ms=at,
                phrases=tuple(p.shifted(at) for p in take.phrases),
                rate=round(take.natural_ms / take.duration_ms, 3),
                fit=take.fit,
                source=segment.span,
                source_phrases=segment.phrases or (segment.span,),
                speaker=segment.speaker,
            )
        )
    return Timeline(speech.language, duration_ms, tuple(clips))


def _free_from(clips: Sequence[Clip], start_ms: int) -> int:
    """When the lines before are over; lines that overlap in the source may overlap in the dub."""
    ends = [c.span.end_ms + MIN_GAP_MS for c in clips[-3:] if c.source.end_ms <= start_ms]
    return max(ends, default=0)


class TimesJson(TypedDict):
    """When a line is heard; `phrases` is [start, end] in ms of each of its stretches of voice."""

    start_ms: int
    end_ms: int
    phrases: list[list[int]]


class ClipJson(TypedDict):
    """One dubbed line.

    Args:
        segment: id of the line.
        speaker: id.
        voice: id of the voice that speaks it.
        grant: id of the grant it speaks under.
        source: when it is heard in the original.
        dub: when it is heard in the dub.
        rate: natural length over length used.
        fit: "exact", "stretched" or "overflow".
        recorded: SHA-256 of the recording that is heard; not there where the line is synthesized.
        guide: SHA-256 of the reading that its pauses and tune follow; not there where none leads it.
    """

    segment: str
    speaker: str
    voice: str
    grant: str
    text: str
    source: TimesJson
    dub: TimesJson
    rate: float
    fit: str
    recorded: NotRequired[str]
    guide: NotRequired[str]


class TimelineJson(TypedDict):
    """timeline.json: where every line of source and dub is heard, in ms."""

    schema: Literal[1]
    language: str
    duration_ms: int
    clips: list[ClipJson]


def timeline_json(timeline: Timeline) -> TimelineJson:
    """The content of timeline.json (DESIGN.md, section 6)."""
    return {
        "schema": 1,
        "language": timeline.language,
        "duration_ms": timeline.duration_ms,
        "clips": [_clip_json(clip) for clip in timeline.clips],
    }


def _clip_json(c: Clip) -> ClipJson:
    found: ClipJson = {
        "segment": c.take.segment,
        "speaker": c.speaker,
        "voice": c.take.voice,
        "grant": c.take.grant,
        "text": c.take.text,
        "source": {
            "start_ms": c.source.start_ms,
            "end_ms": c.source.end_ms,
            "phrases": [[p.start_ms, p.end_ms] for p in c.source_phrases],
        },
        "dub": {
            "start_ms": c.span.start_ms,
            "end_ms": c.span.end_ms,
            "phrases": [[p.start_ms, p.end_ms] for p in c.phrases],
        },
        "rate": c.rate,
        "fit": c.fit,
    }
    if c.take.recorded:
        found["recorded"] = c.take.recorded
    if c.take.guide:
        found["guide"] = c.take.guide
    return found
