"""Write docs/cli.md from the command's own help: `python tools/cli_docs.py` (a test compares it)."""

from __future__ import annotations

from pathlib import Path

import click

from localize.cli import cli

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
HEAD = "# The command line\n\nWritten by `python tools/cli_docs.py` from the command's own help.\n"


def page() -> str:
    """Help of every command, one section each."""
    root = click.Context(cli, info_name="localize", terminal_width=100, **cli.context_settings)
    sections = [HEAD, _section(root)]
    for name in sorted(cli.commands):
        sections += _commands(
            cli.commands[name], click.Context(cli.commands[name], info_name=name, parent=root, terminal_width=100)
        )
    return "\n".join(sections)


def _commands(command: click.Command, context: click.Context) -> list[str]:
    sections = [_section(context)]
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            inner = command.commands[name]
            sections += _commands(inner, click.Context(inner, info_name=name, parent=context, terminal_width=100))
    return sections


def _section(context: click.Context) -> str:
    context.command._help_option = None  # click keeps that of whichever context asked first
    return f"## `{context.command_path}`\n\n```\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
