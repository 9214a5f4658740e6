"""Commands `lint`, `verify`, `sync`, `models` and `doctor`: check a file, a deliverable, a model, a machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..data import Span
from ..errors import UsageError
from ..events import Progress
from .completion import complete_model, complete_profile
from .terminal import PATH, Terminal, print_json, print_rows, printable

if TYPE_CHECKING:
    from ..delivery.sync import SyncReport
    from ..subtitles.annotations import Annotation
    from ..subtitles.check import CheckedFile


@click.command()
@click.argument("file", metavar="[FILE]", type=PATH, required=False)
@click.option("--stream", metavar="WHICH", help="Of FILE: an index, a language, or a:1 [chosen].")
@click.option("--deep", is_flag=True, help="Also let every installed engine do a little of its work.")
@click.option(
    "--warm", is_flag=True, help="First assemble every model whose parts are installed, so that no dub has to."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def doctor(file: Path | None, stream: str | None, deep: bool, warm: bool, as_json: bool) -> int:
    """Check this machine: programs, packages, models, folders; with FILE, what a dub of that film meets and needs."""
    from ..doctor.checks import PRIVATE, run_checks

    if warm:
        from ..models import Models

        terminal = Terminal(quiet=as_json)
        terminal.say(f"{len(Models(say=terminal.say).prepare_all())} models are ready")
    if file is not None:
        return _examine(file, stream, as_json=as_json)

    found = run_checks(deep=deep)
    if as_json:
        print_json(found.json())
    else:
        rows = [("ok" if c.ok else "MISS", c.name, c.detail, c.fix or "") for c in found.checks]
        print_rows(
            ("", "check", "found", "what mends it"),
            rows,
            (
                f"{ok:<4} {name:<32} {printable(detail)}" + (f"  ->  {fix}" if fix else "")
                for ok, name, detail, fix in rows
            ),
        )
        verdict = "everything that a dub needs is here" if found.ok else f"a dub cannot be made yet; first: {found.fix}"
        private = next((c.fix for c in found.checks if c.name == PRIVATE and not c.ok), None)
        click.echo(verdict + (f"; keep others out of your voices and keys: {private}" if private else ""))
    return 0 if found.ok else 5


def _examine(file: Path, stream: str | None, *, as_json: bool) -> int:
    """Print what a film holds and what a dub of it needs; exit code 3 where it cannot be dubbed."""
    from ..doctor.film import examine_film

    found = examine_film(file, stream)
    if as_json:
        print_json(found.json())
        return 0 if found.ok else 3
    click.echo(f"{printable(found.file)}: {found.container}, {found.duration_ms / 1000:.1f} s")
    for s in found.streams:
        facts = [s.codec, s.language or "", s.title and f'"{s.title}"', s.purpose, *s.flags]
        used = "  <- dubbed" if s.index == found.chosen else ""
        click.echo(printable(f"  {s.index} {s.kind:<10} {', '.join(fact for fact in facts if fact)}{used}"))
    if found.note:
        click.echo(f"note     {printable(found.note)}")
    for problem in found.problems:
        click.echo(f"problem  {printable(problem.message)}")
    film = f"a film in {found.delivers}, " if found.delivers else ""
    click.echo(f"delivers {film}the dub as {found.delivered_sound}; stems, subtitles, report")
    least, most = (f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds} s" for seconds in found.seconds)
    click.echo(f"time     {least} to {most}, by how much is spoken, with the embedded engines")
    click.echo(f"disk     {found.disk_bytes / 1e9:.2f} GB of {found.free_bytes / 1e9:.1f} GB that are free")
    click.echo(f"memory   {found.memory_bytes / 1e9:.1f} GB at most")
    return 0 if found.ok else 3


@click.group()
def models() -> None:
    """Models: what is there, what is installed, and that it is intact."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def models_list(as_json: bool) -> None:
    """Every model known, whether it can be used now or the command that gets it, and which a dub would use."""
    from ..engine_selection import engine_pairs
    from ..models import Models, list_models
    from ..runtime.records import to_json

    store = Models()
    found, used = list_models(store), engine_pairs(store)
    if as_json:
        print_json({"schema": 1, "models": [m.json() for m in found], "used": to_json(used)})
        return
    rows = [
        (m.model.id, m.model.role, _short(m.model.languages), f"{m.model.size / 1e6:.0f} MB",
         _licence(m.model.licence), "installed" if m.installed else m.model.command)
        for m in found
    ]  # fmt: skip
    print_rows(
        ("model", "role", "languages", "size", "licence", "state"),
        rows,
        (
            f"{own:<29} {role:<12} {tags:<12} {size:>9}  {kind:<11} {state}"
            for own, role, tags, size, kind, state in rows
        ),
    )
    for line in used:
        click.echo(f"\n{line.pair} would use")
        for role in ("recogniser", "translator", "synthesizer"):
            chosen = getattr(line, role)
            click.echo(f"  {role:<12} {chosen.engine or 'nobody':<33} {chosen.why}")


def _licence(text: str) -> str:
    return text.split(" ", maxsplit=1)[0].rstrip(";:,")


def _short(languages: tuple[str, ...]) -> str:
    return ",".join(languages) if len(languages) < 5 else f"{len(languages)} languages"


@models.command("pull")
@click.argument("names", metavar="ID…", nargs=-1, required=True, shell_complete=complete_model)
@click.option("--from", "folder", type=PATH, help="Take the files from this folder instead of the network.")
@click.option("--yes", is_flag=True, help="Agree to the terms, and to trust what nobody could pin beforehand.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def models_pull(names: tuple[str, ...], folder: Path | None, yes: bool, as_json: bool, quiet: bool) -> None:
    """Get models: the only command that uses the network. What broke off goes on where it stopped."""
    from ..errors import ModelMissing
    from ..models import Models, catalogue
    from ..models.download import pull

    if unknown := sorted(set(names) - set(catalogue())):
        raise UsageError(f"no model is called {unknown[0]!r}: see 'localize models list'")
    if folder is not None and len(names) > 1:
        raise UsageError("--from holds the files of one model: pull one at a time")
    terminal, store, step = Terminal(quiet=quiet), Models(), 1 << 20

    def agree(question: str) -> bool:
        terminal.say(question)
        if yes:
            return True
        if not sys.stdin.isatty():
            raise ModelMissing("that question needs an answer: run it in a terminal, or give --yes")
        return click.confirm("", prompt_suffix="yes or no? ", err=True)

    def progress(name: str, done: int, total: int) -> None:
        terminal(Progress(name, done // step, max(total, done) // step))

    done = []
    for name in names:
        place = pull(catalogue()[name], store, agree, progress, folder)
        done.append({"id": name, "folder": str(place), "pinned": str(store.pin_path(catalogue()[name]))})
        terminal.say(f"{name} is in {place}")
    if as_json:
        print_json({"schema": 1, "models": done})


@models.command("verify")
@click.argument("names", metavar="[ID]…", nargs=-1, shell_complete=complete_model)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def models_verify(names: tuple[str, ...], as_json: bool) -> int:
    """Hash the files of installed models again; exit code 7 where one is not the one it should be."""
    from ..models import Models, catalogue, verify_models
    from ..runtime.records import to_json

    store = Models()
    if unknown := sorted(set(names) - set(catalogue())):
        raise UsageError(f"no model is called {unknown[0]!r}: see 'localize models list'")
    wanted = [m for m in catalogue().values() if (m.id in names if names else store.installed(m))]
    found = verify_models(store, wanted)
    if as_json:
        print_json({"schema": 1, "models": to_json(found)})
    else:
        for entry in found:
            click.echo(f"{'ok  ' if entry.ok else 'BAD '} {entry.id:<18} {entry.detail}")
    return 0 if all(entry.ok for entry in found) else 7


@click.command()
@click.argument("paths", metavar="FILE…", type=PATH, nargs=-1, required=True)
@click.option(
    "--profile",
    metavar="NAME",
    default="netflix",
    show_default=True,
    shell_complete=complete_profile,
    help="The rules: a name, or a TOML file.",
)
@click.option("--media", type=PATH, help="The film: its frame rate, its cuts, its voices.")
@click.option("--language", help="Of the text [the file's, else what it looks like].")
@click.option("--encoding", metavar="NAME", help="Of the file, such as cp1250 [found out].")
@click.option("--fix", is_flag=True, help="Mend what is mechanical, in FILE itself (kept as FILE.bak).")
@click.option("-o", "--output", type=PATH, help="Where the mended file goes instead, in any written format.")
@click.option(
    "--accept-losses", is_flag=True, help="Mend FILE itself although something in it was not understood and goes."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github", "gitlab", "sarif"]),
    default="text",
    show_default=True,
    help="Of what is printed: lines, or annotations for a code review.",
)
@click.option("--strict", is_flag=True, hidden=True, help="Always so.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def lint(
    paths: tuple[Path, ...],
    profile: str,
    media: Path | None,
    language: str | None,
    encoding: str | None,
    fix: bool,
    output: Path | None,
    accept_losses: bool,
    as_json: bool,
    form: str,
    strict: bool,
    quiet: bool,
) -> int:
    """Check subtitle files against a profile; exit code 6 where one falls short."""
    from ..subtitles.annotations import FORMATS, annotate
    from ..subtitles.check import check_file

    if output and not fix:
        raise UsageError("-o says where the mended file goes: give --fix with it")
    if as_json and form != "text":
        raise UsageError(f"--json and --format {form} are two forms of one result: give one of them")
    if accept_losses and not fix:
        raise UsageError("--accept-losses lets --fix replace a file: give --fix with it")
    if len(paths) > 1:
        _refuse_several(paths, output, as_json=as_json)
    run = None
    if media:
        from ..pipeline import open_run

        run = open_run(Terminal(quiet=quiet or as_json))
    annotations: list[Annotation] = []
    conforms = True
    for path in paths:
        into = (output or path) if fix else None
        found = check_file(
            path, profile, media, language, encoding=encoding, run=run, into=into, accept_losses=accept_losses
        )
        conforms = conforms and found.report.conforms
        if as_json:
            print_json({**found.json(str(path)), **(_mended_json(found) if fix else {})})
        elif form != "text":
            annotations += annotate(found, str(path))
        elif not quiet:
            if len(paths) > 1:
                click.echo(f"== {printable(str(path))} ==")
            _show(found, str(path), str(into or path))
    if form != "text":
        click.echo(FORMATS[form](tuple(annotations)))
    return 0 if conforms else 6


def _refuse_several(paths: Sequence[Path], output: Path | None, *, as_json: bool) -> None:
    """Refuse what is of one file alone, and files that cannot be opened, before any is checked."""
    from ..timedtext import formats

    if as_json or output:
        one = "--json prints the result" if as_json else "-o names the mended copy"
        raise UsageError(f"{one} of one file: give one, or leave it out (--format sarif takes several)")
    for path in paths:
        formats.bytes_of(path)


def _mended_json(found: CheckedFile) -> dict[str, Any]:
    from ..subtitles.score import remarks_json

    backup = str(found.backup) if found.backup else None
    return {"mended": remarks_json(found.mended), "lost": remarks_json(found.lost), "backup": backup}


def _show(found: CheckedFile, read: str, name: str) -> None:
    """One line a repair, a change, a finding; then the score."""
    for remark in found.document.warnings:
        click.echo(f"{printable(read)}:{remark.line}: warning: {printable(remark.message)}")
    for remark in found.lost:
        click.echo(f"{printable(name)}:{remark.line}: warning: {printable(remark.message)}")
    for remark in found.mended:
        click.echo(f"{printable(name)}:{remark.line}: mended: {printable(remark.message)}")
    if found.backup:
        click.echo(f"{printable(name)}:0: kept: as it was in {printable(str(found.backup))}")
    for finding in found.report.findings:
        what = finding.detail or f"{finding.measured:g}, limit {finding.limit:g}"
        click.echo(f"{printable(name)}:{finding.line}: cue {finding.cue}: {finding.rule}: {printable(what)}")
    for measure, value, target in found.report.rows():
        click.echo(f"{measure:<10} {value:>14}   {target}")


@click.command()
@click.argument("paths", metavar="FILE|OUTDIR…", type=PATH, nargs=-1, required=True)
@click.option("--source", type=PATH, help="The film it should have been made from.")
@click.option(
    "--trust",
    metavar="WHOM",
    multiple=True,
    help="Trust another home instead, ask no ledger: a certificate's file, the SHA-256 of a signer's certificate, or "
    "CN=NAME beside one of them.",
)
@click.option("--trust-time", type=PATH, help="Certificate of a timestamp authority: the times it vouches for count.")
@click.option("--watermark", "marked", is_flag=True, help="Ask every file for a watermark.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def verify(
    paths: tuple[Path, ...],
    source: Path | None,
    trust: tuple[str, ...],
    trust_time: Path | None,
    marked: bool,
    as_json: bool,
) -> int:
    """Check where deliverables come from: manifest, trust, tampering, ledger; exit code 6 where one fails.

    Of a folder, everything that a dub signs; what needs no signature is named.
    """
    from ..delivery.verification import find_signed
    from ..delivery.verification import verify as verify_files
    from ..runtime.records import to_json

    signed, unsigned = find_signed(paths)
    found = verify_files(signed, source=source, trust=trust, trust_time=trust_time, watermark=marked)
    if as_json:
        print_json({"schema": 1, "files": to_json(found), "unsigned": to_json(unsigned)})
    else:
        for checked in found:
            click.echo(f"{'ok  ' if checked.ok else 'FAIL'} {printable(str(checked.path))}")
            for claim, text in checked.claims.items():
                click.echo(f"     says {claim:<15} {printable(text)}")
            for check in checked.checks:
                click.echo(f"     {'ok  ' if check.ok else 'FAIL'} {check.name:<10} {printable(check.detail)}")
        for other in unsigned:
            click.echo(f"none {printable(other.path)}: needs no signature, {other.why}")
    return 0 if all(checked.ok for checked in found) else 6


@click.command()
@click.argument("file", metavar="FILE", type=PATH)
@click.argument("other", metavar="[OTHER]", type=PATH, required=False)
@click.option("--tracks", nargs=2, type=int, default=(0, 1), show_default=True, help="Of FILE, when no OTHER is given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def sync(file: Path, other: Path | None, tracks: tuple[int, int], as_json: bool) -> None:
    """Measure on the delivered FILE whether its dub is in step with the original, or with the sound of OTHER."""
    from ..delivery.sync import measure_sync
    from ..transcription.transcribe import format_spans

    found = measure_sync(file, other, tracks)
    if as_json:
        print_json(found.json())
        return
    click.echo(f"{printable(found.measured)} against {printable(found.against)}")
    for name, value in (
        ("lag", "not measured" if found.lag_ms is None else f"{found.lag_ms} ms"),
        ("bed", _bed_lag(found)),
        ("overlap", "not measured" if found.overlap is None else f"{found.overlap:.3f}"),
        ("on time", "not measured" if found.on_time is None else f"{found.on_time:g} % of {found.stretches}"),
        ("missing", format_spans([Span(*s) for s in found.missing]) or "nothing"),
        ("added", format_spans([Span(*s) for s in found.added]) or "nothing"),
    ):
        click.echo(f"{name:<10} {value}")


def _bed_lag(found: SyncReport) -> str:
    """The lag of music and effects, in words."""
    if found.bed_lag_ms is None:
        return "not measured: the two share no music and effects"
    return f"{found.bed_lag_ms:g} ms, {found.bed_farthest_ms:g} ms where farthest, in {found.bed_places} places"
