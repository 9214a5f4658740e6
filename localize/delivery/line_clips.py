"""Clips of every line for the page of a report: its source, and the same stretch of the delivered mix.

They are small (AAC, one channel) and lie in a folder beside the page, which plays them without a script. What a clip of
the dub is made of is known by its samples, so that after a correction only the clips of what sounds otherwise are made.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..data import Blob, Mix, Span, Timeline
from ..events import Run
from ..media import RATE, read_block, write_clip
from ..runtime.files import StagedFolder
from ..runtime.store import Store, step
from .deliverables import Delivery, keep_delivered
from .disclosure import TAG
from .listening import Excerpt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "clips"
AROUND_MS = 200
"""Heard before and after a line."""
_OURS = ("*.source.m4a", "*.dub.m4a")


@dataclass(frozen=True, slots=True)
class LineClips:
    """Where the clips of a line lie, as the page names them."""

    source: str
    dub: str


def begin_source_clips(store: Store, sound: Blob, lines: Sequence[Span]) -> None:
    """Begin to encode what is heard of these lines in a source beside other work."""
    if lines:
        store.make_ahead(encode_excerpts, _by_place(store, sound, lines), "")


def begin_dub_clips(store: Store, timeline: Timeline, mixed: Mix) -> None:
    """Begin to encode what is heard of the lines of a dub beside other work."""
    store.make_ahead(encode_stretches, mixed.full, tuple(clip.span for clip in timeline.clips))


@step(version=1, uses=("av",))
def encode_stretches(store: Store, sound: Blob, spans: tuple[Span, ...]) -> tuple[Blob, ...]:
    """Encode stretches of a dub's mix, each as a clip of one channel: those that sound otherwise than any before."""
    return encode_excerpts(store, _by_samples(store, sound, spans), TAG)


def deliver_line_clips(run: Run, package: Delivery, stage: StagedFolder) -> dict[str, LineClips]:
    """Write the clips of every line into a folder of the staged one; segment -> its clips. Those of lines that are not
    there any more go when the others are in place.
    """
    clips = package.timeline.clips
    name = f"{package.name}.{package.timeline.language}.{FOLDER}"
    folder, named = stage.folder / name, _file_names([clip.take.segment for clip in clips])
    if clips:
        folder.mkdir()
    sources = encode_excerpts(run.store, _by_place(run.store, package.media.original, [c.source for c in clips]), "")
    dubs = encode_stretches(run.store, package.mixed.full, tuple(clip.span for clip in clips))
    found = {}
    for clip, file, source, dub in zip(clips, named, sources, dubs, strict=True):
        for kind, blob in (("source", source), ("dub", dub)):
            path = folder / f"{file}.{kind}.m4a"
            if not keep_delivered(stage.target / name / path.name, path, blob):
                path.write_bytes(run.store.path(blob).read_bytes())
        found[clip.take.segment] = LineClips(f"{name}/{file}.source.m4a", f"{name}/{file}.dub.m4a")
    there = (path for pattern in _OURS for path in (stage.target / name).glob(pattern))
    stage.outdated += [path for path in there if not (folder / path.name).exists()]
    return found


def _file_names(segments: Sequence[str]) -> list[str]:
    """A name for the clips of each segment: its id can come from a file, and is no path."""
    names: list[str] = []
    taken: set[str] = set()
    for segment in segments:
        stem = re.sub(r"[^\w-]", "_", segment, flags=re.ASCII)[:32]
        names.append(next(n for k in count(1) if (n := stem if k == 1 else f"{stem}-{k}").casefold() not in taken))
        taken.add(names[-1].casefold())
    return names


def _by_place(store: Store, sound: Blob, spans: Sequence[Span]) -> tuple[Excerpt, ...]:
    """Stretches of a sound that stays as it is, known by where they are in it."""
    path = str(store.path(sound))
    wide = [_widened(span) for span in spans]
    return tuple(
        Excerpt(
            hashlib.sha256(f"{sound.sha256} {s.start_ms} {s.end_ms}".encode()).hexdigest(), path, s.start_ms, s.end_ms
        )
        for s in wide
    )


def _by_samples(store: Store, sound: Blob, spans: Sequence[Span]) -> tuple[Excerpt, ...]:
    """Stretches of a sound that every correction changes elsewhere, known by what is heard in them."""
    path, found = str(store.path(sound)), []
    with read_block(store, sound) as file:
        for span in map(_widened, spans):
            file.seek(min(file.frames, span.start_ms * RATE // 1000))
            samples = file.read(span.length_ms * RATE // 1000, dtype="int16")
            found.append(Excerpt(hashlib.sha256(samples.tobytes()).hexdigest(), path, span.start_ms, span.end_ms))
    return tuple(found)


def _widened(span: Span) -> Span:
    return Span(max(0, span.start_ms - AROUND_MS), span.end_ms + AROUND_MS)


@step(version=1, each="excerpts", uses=("av",))
def encode_excerpts(store: Store, excerpts: tuple[Excerpt, ...], comment: str) -> tuple[Blob, ...]:
    """Encode stretches of 48 kHz sounds, each as a clip of one channel.

    Args:
        store: keeps the clips.
        excerpts: the stretches.
        comment: that the files carry; "" for none.
    """
    made = []
    for excerpt in excerpts:
        with store.writing(".m4a") as draft:
            write_clip(draft.path, _mono(excerpt), comment)
        made.append(draft.blob)
    return tuple(made)


def _mono(excerpt: Excerpt) -> NDArray[np.float32]:
    import numpy as np
    import soundfile

    with soundfile.SoundFile(Path(excerpt.path)) as file:
        file.seek(min(file.frames, excerpt.start_ms * RATE // 1000))
        length = (excerpt.end_ms - excerpt.start_ms) * RATE // 1000
        return np.asarray(file.read(length, dtype="float32", always_2d=True).mean(axis=1), np.float32)
