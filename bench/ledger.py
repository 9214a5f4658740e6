"""What the ledger bears: `python bench/ledger.py [--writers 8] [--each 5000] [--records 100000]`.

What one writer waits for. Then writers, each a process of its own, add records to one home at once, one a call, which
waits for the disk, and fifty a call; how often they wait is counted, the whole chain is checked, and every writer's
records are counted. A ledger of
many records is appended to at its beginning and at its end, verified, and asked for the usage of voices; for each the
seconds of the processor are printed, and the peak memory of a process that did nothing else.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.consent import Home, ledger
from localize.consent.voice_usage import usage

SPOKEN = {"voice": "em_alex", "grant": "em_alex licence", "language": "es", "spoken_ms": 2_000, "audio": ["0" * 64]}


class Flushes:
    """In the place of `os.fsync`, in this process and those forked from it: how often, and seconds of the clock."""

    def __init__(self) -> None:
        self._flush = os.fsync
        self._count, self._waited = multiprocessing.Value("i", 0), multiprocessing.Value("d", 0.0)

    def __call__(self, descriptor: int) -> None:
        began = time.perf_counter()
        self._flush(descriptor)
        with self._count.get_lock():
            self._count.value += 1
            self._waited.value += time.perf_counter() - began

    def __enter__(self) -> Flushes:
        os.fsync = self
        return self

    def __exit__(self, *_: object) -> None:
        os.fsync = self._flush

    def __str__(self) -> str:
        return f"{self._count.value} flushes of {1000 * self._waited.value / self._count.value:.1f} ms"


def write(folder: Path, writer: int, count: int, together: int) -> None:
    """One writer's records, some a call."""
    home = Home.open(folder)
    for first in range(0, count, together):
        numbers = range(first, min(count, first + together))
        ledger.append_all(
            home, [("synthesis", {**SPOKEN, "title": f"e{writer}", "segments": [f"s{n:05}"]}) for n in numbers]
        )


def spent() -> float:
    """Seconds of the processor so far, children's too."""
    own, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime


def crowd(folder: Path, writers: int, each: int, together: int) -> None:
    """Print how fast many writers are, and whether all that they wrote is there."""
    processes = [multiprocessing.Process(target=write, args=(folder, n, each, together)) for n in range(writers)]
    began, before = time.monotonic(), spent()
    with Flushes() as flushes:
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    seconds, cpu = time.monotonic() - began, spent() - before
    verdict = ledger.verify(folder / "ledger.jsonl")
    found = Counter(r["title"] for r in ledger.read(Home.open(folder)))
    whole = verdict.ok and all(found[f"e{n}"] == each for n in range(writers))
    rate, cost = writers * each / seconds, 1000 * cpu / (writers * each)
    print(
        f"{writers} writers, {each} records each, {together} a call: {rate:,.0f} a second, {cost:.2f} CPU ms a record"
    )
    print(f"  {flushes} for {writers * each} records")
    print(f"  none lost, chain in order: {'yes' if whole else 'NO'} ({verdict.records} records {verdict.reason})")


def waits(folder: Path, count: int) -> None:
    """Print what one writer waits for."""
    home = Home.open(folder)
    began, before = time.perf_counter(), spent()
    with Flushes() as flushes:
        write(folder, 0, count, 1)
    seconds, cpu = time.perf_counter() - began, spent() - before
    each = [f"{1000 * part / count:.1f}" for part in (seconds, cpu)]
    print(f"one writer: {each[0]} ms a record, {each[1]} of the processor; {flushes} for {count} records")
    assert len(ledger.read(home)) == count


def alone(folder: Path, what: str) -> tuple[float, int]:
    """Seconds of the processor and peak memory (MB) of a process that does one thing with a ledger."""

    def do() -> None:
        home = Home.open(folder)
        if what == "verify":
            assert ledger.verify(folder / "ledger.jsonl").ok
        elif what == "usage":
            assert usage(home)
        for _ in range(100 if what == "append" else 0):
            ledger.append(home, "synthesis", **SPOKEN, title="last", segments=["s1"])

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not (child := os.fork()):
        do()
        (folder / "peak").write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, int((folder / "peak").read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--each", type=int, default=5_000)
    parser.add_argument("--records", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        waits(Path(folder), 200)
    for together in (1, 50):
        with tempfile.TemporaryDirectory() as folder:
            Home.open(Path(folder))
            crowd(Path(folder), asked.writers, asked.each, together)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Home.open(folder)
        write(folder, 0, 100, 1)
        first = alone(folder, "append")[0] / 100
        write(folder, 1, asked.records - 200, 1_000)
        last = alone(folder, "append")[0] / 100
        size = (folder / "ledger.jsonl").stat().st_size / 1e6
        print(f"a ledger of {asked.records:,} records, {size:.0f} MB")
        print(f"  append: {1000 * first:.2f} CPU ms at the beginning, {1000 * last:.2f} at the end")
        for what in ("verify", "usage"):
            seconds, peak = alone(folder, what)
            print(f"  {what}: {seconds:.1f} CPU s, {peak} MB at most")


if __name__ == "__main__":
    main()
