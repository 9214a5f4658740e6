"""Loudness and true peak by ITU-R BS.1770-4: power is measured piece by piece and remembered.

After a correction only the piece that sounds otherwise is measured again. Channels and containers that cannot be
measured so are measured by ffmpeg.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..data import Blob, Span
from ..runtime.store import Store, step
from .encoded import Packets, packets_of
from .ffmpeg import run_ffmpeg
from .opening import open_media, url
from .pieces import Piece, pieces_of
from .samples import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SILENCE = -70.0
"""LUFS, and dBTP, that stand for silence; the absolute gate of BS.1770."""
RELATIVE_LU = -10.0
HOP_MS, GATE_HOPS, GATE_STEP = 10, 40, 10
"""Power is kept every 10 ms; blocks that are gated last 400 ms and begin every 100 ms (BS.1770-4, annex 1)."""
PIECE = 20 * RATE
SETTLED = RATE
"""Before a piece the weighting filter hears so much: its memory is gone after half of it."""
AROUND = RATE // 100
"""Behind a piece so much is heard for peaks between samples."""
OVERSAMPLED = 4
"""True peak is measured between samples (BS.1770-4, annex 2)."""
SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585)
HIGH_PASS = (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621)
"""K weighting at 48 kHz: numerators and denominators of tables 1 and 2 of BS.1770-4, annex 1."""
BEHIND = frozenset("BL BR BC SL SR SDL SDR TBL TBC TBR".split())
LOW = frozenset(("LFE", "LFE2"))

# --- measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R 128 measures of a whole file; -70 LUFS stands for silence."""

    integrated_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True)
class PiecePower:
    """Of a piece: the K-weighted power of each 10 ms (an array in a file), the largest amplitude between samples."""

    powers: Blob
    peak: float


@step(version=2)
def loudness(store: Store, audio: Blob, layout: str = "") -> Loudness:
    """Integrated loudness (gated) and true peak of a file's sound, to a tenth.

    Args:
        store: holds it.
        audio: a WAV of 48 kHz, or a sound as `encode` makes it.
        layout: ffmpeg's name of its channels; "" for what the file says.
    """
    found = _measure(store, audio, layout)
    if found is None:
        return loudness_by_ffmpeg(store, audio, layout)
    powers, peak = found
    return Loudness(integrated(powers), _decibels(peak**2))


def spoken_loudness(store: Store, audio: Blob, spans: Sequence[Span], layout: str = "") -> float | None:
    """Integrated loudness of a sound where it lies in `spans`, one after the other; None where it cannot be told so."""
    import numpy as np

    found = _measure(store, audio, layout)
    if found is None:
        return None
    parts = [found[0][s.start_ms // HOP_MS : s.end_ms // HOP_MS] for s in spans]
    return integrated(np.concatenate([np.zeros(0), *parts]))


def integrated(powers: NDArray[np.float64]) -> float:
    """Gated loudness in LUFS of K-weighted powers, one each 10 ms, to a tenth."""
    import numpy as np

    if len(powers) < GATE_HOPS:
        return SILENCE
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    starts = np.arange(0, len(powers) - GATE_HOPS + 1, GATE_STEP)
    blocks = (sums[starts + GATE_HOPS] - sums[starts]) / GATE_HOPS
    heard = blocks[blocks > _power(SILENCE)]
    if not len(heard):
        return SILENCE
    loud = heard[heard > heard.mean() * 10 ** (RELATIVE_LU / 10)]
    return _lufs(float(loud.mean()))


def _lufs(power: float) -> float:
    return max(SILENCE, round(_decibels(power, 3) - 0.691, 1))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _decibels(power: float, digits: int = 1) -> float:
    import math

    return max(SILENCE, round(10 * math.log10(power), digits)) if power > 0 else SILENCE


def _measure(store: Store, audio: Blob, layout: str) -> tuple[NDArray[np.float64], float] | None:
    """Power of each 10 ms and the largest amplitude; None for channels or a container that are not measured here."""
    import numpy as np

    weights = channel_weights(store, audio, layout)
    if weights is None:
        return None
    if audio.suffix == ".wav":
        found = measure_pieces(store, pieces_of(store, audio, PIECE, SETTLED, AROUND), weights)
    elif packets := packets_of(store.path(audio), 0):
        found = measure_packets(store, packets, weights)
    else:
        return None
    powers = [np.load(store.path(piece.powers), allow_pickle=False) for piece in found]
    return np.concatenate([np.zeros(0), *powers]), max((piece.peak for piece in found), default=0.0)


def channel_weights(store: Store, audio: Blob, layout: str) -> tuple[float, ...] | None:
    """The weight of each channel (BS.1770-4, table 3): 1.41 behind or beside the listener, none for low-frequency
    effects; None where it is not known which is which.
    """
    import av

    with open_media(store.path(audio)) as container:
        context = container.streams.audio[0].codec_context
        count, rate, said = int(context.layout.nb_channels), int(context.sample_rate), context.layout
    named = av.AudioLayout(layout) if layout else said
    if named.nb_channels != count or rate != RATE:
        return None
    if count <= 2:
        return (1.0,) * count
    names = [str(channel.name) for channel in named.channels]
    if len(set(names)) < count or any(not name.isalpha() and name != "LFE2" for name in names):
        return None
    return tuple(0.0 if name in LOW else 1.41 if name in BEHIND else 1.0 for name in names)


@step(version=1, each="pieces")
def measure_pieces(store: Store, pieces: Sequence[Piece], weights: tuple[float, ...]) -> tuple[PiecePower, ...]:
    """Measure pieces of a WAV."""
    return tuple(_measure_samples(store, piece.read(), piece.lead, piece.tail, weights) for piece in pieces)


@step(version=1, each="packets")
def measure_packets(store: Store, packets: Sequence[Packets], weights: tuple[float, ...]) -> tuple[PiecePower, ...]:
    """Measure pieces of an encoded sound, as it is decoded."""
    return tuple(_measure_samples(store, piece.decode(), piece.lead, piece.tail, weights) for piece in packets)


def _measure_samples(
    store: Store, samples: NDArray[np.float64], lead: int, tail: int, weights: Sequence[float]
) -> PiecePower:
    import numpy as np
    from scipy import signal

    end = len(samples) - tail
    weighted = signal.sosfilt([SHELF, HIGH_PASS], samples[:end], axis=0)[lead:]
    hops = len(weighted) // (RATE * HOP_MS // 1000)
    squares = (weighted[: hops * RATE * HOP_MS // 1000] ** 2) @ np.asarray(weights)
    with store.writing(".npy") as draft:
        np.save(draft.path, squares.reshape(hops, -1).mean(axis=1))
    return PiecePower(draft.blob, peak_between(samples, lead, end))


def peak_between(samples: NDArray[np.float64], start: int, end: int) -> float:
    """The largest amplitude of a signal between its samples from `start` to `end`, shape (n, channels).

    Only where a sample is at least half of the largest the signal is looked at closer: what lies between samples is
    never twice as loud.
    """
    import numpy as np
    import soxr

    here = np.abs(samples[start:end])
    most = float(here.max(initial=0.0))
    if most <= 0:
        return 0.0
    found = most
    for channel, levels in zip(samples.T, here.T):
        hops = np.pad(levels, (0, -len(levels) % AROUND)).reshape(-1, AROUND).max(axis=1)
        loud = np.flatnonzero(hops >= most / 2)
        for run in np.split(loud, np.flatnonzero(np.diff(loud) > 1) + 1) if len(loud) else ():
            first, last = start + run[0] * AROUND, min(end, start + (run[-1] + 1) * AROUND)
            near = max(0, first - AROUND)
            between = np.abs(soxr.resample(channel[near : last + AROUND], RATE, OVERSAMPLED * RATE))
            found = max(found, float(between[(first - near) * OVERSAMPLED :][: (last - first) * OVERSAMPLED].max()))
    return found


@step(version=1)
def loudness_by_ffmpeg(store: Store, audio: Blob, layout: str = "") -> Loudness:
    """Integrated loudness (ITU-R BS.1770-4, gated) and true peak of a file's sound, by ffmpeg's ebur128."""
    text = run_ffmpeg(
        [
            "-v",
            "info",
            "-nostats",
            *layout_arguments(layout),
            "-i",
            url(store.path(audio)),
            "-af",
            "ebur128=peak=true:framelog=quiet",
            "-f",
            "null",
            "-",
        ],
        "the mix",
    )
    summary = text[text.rfind("Summary:") :]
    level = re.search(r"I:\s*(-?[\d.]+|-inf|nan) LUFS", summary)
    peak = re.search(r"Peak:\s*(-?[\d.]+|-inf|nan) dBFS", summary)
    return Loudness(_level(level), _level(peak))


def layout_arguments(layout: str) -> list[str]:
    """Channel-layout arguments of ffmpeg for a WAV whose layout it would guess wrong by the channel count."""
    guessed = ("", "mono", "stereo", "5.1", "5.1(side)", "7.1")
    return [] if layout in guessed else ["-channel_layout", layout]


def _level(match: re.Match[str] | None) -> float:
    text = match.group(1) if match else "-inf"
    return SILENCE if text in ("-inf", "nan") else max(SILENCE, float(text))
