"""What a worker of a batch is told: where the run lies that it shares with the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..consent import Home
from ..events import Run
from ..models import Models
from ..provenance import Signer
from ..runtime.device import Device
from ..runtime.remote import Remote
from ..runtime.store import Store

DIED = "the worker that dubbed it died, which mostly means that memory ran out: give fewer --jobs"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Folders, device and signer with which a worker opens the same run as the command."""

    store: Path
    remote: Remote | None
    home: Path
    models: Path
    device: Device
    signer: Signer | None

    def open(self) -> Run:
        """A run on these places."""
        models = Models(self.models, home=self.home, device=self.device)
        run = Run(Store(self.store, remote=self.remote), Home.open(self.home), models, signer=self.signer)
        run.hear_store()
        return run
