"""The source of a run: decode the media; recognise or take over its words, tell speakers apart, apply corrections.

Over 400 lines: what a source is made of, from film, file or master, is chosen in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .. import media
from ..data import (
    Edits,
    Media,
    Segment,
    SoundClock,
    Span,
    SubtitleSource,
    TargetText,
    Transcript,
    VocalSound,
)
from ..engine_selection import SelectedEngines, require_recogniser
from ..engines import SoundTagger
from ..errors import EngineMissing, UsageError
from ..events import Run
from ..inputs import Inputs
from ..job import Job
from ..sound.bed import music_and_effects
from ..speakers.diarize import begin_to_diarize, diarize, part_neighbours, voice_changes
from ..speakers.people import People, recognise_people
from ..transcription.cue_turns import part_cues, part_pairs
from ..transcription.edits import apply_edits
from ..transcription.given_clock import NEAR_MS, find_other_clock
from ..transcription.line_changes import change_lines, changed_texts
from ..transcription.lines import cue_of, end_words_with_voice
from ..transcription.script_times import time_script
from ..transcription.shots import detect_shot_changes, find_shot_changes
from ..transcription.sound_events import find_sound_events
from ..transcription.supplied import (
    UNKNOWN_LANGUAGE,
    SuppliedWords,
    clip_to_media,
    name_voices,
    recut_to_lines,
    refine_supplied,
    repeated_lines,
    screen_lines,
    spoken_lines,
    spoken_words,
    warn_of_times,
)
from ..transcription.transcribe import spoken_language, transcribe, voice_spans
from ..transcription.turn_times import time_by_heard, time_turns
from ..transcription.vocal_sounds import find_vocal_sounds, sounding_islands, without_sounds
from ..translation.given_lines import pair_with_film
from .earlier_film import NOTHING, Corrections, corrections_of_film
from .film_check import words_that_time
from .given_cues import is_paired, match_cues

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
        corrections: those that hold, earlier ones and those of a review among them.
    """

    transcript: Transcript
    translation: tuple[str, ...] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    people: People = field(default_factory=People)
    corrections: Corrections = NOTHING


def ingest(job: Job, run: Run, among: Sequence[str] = ()) -> Media:
    """Probe and decode the source and its M&E, and begin to look for its cuts; warns when another stream than the one
    asked for is used, and where the file is truncated. `among` are the languages that can be translated.
    """
    with run.stage("ingest"):
        file = media.identify(job.input)
        if any(s.kind == "video" and not s.cover for s in media.probe(job.input).streams):
            run.store.make_ahead(detect_shot_changes, file)
        source = media.ingest(
            run.store, job.input, stream=job.stream, language=job.source_language, among=among, source=file
        )
        if job.me is not None:
            source = replace(source, effects=music_and_effects(run.store, source, job.me))
    if source.fallback:
        run.warn("stream", f"{job.input.name}: {source.fallback}")
    chosen = next(s for s in source.streams if s.index == source.audio_index)
    for code, fault in media.describe_faults(job.input, chosen, source.sound):
        run.warn(code, f"{job.input.name}: {fault}")
    return source


def on_sound_clock(inputs: Inputs, source: Media) -> Inputs:
    """The given lines with their times counted from the first sample, where files count them from the first picture.

    A master.json counts from the sound already, and a script may have no times; cues that are shown again stay on the
    picture's clock.

    Args:
        inputs: the files of a request.
        source: whose sound may begin later than its picture.
    """
    transcript, translated = inputs.transcript, inputs.translated
    if transcript is not None and transcript.master is None:
        near = {name: at - source.offset_ms for name, at in transcript.near.items()}
        lines = transcript.transcript.segments
        lines = _shifted(lines, -source.offset_ms) if transcript.timed else lines
        whole = replace(transcript.transcript, segments=lines)
        transcript = replace(transcript, transcript=whole, near=near)
    counted = translated is not None and translated.timed and translated.master is None
    translation = _shifted(inputs.translation, -source.offset_ms) if counted else inputs.translation
    return replace(inputs, transcript=transcript, translation=translation)


def warn_of_other_clock(job: Job, inputs: Inputs, run: Run, source: Media) -> None:
    """Say where given times are those of another version of the film: at another rate, or with another beginning.

    Args:
        job: names the files.
        inputs: what they hold, on the sound's clock (see `on_sound_clock`).
        run: told.
        source: whose voices are heard.
    """
    path, given = words_that_time(job, inputs)
    lines = inputs.translation if inputs.transcript is None else inputs.transcript.transcript.segments
    if given is None or path is None or not given.timed or given.master is not None:
        return
    other = find_other_clock([line.span for line in lines if line.text], sounding_islands(run.store, source.speech))
    if other is None:
        return
    theirs, _, own = other.fps.partition(":")
    rate = [f"at {theirs} frames a second where the film has {own}"] if other.fps else []
    late = abs(other.offset_ms) > NEAR_MS
    moved = [f"{abs(other.offset_ms) / 1000:.1f} s too {'early' if other.offset_ms > 0 else 'late'}"] if late else []
    options = [f"--fps {other.fps}"] * bool(rate) + [f"--offset {other.offset_ms}"] * late
    run.warn(
        "given_clock",
        f"{path}: its lines lie beside the voices of {job.input}, as if timed {' and '.join(rate + moved)} (agreement "
        f"{other.fit:.2f}, {other.moved_fit:.2f} if they were not): give the times of this film; 'localize convert "
        f"{' '.join(options)}' writes a subtitle file with them",
    )


def warn_of_given_times(job: Job, inputs: Inputs, run: Run, clock: SoundClock) -> None:
    """Say which given lines a dub would cut, leave out or speak late, by the clock of the film's sound."""
    given = inputs.transcript
    if given is None or not given.timed or job.transcript is None:
        return
    lines = given.transcript.segments if given.master else _shifted(given.transcript.segments, -clock.start_ms)
    warn_of_times(run, lines, clock.length_ms, job.transcript, job.input)


def _shifted(segments: Sequence[Segment], by_ms: int) -> tuple[Segment, ...]:
    """Segments moved in time, none to before the beginning."""
    return tuple(
        replace(
            s,
            span=Span(max(0, s.span.start_ms + by_ms), max(1, s.span.end_ms + by_ms)),
            words=tuple(replace(w, span=w.span.shifted(by_ms)) for w in s.words),
            phrases=tuple(p.shifted(by_ms) for p in s.phrases),
        )
        for s in segments
    )


def hear_sounds(
    inputs: Inputs, run: Run, engines: SelectedEngines, source: Media
) -> tuple[Media, tuple[VocalSound, ...] | None]:
    """The film with laughs, sobs and other sounds without words taken out of its speech track, and these sounds; None
    where the recogniser cannot name sounds.

    Where a given cue has words for most of its time, they are what is said there.
    """
    if not isinstance(engines.recogniser, SoundTagger):
        return source, None
    timed = [inputs.transcript.transcript.segments] if inputs.transcript is not None and inputs.transcript.timed else []
    if inputs.translated is not None and inputs.translated.timed:
        timed.append(inputs.translation)
    cues = [segment.span for segments in timed for segment in segments if segment.text]
    with run.stage("sounds"):
        found = find_vocal_sounds(run, source, engines.recogniser)
        sounds = tuple(s for s in found if not any(2 * s.span.overlap_ms(cue) > cue.length_ms for cue in cues))
        return without_sounds(run.store, source, sounds), sounds


def words_of_film(job: Job, inputs: Inputs, run: Run, engines: SelectedEngines, source: Media) -> SourceWords:
    """The transcript of a film: recognised or given, with speakers, corrected."""
    warn_of_other_clock(job, inputs, run, source)
    whole, transcript, names = (
        _recognise(job, inputs, run, engines, source)
        if inputs.transcript is None
        else _take_supplied(job, inputs.transcript, run, engines, source)
    )
    people = People()
    if job.cast is not None:
        transcript, names, people = recognise_people(run, source, transcript, names, inputs.cast)
    lines: Sequence[Segment] = inputs.translation
    if is_paired(inputs) and inputs.paired is None:
        lines = _pair_with_film(job, inputs, run, transcript)
    if len(lines) == len(whole.segments):  # what the film has no room for is gone from both
        gone = {s.id for s in whole.segments} - {s.id for s in transcript.segments}
        lines = [line for line in lines if line.id not in gone]
    corrected = corrections_of_film(job, inputs, run, source.source.sha256, transcript)
    edits = corrected.edits
    changed = change_lines(transcript, edits.lines)
    applied = apply_edits(changed, edits)
    spans = {s.id: s.span for s in changed.segments}
    moved = tuple(s if spans[s.id] == s.span else replace(s, phrases=(s.span,), words=()) for s in applied.segments)
    if edits.lines:
        warn_of_changed_lines(run, inputs)
        given = _match_changed_lines(lines, transcript, moved, edits, paired=is_paired(inputs))
    else:
        given = _match_lines(lines, moved, paired=is_paired(inputs))
    return SourceWords(replace(applied, segments=moved), given, names, people, corrected)


def warn_of_changed_lines(run: Run, inputs: Inputs) -> None:
    """Say what of given cues is lost where lines are split or merged."""
    given = inputs.words or inputs.transcript
    if (given is not None and given.document is not None) or inputs.translation_cues is not None:
        run.warn("recut", "lines were split or merged, so the given cues are cut anew, without their styles and places")


def _match_changed_lines(
    lines: Sequence[Segment], transcript: Transcript, moved: Sequence[Segment], edits: Edits, *, paired: bool
) -> tuple[str, ...] | None:
    """A given translation's texts in the order of lines that were split and merged since.

    Raises:
        UsageError: a line that it has whole was split, and nobody says what either part is in translation.
    """
    found = _match_lines(lines, transcript.segments, paired=paired)
    if found is None:
        return None
    texts = changed_texts({s.id: text for s, text in zip(transcript.segments, found)}, edits.lines)
    written = {edit.segment for edit in edits.edits if edit.translation}
    parts = (name for c in edits.lines if c.kind == "split" for name in (c.segment, c.other) if name in texts)
    if bare := sorted(set(parts) - written):
        raise UsageError(
            f"{bare[0]} is part of a line that was split, and the given translation has that whole: say what the part "
            "is in translation", segment=bare[0],
        )  # fmt: skip
    return tuple(texts[segment.id] for segment in moved)


def _take_supplied(
    job: Job, given: SuppliedWords, run: Run, engines: SelectedEngines, source: Media
) -> tuple[Transcript, Transcript, Mapping[str, str]]:
    """The given transcript: in full, and the part within the film's duration."""
    assert job.transcript is not None
    whole = given.transcript
    if whole.language == UNKNOWN_LANGUAGE:
        among = _candidate_languages(job, engines)
        whole = replace(whole, language=spoken_language(run, source, require_recogniser(engines), among))
    if given.timed:
        timed = _with_turns_timed(job, given, run, engines, source, whole)
        transcript = refine_supplied(run.store, source, clip_to_media(run, source, timed, job.transcript))
    else:
        words = replace(given, transcript=whole)
        transcript = time_script(run, source, require_recogniser(engines), words, job.transcript)
    names = given.names
    if given.master is None and not _says_who_speaks(transcript, given):
        heard = diarize(run, source, transcript, engines.diarizer, job.speakers)
        transcript, names = name_voices(transcript, heard, names) if given.labelled else (heard, names)
    return whole, transcript, names


def _with_turns_timed(
    job: Job, given: SuppliedWords, run: Run, engines: SelectedEngines, source: Media, whole: Transcript
) -> Transcript:
    """The given lines, with the turns of shared cues where the sound has them."""
    if given.document is None:
        return whole

    def changes() -> tuple[int, ...]:
        return voice_changes(run, source, engines.diarizer, job.speakers)

    return time_turns(run, source, engines.recogniser, whole, changes, str(job.transcript))


def _says_who_speaks(transcript: Transcript, given: SuppliedWords) -> bool:
    """Whether a given file distinguishes its speakers; labels do only where every line that is spoken has one."""
    if given.labelled:
        return all(s.speaker in given.names for s in transcript.segments if s.text)
    return len({s.speaker for s in transcript.segments}) > 1


def spoken_inputs(inputs: Inputs, language: str) -> Inputs:
    """What is given, as voices say it: no label, no sound in brackets.

    Args:
        inputs: the files of a dub.
        language: of the given translation.
    """
    inputs = _in_turns(inputs, language)
    lines, given = spoken_lines(inputs.translation, language, inputs.translated), inputs.transcript
    said = given and spoken_words(given)
    if given is not None and said is not None and lines:
        unsaid = screen_lines(given).keys() | repeated_lines(given)
        silent = {line.id for line in said.transcript.segments if not line.text} & unsaid
        spans = {line.id: line.span for line in given.transcript.segments if line.id in silent}
        # What the picture shows it shows in both languages, whether the translation repeats the label or not.
        shown = {line.id for line in lines if line.id in spans and spans[line.id].overlap_ms(line.span) > 0}
        lines = tuple(replace(line, text="", words=()) if line.id in shown else line for line in lines)
    return replace(inputs, transcript=said, translation=lines)


def _in_turns(inputs: Inputs, language: str) -> Inputs:
    """What is given, with a line for each turn of a cue that holds the words of several people. A translator's file has
    one unit for a cue, so that cues stay whole with it.
    """
    given, target = inputs.transcript, inputs.translated
    if inputs.returned is not None:
        return inputs
    if given is None or target is None:
        alone = given or target
        parted = alone and part_cues(alone)
        if parted is None or parted is alone:
            return inputs
        if given is not None:
            return replace(inputs, transcript=parted)
        lines = parted.transcript.segments
        return replace(inputs, translation=lines, paired={line.id: cue_of(line.id) for line in lines})
    if not (given.timed and target.timed):
        return inputs
    if inputs.paired is None:
        matched = match_cues(inputs.translation, given.transcript.segments) or ()
    else:
        by_id = {line.id: line for line in inputs.translation}
        matched = tuple(by_id[segment.id] for segment in given.transcript.segments)
    partners = {segment.id: line for segment, line in zip(given.transcript.segments, matched)}
    found = part_pairs(given, target, partners, inputs.paired or {}, language)
    return (
        inputs if found is None else replace(inputs, transcript=found.given, translation=found.lines, paired=found.cues)
    )


def _recognise(
    job: Job, inputs: Inputs, run: Run, engines: SelectedEngines, source: Media
) -> tuple[Transcript, Transcript, Mapping[str, str]]:
    """The recognised transcript, cut to the lines of a given translation: in full, and the part within the film's
    duration.
    """
    among = _candidate_languages(job, engines)
    begin_to_diarize(run, source, engines.diarizer, job.speakers)
    heard = transcribe(run, source, require_recogniser(engines), job.source_language, among)
    transcript = diarize(run, source, heard, engines.diarizer, job.speakers)
    if job.translation is None or inputs.translated is None or not inputs.translated.timed:
        return transcript, transcript, {}
    whole = recut_to_lines(transcript, time_by_heard(inputs.translation, transcript))
    if any(cue_of(line.id) != line.id for line in whole.segments):
        whole = part_neighbours(run, source, whole, engines.diarizer, job.speakers)
    lost = sum(len(s.words) for s in transcript.segments) - sum(len(s.words) for s in whole.segments)
    if lost:
        run.warn(
            "undubbed", f"{lost} spoken words lie outside every cue of {job.translation}: they stay in the original"
        )
    return whole, refine_supplied(run.store, source, clip_to_media(run, source, whole, job.translation)), {}


def words_of_file(inputs: Inputs) -> SourceWords:
    """The transcript of a subtitle file or master.json, with a person's corrections."""
    assert inputs.words is not None
    if inputs.edits.lines and inputs.words.master is not None:
        raise UsageError("the edits split or merge lines, and a master.json keeps the lines it has: dub again")
    changed = change_lines(inputs.words.transcript, inputs.edits.lines)
    transcript = apply_edits(changed, inputs.edits)
    if inputs.edits.lines:
        given = _match_changed_lines(
            inputs.translation, inputs.words.transcript, transcript.segments, inputs.edits, paired=is_paired(inputs)
        )
        return SourceWords(transcript, given, inputs.words.names)
    return SourceWords(
        transcript, _match_lines(inputs.translation, transcript.segments, paired=is_paired(inputs)), inputs.words.names
    )


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


def targets_to_keep(
    job: Job, inputs: Inputs, run: Run, transcript: Transcript, made: Sequence[str] = ()
) -> list[TargetText]:
    """The targets of the master.json in the output folder that the new one carries over: of the same words, in a
    language that is not made now. Warns of languages that are not carried over.

    Args:
        job: names the languages that are made now.
        inputs: hold the earlier master.json.
        run: the listener.
        transcript: the words of the new one.
        made: further languages that are made now.
    """
    if inputs.delivered is None:
        return []
    others = [t for t in inputs.delivered.targets if t.translation.language not in (*job.to, *made)]
    before = [(s.id, s.text) for s in inputs.delivered.sheet.transcript.segments]
    if others and before != [(s.id, s.text) for s in transcript.segments]:
        languages = ", ".join(t.translation.language for t in others)
        run.warn(
            "master_replaced",
            f"{job.name}.master.json held {languages} for other words than these: the new one does not hold it",
        )
        return []
    return others


def _candidate_languages(job: Job, engines: SelectedEngines) -> tuple[str, ...]:
    """The languages the source may be in."""
    return engines.sources(job.to) or tuple(sorted(require_recogniser(engines).languages))


def _pair_with_film(job: Job, inputs: Inputs, run: Run, transcript: Transcript) -> Sequence[Segment]:
    """The lines of a given translation paired with what is heard."""
    assert inputs.translated is not None
    assert job.translation is not None
    paths = (job.transcript or job.input, job.translation)
    return pair_with_film(run, transcript, inputs.transcript, inputs.translated, inputs.translation, paths).lines


def _match_lines(
    lines: Sequence[Segment], segments: Sequence[Segment], *, paired: bool = False
) -> tuple[str, ...] | None:
    """A given translation's texts in the order of the segments; None where there is none."""
    if lines and paired:
        texts = {line.id: line.text for line in lines}
        return tuple(texts[segment.id] for segment in segments)
    found = match_cues(lines, segments)
    return tuple(line.text for line in found) if found else None
