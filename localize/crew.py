"""Who works on a job: the engines asked for, else the best installed, checked before any work begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import consent
from .engines import BUILT_IN, Diarizer, Recogniser, Steerable, Synthesizer, Translator, Watermarker, load
from .errors import EngineError, EngineMissing, UsageError
from .events import Run
from .job import Job
from .media import canonical_language
from .stages.cast import ORIGINAL
from .stages.translate import ANY, check_pair

DEFAULT_RECOGNISER = "faster_whisper"
DEFAULT_SYNTHESIZER = "kokoro"
DEFAULT_DIARIZER = "dvectors"


@dataclass(frozen=True, slots=True)
class Crew:
    """The engines of one job. None where the job has no use for a role."""

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
        return tuple(sorted({a for a, _ in pairs if all((a, b) in pairs for b in to)}))

    def translator(self, source: str, to: str) -> Translator:
        """The engine for a pair.

        Raises:
            UsageError: nobody offers it; the message names the pairs offered.
        """
        return check_pair(source, to, self.translators)

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


def assemble(job: Job, run: Run, *, hears: bool = True, speaks: bool = True) -> Crew:
    """Load the engines of a job and refuse at once what cannot be done.

    Args:
        job: the request.
        run: home and models.
        hears: whether speech must be recognised.
        speaks: whether a dub is made.

    Raises:
        ConsentError: a voice asked for by name may not be used; found out before any engine is looked for.
        UsageError: a language or pair nobody offers.
        EngineError: a package or model is missing.
    """
    if speaks:
        for language in job.to:
            wanted = {s: job.recast.get(v, v) for s, v in job.voices.items()}
            consent.check(
                run.home,
                [consent.Request(v, s, language, job.name, job.purpose) for s, v in wanted.items() if v != ORIGINAL],
            )
    recogniser: Recogniser | None = None
    synthesizer: Synthesizer | None = None
    watermarker: Watermarker | None = None
    translators = _translators(job, run)
    crew = Crew(None, translators, None)
    if job.translation is None:
        _check_pairs(job, crew)
        _check_registers(job, crew)
    if speaks:
        synthesizer = load("synthesizer", job.engines.get("synthesizer", DEFAULT_SYNTHESIZER), run.models)
        _check_spoken(job, synthesizer)
        if marks := job.engines.get("watermarker"):
            watermarker = load("watermarker", marks, run.models)
    if hears:
        recogniser = load("recogniser", job.engines.get("recogniser", DEFAULT_RECOGNISER), run.models)
    return Crew(recogniser, translators, synthesizer, watermarker, _diarizer(job, run) if hears else None)


def _diarizer(job: Job, run: Run) -> Diarizer | None:
    """Who tells speakers apart: the one asked for, else the embedded one, if its packages are here."""
    if wanted := job.engines.get("diarizer"):
        found: Diarizer = load("diarizer", wanted, run.models)
        return found
    try:
        found = load("diarizer", DEFAULT_DIARIZER, run.models)
    except EngineError:
        return None
    return found


def _translators(job: Job, run: Run) -> tuple[Translator, ...]:
    if not job.to or job.translation is not None:
        return ()
    if wanted := job.engines.get("translator"):
        return (load("translator", wanted, run.models),)
    found: list[Translator] = []
    missing: EngineError | None = None
    for name in BUILT_IN["translator"]:
        try:
            found.append(load("translator", name, run.models))
        except EngineError as error:  # another may offer the pair
            missing = missing or error
    if missing and not found:
        raise missing
    return tuple(found)


def _check_pairs(job: Job, crew: Crew) -> None:
    sources = [job.source_language] if job.source_language else []
    for language in job.to:
        for source in sources:
            if source != language:
                crew.translator(source, language)
        if not sources and not crew.sources((language,)):
            crew.translator(ANY, language)
    if job.to and not sources and not crew.sources(job.to):
        raise UsageError(
            f"no one language can be translated into all of {', '.join(job.to)}: give --from, or one --to at a time"
        )


def _check_registers(job: Job, crew: Crew) -> None:
    """A register that no translator of a target knows would be a wish unheard."""
    for language in job.to:
        base = canonical_language(language)
        offered = {wish for t in crew.translators if isinstance(t, Steerable) and _writes(t, base) for wish in t.wishes}
        known = sorted(wish.removeprefix("register:") for wish in offered if wish.startswith("register:"))
        for speaker, register in job.registers.items():
            if register not in known:
                what = f"it knows {', '.join(known)}" if known else "its model knows none"
                raise UsageError(f"no register {register!r} (of {speaker}) for {language}: {what}", register=register)


def _writes(translator: Translator, language: str) -> bool:
    return any(target == language for _, target in translator.pairs)


def _check_spoken(job: Job, synthesizer: Synthesizer) -> None:
    for language in job.to:
        if canonical_language(language) not in synthesizer.languages:
            spoken = ", ".join(sorted(synthesizer.languages))
            raise UsageError(f"{synthesizer.name} does not speak {language}: it speaks {spoken}", language=language)


def hearing(crew: Crew) -> Recogniser:
    """The recogniser of a crew that was assembled with one."""
    if crew.recogniser is None:
        raise EngineMissing("no recogniser was loaded")
    return crew.recogniser
