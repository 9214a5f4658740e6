"""Timed words to subtitles, and the master that renders them again without any engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..data import Candidate, Line, Segment, Span, Speech, Timeline, Transcript, Translation, Word
from ..errors import MediaError, UsageError
from ..subtitles import formats, profiles, timing
from ..subtitles.cues import Document
from ..subtitles.segment import TimedWord, segment, spread, timed


@dataclass(frozen=True, slots=True)
class Captions:
    """The subtitles of one language, in cues."""

    language: str
    document: Document
    frame_rate: Fraction


@dataclass(frozen=True, slots=True)
class Sheet:
    """What subtitles must know of their source; `offset_ms` is when its audio starts on the picture's clock."""

    transcript: Transcript
    duration_ms: int
    frame_rate: str
    offset_ms: int = 0


@dataclass(frozen=True, slots=True)
class TargetWords:
    """One segment as it is shown in a target language."""

    segment: str
    text: str
    words: tuple[Word, ...]


def source_words(transcript: Transcript) -> tuple[TimedWord, ...]:
    """Every word of the source with its time; spread over the phrases where nobody timed them."""
    return tuple(
        word for s in transcript.segments for word in timed(s.words or spread(s.text, _phrases(s)), s.id, s.speaker)
    )


def dubbed_words(timeline: Timeline) -> tuple[TargetWords, ...]:
    """The dub's words when they are really spoken.

    The synthesizer times what it says ("mil novecientos"), subtitles show what is written ("1900"): where both have as
    many words they are paired, else the written ones are spread over the phrases heard.
    """
    found = []
    for clip in timeline.clips:
        written = clip.take.text.split()
        if len(written) == len(clip.take.words):
            words = tuple(
                Word(text, word.span.shifted(clip.at_ms), word.confidence)
                for text, word in zip(written, clip.take.words)
            )
        else:
            words = spread(clip.take.text, clip.phrases)
        found.append(TargetWords(clip.take.segment, clip.take.text, words))
    return tuple(found)


def target_words(
    transcript: Transcript, translation: Translation, timeline: Timeline | None = None
) -> tuple[TargetWords, ...]:
    """What a viewer reads of every line: the dub's words when they are spoken; where a line is not dubbed, the best
    translation spread over the phrases of the source.
    """
    spoken = {words.segment: words for words in dubbed_words(timeline)} if timeline else {}
    segments = {s.id: s for s in transcript.segments}
    shown = []
    for line in translation.lines:
        text = line.candidates[0].text if line.candidates else ""
        if line.segment in spoken:
            shown.append(spoken[line.segment])
        elif text:
            shown.append(TargetWords(line.segment, text, spread(text, _phrases(segments[line.segment]))))
    return tuple(shown)


def _phrases(given: Segment) -> tuple[Span, ...]:
    return given.phrases or (given.span,)


def flat(shown: Sequence[TargetWords], transcript: Transcript) -> tuple[TimedWord, ...]:
    """A target's words in order, each with its segment and speaker."""
    speakers = {s.id: s.speaker for s in transcript.segments}
    return tuple(word for t in shown for word in timed(t.words, t.segment, speakers[t.segment]))


def caption(
    words: Sequence[TimedWord], language: str, profile: str, sheet: Sheet, shots: Sequence[int] = ()
) -> Captions:
    """Cues for timed words.

    Args:
        words: in order of time, on the audio's clock.
        language: of the words.
        profile: name of the rules they must meet.
        sheet: frame rate and offset of the source.
        shots: cut times on the picture's clock, in ms.

    Raises:
        UsageError: nobody knows the profile.
    """
    rate = timing.frame_rate(sheet.frame_rate)
    moved = [replace(w, span=w.span.shifted(sheet.offset_ms)) for w in words]
    cues = segment(moved, language, profiles.load(profile, language), rate, shots)
    return Captions(language, Document(cues=tuple(cues), language=language), rate)


def check_formats(wanted: Sequence[str]) -> None:
    """Refuse a format nobody writes.

    Raises:
        UsageError: naming those that are written.
    """
    if unknown := [fmt for fmt in wanted if fmt not in formats.WRITABLE]:
        raise UsageError(f"subtitles are not written as {unknown[0]!r}; written are: {', '.join(formats.WRITABLE)}")


def write(captions: Captions, folder: Path, name: str, wanted: Sequence[str]) -> dict[str, Path]:
    """Write the subtitles in every format asked for; SRT is always among them.

    Returns:
        format -> file.
    """
    files = {}
    for fmt in dict.fromkeys(("srt", *wanted)):
        files[fmt] = folder / f"{name}.{captions.language}.{fmt}"
        formats.write(captions.document, files[fmt], fmt, frame_rate=captions.frame_rate)
    return files


# --- master.json -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """One target language in the master: what was chosen for each segment, and when it is shown."""

    translation: Translation
    words: tuple[TargetWords, ...]
    chosen: dict[str, int]


def chosen_of(speech: Speech) -> dict[str, int]:
    """Which candidate each line was spoken with."""
    return {plan.segment: plan.chosen for plan in speech.plans}


def master(sheet: Sheet, targets: Sequence[Target]) -> dict[str, Any]:
    """master.json: everything needed to render subtitles for another profile (DESIGN.md 6.1)."""
    transcript = sheet.transcript
    entries: dict[str, dict[str, Any]] = {
        s.id: {
            "id": s.id,
            "start_ms": s.span.start_ms,
            "end_ms": s.span.end_ms,
            "speaker": s.speaker,
            "text": s.text,
            "words": [_word(w, confident=True) for w in (s.words or spread(s.text, _phrases(s)))],
            "translations": {},
        }
        for s in transcript.segments
    }
    for target in targets:
        shown = {w.segment: w for w in target.words}
        for line in target.translation.lines:
            if not line.candidates:
                continue
            index = target.chosen.get(line.segment, 0)
            words = shown[line.segment].words if line.segment in shown else ()
            entries[line.segment]["translations"][target.translation.language] = {
                "text": line.candidates[index].text,
                "chosen": index,
                "edited": line.edited,
                "candidates": [{"text": c.text, "score": round(c.score, 4), "rule": c.rule} for c in line.candidates],
                "words": [_word(w) for w in words],
            }
    return {
        "schema": 1,
        "source_language": transcript.language,
        "duration_ms": sheet.duration_ms,
        "frame_rate": sheet.frame_rate,
        "segments": list(entries.values()),
    }


def _word(word: Word, *, confident: bool = False) -> dict[str, Any]:
    entry: dict[str, Any] = {"text": word.text, "start_ms": word.span.start_ms, "end_ms": word.span.end_ms}
    return {**entry, "confidence": round(word.confidence, 3)} if confident else entry


@dataclass(frozen=True, slots=True)
class Master:
    """A master.json that was read."""

    transcript: Transcript
    targets: tuple[Target, ...]
    duration_ms: int
    frame_rate: str


def read_master(data: Any, name: str) -> Master:
    """Check and take apart a master.json.

    Args:
        data: parsed JSON.
        name: of the file, for messages.

    Raises:
        MediaError: it is of another shape; the message names the segment.
    """
    if not isinstance(data, dict) or data.get("schema") != 1 or not isinstance(data.get("segments"), list):
        raise MediaError(f"{name} is no master.json of schema 1", file=name)
    segments: list[Segment] = []
    known: set[str] = set()
    translated: dict[str, list[tuple[Line, TargetWords, int]]] = {}
    entry: Any = None
    try:
        for entry in data["segments"]:
            segments.append(_segment(entry))
            if segments[-1].id in known:
                raise ValueError("another segment has that id")
            known.add(segments[-1].id)
            for language, target in entry.get("translations", {}).items():
                translated.setdefault(str(language), []).append(_target(segments[-1], target))
        language, rate, duration = (
            str(data["source_language"]),
            str(data.get("frame_rate", "24/1")),
            int(data["duration_ms"]),
        )
        timing.frame_rate(rate)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, UsageError) as error:
        where = entry.get("id", "?") if isinstance(entry, dict) else "?"
        raise MediaError(f"{name}: segment {where} is not as a master.json has it ({error})", file=name) from error
    targets = tuple(
        Target(
            Translation(language, tuple(line for line, _, _ in found)),
            tuple(words for _, words, _ in found),
            {line.segment: chosen for line, _, chosen in found},
        )
        for language, found in translated.items()
    )
    return Master(Transcript(language, tuple(segments), given=True), targets, duration, rate)


def _target(segment: Segment, entry: dict[str, Any]) -> tuple[Line, TargetWords, int]:
    text, chosen = str(entry["text"]), entry.get("chosen", 0)
    candidates = tuple(
        Candidate(str(c["text"]), float(c["score"]), str(c.get("rule", ""))) for c in entry.get("candidates", [])
    ) or (Candidate(text, 0.0),)
    if not isinstance(chosen, int) or not 0 <= chosen < len(candidates):
        raise ValueError(f"chosen {chosen!r} is none of {len(candidates)} candidates")
    words = tuple(_timed_word(w) for w in entry.get("words", [])) or spread(text, (segment.span,))
    return Line(segment.id, candidates, bool(entry.get("edited", False))), TargetWords(segment.id, text, words), chosen


def _segment(entry: dict[str, Any]) -> Segment:
    words = tuple(_timed_word(w) for w in entry.get("words", []))
    return Segment(str(entry["id"]), _span(entry), str(entry.get("speaker", "S1")), str(entry["text"]), words)


def _timed_word(entry: dict[str, Any]) -> Word:
    return Word(str(entry["text"]), _span(entry), float(entry.get("confidence", 1.0)))


def _span(entry: dict[str, Any]) -> Span:
    start, end = entry["start_ms"], entry["end_ms"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end < 10**10):
        raise ValueError(f"start_ms {start!r} and end_ms {end!r} are no span")
    return Span(start, end)
