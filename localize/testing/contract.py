"""The engine contract: checks that every engine of a role must pass.

Over 400 lines: what five roles promise, a function of some lines each, read as one list.

    import pytest
    from localize import testing

    @pytest.mark.parametrize("check", testing.contract("translator"), ids=testing.named)
    def test_my_translator_keeps_the_contract(check, tmp_path):
        check(testing.Subject(lambda: MyTranslator(None, Models()), tmp_path, language="es", source="en"))

The fakes behave simply and alike on every machine: one word is one tone. They say nothing about quality.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..consent import Grant
from ..data import Candidate, Phrase, Span, Turn, Voices, Word
from ..engines import Role, Spoken
from ..errors import NoGrant, UsageError
from .fakes import FRAME_MS, HEARD_MS, RATE

if TYPE_CHECKING:
    from ..engines import Samples


# --- the contract -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """An engine under test, and the data to test it with.

    Args:
        make: a new engine; must be cheap, as every engine's making is.
        folder: an empty folder to write to.
        language: one it supports: recognised, translated to, or spoken.
        source: a translator's other language.
        speech: for a recogniser or diarizer: a 16 kHz mono WAV in which one person speaks `language`.
        grant: for a synthesizer: of a voice it can speak with.
        texts: three, a short one first: sentences in `source` for a translator, phrases in `language` for a
            synthesizer.
    """

    make: Callable[[], Any]
    folder: Path
    language: str
    source: str = ""
    speech: Path | None = None
    grant: Grant | None = None
    texts: tuple[str, str, str] = (
        "Good morning.",
        "The train leaves at nine.",
        "We will wait for you at the old station.",
    )

    @cached_property
    def engine(self) -> Any:
        """The one that is checked."""
        return self.make()


Check = Callable[[Subject], None]


def contract(role: Role) -> tuple[Check, ...]:
    """The checks of a role, as functions that raise `AssertionError` where an engine fails."""
    return _CONTRACT[role]


def named(check: Check) -> str:
    """The name of a check, as a test's id."""
    return check.__name__


def _says_who_it_is(subject: Subject) -> None:
    kind = type(subject.engine)
    assert re.fullmatch(r"[a-z0-9_]+", kind.name), f"name {kind.name!r} is no plain name"
    assert isinstance(kind.requires, tuple), "requires must be a tuple of module names"
    assert kind.extra, "extra must name what to install"


def _has_a_stable_fingerprint(subject: Subject) -> None:
    first = subject.engine.fingerprint
    assert isinstance(first, str), "a fingerprint is a string"
    assert first.strip(), "a fingerprint says something"
    assert subject.make().fingerprint == first, "two engines alike must have one fingerprint"


def _fingerprint_names_no_place(subject: Subject) -> None:
    text = subject.engine.fingerprint
    assert not re.search(r"(^|[\s'\"=:(])(~|/|[A-Za-z]:\\)\S", text), f"a path in the fingerprint {text!r}"
    assert not re.search(r"\b(cuda|gpu|cpu|threads?|cores?)\b", text, re.IGNORECASE), (
        f"a device in the fingerprint {text!r}"
    )


def _knows_languages(subject: Subject) -> None:
    known = subject.engine.languages
    assert isinstance(known, frozenset), "languages must be a frozenset"
    assert subject.language in known, f"{subject.language} is not among {sorted(known)}"
    assert all(re.fullmatch(r"[a-z]{2,3}", tag) for tag in known), f"no language codes: {sorted(known)}"


# -- recognisers


def _hear(subject: Subject, audio: Path, span: Span) -> list[Word]:
    utterances = subject.engine.recognise(audio, span, subject.language)
    assert isinstance(utterances, tuple), "utterances come as a tuple"
    for utterance in utterances:
        assert utterance.text.strip(), "an utterance has words"
        assert utterance.words, "an utterance has timed words"
    return [w for u in utterances for w in u.words]


@cache
def _hear_once(subject: Subject) -> list[Word]:
    path, _, length = _speech(subject)
    return _hear(subject, path, Span(0, length))


def _speech(subject: Subject) -> tuple[Path, Samples, int]:
    import soundfile

    assert subject.speech is not None, "a recogniser is checked with speech"
    samples, rate = soundfile.read(subject.speech, dtype="float32")
    assert rate == RATE, "speech must have 16 kHz"
    return subject.speech, samples, len(samples) * 1000 // RATE


def _write(subject: Subject, name: str, samples: Samples) -> tuple[Path, Span]:
    import soundfile

    path = subject.folder / name
    soundfile.write(path, samples, RATE, "PCM_16")
    return path, Span(0, len(samples) * 1000 // RATE)


def _hears_words_in_order(subject: Subject) -> None:
    _, _, length = _speech(subject)
    words = _hear_once(subject)
    assert words, "somebody speaks, nothing was heard"
    starts = [w.span.start_ms for w in words]
    assert starts == sorted(starts), "words must come in order"
    for word in words:
        assert 0 <= word.span.start_ms <= word.span.end_ms <= length, f"{word} lies outside of 0…{length}"
        assert 0.0 <= word.confidence <= 1.0, f"{word}: confidence is 0…1"
        assert word.text == word.text.strip() != "", f"{word}: no blanks around a word"


def _times_words_on_the_files_clock(subject: Subject) -> None:
    import numpy as np

    _, samples, length = _speech(subject)
    later = 5000
    path, _ = _write(subject, "later.wav", np.concatenate([np.zeros(later * RATE // 1000, np.float32), samples]))
    span = Span(later, later + length)
    words = _hear(subject, path, span)
    assert words, "somebody speaks, nothing was heard"
    for word in words:
        assert span.start_ms - HEARD_MS <= word.span.start_ms, f"{word} is heard before the span {span}"
        assert word.span.end_ms <= span.end_ms + HEARD_MS, f"{word} is heard after the span {span}"


def _hears_nothing_in_silence(subject: Subject) -> None:
    import numpy as np

    path, span = _write(subject, "silence.wav", np.zeros(4 * RATE, np.float32))
    assert _hear(subject, path, span) == [], "words were made up in silence"


def _hears_the_same_twice(subject: Subject) -> None:
    path, _, length = _speech(subject)
    assert _hear(subject, path, Span(0, length)) == _hear_once(subject), "another answer the second time"


def _bears_a_span_past_the_end(subject: Subject) -> None:
    path, _, length = _speech(subject)
    for word in _hear(subject, path, Span(0, length + 3000)):
        assert word.span.end_ms <= length + HEARD_MS, f"{word} is heard where there is no sound"
    assert _hear(subject, path, Span(length + 1000, length + 3000)) == [], "words were made up after the end"


def _identifies_among_what_is_offered(subject: Subject) -> None:
    path, _, length = _speech(subject)
    others = sorted(subject.engine.languages - {subject.language})
    offered = frozenset({subject.language, *others[:1]})
    language, share = subject.engine.identify(path, (Span(0, length),), offered)
    assert language in offered, f"{language} was not offered"
    assert 0.0 <= share <= 1.0, f"a probability is 0…1, not {share}"


# -- diarizers


def _turns(subject: Subject, audio: Path, speakers: int | None = None) -> tuple[Turn, ...]:
    voices = subject.engine.voices(audio, speakers)
    assert isinstance(voices, Voices), "a diarizer gives Voices"
    return voices.turns


def _gives_turns_in_order(subject: Subject) -> None:
    path, _, length = _speech(subject)
    turns = _turns(subject, path)
    assert turns, "somebody speaks, nobody was heard"
    assert list(turns) == sorted(turns, key=lambda turn: turn.span), "turns must come in order of time"
    for turn in turns:
        assert 0 <= turn.span.start_ms < turn.span.end_ms <= length + FRAME_MS, f"{turn} lies outside of 0…{length}"


def _hears_nobody_in_silence(subject: Subject) -> None:
    import numpy as np

    path, _ = _write(subject, "nobody.wav", np.zeros(4 * RATE, np.float32))
    assert _turns(subject, path) == (), "somebody was made up in silence"


def _keeps_to_the_number_of_people(subject: Subject) -> None:
    path, _, _ = _speech(subject)
    for number in (1, 2):
        found = {turn.speaker for turn in _turns(subject, path, number)}
        assert len(found) <= number, f"{len(found)} people where {number} speak"


def _diarizes_the_same_twice(subject: Subject) -> None:
    path, _, _ = _speech(subject)
    assert _turns(subject, path) == _turns(subject, path), "another answer the second time"


# -- translators


def _translate(subject: Subject, sentences: Sequence[str], n_best: int = 4) -> tuple[tuple[Candidate, ...], ...]:
    done: tuple[tuple[Candidate, ...], ...] = subject.engine.translate(
        sentences, subject.source, subject.language, n_best=n_best
    )
    assert isinstance(done, tuple), "candidates come as a tuple for each sentence"
    assert len(done) == len(sentences), f"{len(done)} answers to {len(sentences)} sentences"
    return done


@cache
def _once(subject: Subject) -> tuple[tuple[Candidate, ...], ...]:
    return _translate(subject, subject.texts)


def _offers_pairs(subject: Subject) -> None:
    pairs = subject.engine.pairs
    assert isinstance(pairs, frozenset), "pairs must be a frozenset"
    assert (subject.source, subject.language) in pairs, f"it does not offer {subject.source}->{subject.language}"
    assert all(re.fullmatch(r"[a-z]{2,3}", tag) for pair in pairs for tag in pair), (
        f"no language codes: {sorted(pairs)}"
    )


def _refuses_other_pairs(subject: Subject) -> None:
    try:
        subject.engine.translate(["Hello."], "xx", subject.language)
    except UsageError:
        return
    raise AssertionError("a pair that is not offered must raise UsageError")


def _gives_the_best_first(subject: Subject) -> None:
    for candidates in _once(subject):
        assert candidates, "a sentence with words has at least one candidate"
        assert len(candidates) <= 4, f"{len(candidates)} candidates where 4 were asked for"
        assert all(c.text.strip() for c in candidates), "a candidate has words"
        assert all(math.isfinite(c.score) for c in candidates), "a score is a finite number"
        scores = [c.score for c in candidates]
        assert scores == sorted(scores, reverse=True), f"the best is not the first: {scores}"
        texts = [c.text for c in candidates]
        assert len(set(texts)) == len(texts), f"one candidate comes twice: {texts}"


def _keeps_n_best(subject: Subject) -> None:
    for n in (1, 2):
        fewer = _translate(subject, subject.texts[:2], n)
        assert all(1 <= len(c) <= n for c in fewer), f"more than {n} candidates"
        assert [c[0].text for c in fewer] == [c[0].text for c in _once(subject)[:2]], "the best depends on n_best"


def _translates_each_alone(subject: Subject) -> None:
    together = _once(subject)
    for text, candidates in zip(subject.texts, together):
        assert _translate(subject, [text]) == (candidates,), f"{text!r} depends on its neighbours"
    assert _translate(subject, subject.texts[::-1]) == together[::-1], "a sentence depends on its place"


def _translates_nothing_to_nothing(subject: Subject) -> None:
    assert _translate(subject, []) == (), "no sentences have no answers"


# -- synthesizers


def _voice(subject: Subject) -> Grant:
    assert subject.grant is not None, "a synthesizer is checked with a grant"
    return subject.grant


def _say(subject: Subject, texts: Sequence[str], spans: Sequence[Span]) -> Spoken:
    phrases = tuple(Phrase(text, span) for text, span in zip(texts, spans))
    result: Spoken = subject.engine.speak(phrases, _voice(subject), subject.language)
    return result


def _natural(subject: Subject, texts: Sequence[str]) -> tuple[int, ...]:
    if not subject.engine.exact_duration:
        return tuple(70 * len(text) for text in texts)
    lengths: tuple[int, ...] = subject.engine.pace(tuple(texts), _voice(subject), subject.language)
    assert len(lengths) == len(texts), f"{len(lengths)} lengths for {len(texts)} phrases"
    assert all(isinstance(n, int) and n > 0 for n in lengths), f"lengths are whole ms above 0, not {lengths}"
    return lengths


@cache
def _synthesize_at_own_pace(subject: Subject, text: str) -> tuple[int, Spoken]:
    """A text at the engine's own pace, and the length predicted for it."""
    (length,) = _natural(subject, [text])
    return length, _say(subject, [text], [Span(0, length)])


def _sounding(result: Spoken) -> list[Span]:
    """Where it is heard, on the request's clock."""
    from ..signal.activity import voice_activity

    return [s.shifted(-result.lead_ms) for s in voice_activity(result.samples, result.rate)]


def _speaks_mono(subject: Subject) -> None:
    import numpy as np

    _, result = _synthesize_at_own_pace(subject, subject.texts[1])
    assert result.samples.ndim == 1, "samples have the shape (n,)"
    assert result.samples.dtype == np.float32, f"samples are float32, not {result.samples.dtype}"
    assert result.rate >= 8000, f"{result.rate} samples a second are too few for speech"
    assert 0 <= result.lead_ms < len(result.samples) * 1000 / result.rate, "lead_ms must lie in the samples"
    assert np.isfinite(result.samples).all(), "samples are finite"
    peak = float(np.abs(result.samples).max())
    assert 0.01 < peak <= 1.0, f"the loudest sample is {peak}: it must be heard and must not clip"


def _speaks_the_same_twice(subject: Subject) -> None:
    length, first = _synthesize_at_own_pace(subject, subject.texts[0])
    second = _say(subject, subject.texts[:1], [Span(0, length)])
    assert first.samples.tobytes() == second.samples.tobytes(), "other samples the second time"
    assert (first.rate, first.lead_ms, first.words) == (second.rate, second.lead_ms, second.words)


def _speaks_longer_texts_longer(subject: Subject) -> None:
    lengths = []
    for text in subject.texts[::2]:
        heard = _sounding(_synthesize_at_own_pace(subject, text)[1])
        lengths.append(heard[-1].end_ms - heard[0].start_ms)
    assert lengths[0] < lengths[1], f"{subject.texts[0]!r} and {subject.texts[2]!r} last {lengths} ms"


def _predicts_what_is_heard(subject: Subject) -> None:
    if not subject.engine.exact_duration:
        return
    for text in subject.texts[1:]:
        length, result = _synthesize_at_own_pace(subject, text)
        heard = _sounding(result)
        spoken = heard[-1].end_ms - heard[0].start_ms
        assert abs(spoken - length) <= HEARD_MS, f"{text!r}: {length} ms predicted, {spoken} ms heard"


def _keeps_exact_lengths(subject: Subject) -> None:
    if not subject.engine.exact_duration:
        return
    text = subject.texts[2]
    (natural,) = _natural(subject, [text])
    for rate in (0.8, 1.25):
        wanted = round(natural / rate)
        heard = _sounding(_say(subject, [text], [Span(0, wanted)]))
        assert abs(heard[0].start_ms) <= HEARD_MS, f"at rate {rate} it begins at {heard[0].start_ms} ms"
        assert abs(heard[-1].end_ms - wanted) <= FRAME_MS + HEARD_MS, (
            f"{wanted} ms asked for, heard until {heard[-1].end_ms} ms"
        )


def _keeps_phrases_where_asked(subject: Subject) -> None:
    if not subject.engine.exact_duration:
        return
    first, second = _natural(subject, subject.texts[1:])
    spans = [Span(0, first), Span(first + 700, first + 700 + second)]
    heard = _sounding(_say(subject, subject.texts[1:], spans))
    for span in spans:
        mine = [s for s in heard if s.overlap_ms(span)]
        assert mine, f"nothing is heard in {span}"
        assert abs(mine[0].start_ms - span.start_ms) <= FRAME_MS + HEARD_MS, (
            f"{span} is heard from {mine[0].start_ms} ms"
        )
        assert abs(mine[-1].end_ms - span.end_ms) <= FRAME_MS + HEARD_MS, f"{span} is heard until {mine[-1].end_ms} ms"


def _times_words_in_order(subject: Subject) -> None:
    _, result = _synthesize_at_own_pace(subject, subject.texts[2])
    end = len(result.samples) * 1000 / result.rate
    starts = [w.span.start_ms for w in result.words]
    assert starts == sorted(starts), "words must come in order"
    assert all(0 <= w.span.start_ms < w.span.end_ms <= end for w in result.words), (
        f"words outside of the audio: {result.words}"
    )


def _asks_the_grant_for_the_voice(subject: Subject) -> None:
    """A lookalike that carries the voice's real bytes is not a grant."""
    grant = _voice(subject)
    data = {name: Grant.read(grant, name) for name, _ in grant.voice.files}

    class Lookalike:
        id, voice, terms, kind = grant.id, grant.voice, grant.terms, grant.kind

        def read(self, name: str) -> bytes:
            return data[name]

        def prove(self) -> None:
            return None

    forged: Any = Lookalike()
    (length,) = _natural(subject, subject.texts[:1])
    try:
        subject.make().speak((Phrase(subject.texts[0], Span(0, length)),), forged, subject.language)
    except NoGrant:
        return
    raise AssertionError("it spoke with a voice without a grant: read voices with Grant.read(grant, name)")


# -- watermarkers


def _speech_like(seconds: float, rate: int) -> Samples:
    """A voice's harmonics coming and going: enough for a mark to hide in."""
    import numpy as np

    at = np.arange(round(seconds * rate)) / rate
    sound = sum(np.sin(2 * np.pi * 120 * k * at + k) / k for k in range(1, 25))
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * at)
    return (0.15 * sound * swell).astype(np.float32)


def _marks_and_finds(subject: Subject) -> None:
    for rate in (48_000, 44_100):
        sound = _speech_like(6, rate)
        marked = subject.engine.mark(sound, rate)
        assert marked.shape == sound.shape, f"{len(marked)} samples where {len(sound)} were given"
        assert str(marked.dtype) == "float32", f"samples are float32, not {marked.dtype}"
        clean, found = subject.engine.confidence(sound, rate), subject.engine.confidence(marked, rate)
        assert 0 <= clean < 0.5 <= found <= 1, f"confidence {clean} without the mark, {found} with it, at {rate} Hz"


def _marks_the_same_twice(subject: Subject) -> None:
    sound = _speech_like(2, 48_000)
    assert subject.engine.mark(sound, 48_000).tobytes() == subject.make().mark(sound, 48_000).tobytes()


def _bears_nothing_to_mark(subject: Subject) -> None:
    sound = _speech_like(1, 48_000)
    for short in (sound[:0], sound[:100], 0 * sound):
        assert len(subject.engine.mark(short, 48_000)) == len(short), "a short or silent sound changes its length"
        assert subject.engine.confidence(short, 48_000) < 0.5, "nothing was marked"


_ANY: tuple[Check, ...] = (_says_who_it_is, _has_a_stable_fingerprint, _fingerprint_names_no_place)
_CONTRACT: dict[Role, tuple[Check, ...]] = {
    "recogniser": (
        *_ANY,
        _knows_languages,
        _hears_words_in_order,
        _times_words_on_the_files_clock,
        _hears_nothing_in_silence,
        _hears_the_same_twice,
        _bears_a_span_past_the_end,
        _identifies_among_what_is_offered,
    ),
    "diarizer": (
        *_ANY,
        _gives_turns_in_order,
        _hears_nobody_in_silence,
        _keeps_to_the_number_of_people,
        _diarizes_the_same_twice,
    ),
    "translator": (
        *_ANY,
        _offers_pairs,
        _refuses_other_pairs,
        _gives_the_best_first,
        _keeps_n_best,
        _translates_each_alone,
        _translates_nothing_to_nothing,
    ),
    "watermarker": (*_ANY, _marks_and_finds, _marks_the_same_twice, _bears_nothing_to_mark),
    "synthesizer": (
        *_ANY,
        _knows_languages,
        _speaks_mono,
        _speaks_the_same_twice,
        _speaks_longer_texts_longer,
        _predicts_what_is_heard,
        _keeps_exact_lengths,
        _keeps_phrases_where_asked,
        _times_words_in_order,
        _asks_the_grant_for_the_voice,
    ),
}
