"""Shortening: where timing and new breaks cannot make a cue readable, a shorter candidate of its segment is taken.

Every change is kept with what it replaced and why. A candidate that loses a number, a name
or a negation is never taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .cues import Cue
from .grammar import ends_sentence
from .profiles import Profile
from .segment import segment
from .words import GLUE, TimedWord

_ROUNDS = 4
_FRAME_MS = 42
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATIONS = {
    "en": "no not never none nothing nobody nowhere neither nor without cannot",
    "es": "no nunca jamás nada nadie ningún ninguno ninguna tampoco ni sin",
    "pt": "não nunca jamais nada ninguém nenhum nenhuma nem sem",
    "fr": "ne n' pas jamais rien personne aucun aucune ni sans non",
    "it": "non mai niente nulla nessuno nessun nessuna né senza no",
    "de": "nicht nie niemals nichts niemand kein keine keinen keinem keiner weder ohne nein",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to write a segment, timed.

    Args:
        words: the text's words with their times.
        rule: what made it, for the log; "" for the translator's own words.
    """

    words: tuple[TimedWord, ...]
    rule: str = ""

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
        chosen: which choice of each segment was taken.
        shortenings: every change, in order.
        by_timing: cues that are readable because they stay after their last word.
        by_segmentation: segments too fast as one cue each, whose cues are all readable.
        by_shortening: cues readable only since their segment was shortened.
        unmet: indices of the cues that are still too fast.
    """

    cues: tuple[Cue, ...]
    chosen: tuple[int, ...]
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
    """Cut the first choice of every segment into cues; where one is too fast, try its segments' shorter choices.

    Args:
        choices: for each segment, in order: the ways to write it, best first. An edited line has one.
        language: BCP 47 tag of the text.
        profile: the limits.
        frame_rate: of the video.
        shots: cut times in milliseconds.
    """
    chosen = [0] * len(choices)
    place = {words.segment_id: i for i, ways in enumerate(choices) for words in (ways[0].words[:1] if ways else ())}
    first = cues = segment(_words(choices, chosen), language, profile, frame_rate, shots)
    before = _words(choices, chosen)
    for _ in range(_ROUNDS):
        moved = False
        for index in too_fast(cues, profile, _words(choices, chosen)):
            for segment_id in cues[index].sources:
                at = place[segment_id]
                share = cues[index].span.length_ms / max(1, _reading(cues[index], profile))
                if (better := _shorter(choices[at], chosen[at], share, language)) is not None:
                    chosen[at], moved = better, True
        if not moved:
            break
        cues = segment(_words(choices, chosen), language, profile, frame_rate, shots)
    unmet = too_fast(cues, profile, _words(choices, chosen))
    shortenings = tuple(
        Shortening(ways[0].words[0].segment_id, ways[0].text, ways[index].text, ways[index].rule)
        for ways, index in zip(choices, chosen)
        if index
    )
    changed = {shortening.segment_id for shortening in shortenings}
    return Fitted(
        cues,
        tuple(chosen),
        shortenings,
        _by_timing(cues, _words(choices, chosen), profile),
        _by_segmentation(first, choices, profile, set(range(len(first))) - set(too_fast(first, profile, before))),
        sum(bool(changed & set(cue.sources)) for index, cue in enumerate(cues) if index not in unmet),
        unmet,
    )


def too_fast(cues: Sequence[Cue], profile: Profile, words: Sequence[TimedWord] = ()) -> tuple[int, ...]:
    """Indices of the cues that cannot be read in time.

    Args:
        cues: as `segment` made them.
        profile: the limits.
        words: those the cues were made of; with them, time after the last word counts only as far as a cue may linger.
    """
    found = []
    for index, (cue, mine) in enumerate(zip(cues, _dealt(cues, words, profile))):
        shown = cue.span.length_ms
        if mine:
            heard = max(word.span.end_ms for word in mine)
            shown = min(shown, heard + int(profile.linger * 1000) + _FRAME_MS - cue.span.start_ms)
        if _reading(cue, profile) > shown + 1:
            found.append(index)
    return tuple(found)


def keeps_sense(before: str, after: str, language: str) -> bool:
    """Whether a shorter text still has every number, every name and every negation of the longer one."""
    numbers = Counter(_NUMBER.findall(before)) == Counter(_NUMBER.findall(after))
    # A name that now starts a sentence looks like any first word.
    names = _names(before, language) <= _names(after, language) | _first_words(after, language)
    return numbers and names and _denials(before, language) == _denials(after, language)


def _words(choices: Sequence[Sequence[Choice]], chosen: Sequence[int]) -> list[TimedWord]:
    return [word for ways, index in zip(choices, chosen) if ways for word in ways[index].words]


def _reading(cue: Cue, profile: Profile) -> int:
    lines = cue.plain[: profile.lines] if profile.bilingual else cue.plain
    size = sum(profile.length(line) if profile.full_width else len(line) for line in lines)
    return profile.reading_ms(size, sum(len(line.split()) for line in lines))


def _shorter(ways: Sequence[Choice], current: int, share: float, language: str) -> int | None:
    """The best choice that is short enough, else the shortest that is shorter than the current one."""
    now = len(ways[current].text)
    sound = [
        i
        for i, way in enumerate(ways)
        if way.words and len(way.text) < now and keeps_sense(ways[0].text, way.text, language)
    ]
    return next(
        (i for i in sound if len(ways[i].text) <= now * share),
        min(sound, key=lambda i: len(ways[i].text), default=None),
    )


def _names(text: str, language: str) -> set[str]:
    """Capitalised words inside sentences; in German, where nouns are, only words all in capitals count."""
    words = text.split()
    found = set()
    for previous, word in zip([".", *words], words):
        bare = word.strip(".,;:!?…\"'“”‘’«»()[]¿¡-–—")
        if not bare[:1].isupper() or (language.startswith("de") and not (bare.isupper() and len(bare) > 1)):
            continue
        if (
            previous != "."
            and not ends_sentence(previous, word, language)
            and bare not in ("I", "I'm", "I'll", "I've", "I'd")
        ):
            found.add(bare.lower())
    return found


def _first_words(text: str, language: str) -> set[str]:
    words = text.split()
    starts = [w for p, w in zip([".", *words], words) if p == "." or ends_sentence(p, w, language)]
    return {w.strip(".,;:!?…\"'“”‘’«»()[]¿¡-–—").lower() for w in starts}


def _denials(text: str, language: str) -> int:
    known = set(_NEGATIONS.get(language.split("-", maxsplit=1)[0].lower(), "").split())
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]*)?", text.lower().replace("’", "'"))
    return sum(word in known or word.endswith("n't") or word.startswith("n'") for word in words)


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
