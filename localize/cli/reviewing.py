"""Command `review`: the review room, a page of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .terminal import PATH, Terminal, printable


@click.command()
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--source", type=PATH, help="The film that was dubbed [looked for in OUTDIR and the folders above it].")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="any that is free", help="To listen on.")
@click.option("--no-browser", is_flag=True, help="Open no browser; print the address.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, on one line.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show tracebacks.")
def review(
    folder: Path, source: Path | None, port: int, no_browser: bool, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Review the dub in OUTDIR in the browser: watch it, correct lines, approve them.

    Serves this machine alone, until Ctrl-C or SIGTERM.
    """
    from ..review_room.server import require_packages, serve

    require_packages()
    from ..pipeline import open_run

    terminal = Terminal(quiet=quiet, verbose=verbose)

    def opened(address: str) -> None:
        click.echo(json.dumps({"url": address}) if as_json else address)
        if not no_browser:
            click.launch(address)
        terminal.say(f"reviewing {printable(str(folder))}: Ctrl-C ends it, and loses nothing")

    serve(folder, source, open_run(terminal), port, opened)
