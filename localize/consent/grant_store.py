"""Store of grants: write, sign, list and revoke the grants of enrolled voices."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import GrantRevoked, MediaError, NoGrant, UsageError
from ..runtime.files import sha256_of
from ..runtime.records import to_json
from . import keyring, ledger
from .book import read_book
from .evidence import hash_evidence
from .grants import revocations, revoked_on
from .home import Home
from .registry import Card, card, valid_id, valid_language
from .terms import (
    CURRENCY,
    MOST_LANGUAGES,
    MOST_PURPOSES,
    MOST_TITLES,
    PURPOSE,
    Terms,
    canonical_bytes,
    grant_files,
    imported_from,
    is_line,
    ledger_entry,
    read_grant,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def grant(
    home: Home,
    voice_id: str,
    *,
    languages: Sequence[str],
    titles: Sequence[str] = (),
    purposes: Sequence[str] = ("dub",),
    not_before: date | None = None,
    until: date | None = None,
    cloning: bool = True,
    training: bool = False,
    territory: str = "",
    rate: Decimal | None = None,
    currency: str = "",
    evidence: Path | None = None,
) -> Terms:
    """Write and sign what a person allows with an enrolled voice; the file is `grants/<voice>.<id>.json`.

    Args:
        home: where it is kept, and whose issuer key signs it (made on first use).
        voice_id: an enrolled voice. It is bound to the data it has now.
        languages: BCP 47 tags, at least one; "es" covers "es-MX".
        titles: patterns of titles (`*` and `?`); none for every title.
        purposes: at least one.
        not_before: first day.
        until: last day.
        cloning: whether an engine may imitate the recording; without it an enrolled voice cannot speak.
        training: whether models may be trained on it.
        territory: where what is made may be shown.
        rate: owed for each spoken minute.
        currency: of the rate, ISO 4217.
        evidence: the signed paper; its hash is kept, not the paper.

    Returns:
        What was signed.

    Raises:
        UsageError: terms that make no sense, or a stock voice.
        NoGrant: no such voice, or its statement does not name a purpose and no paper does.
        GrantRevoked: it was revoked, which is final.
        StoreError: it cannot be written.
    """
    known = _grantable_card(home, voice_id)
    _sensible(languages, titles, purposes, not_before, until)
    if not is_line(territory):
        raise UsageError("--territory must be one line of at most 200 characters")
    paper = hash_evidence(evidence) if evidence else ""
    _require_consent_basis(known, purposes, paper)
    owed, currency = _money(rate, currency)
    key = _issuer_key(home)
    terms = Terms(
        id=secrets.token_hex(12),
        kind="person",
        voice=voice_id,
        languages=tuple(dict.fromkeys(languages)),
        titles=tuple(unicodedata.normalize("NFC", title) for title in titles),
        purposes=tuple(dict.fromkeys(purposes)),
        not_before=not_before.isoformat() if not_before else "",
        not_after=until.isoformat() if until else "",
        cloning=cloning,
        training=training,
        territory=territory,
        rate=owed,
        currency=currency,
        evidence=paper,
        reference_sha256=known.binding,
        issued=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        issuer=key.public_key().public_bytes_raw().hex(),
    )
    _publish(home, terms, key, known.hints)
    return terms


def _grantable_card(home: Home, voice_id: str) -> Card:
    """The card of a voice that a person can grant."""
    known = card(home, voice_id)
    if known.licensed:
        kind = "stock voice" if known.stock else "voice"
        raise UsageError(f"the {kind} {voice_id} is granted by its licence ({known.origin}): there is nothing to do")
    if imported_from(home, voice_id)[0]:
        raise NoGrant(
            f"the voice {voice_id} came in a pack: only its issuer can grant it; ask them for a pack with what is "
            "needed and `localize voices import` it",
            voice=voice_id,
        )
    if revoked_on(known.voice, revocations(home)) is not None:
        raise GrantRevoked(
            f"the voice {voice_id} was revoked, which is final: enrol a new recording under another id",
            voice=voice_id,
        )
    _require_enrolment(home, known)
    return known


def _require_enrolment(home: Home, known: Card) -> None:
    """Refuse a card that says something else of its consent than the ledger's record of the enrolment."""
    record = read_book(home).enrolments.get(known.voice.id, {})
    said = {
        "statement_check": known.statement,
        "statement_scope": ",".join(known.scope),
        "evidence_sha256": known.evidence,
        "statement_hints": known.hints,
        "files": sorted(dict(known.voice.files).values()),
    }
    if other := next((name for name, value in said.items() if record.get(name, "") != value), ""):
        raise NoGrant(
            f"the card of the voice {known.voice.id} was changed after its enrolment ({other} is not what the ledger "
            "says), or the voice was not enrolled in this home: restore its voice.toml, or enrol it under another id",
            voice=known.voice.id,
        )


def _require_consent_basis(known: Card, purposes: Sequence[str], paper: str) -> None:
    """Refuse to sign terms that go beyond the recorded statement, where nothing else documents them."""
    beyond = [purpose for purpose in purposes if purpose not in known.scope]
    if known.verified and beyond and not paper and not known.evidence:
        raise NoGrant(
            f"the statement of the voice {known.voice.id} is for {', '.join(known.scope)}, not for {beyond[0]}: "
            "give the signed paper with --evidence",
            voice=known.voice.id,
        )


def _issuer_key(home: Home) -> Ed25519PrivateKey:
    with keyring.lock_home(home):
        path = home.keys / "issuer.key"
        if path.exists():
            return keyring.load_key(path)
        key, data = keyring.make_key()
        keyring.write_private(path, data)
        return key


def _publish(home: Home, terms: Terms, key: Ed25519PrivateKey, hints: str) -> None:
    """Sign the terms; the ledger first, so that no grant is in use that it does not know.

    Args:
        home: where they are kept.
        terms: what is granted.
        key: the home's issuer key.
        hints: what spoke against a living speaker in the statement that they rest on.
    """
    said = {"schema": 1, **to_json(terms)}
    content = canonical_bytes({**said, "signature": key.sign(keyring.canonical(said)).hex()})
    noted = {"statement_hints": hints} if hints else {}
    ledger.append(home, "grant", **ledger_entry(terms), **noted)
    keyring.write_private(home.grants / f"{terms.voice}.{terms.id}.json", content)


def grants(home: Home, voice_id: str) -> tuple[Terms, ...]:
    """The grants of a voice that hold, oldest first: signature intact, not taken back; others are left out."""
    found = []
    ended = read_book(home).ended
    for name in grant_files(home, voice_id):
        try:
            terms = read_grant(home, name)
        except NoGrant:
            continue
        if terms.id not in ended:
            found.append(terms)
    return tuple(sorted(found, key=lambda terms: (terms.issued, terms.id)))


def revoke(home: Home, voice_id: str, *, reason: str = "") -> None:
    """Revoke a voice permanently: every later check refuses it, and any voice with the same data.

    Args:
        home: where it holds.
        voice_id: the voice; its folder may be damaged or gone, as long as it was known here.
        reason: one line for the ledger.

    Raises:
        NoGrant: no such voice was ever here.
        UsageError: the reason is no short line.
        StoreError: it cannot be written.
    """
    _check_reason(reason)
    try:
        known = card(home, voice_id).voice
        # A blend's data are its parents', which may be used all the same.
        files = [] if known.parents else sorted(dict(known.files).values())
    except NoGrant:
        if not valid_id(voice_id) or not ((home.voices / voice_id).exists() or grant_files(home, voice_id)):
            raise
        files = []
    # The ledger first: should the disk fail in between, the voice is revoked all the same.
    record = ledger.append(home, "revocation", voice=voice_id, files=files, reason=reason)
    body = {"schema": 1, "voice": voice_id, "at": record["at"], "files": files, "reason": reason}
    keyring.write_private(home.revocations / f"{voice_id}.json", canonical_bytes(body))


def end_grant(home: Home, grant_id: str, *, reason: str = "") -> str:
    """Take back one grant; the voice's others stay. To narrow a grant, take it back and write a narrower one.

    Args:
        home: where it was granted.
        grant_id: as `grants` lists it.
        reason: one line for the ledger.

    Returns:
        the voice's id.

    Raises:
        NoGrant: the ledger knows no such grant.
        UsageError: the reason is no short line.
        StoreError: it cannot be written.
    """
    _check_reason(reason)
    record = read_book(home).grants.get(grant_id)
    if record is None:
        raise NoGrant(f"no grant {grant_id!r} was given in this home: `localize voices show ID` lists a voice's grants")
    voice = str(record["voice"])
    ledger.append(home, "grant_revocation", voice=voice, grant=grant_id, reason=reason)
    return voice


def _check_reason(reason: str) -> None:
    if len(reason) > 500 or not reason.isprintable():
        raise UsageError("--reason must be one line of at most 500 characters")


def hash_of(path: Path) -> str:
    """SHA-256 of a file a person named.

    Raises:
        MediaError: it cannot be read.
    """
    try:
        return sha256_of(path)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", path=str(path)) from error


def _sensible(
    languages: Sequence[str],
    titles: Sequence[str],
    purposes: Sequence[str],
    first: date | None,
    last: date | None,
) -> None:
    if not languages or not all(valid_language(tag) for tag in languages):
        raise UsageError("--languages takes tags such as es,fr")
    if not purposes or not all(PURPOSE.fullmatch(purpose) for purpose in purposes):
        raise UsageError("--purposes takes words such as dub,trailer")
    if not all(title and is_line(title) for title in titles):
        raise UsageError("--titles takes patterns of at most 200 characters, such as 'My Series*'")
    if first and last and last < first:
        raise UsageError(f"the grant would end on {last} before it begins on {first}")
    if len(languages) > MOST_LANGUAGES or len(titles) > MOST_TITLES or len(purposes) > MOST_PURPOSES:
        raise UsageError("a grant has at most 100 languages, 500 titles and 100 purposes: write several")


def _money(rate: Decimal | None, currency: str) -> tuple[str, str]:
    if rate is None:
        return "", ""
    if not rate.is_finite() or rate.is_signed() or rate >= 10**9 or int(rate.as_tuple().exponent) < -9:
        raise UsageError("--rate takes an amount for a spoken minute, such as 2.50")
    if not CURRENCY.fullmatch(currency):
        raise UsageError("--rate needs --currency with it, such as EUR")
    return f"{rate:f}", currency
