"""Open media safely: only known formats, no playlists, no references to other files, no protocols in file names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import MediaError
from ..runtime.reading import open_plain

DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,asf_o,ass,au,avi,caf,dts,dv,eac3,flac,flv,gxf,h264,hevc,ivf,live_flv,m4v,matroska,mov,"
    "mp3,mpc,mpc8,mpeg,mpegts,mpegvideo,mxf,nut,nuv,ogg,rm,srt,tak,truehd,tta,vc1,voc,w64,wav,webm,webvtt,wtv,wv"
)
"""ffmpeg's formats that hold sound, picture or subtitles themselves. All others are refused: playlists and lists of
segments (hls, concat, dash, imf, sdp …) reach for other files, devices and scripts for more."""
SAFE = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
"""Options with which PyAV and ffmpeg open every file: no format and no protocol that leads to another one. MOV's
external references are off in ffmpeg unless asked for (`enable_drefs`)."""
_PLAYLISTS = re.compile(
    rb"\s*(?:#EXTM3U|ffconcat version|<\?xml[^>]*>\s*(?:<!--.*?-->\s*)*<(?:MPD|AssetMap|smil|asx)\b|<(?:MPD|smil|asx)\b"
    rb"|\[playlist\]|\[Reference\]|v=0\r?\no=|subfile,)",
    re.IGNORECASE | re.DOTALL,
)
"""How files begin that name other files: HLS, ffconcat, DASH, IMF, SMIL, ASX, PLS, SDP."""


def url(path: str | os.PathLike[str]) -> str:
    """A path as ffmpeg and PyAV must be given it, so that no file name is taken for a protocol or a flag."""
    return "file:" + os.fspath(path)


def safe_arguments(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the options of `SAFE` before every file that is read."""
    options = [part for name, value in SAFE.items() for part in (f"-{name}", value)]
    found: list[str] = []
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        found += [*options, argument] if argument == "-i" and following.startswith("file:") else [argument]
    return found


def open_media(path: str | os.PathLike[str], *, playlist: bool = False) -> Any:
    """Open a file in PyAV with all access to other files disabled.

    Args:
        path: the file.
        playlist: it is an HLS playlist that was made here.

    Raises:
        av.FFmpegError: it is no media file.
        OSError: it cannot be read, or is a pipe or a device.
    """
    import av

    open_plain(path).close()
    options = {**SAFE, "format_whitelist": f"{DEMUXERS},hls"} if playlist else dict(SAFE)
    return av.open(url(path), metadata_errors="replace", options=options)


def refuse_playlist(path: Path) -> None:
    """Refuse a file that names other files instead of holding sound or picture, whatever it is called.

    Raises:
        MediaError: it is one.
        OSError: it cannot be read.
    """
    with open_plain(path) as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf")
    if _PLAYLISTS.match(head):
        raise MediaError(f"{path} is a playlist, which names other files: give the media file itself", file=str(path))
