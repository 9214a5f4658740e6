"""Who works on a job, and what is refused before anybody does."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("ctranslate2")
pytest.importorskip("sentencepiece")

from localize.crew import assemble
from localize.errors import UsageError
from localize.events import Run
from localize.job import Job


def test_a_register_that_no_model_knows_is_refused_before_any_work(run: Run) -> None:
    job = Job(Path("film.mp4"), to=("es",), source_language="en", registers={"S1": "majestic"})
    with pytest.raises(UsageError, match="majestic"):
        assemble(job, run, hears=False, speaks=False)


def test_a_job_without_registers_needs_none(run: Run) -> None:
    job = Job(Path("film.mp4"), to=("es",), source_language="en")
    assert ("en", "es") in assemble(job, run, hears=False, speaks=False).translator("en", "es").pairs
