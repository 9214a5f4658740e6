"""Perth: an inaudible watermark below 2 kHz that is detected again after AAC, MP3 and resampling.

PerthNet of resemble-perth (MIT, weights in the package) works on 32 kHz. Only what it adds is taken from there: above
16 kHz, and wherever it adds nothing, the sound stays as it was.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import UsageError
from . import package_versions
from .torch_sound import load_librosa, load_torchaudio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..models import Models

    Samples = NDArray[np.float32]


RATE = 32_000
SHORTEST = 4096
"""Samples: two of its windows."""
SILENT_DB = -60.0


class Perth:
    """The watermarker of the extra `watermark`."""

    name: ClassVar[str] = "perth"
    requires: ClassVar[tuple[str, ...]] = ("torch", "torchaudio", "perth", "pkg_resources", "librosa", "soxr")
    extra: ClassVar[str] = "watermark"

    def __init__(self, model: str | None, models: Models) -> None:  # noqa: ARG002 - its weights are in its package
        if model is not None:
            raise UsageError(f"perth has one model, not {model!r}", engine="perth")

    @cached_property
    def fingerprint(self) -> str:
        """Its packages, and the weights by their SHA-256."""
        import importlib.util
        from pathlib import Path

        spec = importlib.util.find_spec("perth")
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent / "perth_net" / "pretrained" / "implicit"
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.pth.tar"))))
        return f"perth {package_versions('resemble-perth', 'torch', 'soxr')} {digest.hexdigest()}"

    def mark(self, samples: Samples, rate: int) -> Samples:
        """The same sound, marked."""
        import numpy as np
        import soxr

        low = soxr.resample(samples, rate, RATE)
        if len(low) < SHORTEST:
            return samples
        with _quiet():
            made = np.asarray(self._net.apply_watermark(low, sample_rate=RATE), np.float32)
        kept = min(len(made), len(low))  # its last frame may be cut short
        added = soxr.resample(made[:kept] - low[:kept], RATE, rate)
        added = np.pad(added, (0, max(0, len(samples) - len(added))))[: len(samples)]
        marked: Samples = (samples + added).astype(np.float32)
        return marked

    def confidence(self, samples: Samples, rate: int) -> float:
        """What its decoder says; 0 for what is silent or too short to say."""
        import numpy as np
        import soxr

        low = soxr.resample(samples, rate, RATE)
        if len(low) < SHORTEST or 10 * np.log10(float((low.astype(np.float64) ** 2).mean()) + 1e-12) < SILENT_DB:
            return 0.0
        with _quiet():
            found = self._net.get_watermark(low, sample_rate=RATE, round=False)
        return round(float(np.mean(found)), 4)

    @cached_property
    def _net(self) -> Any:
        load_torchaudio()
        load_librosa()
        with _quiet():
            import perth

            return perth.PerthImplicitWatermarker(device="cpu")


def _quiet() -> Any:
    """It prints what it loads: stdout is for results."""
    import contextlib
    import io

    return contextlib.redirect_stdout(io.StringIO())
