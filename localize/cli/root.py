"""The click group `localize`, to which the commands are added."""

from __future__ import annotations

from pathlib import Path

import click

from ..runtime.version import __version__


class _Commands(click.Group):
    """The commands; a file in the place of one gets the commands that take it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            if not (Path(args[0]).suffix or Path(args[0]).exists()):
                raise
            raise click.UsageError(
                f"{args[0]} is no command: say what to do with it, as in localize dub {' '.join(args)}", ctx
            ) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="localize")
def cli() -> None:
    """Dub a film into another language, or subtitle it: offline, timed to the lips, with consent."""
