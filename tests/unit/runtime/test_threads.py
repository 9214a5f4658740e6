"""Matrix products on one thread while work is done, and as before when it is over.

In interpreters of their own: whoever limits threads first in a process rules over the limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

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


BEGUN = """
import sys
import tempfile
from threading import Event
from localize.runtime.threads import begin, leave
begun, never = Event(), Event()
"""


def ends(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BEGUN + code], capture_output=True, text=True, check=False, timeout=60)


def test_a_program_waits_for_what_it_began() -> None:
    result = ends("""
def work():
    begun.wait()
    print("begun work is done")

begin(work, "work")
print("the program's last line")
begun.set()
""")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["the program's last line", "begun work is done"]


@pytest.mark.parametrize("at_work", [True, False])
def test_who_leaves_waits_for_nothing_and_leaves_nothing(tmp_path: Path, at_work: bool) -> None:
    result = ends(f"""
folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})
if {at_work}:
    begin(lambda: (begun.set(), never.wait()), "work")
    begun.wait()
print("last line")
leave(7)
""")
    assert (result.returncode, result.stdout, result.stderr) == (7, "last line\n", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.costly
@pytest.mark.parametrize("end", ["leave(3)", "stop.append(1); sys.exit(3)"])
def test_an_engine_at_work_does_not_abort_the_process_that_ends(end: str) -> None:
    pytest.importorskip("onnxruntime")
    result = ends(f"""
import onnxruntime
from onnx import TensorProto, helper

one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
same = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "same", [one], [same])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
stop = []

def work():
    while not stop:
        onnxruntime.InferenceSession(model)
        begun.set()

begin(work, "work")
begun.wait()
{end}
""")
    assert (result.returncode, result.stderr) == (3, "")
