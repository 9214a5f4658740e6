"""Command `review`: the review room, a page of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .terminal import PATH, VARIANT_OPTION, Terminal, print_json, print_rows, printable

if TYPE_CHECKING:
    from ..review.figures import ChoiceFigures, ReviewReport
    from ..review.season import SeasonReport


@click.command()
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--source", type=PATH, help="The film that was dubbed [looked for in OUTDIR and the folders above it].")
@VARIANT_OPTION
@click.option("--summary", is_flag=True, help="Print the figures of the review, of OUTDIR or of all titles in it.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="any that is free", help="To listen on.")
@click.option("--no-browser", is_flag=True, help="Open no browser; print the address.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, on one line.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show tracebacks.")
def review(
    folder: Path,
    source: Path | None,
    variant: str | None,
    summary: bool,
    port: int,
    no_browser: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Review the dub in OUTDIR in the browser: watch it, correct lines, approve them.

    Serves this machine alone, until Ctrl-C or SIGTERM.
    """
    from ..delivery.variants import find_variant

    folder = find_variant(folder, variant)
    if summary:
        _summarise(folder, as_json=as_json)
        return
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


def _summarise(folder: Path, *, as_json: bool) -> None:
    """The figures of one review; of a folder of titles, those of all."""
    from ..review import measure, open_review
    from ..review.season import measure_season, titles_in

    if not any(folder.glob("*.master.json")) and (titles := titles_in(folder)):
        season = measure_season(titles)
        print_json(season.json()) if as_json else print_season(season)
        return
    found = measure(open_review(folder), folder)
    if as_json:
        print_json(found.json())
        return
    print_figures(found)


def print_figures(found: ReviewReport | SeasonReport) -> None:
    """Lines, words and approvals of each language; marks; choices between variants."""
    languages = [
        (
            one.language, f"{one.touched} of {one.lines}", f"{one.kept_words} of {one.machine_words}",
            "" if one.edit_rate is None else f"{one.edit_rate:.1%}", f"{one.remade}", f"{one.approved}",
            f"{one.rejected}",
        )
        for one in found.languages
    ]  # fmt: skip
    print_rows(
        ("language", "lines touched", "machine words kept", "edit rate", "made anew", "approved", "rejected"),
        languages,
        ("  ".join(cells) for cells in languages),
    )
    for mark in found.marks:
        where = f" in {mark.language}" if mark.language else ""
        click.echo(f"marks     {mark.marks} {mark.severity}, {mark.category}{printable(where)}")
    if found.worked_lines:
        click.echo(f"time      {found.line_seconds:.0f} s on {found.worked_lines} lines")
    for pair in found.comparisons:
        _print_choices(pair)


def _print_choices(pair: ChoiceFigures) -> None:
    said = ", ".join(f"{name} {count}" for name, count in pair.wins.items())
    click.echo(f"variants  {pair.language}: {said} ({pair.choices} choices of {pair.lines} lines, {pair.blind} blind)")
    for speaker, wins in pair.speakers.items():
        click.echo(f"          {printable(speaker)}: {', '.join(f'{name} {count}' for name, count in wins.items())}")


def print_season(found: SeasonReport) -> None:
    """The figures of many reviews, and how many of the titles that are."""
    for title in found.titles:
        if title.error:
            click.echo(f"the review of {printable(title.title)} cannot be read: {printable(title.error)}", err=True)
    click.echo(f"reviewed  {found.reviewed} of {len(found.titles)} titles")
    if found.reviewed:
        print_figures(found)
