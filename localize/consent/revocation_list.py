"""Revocation lists: what an issuer took back, signed, for the homes that imported their voices.

A list names every voice and every single grant that its issuer revoked, and has a number that only grows: a list with a
smaller one than was taken before is refused, so that no old list is passed off as the latest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import MediaError, NoGrant, UsageError
from ..runtime import reading
from ..runtime.files import atomic_write
from . import keyring, ledger
from .book import read_book
from .grant_store import end_grant, revoke
from .home import Home
from .terms import imported_from

LIMIT = 16 << 20
"""Most bytes a list may have: about 60,000 voices."""


@dataclass(frozen=True, slots=True)
class TakenRevocations:
    """What a list changed here: voices and single grants that were in use and no longer are."""

    issuer: str
    number: int
    voices: tuple[str, ...]
    grants: tuple[str, ...]


def export_revocations(home: Home, target: Path) -> str:
    """Write the signed list of what this home revoked.

    Returns:
        the issuer's public key in hex, which whoever takes the list must be told by another way.

    Raises:
        UsageError: this home granted nothing, so that nobody imported anything from it; or the target lies in it.
        StoreError: it cannot be written, or the ledger is not in order.
    """
    home.require_outside(target)
    path = home.keys / "issuer.key"
    if not path.exists():
        raise UsageError("this home granted nothing: there is nothing another home could have imported")
    key = keyring.load_key(path)
    issuer = key.public_key().public_bytes_raw().hex()
    records = ledger.read(home)
    voices = [
        {"voice": r["voice"], "files": r.get("files", []), "at": r["at"]} for r in records if r["kind"] == "revocation"
    ]
    grants = [{"grant": r["grant"], "at": r["at"]} for r in records if r["kind"] == "grant_revocation"]
    said = {"schema": 1, "issuer": issuer, "number": len(records), "voices": voices, "grants": grants}
    signed = {**said, "signature": key.sign(keyring.canonical(said)).hex()}
    with atomic_write(target) as draft:
        draft.write_bytes(keyring.canonical(signed) + b"\n")
    return issuer


def import_revocations(home: Home, path: Path, issuer: str) -> TakenRevocations:
    """Revoke here what the issuer of imported voices revoked. Only voices and grants of theirs are touched, and voices
    of other packs that hold the same recording.

    Args:
        home: that imported from them.
        path: the list.
        issuer: their key, as they told it: hex.

    Raises:
        MediaError: it is no such list.
        NoGrant: it is not signed by the issuer named, or older than one that was taken before.
        StoreError: it cannot be written, or the ledger is not in order.
    """
    issuer = issuer.strip().lower()
    number, revoked, ended = _read_list(path, issuer)
    book = read_book(home)
    if number < book.lists.get(issuer, 0):
        raise NoGrant(
            f"{path} is older than the list of this issuer taken before (number {number}, {book.lists[issuer]} "
            "was seen): ask them for the latest"
        )
    imported = {voice for voice, record in book.enrolments.items() if "pack_sha256" in record}
    theirs = {voice for voice in imported if imported_from(home, voice) == (True, issuer)}
    files = {name for _, names in revoked for name in names}
    named = theirs & {voice for voice, _ in revoked}
    # Their recording under another name, or in a pack that another signed, is their recording all the same.
    gone = named | {v for v in imported if files & set(book.enrolments[v].get("files", ()))}
    voices = tuple(sorted(voice for voice in gone if voice not in book.revoked))
    grants = tuple(g for g in ended if book.grants.get(g, {}).get("voice") in theirs and g not in book.ended)
    for voice in voices:
        revoke(home, voice, reason="revoked by its issuer")
    for grant in grants:
        end_grant(home, grant, reason="taken back by its issuer")
    ledger.append(home, "revocation_list", issuer=issuer, number=number, voices=list(voices), grants=list(grants))
    return TakenRevocations(issuer, number, voices, grants)


def _read_list(path: Path, issuer: str) -> tuple[int, list[tuple[str, tuple[str, ...]]], list[str]]:
    """Number, revoked voices with the hashes of their data, and ended grants, of a list signed by `issuer`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        said = keyring.strict_json(reading.read_text(path, LIMIT).encode())
        signature = said.pop("signature")
        if said["schema"] != 1 or said["issuer"] != issuer:
            raise NoGrant(f"{path} is not signed by the issuer you named: ask them for their key by another way")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(issuer))
        if not keyring.verify_signature(key, signature, keyring.canonical(said)):
            raise NoGrant(f"{path} was changed after it was signed: ask its issuer for it again")
        revoked = [(str(v["voice"]), tuple(map(str, v["files"]))) for v in said["voices"]]
        return int(said["number"]), revoked, [str(g["grant"]) for g in said["grants"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MediaError(f"{path} is no revocation list: {' '.join(str(error).split())}", path=str(path)) from error
