"""The key a home signs its deliverables with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .. import ledger
from ..errors import StoreError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from ..consent import Home

_VALID_DAYS = 3652
_BLOCK = r"-----BEGIN ([A-Z ]+)-----\n.+?-----END \1-----\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, its certificate and the root that vouches for it, as PEM."""

    chain: str
    root: str
    key: bytes = field(repr=False)

    @classmethod
    def open(cls, home: Home) -> Signer:
        """The home's signer, made on first use; the root's key is thrown away: it vouches for no other.

        Raises:
            StoreError: the key file cannot be written or is damaged.
        """
        path = home.keys / "c2pa.pem"
        with ledger.locked(home):
            if not path.exists():
                ledger.write_private(path, _new_chain())
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Signer:
        """The signer in a key file: private key, certificate, root."""
        try:
            found = list(re.finditer(_BLOCK, path.read_text("ascii"), re.DOTALL))
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read as a key: restore it from a backup") from error
        if [block[1] for block in found] != ["PRIVATE KEY", "CERTIFICATE", "CERTIFICATE"]:
            raise StoreError(f"{path} holds no key with its two certificates: restore it from a backup")
        key, leaf, root = (block[0] for block in found)
        return cls(chain=leaf + root, root=root, key=key.encode())


def _new_chain() -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root_key = ec.generate_private_key(ec.SECP256R1())
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    root = (
        _certificate("localize local root", "localize local root", root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    # C2PA accepts a leaf with exactly this: no CA, digitalSignature, emailProtection, both key identifiers.
    leaf = (
        _certificate("localize local signer", "localize local root", leaf_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key + leaf.public_bytes(pem) + root.public_bytes(pem)


def _certificate(subject: str, issuer: str, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def called(name: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "localize"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(called(subject))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
