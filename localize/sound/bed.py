"""The bed (music and effects): the source with the original voice separated from it where it is dubbed.

Over 400 lines: what is taken out of the source and what is left in it are weighed by the same regions.

Outside speech the bed is the source, sample for sample. Where a dubbed line is heard in the source, the voice is taken
out: as it was found for the recogniser (`Media.voices`) where it is near the middle (`central_voice.py`), else
separated channel by channel (DeepFilterNet3, see `signal/denoise.py`). Its residue is attenuated further wherever the
voice was the louder of the two. Above the band of voices nothing is changed at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Blob, Media, Span
from ..errors import MediaError
from ..media import BLOCK, FULL_SCALE, RATE, Probe, decode, identify, probe, read_block, to_int24, write_wav
from ..runtime.device import cpu_count
from ..runtime.store import Store, package_version, step
from ..signal.denoise import CLEANER, Denoiser
from .central_voice import STEADY_FRAMES, place_voices

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

    from ..events import Run

    Samples = NDArray[np.float32]


SEPARATE, DUCK = BED_METHODS = ("separate", "duck")
HOLD_MS = 80
RAMP_MS = 200
"""The voice is taken out this long before and after it is heard, and faded over RAMP_MS: under 0.3 s together."""
DUCK_DB = -24.0
"""Without a separator the original goes down this far, so that its voice is masked by the dub."""
VOICE_OVER_DB = -15.0
"""In voice-over style the original stays to be heard under the voice that speaks over it."""
CENTRE = dict.fromkeys(
    "3.0 3.1 4.0 4.1 5.0 5.0(side) 5.1 5.1(side) 6.0 6.1 6.1(back) hexagonal 7.0 7.0(front) 7.1 7.1(wide) "
    "7.1(wide-side) octagonal 5.1.2 5.1.4 7.1.2 7.1.4".split(),
    2,
)
"""Layouts with a centre channel, which ffmpeg puts third: the dialogue is there, and nothing else is touched."""
SILENT_DB = -70.0

PIECE = 10 * RATE
"""Separated at a time, so that a long dialogue needs no more memory than a short one."""
LEAD, TAIL = 2 * RATE, RATE // 2
"""Context that the separator gets before and after a piece."""
CONTEXT = RATE // 10
"""The same for a piece whose voices are known."""
SEAM = RATE // 20
"""Two pieces are cross-faded over this much."""
WINDOW, HOP = 1024, 256
TOP_HZ = (14_000, 16_000)
"""Voices are taken out below the first, less and less up to the second, and not at all above."""
PRESS = 0.3
"""How much the voice's power counts against the bed's where its rest is pressed down; from `bench/sound.py`."""
LEAST = 0.1
"""Nothing is pressed down further than to this amplitude."""
ONE_VOICE = (0.8, 0.95)
"""Share of the voices' power that one direction must explain: under the first channels are left as they were found,
over the second they are one voice at one place, which keeps the bed's stereo as it is."""
MAX_LENGTH_DIFFERENCE_MS = 100
"""An M&E may be off by this much; more is another cut of the film."""


@dataclass(frozen=True, slots=True)
class Bed:
    """The audio under the dub, and how it was made.

    Args:
        audio: 48 kHz 24-bit, the source's channels and length.
        under: what is mixed: the same, but beside an M&E lines that stay in the original are heard too.
        voices: the source's voices in `channels`, silent where nobody is dubbed; None where none were separated.
        channels: the source's channels that carry voices.
        made: how it came about: "separated", "centre" (separated, but only there), "ducked", "voice-over" or "M&E".
    """

    audio: Blob
    under: Blob
    voices: Blob | None
    channels: tuple[int, ...]
    made: str


@dataclass(frozen=True, slots=True)
class Separation:
    """The result of voice separation: voices and the rest."""

    bed: Blob
    voices: Blob


def begin_bed(store: Store, media: Media, phrases: Sequence[Span], kept: Sequence[Span] = ()) -> None:
    """Begin to separate the voices beside other work, for a `make_bed` of the same phrases."""
    store.make_ahead(_separate, media, dubbed_regions(phrases, kept))


def _separate(store: Store, media: Media, regions: tuple[Span, ...]) -> Separation | None:
    """The voices of the regions and the rest; None without regions, or without what separates."""
    if not regions or not package_version(CLEANER):
        return None
    return separate_voice(store, media, dialogue_channels(store, media, regions), regions)


def make_bed(
    run: Run, media: Media, phrases: Sequence[Span], *, style: str = SEPARATE, kept: Sequence[Span] = ()
) -> Bed:
    """Make the bed: the studio's M&E where the media brings one, else the original with its voice separated or ducked.

    Args:
        run: store and listener.
        media: the source.
        phrases: where the original voice is to go.
        style: SEPARATE, or DUCK for voice-over.
        kept: where the source speaks and is to be heard; an M&E would be silent there.
    """
    regions = dubbed_regions(phrases, kept)
    channels = dialogue_channels(run.store, media, regions)
    made = "centre" if len(channels) < media.channels else "separated"
    parted = _separate(run.store, media, regions)
    voices = parted.voices if parted else None
    if media.effects is not None:
        under = blend_original(run.store, media, media.effects, dubbed_regions(kept, phrases))
        return Bed(media.effects, under, voices, channels, "M&E")
    if style == DUCK:
        over = duck_voice(run.store, media, channels, regions, VOICE_OVER_DB)
        return Bed(over, over, voices, channels, "voice-over")
    if parted is not None:
        return Bed(parted.bed, parted.bed, voices, channels, made)
    if not regions:
        return Bed(media.original, media.original, None, channels, made)
    run.warn(
        "bed_ducked",
        "music and effects are lowered under the dub, not separated from the voice: "
        "pip install 'localize-toolkit[offline]' to have them kept",
    )
    lowered = duck_voice(run.store, media, channels, regions, DUCK_DB)
    return Bed(lowered, lowered, None, channels, "ducked")


def dubbed_regions(phrases: Sequence[Span], spared: Sequence[Span] = ()) -> tuple[Span, ...]:
    """The regions from which the original voice is removed, ramps included: dubbed lines, and gaps between them too
    short for a ramp.

    Elsewhere it holds no voice to be hidden, so that one bed serves every target language. A region may run past the
    file's end: there is nothing to come back to.

    Args:
        phrases: where the voice goes.
        spared: what is not to be touched beside them, though it may be near.
    """
    regions: list[Span] = []
    margin = HOLD_MS + RAMP_MS
    for phrase in sorted(phrases):
        before = max((s.end_ms for s in spared if s.end_ms <= phrase.start_ms), default=0)
        after = min((s.start_ms for s in spared if s.start_ms >= phrase.end_ms), default=phrase.end_ms + margin)
        span = Span(max(0, phrase.start_ms - margin, before), min(phrase.end_ms + margin, after))
        if regions and span.start_ms <= regions[-1].end_ms:
            regions[-1] = Span(regions[-1].start_ms, max(regions[-1].end_ms, span.end_ms))
        else:
            regions.append(span)
    return tuple(regions)


@step(version=1)
def dialogue_channels(store: Store, media: Media, regions: tuple[Span, ...]) -> tuple[int, ...]:
    """The channels that carry dialogue: the centre where there is one with sound, else all."""
    import numpy as np

    centre = CENTRE.get(media.channel_layout)
    everywhere = tuple(range(media.channels))
    if centre is None:
        return everywhere
    with read_block(store, media.original) as source:
        for start, end in ((r.start_ms * RATE // 1000, r.end_ms * RATE // 1000) for r in regions):
            source.seek(min(start, source.frames))
            for block in source.blocks(BLOCK, frames=end - start, dtype="float32", always_2d=True):
                if 10 * np.log10(float((block[:, centre] ** 2).mean()) + 1e-12) > SILENT_DB:
                    return (centre,)
    return everywhere if regions else (centre,)


STATED_MS = 1000
"""How far a header's length may be from that of the sound itself."""


def check_effects(path: Path, found: Probe, film: Probe) -> None:
    """Refuse an M&E that by its header belongs to no sound of the film; its samples are counted once it is decoded.

    Args:
        path: of the M&E, for messages.
        found: what its container holds.
        film: what the film's container holds.

    Raises:
        MediaError: it has no audio, or other channels or another length than every sound of the film.
    """
    audio = [s for s in found.streams if s.kind == "audio"]
    if not audio:
        raise MediaError(f"{path} has no audio stream: --me takes music and effects", file=str(path))
    effects, sounds = audio[0], [s for s in film.streams if s.kind == "audio"]
    alike = [s for s in sounds if s.channels == effects.channels]
    if not alike:
        raise MediaError(
            f"{path} has {effects.channels} channels and the film {sounds[0].channels}: give an M&E with as many",
            file=str(path),
        )
    lengths = [s.stated_ms for s in alike]
    if effects.stated_ms and all(
        ms and abs(ms - effects.stated_ms) > MAX_LENGTH_DIFFERENCE_MS + STATED_MS for ms in lengths
    ):
        raise MediaError(
            f"{path} lasts {effects.stated_ms / 1000:.2f} s and the film's sound {lengths[0] / 1000:.2f} s: "
            "give the M&E of this cut",
            file=str(path),
        )


def music_and_effects(store: Store, media: Media, path: Path) -> Blob:
    """A studio's M&E as 48 kHz 24-bit, its samples as they are; a frame is added or cut where its length asks for it.

    Args:
        store: for what is made.
        media: the film it belongs to.
        path: the M&E.

    Raises:
        MediaError: it has other channels than the source, or another length.
    """
    found = probe(path)
    audio = [s for s in found.streams if s.kind == "audio"]
    if not audio:
        raise MediaError(f"{path} has no audio stream: --me takes music and effects", file=str(path))
    decoded = decode(store, identify(path), audio[0].index, clean=False)
    if decoded.channels != media.channels:
        raise MediaError(
            f"{path} has {decoded.channels} channels and the film {media.channels}: give an M&E with as many",
            file=str(path),
        )
    if abs(decoded.samples - media.samples) > MAX_LENGTH_DIFFERENCE_MS * RATE // 1000:
        raise MediaError(
            f"{path} lasts {decoded.samples / RATE:.2f} s and the film's sound {media.samples / RATE:.2f} s: "
            "give the M&E of this cut",
            file=str(path),
        )
    return decoded.original if decoded.samples == media.samples else _fit_length(store, decoded.original, media)


@step(version=1)
def _fit_length(store: Store, audio: Blob, media: Media) -> Blob:
    """Audio cut or filled with silence to the source's length."""
    import numpy as np

    with (
        read_block(store, audio) as source,
        store.writing(".wav") as draft,
        write_wav(draft.path, media.channels, media.samples) as out,
    ):
        for block in source.blocks(BLOCK, frames=media.samples, dtype="int32", always_2d=True):
            out.write(block)
        out.write(np.zeros((max(0, media.samples - source.frames), media.channels), np.int32))
    return draft.blob


@step(version=1)
def blend_original(store: Store, media: Media, effects: Blob, kept: tuple[Span, ...]) -> Blob:
    """An M&E that gives way to the original in `kept`."""
    if not kept:
        return effects
    with (
        read_block(store, effects) as under,
        read_block(store, media.original) as source,
        store.writing(".wav") as draft,
        write_wav(draft.path, media.channels, media.samples) as out,
    ):
        for start in range(0, media.samples, BLOCK):
            block = under.read(BLOCK, dtype="int32", always_2d=True)
            original = source.read(BLOCK, dtype="int32", always_2d=True)
            share = region_weights(kept, start, start + len(block))[:, None]
            out.write(to_int24((block * (1 - share) + original * share) / FULL_SCALE))
    return draft.blob


@step(version=1)
def duck_voice(store: Store, media: Media, channels: tuple[int, ...], regions: tuple[Span, ...], by_db: float) -> Blob:
    """Duck the original: its dialogue channels lowered by `by_db` in `regions`; samples elsewhere unchanged."""
    with (
        read_block(store, media.original) as source,
        store.writing(".wav") as draft,
        write_wav(draft.path, media.channels, media.samples) as out,
    ):
        for start in range(0, media.samples, BLOCK):
            block = source.read(BLOCK, dtype="int32", always_2d=True)
            gain = 10 ** (by_db * region_weights(regions, start, start + len(block)) / 20)
            for channel in channels:
                block[:, channel] = to_int24(block[:, channel] / FULL_SCALE * gain)
            out.write(block)
    return draft.blob


@step(version=3, uses=(CLEANER,))
def separate_voice(store: Store, media: Media, channels: tuple[int, ...], regions: tuple[Span, ...]) -> Separation:
    """Separate voices from everything else in `regions`.

    Args:
        store: for what is made.
        media: the source.
        channels: those with voices; others are copied.
        regions: where; elsewhere the bed is the source's own samples, and the voices are silent.
    """
    import numpy as np

    found = media.voices if len(channels) == media.channels else None
    with (
        read_block(store, media.original) as source,
        read_block(store, found) if found else nullcontext() as known,
        store.writing(".wav") as bed,
        store.writing(".wav") as voices,
        write_wav(bed.path, media.channels, media.samples) as bed_out,
        write_wav(voices.path, len(channels), media.samples) as voices_out,
    ):
        written = 0
        for start, taken in _pieces(source, known, channels, regions):
            while written < start:
                source.seek(written)
                block = source.read(min(BLOCK, start - written), dtype="int32", always_2d=True)
                bed_out.write(block)
                voices_out.write(np.zeros((len(block), len(channels)), np.int32))
                written += len(block)
            source.seek(start)
            block = source.read(len(taken), dtype="int32", always_2d=True)
            bed_out.write(_subtract_voice(block, taken, channels))
            voices_out.write(to_int24(taken.voice))
            written += len(block)
        source.seek(written)
        for block in source.blocks(BLOCK, dtype="int32", always_2d=True):
            bed_out.write(block)
            voices_out.write(np.zeros((len(block), len(channels)), np.int32))
    return Separation(bed.blob, voices.blob)


@dataclass(frozen=True, slots=True)
class _SeparatedPiece:
    """What separation found in one piece: voices, the bed, and how far it counts against the source, shape (n, c)."""

    voice: Samples
    bed: Samples
    weight: Samples

    def __len__(self) -> int:
        return len(self.voice)


def _subtract_voice(block: NDArray[np.int32], taken: _SeparatedPiece, channels: Sequence[int]) -> NDArray[np.int32]:
    """A block with its voices taken out, faded in and out; where nothing counts its own numbers stay."""
    import numpy as np

    for i, channel in enumerate(channels):
        own = block[:, channel] / FULL_SCALE
        mixed = to_int24(own + taken.weight * (taken.bed[:, i] - own))
        block[:, channel] = np.where(taken.weight > 0, mixed, block[:, channel])
    return block


def _pieces(
    source: soundfile.SoundFile,
    known: soundfile.SoundFile | None,
    channels: Sequence[int],
    regions: Sequence[Span],
) -> Iterator[tuple[int, _SeparatedPiece]]:
    """Every region in pieces, in order, each with its first sample; as many at work as there are cores. Regions nearer
    to each other than the separator's lead are separated in one go, and what lies between them counts for nothing.
    """
    import numpy as np

    def read(file: soundfile.SoundFile, a: int, b: int) -> Samples:
        start, end = max(0, a - LEAD), min(file.frames, b + TAIL)
        file.seek(start)
        samples = file.read(end - start, dtype="float32", always_2d=True)
        # Beyond the file there is silence; the separator needs its lead all the same.
        return np.pad(samples, ((LEAD - (a - start), TAIL - (end - b)), (0, 0)))

    def spans() -> Iterator[tuple[Span, int, int]]:
        for stretch in stretches(regions):
            first, last = _sample_range(stretch, 0, source.frames)
            for a in range(first, last, PIECE):
                yield stretch, a, min(a + PIECE, last)

    with ThreadPoolExecutor(cpu_count()) as pool:
        waiting: deque[tuple[Span, int, int, Future[tuple[Samples, Samples]]]] = deque()
        tail: tuple[Samples, Samples] | None = None
        todo = spans()
        while True:
            while len(waiting) < cpu_count() and (span := next(todo, None)):
                stretch, a, b = span
                mixed = read(source, a, b + SEAM)[:, list(channels)]
                voices = read(known, a, b + SEAM) if known is not None else None
                waiting.append((stretch, a, b, pool.submit(_separate_piece, mixed, voices, b - a + SEAM)))
            if not waiting:
                return
            stretch, a, b, work = waiting.popleft()
            voice, bed = work.result()
            if tail is not None:
                rise = np.linspace(0, 1, SEAM, dtype=np.float32)[:, None]
                for found, before in ((voice, tail[0]), (bed, tail[1])):
                    n = min(SEAM, b - a)
                    found[:n] = before[:n] + rise[:n] * (found[:n] - before[:n])
            ends = b == _sample_range(stretch, 0, source.frames)[1]
            tail = None if ends else (voice[b - a :], bed[b - a :])
            weight = region_weights(regions, a, b).astype(np.float32)
            yield a, _SeparatedPiece(voice[: b - a] * weight[:, None], bed[: b - a], weight)


def stretches(regions: Sequence[Span]) -> tuple[Span, ...]:
    """Regions, in order, put together where what the separator hears before and after each would overlap."""
    found: list[Span] = []
    for region in regions:
        if found and (region.start_ms - found[-1].end_ms) * RATE // 1000 < LEAD + TAIL:
            found[-1] = Span(found[-1].start_ms, region.end_ms)
        else:
            found.append(region)
    return tuple(found)


def region_weights(regions: Sequence[Span], start: int, end: int) -> NDArray[np.float64]:
    """The weight of each sample of [start, end) in any of the regions, 0 to 1."""
    import numpy as np

    found = np.zeros(end - start)
    for region in regions:
        a, b = _sample_range(region, start, end)
        if a < b:
            found[a - start : b - start] = _ramp(region, a, b)
    return found


def _sample_range(region: Span, start: int, end: int) -> tuple[int, int]:
    """A region in samples, as far as it lies in [start, end)."""
    return max(region.start_ms * RATE // 1000, start), min(region.end_ms * RATE // 1000, end)


def _ramp(region: Span, a: int, b: int) -> NDArray[np.float64]:
    """How far each sample of [a, b) is inside a region: 0 at its edges, 1 after its ramps."""
    import numpy as np

    first, last = region.start_ms * RATE // 1000, region.end_ms * RATE // 1000
    at = np.arange(a, b)
    ramp = RAMP_MS * RATE / 1000
    # At the very start of a file there is nothing to come from.
    rise = np.minimum((at - first) / ramp, 1.0) if first > 0 else np.ones(len(at))
    inside: NDArray[np.float64] = np.minimum(rise, np.clip((last - at) / ramp, 0.0, 1.0))
    return inside


def _separate_piece(mixed: Samples, known: Samples | None, length: int) -> tuple[Samples, Samples]:
    """Voices and bed of one piece.

    Args:
        mixed: the piece with LEAD samples before and TAIL after it, shape (n, channels).
        known: the voices in the channels' mean, shape (n, 1); None where nobody looked for them.
        length: of the piece in samples.

    Returns:
        voices and bed, shape (length, channels) each.
    """
    import numpy as np

    same = all(np.array_equal(mixed[:, 0], mixed[:, c]) for c in range(1, mixed.shape[1]))
    tracks = mixed[:, :1] if same else mixed
    parts = None if known is None else _part_known(tracks, known, length)
    if parts is None:
        heard = np.stack([Denoiser().process(np.ascontiguousarray(t), last=True) for t in tracks.T])
        parts = _part(_spectra(tracks), _as_point_source(_spectra(heard.T)), LEAD, length)
    voice, bed = (np.repeat(x, mixed.shape[1], axis=1) if same else x for x in parts)
    return voice, bed


def _part_known(mixed: Samples, known: Samples, length: int) -> tuple[Samples, Samples] | None:
    """Voices and bed where the voices in the channels' mean tell those of every channel; None where they do not."""
    import numpy as np

    near = slice(LEAD - CONTEXT, LEAD + length + CONTEXT)
    both, voice = _spectra(mixed[near]), _spectra(known[near])
    voices = place_voices(both, voice[0], np.fft.rfftfreq(WINDOW, 1 / RATE))
    return None if voices is None else _part(both, voices, CONTEXT, length)


FORM = {"fs": RATE, "nperseg": WINDOW, "noverlap": WINDOW - HOP}


def _spectra(samples: Samples) -> NDArray[np.complexfloating]:
    """Short-time spectra, shape (channels, bins, frames), of samples, shape (n, channels)."""
    from scipy import signal

    found: NDArray[np.complexfloating] = signal.stft(samples.T, **FORM)[2]
    return found


def _part(
    both: NDArray[np.complexfloating], voices: NDArray[np.complexfloating], lead: int, length: int
) -> tuple[Samples, Samples]:
    """Voices and bed, shape (length, channels) each, of spectra that begin `lead` samples earlier."""
    import numpy as np
    from scipy import signal

    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    low, high = TOP_HZ
    voice = voices * np.clip((high - hertz) / (high - low), 0, 1).astype(np.float32)[:, None]
    bed = both - voice
    # One gain for all channels: gains of their own would take the bed's stereo apart.
    power, rest = (np.sum(np.abs(x) ** 2, axis=0) for x in (voice, bed))
    bed *= np.maximum(LEAST, np.sqrt((rest + 1e-12) / (rest + PRESS * power + 1e-12)))
    found = (signal.istft(x, **FORM)[1][:, lead : lead + length].T.astype(np.float32) for x in (voice, bed))
    return next(found), next(found)


def _as_point_source(voices: NDArray[np.complexfloating]) -> NDArray[np.complexfloating]:
    """Voices found channel by channel, shape (channels, bins, frames), as one voice in one place where they are one.

    What all channels share then leaves each of them alike, and what differs between them, the width, stays.
    """
    import numpy as np
    from scipy import ndimage

    if len(voices) == 1:
        return voices
    shared = np.einsum("cbf,dbf->fcd", voices, voices.conj()).real
    shared = ndimage.uniform_filter1d(shared, STEADY_FRAMES, axis=0)
    values, vectors = np.linalg.eigh(shared)
    place = vectors[:, :, -1].astype(np.float32)  # frames x channels
    explained = values[:, -1] / (values.sum(axis=1) + 1e-12)
    low, high = ONE_VOICE
    one = np.clip((explained - low) / (high - low), 0, 1).astype(np.float32)
    along = np.einsum("fc,cbf->bf", place, voices)
    together = np.einsum("fc,bf->cbf", place, along)
    placed: NDArray[np.complexfloating] = voices + one * (together - voices)
    return placed
