"""Where the source speaks: the whole way from file to phrases, against labels that people made."""

from __future__ import annotations

import importlib.util
import statistics
from pathlib import Path
from typing import Any

import pytest

from localize.engines import load
from localize.events import Run, silent
from localize.models import Models

ROOT = Path(__file__).parents[2]
MEDIA = ROOT.parent / "shared" / "media"
BENCH = ROOT / "bench" / "phrases.py"

pytestmark = pytest.mark.skipif(
    not (MEDIA / "3_alignment").is_dir(), reason="no labelled recordings at ../shared/media"
)


@pytest.fixture(scope="module")
def bench() -> Any:
    spec = importlib.util.spec_from_file_location("phrases_bench", BENCH)
    assert spec is not None
    assert spec.loader is not None
    import sys

    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_phrases_begin_and_end_where_people_hear_them(bench: Any, tmp_path: Path) -> None:
    """Starts within 40 ms in the median and 120 at worst, ends within 60 and 180, every pause of 250 ms found."""
    run = Run(bench.Store(tmp_path), bench.consent.Home.open(tmp_path / "home"), Models(), silent)
    recogniser = load("recogniser", "faster_whisper", run.models)
    starts: list[int] = []
    ends: list[int] = []
    for case in bench.cases(MEDIA):
        found = bench.phrases(run, recogniser, case.path)
        more_starts, more_ends = bench.edges(list(case.truth), found)
        starts += [abs(e) for e in more_starts]
        ends += [abs(e) for e in more_ends]
        if case.labels_pauses:
            wanted = bench.pauses(list(case.truth), bench.PAUSE_MS)
            heard = bench.pauses(found, 1)
            assert all(bench.meet(pause, heard) for pause in wanted), case.name
    assert statistics.median(starts) <= 40
    assert statistics.median(ends) <= 60
    assert max(starts) <= 120
    assert max(ends) <= 180
