"""Worker pools of a batch: how many workers a cluster gets, and what cannot be done by them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from localize.batches.checking import FilmRequest
from localize.batches.nodes import Node, fit_workers
from localize.batches.outcomes import FileOutcome
from localize.batches.worker_settings import WorkerSettings
from localize.batches.workers import ProcessWorkers, worker_pool
from localize.delivery.outlay import PEAK_BYTES
from localize.errors import EngineMissing, UsageError
from localize.events import Run
from localize.job import Job
from localize.provenance import Signer
from localize.runtime.device import Device


def test_one_job_here_needs_no_workers(run: Run) -> None:
    for jobs in (None, 1):
        with worker_pool(run, "local", jobs) as crowd:
            assert crowd is None


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
    assert fit_workers([Node(cpus) for cpus in nodes], wanted) == placed
    assert sum(cpus // placed[1] for cpus in nodes) >= placed[0]


def test_a_cluster_without_cpus_is_refused() -> None:
    with pytest.raises(UsageError, match="no node with a CPU"):
        fit_workers([Node(0), Node(0)], 1)


ROOM = 3 * PEAK_BYTES
"""Memory for three workers."""


@pytest.mark.parametrize(
    ("nodes", "wanted", "gpu", "placed"),
    [
        ([Node(8, 0, ROOM)], 4, False, (3, 1)),  # memory is what limits them
        ([Node(8, 0, ROOM)], 2, False, (2, 4)),
        ([Node(8, 0, ROOM), Node(2, 0, PEAK_BYTES - 1)], 4, False, (3, 1)),  # the small one holds none
        ([Node(8, 2), Node(8, 0)], 4, True, (2, 1)),
        ([Node(8, 2), Node(4, 1)], 3, True, (3, 4)),
        ([Node(4, 4, ROOM)], 4, True, (3, 1)),
    ],
)
def test_workers_fit_the_memory_and_the_gpus_of_nodes(
    nodes: list[Node], wanted: int, gpu: bool, placed: tuple[int, int]
) -> None:
    assert fit_workers(nodes, wanted, gpu=gpu) == placed
    assert sum(node.holds(placed[1], gpu=gpu) for node in nodes) >= placed[0]


@pytest.mark.parametrize(
    ("nodes", "gpu", "said"),
    [
        ([Node(4), Node(8)], True, "no node with a GPU"),
        ([Node(4, 0, PEAK_BYTES - 1), Node(8, 0, 1e9)], False, f"more than {(PEAK_BYTES - 1) / 1e9:.1f} GB"),
        ([Node(8), Node(4, 1, 1e9)], True, r"more than 1\.0 GB"),
    ],
)
def test_what_no_node_can_hold_is_refused(nodes: list[Node], gpu: bool, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        fit_workers(nodes, 1, gpu=gpu)


@pytest.mark.costly
@pytest.mark.parametrize("temporary", [None, "t" * 100])
def test_workers_end_when_the_command_is_killed(tmp_path: Path, temporary: str | None) -> None:
    """The command is killed (nothing can be tidied then); its worker, at work, ends by itself, and what forked it. None
    forks where the path of temporary files is too long for a socket.
    """
    own = dict(os.environ)
    if temporary is not None:
        (folder := tmp_path / temporary).mkdir()
        own["TMPDIR"] = str(folder)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.unit.batch.test_workers import never_end\n"
        "if __name__ == '__main__':\n"
        "    never_end(Path(sys.argv[1]))\n"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3], env=own) as command:
        assert command.stdout is not None
        assert int(command.stdout.readline()) != command.pid
        command.kill()
        command.wait()
        assert command.stdout.read() == ""  # ends when all that have the other end are gone


def never_end(folder: Path) -> None:
    """Have a film worked on without end."""
    places = WorkerSettings(folder / "store", None, folder / "home", folder / "models", Device(threads=1), None)
    ProcessWorkers(places, 1)(say_and_sleep, [FilmRequest(Job(folder / "a.wav", to=("es",)))], Board())


def say_and_sleep(request: FilmRequest, run: Run) -> FileOutcome:
    """Print which process works on a film, and end no more."""
    print(os.getpid(), flush=True)
    threading.Event().wait()
    return whose(request, run)


@pytest.mark.costly
def test_workers_have_the_environment_of_their_batch(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though what forks them was begun for a batch before."""
    requests = [FilmRequest(Job(tmp_path / "a.wav", to=("es",)))]
    places = WorkerSettings(run.store.folder, None, run.home.folder, run.models.folder, run.models.device, None)
    seen = []
    for value in ("one", "two", None):
        monkeypatch.delenv("OF_THIS_BATCH", raising=False)
        if value is not None:
            monkeypatch.setenv("OF_THIS_BATCH", value)
        board = Words()
        with closing(ProcessWorkers(places, 1)) as crowd:
            crowd(environment_of, requests, board)
        seen.append(board.said)
    assert seen == ["one", "two", None]


def environment_of(request: FilmRequest, _: Run) -> FileOutcome:
    """What a worker reads."""
    return FileOutcome(request.job.input, state="ok", error=os.environ.get("OF_THIS_BATCH"))


def whose(request: FilmRequest, _: Run) -> FileOutcome:
    """Which process works on a film."""
    return FileOutcome(request.job.input, state="ok", error=str(os.getpid()))


class Board:
    """Keeps which process worked on each film."""

    stopped = False

    def __init__(self) -> None:
        self.workers: dict[int, int] = {}

    def begin(self, number: int) -> None:
        """Nothing is told of it."""

    def add(self, number: int, found: FileOutcome) -> None:
        """Keep it."""
        self.workers[number] = int(found.error or 0)

    def publish(self) -> None:
        """Nothing is told."""


class Words(Board):
    """Keeps what was said of the last film."""

    said: str | None = None

    def add(self, number: int, found: FileOutcome) -> None:
        """Keep it."""
        self.said = found.error


@pytest.mark.costly
def test_what_hears_the_films_dubs_them_too(run: Run, tmp_path: Path) -> None:
    """A worker lasts over both passes; where it died in between, another one works."""
    requests = [FilmRequest(Job(tmp_path / f"{name}.wav", to=("es",))) for name in "ab"]
    heard, dubbed, again = Board(), Board(), Board()
    device = replace(run.models.device, threads=1)
    places = WorkerSettings(run.store.folder, None, run.home.folder, run.models.folder, device, None)
    with closing(ProcessWorkers(places, 1)) as crowd:
        crowd(whose, requests, heard)
        crowd(whose, requests, dubbed)
        (first,) = set(dubbed.workers.values())
        os.kill(first, signal.SIGKILL)
        crowd(whose, requests, again)
    assert heard.workers == dubbed.workers == {0: first, 1: first}
    assert len(again.workers) == 2
    assert {first, os.getpid()}.isdisjoint(again.workers.values())


def test_without_ray_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineMissing, match=r"localize-toolkit\[ray\]"), worker_pool(run, "ray", None):
        pass


def test_a_key_in_a_device_is_not_sent_to_workers(run: Run) -> None:
    run.signer = Signer("", "", b"", call=lambda data: data)
    with pytest.raises(UsageError, match="device"), worker_pool(run, "local", 2):
        pass
