"""A worker pool of actors on a Ray cluster: as many as its nodes have room for, each begun anew where it died or where
its node was lost. A film is given to actors that have begun only, so that none waits for one that finds no place.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..delivery.outlay import PEAK_BYTES
from ..errors import EngineFailed, EngineMissing, UsageError, unforeseen
from ..runtime.device import cpu_count
from .checking import SEE_WHERE, FilmRequest
from .folder import Board, Work
from .outcomes import FileOutcome, failed
from .worker_settings import DIED, WorkerSettings

LOOK_S = 1.0
"""How often it is looked whether the command is to end, and whether a node has come for an actor that is missing."""
TOLD_AFTER_S = 30.0
"""After so long without any actor it is said what is waited for."""
MOST_DEATHS = 3
"""So often, for each actor that is wanted, may actors die one after another before one has begun."""


class _Worker:
    """A Ray actor that works on films with one run."""

    def __init__(self, places: WorkerSettings) -> None:
        self._places = places

    def begin(self) -> None:
        """Open the run; answers when the actor has a place."""
        self._run = self._places.open()

    def do(self, work: Work, request: FilmRequest) -> FileOutcome:
        """One film."""
        return work(request, self._run)


@dataclass(frozen=True, slots=True)
class Node:
    """What a node of a cluster gives.

    Args:
        cpus: whole ones.
        gpus: whole ones.
        memory: bytes; what is not said is not short.
    """

    cpus: int
    gpus: int = 0
    memory: int = sys.maxsize

    def holds(self, cpus: int, *, gpu: bool = False) -> int:
        """How many workers find room, of so many CPUs each and, with `gpu`, a GPU of their own."""
        return min(self.cpus // cpus, self.memory // PEAK_BYTES, self.gpus if gpu else self.cpus)


def fit_workers(nodes: Sequence[Node], wanted: int, *, gpu: bool = False) -> tuple[int, int]:
    """How many workers are placed on a cluster, and how many CPUs each gets: as many as asked for, each with as much as
    still lets all of them find room on some node. A worker never spans nodes: one that asked for more than any has left
    would wait for ever.

    Args:
        nodes: that live.
        wanted: workers, from 1.
        gpu: each gets a GPU of its own.

    Raises:
        UsageError: no node can hold a worker; the message names what the largest has.
    """
    largest = max((node.cpus for node in nodes), default=0)
    room = 0
    for each in range(largest, 0, -1):
        if (room := sum(node.holds(each, gpu=gpu) for node in nodes)) >= wanted:
            return wanted, each
    if room:
        return room, 1
    if not largest:
        raise UsageError("the Ray cluster has no node with a CPU to give: add one, or leave out --on ray")
    if gpu and not any(node.gpus for node in nodes):
        raise UsageError("the Ray cluster has no node with a GPU to give: add one, or leave out --device cuda")
    most = max(node.memory for node in nodes if node.cpus and (node.gpus or not gpu))
    raise UsageError(
        f"a worker takes up to {PEAK_BYTES / 1e9:.1f} GB of memory, and no node of the Ray cluster has more than "
        f"{most / 1e9:.1f} GB to give: add one, or leave out --on ray"
    )


class RayWorkers:
    """A worker pool of the cluster that this process is connected to, else of the one that RAY_ADDRESS names, else of
    one on this machine, which ends with the pool.

    Args:
        places: of every worker; the threads of each are the CPUs that it gets, and where its device is to be a GPU, one
            is reserved for it.
        wanted: films at once; None for what there is room for.
        say: called with a line where no worker finds a place.

    Raises:
        EngineMissing: Ray is not installed.
    """

    def __init__(self, places: WorkerSettings, wanted: int | None, say: Callable[[str], None]) -> None:
        self._ray = _ray()
        self._places, self._wanted, self._say = places, wanted, say
        self._own = False
        self._gpu = places.device.wish == "cuda"
        self._size = (0, 0)
        self._starting: dict[Any, Any] = {}
        self._free: list[Any] = []
        self._busy: dict[Any, tuple[int, Any]] = {}
        self._died_at_once = 0
        self._waits_since: float | None = None

    def __call__(self, work: Work, requests: Sequence[FilmRequest], board: Board) -> None:
        """Work on every film, and say how it went. One whose actor died is tried once more: the actor may have died of
        another film, or with its node.

        Raises:
            EngineFailed: the cluster cannot be reached, or actors die as soon as they begin.
            UsageError: no node has a CPU to give.
        """
        with signals_held() as hand_on:
            self._connect()
            hand_on()
            self._work(work, requests, board, hand_on)

    def _work(self, work: Work, requests: Sequence[FilmRequest], board: Board, hand_on: Callable[[], None]) -> None:
        self._place(min(self._wanted or max(1, sum(node.cpus for node in self._nodes()) // 2), len(requests)))
        waiting = deque(range(len(requests)))
        tried_again: set[int] = set()
        while self._busy or (waiting and not board.stopped):
            while waiting and self._free and not board.stopped:
                number, worker = waiting.popleft(), self._free.pop()
                self._busy[worker.do.remote(work, _absolute(requests[number]))] = number, worker
                board.begin(number)
            board.publish()
            ready = self._next()
            hand_on()
            for ref in ready:
                number, worker = self._busy.pop(ref)
                found = self._outcome(ref, requests[number])
                if found is not None:
                    self._free.append(worker)
                    board.add(number, found)
                elif number in tried_again:
                    board.add(number, failed(requests[number].job.input, EngineFailed(DIED)))
                else:
                    tried_again.add(number)
                    waiting.appendleft(number)
            self._fill()

    def close(self) -> None:
        """End the actors, and the cluster if it was begun here."""
        self._end_actors()
        if self._own:
            self._ray.shutdown()

    def _connect(self) -> None:
        if self._ray.is_initialized():
            return
        address = os.environ.get("RAY_ADDRESS")
        local = {} if address else {"num_cpus": cpu_count(), "include_dashboard": False}
        try:
            # Without an address Ray would join a cluster that somebody else began on this machine.
            self._ray.init(address=address or "local", log_to_driver=False, logging_level="error", **local)
        except Exception as error:  # Ray raises what it likes
            said = " ".join(str(error).split())[:300]
            raise EngineFailed(f"Ray {f'at {address} ' if address else ''}could not be started: {said}") from error
        self._own = True

    def _nodes(self) -> list[Node]:
        """The living nodes. Of a cluster that was begun here the memory is not counted: --jobs says how many fit."""
        given = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        known = [(int(has.get("CPU", 0)), int(has.get("GPU", 0)), int(has.get("memory", sys.maxsize))) for has in given]
        return [Node(cpus, gpus, sys.maxsize if self._own else memory) for cpus, gpus, memory in known]

    def _actors(self) -> list[Any]:
        return [*self._starting.values(), *self._free, *(worker for _, worker in self._busy.values())]

    def _end_actors(self) -> None:
        for worker in self._actors():
            with suppress(Exception):  # of a cluster that is gone
                self._ray.kill(worker)
        self._starting, self._free, self._busy = {}, [], {}

    def _place(self, wanted: int) -> None:
        """Begin so many actors, or as many as there is room for; those there go on where they are as large."""
        size = fit_workers(self._nodes(), wanted, gpu=self._gpu)
        if size != self._size:
            self._end_actors()
            self._size = size
        self._fill()

    def _fill(self) -> None:
        """Begin the actors that are missing, as far as the living nodes have room. Where none is at work and no node
        can hold one, all are placed anew, if some node can hold smaller ones.
        """
        (count, each), there, nodes = self._size, len(self._actors()), self._nodes()
        room = sum(node.holds(each, gpu=self._gpu) for node in nodes)
        if not room and not self._free and not self._busy:
            with suppress(UsageError):  # then a node is waited for
                self._place(count)
            return
        memory = None if self._own else PEAK_BYTES
        kind = self._ray.remote(num_cpus=each, num_gpus=int(self._gpu), memory=memory)(_Worker)
        places = replace(self._places, device=replace(self._places.device, threads=each))
        for _ in range(min(count, room) - there):
            worker = kind.remote(places)
            self._starting[worker.begin.remote()] = worker

    def _next(self) -> list[Any]:
        """Films whose actors are done with them or died; none where an actor began, or nothing happened for a while.

        Raises:
            EngineFailed: actors die as soon as they begin, or cannot open their places.
        """
        ready: list[Any] = []
        if self._actors():
            ready, _ = self._ray.wait([*self._busy, *self._starting], num_returns=1, timeout=LOOK_S)
        else:
            time.sleep(LOOK_S)
        for ref in ready:
            if (worker := self._starting.pop(ref, None)) is not None and self._has_begun(ref):
                self._free.append(worker)
        if self._free or self._busy:
            self._waits_since = None
        else:
            self._tell_of_waiting()
        return [ref for ref in ready if ref in self._busy]

    def _has_begun(self, ref: Any) -> bool:
        """Whether an actor is there for work; not where its node was lost meanwhile."""
        try:
            self._ray.get(ref)
        except self._ray.exceptions.RayActorError as error:
            self._died_at_once += 1
            if self._died_at_once > MOST_DEATHS * self._size[0]:
                raise EngineFailed(f"workers die on the Ray cluster as soon as they begin: {_line(error)}") from error
            return False
        except self._ray.exceptions.RayError as error:
            raise EngineFailed(f"no worker can begin on the Ray cluster: {_line(error)}") from error
        self._died_at_once = 0
        return True

    def _tell_of_waiting(self) -> None:
        now = time.monotonic()
        if self._waits_since is None:
            self._waits_since = now
        elif 0 < self._waits_since < now - TOLD_AFTER_S:
            self._waits_since = 0.0  # it is said
            each, nodes = self._size[1], ", ".join(str(node.cpus) for node in self._nodes() if node.cpus)
            self._say(
                f"waits for a node of the Ray cluster with {each} free CPU{'s' * (each > 1)}: its nodes have "
                f"{nodes or 'none'}, and what others do on them is not seen from here"
            )

    def _outcome(self, ref: Any, request: FilmRequest) -> FileOutcome | None:
        """What became of a film; None where its actor died."""
        try:
            found: FileOutcome = self._ray.get(ref)
        except self._ray.exceptions.RayActorError:
            return None
        except self._ray.exceptions.RayError as error:
            return failed(request.job.input, unforeseen(error, SEE_WHERE))
        return found


@contextmanager
def signals_held() -> Iterator[Callable[[], None]]:
    """Hold SIGINT and SIGTERM back while the block lasts, and give what hands on those that came: their handlers raise,
    which inside Ray's own code ends as a SystemError, and Ray's handler for SIGTERM aborts the process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    came: list[signal.Signals] = []

    def hold() -> None:
        for number in before:
            signal.signal(number, lambda number, _: came.append(signal.Signals(number)))

    def hand_on() -> None:
        hold()  # Ray has put handlers of its own in place of these
        if came:
            signal.signal(came[0], before[came[0]])
            signal.raise_signal(came[0])

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    hold()
    try:
        yield hand_on
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def _line(error: Exception) -> str:
    """The last line of what Ray says, which names the cause of an error elsewhere."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:300]


def _absolute(request: FilmRequest) -> FilmRequest:
    """A request whose paths lead to the same place from any folder."""
    job = request.job
    found: dict[str, Any] = {
        name: value.absolute() for name in job.__slots__ if isinstance(value := getattr(job, name), Path)
    }
    return replace(request, job=replace(job, **found))


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise EngineMissing("batch --on ray needs ray: pip install 'localize-toolkit[ray]'", extra="ray") from error
    return ray
