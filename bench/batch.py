"""A batch of many short films, some of them bad, that is killed again and again: `python bench/batch.py [--files 200]
[--on ray]`.

Films by fake engines (`tests/fault_stand.py`), a tenth of them bad: no media, empty, cut off, and one whose words kill
the process that speaks them. Two workers, processes or with `--on ray` actors of a cluster that the command begins on
this machine. The driver is killed when a third, and again when two thirds of the films are
done, a worker once after that. After each kill the report and its JUnit twin are read and held against the files that
lie there. The batch then comes to its end; it is run again as it is, and with --retry-failed. Prints how many came out
right and how many are named, which steps were kept twice in the store, and seconds of the clock and of the processor.

With `--reports 1000` nothing is dubbed: the reports of a batch of so many films are written, again whenever one is
begun or ends, and the seconds of the processor printed that this takes.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fault_stand import ENGINES, environment, halves, ledger_fault, make_film, make_site

from localize.batches.outcomes import FileOutcome, Outcomes
from localize.delivery.report import RunWarning, Summary
from localize.delivery.results import TargetResult
from localize.job import Job

KILLER = "e000"
PR_SET_CHILD_SUBREAPER = 36
OTHERS_S = 5.0
WORKERS = {"local": b"multiprocessing.forkserver", "ray": b"ray::_Worker"}
"""What the command lines of workers hold; here also of what they are forked by, a child of the command."""
AGENTS = (b"ray::DashboardAgent", b"ray::RuntimeEnvAgent")
"""Of each node of Ray: they do not work on films."""


def make_season(folder: Path, count: int) -> tuple[set[str], set[str]]:
    """Write the films; gives the names of the good and of the bad."""
    good, bad = set(), set()
    for number in range(count):
        name = f"e{number:03}"
        if number % 10:
            make_film(
                folder, name, picture=False, hertz=120 + number, sentences=((200, 900, f"Take number {number}."),)
            )
            good.add(name)
            continue
        bad.add(name)
        path = folder / f"{name}.wav"
        if name == KILLER:
            make_film(folder, name, picture=False, sentences=((200, 900, "Deadly words."),))
        elif number % 30 == 0:
            path.write_bytes(b"no media at all " * 50)
        elif number % 30 == 10:
            path.write_bytes(b"")
        else:
            path.write_bytes(b"RIFF\xff\xff\x00\x00WAVEfmt ")
    return good, bad


class Batch:
    """A batch in a folder, its report, and what was wrong with it."""

    def __init__(self, folder: Path, on: str = "local") -> None:
        self.folder, self.out, self.on = folder, folder / "out", on
        self.wrong: list[str] = []
        self.env = {**environment(folder, make_site(folder / "site")), "STEPS_COUNTED": str(folder / "steps")}
        self.env["LOCALIZE_STAND"] = str(folder)
        # Compiled, as an installation is: else every worker compiles all that it imports.
        self.env |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        (folder / "tmp").mkdir()

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        """Begin the batch, by two workers."""
        command = [sys.executable, "-m", "localize", "batch", str(self.folder / "in"), "--to", "es", "--from", "en"]
        command += [
            "-o",
            str(self.out),
            "--on",
            self.on,
            "--jobs",
            "2",
            "--speakers",
            "1",
            "--voice",
            "S1=em_alex",
            *ENGINES,
            *more,
        ]
        command += ["--draft", "--deliver", "mix"]  # what is looked at here is the batch
        log = (self.folder / "log").open("ab")
        self._began = time.time()
        return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

    def states(self) -> Counter[str]:
        """How many films the report of this run calls what."""
        path = self.out / "batch.report.json"
        if not path.exists() or path.stat().st_mtime < self._began:
            return Counter()
        return Counter(one["state"] for one in json.loads(path.read_text())["files"])

    def wait_for(self, count: int, process: subprocess.Popen[bytes]) -> None:
        """Until the report says that so many are done, or the batch ends."""
        while process.poll() is None and self.states()["ok"] < count:
            time.sleep(0.2)

    def check(self, when: str, *, killed: bool) -> dict[str, dict[str, Any]]:
        """Hold report and JUnit against each other and against the files; name what is wrong."""
        report = json.loads((self.out / "batch.report.json").read_text())
        (suite,) = ElementTree.parse(self.out / "batch.report.xml").getroot()
        states = Counter(one["state"] for one in report["files"])
        told = (int(suite.get("tests", 0)), int(suite.get("failures", 0)), int(suite.get("errors", 0)))
        untried = sum(states.values()) - states["ok"] - states["failed"]
        # Two files are written one after the other: a kill between them leaves JUnit one film ahead.
        if told != (len(report["files"]), states["failed"], untried) and not killed:
            self.wrong.append(f"{when}: JUnit says {told}, the report {dict(states)}")
        for one in report["files"]:
            places = [Path(target["audio"]) for target in one["targets"]]
            if one["state"] == "ok" and not (places and all(path.is_file() for path in places)):
                self.wrong.append(f"{when}: {one['input']} is ok, and not there")
            if (one["state"] == "ok") != (one["error"] is None):
                self.wrong.append(f"{when}: {one['input']} is {one['state']}, error {one['error']}")
        for folder in self.out.iterdir():
            self.wrong += [f"{when}: {folder.name}/{name}" for name in halves(folder)] if folder.is_dir() else []
        if fault := ledger_fault(self.folder / "home"):
            self.wrong.append(f"{when}: ledger {fault}")
        print(f"{when}: {dict(states)}; JUnit {told}", flush=True)
        return {Path(one["input"]).stem: one for one in report["files"]}

    def others(self) -> list[int]:
        """Processes of the batch, by their environment, but for two that Ray leaves behind when it is killed."""
        mark, found = f"LOCALIZE_STAND={self.folder}".encode(), []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                said = (folder / "cmdline").read_bytes().rstrip(b"\0")
                if mark in (folder / "environ").read_bytes().split(b"\0") and said not in AGENTS:
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def kill_driver(self, process: subprocess.Popen[bytes], when: str) -> None:
        """Kill -9 the command; its workers must be gone in time."""
        process.kill()
        process.wait()
        end = time.monotonic() + OTHERS_S
        while self.others() and time.monotonic() < end:
            time.sleep(0.1)
            reap()  # workers of Ray take a node that ended for one that lives as long as nobody has waited for it
        if left := [said for pid in self.others() if (said := said_by(pid))]:
            self.wrong.append(f"{when}: {len(left)} processes ran on for {OTHERS_S:.0f} s: {', '.join(left)}")
        self.check(when, killed=True)

    def kill_worker(self, process: subprocess.Popen[bytes]) -> None:
        """Kill -9 one of the workers."""
        for pid in self.others():
            said, stat = (Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "stat"))
            parent = int(stat.rpartition(b")")[2].split()[1])
            if process.pid not in (pid, parent) and WORKERS[self.on] in said:
                os.kill(pid, signal.SIGKILL)
                print("a worker was killed", flush=True)
                return
        self.wrong.append("no worker was found to kill")


def said_by(pid: int) -> str:
    """The beginning of a process's command line; "" where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:120].strip()
    except OSError:
        return ""


def reap(wait_s: float = 0.0) -> None:
    """Have what workers that ended used counted, too; those that end soon after the command are waited for."""
    end = time.monotonic() + wait_s
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0] or time.monotonic() < end:
            time.sleep(0.01)


def spent() -> float:
    """Seconds of the processor of all that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def twice(steps: Path) -> Counter[str]:
    """Names of steps whose result was kept twice or more under one key; what replaces its former by design left out."""
    kept = Counter(line for line in steps.read_text().splitlines() if not line.endswith(" last"))
    return Counter({line.split(" ", 1)[1]: count - 1 for line, count in kept.items() if count > 1})


def timed(batch: Batch, *more: str) -> tuple[int, float, float]:
    """A whole run: its code, seconds of the clock and of the processor."""
    began, before = time.monotonic(), spent()
    code = batch.start(*more).wait()
    seconds = time.monotonic() - began
    reap(OTHERS_S)
    return code, seconds, spent() - before


def outcome_of(number: int) -> FileOutcome:
    """What a dub of one line comes to."""
    folder = Path("out") / f"e{number:04}"
    places = [folder / f"e{number:04}.{end}" for end in ("es.timeline.json", "master.json", "es.report.json")]
    figures = {"overlap": 0.9, "on_time": 98.4, "wer": 0.04, "dnsmos": 3.1, "loudness_lufs": -23.1}
    summary = Summary(
        lines=9, start_ms=(0, 20), talk_over_ms=0, fast_lines=0.0, max_rate=1.1, overflow=0,
        source_loudness_lufs=-23.0, true_peak_dbtp=-3.2, subtitles_all_pass={"es": 100.0, "en": 96.2}, **figures,
    )  # fmt: skip
    target = TargetResult("es", summary, folder / "e.es.wav", None, None, *places, subtitles={})
    warnings = tuple(RunWarning("subtitles_short", f"subtitles in en: {n} of 9 cues break a rule") for n in range(3))
    return FileOutcome(
        folder / "in.wav", state="ok", exit_code=0, seconds=0.75, made=9, hits=9, targets=(target,), warnings=warnings
    )


def write_reports(count: int) -> None:
    """Write the reports of a batch of so many films, and print what that takes."""
    found = [outcome_of(number) for number in range(count)]
    jobs = [Job(one.input, to=("es",)) for one in found]
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        board = Outcomes(Job(Path("in"), to=("es",)), jobs, Path(folder) / "batch.report.json")
        for number, one in enumerate(found):
            board.begin(number)
            board.publish()
            board.add(number, one)
        board.close()
        used = time.process_time() - before
        size = (Path(folder) / "batch.report.json").stat().st_size
    print(
        f"{count} films, a report of {size:,} bytes at the end: {used:.2f} CPU s, {used / count * 1000:.2f} ms a film"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--on", choices=tuple(WORKERS), default="local", help="by which workers")
    parser.add_argument("--reports", type=int, metavar="FILMS", help="only write the reports of so many films")
    asked = parser.parse_args()
    if asked.reports:
        return write_reports(asked.reports)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # workers of a command that was killed are children of this
    with tempfile.TemporaryDirectory() as name:
        batch = Batch(Path(name), asked.on)
        good, bad = make_season(batch.folder / "in", asked.files)
        began, before = time.monotonic(), spent()
        for share in (1, 2):
            process = batch.start()
            batch.wait_for(len(good) * share // 3, process)
            batch.kill_driver(process, f"driver killed, {share} of 2")
        process = batch.start()
        batch.wait_for(len(good) * 3 // 4, process)
        batch.kill_worker(process)
        code = process.wait()
        first = time.monotonic() - began
        reap(OTHERS_S)
        first_cpu = spent() - before
        found = batch.check("end", killed=False)
        right = {title for title, one in found.items() if one["state"] == "ok"}
        named = {title for title, one in found.items() if one["state"] == "failed" and title in one["error"]}
        died = "died" in (found[KILLER]["error"] or "")
        print(f"exit code {code}; {len(right & good)} of {len(good)} right, {len(right - good)} wrongly so")
        named |= {KILLER} if died else set()  # the report says so of its entry
        print(f"{len(named & bad)} of {len(bad)} bad ones named; killer: {found[KILLER]['error']}")
        print(f"steps kept twice: {dict(twice(batch.folder / 'steps')) or 'none'}")
        print(f"first: {first:.0f} s, {first_cpu:.0f} CPU s")
        for more in (("--retry-failed",), ()):
            code, seconds, cpu = timed(batch, *more)
            print(
                f"again {' '.join(more)}: exit code {code}, {seconds:.0f} s ({seconds / first:.1%}), "
                f"{cpu:.0f} CPU s ({cpu / first_cpu:.1%})"
            )
            batch.check("again", killed=False)
        for line in batch.wrong:
            print(f"WRONG: {line}")
        sys.exit(bool(batch.wrong) or right != good)


if __name__ == "__main__":
    main()
