"""Write the deliverables of one target into the staged output folder, sign each and record it in the ledger."""

from __future__ import annotations

import glob
import os
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from ..consent import Grant, ledger, note_deliverable
from ..data import Blob, Media, Mix, Take, Timeline
from ..errors import MediaError
from ..events import Run, name_some
from ..media import (
    FLAC_CHANNELS,
    KEEPS_CONTAINER,
    FilmPlan,
    SubtitleTrack,
    burn_subtitles,
    describe_flac,
    describe_wav,
    encode_for,
    film_suffix,
    mux,
    mux_picture,
    picture_shape,
)
from ..provenance import EngineFact, Facts, Signer, VoiceFact, sign
from ..runtime.files import StagedFolder, sha256_of
from ..timedtext import formats
from . import burn_in
from .disclosure import TAG

_HEARD_OR_READ = frozenset(".mp4 .m4v .mov .mkv .webm .wav .flac .srt .vtt .ass .ttml .html .clips".split())


@dataclass(frozen=True, slots=True)
class Delivery:
    """One target with all that its deliverables are made from.

    Args:
        name: what the files are called after; also the title consent was asked for.
        source_language: of the original track.
        media: the source.
        timeline: every line.
        mixed: the sound.
        grants: segment -> grant.
        engines: role -> fingerprint.
        translated: whether a machine translated.
        version: of this software.
        watermark: name of the engine that marked the sound, or "none".
        flac: mix and stems are wanted as FLAC, which holds the same samples in less than half the room.
        variant: name of the dub beside the main one; "" for that one.
    """

    name: str
    source_language: str
    media: Media
    timeline: Timeline
    mixed: Mix
    grants: Mapping[str, Grant]
    engines: Mapping[str, str]
    translated: bool
    version: str
    watermark: str = "none"
    flac: bool = False
    variant: str = ""

    @property
    def sound_suffix(self) -> str:
        """Of the files of its sound."""
        return ".flac" if self.flac and self.media.channels <= FLAC_CHANNELS else ".wav"


@dataclass(frozen=True, slots=True)
class Sounds:
    """The files of one target's sound: the mix, dialogue and bed, each speaker's dialogue; nothing where not wanted."""

    mix: Path | None
    stems: Mapping[str, Path]
    speakers: Mapping[str, Path]


def deliver_sounds(run: Run, package: Delivery, stage: StagedFolder, wanted: Collection[str]) -> Sounds:
    """Every file of sound that is wanted, signed and noted in the ledger.

    Args:
        run: store, home, and listener.
        package: what is delivered.
        stage: where it is written.
        wanted: what is delivered of "mix" and "stems"; the stems of speakers come where they were mixed.
    """
    return Sounds(
        deliver_mix(run, package, stage) if "mix" in wanted else None,
        deliver_stems(run, package, stage) if "stems" in wanted else {},
        deliver_speaker_stems(run, package, stage),
    )


def deliver_stems(run: Run, package: Delivery, stage: StagedFolder) -> dict[str, Path]:
    """Dialogue and bed as files, the same bytes for the same dub: what is signed of the dialogue lies beside it."""
    dialogue = stage.folder / f"{package.name}.{package.timeline.language}.dialogue{package.sound_suffix}"
    bed = stage.folder / f"{package.name}.bed{package.sound_suffix}"
    _write_sound(run, package, package.mixed.dialogue, dialogue)
    _sign(run, package, dialogue, dialogue, stage, synthetic=True, beside=True)
    plain = package.media.clock is None and bed.suffix == package.mixed.bed.suffix
    if not (plain and keep_delivered(stage.final(bed), bed, package.mixed.bed)):
        _write_sound(run, package, package.mixed.bed, bed, synthesized=False)
    return {"dialogue": dialogue, "bed": bed}


def keep_delivered(there: Path, path: Path, blob: Blob) -> bool:
    """Take the file that an earlier run left in the output folder where it has the bytes of a blob: no correction of
    words changes the bed, which is as large as the film's whole sound, nor the clips of the other lines.

    Args:
        there: the file in the output folder.
        path: in the staged folder, of the file.
        blob: what it is to hold.

    Returns:
        whether it is there.
    """
    if there.is_symlink() or not there.is_file():
        return False
    with suppress(OSError):  # some file systems have no second name for a file
        if there.stat().st_size == blob.size and sha256_of(there) == blob.sha256:
            os.link(there, path)
            return True
    return False


def deliver_speaker_stems(run: Run, package: Delivery, stage: StagedFolder) -> dict[str, Path]:
    """Speaker -> this speaker's dialogue as a file, with its manifest beside it."""
    made: dict[str, Path] = {}
    for speaker, audio in package.mixed.speakers:
        name = re.sub(r"[^\w-]", "_", speaker, flags=re.ASCII)[:32]  # it can come from a file, and is no path
        stem = f"{package.name}.{package.timeline.language}.dialogue.{name}"
        taken = {p.stem.casefold() for p in made.values()}
        number = next(n for n in count(1) if (stem if n == 1 else f"{stem}-{n}").casefold() not in taken)
        path = stage.folder / f"{stem if number == 1 else f'{stem}-{number}'}{package.sound_suffix}"
        clips = tuple(c for c in package.timeline.clips if c.speaker == speaker)
        alone = replace(package, timeline=replace(package.timeline, clips=clips))
        _write_sound(run, package, audio, path)
        _sign(run, alone, path, path, stage, synthetic=True, beside=True)
        made[speaker] = path
    return made


def _write_sound(run: Run, package: Delivery, audio: Blob, path: Path, *, synthesized: bool = True) -> None:
    """Write a sound as a file that starts when the source does (its timecode's place in the day where it has one) and
    says that voices in it are synthesized where they are.
    """
    clock = package.media.clock
    if path.suffix == ".flac":
        describe_flac(run.store.path(audio), path, clock, TAG if synthesized else "")
    elif clock is None and not synthesized:
        shutil.copyfile(run.store.path(audio), path)
    else:
        describe_wav(run.store.path(audio), path, clock, TAG if synthesized else "")


def deliver_notice(run: Run, package: Delivery, take: Take, grant: Grant, stage: StagedFolder) -> None:
    """The spoken notice as a file, with its manifest."""
    path = stage.folder / f"{package.name}.{package.timeline.language}.notice.wav"
    alone = replace(package, timeline=replace(package.timeline, clips=()), grants={}, watermark="none")
    describe_wav(run.store.path(take.audio), path, None, TAG)
    _sign(run, alone, path, path, stage, synthetic=True, also=(take, grant))


def sign_subtitles(run: Run, package: Delivery, paths: Sequence[Path], stage: StagedFolder) -> None:
    """A manifest beside every subtitle file."""
    spoken = replace(package, translated=False)
    for path in paths:
        if path.name.startswith(f"{package.name}.{package.source_language}."):
            _sign(run, spoken, path, path, stage, text=True, language=package.source_language)
        else:
            _sign(run, package, path, path, stage, text=True)


def deliver_mix(run: Run, package: Delivery, stage: StagedFolder) -> Path:
    """The full mix with its manifest, noted in the ledger."""
    path = stage.folder / f"{package.name}.{package.timeline.language}{package.sound_suffix}"
    if package.flac and path.suffix != ".flac":
        run.warn("no_flac", f"FLAC holds {FLAC_CHANNELS} channels, the sound has {package.media.channels}: it is WAV")
    _write_sound(run, package, package.mixed.full, path)
    _sign(run, package, path, path, stage)
    return path


def warn_of_older(run: Run, stage: StagedFolder, stem: str) -> None:
    """Say which files of an earlier dub into a language stay beside those of this one, which leaves them out.

    Args:
        run: is told.
        stage: with all files of this dub.
        stem: what the files of the language are called, without their suffix.
    """
    there = (path for path in stage.target.glob(f"{glob.escape(stem)}.*") if path.suffix in _HEARD_OR_READ)
    if older := sorted(path.name for path in there if not (stage.folder / path.name).exists()):
        one = len(older) == 1
        said = f"{name_some(older)} in {stage.target} {'is' if one else 'are'} of an earlier run"
        them = f"{'it holds' if one else 'they hold'} its words and its sound; move {'it' if one else 'them'} away"
        run.warn("older_files", f"{said}: {them}, or deliver {'it' if one else 'them'} anew")


def describe_missing_film(name: str, reason: str) -> str:
    """The message for a film that cannot be muxed."""
    return (
        f"no film can be made of {name}: {reason}; sound, subtitles, timeline and report are delivered without one: "
        "convert the source to .mkv or .mp4 for a film"
    )


def build_film(
    run: Run, package: Delivery, subtitles: Sequence[SubtitleTrack], stage: StagedFolder, plan: FilmPlan | None
) -> tuple[Path | None, str]:
    """The signed film, or None and the reason why there is none; the other deliverables do not depend on it.

    Args:
        run: store, home, and listener.
        package: what is delivered.
        subtitles: soft tracks.
        stage: where it is made.
        plan: what trying the mux before the work has shown; None where the source has no picture.
    """
    if plan is None or not plan.suffix:
        return None, plan.reason if plan else ""
    try:
        return deliver_film(run, package, subtitles, stage), ""
    except MediaError as error:
        reason = error.message.rsplit(": ", 1)[-1]
        run.warn("film_not_muxed", describe_missing_film(Path(package.media.source.path).name, reason))
        return None, reason


def deliver_film(run: Run, package: Delivery, subtitles: Sequence[SubtitleTrack], stage: StagedFolder) -> Path:
    """The dubbed film with its manifest, noted in the ledger.

    A container that cannot hold a stream becomes Matroska, and a warning says so.

    Raises:
        MediaError: not even Matroska can.
    """
    suffix = film_suffix(package.media)
    wished = Path(package.media.source.path).suffix.lower()
    stem = f"{package.name}.{package.timeline.language}"
    languages = (package.timeline.language, package.source_language)
    reason = (
        f"{wished or 'its container'} cannot hold a dub" if suffix != wished and wished not in KEEPS_CONTAINER else ""
    )
    for attempt in dict.fromkeys((suffix, ".mkv")):
        bare = stage.folder / f"{stem}.unsigned{attempt}"
        try:
            dub = encode_for(run.store, package.media, package.mixed.full, KEEPS_CONTAINER[attempt])
            mux(package.media, run.store.path(dub), subtitles, languages, bare, TAG)
        except MediaError as error:
            bare.unlink(missing_ok=True)
            if attempt == ".mkv":
                raise
            reason = f"{suffix} cannot hold one of its streams ({error.message.rsplit(': ', 1)[-1]})"
            continue
        break
    if reason:
        run.warn("container_changed", f"{stem}{bare.suffix}: the film is delivered as {bare.suffix}, since {reason}")
    path = stage.folder / f"{stem}{bare.suffix}"
    _sign(run, package, bare, path, stage)
    bare.unlink()
    return path


def deliver_burnt_film(
    run: Run, media: Media, film: Path, subtitles: Path, stage: StagedFolder, package: Delivery | None = None
) -> Path:
    """A film with its subtitles drawn into the picture.

    Args:
        run: store and home.
        media: the source, whose picture is drawn on.
        film: whose sounds are heard.
        subtitles: SubRip file on the picture's clock.
        stage: where it is made.
        package: of a dub, to sign it as the dub is signed; None where nothing was dubbed.
    """
    document = formats.read(subtitles)
    language = formats.language_of(document, subtitles)
    drawing = burn_in.prepare(document, language, picture_shape(media.source.path))
    burn_in.warn_of_missing(run, drawing, f"{subtitles.name}, drawn into the picture")
    picture = run.store.path(burn_subtitles(run.store, media.source, drawing.script, drawing.fonts))
    suffix = film.suffix.lower() if film.suffix.lower() in (".mp4", ".m4v", ".mov") else ".mkv"
    path = stage.folder / f"{subtitles.stem}.burnt{suffix}"
    if package is None:
        mux_picture(picture, film, path)
        return path
    bare = stage.folder / f"{subtitles.stem}.unsigned{suffix}"
    mux_picture(picture, film, bare)
    _sign(run, package, bare, path, stage)
    bare.unlink()
    return path


def _sign(
    run: Run,
    package: Delivery,
    unsigned: Path,
    path: Path,
    stage: StagedFolder,
    *,
    synthetic: bool = False,
    text: bool = False,
    beside: bool = False,
    also: tuple[Take, Grant] | None = None,
    language: str = "",
) -> None:
    used: dict[str, list[str]] = {}
    for clip in package.timeline.clips if not text else ():
        used.setdefault(clip.take.voice, []).append(clip.take.segment)
    grants = {g.voice.id: g for g in package.grants.values()}
    spoken = {clip.take.voice for clip in package.timeline.clips if not clip.take.recorded}
    recorded = sorted(voice for voice in used if voice not in spoken)
    if also is not None:
        used[also[0].voice], grants[also[0].voice] = [also[0].segment], also[1]
    facts = Facts(
        title=path.name,
        language=language or package.timeline.language,
        source_language=package.source_language,
        source_name=Path(package.media.source.path).name,
        source_sha256=package.media.source.sha256,
        engines=tuple(
            EngineFact(role, fingerprint.split(" ", 1)[0], fingerprint) for role, fingerprint in package.engines.items()
        ),
        voices=tuple(VoiceFact.of(grants[voice], voice in recorded) for voice in used if voice in grants),
        version=package.version,
        translated=package.translated,
        synthetic=synthetic,
        text=text,
        watermark="none" if text else package.watermark,
        variant=package.variant,
        ledger=ledger.anchor(run.home),
    )
    # A stem and a text name the source by its hash: reading a long film for each would cost more than they do.
    source = None if synthetic or text else Path(package.media.source.path)
    if run.signer is not None:
        run.signer.trusted_by(run.home)
    asked = next((grant.request for grant in grants.values()), None)
    sign(unsigned, facts, run.signer or Signer.open(run.home), into=path, source=source, beside=beside)
    note_deliverable(
        run.home,
        path,
        title=package.name,
        language=package.timeline.language,
        lines=used,
        parents={v: [p for p, _ in g.voice.parents] for v, g in grants.items() if v in used and g.voice.parents},
        folder=stage.target,
        purpose=asked.purpose if asked else "",
        tag=asked.language if asked else "",
        source=facts.source_name,
        source_sha256=facts.source_sha256,
        recorded=recorded,
    )
