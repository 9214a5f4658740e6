"""Loudness normalization to a platform's target by one gain and a true-peak limiter, measured as encoded.

With the target "source" nothing is touched: the mix is as loud as the original then (see `mix.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..data import Blob, Media, Span
from ..errors import UsageError
from ..media import (
    BLOCK,
    FULL_SCALE,
    NOWHERE,
    RATE,
    Loudness,
    Place,
    block_keys,
    digest_of,
    film_sound,
    is_lossless,
    loudness,
    read_block,
    reading,
    spoken_loudness,
    to_int24,
    write_blocks,
    write_wav,
)
from ..runtime.store import Store, step
from .bed import region_weights

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray


SOURCE = "source"
ROUNDS = 5
NEAR_LU = 0.1
HEADROOM_DB = 0.3
"""Left below a target's peak at first: encoders move peaks."""
SILENT_LUFS = -60.0
LOOK = RATE // 50
"""The limiter begins to give way this long before a peak, and comes back as slowly."""
OVERSAMPLED = 4
"""True peak is measured between samples (ITU-R BS.1770-4, annex 2)."""
REACH = 2 * LOOK + 64
"""How far around a sample its gain depends on others."""
LUFS = (-60.0, -5.0)


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """A platform's loudness specification.

    Args:
        lufs: integrated loudness.
        tolerance_lu: how far off it may be.
        peak_dbtp: true peak that is never exceeded.
        dialogue: whether only dialogue is measured.
    """

    lufs: float
    tolerance_lu: float
    peak_dbtp: float
    dialogue: bool = False


TARGETS = {
    # Netflix Sound Mix Specifications: -27 LKFS +-2 LU, dialogue-gated; peaks at most -2 dB true peak.
    "netflix": LoudnessTarget(-27.0, 2.0, -2.0, dialogue=True),
    # EBU R 128 (2023).
    "ebu": LoudnessTarget(-23.0, 0.5, -1.0),
    # AES TD1008 for streams and their like.
    "web": LoudnessTarget(-16.0, 0.5, -1.0),
}


def loudness_target(text: str) -> LoudnessTarget | None:
    """The target for a name of TARGETS or LUFS as a number; None for "source".

    Raises:
        UsageError: neither.
    """
    if text == SOURCE:
        return None
    if text in TARGETS:
        return TARGETS[text]
    try:
        lufs = float(text)
    except ValueError:
        lufs = math.nan
    if not LUFS[0] <= lufs <= LUFS[1]:
        known = ", ".join((SOURCE, *TARGETS))
        raise UsageError(f"--loudness takes {known} or LUFS from {LUFS[0]:.0f} to {LUFS[1]:.0f}, not {text!r}")
    return LoudnessTarget(lufs, 0.5, -1.0)


@dataclass(frozen=True, slots=True)
class Stems:
    """The stems of one target, all of one length.

    Args:
        full: `under` and `dialogue` together.
        dialogue: the dub alone.
        bed: what is delivered as bed.
        under: what is mixed as bed.
        speakers: speaker -> this speaker's part of the dialogue.
    """

    full: Blob
    dialogue: Blob
    bed: Blob
    under: Blob
    speakers: Mapping[str, Blob] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NormalizedStems:
    """Stems normalized to a target, with their measurements.

    Args:
        stems: the files.
        measured: the mix as WAV.
        delivered: the mix as the film's encoder makes it; the same as `measured` where there is no film.
        dialogue_lufs: of `delivered`, where the dub is heard; None where nothing is.
        missed: what of the target was not reached, "" for nothing.
    """

    stems: Stems
    measured: Loudness
    delivered: Loudness
    dialogue_lufs: float | None
    missed: str


def normalize_loudness(
    store: Store, media: Media, stems: Stems, target: str, spans: tuple[Span, ...], place: str = ""
) -> NormalizedStems:
    """Normalize stems to a loudness target.

    One gain goes over everything; where the mix would then peak, mix and stems are turned down alike: they still add
    up. What the encoder adds is made up for in a few rounds.

    Args:
        store: for what is made.
        media: the source; its container says how the mix is encoded.
        stems: as mixed.
        target: see `loudness_target`.
        spans: where dialogue is heard.
        place: of which dub the stems are (see `media.Place`).
    """
    wanted = loudness_target(target)
    found = _measure(store, media, stems, spans, wanted)
    if wanted is None:
        return found
    gain, ceiling, parts = 0.0, wanted.peak_dbtp - HEADROOM_DB, (stems.under, stems.dialogue)
    changed = False
    for number in range(ROUNDS):
        if _target_loudness(found, wanted) <= SILENT_LUFS:
            break  # silence has no loudness to be brought anywhere
        off, over = wanted.lufs - _target_loudness(found, wanted), _peak(found) - wanted.peak_dbtp
        if abs(off) <= NEAR_LU and over <= 0:
            break
        gain, ceiling, changed = gain + off, ceiling - max(0.0, over), True
        full = apply_limiter(store, parts, parts, gain, ceiling, place=Place(f"{place} normalized {number}"))
        found = _measure(store, media, replace(stems, full=full), spans, wanted)
    if not changed:
        return found
    alone = {"dialogue": stems.dialogue, "bed": stems.bed, **{f"of {s}": b for s, b in stems.speakers.items()}}
    dialogue, bed, *others = (
        apply_limiter(store, (part,), parts, gain, ceiling, place=Place(f"{place} normalized {name}"))
        for name, part in alone.items()
    )
    speakers = dict(zip(stems.speakers, others))
    return replace(found, stems=replace(found.stems, dialogue=dialogue, bed=bed, speakers=speakers))


def _measure(
    store: Store, media: Media, stems: Stems, spans: tuple[Span, ...], wanted: LoudnessTarget | None
) -> NormalizedStems:
    layout, film = media.channel_layout, film_sound(store, media, stems.full)
    film = stems.full if is_lossless(film) else film  # the same samples
    measured = loudness(store, stems.full, layout)
    delivered = measured if film == stems.full else loudness(store, film)
    spoken = _spoken_loudness(store, media, film, spans) if spans else SILENT_LUFS
    dialogue = spoken if spoken > SILENT_LUFS else None  # too short a line has no loudness either
    found = NormalizedStems(stems, measured, delivered, dialogue, "")
    if wanted is None:
        return found
    off, over = _target_loudness(found, wanted) - wanted.lufs, _peak(found) - wanted.peak_dbtp
    missed = [f"{off:+.1f} LU off"] if abs(off) > wanted.tolerance_lu else []
    missed += [f"a peak {over:.1f} dB over {wanted.peak_dbtp:g} dBTP"] if over > 0 else []
    return replace(found, missed=", ".join(missed))


def _spoken_loudness(store: Store, media: Media, film: Blob, spans: tuple[Span, ...]) -> float:
    """Loudness of a mix as delivered where dialogue is heard, one stretch after the other."""
    layout = media.channel_layout if film.suffix == ".wav" else ""
    found = spoken_loudness(store, film, spans, layout)
    if found is not None:
        return found
    return loudness(store, extract_spans(store, film, media.channels, spans), media.channel_layout).integrated_lufs


def _target_loudness(found: NormalizedStems, wanted: LoudnessTarget) -> float:
    """What a target counts: the dialogue where it asks for that and there is one, else the whole."""
    if wanted.dialogue and found.dialogue_lufs is not None:
        return found.dialogue_lufs
    return found.delivered.integrated_lufs


def _peak(found: NormalizedStems) -> float:
    return max(found.measured.true_peak_dbtp, found.delivered.true_peak_dbtp)


@step(version=1)
def extract_spans(store: Store, audio: Blob, channels: int, spans: tuple[Span, ...]) -> Blob:
    """Concatenate the audio inside `spans`, all channels."""
    import numpy as np

    path = store.path(audio)
    edges = [(s.start_ms * RATE // 1000, s.end_ms * RATE // 1000) for s in spans]
    with (
        store.writing(".wav") as draft,
        write_wav(draft.path, channels, sum(b - a for a, b in edges)) as out,
        reading(path, rate=RATE, channels=channels) as pipe,
    ):
        at = 0
        while data := pipe.read(BLOCK * channels * 4):
            block = np.frombuffer(data[: len(data) // (4 * channels) * 4 * channels], "<f4").reshape(-1, channels)
            heard = np.zeros(len(block), bool)
            for a, b in edges:
                heard[max(0, a - at) : max(0, b - at)] = True
            out.write(to_int24(block[heard]))
            at += len(block)
    return draft.blob


def limiter_gain_in(
    where: tuple[Span, ...] | None, heard: NDArray[np.float64], ceiling_dbtp: float, here: slice, start: int
) -> NDArray[np.float64]:
    """The limiter's gain of a part of a sound, 1 outside of some regions.

    Args:
        where: regions (see `bed.dubbed_regions`); None for everywhere.
        heard: the sound, with `REACH` around the part where there is so much.
        ceiling_dbtp: of true peaks.
        here: the part.
        start: its first sample on the regions' clock.
    """
    down = limiter_gain(heard, ceiling_dbtp)[here]
    if where is None or down.min(initial=1.0) >= 1.0:
        return down
    weighted: NDArray[np.float64] = 1 - (1 - down) * region_weights(where, start, start + len(down))
    return weighted


@step(version=2)
def apply_limiter(
    store: Store,
    parts: tuple[Blob, ...],
    mix: tuple[Blob, ...],
    gain_db: float,
    ceiling_dbtp: float,
    where: tuple[Span, ...] | None = None,
    place: Place = NOWHERE,
) -> Blob:
    """The sum of `parts` with `gain_db` applied, limited wherever the mix would exceed a true-peak ceiling.

    The gain gives way over 20 ms before a peak and comes back over 20 ms after it: the least gain needed within reach,
    averaged over the reach, which is never more than needed. Where nothing is to be changed sums are those of whole
    numbers: stems add up to the last bit.

    Args:
        store: for what is made.
        parts: WAVs of one length and as many channels.
        mix: the WAVs whose sum decides.
        gain_db: of everything.
        ceiling_dbtp: of the mix.
        where: regions (see `bed.dubbed_regions`) outside of which nothing is turned down; None for everywhere.
        place: what it is, so that blocks that are as they were last time are not made again.
    """
    import numpy as np

    gain = 10 ** (gain_db / 20)
    with ExitStack() as stack:
        stems, deciding = ([stack.enter_context(read_block(store, b)) for b in blobs] for blobs in (parts, mix))
        frames, channels = stems[0].frames, stems[0].channels

        def block_at(number: int) -> NDArray[np.int32]:
            start = number * BLOCK
            first, length = max(0, start - REACH), min(BLOCK, frames - start)
            here = slice(start - first, start - first + length)
            heard = _sum(deciding, first, start + length + REACH - first)
            block = heard[here] if parts == mix else _sum(stems, start, length)
            down = limiter_gain_in(where, heard * gain, ceiling_dbtp, here, start)
            return to_int24(block * (gain * down)[:, np.newaxis])

        read = parts if parts == mix else (*parts, *mix)
        said = f"{len(parts)} of {len(read)} by {gain_db} under {ceiling_dbtp}"
        keys = [
            digest_of(key, said, _regions_near(where, number))
            for number, key in enumerate(block_keys(store, read, REACH))
        ]
        return write_blocks(store, place, keys, (frames, channels, RATE), block_at)


def _regions_near(where: Sequence[Span] | None, number: int) -> str:
    """Those regions that weigh in a block, counted from its start."""
    if where is None:
        return "everywhere"
    start, length = number * BLOCK * 1000 // RATE, BLOCK * 1000 // RATE
    near = [s for s in where if s.start_ms <= start + length and s.end_ms >= start]
    return " ".join(f"{s.start_ms - start}-{s.end_ms - start}" for s in near)


def _sum(stems: Sequence[soundfile.SoundFile], start: int, count: int) -> NDArray[np.float64]:
    """Files together, 24-bit numbers over full scale: exact in double precision."""
    total: NDArray[np.float64] | None = None
    for stem in stems:
        stem.seek(min(start, stem.frames))
        block = stem.read(count, dtype="int32", always_2d=True) / FULL_SCALE
        total = block if total is None else total + block
    assert total is not None
    return total


def limiter_gain(samples: NDArray[np.float64], ceiling_dbtp: float) -> NDArray[np.float64]:
    """Limiter gain, 0 to 1, at which neither a sample nor the signal between two samples exceeds a ceiling.

    Args:
        samples: shape (n, channels); gains within REACH of its ends are right only where nothing lies beyond.
        ceiling_dbtp: true peak.

    Returns:
        one gain a sample for all channels, shape (n,).
    """
    import numpy as np
    import soxr
    from scipy import ndimage, signal

    needed = np.ones(len(samples))
    ceiling = 10 ** (ceiling_dbtp / 20)
    if float(np.abs(samples).max(initial=0.0)) < ceiling / 2:  # what lies between samples is never twice as loud
        return needed
    for channel in samples.T:
        between = np.abs(soxr.resample(channel, RATE, OVERSAMPLED * RATE))
        peaks = np.resize(between, (len(channel), OVERSAMPLED)).max(axis=1)
        needed = np.minimum(needed, ceiling / np.maximum(peaks, ceiling))
    if needed.min(initial=1.0) >= 1.0:
        return needed
    least = ndimage.minimum_filter1d(needed, 2 * LOOK + 1, mode="nearest")
    window = signal.windows.hann(2 * LOOK + 3)[1:-1]
    gains: NDArray[np.float64] = np.minimum(1.0, ndimage.convolve1d(least, window / window.sum(), mode="nearest"))
    return gains
