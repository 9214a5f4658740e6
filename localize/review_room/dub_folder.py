"""What a dub delivered, as the page shows it: its lines with wordings, figures and flags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ..data import Candidate, Segment
from ..delivery.quality_control import comparable_words
from ..delivery.report import LineReport, Report, read_report
from ..errors import UsageError
from ..isochrony.planner import FEW_FAST
from ..language.inflection import without_accents
from ..language.syllables import syllables
from ..review.log import read_delivered
from ..runtime.files import read_json
from ..subtitles.caption import RenderedSubtitles
from ..transcription.master import MASTER_LIMIT, Master

UNSURE = 0.6
"""Mean confidence of a recogniser in a line's words below which a person should listen (0 to 1)."""
_FILMS = (".mp4", ".mkv", ".mov", ".webm", ".m4v", ".avi", ".ts", ".mxf")
_SPACED = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class ReviewedDub:
    """One title of an output folder.

    Args:
        folder: of the results.
        title: base name of the files.
        master: the words in all languages.
        reports: language -> what was measured.
        rendered: (language, profile) -> its subtitles, once they were looked at: to cut those of a film takes seconds.
    """

    folder: Path
    title: str
    master: Master
    reports: Mapping[str, Report]
    rendered: dict[tuple[str, str], RenderedSubtitles] = field(default_factory=dict, compare=False, repr=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """The target languages, in order of their tags."""
        return tuple(self.reports)

    def delivered(self, name: str) -> Path | None:
        """A deliverable of this title, such as "es.wav"; None where it is not there, or leads out of the folder."""
        path = self.folder / f"{self.title}.{name}"
        if not path.is_file() or path.is_symlink() or path.resolve().parent != self.folder.resolve():
            return None
        return path

    def sound(self, name: str) -> Path | None:
        """A delivered sound, "es", "es.dialogue" or "bed", as WAV or FLAC; None where it is not there."""
        return self.delivered(f"{name}.wav") or self.delivered(f"{name}.flac")

    def film(self, language: str) -> Path | None:
        """The dubbed film; None for sound alone."""
        return next((path for suffix in _FILMS if (path := self.delivered(f"{language}{suffix}"))), None)

    def json(self) -> dict[str, Any]:
        """What the page needs of the whole."""
        sheet = self.master.sheet
        return {
            "title": self.title,
            "source_language": sheet.transcript.language,
            "languages": list(self.languages),
            "duration_ms": sheet.duration_ms,
            "frame_rate": sheet.frame_rate,
            "shots_ms": list(sheet.shots or ()),
            "speakers": {s.speaker: sheet.names.get(s.speaker, s.speaker) for s in sheet.transcript.segments},
        }

    def said(self, language: str) -> dict[str, str]:
        """Line -> its translation in the dub that was delivered."""
        return {
            line: text
            for target in self.master.targets
            if target.translation.language == language
            for line, text in target.said.items()
        }

    def voices(self, language: str) -> dict[str, str]:
        """Line -> the voice that speaks it in the dub that was delivered."""
        return {line.segment: line.voice for line in self.reports[language].lines}

    def recorded(self, language: str) -> dict[str, str]:
        """Line -> SHA-256 of the recording that is heard in it, of those that a person recorded."""
        return {line.segment: line.recorded for line in self.reports[language].lines if line.recorded}

    def guided(self, language: str) -> dict[str, str]:
        """Line -> SHA-256 of the reading that its voice follows, of those that have a guide."""
        return {line.segment: line.guide for line in self.reports[language].lines if line.guide}

    def lines(self, language: str) -> list[dict[str, Any]]:
        """Every line in one target language, in order of time.

        Raises:
            KeyError: the title has no dub in that language.
        """
        report = self.reports[language]
        dubbed = {line.segment: line for line in report.lines}
        wordings = {
            line.segment: line.candidates
            for target in self.master.targets
            if target.translation.language == language
            for line in target.translation.lines
        }
        return [
            _line_json(segment, dubbed.get(segment.id), wordings.get(segment.id, ()), language)
            for segment in self.master.sheet.transcript.segments
        ]


def read_dub(folder: Path) -> ReviewedDub:
    """What lies in the folder of a dub.

    Raises:
        UsageError: no dub lies there, or several do; a file was written by a later version.
        MediaError: its master.json cannot be read.
    """
    title, master = read_delivered(folder)
    reports = {}
    for target in master.targets:
        language = target.translation.language
        path = folder / f"{title}.{language}.report.json"
        if path.is_file() and (folder / f"{title}.{language}.timeline.json").is_file():
            reports[language] = read_report(read_json(path, MASTER_LIMIT), str(path))
    if not reports:
        raise UsageError(f"{folder} holds subtitles and no dub: make one with 'localize dub'", folder=str(folder))
    return ReviewedDub(folder, title, master, reports)


def _line_json(
    segment: Segment, line: LineReport | None, wordings: Sequence[Candidate], language: str
) -> dict[str, Any]:
    confidence = [word.confidence for word in segment.words]
    made: dict[str, Any] = {
        "id": segment.id,
        "speaker": segment.speaker,
        "start_ms": segment.span.start_ms,
        "end_ms": segment.span.end_ms,
        "phrases": [[p.start_ms, p.end_ms] for p in segment.phrases or (segment.span,)],
        "source": segment.text,
        "words_ms": [word.span.start_ms for word in segment.words],
        "confidence": round(sum(confidence) / len(confidence), 2) if confidence else None,
    }
    if line is None:
        return made | {"text": "", "flags": ["kept"], "wordings": [], "dub": []}
    heard = heard_differences(line.text, line.read_back, language)
    own_ms = natural_ms(line)
    return made | {
        "voice": line.voice,
        "text": line.text,
        "dub": [list(phrase) for phrase in line.dub],
        "rate": line.rate,
        "fit": line.fit,
        "overlap": line.overlap,
        "start_error_ms": line.start_error_ms,
        "end_error_ms": line.end_error_ms,
        "reason": line.reason,
        "risk": line.risk,
        "doubts": list(line.doubts),
        "natural_ms": own_ms,
        "heard": heard,
        "flags": flags(line, made["confidence"], heard),
        "wordings": [
            {
                "text": wording.text,
                "rule": wording.rule,
                "score": round(wording.score, 2),
                "length_ms": predicted_ms(wording.text, line.text, own_ms, language),
            }
            for wording in wordings
        ],
    }


def natural_ms(line: LineReport) -> int:
    """How long the line's words take at the voice's own pace: its rate times the length it has."""
    return round(line.rate * sum(end - start for start, end in line.dub))


def predicted_ms(text: str, spoken: str, spoken_ms: int, language: str) -> int:
    """About how long another wording would take: the line's own take, by the number of syllables.

    Args:
        text: the wording.
        spoken: what the take says.
        spoken_ms: how long it takes at the voice's own pace.
        language: of both.
    """
    return round(spoken_ms * syllables(text, language) / max(1, syllables(spoken, language)))


def heard_differences(text: str, read_back: str | None, language: str) -> list[list[str]]:
    """Where a recogniser heard something else than was to be said: [written, heard] of each place, one may be "".

    Letter case, accents, punctuation and the way numbers are written do not count.
    """
    if read_back is None:
        return []
    wanted, found = (_SPACED.findall(comparable_words(said, language)) for said in (text, read_back))
    # "cuándo" and "cuando" are heard alike
    bare_wanted, bare_found = ([without_accents(word) for word in words] for words in (wanted, found))
    matched = SequenceMatcher(None, bare_wanted, bare_found, autojunk=False).get_opcodes()
    return [[" ".join(wanted[a:b]), " ".join(found[c:d])] for kind, a, b, c, d in matched if kind != "equal"]


def flags(line: LineReport, confidence: float | None, heard: Sequence[Sequence[str]]) -> list[str]:
    """Why a person should look at a line: "overflow", "fast", "unsure", "misheard", "risk"."""
    found = {
        "overflow": line.fit == "overflow",
        "fast": line.rate > FEW_FAST[0],
        "unsure": confidence is not None and confidence < UNSURE,
        "misheard": bool(heard),
        "risk": line.risk is not None and line.risk >= 0.5,
    }
    return [name for name, holds in found.items() if holds]
