"""Measure whether two sounds are in step, on the files as players present them: timestamps and edit lists applied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Blob, Source, Span
from ..errors import MediaError, UsageError
from ..isochrony.placement import ON_TIME_MS
from ..media import SPEECH_RATE, Probe, identify, probe, run_ffmpeg, url
from ..runtime.records import to_json
from ..runtime.store import Store, step
from ..signal.activity import frames_of_spans
from ..transcription.transcribe import detect_speech_spans, spans_on_signal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRID_MS = 10
FARTHEST_MS = 2000
"""Lags are looked for this far to both sides."""
NEAR_MS = 1500
"""A stretch of speech with none this near in the other sound has no counterpart."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """How two sounds lie beside one another.

    Args:
        measured: which sound was compared, as "film.es.mp4, audio 0 (es)".
        against: with which.
        lag_ms: by which the first is late as a whole, from speech activity; None where one holds no speech.
        overlap: of the time in which anybody speaks in either, the share in which somebody does in both.
        on_time: percent of stretches of the second that start within `ON_TIME_MS` in the first; None where it has none.
        stretches: of speech in the second sound.
        missing: (start, end) in ms of those without speech near them in the first.
        added: the same of the first, without speech near them in the second.
    """

    measured: str
    against: str
    lag_ms: int | None
    overlap: float | None
    on_time: float | None
    stretches: int
    missing: tuple[tuple[int, int], ...]
    added: tuple[tuple[int, int], ...]

    def json(self) -> dict[str, Any]:
        """What `localize sync --json` prints."""
        return {"schema": 1, **to_json(self)}


def measure_sync(file: Path, other: Path | None = None, tracks: tuple[int, int] = (0, 1)) -> SyncReport:
    """Compare two audio tracks of a file, or the first of one with the first of another.

    Args:
        file: what is measured: a dubbed film has the dub first and the original second.
        other: with what it is compared; None for another track of the same file.
        tracks: numbers of the two tracks among the audio tracks, from 0.

    Raises:
        MediaError: a file cannot be read.
        UsageError: there is no such track.
        EngineMissing: what finds speech is not installed.
    """
    store = Store.open()
    places = ((file, tracks[0]), (other or file, tracks[1] if other is None else 0))
    known = {path: (probe(path), identify(path)) for path, _ in places}
    heard, named = [], []
    for path, number in places:
        found, source = known[path]
        stream, name = _audio_track(path, found, number)
        sound = presented_sound(store, source, stream)
        heard.append(spans_on_signal(store, sound, detect_speech_spans(store, sound)))
        named.append(name)
    return compare_speech(named[0], heard[0], named[1], heard[1])


def _audio_track(path: Path, found: Probe, number: int) -> tuple[int, str]:
    sounds = [s for s in found.streams if s.kind == "audio"]
    if not 0 <= number < len(sounds):
        raise UsageError(f"{path} has {len(sounds)} audio tracks, numbered from 0: there is no {number}")
    stream = sounds[number]
    return stream.index, f"{path.name}, audio {number}" + (f" ({stream.language})" if stream.language else "")


@step(version=1)
def presented_sound(store: Store, source: Source, index: int) -> Blob:
    """An audio stream as 16 kHz mono on the clock of the file: holes are silent, what starts later starts later.

    Raises:
        MediaError: it cannot be decoded, or holds no sound.
    """
    path = Path(source.path)
    with store.writing(".wav") as draft:
        run_ffmpeg(
            ["-v", "error", "-i", url(path), "-map", f"0:{index}", "-af", "aresample=async=1:first_pts=0", "-ac", "1",
             "-ar", str(SPEECH_RATE), "-c:a", "pcm_s16le", "-map_metadata", "-1", "-bitexact", "-f", "wav",
             url(draft.path)],
            str(path),
        )  # fmt: skip
        if draft.path.stat().st_size <= 44:
            raise MediaError(f"{path}: its audio stream {index} holds no sound at all", file=str(path), stream=index)
    return draft.blob


def compare_speech(measured: str, heard: tuple[Span, ...], against: str, wanted: tuple[Span, ...]) -> SyncReport:
    """The figures of two lists of speech spans on one clock."""
    total = max([0, *(s.end_ms for s in (*heard, *wanted))]) // GRID_MS + 1
    one, two = (frames_of_spans(spans, GRID_MS, total) for spans in (heard, wanted))
    either = int((one | two).sum())
    starts = [min((abs(h.start_ms - w.start_ms) for h in heard), default=NEAR_MS) for w in wanted]
    return SyncReport(
        measured=measured,
        against=against,
        lag_ms=_lag_ms(one, two) if heard and wanted else None,
        overlap=round(float((one & two).sum()) / either, 4) if either else None,
        on_time=round(100 * sum(s <= ON_TIME_MS for s in starts) / len(starts), 1) if starts else None,
        stretches=len(wanted),
        missing=_alone(wanted, heard),
        added=_alone(heard, wanted),
    )


def _lag_ms(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> int:
    """The shift of `one` at which most speech falls on speech; the smallest of several."""
    import numpy as np

    most = FARTHEST_MS // GRID_MS
    padded = np.pad(one.astype(np.int32), most)
    wanted = two.astype(np.int32)
    shifts = sorted(range(-most, most + 1), key=abs)
    fits = [int(padded[most + s : most + s + len(wanted)] @ wanted) for s in shifts]
    return shifts[int(np.argmax(fits))] * GRID_MS


def _alone(spans: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (s.start_ms, s.end_ms)
        for s in spans
        if not any(o.start_ms - NEAR_MS < s.end_ms and s.start_ms < o.end_ms + NEAR_MS for o in others)
    )
