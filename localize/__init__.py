"""AI dubbing and subtitling: isochronous dubs, voices used only under a grant, signed and measured results.

    from pathlib import Path
    import localize

    run = localize.open_run()
    result = localize.dub(localize.Job(Path("episode.mp4"), to=("es",)), run)

Everything here is loaded when it is first used; `import localize` itself costs nothing.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from .runtime.version import __version__

if sys.platform == "win32":
    raise ImportError("localize runs on Linux and macOS; on Windows, install it in WSL 2 (Ubuntu)")

if TYPE_CHECKING:
    from . import subtitles
    from .batches import batch
    from .batches.outcomes import BatchReport
    from .delivery.explain import Explanation, explain
    from .delivery.hls import package
    from .delivery.packaging import Presentation
    from .delivery.player import package_player
    from .delivery.results import DubPlan, DubResult, SubtitleResult
    from .delivery.verification import verify
    from .engines.phonemes import Pronounced, pronounce
    from .errors import ConsentError, EngineError, LocalizeError, MediaError, QualityError, StoreError, UsageError
    from .events import Run, print_progress
    from .job import Job
    from .pipeline import dry_run, dub, open_run
    from .provenance.checks import Checked
    from .subtitles import lint
    from .subtitles.check import CheckedFile
    from .subtitling import subtitle

# Modules that are gone, under their former names: found last, and not before somebody asks for one.
__path__.append(f"{__path__[0]}/deprecated")

__all__ = [
    "BatchReport",
    "Checked",
    "CheckedFile",
    "ConsentError",
    "DubPlan",
    "DubResult",
    "EngineError",
    "Explanation",
    "Job",
    "LocalizeError",
    "MediaError",
    "Presentation",
    "Pronounced",
    "QualityError",
    "Run",
    "StoreError",
    "SubtitleResult",
    "UsageError",
    "__version__",
    "batch",
    "dry_run",
    "dub",
    "explain",
    "lint",
    "open_run",
    "package",
    "package_player",
    "print_progress",
    "pronounce",
    "subtitle",
    "subtitles",
    "verify",
]

_HOMES = {
    "BatchReport": "batches.outcomes", "Checked": "provenance.checks", "CheckedFile": "subtitles.check",
    "DubPlan": "delivery.results", "DubResult": "delivery.results", "Explanation": "delivery.explain", "Job": "job",
    "Presentation": "delivery.packaging", "Pronounced": "engines.phonemes", "Run": "events",
    "SubtitleResult": "delivery.results", "batch": "batches",
    "dry_run": "pipeline", "dub": "pipeline", "explain": "delivery.explain", "lint": "subtitles",
    "open_run": "pipeline", "package": "delivery.hls", "package_player": "delivery.player",
    "pronounce": "engines.phonemes", "print_progress": "events",
    "subtitle": "subtitling",
    "verify": "delivery.verification",
}  # fmt: skip
"""Name -> the module it is in; errors are in `errors`, and `subtitles` is a module itself."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "subtitles":
        return importlib.import_module(".subtitles", __name__)
    return getattr(importlib.import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
