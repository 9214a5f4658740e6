"""Terminal output (progress and errors on stderr, one result on stdout) and flags that several commands share."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

import click

from ..errors import UsageError
from ..events import EngineSelected, Event, Expected, Finished, Progress, Started, Warned
from .completion import complete_engine, complete_format, complete_language, complete_profile
from .progress import Estimate, Minutes

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import Task

    from ..job import Job


F = TypeVar("F", bound=Callable[..., Any])


class _NamedPath(click.Path):
    """A path. An empty one, which a shell gives for a variable that is not set, would mean the current folder; `-o=x` a
    folder called "=x".
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path.

        Raises:
            click.BadParameter: it is empty, or begins with the sign that no short option takes.
        """
        if isinstance(value, str) and value.startswith("=") and isinstance(param, click.Option):
            self.fail(f"a short option has a space before its value, and no '=': give {value[1:]!r}", param, ctx)
        if isinstance(value, str) and not value.strip():
            self.fail(f"{value!r} names no file and no folder: is a variable of the shell not set?", param, ctx)
        return super().convert(value, param, ctx)


PATH = _NamedPath(path_type=Path)
_OBEYED = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters that JSON may hold as they are (C1, 7F), and those that turn the direction of writing."""


class Terminal:
    """Progress output on stderr: one line a stage, live bars only on a terminal, warnings as they come.

    Args:
        quiet: nothing but errors.
        verbose: tracebacks.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self._live = sys.stderr.isatty() and not quiet and os.environ.get("TERM") != "dumb"
        self._bars: Bars | None = None
        self._overall: Any = None
        self._stage: Any = None
        self._estimate = Estimate(())
        self._minutes: Minutes | None = None
        self._began = time.monotonic()
        context = click.get_current_context(silent=True)
        if self._live and context is not None:
            context.call_on_close(self.close)  # whatever ends the command, the cursor comes back

    def expect(self, stages: Sequence[tuple[str, float]]) -> None:
        """Show how far the whole is, too: in the bar of a terminal, in a line every minute elsewhere.

        Args:
            stages: what will come, with the seconds that they usually take: see `delivery.outlay.stage_seconds`.
        """
        self._estimate, self._began = Estimate(stages), time.monotonic()
        if self._minutes is not None:
            self._minutes.close()
        if not self._live and not self.quiet:
            self._minutes = Minutes(self._describe, lambda line: click.echo(line, err=True))
            context = click.get_current_context(silent=True)
            if context is not None:
                context.call_on_close(self.close)

    def _describe(self) -> str:
        """How far the whole is, in a line."""
        elapsed = time.monotonic() - self._began
        left = self._estimate.left_s(elapsed)
        ahead = f", about {_clock(left)} left" if left is not None else ""
        return f"{self._estimate.stage:<12} {_clock(elapsed)}, {self._estimate.share:.0%} of all{ahead}"

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self.quiet:
            return
        match event:
            case Expected(stages):
                self.expect(stages)
            case Started(stage, total):
                self._estimate.begin(stage)
                self._draw(stage, 0, total)
            case Progress(stage, done, total):
                self._estimate.advance(done, total)
                self._draw(stage, done, total)
            case Finished(stage, seconds, hits, made, _):
                self._estimate.end(worked=bool(made) or not hits)
                kept = f", {hits} from the store" if hits else ""
                self._line(f"{stage:<12} {seconds:6.1f} s  {made} made{kept}")
            case EngineSelected(role, engine, why):
                self._line(f"{role:<12} {printable(f'{engine} ({why})')}")
            case Warned(_, message):
                self._line(f"warning: {printable(message)}")

    def say(self, message: str) -> None:
        """One line to a person, unless quiet; the bars go."""
        if not self.quiet:
            self.close()
            click.echo(printable(message), err=True)

    def close(self) -> None:
        """Take the bars away; they come back with the next event. Lines every minute end."""
        if self._minutes is not None:
            self._minutes.close()
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def _line(self, text: str) -> None:
        if self._bars is None:
            click.echo(text, err=True)
        else:
            self._bars.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _draw(self, stage: str, done: int, total: int) -> None:
        if not self._live:
            return
        bars = self._bars or self._start()
        said = f"{done}/{total}" if total else "…"
        bars.update(self._stage, description=stage, completed=done, total=total or None, detail=said)

    def _start(self) -> Bars:
        from rich.console import Console
        from rich.progress import BarColumn, ProgressColumn, TextColumn
        from rich.progress import Progress as Bars
        from rich.text import Text

        whole = self._whole

        class Whole(ProgressColumn):
            """How far the whole is: asked at every drawing, so that it moves with the time."""

            def render(self, task: Task) -> Text:
                return Text(whole(task))

        columns = (TextColumn("{task.description:<12}", markup=False), BarColumn(24), Whole())
        bars = Bars(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
        self._overall = bars.add_task("all", total=1.0, detail="", visible=self._estimate.expects)
        self._stage = bars.add_task("", total=None, detail="")
        bars.start()
        self._bars = bars
        return bars

    def _whole(self, task: Task) -> str:
        """What stands after a bar."""
        if task.id != self._overall:
            return str(task.fields["detail"])
        elapsed = time.monotonic() - self._began
        left = self._estimate.left_s(elapsed)
        task.completed = self._estimate.share
        ahead = f"about {_clock(left)} left" if left is not None else ""
        return f"{self._estimate.share:4.0%}  {_clock(elapsed)}  {ahead}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[str]], lines: Iterable[str]) -> None:
    """A list on stdout: a table on a terminal, one plain line an entry anywhere else.

    Args:
        headings: of the table's columns.
        rows: the table's cells; control characters are shown as escapes.
        lines: the same for programs.
    """
    if not sys.stdout.isatty():
        for line in lines:
            click.echo(line)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)


def printable(text: str) -> str:
    """Text with line breaks and other control characters shown as their escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class ErrorJson(TypedDict):
    """Why a command failed.

    Args:
        kind: class of the error (docs/api.md), or "Interrupted".
        message: the line that a person gets on stderr.
        exit_code: of the command.
    """

    kind: str
    message: str
    exit_code: int


class FailureJson(TypedDict):
    """What a command with --json prints where it ends before it has a result."""

    schema: Literal[1]
    error: ErrorJson


def print_json(value: Any) -> None:
    """Exactly one JSON object on stdout; what a terminal would obey rather than show is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    text = _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    sys.stdout.buffer.write((text + "\n").encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


# --- flags that several commands share -------------------------------------------------------------------------------


def pairs(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """KEY=VALUE, any number of times."""
    found: dict[str, str] = {}
    for value in values:
        key, mark, text = value.partition("=")
        if not (mark and key and text):
            raise click.BadParameter(f"{value!r} is not {parameter.metavar}")
        if key in found:
            raise click.BadParameter(f"{key} is given twice, as {found[key]} and as {text}: give it once")
        found[key] = text
    return found


def names(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """A list with commas, given any number of times."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def combine_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """One decorator of several options, shown in this order."""

    def wrap(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return wrap


def _stream(_context: click.Context, _option: click.Parameter, given: str | None) -> int | str | None:
    """An index, "a:1" or a language; the request itself checks which."""
    return int(given) if given is not None and re.fullmatch(r"\d{1,4}", given) else given


OUTPUT_OPTIONS = combine_options(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Show tracebacks and what libraries say."),
)
VARIANT_OPTION = click.option("--variant", metavar="NAME", help="The dub of that name [the main one].")
SUBTITLE_OPTIONS = combine_options(
    click.option("-o", "--output", type=PATH, help="Folder for the results [localized/NAME]."),
    click.option(
        "--from",
        "source_language",
        metavar="LANG",
        shell_complete=complete_language,
        help="Source language [detected].",
    ),
    click.option("--stream", callback=_stream, help="Audio stream: index, language or a:1 [translatable dialogue]."),
    click.option("--edits", type=PATH, help="Corrections of single lines (JSON)."),
    click.option("--transcript", type=PATH, help="Given words: subtitles, a script, or a master.json."),
    click.option("--translation", type=PATH, help="Given translation: subtitles, a script, a master.json, or XLIFF."),
    click.option("--glossary", type=PATH, help="Terms to keep: TSV (source<TAB>target), XLSX or TBX."),
    click.option("--memory", type=PATH, multiple=True, help="Translation memory, TMX or XLIFF: its lines are kept."),
    click.option("--style", type=PATH, help="The title's style sheet (TOML)."),
    click.option(
        "--engine",
        "engines",
        metavar="ROLE=NAME[:MODEL]",
        multiple=True,
        callback=pairs,
        shell_complete=complete_engine,
        help="Engine for a role.",
    ),
    click.option("--speakers", metavar="N", type=int, help="How many people speak [found out]."),
    click.option(
        "--gender",
        "genders",
        metavar="SPEAKER=GENDER",
        multiple=True,
        callback=pairs,
        help="How a speaker says 'I': female, male, unknown [the voice's].",
    ),
    click.option("--cast", type=PATH, help="The people of a series: read if there, new ones added (TOML)."),
    click.option("--device", metavar="[auto|cpu|cuda]", help="What engines compute on [auto]."),
    click.option(
        "--profile",
        metavar="NAME",
        multiple=True,
        shell_complete=complete_profile,
        help="Rules of the subtitles, or a TOML file of them [netflix]; each further one has files of its own.",
    ),
    click.option(
        "--format",
        "formats",
        metavar="FMT,…",
        multiple=True,
        callback=names,
        shell_complete=complete_format,
        help="Subtitle formats [srt].",
    ),
    click.option("--burn", is_flag=True, default=None, help="Also a film with the subtitles drawn into its picture."),
    click.option("--strict", is_flag=True, default=None, help="End with exit code 6 where the result falls short."),
)


_FILE_SUFFIXES = frozenset(
    ".mp4 .mkv .mov .webm .avi .m4a .mp3 .wav .flac .json .html .srt .vtt .ass .ttml .scc .stl".split()
)


def job_of(input_path: Path, flags: dict[str, Any], say: Callable[[str], None], folder: Path | None = None) -> Job:
    """A job from flags, the rest from localize.toml; `say` gets a line on what comes from there.

    Args:
        input_path: its input.
        flags: as given.
        say: called with a line.
        folder: whose localize.toml counts before that of the current folder.
    """
    from ..config import apply_configuration
    from ..job import Job

    output = flags.get("output")
    if output is not None and output.suffix.lower() in _FILE_SUFFIXES and not output.is_dir():
        raise UsageError(f"-o is a folder, and {output} looks like a file: give -o {output.with_suffix('')}")
    first, *more = flags.get("profile") or (None,)
    flags = {**flags, "profile": first, "renderings": tuple(more)}
    given = {name: value for name, value in flags.items() if value not in (None, (), {})}
    job = Job(input_path, **given)
    if folder is not None and folder.resolve() != Path.cwd():
        before = job
        job = apply_configuration(job, frozenset(given), folder=folder, say=say)
        given |= {f.name: True for f in fields(job) if getattr(job, f.name) != getattr(before, f.name)}
    return apply_configuration(job, frozenset(given), say=say)


def job_of_files(inputs: Sequence[Path], flags: dict[str, Any], say: Callable[[str], None]) -> Job:
    """A job for the first of some films or files, see `job_of`.

    Of one alone all that is given must be there, which is told before anything else is imported; of several each is
    told of by itself.

    Raises:
        MediaError: naming the file that is not there.
    """
    from ..job import check_given_files

    job = job_of(inputs[0], flags, say)
    if len(inputs) == 1:
        check_given_files(job)
    return job
