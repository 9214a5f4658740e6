"""Speech to segments: who will be dubbed, in which words, exactly when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ..data import Blob, Media, Segment, Span, Transcript, Utterance, Word
from ..engines import Recogniser
from ..errors import EngineMissing, MediaError
from ..events import Run
from ..runtime.store import Store, step
from . import alignment

if TYPE_CHECKING:
    from ..events import Run

FADE_MS = 400
"""No word's end is heard longer than this after its recognised one."""


def voice_spans(run: Run, media: Media) -> tuple[Span, ...]:
    """Where a voice is heard, on the audio's clock, without a word recognised.

    Raises:
        EngineMissing: what finds speech is not installed.
    """
    spans = detect_speech_spans(run.store, media.speech)
    return spans_on_signal(run.store, media.speech, spans)


def end_words_with_voice(transcript: Transcript, heard: Sequence[Span]) -> Transcript:
    """The same words, each line's last one ending where the voice ends: recognisers drop what fades (a final "s"), and
    a cue that follows them goes too soon.

    Args:
        transcript: what is said, on the audio's clock.
        heard: where a voice is heard, on the same clock.
    """
    segments = list(transcript.segments)
    for index, segment in enumerate(segments):
        following = min((s.span.start_ms for s in segments if s.span.start_ms > segment.span.start_ms), default=1 << 60)
        ends = segment.span.end_ms
        last = next((p.end_ms for p in heard if p.start_ms < ends <= p.end_ms <= ends + FADE_MS), ends)
        if ends < last < following:
            # The line's own span stays what the dub was laid on.
            segments[index] = replace(
                segment,
                words=(*segment.words[:-1], *(_until(word, last) for word in segment.words[-1:])),
                phrases=(*segment.phrases[:-1], *(Span(p.start_ms, last) for p in segment.phrases[-1:])),
            )
    return replace(transcript, segments=tuple(segments))


def _until(word: Word, end_ms: int) -> Word:
    return replace(word, span=Span(word.span.start_ms, end_ms))


@step(version=1)
def spans_on_signal(store: Store, speech: Blob, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The stretches a detector found, their edges and pauses read off the signal."""
    heard = alignment.band_levels(str(store.path(speech)))
    found: list[Span] = []
    for i, span in enumerate(spans):
        before = found[-1].end_ms if found else 0
        after = spans[i + 1].start_ms if i + 1 < len(spans) else len(heard) * alignment.HOP_MS
        _, parts = alignment.refine_alignment(
            heard, (Word("", span),), Span(min(before, span.start_ms), max(after, span.end_ms))
        )
        found += [p for p in parts if not found or p.start_ms >= found[-1].end_ms]
    return tuple(found)


WINDOW_MS = 28_000
"""Whisper hears 30 s at a time; speech is handed to it in stretches that fit."""
BRIDGE_MS = 2_500
"""Stretches of speech nearer than this are heard together, for context."""
MARGIN_MS = 300
LINE_PAUSE_MS = 700
SENTENCE_PAUSE_MS = 200
LONG_LINE_MS = 12_000
SURE = 0.5
"""Probability of the source language under which a user is told to name it."""
SENTENCE_END = (".", "!", "?", "…", "。", "！", "？")


@step(version=1, uses=("faster-whisper",))
def detect_speech_spans(store: Store, speech: Blob) -> tuple[Span, ...]:
    """Where somebody speaks in a 16 kHz track.

    Raises:
        EngineMissing: the package that tells speech from music is not installed.
    """
    detector()
    return alignment.detect_speech(str(store.path(speech)))


@step(version=1, each="windows")
def recognise(
    store: Store, recogniser: Recogniser, speech: Blob, windows: tuple[Span, ...], language: str
) -> tuple[tuple[Utterance, ...], ...]:
    """What is said in each window."""
    audio = store.path(speech)
    return tuple(recogniser.recognise(audio, window, language) for window in windows)


@step(version=2)
def identify_language(
    store: Store, recogniser: Recogniser, speech: Blob, spans: tuple[Span, ...], among: tuple[str, ...]
) -> tuple[str, float]:
    """The likeliest of `among`, and its probability among all languages."""
    return recogniser.identify(store.path(speech), spans, frozenset(among))


@step(version=4)
def refine(store: Store, speech: Blob, segments: tuple[Segment, ...], voiced: tuple[Span, ...]) -> tuple[Segment, ...]:
    """Segments with words and phrases moved to where the signal has them; `voiced` is where a voice was detected."""
    heard = alignment.band_levels(str(store.path(speech)))
    end_ms = len(heard) * alignment.HOP_MS
    done: list[Segment] = []
    for i, segment in enumerate(segments):
        before = segments[i - 1].span.end_ms if i else 0
        after = segments[i + 1].span.start_ms if i + 1 < len(segments) else end_ms
        room = Span(min(before, segment.span.start_ms), max(after, segment.span.end_ms))
        if done:  # what the line before was found to take is not this line's
            room = Span(max(room.start_ms, min(done[-1].span.end_ms, segment.span.start_ms)), room.end_ms)
        words, phrases = alignment.refine_alignment(
            heard, segment.words or (Word(segment.text, segment.span),), room, voiced
        )
        span = Span(phrases[0].start_ms, phrases[-1].end_ms)
        done.append(Segment(segment.id, span, segment.speaker, segment.text, words if segment.words else (), phrases))
    return tuple(done)


def transcribe(
    run: Run, media: Media, recogniser: Recogniser, language: str | None, among: Sequence[str]
) -> Transcript:
    """Find and write down all speech.

    Args:
        run: store and listener.
        media: the source.
        recogniser: the engine.
        language: the source language, or None to detect it.
        among: the languages that could be meant, when it is to be detected.

    Raises:
        MediaError: nobody speaks.
    """
    spans = detect_speech_spans(run.store, media.speech)
    if not spans:
        raise MediaError(f"{media.source.path}: no speech found", file=media.source.path)
    if language is None:
        language = spoken_language(run, media, recogniser, among)
    windows = recognition_windows(spans, media.duration_ms)
    heard: list[Utterance] = []
    with run.stage("transcribe", len(windows)) as advance:
        for window in windows:  # one at a time, so that a run killed here goes on where it was
            (utterances,) = recognise(run.store, recogniser, media.speech, (window,), language)
            heard += utterances
            advance()
        segments = refine(run.store, media.speech, segment_lines(heard), spans)
    if not segments:
        raise MediaError(f"{media.source.path}: no speech found", file=media.source.path)
    return Transcript(language, renumber(segments))


def spoken_language(run: Run, media: Media, recogniser: Recogniser, among: Sequence[str]) -> str:
    """The likeliest of `among`; a warning says so where another language is likelier."""
    spans = detect_speech_spans(run.store, media.speech)
    language, share = identify_language(run.store, recogniser, media.speech, spans, tuple(sorted(among)))
    if share < SURE:
        run.warn(
            "language_unsure",
            f"{media.source.path} is taken for {language}, of {share:.0%} probability among all languages: "
            "give --from to be sure",
        )
    return language


def detector() -> str:
    """The package that tells speech from music.

    Raises:
        EngineMissing: it is not installed.
    """
    try:
        return f"silero in faster-whisper {version('faster-whisper')}"
    except PackageNotFoundError as error:
        raise EngineMissing("finding speech needs faster-whisper: pip install 'localize-toolkit[offline]'") from error


def recognition_windows(spans: Sequence[Span], end_ms: int) -> tuple[Span, ...]:
    """Stretches to hear in one go: near speech together, no longer than a window, cut in silence if possible."""
    groups: list[Span] = []
    for span in spans:
        joined = groups and span.start_ms - groups[-1].end_ms < BRIDGE_MS
        if joined and span.end_ms - groups[-1].start_ms <= WINDOW_MS:
            groups[-1] = Span(groups[-1].start_ms, span.end_ms)
        else:
            groups += _cut(span)
    padded: list[Span] = []
    for i, group in enumerate(groups):
        left = (groups[i - 1].end_ms + group.start_ms) // 2 if i else 0
        right = (group.end_ms + groups[i + 1].start_ms) // 2 if i + 1 < len(groups) else end_ms
        padded.append(Span(max(left, group.start_ms - MARGIN_MS), min(right, group.end_ms + MARGIN_MS)))
    return tuple(padded)


def _cut(span: Span) -> list[Span]:
    """Speech without a pause for longer than a window is cut evenly."""
    parts = -(-span.length_ms // WINDOW_MS)
    edges = [span.start_ms + span.length_ms * i // parts for i in range(parts + 1)]
    return [Span(a, b) for a, b in zip(edges, edges[1:])]


def segment_lines(utterances: Sequence[Utterance]) -> tuple[Segment, ...]:
    """Part words into lines: at long pauses, and at sentence ends with any pause."""
    words = sorted((w for u in utterances for w in u.words), key=lambda w: (w.span.start_ms, w.span.end_ms))
    lines: list[list[Word]] = []
    for word in words:
        if not lines or _starts_new_line(lines[-1], word):
            lines.append([])
        lines[-1].append(word)
    return tuple(_segment(f"s{n:04}", line) for n, line in enumerate(lines, 1))


def _starts_new_line(line: Sequence[Word], word: Word) -> bool:
    pause = word.span.start_ms - line[-1].span.end_ms
    ended = line[-1].text.endswith(SENTENCE_END)
    long = word.span.end_ms - line[0].span.start_ms > LONG_LINE_MS
    return (
        pause >= LINE_PAUSE_MS
        or (ended and (pause >= SENTENCE_PAUSE_MS or long))
        or (long and pause >= SENTENCE_PAUSE_MS)
    )


def _segment(name: str, words: Sequence[Word]) -> Segment:
    span = Span(words[0].span.start_ms, max(words[-1].span.end_ms, words[0].span.start_ms + 1))
    return Segment(name, span, "S1", " ".join(w.text for w in words), tuple(words))


def renumber(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments in order of time, with ids s0001, s0002 …"""
    ordered = sorted(segments, key=lambda s: (s.span, s.id))
    return tuple(Segment(f"s{n:04}", s.span, s.speaker, s.text, s.words, s.phrases) for n, s in enumerate(ordered, 1))
