"""Guide takes: a person reads a line, and the synthesized voice says it with the pauses and the tune of that reading.

The reading itself is not heard and nothing of its voice is imitated: its phrases stand in for those of the source's
line in the plan, and its pitch and level, measured as the actors' are, for theirs in the direction of the voice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..data import Blob, PhraseProsody, Span
from ..runtime.store import Store, step
from ..signal.pitch import PITCH_HZ
from ..transcription.prosody import FEWEST_PHRASES, LEAST_ST, measure_phrase
from .planner import Slot
from .recorded import Recorded


@dataclass(frozen=True, slots=True)
class Guide:
    """A reading that leads a line.

    Args:
        file: SHA-256 of the WAV as it was given.
        phrases: how each phrase is read, counted from the first sound, against the others of the reading.
    """

    file: str
    phrases: tuple[PhraseProsody, ...]


NO_GUIDES: Mapping[str, Guide] = MappingProxyType({})


def read_guide(store: Store, segment: str, recorded: Recorded, actor: Sequence[PhraseProsody]) -> Guide:
    """A guide of a recording.

    How high or loud somebody mostly speaks, one line does not tell: its phrases are held against each other. Its range
    is held against that of the line's actor, in semitones, which do not depend on the height of a voice.

    Args:
        store: keeps what is measured.
        segment: id of the line.
        recorded: the reading.
        actor: the phrases of the line's speaker in the source.
    """
    import numpy as np

    measured = measure_reading(store, recorded.voice, recorded.heard)
    pitches = [12 * float(np.log2(p.pitch_hz)) for p in measured if p.pitch_hz]
    usual = float(np.mean(pitches)) if pitches else 0.0
    level = float(np.mean([p.level_db for p in measured]))
    ranges = [p.range_st for p in actor if p.pitch_hz]
    norm = (float(np.mean(ranges)), max(LEAST_ST, float(np.std(ranges)))) if len(ranges) >= FEWEST_PHRASES else None
    phrases = []
    for phrase in measured:
        high = 12 * float(np.log2(phrase.pitch_hz)) - usual if phrase.pitch_hz else 0.0
        wider = (phrase.range_st - norm[0]) / norm[1] if norm and phrase.pitch_hz else 0.0
        louder = round(phrase.level_db - level, 2)
        related = replace(phrase, segment=segment, height_st=round(high, 2), range_z=round(wider, 2), louder_db=louder)
        phrases.append(related)
    return Guide(recorded.file, tuple(phrases))


@step(version=1)
def measure_reading(store: Store, voice: Blob, heard: tuple[Span, ...]) -> tuple[PhraseProsody, ...]:
    """Measure every phrase of a reading.

    Args:
        store: of the recording.
        voice: mono WAV.
        heard: where the person is heard in it.

    Returns:
        one for each phrase, counted from the first sound.
    """
    import soundfile
    import soxr

    samples, rate = soundfile.read(store.path(voice), dtype="float32")
    samples = soxr.resample(samples, rate, PITCH_HZ)
    found, zero = [], heard[0].start_ms
    for span in heard:
        part = samples[span.start_ms * PITCH_HZ // 1000 : span.end_ms * PITCH_HZ // 1000]
        found.append(measure_phrase(part, span.shifted(-zero)))
    return tuple(found)


def guided_slot(slot: Slot, guide: Guide) -> Slot:
    """The slot of a line that is said when its guide says it: from the line's start, and faster where its reading
    would run into the next line.
    """
    start, length = slot.phrases[0].start_ms, guide.phrases[-1].span.end_ms
    return replace(slot, phrases=_laid(guide, start, min(length, slot.latest_end_ms - start)))


def over(guide: Guide, start_ms: int, end_ms: int) -> tuple[PhraseProsody, ...]:
    """The phrases of a guide as they lie in a line that is heard from one time to another."""
    spans = _laid(guide, start_ms, end_ms - start_ms)
    return tuple(replace(phrase, span=span) for phrase, span in zip(guide.phrases, spans))


def _laid(guide: Guide, start_ms: int, length_ms: int) -> tuple[Span, ...]:
    factor = length_ms / guide.phrases[-1].span.end_ms
    edges = [(round(p.span.start_ms * factor), round(p.span.end_ms * factor)) for p in guide.phrases]
    return tuple(Span(start_ms + start, start_ms + end) for start, end in edges)
