"""Faults put into a dub, as a table says: what is left, what is said, and that the same command makes it whole."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fault_stand import Fault, Left, Stand

TABLE: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "faults.toml").read_text("utf-8"))
ALL = bool(os.environ.get("LOCALIZE_FAULTS"))
"""`LOCALIZE_FAULTS=all`: the rows marked as long, too."""
NAMES = {field.name for field in fields(Fault)}
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    made = Stand(tmp_path_factory.mktemp("stand"))
    yield made
    made.close()


def test_every_row_says_what_it_puts_in() -> None:
    for name, row in TABLE.items():
        assert set(row) <= NAMES | {"code", "says", "warns", "again", "ledger", "long"}, name
        assert Fault(**{key: row[key] for key in row if key in NAMES}) != Fault(), name


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if ALL or not row.get("long")])
def test_after_a_fault_nothing_is_lost(stand: Stand, name: str) -> None:
    row = TABLE[name]
    left = stand.put_in(Fault(**{key: row[key] for key in row if key in NAMES}))
    if isinstance(left, str):
        pytest.skip(left)
    assert left.code == row["code"], left
    assert re.search(row.get("says", ""), left.said), left
    assert left.lines == (1 if left.code > 0 else 0), left
    assert re.search(row.get("warns", ""), left.warned), left
    holds(left, row.get("again", 0), row.get("ledger", ""))


def holds(left: Left, again: int, ledger: str) -> None:
    """What must be so after every fault."""
    assert left.halves == [], left
    assert bool(left.ledger) == bool(ledger), left
    assert re.search(ledger, left.ledger), left
    assert left.orphans == [], left
    assert left.again == again, left
    if not again:
        assert left.differs == [], left
        assert left.drafts == [], left
