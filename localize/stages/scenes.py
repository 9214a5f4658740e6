"""What subtitles must know of a film besides its words: where the picture cuts, what is heard where nobody speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Blob, Media, Source, Span, Transcript, Word
from ..errors import EngineMissing, MediaError
from ..events import Run
from ..media import reading
from ..store import Store, step
from ..subtitles import shots
from . import listen
from .transcribe import detector, speech_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAUSE_MS = 2_000
"""Shorter pauses leave no time to read what sounds in them."""
FADE_MS = 400
"""No word's end is heard longer than this after its recognised one."""
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


@dataclass(frozen=True, slots=True)
class Sound:
    """Something heard where nobody speaks: "music" or "silence"."""

    span: Span
    kind: str


def cuts_of(run: Run, media: Media) -> tuple[int, ...] | None:
    """When the picture cuts, in ms on its own clock; None, and a warning, where they cannot be found."""
    try:
        return cuts_in(run, media)
    except (EngineMissing, MediaError) as error:
        run.warn("cuts_unknown", f"subtitles may cross cuts: {error.message}")
        return None


def cuts_in(run: Run, media: Media) -> tuple[int, ...]:
    """When the picture cuts, in ms on its own clock; nothing where there is none.

    Raises:
        EngineMissing: what finds cuts is not installed.
        MediaError: the picture cannot be decoded.
    """
    if not media.has_picture:
        return ()
    try:
        detector = f"scenedetect {version('scenedetect')}"
    except PackageNotFoundError as error:
        hint = "pip install 'localize-toolkit[subtitles]'"
        raise EngineMissing(f"finding a film's cuts needs scenedetect: {hint}") from error
    return cuts(run.store, media.source, detector)


@step(version=1)
def cuts(store: Store, source: Source, detector: str) -> tuple[int, ...]:
    """When a film's picture cuts. `detector` names the package and version that says so."""
    return shots.shots(Path(source.path))


def voices(run: Run, media: Media) -> tuple[Span, ...]:
    """Where a voice is heard, on the audio's clock, without a word recognised.

    Raises:
        EngineMissing: what finds speech is not installed.
    """
    spans = speech_spans(run.store, media.speech, detector())
    return phrases(run.store, media.speech, spans)


def audible(transcript: Transcript, heard: Sequence[Span]) -> Transcript:
    """The same words, each line's last one ending where the voice ends: recognisers drop what fades (a final "s"), and
    a cue that follows them goes too soon.

    Args:
        transcript: what is said, on the audio's clock.
        heard: where a voice is heard, on the same clock.
    """
    segments = list(transcript.segments)
    for index, segment in enumerate(segments):
        following = min((s.span.start_ms for s in segments if s.span.start_ms > segment.span.start_ms), default=1 << 60)
        ends = segment.span.end_ms
        last = next((p.end_ms for p in heard if p.start_ms < ends <= p.end_ms <= ends + FADE_MS), ends)
        if ends < last < following:
            # The line's own span stays what the dub was laid on.
            segments[index] = replace(
                segment,
                words=(*segment.words[:-1], *(_until(word, last) for word in segment.words[-1:])),
                phrases=(*segment.phrases[:-1], *(Span(p.start_ms, last) for p in segment.phrases[-1:])),
            )
    return replace(transcript, segments=tuple(segments))


def _until(word: Word, end_ms: int) -> Word:
    return replace(word, span=Span(word.span.start_ms, end_ms))


@step(version=1)
def phrases(store: Store, speech: Blob, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The stretches a detector found, their edges and pauses read off the signal."""
    heard = listen.levels(str(store.path(speech)))
    found: list[Span] = []
    for i, span in enumerate(spans):
        before = found[-1].end_ms if found else 0
        after = spans[i + 1].start_ms if i + 1 < len(spans) else len(heard) * listen.HOP_MS
        _, parts = listen.refined(heard, (Word("", span),), Span(min(before, span.start_ms), max(after, span.end_ms)))
        found += [p for p in parts if not found or p.start_ms >= found[-1].end_ms]
    return tuple(found)


@step(version=1)
def sounds(store: Store, original: Blob, speech: tuple[Span, ...], end_ms: int) -> tuple[Sound, ...]:
    """Music and silence in the pauses of speech, from the signal alone.

    Args:
        store: holds the track.
        original: the source's own sound.
        speech: where somebody speaks.
        end_ms: length of the track.
    """
    pauses = pauses_of(speech, end_ms)
    if not pauses:
        return ()
    found: list[Sound] = []
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
                found.append(Sound(pause, kind))
    return tuple(found)


def pauses_of(speech: Sequence[Span], end_ms: int) -> tuple[Span, ...]:
    """Stretches of two seconds and more in which nobody speaks, at most half a minute of each."""
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
    return "music" if level > HEARD_DB and _plays(samples) else ""


def _plays(samples: NDArray[np.float32]) -> bool:
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
