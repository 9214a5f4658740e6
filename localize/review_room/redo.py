"""Run the pipeline again in the background, in a process of its own, one run at a time.

It is the pipeline of the command line, with the request that job.json records; the process stays between runs, so that
packages are imported once, weights are loaded once, and what the store holds is checked once. The mix can be heard as
soon as it is made, before its files are.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from importlib import import_module
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from ..data import Clip
from ..errors import EngineFailed, LocalizeError, UsageError, unforeseen
from ..events import Event, Mixed, Previewed, Progress, Run, Started
from ..job import Job
from ..runtime.records import to_json
from .dub_folder import ReviewedDub

Say = Callable[[dict[str, Any]], None]
"""Given each message for the pages."""
SEE_WHERE = "run 'localize dub -v' with this film to see where, and report it"
DIED = "the process that made the dub died, which mostly means that memory ran out; the dub is as it was"

_messages: Queue[dict[str, Any] | None] | None = None
"""In the worker: where its events go."""
_last: Run | None = None
"""In the worker: the run before, whose store and engines are used again."""


class Redo:
    """Runs of one request; whoever asks while one runs gets one more after it, with all decisions made until then.

    The decisions are those of review.json in the output folder, which every run of that folder follows.

    Args:
        job: the request; None where it cannot be made again.
        say: given progress and outcome of each run, in another thread.
    """

    def __init__(self, job: Job | None, say: Say) -> None:
        self._job = job
        self._say = say
        self._lock = threading.Lock()
        self._again = False
        self._running = False
        self._pool: ProcessPoolExecutor | None = None
        self._warmed = False
        """Whether the worker went through a run, or was asked to."""
        self._context = multiprocessing.get_context("spawn")
        self._queue: Queue[dict[str, Any] | None] | None = None

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._running

    def ask(self) -> bool:
        """Make the dub again, now or after the run that is under way; False where it cannot be made."""
        if self._job is None:
            return False
        with self._lock:
            if self._running:
                self._again = True
                return True
            self._running = True
        self._start()
        return True

    def warm(self) -> None:
        """Have the worker read what a run needs before it speaks, while somebody writes the first correction. Returns
        when it has.
        """
        with self._lock:
            if self._job is None or self._running or self._warmed:
                return
            warming = self._submit(self._job, _warm)
            self._warmed = True
        with suppress(BrokenProcessPool, CancelledError):
            warming.result()

    def audition(self, dub: ReviewedDub, speaker: str, language: str, line: str, into: Path) -> dict[str, Any]:
        """A line of a dub in three voices, rendered by the worker after the run that is under way.

        Raises:
            LocalizeError: as `audition_of`; the request is not known, or the worker died.
        """
        with self._lock:
            if self._job is None:
                raise UsageError("how this dub was made is not known here: name its film with --source")
            rendering = self._submit(self._job, partial(_audition, dub, speaker, language, line, into))
        try:
            return rendering.result()
        except (BrokenProcessPool, CancelledError) as error:
            raise EngineFailed("the process that made the voices speak died: ask again") from error

    def close(self) -> None:
        """End the worker; a run that is under way leaves a store that the next one goes on from."""
        with self._lock:
            self._again, self._job = False, None
            pool, self._pool = self._pool, None
        if pool is not None:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
        self._end_queue()

    def _start(self) -> None:
        self._say({"kind": "redo", "state": "started"})
        try:
            with self._lock:
                if self._job is None:
                    return
                running = self._submit(self._job)
                self._warmed = True
        except OSError as error:
            self._running = self._again = False
            message = f"no process could be started for it: {error.strerror or error}"
            self._say({"kind": "redo", "state": "failed", "message": message})
        else:
            running.add_done_callback(self._ended)

    def _submit(self, job: Job, work: Callable[[Job], dict[str, Any]] | None = None) -> Future[dict[str, Any]]:
        work = work or _dub
        try:
            return self._worker().submit(work, job)
        except BrokenProcessPool:  # it died while nothing ran
            self._pool = None
            return self._worker().submit(work, job)

    def _worker(self) -> ProcessPoolExecutor:
        """The process that stays between runs; a new one has a new queue, for one that died may have left half a
        message, or the lock of it, in the old.
        """
        if self._pool is None:
            self._warmed = False
            self._end_queue()
            self._queue = self._context.Queue()
            threading.Thread(target=self._pass_on, args=(self._queue,), daemon=True).start()
            self._pool = ProcessPoolExecutor(1, self._context, _begin, (self._queue,))
        return self._pool

    def _end_queue(self) -> None:
        if self._queue is not None:
            self._queue.cancel_join_thread()  # a worker that was killed may hold its lock for ever
            self._queue.put(None)

    def _ended(self, done: Future[dict[str, Any]]) -> None:
        if done.cancelled():
            return
        try:
            outcome = done.result()
        except BrokenProcessPool:
            with self._lock:
                self._pool = None
            outcome = {"state": "failed", "message": DIED}
        except Exception as error:
            outcome = {"state": "failed", "message": unforeseen(error, SEE_WHERE).message}
        with self._lock:
            again, self._again = self._again and self._job is not None, False
            self._running = again
        try:
            self._say({"kind": "redo", **outcome})
        finally:
            if again:
                self._start()

    def _pass_on(self, queue: Queue[dict[str, Any] | None]) -> None:
        while (message := queue.get()) is not None:
            self._say(message)


# --- in the worker ---------------------------------------------------------------------------------------------------


def _begin(queue: Queue[dict[str, Any] | None]) -> None:
    """Prepare the worker: it keeps quiet, and ends with the server."""
    global _messages  # noqa: PLW0603 - the only way that a pool hands a queue to its worker
    _messages = queue
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Warm(BaseException):
    """Everything up to the mix was read."""


def _warm(job: Job) -> dict[str, Any]:
    """Go through a run up to the mix, so that the next finds packages, weights and results in memory."""
    global _last  # noqa: PLW0603 - what a worker of a pool keeps between its tasks
    from ..pipeline import dub, open_run
    from ..runtime.device import Device

    def stop(event: Event) -> None:
        if isinstance(event, Started) and event.stage == "separate":
            raise _Warm

    with suppress(_Warm, LocalizeError):
        _last = open_run(stop, device=Device(job.device), before=_last, keep_engines=True, previews=True)
        dub(job, _last)
    import_module("scipy.signal")  # a new line is placed in its room by it
    gc.freeze()  # what the next run finds again need not be looked through
    return {}


def _dub(job: Job) -> dict[str, Any]:
    global _last  # noqa: PLW0603 - what a worker of a pool keeps between its tasks
    from ..pipeline import dub, open_run
    from ..runtime.device import Device

    try:
        _last = open_run(_listen, device=Device(job.device), before=_last, keep_engines=True, previews=True)
        result = dub(job, _last)
        gc.freeze()  # what the next run finds again need not be looked through
    except LocalizeError as error:
        return {"state": "failed", "message": error.message}
    return {
        "state": "done",
        "seconds": round(sum(stage.seconds for stage in result.stages), 1),
        "stages": [[s.name, s.language, round(s.seconds, 2), s.made] for s in result.stages],
        "warnings": [warning.message for warning in result.warnings],
    }


def _audition(dub: ReviewedDub, speaker: str, language: str, line: str, into: Path, job: Job) -> dict[str, Any]:
    global _last  # noqa: PLW0603 - what a worker of a pool keeps between its tasks
    from ..pipeline import open_run
    from ..runtime.device import Device
    from .audition import audition_of

    _last = open_run(_unheard, device=Device(job.device), before=_last, keep_engines=True)
    made: dict[str, Any] = to_json(audition_of(dub, job, speaker, _last, language=language, line=line, into=into))
    return made


def _unheard(_event: Event) -> None:
    """Progress that no page shows."""


def _heard(clips: Sequence[Clip]) -> dict[str, list[list[int]]]:
    """Line -> where it is heard."""
    return {c.take.segment: [[p.start_ms, p.end_ms] for p in c.phrases] for c in clips}


def _listen(event: Event) -> None:
    assert _messages is not None
    match event:
        case Started(stage, total):
            _messages.put({"kind": "redo", "state": "working", "stage": stage, "done": 0, "total": total})
        case Progress(stage, done, total):
            _messages.put({"kind": "redo", "state": "working", "stage": stage, "done": done, "total": total})
        case Previewed(language, patches, clips):
            made = [(patch.start, str(patch.full), str(patch.dialogue)) for patch in patches]
            _messages.put({"kind": "take", "language": language, "patches": made, "dub": _heard(clips)})
        case Mixed(language, full, alone, clips):
            paths = {"full": str(full), "dialogue": str(alone)}
            _messages.put({"kind": "take", "language": language, **paths, "dub": _heard(clips)})
        case _:
            pass
