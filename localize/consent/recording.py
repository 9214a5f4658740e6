"""Recordings of a person: decode any format to one mono WAV and report its defects (level, clipping, noise, length)."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


SHORTEST_S, GOOD_S, LONGEST_S = 1, 6, 20 * 60
SILENT_DB = -50.0
QUIET_DB = 15.0
"""Speech stands out this much from the quietest tenth of a recording made in a quiet room."""
CLIPPED = 0.001
"""Share of samples at full scale from which a recording is clipped."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A normalised recording: its file and its measurements.

    Args:
        path: mono 16-bit WAV.
        duration_ms: its length.
        flaws: what is wrong with it, a line each.
        pauses_db: how far its quietest twentieth lies below its loud parts (95th percentile of frames of 20 ms).
    """

    path: Path
    duration_ms: int
    flaws: tuple[str, ...]
    pauses_db: float

    def samples(self, rate: int, most_s: int) -> NDArray[np.float32]:
        """Its first `most_s` seconds at `rate` Hz, mono, in -1…1."""
        import numpy as np

        kept: list[NDArray[np.int16]] = []
        for block in _decode_blocks(self.path, rate):
            kept.append(block)
            if sum(map(len, kept)) >= most_s * rate:
                break
        return (np.concatenate(kept)[: most_s * rate] / 32_768).astype(np.float32)


def normalize_recording(source: Path, target: Path, rate: int) -> Recording:
    """Decode any format to a mono 16-bit WAV, block by block, and measure it.

    Args:
        source: sound, or a film with sound.
        target: the WAV; readable by its owner only.
        rate: of the WAV, Hz.

    Raises:
        MediaError: it cannot be read, is shorter than 1 s, longer than 20 minutes, or silent.
    """
    import numpy as np

    samples = clipped = 0
    levels: list[NDArray[np.float64]] = []
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for block in _decode_blocks(source, rate):
            samples += len(block)
            if samples > LONGEST_S * rate:
                raise MediaError(f"{source} is longer than {LONGEST_S // 60} minutes: cut out the best minute")
            file.writeframes(block.tobytes())
            clipped += int(np.count_nonzero(np.abs(block.astype(np.int32)) >= 32_700))
            levels.append(_levels(block, rate // 50))
    target.chmod(0o600)
    if samples < SHORTEST_S * rate:
        raise MediaError(f"{source} holds {samples / rate:.1f} s of sound: record at least {GOOD_S} s")
    level = np.concatenate(levels)
    if not level.size or np.percentile(level, 95) < SILENT_DB:
        raise MediaError(f"{source} is silent: record the person speaking")
    loud, quiet = np.percentile(level, [95, 5])
    flaws = _flaws(samples / rate, clipped / samples, level)
    return Recording(target, round(1000 * samples / rate), flaws, round(float(loud - quiet), 1))


def _flaws(seconds: float, clipped: float, level: NDArray[np.float64]) -> tuple[str, ...]:
    import numpy as np

    found = []
    if seconds < GOOD_S:
        found.append(f"the recording lasts {seconds:.1f} s: {GOOD_S} s or more sound better")
    if clipped > CLIPPED:
        found.append(f"{100 * clipped:.1f} % of the recording is clipped: record it less loud")
    if np.percentile(level, 95) - np.percentile(level, 10) < QUIET_DB:
        found.append(
            f"speech stands out less than {QUIET_DB:.0f} dB from what is around it: record it where it is quiet"
        )
    return tuple(found)


def _levels(block: NDArray[np.int16], frame: int) -> NDArray[np.float64]:
    """Level of each whole frame, dBFS."""
    import numpy as np

    whole = block[: len(block) // frame * frame].astype(np.float64).reshape(-1, frame) / 32_768
    levels: NDArray[np.float64] = 10 * np.log10(np.mean(whole**2, axis=1) + 1e-10)
    return levels


def _decode_blocks(path: Path, rate: int) -> Iterator[NDArray[np.int16]]:
    import av

    from ..media import open_media

    try:
        with open_media(path) as container:
            if not container.streams.audio:
                raise MediaError(f"{path} has no sound: give a recording of the person speaking")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    yield part.to_ndarray().reshape(-1)
            for part in resampler.resample(None):
                yield part.to_ndarray().reshape(-1)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be read as sound: {error.strerror or error}") from error
