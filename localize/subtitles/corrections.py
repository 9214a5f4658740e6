"""Corrections that a person wrote into delivered subtitles: which lines of the film say something else now.

People correct the file they were given, in whatever editor, and editors cut cues anew. So the words of the whole file
are compared with those that were delivered, not cue with cue: words that are the same belong to the line they came
from, words that replace others belong to the line of those, and what was shown shorter than it is said is corrected
where it stands in what is said.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter

from ..data import Span
from ..language.script import has_word_spaces
from ..language.tags import main_language
from ..language.turns import is_plain, spoken_text, turns_of
from ..timedtext.cues import Document
from ..transcription.master import Master
from . import profiles
from .caption import RenderedSubtitles
from .relaid import find_marked, find_moved, find_recut, pair_cues
from .render import render_source, render_target
from .words import GLUE, SOUND

ALIKE = 0.5
"""Share of a file's cues that must stand at the times of delivered ones: then it is these subtitles, corrected. Another
person's subtitles of the same film have many of its words, and times of their own."""
SURE = 0.9
"""From this share on no other profile is tried."""
FRAME_MS = 42
"""Editors count times in frames."""
_ENDS = re.compile(r"[.!?…][\"'»”)\]]*$")
_LABELS = re.compile(r"(?:\[[^\[\]]*\]\s*)+")
_APART = re.compile("[!?:;»…]+")
_DASH = re.compile(r"^[-‐-―]+(?=\w|[¿¡\"«“'])")


@dataclass(frozen=True, slots=True)
class SubtitleCorrections:
    """What a person changed in delivered subtitles.

    Args:
        texts: segment -> what it says now.
        emptied: lines none of whose words are left.
        strange: numbers of the file's cues, from 1, with words that belong to no line, without a label or a sound, or
            that stand twice.
        moved: numbers of its cues that say what they said, at other times.
        profile: by which the file had been cut.
        marked: numbers of its cues with letters, colours or places that were not delivered, or without those that were.
        recut: numbers of its cues that were joined, parted or broken otherwise.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    strange: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    profile: str = ""
    marked: tuple[int, ...] = ()
    recut: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a cue.

    Args:
        text: as it is written, without the dash of a dialogue.
        cue: index of its cue.
        segment: whose word it is; "" for a label, a sound or another language below.
        at: its place among the words shown of its segment.
    """

    text: str
    cue: int
    segment: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said in a language: segment -> text, however short it is shown."""

    language: str
    texts: Mapping[str, str]

    def spoken(self, segment: str, text: str) -> str:
        """A corrected line without labels and sounds, where there were none before."""
        turns = turns_of(text, self.language)
        if is_plain(turns) or not is_plain(turns_of(self.texts.get(segment, ""), self.language)):
            return text
        return spoken_text(turns)


@dataclass(frozen=True, slots=True)
class _Change:
    """Words of a segment from `first` to before `end`, as shown, that are others now."""

    first: int
    end: int
    texts: tuple[str, ...]


def find_corrections(
    document: Document, master: Master, language: str, wanted: Sequence[str], *, own: bool = False
) -> SubtitleCorrections | None:
    """What was changed in delivered subtitles; None where the file holds others.

    Args:
        document: the file.
        master: what the delivered subtitles were made of.
        language: of the file.
        wanted: profiles that they were cut by, likeliest first; if none fits, all others are tried.
        own: the file lies where it was delivered: its words must be alike, not its times.

    Raises:
        UsageError: a profile is not there any more.
    """
    if not has_word_spaces(main_language(language)):
        return None
    theirs = _words_of(document)
    best: tuple[float, float, str, RenderedSubtitles] | None = None
    for profile in dict.fromkeys((*wanted, *profiles.names())):
        if best is not None and min(best[:2]) >= SURE:
            break
        shown = _render(master, language, profile)
        if shown is None:
            return None
        place = _share_in_place(document, shown.document)
        alike = _share_in_common(theirs, _words_of(shown.document))
        if best is None or _likeness(place, alike) > _likeness(*best[:2]):
            best = place, alike, profile, shown
    if best is None:
        return None
    place, alike, profile, shown = best
    if place < ALIKE and not (own and alike >= ALIKE):
        return None
    return _compare(document, theirs, shown, _Said(language, _said(master, language)), profile)


def has_delivered_words(document: Document, master: Master, language: str, profile: str) -> bool:
    """Whether nearly all words of a file are those of delivered subtitles, whenever it shows them."""
    shown = _render(master, language, profile)
    if shown is None:
        return False
    theirs, ours = (Counter(word.text for word in _words_of(doc)) for doc in (document, shown.document))
    return (theirs & ours).total() >= SURE * max(1, theirs.total())


def _likeness(place: float, alike: float) -> float:
    """How surely a file was cut by a profile: labels are words that no other has, times change when cues are joined."""
    return place + 2 * alike


def _render(master: Master, language: str, profile: str) -> RenderedSubtitles | None:
    if language == master.sheet.transcript.language:
        return render_source(profile, master.sheet)
    target = next((t for t in master.targets if t.translation.language == language), None)
    return None if target is None else render_target(profile, master.sheet, target)


def _said(master: Master, language: str) -> dict[str, str]:
    """Segment -> what is said in a language, however short it is shown."""
    if language == master.sheet.transcript.language:
        return {segment.id: segment.text for segment in master.sheet.transcript.segments}
    targets = (target for target in master.targets if target.translation.language == language)
    return {words.segment: words.text for target in targets for words in target.words}


def _words_of(document: Document) -> list[_Word]:
    """The words of all cues, in order of time; of those that stand twice, once."""
    once = set(range(len(document.cues))) - _repeated(document)
    ordered = sorted(once, key=lambda n: (document.cues[n].span.start_ms, n))
    texts = ((n, _DASH.sub("", text)) for n in ordered for line in document.cues[n].lines for text in _split(line))
    return [_Word(text, n) for n, text in texts if any(char.isalnum() for char in text)]


def _repeated(document: Document) -> set[int]:
    """Cues that say what an earlier one says at the same time, from 0: an editor's slip."""
    seen: set[tuple[Span, tuple[str, ...]]] = set()
    found: set[int] = set()
    for n, cue in enumerate(document.cues):
        if (place := (cue.span, cue.lines)) in seen:
            found.add(n)
        seen.add(place)
    return found


def _split(line: str) -> list[str]:
    """The words of a line, each with the marks that some languages write apart behind it ("Oui ?")."""
    words: list[str] = []
    for text in line.split():
        if words and _APART.fullmatch(text):
            words[-1] += f" {text}"
        else:
            words.append(text)
    return words


def _share_in_place(document: Document, delivered: Document) -> float:
    """Share of a file's cues that stand at the times of delivered ones."""
    starts = sorted((cue.span.start_ms, cue.span.end_ms) for cue in delivered.cues)
    met = 0
    for cue in document.cues:
        near = starts[bisect_left(starts, (cue.span.start_ms - FRAME_MS, 0)) :][:3]
        met += any(max(abs(a - cue.span.start_ms), abs(b - cue.span.end_ms)) <= FRAME_MS for a, b in near)
    return met / max(1, len(document.cues), len(delivered.cues))


def _share_in_common(some: Sequence[_Word], others: Sequence[_Word]) -> float:
    one, two = (Counter(word.text for word in words) for words in (some, others))
    return (one & two).total() / max(1, one.total(), two.total())


def _with_lines(words: Sequence[_Word], shown: RenderedSubtitles) -> list[_Word]:
    """The words of delivered cues with the lines they come from."""
    spoken: list[tuple[str, str, int]] = []
    counts: Counter[str] = Counter()
    said = ((w.segment_id, w.text.rpartition(GLUE)[2]) for w in shown.fitted.words if w.speaker != SOUND)
    for segment, group in groupby(said, key=itemgetter(0)):
        for text in _split(" ".join(text for _, text in group)):
            if any(char.isalnum() for char in text):
                spoken.append((_DASH.sub("", text), segment, counts[segment]))
                counts[segment] += 1
    found = list(words)
    for tag, a, b, c, _ in _opcodes([w.text for w in words], [text for text, _, _ in spoken]):
        if tag == "equal":
            for n in range(b - a):
                _, segment, at = spoken[c + n]
                found[a + n] = _Word(words[a + n].text, words[a + n].cue, segment, at)
    return found


def _opcodes(one: Sequence[str], two: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, one, two, autojunk=False).get_opcodes()


def _compare(
    document: Document, theirs: Sequence[_Word], shown: RenderedSubtitles, said: _Said, profile: str
) -> SubtitleCorrections:
    ours = _with_lines(_words_of(shown.document), shown)
    changes: dict[str, list[_Change]] = {}
    cues: dict[str, list[int]] = {}
    same: list[tuple[int, int]] = []
    strange = [n + 1 for n in sorted(_repeated(document))]
    for tag, a, b, c, d in _opcodes([w.text for w in ours], [w.text for w in theirs]):
        if tag == "equal":
            same += [(theirs[c + n].cue, ours[a + n].cue) for n in range(b - a)]
            continue
        dealt = _deal(ours, (a, b), theirs[c:d], document, shown)
        if dealt is None:
            strange += [word.cue + 1 for word in theirs[c:d] or theirs[max(0, c - 1) : c + 1][:1]]
            continue
        for segment, change in dealt:
            changes.setdefault(segment, []).append(change)
            cues.setdefault(segment, []).extend(word.cue + 1 for word in theirs[c:d])
    texts, emptied = {}, []
    for segment, made in changes.items():
        before = [word.text for word in ours if word.segment == segment]
        written = _rewrite(said.texts.get(segment, ""), before, made)
        text = said.spoken(segment, written)
        strange += cues[segment] if text != written else []
        if not text:
            emptied.append(segment)
        elif text != said.texts.get(segment):
            texts[segment] = text
    moved = tuple(find_moved(document, shown.document, pair_cues(same)))
    changed = _with_others(theirs, same)
    recut = (n for n in find_recut(document, shown.document, same, changed) if n not in moved)
    marked = tuple(find_marked(document, shown.document))
    return SubtitleCorrections(
        texts, tuple(emptied), tuple(dict.fromkeys(strange)), moved, profile, marked, tuple(recut)
    )


def _with_others(words: Sequence[_Word], same: Sequence[tuple[int, int]]) -> set[int]:
    """Cues with words that were not delivered."""
    kept = Counter(n for n, _ in same)
    return {n for n, count in Counter(word.cue for word in words).items() if count > kept[n]}


def _deal(
    ours: Sequence[_Word], place: tuple[int, int], new: Sequence[_Word], document: Document, shown: RenderedSubtitles
) -> list[tuple[str, _Change]] | None:
    """Whose words are exchanged for new ones; None where nobody's are."""
    a, b = place
    old = [word for word in ours[a:b] if word.segment]
    if len(old) < b - a and (new or not old):
        return None  # a label, a sound or another language below: nobody's words
    if not old and _LABELS.fullmatch(" ".join(word.text for word in new)):
        return None
    if not old:
        beside = _beside(ours, place, new, document, shown)
        if beside is None:
            return None
        return [(beside.segment, _Change(beside.at, beside.at, tuple(w.text for w in new)))]
    parts = _parted(old, [word.text for word in new])
    return [(line[0].segment, _Change(line[0].at, line[-1].at + 1, tuple(texts))) for line, texts in parts]


def _beside(
    ours: Sequence[_Word], place: tuple[int, int], new: Sequence[_Word], document: Document, shown: RenderedSubtitles
) -> _Word | None:
    """The word before which new ones go, `at` counted past the last of its line where they end it; None where they are
    shown when nobody speaks.
    """
    a, b = place
    before = next((word for word in reversed(ours[:a]) if word.segment), None)
    after = next((word for word in ours[b:] if word.segment), None)
    if before is not None:
        before = _Word(before.text, before.cue, before.segment, before.at + 1)
    if before is not None and after is not None and before.segment == after.segment:
        return before
    span = document.cues[new[0].cue].span
    near = [w for w in (before, after) if w is not None and _meets(shown.document.cues[w.cue].span, span)]
    if len(near) == 2:
        overlaps = [shown.document.cues[w.cue].span.overlap_ms(span) for w in near]
        if overlaps[0] == overlaps[1]:
            return near[1] if _ENDS.search(ours[a - 1].text) and not _ENDS.search(new[-1].text) else near[0]
        return near[overlaps.index(max(overlaps))]
    return near[0] if near else None


def _meets(one: Span, two: Span) -> bool:
    return one.overlap_ms(two) > 0


def _parted(old: Sequence[_Word], new: Sequence[str]) -> Iterator[tuple[list[_Word], list[str]]]:
    """Old words by line, each with its part of the new ones: those that are alike stay together, others follow by their
    share.
    """
    lines: list[list[_Word]] = []
    for word in old:
        if lines and lines[-1][0].segment == word.segment:
            lines[-1].append(word)
        else:
            lines.append([word])
    ends = _ends_in(_opcodes([_bare(w.text) for w in old], [_bare(t) for t in new]), lines, len(new))
    start = 0
    for line, end in zip(lines, ends):
        yield line, list(new[start:end])
        start = end


def _ends_in(
    opcodes: Iterable[tuple[str, int, int, int, int]], lines: Sequence[Sequence[_Word]], total: int
) -> list[int]:
    """Where among the new words each line ends."""
    steps = list(opcodes)
    starts = [a for _, a, *_ in steps]
    ends, at = [], 0
    for line in lines[:-1]:
        at += len(line)
        _, a, b, c, d = steps[max(0, bisect_right(starts, at) - 1)]
        ends.append(c + round((at - a) * (d - c) / max(1, b - a)))
    return [*ends, total]


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _rewrite(said: str, shown: Sequence[str], changes: Sequence[_Change]) -> str:
    """What a line says with changes of what was shown of it: made in all that is said where the place is found there,
    else what is shown now.
    """
    whole = _split(said)
    place: dict[int, int] = {}
    for tag, a, b, c, _ in _opcodes(list(shown), [_DASH.sub("", word) for word in whole]):
        place |= {a + n: c + n for n in range(b - a)} if tag == "equal" else {}
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for change in changes:
        inside = range(change.first, change.end)
        if all(n in place for n in inside) and (inside or change.first == 0 or change.first - 1 in place):
            first = place[change.first] if inside else 0 if not change.first else place[change.first - 1] + 1
            found.append((first, place[change.end - 1] + 1 if inside else first, change.texts))
        else:
            whole = list(shown)
            found = [(c.first, c.end, c.texts) for c in changes]
            break
    for first, end, texts in sorted(found, reverse=True):
        whole[first:end] = texts
    return " ".join(whole)
