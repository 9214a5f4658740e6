"""The protocols of the five engine roles, and the registry through which engines are found and loaded.

An engine is one file here (or in a package that registers an entry point in the group `localize.engines`, named
"role.name") with one class. Its `__init__` is cheap and takes the model's name and the model store; weights and heavy
packages are loaded at the first real call, so that a run whose results are all in the store loads nothing.

Engines say what they can do; nothing in the pipeline tests an engine's name.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, cast, runtime_checkable

from ..data import Candidate, Manner, Phrase, SceneLine, Span, Utterance, Voices, Word
from ..errors import EngineMissing, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..consent import Grant
    from ..models import Models

    Samples = NDArray[np.float32]

Role = Literal["recogniser", "diarizer", "translator", "synthesizer", "watermarker"]
ROLES: tuple[Role, ...] = ("recogniser", "diarizer", "translator", "synthesizer", "watermarker")


class Engine(Protocol):
    """What every engine offers.

    One that says `calls_at_once` over 1 may be called from so many threads at the same time, with the same results.
    """

    name: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]
    """Modules that must be importable."""
    extra: ClassVar[str]
    """The extra of this package that installs them."""

    @property
    def fingerprint(self) -> str:
        """Package version, weights' hash and every option that changes the output; never device or threads."""


@runtime_checkable
class Recogniser(Engine, Protocol):
    """Turns speech into timed words."""

    @property
    def languages(self) -> frozenset[str]:
        """What it can write down."""

    def identify(self, audio: Path, spans: Sequence[Span], among: frozenset[str]) -> tuple[str, float]:
        """The language spoken in `spans` of a 16 kHz mono WAV, likeliest of `among`, and its probability of all."""

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        """Recognise `span` of a 16 kHz mono WAV: words timed on the file's clock; empty without speech."""


@runtime_checkable
class SoundTagger(Recogniser, Protocol):
    """A recogniser that can also write down what a sound is where nobody says words."""

    def tag_sounds(self, stretches: Sequence[Samples]) -> tuple[str, ...]:
        """What each stretch of 16 kHz mono sound is, heard alone: English names of sounds in brackets or asterisks
        ("[laughs]", "*cough*"), words after them where it hears some; "" for words alone.
        """


@runtime_checkable
class Diarizer(Engine, Protocol):
    """Finds the turns of each speaker."""

    def voices(self, audio: Path, speakers: int | None = None) -> Voices:
        """Turns of a 16 kHz mono WAV, on the file's clock; `speakers` is their number, where known.

        Nothing where nobody speaks; never more people than `speakers`.
        """


@runtime_checkable
class Translator(Engine, Protocol):
    """Turns sentences into candidates in another language."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """(source, target) languages it offers."""

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4
    ) -> tuple[tuple[Candidate, ...], ...]:
        """For each sentence its best candidates, the best first, at most `n_best`, never none for words."""


@runtime_checkable
class WordScorer(Engine, Protocol):
    """A translator that tells how likely it is to write a given translation."""

    def word_scores(
        self, sentences: Sequence[str], texts: Sequence[str], source: str, target: str
    ) -> tuple[tuple[float, ...], ...]:
        """The log-probability of every word of texts, were they the translations of sentences, of which "" is none; ()
        where that is not known.
        """


@runtime_checkable
class Reversible(Translator, Protocol):
    """A translator of which there may be one of the opposite direction."""

    @property
    def opposite(self) -> WordScorer | None:
        """It, able to translate back every pair; None where it is not installed."""


@runtime_checkable
class Accented(Protocol):
    """A synthesizer whose voices speak as one region of a language does."""

    @property
    def accents(self) -> Mapping[str, str]:
        """Language -> region of the pronunciation: {"pt": "BR"}."""


@runtime_checkable
class Steerable(Translator, Protocol):
    """A translator that takes wishes: spoken length, formality, region of the audience.

    A wish is written "kind:value": "length:short" and "length:long" (in syllables), "register:tu", "region:ES".
    """

    @property
    def wishes(self) -> frozenset[str]:
        """Every wish it understands; others are refused."""

    def translate(
        self,
        sentences: Sequence[str],
        source: str,
        target: str,
        *,
        n_best: int = 4,
        length: str = "",
        register: str = "",
        region: str = "",
    ) -> tuple[tuple[Candidate, ...], ...]:
        """As any translator, with at most one wish of each kind ("short", "tu", "ES"); "" wishes nothing."""


@runtime_checkable
class SceneTranslator(Translator, Protocol):
    """A translator that reads the scene: the lines around each sentence, who speaks, its terms and its time.

    One that sends what it reads to another machine says which in `sends_to`; a run warns of that before any work.
    """

    lines_at_once: ClassVar[int]
    """Sentences that are best asked together."""

    def translate_scene(
        self, lines: Sequence[SceneLine], source: str, target: str, *, n_best: int = 4, region: str = ""
    ) -> tuple[tuple[Candidate, ...], ...]:
        """For each sentence wordings of different length, the best first, at most `n_best`, never none for words.

        Raises:
            EngineFailed: sentences without a usable answer are in its details, `texts`; without these nothing works.
        """


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a synthesizer returns.

    Args:
        samples: mono float32 in -1…1, shape (n,).
        rate: samples a second.
        lead_ms: where time 0 of the request lies in `samples`.
        words: each word's time on the request's clock; empty where the engine cannot tell.
    """

    samples: Samples
    rate: int
    lead_ms: int = 0
    words: tuple[Word, ...] = ()


@runtime_checkable
class Synthesizer(Engine, Protocol):
    """Synthesizes a line in a granted voice."""

    exact_duration: ClassVar[bool]
    """Whether `speak` keeps the lengths of its phrases to the frame, and `pace` can predict natural ones."""
    clones: ClassVar[bool]
    """Whether it speaks in a voice given by a recording.

    An engine whose class says `phonemes = True` takes words with given phonemes, `[word](/IPA/)`; any other gets the
    word alone.
    """

    @property
    def languages(self) -> frozenset[str]:
        """What it can speak."""

    def pace(self, phrases: Sequence[str], grant: Grant, language: str) -> tuple[int, ...]:
        """Natural length of each phrase in ms, silence around it not counted. Only with `exact_duration`."""

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str) -> Spoken:
        """Speak the phrases in order, the first at time 0.

        With `exact_duration` phrase n is heard in its span, to a few milliseconds; otherwise spans are a wish.
        """


@runtime_checkable
class Expressive(Synthesizer, Protocol):
    """A synthesizer whose pitch and energy can be led; what it says at no strength is what `speak` says without."""

    expressive: ClassVar[bool]
    """Only what has it is led."""

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str, manners: Sequence[Manner] = ()) -> Spoken:
        """As any synthesizer, phrase n in manner n, none where there are none. Lengths do not change."""


@runtime_checkable
class Watermarker(Engine, Protocol):
    """Embeds an inaudible watermark that survives encoding, and detects it."""

    def mark(self, samples: Samples, rate: int) -> Samples:
        """The same sound, marked: as many samples, mono, at the same rate."""

    def confidence(self, samples: Samples, rate: int) -> float:
        """How surely mono sound is marked, 0…1; 0.5 and more counts as marked."""


BUILT_IN: dict[Role, dict[str, str]] = {
    "recogniser": {
        "faster_whisper": "localize.engines.faster_whisper:FasterWhisper",
        "whisper": "localize.engines.whisper:OpenAIWhisper",
    },
    "diarizer": {
        "dvectors": "localize.engines.dvectors:DVectors",
        "pyannote": "localize.engines.pyannote:Pyannote",
    },
    "translator": {
        "marian_ct2": "localize.engines.marian_ct2:MarianCT2",
        "bergamot": "localize.engines.bergamot:Bergamot",
        "marian": "localize.engines.marian:Marian",
        "multilingual_ct2": "localize.engines.multilingual_ct2:MultilingualCT2",
        "llm": "localize.engines.llm:LLM",
        "gguf": "localize.engines.gguf:GGUF",
    },
    "synthesizer": {"kokoro": "localize.engines.kokoro:Kokoro", "coqui": "localize.engines.coqui:Coqui"},
    "watermarker": {"perth": "localize.engines.perth:Perth"},
}


def names(role: Role) -> dict[str, str]:
    """Every engine known for a role and where its class is ("module:Class"), third parties' included."""
    known = dict(BUILT_IN[role])
    for point in entry_points(group="localize.engines"):
        point_role, _, name = point.name.partition(".")
        if point_role == role and name not in known:
            known[name] = point.value
    return known


def find(role: Role, name: str) -> type[Engine]:
    """The class of an engine, its dependencies checked but nothing heavy loaded.

    Raises:
        UsageError: there is no engine of that name.
        EngineMissing: the engine is known but a package it needs is not installed.
    """
    place = BUILT_IN[role].get(name) or names(role).get(name)  # a scan of every package installed costs 30 ms
    if place is None:
        known = ", ".join(sorted(names(role)))
        raise UsageError(f"no {role} is called {name!r}: there are {known}", role=role, engine=name)
    module, _, attribute = place.partition(":")
    try:
        kind = cast("type[Engine]", getattr(importlib.import_module(module), attribute))
    except ImportError as error:
        raise EngineMissing(f"the {role} {name} cannot be loaded: {error}", role=role, engine=name) from error
    absent = [package for package in kind.requires if not _present(package)]
    if absent:
        raise EngineMissing(
            f"the {role} {name} needs {', '.join(absent)}: pip install 'localize-toolkit[{kind.extra}]'",
            role=role,
            engine=name,
            missing=absent,
        )
    return kind


def _present(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of "a.b" even a is absent
        return False


@cache
def load(role: Role, spec: str, models: Models) -> Any:
    """An engine by its name or "name:model", with nothing heavy loaded yet; the same one for the same model store, so
    that lines, targets and files share its weights.

    Raises:
        UsageError: unknown name.
        EngineMissing: a package is missing; the message names the command that installs it.
        ModelMissing: the model is not there; the message names the command that gets it.
    """
    name, _, model = spec.partition(":")
    kind = cast("Callable[[str | None, Models], Engine]", find(role, name))
    return kind(model or None, models)


def calls_at_once(engine: object) -> int:
    """From how many threads an engine may be called at the same time; 1 where it does not say."""
    return int(getattr(engine, "calls_at_once", 1))


@cache
def package_versions(*packages: str) -> str:
    """The part of a fingerprint that names installed packages: "a 1.0, b 2.0", without what they were built for."""
    return ", ".join(f"{package} {version(package).partition('+')[0]}" for package in packages)
