"""Listen to a finished dialogue stem: where it sounds, its DNSMOS, what a recogniser understands of it.

What is found out about a stretch is remembered by its samples: after a correction only what sounds otherwise is
listened to again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import NOT_CONTENT, Blob, Mix, Span, Timeline, Utterance, Word
from ..engines import Recogniser, calls_at_once
from ..media import BLOCK, NOWHERE, RATE, SPEECH_RATE, Place, block_keys, write_blocks
from ..runtime.device import return_memory
from ..runtime.store import Store, step
from ..runtime.threads import in_order
from ..signal.activity import voice_activity
from ..signal.speech_quality import release_rating_network, speech_quality
from ..transcription.transcribe import recognition_windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StemMeasurement:
    """Measurements of the dialogue stem.

    Args:
        phrases: where it sounds.
        dnsmos: overall quality by DNSMOS P.835 (Reddy et al. 2022), 1 to 5, mean over speech; 0 where nothing is heard.
    """

    phrases: tuple[Span, ...]
    dnsmos: float


NEAR = RATE // 10
"""So much sound beside a block decides about its resampled samples."""


@step(version=3)
def resample_for_recogniser(store: Store, dialogue: Blob, place: Place = NOWHERE) -> Blob:
    """The dialogue stem at 16 kHz, mono, 16-bit, as recognisers take it; made block by block (see `write_blocks`)."""
    import soundfile

    path = store.path(dialogue)
    frames = soundfile.info(path).frames

    def block_at(number: int) -> NDArray[np.int16]:
        return _resample_block(path, number * BLOCK, min(BLOCK, frames - number * BLOCK))

    keys = block_keys(store, (dialogue,), NEAR)
    shape = -(-frames * SPEECH_RATE // RATE), 1, SPEECH_RATE
    return write_blocks(store, place, keys, shape, block_at, "PCM_16")


def stem_to_hear(store: Store, mixed: Mix, language: str) -> Blob:
    """The dialogue of a mix as recognisers take it."""
    return resample_for_recogniser(store, mixed.dialogue, stem_place(mixed.bed, language))


def stem_place(bed: Blob, language: str) -> Place:
    """Where the dialogue of a dub, as recognisers take it, is found again after a correction."""
    return Place(f"{bed.sha256} {language} heard")


def _resample_block(path: Path, start: int, length: int) -> NDArray[np.int16]:
    import numpy as np
    import soundfile
    import soxr

    ratio, before = RATE // SPEECH_RATE, min(NEAR, start)
    with soundfile.SoundFile(path) as file:
        file.seek(start - before)
        block = file.read(before + length + NEAR, dtype="float32", always_2d=True)
    # Every channel of the stem carries the same voice or none (5.1: the centre only).
    loudest = block[:, int(np.abs(block).sum(axis=0).argmax())]
    heard = soxr.resample(loudest, RATE, SPEECH_RATE) if loudest.any() else np.zeros(len(loudest) // ratio + 1)
    count = -(-length // ratio)
    found = np.zeros(count, np.int16)
    part = np.rint(np.clip(heard[before // ratio :][:count], -1.0, 1.0) * 32767)
    found[: len(part)] = part
    return found


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a sound, known by its samples alone: what was found out about it holds wherever it is heard again,
    so that after a correction only the scene of the corrected line is measured anew.

    Args:
        sha256: of its samples.
        path: of the sound.
        start_ms: where in it.
        end_ms: where in it.
    """

    sha256: str
    path: str = field(metadata=NOT_CONTENT)
    start_ms: int = field(metadata=NOT_CONTENT)
    end_ms: int = field(metadata=NOT_CONTENT)


def excerpts_of(store: Store, stem: Blob, spans: Sequence[Span]) -> tuple[Excerpt, ...]:
    """Stretches of a 16 kHz stem."""
    import soundfile

    found = []
    path = store.path(stem)
    with soundfile.SoundFile(path) as file:
        for span in spans:
            file.seek(min(file.frames, span.start_ms * SPEECH_RATE // 1000))
            samples = file.read(span.length_ms * SPEECH_RATE // 1000, dtype="int16")
            digest = hashlib.sha256(samples.tobytes()).hexdigest()
            found.append(Excerpt(digest, str(path), span.start_ms, span.end_ms))
    return tuple(found)


AROUND_MS = 300
"""Heard before and after what is recognised together."""
STRETCH_MS = 30_000
"""A stem is judged in stretches of this length: what is known of one holds as long as it sounds the same."""


@dataclass(frozen=True, slots=True)
class StretchMeasurement:
    """What is heard in a stretch of a stem: where, counted from its start, its DNSMOS, and how many ms were judged."""

    phrases: tuple[Span, ...]
    dnsmos: float
    weight: int


def measure_stem(store: Store, stem: Blob) -> StemMeasurement:
    """Measure a 16 kHz stem, stretch by stretch."""
    spans = _stretches(store, stem)
    stretches = [measure_stretch(store, stretch) for stretch in excerpts_of(store, stem, spans)]
    phrases = tuple(p.shifted(span.start_ms) for span, found in zip(spans, stretches) for p in found.phrases)
    weight = sum(found.weight for found in stretches)
    mean = sum(found.dnsmos * found.weight for found in stretches) / weight if weight else 0.0
    return StemMeasurement(phrases, round(mean, 3))


def begin_to_listen(
    store: Store, recogniser: Recogniser, dialogue: Blob, timeline: Timeline, place: Place = NOWHERE
) -> None:
    """Begin to listen to a dialogue stem beside other work: `listen` waits for what is not done then."""
    store.make_ahead(listen, recogniser, dialogue, timeline, place)


def listen(
    store: Store, recogniser: Recogniser, dialogue: Blob, timeline: Timeline, place: Place = NOWHERE
) -> tuple[StemMeasurement, dict[str, str]]:
    """Measure a dialogue stem, then recognise it: one after the other, so that only one network's memory is held.

    Args:
        store: for what is found.
        recogniser: reads the stem back.
        dialogue: the stem.
        timeline: where every line is.
        place: of the stem as recognisers take it, see `stem_place`.

    Returns:
        its measurements, and for each line what is understood of it.
    """
    stem = resample_for_recogniser(store, dialogue, place)
    measured = measure_stem(store, stem)
    release_rating_network()
    return_memory()
    return measured, recognise_stem(store, recogniser, stem, timeline)


def _stretches(store: Store, stem: Blob) -> list[Span]:
    import soundfile

    with soundfile.SoundFile(store.path(stem)) as file:
        length_ms = -(-file.frames * 1000 // SPEECH_RATE)
    return [Span(at, min(at + STRETCH_MS, length_ms)) for at in range(0, length_ms, STRETCH_MS)]


@step(version=1, uses=("speechmos",))
def measure_stretch(store: Store, stretch: Excerpt) -> StretchMeasurement:
    """Measure a stretch of a stem."""
    import soundfile

    start, end = (ms * SPEECH_RATE // 1000 for ms in (stretch.start_ms, stretch.end_ms))
    block, _ = soundfile.read(stretch.path, end - start, start, dtype="float32")
    if float(abs(block).max(initial=0.0)) <= 1e-4:
        return StretchMeasurement((), 0.0, 0)
    found = voice_activity(block, SPEECH_RATE)
    return StretchMeasurement(tuple(found), *_dnsmos(block, found))


@step(version=1)
def read_back(store: Store, recogniser: Recogniser, window: Excerpt, language: str) -> tuple[Utterance, ...]:
    """What a recogniser hears in a window, its times counted from the window's start."""
    heard = recogniser.recognise(Path(window.path), Span(window.start_ms, window.end_ms), language)
    return tuple(_shifted(utterance, -window.start_ms) for utterance in heard)


def _shifted(utterance: Utterance, by_ms: int) -> Utterance:
    return replace(utterance, words=tuple(replace(w, span=w.span.shifted(by_ms)) for w in utterance.words))


def _dnsmos(block: NDArray[np.float32], found: Sequence[Span]) -> tuple[float, int]:
    """DNSMOS of what is heard in a block (breaks shortened to 0.3 s), and how many ms that is."""
    import numpy as np

    gap = np.zeros(SPEECH_RATE * 3 // 10, np.float32)
    parts = [part for s in found for part in (block[s.start_ms * 16 : s.end_ms * 16], gap)]
    speech = np.concatenate(parts)
    return speech_quality(np.clip(speech, -1.0, 1.0)), sum(s.length_ms for s in found)


def recognise_stem(store: Store, recogniser: Recogniser, stem: Blob, timeline: Timeline) -> dict[str, str]:
    """Recognise the finished stem; each word belongs to the line nearest to it. Nothing where the recogniser does not
    know the language.
    """
    if timeline.language not in recogniser.languages:
        return {}
    windows = _windows(timeline)

    def listen(window: Excerpt) -> tuple[Utterance, ...]:
        return read_back(store, recogniser, window, timeline.language)

    heard = list(in_order(listen, excerpts_of(store, stem, windows), calls_at_once(recogniser)))
    placed = [_shifted(u, window.start_ms) for window, utterances in zip(windows, heard) for u in utterances]
    return _words_by_line(timeline, [w for u in placed for w in u.words])


def _words_by_line(timeline: Timeline, words: Sequence[Word]) -> dict[str, str]:
    """The words of each line: those that are nearer to it than to any other."""
    import numpy as np

    said: dict[str, list[str]] = {c.take.segment: [] for c in timeline.clips}
    starts = np.array([c.span.start_ms for c in timeline.clips])
    ends = np.array([c.span.end_ms for c in timeline.clips])
    for word in words if timeline.clips else ():
        middle = (word.span.start_ms + word.span.end_ms) // 2
        nearest = int(np.argmin(np.maximum(np.maximum(starts - middle, middle - ends), 0)))
        said[timeline.clips[nearest].take.segment].append(word.text)
    return {segment: " ".join(spoken) for segment, spoken in said.items()}


def _windows(timeline: Timeline) -> list[Span]:
    """Where the stem is recognised. Lines are heard together by where the source says them, so that a line that became
    longer or shorter leaves the windows of all others as they are.
    """
    grouped = recognition_windows([c.source for c in timeline.clips], timeline.duration_ms)
    groups: dict[int, Span] = {}
    for clip in timeline.clips:
        number = next((n for n, g in enumerate(grouped) if clip.source.start_ms < g.end_ms), len(grouped))
        before = groups.get(number, clip.span)
        start, end = min(before.start_ms, clip.span.start_ms), max(before.end_ms, clip.span.end_ms)
        groups[number] = Span(start, end)
    heard = [groups[number] for number in sorted(groups)]
    apart = [max(0, (a.end_ms + b.start_ms) // 2) for a, b in pairwise(heard)]
    return [
        Span(max(left, s.start_ms - AROUND_MS), max(left + 1, min(right, s.end_ms + AROUND_MS)))
        for s, left, right in zip(heard, (0, *apart), (*apart, timeline.duration_ms))
    ]
