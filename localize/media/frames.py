"""Single frames of a picture, at times that are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Span
from ..errors import MediaError
from .opening import url

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

WIDEST = 960
"""Pixels: a wider picture is made smaller as it is read."""
SEEK_MS = 4000
"""Over a gap shorter than this is decoded: a seek goes back to the complete picture before its goal."""


def read_frames(path: Path, spans: Sequence[Span], every_ms: int) -> Iterator[tuple[int, Image]]:
    """The frames of a film's first picture inside spans.

    Args:
        path: a film.
        spans: in order of time, in ms from the picture's first frame.
        every_ms: a frame is given where so much has passed since the last one given.

    Yields:
        (ms from the picture's first frame, RGB of shape (height, width, 3)), in order.

    Raises:
        MediaError: no picture, or it cannot be decoded at all; damaged frames are left out.
    """
    import av

    try:
        with av.open(url(path)) as film:
            yield from _frames(film, film.streams.video[0], spans, every_ms)
    except (av.FFmpegError, IndexError) as error:
        raise MediaError(f"{path.name}: its picture cannot be read: {error}", file=path.name) from error


def _frames(film: Any, stream: Any, spans: Sequence[Span], every_ms: int) -> Iterator[tuple[int, Image]]:
    stream.thread_type = "AUTO"
    begins = float((stream.start_time or 0) * stream.time_base)

    decoded = _decoded(film, stream)
    now_ms, due_ms = -1, 0
    for span in spans:
        due_ms = max(due_ms, span.start_ms)
        if span.start_ms - now_ms > SEEK_MS:
            decoded = _from(film, stream, begins + span.start_ms / 1000)
        for frame in decoded:
            now_ms = round(1000 * (frame.time - begins))
            if now_ms >= span.end_ms:
                break
            if now_ms >= due_ms:
                due_ms = now_ms + every_ms
                yield now_ms, _image(frame)


def _from(film: Any, stream: Any, time: float) -> Iterator[Any]:
    """The frames from shortly before a time in seconds on; from the film's first where no seek leads there, as in a
    transport stream, whose places are guessed.
    """
    import av

    for goal in (time, float((stream.start_time or 0) * stream.time_base)):
        try:
            film.seek(int(goal / stream.time_base), stream=stream)
        except av.FFmpegError:
            continue
        frames = _decoded(film, stream)
        first = next(frames, None)
        if first is not None and first.time <= time:
            return chain([first], frames)
    return iter(())


def _decoded(film: Any, stream: Any) -> Iterator[Any]:
    """All frames from here on that have a time; damaged packets are passed over."""
    import av

    for packet in film.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        yield from (frame for frame in frames if frame.time is not None)


def _image(frame: Any) -> Image:
    width = min(frame.width, WIDEST)
    height = max(1, round(frame.height * width / frame.width))
    image: Image = frame.reformat(width, height, "rgb24").to_ndarray()
    return image
