"""What a media file holds, and which audio stream is the dialogue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..data import Source, Stream
from ..errors import MediaError
from ..language.tags import canonical_language
from ..runtime.files import sha256_of
from .decode import opened, refuse_playlist
from .samples import RATE

_LONGEST_REFERENCE = 20
_TIMECODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


# --- probing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Probe:
    """What a container says of itself. Times are ms; `start_ms` of a stream counts from the container's start; `clock`
    is when that is, in samples at 48 kHz since midnight, where a timecode says it.
    """

    container: str
    streams: tuple[Stream, ...]
    duration_ms: int
    frame_rate: str
    clock: int | None = None


def first_tick(path: Path) -> int:
    """When the first picture of a file is shown, on the file's own clock, in the 90 kHz ticks of MPEG-2 systems.

    Raises:
        MediaError: it cannot be read, or has no picture.
    """
    import av

    try:
        with opened(path, playlist=path.suffix == ".m3u8") as container:
            stream = container.streams.video[0]
            return round((stream.start_time or 0) * (stream.time_base or 0) * 90_000)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise MediaError(f"{path} holds no picture that can be read", file=str(path)) from error


def identify(path: Path) -> Source:
    """The user's file, hashed.

    Raises:
        MediaError: it is absent, a folder, or cannot be read.
    """
    if path.is_dir():
        raise MediaError(f"{path} is a folder: give one file, or use 'localize batch'", file=str(path))
    try:
        return Source(sha256_of(path), path.stat().st_size, str(path))
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", file=str(path)) from error


def probe(path: Path) -> Probe:
    """Read a container's header.

    Raises:
        MediaError: it is no media file, or it is empty.
    """
    import av

    if not path.exists():
        raise MediaError(f"{path} does not exist", file=str(path))
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty", file=str(path))
    try:
        refuse_playlist(path)
        with opened(path) as container:
            base = container.start_time or 0
            streams = tuple(_stream(s, base) for s in container.streams)
            rate = next((s.average_rate for s in container.streams.video if s.average_rate), None)
            duration = max(0, (container.duration or 0) // 1000)
            return Probe(
                container.format.name,
                streams,
                duration,
                f"{rate.numerator}/{rate.denominator}" if rate else "24/1",
                _clock(container, rate),
            )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{path} is not a media file that can be read ({_reason(error)})", file=str(path)) from error


def _clock(container: Any, rate: Fraction | None) -> int | None:
    """Samples at 48 kHz since midnight, by a film's timecode or a broadcast WAV's time reference."""
    said = [container.metadata, *(s.metadata for s in container.streams)]
    reference = container.metadata.get("time_reference", "")
    sounds = container.streams.audio
    broadcast = container.format.name in ("wav", "w64") and len(reference) <= _LONGEST_REFERENCE
    if broadcast and reference.isdecimal() and sounds and sounds[0].codec_context:
        return int(reference) * RATE // int(sounds[0].codec_context.sample_rate)
    timecode = next((m["timecode"] for m in said if "timecode" in m), "")
    found = _TIMECODE.fullmatch(timecode)
    if not found or not rate:
        return None
    hours, minutes, seconds, frames = (int(found[n]) for n in (1, 2, 3, 5))
    per_second = round(rate)
    count = ((hours * 60 + minutes) * 60 + seconds) * per_second + frames
    if found[4] in ";.":  # drop-frame skips two numbers a minute but each tenth, four at 59.94 (SMPTE ST 12-1)
        whole_minutes = hours * 60 + minutes
        count -= round(per_second / 15) * (whole_minutes - whole_minutes // 10)
    samples: Fraction = count / rate * RATE
    return round(samples)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).replace("\n", " ")


def _stream(stream: Any, base: int) -> Stream:
    language = str(stream.metadata.get("language", "")).lower()
    start = float(stream.start_time * stream.time_base) * 1000 if stream.start_time is not None else base / 1000
    audio = stream.type == "audio"
    context = stream.codec_context
    return Stream(
        index=stream.index,
        kind=stream.type,
        codec=context.name if context else "unknown",
        language=canonical_language(language) if language != "und" and _LANGUAGE.fullmatch(language) else None,
        start_ms=max(0, round(start - base / 1000)),
        channels=context.channels if audio and context else 0,
        rate=context.sample_rate if audio and context else 0,
        cover=stream.type == "video" and "attached_pic" in str(stream.disposition.name or "").lower(),
    )


def choose_audio(path: Path, found: Probe, wanted: int | None, language: str | None) -> tuple[Stream, str]:
    """The audio stream to dub, and why it is not the one wished for ("" if it is).

    Raises:
        MediaError: there is no audio, or no audio stream with that index.
    """
    audio = [s for s in found.streams if s.kind == "audio"]
    if not audio:
        raise MediaError(f"{path} has no audio stream to dub", file=str(path))
    if wanted is not None:
        for stream in audio:
            if stream.index == wanted:
                return stream, ""
        known = ", ".join(str(s.index) for s in audio)
        raise MediaError(
            f"{path} has no audio stream {wanted}: its audio streams are {known}", file=str(path), stream=wanted
        )
    tagged = [s for s in audio if language and s.language == language]
    if tagged:
        return tagged[0], ""
    if language and any(s.language for s in audio):
        heard = ", ".join(sorted({s.language or "untagged" for s in audio}))
        return audio[0], f"no audio stream is tagged {language} (there are: {heard}); stream {audio[0].index} is used"
    return audio[0], ""
