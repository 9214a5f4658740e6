"""How soon a correction is heard: `python bench/review.py OUTDIR [--source FILM] [--corrections 4]`.

A copy of a delivered folder is reviewed: a real server is started on it, and lines of about three seconds are given
other words by real requests, one after the other, as the page does. A film whose lines are all shorter has the nearest
made that long first, by moving their ends. For each is printed, in seconds of a clock: when the decision was written,
when the server said that the take can be heard, and when the first second of its sound was there; then the processor
time that server and pipeline had spent by then (Linux alone tells), the pipeline's share, how many takes were made, and
when the files were there. The dub that is heard is compared with the one before: it must differ where the line is, and
nowhere else. Before the first correction the server is told that somebody begins to write, as the page tells it.

Store and home are those of the environment (LOCALIZE_STORE, LOCALIZE_HOME): give those of the dub, or copies of them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
FRAME = 16
"""Bytes of a sample of all eight channels, the dub's in the second four of them."""
RATE = 48_000
WANTED_MS, NEAR_MS = 3_000, 300
"""How long a line is that is corrected, and by how much it may be shorter."""
AROUND_MS = 1_500
"""From here on before and after a line nothing may change."""


class Server:
    """A review server of its own process, asked as the page asks it."""

    def __init__(self, folder: Path, source: Path | None) -> None:
        command = [sys.executable, "-m", "localize", "review", str(folder), "--port", "0", "--no-browser", "--json"]
        command += ["--source", str(source)] if source else []
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        if "url" not in (line := self.process.stdout.readline()):
            raise SystemExit(line + self.process.stdout.read())
        address = urlsplit(json.loads(line)["url"])
        self.host, self.root = address.netloc, "/" + address.query.removeprefix("token=")
        self.messages: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def worked_s(self) -> float:
        """Processor time of the server and the processes it started, in seconds; 0 where nothing tells it."""
        if not Path("/proc/self/stat").exists():
            return 0.0
        ticks, left = 0, [self.process.pid]
        while left:
            place = Path(f"/proc/{left.pop()}")
            times = (place / "stat").read_text().rpartition(")")[2].split()[11:15]  # proc(5): utime stime cutime cstime
            ticks += sum(map(int, times))
            for task in (place / "task").iterdir():
                left += map(int, (task / "children").read_text().split())
        return ticks / os.sysconf("SC_CLK_TCK")

    def ask(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> bytes:
        """The answer to a GET, or to a POST of JSON."""
        link = http.client.HTTPConnection(self.host)
        if body is None:
            link.request("GET", self.root + path, headers=headers)
        else:
            link.request("POST", self.root + path, json.dumps(body), {"content-type": "application/json"})
        answer = link.getresponse()
        found = answer.read()
        if answer.status not in (200, 206):
            raise SystemExit(f"{path}: {answer.status} {found[:300]!r}")
        return found

    def dub(self, start_ms: int, end_ms: int, made: int) -> bytes:
        """The two channels of the dub between two times."""
        first, last = (HEADER + max(0, ms) * RATE // 1000 * FRAME for ms in (start_ms, end_ms))
        found = b""
        while len(found) < last - first:
            found += self.ask(f"/media/sound.wav?made={made}", range=f"bytes={first + len(found)}-{last - 1}")
        return b"".join(found[at + 4 : at + 8] for at in range(0, len(found), FRAME))

    def wait(self, wanted: str) -> tuple[float, dict[str, Any]]:
        """When a message came, and what it said; a run that failed ends the measurement."""
        while True:
            at, message = self.messages.get(timeout=1800)
            if message.get("state") == "failed":
                raise SystemExit(message["message"])
            if wanted in (message["kind"], message.get("state")):
                return at, message

    def _listen(self) -> None:
        link = http.client.HTTPConnection(self.host)
        link.request("GET", self.root + "/api/changes")
        for line in link.getresponse():
            if line.startswith(b"data: "):
                self.messages.put((time.monotonic(), json.loads(line[6:])))


HEADER = 68
"""Bytes before the samples of a WAV under 4 GiB."""


def words_for(text: str, kept: int) -> str:
    """Other words of about the length wanted, which nobody spoke yet: they end in others from the word `kept` on."""
    return " ".join([*text.split()[:kept], random.choice(LAST), random.choice(NEXT)]) + "."


def lengthen(server: Server, lines: list[dict[str, Any]]) -> None:
    """Move the ends of lines that are shorter so that they last as long as wanted, and wait for the dub of it."""
    short = [line for line in lines if line["end_ms"] - line["start_ms"] < WANTED_MS - NEAR_MS]
    if not short:
        return
    version = json.loads(server.ask("/api/state"))["review"]["version"]
    moved = [(line["id"], line["start_ms"], line["start_ms"] + WANTED_MS) for line in short]
    events = [{"kind": "retime", "line": line, "start_ms": start, "end_ms": end} for line, start, end in moved]
    server.ask("/api/events", {"version": version, "who": "bench", "events": events})
    server.wait("done")
    print(f"{len(short)} lines made {WANTED_MS} ms long, the film has none", flush=True)


LAST = ("siempre", "ahora", "después", "quizá", "nunca", "luego", "entonces", "también", "pronto", "antes")
NEXT = ("mañana", "contigo", "en casa", "conmigo", "de verdad", "sin prisa", "de noche", "en secreto", "otra vez", "ya")


def correct(server: Server, line: dict[str, Any]) -> float:
    """Give a line other words; seconds until it is heard."""
    state = json.loads(server.ask("/api/state"))
    kept = len(line["text"].split()) - (1 if line["end_ms"] - line["start_ms"] < WANTED_MS - NEAR_MS else 2)
    line = next(now for now in state["lines"] if now["id"] == line["id"])
    start, end = line["start_ms"], line["end_ms"]
    before = server.dub(start - 4000, end + 4000, state["made"])
    event = {"kind": "edit_translation", "line": line["id"], "language": state["language"]}
    event["text"] = words_for(line["text"], kept)
    body = {"version": state["review"]["version"], "who": "bench", "events": [event]}
    began, worked = time.monotonic(), server.worked_s()
    server.ask("/api/events", body)
    written = time.monotonic() - began
    at, message = server.wait("take")
    told = at - began
    first = HEADER + start * RATE // 1000 * FRAME
    server.ask(f"/media/sound.wav?made={message['made']}", range=f"bytes={first}-{first + RATE * FRAME - 1}")
    heard, worked = time.monotonic() - began, server.worked_s() - worked
    load = os.getloadavg()[0]
    after = server.dub(start - 4000, end + 4000, message["made"])
    same, changed = compare(before, after, end - start)
    row = [line["id"], f"{end - start} ms", *(f"{seconds:.2f}" for seconds in (written, told, heard))]
    print("  ".join(f"{cell:>9}" for cell in row), f"  changed {changed}, elsewhere {same}", flush=True)
    _, done = server.wait("done")
    until = next(n for n, stage in enumerate(done["stages"]) if stage[0] == "separate")
    share = ", ".join(f"{stage[0]} {stage[2]:.2f}" for stage in done["stages"][:until])
    takes = next(stage[3] for stage in done["stages"] if stage[0] == "synthesize")
    whole = time.monotonic() - began
    print(f"{'':9}  pipeline {sum(stage[2] for stage in done['stages'][:until]):.2f}: {share}")
    print(f"{'':9}  processor time until heard: {worked:.2f} s, load {load:.1f}")
    print(f"{'':9}  takes made: {takes}; files after {whole:.0f} s", flush=True)
    return heard


def has_room(line: dict[str, Any], lines: list[dict[str, Any]]) -> bool:
    """Whether a line can last as long as wanted before somebody speaks."""
    until = line["start_ms"] + WANTED_MS
    return not any(line["end_ms"] <= other["start_ms"] < until for other in lines if other["id"] != line["id"])


def compare(before: bytes, after: bytes, length_ms: int) -> tuple[str, bool]:
    """Whether the dub is the same around a line, and whether the line is another."""
    near = (4000 - AROUND_MS) * RATE // 1000 * 4
    far = (4000 + length_ms + AROUND_MS) * RATE // 1000 * 4
    outside = before[:near] == after[:near] and before[far:] == after[far:]
    return "the same" if outside else "NOT the same", before[near:far] != after[near:far]


def main() -> None:
    """Correct lines one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--corrections", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / asked.folder.name
        shutil.copytree(asked.folder, copy)
        server = Server(copy, asked.source)
        try:
            lines = json.loads(server.ask("/api/state"))["lines"]
            near = sorted(lines, key=lambda line: abs(line["end_ms"] - line["start_ms"] - WANTED_MS))
            chosen = [line for line in near if len(line.get("text", "").split()) > 3 and has_room(line, lines)]
            chosen = chosen[: asked.corrections]
            began = time.monotonic()
            server.ask("/api/warm", {})
            print(f"ready {time.monotonic() - began:.1f} s after somebody began to write")
            lengthen(server, chosen)
            titles = ["line", "lasts", "written", "told", "heard"]
            print("  ".join(f"{title:>9}" for title in titles), "  (seconds)", flush=True)
            heard = [correct(server, line) for line in chosen]
        finally:
            server.process.terminate()
            server.process.wait(60)
    later = sorted(heard[1:] or heard)
    print(f"heard after {heard[0]:.2f} s at first, then after {later[len(later) // 2]:.2f} s (median)")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
