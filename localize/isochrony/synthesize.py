"""Plan the timing of all lines, synthesize each at its planned lengths, trim the audio to its phrases.

Over 400 lines: what is asked of a synthesizer, what it foretells and what is kept of a take are read together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ..consent import Grant, Request
from ..data import (
    Blob,
    Candidate,
    Fit,
    LineToSpeak,
    Manner,
    Phrase,
    PhraseOnScreen,
    Plan,
    Segment,
    Span,
    Speech,
    Take,
    Transcript,
    Translation,
    Word,
    phrases_of,
)
from ..engines import Expressive, Spoken, Synthesizer, calls_at_once
from ..errors import EngineError, EngineFailed, UsageError
from ..language.spoken import NONE, Pronunciations, normalize_text, without_phonemes
from ..language.syllables import syllables
from ..runtime.store import Store, step
from ..runtime.threads import in_order
from ..signal.activity import voice_activity
from ..signal.clicks import find_clicks, silence_pops
from . import planner
from .closures import seen_closures
from .expression import Direct, level_phrases
from .fit import TAIL_MS, bounded_stretch, stretch_to, trim_to_spans
from .guide import NO_GUIDES, Guide, guided_slot
from .placement import BY_PICTURE, TIMING_MODES, TimingMode
from .recorded import NO_RECORDINGS, Recorded, fitted_plan, recorded_take

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..events import Run

    Samples = NDArray[np.float32]


COMFORTABLE = (0.85, 1.12)
"""Rates of the first candidate that need no look at the others."""
SYLLABLE_MS = 170
"""About six syllables a second, for engines that cannot predict their pace."""
MAX_PREDICTED = 8
"""How many candidates of a line that does not fit are looked at."""
MOST_FOR_LIPS = 3
"""How many candidates of a line that fits are looked at for the lips that are seen."""
NEAR_MS = 3_000
"""What stays in the original further from a line is never reached by it."""
AGAIN_MS = (0, 25, -25)
"""A line that clicks is spoken again, its phrases this much longer: an engine may say the same the same way."""
LANDED_MS = 70
"""A phrase of such a line that is heard this near to its plan lands there: no engine is held to less."""


@dataclass(frozen=True, slots=True)
class SynthesizedLine:
    """One synthesized line: a mono 24-bit WAV that starts with the first sound, and the times in it."""

    audio: Blob
    duration_ms: int
    phrases: tuple[Span, ...]
    words: tuple[Word, ...]
    fit: Fit
    natural_ms: int = 0
    """Length before any stretch; 0 where the engine predicts it."""
    clicks: tuple[int, ...] = ()
    """Where it clicks in the middle of its voice, in ms: fewest of all times it was spoken."""


@step(version=1, each="lines")
def natural_lengths(
    store: Store, synthesizer: Synthesizer, grant: Grant, language: str, lines: tuple[tuple[str, ...], ...]
) -> tuple[tuple[int, ...], ...]:
    """Natural length of each phrase of each line, in ms."""
    return tuple(synthesizer.pace(phrases, grant, language) for phrases in lines)


@step(version=6)
def speak(
    store: Store, synthesizer: Synthesizer, grant: Grant, language: str, phrases: tuple[Phrase, ...]
) -> SynthesizedLine:
    """Speak one line, up to three times while it clicks; the spans of `phrases` count from its first sound."""

    def again(more_ms: int) -> SynthesizedLine:
        return _keep(store, synthesizer, synthesizer.speak(_lengthen(phrases, more_ms), grant, language), phrases)

    return _with_fewest_clicks(again, phrases)


@step(version=2)
def perform(
    store: Store,
    synthesizer: Synthesizer,
    grant: Grant,
    language: str,
    phrases: tuple[Phrase, ...],
    manners: tuple[Manner, ...],
) -> SynthesizedLine:
    """Speak one line in the manner of its actor; an engine that is not expressive takes over how loud it is alone."""

    def again(more_ms: int) -> SynthesizedLine:
        wanted = _lengthen(phrases, more_ms)
        result = (
            synthesizer.speak(wanted, grant, language, manners)
            if isinstance(synthesizer, Expressive)
            else synthesizer.speak(wanted, grant, language)
        )
        return _keep(store, synthesizer, result, phrases, manners)

    return _with_fewest_clicks(again, phrases)


def _with_fewest_clicks(speak_again: Callable[[int], SynthesizedLine], phrases: tuple[Phrase, ...]) -> SynthesizedLine:
    """The rendering with the fewest clicks, and of those the nearest to the plan: asked for anew, somewhat longer and
    then fitted, while it clicks, and where it clicked once more while it does not land.
    """
    made: list[tuple[int, int, SynthesizedLine]] = []
    for more_ms in AGAIN_MS:
        line = speak_again(more_ms)
        off = max(0, _off_plan_ms(line, phrases) - LANDED_MS)
        made.append((len(line.clicks), off, line))
        if not line.clicks and (len(made) == 1 or not off):
            break
    return min(made, key=lambda one: one[:2])[2]


def _off_plan_ms(line: SynthesizedLine, phrases: tuple[Phrase, ...]) -> int:
    """How far a phrase's edge is from its plan, at most; of an engine that pauses as it likes, the line's."""
    heard, planned = list(line.phrases), [phrase.span for phrase in phrases]
    if len(heard) != len(planned):
        heard, planned = ([Span(spans[0].start_ms, spans[-1].end_ms)] for spans in (heard, planned))
    return max(max(abs(h.start_ms - p.start_ms), abs(h.end_ms - p.end_ms)) for h, p in zip(heard, planned))


def _keep(
    store: Store,
    synthesizer: Synthesizer,
    result: Spoken,
    phrases: tuple[Phrase, ...],
    manners: tuple[Manner, ...] = (),
) -> SynthesizedLine:
    """What of spoken sound is kept as a take."""
    import numpy as np
    import soundfile

    samples, heard, words, how, natural = _fit_to_plan(
        result.samples, result.rate, result.lead_ms, result.words, phrases, synthesizer
    )
    samples = silence_pops(samples, result.rate, voice_activity(samples, result.rate))
    clicks = tuple(find_clicks(samples, result.rate))
    samples = level_phrases(samples, result.rate, heard, manners)
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, np.clip(samples, -1.0, 1.0), result.rate, "PCM_24", format="WAV")
    return SynthesizedLine(draft.blob, heard[-1].end_ms, heard, words, how, natural, clicks)


def _lengthen(phrases: tuple[Phrase, ...], by_ms: int) -> tuple[Phrase, ...]:
    """Phrases that end so much later, none after the next begins."""
    nexts = [*(p.span.start_ms for p in phrases[1:]), phrases[-1].span.end_ms + max(0, by_ms)]
    ends = [max(p.span.start_ms + 1, min(p.span.end_ms + by_ms, following)) for p, following in zip(phrases, nexts)]
    return tuple(replace(p, span=Span(p.span.start_ms, end)) for p, end in zip(phrases, ends)) if by_ms else phrases


def synthesize(
    run: Run,
    transcript: Transcript,
    translation: Translation,
    grants: Mapping[str, Grant],
    synthesizer: Synthesizer,
    duration_ms: int,
    *,
    timing: str = "strict",
    relaxed: Sequence[str] = (),
    held: Sequence[str] = (),
    pronunciations: Pronunciations = NONE,
    on_planned: Callable[[Sequence[Plan]], None] = lambda _plans: None,
    direct: Direct | None = None,
    on_made: Callable[[Take], None] = lambda _take: None,
    recorded: Mapping[str, Recorded] = NO_RECORDINGS,
    guides: Mapping[str, Guide] = NO_GUIDES,
    on_screen: Sequence[PhraseOnScreen] = (),
    sounds: Sequence[Span] = (),
) -> Speech:
    """Plan and speak every line of the dub.

    Args:
        run: store and listener.
        transcript: who speaks when.
        translation: what can be said.
        grants: for each segment id the grant of the voice it is spoken with.
        synthesizer: the engine.
        duration_ms: of the source; no line may sound beyond.
        timing: how closely lines follow their source, one of `placement.TIMINGS`.
        relaxed: speakers and segments that follow it freely.
        held: speakers and segments that follow it strictly.
        pronunciations: a user's lexicon.
        on_planned: called before the first line is spoken, with which lines will be: what depends on nothing else can
            be begun.
        direct: says in which manner each phrase is to be spoken; None for the voice's own.
        on_made: called with every take that was newly spoken, at once: what is owed for a voice is written down then.
        recorded: for each segment id that a person recorded the recording, which is heard in place of the engine.
        guides: for each segment id that a person read as a guide the reading, whose pauses it follows.
        on_screen: whether each phrase is seen said; where it is, wordings that close the lips as it does are preferred.
        sounds: of voices, without words, that stay as they are: like lines that stay in the original, they are spoken
            over only where a line fits nowhere else.

    Raises:
        EngineFailed: the engine raised on a line; the message names it.
        UsageError: `relaxed` or `held` names nobody and no segment of the transcript.
    """
    check_timed(relaxed, held, transcript)
    if direct and not isinstance(synthesizer, Expressive):
        asked = "a guide take" if guides else "--expression"
        run.warn(
            "expression",
            f"{asked}: the synthesizer {synthesizer.name} takes over no intonation, only how loud phrases are",
        )
    for grant in grants.values():
        Grant.prove(grant)  # also where every take comes from the store
    segments = {s.id: s for s in transcript.segments}
    lines = [(segments[line.segment], line) for line in translation.lines if line.candidates and line.segment in grants]
    lines = [
        (segment, line)
        for segment, line in lines
        if segment.id in recorded or _with_words(line.candidates[0].text, translation.language)
    ]
    front_end = FrontEnd(run.store, synthesizer, translation.language, pronunciations, direct)
    with run.stage("plan", len(lines)):
        slots = [
            replace(slot, phrases=(segment.span,)) if slot.segment in recorded else slot
            for slot, (segment, _) in zip(slots_of([s for s, _ in lines], duration_ms, timing, relaxed, held), lines)
        ]
        slots = [guided_slot(slot, guides[slot.segment]) if slot.segment in guides else slot for slot in slots]
        dubbed = {segment.id for segment, _ in lines}
        stays = [p for s in transcript.segments if s.text and s.id not in dubbed for p in phrases_of(s)]
        slots = _beside_kept(slots, [*sounds, *stays])
        slots = [
            replace(slot, closures=seen_closures(segment, on_screen, transcript.language)) if on_screen else slot
            for slot, (segment, _) in zip(slots, lines)
        ]
        choices = [
            _recorded_option(slot, line.candidates, recorded[slot.segment], translation.language)
            if slot.segment in recorded
            else _options(front_end, slot, line.candidates, grants[line.segment])
            for slot, (_, line) in zip(slots, lines)
        ]
        plans = planner.plan_timing(slots, choices)
        plans = tuple(
            fitted_plan(plan, slot, recorded[plan.segment]) if plan.segment in recorded else plan
            for plan, slot in zip(plans, slots)
        )
    on_planned(plans)
    takes = []
    with run.stage("synthesize", len(plans)) as advance:
        texts = [line.candidates[planned.chosen].text for planned, (_, line) in zip(plans, lines)]
        ahead = None
        if run.speak_ahead is not None:
            ahead = partial(run.speak_ahead, run.warn, synthesizer.fingerprint, translation.language)
        for planned, (take, new, clicks) in zip(plans, _takes(front_end, plans, texts, grants, recorded, ahead)):
            if planned.segment in guides:
                take = replace(take, guide=guides[planned.segment].file)  # noqa: PLW2901
            takes.append(take)
            if clicks:
                where = ", ".join(f"{at / 1000:.2f} s" for at in clicks)
                run.warn("click", f"line {planned.segment} clicks, {where} after its start, each time it is spoken")
            if new:
                on_made(take)
            if planned.fit == "overflow":
                run.warn("overflow", f"line {planned.segment} does not fit: {planned.reason}")
            advance()
    return Speech(translation.language, tuple(takes), plans)


def lengths_to_speak(
    store: Store,
    transcript: Transcript,
    grants: Mapping[str, Grant],
    synthesizer: Synthesizer,
    language: str,
    pronunciations: Pronunciations = NONE,
) -> Callable[[str, str], frozenset[str]]:
    """Tell which other lengths a segment wishes: none where its best wording is spoken at a comfortable pace, as then
    `synthesize` looks at no other.

    Args:
        store: keeps what the synthesizer foretells.
        transcript: who speaks when.
        grants: for each segment id the grant of the voice it is spoken with.
        synthesizer: the engine.
        language: of the wordings.
        pronunciations: a user's lexicon.

    Returns:
        (segment, wording) -> of "short" and "long" those that would fit better.
    """
    front_end = FrontEnd(store, synthesizer, language, pronunciations)
    end_ms = max((s.span.end_ms for s in transcript.segments), default=0)
    slots = {slot.segment: slot for slot in slots_of(transcript.segments, end_ms)}

    def wished(segment: str, text: str) -> frozenset[str]:
        if segment not in grants or not _with_words(text, language):
            return frozenset()
        pace = front_end.pace_of(grants[segment])
        (first,) = planner.phrase_variants(slots[segment], (Candidate(text, 0.0),), language, pace)
        slowest, fastest = _rates(first)
        return frozenset(["short"] * (fastest > COMFORTABLE[1]) + ["long"] * (slowest < COMFORTABLE[0]))

    return wished


def check_timed(relaxed: Sequence[str], held: Sequence[str], transcript: Transcript) -> None:
    """Refuse what is no speaker and no segment of the transcript.

    Raises:
        UsageError: naming it.
    """
    speakers = list(dict.fromkeys(s.speaker for s in transcript.segments))
    for key, names in (("relax", relaxed), ("hold", held)):
        if unknown := sorted(set(names) - set(speakers) - {s.id for s in transcript.segments}):
            raise UsageError(
                f"timing.{key} names {unknown[0]!r}, which is no speaker or segment: "
                f"the speakers are {', '.join(speakers)}"
            )


def slots_of(
    segments: Sequence[Segment],
    duration_ms: int,
    timing: str = "strict",
    relaxed: Sequence[str] = (),
    held: Sequence[str] = (),
) -> list[planner.Slot]:
    """The slot of each line: up to the next line, or the end of the file."""
    slots = []
    for i, segment in enumerate(segments):
        following = [s.span.start_ms for s in segments[i + 1 :][:3] if s.span.start_ms >= segment.span.end_ms]
        until = min(following, default=duration_ms + planner.WANTED_GAP_MS)
        manner = _manner(segment, timing, relaxed, held)
        slots.append(planner.Slot(segment.id, segment.phrases or (segment.span,), segment.speaker, until, manner))
    return slots


def _beside_kept(slots: Sequence[planner.Slot], kept: Sequence[Span]) -> list[planner.Slot]:
    """The slots with what stays in the original near them; not what is heard while their source speaks."""
    found = []
    for slot in slots:
        first, last = slot.phrases[0].start_ms - NEAR_MS, slot.phrases[-1].end_ms + NEAR_MS
        near = (k for k in kept if k.end_ms > first and k.start_ms < last)
        beside = sorted(k for k in near if not any(k.overlap_ms(p) for p in slot.phrases))
        found.append(replace(slot, kept=tuple(beside)) if beside else slot)
    return found


def _manner(segment: Segment, timing: str, relaxed: Sequence[str], held: Sequence[str]) -> TimingMode:
    """How closely a line follows its source: what is said of the line counts before what is said of its speaker."""
    for name in (segment.id, segment.speaker):
        if name in relaxed:
            return TIMING_MODES["free"]
        if name in held:
            return TIMING_MODES["strict"]
    return TIMING_MODES["strict" if timing == BY_PICTURE else timing]


def _with_words(text: str, language: str) -> bool:
    return any(c.isalnum() for c in normalize_text(text, language))


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """The text front end of one dub's synthesis: the engine, its language, and the user's lexicon."""

    store: Store
    synthesizer: Synthesizer
    language: str
    pronunciations: Pronunciations
    direct: Direct | None = None

    def spoken(self, text: str) -> str:
        """What the engine is given for a written text; phonemes only where it takes them."""
        said = normalize_text(text, self.language, self.pronunciations)
        return said if getattr(self.synthesizer, "phonemes", False) else without_phonemes(said)

    def line_to_speak(self, planned: Plan, text: str) -> LineToSpeak:
        """What the engine is asked for a line as it is planned."""
        zero = planned.phrases[0].span.start_ms
        phrases = tuple(Phrase(self.spoken(p.text), p.span.shifted(-zero)) for p in planned.phrases)
        return LineToSpeak(planned, text, phrases, self.direct(planned, phrases) if self.direct else ())

    def pace_of(self, grant: Grant) -> planner.Pace:
        """Foretells how long phrases last, in ms, when a voice says them at its own pace."""

        def natural(phrases: Sequence[str]) -> Sequence[int]:
            said = tuple(map(self.spoken, phrases))
            if not self.synthesizer.exact_duration:
                return [round(SYLLABLE_MS * syllables(p, self.language)) for p in said]
            (lengths,) = natural_lengths(self.store, self.synthesizer, grant, self.language, (said,))
            return lengths

        return natural


def _options(
    front_end: FrontEnd, slot: planner.Slot, candidates: Sequence[Candidate], grant: Grant
) -> tuple[planner.Variant, ...]:
    language, natural = front_end.language, front_end.pace_of(grant)
    (first,) = planner.phrase_variants(slot, candidates[:1], language, natural)
    slowest, fastest = _rates(first)
    if len(candidates) == 1:
        return (first,)
    if slowest >= COMFORTABLE[0] and fastest <= COMFORTABLE[1]:
        among = _nearer_lips(candidates, first, slot, language)
    else:
        among = _shortlist(candidates, first, language)
    return (first, *planner.phrase_variants(slot, candidates, language, natural, among))


def _rates(variant: planner.Variant) -> tuple[float, float]:
    """The lowest and the highest rate at which the phrases of a variant fill their slots."""
    rates = [n / s.length_ms for n, s in zip(variant.natural_ms, variant.slots)]
    return min(rates), max(rates)


def _shortlist(candidates: Sequence[Candidate], first: planner.Variant, language: str) -> list[int]:
    """The candidates nearest to the source's length by their syllables, beside the best: predicting a length costs a
    run of the model.
    """
    per_ms = syllables(candidates[0].text, language) / max(1, sum(first.natural_ms))
    wanted = per_ms * sum(s.length_ms for s in first.slots)
    nearness = {i: abs(syllables(c.text, language) - wanted) for i, c in enumerate(candidates) if i}
    return sorted(nearness, key=lambda i: nearness[i])[: MAX_PREDICTED - 1]


def _nearer_lips(
    candidates: Sequence[Candidate], first: planner.Variant, slot: planner.Slot, language: str
) -> list[int]:
    """The candidates that gain more by the lips that are seen than they lose in meaning, if they last as long as the
    source; the best first.
    """
    if not slot.closures:
        return []

    def cost(texts: Sequence[str], slots: Sequence[Span], loss: float) -> float:
        return loss + planner.lips_cost(slot, texts, slots, language)

    laid = planner.phrase_variants(slot, candidates, language, lambda texts: [0] * len(texts))
    costs = {variant.candidate: cost(variant.texts, variant.slots, variant.loss) for variant in laid[1:]}
    now = cost(first.texts, first.slots, first.loss)
    return sorted((n for n in costs if costs[n] < now), key=lambda n: costs[n])[:MOST_FOR_LIPS]


def _recorded_option(
    slot: planner.Slot, candidates: Sequence[Candidate], recording: Recorded, language: str
) -> tuple[planner.Variant, ...]:
    """The one way to say a line that a person recorded: the words and the length of the recording."""
    return planner.phrase_variants(slot, candidates[:1], language, lambda _phrases: [recording.length_ms])


def _takes(
    front_end: FrontEnd,
    plans: Sequence[Plan],
    texts: Sequence[str],
    grants: Mapping[str, Grant],
    recorded: Mapping[str, Recorded],
    ahead: Callable[[Sequence[tuple[LineToSpeak, Request]]], Callable[[str], None]] | None = None,
) -> Iterator[tuple[Take, bool, tuple[int, ...]]]:
    """Every take in order, whether it was newly spoken here, and where it clicks; as many at once as the engine takes
    calls at once. While those that are new are spoken the others are found; where there is who speaks ahead, they are
    found before, so that nobody is asked for what is known.
    """
    lines = list(zip(plans, texts))
    done: dict[int, tuple[Take, bool, tuple[int, ...]]] = {}

    def take(line: tuple[Plan, str]) -> tuple[Take, bool, tuple[int, ...]]:
        planned, text = line
        grant = grants[planned.segment]
        if planned.segment in recorded:
            return recorded_take(front_end.store, planned, text, grant, recorded[planned.segment])
        asked = front_end.line_to_speak(planned, text)
        return speak_line(front_end.store, front_end.synthesizer, grant, front_end.language, asked)

    def new_lines() -> Iterator[int]:
        for number, line in enumerate(lines):
            if (known := front_end.store.remembered(partial(take, line))) is not None:
                done[number] = known
            else:
                yield number

    new_ones: Iterable[int] = new_lines()
    wait: Callable[[str], None] = lambda _segment: None  # noqa: E731
    if ahead is not None:
        new_ones = list(new_ones)
        to_speak = [lines[number] for number in new_ones if plans[number].segment not in recorded]
        wait = ahead([(front_end.line_to_speak(*line), grants[line[0].segment].request) for line in to_speak])

    def make(number: int) -> tuple[int, tuple[Take, bool, tuple[int, ...]]]:
        wait(plans[number].segment)
        return number, take(lines[number])

    made = in_order(make, new_ones, calls_at_once(front_end.synthesizer))
    for number in range(len(lines)):
        while number not in done and (new := next(made, None)) is not None:
            done[new[0]] = new[1]
        yield done.pop(number)


def speak_line(
    store: Store, synthesizer: Synthesizer, grant: Grant, language: str, line: LineToSpeak
) -> tuple[Take, bool, tuple[int, ...]]:
    """The take of one line, whether it was newly spoken, and where it clicks.

    Raises:
        EngineFailed: the engine raised; the message names the line.
        ConsentError: the grant does not hold any more.
    """
    planned, natural = line.plan, line.plan.natural_ms
    try:
        if synthesizer.exact_duration:
            natural = _natural(store, synthesizer, grant, language, line.phrases) or natural
        before = store.made_here
        sound = (
            perform(store, synthesizer, grant, language, line.phrases, line.manners)
            if line.manners
            else speak(store, synthesizer, grant, language, line.phrases)
        )
    except EngineError as error:
        raise EngineFailed(
            f"line {planned.segment}: {error.message}", segment=planned.segment, **error.details
        ) from error
    take = Take(
        segment=planned.segment,
        text=line.text,
        audio=sound.audio,
        duration_ms=sound.duration_ms,
        phrases=sound.phrases,
        words=sound.words,
        voice=grant.voice.id,
        grant=grant.id,
        natural_ms=sound.natural_ms or natural,
        fit="overflow" if planned.fit == "overflow" else sound.fit,
        spoken=" ".join(p.text for p in line.phrases),
    )
    return take, store.made_here > before, sound.clicks


def _natural(store: Store, synthesizer: Synthesizer, grant: Grant, language: str, phrases: Sequence[Phrase]) -> int:
    """Natural length of a line with its own pauses, in ms; 0 where it is too long for one run."""
    try:
        ((length,),) = natural_lengths(store, synthesizer, grant, language, ((" ".join(p.text for p in phrases),),))
    except EngineFailed:
        return 0
    return length


# --- what is heard of a take -----------------------------------------------------------------------------------------


def _fit_to_plan(
    samples: Samples,
    rate: int,
    lead_ms: int,
    words: Sequence[Word],
    phrases: Sequence[Phrase],
    synthesizer: Synthesizer,
) -> tuple[Samples, tuple[Span, ...], tuple[Word, ...], Fit, int]:
    if synthesizer.exact_duration:
        audio, heard = trim_to_spans(samples, rate, lead_ms, [p.span for p in phrases])
        return audio, heard, _clip_words(words, heard), "exact", 0
    found = voice_activity(samples, rate)
    audio = samples[found[0].start_ms * rate // 1000 : (found[-1].end_ms + TAIL_MS) * rate // 1000]
    natural = found[-1].end_ms - found[0].start_ms
    wanted = phrases[-1].span.end_ms
    audio = stretch_to(audio, rate, bounded_stretch(wanted * rate / 1000, len(audio)))
    return audio, tuple(voice_activity(audio, rate)), (), "stretched", natural


def _clip_words(words: Sequence[Word], heard: Sequence[Span]) -> tuple[Word, ...]:
    end = heard[-1].end_ms
    return tuple(
        Word(w.text, Span(max(0, min(w.span.start_ms, end - 1)), max(1, min(w.span.end_ms, end))), w.confidence)
        for w in words
    )
