"""What consent and proof cost: `python bench/consent.py [FILE]`.

Dubs FILE once with an empty store and once more with a full one, and prints which share of each run's processor time
went into asking for grants, the ledger, hashes, the seals of the store, and signing; then what checking one deliverable
costs. Processor time, so that a busy machine shows the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parents[1] / "samples" / "episode.mp4"


class Meter:
    """Processor seconds spent inside functions, those within another counted once, for the outer one."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._depth = 0

    def watch(self, function: Callable[..., Any], label: str) -> None:
        """Replace a function by itself and a clock, wherever a module of the product holds it."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            began = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.spent[label] = self.spent.get(label, 0.0) + time.process_time() - began

        held = 0
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == "localize":
                for attribute in [a for a, value in vars(module).items() if value is function]:
                    setattr(module, attribute, timed)
                    held += 1
        if not held:
            raise SystemExit(f"no module holds {function.__qualname__} any more: mend this bench")

    def watch_method(self, owner: type, name: str, label: str) -> None:
        """The same for a method."""
        inner = getattr(owner, name)
        holder = type(sys)("localize.watched")
        holder.method = inner  # type: ignore[attr-defined]
        sys.modules["localize.watched"] = holder
        self.watch(inner, label)
        setattr(owner, name, holder.method)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=SAMPLE)
    source = parser.parse_args().file.absolute()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LOCALIZE_HOME": f"{folder}/home", "LOCALIZE_STORE": f"{folder}/store"}
        from localize import consent, pipeline, provenance
        from localize.consent import ledger
        from localize.consent.grants import check, confirm, revocations
        from localize.job import Job
        from localize.runtime.files import sha256_of
        from localize.runtime.store import Store

        meter = Meter()
        for function, label in (
            (check, "grants"),
            (confirm, "grants"),
            (revocations, "grants"),
            (consent.note_synthesis, "ledger"),
            (consent.note_reused, "ledger"),
            (consent.note_deliverable, "ledger"),
            (ledger.append_all, "ledger"),
            (ledger.append, "ledger"),
            (ledger.follow, "ledger"),
            (ledger.anchor, "ledger"),
            (sha256_of, "hashes"),
            (provenance.sign, "signing"),
        ):
            meter.watch(function, label)
        meter.watch_method(Store, "_seal", "seals")
        meter.watch_method(consent.Grant, "read", "grants")
        meter.watch_method(consent.Grant, "prove", "grants")
        job = Job(source, to=("es",), output=Path(folder) / "out")
        for said in ("empty store", "full store"):
            meter.spent.clear()
            began = time.process_time()
            result = pipeline.dub(job, pipeline.open_run())
            seconds = time.process_time() - began
            parts = ", ".join(f"{name} {spent:.2f} s" for name, spent in sorted(meter.spent.items()))
            share = 100 * sum(meter.spent.values()) / seconds
            print(f"{said}: {seconds:.1f} s, of which consent and proof {share:.2f} % ({parts})", flush=True)
        began = time.process_time()
        checked = provenance.verify([Path(result["targets"][0]["video"])], consent.Home.open())
        print(f"verify: {time.process_time() - began:.2f} s, ok {checked[0].ok}")


if __name__ == "__main__":
    main()
