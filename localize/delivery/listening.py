"""Listen to a finished dialogue stem: where it sounds, its DNSMOS, what a recogniser understands of it.

What is found out about a stretch is remembered by its samples: after a correction only what sounds otherwise is
listened to again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import NOT_CONTENT, Blob, Span, Timeline, Utterance
from ..engines import Recogniser, calls_at_once
from ..media import RATE, SPEECH_RATE
from ..runtime.store import Store, step
from ..runtime.threads import in_order
from ..signal.activity import voice_activity
from ..signal.speech_quality import speech_quality
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


@step(version=2)
def resample_for_recogniser(store: Store, dialogue: Blob) -> Blob:
    """The dialogue stem at 16 kHz, mono, 16-bit, as recognisers take it."""
    import numpy as np
    import soundfile
    import soxr

    stream = soxr.ResampleStream(RATE, SPEECH_RATE, 1, dtype="float32")
    with (
        store.writing(".wav") as draft,
        soundfile.SoundFile(store.path(dialogue)) as source,
        soundfile.SoundFile(draft.path, "w", SPEECH_RATE, 1, "PCM_16", format="WAV") as out,
    ):
        while len(block := source.read(10 * RATE, dtype="float32", always_2d=True)):
            # Every channel of the stem carries the same voice or none (5.1: the centre only).
            loudest = block[:, int(np.abs(block).sum(axis=0).argmax())]
            out.write(np.clip(stream.resample_chunk(loudest, last=source.tell() == source.frames), -1.0, 1.0))
    return draft.blob


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


@dataclass(frozen=True, slots=True)
class MinuteMeasurement:
    """What is heard in a minute of a stem: where, counted from its start, its DNSMOS, and how many ms were judged."""

    phrases: tuple[Span, ...]
    dnsmos: float
    weight: int


def measure_stem(store: Store, stem: Blob) -> StemMeasurement:
    """Measure a 16 kHz stem, minute by minute."""
    with_ends = _minutes(store, stem)
    minutes = _measure_minutes(store, excerpts_of(store, stem, with_ends))
    phrases = tuple(p.shifted(span.start_ms) for span, found in zip(with_ends, minutes) for p in found.phrases)
    weight = sum(found.weight for found in minutes)
    mean = sum(found.dnsmos * found.weight for found in minutes) / weight if weight else 0.0
    return StemMeasurement(phrases, round(mean, 3))


def begin_to_measure(store: Store, dialogue: Blob) -> None:
    """Begin to measure a dialogue stem beside other work: `measure_stem` waits for what is not done then."""
    store.make_ahead(_measure_dialogue, dialogue)


def _measure_dialogue(store: Store, dialogue: Blob) -> StemMeasurement:
    return measure_stem(store, resample_for_recogniser(store, dialogue))


def _measure_minutes(store: Store, minutes: Sequence[Excerpt]) -> list[MinuteMeasurement]:
    return [measure_minute(store, minute) for minute in minutes]


def _minutes(store: Store, stem: Blob) -> list[Span]:
    import soundfile

    with soundfile.SoundFile(store.path(stem)) as file:
        length_ms = -(-file.frames * 1000 // SPEECH_RATE)
    return [Span(at, min(at + 60_000, length_ms)) for at in range(0, length_ms, 60_000)]


@step(version=1, uses=("speechmos",))
def measure_minute(store: Store, minute: Excerpt) -> MinuteMeasurement:
    """Measure a minute of a stem."""
    import soundfile

    start, count = minute.start_ms * SPEECH_RATE // 1000, (minute.end_ms - minute.start_ms) * SPEECH_RATE // 1000
    block, _ = soundfile.read(minute.path, count, start, dtype="float32")
    if float(abs(block).max(initial=0.0)) <= 1e-4:
        return MinuteMeasurement((), 0.0, 0)
    found = voice_activity(block, SPEECH_RATE)
    return MinuteMeasurement(tuple(found), *_dnsmos(block, found))


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
    """Recognise the finished stem; each word belongs to the line nearest to it."""
    windows = recognition_windows([c.span for c in timeline.clips], timeline.duration_ms)

    def listen(window: Excerpt) -> tuple[Utterance, ...]:
        return read_back(store, recogniser, window, timeline.language)

    heard = list(in_order(listen, excerpts_of(store, stem, windows), calls_at_once(recogniser)))
    placed = [_shifted(u, window.start_ms) for window, utterances in zip(windows, heard) for u in utterances]
    said: dict[str, list[str]] = {c.take.segment: [] for c in timeline.clips}
    for word in (w for u in placed for w in u.words):
        middle = (word.span.start_ms + word.span.end_ms) // 2
        nearest = min(
            timeline.clips, key=lambda c: max(c.span.start_ms - middle, middle - c.span.end_ms, 0), default=None
        )
        if nearest is not None:
            said[nearest.take.segment].append(word.text)
    return {segment: " ".join(words) for segment, words in said.items()}
