"""Split a target text into phrases at the pauses of its source line."""

from __future__ import annotations

from collections.abc import Sequence

from ..data import Span
from ..language.boundaries import Break, boundary
from ..language.spoken import normalize_text
from ..language.syllables import syllables

MIN_SYLLABLES = 3
SPLIT_COST = {Break.SENTENCE: 0.0, Break.CLAUSE: 0.0, Break.OPEN: 0.15, Break.PLAIN: 0.4}
"""What a split costs where the text has no punctuation, against `CROWDED`."""
PAUSE_S = {Break.SENTENCE: 0.0, Break.CLAUSE: 0.0, Break.OPEN: 0.06, Break.PLAIN: 0.1, Break.FORBIDDEN: 1.0}
"""What a pause costs there, in seconds of speech at the wrong time."""
CROWDED = 4.0
"""What a phrase costs that has twice its share of syllables, if it is the whole line."""
POOR = 1.5
"""A mean cost beyond which two phrases of the source are rather spoken as one."""


def split_phrases(text: str, phrases: Sequence[Span], language: str) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Split a text at the source's pauses.

    The text is split where its share of syllables comes nearest to the source's share of time, at punctuation if it can
    be, never after a word that leans on the next. Where no such place exists, or a phrase without punctuation would
    have under three syllables, the two source phrases are taken as one.

    Returns:
        the phrases of the text and the stretch of source for each.
    """
    words = text.split()
    slots = list(phrases)
    while len(slots) > 1:
        cuts = _cuts(words, slots, language)
        if cuts is not None:
            edges = [0, *cuts, len(words)]
            return tuple(" ".join(words[a:b]) for a, b in zip(edges, edges[1:])), tuple(slots)
        # The shortest pause is the one missed least.
        at = min(range(1, len(slots)), key=lambda i: slots[i].start_ms - slots[i - 1].end_ms)
        slots[at - 1 : at + 1] = [Span(slots[at - 1].start_ms, slots[at].end_ms)]
    return (" ".join(words),), tuple(slots)


def pauses_between(texts: Sequence[str], language: str) -> tuple[float, ...]:
    """The cost, in seconds, of a pause before each phrase but the first: 0 where the text has a boundary."""
    return tuple(PAUSE_S[boundary(a.split()[-1], b.split()[0], language)] for a, b in zip(texts, texts[1:]))


def _apart(words: Sequence[str], language: str) -> list[bool]:
    """For each word whether the text can be parted before it: not inside of what is said as one, "1 | milhão de reais",
    where the two parts would not be said as the whole is.
    """
    whole = " ".join(words)
    said = normalize_text(whole, language, respell=False)
    if said == whole:
        return [True] * len(words)
    said = said.casefold()
    return [not i or said == " ".join(_said_apart(words, i, language)).casefold().strip() for i in range(len(words))]


def _said_apart(words: Sequence[str], at: int, language: str) -> tuple[str, str]:
    first, second = (normalize_text(" ".join(part), language, respell=False) for part in (words[:at], words[at:]))
    return first, second


def _cuts(words: Sequence[str], slots: Sequence[Span], language: str) -> list[int] | None:
    """Word indices to split at, one for each pause; None where it cannot be done decently."""
    total, time = 0, sum(s.length_ms for s in slots)
    before = [0]
    apart = _apart(words, language)
    for word in words:
        total += max(1, syllables(word, language))
        before.append(total)
    if len(words) < len(slots):
        return None
    breaks = [Break.SENTENCE, *(boundary(a, b, language) for a, b in zip(words, words[1:]))]
    allowed = [i for i in range(1, len(words)) if breaks[i] is not Break.FORBIDDEN and apart[i]]
    # best[i]: the cheapest way to end a phrase before word i
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for n, slot in enumerate(slots):
        share = slot.length_ms / time
        following: dict[int, tuple[float, list[int]]] = {}
        for i in allowed if n < len(slots) - 1 else [len(words)]:
            least = 1 if i == len(words) or breaks[i] <= Break.CLAUSE else MIN_SYLLABLES
            ways = [
                (cost + CROWDED * share * ((before[i] - before[j]) / total / share - 1) ** 2, [*cuts, i])
                for j, (cost, cuts) in best.items()
                if before[i] - before[j] >= least
            ]
            if ways:
                cost, cuts = min(ways)
                following[i] = (cost + (SPLIT_COST[breaks[i]] if i < len(words) else 0.0), cuts)
        best = following
    if len(words) not in best:
        return None
    cost, cuts = best[len(words)]
    return cuts[:-1] if cost / len(slots) < POOR else None
