"""The ledger: an append-only file of hash-chained, signed records.

Over 400 lines: what writes a record and what checks it are one format, read side by side.

`ledger.jsonl` has one record a line: its canonical JSON (keys sorted, no blanks, ASCII only). `hash` is the
SHA-256 of the canonical JSON of the record without `hash`; `prev` is the hash of the record before (64
zeros in the first); `sig` is an Ed25519 signature over the record without `hash` and `sig`.
`ledger.head.json` holds the count, the last hash and the size of the file, signed with the same key.

A record is written and fsynced first, then the head is replaced. So a head that is behind is what a crash
leaves, and the signatures tell those last records from forged ones; a head that is ahead means that records
were taken away. An append reads the head and the last bytes, never the whole file.

Writers take turns twice: to write their records, and to bring them to the disk. While one waits for the disk
others write; the next of them brings all that is written to it, and vouches for it with one head.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import StoreError
from ..runtime import reading
from ..runtime.files import disk_errors, sweep_drafts
from .keyring import canonical, load_key, lock_home, make_key, strict_json, strict_line, verify_signature, write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from . import Home


START = "0" * 64
LONGEST = 1 << 20
"""Bytes a record may have, its line break included."""
_USUAL = 1 << 13
"""Bytes that most have."""
CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far clocks of one home may be apart."""
_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
"""Written at its end, wherever that is by then: were there no lock, no writer would write over another's record."""
_HEAD_LOCK = "ledger.head.lock"
"""Held by the writer that brings records to the disk, who may take the ledger's own lock inside; never the reverse."""
_REPAIR = "compare it with a copy, or move it away with its head and key to begin a new one"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of verifying a whole ledger.

    Args:
        ok: whether nothing was edited, deleted, moved, added or cut off.
        records: how many records are in order, counted from the first.
        first_bad: number of the first record that is not, counted from 1; None when all are.
        reason: what is wrong with it, or something to know about a ledger that is in order; "" for nothing.
    """

    ok: bool
    records: int
    first_bad: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Head:
    count: int = 0
    hash: str = START
    size: int = 0
    key: str = field(default="", compare=False)


# --- appending ----------------------------------------------------------------------------------------------


def append(home: Home, kind: str, **fields: Any) -> dict[str, Any]:
    """Add one record and return it; it is on the disk when this returns.

    Args:
        home: whose ledger.
        kind: "check", "read", "synthesis", "deliverable", "grant", "grant_revocation", "revocation",
            "revocation_list", "enrolment", "blend", "renewal", "export", "approval" or "clock".
        fields: plain JSON values.

    Raises:
        StoreError: the disk is full, or what is there cannot be trusted.
    """
    return append_all(home, [(kind, fields)])[0]


def append_all(home: Home, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[dict[str, Any], ...]:
    """Add records, given as (kind, fields), with one write and at most one fsync. See `append`."""
    with disk_errors(f"the ledger {home.ledger}"):
        descriptor = -1
        try:
            with lock_home(home):
                key, vouched = _open_head(home)
                descriptor = os.open(home.ledger, _APPEND, 0o600)
                # Between machines: to give this lock back sends what was written to the file's server.
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                with os.fdopen(descriptor, "r+b", buffering=0, closefd=False) as file:
                    before, torn = _recover(home, file, vouched, key)
                    written = _last_written(file, before) if any(kind != "clock" for kind, _ in entries) else None
                    records, lines = _build(entries, before, torn, key, _now_after(written))
                    _write_all(home, file, before.size, b"".join(lines))
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            size = before.size + sum(map(len, lines))
            last = _Head(before.count + len(records), records[-1]["hash"], size)
            with lock_home(home, _HEAD_LOCK):
                _commit(home, descriptor, before.size, last, key)
        finally:
            if descriptor >= 0:
                os.close(descriptor)
    return records


def _write_all(home: Home, file: Any, size: int, data: bytes) -> None:
    """Write records at the end of the file, which has this size; nothing is left of what does not fit on the disk."""
    try:
        _write_whole(file, data)
    except OSError:
        file.truncate(size)
        raise
    if os.fstat(file.fileno()).st_size != size + len(data):
        raise StoreError(
            f"another run wrote to the ledger {home.ledger} at the same time, which its lock should forbid: "
            "put LOCALIZE_HOME where every machine that uses it sees its locks (flock)"
        )


def _commit(home: Home, descriptor: int, size: int, last: _Head, key: Ed25519PrivateKey) -> None:
    """Bring the ledger to the disk and vouch for it, unless another writer has done so for these records.

    Args:
        home: whose ledger.
        descriptor: of the ledger, opened before the records were written: an error of the disk is told to it.
        size: of the ledger before them.
        last: what is there with them.
        key: of the ledger.
    """
    if _read_head(home.head, key.public_key()).count >= last.count:
        return
    if any(home.folder.glob(".localize-*")):  # of a killed writer: who lives and writes one holds a lock
        with lock_home(home):
            sweep_drafts(home.folder, own=True)
    head = _whole_end(home, descriptor, last, key)
    try:
        os.fsync(descriptor)
    except OSError:
        with lock_home(home):
            if os.fstat(descriptor).st_size == last.size:  # nobody wrote after it
                os.ftruncate(descriptor, size)
        raise
    write_private(home.head, _head_bytes(head, key))


def _whole_end(home: Home, descriptor: int, head: _Head, key: Ed25519PrivateKey) -> _Head:
    """How far the ledger is in order beyond a place: with the records of writers that wait. The line that one is just
    writing, or that nobody of us wrote, is left to whoever appends next.
    """
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(head.size)
        for line in _lines(file):
            try:
                record = _check(home.ledger, line, head.count + 1, head.hash, key.public_key())
            except StoreError:
                break
            head = _Head(head.count + 1, record["hash"], head.size + len(line))
    return head


def _last_written(file: Any, head: _Head) -> datetime | None:
    """When the last record was written; None where there is none, or where the next check of the chain names it."""
    tail = b""
    for length in (_USUAL, LONGEST):
        tail = os.pread(file.fileno(), length, max(0, head.size - length)).rstrip(b"\n")
        if b"\n" in tail:
            break
    try:
        return datetime.fromisoformat(str(strict_json(tail.rpartition(b"\n")[2])["at"]))
    except (ValueError, KeyError, TypeError):
        return None


def _now_after(written: datetime | None) -> datetime:
    """The time of the next record: never before the last, so that a clock set back again and again stays refused.

    Raises:
        StoreError: the clock was set back: an expired grant must not come back with it.
    """
    now = datetime.now(UTC)
    if written is None:
        return now
    if now < written - CLOCK_TOLERANCE:
        raise StoreError(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, which is before the ledger's last record "
            f"({written:%Y-%m-%d %H:%M} UTC): set the clock right; if it was wrong when that record was "
            "written, say so with `localize voices log --accept-clock`, which the ledger notes"
        )
    return max(now, written)


def accept_clock(home: Home) -> None:
    """Go on with this machine's clock although the ledger has later records, for they were written with a wrong one.

    Raises:
        StoreError: the ledger cannot be written.
    """
    append(home, "clock", reason="earlier records were written with a clock that was ahead")


def anchor(home: Home) -> dict[str, Any]:
    """What a deliverable carries of the ledger: its key, the number and the hash of its latest record.

    A ledger that is older than a file it delivered was rolled back.

    Raises:
        StoreError: there is none, or its head was edited.
    """
    known = home.keys / "ledger.key"
    head = _read_head(home.head, load_key(known).public_key() if known.exists() else None)
    return {"key": head.key, "count": head.count, "hash": head.hash}


def _build(
    entries: Sequence[tuple[str, Mapping[str, Any]]],
    head: _Head,
    torn: Mapping[str, Any],
    key: Ed25519PrivateKey,
    now: datetime,
) -> tuple[tuple[dict[str, Any], ...], list[bytes]]:
    records: list[dict[str, Any]] = []
    lines = []
    prev = head.hash
    at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for number, (kind, fields) in enumerate(entries, head.count + 1):
        noted = {"recovered": dict(torn)} if torn and not records else {}
        record = {**fields, **noted, "seq": number, "at": at, "kind": kind, "prev": prev}
        record["sig"] = key.sign(canonical(record)).hex()
        record["hash"] = prev = hashlib.sha256(canonical(record)).hexdigest()
        line = canonical(record) + b"\n"
        if len(line) > LONGEST:
            raise StoreError(f"a {kind} record of {len(line)} bytes is too long for the ledger: at most {LONGEST}")
        records.append(record)
        lines.append(line)
    return tuple(records), lines


def _write_whole(file: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _open_head(home: Home) -> tuple[Ed25519PrivateKey, _Head]:
    """Key and head, made on first use; the head first: a key without one means it was taken away."""
    path = home.keys / "ledger.key"
    if path.exists():
        key = load_key(path)
        return key, _read_head(home.head, key.public_key())
    if home.ledger.exists() and home.ledger.stat().st_size:
        raise StoreError(
            f"the ledger {home.ledger} has lost its key {path}: {_REPAIR}", record=1, reason="its key is gone"
        )
    sweep_drafts(home.folder, own=True)
    key, data = make_key()
    write_private(home.head, _head_bytes(_Head(), key))
    write_private(path, data)
    return key, _Head()


def _recover(home: Home, file: Any, head: _Head, key: Ed25519PrivateKey) -> tuple[_Head, dict[str, Any]]:
    """Recover from a writer that was killed: whole records are kept, a torn last line is moved aside."""
    end = os.fstat(file.fileno()).st_size
    if end == head.size:
        return head, {}
    if end < head.size:
        raise _bad(home.ledger, head.count, "is cut off or missing")
    file.seek(head.size)
    count, last, size = head.count, head.hash, head.size
    with os.fdopen(os.dup(file.fileno()), "rb") as lines:
        for line in _lines(lines):
            if not line.endswith(b"\n"):
                break
            last = _check(home.ledger, line, count + 1, last, key.public_key())["hash"]
            count, size = count + 1, size + len(line)
    rest = os.pread(file.fileno(), LONGEST, size)
    torn: dict[str, Any] = {}
    if rest:
        torn = {"bytes": len(rest), "sha256": hashlib.sha256(rest).hexdigest()}
        write_private(home.folder / f"ledger.torn-{count + 1}-{torn['sha256'][:12]}", rest)
        file.truncate(size)
    return _Head(count, last, size), torn


# --- checking -----------------------------------------------------------------------------------------------


def verify(path: Path, head: Path | None = None) -> Verdict:
    """Check a ledger from its first to its last byte.

    Args:
        path: the ledger.
        head: its signed head, or an older one kept as an anchor; None for `ledger.head.json` beside it.
            The key is in `keys/ledger.key` beside the head, else it is the one the head names.
    """
    records = 0
    note = ""
    try:
        for record in _iterate_records(path, head or path.with_name("ledger.head.json")):
            if record is None:
                note = f"an unfinished line after record {records}: the next record moves it aside"
            else:
                records += 1
    except StoreError as error:
        return Verdict(
            False,
            records,
            int(error.details.get("record", records + 1)),
            str(error.details.get("reason", error)),
        )
    return Verdict(True, records, None, note)


def inspect(home: Home, file: Path | None = None, anchor: Path | None = None) -> Verdict:
    """Check the home's ledger, or a copy of it elsewhere.

    Args:
        home: whose ledger, and whose head where the copy has none beside it.
        file: the copy.
        anchor: an older head that was kept elsewhere: the ledger must still begin as it did then.
    """
    path = home.ledger if file is None else file
    verdict = verify(path, _head_of(home, path))
    return verify(path, anchor) if verdict.ok and anchor is not None else verdict


def read_head(home: Home) -> str:
    """The signed head as it stands: count, last hash and size. Kept elsewhere it is an anchor.

    Raises:
        StoreError: there is none, or it was edited.
    """
    known = home.keys / "ledger.key"
    _read_head(home.head, load_key(known).public_key() if known.exists() else None)
    return home.head.read_text("ascii")


def read(home: Home, file: Path | None = None) -> tuple[dict[str, Any], ...]:
    """All records of the home's ledger, or of a copy of it elsewhere, checked.

    Raises:
        StoreError: the ledger is not in order; names the first bad record.
    """
    if file is None:
        return tuple(each(home))
    return tuple(record for record in _iterate_records(file, _head_of(home, file)) if record is not None)


def _head_of(home: Home, file: Path) -> Path:
    """The head of a copy: the one beside it, else the home's."""
    beside = file.with_name("ledger.head.json")
    return beside if beside.exists() else home.head


def each(home: Home) -> Iterator[dict[str, Any]]:
    """The records of the ledger one after another, each checked; what is summed from them counts only at the end.

    Raises:
        StoreError: the ledger is not in order; names the first bad record.
    """
    return (record for record in _iterate_records(home.ledger, home.head) if record is not None)


def records_of_kind(home: Home, kind: str, title: str | None = None) -> Iterator[dict[str, Any]]:
    """The records of one kind (and title), read fast and unverified: only for checks that forbid, never for ones that
    allow.
    """
    of_title = b"" if title is None else b'"title":' + canonical(title)
    try:
        with home.ledger.open("rb") as file:
            for line in _lines(file):
                if of_title in line:
                    yield from _of_kind(line, kind)
    except FileNotFoundError:
        return


@dataclass(frozen=True, slots=True)
class Place:
    """How far a ledger was read and checked.

    Args:
        inode: of the file.
        count: records.
        hash: of the last of them.
        size: bytes.
        whole: it was read from the first record on.
    """

    inode: int
    count: int
    hash: str
    size: int
    whole: bool = False


START_PLACE = Place(0, 0, START, 0)


def follow(home: Home, since: Place) -> tuple[list[dict[str, Any]], Place]:
    """The records added to the home's ledger since a place, checked, and how far it is read now.

    Of another, a shortened or a vanished file all there is.

    Raises:
        StoreError: the ledger is not in order; names the first bad record.
    """
    try:
        now = home.ledger.stat()
        same = now.st_ino == since.inode and now.st_size >= since.size
        inode = now.st_ino
    except FileNotFoundError:
        same, inode = since.count == 0, 0
    if same and since.count and now.st_size == since.size:
        return [], replace(since, whole=False)
    start = since if same else START_PLACE
    found = [r for r in _iterate_records(home.ledger, home.head, start) if r is not None]
    size = start.size + sum(len(canonical(r)) + 1 for r in found)
    last = found[-1]["hash"] if found else start.hash
    return found, Place(inode, start.count + len(found), last, size, whole=start.count == 0)


def _of_kind(line: bytes, kind: str) -> list[dict[str, Any]]:
    if b'"kind":' + canonical(kind) not in line:
        return []
    try:
        record = strict_json(line)
    except ValueError:
        return []
    return [record] if isinstance(record, dict) and record.get("kind") == kind else []


def _iterate_records(path: Path, head_path: Path, start: Place = START_PLACE) -> Iterator[dict[str, Any] | None]:
    """Yield every record after a place, then None for a torn line at the end; raise at the first that is wrong."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    secret = head_path.parent / "keys" / "ledger.key"
    if not (path.exists() or head_path.exists() or secret.exists()):
        return
    # The head is read before the ledger, so that one being written to is never taken for a shortened one.
    known = load_key(secret).public_key() if secret.exists() else None
    head = _read_head(head_path, known)
    public = known or Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
    count, last, size = start.count, start.hash, start.size
    try:
        file = reading.open_plain(path)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and head.count == 0:
            return
        raise _bad(path, 1, "cannot be read") from error
    with file:
        file.seek(start.size)
        for line in _lines(file):
            if count >= head.count and not line.endswith(b"\n"):
                if not _is_truncated_record(line):
                    _check(path, line + b"\n", count + 1, last, public)
                yield None
                return
            record = _check(path, line, count + 1, last, public if count >= head.count else None)
            count, last, size = count + 1, record["hash"], size + len(line)
            if count == head.count and (last, size) != (head.hash, head.size):
                raise _bad(path, count, "is not the one the signed head names")
            yield record
    if count < head.count:
        raise _bad(path, count + 1, f"is missing: the signed head counts {head.count}")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST + 1):
        yield line


def _is_truncated_record(line: bytes) -> bool:
    """Whether a last line without a line break is the beginning of a record, and of nothing else."""
    if not (line.startswith(b'{"') or line == b"{" or not line.strip(b"\0")):
        return False
    try:
        reading.parse_json(line)
    except ValueError:
        return True
    return False


def _check(path: Path, line: bytes, number: int, prev: str, key: Ed25519PublicKey | None) -> dict[str, Any]:
    """The record of a line, after every check on it; `key` also checks its signature."""
    try:
        record: dict[str, Any] = strict_line(line)
        whole = isinstance(record, dict) and len(line) <= LONGEST and line.endswith(b"\n")
        # Keys and values are as written where the hash is right; where the hash itself stands, it does not say.
        # What the signed head does not vouch for yet is written anew, and compared.
        whole = whole and (list(record) == sorted(record) if key is None else canonical(record) + b"\n" == line)
    except ValueError as error:
        raise _bad(path, number, "is no record") from error
    if not whole:
        raise _bad(path, number, "was edited: it is not written as a record is")
    if record.get("seq") != number or record.get("prev") != prev:
        raise _bad(path, number, "does not follow the one before it")
    said = record.get("hash")
    # Its canonical JSON without the hash, which is no key's last: cut from the line, since writing it anew costs more.
    bare = line[:-1].replace(b'"hash":' + canonical(said) + b",", b"", 1)
    if hashlib.sha256(bare).hexdigest() != said:
        raise _bad(path, number, "was edited: its hash is another")
    if key is not None:
        unsigned = {name: value for name, value in record.items() if name not in ("hash", "sig")}
        if not verify_signature(key, record.get("sig"), canonical(unsigned)):
            raise _bad(path, number, "was added by someone without the ledger's key")
    return record


def _bad(path: Path, number: int, reason: str) -> StoreError:
    return StoreError(f"record {number} of the ledger {path} {reason}: {_REPAIR}", record=number, reason=reason)


def _head_bytes(head: _Head, key: Ed25519PrivateKey) -> bytes:
    body = {
        "schema": 1,
        "count": head.count,
        "hash": head.hash,
        "size": head.size,
        "key": key.public_key().public_bytes_raw().hex(),
    }
    return canonical({**body, "signature": key.sign(canonical(body)).hex()}) + b"\n"


def _read_head(path: Path, known: Ed25519PublicKey | None) -> _Head:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        data = reading.read_bytes(path, 4096)
        body = strict_json(data)
        if canonical(body) + b"\n" != data:
            raise ValueError("not written as a head is")
        signature = body.pop("signature")
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(body["key"]))
        head = _Head(int(body["count"]), str(body["hash"]), int(body["size"]), str(body["key"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(path, 1, "cannot be vouched for: its signed head is missing or was edited") from error
    if (known is not None and known.public_bytes_raw().hex() != head.key) or not verify_signature(
        key, signature, canonical(body)
    ):
        raise _bad(path, 1, "cannot be vouched for: its head is not signed with the ledger's key")
    return head
