"""What a run costs, stage by stage: a table for people, and a trace for a browser (`--profile-run`)."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LocalizeError
from ..events import Event, Finished, Listener, Progress, Started
from ..runtime.files import write_json

if TYPE_CHECKING:
    from ..runtime.store import StepCall, Store


class RunProfile:
    """Passes events on and keeps what they cost.

    Args:
        listener: receives every event.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._began = time.perf_counter()
        self._open: dict[str, int] = {}
        self._events: list[dict[str, Any]] = []
        self.stages: list[Finished] = []

    def __call__(self, event: Event) -> None:
        """Keep an event's time and pass it on."""
        at = round((time.perf_counter() - self._began) * 1e6)
        match event:
            case Started(stage):
                self._open[stage] = at
            case Progress(stage, done, total):
                self._keep("C", stage, at, {"done": done, "of": total})
            case Finished(stage):
                self.stages.append(event)
                start = self._open.pop(stage, at)
                costs = {
                    "language": event.language, "cpu_s": round(event.cpu_seconds, 3), "peak_mb": event.peak_mb,
                    "made": event.made, "hits": event.hits,
                }  # fmt: skip
                self._keep("X", stage, start, costs, dur=at - start)
        self._listener(event)

    def _keep(self, kind: str, name: str, at: int, costs: dict[str, Any], **more: int) -> None:
        self._events.append({"name": name, "ph": kind, "ts": at, "pid": os.getpid(), "tid": 1, "args": costs, **more})

    def write_trace(self, path: Path, calls: Sequence[StepCall] = ()) -> None:
        """Write the events as JSON that chrome://tracing and Perfetto read (Trace Event Format, Google, 2016; times in
        microseconds).

        Args:
            path: of the file.
            calls: the steps that were made, a row for each thread below the stages.

        Raises:
            StoreError: it cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = {thread: row for row, thread in enumerate(dict.fromkeys(call.thread for call in calls), 2)}
        made = [
            {
                "name": call.step.removeprefix("localize."), "ph": "X", "pid": os.getpid(), "tid": rows[call.thread],
                "ts": round((call.began - self._began) * 1e6), "dur": round((call.ended - call.began) * 1e6),
                "args": {},
            }
            for call in calls
        ]  # fmt: skip
        write_json(path, {"displayTimeUnit": "ms", "traceEvents": [*self._events, *made]})

    @contextmanager
    def told(self, path: Path | None, store: Store, say: Callable[[str], None]) -> Iterator[None]:
        """Write the trace and say the table when the block ends, however it does; what ended it is what is raised.

        Args:
            path: of the trace; None for nothing of this.
            store: that made the steps.
            say: called with each line of the table.

        Raises:
            StoreError: the block ended well, and the trace cannot be written.
        """
        try:
            yield
        except BaseException:
            with suppress(LocalizeError, OSError):
                self._tell(path, store, say)
            raise
        self._tell(path, store, say)

    def _tell(self, path: Path | None, store: Store, say: Callable[[str], None]) -> None:
        if path is not None:
            self.write_trace(path, store.calls)
            for line in self.table(store.calls):
                say(line)

    def table(self, calls: Sequence[StepCall] = ()) -> list[str]:
        """Lines for people: each stage, then all, and how long several of the steps `calls` were made at once."""
        shown = [_row(f"{s.stage} {s.language}".strip(), s) for s in self.stages]
        whole = Finished(
            "all", sum(s.seconds for s in self.stages), sum(s.hits for s in self.stages),
            sum(s.made for s in self.stages), "", sum(s.cpu_seconds for s in self.stages),
            max((s.peak_mb for s in self.stages), default=0),
        )  # fmt: skip
        head = f"{'stage':<16}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'made':>7}{'hits':>7}"
        any_s, several_s = seconds_at_work(calls)
        beside = [f"{several_s:.1f} of {any_s:.1f} s with two or more steps at work"] if any_s else []
        return [head, *shown, _row("all", whole), *beside]


def seconds_at_work(calls: Sequence[StepCall]) -> tuple[float, float]:
    """How long any step was made, and how long two or more were, in seconds of a clock.

    Args:
        calls: the steps; what a step calls in its own thread counts as that step.
    """
    threads: Counter[int] = Counter()
    any_s = several_s = before = 0.0
    edges = [(call.began, 1, call.thread) for call in calls] + [(call.ended, -1, call.thread) for call in calls]
    for at, change, thread in sorted(edges):
        working = sum(count > 0 for count in threads.values())
        any_s += (at - before) * (working > 0)
        several_s += (at - before) * (working > 1)
        threads[thread] += change
        before = at
    return any_s, several_s


def _row(name: str, cost: Finished) -> str:
    return f"{name:<16}{cost.seconds:9.1f}{cost.cpu_seconds:9.1f}{cost.peak_mb:10}{cost.made:7}{cost.hits:7}"
