"""The command line: flags to records, events to a terminal, errors to one line and an exit code. No logic.

Nothing heavy is imported before a command runs, so that help answers at once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from . import __version__
from .errors import LocalizeError, QualityError, UsageError
from .events import Advanced, Event, Finished, Started, Warned

if TYPE_CHECKING:
    from .events import Run
    from .job import Job

F = TypeVar("F", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)
INTERRUPTED = 130


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
            case Advanced(stage, done, total) if self._live:
                filled = round(24 * done / max(1, total))
                self._draw(f"{stage:<12} {'━' * filled}{'─' * (24 - filled)} {done}/{total}")
            case Finished(stage, seconds, hits, made):
                self._clear()
                kept = f", {hits} from the store" if hits else ""
                click.echo(f"{stage:<12} {seconds:6.1f} s  {made} made{kept}", err=True)
            case Warned(_, message):
                self._clear()
                click.echo(f"warning: {_printable(message)}", err=True)
            case _:
                pass

    def say(self, message: str) -> None:
        """One line to a person, unless quiet."""
        if not self.quiet:
            self._clear()
            click.echo(_printable(message), err=True)

    def _draw(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()

    def _clear(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[2K")


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def main() -> NoReturn:
    """Run the command and exit: 0, or the code of the error's branch (DESIGN.md, section 8)."""
    arguments = sys.argv[1:]
    verbose = "-v" in arguments or "--verbose" in arguments
    if not verbose:
        _hush()
    try:
        code = cli.main(args=arguments, prog_name="localize", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except LocalizeError as error:
        _fail(error.message, error.exit_code, verbose=verbose)
    except click.exceptions.Abort:
        _fail("interrupted: what is done is kept, the same command goes on from there", INTERRUPTED, verbose=False)
    except KeyboardInterrupt:
        _fail("interrupted: what is done is kept, the same command goes on from there", INTERRUPTED, verbose=False)
    except click.ClickException as error:
        hint = f" (see '{error.ctx.command_path} --help')" if isinstance(error, click.UsageError) and error.ctx else ""
        _fail(f"{error.format_message()}{hint}", error.exit_code, verbose=False)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last boundary: a person gets a line, never a page of code
        name = type(error).__name__
        _fail(f"unexpected {name}: {error} (run with -v to see where, and report it)", 1, verbose=verbose)


def _fail(message: str, code: int, *, verbose: bool) -> NoReturn:
    if verbose:
        import traceback

        traceback.print_exc()
    click.echo(f"localize: {_printable(' '.join(message.split()))}", err=True)
    sys.exit(code)


def _hush() -> None:
    """Libraries keep to themselves: a person reads our lines only."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)


def _print(value: Any) -> None:
    """Exactly one JSON object on stdout."""
    sys.stdout.buffer.write((json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


# --- flags that several commands share -------------------------------------------------------------------------------


def _pairs(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        key, mark, text = value.partition("=")
        if not (mark and key and text):
            raise click.BadParameter(f"{value!r} is not {parameter.metavar}")
        pairs[key] = text
    return pairs


def _names(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def wrap(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return wrap


_TALK = _options(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Show tracebacks and what libraries say."),
)
_WORDS = _options(
    click.option("-o", "--output", type=PATH, help="Folder for the results [localized/NAME]."),
    click.option("--from", "source_language", metavar="LANG", help="Source language [detected]."),
    click.option("--stream", type=int, help="Index of the audio stream [first in the source language]."),
    click.option("--edits", type=PATH, help="Corrections of single lines (JSON)."),
    click.option("--transcript", type=PATH, help="Given words: srt, vtt, … or a master.json."),
    click.option("--translation", type=PATH, help="Given translation: srt, vtt, … or a master.json."),
    click.option("--glossary", type=PATH, help="Terms to keep: TSV, source<TAB>target."),
    click.option("--engine", "engines", metavar="ROLE=NAME[:MODEL]", multiple=True, callback=_pairs, help="Engine for a role."),
    click.option("--profile", metavar="NAME", help="Rules of the subtitles [netflix]."),
    click.option("--format", "formats", metavar="FMT,…", callback=_names, help="Subtitle formats [srt]."),
    click.option("--strict", is_flag=True, default=None, help="End with exit code 6 where the result falls short."),
)


def _job(input_path: Path, flags: dict[str, Any]) -> Job:
    """A request from flags, the rest from localize.toml."""
    from .job import ROLES, Job, configured
    from .media import canonical_language

    given = {name: value for name, value in flags.items() if value not in (None, (), {})}
    if unknown := sorted(set(given.get("engines", {})) - set(ROLES)):
        raise UsageError(f"--engine {unknown[0]}=…: the roles are {', '.join(ROLES)}")
    job = configured(Job(input_path, **given), frozenset(given))
    tags = {t: canonical_language(t) for t in (*job.to, *((job.source_language,) if job.source_language else ()))}
    from dataclasses import replace

    return replace(
        job, to=tuple(tags[t] for t in job.to), source_language=tags[job.source_language] if job.source_language else None
    )


@contextmanager
def _running(terminal: Terminal) -> Iterator[Run]:
    from .pipeline import open_run

    yield open_run(terminal)


# --- commands --------------------------------------------------------------------------------------------------------


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="localize")
def cli() -> None:
    """Dub a film into another language, or subtitle it: offline, timed to the lips, with consent."""


@cli.command()
@click.argument("input_path", metavar="INPUT", type=PATH)
@click.option("--to", metavar="LANG,…", callback=_names, help="Target languages, such as es or es,pt.")
@click.option("--voice", "voices", metavar="SPEAKER=VOICE", multiple=True, callback=_pairs, help="Voice of a speaker, or 'original'.")
@_WORDS
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done.")
@_TALK
def dub(input_path: Path, dry_run: bool, as_json: bool, quiet: bool, verbose: bool, **flags: Any) -> None:
    """Dub INPUT into every language of --to.

    Writes the film, stems, subtitles, timeline and a measured report into one folder.
    """
    terminal = Terminal(quiet=quiet, verbose=verbose)
    job = _job(input_path, flags)
    if not job.to:
        raise UsageError("name the language to dub into, such as --to es")
    with _running(terminal) as run:
        from . import pipeline

        if dry_run:
            plan = pipeline.rehearse(job, run)
            _print(plan) if as_json else click.echo("\n".join(f"{k}: {v}" for k, v in plan.items() if k != "schema"))
            return
        _deliver(lambda: pipeline.dub(job, run), as_json=as_json, terminal=terminal)


def _deliver(work: Callable[[], dict[str, Any]], *, as_json: bool, terminal: Terminal) -> None:
    """Show a result; one that falls short under --strict is shown too, before its error."""
    began = time.monotonic()
    try:
        result = work()
    except QualityError as error:
        if as_json:
            _print(error.details["result"])
        raise
    if as_json:
        _print(result)
        return
    terminal.say(f"done in {time.monotonic() - began:.1f} s")
    for target in result["targets"]:
        for kind, path in target.items():
            if isinstance(path, str) and kind not in ("language", "frame_rate"):
                click.echo(f"{target['language']} {kind:<9} {_printable(path)}")
        for language, files in target["subtitles"].items():
            for fmt, path in files.items():
                click.echo(f"{target['language']} {'subtitles':<9} {_printable(path)} ({language}, {fmt})")


@cli.command()
@click.argument("input_path", metavar="INPUT", type=PATH)
@click.option("--to", metavar="LANG,…", callback=_names, help="Target languages; without it the source alone is written.")
@_WORDS
@_TALK
def subs(input_path: Path, as_json: bool, quiet: bool, verbose: bool, **flags: Any) -> None:
    """Subtitle INPUT: media, a subtitle file, or a master.json to be rendered again."""
    terminal = Terminal(quiet=quiet, verbose=verbose)
    job = _job(input_path, flags)
    with _running(terminal) as run:
        from . import pipeline

        _deliver(lambda: pipeline.subtitle(job, run), as_json=as_json, terminal=terminal)


@cli.command()
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--to", metavar="LANG,…", callback=_names, help="Target languages.")
@click.option("--include", metavar="GLOB", default="*", show_default=True, help="Which files.")
@click.option("--report", "report_path", type=PATH, help="Where the outcomes go [OUTPUT/batch.report.json].")
@click.option("--voice", "voices", metavar="SPEAKER=VOICE", multiple=True, callback=_pairs, help="Voice of a speaker, or 'original'.")
@_WORDS
@_TALK
def batch(
    folder: Path, include: str, report_path: Path | None, as_json: bool, quiet: bool, verbose: bool, **flags: Any
) -> int:
    """Dub every media file of DIR, one after another; ends with the code of the worst outcome."""
    from .batch import run_batch

    terminal = Terminal(quiet=quiet, verbose=verbose)
    job = _job(folder, flags)
    if not job.to:
        raise UsageError("name the languages to dub into, such as --to es,pt")
    with _running(terminal) as run:
        report = run_batch(job, run, include, report_path, terminal.say)
    if as_json:
        _print(report)
    else:
        for entry in report["files"]:
            click.echo(f"{'ok' if entry['ok'] else 'failed'}  {_printable(entry['input'])}  {_printable(entry['error'] or '')}")
        click.echo(f"report {report['report']}")
    return int(report["exit_code"])


@cli.command()
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--line", metavar="ID", help="One line only, such as s0003.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def explain(folder: Path, line: str | None, as_json: bool) -> None:
    """Say why each line of a dub is as it is: who, when, which words, how fast."""
    from .explain import explained, told

    found = explained(folder, line)
    _print(found) if as_json else click.echo(told(found))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def doctor(as_json: bool) -> int:
    """Check this machine: programs, packages, models, folders."""
    from .doctor import examine

    found = examine()
    if as_json:
        _print(found)
    else:
        for check in found["checks"]:
            fix = f"  ->  {check['fix']}" if check["fix"] else ""
            click.echo(f"{'ok  ' if check['ok'] else 'MISS'} {check['name']:<22} {check['detail']}{fix}")
    return 0 if found["ok"] else 5


@cli.group()
def models() -> None:
    """Models: what is there, what is installed, and that it is intact."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def models_list(as_json: bool) -> None:
    """Every model known, whether it can be used now, and the command that gets it."""
    from .models import Models, listing

    found = listing(Models())
    if as_json:
        _print({"schema": 1, "models": found})
        return
    for model in found:
        state = "installed" if model["installed"] else model["command"]
        click.echo(f"{model['id']:<18} {model['role']:<12} {','.join(model['languages']):<16} {model['size'] / 1e6:6.0f} MB  {model['licence']:<12.12} {state}")


@models.command("verify")
@click.argument("names", metavar="[ID]…", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def models_verify(names: tuple[str, ...], as_json: bool) -> int:
    """Hash the files of installed models again; exit code 7 where one is not the one it should be."""
    from .models import Models, catalogue

    store = Models()
    if unknown := sorted(set(names) - set(catalogue())):
        raise UsageError(f"no model is called {unknown[0]!r}: see 'localize models list'")
    wanted = [m for m in catalogue().values() if (m.id in names if names else store.installed(m))]
    found = [{"id": m.id, "ok": not (wrong := store.verify(m)), "detail": wrong or "intact"} for m in wanted]
    if as_json:
        _print({"schema": 1, "models": found})
    else:
        for entry in found:
            click.echo(f"{'ok  ' if entry['ok'] else 'BAD '} {entry['id']:<18} {entry['detail']}")
    return 0 if all(entry["ok"] for entry in found) else 7
