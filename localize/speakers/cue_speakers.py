"""Who says the turns of one given cue: its dashes say that neighbours are two people, its sound which.

The diarizer hears turns of less than a second badly: it often gives both of a cue to one person. Where each begins is
known here, so that every turn has a print of its own: the turns of each cue go to the people whose other lines they are
likest, neighbours to two (k-means whose neighbours cannot be linked, Wagstaff et al. 2001).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from ..data import Blob, Media, Segment, Span
from ..events import name_some
from ..runtime.store import Store, step
from ..signal import embeddings
from ..signal.embeddings import EMBEDDING_MODEL
from ..transcription.lines import cue_of
from .prints import likeness

if TYPE_CHECKING:
    from ..events import Run

Print = Sequence[float]

ONE_VOICE = 0.65
"""Likeness of two parts from which one voice has both. Parts of one reader that follow each other (LJ, LibriVox) have
.41 to .79 at 0.9 s, .44 to .77 at 1.2 s and .65 to .85 at 2 s; two people of a conversation .42 and less."""
LONG_ENOUGH_MS = 900
"""Shorter parts of one reader are .26 to .59 like each other: they say nothing."""
MOST_MS = 15_000
"""Of what a person says in other cues this much is compared."""
UNKNOWN, HEARD_SO = 0.4, 0.15
"""Likeness that a turn has to somebody of whom nothing else is heard (two people have .42 and less, parts of one .41
and more), and what it counts that the diarizer heard a turn so."""
UNLIKE = 0.5
"""Likeness of two turns from which it is told that the sound does not tell them apart."""
SWEEPS = 4
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


def part_speakers(run: Run, media: Media, segments: Sequence[Segment], labels: Sequence[str]) -> list[str]:
    """The speaker of each line, neighbours of one cue apart.

    Args:
        run: told of cues whose speakers the sound does not tell.
        media: the film.
        segments: its lines.
        labels: for each the speaker that the diarizer gives it.
    """
    cues = list(_cues(segments))
    if not cues:
        return list(labels)
    turns = {at for cue in cues for at in cue}
    compared = sorted(turns | set(_longest_lines(segments, labels, turns)))
    spans = tuple(_heard_span(segments[at]) for at in compared)
    prints = dict(zip(compared, part_embeddings(run.store, media.speech, spans)))
    lengths = {at: span.length_ms for at, span in zip(compared, spans)}
    of_one = [cue for cue in cues if _is_one_voice(cue, labels, prints, lengths)]
    found = _likest([cue for cue in cues if cue not in of_one], labels, prints, lengths)
    unsure = [
        segments[cue[0]].id
        for cue in cues
        if cue not in of_one
        and any(labels[a] == labels[b] and likeness(prints[a], prints[b]) >= UNLIKE for a, b in pairwise(cue))
    ]
    if unsure:
        run.warn(
            "turn_speakers",
            f"the voices of {name_some(unsure)} and of the next turn of the same cue are not told apart by the sound: "
            "they are given to two people all the same; --edits gives a line another voice",
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


def _longest_lines(segments: Sequence[Segment], labels: Sequence[str], turns: Collection[int]) -> Iterator[int]:
    """The longest lines of each speaker that are no turns of a cue."""
    taken: Counter[str] = Counter()
    for at in sorted(range(len(segments)), key=lambda at: -segments[at].span.length_ms):
        if at not in turns and taken[labels[at]] < MOST_MS:
            taken[labels[at]] += segments[at].span.length_ms
            yield at


def _is_one_voice(
    cue: Sequence[int], labels: Sequence[str], prints: Mapping[int, Print], lengths: Mapping[int, int]
) -> bool:
    """Whether the turns of a cue are surely of one voice: the items of somebody's list."""
    alike = [likeness(prints[one], prints[other]) for one, other in pairwise(cue)]
    heard_so = len({labels[at] for at in cue}) == 1 and min(lengths[at] for at in cue) >= LONG_ENOUGH_MS
    return heard_so and sum(alike) / len(alike) >= ONE_VOICE


def _likest(
    cues: Sequence[Sequence[int]], heard: Sequence[str], prints: Mapping[int, Print], lengths: Mapping[int, int]
) -> list[str]:
    """The speaker of each line: turns of cues with those whose other lines they are likest, neighbours with two."""
    import numpy as np

    people = list(dict.fromkeys(heard))
    people += [ANOTHER] if len(people) < 2 else []
    number = {who: n for n, who in enumerate(people)}
    who = np.array([number[label] for label in heard])
    lines = np.array(sorted(prints))
    row = {at: n for n, at in enumerate(lines.tolist())}
    vectors = np.array([prints[at] for at in row]).reshape(len(row), -1)
    weighted = vectors * np.array([lengths[at] for at in row])[:, None]
    for _ in range(SWEEPS):
        before = who.copy()
        for cue in cues:
            mine = [row[at] for at in cue]
            kept = np.setdiff1d(np.arange(len(lines)), mine)
            sums = np.zeros((len(people), vectors.shape[1]))
            np.add.at(sums, who[lines[kept]], weighted[kept])
            sizes = np.linalg.norm(sums, axis=1)
            like = vectors[mine] @ (sums / np.maximum(sizes, 1e-9)[:, None]).T
            like = np.where(sizes > 0, like, UNKNOWN)
            like[np.arange(len(cue)), [number[heard[at]] for at in cue]] += HEARD_SO
            who[list(cue)] = _best_way(like.tolist())
        if (who == before).all():
            break
    return [people[n] for n in who.tolist()]


def _best_way(scores: Sequence[Sequence[float]]) -> list[int]:
    """Which person has each turn, no two neighbours the same: the highest sum of scores (turns, people)."""
    ways = [(score, [n]) for n, score in enumerate(scores[0])]
    for turn in scores[1:]:
        ways = [max((total + score, [*way, n]) for total, way in ways if way[-1] != n) for n, score in enumerate(turn)]
    return max(ways)[1]
