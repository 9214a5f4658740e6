"""Whose signature it is: keys of one's own, keys in a device, what others trust, and when it was signed.

Over 400 lines: all of it is tried on the same makers of keys and chains.
"""

from __future__ import annotations

import shutil
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import soundfile
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localize import consent, provenance
from localize.consent import Home
from localize.errors import StoreError, UsageError
from localize.provenance import Facts, Signer
from localize.provenance.keys import _certificate, _key_usage

DATA = Path(__file__).parent / "data"
PEM = serialization.Encoding.PEM
MAKERS: dict[str, Callable[[], Any]] = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def chain(key: Any, *, usage: Any = ExtendedKeyUsageOID.EMAIL_PROTECTION, links: int = 1) -> str:
    """Certificates for a key: its own, `links` that vouch for it, the last of them for itself."""
    signers = [ec.generate_private_key(ec.SECP256R1()) for _ in range(links)]
    made = []
    for n, authority in enumerate(signers):
        above = signers[min(n + 1, links - 1)]
        names = (f"Studio CA {n}", f"Studio CA {min(n + 1, links - 1)}")
        builder = (
            _certificate(*names, authority)
            .add_extension(x509.BasicConstraints(ca=True, path_length=n), critical=True)
            .add_extension(_key_usage(certificates=True), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        )
        made.append(builder.sign(above, hashes.SHA256()))
    leaf = (
        _certificate("Studio signer", "Studio CA 0", key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signers[0].public_key()), critical=False)
        .sign(signers[0], hashes.SHA256())
    )
    return "".join(one.public_bytes(PEM).decode() for one in (leaf, *made))


def pem(key: Any, password: bytes | None = None) -> bytes:
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, lock)  # type: ignore[no-any-return]


def written(tmp_path: Path, key: bytes, certificates: str) -> tuple[Path, Path]:
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "chain.pem").write_text(certificates)
    return tmp_path / "key.pem", tmp_path / "chain.pem"


def delivered(home: Home, signer: Signer, path: Path) -> Path:
    soundfile.write(path, [0.0, 0.1] * 4000, 8000)
    facts = Facts(path.name, "es", "en", "film.mp4", "0" * 64, (), (), "0.1.0")
    provenance.sign(path, facts, signer, into=path)
    consent.note_deliverable(home, path, title="film", language="es", lines={})
    return path


def trusted(home: Home, path: Path, *trust: Path | str) -> bool:
    (checked,) = provenance.verify([path], home, trust=[str(one) for one in trust])
    return checked.ok


@pytest.mark.parametrize("algorithm", MAKERS)
def test_a_key_of_ones_own_signs_and_is_trusted_where_it_was_used(home: Home, tmp_path: Path, algorithm: str) -> None:
    key = MAKERS[algorithm]()
    signer = Signer.files(*written(tmp_path, pem(key), chain(key)))
    assert signer.algorithm == algorithm
    assert "PRIVATE" not in repr(signer)
    path = delivered(home, signer, tmp_path / "a.wav")
    assert not trusted(home, path)
    signer.trusted_by(home)
    assert trusted(home, path)


def test_a_chain_of_three_is_trusted_by_its_last(home: Home, tmp_path: Path) -> None:
    key = MAKERS["es256"]()
    signer = Signer.files(*written(tmp_path, pem(key), chain(key, links=2)))
    signer.trusted_by(home)
    assert trusted(home, delivered(home, signer, tmp_path / "a.wav"))


@pytest.mark.parametrize("raw", [True, False], ids=["r and s", "DER"])
def test_a_key_that_stays_in_its_device_signs_by_a_call(home: Home, tmp_path: Path, raw: bool) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    asked: list[int] = []

    def device(data: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        asked.append(len(data))
        signature = key.sign(data, ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(signature)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big") if raw else signature

    signer = Signer.calling(device, chain(key))
    signer.trusted_by(home)
    assert trusted(home, delivered(home, signer, tmp_path / "a.wav"))
    assert len(asked) == 2


@pytest.mark.parametrize("name", ["a.wav", "a.srt", "a.mp4"])
def test_a_device_that_is_taken_away_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    key, asked = ec.generate_private_key(ec.SECP256R1()), list[bytes]()

    def device(data: bytes) -> bytes:
        asked.append(data)
        if len(asked) > 1:
            raise OSError("no device")
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    signer, made, into = Signer.calling(device, chain(key)), tmp_path / "made", tmp_path / name
    if name == "a.wav":
        soundfile.write(made, [0.0, 0.1] * 4000, 8000, format="WAV")
    else:
        made.write_bytes(b"Hola" if name == "a.srt" else b"\0\0\0\x18ftypisom" + b"\xff" * 500)
    into.write_bytes(b"before")
    facts = Facts(name, "es", "en", "film.mp4", "0" * 64, (), (), "0.1.0")
    with pytest.raises(StoreError, match="could not be signed"):
        provenance.sign(made, facts, signer, into=into)
    assert len(asked) > 1
    assert into.read_bytes() == b"before"
    assert {p.name for p in tmp_path.iterdir()} == {"made", name}


def test_a_device_with_an_rsa_key(home: Home, tmp_path: Path) -> None:
    key = MAKERS["ps256"]()
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    signer = Signer.calling(lambda data: key.sign(data, scheme, hashes.SHA256()), chain(key), "ps256")
    signer.trusted_by(home)
    assert trusted(home, delivered(home, signer, tmp_path / "a.wav"))


def test_what_cannot_sign_is_refused_before_any_work(tmp_path: Path) -> None:
    key, other = MAKERS["es256"](), MAKERS["es256"]()
    good = chain(key)
    wrong = [
        (pem(other), good, "not the key of the first"),
        (pem(key, b"secret"), good, "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", good, "no private key"),
        (b"\xff", good, "no PEM text"),
        (pem(key), "nothing", "no certificates"),
        (pem(key), chain(key, usage=ExtendedKeyUsageOID.SERVER_AUTH), "cannot sign deliverables"),
        (pem(key), good[: good.index("-----END CERTIFICATE-----") + 26], "cannot sign deliverables"),
        (pem(key), good + chain(other), "cannot sign deliverables"),
    ]
    for secret, certificates, why in wrong:
        with pytest.raises(UsageError, match=why) as raised:
            Signer.files(*written(tmp_path, secret, certificates))
        assert raised.value.exit_code == 2
        assert "AAAA" not in raised.value.message
    with pytest.raises(UsageError, match="cannot be read"):
        Signer.files(tmp_path / "absent", tmp_path / "chain.pem")
    with pytest.raises(UsageError, match="cannot sign"):
        Signer.calling(lambda _data: b"\0" * 64, good)
    with pytest.raises(UsageError, match="no algorithm"):
        Signer.calling(lambda data: data, good, "md5")


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    key = MAKERS["es256"]()
    past = datetime.now(UTC) - timedelta(days=400)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "x"), x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    leaf = (
        builder.serial_number(1)
        .not_valid_before(past)
        .not_valid_after(past + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(key, hashes.SHA256())
    )
    with pytest.raises(UsageError, match="cannot sign"):
        Signer.files(*written(tmp_path, pem(key), leaf.public_bytes(PEM).decode()))


def test_anybody_can_check_who_is_given_the_root(home: Home, tmp_path: Path) -> None:
    path = delivered(home, Signer.open(home), tmp_path / "a.wav")
    (tmp_path / "root.pem").write_text(Signer.open(home).root)
    stranger = Home.open(tmp_path / "stranger")
    assert not trusted(stranger, path)
    assert trusted(stranger, path, tmp_path / "root.pem")
    assert not stranger.folder.exists()
    path.write_bytes(path.read_bytes().replace(b"data", b"dota"))
    with pytest.raises(AssertionError):
        assert trusted(stranger, path, tmp_path / "root.pem")
    (tmp_path / "root.pem").write_text("no certificate")
    with pytest.raises(UsageError, match="no certificates"):
        trusted(stranger, path, tmp_path / "root.pem")


@pytest.fixture(scope="module")
def studios(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two signers of one authority delivered, each certificate beside it, and a home that took their name."""
    folder = tmp_path_factory.mktemp("studios")
    home = Home.open(folder / "home")
    for name in ("x", "y"):
        key = MAKERS["es256"]()
        signer = Signer.files(*written(folder, pem(key), chain(key)))
        delivered(home, signer, folder / f"{name}.wav")
        own, root = (one.public_bytes(PEM).decode() for one in x509.load_pem_x509_certificates(signer.chain.encode()))
        (folder / f"{name}.pem").write_text(own)
        (folder / f"{name}.root.pem").write_text(root)
        (folder / f"{name}.sha256").write_text(provenance.fingerprint(own))
        (folder / f"{name}.hex").write_text(provenance.fingerprint(own).replace(":", "").lower())
    delivered(home, Signer.open(home, "Studio signer"), folder / "other.wav")
    (folder / "other.root.pem").write_text(Signer.open(home).root)
    return folder


@pytest.mark.parametrize(
    ("file", "whom", "ok"),
    [
        ("x", ["x.pem"], True),
        ("x", ["x.sha256"], True),
        ("x", ["x.hex"], True),
        ("x", ["y.pem"], False),
        ("x", ["y.sha256"], False),
        ("x", ["y.pem", "x.pem"], True),
        ("x", ["x.root.pem", "CN=Studio signer"], True),
        ("x", ["x.root.pem", "CN=Studio"], False),
        ("x", ["x.root.pem", "CN=Studio", "CN=Studio signer"], True),
        ("x", ["x.pem", "CN=Studio"], False),
        ("x", ["y.root.pem", "CN=Studio signer"], False),
        ("other", ["x.root.pem", "CN=Studio signer"], False),
        ("other", ["x.sha256", "CN=Studio signer"], False),
        ("other", ["other.root.pem", "CN=Studio signer"], True),
    ],
)
def test_a_signer_is_trusted_by_certificate_fingerprint_or_name(
    studios: Path, file: str, whom: list[str], ok: bool
) -> None:
    named = [
        (studios / one).read_text() if one.endswith((".sha256", ".hex")) else one if "=" in one else str(studios / one)
        for one in whom
    ]
    assert trusted(Home(studios / "nobody"), studios / f"{file}.wav", *named) == ok
    assert (
        trusted(Home(studios / "nobody"), studios / f"{file}.wav", *(n.lower() if ":" in n else n for n in named)) == ok
    )


@pytest.mark.parametrize(
    ("whom", "why"),
    [
        ("CN=Studio signer", "anybody can take a name"),
        ("absent.pem", "no such file"),
        ("AB:CD", "no such file"),
        (".", "cannot be read"),
    ],
)
def test_what_names_nobody_is_refused(studios: Path, whom: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        trusted(Home(studios / "nobody"), studios / "x.wav", whom)


@pytest.fixture(params=[0, 1], ids=["authority", "signer"])
def certificate(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Of the authority, then of the signer, of `data/expired.wav` and `data/stamped.wav`: signed before its end."""
    found = x509.load_pem_x509_certificates((DATA / "expired.pem").read_bytes())
    (tmp_path / "one.pem").write_bytes(found[request.param].public_bytes(PEM))
    return str(tmp_path / "one.pem")


@pytest.mark.parametrize(
    ("file", "authority", "words"),
    [
        ("expired.wav", "", "has expired since"),
        ("expired.wav", "authority.pem", "it carries no time"),
        ("stamped.wav", "", "nobody trusts here"),
        ("stamped.wav", "expired.pem", "nobody trusts here"),
        ("stamped.wav", "authority.pem", "signed by Studio X, trusted by the certificate given"),
    ],
)
def test_an_expired_certificate_needs_a_trusted_time(certificate: str, file: str, authority: str, words: str) -> None:
    clock = DATA / authority if authority else None
    (checked,) = provenance.verify([DATA / file], Home(DATA / "nobody"), trust=[certificate], trust_time=clock)
    (line,) = [check for check in checked.checks if check.name == "trust"]
    assert words in line.detail
    assert line.ok == checked.ok == ("trusted by" in words)
    assert checked.claims["signed"].startswith("2026-11-29T") == (file == "stamped.wav")
    assert ("not trusted" in checked.claims["signed"]) == (file == "stamped.wav" and not line.ok)


class Authority:
    """A timestamp authority of openssl behind a local server."""

    def __init__(self, folder: Path) -> None:
        key, leaf = ec.generate_private_key(ec.SECP256R1()), MAKERS["es256"]()
        root = (
            _certificate("Time", "Time", key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        own = (
            _certificate("Clock", "Time", leaf)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.folder, self.root, self.asked = folder, folder / "time.pem", 0
        self.root.write_bytes(root.public_bytes(PEM))
        (folder / "own.pem").write_bytes(own.public_bytes(PEM))
        (folder / "own.key").write_bytes(pem(leaf))
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(
            f"[tsa]\ndefault_tsa = t\n[t]\nserial = {folder}/serial\nsigner_cert = {folder}/own.pem\n"
            f"certs = {self.root}\nsigner_key = {folder}/own.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
            "digests = sha256, sha384, sha512\ness_cert_id_alg = sha256\n"
        )

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        (self.folder / "query").write_bytes(query)
        command = ["openssl", "ts", "-reply", "-config", str(self.folder / "ts.cnf"), "-queryfile"]
        return subprocess.run([*command, str(self.folder / "query")], capture_output=True, check=True).stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Authority, str]]:
    (tmp_path / "clock").mkdir()
    authority = Authority(tmp_path / "clock")

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = authority.answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200 if self.path == "/time" else 302)
            self.send_header("location", "/time")
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Post) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield authority, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl plays the timestamp authority")
@pytest.mark.parametrize("device", [False, True])
def test_the_time_of_a_signature_is_vouched_for(
    home: Home, tmp_path: Path, served: tuple[Authority, str], device: bool
) -> None:
    authority, url = served
    key = MAKERS["es256"]()
    signer = (
        Signer.calling(lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())), chain(key))
        if device
        else Signer.open(home)
    )
    signer.trusted_by(home)
    path = delivered(home, signer.timestamped(f"{url}/time"), tmp_path / "a.wav")
    assert authority.asked == 2  # once when it was tried
    (checked,) = provenance.verify([path], home, trust_time=authority.root)
    assert checked.ok
    assert checked.claims["signed"].startswith(datetime.now(UTC).isoformat()[:10])
    assert "says an authority" not in checked.claims["signed"]
    (checked,) = provenance.verify([path], home)
    assert checked.ok
    assert "says an authority that is not trusted here" in checked.claims["signed"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl plays the timestamp authority")
def test_an_authority_that_sends_elsewhere_is_not_followed(home: Home, served: tuple[Authority, str]) -> None:
    with pytest.raises(UsageError, match="cannot sign deliverables"):
        Signer.open(home).timestamped(f"{served[1]}/elsewhere")
    assert served[0].asked == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "127.0.0.1",
        "http://",
        "http://me:secret@127.0.0.1/",
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
    ],
)
def test_an_address_that_is_none_or_does_not_answer_is_refused_before_any_work(home: Home, url: str) -> None:
    with pytest.raises(UsageError, match="timestamp-url"):
        Signer.open(home).timestamped(url)


def test_every_key_is_private(home: Home, tmp_path: Path) -> None:
    Signer.open(home).trusted_by(home)
    home.store_secret()
    consent.challenge(home, "Ana")
    for path in (*home.keys.iterdir(), *home.trusted.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_signer_has_the_name_it_was_made_for(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    signer = Signer.open(home, "Studio Ñandú")
    leaf = x509.load_pem_x509_certificate(signer.chain.encode())
    assert leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Studio Ñandú"
    with pytest.raises(UsageError, match="has a signer already"):
        Signer.open(home, "Studio X")
    assert Signer.open(home).chain == signer.chain
    for name in ("two\nlines", "x" * 65):
        with pytest.raises(UsageError, match="at most 64 characters"):
            Signer.open(Home.open(tmp_path / "other"), name)
    assert not (tmp_path / "other").exists()
