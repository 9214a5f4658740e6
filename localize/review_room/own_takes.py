"""Lines that a person records on the page: whose voice it may be, what is kept, and that consent holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import consent
from ..errors import UsageError
from ..events import Run
from ..job import Job
from ..review import Event, keep_take, review_path, takes_folder


def recorded_people(home: consent.Home) -> list[str]:
    """The voices of people, whose recordings can be heard; those of them that were revoked are left out."""
    return sorted(card.voice.id for card in consent.unrevoked(home) if not card.licensed)


def upload_take(run: Run, folder: Path, title: str, data: bytes) -> dict[str, Any]:
    """Check and keep a recording; raises as `keep_take`."""
    found = keep_take(run.store, review_path(folder), title, data)
    return {"take": found.file, "length_ms": found.length_ms, "clipped": found.clipped}


def require_takes(run: Run, folder: Path, title: str, job: Job | None, decisions: Sequence[Event]) -> None:
    """Refuse recordings that are not there, and such as their person does not allow to be heard in this title. A guide
    is not heard, and needs nobody's leave.

    Raises:
        UsageError: one was not uploaded.
        ConsentError: no grant covers it; the ledger has every answer.
    """
    takes = [decision for decision in decisions if decision.kind == "own_take"]
    for take in (*takes, *(decision for decision in decisions if decision.kind == "guide_take")):
        if not (takes_folder(review_path(folder), title) / f"{take.take}.wav").is_file():
            raise UsageError(f"the recording of {take.line} was not uploaded: send it first")
    for take in takes:
        tag = take.language if job is None else job.spoken_tag(take.language)
        purpose = "dub" if job is None else job.purpose
        consent.check(run.home, [consent.Request(take.voice or "", take.line, tag, title, purpose, recorded=True)])
