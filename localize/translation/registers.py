"""Registers (T-V forms) between speakers: wishes for one speaker, for a pair, or for everybody; and their genders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..data import Segment
from ..language.gender import GENDERS

TURN_MS = 15_000
"""Whoever was silent for longer is not who is spoken to."""
EVERYBODY = "*"
PAIR = re.compile(r"\s*([^>]+?)\s*>\s*([^>]+?)\s*")


def registers_by_segment(
    segments: Sequence[Segment], wishes: Mapping[str, str], names: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The register of every segment, "" where none was asked for.

    Of several wishes the closest holds: "S1>S2" (how S1 addresses S2), "S1", "*>S2" (how all address S2), "*".

    Args:
        segments: in order of time.
        wishes: what people asked for; who is meant is an id or a name, case aside.
        names: speaker -> what people call them.

    Returns:
        the registers, and those in the wishes who do not speak here.
    """
    ids = {segment.speaker for segment in segments}
    called = {name.casefold(): speaker for speaker, name in names.items() if speaker in ids}
    called |= {speaker.casefold(): speaker for speaker in ids} | {EVERYBODY: EVERYBODY}
    asked: dict[tuple[str | None, ...], str] = {}
    unknown: list[str] = []
    for key, register in wishes.items():
        people = [called.get(who.casefold()) for who in parse_pair(key)]
        unknown += [who for who, speaker in zip(parse_pair(key), people) if speaker is None]
        asked[tuple(people)] = register
    registers = []
    for segment, to in zip(segments, addressees(segments)):
        keys = ((segment.speaker, to), (segment.speaker,), (EVERYBODY, to), (EVERYBODY,))
        registers.append(next((asked[key] for key in keys if key in asked), ""))
    return tuple(registers), tuple(dict.fromkeys(unknown))


def genders_by_segment(
    segments: Sequence[Segment], wishes: Mapping[str, str], names: Mapping[str, str], voices: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The gender of whoever speaks each segment, "female", "male" or "".

    Args:
        segments: in order of time.
        wishes: speaker, by id or name, case aside -> what people said: it goes before every voice.
        names: speaker -> what people call them.
        voices: segment -> gender of the voice that is heard there.

    Returns:
        the genders, and those in the wishes who do not speak here.
    """
    ids = {segment.speaker for segment in segments}
    called = {name.casefold(): speaker for speaker, name in names.items() if speaker in ids}
    called |= {speaker.casefold(): speaker for speaker in ids}
    asked = {speaker: gender for who, gender in wishes.items() if (speaker := called.get(who.casefold()))}
    genders = (asked.get(s.speaker, voices.get(s.id, "")) for s in segments)
    unknown = tuple(who for who in wishes if who.casefold() not in called)
    return tuple(gender if gender in GENDERS else "" for gender in genders), unknown


def parse_pair(key: str) -> tuple[str, ...]:
    """Speaker and addressee of "S1" or "S1>S2"; "S1>*" is S1."""
    pair = PAIR.fullmatch(key)
    if pair is None:
        return (key.strip(),)
    return (pair[1],) if pair[2] == EVERYBODY else (pair[1], pair[2])


def addressees(segments: Sequence[Segment]) -> tuple[str, ...]:
    """The likely addressee of each line: whoever spoke last before this speaker, else whoever answers; "" for nobody.

    Among more than two people that is a guess, and the one that is right most often.
    """
    last = _nearest_others(segments, range(len(segments)))
    following = _nearest_others(segments, range(len(segments) - 1, -1, -1))
    return tuple(last[at] or following[at] for at in range(len(segments)))


def _nearest_others(segments: Sequence[Segment], order: Sequence[int]) -> dict[int, str]:
    """For each line who else speaks nearest before it in some order, with no silence between; "" for nobody."""
    found: dict[int, str] = {}
    for near, at in zip((None, *order), order):
        found[at] = ""
        if near is not None:
            early, late = segments[min(near, at)], segments[max(near, at)]
            if late.span.start_ms - early.span.end_ms <= TURN_MS:
                other = segments[near].speaker
                found[at] = other if other != segments[at].speaker else found[near]
    return found
