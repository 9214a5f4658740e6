"""Shortening: where timing and new breaks cannot make a cue readable, something of its segment is written shorter.

First by the mild rules of `condense.py`, inside the cue; then by another candidate of the translator; last by the
strong rules. Every change is kept with what it replaced and why. What would lose a number, a name or a negation is
never done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import accumulate, groupby

from . import condense
from .condense import Cut
from .cues import Cue
from .profiles import Profile
from .segment import segment
from .sense import keeps_sense
from .timing import Rules
from .words import GLUE, TimedWord, rewritten

_ROUNDS = 6
ANOTHER = "another-translation"
"""The rule a shortening is logged under when the translator's next best wording was taken."""
_FRAME_MS = 42
_SCENE_MS = 5000


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to write a segment, timed.

    Args:
        words: the text's words with their times.
        rule: what made it, for the log; "" for the translator's own words.
        final: a person wrote it: no rule may change it.
    """

    words: tuple[TimedWord, ...]
    rule: str = ""
    final: bool = False

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Shortening:
    """One segment that was written shorter: what it was, what it is, and by which rule."""

    segment_id: str
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """Cues that are as readable as the candidates allow.

    Args:
        cues: as `segment` makes them.
        words: what they show, with its times.
        shortenings: every change, in order.
        by_timing: cues that are readable because they stay after their last word.
        by_segmentation: segments too fast as one cue each, whose cues are all readable.
        by_shortening: cues readable only since their segment was shortened.
        unmet: indices of the cues that are still too fast.
    """

    cues: tuple[Cue, ...]
    words: tuple[TimedWord, ...]
    shortenings: tuple[Shortening, ...]
    by_timing: int
    by_segmentation: int
    by_shortening: int
    unmet: tuple[int, ...]


def fit(
    choices: Sequence[Sequence[Choice]],
    language: str,
    profile: Profile,
    frame_rate: Fraction,
    shots: Sequence[int] = (),
) -> Fitted:
    """Cut the first choice of every segment into cues; where one is too fast, write its segments shorter.

    Args:
        choices: for each segment, in order: the ways to write it, best first. An edited line has one, and it is final.
        language: BCP 47 tag of the text.
        profile: the limits.
        frame_rate: of the video.
        shots: cut times in milliseconds.
    """
    lines = [_Line(tuple(ways), ways[0].words) for ways in choices if ways and ways[0].words]
    rules = Rules.of(profile, frame_rate, shots)
    scenes = _Scenes(lines, partial(segment, language=language, profile=profile, frame_rate=frame_rate, shots=shots))
    first = cues = scenes.cues()
    before = _words(lines)
    for means in (_mild, _another, _strong):
        for _ in range(_ROUNDS):
            fast = _fast(cues, lines, profile, rules)
            if not fast or not means(lines, fast, language):
                break
            cues = scenes.cues()
    if _restored(cues, lines, {index for index, _ in too_fast(cues, profile, _words(lines), rules)}):
        cues = scenes.cues()
    words = _words(lines)
    unmet = tuple(index for index, _ in too_fast(cues, profile, words, rules))
    changed = {line.id for line in lines if line.rules}
    readable = set(range(len(first))) - {index for index, _ in too_fast(first, profile, before, rules)}
    return Fitted(
        cues,
        words,
        tuple(
            Shortening(line.id, line.ways[0].text, line.text, "+".join(dict.fromkeys(line.rules)))
            for line in lines
            if line.rules
        ),
        _by_timing(cues, words, profile),
        _by_segmentation(first, choices, profile, readable),
        sum(bool(changed & set(cue.sources)) for index, cue in enumerate(cues) if index not in unmet),
        unmet,
    )


# --- one line at a time ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Line:
    """One segment while it is being shortened."""

    ways: tuple[Choice, ...]
    words: tuple[TimedWord, ...]
    chosen: int = 0
    rules: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.ways[0].words[0].segment_id

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


class _Scenes:
    """Lines parted where nobody speaks for so long that no cue spans the silence: a changed line is cut into cues
    anew with its own scene only.
    """

    def __init__(self, lines: Sequence[_Line], cut: Callable[[Sequence[TimedWord]], tuple[Cue, ...]]) -> None:
        self._cut = cut
        self._scenes: list[list[_Line]] = []
        self._known: dict[int, tuple[tuple[TimedWord, ...], tuple[Cue, ...]]] = {}
        until = 0
        for line in lines:
            if not self._scenes or line.words[0].span.start_ms - until > _SCENE_MS:
                self._scenes.append([])
            self._scenes[-1].append(line)
            until = max(until, *(word.span.end_ms for word in line.words))

    def cues(self) -> tuple[Cue, ...]:
        """The cues of all lines as they are now."""
        found: list[Cue] = []
        for number, lines in enumerate(self._scenes):
            words = _words(lines)
            if number not in self._known or self._known[number][0] != words:
                self._known[number] = (words, self._cut(words))
            found += self._known[number][1]
        return tuple(replace(cue, id=str(number)) for number, cue in enumerate(found, 1))


@dataclass(frozen=True, slots=True)
class _Fast:
    """A cue that cannot be read in time.

    Args:
        parts: for each line it shows words of: the line's index and the words, `[start, end)`.
        surplus: share of its text that is too much, over 0.
    """

    parts: tuple[tuple[int, int, int], ...]
    surplus: float


def _fast(cues: Sequence[Cue], lines: Sequence[_Line], profile: Profile, rules: Rules) -> list[_Fast]:
    words = _words(lines)
    owner = [(index, at) for index, line in enumerate(lines) for at in range(len(line.words))]
    ends = list(accumulate(len(mine) for mine in _dealt(cues, words, profile)))
    found = []
    for index, surplus in too_fast(cues, profile, words, rules):
        shown = owner[ends[index - 1] if index else 0 : ends[index]]
        parts = [
            (line, min(at for _, at in group), max(at for _, at in group) + 1)
            for line, group in ((key, list(group)) for key, group in groupby(shown, key=lambda pair: pair[0]))
        ]
        found.append(_Fast(tuple(parts), surplus))
    return found


def _restored(cues: Sequence[Cue], lines: Sequence[_Line], unmet: set[int]) -> bool:
    """Give lines their words back whose shortening made none of their cues readable; whether there were any."""
    readable = {source for index, cue in enumerate(cues) if index not in unmet for source in cue.sources}
    vain = [line for line in lines if line.rules and line.id not in readable]
    for line in vain:
        line.words, line.chosen = line.ways[0].words, 0
        line.rules.clear()
    return bool(vain)


def _mild(lines: Sequence[_Line], fast: Sequence[_Fast], language: str) -> bool:
    return _cut(lines, fast, language, condense.MILD)


def _strong(lines: Sequence[_Line], fast: Sequence[_Fast], language: str) -> bool:
    return _cut(lines, fast, language, float("inf"))


def _cut(lines: Sequence[_Line], fast: Sequence[_Fast], language: str, dearest: float) -> bool:
    """Apply the cheapest cuts to what the cues show, until enough is saved; whether anything changed."""
    wanted: dict[int, list[Cut]] = {}
    offered: dict[int, tuple[Cut, ...]] = {}
    for cue in fast:
        owed = cue.surplus * sum(
            len(word.text) + 1 for index, start, end in cue.parts for word in lines[index].words[start:end]
        )
        options = []
        for index, start, end in cue.parts:
            if index not in offered:
                line = lines[index]
                offered[index] = () if line.ways[0].final else condense.cuts(line.words, language)
            options += [
                (cut, index) for cut in offered[index] if cut.start < end and cut.end > start and cut.price <= dearest
            ]
        for cut, index in sorted(options, key=lambda pair: pair[0].price / _saving(pair[0], lines[pair[1]])):
            if owed <= 0:
                break
            taken = wanted.setdefault(index, [])
            if all(cut.end <= other.start or cut.start >= other.end for other in taken) and _sound(
                lines[index], [*taken, cut], language
            ):
                taken.append(cut)
                owed -= _saving(cut, lines[index])
    for index, taken in wanted.items():
        if taken:
            lines[index].words = rewritten(lines[index].words, _after(lines[index], taken))
            lines[index].rules += [cut.rule for cut in taken]
    return any(wanted.values())


def _saving(cut: Cut, line: _Line) -> int:
    before = sum(len(word.text) + 1 for word in line.words[cut.start : cut.end])
    return max(1, before - sum(len(text) + 1 for text in cut.texts))


def _after(line: _Line, taken: Sequence[Cut]) -> list[str]:
    texts = [word.text for word in line.words]
    for cut in sorted(taken, key=lambda cut: -cut.start):
        tail = texts[cut.end :]
        # What now opens the line or follows a full stop takes the capital.
        opens = not cut.texts and (cut.start == 0 or texts[cut.start - 1][-1] in ".!?…")
        if opens and tail:
            tail[0] = tail[0][:1].upper() + tail[0][1:]
        texts = [*texts[: cut.start], *cut.texts, *tail]
    return texts


def _sound(line: _Line, taken: Sequence[Cut], language: str) -> bool:
    after = " ".join(_after(line, taken))
    return bool(after.strip(" .,;:!?…")) and keeps_sense(line.ways[0].text, after, language)


def _another(lines: Sequence[_Line], fast: Sequence[_Fast], language: str) -> bool:
    """Take another candidate for every line of the cues that has one short enough."""
    moved = False
    for cue in fast:
        for index, start, end in cue.parts:
            line = lines[index]
            owed = cue.surplus * sum(len(word.text) + 1 for word in line.words[start:end])
            better = _shorter(line, len(line.text) - owed, language)
            if better is not None:
                line.chosen, line.words = better, line.ways[better].words
                line.rules = [line.ways[better].rule or ANOTHER]
                moved = True
    return moved


def too_fast(
    cues: Sequence[Cue], profile: Profile, words: Sequence[TimedWord], rules: Rules
) -> tuple[tuple[int, float], ...]:
    """The cues that cannot be read in the time the rules leave them, and the share of their text that is too much.

    Args:
        cues: as `segment` made them.
        profile: the limits.
        words: those the cues were made of.
        rules: the profile's limits in frames, and the cuts.
    """
    dealt = list(_dealt(cues, words, profile))
    starts = [mine[0].span.start_ms if mine else None for mine in dealt]
    found = []
    for index, (cue, mine) in enumerate(zip(cues, dealt)):
        reading, shown = _reading(cue, profile), cue.span.length_ms
        if mine:
            heard = max(word.span.end_ms for word in mine)
            follower = starts[index + 1] if index + 1 < len(cues) else None
            # Two frames: what a start may be early and an end late by.
            shown = min(shown, rules.latest_end(heard, follower)[0] + _FRAME_MS - cue.span.start_ms)
        if reading > shown + 1:
            found.append((index, 1 - max(0, shown) / max(1, reading)))
    return tuple(found)


def _words(lines: Sequence[_Line]) -> tuple[TimedWord, ...]:
    return tuple(word for line in lines for word in line.words)


def _reading(cue: Cue, profile: Profile) -> int:
    lines = cue.plain[: profile.lines] if profile.bilingual else cue.plain
    size = sum(profile.length(line) if profile.full_width else len(line) for line in lines)
    return profile.reading_ms(size, sum(len(line.split()) for line in lines))


def _shorter(line: _Line, length: float, language: str) -> int | None:
    """The best choice of at most so many characters; one that saves too little is not worth another wording."""
    return next(
        (
            i
            for i, way in enumerate(line.ways)
            if i != line.chosen
            and way.words
            and len(way.text) <= length
            and keeps_sense(line.ways[0].text, way.text, language)
        ),
        None,
    )


def _by_timing(cues: Sequence[Cue], words: Sequence[TimedWord], profile: Profile) -> int:
    """Readable cues whose words are over sooner than they can be read."""
    count = 0
    for cue, mine in zip(cues, _dealt(cues, words, profile)):
        if not mine:
            continue
        heard = max(word.span.end_ms for word in mine) - mine[0].span.start_ms
        count += heard < _reading(cue, profile) <= cue.span.length_ms + 1
    return count


def _dealt(cues: Sequence[Cue], words: Sequence[TimedWord], profile: Profile) -> Iterator[list[TimedWord]]:
    """The words of each cue, dealt out by their letters: lines may add dashes and spaces, and part long words."""
    at, owed = 0, 0
    for cue in cues:
        lines = cue.plain[: profile.lines] if profile.bilingual else cue.plain
        if " / " in cue.speaker:
            lines = tuple(line.removeprefix(profile.dash) for line in lines)
        owed += sum(len("".join(line.split())) for line in lines)
        mine = []
        while at < len(words) and owed > 0:
            mine.append(words[at])
            owed -= len("".join(words[at].text.replace(GLUE, " ").split()))
            at += 1
        yield mine


def _by_segmentation(
    cues: Sequence[Cue], choices: Sequence[Sequence[Choice]], profile: Profile, readable: set[int]
) -> int:
    """Segments that would be too fast, too long or too wide as one cue, all of whose cues are readable."""
    good = {s for i in readable for s in cues[i].sources} - {
        s for i, cue in enumerate(cues) if i not in readable for s in cue.sources
    }
    count = 0
    for ways in choices:
        if not ways or not ways[0].words or ways[0].words[0].segment_id not in good:
            continue
        text, words = ways[0].text, ways[0].words
        heard = words[-1].span.end_ms - words[0].span.start_ms
        size = profile.length(text)
        wide = size > profile.lines * profile.chars
        count += wide or profile.reading_ms(size, len(words)) > heard or heard > profile.max_duration * 1000
    return count
