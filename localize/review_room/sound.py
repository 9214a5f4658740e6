"""Source, dub, bed and the dub's dialogue as one WAV of eight channels, and the waveforms of the page.

A browser keeps the channels of one stream together to the sample, while two streams that are started together drift
apart. So all four are channels of one WAV, which is never written: any range of its bytes is put together from the
files when a browser asks for it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import media
from ..data import Blob, Source
from ..events import Patch
from ..runtime.store import Store, step

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

CHANNELS = 8
"""Left and right of source, dub, bed and dialogue."""
FRAME = CHANNELS * 2
"""Bytes of one sample of all channels, 16 bits each."""
BLOCK = 32_768
"""Samples read at once."""
PEAKS_PER_S = 100
_SURROUND = 0.7071
"""Centre and surrounds in a stereo fold-down (ITU-R BS.775-4, annex 4)."""
_PCM = bytes.fromhex("0100000000001000800000aa00389b71")
"""KSDATAFORMAT_SUBTYPE_PCM of WAVEFORMATEXTENSIBLE."""
_LARGEST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Tracks:
    """What is heard in the review room; None for silence. All have one rate, 48 kHz.

    Args:
        source: the original sound.
        dub: the full mix.
        bed: music and effects.
        dialogue: the voices of the dub alone.
        samples: of the longest.
        patches: stretches of the dub and its dialogue that are heard instead of what the files hold.
    """

    source: Path | None
    dub: Path | None
    bed: Path | None
    dialogue: Path | None
    samples: int
    patches: tuple[Patch, ...] = ()

    @property
    def paths(self) -> tuple[Path | None, ...]:
        """In the order of their channels."""
        return self.source, self.dub, self.bed, self.dialogue

    @property
    def size(self) -> int:
        """Bytes of the whole WAV."""
        return len(self.header()) + self.samples * FRAME

    def header(self) -> bytes:
        """Its header: RIFF with WAVEFORMATEXTENSIBLE, or RF64 (EBU Tech 3306) over 4 GiB."""
        rate, data = media.RATE, self.samples * FRAME
        form = struct.pack("<HHIIHHHHI", 0xFFFE, CHANNELS, rate, rate * FRAME, FRAME, 16, 22, 16, 0x63F) + _PCM
        chunk = b"fmt " + struct.pack("<I", len(form)) + form
        if (length := 4 + len(chunk) + 8 + data) <= _LARGEST:
            return b"RIFF" + struct.pack("<I", length) + b"WAVE" + chunk + b"data" + struct.pack("<I", data)
        sizes = b"ds64" + struct.pack("<IQQQI", 28, length + 36, data, self.samples, 0)
        return b"RF64" + struct.pack("<I", _LARGEST) + b"WAVE" + sizes + chunk + b"data" + struct.pack("<I", _LARGEST)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to `end` of the WAV, in blocks."""
        header = self.header()
        if start < len(header):
            yield header[start:end]
        first, last = max(0, start - len(header)), max(0, end - len(header))
        for at, block in self._frames(first // FRAME, -(-last // FRAME)):
            yield block[max(0, first - at * FRAME) : last - at * FRAME]

    def _frames(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Blocks of interleaved samples, and where each begins."""
        import numpy as np
        import soundfile

        with ExitStack() as stack:
            files = [stack.enter_context(soundfile.SoundFile(path)) if path else None for path in self.paths]
            for at in range(start, end, BLOCK):
                length = min(BLOCK, end - at)
                made = np.zeros((length, CHANNELS), "<i2")
                for number, file in enumerate(files):
                    if file is not None and at < file.frames:
                        found = _stereo(_read_at(file, at, length))
                        made[: len(found), 2 * number : 2 * number + 2] = _to_int16(found)
                for patch in self.patches:
                    _put(patch, at, made)
                yield at, made.tobytes()


def _put(patch: Patch, at: int, block: NDArray[np.int16]) -> None:
    """Put a patch over the dub and the dialogue of a block that begins at a sample."""
    import soundfile

    for path, channel in ((patch.full, 2), (patch.dialogue, 6)):
        with soundfile.SoundFile(path) as file:
            first, last = max(at, patch.start), min(at + len(block), patch.start + file.frames)
            if first < last:
                found = _stereo(_read_at(file, first - patch.start, last - first))
                block[first - at : last - at, channel : channel + 2] = _to_int16(found)


def _to_int16(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    return np.round(np.clip(samples, -1, 1) * 32767)


def tracks_of(
    source: Path | None,
    dub: Path | None,
    bed: Path | None,
    dialogue: Path | None,
    patches: tuple[Patch, ...] = (),
) -> Tracks:
    """The tracks of these WAV files, with what is heard instead of some stretches."""
    import soundfile

    paths = (source, dub, bed, dialogue)
    return Tracks(*paths, max((soundfile.info(path).frames for path in paths if path), default=0), patches)


def _read_at(file: soundfile.SoundFile, at: int, length: int) -> NDArray[np.float32]:
    file.seek(at)
    found: NDArray[np.float32] = file.read(length, dtype="float32", always_2d=True)
    return found


def _stereo(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fold to two channels; the fourth of six or more is low-frequency effects and is left out."""
    channels = samples.shape[1]
    if channels <= 2:
        return samples[:, [0, channels - 1]]
    made = samples[:, :2] + _SURROUND * samples[:, [2]]
    for at in range(4 if channels >= 6 else 3, channels):
        made[:, at % 2] += _SURROUND * samples[:, at]
    return made


@step(version=1)
def source_sound(store: Store, source: Source, index: int) -> tuple[Blob, int]:
    """An audio stream of a file as a 48 kHz WAV, and when it begins on the file's clock, in ms."""
    with store.writing(".wav") as draft:
        clock, _ = media.decode_on_clock(Path(source.path), index, draft.path)
    return draft.blob, clock.start_ms


@step(version=1)
def peaks(store: Store, source: Source) -> tuple[int, ...]:
    """The largest absolute sample of each 10 ms of a WAV, of 255."""
    import soundfile

    found: list[int] = []
    with soundfile.SoundFile(source.path) as file:
        window = file.samplerate // PEAKS_PER_S
        for block in file.blocks(window * 1000, dtype="float32", always_2d=True):
            found += _levels(block, window)
    return tuple(found)


def patched_peaks(found: Sequence[int], patches: Sequence[Patch]) -> list[int]:
    """The waveform of a dub's voices with what is heard instead of some stretches."""
    import soundfile

    made, window = list(found), media.RATE // PEAKS_PER_S
    for patch in patches:
        samples, _ = soundfile.read(patch.dialogue, dtype="float32", always_2d=True)
        levels = _levels(samples, window, patch.start % window)
        first = patch.start // window
        made += [0] * (first + len(levels) - len(made))
        made[first : first + len(levels)] = levels
    return made


def _levels(samples: NDArray[np.float32], window: int, before: int = 0) -> list[int]:
    """The largest absolute sample of each window, of 255; the first window begins so many samples earlier."""
    import numpy as np

    heard = np.abs(samples).max(axis=1)
    heard = np.pad(heard, (before, -(before + len(heard)) % window)).reshape(-1, window).max(axis=1)
    return [int(level) for level in np.minimum(255, np.round(heard * 255))]


def read_file(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to `end` of a file, in blocks."""
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (block := file.read(min(1 << 18, end - start))):
            start += len(block)
            yield block


def byte_range(asked: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte plus one of a Range header (RFC 9110, section 14); None where it cannot be served.

    Only the first of several ranges is served.
    """
    unit, _, ranges = asked.partition("=")
    first, dash, last = ranges.split(",")[0].strip().partition("-")
    digits: Sequence[str] = [text for text in (first, last) if text]
    if unit.strip() != "bytes" or not dash or not digits or any(not _is_number(text) for text in digits):
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    return (start, end) if start < end else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
