"""HLS renditions of subtitles: WebVTT in segments, and the lines a master playlist needs (RFC 8216, section 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ..data import Span
from ..errors import UsageError
from ..runtime.files import write_text
from .cues import Document
from .webvtt import WebVtt

_NO_FRAMES = Fraction(25)
_LONGEST_MS = 48 * 3_600_000
_SPOKEN = "public.accessibility.transcribes-spoken-dialog"
_SOUNDS = "public.accessibility.describes-music-and-sound"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One subtitle track of a master playlist.

    Args:
        language: BCP 47 tag.
        name: what a player shows; unique in its group.
        uri: of the media playlist, relative to the master's folder.
        forced: only what must be read.
        hearing: for the deaf and hard of hearing.
        default: shown when nobody chooses.
    """

    language: str
    name: str
    uri: str
    forced: bool = False
    hearing: bool = False
    default: bool = False

    def tag(self, group: str = "subs") -> str:
        """The EXT-X-MEDIA line."""
        values = {
            "TYPE": "SUBTITLES",
            "GROUP-ID": quote(group),
            "NAME": quote(self.name),
            "LANGUAGE": quote(self.language),
            "DEFAULT": "YES" if self.default else "NO",
            "AUTOSELECT": "YES",
            "FORCED": "YES" if self.forced else "NO",
        }
        if self.hearing:
            values["CHARACTERISTICS"] = quote(f"{_SPOKEN},{_SOUNDS}")
        values["URI"] = quote(self.uri)
        return "#EXT-X-MEDIA:" + ",".join(f"{key}={value}" for key, value in values.items())


def write_hls(
    document: Document,
    folder: Path,
    *,
    name: str,
    duration_ms: int,
    segment_ms: int = 6000,
    boundaries_ms: Sequence[int] = (),
    mpegts: int = 0,
    stem: str = "",
    forced: bool = False,
    hearing: bool = False,
    default: bool = False,
) -> Rendition:
    """Write one subtitle track as segmented WebVTT with its media playlist.

    Args:
        document: the cues; its language names the track.
        folder: the master playlist's folder; the track goes into a folder of its own inside.
        name: what a player shows.
        duration_ms: of the programme; a cue that ends later makes the track longer.
        segment_ms: length of a segment.
        boundaries_ms: where segments start instead, to follow those of the picture; the first must be 0.
        mpegts: the 90 kHz clock of the picture's time zero, for X-TIMESTAMP-MAP (RFC 8216, section 3.5).
        stem: of the track's folder; `subs-<language>` without one.
        forced: only what must be read.
        hearing: for the deaf and hard of hearing.
        default: shown when nobody chooses.

    Returns:
        the track, for the master playlist.

    Raises:
        UsageError: lengths that make no segments.
        StoreError: the disk is full or cannot be written.
    """
    total = max([duration_ms, *(cue.span.end_ms for cue in document.cues)])
    if segment_ms < 500 or duration_ms < 1 or total > _LONGEST_MS:
        raise UsageError(f"no segments of {segment_ms} ms in {total} ms")
    starts = (
        sorted({0, *(b for b in boundaries_ms if 0 <= b < total)}) if boundaries_ms else range(0, total, segment_ms)
    )
    pieces = [Span(start, end) for start, end in zip(starts, [*starts[1:], total])]
    stem = stem or f"subs-{document.language or 'und'}" + ("-forced" if forced else "-sdh" if hearing else "")
    track = folder / stem
    track.mkdir(parents=True, exist_ok=True)
    for number, piece in enumerate(pieces):
        write_text(track / f"{number:05d}.vtt", _segment(document, piece, mpegts))
    write_text(track / "index.m3u8", _playlist(pieces))
    return Rendition(document.language or "und", name, f"{stem}/index.m3u8", forced, hearing, default)


def _playlist(pieces: Sequence[Span]) -> str:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{max(-(-piece.length_ms // 1000) for piece in pieces)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for number, piece in enumerate(pieces):
        lines += [f"#EXTINF:{piece.length_ms / 1000:.3f},", f"{number:05d}.vtt"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _segment(document: Document, piece: Span, mpegts: int) -> str:
    # A cue that spans a boundary stands in both segments, with its whole time: players join them.
    cues = tuple(
        c
        for c in document.cues
        if c.span.start_ms < piece.end_ms and max(c.span.end_ms, c.span.start_ms + 1) > piece.start_ms
    )
    text, _ = WebVtt().write(replace(document, cues=cues, comments=(), header="", language=""), _NO_FRAMES)
    head, _, rest = text.partition("\n")
    return f"{head}\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{mpegts}\n{rest}"


def quote(text: str) -> str:
    """A quoted-string of RFC 8216: no line break, no quotation mark."""
    return '"' + "".join(" " if ord(c) < 32 else c for c in text.replace('"', "'")) + '"'
