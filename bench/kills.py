"""Kills a dub by fake engines at random places, again and again: `python bench/kills.py [--kills 1000] [--seed 1]`.

Seven of ten kills come at a change of a file, three after random work, wherever that is. What a kill left, the next dub
meets; every dub that comes to its end must have made the bytes of an undisturbed one, and after each kill nothing
half-written may have a name of its own, the ledger must be in order and no program of the dub may run for 5 s. Prints
every fault that is found, and the figures. `make faults` runs it after the table of `tests/faults`.

With `--film FILE` the film is dubbed into `--to` by the engines that would be chosen, and the command is killed from
outside when it has used a random part of the seconds of the processor that an undisturbed dub takes.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fault_stand import (
    ROOT,
    Fault,
    Left,
    Stand,
    digests,
    halves,
    ledger_fault,
    orphans,
    random_kill,
    remaining_drafts,
)

LOOK_S = 0.02


def faults_of(left: Left) -> list[str]:
    """What is wrong after a kill, or after a dub that came to its end."""
    wrong = [*left.halves, *(f"orphan {name}" for name in left.orphans), *([left.ledger] if left.ledger else [])]
    if left.code not in (0, -9, -27):
        wrong.append(f"ended with {left.code}: {left.said}")
    if left.code == 0:
        wrong += [f"{name} differs" for name in left.differs] + [f"{name} is left" for name in left.drafts]
    return wrong


class RealDub:
    """A dub of a film by its own engines, in a process of its own.

    Args:
        folder: an empty folder.
        film: to dub.
        language: target.
    """

    def __init__(self, folder: Path, film: Path, language: str) -> None:
        self.place, self.language = folder / "place", language
        self.film = Path(shutil.copy(film, folder / f"film{film.suffix}"))
        assert self.run(None).code == 0, "the film cannot be dubbed"
        self.whole, self.cpu_s = digests(self.place / "out"), self._used_s
        shutil.rmtree(self.place)

    def run(self, kill_s: float | None) -> Left:
        """Dub, kill the command after so many seconds of the processor, look at what is left."""
        (self.place / "tmp").mkdir(parents=True, exist_ok=True)
        own = {
            "LOCALIZE_STORE": self.place / "store",
            "LOCALIZE_HOME": self.place / "home",
            "TMPDIR": self.place / "tmp",
        }
        env = {**os.environ, **{name: str(path) for name, path in own.items()}, "LOCALIZE_STAND": str(self.place)}
        asked = ["dub", str(self.film), "--to", self.language, "-o", str(self.place / "out")]
        with (self.place / "said").open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "localize", *asked], env=env, cwd=ROOT, stdout=said, stderr=said
            )
            for used in used_seconds(process.pid, process.poll):
                self._used_s = used
                if kill_s is not None and used >= kill_s:
                    process.kill()
            left = Left(code=process.wait())
        left.orphans, left.halves = orphans(self.place), halves(self.place / "out")
        left.ledger = ledger_fault(self.place / "home")
        left.said = " ".join((self.place / "said").read_text("utf-8", "replace").splitlines()[-1:])
        return left

    def kill(self, chance: random.Random) -> Left:
        """A kill at a random moment; the next one meets what it left, until a dub comes to its end."""
        return self.look(self.run(chance.uniform(0.0, self.cpu_s)))

    def look(self, left: Left) -> Left:
        """What is wrong with a dub that came to its end."""
        if left.code == 0:
            found = digests(self.place / "out")
            left.differs = [name for name in found if found[name] != self.whole[name]]
            left.drafts = remaining_drafts(self.place)
            shutil.rmtree(self.place)
        return left


def used_seconds(pid: int, ended: Callable[[], int | None]) -> Iterator[float]:
    """Seconds of the processor that a process and its ended children used, again and again until it ends."""
    while ended() is None:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        yield sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        time.sleep(LOOK_S)


def kill_real(film: Path, language: str, kills: int, chance: random.Random) -> int:
    """Kill dubs by real engines; gives the number of faults."""
    faults = killed = whole = 0
    with tempfile.TemporaryDirectory() as folder:
        dub = RealDub(Path(folder), film, language)
        print(f"a dub takes {dub.cpu_s:.0f} CPU s", flush=True)
        while killed < kills:
            left = dub.kill(chance)
            killed, whole = killed + (left.code < 0), whole + (left.code == 0)
            found = faults_of(left)
            faults += len(found)
            print(f"{killed} kills, {whole} dubs came to their end, {faults} faults {found or ''}", flush=True)
        left = dub.look(dub.run(None))
        faults += len(faults_of(left)) + (left.code != 0)
    print(f"{killed} kills of dubs by real engines, {whole + 1} dubs made whole: {faults} faults")
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--film", type=Path, help="dubbed by real engines")
    parser.add_argument("--to", default="es", help="target of --film")
    asked = parser.parse_args()
    chance, killed, whole, faults = random.Random(asked.seed), 0, 0, 0
    if asked.film is not None:
        sys.exit(kill_real(asked.film, asked.to, asked.kills, chance) > 0)
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder))
        changes = stand.kill(Fault(at="change:1000000000")).places
        while killed < asked.kills:
            fault = random_kill(chance, changes)
            left = stand.kill(fault)
            killed += left.code < 0
            whole += left.code == 0
            for wrong in faults_of(left):
                faults += 1
                print(f"  {fault.at}: {wrong}", flush=True)
            if killed % 25 == 0 and left.code < 0:
                print(f"{killed} kills, {whole} dubs came to their end, {faults} faults", flush=True)
        left = stand.kill(Fault(at="change:1000000000"))
        stand.close()
    faults += len(faults_of(left)) + (left.code != 0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{killed} kills at {changes} changes of files and inside, {whole + 1} dubs made whole: {faults} faults; "
        f"{used.ru_utime + used.ru_stime:.0f} CPU s"
    )
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
