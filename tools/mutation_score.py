"""Change the code in one place at a time and see whether a test notices: `make mutants`, and how many were noticed.

Of each module in `[tool.mutmut]` the same changes are tried every time: those whose name has the lowest SHA-256, which
leans to none, and to which a new function adds. A change is judged by those of the fast unit tests in
`pytest_add_cli_args_test_selection` that call the changed function. It counts as noticed where one of them fails on it
or never ends; what none of them calls, and what survived, is missed.

    python tools/mutation_score.py           what is known so far, as a table for docs/architecture.md
    python tools/mutation_score.py --each 40 try 40 of each module first, but for those noticed before
    python tools/mutation_score.py --missed  the missed ones, each as a diff
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.stats import status_by_exit_code

NOTICED = ("killed", "timeout", "segfault", "caught by type check")
MISSED = ("survived", "no tests", "suspicious")


def outcomes(path: str) -> dict[str, str]:
    """Name -> outcome of each change of one module."""
    found = SourceFileMutationData(path=Path(path))
    found.load()
    return {name: status_by_exit_code[code] for name, code in found.exit_code_by_key.items()}


def sample(path: str, each: int) -> list[str]:
    """The changes of one module that are tried, but for those a test noticed before."""
    known = outcomes(path)
    ordered = sorted(known, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return [name for name in ordered[:each] if known[name] not in NOTICED]


def write_mutants() -> None:
    """The changed code, into the folder mutants/ beside the checkout's own; as `mutmut run` begins."""
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.create_mutants(1)


def try_mutants(each: int) -> int:
    """Run the tests on up to so many changes of each module; answers mutmut's exit code."""
    write_mutants()
    names = [name for path in config().only_mutate for name in sample(path, each)]
    if not names:
        return 0
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "1", *names]
    return subprocess.run(command, check=False).returncode


def table() -> str:
    """In Markdown: a row for each module, the whole in the last."""
    rows = {path: Counter(outcomes(path).values()) for path in config().only_mutate}
    rows["together"] = sum(rows.values(), Counter())
    lines = ["| module | possible | tried | noticed | score |", "|---|--:|--:|--:|--:|"]
    for path, counts in rows.items():
        noticed, missed = (sum(counts[status] for status in group) for group in (NOTICED, MISSED))
        tried = noticed + missed
        share = f"{100 * noticed / tried:.1f} %" if tried else "-"
        lines.append(f"| {path} | {counts.total()} | {tried} | {noticed} | {share} |")
    return "\n".join(lines)


def main() -> int:
    """Print the table, or the missed changes."""
    parser = argparse.ArgumentParser(description="Do tests notice a change of the code?")
    parser.add_argument("--each", type=int, help="try so many changes of each module first")
    parser.add_argument("--missed", action="store_true", help="print each missed change as a diff")
    given = parser.parse_args()
    if given.each and (failed := try_mutants(given.each)):
        return failed
    if not any(outcomes(path) for path in config().only_mutate):
        print("nothing was changed yet: run make mutants", file=sys.stderr)
        return 1
    if not given.missed:
        print(table())
        return 0
    for path in config().only_mutate:
        for name, outcome in outcomes(path).items():
            if outcome in MISSED:
                print(f"# {name}: {outcome}\n{get_diff_for_mutant(name, path=Path(path))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
