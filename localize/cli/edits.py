"""Command `edits`: the corrections that are kept beside a dub's results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from ..errors import UsageError
from .terminal import PATH, print_json, printable


@click.group()
def edits() -> None:
    """Edits: the corrections of a title, which hold in every later run of it."""


@edits.command("list")
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def list_edits(folder: Path, as_json: bool) -> None:
    """The corrections that are kept in OUTDIR, a line each."""
    from ..transcription.edits import edits_json, kept_edits

    found = kept_edits(folder)
    if as_json:
        print_json({"schema": 1, "titles": [{"file": str(path), **edits_json(kept)} for path, kept in found.items()]})
        return
    for path, kept in found.items():
        for change in kept.lines:
            at = "" if change.at_ms is None else f" at {change.at_ms} ms"
            click.echo(printable(f"{path.name}  {change.segment}  {change.kind}: {change.other}{at}"))
        for entry in edits_json(kept)["edits"]:
            changed = "  ".join(_said(name, value) for name, value in entry.items() if name not in ("segment", "heard"))
            click.echo(printable(f"{path.name}  {entry['segment']}  {changed}"))
    if not found:
        click.echo(printable(f"no corrections are kept in {folder}"), err=True)


def _said(name: str, value: object) -> str:
    """One member of a correction, in words: "translation es: Hola.", "voice: em_santa"."""
    if isinstance(value, Mapping):
        return "  ".join(f"{name} {key}: {text}" for key, text in value.items())
    return f"{name}: {value}"


@edits.command()
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.argument("segments", metavar="[ID]…", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Take back every correction.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def undo(folder: Path, segments: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Take corrections back: the next run of the title goes without them."""
    from ..transcription.edits import undo_edits

    if segments and everything:
        raise UsageError(f"--all takes back every line, {segments[0]} one of them: give either")
    if not segments and not everything:
        raise UsageError("name the lines, such as s0004, or give --all")
    done = undo_edits(folder, segments)
    if as_json:
        print_json({"schema": 1, "undone": list(done)})
        return
    if not done:
        click.echo(printable(f"no corrections are kept in {folder}: there is nothing to take back"), err=True)
        return
    click.echo(f"taken back: {', '.join(map(printable, done))}; run the dub again to hear it without")
