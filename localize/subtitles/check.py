"""`lint` of a file: check it against a profile, with its film if given, and fix mechanical faults."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Span
from ..errors import EngineMissing, QualityError, UsageError
from ..language.identify import identify
from ..runtime.files import disk_errors
from ..timedtext import formats
from ..timedtext.cues import Document, Remark
from ..timedtext.frames import FRAME_RATES, frame_at, frame_rate, time_of
from ..transcription import transcribe
from . import profiles, score

if TYPE_CHECKING:
    from ..events import Run


WITHOUT_FILM = Fraction(24)
"""Frames are counted at this rate where no film and no times say another (DESIGN 6.1)."""
ENOUGH_TIMES = 8
"""Times that tell a rate: that one lies within 1 ms of a frame by chance is one in five at the most."""
_ROUNDED = ("time", "bandwidth")
"""Remarks of a writer that tell of moved times, of which the reported changes speak as well; all others are losses."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The result of a check, after fixing where that was asked for.

    Args:
        report: findings and score.
        document: the cues.
        mended: a remark for every change.
        lost: what the file's format could not hold.
        backup: the file as it was, where it was mended in place.
    """

    report: score.Report
    document: Document
    mended: tuple[Remark, ...] = ()
    lost: tuple[Remark, ...] = ()
    backup: Path | None = None

    @property
    def conforms(self) -> bool:
        """Whether every measure reaches its target."""
        return self.report.conforms

    def json(self, source: str) -> score.LintJson:
        """What `localize lint --json` prints of a file that the user named `source`."""
        return self.report.to_json(self.document, source)


@dataclass(frozen=True, slots=True)
class _FilmFacts:
    """The film's frame rate, shot changes and voice activity; None where unknown."""

    rate: Fraction = WITHOUT_FILM
    shots: tuple[int, ...] = ()
    heard: tuple[Span, ...] | None = None


def check_file(
    path: Path,
    profile: str,
    film: Path | None,
    language: str | None,
    *,
    encoding: str | None = None,
    run: Run | None = None,
    into: Path | None = None,
    accept_losses: bool = False,
) -> CheckedFile:
    """Read and measure a file.

    Args:
        path: the subtitles.
        profile: name of the rules.
        film: for frame rate, cuts and voices; None where only the file is at hand.
        language: of the text; None to take it from the file or its name.
        encoding: of the file, where somebody knows it.
        run: whose store keeps what was found in the film; needed with `film`.
        into: where the mended file goes (`path` itself, or another of any written format); None to change nothing.
            In place, the file as it was is kept beside it as `NAME.bak`.
        accept_losses: mend in place although reading had to repair the file, or its format cannot hold it all.

    Raises:
        MediaError: the file or the film cannot be read.
        EngineMissing: what finds cuts is not installed.
        UsageError: nobody knows the profile, or the mended file would be of a format that is not written.
        QualityError: mended in place, the file would lose what could not be read, or what its format cannot hold.
        StoreError: the mended file cannot be written.
    """
    document = formats.read(path, encoding=encoding)
    tongue = language or formats.language_of(document, path)
    if not tongue:
        tongue = identify("\n".join(line for cue in document.cues for line in cue.plain)) or "en"
        if tongue != "en":
            said = f"the file does not say its language: checked as {tongue}, which its text looks like (or --language)"
            document = replace(document, warnings=(*document.warnings, Remark("language", said)))
    rules = profiles.load(profile, tongue)
    kind = _format_for(into, document) if into else ""
    seen = _analyse_film(run, film) if run and film else _FilmFacts(_frame_rate_of_times(document))
    mended: tuple[Remark, ...] = ()
    lost: tuple[Remark, ...] = ()
    backup = None
    if into:
        fixed, mended = score.fix(document, rules, tongue, seen.rate, seen.shots)
        if into.exists() and into.samefile(path):
            losses = formats.render(fixed, kind, frame_rate=seen.rate)[1]
            _refuse_losses(path, (*document.warnings, *losses), accepted=accept_losses)
            backup = _backed_up(path)
        lost = formats.write(fixed, into, kind, frame_rate=seen.rate)
        # What is on the disk is what is measured; what was wrong with the file it came from is still told.
        document = replace(formats.read(into), language=document.language, warnings=document.warnings)
    report = score.lint(document, rules, tongue, seen.rate, seen.shots, heard=seen.heard)
    return CheckedFile(report, document, mended, lost, backup)


def _refuse_losses(path: Path, remarks: tuple[Remark, ...], *, accepted: bool) -> None:
    """Stop before a file is replaced by less than it held."""
    losses = [remark for remark in remarks if remark.code not in _ROUNDED]
    if accepted or not losses:
        return
    first, more = losses[0], f" (and {len(losses) - 1} more)" if len(losses) > 1 else ""
    where = f"{path}:{first.line}" if first.line else str(path)
    raise QualityError(
        f"{where}: {first.message}{more}: not mended in place, which would make that final; "
        "give -o FILE, or --accept-losses",
        file=str(path),
        line=first.line,
        code=first.code,
    )


def _backed_up(path: Path) -> Path:
    """A copy of a file beside it, never in the place of an older one: `film.srt.bak`, then `film.srt.bak2` …"""
    names = [path.with_name(f"{path.name}.bak{n if n > 1 else ''}") for n in range(1, 1000)]
    free = next((name for name in names if not os.path.lexists(name)), None)
    if free is None:
        raise UsageError(f"{path} has {len(names)} backups beside it: move them away")
    with disk_errors(f"the backup {free}"):
        shutil.copy2(path, free)
    return free


def _frame_rate_of_times(document: Document) -> Fraction:
    """The rate on whose frames all times lie, where so many cannot do so by chance; else that without a film."""
    times = [t for cue in document.cues for t in (cue.span.start_ms, cue.span.end_ms)]
    for rate in (WITHOUT_FILM, *FRAME_RATES):
        if len(times) >= ENOUGH_TIMES and all(abs(time_of(frame_at(t, rate), rate) - t) <= 1 for t in times):
            return rate
    return WITHOUT_FILM


def _format_for(into: Path, document: Document) -> str:
    suffix = into.suffix.lower().lstrip(".")
    kind = suffix if suffix in formats.WRITABLE else document.format
    if kind not in formats.WRITABLE:
        raise UsageError(
            f"{into.name} cannot be mended in place, {kind or suffix} is not written: name another file with -o, "
            f"as one of {', '.join(formats.WRITABLE)}"
        )
    return kind


def _analyse_film(run: Run, film: Path) -> _FilmFacts:
    from ..media import ingest, probe
    from ..transcription import shots as scenes
    from ..transcription.shots import detect_cuts
    from ..transcription.transcribe import detector

    found = probe(film)
    rate = frame_rate(found.frame_rate)
    try:
        detector()
    except EngineMissing as error:
        run.warn("sync_unmeasured", f"sync is not measured: {error.message}")
        return _FilmFacts(rate, detect_cuts(film))
    if not any(stream.kind == "audio" for stream in found.streams):
        return _FilmFacts(rate, detect_cuts(film))
    media = ingest(run.store, film, stream=None, language=None)
    heard = tuple(voice.shifted(media.offset_ms) for voice in transcribe.voice_spans(run, media))
    return _FilmFacts(rate, scenes.shot_changes_in(run, media), heard)
