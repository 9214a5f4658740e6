"""The words of cues, and which words of a corrected file answer which of the delivered one.

Words are compared in the order of the whole file, because editors cut cues anew. Where they stand in another order than
delivered (the texts of two cues were exchanged, or one went into another cue) each cue is compared with what was shown
at its time, so that a text belongs to the lines of the place where it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..data import Span
from ..timedtext.cues import Document
from .relaid import broken_lines

IN_PLACE = 0.5
"""Share of the time that two cues take together in which both must be shown: then one stands in the other's place."""
REPLACED = 0.5
"""A text that keeps a smaller share of its words is another one."""
_APART = re.compile("[!?:;»…]+")
_DASH = re.compile(r"^[-‐-―]+(?=\w|[¿¡\"«“'])")

Opcode = tuple[str, int, int, int, int]
"""As `SequenceMatcher` has them: kind, from and to in the delivered words, from and to in the file's."""
_Pair = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class CueWord:
    """A word of a cue.

    Args:
        text: as it is written, without the dash of a dialogue.
        cue: index of its cue.
        line: index of its line there.
        segment: whose word it is; "" for a label, a sound or another language below.
        at: its place among the words shown of its segment.
    """

    text: str
    cue: int
    line: int
    segment: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class Stretch:
    """How a stretch of a file's words differs from the delivered ones.

    Args:
        opcodes: in order.
        replaced: it is one cue against the one in whose place it stands, and has another text.
    """

    opcodes: tuple[Opcode, ...]
    replaced: bool = False


def words_of(
    document: Document, delivered: Document | None = None, places: Mapping[int, int] | None = None
) -> list[CueWord]:
    """The words of all cues, in order of time; of those that stand twice, once.

    Args:
        document: the cues.
        delivered: what it was made of.
        places: `pair_places` of both: those cues stand in the order of the delivered ones.
    """

    def order(n: int) -> tuple[int, int]:
        if delivered is not None and places is not None and n in places:
            return delivered.cues[places[n]].span.start_ms, places[n]
        return document.cues[n].span.start_ms, n

    once = set(range(len(document.cues))) - repeated_cues(document)
    words = (
        CueWord(undashed(text), n, number)
        for n in sorted(once, key=order)
        for number, line in enumerate(document.cues[n].lines)
        for text in split_words(line)
    )
    return [word for word in words if any(char.isalnum() for char in word.text)]


def repeated_cues(document: Document) -> set[int]:
    """Cues that say what an earlier one says at the same time, from 0: an editor's slip."""
    seen: set[tuple[Span, tuple[str, ...]]] = set()
    found: set[int] = set()
    for n, cue in enumerate(document.cues):
        if (place := (cue.span, cue.lines)) in seen:
            found.add(n)
        seen.add(place)
    return found


def split_words(line: str) -> list[str]:
    """The words of a line, each with the marks that some languages write apart behind it ("Oui ?")."""
    words: list[str] = []
    for text in line.split():
        if words and _APART.fullmatch(text):
            words[-1] += f" {text}"
        else:
            words.append(text)
    return words


def undashed(text: str) -> str:
    """A word without the dash of a dialogue."""
    return _DASH.sub("", text)


def bare(text: str) -> str:
    """A word without case and punctuation."""
    return "".join(char for char in text.casefold() if char.isalnum())


def opcodes(one: Sequence[str], two: Sequence[str]) -> list[Opcode]:
    """How two texts differ, word by word."""
    return SequenceMatcher(None, one, two, autojunk=False).get_opcodes()  # type: ignore[return-value]


def pair_places(document: Document, delivered: Document) -> dict[int, int]:
    """The delivered cue in whose place a cue stands, by time; of several, one that says the same."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    shown = sorted(range(len(delivered.cues)), key=lambda m: delivered.cues[m].span.start_ms)
    longest = max((cue.span.length_ms for cue in delivered.cues), default=0)
    waiting: list[tuple[int, list[int]]] = []
    first = 0
    for n in sorted(range(len(document.cues)), key=lambda n: document.cues[n].span.start_ms):
        cue = document.cues[n]
        while first < len(shown) and delivered.cues[shown[first]].span.start_ms < cue.span.start_ms - longest:
            first += 1
        near = []
        for m in shown[first:]:
            if delivered.cues[m].span.start_ms >= cue.span.end_ms:
                break
            if _share(cue.span, delivered.cues[m].span) > IN_PLACE:
                near.append(m)
        same = [m for m in near if m not in taken and broken_lines(delivered.cues[m]) == broken_lines(cue)]
        if same:
            found[n] = same[0]
            taken.add(same[0])
        else:
            waiting.append((n, near))
    for n, near in waiting:
        if free := [m for m in near if m not in taken]:
            found[n] = max(free, key=lambda m: _share(document.cues[n].span, delivered.cues[m].span))
            taken.add(found[n])
    return found


def _share(one: Span, two: Span) -> float:
    """Share of the time of two spans together that both have."""
    both = one.overlap_ms(two)
    return both / max(1, one.length_ms + two.length_ms - both)


def compare_words(
    delivered: Sequence[CueWord], words: Sequence[CueWord], places: Mapping[int, int]
) -> Iterator[Stretch]:
    """How a file's words differ from those that were delivered, stretch by stretch, in order.

    Args:
        delivered: what was shown.
        words: of the file.
        places: `pair_places` of both.
    """
    ours, theirs = _ranges(delivered), _ranges(words)
    pairs = sorted((ours[m], theirs[n]) for n, m in places.items() if m in ours and n in theirs)
    kept = [(one, two) for one, two in pairs if _texts(delivered, one) == _texts(words, two)]
    for one, two, is_kept in _cut(kept, len(delivered), len(words)):
        old, new = _texts(delivered, one), _texts(words, two)
        if is_kept or not _in_other_order(old, new):
            found = _opcodes_at(one[0], two[0], old, new)
            yield Stretch(found, (one, two) in pairs and _share_kept(found) < REPLACED)
            continue
        inside = [
            ((a - one[0], b - one[0]), (c - two[0], d - two[0]))
            for (a, b), (c, d) in pairs
            if one[0] <= a and b <= one[1] and two[0] <= c and d <= two[1]
        ]
        for (a, b), (c, d), is_pair in _cut(inside, len(old), len(new)):
            yield Stretch(_opcodes_at(one[0] + a, two[0] + c, old[a:b], new[c:d]), is_pair)


def _ranges(words: Sequence[CueWord]) -> dict[int, tuple[int, int]]:
    """Cue -> where its words stand."""
    found: dict[int, tuple[int, int]] = {}
    for n, word in enumerate(words):
        found[word.cue] = found.get(word.cue, (n, n))[0], n + 1
    return found


def _texts(words: Sequence[CueWord], place: tuple[int, int]) -> list[str]:
    return [word.text for word in words[slice(*place)]]


def _cut(pairs: Sequence[_Pair], total: int, other: int) -> Iterator[tuple[tuple[int, int], tuple[int, int], bool]]:
    """Two texts cut before and after each pair of stretches: the pairs, and what lies between."""
    at, beside = 0, 0
    for one, two in pairs:
        if (at, beside) != (one[0], two[0]):
            yield (at, one[0]), (beside, two[0]), False
        yield one, two, True
        at, beside = one[1], two[1]
    if (at, beside) != (total, other):
        yield (at, total), (beside, other), False


def _in_other_order(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether words of both stand in another order."""
    one, two = [bare(text) for text in old], [bare(text) for text in new]
    gone: Counter[str] = Counter()
    come: Counter[str] = Counter()
    for tag, a, b, c, d in opcodes(one, two):
        if tag != "equal":
            gone.update(one[a:b])
            come.update(two[c:d])
    return bool(gone & come)


def _share_kept(found: Sequence[Opcode]) -> float:
    """Share of the words of the shorter text that the other has too."""
    kept = sum(b - a for tag, a, b, _, _ in found if tag == "equal")
    old, new = sum(b - a for _, a, b, _, _ in found), sum(d - c for *_, c, d in found)
    return kept / max(1, min(old, new))


def _opcodes_at(first: int, other: int, old: Sequence[str], new: Sequence[str]) -> tuple[Opcode, ...]:
    return tuple((tag, first + a, first + b, other + c, other + d) for tag, a, b, c, d in opcodes(old, new))
