"""Command `pronounce`: how a text will be said."""

from __future__ import annotations

import re
from pathlib import Path

import click

from .terminal import PATH, print_json, printable


class _TextCommand(click.Command):
    """A command whose text may begin with a dash: "-5 °C", "- Hola"."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Arguments that begin as no option does are texts."""
        texts = [arg for arg in args if re.match(r"-[^A-Za-z-]", arg)]
        if texts and "--" not in args:
            args = [*(arg for arg in args if arg not in texts), "--", *texts]
        return super().parse_args(ctx, args)


@click.command(cls=_TextCommand)
@click.argument("text", metavar="TEXT")
@click.option("--language", metavar="LANG", required=True, help="Of the text: en, es, fr, it or pt.")
@click.option("--pronunciation", type=PATH, help="How words are said: TSV, word<TAB>respelling or /IPA/.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def pronounce(text: str, language: str, pronunciation: Path | None, as_json: bool) -> None:
    """Show how TEXT is said: numbers, symbols and names in words, and the phonemes that are synthesized."""
    from ..engines.phonemes import pronounce as say

    found = say(text, language, pronunciation)
    if as_json:
        print_json(found.json())
        return
    click.echo(printable(found.spoken))
    click.echo(printable(found.phonemes))
