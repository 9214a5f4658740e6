"""Lines that free workers speak for who dubs a film: each once, under the same consent, and none is waited for that
nobody will speak. Whoever is asked stands in this process here; on a cluster see `test_ray_ahead.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localize.batches import ahead
from localize.batches.ahead import DubAtWork, LinesAhead, LineSpeaker, OpenLine, OpenLines
from localize.consent import Grant, Home, Request, usage
from localize.data import Candidate, Line, LineToSpeak, Phrase, Plan, Segment, Span, Speech, Transcript, Translation
from localize.engine_selection import load_synthesizer
from localize.events import Run, Warned
from localize.isochrony.synthesize import synthesize
from localize.job import Job
from localize.models import Models
from localize.runtime.store import Store
from tests.fake_package import ENGINES

FILM, OTHER, THIRD = 1, 2, 3
"""Numbers of workers: who dubs the film, and two that are free."""
TEXTS = ("Mañana viajamos", "¿Vienes conmigo?", "Claro que sí", "Pues vamos")
LINES = tuple((f"s{n:04}", Span(2000 * n, 2000 * n + 1500), text) for n, text in enumerate(TEXTS, 1))

pytestmark = pytest.mark.usefixtures("fakes")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "film.wav", to=("es",), engines=ENGINES, voices={"S1": "ef_dora"})


@pytest.fixture
def lines() -> OpenLines:
    return OpenLines()


def asking(lines: OpenLines) -> Callable[..., Any]:
    return lambda name, *arguments: getattr(lines, name)(*arguments)


def worker(lines: OpenLines, folder: Path, number: int) -> LineSpeaker:
    """A free worker with a run of its own on the same folders."""
    run = Run(Store(folder / "store"), Home.open(folder / "home"), Models())
    return LineSpeaker(run, number, asking(lines))


def dub(run: Run, job: Job, grant: Grant) -> Speech:
    transcript = Transcript("en", tuple(Segment(name, span, "S1", "text", (), ()) for name, span, _ in LINES))
    translation = Translation("es", tuple(Line(name, (Candidate(text, 0.0),)) for name, _, text in LINES))
    grants = {name: grant for name, _, _ in LINES}
    return synthesize(run, transcript, translation, grants, load_synthesizer(job, run), 12_000)


def open_line(segment: str, request: Request) -> OpenLine:
    phrase = Phrase("hola", Span(0, 800))
    return OpenLine(LineToSpeak(Plan(segment, 0, (phrase,), 800, "exact"), "hola", (phrase,)), request)


def warned(run: Any) -> list[str]:
    return [event.message for event in run.events if isinstance(event, Warned) and event.code == "speak_ahead"]


def test_what_another_speaks_is_found_and_is_the_same(
    run: Run, job: Job, lines: OpenLines, granted: Callable[..., Grant], tmp_path: Path
) -> None:
    grant, other = granted("ef_dora", "es"), worker(lines, tmp_path, OTHER)
    asked: list[str] = []

    def ask(name: str, *arguments: Any) -> Any:
        found = getattr(lines, name)(*arguments)
        if name == "offer":  # two of them are spoken before this film comes to its first
            assert other.speak_next()
            assert other.speak_next()
        if name == "keep":
            asked.append(arguments[1])
        return found

    run.speak_ahead = LinesAhead(ask, FILM, job)
    speech = dub(run, job, grant)
    made = run.store.made
    assert asked == [name for name, _, _ in LINES]
    alone = Run(Store(tmp_path / "alone"), run.home, run.models)
    assert dub(alone, job, grant) == speech
    assert made == alone.store.made - 2
    assert not other.speak_next()
    assert warned(run) == []
    (used,) = usage(run.home)
    assert used.lines == 2, "what a worker spoke it notes itself"


def test_a_voice_without_a_grant_is_refused_where_it_would_speak(
    run: Run, job: Job, lines: OpenLines, tmp_path: Path
) -> None:
    """Nothing is spoken, the refusal stands in the ledger, and the worker gets no other line of the film."""
    asked = Request("nobody", "S1", "es", job.name)
    dub_at_work = DubAtWork(job, load_synthesizer(job, run).fingerprint, "es")
    lines.offer(FILM, dub_at_work, [open_line("s1", asked), open_line("s2", asked), open_line("s3", asked)])
    other, third = worker(lines, tmp_path, OTHER), worker(lines, tmp_path, THIRD)
    assert [other.speak_next(), other.speak_next()] == [True, False]
    assert [third.speak_next(), third.speak_next()] == [True, False]
    free, said = lines.keep(FILM, "s3")
    assert free
    assert len(said) == 2
    assert "no voice is called 'nobody'" in said[0]
    assert not list((tmp_path / "store").glob("steps/*/*.json"))
    ledger = (tmp_path / "home" / "ledger.jsonl").read_text("utf-8")
    assert ledger.count('"outcome": "refused"') + ledger.count('"outcome":"refused"') == 2


def test_lines_are_taken_from_the_last_and_kept_from_the_first(lines: OpenLines, job: Job) -> None:
    request = Request("ef_dora", "S1", "es", "film")
    short, long = DubAtWork(job, "one", "es"), DubAtWork(job, "two", "es")
    lines.offer(FILM, short, [open_line(f"s{n}", request) for n in range(3)])
    lines.offer(OTHER, long, [open_line(f"s{n}", request) for n in range(4)])

    def taken(worker: int, last: int | None = None) -> tuple[int, str] | None:
        found = lines.take(worker, last)
        return None if found is None else (found.film, found.open.segment)

    assert taken(THIRD) == (OTHER, "s3"), "of the film with the most of them"
    assert taken(THIRD, FILM) == (FILM, "s2"), "of the film whose engine and voices it has"
    assert lines.keep(FILM, "s0") == (True, ())
    assert lines.keep(FILM, "s2") == (False, ())
    lines.end(THIRD, FILM, "s2")
    assert lines.keep(FILM, "s2") == (True, ())
    assert taken(THIRD, FILM) == (FILM, "s1"), "s0 is kept"
    lines.close(OTHER)
    assert taken(THIRD, FILM) is None
    lines.end(THIRD, OTHER, "s3", "of a film that is done")
    assert lines.keep(OTHER, "s3") == (True, ())


def test_what_a_dead_worker_had_is_left_to_who_dubs_the_film(lines: OpenLines, job: Job) -> None:
    """Nobody else is given it, as it may have died of it."""
    request = Request("ef_dora", "S1", "es", "film")
    lines.offer(FILM, DubAtWork(job, "one", "es"), [open_line("s1", request), open_line("s2", request)])
    assert (found := lines.take(OTHER, None)) is not None
    assert found.open.segment == "s2"
    lines.lose(OTHER)
    assert lines.keep(FILM, "s2") == (True, ())
    assert (found := lines.take(THIRD, None)) is not None
    assert found.open.segment == "s1"
    lines.lose(FILM)
    assert lines.take(THIRD, None) is None


def test_an_engine_that_is_another_speaks_nothing(run: Run, job: Job, lines: OpenLines, tmp_path: Path) -> None:
    request = Request("ef_dora", "S1", "es", job.name)
    lines.offer(FILM, DubAtWork(job, "another", "es"), [open_line("s1", request), open_line("s2", request)])
    other = worker(lines, tmp_path, OTHER)
    assert [other.speak_next(), other.speak_next()] == [True, False]
    ((said,),) = [lines.keep(FILM, "s2")[1]]
    assert "the synthesizer of the film is another" in said
    assert not list((tmp_path / "store").glob("steps/*/*.json"))


@pytest.mark.parametrize("fault", ["late", "silent"])
def test_nobody_waits_for_ever(
    run: Run,
    job: Job,
    lines: OpenLines,
    granted: Callable[..., Grant],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """Of a line that is not done in time, and where no answer comes, it is told once; the dub is whole."""
    monkeypatch.setattr(ahead, "MOST_WAIT_S", 0.0)

    def ask(name: str, *arguments: Any) -> Any:
        if fault == "silent" and name == "keep":
            raise TimeoutError("Get timed out: some object(s) not ready.")
        found = getattr(lines, name)(*arguments)
        if name == "offer":
            assert lines.take(OTHER, None) is not None
        return found

    run.speak_ahead = LinesAhead(ask, FILM, job)
    assert len(dub(run, job, granted("ef_dora", "es")).takes) == len(LINES)
    (said,) = warned(run)
    assert ("line s0004 is spoken here" if fault == "late" else "Get timed out") in said
