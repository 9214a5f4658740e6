"""Scenarist closed captions, written: pop-on captions in line 21 (CEA-608), one word of two letters a frame.

ttconv reads this format well; its writer leaves captions out where loading one overlaps the end of another, and cuts
lines at 32 letters. Here every caption has its slots: loaded unseen while the one before is shown, and late rather than
lost where line 21 is too slow. The code tables are ttconv's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from ..errors import UsageError
from ..runtime.extras import optional
from .cues import Cue, Document, Remark, plain_lines
from .frames import frame_at

_COLUMNS = 32
_ROWS = 4
_NTSC = Fraction(30000, 1001)
_LOAD, _CLEAR_UNSEEN, _CLEAR, _SHOW = 0x1420, 0x142E, 0x142C, 0x142F
_TAB = 0x1720
_FILLER = 0
_RESPELT = {"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "–": "-", "—": "-", "\u00a0": " "}


def render(document: Document, frame_rate: Fraction) -> tuple[str, tuple[Remark, ...]]:
    """The document as SCC, and what line 21 could not hold: 32 columns, four lines, its own letters, its speed.

    Args:
        document: the cues.
        frame_rate: 30 gives timecodes at 30 a second; all else 29.97 with dropped numbers, as broadcasters expect.

    Raises:
        UsageError: more than a fifth of the letters are of a script that line 21 does not have.
        EngineMissing: ttconv, whose code tables are used, is not installed.
    """
    rate = Fraction(30) if frame_rate == 30 else _NTSC
    letters = [char for cue in document.cues for line in cue.plain for char in line if char.isalpha()]
    if sum(_known(char) == "?" for char in letters) * 5 > len(letters):
        raise UsageError("SCC cannot hold these subtitles: line 21 has no letters of their script")
    remarks: list[Remark] = []
    line_21 = _Line21()
    for number, cue in enumerate(document.cues, 1):
        units = _units(cue, number, remarks)
        if not units:
            remarks.append(Remark("text", f"cue {number}: it has no text line 21 could show: left out", cue.at_line))
            continue
        start, end = (frame_at(max(0, ms), rate) for ms in (cue.span.start_ms, cue.span.end_ms))
        shown = line_21.show(units, start, end)
        if shown > start:
            late = round((shown - start) * 1000 / rate)
            remarks.append(
                Remark(
                    "bandwidth",
                    f"cue {number}: line 21 shows it {late} ms late: it takes that long to load",
                    cue.at_line,
                )
            )
    if any(cue.settings for cue in document.cues):
        remarks.append(Remark("position", "positions were left out"))
    runs = [f"{timecode(first, drop=rate == _NTSC)}\t{' '.join(map(_hex, run))}" for first, run in line_21.runs()]
    return "\n\n".join(["Scenarist_SCC V1.0", *runs]) + "\n", tuple(remarks)


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


def _units(cue: Cue, number: int, remarks: list[Remark]) -> list[tuple[int, ...]]:
    """Everything that loads a caption: words of two bytes, and codes, which are sent twice."""
    text = "\n".join(Cue("", cue.span, plain_lines(cue)).plain)
    lines = _fitted(_known(text).split("\n"))
    if "".join(_known(text).split()) != "".join(text.split()):
        remarks.append(Remark("letters", f"cue {number}: letters that line 21 does not have were respelt", cue.at_line))
    if len(lines) > _ROWS:
        remarks.append(
            Remark(
                "text",
                f"cue {number}: line 21 holds {_ROWS} lines of {_COLUMNS}: the rest was left out",
                cue.at_line,
            )
        )
        lines = lines[:_ROWS]
    if not lines:
        return []
    preamble = optional("ttconv.scc.codes.preambles_address_codes").SccPreambleAddressCode
    white = optional("ttconv.style_properties").NamedColors.white
    units: list[tuple[int, ...]] = [(_LOAD, _LOAD), (_CLEAR_UNSEEN, _CLEAR_UNSEEN)]
    for row, line in enumerate(lines, 15 - len(lines)):
        indent, tab = divmod((_COLUMNS - len(line)) // 2, 4)
        place = preamble(1, row, white, indent * 4, False, False).get_ch1_packet()
        units += [(place, place), *([(_TAB + tab, _TAB + tab)] if tab else []), *_letters(line)]
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
    codes = optional("ttconv.scc.codes.characters")
    code: bytes = codes.unicode_to_scc(char)
    if len(code) == 2:
        return 0, code[0] << 8 | code[1]
    if code != b"\x20" or char == " ":
        return code[0], None
    extended = optional("ttconv.scc.codes.extended_characters").SccExtendedCharacter
    for found in extended:
        if found.get_unicode_value() == char:
            base = unicodedata.normalize("NFKD", char).encode("ascii", "ignore")[:1] or b"?"
            return base[0], found.get_ch1_value()
    return None


def _known(text: str) -> str:
    out = []
    for char in text:
        if char == "\n" or _code(char):
            out.append(char)
        else:
            out.append(
                _RESPELT.get(char) or unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode() or "?"
            )
    return "".join(out)


def _fitted(lines: Sequence[str]) -> list[str]:
    """Lines of at most 32 columns, broken between words."""
    out: list[str] = []
    for line in lines:
        current = ""
        for word in line.split():
            rest = word
            while len(rest) > _COLUMNS:
                out += [current] if current else []
                out.append(rest[:_COLUMNS])
                current, rest = "", rest[_COLUMNS:]
            if current and len(current) + 1 + len(rest) > _COLUMNS:
                out.append(current)
                current = rest
            else:
                current = f"{current} {rest}".strip()
        out.append(current)
    return [line for line in out if line]
