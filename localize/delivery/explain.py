"""Explain each line of a dub (speaker, voice, timing, wording) from the files of its output folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..data import MemoryMatch
from ..errors import UsageError
from ..runtime.files import read_json
from ..runtime.records import to_json
from ..speakers.casting import Role
from ..transcription.master import Master, read_master
from .report import LineReport, Report, read_report

LIMIT = 512_000_000


@dataclass(frozen=True, slots=True)
class Wording:
    """One way in which a line could have been said; `rule` made it, "" for the translator's own."""

    text: str
    score: float
    rule: str


@dataclass(frozen=True, slots=True)
class ExplainedLine(LineReport):
    """A line of the report with what was said and every wording there was.

    Args:
        candidates: in the translator's order.
        memory: what translation memories have for it.
        converted: what the style sheet had changed, (before, after).
        terms: of the glossary, (term, its translation, how it is kept).
    """

    candidates: tuple[Wording, ...] = ()
    memory: tuple[MemoryMatch, ...] = ()
    converted: tuple[tuple[str, str], ...] = ()
    terms: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedTarget:
    """One language of a dub."""

    language: str
    cast: tuple[Role, ...]
    engines: dict[str, str]
    lines: tuple[ExplainedLine, ...]


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
        raise UsageError(f"{folder} holds no dub: give the folder that 'localize dub' wrote")
    master = read_master(read_json(masters[0], LIMIT), str(masters[0]))
    ids = [segment.id for segment in master.sheet.transcript.segments]
    if line is not None and line not in ids:
        raise UsageError(f"{folder} has no line {line}: its lines are {', '.join(ids[:8])} …")
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
    resources = report.resources
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
        )
        for entry in report.lines
        if line in (None, entry.segment) and entry.segment in said
    )
    return ExplainedTarget(report.language, report.cast, report.engines, lines)


def format_explanation(found: Explanation) -> str:
    """The same for a person to read."""
    rows: list[str] = []
    for target in found.targets:
        rows.append(f"== {target.language} ==")
        for line in target.lines:
            rows += _format_line(line)
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
        *([f"  doubtful   {line.risk:.0%}: {'; '.join(line.doubts)}"] if line.risk is not None and line.doubts else []),
        *(f"  candidate  {c.score:+.2f}  {c.text}" for c in line.candidates if c.text != line.text),
    ]
