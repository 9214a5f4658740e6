"""One cast for the films of a series: who of each film is whom in the others, and voices by all that was heard of them.

What each film says of its speakers (`FilmPeople`) is gathered before anybody gets a voice. Speakers of different films
are one person where files give them one name, or where their prints are alike, the likest first; no two of one film
are. A person sounds as the mean of all films says, each weighed by the speech that was measured there. Nothing depends
on the order of the films but the ids of new people, who are numbered in order of appearance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from ..consent import Card
from ..data import Blob, Transcript, Voice
from ..errors import NoGrant
from ..runtime.store import Store, package_version
from ..signal.embeddings import EMBEDDING_MODEL
from .apart import Company, scene_partners
from .casting import choose_voices, measure_pitch, sample_spans, voice_distance, voices_speaking
from .people import SAME_VOICE, HeardVoice, Person, match_people, new_person
from .prints import mean_embedding, pack_print, spans_for_print, unpack_print
from .stock_sound import Sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEARLY_SAME = 0.70
"""Likeness from which two speakers are looked at together. What counts is that of the means of the films joined so far
(`SAME_VOICE`): they are more like each other than their parts are."""
ROWS = 1024
"""Speakers whose likeness to all others is held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How a speaker sounds in one film, and how much speech says so.

    Args:
        sound: pitch, range and print.
        pitch_ms: of the speech that pitch and range are measured in.
        print_ms: of the speech that the print is of.
    """

    sound: Sound
    pitch_ms: int
    print_ms: int


@dataclass(frozen=True, slots=True)
class FilmPeople:
    """What one film says of its speakers.

    Args:
        heard: the speakers as they are recognised, before anybody's corrections, in order of appearance.
        measured: speaker, corrections included -> how they sound.
        partners: the same -> who else speaks in their scenes.
        dubbed: language -> who has a line that is dubbed into it.
        names: speaker -> what files call them.
    """

    heard: tuple[HeardVoice, ...]
    measured: Mapping[str, Measured]
    partners: Mapping[str, frozenset[str]]
    dubbed: Mapping[str, frozenset[str]]
    names: Mapping[str, str]

    def renamed(self, ids: Mapping[str, str]) -> FilmPeople:
        """The same with the ids of the series; a speaker who has none there keeps the film's."""

        def called(speakers: Iterable[str]) -> frozenset[str]:
            return frozenset(ids.get(who, who) for who in speakers)

        return FilmPeople(
            tuple(replace(voice, speaker=ids.get(voice.speaker, voice.speaker)) for voice in self.heard),
            {ids.get(who, who): one for who, one in self.measured.items()},
            {ids.get(who, who): called(others) for who, others in self.partners.items()},
            {language: called(speakers) for language, speakers in self.dubbed.items()},
            {ids.get(who, who): name for who, name in self.names.items()},
        )


def people_of_film(
    store: Store,
    speech: Blob,
    transcript: Transcript,
    heard: tuple[HeardVoice, ...],
    names: Mapping[str, str],
    dubbed: Mapping[str, frozenset[str]],
) -> FilmPeople:
    """Measure how the speakers of a film sound.

    Args:
        store: for pitch and prints, measured once.
        speech: the source's 16 kHz track.
        transcript: with speakers, corrected.
        heard: the speakers as they are recognised.
        names: speaker -> what files call them.
        dubbed: language -> who has a line that is dubbed into it.
    """
    prints, measured = bool(package_version(EMBEDDING_MODEL)), {}
    for speaker in dict.fromkeys(s.speaker for s in transcript.segments):
        sampled, alone = sample_spans(transcript, speaker), spans_for_print(transcript, speaker)
        own = mean_embedding(store, speech, alone) if prints else ()
        sound = Sound(*measure_pitch(store, speech, sampled), own)
        measured[speaker] = Measured(sound, sum(s.length_ms for s in sampled), sum(s.length_ms for s in alone))
    return FilmPeople(heard, measured, scene_partners(transcript), dubbed, names)


# --- who is whom -----------------------------------------------------------------------------------------------------


def join_people(
    films: Sequence[FilmPeople], known: Sequence[Person]
) -> tuple[tuple[Person, ...], tuple[dict[str, str], ...]]:
    """The people of a series with those who are new in these films, and for each film speaker -> id, exactly as
    `recognise_people` finds them there once the cast is written. Speakers without a print are nobody of the series.

    Args:
        films: in the order in which new people are numbered.
        known: the people of the series so far, who stay as they are.
    """
    first = _match_each(known, films)
    new = [
        (n, voice)
        for n, film in enumerate(films)
        for voice in film.heard
        if voice.print and voice.speaker not in first[n]
    ]
    people = list(known)
    place = {(n, voice.speaker): at for at, (n, voice) in enumerate(new)}
    added = sorted(_group(new), key=lambda group: min(place[n, voice.speaker] for n, voice in group))
    while True:
        number = max((int(person.id[1:]) for person in people), default=0)
        for n, group in enumerate(added, start=1):
            people.append(new_person(f"S{number + n}", _usual_name(group), _mean_print(group), people))
        ids = _match_each(people, films)
        alone = [
            (n, v) for n, film in enumerate(films) for v in film.heard if v.print and v.speaker not in ids[n]
        ]  # unlike the mean of their own group
        if not alone:
            break
        added = [[one] for one in alone]
    here = {own for found in ids for own in found.values()}
    kept = {person.id for person in known} | here
    return tuple(person for person in people if person.id in kept), tuple(ids)


def _match_each(people: Sequence[Person], films: Sequence[FilmPeople]) -> list[dict[str, str]]:
    """For each film speaker -> id."""
    import numpy as np

    prints = np.array([person.print for person in people])
    return [match_people(people, film.heard, prints) for film in films]


Heard = tuple[int, HeardVoice]
"""A speaker of a film, by the film's place."""


def _group(new: Sequence[Heard]) -> list[list[Heard]]:
    """Speakers of different films who are one person."""
    # The order of what was heard: from here on the order of the films is not seen.
    nodes = sorted(new, key=lambda one: (one[1].print, one[1].name.casefold(), one[1].length_ms))
    groups = _Groups(nodes)
    called: dict[str, int] = {}
    for n, (_, voice) in enumerate(nodes):
        if voice.name:
            groups.join(called.setdefault(voice.name.casefold(), n), n)
    for one, other in _alike(nodes):
        if groups.likeness(one, other) >= SAME_VOICE:
            groups.join(one, other)
    return groups.found()


class _Groups:
    """Groups of speakers that grow together, none with two of one film."""

    def __init__(self, nodes: Sequence[Heard]) -> None:
        import numpy as np

        self._nodes = nodes
        self._of = list(range(len(nodes)))
        self._members = {n: [n] for n in self._of}
        self._films = {n: {film} for n, (film, _) in enumerate(nodes)}
        self._sums: dict[int, NDArray[np.float64]] = {
            n: max(1, voice.length_ms) * np.asarray(voice.print) for n, (_, voice) in enumerate(nodes)
        }

    def likeness(self, one: int, other: int) -> float:
        """Cosine of the mean prints of the groups of two speakers; 0 where they cannot be joined."""
        import numpy as np

        a, b = self._of[one], self._of[other]
        if a == b or self._films[a] & self._films[b]:
            return 0.0
        first, second = self._sums[a], self._sums[b]
        return round(float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second))), 4)

    def join(self, one: int, other: int) -> None:
        """Make one group of the groups of two speakers, where no film has a speaker in both."""
        a, b = sorted((self._of[one], self._of[other]))
        if a == b or self._films[a] & self._films[b]:
            return
        for member in self._members[b]:
            self._of[member] = a
        self._members[a] += self._members.pop(b)
        self._films[a] |= self._films.pop(b)
        self._sums[a] = self._sums[a] + self._sums.pop(b)

    def found(self) -> list[list[Heard]]:
        """The speakers of each group."""
        return [[self._nodes[member] for member in members] for members in self._members.values()]


def _alike(nodes: Sequence[Heard]) -> Iterator[tuple[int, int]]:
    """Pairs of speakers of different films that are nearly the same voice or more, by place, the likest first."""
    import numpy as np

    if not nodes:
        return
    prints = np.array([voice.print for _, voice in nodes])
    films = np.array([film for film, _ in nodes])
    found = []
    for at in range(0, len(nodes), ROWS):
        block = np.round(prints[at : at + ROWS] @ prints.T, 4)
        rows, columns = np.nonzero(block >= NEARLY_SAME)
        after = (columns > rows + at) & (films[columns] != films[rows + at])
        rows, columns = rows[after], columns[after]
        found.append((block[rows, columns], rows + at, columns))
    alike, ones, others = (np.concatenate(parts) for parts in zip(*found))
    for n in np.lexsort((others, ones, -alike)):
        yield int(ones[n]), int(others[n])


def _usual_name(group: Sequence[Heard]) -> str:
    """What files call a person where most is heard of them; "" where they say nothing."""
    said = Counter[str]()
    for _, voice in group:
        if voice.name:
            said[voice.name] += max(1, voice.length_ms)
    return min(said, key=lambda name: (-said[name], name), default="")


def _mean_print(group: Sequence[Heard]) -> tuple[float, ...]:
    """The mean of a person's prints, as a cast file keeps it."""
    return unpack_print(pack_print(_mean([(voice.print, voice.length_ms) for _, voice in group])))


def _mean(prints: Sequence[tuple[Sequence[float], int]]) -> tuple[float, ...]:
    """The mean of prints by weight, of unit length; empty where there is none. The sums are exact, so that the order of
    the prints says nothing.
    """
    weighed = [(values, max(1, weight)) for values, weight in prints if values]
    sums = [
        math.fsum(value * weight for value, (_, weight) in zip(column, weighed))
        for column in zip(*(v for v, _ in weighed))
    ]
    length = math.sqrt(math.fsum(value * value for value in sums))
    return tuple(round(value / length, 4) for value in sums) if length else ()


# --- by which voice --------------------------------------------------------------------------------------------------


def cast_people(
    store: Store,
    films: Sequence[FilmPeople],
    people: Sequence[Person],
    fixed: Mapping[str, str],
    cards: Sequence[Card],
    language: str,
) -> dict[str, str]:
    """A voice for everybody of a series who is heard and has none: id -> voice.

    Args:
        store: for the assignment, made once.
        films: all that are dubbed into the language, with the ids of the series.
        people: of the series.
        fixed: id -> the voice that is asked for, or that the cast file gives; also of people who are not heard here.
        cards: the voices that can be offered without being asked for.
        language: of the dub.

    Raises:
        NoGrant: no voice speaks the language.
    """
    of_series = {person.id for person in people}
    heard = {who for film in films for who in film.measured if who in of_series}
    open_parts = heard - set(fixed)
    if not open_parts:
        return {}
    offered = voices_speaking(cards, language)
    if not offered:
        raise NoGrant(
            f"no voice here speaks {language}: enroll one, or leave speakers in the original, as with "
            "--voice S1=original"
        )
    sounds, spoken_ms = {}, {}
    for who in open_parts:
        measured = [film.measured[who] for film in films if who in film.measured]
        sounds[who] = _mean_sound(measured)
        spoken_ms[who] = sum(one.pitch_ms + one.print_ms for one in measured)
    # Of those equally near to a voice who is heard most has it: no order of films, and no id, is asked.
    by_weight = sorted(
        open_parts, key=lambda w: (-spoken_ms[w], sounds[w].hertz, sounds[w].range_st, sounds[w].print, w)
    )
    known = {voice.id: voice for voice in offered}
    kept = {who: known[voice] for who, voice in fixed.items() if voice in known and who in of_series}
    company = _company(films, [*kept, *by_weight])

    @cache
    def distance(who: str, voice: Voice) -> float:
        return voice_distance(sounds[who], voice, language)

    given = choose_voices(store, {who: sounds[who] for who in by_weight}, kept, offered, distance, company)
    return {who: voice.id for who, voice in given.items()}


def _mean_sound(measured: Sequence[Measured]) -> Sound:
    """How a person sounds over several films."""
    pitched = [one for one in measured if one.sound.hertz]
    weight = math.fsum(max(1, one.pitch_ms) for one in pitched)
    hertz, range_st = 0.0, 0.0
    if pitched:
        hertz = math.exp(math.fsum(max(1, one.pitch_ms) * math.log(one.sound.hertz) for one in pitched) / weight)
        range_st = math.fsum(max(1, one.pitch_ms) * one.sound.range_st for one in pitched) / weight
    return Sound(round(hertz, 1), round(range_st, 1), _mean([(one.sound.print, one.print_ms) for one in measured]))


def _company(films: Sequence[FilmPeople], people: Sequence[str]) -> Company:
    """Who speaks together with whom, over all films."""
    scenes: dict[str, set[str]] = {who: set() for who in people}
    together: dict[str, set[str]] = {who: set() for who in people}
    for film in films:
        here = [who for who in film.measured if who in scenes]
        for who in here:
            scenes[who] |= film.partners[who] & scenes.keys()
            together[who].update(here)
    return Company(
        {who: frozenset(others - {who}) for who, others in scenes.items()},
        {who: frozenset(others - {who}) for who, others in together.items()},
    )
