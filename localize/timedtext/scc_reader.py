"""Scenarist closed captions (CEA-608), read: what a decoder has on the screen, and when.

Our own, since a library that builds a document of it (ttconv) takes a minute for 50,000 captions and knows no lines of
the file; the tables of letters are ttconv's. Pop-on, paint-on and roll-up captions of the first channel (CC1, CC3).
Source of the codes: CEA-608-E, 47 CFR 15.119: a word a frame, each control code sent twice and obeyed once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, lru_cache
from itertools import groupby

from ..data import Span
from ..errors import MediaError
from .content import Builder, to_simple_tags
from .cues import Cue, Diagnostic, Document, Origin, Settings, settings_at
from .frames import time_of

_LINE = re.compile(r"\s*([0-9]{1,3}):([0-9]{2}):([0-9]{2})([:;.,])([0-9]{2})\s+(.*)")
_CODE = re.compile(r"[0-9A-Fa-f]{4}")
_RATE = Fraction(30000, 1001)
_COLUMNS = 32
_EDGE = 3
"""Columns from the left or right edge within which a caption still stands there: an indent counts four."""
_ASIDE = 4
"""Columns that its middle must lie beside the screen's."""
_USUAL = 2
_LAST_ROW = 15
_LEFT_ON = 150
"""Frames that a caption is shown which nothing takes off."""
_PREAMBLE_ROWS = {
    0x10: (11, 11), 0x11: (1, 2), 0x12: (3, 4), 0x13: (12, 13),
    0x14: (14, 15), 0x15: (5, 6), 0x16: (7, 8), 0x17: (9, 10),
}  # fmt: skip
_COLOURS = ("", "#00ff00", "#0000ff", "#00ffff", "#ff0000", "#ffff00", "#ff00ff")


@dataclass(frozen=True, slots=True)
class _Style:
    colour: str = ""
    italic: bool = False
    underline: bool = False


_Cell = tuple[str, _Style]
_Rows = dict[int, dict[int, _Cell]]
_PLAIN = _Style()


def read_scc(text: str, name: str) -> Document:
    """Read Scenarist closed captions.

    Raises:
        MediaError: there is no caption in it.
    """
    decoder = _Decoder()
    for number, line in enumerate(text.replace("\0", "\ufffd").splitlines(), 1):
        decoder.line(line, number)
    decoder.end()
    if not decoder.cues:
        lost = "".join(f"; {remark.message}" for remark in decoder.remarks.values())
        raise MediaError(f"{name}: no subtitle found{lost}", file=name)
    return Document(_placed(decoder.cues), format="scc", warnings=tuple(decoder.remarks.values()))


def _placed(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """The cues with their places; where all of a file begin at the left edge, that is its style and no place."""
    if any(cue.place % 3 != 1 for cue in cues):
        return tuple(cues)
    centred = (cue.place + 1 for cue in cues)
    return tuple(replace(cue, settings=None if p == _USUAL else settings_at(p)) for cue, p in zip(cues, centred))


@dataclass(slots=True)
class _Decoder:
    """A caption decoder: two memories, of which one is on the screen, and what was shown so far."""

    cues: list[Cue] = field(default_factory=list)
    remarks: dict[str, Diagnostic] = field(default_factory=dict)
    shown: _Rows = field(default_factory=dict)
    unseen: _Rows = field(default_factory=dict)
    since: int = 0
    """the frame from which the screen is as it is"""
    since_line: int = 0
    mode: str = "paint"
    depth: int = 2
    row: int = _LAST_ROW
    column: int = 0
    style: _Style = _PLAIN
    before: int = 0
    """the control code of the frame before"""
    ours: bool = True
    """whether the first channel is spoken to, and with captions"""
    about: bool = False
    """data about the programme (XDS) is sent, until its end or the next control code"""
    closing: bool = False
    """the next letters painted on the screen begin a new caption"""
    begun: bool = False
    """a painted caption has a place, and with it a time, but no letter yet"""
    at_line: int = 0
    now: int = 0

    def line(self, line: str, number: int) -> None:
        """A line of the file: a time code and the words sent from then on."""
        found = _LINE.match(line)
        if found is None:
            if line.strip() and not line.lstrip("\ufeff").startswith("Scenarist_SCC"):
                self._note("timing", "lines that are no captions left out", number)
            return
        words = [_word_of(text) for text in found[6].split()]
        if None in words:
            self._note("code", "lines with something else than words of four digits", number)
        self.at_line = number
        self.before = 0
        for self.now, word in enumerate(words, _frame(found)):
            if word is not None:
                self._word(word)
        self.now += 1

    def end(self) -> None:
        """The file ends: what is still on the screen goes after five seconds."""
        self._forget()
        if _letters_in(self.shown):
            self._note("end", "captions that nothing takes off: shown for 5 s", self.since_line, loss=False)
            self.now = max(self.now, self.since + _LEFT_ON)
            self._flush()

    def _note(self, code: str, message: str, line: int, *, loss: bool = True) -> None:
        found = self.remarks.get(message)
        count, line = (found.count + 1, found.line) if found else (1, line)
        self.remarks[message] = Diagnostic(code, f"{count} {message}", line, count, loss=loss)

    def _word(self, word: int) -> None:
        first, second = word >> 8, word & 0x7F
        if 0x10 <= first < 0x20 and second >= 0x20:
            self.about = False
            if word == self.before:
                self.before = 0
                return
            self.before = word
            self._code(first, second)
            return
        self.before = 0
        if 0 < first < 0x10:
            self.about = first != 0x0F
            return
        if self.about:
            return
        if not self.ours:
            # Channel two, or text mode.
            if self.mode != "text" and first >= 0x20:
                self._note("channel", "letters of a second channel left out", self.at_line)
            return
        for code in (first, second):
            if code >= 0x20:
                self._put(_letters()[code])

    def _code(self, first: int, second: int) -> None:
        channel, first = divmod(first - 0x10, 8)
        first += 0x10
        if second < 0x40 and first in (0x14, 0x15) and second < 0x30:
            self.ours = channel == 0
            if self.ours:
                self._command(second)
            return
        if channel or self.mode == "text":
            self.ours = False
            return
        self.ours = True
        if second >= 0x40:
            self._preamble(first, second)
        elif first == 0x11 and second < 0x30:
            self._put(" ", self._mid_row(second))
        elif first == 0x11:
            self._put(_letters()[first << 8 | second])
        elif first in (0x12, 0x13):
            self.column = max(0, self.column - 1)
            self._put(_letters()[first << 8 | second])
        elif first == 0x17 and second in (0x21, 0x22, 0x23):
            self.column = self.column + second - 0x20
        else:
            self._note("colour", "backgrounds and other codes left out", self.at_line)

    def _mid_row(self, code: int) -> _Style:
        colour, underline = code >> 1 & 7, bool(code & 1)
        self.style = (
            _Style(self.style.colour, True, underline) if colour == 7 else _Style(_COLOURS[colour], False, underline)
        )
        return self.style

    def _preamble(self, first: int, second: int) -> None:
        self._begin()
        row = _PREAMBLE_ROWS[first][second >> 5 & 1]
        if self.mode == "roll" and row != self.row:
            self.shown = {row + at - self.row: cells for at, cells in self.shown.items() if row + at > self.row}
        look, underline = second >> 1 & 15, bool(second & 1)
        self.row, self.column = row, 4 * (look - 8) if look >= 8 else 0
        self.style = _Style(_COLOURS[look] if look < 7 else "", look == 7, underline)

    def _begin(self) -> None:
        """Painted captions: the screen changes now."""
        if self.mode != "paint":
            return
        if self.closing:
            self._flush()
            self.closing = False
        elif not (self.begun or _letters_in(self.shown)):
            self._since()
        self.begun = True

    def _since(self) -> None:
        self.since, self.since_line = self.now, self.at_line

    def _put(self, letter: str, style: _Style | None = None) -> None:
        if self.mode == "text":
            return
        rows = self.unseen
        if self.mode != "pop":
            self._begin()
            if not self.shown and self.mode == "roll" and not self.closing:
                self._since()
            rows = self.shown
        if (cells := rows.get(self.row)) is None:
            cells = rows[self.row] = {}
        cells[self.column] = (letter, style or self.style)
        self.column += 1

    def _command(self, code: int) -> None:
        if code == 0x20:
            self.mode = "pop"
        elif code in (0x25, 0x26, 0x27):
            self._roll_up(code - 0x23)
        elif code == 0x29:
            self.closing = bool(_letters_in(self.shown))
            self.mode = "paint"
        elif code in (0x2A, 0x2B):
            self.mode = "text"
            self._note("text", "text that is no captions left out", self.at_line)
        elif code == 0x2C:
            self._flush()
            self.shown, self.closing, self.begun = {}, False, False
        elif code == 0x2D and self.mode == "roll":
            self._carriage_return()
        elif code == 0x2E:
            self._forget()
        elif code == 0x2F:
            self._flush()
            self.shown, self.unseen = self.unseen, {}
            self.mode = "pop"
        elif code in (0x21, 0x24):
            self._delete(to_end=code == 0x24)

    def _forget(self) -> None:
        """Clear the memory that is not on the screen."""
        if _letters_in(self.unseen):
            self._note("unseen", "captions that were loaded and never shown left out", self.at_line)
        self.unseen = {}

    def _roll_up(self, depth: int) -> None:
        if self.mode != "roll":
            self._flush()
            self._forget()
            self.shown = {}
            self.row, self.column, self.style = _LAST_ROW, 0, _PLAIN
        self.mode, self.depth = "roll", depth

    def _carriage_return(self) -> None:
        self._flush()
        top = self.row - self.depth + 1
        self.shown = {row - 1: cells for row, cells in self.shown.items() if max(top, 1) < row <= self.row}
        self.column, self.style = 0, _PLAIN
        # What is written next belongs to the time from here on.
        self.closing = True

    def _delete(self, *, to_end: bool) -> None:
        cells = (self.unseen if self.mode == "pop" else self.shown).get(self.row, {})
        if to_end:
            for column in [at for at in cells if at >= self.column]:
                del cells[column]
            return
        self.column = max(0, self.column - 1)
        cells.pop(self.column, None)

    def _flush(self) -> None:
        """What was on the screen until now becomes a cue."""
        lines = _letters_in(self.shown)
        start, end = time_of(self.since, _RATE), time_of(self.now, _RATE)
        if lines and end > start:
            self.cues.append(_cue(Span(start, end), lines, self._place(), self.since_line))
        elif lines:
            self._note("timing", "captions that were shown for no time left out", self.since_line)
        self._since()

    def _place(self) -> Settings | None:
        """The nearest of the nine places: by the rows; by the columns where the text stands at an edge, and its middle
        beside the screen's.
        """
        inked = {row: [at for at, (char, _) in cells.items() if char != " "] for row, cells in self.shown.items()}
        rows = [row for row, columns in inked.items() if columns]
        first = min(at for columns in inked.values() for at in columns)
        last = max(at for columns in inked.values() for at in columns)
        aside = (first + last + 1) / 2 - _COLUMNS / 2
        left, right = first <= _EDGE and aside <= -_ASIDE, last >= _COLUMNS - 1 - _EDGE and aside >= _ASIDE
        across = right - left
        place = (8 if min(rows) <= 5 else 5 if max(rows) <= 10 else 2) + across
        return settings_at(place) if place != _USUAL else None


@lru_cache(maxsize=1 << 16)
def _word_of(text: str) -> int | None:
    """Two bytes without their parity, of four hexadecimal digits; None where they are something else."""
    return int(text, 16) & 0x7F7F if _CODE.fullmatch(text) else None


def _frame(found: re.Match[str]) -> int:
    """The frame of a time code at 30 numbers a second, with those that NTSC drops where it says so (SMPTE ST 12-1)."""
    hours, minutes, seconds, frames = (int(found[group]) for group in (1, 2, 3, 5))
    total = ((hours * 60 + minutes) * 60 + seconds) * 30 + frames
    if found[4] != ":":
        minutes += 60 * hours
        total -= 2 * (minutes - minutes // 10)
    return total


def _letters_in(rows: _Rows) -> list[list[_Cell]]:
    """The lines of a memory that show something: single spaces inside, none at the edges."""
    lines = []
    for row in sorted(rows):
        cells = rows[row]
        line: list[_Cell] = []
        last, blank = -1, None
        for column in sorted(cells):
            cell = cells[column]
            if cell[0] == " ":
                blank = blank or cell[1]
                continue
            if line and column > last + 1:
                line.append((" ", blank or cell[1]))
            line.append(cell)
            last, blank = column, None
        if line:
            lines.append(line)
    return lines


def _cue(span: Span, rows: Sequence[Sequence[_Cell]], place: Settings | None, at_line: int) -> Cue:
    builder = Builder()
    for number, row in enumerate(rows):
        if number:
            builder.newline()
        for style, run in groupby(_space_words(row), key=lambda cell: cell[1]):
            builder.styles.clear()
            if style.italic:
                builder.open("italic")
            if style.underline:
                builder.open("underline")
            if style.colour:
                builder.open("colour", style.colour)
            builder.text("".join(char for char, _ in run))
    lines, marks = builder.build()
    origin = Origin("scc", 0, 0, 0, 0, to_simple_tags(lines, marks), lines, marks)
    return Cue("", span, lines, settings=place, marks=marks, at_line=at_line, origin=origin)


def _space_words(row: Sequence[_Cell]) -> Iterator[_Cell]:
    """A space between two words looks as both do, and plain where they differ."""
    for at, (char, style) in enumerate(row):
        alike = char != " " or row[at - 1][1] == row[at + 1][1]
        yield char, style if alike else _PLAIN


@cache
def _letters() -> dict[int, str]:
    """The letters by their codes: one byte, or two of the first channel."""
    from ttconv.scc.codes.extended_characters import SccExtendedCharacter
    from ttconv.scc.codes.special_characters import SccSpecialCharacter
    from ttconv.scc.codes.standard_characters import SCC_STANDARD_CHARACTERS_MAPPING

    found = {int(code): str(letter) for code, letter in SCC_STANDARD_CHARACTERS_MAPPING.items()}
    for table in (SccSpecialCharacter, SccExtendedCharacter):
        found |= {letter.get_ch1_value(): letter.get_unicode_value() for letter in table}
    return found
