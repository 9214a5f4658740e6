"""Probe a media file's container and streams, and choose the audio stream with the dialogue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..data import Source, Stream
from ..errors import MediaError
from ..language.tags import canonical_language
from ..runtime.files import file_identity, sha256_of
from .opening import open_media, refuse_playlist
from .purposes import language_of_title, purpose_of
from .samples import RATE
from .stated_size import stated_bytes

_LONGEST_REFERENCE = 20
_TIMECODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_LONGEST_TITLE = 80
_NAMELESS = re.compile(
    r"^\W*(?:(?:apple |quicktime )?(?:sound|audio|video|subtitle|text|data|stereo|mono|surround)(?: media)? ?"
    r"(?:handler|track)?|core media (?:audio|video)|(?:gpac )?iso (?:media file|audio handler|video handler).*|"
    r"mainconcept.*|l-smash.*|bento4.*|videohandle|soundhandle)\W*$",
    re.IGNORECASE,
)
"""Names of tracks that programs give when nobody named them."""
CUT_MS = 500
"""Sound that ends this much before the length its file states was cut off; less is a codec's padding."""
_NEARLY = 0.01
"""A file may lack so much of the size it states: an index at its end, or padding."""
_STATES_LENGTHS = frozenset("mov mp4 matroska webm avi wav w64 flac asf flv mxf aiff au rm tta wv".split())
"""Containers whose headers hold a length; in others it is guessed by the bit rate, or read off the last packets."""


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
        with open_media(path, playlist=path.suffix == ".m3u8") as container:
            stream = container.streams.video[0]
            return round((stream.start_time or 0) * (stream.time_base or 0) * 90_000)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise MediaError(f"{path} holds no picture that can be read", file=str(path)) from error


def identify(path: Path) -> Source:
    """Hash the user's file.

    Raises:
        MediaError: it is absent, a folder, or cannot be read.
    """
    if path.is_dir():
        raise MediaError(f"{path} is a folder: give one file, or use 'localize batch'", file=str(path))
    try:
        return Source(sha256_of(path), path.stat().st_size, str(path))
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", file=str(path)) from error


def require_unchanged(source: Source) -> None:
    """Refuse to deliver what was made of a file that is another now.

    Raises:
        MediaError: it was changed, or cannot be read any more.
    """
    if identify(Path(source.path)).sha256 != source.sha256:
        raise MediaError(
            f"{source.path} changed while it was worked on: nothing was delivered; run the same command again",
            file=source.path,
        )


def probe(path: Path) -> Probe:
    """Read a container's header; once for as long as the file is the same.

    Raises:
        MediaError: it is no media file, or it is empty.
    """
    if not path.exists():
        raise MediaError(f"{path} does not exist: check its name, and the folder you are in", file=str(path))
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty: copy or export it again", file=str(path))
    return _probe(path, file_identity(path))


@lru_cache(maxsize=64)  # of a folder of films each is probed again by a few steps of its dub
def _probe(path: Path, _identity: tuple[int, int, int]) -> Probe:
    import av

    try:
        refuse_playlist(path)
        with open_media(path) as container:
            base = container.start_time or 0
            streams = tuple(_stream(s, base, container) for s in container.streams)
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
        raise MediaError(
            f"{path} is not a media file that can be read ({_reason(error)}): copy it again, or convert it if a player "
            "plays it",
            file=str(path),
        ) from error


def pixel_format(path: Path, index: int) -> str:
    """How the pixels of a picture are stored, as ffmpeg calls it ("yuv420p"); "" where the header does not say.

    Args:
        path: of the film.
        index: of the stream.

    Raises:
        MediaError: the file cannot be read.
    """
    import av

    try:
        with open_media(path) as container:
            return str(container.streams[index].codec_context.pix_fmt or "")
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise MediaError(f"{path} is not a film that can be read ({_reason(error)})", file=str(path)) from error


def _clock(container: Any, rate: Fraction | None) -> int | None:
    """Samples at 48 kHz since midnight, by a film's timecode or a broadcast WAV's time reference."""
    said = [container.metadata, *(s.metadata for s in container.streams)]
    reference = container.metadata.get("time_reference", "")
    sounds = container.streams.audio
    broadcast = container.format.name in ("wav", "w64") and len(reference) <= _LONGEST_REFERENCE
    if broadcast and reference.isdecimal() and sounds and sounds[0].codec_context:
        return int(reference) * RATE // int(sounds[0].codec_context.sample_rate)
    timecode = next((text for m in said for name, text in m.items() if name.lower() == "timecode"), "")
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


def _stream(stream: Any, base: int, container: Any) -> Stream:
    language = str(stream.metadata.get("language", "")).lower()
    start = float(stream.start_time * stream.time_base) * 1000 if stream.start_time is not None else base / 1000
    from av.stream import Disposition

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
        title=_title(stream),
        default=bool(stream.disposition & Disposition.default),
        purpose=purpose_of(stream, _title(stream)) if audio else "",
        stated_ms=_header_duration_ms(stream, container),
        flags=tuple(str(flag.name) for flag in Disposition if stream.disposition & flag),
        remade=stream.type == "data" and ("timecode" in stream.metadata or _names_chapters(stream, container)),
    )


def _names_chapters(stream: Any, container: Any) -> bool:
    """Whether a data stream is the text track in which MP4 holds the names of chapters."""
    return "mp4" in container.format.name and bool(container.chapters()) and stream.name == "bin_data"


def choose_audio(
    path: Path, found: Probe, wanted: int | str | None, language: str | None, among: Sequence[str] = ()
) -> tuple[Stream, str]:
    """Choose the audio stream to dub; with it a note on the choice for the user, "" where there was only one.

    Dialogue comes before descriptions, commentaries and sound without words; then the language asked for, or else one
    that can be translated; then the default; then more channels; then the order in the file.

    Args:
        path: for messages.
        found: what the container holds.
        wanted: a stream's index, a language, or "a:1" for the second audio stream; None to choose.
        language: the source language asked for, or None.
        among: the languages that can be translated, where that matters.

    Raises:
        MediaError: there is no audio, or no audio stream of that name.
    """
    audio = [s for s in found.streams if s.kind == "audio"]
    if not audio:
        raise MediaError(f"{path} has no audio stream to dub: give the file that has the sound", file=str(path))
    if wanted is not None:
        audio = _match_streams(path, audio, wanted)
        if len(audio) == 1:
            return audio[0], ""
    wished = (language,) if language else tuple(among)

    def rank(stream: Stream) -> tuple[bool, int, bool, int]:
        spoken = stream.language or language_of_title(stream.title)
        fits = 0 if spoken in wished else 1 if spoken is None else 2
        return (bool(stream.purpose), fits if wished else 0, not stream.default, -stream.channels)

    chosen = min(audio, key=rank)
    if len(audio) == 1 and (not language or chosen.language in (None, language)):
        return chosen, ""
    missing = language and not any(s.language == language for s in audio) and any(s.language for s in audio)
    others = "; ".join(describe_stream(s) for s in audio if s is not chosen)
    alternatives = f"; there are also {others} (--stream takes an index, a language or a:1)" if others else ""
    untagged = f"no audio stream is tagged {language}: " if missing else ""
    return chosen, f"{untagged}stream {describe_stream(chosen)} is used{alternatives}"


def _header_duration_ms(stream: Any, container: Any) -> int:
    """Duration of a stream as its header states it; Matroska's count from 0, whenever the stream begins."""
    names = container.format.name.split(",")
    if _STATES_LENGTHS.isdisjoint(names):
        return 0
    start_ms = (stream.start_time or 0) * (stream.time_base or 0) * 1000 if "matroska" in names else 0
    if stream.duration and stream.time_base:
        stated: Fraction = stream.duration * stream.time_base * 1000
        return round(stated)
    written = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)", stream.metadata.get("DURATION", ""))
    if written:  # Matroska's statistics tags
        stated_ms = (int(written[1]) * 60 + int(written[2])) * 60_000 + float(written[3]) * 1000
        return max(0, round(stated_ms - start_ms))
    return max(0, (container.duration or 0) // 1000 - round(start_ms))


def _title(stream: Any) -> str:
    """A stream's name on one line; names that muxers give by themselves are none."""
    said = str(stream.metadata.get("title", "")) or str(stream.metadata.get("handler_name", ""))
    title = " ".join(_NAMELESS.sub("", said).split())
    return "".join(c for c in title if c.isprintable())[:_LONGEST_TITLE]


def _match_streams(path: Path, audio: Sequence[Stream], wanted: int | str) -> list[Stream]:
    """The audio streams that an index, "a:1" or a language names."""
    name = str(wanted).strip()
    if re.fullmatch(r"-?\d{1,9}", name):
        named = [s for s in audio if s.index == int(name)]
    elif (number := name.removeprefix("a:")) != name:
        named = [audio[int(number)]] if number.isdecimal() and len(number) < 4 and int(number) < len(audio) else []
    else:
        named = [s for s in audio if s.language == canonical_language(name)]
    if not named:
        known = "; ".join(describe_stream(s) for s in audio)
        raise MediaError(
            f"{path} has no audio stream {name}: its audio streams are {known}", file=str(path), stream=name
        )
    return named


def describe_stream(stream: Stream) -> str:
    """An audio stream in words: '2 (en, "Director commentary", commentary, stereo)'."""
    channels = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(stream.channels, f"{stream.channels} channels")
    title = f'"{stream.title}"' if stream.title else ""
    facts = [stream.language or "untagged", title, stream.purpose, "default" if stream.default else "", channels]
    return f"{stream.index} ({', '.join(fact for fact in facts if fact)})"


def describe_truncation(path: Path, stream: Stream) -> str:
    """Where an audio stream ends that should last longer, in words; "" where it is whole, or states no length."""
    ends = _ends_ms(path, stream, stream.stated_ms - 10 * CUT_MS) if stream.stated_ms else 0
    short = stream.stated_ms - ends > CUT_MS
    if short:
        ends = _ends_ms(path, stream, 0)  # nothing there, or nowhere to seek to: read it all
    lost = "what was said after that is lost; get a whole copy"
    if stream.stated_ms - max(ends, _others_end_ms(path, stream) if short else 0) > CUT_MS:
        return f"the file is cut off: its sound ends at {ends / 1000:.1f} s of {stream.stated_ms / 1000:.1f} s: {lost}"
    there, stated = path.stat().st_size, stated_bytes(path)
    if stated - there <= stated * _NEARLY:
        return ""
    ends = _ends_ms(path, stream, 0)
    return (
        f"the file is cut off: {there} of {stated} bytes are there, and its sound ends at {ends / 1000:.1f} s: {lost}"
    )


def _others_end_ms(path: Path, sound: Stream) -> int:
    """When the last packet of any other stream ends, each counted from its own start: where only the film states a
    length, a sound may end before the picture. 0 in MP4 and MOV, where each stream states its own.
    """
    with open_media(path) as container:
        if "mp4" in container.format.name:
            return 0
        others = [s.index for s in container.streams if s.index != sound.index]
    ends = (_ends_ms(path, replace(sound, index=index), 0) for index in others)
    return max(ends, default=0)


def _ends_ms(path: Path, stream: Stream, from_ms: int) -> int:
    """When the last packet of a stream at or after a time ends, counted from the stream's start; 0 without one."""
    import av

    ends = 0.0
    try:
        with open_media(path) as container:
            sound = container.streams[stream.index]
            base = sound.time_base
            if base is None:
                return 0
            start = float((sound.start_time or 0) * base)
            if from_ms > 0 and container.format.name != "mxf":  # there a place is computed, also one that is not there
                container.seek(round((start * 1000 + from_ms) / 1000 / float(base)), stream=sound)
            for packet in container.demux(sound):
                if packet.pts is not None:
                    ends = max(ends, float((packet.pts + (packet.duration or 0)) * base) - start)
    except (av.FFmpegError, OSError):  # a file that breaks off ends so
        pass
    return round(ends * 1000)
