"""Encode and mux: the picture is copied, the dub becomes the first audio track."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..data import Blob, Media, Stream
from ..errors import MediaError
from ..runtime.device import cpu_count
from ..runtime.store import Store, step
from . import encoded
from .covers import attach_covers
from .enabled_tracks import switch_text_tracks
from .ffmpeg import run_ffmpeg
from .meter import layout_arguments
from .opening import open_media, url
from .pieces import Piece, pieces_of
from .probe import Probe
from .samples import RATE
from .tracks import MP4, FilmTracks, SubtitleTrack, describe_left_out, describe_recoded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


KEEPS_CONTAINER = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""Suffixes whose container holds a dub as well; any other film becomes Matroska."""
TRIAL_S = 4
"""How much of a film is muxed to see whether it can be."""
_FAR_S = 86_400.0
"""No film lasts longer, so that times farther apart are of a broken clock."""
FLAC_CHANNELS = 8
"""At most (RFC 9639, section 9.1.3)."""


# --- delivering ------------------------------------------------------------------------------------------------------


def film_suffix(media: Media) -> str:
    """The suffix of the dubbed film: the source's where its container can hold the dub, else ".mkv"."""
    suffix = Path(media.source.path).suffix.lower()
    return suffix if suffix in KEEPS_CONTAINER else ".mkv"


def keeps_pcm(container: str, codec: str) -> bool:
    """Whether a dub stays uncompressed, as its source in a QuickTime film is."""
    return container == "mov" and codec.startswith("pcm_")


@step(version=3)
def encode(store: Store, mix: Blob, container: str, channels: int, layout: str = "", pcm: bool = False) -> Blob:
    """The dub's mix as a film's container carries it, in a file of its own.

    Args:
        store: keeps it.
        mix: the sound.
        container: ffmpeg's name of it.
        channels: of the mix.
        layout: what its channels are.
        pcm: uncompressed, which only QuickTime carries.
    """
    codec, form, suffix = _encoding(container, channels, pcm=pcm)
    arguments = ("-c:a", *codec, "-bitexact", "-f", form)
    if codec[0] == "aac":
        pieces = pieces_of(store, mix, encoded.PIECE, encoded.LEAD, encoded.AHEAD)
        return encoded.join(store, pieces, encode_pieces(store, pieces, arguments, layout))
    with store.writing(suffix) as draft:
        run_ffmpeg([*_source(store.path(mix), layout), *arguments, url(draft.path)], "the mix")
    return draft.blob


def _source(path: Path, layout: str) -> list[str]:
    return ["-v", "error", *layout_arguments(layout), "-i", url(path), "-map", "0:a:0"]


@step(version=1, each="pieces")
def encode_pieces(store: Store, pieces: Sequence[Piece], arguments: tuple[str, ...], layout: str) -> tuple[Blob, ...]:
    """Encode pieces of a WAV as AAC, each with what lies around it, in files of their own; as many at once as there are
    cores.
    """

    def encode_piece(piece: Piece) -> Blob:
        with TemporaryDirectory() as folder, store.writing(".m4a") as draft:
            plain = Path(folder) / "piece.wav"
            piece.copy(plain)
            run_ffmpeg([*_source(plain, layout), *arguments, url(draft.path)], "the mix")
        return draft.blob

    with ThreadPoolExecutor(cpu_count()) as pool:
        return tuple(pool.map(encode_piece, pieces))


def dub_codec(suffix: str, original: Stream) -> str:
    """The encoder of a dub, as ffmpeg calls it, in a film of this suffix."""
    container = KEEPS_CONTAINER[suffix]
    return _encoding(container, original.channels, pcm=keeps_pcm(container, original.codec))[0][0]


def encode_for(store: Store, media: Media, mix: Blob, container: str) -> Blob:
    """The mix of a source's dub as a container carries it."""
    codec = next((s.codec for s in media.streams if s.index == media.audio_index), "")
    return encode(store, mix, container, media.channels, media.channel_layout, keeps_pcm(container, codec))


def film_sound(store: Store, media: Media, mix: Blob) -> Blob:
    """A mix as delivered: encoded for the film's container, which is Matroska where the source's takes no such sound;
    unchanged where there is no film.
    """
    if not media.has_picture:
        return mix
    container = KEEPS_CONTAINER[film_suffix(media)]
    try:
        return encode_for(store, media, mix, container)
    except MediaError:
        if container == "matroska":
            raise
        return encode_for(store, media, mix, "matroska")


def is_lossless(sound: Blob) -> bool:
    """Whether a sound as `film_sound` gives it has the mix's own samples: FLAC and PCM, by the suffix of its file."""
    return sound.suffix in (".wav", ".mka", ".mov")


def mux(
    media: Media,
    dub: Path,
    subtitles: Sequence[SubtitleTrack],
    languages: tuple[str, str],
    target: Path,
    tag: str = "",
) -> None:
    """Mux a film: picture copied, dub first, original second, then the source's other streams.

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
    # Pictures of AVI and MPEG-PS with B-frames come without a pts: it follows from the others' dts, their bytes stay.
    command = ["-v", "error", "-fflags", "+genpts", "-i", url(media.source.path)]
    command += ["-itsoffset", f"{media.offset_ms / 1000:.3f}", "-i", url(dub)]
    for track in subtitles:
        command += ["-i", url(track.path)]
    tracks = film_tracks(media, container, tuple(track.language for track in subtitles))
    command += [*tracks.maps(), *tracks.tags(languages)]
    command += ["-map_metadata", "0", "-map_chapters", "0", "-max_muxing_queue_size", "4096"]
    if tag:
        command += ["-metadata", f"comment={' | '.join(filter(None, (_comment(media.source.path), tag)))}"]
    if container in MP4:
        command += ["-movflags", "+faststart"]
    with TemporaryDirectory() as folder:
        command += attach_covers(media.source.path, media.streams, Path(folder)) if container == "matroska" else []
        run_ffmpeg([*command, "-f", container, url(target)], media.source.path)
    if container in MP4:
        switch_text_tracks(target, tracks.shown)


def film_tracks(media: Media, container: str, added: tuple[str, ...] = ()) -> FilmTracks:
    """The streams of a source's dubbed film, with new subtitles in the languages `added`."""
    return FilmTracks(container, media.streams, media.audio_index, added)


def _comment(path: str) -> str:
    """The comment in the source's container, which is kept."""
    import av

    try:
        with open_media(path) as container:
            said = {name.lower(): text for name, text in container.metadata.items()}
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be read any more: {error}", path=path) from error
    return str(said.get("comment", ""))


def describe_wav(audio: Path, target: Path, clock: int | None, description: str) -> None:
    """Write a WAV that says what it is and when it starts: as broadcasters read it (`bext`, EBU Tech 3285), and in the
    comment that players show. Its samples are unchanged.

    Args:
        audio: the WAV.
        target: the file to write.
        clock: samples since midnight at its start; None where the source has no timecode.
        description: ASCII, at most 256 characters; "" for none.

    Raises:
        MediaError: it is no WAV.
        StoreError: the disk is full.
    """
    said = [] if clock is None else ["-metadata", f"time_reference={clock}"]
    said += ["-metadata", f"description={description}", "-metadata", f"comment={description}"] if description else []
    run_ffmpeg(
        ["-v", "error", "-i", url(audio), "-map", "0:a:0", "-c", "copy", "-rf64", "auto",
         "-write_bext", "1", *said, "-metadata", "originator=localize", "-bitexact", "-f", "wav", url(target)],
        target.name,
    )  # fmt: skip


def describe_flac(audio: Path, target: Path, clock: int | None, description: str) -> None:
    """Write a WAV as FLAC (RFC 9639), with what `describe_wav` says as comments. Its samples are unchanged.

    Args:
        audio: the WAV, of at most `FLAC_CHANNELS`.
        target: the file to write.
        clock: samples since midnight at its start; None where the source has no timecode.
        description: ASCII; "" for none.

    Raises:
        MediaError: it is no WAV.
        StoreError: the disk is full.
    """
    said = [] if clock is None else ["-metadata", f"TIME_REFERENCE={clock}"]
    said += ["-metadata", f"COMMENT={description}"] if description else []
    coded = ["-map", "0:a:0", "-c:a", "flac", *said, "-bitexact", "-f", "flac", url(target)]
    run_ffmpeg(["-v", "error", "-i", url(audio), *coded], target.name)


CLIP_BITS = 48_000
"""Of a second of a clip: AAC, one channel."""


def write_clip(target: Path, samples: NDArray[np.float32], comment: str) -> None:
    """Write a short sound as AAC in MP4, as every browser plays it.

    Args:
        target: the file to write.
        samples: 48 kHz, one channel, (n,).
        comment: that the file carries; "" for none.
    """
    import av

    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as out:
        out.metadata.update({"comment": comment} if comment else {})
        stream = out.add_stream("aac", rate=RATE, layout="mono", options={"flags": "+bitexact"})
        stream.bit_rate = CLIP_BITS
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for part in (frame, None):
            out.mux(stream.encode(part))


def mux_picture(picture: Path, film: Path, target: Path) -> None:
    """Mux a film's audio streams with another picture; soft subtitles are left out, since the picture shows them.

    Raises:
        MediaError: the container cannot hold one of the streams.
        StoreError: the disk is full.
    """
    command = ["-v", "error", "-i", url(picture), "-i", url(film), "-map", "0:v:0", "-map", "1:a", "-c", "copy"]
    command += ["-map_metadata", "1", "-map_chapters", "1", "-max_muxing_queue_size", "4096"]
    run_ffmpeg([*command, "-f", KEEPS_CONTAINER[target.suffix], url(target)], film.name)


def _encoding(container: str, channels: int, *, pcm: bool = False) -> tuple[list[str], str, str]:
    """Codec, format and suffix of a dub for a container."""
    if pcm:
        return ["pcm_s24le"], "mov", ".mov"
    if container == "matroska" and channels > FLAC_CHANNELS:
        return ["pcm_s24le"], "matroska", ".mka"
    # FLAC in Matroska: lossless, and without the encoder delay that would shift the picture's clock.
    return {
        "matroska": (["flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24"], "matroska", ".mka"),
        "webm": (["libopus", "-b:a", f"{96 * channels}k"], "webm", ".webm"),
    }.get(container, (["aac", "-b:a", f"{128 * channels if channels > 1 else 160}k"], "mp4", ".m4a"))


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """The result of the trial mux of a film's first seconds.

    Args:
        suffix: of the film that can be made, "" for none.
        reason: why it is not the source's own suffix, or why there is none; "" where nothing changes.
        left_out: the streams of the source that the film will not hold, in words; "" where it holds all.
        recoded: the sounds of the source that become FLAC with the same samples, in words; "" for none.
    """

    suffix: str
    reason: str
    left_out: str = ""
    recoded: str = ""


def plan_film(path: Path, found: Probe, chosen: Stream) -> FilmPlan | None:
    """Mux the first seconds of a film with silence for a dub of as many channels; where that fails all of it, which is
    sure; None without a picture. Nothing is kept.

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
        refused = _try_mux(path, found, chosen, suffix, TRIAL_S) and _try_mux(path, found, chosen, suffix, None)
        if not refused:
            tracks = FilmTracks(KEEPS_CONTAINER[suffix], found.streams, chosen.index)
            return FilmPlan(suffix, reason, describe_left_out(tracks), describe_recoded(tracks))
        reason = f"{suffix} cannot hold one of its streams ({refused})"
    return FilmPlan("", _describe_times(path, found) or reason)


def _describe_times(path: Path, found: Probe) -> str:
    """In words that the packets of one of a film's streams cannot be put in order: some have no time while others of
    the stream have, or times lie days apart. "" where neither is so.

    Matroska and FLV hold no time before 0: files that a tool began there anyway read like this.
    """
    import av

    named = {
        s.index: "picture" if s.kind == "video" else "sound" for s in found.streams if s.kind in ("video", "audio")
    }
    unset, seen = dict.fromkeys(named, 0), dict[int, list[float]]()
    try:
        with open_media(path) as container:
            for packet in container.demux([container.streams[index] for index in named]):
                time = packet.dts if packet.dts is not None else packet.pts
                if packet.size and time is None:
                    unset[packet.stream_index] += 1
                elif packet.size:
                    at = float(time * packet.time_base)
                    known = seen.setdefault(packet.stream_index, [at, at])
                    known[:] = min(known[0], at), max(known[1], at)
    except (av.FFmpegError, OSError):
        return ""
    lost = [named[index] for index, count in unset.items() if count and index in seen]
    far = [named[index] for index, (first, last) in seen.items() if last - first > _FAR_S]
    if not lost and not far:
        return ""
    what = f"packets of its {(lost or far)[0]} have {'no time' if lost else 'times that lie days apart'}"
    return (
        f"{what}, as where a file was made to begin before 0, so that no player shows it in step and it has to be "
        "made anew from its source, beginning at 0"
    )


def _try_mux(path: Path, found: Probe, chosen: Stream, suffix: str, seconds: int | None) -> str:
    """Why a film of this suffix cannot be made, "" where it can."""
    container = KEEPS_CONTAINER[suffix]
    command = ["-v", "error", "-fflags", "+genpts", "-i", url(path)]
    command += ["-f", "lavfi", "-t", "1", "-i", f"anullsrc=r={RATE}:cl={_layout(path, chosen)}"]
    codec, _, _ = _encoding(container, chosen.channels, pcm=keeps_pcm(container, chosen.codec))
    command += [*FilmTracks(container, found.streams, chosen.index).maps(), "-c:a:0", codec[0]]
    command += [] if seconds is None else ["-t", str(seconds)]
    try:
        run_ffmpeg([*command, "-max_muxing_queue_size", "4096", "-f", container, url(os.devnull)], str(path))
    except MediaError as error:
        return error.message.rsplit(": ", 1)[-1]
    return ""


def _layout(path: Path, sound: Stream) -> str:
    """The channels of a stream as ffmpeg calls them, since an encoder may not take every set; the usual ones of that
    number where the file does not say.
    """
    with open_media(path) as container:
        context = container.streams[sound.index].codec_context
        name = str(context.layout.name) if context else ""
    return f"{max(1, sound.channels)}c" if " " in name or not name else name
