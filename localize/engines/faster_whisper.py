"""faster-whisper: Whisper on CTranslate2, with guards against words that nobody said.

Whisper invents text on music and silence. An utterance is kept only where the Silero detector hears speech, the model
itself does not doubt it, and it is no loop. Thresholds are Whisper's own where it has them (openai/whisper,
`transcribe`: no_speech 0.6, log-probability -1.0, compression 2.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..data import Span, Utterance, Word
from ..errors import ModelMissing
from ..models import Models, catalogue
from ..store import sha256_of
from . import package_versions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
NO_SPEECH = 0.6
LOG_PROBABILITY = -1.0
COMPRESSION = 2.4
DOUBT = 0.4
"""From this no-speech probability on, an utterance must be sure of its words: CERTAIN in the mean, FLUENT overall."""
CERTAIN = 0.75
FLUENT = -0.6
VOICED = 0.35
"""Part of an utterance's words that must lie where the detector hears speech."""
BEAM = 5


class FasterWhisper:
    """Whisper by CTranslate2: `faster_whisper` (base), or a catalogued size or a model folder after a colon."""

    name: ClassVar[str] = "faster_whisper"
    requires: ClassVar[tuple[str, ...]] = ("faster_whisper", "ctranslate2")
    extra: ClassVar[str] = "offline"

    def __init__(self, model: str | None, models: Models) -> None:
        self._models = models
        self._id = f"whisper-{model or 'base'}"
        self._folder: Path | None = None
        if self._id in catalogue():
            models.require(catalogue()[self._id])
            weights = models.fingerprint(self._id)
        else:
            self._folder = next(
                (p for p in (Path(model or ""), models.folder / self._id) if (p / "model.bin").is_file()), None
            )
            if self._folder is None:
                raise ModelMissing(
                    f"no Whisper model {model!r} is installed: put a CTranslate2 Whisper folder at "
                    f"{models.folder / self._id}",
                    engine="faster_whisper",
                    model=model,
                )
            weights = sha256_of(self._folder / "model.bin")
        packages = package_versions("faster-whisper", "ctranslate2")
        guards = f"{NO_SPEECH} {LOG_PROBABILITY} {COMPRESSION} {DOUBT} {CERTAIN} {FLUENT} {VOICED}"
        self.fingerprint = f"faster_whisper {weights} {packages} int8 beam {BEAM} guards {guards} revision 2"

    @property
    def languages(self) -> frozenset[str]:
        """What Whisper was trained on."""
        return frozenset(WHISPER_LANGUAGES)

    def identify(self, audio: Path, spans: Sequence[Span], among: frozenset[str]) -> tuple[str, float]:
        """The likeliest of `among` over at most 30 s of speech, and its probability among all languages."""
        import numpy as np

        pieces, length = [], 0
        for span in spans:
            piece = _read(audio, Span(span.start_ms, min(span.end_ms, span.start_ms + 30_000)))
            pieces.append(piece)
            length += len(piece)
            if length >= 30 * RATE:
                break
        speech = np.concatenate(pieces)[: 30 * RATE] if pieces else _read(audio, Span(0, 30_000))
        _, _, shares = self._model.detect_language(audio=speech)
        known = {language: share for language, share in shares if language in among}
        best = max(known, key=lambda language: (known[language], language))
        return best, float(known[best])

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        """What is said in `span`, in utterances of the model's making."""
        samples = _read(audio, span)
        voiced = speech_spans(samples)
        if not voiced:
            return ()
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=BEAM,
            temperature=0.0,  # anything above samples at random
            condition_on_previous_text=False,  # a loop must not feed itself
            word_timestamps=True,
            no_speech_threshold=NO_SPEECH,
            log_prob_threshold=None,
            compression_ratio_threshold=None,
            hallucination_silence_threshold=2.0,
            vad_filter=True,
            vad_parameters={"min_silence_duration_ms": 500, "speech_pad_ms": 200},
        )
        kept = (s for s in segments if _plausible(s, voiced))
        return tuple(_without_loops(_utterance(s, span.start_ms) for s in kept))

    @cached_property
    def _model(self) -> Any:
        import ctranslate2
        from faster_whisper import WhisperModel

        gpu = ctranslate2.get_cuda_device_count() > 0
        folder = self._folder or self._models.path(self._id)
        return WhisperModel(
            str(folder),
            device="cuda" if gpu else "cpu",
            compute_type="float16" if gpu else "int8",
            local_files_only=True,
        )


def speech_spans(samples: NDArray[np.float32]) -> tuple[Span, ...]:
    """Where the Silero detector hears speech in 16 kHz mono audio, in ms from its first sample."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(threshold=0.4, min_silence_duration_ms=200, speech_pad_ms=60, min_speech_duration_ms=60)
    found = get_speech_timestamps(samples, options, sampling_rate=RATE)
    return tuple(Span(f["start"] * 1000 // RATE, f["end"] * 1000 // RATE) for f in found)


def _read(audio: Path, span: Span) -> NDArray[np.float32]:
    import soundfile

    with soundfile.SoundFile(audio) as file:
        file.seek(min(file.frames, span.start_ms * RATE // 1000))
        samples: NDArray[np.float32] = file.read(span.length_ms * RATE // 1000, dtype="float32")
        return samples


def _plausible(segment: Any, voiced: Sequence[Span]) -> bool:
    """Whether an utterance was said, by the model's own doubts and by the detector."""
    words = segment.words or []
    if not words or not any(c.isalnum() for c in segment.text):
        return False
    certainty = sum(w.probability for w in words) / len(words)
    if segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < LOG_PROBABILITY:
        return False
    if segment.no_speech_prob > DOUBT and (certainty < CERTAIN or segment.avg_logprob < FLUENT):
        return False
    if segment.compression_ratio > COMPRESSION or segment.avg_logprob < 1.5 * LOG_PROBABILITY:
        return False
    spoken = [Span(round(w.start * 1000), max(round(w.end * 1000), round(w.start * 1000) + 1)) for w in words]
    heard = sum(s.overlap_ms(v) for s in spoken for v in voiced)
    return heard >= VOICED * sum(s.length_ms for s in spoken)


def _utterance(segment: Any, offset_ms: int) -> Utterance:
    words: list[Word] = []
    for w in segment.words:
        span = Span(round(w.start * 1000), round(w.end * 1000)).shifted(offset_ms)
        if words and not w.word.startswith(" "):  # "ill" + "-disposed"
            before = words.pop()
            span = Span(before.span.start_ms, span.end_ms)
            words.append(
                Word(before.text + w.word.strip(), span, min(before.confidence, round(float(w.probability), 3)))
            )
        elif w.word.strip():
            words.append(Word(w.word.strip(), span, round(float(w.probability), 3)))
    return Utterance(" ".join(w.text for w in words), tuple(words))


def _without_loops(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Drop an utterance that says one thing over and over, and the third and later of equal neighbours."""
    kept: list[Utterance] = []
    for utterance in utterances:
        tokens = [w.text.lower().strip(".,!?…") for w in utterance.words]
        triples = Counter(zip(tokens, tokens[1:], tokens[2:]))
        looped = bool(triples) and triples.most_common(1)[0][1] >= 4
        repeated = len(kept) >= 2 and all(k.text == utterance.text for k in kept[-2:]) and len(tokens) > 1
        if not looped and not repeated:
            kept.append(utterance)
    return kept


WHISPER_LANGUAGES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
).split()
