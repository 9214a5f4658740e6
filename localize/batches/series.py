"""The casts of a batch: written once, when all films of a series are heard, from all that was heard of its people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import consent
from ..data import ORIGINAL
from ..errors import LocalizeError, NoGrant, unforeseen
from ..events import Run
from ..job import Job
from ..speakers.assignment import match_voices
from ..speakers.cast_file import read_cast, write_cast
from ..speakers.people import People, Person
from ..speakers.series import FilmPeople, cast_people, join_people
from .checking import SEE_WHERE
from .outcomes import FileOutcome, failed


@dataclass(frozen=True, slots=True)
class CastFilm:
    """A film of a series that was heard; its job names the cast file."""

    job: Job
    people: FilmPeople


def write_casts(films: Mapping[int, CastFilm], run: Run) -> dict[int, FileOutcome]:
    """Write the cast file of each series. People, names and voices that are there stay; who is new is added, with a
    voice in every language that their films are dubbed into.

    Args:
        films: place -> film, in the order in which new people are numbered.
        run: store and home.

    Returns:
        the place of each film that cannot be dubbed with its cast, and why.
    """
    series: dict[Path, dict[int, CastFilm]] = defaultdict(dict)
    for number, film in films.items():
        if film.job.cast is not None:
            series[film.job.cast.resolve()][number] = film
    errors: dict[int, LocalizeError] = {}
    for path, own in series.items():
        try:
            errors |= _write_cast(path, own, run)
        except LocalizeError as error:
            errors |= dict.fromkeys(own, error)
        except Exception as caught:  # of one series; the others are dubbed all the same
            errors |= dict.fromkeys(own, unforeseen(caught, SEE_WHERE))
    return {number: failed(films[number].job.input, error) for number, error in errors.items()}


def _write_cast(path: Path, films: Mapping[int, CastFilm], run: Run) -> dict[int, LocalizeError]:
    """Write one cast file; gives what is wrong with single films."""
    people, ids = join_people([film.people for film in films.values()], read_cast(path))
    named = {n: CastFilm(film.job, film.people.renamed(own)) for (n, film), own in zip(films.items(), ids)}
    asked, errors = _voices_asked_for(named, people)
    used = {}
    for language in dict.fromkeys(language for film in films.values() for language in film.job.to):
        here = {n: film for n, film in named.items() if language in film.job.to and n not in errors}
        try:
            voices = _cast(here, people, asked, run, language)
        except NoGrant as error:
            errors |= dict.fromkeys(here, error)
            continue
        used[language], refused = _with_grants(here, asked, voices, run, language)
        errors |= refused
    write_cast(path, People(people), used)
    return errors


def _voices_asked_for(
    films: Mapping[int, CastFilm], people: Sequence[Person]
) -> tuple[dict[int, dict[str, str]], dict[int, LocalizeError]]:
    """Film -> speaker -> the voice that is asked for there; and films that ask for what cannot be."""
    names = {person.id: person.name for person in people if person.name != person.id}
    elsewhere = {name.casefold() for person in people for name in (person.id, person.name)}
    asked: dict[int, dict[str, str]] = {}
    errors: dict[int, LocalizeError] = {}
    for n, film in films.items():
        try:
            asked[n] = match_voices(film.job.voices, film.people.measured, {**film.people.names, **names}, elsewhere)
        except LocalizeError as error:
            errors[n] = error
    return asked, errors


def _cast(
    films: Mapping[int, CastFilm],
    people: Sequence[Person],
    asked: Mapping[int, Mapping[str, str]],
    run: Run,
    language: str,
) -> dict[str, str]:
    """Id -> voice, of everybody of the series: the one asked for, the one in the cast file, or the nearest. Where films
    ask for different ones, that of most of them is the person's, though each film has its own.
    """
    wishes: dict[str, Counter[str]] = defaultdict(Counter)
    for n in films:
        for who, voice in asked[n].items():
            wishes[who][voice] += 1
    fixed = {person.id: person.voices[language] for person in people if language in person.voices}
    fixed |= {who: min(said, key=lambda voice: (-said[voice], voice)) for who, said in wishes.items()}
    cards = [card for card in consent.unrevoked(run.home) if card.stock]
    found = cast_people(run.store, [film.people for film in films.values()], people, fixed, cards, language)
    return fixed | found


def _with_grants(
    films: Mapping[int, CastFilm],
    asked: Mapping[int, Mapping[str, str]],
    voices: Mapping[str, str],
    run: Run,
    language: str,
) -> tuple[dict[str, tuple[str, str]], dict[int, LocalizeError]]:
    """Id -> voice and the grant under which it speaks, or "", of everybody heard in these films, as their dubs would
    write it; and films whose voices may not be used.
    """
    used: dict[str, tuple[str, str]] = {}
    errors: dict[int, LocalizeError] = {}
    for n, film in films.items():
        job = film.job
        cast = {who: voices[who] for who in film.people.measured if who in voices}
        heard = {who: job.recast.get(voice, voice) for who, voice in {**cast, **asked[n]}.items()}
        requests = [
            consent.Request(voice, who, job.spoken_tag(language), job.name, job.purpose)
            for who, voice in heard.items()
            if voice != ORIGINAL
        ]
        grants: dict[str, consent.Grant] = {}
        try:
            grants = consent.check(run.home, requests)
        except LocalizeError as error:
            errors[n] = error
        for who, voice in cast.items():
            own = job.recast.get(voice, voice)
            grant = grants.get(who) if who in film.people.dubbed[language] and heard[who] == own else None
            if who not in used or (grant is not None and not used[who][1]):
                used[who] = own, "" if grant is None else grant.id
    return used, errors
