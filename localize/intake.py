"""What comes in: the request looked over, the source decoded, its words recognised or given, then corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import media
from .crew import Crew, assemble, hearing
from .data import Edits, Media, Segment, Transcript
from .errors import MediaError, UsageError
from .events import Run
from .job import Job, read_edits
from .stages import caption, deliver, given
from .stages.diarize import diarize
from .stages.notice import check_notice
from .stages.transcribe import spoken_language, transcribe
from .stages.translate import Glossary, apply_edits, read_glossary
from .subtitles import profiles


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, and what a person gave to change how it is said."""

    transcript: Transcript
    edits: Edits
    glossary: Glossary
    translation: tuple[str, ...] | None = None


def refuse_nonsense(job: Job) -> None:
    """Refuse at once what can be seen to be wrong without any work."""
    for language in (*job.to, *((job.source_language,) if job.source_language else ())):
        media.canonical_language(language)
    if repeated := sorted({language for language in job.to if job.to.count(language) > 1}):
        raise UsageError(f"--to names {repeated[0]} twice")
    if job.source_language in job.to and len(job.to) == 1 and job.translation is None:
        raise UsageError(
            f"{job.input.name} would go from {job.source_language} to {job.source_language}: name another --to"
        )
    if job.translation is not None and len(job.to) > 1:
        raise UsageError("--translation holds one language: give one --to with it")
    for language in job.to or ("en",):
        profiles.load(job.profile, language)
    caption.check_formats(job.formats)
    check_notice(job.notice, job.to)
    for path in (job.input, job.transcript, job.translation):
        if path is not None and not path.exists():
            raise MediaError(f"{path} does not exist", file=str(path))
    deliver.check_writable(job.folder)


def ingest(job: Job, run: Run) -> Media:
    """The source, probed and decoded; says so when another stream than the one wished for is used."""
    with run.stage("ingest"):
        source = media.ingest(run.store, job.input, stream=job.stream, language=job.source_language)
    if source.fallback:
        run.warn("stream", f"{job.input.name}: {source.fallback}")
    return source


def words_of(job: Job, run: Run, crew: Crew, source: Media) -> Words:
    """What is said in a film: recognised or given, then corrected."""
    edits, glossary = read_edits(job.edits), _glossary(job)
    lines = given.read(run, job.translation, None).transcript.segments if job.translation else ()
    if job.transcript is not None:
        language = job.source_language
        transcript = given.read(run, job.transcript, language).transcript
        if transcript.language == given.UNKNOWN:
            transcript = replace(transcript, language=spoken_language(run, source, hearing(crew), _among(job, crew)))
        transcript = given.settle(run.store, source, transcript)
        if len({s.speaker for s in transcript.segments}) == 1 and job.transcript.suffix.lower() != ".json":
            transcript = diarize(run, source, transcript)  # the file does not say who speaks
    else:
        heard = transcribe(run, source, hearing(crew), job.source_language, _among(job, crew))
        transcript = diarize(run, source, heard)
        if lines:
            cut = given.recut(transcript, lines)
            lost = sum(len(s.words) for s in transcript.segments) - sum(len(s.words) for s in cut.segments)
            if lost:
                run.warn(
                    "undubbed",
                    f"{lost} spoken words lie outside every cue of {job.translation}: they stay in the original",
                )
            transcript = given.settle(run.store, source, cut)
    corrected = apply_edits(transcript, edits)
    kept = {s.id: s.span for s in transcript.segments}
    moved = tuple(s if kept[s.id] == s.span else replace(s, phrases=(s.span,), words=()) for s in corrected.segments)
    return Words(replace(corrected, segments=moved), edits, glossary, _matched(lines, moved))


def sheet_of(job: Job, run: Run) -> tuple[caption.Sheet, Words, dict[str, caption.Target]]:
    """What subtitles are made from, and the translations that are there already."""
    if not given.is_words(job.input):
        crew = assemble(job, run, speaks=False)
        source = ingest(job, run)
        words = words_of(job, run, crew, source)
        return caption.Sheet(words.transcript, source.duration_ms, source.frame_rate, source.offset_ms), words, {}
    found = given.read(run, job.input, job.source_language)
    edits = read_edits(job.edits)
    transcript = found.transcript
    if transcript.language == given.UNKNOWN and job.to and job.translation is None:
        crew = assemble(job, run, hears=False, speaks=False)
        transcript = replace(transcript, language=_only_source(job, crew, job.input))
    lines = given.read(run, job.translation, None).transcript.segments if job.translation else ()
    words = Words(apply_edits(transcript, edits), edits, _glossary(job), _matched(lines, transcript.segments))
    if found.master is None:
        end = max(s.span.end_ms for s in words.transcript.segments)
        return caption.Sheet(words.transcript, end, "24/1"), words, {}
    known = {t.translation.language: t for t in found.master.targets}
    return caption.Sheet(words.transcript, found.master.duration_ms, found.master.frame_rate), words, known


def _only_source(job: Job, crew: Crew, path: Path) -> str:
    """The language of words that do not say it, where only one is possible."""
    sources = crew.sources(job.to)
    if len(sources) != 1:
        raise UsageError(f"{path} does not say its language: give --from")
    return sources[0]


def _among(job: Job, crew: Crew) -> tuple[str, ...]:
    """The languages a source can be in."""
    return crew.sources(job.to) or tuple(sorted(hearing(crew).languages))


def _matched(lines: Sequence[Segment], segments: Sequence[Segment]) -> tuple[str, ...] | None:
    """A given translation's texts in the order of the segments: cue N belongs to segment N."""
    if not lines:
        return None
    texts = {line.id: line.text for line in lines}
    if texts.keys() == {s.id for s in segments}:
        return tuple(texts[s.id] for s in segments)
    return tuple(line.text for line in lines)


def _glossary(job: Job) -> Glossary:
    return read_glossary(job.glossary) if job.glossary else Glossary()
