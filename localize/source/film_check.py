"""What a film is found to be before any work: its tracks, whether the given words lie in it, and which film can be made
of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import media
from ..delivery import deliverables
from ..errors import UsageError
from ..events import Run
from ..inputs import Inputs
from ..job import Job
from ..runtime.files import file_identity
from ..sound.bed import check_effects
from ..transcription.supplied import SuppliedWords, beyond_the_end


def check_film(job: Job) -> media.Probe:
    """What the source holds; refuses what the containers themselves show, before any engine is loaded or any sound
    decoded.

    Raises:
        MediaError: the source cannot be read or has no such sound; the M&E has none, or is of another length or other
            channels than every sound of the film.
        UsageError: subtitles are to be drawn into a picture, and there is none.
    """
    found = media.probe(job.input)
    media.choose_audio(job.input, found, job.stream, job.source_language)
    if job.burn and not any(s.kind == "video" and not s.cover for s in found.streams):
        raise UsageError(f"--burn draws into a picture, and {job.input} has none: leave it out")
    if job.me is not None:
        check_effects(job.me, media.probe(job.me), found)
    return found


def require_lines_within(job: Job, inputs: Inputs, found: media.Probe) -> None:
    """Refuse given words that all start after the film's end. Where its header would have it so, the sound is decoded
    for its length: a header can state too little.

    Raises:
        MediaError: naming the file, with what to do.
    """
    path, given = words_that_time(job, inputs)
    if path is None or given is None or not given.timed or not given.transcript.segments:
        return
    first = min(line.span.start_ms for line in given.transcript.segments)
    if not 0 < found.duration_ms <= first:
        return
    stream, _ = media.choose_audio(job.input, found, job.stream, job.source_language)
    clock, _ = media.check_sound(job.input, stream)
    if first >= clock.length_ms:
        raise beyond_the_end(path, job.input, given.transcript)


def words_that_time(job: Job, inputs: Inputs) -> tuple[Path | None, SuppliedWords | None]:
    """The given file that says where lines are, and what it holds: the transcript, else the translation."""
    if inputs.transcript is not None:
        return job.transcript, inputs.transcript
    return job.translation, inputs.translated


@dataclass(frozen=True, slots=True)
class FilmCheck:
    """What a film was found to be before any work: several passes over one film find it out once.

    Args:
        found: what its container shows.
        mux: the result of the trial mux; None for sound alone.
        files: which film and M&E were checked.
    """

    found: media.Probe
    mux: media.FilmPlan | None
    files: tuple[tuple[int, int, int], ...]

    def holds(self, job: Job) -> bool:
        """Whether the files of a request are still those that were checked."""
        return self.files == checked_files(job)


def checked_files(job: Job) -> tuple[tuple[int, int, int], ...]:
    """Which files a request's film and M&E are; of none that is not there."""
    return tuple(file_identity(path) for path in (job.input, job.me) if path is not None and path.exists())


def plan_film(job: Job, found: media.Probe, among: Sequence[str] = ()) -> media.FilmPlan | None:
    """What film can be made of the source, found out before the work; None for sound alone.

    Raises:
        MediaError: the source has no sound.
    """
    chosen, _ = media.choose_audio(job.input, found, job.stream, job.source_language, among)
    return media.plan_film(job.input, found, chosen)


def warn_of_film(job: Job, run: Run, plan: media.FilmPlan | None) -> None:
    """Say where no film can be made of the source, and what the film will not hold."""
    if plan is not None and not plan.suffix:
        run.warn("film_not_muxed", deliverables.describe_missing_film(job.input.name, plan.reason))
    if plan is not None and plan.left_out:
        run.warn(
            "streams_left_out", f"{job.input.name}: the film will not hold {plan.left_out}, as {plan.suffix} cannot"
        )
    if plan is not None and plan.recoded:
        run.warn(
            "sound_recoded",
            f"{job.input.name}: {plan.suffix} cannot hold the coding of sound {plan.recoded}: it becomes FLAC with the "
            "same samples",
        )
