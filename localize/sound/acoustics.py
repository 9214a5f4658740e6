"""Acoustics: estimate the reverberation and spectrum of the source's voices, and apply them to the dub.

Two things are matched, both held back on purpose: half of the difference between the long-term spectra of the source's
voice and the dub's, and a short tail as long as the source's voice takes to fade. `--no-room` leaves
them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..data import Blob, Media, Room, Span
from ..media import RATE, read_block
from ..runtime.store import Store, step
from .bed import Bed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


BANDS_HZ = (125, 200, 315, 500, 800, 1250, 2000, 3150, 5000, 8000)
FLAT = (0.0,) * len(BANDS_HZ)
STRENGTH = 0.5
LIMIT_DB = 6.0
"""No band is moved further: a difference that large is another voice, not another room."""
TAPS = 1023
LONGEST_S = 60
"""Heard of each speaker: spectra and fades change little after that."""
ENOUGH_S = 3.0
ENOUGH_FADES = 20
FADE_BANDS_HZ = ((500, 1000), (1000, 2000), (2000, 4000))
FADE_HOP = RATE // 100
STEEP_DB = 12.0
"""A fade counts from this depth on, over at least 60 ms."""
DRY_S = 0.22
"""Time for 60 dB, extrapolated, in which speech fades by itself in a dry room, in the median. Measured on LJ Speech
and a speech by J. F. Kennedy convolved with exponential tails (`bench/sound.py room`), as is the slope below."""
SLOPE = 3.5
RT60_S = (0.15, 1.0)
"""Shorter rooms are left alone; longer ones are taken for this long."""
CLEAR_DB = 30.0
"""One phrase in ten must begin out of this much less sound, or fades are not taken for the voice's."""
LEAD_MS, AFTER_MS = 100, 200
WET_DB = -11.0
"""The tail's energy against the voice's."""
FIRST_MS, TAIL_MS = 6, 120
"""The tail begins after the direct sound, and is gone after this: the line must end where it was planned to end."""


@dataclass(frozen=True, slots=True)
class HeardLines:
    """What a room is estimated from.

    Args:
        source: where the source is heard.
        takes: of the dub.
    """

    source: tuple[Span, ...]
    takes: tuple[Blob, ...]


def estimate_reverberation(
    store: Store, media: Media, bed: Bed, source: tuple[tuple[Span, ...], ...], spoken: tuple[tuple[Blob, ...], ...]
) -> tuple[Room, ...]:
    """Estimate the acoustics of every speaker.

    Args:
        store: for what is read.
        media: the source.
        bed: with the source's voices.
        source: for each speaker, where the source is heard.
        spoken: for each speaker, the takes.
    """
    assert bed.voices is not None
    heard = tuple(HeardLines(_as_far_as_heard(phrases), takes) for phrases, takes in zip(source, spoken, strict=True))
    return _rooms(store, bed.voices, media.original, bed.channels, heard)


@step(version=1, each="heard")
def _rooms(
    store: Store, voices: Blob, original: Blob, channels: tuple[int, ...], heard: tuple[HeardLines, ...]
) -> tuple[Room, ...]:
    """Rooms, each from its own lines: a correction of one changes no other."""
    sources = _hear_voices(store, voices, original, channels, tuple(lines.source for lines in heard))
    spoken = {takes: _take_powers(store, takes) for takes in {lines.takes for lines in heard}}
    return tuple(
        Room(_spectral_difference(powers_db, spoken[lines.takes]), rt60_ms)
        for lines, (powers_db, rt60_ms) in zip(heard, sources, strict=True)
    )


@step(version=1, each="phrases")
def _hear_voices(
    store: Store, voices: Blob, original: Blob, channels: tuple[int, ...], phrases: tuple[tuple[Span, ...], ...]
) -> tuple[tuple[tuple[float, ...], int], ...]:
    """Of each speaker of the source the power of the voice by band, none of one who is heard too little, and the
    reverberation time in ms: no correction of the dub changes them.
    """
    import numpy as np

    found = []
    for spans in phrases:
        voice = np.concatenate(_read_around(store, voices, None, spans))
        around = _read_around(store, original, channels, spans)
        fading = list(decay_times(np.concatenate(around))) if _is_quiet_between(around) else []
        powers_db = () if len(voice) < ENOUGH_S * RATE else tuple(float(x) for x in _band_powers(voice))
        found.append((powers_db, _rt60_ms(fading)))
    return tuple(found)


def _as_far_as_heard(phrases: Sequence[Span]) -> tuple[Span, ...]:
    """The first phrases, as many as are read of them."""
    found: list[Span] = []
    for phrase in phrases:
        if sum(LEAD_MS + p.length_ms + AFTER_MS for p in found) >= LONGEST_S * 1000:
            break
        found.append(phrase)
    return tuple(found)


def _read_around(store: Store, audio: Blob, channels: Sequence[int] | None, phrases: Sequence[Span]) -> list[Samples]:
    """Audio around phrases, from LEAD_MS before to AFTER_MS after each, channels averaged."""
    import numpy as np

    parts, left = [np.zeros(0, np.float32)], LONGEST_S * RATE
    with read_block(store, audio) as file:
        for phrase in phrases:
            first = max(0, phrase.start_ms - LEAD_MS) * RATE // 1000
            file.seek(min(file.frames, first))
            count = min(left, (phrase.end_ms + AFTER_MS) * RATE // 1000 - first)
            samples = file.read(count, dtype="float32", always_2d=True)
            parts.append((samples if channels is None else samples[:, list(channels)]).mean(axis=1))
            left -= len(samples)
            if left <= 0:
                break
    return parts


def _take_powers(store: Store, takes: Sequence[Blob]) -> tuple[float, ...]:
    """Power in dB by band of takes, one after the other, as long as they are listened to; none of too few."""
    import numpy as np

    heard: list[Samples] = [np.zeros(0, np.float32)]
    for audio in takes:
        heard.append(take_samples(store, audio)[: LONGEST_S * RATE])
        if sum(map(len, heard)) >= LONGEST_S * RATE:
            break
    voice = np.concatenate(heard)
    return () if len(voice) < ENOUGH_S * RATE else tuple(float(x) for x in _band_powers(voice))


def _is_quiet_between(around: Sequence[Samples]) -> bool:
    """Whether it is quiet before at least some phrases, so that fades are the voice's and not the bed's."""
    import numpy as np

    powers = [float((x[: LEAD_MS * RATE // 1000] ** 2).mean()) for x in around if len(x)]
    loud = float(np.mean([(x**2).mean() for x in around if len(x)])) if powers else 0.0
    return loud > 0 and 10 * np.log10(loud / (float(np.percentile(powers, 10)) + 1e-12)) > CLEAR_DB


def _spectral_difference(voice_db: Sequence[float], dub_db: Sequence[float]) -> tuple[float, ...]:
    """Gains in dB by band that take the dub's spectrum half way to the voice's, loudness kept; none where one of them
    is not known.
    """
    import numpy as np

    if not voice_db or not dub_db:
        return FLAT
    ours, theirs = np.array(dub_db), np.array(voice_db)
    apart = theirs - ours
    apart -= np.average(apart, weights=10 ** (ours / 10))
    return tuple(round(float(x), 1) for x in np.clip(STRENGTH * apart, -LIMIT_DB, LIMIT_DB))


def _band_powers(samples: Samples) -> NDArray[np.float64]:
    """Power in dB around BANDS_HZ, two thirds of an octave each."""
    import numpy as np
    from scipy import signal

    hertz, power = signal.welch(samples.astype(np.float64), RATE, nperseg=4096)
    edges = [(f / 2**0.33, f * 2**0.33) for f in BANDS_HZ]
    return np.array([10 * np.log10(power[(hertz >= a) & (hertz < b)].mean() + 1e-14) for a, b in edges])


def decay_times(samples: Samples) -> Iterable[float]:
    """Seconds in which sounds would fade by 60 dB, one for every fade that is deep enough (cf. Ratnam et al. 2003)."""
    import numpy as np
    from scipy import signal

    if len(samples) < RATE:
        return
    for band in FADE_BANDS_HZ:
        sos = signal.butter(4, band, "band", fs=RATE, output="sos")
        heard = signal.sosfilt(sos, samples)
        power = (heard[: len(heard) // FADE_HOP * FADE_HOP].reshape(-1, FADE_HOP) ** 2).mean(axis=1)
        level = 10 * np.log10(signal.lfilter([0.5, 0.5], 1, power) + 1e-12)
        loud, floor = float(np.percentile(level, 95)) - 20, float(np.percentile(level, 5)) + 6
        i = 0
        while i + 1 < len(level):
            j = i + 1
            while j < len(level) and level[j] < level[j - 1] + 0.5 and level[j] > floor:
                j += 1
            if level[i] > loud and j - i >= 6 and level[i] - level[j - 1] >= STEEP_DB:
                slope = np.polyfit(np.arange(j - i) * FADE_HOP / RATE, level[i:j], 1)[0]
                yield float(-60 / slope)
                i = j
            else:
                i += 1


def _rt60_ms(fades: Sequence[float]) -> int:
    import numpy as np

    if len(fades) < ENOUGH_FADES:
        return 0
    seconds = SLOPE * (float(np.median(fades)) - DRY_S)
    shortest, longest = RT60_S
    return round(1000 * min(seconds, longest)) if seconds >= shortest else 0


@step(version=1)
def apply_reverberation(store: Store, audio: Blob, room: Room) -> Blob:
    """Apply a room to a take: 48 kHz, longer than the take by the reverberation tail at most."""
    import soundfile
    from scipy import signal

    dry = take_samples(store, audio)
    wet = signal.fftconvolve(dry, _equalizer(room.eq_db), mode="same") if any(room.eq_db) else dry
    if room.rt60_ms:
        wet = signal.fftconvolve(wet, _impulse_response(room.rt60_ms))
    with store.writing(".au") as draft:  # a WAV of floats holds the time it was written at
        soundfile.write(draft.path, wet, RATE, "FLOAT", format="AU")
    return draft.blob


def _equalizer(eq_db: Sequence[float]) -> NDArray[np.float64]:
    """A linear-phase filter with these gains, held level beyond the outer bands."""
    import numpy as np
    from scipy import signal

    hertz = [0, *BANDS_HZ, RATE / 2]
    gains = [eq_db[0], *eq_db, eq_db[-1]]
    taps: NDArray[np.float64] = signal.firwin2(TAPS, hertz, 10 ** (np.array(gains) / 20), fs=RATE)
    return taps


def _impulse_response(rt60_ms: int) -> NDArray[np.float64]:
    """The direct sound and a fading noise after it (Moorer 1979), cut short and faded out."""
    import numpy as np

    at = np.arange(TAIL_MS * RATE // 1000)
    noise = np.random.default_rng(0).normal(size=len(at)) * 10 ** (-3 * at / (rt60_ms * RATE / 1000))
    noise[: FIRST_MS * RATE // 1000] = 0
    noise *= np.clip((len(at) - at) / (len(at) / 2), 0, 1)
    noise *= np.sqrt(10 ** (WET_DB / 10) / (noise**2).sum())
    noise[0] = 1.0
    result: NDArray[np.float64] = noise
    return result


def take_samples(store: Store, audio: Blob) -> Samples:
    """A take at 48 kHz, mono; those used last are kept, since rooms, levels and every block of the mix ask for them."""
    return _at_48_khz(str(store.path(audio)))


@lru_cache(maxsize=32)
def _at_48_khz(path: str) -> Samples:
    import soundfile
    import soxr

    samples, rate = soundfile.read(path, dtype="float32")
    resampled: Samples = soxr.resample(samples, rate, RATE)
    return resampled
