"""openai-whisper: Whisper as its authors wrote it, under the same guards and into the same record as faster_whisper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from ..data import Span, Utterance
from ..errors import EngineFailed, ModelMissing
from ..models import Models, catalogue
from ..runtime.files import sha256_of
from . import package_versions
from .whisper_guards import (
    ASKED,
    BEAM,
    GUARDS,
    PARTED,
    RATE,
    WHISPER_LANGUAGES,
    language_excerpt,
    listen,
    read_span,
    speech_spans,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class OpenAIWhisper:
    """Whisper by torch.

    Args:
        model: a size of the catalogue ("base"), or a checkpoint's path; None takes the best that is installed.
        models: where the weights lie, and what to compute on.

    Raises:
        ModelMissing: the weights are not there.
    """

    name: ClassVar[str] = "whisper"
    requires: ClassVar[tuple[str, ...]] = ("whisper", "torch", "faster_whisper")
    extra: ClassVar[str] = "whisper"

    def __init__(self, model: str | None, models: Models) -> None:
        self._models = models
        self._given: Path | None = None
        if model is None:
            best = models.ranked("recogniser", self.name)
            model = best[0].id if best else "openai-whisper-base"
        known = {k: m for k, m in catalogue().items() if m.engine == self.name}
        self._id = model if model in known else f"openai-whisper-{model}"
        if self._id in known:
            models.require(known[self._id])
        elif Path(model).is_file():
            self._given = Path(model)
        else:
            sizes = ", ".join(k.removeprefix("openai-whisper-") for k in known)
            raise ModelMissing(
                f"no openai-whisper model is called {model!r}: there are {sizes}, or give a checkpoint's path",
                engine=self.name,
                model=model,
            )

    @cached_property
    def fingerprint(self) -> str:
        """Packages, weights and guards."""
        weights = f"file@{sha256_of(self._given)}" if self._given else self._models.fingerprint(self._id)
        packages = package_versions("openai-whisper", "faster-whisper", "torch")
        return f"{self.name} {weights} {packages} beam {BEAM} guards {GUARDS}"

    @property
    def languages(self) -> frozenset[str]:
        """What Whisper was trained on."""
        return frozenset(WHISPER_LANGUAGES)

    def identify(self, audio: Path, spans: Sequence[Span], among: frozenset[str]) -> tuple[str, float]:
        """The likeliest of `among` over at most 30 s of speech, and its probability among all languages."""
        import whisper

        sound = whisper.pad_or_trim(language_excerpt(audio, spans))
        mel = whisper.log_mel_spectrogram(sound, n_mels=self._model.dims.n_mels, device=self._model.device)
        _, shares = self._model.detect_language(mel)
        known = {language: share for language, share in shares.items() if language in among}
        best = max(known, key=lambda language: (known[language], language))
        return best, float(known[best])

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        """Recognise `span`, in utterances as the model segments them."""
        samples = read_span(audio, span)
        voiced = speech_spans(samples)
        if not voiced:
            return ()

        def decode(parted: bool) -> Iterable[Any]:
            speech, clock = _remove_silence(samples) if parted else (samples, None)
            if not len(speech):
                return ()
            found = self._model.transcribe(
                speech,
                language=language,
                logprob_threshold=None,
                **ASKED,
                fp16=self._model.device.type == "cuda",
                verbose=None,
            )
            return [_segment(said, clock) for said in found["segments"]]

        return listen(decode, voiced, span.start_ms)

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        vars(self).pop("_model", None)

    @cached_property
    def _model(self) -> Any:
        import whisper

        path = self._given or self._models.path(self._id) / catalogue()[self._id].files[0].name
        device = self._models.device.torch()
        try:
            # Loads weights only: no code in a checkpoint is ever run.
            model = whisper.load_model(str(path), device=device)
        except Exception as error:  # whatever torch finds wrong with a file from outside
            cause = str(error).split("\n", maxsplit=1)[0]
            raise EngineFailed(f"{path.name} is no Whisper checkpoint: {cause}", engine=self.name) from error
        heads = whisper._ALIGNMENT_HEADS.get(self._id.removeprefix("openai-whisper-")) if self._given is None else None
        if heads is not None:
            model.set_alignment_heads(heads)
        return model


def _remove_silence(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    """The samples without silences, and the mapping back to the file's clock."""
    import numpy as np
    from faster_whisper.vad import SpeechTimestampsMap, VadOptions, collect_chunks, get_speech_timestamps

    chunks = get_speech_timestamps(samples, VadOptions(**PARTED), sampling_rate=RATE)
    pieces, _ = collect_chunks(samples, chunks)
    return np.concatenate(pieces), SpeechTimestampsMap(chunks, RATE)


def _segment(said: dict[str, Any], clock: Any) -> SimpleNamespace:
    """A segment of openai-whisper as faster-whisper has it, on the clock of the samples; `clock` is None where no
    silence was taken out.
    """
    words = []
    for word in said.get("words") or ():
        times = [word["start"], word["end"]]
        if clock is not None:
            chunk = clock.get_chunk_index(sum(times) / 2)
            times = [clock.get_original_time(at, chunk) for at in times]
        words.append(
            SimpleNamespace(
                word=word["word"],
                start=times[0],
                end=times[1],
                probability=min(1.0, float(word["probability"])),
            )
        )
    return SimpleNamespace(
        text=said["text"],
        words=words,
        no_speech_prob=said["no_speech_prob"],
        avg_logprob=said["avg_logprob"],
        compression_ratio=said["compression_ratio"],
    )
