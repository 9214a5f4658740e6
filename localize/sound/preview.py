"""What a correction changes in the mix, before the whole mix is made again.

The stretches whose lines are others than in the last mix of a dub are rendered alone, with the rooms and
the common level that were found then. Both are estimated anew for the whole mix, so that what is delivered can differ
from this by fractions of a decibel; words, voice, time and place are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Media, Span, Timeline
from ..events import Patch, Previewed, Run
from ..media import FULL_SCALE, RATE, read_block, to_int24, write_wav
from ..runtime.store import Store
from .acoustics import apply_reverberation, take_samples
from .bed import Bed, dubbed_regions, make_bed
from .loudness import REACH, limiter_gain_in
from .mix import (
    CEILING_DBTP,
    LevelledClip,
    Settled,
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

MOST_S = 60
"""Where more than a minute changed the whole mix is waited for."""


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
    changed = _changed(run.store, settled.clips, levelled, media.samples)
    if not changed or sum(end - start for start, end in changed) > MOST_S * RATE:
        return
    heard = dubbed_regions([p for c in clips for p in (*c.phrases, *c.source_phrases)])
    patches = tuple(_render(run, media, bed, levelled, heard, stretch) for stretch in changed)
    run.emit(Previewed(timeline.language, patches, timeline.clips))


def _changed(
    store: Store, before: Sequence[LevelledClip], now: Sequence[LevelledClip], samples: int
) -> list[tuple[int, int]]:
    """The stretches of a mix, in samples, that lines decide about which are other than before."""
    edges = []
    for clip in {*before} ^ {*now}:
        first = clip.at_ms * RATE // 1000
        edges.append((max(0, first - REACH), min(samples, first + len(take_samples(store, clip.audio)) + REACH)))
    found: list[tuple[int, int]] = []
    for first, end in sorted(edges):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((first, end))
    return found


def _render(
    run: Run,
    media: Media,
    bed: Bed,
    clips: tuple[LevelledClip, ...],
    heard: tuple[Span, ...],
    stretch: tuple[int, int],
) -> Patch:
    """A stretch of the mix, rendered as `render_mix` does."""
    start, length = stretch[0], stretch[1] - stretch[0]
    first = max(0, start - REACH)
    around = min(media.samples, start + length + REACH) - first
    dialogue = dialogue_block(run.store, media, bed.channels, clips, clips, first, around)
    with read_block(run.store, bed.under) as file:
        file.seek(first)
        whole = file.read(around, dtype="int32", always_2d=True) / FULL_SCALE + dialogue / FULL_SCALE
    here = slice(start - first, start - first + length)
    down = limiter_gain_in(heard, whole, CEILING_DBTP, here, start)
    full = to_int24(whole[here] * down[:, None])
    return Patch(start, _write(run, full), _write(run, dialogue[here]))


def _write(run: Run, samples: NDArray[np.int32]) -> Path:
    with run.store.writing(".wav") as draft, write_wav(draft.path, samples.shape[1], len(samples), RATE) as out:
        out.write(samples)
    return run.store.path(draft.blob)
