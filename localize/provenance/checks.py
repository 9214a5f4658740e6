"""Verify deliverables: manifest, hash, trust, ledger, watermark."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..consent import ledger
from ..consent.book import book_of
from ..consent.grants import revocations
from ..errors import MediaError, StoreError
from ..runtime import reading
from ..runtime.files import disk_errors, sha256_of
from .c2pa_settings import context_trusting, one_line
from .listing import LISTING, find_listed, missing_or_changed
from .manifest import EMBEDS, OURS, PLAIN, manifest_format, visible
from .trust import TrustedSigners, root_in, roots, signers_named

if TYPE_CHECKING:
    from ..consent import Home


_SIDECAR_LIMIT = 64 << 20
_EXTRA = "pip install 'localize-toolkit[watermark]'"
_TEXTS = frozenset((".srt", ".vtt", ".ass", ".ttml", ".scc", ".stl", ".sbv"))

CheckName = Literal["manifest", "hash", "trust", "name", "source", "ledger", "voices", "watermark"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a file and its result."""

    name: CheckName
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A file with all its checks; `ok` when every check passed.

    Args:
        path: as given.
        ok: every check passed.
        checks: what was looked at.
        claims: what the manifest says of itself, as far as its bytes and signer hold: title, kind, language, source …;
            empty where there is none of ours.
    """

    path: str
    ok: bool
    checks: tuple[Check, ...]
    claims: Mapping[str, str] = field(default_factory=dict)


def verify(
    paths: Sequence[Path],
    home: Home,
    source: Path | None = None,
    *,
    trust: Sequence[str] = (),
    trust_time: Path | None = None,
    watermark: Callable[[Path], float] | None = None,
    marked: bool = False,
) -> tuple[Checked, ...]:
    """Check that files are still what was delivered from this home, or from another that you trust.

    Args:
        paths: any files, also of other tools; what they lack is said.
        home: whose roots are trusted and whose ledger is asked. Nothing is written to it.
        source: the file they should have been made from; asked only when given.
        trust: of another home, as `signers_named` takes it: whom to trust instead. No ledger is asked, for it is there.
        trust_time: certificates (PEM) of timestamp authorities: the time of a signature counts when one vouches for it.
        watermark: gives the confidence (0…1) that a file is marked; asked of files that claim a mark.
        marked: ask it of every file; one without a mark fails then.

    Raises:
        MediaError: a file cannot be read at all.
        UsageError: `trust` names nobody.
    """
    asked = _VerifyContext(
        trusted=replace(
            signers_named(trust) if trust else TrustedSigners(roots(home)),
            time_roots=root_in(trust_time) if trust_time is not None else "",
        ),
        elsewhere=bool(trust),
        source=_readable_hash(source) if source is not None else None,
        ledger=None if trust else _read_ledger(home),
        watermark=watermark,
        marked=marked,
    )
    return tuple(_verify_one(path, asked) for path in paths)


@dataclass(frozen=True, slots=True)
class _VerifyContext:
    """What every file is verified against: trusted signers, the source's hash, the ledger's facts or why
    they cannot be asked (None where the ledger is another home's).
    """

    trusted: TrustedSigners
    elsewhere: bool
    source: str | None
    ledger: _LedgerFacts | str | None
    watermark: Callable[[Path], float] | None
    marked: bool


def _verify_one(path: Path, asked: _VerifyContext) -> Checked:
    digest = _readable_hash(path)
    listed = find_listed(path) if not _is_file(path.with_name(path.name + ".c2pa")) else None
    checks, ours, claims = _manifest_checks(listed.listing if listed else path, asked)
    if listed is not None:
        same = listed.sha256 == digest
        detail = f"{'as' if same else 'not as'} {LISTING} lists it" if listed.sha256 else f"{LISTING} does not list it"
        checks.append(Check("name" if not listed.sha256 else "hash", same, detail))
        digest = _readable_hash(listed.listing)
    elif path.name == LISTING and ours:
        others = missing_or_changed(path)
        shown = ", ".join(_claimed(name) for name in others[:5])
        detail = (
            f"{len(others)} files changed, missing or added: {shown}" if others else "every listed file is unchanged"
        )
        checks.append(Check("hash", not others, detail))
    elif ours:
        checks.append(_name_check(path, claims))
    if asked.source is not None:
        checks.append(_source_check(ours, asked.source))
    if isinstance(asked.ledger, str):
        checks.append(Check("ledger", False, asked.ledger))
    elif asked.ledger is not None:
        checks.append(_ledger_check(digest, ours.get("ledger"), asked.ledger))
        if ours.get("voices"):
            checks.append(_voices_check(ours, asked.ledger))
    if ours or asked.marked:
        checks.append(_watermark_check(path, str(ours.get("watermark", "none")), asked))
    return Checked(str(path), all(check.ok for check in checks), tuple(checks), claims)


def _ledger_check(digest: str, anchor: object, known: _LedgerFacts) -> Check:
    """Whether the ledger says that these bytes were delivered, and is not older than they are."""
    if isinstance(anchor, dict) and anchor.get("key") == known.key:
        count = anchor.get("count")
        if isinstance(count, int) and count > len(known.hashes):
            return Check(
                "ledger",
                False,
                f"the ledger here has {len(known.hashes)} records, and had {count} when the file was delivered: "
                "it was rolled back or replaced",
            )
        if isinstance(count, int) and count > 0 and known.hashes[count - 1] != anchor.get("hash"):
            return Check("ledger", False, f"record {count} of the ledger is another than when the file was delivered")
    elif isinstance(anchor, dict) and anchor and digest not in known.delivered:
        return Check("ledger", False, "it was delivered by another ledger than this home's, or this one was replaced")
    if digest in known.delivered:
        return Check("ledger", True, "in the ledger as delivered")
    return Check("ledger", False, "these bytes are in no ledger record of this home")


def _name_check(path: Path, claims: Mapping[str, str]) -> Check:
    """A file under another name may be given out for another language or episode, with a signature that holds."""
    title = claims.get("title", "")
    if path.name == title:
        return Check("name", True, "named as it was signed")
    return Check("name", False, f"it was signed as {title!r}, and has another name here: is it what is wanted?")


def _voices_check(ours: Mapping[str, Any], known: _LedgerFacts) -> Check:
    """What this home knows today of the voices heard in the file."""
    listed = ours["voices"]
    voices = [v for v in listed if isinstance(v, dict)] if isinstance(listed, list) else []
    ids = [str(v.get("id") or known.voices.get(str(v.get("grant_sha256")), "")) for v in voices]
    parents = [str(p) for v in voices if isinstance(v.get("parents"), list) for p in v["parents"]]
    gone = [f"{voice} revoked{known.revoked[voice]}" for voice in (*ids, *parents) if voice in known.revoked]
    if gone:
        return Check("voices", False, f"voice {', '.join(gone)}: it may not be shown any more")
    basis = sorted({_claimed(v.get("consent", "consent not said")) for v in voices})
    strangers = ids.count("")
    unknown = (
        f"; {strangers} of them unknown in this home, so that a revocation would not be known" if strangers else ""
    )
    return Check("voices", True, f"none of {len(voices)} revoked here ({'; '.join(basis)}){unknown}")


def _source_check(ours: dict[str, Any], wanted: str) -> Check:
    named = ours.get("source")
    if not isinstance(named, dict):
        return Check("source", False, "no manifest of ours says what it was made from")
    same = named.get("sha256") == wanted
    return Check("source", same, "made from this source" if same else "not made from this source")


def _readable_hash(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise MediaError(f"{path} is no file: give the file to verify", path=str(path))
        return sha256_of(path)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", path=str(path)) from error


@dataclass(frozen=True, slots=True)
class _LedgerFacts:
    """What a home's ledger knows: its key, the hash of each record, hashes of delivered files, voices by the hash of
    their grant, and revoked voices.
    """

    key: str
    hashes: Sequence[str]

    delivered: frozenset[str]
    voices: Mapping[str, str]
    revoked: Mapping[str, str]


def _read_ledger(home: Home) -> _LedgerFacts | str:
    """The facts of a home's ledger, or why it cannot be asked."""
    try:
        records = ledger.read(home)
    except StoreError as error:
        return f"the ledger is not in order: {error.message}"
    delivered = frozenset(r["sha256"] for r in records if r["kind"] == "deliverable" and "sha256" in r)
    book = book_of(records)
    voices = {hashlib.sha256(name.encode()).hexdigest(): str(grant["voice"]) for name, grant in book.grants.items()}
    key = str(ledger.anchor(home)["key"]) if records else ""
    return _LedgerFacts(key, [str(r["hash"]) for r in records], delivered, voices, revocations(home, book))


def _manifest_checks(path: Path, asked: _VerifyContext) -> tuple[list[Check], dict[str, Any], dict[str, str]]:
    """The checks of a file's manifest, our own part of it, and what it claims."""
    import c2pa

    context = context_trusting(asked.trusted.roots, asked.trusted.pins, asked.trusted.time_roots)
    kind = manifest_format(path)
    sidecar = path.with_name(path.name + ".c2pa")
    try:
        found = None
        if kind in EMBEDS:
            with suppress(c2pa.C2paError.ManifestNotFound), path.open("rb") as file:
                found = _report(c2pa.Reader(kind, file, context=context))
        if found is None and _is_file(sidecar):
            data = reading.read_bytes(sidecar, _SIDECAR_LIMIT)
            with path.open("rb") as file:
                found = _report(c2pa.Reader(PLAIN, file, manifest_data=data, context=context))
    except (c2pa.C2paError, ValueError, KeyError, OSError) as error:
        if not _bears_manifest(path) and not _is_file(sidecar) and not _opens(path):
            raise MediaError(f"{path} is no media file that can be read: {one_line(error)}", path=str(path)) from error
        return [Check("manifest", False, f"its manifest or the file is damaged: {one_line(error)}")], {}, {}
    if found is None:
        absent = "it carries no manifest, and none lies beside it"
        if path.suffix.lower() in _TEXTS:
            absent += ": 'localize dub' signs the subtitles of every --profile, 'localize subs' signs none"
        return [Check("manifest", False, absent)], {}, {}
    good, bad, manifest = found
    broken = [code for code in bad if not code.startswith("signingCredential.")]
    hashed = Check(
        "hash",
        not broken,
        f"changed after signing: {', '.join(broken)}" if broken else "unchanged since signing",
    )
    own_data = [a.get("data") for a in manifest.get("assertions", []) if a.get("label") == OURS]
    ours = own_data[0] if own_data and isinstance(own_data[0], dict) else {}
    claims = _claims(manifest, ours, "timeStamp.trusted" in good) if ours and not broken else {}
    return [Check("manifest", True, "found"), hashed, _trust_check(good, bad, manifest, asked)], ours, claims


def _trust_check(good: Sequence[str], bad: Sequence[str], manifest: Mapping[str, Any], asked: _VerifyContext) -> Check:
    """Whether the signer is one whom to trust, and its certificate was valid when it signed."""
    signer = str(manifest.get("signature_info", {}).get("common_name", "nobody"))
    named = f"signed by {_claimed(signer)[:100]}"
    if "signingCredential.expired" in bad:
        stamped = bool(manifest.get("signature_info", {}).get("time"))
        why = "its time is of an authority that nobody trusts here (--trust-time)" if stamped else "it carries no time"
        return Check(
            "trust",
            False,
            f"{named}, whose certificate has expired since, or was not valid yet; nothing shows when it signed, for "
            f"{why}: ask the signer for the file signed anew",
        )
    who = "the certificate given" if asked.elsewhere else "this home"
    known = "signingCredential.trusted" in good and bool(asked.trusted.roots or asked.trusted.pins)
    if known and asked.trusted.names and signer not in asked.trusted.names:
        return Check("trust", False, f"{named}, not by {' or '.join(asked.trusted.names)}, though {who} vouches for it")
    return Check("trust", known, f"{named}, {'trusted' if known else 'not known'} by {who}")


def _claims(manifest: Mapping[str, Any], ours: Mapping[str, Any], timed: bool) -> dict[str, str]:
    """What a manifest of ours says of the file, in texts that any terminal can show; unsaid things are left out."""
    signature, source = manifest.get("signature_info", {}), ours.get("source", {})
    actions = [a for one in manifest.get("assertions", []) for a in one.get("data", {}).get("actions", ())]
    kinds = {str(a["description"]) for a in actions if "description" in a}
    said = {
        "title": manifest.get("title", ""),
        "kind": "; ".join(sorted(kinds)),
        "language": ours.get("language", ""),
        "variant": ours.get("variant", ""),
        "source_language": ours.get("source_language", ""),
        "source": source.get("name", ""),
        "source_sha256": source.get("sha256", ""),
        "signer": signature.get("common_name", ""),
        "signed": _signed(str(signature.get("time") or ""), timed),
    }
    return {name: _claimed(text) for name, text in said.items() if text}


def _signed(time: str, timed: bool) -> str:
    if not time:
        return "no trusted time: the signer's clock is not recorded"
    return time if timed else f"{time}, says an authority that is not trusted here: give its certificate (--trust-time)"


def _claimed(text: object) -> str:
    """A text of a manifest, cut to what a line can hold."""
    return visible(str(text))[:200]


def _report(reader: Any) -> tuple[list[str], list[str], dict[str, Any]]:
    """What held, what did not, and the active manifest itself."""
    with reader:
        said = reading.parse_json(reader.json())
    active = said.get("validation_results", {}).get("activeManifest", {})
    good, bad = ([str(entry["code"]) for entry in active.get(part, [])] for part in ("success", "failure"))
    manifest = said["manifests"][said["active_manifest"]]
    # Without a positive word on the signature and on the bytes, nothing was shown.
    if "claimSignature.validated" not in good:
        bad.append("claimSignature.missing")
    if not any(code in good for code in ("assertion.dataHash.match", "assertion.bmffHash.match")):
        bad.append("assertion.hash.missing")
    return good, sorted(set(bad)), manifest


def _is_file(path: Path) -> bool:
    """Whether a plain file is there; a name too long to be is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _bears_manifest(path: Path) -> bool:
    """Whether the bytes hold a manifest, wherever it is: then a file that cannot be parsed was damaged."""
    last = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if b"jumdc2pa" in last + block:
                return True
            last = block[-8:]
    return False


def _opens(path: Path) -> bool:
    import av

    from ..media import open_media

    try:
        with open_media(path) as container:
            return len(container.streams) > 0
    except (av.FFmpegError, OSError, ValueError):
        return False


def _watermark_check(path: Path, claimed: str, asked: _VerifyContext) -> Check:
    if claimed == "none" and not asked.marked:
        return Check("watermark", True, "none, as its manifest says")
    if asked.watermark is None:
        return Check("watermark", False, f"the mark {_claimed(claimed)} it claims cannot be measured here: {_EXTRA}")
    with disk_errors(str(path)):
        confidence = asked.watermark(path)
    return Check("watermark", confidence >= 0.5, f"marked with confidence {confidence:.2f}")
