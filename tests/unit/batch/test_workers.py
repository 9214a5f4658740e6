"""Worker pools of a batch: how many workers a cluster gets, and what cannot be done by them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from localize.batches.workers import fit_workers, worker_pool
from localize.errors import EngineMissing, UsageError
from localize.events import Run
from localize.provenance import Signer


def test_one_job_here_needs_no_workers(run: Run) -> None:
    assert worker_pool(run, "local", None) is None
    assert worker_pool(run, "local", 1) is None


@pytest.mark.parametrize(
    ("nodes", "wanted", "placed"),
    [
        ([4], 2, (2, 2)),
        ([3, 3], 3, (3, 1)),  # 2 each would leave the third without a place
        ([3, 3], 2, (2, 3)),
        ([2, 2], 1, (1, 2)),  # not 4, which no node has
        ([2, 2, 2], 3, (3, 2)),
        ([3], 1, (1, 3)),
        ([1, 8], 3, (3, 2)),
        ([2, 2], 9, (4, 1)),
        ([0, 5], 2, (2, 2)),
    ],
)
def test_workers_fit_the_nodes_of_a_cluster(nodes: list[int], wanted: int, placed: tuple[int, int]) -> None:
    assert fit_workers(nodes, wanted) == placed
    assert sum(cpus // placed[1] for cpus in nodes) >= placed[0]


def test_a_cluster_without_cpus_is_refused() -> None:
    with pytest.raises(UsageError, match="no node with a CPU"):
        fit_workers([0, 0], 1)


@pytest.mark.costly
def test_a_worker_ends_when_the_command_is_killed() -> None:
    """The command is killed (nothing can be tidied then); its worker, at work, ends by itself."""
    code = (
        "import multiprocessing, os, sys, threading, time\n"
        "from localize.batches import workers\n"
        "def work(parent):\n"
        "    threading.Thread(target=workers._end_with_parent, args=(parent,), daemon=True).start()\n"
        "    print(os.getpid(), flush=True)\n"
        "    time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.get_context('fork').Process(target=work, args=(os.getpid(),)).start()\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        assert int(command.stdout.readline()) != command.pid
        command.kill()
        command.wait()
        assert command.stdout.read() == ""  # ends when the worker, which has the other end, is gone


def test_without_ray_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineMissing, match=r"localize-toolkit\[ray\]"):
        worker_pool(run, "ray", None)


def test_a_key_in_a_device_is_not_sent_to_workers(run: Run) -> None:
    run.signer = Signer("", "", b"", call=lambda data: data)
    with pytest.raises(UsageError, match="device"):
        worker_pool(run, "local", 2)
