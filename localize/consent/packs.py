"""Voice packs: export an enrolled voice with its grants to another home; an imported pack is untrusted until verified.

A pack is a zip with `pack.json`, `voice.toml`, the files the card names, and `grants/<voice>.<id>.json`. Its grants are
signed by the home it comes from; they hold where its issuer's key is known by another way than the pack itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..data import Voice
from ..errors import GrantRevoked, MediaError, NoGrant, UsageError
from ..runtime import reading
from ..runtime.files import atomic_write, sha256_of
from . import keyring, ledger
from .book import Book, read_book
from .enrolment import check_id_is_free, staged_voice
from .grant_store import grants
from .grants import revocations, revoked_on
from .home import Home
from .registry import CARD_LIMIT, LARGEST, Card, card, card_in, read_voice_data, valid_id
from .terms import GRANT_LIMIT, Terms, canonical_bytes, grant_files, imported_from, ledger_entry, terms_in

LARGEST_PACK = 128 << 20
MOST_FILES = 256
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error)
_STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported voice and the grants of its pack."""

    voice: Voice
    grants: tuple[Terms, ...]


def export_voice(home: Home, voice_id: str, target: Path) -> str:
    """Write an enrolled voice and its grants to a pack; the ledger knows of every pack.

    Returns:
        the issuer's public key in hex, which whoever imports the pack must be told by another way.

    Raises:
        UsageError: a stock voice, one without a grant, or a target in the home.
        GrantRevoked: it was taken back.
        NoGrant: no such voice, or its data are not those enrolled.
        StoreError: it cannot be written.
    """
    home.require_outside(target)
    known = card(home, voice_id)
    if known.stock:
        raise UsageError(f"{voice_id} is a stock voice: every installation has it")
    if known.licensed:
        raise UsageError(f"{voice_id} is a {known.origin}: blend the same there with `localize voices blend`")
    if revoked_on(known.voice, revocations(home)) is not None:
        raise GrantRevoked(f"the voice {voice_id} was revoked: it goes nowhere", voice=voice_id)
    given = [terms for terms in grants(home, voice_id) if terms.reference_sha256 == known.binding]
    if not given:
        raise UsageError(f"no grant for the voice {voice_id}: a pack without a grant is of no use to anybody")
    key = given[-1].issuer
    given = [terms for terms in given if terms.issuer == key]
    files = {
        "pack.json": canonical_bytes({"schema": 1, "voice": voice_id, "issuer": key}),
        "voice.toml": (Path(known.voice.folder) / "voice.toml").read_bytes(),
        **{name: read_voice_data(known.voice, name) for name, _ in known.voice.files},
        **{f"grants/{_grant_name(t)}": (home.grants / _grant_name(t)).read_bytes() for t in given},
    }
    with atomic_write(target) as draft:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, _STAMP), data, zipfile.ZIP_DEFLATED)
        ledger.append(home, "export", voice=voice_id, sha256=sha256_of(draft), grants=[t.id for t in given])
    return key


def import_voice(home: Home, pack: Path, issuer: str) -> Imported:
    """Take a voice and its grants from a pack, all or nothing.

    Args:
        home: where they are kept.
        pack: written by `export_voice` in another home.
        issuer: the key of who signed the grants, as they told it: hex. They can grant this voice here, no other.

    Raises:
        MediaError: it is no pack, or not as it was written.
        NoGrant: it is signed by another issuer, or a grant in it is void.
        GrantRevoked: the voice was revoked here.
        UsageError: the voice's id is taken.
        StoreError: it cannot be written.
    """
    data = _read(pack)
    try:
        files = dict(_read_entries(data))
        said = keyring.strict_json(files.pop("pack.json", b""))
        if not isinstance(said, dict) or set(said) != {"schema", "voice", "issuer"} or said["schema"] != 1:
            raise ValueError("its pack.json is not one we know")
        voice_id = said["voice"]
        if not isinstance(voice_id, str) or not valid_id(voice_id):
            raise ValueError("it names no voice")
        known = card_in(files.pop("voice.toml", b""), Path(voice_id), stock=False)
        given = {n.removeprefix("grants/"): files.pop(n) for n in sorted(files) if n.startswith("grants/")}
        if {name: hashlib.sha256(one).hexdigest() for name, one in files.items()} != dict(known.voice.files):
            raise ValueError("its files are not those its card names")
    except (*_BROKEN, ValueError, RecursionError, NotImplementedError, OverflowError, EOFError) as error:
        raise MediaError(f"{pack} is no voice pack that can be trusted: {' '.join(str(error).split())}") from error
    if said["issuer"] != issuer.strip().lower():
        raise NoGrant("the pack is not signed by the issuer you named: ask them for their key by another way")
    terms = tuple(_import_grants(name, one, issuer.strip().lower(), known) for name, one in given.items())
    renewed = _is_renewal(home, known, issuer.strip().lower())
    if not renewed:
        check_id_is_free(home, voice_id)
    if revoked_on(known.voice, revocations(home)) is not None:
        raise GrantRevoked(f"the voice in {pack} was revoked here and cannot be imported again", voice=voice_id)
    _require_own(read_book(home), known, terms, issuer.strip().lower())
    if renewed:
        _take_grants(home, known, data, given, terms)
    else:
        _take(home, known, files, data, given, terms, issuer.strip().lower())
    return Imported(card(home, voice_id).voice, terms)


def _require_own(book: Book, known: Card, terms: Sequence[Terms], issuer: str) -> None:
    """Refuse what the ledger knows to be another's: a voice's name or data, or the number of a grant.

    Raises:
        NoGrant: the pack would take over another issuer's voice, or the records of another's grant.
    """
    voice = known.voice.id
    before = book.enrolments.get(voice, {})
    issuers = {str(before.get("issuer", "")), *(book.origins.get(d, "") for d in dict(known.voice.files).values())}
    if other := min(issuers - {"", issuer}, default=""):
        raise NoGrant(
            f"the voice {voice} of the pack came here from another issuer before ({other}): ask both whose voice it is",
            voice=voice,
        )
    for one in terms:
        said, record = json.loads(json.dumps(ledger_entry(one))), book.grants.get(one.id)
        if record is not None and any(record.get(key) != value for key, value in said.items()):
            raise NoGrant(
                f"the pack has a grant {one.id} that says otherwise than this home's ledger: ask its issuer for "
                "another",
                voice=voice,
            )


def _take(
    home: Home,
    known: Card,
    files: dict[str, bytes],
    pack: bytes,
    given: dict[str, bytes],
    terms: tuple[Terms, ...],
    issuer: str,
) -> None:
    voice_id = known.voice.id
    with reading.open_zip(pack, MOST_FILES) as archive, staged_voice(home, voice_id) as draft:
        for name, one in files.items():
            keyring.write_private(draft / name, one)
        keyring.write_private(draft / "voice.toml", archive.read("voice.toml"))
        entry = {
            "voice": voice_id,
            "pack_sha256": hashlib.sha256(pack).hexdigest(),
            "issuer": issuer,
            "files": sorted(dict(known.voice.files).values()),
        }
        ledger.append_all(home, [("enrolment", entry), *(("grant", ledger_entry(one)) for one in terms)])
        for name, one in given.items():
            keyring.write_private(home.grants / name, one)


def _is_renewal(home: Home, known: Card, issuer: str) -> bool:
    """Whether a pack brings further grants for a voice that was imported from the same issuer, with the same data."""
    if not (home.voices / known.voice.id).is_dir() or imported_from(home, known.voice.id) != (True, issuer):
        return False
    return card(home, known.voice.id).binding == known.binding


def _take_grants(home: Home, known: Card, pack: bytes, given: dict[str, bytes], terms: tuple[Terms, ...]) -> None:
    """Take the grants of a renewed pack that are not here yet."""
    here = set(grant_files(home, known.voice.id))
    fresh = [(name, one) for name, one in zip(given, terms) if name not in here]
    if not fresh:
        voice = known.voice.id
        raise UsageError(f"the voice {voice} is enrolled already, and the pack has no grant that is new", voice=voice)
    entry = {
        "voice": known.voice.id,
        "pack_sha256": hashlib.sha256(pack).hexdigest(),
        "grants": [t.id for _, t in fresh],
    }
    ledger.append_all(home, [("renewal", entry), *(("grant", ledger_entry(one)) for _, one in fresh)])
    for name, _ in fresh:
        keyring.write_private(home.grants / name, given[name])


def _import_grants(name: str, data: bytes, issuer: str, known: Card) -> Terms:
    terms = terms_in(name, lambda: data, frozenset({issuer}))
    if terms.voice != known.voice.id or terms.reference_sha256 != known.binding:
        raise NoGrant(f"the grant {terms.id} in the pack is for another voice than the pack holds")
    return terms


def _grant_name(terms: Terms) -> str:
    return f"{terms.voice}.{terms.id}.json"


def _read(pack: Path) -> bytes:
    try:
        with reading.open_plain(pack) as file:
            data = file.read(LARGEST_PACK + 1)
    except OSError as error:
        raise MediaError(f"{pack} cannot be read: {error.strerror}", path=str(pack)) from error
    if len(data) > LARGEST_PACK:
        raise MediaError(f"{pack} is too large for a voice pack: at most {LARGEST_PACK >> 20} MB")
    return data


def _read_entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of a pack; ValueError at the first thing no pack of ours holds. Nothing is written."""
    left = LARGEST
    with reading.open_zip(data, MOST_FILES) as archive:
        entries = archive.infolist()
        if len({entry.filename for entry in entries}) != len(entries):
            raise ValueError("it holds a file twice")
        for entry in entries:
            _require_plain_entry(entry)
            small = entry.filename.startswith("grants/") or entry.filename in ("pack.json", "voice.toml")
            limit = min(left, max(GRANT_LIMIT, CARD_LIMIT) if small else LARGEST)
            with archive.open(entry) as file:
                one = file.read(limit + 1)  # the size the zip declares may be a lie
            if len(one) > limit:
                raise ValueError(f"{entry.filename!r} unpacks to more than it may")
            left -= len(one)
            yield entry.filename, one


def _require_plain_entry(entry: zipfile.ZipInfo) -> None:
    """Refuse zip entries with a path, links, and encrypted entries. The card's own check covers the other names."""
    name = entry.filename.removeprefix("grants/")
    if "/" in name or "\\" in name or "\0" in name or name in ("", ".", "..") or not name.isascii():
        raise ValueError(f"{entry.filename!r} is no name of a file in a pack")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG) or entry.flag_bits & 1:
        raise ValueError(f"{entry.filename!r} is a link, a folder or encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{entry.filename!r} is packed in a way we do not use")
