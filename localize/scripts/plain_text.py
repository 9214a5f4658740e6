"""Dialogue as plain text: a line each, paragraphs, `NAME: line`, a name above its words, times before them.

What stands in a file is looked at as a whole first: whether lines begin with a time, a number or columns parted by
tabs, and which names come again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ..language.labels import NO_NAMES, is_credit
from ..language.speaker_names import label_names, may_be_label
from .dialogue_list import Wanted
from .script import MOST_NAME, Aside, Script, ScriptLine, clean_name, clean_text, has_words, split_label
from .text_tables import OFTEN, read_text_table
from .timecodes import Timecode, read_range, read_timecode

_TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[:;]\d{2}|[.,]\d{1,3})?"
_WHOLE_TIME = r"\d{1,2}:\d{2}:\d{2}(?:[:;]\d{2}|[.,]\d{1,3})"
_TIMED = re.compile(
    rf"\s*(?:\d{{1,5}}\s+(?={_WHOLE_TIME}\s))?[\[(<{{]?\s*"
    rf"(?P<times>{_WHOLE_TIME}[ \t]+{_WHOLE_TIME}|{_TIME}(?:\s*(?:-->|->|→|[-–—]|to)\s*{_TIME})?)\s*"
    r"[\])>}]?\s*(?:[-–—|:]\s+|\t)?(?P<rest>.*)",
    re.DOTALL,
)
_NAME_AND_TIME = re.compile(
    rf"(?P<name>[^\W\d_][^:\[\]()<>{{}}]{{0,50}}?)[\s,]*[\[(]?(?P<time>{_TIME}(?:\s*(?:-->|->|→|[-–—]|to)\s*{_TIME})?)[\])]?\s*:?"
)
_NAME_TIME_AND_WORDS = re.compile(
    rf"(?P<name>[^\W\d_][^:\[\]()<>{{}}]{{0,40}}?)\s*[\[(](?P<time>{_TIME})[\])]\s*:\s+(?P<words>\S.*)"
)
_BULLET = re.compile(r"[*•·▪◦]\s+(?=\S)")
_NUMBERED = re.compile(r"\s*#?(\d{1,5})\s*(?:[.):]\s+|[.)]?\t\s*)")
_SCENE = re.compile(
    r"(?:\d+[A-Z]?\.?\s+)?(?:INT|EXT|I/E|EST|INT\.?/EXT)\b[. /].*"
    r"|(?:SCENE|ESCENA|CENA|SCÈNE|SZENE|SCENA|S[EÉ]QUENCE|SECUENCIA|SEQU[EÊ]NCIA|SEQUENZA|SEQUENZ|ACT|ACTO|ATO|ACTE|AKT"
    r"|ATTO|TABLEAU) (?:\d|(?:[IVX]+|ONE|TWO|THREE|FOUR|FIVE|PRIMERO|SEGUNDO|TERCERO|PRIMEIRO|TERCEIRO|UN|PREMIER|DEUX"
    r"|PRIMO|SECONDO|EINS|ZWEI)\b(?![,!?])).*"
)
_DIRECTION = re.compile(
    r"(?:FADE (?:IN|OUT|TO).*|(?:SMASH )?CUT TO:?.*|DISSOLVE TO:?.*"
    r"|(?:INSERT|INTERCUT|MONTAGE|ANGLE ON|CLOSE ON|CLOSE-?UP|SERIES OF SHOTS|(?:END (?:OF )?)?FLASHBACK"
    r"|BACK TO (?:SCENE|PRESENT))(?:\s*[-–—:.].*)?|THE END\.?|\(?(?:MORE|CONTINUED|CONT['’]?D)\)?:?)"
)
_PAGE = re.compile(
    r"[-–—]\s*\d{1,4}\s*[-–—]|(?:page|página|pág\.|seite|pagina|p\.)\s*\d{1,4}(?:\s*(?:of|de|/|von|di|sur)\s*\d{1,4})?"
    r"|\d{1,4}\s*/\s*\d{1,4}|={3,}|-{3,}|_{3,}|\*{3,}|(?:\* ){2,}\*",
    re.IGNORECASE,
)
_ANY_LABEL = re.compile(r"(?:[-–—]\s*)?([^\W\d_][^:：\[\](){}<>]{0,30}?)\s*[:：](?:\s+|(?<=：)\s*)(?=\S)")
_PLAY_LABEL = re.compile(
    r"\s*((?:[^\W\d_a-zß-öø-ÿ]{2,}|#?\d+)(?:[ '’][^\W\d_a-zß-öø-ÿ]+|[ ]#?\d+){0,3})(?:\.|\s+[-–—])\s+(?=\S)"
)
_OTHERS = {
    "MicroDVD": re.compile(r"\s*\{\d+\}\{\d*\}"),
    "MPL2": re.compile(r"\s*\[\d+\]\[\d*\]"),
    "TMPlayer": re.compile(r"\s*\d{1,2}:\d{2}:\d{2}[:=](?=\D)(?!\s)"),
}
_WRAPPED = 45
"""A line this long that ends no sentence goes on in the next one of its paragraph."""
_SENTENCE_END = re.compile(r"[.!?…。！？♪:][\"'”’»)\]]*$")
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015")
_UNDERLINE = re.compile(r"[=\-_*~#]{2,}")


@dataclass(frozen=True, slots=True)
class Physical:
    """A line of the file: its number from 1, and what it says; `breaks` where a new page begins with it."""

    number: int
    text: str
    breaks: bool = False


def read_plain_text(text: str, want: Wanted, *, lines_go_on: bool = True) -> Script:
    """The dialogue of a plain text; lines end with a newline, a new page begins with a form feed.

    Args:
        text: of the file.
        want: which columns, where tabs part it into some.
        lines_go_on: a line without a label, right below one with a label, is said by the same person.

    Raises:
        UsageError: it has columns, and several could be the dialogue.
    """
    lines = [
        Physical(number, line.replace("\f", " ").rstrip(), "\f" in line)
        for number, line in enumerate(text.split("\n"), 1)
    ]
    lines = _with_labels(_without_counts(lines))
    said = [line for line in lines if line.text.strip()]
    _refuse_others(said)
    if (table := read_text_table([(line.number, line.text) for line in said], want)) is not None:
        return table
    times, numbers = _begin_with_times(said), _are_numbered(said)
    names = _names(said, want, times=times, numbers=numbers)
    above = _names_above(lines, names)
    between = frozenset[str]() if above is None else _names_between(lines)
    reader = _Reader(lines_go_on, names, above, times=times, numbers=numbers, between=between)
    reader.read(lines)
    found = _without_heading(reader.found, reader.aside)
    return Script("plain text", found, reader.aside.remarks())


def _without_heading(found: Sequence[ScriptLine], aside: Aside) -> tuple[ScriptLine, ...]:
    """The lines without what stands above them, where each of them, two or more, says who says it and when: the title
    of a transcript, or of the film.
    """
    said = [at for at, line in enumerate(found) if line.speaker and line.start]
    if len(said) < 2 or len(found) - said[0] != len(said):
        return tuple(found)
    for line in found[: said[0]]:
        aside.add("headings", line.place)
    return tuple(found[said[0] :])


def _refuse_others(lines: Sequence[Physical]) -> None:
    """Refuse subtitles of a kind that is not read, and would be taken for lines without times.

    Raises:
        ValueError: they are one.
    """
    for kind, pattern in _OTHERS.items():
        if lines and sum(bool(pattern.match(line.text)) for line in lines) >= OFTEN * len(lines):
            raise ValueError(f"it holds {kind} subtitles, which are not read: convert it to .srt")


def _names(lines: Sequence[Physical], want: Wanted, *, times: bool, numbers: bool) -> tuple[str, ...]:
    """The names of labels that are no capitals ("Anna: Go."); where half of the lines have one, each is a name."""
    texts: list[str] = []
    for line in lines:
        text = line.text.strip()
        if numbers and (counted := _NUMBERED.match(text)):
            text = text[counted.end() :]
        if times and (timed := _TIMED.fullmatch(text)):
            text = timed["rest"].strip()
        if texts and _is_label_alone(texts[-1]):
            text = f"{texts.pop()} {clean_text(text)}"
        texts.append(clean_text(text))
    begun = [text for before, text in zip(["", *texts], texts) if not _goes_on(before, text)]
    labels = [
        match[1]
        for text in texts
        if (match := _ANY_LABEL.match(text)) and len(match[1].split()) <= 4 and may_be_label(match[1])
    ]
    if len(labels) >= max(2, OFTEN * len(begun)):
        return tuple(dict.fromkeys(clean_name(label) for label in labels))
    return label_names(texts, want.called, want.language)


def _without_counts(lines: Sequence[Physical]) -> list[Physical]:
    """Lines without the numbers that count captions, each alone above a line of times."""
    counts = [
        line
        for line, following in pairwise(lines)
        if re.fullmatch(r"\d{1,5}", line.text.strip()) and _is_time_alone(following)
    ]
    numbers = [int(line.text) for line in counts]
    if len(numbers) < 2 or any(after != before + 1 for before, after in pairwise(numbers)):
        return list(lines)
    places = {line.number for line in counts}
    return [replace(line, text="") if line.number in places else line for line in lines]


def _is_label_alone(text: str) -> bool:
    """Whether a line could be a name above words: "Anna Lee:"."""
    found = _ANY_LABEL.match(f"{text} .")
    return found is not None and found.end() > len(text) and len(found[1].split()) <= 3 and may_be_label(found[1])


def _with_labels(lines: Sequence[Physical]) -> list[Physical]:
    """Lines whose labels end as plays print them ("ANNA. Go.", "ANNA - Go.") with a colon instead, where most do."""
    found = [_PLAY_LABEL.match(line.text) for line in lines]
    if sum(map(bool, found)) < max(2, OFTEN * sum(bool(line.text.strip()) for line in lines)):
        return list(lines)
    return [
        replace(line, text=f"{match[1]}: {line.text[match.end() :]}") if match else line
        for line, match in zip(lines, found)
    ]


def _begin_with_times(lines: Sequence[Physical]) -> bool:
    """Whether times before lines say when they are said: most lines begin with one, or those in brackets do."""
    found = [match for line in lines if (match := _TIMED.match(line.text))]
    apart = sum(match.string.lstrip()[:1] in "[(<{" or not match["rest"].strip() for match in found)
    return bool(found) and (len(found) >= OFTEN * len(lines) or apart == len(found))


def _are_numbered(lines: Sequence[Physical]) -> bool:
    """Whether lines are counted: 1. 2. 3."""
    numbers = [int(match[1]) for line in lines if (match := _NUMBERED.match(line.text))]
    return (
        len(numbers) > 2 and len(numbers) >= 0.5 * len(lines) and all(b == a + 1 for a, b in zip(numbers, numbers[1:]))
    )


def _may_be_name(text: str) -> bool:
    return (
        0 < len(text) <= MOST_NAME
        and len(text.split()) <= 4
        and text.lower() != text
        and text[-1] not in ".!?…,"
        and ":" not in text
    )


def _names_above(lines: Sequence[Physical], names: Sequence[str]) -> frozenset[str] | None:
    """Names that stand alone above their words; beside those in capitals, what comes again as the first line of most
    paragraphs. None where names stand before the words.
    """
    labelled = said = 0
    firsts: Counter[str] = Counter()
    for at, line in enumerate(lines):
        text = line.text.strip()
        said += bool(text)
        labelled += bool(text and split_label(text, tuple(names))[0])
        begins = at == 0 or not lines[at - 1].text.strip() or _is_time_alone(lines[at - 1])
        if begins and text and not _is_time_alone(line) and at + 1 < len(lines) and lines[at + 1].text.strip():
            firsts[clean_name(text)] += 1
    if 2 * labelled >= said:
        return None
    likely = {name for name in firsts if _may_be_name(name) and len(name.split()) <= 3 and name[:1].isupper()}
    often = sum(firsts[name] for name in likely)
    again = any(firsts[name] > 1 for name in likely)
    return frozenset(likely) if again and often >= 0.8 * firsts.total() else frozenset()


def _names_between(lines: Sequence[Physical]) -> frozenset[str]:
    """Names in capitals alone above their words where no empty line parts the speeches: their words are set in, or
    there are several such names, and one comes again.
    """
    found, set_in = Counter[str](), Counter[str]()
    for line, following in pairwise(lines):
        name, words = clean_name(line.text), following.text.strip()
        if words and words.upper() != words and name and _may_be_name(name) and name.upper() == name:
            found[name] += 1
            set_in[name] += _indent(following.text) > _indent(line.text)
    return frozenset(
        name
        for name, count in found.items()
        if name.casefold() not in NO_NAMES and (set_in[name] == count or (count > 1 and len(found) > 1))
    )


def _indent(text: str) -> int:
    expanded = text.expandtabs()
    return len(expanded) - len(expanded.lstrip())


def _is_time_alone(line: Physical) -> bool:
    found = _TIMED.fullmatch(line.text.strip())
    return found is not None and not found["rest"].strip()


@dataclass(slots=True)
class _Reader:
    lines_go_on: bool
    names: tuple[str, ...]
    above: frozenset[str] | None
    times: bool
    numbers: bool
    between: frozenset[str] = frozenset()
    found: list[ScriptLine] = field(default_factory=list)
    aside: Aside = field(default_factory=Aside)
    block: int = 0
    speaker: str = ""
    time: tuple[Timecode | None, Timecode | None] = (None, None)
    caption: bool = False
    """A time from when to when stood above: what follows in its paragraph is said by then."""
    holds: bool = False
    """The speaker was named above the lines of this paragraph, not before their words."""

    def read(self, lines: Sequence[Physical]) -> None:
        for at, line in enumerate(lines):
            text = line.text.strip()
            if not text:
                self._end_block()
                continue
            before = lines[at - 1] if at else Physical(0, "")
            following = lines[at + 1].text.strip() if at + 1 < len(lines) else ""
            if kind := _kind_aside(line, text, lines[max(0, at - 4) : at + 1]):
                self.aside.add(kind, self._place(line))
                self._end_block()
                continue
            self._line(line, text, following, joined=_goes_on(before.text, line.text))

    def _end_block(self) -> None:
        self.block += 1
        self.caption = self.caption and self.time[0] is not None
        if self.holds and self.found and self.found[-1].block == self.block - 1:
            self.holds, self.speaker = False, ""
        self.time = self.time if not self.found or self.found[-1].block < self.block - 1 else (None, None)

    def _place(self, line: Physical) -> str:
        return f"line {line.number}"

    def _line(self, line: Physical, text: str, following: str, *, joined: bool) -> None:
        if self.numbers and (counted := _NUMBERED.match(text)):
            text, joined = text[counted.end() :], False
        if self.times and (timed := _TIMED.fullmatch(text)) and (times := read_range(timed["times"]))[0]:
            self.time, text, joined = times, timed["rest"].strip(), False
            self.caption = not text and times[1] is not None
            if not text:
                return
        text = _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
        if (told := _NAME_TIME_AND_WORDS.fullmatch(text)) and len(told["name"].split()) <= 4:
            self.time = (read_timecode(told["time"]), None)
            self._add(line, clean_name(told["name"]), told["words"], joined=False)
            return
        if self._names_speaker_and_time(text, following):
            return
        if (following and self._is_name_above(text)) or self._is_label_alone(text):
            self.speaker, self.holds = clean_name(text), True
            return
        name, words = split_label(text, self.names)
        if name and not words:
            self.speaker, self.holds = name, True
            return
        self._add(line, name, words, joined=joined and not name)

    def _names_speaker_and_time(self, text: str, following: str) -> bool:
        """Whether a line is only who speaks from when on, above the words: "Anna  0:05"."""
        found = _NAME_AND_TIME.fullmatch(" ".join(text.split()))
        if not found or not following or len(found["name"].split()) > 4:
            return False
        self.speaker, self.holds = clean_name(found["name"]), True
        self.time = read_range(found["time"])
        return True

    def _is_name_above(self, text: str) -> bool:
        first = not self.found or self.found[-1].block != self.block
        if clean_name(text) in self.between:
            return True
        if self.above is None or not first or self.holds:
            return False
        bare = clean_name(text)
        return bare in self.above or (_may_be_name(bare) and bare.upper() == bare)

    def _is_label_alone(self, text: str) -> bool:
        bare = clean_name(text)
        return _is_label_alone(text) and (bare in self.names or bare.upper() == bare != bare.lower())

    def _add(self, line: Physical, name: str, words: str, *, joined: bool) -> None:
        if not has_words(words):
            self.aside.add("sounds and directions", self._place(line))
            return
        if not name and is_credit(words):
            self.aside.add("remarks on who made the file", self._place(line))
            return
        last = self.found[-1] if self.found else None
        joined = joined or (self.caption and not name and words[:1] not in _DASHES)
        if joined and last is not None and last.block == self.block and self.time[0] is None:
            self.found[-1] = replace(last, text=f"{last.text} {words}")
            return
        goes_on = self.lines_go_on and last is not None and last.block == self.block and not self.time[0]
        speaker = name or (self.speaker if self.holds else last.speaker if last is not None and goes_on else "")
        start, end = self.time
        self.time = (None, None)
        self.found.append(ScriptLine(words, self._place(line), speaker, start, end, self.block))


def _goes_on(before: str, text: str) -> bool:
    """Whether a line goes on with the sentence of the one above it, broken at the edge of a page."""
    return (
        len(before.strip()) >= _WRAPPED
        and not _SENTENCE_END.search(before.strip())
        and not re.match(r"\s*(?:[-–—•*]\s|\[|\d+[.)]\s)", text)
        and not split_label(text)[0]
    )


def _kind_aside(line: Physical, text: str, above: Sequence[Physical]) -> str:
    """What a line is that is surely no dialogue; "" for any other."""
    if _SCENE.fullmatch(text):
        return "scene headings"
    if _DIRECTION.fullmatch(text):
        return "transitions"
    if text.startswith("@ "):
        return "remarks of a program"
    if _PAGE.fullmatch(text) or _UNDERLINE.fullmatch(text):
        return "page marks"
    new_page = any(other.breaks for other in above[-2:])
    return "page marks" if new_page and re.fullmatch(r"\d{1,4}\.?", clean_text(text)) else ""
