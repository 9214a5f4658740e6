"""Terms of use of a voice: as signed in a grant file (read and verified here), or as a stock voice's licence allows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from ..errors import NoGrant
from ..runtime.records import from_json, to_json
from . import keyring
from .book import read_book
from .home import Home, read_regular_file
from .registry import valid_id, valid_language

GRANT_LIMIT = 64 << 10
"""Most bytes a grant file may have."""
ISSUER = ".issuer"
MOST_LANGUAGES, MOST_TITLES, MOST_PURPOSES = 100, 500, 100
LONGEST_TITLE = 200
PURPOSE = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
RATE = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_GRANT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_INSTANT = re.compile(r"[0-9TZ:.+-]{0,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of use of a voice: as signed in a grant file, or as a stock voice's licence allows.

    Args:
        id: of the grant.
        kind: "licence" for a stock voice, "person" for an enrolled one.
        voice: the voice's id.
        languages: what it may be heard in; "es" covers "es-MX" too.
        titles: patterns of titles or series (`*` and `?`); none means every title.
        purposes: "dub", "trailer", "ad" …; none means every purpose.
        not_before: first day, as 2026-11-21; "" for none.
        not_after: last day; "" for none.
        cloning: whether an engine may imitate the voice from its recording.
        training: whether models may be trained on it: no unless said.
        territory: where what is made may be shown; "" for everywhere.
        rate: owed for a spoken minute, as a decimal; "" for nothing.
        currency: of the rate, ISO 4217.
        evidence: SHA-256 of the signed paper; "" for none.
        reference_sha256: SHA-256 over the voice's card, which names the hashes of all its data.
        issued: when it was signed, UTC.
        issuer: Ed25519 public key that signed it, in hex; "" for a licence.
    """

    id: str
    kind: Literal["licence", "person"]
    voice: str
    languages: tuple[str, ...]
    titles: tuple[str, ...]
    purposes: tuple[str, ...]
    not_before: str
    not_after: str
    cloning: bool
    training: bool
    territory: str
    rate: str
    currency: str
    evidence: str
    reference_sha256: str
    issued: str
    issuer: str


def ledger_entry(terms: Terms) -> dict[str, Any]:
    """A grant as the ledger records it."""
    return {k: v for k, v in to_json(terms).items() if k not in ("id", "kind", "issuer")} | {"grant": terms.id}


def grant_files(home: Home, voice_id: str) -> list[str]:
    """The names of a voice's grant files."""
    return sorted(path.name for path in home.grants.glob(f"{voice_id}.*.json")) if valid_id(voice_id) else []


def read_grant(home: Home, name: str) -> Terms:
    """The terms in a grant file.

    Raises:
        NoGrant: a byte of it, its name or its issuer is not what was signed: it is void.
    """
    voice_id = name.split(".", 1)[0]
    return terms_in(name, lambda: read_regular_file(home.grants, name, GRANT_LIMIT), issuers(home, voice_id))


def terms_in(name: str, read: Callable[[], bytes], known: frozenset[str]) -> Terms:
    """The terms in the bytes of a grant file called `name`, signed by one of the `known` issuers. See `read_grant`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        data = read()
        said = keyring.strict_json(data)
        if canonical_bytes(said) != data:
            raise ValueError("it is not written as grants are")
        signature = said.pop("signature")
        if said.pop("schema") != 1:
            raise ValueError("it has another schema than 1")
        terms = from_json(Terms, said)
        if name != f"{terms.voice}.{terms.id}.json" or terms.kind != "person":
            raise ValueError("its name is another's")
        if terms.issuer not in known:
            raise ValueError("its issuer's key is not in this home")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(terms.issuer))
        if not keyring.verify_signature(key, signature, keyring.canonical({"schema": 1, **to_json(terms)})):
            raise ValueError("its signature is not its issuer's")
        _require_sensible(terms)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "it cannot be read as a grant"
        raise NoGrant(f"the grant file {name} is void, for it was changed: {why}; grant the voice anew") from error
    return terms


def _require_sensible(terms: Terms) -> None:
    """Refuse terms that `grant` never writes: an issuer can sign what they like with a program of their own.

    Raises:
        ValueError: names the term.
    """
    texts = {
        "id": _GRANT_ID.fullmatch(terms.id),
        "voice": valid_id(terms.voice),
        "rate": not terms.rate or RATE.fullmatch(terms.rate),
        "currency": CURRENCY.fullmatch(terms.currency) if terms.rate else not terms.currency,
        "territory": is_line(terms.territory),
        "evidence": not terms.evidence or _SHA256.fullmatch(terms.evidence),
        "reference_sha256": _SHA256.fullmatch(terms.reference_sha256),
        "issued": _INSTANT.fullmatch(terms.issued),
    }
    lists = {
        "languages": 0 < len(terms.languages) <= MOST_LANGUAGES and all(map(valid_language, terms.languages)),
        "titles": len(terms.titles) <= MOST_TITLES and all(title and is_line(title) for title in terms.titles),
        "purposes": 0 < len(terms.purposes) <= MOST_PURPOSES and all(map(PURPOSE.fullmatch, terms.purposes)),
    }
    if wrong := next((name for name, held in (texts | lists).items() if not held), ""):
        raise ValueError(f"its {wrong} is none that a grant can have")
    for day in (terms.not_before, terms.not_after):
        if day and date.fromisoformat(day).isoformat() != day:
            raise ValueError(f"{day} is no day as grants write it")


def is_line(text: str) -> bool:
    """Whether a text is one short line that any terminal can show."""
    return len(text) <= LONGEST_TITLE and text.isprintable()


def canonical_bytes(said: Any) -> bytes:
    """The canonical bytes of a grant file: JSON, keys sorted, ASCII."""
    return json.dumps(said, sort_keys=True, indent=1, allow_nan=False).encode("ascii") + b"\n"


def issuers(home: Home, voice_id: str) -> frozenset[str]:
    """The public keys, in hex, that may grant a voice: this home's own, or of an imported voice its issuer's alone."""
    imported, issuer = imported_from(home, voice_id)
    if imported:
        return frozenset({issuer} if issuer else ())
    path = home.keys / "issuer.key"
    return frozenset({keyring.load_key(path).public_key().public_bytes_raw().hex()} if path.exists() else ())


def imported_from(home: Home, voice_id: str) -> tuple[bool, str]:
    """Whether a voice came in a pack, and its issuer's key as the ledger has it.

    Homes of 0.1 kept the key in the name of a file instead; one file is believed where the ledger names none.
    """
    record = read_book(home).enrolments.get(voice_id, {})
    if "pack_sha256" not in record:
        return False, ""
    if "issuer" in record:
        return True, str(record["issuer"])
    former = [path.name for path in home.trusted.glob(f"{voice_id}.*{ISSUER}")] if home.trusted.is_dir() else []
    return True, former[0].removesuffix(ISSUER).split(".", 1)[1] if len(former) == 1 else ""
