"""Segment timed words into cues and lines by dynamic programming, then time them on exact frames.

A cue is priced by what a viewer would notice: too fast, too short, too long, a break inside a phrase, a pause or a cut
in its middle, two speakers, lines out of balance. The cheapest split of all words wins; nothing looks back further
than the two lines of a cue hold, so time grows with the number of words only.

Over 400 lines: one dynamic programme, whose prices are read together.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate, groupby, pairwise

from ..data import Span
from ..language.boundaries import Break, boundary
from ..language.script import characters, graphemes, has_word_spaces, split_words
from ..timedtext.cues import Cue, join_words
from .profiles import Profile
from .timing import CueTiming, TimingRules, schedule_cues
from .words import GLUE, SOUND, TimedWord

# Prices, in units of "one ugly line break". A rule that is checked costs more than any beauty.
_BROKEN_RULE = 90.0
_CUE = 4.0
_SECOND_LINE = 1.5
_DIALOGUE = 8.0
_TORN_DIALOGUE = 60.0
"""Half a sentence beside another speaker's words is read as his."""
_CUT_INSIDE = 7.0
_TORN_AT_CUT = 45.0
_AT_CUE_END = {
    Break.SENTENCE: 0.0,
    Break.CLAUSE: 3.0,
    Break.OPEN: 8.0,
    Break.PLAIN: 14.0,
    Break.FORBIDDEN: 85.0,
}
_AT_LINE_END = {
    Break.SENTENCE: 0.0,
    Break.CLAUSE: 1.0,
    Break.OPEN: 3.0,
    Break.PLAIN: 6.5,
    Break.FORBIDDEN: 60.0,
}
_EASY_PAUSE_MS = 200
_TRIMMED = 9.0
"""A cue that goes before its words, whose end nobody knows: dearer than a clause's end, cheaper than a break in one."""
_MARK_PARTED = 1000.0
_EARLY_FRAMES = 2
"""A word of a given cue may be on the screen this long before the cue is."""
_INF = float("inf")


def segment_cues(
    words: Sequence[TimedWord],
    language: str,
    profile: Profile,
    frame_rate: Fraction,
    shots: Sequence[int] = (),
) -> tuple[Cue, ...]:
    """Cut words into cues and lines and give them times, by the rules of a profile.

    Args:
        words: in the order they are spoken; words of one segment stand together.
        language: BCP 47 tag of the text.
        profile: the limits.
        frame_rate: of the video.
        shots: cut times in milliseconds.

    Returns:
        cues numbered from 1 whose `sources` name their segments; every word is in exactly one of them.
    """
    pieces = _pieces(words, language, profile)
    if not pieces:
        return ()
    board = _BreakLattice(pieces, language, profile, frame_rate, tuple(sorted(shots)))
    parts = board.solve()
    asks = []
    for start, end in parts:
        text = board.lines(start, end)
        length = sum(profile.length(line) if profile.full_width else characters(line) for line in text)
        last = max(piece.span.end_ms for piece in pieces[start:end])
        asks.append(
            CueTiming(
                Span(pieces[start].span.start_ms, last),
                profile.reading_ms(length, board.word_count(start, end)),
                never_early=pieces[start].clock == "given",
            )
        )
    spans = schedule_cues(asks, profile, frame_rate, shots)
    cues = []
    for number, ((start, end), span) in enumerate(zip(parts, spans), 1):
        speakers = tuple(dict.fromkeys(piece.speaker for piece in pieces[start:end] if piece.speaker))
        sources = tuple(dict.fromkeys(piece.segment_id for piece in pieces[start:end] if piece.segment_id))
        below = " ".join(piece.below for piece in pieces[start:end] if piece.below)
        lines = (*board.lines(start, end), *([below] if below else []))
        cues.append(Cue(str(number), span, lines, " / ".join(s for s in speakers if s != SOUND), sources=sources))
    return tuple(cues)


def _pieces(words: Sequence[TimedWord], language: str, profile: Profile) -> list[TimedWord]:
    """What may be parted: words, in languages without spaces by a model; pieces of words too long for a line."""
    unspaced = not has_word_spaces(language)
    pieces: list[TimedWord] = []
    for word in words:
        texts = [text for text in re.split(r"[ \t\r\n]+", word.text) if text]
        at = 0
        for place, text in enumerate(texts, 1):
            parts = _split_unspaced(text, language, profile) if unspaced else _chunks(text, profile)
            if len(parts) == 1 and text == word.text:
                pieces.append(word)
                continue
            total = max(1, len(word.text))
            at = word.text.find(text, at)
            if unspaced and place < len(texts):  # Thai parts phrases by a space
                parts[-1] += " "
            for index, part in enumerate(parts):
                start = word.span.start_ms + word.span.length_ms * at // total
                at += len(part)
                end = word.span.start_ms + word.span.length_ms * at // total
                span = Span(start, max(start, end))
                below = "" if index or not word.text.startswith(text) else word.below
                pieces.append(replace(word, text=part, span=span, below=below))
    return pieces


def _split_unspaced(text: str, language: str, profile: Profile) -> list[str]:
    """Chinese, Japanese, Thai: words; one wider than a line in pieces."""
    return [piece for word in split_words(text, language) for piece in _chunks(word, profile)]


def _chunks(text: str, profile: Profile) -> list[str]:
    """The text in pieces that fit a line, no grapheme cluster parted."""
    if profile.length(text) <= profile.chars:
        return [text]
    pieces = [""]
    room = max(1, profile.chars - 1)
    for cluster in graphemes(text):
        if pieces[-1] and profile.length(pieces[-1] + cluster) > room:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


def _torn_words(pieces: Sequence[TimedWord], language: str) -> frozenset[int]:
    """Where a break before piece `at` would part a word: recognisers part languages without spaces anywhere."""
    if has_word_spaces(language):
        return frozenset()
    torn: set[int] = set()
    at = 0
    for _, group in groupby(pieces, key=lambda piece: (piece.segment_id, piece.speaker)):
        run = [piece.text for piece in group]
        ends = set(accumulate(map(len, split_words("".join(run), language))))
        torn |= {at + n for n, end in enumerate(accumulate(map(len, run)), 1) if end not in ends}
        at += len(run)
    return frozenset(torn)


def _inside_marks(pieces: Sequence[TimedWord]) -> frozenset[int]:
    """Where a break before piece `at` would part a mark such as [wind howling]."""
    found: set[int] = set()
    opened: int | None = None
    for at, piece in enumerate(pieces):
        if opened is None and "[" in piece.text and "]" not in piece.text.rsplit("[", 1)[1]:
            opened = at
        elif opened is not None and "]" in piece.text:
            found |= set(range(opened + 1, at + 1))
            opened = None
    return frozenset(found)


@dataclass(slots=True)
class _BreakLattice:
    """The words prepared for the dynamic programme: every property of an interval `[i, j)` in constant time."""

    pieces: Sequence[TimedWord]
    language: str
    profile: Profile
    rate: Fraction
    shots: tuple[int, ...]
    space: float = 1.0
    full: bool = False
    shortest_ms: int = 0
    longest_ms: int = 0
    widths: list[float] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    kinds: list[Break] = field(default_factory=list)
    at_cue_end: list[float] = field(default_factory=list)
    at_line_end: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    sentences: list[int] = field(default_factory=list)
    below: list[float] = field(default_factory=list)
    early: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    given_after: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        pieces, profile = self.pieces, self.profile
        spaces = has_word_spaces(self.language)
        torn = _torn_words(pieces, self.language)
        # Asked a quarter of a million times for a film: fractions are slow.
        self.full, self.shortest_ms = profile.full_width, int(profile.min_duration * 1000)
        self.longest_ms = int(profile.max_duration * 1000)
        self.given_after = self._later_given()
        inside_mark = _inside_marks(pieces)
        self.space = (0.5 if profile.full_width else 1.0) if spaces else 0.0
        self.widths = [0.0, *accumulate(profile.length(p.text) + self.space for p in pieces)]
        self.lengths = [0, *accumulate((characters(p.text) + spaces) for p in pieces)]
        kinds, cue_end, line_end, inside, changes = [Break.SENTENCE], [0.0], [0.0], [0.0], [0]
        for at, (left, right) in enumerate(pairwise(pieces), 1):
            change = int(left.speaker != right.speaker)
            # A sound has a cue of its own: two changes are more than any cue may hold.
            change += change and SOUND in (left.speaker, right.speaker)
            kind = Break.SENTENCE if change else boundary(left.text.rstrip(), right.text, self.language)
            if kind > Break.CLAUSE and (at in torn or left.text.endswith(" ")):
                kind = Break.FORBIDDEN if at in torn else Break.CLAUSE
            pause = right.span.start_ms - left.span.end_ms
            kinds.append(kind)
            # A pause makes a break natural, even in a phrase; the viewer hears it.
            ease = 1.0 if pause < 200 else 0.6 if pause < 500 else 0.35
            cue_end.append(_AT_CUE_END[kind] * (ease if kind != Break.FORBIDDEN else max(ease, 0.75)))
            line_end.append(_AT_LINE_END[kind])
            if at in inside_mark:
                cue_end[-1] += _MARK_PARTED
                line_end[-1] += _AT_LINE_END[Break.FORBIDDEN]
            inside.append(_pause_price(pause) + (3.0 if kind == Break.SENTENCE else 0.0))
            changes.append(change)
        rules = TimingRules.of(profile, self.rate, self.shots)
        # After a pause a cue may come in the two frames early that are still in step.
        pauses = [_EASY_PAUSE_MS, *(b.span.start_ms - a.span.end_ms for a, b in pairwise(pieces))]
        self.early = [
            int(2000 / self.rate) if pause >= _EASY_PAUSE_MS and piece.clock != "given" else 0
            for pause, piece in zip(pauses, pieces)
        ]
        ends = [self._stop(end, rules) for end in range(1, len(pieces) + 1)]
        self.stops = [0, *(stop for stop, _ in ends)]
        self.kinds, self.at_line_end = kinds, line_end
        self.at_cue_end = [price + torn for price, (_, torn) in zip([*cue_end, 0.0], [(0, 0.0), *ends])]
        self.inside = list(accumulate(inside))
        self.changes = list(accumulate(changes))
        self.sentences = list(accumulate(int(kind == Break.SENTENCE) for kind in kinds))
        self.below = [0.0, *accumulate(profile.length(p.below) + bool(p.below) for p in pieces)]

    def _later_given(self) -> list[int]:
        """For each piece the first one after it that must not be on the screen with it: of a later given cue, whose
        words are said by nobody yet.
        """
        slack = float(1000 * _EARLY_FRAMES / self.rate)
        starts: list[int] = []
        for at, piece in enumerate(self.pieces):
            fresh = at == 0 or self.pieces[at - 1].segment_id != piece.segment_id
            starts += [at] if fresh and piece.clock == "given" else []
        found, waiting = [], 0
        for at, piece in enumerate(self.pieces):
            while waiting < len(starts) and self.pieces[starts[waiting]].span.start_ms <= piece.span.start_ms + slack:
                waiting += 1
            found.append(max(at + 1, starts[waiting]) if waiting < len(starts) else len(self.pieces))
        return found

    def _stop(self, end: int, rules: TimingRules) -> tuple[int, float]:
        """The latest time a cue that ends before word `end` may be shown to, in milliseconds, and the price of ending
        there: speech that runs over a cut may leave no frame that the shot table allows to both neighbours.
        """
        follower = self.pieces[end].span.start_ms if end < len(self.pieces) else None
        stop, clash = rules.latest_end(self.pieces[end - 1].span.end_ms, follower)
        return stop, _TORN_AT_CUT * clash

    def word_count(self, start: int, end: int) -> int:
        """Words of a stretch, as they are counted for reading speed."""
        return end - start

    def solve(self) -> list[tuple[int, int]]:
        """The cheapest split into cues, as pairs of word indices."""
        pieces, profile = self.pieces, self.profile
        count = len(pieces)
        room = profile.lines * profile.chars + self.space
        longest = int(profile.max_duration * 1000)
        best = [0.0] + [_INF] * count
        back = [0] * (count + 1)
        for end in range(1, count + 1):
            stop = self.stops[end]
            for start in range(end - 1, -1, -1):
                single = end - start == 1
                if not single and (
                    self.widths[end] - self.widths[start] > room
                    or self._too_long(start, end, longest)
                    or self.given_after[start] < end
                ):
                    break
                price = best[start] + self._price(start, end, stop)
                if price < best[end]:
                    best[end], back[end] = price, start
        parts = []
        at = count
        while at:
            parts.append((back[at], at))
            at = back[at]
        return parts[::-1]

    def _too_long(self, start: int, end: int, longest: int) -> bool:
        """Whether words with times of their own are said for longer than a cue may stay."""
        lasts = self.pieces[end - 1].span.end_ms - self.pieces[start].span.start_ms
        return lasts > longest and "given" not in (self.pieces[start].clock, self.pieces[end - 1].clock)

    def _price(self, start: int, end: int, stop: int) -> float:
        profile = self.profile
        layout = self._layout(start, end)[0]
        if self.below[end] - self.below[start] - 1 > profile.chars and end - start > 1:
            return _INF
        if layout == _INF:
            # Only a single piece may break the line rules; there is nothing left to part.
            return _INF if end - start > 1 else _BROKEN_RULE * 4
        begin = self.pieces[start].span.start_ms
        price = _CUE + layout + self.at_cue_end[end] + self.inside[end - 1] - self.inside[start]
        time = stop - begin + self.early[start]
        length = (
            self.widths[end] - self.widths[start] - self.space
            if self.full
            else self.lengths[end] - self.lengths[start] - 1
        )
        reading = profile.reading_ms(length, end - start)
        if reading > time:
            price += _BROKEN_RULE + 40.0 * min(3.0, (reading - time) / max(200, time))
        if end - start > 1 and self.pieces[end - 1].span.end_ms - begin > self.longest_ms:
            price += _TRIMMED
        if time < self.shortest_ms:
            price += _BROKEN_RULE + 0.05 * (self.shortest_ms - time)
        if self.shots:
            margin = 400
            first = bisect_left(self.shots, begin + margin)
            price += _CUT_INSIDE * max(0, bisect_right(self.shots, self.pieces[end - 1].span.end_ms - margin) - first)
        # A sentence that starts in the tail of a cue and runs on is read twice.
        if end - start > 1 and self.kinds_after(end) and self.sentences[end - 1] > self.sentences[start]:
            price += 8.0
        return price

    def kinds_after(self, end: int) -> bool:
        """Whether the sentence goes on after word `end - 1`."""
        return end < len(self.kinds) and self.kinds[end] != Break.SENTENCE

    def _layout(self, start: int, end: int) -> tuple[float, tuple[int, ...]]:
        """The best line breaks of one cue: price and word indices."""
        profile = self.profile
        turns = self.changes[end - 1] - self.changes[start]
        if turns:
            return self._dialogue(start, end, turns)
        total = self.widths[end] - self.widths[start] - self.space
        crowded = profile.sentence_a_line and self.sentences[end - 1] > self.sentences[start]
        if total <= profile.chars and not crowded:
            return 0.0, ()
        return self._wrap(start, end, profile.lines)

    def price_of_lines(self, start: int, end: int) -> float:
        """What the best line breaks of a cue cost; infinite where the text does not fit."""
        return self._layout(start, end)[0]

    def _wrap(self, start: int, end: int, lines: int) -> tuple[float, tuple[int, ...]]:
        widths, chars, space = self.widths, self.profile.chars, self.space
        fits = widths[end] - widths[start] - space <= chars
        crowded = self.profile.sentence_a_line and self.sentences[end - 1] > self.sentences[start]
        if fits and not crowded:
            return 0.0, ()
        if lines == 1:
            return _INF, ()
        price = _INF
        breaks: tuple[int, ...] = ()
        last = min(end - 1, bisect_right(widths, widths[start] + chars + space) - 1)
        first = start + 1 if lines > 2 else max(start + 1, bisect_left(widths, widths[end] - chars - space))
        for at in range(first, last + 1):
            if self.profile.sentence_a_line and self.sentences[at - 1] > self.sentences[start]:
                break
            below, rest = (0.0, ()) if lines == 2 and not crowded else self._wrap(at, end, lines - 1)
            upper, lower = widths[at] - widths[start], widths[end] - widths[at]
            # A shorter first line (pyramid) is preferred where the balance is the same.
            lean = abs(upper - lower) / chars * 3.0 + (0.8 if upper > lower else 0.0)
            cost = below + _SECOND_LINE + self.at_line_end[at] + lean
            if cost < price:
                price, breaks = cost, (at, *rest)
        return price, breaks

    def _dialogue(self, start: int, end: int, turns: int) -> tuple[float, tuple[int, ...]]:
        """Two speakers in one cue: one line each, a dash before both."""
        if turns > 1 or not self.profile.dialogue or self.profile.lines < 2:
            return _INF, ()
        at = bisect_left(self.changes, self.changes[start] + 1, start, end)
        room = self.profile.chars - self.profile.length(self.profile.dash) + self.space
        if self.widths[at] - self.widths[start] > room or self.widths[end] - self.widths[at] > room:
            return _INF, ()
        torn = self.kinds_after(end) or (start > 0 and self.kinds[start] != Break.SENTENCE)
        return _DIALOGUE + (_TORN_DIALOGUE if torn else 0.0), (at,)

    def lines(self, start: int, end: int) -> tuple[str, ...]:
        """The text of a cue as it is set."""
        _, breaks = self._layout(start, end)
        marks = (start, *breaks, end)
        texts = [
            join_words((p.text for p in self.pieces[a:b]), self.language).replace(GLUE, " ").rstrip()
            for a, b in pairwise(marks)
        ]
        two = self.changes[end - 1] > self.changes[start]
        return tuple(self.profile.dash + text if two else text for text in texts)


def _pause_price(pause: int) -> float:
    """A silence inside a cue shows the viewer what has not been said yet; a long one costs as much as a broken rule."""
    if pause <= 300:
        return 0.0
    return (pause - 300) / 60.0 if pause < 2000 else 28.0 + (pause - 2000) / 30.0


def wrap_lines(lines: Sequence[str], language: str, profile: Profile) -> tuple[str, ...] | None:
    """The text of one cue in the profile's lines, or None where it does not fit or two speakers share it."""
    if sum(line.lstrip().startswith(("-", "–", "—")) for line in lines) > 1:
        return None
    pieces = _pieces([TimedWord(join_words(lines, language), Span(0, 1))], language, profile)
    if not pieces:
        return None
    board = _BreakLattice(pieces, language, profile, Fraction(24), ())
    return None if board.price_of_lines(0, len(pieces)) == _INF else board.lines(0, len(pieces))
