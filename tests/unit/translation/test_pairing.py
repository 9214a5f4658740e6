"""A translation with other lines than its source: each line finds its own, no word is lost, what has none is named."""

from __future__ import annotations

import random

import pytest

from localize.data import Segment, Span
from localize.translation.pairing import Side, pair_lines

Rows = list[tuple[int, int, str]]
ENGLISH: Rows = [
    (1000, 2800, "Good morning. We have a problem."),
    (4600, 5800, "What happened to the bridge?"),
    (7200, 8900, "It fell into the river last night."),
    (9500, 11000, "Then we must swim across before the sun goes down."),
]
SPANISH: Rows = [
    (1000, 2800, "Buenos días. Tenemos un problema."),
    (4600, 5800, "¿Qué le pasó al puente?"),
    (7200, 8900, "Anoche se cayó al río."),
    (9500, 11000, "Entonces hay que cruzar a nado antes de que se ponga el sol."),
]


def side(rows: Rows, language: str, *, timed: bool = True, blocks: dict[str, int] | None = None) -> Side:
    lines = tuple(Segment(f"s{n:04}", Span(a, b), "S1", text) for n, (a, b, text) in enumerate(rows, 1))
    return Side(lines, language, timed, {}, blocks or {})


def paired(source: Rows, target: Rows, *, timed: bool = True) -> list[str]:
    return [line.text for line in pair_lines(side(source, "en"), side(target, "es", timed=timed)).lines]


def joined(rows: Rows, first: int, last: int) -> Rows:
    """The rows with some of them as one."""
    text = " ".join(row[2] for row in rows[first : last + 1])
    return [*rows[:first], (rows[first][0], rows[last][1], text), *rows[last + 1 :]]


def texts(rows: Rows) -> list[str]:
    return [row[2] for row in rows]


@pytest.mark.parametrize("timed", [True, False])
def test_as_many_lines_are_paired_one_by_one(*, timed: bool) -> None:
    assert paired(ENGLISH, SPANISH, timed=timed) == texts(SPANISH)


@pytest.mark.parametrize("timed", [True, False])
def test_a_line_for_two_is_parted_among_them(*, timed: bool) -> None:
    found = pair_lines(side(ENGLISH, "en"), side(joined(SPANISH, 1, 2), "es", timed=timed))
    assert [line.text for line in found.lines] == texts(SPANISH)
    assert found.joined == ("s0002", "s0003")
    assert (found.missing, found.unplaced) == ((), ())


@pytest.mark.parametrize("timed", [True, False])
def test_two_lines_for_one_are_joined(*, timed: bool) -> None:
    found = pair_lines(side(joined(ENGLISH, 2, 3), "en"), side(SPANISH, "es", timed=timed))
    assert [line.text for line in found.lines] == [*texts(SPANISH[:2]), f"{SPANISH[2][2]} {SPANISH[3][2]}"]


def test_two_speakers_in_one_cue_are_told_apart_by_their_dashes() -> None:
    both: Rows = [(1000, 5800, "- Buenos días. Tenemos un problema. - ¿Qué le pasó al puente?"), *SPANISH[2:]]
    assert paired(ENGLISH, both) == texts(SPANISH)


def test_a_line_without_a_translation_and_one_without_a_source_are_named() -> None:
    target: Rows = [SPANISH[0], *SPANISH[2:], (20_000, 21_000, "Fin.")]
    found = pair_lines(side(ENGLISH, "en"), side(target, "es"))
    assert [line.text for line in found.lines] == [SPANISH[0][2], "", *texts(SPANISH[2:])]
    assert found.missing == ("s0002",)
    assert found.unplaced == ("s0004",)


def test_sounds_take_no_words_and_keep_their_place() -> None:
    source: Rows = [ENGLISH[0], (3000, 4400, "[suspenseful music]"), *ENGLISH[1:]]
    target: Rows = [SPANISH[0], (3000, 4400, "[música de suspense]"), *joined(SPANISH[1:], 0, 1)]
    found = pair_lines(side(source, "en"), side(target, "es"))
    assert [line.text for line in found.lines] == [SPANISH[0][2], "[música de suspense]", *texts(SPANISH[1:])]
    assert (found.missing, found.unplaced) == ((), ())


def test_rows_of_one_list_belong_together_whatever_their_lengths() -> None:
    said: Rows = [(0, 1, "No."), (1, 2, "I never said that to anybody in this house."), (2, 3, "Oh.")]
    source = side(said, "en", timed=False, blocks={"s0001": 1, "s0002": 2, "s0003": 4})
    given: Rows = [(0, 1, "Yo jamás le dije eso a nadie."), (1, 2, "Ah."), (2, 3, "Fin.")]
    target = side(given, "es", timed=False, blocks={"s0001": 2, "s0002": 4, "s0003": 5})
    found = pair_lines(source, target, same_rows=True)
    assert [line.text for line in found.lines] == ["", "Yo jamás le dije eso a nadie.", "Ah."]
    assert (found.missing, found.unplaced) == (("s0001",), ("s0003",))


def test_names_and_numbers_show_where_a_line_is_missing() -> None:
    source: Rows = [(0, 1, f"We met {name} in {year} again.") for name, year in
                    (("Anna", 1990), ("Peter", 1991), ("Maria", 1992), ("Louis", 1993))]  # fmt: skip
    target: Rows = [(0, 1, f"Volvimos a ver a {name} en {year}.") for name, year in
                    (("Anna", 1990), ("Maria", 1992), ("Louis", 1993))]  # fmt: skip
    found = pair_lines(side(source, "en", timed=False), side(target, "es", timed=False))
    assert [line.text for line in found.lines][2:] == texts(target)[1:]


@pytest.mark.costly
@pytest.mark.parametrize("seed", range(12))
def test_no_word_of_a_placed_line_is_lost_or_cut(seed: int) -> None:
    """Both files with random lines joined: every word of the translation is said once, in its order."""
    chance = random.Random(seed)
    source = [
        (n * 3000, n * 3000 + 2000, f"This is what person {n} says{' about it all' * (n % 4)}.") for n in range(40)
    ]
    target = [(a, b, f"Esto dice la persona {n}{' sobre todo ello' * (n % 4)}.") for n, (a, b, _) in enumerate(source)]
    for rows in (source, target):
        for _ in range(6):
            at = chance.randrange(len(rows) - 1)
            rows[:] = joined(rows, at, at + 1)
    for timed in (True, False):
        found = pair_lines(side(source, "en", timed=timed), side(target, "es", timed=timed))
        lost = set(found.unplaced)
        kept = [line.text for line in side(target, "es").lines if line.id not in lost]
        assert " ".join(line.text for line in found.lines if line.text) == " ".join(kept)
        if timed:
            assert not lost
