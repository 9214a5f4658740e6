"""Sample formats, block-wise reading, WAV files at 48 kHz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Blob, Span
from ..runtime.store import Store

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray


RATE = 48_000
SPEECH_RATE = 16_000
BLOCK = 10 * RATE
"""Samples held at once while audio flows."""
FULL_SCALE = 2.0**31
"""What 32-bit numbers, whose upper 24 bits are heard, are divided by to become -1…1."""


def to_int24(samples: NDArray[np.floating]) -> NDArray[np.int32]:
    """Convert float samples in -1…1 to 24-bit integers in the upper bytes of 32."""
    import numpy as np

    numbers: NDArray[np.int32] = np.clip(np.rint(samples * 2.0**23), -(2**23), 2**23 - 1).astype(np.int32) * 256
    return numbers


def read_block(store: Store, audio: Blob) -> soundfile.SoundFile:
    """A blob to read samples from."""
    import soundfile

    return soundfile.SoundFile(store.path(audio))


def excerpts(store: Store, audio: Blob, spans: Sequence[Span]) -> NDArray[np.float32]:
    """Concatenate the samples of a mono file inside `spans`."""
    import numpy as np

    parts = [np.zeros(0, np.float32)]
    with read_block(store, audio) as file:
        for span in spans:
            file.seek(min(file.frames, span.start_ms * file.samplerate // 1000))
            parts.append(file.read(span.length_ms * file.samplerate // 1000, dtype="float32"))
    return np.concatenate(parts)


def write_wav(path: Path, channels: int, samples: int, rate: int = RATE, form: str = "PCM_24") -> soundfile.SoundFile:
    """A WAV to write to, of 24 bits if nothing else is said; RF64 only where a plain one could not hold the file."""
    import soundfile

    huge = samples * channels * 3 > 4_000_000_000
    return soundfile.SoundFile(path, "w", rate, channels, form, format="RF64" if huge else "WAV")
