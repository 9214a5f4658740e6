"""Decode a film's audio to 48 kHz 24-bit with all channels, and to the 16 kHz mono speech track for recognisers.

PyAV reads what a container holds; the ffmpeg program (the system's, else the one imageio-ffmpeg brings) decodes,
measures and muxes, always with an argument list, never through a shell. Audio flows in blocks: nothing holds a film in
memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Blob, Media, Source
from ..errors import MediaError
from ..runtime.store import Store, package_version, step
from ..signal.denoise import CLEANER, Denoiser, Downmix, scene_gains
from .ffmpeg import reading, run_ffmpeg
from .opening import open_media, url
from .probe import choose_audio, identify, probe
from .samples import BLOCK, RATE, SPEECH_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# --- decoding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecodedStream:
    """One audio stream as files: 48 kHz 24-bit with the source's channels, and the 16 kHz mono speech track."""

    original: Blob
    speech: Blob
    samples: int
    channels: int
    layout: str


def ingest(
    store: Store, path: Path, *, stream: int | str | None, language: str | None, among: Sequence[str] = ()
) -> Media:
    """Probe and decode one file; `stream`, `language` and `among` as in `choose_audio`.

    Raises:
        MediaError: unreadable, or without audio.
    """
    source = identify(path)
    found = probe(path)
    chosen, fallback = choose_audio(path, found, stream, language, among)
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


@step(version=4, uses=(CLEANER,))
def decode(store: Store, source: Source, index: int, clean: bool) -> DecodedStream:
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
    return DecodedStream(original.blob, speech.blob, samples, channels, layout)


def _has_gaps(path: Path, index: int) -> bool:
    """Whether packets are missing in the middle, so that plain decoding would let the sound drift from the picture."""
    import av

    expected: float | None = None
    lost = 0.0
    try:
        with open_media(path) as container:
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
        with open_media(path) as container:
            layout = container.streams.audio[0].codec_context.layout.name
    except (soundfile.LibsndfileError, av.FFmpegError, IndexError):
        return 0, 0, ""
    return samples, channels, str(layout)


def _speech_track(original: Path, target: Path, *, clean: bool) -> None:
    """The speech track, 16 kHz mono 16-bit: channels downmixed, music and noise removed where the denoiser is
    installed.
    """
    import numpy as np
    import soundfile
    import soxr

    stream = soxr.ResampleStream(RATE, SPEECH_RATE, 1, dtype="float32")
    cleaner = Denoiser() if clean else None
    gains, at = _speech_gains(original), 0
    with soundfile.SoundFile(target, "w", SPEECH_RATE, 1, "PCM_16", format="WAV") as out:
        for block, last in _mono_blocks(original):
            louder = block
            if gains.max() > 1.0:
                frames = (np.arange(at, at + len(block)) + 0.5) / LEVEL_HOP - 0.5
                louder = np.clip(block * np.interp(frames, np.arange(len(gains)), gains), -1.0, 1.0).astype(np.float32)
            at += len(block)
            voices = cleaner.process(louder, last=last) if cleaner else louder
            out.write(np.clip(stream.resample_chunk(voices, last=last), -1.0, 1.0))


LEVEL_HOP = RATE // 10
"""Levels are measured over 100 ms."""


def _speech_gains(original: Path) -> NDArray[np.float64]:
    """The gains, one each 100 ms, that lift quiet recordings and scenes to the level detector and recogniser need."""
    import numpy as np

    levels = []
    for block, _ in _mono_blocks(original):
        padded = np.pad(block, (0, -len(block) % LEVEL_HOP)).reshape(-1, LEVEL_HOP)
        levels.append(np.sqrt((padded.astype(np.float64) ** 2).mean(axis=1)))
    return scene_gains(np.concatenate(levels) if levels else np.zeros(0))


def _mono_blocks(path: Path) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """A file downmixed to mono, block by block, with a flag on the last block (`Downmix`)."""
    import av
    import numpy as np

    _, channels, layout = _wav_facts(path)
    names = [channel.name for channel in av.AudioLayout(layout).channels] if layout else []
    downmix = Downmix(names if len(names) == channels else [""] * channels) if channels > 1 else None
    with reading(path, rate=RATE, channels=max(channels, 1)) as pipe:
        size = BLOCK * 4 * max(channels, 1)
        block = pipe.read(size)
        while block:
            following = pipe.read(size)
            samples = np.frombuffer(block, "<f4")
            yield downmix.process(samples.reshape(-1, channels)) if downmix else samples, not following
            block = following
