"""Lips that close: where an actor is seen to close them, and how far a wording of the dub closes them there too.

The consonants p, b and m are said with closed lips, and a viewer of a close-up sees where they are missing; dubbing
writers look for words that have them in the same places (phonetic synchrony: Chaume, "Audiovisual Translation:
Dubbing", 2012, chapter 5). Times are told by letters: each takes an equal part of its word or phrase.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from ..data import PhraseOnScreen, Segment, Span

NEAR_MS = 120
"""Lips that close within this time of each other look alike: they stay closed for about as long."""
_PLAIN = re.compile(r"[pbm]")
_CLOSED = {
    "en": re.compile(r"\Bp(?!h)|\bp(?![hns])|[bm]"),  # not "phone", "pneumatic", "psalm"
    "es": re.compile(r"\Bp|\bp(?!s)|[bvm]"),  # v as b
    "fr": re.compile(r"p(?!h|\b)|b(?!\b)|m(?=[aeiouyàâéèêëîïôûùœm])"),  # not "trop", "plomb", and "nom" is nasal
    "pt": re.compile(r"[pb]|m(?=[aeiouáâãàéêíóôõú])"),  # "bom" is nasal
}
"""Letters of closed lips, by language; `_PLAIN` for others."""


def closures(text: str, span: Span, language: str) -> list[int]:
    """When lips close while a text is said.

    Args:
        text: a word or a phrase.
        span: when it is said.
        language: BCP 47 tag of the text.
    """
    said = text.lower()
    closed = [match.start() for match in _CLOSED.get(language.partition("-")[0], _PLAIN).finditer(said)]
    begun = [at for at in closed if at - 1 not in closed]  # of "mp" and "bb" the lips close once
    letters = [match.start() for match in re.finditer(r"\w", said)]
    return [span.start_ms + round((bisect_left(letters, at) + 0.5) * span.length_ms / len(letters)) for at in begun]


def seen_closures(segment: Segment, phrases: Sequence[PhraseOnScreen], language: str) -> tuple[int, ...]:
    """When the lips of who says a line are seen to close; nothing where its words have no times of their own.

    Args:
        segment: the line.
        phrases: where it was looked whether lips are seen.
        language: of its words.
    """
    seen = [phrase.span for phrase in phrases if phrase.segment == segment.id and phrase.seen == "on"]
    return tuple(
        at
        for word in segment.words
        if any(word.span.overlap_ms(span) for span in seen)
        for at in closures(word.text, word.span, segment.language or language)
    )


def closure_agreement(seen: Sequence[int], texts: Sequence[str], spans: Sequence[Span], language: str) -> float:
    """How far phrases close the lips where they are seen to close: the Dice coefficient of both, 0 to 1; 1 where
    neither closes them.

    Args:
        seen: times at which lips are seen to close, in order.
        texts: the phrases.
        spans: when each is said.
        language: of the phrases.
    """
    dubbed = [at for text, span in zip(texts, spans) for at in closures(text, span, language)]
    if not seen and not dubbed:
        return 1.0
    met, free = 0, dubbed
    for at in seen:  # both in order of time: the first that is near enough leaves most to those that follow
        near = next((n for n, other in enumerate(free) if abs(other - at) <= NEAR_MS), None)
        if near is not None:
            met, free = met + 1, free[near + 1 :]
    return 2 * met / (len(seen) + len(dubbed))
