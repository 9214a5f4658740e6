"""One cast for the films of a series: who is whom in all of them, and by which voice."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from localize.consent import Card
from localize.data import Voice
from localize.errors import NoGrant
from localize.runtime.store import Store
from localize.speakers.people import HeardVoice, Person, match_people
from localize.speakers.prints import likeness
from localize.speakers.series import FilmPeople, Measured, cast_people, join_people
from localize.speakers.stock_sound import Sound

Print = tuple[float, ...]


def card(name: str, gender: str, native: str, *also: str) -> Card:
    made = Voice(name, name, (native,), gender, "kokoro", (("style.bin", "0" * 64),), "/nowhere")
    return Card(made, also, True, "a licence", "Apache-2.0", "", "", "0" * 64)


CARDS = (
    card("ef_ana", "female", "es"),
    card("em_luis", "male", "es"),
    card("em_juan", "male", "es"),
    card("am_bob", "male", "en", "es"),
)


def a_print(who: int, noise: float = 0.0, seed: int = 0) -> Print:
    """The print of a person, as some film has it: noise of 0.5 leaves a likeness of about 0.9 to the person."""
    own = np.random.default_rng(1000 + who).normal(size=256)
    other = np.random.default_rng(seed).normal(size=256)
    values = own / np.linalg.norm(own) + noise * other / np.linalg.norm(other)
    return tuple((values / np.linalg.norm(values)).tolist())


def film(speakers: Mapping[str, tuple[Print, float, int]], names: Mapping[str, str] | None = None) -> FilmPeople:
    """A film of one scene: speaker -> print, pitch, and how long they are heard."""
    heard = tuple(HeardVoice(who, (names or {}).get(who, ""), own, ms) for who, (own, _, ms) in speakers.items())
    measured = {who: Measured(Sound(hertz, 4.0, own), ms, ms) for who, (own, hertz, ms) in speakers.items()}
    partners = {who: frozenset(speakers) - {who} for who in speakers}
    return FilmPeople(heard, measured, partners, {"es": frozenset(speakers)}, dict(names or {}))


def joined(films: Sequence[FilmPeople], known: Sequence[Person] = ()) -> list[dict[str, str]]:
    people, ids = join_people(films, known)
    for one, found in zip(films, ids):
        assert match_people(people, one.heard) == found, "a dub finds them as they were found here"
    return [dict(found) for found in ids]


def cast(films: Sequence[FilmPeople], fixed: Mapping[str, str] | None = None, cards: Sequence[Card] = CARDS,
         store: Store | None = None) -> list[dict[str, str]]:  # fmt: skip
    """Speaker -> voice, for each film."""
    assert store is not None
    people, ids = join_people(films, ())
    renamed = [one.renamed(own) for one, own in zip(films, ids)]
    voices = {**(fixed or {}), **cast_people(store, renamed, people, fixed or {}, cards, "es")}
    return [{who: voices[own] for who, own in found.items()} for found in ids]


# --- who is whom


def test_people_are_known_again_over_films_and_numbered_as_they_appear() -> None:
    first = film({"S1": (a_print(1, 0.5, 1), 120, 4000), "S2": (a_print(2, 0.5, 2), 210, 4000)})
    later = film({"S1": (a_print(2, 0.5, 3), 210, 4000), "S2": (a_print(3, 0.5, 4), 120, 4000)})
    last = film({"S1": (a_print(3, 0.5, 5), 120, 4000), "S2": (a_print(1, 0.5, 6), 120, 4000)})
    assert joined([first, later, last]) == [
        {"S1": "S1", "S2": "S2"}, {"S1": "S2", "S2": "S3"}, {"S1": "S3", "S2": "S1"},
    ]  # fmt: skip
    assert joined([last, first, later])[1] == {"S1": "S2", "S2": "S3"}


def test_no_two_speakers_of_one_film_are_one_person() -> None:
    twins = film({"S1": (a_print(1, 0.1, 1), 120, 4000), "S2": (a_print(1, 0.1, 2), 120, 4000)})
    alone = film({"S1": (a_print(1, 0.1, 3), 120, 4000)})
    (both, one) = joined([twins, alone])
    assert len(set(both.values())) == 2
    assert one["S1"] in both.values()


def test_a_name_makes_one_person_of_unlike_voices_and_too_little_speech_makes_nobody() -> None:
    named = film({"S1": (a_print(1), 120, 4000), "S2": ((), 0.0, 300)}, {"S1": "Maya"})
    again = film({"S1": (a_print(2), 120, 4000), "S2": (a_print(1), 120, 4000)}, {"S1": "MAYA"})
    first, second = joined([named, again])
    assert first == {"S1": "S1"}
    assert second["S1"] == "S1"
    assert second["S2"] != "S1"


def test_who_is_in_the_cast_stays_as_they_are() -> None:
    """Print, name and id are those of the file, whatever the films say; who is new is numbered after them."""
    known = (Person("S4", "host", a_print(1, 0.5, 9), {"es": "em_juan"}),)
    films = [film({"S1": (a_print(2), 200, 4000), "S2": (a_print(1, 0.4, 2), 120, 4000)})]
    people, (ids,) = join_people(films, known)
    assert ids == {"S1": "S5", "S2": "S4"}
    assert people[0] == known[0]
    assert [person.id for person in people] == ["S4", "S5"]


@pytest.mark.costly
def test_the_order_of_the_films_changes_nobody() -> None:
    """Five people in six films, noisy enough that single films are near the limit: the same groups and prints in any
    of twenty orders.
    """
    chance = np.random.default_rng(5)
    films = []
    for n in range(6):
        here = chance.permutation(5)[: 3 + n % 3]
        noisy = {f"S{k}": a_print(int(who), 0.52, 10 * n + k) for k, who in enumerate(here, start=1)}
        films.append(film({who: (own, 100.0 + 20 * k, 2000 + 500 * k) for k, (who, own) in enumerate(noisy.items())}))
    found = set()
    for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 37):
        people, ids = join_people([films[n] for n in order], ())
        prints = {person.id: person.print for person in people}
        assert all(match_people(people, films[n].heard) == own for n, own in zip(order, ids))
        found.add(frozenset((n, who, prints[own]) for n, of in zip(order, ids) for who, own in of.items()))
    assert len(found) == 1


def test_a_person_s_print_is_nearer_to_everybody_than_one_film_s() -> None:
    films = [film({"S1": (a_print(1, 0.5, seed), 120, 4000)}) for seed in range(8)]
    (person,), _ = join_people(films, ())
    own = a_print(1)
    assert likeness(person.print, own) > max(likeness(one.heard[0].print, own) for one in films) + 0.05


# --- by which voice


def test_the_cast_is_the_same_in_every_order_of_films(store: Store) -> None:
    """In each film alone somebody else is the lowest; with one film after the other the first would decide."""
    films = [
        film({"S1": (a_print(1, 0.4, 1), 105, 2000), "S2": (a_print(2, 0.4, 2), 130, 2000)}),
        film({"S1": (a_print(1, 0.4, 3), 128, 2000), "S2": (a_print(2, 0.4, 4), 112, 2000)}),
        film({"S1": (a_print(2, 0.4, 5), 111, 9000), "S2": (a_print(1, 0.4, 6), 131, 9000),
              "S3": (a_print(3, 0.4, 7), 220, 2000)}),
    ]  # fmt: skip
    found = set()
    for order in itertools.permutations(range(3)):
        by_film = dict(zip(order, cast([films[n] for n in order], store=store)))
        assert by_film[0]["S1"] == by_film[1]["S1"] == by_film[2]["S2"]
        found.add(tuple(tuple(by_film[n].items()) for n in range(3)))
    assert len(found) == 1


def test_much_speech_counts_more_than_little(store: Store) -> None:
    """Two seconds at 230 Hz are a shout of a man who speaks at 118 for twenty."""
    films = [film({"S1": (a_print(1), 230, 2000)}), film({"S1": (a_print(1), 118, 20_000)})]
    for order in (films, films[::-1]):
        assert {one["S1"] for one in cast(order, store=store)} <= {"em_luis", "em_juan"}


def test_who_never_meets_may_share_a_voice_and_who_meets_in_any_film_does_not(store: Store) -> None:
    """Two of one film would rather speak with an accent; of two films, rather share."""
    one, two = (a_print(1), 120.0, 4000), (a_print(2), 120.0, 4000)
    cards = (CARDS[1], CARDS[3])
    apart = cast([film({"S1": one}), film({"S1": two})], cards=cards, store=store)
    assert [found["S1"] for found in apart] == ["em_luis", "em_luis"]
    meeting = cast([film({"S1": one}), film({"S1": two}), film({"S1": one, "S2": two})], cards=cards, store=store)
    assert {found["S1"] for found in meeting[:2]} == {"em_luis", "am_bob"}


def test_voices_that_are_fixed_stay_and_others_go_round_them(store: Store) -> None:
    both = film({"S1": (a_print(1), 120, 4000), "S2": (a_print(2), 120, 4000)})
    for voice in ("em_luis", "em_juan", "ef_ana"):
        (found,) = cast([both], {"S1": voice}, store=store)
        assert found["S1"] == voice
        assert found["S2"] in {"em_luis", "em_juan"} - {voice}


def test_without_a_voice_for_the_language_nobody_is_cast(store: Store) -> None:
    with pytest.raises(NoGrant, match="no voice here speaks es"):
        cast([film({"S1": (a_print(1), 120, 4000)})], cards=(), store=store)
    assert cast([film({"S1": (a_print(1), 120, 4000)})], {"S1": "original"}, (), store) == [{"S1": "original"}]
