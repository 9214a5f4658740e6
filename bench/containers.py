"""Dub more than two hundred films of four seconds, in every container and with every fault of its clock; print a table.

    python bench/containers.py            # all
    python bench/containers.py mkv hole   # those whose name has every word

`tests/film_matrix.py` says which films and what must hold; `make test` dubs two hundred of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from localize.consent import Home  # noqa: E402
from localize.events import Run  # noqa: E402
from localize.models import Models  # noqa: E402
from localize.runtime.store import Store  # noqa: E402
from tests.film_matrix import SEPARATING, Case, Outcome, cases, dub, make  # noqa: E402


def main(words: list[str]) -> None:
    """Dub the films whose name has every word."""
    for name in SEPARATING:
        sys.modules[name].package_version = lambda _name: ""  # type: ignore[attr-defined]
    count: Counter[str] = Counter()
    began = time.process_time()
    print(f"{'film':<52}{'becomes':<8}{'lag':>6}{'line':>6}{'sound':>7}  {'picture':<9}{'told':<22}not as it should be")
    for case in cases():
        if all(word in case.name for word in words):
            found = _try(case)
            count["made" if found else "cannot be made here"] += 1
            if found:
                count[found.picture or "no film"] += 1
                count["not as it should be"] += bool(found.faults)
                _row(case, found)
    print(f"{dict(count)}; {time.process_time() - began:.0f} s of CPU here, without ffmpeg's")


def _try(case: Case) -> Outcome | None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run = Run(Store(folder / "store"), Home.open(folder / "home"), Models(), lambda _event: None)
        try:
            film = make(case, folder)
        except subprocess.CalledProcessError as error:
            print(f"{case.name:<52}cannot be made: {error.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
            return None
        try:
            return dub(case, film, run, folder)
        except Exception as error:  # a bench says what failed, and goes on
            traceback.print_exc(limit=-3)
            return Outcome(faults=(f"{type(error).__name__}: {error}",))


def _row(case: Case, found: Outcome) -> None:
    figures = [found.lag_ms, found.line_ms, found.picture_ms]
    cells = "".join(f"{'-' if n is None else f'{n:g}':>{w}}" for n, w in zip(figures, (6, 6, 7)))
    faults = "; ".join(found.faults)
    print(f"{case.name:<52}{found.film:<8}{cells}  {found.picture:<9}{','.join(found.told):<22}{faults}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
