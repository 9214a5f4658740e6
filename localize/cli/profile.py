"""What a run costs, stage by stage: a table for people, and a trace for a browser (`--profile-run`)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ..events import Event, Finished, Listener, Progress, Started
from ..runtime.files import write_json


class RunProfile:
    """Passes events on and keeps what they cost.

    Args:
        listener: receives every event.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._began = time.monotonic()
        self._open: dict[str, int] = {}
        self._events: list[dict[str, Any]] = []
        self.stages: list[Finished] = []

    def __call__(self, event: Event) -> None:
        """Keep an event's time and pass it on."""
        at = round((time.monotonic() - self._began) * 1e6)
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

    def write_trace(self, path: Path) -> None:
        """Write the events as JSON that chrome://tracing and Perfetto read (Trace Event Format, Google, 2016; times in
        microseconds).

        Raises:
            StoreError: it cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {"displayTimeUnit": "ms", "traceEvents": self._events})

    def table(self) -> list[str]:
        """Lines for people: each stage, then all."""
        shown = [_row(f"{s.stage} {s.language}".strip(), s) for s in self.stages]
        whole = Finished(
            "all", sum(s.seconds for s in self.stages), sum(s.hits for s in self.stages),
            sum(s.made for s in self.stages), "", sum(s.cpu_seconds for s in self.stages),
            max((s.peak_mb for s in self.stages), default=0),
        )  # fmt: skip
        head = f"{'stage':<16}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'made':>7}{'hits':>7}"
        return [head, *shown, _row("all", whole)]


def _row(name: str, cost: Finished) -> str:
    return f"{name:<16}{cost.seconds:9.1f}{cost.cpu_seconds:9.1f}{cost.peak_mb:10}{cost.made:7}{cost.hits:7}"
