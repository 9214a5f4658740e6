"""Decode a film's audio to 48 kHz 24-bit with all channels, and to the 16 kHz mono speech track for recognisers.

PyAV reads what a container holds; the ffmpeg program (the system's, else the one imageio-ffmpeg brings) decodes,
measures and muxes, always with an argument list, never through a shell. Audio flows in blocks: nothing holds a film in
memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..data import Blob, Media, SoundClock, Source
from ..runtime.files import draft_owner
from ..runtime.store import Store, package_version, step
from ..signal.denoise import CLEANER, Denoiser, Downmix, are_apart, scene_gains
from .clock import measure_clock
from .opening import open_media, url
from .probe import choose_audio, identify, probe
from .samples import BLOCK, RATE, SPEECH_RATE, to_int24, write_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# --- decoding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecodedStream:
    """One audio stream as files: 48 kHz 24-bit with the source's channels, and the 16 kHz mono speech track.

    Args:
        original: as players present it from its first sample on: holes are silent.
        speech: for detectors and recognisers.
        samples: of `original`.
        channels: of `original`.
        layout: ffmpeg's name of their order.
        clock: when the samples are heard.
        voices: see `Media.voices`.
    """

    original: Blob
    speech: Blob
    samples: int
    channels: int
    layout: str
    clock: SoundClock
    voices: Blob | None = None


def ingest(
    store: Store,
    path: Path,
    *,
    stream: int | str | None,
    language: str | None,
    among: Sequence[str] = (),
    source: Source | None = None,
) -> Media:
    """Probe and decode one file; `stream`, `language` and `among` as in `choose_audio`, `source` as `identify` gave it.

    Raises:
        MediaError: unreadable, or without audio.
    """
    source = source or identify(path)
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
        offset_ms=decoded.clock.start_ms,
        fallback=fallback,
        clock=None if found.clock is None else found.clock + decoded.clock.start_ms * RATE // 1000,
        sound=decoded.clock,
        voices=decoded.voices,
    )


@step(version=7, uses=(CLEANER,))
def decode(store: Store, source: Source, index: int, clean: bool) -> DecodedStream:
    """Decode stream `index` of a file; `clean` takes music and noise out of the recogniser's track."""
    path = Path(source.path)
    with store.writing(".wav") as original:
        clock, layout = decode_on_clock(path, index, original.path)
        samples, channels, _ = _wav_facts(original.path)
    parts = _parts_of(store.path(original.blob))
    kept = clean and channels <= KEPT_CHANNELS and len(parts) == 1
    with store.writing(".wav") as speech, store.writing(".flac") if kept else nullcontext() as voices:
        _speech_track(
            store.path(original.blob), speech.path, parts, clean=clean, voices=None if voices is None else voices.path
        )
    return DecodedStream(
        original.blob, speech.blob, samples, channels, layout, clock, voices.blob if voices is not None else None
    )


def decode_on_clock(
    path: Path, index: int, target: Path, *, rate: int = RATE, mono: bool = False
) -> tuple[SoundClock, str]:
    """Decode a stream to a 24-bit WAV in which every sample is where it is heard.

    Args:
        path: the file.
        index: of its audio stream.
        target: the WAV, in a folder where more can be written for the time being.
        rate: samples a second of the WAV.
        mono: fold all channels to one.

    Returns:
        the stream's clock, and ffmpeg's name of the layout of the WAV's channels.

    Raises:
        MediaError: it cannot be decoded, or holds no sound.
    """
    with TemporaryDirectory(prefix=f"{draft_owner()}-", dir=target.parent) as folder:
        plain, listing = Path(folder) / "plain.wav", Path(folder) / "frames"
        shape = ["-ar", str(rate), *(["-ac", "1"] if mono else [])]
        sound = ["-map", f"0:{index}", *shape, "-c:a", "pcm_s24le", "-rf64", "auto", "-map_metadata", "-1"]
        clock = measure_clock(path, index, listing, [*sound, "-bitexact", "-f", "wav", url(plain)])
        layout = _wav_facts(plain)[2]
        if clock.jumps:
            _fill_holes(plain, target, clock, rate)
        else:
            plain.replace(target)
    return clock, layout


def _fill_holes(plain: Path, target: Path, clock: SoundClock, rate: int) -> None:
    """Copy a WAV with silence where its clock has holes, and without what overlaps."""
    import numpy as np
    import soundfile

    inserted = sum(max(0, jump.by) for jump in clock.jumps) * rate // clock.rate
    with (
        soundfile.SoundFile(plain) as source,
        write_wav(target, source.channels, source.frames + inserted, rate) as out,
    ):
        for jump in (*clock.jumps, None):
            end = source.frames if jump is None else min(source.frames, jump.at * rate // clock.rate)
            while (size := min(BLOCK, end - source.tell())) > 0:
                out.write(source.read(size, dtype="int32", always_2d=True))
            by = 0 if jump is None else jump.by * rate // clock.rate
            for start in range(0, max(0, by), BLOCK):
                out.write(np.zeros((min(BLOCK, by - start), source.channels), np.int32))
            if by < 0:
                source.seek(min(source.frames, source.tell() - by))


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


def _speech_track(
    original: Path,
    target: Path,
    parts: Sequence[tuple[Part, NDArray[np.float64]]],
    *,
    clean: bool,
    voices: Path | None = None,
) -> None:
    """The speech track, 16 kHz mono 16-bit: channels downmixed, music and noise removed where the denoiser is
    installed. `parts`, each with its levels, are brought up and cleaned each by itself; `voices` is a FLAC to write
    what is left of the only part then as loud as it was, at 48 kHz.
    """
    import numpy as np
    import soundfile
    import soxr

    stream = soxr.ResampleStream(RATE, SPEECH_RATE, 1, dtype="float32")
    with (
        soundfile.SoundFile(target, "w", SPEECH_RATE, 1, "PCM_16", format="WAV") as out,
        soundfile.SoundFile(voices, "w", RATE, 1, "PCM_24", format="FLAC") if voices else nullcontext() as kept,
    ):
        for cleaned in zip(*(_cleaned_blocks(original, part, levels, clean=clean) for part, levels in parts)):
            block, gains, last = cleaned[0]
            for other, _, _ in cleaned[1:]:
                block = block + other
            out.write(np.clip(stream.resample_chunk(block, last=last), -1.0, 1.0))
            if kept is not None:
                kept.write(to_int24(block / gains))


def _cleaned_blocks(
    original: Path, part: Part, levels: NDArray[np.float64], *, clean: bool
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float64], bool]]:
    """A part as loud as speech should be, cleaned; the gains that made it so; whether it is the last block."""
    import numpy as np

    cleaner = Denoiser() if clean else None
    gains, at, done = scene_gains(levels), 0, 0
    for (block,), last in _mono_blocks(original, (part,)):
        louder = block
        if gains.max() > 1.0:
            louder = np.clip(block * _gains_at(gains, at, len(block)), -1.0, 1.0).astype(np.float32)
        at += len(block)
        found = cleaner.process(louder, last=last) if cleaner else louder
        yield found, _gains_at(gains, done, len(found)), last
        done += len(found)


def _parts_of(original: Path) -> list[tuple[Part, NDArray[np.float64]]]:
    """What of a sound is brought up by itself before it is downmixed, with its levels: all of it, or a channel, or the
    centre, that is far quieter than what it is mixed with and has nothing in common with it. In the mean, its voices
    would be lost.
    """
    _, channels, layout = _wav_facts(original)
    names = _names_of(channels, layout)
    parts: tuple[Part, ...] = ()
    if channels == 2:
        parts = ((0,), (1,))
    elif "FC" in names:
        centre = names.index("FC")
        parts = ((centre,), tuple(n for n in range(channels) if n != centre))
    whole, *levels = _levels(original, (None, *parts))
    return list(zip(parts, levels)) if parts and are_apart(*levels) else [(None, whole)]


def _gains_at(gains: NDArray[np.float64], start: int, count: int) -> NDArray[np.float64]:
    """The gain of each sample from `start` on."""
    import numpy as np

    frames = (np.arange(start, start + count) + 0.5) / LEVEL_HOP - 0.5
    return np.interp(frames, np.arange(len(gains)), gains)


KEPT_CHANNELS = 2
"""Of so many channels the mean's voices serve the bed too: with more, a voice is in the centre or anywhere."""
LEVEL_HOP = RATE // 10
"""Levels are measured over 100 ms."""


Part = tuple[int, ...] | None
"""Channels by number, None for all."""


def _levels(original: Path, parts: Sequence[Part]) -> list[NDArray[np.float64]]:
    """The level of each 100 ms of each part, downmixed."""
    import numpy as np

    levels: list[list[NDArray[np.float64]]] = [[] for _ in parts]
    for blocks, _ in _mono_blocks(original, parts):
        for block, found in zip(blocks, levels):
            padded = np.pad(block, (0, -len(block) % LEVEL_HOP)).reshape(-1, LEVEL_HOP)
            found.append(np.sqrt((padded.astype(np.float64) ** 2).mean(axis=1)))
    return [np.concatenate(found) if found else np.zeros(0) for found in levels]


def _names_of(channels: int, layout: str) -> list[str]:
    """Names of channels in their order as ffmpeg has them, "" each where the layout says nothing."""
    import av

    names = [channel.name for channel in av.AudioLayout(layout).channels] if layout else []
    return names if len(names) == channels else [""] * channels


def _mono_blocks(path: Path, parts: Sequence[Part]) -> Iterator[tuple[list[NDArray[np.float32]], bool]]:
    """Parts of a WAV, each downmixed to mono, block by block, with a flag on the last block (`Downmix`)."""
    import soundfile

    _, channels, layout = _wav_facts(path)
    left_out = [[n for n in range(channels) if part is not None and n not in part] for part in parts]
    downmixes = [Downmix(_names_of(channels, layout)) for _ in parts]
    with soundfile.SoundFile(path) as file:
        block = file.read(BLOCK, dtype="float32", always_2d=True)
        while len(block):
            following = file.read(BLOCK, dtype="float32", always_2d=True)
            if channels == 1:
                mixed = [block[:, 0]] * len(parts)
            else:
                mixed = [downmix.process(_without(block, out)) for downmix, out in zip(downmixes, left_out)]
            yield mixed, not len(following)
            block = following


def _without(block: NDArray[np.float32], channels: Sequence[int]) -> NDArray[np.float32]:
    """A block in which some channels are silent."""
    if not channels:
        return block
    heard = block.copy()
    heard[:, list(channels)] = 0.0
    return heard
