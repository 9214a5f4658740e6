"""Command `script`: the dialogue list of a dub, out and in."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Literal, TypedDict

import click

from ..errors import UsageError
from .completion import complete_language
from .terminal import PATH, print_json, printable


class ScriptJson(TypedDict):
    """What `localize script --format --json` prints: the list that was written, and how many lines it has."""

    schema: Literal[1]
    file: str
    language: str
    lines: int


@click.command()
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--format", "form", metavar="[xlsx|csv|docx|dapt]", help="Write the dialogue list in this format.")
@click.option("-o", "--output", type=PATH, help="File to write.")
@click.option("--import", "sheet", type=PATH, help="Take what changed in a list that was written here.")
@click.option("--to", metavar="LANG", shell_complete=complete_language, help="Language of the dub [the only one].")
@click.option("--who", metavar="NAME", help="Who edited the list [the user's name].")
@click.option("--dry-run", is_flag=True, help="With --import: show what changed, and add nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def script(
    folder: Path,
    form: str | None,
    output: Path | None,
    sheet: Path | None,
    to: str | None,
    who: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """The as-recorded dialogue list of a dub: write it, or take back one that somebody edited."""
    from ..review.offline import export_dialogue, import_dialogue
    from ..runtime.records import to_json

    if (form is None) == (sheet is None):
        raise UsageError("give --format and -o to write a list, or --import to take one back")
    if sheet is None and (who or dry_run):
        raise UsageError("--who and --dry-run belong to --import, not to --format")
    if sheet is not None and output is not None:
        raise UsageError("-o belongs to --format: --import writes no list")
    if sheet is None:
        if output is None or form is None:
            raise UsageError("-o names the file to write")
        made = export_dialogue(folder, form, output, to)
        found: ScriptJson = {"schema": 1, "file": str(output), "language": made.language, "lines": len(made.rows)}
        print_json(found) if as_json else click.echo(printable(f"{output} ({made.language}, {len(made.rows)} lines)"))
        return
    diff = import_dialogue(folder, sheet, who or _user(), to, dry_run=dry_run)
    if as_json:
        print_json({"schema": 1, **to_json(diff)})
        return
    for change in diff.changes:
        click.echo(printable(f"{change.line}  {change.column}"))
        for mark, text in (("-", change.before), ("+", change.after)):
            if text:
                click.echo(printable(f"  {mark} {text}"))
    for told in diff.passed_over:
        click.echo(printable(f"not taken: {told}"), err=True)
    done = f"{len(diff.changes)} changes"
    click.echo(f"{done} are in the review now" if diff.applied else f"{done}, and nothing was added", err=True)


def _user() -> str:
    """The name of who is logged in.

    Raises:
        UsageError: this machine knows none, as in a container.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError("this machine knows no name of yours: say who edited the list with --who") from error
