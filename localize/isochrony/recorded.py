"""Lines that a person recorded: their WAV is checked, then fitted to the line's slot as takes of a synthesizer are.

A recording is heard from its first sound to its last and never cut inside of that. It is made up to 1.25 times as fast,
or down to 0.85 times, where its slot asks for it; what is longer still overflows, and is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..consent import Grant
from ..data import Blob, Plan, Source, Span, Take
from ..errors import MediaError
from ..runtime.reading import open_plain
from ..runtime.store import Store, step
from ..signal.activity import voice_activity
from .fit import NEAR_MS, STRETCH, TAIL_MS, bounded_stretch, fade_edges, stretch_to
from .planner import Slot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

LARGEST = 32_000_000
"""Bytes of a recording: 80 s in stereo at 48 kHz and 32 bits."""
LONGEST_S = 60
RATES = (16_000, 192_000)
ENCODINGS = ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
FORMS = ("WAV", "WAVEX", "RF64")
SILENT = 10 ** (-50 / 20)
"""Peak below which nobody is heard: -50 dBFS."""
FULL = 0.999
"""A sample from here on is as loud as its encoding allows."""
CLIPPED = 0.001
"""Share of such samples from which a recording is told to be clipped."""
RATE = 48_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that was checked.

    Args:
        file: SHA-256 of the WAV as it was given.
        voice: its sound, mono, 48 kHz.
        heard: where the person is heard in it.
        clipped: more than one sample in a thousand is as loud as its encoding allows.
    """

    file: str
    voice: Blob
    heard: tuple[Span, ...]
    clipped: bool = False

    @property
    def length_ms(self) -> int:
        """From the first sound to the last."""
        return self.heard[-1].end_ms - self.heard[0].start_ms


@dataclass(frozen=True, slots=True)
class FittedLine:
    """A recording as it is heard: a mono 24-bit WAV that starts with the first sound, and where it is heard in it."""

    audio: Blob
    heard: tuple[Span, ...]


NO_RECORDINGS: Mapping[str, Recorded] = MappingProxyType({})


@step(version=1)
def take_recording(store: Store, source: Source) -> Recorded:
    """Check a WAV that came from anywhere, and keep its sound.

    Raises:
        MediaError: it is no WAV of 16, 24 or 32 bits or floating point, has more than two channels, another rate than
            16 to 192 kHz, is longer than 60 s, has samples that are no numbers, or nobody is heard in it.
    """
    import numpy as np
    import soundfile

    samples, rate = _read(source)
    if not np.isfinite(samples).all():
        raise MediaError("the recording has samples that are no numbers: export it again as a WAV of 24 bits")
    if float(np.abs(samples).max(initial=0.0)) < SILENT:
        raise MediaError("the recording is silent: choose the right microphone, and record the line again")
    voice = _mono(samples, rate)
    heard = tuple(voice_activity(voice, RATE))
    clipped = float((np.abs(samples) >= FULL).mean()) > CLIPPED
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, np.clip(voice, -1.0, 1.0), RATE, "PCM_24", format="WAV")
    return Recorded(source.sha256, draft.blob, heard, clipped)


def _read(source: Source) -> tuple[Samples, int]:
    """All samples (frames, channels) of a WAV within the limits, and its rate."""
    import soundfile

    wanted = "give a WAV of 16, 24 or 32 bits with one or two channels"
    if source.size > LARGEST:
        raise MediaError(
            f"the recording has more than {LARGEST // 1_000_000} MB: cut out the line, at most {LONGEST_S} s"
        )
    try:
        with open_plain(source.path) as file:
            data = file.read(LARGEST + 1)
        if hashlib.sha256(data).hexdigest() != source.sha256:
            raise MediaError("the recording changed while it was read: give it again")
        with soundfile.SoundFile(BytesIO(data)) as sound:
            if sound.format not in FORMS or sound.subtype not in ENCODINGS:
                raise MediaError(f"the recording is {sound.format} with {sound.subtype}: {wanted}")
            if sound.channels > 2 or not RATES[0] <= sound.samplerate <= RATES[1]:
                raise MediaError(f"the recording has {sound.channels} channels at {sound.samplerate} Hz: {wanted}")
            if sound.frames > LONGEST_S * sound.samplerate:
                seconds = sound.frames / sound.samplerate
                raise MediaError(f"the recording lasts {seconds:.0f} s: one of a line lasts {LONGEST_S} s at most")
            samples: Samples = sound.read(dtype="float32", always_2d=True)
            if len(samples) < max(1, sound.frames):
                raise MediaError("the recording ends before its header says: export it again")
            return samples, int(sound.samplerate)
    except (soundfile.LibsndfileError, OSError) as error:
        raise MediaError(f"the recording cannot be read as a WAV: {wanted}") from error


def _mono(samples: Samples, rate: int) -> Samples:
    """One channel at 48 kHz: the mean of those that hold something, since a microphone may be on one side alone."""
    import numpy as np
    import soxr

    powers = np.square(samples, dtype=np.float64).mean(axis=0)
    made = samples[:, powers > powers.max() / 1000].mean(axis=1, dtype=np.float32)
    resampled: Samples = soxr.resample(made, rate, RATE)
    return resampled


@step(version=1)
def fit_recording(store: Store, recorded: Recorded, wanted_ms: int) -> FittedLine:
    """A recording from its first sound to its last, as near to a length as it can be stretched.

    Args:
        store: keeps the result.
        recorded: the recording.
        wanted_ms: from the first sound to the last.
    """
    import numpy as np
    import soundfile

    voice, _ = soundfile.read(store.path(recorded.voice), dtype="float32")
    start, end = recorded.heard[0].start_ms, recorded.heard[-1].end_ms + TAIL_MS
    voice = voice[start * RATE // 1000 : end * RATE // 1000]
    factor = bounded_stretch(wanted_ms, recorded.length_ms)
    heard = tuple(span.shifted(-start) for span in recorded.heard)
    if abs(factor - 1) * recorded.length_ms > NEAR_MS:
        voice = stretch_to(voice, RATE, factor)
        heard = tuple(voice_activity(voice, RATE))
    voice = fade_edges(voice, RATE)
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, np.clip(voice, -1.0, 1.0), RATE, "PCM_24", format="WAV")
    return FittedLine(draft.blob, heard)


def fitted_plan(plan: Plan, slot: Slot, recorded: Recorded) -> Plan:
    """The plan of a recorded line as far as it can be kept: it overflows where the recording stays too long for it."""
    wanted = plan.phrases[-1].span.end_ms - plan.phrases[0].span.start_ms
    length = round(recorded.length_ms * bounded_stretch(wanted, recorded.length_ms))
    start = plan.phrases[0].span.start_ms
    over = start + length - slot.latest_end_ms
    pushed = plan.fit == "overflow" and over <= start - slot.phrases[0].start_ms
    if over <= 0 or pushed:
        return plan
    wish = f"{over} ms too long at {STRETCH[1]} x: record it faster, or give the line more time"
    return replace(plan, fit="overflow", reason=f"the recording is {wish}")


def recorded_take(
    store: Store, plan: Plan, text: str, grant: Grant, recorded: Recorded
) -> tuple[Take, bool, tuple[int, ...]]:
    """The take of a recorded line; like one of the engine that was not spoken anew and does not click."""
    Grant.prove(grant)
    wanted = plan.phrases[-1].span.end_ms - plan.phrases[0].span.start_ms
    fitted = fit_recording(store, recorded, wanted)
    length = fitted.heard[-1].end_ms
    stretched = abs(length - recorded.length_ms) > NEAR_MS
    take = Take(
        segment=plan.segment,
        text=text,
        audio=fitted.audio,
        duration_ms=length,
        phrases=fitted.heard,
        words=(),
        voice=grant.voice.id,
        grant=grant.id,
        natural_ms=recorded.length_ms,
        fit="overflow" if plan.fit == "overflow" else "stretched" if stretched else "exact",
        recorded=recorded.file,
    )
    return take, False, ()
