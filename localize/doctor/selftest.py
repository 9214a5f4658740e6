"""`doctor --deep`: run every installed engine on a small input of its role and check the output."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import consent
from ..data import Phrase, Span
from ..engine_selection import DEFAULT_SYNTHESIZER, engine_choices
from ..engines import ROLES, Role, find, load, names
from ..errors import ConsentError, EngineError, LocalizeError, ModelMissing
from ..models import Models

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


LINE = "The train leaves at nine tomorrow morning. Please do not be late again."
SENTENCES = {
    "en": LINE,
    "es": "El tren sale a las nueve.",
    "pt": "O trem sai às nove.",
    "fr": "Le train part à neuf heures.",
}
LENGTH_MS = 5000
VOICE = "af_heart"
RATE = 16_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and what mends it where it is not in order."""

    name: str
    ok: bool
    detail: str
    fix: str | None = None


def run_self_tests(models: Models) -> list[Check]:
    """Try every engine that is installed, with the best of its models.

    Returns:
        for each whether it did its work, and what was seen or went wrong.
    """
    with tempfile.TemporaryDirectory() as place:
        bench = _Fixtures(Path(place), models)
        return [
            _run_one(bench, role, name)
            for role in ROLES
            for name in names(role)
            if _installed_engines(role, name)
        ]  # fmt: skip


def _installed_engines(role: Role, name: str) -> bool:
    try:
        find(role, name)
    except LocalizeError:
        return False
    return True


def _run_one(bench: _Fixtures, role: Role, name: str) -> Check:
    began = time.monotonic()
    best = engine_choices(role, bench.models, name)
    spec = best[0].spec if best else name
    work: dict[Role, Callable[[Any], str]] = {
        "recogniser": bench.recognise,
        "diarizer": bench.diarize,
        "translator": bench.translate,
        "synthesizer": bench.synthesize,
        "watermarker": bench.watermark,
    }
    try:
        seen = work[role](load(role, spec, bench.models))
    except (ModelMissing, ConsentError) as error:
        return Check(f"trial {role} {spec}", True, f"not tried: {error.message}")
    except EngineError as error:
        return Check(f"trial {role} {spec}", False, error.message)
    except Exception as error:  # an engine of anybody's: what it raises is what is wanted here
        return Check(f"trial {role} {spec}", False, f"{type(error).__name__}: {error}")
    return Check(f"trial {role} {spec}", True, f"{seen}, {time.monotonic() - began:.1f} s")


class _Fixtures:
    """Fixtures of the self-tests: a temporary home, so that no ledger of the user is written, and five seconds of
    speech.
    """

    def __init__(self, place: Path, models: Models) -> None:
        self._place = place
        self._home = consent.Home.open(place / "home")
        if VOICE in consent.revocations(consent.Home.open()):  # nor is it heard here
            consent.revoke(self._home, VOICE)
        self.models = models

    def recognise(self, engine: Any) -> str:
        """A recogniser recognises speech of the embedded voice."""
        audio = self._speech(RATE)
        heard = " ".join(u.text for u in engine.recognise(audio, Span(0, LENGTH_MS + 1000), "en"))
        if not {"train", "nine"} & set(heard.lower().replace(",", " ").replace(".", " ").split()):
            raise EngineError(f"it recognised {heard[:60]!r} where {LINE[:42]!r} was spoken")
        return f"heard {heard[:40]!r}"

    def diarize(self, engine: Any) -> str:
        """A diarizer finds one speaker where there is one."""
        speakers = {turn.speaker for turn in engine.voices(self._speech(RATE)).turns}
        if len(speakers) != 1:
            raise EngineError(f"it found {len(speakers)} speakers where there is one")
        return "heard one person"

    def translate(self, engine: Any) -> str:
        """A translator returns candidates."""
        source, target = min(engine.pairs)
        ((first, *_),) = engine.translate([SENTENCES.get(source, LINE)], source, target, n_best=1)
        if not any(map(str.isalnum, first.text)):
            raise EngineError(f"it answered {first.text!r}")
        return f"{source}->{target} {first.text[:40]!r}"

    def synthesize(self, engine: Any) -> str:
        """A synthesizer returns audible speech, in a stock voice or in one cloned from a stock voice's recording."""
        import numpy as np

        language = "en" if "en" in engine.languages else min(engine.languages)
        voice = "trial" if engine.clones else VOICE
        if engine.clones:
            recording = self._speech(48_000)
            consent.enroll(self._home, voice, reference=recording, evidence=recording)
            consent.grant(self._home, voice, languages=(language,))
        grant = consent.check(self._home, [consent.Request(voice, "S1", language, "trial")])["S1"]
        text = SENTENCES.get(language, LINE)
        made = engine.speak((Phrase(text, Span(0, 60 * len(text))),), grant, language)
        if float(np.abs(made.samples).max(initial=0.0)) < 0.01:
            raise EngineError("it made no sound")
        return f"{language}, {len(made.samples) / made.rate:.1f} s of sound"

    def watermark(self, engine: Any) -> str:
        """A watermarker detects its own mark and finds none in unmarked sound."""
        import soundfile

        samples, rate = soundfile.read(self._speech(48_000), dtype="float32")
        clean, marked = engine.confidence(samples, rate), engine.confidence(engine.mark(samples, rate), rate)
        if not clean < 0.5 <= marked:
            raise EngineError(f"confidence {clean:.2f} without its mark, {marked:.2f} with it")
        return f"found its mark ({marked:.2f})"

    def _speech(self, rate: int) -> Path:
        """About five seconds of the embedded voice."""
        import soundfile
        import soxr

        path = self._place / f"speech{rate}.wav"
        if not path.is_file():
            voice = load("synthesizer", DEFAULT_SYNTHESIZER, self.models)
            grant = consent.check(self._home, [consent.Request(VOICE, "S1", "en", "trial")])["S1"]
            made = voice.speak((Phrase(LINE, Span(0, LENGTH_MS)),), grant, "en")
            soundfile.write(path, soxr.resample(made.samples, made.rate, rate), rate, "PCM_16")
        return path
