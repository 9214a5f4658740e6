"""The click group `localize`, to which the commands are added."""

from __future__ import annotations

import click

from ..runtime.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="localize")
def cli() -> None:
    """Dub a film into another language, or subtitle it: offline, timed to the lips, with consent."""
