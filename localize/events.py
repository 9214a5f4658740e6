"""Events of a run (stages, progress, warnings, engines) and the `Run` that passes them to a listener."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from .deprecated import deprecated_names
from .runtime.device import peak_memory_mb
from .runtime.starvation import held_up_seconds, usage_so_far

if TYPE_CHECKING:
    from pathlib import Path

    from .consent import Home, Request
    from .data import Clip, LineToSpeak
    from .models import Models
    from .provenance import Signer
    from .runtime.store import Store


@dataclass(frozen=True, slots=True)
class Started:
    """A stage begins; `total` is the number of things it will do, 0 where it cannot tell."""

    stage: str
    total: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """What is ahead of a run: its stages in order, each with the seconds that it is expected to take."""

    stages: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` things of a stage are done."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A stage ended after `seconds`; `hits` results came from the store, `made` were made."""

    stage: str
    seconds: float
    hits: int
    made: int
    language: str = ""
    """The target it worked for; "" for what all targets share."""
    cpu_seconds: float = 0.0
    """Processor time, of all threads and of programs that were started."""
    peak_mb: int = 0
    """Most memory that the process had at once until then, in MiB."""
    held_up_seconds: float = 0.0
    """Those of `seconds` in which other programs had the processors, as far as the system says."""


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with the translation of one line.

    Args:
        segment: the line.
        text: what is wrong, without the line's name: "the translation lost the number 15".
        values: the words of the source, or of the translation, that it is about.
    """

    segment: str
    text: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning. `code` is stable, `message` is one line for people, `fault` what a step may go by."""

    code: str
    message: str
    fault: LineFault | None = None


@dataclass(frozen=True, slots=True)
class EngineSelected:
    """An engine was chosen for a role, before any work; `why` is for people."""

    role: str
    engine: str
    why: str


@dataclass(frozen=True, slots=True)
class Mixed:
    """The sound of a dub is made, and will be delivered as it is unless something still fails; its files follow.

    Args:
        language: of the dub.
        full: the mix, a WAV in the store.
        dialogue: its voices alone, likewise.
        clips: every line of the dub, with where it is heard.
    """

    language: str
    full: Path
    dialogue: Path
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """A stretch of a mix: its first sample at 48 kHz, and a WAV of the whole and of the dialogue alone."""

    start: int
    full: Path
    dialogue: Path


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a dub that is made again changes in the mix of the last one, long before the whole is mixed.

    Args:
        language: of the dub.
        patches: what is other in it.
        clips: every line of the dub, with where it is heard.
    """

    language: str
    patches: tuple[Patch, ...]
    clips: tuple[Clip, ...]


Event = Expected | Started | Progress | Finished | Warned | EngineSelected | Previewed | Mixed
Listener = Callable[[Event], None]


MOST_NAMED = 12
"""Lines that one warning names."""


def name_some(names: Iterable[str], most: int = MOST_NAMED) -> str:
    """Names for a message, each once, and how many are left out: "s0001, s0002 and 7 more"."""
    each = list(dict.fromkeys(names))
    more = f" and {len(each) - most} more" if len(each) > most else ""
    return ", ".join(each[:most]) + more


def silent(_event: Event) -> None:
    """The listener that ignores all events."""


class SpeakAhead(Protocol):
    """Others who speak lines of a dub, on the same store, while it goes through them from the first."""

    def __call__(
        self,
        warn: Callable[[str, str], None],
        synthesizer: str,
        language: str,
        lines: Sequence[tuple[LineToSpeak, Request]],
    ) -> Callable[[str], None]:
        """Offer lines to them.

        Args:
            warn: called with code and message where one of them fails.
            synthesizer: fingerprint of the engine that speaks.
            language: that is spoken.
            lines: in order, each with what its voice was granted for; whoever speaks it asks for consent.

        Returns:
            what is called with a segment before its line is looked for in the store or spoken: it waits as long as
            another is at it, and keeps the others from it.
        """
        ...


class Run:
    """One run: store, home, models, listener, and the events kept so far.

    Args:
        store: the cache.
        home: voices, grants, ledger and keys.
        models: the weights.
        listener: receives every event as it happens.
        signer: signs the deliverables; None for the home's own key.
        keep_engines: another run follows in this process: engines keep their weights while there is memory for them.
        previews: the listener is told what changed in a mix before the whole is mixed.
        speak_ahead: others who speak lines of its dubs; None for nobody.
    """

    def __init__(
        self,
        store: Store,
        home: Home,
        models: Models,
        listener: Listener = silent,
        signer: Signer | None = None,
        *,
        keep_engines: bool = False,
        previews: bool = False,
        speak_ahead: SpeakAhead | None = None,
    ) -> None:
        self.previews = previews
        self.speak_ahead = speak_ahead
        self.signer = signer
        self.keep_engines = keep_engines
        self.store = store
        self.home = home
        store.set_hmac_key(home.store_secret)
        self.models = models
        self._language = ""
        self.stages: list[Finished] = []
        self.warnings: list[Warned] = []
        self.noted: list[Warned] = []
        """Every warning as it came, repeated ones too: two targets may have the same one."""
        self.engaged: list[EngineSelected] = []
        self._listener = listener

    def for_title(self, *, heard: Callable[[Event], bool] = lambda _: True) -> Run:
        """A run on the same places for one title of several, with stages and warnings of its own. Which engines are
        selected is said once for all of them.

        Args:
            heard: which of its events the listener gets.
        """
        listener = self._listener
        run = Run(
            self.store, self.home, self.models, lambda event: listener(event) if heard(event) else None, self.signer,
            speak_ahead=self.speak_ahead,
        )  # fmt: skip
        run.engaged = self.engaged
        return run

    def emit(self, event: Event) -> None:
        """Pass an event to the listener; warnings and selected engines are kept and passed once each."""
        if isinstance(event, Warned):
            self.noted.append(event)
            if event in self.warnings:
                return
            self.warnings.append(event)
        if isinstance(event, EngineSelected):
            if event in self.engaged:
                return
            self.engaged.append(event)
        if isinstance(event, Finished):
            self.stages.append(event)
        self._listener(event)

    def warn(self, code: str, message: str) -> None:
        """Emit a warning."""
        self.emit(Warned(code, message))

    def hear_store(self) -> None:
        """Warn of files of the store that were damaged, and of a remote that fails."""
        self.store.on_damage = partial(self.warn, "store_damaged")
        if self.store.remote is not None:
            self.store.remote.on_loss = partial(self.warn, "store_unreachable")

    @contextmanager
    def target(self, language: str) -> Iterator[None]:
        """The stages of this block work for one target language: their `Finished` events name it."""
        before, self._language = self._language, language
        try:
            yield
        finally:
            self._language = before

    @contextmanager
    def stage(self, name: str, total: int = 0) -> Iterator[Callable[[], None]]:
        """Time one stage and count its store hits and misses; what it stored is on the disk when it ends, also with an
        error. Yields a function to call as each item is done.
        """
        self.emit(Started(name, total))
        before, hits, made = usage_so_far(), self.store.hits, self.store.made
        done = 0

        def advance() -> None:
            nonlocal done
            done += 1
            self.emit(Progress(name, done, total))

        try:
            yield advance
        except BaseException:
            self.store.flush()
            raise
        self.store.commit()
        after = usage_so_far()
        self.emit(
            Finished(
                name, after.clock_s - before.clock_s, self.store.hits - hits, self.store.made - made, self._language,
                after.cpu_s - before.cpu_s, peak_memory_mb(), held_up_seconds(before, after),
            )
        )  # fmt: skip


def print_progress(print_line: Callable[[str], None] = print) -> Listener:
    """A listener that says how far a run is in plain lines, as a notebook or a log shows them.

    A stage says at most four times how far it is, and once what it took; a warning is said when it comes. No line is
    written over another, so it needs neither a terminal nor a notebook's own display.

    Args:
        print_line: given each line.
    """
    quarters: dict[str, int] = {}

    def listen(event: Event) -> None:
        match event:
            case Progress(stage, done, total) if 0 < done < total and 4 * done // total > quarters.get(stage, 0):
                quarters[stage] = 4 * done // total
                print_line(f"{stage}: {done} of {total}")
            case Finished(stage, seconds, hits, made, language):
                quarters.pop(stage, None)
                where = f"{stage} ({language})" if language else stage
                print_line(f"{where}: {seconds:.1f} s, {made} made, {hits} from the store")
            case Warned(code, message):
                print_line(f"warning [{code}]: {message}")
            case EngineSelected(role, engine, why):
                print_line(f"{role}: {engine} ({why})")

    return listen


if not TYPE_CHECKING:  # no type checker shall take every name for granted
    __getattr__ = deprecated_names(
        __name__,
        {
            "Advanced": "localize.events:Progress",
            "Engaged": "localize.events:EngineSelected",
        },
    )
