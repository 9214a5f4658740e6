"""Words of a sentence that its translation leaves out, found by translating back.

A word is left out where the translator looked at it for no word of its translation, and a translator of the opposite
direction, made to write the sentence as the translation of its translation, hardly finds it likelier than with nothing
to translate. Either alone is often wrong. (Scoring by a translation back: Thompson and Post 2020, "Automatic Machine
Translation Evaluation in Many Languages via Zero-Shot Paraphrasing", EMNLP.) A word that is translated by another
meaning of it is not found: backwards it is likely.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ..data import Candidate
from ..language.boundaries import word_set

UNLIKELY = -9.0
"""Log-probability of a word, above which it is said."""
GAIN = 10.0
"""What a translation adds to the log-probability of a word it says, at least. Both bounds were set on 300 everyday
lines to Portuguese; of 600 others (tatoeba-dev) they tell of two, one of which leaves the word out.
"""
_SMALL = word_set(
    "the a an of to in on at by for with and or but is are was were be been am do does did has have had it its he "
    "she they we you i me him her them us my your his their our this that these those there here as from will "
    "would can could should may might must so if than then when what who which how why where very too just also "
    "about up down out off over into back get got go went gone come came make made take took some one any all "
    "more most much many such own same well even still now put let going say says said sir ma mr mrs ms dr quite "
    "really please oh yes yeah okay ok lady old reckon guess suppose"
)
"""Words of which a good translation often has no counterpart."""


def unlinked_words(sentence: str, candidate: Candidate, checked: Collection[str] = ()) -> tuple[int, ...]:
    """Which words of an English sentence no word of its translation says by `Candidate.links`; none where it has none.

    Args:
        sentence: the source.
        candidate: its translation.
        checked: words that are looked for in other ways.
    """
    linked = {source for source, _ in candidate.links}
    return tuple(at for at, word in _content(sentence) if linked and at not in linked and word not in checked)


def unsaid_words(
    sentence: str, given: Sequence[float], alone: Sequence[float], unlinked: Collection[int]
) -> tuple[str, ...]:
    """The words of an English sentence that its translation leaves out.

    Args:
        sentence: the source.
        given: of each of its words the log-probability, given the translation; () where it is not known.
        alone: the same with nothing to translate.
        unlinked: see `unlinked_words`.
    """
    words = dict(_content(sentence))
    scores = enumerate(zip(given, alone))
    odd = (at for at, (own, bare) in scores if own < UNLIKELY and own - bare < GAIN)
    return tuple(dict.fromkeys(words[at] for at in odd if at in unlinked and at in words))


def _content(sentence: str) -> Iterator[tuple[int, str]]:
    """The words that a translation must say, each with its place; numbers and names are looked for otherwise."""
    for at, word in enumerate(sentence.split()):
        plain = word.strip(".,;:!?…\"'“”()[]«»-")
        if re.fullmatch(r"[a-z]{3,}|[A-Z][a-z]{2,}", plain) and plain.lower() not in _SMALL:
            yield at, plain
