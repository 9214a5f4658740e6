"""One film on a cluster of Ray, whose other workers speak lines of it: the dub is that of one worker, to the byte, and
nothing is spoken twice; a node that is lost costs time alone. The engines are fakes, see `tests/fault_stand.py`.
"""

from __future__ import annotations

import json
import os
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

WORDS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
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
    """A cluster whose processes have the fake engines, and a folder with a film to dub there."""

    cluster: Cluster
    folder: Path
    nodes: dict[str, Any]

    def add_nodes(self, *cpus: int) -> None:
        """Nodes that work; the head does not."""
        for number in cpus:
            node = self.cluster.add_node(num_cpus=number)
            self.nodes[node.node_id] = node

    def begin(self, name: str, *more: str) -> subprocess.Popen[str]:
        """A batch of the film, whose results go to a folder of this name."""
        given = ["--to", "es", "--from", "en", "--speakers", "1", "--voice", "S1=em_alex", *stand.ENGINES, *more]
        env = {**os.environ, "RAY_ADDRESS": self.cluster.address}
        if not more:  # with nothing that it could find of the other
            place = self.folder / name
            env |= stand.environment(place, self.folder / "site")
            env |= {"SPOKEN": str(place / "spoken"), "STEPS_COUNTED": str(place / "steps")}
            (place / "spoken").mkdir(parents=True)
            (place / "tmp").mkdir()
        command = [sys.executable, "-m", "localize", "batch", str(self.folder / "in"), "-o", str(self.folder / name)]
        return subprocess.Popen([*command, *given], stderr=subprocess.PIPE, text=True, env=env)

    def spoken(self, name: str = "") -> dict[str, list[str]]:
        """Process -> the lines that it spoke."""
        return {path.name: path.read_text().split("\n")[:-1] for path in (self.folder / name / "spoken").glob("[0-9]*")}

    def twice(self) -> Counter[str]:
        """Steps whose result was kept more than once in the store."""
        lines = (self.folder / "steps").read_text().splitlines()
        kept = Counter(line for line in lines if not line.endswith(" last"))
        return Counter({line.split(" ", 1)[1]: number - 1 for line, number in kept.items() if number > 1})

    def warnings(self, name: str) -> list[str]:
        """What the batch warned of, but for what the fakes' sound brings about."""
        report = json.loads((self.folder / name / "batch.report.json").read_text("utf-8"))
        return [one["message"] for one in report["files"][0]["warnings"] if one["code"] == "speak_ahead"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    site = stand.make_site(tmp_path / "site")
    (site / "tones.py").write_text(stand.PACKAGE + HELD, encoding="utf-8")
    stand.make_film(tmp_path / "in", picture=False, sentences=SENTENCES)
    for name in ("spoken", "tmp"):
        (tmp_path / name).mkdir()
    own = {**stand.environment(tmp_path, site), "SPOKEN": str(tmp_path / "spoken")}
    for name, value in {**own, "STEPS_COUNTED": str(tmp_path / "steps")}.items():
        monkeypatch.setenv(name, value)  # processes of a cluster have what it was begun with
    monkeypatch.delenv("TMPDIR")  # the names of Ray's sockets must not be long
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        yield Place(cluster, tmp_path, {})
    finally:
        ray.shutdown()
        cluster.shutdown()


def wait_for(condition: Callable[[], bool], command: subprocess.Popen[str]) -> None:
    """Until it holds, while the command runs."""
    while not condition():
        assert command.poll() is None, command.communicate()[1]
        time.sleep(0.05)


def end(command: subprocess.Popen[str]) -> None:
    said = command.communicate()[1]
    assert command.returncode == 0, said


@pytest.mark.parametrize("nodes", [(2, 2), (1, 1, 1)])
def test_free_workers_speak_lines_of_the_one_film(place: Place, nodes: tuple[int, ...]) -> None:
    """The first line is held until others have spoken four."""
    place.add_nodes(*nodes)
    (place.folder / "spoken" / "held").write_text("One")
    helped = place.begin("helped", "--on", "ray", "--jobs", str(len(nodes)))
    wait_for(lambda: sum(map(len, place.spoken().values())) > 4, helped)
    (place.folder / "spoken" / "released").touch()
    end(helped)
    end(place.begin("alone"))

    lines = [line for spoken in place.spoken().values() for line in spoken]
    assert len(place.spoken()) > 1
    assert sorted(lines) == sorted(line for spoken in place.spoken("alone").values() for line in spoken)
    assert len(set(lines)) == len(lines) == len(WORDS)
    assert not place.twice()
    assert place.warnings("helped") == []
    assert stand.digests(place.folder / "helped" / "film") == stand.digests(place.folder / "alone" / "film")
    home = Home.open(place.folder / "home")
    assert [(used.lines, used.voice) for used in usage(home)] == [(len(WORDS), "em_alex")]
