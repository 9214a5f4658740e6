"""convert and export: a subtitle file in another format or on another clock; lines for a translation tool."""

from __future__ import annotations

from pathlib import Path

import click

from .terminal import PATH, Terminal, print_json, printable


@click.command()
@click.argument("source", metavar="IN", type=PATH)
@click.argument("target", metavar="OUT", type=PATH)
@click.option("--offset", "offset_ms", metavar="MS", type=int, default=0, help="Milliseconds added to all times.")
@click.option("--start-at", metavar="TC", help="Time code of the programme's start, such as 10:00:00:00: taken off.")
@click.option("--fps", metavar="FROM:TO", help="Times that counted frames at one rate count them at another.")
@click.option("--drop-frame", is_flag=True, help="--start-at counts in drop-frame time code.")
@click.option("--frame-rate", metavar="R", default="25", show_default=True, help="Of the video, where frames count.")
@click.option("--encoding", metavar="NAME", help="Of IN, such as cp1250 [found out].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def convert(
    source: Path,
    target: Path,
    offset_ms: int,
    start_at: str | None,
    fps: str | None,
    drop_frame: bool,
    frame_rate: str,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Write a subtitle file in the format of OUT's suffix: nothing is cut anew, every loss is counted."""
    from ..timedtext.convert import convert as convert_file
    from ..timedtext.frames import frame_rate as rate_of

    done = convert_file(
        source,
        target,
        offset_ms=offset_ms,
        start_at=start_at,
        fps=fps,
        frame_rate=rate_of(frame_rate),
        drop_frame=drop_frame,
        encoding=encoding,
    )
    if as_json:
        print_json(done.to_json(source, target))
        return
    for remark in (*done.repairs, *done.losses):
        click.echo(f"{printable(str(source))}:{remark.line}: warning: {printable(remark.message)}")
    click.echo(f"{printable(str(target))}: {len(done.document.cues)} cues, {done.format}")


@click.command()
@click.argument("source", metavar="IN", type=PATH)
@click.argument("target", metavar="OUT", type=PATH)
@click.option("--to", metavar="LANG", help="Target language, where IN does not leave only one.")
@click.option("--from", "source_language", metavar="LANG", help="Of a subtitle file that does not say it.")
@click.option("--translation", type=PATH, help="Subtitles in the target language, cue for cue those of IN.")
@click.option("--encoding", metavar="NAME", help="Of the given subtitle files, such as cp1250 [found out].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def export(
    source: Path,
    target: Path,
    to: str | None,
    source_language: str | None,
    translation: Path | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Write the lines of IN for a translation tool: OUT is a memory (.tmx) or a translator's work (.xlf).

    IN is a master.json, the folder of a dub, or a subtitle file. A finished .xlf comes back with --translation.
    """
    from .. import pipeline
    from ..translation.export import describe_export
    from ..translation.export import export as export_lines

    run = pipeline.open_run(Terminal())
    done = export_lines(
        source, target, run, to=to, source_language=source_language, translation=translation, encoding=encoding
    )
    if as_json:
        print_json(done.json())
    else:
        click.echo(printable(describe_export(done)))
