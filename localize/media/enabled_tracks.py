"""Switch off the text tracks of an MP4 that nobody is to see unasked: ffmpeg always leaves one of them on.

ISO/IEC 14496-12, 8.3.2: the lowest bit of the flags in `tkhd` says whether a track is enabled.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

_TEXT = (b"sbtl", b"text", b"subt", b"clcp", b"subp")


def switch_text_tracks(path: Path, shown: Sequence[bool]) -> None:
    """Set which text tracks of an MP4 players show unasked.

    Args:
        path: the file, changed in place; its length stays.
        shown: for each text track in order.
    """
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        places = [place for moov in _boxes(file, 0, size, b"moov") for place in _text_headers(file, *moov)]
        for place, on in zip(places, shown):
            file.seek(place)
            flags = file.read(1)[0]
            file.seek(place)
            file.write(bytes([flags | 1 if on else flags & 0xFE]))


def _text_headers(file: BinaryIO, start: int, end: int) -> Iterator[int]:
    """Where the last byte of the `tkhd` flags of each text track lies; the names of chapters are none."""
    chapters = {number for track in _boxes(file, start, end, b"trak") for number in _chapter_tracks(file, *track)}
    for track in _boxes(file, start, end, b"trak"):
        head = next(_boxes(file, *track, b"tkhd"))
        if _handler(file, *track) in _TEXT and _track_id(file, head[0]) not in chapters:
            yield head[0] + 3


def _track_id(file: BinaryIO, head: int) -> int:
    file.seek(head)
    version = file.read(1)[0]
    file.seek(head + (20 if version else 12))
    return int(struct.unpack(">I", file.read(4))[0])


def _handler(file: BinaryIO, start: int, end: int) -> bytes:
    for media in _boxes(file, start, end, b"mdia"):
        for place, _ in _boxes(file, *media, b"hdlr"):
            file.seek(place + 8)
            return file.read(4)
    return b""


def _chapter_tracks(file: BinaryIO, start: int, end: int) -> Iterator[int]:
    for references in _boxes(file, start, end, b"tref"):
        for place, stop in _boxes(file, *references, b"chap"):
            file.seek(place)
            yield from (int(n) for (n,) in struct.iter_unpack(">I", file.read((stop - place) // 4 * 4)))


def _boxes(file: BinaryIO, start: int, end: int, name: bytes) -> Iterator[tuple[int, int]]:
    """(start, end) of the content of each box of a name."""
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", file.read(8))[0], 16
        size = size or end - start
        if size < head:
            return
        if kind == name:
            yield start + head, start + size
        start += size
