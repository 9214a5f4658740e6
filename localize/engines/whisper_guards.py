"""Shared by both Whisper engines: rejection of hallucinated utterances, and the joining of words that were split.

Whisper invents text on music and silence. An utterance is kept only where the Silero detector finds speech, the model
itself does not doubt it, and it is no loop. Thresholds are Whisper's own where it has them (openai/whisper,
`transcribe`: no_speech 0.6, log-probability -1.0, compression 2.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Span, Utterance, Word
from ..language.labels import is_credit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


RATE = 16_000
NO_SPEECH = 0.6
LOG_PROBABILITY = -1.0
COMPRESSION = 2.4
DOUBT = 0.4
"""From this no-speech probability on, what was decoded together must be sure of its words: CERTAIN in the mean, FLUENT
overall, and each utterance likelier than not (LIKELY)."""
CERTAIN = 0.75
LIKELY = 0.5
FLUENT = -0.6
VOICED = 0.35
"""Part of an utterance's words that must lie where the detector finds speech."""
SILENCE_S = 2.0
"""Words beside a silence of this length must be sure of themselves."""
PARTED: dict[str, Any] = {"min_silence_duration_ms": 500, "speech_pad_ms": 200}
"""What the detector takes out before a model listens: silences of half a second."""
PAUSE_S = 0.5
"""Between stretches whose language is told together, as between sentences."""
BEAM = 5
ASKED: dict[str, Any] = {
    "beam_size": BEAM,
    "temperature": 0.0,  # anything above samples at random
    "condition_on_previous_text": False,  # a loop must not feed itself
    "word_timestamps": True,
    "no_speech_threshold": None,  # without a log-probability it silences clear speech by itself
    "compression_ratio_threshold": None,
    "hallucination_silence_threshold": SILENCE_S,
}
"""What both are asked with. Their own doubts about text are switched off: `kept` decides."""
GUARDS = (
    f"{NO_SPEECH} {LOG_PROBABILITY} {COMPRESSION} {DOUBT} {CERTAIN} {LIKELY} {FLUENT} {VOICED} {PAUSE_S} together "
    "twice credits"
)


def listen(decode: Callable[[bool], Iterable[Any]], voiced: Sequence[Span], offset_ms: int) -> tuple[Utterance, ...]:
    """What a model hears in a stretch; where that is nothing, heard once more with its silences left in.

    The detector that takes silences out wants to be surer than the one that found `voiced`, and whether Whisper takes
    a window for silence hangs on where in it the sound begins: cut 100 ms earlier, a lost line is heard. What only the
    second try hears must be CERTAIN.

    Args:
        decode: the model's segments; the argument says whether silences are taken out before.
        voiced: where a voice is detected.
        offset_ms: of the stretch in the file.
    """
    if found := accepted_utterances(decode(True), voiced, offset_ms):
        return found
    return accepted_utterances((s for s in decode(False) if _certainty([s]) >= CERTAIN), voiced, offset_ms)


def accepted_utterances(segments: Iterable[Any], voiced: Sequence[Span], offset_ms: int) -> tuple[Utterance, ...]:
    """The utterances of a model's segments that pass the guards, on the file's clock."""
    heard = list(segments)
    return tuple(_without_loops(_utterance(s, offset_ms) for s in heard if _plausible(s, heard, voiced)))


def speech_spans(samples: NDArray[np.float32]) -> tuple[Span, ...]:
    """Voice activity by the Silero detector in 16 kHz mono audio, in ms from its first sample."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(threshold=0.4, min_silence_duration_ms=200, speech_pad_ms=60, min_speech_duration_ms=60)
    found = get_speech_timestamps(samples, options, sampling_rate=RATE)
    return tuple(Span(f["start"] * 1000 // RATE, f["end"] * 1000 // RATE) for f in found)


def read_span(audio: Path, span: Span) -> NDArray[np.float32]:
    """A stretch of a 16 kHz mono WAV."""
    import soundfile

    with soundfile.SoundFile(audio) as file:
        file.seek(min(file.frames, span.start_ms * RATE // 1000))
        samples: NDArray[np.float32] = file.read(span.length_ms * RATE // 1000, dtype="float32")
        return samples


def language_excerpt(audio: Path, spans: Sequence[Span]) -> NDArray[np.float32]:
    """At most 30 s of what is spoken in `spans`, to tell its language; the file's beginning where there are none.

    The spans lie `PAUSE_S` apart in it: run together, three English lines at -57 LUFS were English by 47 %, 200 ms
    apart by 99.7 %.
    """
    import numpy as np

    pieces: list[NDArray[np.float32]] = []
    length = 0
    pause = np.zeros(round(PAUSE_S * RATE), np.float32)
    for span in spans:
        piece = read_span(audio, Span(span.start_ms, min(span.end_ms, span.start_ms + 30_000)))
        pieces += [pause, piece] if pieces else [piece]
        length += len(piece) + len(pause)
        if length >= 30 * RATE:
            break
    return np.concatenate(pieces)[: 30 * RATE] if pieces else read_span(audio, Span(0, 30_000))


def _certainty(segments: Sequence[Any]) -> float:
    """Mean probability of the words of segments; 0 without any."""
    shares = [w.probability for s in segments for w in s.words or ()]
    return sum(shares) / len(shares) if shares else 0.0


def _plausible(segment: Any, heard: Sequence[Any], voiced: Sequence[Span]) -> bool:
    """Whether an utterance was really spoken, by the model's own probabilities and the speech detector.

    Args:
        segment: the utterance.
        heard: all of the stretch. No-speech and log-probability are one figure each for all that was decoded at once
            (openai/whisper, `DecodingResult`), so that the doubt they raise is answered by all of its words: one soft
            line among sure ones is not taken for silence.
        voiced: where a voice is detected.
    """
    words = segment.words or []
    if not words or not any(c.isalnum() for c in segment.text) or is_credit(segment.text):
        return False  # it was trained on subtitles, and takes noise for who made them
    decoded = (segment.no_speech_prob, segment.avg_logprob)
    certainty = _certainty([s for s in heard if (s.no_speech_prob, s.avg_logprob) == decoded])
    if segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < LOG_PROBABILITY:
        return False
    unsure = certainty < CERTAIN or _certainty([segment]) < LIKELY or segment.avg_logprob < FLUENT
    if segment.no_speech_prob > DOUBT and unsure:
        return False
    if segment.compression_ratio > COMPRESSION or segment.avg_logprob < 1.5 * LOG_PROBABILITY:
        return False
    spoken = [Span(round(w.start * 1000), max(round(w.end * 1000), round(w.start * 1000) + 1)) for w in words]
    in_voice_ms = sum(s.overlap_ms(v) for s in spoken for v in voiced)
    return in_voice_ms >= VOICED * sum(s.length_ms for s in spoken)


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
