"""Worker pools of a batch: processes on this machine (`local`), or tasks of a Ray cluster (`ray`).

A worker opens a run of its own on the same store, home and model folders (on a cluster: a file system that all share),
so that consent is asked where the voice is heard. Outcomes come back as plain values; errors survive the way.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..consent import Home
from ..errors import EngineFailed, EngineMissing, UsageError, unforeseen
from ..events import Run
from ..job import Job
from ..models import Models
from ..provenance import Signer
from ..runtime.device import Device, cpu_count
from ..runtime.remote import Remote
from ..runtime.store import Store
from .checking import SEE_WHERE, FilmRequest
from .folder import Board, Work, WorkerPool
from .outcomes import FileOutcome, failed

PARENT_CHECK_S = 1.0
DIED = "the worker that dubbed it died, which mostly means that memory ran out: give fewer --jobs"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Folders, device and signer with which a worker opens the same run as the command."""

    store: Path
    remote: Remote | None
    home: Path
    models: Path
    device: Device
    signer: Signer | None

    def open(self) -> Run:
        """A run on these places."""
        models = Models(self.models, home=self.home, device=self.device)
        run = Run(Store(self.store, remote=self.remote), Home.open(self.home), models, signer=self.signer)
        run.hear_store()
        return run


def worker_pool(run: Run, on: str, jobs: int | None) -> WorkerPool | None:
    """The worker pool of a batch; None where this process works on one file after another.

    Args:
        run: whose places the workers share.
        on: "local" or "ray".
        jobs: files at once; None for one here, and for what Ray has room for.

    Raises:
        EngineMissing: Ray is not installed.
        UsageError: the key to sign with stays in its device, where no worker can reach it.
    """
    if on == "local" and jobs in (None, 1):
        return None
    if run.signer is not None and run.signer.call is not None:
        raise UsageError("a key that stays in its device cannot be shared with workers: leave out --on and --jobs")
    here = WorkerSettings(
        run.store.folder, run.store.remote, run.home.folder, run.models.folder, run.models.device, run.signer
    )
    here = replace(here, store=here.store.absolute(), models=here.models.absolute())
    if on == "ray":
        return partial(_on_ray, _ray(), here, jobs)
    shared = replace(here.device, threads=max(1, here.device.threads // (jobs or 1)))
    return partial(_on_processes, replace(here, device=shared), jobs or 1)


def _absolute(request: FilmRequest) -> FilmRequest:
    """A request whose paths lead to the same place from any folder."""
    job = request.job
    found: dict[str, Any] = {
        name: value.absolute() for name in job.__slots__ if isinstance(value := getattr(job, name), Path)
    }
    return replace(request, job=replace(job, **found))


# --- processes on this machine ---------------------------------------------------------------------------------------

_run: Run | None = None


def _start_worker(places: WorkerSettings) -> None:
    """In a worker, once: the run that all of its files share, so that models are loaded once."""
    global _run  # noqa: PLW0603 - one to a process
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # a worker and its children have nothing to read
    os.close(nothing)
    os.environ.setdefault("OMP_NUM_THREADS", str(places.device.threads))
    _run = places.open()


def _end_with_parent(parent: int) -> None:
    """End this worker soon after the command is killed, which tells its workers nothing (cpython#111873): they would go
    on dubbing what the next run dubs too.
    """
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _work_here(work: Work, request: FilmRequest) -> FileOutcome:
    assert _run is not None
    return work(request, _run)


def _on_processes(
    places: WorkerSettings, count: int, work: Work, requests: Sequence[FilmRequest], board: Board
) -> None:
    """Where a worker is killed, the films that were at work are tried again, each with a worker of its own; one that
    kills it again is the one.
    """
    waiting = deque(range(len(requests)))
    while waiting and not board.stopped:
        for suspect in _on_pool(places, count, work, requests, waiting, board):
            for lost in _on_pool(places, 1, work, requests, deque([suspect]), board):
                board.add(lost, failed(requests[lost].job.input, EngineFailed(DIED)))


def _on_pool(
    places: WorkerSettings, count: int, work: Work, requests: Sequence[FilmRequest], waiting: deque[int], board: Board
) -> list[int]:
    """Do what is waiting, until nothing is or a worker died; gives the films that were at work then."""
    # "spawn": a fork of a process with threads (onnxruntime, ffmpeg's) may hang.
    workers = ProcessPoolExecutor(
        min(count, len(waiting)), multiprocessing.get_context("spawn"), initializer=_start_worker, initargs=(places,)
    )
    pending: dict[Future[FileOutcome], int] = {}
    died = False
    try:
        while not died and (pending or (waiting and not board.stopped)):
            while waiting and len(pending) < count and not board.stopped:
                pending[workers.submit(_work_here, work, requests[waiting[0]])] = waiting[0]
                board.begin(waiting.popleft())
            board.publish()
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                if isinstance(future.exception(), BrokenProcessPool):
                    died = True
                else:
                    board.add(number := pending.pop(future), _outcome_of(future.result, requests[number].job))
    except BrokenProcessPool:  # while a film was handed out
        died = True
    finally:
        done = not died and not pending
        workers.shutdown(wait=done, cancel_futures=True)
        if not done:  # interrupted, or broken: nobody waits for what is begun
            for process in multiprocessing.active_children():
                process.terminate()
    return list(pending.values())


def _outcome_of(result: Callable[[], FileOutcome], job: Job) -> FileOutcome:
    """An outcome, also where it could not be brought back."""
    try:
        return result()
    except Exception as error:
        return failed(job.input, unforeseen(error, SEE_WHERE))


# --- Ray -------------------------------------------------------------------------------------------------------------


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise EngineMissing("batch --on ray needs ray: pip install 'localize-toolkit[ray]'", extra="ray") from error
    return ray


class _Worker:
    """A Ray actor that dubs files with one run."""

    def __init__(self, places: WorkerSettings) -> None:
        self._run = places.open()

    def do(self, work: Work, request: FilmRequest) -> FileOutcome:
        """One film."""
        return work(request, self._run)


def fit_workers(nodes: Sequence[int], wanted: int) -> tuple[int, int]:
    """How many workers are placed on a cluster, and how many CPUs each gets: as many as asked for, each with as much as
    still lets all of them find room on some node. A worker never spans nodes: one that asked for more CPUs than any has
    left would wait for ever.

    Args:
        nodes: CPUs of each living node.
        wanted: workers, from 1.

    Raises:
        UsageError: no node has a CPU to give.
    """
    if not (largest := max(nodes, default=0)):
        raise UsageError("the Ray cluster has no node with a CPU to give: add one, or leave out --on ray")
    for each in range(largest, 0, -1):
        if (room := sum(cpus // each for cpus in nodes)) >= wanted:
            return wanted, each
    return room, 1


def _on_ray(
    ray: Any, places: WorkerSettings, count: int | None, work: Work, requests: Sequence[FilmRequest], board: Board
) -> None:
    own = not ray.is_initialized()
    if own:
        address = os.environ.get("RAY_ADDRESS")
        local = {} if address else {"num_cpus": cpu_count(), "include_dashboard": False}
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error", **local)
        except Exception as error:  # Ray raises what it likes
            said = " ".join(str(error).split())[:300]
            raise EngineFailed(f"Ray {f'at {address} ' if address else ''}could not be started: {said}") from error
    try:
        nodes = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        workers, each = fit_workers(nodes, min(count or max(1, sum(nodes) // 2), len(requests)))
        places = replace(places, device=replace(places.device, threads=each))
        kind = ray.remote(num_cpus=each)(_Worker)
        engines = [kind.remote(places) for _ in range(workers)]
        free, waiting = list(engines), deque(range(len(requests)))
        pending: dict[Any, tuple[int, Any]] = {}
        tried_again: set[int] = set()
        while pending or (waiting and not board.stopped):
            while waiting and free and not board.stopped:
                n = waiting.popleft()
                worker = free.pop()
                pending[worker.do.remote(work, _absolute(requests[n]))] = (n, worker)
                board.begin(n)
            board.publish()
            (ready,), _ = ray.wait(list(pending), num_returns=1)
            n, worker = pending.pop(ready)
            try:
                found = ray.get(ready)
            except ray.exceptions.RayActorError:
                free.append(kind.remote(places))
                if n not in tried_again:  # it may have died of another film, or with its node
                    tried_again.add(n)
                    waiting.appendleft(n)
                else:
                    board.add(n, failed(requests[n].job.input, EngineFailed(DIED)))
                continue
            except ray.exceptions.RayError as error:
                found = failed(requests[n].job.input, unforeseen(error, SEE_WHERE))
            free.append(worker)
            board.add(n, found)
    finally:
        if own:
            ray.shutdown()
