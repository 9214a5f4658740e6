"""Scenarist closed captions, written: pop-on captions in line 21 (CEA-608), one word of two letters a frame.

ttconv's writer leaves captions out where loading one overlaps the end of another, and cuts
lines at 32 letters. Here every caption has its slots: loaded unseen while the one before is shown, and late rather than
lost where line 21 is too slow; what one caption cannot hold is shown in several. The code tables are ttconv's.
Source of the codes: CEA-608-E / 47 CFR 15.119 (preamble addresses, mid-row codes, which take one column).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import groupby

from ..data import Span
from ..errors import UsageError
from .cues import Cue, Diagnostic, Document, Mark, settings_at
from .frames import frame_at
from .losses import Losses
from .sample import Sample
from .scc_reader import read_scc

_COLUMNS = 32
_ROWS = 4
_NTSC = Fraction(30000, 1001)
_LOAD, _CLEAR_UNSEEN, _CLEAR, _SHOW = 0x1420, 0x142E, 0x142C, 0x142F
_TAB = 0x1720
_FILLER = 0
_MID_ROW = 0x1120
_ITALICS = 14
_COLOURS = {
    "#008000": 2, "#00ff00": 2, "#0000ff": 4, "#00ffff": 6, "#ff0000": 8, "#ffff00": 10, "#ff00ff": 12,
}  # fmt: skip
_RESPELT = {"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "–": "-", "—": "-", "\u00a0": " "}
_Cell = tuple[str, int]
"""A letter, and its style as the low bits of a mid-row code."""


class Scenarist:
    """Scenarist closed captions (.scc)."""

    name = "scc"
    label = "SCC"
    suffixes: tuple[str, ...] = (".scc",)
    binary = False
    writable = True
    holds = frozenset({"italic", "underline", "colour"})
    lacks = "bold, fonts, speakers, other letters and colours than line 21's, more than 4 lines of 32 columns at once"

    def detect(self, sample: Sample) -> bool:
        """Its signature."""
        return sample.head.lstrip("\ufeff").startswith("Scenarist_SCC")

    def read(self, text: str, name: str) -> Document:
        """Read Scenarist closed captions.

        Raises:
            MediaError: there is no caption in it.
        """
        return read_scc(text, name)

    def write(self, document: Document, frame_rate: Fraction) -> tuple[str, tuple[Diagnostic, ...]]:
        """The document as SCC, and what line 21 could not hold: its columns, rows, letters, its speed.

        Args:
            document: the cues.
            frame_rate: 30 gives timecodes at 30 a second; all else 29.97 with dropped numbers, as broadcasters expect.

        Raises:
            UsageError: more than a fifth of the letters are of a script that line 21 does not have.
        """
        rate = Fraction(30) if frame_rate == 30 else _NTSC
        letters = [char for cue in document.cues for line in cue.lines for char in line if char.isalpha()]
        if sum(_writable_text(char) == "?" for char in letters) * 5 > len(letters):
            raise UsageError("SCC cannot hold these subtitles: line 21 has no letters of their script")
        losses = Losses(self.label)
        losses.document(document, comments=False)
        line_21 = _Line21()
        for number, cue in enumerate(document.cues, 1):
            for part, units in _captions(cue, number, losses):
                start, end = (frame_at(max(0, ms), rate) for ms in (part.start_ms, part.end_ms))
                if line_21.show(units, start, end) > start:
                    losses.add("bandwidth", "captions late: line 21 takes that long to load them", number, cue.at_line)
        runs = [f"{timecode(first, drop=rate == _NTSC)}\t{' '.join(map(_hex, run))}" for first, run in line_21.runs()]
        return "\n\n".join(["Scenarist_SCC V1.0", *runs]) + "\n", losses.remarks()


@dataclass(slots=True)
class _Line21:
    """Which word is sent in which frame."""

    sent: dict[int, int] = field(default_factory=dict)
    free: int = 0
    """the first frame after the last caption was put on the screen"""
    ends: int = -1
    """when that caption goes, -1 where none is shown"""

    def show(self, units: Sequence[tuple[int, ...]], start: int, end: int) -> int:
        """Send a caption so that it appears at `start`, or as soon as it can; returns when it does."""
        show = max(start, self.free)
        while True:
            clear = self.ends if 0 <= self.ends <= show - 2 else None
            load = _before(show, units, clear)
            if min(load) >= self.free:
                break
            show += 1
        if clear is not None:
            self.sent |= {clear: _CLEAR, clear + 1: _CLEAR}
        self.sent |= load | {show: _SHOW, show + 1: _SHOW}
        self.free, self.ends = show + 2, max(end, show + 2)
        return show

    def runs(self) -> list[tuple[int, list[int]]]:
        """Words sent in a row, with the frame of the first; the last caption is cleared at its end."""
        if self.ends >= 0:
            self.sent |= {self.ends: _CLEAR, self.ends + 1: _CLEAR}
        runs: list[tuple[int, list[int]]] = []
        for frame in sorted(self.sent):
            if runs and runs[-1][0] + len(runs[-1][1]) == frame:
                runs[-1][1].append(self.sent[frame])
            else:
                runs.append((frame, [self.sent[frame]]))
        return runs


def _before(show: int, units: Sequence[tuple[int, ...]], clear: int | None) -> dict[int, int]:
    """The frames that load a caption, up to `show`, leaving two for the clearing of the one before.

    A code sent twice counts once only where nothing comes between, so no unit is parted: a filler takes its place.
    """
    placed: dict[int, int] = {}
    frame = show - 1
    for unit in reversed(units):
        if clear is not None and clear <= frame <= clear + len(unit):
            if frame == clear + 2:
                placed[frame] = _FILLER
            frame = clear - 1
        frame -= len(unit)
        placed |= {frame + 1 + offset: word for offset, word in enumerate(unit)}
    return placed


def timecode(frame: int, *, drop: bool) -> str:
    """`hh:mm:ss:ff` at 30 numbers a second, or `hh:mm:ss;ff` with the numbers that NTSC drops (SMPTE 12M)."""
    if drop:
        tens, rest = divmod(frame, 17982)
        frame += 18 * tens + (2 * ((rest - 2) // 1798) if rest >= 2 else 0)
    seconds, part = divmod(frame, 30)
    mark = ";" if drop else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{part:02d}"


def _hex(word: int) -> str:
    """Both bytes with odd parity."""
    return "".join(f"{byte | (0 if byte.bit_count() % 2 else 0x80):02x}" for byte in (word >> 8, word & 0x7F))


def _captions(cue: Cue, number: int, losses: Losses) -> Iterator[tuple[Span, list[tuple[int, ...]]]]:
    """The captions that show a cue, one after the other, each with its time and everything that loads it."""
    _count(cue, number, losses)
    rows = [row for line in _style_lines(cue, number, losses) for row in _wrap(line)]
    if not rows:
        losses.add("text", "cues without text left out", number, cue.at_line)
        return
    if len(rows) > len(cue.lines):
        losses.add("lines", "cues with lines broken anew: line 21 has 32 columns", number, cue.at_line)
    groups = [rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS)]
    if len(groups) > 1:
        losses.add("split", "cues shown as several captions: one holds 4 lines", number, cue.at_line)
    sizes = [sum(map(len, group)) for group in groups]
    done = 0
    for group, size in zip(groups, sizes):
        first, done = done, done + size
        start, end = (cue.span.start_ms + cue.span.length_ms * at // sum(sizes) for at in (first, done))
        yield Span(start, end), _units(group, cue.place)


def _count(cue: Cue, number: int, losses: Losses) -> None:
    losses.marks(cue, number, Scenarist.holds)
    losses.cue(cue, number, "")
    if cue.settings is not None and settings_at(cue.place) != cue.settings:
        losses.add("position", "positions moved to the nearest of the nine places", number, cue.at_line)
    if unknown := sum(m.kind == "colour" and m.value not in _COLOURS for m in cue.marks):
        losses.add("colour", "colours that line 21 does not have left out", number, cue.at_line, unknown)


def _style_lines(cue: Cue, number: int, losses: Losses) -> Iterator[list[_Cell]]:
    """Each line as letters that line 21 has, with their styles."""
    for row, line in enumerate(cue.lines):
        styles = [0] * len(line)
        marks = [mark for mark in cue.marks if mark.line == row]
        for at in range(len(line)) if marks else ():
            styles[at] = _style([mark for mark in marks if mark.start <= at < mark.end])
        cells = [(char, style) for letter, style in zip(line, styles) for char in _writable_text(letter)]
        if "".join("".join(char for char, _ in cells).split()) != "".join(line.split()):
            losses.add("letters", "cues with letters respelt that line 21 does not have", number, cue.at_line)
        if both := sum(m.kind == "italic" for m in marks) and any(m.kind == "colour" for m in marks):
            losses.add("colour", "colours of italics left out", number, cue.at_line, int(both))
        whole = _of_whole_words(cells)
        if whole != cells:
            losses.add("style", "styles that change inside a word moved to its edge", number, cue.at_line)
        yield whole


def _of_whole_words(cells: Sequence[_Cell]) -> list[_Cell]:
    """The cells with one style a word, that of its first letter: inside a word, a code would show as a space."""
    out: list[_Cell] = []
    for char, style in cells:
        inside = bool(out) and out[-1][0] != " " and char != " "
        out.append((char, out[-1][1] if inside else style))
    return out


def _style(marks: Sequence[Mark]) -> int:
    kinds = {mark.kind: mark.value for mark in marks}
    base = _ITALICS if "italic" in kinds else _COLOURS.get(kinds.get("colour", ""), 0)
    return base | (1 if "underline" in kinds else 0)


def _units(rows: Sequence[Sequence[_Cell]], place: int) -> list[tuple[int, ...]]:
    """Everything that loads a caption: words of two bytes, and codes, which are sent twice."""
    from ttconv.scc.codes.preambles_address_codes import SccPreambleAddressCode
    from ttconv.style_properties import NamedColors

    units: list[tuple[int, ...]] = [(_LOAD, _LOAD), (_CLEAR_UNSEEN, _CLEAR_UNSEEN)]
    height, column = divmod(place - 1, 3)
    top = (15 - len(rows), 8 - len(rows) // 2, 2)[height]
    for row, cells in enumerate(rows, top):
        room = _COLUMNS - _length(cells)
        indent, tab = divmod((0, room // 2, room)[column], 4)
        at = SccPreambleAddressCode(1, row, NamedColors.white, indent * 4, False, False).get_ch1_packet()
        units += [(at, at), *([(_TAB + tab, _TAB + tab)] if tab else [])]
        before = 0
        for style, run in groupby(cells, key=lambda cell: cell[1]):
            text = "".join(char for char, _ in run)
            if style != before:
                units.append((_MID_ROW + style, _MID_ROW + style))
                # The code stands where a space would: it takes a column of its own.
                text = text.removeprefix(" ")
            units += _letters(text)
            before = style
    return units


def _letters(line: str) -> Iterator[tuple[int, ...]]:
    """A line's letters, two a word; a code of two bytes stands alone, twice."""
    half = 0
    for char in line:
        plain, code = _code(char) or (0x3F, None)
        if plain and half:
            yield (half << 8 | plain,)
        half = 0 if half and plain else half or plain
        if code is not None:
            if half:
                yield (half << 8,)
            half = 0
            yield (code, code)
    if half:
        yield (half << 8,)


@cache
def _code(char: str) -> tuple[int, int | None] | None:
    """A letter's byte and its two-byte code: extended letters replace a plain one sent before them."""
    from ttconv.scc.codes.characters import unicode_to_scc
    from ttconv.scc.codes.extended_characters import SccExtendedCharacter

    code: bytes = unicode_to_scc(char)
    if len(code) == 2:
        return 0, code[0] << 8 | code[1]
    if code != b"\x20" or char == " ":
        return code[0], None
    for found in SccExtendedCharacter:
        if found.get_unicode_value() == char:
            base = unicodedata.normalize("NFKD", char).encode("ascii", "ignore")[:1] or b"?"
            return base[0], found.get_ch1_value()
    return None


def _writable_text(text: str) -> str:
    out = []
    for char in text:
        if char == "\n" or _code(char):
            out.append(char)
        else:
            out.append(
                _RESPELT.get(char) or unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode() or "?"
            )
    return "".join(out)


def _length(cells: Sequence[_Cell]) -> int:
    """Columns a line takes: a change of style takes one, unless it stands where a space is."""
    before, columns = 0, 0
    for char, style in cells:
        columns += 1 + (style != before and char != " ")
        before = style
    return columns


def _wrap(line: Sequence[_Cell]) -> list[list[_Cell]]:
    """A line as lines of at most 32 columns, broken between words."""
    out: list[list[_Cell]] = []
    current: list[_Cell] = []
    for word in _words(line):
        cells = word
        while _length(cells) > _COLUMNS:
            out += [current] if current else []
            fits = next(n for n in range(_COLUMNS, 0, -1) if _length(cells[:n]) <= _COLUMNS)
            out.append(cells[:fits])
            current, cells = [], cells[fits:]
        longer = [*current, (" ", _between(current, cells)), *cells] if current else cells
        if _length(longer) > _COLUMNS:
            out.append(current)
            longer = cells
        current = longer
    return [row for row in (*out, current) if row]


def _between(before: Sequence[_Cell], after: Sequence[_Cell]) -> int:
    """The style of a space: that of what follows, so that a change falls on the space."""
    return after[0][1] if after else before[-1][1]


def _words(line: Sequence[_Cell]) -> Iterator[list[_Cell]]:
    for space, run in groupby(line, key=lambda cell: cell[0] == " "):
        if not space:
            yield list(run)
