"""Raise or lower the formants of a synthesized voice: as a shorter or longer vocal tract would.

The line is spoken longer by the factor and played as much faster: formants and pitch rise together, and the length is
the one planned. The synthesizer lowers its pitch beforehand as far as the voice is not to speak higher. By the embedder
a voice whose pitch alone is moved by 4 semitones stays the same voice (cosine 0.93 and more); one whose formants are
moved by a tenth does not (docs/voices.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ..data import Phrase, Span
from . import Spoken


def longer(phrases: Sequence[Phrase], factor: float) -> list[Phrase]:
    """Phrases with all times multiplied."""
    return [replace(phrase, span=_scaled(phrase.span, factor)) for phrase in phrases]


def raise_formants(spoken: Spoken, factor: float) -> Spoken:
    """The sound played faster by a factor of two decimals at most, its times with it; itself for 1."""
    if factor == 1.0:
        return spoken
    import numpy as np
    from scipy.signal import resample_poly

    ratio = Fraction(str(round(factor, 2)))
    samples = resample_poly(spoken.samples, ratio.denominator, ratio.numerator).astype(np.float32)
    words = tuple(replace(word, span=_scaled(word.span, 1 / factor)) for word in spoken.words)
    return replace(spoken, samples=samples, lead_ms=round(spoken.lead_ms / factor), words=words)


def _scaled(span: Span, factor: float) -> Span:
    return Span(round(span.start_ms * factor), round(span.end_ms * factor)) if factor != 1.0 else span
