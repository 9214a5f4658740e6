"""Explain each line of a dub (speaker, voice, timing, wording) from the files of its output folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypedDict

from ..data import MemoryMatch
from ..errors import UsageError
from ..events import name_some
from ..isochrony.planner import FAST_RATE, MIN_GAP_MS
from ..language.paraphrase import shorter_paraphrases
from ..runtime.files import read_json
from ..runtime.records import to_json
from ..speakers.casting import Role
from ..transcription.master import Master, open_master
from .report import LineReport, Report, VocalSoundReport, read_report

LIMIT = 512_000_000
MOST_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """One way in which a line could have been said; `rule` made it, "" for the translator's own."""

    text: str
    score: float
    rule: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A shorter wording that would fit, and how long it is predicted to be at the voice's own pace."""

    text: str
    natural_ms: int


@dataclass(frozen=True, slots=True)
class ExplainedLine(LineReport):
    """A line of the report with what was said and every wording there was.

    Args:
        candidates: in the translator's order.
        memory: what translation memories have for it.
        converted: what the style sheet had changed, (before, after).
        terms: of the glossary, (term, its translation, how it is kept).
        room_ms: from where its source begins to where the next line does.
        suggestions: of a line that is hurried or does not fit, shorter wordings that would, the longest first.
        most_letters: that would fit; 0 for a line that fits as it is.
    """

    candidates: tuple[Wording, ...] = ()
    memory: tuple[MemoryMatch, ...] = ()
    converted: tuple[tuple[str, str], ...] = ()
    terms: tuple[tuple[str, str, str], ...] = ()
    room_ms: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    most_letters: int = 0


@dataclass(frozen=True, slots=True)
class ExplainedTarget:
    """One language of a dub."""

    language: str
    cast: tuple[Role, ...]
    engines: dict[str, str]
    lines: tuple[ExplainedLine, ...]
    vocal_sounds: tuple[VocalSoundReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the lines of a dub are as they are, by target."""

    targets: tuple[ExplainedTarget, ...]

    def json(self) -> dict[str, Any]:
        """What `localize explain --json` prints."""
        return {"schema": 1, **to_json(self)}


def explain(folder: str | os.PathLike[str], line: str | None = None) -> Explanation:
    """Everything known of the lines of a dub.

    Args:
        folder: where `localize dub` delivered.
        line: a segment's id, or None for all.

    Raises:
        UsageError: no dub lies there, it has no such line, or a file was written by a later version.
        MediaError: its master.json cannot be read.
    """
    folder = Path(folder)
    masters, reports = sorted(folder.glob("*.master.json")), sorted(folder.glob("*.report.json"))
    if not masters or not reports:
        inside = sorted(path.parent for path in folder.glob("*/*.master.json"))
        such = f", such as {inside[0]}" if inside else ""
        raise UsageError(f"{folder} holds no dub: give the folder that 'localize dub' wrote{such}")
    master = open_master(masters[0])
    ids = [segment.id for segment in master.sheet.transcript.segments]
    if line is not None and line not in ids:
        raise UsageError(f"{folder} has no line {line}: its lines are {name_some(ids)}")
    found = (read_report(read_json(path, LIMIT), str(path)) for path in reports)
    return Explanation(tuple(_explain_target(report, master, line) for report in found))


def _explain_target(report: Report, master: Master, line: str | None) -> ExplainedTarget:
    said = {segment.id: segment.text for segment in master.sheet.transcript.segments}
    wordings = {
        translated.segment: tuple(Wording(c.text, c.score, c.rule) for c in translated.candidates)
        for target in master.targets
        if target.translation.language == report.language
        for translated in target.translation.lines
    }
    resources, rooms = report.resources, _rooms(report)
    lines = tuple(
        ExplainedLine(
            **{f.name: getattr(entry, f.name) for f in fields(LineReport)} | {"source_text": said[entry.segment]},
            candidates=wordings.get(entry.segment, ()),
            memory=tuple(match for match in resources.memory if match.segment == entry.segment),
            converted=tuple((c.before, c.after) for c in resources.converted if c.segment == entry.segment),
            terms=tuple(
                (use.source, use.target, at.status)
                for use in resources.terms
                for at in use.lines
                if at.segment == entry.segment
            ),
            room_ms=rooms[entry.segment],
            **_advice(entry, rooms[entry.segment], wordings.get(entry.segment, ()), report.language),
        )
        for entry in report.lines
        if line in (None, entry.segment) and entry.segment in said
    )
    return ExplainedTarget(
        report.language, report.cast, report.engines, lines, report.vocal_sounds if line is None else ()
    )


def _rooms(report: Report) -> dict[str, int]:
    """Line -> how long it may last without making the next one late, ms."""
    ordered = sorted(report.lines, key=lambda line: line.source[0])
    ends = [*(line.source[0][0] - MIN_GAP_MS for line in ordered[1:]), report.duration_ms]
    return {line.segment: max(0, end - line.source[0][0]) for line, end in zip(ordered, ends)}


class _Advice(TypedDict):
    suggestions: tuple[Suggestion, ...]
    most_letters: int


def _advice(line: LineReport, room_ms: int, wordings: Sequence[Wording], language: str) -> _Advice:
    """What would fit in place of a line that is hurried or does not; the voice's pace is that of the line itself."""
    letters = _letters(line.text)
    if not letters or (line.fit != "overflow" and line.rate <= FAST_RATE):
        return {"suggestions": (), "most_letters": 0}
    if line.fit != "overflow":  # hurried: what would be said in the source's own time is looked for
        room_ms = line.source[-1][1] - line.source[0][0]
    a_letter_ms = line.rate * sum(end - start for start, end in line.dub) / letters
    texts = dict.fromkeys((*(w.text for w in wordings), *(p.text for p in shorter_paraphrases(line.text, language))))
    lengths = ((round(a_letter_ms * _letters(text)), text) for text in texts if 0 < _letters(text) < letters)
    fitting = sorted((Suggestion(text, ms) for ms, text in lengths if ms <= FAST_RATE * room_ms), key=_longest_first)
    most = int(FAST_RATE * room_ms / a_letter_ms) if a_letter_ms else 0
    return {"suggestions": tuple(fitting[:MOST_SUGGESTIONS]), "most_letters": most if most < letters else 0}


def _longest_first(one: Suggestion) -> int:
    return -one.natural_ms


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def format_explanation(found: Explanation) -> str:
    """The same for a person to read."""
    rows: list[str] = []
    for target in found.targets:
        rows.append(f"== {target.language} ==")
        for line in target.lines:
            rows += _format_line(line)
        rows += [_format_sound(sound) for sound in target.vocal_sounds]
    return "\n".join(rows)


def _format_line(line: ExplainedLine) -> list[str]:
    start, end = line.source[0][0], line.source[-1][1]
    return [
        f"{line.segment}  {start / 1000:.2f}–{end / 1000:.2f} s  {line.speaker} as {line.voice}",
        f"  said       {line.source_text}",
        f"  dubbed     {line.text}",
        *(
            f"  from memory: {match.file}"
            if match.used
            else f"  in memory  {match.likeness} % {match.file}: {match.text}"
            for match in line.memory
        ),
        *(f"  term       {source} = {target}: {status}" for source, target, status in line.terms),
        *(f"  converted  {before} to {after}" for before, after in line.converted),
        *([f"  spoken     {line.spoken}"] if line.spoken not in ("", line.text) else []),
        *([f"  heard as   {line.read_back}"] if line.read_back is not None else []),
        f"  timing     {line.rate:.2f} x, {line.fit}, overlap {line.overlap:.2f}, "
        f"start {line.start_error_ms:+d} ms, end {line.end_error_ms:+d} ms",
        f"  why        {line.reason}",
        *_format_advice(line),
        *([f"  doubtful   {line.risk:.0%}: {'; '.join(line.doubts)}"] if line.risk is not None and line.doubts else []),
        *(f"  candidate  {c.score:+.2f}  {c.text}" for c in line.candidates if c.text != line.text),
    ]


def _format_sound(sound: VocalSoundReport) -> str:
    start, end = sound.span
    fate = "kept as it is in the source" if sound.kept else "a line is dubbed over it"
    over = f", a dubbed voice over {sound.covered_ms} ms of it" if sound.covered_ms else ""
    return f"{sound.kind}  {start / 1000:.2f}–{end / 1000:.2f} s  {sound.written}: {fate}{over}"


def _format_advice(line: ExplainedLine) -> list[str]:
    """What a person can do about a line that is hurried or does not fit."""
    shown = [f"  would fit  {one.natural_ms / 1000:.1f} s  {one.text}" for one in line.suggestions]
    if shown or not line.most_letters:
        return shown
    return [f"  would fit  no wording that is known: say it in {line.most_letters} letters or fewer"]
