"""Quality of speech as listeners would rate it, by DNSMOS."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .packaged_network import load_network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


QUALITY_HZ = 16_000
"""Sample rate of what is rated."""
WINDOW_S = 9.01
"""Seconds of sound that the network takes."""


def speech_quality(samples: Samples) -> float:
    """DNSMOS P.835, overall quality of speech from 1 to 5 (Reddy, Gopal & Cutler, ICASSP 2022), its authors' weights.

    Windows of 9.01 s, one each second; shorter sound is repeated until it fills one. The polynomial brings the
    network's value to the listeners' scale and is the authors' (`dnsmos_local.py`).

    Args:
        samples: mono, 16 kHz, -1 to 1.
    """
    import numpy as np

    if not len(samples):
        return 0.0
    size = int(WINDOW_S * QUALITY_HZ)
    padded = samples
    while len(padded) < size:
        padded = np.append(padded, padded)
    count = int(len(padded) // QUALITY_HZ - WINDOW_S) + 1
    windows = [padded[n * QUALITY_HZ : int((n + WINDOW_S) * QUALITY_HZ)] for n in range(count)]
    scale = np.poly1d([-0.06766283, 1.11546468, 0.04602535])
    network = _rating_network()
    scores = [network.run(None, {"input_1": w[None].astype(np.float32)})[0][0][2] for w in windows if len(w) == size]
    return float(np.mean(scale(np.array(scores))))


def release_rating_network() -> None:
    """Forget the network, whose working memory is 200 MiB; it is read again when it is needed."""
    _rating_network.cache_clear()


@cache
def _rating_network() -> Any:
    return load_network("speechmos", "dnsmos_models/sig_bak_ovr.onnx")
