"""Embeddings of a new vocabulary from those of a related language, by how the pieces of the two answer each other.

IBM model 1 between pieces of sentence pairs in two close languages, each new piece looking only at old ones near its
own relative place. A new piece's embedding is the mean of the old ones that it stands for, weighted by how surely.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .shape import Floats

REACH = 3
"""Old pieces looked at on either side."""
ROUNDS = 6
SURE, SEEN = 0.08, 0.8
"""A link counts from this share of a piece's uses and this expected count on."""
LONGEST = 60


def embeddings(
    pairs: Sequence[tuple[str, str]], old: Path, new: Path, table: Floats, bias: Floats
) -> tuple[Floats, Floats]:
    """Embeddings and output biases of the new vocabulary.

    Args:
        pairs: (sentence in the old vocabulary's language, the same in the new one's).
        old: its SentencePiece model.
        new: the new one.
        table: the old embeddings.
        bias: the old output biases.
    """
    import sentencepiece

    theirs, ours = (sentencepiece.SentencePieceProcessor(str(path)) for path in (old, new))
    size = ours.get_piece_size()
    keys, owners, count = _links(theirs.encode([a for a, _ in pairs]), ours.encode([b for _, b in pairs]), len(table))
    kinds, inverse = np.unique(keys, return_inverse=True)
    their_ids, our_ids = kinds % len(table), kinds // len(table)
    likely: NDArray[Any] = np.ones(len(kinds))
    expected = likely
    for _ in range(ROUNDS):
        share = likely[inverse]
        share = share / np.bincount(owners, share, minlength=count)[owners]
        expected = np.bincount(inverse, share, minlength=len(kinds))
        likely = expected / np.bincount(their_ids, expected, minlength=len(table))[their_ids]
    stands = expected / np.maximum(np.bincount(our_ids, expected, minlength=size)[our_ids], 1e-9)
    weight = np.where((stands > SURE) & (expected >= SEEN), stands**2, 0.0)
    whole = np.bincount(our_ids, weight, minlength=size)
    kept = weight > 0
    part = weight[kept] / whole[our_ids[kept]]
    found = np.zeros((size, table.shape[1]))
    biases = np.zeros(size)
    np.add.at(found, our_ids[kept], part[:, None] * table[their_ids[kept]])
    # A word that one old word shares with others is the less likely for it.
    np.add.at(biases, our_ids[kept], part * (bias[their_ids[kept]] + 0.5 * np.log(np.maximum(likely[kept], 1e-3))))
    for at in np.flatnonzero(whole == 0):
        ids = _spelled(theirs, ours.id_to_piece(int(at)), int(at))
        found[at], biases[at] = table[ids].mean(0), bias[ids].mean()
    return found.astype(np.float32), biases.astype(np.float32)


def _links(
    theirs: Sequence[Sequence[int]], ours: Sequence[Sequence[int]], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Every pair of pieces that may answer each other (as ours * size + theirs), and which of our pieces it is of."""
    keys, owners, count = [], [], 0
    for old, new in zip(theirs, ours):
        if not (old and new) or max(len(old), len(new)) > LONGEST:
            continue
        centre = np.round((np.arange(len(new)) + 0.5) * len(old) / len(new) - 0.5).astype(int)
        near = centre[:, None] + np.arange(-REACH, REACH + 1)[None]
        row, column = np.nonzero((near >= 0) & (near < len(old)))
        keys.append(np.array(new, np.int64)[row] * size + np.array(old, np.int64)[near[row, column]])
        owners.append(row + count)
        count += len(new)
    return np.concatenate(keys), np.concatenate(owners), count


def _spelled(theirs: Any, piece: str, at: int) -> list[int]:
    """The old pieces that spell a new one; itself for the end and the unknown, which both vocabularies begin with."""
    if at < 2:
        return [at]
    same = theirs.piece_to_id(piece)
    return [same] if same != 1 else theirs.encode(piece.replace("▁", " ")) or [1]
