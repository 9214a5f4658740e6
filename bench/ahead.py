"""One film on more and more nodes: `python bench/ahead.py [--lines 40] [--line-s 1.0] [--nodes 1 2 4]`.

How much sooner the lines of one film are spoken where free workers of a Ray cluster speak them too. The film and its
engines are fakes (`tests/fault_stand.py`), whose voice sleeps for so long over each line, so that it is the order of
work that is measured and not how many cores this machine has for all nodes; nodes have one CPU each. The first line is
begun when all workers are there. Printed for each number of nodes: seconds of the stage `synthesize`, how many times
faster than with one node, lines by worker, and whether the dub is the same.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import fault_stand as stand
from ray.cluster_utils import Cluster

SLOW = """
import time
from pathlib import Path

def speak(self, phrases, grant, language, *, before=Tones.speak):
    said = Path(os.environ["SPOKEN"])
    with open(said / str(os.getpid()), "a") as file:
        file.write(phrases[0].text + "\\n")
    while len(list(said.iterdir())) < int(os.environ["WORKERS"]):
        time.sleep(0.01)
    time.sleep(float(os.environ["LINE_S"]))
    return before(self, phrases, grant, language)

Tones.speak = speak
"""
"""Every line takes so long; nobody goes on before every worker has begun one."""


def dub(folder: Path, site: Path, nodes: int, line_s: float) -> tuple[float, Counter[str], dict[str, str]]:
    """Seconds of speaking the film's lines on so many nodes, lines by process, and what was made."""
    for name in ("spoken", "tmp"):
        (folder / name).mkdir(parents=True)
    given = ["--to", "es", "--from", "en", "--speakers", "1", "--voice", "S1=em_alex", *stand.ENGINES]
    own = {"SPOKEN": str(folder / "spoken"), "WORKERS": str(nodes), "LINE_S": str(line_s)}
    os.environ.update({**stand.environment(folder, site), **own})  # a cluster has what it was begun with
    os.environ.pop("TMPDIR")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        for _ in range(nodes):
            cluster.add_node(num_cpus=1)
        subprocess.run(
            [sys.executable, "-m", "localize", "batch", str(folder.parent / "in"), "-o", str(folder / "out"), *given,
             "--on", "ray", "--jobs", str(nodes)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, "RAY_ADDRESS": cluster.address},
        )  # fmt: skip
    finally:
        cluster.shutdown()
    report = json.loads((folder / "out" / "film" / "film.es.report.json").read_text("utf-8"))
    (seconds,) = [stage["seconds"] for stage in report["stages"] if stage["name"] == "synthesize"]
    lines = Counter({path.name: len(path.read_text().splitlines()) for path in (folder / "spoken").iterdir()})
    return seconds, lines, stand.digests(folder / "out" / "film")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lines", type=int, default=40, help="of the film, 59 at most")
    parser.add_argument("--line-s", type=float, default=1.0, help="seconds that a line takes")
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 4])
    asked = parser.parse_args()
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [letters[n // 26] + letters[n % 26] + "a keys." for n in range(asked.lines)]
    first: tuple[float, dict[str, str]] | None = None
    with tempfile.TemporaryDirectory() as place:
        site = stand.make_site(Path(place) / "site")
        (site / "tones.py").write_text(stand.PACKAGE + SLOW, encoding="utf-8")
        sentences = [(200 + 1000 * n, 900 + 1000 * n, word) for n, word in enumerate(words)]
        stand.make_film(Path(place) / "in", picture=False, sentences=sentences)
        for nodes in asked.nodes:
            seconds, lines, made = dub(Path(place) / f"on{nodes}", site, nodes, asked.line_s)
            first = first or (seconds, made)
            print(
                f"{nodes} nodes: {seconds:.1f} s, {first[0] / seconds:.2f} times, lines {sorted(lines.values())}, "
                f"{lines.total()} spoken, the same: {made == first[1]}",
                flush=True,
            )


if __name__ == "__main__":
    main()
