"""Words with times, ready to be cut into cues: recognised, aligned, or spread over where speech is heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from ..data import Span, Word
from .profiles import Profile

GLUE = "\ue000"
"""Stands for a space at which nothing may break: between a label and what is said."""

SOUND = "[]"
"""The speaker of what is no speech."""

_LONGEST_SOUND_MS = 4000


@dataclass(frozen=True, slots=True)
class TimedWord:
    """One word of the text to show.

    Args:
        text: with the punctuation that belongs to it.
        span: when it is heard.
        segment_id: the segment it comes from.
        speaker: who says it; "" where nobody knows.
        below: words of the source to show below it, for bilingual subtitles.
    """

    text: str
    span: Span
    segment_id: str = ""
    speaker: str = ""
    below: str = ""


def spread(text: str, phrases: Sequence[Span]) -> tuple[Word, ...]:
    """Times for the words of a text inside the stretches where it is spoken, in proportion to their length.

    Words are weighed by their vowels and letters, near enough to syllables for any alphabet; punctuation is a short
    silence. Where a stretch ends, the next word starts in the next one: pauses fall between words.

    Args:
        text: the words.
        phrases: where they are heard, in order; at least one.

    Raises:
        ValueError: there are words and no phrase.
    """
    texts = text.split()
    if not texts:
        return ()
    if not phrases:
        raise ValueError("words need at least one phrase to be spoken in")
    groups = _grouped(texts, phrases)
    words: list[Word] = []
    for phrase, group in zip(phrases, groups):
        if not group:
            continue
        weights = [_weight(word) for word in group]
        total, done = sum(weights), 0.0
        for word, weight in zip(group, weights):
            start = phrase.start_ms + round(phrase.length_ms * done / total)
            done += weight
            words.append(Word(word, Span(start, phrase.start_ms + round(phrase.length_ms * done / total)), 0.5))
    return tuple(words)


def _grouped(texts: list[str], phrases: Sequence[Span]) -> list[list[str]]:
    """Words dealt out to the phrases by length, parted after punctuation where that is near."""
    weights = [_weight(word) for word in texts]
    before = [0.0, *accumulate(weights)]
    spoken = max(1, sum(max(0, phrase.length_ms) for phrase in phrases))
    groups: list[list[str]] = []
    at, passed = 0, 0
    for index, phrase in enumerate(phrases):
        passed += max(0, phrase.length_ms)
        if index == len(phrases) - 1:
            groups.append(texts[at:])
            break
        target = before[-1] * passed / spoken
        nearest = min(
            range(at, len(texts) + 1),
            key=lambda k: (
                abs(before[k] - target)
                - (0.12 * before[-1] if 0 < k < len(texts) and texts[k - 1][-1] in ",.;:!?…" else 0.0)
            ),
        )
        groups.append(texts[at:nearest])
        at = nearest
    return groups


def _weight(word: str) -> float:
    letters = sum(char.isalnum() for char in word)
    vowels = sum(char.lower() in "aeiouyáéíóúàèìòùâêîôûäëïöüãõåæøœ" for char in word)
    digits = sum(char.isdigit() for char in word)
    return max(1.0, 0.55 * letters + 0.9 * vowels + 2.5 * digits)


def timed(words: Iterable[Word], segment_id: str = "", speaker: str = "") -> tuple[TimedWord, ...]:
    """Words of the recogniser, the aligner or `spread` as `segment` takes them."""
    return tuple(TimedWord(word.text, word.span, segment_id, speaker) for word in words)


# --- what profiles add -----------------------------------------------------------------------------------------------


def labelled(words: Sequence[TimedWord], names: Mapping[str, str]) -> tuple[TimedWord, ...]:
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


def with_sounds(
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


def paired(target: Sequence[TimedWord], source: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
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
