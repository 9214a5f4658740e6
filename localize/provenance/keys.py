"""Signing keys of deliverables: the home's own, a given one, or one in a device (PKCS#11, KMS)."""

from __future__ import annotations

import hashlib
import io
import re
import wave
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..consent import keyring
from ..errors import StoreError, UsageError
from ..runtime import reading
from .c2pa_settings import DIGITAL_SOURCE_TYPE, context_trusting, one_line

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from ..consent import Home


_VALID_DAYS = 3652
_LONGEST_NAME = 64
"""Characters of a common name (X.520, ub-common-name)."""
_PEM_LIMIT = 1 << 20
ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
_BLOCK = r"-----BEGIN ([A-Z ]+)-----\n.+?-----END \1-----\n"

_TRIAL = {
    "claim_generator_info": [{"name": "localize"}],
    "title": "silence.wav",
    "assertions": [
        {
            "label": "c2pa.actions.v2",
            "data": {
                "actions": [{"action": "c2pa.created", "digitalSourceType": DIGITAL_SOURCE_TYPE + "digitalCapture"}]
            },
        }
    ],
}
"""The manifest of `why_not_signing`: the least that C2PA 2.1 calls valid."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key with its certificate chain and root, as PEM.

    Args:
        chain: the certificates, the signer's own first.
        root: the last of them: whoever trusts it trusts what is signed.
        key: the private key; empty where `call` signs.
        algorithm: as C2PA names it: es256, es384, es512, ps256, ps384, ps512 or ed25519.
        call: signs bytes with a key that never leaves its device (PKCS#11, a cloud's KMS).
        timestamp_url: of an authority (RFC 3161) that is asked for the time of each signature; "" for none.
    """

    chain: str
    root: str
    key: bytes = field(repr=False)
    algorithm: str = "es256"
    call: Callable[[bytes], bytes] | None = field(default=None, repr=False)
    timestamp_url: str = ""

    @classmethod
    def open(cls, home: Home, name: str = "") -> Signer:
        """The home's signer, made on first use; the root's key is thrown away: it vouches for no other.

        Args:
            home: whose signer.
            name: who signs, as everybody who verifies a file reads it; only for a signer that is not there yet.

        Raises:
            UsageError: the name is none, or the home has a signer already, under whatever name it was made.
            StoreError: the key file cannot be written or is damaged.
        """
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise UsageError(f"--name must be one line of at most {_LONGEST_NAME} characters")
        path = key_file(home)
        with keyring.lock_home(home):
            if name and path.exists():
                raise UsageError(f"this home has a signer already, {path}: what it signs names who it was made for")
            if not path.exists():
                keyring.write_private(path, _new_chain(name or "localize local signer"))
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

    @classmethod
    def files(cls, key: Path, certificates: Path) -> Signer:
        """A key of your own and its certificates, the signer's first; tried at once.

        Args:
            key: PEM, not encrypted: EC, RSA or Ed25519. For a key in a device see `calling`.
            certificates: PEM: the signer's, then those that vouch for it.

        Raises:
            UsageError: they cannot be read, do not belong together, or C2PA does not take them.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization

        chain = certificates_in(pem_text(certificates, "--sign-cert"), str(certificates))
        try:
            loaded = serialization.load_pem_private_key(pem_text(key, "--sign-key").encode(), password=None)
            public = loaded.public_key()
            algorithm = _algorithm(public)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            # The parser's own message could quote the key.
            raise UsageError(f"{key} is no private key that signs, in PEM and without a password") from error
        if chain[0].public_key() != public:
            raise UsageError(f"{key} is not the key of the first certificate in {certificates}")
        plain = loaded.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        text = [one.public_bytes(serialization.Encoding.PEM).decode() for one in chain]
        return cls("".join(text), text[-1], plain, algorithm)._try_signing(str(certificates))

    @classmethod
    def calling(cls, call: Callable[[bytes], bytes], certificates: str, algorithm: str = "es256") -> Signer:
        """A key that stays in its device: PKCS#11, a cloud's KMS; tried at once.

        Args:
            call: given bytes, gives the signature: of EC keys r and s as they are (IEEE P1363) or in DER.
            certificates: PEM: the signer's first, then those that vouch for it.
            algorithm: es256, es384, es512, ps256, ps384, ps512 or ed25519.

        Raises:
            UsageError: C2PA takes no such certificate, or the signature is not of its key.
        """
        from cryptography.hazmat.primitives import serialization

        if algorithm not in ALGORITHMS:
            raise UsageError(f"C2PA has no algorithm {algorithm!r}: it has {', '.join(ALGORITHMS)}")
        chain = certificates_in(certificates, "the chain")
        text = [one.public_bytes(serialization.Encoding.PEM).decode() for one in chain]
        return cls("".join(text), text[-1], b"", algorithm, call)._try_signing("the chain")

    def timestamped(self, url: str) -> Signer:
        """A signer whose every signature has its time vouched for by an authority; tried at once.

        The authority is sent a hash of the signature, and nothing else. Without its answer nothing is signed.

        Args:
            url: of the authority, RFC 3161 over HTTP or HTTPS. Naming it allows the connection.

        Raises:
            UsageError: it is no such address, or does not answer as it must.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or not url.isascii():
            raise UsageError(f"--timestamp-url {url!r} is no address of a timestamp authority: https://HOST/PATH")
        return replace(self, timestamp_url=url)._try_signing(f"with --timestamp-url {url} the signer")

    def trusted_by(self, home: Home) -> None:
        """Add this signer's root to the certificates that `verify` trusts in this home."""
        name = hashlib.sha256(self.root.encode()).hexdigest()[:32]
        path = home.trusted / f"{name}.pem"
        if not path.exists():
            home.prepare()
            keyring.write_private(path, self.root.encode())

    def opened(self) -> Any:
        """The C2PA library's signer; a context manager."""
        import c2pa

        if self.call is None:
            info = c2pa.C2paSignerInfo(
                alg=self.algorithm.encode(),
                sign_cert=self.chain.encode(),
                private_key=self.key,
                ta_url=self.timestamp_url.encode() or None,
            )
            return c2pa.Signer.from_info(info)
        return c2pa.Signer.from_callback(
            lambda data: _raw(self.call, data, self.algorithm),
            c2pa.C2paSigningAlg[self.algorithm.upper()],
            self.chain,
            self.timestamp_url or None,
        )

    def _try_signing(self, name: str) -> Signer:
        """The signer, after a trial signature: it fails now rather than after a dub."""
        if why := why_not_signing(self):
            raise UsageError(f"{name} cannot sign deliverables: {why}")
        return self


def why_not_signing(signer: Signer) -> str:
    """Why a signer cannot sign, found out on a second of silence in memory; "" where it can."""
    import c2pa

    silence = io.BytesIO()
    with wave.open(silence, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    silence.seek(0)
    context = context_trusting(signer.root)
    made = io.BytesIO()
    try:
        with signer.opened() as key, c2pa.Builder(_TRIAL, context=context) as builder:
            builder.sign(key, "audio/wav", silence, made)
        made.seek(0)
        with c2pa.Reader("audio/wav", made, context=context) as reader:
            said = reading.parse_json(reader.json())
    except (c2pa.C2paError, ValueError) as error:
        return one_line(error)
    results = said.get("validation_results", {}).get("activeManifest", {})
    bad = [str(entry["code"]) for entry in results.get("failure", [])]
    good = [str(entry["code"]) for entry in results.get("success", [])]
    if "signingCredential.trusted" not in good:
        bad.append("the last certificate does not vouch for the first")
    return ", ".join(dict.fromkeys(bad))


def key_file(home: Home) -> Path:
    """Where a home's own key and certificates lie."""
    return home.keys / "c2pa.pem"


def fingerprint(pem: str) -> str:
    """SHA-256 of a certificate, for comparison by voice."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex(":").upper()


def pem_text(path: Path, what: str) -> str:
    """A PEM file's text; UsageError where it cannot be one."""
    try:
        if path.stat().st_size > _PEM_LIMIT:
            raise UsageError(f"{what}: {path} is too large for a PEM file")
        return reading.read_bytes(path, _PEM_LIMIT).decode("ascii")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no PEM text"
        raise UsageError(f"{what}: {path} cannot be read: {why}") from error


def certificates_in(text: str, name: str) -> list[x509.Certificate]:
    """The certificates of a PEM text; UsageError where there are none."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise UsageError(f"{name} holds no certificates in PEM") from error


def _algorithm(public: Any) -> str:
    """What C2PA calls signing with such a key; ValueError for a key it cannot sign with."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(public, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(public, rsa.RSAPublicKey):
        return "ps256"
    if isinstance(public, ec.EllipticCurvePublicKey) and public.key_size in (256, 384, 521):
        return {256: "es256", 384: "es384", 521: "es512"}[public.key_size]
    raise ValueError("no key C2PA signs with")


def _raw(call: Callable[[bytes], bytes] | None, data: bytes, algorithm: str) -> bytes:
    """A device's signature as COSE wants it: of EC keys r and s, one after the other."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    assert call is not None
    signature = call(data)
    size = {"es256": 32, "es384": 48, "es512": 66}.get(algorithm)
    if size is None or len(signature) == 2 * size:
        return signature
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _new_chain(name: str) -> bytes:
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
        _certificate(name, "localize local root", leaf_key)
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

    def x509_name(name: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "localize"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509_name(subject))
        .issuer_name(x509_name(issuer))
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
