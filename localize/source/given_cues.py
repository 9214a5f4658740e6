"""Given cues that are kept: the subtitles of a source, a target or a dub in the cues of a file that somebody gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ..data import (
    Candidate,
    Edits,
    Segment,
    Span,
    SubtitleSource,
    Timeline,
    Transcript,
    Translation,
    phrases_of,
)
from ..events import Run
from ..inputs import Inputs
from ..job import Job
from ..language.speaker_names import label_names
from ..subtitles.template import Template, left_out_by_recut
from ..timedtext.cues import Document, cue_text, cue_voices
from ..transcription.cue_turns import rewritten_cue
from ..transcription.lines import cue_number, cue_of, line_id
from ..translation.passages import Passage


def source_template(job: Job, inputs: Inputs, sheet: SubtitleSource, names: Mapping[str, str]) -> Template | None:
    """The given file whose cues the source's subtitles keep; None where nobody gave cues, or they are cut anew.

    Args:
        job: says whether they are kept.
        inputs: the files and a person's corrections.
        sheet: of the source.
        names: speaker -> what files call them.
    """
    given = inputs.words or inputs.transcript
    if job.recut or given is None or given.document is None or inputs.edits.lines:
        return None
    language = sheet.transcript.language
    called = (*names.values(), *label_names((cue_text(cue) for cue in given.document.cues), language=language))
    said = {e.segment: e.source for e in inputs.edits.edits if e.source is not None}
    turns = _turns_by_cue({line.id: cue_of(line.id) for line in given.transcript.segments}, given.transcript.segments)
    texts, spans = _corrected_cues(given.document, inputs.edits, turns, said, language, called)
    return Template(given.document, language, language, texts, spans, called, _film_end_ms(sheet))


def _turns_by_cue(cues: Mapping[str, str], lines: Sequence[Segment]) -> dict[str, list[Segment]]:
    """Cue -> the lines that are its turns, in order."""
    found: dict[str, list[Segment]] = {}
    for line in sorted(lines, key=lambda line: line.id):
        found.setdefault(cues.get(line.id, line.id), []).append(line)
    return found


def _corrected_cues(
    document: Document,
    edits: Edits,
    turns: Mapping[str, Sequence[Segment]],
    said: Mapping[str, str],
    language: str,
    names: Sequence[str],
) -> tuple[dict[str, Candidate], dict[str, Span]]:
    """Cue -> its words, and its times, with a person's corrections of its lines.

    Args:
        document: the cues.
        edits: the corrections.
        turns: cue -> its lines.
        said: line -> what it says now.
        language: of the cues.
        names: of speakers.
    """
    texts: dict[str, Candidate] = {}
    spans: dict[str, Span] = {}
    cue_of_line = {line.id: cue for cue, lines in turns.items() for line in lines}
    for edit in edits.edits:
        cue = cue_of_line.get(edit.segment, edit.segment)
        lines, number = turns.get(cue, ()), cue_number(cue)
        own = len(lines) > 1 and len({cue_of(line.id) for line in lines}) == 1
        if not 0 < number <= len(document.cues):
            continue
        if edit.segment in said:
            shown = document.cues[number - 1]
            text = rewritten_cue(shown, language, names, lines, said) if own else said[edit.segment]
            texts[cue] = Candidate(text, 0.0)
        start = edit.start_ms if not own or edit.segment == lines[0].id else None
        end = edit.end_ms if not own or edit.segment == lines[-1].id else None
        if (start, end) != (None, None):
            spans[cue] = _moved_span(spans.get(cue, document.cues[number - 1].span), start, end)
    return texts, spans


def warn_of_recut(job: Job, inputs: Inputs, run: Run) -> None:
    """Say what of given cues is left out where they are cut anew."""
    given = inputs.words or inputs.transcript
    files = [
        (job.transcript or job.input, given.document if given else None), (job.translation, inputs.translation_cues)
    ]  # fmt: skip
    for path, document in files if job.recut else ():
        left_out = left_out_by_recut(document) if path is not None and document is not None else {}
        if path is not None and left_out:
            what = ", ".join(f"{count} {kind}" for kind, count in left_out.items())
            run.warn("recut", f"{path.name} is cut anew: its styles and places are left out ({what})")


def target_template(
    job: Job,
    inputs: Inputs,
    sheet: SubtitleSource,
    source: Template | None,
    translation: Translation,
    passages: Mapping[str, Passage] = MappingProxyType({}),
) -> Template | None:
    """The cues a translation is shown in: those of a given translation, else those of the given source.

    Args:
        job: says whether they are kept.
        inputs: the files and a person's corrections.
        sheet: of the source.
        source: the template of the source.
        translation: its words.
        passages: segment -> its words as a translator marked them.
    """
    language = translation.language
    if inputs.translation_cues is not None and not job.recut and not inputs.edits.lines:
        return _given_template(inputs, inputs.translation_cues, sheet, language)
    if source is None:
        return None
    shown = {line.segment: line.candidates[0] for line in translation.lines if line.candidates}
    corrected = {edit.segment for edit in inputs.edits.edits if language in edit.translation}
    marked = {segment: found for segment, found in passages.items() if segment not in corrected}
    return replace(source, language=language, texts=shown, marked=marked)


def dub_template(
    job: Job, inputs: Inputs, sheet: SubtitleSource, translation: Translation, timeline: Timeline
) -> Template | None:
    """The cues that a dub's subtitles keep: those of a given translation; None where nobody gave one.

    Their step is measured by what is heard: the dub, and the lines that stay in the original.
    """
    if inputs.translation_cues is None or inputs.edits.lines:
        return None
    kept = target_template(job, inputs, sheet, None, translation)
    dubbed = {clip.take.segment for clip in timeline.clips}
    heard = [phrase for clip in timeline.clips for phrase in clip.phrases]
    heard += [p for s in sheet.transcript.segments if s.text and s.id not in dubbed for p in phrases_of(s)]
    return kept and replace(kept, heard=tuple(sorted(phrase.shifted(sheet.offset_ms) for phrase in heard)))


def _given_template(inputs: Inputs, document: Document, sheet: SubtitleSource, language: str) -> Template:
    """The cues of a given translation, with a person's corrections of its words and places."""
    segments = sheet.transcript.segments
    there = {segment.id for segment in segments}
    shown = [line for line in inputs.translation if line.id in there]  # the film may have no room for all
    if inputs.paired is not None:
        cues = dict(inputs.paired)
    elif is_paired(inputs):  # by the times that were found in the sound
        cues = {s.id: max(inputs.translation, key=lambda line: line.span.overlap_ms(s.span)).id for s in segments}
    else:
        matched = match_cues(shown if len(shown) == len(segments) else inputs.translation, segments) or ()
        cues = {segment.id: line.id for segment, line in zip(segments, matched)}
    said = {e.segment: e.translation[language] for e in inputs.edits.edits if language in e.translation}
    turns = _turns_by_cue(cues, inputs.translation)
    names = inputs.translated.names.values() if inputs.translated is not None else ()
    texts, spans = _corrected_cues(document, inputs.edits, turns, said, language, tuple(names))
    return Template(document, language, language, texts, spans, end_ms=_film_end_ms(sheet))


def _moved_span(kept: Span, start_ms: int | None, end_ms: int | None) -> Span:
    """When a cue is shown that a person moved, in whole or at one end."""
    start_ms = kept.start_ms if start_ms is None else start_ms
    end_ms = kept.end_ms if end_ms is None else end_ms
    return Span(start_ms, end_ms if end_ms > start_ms else start_ms + max(1, kept.length_ms))


def _film_end_ms(sheet: SubtitleSource) -> int | None:
    """When the film ends, on the picture's clock; None where there is no film."""
    return None if sheet.shots is None else sheet.offset_ms + sheet.duration_ms


def in_lines(transcript: Transcript, template: Template | None) -> Transcript:
    """The transcript with the lines of the given cues: a newline in a text where a line ends."""
    if template is None:
        return transcript
    texts = {line_id(n): cue_text(cue) for n, cue in enumerate(template.document.cues, 1)}
    segments = tuple(
        replace(s, text=texts[s.id]) if texts.get(s.id, "").split() == s.text.split() else s
        for s in transcript.segments
    )
    return replace(transcript, segments=segments)


def voices_by_line(template: Template | None) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Segment -> who speaks in each line of its cue, where the file says so."""
    cues = enumerate(template.document.cues, 1) if template else ()
    return {line_id(n): voices for n, cue in cues if (voices := cue_voices(cue))}


def is_paired(inputs: Inputs) -> bool:
    """Whether the lines of the given translation are paired with the source's, and get their ids, because they are
    others, or one of the two has no times.
    """
    if inputs.translated is None:
        return False
    untimed = not inputs.translated.timed or (inputs.transcript is not None and not inputs.transcript.timed)
    return inputs.paired is not None or untimed


def match_cues(lines: Sequence[Segment], segments: Sequence[Segment]) -> tuple[Segment, ...] | None:
    """A given translation's lines in the order of the segments: cue N belongs to segment N, unless their times say that
    the two files are in another order.
    """
    if not lines:
        return None
    by_id = {line.id: line for line in lines}
    if by_id.keys() != {s.id for s in segments}:
        return tuple(lines)
    if any(by_id[s.id].span.overlap_ms(s.span) == 0 for s in segments):
        nearest = {s.id: max(lines, key=lambda line: line.span.overlap_ms(s.span)) for s in segments}
        met = all(nearest[s.id].span.overlap_ms(s.span) > 0 for s in segments)
        if met and len({line.id for line in nearest.values()}) == len(segments):
            by_id = nearest
    return tuple(by_id[s.id] for s in segments)
