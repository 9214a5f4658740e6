"""Words parted into the lines of a transcript: where one ends, what each is called, how long its last word is heard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..data import Segment, Span, Transcript, Utterance, Word
from ..language.boundaries import SENTENCE_MARKS

FADE_MS = 400
"""No word's end is heard longer than this after its recognised one."""
LINE_PAUSE_MS = 700
SENTENCE_PAUSE_MS = 200
LONG_LINE_MS = 12_000
SPELLED = re.compile(r"[mh](?:[.\-\s]+[a-z])+[a-z]*[.,!?]*", re.IGNORECASE)
MURMUR = "Mm-hm."
DOUBTED = 0.75
"""Confidence under which letters need not have been said; of real acronyms Whisper is sure to .9."""
SENTENCE_END = tuple(SENTENCE_MARKS)
_OF_CUE = re.compile(r"s(\d{4,})(?:-\d+)?")


def line_id(number: int) -> str:
    """What line `number` of a transcript is called, or the line of cue `number` of a given file; counted from 1."""
    return f"s{number:04}"


def turn_id(line: str, number: int) -> str:
    """What turn `number` of a cue, counted from 1, is called; `line` is the id of its first."""
    return line if number == 1 else f"{line}-{number}"


def cue_of(line: str) -> str:
    """The id of the first line of the cue that a line is a turn of; its own where there is one turn."""
    return line_id(found) if (found := cue_number(line)) else line


def cue_number(line: str) -> int:
    """Which cue of the given file a line is from, counted from 1; 0 where its id says none."""
    found = _OF_CUE.fullmatch(line)
    return int(found[1]) if found else 0


def end_words_with_voice(transcript: Transcript, heard: Sequence[Span]) -> Transcript:
    """The same words, each line's last one ending where the voice ends: recognisers drop what fades (a final "s"), and
    a cue that follows them goes too soon.

    Args:
        transcript: what is said, on the audio's clock.
        heard: where a voice is heard, on the same clock.
    """
    segments = list(transcript.segments)
    for index, segment in enumerate(segments):
        following = min((s.span.start_ms for s in segments if s.span.start_ms > segment.span.start_ms), default=1 << 60)
        ends = segment.span.end_ms
        last = next((p.end_ms for p in heard if p.start_ms < ends <= p.end_ms <= ends + FADE_MS), ends)
        if ends < last < following:
            # The line's own span stays what the dub was laid on.
            segments[index] = replace(
                segment,
                words=(*segment.words[:-1], *(_until(word, last) for word in segment.words[-1:])),
                phrases=(*segment.phrases[:-1], *(Span(p.start_ms, last) for p in segment.phrases[-1:])),
            )
    return replace(transcript, segments=tuple(segments))


def _until(word: Word, end_ms: int) -> Word:
    return replace(word, span=Span(word.span.start_ms, end_ms))


def unspelled(segment: Segment) -> Segment:
    """A listener's murmur that was taken for letters ("M.M.H.I.M.", "M-M-E-Cham."), written as what it is.

    Acronyms are letters too: only a line of one word that the recogniser doubts, and that begins as a murmur does.
    """
    doubted = len(segment.words) == 1 and segment.words[0].confidence < DOUBTED
    if not (doubted and SPELLED.fullmatch(segment.text)):
        return segment
    return replace(segment, text=MURMUR, words=(replace(segment.words[0], text=MURMUR),))


def segment_lines(utterances: Sequence[Utterance]) -> tuple[Segment, ...]:
    """Part words into lines: at long pauses, and at sentence ends with any pause."""
    words = sorted((w for u in utterances for w in u.words), key=lambda w: (w.span.start_ms, w.span.end_ms))
    lines: list[list[Word]] = []
    for word in words:
        if not lines or _starts_new_line(lines[-1], word):
            lines.append([])
        lines[-1].append(word)
    return tuple(_segment(line_id(n), line) for n, line in enumerate(lines, 1))


def _starts_new_line(line: Sequence[Word], word: Word) -> bool:
    pause = word.span.start_ms - line[-1].span.end_ms
    ended = line[-1].text.endswith(SENTENCE_END)
    long = word.span.end_ms - line[0].span.start_ms > LONG_LINE_MS
    return (
        pause >= LINE_PAUSE_MS
        or (ended and (pause >= SENTENCE_PAUSE_MS or long))
        or (long and pause >= SENTENCE_PAUSE_MS)
    )


def _segment(name: str, words: Sequence[Word]) -> Segment:
    span = Span(words[0].span.start_ms, max(words[-1].span.end_ms, words[0].span.start_ms + 1))
    return Segment(name, span, "S1", " ".join(w.text for w in words), tuple(words))


def renumber(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments in order of time, with ids s0001, s0002 …"""
    ordered = sorted(segments, key=lambda s: (s.span, s.id))
    return tuple(replace(s, id=line_id(n), overlaps=()) for n, s in enumerate(ordered, 1))
