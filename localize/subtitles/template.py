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

from ..data import Candidate, Span, SubtitleSource
from ..language.script import has_word_spaces, split_words
from ..language.turns import Turn, turns_of
from ..timedtext import frames
from ..timedtext.content import POINTS, merge_marks
from ..timedtext.cues import Cue, Document, Mark, cue_text, cue_voices
from ..transcription.lines import line_id
from ..translation.passages import CODED, Passage
from . import score
from .caption import RenderedSubtitles
from .carry_marks import carry_marks
from .profiles import Profile
from .segment import wrap_lines
from .shorten import FittedCues

_BALANCED = 3
"""Lines up to which their best breaks are looked for; a cue of more is filled line by line."""


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
        heard: where a voice is heard in the language shown, on the picture's clock; None for that of the source.
        marked: segment -> its words as a translator marked them: italics, bold and underline are taken from there.
    """

    document: Document
    language: str
    written_in: str
    texts: Mapping[str, Candidate] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    end_ms: int | None = None
    heard: tuple[Span, ...] | None = None
    marked: Mapping[str, Passage] = field(default_factory=dict)


def left_out_by_recut(document: Document) -> Mapping[str, int]:
    """What cues that are cut anew cannot keep, by kind: marks, "position", "forced"."""
    found: Counter[str] = Counter(mark.kind for cue in document.cues for mark in cue.marks if mark.kind != "voice")
    found["position"] = sum(cue.settings is not None for cue in document.cues)
    found["forced"] = sum(cue.forced for cue in document.cues)
    return {kind: count for kind, count in found.items() if count}


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
        name = line_id(number)
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
            shown = _fill_cue(shown, template.texts[name], template, profile, dropped, template.marked.get(name))
        if profile.bilingual and below is not None and number <= len(below.document.cues):
            shown = _above(shown, below.document.cues[number - 1])
        cues.append(shown)
    document = replace(template.document, cues=tuple(cues), language=template.language, warnings=())
    if template.language != template.written_in:
        document = replace(document, header=_header(document.header, template.language))
    rate = frames.frame_rate(sheet.frame_rate)
    heard = template.heard
    if heard is None and sheet.shots is not None and all(s.phrases for s in sheet.transcript.segments if s.text):
        heard = tuple(phrase.shifted(sheet.offset_ms) for s in sheet.transcript.segments for phrase in s.phrases)
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


def _fill_cue(
    cue: Cue,
    given: Candidate,
    template: Template,
    profile: Profile,
    dropped: Counter[str],
    marked: Passage | None = None,
) -> Cue:
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
    tongues = (template.written_in, template.language)
    if marked is None:
        marks = carry_marks(cue, given, own, set_lines, tongues, dropped)
    else:  # its translator said how the words look
        others = replace(cue, marks=tuple(mark for mark in cue.marks if mark.kind not in CODED))
        marks = [*carry_marks(others, given, own, set_lines, tongues, dropped), *_as_marked(marked, lines)]
    return replace(cue, lines=lines, marks=merge_marks(marks))


def _as_marked(marked: Passage, lines: Sequence[str]) -> Iterator[Mark]:
    """The marks of a passage on the lines that its words were set in."""
    places = [(row, at) for row, line in enumerate(lines) for at, char in enumerate(line) if not char.isspace()]
    before = [0]
    for line in marked.text.split("\n"):
        before.append(before[-1] + _letters(line))
    if before[-1] != len(places):
        return
    for mark in marked.marks:
        line = marked.text.split("\n")[mark.line]
        first = before[mark.line] + _letters(line[: mark.start])
        rows: dict[int, list[int]] = {}
        for row, at in places[first : first + _letters(line[mark.start : mark.end])]:
            rows.setdefault(row, []).append(at)
        for row, columns in rows.items():
            yield Mark(row, columns[0], columns[-1] + 1, mark.kind, mark.value)


def _letters(text: str) -> int:
    """Characters that are no white space."""
    return sum(not char.isspace() for char in text)


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
    rows: list[list[str]] = []
    taken = 0.0
    gap = " " if has_word_spaces(language) else ""
    for word in split_words(text, language) if not gap else text.split():
        longer = taken + profile.length(gap + word)
        if rows and longer <= width:
            rows[-1].append(word)
            taken = longer
        else:
            rows.append([word])
            taken = profile.length(word)
    return [gap.join(row) for row in rows]
