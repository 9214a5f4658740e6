"""Secret keys and signed records of the home: written privately, authenticated with HMAC-SHA-256, read strictly."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StoreError
from ..runtime import reading
from ..runtime.files import atomic_write, disk_errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from . import Home


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value: keys sorted, no blanks, ASCII only, no NaN."""
    return _CANONICAL.encode(value).encode("ascii")


def strict_json(data: bytes) -> Any:
    """Parse JSON from outside: no key twice, no NaN, no nesting that breaks the parser.

    Raises:
        ValueError: it is no such JSON.
    """
    return reading.parse_json(data, constant=_no_constant)


def strict_line(line: bytes) -> Any:
    """The same for one line of ASCII, as a ledger has a hundred thousand of: a third of the time.

    Raises:
        ValueError: it is no such JSON.
    """
    try:
        return _DECODER.decode(line.decode("ascii"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=reading.unique, parse_constant=_no_constant)


# --- keys and files -----------------------------------------------------------------------------------------


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, completely or not at all."""
    with atomic_write(path) as draft:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)


@contextmanager
def lock_home(home: Home) -> Iterator[None]:
    """Hold the home for one writer; others wait. Not to be nested.

    Raises:
        StoreError: the home cannot be written, or its file system has no locks, or locks that hold nobody.
    """
    home.prepare()
    with disk_errors(f"the ledger in {home.folder}"):
        path = home.folder / "ledger.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _require_held(home, path)
            yield
        finally:
            os.close(descriptor)


def _require_held(home: Home, path: Path) -> None:
    """Refuse a file system whose locks do nothing: two writers at once would take each other's records away."""
    other = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # EACCES: as some network file systems say it
        return
    finally:
        os.close(other)
    raise StoreError(
        f"the file system of {home.folder} has locks that hold nobody, and two runs at once would damage the ledger: "
        "put LOCALIZE_HOME on a disk of this machine, or on a file system with locks (flock)"
    )


def load_key(path: Path) -> Ed25519PrivateKey:
    """The Ed25519 key in a key file (its seed in hex).

    Raises:
        StoreError: the file is no key file.
    """
    try:
        return _key_of(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as error:
        # The parser's own message could quote the key.
        raise StoreError(f"{path} is no key file: restore it from a backup") from error


@lru_cache(maxsize=16)
def _key_of(seed: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)


def make_key() -> tuple[Ed25519PrivateKey, bytes]:
    """A new Ed25519 key, and the bytes of its file."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    return key, key.private_bytes_raw().hex().encode() + b"\n"


def verify_signature(key: Ed25519PublicKey | Ed25519PrivateKey, signature: Any, data: bytes) -> bool:
    """Whether `signature` (lower-case hex) is this key's over `data`. Ed25519 signs the same bytes in the same way each
    time: who has the private key signs anew and compares, in a third of the time.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if isinstance(key, Ed25519PrivateKey):
        return bool(key.sign(data).hex() == signature)
    try:
        raw = bytes.fromhex(signature)
        key.verify(raw, data)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return str(signature) == raw.hex()
