r"""SubRip: read as players do, leniently and with every repair reported; written through pysrt.

pysrt's own reader drops text after a blank line inside a cue and takes `,5` for 5 ms, so reading is ours.
YouTube's SBV differs only in its timing line and is read and written here too. SubRip has no specification; what is
read as markup is what VLC and libass take for it: `<i> <b> <u> <s> <font>`, ASS overrides in braces, `{i}` of old
players, the entities of HTML, `<br>` and `\N`.

One file of more than 400 lines, because a format's reader and writer are one class and change together.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..data import Span
from ..errors import MediaError
from . import override
from .content import Builder, colour, marks_by_line, nest_tags
from .cues import Cue, Diagnostic, Document, Mark, MarkKind, Origin, Settings, odd_times, settings_at
from .losses import Losses
from .sample import Sample

_CLOCK = r"(-?)(?:([0-9]{1,9})\s?:\s?)?([0-9]{1,9})\s?:\s?([0-9]{1,9})(?:\s?([,.:;])\s?([0-9]{1,9}))?"
_ARROW = r"(?:[-\u2010-\u2015]{1,3}\s?(?:>|&gt;)|=>|\u2192)"
TIMING = re.compile(rf"\s*{_CLOCK}\s*{_ARROW}\s*{_CLOCK}(?![0-9])(.*)\Z")
_FULL = r"()([0-9]{1,3}):([0-9]{2}):([0-9]{2})([,.])([0-9]{1,3})"
_NO_ARROW = re.compile(rf"\s*{_FULL}(?:\s+|\s*[-\u2010-\u2015]{{1,3}}\s*){_FULL}()\s*\Z")
"""Two whole times and nothing else are a timing too."""
_PLACES = re.compile(r"(?:\s*(?:[XY][12]|align|line|position|size|vertical|region)[:=]\s*[^\s:]+)+\s*\Z", re.IGNORECASE)
"""Coordinates of old players, or settings of WebVTT, behind the times."""
SBV_TIMING = re.compile(rf"\s*{_CLOCK}\s*,\s*{_CLOCK}\s*\Z")
_BROKEN = re.compile(r"-->.*[0-9]\s*:|[0-9]\s*:.*-->")
_SBV_END = "[END SUBTITLE]"
# No timing line is longer, and patterns are tried on nothing longer.
_LONGEST = 400
LINE_END = r"\r*\n|\r"
"""CR CR LF is one end: a program wrote CR LF as text."""
_INDEX = re.compile("[0-9]{1,9}")
# Full-width, and Arabic and Persian digits and commas.
_WIDE = str.maketrans("：，．；٫،" + "０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", ":,.;,," + "0123456789" * 3)
# What is not seen, such as marks of direction, stands around numbers and times as a space does.
_WIDE |= dict.fromkeys((*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF), ord(" "))
_NTSC = Fraction(30000, 1001)

_TOKEN = re.compile(
    r"<(/?)(i|b|u|s|font)((?<=font)\s[^<>]{0,200}|\s{1,9}(?:[a-z-]{1,20}\s?=[^<>]{0,200})?)?/?>|(\{\\[^{}]*\})|\{(/?)([ibus])\}"
    r"|(&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});)|(<br\s{0,9}/?>|\\(?-i:N))|([<{&\\:-])\u2060",
    re.IGNORECASE,
)
_INVISIBLE = ("\u00a0", "\u200e", "\u200f", "\u200b", "\u200c", "\u200d", "\u00ad")
_MARKED = frozenset("<{&\\\u2060")
_KINDS: dict[str, MarkKind] = {"i": "italic", "b": "bold", "u": "underline", "s": "strike"}
_LETTERS = {kind: letter for letter, kind in _KINDS.items()}
_FONT: dict[str, MarkKind] = {"color": "colour", "face": "face", "size": "size"}
_ATTRIBUTE = re.compile(r"(color|face|size)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)


class SubRip:
    """SubRip (.srt)."""

    name = "srt"
    label = "SubRip"
    suffixes: tuple[str, ...] = (".srt",)
    binary = False
    writable = True
    holds = frozenset({"italic", "bold", "underline", "strike", "colour", "face", "size"})
    lacks = "speakers, ruby, classes, regions, exact positions (the nine places are kept), comments, styles by name"

    def detect(self, sample: Sample) -> bool:
        """A line with two times and an arrow."""
        if sample.suffix in {".smi", ".sami", ".rtf"}:
            return False
        likely = [line for line in sample.lines if len(line) < _LONGEST and _may_be_timing(line)]
        broken = sample.suffix == ".srt" and any(_BROKEN.search(_narrow(line)) for line in likely)
        return broken or any(_find_times(line, TIMING) for line in likely)

    def read(self, text: str, name: str) -> Document:
        """Read SubRip text.

        Raises:
            MediaError: there is no cue in it.
        """
        return _read(text, name, self.name, TIMING)

    def write(self, document: Document, frame_rate: Fraction) -> tuple[str, tuple[Diagnostic, ...]]:  # noqa: ARG002
        """The document as SubRip, and what could not be kept."""
        import pysrt

        losses = Losses(self.label)
        losses.document(document, comments=False)
        items = []
        for number, cue in enumerate(document.cues, 1):
            body = self.payload(cue, document, losses, number)
            start, end = (pysrt.SubRipTime(0, 0, 0, ms) for ms in _times(cue, losses, number))
            items.append(pysrt.SubRipItem(number, start, end, "\n".join(body)))
        return "\n".join(str(item) for item in pysrt.SubRipFile(items)), losses.remarks()

    def payload(self, cue: Cue, document: Document, losses: Losses, number: int) -> list[str]:
        """The lines of a cue's text as the format writes them; what it cannot hold is counted."""
        own = document.format == self.name
        if own and cue.placed_as_read and cue.origin is not None and cue.origin.format == self.name:
            return [_safe(line) for line in cue.origin.payload.split("\n") if line.strip()]
        held = self.holds | {"tag"} if own else self.holds
        _count(cue, number, losses, held)
        found = marks_by_line(cue)
        lines = [_line(line, found.get(row, ()), held) for row, line in enumerate(cue.lines)]
        return _write_place(cue, [_safe(line) for line in lines if line.strip()], losses, number, own=own)

    def block(self, old: Sequence[str], cue: Cue, before: Cue, document: Document) -> list[str]:
        """The lines of a changed cue in its file: only the times, or only the text, where only that changed."""
        timing = _timing_line if cue.span != before.span else None
        return rewrite_block(old, cue, document, self.payload if not cue.placed_as_read else None, timing)


class Sbv:
    """YouTube's SBV (.sbv)."""

    name = "sbv"
    label = "SBV"
    suffixes: tuple[str, ...] = (".sbv",)
    binary = False
    writable = True
    holds: frozenset[str] = frozenset()
    lacks = "everything but times and text"

    def detect(self, sample: Sample) -> bool:
        """A line with two times and a comma."""
        return sample.suffix not in {".csv", ".sub"} and any(
            "," in line and SBV_TIMING.match(line) for line in sample.lines
        )

    def read(self, text: str, name: str) -> Document:
        """Read SBV text.

        Raises:
            MediaError: there is no cue in it.
        """
        return _read(text, name, self.name, SBV_TIMING)

    def write(self, document: Document, frame_rate: Fraction) -> tuple[str, tuple[Diagnostic, ...]]:  # noqa: ARG002
        """The document as SBV, and what could not be kept."""
        losses = Losses(self.label)
        losses.document(document, comments=False)
        out = []
        for number, cue in enumerate(document.cues, 1):
            start, end = _times(cue, losses, number)
            out.append("\n".join([f"{_sbv(start)},{_sbv(end)}", *self.payload(cue, document, losses, number)]) + "\n")
        return "\n".join(out), losses.remarks()

    def payload(self, cue: Cue, document: Document, losses: Losses, number: int) -> list[str]:  # noqa: ARG002
        """The lines of a cue's text; what it cannot hold is counted."""
        _count(cue, number, losses, self.holds)
        if cue.settings is not None:
            losses.add("position", "positions left out", number, cue.at_line)
        lines = [_one_line(line) for line in cue.lines if line.strip()]
        respelt = [
            re.sub("[,，]", ";", line, count=1) if SBV_TIMING.match(line[:_LONGEST].translate(_WIDE)) else line
            for line in lines
        ]
        respelt = ["[END SUBTITLE ]" if line.strip() == _SBV_END else line for line in respelt]
        if respelt != lines:
            losses.add("text", "lines that would be times were respelt", number, cue.at_line)
        return [_safe(_escape(line)) for line in respelt]

    def block(self, old: Sequence[str], cue: Cue, before: Cue, document: Document) -> list[str]:
        """The lines of a changed cue in its file."""
        timing = _sbv_line if cue.span != before.span else None
        return rewrite_block(old, cue, document, self.payload if not cue.as_read else None, timing)


# --- reading ---------------------------------------------------------------------------------------------------------


def _read(text: str, name: str, kind: str, timing: re.Pattern[str]) -> Document:
    # NUL is no character of any subtitle; a vertical tab or form feed must not part lines that the file does not part.
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n")
    lines = (re.sub(LINE_END, "\n", text) if "\r" in text else text).split("\n")
    # Files joined end to end keep their byte order marks: one at the start of a line is nothing.
    reader = _Reader([line.lstrip("\ufeff") for line in lines] if "\ufeff" in text else lines, timing, kind)
    cues = tuple(reader.cues())
    if not cues:
        raise MediaError(f"{name}:1: no subtitle found: no line with two times", file=name, line=1)
    return Document(cues, format=kind, warnings=tuple(reader.warnings))


@dataclass(slots=True)
class _Reader:
    lines: list[str]
    timing: re.Pattern[str]
    format: str
    warnings: list[Diagnostic] = field(default_factory=list)
    frames: int = -1
    apart: bool = False
    """a blank line stands between a cue's number and its times"""
    joined: set[int] = field(default_factory=set)
    """timing lines put together of two"""

    def cues(self) -> Iterator[Cue]:
        """Every timing line starts a cue; its text runs to the next one."""
        # `_CLOCK` backtracks over spaces, so only lines that may be timings and are of sane length are tried.
        marks = self._timings()
        first = next(iter(marks), 0)
        self.apart = first > 1 and not self.lines[first - 1].strip() and self._index_at(first - 2, -1) >= 0
        expected = 0
        previous = -1
        for (at, found), following in zip(marks.items(), [*marks, len(self.lines)][1:]):
            head = self._head(at, previous)
            number = _narrow(self.lines[head]).strip() if head < at else ""
            previous = at
            expected = int(number or expected) + 1
            first, last = self._body(at + 1, following, expected=expected)
            if found is None:
                self._warn("timing", f"no cue: its timing cannot be read: {self.lines[at].strip()[:60]!r}", at + 1,
                           loss=True)  # fmt: skip
                continue
            yield self._cue(number, found, (first, last), at, head)

    def _timings(self) -> dict[int, re.Match[str] | None]:
        """The lines with two times; None for those that are meant to be one and cannot be read."""
        marks: dict[int, re.Match[str] | None] = {}
        for at, line in enumerate(self.lines):
            # Most lines are text and have no colon.
            if (":" in line or not line.isascii()) and (("," in line) if self._sbv else _may_be_timing(line)):
                found = _find_times(line, self.timing)
                if found:
                    marks[at] = found
                elif not self._sbv and self._is_broken(at, line, marks):
                    start, found = self._join(at)
                    marks[start] = found
        return marks

    def _is_broken(self, at: int, line: str, marks: Mapping[int, object]) -> bool:
        """Whether a line is meant for times; under times stands text ("Genesis 1:1 --> 2:3") if no number begins it."""
        if len(line) >= _LONGEST or not _BROKEN.search(narrow := _narrow(line)):
            return False
        return at - 1 not in marks or narrow.lstrip()[:1].isdigit()

    def _join(self, at: int) -> tuple[int, re.Match[str] | None]:
        """Times that have a line each, as one line and a blank one."""
        for first in (at, at - 1):
            whole = " ".join(self.lines[max(0, first) : first + 2])
            found = _find_times(whole, self.timing)
            if found and not found[13].strip():
                self.lines[first : first + 2] = [whole, ""]
                self.joined.add(first)
                self._warn("timing", "times on two lines put together", first + 1)
                return first, found
        return at, None

    def _head(self, at: int, previous: int) -> int:
        """The line of the number of the cue with its times in line `at`, which is `at` itself where it has none."""
        found = self._index_at(at - 1, previous)
        if found < 0 and self.timing is TIMING:
            self._warn("index", "the cue has no number", at + 1)
        return found if found >= 0 else at

    def _index_at(self, line: int, previous: int) -> int:
        while self.apart and line > previous and not self.lines[line].strip():
            line -= 1
        return line if line > previous and _INDEX.fullmatch(_narrow(self.lines[line]).strip()) else -1

    def _body(self, start: int, end: int, expected: int) -> tuple[int, int]:
        """Where the text between two timing lines starts and ends, without the number of the next cue."""
        while self.apart and start < end < len(self.lines) and not self.lines[end - 1].strip():
            end -= 1
        if start < end < len(self.lines) and _is_index(self.lines[max(start, end - 2) : end], expected):
            end -= 1
        while end > start and (not (line := self.lines[end - 1].strip()) or (self._sbv and line == _SBV_END)):
            end -= 1
        while start < end and not self.lines[start].strip():
            start += 1
        return start, end

    @property
    def _sbv(self) -> bool:
        return self.timing is SBV_TIMING

    def _cue(self, number: str, found: re.Match[str], text_lines: tuple[int, int], at: int, head: int) -> Cue:
        groups, (first, last) = found.groups(), text_lines
        start, end = self._ms(groups[:6], at + 1), self._ms(groups[6:12], at + 1)
        if start < 0 or end < 0:
            self._warn("negative", "a time before zero was set to zero", at + 1)
            start, end = max(0, start), max(0, end)
        if found.re is _NO_ARROW:
            self._warn("timing", "no arrow between the times", at + 1)
        if odd := odd_times(start, end):
            self._warn(*odd, at + 1)
        rest = groups[12].strip() if len(groups) > 12 else ""
        behind = self._behind_times(rest, at + 1) if rest else []
        body = [line for line in self.lines[first:last] if line.strip()]
        if len(body) < last - first:
            self._warn("blank", "a blank line inside the cue was taken out", at + 2)
        text = "\n".join([*behind, *body] if behind else body)
        lines, marks, settings = content(text)
        origin = None
        if not behind and at not in self.joined:
            origin = Origin(
                self.format, head + 1, max(last, at + 1), at + 1, first + 1, text, lines, marks, settings=settings
            )
        return Cue(number, Span(start, end), lines, settings=settings, marks=marks, at_line=at + 1, origin=origin)

    def _behind_times(self, rest: str, line: int) -> list[str]:
        if _PLACES.match(rest):
            self._warn("position", f"coordinates after the times are ignored: {rest[:40]!r}", line)
            return []
        self._warn("text", "text behind the times is taken as the first line of the cue", line)
        return [rest]

    def _ms(self, groups: tuple[str | None, ...], line: int) -> int:
        sign, hours, minutes, seconds, mark, fraction = groups
        whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
        if not sign and fraction and len(fraction) == 3:
            return whole * 1000 + int(fraction)
        if hours and mark in (":", ";") and fraction and len(fraction) <= 2:
            total = self._frames(whole, int(fraction), mark, line)
        else:
            # ",5" is half a second: the digits are a decimal fraction.
            total = whole * 1000 + int(((fraction or "") + "000")[:3])
        return -total if sign else total

    def _frames(self, seconds: int, frames: int, mark: str, line: int) -> int:
        """`hh:mm:ss:ff`: nothing in the file says of which rate, so that is said."""
        if self.frames < 0:
            found = [int(f) for text in self.lines if ">" in text for f in re.findall(r":\d\d[:;](\d\d)\b", text)]
            self.frames = max(found, default=0)
        rate = _NTSC if mark == ";" else Fraction(25 if self.frames < 25 else 30)
        self._warn(
            "frames", f"the times count frames: taken as {float(rate):.6g} a second; convert with the right rate", line,
            loss=True,
        )  # fmt: skip
        return round(seconds * 1000 + frames * 1000 / rate)

    def _warn(self, code: str, message: str, line: int, *, loss: bool = False) -> None:
        self.warnings.append(Diagnostic(code, message, line, loss=loss))


def _narrow(line: str) -> str:
    return line if line.isascii() else line.translate(_WIDE)


def _may_be_timing(line: str) -> bool:
    # `_CLOCK` backtracks over spaces, so only lines that may be timings are tried.
    return ">" in line or "&gt;" in line or "\u2192" in line or line.count(":") > 3


def _find_times(line: str, timing: re.Pattern[str]) -> re.Match[str] | None:
    """The two times of a line; lines longer than any of them are not tried."""
    if len(line) >= _LONGEST:
        return None
    narrow = _narrow(line)
    return timing.match(narrow) or (_NO_ARROW.match(narrow) if timing is TIMING else None)


def _is_index(body: list[str], expected: int) -> bool:
    """Whether the number right above a timing is its index, and not text of a file that writes none."""
    if not body or not _INDEX.fullmatch(number := _narrow(body[-1]).strip()):
        return False
    return len(body) == 1 or not body[-2].strip() or number == str(expected)


def content(text: str) -> tuple[tuple[str, ...], tuple[Mark, ...], Settings | None]:
    """SubRip text as lines, marks and place."""
    if "<" not in text and "{" not in text and "&" not in text and "\\" not in text and "\u2060" not in text:
        return tuple(line for line in text.split("\n") if line.strip()), (), None
    builder = Builder()
    style = override.Reader(builder)
    fonts: list[tuple[MarkKind, ...]] = []
    at = 0
    for token in _TOKEN.finditer(text):
        builder.text(text[at : token.start()])
        at = token.end()
        slash, tag, attributes, tags, end, letter, entity, newline, kept = token.groups()
        if tag and tag.lower() == "font":
            _font(builder, fonts, slash, attributes or "")
        elif tag or letter:
            kind = _KINDS[(tag or letter).lower()]
            if slash or end:
                builder.close(kind)
            else:
                builder.open(kind)
        elif tags:
            style.read(tags)
        else:
            builder.text(_entity(entity) if entity else "\n" if newline else kept)
    builder.text(text[at:])
    lines, marks = builder.build()
    return lines, marks, override.settings_for(style.place or 2, style.position, override.SCRIPT_SIZE)


def _entity(name: str) -> str:
    """The character of an HTML entity; what is none stays as it is."""
    found = html.unescape(name)
    found = found if found != name else html.unescape(name.lower())
    return found if (found != name.lower() and found.isprintable()) or found in _INVISIBLE else name


def _font(builder: Builder, fonts: list[tuple[MarkKind, ...]], slash: str, attributes: str) -> None:
    if slash:
        for kind in fonts.pop() if fonts else ():
            builder.close(kind)
        return
    opened = []
    for name, said in _ATTRIBUTE.findall(attributes):
        kind = _FONT[name.lower()]
        value = colour(said) if kind == "colour" else said.strip("\"'")
        if value:
            builder.open(kind, value)
            opened.append(kind)
    fonts.append(tuple(opened))


# --- writing ---------------------------------------------------------------------------------------------------------


def _times(cue: Cue, losses: Losses, number: int) -> tuple[int, int]:
    if cue.span.start_ms < 0 or cue.span.end_ms < 0:
        losses.add("timing", "times before zero set to zero", number, cue.at_line)
    return max(0, cue.span.start_ms), max(0, cue.span.end_ms)


def _count(cue: Cue, number: int, losses: Losses, held: frozenset[str]) -> None:
    losses.marks(cue, number, held)
    losses.cue(cue, number, "")
    if any("\n" in line or "\r" in line or not line.strip() for line in cue.lines):
        losses.add("text", "blank lines or line breaks inside a line taken out", number, cue.at_line)


def _line(line: str, marks: Sequence[Mark], held: frozenset[str]) -> str:
    line = _one_line(line)
    out, at = [], 0
    escapes = _escapes(line)
    for piece in nest_tags(line, marks, held):
        mark = piece.mark
        if mark is None:
            out.append(_escape_text(piece.text, at, escapes))
            at += len(piece.text)
        elif piece.step == "point":
            out.append(mark.value)
        else:
            out.append(_tag(mark, closing=piece.step == "close"))
    return "".join(out)


def _tag(mark: Mark, *, closing: bool) -> str:
    if letter := _LETTERS.get(mark.kind):
        return f"</{letter}>" if closing else f"<{letter}>"
    if closing:
        return "</font>"
    name = {"colour": "color"}.get(mark.kind, mark.kind)
    value = re.sub(r"[<>\"\n]", "", mark.value)
    return f'<font {name}="{value}">'


def _escapes(line: str) -> dict[int, str]:
    """What stands for the characters of a line that would be read as markup, by position."""
    found: dict[int, str] = {}
    at = 0
    while not _MARKED.isdisjoint(line) and (token := _TOKEN.search(line, at)):
        char = token.group(0)[0]
        joined = token.group(0).endswith("\u2060")
        found[token.start()] = {"<": "&lt;", "&": "&amp;"}.get(char, f"{char}\u2060") if not joined else f"{char}\u2060"
        if char == "<" and not joined:
            found[token.end() - 1] = "&gt;"
        at = token.start() + 1
    return found


def _escape_text(text: str, at: int, escapes: dict[int, str]) -> str:
    """A piece of a line that starts at `at`."""
    if not escapes:
        return text
    return "".join(escapes.get(at + index, char) for index, char in enumerate(text))


def _escape(text: str) -> str:
    """Text that would be read as markup, so that it is not."""
    return _escape_text(text, 0, _escapes(text))


def _write_place(cue: Cue, lines: list[str], losses: Losses, number: int, *, own: bool) -> list[str]:
    if cue.settings is None:
        return lines
    placed = own and override.is_placed(cue)
    place = override.anchor_of(cue) if placed else cue.place
    if not placed and settings_at(place) != cue.settings:
        losses.add("position", "positions moved to the nearest of the nine places", number, cue.at_line)
    if place != 2 and lines:
        lines[0] = f"{{\\an{place}}}{lines[0]}"
    return lines


def _safe(line: str) -> str:
    """A line of text that would be read as times gets its arrow and colons parted by what is not seen."""
    if _may_be_timing(line) and (_find_times(line, TIMING) or (len(line) < _LONGEST and _BROKEN.search(_narrow(line)))):
        return re.sub(r"[:：]|-(?=-?>)", lambda found: found.group() + "\u2060", line)
    return line


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", "\ufffd")


def format_time(ms: int, mark: str = ",") -> str:
    """`hh:mm:ss,ttt`."""
    seconds, ms = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{ms:03d}"


def _sbv(ms: int) -> str:
    seconds, ms = divmod(max(0, ms), 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


# --- changing a file -------------------------------------------------------------------------------------------------


def rewrite_block(
    old: Sequence[str],
    cue: Cue,
    document: Document,
    payload: Callable[[Cue, Document, Losses, int], list[str]] | None,
    timing_line: Callable[[str, Cue], str] | None,
) -> list[str]:
    """A changed cue's block: the lines before its text with new times where those changed, then its text.

    Args:
        old: the lines of the block, from `origin.first` to `origin.last`, without line ends.
        cue: as it shall be; its origin says what it was.
        document: it was read into.
        payload: the format's writer of a cue's text; None where the text stays.
        timing_line: the format's writer of a timing line, given the old one; None where the times stay.
    """
    origin = cue.origin
    assert origin is not None
    at = origin.timing - origin.first
    head = list(old[: max(at + 1, origin.body - origin.first)])
    if timing_line is not None:
        head[at] = timing_line(old[at], cue)
    body = list(old[len(head) :]) if payload is None else payload(cue, document, Losses(""), 1)
    return [*head, *body]


def _timing_line(old: str, cue: Cue) -> str:
    return _replace_times(TIMING, old, format_time(cue.span.start_ms), format_time(cue.span.end_ms))


def _sbv_line(old: str, cue: Cue) -> str:
    return _replace_times(SBV_TIMING, old, _sbv(cue.span.start_ms), _sbv(cue.span.end_ms))


def _replace_times(pattern: re.Pattern[str], old: str, start: str, end: str) -> str:
    found = _find_times(old, pattern)
    if found is None:
        return old
    # Groups 1 to 6 and 7 to 12 are the two times, each with optional parts.
    first, second = (_extent(found, low) for low in (1, 7))
    return old[: first[0]] + start + old[first[1] : second[0]] + end + old[second[1] :]


def _extent(found: re.Match[str], low: int) -> tuple[int, int]:
    spans = [found.span(group) for group in range(low, low + 6) if found.span(group)[0] >= 0]
    return spans[0][0], max(stop for _, stop in spans)
