"""What dubs take on this machine, for `bench/season.py`: `python bench/season_costs.py FOLDER OUT.json --kind "…"
[--threads 1] [--to es]`.

The films of the folder, of different lengths, are dubbed as `localize batch` does with workers, by one worker, into an
empty store and home. Of every stage the seconds of the clock and of the processor are held against the length of the
film: what the first film of a process takes more (packages are imported, weights read), what each film takes, and what
each second of film takes (least squares, none below nothing). The seconds of a clock are those of the load that is
printed.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from localize import media
from localize.batches import find_titles
from localize.batches.checking import FilmRequest
from localize.batches.folder import Board, Work, report_place, run_batch, with_cast
from localize.batches.outcomes import FileOutcome, part_of, write_report
from localize.batches.worker_settings import WorkerSettings
from localize.batches.workers import ProcessWorkers
from localize.consent import Home, ledger
from localize.events import Event, Run
from localize.job import Job
from localize.pipeline import open_run
from localize.runtime.device import Device, cpu_seconds

PASSES = {"hear_one": "hear", "dub_one": "dub"}
BESIDE = "beside"
"""What belongs to no stage."""
MANY = 1000
"""Titles in the report whose writing is timed."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Work on a film that also writes what it took, a line of JSON a film."""

    work: Work
    log: Path

    def __call__(self, request: FilmRequest, run: Run) -> FileOutcome:
        """Do it."""
        events: list[Event] = []
        began, worked = time.monotonic(), cpu_seconds()
        found = self.work(request, Run(run.store, run.home, run.models, events.append))
        line = {
            "pass": PASSES[self.work.__name__], "film": str(request.job.input), "pid": os.getpid(),
            "began": began, "worked": worked,
            "clock": time.monotonic() - began, "cpu": cpu_seconds() - worked,
            "stages": [(e.stage, e.seconds, e.cpu_seconds) for e in events if type(e).__name__ == "Finished"],
        }  # fmt: skip
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return found


def size_of(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def records_of(home: Home) -> int:
    """How many the ledger has."""
    return int(json.loads(ledger.read_head(home))["count"])


def fit(rows: Sequence[tuple[bool, float, float]]) -> list[float]:
    """First, each, second (see `season.Cost`), of rows of (first of its process, seconds of film, seconds taken)."""
    design = np.array([(float(first), 1.0, film_s) for first, film_s, _ in rows])
    return [round(float(x), 5) for x in nnls(design, np.array([taken for *_, taken in rows]))[0]]


def costs_of(rows: Sequence[tuple[bool, float, tuple[float, float]]]) -> dict[str, list[float]]:
    """The fit, by the clock and by the processor."""
    return {
        by: fit([(first, film_s, taken[at]) for first, film_s, taken in rows]) for at, by in enumerate(("clock", "cpu"))
    }


def stages_of(calls: Sequence[dict[str, Any]], lengths: dict[str, float]) -> dict[str, dict[str, list[float]]]:
    """Stage -> costs, of the calls of one pass in the order they were made."""
    rows: dict[str, list[tuple[bool, float, tuple[float, float]]]] = defaultdict(list)
    for number, call in enumerate(calls):
        taken = defaultdict(lambda: [0.0, 0.0])
        for stage, seconds, cpu in call["stages"]:
            taken[stage][0] += seconds
            taken[stage][1] += cpu
        taken[BESIDE] = [call[by] - sum(t[at] for t in taken.values()) for at, by in enumerate(("clock", "cpu"))]
        for stage, (seconds, cpu) in taken.items():
            rows[stage].append((not number, lengths[call["film"]], (max(0.0, seconds), max(0.0, cpu))))
    return {stage: costs_of(found) for stage, found in rows.items()}


def since_start() -> float:
    """Seconds since this process began."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


Spent = tuple[float, float]
"""Seconds of the clock and of the processor; a moment, or between two."""


def between(before: Spent, after: Spent) -> Spent:
    """What was spent from one moment to another."""
    return after[0] - before[0], after[1] - before[1]


def by_both(spent: Spent) -> dict[str, float]:
    """Named, as the file has them."""
    return {"clock": round(spent[0], 7), "cpu": round(spent[1], 7)}


class Measured:
    """A batch by workers, by one if not said otherwise, whose time is kept.

    Args:
        place: an empty folder; `LOCALIZE_STORE` and `LOCALIZE_HOME` are to be in it, too.
        job: what the batch is asked for.
        threads: of a worker.
        workers: at once.
    """

    def __init__(self, place: Path, job: Job, threads: int, workers: int = 1) -> None:
        self.log = place / "log"
        self.passes: list[tuple[Spent, Spent]] = []
        self.run = open_run(device=Device("auto", threads))
        settings = WorkerSettings(
            self.run.store.folder, None, self.run.home.folder, self.run.models.folder, self.run.models.device, None
        )
        self.pool = ProcessWorkers(settings, workers)
        self.titles = with_cast(find_titles(job), place / "out")
        self.command: Spent = since_start(), cpu_seconds()
        with closing(self.pool):
            self.report = run_batch(job, self.titles, self.run, report_place(place / "out", None), print, self._crowd)
        self.calls = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def _crowd(self, work: Work, requests: Sequence[FilmRequest], board: Board) -> None:
        begun = time.monotonic(), cpu_seconds()
        self.pool(Logged(work, self.log), requests, board)
        self.passes.append((begun, (time.monotonic(), cpu_seconds())))

    def cast(self) -> Spent:
        """What the cast took the command, for each film."""
        clock, cpu = between(self.passes[0][1], self.passes[1][0])
        return clock / len(self.titles), cpu / len(self.titles)

    def start(self) -> Spent:
        """What the first worker took before its first film."""
        first = next(call for call in self.calls if call["pass"] == PASSES["hear_one"])
        return first["began"] - self.passes[0][0][0], first["worked"]


def report_seconds(measured: Measured) -> Spent:
    """Seconds for each title to write a report of many, one of which has changed."""
    files = measured.report.files
    whole = replace(measured.report, files=tuple(files[n % len(files)] for n in range(MANY)))
    parts = [part_of(one) for one in whole.files]
    before = time.monotonic(), cpu_seconds()
    parts[0] = part_of(whole.files[0])
    write_report(whole, parts)
    clock, cpu = between(before, (time.monotonic(), cpu_seconds()))
    return clock / MANY, cpu / MANY


def costs_json(measured: Measured, kind: str, place: Path) -> dict[str, Any]:
    """What `bench/season.py` reads."""
    lengths = {str(t.job.input): media.probe(t.job.input).duration_ms / 1000 for t in measured.titles}
    films = list(lengths.values())
    return {
        "kind": kind,
        "films_s": films,
        "command_s": by_both(measured.command),
        "start_s": by_both(measured.start()),
        **{
            name: stages_of([call for call in measured.calls if call["pass"] == name], lengths)
            for name in PASSES.values()
        },
        "cast": {"cast": {by: [0.0, round(spent, 5), 0.0] for by, spent in zip(("clock", "cpu"), measured.cast())}},
        "report_s": by_both(report_seconds(measured)),
        "records": round(records_of(measured.run.home) / sum(films), 4),
        "stored": round(size_of(measured.run.store.folder) / sum(films)),
        "delivered": round(size_of(place / "out") / sum(films)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--kind", required=True, help="of machine, in words")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--to", default="es")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ |= {"LOCALIZE_STORE": str(place / "store"), "LOCALIZE_HOME": str(place / "home")}
        before = os.getloadavg()[0]
        job = Job(input=asked.folder.absolute(), to=asked.to.split(","), source_language="en", output=place / "out")
        found = costs_json(Measured(place, job, asked.threads), asked.kind, place)
    found |= {"threads": asked.threads, "load": [round(before, 1), round(os.getloadavg()[0], 1)]}
    asked.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"{asked.out}: {len(found['films_s'])} films, load {found['load']}")


if __name__ == "__main__":
    main()
