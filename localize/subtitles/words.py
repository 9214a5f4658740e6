"""Timed words for segmentation into cues: recognised, aligned, or spread over the phrases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from ..data import Span, Word
from ..timedtext.spread import spread_times
from .profiles import Profile

GLUE = "\ue000"
"""Stands for a space at which nothing may break: between a label and what is said."""

SOUND = "[]"
"""The speaker of what is no speech."""

Clock = Literal["own", "spread", "given"]

_LONGEST_SOUND_MS = 4000
_BREATH_MS = 200


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One word of the text to show.

    Args:
        text: with the punctuation that belongs to it.
        span: when it is heard.
        segment_id: the segment it comes from.
        speaker: who says it; "" where nobody knows.
        below: words of the source to show below it, for bilingual subtitles.
        clock: where its time comes from: "own" was heard or spoken, "spread" lies somewhere in where its line is heard,
            "given" somewhere in a given cue, of which no more than the start is known.
    """

    text: str
    span: Span
    segment_id: str = ""
    speaker: str = ""
    below: str = ""
    clock: Clock = "own"


def as_timed_words(
    words: Iterable[Word], segment_id: str = "", speaker: str = "", clock: Clock = "own"
) -> tuple[TimedWord, ...]:
    """Words of the recogniser, the aligner or `spread` as `segment` takes them."""
    return tuple(TimedWord(word.text, word.span, segment_id, speaker, clock=clock) for word in words)


def retime_wording(
    words: Sequence[TimedWord], texts: Sequence[str], phrases: Sequence[Span] = (), *, even: bool = False
) -> tuple[TimedWord, ...]:
    """The same line in other words: those that stay keep their time, the others take the time of what they replace.

    What is left out leaves its time to the word before it in the same breath, else to the word after: a cue starts and
    ends with the sound, whatever of it is written.

    Args:
        words: as spoken; all of one segment.
        texts: the words to show.
        phrases: where nobody timed the words, the stretches they are spread over; the new ones are spread anew then.
        even: as `spread` takes it.
    """
    if not words or not texts:
        return ()
    if phrases:
        fresh_spans = [word.span for word in spread_times(" ".join(texts), phrases, even=even)]
        return tuple(replace(w, span=span) for w, span in zip(retime_wording(words, texts), fresh_spans))
    out: list[TimedWord] = []
    late: Span | None = None
    old, new = [_bare(word.text) for word in words], [_bare(text) for text in texts]
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        span = Span(words[a].span.start_ms, words[b - 1].span.end_ms) if a < b else None
        below = " ".join(word.below for word in words[a:b] if word.below)
        if c == d and span is not None:
            if out and (span.start_ms - out[-1].span.end_ms < _BREATH_MS):
                joined = " ".join(filter(None, (out[-1].below, below)))
                out[-1] = replace(out[-1], span=Span(out[-1].span.start_ms, span.end_ms), below=joined)
            else:
                late = Span(late.start_ms if late else span.start_ms, span.end_ms)
            continue
        fresh = _place_words(words[a:b], texts[c:d], out[-1] if out else words[0], below)
        if late is not None and fresh and fresh[0].span.start_ms - late.end_ms < _BREATH_MS:
            fresh[0] = replace(fresh[0], span=Span(late.start_ms, fresh[0].span.end_ms))
        late = None
        out += fresh
    return tuple(out)


def _bare(text: str) -> str:
    """A word without case and punctuation: what makes it the same word."""
    return "".join(char for char in text.lower() if char.isalnum()) or text


def _place_words(old: Sequence[TimedWord], texts: Sequence[str], beside: TimedWord, below: str) -> list[TimedWord]:
    if len(old) == len(texts):
        return [replace(word, text=text) for word, text in zip(old, texts)]
    if not old:  # words that replace nothing share the moment in which the one before them ends
        at = beside.span.end_ms
        return [replace(beside, text=text, span=Span(at, at), below="") for text in texts]
    spans = spread_times(" ".join(texts), [Span(old[0].span.start_ms, old[-1].span.end_ms)])
    made = [replace(old[0], text=word.text, span=word.span, below="") for word in spans]
    made[0] = replace(made[0], below=below)
    return made


# --- what profiles add -----------------------------------------------------------------------------------------------


def add_labels(words: Sequence[TimedWord], names: Mapping[str, str]) -> tuple[TimedWord, ...]:
    """The same words with the speaker's name in brackets wherever another one begins (SDH).

    Args:
        words: in order.
        names: what to write for a speaker; a speaker without a name gets no label.
    """
    out: list[TimedWord] = []
    for speaker, turn in groupby(words, key=lambda word: word.speaker):
        first, *rest = turn
        name = names.get(speaker, "")
        out += [
            replace(first, text=f"[{name.replace(' ', GLUE)}]{GLUE}{first.text}") if name else first,
            *rest,
        ]
    return tuple(out)


def add_sound_events(
    words: Sequence[TimedWord], sounds: Sequence[tuple[Span, str]], profile: Profile
) -> tuple[TimedWord, ...]:
    """The same words and, in the pauses, the sounds in brackets, lower case (SDH).

    Args:
        words: in order of time.
        sounds: when something is heard, and what ("music", "laughter"); shown for four seconds at most, and only
            where nobody speaks for long enough to read it.
        profile: gives the shortest time.
    """
    shortest = int(profile.min_duration * 1000) + 250
    out = list(words)
    for span, name in sounds:
        busy = [w.span for w in words if w.span.end_ms > span.start_ms and w.span.start_ms < span.end_ms]
        start, end = span.start_ms, busy[0].start_ms if busy else span.end_ms
        if busy and end - start < shortest:
            start, end = max(w.end_ms for w in busy) + 250, span.end_ms
        if end - start >= shortest:
            text = f"[{name.lower()}]".replace(" ", GLUE)
            out.append(TimedWord(text, Span(start, min(end, start + _LONGEST_SOUND_MS)), "", SOUND))
    # Only sounds are sorted in: words of two speakers at once keep the order of their segments.
    speech = [word for word in out if word.speaker != SOUND]
    for sound in sorted((word for word in out if word.speaker == SOUND), key=lambda word: word.span):
        at = next((i for i, word in enumerate(speech) if word.span.start_ms >= sound.span.start_ms), len(speech))
        speech.insert(at, sound)
    return tuple(speech)


def pair_languages(target: Sequence[TimedWord], source: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
    """The target's words, each with the words of the source to show below it: segment by segment, by their share.

    Args:
        target: the words above.
        source: the words below, of the same segments.
    """
    below: dict[str, list[str]] = {}
    for word in source:
        below.setdefault(word.segment_id, []).append(word.text)
    out: list[TimedWord] = []
    for segment_id, group in groupby(target, key=lambda word: word.segment_id):
        above, texts = list(group), below.pop(segment_id, [])
        ends = [round(len(texts) * (index + 1) / len(above)) for index in range(len(above))]
        starts = [0, *ends]
        out += [replace(w, below=" ".join(texts[a:b])) for w, a, b in zip(above, starts, ends)]
    return tuple(out)
