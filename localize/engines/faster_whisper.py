"""faster-whisper: Whisper on CTranslate2, the embedded recogniser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ..data import Span, Utterance
from ..errors import ModelMissing
from ..models import Models, catalogue
from ..runtime.files import sha256_of
from . import package_versions
from .whisper_guards import (
    ASKED,
    BEAM,
    GUARDS,
    PARTED,
    WHISPER_LANGUAGES,
    language_excerpt,
    listen,
    read_span,
    speech_spans,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


SHORTEST_S = 3
"""A language is identified from at least so much sound, silence after it counted."""
LISTENED_S = 30
"""Whisper's window."""
TAGGED_RMS_DB = -24.0
"""A stretch is brought to this level before its sound is named."""
TAG_LEAD_S, TAG_TAIL_S = 0.25, 0.5
"""Silence around such a stretch."""
OPENINGS = "[", "(", "*", "♪"
"""With these Whisper begins the name of a sound."""
TAG_SHARE = 0.12
"""Probability of such a beginning from which the name is asked for: speech seldom reaches it, and is then not named as
a sound alone (`python bench/vocal_sounds.py --sounds FOLDER`)."""
TAG_TOKENS = 10


class FasterWhisper:
    """Whisper by CTranslate2: `faster_whisper` (base), or a catalogued size or a model folder after a colon."""

    name: ClassVar[str] = "faster_whisper"
    requires: ClassVar[tuple[str, ...]] = ("faster_whisper", "ctranslate2")
    extra: ClassVar[str] = "offline"

    def __init__(self, model: str | None, models: Models) -> None:
        self._models = models
        self._loading = Lock()
        self._id = model if model in catalogue() else f"whisper-{model or 'base'}"
        self._folder: Path | None = None
        by_hand = models.folder / self._id
        known = catalogue().get(self._id)
        if known is not None and (models.available(known) or not (known.pulled and _is_model(by_hand))):
            if known.pulled and not models.available(known):
                raise self._absent(model, by_hand, f"{known.command}, or ")
            models.require(known)
            weights = models.fingerprint(self._id)
        else:
            self._folder = next((p for p in (Path(model or self._id), by_hand) if _is_model(p)), None)
            if self._folder is None:
                raise self._absent(model, by_hand)
            weights = sha256_of(self._folder / "model.bin")
        packages = package_versions("faster-whisper", "ctranslate2")
        self.fingerprint = f"faster_whisper {weights} {packages} int8 beam {BEAM} guards {GUARDS} revision 3"

    def _absent(self, model: str | None, place: Path, pull: str = "") -> ModelMissing:
        return ModelMissing(
            f"no Whisper model {model!r} is installed: {pull}put a CTranslate2 Whisper folder at {place}",
            engine=self.name,
            model=model,
        )

    @property
    def calls_at_once(self) -> int:
        """Stretches that may be recognised at the same time, each on one thread: the threads need not wait for each
        other at every step of a search, and together take four fifths of the CPU time. They change no word.
        """
        return 1 if self._models.device.gpu else self._models.device.threads

    @property
    def languages(self) -> frozenset[str]:
        """What Whisper was trained on."""
        return frozenset(WHISPER_LANGUAGES)

    def identify(self, audio: Path, spans: Sequence[Span], among: frozenset[str]) -> tuple[str, float]:
        """The likeliest of `among` over at most 30 s of speech, and its probability among all languages."""
        known = {
            language: share for language, share in self._shares(language_excerpt(audio, spans)) if language in among
        }
        best = max(known, key=lambda language: (known[language], language))
        return best, float(known[best])

    def _shares(self, samples: NDArray[np.float32]) -> list[tuple[str, float]]:
        """Every language and its probability; a short stretch is not padded to 30 s, which costs ten times as much."""
        import numpy as np

        model = self._weights()
        features = model.feature_extractor(samples, padding=0)[:, : 100 * LISTENED_S]
        wanted = max(100 * SHORTEST_S, -(-features.shape[1] // 100) * 100)
        padded = np.pad(features, ((0, 0), (0, wanted - features.shape[1])))
        (found,) = model.model.detect_language(model.encode(padded))
        return [(token[2:-2], float(share)) for token, share in found]

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        """Recognise `span`, in utterances as the model segments them."""
        samples = read_span(audio, span)
        voiced = speech_spans(samples)
        if not voiced:
            return ()

        def decode(parted: bool) -> Iterable[Any]:
            segments, _ = self._weights().transcribe(
                samples,
                language=language,
                log_prob_threshold=None,
                **ASKED,
                vad_filter=parted,
                vad_parameters=PARTED,
            )
            return cast("Iterable[Any]", segments)

        return listen(decode, voiced, span.start_ms)

    def tag_sounds(self, stretches: Sequence[NDArray[np.float32]]) -> tuple[str, ...]:
        """The name of each sound, where it is likely enough to be one.

        Whisper was trained on subtitles, which name sounds in brackets. Its transcription suppresses the tokens these
        begin with; here it is asked how likely they are. It is asked in English, whatever is spoken, so that sounds
        have English names.
        """
        import numpy as np
        from faster_whisper.tokenizer import Tokenizer

        model = self._weights()
        tokens = Tokenizer(model.hf_tokenizer, multilingual=True, task="transcribe", language="en")
        prompt = [*tokens.sot_sequence, tokens.no_timestamps]
        openings = [tokens.encode(f"{space}{mark}")[0] for mark in OPENINGS for space in ("", " ")]
        written = []
        for samples in stretches:
            encoded = model.encode(self._alone(model, samples))

            def decode(begun: list[int], count: int, heard: Any = encoded, **asked: bool) -> Any:
                return model.model.generate(
                    heard, [begun], beam_size=1, suppress_tokens=[], max_length=len(begun) + count, **asked
                )[0]

            logits = np.array(decode(prompt, 1, return_logits_vocab=True).logits[0][0], np.float64)
            shares = np.exp(logits - logits.max())
            likely = shares[openings] / shares.sum()
            if likely.sum() < TAG_SHARE:
                written.append("")
                continue
            opening = openings[int(likely.argmax())]
            named = decode([*prompt, opening], TAG_TOKENS).sequences_ids[0]  # the opening is part of what comes back
            written.append(tokens.decode(named).strip())
        return tuple(written)

    def _alone(self, model: Any, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The features of a stretch between silences, at one level; to whole seconds, three at least."""
        import numpy as np

        level = float(np.sqrt((samples.astype(np.float64) ** 2).mean())) if len(samples) else 0.0
        loud = samples * (10 ** (TAGGED_RMS_DB / 20) / max(level, 1e-6))
        around = (round(TAG_LEAD_S * 16_000), round(TAG_TAIL_S * 16_000))
        features = model.feature_extractor(np.pad(loud.astype(np.float32), around), padding=0)[:, : 100 * LISTENED_S]
        wanted = max(100 * SHORTEST_S, -(-features.shape[1] // 100) * 100)
        padded: NDArray[np.float32] = np.pad(features, ((0, 0), (0, wanted - features.shape[1])))
        return padded

    def load(self) -> None:
        """Read the weights now: another thread may, while something else is done."""
        self._weights()

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        vars(self).pop("_model", None)

    def _weights(self) -> Any:
        with self._loading:  # several calls at once read them once
            return self._model

    @cached_property
    def _model(self) -> Any:
        import ctranslate2
        from faster_whisper import WhisperModel

        gpu = self._models.device.gpu and ctranslate2.get_cuda_device_count() > 0
        folder = self._folder or self._models.path(self._id)
        return WhisperModel(
            str(folder),
            device="cuda" if gpu else "cpu",
            compute_type="float16" if gpu else "int8",
            cpu_threads=1,
            num_workers=self.calls_at_once,
            local_files_only=True,
        )


def _is_model(folder: Path) -> bool:
    return (folder / "model.bin").is_file()
