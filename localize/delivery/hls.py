"""A folder that `localize dub` wrote, packaged for streaming: one HLS presentation with every dub, the original and all
subtitles (RFC 8216).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from .. import consent
from ..errors import MediaError
from ..media import first_tick, run_ffmpeg, url
from ..provenance import Signer
from ..runtime.files import write_text
from ..subtitles import render
from ..subtitles.caption import RenderedSubtitles
from ..timedtext.hls import Rendition, quote, write_hls
from ..transcription.master import Master
from .packaging import (
    NAMES,
    Film,
    PackagedSound,
    PackagedSubtitles,
    Presentation,
    Track,
    list_tracks,
    packaging,
)
from .report import RunWarning

SEGMENT_S = 6
"""Length of a segment as Apple's authoring specification asks for it; a picture that is copied is cut at its next key
frame."""
MACHINE_MADE = "public.machine-generated"
"""Characteristic of a rendition whose content a machine made (HLS 2nd edition, draft-pantos-hls-rfc8216bis)."""
COPIED_PICTURES, COPIED_SOUNDS = ("h264", "hevc"), ("aac",)


def package(
    folder: str | os.PathLike[str], *, home: consent.Home | None = None, signer: Signer | None = None
) -> Presentation:
    """Write `folder/hls`, whole or not at all; one that is there already is replaced.

    Consent is asked again for every voice that is heard, the files are listed and signed, and the ledger notes them:
    a voice that was revoked since the dub is not packaged, and a later revocation names what was.

    Args:
        folder: where `localize dub` delivered.
        home: whose grants and ledger; None for the user's own.
        signer: signs the list of files; None for the home's own key.

    Raises:
        UsageError: no dubbed film lies there, or it cannot be known whose voices are heard.
        ConsentError: a voice may not be used any more, or is not known here.
        MediaError: a film cannot be read or packaged.
        StoreError: the disk is full or cannot be written.
    """
    folder, warnings = Path(folder), list[RunWarning]()
    with packaging(folder, "hls", home, signer) as made:
        films, draft = made.films, made.draft
        tracks = list_tracks(films, made.master.sheet.transcript.language)
        head = _media(films, tracks, draft, warnings)
        # Cutting moves the film's clock (no picture may come before zero): cues must move with it.
        moved = first_tick(draft / "video" / "index.m3u8") - first_tick(films[0].path)
        renditions = _subtitles(made.profile, made.master, draft, moved)
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", ""]
        lines += [_audio(track) for track in tracks]
        lines += [rendition.tag() for rendition in renditions]
        lines += ["", f'{head},AUDIO="audio"' + (',SUBTITLES="subs"' if renditions else ""), "video/index.m3u8", ""]
        write_text(draft / f"{made.stem}.m3u8", "\n".join(lines))
    return Presentation(
        folder / "hls" / f"{made.stem}.m3u8",
        tuple(PackagedSound(t.language, t.name, t.default) for t in tracks),
        tuple(PackagedSubtitles(r.language, r.name, r.forced, r.hearing) for r in renditions),
        tuple(warnings),
    )


# --- picture and sound -----------------------------------------------------------------------------------------------


def _media(films: Sequence[Film], tracks: Sequence[Track], folder: Path, warnings: list[RunWarning]) -> str:
    """Cut picture and sounds into segments; returns the EXT-X-STREAM-INF line as ffmpeg measured it."""
    picture = next(s for s in films[0].found.streams if s.kind == "video" and not s.cover)
    command = ["-v", "error"]
    for film in films:
        command += ["-i", url(film.path)]
    command += ["-map", f"0:{picture.index}"]
    for track in tracks:
        command += ["-map", f"{track.film}:a:{track.index}"]
    if picture.codec in COPIED_PICTURES:
        command += ["-c:v", "copy", *(["-tag:v", "hvc1"] if picture.codec == "hevc" else [])]
    else:
        command += ["-c:v", "libx264", "-crf", "18", "-preset", "medium", "-pix_fmt", "yuv420p"]
        command += ["-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_S})"]
        message = (
            f"{films[0].path.name}: the picture ({picture.codec}) is encoded anew as H.264, which HLS players know"
        )
        warnings.append(RunWarning("picture_encoded", message))
    for number, track in enumerate(tracks):
        rate = ["-b:a:" + str(number), f"{96 * max(2, track.channels)}k"]
        command += [f"-c:a:{number}", "copy"] if track.codec in COPIED_SOUNDS else [f"-c:a:{number}", "aac", *rate]
    streams = ["v:0,agroup:audio,name:video", *(f"a:{n},agroup:audio,name:{t.folder}" for n, t in enumerate(tracks))]
    command += ["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-f", "hls", "-hls_time", str(SEGMENT_S)]
    command += ["-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "independent_segments"]
    command += ["-var_stream_map", " ".join(streams), "-master_pl_name", "measured.m3u8"]
    command += ["-hls_segment_filename", os.fspath(folder / "%v" / "%05d.m4s"), os.fspath(folder / "%v" / "index.m3u8")]
    run_ffmpeg(command, films[0].path.name)
    measured = folder / "measured.m3u8"
    heads = [line for line in measured.read_text("utf-8").splitlines() if line.startswith("#EXT-X-STREAM-INF:")]
    measured.unlink()
    if not heads:
        raise MediaError(f"{films[0].path.name}: ffmpeg made no variant of it")
    return re.sub(r",AUDIO=\"[^\"]*\"", "", heads[0])


def _audio(track: Track) -> str:
    values = {
        "TYPE": "AUDIO",
        "GROUP-ID": quote("audio"),
        "NAME": quote(track.name),
        "LANGUAGE": quote(track.language),
        "DEFAULT": "YES" if track.default else "NO",
        "AUTOSELECT": "YES",
        "CHANNELS": quote(str(track.channels)),
        **({"CHARACTERISTICS": quote(MACHINE_MADE)} if track.generated else {}),
        "URI": quote(f"{track.folder}/index.m3u8"),
    }
    return "#EXT-X-MEDIA:" + ",".join(f"{key}={value}" for key, value in values.items())


# --- subtitles -------------------------------------------------------------------------------------------------------


def _subtitles(profile: str, master: Master, draft: Path, mpegts: int) -> list[Rendition]:
    """Every language by the profile of the dub, for the deaf and hard of hearing, and what must be read in any case."""
    sheet = master.sheet
    edges = _segment_starts(draft / "video" / "index.m3u8")
    found: list[Rendition] = []

    def write(captions: RenderedSubtitles, suffix: str = "", *, forced: bool = False, hearing: bool = False) -> None:
        if not captions.document.cues:
            return
        title = NAMES.get(captions.language, captions.language) + suffix
        found.append(
            write_hls(
                captions.document, draft, name=title, duration_ms=edges[-1], boundaries_ms=edges[:-1], mpegts=mpegts,
                forced=forced, hearing=hearing,
            )
        )  # fmt: skip

    for target in master.targets:
        write(render.render_target(profile, sheet, target))
        write(render.render_target("netflix-sdh", sheet, target), " (SDH)", hearing=True)
        write(render.render_target("forced", sheet, target), " (forced)", forced=True)
    if sheet.transcript.language not in {t.translation.language for t in master.targets}:
        write(render.render_source(profile, sheet))
        write(render.render_source("netflix-sdh", sheet), " (SDH)", hearing=True)
    return found


def _segment_starts(playlist: Path) -> list[int]:
    """Where the picture's segments start, in ms, and where the last one ends."""
    lengths = [float(n) for n in re.findall(r"^#EXTINF:([\d.]+)", playlist.read_text("utf-8"), re.MULTILINE)]
    edges = [0.0]
    for length in lengths:
        edges.append(edges[-1] + length)
    return [round(edge * 1000) for edge in edges]
