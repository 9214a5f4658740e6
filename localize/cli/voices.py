"""Command `voices`: list, enroll, grant and revoke voices; usage, impact and the ledger.

Over 400 lines: one group of commands, each a few lines of options and text.
"""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import click

from ..errors import StoreError, UsageError
from .completion import complete_language, complete_voice
from .terminal import PATH, names, print_json, print_rows, printable

if TYPE_CHECKING:
    from ..consent import Card


_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
_PURPOSES = click.option(
    "--purposes", metavar="NAME,…", multiple=True, callback=names, help="What for: dub, trailer, ad [dub]."
)


@click.group()
def voices() -> None:
    """Voices: list, enroll, grant, revoke; the ledger of their use."""


@voices.command("list")
@_JSON
def list_voices(as_json: bool) -> None:
    """Every voice in this home."""
    from ..consent import Home, card
    from ..consent import voices as known
    from ..consent.grants import revocations, revoked_on

    home = Home.open()
    gone = revocations(home)
    found = [_format_card(card(home, voice.id), revoked_on(voice, gone)) for voice in known(home)]
    if as_json:
        print_json({"schema": 1, "voices": found})
        return
    rows = [
        (e["id"], e["gender"], ",".join(e["languages"]), ",".join(e["also"]), e["revoked"] or e["basis"]) for e in found
    ]
    print_rows(
        ("voice", "gender", "languages", "also", "basis"),
        rows,
        (
            f"{own:<12} {gender:<7} {tags}{f'  also {also}' if also else ''}  {basis}"
            for own, gender, tags, also, basis in rows
        ),
    )


class VoiceJson(TypedDict):
    """A voice of this home.

    Args:
        languages: native ones.
        also: further languages it can be asked to speak.
        engine: that speaks it.
        stock: whether it came with the package.
        verified: whether its recorded statement shows the person's consent.
        basis: why it may be used.
        revoked: "revoked on DAY", after which nothing is made with it; null where it was not.
    """

    id: str
    name: str
    gender: str
    languages: list[str]
    also: list[str]
    engine: str
    stock: bool
    verified: bool
    basis: str
    revoked: str | None


class VoicesJson(TypedDict):
    """What `localize voices list --json` prints."""

    schema: Literal[1]
    voices: list[VoiceJson]


def _format_card(known: Card, revoked: str | None) -> VoiceJson:
    """A voice for people and programs; `revoked` as `consent.grants.revoked_on` says it."""
    voice = known.voice
    return {
        "id": voice.id,
        "name": voice.name,
        "gender": voice.gender,
        "languages": list(voice.languages),
        "also": list(known.also),
        "engine": voice.engine,
        "stock": known.stock,
        "verified": known.verified or known.licensed,
        "basis": known.origin if known.licensed else "grants of a person",
        "revoked": None if revoked is None else f"revoked{revoked}",
    }


@voices.command()
@click.argument("voice_id", metavar="ID", shell_complete=complete_voice)
@_JSON
def show(voice_id: str, as_json: bool) -> None:
    """One voice: what it may speak, on what basis, and its grants."""
    from ..consent import Home, card, grants
    from ..consent.grants import revocations, revoked_on
    from ..runtime.records import to_json

    home = Home.open()
    known = card(home, voice_id)
    given = [] if known.licensed else [to_json(terms) for terms in grants(home, voice_id)]
    found = {"schema": 1, **_format_card(known, revoked_on(known.voice, revocations(home))), "grants": given}
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        if key not in ("schema", "grants") and value is not None:
            click.echo(f"{key:<10} {printable(', '.join(map(str, value)) if isinstance(value, list) else str(value))}")
    for terms in given:
        scope = ", ".join(f"{k} {v}" for k, v in terms.items() if v and k not in ("id", "voice", "kind"))
        click.echo(printable(f"grant      {terms['id']}: {scope}"))


@voices.command()
@click.argument("name", metavar="NAME")
@_PURPOSES
@click.option("--language", default="en", show_default=True, help="It is spoken in: en, es, pt, fr or it.")
@_JSON
def challenge(name: str, purposes: tuple[str, ...], language: str, as_json: bool) -> None:
    """What the person NAME is to say in the statement, today or tomorrow (UTC)."""
    from .. import consent
    from ..runtime.records import to_json

    found = consent.challenge(consent.Home.open(), name, purposes or ("dub",), language=language)
    if as_json:
        print_json({"schema": 1, **to_json(found)})
        return
    click.echo(printable(found.text))
    click.echo(f"taken until {found.until}", err=True)


@voices.command()
@click.argument("voice_id", metavar="ID", shell_complete=complete_voice)
@click.option("--reference", type=PATH, required=True, help="Recording of the voice.")
@click.option("--statement", type=PATH, help="Recording in which the person consents.")
@click.option(
    "--statement-language", default="en", show_default=True, help="The statement is spoken in: en, es, pt, fr or it."
)
@click.option("--name", default="", help="The person's name.")
@_PURPOSES
@click.option("--evidence", type=PATH, help="Signed paper that proves the consent.")
@_JSON
def enroll(
    voice_id: str,
    reference: Path,
    statement: Path | None,
    statement_language: str,
    name: str,
    purposes: tuple[str, ...],
    evidence: Path | None,
    as_json: bool,
) -> None:
    """Register a person's voice. It is used only under a grant: see 'voices grant'."""
    from .. import consent
    from ..engine_selection import DEFAULT_RECOGNISER
    from ..engines import load
    from ..models import Models
    from ..runtime.records import to_json

    recogniser = load("recogniser", DEFAULT_RECOGNISER, Models()) if statement else None
    made = consent.enroll(
        consent.Home.open(),
        voice_id,
        reference=reference,
        name=name,
        statement=statement,
        statement_language=statement_language,
        purposes=purposes or ("dub",),
        evidence=evidence,
        recognise=recogniser.recognise if recogniser else None,
    )
    if as_json:
        print_json({"schema": 1, **to_json(made)})
        return
    for warning in (*made.warnings, *made.hints):
        click.echo(f"warning: {printable(warning)}", err=True)
    paper = f"unverified, on paper evidence of SHA-256 {made.evidence}"
    unverified = paper if made.evidence else "not verified: usable only with --evidence"
    state = "verified by its statement" if made.verified else unverified
    click.echo(f"{voice_id} enrolled, {state}; next: localize voices grant {voice_id} --languages LANG,…")


@voices.command()
@click.argument("voice_id", metavar="NAME")
@click.option(
    "--of", "weights", metavar="VOICE=WEIGHT", multiple=True, required=True, help="A stock voice and its weight."
)
@click.option("--pitch", "pitch_st", type=float, default=0.0, help="Semitones up or down, 4 at most.")
@click.option(
    "--formants", type=float, default=1.0, help="Factor of the formants, 0.84 (a large body) to 1.2 (a child)."
)
@click.option(
    "--languages", metavar="LANG,…", multiple=True, callback=names, help="Native ones [those of the parents]."
)
@click.option("--gender", type=click.Choice(("female", "male")), help="As it is heard [of the heaviest parent].")
@_JSON
def blend(
    voice_id: str,
    weights: tuple[str, ...],
    pitch_st: float,
    formants: float,
    languages: tuple[str, ...],
    gender: str | None,
    as_json: bool,
) -> None:
    """Make a voice of stock voices. The licence of every one of them is asked for whenever it is used."""
    from .. import consent

    home = consent.Home.open()
    made = consent.blend(
        home,
        voice_id,
        _weights(weights),
        languages=languages,
        gender=gender or "",
        pitch_st=pitch_st,
        formants=formants,
    )
    known = consent.card(home, made.id)
    if as_json:
        print_json({"schema": 1, **_format_card(known, None)})
        return
    click.echo(f"{made.id}: {known.origin}; speaks {', '.join((*made.languages, *known.also))}")


def _weights(given: tuple[str, ...]) -> dict[str, float]:
    """VOICE=WEIGHT … as a table."""
    found: dict[str, float] = {}
    for text in given:
        name, _, weight = text.partition("=")
        try:
            known = float(weight or 1)
        except ValueError as error:
            raise UsageError(f"--of {text}: write VOICE=WEIGHT, such as ef_dora=0.6") from error
        if name in found:
            raise UsageError(f"--of {name} stands twice: give it one weight")
        found[name] = known
    return found


@voices.command()
@click.argument("voice_id", metavar="ID", shell_complete=complete_voice)
@click.option("--languages", metavar="LANG,…", multiple=True, callback=names, required=True, help="What it may speak.")
@click.option(
    "--titles", metavar="TITLE,…", multiple=True, callback=names, help="In which titles; * and ? stand for any [all]."
)
@_PURPOSES
@click.option("--no-cloning", is_flag=True, help="No engine may imitate the recording.")
@click.option("--training", is_flag=True, help="Models may be trained on it.")
@click.option("--from", "not_before", metavar="DATE", help="First day.")
@click.option("--until", metavar="DATE", help="Last day.")
@click.option("--territory", default="", help="Where.")
@click.option("--rate", help="Owed for each spoken minute.")
@click.option("--currency", default="", help="Of the rate, such as EUR.")
@click.option("--evidence", type=PATH, help="Signed paper that proves it.")
@_JSON
def grant(voice_id: str, as_json: bool, **terms: Any) -> None:
    """Write down and sign what a person allows."""
    from .. import consent
    from ..runtime.records import to_json
    from ..speakers.assignment import synthesizers_for

    home = consent.Home.open()
    made = consent.grant(
        home,
        voice_id,
        languages=terms["languages"],
        titles=terms["titles"],
        purposes=terms["purposes"] or ("dub",),
        not_before=_day(terms["not_before"]),
        until=_day(terms["until"]),
        territory=terms["territory"],
        rate=_amount(terms["rate"]),
        currency=terms["currency"],
        cloning=not terms["no_cloning"],
        training=terms["training"],
        evidence=terms["evidence"],
    )
    if not synthesizers_for(consent.card(home, voice_id)):
        click.echo(
            f"warning: no synthesizer installed here can speak as {voice_id}: it takes one that clones, see "
            "docs/voices.md",
            err=True,
        )
    print_json({"schema": 1, **to_json(made)}) if as_json else click.echo(f"granted: {made.id}")


@voices.command()
@click.argument("voice_id", metavar="ID", shell_complete=complete_voice)
@click.option("--reason", default="", help="Kept in the ledger.")
@click.option("--grant", "grant_id", metavar="GRANT", default="", help="Take back this grant alone.")
@click.option("--yes", is_flag=True, help="Do not ask in a terminal whether it is meant.")
@_JSON
def revoke(voice_id: str, reason: str, grant_id: str, yes: bool, as_json: bool) -> None:
    """Take a voice back: from now on nothing is made with it here, whatever was granted."""
    from .. import consent

    home = consent.Home.open()
    if grant_id and grant_id not in [terms.id for terms in consent.grants(home, voice_id)]:
        raise UsageError(f"{voice_id} has no grant {grant_id}: `localize voices show {voice_id}` lists them")
    if sys.stdin.isatty() and not yes:
        what = f"the grant {grant_id} of {voice_id}" if grant_id else f"the voice {voice_id}"
        if not click.confirm(f"{what} is taken back for good: go on?", err=True):
            click.echo(f"{what} stays as it was", err=True)
            return
    if grant_id:
        consent.end_grant(home, grant_id, reason=reason)
        print_json({"schema": 1, "voice": voice_id, "grant": grant_id, "revoked": True}) if as_json else click.echo(
            f"the grant {grant_id} of {voice_id} is taken back"
        )
        return
    consent.revoke(home, voice_id, reason=reason)
    made = len(consent.impact(home, voice_id))
    if as_json:
        print_json({"schema": 1, "voice": voice_id, "revoked": True, "deliverables": made})
        return
    click.echo(f"{voice_id} is revoked; {made} delivered files have it: localize voices impact {voice_id}")


@voices.command()
@click.option("--verify", "check", is_flag=True, help="Check the whole chain; exit code 7 where it is broken.")
@click.option("--ledger", "path", type=PATH, help="Another ledger than this home's.")
@click.option("--anchor", type=PATH, help="With --verify: a head printed before, that the ledger must agree with.")
@click.option("--head", is_flag=True, help="Print the signed head, to be kept elsewhere as an anchor.")
@click.option("--accept-clock", is_flag=True, help="Go on although later records exist: their clock was wrong.")
@_JSON
def log(check: bool, path: Path | None, anchor: Path | None, head: bool, accept_clock: bool, as_json: bool) -> int:
    """Everything that was asked, granted, refused and made."""
    from ..consent import Home, ledger

    home = Home.open()
    if accept_clock:
        ledger.accept_clock(home)
        return 0
    if head:
        click.echo(ledger.read_head(home), nl=False)
        return 0
    if path is not None and not path.is_file():
        raise UsageError(f"{path} does not exist: --ledger names a copy of a ledger.jsonl")
    if check:
        verdict = ledger.inspect(home, path, anchor)
        if as_json:
            print_json({
                "schema": 1, "ok": verdict.ok, "records": verdict.records, "first_bad": verdict.first_bad,
                "reason": verdict.reason,
            })  # fmt: skip
            return 0 if verdict.ok else StoreError.exit_code
        if not verdict.ok:
            raise StoreError(
                f"the ledger{f' {path}' if path else ''} is broken at record {verdict.first_bad}: {verdict.reason}"
            )
        click.echo(f"intact: {verdict.records} records")
        return 0
    if anchor is not None:
        raise UsageError("--anchor is what --verify checks a ledger against: give --verify with it")
    records = ledger.read(home, path)
    if as_json:
        print_json({"schema": 1, "records": list(records)})
        return 0
    for record in records:
        rest = " ".join(f"{k}={v}" for k, v in record.items() if k not in ("seq", "at", "kind", "prev", "hash", "sig"))
        click.echo(f"{record['seq']:>6} {record['at']} {record['kind']:<12} {printable(rest)}")
    return 0


@voices.command()
@click.argument("speaker", metavar="SPEAKER")
@click.argument("folder", metavar="OUTDIR", type=PATH)
@click.option("--to", metavar="LANG", shell_complete=complete_language, help="Language of the dub [the only one].")
@click.option("--line", metavar="ID", default="", help="Line to be spoken [one of about four seconds].")
@click.option("--source", type=PATH, help="The film, where it does not lie near OUTDIR.")
@click.option("-o", "--output", type=PATH, help="New folder for the recordings [OUTDIR/NAME.audition-SPEAKER.LANG].")
@_JSON
def audition(
    speaker: str, folder: Path, to: str | None, line: str, source: Path | None, output: Path | None, as_json: bool
) -> None:
    """Render a line of a dub in three voices for SPEAKER, to be listened to; the dub stays as it is."""
    from ..pipeline import open_run
    from ..review_room.audition import audition as render
    from ..runtime.records import to_json
    from .terminal import Terminal

    made = render(folder, speaker, open_run(Terminal()), language=to, line=line, film=source, into=output)
    if as_json:
        print_json({"schema": 1, **to_json(made)})
        return
    click.echo(printable(f"{made.speaker} {made.line}: {made.text}"))
    for one in made.candidates:
        figures = [f"{one.pitch_hz:.0f} Hz", "" if one.dnsmos is None else f"DNSMOS {one.dnsmos:.2f}"]
        figures += ["" if one.likeness is None else f"like the actor {one.likeness:.2f}"]
        figures += ["" if one.nearest is None else f"like {one.partner} {one.nearest:.2f}"]
        mark = " (as dubbed)" if one.now else ""
        click.echo(printable(f"{one.file}{mark}  {', '.join(filter(None, figures))}"))
    click.echo(f"choose with: localize dub … --voice {made.speaker}=VOICE", err=True)


@voices.command()
@click.option("--from", "since", metavar="DATE", help="First day, UTC.")
@click.option("--to", "until", metavar="DATE", help="Last day, UTC.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for a spreadsheet.")
@_JSON
def usage(since: str | None, until: str | None, as_csv: bool, as_json: bool) -> None:
    """Spoken time and what is owed, for each voice, grant and title."""
    from .. import consent
    from ..runtime.records import to_json

    if as_csv and as_json:
        raise UsageError("--csv and --json are two forms of one answer: give one of them")
    found = consent.usage(consent.Home.open(), _day(since), _day(until))
    if as_json:
        print_json({"schema": 1, "usage": [to_json(entry) for entry in found], "owed": consent.totals(found)})
        return
    if as_csv:
        click.echo(consent.table(found, consent.Usage), nl=False)
        return
    for entry in found:
        owed = f"{entry.amount} {entry.currency}" if entry.amount else "-"
        click.echo(
            printable(
                f"{entry.voice:<12} {entry.spoken_ms / 1000:8.1f} s {entry.lines:>5} lines  {owed:>12}  "
                f"{entry.title} {','.join(entry.languages)}"
            )
        )
    for currency, amount in consent.totals(found).items():
        click.echo(printable(f"owed in all: {amount} {currency}"))


@voices.command()
@click.argument("voice_id", metavar="ID", shell_complete=complete_voice)
@click.option("-o", "--output", type=PATH, help="Write the list to a file: .csv, else JSON.")
@_JSON
def impact(voice_id: str, output: Path | None, as_json: bool) -> None:
    """Every delivered file that a voice is heard in, and what replaced it: the takedown list."""
    from .. import consent
    from ..runtime.files import write_json, write_text
    from ..runtime.records import to_json

    home = consent.Home.open()
    if output is not None:
        home.require_outside(output)
    found = consent.impact(home, voice_id)
    if not found:
        consent.card(home, voice_id)  # a typing error is not answered with "nowhere"
    beside = consent.clips_beside(found)
    said = {
        "schema": 1, "voice": voice_id, "deliverables": [to_json(entry) for entry in found],
        "clips": [str(folder) for folder in beside],
    }  # fmt: skip
    if output is not None:
        if output.suffix.lower() == ".csv":
            write_text(output, consent.table(found, consent.Made))
        else:
            write_json(output, said)
    if as_json:
        print_json(said)
        return
    for entry in found:
        state = "replaced" if entry.replaced_by else "current"
        click.echo(
            f"{state:<9} {printable(str(Path(entry.folder, entry.file)))}  {entry.language}  {entry.at}  "
            f"sha256 {entry.sha256[:16]}  {len(entry.segments)} lines"
        )
    for folder in beside:
        click.echo(f"clips     {printable(str(folder))}  its lines to listen to, beside a report: take it down too")
    if not found:
        click.echo(f"{voice_id} is heard in nothing that this home delivered", err=True)


@voices.command("export")
@click.argument("voice_id", metavar="ID", shell_complete=complete_voice)
@click.option("-o", "--output", type=PATH, help="The pack [ID.voice.zip].")
@_JSON
def export_pack(voice_id: str, output: Path | None, as_json: bool) -> None:
    """Write an enrolled voice with its grants to a pack for another home; the ledger notes it."""
    from .. import consent

    path = output or Path(f"{voice_id}.voice.zip")
    issuer = consent.export_voice(consent.Home.open(), voice_id, path)
    if as_json:
        print_json({"schema": 1, "voice": voice_id, "pack": str(path), "issuer": issuer})
        return
    click.echo(printable(str(path)))
    click.echo(f"tell whoever imports it, by another way: --issuer {issuer}")


@voices.command("import")
@click.argument("pack", metavar="PACK", type=PATH)
@click.option("--issuer", required=True, metavar="KEY", help="Of who signed the grants, as they told you.")
@_JSON
def import_pack(pack: Path, issuer: str, as_json: bool) -> None:
    """Take a voice and its grants from another home's pack."""
    from .. import consent
    from ..runtime.records import to_json

    made = consent.import_voice(consent.Home.open(), pack, issuer)
    if as_json:
        print_json({"schema": 1, **to_json(made)})
        return
    click.echo(f"{made.voice.id} imported with {len(made.grants)} grants")


@voices.command()
@click.option("-o", "--output", type=PATH, help="Write the signed list of what was revoked here.")
@click.option("--from", "given", type=PATH, help="Take the list of an issuer whose voices were imported.")
@click.option("--issuer", default="", metavar="KEY", help="With --from: of who signed the list, as they told you.")
@_JSON
def revocations(output: Path | None, given: Path | None, issuer: str, as_json: bool) -> None:
    """Write what was revoked here as a signed list, or take the list of an issuer of imported voices."""
    from .. import consent
    from ..runtime.records import to_json

    home = consent.Home.open()
    if (output is None) == (given is None) or (given is not None and not issuer):
        raise UsageError("give -o FILE to write the list of this home, or --from FILE --issuer KEY to take another's")
    if output is not None:
        key = consent.export_revocations(home, output)
        said = {"schema": 1, "list": str(output), "issuer": key}
        print_json(said) if as_json else click.echo(f"{printable(str(output))}\ntell whoever takes it: --issuer {key}")
        return
    assert given is not None
    taken = consent.import_revocations(home, given, issuer)
    if as_json:
        print_json({"schema": 1, **to_json(taken)})
        return
    click.echo(f"{len(taken.voices)} voices and {len(taken.grants)} grants revoked: {', '.join(taken.voices) or '-'}")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date: write YYYY-MM-DD") from error


def _amount(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation as error:
        raise UsageError(f"{text!r} is not an amount: write a number such as 120.50") from error
