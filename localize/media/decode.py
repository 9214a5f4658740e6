"""The only file that knows ffmpeg and PyAV: probe, decode, measure, encode, mux.

PyAV reads what a container holds; the ffmpeg program (the system's, else the one imageio-ffmpeg brings) decodes,
measures and muxes, always with an argument list, never through a shell. Audio flows in blocks: nothing holds a film in
memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Blob, Media, Source
from ..errors import MediaError
from ..runtime.store import Store, package_version, step
from ..signal.denoise import CLEANER, Denoiser
from .ffmpeg import reading, run_ffmpeg, url
from .probe import choose_audio, identify, probe
from .samples import BLOCK, RATE, SPEECH_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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


def _guarded(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the options of `SAFE` before every file that is read."""
    options = [part for name, value in SAFE.items() for part in (f"-{name}", value)]
    found: list[str] = []
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        found += [*options, argument] if argument == "-i" and following.startswith("file:") else [argument]
    return found


def opened(path: str | os.PathLike[str], *, playlist: bool = False) -> Any:
    """A file in PyAV, which reaches for no other file.

    Args:
        path: the file.
        playlist: it is an HLS playlist that was made here.
    """
    import av

    options = {**SAFE, "format_whitelist": f"{DEMUXERS},hls"} if playlist else dict(SAFE)
    return av.open(url(path), metadata_errors="replace", options=options)


def refuse_playlist(path: Path) -> None:
    """Refuse a file that names other files instead of holding sound or picture, whatever it is called.

    Raises:
        MediaError: it is one.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf")
    if _PLAYLISTS.match(head):
        raise MediaError(f"{path} is a playlist, which names other files: give the media file itself", file=str(path))


# --- decoding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decoded:
    """One audio stream as files: 48 kHz 24-bit with the source's channels, and what a recogniser hears."""

    original: Blob
    speech: Blob
    samples: int
    channels: int
    layout: str


def ingest(store: Store, path: Path, *, stream: int | None, language: str | None) -> Media:
    """Probe and decode one file.

    Raises:
        MediaError: unreadable, or without audio.
    """
    source = identify(path)
    found = probe(path)
    chosen, fallback = choose_audio(path, found, stream, language)
    decoded = decode(store, source, chosen.index, clean=bool(package_version(CLEANER)))
    return Media(
        source=source,
        container=found.container,
        streams=found.streams,
        audio_index=chosen.index,
        duration_ms=round(decoded.samples * 1000 / RATE),
        samples=decoded.samples,
        channels=decoded.channels,
        channel_layout=decoded.layout,
        frame_rate=found.frame_rate,
        original=decoded.original,
        speech=decoded.speech,
        offset_ms=chosen.start_ms,
        fallback=fallback,
        clock=None if found.clock is None else found.clock + chosen.start_ms * RATE // 1000,
    )


@step(version=1, uses=(CLEANER,))
def decode(store: Store, source: Source, index: int, clean: bool) -> Decoded:
    """Decode stream `index` of a file; `clean` takes music and noise out of the recogniser's track."""
    path = Path(source.path)
    filters = ["-af", "aresample=async=1"] if _has_gaps(path, index) else []
    with store.writing(".wav") as original:
        run_ffmpeg(
            ["-v", "error", "-i", url(path), "-map", f"0:{index}", *filters, "-ar", str(RATE), "-c:a", "pcm_s24le",
             "-rf64", "auto", "-map_metadata", "-1", "-bitexact", "-f", "wav", url(original.path)],
            str(path),
        )  # fmt: skip
        samples, channels, layout = _wav_facts(original.path)
        if not samples:
            raise MediaError(f"{path}: its audio stream {index} holds no sound at all", file=str(path), stream=index)
    with store.writing(".wav") as speech:
        _speech_track(store.path(original.blob), speech.path, clean=clean)
    return Decoded(original.blob, speech.blob, samples, channels, layout)


def _has_gaps(path: Path, index: int) -> bool:
    """Whether packets are missing in the middle, so that plain decoding would let the sound drift from the picture."""
    import av

    expected: float | None = None
    lost = 0.0
    try:
        with opened(path) as container:
            stream = container.streams[index]
            base = stream.time_base
            if base is None:
                return False
            for packet in container.demux(stream):
                if packet.pts is None or not packet.duration:
                    continue
                at = float(packet.pts * base)
                if expected is not None:
                    lost += max(0.0, at - expected)
                expected = at + float(packet.duration * base)
    except (av.FFmpegError, OSError):
        return False
    return 0.1 < lost < 3600.0  # more than an hour is a broken clock, not a gap


def _wav_facts(path: Path) -> tuple[int, int, str]:
    import av
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            samples, channels = int(file.frames), int(file.channels)
        with opened(path) as container:
            layout = container.streams.audio[0].codec_context.layout.name
    except (soundfile.LibsndfileError, av.FFmpegError, IndexError):
        return 0, 0, ""
    return samples, channels, str(layout)


def _speech_track(original: Path, target: Path, *, clean: bool) -> None:
    """16 kHz mono 16-bit: the voices of a mix, music and noise taken out where the cleaner is installed."""
    import numpy as np
    import soundfile
    import soxr

    stream = soxr.ResampleStream(RATE, SPEECH_RATE, 1, dtype="float32")
    cleaner = Denoiser() if clean else None
    with soundfile.SoundFile(target, "w", SPEECH_RATE, 1, "PCM_16", format="WAV") as out:
        for block, last in _mono_blocks(original):
            voices = cleaner.process(block, last=last) if cleaner else block
            out.write(np.clip(stream.resample_chunk(voices, last=last), -1.0, 1.0))


def _mono_blocks(path: Path) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """A file's channels folded to one by ffmpeg's downmix, block by block, with a flag on the last."""
    import numpy as np

    with reading(path, rate=RATE, channels=1) as pipe:
        block = pipe.read(BLOCK * 4)
        while block:
            following = pipe.read(BLOCK * 4)
            yield np.frombuffer(block, "<f4"), not following
            block = following
