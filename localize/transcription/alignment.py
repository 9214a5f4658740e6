"""Refine word times on the signal: move words to where a voice is heard, and find the phrases they form.

Recognised word times are off by 100–500 ms after silences. Here they only say *which* sounds belong to a line; where
the line begins, pauses and ends is read off the signal: frame levels in the speech band against a noise floor that
follows the recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..data import Span, Word
from ..signal.activity import close_gaps, spans_of_frames

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Levels = NDArray[np.float32]


HOP_MS = 10
PAUSE_MS = 200
"""A pause this long parts two phrases (DESIGN: phrases)."""
BLOCK_MS = 60_000
BANDS_HZ = ((80, 2500), (2500, 7900))
"""Vowels and hisses are looked for apart: a soft final "s" is far above the noise of its own band, and under the rumble
of the other."""
FLOOR_DB = -80.0
ABOVE_FLOOR_DB = (8.0, 10.0)
UNDER_PEAK_DB = (35.0, 20.0)
"""Voices are tracked this far under their loudest sounds in each band, and never nearer to its noise than the above."""
REACH_MS = 350
"""How far the first and last sound may lie from the recognised words."""
VOICED_REACH_MS = 1000
"""The same where the speech detector finds a voice all the way: words drawn out are written down too short."""
BETWEEN_BANDS_DB = 20.0
"""Hisses are taken to be no further under the vowels than this."""
WEAK_DB = (20.0, 14.0)
"""A sound this far under the loudest of its band is weak."""
BREATH_MS = 150
"""A weak sound at the edge of a line, outside its words, and longer than this is a breath or an echo."""
BESIDE_MS = 150
"""A sound this near to one that belongs to the words belongs to them too: "d" keeps the "z" of "words" that far off."""
BLIP_MS = 60
"""Shorter sounds that touch no word are clicks."""


def detect_speech(path: str) -> tuple[Span, ...]:
    """Voice activity by the Silero detector in a 16 kHz mono file of any length."""
    import soundfile

    from ..engines.whisper_guards import speech_spans

    spans: list[Span] = []
    with soundfile.SoundFile(path) as file:
        per_ms = file.samplerate // 1000
        at = 0
        while len(samples := file.read(BLOCK_MS * per_ms, dtype="float32")):
            for found in speech_spans(samples):
                span = found.shifted(at)
                if spans and span.start_ms - spans[-1].end_ms < HOP_MS:  # one stretch, cut by the block
                    span = Span(spans.pop().start_ms, span.end_ms)
                spans.append(span)
            at += BLOCK_MS
    return tuple(spans)


def band_levels(path: str) -> Levels:
    """Level of each 10 ms of a 16 kHz track in each of `BANDS_HZ`, in dBFS; shape (frames, bands)."""
    import numpy as np
    import soundfile
    from scipy.signal import butter, sosfilt

    filters = [butter(2, band, "bandpass", fs=16_000, output="sos") for band in BANDS_HZ]
    states = [np.zeros((sections.shape[0], 2)) for sections in filters]
    parts = []
    with soundfile.SoundFile(path) as file:
        hop = file.samplerate * HOP_MS // 1000
        while len(samples := file.read(6000 * hop, dtype="float32")):
            energies = []
            for n, sections in enumerate(filters):
                filtered, states[n] = sosfilt(sections, samples, zi=states[n])
                filtered = np.pad(filtered, (0, -len(filtered) % hop))
                energies.append(np.sqrt((filtered.reshape(-1, hop) ** 2).mean(axis=1)))
            parts.append(np.stack(energies, axis=1))
    energy = np.concatenate(parts) if parts else np.zeros((0, len(BANDS_HZ)))
    return (20 * np.log10(energy + 1e-7)).astype(np.float32)


def refine_alignment(
    heard: Levels, words: Sequence[Word], room: Span, voiced: Sequence[Span] = ()
) -> tuple[tuple[Word, ...], tuple[Span, ...]]:
    """Word times moved to the sounds of the signal, and the phrases the words form.

    Args:
        heard: `levels` of the track.
        words: the recogniser's words of one line, in order; at least one.
        room: what the line may take, its neighbours' sounds kept out.
        voiced: where the detector finds speech, in order of time.

    Returns:
        the words, and where the line is heard, parted at pauses of 200 ms or more; the words' own span where the signal
        says nothing.
    """
    sounds = _sounds_near(heard, words, _window(words, room, voiced))
    if not sounds:
        return tuple(words), (Span(words[0].span.start_ms, words[-1].span.end_ms),)
    return _move_words(words, sounds), tuple(close_gaps(sounds, PAUSE_MS))


def _window(words: Sequence[Word], room: Span, voiced: Sequence[Span]) -> Span:
    """Where the sounds of the words are looked for."""
    said = Span(words[0].span.start_ms, words[-1].span.end_ms)
    begins = (v.start_ms for v in voiced if v.start_ms <= said.start_ms < v.end_ms)
    ends = (v.end_ms for v in voiced if v.start_ms < said.end_ms <= v.end_ms)
    first = max(said.start_ms - VOICED_REACH_MS, min(said.start_ms - REACH_MS, next(begins, said.start_ms)))
    last = min(said.end_ms + VOICED_REACH_MS, max(said.end_ms + REACH_MS, next(ends, said.end_ms)))
    return Span(max(room.start_ms, first), min(room.end_ms, last))


def _sounds_near(heard: Levels, words: Sequence[Word], window: Span) -> list[Span]:
    """Stretches of sound that belong to the words; stop closures (up to 60 ms) are no silence."""
    import numpy as np

    first, last = max(0, window.start_ms // HOP_MS), min(len(heard), -(-window.end_ms // HOP_MS))
    inside = heard[first:last]
    if len(inside) == 0:
        return []
    around = heard[max(0, first - 300) : last + 300]
    floor = np.maximum(np.percentile(around, 10, axis=0), FLOOR_DB)
    peak = np.percentile(inside, 95, axis=0)
    peak = np.maximum(peak, peak.max() - BETWEEN_BANDS_DB)  # where nothing hisses, a breath is not the loudest hiss
    if (peak - floor).max() < 6:
        return []
    active = (inside > np.maximum(floor + ABOVE_FLOOR_DB, peak - UNDER_PEAK_DB)).any(axis=1)
    islands = close_gaps(spans_of_frames(active, HOP_MS, first), 60)
    islands = [i for i in islands if i.length_ms >= BLIP_MS or any(i.overlap_ms(w.span) for w in words)]
    strong = spans_of_frames((inside > peak - WEAK_DB).any(axis=1), HOP_MS, first)
    return _without_breaths(
        _sounds_of_words(islands, words), strong, Span(words[0].span.start_ms, words[-1].span.end_ms)
    )


def _without_breaths(sounds: Sequence[Span], strong: Sequence[Span], said: Span) -> list[Span]:
    """The sounds of a line without the breath before and after them."""
    if not sounds or not strong:
        return list(sounds)
    start, end = sounds[0].start_ms, sounds[-1].end_ms
    loud = [s for s in strong if s.end_ms > start and s.start_ms < end]
    if not loud:
        return list(sounds)
    first, last = min(loud[0].start_ms, said.start_ms), max(loud[-1].end_ms, said.end_ms)
    start = first if first - start > BREATH_MS else start
    end = last if end - last > BREATH_MS else end
    kept = [Span(max(s.start_ms, start), min(s.end_ms, end)) for s in sounds]
    return [s for s in kept if s.length_ms > 0]


def _move_words(words: Sequence[Word], sounds: Sequence[Span]) -> tuple[Word, ...]:
    """Word times with every pause between two sounds given to no word.

    A pause belongs to the boundary between two words that it covers most; the word before ends where it begins, the
    word after begins where it ends.
    """
    starts = [w.span.start_ms for w in words]
    ends = [w.span.end_ms for w in words]
    starts[0], ends[-1] = sounds[0].start_ms, sounds[-1].end_ms
    for before, after in zip(sounds, sounds[1:]):
        pause = Span(before.end_ms, after.start_ms)
        if pause.length_ms < 100 or len(words) < 2:
            continue
        middle = (pause.start_ms + pause.end_ms) / 2
        at = min(
            range(1, len(words)), key=lambda i: abs((words[i - 1].span.end_ms + words[i].span.start_ms) / 2 - middle)
        )
        ends[at - 1], starts[at] = pause.start_ms, pause.end_ms
    moved = []
    clock = starts[0]
    for word, start, end in zip(words, starts, ends):
        clock = max(clock, min(start, sounds[-1].end_ms - 1))
        stop = max(clock + 1, min(end, sounds[-1].end_ms))
        moved.append(Word(word.text, Span(clock, stop), word.confidence))
        clock = stop
    return tuple(moved)


def _sounds_of_words(islands: Sequence[Span], words: Sequence[Word]) -> list[Span]:
    """Sounds that belong to the words: those that touch one, and those between or right beside such sounds."""
    touching = [i for i, island in enumerate(islands) if any(island.overlap_ms(w.span) > HOP_MS for w in words)]
    if not touching:
        return []
    first, last = touching[0], touching[-1]
    while first > 0 and islands[first].start_ms - islands[first - 1].end_ms < BESIDE_MS:
        first -= 1
    while last + 1 < len(islands) and islands[last + 1].start_ms - islands[last].end_ms < BESIDE_MS:
        last += 1
    return list(islands[first : last + 1])
