"""A folder that `localize dub` wrote, packaged for streaming: one HLS presentation with every dub, the original and all
subtitles (RFC 8216).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import consent
from ..errors import MediaError, UsageError
from ..media import KEEPS_CONTAINER, Probe, first_tick, identify, probe, require_unchanged, run_ffmpeg, url
from ..provenance import Facts, Signer, VoiceFact, sign
from ..provenance.listing import LISTING, write_listing
from ..runtime.files import atomic_folder, disk_errors, read_json, write_text
from ..runtime.records import to_json
from ..runtime.upgrades import upgraded
from ..runtime.version import __version__
from ..subtitles import profiles, render
from ..subtitles.caption import RenderedSubtitles
from ..timedtext.hls import Rendition, quote, write_hls
from ..transcription.master import Master, read_master
from ..transcription.supplied import MASTER_LIMIT
from . import disclosure
from .packaged_voices import ask_again, find_film
from .report import RunWarning

SEGMENT_S = 6
"""Length of a segment as Apple's authoring specification asks for it; a picture that is copied is cut at its next key
frame."""
MACHINE_MADE = "public.machine-generated"
"""Characteristic of a rendition whose content a machine made (HLS 2nd edition, draft-pantos-hls-rfc8216bis)."""
COPIED_PICTURES, COPIED_SOUNDS = ("h264", "hevc"), ("aac",)
NAMES = {
    "ar": "العربية", "ca": "Català", "de": "Deutsch", "en": "English", "es": "Español", "fr": "Français",
    "gl": "Galego", "hi": "हिन्दी", "it": "Italiano", "ja": "日本語", "ko": "한국어", "nl": "Nederlands", "pl": "Polski",
    "pt": "Português", "ru": "Русский", "zh": "中文",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Film:
    """One dubbed film of the folder: its first audio stream is the dub, its second the original."""

    path: Path
    language: str
    found: Probe


@dataclass(frozen=True, slots=True)
class Track:
    """One audio rendition: the film it lies in and its index among that film's audio streams."""

    film: int
    index: int
    language: str
    name: str
    folder: str
    codec: str
    channels: int
    default: bool = False
    generated: bool = False


@dataclass(frozen=True, slots=True)
class PackagedSound:
    """A sound that a player offers; `default` is the one it starts with."""

    language: str
    name: str
    default: bool


@dataclass(frozen=True, slots=True)
class PackagedSubtitles:
    """Subtitles that a player offers.

    Args:
        language: BCP 47 tag.
        name: what a player shows.
        forced: only what must be read.
        sdh: for the deaf and hard of hearing.
    """

    language: str
    name: str
    forced: bool
    sdh: bool


@dataclass(frozen=True, slots=True)
class Presentation:
    """One HLS presentation; `master` is the playlist that a player opens."""

    master: Path
    audio: tuple[PackagedSound, ...]
    subtitles: tuple[PackagedSubtitles, ...]
    warnings: tuple[RunWarning, ...]

    def json(self) -> dict[str, Any]:
        """What `localize package --json` prints."""
        lists = {name: to_json(getattr(self, name)) for name in ("audio", "subtitles", "warnings")}
        return {"schema": 1, "master": str(self.master), **lists}


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
    folder = Path(folder)
    stem, master = _master(folder)
    request = _read_request(folder, stem)
    films = _films(folder, stem, master, request)
    sources = [identify(film.path) for film in films]
    home = home or consent.Home.open()
    dubs = {film.language: find_film(home, folder, stem, film.path, film.language) for film in films}
    grants = ask_again(home, stem, request, dubs)
    warnings: list[RunWarning] = []
    with disk_errors(str(folder / "hls")), atomic_folder(folder / "hls", replace=lambda: True) as draft:
        tracks = _tracks(films, master.sheet.transcript.language)
        head = _media(films, tracks, draft, warnings)
        # Cutting moves the film's clock (no picture may come before zero): cues must move with it.
        moved = first_tick(draft / "video" / "index.m3u8") - first_tick(films[0].path)
        renditions = _subtitles(_profile(request), master, draft, moved)
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", ""]
        lines += [_audio(track) for track in tracks]
        lines += [rendition.tag() for rendition in renditions]
        lines += ["", f'{head},AUDIO="audio"' + (',SUBTITLES="subs"' if renditions else ""), "video/index.m3u8", ""]
        write_text(draft / f"{stem}.m3u8", "\n".join(lines))
        facts = _facts(home, stem, request, master.sheet.transcript.language, grants, dubs)
        _sign(home, signer or Signer.open(home), facts, folder, draft, stem, dubs)
        for source in sources:
            require_unchanged(source)
        for asked in grants.values():  # the last look before the folder is in place
            consent.confirm(home, asked.values())
    return Presentation(
        folder / "hls" / f"{stem}.m3u8",
        tuple(PackagedSound(t.language, t.name, t.default) for t in tracks),
        tuple(PackagedSubtitles(r.language, r.name, r.forced, r.hearing) for r in renditions),
        tuple(warnings),
    )


# --- what there is ---------------------------------------------------------------------------------------------------


def _master(folder: Path) -> tuple[str, Master]:
    found = sorted(folder.glob("*.master.json")) if folder.is_dir() else []
    if len(found) != 1:
        many = f"{len(found)} dubs lie in it" if found else "there is no master.json"
        raise UsageError(f"{folder} cannot be packaged, {many}: give the folder of one 'localize dub'")
    name = found[0].name.removesuffix(".master.json")
    return name, read_master(read_json(found[0], MASTER_LIMIT), str(found[0]))


def _films(folder: Path, stem: str, master: Master, request: Mapping[str, Any]) -> list[Film]:
    films = []
    for target in master.targets:
        language = target.translation.language
        paths = [folder / f"{stem}.{language}{suffix}" for suffix in KEEPS_CONTAINER]
        for path in (path for path in paths if path.is_file()):
            found = probe(path)
            sounds = [s for s in found.streams if s.kind == "audio"]
            if len(sounds) < 2 or not any(s.kind == "video" and not s.cover for s in found.streams):
                raise MediaError(
                    f"{path} is no film that 'localize dub' made: it lacks a picture, a dub or the original"
                )
            films.append(Film(path, language, found))
            break
    if not films:
        wanted = ", ".join(f"{stem}.{t.translation.language}.mp4" for t in master.targets) or f"{stem}.es.mp4"
        raise UsageError(
            f"{folder} holds no dubbed film ({wanted}): make one with 'localize dub FILM --to … -o {folder}'"
        )
    # The dub named first on the command line is what a player starts with.
    first = request.get("to") or []
    order = {language: index for index, language in enumerate(first) if isinstance(language, str)}
    return sorted(films, key=lambda film: order.get(film.language, len(order)))


def _read_request(folder: Path, stem: str) -> dict[str, Any]:
    """The job.json of the last run, where it is still there."""
    try:
        name = f"{stem}.job.json"
        return upgraded("job.json", read_json(folder / name, 1_000_000), name)
    except (UsageError, ValueError):
        return {}


def _tracks(films: Sequence[Film], source: str) -> list[Track]:
    tracks = []
    for number, film in enumerate(films):
        dub, original = [s for s in film.found.streams if s.kind == "audio"][:2]
        name = NAMES.get(film.language, film.language)
        tracks.append(
            Track(
                number,
                0,
                film.language,
                f"{name} (AI)",
                f"audio-{film.language}",
                dub.codec,
                dub.channels,
                number == 0,
                generated=True,
            )
        )
        if number == len(films) - 1:
            name = f"{NAMES.get(source, source)} (original)"
            first = [s for s in films[0].found.streams if s.kind == "audio"][1]
            tracks.append(Track(0, 1, source, name, "audio-original", first.codec, original.channels))
    return tracks


# --- consent and proof -----------------------------------------------------------------------------------------------


def _facts(
    home: consent.Home,
    stem: str,
    request: Mapping[str, Any],
    source_language: str,
    grants: Mapping[str, Mapping[str, consent.Grant]],
    dubs: Mapping[str, consent.Delivered],
) -> Facts:
    """What the manifest of the list says; of the source, what the ledger says where it does."""
    known = next((dub for dub in dubs.values() if dub.source_sha256), None)
    voices = {grant.voice.id: grant for asked in grants.values() for grant in asked.values()}
    return Facts(
        title=LISTING,
        language=", ".join(grants),
        source_language=source_language,
        source_name=known.source if known else str(request.get("input") or stem),
        source_sha256=known.source_sha256 if known else str(request.get("sha256") or ""),
        engines=(),
        voices=tuple(VoiceFact(voice, grant.id, grant.basis) for voice, grant in voices.items()),
        version=__version__,
        translated=not request.get("translation"),
        ledger=consent.ledger.anchor(home),
    )


def _sign(
    home: consent.Home,
    signer: Signer,
    facts: Facts,
    folder: Path,
    draft: Path,
    stem: str,
    dubs: Mapping[str, consent.Delivered],
) -> None:
    """List the files, sign the list, and note it in the ledger for each dub with its voices."""
    path = write_listing(draft, {"title": stem, "languages": list(dubs), "disclosure": disclosure.TAG})
    sign(path, facts, signer, into=path, beside=True)
    for language, dub in dubs.items():
        consent.note_deliverable(
            home, path, title=stem, language=language, lines=dub.voices, folder=folder / "hls",
            purpose=dub.purpose, tag=dub.tag, source=dub.source, source_sha256=dub.source_sha256,
        )  # fmt: skip


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


def _profile(request: Mapping[str, Any]) -> str:
    """The rules the dub's subtitles were made by, as far as they show everything that is said."""
    name = request.get("profile", "netflix")
    whole = isinstance(name, str) and name in profiles.names() and not profiles.load(name, "en").forced
    return str(name) if whole else "netflix"


def _segment_starts(playlist: Path) -> list[int]:
    """Where the picture's segments start, in ms, and where the last one ends."""
    lengths = [float(n) for n in re.findall(r"^#EXTINF:([\d.]+)", playlist.read_text("utf-8"), re.MULTILINE)]
    edges = [0.0]
    for length in lengths:
        edges.append(edges[-1] + length)
    return [round(edge * 1000) for edge in edges]
