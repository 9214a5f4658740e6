"""From timed words of source and target to subtitles: wording choices of each segment, cues by a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ..data import (
    Line,
    Segment,
    SoundEvent,
    Span,
    Speech,
    SubtitleSource,
    TargetText,
    TargetWords,
    Timeline,
    Transcript,
    Translation,
    Word,
    phrases_of,
)
from ..language.tags import main_language
from ..timedtext import formats, frames
from ..timedtext.cues import Diagnostic, Document
from ..timedtext.spread import spread_times
from . import score
from .lines import Wording
from .profiles import Profile
from .shorten import FittedCues, fit_cues
from .words import SOUND, Clock, TimedWord, add_labels, add_sound_events, as_timed_words, pair_languages, retime_wording

SPEAKER = {"en": "speaker", "es": "hablante", "pt": "locutor", "fr": "intervenant", "it": "voce", "de": "Sprecher"}
HEARD = {
    "music": {"en": "music", "es": "música", "pt": "música", "fr": "musique", "it": "musica", "de": "Musik"},
    "silence": {"en": "silence", "es": "silencio", "pt": "silêncio", "fr": "silence", "it": "silenzio", "de": "Stille"},
}
"""What SDH subtitles call a sound."""
DOUBTFUL = 0.15
"""Log-probability a word by which a candidate may be worse than the best; worse ones are wrong too often."""


@dataclass(frozen=True, slots=True)
class RenderedSubtitles:
    """The cues of one language, and how they were made.

    Args:
        language: of the text.
        document: the cues.
        frame_rate: whose frames were counted.
        fitted: what was made to fit, and how.
        report: the cues held against their profile.
        profile: what they were cut by.
        mode: "profile" where cues were cut by it, "template" where they are a given file's.
    """

    language: str
    document: Document
    frame_rate: Fraction
    fitted: FittedCues
    report: score.Report
    profile: Profile
    mode: str = "profile"


def chosen_candidates(speech: Speech) -> dict[str, int]:
    """Which candidate each line was spoken with."""
    return {plan.segment: plan.chosen for plan in speech.plans}


def kept_in_original(transcript: Transcript, timeline: Timeline) -> frozenset[str]:
    """The segments a dub leaves in the original language."""
    return frozenset(s.id for s in transcript.segments if s.text) - {c.take.segment for c in timeline.clips}


# --- words -----------------------------------------------------------------------------------------------------------


def source_words(transcript: Transcript) -> tuple[TimedWord, ...]:
    """Every source word with its time; words without one are spread over the phrases."""
    return tuple(
        word
        for s in transcript.segments
        for word in as_timed_words(s.words or spread_times(s.text, phrases_of(s)), s.id, s.speaker)
    )


def dubbed_words(timeline: Timeline) -> tuple[TargetWords, ...]:
    """The dub's words when they are really spoken.

    The synthesizer times what it says ("mil novecientos"), subtitles show what is written ("1900"): words that are the
    same keep their time, what is written otherwise takes the time of what is said there.
    """
    found = []
    for clip in timeline.clips:
        written = clip.take.text.split()
        said = tuple(replace(word, span=word.span.shifted(clip.at_ms)) for word in clip.take.words)
        if len(written) == len(said):
            words = tuple(replace(word, text=text) for text, word in zip(written, said))
        elif said:
            words = tuple(Word(word.text, word.span, 0.5) for word in retime_wording(as_timed_words(said), written))
        else:
            words = spread_times(clip.take.text, clip.phrases)
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
            shown.append(TargetWords(line.segment, text, spread_times(text, phrases_of(segments[line.segment]))))
    return tuple(shown)


# --- the ways to write them ------------------------------------------------------------------------------------------


def source_choices(transcript: Transcript) -> tuple[tuple[Wording, ...], ...]:
    """The wordings of every source segment: as spoken, and shortened by the rules of the language."""
    return tuple(
        (Wording(as_timed_words(words, s.id, s.speaker, _clock(words, s, given=transcript.given))),)
        for s in transcript.segments
        if (words := s.words or spread_times(s.text, phrases_of(s)))
    )


def _clock(words: Sequence[Word], source: Segment, *, given: bool) -> Clock:
    """Where the times of a segment's words come from."""
    spread = spread_times(" ".join(word.text for word in words), phrases_of(source))
    return "own" if [w.span for w in words] != [w.span for w in spread] else "given" if given else "spread"


def target_choices(target: TargetText, transcript: Transcript) -> tuple[tuple[Wording, ...], ...]:
    """Every segment as it is shown, then the other candidates, best first; a line a person wrote has no other."""
    segments = {s.id: s for s in transcript.segments}
    lines = {line.segment: line for line in target.translation.lines}
    return tuple(
        _wordings(shown, lines[shown.segment], segments[shown.segment], given=transcript.given)
        for shown in target.words
        if shown.words
    )


def _wordings(shown: TargetWords, line: Line, source: Segment, *, given: bool) -> tuple[Wording, ...]:
    clock = _clock(shown.words, source, given=given)
    words = as_timed_words(shown.words, shown.segment, source.speaker, clock)
    phrases = phrases_of(source) if clock != "own" else ()  # of a dub the words have times of their own
    first = Wording(words, "", line.edited, phrases)
    if line.edited:
        return (first,)
    best = max((c.score for c in line.candidates), default=0.0)
    others = sorted((c for c in line.candidates if c.score >= best - DOUBTFUL), key=lambda c: -c.score)
    return (
        first,
        *(
            Wording(retime_wording(words, c.text.split(), phrases), c.rule, phrases=phrases)
            for c in others
            if c.text.split() and c.text != shown.text
        ),
    )


# --- cues ------------------------------------------------------------------------------------------------------------


def render_subtitles(
    choices: Sequence[Sequence[Wording]],
    language: str,
    profile: Profile,
    sheet: SubtitleSource,
    below: Sequence[TimedWord] = (),
) -> RenderedSubtitles:
    """Cues for timed words.

    Args:
        choices: for each segment, in order of time on the audio's clock, the ways to write it.
        language: of the words.
        profile: the rules they must meet.
        sheet: frame rate, cuts and offset of the source.
        below: the source's words, shown below by a bilingual profile.
    """
    rate = frames.frame_rate(sheet.frame_rate)
    complete = _add_profile_parts(choices, language, profile, sheet, below)
    moved = [[way.shifted(sheet.offset_ms) for way in ways] for ways in complete]
    fitted = _within_film(fit_cues(moved, language, profile, rate, sheet.shots or ()), sheet, rate)
    document = Document(cues=fitted.cues, language=language)
    plain = [word for word in fitted.words if word.speaker != SOUND]
    report = score.lint(
        document, profile, language, rate, sheet.shots or (),
        speech=None if profile.bilingual else [word.span for word in fitted.words],
        timed=have_own_time(fitted.words),
        reference=None if profile.bilingual else [word.text for word in plain],
    )  # fmt: skip
    return RenderedSubtitles(language, document, rate, fitted, report, profile)


def have_own_time(words: Sequence[TimedWord]) -> list[bool]:
    """Which words have a time of their own: those that were heard or spoken, and the first and last of a line whose
    place was heard; inside such a line, and in a given cue, nobody knows.
    """
    around = [None, *(word.segment_id for word in words), None]
    return [
        word.clock == "own" or (word.clock == "spread" and {before, after} != {word.segment_id})
        for before, word, after in zip(around, words, around[2:])
    ]


def _within_film(fitted: FittedCues, sheet: SubtitleSource, rate: Fraction) -> FittedCues:
    """No cue is shown after the last frame of its film: it would lengthen the container."""
    if sheet.shots is None:
        return fitted
    end_ms = frames.time_of(int((sheet.offset_ms + sheet.duration_ms) * rate / 1000), rate)
    if not any(cue.span.end_ms > end_ms for cue in fitted.cues):
        return fitted
    cues = tuple(
        replace(cue, span=Span(cue.span.start_ms, max(cue.span.start_ms + 1, min(cue.span.end_ms, end_ms))))
        for cue in fitted.cues
    )
    return replace(fitted, cues=cues)


def _add_profile_parts(
    choices: Sequence[Sequence[Wording]],
    language: str,
    profile: Profile,
    sheet: SubtitleSource,
    below: Sequence[TimedWord],
) -> list[list[Wording]]:
    """The choices with what the profile adds to them: labels, sounds, the source below."""
    complete = [list(ways) for ways in choices]
    if profile.bilingual and below:
        mine: dict[str, list[TimedWord]] = {}
        for word in below:
            mine.setdefault(word.segment_id, []).append(word)
        complete = [
            [replace(way, words=pair_languages(way.words, mine.get(way.words[0].segment_id, ()))) for way in ways]
            for ways in complete
        ]
    if profile.labels:
        complete = _with_labels(complete, _names(choices, language, sheet))
    if profile.sounds:
        complete = _with_sounds(complete, language, profile, sheet.sounds)
    return complete


def _names(choices: Sequence[Sequence[Wording]], language: str, sheet: SubtitleSource) -> dict[str, str]:
    """Display names of the speakers; empty for a single unnamed speaker."""
    speakers = list(dict.fromkeys(word.speaker for ways in choices for word in ways[0].words[:1]))
    word = SPEAKER.get(main_language(language), SPEAKER["en"])
    if len(speakers) < 2:
        return {s: sheet.names[s] for s in speakers if s in sheet.names}
    return {s: sheet.names.get(s, f"{word} {s.removeprefix('S')}") for s in speakers}


def _with_labels(choices: list[list[Wording]], names: Mapping[str, str]) -> list[list[Wording]]:
    out, before = [], ""
    for ways in choices:
        speaker = ways[0].words[0].speaker
        named = names if speaker != before else {}
        out.append([replace(way, words=add_labels(way.words, named)) for way in ways])
        before = speaker
    return out


def _with_sounds(
    choices: list[list[Wording]], language: str, profile: Profile, sounds: Iterable[SoundEvent]
) -> list[list[Wording]]:
    """The sounds in brackets, each as a line of its own among the others."""
    main = main_language(language)
    named = [(sound.span, HEARD[sound.kind].get(main, sound.kind)) for sound in sounds if sound.kind in HEARD]
    spoken = [word for ways in choices for word in ways[0].words]
    shown = [word for word in add_sound_events(spoken, named, profile) if word.speaker == SOUND]
    out = list(choices)
    for number, word in enumerate(shown, 1):
        at = next((i for i, ways in enumerate(out) if ways[0].words[0].span > word.span), len(out))
        out.insert(at, [Wording((replace(word, segment_id=f"[{number}]"),), final=True)])
    return out


@dataclass(frozen=True, slots=True)
class FittedBy:
    """How many cues became readable by staying longer, segments by being cut anew, cues by being shortened."""

    timing: int
    segmentation: int
    shortening: int


@dataclass(frozen=True, slots=True)
class ShortenedLine:
    """One segment that was written shorter than said; `edited` where more went than style."""

    segment: str
    before: str
    after: str
    rule: str
    edited: bool


@dataclass(frozen=True, slots=True)
class CueFinding:
    """A cue, counted from 1, that breaks a rule of its profile."""

    cue: int
    rule: str
    measured: float
    limit: float
    detail: str


@dataclass(frozen=True, slots=True)
class SubtitleReport:
    """How one language's subtitles came about: score, what made cues fit, what was shortened, what breaks a rule.

    `mode` is "template" where the cues are a given file's, "profile" where they were cut by the profile.
    """

    profile: str
    cues: int
    score: dict[str, float | None]
    conforms: bool
    fitted_by: FittedBy
    shortened: tuple[ShortenedLine, ...]
    findings: tuple[CueFinding, ...]
    mode: str = "profile"


def describe_rendering(captions: RenderedSubtitles) -> SubtitleReport:
    """How one language's subtitles came about, for the report."""
    fitted = captions.fitted
    return SubtitleReport(
        profile=captions.report.profile,
        cues=len(captions.document.cues),
        score=dict(captions.report.score),
        conforms=captions.report.conforms,
        fitted_by=FittedBy(fitted.by_timing, fitted.by_segmentation, fitted.by_shortening),
        shortened=tuple(ShortenedLine(s.segment_id, s.before, s.after, s.rule, s.edited) for s in fitted.shortenings),
        findings=tuple(CueFinding(f.cue, f.rule, f.measured, f.limit, f.detail) for f in captions.report.findings),
        mode=captions.mode,
    )


# --- files -----------------------------------------------------------------------------------------------------------


def write(
    captions: RenderedSubtitles,
    folder: Path,
    name: str,
    wanted: Sequence[str],
    label: str = "",
    lost: Callable[[Path, Diagnostic], None] | None = None,
) -> dict[str, Path]:
    """Write the subtitles in every format asked for; always as SRT too.

    Args:
        captions: of one language.
        folder: where the files go.
        name: what they are called after.
        wanted: formats.
        label: of the profile, where it is not the one of the delivery: it becomes part of the files' names.
        lost: called with what a file's format could not hold.

    Returns:
        format -> file.
    """
    files = {}
    for fmt in dict.fromkeys(("srt", *wanted)):
        files[fmt] = folder / f"{name}.{captions.language}{label and '.' + label}.{fmt}"
        for remark in formats.write(captions.document, files[fmt], fmt, frame_rate=captions.frame_rate):
            if lost is not None:
                lost(files[fmt], remark)
    return files
