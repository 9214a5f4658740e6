"""An encoded sound in pieces, each known by its packets: AAC as `encode` makes it, whose frames are decoded alike
wherever decoding began some frames before them.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import NOT_CONTENT, Blob
from ..errors import MediaError
from ..runtime.files import once_a_file
from ..runtime.store import Store
from .opening import open_media
from .pieces import Piece
from .samples import RATE

if TYPE_CHECKING:
    import numpy as np
    from av import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from numpy.typing import NDArray

FRAME = 1024
"""Samples of an AAC frame."""
PIECE = 936 * FRAME
"""About twenty seconds, a whole number of samples at 16 kHz too. A corrected line has one or two pieces encoded and
measured again; shorter ones would have the whole film's encoded with more around them."""
LEAD = 48 * FRAME
TAIL = FRAME
AHEAD = 4 * FRAME
"""The encoder looks so far beyond what it encodes."""
EXACT = {"fflags": "+bitexact"}
"""The same bytes for the same packets."""


@dataclass(frozen=True, slots=True)
class Packets:
    """A stretch of an encoded sound and what is decoded around it.

    Args:
        sha256: of the packets, their places among each other, and what the decoder is told.
        lead: how many samples lie before the stretch, `tail` how many behind it.
        path: of the file.
        index: of the stream in it.
        start: the first sample of the stretch, on the clock of the file.
        end: the sample after its last.
    """

    sha256: str
    lead: int
    tail: int
    path: str = field(metadata=NOT_CONTENT)
    index: int = field(metadata=NOT_CONTENT)
    start: int = field(metadata=NOT_CONTENT)
    end: int = field(metadata=NOT_CONTENT)

    def decode(self) -> NDArray[np.float64]:
        """The samples, with those around them: shape (n, channels)."""
        import numpy as np

        first, last = self.start - self.lead, self.end + self.tail
        found: NDArray[np.float64] | None = None
        with open_media(self.path) as container:
            stream = container.streams[self.index]
            container.seek(first - 2 * FRAME, stream=stream)
            for pts, samples in _interleaved(container, stream):
                if pts >= last:
                    break
                found = np.zeros((last - first, samples.shape[1])) if found is None else found
                at = pts - first
                part = samples[max(0, -at) : max(0, len(found) - at)]
                found[max(0, at) :][: len(part)] = part
        return np.zeros((last - first, 1)) if found is None else found


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """The frames of a stream; a damaged packet is passed over, and silence is left in its place."""
    from av.error import InvalidDataError

    for packet in container.demux(stream):
        with suppress(InvalidDataError):
            yield from packet.decode()


def _interleaved(container: InputContainer, stream: AudioStream) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The frames of a stream, each with its time and its samples in the channels of the stream's beginning: broadcasts
    change theirs on the way.

    They are converted first, since PyAV reads past the planes of a frame that has eight of them.
    """
    import av

    layout, made = stream.codec_context.layout, dict[tuple[str, int], av.AudioResampler]()
    for frame in _frames(container, stream):
        key = (frame.layout.name, frame.sample_rate)
        if key not in made:
            made[key] = av.AudioResampler(format="flt", layout=layout, rate=frame.sample_rate)
        (packed,) = made[key].resample(frame)
        yield frame.pts, packed.to_ndarray().reshape(packed.samples, -1)


@dataclass(frozen=True, slots=True)
class Track:
    """An audio stream of a file, known by its packets and their times: the same where it was copied to another file.

    Args:
        sha256: of the packets, their times, and what the decoder is told.
        path: of the file.
        index: of the stream in it.
    """

    sha256: str
    path: str = field(metadata=NOT_CONTENT)
    index: int = field(metadata=NOT_CONTENT)


def packets_of(path: Path, index: int) -> tuple[Packets, ...] | None:
    """An audio stream in pieces of twenty seconds; None for another codec than AAC at 48 kHz, or one with holes.

    Args:
        path: the file.
        index: of its stream.

    Raises:
        MediaError: the file cannot be read.
    """
    return _stream(path, index)[1]


def track_of(path: Path, index: int) -> Track:
    """A stream of a file, without decoding it.

    Raises:
        MediaError: the file cannot be read.
    """
    return _stream(path, index)[0]


def _stream(path: Path, index: int) -> tuple[Track, tuple[Packets, ...] | None]:
    import av

    try:
        found = _read(path).get(index)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be read: {error}", file=str(path)) from error
    if found is None:
        raise MediaError(f"stream {index} of {path} cannot be read: no decoder is known for it", file=str(path))
    return found


@once_a_file
def _read(path: Path) -> dict[int, tuple[Track, tuple[Packets, ...] | None]]:
    """The audio streams of a file by their index. One reading serves whatever is measured on the file, as long as it
    is the same.
    """
    packets: dict[int, list[tuple[int, bytes]]] = {}
    digests = {}
    with open_media(path) as container:
        streams = [stream for stream in container.streams.audio if stream.codec_context is not None]
        for stream in streams:
            about = (container.format.name, stream.codec_context.name, stream.time_base)
            text = f"{about} {stream.start_time} {stream.duration}"
            digests[stream.index] = hashlib.sha256(text.encode() + _told(stream))
            packets[stream.index] = []
        for packet in container.demux(*streams):
            one = hashlib.sha256(bytes(packet)).digest()
            times = f"{packet.pts} {packet.dts} {packet.duration} {packet.size} "
            digests[packet.stream.index].update(times.encode() + one)
            if packet.pts is not None:
                packets[packet.stream.index].append((packet.pts, one))
        return {
            stream.index: (
                Track(digests[stream.index].hexdigest(), str(path), stream.index),
                _pieces_of(stream, packets[stream.index], str(path)),
            )
            for stream in streams
        }


def _told(stream: AudioStream) -> bytes:
    """What the decoder of a stream is told before the first packet."""
    context = stream.codec_context
    return f"{context.sample_rate} {context.layout.name} ".encode() + (context.extradata or b"")


def _pieces_of(stream: AudioStream, packets: Sequence[tuple[int, bytes]], path: str) -> tuple[Packets, ...] | None:
    context = stream.codec_context
    if context.name != "aac" or stream.time_base != Fraction(1, RATE) or context.sample_rate != RATE:
        return None
    if any(b - a != FRAME for (a, _), (b, _) in pairwise(packets)):
        return None
    begin = stream.start_time or 0
    return tuple(_pieces(packets, _told(stream), begin, begin + (stream.duration or 0), path, stream.index))


def _pieces(
    packets: Sequence[tuple[int, bytes]], said: bytes, begin: int, until: int, path: str, index: int
) -> Iterator[Packets]:
    times = [pts for pts, _ in packets]
    for start in range(begin, until, PIECE):
        end = min(start + PIECE, until)
        lead, tail = min(LEAD, start - begin), min(TAIL, until - end)
        digest = hashlib.sha256(said + str(end - start).encode())
        for pts, one in packets[bisect_left(times, start - lead - 2 * FRAME) : bisect_left(times, end + tail)]:
            digest.update(str(pts - start).encode() + one)
        yield Packets(digest.hexdigest(), lead, tail, path, index, start, end)


def join(store: Store, pieces: Sequence[Piece], files: Sequence[Blob]) -> Blob:
    """One AAC file of pieces that were encoded alone, each with what lies around it: of each file the frames of its own
    stretch. A frame overlaps the one before, and both encoders heard the same around the seam.

    Args:
        store: keeps it.
        pieces: of the sound, in order.
        files: of each piece, as ffmpeg's encoder makes it.
    """
    import av

    with store.writing(".m4a") as draft, av.open(draft.path, "w", format="mp4", options=EXACT) as out:
        stream = None
        for number, (piece, file) in enumerate(zip(pieces, files)):
            first = None if number == 0 else piece.start
            last = None if number == len(files) - 1 else piece.end
            with open_media(store.path(file)) as container:
                own = container.streams.audio[0]
                stream = stream or out.add_stream_from_template(own)
                for packet in container.demux(own):
                    if packet.pts is None:
                        continue
                    at = packet.pts + piece.start - piece.lead
                    if (first is None or at >= first) and (last is None or at < last):
                        packet.pts = packet.dts = at
                        packet.stream = stream
                        out.mux(packet)
    return draft.blob
