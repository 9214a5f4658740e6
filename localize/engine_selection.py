"""Select the engines of a job: the ones asked for, else the best installed by rank; refuse what none can do before any
work.

Over 400 lines: choosing an engine and refusing what none offers read the same catalogue, ranks and pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .engines import (
    BUILT_IN,
    Accented,
    Diarizer,
    Recogniser,
    Role,
    Steerable,
    Synthesizer,
    Translator,
    Watermarker,
    find,
    load,
)
from .engines.phonemes import check_phonemes
from .engines.pivot import BETWEEN, Pivot
from .errors import EngineError, EngineMissing, UsageError
from .events import EngineSelected, Run
from .inputs import Inputs
from .job import Job
from .language.tags import canonical_language, language_name, main_language, wider_region, with_region
from .models import Models, catalogue
from .runtime.device import free_memory, return_memory
from .runtime.store import Store
from .runtime.threads import begin
from .speakers.assignment import VoiceRequest, check_wished_voices
from .transcription.supplied import UNKNOWN_LANGUAGE
from .translation.glossary import Glossary
from .translation.resources import warn_of_regions

DEFAULT_RECOGNISER = "faster_whisper"
DEFAULT_SYNTHESIZER = "kokoro"
DEFAULT_DIARIZER = "dvectors"


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine with one of its models.

    Args:
        spec: "name" or "name:model".
        why: for people.
        languages: of the model, as in the catalogue.
    """

    spec: str
    why: str
    languages: tuple[str, ...] = ("*",)

    def serves(self, languages: set[str]) -> bool:
        """Whether the model supports all of these languages."""
        return "*" in self.languages or languages <= set(self.languages)


@dataclass(frozen=True, slots=True)
class SelectedEngines:
    """The engines of one job; None for a role that the job does not use."""

    recogniser: Recogniser | None
    translators: tuple[Translator, ...]
    synthesizer: Synthesizer | None
    watermarker: Watermarker | None = None
    diarizer: Diarizer | None = None

    def sources(self, to: Sequence[str]) -> tuple[str, ...]:
        """Languages that can be translated into every one of `to`; all the recogniser knows when `to` is empty."""
        if not to:
            return tuple(sorted(self.recogniser.languages)) if self.recogniser else ()
        pairs = {pair for t in self.translators for pair in t.pairs}
        if direct := {a for a, _ in pairs if all((a, b) in pairs for b in to)}:
            return tuple(sorted(direct))
        if all(b == BETWEEN or (BETWEEN, b) in pairs for b in to):
            return tuple(sorted({a for a, b in pairs if b == BETWEEN} - set(to)))
        return ()

    def translator(self, source: str, to: str) -> Translator:
        """The engine for a pair; two in a row where only English leads from one language to the other.

        Raises:
            UsageError: nobody offers it; the message names the pairs offered.
        """
        try:
            return check_pair(source, to, self.translators)
        except UsageError:
            if source == ANY_LANGUAGE:
                raise
            try:
                legs = check_pair(source, BETWEEN, self.translators), check_pair(BETWEEN, to, self.translators)
            except UsageError:
                legs = None
            if legs is None:
                raise
        return Pivot(*legs, main_language(canonical_language(source)), main_language(canonical_language(to)))

    def likely(self, source: str | None, to: Sequence[str]) -> tuple[Translator, ...]:
        """The translators that a dub may use, each once: from one language, or from any that could be detected.

        Raises:
            UsageError: nobody offers a pair.
        """
        sources = (source,) if source else self.sources(to)
        found = {t.fingerprint: t for language in to for t in (self.translator(a, language) for a in sources)}
        return tuple(found.values())

    def fingerprints(self) -> dict[str, str]:
        """Role -> fingerprint, of everything that could be used."""
        return self.used(None) | {"translators": " | ".join(t.fingerprint for t in self.translators)}

    def used(self, translator: Translator | None) -> dict[str, str]:
        """Role -> fingerprint, for the report and the manifest."""
        roles = {
            "recogniser": self.recogniser,
            "translator": translator,
            "synthesizer": self.synthesizer,
            "watermarker": self.watermarker,
            "diarizer": self.diarizer,
        }
        return {role: engine.fingerprint for role, engine in roles.items() if engine is not None}


def select_engines(
    job: Job, inputs: Inputs, run: Run, *, recognises: bool = True, synthesizes: bool = True
) -> SelectedEngines:
    """Load the engines of a job and refuse at once what cannot be done.

    Args:
        job: the request.
        inputs: what its files say.
        run: home and models.
        recognises: whether speech must be recognised.
        synthesizes: whether a dub is made.

    Raises:
        ConsentError: a voice asked for by name may not be used; found out before any engine is looked for.
        UsageError: a language, pair or register nobody offers.
        EngineError: a package or model is missing.
    """
    if synthesizes:
        for wished in voices_wished(job):
            check_wished_voices(run, wished)
    engines = choose_engines(
        job, run, translates=not inputs.translation, required=not inputs.is_translated, recognises=recognises,
        synthesizes=synthesizes,
    )  # fmt: skip
    if not inputs.is_translated:
        _check_pairs(job, inputs, engines, synthesizes=synthesizes)
        _check_registers(job, inputs.glossary, engines)
        warn_of_regions(run, inputs.style, job.to, engines.translators, job.regions)
    if engines.synthesizer is not None:
        _check_spoken_languages(job, engines.synthesizer)
        _warn_of_accents(job, engines.synthesizer, run)
        check_phonemes(engines.synthesizer, inputs.pronunciations, job.to)
    return engines


def voices_wished(job: Job) -> tuple[VoiceRequest, ...]:
    """The voices that a dub asks for by name, for each target."""
    return tuple(
        VoiceRequest(job.name, job.purpose, job.voices, job.recast, job.spoken_tag(language)) for language in job.to
    )


def choose_engines(
    job: Job, run: Run, *, translates: bool, required: bool, recognises: bool = True, synthesizes: bool = True
) -> SelectedEngines:
    """The engines of a job: those asked for, else the best that are installed. What they do not offer is not refused.

    Args:
        job: the request.
        run: home and models.
        translates: whether a translator may be used.
        required: whether one must be there.
        recognises: whether speech must be recognised.
        synthesizes: whether a dub is made.

    Raises:
        EngineError: a package, a model or a device is missing.
        UsageError: an engine is asked for that nobody knows.
    """
    translators = _translators(job, run, required=required) if translates else ()
    recogniser: Recogniser | None = None
    synthesizer: Synthesizer | None = None
    watermarker: Watermarker | None = None
    if synthesizes:
        synthesizer = load_synthesizer(job, run)
        if marks := job.engines.get("watermarker"):
            watermarker = load("watermarker", marks, _models(job, run))
    if recognises:
        recogniser = _load_best(job, run, "recogniser", DEFAULT_RECOGNISER)
    _models(job, run).device.check()
    diarizer = _diarizer(job, run) if recognises else None
    return SelectedEngines(recogniser, translators, synthesizer, watermarker, diarizer)


def _models(job: Job, run: Run) -> Models:
    """The models of the run, on the device that the job asks for; on the run's own where it asks for none."""
    return run.models if job.device == "auto" else run.models.on_device(job.device)


def _diarizer(job: Job, run: Run) -> Diarizer | None:
    """The diarizer asked for, else the embedded one where its packages are installed."""
    if wanted := job.engines.get("diarizer"):
        found: Diarizer = load("diarizer", wanted, _models(job, run))
        return found
    try:
        found = load("diarizer", DEFAULT_DIARIZER, _models(job, run))
    except EngineError:
        return None
    return found


def engine_choices(role: Role, models: Models, wanted: str = "") -> tuple[EngineChoice, ...]:
    """The engines and models that could be loaded for a role, best first, by the ranks of the catalogue.

    Args:
        role: "recogniser", "translator" or "synthesizer".
        models: which are installed.
        wanted: "name" for models of that engine alone, "name:model" for that one.
    """
    name, _, model = wanted.partition(":")
    if model:
        return (EngineChoice(wanted, "asked for"),)
    ranked = [m for m in models.ranked(role, name) if _is_runnable(role, m.engine)]
    asked = "asked for, " if name else ""
    found = []
    for entry in ranked:
        peers = [m for m in ranked if role != "translator" or m.languages == entry.languages]
        place = f"number {peers.index(entry) + 1} of {len(peers)}" if len(peers) > 1 else "the only one"
        why = f"{asked}rank {entry.rank}, {place} installed"
        found.append(EngineChoice(f"{entry.engine}:{entry.id}", why, entry.languages))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The engine that would do something, "" for nobody, and why."""

    engine: str
    why: str


@dataclass(frozen=True, slots=True)
class EnginePair:
    """Who would hear, translate and speak for a pair of languages, "en->es"."""

    pair: str
    recogniser: Chosen
    translator: Chosen
    synthesizer: Chosen


def engine_pairs(models: Models) -> tuple[EnginePair, ...]:
    """For every pair that can be translated now, who would hear, translate and speak, and why: `models list`.

    "any->any" is the model for what no other one offers.
    """
    heard, spoken = engine_choices("recogniser", models), engine_choices("synthesizer", models)
    found: dict[str, EnginePair] = {}
    for choice in engine_choices("translator", models):
        for languages in choice.languages:
            source, _, target = languages.partition(">") if languages != "*" else ("", "", "")
            pair = languages.replace(">", "->") if languages != "*" else "any->any"
            found.setdefault(
                pair, EnginePair(pair, _chosen(heard, source), _chosen((choice,)), _chosen(spoken, target))
            )
    return tuple(found[pair] for pair in sorted(found))


def _chosen(known: Sequence[EngineChoice], language: str = "") -> Chosen:
    best = next((c for c in known if not language or c.serves({language})), None)
    return Chosen("", f"no installed model serves {language}") if best is None else Chosen(best.spec, best.why)


def _is_runnable(role: Role, engine: str) -> bool:
    try:
        find(role, engine)
    except EngineError:
        return False
    return True


def _load_best(job: Job, run: Run, role: Role, default: str) -> Any:
    """The best engine of a role that serves the job's languages."""
    wanted = job.engines.get(role, "")
    if role == "synthesizer":
        spoken = {main_language(canonical_language(language)) for language in job.to}
    else:
        spoken = {main_language(job.source_language)} if job.source_language else set()
    found = engine_choices(role, _models(job, run), wanted)
    chosen = next(
        (c for c in found if c.serves(spoken)), EngineChoice(wanted or default, "asked for" if wanted else "default")
    )
    engine = load(role, chosen.spec, _models(job, run))
    run.emit(EngineSelected(role, chosen.spec, chosen.why))
    _say_terms(run, chosen.spec)
    return engine


def load_synthesizer(job: Job, run: Run) -> Synthesizer:
    """The synthesizer that speaks for a job.

    Raises:
        EngineError: a package or model is missing.
    """
    found: Synthesizer = _load_best(job, run, "synthesizer", DEFAULT_SYNTHESIZER)
    return found


def _say_terms(run: Run, spec: str) -> None:
    """Warn of a model whose licence does not allow every use."""
    model = catalogue().get(spec.partition(":")[2])
    if model is not None and model.terms:
        run.warn("licence", f"{model.id} is under {model.licence}. {model.terms}")


def _translators(job: Job, run: Run, *, required: bool) -> tuple[Translator, ...]:
    """Every translator that could be used, the best first."""
    if not job.to:
        return ()
    wanted = job.engines.get("translator", "")
    found: list[tuple[EngineChoice, Translator]] = []
    missing: EngineError | None = None
    known = engine_choices("translator", _models(job, run), wanted) or tuple(
        EngineChoice(name, "default") for name in ([wanted] if wanted else BUILT_IN["translator"])
    )
    for choice in known:
        try:
            found.append((choice, load("translator", choice.spec, _models(job, run))))
        except EngineError as error:  # another may offer the pair
            missing = missing or error
    if missing and not found and required:
        raise missing
    for language in job.to:
        into = main_language(canonical_language(language))
        source = main_language(job.source_language or "")
        for choice, translator in found:
            if any(b == into and source in ("", a) for a, b in translator.pairs):
                run.emit(EngineSelected("translator", choice.spec, choice.why))
                _say_terms(run, choice.spec)
                if host := getattr(translator, "sends_to", ""):
                    run.warn("network", f"{choice.spec} sends every line of the film to {host}, as your home allows")
                break
    return tuple(translator for _, translator in found)


def _check_pairs(job: Job, inputs: Inputs, engines: SelectedEngines, *, synthesizes: bool) -> None:
    """The languages that are known beforehand: named, or those of given words."""
    given = inputs.transcript.transcript.language if inputs.transcript else UNKNOWN_LANGUAGE
    sources = [job.source_language or given] if job.source_language or given != UNKNOWN_LANGUAGE else []
    for language in job.to:
        for source in sources:
            if source != language:
                engines.translator(source, language)
            elif synthesizes:
                raise UsageError(f"{job.input.name} would go from {source} to {language}: leave out --to {language}")
        if not sources and not engines.sources((language,)):
            engines.translator(ANY_LANGUAGE, language)
    if job.to and not sources and not engines.sources(job.to):
        raise UsageError(
            f"no one language can be translated into all of {', '.join(job.to)}: give --from, or one --to at a time"
        )


def registers_wanted(job: Job, glossary: Glossary) -> dict[str, str]:
    """Speaker or pair of speakers -> register, from the glossary, overridden by the configuration."""
    return {**dict(glossary.registers), **job.registers}


def _check_registers(job: Job, glossary: Glossary, engines: SelectedEngines) -> None:
    """Refuse a register that no translator of a target language supports."""
    wishes = registers_wanted(job, glossary)
    for language in job.to:
        base = canonical_language(language)
        offered = {
            wish
            for t in engines.translators
            if isinstance(t, Steerable) and any(target == base for _, target in t.pairs)
            for wish in t.wishes
        }
        known = sorted(wish.removeprefix("register:") for wish in offered if wish.startswith("register:"))
        for speaker, register in wishes.items():
            if register not in known:
                what = f"it has {', '.join(known)}" if known else "its model has none"
                raise UsageError(f"no register {register!r} (of {speaker}) for {language}: {what}", register=register)


def _check_spoken_languages(job: Job, synthesizer: Synthesizer) -> None:
    for language in job.to:
        if canonical_language(language) not in synthesizer.languages:
            spoken = ", ".join(sorted(synthesizer.languages))
            raise UsageError(f"{synthesizer.name} does not speak {language}: it speaks {spoken}", language=language)


def _warn_of_accents(job: Job, synthesizer: Synthesizer, run: Run) -> None:
    """Say where the voices speak as another region does than was asked for."""
    if not isinstance(synthesizer, Accented):
        return
    for language, region in job.regions.items():
        own = synthesizer.accents.get(language, "")
        if language in job.to and own and own not in (region, wider_region(region)):
            run.warn(
                "accent",
                f"--to {with_region(language, region)}: the voices of {synthesizer.name} speak "
                f"{language_name(with_region(language, own))}",
            )


LOW_MEMORY_BYTES = 1_500_000_000
"""Bytes: about what the embedded synthesizer and the mix of a long film need at once."""


def load_beside(store: Store, made: Callable[..., object], engine: Any) -> None:
    """Read an engine's weights while a step is made, where that has to be made.

    Args:
        store: of the step.
        made: the step.
        engine: one that does not say how it is loaded reads them when it is first called.
    """
    if callable(read := getattr(engine, "load", None)):
        store.begin_beside(made, read)


def load_soon(engine: Any) -> None:
    """Read an engine's weights beside other work; one that does not say how reads them when it is first called."""
    if callable(read := getattr(engine, "load", None)):
        begin(read, f"beside: {engine.name}")


def release_engines(*engines: Any, soon: bool = False) -> None:
    """Free the weights of engines whose stage has ended; they are read again when needed.

    Args:
        engines: None among them is none.
        soon: they are needed again for the next target, and are kept while there is memory for them.
    """
    if soon and free_memory() >= LOW_MEMORY_BYTES:
        return
    for engine in engines:
        if callable(release := getattr(engine, "release", None)):
            release()
    return_memory()


def require_recogniser(engines: SelectedEngines) -> Recogniser:
    """The recogniser of a selection that was made with one."""
    if engines.recogniser is None:
        raise EngineMissing("no recogniser was loaded")
    return engines.recogniser


def require_synthesizer(engines: SelectedEngines) -> Synthesizer:
    """The synthesizer of a selection that was made with one."""
    if engines.synthesizer is None:
        raise EngineMissing("no synthesizer was loaded")
    return engines.synthesizer


ANY_LANGUAGE = "*"
"""For a source language that is not known yet."""
MANY_PAIRS = 60
"""Of so many pairs a message names the languages alone."""


def check_pair(source: str, to: str, translators: Iterable[Translator]) -> Translator:
    """The first translator that offers a language pair; regions ("pt-BR") are served by their main language.

    Raises:
        UsageError: nobody offers it; the message names the pairs that are offered.
    """
    offered: set[tuple[str, str]] = set()
    for translator in translators:
        if (main_language(source), main_language(to)) in translator.pairs:
            return translator
        offered |= translator.pairs
    pairs = ", ".join(f"{a}->{b}" for a, b in sorted(offered)) or "none: no translator is installed"
    if len(offered) > MANY_PAIRS:
        pairs = f"{len(offered)} pairs among {', '.join(sorted({language for pair in offered for language in pair}))}"
    wish = (
        f"into {language_name(to)}" if source == ANY_LANGUAGE else f"{language_name(source)} into {language_name(to)}"
    )
    model = _model_hint(source, to)
    ways = f"give the words with --translation, {model}or ask a language model with --engine translator=llm:…"
    raise UsageError(f"no translator here translates {wish}: {ways}; offered: {pairs}", source=source, target=to)


def _model_hint(source: str, to: str) -> str:
    """The command that gets a translator for a language pair, for a message; "" where the catalogue has none."""
    pair = f"{'en' if source == ANY_LANGUAGE else main_language(source)}>{main_language(to)}"
    fits = [m for m in catalogue().values() if m.role == "translator" and m.pulled and {pair, "*"} & set(m.languages)]
    best = max(fits, key=lambda m: (pair in m.languages, m.rank), default=None)
    return f"get a model with '{best.command}', " if best else ""
