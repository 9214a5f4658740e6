"""Checks of a request that need no work."""

from __future__ import annotations

from collections.abc import Sequence

from .delivery.disclosure import check_notice
from .errors import MediaError, UsageError
from .job import STEMS, Job
from .language import tags
from .runtime import files
from .sound.bed import STYLES
from .sound.loudness import loudness_target
from .source import _check_profiles
from .speakers import cast_file
from .subtitles import caption
from .transcription import supplied

MOST_SPEAKERS = 50


def refuse_nonsense(job: Job) -> None:
    """Refuse at once what can be seen to be wrong without any work."""
    for language in (*job.to, *((job.source_language,) if job.source_language else ())):
        tags.canonical_language(language)
    if repeated := sorted({language for language in job.to if job.to.count(language) > 1}):
        raise UsageError(f"--to names {repeated[0]} twice")
    if job.source_language in job.to and len(job.to) == 1 and job.translation is None:
        raise UsageError(
            f"{job.input.name} would go from {job.source_language} to {job.source_language}: name another --to"
        )
    if job.translation is not None and len(job.to) > 1:
        raise UsageError("--translation holds one language: give one --to with it")
    _check_profiles(job)
    caption.check_formats(job.formats)
    if job.burn and supplied.is_supplied_text(job.input):
        raise UsageError(f"--burn draws into a picture, and {job.input} has none: give the film")
    if job.cast is not None:
        cast_file.read_cast(job.cast)
    if job.speakers is not None and not 1 <= job.speakers <= MOST_SPEAKERS:
        raise UsageError(f"--speakers is a number from 1 to {MOST_SPEAKERS}, not {job.speakers}")
    check_notice(job.notice, job.to)
    loudness_target(job.loudness)
    _known("bed", (job.bed,), STYLES)
    _known("stems", job.stems, STEMS)
    for path in (job.input, job.transcript, job.translation, job.me):
        if path is not None and not path.exists():
            raise MediaError(f"{path} does not exist", file=str(path))
    files.check_writable(job.folder)
    if job.cast is not None:
        files.check_writable(job.cast.absolute().parent)


def _known(option: str, wished: Sequence[str], offered: Sequence[str]) -> None:
    if unknown := [name for name in wished if name not in offered]:
        raise UsageError(f"--{option} takes {', '.join(offered)}, not {unknown[0]!r}")
