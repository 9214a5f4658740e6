"""Diarization: speakers by channel where a recording keeps them apart, else by voice; lines are split at speaker
changes.

A multichannel recording that keeps two people on channels of their own needs no embeddings: the levels show who
speaks. Otherwise the diarizer says who is heard when, each word goes to the voice it lies in, and a line in which the
voice changes is split between two words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from ..data import Blob, Media, Segment, Span, Transcript, Turn, Voices, Word
from ..engines import Diarizer
from ..runtime.store import Store, step
from ..transcription.lines import SENTENCE_END, renumber
from ..transcription.transcribe import detect_speech_spans, format_spans, refine
from .cue_speakers import alternate_speakers, part_speakers

if TYPE_CHECKING:
    from ..events import Run


APART_DB = 9.0
"""Two microphones keep a speaker at least this much louder on his own channel."""
WRONG_EDGE_MS = 700
"""A change of voice is found this near to where it is: the cut goes to the best place between words so near."""
OWN_LINE_MS = 400
"""Words of another voice that last less than this in the middle of a line are taken for an error of recognition."""
NARROW_DB = -40.0
"""What speech has over 4.2 kHz against 0.3 to 3.4 kHz is -19 dB in the long-term average (Byrne et al. 1994), and less
than this on a telephone."""
OVERLAP_MS = 100
"""A shorter overlap is none."""
LOST_MS = 300
"""Where two speak at once for this long, words of one of them are lost: recognisers follow one voice."""
DOUBTED = 0.5
"""Confidence under which a word spoken in an overlap may be where the recogniser left one voice for the other."""


@step(version=1)
def loudest_channels(store: Store, original: Blob, spans: tuple[Span, ...]) -> tuple[tuple[int, float], ...]:
    """The loudest channel in each span, and how far it is above the next, in dB."""
    import numpy as np
    import soundfile

    found = []
    with soundfile.SoundFile(store.path(original)) as file:
        for span in spans:
            file.seek(min(file.frames, span.start_ms * file.samplerate // 1000))
            block = file.read(span.length_ms * file.samplerate // 1000, dtype="float32", always_2d=True)
            power = (block.astype(np.float64) ** 2).mean(axis=0) if len(block) else np.zeros(file.channels)
            levels = 10 * np.log10(power + 1e-9)
            order = np.argsort(levels)
            found.append((int(order[-1]), round(float(levels[order[-1]] - levels[order[-2]]), 2)))
    return tuple(found)


@step(version=1)
def voices(store: Store, diarizer: Diarizer, speech: Blob, speakers: int | None) -> Voices:
    """Diarize a 16 kHz track: turns and overlaps."""
    return diarizer.voices(store.path(speech), speakers)


def begin_to_diarize(run: Run, media: Media, diarizer: Diarizer | None, speakers: int | None = None) -> None:
    """Begin to tell voices apart beside other work, for a `diarize` of lines that are still to be recognised."""
    if diarizer is not None and speakers != 1:
        run.store.make_ahead(_voices_unless_channels_tell, media, diarizer, speakers)


def _voices_unless_channels_tell(store: Store, media: Media, diarizer: Diarizer, speakers: int | None) -> None:
    if not _by_channel(store, media, detect_speech_spans(store, media.speech), speakers):
        voices(store, diarizer, media.speech, speakers)


def diarize(
    run: Run, media: Media, transcript: Transcript, diarizer: Diarizer | None, speakers: int | None = None
) -> Transcript:
    """Name the speakers S1, S2 … in order of appearance, and mark where two speak at once.

    Args:
        run: store and listener.
        media: the source.
        transcript: lines; those a person gave are never cut, others where the speaker changes.
        diarizer: the engine; None leaves all lines to one speaker, and says so.
        speakers: how many people speak, where known.
    """
    if not transcript.segments or speakers == 1:
        return transcript
    with run.stage("diarize", len(transcript.segments)):
        if labels := _by_channel(run.store, media, tuple(s.span for s in transcript.segments), speakers):
            return _name_speakers(transcript, labels)
        if diarizer is None:
            run.warn(
                "one_speaker",
                "speakers are not distinguished without a diarizer: pip install 'localize-toolkit[offline]'",
            )
            labels = alternate_speakers(transcript.segments) if transcript.given else []
            return _name_speakers(transcript, labels) if any(labels) else transcript
        heard = voices(run.store, diarizer, media.speech, speakers)
        if not transcript.given:
            transcript = _split_at_turns(run.store, media, transcript, heard)
            _warn_of_overlaps(run, media, transcript, heard.overlaps)
        labels = [_longest_voice(segment.phrases or (segment.span,), heard.turns) for segment in transcript.segments]
        if transcript.given:
            labels = part_speakers(run, media, transcript.segments, labels)
        if speakers is None and len(labels) > 1 and len(set(labels)) == 1:
            _warn_if_narrow(run, media, transcript.segments)
        return _mark_overlaps(_name_speakers(transcript, labels), heard.overlaps)


def voice_changes(run: Run, media: Media, diarizer: Diarizer | None, speakers: int | None = None) -> tuple[int, ...]:
    """Where another voice begins than was heard before, in ms, in order; nothing without a diarizer."""
    if diarizer is None or speakers == 1:
        return ()
    turns = voices(run.store, diarizer, media.speech, speakers).turns
    return tuple(b.span.start_ms for a, b in pairwise(turns) if a.speaker != b.speaker)


def part_neighbours(
    run: Run, media: Media, transcript: Transcript, diarizer: Diarizer | None, speakers: int | None = None
) -> Transcript:
    """Recognised lines that were cut to given cues, with neighbours of one cue given to two people."""
    segments = transcript.segments
    if diarizer is None or speakers == 1 or _by_channel(run.store, media, tuple(s.span for s in segments), speakers):
        return transcript
    labels = part_speakers(run, media, segments, [s.speaker for s in segments])
    return _name_speakers(transcript, labels)


def _warn_if_narrow(run: Run, media: Media, segments: Sequence[Segment]) -> None:
    """Say that one voice was found where voices are hard to tell apart: in the band of a telephone."""
    import numpy as np
    import soundfile

    powers = np.zeros(2)
    with soundfile.SoundFile(run.store.path(media.speech)) as file:
        rate = file.samplerate
        for segment in segments[:50]:
            file.seek(min(file.frames, segment.span.start_ms * rate // 1000))
            samples = file.read(segment.span.length_ms * rate // 1000, dtype="float32")
            spectrum = np.abs(np.fft.rfft(samples)) ** 2
            hertz = np.fft.rfftfreq(len(samples), 1 / rate)
            powers += [spectrum[hertz > 4200].sum(), spectrum[(hertz > 300) & (hertz < 3400)].sum()]
    if powers[0] < powers[1] * 10 ** (NARROW_DB / 10):
        run.warn(
            "speakers_unsure",
            f"{media.source.path} sounds as narrow as a telephone, where voices are hard to tell apart: all lines are "
            "given to one person; give --speakers if there are more",
        )


def _warn_of_overlaps(run: Run, media: Media, transcript: Transcript, overlaps: Sequence[Span]) -> None:
    """Say where two speak at once in recognised lines: of one of them words are missing."""
    lost = [o for o in overlaps if o.length_ms >= LOST_MS and any(o.overlap_ms(s.span) for s in transcript.segments)]
    if lost:
        run.warn(
            "overlapping_speech",
            f"{media.source.path}: two people speak at once at {format_spans(lost)}: one of them is dubbed there, and "
            "words of the other are lost; listen there, and give what is said with --transcript or --edits",
        )


def _name_speakers(transcript: Transcript, labels: Sequence[str]) -> Transcript:
    names: dict[str, str] = {}
    for label in labels:
        names.setdefault(label, f"S{len(names) + 1}")
    segments = tuple(replace(s, speaker=names[label]) for s, label in zip(transcript.segments, labels))
    return replace(transcript, segments=segments)


def _mark_overlaps(transcript: Transcript, overlaps: Sequence[Span]) -> Transcript:
    """The lines with the spans in which another speaker overlaps."""
    segments = []
    for segment in transcript.segments:
        shared = [
            Span(max(o.start_ms, segment.span.start_ms), min(o.end_ms, segment.span.end_ms))
            for o in overlaps
            if o.overlap_ms(segment.span) >= OVERLAP_MS
        ]
        segments.append(replace(segment, overlaps=tuple(shared)))
    return replace(transcript, segments=tuple(segments))


def _by_channel(store: Store, media: Media, lines: tuple[Span, ...], speakers: int | None) -> list[str]:
    """The channel of each line; empty where the channels do not tell."""
    if media.channels < 2 or len(lines) < 2:
        return []
    found = loudest_channels(store, media.original, lines)
    channels = {channel for channel, _ in found}
    clearest = {channel: max(apart for c, apart in found if c == channel) for channel in channels}
    apart = len(channels) > 1 and min(clearest.values()) > APART_DB and min(a for _, a in found) > APART_DB / 2
    return [str(channel) for channel, _ in found] if apart and speakers in (None, len(channels)) else []


def _longest_voice(spans: Sequence[Span], turns: Sequence[Turn]) -> str:
    """The speaker heard longest in the spans; where none is, the nearest in time."""
    heard: dict[str, int] = {}
    for span in spans:
        for turn in _turns_touching(turns, span):
            heard[turn.speaker] = heard.get(turn.speaker, 0) + turn.span.overlap_ms(span)
    if heard and max(heard.values()) > 0:
        return max(heard, key=lambda speaker: (heard[speaker], speaker))
    middle = (spans[0].start_ms + spans[-1].end_ms) // 2
    distance = {turn: max(turn.span.start_ms - middle, middle - turn.span.end_ms, 0) for turn in turns}
    return min(distance, key=lambda turn: (distance[turn], turn.span)).speaker if distance else ""


def _turns_touching(turns: Sequence[Turn], span: Span) -> list[Turn]:
    """The turns that touch a span; turns are in order of their starts."""
    last = bisect_left(turns, span.end_ms, key=lambda turn: turn.span.start_ms)
    return [turn for turn in turns[:last] if turn.span.end_ms > span.start_ms]


def _split_at_turns(store: Store, media: Media, transcript: Transcript, heard: Voices) -> Transcript:
    """Lines parted where the voice changes inside, their phrases found again."""
    parts: list[Segment] = []
    for segment in transcript.segments:
        groups = (
            _group_by_turn(segment.words, heard.turns, heard.overlaps) if len(segment.words) > 1 else [segment.words]
        )
        if len(groups) < 2:
            parts.append(segment)
            continue
        for words in groups:
            span = Span(words[0].span.start_ms, max(words[-1].span.end_ms, words[0].span.start_ms + 1))
            parts.append(
                replace(segment, span=span, text=" ".join(w.text for w in words), words=tuple(words), phrases=())
            )
    if len(parts) == len(transcript.segments):
        return transcript
    spans = detect_speech_spans(store, media.speech)
    return replace(transcript, segments=renumber(refine(store, media.speech, renumber(parts), spans)))


def _group_by_turn(words: Sequence[Word], turns: Sequence[Turn], overlaps: Sequence[Span] = ()) -> list[Sequence[Word]]:
    """Words of one line in groups of one voice each."""
    labels = [_longest_voice((word.span,), turns) for word in words]
    runs: list[list[int]] = [list(run) for _, run in groupby(range(len(words)), key=lambda i: labels[i])]
    while len(runs) > 1:
        lasting = [words[run[-1]].span.end_ms - words[run[0]].span.start_ms for run in runs]
        shortest = min(range(len(runs)), key=lambda i: lasting[i])
        if lasting[shortest] >= OWN_LINE_MS:
            break
        beside = [i for i in (shortest - 1, shortest + 1) if 0 <= i < len(runs)]
        into = max(beside, key=lambda i: lasting[i])
        label = labels[runs[into][0]]
        for i in runs[shortest]:
            labels[i] = label
        runs = [list(run) for _, run in groupby(range(len(words)), key=lambda i: labels[i])]
    cuts = [0]
    for run in runs[1:]:
        cuts.append(max(_best_cut(words, run[0], overlaps), cuts[-1] + 1))
    return [part for a, b in zip(cuts, [*cuts[1:], len(words)]) if (part := words[a:b])]


def _best_cut(words: Sequence[Word], at: int, overlaps: Sequence[Span] = ()) -> int:
    """Where a line is cut near word `at`: where two speak at once before the first word that is doubted there, for a
    recogniser follows one voice and then the other; else after a sentence, else at the longest pause, else just there.
    """
    changed = words[at].span.start_ms
    near = [i for i in range(1, len(words)) if abs(words[i].span.start_ms - changed) <= WRONG_EDGE_MS or i == at]
    both = [i for i in near if any(o.overlap_ms(words[i].span) for o in overlaps) and words[i].confidence < DOUBTED]
    if both:
        return both[0]
    pause = {i: words[i].span.start_ms - words[i - 1].span.end_ms for i in near}
    return min(
        near,
        key=lambda i: (not words[i - 1].text.endswith(SENTENCE_END), -(pause[i] // 100), abs(i - at)),
    )
