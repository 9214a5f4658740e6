"""Cover pictures of a source as Matroska keeps them: attachments.

ffmpeg reads them as streams of one picture each, and would copy them as films beside the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..data import Stream
from ..errors import MediaError
from .opening import open_media

_KINDS = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png"), "gif": ("gif", "image/gif"),
          "bmp": ("bmp", "image/bmp"), "webp": ("webp", "image/webp"), "tiff": ("tiff", "image/tiff")}  # fmt: skip
"""Codec -> suffix and MIME type."""


def attach_covers(source: str, streams: Sequence[Stream], folder: Path) -> list[str]:
    """Write the cover pictures of a source into a folder, their bytes as they are; arguments that attach them.

    Args:
        source: path of the film.
        streams: of the source.
        folder: where they lie until the film is muxed.

    Raises:
        MediaError: the source cannot be read any more.
    """
    command: list[str] = []
    number = sum(s.kind == "attachment" for s in streams)  # those that are attached already come first
    for stream in streams:
        if not stream.cover:
            continue
        suffix, mime = _KINDS.get(stream.codec, (stream.codec, f"image/{stream.codec}"))
        data, name = _read_cover(source, stream.index)
        path = folder / f"{stream.index}.{suffix}"
        path.write_bytes(data)
        told = f"-metadata:s:t:{number}"
        command += ["-attach", str(path), told, f"mimetype={mime}", told, f"filename={name or f'cover.{suffix}'}"]
        number += 1
    return command


def _read_cover(source: str, index: int) -> tuple[bytes, str]:
    """The bytes of a stream's one packet, and the file name that it was attached by; "" where none says."""
    import av

    try:
        with open_media(source) as container:
            stream = container.streams[index]
            data = next((bytes(p) for p in container.demux(stream) if p.size), b"")
            return data, str(stream.metadata.get("filename", ""))
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{source} cannot be read any more: {error}", path=source) from error
