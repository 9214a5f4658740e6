"""The cast file of a batch, from all that was heard of its people."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from localize import batches, pipeline
from localize.batches.checking import FilmRequest
from localize.batches.folder import Board, Work, report_place, run_batch, with_cast
from localize.batches.series import CastFilm, write_casts
from localize.delivery.results import DubResult
from localize.errors import MediaError
from localize.events import Run
from localize.job import Job
from localize.speakers.cast_file import read_cast
from localize.speakers.people import HeardVoice, Person
from localize.speakers.series import FilmPeople, Measured
from localize.speakers.stock_sound import Sound


def a_print(who: int, seed: int) -> tuple[float, ...]:
    own, other = np.random.default_rng(1000 + who).normal(size=256), np.random.default_rng(seed).normal(size=256)
    values = own + 0.4 * other
    return tuple((values / np.linalg.norm(values)).tolist())


@pytest.fixture
def season(tmp_path: Path) -> dict[int, CastFilm]:
    """Three films of a man, a woman and another man; who is heard how low differs from film to film."""
    films: dict[int, CastFilm] = {}
    for n, people in enumerate((((1, 105), (2, 215)), ((3, 110), (1, 124), (2, 190)), ((2, 220), (3, 127)))):
        heard, measured = [], {}
        for k, (who, hertz) in enumerate(people, start=1):
            own = a_print(who, 10 * n + k)
            heard.append(HeardVoice(f"S{k}", "", own, 4000))
            measured[f"S{k}"] = Measured(Sound(hertz, 4.0, own), 4000, 4000)
        partners = {who: frozenset(measured) - {who} for who in measured}
        found = FilmPeople(tuple(heard), measured, partners, {"es": frozenset(measured)}, {})
        job = Job(tmp_path / f"e{n}.mp4", to=("es",), output=tmp_path / f"e{n}", cast=tmp_path / "cast.toml")
        films[n] = CastFilm(job, found)
    return films


def people_of(path: Path) -> tuple[Person, ...]:
    return read_cast(path / "cast.toml")


def asking(film: CastFilm, **options: Any) -> CastFilm:
    return CastFilm(replace(film.job, **options), film.people)


@pytest.mark.costly
def test_every_order_of_films_writes_the_same_voices(run: Run, season: dict[int, CastFilm], tmp_path: Path) -> None:
    found = set()
    for order in itertools.permutations(season):
        assert write_casts({place: season[n] for place, n in enumerate(order)}, run) == {}
        people = people_of(tmp_path)
        assert [person.id for person in people] == ["S1", "S2", "S3"]
        assert all(person.grants["es"] for person in people)
        found.add(frozenset((person.print, person.voices["es"]) for person in people))
        (tmp_path / "cast.toml").unlink()
    assert len(found) == 1
    assert len({voice for _, voice in next(iter(found))}) == 3


def test_what_is_written_stays_whatever_is_heard_later(run: Run, season: dict[int, CastFilm], tmp_path: Path) -> None:
    write_casts({0: season[0]}, run)
    first = people_of(tmp_path)
    write_casts(season, run)
    again = people_of(tmp_path)
    assert again[:2] == first
    assert len(again) == 3
    written = (tmp_path / "cast.toml").read_bytes()
    write_casts({0: season[2], 1: season[1]}, run)
    assert (tmp_path / "cast.toml").read_bytes() == written


def test_a_voice_that_one_film_asks_for_is_the_person_s(run: Run, season: dict[int, CastFilm], tmp_path: Path) -> None:
    """The third film is the only one that asks; a voice and one in its place count as they do in a dub."""
    season[2] = asking(season[2], voices={"S3": "em_santa"})
    assert write_casts(season, run) == {}
    assert people_of(tmp_path)[2].voices == {"es": "em_santa"}
    (tmp_path / "cast.toml").unlink()
    season = {n: asking(film, recast={"em_santa": "em_alex"}) for n, film in season.items()}
    write_casts(season, run)
    assert people_of(tmp_path)[2].voices == {"es": "em_alex"}


def test_a_film_that_asks_for_nobody_is_refused_alone(run: Run, season: dict[int, CastFilm], tmp_path: Path) -> None:
    season[1] = asking(season[1], voices={"Nobody": "em_santa"})
    season[2] = asking(season[2], voices={"S1": "ef_dora"})  # who is not in this film, but in the series
    refused = write_casts(season, run)
    assert {n: (one.ok, one.exit_code) for n, one in refused.items()} == {1: (False, 2)}
    assert "no speaker is called 'Nobody'" in (refused[1].error or "")
    assert all("es" in person.voices for person in people_of(tmp_path))


def test_a_cast_that_cannot_be_read_or_a_language_nobody_speaks_refuses_its_films(
    run: Run, season: dict[int, CastFilm], tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text("schema = 7\n")
    season[1] = asking(season[1], cast=other)
    silent = asking(season[2], to=("fi",))
    season[2] = CastFilm(silent.job, replace(silent.people, dubbed={"fi": frozenset({"S1"})}))
    refused = write_casts(season, run)
    assert {n: one.exit_code for n, one in refused.items()} == {1: 2, 2: 4}
    assert "other.toml" in (refused[1].error or "")
    assert "no voice here speaks fi" in (refused[2].error or "")
    assert [sorted(person.voices) for person in people_of(tmp_path)] == [["es"], ["es"], []]


# --- heard first


@pytest.fixture
def shots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Three files, of which nobody opens one."""
    monkeypatch.setattr(pipeline, "dub", lambda job, *_: DubResult(job.input, (), ()))
    monkeypatch.setattr(pipeline, "check_request", lambda *_: None)
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.mp4").write_bytes(name.encode())
    return Job(folder, to=("es",), output=tmp_path / "out")


def somebody(who: int) -> FilmPeople:
    """A film in which one person speaks for four seconds."""
    values = np.random.default_rng(who).normal(size=256)
    own = tuple((values / np.linalg.norm(values)).tolist())
    sound = Measured(Sound(120.0, 4.0, own), 4000, 4000)
    return FilmPeople((HeardVoice("S1", "", own, 4000),), {"S1": sound}, {"S1": frozenset()}, {"es": frozenset()}, {})


@pytest.mark.parametrize("many", [False, True])
def test_each_film_is_heard_once_and_then_the_cast_is_written(
    run: Run, shots: Job, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    """Also where others hear the films: they tell who was heard, and nobody hears it again."""
    assert shots.output is not None
    cast, learnt = shots.output / "cast.toml", list[str]()

    def learn(job: Job, *_: object) -> FilmPeople:
        assert not cast.exists(), "nobody has a voice before everybody was heard"
        assert job.cast == cast, "a voice asked for somebody of another film is no mistake in this one"
        learnt.append(job.input.stem)
        return somebody({"a": 1, "b": 2, "c": 1}[job.input.stem])

    def crowd(work: Work, requests: Sequence[FilmRequest], board: Board) -> None:
        for number in reversed(range(len(requests))):
            board.begin(number)
            board.add(number, work(requests[number], run))

    monkeypatch.setattr(pipeline, "learn_people", learn)
    titles = with_cast(batches.find_titles(shots), shots.output)
    report = run_batch(shots, titles, run, report_place(shots.output, None), lambda _: None, crowd if many else None)
    assert " ".join(one.state for one in report.files) == "ok ok ok"
    assert sorted(learnt) == ["a", "b", "c"]
    assert [(person.id, sorted(person.voices)) for person in read_cast(cast)] == [("S1", ["es"]), ("S2", ["es"])]


@pytest.mark.parametrize(("fail_fast", "people"), [(True, 0), (False, 2)])
def test_what_some_films_say_casts_nobody_where_the_batch_ends_there(
    run: Run, shots: Job, monkeypatch: pytest.MonkeyPatch, fail_fast: bool, people: int
) -> None:
    assert shots.output is not None

    def learn(job: Job, *_: object) -> FilmPeople:
        if job.input.stem == "b":
            raise MediaError("no sound")
        return somebody(ord(job.input.stem))

    monkeypatch.setattr(pipeline, "learn_people", learn)
    report = batches.batch(shots, run, fail_fast=fail_fast)
    assert " ".join(one.state for one in report.files) == (
        "cancelled failed cancelled" if fail_fast else "ok failed ok"
    )
    assert len(read_cast(shots.output / "cast.toml")) == people
