"""What a person changed in delivered cues besides their words: times, cutting, letters, colours, places.

A dub takes over none of it, so that it has to be told: cues are timed and cut anew from what is spoken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ..data import Span
from ..timedtext.cues import Cue, Document, place_of
from ..timedtext.formats import format_of

MOVED_MS = 100
"""A cue whose time was changed by more was moved by a person; editors round to frames."""
BOTTOM = 2
"""Where cues stand that say nothing of their place, as on a number pad."""
_LOOKS = frozenset({"italic", "bold", "underline", "strike", "colour", "background", "face", "size"})


def find_moved(
    document: Document, delivered: Document, same: Collection[tuple[int, int]], places: Mapping[int, int]
) -> Iterator[int]:
    """Numbers of cues that say what a delivered one says, or that and corrected words, at another time.

    Args:
        document: the file.
        delivered: what it was made of.
        same: as in `pair_cues`; a cue without any of those words has another text.
        places: cue of the file -> delivered cue in whose place it stands, from 0.
    """
    theirs: dict[tuple[str, ...], list[Span]] = {}
    for cue in delivered.cues:
        theirs.setdefault(broken_lines(cue), []).append(cue.span)
    partners, alike, known = pair_cues(same), _alike(document, delivered, same), {n for n, _ in same}
    for n, cue in enumerate(document.cues):
        at = partners.get(n) if n in known else places.get(n)
        if n in alike or at is None:
            spans = theirs.get(broken_lines(cue), [])
        else:
            spans = [delivered.cues[at].span]
        away = [max(abs(s.start_ms - cue.span.start_ms), abs(s.end_ms - cue.span.end_ms)) for s in spans]
        if away and min(away) > MOVED_MS:
            yield n + 1


def _alike(document: Document, delivered: Document, same: Collection[tuple[int, int]]) -> set[int]:
    """Cues that have words of a delivered one which says the same."""
    return {n for n, m in same if broken_lines(document.cues[n]) == broken_lines(delivered.cues[m])}


def _is_rebroken(cue: Cue, delivered: Cue) -> bool:
    return broken_lines(cue) != broken_lines(delivered)


def broken_lines(cue: Cue) -> tuple[str, ...]:
    """The lines of a cue with the words as they are read: editors add spaces of many kinds, which nobody sees."""
    return tuple(filter(None, (" ".join(line.split()) for line in cue.lines)))


def pair_cues(same: Collection[tuple[int, int]]) -> dict[int, int]:
    """The delivered cue of each cue that has words of no other one, where that has all its words there.

    Args:
        same: (cue of the file, delivered cue) of every word that is in both, from 0.
    """
    ours: dict[int, set[int]] = {}
    theirs: dict[int, set[int]] = {}
    for n, m in same:
        ours.setdefault(n, set()).add(m)
        theirs.setdefault(m, set()).add(n)
    pairs = {n: next(iter(found)) for n, found in ours.items() if len(found) == 1}
    return {n: m for n, m in pairs.items() if len(theirs[m]) == 1}


def find_recut(
    document: Document, delivered: Document, same: Sequence[tuple[int, int]], changed: Collection[int]
) -> Iterator[int]:
    """Numbers of cues that were joined or parted, or whose lines were broken or marked otherwise around the same words.

    Args:
        document: the file.
        delivered: what it was made of.
        same: as in `pair_cues`.
        changed: cues with other words, from 0.
    """
    partners = pair_cues(same)
    for n in sorted({n for n, _ in same}):
        if n not in partners or (n not in changed and _is_rebroken(document.cues[n], delivered.cues[partners[n]])):
            yield n + 1


def find_marked(document: Document, delivered: Document) -> Iterator[int]:
    """Numbers of cues with letters, a colour or a place that nothing delivered at their time has, or without letters
    that all of it has, where the file's format can hold them.
    """
    form = format_of(document.format)
    held = _LOOKS if form is None else _LOOKS & form.holds
    for number, cue in enumerate(document.cues, 1):
        beside = [other for other in delivered.cues if other.span.overlap_ms(cue.span) > 0]
        added = _looks(cue, _LOOKS).difference(*(_looks(other, _LOOKS) for other in beside))
        gone = set.intersection(*(_looks(other, held) for other in beside)) if beside else set()
        placed = place_of(cue.settings) not in {BOTTOM, *(place_of(other.settings) for other in beside)}
        if added or placed or gone - _looks(cue, held):
            yield number


def _looks(cue: Cue, kinds: Collection[str]) -> set[tuple[str, str]]:
    return {(mark.kind, mark.value.casefold()) for mark in cue.marks if mark.kind in kinds}
