"""What consent and proof cost: `python bench/consent.py [FILE]`.

Dubs FILE once with an empty store and once more with a full one, and prints the share of each run spent on asking for
grants, the ledger, the seals of the store and signing; then what checking one deliverable costs. A ratio is a ratio on
a busy machine too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parents[1] / "samples" / "episode.mp4"


class Meter:
    """Seconds spent inside functions, those within another counted once."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._depth = 0

    def watch(self, owner: Any, name: str, label: str) -> None:
        """Replace a function by itself and a clock."""
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            began = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.spent[label] = self.spent.get(label, 0.0) + time.perf_counter() - began

        setattr(owner, name, timed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=SAMPLE)
    source = parser.parse_args().file.absolute()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LOCALIZE_HOME": f"{folder}/home", "LOCALIZE_STORE": f"{folder}/store"}
        from localize import consent, pipeline, provenance
        from localize.consent import ledger
        from localize.delivery import deliverables
        from localize.job import Job
        from localize.runtime.store import Store

        meter = Meter()
        for owner, name, label in (
            (consent, "check", "grants"),
            (consent, "note_synthesis", "ledger"),
            (consent, "note_reused", "ledger"),
            (deliverables, "note_deliverable", "ledger"),
            (ledger, "append_all", "ledger"),
            (Store, "_seal", "seals"),
            (deliverables, "sign", "signing"),
        ):
            meter.watch(owner, name, label)
        job = Job(source, to=("es",), output=Path(folder) / "out")
        for said in ("empty store", "full store"):
            meter.spent.clear()
            began = time.perf_counter()
            result = pipeline.dub(job, pipeline.open_run())
            seconds = time.perf_counter() - began
            parts = ", ".join(f"{name} {spent:.2f} s" for name, spent in sorted(meter.spent.items()))
            share = 100 * sum(meter.spent.values()) / seconds
            print(f"{said}: {seconds:.1f} s, of which consent and proof {share:.2f} % ({parts})")
        began = time.perf_counter()
        checked = provenance.verify([Path(result["targets"][0]["video"])], consent.Home.open())
        print(f"verify: {time.perf_counter() - began:.2f} s, ok {checked[0].ok}")


if __name__ == "__main__":
    main()
