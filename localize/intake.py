"""What comes in: the request looked over, the source decoded, its words recognised or given, then corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import media, series
from .crew import Crew, assemble, hearing
from .data import Edits, Media, Segment, Transcript
from .errors import EngineMissing, MediaError, UsageError
from .events import Run
from .job import STEMS, Job, read_edits
from .stages import caption, deliver, given, scenes
from .stages.bed import STYLES, music_and_effects
from .stages.diarize import diarize
from .stages.loudness import target_of
from .stages.notice import check_notice
from .stages.transcribe import spoken_language, transcribe
from .stages.translate import Glossary, apply_edits, read_glossary
from .subtitles import profiles

MOST_SPEAKERS = 50


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, and what a person gave to change how it is said."""

    transcript: Transcript
    edits: Edits
    glossary: Glossary
    translation: tuple[str, ...] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    people: series.People = field(default_factory=series.People)


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
    if job.burn and given.is_words(job.input):
        raise UsageError(f"--burn draws into a picture, and {job.input} has none: give the film")
    if job.cast is not None:
        series.read(job.cast)
    if job.speakers is not None and not 1 <= job.speakers <= MOST_SPEAKERS:
        raise UsageError(f"--speakers is a number from 1 to {MOST_SPEAKERS}, not {job.speakers}")
    check_notice(job.notice, job.to)
    target_of(job.loudness)
    _known("bed", (job.bed,), STYLES)
    _known("stems", job.stems, STEMS)
    for path in (job.input, job.transcript, job.translation, job.me):
        if path is not None and not path.exists():
            raise MediaError(f"{path} does not exist", file=str(path))
    deliver.check_writable(job.folder)
    if job.cast is not None:
        deliver.check_writable(job.cast.absolute().parent)


def _known(option: str, wished: Sequence[str], offered: Sequence[str]) -> None:
    if unknown := [name for name in wished if name not in offered]:
        raise UsageError(f"--{option} takes {', '.join(offered)}, not {unknown[0]!r}")


def ingest(job: Job, run: Run) -> Media:
    """The source, probed and decoded, with its M&E; says so when another stream than the one wished for is used."""
    with run.stage("ingest"):
        source = media.ingest(run.store, job.input, stream=job.stream, language=job.source_language)
        if job.me is not None:
            source = replace(source, effects=music_and_effects(run.store, source, job.me))
    if job.burn and not source.has_picture:
        raise UsageError(f"--burn draws into a picture, and {job.input} has none: leave it out")
    if source.fallback:
        run.warn("stream", f"{job.input.name}: {source.fallback}")
    return source


def words_of(job: Job, run: Run, crew: Crew, source: Media) -> Words:
    """What is said in a film: recognised or given, then corrected."""
    edits, glossary = read_edits(job.edits), read_glossary(job.glossary)
    names: Mapping[str, str] = {}
    lines = given.read(run, job.translation, None).transcript.segments if job.translation else ()
    if job.transcript is not None:
        found = given.read(run, job.transcript, job.source_language)
        whole, names = found.transcript, found.names
        if whole.language == given.UNKNOWN:
            whole = replace(whole, language=spoken_language(run, source, hearing(crew), _among(job, crew)))
        transcript = given.settle(run.store, source, given.within(run, source, whole, job.transcript))
        if len({s.speaker for s in transcript.segments}) == 1 and job.transcript.suffix.lower() != ".json":
            transcript = diarize(
                run, source, transcript, crew.diarizer, job.speakers
            )  # the file does not say who speaks
    else:
        heard = transcribe(run, source, hearing(crew), job.source_language, _among(job, crew))
        whole = transcript = diarize(run, source, heard, crew.diarizer, job.speakers)
        if job.translation is not None:
            whole = given.recut(transcript, lines)
            lost = sum(len(s.words) for s in transcript.segments) - sum(len(s.words) for s in whole.segments)
            if lost:
                run.warn(
                    "undubbed",
                    f"{lost} spoken words lie outside every cue of {job.translation}: they stay in the original",
                )
            transcript = given.settle(run.store, source, given.within(run, source, whole, job.translation))
    people = series.People()
    if job.cast is not None:
        transcript, names, people = series.recognised(run, source, transcript, names, job.cast)
    if len(lines) == len(whole.segments):  # what the film has no room for is gone from both
        kept = {s.id for s in transcript.segments}
        gone = {s.id for s in whole.segments} - kept
        lines = tuple(line for line in lines if line.id not in gone)
    corrected = apply_edits(transcript, edits)
    spans = {s.id: s.span for s in transcript.segments}
    moved = tuple(s if spans[s.id] == s.span else replace(s, phrases=(s.span,), words=()) for s in corrected.segments)
    return Words(replace(corrected, segments=moved), edits, glossary, _matched(lines, moved), names, people)


def sheet(run: Run, source: Media, words: Words) -> caption.Sheet:
    """What the subtitles of a film are made from: its words, its cuts, what sounds between them."""
    with run.stage("watch"):
        cuts = scenes.cuts_of(run, source)
        speech = tuple(s.span for s in words.transcript.segments)
        sounds = scenes.sounds(run.store, source.original, speech, source.duration_ms)
        try:
            transcript = scenes.audible(words.transcript, scenes.voices(run, source))
        except EngineMissing:  # given words need no recogniser, and end where they say
            transcript = words.transcript
    return caption.Sheet(transcript, source.duration_ms, source.frame_rate, source.offset_ms, cuts, sounds, words.names)


def sheet_of(job: Job, run: Run) -> tuple[caption.Sheet, Words, dict[str, caption.Target], Media | None]:
    """What subtitles are made from, the translations that are there already, and the film where there is one."""
    if not given.is_words(job.input):
        crew = assemble(job, run, speaks=False)
        source = ingest(job, run)
        words = words_of(job, run, crew, source)
        made = sheet(run, source, words)
        return made, replace(words, transcript=made.transcript), {}, source
    found = given.read(run, job.input, job.source_language)
    edits = read_edits(job.edits)
    transcript = found.transcript
    if transcript.language == given.UNKNOWN and job.to and job.translation is None:
        crew = assemble(job, run, hears=False, speaks=False)
        transcript = replace(transcript, language=_only_source(job, crew, job.input))
    lines = given.read(run, job.translation, None).transcript.segments if job.translation else ()
    matched = _matched(lines, transcript.segments)
    words = Words(apply_edits(transcript, edits), edits, read_glossary(job.glossary), matched, found.names)
    if found.master is None:
        end = max(s.span.end_ms for s in words.transcript.segments)
        return caption.Sheet(words.transcript, end, "24/1", names=found.names), words, {}, None
    known = {t.translation.language: t for t in found.master.targets}
    return replace(found.master.sheet, transcript=words.transcript), words, known, None


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
