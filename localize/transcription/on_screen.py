"""Whose lips are seen: for each phrase whether a face is on screen whose mouth moves while it is heard.

Timing can then be strict where lips are seen and free where they are not. A mouth that moves is taken for the
speaker's: whose voice it is cannot be told from its movement. A face that listens keeps its mouth still; one that turns
its back is not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ..data import Media, PhraseOnScreen, Seen, Segment, Source, Span, phrases_of
from ..media.frames import read_frames
from ..runtime.store import Store, step
from .faces import Face, FaceNetworks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EVERY_MS = 160
"""A mouth opens and closes about four times a second; every syllable is seen by about one frame."""
WINDOW_MS = 20_000
"""Faces are looked for in such windows of the film, each remembered alone."""
AROUND_MS = 80
"""Lips open before the voice and close after it."""
SMALL = 0.035
"""A face narrower than this part of the picture's width is too far away for its lips to be read."""
JUMP = 0.6
"""A face that moves on by more than this part of its width from one frame to the next is another one."""
GONE = 0.2
"""Part of a phrase's frames up to which faces are taken for passers-by, or for none."""
FEWEST_FRAMES = 3
"""A mouth seen in fewer frames is not judged."""
SPEAKS, STILL = 0.004, 0.0025
"""Standard deviation of a mouth's opening, in parts of the face's height: from which it speaks, and up to which it is
still. Of people of GRID (`bench/lips.py`) mouths that speak reach 0.0049 and more, closed ones 0.0021 at most."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One frame: when it is shown, in ms from the picture's start, and the faces in it."""

    at_ms: int
    faces: tuple[Face, ...]


class OnScreenJson(TypedDict):
    """Whether a phrase is seen spoken.

    Args:
        seen: "on" where a mouth moves while it is heard, "off" where no face is seen or only still mouths, else
            "unsure".
        faces: the most faces in one frame whose lips could be read.
        movement: of the liveliest mouth, the standard deviation of its opening in parts of its face's height.
    """

    seen: Seen
    faces: int
    movement: float


def on_screen_json(phrase: PhraseOnScreen) -> OnScreenJson:
    """The phrase as it stands in master.json."""
    return {"seen": phrase.seen, "faces": phrase.faces, "movement": phrase.movement}


def lines_off_screen(phrases: Sequence[PhraseOnScreen]) -> frozenset[str]:
    """The lines none of whose phrases is seen spoken, or may be."""
    seen = {phrase.segment for phrase in phrases if phrase.seen != "off"}
    return frozenset({phrase.segment for phrase in phrases} - seen)


def find_on_screen(
    store: Store, media: Media, segments: Sequence[Segment], networks: FaceNetworks
) -> tuple[PhraseOnScreen, ...]:
    """Look at the picture while each phrase is said.

    Args:
        store: remembers what was seen, window by window.
        media: of the film; without a picture nobody is seen.
        segments: with their phrases, on the sound's clock.
        networks: find faces and mouths.

    Returns:
        one for each phrase, in their order.

    Raises:
        MediaError: the picture cannot be decoded.
    """
    phrases = [(segment.id, span) for segment in segments for span in phrases_of(segment)]
    if not media.has_picture:
        return tuple(PhraseOnScreen(segment, span, "off", 0, 0.0) for segment, span in phrases)
    shown = [
        Span(max(0, span.start_ms + media.offset_ms - AROUND_MS), max(1, span.end_ms + media.offset_ms + AROUND_MS))
        for _, span in phrases
    ]
    windows: dict[int, list[Span]] = {}
    for span in shown:
        windows.setdefault(span.start_ms // WINDOW_MS, []).append(span)
    sights = {
        window: look_at_faces(store, media.source, tuple(sorted(spans)), networks)
        for window, spans in sorted(windows.items())
    }
    return tuple(
        judge_phrase(segment, span, sights_during(sights[during.start_ms // WINDOW_MS], during))
        for (segment, span), during in zip(phrases, shown)
    )


def sights_during(sights: Sequence[Sight], span: Span) -> list[Sight]:
    """Those of the frames that are shown in a span of the picture's clock."""
    return [sight for sight in sights if span.start_ms <= sight.at_ms < span.end_ms]


@step(version=1)
def look_at_faces(store: Store, source: Source, spans: tuple[Span, ...], networks: FaceNetworks) -> tuple[Sight, ...]:
    """The faces of a film inside spans, every `EVERY_MS`."""
    frames = read_frames(Path(source.path), spans, EVERY_MS)
    return tuple(Sight(at_ms, networks.faces_in(image)) for at_ms, image in frames)


def judge_phrase(segment: str, span: Span, sights: Sequence[Sight]) -> PhraseOnScreen:
    """Whether a phrase is seen spoken, from the frames that are shown while it is heard.

    Args:
        segment: id of its line.
        span: of the phrase.
        sights: the frames, in order.
    """
    readable = [Sight(s.at_ms, tuple(f for f in s.faces if f.width >= SMALL)) for s in sights]
    most = max((len(s.faces) for s in readable), default=0)
    mouths = [mouth for mouth in follow_mouths(readable) if len(mouth) >= FEWEST_FRAMES]
    movement = max(map(movement_of, mouths), default=0.0)
    return PhraseOnScreen(segment, span, _verdict(readable, mouths, movement), most, round(movement, 4))


def _verdict(sights: Sequence[Sight], mouths: Sequence[Sequence[float]], movement: float) -> Seen:
    if not sights:
        return "unsure"
    if movement >= SPEAKS:
        return "on"
    if sum(bool(s.faces) for s in sights) <= GONE * len(sights):
        return "off"
    judged = sum(map(len, mouths)) == sum(len(s.faces) for s in sights)
    return "off" if judged and movement <= STILL else "unsure"


def follow_mouths(sights: Sequence[Sight]) -> list[list[float]]:
    """The openings of each mouth over the frames in which it is seen, by where its face is."""
    followed: list[tuple[Face, list[float]]] = []
    for sight in sights:
        free = list(range(len(followed)))
        for face in sight.faces:
            near = [n for n in free if _moved(followed[n][0], face) < JUMP]
            if near:
                same = min(near, key=lambda n: _moved(followed[n][0], face))
                free.remove(same)
                followed[same] = (face, [*followed[same][1], face.opening])
            else:
                followed.append((face, [face.opening]))
    return [openings for _, openings in followed]


def _moved(before: Face, after: Face) -> float:
    """How far a face moved, in widths of the wider one; one that is twice as wide, or half, counts as another."""
    narrow, wide = sorted((before.width, after.width))
    away = max(abs(before.x - after.x), abs(before.y - after.y)) / wide
    return away if narrow * 2 > wide else away + JUMP


def movement_of(openings: Sequence[float]) -> float:
    """How much a mouth moves: the standard deviation of its opening."""
    import numpy as np

    return float(np.std(openings)) if len(openings) else 0.0
