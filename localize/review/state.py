"""The lines of a dub as a list of decisions leaves them: replayed in order, without what was taken back.

Over 400 lines: what each kind of decision does to a line, and what ends it, is read together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from ..data import ORIGINAL, LineChange
from ..errors import UsageError
from ..subtitles.cue_edits import ShownCue
from .events import CHANGES, Event


@dataclass(frozen=True, slots=True)
class MachineLine:
    """A line as it was when its review began.

    Args:
        line: id.
        heard: what was recognised, before any correction of earlier runs: a later run finds the line by it.
        translation: target language -> what the dub said.
        candidates: target language -> the wordings there were.
        voice: target language -> "original" where the dub left the line as it was.
    """

    line: str
    speaker: str
    start_ms: int
    end_ms: int
    source: str
    heard: str
    translation: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    voice: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An approval or a rejection: the event's number, who and when, and the words approved or the reason."""

    number: int
    who: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class OwnTake:
    """A recording that is heard in place of a synthesized voice: SHA-256 of its file, and whose voice it is."""

    file: str
    voice: str


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A line as it stands.

    Args:
        line: id.
        source: what is said in it.
        heard: what was recognised there, before any correction.
        machine: target language -> what the dub said when the review began, where it is of these source words.
        candidates: the wordings there were then.
        translation: target language -> what a person gave.
        voice: target language -> voice that a person chose; "" for every language.
        takes: target language -> the recording that is heard, until other words or another voice are chosen.
        guides: target language -> SHA-256 of the reading that the synthesized voice follows, until other words are
            chosen or a recording is heard.
        origins: the lines that it comes from, where lines were split or merged.
        reshaped: it was split or merged.
        retimed: a person moved its edges.
        reworded: its source words are not those that the dub translated: the next run translates it anew.
        approved: target language -> the approval that holds.
        rejected: target language -> the rejection that holds.
        comments: numbers of the events about it.
        marks: numbers of its QC marks.
    """

    line: str
    speaker: str
    start_ms: int
    end_ms: int
    source: str
    heard: str
    machine: dict[str, str]
    candidates: dict[str, tuple[str, ...]]
    origins: tuple[str, ...]
    translation: dict[str, str] = field(default_factory=dict)
    voice: dict[str, str] = field(default_factory=dict)
    takes: dict[str, OwnTake] = field(default_factory=dict)
    guides: dict[str, str] = field(default_factory=dict)
    reshaped: bool = False
    retimed: bool = False
    reworded: bool = False
    approved: dict[str, Verdict] = field(default_factory=dict)
    rejected: dict[str, Verdict] = field(default_factory=dict)
    comments: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()

    def text(self, language: str) -> str:
        """What it says in a target language, as far as is known without a new run: a person's words, else the dub's."""
        return self.translation.get(language, self.machine.get(language, ""))

    def chosen_voice(self, language: str) -> str:
        """The voice that a person chose for a target language, or whose recording is heard; "" for none."""
        own = self.takes.get(language)
        return own.voice if own else self.voice.get(language) or self.voice.get("") or ""

    def is_stale(self, language: str) -> bool:
        """Whether the next run says something that nobody saw yet: the source words changed, and nobody translated."""
        return self.reworded and language not in self.translation


@dataclass(slots=True)
class State:
    """What all decisions come to.

    Args:
        lines: by id.
        changes: the splits and merges, in order.
        undone: numbers of the events that are taken back.
        general: numbers of comments and marks about no line.
        cue_edits: changes of cues that hold, in order.
        terms: those that were added and hold, in order.
    """

    lines: dict[str, ReviewLine]
    changes: list[LineChange] = field(default_factory=list)
    undone: frozenset[int] = frozenset()
    general: list[int] = field(default_factory=list)
    cue_edits: list[Event] = field(default_factory=list)
    terms: list[Event] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    touched: list[tuple[int, str, str]] = field(default_factory=list)

    def in_order(self) -> tuple[ReviewLine, ...]:
        """The lines in order of time, each with the verdicts that hold."""
        ends: dict[str, list[tuple[int, str]]] = {}
        for number, line, language in self.touched:
            ends.setdefault(line, []).append((number, language))
        lines = sorted(self.lines.values(), key=lambda e: (e.start_ms, e.end_ms, e.line))
        return tuple(_with_verdicts_that_hold(line, ends.get(line.line, ())) for line in lines)

    def line(self, name: str) -> ReviewLine:
        """A line by its id.

        Raises:
            UsageError: there is none.
        """
        if name not in self.lines:
            raise UsageError(f"there is no line {name}", segment=name)
        return self.lines[name]

    def completed(self, event: Event) -> Event:
        """An event with what only the lines know: the id of a split's second part, the words of a candidate or of an
        approval.

        Raises:
            UsageError: there is no such line or candidate.
        """
        if event.kind == "split" and not event.other:
            stem = re.sub(r"(?<=.)-\d+$", "", event.line)
            names = (f"{stem}-{number}" for number in count(2))
            return replace(event, other=next(name for name in names if name not in self.used))
        if event.kind == "choose_candidate" and event.text is None and event.candidate is not None:
            known = self.line(event.line).candidates.get(event.language, ())
            if event.candidate >= len(known):
                there = f"{event.line} has {len(known)} wordings in {event.language}"
                raise UsageError(f"{there}, and none with the number {event.candidate}", segment=event.line)
            return replace(event, text=known[event.candidate])
        if event.kind in ("approve", "own_take", "guide_take") and event.text is None:
            return replace(event, text=self.line(event.line).text(event.language))
        return event


def replay(lines: Sequence[MachineLine], events: Sequence[Event]) -> State:
    """The state after a list of events.

    Args:
        lines: as they were at the beginning.
        events: numbered from 1, in order.

    Raises:
        UsageError: one cannot be applied; the message names its number.
    """
    state = State({line.line: _first(line) for line in lines}, used={line.line for line in lines})
    state.undone = _undone(events)
    for event in events:
        try:
            apply(state, event, events)
        except UsageError as error:
            raise UsageError(f"event {event.number} ({event.kind}): {error.message}", **error.details) from error
    _require_cues_of(state, events)
    return state


def _require_cues_of(state: State, events: Sequence[Event]) -> None:
    """Refuse (UsageError) changes of cues that stand only in a change that is taken back."""
    gone: set[tuple[str, str, ShownCue]] = set()
    made: set[tuple[str, str, ShownCue]] = set()
    for event in (event for event in events if event.kind == "edit_cue"):
        after = {(event.language, event.profile, cue) for cue in event.after}
        if event.number in state.undone:
            gone |= after
            continue
        if gone & {(event.language, event.profile, cue) for cue in event.before} - made:
            raise UsageError(f"event {event.number} ({event.kind}) changes its cues")
        made |= after


def advanced(state: State, lines: Sequence[MachineLine], events: Sequence[Event], event: Event) -> State:
    """The state after one more event; `state` itself may be changed.

    Args:
        state: after `events`.
        lines: as they were at the beginning.
        events: so far.
        event: the next one.

    Raises:
        UsageError: it cannot be applied.
    """
    if event.kind != "undo":
        apply(state, event, events)
        return state
    if event.undoes not in {e.number for e in events} or event.undoes in state.undone:
        raise UsageError(f"there is no event {event.undoes} to take back")
    try:
        return replay(lines, (*events, event))
    except UsageError as error:
        raise UsageError(
            f"event {event.undoes} cannot be taken back while others build on it: {error.message}; take that back first"
        ) from error


def _undone(events: Sequence[Event]) -> frozenset[int]:
    """Numbers of what is taken back; an undo can be taken back itself."""
    undone: set[int] = set()
    for event in reversed(events):
        if event.kind == "undo" and event.number not in undone and event.undoes is not None:
            undone.add(event.undoes)
    return frozenset(undone)


def _first(line: MachineLine) -> ReviewLine:
    return ReviewLine(
        line.line, line.speaker, line.start_ms, line.end_ms, line.source, line.heard,
        line.translation, line.candidates, (line.line,),
    )  # fmt: skip


def _with_verdicts_that_hold(line: ReviewLine, ends: Sequence[tuple[int, str]]) -> ReviewLine:
    def holding(verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
        return {
            language: verdict
            for language, verdict in verdicts.items()
            if not any(number > verdict.number and of in ("", language) for number, of in ends)
        }

    return replace(line, approved=holding(line.approved), rejected=holding(line.rejected))


# --- one event -------------------------------------------------------------------------------------------------------


def apply(state: State, event: Event, events: Sequence[Event] = ()) -> None:
    """Change a state by one event.

    Raises:
        UsageError: it cannot be applied to the lines as they are.
    """
    if event.kind == "split":
        state.used.add(event.other)
    if event.kind == "undo":
        if event.undoes is None or not 0 < event.undoes < event.number:
            raise UsageError(f"there is no event {event.undoes} before it to take back")
        root = _root(events, event)
        if root.kind in CHANGES:
            _touch(state, event.number, root)
        return
    if event.number in state.undone:
        return
    if event.kind in CHANGES:
        _change(state, event)
        _touch(state, event.number, event)
    elif event.kind == "edit_cue":
        state.cue_edits.append(event)
    elif event.kind == "add_term":
        state.terms.append(event)
    elif event.line:
        _remark(state, event)
    else:
        state.general.append(event.number)


def _root(events: Sequence[Event], event: Event) -> Event:
    """What an undo is about in the end: undoing an undo is about what that took back."""
    while event.kind == "undo" and event.undoes is not None:
        event = events[event.undoes - 1]
    return event


def _touch(state: State, number: int, event: Event) -> None:
    for line in filter(None, (event.line, event.other)):
        state.touched.append((number, line, event.language))


def _remark(state: State, event: Event) -> None:
    line = state.line(event.line)
    verdict = {event.language: Verdict(event.number, event.who, event.at, event.text or "")}
    without = {language: v for language, v in line.approved.items() if language != event.language}
    found = {
        "comment": lambda: replace(line, comments=(*line.comments, event.number)),
        "qc": lambda: replace(line, marks=(*line.marks, event.number)),
        "prefer": lambda: line,
        "approve": lambda: replace(
            line,
            approved={**line.approved, **verdict},
            rejected={language: v for language, v in line.rejected.items() if language != event.language},
        ),
        "reject": lambda: replace(line, approved=without, rejected={**line.rejected, **verdict}),
    }[event.kind]()
    state.lines[line.line] = found


def _change(state: State, event: Event) -> None:
    line = state.line(event.line)
    if event.kind == "split":
        state.lines |= {part.line: part for part in _split(state, line, event)}
    elif event.kind == "merge":
        state.lines[line.line] = _merge(state, line, event)
        del state.lines[event.other]
    elif event.kind in ("move", "trim", "retime"):
        state.lines[line.line] = _retime(line, event)
    elif event.kind in ("change_voice", "keep_original"):
        voice = ORIGINAL if event.kind == "keep_original" else event.voice or ""
        others = {language: v for language, v in line.voice.items() if event.language and language != event.language}
        takes = {language: t for language, t in line.takes.items() if event.language and language != event.language}
        state.lines[line.line] = replace(line, voice={**others, event.language: voice}, takes=takes)
    elif event.kind == "edit_source":
        state.lines[line.line] = replace(line, source=event.text or "", reworded=True)
    else:
        if event.text is None:
            raise UsageError(f"the words of {event.line} are missing")
        takes = {language: t for language, t in line.takes.items() if language != event.language}
        guides = {language: file for language, file in line.guides.items() if language != event.language}
        if event.kind == "own_take":
            takes[event.language] = OwnTake(event.take, event.voice or "")
        if event.kind == "guide_take":
            guides[event.language] = event.take
        said = {**line.translation, event.language: event.text}
        state.lines[line.line] = replace(line, translation=said, takes=takes, guides=guides)


def _retime(line: ReviewLine, event: Event) -> ReviewLine:
    by = event.by_ms or 0
    start = line.start_ms + by if event.start_ms is None else event.start_ms
    end = line.end_ms + by if event.end_ms is None else event.end_ms
    if not 0 <= start < end:
        raise UsageError(f"{line.line} would be heard from {start} to {end} ms, which is no time", segment=line.line)
    return replace(line, start_ms=start, end_ms=end, retimed=True)


def _split(state: State, line: ReviewLine, event: Event) -> Iterator[ReviewLine]:
    words, at, word = line.source.split(), event.at_ms or 0, event.word or 0
    if not line.start_ms < at < line.end_ms:
        raise UsageError(f"{line.line} lasts from {line.start_ms} to {line.end_ms} ms, and cannot be split at {at} ms")
    if not 0 < word < len(words):
        raise UsageError(f"{line.line} has {len(words)} words, and cannot be split before word {word + 1}")
    if event.other in state.lines:
        raise UsageError(f"there is a line {event.other} already")
    first, second = {}, {}
    for language in {*line.translation, *event.parted}:
        if language not in event.parted:
            raise UsageError(f"a person wrote {line.line} in {language}: say where that text is split as well (parted)")
        text = line.text(language).split()
        if not 0 < event.parted[language] < len(text):
            raise UsageError(f"{line.line} has {len(text)} words in {language}: split it between two of them")
        first[language] = " ".join(text[: event.parted[language]])
        second[language] = " ".join(text[event.parted[language] :])
    heard = line.heard.split()
    state.changes.append(LineChange("split", line.line, event.other, at, word, heard=line.heard))
    both = replace(line, machine={}, candidates={}, takes={}, guides={}, reshaped=True, reworded=True)
    yield replace(
        both, source=" ".join(words[:word]), end_ms=at, translation=first, heard=" ".join(heard[:word])
    )  # fmt: skip
    yield replace(
        both, line=event.other, source=" ".join(words[word:]), start_ms=at, translation=second,
        heard=" ".join(heard[word:]), comments=(), marks=(), approved={}, rejected={},
    )  # fmt: skip


def _merge(state: State, line: ReviewLine, event: Event) -> ReviewLine:
    other = state.line(event.other)
    if other.speaker != line.speaker:
        raise UsageError(f"{other.line} is said by {other.speaker} and {line.line} by {line.speaker}: not merged")
    of_speaker = sorted(
        (e for e in state.lines.values() if e.speaker == line.speaker), key=lambda e: (e.start_ms, e.end_ms, e.line)
    )
    at = [e.line for e in of_speaker].index(line.line)
    if other.line not in [e.line for e in of_speaker[at + 1 : at + 2]]:
        raise UsageError(f"{other.line} is not the line that {line.speaker} says after {line.line}: not merged")
    languages = dict.fromkeys((*line.translation, *other.translation))
    state.changes.append(LineChange("merge", line.line, other.line, heard=line.heard))
    return replace(
        line,
        end_ms=max(line.end_ms, other.end_ms),
        source=f"{line.source} {other.source}".strip(),
        heard=f"{line.heard} {other.heard}".strip(),
        machine={},
        candidates={},
        takes={},
        guides={},
        translation={name: f"{line.text(name)} {other.text(name)}".strip() for name in languages},
        origins=(*line.origins, *(o for o in other.origins if o not in line.origins)),
        reshaped=True,
        reworded=True,
        comments=(*line.comments, *other.comments),
        marks=(*line.marks, *other.marks),
    )
