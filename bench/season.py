"""A season on many workers, simulated: `python bench/season.py COSTS… --titles 10,100,1000 --workers 1,10,200
--minutes 22 --appends 55 [--rate 0.05] [--by cpu]`.

What `localize batch --jobs N` does is done again without the work: workers start and hear every film, the command
writes the cast from what they tell of it, other workers dub every film, and whatever they share is one at a
time: the command, which hands films out and writes the report, and the ledger. What a stage takes is read from COSTS,
which `bench/season_costs.py` writes from real dubs on a machine of the kind that is simulated; a file a kind of worker.
No figure is supposed: what was not measured has to be given. Nothing is random, so the same arguments print the same.

Prints for each number of titles and workers how long it takes, how much of the workers' time is work, what is lost to
what, what store and ledger have to bear, and what a minute of dub costs; then what the season breaks on first.
"""

from __future__ import annotations

import argparse
import heapq
import json
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

SPOKEN = "synthesize"
"""The stage that waits for the ledger, line by line."""
CAUSES = ("start", "driver", "cast", "ledger", "tail")
"""What a worker's time is lost to: starting, waiting for the command, for the cast, for the ledger; no film is left."""
BROKEN = 0.10
"""Share of all workers' time lost to one cause, from which on more workers are called wasted."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that something takes: in a process that does it first, for each film, for each second of film."""

    first: float
    each: float
    second: float

    def of(self, film_s: float, *, first: bool = False) -> float:
        """Seconds for one film."""
        return self.each + self.second * film_s + (self.first if first else 0.0)


@dataclass(frozen=True, slots=True)
class Costs:
    """What a kind of worker takes.

    Args:
        kind: of worker, in words.
        command_s: from the start of the command to its first film.
        start_s: from the start of a worker to its first film.
        hear: stage -> cost, of the pass that hears who speaks.
        cast: what the command takes for a film when it writes the cast.
        dub: stage -> cost, of the pass that dubs.
        report_s: seconds to write the report, for each title in it: when a film is begun, and when none is left.
        records: in the ledger, for each second of film.
        stored: bytes in the store, for each second of film.
        delivered: bytes in the output folder, likewise.
    """

    kind: str
    command_s: float
    start_s: float
    hear: Mapping[str, Cost]
    cast: Cost
    dub: Mapping[str, Cost]
    report_s: float
    records: float
    stored: float
    delivered: float


def read_costs(path: Path, by: str) -> Costs:
    """Costs as `bench/season_costs.py` wrote them.

    Args:
        path: of the file.
        by: "clock", or "cpu": seconds of the processor, as a worker with a core to itself takes on any machine.
    """
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if by not in found["start_s"]:
        raise SystemExit(f"{path} has no seconds by {by}: measure them with bench/season_costs.py")
    stages = {name: {stage: Cost(*cost[by]) for stage, cost in found[name].items()} for name in ("hear", "cast", "dub")}
    return Costs(
        kind=found["kind"], command_s=found["command_s"][by], start_s=found["start_s"][by], hear=stages["hear"],
        cast=stages["cast"]["cast"], dub=stages["dub"], report_s=found["report_s"][by], records=found["records"],
        stored=found["stored"], delivered=found["delivered"],
    )  # fmt: skip


@dataclass(slots=True)
class Server:
    """Something that does one thing after another, in the order in which it is asked.

    Args:
        free: when it is done with all that it was asked so far.
        busy: seconds that it worked.
    """

    free: float = 0.0
    busy: float = 0.0

    def serve(self, now: float, seconds: float) -> float:
        """When something asked now, which takes so long, is done."""
        self.free = max(now, self.free) + seconds
        self.busy += seconds
        return self.free


@dataclass(slots=True)
class Season:
    """What a simulated batch came to.

    Args:
        titles: films.
        workers: at once.
        film_s: seconds of film.
        seconds: from the command to its end.
        worked: seconds of all workers at work.
        lost: cause -> seconds of all workers.
        shared: "driver" or "ledger" -> share of the time that it was at work.
        records: in the ledger.
        stored: bytes in the store.
        delivered: bytes in the output folder.
    """

    titles: int
    workers: int
    film_s: float
    seconds: float = 0.0
    worked: float = 0.0
    lost: dict[str, float] = field(default_factory=lambda: dict.fromkeys(CAUSES, 0.0))
    shared: dict[str, float] = field(default_factory=dict)
    records: int = 0
    stored: float = 0.0
    delivered: float = 0.0

    @property
    def worst(self) -> str:
        """What most is lost to."""
        return max(self.lost, key=lambda cause: self.lost[cause])

    def share(self, cause: str) -> float:
        """Part of all workers' time that is lost to it."""
        return self.lost[cause] / (self.workers * self.seconds)

    def price(self, rate: float) -> float:
        """Of a minute of dub, at a rate for an hour of a worker."""
        return rate * self.workers * self.seconds / 3600 / (self.film_s / 60)


class Batch:
    """One simulated run of `localize batch`.

    Args:
        costs: of the workers.
        films: their seconds.
        workers: films at once; one works in the command itself, as without --jobs.
        appends: records that the ledger takes in a second.
    """

    def __init__(self, costs: Costs, films: Sequence[float], workers: int, appends: float) -> None:
        self.costs, self.films, self.workers, self.appends = costs, films, workers, appends
        self.driver, self.ledger = Server(), Server()
        self.season = Season(len(films), workers, sum(films))

    def run(self) -> Season:
        """Hear, cast, dub."""
        season, costs = self.season, self.costs
        now = costs.command_s
        season.lost["start"] += self.workers * now
        now = self._pass(now, costs.hear, told=False)
        if self.workers > 1:
            cast_s = sum(costs.cast.of(film, first=not n) for n, film in enumerate(self.films))
            self.driver.busy += cast_s
            season.lost["cast"] += self.workers * cast_s
            now += cast_s
        season.seconds = self._pass(now, costs.dub, told=True)
        season.shared = {
            name: s.busy / season.seconds for name, s in (("driver", self.driver), ("ledger", self.ledger))
        }
        season.stored, season.delivered = costs.stored * season.film_s, costs.delivered * season.film_s
        return season

    def _pass(self, now: float, stages: Mapping[str, Cost], *, told: bool) -> float:
        """All films through some stages; gives the time of their end."""
        waiting = deque(self.films)
        ready: list[tuple[float, int, Generator[float, float]]] = []
        for number in range(self.workers):
            worker = self._worker(waiting, stages, told=told)
            next(worker)
            ready.append((now, number, worker))
        ended = []
        while ready:
            at, number, worker = heapq.heappop(ready)
            try:
                heapq.heappush(ready, (worker.send(at), number, worker))
            except StopIteration:
                ended.append(at)
        self.season.lost["tail"] += sum(max(ended) - at for at in ended)
        return max(ended)

    def _worker(self, waiting: deque[float], stages: Mapping[str, Cost], *, told: bool) -> Generator[float, float]:
        """One worker: yields when it has something to do next, is sent that time."""
        season, costs = self.season, self.costs
        now = yield 0.0
        if self.workers > 1 and waiting and not told:  # what heard the films dubs them
            season.lost["start"] += costs.start_s
            now = yield now + costs.start_s
        first = True
        while waiting:
            film = waiting.popleft()
            report_s = costs.report_s * season.titles if told else 0.0
            now = yield self._wait("driver", self.driver, now, report_s)
            for name, cost in stages.items():
                seconds = cost.of(film, first=first)
                season.worked += seconds
                records = round(costs.records * film) if name == SPOKEN and told else 0
                for _ in range(records):
                    now = yield now + seconds / records
                    now = yield self._wait("ledger", self.ledger, now, 1 / self.appends)
                season.records += records
                now = yield now + (0.0 if records else seconds)
            if not waiting:  # where another film is begun, both are written at once
                now = yield self._wait("driver", self.driver, now, report_s)
            first = False

    def _wait(self, cause: str, server: Server, now: float, seconds: float) -> float:
        done = server.serve(now, seconds)
        self.season.lost[cause] += done - now
        return done


def simulate(costs: Costs, films: Sequence[float], workers: int, appends: float) -> Season:
    """What a batch of films (seconds each) comes to; see `Batch`."""
    return Batch(costs, films, workers, appends).run()


def first_broken(seasons: Sequence[Season]) -> tuple[Season, str] | None:
    """The first of some seasons, ordered by workers, that loses too much of their time to one thing, and that thing."""
    return next(((s, s.worst) for s in seasons if s.share(s.worst) >= BROKEN), None)


HEAD = (
    "titles workers      hours  at work   start  driver    cast  ledger    tail | ledger busy  records/s"
    "  store GB    MB/s"
)


def row(season: Season, rate: float | None) -> str:
    """A line of the table."""
    lost = "".join(f"{season.share(cause):8.1%}" for cause in CAUSES)
    traffic = season.stored + season.delivered
    shared = (
        f" | {season.shared['ledger']:11.1%} {season.records / season.seconds:10.2f}"
        f" {traffic / 1e9:9.1f} {traffic / 1e6 / season.seconds:7.1f}"
    )
    worked = season.worked / (season.workers * season.seconds)
    price = "" if rate is None else f" {season.price(rate):9.4f}"
    return f"{season.titles:6} {season.workers:7} {season.seconds / 3600:10.3f} {worked:8.1%}{lost}{shared}{price}"


def numbers(text: str) -> list[float]:
    """Numbers with commas between them."""
    return [float(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("costs", nargs="+", type=Path, help="a file a kind of worker")
    parser.add_argument("--titles", type=numbers, default=[10, 100, 1000])
    parser.add_argument("--workers", type=numbers, default=[1, 2, 10, 50, 200])
    parser.add_argument("--minutes", type=numbers, required=True, help="of a title; several are taken in turn")
    parser.add_argument("--appends", type=float, required=True, help="records a second, as bench/ledger.py prints them")
    parser.add_argument("--rate", type=float, help="of an hour of a worker, in any currency")
    parser.add_argument("--by", choices=["clock", "cpu"], default="clock", help="which seconds of COSTS are taken")
    asked = parser.parse_args()
    for path in asked.costs:
        costs = read_costs(path, asked.by)
        print(f"{costs.kind}, by {asked.by}; titles of {asked.minutes} min; {asked.appends:g} appends/s")
        print(HEAD + ("" if asked.rate is None else "  cost/min"))
        for titles in map(int, asked.titles):
            films = [60 * minutes for minutes in islice(cycle(asked.minutes), titles)]
            seasons = [simulate(costs, films, workers, asked.appends) for workers in sorted(map(int, asked.workers))]
            for season in seasons:
                print(row(season, asked.rate))
            if broken := first_broken(seasons):
                season, cause = broken
                print(
                    f"       breaks first at {season.workers} workers: {cause} takes {season.share(cause):.0%} of them"
                )


if __name__ == "__main__":
    main()
