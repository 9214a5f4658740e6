"""master.json: the timed words of a film in all languages, from which subtitles are rendered without engines.

Over 400 lines: the form of each entry, how it is written and how it is read stand together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from ..data import (
    Candidate,
    Line,
    MemoryMatch,
    PhraseOnScreen,
    PhraseProsody,
    Segment,
    SoundEvent,
    Span,
    SubtitleSource,
    TargetText,
    TargetWords,
    Transcript,
    Translation,
    Word,
    phrases_of,
)
from ..errors import MediaError, UsageError
from ..runtime.files import once_a_file, read_json
from ..runtime.upgrades import upgraded
from ..timedtext import frames
from ..timedtext.spread import spread_times
from .on_screen import OnScreenJson, on_screen_json
from .prosody import ProsodyJson, prosody_json

KIND = "master.json"
MASTER_LIMIT = 512_000_000


class WordJson(TypedDict):
    """A word with its time; `confidence` of a recogniser, 0 to 1, for words of the source."""

    text: str
    start_ms: int
    end_ms: int
    confidence: NotRequired[float]


class CandidateJson(TypedDict):
    """One way to say a line.

    Args:
        score: higher is closer to the meaning.
        rule: the rewriting rules that made it, joined by "+"; "" for the translator's own words.
    """

    text: str
    score: float
    rule: str


class MemoryMatchJson(TypedDict):
    """A translation of a line, or of one like it, in a translation memory.

    Args:
        file: name of the memory.
        likeness: of both source texts, in %.
        source: the text that the memory has.
        text: its translation.
        language: of the translation, as the memory has it.
        used: it is the line's translation; otherwise it is only offered.
        note: how it was put together, or why it is only offered; "" for nothing to say.
    """

    file: str
    likeness: int
    source: str
    text: str
    language: str
    used: bool
    note: str


class MasterTranslationJson(TypedDict):
    """A segment in one target language.

    Args:
        text: as spoken or shown.
        chosen: the candidate that was taken, counted from 0.
        edited: a person wrote it.
        words: with the times at which they are heard or read.
        forced: it must be read in any case, since it stays in the original voice.
        memory: what translation memories have for it.
    """

    text: str
    chosen: int
    edited: bool
    candidates: list[CandidateJson]
    words: list[WordJson]
    forced: NotRequired[bool]
    memory: NotRequired[list[MemoryMatchJson]]


class MasterSegmentJson(TypedDict):
    """What one speaker says without a long pause.

    Args:
        overlaps: [start, end] in ms of each time somebody else speaks meanwhile.
        language: where it is another than the film's.
        phrases: [start, end] in ms of each stretch of voice.
        prosody: how each phrase is said; missing where nobody measured.
        on_screen: whether each phrase is seen spoken; missing where nobody looked.
        translations: by language.
    """

    id: str
    start_ms: int
    end_ms: int
    speaker: str
    overlaps: NotRequired[list[list[int]]]
    language: NotRequired[str]
    text: str
    words: list[WordJson]
    phrases: NotRequired[list[list[int]]]
    prosody: NotRequired[list[ProsodyJson]]
    on_screen: NotRequired[list[OnScreenJson]]
    translations: dict[str, MasterTranslationJson]


class SoundJson(TypedDict):
    """What sounds between the words."""

    kind: str
    start_ms: int
    end_ms: int


class MasterJson(TypedDict):
    """master.json: everything needed to render subtitles for another profile without any engine.

    Args:
        frame_rate: of the picture, "24000/1001".
        offset_ms: where the film's clock starts.
        shots_ms: cuts of the picture; missing where nobody looked for them.
        names: speaker -> what people call them.
        version: of localize, that wrote it.
    """

    schema: Literal[1]
    source_language: str
    duration_ms: int
    frame_rate: str
    offset_ms: int
    shots_ms: NotRequired[list[int]]
    sounds: list[SoundJson]
    names: dict[str, str]
    segments: list[MasterSegmentJson]
    version: NotRequired[str]


def master_json(
    sheet: SubtitleSource,
    targets: Sequence[TargetText],
    version: str = "",
    prosody: Sequence[PhraseProsody] = (),
    on_screen: Sequence[PhraseOnScreen] = (),
) -> MasterJson:
    """The content of master.json (DESIGN.md 6.1).

    Args:
        sheet: what is said, and when.
        targets: the translations.
        version: of localize.
        prosody: how the phrases are said.
        on_screen: whether they are seen spoken.
    """
    entries = {segment.id: _segment_json(segment) for segment in sheet.transcript.segments}
    for phrase in prosody:
        entries[phrase.segment].setdefault("prosody", []).append(prosody_json(phrase))
    for seen in on_screen:
        entries[seen.segment].setdefault("on_screen", []).append(on_screen_json(seen))
    for target in targets:
        timed = {w.segment: w.words for w in target.words}
        memory: dict[str, list[MemoryMatch]] = {}
        for match in target.translation.memory:
            memory.setdefault(match.segment, []).append(match)
        for line in target.translation.lines:
            if line.candidates:
                made = _translation_json(line, target, timed.get(line.segment, ()), memory.get(line.segment, ()))
                entries[line.segment]["translations"][target.translation.language] = made
    master: MasterJson = {
        "schema": 1,
        "source_language": sheet.transcript.language,
        "duration_ms": sheet.duration_ms,
        "frame_rate": sheet.frame_rate,
        "offset_ms": sheet.offset_ms,
        "sounds": [
            {"kind": sound.kind, "start_ms": sound.span.start_ms, "end_ms": sound.span.end_ms} for sound in sheet.sounds
        ],
        "names": dict(sheet.names),
        "segments": list(entries.values()),
    }
    if sheet.shots is not None:
        master["shots_ms"] = list(sheet.shots)
    if version:
        master["version"] = version
    return master


def _segment_json(segment: Segment) -> MasterSegmentJson:
    words = segment.words or spread_times(segment.text, phrases_of(segment))
    entry: MasterSegmentJson = {
        "id": segment.id,
        "start_ms": segment.span.start_ms,
        "end_ms": segment.span.end_ms,
        "speaker": segment.speaker,
        "text": segment.text,
        "words": [{**_word(w), "confidence": round(w.confidence, 3)} for w in words],
        "translations": {},
    }
    if segment.overlaps:
        entry["overlaps"] = [[o.start_ms, o.end_ms] for o in segment.overlaps]
    if segment.language:
        entry["language"] = segment.language
    if segment.phrases:
        entry["phrases"] = [[p.start_ms, p.end_ms] for p in segment.phrases]
    return entry


def _translation_json(
    line: Line, target: TargetText, words: Sequence[Word], memory: Sequence[MemoryMatch]
) -> MasterTranslationJson:
    index = target.chosen.get(line.segment, 0)
    entry: MasterTranslationJson = {
        "text": line.candidates[index].text,
        "chosen": index,
        "edited": line.edited,
        "candidates": [{"text": c.text, "score": round(c.score, 4), "rule": c.rule} for c in line.candidates],
        "words": [_word(w) for w in words],
    }
    if line.segment in target.forced:
        entry["forced"] = True
    if memory:
        entry["memory"] = [
            {
                "file": match.file,
                "likeness": match.likeness,
                "source": match.source,
                "text": match.text,
                "language": match.language,
                "used": match.used,
                "note": match.note,
            }
            for match in memory
        ]
    return entry


def _word(word: Word) -> WordJson:
    return {"text": word.text, "start_ms": word.span.start_ms, "end_ms": word.span.end_ms}


@dataclass(frozen=True, slots=True)
class Master:
    """A master.json that was read."""

    sheet: SubtitleSource
    targets: tuple[TargetText, ...]


@once_a_file
def open_master(path: Path) -> Master:
    """The content of a master.json; one reading serves as long as the file is the same.

    Raises:
        UsageError: it cannot be read, is no JSON, or was written by a later version.
        MediaError: it is of another shape; the message names the segment.
    """
    return read_master(read_json(path, MASTER_LIMIT), str(path))


def read_master(data: Any, name: str) -> Master:
    """Check and take apart a master.json.

    Args:
        data: parsed JSON.
        name: of the file, for messages.

    Raises:
        MediaError: it is of another shape; the message names the segment.
        UsageError: it was written by a later version.
    """
    try:
        data = upgraded(KIND, data, name)
    except ValueError as error:
        raise MediaError(f"{name} is no {KIND}: {error}", file=name) from error
    if not isinstance(data.get("segments"), list):
        raise MediaError(f"{name} is no {KIND}: it has no list of segments", file=name)
    segments: list[Segment] = []
    known: set[str] = set()
    translated: dict[str, list[_Part]] = {}
    entry: Any = None
    try:
        for entry in data["segments"]:
            segments.append(_segment(entry))
            if segments[-1].id in known:
                raise ValueError("another segment has that id")
            known.add(segments[-1].id)
            for language, target in entry.get("translations", {}).items():
                translated.setdefault(_tag(language), []).append(_part(segments[-1], target))
        entry = None
        sheet = _subtitle_source(data, Transcript(_tag(data["source_language"]), tuple(segments), given=True))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, UsageError) as error:
        where = f"segment {entry.get('id', '?')}" if isinstance(entry, dict) else "something"
        raise MediaError(f"{name}: {where} is not as a master.json has it ({error})", file=name) from error
    targets = tuple(
        TargetText(
            Translation(
                language,
                tuple(part.line for part in found),
                memory=tuple(match for part in found for match in part.memory),
            ),
            tuple(part.words for part in found),
            {part.line.segment: part.chosen for part in found},
            frozenset(part.line.segment for part in found if part.forced),
        )
        for language, found in translated.items()
    )
    return Master(sheet, targets)


def _tag(language: Any) -> str:
    """A language becomes part of file names: nothing but a tag may pass."""
    if not isinstance(language, str) or not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language):
        raise ValueError(f"{language!r} is no language tag")
    return language


def _subtitle_source(data: dict[str, Any], transcript: Transcript) -> SubtitleSource:
    """What a master says besides its segments; masters of before have no more than rate and duration."""
    rate, shots, offset = str(data.get("frame_rate", "24/1")), data.get("shots_ms"), data.get("offset_ms", 0)
    frames.frame_rate(rate)
    for time in (data["duration_ms"], offset, *(shots or ())):
        if not isinstance(time, int) or not 0 <= time < 10**10:
            raise ValueError(f"{time!r} is no time")
    return SubtitleSource(
        transcript,
        data["duration_ms"],
        rate,
        offset,
        None if shots is None else tuple(shots),
        tuple(SoundEvent(_span(sound), str(sound["kind"])) for sound in data.get("sounds", ())),
        {str(speaker): str(name)[:60] for speaker, name in dict(data.get("names", {})).items()},
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment in one target language."""

    line: Line
    words: TargetWords
    chosen: int
    forced: bool
    memory: tuple[MemoryMatch, ...]


def _part(segment: Segment, entry: dict[str, Any]) -> _Part:
    text, chosen = str(entry["text"]), entry.get("chosen", 0)
    candidates = tuple(
        Candidate(str(c["text"]), float(c["score"]), str(c.get("rule", ""))) for c in entry.get("candidates", [])
    ) or (Candidate(text, 0.0),)
    if not isinstance(chosen, int) or not 0 <= chosen < len(candidates):
        raise ValueError(f"chosen {chosen!r} is none of {len(candidates)} candidates")
    words = tuple(_timed_word(w) for w in entry.get("words", [])) or spread_times(text, (segment.span,))
    line = Line(segment.id, candidates, bool(entry.get("edited", False)))
    memory = tuple(_memory_match(segment.id, match) for match in entry.get("memory", []))
    return _Part(line, TargetWords(segment.id, text, words), chosen, bool(entry.get("forced", False)), memory)


def _memory_match(segment: str, entry: dict[str, Any]) -> MemoryMatch:
    return MemoryMatch(
        segment,
        str(entry["file"]),
        int(entry["likeness"]),
        str(entry["source"]),
        str(entry["text"]),
        str(entry["language"]),
        used=bool(entry.get("used", False)),
        note=str(entry.get("note", "")),
    )


def _segment(entry: dict[str, Any]) -> Segment:
    words = tuple(_timed_word(w) for w in entry.get("words", []))
    phrases, overlaps = (
        tuple(_span({"start_ms": start, "end_ms": end}) for start, end in entry.get(key, []))
        for key in ("phrases", "overlaps")
    )
    speaker, text = str(entry.get("speaker", "S1")), str(entry["text"])
    language = _tag(entry["language"]) if entry.get("language") else ""
    return Segment(str(entry["id"]), _span(entry), speaker, text, words, phrases, overlaps, language)


def _timed_word(entry: dict[str, Any]) -> Word:
    return Word(str(entry["text"]), _span(entry), float(entry.get("confidence", 1.0)))


def _span(entry: dict[str, Any]) -> Span:
    start, end = entry["start_ms"], entry["end_ms"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end < 10**10):
        raise ValueError(f"start_ms {start!r} and end_ms {end!r} are no span")
    return Span(start, end)
