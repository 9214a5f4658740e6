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
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from ..delivery.outlay import PEAK_BYTES
from ..errors import EngineFailed, EngineMissing, UsageError, unforeseen
from ..runtime.device import cpu_count
from .ahead import Ask, LinesAhead, LineSpeaker, OpenLines, last_line
from .checking import SEE_WHERE, FilmRequest
from .folder import Board, Work
from .nodes import Node, fit_workers
from .outcomes import FileOutcome, failed
from .worker_settings import DIED, WorkerSettings

LOOK_S = 1.0
"""How often it is looked whether the command is to end, and whether a node has come for an actor that is missing."""
TOLD_AFTER_S = 30.0
"""After so long without any actor it is said what is waited for."""
MOST_DEATHS = 3
"""So often, for each actor that is wanted, may actors die one after another before one has begun."""
SPEAKS_S = 5.0
"""So long a worker that has no film speaks lines of others before it is looked whether there is one for it."""
ASK_S = 30.0
"""So long an answer about open lines is waited for; it takes a millisecond or two where the cluster is well."""


class _Worker:
    """A Ray actor that works on films with one run, and on lines of others' films.

    Args:
        places: where the run lies.
        number: of the worker.
        lines: the actor that holds the open lines; None where a worker is alone.
    """

    def __init__(self, places: WorkerSettings, number: int, lines: Any | None) -> None:
        self._places, self._number, self._lines = places, number, lines

    def begin(self) -> None:
        """Open the run; answers when the actor has a place."""
        self._run = self._places.open()
        self._speaker = LineSpeaker(self._run, self._number, _asking(self._lines))

    def do(self, work: Work, request: FilmRequest) -> FileOutcome:
        """One film."""
        if self._lines is None:
            return work(request, self._run)
        with closing(LinesAhead(_asking(self._lines), self._number, request.job)) as ahead:
            self._run.speak_ahead = ahead
            return work(request, self._run)

    def speak(self) -> bool:
        """Lines of other films for a while; gives whether it is of use to ask again."""
        try:
            self._speaker.speak(SPEAKS_S)
        except (
            Exception
        ):  # of Ray, whose actor with the open lines is gone: raised here it would look like our own death
            return False
        return True


def _asking(lines: Any) -> Ask:
    """Asks the actor that holds the open lines."""

    def ask(name: str, *arguments: Any) -> Any:
        return _ray().get(getattr(lines, name).remote(*arguments), timeout=ASK_S)

    return ask


@dataclass(frozen=True, slots=True)
class _Actor:
    """A worker: its number, and the handle by which Ray calls it."""

    number: int
    handle: Any


class RayWorkers:
    """A worker pool of the cluster that this process is connected to, else of the one that RAY_ADDRESS names, else of
    one on this machine, which ends with the pool.

    Args:
        places: of every worker; the threads of each are the CPUs that it gets, and where its device is to be a GPU, one
            is reserved for it.
        wanted: workers; None for one for every two CPUs.
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
        self._films = 0
        self._numbers = count(1)
        self._lines: Any | None = None
        self._starting: dict[Any, _Actor] = {}
        self._free: list[_Actor] = []
        self._busy: dict[Any, tuple[int, _Actor]] = {}
        self._speaking: dict[Any, _Actor] = {}
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
        self._place(len(requests))
        waiting = deque(range(len(requests)))
        tried_again: set[int] = set()
        while self._busy or (waiting and not board.stopped):
            while waiting and self._free and not board.stopped:
                number, worker = waiting.popleft(), self._free.pop()
                self._busy[worker.handle.do.remote(work, _absolute(requests[number]))] = number, worker
                board.begin(number)
            board.publish()
            self._lend()
            ready = self._next()
            hand_on()
            for ref in ready:
                number, worker = self._busy.pop(ref)
                found = self._outcome(ref, requests[number])
                if found is not None:
                    self._free.append(worker)
                    board.add(number, found)
                    continue
                self._note_death(worker)
                if number in tried_again:
                    board.add(number, failed(requests[number].job.input, EngineFailed(DIED)))
                else:
                    tried_again.add(number)
                    waiting.appendleft(number)
            self._fill()

    def close(self) -> None:
        """End the actors, and the cluster if it was begun here."""
        self._end_actors()
        if self._lines is not None:
            with suppress(Exception):  # of a cluster that is gone
                self._ray.kill(self._lines)
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

    def _actors(self) -> list[_Actor]:
        at_work = (worker for _, worker in self._busy.values())
        return [*self._starting.values(), *self._free, *self._speaking.values(), *at_work]

    def _end_actors(self) -> None:
        for worker in self._actors():
            with suppress(Exception):  # of a cluster that is gone
                self._ray.kill(worker.handle)
        self._starting, self._free, self._busy, self._speaking = {}, [], {}, {}

    def _place(self, films: int) -> None:
        """Begin the actors for so many films, as large as lets each have one, and where there are fewer than actors
        wanted, others of that size, to speak lines. Those there go on where they are as large.
        """
        nodes, self._films = self._nodes(), films
        wanted = self._wanted or max(1, sum(node.cpus for node in nodes) // 2)
        size = wanted, fit_workers(nodes, min(wanted, films), gpu=self._gpu)[1]
        if size != self._size:
            self._end_actors()
            self._size = size
        if self._lines is None and wanted > 1:
            self._lines = self._open_lines()
        self._fill()

    def _open_lines(self) -> Any:
        """Begin the actor that holds the open lines, beside this process: it is needed as long as that."""
        here = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            self._ray.get_runtime_context().get_node_id(), soft=True
        )
        kind = self._ray.remote(num_cpus=0, max_restarts=-1, scheduling_strategy=here)(OpenLines)
        return kind.remote()

    def _lend(self) -> None:
        """Have actors that have no film speak lines of those at work."""
        while self._lines is not None and self._busy and self._free:
            worker = self._free.pop()
            self._speaking[worker.handle.speak.remote()] = worker

    def _note_death(self, worker: _Actor) -> None:
        """Nobody waits for a line that it had."""
        if self._lines is not None:
            self._lines.lose.remote(worker.number)

    def _fill(self) -> None:
        """Begin the actors that are missing, as far as the living nodes have room. Where none is at work and no node
        can hold one, all are placed anew, if some node can hold smaller ones.
        """
        (wanted, each), there, nodes = self._size, len(self._actors()), self._nodes()
        room = sum(node.holds(each, gpu=self._gpu) for node in nodes)
        if not room and not self._free and not self._busy and not self._speaking:
            with suppress(UsageError):  # then a node is waited for
                self._place(self._films)
            return
        memory = None if self._own else PEAK_BYTES
        kind = self._ray.remote(num_cpus=each, num_gpus=int(self._gpu), memory=memory)(_Worker)
        places = replace(self._places, device=replace(self._places.device, threads=each))
        for _ in range(min(wanted, room) - there):
            number = next(self._numbers)
            worker = _Actor(number, kind.remote(places, number, self._lines))
            self._starting[worker.handle.begin.remote()] = worker

    def _next(self) -> list[Any]:
        """Films whose actors are done with them or died; none where an actor began, or nothing happened for a while.

        Raises:
            EngineFailed: actors die as soon as they begin, or cannot open their places.
        """
        ready: list[Any] = []
        if self._actors():
            asked = [*self._busy, *self._starting, *self._speaking]
            ready, _ = self._ray.wait(asked, num_returns=1, timeout=LOOK_S)
        else:
            time.sleep(LOOK_S)
        for ref in ready:
            if (worker := self._starting.pop(ref, None)) is not None and self._has_begun(ref):
                self._free.append(worker)
            elif (worker := self._speaking.pop(ref, None)) is not None:
                self._end_speaking(ref, worker)
        if self._free or self._busy or self._speaking:
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
                raise EngineFailed(
                    f"workers die on the Ray cluster as soon as they begin: {last_line(error)}"
                ) from error
            return False
        except self._ray.exceptions.RayError as error:
            raise EngineFailed(f"no worker can begin on the Ray cluster: {last_line(error)}") from error
        self._died_at_once = 0
        return True

    def _end_speaking(self, ref: Any, worker: _Actor) -> None:
        """An actor comes back from speaking lines, or died at it."""
        try:
            if not self._ray.get(ref):
                self._lines = None
        except self._ray.exceptions.RayError:
            self._note_death(worker)
        else:
            self._free.append(worker)

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
