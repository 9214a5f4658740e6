"""Which words of a translation say which of the source, by where a translator looked while it wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def words_of_pieces(pieces: Sequence[str], text: str) -> list[int]:
    """The word that each piece belongs to, the first begins one even without its mark; none where pieces and spaces do
    not part the text alike.
    """
    owners = [begun - 1 for begun in accumulate(at == 0 or piece.startswith("▁") for at, piece in enumerate(pieces))]
    return owners if owners and owners[-1] + 1 == len(text.split()) else []


def align_words(
    theirs: Sequence[int], ours: Sequence[int], looked: Sequence[Sequence[float]]
) -> tuple[tuple[int, int], ...]:
    """For each word of a translation the source word with the highest attention of its pieces.

    Args:
        theirs: of each piece of the source its word.
        ours: of each piece of the translation its word.
        looked: of each piece of the translation how much it looked at each of the source; what is beyond the source's
            pieces (the end of the sentence) counts for no word.

    Returns:
        (word of the source, word of the translation); none where pieces or attention are not known.
    """
    if not (looked and theirs and ours):
        return ()
    seen = [[0.0] * (theirs[-1] + 1) for _ in range(ours[-1] + 1)]
    for word, weights in zip(ours, looked):
        for source, weight in zip(theirs, weights):
            seen[word][source] += weight
    return tuple((weights.index(max(weights)), word) for word, weights in enumerate(seen))
