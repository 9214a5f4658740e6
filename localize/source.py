"""The source of a run: decode the media; recognise or take over its words, tell speakers apart, apply corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from . import media
from .data import Media, Segment, SubtitleSource, TargetText, Transcript
from .delivery import deliverables
from .engine_selection import SelectedEngines, require_recogniser
from .errors import EngineMissing, UsageError
from .events import Run
from .inputs import Inputs
from .job import Job
from .sound.bed import check_effects, music_and_effects
from .speakers.cast_file import People, recognise_people
from .speakers.diarize import diarize
from .transcription.edits import apply_edits
from .transcription.lines import end_words_with_voice
from .transcription.shots import find_shot_changes
from .transcription.sound_events import find_sound_events
from .transcription.supplied import UNKNOWN, SuppliedWords, clip_to_media, recut_to_lines, refine_supplied
from .transcription.transcribe import spoken_language, transcribe, voice_spans

NO_FILM_RATE = "24/1"
"""Frames are counted at this rate where there is no picture."""


@dataclass(frozen=True, slots=True)
class SourceWords:
    """The transcript of the source with a person's corrections, and what was given with it.

    Args:
        transcript: who says what, when.
        translation: a given translation's text for each segment; None where there is none.
        names: speaker -> what files call them.
        people: of the series, and who of them is heard here.
    """

    transcript: Transcript
    translation: tuple[str, ...] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    people: People = field(default_factory=People)


def check_film(job: Job) -> None:
    """Refuse what the containers themselves show, before any engine is loaded or any sound decoded.

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


def plan_film(job: Job, run: Run, among: Sequence[str] = ()) -> media.FilmPlan | None:
    """What film can be made of the source, found out before the work; says so where none can; None for sound alone.

    Raises:
        MediaError: the source cannot be read, or has no sound.
    """
    found = media.probe(job.input)
    chosen, _ = media.choose_audio(job.input, found, job.stream, job.source_language, among)
    plan = media.plan_film(job.input, found, chosen)
    if plan is not None and not plan.suffix:
        run.warn("film_not_muxed", deliverables.no_film(job.input.name, plan.reason))
    return plan


def ingest(job: Job, run: Run, among: Sequence[str] = ()) -> Media:
    """Probe and decode the source and its M&E; warns when another stream than the one asked for is used, and where the
    file is truncated. `among` are the languages that can be translated.
    """
    with run.stage("ingest"):
        source = media.ingest(run.store, job.input, stream=job.stream, language=job.source_language, among=among)
        if job.me is not None:
            source = replace(source, effects=music_and_effects(run.store, source, job.me))
    if source.fallback:
        run.warn("stream", f"{job.input.name}: {source.fallback}")
    chosen = next(s for s in source.streams if s.index == source.audio_index)
    if short := media.truncation(job.input, chosen):
        run.warn("truncated", f"{job.input.name}: {short}")
    return source


def words_of_film(job: Job, inputs: Inputs, run: Run, engines: SelectedEngines, source: Media) -> SourceWords:
    """The transcript of a film: recognised or given, speakers told apart, corrected."""
    whole, transcript, names = (
        _recognised(job, inputs, run, engines, source)
        if inputs.transcript is None
        else _supplied(job, inputs.transcript, run, engines, source)
    )
    people = People()
    if job.cast is not None:
        transcript, names, people = recognise_people(run, source, transcript, names, inputs.cast)
    lines: Sequence[Segment] = inputs.translation
    if len(lines) == len(whole.segments):  # what the film has no room for is gone from both
        gone = {s.id for s in whole.segments} - {s.id for s in transcript.segments}
        lines = [line for line in lines if line.id not in gone]
    corrected = apply_edits(transcript, inputs.edits)
    spans = {s.id: s.span for s in transcript.segments}
    moved = tuple(s if spans[s.id] == s.span else replace(s, phrases=(s.span,), words=()) for s in corrected.segments)
    return SourceWords(replace(corrected, segments=moved), _match_lines(lines, moved), names, people)


def _supplied(
    job: Job, given: SuppliedWords, run: Run, engines: SelectedEngines, source: Media
) -> tuple[Transcript, Transcript, Mapping[str, str]]:
    """The given transcript: in full, and the part within the film's duration."""
    assert job.transcript is not None
    whole = given.transcript
    if whole.language == UNKNOWN:
        among = _candidate_languages(job, engines)
        whole = replace(whole, language=spoken_language(run, source, require_recogniser(engines), among))
    transcript = refine_supplied(run.store, source, clip_to_media(run, source, whole, job.transcript))
    if len({s.speaker for s in transcript.segments}) == 1 and given.master is None:  # it does not say who speaks
        transcript = diarize(run, source, transcript, engines.diarizer, job.speakers)
    return whole, transcript, given.names


def _recognised(
    job: Job, inputs: Inputs, run: Run, engines: SelectedEngines, source: Media
) -> tuple[Transcript, Transcript, Mapping[str, str]]:
    """The recognised transcript, cut to the lines of a given translation: in full, and the part within the film's
    duration.
    """
    among = _candidate_languages(job, engines)
    heard = transcribe(run, source, require_recogniser(engines), job.source_language, among)
    transcript = diarize(run, source, heard, engines.diarizer, job.speakers)
    if job.translation is None:
        return transcript, transcript, {}
    whole = recut_to_lines(transcript, inputs.translation)
    lost = sum(len(s.words) for s in transcript.segments) - sum(len(s.words) for s in whole.segments)
    if lost:
        run.warn(
            "undubbed", f"{lost} spoken words lie outside every cue of {job.translation}: they stay in the original"
        )
    return whole, refine_supplied(run.store, source, clip_to_media(run, source, whole, job.translation)), {}


def words_of_file(inputs: Inputs) -> SourceWords:
    """The transcript of a subtitle file or master.json, with a person's corrections."""
    assert inputs.words is not None
    transcript = apply_edits(inputs.words.transcript, inputs.edits)
    return SourceWords(transcript, _match_lines(inputs.translation, transcript.segments), inputs.words.names)


def subtitle_source_of_film(run: Run, source: Media, words: SourceWords) -> SubtitleSource:
    """The subtitle source of a film: its transcript, shot changes and sound events."""
    with run.stage("watch"):
        cuts = find_shot_changes(run, source)
        speech = tuple(s.span for s in words.transcript.segments)
        sounds = find_sound_events(run.store, source.original, speech, source.duration_ms)
        try:
            transcript = end_words_with_voice(words.transcript, voice_spans(run, source))
        except EngineMissing:  # given words need no recogniser, and end where they say
            transcript = words.transcript
    return SubtitleSource(
        transcript, source.duration_ms, source.frame_rate, source.offset_ms, cuts, sounds, words.names
    )


def subtitle_source_of_file(inputs: Inputs, words: SourceWords) -> tuple[SubtitleSource, dict[str, TargetText]]:
    """What the subtitles of a given file are made from, and the translations that a master.json holds already."""
    assert inputs.words is not None
    master = inputs.words.master
    if master is None:
        end_ms = max(s.span.end_ms for s in words.transcript.segments)
        return SubtitleSource(words.transcript, end_ms, NO_FILM_RATE, names=words.names), {}
    known = {t.translation.language: t for t in master.targets}
    return replace(master.sheet, transcript=words.transcript), known


def _candidate_languages(job: Job, engines: SelectedEngines) -> tuple[str, ...]:
    """The languages the source may be in."""
    return engines.sources(job.to) or tuple(sorted(require_recogniser(engines).languages))


def _match_lines(lines: Sequence[Segment], segments: Sequence[Segment]) -> tuple[str, ...] | None:
    """A given translation's texts in the order of the segments: cue N belongs to segment N."""
    if not lines:
        return None
    texts = {line.id: line.text for line in lines}
    if texts.keys() == {s.id for s in segments}:
        return tuple(texts[s.id] for s in segments)
    return tuple(line.text for line in lines)
