"""The ledger: nothing is lost, whoever writes and whenever they are killed, the disk fails or the power goes."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import multiprocessing
import os
import random
import re
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localize.consent import Home, ledger
from localize.errors import StoreError
from tests.made_ledgers import fill

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def test_a_crash_between_record_and_head_loses_nothing(home: Home) -> None:
    fill(home, 2)
    behind = home.head.read_bytes()
    fill(home, 2)
    home.head.write_bytes(behind)
    assert ledger.verify(home.ledger).records == 4
    ledger.append(home, "check")
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 5)


@pytest.mark.costly
def test_a_torn_line_is_moved_aside_wherever_it_was_torn(home: Home) -> None:
    fill(home, 2)
    sound, behind = home.ledger.read_bytes(), home.head.read_bytes()
    whole = fill(home, 1)[-1]
    for length in range(1, len(whole)):
        home.ledger.write_bytes(sound + whole[:length])
        home.head.write_bytes(behind)
        verdict = ledger.verify(home.ledger)
        assert verdict.ok, length
        assert "unfinished" in verdict.reason
    record = ledger.append(home, "check")
    assert record["recovered"] == {"bytes": len(whole) - 1, "sha256": hashlib.sha256(whole[:-1]).hexdigest()}
    (aside,) = home.folder.glob("ledger.torn-*")
    assert aside.read_bytes() == whole[:-1]
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 3)


def test_a_full_disk_leaves_the_ledger_as_it_was(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(home, 2)
    sound = home.ledger.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="disk is full"):
            ledger.append(home, "check")
    assert home.ledger.read_bytes() == sound
    assert ledger.append(home, "check")["seq"] == 3


class SlowDisk:
    """In the place of `os.fsync`: the first call waits until the ledger has so many records, then fails if asked to. It
    counts how often the ledger's own bytes are waited for.
    """

    def __init__(self, home: Home, records: int, error: OSError | None = None) -> None:
        self.home, self.records, self.error, self.calls = home, records, error, 0

    def __call__(self, descriptor: int) -> None:
        if os.fstat(descriptor).st_ino != self.home.ledger.stat().st_ino:
            return
        self.calls += 1
        if self.calls == 1:
            while self.home.ledger.read_bytes().count(b"\n") < self.records:
                os.sched_yield()
            if self.error is not None:
                raise self.error


def test_records_written_while_one_waits_for_the_disk_go_to_it_together(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home, 1)
    disk = SlowDisk(home, 5)
    monkeypatch.setattr(os, "fsync", disk)
    with ThreadPoolExecutor(4) as pool:
        made = [work.result()["seq"] for work in [pool.submit(ledger.append, home, "check") for _ in range(4)]]
    assert sorted(made) == [2, 3, 4, 5]
    # Once for the record of the first, once for those of the other three; once where all are written before it waits.
    assert disk.calls in (1, 2)
    assert json.loads(ledger.read_head(home))["count"] == 5
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 5)


def test_a_record_that_another_follows_stays_where_the_disk_failed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(home, 1)
    monkeypatch.setattr(os, "fsync", SlowDisk(home, 3, OSError(5, "Input/output error")))
    with ThreadPoolExecutor(2) as pool:
        works = [pool.submit(ledger.append, home, "check") for _ in range(2)]
    (failed,) = [error for work in works if (error := work.exception())]
    assert isinstance(failed, StoreError)
    # Who was told of the error did nothing with it; the record of the other would follow nothing without it. Where the
    # last writer was told, nobody followed, and its record is taken back.
    (made,) = [work.result()["seq"] for work in works if work.exception() is None]
    assert made in (2, 3)
    assert ledger.verify(home.ledger) == ledger.Verdict(True, made)
    assert ledger.append(home, "check")["seq"] == made + 1


def test_a_record_whose_writer_died_before_the_disk_is_vouched_for_by_the_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home, 1)
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "_commit", lambda *_: os._exit(9))
        if not (child := os.fork()):
            ledger.append(home, "check", told="never")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    (home.folder / f".localize-{child}-ledger.head.json").write_bytes(b"half")
    assert json.loads(ledger.read_head(home))["count"] == 1
    assert ledger.append(home, "check")["seq"] == 3
    assert json.loads(ledger.read_head(home))["count"] == 3
    assert not list(home.folder.glob(".localize-*"))


def write_many(folder: Path, writer: int, count: int) -> None:
    home = Home.open(folder)
    for number in range(count):
        ledger.append(home, "check", writer=writer, number=number)


@pytest.mark.slow
def test_eight_processes_lose_nothing(home: Home) -> None:
    writers = [FORK.Process(target=write_many, args=(home.folder, n, 500)) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    records = ledger.read(home)
    assert len(records) == 4000
    for n in range(8):
        assert [r["number"] for r in records if r["writer"] == n] == list(range(500))


@pytest.mark.slow
def test_killed_at_fifty_moments_it_is_still_in_order(home: Home) -> None:
    chance = random.Random(9)
    seen = 0
    for _ in range(50):
        writer = FORK.Process(target=write_many, args=(home.folder, 0, 10_000))
        before = home.ledger.stat().st_size if home.ledger.exists() else 0
        writer.start()
        goal = before + chance.randrange(1, 8000)
        while not home.ledger.exists() or home.ledger.stat().st_size < goal:
            os.sched_yield()
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        verdict = ledger.verify(home.ledger)
        assert verdict.ok, verdict
        assert verdict.records >= seen
        seen = verdict.records
    assert ledger.append(home, "check")["seq"] >= seen
    assert len(list(home.folder.glob(".localize-*"))) <= 1


def record_and_say(folder: Path, writer: int, count: int, said: Path) -> None:
    """Write records, and say of each that it is written, once it is."""
    home = Home.open(folder)
    with said.open("ab", buffering=0) as file:
        for number in range(count):
            file.write(b"%d\n" % ledger.append(home, "check", writer=writer, number=number)["seq"])


@pytest.mark.slow
def test_what_was_said_to_be_written_is_there_whichever_writers_were_killed(tmp_path: Path) -> None:
    chance = random.Random(23)
    for number in range(12):
        home = Home.open(tmp_path / f"home{number}")
        saids = [tmp_path / f"{number}-{n}" for n in range(4)]
        writers = [FORK.Process(target=record_and_say, args=(home.folder, n, 40, said)) for n, said in enumerate(saids)]
        for writer in writers:
            writer.start()
        for writer, said in zip(writers[:3], saids):
            goal = chance.randrange(1, 30)
            while writer.is_alive() and (not said.exists() or said.read_bytes().count(b"\n") < goal):
                os.sched_yield()
            writer.kill()
        for writer in writers:
            writer.join()
        assert writers[3].exitcode == 0
        seqs = [int(line) for said in saids for line in said.read_bytes().split()]
        assert len(set(seqs)) == len(seqs)
        there = {(record["writer"], record["number"]): record["seq"] for record in ledger.read(home)}
        for n, said in enumerate(saids):
            for place, seq in enumerate(map(int, said.read_bytes().split())):
                assert there[n, place] == seq


def is_of_the_system(call: Any) -> bool:
    """Whether a call of the interpreter's own functions changes a file, or begins or ends a turn."""
    return (
        getattr(call, "__module__", "") in ("posix", "fcntl")
        and call.__name__ in ("open", "close", "fsync", "flock", "pwrite", "ftruncate", "replace", "unlink", "link")
    ) or (call.__name__ in ("write", "truncate", "close") and isinstance(getattr(call, "__self__", None), io.IOBase))


def append_until(home: Home, last: int, after: bool) -> int:
    """Append a record in a process that is killed at its n-th call of the system; gives its exit status."""
    if not (child := os.fork()):
        seen = 0

        def kill(_frame: object, event: str, call: Any) -> None:
            nonlocal seen
            if event == ("c_return" if after else "c_call") and is_of_the_system(call):
                seen += 1
                if seen == last:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(kill)
        ledger.append(home, "check", told="perhaps")
        sys.setprofile(None)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.costly
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("before", [0, 4, 9])  # none; a head of the same length follows; a longer one
def test_killed_before_and_after_every_call_of_the_system(home: Home, before: int, after: bool) -> None:
    if before:
        fill(home, before)
    sound = {path: path.read_bytes() for path in (home.ledger, home.head, home.keys / "ledger.key") if path.exists()}
    last, code = 0, -9
    while code == -9:
        for path in (home.ledger, home.head, home.keys / "ledger.key"):
            path.unlink(missing_ok=True)
        for path, data in sound.items():
            path.write_bytes(data)
        last += 1
        code = append_until(home, last, after)
        verdict = ledger.verify(home.ledger)
        assert verdict.ok, (last, verdict)
        assert verdict.records in (before, before + 1), last
        assert ledger.append(home, "check")["seq"] == verdict.records + 1, last
        assert json.loads(ledger.read_head(home))["count"] == verdict.records + 1
        assert ledger.verify(home.ledger) == ledger.Verdict(True, verdict.records + 1), last
        assert not list(home.folder.glob(".localize-*")), last
    assert code == 0
    assert verdict.records == before + 1
    assert last > 15


def test_a_head_is_read_before_or_after_it_is_written(home: Home) -> None:
    fill(home, 4)
    data = home.head.read_bytes()
    with home.head.open("r+b", buffering=0) as file, ThreadPoolExecutor(1) as pool:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b"half")
        reader = pool.submit(ledger.read_head, home)
        waits = re.compile(rf"-> FLOCK .*:{home.head.stat().st_ino} ")
        while not reader.done() and not waits.search(Path("/proc/locks").read_text()):
            os.sched_yield()
        file.seek(0)
        file.write(data)
        fcntl.flock(file, fcntl.LOCK_UN)
    assert reader.result() == data.decode()


@pytest.mark.costly
def test_whatever_a_loss_of_power_leaves_holds_every_record_that_was_said_to_be_written(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk holds of the ledger what was waited for, and of what was written after it any beginning, or as many
    zeros; of the head what was waited for, or any that was written after it.
    """
    fill(home, 7)
    states: list[tuple[bytes, bytes, list[bytes], int]] = []
    durable, heads, said = home.ledger.read_bytes(), [home.head.read_bytes()], 7
    flush, advise = os.fsync, os.posix_fadvise

    def look() -> None:
        states.append((durable, home.ledger.read_bytes(), list(heads), said))

    def flushed(descriptor: int) -> None:
        nonlocal durable
        look()
        flush(descriptor)
        if os.fstat(descriptor).st_ino == home.ledger.stat().st_ino:
            durable = home.ledger.read_bytes()
        look()

    def written(descriptor: int, *rest: int) -> None:
        advise(descriptor, *rest)
        heads.append(home.head.read_bytes())
        look()

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", flushed)
        patched.setattr(os, "posix_fadvise", written)
        for count in (1, 1, 3, 1):
            ledger.append_all(home, [("check", {"number": n}) for n in range(count)])
            said += count
            heads.append(home.head.read_bytes())
            look()
    assert len(states) > 12
    for kept, whole, possible, count in states:
        rest = whole[len(kept) :]
        for length in sorted({*range(0, len(rest), 90), len(rest)}):
            for tail in (rest[:length], bytes(length), rest[: length // 2] + bytes(length - length // 2)):
                for head in possible:
                    home.ledger.write_bytes(kept + tail)
                    home.head.write_bytes(head)
                    verdict = ledger.verify(home.ledger)
                    assert verdict.ok, verdict
                    assert verdict.records >= count
        assert ledger.append(home, "check")["seq"] >= count + 1
        assert ledger.verify(home.ledger).ok
