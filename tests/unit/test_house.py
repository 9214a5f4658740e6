"""The shape of the house: few modules at the top, no long file without a reason, short functions, names that say what.

Which room may import which, and that nothing goes round in a circle, is in pyproject.toml (`lint-imports`).
"""

from __future__ import annotations

import ast
import os
import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "localize"
ROOTS = ("localize", "tests", "bench", "tools", "samples")
CODE = [path for root in ROOTS for path in sorted((REPOSITORY / root).rglob("*.py"))]
LONG = 400
REASON = re.compile(r"(?:over|more than) 400 lines(?:: |, since |, because )", re.IGNORECASE)
"""How the first lines of a long file say why it is one."""
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "tools", "base"}
"""Names that say nothing of what is in a module."""


def functions() -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def test_few_modules_stand_at_the_top() -> None:
    assert len(modules := [path.name for path in PACKAGE.glob("*.py")]) <= 12, sorted(modules)


@pytest.mark.costly
@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_a_long_file_says_why(path: Path) -> None:
    text = path.read_text("utf-8")
    length = len(text.splitlines())
    assert length <= LONG or REASON.search((ast.get_docstring(ast.parse(text)) or "")[:1000]), (
        f"{length} lines: split it by subject, or say why in its docstring"
    )


@pytest.mark.costly
def test_half_of_the_functions_have_at_most_nine_lines() -> None:
    lengths = [node.end_lineno - node.lineno + 1 for node in functions() if node.end_lineno]
    assert len(lengths) > 1000
    assert statistics.median(lengths) <= 9


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for path in PACKAGE.rglob("*.py") for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert not names & VAGUE


def test_the_import_contract_excuses_nothing() -> None:
    """What `lint-imports` checks: every room, every import, those for annotations too."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert not settings.get("exclude_type_checking_imports")
    contracts = {contract["type"]: contract for contract in settings["contracts"]}
    assert not any("ignore_imports" in contract or "skip_descendants" in contract for contract in contracts.values())
    assert contracts["layers"]["exhaustive"]
    assert not any("|" in layer or ":" in layer for layer in contracts["layers"]["layers"])
    assert set(contracts["acyclic_siblings"]["ancestors"]) == set(settings["root_packages"])


def test_no_two_test_files_outside_packages_have_one_name() -> None:
    """Python knows a test outside a package by its name alone: of two with one name pytest reads only one."""
    found = [path for path in (REPOSITORY / "tests").rglob("test_*.py") if not (path.parent / "__init__.py").exists()]
    names = [path.name for path in found]
    assert found
    assert {name for name in names if names.count(name) > 1} == set()


@pytest.mark.xdist_group("house")
def test_tests_of_a_group_stay_on_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist tells its scheduler by the test's id; a pytest that lets it change none says nothing of it."""
    if "PYTEST_XDIST_WORKER" not in os.environ or not request.config.option.loadgroup:
        pytest.skip("these tests are not spread over workers by their groups")
    assert request.node.nodeid.endswith("@house"), "groups are ignored: install pytest<9.2, as pyproject.toml says"
