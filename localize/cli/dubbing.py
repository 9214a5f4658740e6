"""Commands `dub`, `subs`, `explain` and `package`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import QualityError, UsageError
from ..runtime.device import Device
from ..runtime.files import check_writable
from .completion import complete_language, complete_voice
from .profile import RunProfile
from .terminal import (
    OUTPUT_OPTIONS,
    PATH,
    SUBTITLE_OPTIONS,
    VARIANT_OPTION,
    Terminal,
    combine_options,
    job_of_files,
    names,
    pairs,
    print_json,
    printable,
)

if TYPE_CHECKING:
    from ..batches.outcomes import FileOutcome
    from ..delivery.results import DubResult, SubtitleResult
    from ..events import Run
    from ..job import Job
    from ..provenance import Signer


_SHOWN = 8
"""Lines to be read that the terminal names; the report has all."""


def _refuse_dry(_context: click.Context, _option: click.Parameter, given: bool) -> None:
    """It stood for --no-room, and was taken for --dry-run."""
    if given:
        raise click.UsageError("--dry is called --no-room now; --dry-run checks everything and does no work")


def target_option(description: str) -> Callable[[Any], Any]:
    """The option --to, which each command explains its own way."""
    return click.option(
        "--to", metavar="LANG,…", multiple=True, callback=names, shell_complete=complete_language, help=description
    )


DUB_OPTIONS = combine_options(
    click.option(
        "--voice",
        "voices",
        metavar="SPEAKER=VOICE",
        multiple=True,
        callback=pairs,
        shell_complete=complete_voice,
        help="Voice of a speaker, or 'original'.",
    ),
    click.option(
        "--timing",
        metavar="[strict|natural|free|lips]",
        help="How closely lines follow the lips: strict [default], natural (unhurried first), free (off-screen), lips "
        "(strict where the picture shows them, free where not).",
    ),
    click.option(
        "--expression",
        type=float,
        metavar="[0…1]",
        help="How far voices take over how the actors say their lines: 0 [default] is each its own way.",
    ),
    click.option(
        "--recast",
        metavar="VOICE=VOICE",
        multiple=True,
        callback=pairs,
        help="Another voice in place of one, wherever it would be heard.",
    ),
    click.option("--pronunciation", type=PATH, help="How words are said: TSV, word<TAB>respelling or /IPA/."),
    click.option("--purpose", metavar="[dub|trailer|ad]", help="What is made; grants name theirs [dub]."),
    click.option(
        "--notice",
        metavar="KIND,…",
        multiple=True,
        callback=names,
        help="Tell the audience of synthesized voices: screen, spoken [no].",
    ),
    click.option(
        "--bed", metavar="[separate|duck]", help="Take the voice out of the sound [separate], or duck it all."
    ),
    click.option(
        "--no-room", "dry", is_flag=True, default=None, help="Leave the room of the source's voices out of the dub."
    ),
    click.option("--dry", "former_dry", is_flag=True, hidden=True, expose_value=False, callback=_refuse_dry),
    click.option("--loudness", metavar="TARGET", help="source, netflix, ebu, web, or LUFS [source]."),
    click.option(
        "--stems", metavar="KIND,…", multiple=True, callback=names, help="More stems: speakers, one a speaker."
    ),
    click.option(
        "--deliver",
        metavar="KIND,…",
        multiple=True,
        callback=names,
        help="Only these files: video, mix, stems, srt, report, clips [all]; flac: WAVs as FLAC; JSON always.",
    ),
    click.option("--draft", is_flag=True, default=None, help="Leave out the measurements of the finished dub."),
    click.option("--sign-key", type=PATH, help="Private key to sign with, PEM [the home's own]."),
    click.option("--sign-cert", type=PATH, help="Its certificate and those that vouch for it, PEM."),
    click.option(
        "--timestamp-url", metavar="URL", help="Authority asked for the time of each signature, RFC 3161 [none]."
    ),
)


_EXAMPLES = """\b
Examples:
  localize dub film.mp4 --to es,pt --dry-run
  localize dub film.mp4 --to es --voice S1=em_alex --glossary terms.tsv
  localize dub film.mp4 --to es --translation localized/film/film.es.srt
  localize dub e01.mp4 e02.mp4 --to es -o season --cast season.toml
"""


@click.command(epilog=_EXAMPLES)
@click.argument("inputs", metavar="INPUT…", type=PATH, nargs=-1, required=True)
@target_option("Target languages, such as es or es,pt.")
@DUB_OPTIONS
@click.option("--review", type=PATH, help="Decisions of a review [review.json of the output folder].")
@click.option("--variant", metavar="NAME", help="Another dub beside the main one, in OUTPUT/variants/NAME.")
@click.option("--me", type=PATH, help="A studio's music and effects, to lie under the dub as they are.")
@SUBTITLE_OPTIONS
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done.")
@click.option(
    "--profile-run", metavar="FILE", type=PATH, help="Print what each stage cost, and write a Chrome trace (JSON)."
)
@OUTPUT_OPTIONS
def dub(
    inputs: tuple[Path, ...],
    dry_run: bool,
    profile_run: Path | None,
    sign_key: Path | None,
    sign_cert: Path | None,
    timestamp_url: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **flags: Any,
) -> int:
    """Dub INPUT into every language of --to.

    Writes the film, stems, subtitles, timeline and a measured report into one folder. Several films are looked at
    before the first is worked on; each gets a folder, and the exit code is that of the worst.
    """
    terminal = Terminal(quiet=quiet, verbose=verbose)
    job = job_of_files(inputs, flags, terminal.say)
    from .. import pipeline

    if len(inputs) > 1:
        if profile_run is not None:
            raise UsageError("--profile-run is for one film: name one")
        _refuse_languages(inputs)
        run = pipeline.open_run(terminal, signer_of(sign_key, sign_cert, timestamp_url), Device(job.device))
        if dry_run:
            return _plan_several(job, inputs, run, as_json=as_json)
        return _dub_several(job, inputs, run, as_json=as_json, terminal=terminal)
    if profile_run is not None:
        _check_trace(profile_run)
    profile = RunProfile(terminal)
    run = pipeline.open_run(profile, signer_of(sign_key, sign_cert, timestamp_url), Device(job.device))
    if dry_run:
        found = pipeline.dry_run(job, run)
        plan = found.json()
        if as_json:
            print_json(plan)
            return 0
        from ..delivery.outlay import describe_outlay

        shown: dict[str, Any] = {**plan}
        shown |= {
            f"engine {role}": list(dict.fromkeys(one.split(" ")[0] for one in name.split(" | ")))
            for role, name in plan["engines"].items()
            if name
        }
        if plan["film"]:
            shown["film"] = ", ".join(filter(None, (plan["film"]["suffix"] or "none", plan["film"]["reason"])))
        shown["takes"] = describe_outlay(found.outlay)
        del shown["outlay"]
        for key, value in shown.items():
            if value and key not in ("schema", "engines", "warnings"):
                click.echo(f"{key}: {printable(', '.join(value) if isinstance(value, list) else str(value))}")
        return 0
    with profile.told(profile_run, run.store, terminal.say):
        _deliver(lambda: pipeline.dub(job, run), as_json=as_json, terminal=terminal)
    return 0


def _check_trace(path: Path) -> None:
    """Refuse a trace that cannot be written, before any work."""
    if path.is_dir():
        raise UsageError(f"--profile-run {path} is a folder: name the file to write, such as {path / 'trace.json'}")
    check_writable(path.absolute().parent)


def _plan_several(job: Job, inputs: Sequence[Path], run: Run, *, as_json: bool) -> int:
    """Print what dubbing these films would do; the exit code is that of the worst."""
    from ..batches.dry_run import plan_batch
    from ..batches.named import name_titles, named_root
    from .planned import print_plan

    return print_plan(plan_batch(named_root(job), name_titles(job, inputs), run), as_json=as_json)


def _dub_several(job: Job, inputs: Sequence[Path], run: Run, *, as_json: bool, terminal: Terminal) -> int:
    """Dub films one after another; the exit code is that of the worst."""
    from ..batches import dub_films

    report = dub_films(job, inputs, run, terminal.say)
    terminal.close()
    if as_json:
        print_json(report.json())
    else:
        for outcome in report.files:
            for target in outcome.targets:
                _show(dict(target.json()))
            _show_outcome(outcome)
        click.echo(f"report {printable(str(report.report))}")
    return int(report.exit_code or 0)


def _refuse_languages(inputs: Sequence[Path]) -> None:
    """Refuse "localize dub film.mp4 es": what comes second is no film."""
    from ..language.tags import find_tag

    for path in inputs:
        if path.suffix or path.exists():
            continue
        with suppress(UsageError):
            find_tag(path.name)
            raise click.UsageError(f"{path} is a language: give it to --to, as in --to {path}")


def _show_outcome(outcome: FileOutcome) -> None:
    said = f"failed  {outcome.input}  {outcome.error}" if not outcome.ok else f"ok      {outcome.input}"
    click.echo(printable(said))


def signer_of(key: Path | None, certificates: Path | None, timestamp_url: str | None) -> Signer | None:
    """The key a person signs with, or None for the home's own."""
    if (key is None) != (certificates is None):
        raise UsageError("--sign-key and --sign-cert belong together: give both")
    if key is None and timestamp_url is None:
        return None
    from ..consent import Home
    from ..provenance import Signer

    signer = (
        Signer.files(key, certificates) if key is not None and certificates is not None else Signer.open(Home.open())
    )
    return signer if timestamp_url is None else signer.timestamped(timestamp_url)


def _deliver(work: Callable[[], DubResult | SubtitleResult], *, as_json: bool, terminal: Terminal) -> None:
    """Show a result; one that falls short under --strict is shown too, before its error."""
    began = time.monotonic()
    try:
        result = work().json()
    except QualityError as error:
        terminal.close()
        if as_json and "result" in error.details:
            print_json(error.details["result"].json())
        raise
    terminal.close()
    if as_json:
        print_json(result)
        return
    stands = "nothing changed since the last run: its files are as it left them; " if result.get("unchanged") else ""
    terminal.say(f"{stands}done in {time.monotonic() - began:.1f} s")
    for target in result["targets"]:
        _show(dict(target))


def _show(target: dict[str, Any]) -> None:
    """One line a file of a target."""
    for kind, path in target.items():
        if isinstance(path, str) and kind not in ("language", "frame_rate", "report"):
            click.echo(f"{target['language']} {kind:<9} {printable(path)}")
    for speaker, path in target.get("speakers", {}).items():
        click.echo(f"{target['language']} {'dialogue':<9} {printable(path)} ({printable(speaker)})")
    if to_read := target["summary"].get("review"):
        lines = target["summary"].get("lines", target["summary"].get("segments"))
        shown = ", ".join(to_read[:_SHOWN]) + (" …" if len(to_read) > _SHOWN else "")
        said = f"these {len(to_read)} of {lines} lines first: {printable(shown)}"
        click.echo(f"{target['language']} {'review':<9} {said}")
    for profile, languages in {"": target["subtitles"], **target.get("renderings", {})}.items():
        for language, files in languages.items():
            for fmt, path in files.items():
                said = ", ".join(filter(None, (language, fmt, printable(profile))))
                click.echo(f"{target['language']} {'subtitles':<9} {printable(path)} ({said})")
    page = Path(target["report"]).with_suffix(".html")
    said = _three_figures(target["summary"])
    click.echo(
        f"{target['language']} {'report':<9} {printable(str(page if page.exists() else target['report']))}{said}"
    )


def _three_figures(summary: Mapping[str, Any]) -> str:
    """What a dub is judged by at first sight; "" for subtitles."""
    if "on_time" not in summary:
        return ""
    misheard = None if summary["wer"] is None else 100 * summary["wer"]
    shown = (
        ("overlap {:.2f}", summary["overlap"]),
        ("{:.0f} % of lines on time", summary["on_time"]),
        ("{:.0f} % of words misheard", misheard),
    )
    return ": " + (", ".join(words.format(value) for words, value in shown if value is not None) or "not measured")


@click.command()
@click.argument("input_path", metavar="INPUT", type=PATH)
@target_option("Target languages; without it the source alone is written.")
@click.option("--encoding", metavar="NAME", help="Of the given subtitle files, such as cp1250 [found out].")
@click.option("--recut", is_flag=True, default=None, help="Cut given cues anew by the profile [they are kept].")
@SUBTITLE_OPTIONS
@OUTPUT_OPTIONS
def subs(input_path: Path, as_json: bool, quiet: bool, verbose: bool, **flags: Any) -> None:
    """Subtitle INPUT: media, a subtitle file, or a master.json to be rendered again."""
    terminal = Terminal(quiet=quiet, verbose=verbose)
    job = job_of_files((input_path,), flags, terminal.say)
    from .. import pipeline

    run = pipeline.open_run(terminal, device=Device(job.device))
    _deliver(lambda: pipeline.subtitle(job, run), as_json=as_json, terminal=terminal)


@click.command()
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--line", metavar="ID", help="One line only, such as s0003.")
@VARIANT_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def explain(folder: Path, line: str | None, variant: str | None, as_json: bool) -> None:
    """Say why each line of a dub is as it is: who, when, which words, how fast."""
    from ..delivery.explain import explain as explain_lines
    from ..delivery.explain import format_explanation
    from ..delivery.variants import find_variant

    found = explain_lines(find_variant(folder, variant), line)
    shown = format_explanation(found).split("\n")
    print_json(found.json()) if as_json else click.echo("\n".join(map(printable, shown)))


@click.command()
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--hls", is_flag=True, help="As HLS: every dub, the original, all subtitles, in OUTDIR/hls.")
@VARIANT_OPTION
@click.option("--player", is_flag=True, help="As a page that plays from disk, without a server, in OUTDIR/player.")
@click.option("--strict", is_flag=True, help="Refuse lines nobody approved, where localize.toml has [review] required.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def package(
    folder: Path, hls: bool, player: bool, variant: str | None, strict: bool, as_json: bool, quiet: bool
) -> None:
    """Package the folder of a dub: for streaming, or with a player for viewers."""
    if hls and player:
        raise UsageError("--hls and --player are two packages: run the command once for each")
    if not hls and not player:
        raise UsageError("say what to package it as: --hls, or --player")
    from ..config import apply_configuration
    from ..delivery.hls import package
    from ..delivery.player import package_player
    from ..delivery.variants import find_variant
    from ..job import Job
    from ..review import require_approved_folder

    folder = find_variant(folder, variant)
    if strict and apply_configuration(Job(folder), frozenset()).review_required:
        require_approved_folder(folder)
    made = package(folder) if hls else package_player(folder)
    for warning in made.warnings:
        Terminal(quiet=quiet).say(f"warning: {warning.message}")
    if as_json:
        print_json(made.json())
        return
    click.echo(printable(str(made.master)))
    for kind, entries in (("audio", made.audio), ("subtitles", made.subtitles)):
        for entry in entries:
            profile = f" ({said})" if (said := getattr(entry, "profile", "")) else ""
            click.echo(f"{kind:<9} {entry.language:<5} {printable(entry.name)}{profile}")
