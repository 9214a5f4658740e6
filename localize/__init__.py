"""AI dubbing and subtitling: isochronous dubs, voices used only under a grant, signed and measured results.

    from pathlib import Path
    import localize

    run = localize.open_run()
    result = localize.dub(localize.Job(Path("episode.mp4"), to=("es",)), run)

Everything here is loaded when it is first used; `import localize` itself costs nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import ConsentError, EngineError, LocalizeError, MediaError, QualityError, StoreError, UsageError
    from .events import Run
    from .job import Job
    from .pipeline import dub, open_run, subtitle

__version__ = "0.1.0"

# Matrix products are rounded differently by different numbers of threads, and a recogniser can turn that into another
# word: the same film must give the same dub on any machine. Engines that are worth threads have threads of their own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__all__ = [
    "ConsentError",
    "EngineError",
    "Job",
    "LocalizeError",
    "MediaError",
    "QualityError",
    "Run",
    "StoreError",
    "UsageError",
    "__version__",
    "dub",
    "open_run",
    "subtitle",
]

_HOMES = {"Job": "job", "Run": "events", "dub": "pipeline", "open_run": "pipeline", "subtitle": "pipeline"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
