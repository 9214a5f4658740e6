"""Batches on clusters of Ray with several nodes, all on this machine: a node that is lost in the middle, one that comes
late, and signals to the command.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localize.batches.checking import FilmRequest
from localize.batches.outcomes import FileOutcome
from localize.batches.worker_settings import WorkerSettings
from localize.consent import Request
from localize.data import LineToSpeak, Phrase, Plan, Span
from localize.delivery.outlay import PEAK_BYTES
from localize.events import Run
from localize.job import Job

ray = pytest.importorskip("ray", reason="batch --on ray needs the extra ray")

from ray import cloudpickle  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

from localize.batches import ray_workers  # noqa: E402
from localize.batches.ray_workers import RayWorkers  # noqa: E402

pytestmark = pytest.mark.slow

HELD = "e0"
"""The film that is at work until a node was removed, the first time that somebody works on it."""


def work(request: FilmRequest, _: Run) -> FileOutcome:
    """Say on which node a film is worked on; the held one until the folder says that it may end."""
    name, folder = request.job.input.stem, request.job.input.parent
    assert ray.get_runtime_context().get_assigned_resources()["memory"] == PEAK_BYTES
    with (folder / name).open("a") as file:
        file.write(f"{ray.get_runtime_context().get_node_id()}\n")
    while name == HELD and not (folder / "released").exists():
        time.sleep(0.05)
    return FileOutcome(request.job.input, state="ok")


def stop_the_command(request: FilmRequest, _: Run) -> FileOutcome:
    """Send the command the signal that the folder names, and work on until it has ended."""
    folder = request.job.input.parent
    command, number = map(int, (folder / "signal").read_text().split())
    os.kill(command, number)
    while not (folder / "released").exists():
        time.sleep(0.05)
    return FileOutcome(request.job.input, state="ok")


def offer_what_is_not_granted(request: FilmRequest, run: Run) -> FileOutcome:
    """Have others speak a line with a voice that nobody may use, and write down what is said of it."""
    folder, phrase = request.job.input.parent, Phrase("hola", Span(0, 800))
    lines = [LineToSpeak(Plan(name, 0, (phrase,), 800, "exact"), "hola", (phrase,)) for name in ("s0001", "s0002")]
    said: list[str] = []
    assert run.speak_ahead is not None
    wait = run.speak_ahead(
        lambda _code, message: said.append(message), "an engine", "es",
        [(line, Request("nobody", "S1", "es", request.job.name)) for line in lines],
    )  # fmt: skip
    ledger = run.home.folder / "ledger.jsonl"
    while not ledger.exists() or "refused" not in ledger.read_text("utf-8"):
        time.sleep(0.05)
    wait("s0002")
    (folder / "said").write_text("\n".join(said))
    return FileOutcome(request.job.input, state="ok")


class Stopped(BaseException):
    """What the handler of a signal raises, as the command's own does."""


class Board:
    """Keeps outcomes, and does something at the first film that is done."""

    stopped = False

    def __init__(self, then: Any) -> None:
        self.found: dict[int, FileOutcome] = {}
        self._then = then

    def begin(self, number: int) -> None:
        """Nothing is told of it."""

    def add(self, number: int, found: FileOutcome) -> None:
        """Keep it."""
        assert number not in self.found
        self.found[number] = found
        then, self._then = self._then, lambda: None
        then()

    def publish(self) -> None:
        """Nothing is told."""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A head without a CPU: every node that works can be removed."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        yield found
    finally:
        ray.shutdown()
        found.shutdown()


def settings(run: Run) -> WorkerSettings:
    device = replace(run.models.device, threads=1)
    return WorkerSettings(run.store.folder, None, run.home.folder, run.models.folder, device, None)


def films(folder: Path, count: int) -> list[FilmRequest]:
    folder.mkdir()
    return [FilmRequest(Job(folder / f"e{number}.wav", to=("es",))) for number in range(count)]


@pytest.mark.parametrize(("nodes", "wanted"), [((2, 2), None), ((3, 3), None), ((1, 1, 1), 2), ((4, 2), 1)])
def test_a_node_is_lost_in_the_middle(
    cluster: Cluster, run: Run, tmp_path: Path, nodes: tuple[int, ...], wanted: int | None
) -> None:
    """Its film is worked on again elsewhere, the others once; of one worker as large as the largest node another one
    is made that fits the node that is left.
    """
    there = {node.node_id: node for node in (cluster.add_node(num_cpus=cpus) for cpus in nodes)}
    ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
    requests = films(tmp_path / "in", 7)
    alone = wanted == 1
    if alone:  # or nothing would be done before the held film
        requests = [*requests[1:], requests[0]]

    def lose() -> None:
        lost = next(iter(there)) if alone else node_of(tmp_path / "in" / HELD)
        cluster.remove_node(there[lost])
        (tmp_path / "in" / "released").touch()

    board = Board(lose)
    with closing(RayWorkers(settings(run), wanted, lambda _: None)) as crowd:
        crowd(work, requests, board)
    assert {number: found.state for number, found in board.found.items()} == dict.fromkeys(range(7), "ok")
    begun = [len((tmp_path / "in" / request.job.input.stem).read_text().split()) for request in requests]
    assert max(begun) <= 2
    assert alone or begun[0] == 2


def test_a_node_that_comes_late_is_waited_for_and_used(
    cluster: Cluster, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only node is lost; the command says what it waits for, and goes on with the next that comes."""
    monkeypatch.setattr(ray_workers, "TOLD_AFTER_S", 0.0)
    first = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
    said: list[str] = []

    def say(line: str) -> None:
        if board.found and not said:  # it is said too where the first worker takes long to begin
            said.append(line)
            cluster.add_node(num_cpus=1)

    board = Board(lambda: cluster.remove_node(first))
    with closing(RayWorkers(settings(run), 1, say)) as crowd:
        crowd(work, films(tmp_path / "in", 4)[1:], board)
    assert {number: found.state for number, found in board.found.items()} == dict.fromkeys(range(3), "ok")
    assert "1 free CPU:" in said[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command_as_it_does_without_ray(run: Run, tmp_path: Path, number: int) -> None:
    """It comes while Ray is asked, whose own handlers would abort the process, or say that it raised inside C++."""
    cloudpickle.register_pickle_by_value(sys.modules[__name__])

    def stop(found: int, _: Any) -> None:
        raise Stopped(found)

    requests, before = films(tmp_path / "in", 1), signal.signal(number, stop)
    (tmp_path / "in" / "signal").write_text(f"{os.getpid()} {int(number)}")
    try:
        with pytest.raises(Stopped, match=str(int(number))), closing(RayWorkers(settings(run), 1, print)) as crowd:
            crowd(stop_the_command, requests, Board(lambda: None))
        assert signal.getsignal(number) is stop
    finally:
        (tmp_path / "in" / "released").touch()
        signal.signal(number, before)
    assert not ray.is_initialized()


def test_a_voice_without_a_grant_is_refused_by_who_would_speak_ahead(
    cluster: Cluster, run: Run, tmp_path: Path
) -> None:
    """The film is told, and nothing is spoken."""
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
    board = Board(lambda: None)
    with closing(RayWorkers(settings(run), 2, lambda _: None)) as crowd:
        crowd(offer_what_is_not_granted, films(tmp_path / "in", 1), board)
    assert board.found[0].state == "ok", board.found[0].error
    (said,) = (tmp_path / "in" / "said").read_text().splitlines()
    assert "no voice is called 'nobody'" in said
    assert not list(run.store.folder.glob("objects/*/*"))


def node_of(film: Path) -> str:
    """The node that works on a film, as soon as one does."""
    while not film.exists() or not (named := film.read_text().split()):
        time.sleep(0.05)
    return named[0]
