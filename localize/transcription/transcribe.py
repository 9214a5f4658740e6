"""Transcribe a film: voice activity, language identification, recognition, segmentation into lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from typing import TYPE_CHECKING

from ..data import Blob, Media, Segment, Span, Transcript, Utterance, Word
from ..engines import Recogniser, calls_at_once
from ..errors import EngineMissing, MediaError, UsageError
from ..events import Run
from ..language.tags import language_name, main_language
from ..media import describe_stream
from ..runtime.store import Store, step
from ..runtime.threads import in_order
from ..signal.activity import close_gaps
from . import alignment
from .lines import renumber, segment_lines, unspelled

if TYPE_CHECKING:
    from ..events import Run


def voice_spans(run: Run, media: Media) -> tuple[Span, ...]:
    """Voice activity of a film on the audio's clock, without recognition.

    Raises:
        EngineMissing: what finds speech is not installed.
    """
    spans = detect_speech_spans(run.store, media.speech)
    return spans_on_signal(run.store, media.speech, spans)


@step(version=1)
def spans_on_signal(store: Store, speech: Blob, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The detector's spans with edges and pauses refined on the signal."""
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
"""Whisper takes 30 s at a time; speech is cut into stretches that fit."""
BRIDGE_MS = 2_500
"""Stretches of speech nearer than this are heard together, for context."""
MARGIN_MS = 300
ASTRAY_MS = 250
"""How far a recognised word may lie from where it is said."""
LEAST_MS = 400
"""Detected speech shorter than this need not hold a word: a breath, a laugh, the end of a word."""
SURE = 0.5
"""Probability of the source language under which a warning asks the user to name it."""
FLOOR = 0.25
"""Probability under which nothing is done in that language before a person named it."""
OTHER = 0.8
"""Probability from which a stretch is in another language than the film: within a family it is often .6 to .7."""
STRETCH_MS = 1_500
"""Shorter stretches do not tell their language: "No." and "Bye" were taken for four."""
BREATH_MS = 500
"""Speech nearer than this is one stretch, of one language."""


@step(version=1, uses=("faster-whisper",))
def detect_speech_spans(store: Store, speech: Blob) -> tuple[Span, ...]:
    """Voice activity of a 16 kHz track.

    Raises:
        EngineMissing: the package that separates speech from music is not installed.
    """
    detector_fingerprint()
    return alignment.detect_speech(str(store.path(speech)))


@step(version=1, each="windows")
def recognise(
    store: Store, recogniser: Recogniser, speech: Blob, windows: tuple[Span, ...], language: str
) -> tuple[tuple[Utterance, ...], ...]:
    """Recognise each window."""
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
        done.append(replace(segment, span=span, words=words if segment.words else (), phrases=phrases, overlaps=()))
    return tuple(done)


def transcribe(
    run: Run, media: Media, recogniser: Recogniser, language: str | None, among: Sequence[str]
) -> Transcript:
    """Recognise all speech of a film as a transcript.

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
        raise MediaError(
            f"{media.source.path}: no speech found: if somebody speaks in it, give the words with --transcript"
            f"{_other_sounds(media)}",
            file=media.source.path,
        )
    named = language is not None
    if language is None:
        language = spoken_language(run, media, recogniser, among)
    other = _other_languages(run, media, recogniser, language, spans, named=named)
    windows = recognition_windows(spans, media.duration_ms, _language_changes(spans, other))
    heard: list[tuple[str, Utterance]] = []
    with run.stage("transcribe", len(windows)) as advance:
        spoken_in = [(window, _language_at(window, other) or language) for window in windows]
        for spoken, utterances in recognise_each(run.store, recogniser, media.speech, spoken_in):
            heard += [(spoken, utterance) for utterance in utterances]
            advance()
        heard, silent = _recognise_again(run, media, recogniser, language, spans, heard, other)
        segments = refine(run.store, media.speech, _lines_by_language(heard, language), spans)
    if not segments:
        raise MediaError(
            f"{media.source.path}: no speech found: no words could be made out where a voice was detected, "
            f"{format_spans(silent or spans)}; if somebody speaks there, give the words with --transcript"
            f"{_other_sounds(media)}",
            file=media.source.path,
        )
    if silent:
        run.warn(
            "speech_unheard",
            f"{media.source.path}: a voice is detected but no words could be made out at {format_spans(silent)}: "
            "listen there, and give what is said with --transcript or --edits",
        )
    return Transcript(language, tuple(unspelled(s) for s in renumber(segments)))


def _other_sounds(media: Media) -> str:
    """What else of a film somebody may speak in, for a message; "" where it has no other sound."""
    sounds = {s.index: describe_stream(s) for s in media.streams if s.kind == "audio"}
    chosen = sounds.pop(media.audio_index, str(media.audio_index))
    others = "; ".join(sounds.values())
    return f"; this is stream {chosen}, there are also {others}: name one with --stream" if others else ""


def recognise_each(
    store: Store, recogniser: Recogniser, speech: Blob, windows: Sequence[tuple[Span, str]]
) -> Iterator[tuple[str, tuple[Utterance, ...]]]:
    """The language and the utterances of each window, in order; each is stored as soon as it is recognised, so that a
    run killed here goes on where it was.
    """

    def work(asked: tuple[Span, str]) -> tuple[str, tuple[Utterance, ...]]:
        window, language = asked
        (utterances,) = recognise(store, recogniser, speech, (window,), language)
        return language, utterances

    return in_order(work, windows, calls_at_once(recogniser))


def _recognise_again(
    run: Run,
    media: Media,
    recogniser: Recogniser,
    language: str,
    spans: Sequence[Span],
    heard: Sequence[tuple[str, Utterance]],
    other: Mapping[Span, str],
) -> tuple[list[tuple[str, Utterance]], list[Span]]:
    """A second look at every stretch of detected speech without words, alone: all utterances, and what stays silent."""
    found, known = list(heard), [utterance for _, utterance in heard]
    windows = [
        (
            Span(max(0, stretch.start_ms - MARGIN_MS), min(media.duration_ms, stretch.end_ms + MARGIN_MS)),
            _language_at(stretch, other) or language,
        )
        for stretch in speech_without_words(spans, known)
    ]
    for spoken, utterances in recognise_each(run.store, recogniser, media.speech, windows):
        found += [(spoken, utterance) for utterance in _new_words(utterances, known)]
    return found, speech_without_words(spans, [utterance for _, utterance in found])


def _other_languages(
    run: Run, media: Media, recogniser: Recogniser, language: str, spans: Sequence[Span], *, named: bool
) -> dict[Span, str]:
    """The stretches of speech that are surely in another language than the film's, and in which.

    Where a person named the film's language and most of it seems to be in others, the person's word
    holds, with a warning.
    """
    found: dict[Span, str] = {}
    stretches = merge_speech_spans(spans)
    among = tuple(sorted(recogniser.languages | {language}))

    def identify(stretch: Span) -> tuple[str, float]:
        return identify_language(run.store, recogniser, media.speech, (stretch,), among)

    long = [stretch for stretch in stretches if stretch.length_ms >= STRETCH_MS]
    for stretch, (likely, share) in zip(long, in_order(identify, long, calls_at_once(recogniser))):
        if main_language(likely) != main_language(language) and share >= OTHER:
            found[stretch] = likely
    if named and 2 * sum(s.length_ms for s in found) > sum(s.length_ms for s in stretches):
        seems = ", ".join(language_name(tongue) for tongue in sorted(set(found.values())))
        run.warn(
            "language_doubted",
            f"{media.source.path} was said to be in {language_name(language)}, but most of it sounds like {seems}: "
            "it is recognised as such; give another --from if that was a mistake",
        )
        return {}
    return found


def merge_speech_spans(spans: Sequence[Span]) -> list[Span]:
    """Speech spans with their short pauses closed."""
    return close_gaps(spans, BREATH_MS)


def _language_at(span: Span, other: Mapping[Span, str]) -> str:
    """The other language a window or stretch lies in; "" for the film's."""
    return next((tongue for stretch, tongue in other.items() if 2 * stretch.overlap_ms(span) > span.length_ms), "")


def _language_changes(spans: Sequence[Span], other: Mapping[Span, str]) -> frozenset[int]:
    """The starts of spans with which another language begins than before."""
    tongues = [next((t for s, t in other.items() if s.overlap_ms(span)), "") for span in spans]
    return frozenset(b.start_ms for x, y, b in zip(tongues, tongues[1:], spans[1:]) if x != y)


def _lines_by_language(heard: Sequence[tuple[str, Utterance]], language: str) -> tuple[Segment, ...]:
    """The lines of each language, in order of time; no line holds two."""
    lines: list[Segment] = []
    for spoken in dict.fromkeys(spoken for spoken, _ in heard):
        own = "" if spoken == language else spoken
        lines += [replace(s, language=own) for s in segment_lines([u for tongue, u in heard if tongue == spoken])]
    return renumber(lines)


def _new_words(utterances: Sequence[Utterance], heard: Sequence[Utterance]) -> list[Utterance]:
    """What a second look found that does not lie on words known already."""
    known = [w.span for u in heard for w in u.words]
    kept = []
    for utterance in utterances:
        words = tuple(
            w for w in utterance.words if not any(2 * w.span.overlap_ms(k) > max(1, w.span.length_ms) for k in known)
        )
        if words:
            kept.append(Utterance(" ".join(w.text for w in words), words))
    return kept


def speech_without_words(spans: Sequence[Span], heard: Sequence[Utterance]) -> list[Span]:
    """Spans of detected speech, `LEAST_MS` or longer, without a recognised word in or near them.

    Args:
        spans: where the detector finds speech.
        heard: what was recognised; the times of its words are off by up to `ASTRAY_MS`.
    """
    taken = sorted((w.span for u in heard for w in u.words), key=lambda s: s.start_ms)
    starts, ends = [w.start_ms for w in taken], list(accumulate((w.end_ms for w in taken), max))
    left: list[Span] = []
    for span in spans:
        start = span.start_ms
        # Those before have all ended, those behind begin later: a film has thousands of both.
        for word in taken[bisect_right(ends, start - ASTRAY_MS) : bisect_left(starts, span.end_ms + ASTRAY_MS)]:
            if word.end_ms + ASTRAY_MS <= start:
                continue
            left.append(Span(start, word.start_ms - ASTRAY_MS))
            start = max(start, word.end_ms + ASTRAY_MS)
        left.append(Span(start, span.end_ms))
    return [s for s in left if s.length_ms >= LEAST_MS]


def format_spans(spans: Sequence[Span]) -> str:
    """Format spans for people: "0:03.7-0:06.4, 1:02.0-1:03.1"."""

    def clock(ms: int) -> str:
        tenths = (ms + 50) // 100
        return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"

    return ", ".join(f"{clock(s.start_ms)}-{clock(s.end_ms)}" for s in spans)


def spoken_language(run: Run, media: Media, recogniser: Recogniser, among: Sequence[str]) -> str:
    """The likeliest of `among`; a warning says so where that is not sure.

    Raises:
        UsageError: another language is likelier, or none is likely enough to work in.
    """
    spans = detect_speech_spans(run.store, media.speech)
    language, share = identify_language(run.store, recogniser, media.speech, spans, tuple(sorted(among)))
    if share < SURE:
        _refuse_others(run, media, recogniser, spans, among, share)
        run.warn(
            "language_unsure",
            f"{media.source.path} is taken for {language}, of {share:.0%} probability among all languages: "
            "give --from to be sure",
        )
    return language


def _refuse_others(
    run: Run, media: Media, recogniser: Recogniser, spans: tuple[Span, ...], among: Sequence[str], share: float
) -> None:
    """Refuse a language that is not supported, and a detection with too low a probability."""
    everything = tuple(sorted(recogniser.languages | set(among)))
    likely, probability = identify_language(run.store, recogniser, media.speech, spans, everything)
    if likely not in among and probability >= SURE:
        offered = ", ".join(sorted(among)) or "none"
        raise UsageError(
            f"{media.source.path} is in {language_name(likely)} ({probability:.0%} sure), which no translator here "
            f"translates into what was asked for; offered are {offered}: give --from if it is one of these",
            language=likely,
        )
    if share < FLOOR:
        raise UsageError(
            f"{media.source.path}: its language is not clear: {language_name(likely)} is likeliest, of "
            f"{probability:.0%}; give --from",
            language=likely,
        )


def detector_fingerprint() -> str:
    """Name and version of the speech detector's package.

    Raises:
        EngineMissing: it is not installed.
    """
    try:
        return f"silero in faster-whisper {version('faster-whisper')}"
    except PackageNotFoundError as error:
        raise EngineMissing("finding speech needs faster-whisper: pip install 'localize-toolkit[offline]'") from error


def recognition_windows(spans: Sequence[Span], end_ms: int, borders: frozenset[int] = frozenset()) -> tuple[Span, ...]:
    """Windows for the recogniser: neighbouring speech joined up to the window's length, cut in silence if possible.

    Args:
        spans: detected speech, in order of time.
        end_ms: of the media.
        borders: starts of spans that are not heard together with what is before them.
    """
    groups: list[Span] = []
    for span in spans:
        joined = groups and span.start_ms not in borders and span.start_ms - groups[-1].end_ms < BRIDGE_MS
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
