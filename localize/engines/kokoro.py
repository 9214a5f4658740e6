"""Kokoro-82M (ONNX): synthesize a line so that every phrase has exactly the planned duration.

Over 400 lines: phonemes, lengths and speech of one model share its vocabulary and clock.

The duration predictor's real-valued frames are scaled, not flattened, so a long vowel gives or takes more than a stop;
a pause is given to the punctuation and space between two phrases. Model and style vectors: hexgrad's Kokoro-82M v1.0
(Apache-2.0); phonemes by espeak-ng.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, ClassVar

from ..consent import Grant
from ..data import Manner, Phrase, Span, Voice, Word
from ..errors import EngineFailed, UsageError
from ..language.spoken import without_phonemes
from ..models import Models, catalogue
from ..runtime.threads import begin
from ..signal.activity import voice_activity
from ..signal.packaged_network import onnx_session
from . import Spoken, package_versions
from .formants import longer, raise_formants
from .kokoro_contour import VOICED_HZ, LedPhrase, lead
from .phonemes import ACCENTS, ESPEAK, kokoro_vocabulary, phonemize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


MODEL = "kokoro-82m-int8"
RATE = 24_000
FRAME_MS = 25
"""One step of the duration predictor: 600 samples at 24 kHz."""
RELEASE_MS = {"en": 160}
RELEASE_OTHERS_MS = 25
"""A phrase's last token fades before it ends: what is heard is this much shorter than its tokens, in the median of the
phrases that `bench/exact.py` speaks; English voices leave a silence there."""
TOLERANCE_MS, TOLERANCE = 70, 0.12
"""A phrase that is heard this much shorter or longer than planned, or by this share, is rendered again, once; less than
that is brought to length without a second rendering (`fit.MAX_STRETCH`)."""
MAX_TOKENS = 500
"""The text encoder's positions end at 512, both ends padded; a style file has 510 rows."""
MOST_THREADS = 4
"""Of one line. Its samples are the same by any number; several lines at once share them, and cost no more."""
REFERENCE = ("mˈama dˈixo ke la kˈasa estˈa lˈeʝos.", "nˈo sˈe, pˈeɾo lo pɾeɣˈuntamos.", "ˈola, estˈamos akˈi.")
"""Plain statements of open syllables: their pitch is taken for the voice's usual one, in any language."""
_PAUSES = frozenset(",.;:!?…—")
_LETTERS = {"aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ"}
"""Diphthongs and affricates of IPA, and the one letter for each that the model was trained with (hexgrad, misaki)."""
_TRAINED_IN = frozenset({"pt"})
"""Languages that are spoken so: in Portuguese a recogniser understands more of it, "trem" and "em" above all; in
Spanish it made no difference."""


@dataclass(frozen=True, slots=True)
class _TokenizedLine:
    """A line as tokens: the phrase of each (-1: a pause), and where its words begin and end."""

    tokens: tuple[int, ...]
    phrase: tuple[int, ...]
    words: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _RenderedPhrase:
    """One rendered phrase: its sound begins `onset_ms` into the samples, from where its words are timed."""

    samples: NDArray[np.float32]
    onset_ms: int
    words: tuple[Word, ...]

    @property
    def length_ms(self) -> int:
        return len(self.samples) * 1000 // RATE

    @property
    def sounding_ms(self) -> int:
        """From the phrase's first sound to its last."""
        found = voice_activity(self.samples, RATE)
        return found[-1].end_ms - found[0].start_ms


def _as_trained(sounds: str, language: str) -> str:
    """Phonemes in the letters that the model was trained with."""
    if language in _TRAINED_IN:
        for ipa, letter in _LETTERS.items():
            sounds = sounds.replace(ipa, letter)
    return sounds


class Kokoro:
    """The embedded synthesizer."""

    name: ClassVar[str] = "kokoro"
    requires: ClassVar[tuple[str, ...]] = ("onnxruntime", "onnx", "kokoro_onnx", "phonemizer", "espeakng_loader")
    extra: ClassVar[str] = "offline"
    exact_duration: ClassVar[bool] = True
    clones: ClassVar[bool] = False
    phonemes: ClassVar[bool] = True
    expressive: ClassVar[bool] = True

    def __init__(self, model: str | None, models: Models) -> None:
        if model not in (None, MODEL):
            raise UsageError(f"kokoro has one model, {MODEL}, not {model!r}", engine="kokoro")
        self._models = models
        self._loading = Lock()
        self._reading: Thread | None = None
        models.require(catalogue()[MODEL])
        # Equal versions give equal samples; the number of threads does not change them.
        packages = package_versions("onnxruntime", "phonemizer", "espeakng-loader", "kokoro-onnx")
        self.fingerprint = (
            f"kokoro {models.fingerprint(MODEL)} {packages} letters {''.join(sorted(_TRAINED_IN))} "
            f"release {RELEASE_MS} {RELEASE_OTHERS_MS} "
            f"within {TOLERANCE_MS} {TOLERANCE} led 4"
        )

    @property
    def calls_at_once(self) -> int:
        """Lines that may be spoken at the same time: they wait less than the threads of one line do."""
        return 1 if self._models.device.gpu else self._models.device.threads

    @property
    def languages(self) -> frozenset[str]:
        """What espeak-ng and the model both know."""
        return frozenset(ESPEAK)

    @property
    def accents(self) -> Mapping[str, str]:
        """The region whose pronunciation espeak-ng gives for each language."""
        return ACCENTS

    def pace(self, phrases: Sequence[str], grant: Grant, language: str) -> tuple[int, ...]:
        """Natural length of each phrase in ms, as the predictor gives it for the whole line."""
        Grant.prove(grant, language)
        bites = [self._bites(phrase, language) for phrase in phrases]
        lengths: list[float] = []
        for part in self._parts([bite for group in bites for bite in group], language):
            script = self._script(part, language)
            frames = [0.0] * len(part)
            for count, phrase in zip(self._raw(script, grant)[1:-1], script.phrase):
                if phrase >= 0:
                    frames[phrase] += max(1.0, float(count))
            lengths += frames
        known = iter(lengths)
        natural = [sum(next(known) for _ in group) for group in bites]
        lengths_ms = [max(FRAME_MS, round(count * FRAME_MS) - _release_ms(language)) for count in natural]
        return tuple(round(length / grant.voice.formants) for length in lengths_ms)

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str, manners: Sequence[Manner] = ()) -> Spoken:
        """Speak phrase n in its span, to the frame. Lines longer than the model can hold are spoken in parts.

        Args:
            phrases: of the line.
            grant: of the voice.
            language: of the phrases.
            manners: of each phrase; none for the voice's own, and then the samples are those of the export.

        Raises:
            ConsentError: the voice was not granted here for this language, or no longer is.
            EngineFailed: no phonemes came of the text.
        """
        Grant.prove(grant, language)
        formants = grant.voice.formants
        return raise_formants(self._speak(longer(phrases, formants), grant, language, manners), formants)

    def _speak(self, phrases: Sequence[Phrase], grant: Grant, language: str, manners: Sequence[Manner]) -> Spoken:
        """Speak phrases in their spans, with the formants of the voice's data."""
        import numpy as np

        bitten = [self._bitten(phrase, language) for phrase in phrases]
        led = [m for bites, manner in zip(bitten, manners) for m in _shared(manner, len(bites))]
        phrases = [bite for bites in bitten for bite in bites]
        pieces: list[_RenderedPhrase] = []
        at = 0
        for texts in self._parts([p.text for p in phrases], language):
            until = at + len(texts)
            pieces += self._render(phrases[at:until], grant, language, led[at:until])
            at = until
        starts = [p.span.start_ms for p in phrases]
        lead_ms = pieces[0].onset_ms
        total = max(start - piece.onset_ms + piece.length_ms for start, piece in zip(starts, pieces)) + lead_ms
        samples = np.zeros(round(total * RATE / 1000) + 1, np.float32)
        words = []
        for start, piece in zip(starts, pieces):
            first = max(0, round((lead_ms + start - piece.onset_ms) * RATE / 1000))
            samples[first : first + len(piece.samples)] += piece.samples[: len(samples) - first]
            words += [Word(w.text, w.span.shifted(start), w.confidence) for w in piece.words]
        return Spoken(samples, RATE, lead_ms, tuple(words))

    # -- one part

    def _render(
        self, phrases: Sequence[Phrase], grant: Grant, language: str, manners: Sequence[Manner] = ()
    ) -> tuple[_RenderedPhrase, ...]:
        """Speak phrases as one text and cut between them.

        A pause that the predictor did not foresee is no silence: stretched punctuation hums. So pauses are spoken at
        their natural length at most, and the audio is parted at their quietest point.
        """
        script = self._script([p.text for p in phrases], language)
        if not any(phrase >= 0 for phrase in script.phrase):
            raise EngineFailed(f"nothing to speak in {' '.join(p.text for p in phrases)!r}", engine="kokoro")
        raw = self._raw(script, grant)
        spans = [p.span for p in phrases]
        lengths = [span.length_ms + _release_ms(language) for span in spans]
        pieces = self._render_line(script, grant, _lay_out(raw, script, spans, lengths), len(phrases), manners)
        missing = [span.length_ms - piece.sounding_ms for span, piece in zip(spans, pieces)]
        if all(abs(off) <= min(TOLERANCE_MS, TOLERANCE * span.length_ms) for off, span in zip(missing, spans)):
            return pieces
        # Some endings fade long before their last token: ask once more, for as much longer as was missing.
        lengths = [max(FRAME_MS, length + more) for length, more in zip(lengths, missing)]
        again = self._render_line(script, grant, _lay_out(raw, script, spans, lengths), len(phrases), manners)
        worse = max(abs(span.length_ms - piece.sounding_ms) for span, piece in zip(spans, again)) > max(
            map(abs, missing)
        )
        return pieces if worse else again

    def _render_line(
        self,
        script: _TokenizedLine,
        grant: Grant,
        frames: Sequence[int],
        phrases: int,
        manners: Sequence[Manner] = (),
    ) -> tuple[_RenderedPhrase, ...]:
        import numpy as np

        given = self._inputs(script, grant, frames)
        scale, shift = self._led(script, grant, given, manners)
        audio = self._speaking().run(None, {**given, "pitch_scale": scale[None], "energy_shift": shift[None]})[0]
        samples = np.asarray(audio, np.float32).ravel()
        clock = [0]
        for count in frames:
            clock.append(clock[-1] + count * FRAME_MS)
        return _pieces(samples, script, clock, phrases)

    def _inputs(self, script: _TokenizedLine, grant: Grant, frames: Sequence[int]) -> dict[str, Any]:
        import numpy as np

        tokens = np.array([[0, *script.tokens, 0]], np.int64)
        return {"tokens": tokens, "style": self._style(script, grant), "duration": np.array(frames, np.int64)}

    def _led(
        self, script: _TokenizedLine, grant: Grant, given: Mapping[str, Any], manners: Sequence[Manner]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Two values a frame: the factor of the pitch and the addition to the energy."""
        import numpy as np

        edges = [0, *(2 * np.cumsum(given["duration"])).tolist()]
        # Formants are raised by playing faster, which raises the pitch as much.
        own = np.float32(2 ** (grant.voice.pitch_st / 12) / grant.voice.formants)
        if not any(manner.strength for manner in manners):
            return np.full(edges[-1], own), np.zeros(edges[-1], np.float32)
        pitch, energy = (curve.ravel() for curve in self._contour.run(["pitch", "energy"], dict(given)))
        scale, shift = lead(pitch, energy, _led_phrases(script, edges, manners), self._usual_hz(grant))
        return scale * own, shift

    def _usual_hz(self, grant: Grant) -> float:
        """Median pitch of the voice in plain statements."""
        import numpy as np

        if grant.voice not in self._usual:
            heard = []
            for sounds in REFERENCE:
                tokens = tuple(self._vocabulary[p] for p in sounds if p in self._vocabulary)
                script = _TokenizedLine(tokens, (0,) * len(tokens), ())
                frames = [max(1, round(float(count))) for count in self._raw(script, grant)]
                heard.append(self._contour.run(["pitch"], self._inputs(script, grant, frames))[0].ravel())
            curve = np.concatenate(heard)
            self._usual[grant.voice] = float(np.median(curve[curve > VOICED_HZ]))
        return self._usual[grant.voice]

    @cached_property
    def _usual(self) -> dict[Voice, float]:
        return {}

    def _raw(self, script: _TokenizedLine, grant: Grant) -> NDArray[np.float32]:
        import numpy as np

        tokens = np.array([[0, *script.tokens, 0]], np.int64)
        result: NDArray[np.float32] = self._pace.run(None, {"tokens": tokens, "style": self._style(script, grant)})[0]
        return result.ravel()

    def _style(self, script: _TokenizedLine, grant: Grant) -> NDArray[np.float32]:
        import numpy as np

        styles = np.frombuffer(Grant.read(grant, "style.bin"), "<f4").reshape(-1, 1, 256)
        style: NDArray[np.float32] = styles[min(len(script.tokens), len(styles)) - 1]
        return style

    # -- text to tokens

    def _size(self, phrase: str, language: str) -> int:
        return sum(len(sound) + 1 for sound in self._phonemes(phrase, language)) + 2

    def _bites(self, phrase: str, language: str) -> list[str]:
        """Split a phrase that is too long for one run of the model."""
        if self._size(phrase, language) <= MAX_TOKENS:
            return [phrase]
        bites: list[str] = []
        for word in phrase.split():
            longer = f"{bites[-1]} {word}" if bites else word
            if bites and self._size(longer, language) <= MAX_TOKENS:
                bites[-1] = longer
            else:
                bites.append(word)
        return bites

    def _bitten(self, phrase: Phrase, language: str) -> list[Phrase]:
        """The same for a phrase with its time, shared out by the number of letters."""
        bites = self._bites(phrase.text, language)
        total, done, parts = sum(map(len, bites)), 0, []
        for bite in bites:
            start = phrase.span.start_ms + phrase.span.length_ms * done // total if total else phrase.span.start_ms
            done += len(bite)
            end = phrase.span.start_ms + phrase.span.length_ms * done // total if total else phrase.span.end_ms
            parts.append(Phrase(bite, Span(start, end)))
        return parts

    def _parts(self, phrases: Sequence[str], language: str) -> list[list[str]]:
        """Groups of phrases, each short enough for one run."""
        parts: list[list[str]] = []
        room = 0
        for phrase in phrases:
            size = self._size(phrase, language)
            if parts and room + size <= MAX_TOKENS:
                parts[-1].append(phrase)
                room += size
            else:
                parts.append([phrase])
                room = size
        return parts

    def _script(self, phrases: Sequence[str], language: str) -> _TokenizedLine:
        tokens: list[int] = []
        owner: list[int] = []
        words: list[tuple[str, int, int]] = []
        for n, phrase in enumerate(phrases):
            spoken = self._phonemes(phrase, language)
            spans: list[tuple[int, int]] = []
            for i, sound in enumerate(spoken):
                if i:
                    tokens.append(self._vocabulary[" "])
                    owner.append(n)
                start = len(tokens)
                tokens += [self._vocabulary[p] for p in sound]
                owner += [n] * (len(tokens) - start)
                spans.append((start, len(tokens) - 1))
            # What ends a phrase sounds like silence: its length belongs to the pause.
            end = len(tokens)
            while end and owner[end - 1] == n and tokens[end - 1] in self._marks:
                owner[end - 1] = -1
                end -= 1
            if n < len(phrases) - 1 and spoken:
                if owner[-1] == n:
                    tokens.append(self._vocabulary[","])
                    owner.append(-1)
                tokens.append(self._vocabulary[" "])
                owner.append(-1)
            words += _timed_words(phrase, spans)
        if len(tokens) > MAX_TOKENS + 8:
            raise EngineFailed(
                f"a phrase of {len(tokens)} sounds is too long for kokoro: {phrases[0][:60]!r}", engine="kokoro"
            )
        return _TokenizedLine(tuple(tokens), tuple(owner), tuple(words))

    def _phonemes(self, phrase: str, language: str) -> list[str]:
        key = (language, phrase)
        if key not in self._spellings:
            known = "".join(s for s in _as_trained(phonemize(phrase, language), language) if s in self._vocabulary)
            self._spellings[key] = [word for word in known.split() if word]
        return self._spellings[key]

    @cached_property
    def _spellings(self) -> dict[tuple[str, str], list[str]]:
        return {}

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        return kokoro_vocabulary()

    @cached_property
    def _marks(self) -> frozenset[int]:
        return frozenset(self._vocabulary[m] for m in _PAUSES if m in self._vocabulary)

    # -- weights

    def load(self) -> None:
        """Read the weights, which the first call would read."""
        self._pace.get_inputs()

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        if self._reading is not None:
            self._reading.join()
        for name in ("_pace", "_contour", "_exact"):
            vars(self).pop(name, None)

    @cached_property
    def _pace(self) -> Any:
        # Who asks how long lines last speaks them next: the graph for that is read meanwhile.
        self._reading = begin(self._read_exact, "beside: exact.onnx")
        return self._session("pace.onnx")

    def _read_exact(self) -> None:
        with suppress(Exception):  # met again where it is needed
            self._speaking()

    def _speaking(self) -> Any:
        with self._loading:  # several lines at once read it once
            return self._exact

    @cached_property
    def _contour(self) -> Any:
        return self._session("contour.onnx")

    @cached_property
    def _exact(self) -> Any:
        return self._session("exact.onnx")

    def _session(self, graph: str) -> Any:
        import onnxruntime

        usable = onnxruntime.get_available_providers() if self._models.device.gpu else ["CPUExecutionProvider"]
        path = self._models.path(MODEL) / graph
        return onnx_session(path, threads=min(MOST_THREADS, self._models.device.threads), providers=usable)


def _shared(manner: Manner, bites: int) -> list[Manner]:
    """The manner of a phrase for each of the parts it is spoken in: the last one ends as the phrase does."""
    if bites == 1:
        return [manner]
    middle = replace(manner, final_st=None, emphasis=-1)
    return [middle] * (bites - 1) + [replace(manner, emphasis=-1)]


def _led_phrases(script: _TokenizedLine, edges: Sequence[int], manners: Sequence[Manner]) -> list[LedPhrase]:
    """Where each phrase and its words are in the curves; `edges[i]` is where padded token i begins."""
    led = []
    for n, manner in enumerate(manners):
        inside = [i + 1 for i, phrase in enumerate(script.phrase) if phrase == n]
        if inside:
            words = tuple((edges[a + 1], edges[b + 2]) for _, a, b in script.words if inside[0] <= a + 1 <= inside[-1])
            led.append(LedPhrase(edges[inside[0]], edges[inside[-1] + 1], words, manner))
    return led


def _timed_words(phrase: str, spans: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Pair written words with sounded ones; espeak joins some ("of the"), so the pairing is by proportion."""
    written = re.findall(r"\S*\w\S*", without_phonemes(phrase))
    if not written or not spans:
        return []
    if len(written) == len(spans):
        return [(word, a, b) for word, (a, b) in zip(written, spans)]
    first, last = spans[0][0], spans[-1][1] + 1
    total = sum(map(len, written))
    words, used = [], 0
    for word in written:
        a = first + round((last - first) * used / total)
        used += len(word)
        b = first + round((last - first) * used / total)
        words.append((word, min(a, last - 1), max(a, b - 1)))
    return words


def _release_ms(language: str) -> int:
    return RELEASE_MS.get(language, RELEASE_OTHERS_MS)


def _lay_out(
    raw: NDArray[np.float32], script: _TokenizedLine, spans: Sequence[Span], lengths_ms: Sequence[int]
) -> list[int]:
    """Whole frames for every token, both pads included: phrase n lasts `lengths_ms[n]`, pauses as they would, or as the
    plan has them if that is shorter.
    """
    frames = [max(1, round(float(r))) for r in raw]
    for n, span in enumerate(spans):
        # Edges are rounded, not lengths, so that no error adds up along a line.
        length = round((span.start_ms + lengths_ms[n]) / FRAME_MS) - round(span.start_ms / FRAME_MS)
        inside = [i + 1 for i, phrase in enumerate(script.phrase) if phrase == n]
        for i, count in zip(inside, apportion([float(raw[i]) for i in inside], length)):
            frames[i] = count
        if n + 1 < len(spans) and inside:
            pause = _pause_after(script, inside[-1])
            room = (spans[n + 1].start_ms - span.end_ms) // FRAME_MS
            if sum(frames[i] for i in pause) > room:
                for i, count in zip(pause, apportion([float(raw[i]) for i in pause], room)):
                    frames[i] = count
    return frames


def _pause_after(script: _TokenizedLine, token: int) -> list[int]:
    """The padded indices of the pause tokens that follow the padded index `token`."""
    pause = []
    while token < len(script.phrase) and script.phrase[token] == -1:
        token += 1
        pause.append(token)
    return pause


def _pieces(
    samples: NDArray[np.float32], script: _TokenizedLine, clock: Sequence[int], phrases: int
) -> tuple[_RenderedPhrase, ...]:
    """Cut rendered audio into phrases. `clock[i]` is when padded token i begins, in ms."""
    bounds = []
    for n in range(phrases):
        inside = [i + 1 for i, phrase in enumerate(script.phrase) if phrase == n]
        bounds.append((clock[inside[0]], clock[inside[-1] + 1]) if inside else (clock[1], clock[1]))
    cuts = [0]
    cuts += [_quietest(samples, end, start) for (_, end), (start, _) in zip(bounds, bounds[1:])]
    cuts.append(len(samples) * 1000 // RATE)
    pieces = []
    for n, (start, end) in enumerate(bounds):
        part = samples[cuts[n] * RATE // 1000 : cuts[n + 1] * RATE // 1000]
        words = tuple(
            Word(text, Span(clock[a + 1] - start, clock[b + 2] - start))
            for text, a, b in script.words
            if start <= clock[a + 1] < max(end, start + 1)
        )
        pieces.append(_RenderedPhrase(part, start - cuts[n], words))
    return tuple(pieces)


def _quietest(samples: NDArray[np.float32], start_ms: int, end_ms: int) -> int:
    """The middle of the quietest 20 ms of a pause, in ms."""
    import numpy as np

    hop = RATE // 200
    inside = samples[start_ms * RATE // 1000 : end_ms * RATE // 1000]
    frames = inside[: len(inside) // hop * hop].reshape(-1, hop)
    if len(frames) < 4:
        return (start_ms + end_ms) // 2
    energy = np.convolve((frames**2).mean(axis=1), np.ones(4), "valid")
    return start_ms + int(energy.argmin()) * 5 + 10


def apportion(lengths: Sequence[float], total: int) -> list[int]:
    """Whole numbers that add up to `total` (or one each, if that is more), in proportion to `lengths`.

    A token needs one frame at least, so what short tokens cannot give comes from the long ones.
    """
    if not lengths:
        return []
    total = max(total, len(lengths))
    low, high = 0.0, total / max(min(lengths), 0.1) + 1.0
    for _ in range(60):
        factor = (low + high) / 2
        if sum(max(1.0, value * factor) for value in lengths) < total:
            low = factor
        else:
            high = factor
    wanted = [max(1.0, value * high) for value in lengths]
    counts = [int(value) for value in wanted]
    by_rest = sorted(range(len(wanted)), key=lambda i: (counts[i] - wanted[i], i))
    for i in by_rest[: total - sum(counts)]:
        counts[i] += 1
    return counts
