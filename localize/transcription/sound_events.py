"""Detect music and silence between the lines, for subtitles for the deaf and hard of hearing (SDH)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..data import Blob, SoundEvent, Span
from ..media import reading
from ..runtime.store import Store, step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


PAUSE_MS = 2_000
"""Shorter pauses leave no time to read what sounds in them."""


EDGE_MS = 150
"""Speech fades in and out this far beyond where it was found."""
RATE = 16_000
HOP, WINDOW = 512, 2048
MUSIC = 0.65
"""Share of the energy in steady tones from which a sound is taken for music: noise has 0.5, speech 0.2 to 0.6."""
HEARD_DB, SILENT_DB = -55.0, -65.0
HUM = 0.99
"""A spectrum that stays so much the same (cosine) hums; it plays no music."""
BANDS = slice(8, 640)
"""60 to 5000 Hz, in bins of `WINDOW`."""


@step(version=1)
def find_sound_events(store: Store, original: Blob, speech: tuple[Span, ...], end_ms: int) -> tuple[SoundEvent, ...]:
    """Music and silence in the pauses of speech, from the signal alone.

    Args:
        store: holds the track.
        original: the source's own sound.
        speech: where somebody speaks.
        end_ms: length of the track.
    """
    pauses = find_pauses(speech, end_ms)
    if not pauses:
        return ()
    found: list[SoundEvent] = []
    at = 0
    with reading(store.path(original), rate=RATE, channels=1) as pipe:
        for pause in pauses:
            start, end = pause.start_ms * RATE // 1000, pause.end_ms * RATE // 1000
            while at < start and (skipped := len(pipe.read(4 * min(RATE * 10, start - at)))):
                at += skipped // 4
            block = pipe.read(4 * (end - at))
            at += len(block) // 4
            kind = _kind(block)
            # A film is silent before it begins and after it ends; only silence in between means something.
            if kind == "music" or (kind == "silence" and pause.start_ms > 0 and pause.end_ms < end_ms):
                found.append(SoundEvent(pause, kind))
    return tuple(found)


def find_pauses(speech: Sequence[Span], end_ms: int) -> tuple[Span, ...]:
    """Intervals of at least 2 s without speech, 30 s of each at most."""
    pauses, clock = [], 0
    for span in (*sorted(speech), Span(end_ms, end_ms)):
        start = clock + EDGE_MS if clock else 0
        end = min(span.start_ms - (EDGE_MS if span.start_ms < end_ms else 0), start + 30_000)
        if end - start >= PAUSE_MS:
            pauses.append(Span(start, end))
        clock = max(clock, span.end_ms)
    return tuple(pauses)


def _kind(block: bytes) -> str:
    import numpy as np

    samples = np.frombuffer(block[: len(block) // 4 * 4], "<f4")
    if len(samples) < WINDOW + 40 * HOP:
        return ""
    level = 20 * np.log10(float(np.sqrt((samples.astype(np.float64) ** 2).mean())) + 1e-9)
    if level < SILENT_DB:
        return "silence"
    return "music" if level > HEARD_DB and _is_music(samples) else ""


def _is_music(samples: NDArray[np.float32]) -> bool:
    """Whether most of a sound is steady tones that change: harmonic-percussive separation (Fitzgerald, DAFx 2010)."""
    import numpy as np
    from scipy.ndimage import median_filter

    count = (len(samples) - WINDOW) // HOP + 1
    window = np.hanning(WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[: count * HOP : HOP]
    spectrum = np.abs(np.fft.rfft(frames * window, axis=1)).T[BANDS]
    tones = median_filter(spectrum, size=(1, 17)) ** 2
    strokes = median_filter(spectrum, size=(17, 1)) ** 2
    energy = spectrum**2
    share = float((energy * tones / (tones + strokes + 1e-12)).sum() / (energy.sum() + 1e-12))
    if share < MUSIC:
        return False
    seconds = np.stack([part.mean(axis=1) for part in np.array_split(np.sqrt(tones), max(2, count // 31), axis=1)])
    seconds /= np.linalg.norm(seconds, axis=1, keepdims=True) + 1e-12
    return float((seconds[:-1] * seconds[1:]).sum(axis=1).min()) < HUM
