"""The ledger: an append-only file of hash-chained, signed records.

Over 400 lines: what writes a record and what checks it are one format, read side by side.

`ledger.jsonl` has one record a line: its canonical JSON (keys sorted, no blanks, ASCII only). `hash` is the
SHA-256 of the canonical JSON of the record without `hash`; `prev` is the hash of the record before (64
zeros in the first); `sig` is an Ed25519 signature over the record without `hash` and `sig`.
`ledger.head.json` holds the count, the last hash and the size of the file, signed with the same key
(`ledger_head.py`).

A record is written and fsynced first, then the head is written. So a head that is behind is what a crash
leaves, and the signatures tell those last records from forged ones; a head that is ahead means that records
were taken away. An append reads the head and the last record, never the whole file.

Writers take turns twice: to write their records, and to bring them to the disk. While one waits for the disk
others write, each behind the last record that is signed with the key; the next of them checks all that is
written since the last head, brings it to the disk, and vouches for it with one head.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import StoreError
from ..runtime import reading
from ..runtime.files import disk_errors, sweep_drafts
from . import ledger_head
from .keyring import canonical, load_key, lock_home, make_key, strict_json, strict_line, verify_signature, write_private
from .ledger_head import START, Head, bad_record

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from . import Home


LONGEST = 1 << 20
"""Bytes a record may have, its line break included."""
_USUAL = 1 << 13
"""Bytes that most have."""
CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far clocks of one home may be apart."""
_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
"""Written at its end, wherever that is by then: were there no lock, no writer would write over another's record."""
_MOMENT_S = 0.001
"""Until those who wait for the disk look again: a fraction of what most disks take."""
_HEAD_LOCK = "ledger.head.lock"
"""Held by the writer that brings records to the disk, who may take the ledger's own lock inside; never the reverse."""


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
                    timed = any(kind != "clock" for kind, _ in entries)
                    written = _when_written(_last_line(descriptor, before.size)) if timed else None
                    records, lines = _build(entries, before, torn, key, _now_after(written))
                    _write_all(home, file, before.size, b"".join(lines))
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            size = before.size + sum(map(len, lines))
            last = Head(before.count + len(records), records[-1]["hash"], size)
            _wait_for_disk(home, descriptor, vouched, before.size, last, key)
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


def _wait_for_disk(home: Home, descriptor: int, known: Head, size: int, last: Head, key: Ed25519PrivateKey) -> None:
    """Return when records are on the disk and vouched for: by another writer, or in this one's turn. See `_commit`."""
    turn = os.open(home.folder / _HEAD_LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        while not _taken(turn):
            # Not by waiting for the lock: the next writer gets it before those whom the last one served have woken.
            time.sleep(_MOMENT_S)
            known = ledger_head.read_head(home.head, key, known)
            if known.count >= last.count:
                return
        _commit(home, descriptor, known, size, last, key)
    finally:
        os.close(turn)


def _taken(turn: int) -> bool:
    """Whether the turn was free, and is taken."""
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # EACCES: as some network file systems say it
        return False
    return True


def _commit(home: Home, descriptor: int, known: Head, size: int, last: Head, key: Ed25519PrivateKey) -> None:
    """Bring the ledger to the disk and vouch for it, unless another writer has done so for these records.

    Args:
        home: whose ledger.
        descriptor: of the ledger, opened before the records were written: an error of the disk is told to it.
        known: a head read before.
        size: of the ledger before them.
        last: what is there with them.
        key: of the ledger.

    Raises:
        StoreError: a record before them is not in order; they are taken back, as after an error of the disk.
    """
    vouched = ledger_head.read_head(home.head, key, known)
    if vouched.count >= last.count:
        return
    with os.scandir(home.folder) as there:
        drafts = any(entry.name.startswith(".localize-") for entry in there)
    if drafts:
        with lock_home(home):  # of a killed writer: who lives and writes one holds a lock
            sweep_drafts(home.folder, own=True)
    try:
        head = _in_order(home, descriptor, vouched, last, key)
        os.fsync(descriptor)
    except (OSError, StoreError):
        with lock_home(home):
            if os.fstat(descriptor).st_size == last.size:  # nobody wrote after it
                os.ftruncate(descriptor, size)
        raise
    ledger_head.write_head(home.head, head, key)


def _in_order(home: Home, descriptor: int, head: Head, last: Head, key: Ed25519PrivateKey) -> Head:
    """How far the ledger is in order beyond its head: up to the caller's last record, and with the records of writers
    that wait. The line that one is just writing, or that nobody of us wrote, is left to whoever appends next.

    Raises:
        StoreError: a record before the caller's own is not in order.
    """
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(head.size)
        for line in _lines(file):
            try:
                record = _check(home.ledger, line, head.count + 1, head.hash, key)
                head = Head(head.count + 1, record["hash"], head.size + len(line))
                if head.count == last.count and head != last:
                    raise bad_record(home.ledger, head.count, "is another than was written")
            except StoreError:
                if head.count < last.count:
                    raise
                break
    if head.count < last.count:
        raise bad_record(home.ledger, head.count + 1, "is cut off or missing")
    return head


def _last_line(descriptor: int, size: int) -> bytes:
    """The last of so many bytes of a ledger, up to the line break before; b"" where there is none."""
    tail = b""
    for length in (_USUAL, LONGEST):
        tail = os.pread(descriptor, min(length, size), max(0, size - length))
        if (start := tail.rfind(b"\n", 0, -1)) >= 0 or len(tail) == size:
            return tail[start + 1 :]
    return tail


def _when_written(line: bytes) -> datetime | None:
    """When a record was written; None where there is none, or where the next check of the chain names it."""
    try:
        return datetime.fromisoformat(str(strict_json(line)["at"]))
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
    head = ledger_head.read_head(home.head, load_key(known) if known.exists() else None)
    return {"key": head.key, "count": head.count, "hash": head.hash}


def _build(
    entries: Sequence[tuple[str, Mapping[str, Any]]],
    head: Head,
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


def _open_head(home: Home) -> tuple[Ed25519PrivateKey, Head]:
    """Key and head, made on first use; the head first: a key without one means it was taken away."""
    path = home.keys / "ledger.key"
    if path.exists():
        key = load_key(path)
        return key, ledger_head.read_head(home.head, key)
    if home.ledger.exists() and home.ledger.stat().st_size:
        raise StoreError(
            f"the ledger {home.ledger} has lost its key {path}: {ledger_head.REPAIR}",
            record=1,
            reason="its key is gone",
        )
    sweep_drafts(home.folder, own=True)
    key, data = make_key()
    ledger_head.write_head(home.head, Head(), key)
    write_private(path, data)
    return key, Head()


def _recover(home: Home, file: Any, head: Head, key: Ed25519PrivateKey) -> tuple[Head, dict[str, Any]]:
    """Where the ledger ends beyond its head. A last record that is signed with the key followed those before it when
    it was written; who brings it to the disk checks them. After a writer that was killed whole records are kept, and a
    torn last line is moved aside.
    """
    end = os.fstat(file.fileno()).st_size
    if end == head.size:
        return head, {}
    if end < head.size:
        raise bad_record(home.ledger, head.count, "is cut off or missing")
    if (signed := _signed_end(home, _last_line(file.fileno(), end), end, key)).count > head.count:
        return signed, {}
    file.seek(head.size)
    count, last, size = head.count, head.hash, head.size
    with os.fdopen(os.dup(file.fileno()), "rb") as lines:
        for line in _lines(lines):
            if not line.endswith(b"\n"):
                break
            last = _check(home.ledger, line, count + 1, last, key)["hash"]
            count, size = count + 1, size + len(line)
    rest = os.pread(file.fileno(), LONGEST, size)
    torn: dict[str, Any] = {}
    if rest:
        torn = {"bytes": len(rest), "sha256": hashlib.sha256(rest).hexdigest()}
        write_private(home.folder / f"ledger.torn-{count + 1}-{torn['sha256'][:12]}", rest)
        file.truncate(size)
    return Head(count, last, size), torn


def _signed_end(home: Home, line: bytes, size: int, key: Ed25519PrivateKey) -> Head:
    """Where a ledger of this size ends by its last line; at its beginning where nobody with the key wrote that."""
    try:
        said = strict_line(line)
        record = _check(home.ledger, line, said["seq"], said["prev"], key)
    except (StoreError, ValueError, KeyError, TypeError):
        return Head()
    return Head(record["seq"], record["hash"], size)


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
    head = ledger_head.read_head(home.head, load_key(known) if known.exists() else None)
    return head.data.decode("ascii")


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
    head = ledger_head.read_head(head_path, known)
    public = known or Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
    count, last, size = start.count, start.hash, start.size
    try:
        file = reading.open_plain(path)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and head.count == 0:
            return
        raise bad_record(path, 1, "cannot be read") from error
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
                raise bad_record(path, count, "is not the one the signed head names")
            yield record
    if count < head.count:
        raise bad_record(path, count + 1, f"is missing: the signed head counts {head.count}")


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


def _check(
    path: Path, line: bytes, number: int, prev: str, key: Ed25519PublicKey | Ed25519PrivateKey | None
) -> dict[str, Any]:
    """The record of a line, after every check on it; `key` also checks its signature."""
    try:
        record: dict[str, Any] = strict_line(line)
        whole = isinstance(record, dict) and len(line) <= LONGEST and line.endswith(b"\n")
        # Keys and values are as written where the hash is right; where the hash itself stands, it does not say.
        # What the signed head does not vouch for yet is written anew, and compared.
        whole = whole and (list(record) == sorted(record) if key is None else canonical(record) + b"\n" == line)
    except ValueError as error:
        raise bad_record(path, number, "is no record") from error
    if not whole:
        raise bad_record(path, number, "was edited: it is not written as a record is")
    if record.get("seq") != number or record.get("prev") != prev:
        raise bad_record(path, number, "does not follow the one before it")
    said = record.get("hash")
    # Its canonical JSON without the hash, which is no key's last: cut from the line, since writing it anew costs more.
    bare = line[:-1].replace(b'"hash":' + canonical(said) + b",", b"", 1)
    if hashlib.sha256(bare).hexdigest() != said:
        raise bad_record(path, number, "was edited: its hash is another")
    if key is not None:
        unsigned = {name: value for name, value in record.items() if name not in ("hash", "sig")}
        if not verify_signature(key, record.get("sig"), canonical(unsigned)):
            raise bad_record(path, number, "was added by someone without the ledger's key")
    return record
