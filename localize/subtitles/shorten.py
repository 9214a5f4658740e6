"""Shorten segments whose cues cannot be made readable by timing and segmentation.

First its words are spread evenly, where nobody timed them; then come the mild rules of `condense.py`, another candidate
of the translator, and last the strong rules, in edited subtitles those of `editing.py` too. Every change is kept with
what it replaced and why. What would lose a number, a name or a negation is never done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import accumulate, groupby

from ..data import Segment
from ..language.script import characters
from ..timedtext.cues import Cue
from .condense import Strength
from .lines import Line, TightCue, Wording, spread_evenly, trim_lines, use_shorter_candidate
from .measures import breaks
from .profiles import Profile
from .segment import segment_cues
from .timing import TimingRules
from .words import GLUE, TimedWord

_ROUNDS = 10
_FRAME_MS = 42
_A_WORD = 0.04
"""What is asked of a cue that can be read, but breaks where it must not."""
_SCENE_MS = 5000


@dataclass(frozen=True, slots=True)
class Shortening:
    """One segment that was written shorter: what it was, what it is, and by which rule."""

    segment_id: str
    before: str
    after: str
    rule: str

    @property
    def edited(self) -> bool:
        """Whether more went than style: a rule of `editing.py` was used."""
        return any(rule.startswith("edit-") for rule in self.rule.split("+"))


@dataclass(frozen=True, slots=True)
class FittedCues:
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


def fit_cues(
    choices: Sequence[Sequence[Wording]],
    language: str,
    profile: Profile,
    frame_rate: Fraction,
    shots: Sequence[int] = (),
) -> FittedCues:
    """Cut the first choice of every segment into cues; where one is too fast, write its segments shorter.

    Args:
        choices: for each segment, in order: the ways to write it, best first. An edited line has one, and it is final.
        language: BCP 47 tag of the text.
        profile: the limits.
        frame_rate: of the video.
        shots: cut times in milliseconds.
    """
    lines = [Line(tuple(ways), ways[0].words) for ways in choices if ways and ways[0].words]
    rules = TimingRules.of(profile, frame_rate, shots)
    scenes = _Scenes(
        lines, partial(segment_cues, language=language, profile=profile, frame_rate=frame_rate, shots=shots)
    )
    first = cues = scenes.cues()
    before = _words(lines)
    hard = Strength.EDITED if profile.edited else Strength.STRONG
    for means in (spread_evenly, partial(trim_lines, Strength.MILD), use_shorter_candidate, partial(trim_lines, hard)):
        for _ in range(_ROUNDS):
            fast = _fast(cues, lines, profile, rules, language)
            if not fast or not means(lines, fast, language):
                break
            cues = scenes.cues()
    still = {index for index, _ in find_too_fast(cues, profile, _words(lines), rules)} | set(
        _bad_breaks(cues, profile, language)
    )
    if _restore_useless_cuts(cues, lines, still):
        cues = scenes.cues()
    words = _words(lines)
    unmet = tuple(index for index, _ in find_too_fast(cues, profile, words, rules))
    changed = {line.id for line in lines if line.rules}
    readable = set(range(len(first))) - {index for index, _ in find_too_fast(first, profile, before, rules)}
    return FittedCues(
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


def lengths_to_read(segments: Sequence[Segment], wanted: Sequence[Profile]) -> Callable[[str, str], frozenset[str]]:
    """Tell which segments wish a shorter wording: those whose best one cannot be read while it is heard, or is longer
    than a cue, by any of the profiles.

    Args:
        segments: who speaks when; others wish nothing.
        wanted: the profiles that subtitles are made by.

    Returns:
        (segment, wording) -> "short", or nothing.
    """
    heard = {segment.id: segment.span.length_ms for segment in segments}

    def wished(segment: str, text: str) -> frozenset[str]:
        words = len(text.split())
        time_ms = heard.get(segment)
        tight = time_ms is not None and any(
            profile.reading_ms(profile.length(text) if profile.full_width else characters(text), words) > time_ms
            or profile.length(text) > profile.lines * profile.chars
            for profile in wanted
        )
        return frozenset({"short"} if tight else ())

    return wished


class _Scenes:
    """Lines split at silences that no cue spans: a changed line is segmented anew with its own scene only."""

    def __init__(self, lines: Sequence[Line], cut: Callable[[Sequence[TimedWord]], tuple[Cue, ...]]) -> None:
        self._cut = cut
        self._scenes: list[list[Line]] = []
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


def _bad_breaks(cues: Sequence[Cue], profile: Profile, language: str) -> list[int]:
    """The cues that part what belongs together: fewer words may find a better place for their breaks."""
    return [finding.cue - 1 for finding in breaks(cues, language, profile).findings]


def _fast(
    cues: Sequence[Cue], lines: Sequence[Line], profile: Profile, rules: TimingRules, language: str
) -> list[TightCue]:
    words = _words(lines)
    owner = [(index, at) for index, line in enumerate(lines) for at in range(len(line.words))]
    ends = list(accumulate(len(mine) for mine in _words_by_cue(cues, words, profile)))
    found = []
    failing = dict(find_too_fast(cues, profile, words, rules))
    for index in _bad_breaks(cues, profile, language):
        failing.setdefault(index, _A_WORD)
    for index, surplus in failing.items():
        shown = owner[ends[index - 1] if index else 0 : ends[index]]
        parts = [
            (line, min(at for _, at in group), max(at for _, at in group) + 1)
            for line, group in ((key, list(group)) for key, group in groupby(shown, key=lambda pair: pair[0]))
        ]
        found.append(TightCue(tuple(parts), surplus))
    return found


def _restore_useless_cuts(cues: Sequence[Cue], lines: Sequence[Line], unmet: set[int]) -> bool:
    """Give lines their words back whose shortening made none of their cues readable; whether there were any."""
    readable = {source for index, cue in enumerate(cues) if index not in unmet for source in cue.sources}
    vain = [line for line in lines if line.rules and line.id not in readable]
    for line in vain:
        line.words, line.chosen = line.ways[0].words, 0
        line.write(0, line.text.split())
        line.rules.clear()
    return bool(vain)


def find_too_fast(
    cues: Sequence[Cue], profile: Profile, words: Sequence[TimedWord], rules: TimingRules
) -> tuple[tuple[int, float], ...]:
    """The cues that cannot be read in the time the rules leave them, and the share of their text that is too much.

    Args:
        cues: as `segment` made them.
        profile: the limits.
        words: those the cues were made of.
        rules: the profile's limits in frames, and the cuts.
    """
    dealt = list(_words_by_cue(cues, words, profile))
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


def _words(lines: Sequence[Line]) -> tuple[TimedWord, ...]:
    return tuple(word for line in lines for word in line.words)


def _reading(cue: Cue, profile: Profile) -> int:
    lines = cue.plain[: profile.lines] if profile.bilingual else cue.plain
    size = sum(profile.length(line) if profile.full_width else characters(line) for line in lines)
    return profile.reading_ms(size, sum(len(line.split()) for line in lines))


def _by_timing(cues: Sequence[Cue], words: Sequence[TimedWord], profile: Profile) -> int:
    """Readable cues whose words are over sooner than they can be read."""
    count = 0
    for cue, mine in zip(cues, _words_by_cue(cues, words, profile)):
        if not mine:
            continue
        heard = max(word.span.end_ms for word in mine) - mine[0].span.start_ms
        count += heard < _reading(cue, profile) <= cue.span.length_ms + 1
    return count


def _words_by_cue(cues: Sequence[Cue], words: Sequence[TimedWord], profile: Profile) -> Iterator[list[TimedWord]]:
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
    cues: Sequence[Cue], choices: Sequence[Sequence[Wording]], profile: Profile, readable: set[int]
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
