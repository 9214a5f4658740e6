"""Run `localize` in a process of its own, and say what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command printed with `--json`, and what its process cost.

    Args:
        result: what it printed.
        seconds: on the clock, from start to end of the process.
        cpu_seconds: of all threads and of the programs it started.
        peak_mb: of memory, MiB.
        load: of the machine when it ended, see getloadavg(3).
    """

    result: dict[str, Any]
    seconds: float
    cpu_seconds: float
    peak_mb: int
    load: float


def weigh(folder: Path, *arguments: str | Path, cores: Collection[int] = ()) -> Cost:
    """Run a command with the store and the home of a folder.

    Args:
        folder: is made where it is absent; the command runs in it.
        arguments: of `localize`; `-q` and `--json` are added.
        cores: those it may use; none for all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LOCALIZE_STORE": str(folder / "store"), "LOCALIZE_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "localize", *map(str, arguments), "-q", "--json"]
    printed = folder / "result.json"
    own = os.sched_getaffinity(0)
    began = time.monotonic()
    try:
        os.sched_setaffinity(0, cores or own)  # a child has those of who starts it
        with printed.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, env=environment, cwd=folder)
    finally:
        os.sched_setaffinity(0, own)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    result = json.loads(printed.read_text("utf-8"))
    return Cost(result, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, os.getloadavg()[0])
