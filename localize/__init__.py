"""AI dubbing and subtitling: isochronous dubs, voices used only under a grant, signed and measured results.

    from pathlib import Path
    import localize

    run = localize.open_run()
    result = localize.dub(localize.Job(Path("episode.mp4"), to=("es",)), run)

Everything here is loaded when it is first used; `import localize` itself costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .runtime.version import __version__

if TYPE_CHECKING:
    from .errors import ConsentError, EngineError, LocalizeError, MediaError, QualityError, StoreError, UsageError
    from .events import Run
    from .job import Job
    from .pipeline import dub, open_run, subtitle

# Modules that are gone, under their former names: found last, and not before somebody asks for one.
__path__.append(f"{__path__[0]}/deprecated")

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
