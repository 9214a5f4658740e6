"""Voice prints of a film's speakers: the mean d-vector of what each says alone."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from ..data import Blob, Span, Transcript
from ..media import excerpts
from ..runtime.store import Store, step
from ..signal import embeddings
from ..signal.embeddings import EMBEDDING_MODEL

ENOUGH_MS, MOST_MS = 1_500, 30_000
"""Less speech says too little to know somebody again; more says nothing new."""


@step(version=1, uses=(EMBEDDING_MODEL,))
def mean_embedding(store: Store, speech: Blob, spans: tuple[Span, ...]) -> tuple[float, ...]:
    """The mean d-vector of one voice, unit length; empty where too little is heard."""
    if sum(span.length_ms for span in spans) < ENOUGH_MS:
        return ()
    mean = embeddings.mean_embedding(excerpts(store, speech, spans))
    return () if mean is None else tuple(round(float(value), 4) for value in mean)


def spans_for_print(transcript: Transcript, speaker: str, most_ms: int = MOST_MS) -> tuple[Span, ...]:
    """The longest stretches in which a speaker is heard alone, `most_ms` of them: long stretches say most."""
    spans: list[Span] = []
    for segment in transcript.segments:
        if segment.speaker == speaker and not segment.overlaps:
            spans += segment.phrases or (segment.span,)
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.length_ms, s)):
        if sum(s.length_ms for s in kept) < most_ms:
            kept.append(span)
    return tuple(sorted(kept))


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of two prints, 1 for the same; both are of unit length."""
    return round(sum(a * b for a, b in zip(one, other, strict=True)), 4)


def pack_print(values: Sequence[float]) -> str:
    """A print as text: 256 numbers of 16 bits, base64."""
    import numpy as np

    return base64.b64encode(np.asarray(values, "<f2").tobytes()).decode("ascii")


def unpack_print(text: str) -> tuple[float, ...]:
    """What `pack_print` wrote."""
    import numpy as np

    return tuple(np.frombuffer(base64.b64decode(text, validate=True), "<f2").astype(np.float64).tolist())
