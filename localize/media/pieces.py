"""Long sounds in pieces, each known by its samples.

What was found out about a stretch holds wherever it is heard again, and a sound that is made again is computed only
where it differs from what was made last.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..data import NOT_CONTENT, Blob
from ..errors import StoreError
from ..runtime.store import Store, step
from .samples import BLOCK, RATE, write_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a WAV and what lies around it.

    Args:
        sha256: of the seconds of sound that it lies in, those around it among them, and of where in them it begins.
        lead: how many samples lie before the stretch, `tail` how many behind it.
        path: of the WAV.
        start: the first sample of the stretch.
        end: the sample after its last.
    """

    sha256: str
    lead: int
    tail: int
    path: str = field(metadata=NOT_CONTENT)
    start: int = field(metadata=NOT_CONTENT)
    end: int = field(metadata=NOT_CONTENT)

    def read(self) -> NDArray[np.float64]:
        """The samples, with those around them: shape (n, channels)."""
        import soundfile

        with soundfile.SoundFile(self.path) as file:
            file.seek(self.start - self.lead)
            found: NDArray[np.float64] = file.read(self.lead + self.end - self.start + self.tail, always_2d=True)
        return found

    def copy(self, target: Path) -> None:
        """Write a WAV of the samples, with those around them, as they are."""
        import soundfile

        count = self.lead + self.end - self.start + self.tail
        with soundfile.SoundFile(self.path) as file, write_wav(target, file.channels, count, file.samplerate) as out:
            file.seek(self.start - self.lead)
            for block in file.blocks(BLOCK, frames=count, dtype="int32", always_2d=True):
                out.write(block)


def pieces_of(store: Store, audio: Blob, length: int, lead: int, tail: int) -> tuple[Piece, ...]:
    """A WAV in pieces.

    Args:
        store: holds it.
        audio: the WAV.
        length: of each piece in samples; the last is shorter.
        lead: samples before each that decide about it, as far as there are so many.
        tail: the same behind it.
    """
    path = store.path(audio)
    frames, width = wav_shape(path)
    seconds = second_digests(store, audio) if frames else ()
    found: list[Piece] = []
    for start in range(0, frames, length):
        end = min(start + length, frames)
        first, last = max(0, start - lead), min(end + tail, frames)
        inside = seconds[first // RATE : -(-last // RATE)]
        # Silence is the same wherever it begins.
        digest = digest_of(f"{width} {first % RATE if any(inside) else 0} {last - first}", *inside)
        found.append(Piece(digest, start - first, last - end, str(path), start, end))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Patched:
    """What is known of a WAV that was made of another of its shape.

    Args:
        digests: of the seconds of that one.
        changed: which of them may sound otherwise.
    """

    digests: tuple[str, ...] = field(default=(), metadata=NOT_CONTENT)
    changed: frozenset[int] = field(default=frozenset(), metadata=NOT_CONTENT)


@step(version=1)
def second_digests(store: Store, audio: Blob, patched: Patched = Patched()) -> tuple[str, ...]:
    """The hash of each RATE samples of a WAV, "" for silence; the last may be fewer.

    Args:
        store: holds it.
        audio: the WAV.
        patched: what is known of it, so that only what was changed is read.
    """
    path = store.path(audio)
    frames, width = wav_shape(path)
    known, silence = dict(enumerate(patched.digests)), bytes(RATE * width)
    found = []
    with path.open("rb") as file:
        begin = _first_sample(file, path.name)
        for second, start in enumerate(range(0, frames, RATE)):
            if second in known and second not in patched.changed:
                found.append(known[second])
                continue
            file.seek(begin + start * width)
            samples = file.read(min(RATE, frames - start) * width)
            heard = samples != silence[: len(samples)]
            found.append(hashlib.sha256(samples).hexdigest()[:32] if heard else "")
    return tuple(found)


def wav_shape(path: Path) -> tuple[int, int]:
    """Samples of a WAV, and bytes of each of them in all channels."""
    import soundfile

    found = soundfile.info(path)
    return found.frames, found.channels * {"PCM_16": 2, "PCM_24": 3}.get(found.subtype, 4)


def _first_sample(file: BinaryIO, name: str) -> int:
    """Where the samples of a WAV begin in the file, RF64 (EBU Tech 3306) too."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        if head[:4] == b"data":
            return file.tell()
        size = int.from_bytes(head[4:], "little")
        file.seek(size + size % 2, 1)
    raise StoreError(f"{name} is no WAV: delete it from the store, and run the same command again")


@dataclass(frozen=True, slots=True)
class Place:
    """What a sound is, however it sounds at the moment: that of the last run is found by it.

    Args:
        name: such as "dialogue es" with the hash of the source.
    """

    name: str = field(metadata=NOT_CONTENT)


NOWHERE = Place("")
"""Of a sound that is not looked for again."""


@dataclass(frozen=True, slots=True)
class Made:
    """A sound that was made block by block.

    Args:
        audio: the WAV.
        keys: of each block, what it was made of.
    """

    audio: Blob
    keys: tuple[str, ...]


def write_blocks(
    store: Store,
    place: Place,
    keys: Sequence[str],
    shape: tuple[int, int, int],
    block: Callable[[int], NDArray[np.int32] | NDArray[np.int16]],
    form: str = "PCM_24",
) -> Blob:
    """Write a WAV block by block; of the sound that was made last in this place the blocks with the same keys are kept.

    Args:
        store: keeps the sound, and remembers it as the last of its place.
        place: see `Place`.
        keys: one a block: the hash of all that decides about its samples.
        shape: samples, channels and rate of the WAV.
        block: makes the block of a number, shape (n, channels); all but the last have BLOCK samples of 48 kHz.
        form: of the WAV's samples, as soundfile calls it.
    """
    import soundfile

    frames, channels, rate = shape
    name = "|".join((place.name, *map(str, shape)))
    last = store.recall_last(name, Made) if place.name else None
    size, made = BLOCK * rate // RATE, []
    with store.writing(".wav") as draft:
        if last is not None and len(last.keys) == len(keys):
            shutil.copyfile(store.path(last.audio), draft.path)
            out = soundfile.SoundFile(draft.path, "r+")
        else:
            last, out = None, write_wav(draft.path, channels, frames, rate, form)
        with out:
            for number, key in enumerate(keys):
                if last is None or last.keys[number] != key:
                    out.seek(number * size)
                    out.write(block(number))
                    made.append(number)
    if last is not None and rate == RATE:
        changed = frozenset(at for number in made for at in range(number * BLOCK // RATE, (number + 1) * BLOCK // RATE))
        second_digests(store, draft.blob, Patched(second_digests(store, last.audio), changed))
    if place.name:
        store.remember_last(name, Made(draft.blob, tuple(keys)))
    return draft.blob


def block_keys(store: Store, parts: Sequence[Blob], around: int, *more: str) -> list[str]:
    """A key for each block of what is made of the samples of WAVs of one length.

    Args:
        store: holds them.
        parts: the WAVs.
        around: so many samples before and behind a block decide about it too.
        more: for each block what else does; none, or one text that holds for all.
    """
    pieces = zip(*(pieces_of(store, part, BLOCK, around, around) for part in parts))
    return [digest_of(*more, *(piece.sha256 for piece in found)) for found in pieces]


def digest_of(*texts: str) -> str:
    """One hash of some texts."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
