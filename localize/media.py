"""The only file that knows ffmpeg and PyAV: probe, decode, measure, encode, mux.

PyAV reads what a container holds; the ffmpeg program (the system's, else the one imageio-ffmpeg brings) decodes,
measures and muxes, always with an argument list, never through a shell. Audio flows in blocks: nothing holds a film in
memory.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

from .cleaning import Cleaner, cleaner_version
from .data import Blob, Media, Source, Span, Stream
from .errors import EngineMissing, MediaError, StoreError, UsageError
from .store import Store, sha256_of, step

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

RATE = 48_000
SPEECH_RATE = 16_000
BLOCK = 10 * RATE
"""Samples held at once while audio flows."""
FULL_SCALE = 2.0**31
"""What 32-bit numbers, whose upper 24 bits are heard, are divided by to become -1…1."""
KEEPS_CONTAINER = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""Suffixes whose container holds a dub as well; any other film becomes Matroska."""
SUBTITLE_CODEC = {"mp4": "mov_text", "mov": "mov_text", "matroska": "srt", "webm": "webvtt"}
_LONGEST_REFERENCE = 20
_TIMECODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@cache
def ffmpeg() -> str:
    """The ffmpeg program.

    Raises:
        EngineMissing: there is none, not even imageio-ffmpeg's.
    """
    if system := shutil.which("ffmpeg"):
        return system
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise EngineMissing("no ffmpeg was found: install ffmpeg, or pip install imageio-ffmpeg") from error


def run_ffmpeg(arguments: Sequence[str], about: str) -> str:
    """Run ffmpeg to its end.

    Args:
        arguments: after the program's name; input paths must come as `file:…` (see `url`).
        about: the file concerned, for the message.

    Returns:
        what it printed on stderr.

    Raises:
        MediaError: it failed; the message carries its last line.
        StoreError: the disk is full.
    """
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-y", *arguments]
    result = subprocess.run(command, capture_output=True, check=False)
    text = result.stderr.decode("utf-8", "replace")
    if result.returncode:
        raise _failure(text, about)
    return text


def _failure(text: str, about: str) -> MediaError | StoreError:
    if "No space left on device" in text:
        return StoreError("the disk is full: free some space and run the same command again")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return MediaError(f"{about}: {lines[-1] if lines else 'ffmpeg failed without a word'}", file=about)


def url(path: str | os.PathLike[str]) -> str:
    """A path as ffmpeg and PyAV must be given it, so that no file name is taken for a protocol or a flag."""
    return "file:" + os.fspath(path)


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
        with av.open(url(path)) as container:
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
        with av.open(url(path), metadata_errors="replace") as container:
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


def canonical_language(tag: str) -> str:
    """The shortest BCP 47 language of a tag: "spa", "es-ES" -> "es".

    Raises:
        UsageError: no such language.
    """
    import langcodes

    try:
        if not tag[:2].isalpha():
            raise ValueError(tag)
        language = langcodes.Language.get(tag).language
    except (langcodes.LanguageTagError, ValueError):
        language = None
    if not language:
        raise UsageError(f"{tag!r} is not a language tag (BCP 47), such as es or pt")
    return str(langcodes.standardize_tag(language, macro=True))


def region_of(tag: str) -> str:
    """Where the speakers of a BCP 47 tag are at home: "es-MX" -> "MX", "es-419" -> "419", "es" -> ""."""
    import langcodes

    return langcodes.Language.get(tag).territory or ""


def iso639_2(language: str) -> str:
    """Three letters for a container's language tag (ISO 639-2/T), "und" where there are none."""
    import langcodes

    try:
        return str(langcodes.Language.get(language).to_alpha3())
    except LookupError:
        return "und"


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
    decoded = decode(store, source, chosen.index, cleaner_version())
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
    cleaner = Cleaner() if clean else None
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


@contextmanager
def reading(path: Path, *, rate: int, channels: int) -> Iterator[IO[bytes]]:
    """A pipe of float32 samples, interleaved, from any audio file.

    Raises:
        MediaError: ffmpeg cannot decode it.
    """
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-i", url(path), "-map", "0:a:0", "-ar", str(rate)]
    command += ["-ac", str(channels), "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        yield process.stdout
        while process.stdout.read(1 << 20):  # what the caller did not want, so that ffmpeg can end
            pass
        text = process.stderr.read().decode("utf-8", "replace")
    if process.returncode:
        raise _failure(text, str(path))


# --- measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R 128 measures of a whole file; -70 LUFS stands for silence."""

    integrated_lufs: float
    true_peak_dbtp: float


@step(version=1)
def loudness(store: Store, audio: Blob, layout: str = "") -> Loudness:
    """Integrated loudness (ITU-R BS.1770-4, gated) and true peak of a file's sound, by ffmpeg's ebur128."""
    text = run_ffmpeg(
        [
            "-v",
            "info",
            "-nostats",
            *_declared(layout),
            "-i",
            url(store.path(audio)),
            "-af",
            "ebur128=peak=true:framelog=quiet",
            "-f",
            "null",
            "-",
        ],
        "the mix",
    )
    summary = text[text.rfind("Summary:") :]
    integrated = re.search(r"I:\s*(-?[\d.]+|-inf|nan) LUFS", summary)
    peak = re.search(r"Peak:\s*(-?[\d.]+|-inf|nan) dBFS", summary)
    return Loudness(_level(integrated), _level(peak))


def _declared(layout: str) -> list[str]:
    """What ffmpeg must be told of a WAV's channels where it would guess wrong by their number."""
    guessed = ("", "mono", "stereo", "5.1", "5.1(side)", "7.1")
    return [] if layout in guessed else ["-channel_layout", layout]


def _level(match: re.Match[str] | None) -> float:
    text = match.group(1) if match else "-inf"
    return -70.0 if text in ("-inf", "nan") else max(-70.0, float(text))


def whole(samples: NDArray[np.floating]) -> NDArray[np.int32]:
    """-1…1 to 24-bit numbers in the upper bytes of 32."""
    import numpy as np

    numbers: NDArray[np.int32] = np.clip(np.rint(samples * 2.0**23), -(2**23), 2**23 - 1).astype(np.int32) * 256
    return numbers


def sound(store: Store, audio: Blob) -> soundfile.SoundFile:
    """A blob to read samples from."""
    import soundfile

    return soundfile.SoundFile(store.path(audio))


def excerpts(store: Store, audio: Blob, spans: Sequence[Span]) -> NDArray[np.float32]:
    """What a mono file has in `spans`, one after the other."""
    import numpy as np

    parts = [np.zeros(0, np.float32)]
    with sound(store, audio) as file:
        for span in spans:
            file.seek(min(file.frames, span.start_ms * file.samplerate // 1000))
            parts.append(file.read(span.length_ms * file.samplerate // 1000, dtype="float32"))
    return np.concatenate(parts)


def wav(path: Path, channels: int, samples: int) -> soundfile.SoundFile:
    """A 24-bit WAV at 48 kHz to write to; RF64 only where a plain one could not hold the file."""
    import soundfile

    huge = samples * channels * 3 > 4_000_000_000
    return soundfile.SoundFile(path, "w", RATE, channels, "PCM_24", format="RF64" if huge else "WAV")


# --- delivering ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """One SRT file to be carried as a soft track."""

    path: str
    language: str


def film_suffix(media: Media) -> str:
    """The suffix of the dubbed film: the source's where its container can hold the dub, else ".mkv"."""
    suffix = Path(media.source.path).suffix.lower()
    return suffix if suffix in KEEPS_CONTAINER else ".mkv"


@step(version=1)
def encode(store: Store, mix: Blob, container: str, channels: int, layout: str = "") -> Blob:
    """The dub's mix as a film's container carries it, in a file of its own; `layout` is what its channels are."""
    # FLAC in Matroska: lossless, and without the encoder delay that would shift the picture's clock.
    codec, form, suffix = {
        "matroska": (["flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"], "matroska", ".mka"),
        "webm": (["libopus", "-b:a", f"{96 * channels}k"], "webm", ".webm"),
    }.get(container, (["aac", "-b:a", f"{128 * channels if channels > 1 else 160}k"], "mp4", ".m4a"))
    with store.writing(suffix) as draft:
        run_ffmpeg(
            [
                "-v",
                "error",
                *_declared(layout),
                "-i",
                url(store.path(mix)),
                "-map",
                "0:a:0",
                "-c:a",
                *codec,
                "-bitexact",
                "-f",
                form,
                url(draft.path),
            ],
            "the mix",
        )
    return draft.blob


def film_sound(store: Store, media: Media, mix: Blob) -> Blob:
    """A mix as it is delivered: as the film's container carries it, or as it is where there is no film."""
    if not media.has_picture:
        return mix
    return encode(store, mix, KEEPS_CONTAINER[film_suffix(media)], media.channels, media.channel_layout)


def mux(
    media: Media,
    dub: Path,
    subtitles: Sequence[SubtitleTrack],
    languages: tuple[str, str],
    target: Path,
    tag: str = "",
) -> None:
    """Put a film together: the picture copied, dub first, original second, then what else the source holds.

    Args:
        media: the source.
        dub: as `encode` made it for the target's container; it starts with the source's audio.
        subtitles: SRT files on the picture's clock, in order; the first is the target language.
        languages: of the dub and of the original.
        target: its suffix chooses the container.
        tag: what the container's comment is to say.

    Raises:
        MediaError: the container cannot hold one of the streams.
        StoreError: the disk is full.
    """
    container = KEEPS_CONTAINER[target.suffix]
    command = ["-v", "error", "-i", url(media.source.path)]
    command += ["-itsoffset", f"{media.offset_ms / 1000:.3f}", "-i", url(dub)]
    for track in subtitles:
        command += ["-i", url(track.path)]
    command += _maps(media, container, len(subtitles))
    command += _tags(media, subtitles, languages, container)
    command += ["-map_metadata", "0", "-map_chapters", "0", "-max_muxing_queue_size", "4096"]
    if tag:
        command += ["-metadata", f"comment={' | '.join(filter(None, (_comment(media.source.path), tag)))}"]
    if container in ("mp4", "mov"):
        command += ["-movflags", "+faststart"]
    run_ffmpeg([*command, "-f", container, url(target)], media.source.path)


def _comment(path: str) -> str:
    """What the source's container says of itself, which is kept."""
    import av

    with av.open(url(path), metadata_errors="replace", options={"protocol_whitelist": "file"}) as container:
        said = {name.lower(): text for name, text in container.metadata.items()}
    return str(said.get("comment", ""))


def _maps(media: Media, container: str, added: int) -> list[str]:
    pictures = [s for s in media.streams if s.kind == "video"]
    others = [s for s in media.streams if s.kind == "audio" and s.index != media.audio_index]
    kept = [s for s in media.streams if s.kind == "subtitle"]
    wanted = [f"0:{s.index}" for s in pictures] + ["1:a:0", f"0:{media.audio_index}"] + [f"0:{s.index}" for s in others]
    wanted += [f"{2 + n}:s:0" for n in range(added)] + [f"0:{s.index}" for s in kept]
    if container == "matroska":
        wanted.append("0:t?")
    command = [part for name in wanted for part in ("-map", name)] + ["-c", "copy"]
    for n in range(added):
        command += [f"-c:s:{n}", SUBTITLE_CODEC[container]]
    return command


def _tags(media: Media, subtitles: Sequence[SubtitleTrack], languages: tuple[str, str], container: str) -> list[str]:
    dub, original = languages
    command = ["-metadata:s:a:0", f"language={iso639_2(dub)}", "-metadata:s:a:1", f"language={iso639_2(original)}"]
    command += ["-metadata:s:a:0", f"title={dub} (AI dub)", "-metadata:s:a:1", f"title={original} (original)"]
    if container in ("mp4", "mov"):
        command += ["-metadata:s:a:0", f"handler_name={dub} (AI dub)"]
    command += ["-disposition:a", "0", "-disposition:a:0", "default"]
    for n, track in enumerate(subtitles):
        command += [f"-metadata:s:s:{n}", f"language={iso639_2(track.language)}"]
        command += [f"-disposition:s:{n}", "0"]
    return command


@step(version=1)
def clocked(store: Store, audio: Blob, clock: int) -> Blob:
    """A WAV with its place in the day as broadcasters read it (EBU Tech 3285), its samples as they are."""
    with store.writing(".wav") as draft:
        run_ffmpeg(
            ["-v", "error", "-i", url(store.path(audio)), "-map", "0:a:0", "-c", "copy", "-rf64", "auto",
             "-write_bext", "1", "-metadata", f"time_reference={clock}", "-metadata", "originator=localize",
             "-bitexact", "-f", "wav", url(draft.path)],
            "the mix",
        )  # fmt: skip
    return draft.blob


@step(version=1)
def burnt_picture(store: Store, source: Source, subtitles: str) -> Blob:
    """A film's picture with subtitles drawn into it, encoded as H.264 that the eye cannot tell from the source.

    Args:
        store: keeps it.
        source: the film.
        subtitles: SubRip text on the picture's clock.
    """
    with TemporaryDirectory() as folder, store.writing(".mp4") as draft:
        text = Path(folder) / "burn.srt"
        text.write_text(subtitles, encoding="utf-8")
        # A filter's option is escaped twice, once for itself and once for the graph (ffmpeg-utils, "Quoting").
        name = re.sub(r"([\\':])", r"\\\1", os.fspath(text))
        name = re.sub(r"([\\'\[\],;])", r"\\\1", name)
        command = ["-v", "error", "-i", url(source.path), "-map", "0:V:0", "-vf", f"subtitles=filename={name}"]
        command += ["-fps_mode", "passthrough", "-c:v", "libx264", "-crf", "16", "-preset", "medium"]
        command += ["-pix_fmt", "yuv420p", "-map_metadata", "-1", "-bitexact", "-f", "mp4", url(draft.path)]
        run_ffmpeg(command, source.path)
    return draft.blob


def with_picture(picture: Path, film: Path, target: Path) -> None:
    """The sounds of a film under another picture; soft subtitles are left out, since the picture shows them.

    Raises:
        MediaError: the container cannot hold one of the streams.
        StoreError: the disk is full.
    """
    command = ["-v", "error", "-i", url(picture), "-i", url(film), "-map", "0:v:0", "-map", "1:a", "-c", "copy"]
    command += ["-map_metadata", "1", "-map_chapters", "1", "-max_muxing_queue_size", "4096"]
    run_ffmpeg([*command, "-f", KEEPS_CONTAINER[target.suffix], url(target)], film.name)
