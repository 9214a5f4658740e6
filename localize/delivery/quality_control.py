"""Measure a finished dub: overlap, timing, word error rate, DNSMOS, loudness, from its delivered stem.

Timing figures are those of the field's isochrony papers: where source and dub are heard together over where either is
heard; lines that start within 200 ms of their source and end at most 200 ms after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, TypeVar

from ..data import (
    Clip,
    Line,
    Mix,
    PhraseOnScreen,
    PhraseProsody,
    Plan,
    Span,
    Timeline,
    Transcript,
    Translation,
    VocalSound,
)
from ..engines import Recogniser
from ..isochrony import planner
from ..isochrony.placement import ON_TIME_MS
from ..language.inflection import without_accents
from ..language.wordless import is_wordless
from ..signal.activity import frames_of_spans
from ..sound.acoustics import BANDS_HZ
from ..speakers.casting import Role
from ..translation.estimate import Evidence
from ..translation.review import estimate_translation, review
from .listening import StemMeasurement, listen, stem_place
from .report import (
    DeliveredSound,
    LineReport,
    Report,
    RoomReport,
    SoundReport,
    SubtitleSummary,
    Summary,
    VocalSoundReport,
)

if TYPE_CHECKING:
    from ..events import Run, Warned


STRICT_WER = 0.15
OUT_OF_STEP_MS = 40
"""A dub that its film moves by more than this against the original is told: it is a frame of the picture."""
STRICT_LIKELY_WRONG = 0.2
"""Of the lines; of a usual dub one in a hundred is likelier wrong than right."""
DRAFT = "a draft: nothing was listened to, so that no figure says how it sounds, nor whether the film is in step"
_READ = "read those that the report names for review"
GRID_MS = 10


def measure_dub(
    run: Run,
    timeline: Timeline,
    mixed: Mix,
    recogniser: Recogniser,
    roles: Sequence[Role],
    translation: Translation,
    plans: Sequence[Plan],
    engines: Mapping[str, str],
    *,
    draft: bool = False,
) -> Report:
    """Measure one target; files, subtitles and costs are added to the report at delivery.

    Args:
        run: store and listener.
        timeline: where every line is.
        mixed: the sound.
        recogniser: reads the dub back.
        roles: who got which voice.
        translation: what could have been said.
        plans: why each line is as it is.
        engines: role -> fingerprint of what was used.
        draft: nothing is listened to: what only that tells stays unknown.
    """
    if draft:
        run.warn("draft", f"{DRAFT}: run again without --draft before this is delivered")
    heard, said = (None, {}) if draft else _listen(run, timeline, mixed, recogniser)
    plan_of = {p.segment: p for p in plans}
    line_of = {line.segment: line for line in translation.lines}
    lines = tuple(
        _line(clip, plan_of[clip.take.segment], line_of[clip.take.segment], said.get(clip.take.segment))
        for clip in timeline.clips
    )
    summary = Summary(
        lines=len(lines),
        **measure_timing(timeline, None if heard is None else heard.phrases),
        wer=_wer(timeline, said) if said else None,
        dnsmos=None if heard is None else heard.dnsmos,
        loudness_lufs=mixed.loudness_lufs,
        source_loudness_lufs=mixed.source_loudness_lufs,
        true_peak_dbtp=mixed.true_peak_dbtp,
    )
    return Report(
        timeline.language, timeline.duration_ms, summary, describe_sound(mixed), dict(engines), tuple(roles), lines
    )


def _listen(run: Run, timeline: Timeline, mixed: Mix, recogniser: Recogniser) -> tuple[StemMeasurement, dict[str, str]]:
    """What is heard in the dialogue stem, and what a recogniser understands of each line."""
    with run.stage("measure"):
        return listen(run.store, recogniser, mixed.dialogue, timeline, stem_place(mixed.bed, timeline.language))


def describe_sound(mixed: Mix) -> SoundReport:
    """How the bed was made and what was measured of the mix, for the report."""
    return SoundReport(
        bed=mixed.bed_made,
        loudness=mixed.target,
        dialogue_lufs=mixed.dialogue_lufs,
        delivered=DeliveredSound(mixed.delivered_lufs, mixed.delivered_dbtp),
        rooms={
            speaker: RoomReport(room.rt60_ms, dict(zip(map(str, BANDS_HZ), room.eq_db)))
            for speaker, room in mixed.rooms
        },
    )


def add_review(report: Report, transcript: Transcript, translation: Translation, warned: Sequence[Warned]) -> Report:
    """The report with the source's words, how likely each line needs a person's eye, and the lines to be read first.

    Args:
        report: of the dub, its lines read back.
        transcript: of the source.
        translation: that was spoken.
        warned: while it was translated.
    """
    said = {segment.id: segment.text for segment in transcript.segments}
    lines = tuple(replace(line, source_text=said.get(line.segment, "")) for line in report.lines)
    report = replace(report, lines=lines, source_language=transcript.language)
    spoken = {line.segment: _evidence(line, report.language) for line in report.lines}
    chosen = {line.segment: line.candidate for line in report.lines}
    estimates = estimate_translation(transcript, translation, warned, chosen, spoken)
    if not estimates:
        return report
    of_line = {estimate.segment: estimate for estimate in estimates}
    lines = tuple(
        replace(line, risk=found.risk, doubts=found.reasons) if (found := of_line.get(line.segment)) else line
        for line in report.lines
    )
    first = review(transcript, translation, estimates)
    summary = replace(report.summary, review=first.ids, likely_wrong=first.likely_wrong)
    return replace(report, lines=lines, review=first, summary=summary)


def _evidence(line: LineReport, language: str) -> Evidence:
    """What is known of a line as it is spoken."""
    import jiwer

    # A recogniser writes "cuando" where "cuándo" is said.
    written, heard = without_accents(comparable_words(line.text, language)), None
    if line.read_back is not None and written:
        heard = min(1.0, float(jiwer.wer(written, without_accents(comparable_words(line.read_back, language)))))
    return Evidence(read_back=heard, rate=line.rate, overflow=line.fit == "overflow")


class TimingFigures(TypedDict):
    """Those figures of `Summary` that are about time."""

    overlap: float | None
    on_time: float | None
    start_ms: tuple[int, int] | None
    talk_over_ms: int
    fast_lines: float | None
    max_rate: float | None
    overflow: int


def measure_timing(timeline: Timeline, heard: Sequence[Span] | None) -> TimingFigures:
    """The yardstick's figures, the dub's side measured on its stem: where `heard`; None where nobody listened."""
    import numpy as np

    clips = timeline.clips
    total = max([timeline.duration_ms, *(p.end_ms for p in heard or ())]) // GRID_MS + 2
    source = frames_of_spans([p for c in clips for p in c.source_phrases], GRID_MS, total)
    dub = frames_of_spans(heard or (), GRID_MS, total)
    either = 0 if heard is None else int((source | dub).sum())
    starts = [abs(c.span.start_ms - c.source.start_ms) for c in clips]
    on_time = [s <= ON_TIME_MS and c.span.end_ms - c.source.end_ms <= ON_TIME_MS for s, c in zip(starts, clips)]
    rates = [c.rate for c in clips]
    return {
        "overlap": round(float((source & dub).sum()) / either, 4) if either else None,
        "on_time": round(100 * sum(on_time) / len(clips), 1) if clips else None,
        "start_ms": (round(float(np.median(starts))), round(float(np.percentile(starts, 95)))) if clips else None,
        "talk_over_ms": _talk_over(timeline, total),
        "fast_lines": round(100 * sum(r > planner.FAST_RATE for r in rates) / len(rates), 1) if rates else None,
        "max_rate": max(rates, default=None),
        "overflow": sum(c.fit == "overflow" for c in clips),
    }


def _talk_over(timeline: Timeline, total: int) -> int:
    import numpy as np

    dub, source = np.zeros(total, int), np.zeros(total, int)
    for clip in timeline.clips:
        dub += frames_of_spans([clip.span], GRID_MS, total)
        source += frames_of_spans([clip.source], GRID_MS, total)
    return int(((dub > 1) & (source <= 1)).sum()) * GRID_MS


def _wer(timeline: Timeline, said: dict[str, str]) -> float:
    import jiwer

    reference = " ".join(comparable_words(c.take.text, timeline.language) for c in timeline.clips)
    hypothesis = " ".join(comparable_words(said[c.take.segment], timeline.language) for c in timeline.clips)
    return round(float(jiwer.wer(reference, hypothesis)), 4) if reference.strip() else 0.0


def comparable_words(text: str, language: str) -> str:
    """Words to compare: as spoken, lower case, no punctuation."""
    import re

    from ..language.spoken import normalize_text

    return " ".join(re.findall(r"[^\W_]+", normalize_text(text, language, respell=False).lower()))


def add_prosody(report: Report, prosody: Sequence[PhraseProsody], strength: float) -> Report:
    """The report with how each line is said by its actor, and how far voices took that over."""
    own = _by_line(prosody)
    lines = tuple(replace(line, prosody=own.get(line.segment, ())) for line in report.lines)
    return replace(report, lines=lines, expression=strength)


def add_on_screen(report: Report, on_screen: Sequence[PhraseOnScreen]) -> Report:
    """The report with whether each line is seen spoken."""
    own = _by_line(on_screen)
    return replace(report, lines=tuple(replace(line, on_screen=own.get(line.segment, ())) for line in report.lines))


def add_vocal_sounds(
    report: Report, sounds: Sequence[VocalSound] | None, transcript: Transcript, timeline: Timeline
) -> Report:
    """The report with what became of the sounds of voices without words.

    Args:
        report: of the dub.
        sounds: that were found; None where nothing could tell them.
        transcript: of the source; lines of it that are written as a sound and stay in the original count too.
        timeline: where lines are dubbed.
    """
    dubbed = {clip.take.segment for clip in timeline.clips}
    lines = [
        VocalSound(s.span, "unsure", s.text)
        for s in transcript.segments
        if s.text and s.id not in dubbed and is_wordless(s.text, s.language or transcript.language)
    ]
    replaced = [p for clip in timeline.clips for p in clip.source_phrases]
    spoken = [p for clip in timeline.clips for p in clip.phrases]
    found = tuple(
        VocalSoundReport(
            kind=sound.kind,
            span=(sound.span.start_ms, sound.span.end_ms),
            written=sound.written,
            kept=not any(sound.span.overlap_ms(p) for p in replaced),
            covered_ms=sum(sound.span.overlap_ms(p) for p in spoken),
        )
        for sound in sorted([*(sounds or ()), *lines], key=lambda sound: sound.span)
    )
    kept = sum(sound.kept for sound in found)
    counted = kept if found or sounds is not None else None
    covered = sum(sound.kept and sound.covered_ms > 0 for sound in found)
    summary = replace(report.summary, sounds_kept=counted, sounds_lost=len(found) - kept, sounds_covered=covered)
    return replace(report, summary=summary, vocal_sounds=found)


_P = TypeVar("_P", bound=PhraseProsody | PhraseOnScreen)


def _by_line(phrases: Sequence[_P]) -> dict[str, tuple[_P, ...]]:
    """Line -> what was found of its phrases, in their order."""
    own: dict[str, tuple[_P, ...]] = {}
    for phrase in phrases:
        own[phrase.segment] = (*own.get(phrase.segment, ()), phrase)
    return own


def _line(clip: Clip, plan: Plan, line: Line, said: str | None) -> LineReport:
    return LineReport(
        segment=clip.take.segment,
        speaker=clip.speaker,
        voice=clip.take.voice,
        text=clip.take.text,
        read_back=said,
        rate=clip.rate,
        fit=clip.fit,
        start_error_ms=clip.span.start_ms - clip.source.start_ms,
        end_error_ms=clip.span.end_ms - clip.source.end_ms,
        source=tuple((p.start_ms, p.end_ms) for p in clip.source_phrases),
        dub=tuple((p.start_ms, p.end_ms) for p in clip.phrases),
        overlap=_overlap(clip),
        candidate=plan.chosen,
        rule=line.candidates[plan.chosen].rule,
        instead_of=line.candidates[0].text if plan.chosen else None,
        reason=plan.reason,
        spoken=clip.take.spoken,
        recorded=clip.take.recorded,
        guide=clip.take.guide,
    )


def _overlap(clip: Clip) -> float:
    """Of one line: time heard in both over time heard in either."""
    both = sum(a.overlap_ms(b) for a in clip.phrases for b in clip.source_phrases)
    either = sum(p.length_ms for p in (*clip.phrases, *clip.source_phrases)) - both
    return round(both / either, 3) if either else 0.0


def shortfalls(summary: Summary | SubtitleSummary) -> list[str]:
    """What --strict refuses, one phrase each."""
    found = []
    if isinstance(summary, Summary):
        if summary.overflow:
            found.append(f"{summary.overflow} lines do not fit")
        if (summary.wer or 0) > STRICT_WER:
            found.append(f"{summary.wer:.0%} of the words are misheard")
        if abs(summary.lag_ms or 0) > OUT_OF_STEP_MS:
            found.append(f"lines are {abs(summary.lag_ms or 0)} ms out of step with the film")
        if summary.talk_over_ms:
            found.append(f"lines talk over each other for {summary.talk_over_ms} ms")
    lines = summary.lines if isinstance(summary, Summary) else summary.segments
    if (summary.likely_wrong or 0) > STRICT_LIKELY_WRONG * lines:
        found.append(f"{summary.likely_wrong} of {lines} lines are likelier wrong than right: {_READ}")
    if not summary.subtitles_conform:
        found.append("subtitles break rules of their profile")
    return found
