"""`lint` of a file: check it against a profile, with its film if given, and fix mechanical faults."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Span
from ..errors import EngineMissing, MediaError, QualityError, UsageError
from ..language.identify import identify
from ..runtime import files
from ..runtime.files import backup_path, disk_errors
from ..timedtext import formats
from ..timedtext.convert import output_format
from ..timedtext.cues import Diagnostic, Document
from ..timedtext.frames import FRAME_RATES, frame_at, frame_rate, time_of
from ..timedtext.rewrite import rewrite
from ..transcription import transcribe
from . import measures, profiles, score

if TYPE_CHECKING:
    from ..events import Run


WITHOUT_FILM = Fraction(24)
"""Frames are counted at this rate where no film and no times say another (DESIGN 6.1)."""
ENOUGH_TIMES = 8
"""Times that tell a rate: that one lies within 1 ms of a frame by chance is one in five at the most."""
_NOTED = ("language", "unordered", "style", "index", "position", "no_duration")
"""Remarks, where they are no losses, about what stays in the file as it is: they keep no file from being mended."""


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
    mended: tuple[Diagnostic, ...] = ()
    lost: tuple[Diagnostic, ...] = ()
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
            In the format it has, only the cues change that a finding names, and every other byte stays; in place,
            the file as it was is kept beside it as `NAME.bak`.
        accept_losses: mend in place although reading had to repair the file, or although it has to be written anew.

    Raises:
        MediaError: the file or the film cannot be read.
        EngineMissing: what finds cuts is not installed.
        UsageError: there is no such profile, or the mended file would be of a format that is not written.
        QualityError: mended in place, the file would lose what could not be read, or what its format cannot hold.
        StoreError: the mended file cannot be written.
    """
    data = formats.bytes_of(path)
    document = formats.parse(data, path.name, encoding=encoding)
    tongue = language or formats.language_of(document, path)
    if not tongue:
        tongue = identify("\n".join(line for cue in document.cues for line in cue.plain)) or "en"
        if tongue != "en":
            said = f"the file does not say its language: checked as {tongue}, which its text looks like (or --language)"
            document = _with(document, Diagnostic("language", said))
    document = _with(document, *_check_order(document))
    rules = profiles.load(profile, tongue)
    in_place = into is not None and into.exists() and into.samefile(path)
    kind = _format_for(into, document, in_place=in_place) if into else ""
    seen = _analyse_film(run, film) if run and film else _FilmFacts(_frame_rate_of_times(document))
    if into is None:
        report = score.lint(document, rules, tongue, seen.rate, seen.shots, heard=seen.heard)
        return CheckedFile(report, document)
    fixed, mended = score.fix(document, rules, tongue, seen.rate, seen.shots)
    made = _mend_bytes(data, document, fixed, kind, seen.rate)
    backup = None
    if in_place:
        _refuse_losses(path, (*document.warnings, *made.unkept), accepted=accept_losses)
        backup = _write_backup(path) if made.data != data else None
    if backup or not in_place:
        with files.atomic_write(into) as draft:
            draft.write_bytes(made.data)
    # What is on the disk is what is measured; what was wrong with the file it came from is still reported.
    written = formats.parse(made.data, into.name, encoding=made.encoding)
    document = replace(written, language=document.language, warnings=document.warnings)
    report = score.lint(document, rules, tongue, seen.rate, seen.shots, heard=seen.heard)
    return CheckedFile(report, document, mended, made.lost, backup)


def _with(document: Document, *remarks: Diagnostic) -> Document:
    return replace(document, warnings=(*document.warnings, *remarks)) if remarks else document


def _check_order(document: Document) -> Iterator[Diagnostic]:
    """A remark where cues at one place stand in another order than they are shown; ASS asks for none."""
    late = [b for track in measures.tracks(document.cues) for a, b in pairwise(track) if b < a]
    if late and document.format != "ass":
        first = document.cues[min(late)]
        said = f"{len(late)} cues stand after one that starts later; their order is left as it is"
        yield Diagnostic("unordered", said, first.at_line, len(late), min(late) + 1)


@dataclass(frozen=True, slots=True)
class _Made:
    """A mended file.

    Args:
        data: its bytes.
        encoding: of the text, where it is the source's own; None where it is written anew.
        unkept: why it is written anew, where its format could have kept it.
        lost: what was lost by that.
    """

    data: bytes
    encoding: str | None = None
    unkept: tuple[Diagnostic, ...] = ()
    lost: tuple[Diagnostic, ...] = ()


def _mend_bytes(source: bytes, document: Document, fixed: Document, kind: str, rate: Fraction) -> _Made:
    """The mended file: the source's bytes but for the cues that changed, or all anew where that cannot be."""
    why = ""
    if kind == document.format:
        try:
            data = rewrite(source, document, dict(enumerate(fixed.cues)))
            return _Made(data, document.encoding or None)
        except (UsageError, MediaError) as error:
            why = error.message
    data, lost = formats.to_bytes(fixed, kind, frame_rate=rate)
    return _Made(data, None, (Diagnostic("anew", why),) if why else (), lost)


def _refuse_losses(path: Path, remarks: tuple[Diagnostic, ...], *, accepted: bool) -> None:
    """Stop before a file is replaced by less than it held."""
    losses = [remark for remark in remarks if remark.loss or remark.code not in _NOTED]
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


def _write_backup(path: Path) -> Path:
    """A copy of a file beside it, never in the place of an older one."""
    free = backup_path(path)
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


def _format_for(into: Path, document: Document, *, in_place: bool) -> str:
    """The format of the mended file: the one it has, unless another file's suffix names another."""
    named = formats.format_of(into.suffix)
    if in_place or not into.suffix or (named is not None and named is formats.format_of(document.format)):
        return document.format
    return output_format(into)


def _analyse_film(run: Run, film: Path) -> _FilmFacts:
    from ..media import ingest, probe
    from ..transcription import shots as scenes
    from ..transcription.shots import detect_cuts
    from ..transcription.transcribe import detector_fingerprint

    found = probe(film)
    rate = frame_rate(found.frame_rate)
    try:
        detector_fingerprint()
    except EngineMissing as error:
        run.warn("sync_unmeasured", f"sync is not measured: {error.message}")
        return _FilmFacts(rate, detect_cuts(film))
    if not any(stream.kind == "audio" for stream in found.streams):
        return _FilmFacts(rate, detect_cuts(film))
    media = ingest(run.store, film, stream=None, language=None)
    heard = tuple(voice.shifted(media.offset_ms) for voice in transcribe.voice_spans(run, media))
    return _FilmFacts(rate, scenes.shot_changes_in(run, media), heard)
