"""Explain each line of a dub (speaker, voice, timing, wording) from the files of its output folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..runtime.files import read_json

LIMIT = 512_000_000


def explain_lines(folder: Path, line: str | None) -> dict[str, Any]:
    """Everything known of the lines of a dub.

    Args:
        folder: where `localize dub` delivered.
        line: a segment's id, or None for all.

    Raises:
        UsageError: no dub lies there, or it has no such line.
    """
    masters, reports = sorted(folder.glob("*.master.json")), sorted(folder.glob("*.report.json"))
    if not masters or not reports:
        raise UsageError(f"{folder} holds no dub: give the folder that 'localize dub' wrote")
    segments = {s["id"]: s for s in read_json(masters[0], LIMIT)["segments"]}
    if line is not None and line not in segments:
        raise UsageError(f"{folder} has no line {line}: its lines are {', '.join(list(segments)[:8])} …")
    targets = []
    for path in reports:
        report = read_json(path, LIMIT)
        entries = [
            {
                **entry,
                "source_text": segments[entry["segment"]]["text"],
                "candidates": segments[entry["segment"]]["translations"]
                .get(report["language"], {})
                .get("candidates", []),
            }
            for entry in report["lines"]
            if line in (None, entry["segment"]) and entry["segment"] in segments
        ]
        targets.append(
            {"language": report["language"], "cast": report["cast"], "engines": report["engines"], "lines": entries}
        )
    return {"schema": 1, "targets": targets}


def format_explanation(found: dict[str, Any]) -> str:
    """The explanation as text."""
    out: list[str] = []
    for target in found["targets"]:
        out.append(f"== {target['language']} ==")
        for line in target["lines"]:
            start, end = line["source"][0][0], line["source"][-1][1]
            out.append(
                f"{line['segment']}  {start / 1000:.2f}–{end / 1000:.2f} s  {line['speaker']} as {line['voice']}"
            )
            out.append(f"  said       {line['source_text']}")
            out.append(f"  dubbed     {line['text']}")
            if line["read_back"] is not None:
                out.append(f"  heard as   {line['read_back']}")
            out.append(
                f"  timing     {line['rate']:.2f} x, {line['fit']}, overlap {line['overlap']:.2f}, "
                f"start {line['start_error_ms']:+d} ms, end {line['end_error_ms']:+d} ms"
            )
            out.append(f"  why        {line['reason']}")
            out += [
                f"  candidate  {c['score']:+.2f}  {c['text']}" for c in line["candidates"] if c["text"] != line["text"]
            ]
    return "\n".join(out)
