"""Recordings of which somebody knows who says what: nothing is said that nobody said, the dub is understood, and each
person and language is kept. The others of `tests/known_recordings.py` are dubbed by `python bench/recordings.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from localize import open_run
from localize.events import Run
from tests.known_recordings import ROWS, Row, dub_row

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.xdist_group("recordings")]
DUBBED = ("r2.flac", "r4.flac", "r5.flac", "r7.flac")
"""A murmur, two who speak at once, another language in the middle, a language that nobody translates."""


@pytest.fixture(scope="module")
def before() -> list[Run]:
    """The run of the row before, whose engines stay loaded."""
    return []


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in DUBBED], ids=lambda row: row.name)
def test_a_recording_is_dubbed_as_it_is_said(row: Row, before: list[Run], shared: Path, tmp_path: Path) -> None:
    run = open_run(before=before[0] if before else None, keep_engines=True)
    before[:] = [run]
    found = dub_row(row, run, shared / "cases" / "media", tmp_path / "out")
    assert found.faults == ()
