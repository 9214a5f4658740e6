"""Given cues that hold the words of several people, as one line for each of their turns.

The first turn keeps the id of the cue's line, the others are called after it (`s0003`, `s0003-2`). Until the sound
tells when each begins (`turn_times.py`) they share the time of the cue by the length of their words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise

from ..data import Segment, Span
from ..language.boundaries import sentences_of
from ..language.turns import SpokenTurn, Turn, spoken_text, spoken_turns, turns_of
from ..timedtext.cues import Cue, cue_text, cue_voices
from ..timedtext.spread import spread_times
from .lines import cue_number, line_id, turn_id
from .supplied import SuppliedWords, labels_of


@dataclass(frozen=True, slots=True)
class CueTurn:
    """What one person says in a cue.

    Args:
        text: as it is written, dash and label before it.
        name: of the voice that the file's own marks give it; "" where they give none.
    """

    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class PartedLines:
    """Given words and their translation, both with a line for each turn.

    Args:
        given: the words.
        lines: for each of its lines the translation, with its id.
        cues: line -> the cue of the translation that its words are from.
    """

    given: SuppliedWords
    lines: tuple[Segment, ...]
    cues: Mapping[str, str]


def turns_of_cues(given: SuppliedWords) -> dict[str, tuple[CueTurn, ...]]:
    """Line -> what each person says in its cue, for cues with the words of several."""
    if given.document is None:
        return {}
    names = (*given.names.values(), *labels_of(given).names)
    found = {}
    for number, cue in enumerate(given.document.cues, 1):
        text, voices = _rows_by_voice(cue)
        turns = spoken_turns(turns_of(text, given.transcript.language, names, voices))
        if len(turns) > 1:
            found[line_id(number)] = tuple(CueTurn(_written(turn), _voice(turn, cue)) for turn in turns)
    return found


def _rows_by_voice(cue: Cue) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """The text of a cue and who speaks in each of its rows; of a line with the words of several voices, one after the
    other, each has a row.
    """
    voices = cue_voices(cue)
    if not cue.voices() or all(len(names) < 2 for names in voices):
        return cue_text(cue), voices
    rows: list[str] = []
    who: list[tuple[str, ...]] = []
    for number, line in enumerate(cue.lines):
        marks = sorted((m for m in cue.marks if m.kind == "voice" and m.line == number), key=lambda m: m.start)
        apart = all(one.end <= other.start for one, other in pairwise(marks))
        cuts = [0, *(mark.start for mark in marks[1:] if apart), len(line)]
        for n, (start, end) in enumerate(pairwise(cuts)):
            if row := " ".join(line[start:end].split()):
                rows.append(row)
                who.append((marks[n].value,) if marks and apart else cue.voices(number))
    return "\n".join(rows), tuple(who)


def _written(turn: SpokenTurn) -> str:
    return " ".join(part.parts.line.strip() for part in turn.turns)


def _voice(turn: SpokenTurn, cue: Cue) -> str:
    """The name that marks of the file give a turn; a colour is no name."""
    return turn.voices[0] if turn.voices and cue.voices() else ""


def part_cues(given: SuppliedWords) -> SuppliedWords:
    """Given words with a line for each turn of their cues; a cue of which the file says that one voice has it all stays
    whole.
    """
    return _part(given, {name: turns for name, turns in turns_of_cues(given).items() if not _of_one(given, name)})


def _of_one(given: SuppliedWords, name: str) -> bool:
    """Whether a file names one speaker for a whole cue."""
    assert given.document is not None
    cue = given.document.cues[cue_number(name) - 1]
    return bool(cue.speaker) and len(cue.voices()) < 2


def _part(given: SuppliedWords, parts: Mapping[str, Sequence[CueTurn]]) -> SuppliedWords:
    """Given words with some lines parted as `parts` says."""
    if not parts:
        return given
    speakers = {name.casefold(): speaker for speaker, name in given.names.items()}
    names = dict(given.names)
    taken = {segment.speaker for segment in given.transcript.segments}
    segments: list[Segment] = []
    for segment in given.transcript.segments:
        turns = parts.get(segment.id)
        if turns is None:
            segments.append(segment)
            continue
        for n, (turn, span) in enumerate(zip(turns, share_span(segment.span, [turn.text for turn in turns])), 1):
            if turn.name and turn.name.casefold() not in speakers:
                new = next(f"S{k}" for k in count(1) if f"S{k}" not in taken)
                speakers[turn.name.casefold()], names[new] = new, turn.name
                taken.add(new)
            speaker = speakers[turn.name.casefold()] if turn.name else segment.speaker
            segments.append(replace(segment, id=turn_id(segment.id, n), span=span, speaker=speaker, text=turn.text))
    left = {segment.speaker for segment in segments}
    transcript = replace(given.transcript, segments=tuple(segments))
    return replace(given, transcript=transcript, names={s: name for s, name in names.items() if s in left})


def share_span(span: Span, texts: Sequence[str]) -> list[Span]:
    """A span shared by texts in proportion to their length, one after the other; each gets a millisecond at least."""
    span = Span(span.start_ms, max(span.end_ms, span.start_ms + len(texts)))
    words = spread_times(" ".join(texts), (span,))
    starts: list[int] = []
    at = 0
    for n, text in enumerate(texts):
        earliest = starts[-1] + 1 if starts else span.start_ms
        begins = words[at].span.start_ms if n and at < len(words) else span.start_ms
        starts.append(min(max(earliest, begins), span.end_ms - len(texts) + n))
        at += len(text.split())
    return [Span(a, b) for a, b in zip(starts, [*starts[1:], span.end_ms])]


def rewritten_cue(
    cue: Cue, language: str, names: Sequence[str], lines: Sequence[Segment], texts: Mapping[str, str]
) -> str:
    """The text of a cue with other words in some of its turns; a newline where a turn begins a line.

    Args:
        cue: as its file has it.
        language: of its words.
        names: of speakers, by which labels are known.
        lines: its turns, in order.
        texts: line -> what it says now.
    """
    turns = turns_of(cue_text(cue), language, names, cue_voices(cue))
    spoken = spoken_turns(turns)
    if len(spoken) != len(lines):  # its file has them in one
        return " ".join(texts.get(line.id, line.text) for line in lines)
    begun = {id(spoken[n].turns[0]): texts[line.id] for n, line in enumerate(lines) if line.id in texts}
    later = {id(turn) for n, line in enumerate(lines) if line.id in texts for turn in spoken[n].turns[1:]}
    rows: list[str] = []
    for turn in turns:
        if id(turn) in later:
            continue
        text = _with_words(turn, begun[id(turn)]) if id(turn) in begun else turn.parts.line
        rows += [text] if turn.parted or not rows else [f"{rows.pop()} {text}"]
    return "\n".join(rows)


def _with_words(turn: Turn, text: str) -> str:
    """A turn with other words after its dash and label."""
    found, said = "", False
    for part in turn.parts.items:
        if part.kind != "words":
            found += part.before + part.opening + part.text + part.closing
        elif not said:
            found += part.before + text
            said = True
    return found


# --- with a translation ----------------------------------------------------------------------------------------------


def part_pairs(
    given: SuppliedWords,
    target: SuppliedWords,
    partners: Mapping[str, Segment],
    cues: Mapping[str, str],
    language: str,
) -> PartedLines | None:
    """Given words and their translation with a line for each turn; None where no cue has several in both.

    A cue of which one file has several turns and the other has one is parted where that one has as many sentences as
    they have; where the turns cannot be told apart in both it stays whole.

    Args:
        given: the words.
        target: the translation as its file has it.
        partners: line of the words -> its translation.
        cues: line of the words -> the cue of the translation, where they are paired.
        language: of the translation.
    """
    ours, theirs = turns_of_cues(given), turns_of_cues(target)
    whole = {segment.id: segment.text for segment in target.transcript.segments}
    names = (*target.names.values(), *labels_of(target).names)
    found: dict[str, tuple[Sequence[CueTurn], Sequence[CueTurn]]] = {}
    for segment in given.transcript.segments:
        partner = partners[segment.id]
        cue = cues.get(segment.id, partner.id)
        mine = ours.get(segment.id, (CueTurn(segment.text),))
        if partner.text == whole.get(cue):
            other = theirs.get(cue, (CueTurn(partner.text),))
        else:  # words of several cues, or a share of one
            turns = spoken_turns(turns_of(partner.text, language, names))
            other = tuple(CueTurn(_written(turn)) for turn in turns) or (CueTurn(partner.text),)
        if (len(mine) > 1 and not _of_one(given, segment.id)) or (len(mine) == 1 and len(other) > 1):
            agreed = _agreed(mine, other, given.transcript.language, language)
            if agreed is not None:
                found[segment.id] = agreed
    if not found:
        return None
    parted = _part(given, {name: mine for name, (mine, _) in found.items()})
    lines, from_cue = [], {}
    for segment in given.transcript.segments:
        partner = partners[segment.id]
        texts = [turn.text for turn in found[segment.id][1]] if segment.id in found else [partner.text]
        for n, (text, span) in enumerate(zip(texts, share_span(partner.span, texts)), 1):
            name = turn_id(segment.id, n)
            lines.append(replace(partner, id=name, span=span if len(texts) > 1 else partner.span, text=text))
            from_cue[name] = cues.get(segment.id, partner.id)
    return PartedLines(parted, tuple(lines), from_cue)


def _agreed(
    ours: Sequence[CueTurn], theirs: Sequence[CueTurn], source: str, target: str
) -> tuple[Sequence[CueTurn], Sequence[CueTurn]] | None:
    """The turns of a cue in both languages, as many in one as in the other; None where they do not tell."""
    if len(ours) == len(theirs):
        return ours, theirs
    if not any(spoken_text(turns_of(turn.text, target)) for turn in theirs):
        return ours, [theirs[0], *[CueTurn("")] * (len(ours) - 1)]
    if len(theirs) == 1:
        dealt = _dealt(theirs[0].text, ours, target, source)
        return None if dealt is None else (ours, dealt)
    if len(ours) == 1:
        dealt = _dealt(ours[0].text, theirs, source, target)
        return None if dealt is None else (dealt, theirs)
    return None


def _dealt(text: str, turns: Sequence[CueTurn], language: str, other: str) -> list[CueTurn] | None:
    """A text without turns dealt to those of its counterpart, sentence by sentence; None where it has others."""
    sentences = sentences_of(text, language)
    counts = [len(sentences_of(turn.text, other)) for turn in turns]
    if len(sentences) == len(turns):
        counts = [1] * len(turns)
    if len(sentences) != sum(counts):
        return None
    ends = [sum(counts[:n]) for n in range(len(counts) + 1)]
    return [CueTurn(" ".join(sentences[a:b])) for a, b in zip(ends, ends[1:])]
