"""Coqui TTS: XTTS, which clones a voice from a consented recording, and single-voice VITS models.

Neither keeps a length, so takes are stretched to their place. What XTTS is known for is mended here: texts over its
limit are parted at clause ends, it cannot babble for longer than a text could last, and words it adds at the end are
heard by the recogniser and cut off.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..consent import Grant
from ..data import Phrase, Span
from ..errors import EngineError, EngineFailed, UsageError
from ..models import catalogue
from ..runtime.files import sha256_of
from ..signal.activity import voice_activity
from . import Spoken, package_versions
from .coqui_models import FILES, Network, model_type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..models import Models

    Samples = NDArray[np.float32]


DEFAULT = "xtts-v2"
LIMIT = 250
"""Letters a VITS is given at once; XTTS has a limit of its own for each language."""
JOIN_MS = 120
"""Between two parts of one phrase."""
PAUSES_MS = (60, 1500)
"""A pause between two phrases is as asked for, within these."""
MARGIN_MS = 20
BLIP_MS = 60
ALONE_MS = 150
"""A sound shorter than BLIP_MS and this far from all speech is a click or a breath of the model's making."""
TAIL_MS = 60
"""What is left after the last word when a repeated tail is cut."""
SILENT_DB = -55.0


class Coqui:
    """Speaks with an XTTS or VITS model.

    Args:
        model: a catalogue id, or a folder with config.json and model.pth (XTTS: and vocab.json); None takes the best
            that is installed.
        models: where the weights lie, and what to compute on.

    Raises:
        UsageError: no such model, or the folder is of another kind.
        ModelMissing: the weights are not there, or their terms were not agreed to.
    """

    name: ClassVar[str] = "coqui"
    requires: ClassVar[tuple[str, ...]] = ("TTS", "torch", "torchaudio", "torchcodec")
    extra: ClassVar[str] = "coqui"
    exact_duration: ClassVar[bool] = False
    clones: ClassVar[bool] = True

    def __init__(self, model: str | None, models: Models) -> None:
        if model is None:
            best = models.ranked("synthesizer", self.name)
            model = best[0].id if best else DEFAULT
        self._model, self._models = model, models
        self._given = Path(model) if (Path(model) / "config.json").is_file() else None
        if self._given is not None:
            self._kind, self._languages = model_type(self._given)
            return
        entry = catalogue().get(model)
        if entry is None or entry.engine != self.name:
            raise UsageError(f"coqui has no model {model!r}: see localize models list, or give a folder", model=model)
        models.require(entry)
        self._kind = "xtts" if len(entry.languages) > 1 else "vits"
        self._languages = frozenset(entry.languages)

    @cached_property
    def fingerprint(self) -> str:
        """Packages, weights, and who listens for repeated tails."""
        if self._given is None:
            weights = self._models.fingerprint(self._model)
        else:
            present = [self._given / name for name in FILES if (self._given / name).is_file()]
            weights = f"folder@{','.join(sha256_of(path)[:16] for path in present)}"
        listener = f", heard by {self._ears.fingerprint}" if self._ears else ""
        return f"{self.name} {self._kind} {weights}, {package_versions('coqui-tts', 'torch')}, revision 1{listener}"

    @property
    def languages(self) -> frozenset[str]:
        """What the model was made for; a single-voice folder that does not say speaks whatever it is given."""
        return self._languages

    def pace(self, phrases: Sequence[str], grant: Grant, language: str) -> tuple[int, ...]:
        """Cannot be predicted: an engine without exact durations is never asked."""
        raise NotImplementedError("only engines with exact_duration predict a length")

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str) -> Spoken:
        """Speak the phrases one after another, with the pauses asked for between them.

        Raises:
            NoGrant: the voice was not granted here, or is no recording.
            EngineFailed: the model made no sound, or failed.
        """
        import numpy as np

        # A single-voice model needs no recording, but nobody's voice is heard without leave: it is asked of the grant.
        reference = Grant.read(grant, "reference.wav", language)
        rate = self._network.rate
        parts: list[Samples] = []
        for at, phrase in enumerate(phrases):
            if at:
                asked = phrase.span.start_ms - phrases[at - 1].span.end_ms
                parts.append(_silence(min(max(asked, PAUSES_MS[0]), PAUSES_MS[1]), rate))
            parts.append(self._phrase(phrase.text, reference, language))
        samples = np.concatenate(parts)
        peak = float(np.abs(samples).max(initial=0.0))
        if peak < 1e-4:
            text = " ".join(p.text for p in phrases)[:60]
            raise EngineFailed(f"coqui made no sound of {text!r}", engine=self.name)
        return Spoken((samples / max(1.0, peak / 0.99)).astype(np.float32), rate)

    def _phrase(self, text: str, reference: bytes, language: str) -> Samples:
        """One phrase, its parts joined."""
        import numpy as np

        rate = self._network.rate
        pieces: list[Samples] = []
        for part in split_clauses(text, self._network.limit(language)):
            made = trim_silence(self._network.say(part, language, reference), rate)
            made = self._without_tail(made, part, language)
            pieces += [_silence(JOIN_MS, rate), made] if pieces else [made]
        return np.concatenate(pieces) if pieces else _silence(JOIN_MS, rate)

    def _without_tail(self, samples: Samples, text: str, language: str) -> Samples:
        """Trim speech after the last word of the text: XTTS models sometimes continue."""
        if self._kind != "xtts" or self._ears is None or language not in self._ears.languages:
            return samples
        rate = self._network.rate
        heard = _recognise(self._ears, samples, rate, language)
        end_ms = find_tail_ms(text, heard)
        return samples if end_ms is None else samples[: (end_ms + TAIL_MS) * rate // 1000]

    @cached_property
    def _ears(self) -> Any:
        """The recogniser that detects repeated tails; None where none is installed."""
        from . import load

        if self._kind != "xtts":
            return None
        try:
            return load("recogniser", "faster_whisper", self._models)
        except EngineError:
            return None

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        vars(self).pop("_network", None)

    @cached_property
    def _network(self) -> Network:
        return Network(self._kind, self._given or self._models.path(self._model), self._models.device)


# --- text ----------------------------------------------------------------------------------------------------------

_ENDS = (r"(?<=[.!?…。！？])\s+", r"(?<=[,;:—])\s+", r"\s+")


def split_clauses(text: str, limit: int) -> list[str]:
    """A text in parts of at most `limit` letters: cut at sentence ends, else at clause ends, else between words."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return [text] if any(map(str.isalnum, text)) else []
    for pattern in _ENDS:
        pieces = re.split(pattern, text)
        if len(pieces) > 1:
            break
    else:
        return [text[:limit], *split_clauses(text[limit:], limit)]
    joined = [pieces[0]]
    for piece in pieces[1:]:
        if len(joined[-1]) + 1 + len(piece) <= limit:
            joined[-1] += f" {piece}"
        else:
            joined.append(piece)
    return [part for piece in joined for part in split_clauses(piece, limit)]


# --- sound ---------------------------------------------------------------------------------------------------------


def _silence(length_ms: int, rate: int) -> Samples:
    import numpy as np

    return np.zeros(length_ms * rate // 1000, np.float32)


def trim_silence(samples: Samples, rate: int) -> Samples:
    """Audio from its first sound to its last, clicks and breaths that stand alone at its ends left out."""
    found = voice_activity(samples, rate) if float(abs(samples).max(initial=0.0)) > 10 ** (SILENT_DB / 20) else []
    while len(found) > 1 and found[0].length_ms < BLIP_MS and found[1].start_ms - found[0].end_ms >= ALONE_MS:
        found = found[1:]
    while len(found) > 1 and found[-1].length_ms < BLIP_MS and found[-1].start_ms - found[-2].end_ms >= ALONE_MS:
        found = found[:-1]
    if not found:
        return samples[:0]
    first, last = max(0, found[0].start_ms - MARGIN_MS), found[-1].end_ms + MARGIN_MS
    return samples[first * rate // 1000 : last * rate // 1000]


def _recognise(recogniser: Any, samples: Samples, rate: int, language: str) -> list[tuple[str, Span]]:
    """Recognise a take: words with their times."""
    import tempfile

    import soundfile
    import soxr

    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        low = soxr.resample(samples, rate, 16_000)
        data = io.BytesIO()
        soundfile.write(data, low, 16_000, "PCM_16", format="WAV")
        file.write(data.getvalue())
        file.flush()
        found = recogniser.recognise(Path(file.name), Span(0, len(low) // 16), language)
    return [(word.text, word.span) for utterance in found for word in utterance.words]


def find_tail_ms(text: str, heard: Sequence[tuple[str, Span]]) -> int | None:
    """Where a take should end, in ms: after the last word of its text, when more words are heard behind it.

    None where nothing follows, or too little was understood to be sure: what might be speech asked for is kept.
    """
    wanted = _plain(text).split()
    words = [(plain, span) for said, span in heard for plain in _plain(said).split()]
    if not wanted or len(words) <= len(wanted):
        return None
    head = [plain for plain, _ in words[: len(wanted)]]
    same = sum(a == b for a, b in zip(wanted, head))
    if head[-1] != wanted[-1] or same < 0.7 * len(wanted):
        return None
    return words[len(wanted) - 1][1].end_ms


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
