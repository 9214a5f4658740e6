"""Worker pools of a batch: processes on this machine (`local`), or actors of a Ray cluster (`ray`).

A worker opens a run of its own on the same store, home and model folders (on a cluster: a file system that all share),
so that consent is asked where the voice is heard. Outcomes come back as plain values; errors survive the way. A worker
lasts as long as its pool, so that what hears the films of a batch dubs them, too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache

from ..errors import EngineFailed, UsageError, unforeseen
from ..events import Run
from ..job import Job
from .checking import SEE_WHERE, FilmRequest
from .folder import Board, Work, WorkerPool
from .outcomes import FileOutcome, failed
from .worker_settings import DIED, WorkerSettings

LONGEST_TEMPORARY = 70
"""Bytes of the path of the folder for temporary files in which the socket of a forking process finds room: the name of
one has at most 107 (unix(7); 103 on macOS), 32 of them its own.
"""


@contextmanager
def worker_pool(
    run: Run, on: str, jobs: int | None, say: Callable[[str], None] = lambda _: None
) -> Iterator[WorkerPool | None]:
    """The worker pool of a batch; None where this process works on one file after another. Its workers are started when
    there is work, and end with the block.

    Args:
        run: whose places the workers share.
        on: "local" or "ray".
        jobs: files at once; None for one here, and for what Ray has room for.
        say: called with a line where workers wait for a machine.

    Raises:
        EngineMissing: Ray is not installed.
        UsageError: the key to sign with stays in its device, where no worker can reach it.
    """
    if on == "local" and jobs in (None, 1):
        yield None
        return
    if run.signer is not None and run.signer.call is not None:
        raise UsageError("a key that stays in its device cannot be shared with workers: leave out --on and --jobs")
    here = WorkerSettings(
        run.store.folder, run.store.remote, run.home.folder, run.models.folder, run.models.device, run.signer
    )
    here = replace(here, store=here.store.absolute(), models=here.models.absolute())
    shared = replace(here.device, threads=max(1, here.device.threads // (jobs or 1)))
    if on == "ray":
        from .ray_workers import RayWorkers

        workers: RayWorkers | ProcessWorkers = RayWorkers(here, jobs, say)
    else:
        workers = ProcessWorkers(replace(here, device=shared), jobs or 1)
    with closing(workers):
        yield workers


# --- processes on this machine ---------------------------------------------------------------------------------------

_run: Run | None = None


@cache
def _context() -> multiprocessing.context.ForkServerContext | multiprocessing.context.SpawnContext:
    """How workers are begun: forked by a process of its own that has imported what they need and has no threads. A fork
    of this process, which has some (onnxruntime's, ffmpeg's), may hang; and every worker that imports all by itself
    takes most of a second of the processor, which it does where the path of temporary files is too long.
    """
    if len(os.fsencode(tempfile.gettempdir())) > LONGEST_TEMPORARY:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _start_worker(places: WorkerSettings, environment: Mapping[str, str]) -> None:
    """In a worker, once: the run that all of its files share, so that models are loaded once.

    Args:
        places: of the run.
        environment: of the command; what forks the workers has that of the first batch of the process.
    """
    global _run  # noqa: PLW0603 - one to a process
    threading.Thread(target=_end_with_command, daemon=True).start()
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # a worker and its children have nothing to read
    os.close(nothing)
    os.environ.setdefault("OMP_NUM_THREADS", str(places.device.threads))
    _run = places.open()


def _end_with_command() -> None:
    """End this worker as soon as the command is killed, which tells its workers nothing (cpython#111873): they would go
    on dubbing what the next run dubs too.
    """
    command = multiprocessing.parent_process()
    assert command is not None
    command.join()  # the end of a pipe that it holds open
    os.kill(os.getpid(), signal.SIGTERM)


def _work_here(work: Work, request: FilmRequest) -> FileOutcome:
    assert _run is not None
    return work(request, _run)


class ProcessWorkers:
    """A worker pool of processes on this machine. Where one is killed, the films that were at work are tried again,
    each with a worker of its own; one that kills it again is the one.

    Args:
        places: of every worker.
        count: films at once.
    """

    def __init__(self, places: WorkerSettings, count: int) -> None:
        self._places, self._count = places, count
        self._workers: ProcessPoolExecutor | None = None

    def __call__(self, work: Work, requests: Sequence[FilmRequest], board: Board) -> None:
        """Work on every film, and say how it went."""
        waiting = deque(range(len(requests)))
        while waiting and not board.stopped:
            for suspect in self._until_one_dies(work, requests, waiting, board):
                with closing(ProcessWorkers(self._places, 1)) as alone:
                    for lost in alone._until_one_dies(work, requests, deque([suspect]), board):
                        board.add(lost, failed(requests[lost].job.input, EngineFailed(DIED)))

    def close(self) -> None:
        """End the workers, which have nothing to do."""
        if self._workers is not None:
            self._workers.shutdown()
        self._workers = None

    def _until_one_dies(
        self, work: Work, requests: Sequence[FilmRequest], waiting: deque[int], board: Board
    ) -> list[int]:
        """Do what is waiting, until nothing is or a worker died; gives the films that were at work then."""
        workers = self._workers or ProcessPoolExecutor(
            self._count, _context(), initializer=_start_worker, initargs=(self._places, dict(os.environ))
        )
        self._workers = None
        pending: dict[Future[FileOutcome], int] = {}
        died = False
        try:
            while not died and (pending or (waiting and not board.stopped)):
                while waiting and len(pending) < self._count and not board.stopped:
                    pending[workers.submit(_work_here, work, requests[waiting[0]])] = waiting[0]
                    board.begin(waiting.popleft())
                board.publish()
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    if isinstance(future.exception(), BrokenProcessPool):
                        died = True
                    else:
                        board.add(number := pending.pop(future), outcome_of(future.result, requests[number].job))
        except BrokenProcessPool:  # while a film was handed out
            died = True
        finally:
            if died or pending:  # broken, or interrupted: nobody waits for what is begun
                workers.shutdown(wait=False, cancel_futures=True)
                for process in multiprocessing.active_children():
                    process.terminate()
            else:
                self._workers = workers
        return list(pending.values())


def outcome_of(result: Callable[[], FileOutcome], job: Job) -> FileOutcome:
    """An outcome, also where it could not be brought back."""
    try:
        return result()
    except Exception as error:
        return failed(job.input, unforeseen(error, SEE_WHERE))
