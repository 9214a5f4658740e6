"""Bandwidth: the band in which a line is heard in the source (a telephone, a radio), measured and given to its take.

A voice's spectrum is held against the long-term average spectrum of speech: where its highs or its lows are missing,
the take is filtered to have no more of them than the source's line. `localize dub --no-room` leaves this out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..data import Blob, Media, Span
from ..media import RATE, read_block
from ..runtime.store import Store, step
from .acoustics import take_samples
from .bed import Bed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Levels = NDArray[np.float64]


THIRDS_HZ = (160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000, 10_000)
SPEECH_DB = (
    56.8, 60.2, 60.3, 59.0, 62.1, 62.1, 60.5, 56.8, 53.7, 53.0, 52.0, 48.7, 48.1, 46.8, 45.6, 44.5, 44.3, 43.7, 43.4,
)  # fmt: skip
"""Long-term average of speech in thirds (Byrne et al., JASA 96.4, 1994: all languages and both sexes; 160 Hz men's)."""
CORE_HZ = (500, 2500)
"""What telephones, radios and films all carry: levels are compared after they agree here."""
HIGH_HZ, LOW_HZ = (5000, 8000), (160, 200)
MISSING_DB = -14.0
"""Highs or lows this far under speech's are missing; `bench/sound.py band` prints what full and narrow lines have."""
BOTH_DB, EITHER_DB = -15.0, -3.0
"""Gentle filters take a little at both ends: that much together, and at least this much at each."""
EDGE_DB = -7.0
"""The band ends where a third octave, and all beyond it, is this far under."""
ENOUGH_MS = 1_500
"""Shorter lines need not hold a hiss: they are taken with the speaker's nearest line."""
NEAR_MS = 10_000
MOST_DB = -60.0
TAPS, WINDOW = 2047, 4096


@dataclass(frozen=True, slots=True)
class Band:
    """The band a line is heard in, in Hz, and its spectrum: the level of each third octave, CORE_HZ at speech's level.

    Args:
        low_hz: its lower edge; 0 where nothing is missing below.
        high_hz: its upper edge; 0 where nothing is missing above.
        levels_db: at THIRDS_HZ; empty for a full band.
    """

    low_hz: int = 0
    high_hz: int = 0
    levels_db: tuple[float, ...] = ()


FULL = Band()


@step(version=1)
def measure_bands(
    store: Store, media: Media, bed: Bed, lines: tuple[tuple[Span, ...], ...], speakers: tuple[str, ...]
) -> tuple[Band, ...]:
    """The band of each line of the source, on its separated voice.

    Args:
        store: for what is read.
        media: the source.
        bed: with the source's voices.
        lines: for each line the spans in which it is heard, in order of time.
        speakers: for each line who speaks.
    """
    assert bed.voices is not None
    found = []
    for phrases, speaker in zip(lines, speakers):
        heard = list(phrases)
        if (length := sum(p.length_ms for p in heard)) < ENOUGH_MS:
            middle = phrases[0].start_ms
            others = [p for other, who in zip(lines, speakers) if who == speaker and other != phrases for p in other]
            for phrase in sorted(others, key=lambda p: abs(p.start_ms - middle)):
                if length < ENOUGH_MS and abs(phrase.start_ms - middle) <= NEAR_MS:
                    heard.append(phrase)
                    length += phrase.length_ms
        voice = _read(store, bed.voices, None, heard)
        found.append(voice_band(voice, _read(store, media.original, bed.channels, heard)))
    return tuple(found)


def voice_band(voice: Samples, mixed: Samples) -> Band:
    """The band of a voice; full where it is too quiet or too short to tell.

    Args:
        voice: separated, mono, 48 kHz.
        mixed: the same stretch before separation. A separator under loud music takes highs away; they are missing only
            where the mix lacks them too, or where lows and highs are missing, as on a telephone.
    """
    import numpy as np

    if len(voice) < RATE // 4:
        return FULL
    levels = aligned_levels(voice)
    beyond = levels - np.array(SPEECH_DB)
    high, low = (mean_level(beyond, span) for span in (HIGH_HZ, LOW_HZ))
    both = high + low <= BOTH_DB and max(high, low) <= EITHER_DB
    mix_high = mean_level(aligned_levels(mixed) - np.array(SPEECH_DB), HIGH_HZ)
    if not both and (high > MISSING_DB or mix_high > MISSING_DB):
        return FULL
    above = _first_missing(beyond[::-1])
    below = _first_missing(beyond) if both else 0
    return Band(
        THIRDS_HZ[below] if below else 0,
        THIRDS_HZ[len(THIRDS_HZ) - 1 - above],
        tuple(round(float(x), 1) for x in levels),
    )


def _first_missing(beyond: Levels) -> int:
    """How many third octaves from the edge inwards are missing."""
    count = 0
    while count < len(beyond) - 1 and beyond[count] <= EDGE_DB:
        count += 1
    return count


def mean_level(levels: Levels, span_hz: tuple[int, int]) -> float:
    """The mean of the third octaves in a range, both ends in it."""
    return float(sum(x for f, x in zip(THIRDS_HZ, levels) if span_hz[0] <= f <= span_hz[1])) / sum(
        span_hz[0] <= f <= span_hz[1] for f in THIRDS_HZ
    )


def aligned_levels(samples: Samples) -> Levels:
    """Level of each third octave in dB, moved so that CORE_HZ has speech's level in the mean.

    Args:
        samples: mono, 48 kHz.
    """
    import numpy as np
    from scipy import signal

    padded = np.pad(samples.astype(np.float64), (0, max(0, WINDOW - len(samples))))
    hertz, power = signal.welch(padded, RATE, nperseg=WINDOW)
    thirds = [(f, (hertz >= f / 2 ** (1 / 6)) & (hertz < f * 2 ** (1 / 6))) for f in THIRDS_HZ]
    width = 2 ** (1 / 6) - 2 ** (-1 / 6)
    found = np.array([10 * np.log10(power[inside].mean() * f * width + 1e-14) for f, inside in thirds])
    core = [n for n, f in enumerate(THIRDS_HZ) if CORE_HZ[0] <= f <= CORE_HZ[1]]
    moved: Levels = found + float((np.array(SPEECH_DB) - found)[core].mean())
    return moved


@step(version=1)
def apply_band(store: Store, audio: Blob, band: Band) -> Blob:
    """A take in the band of its source's line: 48 kHz, as long as before."""
    import soundfile
    from scipy import signal

    dry = take_samples(store, audio)
    filtered = signal.fftconvolve(dry, band_filter(band, aligned_levels(dry)), mode="same")
    with store.writing(".au") as draft:  # a WAV of floats holds the time it was written at
        soundfile.write(draft.path, filtered, RATE, "FLOAT", format="AU")
    return draft.blob


def band_filter(band: Band, own: Levels) -> Levels:
    """A linear-phase filter that takes a voice's highs and lows down to those of a band, and leaves what is inside.

    Args:
        band: of the source's line.
        own: `aligned_levels` of the voice.
    """
    import numpy as np
    from scipy import signal

    gains = np.clip(np.array(band.levels_db) - own, MOST_DB, 0.0)
    inside = [band.low_hz < f and (not band.high_hz or f <= band.high_hz) for f in THIRDS_HZ]
    gains[np.array(inside)] = 0.0
    if not band.low_hz:
        gains[: inside.index(True)] = 0.0
    # Beyond what was measured the filter goes on as steeply as a third octave more would.
    outer = (gains[0], *gains, gains[-1])
    hertz = (0.0, *THIRDS_HZ, RATE / 2)
    taps: Levels = signal.firwin2(TAPS, hertz, 10 ** (np.array(outer) / 20), fs=RATE)
    return taps


def _read(store: Store, audio: Blob, channels: Sequence[int] | None, phrases: Sequence[Span]) -> Samples:
    """The sound of the phrases one after the other, channels averaged."""
    import numpy as np

    parts = [np.zeros(0, np.float32)]
    with read_block(store, audio) as file:
        for phrase in phrases:
            file.seek(min(file.frames, phrase.start_ms * RATE // 1000))
            samples = file.read(phrase.length_ms * RATE // 1000, dtype="float32", always_2d=True)
            parts.append((samples if channels is None else samples[:, list(channels)]).mean(axis=1))
    return np.concatenate(parts)
