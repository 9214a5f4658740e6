"""Corrections that a person wrote into delivered subtitles: which lines of the film say something else now.

People correct the file they were given, in whatever editor, and editors cut cues anew. So the words of the whole file
are compared with those that were delivered, not cue with cue: words that are the same belong to the line they came
from, words that replace others belong to the line of those, and what was shown shorter than it is said is corrected
where it stands in what is said.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter

from ..language.script import has_word_spaces
from ..language.tags import main_language
from ..language.turns import is_plain, spoken_text, turns_of
from ..timedtext.cues import Document
from ..transcription.master import Master
from . import profiles
from .caption import RenderedSubtitles
from .cue_changes import Change, deal, may_be_below, with_others_below
from .cue_words import (
    CueWord,
    compare_words,
    opcodes,
    pair_places,
    repeated_cues,
    split_words,
    undashed,
    words_of,
)
from .relaid import find_marked, find_moved, find_recut
from .render import render_source, render_target
from .words import GLUE, SOUND

ALIKE = 0.5
"""Share of a file's cues that must stand at the times of delivered ones: then it is these subtitles, corrected. Another
person's subtitles of the same film have many of its words, and times of their own."""
SURE = 0.9
"""From this share on no other profile is tried."""
FRAME_MS = 42
"""Editors count times in frames."""


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
    theirs = words_of(document)
    best: tuple[float, float, str, RenderedSubtitles] | None = None
    sure = False  # that it was cut by the best, whatever of its words was taken out
    for profile in dict.fromkeys((*wanted, *profiles.names())):
        if best is not None and (min(best[:2]) >= SURE or (best[2] in wanted and sure)):
            break
        shown = _render(master, language, profile)
        if shown is None:
            return None
        place = _share_in_place(document, shown.document)
        alike = _share_in_common(theirs, words_of(shown.document))
        if best is None or _likeness(place, alike) > _likeness(*best[:2]):
            best = place, alike, profile, shown
            sure = min(place, _share_of(theirs, words_of(shown.document))) >= SURE
    if best is None:
        return None
    place, alike, profile, shown = best
    if place < ALIKE and not (own and alike >= ALIKE):
        return None
    return _compare(document, shown, _Said(language, _said(master, language)), profile)


def has_delivered_words(document: Document, master: Master, language: str, profile: str) -> bool:
    """Whether nearly all words of a file are those of delivered subtitles, whenever it shows them."""
    shown = _render(master, language, profile)
    if shown is None:
        return False
    return _share_of(words_of(document), words_of(shown.document)) >= SURE


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


def _share_in_place(document: Document, delivered: Document) -> float:
    """Share of a file's cues that stand at the times of delivered ones."""
    starts = sorted((cue.span.start_ms, cue.span.end_ms) for cue in delivered.cues)
    met = 0
    for cue in document.cues:
        near = starts[bisect_left(starts, (cue.span.start_ms - FRAME_MS, 0)) :][:3]
        met += any(max(abs(a - cue.span.start_ms), abs(b - cue.span.end_ms)) <= FRAME_MS for a, b in near)
    return met / max(1, len(document.cues), len(delivered.cues))


def _share_in_common(some: Sequence[CueWord], others: Sequence[CueWord]) -> float:
    one, two = (Counter(word.text for word in words) for words in (some, others))
    return (one & two).total() / max(1, one.total(), two.total())


def _share_of(some: Sequence[CueWord], others: Sequence[CueWord]) -> float:
    one, two = (Counter(word.text for word in words) for words in (some, others))
    return (one & two).total() / max(1, one.total())


def _with_lines(words: Sequence[CueWord], shown: RenderedSubtitles) -> list[CueWord]:
    """The words of delivered cues with the lines they come from."""
    spoken: list[tuple[str, str, int]] = []
    counts: Counter[str] = Counter()
    said = ((w.segment_id, w.text.rpartition(GLUE)[2]) for w in shown.fitted.words if w.speaker != SOUND)
    for segment, group in groupby(said, key=itemgetter(0)):
        for text in split_words(" ".join(text for _, text in group)):
            if any(char.isalnum() for char in text):
                spoken.append((undashed(text), segment, counts[segment]))
                counts[segment] += 1
    found = list(words)
    for tag, a, b, c, _ in opcodes([w.text for w in words], [text for text, _, _ in spoken]):
        if tag == "equal":
            for n in range(b - a):
                _, segment, at = spoken[c + n]
                found[a + n] = replace(words[a + n], segment=segment, at=at)
    return found


def _compare(document: Document, shown: RenderedSubtitles, said: _Said, profile: str) -> SubtitleCorrections:
    ours = _with_lines(words_of(shown.document), shown)
    places = pair_places(document, shown.document)
    theirs = words_of(document, shown.document, places)
    changes: dict[str, list[Change]] = {}
    cues: dict[str, list[int]] = {}
    same: list[tuple[int, int]] = []
    strange = [n + 1 for n in sorted(repeated_cues(document))]
    below = with_others_below(ours)
    for stretch in compare_words(ours, theirs, places):
        found: list[tuple[str, Change, Sequence[CueWord]]] = []
        lost: list[int] = []
        for tag, a, b, c, d in stretch.opcodes:
            if tag == "equal":
                same += [(theirs[c + n].cue, ours[a + n].cue) for n in range(b - a)]
                continue
            dealt: list[tuple[str, Change]] = []
            labelled = False
            if not may_be_below(ours, (a, b), theirs, (c, d), below, whole=stretch.replaced):
                dealt, labelled = deal(ours, (a, b), theirs[c:d], document, shown)
            found += [(segment, change, theirs[c:d]) for segment, change in dealt]
            if labelled or not dealt:
                lost += [word.cue + 1 for word in theirs[c:d] or theirs[c : c + 1] or theirs[c - 1 : c]]
            if stretch.replaced and not dealt:  # part of another text makes no sense
                found = []
                break
        strange += lost
        for segment, change, words in found:
            changes.setdefault(segment, []).append(change)
            cues.setdefault(segment, []).extend(word.cue + 1 for word in words)
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
    moved = tuple(find_moved(document, shown.document, same, places))
    changed = _with_others(theirs, same)
    recut = (n for n in find_recut(document, shown.document, same, changed) if n not in moved)
    marked = tuple(find_marked(document, shown.document))
    return SubtitleCorrections(
        texts, tuple(emptied), tuple(dict.fromkeys(strange)), moved, profile, marked, tuple(recut)
    )


def _with_others(words: Sequence[CueWord], same: Sequence[tuple[int, int]]) -> set[int]:
    """Cues with words that were not delivered."""
    kept = Counter(n for n, _ in same)
    return {n for n, count in Counter(word.cue for word in words).items() if count > kept[n]}


def _rewrite(said: str, shown: Sequence[str], changes: Sequence[Change]) -> str:
    """What a line says with changes of what was shown of it: made in all that is said where the place is found there,
    else what is shown now.
    """
    whole = split_words(said)
    place: dict[int, int] = {}
    for tag, a, b, c, _ in opcodes(list(shown), [undashed(word) for word in whole]):
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
