"""When each turn of a given cue is said.

Evidence is asked for in this order: the words that are recognised around the cue, laid on those of its turns
(`forced_alignment.py`); the pause, or the change of voice, nearest to where the length of the words puts the change;
the length of the words alone, which is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, groupby, pairwise

from ..data import Media, Segment, Span, Transcript, Word
from ..engines import Recogniser
from ..errors import EngineMissing
from ..events import Run, name_some
from ..language.tags import main_language
from .alignment import PAUSE_MS
from .cue_turns import share_span
from .forced_alignment import FASTEST, LETTER_MS, find_lines
from .lines import SENTENCE_END, cue_of
from .transcribe import MARGIN_MS, detect_speech_spans, recognise_each, recognition_windows, refine, spans_on_signal

NEAR = 0.35
"""A pause or a change of voice this far from where the words' length puts a change, as a share of the cue, is it."""
VOICE, SENTENCE, PAUSE = 0.5, 0.3, 0.1
"""What speaks for a change before a recognised word: another voice, the end of a sentence, a pause; in shares of the
words of a cue by which it may then be further off."""
PAUSE_BETWEEN_MS = 500
"""Two turns of a conversation are this far apart at most where their cue leaves no time for them."""
LEAST_TURN_MS = 150
"""No turn is said in less: "No." takes as long."""

Changes = Callable[[], Sequence[int]]
"""Where the voice changes in the film, in ms, in order; asked for only where it is needed."""


def time_turns(
    run: Run, media: Media, recogniser: Recogniser | None, transcript: Transcript, changes: Changes, name: str
) -> Transcript:
    """Given lines, with those that are turns of one cue where each is said; the edges of their cues stay.

    Args:
        run: told of cues whose turns could not be found in the sound.
        media: the film.
        recogniser: hears the words around such cues; None to go without.
        transcript: the lines.
        changes: of voice.
        name: of the file, for messages.
    """
    cues = [_with_time(cue, transcript.segments, media.duration_ms) for cue in _cues(transcript.segments)]
    if not cues:
        return transcript
    voiced = _voiced(run, media)
    windows = recognition_windows(
        [_room(cue, transcript.segments, media.duration_ms) for cue in cues], media.duration_ms
    )
    heard: list[Word] = []
    language = transcript.language
    if recogniser is not None and main_language(language) in {main_language(known) for known in recogniser.languages}:
        heard = _recognise(run, media, recogniser, windows, language)
    rooms = {cue[0].id: _room(cue, transcript.segments, media.duration_ms) for cue in cues}
    said = [turns for cue in cues if (turns := _by_words(cue, heard, voiced, rooms[cue[0].id], language))]
    on_signal = _on_signal(run, media, said, voiced)
    found: dict[str, Segment] = {}
    unsure: list[str] = []
    for cue in cues:
        spans = [on_signal[turn.id] for turn in cue if turn.id in on_signal]
        edges = _within(cue, spans, rooms[cue[0].id]) if spans else None
        edges = edges or _by_sound(cue, voiced, changes())
        if edges is None:
            unsure.append(cue[0].id)
        found |= {turn.id: replace(turn, span=span) for turn, span in zip(cue, edges or [t.span for t in cue])}
    if unsure:
        run.warn(
            "turns_unsure",
            f"{name}: where the next person begins was not heard in the cues of {name_some(unsure)}: the time of each "
            "is shared by the length of the words; --edits gives lines other times",
        )
    return replace(transcript, segments=tuple(found.get(s.id, s) for s in transcript.segments))


def _recognise(run: Run, media: Media, recogniser: Recogniser, windows: Sequence[Span], language: str) -> list[Word]:
    """The words that are recognised in some stretches of a film, in order of time."""
    words: list[Word] = []
    with run.stage("transcribe", len(windows)) as advance:
        asked = [(window, language) for window in windows]
        for _, utterances in recognise_each(run.store, recogniser, media.speech, asked):
            words += [word for utterance in utterances for word in utterance.words]
            advance()
    return sorted(words, key=lambda word: word.span)


def _on_signal(run: Run, media: Media, said: Sequence[Sequence[Segment]], voiced: tuple[Span, ...]) -> dict[str, Span]:
    """Turn -> where it is heard: the words of a cue moved together, so that each pause lies between two of them.
    Recognised words begin too soon after a pause, or end too late before it.
    """
    wholes = [
        replace(turns[0], span=_whole(turns), words=tuple(word for turn in turns for word in turn.words))
        for turns in said
    ]
    found: dict[str, Span] = {}
    moved = {s.id: s.words for s in refine(run.store, media.speech, tuple(wholes), voiced)} if wholes else {}
    for turns in said:
        words = iter(moved[turns[0].id])
        for turn in turns:
            own = [next(words) for _ in turn.words] if all(t.words for t in turns) else []
            found[turn.id] = Span(own[0].span.start_ms, own[-1].span.end_ms) if own else turn.span
    return found


def _cues(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The turns of each cue that has several, in order of time."""
    ordered = sorted(segments, key=lambda s: cue_of(s.id))
    groups = [list(group) for _, group in groupby(ordered, key=lambda s: cue_of(s.id))]
    return sorted((group for group in groups if len(group) > 1), key=lambda group: group[0].span)


def _voiced(run: Run, media: Media) -> tuple[Span, ...]:
    """Where a voice is heard, with its pauses; nothing where no detector is installed."""
    try:
        return spans_on_signal(run.store, media.speech, detect_speech_spans(run.store, media.speech))
    except EngineMissing:
        return ()


def _with_time(cue: list[Segment], segments: Sequence[Segment], end_ms: int) -> list[Segment]:
    """The turns of a cue that is too short for its words, in the time that they take; any other as it is."""
    span, usual = _whole(cue), sum(len(turn.text) for turn in cue) * LETTER_MS
    if span.length_ms >= FASTEST * usual:
        return cue
    last = min(_next_start(cue, segments, end_ms), span.start_ms + usual + PAUSE_BETWEEN_MS * (len(cue) - 1))
    shared = share_span(Span(span.start_ms, max(span.end_ms, last)), [turn.text for turn in cue])
    return [replace(turn, span=span) for turn, span in zip(cue, shared)]


def _next_start(cue: Sequence[Segment], segments: Sequence[Segment], end_ms: int) -> int:
    """When the first line begins that follows a cue; the end of the film for the last."""
    ids, ends = {turn.id for turn in cue}, _whole(cue).end_ms
    return min((s.span.start_ms for s in segments if s.id not in ids and s.span.start_ms >= ends), default=end_ms)


def _room(cue: Sequence[Segment], segments: Sequence[Segment], end_ms: int) -> Span:
    """Where the words of a cue are looked for: in its time, and beyond it as far as they take and no line follows."""
    span = _whole(cue)
    usual = sum(len(turn.text) for turn in cue) * LETTER_MS
    after = _next_start(cue, segments, end_ms)
    return Span(span.start_ms, min(max(span.end_ms, span.start_ms + usual), max(after, span.end_ms)))


def _whole(cue: Sequence[Segment]) -> Span:
    return Span(cue[0].span.start_ms, cue[-1].span.end_ms)


def _by_words(
    cue: Sequence[Segment], heard: Sequence[Word], voiced: Sequence[Span], room: Span, language: str
) -> tuple[Segment, ...]:
    """The turns where their words are recognised; nothing where one of them is nowhere."""
    wide = Span(room.start_ms - MARGIN_MS, room.end_ms + MARGIN_MS)
    words = [word for word in heard if wide.start_ms <= (word.span.start_ms + word.span.end_ms) // 2 < wide.end_ms]
    near = [Span(max(v.start_ms, wide.start_ms), min(v.end_ms, wide.end_ms)) for v in voiced if v.overlap_ms(wide)]
    if not words:
        return ()
    found = find_lines([replace(turn, words=()) for turn in cue], words, near, language, wide.end_ms)
    return found.segments if len(found.segments) == len(cue) and found.found else ()


def _within(cue: Sequence[Segment], spans: Sequence[Span], room: Span) -> list[Span] | None:
    """Turns at these spans, in order, the first from where the cue begins and the last until it ends; None where that
    leaves one of them no time.
    """
    whole = _whole(cue)
    starts = [whole.start_ms, *(span.start_ms for span in spans[1:])]
    last = max(whole.end_ms, min(spans[-1].end_ms, room.end_ms))
    ends = [*(min(one.end_ms, other.start_ms) for one, other in pairwise(spans)), last]
    made = [Span(a, b) for a, b in zip(starts, ends)]
    return made if all(span.length_ms >= LEAST_TURN_MS for span in made) else None


def _by_sound(cue: Sequence[Segment], voiced: Sequence[Span], changes: Sequence[int]) -> list[Span] | None:
    """The turns parted at pauses or changes of voice; None where there are none near where they should be."""
    whole = _whole(cue)
    inside = [Span(max(v.start_ms, whole.start_ms), min(v.end_ms, whole.end_ms)) for v in voiced if v.overlap_ms(whole)]
    places = [(a.end_ms, b.start_ms) for a, b in pairwise(inside)]
    places += [(at, at) for at in changes if whole.start_ms < at < whole.end_ms and not _in_pause(at, places)]
    chosen: list[tuple[int, int]] = []
    for wanted in _wanted(cue, inside):
        near = [p for p in places if abs((p[0] + p[1]) // 2 - wanted) <= NEAR * whole.length_ms and p not in chosen]
        near = [p for p in near if not chosen or p[0] > chosen[-1][1]]
        if not near:
            return None
        # A change of voice says more than a pause, a long pause more than a short one.
        chosen.append(min(near, key=lambda p: abs((p[0] + p[1]) // 2 - wanted) - _weight(p, changes)))
    edges = [whole.start_ms, *(at for place in chosen for at in place), whole.end_ms]
    made = [Span(a, b) for a, b in zip(edges[::2], edges[1::2])]
    return made if all(span.length_ms >= LEAST_TURN_MS for span in made) else None


def _in_pause(at: int, pauses: Sequence[tuple[int, int]]) -> bool:
    return any(a - MARGIN_MS <= at <= b + MARGIN_MS for a, b in pauses)


def _weight(place: tuple[int, int], changes: Sequence[int]) -> int:
    """How much nearer a place counts, in ms, for what speaks for it."""
    voices = any(place[0] - MARGIN_MS <= at <= place[1] + MARGIN_MS for at in changes)
    return (1_000 if voices else 0) + min(600, place[1] - place[0])


def _wanted(cue: Sequence[Segment], inside: Sequence[Span]) -> Iterator[int]:
    """Where the length of the words puts each change, in the time that a voice is heard."""
    whole = _whole(cue)
    spoken = list(inside) or [whole]
    total = sum(turn.span.length_ms for turn in cue)
    said = 0
    for turn in cue[:-1]:
        said += turn.span.length_ms
        left = sum(span.length_ms for span in spoken) * said // total
        for span in spoken:
            if left <= span.length_ms:
                yield span.start_ms + left
                break
            left -= span.length_ms


# --- a translation without its source --------------------------------------------------------------------------------


def time_by_heard(lines: Sequence[Segment], heard: Transcript) -> tuple[Segment, ...]:
    """The lines of a given translation, with those that are turns of one cue at the recognised words they stand for:
    parted where another speaker, a sentence or a pause is, near to where the length of the turns puts it.

    Args:
        lines: in the order of their file.
        heard: what was recognised, and who says it.
    """
    words = [(word, segment.speaker) for segment in heard.segments for word in segment.words]
    found: dict[str, Segment] = {}
    for cue in _cues(lines):
        whole = _whole(cue)
        mine = [(w, who) for w, who in words if w.span.overlap_ms(whole) * 2 >= w.span.length_ms]
        if len(mine) < len(cue):
            continue
        cuts = _best_cuts(mine, [turn.span.length_ms for turn in cue])
        starts = [whole.start_ms, *(mine[at][0].span.start_ms for at in cuts)]
        ends = [*(mine[at - 1][0].span.end_ms for at in cuts), max(whole.end_ms, mine[-1][0].span.end_ms)]
        if all(a < b for a, b in zip(starts, ends)):
            found |= {t.id: replace(t, span=Span(a, b)) for t, a, b in zip(cue, starts, ends)}
    return tuple(found.get(line.id, line) for line in lines)


def _best_cuts(words: Sequence[tuple[Word, str]], lengths: Sequence[int]) -> list[int]:
    """Before which words a turn begins: the cheapest places in order, each word in one turn, none without a word."""
    spoken = [word.span.length_ms for word, _ in words]
    ends = list(accumulate(spoken, initial=0))
    wanted = [ends[-1] * part // max(1, sum(lengths)) for part in accumulate(lengths)]
    costs: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for turn in range(1, len(lengths)):
        last = len(words) - (len(lengths) - turn)
        costs = {
            at: min(
                (cost + _cut_cost(words, at, abs(ends[at] - wanted[turn - 1]) / max(1, ends[-1])), [*cuts, at])
                for before, (cost, cuts) in costs.items()
                if before < at
            )
            for at in range(turn, last + 1)
        }
    return min(costs.values())[1]


def _cut_cost(words: Sequence[tuple[Word, str]], at: int, off: float) -> float:
    """What it costs to begin a turn before a word that lies `off`, a share of all words, from where it should be."""
    (before, said), (word, says) = words[at - 1], words[at]
    ended = before.text.endswith(SENTENCE_END)
    pause = word.span.start_ms - before.span.end_ms >= PAUSE_MS
    return off - VOICE * (said != says) - SENTENCE * ended - PAUSE * pause
