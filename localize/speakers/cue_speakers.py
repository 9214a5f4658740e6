"""Who says the turns of one given cue: its dashes say that neighbours are two people, its sound which.

The diarizer hears turns of less than a second badly: it often gives both of a cue to one person. Then the turn that is
less like that person's voice goes to whom it is likest of the others, unless the sound says that one voice has both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from ..data import Blob, Media, Segment, Span, Voices
from ..events import name_some
from ..runtime.store import Store, step
from ..signal import embeddings
from ..signal.embeddings import EMBEDDING_MODEL
from ..transcription.lines import cue_of
from .prints import likeness, mean_embedding

if TYPE_CHECKING:
    from ..events import Run

ONE_VOICE = 0.65
"""Likeness of two parts from which one voice has both. Parts of one reader that follow each other (LJ, LibriVox) have
.41 to .79 at 0.9 s, .44 to .77 at 1.2 s and .65 to .85 at 2 s; two people of a conversation .42 and less."""
LONG_ENOUGH_MS = 900
"""Shorter parts of one reader are .26 to .59 like each other: they say nothing."""
MOST_MS = 15_000
"""Of a person's speech this much is compared."""
ANOTHER = "another"
"""Whom the diarizer never heard: there is somebody else, for a cue says so."""


@step(version=1, uses=(EMBEDDING_MODEL,))
def part_embeddings(store: Store, speech: Blob, spans: tuple[Span, ...]) -> tuple[tuple[float, ...], ...]:
    """The d-vector of each short part of a 16 kHz track, at the level of all of them together."""
    import numpy as np

    from ..media import excerpts

    parts = [excerpts(store, speech, (span,)) for span in spans]
    gain = np.float32(embeddings.reference_gain(embeddings.tenth_levels(np.concatenate(parts))))
    found = (embeddings.speaker_embedding(samples * gain) for samples in parts)
    return tuple(tuple(round(float(value), 4) for value in vector) for vector in found)


def part_speakers(
    run: Run, media: Media, segments: Sequence[Segment], labels: Sequence[str], heard: Voices
) -> list[str]:
    """The speaker of each line, neighbours of one cue apart.

    Args:
        run: told of cues whose speakers the sound does not tell.
        media: the film.
        segments: its lines.
        labels: for each the speaker that the diarizer gives it.
        heard: what the diarizer found.
    """
    found = list(labels)
    unsure: list[str] = []
    people: dict[str, tuple[float, ...]] = {}
    for cue in _cues(segments):
        if all(found[a] != found[b] for a, b in pairwise(cue)):
            continue
        people = people or _people(run.store, media.speech, heard)
        spans = tuple(_heard_span(segments[at]) for at in cue)
        prints = part_embeddings(run.store, media.speech, spans)
        if _is_one_voice(spans, prints):
            continue
        for one, other in pairwise(range(len(cue))):
            if found[cue[one]] == found[cue[other]]:
                before = [found[at] for at in cue]
                after, sure = _part(before, one, other, prints, people)
                for at, label in zip(cue, after):
                    found[at] = label
                unsure += [] if sure else [segments[cue[0]].id]
    if unsure:
        run.warn(
            "turn_speakers",
            f"the voices of {name_some(list(dict.fromkeys(unsure)))} and of the next turn of the same cue are not told "
            "apart by the sound: they are given to two people all the same; --edits gives a line another voice",
        )
    return found


def alternate_speakers(segments: Sequence[Segment]) -> list[str]:
    """The speaker of each line where nobody hears voices: everybody is one, but for every second turn of a cue."""
    labels = ["" for _ in segments]
    for cue in _cues(segments):
        for at in cue[1::2]:
            labels[at] = ANOTHER
    return labels


def _cues(segments: Sequence[Segment]) -> Iterator[list[int]]:
    """The places of the lines that are turns of one cue, in order."""
    order = sorted(range(len(segments)), key=lambda at: cue_of(segments[at].id))
    for _, group in groupby(order, key=lambda at: cue_of(segments[at].id)):
        if len(places := list(group)) > 1:
            yield places


def _heard_span(segment: Segment) -> Span:
    """Where a turn is heard: its phrases together, without what is silent before and behind them."""
    return Span(segment.phrases[0].start_ms, segment.phrases[-1].end_ms) if segment.phrases else segment.span


def _people(store: Store, speech: Blob, heard: Voices) -> dict[str, tuple[float, ...]]:
    """The print of everybody who is heard long enough for one."""
    found: dict[str, tuple[float, ...]] = {}
    for speaker in dict.fromkeys(turn.speaker for turn in heard.turns):
        spans: list[Span] = []
        for turn in sorted((t for t in heard.turns if t.speaker == speaker), key=lambda t: -t.span.length_ms):
            if sum(span.length_ms for span in spans) < MOST_MS:
                spans.append(turn.span)
        if made := mean_embedding(store, speech, tuple(sorted(spans))):
            found[speaker] = made
    return found


def _is_one_voice(spans: Sequence[Span], prints: Sequence[Sequence[float]]) -> bool:
    """Whether the turns of a cue are surely of one voice: the items of somebody's list."""
    alike = [likeness(one, other) for one, other in pairwise(prints)]
    return min(span.length_ms for span in spans) >= LONG_ENOUGH_MS and sum(alike) / len(alike) >= ONE_VOICE


def _part(
    labels: Sequence[str],
    one: int,
    other: int,
    prints: Sequence[Sequence[float]],
    people: Mapping[str, Sequence[float]],
) -> tuple[list[str], bool]:
    """The labels of a cue with one of two neighbours given to somebody else, and whether the sound speaks for that."""
    label = labels[one]
    ways: list[tuple[float, int, str]] = []
    for at in (one, other):
        beside = {labels[n] for n in (at - 1, at + 1) if 0 <= n < len(labels)}
        own = likeness(prints[at], people[label]) if label in people else 0.0
        ways += [(likeness(prints[at], vector) - own, at, who) for who, vector in people.items() if who not in beside]
    found = list(labels)
    if not ways:
        found[other] = ANOTHER if labels[one] != ANOTHER else f"{ANOTHER} one"
        return found, False
    gain, at, who = max(ways, key=lambda way: (way[0], way[1] == other))
    found[at] = who
    return found, gain > 0
