"""How many changes of the code tests noticed, by module: what `make mutants` found so far.

A change counts as noticed where a test fails on it or never ends. What no fast unit test calls, and what survived, is
not; what was not tried yet counts neither way. `mutmut show NAME` prints one change, `mutmut results` names those that
were not noticed.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.stats import status_by_exit_code

NOTICED = ("killed", "timeout", "segfault", "caught by type check")
MISSED = ("survived", "no tests", "suspicious")


def counts(path: str) -> Counter[str]:
    """Outcome -> changes of one module."""
    found = SourceFileMutationData(path=Path(path))
    found.load()
    return Counter(status_by_exit_code[code] for code in found.exit_code_by_key.values())


def score(outcomes: Counter[str]) -> str:
    """Noticed changes in percent of those that were tried; "-" where none was."""
    noticed, missed = (sum(outcomes[status] for status in group) for group in (NOTICED, MISSED))
    return f"{100 * noticed / (noticed + missed):.1f}" if noticed + missed else "-"


def main() -> int:
    """Print a table, the whole in its last row."""
    rows = {path: counts(path) for path in config().only_mutate}
    rows["together"] = sum(rows.values(), Counter())
    if not rows["together"]:
        print("nothing was changed yet: run make mutants", file=sys.stderr)
        return 1
    print(f"{'module':36}{'score %':>9}{'noticed':>9}{'survived':>9}{'no tests':>9}{'to do':>9}")
    for path, outcomes in rows.items():
        noticed = sum(outcomes[status] for status in NOTICED)
        missed = sum(outcomes[status] for status in MISSED) - outcomes["no tests"]
        left = outcomes.total() - noticed - missed - outcomes["no tests"]
        figures = (score(outcomes), noticed, missed, outcomes["no tests"], left)
        print(f"{path:36}" + "".join(f"{figure:>9}" for figure in figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
