"""Words that are written alike in two languages: names, numbers, words of one origin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

_ALIKE = 4
"""Letters with which two words of one origin begin alike, at least; and more than half of the longer one's."""

_SHORTEST = 3
"""Letters of a word that is the same in both: shorter ones are alike by chance."""
_MOST_WORDS = 400
"""Of a text; the work grows with their square."""


def link_by_form(source: Sequence[str], target: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Which words of a translation say which of its source, as far as their forms tell.

    Words of one form, in one order, are held for each other. What stands between two such pairs says what stands
    between them in the source, as a whole: each of those words is linked with each.

    Args:
        source: the words of the source.
        target: those of the translation.

    Returns:
        (word of the source, word of the translation), as in `Candidate.links`; none where no two words are alike, or
        a text is very long.
    """
    if max(len(source), len(target)) > _MOST_WORDS:
        return ()
    pairs = list(_alike([_form(word) for word in source], [_form(word) for word in target]))
    if not pairs:
        return ()
    links = list(pairs)
    for (a, b), (c, d) in pairwise([(-1, -1), *pairs, (len(source), len(target))]):
        links += [(theirs, ours) for theirs in range(a + 1, c) for ours in range(b + 1, d)]
    return tuple(sorted(links))


def is_same_word(one: str, other: str) -> bool:
    """Whether two words are the same but for case, accents and the marks written at them."""
    return bool(_form(one)) and _form(one) == _form(other)


def _form(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.casefold())
    return re.sub(r"[\W_]|[\u0300-\u036f]", "", bare)


def _alike(source: Sequence[str], target: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The longest row of pairs of one form, in the order of both."""
    best = [[0] * (len(target) + 1) for _ in range(len(source) + 1)]
    for a in reversed(range(len(source))):
        for b in reversed(range(len(target))):
            paired = best[a + 1][b + 1] + 1 if _same(source[a], target[b]) else 0
            best[a][b] = max(paired, best[a + 1][b], best[a][b + 1])
    a = b = 0
    while a < len(source) and b < len(target):
        if _same(source[a], target[b]) and best[a][b] == best[a + 1][b + 1] + 1:
            yield a, b
            a, b = a + 1, b + 1
        elif best[a + 1][b] >= best[a][b + 1]:
            a += 1
        else:
            b += 1


def _same(one: str, other: str) -> bool:
    if one.isdigit() or other.isdigit() or min(len(one), len(other)) < _ALIKE:
        return one == other and (one.isdigit() or len(one) >= _SHORTEST)
    shared = next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    return shared >= _ALIKE and 2 * shared > max(len(one), len(other))
