"""The lines of a translation that a person should read first, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..data import Segment, Transcript, Translation
from ..events import Warned
from ..language.tags import main_language
from .estimate import LIKELY_WRONG, UNSURE_WORD, Evidence, LineEstimate, estimate_line, lines_to_review

TRAINED = frozenset({("en", "es", "marian_ct2")})
"""Pairs and translators of which the risk is a measured probability; elsewhere it only orders lines. From English to
Portuguese it was trained on news alone, and of everyday dialogue it takes a fifth of the right lines for wrong.
"""
_UNSURE_MOST = 3


@dataclass(frozen=True, slots=True)
class Review:
    """What a person should read first.

    Args:
        lines: that a translator wrote; those that a person wrote are not estimated.
        first: the lines to be read first, the riskiest before the others.
        likely_wrong: how many of all are likelier wrong than right; None where the risk only orders lines.
        calibrated: the risk is a measured probability; without, of translators it was not trained with, it only orders
            lines.
    """

    lines: int
    first: tuple[LineEstimate, ...]
    likely_wrong: int | None
    calibrated: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The segments to be read first."""
        return tuple(line.segment for line in self.first)


def estimate_translation(
    transcript: Transcript,
    translation: Translation,
    warned: Iterable[Warned],
    chosen: Mapping[str, int] | None = None,
    spoken: Mapping[str, Evidence] | None = None,
) -> tuple[LineEstimate, ...]:
    """Estimate every line that a translator wrote, in the order of the transcript.

    Args:
        transcript: what was said, with the recogniser's confidence.
        translation: of it.
        warned: while it was translated; faults of a line count as evidence.
        chosen: segment -> the candidate taken; the first where it is not named.
        spoken: segment -> what is known of it as it is spoken.
    """
    lost: dict[str, list[str]] = {}
    for warning in warned:
        if warning.fault is not None:
            lost.setdefault(warning.fault.segment, []).append(warning.fault.text)
    segments = {segment.id: segment for segment in transcript.segments}
    estimates = []
    for line in translation.lines:
        segment = segments.get(line.segment)
        own = (segment.language if segment else "") or transcript.language
        if segment is None or line.edited or main_language(own) == main_language(translation.language):
            continue
        if not any(c.isalpha() for c in segment.text) or not line.candidates or not line.candidates[0].text:
            continue
        known = replace(
            (spoken or {}).get(line.segment, Evidence()),
            lost=tuple(lost.get(line.segment, ())),
            unsure=() if transcript.given else _unsure(segment),
        )
        at = (chosen or {}).get(line.segment, 0)
        target = main_language(translation.language)
        estimates.append(estimate_line(line.segment, segment.text, line.candidates, at, target, known))
    return tuple(estimates)


def review(transcript: Transcript, translation: Translation, estimates: Sequence[LineEstimate]) -> Review:
    """What to read first of a translation's estimated lines."""
    source, target = main_language(transcript.language), main_language(translation.language)
    calibrated = (source, target, translation.engine) in TRAINED
    likely_wrong = sum(line.risk >= LIKELY_WRONG for line in estimates) if calibrated else None
    return Review(len(estimates), lines_to_review(estimates), likely_wrong, calibrated)


def _unsure(segment: Segment) -> tuple[str, ...]:
    """The words that the recogniser was least sure of."""
    unsure = sorted((w for w in segment.words if w.confidence < UNSURE_WORD), key=lambda word: word.confidence)
    return tuple(word.text.strip(".,;:!?…\"'") for word in unsure[:_UNSURE_MOST])
