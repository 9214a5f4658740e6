"""Reading a manifest back: is this still the file that was delivered from this home?"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .. import ledger
from ..errors import MediaError, StoreError
from ..store import disk_errors, sha256_of
from .keys import Signer
from .manifest import EMBEDS, OURS, PLAIN, context_trusting, kind_of, printable, short

if TYPE_CHECKING:
    from ..consent import Home

_SIDECAR_LIMIT = 64 << 20

CheckName = Literal["manifest", "hash", "trust", "source", "ledger", "watermark"]


@dataclass(frozen=True, slots=True)
class Check:
    """One question put to a file."""

    name: CheckName
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A file and everything that was asked of it; `ok` when every check is."""

    path: str
    ok: bool
    checks: tuple[Check, ...]


def verify(
    paths: Sequence[Path],
    home: Home,
    source: Path | None = None,
    *,
    watermark: Callable[[Path], float] | None = None,
) -> tuple[Checked, ...]:
    """Check that files are still what was delivered from this home.

    Args:
        paths: any files, also of other tools; what they lack is said.
        home: whose root is trusted and whose ledger is asked. Nothing is written to it.
        source: the file they should have been made from; asked only when given.
        watermark: gives the confidence (0…1) that a file is marked; asked only of files that claim a mark.

    Raises:
        MediaError: a file cannot be read at all.
    """
    key = home.keys / "c2pa.pem"
    root = Signer.read(key).root if key.exists() else None
    source_hash = _readable_hash(source) if source is not None else None
    delivered = _delivered(home)
    return tuple(_verify_one(path, root, source_hash, delivered, watermark) for path in paths)


def _verify_one(
    path: Path,
    root: str | None,
    source_hash: str | None,
    delivered: frozenset[str] | str,
    watermark: Callable[[Path], float] | None,
) -> Checked:
    digest = _readable_hash(path)
    checks, ours = _manifest_checks(path, root)
    if source_hash is not None:
        named = ours.get("source")
        same = isinstance(named, dict) and named.get("sha256") == source_hash
        checks.append(Check("source", same, "made from this source" if same else "not made from this source"))
    if isinstance(delivered, str):
        checks.append(Check("ledger", False, delivered))
    else:
        known = digest in delivered
        detail = "in the ledger as delivered" if known else "these bytes are in no ledger record of this home"
        checks.append(Check("ledger", known, detail))
    claimed = str(ours.get("watermark", "none"))
    if claimed != "none":
        checks.append(_watermark_check(path, claimed, watermark))
    return Checked(str(path), all(check.ok for check in checks), tuple(checks))


def _readable_hash(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise MediaError(f"{path} is no file: give the file to verify", path=str(path))
        return sha256_of(path)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", path=str(path)) from error


def _delivered(home: Home) -> frozenset[str] | str:
    """Hashes of all files the ledger says were delivered, or why it cannot be asked."""
    try:
        return frozenset(r["sha256"] for r in ledger.read(home) if r["kind"] == "deliverable" and "sha256" in r)
    except StoreError as error:
        return f"the ledger is not in order: {error.message}"


def _manifest_checks(path: Path, root: str | None) -> tuple[list[Check], dict[str, Any]]:
    import c2pa

    context = context_trusting(root)
    kind = kind_of(path)
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
            raise MediaError(f"{path} is no media file that can be read: {short(error)}", path=str(path)) from error
        return [Check("manifest", False, f"its manifest or the file is damaged: {short(error)}")], {}
    if found is None:
        return [Check("manifest", False, "it carries no manifest, and none lies beside it")], {}
    good, bad, manifest = found
    broken = [code for code in bad if not code.startswith("signingCredential.")]
    trusted = "signingCredential.trusted" in good and root is not None
    signed_by = str(manifest.get("signature_info", {}).get("common_name", "nobody"))
    hashed = Check(
        "hash",
        not broken,
        f"changed after signing: {', '.join(broken)}" if broken else "unchanged since signing",
    )
    vouched = (
        "signed by this home" if trusted else f"signed by {printable(signed_by)[:100]}, whom this home does not know"
    )
    told = [a.get("data") for a in manifest.get("assertions", []) if a.get("label") == OURS]
    ours = told[0] if told and isinstance(told[0], dict) else {}
    return [Check("manifest", True, "found"), hashed, Check("trust", trusted, vouched)], ours


def _report(reader: Any) -> tuple[list[str], list[str], dict[str, Any]]:
    """What held, what did not, and the active manifest itself."""
    with reader:
        said = json.loads(reader.json())
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

    try:
        with av.open(f"file:{path}", metadata_errors="replace", options={"protocol_whitelist": "file"}) as container:
            return len(container.streams) > 0
    except (av.FFmpegError, OSError, ValueError):
        return False


def _watermark_check(path: Path, claimed: str, measure: Callable[[Path], float] | None) -> Check:
    if measure is None:
        return Check("watermark", False, f"the mark {printable(claimed)} it claims cannot be measured here")
    with disk_errors(str(path)):
        confidence = measure(path)
    return Check("watermark", confidence >= 0.5, f"marked with confidence {confidence:.2f}")
