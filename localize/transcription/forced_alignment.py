"""Find the lines of a script in a recording: the recogniser's words, which have times, against the words of the script.

Both are aligned as sequences of words by their edit distance (Levenshtein 1966; rapidfuzz computes it bit-parallel,
Hyyrö 2003), so that words that were misheard, left out or made up cost little. A line counts as found where most of its
letters stand in words that were recognised. What was not found lies between its neighbours, and only where a voice is
heard that no other line has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from ..data import Segment, Span, Word
from ..language.inflection import without_accents
from ..language.script import has_word_spaces, split_words
from ..language.spoken import normalize_text
from ..language.turns import spoken_text, turns_of
from ..timedtext.spread import spread_times

FOUND = 0.5
"""Share of a line's letters in recognised words from which it is found."""
ALIKE = 60
"""Likeness of two words, in %, from which one is the other misheard."""
LETTER_MS = 65
"""Speech takes about so long for each letter: 15 letters a second."""
FASTEST = 0.35
"""A line is not said in less than this share of its usual length."""
LONGEST_GAP_MS = 6_000
"""Words of one line do not lie further apart."""
_LARGEST_BLOCK = 40_000
"""Pairs of words up to which a stretch that differs is looked at word by word."""


@dataclass(frozen=True, slots=True)
class FoundLines:
    """Lines of a script in a recording.

    Args:
        segments: the lines that have a place, with the times of their words, in the order of the script.
        found: ids of those that were recognised; the others lie between their neighbours.
        lost: ids of lines without a place: nobody speaks where they would be.
        strange: recognised words that are in no line.
    """

    segments: tuple[Segment, ...]
    found: frozenset[str]
    lost: tuple[str, ...]
    strange: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of the script as it is compared: its line, its place among the words of the line, its letters."""

    line: int
    word: int
    key: str


@dataclass(slots=True)
class _Line:
    """What is known of one line: its words as they are said, and where those that were recognised are heard.

    `owners` has, for each of `words`, the word of the text that it is said for: "200" is said in two.
    """

    segment: Segment
    words: tuple[str, ...]
    keys: tuple[str, ...]
    owners: tuple[int, ...]
    heard: dict[int, Span] = field(default_factory=dict)
    sure: set[int] = field(default_factory=set)

    @property
    def share(self) -> float:
        """Of its letters, those in words that were recognised."""
        letters = sum(map(len, self.keys))
        return sum(len(self.keys[at]) for at in self.sure) / letters if letters else 0.0


def find_lines(
    lines: Sequence[Segment], heard: Sequence[Word], voiced: Sequence[Span], language: str, end_ms: int
) -> FoundLines:
    """Give the lines of a script their times.

    Args:
        lines: in the order in which they are said; their spans mean nothing.
        heard: what was recognised, in order of time.
        voiced: where a voice is heard, in order of time.
        language: of both.
        end_ms: length of the recording.
    """
    rows = [_line(segment, language) for segment in lines]
    pieces = [piece for word in heard for piece in _pieces(word, language)]
    taken = _align(rows, pieces)
    known = [row for row in rows if row.share >= FOUND]
    if len(known) < len(rows):  # words of lines that are not there are no longer in the way of those that are
        taken = _align(known, pieces)
        known = [row for row in known if row.share >= FOUND]
    found = {row.segment.id: _placed(row) for row in known}
    placed = _place_others(rows, found, voiced, end_ms)
    segments = tuple(placed[row.segment.id] for row in rows if row.segment.id in placed)
    strange = _outside([word for at, word in enumerate(pieces) if at not in taken], [s.span for s in segments])
    lost = tuple(row.segment.id for row in rows if row.keys and row.segment.id not in placed)
    return FoundLines(segments, frozenset(found), lost, strange)


def _line(segment: Segment, language: str) -> _Line:
    text = spoken_text(turns_of(segment.text, language))
    said = [
        (part, key, owner)
        for owner, word in enumerate(text.split())
        for part in _said(word, language)
        if (key := _key(part))
    ]
    return _Line(segment, *((tuple(column) for column in zip(*said)) if said else ((), (), ())))


def _said(word: str, language: str) -> list[str]:
    """A written word in those that are said: numbers in words, what hyphens join apart, and by the dictionary of
    languages without spaces.
    """
    if not has_word_spaces(language):
        return split_words(word, language)
    if any(char.isdigit() for char in word):
        word = normalize_text(word, language)
    return re.split(r"[\s\-–—/]+", word)


def _key(word: str) -> str:
    """A word as it is compared: without case, accents and marks."""
    return "".join(re.findall(r"\w", without_accents(word.casefold())))


def _pieces(word: Word, language: str) -> Iterator[Word]:
    """A recognised word in the words that the language has: several for languages without spaces."""
    parts = [part for part in _said(word.text, language) if _key(part)]
    for at, part in enumerate(parts):
        a, b = (word.span.start_ms + word.span.length_ms * n // len(parts) for n in (at, at + 1))
        yield Word(part, Span(a, b), word.confidence)


def _outside(words: Sequence[Word], spans: Sequence[Span]) -> tuple[Word, ...]:
    """Words that lie in none of the spans; both in order of time."""
    found, at = [], 0
    for word in words:
        while at < len(spans) and spans[at].end_ms <= word.span.start_ms:
            at += 1
        if at == len(spans) or not spans[at].overlap_ms(word.span):
            found.append(word)
    return tuple(found)


# --- words -----------------------------------------------------------------------------------------------------------


def _align(rows: Sequence[_Line], heard: Sequence[Word]) -> set[int]:
    """Set where the words of each line are heard; returns which recognised words are in a line."""
    from rapidfuzz.distance import Levenshtein

    for row in rows:
        row.heard.clear()
        row.sure.clear()
    tokens = [_Token(line, at, key) for line, row in enumerate(rows) for at, key in enumerate(row.keys)]
    keys = [_key(word.text) for word in heard]
    taken: set[int] = set()
    left = right = 0
    for block in Levenshtein.opcodes([token.key for token in tokens], keys):
        if block.tag != "equal":
            continue
        taken |= _align_block(rows, tokens[left : block.src_start], heard, range(right, block.dest_start), keys)
        for offset in range(block.src_end - block.src_start):
            _hear(rows, tokens[block.src_start + offset], heard[block.dest_start + offset].span, sure=True)
            taken.add(block.dest_start + offset)
        left, right = block.src_end, block.dest_end
    return taken | _align_block(rows, tokens[left:], heard, range(right, len(heard)), keys)


def _hear(rows: Sequence[_Line], token: _Token, span: Span, *, sure: bool) -> None:
    rows[token.line].heard[token.word] = span
    if sure:
        rows[token.line].sure.add(token.word)


def _align_block(
    rows: Sequence[_Line], tokens: Sequence[_Token], heard: Sequence[Word], others: range, keys: Sequence[str]
) -> set[int]:
    """A stretch where script and recording differ: words that are alike are one misheard, the rest shares its time."""
    if not tokens or not others:
        return set()
    taken: set[int] = set()
    at, since = 0, others.start
    for first, second in [*_alike(tokens, others, keys), (len(tokens), others.stop)]:
        taken |= _share_time(rows, tokens[at:first], heard, range(since, second))
        if first < len(tokens):
            _hear(rows, tokens[first], heard[second].span, sure=True)
            taken.add(second)
        at, since = first + 1, second + 1
    return taken


def _alike(tokens: Sequence[_Token], others: range, keys: Sequence[str]) -> list[tuple[int, int]]:
    """(token, recognised word) that are alike, in order: the best sum of likeness."""
    from rapidfuzz import fuzz

    if len(tokens) * len(others) > _LARGEST_BLOCK:
        return []
    width = len(others) + 1
    best = [[0.0] * width for _ in range(len(tokens) + 1)]
    like = [[fuzz.ratio(token.key, keys[other]) for other in others] for token in tokens]
    for i in range(len(tokens) - 1, -1, -1):
        for j in range(len(others) - 1, -1, -1):
            both = best[i + 1][j + 1] + like[i][j] if like[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    found, i, j = [], 0, 0
    while i < len(tokens) and j < len(others):
        if like[i][j] >= ALIKE and best[i][j] == best[i + 1][j + 1] + like[i][j]:
            found.append((i, others.start + j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _share_time(rows: Sequence[_Line], tokens: Sequence[_Token], heard: Sequence[Word], others: range) -> set[int]:
    """Words heard as others ("200" as "two hundred") share the time of these, where their lengths are near."""
    if not tokens or not others:
        return set()
    spans = [heard[at].span for at in others]
    time = sum(span.length_ms for span in spans)
    usual = sum(max(3, len(token.key)) for token in tokens) * LETTER_MS
    if not 0.25 * usual <= time <= 6 * usual + 1_000:
        return set()
    merged = [Span(spans[0].start_ms, spans[-1].end_ms)]
    for token, word in zip(tokens, spread_times(" ".join(token.key for token in tokens), merged)):
        _hear(rows, token, word.span, sure=False)
    return set(others)


# --- lines -----------------------------------------------------------------------------------------------------------


def _placed(row: _Line) -> Segment:
    """A line with its words where they are heard; words between them share what is left."""
    times = _compact(row)
    words: list[Word] = []
    at = 0
    while at < len(row.words):
        if at in times:
            words.append(Word(row.words[at], times[at], 1.0 if at in row.sure else 0.5))
            at += 1
            continue
        until = next((n for n in range(at, len(row.words)) if n in times), len(row.words))
        words += _between(row, words[-1].span.end_ms if words else None, at, until, times.get(until))
        at = until
    clock = words[0].span.start_ms
    ordered = []
    for word in words:
        start = max(clock, word.span.start_ms)
        ordered.append(replace(word, span=Span(start, max(start + 1, word.span.end_ms))))
        clock = start
    span = Span(ordered[0].span.start_ms, max(word.span.end_ms for word in ordered))
    return replace(row.segment, span=span, words=_as_written(row, ordered))


def _as_written(row: _Line, said: Sequence[Word]) -> tuple[Word, ...]:
    """Times for the words of the text as it stands; none where it holds more than words, or is written without spaces.

    A mark that stands alone belongs to the word before it.
    """
    texts = row.segment.text.split()
    if spoken_text(turns_of(row.segment.text, "")).split() != texts:
        return ()
    times: dict[int, list[Word]] = {}
    for owner, word in zip(row.owners, said):
        times.setdefault(owner, []).append(word)
    found: list[Word] = []
    for at, text in enumerate(texts):
        if parts := times.get(at):
            found.append(replace(parts[0], text=text, span=Span(parts[0].span.start_ms, parts[-1].span.end_ms)))
        elif found:
            found[-1] = replace(found[-1], text=f"{found[-1].text} {text}")
    return tuple(found)


def _compact(row: _Line) -> dict[int, Span]:
    """Where a line's words are heard, without those that lie far from most of them."""
    groups: list[list[int]] = []
    for at in sorted(row.heard):
        near = groups and row.heard[at].start_ms - row.heard[groups[-1][-1]].end_ms <= LONGEST_GAP_MS
        groups[-1].append(at) if near else groups.append([at])
    best = max(groups, key=lambda group: sum(len(row.keys[at]) * (2 if at in row.sure else 1) for at in group))
    return {at: row.heard[at] for at in best}


def _between(row: _Line, after: int | None, at: int, until: int, following: Span | None) -> list[Word]:
    """Words that were not heard, between those that were; at an edge of the line as long as they usually take."""
    usual = sum(len(key) for key in row.keys[at:until]) * LETTER_MS
    if after is None:
        assert following is not None  # a line that was found has a word that was heard
        after = max(0, following.start_ms - usual)
    end = after + usual if following is None else max(after + 1, following.start_ms)
    return list(spread_times(" ".join(row.words[at:until]), [Span(after, max(end, after + until - at))]))


def _place_others(
    rows: Sequence[_Line], found: dict[str, Segment], voiced: Sequence[Span], end_ms: int
) -> dict[str, Segment]:
    """All lines that have a place: those that were found, and between them the others where a voice is left."""
    placed = dict(found)
    waiting: list[_Line] = []
    before = 0
    for row in [*rows, None]:
        if row is not None and row.segment.id not in found:
            waiting.append(row)
            continue
        after = end_ms if row is None else found[row.segment.id].span.start_ms
        for segment in _into_gap([w for w in waiting if w.keys], Span(before, max(before, after)), voiced):
            placed[segment.id] = segment
        waiting = []
        before = before if row is None else max(before, found[row.segment.id].span.end_ms)
    return placed


def _into_gap(waiting: Sequence[_Line], gap: Span, voiced: Sequence[Span]) -> Iterator[Segment]:
    """Lines spread over the speech of a gap, in proportion to their length; none where it is too short for them."""
    if not waiting:
        return
    speech = [Span(max(v.start_ms, gap.start_ms), min(v.end_ms, gap.end_ms)) for v in voiced if v.overlap_ms(gap)]
    speech = [span for span in speech if span.length_ms >= 150]
    usual = sum(sum(map(len, row.keys)) for row in waiting) * LETTER_MS
    if sum(span.length_ms for span in speech) < FASTEST * usual or not speech:
        return
    words = iter(spread_times(" ".join(" ".join(row.words) for row in waiting), speech))
    for row in waiting:
        own = list(islice(words, len(" ".join(row.words).split())))
        yield replace(row.segment, span=Span(own[0].span.start_ms, own[-1].span.end_ms), words=())
