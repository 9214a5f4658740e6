"""The sound of the sample: two granted stock voices, placed in a room, over music and rain made of numbers.

Nothing here is a recording. The music is summed from sines, the rain is filtered noise, the knocks are decaying
tones; every random number comes from a fixed seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyloudnorm
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from localize.consent import Grant
from localize.data import Phrase, Span
from localize.engines import Synthesizer
from localize.isochrony.synthesize import trim_to_spans
from localize.language.spoken import normalize_text
from localize.signal.activity import voice_activity

Samples = NDArray[np.float32]
Wave = NDArray[np.float64]

RATE = 48_000
PHRASE_PAUSE_MS = 200
"""A silence this long parts two phrases, as in a timeline."""
DIALOGUE_LUFS = -23.0
BED_UNDER_LU = 16.0
"""How far the music lies under the dialogue."""
SWELL_DB = 6.0
"""How much it rises where nobody speaks for long."""
PEAK_DBTP = -3.5
PAN = 0.2
BAR_S = 4.0
CHORDS = (
    (38, (62, 65, 69, 72, 76)),  # D minor 9
    (34, (62, 65, 69, 70, 77)),  # B flat major 7
    (41, (60, 64, 65, 69, 72)),  # F major 7
    (36, (60, 62, 64, 67, 74)),  # C 9
)
ARPEGGIO = (0, 2, 4, 3, 1, 3, 2, 4)


# --- dialogue --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Voiced:
    """One line as spoken: mono 48 kHz, from its first to its last sound."""

    samples: Samples
    phrases: tuple[Span, ...]

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.phrases[-1].end_ms


def voice(synthesizer: Synthesizer, grant: Grant, phrases: Sequence[str], pause_ms: int, pace: float) -> Voiced:
    """Speak a line with a pause between its phrases, and measure where it is heard.

    Args:
        synthesizer: the product's own.
        grant: of the voice, from `consent.check`.
        phrases: what is said in one go each.
        pause_ms: silence between two of them.
        pace: how much longer than naturally each lasts.
    """
    texts = [normalize_text(p, "en") for p in phrases]
    planned = []
    at = 0
    for text, natural in zip(texts, synthesizer.pace(texts, grant, "en")):
        length = round(natural * pace)
        planned.append(Phrase(text, Span(at, at + length)))
        at += length + pause_ms
    said = synthesizer.speak(planned, grant, "en")
    clean, _ = trim_to_spans(said.samples, said.rate, said.lead_ms, [p.span for p in planned])
    samples = soxr.resample(clean, said.rate, RATE).astype(np.float32)
    return Voiced(samples, _phrases(samples))


def _phrases(samples: Samples) -> tuple[Span, ...]:
    """Where clean speech is heard, pauses shorter than a phrase's closed."""
    found: list[Span] = []
    for sound in voice_activity(samples, RATE):
        if found and sound.start_ms - found[-1].end_ms < PHRASE_PAUSE_MS:
            found[-1] = Span(found[-1].start_ms, sound.end_ms)
        else:
            found.append(sound)
    return tuple(found)


def track(lines: Sequence[tuple[int, Voiced]], duration_ms: int) -> Samples:
    """One mono track with each line at its time in ms."""
    result = np.zeros(duration_ms * RATE // 1000, np.float32)
    for start_ms, line in lines:
        first = start_ms * RATE // 1000
        result[first : first + len(line.samples)] += line.samples
    return result


# --- music -----------------------------------------------------------------------------------------------------------


def music(duration_ms: int) -> Wave:
    """A slow pad with a plucked figure over it, in stereo, shape (n, 2)."""
    random = np.random.default_rng(7)
    length = duration_ms * RATE // 1000
    dry = np.zeros((length + 8 * RATE, 2))
    for bar in range(int(length / RATE / BAR_S) + 1):
        root, notes = CHORDS[bar % len(CHORDS)]
        start = round(bar * BAR_S * RATE)
        _add(dry, start, 0.6 * _bass(root))
        for note in notes:
            _add(dry, start, 0.16 * _pad(note))
        for step, place in enumerate(ARPEGGIO):
            if random.random() < 0.22:
                continue
            pan = 0.5 + 0.3 * (-1) ** step
            strength = 0.22 * random.uniform(0.6, 1.0)
            at = start + round(step * BAR_S / len(ARPEGGIO) * RATE)
            _add(dry, at, strength * _pluck(notes[place] + 12)[:, None] * np.array([1 - pan, pan]))
    return (dry + 0.35 * _echo(dry))[:length]


def _add(target: Wave, start: int, sound: Wave) -> None:
    room = target[start : start + len(sound)]
    room += sound[: len(room)]


def _pitch(note: float) -> float:
    return 440.0 * 2.0 ** ((note - 69) / 12)


def _time(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE)) / RATE


def _pad(note: int) -> Wave:
    time = _time(BAR_S + 1.6)
    swell = np.minimum(1.0, time / 1.2) * np.minimum(1.0, (time[-1] - time) / 1.6)
    sides = [
        sum(np.sin(2 * np.pi * n * _pitch(note + cents / 100) * time) / n**2.4 for n in range(1, 6))
        for cents in (-4, 4)
    ]
    return np.stack(sides, axis=1) * (swell**2)[:, None]


def _pluck(note: int) -> Wave:
    time = _time(1.8)
    tones = (np.sin(2 * np.pi * n * _pitch(note) * time) * np.exp(-(2.2 + 2.4 * n) * time) / n for n in range(1, 7))
    result: Wave = np.minimum(1.0, time / 0.004) * sum(tones)
    return result


def _bass(note: int) -> Wave:
    time = _time(BAR_S)
    tone = np.sin(2 * np.pi * _pitch(note) * time) + 0.35 * np.sin(4 * np.pi * _pitch(note) * time)
    shape = np.minimum(1.0, time / 0.05) * np.exp(-0.7 * time) * np.minimum(1.0, (BAR_S - time) / 0.2)
    return np.repeat((tone * shape)[:, None], 2, axis=1)


def _echo(dry: Wave) -> Wave:
    """A small hall: noise that dies away, another on each side."""
    random = np.random.default_rng(11)
    time = _time(1.8)
    room = random.standard_normal((len(time), 2)) * np.exp(-3.2 * time)[:, None]
    room = sosfilt(butter(2, (180, 5200), "bandpass", fs=RATE, output="sos"), room, axis=0)
    room /= np.sqrt((room**2).sum(axis=0))
    result: Wave = fftconvolve(dry, room, axes=0)[: len(dry)]
    return result


# --- noises ----------------------------------------------------------------------------------------------------------


def rain(duration_ms: int) -> Wave:
    """Soft rain behind a window, in stereo."""
    random = np.random.default_rng(23)
    length = duration_ms * RATE // 1000
    noise = sosfilt(
        butter(1, (350, 4200), "bandpass", fs=RATE, output="sos"), random.standard_normal((length, 2)), axis=0
    )
    gusts = 0.8 + 0.2 * np.sin(2 * np.pi * np.arange(length) / RATE / 7.3)
    result: Wave = 0.05 * noise * gusts[:, None]
    drop = np.sin(2 * np.pi * 2300 * _time(0.03)) * np.exp(-180 * _time(0.03))
    for _ in range(9 * duration_ms // 1000):
        side = random.uniform(0.2, 0.8)
        strength = 0.08 * random.uniform(0.2, 1.0) ** 2
        _add(result, int(random.integers(length)), strength * drop[:, None] * np.array([1 - side, side]))
    return result


def knocks(duration_ms: int, at_ms: Sequence[int]) -> Wave:
    """Knuckles on a wooden door, to the right."""
    return _struck(duration_ms, at_ms, ((118, 34, 1.0), (236, 48, 0.5), (510, 90, 0.25)))


def latch(duration_ms: int, at_ms: Sequence[int]) -> Wave:
    """The click of a door's latch, to the right."""
    return _struck(duration_ms, at_ms, ((840, 120, 0.3), (2150, 170, 0.25), (3900, 240, 0.12)))


def _struck(duration_ms: int, at_ms: Sequence[int], tones: Sequence[tuple[float, float, float]]) -> Wave:
    result = np.zeros((duration_ms * RATE // 1000, 2))
    time = _time(0.25)
    sound = sum(a * np.sin(2 * np.pi * f * time) * np.exp(-decay * time) for f, decay, a in tones)
    for at in at_ms:
        _add(result, at * RATE // 1000, sound[:, None] * np.array([0.3, 0.7]))
    return result


# --- mix -------------------------------------------------------------------------------------------------------------


def mix(voices: Sequence[Samples], bed: Wave, noises: Wave, speech: Sequence[Span]) -> Samples:
    """Dialogue left and right of the middle, the bed under it, in stereo.

    Args:
        voices: a mono track for each speaker: the first stands left, the second right.
        bed: music and rain.
        noises: single sounds, at their final level.
        speech: where somebody speaks.

    Raises:
        ValueError: it came out too loud.
    """
    meter = pyloudnorm.Meter(RATE)
    dialogue = sum(_panned(v, pan) for v, pan in zip(voices, (-PAN, PAN)))
    dialogue *= _gain(DIALOGUE_LUFS - meter.integrated_loudness(dialogue))
    bed = bed * _gain(DIALOGUE_LUFS - BED_UNDER_LU - meter.integrated_loudness(bed))
    bed *= _swell(len(bed), speech)[:, None] * _fades(len(bed))[:, None]
    result = (dialogue + bed + noises).astype(np.float32)
    peak = 20 * np.log10(np.abs(soxr.resample(result, RATE, 4 * RATE)).max())
    if peak > PEAK_DBTP:
        raise ValueError(f"the mix has a true peak of {peak:.1f} dBTP, above {PEAK_DBTP}")
    return result


def _panned(mono: Samples, pan: float) -> Wave:
    angle = (1 + pan) * np.pi / 4
    return mono.astype(np.float64)[:, None] * np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)])


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _swell(length: int, speech: Sequence[Span]) -> Wave:
    """The bed's level: higher where nobody speaks for 1.5 s, with ramps that end before the next word."""
    edges = [0, *(ms for s in speech for ms in (s.start_ms, s.end_ms)), length * 1000 // RATE]
    points: list[tuple[float, float]] = []
    for start, end in zip(edges[::2], edges[1::2]):
        if end - start >= 1500:
            points += [(start, 0), (start + 500, SWELL_DB), (end - 700, SWELL_DB), (end - 100, 0)]
    times, levels = zip(*points)
    decibels = np.interp(np.arange(length) * 1000 / RATE, times, levels)
    return np.asarray(10 ** (decibels / 20))


def _fades(length: int) -> Wave:
    time = np.arange(length) / RATE
    return np.minimum(1.0, time / 0.8) * np.minimum(1.0, (length / RATE - time) / 2.2)


# --- what the picture needs to know ----------------------------------------------------------------------------------


def levels(voice_track: Samples, frames: int, frame_rate: int) -> Wave:
    """How far a mouth is open in each frame of the picture, 0 to 1: the loudness of its voice there."""
    hop = RATE // frame_rate
    padded = np.pad(voice_track, (0, max(0, frames * hop - len(voice_track))))[: frames * hop].reshape(frames, hop)
    decibels = 20 * np.log10(np.sqrt((padded.astype(np.float64) ** 2).mean(axis=1)) + 1e-9)
    loud = np.percentile(decibels[decibels > -60], 95)
    return np.clip((decibels - loud + 26) / 26, 0.0, 1.0) ** 1.3
