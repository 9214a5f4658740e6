"""What is asked for a film of a batch, and which files those are, each in one digest."""

from __future__ import annotations

import hashlib
import json

from ..delivery.kept_files import mark_of
from ..job import Job, request_json
from ..runtime.files import file_identity
from ..runtime.records import to_json


def request_digest(job: Job) -> str:
    """A digest of what is asked for a film: its settings, and time and content (ends) of each file they name, but for
    the cast, to which every film of a series adds. No inode: each machine may number those of a shared disk anew.
    """
    asked = {key: value for key, value in request_json(job, "").items() if key != "cast"}
    there = [(str(p.resolve()), p.stat().st_mtime_ns, to_json(mark_of(p))) for p in job.read_files if p.exists()]
    text = json.dumps([asked, job.strict, there], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def files_identity(job: Job) -> str:
    """A digest of which files those of a request are: number, size and time of change, which nobody but the system
    sets. A film that was changed in its middle has another; so has one that was copied, or lies on another machine.
    """
    there = [(str(p.resolve()), file_identity(p)) for p in job.read_files if p != job.cast and p.exists()]
    return hashlib.sha256(json.dumps(there).encode("utf-8", "surrogatepass")).hexdigest()
