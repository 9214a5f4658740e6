"""The size that a file states in its header: one that is shorter was cut off.

RIFF (WAV, AVI), RF64 and BW64 (EBU Tech 3306), Sony Wave64 and ASF state it. ffmpeg takes the length of what is there
for that of the whole, so that it cannot tell.
"""

from __future__ import annotations

from pathlib import Path

from ..runtime.reading import open_plain

_UNKNOWN = (0, 0xFFFFFFFF)
"""What a recorder writes that has not come to its end."""
_PIPED = range((1 << 31) - 4096, (1 << 31) + 4096)
"""What sox and arecord write into a pipe, where nobody can come back to the header: nearly 2 GiB."""
_W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_HEAD = 1 << 16


def stated_bytes(path: Path) -> int:
    """How many bytes a file should have at least; 0 where it does not say.

    Raises:
        OSError: it cannot be read.
    """
    with open_plain(path) as file:
        head = file.read(_HEAD)
    if head[:4] == b"RIFF":
        size = int.from_bytes(head[4:8], "little")
        return 0 if size in _UNKNOWN or size in _PIPED else size + 8
    if head[:4] in (b"RF64", b"BW64") and head[12:16] == b"ds64":
        return int.from_bytes(head[20:28], "little") + 8
    if head[:16] == _W64_RIFF:
        return int.from_bytes(head[16:24], "little")
    if head[:16] == _ASF_HEADER and (at := head.find(_ASF_FILE)) >= 0:
        return int.from_bytes(head[at + 40 : at + 48], "little")
    return 0


def states_nothing(path: Path) -> bool:
    """Whether a file is RF64 or BW64 of a stated length of 0, as one written into a pipe: ffmpeg then reads no sound.

    Raises:
        OSError: it cannot be read.
    """
    with open_plain(path) as file:
        head = file.read(36)
    return head[:4] in (b"RF64", b"BW64") and head[12:16] == b"ds64" and not any(head[28:36])
