"""Fake engines of every role: deterministic, instant, without weights."""

# ruff: noqa: ARG002 - a fake takes what its role takes, and needs little of it

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..consent import Grant
from ..data import Candidate, Phrase, Span, Turn, Utterance, Voices, Word
from ..engines import Spoken
from ..errors import UsageError
from ..signal.activity import close_gaps, spans_of_frames

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..engines import Samples
    from ..models import Models


RATE = 16_000
LETTER_MS = 65
GAP_MS = 30
"""Between two words of a fake voice: its recogniser separates them, and it is shorter than a pause."""
PAUSE_MS = 250
SILENT_DB = -50.0
HEARD_MS = 60
"""What is heard begins and ends this near to where it was asked for: sounds fade in and out."""
FRAME_MS = 25


# --- fakes ------------------------------------------------------------------------------------------------


class FakeRecogniser:
    """Recognises one word, "la", wherever a 16 kHz file sounds; half a second of silence parts two utterances."""

    name: ClassVar[str] = "fake"
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "offline"
    fingerprint: str = "fake recogniser 1"

    def __init__(self, model: str | None = None, models: Models | None = None) -> None:
        self.windows: list[Span] = []
        """Every stretch it was asked to hear."""

    @property
    def languages(self) -> frozenset[str]:
        """Three that the embedded translators know."""
        return frozenset({"en", "es", "pt"})

    def identify(self, audio: Path, spans: Sequence[Span], among: frozenset[str]) -> tuple[str, float]:
        """The first of `among` by the alphabet, surely."""
        return min(among), 1.0

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        """One word a sound."""
        import soundfile

        self.windows.append(span)
        with soundfile.SoundFile(audio) as file:
            file.seek(min(file.frames, span.start_ms * RATE // 1000))
            samples = file.read(span.length_ms * RATE // 1000, dtype="float32")
        groups: list[list[Word]] = []
        for sound in _bursts(samples):
            word = Word("la", sound.shifted(span.start_ms), 0.9)
            if not groups or word.span.start_ms - groups[-1][-1].span.end_ms >= 500:
                groups.append([])
            groups[-1].append(word)
        return tuple(Utterance(" ".join(w.text for w in words), tuple(words)) for words in groups)


class FakeDiarizer:
    """Takes every sound of a 16 kHz file for a turn, and its speakers for two who take turns."""

    name: ClassVar[str] = "fake"
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "offline"
    fingerprint: str = "fake diarizer 1"

    def __init__(self, model: str | None = None, models: Models | None = None) -> None:
        pass

    def voices(self, audio: Path, speakers: int | None = None) -> Voices:
        """A turn wherever it sounds."""
        import soundfile

        samples, _ = soundfile.read(audio, dtype="float32")
        people = min(2, speakers or 2)
        return Voices(tuple(Turn(span, str(n % people)) for n, span in enumerate(_bursts(samples))))


class FakeTranslator:
    """Ends every word in the target's vowel; the n-th candidate lacks the last n words."""

    name: ClassVar[str] = "fake"
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "offline"
    fingerprint: str = "fake translator 1"
    ENDINGS: ClassVar[dict[str, str]] = {"es": "o", "pt": "a", "en": "y"}

    def __init__(self, model: str | None = None, models: Models | None = None) -> None:
        self.sentences: list[str] = []
        """Every sentence it was asked to translate."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Each of en, es and pt into the others."""
        return frozenset((a, b) for a in self.ENDINGS for b in self.ENDINGS if a != b)

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4
    ) -> tuple[tuple[Candidate, ...], ...]:
        """The words with other ends.

        Raises:
            UsageError: a pair it does not offer.
        """
        if (source, target) not in self.pairs:
            raise UsageError(f"the fake translator does not translate {source}->{target}")
        self.sentences += sentences
        done = []
        for sentence in sentences:
            words = re.sub(r"[^\W\d_]+", lambda m: m.group(0) + self.ENDINGS[target], sentence).split()
            count = max(1, min(n_best, len(words)))
            done.append(tuple(Candidate(" ".join(words[: len(words) - k]), -0.2 * k) for k in range(count)))
        return tuple(done)


class FakeSynthesizer:
    """A tone a word, as high as the voice's data say, each phrase exactly in its span."""

    name: ClassVar[str] = "fake"
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "offline"
    exact_duration: ClassVar[bool] = True
    clones: ClassVar[bool] = False
    fingerprint: str = "fake synthesizer 1"

    def __init__(self, model: str | None = None, models: Models | None = None) -> None:
        self.spoken: list[tuple[str, ...]] = []
        """The phrases of every line it was asked to speak."""

    @property
    def languages(self) -> frozenset[str]:
        """As the fake translator."""
        return frozenset({"en", "es", "pt"})

    def pace(self, phrases: Sequence[str], grant: Grant, language: str) -> tuple[int, ...]:
        """65 ms a letter, 30 ms between words."""
        Grant.prove(grant)
        return tuple(_natural_ms(phrase) for phrase in phrases)

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str) -> Spoken:
        """Sound where asked, silence elsewhere."""
        self.spoken.append(tuple(p.text for p in phrases))
        return _tones([(p.text, p.span) for p in phrases], _pitch(grant), lead_ms=0)


class LooseSynthesizer(FakeSynthesizer):
    """The same voice in an engine that keeps no lengths: its own pace, silence before and after."""

    name: ClassVar[str] = "loose"
    exact_duration: ClassVar[bool] = False
    fingerprint: str = "loose synthesizer 1"

    def pace(self, phrases: Sequence[str], grant: Grant, language: str) -> tuple[int, ...]:
        """Cannot be predicted: an engine without exact durations is never asked."""
        raise NotImplementedError("only engines with exact_duration predict a length")

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str) -> Spoken:
        """Phrases one after another, a quarter of a second between them."""
        self.spoken.append(tuple(p.text for p in phrases))
        placed, at = [], 0
        for phrase in phrases:
            end = at + _natural_ms(phrase.text)
            placed.append((phrase.text, Span(at, end)))
            at = end + PAUSE_MS
        return _tones(placed, _pitch(grant), lead_ms=120)


class FakeWatermarker:
    """Marks sound with a faint tone of 7 kHz, and listens for it."""

    name: ClassVar[str] = "fake"
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "watermark"
    fingerprint: str = "fake watermarker 1"

    def __init__(self, model: str | None = None, models: Models | None = None) -> None:
        pass

    def mark(self, samples: Samples, rate: int) -> Samples:
        """The sound and the tone, 40 dB below full scale."""
        import numpy as np

        tone = 0.01 * np.sin(2 * np.pi * 7000 / rate * np.arange(len(samples)))
        marked: Samples = (samples + tone).astype(np.float32)
        return marked

    def confidence(self, samples: Samples, rate: int) -> float:
        """How far the tone stands out from what lies beside it."""
        import numpy as np

        if len(samples) < rate // 10 or not samples.any():
            return 0.0
        power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        at = round(7000 * len(samples) / rate)
        beside = float(np.median(power[at - 50 : at + 50])) + 1e-12
        return float(np.clip(power[at - 2 : at + 3].max() / beside / 200, 0, 1))


def _natural_ms(phrase: str) -> int:
    words = phrase.split()
    return sum(LETTER_MS * max(1, sum(c.isalnum() for c in w)) for w in words) + GAP_MS * max(0, len(words) - 1)


def _pitch(grant: Grant) -> float:
    Grant.prove(grant)
    data = Grant.read(grant, grant.voice.files[0][0])
    return 110.0 + hashlib.sha256(data).digest()[0]


def _tones(phrases: Sequence[tuple[str, Span]], hertz: float, lead_ms: int) -> Spoken:
    import numpy as np

    rate = 24_000
    end = max(span.end_ms for _, span in phrases) + 2 * lead_ms
    samples = np.zeros(end * rate // 1000, np.float32)
    words: list[Word] = []
    for text, span in phrases:
        for word in _spread(text, span):
            a, b = (
                (word.span.start_ms + lead_ms) * rate // 1000,
                (word.span.end_ms + lead_ms) * rate // 1000,
            )
            at = np.arange(b - a) / rate
            tone = sum(0.2 / k * np.sin(2 * np.pi * hertz * k * at) for k in (1, 2, 3))
            ramp = np.minimum(1.0, np.minimum(np.arange(b - a), np.arange(b - a)[::-1]) / (rate * 0.004))
            samples[a:b] = tone * ramp
            words.append(word)
    return Spoken(samples, rate, lead_ms, tuple(words))


def _spread(text: str, span: Span) -> list[Word]:
    """The words over a span, in proportion to their letters, the first and last at its ends."""
    words = text.split()
    gap = min(GAP_MS, span.length_ms // (3 * max(1, len(words))))
    room = span.length_ms - gap * (len(words) - 1)
    total = sum(map(len, words))
    spread, used = [], 0
    for n, word in enumerate(words):
        start = span.start_ms + gap * n + room * used // total
        used += len(word)
        spread.append(Word(word, Span(start, span.start_ms + gap * n + room * used // total)))
    return spread


def _bursts(samples: NDArray[np.float32]) -> list[Span]:
    """Sounds of 30 ms or more, parted by 20 ms of silence or more."""
    import numpy as np

    hop = RATE // 100
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    active = 20 * np.log10(np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1)) + 1e-9) > SILENT_DB
    return [s for s in close_gaps(spans_of_frames(active, 10), 20) if s.length_ms >= 30]
