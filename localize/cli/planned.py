"""What a dry run of several films found, as a terminal shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from .terminal import print_json, printable

if TYPE_CHECKING:
    from ..batches.dry_run import BatchPlan, TitleJson


def print_plan(found: BatchPlan, *, as_json: bool) -> int:
    """Print what would be done; gives the code of the worst title."""
    plan = found.json()
    if as_json:
        print_json(plan)
        return found.exit_code
    for title in plan["titles"]:
        takes = f"{_clock(title['seconds'])} for {_clock((title['duration_ms'] or 0) // 1000)} of film"
        into = ",".join(title["to"])
        click.echo(printable(f"{title['name']}: {takes}, to {into}" if not title["error"] else f"{title['name']}:"))
        for line in _remarks(title):
            click.echo(f"  {printable(line)}")
    sizes = {"disk": plan["disk_bytes"], "free": plan["free_bytes"], "memory": plan["memory_bytes"]}
    failing = sum(title["error"] is not None for title in plan["titles"])
    click.echo(f"{len(plan['titles'])} titles, {failing} that cannot be dubbed; {_clock(plan['seconds'])}")
    click.echo(", ".join(f"{name} {size / 1e9:.1f} GB" for name, size in sizes.items()))
    return found.exit_code


def _remarks(title: TitleJson) -> list[str]:
    """What is said of one title."""
    found = [f"{option}: {path}" for option, path in title["beside"].items()]
    found += [f"not used: {line}" for line in title["unused"]]
    found += [f"warning: {line}" for line in title["warnings"]]
    return found + ([f"error: {title['error']}"] if title["error"] else [])


def _clock(seconds: int | None) -> str:
    return str(timedelta(seconds=seconds or 0))
