"""The words a translator may say: those of its training data, and forms that others of their kind have."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from . import corpus
from .recipe import Recipe

WORD = re.compile(r"[^\W\d_]+")
LONGEST_ENDING = 5
SHORTEST_STEM = 3
OFTEN = 12
"""Stems that must show two endings side by side before one is taken to bring the other."""
SHARE = 0.2
"""And such a share of the stems with the one."""
VOTES = 2
"""Endings that must speak for a form nobody wrote."""


def write(recipe: Recipe, work: Path, out: Path) -> int:
    """Write `words.z` into a converted model's folder; says how many forms there are."""
    seen = frozenset(
        word
        for part in corpus.prepared(recipe, work)
        for pair in part
        for word in WORD.findall(pair.target)
        if word.islower()
    )
    forms = seen | grown(seen)
    (out / "words.z").write_bytes(zlib.compress("\n".join(sorted(forms)).encode("utf-8"), 9))
    return len(forms)


def grown(seen: Iterable[str]) -> frozenset[str]:
    """Forms that are not there but whose likes are.

    Endings are learned, with the letter before them, from stems that have several ("-al" brings "-ales", never "-als"),
    so nothing here knows a language.
    """
    stems: dict[str, set[str]] = defaultdict(set)
    for word in seen:
        for size in range(min(LONGEST_ENDING, len(word) - SHORTEST_STEM) + 1):
            stems[word[: len(word) - size]].add(word[len(word) - size :])
    alone: Counter[tuple[str, str]] = Counter()
    both: Counter[tuple[str, str, str]] = Counter()
    for stem, endings in stems.items():
        alone.update((stem[-1:], ending) for ending in endings)
        both.update((stem[-1:], ending, other) for ending in endings for other in endings if ending != other)
    brings: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (letter, ending, other), count in both.items():
        if count >= max(OFTEN, SHARE * alone[letter, ending]):
            brings[letter, ending].append(other)
    votes: Counter[str] = Counter(
        stem + other
        for stem, endings in stems.items()
        for ending in endings
        for other in brings.get((stem[-1:], ending), ())
        if other not in endings
    )
    return frozenset(word for word, count in votes.items() if count >= VOTES)
