"""How the actors say their lines: pitch, range, level, final movement and emphasis of every phrase, by speaker.

A phrase is measured on the speech track, from which music and noise are taken out. What is high or loud is so against
the speaker's own phrases (z-scores), so that a high voice is not taken for an excited one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from ..data import Blob, PhraseProsody, Segment, Span, Word, phrases_of
from ..media import excerpts
from ..runtime.store import Store, step
from ..signal.pitch import PITCH_HZ, YIN_HOP, final_movement, voiced_pitch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Values = NDArray[np.float64]

HOP_MS = YIN_HOP * 1000 // PITCH_HZ
FEWEST_PHRASES = 3
"""Of a speaker, from which there is a norm to hold one phrase against."""
FEWEST_VOICED = 5
"""Values of a phrase, 100 ms, from which it has a pitch."""
END_HEARD_MS, FAINT_DB = 160, 20.0
"""Where pitch is last found earlier before the last sound within so much of the loud ones, the phrase's end has none: a
steep fall or a creak would be overlooked, and the accent before it taken for the end."""
HISS_HZ, HISS = 2000.0, 0.6
"""Unless what is after the last pitch has so much of its power above this: that is a consonant without a voice, as in
"lives" or "what", and the tune ended before it. Measured of 24 ends without pitch that `bench/expression.py
--questions` speaks: consonants .67 to .98, creaks .01 to .51."""
LOUD_DB = 25.0
"""A phrase's level is that of its frames within this of the loud ones: its pauses do not make it quieter."""
LEAST_ST, LEAST_DB = 1.0, 1.0
"""A speaker whose phrases differ less is held to differ by this: noise of the measurement is no performance."""
STANDS_OUT, BEFORE_NEXT = 1.6, 0.8
"""The emphasised word: so many standard deviations above the mean of the phrase's words, and above the next, pitch and
level added."""
FEWEST_WORDS = 3


class ProsodyJson(TypedDict):
    """How the actor says one phrase; z-scores are against all phrases of the speaker, 0 where there are under three.

    Args:
        pitch_hz: median of its voiced sound; 0 where too little of it is voiced.
        range_st: from the 10th to the 90th percentile of its pitch, in semitones.
        level_db: RMS where it sounds, in dBFS.
        final_st: how far its end lies above what is before it, in semitones; below 0 it falls; null where the end has
            no pitch.
        emphasis: the word of the segment that stands out, counted from 0; -1 for none.
    """

    pitch_hz: float
    range_st: float
    level_db: float
    final_st: float | None
    pitch_z: float
    range_z: float
    level_z: float
    emphasis: int


@step(version=2)
def measure_prosody(store: Store, speech: Blob, segments: tuple[Segment, ...]) -> tuple[PhraseProsody, ...]:
    """Measure every phrase of the segments.

    Args:
        store: of the track.
        speech: the source's 16 kHz track of speech.
        segments: with speakers, phrases and words.

    Returns:
        one for each phrase, in their order.
    """
    found = []
    for segment in segments:
        for span in phrases_of(segment):
            words = [(i, w) for i, w in enumerate(segment.words) if w.span.overlap_ms(span) * 2 > w.span.length_ms]
            measured = measure_phrase(excerpts(store, speech, [span]), span, words)
            found.append((segment.speaker, replace(measured, segment=segment.id)))
    return relate_to_speakers(found)


def measure_phrase(samples: Samples, span: Span, words: Sequence[tuple[int, Word]] = ()) -> PhraseProsody:
    """Measure one phrase alone.

    Args:
        samples: of the phrase, mono, 16 kHz.
        span: where it is.
        words: its words with their numbers, on the same clock.
    """
    import numpy as np

    pitch, levels = voiced_pitch(samples)
    heard = pitch[pitch > 0]
    level = round(_level_db(levels), 1)
    if len(heard) < FEWEST_VOICED:
        return PhraseProsody("", span, 0.0, 0.0, level, None)
    low, high = np.percentile(heard, [10, 90])
    return PhraseProsody(
        segment="",
        span=span,
        pitch_hz=round(float(np.median(heard)), 1),
        range_st=round(float(12 * np.log2(high / low)), 1),
        level_db=level,
        final_st=_final_st(samples, pitch, levels),
        emphasis=_emphasised(pitch, levels, span, words),
    )


def relate_to_speakers(found: Sequence[tuple[str, PhraseProsody]]) -> tuple[PhraseProsody, ...]:
    """Each phrase against all of its speaker.

    Args:
        found: (speaker, phrase) in any order.
    """
    import numpy as np

    own: dict[str, list[PhraseProsody]] = {}
    for speaker, phrase in found:
        own.setdefault(speaker, []).append(phrase)
    norms = {}
    for speaker, phrases in own.items():
        voiced = [p for p in phrases if p.pitch_hz]
        values = (
            ([12 * np.log2(p.pitch_hz) for p in voiced], LEAST_ST),
            ([p.range_st for p in voiced], LEAST_ST),
            ([p.level_db for p in phrases], LEAST_DB),
        )
        norms[speaker] = [
            (float(np.mean(v)), max(least, float(np.std(v)))) if len(v) >= FEWEST_PHRASES else None
            for v, least in values
        ]
    return tuple(_related(phrase, *norms[speaker]) for speaker, phrase in found)


Norm = tuple[float, float] | None


def _related(phrase: PhraseProsody, pitch: Norm, spread: Norm, level: Norm) -> PhraseProsody:
    import numpy as np

    if pitch and spread and phrase.pitch_hz:
        above = float(12 * np.log2(phrase.pitch_hz)) - pitch[0]
        wider = phrase.range_st - spread[0]
        phrase = replace(
            phrase,
            height_st=round(above, 2),
            pitch_z=round(above / pitch[1], 2),
            range_z=round(wider / spread[1], 2),
        )
    if level:
        louder = phrase.level_db - level[0]
        phrase = replace(phrase, louder_db=round(louder, 2), level_z=round(louder / level[1], 2))
    return phrase


def prosody_json(phrase: PhraseProsody) -> ProsodyJson:
    """How a phrase is said, as master.json has it."""
    return {
        "pitch_hz": phrase.pitch_hz,
        "range_st": phrase.range_st,
        "level_db": phrase.level_db,
        "final_st": phrase.final_st,
        "pitch_z": phrase.pitch_z,
        "range_z": phrase.range_z,
        "level_z": phrase.level_z,
        "emphasis": phrase.emphasis,
    }


def _level_db(levels: Values) -> float:
    import numpy as np

    if not len(levels):
        return -99.0
    loud = levels[levels >= np.percentile(levels, 95) * 10 ** (-LOUD_DB / 20)]
    return max(-99.0, float(10 * np.log10((loud**2).mean() + 1e-12)))


def _final_st(samples: Samples, pitch: Values, levels: Values) -> float | None:
    import numpy as np

    faint = np.percentile(levels, 95) * 10 ** (-FAINT_DB / 20)
    sounds, voiced = np.flatnonzero(levels > faint), np.flatnonzero(pitch)
    moved = final_movement(pitch, HOP_MS)
    if moved is None:
        return None
    rest = samples[(voiced[-1] + 1) * YIN_HOP : (sounds[-1] + 1) * YIN_HOP]
    if (sounds[-1] - voiced[-1]) * HOP_MS > END_HEARD_MS and not _hisses(rest):
        return None
    return round(moved, 1)


def _hisses(samples: Samples) -> bool:
    """Whether a sound is that of a consonant without a voice."""
    import numpy as np

    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    high = np.fft.rfftfreq(len(samples), 1 / PITCH_HZ) > HISS_HZ
    return bool(power[high].sum() > HISS * power.sum())


def _emphasised(pitch: Values, levels: Values, span: Span, words: Sequence[tuple[int, Word]]) -> int:
    """The word whose peaks of pitch and level stand out of the phrase's, after its pitch is freed of its slope.

    The end of the phrase is left out: there pitch says what kind of sentence it is.
    """
    import numpy as np

    voiced = np.flatnonzero(pitch > 0)[:-6]
    if len(words) < FEWEST_WORDS or len(voiced) < 2 * FEWEST_VOICED:
        return -1
    curve = 12 * np.log2(pitch[voiced])
    curve = curve - np.polyval(np.polyfit(voiced, curve, 1), voiced)
    peaks = []
    for number, word in words:
        first, last = ((t - span.start_ms) / HOP_MS for t in (word.span.start_ms, word.span.end_ms))
        inside = (voiced >= first) & (voiced <= last)
        if inside.sum() >= 3:
            loudest = 20 * np.log10(levels[voiced[inside]].max() + 1e-9)
            peaks.append((number, float(np.percentile(curve[inside], 90)), float(loudest)))
    if len(peaks) < FEWEST_WORDS:
        return -1
    numbers, high, loud = zip(*peaks)
    score = sum((np.array(v) - np.mean(v)) / max(least, float(np.std(v))) for v, least in ((high, 0.7), (loud, 1.0)))
    best, second = np.argsort(score)[::-1][:2]
    stands_out = score[best] >= STANDS_OUT and score[best] - score[second] >= BEFORE_NEXT
    return int(numbers[best]) if stands_out else -1
