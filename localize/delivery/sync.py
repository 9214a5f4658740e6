"""Measure whether two sounds are in step, on the files as players present them: timestamps and edit lists applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..consent import Home
from ..data import Blob, Span
from ..errors import UsageError
from ..isochrony.placement import ON_TIME_MS
from ..media import RATE, SPEECH_RATE, Packets, Probe, Track, decode_on_clock, packets_of, probe, read_block, track_of
from ..runtime.files import draft_owner
from ..runtime.records import to_json
from ..runtime.store import Store, step
from ..signal.activity import frames_of_spans
from ..transcription.transcribe import detect_speech_spans, spans_on_signal

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

GRID_MS = 10
FARTHEST_MS = 2000
"""Lags are looked for this far to both sides."""
NEAR_MS = 1500
"""A stretch of speech with none this near in the other sound has no counterpart."""
PLACE_MS, CLEAR_MS, MOST_PLACES = 500, 320, 240
"""Music and effects are compared in places of this length, so far from speech that the bed is the original there."""
SAME = 0.5
"""Correlation from which two sounds are taken for the same."""
AUDIBLE = 1e-6
"""Mean square of a sound that is loud enough to be compared: -60 dBFS."""


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
        bed_lag_ms: by which the first is late as a whole, from music and effects that both hold; None without any.
        bed_farthest_ms: the same where it is farthest from 0: after a hole in one of the two, say.
        bed_places: of half a second, in which that was measured.
    """

    measured: str
    against: str
    lag_ms: int | None
    overlap: float | None
    on_time: float | None
    stretches: int
    missing: tuple[tuple[int, int], ...]
    added: tuple[tuple[int, int], ...]
    bed_lag_ms: float | None = None
    bed_farthest_ms: float | None = None
    bed_places: int = 0

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
    home = Home.open()
    store = Store.open(home.folder)
    store.set_hmac_key(home.store_secret)  # as every run: results without the home's seal are no result to a dub
    places = ((file, tracks[0]), (other or file, tracks[1] if other is None else 0))
    known = {path: probe(path) for path, _ in places}
    chosen = [_audio_track(path, known[path], number) for path, number in places]
    named = [name for _, name in chosen]
    sounds = [presented_sound(store, path, stream) for (path, _), (stream, _) in zip(places, chosen)]
    heard = [spans_on_signal(store, sound, detect_speech_spans(store, sound)) for sound in sounds]
    lag, farthest, count = shared_lag(store, sounds[0], sounds[1], (*heard[0], *heard[1]))
    found = compare_speech(named[0], heard[0], named[1], heard[1])
    return replace(found, bed_lag_ms=lag, bed_farthest_ms=farthest, bed_places=count)


def _audio_track(path: Path, found: Probe, number: int) -> tuple[int, str]:
    sounds = [s for s in found.streams if s.kind == "audio"]
    if not 0 <= number < len(sounds):
        raise UsageError(
            f"{path} has {len(sounds)} audio tracks, numbered from 0, and no {number}: name two with --tracks, or give "
            "another file to compare it with"
        )
    stream = sounds[number]
    return stream.index, f"{path.name}, audio {number}" + (f" ({stream.language})" if stream.language else "")


def presented_sound(store: Store, path: Path, index: int) -> Blob:
    """An audio stream as 16 kHz mono on the clock of the file: holes are silent, what starts later starts later.

    Remembered by the stream's packets and their times, since a delivered film's hash is another after every signature.

    Raises:
        MediaError: it cannot be decoded, or holds no sound.
    """
    return present(store, track_of(path, index))


@step(version=1)
def present(store: Store, track: Track) -> Blob:
    """A stream as 16 kHz mono on the clock of its file; of AAC, piece by piece, only what was not decoded before."""
    path = Path(track.path)
    with (
        store.writing(".wav") as draft,
        TemporaryDirectory(prefix=f"{draft_owner()}-", dir=draft.path.parent) as folder,
    ):
        sound = Path(folder) / "sound.wav"
        if pieces := packets_of(path, track.index):
            start_ms = pieces[0].start * 1000 / RATE
            _write_pieces(store, present_pieces(store, pieces), sound)
        else:
            start_ms = decode_on_clock(path, track.index, sound, rate=SPEECH_RATE, mono=True)[0].start_ms
        _write_from_zero(sound, draft.path, start_ms)
    return draft.blob


@step(version=1, each="pieces")
def present_pieces(store: Store, pieces: Sequence[Packets]) -> tuple[Blob, ...]:
    """Pieces of an AAC stream as 16 kHz mono, arrays in files."""
    import numpy as np
    import soxr

    found = []
    for piece in pieces:
        mono = soxr.resample(piece.decode().mean(axis=1), RATE, SPEECH_RATE)
        first, count = (n * SPEECH_RATE // RATE for n in (piece.lead, piece.end - piece.start))
        with store.writing(".npy") as draft:
            np.save(draft.path, mono[first : first + count].astype(np.float32))
        found.append(draft.blob)
    return tuple(found)


def _write_pieces(store: Store, pieces: Sequence[Blob], target: Path) -> None:
    import numpy as np
    import soundfile

    with soundfile.SoundFile(target, "w", SPEECH_RATE, 1, "FLOAT", format="WAV") as out:
        for piece in pieces:
            out.write(np.load(store.path(piece), allow_pickle=False))


def _write_from_zero(sound: Path, target: Path, start_ms: float) -> None:
    """Copy a sound to 16 bits so that it begins with the clock, `start_ms` before its first sample."""
    import numpy as np
    import soundfile

    with (
        soundfile.SoundFile(sound) as source,
        soundfile.SoundFile(target, "w", SPEECH_RATE, 1, "PCM_16", format="WAV") as out,
    ):
        out.write(np.zeros(round(max(0, start_ms) * SPEECH_RATE / 1000), np.int16))
        source.seek(min(source.frames, round(max(0, -start_ms) * SPEECH_RATE / 1000)))
        while len(block := source.read(60 * SPEECH_RATE, dtype="float32")):
            out.write(block)


def shared_lag(
    store: Store, measured: Blob, against: Blob, speech: Sequence[Span]
) -> tuple[float | None, float | None, int]:
    """How late a sound is where both hold the same: music and effects, which a dub leaves as they are.

    Args:
        store: holds the two, as `presented_sound` made them.
        measured: the one that may be late.
        against: the other.
        speech: stretches of either in which somebody speaks, which are left out.

    Returns:
        its lag in ms as a whole (the median of all places), the lag farthest from 0, and how many places of a second
        hold enough of the same sound to tell; None where none does.
    """
    import numpy as np

    lags = []
    for start in _quiet_places(store, against, speech):
        lag = lag_of_excerpt(_samples(store, against, start, PLACE_MS), store, measured, start)
        lags += [] if lag is None else [lag]
    if not lags:
        return None, None, 0
    return round(float(np.median(lags)), 1) + 0.0, round(float(max(lags, key=abs)), 1) + 0.0, len(lags)


def _quiet_places(store: Store, sound: Blob, speech: Sequence[Span]) -> list[int]:
    """Starts in ms of up to `MOST_PLACES` places, spread over a sound, in and around which nobody speaks."""
    busy = [Span(s.start_ms - CLEAR_MS, s.end_ms + CLEAR_MS) for s in speech]
    with read_block(store, sound) as file:
        length_ms = file.frames * 1000 // file.samplerate
    starts = range(0, length_ms - PLACE_MS + 1, PLACE_MS)
    free = [s for s in starts if not any(Span(s, s + PLACE_MS).overlap_ms(span) for span in busy)]
    return free[:: -(-len(free) // MOST_PLACES) or 1]


def lag_of_excerpt(excerpt: NDArray[np.float32], store: Store, sound: Blob, at_ms: int) -> float | None:
    """How much later than `at_ms` an excerpt is heard in a sound, in ms; None where it is too quiet, or not there.

    Args:
        excerpt: 16 kHz mono.
        store: holds the sound.
        sound: 16 kHz mono.
        at_ms: when the excerpt should be heard.
    """
    import numpy as np

    power = float((excerpt.astype(np.float64) ** 2).sum())
    if power < AUDIBLE * max(1, len(excerpt)):
        return None
    first = at_ms - FARTHEST_MS
    found = _samples(store, sound, first, FARTHEST_MS * 2 + len(excerpt) * 1000 // SPEECH_RATE)
    size = 1 << (len(found) + len(excerpt)).bit_length()
    spectrum = np.fft.rfft(found, size) * np.fft.rfft(excerpt, size).conj()
    fits = np.fft.irfft(spectrum, size)[: len(found) - len(excerpt) + 1]
    energy = np.concatenate([[0.0], np.cumsum(found.astype(np.float64) ** 2)])
    fits = fits / np.sqrt(np.maximum(energy[len(excerpt) :] - energy[: len(fits)], power / 100) * power)
    if float(fits.max(initial=0.0)) < SAME:
        return None
    middle = FARTHEST_MS * SPEECH_RATE // 1000
    alike = np.flatnonzero(fits >= 0.98 * fits.max())  # a steady tone fits at every period: the nearest counts
    nearest = int(alike[np.abs(alike - middle).argmin()])
    peak = nearest + int(np.argmax(fits[nearest : nearest + SPEECH_RATE // 1000]))
    return (peak - middle) * 1000 / SPEECH_RATE


def _samples(store: Store, sound: Blob, start_ms: int, length_ms: int) -> NDArray[np.float32]:
    """A part of a 16 kHz sound; silence where it lies outside."""
    with read_block(store, sound) as file:
        return read_part(file, start_ms, length_ms)


def read_part(file: soundfile.SoundFile, start_ms: int, length_ms: int) -> NDArray[np.float32]:
    """A part of an open 16 kHz sound; silence where it lies outside."""
    import numpy as np

    wanted, first = length_ms * SPEECH_RATE // 1000, start_ms * SPEECH_RATE // 1000
    file.seek(min(file.frames, max(0, first)))
    part = file.read(max(0, wanted + min(0, first)), dtype="float32")
    before = min(wanted, max(0, -first))
    return np.pad(part, (before, max(0, wanted - before - len(part))))


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
