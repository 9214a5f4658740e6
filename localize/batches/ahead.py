"""Lines of films at work that free workers speak on the same store, so that a long film is not dubbed by one alone.

Who dubs a film goes through its lines from the first and keeps others from each as it comes to it; free workers take
them from the last, one at a time. So nothing is spoken twice. A line that a worker could not speak, or died with, is
left to the one who dubs the film, which meets what is wrong with it as if nobody had helped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

from .. import consent
from ..consent import Grant, Request
from ..data import LineToSpeak
from ..engine_selection import load_synthesizer
from ..engines import Synthesizer
from ..errors import EngineMissing, LocalizeError, unforeseen
from ..events import Run
from ..isochrony.synthesize import speak_line
from ..job import Job
from ..runtime.threads import single_threaded_blas
from .checking import SEE_WHERE

LOOK_S = 0.1
"""How often it is looked whether a line is free, or one is there to be spoken."""
IDLE_S = 1.0
"""So long a free worker looks for a line before it is asked again whether there is a film for it."""
MOST_WAIT_S = 60.0
"""So long a film waits for a line that another speaks: with weights to load, most engines take a fifth of that."""

Ask = Callable[..., Any]
"""Calls a method of `OpenLines`, by its name, wherever that lies."""


@dataclass(frozen=True, slots=True)
class DubAtWork:
    """What a worker has to know to speak for a dub: who asked for it, the fingerprint of its synthesizer, and which
    language that speaks.
    """

    job: Job
    synthesizer: str
    language: str


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line that nobody is at, and what its voice was granted for."""

    line: LineToSpeak
    request: Request

    @property
    def segment(self) -> str:
        """Whose line it is."""
        return self.line.plan.segment


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A line for a free worker, of the film that the worker of this number dubs."""

    film: int
    dub: DubAtWork
    open: OpenLine


@dataclass(slots=True)
class _Film:
    """The lines of a film that are open, who is at which, who failed at one, and what those said."""

    dub: DubAtWork
    open: dict[str, OpenLine]
    at: dict[str, int] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)


class OpenLines:
    """Which lines of films at work are open to free workers. Workers have numbers, and a film that of the worker who
    dubs it. Calls come one at a time.
    """

    def __init__(self) -> None:
        self._films: dict[int, _Film] = {}

    def offer(self, film: int, dub: DubAtWork, lines: Sequence[OpenLine]) -> None:
        """Open the lines of a dub, instead of those of the worker's dub before."""
        self._films[film] = _Film(dub, {one.segment: one for one in lines})

    def take(self, worker: int, last: int | None) -> TakenLine | None:
        """The last open line of the film that the worker spoke for before, else of the one with the most of them; None
        where there is none for it.
        """
        films = [number for number, film in self._films.items() if film.open and worker not in film.failed]
        if not films:
            return None
        number = max(films, key=lambda number: (number == last, len(self._films[number].open)))
        film = self._films[number]
        segment, found = film.open.popitem()
        film.at[segment] = worker
        return TakenLine(number, film.dub, found)

    def end(self, worker: int, film: int, segment: str, error: str = "") -> None:
        """The worker is done with a line, or could not speak it: then it is given no other of this film."""
        found = self._films.get(film)
        if found is None or found.at.get(segment) != worker:  # the film went on without it
            return
        del found.at[segment]
        if error:
            found.failed.add(worker)
            found.said.append(error)

    def keep(self, film: int, segment: str) -> tuple[bool, tuple[str, ...]]:
        """Keep a line from others. Gives whether none of them is at it, and what was said by those that failed since
        the last call.
        """
        found = self._films.get(film)
        if found is None:
            return True, ()
        said, found.said = tuple(found.said), []
        if segment in found.at:
            return False, said
        found.open.pop(segment, None)
        return True, said

    def close(self, film: int) -> None:
        """Nobody is to speak for this film any more."""
        self._films.pop(film, None)

    def lose(self, worker: int) -> None:
        """A worker died: nobody dubs its film, and nobody is at the line that it had."""
        self.close(worker)
        for film in self._films.values():
            film.at = {segment: who for segment, who in film.at.items() if who != worker}


class LinesAhead:
    """Offers the lines of the films that one worker dubs: see `events.SpeakAhead`.

    Args:
        ask: asks the open lines of all.
        worker: its number.
        job: of the film.
    """

    def __init__(self, ask: Ask, worker: int, job: Job) -> None:
        self._ask, self._worker, self._job = ask, worker, job
        self._alone = self._lost = False
        self._lock = Lock()

    def __call__(
        self,
        warn: Callable[[str, str], None],
        synthesizer: str,
        language: str,
        lines: Sequence[tuple[LineToSpeak, Request]],
    ) -> Callable[[str], None]:
        """Offer lines, but the first, which is begun here."""
        self._alone = self._lost or len(lines) < 2
        if not self._alone:
            dub = DubAtWork(self._job, synthesizer, language)
            self._try(warn, "offer", dub, [OpenLine(*line) for line in lines[1:]])
        return partial(self._wait, warn)

    def close(self) -> None:
        """Take back what is open."""
        if not self._alone:
            self._try(lambda _code, _message: None, "close")

    def _wait(self, warn: Callable[[str, str], None], segment: str) -> None:
        until = time.monotonic() + MOST_WAIT_S
        while not self._alone:
            free, said = self._try(warn, "keep", segment) or (True, ())
            for error in said:
                warn("speak_ahead", f"a worker could not speak a line ahead, which is left to this one: {error}")
            if free:
                return
            if time.monotonic() > until:
                warn(
                    "speak_ahead",
                    f"line {segment} is spoken here, as the worker that took it is not done after {MOST_WAIT_S:.0f} s; "
                    "no other line is waited for",
                )
                self.close()
                self._alone = True
            else:
                time.sleep(LOOK_S)

    def _try(self, warn: Callable[[str, str], None], name: str, *arguments: Any) -> Any:
        """Ask; where no answer comes, go on alone."""
        try:
            return self._ask(name, self._worker, *arguments)
        except Exception as error:  # of the library that carries the question
            with self._lock:
                if not self._lost:
                    warn("speak_ahead", f"no other worker speaks lines of this film any more: {last_line(error)}")
                self._alone = self._lost = True
            return None


class LineSpeaker:
    """A free worker that speaks lines for those who dub.

    Args:
        run: of the worker.
        worker: its number.
        ask: asks the open lines of all.
    """

    def __init__(self, run: Run, worker: int, ask: Ask) -> None:
        self._run, self._worker, self._ask = run, worker, ask
        self._film: int | None = None
        self._dub: DubAtWork | None = None
        self._synthesizer: Synthesizer | None = None
        self._grants: dict[Request, Grant] = {}

    @single_threaded_blas()
    def speak(self, seconds: float) -> None:
        """Speak open lines one after another for so long, the last of which may take longer; where there are none, look
        for some for a second.
        """
        until = time.monotonic() + seconds
        idle_until = time.monotonic() + IDLE_S
        while time.monotonic() < min(until, idle_until):
            if self.speak_next():
                idle_until = time.monotonic() + IDLE_S
            else:
                time.sleep(LOOK_S)

    def speak_next(self) -> bool:
        """Speak one open line; gives whether there was one."""
        taken: TakenLine | None = self._ask("take", self._worker, self._film)
        if taken is None:
            return False
        self._ask("end", self._worker, taken.film, taken.open.segment, self._speak_one(taken))
        return True

    def _speak_one(self, taken: TakenLine) -> str:
        """Speak a line into the store, and note it in the ledger; gives what went wrong, "" for nothing."""
        self._film = taken.film
        if taken.dub != self._dub:
            self._dub, self._synthesizer, self._grants = taken.dub, None, {}
        dub, request = taken.dub, taken.open.request
        try:
            grant = self._grants.get(request) or consent.check(self._run.home, [request])[request.speaker]
            self._grants[request] = grant
            Grant.prove(grant, dub.language)
            take, new, _ = speak_line(self._run.store, self._engine(dub), grant, dub.language, taken.open.line)
            if new:
                consent.note_synthesis(self._run.home, dub.job.name, dub.language, (take,))
            self._run.store.commit()
        except LocalizeError as error:
            return error.message
        except Exception as error:
            return unforeseen(error, SEE_WHERE).message
        return ""

    def _engine(self, dub: DubAtWork) -> Synthesizer:
        """The synthesizer of the dub, kept for its other lines."""
        if self._synthesizer is None:
            found = load_synthesizer(dub.job, self._run.for_title(heard=lambda _: False))
            if found.fingerprint != dub.synthesizer:
                raise EngineMissing(
                    f"the synthesizer of the film is {dub.synthesizer}, and that of the worker {found.fingerprint}: "
                    "install the same packages and models on all nodes"
                )
            self._synthesizer = found
        return self._synthesizer


def last_line(error: Exception) -> str:
    """The last line of what a library says, which names the cause of an error elsewhere."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:300]
