"""An encoded sound in pieces, each known by its packets: AAC as `encode` makes it, whose frames are decoded alike
wherever decoding began some frames before them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..data import NOT_CONTENT, Blob
from ..runtime.store import Store
from .opening import open_media
from .samples import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME = 1024
"""Samples of an AAC frame."""
PIECE = 2820 * FRAME
"""About a minute."""
LEAD = 48 * FRAME
TAIL = FRAME


@dataclass(frozen=True, slots=True)
class Packets:
    """A stretch of an encoded sound and what is decoded around it.

    Args:
        sha256: of the packets, their places among each other, and what the decoder is told.
        lead: how many samples lie before the stretch, `tail` how many behind it.
        path: of the file.
        start: the first sample of the stretch.
        end: the sample after its last.
    """

    sha256: str
    lead: int
    tail: int
    path: str = field(metadata=NOT_CONTENT)
    start: int = field(metadata=NOT_CONTENT)
    end: int = field(metadata=NOT_CONTENT)

    def decode(self) -> NDArray[np.float64]:
        """The samples, with those around them: shape (n, channels)."""
        import numpy as np

        first, last = self.start - self.lead, self.end + self.tail
        found: NDArray[np.float64] | None = None
        with open_media(self.path) as container:
            stream = container.streams.audio[0]
            container.seek(max(0, first - 2 * FRAME), stream=stream)
            for frame in container.decode(stream):
                if frame.pts >= last:
                    break
                samples = frame.to_ndarray().T
                found = np.zeros((last - first, samples.shape[1])) if found is None else found
                at = frame.pts - first
                part = samples[max(0, -at) : max(0, len(found) - at)]
                found[max(0, at) :][: len(part)] = part
        return np.zeros((last - first, 1)) if found is None else found


def packets_of(store: Store, audio: Blob) -> tuple[Packets, ...] | None:
    """An encoded sound in pieces of about a minute; None for another codec than AAC, or times that are not exact."""
    path = store.path(audio)
    with open_media(path) as container:
        stream = container.streams.audio[0]
        context = stream.codec_context
        if context.name != "aac" or stream.time_base is None or stream.time_base.denominator != RATE:
            return None
        said = f"{context.name} {context.sample_rate} {context.layout.name} ".encode() + (context.extradata or b"")
        packets = [(p.pts, hashlib.sha256(bytes(p)).digest()) for p in container.demux(stream) if p.pts is not None]
        frames = stream.duration or 0
    if any(b - a != FRAME for (a, _), (b, _) in zip(packets, packets[1:])):
        return None
    return tuple(_pieces(packets, said, frames, str(path)))


def _pieces(packets: list[tuple[int, bytes]], said: bytes, frames: int, path: str) -> Iterator[Packets]:
    for start in range(0, frames, PIECE):
        end = min(start + PIECE, frames)
        lead, tail = min(LEAD, start), min(TAIL, frames - end)
        heard = [(pts, digest) for pts, digest in packets if start - lead - 2 * FRAME <= pts < end + tail]
        digest = hashlib.sha256(said + str(end - start).encode())
        for pts, one in heard:
            digest.update(str(pts - start).encode() + one)
        yield Packets(digest.hexdigest(), lead, tail, path, start, end)
