"""How long work stood still because other programs had the processors.

Linux says of every thread how long it ran and how long it waited for a processor while it could have run
(Documentation/scheduler/sched-stats.rst, /proc/<pid>/task/<tid>/schedstat). Elsewhere nothing is known, and nothing
counts as standing still.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from .device import cpu_count, cpu_seconds

_TASKS = Path("/proc/self/task")
_NS = 1e9


@dataclass(frozen=True, slots=True)
class Usage:
    """What this process has used until a moment.

    Args:
        clock_s: seconds on a clock that never goes back.
        cpu_s: processor time, of all threads and of programs that were started and that ended.
        threads: number of a thread -> nanoseconds that it ran, and that it waited for a processor.
    """

    clock_s: float
    cpu_s: float
    threads: dict[int, tuple[int, int]]


def usage_so_far() -> Usage:
    """What this process has used until now."""
    threads: dict[int, tuple[int, int]] = {}
    try:
        for task in _TASKS.iterdir():
            try:
                ran, waited, *_ = (task / "schedstat").read_text("ascii").split()
                threads[int(task.name)] = int(ran), int(waited)
            except (OSError, ValueError):
                continue  # the thread ended meanwhile
    except OSError:
        pass
    return Usage(time.monotonic(), cpu_seconds(), threads)


def held_up_seconds(before: Usage, after: Usage) -> float:
    """Seconds between two moments in which the work stood still for want of a processor."""
    grown = [
        (ran - before.threads.get(thread, (0, 0))[0], waited - before.threads.get(thread, (0, 0))[1])
        for thread, (ran, waited) in after.threads.items()
    ]
    ran_s, waited_s = (sum(max(0, values) for values in column) / _NS for column in zip(*grown)) if grown else (0, 0)
    return held_up(after.clock_s - before.clock_s, after.cpu_s - before.cpu_s, ran_s, waited_s, cpu_count())


def held_up(seconds: float, cpu_s: float, ran_s: float, waited_s: float, processors: int) -> float:
    """The same from its parts.

    Threads that wait twice as long as they run take three times as long. They did not stand still for longer than they
    waited, all together; and what they took of the processors could not have been done in less than its part of all
    processors, however many threads waited for each other.

    Args:
        seconds: that the work took.
        cpu_s: processor time of the work, of programs that it started too.
        ran_s: that its threads ran, as far as the system says.
        waited_s: that those waited for a processor.
        processors: there are.
    """
    if ran_s <= 0:
        return 0.0
    ratio = waited_s / ran_s
    lost = min(cpu_s * ratio, seconds * ratio / (1 + ratio))
    return max(0.0, min(lost, seconds - cpu_s / max(1, processors)))
