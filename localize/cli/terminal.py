"""What a command says: progress and errors to stderr, one result to stdout, flags that several commands share."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import UsageError
from ..events import EngineSelected, Event, Finished, Progress, Started, Warned

if TYPE_CHECKING:
    from ..job import Job


F = TypeVar("F", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)


class Terminal:
    """What a person sees on stderr: one line a stage, a moving bar only on a terminal, warnings as they come.

    Args:
        quiet: nothing but errors.
        verbose: tracebacks.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self._live = sys.stderr.isatty() and not quiet

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self.quiet:
            return
        match event:
            case Started(stage, total) if self._live:
                self._draw(f"{stage:<12} {f'0/{total}' if total else '…'}")
            case Progress(stage, done, total) if self._live:
                filled = round(24 * done / max(1, total))
                self._draw(f"{stage:<12} {'━' * filled}{'─' * (24 - filled)} {done}/{total}")
            case Finished(stage, seconds, hits, made, _):
                self._clear()
                kept = f", {hits} from the store" if hits else ""
                click.echo(f"{stage:<12} {seconds:6.1f} s  {made} made{kept}", err=True)
            case EngineSelected(role, engine, why):
                click.echo(f"{role:<12} {engine} ({why})", err=True)
            case Warned(_, message):
                self._clear()
                click.echo(f"warning: {printable(message)}", err=True)
            case _:
                pass

    def say(self, message: str) -> None:
        """One line to a person, unless quiet."""
        if not self.quiet:
            self._clear()
            click.echo(printable(message), err=True)

    def _draw(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()

    def _clear(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[2K")


def printable(text: str) -> str:
    """Text with line breaks and other control characters shown as their escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def print_json(value: Any) -> None:
    """Exactly one JSON object on stdout."""
    sys.stdout.buffer.write(
        (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
    )
    sys.stdout.flush()


# --- flags that several commands share -------------------------------------------------------------------------------


def pairs(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """KEY=VALUE, any number of times."""
    found = {}
    for value in values:
        key, mark, text = value.partition("=")
        if not (mark and key and text):
            raise click.BadParameter(f"{value!r} is not {parameter.metavar}")
        found[key] = text
    return found


def names(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """A list with commas."""
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def wrap(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return wrap


def _stream(_context: click.Context, _option: click.Parameter, given: str | None) -> int | str | None:
    """An index, "a:1" or a language."""
    if given is None or re.fullmatch(r"a:\d{1,3}|[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", given):
        return given
    if not re.fullmatch(r"\d{1,4}", given):
        raise click.BadParameter(f"{given!r} is no index, no language and no a:1")
    return int(given)


TALK = _options(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Show tracebacks and what libraries say."),
)
WORDS = _options(
    click.option("-o", "--output", type=PATH, help="Folder for the results [localized/NAME]."),
    click.option("--from", "source_language", metavar="LANG", help="Source language [detected]."),
    click.option("--stream", callback=_stream, help="Audio stream: index, language or a:1 [translatable dialogue]."),
    click.option("--edits", type=PATH, help="Corrections of single lines (JSON)."),
    click.option("--transcript", type=PATH, help="Given words: srt, vtt, … or a master.json."),
    click.option("--translation", type=PATH, help="Given translation: srt, vtt, … or a master.json."),
    click.option("--glossary", type=PATH, help="Terms to keep: TSV, source<TAB>target."),
    click.option(
        "--engine", "engines", metavar="ROLE=NAME[:MODEL]", multiple=True, callback=pairs, help="Engine for a role."
    ),
    click.option("--speakers", metavar="N", type=int, help="How many people speak [found out]."),
    click.option("--cast", type=PATH, help="The people of a series: read if there, new ones added (TOML)."),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), help="What engines compute on [auto]."),
    click.option("--profile", metavar="NAME", help="Rules of the subtitles, or a TOML file of them [netflix]."),
    click.option("--format", "formats", metavar="FMT,…", callback=names, help="Subtitle formats [srt]."),
    click.option("--burn", is_flag=True, default=None, help="Also a film with the subtitles drawn into its picture."),
    click.option("--strict", is_flag=True, default=None, help="End with exit code 6 where the result falls short."),
)


def job_of(input_path: Path, flags: dict[str, Any]) -> Job:
    """A request from flags, the rest from localize.toml."""
    from ..config import configured
    from ..job import ROLES, Job
    from ..language.tags import canonical_language, region_of

    given = {name: value for name, value in flags.items() if value not in (None, (), {})}
    if unknown := sorted(set(given.get("engines", {})) - set(ROLES)):
        raise UsageError(f"--engine {unknown[0]}=…: the roles are {', '.join(ROLES)}")
    job = configured(Job(input_path, **given), frozenset(given))
    tags = {t: canonical_language(t) for t in (*job.to, *((job.source_language,) if job.source_language else ()))}
    return replace(
        job,
        to=tuple(tags[t] for t in job.to),
        regions={tags[t]: region for t in job.to if (region := region_of(t))},
        source_language=tags[job.source_language] if job.source_language else None,
    )
