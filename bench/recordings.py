"""Recordings whose words somebody knows, dubbed to Spanish: `python bench/recordings.py [--media FOLDER] [NAME …]`.

Prints for each recording of `tests/known_recordings.py` who was heard, how many words of the source were missed or
invented, how many of the dub's words a recogniser hears otherwise, what was told, and what is not as it should be. NAME
is a part of a recording's name or of the given translation's; all are dubbed without one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from localize import open_run  # noqa: E402
from tests.known_recordings import ROWS, Outcome, Row, dub_row  # noqa: E402


def main() -> None:
    """Print a row for every recording."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--media", type=Path, default=ROOT.parent / "shared" / "cases" / "media")
    asked = parser.parse_args()
    rows = [row for name in asked.names for row in ROWS if name in row.title] if asked.names else ROWS
    print(f"{'recording':<24}{'people':<10}{'missed':>7}{'invented':>9}{'misheard':>9}  told; not as it should be")
    run, right, began = None, 0, time.process_time()
    for row in rows:
        run = open_run(before=run, keep_engines=True)
        with tempfile.TemporaryDirectory() as folder:
            found = dub_row(row, run, asked.media, Path(folder) / "out")
        right += not found.faults
        _print(row, found)
    print(
        f"{right} of {len(rows)} as they should be; {time.process_time() - began:.0f} s of CPU here, without ffmpeg's"
    )


def _print(row: Row, found: Outcome) -> None:
    misheard = "-" if found.misheard is None else f"{100 * found.misheard:.1f} %"
    told = ", ".join(sorted(found.told)) or "refused" * bool(row.refused)
    faults = f"; WRONG: {'; '.join(found.faults)}" if found.faults else ""
    print(
        f"{row.title:<24}{found.people:<10}{found.missed:>7}{found.invented:>9}{misheard:>9}  {told}{faults}",
        flush=True,
    )


if __name__ == "__main__":
    main()
