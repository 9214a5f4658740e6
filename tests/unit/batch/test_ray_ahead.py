"""One film on a cluster of Ray, whose other workers speak lines of it: the dub is that of one worker, to the byte, and
nothing is spoken twice; a node that is lost costs time alone. The engines are fakes, see `tests/fault_stand.py`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fault_stand as stand
import pytest

from localize.consent import Home, usage

ray = pytest.importorskip("ray", reason="batch --on ray needs the extra ray")

from ray.cluster_utils import Cluster  # noqa: E402

pytestmark = pytest.mark.slow

WORDS = ("Amber", "Bread", "Cedar", "Daisy", "Eagle", "Fable", "Grape", "Honey", "Ivory", "Jelly", "Karma", "Lemon")
SENTENCES = tuple((200 + 800 * n, 750 + 800 * n, f"{word} keys.") for n, word in enumerate(WORDS))
HELD = """
import time
from pathlib import Path

def speak(self, phrases, grant, language, *, before=Tones.speak):
    line, folder = " ".join(phrase.text for phrase in phrases), Path(os.environ["SPOKEN"])
    with open(folder / str(os.getpid()), "a") as file:
        file.write(line + "\\n")
    held = (folder / "held").read_text().split() if (folder / "held").exists() else []
    while any(word in line for word in held) and not (folder / "released").exists():
        time.sleep(0.05)
    return before(self, phrases, grant, language)

Tones.speak = speak
"""
"""Every process says which lines it spoke; a line that the folder names is held until the folder lets it go."""


@dataclass(frozen=True)
class Place:
    """A cluster whose processes have the fake engines, with a store, a home and an output of its own."""

    cluster: Cluster
    folder: Path
    films: Path
    nodes: list[Any]

    def add_nodes(self, *cpus: int) -> None:
        """Nodes that work; the head does not."""
        self.nodes.extend(self.cluster.add_node(num_cpus=number) for number in cpus)

    def begin(self, *jobs: str) -> subprocess.Popen[str]:
        """A batch of the film on the cluster."""
        env = {**os.environ, "RAY_ADDRESS": self.cluster.address}
        return subprocess.Popen(
            [*batch(self.films, self.folder / "out"), "--on", "ray", *jobs], stderr=subprocess.PIPE, text=True, env=env
        )

    def hold(self, *words: str) -> None:
        """Lines with these words are begun, and not ended."""
        (self.folder / "spoken" / "held").write_text(" ".join(words))

    def release(self) -> None:
        """They go on."""
        (self.folder / "spoken" / "released").touch()

    def spoken(self) -> list[tuple[int, str]]:
        """Process and line, of each that was begun."""
        found = [(int(path.name), path) for path in (self.folder / "spoken").glob("[0-9]*")]
        return [(pid, line) for pid, path in found for line in path.read_text().split("\n")[:-1]]

    def speaker_of(self, word: str) -> int:
        """The process that began a line; 0 where none did."""
        return next((pid for pid, line in self.spoken() if word in line), 0)

    def remove_node_of(self, pid: int) -> None:
        """Lose the node of a process; returns when that is gone."""
        parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        (node,) = [node for node in self.nodes if parent == node.all_processes["raylet"][0].process.pid]
        self.cluster.remove_node(node)
        wait_for(lambda: is_gone(pid))

    def twice(self) -> Counter[str]:
        """Steps whose result was kept more than once in the store."""
        lines = (self.folder / "steps").read_text().splitlines()
        kept = Counter(line for line in lines if not line.endswith(" last"))
        return Counter({line.split(" ", 1)[1]: number - 1 for line, number in kept.items() if number > 1})

    def warnings(self) -> list[str]:
        """What was said of workers that speak ahead."""
        report = json.loads((self.folder / "out" / "batch.report.json").read_text("utf-8"))
        return [one["message"] for one in report["files"][0]["warnings"] if one["code"] == "speak_ahead"]


def batch(films: Path, out: Path) -> list[str]:
    given = ["--to", "es", "--from", "en", "--speakers", "1", "--voice", "S1=em_alex", *stand.ENGINES]
    return [sys.executable, "-m", "localize", "batch", str(films), "-o", str(out), *given]


def own_places(folder: Path, site: Path) -> dict[str, str]:
    """The environment of a store, a home and a count of lines of its own, whose folders are made."""
    for name in ("spoken", "tmp"):
        (folder / name).mkdir(parents=True)
    spoken = {"SPOKEN": str(folder / "spoken"), "STEPS_COUNTED": str(folder / "steps")}
    return {**stand.environment(folder, site), **spoken}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = stand.make_site(tmp_path_factory.mktemp("ahead") / "site")
    (found / "tones.py").write_text(stand.PACKAGE + HELD, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def films(site: Path) -> Path:
    stand.make_film(site.parent / "in", picture=False, sentences=SENTENCES)
    return site.parent / "in"


@pytest.fixture(scope="module")
def alone(site: Path, films: Path) -> dict[str, str]:
    """What one worker makes of the film."""
    place = site.parent / "alone"
    subprocess.run(batch(films, place / "out"), check=True, capture_output=True, env=own_places(place, site))
    return stand.digests(place / "out" / "film")


@pytest.fixture
def place(tmp_path: Path, site: Path, films: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name, value in own_places(tmp_path, site).items():
        monkeypatch.setenv(name, value)  # processes of a cluster have what it was begun with
    monkeypatch.delenv("TMPDIR")  # the names of Ray's sockets must not be long
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        yield Place(cluster, tmp_path, films, [])
    finally:
        ray.shutdown()
        cluster.shutdown()


def wait_for(condition: Callable[[], object], command: subprocess.Popen[str] | None = None) -> None:
    """Until it holds, while the command runs."""
    while not condition():
        assert command is None or command.poll() is None, command.communicate()[1]
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether a process has ended, also where nobody has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def end(command: subprocess.Popen[str]) -> None:
    said = command.communicate()[1]
    assert command.returncode == 0, said


def test_free_workers_speak_lines_of_the_one_film(place: Place, alone: dict[str, str]) -> None:
    """The first line is held until others have spoken four."""
    place.add_nodes(1, 1, 1)
    place.hold("Amber")
    command = place.begin("--jobs", "3")
    wait_for(lambda: len(place.spoken()) > 4, command)
    place.release()
    end(command)
    spoken = Counter(line for _, line in place.spoken())
    assert len({pid for pid, _ in place.spoken()}) > 1
    assert len(spoken) == spoken.total() == len(WORDS)
    assert not place.twice()
    assert place.warnings() == []
    assert stand.digests(place.folder / "out" / "film") == alone
    (used,) = usage(Home.open(place.folder / "home"))
    assert (used.lines, used.voice) == (len(WORDS), "em_alex")


@pytest.mark.parametrize("held", ["Amber", "Lemon"])
def test_a_node_that_is_lost_costs_time_alone(place: Place, alone: dict[str, str], held: str) -> None:
    """The node of the worker that dubs the film, or that of the one which speaks for it; what it was at is spoken by
    another, all else is kept.
    """
    place.add_nodes(2, 2)
    place.hold("Amber", held)
    command = place.begin()
    if held == "Amber":
        wait_for(lambda: len(place.spoken()) > 4, command)
    wait_for(lambda: place.speaker_of("Amber") and place.speaker_of(held), command)
    place.remove_node_of(place.speaker_of(held))
    place.release()
    end(command)
    spoken = Counter(line for _, line in place.spoken())
    (again,) = [line for line, number in spoken.items() if number > 1]
    assert held in again
    assert (len(spoken), spoken.total()) == (len(WORDS), len(WORDS) + 1)
    assert not place.twice()
    assert stand.digests(place.folder / "out" / "film") == alone


def test_ctrl_c_ends_those_who_speak_too(place: Place) -> None:
    place.add_nodes(2, 2)
    place.hold("Amber", "Lemon")
    command = place.begin()
    wait_for(lambda: place.speaker_of("Amber") and place.speaker_of("Lemon"), command)
    command.send_signal(signal.SIGINT)
    command.communicate()
    assert command.returncode == 130
    wait_for(lambda: all(is_gone(pid) for pid, _ in place.spoken()))
