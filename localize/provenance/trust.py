"""Whose signatures are trusted: the home's own certificates, or those that a user names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from .keys import Signer, certificates_in, key_file, pem_text

if TYPE_CHECKING:
    from cryptography import x509

    from ..consent import Home


@dataclass(frozen=True, slots=True)
class TrustedSigners:
    """Whose signatures are trusted.

    Args:
        roots: certificates (PEM) that vouch for others.
        pins: SHA-256 of signers' own certificates, in hex.
        names: what the signer must be called as well: the common name of its certificate. Empty: anything.
        time_roots: certificates (PEM) that vouch for timestamp authorities.
    """

    roots: str
    pins: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    time_roots: str = ""


def signers_named(values: Sequence[str]) -> TrustedSigners:
    """Whom `verify --trust` names: by certificate, by fingerprint, or by subject.

    Args:
        values: PEM files, of which certificates that may vouch for others do so and any other stands for itself;
            SHA-256 of a signer's certificate in hex, with or without colons; "CN=Studio X", beside one of those.

    Raises:
        UsageError: a value is none of these, or a subject stands alone: anybody can take any name.
    """
    roots, pins, names = "", [], []
    for value in values:
        bare = value.replace(":", "").lower()
        if value.startswith("CN="):
            names.append(value.removeprefix("CN="))
        elif re.fullmatch(r"[0-9a-f]{64}", bare):
            pins.append(bare)
        elif not Path(value).exists():
            raise UsageError(
                f"--trust {value}: there is no such file, and it is neither the SHA-256 of a certificate (64 hex "
                "digits) nor a subject (CN=NAME)"
            )
        else:
            vouching, own = _sorted_by_use(certificates_in(pem_text(Path(value), "the certificate"), value))
            roots, pins = roots + vouching, pins + own
    if names and not (roots or pins):
        raise UsageError(
            f"--trust CN={names[0]} proves nothing alone, for anybody can take a name: give a certificate too"
        )
    return TrustedSigners(roots, tuple(pins), tuple(names))


def _sorted_by_use(found: Sequence[x509.Certificate]) -> tuple[str, list[str]]:
    """Those that vouch for others, as PEM, and the fingerprints of all others."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    def vouches(one: x509.Certificate) -> bool:
        try:
            return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except (x509.ExtensionNotFound, ValueError):
            return False

    roots = "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in found if vouches(one))
    return roots, [one.fingerprint(hashes.SHA256()).hex() for one in found if not vouches(one)]


def roots(home: Home) -> str:
    """The certificates a home trusts, as PEM: its own root, and those added by `trusted_by`."""
    path = key_file(home)
    own = Signer.read(path).root if path.exists() else ""
    known = sorted(home.trusted.glob("*.pem")) if home.trusted.is_dir() else []
    return own + "".join(root_in(path) for path in known)


def root_in(path: Path) -> str:
    """The certificates in a PEM file.

    Raises:
        UsageError: there are none.
    """
    from cryptography.hazmat.primitives import serialization

    found = certificates_in(pem_text(path, "the certificate"), str(path))
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in found)
