"""Translation memories: what people translated before, found again for the lines of a film.

A line whose text is in a memory, white space aside and in the languages asked for, is taken from it and is final, as a
line that a person gave. Lines that are only like it are offered beside it and change nothing. One of several turns of a
cue is found, too, where a memory has the whole cue.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..data import MemoryMatch, Segment
from ..errors import UsageError
from ..language.boundaries import sentences_of
from ..language.tags import OTHER_REGION, main_language, region_rank
from ..language.turns import spoken_turns, turns_of
from ..transcription.lines import cue_of
from .passages import LONGEST, Passage, without_edges
from .sentences import join_sentences
from .tmx import SUFFIXES as TMX
from .tmx import read_tmx
from .xliff import SUFFIXES as XLIFF
from .xliff import read_xliff

LEAST = 75
"""Likeness in % from which a line is offered (rapidfuzz's `ratio`: normalised insertions and deletions, 100 - 100 *
distance / letters of both)."""
OFFERS = 3
"""Most lines offered for one line of the film."""
CHUNK = 32
"""Lines compared with a memory at once."""
MOST_ENTRIES = 1_000_000
_DIALOGUE = re.compile(r"(?:^|(?<=\s))[-–—]\s?(?=\S)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a memory with its translation.

    Args:
        source: the text, white space made single.
        target: its translation, a newline where a line ends.
        source_language: tag, as the memory has it.
        language: tag of the translation.
        changed: when, as a text that sorts; "" where nobody says.
        machine: no person calls it finished.
    """

    source: str
    target: str
    source_language: str
    language: str
    changed: str = ""
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory that was read: its file's name, its entries, and what of it cannot be used, for people."""

    name: str
    entries: tuple[Entry, ...]
    remarks: tuple[str, ...] = ()


# --- reading ---------------------------------------------------------------------------------------------------------


def read_memory(path: Path, to: Sequence[str]) -> Memory:
    """Read a TMX or XLIFF file as a memory.

    Args:
        path: the file.
        to: languages that are translated into; texts in others are left out.

    Raises:
        UsageError: it is neither, cannot be read, or is refused.
    """
    suffix = path.suffix.lower()
    if suffix not in TMX | XLIFF:
        raise UsageError(f"--memory takes TMX (.tmx) and XLIFF (.xlf, .xliff), not {path}", path=str(path))
    if not path.is_file():
        raise UsageError(f"{path} does not exist", path=str(path))
    wanted = {main_language(tag) for tag in to}
    found = _Collected(wanted)
    for pair in _tmx_pairs(path) if suffix in TMX else _xliff_pairs(path):
        found.add(*pair)
        if len(found.entries) > MOST_ENTRIES:
            raise UsageError(f"{path} has more than {MOST_ENTRIES} texts in {', '.join(to)}: part it", path=str(path))
    return Memory(path.name, tuple(found.entries), tuple(found.remarks(path)))


Pair = tuple[Passage, str, Passage, str, str, bool]


def _tmx_pairs(path: Path) -> Iterator[Pair]:
    for unit in read_tmx(path):
        for source in unit.variants:
            for target in unit.variants:
                if source is not target:
                    yield (
                        source.passage, source.language, target.passage, target.language, unit.changed, unit.machine
                    )  # fmt: skip


def _xliff_pairs(path: Path) -> Iterator[Pair]:
    found = read_xliff(path)
    for unit in found.units:
        for part in unit.parts:
            if part.target is not None:
                done = part.finished or unit.finished
                yield part.source, found.source, without_edges(part.target), found.target, "", not done


@dataclass(slots=True)
class _Collected:
    """The entries of a file, and how many of its texts are none."""

    wanted: set[str]
    entries: list[Entry] = field(default_factory=list)
    coded: int = 0
    elsewhere: int = 0
    long: int = 0

    def add(
        self, source: Passage, source_language: str, target: Passage, language: str, changed: str, machine: bool
    ) -> None:
        if not source.plain or not target.plain or main_language(source_language) == main_language(language):
            return
        if main_language(language) not in self.wanted:
            self.elsewhere += 1
        elif source.coded or target.coded:
            self.coded += 1
        elif max(len(source.text), len(target.text)) > LONGEST:
            self.long += 1
        else:
            self.entries.append(
                Entry(normal_text(source.plain), target.text, source_language, language, changed, machine)
            )  # fmt: skip

    def remarks(self, path: Path) -> Iterator[str]:
        if not self.entries:
            into = ", ".join(sorted(self.wanted)) or "any language asked for"
            yield f"{path} holds no translation into {into}: nothing is taken from it"
        if self.coded:
            yield f"{path}: {self.coded} texts hold codes that nobody can read here, and are not used"
        if self.long:
            yield f"{path}: {self.long} texts are longer than {LONGEST} characters, and are not used"


def normal_text(text: str) -> str:
    """A text as it is compared: white space made single, letters composed (NFC)."""
    return " ".join(unicodedata.normalize("NFC", text).split())


# --- finding ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recalled:
    """What memories have for the lines of a film.

    Args:
        texts: segment -> its final translation.
        matches: what was found in memories, used or offered, in the order of the segments.
    """

    texts: dict[str, str] = field(default_factory=dict)
    matches: tuple[MemoryMatch, ...] = ()


def recall(
    memories: Sequence[Memory], segments: Sequence[Segment], source: str, to: str, region: str, known: Iterable[str]
) -> Recalled:
    """Find the lines of a film in memories.

    Of several translations of one text the one for the region asked for is taken, then one for a wider region, then one
    for no region; then that of the memory named first, then the newest. One for another region than was asked for, and
    one that no person has finished, is only offered.

    Args:
        memories: in the order they were named.
        segments: of the film, with the words as they are now.
        source: the film's language.
        to: the language translated into.
        region: where the audience is at home, "" for anywhere.
        known: segments that have their translation already.
    """
    if not memories:
        return Recalled()
    known = frozenset(known)
    index = _Index(memories, source, to, region)
    spoken = [s for s in segments if s.text.strip() and main_language(s.language or source) == main_language(source)]
    texts: dict[str, str] = {}
    matches: list[MemoryMatch] = []
    wanted = [segment for segment in spoken if segment.id not in known]
    shared = {cue_of(segment.id) for segment in segments if cue_of(segment.id) != segment.id}
    index.find_alike(text for segment in wanted if (text := normal_text(segment.text)) not in index)
    for segment in wanted:
        found, offers = index.look_up(segment, source, turn=cue_of(segment.id) in shared)
        if found is not None:
            texts[segment.id] = _in_lines(found.text, segment.text)
            found = replace(found, text=texts[segment.id])
            matches.append(found)
        matches += [offer for offer in offers if found is None or offer.text.split() != found.text.split()]
    matches += index.whole_sentences(spoken, source, {*texts, *known})
    order = {segment.id: at for at, segment in enumerate(segments)}
    return Recalled(texts, tuple(sorted(matches, key=lambda m: (order[m.segment], not m.used, -m.likeness))))


class _Index:
    """The entries of memories for one pair of languages, by their text."""

    def __init__(self, memories: Sequence[Memory], source: str, to: str, region: str) -> None:
        self._exact: dict[str, list[tuple[int, int, Entry]]] = {}
        self._names = [memory.name for memory in memories]
        ranks: dict[str, int] = {}
        for number, memory in enumerate(memories):
            for entry in memory.entries:
                if main_language(entry.source_language) != main_language(source):
                    continue
                if main_language(entry.language) == main_language(to):
                    rank = ranks.setdefault(entry.language, region_rank(entry.language, region))
                    self._exact.setdefault(entry.source, []).append((rank, number, entry))
        self._turns: dict[str, list[tuple[int, int, Entry]]] = {}
        for rank, number, entry in [item for found in self._exact.values() for item in found]:
            for turn in _turns_of(entry):
                self._turns.setdefault(turn.source, []).append((rank, number, turn))
        for found in (*self._exact.values(), *self._turns.values()):
            found.sort(key=lambda item: item[2].changed, reverse=True)
            found.sort(key=lambda item: (item[2].machine, item[0], item[1]))
        self._folded: dict[str, list[str]] = {}
        for text in self._exact:
            self._folded.setdefault(text.casefold(), []).append(text)
        self._by_length = sorted(self._folded, key=len)
        self._alike: dict[str, list[tuple[str, int]]] = {}

    def __contains__(self, text: str) -> bool:
        return text in self._exact

    def look_up(self, segment: Segment, language: str, *, turn: bool) -> tuple[MemoryMatch | None, list[MemoryMatch]]:
        """The translation of a line, and others that are offered; `turn` for one of several in a cue."""
        text = normal_text(segment.text)
        found = self._usable(text, segment.id) or self._by_sentences(text, segment.id, language)
        if found is None and turn:
            found = self._usable(text, segment.id, self._turns)
        same = [self._match(segment.id, *item) for item in self._exact.get(text, ())]
        if found is not None:
            return found, _distinct(same)[: OFFERS + 1]
        return None, _distinct([*same, *self._like(text, segment.id)])[:OFFERS]

    def _usable(
        self, text: str, segment: str, among: dict[str, list[tuple[int, int, Entry]]] | None = None
    ) -> MemoryMatch | None:
        best = next(iter((self._exact if among is None else among).get(text, ())), None)
        if best is None or best[2].machine or best[0] == OTHER_REGION:
            return None
        return replace(self._match(segment, *best), used=True, note="")

    def _by_sentences(self, text: str, segment: str, language: str) -> MemoryMatch | None:
        """A line whose sentences are all in the memories, each of them alone."""
        parts = sentences_of(text, language)
        if len(parts) < 2:
            return None
        found = [self._usable(part, segment) for part in parts]
        known = [match for match in found if match is not None]
        if len(known) < len(parts):
            return None
        files = ", ".join(dict.fromkeys(match.file for match in known))
        whole = " ".join(" ".join(match.text.split()) for match in known)
        return replace(known[0], file=files, text=whole, source=text, note="sentence by sentence")

    def find_alike(self, texts: Iterable[str]) -> None:
        """Look for what is like some texts, which takes far less time for all together than for each."""
        import numpy as np
        from rapidfuzz import fuzz, process

        wanted = sorted({text.casefold() for text in texts}, key=len)
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            # Of two texts as alike as `LEAST`, neither is longer than 5/3 of the other.
            first = bisect_left(self._by_length, len(chunk[0]) * LEAST / (200 - LEAST), key=len)
            last = bisect_right(self._by_length, len(chunk[-1]) * (200 - LEAST) / LEAST, key=len)
            known = self._by_length[first:last]
            if not known:
                continue
            scores = process.cdist(chunk, known, scorer=fuzz.ratio, score_cutoff=LEAST, dtype=np.uint8)
            for folded, row in zip(chunk, scores):
                alike = [(int(row[at]), known[at]) for at in np.flatnonzero(row)]
                best = sorted(alike, key=lambda found: found[0], reverse=True)[: OFFERS + 1]
                self._alike[folded] = [(text, score) for score, text in best]

    def _like(self, text: str, segment: str) -> Iterator[MemoryMatch]:
        for like, score in self._alike.get(text.casefold(), ()):
            for known in self._folded[like]:
                if known != text:
                    likeness = min(99, score)  # 100 is what is the same
                    yield from (self._match(segment, *item, likeness=likeness) for item in self._exact[known])

    def _match(self, segment: str, rank: int, number: int, entry: Entry, likeness: int = 100) -> MemoryMatch:
        why = "not finished by a person" if entry.machine else "for another region" if rank == OTHER_REGION else ""
        return MemoryMatch(
            segment, self._names[number], likeness, entry.source, entry.target, entry.language, note=why
        )  # fmt: skip

    def whole_sentences(
        self, segments: Sequence[Segment], language: str, known: Iterable[str]
    ) -> Iterator[MemoryMatch]:
        """Sentences over several lines that a memory has as one: offered, as nobody says where to part them."""
        known = frozenset(known)
        for sentence in join_sentences(segments, main_language(language)):
            lines = [segments[at] for at, _ in sentence.parts]
            if len(lines) < 2 or all(line.id in known for line in lines):
                continue
            found = self._usable(normal_text(sentence.text), lines[0].id)
            if found is not None:
                note = f"one sentence from {lines[0].id} to {lines[-1].id}"
                yield replace(found, used=False, note=note)


def _turns_of(entry: Entry) -> list[Entry]:
    """The turns of an entry with the words of several people, each alone; none where both sides do not part alike."""
    if len(_DIALOGUE.findall(entry.source)) < 2:
        return []
    said = spoken_turns(turns_of(entry.source, entry.source_language))
    told = spoken_turns(turns_of(entry.target, entry.language))
    if len(said) < 2 or len(said) != len(told):
        return []
    return [replace(entry, source=normal_text(a.text), target=b.text) for a, b in zip(said, told)]


def _distinct(matches: Iterable[MemoryMatch]) -> list[MemoryMatch]:
    """The matches without those that say the same as one before."""
    return list({(" ".join(match.text.split())): match for match in reversed(list(matches))}.values())[::-1]


def _in_lines(text: str, source: str) -> str:
    """A translation on one line, with a newline before each speaker's dash where the source's lines begin with one."""
    flat = " ".join(text.split())
    rows = [row for row in source.split("\n") if _DIALOGUE.match(row.strip())]
    dashes = [found.start() for found in _DIALOGUE.finditer(flat)]
    if len(rows) < 2 or len(dashes) != len(rows) or dashes[0] != 0:
        return flat
    return "\n".join(flat[a:b].strip() for a, b in zip(dashes, [*dashes[1:], len(flat)]))
