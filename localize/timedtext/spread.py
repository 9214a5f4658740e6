"""Estimate word times: spread untimed words over the spans in which they are spoken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ..data import Span, Word

_TO_A_MARK = 0.12
"""Share of a text by which a phrase may be longer or shorter to end at its punctuation."""


def spread_times(text: str, phrases: Sequence[Span], *, even: bool = False) -> tuple[Word, ...]:
    """Times for the words of a text inside the stretches where it is spoken, in proportion to their length.

    Words are weighed by their vowels and letters, near enough to syllables for any alphabet; punctuation is a short
    silence. Where a stretch ends, the next word starts in the next one: pauses fall between words.

    Args:
        text: the words.
        phrases: where they are heard, in order; at least one.
        even: every phrase gets its share of the letters, wherever the punctuation stands.

    Raises:
        ValueError: there are words and no phrase.
    """
    texts = text.split()
    if not texts:
        return ()
    if not phrases:
        raise ValueError("words need at least one phrase to be spoken in")
    groups = _group_words(texts, phrases, 0.0 if even else _TO_A_MARK)
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


def _group_words(texts: list[str], phrases: Sequence[Span], pull: float) -> list[list[str]]:
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
                - (pull * before[-1] if 0 < k < len(texts) and texts[k - 1][-1] in ",.;:!?…" else 0.0)
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
