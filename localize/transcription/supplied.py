"""Supplied words: subtitle files and master.json in place of recognition or translation."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from pathlib import Path

from ..data import Media, Segment, Span, Transcript, Word
from ..errors import MediaError
from ..events import Run
from ..language.labels import is_credit
from ..language.screen_text import is_screen_style, is_screen_voice, may_be_screen_text
from ..language.speaker_names import SpeakerNames, label_names, weigh_labels
from ..language.tags import main_language
from ..language.turns import is_plain, names_above, said_turns, speaker_of, spoken_text, turns_of
from ..runtime.store import Store
from ..timedtext import formats
from ..timedtext.cues import Document
from ..timedtext.rolling import collapse
from ..timedtext.spread import spread_times
from .lines import cue_of, line_id
from .master import Master, open_master
from .transcribe import refine

NEAR_MS = 200
"""A given time is moved to the signal by no more than this (DESIGN 6.2, given words)."""
HOUR_MS = 3_600_000
UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class SuppliedWords:
    """A file of words: as a transcript, as the master or the cues it was, and what it calls its speakers."""

    transcript: Transcript
    master: Master | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    document: Document | None = None
    labelled: bool = False
    """Labels in the text name speakers, some lines have none."""
    timed: bool = True
    """Its lines have times; those of a script without any are found in the sound."""
    near: Mapping[str, int] = field(default_factory=dict)
    """Segment -> about when it begins, ms, where only that is known."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Segment -> where it stands in a script, for messages."""
    blocks: Mapping[str, int] = field(default_factory=dict)
    """Segment -> its paragraph, row or speech in a script."""
    called: tuple[str, ...] = ()
    """Names of people that the request tells: of its voices and its cast."""


def is_supplied_text(path: Path) -> bool:
    """Whether a path is a subtitle file (of any kind, read or not) or a master.json by its name."""
    suffix = path.suffix.lower()
    return formats.format_of(suffix) is not None or suffix == ".json" or suffix in formats.OTHERS


def read_supplied(
    run: Run, path: Path, language: str | None, encoding: str | None = None, data: bytes | None = None
) -> SuppliedWords:
    """Read a subtitle file or master.json as a transcript; warns of repairs.

    Args:
        run: the listener.
        path: the file.
        language: of its words, or None to take it from the file, or from a name such as "film.en.srt".
        encoding: of a subtitle file, or None to find it out.
        data: its bytes, where they are read already.

    Raises:
        MediaError: it cannot be read, or holds no words.
    """
    if path.suffix.lower() == ".json":
        master = open_master(path)
        transcript = replace(master.sheet.transcript, language=language or master.sheet.transcript.language)
        found = SuppliedWords(transcript, master, master.sheet.names)
    else:
        document = collapse(
            formats.parse(formats.bytes_of(path) if data is None else data, path.name, encoding=encoding)
        )
        for remark in document.warnings:
            run.warn(remark.code, f"{path}:{remark.line}: {remark.message}")
        segments, names = _segments_of(document)
        transcript = Transcript(language or _main_language_of(document, path), segments, given=True)
        found = SuppliedWords(transcript, None, names, document)
    if not any(s.text for s in found.transcript.segments):
        raise MediaError(f"{path} holds no words", file=str(path))
    return found


def _main_language_of(document: Document, path: Path) -> str:
    return main_language(formats.language_of(document, path)) or UNKNOWN_LANGUAGE


def _segments_of(document: Document) -> tuple[tuple[Segment, ...], dict[str, str]]:
    """The cues as segments, and what the file calls their speakers."""
    speakers, names = dict[str, str](), dict[str, str]()
    segments = []
    above = _names_above(document)
    for n, cue in enumerate(document.cues, 1):
        speaker = speakers.setdefault(cue.speaker.casefold(), f"S{len(speakers) + 1}")
        names.setdefault(speaker, cue.speaker)
        first, *rest = cue.plain or ("",)
        lines = (f"{first.strip()}:", *rest) if first.strip() in above and rest else cue.plain
        text = " ".join(" ".join(lines).split())
        span = Span(cue.span.start_ms, max(cue.span.end_ms, cue.span.start_ms + 1))
        segments.append(Segment(line_id(n), span, speaker, text))
    named = {speaker: name for speaker, name in names.items() if name}
    return tuple(sorted(segments, key=lambda s: (s.span, s.id))), named  # cue N stays segment N wherever it stands


def _texts(document: Document) -> list[str]:
    return ["\n".join(line.strip() for line in cue.plain) for cue in document.cues]


def _names_above(document: Document) -> frozenset[str]:
    """Names that stand alone above their words in the cues of a file."""
    texts = _texts(document)
    labels = {match[1] for text in texts for match in re.finditer(r"(?m)^(?:[-–—]\s*)?([^:\n]{1,40}):", text)}
    return names_above(texts, (*labels, *(cue.speaker for cue in document.cues)))


def labels_of(given: SuppliedWords) -> SpeakerNames:
    """What stands before a colon in the lines of a file, in other letters than capitals."""
    texts = [s.text for s in given.transcript.segments] if given.document is None else _texts(given.document)
    return weigh_labels(texts, (*given.names.values(), *given.called), given.transcript.language)


def spoken_words(given: SuppliedWords) -> SuppliedWords:
    """Given words as a voice says them: labels name who speaks, sounds in brackets, dashes and music marks are said by
    nobody, nor is what a label says to be text on the screen. A cue that holds nothing else keeps its place, without
    words.
    """
    named = {name.casefold(): speaker for speaker, name in given.names.items()}
    names = dict(given.names)
    taken = {segment.speaker for segment in given.transcript.segments}
    segments = []
    shown = _shown_whole(given) | repeated_lines(given)
    called, as_lines = (*given.names.values(), *labels_of(given).names), _texts_by_segment(given)
    for segment in given.transcript.segments:
        if segment.id in shown:
            segments.append(replace(segment, text="", words=()))
            continue
        said, label = _strip_unspoken(segment, given.transcript.language, called, as_lines, given.called)
        if label and label.casefold() not in named:
            number = next(n for n in count(1) if f"S{n}" not in taken)
            named[label.casefold()] = f"S{number}"
            names[f"S{number}"] = label
            taken.add(f"S{number}")
        segments.append(replace(said, speaker=named[label.casefold()]) if label else said)
    transcript = replace(given.transcript, segments=tuple(segments))
    labelled = given.labelled or names != given.names
    return replace(given, transcript=transcript, names=names, labelled=labelled)


def spoken_lines(lines: Sequence[Segment], language: str, given: SuppliedWords | None = None) -> tuple[Segment, ...]:
    """The lines of a given translation as a voice says them.

    Args:
        lines: one for each of the source's, or of its file.
        language: of them.
        given: the file, whose labels are looked for; None for the lines alone.
    """
    if given is None:
        called, as_lines = label_names((line.text for line in lines), language=language), {}
    else:
        called, as_lines = (*given.names.values(), *labels_of(given).names), _texts_by_segment(given)
    people = given.called if given is not None else ()
    shown = _shown_whole(given) | repeated_lines(given) if given is not None else frozenset()
    return tuple(
        replace(line, text="", words=())
        if line.id in shown
        else _strip_unspoken(line, language, called, as_lines, people)[0]
        for line in lines
    )


def _shown_whole(given: SuppliedWords) -> frozenset[str]:
    """The lines of which a file says by their voice, or their style, that the picture shows them and nobody says them;
    none where that is so of most of its lines: then it is how a tool calls whatever it writes.
    """
    people, language = {name.casefold() for name in given.called}, given.transcript.language
    cues = given.document.cues if given.document is not None else ()
    styled = {line_id(n) for n, cue in enumerate(cues, 1) if is_screen_style(cue.style)}
    voices = {speaker for speaker, name in given.names.items() if is_screen_voice(name, language, people)}
    segments = given.transcript.segments
    found = frozenset(s.id for s in segments if s.speaker in voices or cue_of(s.id) in styled)
    return found if 2 * len(found) <= len(segments) else frozenset()


def repeated_lines(given: SuppliedWords) -> frozenset[str]:
    """The lines that say what another says at the same time: a cue drawn twice, as for its outline, is said once."""
    cues = given.document.cues if given.document is not None else ()
    seen: set[tuple[int, int, tuple[str, ...]]] = set()
    found: set[str] = set()
    for n, cue in enumerate(cues, 1):
        key = (cue.span.start_ms, cue.span.end_ms, tuple(" ".join(cue.plain).split()))
        if key in seen and key[2]:
            found.add(line_id(n))
        seen.add(key)
    return frozenset(s.id for s in given.transcript.segments if found and cue_of(s.id) in found)


def screen_lines(given: SuppliedWords) -> dict[str, str]:
    """Line -> what of it the picture shows and no voice says, by its label, its style or the voice that the
    file gives it.
    """
    whole, as_lines = _shown_whole(given), _texts_by_segment(given)
    names = (*given.names.values(), *labels_of(given).names)
    found: dict[str, str] = {}
    for segment in given.transcript.segments:
        if segment.id in whole:
            found[segment.id] = segment.text
        elif may_be_screen_text(segment.text):
            text = as_lines.get(segment.id, "")
            text = text if text.split() == segment.text.split() else segment.text
            turns = turns_of(text, given.transcript.language, names)
            said = said_turns(turns, given.called)
            if len(said) < len(turns):
                found[segment.id] = spoken_text([turn for turn in turns if turn not in said])
    return found


def _texts_by_segment(given: SuppliedWords) -> dict[str, str]:
    """Segment -> its text in the lines of its cue: a label can stand at the beginning of each."""
    return {} if given.document is None else {line_id(n): text for n, text in enumerate(_texts(given.document), 1)}


def _strip_unspoken(
    segment: Segment, language: str, names: Sequence[str], as_lines: Mapping[str, str], called: Sequence[str]
) -> tuple[Segment, str]:
    """A segment with its words alone, and the name that a label gives its speaker."""
    if is_credit(segment.text):
        return replace(segment, text="", words=()), ""
    text = as_lines.get(segment.id, "")
    turns = turns_of(text if text.split() == segment.text.split() else segment.text, language, names)
    if is_plain(turns):
        return segment, ""
    said = said_turns(turns, called)
    return replace(segment, text=spoken_text(said), words=()), speaker_of(said)


def name_voices(
    transcript: Transcript, heard: Transcript, names: Mapping[str, str]
) -> tuple[Transcript, dict[str, str]]:
    """Who says what, where labels name some lines and a diarizer has heard all of them.

    Args:
        transcript: whose speakers are in `names` where a label says who speaks.
        heard: the same segments with the speakers that were heard.
        names: speaker -> name, of the transcript.

    Returns:
        the segments with speakers in order of appearance, and what files call them: a voice has the name that most of
        its labelled lines give it.
    """
    labels: dict[str, Counter[str]] = {}
    for given, found in zip(transcript.segments, heard.segments):
        if given.speaker in names:
            labels.setdefault(found.speaker, Counter())[names[given.speaker]] += 1
    who = [
        names.get(given.speaker) or (labels[found.speaker].most_common(1)[0][0] if found.speaker in labels else None)
        for given, found in zip(transcript.segments, heard.segments)
    ]
    ids: dict[tuple[str, str], str] = {}
    segments: list[Segment] = []
    called: dict[str, str] = {}
    for name, found in zip(who, heard.segments):
        speaker = ids.setdefault(("name", name) if name else ("voice", found.speaker), f"S{len(ids) + 1}")
        called |= {speaker: name} if name else {}
        segments.append(replace(found, speaker=speaker))
    return replace(heard, segments=tuple(segments)), called


def beyond_the_end(path: Path, film: Path, transcript: Transcript) -> MediaError:
    """The refusal of a file of which every line starts after the film's end, with what to do: programmes are counted
    from a whole hour.
    """
    hour = min(s.span.start_ms for s in transcript.segments) // HOUR_MS if transcript.segments else 0
    command = f"localize convert {shlex.quote(str(path))} NEW{path.suffix} --offset -{hour * HOUR_MS}"
    moved = f"{command!r} counts them from {hour:02}:00:00, or "
    return MediaError(
        f"every line of {path} starts after the end of {film}: {moved if hour else ''}give the words of this film",
        file=str(path),
    )


def clip_to_media(run: Run, media: Media, transcript: Transcript, path: Path) -> Transcript:
    """The given lines within the film's duration; warns of those left out, shortened, or hard to speak.

    Raises:
        MediaError: every line starts after the end.
    """
    kept = tuple(s for s in transcript.segments if s.span.start_ms < media.duration_ms)
    if not kept:
        raise beyond_the_end(path, Path(media.source.path), transcript)
    warn_of_times(run, transcript.segments, media.duration_ms, path, Path(media.source.path))
    return replace(transcript, segments=kept)


def warn_of_times(run: Run, lines: Sequence[Segment], duration_ms: int, path: Path, film: Path) -> None:
    """Say which given lines start or end after a film's end, and which overlap so that one is spoken late.

    Args:
        run: told.
        lines: on the sound's clock.
        duration_ms: of the sound.
        path: of the lines.
        film: whose sound it is.
    """
    for line in lines:
        if line.span.start_ms >= duration_ms:
            run.warn(
                "line_beyond_end",
                f"{path}: line {line.id} starts at {line.span.start_ms} ms, after the end of {film} "
                f"({duration_ms} ms): it is left out",
            )
        elif line.span.end_ms > duration_ms + NEAR_MS:
            over = line.span.end_ms - duration_ms
            run.warn("line_beyond_end", f"{path}: line {line.id} ends {over} ms after the end of the film: it is cut")
    kept = (line for line in lines if line.span.start_ms < duration_ms)
    for line, following in pairwise(sorted(kept, key=lambda s: (s.span, s.id))):
        if (shared := line.span.end_ms - following.span.start_ms) > NEAR_MS:
            run.warn(
                "lines_overlap",
                f"{path}: lines {line.id} and {following.id} overlap by {shared} ms: a dub speaks them one after the "
                "other, the second late; separate their times to have both in time",
            )


def refine_supplied(store: Store, media: Media, transcript: Transcript) -> Transcript:
    """Given lines with their phrases found on the signal; starts and ends move by at most 0.2 s."""
    inside = [
        replace(s, span=Span(s.span.start_ms, min(s.span.end_ms, media.duration_ms))) for s in transcript.segments
    ]
    ordered = sorted(inside, key=lambda s: (s.span, s.id))
    timed = tuple(replace(s, words=s.words or spread_times(s.text, (s.span,))) for s in ordered)
    found = {s.id: s for s in refine(store, media.speech, timed, ())}
    return replace(transcript, segments=tuple(_keep_near(s, found[s.id]) for s in ordered))


def _keep_near(given: Segment, found: Segment) -> Segment:
    limits = Span(given.span.start_ms - NEAR_MS, given.span.end_ms + NEAR_MS)
    phrases = [Span(max(p.start_ms, limits.start_ms), min(p.end_ms, limits.end_ms)) for p in found.phrases]
    phrases = [p for p in phrases if p.length_ms >= 50]
    if not phrases:
        return replace(given, phrases=(given.span,))
    start = phrases[0].start_ms if abs(phrases[0].start_ms - given.span.start_ms) <= NEAR_MS else given.span.start_ms
    end = phrases[-1].end_ms if abs(phrases[-1].end_ms - given.span.end_ms) <= NEAR_MS else given.span.end_ms
    phrases[0] = Span(start, phrases[0].end_ms)
    phrases[-1] = Span(phrases[-1].start_ms, end)
    return replace(given, span=Span(start, end), phrases=tuple(phrases), words=spread_times(given.text, phrases))


def recut_to_lines(transcript: Transcript, lines: Sequence[Segment]) -> Transcript:
    """Recut a recognised transcript so that every given line has its segment.

    Args:
        transcript: as recognised.
        lines: a given translation's cues; each becomes one segment with the words heard in it.
    """
    words: list[tuple[Word, str]] = [(w, s.speaker) for s in transcript.segments for w in s.words]
    segments: list[Segment] = []
    for line in lines:
        mine = [
            (w, who)
            for w, who in words
            if line.span.start_ms <= (w.span.start_ms + w.span.end_ms) // 2 < line.span.end_ms
        ]
        longest: Counter[str] = Counter()
        for word, who in mine:
            longest[who] += word.span.length_ms
        speaker = longest.most_common(1)[0][0] if mine else (segments[-1].speaker if segments else "S1")
        text = " ".join(w.text for w, _ in mine)
        segments.append(Segment(line.id, line.span, speaker, text, tuple(w for w, _ in mine)))
    return replace(transcript, segments=tuple(segments))
