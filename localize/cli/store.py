"""Command `store`: what the cache of results holds, and taking away what was not used for long."""

from __future__ import annotations

import click

from .terminal import print_json, print_rows


@click.group()
def store() -> None:
    """Store: how much room the results of earlier runs take, and getting it back."""


@store.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def show(as_json: bool) -> None:
    """What the store holds, by the kind of result."""
    from ..consent import Home
    from ..runtime.pruning import measure_store
    from ..runtime.store import Store

    found = measure_store(Store.open(Home.open().folder))
    if as_json:
        print_json(found.json())
        return
    if found.remote is not None:
        where = found.remote
        click.echo(f"{where.url}: {where.files} files, {_megabytes(where.bytes)}. What of it lies here:")
    rows = [(use.step, str(use.results), _megabytes(use.bytes)) for use in found.steps]
    rows.append(("named by no result", "", _megabytes(found.unused_bytes)))
    rows.append(("all", str(found.results), _megabytes(found.bytes)))
    print_rows(("step", "results", "size"), rows, (f"{step:<48} {count:>7} {size:>12}" for step, count, size in rows))


class _Days(click.FloatRange):
    """A number of days, called so in messages."""

    name = "number of days"


@store.command()
@click.option(
    "--older-than", "days", metavar="DAYS", type=_Days(min=0), required=True,
    help="What no run used for so many days; 0 for everything.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def prune(days: float, dry_run: bool, as_json: bool) -> None:
    """Take results away that no run used for long: they are made again when they are needed."""
    from ..consent import Home
    from ..runtime.pruning import prune_store
    from ..runtime.store import Store

    found = prune_store(Store.open(Home.open().folder), days, dry_run=dry_run)
    if as_json:
        print_json(found.json())
        return
    done = "would go" if dry_run else "are gone"
    click.echo(
        f"{found.results} results and {found.files} files {done}: {_megabytes(found.bytes)}; "
        f"{_megabytes(found.left_bytes)} remain"
    )
    if found.remote:
        click.echo(
            f"{found.remote} is left as it is: no machine can hold it alone, so let a rule of the bucket, or a cron "
            "job, delete what was written long ago"
        )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
