"""The only file that knows ffmpeg and PyAV: probe, decode, measure, encode, mux.

PyAV reads what a container holds; the ffmpeg program (the system's, else the one imageio-ffmpeg brings) decodes,
measures and muxes, always with an argument list, never through a shell. Audio flows in blocks: nothing holds a film in
memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Blob, Media, Source, Stream
from ..errors import MediaError
from ..language.tags import canonical_language
from ..runtime.store import Store, step
from ..signal.denoise import Denoiser, Fold, denoiser_version, speech_gain_of
from .ffmpeg import reading, run_ffmpeg, url
from .probe import choose_audio, identify, probe
from .samples import BLOCK, RATE, SPEECH_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_LONGEST_TITLE = 80
_DESCRIBES = re.compile(r"\b(?:audio[ -]?)?descri(?:pti|bed|pción|ção|zione)|\bvisually impaired", re.IGNORECASE)
_COMMENTS = re.compile(r"comment(?:ary|aries|aire|o)|\bcoment[áa]rio", re.I)


_STATES_LENGTHS = frozenset("mov mp4 matroska webm avi wav w64 flac asf".split())
"""Containers whose headers hold a length; in others it is guessed by the bit rate, or read off the last packets."""


def _stated_ms(stream: Any, container: Any) -> int:
    """How long a stream lasts by what was written when the file was whole."""
    if _STATES_LENGTHS.isdisjoint(container.format.name.split(",")):
        return 0
    if stream.duration and stream.time_base:
        stated: Fraction = stream.duration * stream.time_base * 1000
        return round(stated)
    written = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)", stream.metadata.get("DURATION", ""))
    if written:  # Matroska's statistics tags
        return round((int(written[1]) * 60 + int(written[2])) * 60_000 + float(written[3]) * 1000)
    return max(0, (container.duration or 0) // 1000)


def _title(stream: Any) -> str:
    """A stream's name on one line; names that muxers give by themselves are none."""
    title = " ".join(str(stream.metadata.get("title", "")).split())
    return "".join(c for c in title if c.isprintable())[:_LONGEST_TITLE]


def _purpose(stream: Any) -> str:
    """What an audio stream holds beside plain dialogue, by its flags or, in files that lack them, by its title."""
    from av.stream import Disposition

    described = Disposition.visual_impaired | Disposition.descriptions
    if stream.disposition & described or _DESCRIBES.search(_title(stream)):
        return "description"
    if stream.disposition & Disposition.comment or _COMMENTS.search(_title(stream)):
        return "commentary"
    return ""


def _wanted(path: Path, audio: Sequence[Stream], wanted: int | str) -> list[Stream]:
    """The audio streams that an index, "a:1" or a language names."""
    name = str(wanted).strip()
    if re.fullmatch(r"-?\d{1,9}", name):
        named = [s for s in audio if s.index == int(name)]
    elif (number := name.removeprefix("a:")) != name:
        named = [audio[int(number)]] if number.isdecimal() and len(number) < 4 and int(number) < len(audio) else []
    else:
        named = [s for s in audio if s.language == canonical_language(name)]
    if not named:
        known = "; ".join(told_stream(s) for s in audio)
        raise MediaError(
            f"{path} has no audio stream {name}: its audio streams are {known}", file=str(path), stream=name
        )
    return named


def told_stream(stream: Stream) -> str:
    """An audio stream in words: '2 (en, "Director commentary", commentary, stereo)'."""
    channels = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(stream.channels, f"{stream.channels} channels")
    title = f'"{stream.title}"' if stream.title else ""
    facts = [stream.language or "untagged", title, stream.purpose, "default" if stream.default else "", channels]
    return f"{stream.index} ({', '.join(fact for fact in facts if fact)})"


CUT_MS = 500
"""Sound that ends this much before the length its file states was cut off; less is a codec's padding."""


def truncation(path: Path, stream: Stream) -> str:
    """Where an audio stream ends that should last longer, in words; "" where it is whole, or states no length."""
    if not stream.stated_ms:
        return ""
    ends = _ends_ms(path, stream, stream.stated_ms - 10 * CUT_MS)
    if stream.stated_ms - ends > CUT_MS:
        ends = _ends_ms(path, stream, 0)  # nothing there, or nowhere to seek to: read it all
    if stream.stated_ms - ends <= CUT_MS:
        return ""
    return (
        f"the file is cut off: its sound ends at {ends / 1000:.1f} s of {stream.stated_ms / 1000:.1f} s: what was said "
        "after that is lost; get a whole copy"
    )


def _ends_ms(path: Path, stream: Stream, from_ms: int) -> int:
    """When the last packet of a stream at or after a time ends, counted from the stream's start; 0 without one."""
    import av

    ends = 0.0
    try:
        with av.open(url(path), metadata_errors="replace") as container:
            sound = container.streams[stream.index]
            base = sound.time_base
            if base is None:
                return 0
            start = float((sound.start_time or 0) * base)
            if from_ms > 0:
                container.seek(round((start * 1000 + from_ms) / 1000 / float(base)), stream=sound)
            for packet in container.demux(sound):
                if packet.pts is not None:
                    ends = max(ends, float((packet.pts + (packet.duration or 0)) * base) - start)
    except (av.FFmpegError, OSError):  # a file that breaks off ends so
        pass
    return round(ends * 1000)


# --- decoding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decoded:
    """One audio stream as files: 48 kHz 24-bit with the source's channels, and what a recogniser hears."""

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


@step(version=2)
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
    gain = _brought_up(original)
    with soundfile.SoundFile(target, "w", SPEECH_RATE, 1, "PCM_16", format="WAV") as out:
        for block, last in _mono_blocks(original):
            louder = np.clip(block * np.float32(gain), -1.0, 1.0) if gain != 1.0 else block
            voices = cleaner.process(louder, last=last) if cleaner else louder
            out.write(np.clip(stream.resample_chunk(voices, last=last), -1.0, 1.0))


def _brought_up(original: Path) -> float:
    """The factor that makes a quiet recording as loud as detector and recogniser need it."""
    import numpy as np

    hop = RATE // 10
    levels = []
    for block, _ in _mono_blocks(original):
        padded = np.pad(block, (0, -len(block) % hop)).reshape(-1, hop)
        levels.append(np.sqrt((padded.astype(np.float64) ** 2).mean(axis=1)))
    return speech_gain_of(np.concatenate(levels)) if levels else 1.0


def _mono_blocks(path: Path) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """A file's channels folded to one, block by block, with a flag on the last.

    Two channels are compared before they are summed (`Fold`); more, whose dialogue has a channel of its own, are folded
    by ffmpeg's downmix.
    """
    import numpy as np

    channels = 2 if _wav_facts(path)[1] == 2 else 1
    fold = Fold() if channels == 2 else None
    with reading(path, rate=RATE, channels=channels) as pipe:
        block = pipe.read(BLOCK * 4 * channels)
        while block:
            following = pipe.read(BLOCK * 4 * channels)
            samples = np.frombuffer(block, "<f4")
            yield fold.process(samples.reshape(-1, 2)) if fold else samples, not following
            block = following
