"""Verify deliverables: manifest, hash, trust, ledger, watermark."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..consent import ledger
from ..errors import MediaError, StoreError
from ..runtime import reading
from ..runtime.files import disk_errors, sha256_of
from .c2pa_settings import context_trusting, one_line
from .keys import root_in, roots
from .manifest import EMBEDS, OURS, PLAIN, manifest_format, printable

if TYPE_CHECKING:
    from ..consent import Home


_SIDECAR_LIMIT = 64 << 20
_EXTRA = "pip install 'localize-toolkit[watermark]'"

CheckName = Literal["manifest", "hash", "trust", "source", "ledger", "watermark"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a file and its result."""

    name: CheckName
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A file with all its checks; `ok` when every check passed."""

    path: str
    ok: bool
    checks: tuple[Check, ...]


def verify(
    paths: Sequence[Path],
    home: Home,
    source: Path | None = None,
    *,
    trust: Path | None = None,
    watermark: Callable[[Path], float] | None = None,
    marked: bool = False,
) -> tuple[Checked, ...]:
    """Check that files are still what was delivered from this home, or from another that you trust.

    Args:
        paths: any files, also of other tools; what they lack is said.
        home: whose roots are trusted and whose ledger is asked. Nothing is written to it.
        source: the file they should have been made from; asked only when given.
        trust: certificates (PEM) of another home: they are trusted instead, and no ledger is asked, for it is there.
        watermark: gives the confidence (0…1) that a file is marked; asked of files that claim a mark.
        marked: ask it of every file; one without a mark fails then.

    Raises:
        MediaError: a file cannot be read at all.
        UsageError: `trust` holds no certificates.
    """
    asked = _VerifyContext(
        roots=root_in(trust) if trust is not None else roots(home),
        elsewhere=trust is not None,
        source=_readable_hash(source) if source is not None else None,
        delivered=frozenset() if trust is not None else _delivered_hashes(home),
        watermark=watermark,
        marked=marked,
    )
    return tuple(_verify_one(path, asked) for path in paths)


@dataclass(frozen=True, slots=True)
class _VerifyContext:
    """What every file is verified against: trusted certificates, the source's hash, delivered hashes or why none is
    known.
    """

    roots: str
    elsewhere: bool
    source: str | None
    delivered: frozenset[str] | str
    watermark: Callable[[Path], float] | None
    marked: bool


def _verify_one(path: Path, asked: _VerifyContext) -> Checked:
    digest = _readable_hash(path)
    checks, ours = _manifest_checks(path, asked)
    if asked.source is not None:
        checks.append(_source_check(ours, asked.source))
    if isinstance(asked.delivered, str):
        checks.append(Check("ledger", False, asked.delivered))
    elif not asked.elsewhere:
        known = digest in asked.delivered
        detail = "in the ledger as delivered" if known else "these bytes are in no ledger record of this home"
        checks.append(Check("ledger", known, detail))
    if ours or asked.marked:
        checks.append(_watermark_check(path, str(ours.get("watermark", "none")), asked))
    return Checked(str(path), all(check.ok for check in checks), tuple(checks))


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


def _delivered_hashes(home: Home) -> frozenset[str] | str:
    """Hashes of all files the ledger says were delivered, or why it cannot be asked."""
    try:
        return frozenset(r["sha256"] for r in ledger.read(home) if r["kind"] == "deliverable" and "sha256" in r)
    except StoreError as error:
        return f"the ledger is not in order: {error.message}"


def _manifest_checks(path: Path, asked: _VerifyContext) -> tuple[list[Check], dict[str, Any]]:
    import c2pa

    context = context_trusting(asked.roots or None)
    kind = manifest_format(path)
    sidecar = path.with_name(path.name + ".c2pa")
    try:
        found = None
        if kind in EMBEDS:
            with suppress(c2pa.C2paError.ManifestNotFound), path.open("rb") as file:
                found = _report(c2pa.Reader(kind, file, context=context))
        if found is None and sidecar.is_file() and sidecar.stat().st_size <= _SIDECAR_LIMIT:
            data = sidecar.read_bytes()
            with path.open("rb") as file:
                found = _report(c2pa.Reader(PLAIN, file, manifest_data=data, context=context))
    except (c2pa.C2paError, ValueError, KeyError, OSError) as error:
        if not _bears_manifest(path) and not sidecar.exists() and not _opens(path):
            raise MediaError(f"{path} is no media file that can be read: {one_line(error)}", path=str(path)) from error
        return [Check("manifest", False, f"its manifest or the file is damaged: {one_line(error)}")], {}
    if found is None:
        return [Check("manifest", False, "it carries no manifest, and none lies beside it")], {}
    good, bad, manifest = found
    broken = [code for code in bad if not code.startswith("signingCredential.")]
    trusted = "signingCredential.trusted" in good and bool(asked.roots)
    signed_by = str(manifest.get("signature_info", {}).get("common_name", "nobody"))
    hashed = Check(
        "hash",
        not broken,
        f"changed after signing: {', '.join(broken)}" if broken else "unchanged since signing",
    )
    who = "the certificate given" if asked.elsewhere else "this home"
    named = printable(signed_by)[:100]
    vouched = f"signed by {named}, {'trusted' if trusted else 'not known'} by {who}"
    told = [a.get("data") for a in manifest.get("assertions", []) if a.get("label") == OURS]
    ours = told[0] if told and isinstance(told[0], dict) else {}
    return [Check("manifest", True, "found"), hashed, Check("trust", trusted, vouched)], ours


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
        return Check("watermark", False, f"the mark {printable(claimed)} it claims cannot be measured here: {_EXTRA}")
    with disk_errors(str(path)):
        confidence = asked.watermark(path)
    return Check("watermark", confidence >= 0.5, f"marked with confidence {confidence:.2f}")
