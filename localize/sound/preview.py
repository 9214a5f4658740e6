"""What a correction changes in the mix, before the whole mix is made again.

The blocks of ten seconds whose lines are others than in the last mix of a dub are rendered alone, with the rooms and
the common level that were found then. Both are estimated anew for the whole mix, so that what is delivered can differ
from this by fractions of a decibel; words, voice, time and place are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Media, Span, Timeline
from ..events import Patch, Previewed, Run
from ..media import BLOCK, FULL_SCALE, RATE, read_block, to_int24, write_wav
from .acoustics import apply_reverberation
from .bed import Bed, dubbed_regions, make_bed, region_weights
from .loudness import REACH, limiter_gain
from .mix import (
    CEILING_DBTP,
    LevelledClip,
    Settled,
    clips_in_block,
    dialogue_block,
    level_clips,
    limit_bands,
    mix_clips,
    mix_place,
    rooms_of_lines,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BLOCKS = 6
"""Of more than a minute that changed the whole mix is waited for."""


def preview_dub(
    run: Run, media: Media, timeline: Timeline, *, style: str = "separate", dry: bool = False, kept: Sequence[Span] = ()
) -> None:
    """Tell a run's listener what is other than in the last mix of this dub, where that is little; nothing where there
    was none. Arguments as of `mix_dub`.
    """
    settled = run.store.recall_last(f"{mix_place(media, timeline)} settled", Settled)
    if settled is None:
        return
    clips = mix_clips(timeline)
    bed = make_bed(run, media, [p for c in clips for p in c.source_phrases], style=style, kept=kept)
    if not dry:
        rooms = dict(settled.rooms)
        clips = limit_bands(run.store, media, bed, clips)
        found = [rooms.get(name, rooms.get(c.speaker)) for c, name in zip(clips, rooms_of_lines(clips))]
        clips = tuple(
            c if room is None else replace(c, audio=apply_reverberation(run.store, c.audio, room))
            for c, room in zip(clips, found)
        )
    levelled = tuple(
        replace(c, gain_db=round(c.gain_db + settled.shift_db, 2)) for c in level_clips(run.store, media, bed, clips)
    )
    changed = [
        number
        for number, start in enumerate(range(0, media.samples, BLOCK))
        if clips_in_block(run.store, levelled, start) != clips_in_block(run.store, settled.clips, start)
    ]
    if not 0 < len(changed) <= MOST_BLOCKS:
        return
    heard = dubbed_regions([p for c in clips for p in (*c.phrases, *c.source_phrases)])
    runs = [[number for _, number in found] for _, found in groupby(enumerate(changed), lambda pair: pair[1] - pair[0])]
    patches = tuple(_render(run, media, bed, levelled, heard, numbers) for numbers in runs)
    run.emit(Previewed(timeline.language, patches, timeline.clips))


def _render(
    run: Run,
    media: Media,
    bed: Bed,
    clips: tuple[LevelledClip, ...],
    heard: tuple[Span, ...],
    numbers: Sequence[int],
) -> Patch:
    """Blocks that follow each other, rendered as `render_mix` does."""
    start = numbers[0] * BLOCK
    length = min((numbers[-1] + 1) * BLOCK, media.samples) - start
    first = max(0, start - REACH)
    around = min(media.samples, start + length + REACH) - first
    dialogue = dialogue_block(run.store, media, bed.channels, clips, clips, first, around)
    with read_block(run.store, bed.under) as file:
        file.seek(first)
        whole = file.read(around, dtype="int32", always_2d=True) / FULL_SCALE + dialogue / FULL_SCALE
    here = slice(start - first, start - first + length)
    down = limiter_gain(whole, CEILING_DBTP)[here]
    if down.min(initial=1.0) < 1.0:
        down = 1 - (1 - down) * region_weights(heard, start, start + length)
    full = to_int24(whole[here] * down[:, None])
    return Patch(start, _write(run, full), _write(run, dialogue[here]))


def _write(run: Run, samples: NDArray[np.int32]) -> Path:
    with run.store.writing(".wav") as draft, write_wav(draft.path, samples.shape[1], len(samples), RATE) as out:
        out.write(samples)
    return run.store.path(draft.blob)
