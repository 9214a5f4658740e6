"""Given cues stay cues: their times, places, dialogue and marks, with other words in them.

A file that a person gave is the template of its translation: one cue for each of its cues, shown when that one is.
Lines are set anew by the profile's width within each speaker's turn; marks go to the words that say the same where the
translator tells which those are, else only where a turn had them whole. What is dropped is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from ..data import Candidate, Span, SubtitleSource
from ..language.script import has_word_spaces, split_words
from ..language.tags import main_language
from ..language.turns import Turn, turns_of
from ..timedtext import frames
from ..timedtext.content import POINTS, merge_marks
from ..timedtext.cues import Cue, Document, Mark
from . import score
from .caption import RenderedSubtitles
from .profiles import Profile
from .segment import wrap_lines
from .shorten import FittedCues

_BALANCED = 3
"""Lines up to which their best breaks are looked for; a cue of more is filled line by line."""
_KARAOKE = re.compile(r"\\[kK][of]?\d")


@dataclass(frozen=True, slots=True)
class Template:
    """Cues to be kept, and the words that some of them get.

    Args:
        document: as the file has them; cue N is segment "s000N".
        language: of the words shown.
        written_in: the language of the document.
        texts: segment -> its words in `language`, a newline where a turn begins a line; a cue that is not named stays
            as it is.
        spans: segment -> other times, where a person moved a cue.
        names: of speakers, by which labels are known.
        end_ms: of the film, on the picture's clock; None where there is none.
    """

    document: Document
    language: str
    written_in: str
    texts: Mapping[str, Candidate] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    end_ms: int | None = None


def segment_id(number: int) -> str:
    """What the segment of cue `number`, counted from 1, is called."""
    return f"s{number:04}"


def cue_text(cue: Cue) -> str:
    """The text of a cue as a translator's stage takes it: a newline where a line ends, white space made single."""
    return "\n".join(" ".join(line.split()) for line in cue.lines if line.strip())


def cue_voices(cue: Cue) -> tuple[tuple[str, ...], ...]:
    """For each line of `cue_text` who speaks in it, by the cue's marks; empty where no mark says so."""
    if not any(mark.kind == "voice" for mark in cue.marks):
        return ()
    return tuple(cue.voices(number) for number, line in enumerate(cue.lines) if line.strip())


def render_template(
    template: Template, profile: Profile, sheet: SubtitleSource, below: Template | None = None
) -> tuple[RenderedSubtitles, Mapping[str, int]]:
    """The template's cues with their words, and how many marks of each kind could not be kept.

    Args:
        template: the cues.
        profile: gives the width of lines; nothing is shortened or moved to meet its limits.
        sheet: frame rate, cuts and phrases of the source.
        below: the source's cues, shown below by a bilingual profile.
    """
    dropped: Counter[str] = Counter()
    cues = []
    for number, cue in enumerate(template.document.cues, 1):
        name = segment_id(number)
        if profile.forced and not cue.forced:
            continue
        span = template.spans.get(name, cue.span)
        if template.end_ms is not None and span.end_ms > template.end_ms:
            if span.start_ms >= template.end_ms:
                dropped["cue"] += 1
                continue
            span = Span(span.start_ms, template.end_ms)
        shown = replace(cue, span=span, sources=(name,))
        if name in template.texts:
            shown = _fill_cue(shown, template.texts[name], template, profile, dropped)
        if profile.bilingual and below is not None and number <= len(below.document.cues):
            shown = _above(shown, below.document.cues[number - 1])
        cues.append(shown)
    document = replace(template.document, cues=tuple(cues), language=template.language, warnings=())
    if template.language != template.written_in:
        document = replace(document, header=_header(document.header, template.language))
    rate = frames.frame_rate(sheet.frame_rate)
    heard = None
    if sheet.shots is not None and all(s.phrases for s in sheet.transcript.segments if s.text):
        heard = [phrase.shifted(sheet.offset_ms) for s in sheet.transcript.segments for phrase in s.phrases]
    report = score.lint(document, profile, template.language, rate, sheet.shots or (), heard=heard)
    kept = FittedCues(document.cues, (), (), 0, 0, 0, ())
    return RenderedSubtitles(template.language, document, rate, kept, report, profile, "template"), dropped


def _header(header: str, language: str) -> str:
    """A WebVTT header that says the language of the words."""
    return re.sub(r"(?m)^(Language:[ \t]*)\S+", rf"\g<1>{language}", header)


def _above(cue: Cue, source: Cue) -> Cue:
    """A cue with the source's lines below its own."""
    rows = len(cue.lines)
    marks = tuple(replace(mark, line=mark.line + rows) for mark in source.marks if mark.kind not in POINTS)
    return replace(cue, lines=(*cue.lines, *source.lines), marks=(*cue.marks, *marks))


# --- one cue ---------------------------------------------------------------------------------------------------------


def _fill_cue(cue: Cue, given: Candidate, template: Template, profile: Profile, dropped: Counter[str]) -> Cue:
    text = given.text
    turns = turns_of(cue_text(cue), template.written_in, template.names, cue_voices(cue))
    texts = [" ".join(line.split()) for line in text.split("\n")]
    counts = [turn.lines for turn in turns]
    own = _joined_turns(turns)
    if len(own) != len(texts):  # a person wrote it otherwise: the turns are not known
        own, counts = [sum(own)], [max(1, len(cue.lines))]
        texts = [" ".join(texts)] if "\n" not in text else texts
        if len(texts) > 1:
            own, counts = [own[0], *[0] * (len(texts) - 1)], [1] * len(texts)
    else:
        counts = own
    set_lines = [
        _set(piece, count, len(texts), template.language, profile) if piece else []
        for piece, count in zip(texts, counts)
    ]
    lines = tuple(line for row in set_lines for line in row)
    if not lines:
        return replace(cue, lines=(), marks=())
    marks = _carry_marks(cue, given, own, set_lines, template, dropped)
    return replace(cue, lines=lines, marks=merge_marks(marks))


def _joined_turns(turns: Sequence[Turn]) -> list[int]:
    """How many lines of the cue each line of the template's text stands for: turns of one line go together."""
    counts: list[int] = []
    for number, turn in enumerate(turns):
        if number == 0 or turn.parted:
            counts.append(turn.lines)
        else:
            counts[-1] += turn.lines
    return counts


def _set(text: str, count: int, turns: int, language: str, profile: Profile) -> list[str]:
    """A turn in lines: within the width where it can be, on no more lines than it had or the profile has room for."""
    if profile.length(text) <= profile.chars:
        return [text]
    room = max(count, profile.lines - turns + 1)
    if room == 1:
        return [text]
    if room <= _BALANCED and (made := wrap_lines([text], language, replace(profile, lines=room))):
        return list(made)
    width = max(float(profile.chars), profile.length(text) / room)
    filled = _greedy(text, width, language, profile)
    while len(filled) > room:
        width *= 1.1
        filled = _greedy(text, width, language, profile)
    return filled


def _greedy(text: str, width: float, language: str, profile: Profile) -> list[str]:
    """Lines of at most so many characters, filled one after the other; a longer word has a line of its own."""
    lines: list[str] = []
    gap = " " if has_word_spaces(language) else ""
    for word in split_words(text, language) if not gap else text.split():
        if lines and profile.length(lines[-1] + gap + word) <= width:
            lines[-1] += gap + word
        else:
            lines.append(word)
    return lines


# --- marks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ink:
    """Where the words of lines stand: for each its line, first and last character."""

    words: tuple[tuple[int, int, int], ...]
    turns: tuple[int, ...]

    def of_turn(self, number: int) -> list[int]:
        return [at for at, turn in enumerate(self.turns) if turn == number]


def _carry_marks(
    cue: Cue,
    given: Candidate,
    own: Sequence[int],
    set_lines: Sequence[Sequence[str]],
    template: Template,
    dropped: Counter[str],
) -> list[Mark]:
    """The marks of a cue on its new lines."""
    source = _source_ink(cue, own)
    lines = [line for row in set_lines for line in row]
    rows = [number for number, row in enumerate(set_lines) for _ in row]
    target = _target_places(lines, given.text)
    sources: dict[int, set[int]] = {}
    for theirs, ours in given.links:
        sources.setdefault(ours, set()).add(theirs)
    marks: list[Mark] = []
    styles = list(dict.fromkeys((mark.kind, mark.value) for mark in cue.marks if mark.kind not in POINTS))
    for kind, value in styles:
        mine = [mark for mark in cue.marks if (mark.kind, mark.value) == (kind, value)]
        if kind in ("ruby", "direction") and template.language != template.written_in:
            dropped[kind] += len(mine)  # says how words of the source are read
            continue
        written = template.language if kind == "lang" and _same(value, template.written_in) else value
        covered = {at for at, word in enumerate(source.words) if any(_covers(mark, word) for mark in mine)}
        for turn in range(len(own)):
            inside = [at for at in source.of_turn(turn) if at in covered]
            if not inside:
                continue
            if len(inside) == len(source.of_turn(turn)):
                marks += [Mark(n, 0, len(lines[n]), kind, written) for n, row in enumerate(rows) if row == turn]
                continue
            found = list(_stretches(covered, sources, target, given.text, turn))
            found = found or list(_whole_lines(cue, covered, source, turn, lines, rows))
            marks += [Mark(line, start, end, kind, written) for line, start, end in found]
            dropped[kind] += 0 if found else len({source.words[at][0] for at in inside})
    marks += _points(cue, source, sources, target, lines, dropped)
    return [mark for mark in marks if mark.kind in POINTS or mark.end > mark.start]


def _same(tag: str, other: str) -> bool:
    return main_language(tag) == main_language(other)


def _covers(mark: Mark, word: tuple[int, int, int]) -> bool:
    """Whether a mark holds most of a word."""
    line, start, end = word
    return mark.line == line and 2 * (min(mark.end, end) - max(mark.start, start)) > end - start


def _source_ink(cue: Cue, own: Sequence[int]) -> _Ink:
    ends = list(accumulate(own))
    words, turns, row = [], [], 0
    for number, line in enumerate(cue.lines):
        if not line.strip():
            continue
        turn = next((at for at, end in enumerate(ends) if row < end), len(own) - 1)
        for found in re.finditer(r"\S+", line):
            words.append((number, found.start(), found.end()))
            turns.append(turn)
        row += 1
    return _Ink(tuple(words), tuple(turns))


@dataclass(frozen=True, slots=True)
class _Places:
    """Of each word of a text its turn, and where its characters stand on the lines it was set in."""

    words: tuple[tuple[int, int, int], ...]
    at: tuple[tuple[int, int], ...]


def _target_places(lines: Sequence[str], text: str) -> _Places:
    at = tuple((n, column) for n, line in enumerate(lines) for column, char in enumerate(line) if not char.isspace())
    words, count = [], 0
    for turn, line in enumerate(text.split("\n")):
        for word in line.split():
            words.append((turn, count, count + len(word)))
            count += len(word)
    return _Places(tuple(words) if count == len(at) else (), at)


def _stretches(
    covered: set[int], sources: Mapping[int, set[int]], target: _Places, text: str, turn: int
) -> Iterator[tuple[int, int, int]]:
    """Where the words of a turn stand whose sources are all covered: line, first and last character of each stretch."""
    run: list[int] = []
    waiting: list[int] = []
    for at, (own, _, _) in enumerate(target.words):
        theirs = sources.get(at, set())
        if own == turn and theirs and theirs <= covered:
            run += [*waiting, at] if run else [at]
            waiting = []
        elif own == turn and not theirs and run:
            waiting.append(at)  # nobody knows: it belongs to what stands on both sides of it
        elif run:
            yield from _places_of_run(run, target)
            run, waiting = [], []
    if run:
        yield from _places_of_run(run, target)


def _places_of_run(run: Sequence[int], target: _Places) -> Iterator[tuple[int, int, int]]:
    first, last = target.words[run[0]][1], target.words[run[-1]][2]
    rows: dict[int, list[int]] = {}
    for line, column in target.at[first:last]:
        rows.setdefault(line, []).append(column)
    for line, columns in rows.items():
        yield line, columns[0], columns[-1] + 1


def _whole_lines(
    cue: Cue, covered: set[int], source: _Ink, turn: int, lines: Sequence[str], rows: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """Lines of a turn that were covered whole, where it is set in as many lines as it had."""
    theirs = list(dict.fromkeys(source.words[at][0] for at in source.of_turn(turn)))
    ours = [number for number, row in enumerate(rows) if row == turn]
    if len(theirs) != len(ours):
        return
    for old, new in zip(theirs, ours):
        if all(at in covered for at, word in enumerate(source.words) if word[0] == old):
            yield new, 0, len(lines[new])


def _points(
    cue: Cue,
    source: _Ink,
    sources: Mapping[int, set[int]],
    target: _Places,
    lines: Sequence[str],
    dropped: Counter[str],
) -> Iterator[Mark]:
    """Marks without length: at the beginning and the end they stay there, else they stand before the word that says
    the same; times of single words and karaoke are gone with the words.
    """
    for mark in cue.marks:
        if mark.kind not in POINTS:
            continue
        after = [at for at, (line, start, end) in enumerate(source.words) if (line, end) > (mark.line, mark.start)]
        sung = mark.kind == "time" or bool(_KARAOKE.search(mark.value))
        if sung:
            dropped[mark.kind] += 1
        elif len(after) == len(source.words):
            yield replace(mark, line=0, start=0, end=0)
        elif not after:
            yield replace(mark, line=len(lines) - 1, start=len(lines[-1]), end=len(lines[-1]))
        elif ours := [at for at, theirs in sources.items() if theirs == {after[0]} and at < len(target.words)]:
            line, column = target.at[target.words[min(ours)][1]]
            yield replace(mark, line=line, start=column, end=column)
        else:
            dropped[mark.kind] += 1
