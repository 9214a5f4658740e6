"""Who speaks: one voice print a line, prints of one person together.

A stereo recording that keeps two people apart on its channels needs no prints: the channel says it. Otherwise every
line gets a d-vector (Wan et al. 2018) and near ones are joined by average linkage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ..data import Blob, Media, Segment, Span, Transcript
from ..hearing import PRINTER, voice_print
from ..store import Store, step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..events import Run

APART_DB = 9.0
"""Two microphones keep a speaker at least this much louder on his own channel."""
SAME_PERSON = 0.3
"""Cosine distance up to which two prints are one person (FACTS: same 0.12-0.14, different 0.35-0.59)."""
ENOUGH_MS = 1_200
"""A shorter line says too little of its speaker to found a group; it joins the nearest one."""


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


@step(version=1, each="lines")
def prints(
    store: Store, speech: Blob, printer: str, lines: tuple[tuple[Span, ...], ...]
) -> tuple[tuple[float, ...], ...]:
    """The d-vector of each line, unit length. `printer` names the package and version that makes it."""
    import numpy as np
    import soundfile

    found = []
    with soundfile.SoundFile(store.path(speech)) as file:
        per_ms = file.samplerate // 1000
        for spans in lines:
            parts = []
            for span in spans:
                file.seek(min(file.frames, span.start_ms * per_ms))
                parts.append(file.read(span.length_ms * per_ms, dtype="float32"))
            found.append(tuple(round(float(value), 5) for value in voice_print(np.concatenate(parts))))
    return tuple(found)


def diarize(run: Run, media: Media, transcript: Transcript) -> Transcript:
    """Name the speakers S1, S2 … in order of appearance.

    Args:
        run: store and listener.
        media: the source.
        transcript: lines, each of one speaker.
    """
    segments = transcript.segments
    if len(segments) < 2:
        return transcript
    with run.stage("diarize", len(segments)):
        groups = _by_channel(run.store, media, segments) or _by_voice(run, media, segments)
    names: dict[int, str] = {}
    for group in groups:
        names.setdefault(group, f"S{len(names) + 1}")
    return replace(transcript, segments=tuple(replace(s, speaker=names[g]) for s, g in zip(segments, groups)))


def _by_channel(store: Store, media: Media, segments: Sequence[Segment]) -> list[int]:
    """0 and 1 for the speakers of the two channels; empty where the channels do not tell."""
    if media.channels != 2:
        return []
    sides = balance(store, media.original, tuple(s.span for s in segments))
    apart = min(sides) < -APART_DB and max(sides) > APART_DB and all(abs(side) > APART_DB / 2 for side in sides)
    return [int(side < 0) for side in sides] if apart else []


def _by_voice(run: Run, media: Media, segments: Sequence[Segment]) -> list[int]:
    try:
        printer = f"{PRINTER} {version(PRINTER)}"
    except PackageNotFoundError:
        run.warn(
            "one_speaker", f"speakers are not told apart without {PRINTER}: pip install 'localize-toolkit[offline]'"
        )
        return [0] * len(segments)
    import numpy as np

    lines = tuple(s.phrases or (s.span,) for s in segments)
    vectors = np.array(prints(run.store, media.speech, printer, lines))
    long = np.array([sum(p.length_ms for p in line) >= ENOUGH_MS for line in lines])
    return _grouped(vectors, long if long.any() else ~long)


def _grouped(vectors: NDArray[np.float64], founders: NDArray[np.bool_]) -> list[int]:
    """A group for every line: founders by average linkage, the others by the nearest group."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.zeros(len(unit), int)
    if founders.sum() > 1:
        labels[founders] = fcluster(linkage(unit[founders], "average", "cosine"), SAME_PERSON, "distance")
    centres = {int(label): unit[founders & (labels == label)].mean(axis=0) for label in set(labels[founders])}
    for i in np.flatnonzero(~founders):
        labels[i] = max(centres, key=lambda label: float(unit[i] @ centres[label]))
    return [int(label) for label in labels]
