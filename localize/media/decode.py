"""The only file that knows ffmpeg and PyAV: probe, decode, measure, encode, mux.

PyAV reads what a container holds; the ffmpeg program (the system's, else the one imageio-ffmpeg brings) decodes,
measures and muxes, always with an argument list, never through a shell. Audio flows in blocks: nothing holds a film in
memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Blob, Media, Source, Stream
from ..errors import MediaError
from ..runtime.store import Store, step
from ..signal.denoise import Denoiser, denoiser_version
from .ffmpeg import reading, run_ffmpeg, url
from .mux import KEEPS_CONTAINER, _maps
from .probe import Probe, choose_audio, identify, probe
from .samples import BLOCK, RATE, SPEECH_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TRIAL_S = 4
"""How much of a film is muxed to see whether it can be."""
_AFTERMATH = (
    "Task finished", "Terminating thread", "Error muxing", "Error submitting", "Error sending", "Last message",
    "Conversion failed", "Could not write header", "Nothing was written",
)  # fmt: skip
"""What ffmpeg says of a failure after its cause."""


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
    decoded = decode(store, source, chosen.index, denoiser_version())
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


@step(version=1)
def decode(store: Store, source: Source, index: int, cleaner: str) -> Decoded:
    """Decode stream `index` of a file. `cleaner` names what cleans the recogniser's track, "" for nothing."""
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
        _speech_track(store.path(original.blob), speech.path, clean=bool(cleaner))
    return Decoded(original.blob, speech.blob, samples, channels, layout)


def _has_gaps(path: Path, index: int) -> bool:
    """Whether packets are missing in the middle, so that plain decoding would let the sound drift from the picture."""
    import av

    expected: float | None = None
    lost = 0.0
    try:
        with av.open(url(path), metadata_errors="replace") as container:
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
        with av.open(url(path)) as container:
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


def _encoding(container: str, channels: int) -> tuple[list[str], str, str]:
    """Codec, format and suffix of a dub for a container."""
    # FLAC in Matroska: lossless, and without the encoder delay that would shift the picture's clock.
    return {
        "matroska": (["flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"], "matroska", ".mka"),
        "webm": (["libopus", "-b:a", f"{96 * channels}k"], "webm", ".webm"),
    }.get(container, (["aac", "-b:a", f"{128 * channels if channels > 1 else 160}k"], "mp4", ".m4a"))


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """What became of muxing a film's first seconds.

    Args:
        suffix: of the film that can be made, "" for none.
        reason: why it is not the source's own suffix, or why there is none; "" where nothing changes.
    """

    suffix: str
    reason: str


def plan_film(path: Path, found: Probe, chosen: Stream) -> FilmPlan | None:
    """Mux the first seconds of a film with silence for a dub; where that fails all of it, which is sure; None without
    a picture. Nothing is kept.

    Args:
        path: the film.
        found: what `probe` says of it.
        chosen: the stream to dub.

    Raises:
        StoreError: the disk is full.
    """
    if not any(s.kind == "video" and not s.cover for s in found.streams):
        return None
    own = path.suffix.lower()
    reason = "" if own in KEEPS_CONTAINER else f"{own or 'its container'} cannot hold a dub"
    for suffix in dict.fromkeys((own if own in KEEPS_CONTAINER else ".mkv", ".mkv")):
        refused = _trial(path, found, chosen, suffix, TRIAL_S) and _trial(path, found, chosen, suffix, None)
        if not refused:
            return FilmPlan(suffix, reason)
        reason = f"{suffix} cannot hold one of its streams ({refused})"
    return FilmPlan("", reason)


def _trial(path: Path, found: Probe, chosen: Stream, suffix: str, seconds: int | None) -> str:
    """Why a film of this suffix cannot be made, "" where it can."""
    container = KEEPS_CONTAINER[suffix]
    command = ["-v", "error", "-fflags", "+genpts", "-i", url(path)]
    command += ["-f", "lavfi", "-t", "1", "-i", f"anullsrc=r={RATE}:cl=mono"]
    command += [*_maps(found.streams, chosen.index, container, 0), "-c:a:0", _encoding(container, 1)[0][0]]
    command += [] if seconds is None else ["-t", str(seconds)]
    try:
        run_ffmpeg([*command, "-max_muxing_queue_size", "4096", "-f", container, url(os.devnull)], str(path))
    except MediaError as error:
        return error.message.rsplit(": ", 1)[-1]
    return ""
