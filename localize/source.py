"""What comes in: the request looked over, the source decoded, its words recognised or given, then corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import data, media
from .data import Edits, Media, Segment, Transcript
from .engine_selection import SelectedEngines, require_recogniser, select_engines
from .errors import EngineMissing, UsageError
from .events import Run
from .job import Job
from .sound.bed import music_and_effects
from .speakers import cast_file
from .speakers.diarize import diarize
from .transcription import shots, sound_events, supplied
from .transcription.edits import apply_edits, read_edits
from .transcription.transcribe import end_words_with_voice, spoken_language, transcribe, voice_spans
from .translation.glossary import Glossary, read_glossary


@dataclass(frozen=True, slots=True)
class SourceWords:
    """What is said, and what a person gave to change how it is said."""

    transcript: Transcript
    edits: Edits
    glossary: Glossary
    translation: tuple[str, ...] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    people: cast_file.People = field(default_factory=cast_file.People)


def ingest(job: Job, run: Run, among: Sequence[str] = ()) -> Media:
    """The source, probed and decoded, with its M&E; says so when another stream than the one wished for is used."""
    with run.stage("ingest"):
        source = media.ingest(run.store, job.input, stream=job.stream, language=job.source_language, among=among)
        if job.me is not None:
            source = replace(source, effects=music_and_effects(run.store, source, job.me))
    if job.burn and not source.has_picture:
        raise UsageError(f"--burn draws into a picture, and {job.input} has none: leave it out")
    if source.fallback:
        run.warn("stream", f"{job.input.name}: {source.fallback}")
    chosen = next(s for s in source.streams if s.index == source.audio_index)
    if short := media.truncation(job.input, chosen):
        run.warn("truncated", f"{job.input.name}: {short}")
    return source


def words_of_film(job: Job, run: Run, engines: SelectedEngines, source: Media) -> SourceWords:
    """What is said in a film: recognised or given, then corrected."""
    edits, glossary = read_edits(job.edits), read_glossary(job.glossary)
    names: Mapping[str, str] = {}
    lines = supplied.read_supplied(run, job.translation, None).transcript.segments if job.translation else ()
    if job.transcript is not None:
        found = supplied.read_supplied(run, job.transcript, job.source_language)
        whole, names = found.transcript, found.names
        if whole.language == supplied.UNKNOWN:
            whole = replace(
                whole,
                language=spoken_language(run, source, require_recogniser(engines), _candidate_languages(job, engines)),
            )
        transcript = supplied.refine_supplied(
            run.store, source, supplied.clip_to_media(run, source, whole, job.transcript)
        )
        if len({s.speaker for s in transcript.segments}) == 1 and job.transcript.suffix.lower() != ".json":
            transcript = diarize(
                run, source, transcript, engines.diarizer, job.speakers
            )  # the file does not say who speaks
    else:
        heard = transcribe(
            run, source, require_recogniser(engines), job.source_language, _candidate_languages(job, engines)
        )
        whole = transcript = diarize(run, source, heard, engines.diarizer, job.speakers)
        if job.translation is not None:
            whole = supplied.recut_to_lines(transcript, lines)
            lost = sum(len(s.words) for s in transcript.segments) - sum(len(s.words) for s in whole.segments)
            if lost:
                run.warn(
                    "undubbed",
                    f"{lost} spoken words lie outside every cue of {job.translation}: they stay in the original",
                )
            transcript = supplied.refine_supplied(
                run.store, source, supplied.clip_to_media(run, source, whole, job.translation)
            )
    people = cast_file.People()
    if job.cast is not None:
        transcript, names, people = cast_file.recognise_people(run, source, transcript, names, job.cast)
    if len(lines) == len(whole.segments):  # what the film has no room for is gone from both
        kept = {s.id for s in transcript.segments}
        gone = {s.id for s in whole.segments} - kept
        lines = tuple(line for line in lines if line.id not in gone)
    corrected = apply_edits(transcript, edits)
    spans = {s.id: s.span for s in transcript.segments}
    moved = tuple(s if spans[s.id] == s.span else replace(s, phrases=(s.span,), words=()) for s in corrected.segments)
    return SourceWords(replace(corrected, segments=moved), edits, glossary, _match_lines(lines, moved), names, people)


def subtitle_source_of_film(run: Run, source: Media, words: SourceWords) -> data.SubtitleSource:
    """What the subtitles of a film are made from: its words, its cuts, what sounds between them."""
    with run.stage("watch"):
        cuts = shots.find_shot_changes(run, source)
        speech = tuple(s.span for s in words.transcript.segments)
        sounds = sound_events.find_sound_events(run.store, source.original, speech, source.duration_ms)
        try:
            transcript = end_words_with_voice(words.transcript, voice_spans(run, source))
        except EngineMissing:  # given words need no recogniser, and end where they say
            transcript = words.transcript
    return data.SubtitleSource(
        transcript, source.duration_ms, source.frame_rate, source.offset_ms, cuts, sounds, words.names
    )


def subtitle_source_of_file(
    job: Job, run: Run
) -> tuple[data.SubtitleSource, SourceWords, dict[str, data.TargetText], Media | None]:
    """What subtitles are made from, the translations that are there already, and the film where there is one."""
    if not supplied.is_supplied_text(job.input):
        engines = select_engines(job, run, speaks=False)
        source = ingest(job, run, engines.sources(job.to) if job.to else ())
        words = words_of_film(job, run, engines, source)
        made = subtitle_source_of_film(run, source, words)
        return made, replace(words, transcript=made.transcript), {}, source
    found = supplied.read_supplied(run, job.input, job.source_language)
    edits = read_edits(job.edits)
    transcript = found.transcript
    if transcript.language == supplied.UNKNOWN and job.to and job.translation is None:
        engines = select_engines(job, run, hears=False, speaks=False)
        transcript = replace(transcript, language=_only_source(job, engines, job.input))
    lines = supplied.read_supplied(run, job.translation, None).transcript.segments if job.translation else ()
    matched = _match_lines(lines, transcript.segments)
    words = SourceWords(apply_edits(transcript, edits), edits, read_glossary(job.glossary), matched, found.names)
    if found.master is None:
        end = max(s.span.end_ms for s in words.transcript.segments)
        return data.SubtitleSource(words.transcript, end, "24/1", names=found.names), words, {}, None
    known = {t.translation.language: t for t in found.master.targets}
    return replace(found.master.sheet, transcript=words.transcript), words, known, None


def _only_source(job: Job, engines: SelectedEngines, path: Path) -> str:
    """The language of words that do not say it, where only one is possible."""
    sources = engines.sources(job.to)
    if len(sources) != 1:
        raise UsageError(f"{path} does not say its language: give --from")
    return sources[0]


def _candidate_languages(job: Job, engines: SelectedEngines) -> tuple[str, ...]:
    """The languages a source can be in."""
    return engines.sources(job.to) or tuple(sorted(require_recogniser(engines).languages))


def _match_lines(lines: Sequence[Segment], segments: Sequence[Segment]) -> tuple[str, ...] | None:
    """A given translation's texts in the order of the segments: cue N belongs to segment N."""
    if not lines:
        return None
    texts = {line.id: line.text for line in lines}
    if texts.keys() == {s.id for s in segments}:
        return tuple(texts[s.id] for s in segments)
    return tuple(line.text for line in lines)
