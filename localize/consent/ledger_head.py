"""The signed head of a ledger: how many records it vouches for, the hash of the last, and the bytes that they take.

A head is written after its records are on the disk, over the one before, and is not waited for: the system writes it
a moment later. It has fewer bytes than the smallest sector of a disk, which is written whole or not at all, and it is
written over only where it keeps its length: so a loss of power leaves one head or the other, at worst one that is
behind, never one that names records that are not there. Where its length changes, or where another name leads to the
same file, it is replaced and waited for.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreError
from ..runtime import reading
from .keyring import canonical, strict_json, verify_signature, write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

START = "0" * 64
"""What stands for the hash of a record before the first."""
SECTOR = 512
"""Bytes that every disk writes whole or not at all."""
REPAIR = "compare it with a copy, or move it away with its head and key to begin a new one"
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Head:
    """How far a ledger is in order.

    Args:
        count: records.
        hash: of the last of them.
        size: bytes of the file up to there.
        key: public key (hex) that the head names; "" where it was not read from one.
        data: the bytes that it was read from.
    """

    count: int = 0
    hash: str = START
    size: int = 0
    key: str = field(default="", compare=False)
    data: bytes = field(default=b"", compare=False, repr=False)


def bad_record(path: Path, number: int, reason: str) -> StoreError:
    """The error that names the first record of a ledger that is not in order."""
    return StoreError(f"record {number} of the ledger {path} {reason}: {REPAIR}", record=number, reason=reason)


def read_head(path: Path, known: Ed25519PublicKey | Ed25519PrivateKey | None, before: Head | None = None) -> Head:
    """The head in a file.

    Args:
        path: the file.
        known: the key of the ledger; None: the one that the head names.
        before: a head that was read with this key; where the file has the same bytes, it is the same.

    Raises:
        StoreError: it is missing, was edited, or is signed with another key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    try:
        data = _whole(path)
        if before is not None and before.data == data:
            return before
        body = strict_json(data)
        if canonical(body) + b"\n" != data:
            raise ValueError("not written as a head is")
        signature = body.pop("signature")
        head = Head(int(body["count"]), str(body["hash"]), int(body["size"]), str(body["key"]), data)
        key = known or Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad_record(path, 1, "cannot be vouched for: its signed head is missing or was edited") from error
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    if public.public_bytes_raw().hex() != head.key or not verify_signature(key, signature, canonical(body)):
        raise bad_record(path, 1, "cannot be vouched for: its head is not signed with the ledger's key")
    return head


def _whole(path: Path) -> bytes:
    """The bytes of a head file, while nobody writes to it."""
    with reading.open_plain(path) as file:
        with suppress(OSError):  # without locks: `lock_home` lets nobody write there
            fcntl.flock(file, fcntl.LOCK_SH)
        data = file.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise ValueError("it is too long")
    return data


def write_head(path: Path, head: Head, key: Ed25519PrivateKey) -> None:
    """Vouch for records that are on the disk. One writer at a time.

    Raises:
        StoreError: the disk is full or cannot be written.
        OSError: the same, while the head was written over.
    """
    body = {
        "schema": 1,
        "count": head.count,
        "hash": head.hash,
        "size": head.size,
        "key": key.public_key().public_bytes_raw().hex(),
    }
    data = canonical({**body, "signature": key.sign(canonical(body)).hex()}) + b"\n"
    if not _overwrite(path, data):
        write_private(path, data)


def _overwrite(path: Path, data: bytes) -> bool:
    """Write over a head of the same length; False where it has to be replaced."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # it is not there yet, or is a link
        return False
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or not found.st_size == len(data) <= SECTOR:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # readers take turns with it: they see one head or the other
        whole = os.pwrite(descriptor, data, 0) == len(data)
        if whole and hasattr(os, "posix_fadvise"):
            # Begins to write it, and waits for nothing: else it would stay in memory for half a minute.
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        return whole
    finally:
        os.close(descriptor)
