"""Threads: work done at once whose results do not tell so.

Matrix products have one thread while work is done, and results come in the order of the work. What is begun for later
and never called for does not crash the process that ends meanwhile.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from threading import Lock, Thread
from typing import NoReturn, TypeVar
from weakref import WeakSet

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""How many items for each worker are given to the pool: one at work, and one that is begun as soon as any is done."""

_VARIABLE = "OPENBLAS_NUM_THREADS"
_lock = Lock()
_at_work = 0
_undo = ExitStack()
_begun: WeakSet[Thread] = WeakSet()


def in_order(function: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """What a function makes of each item, in their order, however many are at work.

    While the first of those at work takes long the others go on, but no item is begun `AHEAD` times `workers` ahead of
    the one whose result is awaited, so that what is dropped with an error or an interruption is little. The error that
    is raised is that of the first item that has one.

    Args:
        function: may be called from several threads at once.
        items: what it is called with.
        workers: threads; with one, everything is done in the caller's.
    """
    if workers < 2:
        yield from map(function, items)
        return
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for item in items:
            if len(waiting) == AHEAD * workers:
                yield waiting.popleft().result()
            waiting.append(pool.submit(copy_context().run, function, item))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def beside(function: Callable[[], R]) -> Iterator[Callable[[], R]]:
    """Call a function in a thread of its own while the block does other work; the block ends when both have.

    Yields:
        a function that waits for the result, and raises what the other raised. An error nobody waited for is raised at
        the end of the block; one of the block's own comes first.
    """
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(copy_context().run, function)
        yield begun.result
        begun.result()


def begin(function: Callable[[], object], name: str) -> Thread:
    """Call a function in a thread of its own that nobody need wait for.

    A program that ends meanwhile waits for it: before Python 3.14 a thread that comes back from an engine's C++ code
    into an interpreter that is gone aborts the process (cpython#87135). `leave` does not wait.

    Args:
        function: meets its errors itself.
        name: of the thread.
    """
    thread = Thread(target=function, name=name, daemon=True)
    _begun.add(thread)
    thread.start()
    return thread


@atexit.register
def _wait_for_begun() -> None:
    for thread in list(_begun):
        thread.join()


def leave(code: int) -> NoReturn:
    """End the process with an exit code, at once: what was begun for later ends with it.

    Raises:
        SystemExit: nothing is at work, and Python can end as it does.
    """
    if any(thread.is_alive() for thread in list(_begun)):
        atexit.unregister(_wait_for_begun)
        atexit._run_exitfuncs()  # temporary folders go; what follows skips them
        with suppress(OSError):  # nobody reads any more
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Matrix products of numpy and scipy on one thread until the block, and every other one at the time, has ended.

    They are rounded differently by different numbers of threads, and a recogniser can turn that into another word.
    Engines that are worth threads have threads of their own. Also a decorator.

    threadpoolctl lets the thread that set a limit first rule over it: where that one still lives and another ends
    its block last, the limit of one stays, which is the safe side.
    """
    global _at_work, _undo  # noqa: PLW0603 - the libraries' setting is one for the process
    with _lock:
        if not _at_work:
            _undo = _limit_threads()
        _at_work += 1
    try:
        yield
    finally:
        with _lock:
            _at_work -= 1
            if not _at_work:
                _undo.close()


def _limit_threads() -> ExitStack:
    """What is loaded is limited through threadpoolctl; what is loaded later reads the variable. Closing undoes both."""
    import numpy as np  # noqa: F401 - loaded now, its own setting can be given back
    from threadpoolctl import threadpool_limits

    undo = ExitStack()
    undo.enter_context(threadpool_limits(1, user_api="blas"))
    if _VARIABLE not in os.environ:
        os.environ[_VARIABLE] = "1"
        undo.callback(os.environ.pop, _VARIABLE, None)
    return undo
