"""Subtitles of a dub: the cues of one target and of the source, and the files they are written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .data import SubtitleSource, TargetText, Timeline
from .delivery import disclosure
from .events import Run
from .inputs import Inputs
from .job import Job
from .media import SubtitleTrack
from .review import derive_cue_edits
from .runtime.files import StagedFolder
from .source.given_cues import dub_template, source_template
from .subtitles.caption import RenderedSubtitles
from .subtitles.cue_edits import CueEdit
from .subtitles.render import Rendering, render_all, render_more, subtitle_files, write_subtitles
from .subtitles.template import Template


@dataclass(frozen=True, slots=True)
class RenderedCues:
    """The cues of one target by the profile that is delivered.

    Args:
        made: language -> cues, of the target and of the source.
        templates: language -> the given cues that are kept.
        edits: a person's changes of cues.
        warnings: code and message of each, told when the work beside is done.
    """

    made: dict[str, RenderedSubtitles]
    templates: Mapping[str, Template]
    edits: Sequence[CueEdit]
    warnings: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DubSubtitles:
    """The subtitles of one target: language -> cues, their files, and those of further profiles.

    Args:
        wanted: the files that are delivered; none where subtitles are tracks of the film alone.
    """

    made: Mapping[str, RenderedSubtitles]
    files: Mapping[str, Mapping[str, Path]]
    more: Mapping[str, Rendering]
    wanted: Sequence[Path]


@contextmanager
def subtitle_folder(job: Job, stage: StagedFolder) -> Iterator[Path]:
    """Where subtitles are written: with what is delivered; beside it where the film alone takes them in."""
    if "srt" in job.deliver:
        yield stage.folder
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def render_subtitles(
    job: Job, inputs: Inputs, sheet: SubtitleSource, names: Mapping[str, str], text: TargetText, timeline: Timeline
) -> RenderedCues:
    """The cues of one target and of the source, by the profile that is delivered.

    Args:
        job: the request.
        inputs: its files.
        sheet: the words of the source as they are shown.
        names: speaker -> name.
        text: the words of the target.
        timeline: where they are heard.
    """
    warnings = list[tuple[str, str]]()
    kept = source_template(job, inputs, sheet, names)
    templates = {sheet.transcript.language: kept} if kept else {}
    if own := dub_template(job, inputs, sheet, text.translation, timeline):
        templates[timeline.language] = own
    edits = derive_cue_edits(inputs.review)
    made = render_all(job.profile, sheet, [text], templates, lambda *said: warnings.append(said), edits)
    return RenderedCues(made, templates, edits, warnings)


def write_dub_subtitles(
    job: Job, run: Run, sheet: SubtitleSource, cues: RenderedCues, text: TargetText, folder: Path
) -> DubSubtitles:
    """Write SRT for the film, and every format of every profile where they are delivered.

    Args:
        job: the request.
        run: is told what was found when the cues were made, and what a format cannot hold.
        sheet: the words of the source as they are shown.
        cues: of target and source.
        text: the words of the target.
        folder: where they are written, see `subtitle_folder`.
    """
    made, language = dict(cues.made), text.translation.language
    for code, message in cues.warnings:
        run.warn(code, message)
    if "screen" in job.notice:
        made[language] = disclosure.add_screen_notice(run, made[language])
    if "srt" not in job.deliver:
        return DubSubtitles(made, write_subtitles(run, made, folder, job.name, ()), {}, ())
    files = write_subtitles(run, made, folder, job.name, job.formats)
    kept = (cues.templates, cues.edits)
    more = render_more(run, job.renderings, sheet, [text], folder, job.name, job.formats, *kept)
    return DubSubtitles(made, files, more, subtitle_files(files, more))


def soft_tracks(shown: DubSubtitles) -> list[SubtitleTrack]:
    """The soft subtitle tracks of the film; a language without a cue is left out, since no container takes it."""
    return [
        SubtitleTrack(str(by_format["srt"]), tongue)
        for tongue, by_format in shown.files.items()
        if shown.made[tongue].document.cues
    ]
