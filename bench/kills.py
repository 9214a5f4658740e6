"""Kills a dub by fake engines at random places, again and again: `python bench/kills.py [--kills 1000] [--seed 1]`.

Seven of ten kills come at a change of a file, three after random work, wherever that is. What a kill left, the next dub
meets; every dub that comes to its end must have made the bytes of an undisturbed one, and after each kill nothing
half-written may have a name of its own, the ledger must be in order and no program of the dub may run for 5 s. Prints
every fault that is found, and the figures. `make faults` runs it after the table of `tests/faults`.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fault_stand import Fault, Left, Stand, random_kill


def faults_of(left: Left) -> list[str]:
    """What is wrong after a kill, or after a dub that came to its end."""
    wrong = [*left.halves, *(f"orphan {name}" for name in left.orphans), *([left.ledger] if left.ledger else [])]
    if left.code not in (0, -9, -27):
        wrong.append(f"ended with {left.code}: {left.said}")
    if left.code == 0:
        wrong += [f"{name} differs" for name in left.differs] + [f"{name} is left" for name in left.drafts]
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, killed, whole, faults = random.Random(asked.seed), 0, 0, 0
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
