"""The dub over the original: dialogue stem, bed, full mix.

Outside speech the full mix is the source's own audio, sample for sample. Where a dubbed line is heard in the source,
the original is lowered; the dub lies over it at the level of the line it replaces, so that bed and dialogue add up to
the mix. Audio flows in blocks of ten seconds, as whole 24-bit numbers wherever nothing is to be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Blob, Media, Mix, Span, Timeline
from ..media import BLOCK, RATE, Loudness, loudness
from ..store import Store, step

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

    from ..events import Run

    Samples = NDArray[np.float32]

DUCK_DB = -24.0
"""How far the original goes down where its line is dubbed: its voice is then masked by the dub."""
RAMP_MS = 200
HOLD_MS = 80
"""The original is lowered this long before and after speech, and comes back within RAMP_MS: together under 0.3 s."""
CEILING_DBTP = -1.2
"""For the dub and what lies under it; 0.2 dB are left for encoders and for how peaks between samples are measured."""
PEAK_DBTP = -1.0
GAIN_DB = (-15.0, 15.0)
"""A line's level follows the source's within this range of the engine's own level."""
LOUDNESS_TOLERANCE = 0.4
SILENT_LUFS = -60.0
ROUNDS = 3
CENTRE = {"3.0": 2, "4.0": 2, "5.0": 2, "5.0(side)": 2, "5.1": 2, "5.1(side)": 2, "6.1": 2, "7.0": 2, "7.1": 2}
"""Layouts with a centre channel: the dialogue is there, and nothing else is touched."""
FULL_SCALE = 2.0**31


@dataclass(frozen=True, slots=True)
class Placed:
    """One clip as the mixer sees it."""

    audio: Blob
    at_ms: int
    phrases: tuple[Span, ...]
    source_phrases: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Levelled:
    """A clip and the gain it is mixed at."""

    audio: Blob
    at_ms: int
    gain_db: float


def mix(run: Run, media: Media, timeline: Timeline) -> Mix:
    """Render the sound of one target.

    The dub is first put at the levels of the source's lines; while the whole then differs from the original's loudness
    by more than 0.4 LU, all lines are moved together, three times at most.
    """
    clips = tuple(Placed(c.take.audio, c.at_ms, c.phrases, c.source_phrases) for c in timeline.clips)
    with run.stage("mix"):
        regions = regions_of(clips, media.duration_ms)
        levelled = levels(run.store, media, clips)
        source = loudness(run.store, media.original)
        best = _attempt(run.store, media, levelled, regions)
        for _ in range(ROUNDS):
            away = source.integrated_lufs - best[1].integrated_lufs
            if not clips or abs(away) <= LOUDNESS_TOLERANCE or source.integrated_lufs <= SILENT_LUFS:
                break
            # The bed does not move, so the lines must move by more than the whole is off.
            shift = max(-4.0, min(4.0, 1.3 * away))
            levelled = tuple(Levelled(c.audio, c.at_ms, round(c.gain_db + shift, 2)) for c in levelled)
            tried = _attempt(run.store, media, levelled, regions)
            if abs(source.integrated_lufs - tried[1].integrated_lufs) >= abs(away):
                break
            best = tried
    result, measured = best
    if measured.true_peak_dbtp > PEAK_DBTP:
        run.warn(
            "source_peak",
            f"the mix peaks at {measured.true_peak_dbtp:+.1f} dBTP: the source itself does where nobody is dubbed, "
            "and stays as it is",
        )
    return Mix(
        full=result.full,
        dialogue=result.dialogue,
        bed=result.bed,
        loudness_lufs=measured.integrated_lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        source_loudness_lufs=source.integrated_lufs,
    )


def _attempt(
    store: Store, media: Media, levelled: tuple[Levelled, ...], regions: tuple[Span, ...]
) -> tuple[Rendered, Loudness]:
    rendered = render(store, media, levelled, regions)
    return rendered, loudness(store, rendered.full)


def regions_of(clips: Sequence[Placed], duration_ms: int) -> tuple[Span, ...]:
    """Where the original is lowered, ramps included: where a dubbed line is heard in it, and breaks too short to rise.

    Elsewhere it holds no voice to be hidden, so that one bed serves every target language.
    """
    heard = sorted(p for c in clips for p in c.source_phrases)
    regions: list[Span] = []
    margin = HOLD_MS + RAMP_MS
    for phrase in heard:
        span = Span(max(0, phrase.start_ms - margin), min(duration_ms, phrase.end_ms + margin))
        if regions and span.start_ms <= regions[-1].end_ms:
            regions[-1] = Span(regions[-1].start_ms, max(regions[-1].end_ms, span.end_ms))
        else:
            regions.append(span)
    return tuple(regions)


@step(version=1)
def levels(store: Store, media: Media, clips: tuple[Placed, ...]) -> tuple[Levelled, ...]:
    """Give every clip the level of the source line it replaces, both measured where they are heard."""
    import numpy as np

    wanted = _line_levels(store, media, clips)
    own = [_level(_take(store, c.audio), RATE, [p.shifted(-c.at_ms) for p in c.phrases]) for c in clips]
    known = [w for w in wanted if w > -60]
    typical = float(np.median(known)) if known else -23.0
    done = []
    for clip, want, have in zip(clips, wanted, own):
        # A line is as loud as its source, but a whisper lost in the music or a shout stays within 8 dB of the others.
        target = min(max(want if want > -60 else typical, typical - 8), typical + 8)
        done.append(Levelled(clip.audio, clip.at_ms, round(min(max(target - have, GAIN_DB[0]), GAIN_DB[1]), 2)))
    return tuple(done)


def _line_levels(store: Store, media: Media, clips: Sequence[Placed]) -> list[float]:
    """RMS of each source line in dBFS, as its own channel has it; music is left out where it can be."""
    import soundfile

    centre = CENTRE.get(media.channel_layout)
    path = store.path(media.original if centre is not None else media.speech)
    found = []
    with soundfile.SoundFile(path) as file:
        for clip in clips:
            start = clip.source_phrases[0].start_ms
            file.seek(min(file.frames, start * file.samplerate // 1000))
            count = (clip.source_phrases[-1].end_ms - start) * file.samplerate // 1000
            samples = file.read(count, dtype="float32", always_2d=True)
            voice = samples[:, centre] if centre is not None else samples[:, 0]
            found.append(_level(voice, file.samplerate, [p.shifted(-start) for p in clip.source_phrases]))
    return found


def _level(samples: Samples, rate: int, spans: Sequence[Span]) -> float:
    import numpy as np

    parts = [samples[s.start_ms * rate // 1000 : s.end_ms * rate // 1000] for s in spans]
    heard = np.concatenate(parts) if parts else samples[:0]
    if not len(heard):
        return -90.0
    return float(10 * np.log10(float((heard.astype(np.float64) ** 2).mean()) + 1e-9))


@dataclass(frozen=True, slots=True)
class Rendered:
    """The three files of one rendering."""

    full: Blob
    dialogue: Blob
    bed: Blob


@step(version=2)
def render(store: Store, media: Media, clips: tuple[Levelled, ...], regions: tuple[Span, ...]) -> Rendered:
    """Write full mix, dialogue and bed: 48 kHz, 24-bit, the source's channels, its length to the sample."""
    import soundfile

    targets = _dialogue_channels(media)
    ceilings = _ceilings(store, media, clips, regions, targets)
    with (
        store.writing(".wav") as full,
        store.writing(".wav") as dialogue,
        store.writing(".wav") as bed,
        soundfile.SoundFile(store.path(media.original)) as source,
        _wav(full.path, media) as full_out,
        _wav(dialogue.path, media) as dialogue_out,
        _wav(bed.path, media) as bed_out,
    ):
        for start in range(0, media.samples, BLOCK):
            original = source.read(BLOCK, dtype="int32", always_2d=True)
            under = _lowered(original, start, regions, targets)
            over = _dialogue(store, ceilings, start, len(original))
            mixed = under.copy()
            voices = original * 0
            if over is not None:
                for channel in targets:
                    voices[:, channel] = _whole(over)
                    mixed[:, channel] = _whole(under[:, channel] / FULL_SCALE + over)
            for out, block in ((full_out, mixed), (dialogue_out, voices), (bed_out, under)):
                out.write(block)
    return Rendered(full.blob, dialogue.blob, bed.blob)


def _wav(path: Path, media: Media) -> soundfile.SoundFile:
    """A 24-bit WAV to write to; RF64 only where a plain one could not hold the file."""
    import soundfile

    huge = media.samples * media.channels * 3 > 4_000_000_000
    return soundfile.SoundFile(path, "w", RATE, media.channels, "PCM_24", format="RF64" if huge else "WAV")


def _dialogue_channels(media: Media) -> tuple[int, ...]:
    """The channels that carry voices: the centre where there is one, else all (a mono voice in the middle)."""
    centre = CENTRE.get(media.channel_layout)
    return (centre,) if centre is not None else tuple(range(media.channels))


def _whole(samples: NDArray[np.floating]) -> NDArray[np.int32]:
    """-1…1 to 24-bit numbers in the upper bytes of 32."""
    import numpy as np

    whole: NDArray[np.int32] = np.clip(np.rint(samples * 2.0**23), -(2**23), 2**23 - 1).astype(np.int32) * 256
    return whole


def _lowered(
    original: NDArray[np.int32], start: int, regions: Sequence[Span], targets: Sequence[int]
) -> NDArray[np.int32]:
    """The original with its voices' channels lowered in `regions`; untouched numbers elsewhere."""
    import numpy as np

    under = original.copy()
    end = start + len(original)
    for region in regions:
        first, last = region.start_ms * RATE // 1000, region.end_ms * RATE // 1000
        a, b = max(first, start), min(last, end)
        if a >= b:
            continue
        at = np.arange(a, b)
        ramp = RAMP_MS * RATE / 1000
        # At the very start and end of a file there is nothing to come back from.
        rise = np.minimum((at - first) / ramp, 1.0) if first > 0 else np.ones(len(at))
        fall = np.clip((last - at) / ramp, 0.0, 1.0)
        gain = 10 ** (DUCK_DB * np.minimum(rise, fall) / 20)
        for channel in targets:
            under[a - start : b - start, channel] = _whole(original[a - start : b - start, channel] / FULL_SCALE * gain)
    return under


def _ceilings(
    store: Store, media: Media, clips: Sequence[Levelled], regions: Sequence[Span], targets: Sequence[int]
) -> tuple[Levelled, ...]:
    """The clips, each turned down as far as its loudest moment over the bed asks for."""
    import numpy as np
    import soundfile
    import soxr

    ceiling = 10 ** (CEILING_DBTP / 20)
    done = list(clips)
    with soundfile.SoundFile(store.path(media.original)) as source:
        for i, clip in enumerate(clips):
            voice = _take(store, clip.audio) * np.float32(10 ** (clip.gain_db / 20))
            first = clip.at_ms * RATE // 1000
            source.seek(min(first, source.frames))
            original = source.read(len(voice), dtype="int32", always_2d=True)
            under = _lowered(original, first, regions, targets)
            others = _dialogue(store, [*done[:i], *done[i + 1 :]], first, len(voice))
            gain = 1.0
            for channel in targets:
                bed = np.zeros(len(voice)) if others is None else others.copy()
                bed[: len(under)] += under[:, channel] / FULL_SCALE
                for _ in range(ROUNDS + 1):
                    peak = float(np.abs(soxr.resample(bed + gain * voice, RATE, 4 * RATE)).max(initial=0.0))
                    if peak <= ceiling:
                        break
                    gain *= 0.999 * ceiling / peak
            done[i] = Levelled(clip.audio, clip.at_ms, clip.gain_db + 20 * float(np.log10(gain)))
    return tuple(done)


def _dialogue(store: Store, clips: Sequence[Levelled], start: int, count: int) -> NDArray[np.float64] | None:
    """The dub's voices in one block, shape (count,); None where nobody speaks."""
    import numpy as np

    block = None
    for first, clip in _near(store, clips, start, start + count):
        voice = _take(store, clip.audio)
        a, b = max(first, start), min(first + len(voice), start + count)
        if a < b:
            block = np.zeros(count) if block is None else block
            block[a - start : b - start] += voice[a - first : b - first] * 10 ** (clip.gain_db / 20)
    return block


def _near(store: Store, clips: Sequence[Levelled], start: int, end: int) -> Iterator[tuple[int, Levelled]]:
    for clip in clips:
        first = clip.at_ms * RATE // 1000
        # At 8 kHz and more, 24 bits: at most two samples at 48 kHz a byte.
        if first < end and first + 2 * clip.audio.size > start:
            yield first, clip


@lru_cache(maxsize=32)
def _samples(path: str) -> Samples:
    import soundfile
    import soxr

    samples, rate = soundfile.read(path, dtype="float32")
    resampled: Samples = soxr.resample(samples, rate, RATE)
    return resampled


def _take(store: Store, audio: Blob) -> Samples:
    """A take at 48 kHz, mono."""
    return _samples(str(store.path(audio)))
