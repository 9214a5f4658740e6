"""Stock voices that say anything, and a recogniser that hears it, each sentence and recording once: for benches."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from localize.consent import Home, Request, check, enrolment
from localize.data import Phrase, Span, Utterance, Voice
from localize.engines import kokoro, load
from localize.models import Models

Samples = NDArray[np.float32]
PAUSE_MS = 300


class StockVoices:
    """Voices and ears, with every recording kept in a folder.

    Args:
        folder: where recordings are kept; those that are there already are not made again.
    """

    def __init__(self, folder: Path) -> None:
        models = Models()
        # On a busy machine a second thread waits more than it works.
        models.device = replace(models.device, threads=1)
        # Nothing here has to fit a scene, so that a sentence is not rendered again to last as planned.
        kokoro.TOLERANCE_MS = kokoro.TOLERANCE = math.inf
        self.folder = folder
        self.engine = load("synthesizer", "kokoro", models)
        self.ears = load("recogniser", "faster_whisper", models)
        self.home = Home(folder / "stock")
        enrolment._embeddings = remembered(enrolment._embeddings)  # type: ignore[assignment]

    def say(self, voice: Voice, text: str, language: str = "") -> Path:
        """The recording of a voice that says `text`, with a pause of silence between sentences.

        Args:
            voice: a stock voice.
            text: sentences that end with a full stop.
            language: that it is said in; the voice's own if empty.
        """
        path = self._path(voice, f"whole {text}")
        if not path.exists():
            texts = [part.strip() + "." for part in text.split(".") if part.strip()]
            parts = [soundfile.read(self.sentence(voice, t, language), dtype="float32")[0] for t in texts]
            pause = np.zeros(kokoro.RATE * PAUSE_MS // 1000, np.float32)
            soundfile.write(path, np.concatenate([s for part in parts for s in (part, pause)]), kokoro.RATE)
        return path

    def recognise(self, audio: Path, span: Span, language: str) -> Sequence[Utterance]:
        """As `recognise` of the recogniser, texts only; the same bytes are heard once."""
        kept = self.folder / f"heard-{language}-{hashlib.sha256(audio.read_bytes()).hexdigest()[:16]}.txt"
        if not kept.exists():
            kept.write_text("\n".join(part.text for part in self.ears.recognise(audio, span, language)))
        return [Utterance(text, ()) for text in kept.read_text().splitlines()]

    def sentence(self, voice: Voice, text: str, language: str = "") -> Path:
        """The recording of one sentence, as the engine speaks it."""
        path = self._path(voice, text)
        if not path.exists():
            language = language or voice.languages[0]
            grant = check(self.home, [Request(voice.id, "S1", language, "bench")])["S1"]
            (length,) = self.engine.pace([text], grant, language)
            said = self.engine.speak([Phrase(text, Span(0, length))], grant, language)
            soundfile.write(path, said.samples, said.rate)
        return path

    def _path(self, voice: Voice, text: str) -> Path:
        return self.folder / f"{voice.id}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.wav"


def remembered(make: Callable[[Samples], Samples]) -> Callable[[Samples], Samples]:
    """The same function, asked once for the same sound."""
    known: dict[bytes, Samples] = {}

    def get(samples: Samples) -> Samples:
        key = hashlib.sha256(samples.tobytes()).digest()
        if key not in known:
            known[key] = make(samples)
        return known[key]

    return get
