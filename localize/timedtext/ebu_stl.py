"""EBU STL (EBU Tech 3264-E, "Specification of the EBU Subtitling data exchange format"), read and written.

Ours, because what is kept must come back: comments, subtitle groups, cumulative sets, code page and programme start
(TCP, which is taken off all times) have no place in a library's model. The table of ISO 6937 is ttconv's.

One file of more than 400 lines, because a format's reader and writer are one class and change together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from ..data import Span
from ..errors import MediaError
from ..language.tags import main_language
from .content import Builder, marks_by_line, to_simple_tags
from .cues import Comment, Cue, Diagnostic, Document, Mark, MarkKind, Origin, place_of, settings_at
from .frames import frame_at, time_of
from .losses import Losses
from .sample import Sample

_HEAD, _BLOCK, _TEXT = 1024, 128, 112
_NEWLINE, _UNUSED = 0x8A, 0x8F
_BOX, _END_BOX, _DOUBLE = 0x0B, 0x0A, 0x0D
_COLOURS = ("#000000", "#ff0000", "#00ff00", "#ffff00", "#0000ff", "#ff00ff", "#00ffff", "#ffffff")
_SWITCHES: dict[int, tuple[MarkKind, bool]] = {
    0x80: ("italic", True), 0x81: ("italic", False), 0x82: ("underline", True), 0x83: ("underline", False),
}  # fmt: skip
_RATES = {b"STL23.01": Fraction(24000, 1001), b"STL24.01": Fraction(24), b"STL25.01": Fraction(25),
          b"STL30.01": Fraction(30000, 1001), b"STL50.01": Fraction(50)}  # fmt: skip
_PAGES = {b"00": "", b"01": "iso8859_5", b"02": "iso8859_6", b"03": "iso8859_7", b"04": "iso8859_8"}
_LANGUAGES = (
    "", "sq", "br", "ca", "hr", "cy", "cs", "da", "de", "en", "es", "eo", "et", "eu", "fo", "fr", "fy", "ga", "gd",
    "gl", "is", "it", "se", "la", "lv", "lb", "lt", "hu", "mt", "nl", "no", "oc", "pl", "pt", "ro", "rm", "sr", "sk",
    "sl", "fi", "sv", "tr", "nl", "wa",
)  # fmt: skip
"""EBU Tech 3264, appendix 3: language codes 00 to 2B (hexadecimal)."""
_FAR_LANGUAGES = {
    0x7F: "am", 0x7E: "ar", 0x7D: "hy", 0x7C: "as", 0x7B: "az", 0x79: "be", 0x78: "bn", 0x77: "bg", 0x76: "my",
    0x75: "zh", 0x71: "ka", 0x70: "el", 0x6F: "gu", 0x6D: "ha", 0x6C: "he", 0x6B: "hi", 0x6A: "id", 0x69: "ja",
    0x68: "kn", 0x67: "kk", 0x66: "km", 0x65: "ko", 0x64: "lo", 0x63: "mk", 0x62: "mg", 0x61: "ms", 0x5E: "ne",
    0x5A: "fa", 0x59: "pa", 0x57: "qu", 0x56: "ru", 0x53: "sn", 0x52: "si", 0x51: "so", 0x4E: "tg", 0x4D: "ta",
    0x4B: "te", 0x4A: "th", 0x49: "uk", 0x48: "ur", 0x47: "uz", 0x46: "vi", 0x45: "zu",
}  # fmt: skip
_ROWS = 23
_LAST_MS = 86_399_960


class EbuStl:
    """EBU STL (.stl)."""

    name = "stl"
    label = "EBU STL"
    suffixes: tuple[str, ...] = (".stl",)
    binary = True
    writable = True
    holds = frozenset({"italic", "underline", "colour"})
    lacks = "bold, fonts, speakers, other than eight colours, letters outside one code page, times after 24 hours"

    def detect(self, sample: Sample) -> bool:
        """A code page number and a disk format code."""
        return len(sample.data) > 11 and sample.data[:3].isdigit() and sample.data[3:6] == b"STL"

    def read(self, text: bytes, name: str) -> Document:
        """Read EBU STL.

        Raises:
            MediaError: the file ends after its header, or holds no subtitle.
        """
        blocks, rest = divmod(len(text) - _HEAD, _BLOCK)
        if blocks < 1:
            raise MediaError(f"{name}: no subtitle found: the file ends after its header", file=name)
        reader = _Reader(text, name)
        reader.blocks(blocks)
        if rest:
            reader.warn("cut", f"the file ends inside a block: {rest} bytes were left out", loss=True)
        return reader.document()

    def write(self, document: Document, frame_rate: Fraction) -> tuple[bytes, tuple[Diagnostic, ...]]:
        """The document as EBU STL for open subtitles, and what it cannot hold.

        Args:
            document: the cues; its `start_ms` is written as the programme's start and added to all times.
            frame_rate: 30 and 29.97 give 30 numbers a second, all else 25.
        """
        losses = Losses(self.label)
        return _Writer(document, frame_rate, losses).data(), losses.remarks()


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    data: bytes
    name: str
    cues: list[Cue] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    text: bytes = b""
    rate: Fraction = Fraction(25)
    start: int = 0
    teletext: bool = False
    unknown: int = 0

    def __post_init__(self) -> None:
        head = self.data[:_HEAD]
        if head[3:11] not in _RATES:
            self.warn(
                "rate", f"unknown disk format {head[3:11].decode('ascii', 'replace')!r}: taken as 25 frames", loss=True
            )
        self.rate = _RATES.get(head[3:11], Fraction(25))
        self.teletext = head[11:12] in (b"1", b"2")
        if head[12:14] not in _PAGES:
            self.warn("encoding", "unknown code page: read as ISO 6937", loss=True)
        start = head[256:264]
        self.start = self._ms(tuple(int(start[at : at + 2]) for at in (0, 2, 4, 6))) if start.isdigit() else 0

    def warn(self, code: str, message: str, *, loss: bool = False) -> None:
        """Say what is wrong."""
        self.warnings.append(Diagnostic(code, message, loss=loss))

    def _ms(self, parts: Sequence[int]) -> int:
        hours, minutes, seconds, frames = parts
        whole = (hours * 60 + minutes) * 60 + seconds
        counted = round(self.rate)
        if self.rate.denominator == 1:
            return round(whole * 1000 + frames * 1000 / self.rate)
        return round((whole * counted + frames) * 1000 / self.rate)

    def blocks(self, count: int) -> None:
        """Every text block; extensions are joined to what they extend."""
        for number in range(count):
            block = self.data[_HEAD + number * _BLOCK : _HEAD + (number + 1) * _BLOCK]
            extension = block[3]
            if extension == 0xFE:  # user data
                continue
            self.text += block[16:].partition(bytes([_UNUSED]))[0]
            if extension == 0xFF or number == count - 1:
                self._subtitle(block, self.text, number)
                self.text = b""

    def _subtitle(self, block: bytes, text: bytes, number: int) -> None:
        lines, marks, double = self._content(text)
        if block[15] == 1:
            self.comments.append(Comment("\n".join(lines), len(self.cues)))
            return
        start, end = self._ms(block[5:9]) - self.start, self._ms(block[9:13]) - self.start
        if start == end and block[1:3] == b"\0\0" and start < 0 and lines:
            # Subtitle zero without a time is the story's title.
            self.comments.append(Comment("\n".join(lines), len(self.cues)))
            return
        if start < 0:
            self.warn("timing", f"block {number + 1} starts before the programme does: kept at its own time", loss=True)
            start, end = start + self.start, end + self.start
        if not lines:
            self.warn("empty", f"block {number + 1} has no text: left out", loss=bool(text))
            return
        row, column = block[13], {1: 0, 3: 2}.get(block[14], 1)
        rows = _ROWS if self.teletext else _decimal(self.data[253:255], _ROWS)
        bottom = row + len(lines) * (2 if double else 1) - 1
        height = 2 if row <= rows // 3 else 1 if bottom <= rows * 2 // 3 else 0
        extras = tuple((f"stl:{key}", str(value)) for key, value in (("SGN", block[0]), ("CS", block[4])) if value)
        place = settings_at(3 * height + column + 1)
        origin = Origin("stl", 0, 0, 0, 0, to_simple_tags(lines, marks), lines, marks)
        self.cues.append(Cue("", Span(start, end), lines, settings=place, marks=marks, extras=extras, origin=origin))

    def _content(self, text: bytes) -> tuple[tuple[str, ...], tuple[Mark, ...], bool]:
        """A text field: letters between control codes, which take a space in teletext."""
        builder = Builder()
        waiting = bytearray()
        double = False

        def flush() -> None:
            if waiting:
                builder.text(self._decode(bytes(waiting)))
                waiting.clear()

        for code in text:
            if code == _NEWLINE:
                flush()
                builder.newline()
                builder.close_all("colour")
            elif code in _SWITCHES:
                flush()
                kind, on = _SWITCHES[code]
                builder.close_all(kind)
                if on:
                    builder.open(kind)
            elif code < 0x20:
                flush()
                double = double or code == _DOUBLE
                if code < 8:
                    builder.close_all("colour")
                    builder.open("colour", _COLOURS[code])
                if self.teletext and builder.length and not builder.pieces[-1][-1].endswith(" "):
                    waiting += b" "
            elif 0x20 <= code < 0x80 or code >= 0xA0:
                waiting.append(code)
        flush()
        lines, marks = builder.build()
        if self.teletext:
            lines, marks = _trim(lines, marks)
        return lines, marks, double

    def _decode(self, data: bytes) -> str:
        page = _PAGES.get(self.data[12:14], "")
        text = data.decode(page, "replace") if page else _iso6937(data)
        self.unknown += text.count("\ufffd")
        return text

    def document(self) -> Document:
        """What was read.

        Raises:
            MediaError: nothing was.
        """
        if not self.cues:
            raise MediaError(f"{self.name}: no subtitle found", file=self.name)
        if self.unknown:
            self.warn("encoding", f"{self.unknown} codes that are no letter replaced by U+FFFD", loss=True)
        return Document(
            tuple(self.cues), _language(self.data[14:16]), "stl", tuple(self.comments), warnings=tuple(self.warnings),
            header=self.data[16:224].decode("cp850").rstrip(),
            start_ms=self.start,
        )  # fmt: skip


def _trim(lines: tuple[str, ...], marks: tuple[Mark, ...]) -> tuple[tuple[str, ...], tuple[Mark, ...]]:
    """Lines without the spaces at their edges, where teletext's codes stood."""
    if all(line == line.strip(" ") and "  " not in line for line in lines):
        return lines, marks
    builder = Builder()
    for number, line in enumerate(lines):
        if number:
            builder.newline()
        mine = [mark for mark in marks if mark.line == number]
        first, last = len(line) - len(line.lstrip(" ")), len(line.rstrip(" "))
        edges = sorted({first, last, *(min(max(at, first), last) for m in mine for at in (m.start, m.end))})
        for start, end in zip(edges, edges[1:]):
            builder.styles.clear()
            for mark in mine:
                if mark.start < end and mark.end > start:
                    builder.open(mark.kind, mark.value)
            builder.text(line[start:end])
    return builder.build()


def _language(code: bytes) -> str:
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return _LANGUAGES[number] if number < len(_LANGUAGES) else _FAR_LANGUAGES.get(number, "")


def _decimal(text: bytes, otherwise: int) -> int:
    return int(text) if text.isdigit() and int(text) else otherwise


def _iso6937(data: bytes) -> str:
    from ttconv.stl.iso6937 import decode

    try:
        return str(decode(data, errors="replace")[0])
    except Exception:  # a table that meets a byte it does not know
        return "".join(_letter(byte) for byte in data)


def _letter(byte: int) -> str:
    from ttconv.stl.iso6937 import decode

    try:
        return str(decode(bytes([byte]), errors="strict")[0])
    except Exception:
        return "\ufffd"


# --- writing ---------------------------------------------------------------------------------------------------------


@cache
def _codes() -> dict[str, bytes]:
    """ISO 6937 backwards: every letter that one byte, or an accent and a letter, gives."""
    from ttconv.stl.iso6937 import decode

    found: dict[str, bytes] = {}
    for first in range(0xA0, 0x100):
        singles = [bytes([first])] if not 0xC0 <= first < 0xD0 else []
        pairs = [bytes([first, letter]) for letter in range(0x20, 0x7F)] if 0xC0 <= first < 0xD0 else []
        for code in (*singles, *pairs):
            try:
                text = unicodedata.normalize("NFC", decode(code, errors="strict")[0])
            except Exception:  # noqa: S112 - no letter
                continue
            if len(text) == 1 and text != "\ufffd":
                found.setdefault(text, code)
    return {chr(code): bytes([code]) for code in range(0x20, 0x7F)} | found


@dataclass(slots=True)
class _Writer:
    document: Document
    frame_rate: Fraction
    losses: Losses
    page: bytes = b"00"
    counted: int = 25
    rate: Fraction = Fraction(25)

    def data(self) -> bytes:
        """The whole file."""
        self.losses.document(self.document, comments=True)
        self.counted = 30 if round(self.frame_rate) == 30 else 25
        self.rate = _RATES[f"STL{self.counted}.01".encode()]
        self.page = self._page()
        blocks: list[bytes] = []
        comments: dict[int, list[str]] = {}
        for comment in self.document.comments:
            comments.setdefault(comment.before, []).append(comment.text)
        number = 0
        for index, cue in enumerate(self.document.cues):
            for text in comments.pop(index, []):
                blocks += self._comment(text, number, cue)
                number += 1
            blocks += self._cue(cue, index + 1, number)
            number += 1
        for text in (text for rest in comments.values() for text in rest):
            blocks += self._comment(text, number, None)
            number += 1
        return self._head(len(blocks), number) + b"".join(blocks)

    def _page(self) -> bytes:
        """The code page that holds most of the letters."""
        letters = {char for cue in self.document.cues for line in cue.lines for char in line if ord(char) > 126}

        def held(page: bytes) -> int:
            return sum(self._encode(char, page) is not None for char in letters)

        return max(_PAGES, key=held)

    def _encode(self, char: str, page: bytes) -> bytes | None:
        if not _PAGES[page]:
            return _codes().get(char)
        try:
            code = char.encode(_PAGES[page])
        except UnicodeEncodeError:
            return None
        return code if code[0] >= 0xA0 or 0x20 <= code[0] < 0x7F else None

    def _cue(self, cue: Cue, number: int, serial: int) -> list[bytes]:
        self.losses.marks(cue, number, EbuStl.holds)
        self.losses.cue(cue, number, "stl:")
        if not "".join(cue.lines).strip():
            self.losses.add("text", "cues without text left out", number, cue.at_line)
            return []
        place = place_of(cue.settings)
        if settings_at(place) != cue.settings:
            self.losses.add("position", "positions moved to the nearest of the nine places", number, cue.at_line)
        row, column = divmod(place - 1, 3)
        lines = max(1, len(cue.lines))
        down = (_ROWS - lines, 12 - lines // 2, 1)[row]
        extras = dict(cue.extras)
        head = bytes([
            _byte(extras.get("stl:SGN", "0")), serial & 0xFF, serial >> 8 & 0xFF, 0, _byte(extras.get("stl:CS", "0")),
            *self._time(cue.span.start_ms, number), *self._time(cue.span.end_ms, number), max(1, down),
            (1, 2, 3)[column], 0,
        ])  # fmt: skip
        return self._blocks(head, self._text(cue, number))

    def _comment(self, text: str, serial: int, cue: Cue | None) -> list[bytes]:
        span = cue.span if cue else Span(0, 0)
        head = bytes([0, serial & 0xFF, serial >> 8 & 0xFF, 0, 0, *self._time(span.start_ms, 0),
                      *self._time(span.end_ms, 0), 1, 2, 1])  # fmt: skip
        lines = tuple(line for line in text.split("\n") if line.strip())
        return self._blocks(head, self._text(Cue("", span, lines), 0))

    def _blocks(self, head: bytes, text: bytes) -> list[bytes]:
        """Text blocks: extension numbers count up, the last is 255."""
        parts = [text[at : at + _TEXT] for at in range(0, len(text), _TEXT)] or [b""]
        if len(parts) > 0xEF:
            self.losses.add("text", "subtitles longer than a set of blocks cut off", head[1] + 256 * head[2] + 1)
            parts = parts[:0xEF]
        return [
            head[:3] + bytes([0xFF if number == len(parts) - 1 else number]) + head[4:] + part.ljust(_TEXT, b"\x8f")
            for number, part in enumerate(parts)
        ]

    def _time(self, ms: int, number: int) -> tuple[int, int, int, int]:
        ms += self.document.start_ms
        if not 0 <= ms <= _LAST_MS:
            self.losses.add("time", "times outside of one day set to its edge", number)
        ms = max(0, min(_LAST_MS, ms))
        frame = frame_at(ms, self.rate)
        if time_of(frame, self.rate) != ms and number:
            self.losses.add("time", f"times rounded to frames of {self.counted} a second", number)
        seconds, frames = divmod(frame, self.counted)
        return seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, frames

    def _text(self, cue: Cue, number: int) -> bytes:
        found = marks_by_line(cue)
        lines = []
        for row, line in enumerate(cue.lines):
            lines.append(self._line(line, [m for m in found.get(row, ()) if m.kind in EbuStl.holds], cue, number))
        return b"\x8a".join(lines)

    def _line(self, line: str, marks: Sequence[Mark], cue: Cue, number: int) -> bytes:
        out = bytearray()
        state: dict[str, str] = {}
        edges = sorted({0, len(line), *(m.start for m in marks), *(m.end for m in marks)})
        for start, end in zip(edges, [*edges[1:], None]):
            wanted: dict[str, str] = {m.kind: m.value for m in marks if m.start <= start < m.end}
            if wanted.get("colour", _COLOURS[0]) not in _COLOURS:
                self.losses.add("colour", "colours that are none of the eight left out", number, cue.at_line)
                del wanted["colour"]
            out += b"".join(self._changes(state, wanted))
            state = dict(wanted)
            for char in unicodedata.normalize("NFC", line[start:end]) if end is not None else "":
                out += self._char(char, cue, number)
        return bytes(out)

    def _changes(self, before: dict[str, str], after: dict[str, str]) -> Iterator[bytes]:
        for code, (kind, on) in _SWITCHES.items():
            if (kind in after) is on and (kind in before) is not on:
                yield bytes([code])
        if before.get("colour") != after.get("colour"):
            yield bytes([_COLOURS.index(after.get("colour", "#ffffff"))])

    def _char(self, char: str, cue: Cue, number: int) -> bytes:
        code = self._encode(char, self.page)
        if code is not None:
            return code
        plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore")
        self.losses.add("letters", "letters outside the file's code page respelt", number, cue.at_line)
        return bytes(byte for byte in plain if 0x20 <= byte < 0x7F) or b"?"

    def _head(self, blocks: int, subtitles: int) -> bytes:
        language = main_language(self.document.language)
        far = {tag: code for code, tag in _FAR_LANGUAGES.items()}
        code = _LANGUAGES.index(language) if language in _LANGUAGES else far.get(language, 0)
        start = "".join(f"{part:02d}" for part in self._time(0, 0))
        title = self.document.header if self.document.format == "stl" else ""
        fields: list[tuple[str | bytes, int]] = [
            ("850", 3), (f"STL{self.counted}.01", 8), ("0", 1), (self.page, 2), (f"{code:02X}", 2),
            (title, 208),
        ]  # fmt: skip
        head = b"".join(
            (value if isinstance(value, bytes) else value.encode("cp850", "replace"))[:size].ljust(size)
            for value, size in fields
        )
        numbers = f"00010100010101{min(blocks, 99999):05d}{min(subtitles, 99999):05d}00199{_ROWS:02d}1"
        first = self._time(self.document.cues[0].span.start_ms, 0) if self.document.cues else (0, 0, 0, 0)
        times = start + "".join(f"{part:02d}" for part in first)
        return (head + numbers.encode() + times.encode() + b"11" + b"XXX").ljust(_HEAD)[:_HEAD]


def _byte(text: str) -> int:
    return min(255, int(text)) if text.isdecimal() and len(text) < 6 else 0
