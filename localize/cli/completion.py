"""What a shell offers while a command is typed: languages, profiles, voices, engines, formats, models.

A shell asks for the script that does it by `_LOCALIZE_COMPLETE=bash_source localize` (or `zsh_source`, `fish_source`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completer(offered: Callable[[], Iterable[str]]) -> Completer:
    """Complete the last of a list with commas, or what follows the "=" of a pair, from what is offered."""

    def complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        cut = max(typed.rfind(","), typed.rfind("=")) + 1
        return [CompletionItem(typed[:cut] + word) for word in sorted(offered()) if word.startswith(typed[cut:])]

    return complete


def _languages() -> Iterable[str]:
    from ..models import catalogue

    tags = (tag for model in catalogue().values() for tag in model.languages)
    return {language for tag in tags for language in tag.split(">") if language != "*"}


def _profiles() -> Iterable[str]:
    from ..subtitles.profiles import names

    return names()


def _voices() -> Iterable[str]:
    from ..consent import Home, voices

    return [*(voice.id for voice in voices(Home.open())), "original"]


def _engines() -> Iterable[str]:
    from ..engines import ROLES, names

    return [f"{role}={name}" for role in ROLES for name in names(role)]


def _formats() -> Iterable[str]:
    from ..timedtext.formats import WRITABLE

    return WRITABLE


def _models() -> Iterable[str]:
    from ..models import catalogue

    return catalogue()


complete_language = _completer(_languages)
complete_profile = _completer(_profiles)
complete_voice = _completer(_voices)
complete_format = _completer(_formats)
complete_model = _completer(_models)


def complete_engine(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """ROLE=NAME of every engine known."""
    return [CompletionItem(pair) for pair in sorted(_engines()) if pair.startswith(typed)]
