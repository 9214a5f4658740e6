"""Measure a subtitle file against a profile: a score table, and one finding for every cue that breaks a rule.

The measures (`measures.py`) and their targets are those of the project's subtitle specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from ..data import Span
from ..language.script import has_word_spaces
from ..runtime.records import to_json, uncollected
from ..timedtext.content import reflowed
from ..timedtext.cue_json import CueJson
from ..timedtext.cues import Cue, Diagnostic, Document
from . import measures
from .measures import Finding
from .profiles import Profile
from .timing import CueTiming, TimingRules, schedule_cues

TARGETS = {
    "cps": 98.0,
    "cpl": 100.0,
    "lines": 100.0,
    "duration": 99.0,
    "gap": 100.0,
    "shot": 95.0,
    "break": 95.0,
    "sync": 95.0,
    "style": 95.0,
    "integrity": 100.0,
    "all_pass": 95.0,
}
"""Per cent that a file must reach to conform, by measure."""


_UNREAD = ("timing", "order", "text", "encoding", "cut", "code", "channel", "frames", "rate")
"""Losses of cues, letters or times; what else a reader leaves out (animations, what is hidden) is not measured."""


class RemarkJson(TypedDict):
    """What was mended or lost; `line` of the file counts from 1, 0 where there is none."""

    code: str
    message: str
    line: int


def remarks_json(remarks: Sequence[Diagnostic]) -> list[RemarkJson]:
    """What was mended or lost, as `localize lint --json` prints it."""
    return [{"code": r.code, "message": r.message, "line": r.line} for r in remarks]


class LintJson(TypedDict):
    """What `localize lint --json` prints.

    Args:
        input: the file as the user named it.
        format: what it was read from.
        conforms: every measure reaches its target, and the file was read in full.
        score: per cent by measure, null where nothing could be measured; also `cues` and `cps_p95`.
        warnings: what was mended while reading.
        findings: each cue that breaks a rule.
        mended: with --fix, what was changed in the file.
        lost: with --fix, what the file's format could not hold.
        backup: with --fix, the copy of the file as it was.
    """

    schema: Literal[1]
    input: str
    format: str
    profile: str
    conforms: bool
    score: dict[str, float | None]
    warnings: list[RemarkJson]
    findings: list[Annotated[dict[str, Any], Finding]]
    cues: list[CueJson]
    mended: NotRequired[list[RemarkJson]]
    lost: NotRequired[list[RemarkJson]]
    backup: NotRequired[str | None]


@dataclass(frozen=True, slots=True)
class Report:
    """The result of `lint`.

    Args:
        profile: the profile's name.
        score: per cent by measure, None where nothing could be measured; also `cues` and `cps_p95`.
        findings: in the order of the cues.
        empty: a file was read and held no cue.
        unread: cues, letters or times of the file that could not be read.
    """

    profile: str
    score: dict[str, float | None]
    findings: tuple[Finding, ...]
    empty: bool = False
    unread: int = 0

    @property
    def conforms(self) -> bool:
        """Whether every measure reaches its target; of a file without a cue, or not read in full, nobody can say so."""
        if self.empty or self.unread:
            return False
        for rule, target in TARGETS.items():
            value = self.score.get(rule)
            if value is not None and value < target:
                return False
        return True

    def to_json(self, document: Document, source: str) -> LintJson:
        """What `localize lint --json` prints (DESIGN.md section 6.1).

        Args:
            document: what was measured.
            source: the file as the user named it.
        """
        return {
            "schema": 1,
            "input": source,
            "format": document.format,
            "profile": self.profile,
            "conforms": self.conforms,
            "score": self.score,
            "warnings": remarks_json(document.warnings),
            "findings": to_json(self.findings),
            "cues": document.cues_json(),
        }

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """The score table for a terminal: measure, value, target."""
        for rule, target in TARGETS.items():
            value = self.score.get(rule)
            yield (
                rule.replace("_", "-"),
                "not measured" if value is None else f"{value:.1f} %",
                f">= {target:g} %",
            )


@uncollected()
def lint(
    document: Document,
    profile: Profile,
    language: str,
    frame_rate: Fraction,
    shots: Sequence[int] = (),
    *,
    speech: Sequence[Span] | None = None,
    timed: Sequence[bool] | None = None,
    heard: Sequence[Span] | None = None,
    reference: Sequence[str] | None = None,
) -> Report:
    """Measure a document.

    Args:
        document: the cues.
        profile: the limits.
        language: BCP 47 tag of the text, for the forbidden splits.
        frame_rate: of the video.
        shots: cut times in milliseconds; without them `shot` is not measured.
        speech: the spans of the words shown, in order, for `sync`.
        timed: for each of them whether it has a time of its own; where none of a cue has, `sync` does not measure it.
        heard: where a voice is heard, for `sync` where nobody timed the words; without either it is not measured.
        reference: the words that must all be shown, in order; without them `integrity` means that the cues
            survive being written and read.
    """
    rules = TimingRules.of(profile, frame_rate, shots)
    cues = document.cues
    tallies = {
        "cps": measures.cps(cues, profile),
        "cpl": measures.cpl(cues, profile),
        "lines": measures.lines(cues, profile),
        "duration": measures.duration(cues, profile),
        "gap": measures.gap(cues, rules),
        "shot": measures.shot(cues, rules),
        "break": measures.breaks(cues, language, profile),
        "sync": _sync(cues, rules, speech, timed, heard),
        "style": measures.style(cues, language, profile),
    }
    score: dict[str, float | None] = {rule: tally.score for rule, tally in tallies.items()}
    score["integrity"] = measures.integrity(document, reference, language)
    findings = sorted((f for tally in tallies.values() for f in tally.findings), key=lambda f: f.cue)
    # By the specification's definition: times, lines and breaks; what is written is `style`.
    failed = {finding.cue for rule, tally in tallies.items() if rule != "style" for finding in tally.findings}
    score["all_pass"] = round(100.0 * (1 - len(failed) / len(cues)), 2) if cues else None
    speeds = sorted(measures.speed(cue, profile) for cue in cues if cue.span.length_ms > 0)
    score["cps_p95"] = round(speeds[min(len(speeds) - 1, int(len(speeds) * 0.95))], 2) if speeds else None
    score["cues"] = len(cues)
    unread = sum(remark.count for remark in document.losses if remark.code in _UNREAD)
    return Report(profile.name, score, tuple(findings), bool(document.format) and not cues, unread)


def _sync(
    cues: Sequence[Cue],
    rules: TimingRules,
    speech: Sequence[Span] | None,
    timed: Sequence[bool] | None,
    heard: Sequence[Span] | None,
) -> measures.Tally:
    if speech is not None:
        return measures.sync(cues, rules, speech, timed)
    return measures.measure_sync_by_voice(cues, rules, heard) if heard is not None else measures.Tally()


# --- mending ---------------------------------------------------------------------------------------------------------


def fix(
    document: Document, profile: Profile, language: str, frame_rate: Fraction, shots: Sequence[int] = ()
) -> tuple[Document, tuple[Diagnostic, ...]]:
    """Mend what is mechanical: overlaps, gaps, durations, cuts, lines that are too long or too many.

    No word is changed, no cue changes its place in the file, and none changes that no finding names. A cue's span is
    taken as the time it is heard, so out-times move later by no more than the profile lets a cue linger, and earlier
    only where another cue or a cut asks for it.

    Returns:
        the document, and a remark for every cue that changed.
    """
    cues = document.cues
    spans = _mend_times(cues, profile, frame_rate, shots)
    crowded = {
        f.cue - 1 for tally in (measures.cpl(cues, profile), measures.lines(cues, profile)) for f in tally.findings
    }
    remarks = []
    fixed = []
    for index, cue in enumerate(cues):
        changed = _rewrap(cue, language, profile) if index in crowded else cue
        if changed is not cue:
            remarks.append(Diagnostic("lines", f"cue {index + 1}: its lines were broken anew", cue.at_line))
        span = spans[index]
        if span != cue.span:
            times = f"{cue.span.start_ms}-{cue.span.end_ms} ms became {span.start_ms}-{span.end_ms} ms"
            remarks.append(Diagnostic("timing", f"cue {index + 1}: {times}", cue.at_line))
        fixed.append(replace(changed, span=span))
    return replace(document, cues=tuple(fixed), warnings=()), tuple(remarks)


def _mend_times(cues: Sequence[Cue], profile: Profile, frame_rate: Fraction, shots: Sequence[int]) -> list[Span]:
    """When each cue is shown, with the times mended of those that a finding about time names."""
    rules = TimingRules.of(profile, frame_rate, shots)
    close = _named_cues(measures.gap(cues, rules))
    named = close | _named_cues(
        measures.cps(cues, profile), measures.duration(cues, profile), measures.shot(cues, rules)
    )
    spans = [cue.span for cue in cues]
    for track in measures.tracks(cues):
        # A gap lies between two.
        mine = named.intersection(track) | {second for first, second in pairwise(track) if first in close}
        if not mine:
            continue
        asks = _asks([cues[i] for i in track], [i not in mine for i in track], profile, frame_rate)
        for index, span in zip(track, schedule_cues(asks, profile, frame_rate, shots)):
            spans[index] = span
    return spans


def _named_cues(*tallies: measures.Tally) -> set[int]:
    """Indices of the cues that findings name."""
    return {finding.cue - 1 for tally in tallies for finding in tally.findings}


def _asks(cues: Sequence[Cue], fixed: Sequence[bool], profile: Profile, frame_rate: Fraction) -> list[CueTiming]:
    gap_ms = int(profile.gap * 1000 / frame_rate) + 1
    asks = []
    for cue, stands, follower in zip(cues, fixed, [*cues[1:], None]):
        if stands:
            asks.append(CueTiming(cue.span, 0, fixed=True))
            continue
        start = max(0, cue.span.start_ms)
        reading = profile.reading_ms(measures.text_length(cue, profile), sum(len(line.split()) for line in cue.plain))
        # What reading lacks beyond the next cue is not taken from that cue: mending twice changes nothing.
        room = follower.span.start_ms - gap_ms - start if follower else reading
        asks.append(CueTiming(Span(start, max(start + 1, cue.span.end_ms)), max(0, min(reading, room))))
    return asks


def _rewrap(cue: Cue, language: str, profile: Profile) -> Cue:
    """The cue in the profile's lines, its marks with their words; itself where that cannot be."""
    from .segment import wrap_lines

    if any(len(cue.voices(row)) != len(cue.voices()) for row in range(len(cue.lines))):
        return cue
    lines = wrap_lines(cue.lines, language, profile)
    found = reflowed(cue.lines, cue.marks, lines, " " if has_word_spaces(language) else "") if lines else None
    return replace(cue, lines=found[0], marks=found[1]) if found and found[0] != cue.lines else cue
