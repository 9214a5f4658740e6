"""Matrix products on one thread while work is done, and as before when it is over.

In interpreters of their own: whoever limits threads first in a process rules over the limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from localize.runtime.threads import beside

HEAD = """
import os
import numpy as np
from threading import Barrier, Thread
from threadpoolctl import threadpool_info
from localize.runtime.threads import single_threaded_blas
VARIABLE = os.environ.pop("OPENBLAS_NUM_THREADS")

def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

BEFORE = blas_threads()
assert BEFORE == {2}, BEFORE
"""


def run(code: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", HEAD + code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "2"},
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.costly
def test_one_thread_inside_and_as_before_outside() -> None:
    run("""
@single_threaded_blas()
def work():
    assert blas_threads() == {1}
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"  # for libraries that the work loads
    raise ValueError

for _ in range(2):
    try:
        work()
    except ValueError:
        assert blas_threads() == BEFORE
        assert "OPENBLAS_NUM_THREADS" not in os.environ
    else:
        raise AssertionError
""")


@pytest.mark.costly
def test_what_a_person_set_in_the_environment_is_kept() -> None:
    run("""
os.environ["OPENBLAS_NUM_THREADS"] = "3"
with single_threaded_blas():
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
""")


@pytest.mark.costly
def test_work_that_ends_first_leaves_the_limit_to_work_that_goes_on() -> None:
    run("""
started, both, first_ended = Barrier(2), Barrier(2), Barrier(2)

def first():
    with single_threaded_blas():
        started.wait()
        both.wait()
    first_ended.wait()

other = Thread(target=first)
other.start()
started.wait()
with single_threaded_blas():
    both.wait()
    first_ended.wait()
    assert blas_threads() == {1}
    other.join()
    assert blas_threads() == {1}
assert blas_threads() == BEFORE
""")


@pytest.mark.costly
def test_importing_localize_changes_nothing_in_the_process() -> None:
    code = """
import os, signal, sys, warnings

def state():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    hooks = [*sys.meta_path, *sys.path_hooks, sys.excepthook]
    return dict(os.environ), list(sys.path), hooks, list(warnings.filters), handlers, os.getcwd()

before = state()
import localize
from localize import Job, LocalizeError
assert state() == before
assert "numpy" not in sys.modules
import localize.pipeline
assert dict(os.environ) == before[0]
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_work_beside_a_block_is_waited_for_and_its_error_is_raised() -> None:
    both = threading.Barrier(2, timeout=60)
    with beside(both.wait) as number:
        both.wait()  # at the same time: neither would come past it alone
    assert number() in (0, 1)
    done = threading.Event()
    with pytest.raises(ZeroDivisionError), beside(lambda: 1 // 0):
        done.set()
    assert done.is_set()
    with pytest.raises(KeyError), beside(lambda: 1 // 0):
        raise KeyError
