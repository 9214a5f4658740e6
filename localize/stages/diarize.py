"""Who speaks: for now one speaker, or one a channel where a stereo recording keeps two people apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..data import Blob, Media, Span, Transcript
from ..store import Store, step

if TYPE_CHECKING:
    from ..events import Run

APART_DB = 9.0
"""Two microphones keep a speaker at least this much louder on his own channel."""


@step(version=1)
def balance(store: Store, original: Blob, spans: tuple[Span, ...]) -> tuple[float, ...]:
    """How much louder the left channel is than the right in each span, in dB."""
    import numpy as np
    import soundfile

    found = []
    with soundfile.SoundFile(store.path(original)) as file:
        for span in spans:
            file.seek(min(file.frames, span.start_ms * file.samplerate // 1000))
            block = file.read(span.length_ms * file.samplerate // 1000, dtype="float32", always_2d=True)
            left, right = (float((block[:, c].astype(np.float64) ** 2).mean()) if len(block) else 0.0 for c in (0, 1))
            found.append(round(float(10 * np.log10((left + 1e-9) / (right + 1e-9))), 2))
    return tuple(found)


def diarize(run: Run, media: Media, transcript: Transcript) -> Transcript:
    """Name the speakers S1, S2 … in order of appearance."""
    if media.channels != 2 or not transcript.segments:
        return transcript
    sides = balance(run.store, media.original, tuple(s.span for s in transcript.segments))
    if not (min(sides) < -APART_DB and max(sides) > APART_DB and all(abs(side) > APART_DB / 2 for side in sides)):
        return transcript
    first = sides[0] > 0
    names = ["S1" if (side > 0) == first else "S2" for side in sides]
    return replace(transcript, segments=tuple(replace(s, speaker=n) for s, n in zip(transcript.segments, names)))
