"""The click group `localize`, to which the commands are added."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, pairwise
from pathlib import Path

import click

from ..runtime.version import __version__

GROUPS = {
    "Make": ("dub", "batch", "subs"),
    "Look at and correct": ("explain", "edits", "review", "script", "export"),
    "Subtitle files": ("lint", "convert"),
    "Hand over": ("package", "sync", "verify"),
    "Voices, models, keys": ("voices", "pronounce", "models", "keys"),
    "This machine": ("doctor", "store"),
}
"""The commands as help shows them."""
EXAMPLES = """\b
Examples:
  localize dub film.mp4 --to es              everything goes to localized/film/
  localize explain localized/film            why each line is as it is
  localize dub film.mp4 --to es --translation localized/film/film.es.srt
                                             the delivered subtitles, corrected
  localize subs film.mp4 --to es             subtitles alone
  localize doctor                            what is missing on this machine
"""
_MEANT = {
    "version": "localize --version",
    "translate": "localize dub, or localize subs for subtitles alone",
    "subtitle": "localize subs",
    "subtitles": "localize subs",
    "check": "localize lint for subtitles, localize verify for signed files",
    "validate": "localize lint for subtitles, localize verify for signed files",
}
"""What people type for a command, and what does it."""
_LIMIT = 200
"""Characters of a command's description."""


class _Commands(click.Group):
    """The commands; a file in the place of one gets the commands that take it."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the commands in groups."""
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(_LIMIT)) for name in names])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the command: nothing but --help and --version."""
        typed = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.possibilities or all(word.startswith("-") for word in typed):
                raise
            raise click.UsageError(
                f"{error.option_name} belongs behind a command, as in localize dub {' '.join(typed)}", ctx
            ) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            name, command, left = super().resolve_command(ctx, args)
        except click.UsageError:
            if args[0].lower() in _MEANT:
                raise click.UsageError(f"{args[0]} is no command: type {_MEANT[args[0].lower()]}", ctx) from None
            if not (Path(args[0]).suffix or Path(args[0]).exists()):
                raise
            raise click.UsageError(
                f"{args[0]} is no command: say what to do with it, as in localize dub {' '.join(args)}", ctx
            ) from None
        _refuse_swallowed(ctx, command, left)
        return name, command, left


def _refuse_swallowed(ctx: click.Context, command: click.Command | None, args: list[str]) -> None:
    """Refuse an option in the place of another's value: `-o --dry-run` would write into a folder of that name."""
    if isinstance(command, click.Group):
        return _refuse_swallowed(ctx, command.commands.get(args[0]), args[1:]) if args else None
    options = [p for p in command.params if isinstance(p, click.Option)] if command else []
    known = {name: option for option in options for name in (*option.opts, *option.secondary_opts)}
    for word, following in pairwise(args):
        if word == "--":
            return None
        option = known.get(word)
        if option and not option.is_flag and not option.count and following.partition("=")[0] in known:
            raise click.BadOptionUsage(
                word, f"{word} takes a value, and {following} is an option: write {word} VALUE {following}", ctx
            )
    return _refuse_repeated(ctx, known, args)


def _refuse_repeated(ctx: click.Context, known: Mapping[str, click.Option], args: list[str]) -> None:
    """Refuse two values for an option that takes one: the first would count for nothing, and nobody would be told."""
    seen: dict[str, str] = {}
    words = iter(args)
    for word in words:
        if word == "--":
            return
        long = word.startswith("--")
        name, _, value = word.partition("=") if long else (word[:2], "", word[2:])
        option = known.get(name)
        if option is None or option.is_flag or option.count:
            continue
        if not value and "=" not in word:
            value = " ".join(islice(words, option.nargs))
        before = value if option.multiple else seen.setdefault(option.opts[-1], value)
        if before != value:
            what = "file or folder" if isinstance(option.type, click.Path) else "value"
            raise click.BadOptionUsage(
                name, f"{name} takes one {what}, and is given {before} and {value}: give one of them", ctx
            )


@click.group(
    cls=_Commands, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="localize")
def cli() -> None:
    """Dub a film into another language, or subtitle it: offline, timed to the lips, with consent."""
