"""Command `batch`: every film of a folder or a list, planned, dubbed here or by workers, or one command a title."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..errors import UsageError
from ..runtime.device import Device
from .dubbing import DUB_OPTIONS, signer_of, target_option
from .planned import print_plan
from .terminal import (
    OUTPUT_OPTIONS,
    PATH,
    SUBTITLE_OPTIONS,
    Terminal,
    job_of,
    print_json,
    print_rows,
    printable,
)

if TYPE_CHECKING:
    from ..batches.outcomes import BatchReport
    from ..batches.planning import Title
    from ..events import Run
    from ..job import Job

_WAYS = ("dry_run", "list_titles", "learn", "title", "collect_outcomes")
"""Options that do something else than dub every film; one of them at most."""


@click.command()
@click.argument("folder", metavar="DIR", type=PATH)
@target_option("Target languages.")
@click.option("--include", metavar="GLOB", default="*", show_default=True, help="Which files.")
@click.option("--exclude", metavar="GLOB", multiple=True, help="Files to pass over, of films and beside them.")
@click.option("--recursive", is_flag=True, help="Also films in folders of DIR.")
@click.option("--dry-run", is_flag=True, help="Check every film, and say what would be done and what it takes.")
@click.option("--list", "list_titles", is_flag=True, help="Print a command for each title, for a queue of one's own.")
@click.option("--learn", is_flag=True, help="Hear who speaks in every film, and write the cast; the queue's first job.")
@click.option("--title", metavar="NAME", help="Dub this title alone, named or numbered as --list has it.")
@click.option("--collect", "collect_outcomes", is_flag=True, help="Write the report of titles dubbed one by one.")
@click.option("--on", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Where to work.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Files worked on at once [1; with ray, what it has room for]."
)
@click.option("--fail-fast", is_flag=True, help="Begin no further film after one that failed.")
@click.option("--retry-failed", is_flag=True, help="Leave alone what the report of the last run calls well done.")
@click.option("--report", "report_path", type=PATH, help="Where the outcomes go [OUTPUT/batch.report.json].")
@DUB_OPTIONS
@SUBTITLE_OPTIONS
@OUTPUT_OPTIONS
@click.pass_context
def batch(
    context: click.Context,
    /,
    folder: Path,
    include: str,
    exclude: tuple[str, ...],
    recursive: bool,
    on: str,
    jobs: int | None,
    fail_fast: bool,
    retry_failed: bool,
    report_path: Path | None,
    sign_key: Path | None,
    sign_cert: Path | None,
    timestamp_url: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **flags: Any,
) -> int:
    """Dub every film of DIR, a folder or a list of films (.csv, .json); ends with the code of the worst outcome."""
    way = _way_of({name: flags.pop(name) for name in _WAYS})
    terminal = Terminal(quiet=quiet, verbose=verbose)
    job = job_of(folder, flags, terminal.say, folder if folder.is_dir() else folder.parent)
    from .. import batches
    from ..pipeline import open_run

    chosen: dict[str, Any] = {"include": include, "exclude": exclude, "recursive": recursive}
    if way == "list_titles":
        return _list(context, batches.find_titles(job, **chosen), as_json=as_json)
    if way == "collect_outcomes":
        return _show(batches.collect(job, batches.find_titles(job, **chosen), report_path), as_json=as_json)
    run = open_run(terminal, signer_of(sign_key, sign_cert, timestamp_url), Device(job.device))
    if way == "dry_run":
        return _plan(job, batches.find_titles(job, **chosen), run, jobs or 1, as_json=as_json)
    if way == "learn":
        return batches.learn_cast(job, batches.find_titles(job, **chosen), run, terminal.say)
    if way == "title":
        found = batches.dub_title(job, batches.find_titles(job, **chosen), context.params["title"], run)
        print_json({"schema": 1, **found.json()}) if as_json else click.echo(
            printable(f"{found.input} {found.state}" + (f": {found.error}" if found.error else ""))
        )
        return int(found.exit_code or 0)
    report = batches.batch(
        job, run, **chosen, report=report_path, on=on, jobs=jobs,
        fail_fast=fail_fast, retry_failed=retry_failed, say=terminal.say,
    )  # fmt: skip
    return _show(report, as_json=as_json)


def _way_of(given: dict[str, Any]) -> str:
    """The one of `_WAYS` that is given, "" for none."""
    asked = [name for name, value in given.items() if value]
    if len(asked) > 1:
        names = {"list_titles": "list", "collect_outcomes": "collect"}
        one, other = (f"--{names.get(name, name).replace('_', '-')}" for name in asked[:2])
        raise UsageError(f"{one} and {other} are two different things to do: give one of them")
    return asked[0] if asked else ""


def _show(report: BatchReport, *, as_json: bool) -> int:
    """Print the outcomes; gives the exit code."""
    from ..review.season import season_path

    if as_json:
        print_json(report.json())
    else:
        files = [(f.state, str(f.input), f.error or "") for f in report.files]
        print_rows(("", "file", "error"), files, ("  ".join(map(printable, cells)) for cells in files))
        click.echo(f"report {printable(str(report.report))}")
        click.echo(f"season {printable(str(season_path(report.report)))}")
    return report.worst


def _plan(job: Job, titles: Sequence[Title], run: Run, jobs: int, *, as_json: bool) -> int:
    """Print what the batch would do; gives the code of the worst title."""
    from ..batches.dry_run import plan_batch

    return print_plan(plan_batch(job.input, titles, run, jobs), as_json=as_json)


def _list(context: click.Context, titles: Sequence[Title], *, as_json: bool) -> int:
    """Print the command of every title, before them that which writes the cast they share."""
    from ..batches.planning import title_words

    given = _arguments(context)
    begin = [*given, "--learn"]
    commands = [[*given, "--title", word] for word in title_words(titles)]
    if as_json:
        named = [
            {"name": title.name, "input": str(title.job.input), "output": str(title.job.folder), "command": command}
            for title, command in zip(titles, commands)
        ]
        print_json({"schema": 1, "first": begin, "titles": named, "last": [*given, "--collect"]})
        return 0
    for command in (begin, *commands, [*given, "--collect"]):
        click.echo(shlex.join(command))
    return 0


def _arguments(context: click.Context) -> list[str]:
    """The command as it was given, without what says to list."""
    from ..job import option_words

    words = ["localize", "batch"]
    for parameter in context.command.params:
        name = parameter.name or ""
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE or name in ("list_titles", "as_json"):
            continue
        value = context.params[name]
        if isinstance(parameter, click.Argument):
            words.append(str(value))
        elif isinstance(parameter, click.Option):
            words += option_words(parameter.opts[0], value)
    return words
