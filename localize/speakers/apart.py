"""Keep the voices of one scene apart: which pairs are alike, what that costs, and exchanges that cost less."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..data import Transcript, Voice
from .stock_sound import stock_likeness

APART = 0.65
"""Cosine of prints up to which two voices are told apart: at 0.66 as many pairs of two people pass for one as the other
way round (`python bench/speakers.py`). On the stem of a dub pairs lie up to 0.08 above their prints
(`python bench/casting.py --dub`)."""
SAME_SCENE, SAME_FILM, SAME_SERIES = 1000.0, 100.0, 4.0
"""What two speakers with one voice cost, in semitones as distances are: in one scene, in one film, over a series."""
ALIKE, STEEP, MOST_ALIKE = 9.0, 100.0, 19.0
"""What two voices that are alike cost in one scene, what more likeness costs, and the most: less than a man's part in a
woman's voice."""
SCENE_GAP_MS = 10_000
"""Nobody speaks for this long between two scenes."""
SWEEPS = 20
LEAST_GAIN = 1e-3


@dataclass(frozen=True, slots=True)
class Company:
    """Who speaks together with whom.

    Args:
        scenes: speaker -> those of the same scenes.
        films: speaker -> those of the same films.
    """

    scenes: Mapping[str, frozenset[str]]
    films: Mapping[str, frozenset[str]]


def company_in(transcript: Transcript) -> Company:
    """Who speaks together in one film."""
    scenes = scene_partners(transcript)
    return Company(scenes, {who: frozenset(scenes) - {who} for who in scenes})


def scene_partners(transcript: Transcript) -> dict[str, frozenset[str]]:
    """Speaker -> who else speaks in the scenes in which they do."""
    scenes: list[set[str]] = []
    end_ms = -SCENE_GAP_MS - 1
    for segment in sorted(transcript.segments, key=lambda s: s.span):
        if segment.span.start_ms - end_ms > SCENE_GAP_MS:
            scenes.append(set())
        scenes[-1].add(segment.speaker)
        end_ms = max(end_ms, segment.span.end_ms)
    speakers = dict.fromkeys(s.speaker for s in transcript.segments)
    return {
        who: frozenset(other for scene in scenes if who in scene for other in scene if other != who) for who in speakers
    }


def alike_pairs(
    voices: Mapping[str, str], partners: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str, float | None]]:
    """Pairs of speakers of one scene whose voices are not known to be apart, with their likeness.

    Args:
        voices: speaker -> voice.
        partners: who shares a scene with whom.
    """
    for one, other in itertools.combinations(voices, 2):
        if other in partners[one]:
            found = stock_likeness(voices[one], voices[other])
            if found is None or found > APART:
                yield one, other, found


def pair_cost(one: Voice, other: Voice, *, together: bool) -> float:
    """What two speakers of a film with these voices cost.

    Args:
        one: voice of the first.
        other: of the second.
        together: whether they share a scene.
    """
    if one.name == other.name:
        return SAME_SCENE if together else SAME_FILM
    found = stock_likeness(one.id, other.id) if together else None
    if found is None or found <= APART:
        return 0.0
    return min(MOST_ALIKE, ALIKE + STEEP * (found - APART))


def keep_apart(
    start: Mapping[str, Voice],
    fixed: Mapping[str, Voice],
    voices: Sequence[Voice],
    distance: Callable[[str, Voice], float],
    company: Company,
) -> dict[str, Voice]:
    """Exchange voices, of one speaker or of two at once, as long as that lowers the cost of the whole cast. A voice of
    somebody who is in none of the speaker's films costs `SAME_SERIES`, however many have it.

    Args:
        start: speaker -> voice, to begin with.
        fixed: the same of speakers whose voice stays.
        voices: that can be given.
        distance: of a voice from a speaker.
        company: of all speakers.

    Returns:
        speaker -> voice, of `start`'s speakers.
    """
    cast = {**fixed, **start}
    used = Counter(voice.name for voice in cast.values())
    near = {who: [other for other in cast if other in company.films[who]] for who in start}

    def cost(who: str, voice: Voice, without: str = "") -> float:
        others = [(other, cast[other]) for other in near[who] if other != without]
        left_out = [cast[who].name, *([cast[without].name] if without else ()), *(given.name for _, given in others)]
        elsewhere = used[voice.name] > left_out.count(voice.name)
        pairs = (pair_cost(voice, v, together=o in company.scenes[who]) for o, v in others)
        return distance(who, voice) + sum(pairs) + SAME_SERIES * elsewhere

    def give(who: str, voice: Voice) -> None:
        used[cast[who].name] -= 1
        used[voice.name] += 1
        cast[who] = voice

    for _ in range(SWEEPS):
        before = dict(cast)
        for who in start:
            best = min(voices, key=lambda voice: cost(who, voice))
            if cost(who, best) < cost(who, cast[who]) - LEAST_GAIN:
                give(who, best)
        for one, other in itertools.combinations(start, 2):
            if other not in company.films[one]:
                continue
            together = other in company.scenes[one]
            now = pair_cost(cast[one], cast[other], together=together)
            if now:
                alone = {who: [cost(who, v, {one: other, other: one}[who]) for v in voices] for who in (one, other)}
                pairs = itertools.product(range(len(voices)), repeat=2)
                best_cost, a, b = min(
                    (alone[one][a] + alone[other][b] + pair_cost(voices[a], voices[b], together=together), a, b)
                    for a, b in pairs
                )
                if best_cost < cost(one, cast[one]) + cost(other, cast[other], one) - LEAST_GAIN:
                    give(one, voices[a])
                    give(other, voices[b])
        if cast == before:
            break
    return {who: cast[who] for who in start}
