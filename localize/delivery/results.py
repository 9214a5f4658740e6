"""Typed results of a run, and their JSON as the command line prints it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict, TypeVar, cast

from ..errors import QualityError
from ..events import Run
from ..runtime.records import to_json
from .outlay import Outlay
from .quality_control import shortfalls
from .report import RunWarning, StageCost, SubtitleSummary, Summary

Files = Mapping[str, Mapping[str, Path]]
"""Language -> format -> file."""
WarningJson = Annotated[dict[str, Any], RunWarning]
StageJson = Annotated[dict[str, Any], StageCost]


class TargetJson(TypedDict):
    """A member of `targets` of `localize dub --json`: one language, with the places of its files.

    Args:
        video: the dubbed film; null for sound alone, and as audio, dialogue and bed where it was not wanted.
        burnt: the film with subtitles in its picture, where asked for.
        speakers: speaker -> a stem of this speaker alone, where asked for.
        subtitles: language -> format -> file.
        renderings: further profile -> language -> format -> file, where asked for.
        film_refused: why there is no film although the source has a picture.
        summary: what was measured.
    """

    language: str
    video: str | None
    audio: str | None
    dialogue: str | None
    bed: str | None
    timeline: str
    master: str
    report: str
    burnt: NotRequired[str]
    speakers: NotRequired[dict[str, str]]
    subtitles: dict[str, dict[str, str]]
    renderings: NotRequired[dict[str, dict[str, dict[str, str]]]]
    film_refused: str | None
    summary: Annotated[dict[str, Any], Summary]


class SubtitleTargetJson(TypedDict):
    """A member of `targets` of `localize subs --json`: one language, with the places of its files.

    Args:
        report: how the subtitles came about.
        burnt: the film with subtitles in its picture, where asked for.
        subtitles: language -> format -> file.
        renderings: further profile -> language -> format -> file, where asked for.
        frame_rate: whose frames were counted, "24000/1001".
        summary: how well they keep to their profile.
    """

    language: str
    master: str
    report: str
    burnt: NotRequired[str]
    subtitles: dict[str, dict[str, str]]
    renderings: NotRequired[dict[str, dict[str, dict[str, str]]]]
    frame_rate: str
    summary: Annotated[dict[str, Any], SubtitleSummary]


class DubJson(TypedDict):
    """What `localize dub --json` prints.

    Args:
        unchanged: true where an earlier run left these very files, and nothing was made.
    """

    schema: Literal[1]
    input: str
    targets: list[TargetJson]
    stages: list[StageJson]
    warnings: list[WarningJson]
    unchanged: NotRequired[bool]


class SubtitleJson(TypedDict):
    """What `localize subs --json` prints; `unchanged` as for a dub."""

    schema: Literal[1]
    input: str
    targets: list[SubtitleTargetJson]
    stages: list[StageJson]
    warnings: list[WarningJson]
    unchanged: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class TargetResult:
    """One target of a dub, with the places of its files.

    Args:
        language: dubbed into.
        summary: what was measured.
        audio: the full mix; None, as `dialogue`, `bed` and `video`, where it was not wanted.
        dialogue: the dialogue stem.
        bed: music and effects.
        timeline: timeline.json.
        master: master.json.
        report: report.json.
        subtitles: of the target and of the source.
        video: the dubbed film; None for sound alone.
        burnt: the film with subtitles in its picture, where asked for.
        speakers: speaker -> a stem of this speaker alone, where asked for.
        film_refused: why there is no film although the source has a picture.
        renderings: profile -> the subtitles by it, where more profiles were asked for.
    """

    language: str
    summary: Summary
    audio: Path | None
    dialogue: Path | None
    bed: Path | None
    timeline: Path
    master: Path
    report: Path
    subtitles: Files
    video: Path | None = None
    burnt: Path | None = None
    speakers: Mapping[str, Path] = field(default_factory=dict)
    film_refused: str | None = None
    renderings: Mapping[str, Files] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of this target that is named here."""
        sounds = (self.audio, self.dialogue, self.bed, self.video, self.burnt)
        made = (self.timeline, self.master, self.report, *self.speakers.values())
        shown = (each for files in (self.subtitles, *self.renderings.values()) for each in files.values())
        return (
            *(path for path in sounds if path),
            *made,
            *(path for by_format in shown for path in by_format.values()),
        )

    def shortfalls(self) -> list[str]:
        """What --strict refuses."""
        return [*shortfalls(self.summary), *([f"no film ({self.film_refused})"] if self.film_refused else [])]

    def json(self) -> TargetJson:
        """A member of `targets` of `localize dub --json`."""
        found: TargetJson = {
            "language": self.language,
            "video": _text(self.video),
            "audio": _text(self.audio),
            "dialogue": _text(self.dialogue),
            "bed": _text(self.bed),
            "timeline": str(self.timeline),
            "master": str(self.master),
            "report": str(self.report),
            "subtitles": _texts(self.subtitles),
            "film_refused": self.film_refused,
            "summary": to_json(self.summary),
        }
        if self.renderings:
            found["renderings"] = _more(self.renderings)
        if self.burnt:
            found["burnt"] = str(self.burnt)
        if self.speakers:
            found["speakers"] = {who: str(path) for who, path in self.speakers.items()}
        return found


@dataclass(frozen=True, slots=True)
class SubtitleTargetResult:
    """One language of `localize subs`, with the places of its files.

    Args:
        language: of the subtitles.
        summary: how well they keep to their profile.
        frame_rate: whose frames were counted, "24000/1001".
        master: master.json.
        report: how they came about.
        subtitles: of the target and of the source.
        burnt: the film with subtitles in its picture, where asked for.
        renderings: profile -> the subtitles by it, where more profiles were asked for.
    """

    language: str
    summary: SubtitleSummary
    frame_rate: str
    master: Path
    report: Path
    subtitles: Files
    burnt: Path | None = None
    renderings: Mapping[str, Files] = field(default_factory=dict)

    def shortfalls(self) -> list[str]:
        """What --strict refuses."""
        return shortfalls(self.summary)

    def json(self) -> SubtitleTargetJson:
        """A member of `targets` of `localize subs --json`."""
        found: SubtitleTargetJson = {
            "language": self.language,
            "master": str(self.master),
            "report": str(self.report),
            "subtitles": _texts(self.subtitles),
            "frame_rate": self.frame_rate,
            "summary": to_json(self.summary),
        }
        if self.renderings:
            found["renderings"] = _more(self.renderings)
        if self.burnt:
            found["burnt"] = str(self.burnt)
        return found


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _json(result: DubResult | SubtitleResult) -> dict[str, Any]:
    """The JSON of a result: of a dub and of subtitles alike, but for what their targets hold."""
    return {
        "schema": 1,
        "input": str(result.input),
        "targets": [target.json() for target in result.targets],
        "stages": to_json(result.stages),
        "warnings": to_json(result.warnings),
        **({"unchanged": True} if result.unchanged else {}),
    }


def _value(result: DubResult | SubtitleResult, key: str) -> Any:
    """A key of a result's JSON, as results of version 0.1 were plain dictionaries."""
    warnings.warn(
        f"result[{key!r}] is deprecated: use result.{key}, or result.json()", DeprecationWarning, stacklevel=3
    )
    return dict(result.json())[key]


@dataclass(frozen=True, slots=True)
class DubResult:
    """What `dub` made, what each stage of it took, and every warning.

    Args:
        input: the film.
        stages: what they took; none where nothing was made.
        warnings: as they came.
        targets: in the order of the request.
        unchanged: an earlier run of the same request left these very files, and nothing was made.
    """

    input: Path
    stages: tuple[StageCost, ...]
    warnings: tuple[RunWarning, ...]
    targets: tuple[TargetResult, ...] = ()
    unchanged: bool = False

    def json(self) -> DubJson:
        """What `localize dub --json` prints."""
        return cast("DubJson", _json(self))

    def __getitem__(self, key: str) -> Any:
        return _value(self, key)


@dataclass(frozen=True, slots=True)
class SubtitleResult:
    """What `subtitle` made, what each stage of it took, and every warning; fields as in `DubResult`."""

    input: Path
    stages: tuple[StageCost, ...]
    warnings: tuple[RunWarning, ...]
    targets: tuple[SubtitleTargetResult, ...] = ()
    unchanged: bool = False

    def json(self) -> SubtitleJson:
        """What `localize subs --json` prints."""
        return cast("SubtitleJson", _json(self))

    def __getitem__(self, key: str) -> Any:
        return _value(self, key)


Outcome = TypeVar("Outcome", DubResult, SubtitleResult)


@dataclass(frozen=True, slots=True)
class FilmOutlook:
    """Whether a film can be muxed: the suffix of its container, or the reason why none can be."""

    suffix: str | None
    reason: str | None


DubPlanJson = TypedDict(
    "DubPlanJson",
    {
        "schema": Literal[1], "input": str, "output": str, "stream": int, "note": str,
        "film": Annotated[dict[str, Any], FilmOutlook] | None, "duration_ms": int, "from": str, "to": list[str],
        "engines": dict[str, str], "warnings": list[WarningJson],
        "outlay": Annotated[dict[str, Any], Outlay],
    },
)  # fmt: skip
"""What `localize dub --dry-run --json` prints."""


@dataclass(frozen=True, slots=True)
class DubPlan:
    """What `dub` would do: the result of a dry run.

    Args:
        input: the film.
        output: the folder the results would go to.
        stream: index of the audio stream that would be dubbed.
        note: why this stream, where it is not the one wished for.
        duration_ms: of the film.
        source: its language, or those among which it would be detected.
        to: target languages.
        engines: role -> what would be used.
        outlay: time, disk and memory that it would take.
        film: None where the source has no picture.
        warnings: what is known beforehand.
    """

    input: Path
    output: Path
    stream: int
    note: str
    duration_ms: int
    source: str
    to: tuple[str, ...]
    engines: Mapping[str, str]
    outlay: Outlay
    film: FilmOutlook | None = None
    warnings: tuple[RunWarning, ...] = ()

    def json(self) -> DubPlanJson:
        """What `--dry-run --json` prints."""
        return {
            "schema": 1,
            "input": str(self.input),
            "output": str(self.output),
            "stream": self.stream,
            "note": self.note,
            "film": to_json(self.film),
            "duration_ms": self.duration_ms,
            "from": self.source,
            "to": list(self.to),
            "engines": dict(self.engines),
            "warnings": to_json(self.warnings),
            "outlay": to_json(self.outlay),
        }


def require_quality(result: Outcome) -> Outcome:
    """The result, if it falls short in nothing that is measured.

    Raises:
        QualityError: it does; the error carries the result, as `details["result"]`.
    """
    found = [f"{target.language}: {text}" for target in result.targets for text in target.shortfalls()]
    if found:
        raise QualityError(f"{result.input.name} falls short: {'; '.join(found)}", result=result)
    return result


def stage_costs(run: Run) -> tuple[StageCost, ...]:
    """The cost of every stage of a run so far."""
    return tuple(
        StageCost(s.stage, s.language, round(s.seconds, 3), s.hits, s.made, round(s.cpu_seconds, 3), s.peak_mb)
        for s in run.stages
    )


def run_warnings(run: Run) -> tuple[RunWarning, ...]:
    """The warnings of a run so far."""
    return tuple(RunWarning(w.code, w.message) for w in run.warnings)


def _more(renderings: Mapping[str, Files]) -> dict[str, dict[str, dict[str, str]]]:
    return {profile: _texts(files) for profile, files in renderings.items()}


def _texts(files: Files) -> dict[str, dict[str, str]]:
    return {tongue: {fmt: str(path) for fmt, path in by_format.items()} for tongue, by_format in files.items()}
