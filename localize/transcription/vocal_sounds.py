"""Find the sounds of voices that are no words: laughs, sobs, screams, coughs, breaths, groans.

A recogniser made for words spreads them over such a sound, and a dub would say them there. So every stretch of the
speech track between two pauses is heard alone, by a recogniser that may name sounds ("[laughs]"); a stretch that it
names is none of words. What is left for words and speakers is the speech track without these sounds.

A sound without a pause beside words is not found: it goes with the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..data import Blob, Media, Span, VocalSound
from ..engines import SoundTagger, calls_at_once
from ..events import Run
from ..language.wordless import sound_kind
from ..media import BLOCK, SPEECH_RATE, read_block, write_wav
from ..runtime.store import Store, step
from ..runtime.threads import in_order
from ..signal.activity import close_gaps, overlapping, spans_of_frames
from .alignment import ABOVE_FLOOR_DB, BETWEEN_BANDS_DB, BLIP_MS, FLOOR_DB, HOP_MS, UNDER_PEAK_DB, band_levels

if TYPE_CHECKING:
    from .alignment import Levels


APART_MS = 300
"""Sounds further apart than this are heard alone first: the syllables of a laugh are nearer to each other."""
PARTED_MS = 100
"""Of a stretch that is not named as a whole, the parts further from each other than this are heard alone."""
LEAST_MS, LEAST_PART_MS = 300, 400
"""Shorter stretches, and parts of one, cannot be told: of 15 cries ("Ow!") of 0.15 to 0.6 s one was named."""
LONGEST_MS = 6_000
"""A longer sound without a pause is music or a crowd, or many words."""
AROUND_MS = 30_000
"""Noise and loud sounds are measured over so much at a time."""
FADE_MS = 10
TAIL_MS, BESIDE_WORDS_MS, BLIP_OF_SOUND_MS = 300, 60, 150
"""Around a sound the speech track is silent for so much, but up to this near to the next sound that is no blip: the
last gasp of a laugh would be taken for the beginning of a word."""


def find_vocal_sounds(run: Run, media: Media, tagger: SoundTagger) -> tuple[VocalSound, ...]:
    """The vocal sounds of a film, in order of time.

    Args:
        run: store and listener.
        media: the source; its speech track is heard.
        tagger: names what it hears.
    """
    islands = sounding_islands(run.store, media.speech)
    stretches = [s for s in close_gaps(islands, APART_MS) if LEAST_MS <= s.length_ms <= LONGEST_MS]
    found = _named(run.store, tagger, media.original, stretches)
    known = {sound.span for sound in found}
    parts = []
    for stretch in close_gaps(islands, APART_MS):
        inside = close_gaps(overlapping(islands, stretch), PARTED_MS)
        if stretch not in known and len(inside) > 1:
            parts += [p for p in inside if LEAST_PART_MS <= p.length_ms <= LONGEST_MS]
    found += _named(run.store, tagger, media.original, parts)
    found += _named(run.store, tagger, media.original, _beside_voices(run.store, media, islands))
    return tuple(_joined(sorted(found, key=lambda sound: sound.span)))


def _beside_voices(store: Store, media: Media, islands: Sequence[Span]) -> list[Span]:
    """Stretches of the source's own sound that are not in its speech track: what takes noise out takes coughs."""
    heard = close_gaps(islands, APART_MS)
    stretches = close_gaps(islands_of_sound(store, media.original), PARTED_MS)
    return [
        s
        for s in stretches
        if LEAST_MS <= s.length_ms <= LONGEST_MS
        and 2 * sum(s.overlap_ms(h) for h in overlapping(heard, s)) < s.length_ms
    ]


def _joined(sounds: Sequence[VocalSound]) -> list[VocalSound]:
    """Sounds of one kind with nothing between them are one."""
    joined: list[VocalSound] = []
    for sound in sounds:
        before = joined[-1] if joined else None
        if before and before.kind == sound.kind and sound.span.start_ms - before.span.end_ms < APART_MS:
            joined[-1] = replace(before, span=Span(before.span.start_ms, max(before.span.end_ms, sound.span.end_ms)))
        else:
            joined.append(sound)
    return joined


def _named(store: Store, tagger: SoundTagger, original: Blob, spans: Sequence[Span]) -> list[VocalSound]:
    def work(span: Span) -> tuple[str, ...]:
        return tag_sounds(store, tagger, original, (span,))

    found = []
    for span, (written,) in zip(spans, in_order(work, spans, calls_at_once(tagger))):
        if kind := sound_kind(written):
            found.append(VocalSound(span, kind, written))
    return found


@step(version=1, each="spans")
def tag_sounds(store: Store, tagger: SoundTagger, original: Blob, spans: tuple[Span, ...]) -> tuple[str, ...]:
    """What each stretch of the source's own sound is written down as, heard alone.

    The speech track is not asked: what takes noise out of it takes half of a laugh.
    """
    import numpy as np
    import soxr

    stretches = []
    with read_block(store, original) as file:
        for span in spans:
            file.seek(min(file.frames, span.start_ms * file.samplerate // 1000))
            block = file.read(span.length_ms * file.samplerate // 1000, dtype="float32", always_2d=True)
            stretches.append(soxr.resample(block.mean(axis=1), file.samplerate, SPEECH_RATE).astype(np.float32))
    return tagger.tag_sounds(stretches)


@step(version=1)
def sounding_islands(store: Store, speech: Blob) -> tuple[Span, ...]:
    """Where a 16 kHz track sounds: its levels against its noise and its loud sounds, as lines are placed by them."""
    return tuple(islands_of(band_levels(str(store.path(speech)))))


@step(version=1)
def islands_of_sound(store: Store, original: Blob) -> tuple[Span, ...]:
    """Where the source's own sound is heard, all channels together; one stretch where music never pauses."""
    import numpy as np
    import soxr

    with read_block(store, original) as source, TemporaryDirectory() as folder:
        plain, resampled = Path(folder, "plain.wav"), soxr.ResampleStream(source.samplerate, SPEECH_RATE, 1)
        with write_wav(plain, 1, source.frames, SPEECH_RATE, "PCM_16") as out:
            for block in source.blocks(BLOCK, dtype="float32", always_2d=True):
                mono = resampled.resample_chunk(block.mean(axis=1), last=source.tell() >= source.frames)
                out.write(np.clip(mono, -1, 1))
        return tuple(islands_of(band_levels(str(plain))))


def islands_of(heard: Levels) -> list[Span]:
    """Stretches of sound in levels of the track; closures up to 60 ms are no silence."""
    import numpy as np

    frames = AROUND_MS // HOP_MS
    active = np.zeros(len(heard), bool)
    for first in range(0, len(heard), frames):
        around = heard[max(0, first - frames // 2) : first + frames + frames // 2]
        floor = np.maximum(np.percentile(around, 10, axis=0), FLOOR_DB)
        peak = np.percentile(around, 99, axis=0)
        peak = np.maximum(peak, peak.max() - BETWEEN_BANDS_DB)
        least = np.maximum(floor + ABOVE_FLOOR_DB, peak - UNDER_PEAK_DB)
        active[first : first + frames] = (heard[first : first + frames] > least).any(axis=1)
    return [i for i in close_gaps(spans_of_frames(active, HOP_MS), BLIP_MS) if i.length_ms >= BLIP_MS]


def without_sounds(store: Store, media: Media, sounds: Sequence[VocalSound]) -> Media:
    """The film with these sounds taken out of its speech track: what is left for words and speakers."""
    if not sounds:
        return media
    islands = [i for i in sounding_islands(store, media.speech) if i.length_ms >= BLIP_OF_SOUND_MS]
    silent = tuple(_with_tail(sound.span, islands) for sound in sounds)
    return replace(media, speech=silence_spans(store, media.speech, silent))


def _with_tail(sound: Span, islands: Sequence[Span]) -> Span:
    """A sound with what is heard of it before and after its loud part."""
    before = max((i.end_ms for i in islands if i.end_ms <= sound.start_ms), default=-TAIL_MS) + BESIDE_WORDS_MS
    after = min((i.start_ms for i in islands if i.start_ms >= sound.end_ms), default=sound.end_ms + 2 * TAIL_MS)
    return Span(
        max(0, sound.start_ms - TAIL_MS, min(sound.start_ms, before)),
        min(sound.end_ms + TAIL_MS, max(sound.end_ms, after - BESIDE_WORDS_MS)),
    )


@step(version=1)
def silence_spans(store: Store, speech: Blob, spans: tuple[Span, ...]) -> Blob:
    """A mono track that is silent in `spans`, faded in and out within them."""
    import numpy as np

    with (
        read_block(store, speech) as source,
        store.writing(".wav") as draft,
        write_wav(draft.path, 1, source.frames, source.samplerate, "PCM_16") as out,
    ):
        per_ms = source.samplerate // 1000
        for start in range(0, source.frames, BLOCK):
            block = source.read(BLOCK, dtype="float32")
            at = np.arange(start, start + len(block)) / per_ms
            for span in spans:
                if span.end_ms * per_ms > start and span.start_ms * per_ms < start + len(block):
                    outside = np.maximum(span.start_ms + FADE_MS - at, at - (span.end_ms - FADE_MS))
                    block *= np.clip(outside / FADE_MS, 0, 1)
            out.write(block)
    return draft.blob
