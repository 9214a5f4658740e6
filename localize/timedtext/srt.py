"""SubRip: read as players do, leniently and with every repair reported; written through pysrt.

pysrt's own reader drops text after a blank line inside a cue and takes `,5` for 5 ms, so reading is ours.
YouTube's SBV differs only in its timing line and is read here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..data import Span
from ..errors import MediaError
from .cues import TOP, Cue, Document, Remark, plain_lines

_CLOCK = r"(-?)(?:([0-9]{1,9})\s?:\s?)?([0-9]{1,9})\s?:\s?([0-9]{1,9})(?:\s?[,.:;]\s?([0-9]{1,9}))?"
TIMING = re.compile(rf"\s*{_CLOCK}\s*-{{1,3}}\s?>\s*{_CLOCK}(?![0-9])(.*)\Z")
SBV_TIMING = re.compile(rf"\s*{_CLOCK}\s*,\s*{_CLOCK}\s*\Z")
_BROKEN = re.compile(r"-->.*[0-9]\s*:|[0-9]\s*:.*-->")
_SBV_END = "[END SUBTITLE]"
# No timing line is longer, and patterns are tried on nothing longer.
_LONGEST = 400
_TOP = re.compile(r"\{\\an[789]\}")


def parse(text: str, name: str, *, sbv: bool = False) -> Document:
    """Read SubRip (or SBV) text.

    Raises:
        MediaError: there is no cue in it.
    """
    # NUL is no character of any subtitle; a vertical tab or form feed must not part lines that the file does not part.
    lines = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader = _Reader(lines, SBV_TIMING if sbv else TIMING)
    cues = tuple(reader.cues())
    if not cues:
        raise MediaError(f"{name}:1: no subtitle found: no line with two times", file=name, line=1)
    return Document(cues, format="sbv" if sbv else "srt", warnings=tuple(reader.warnings))


@dataclass(slots=True)
class _Reader:
    lines: list[str]
    timing: re.Pattern[str]
    warnings: list[Remark] = field(default_factory=list)

    def cues(self) -> Iterator[Cue]:
        """Every timing line starts a cue; its text runs to the next one."""
        # `_CLOCK` backtracks over spaces, so only lines that may be timings and are of sane length are tried.
        marks = [
            i
            for i, line in enumerate(self.lines)
            if len(line) < _LONGEST and ("," in line or ">" in line) and self._is_mark(line)
        ]
        expected = 0
        for place, at in enumerate(marks):
            following = marks[place + 1] if place + 1 < len(marks) else len(self.lines)
            number = self._number_before(at, marks[place - 1] if place else -1)
            found = self.timing.match(self.lines[at])
            body = self._body(at + 1, following, expected=int(number or expected) + 1)
            expected = int(number or expected) + 1
            if found is None:
                self._warn("timing", f"no cue: its timing cannot be read: {self.lines[at].strip()[:60]!r}", at + 1)
                continue
            yield self._cue(number, found, body, at + 1)

    def _is_mark(self, line: str) -> bool:
        return bool(self.timing.match(line) or (self.timing is TIMING and _BROKEN.search(line)))

    def _number_before(self, at: int, previous: int) -> str:
        line = self.lines[at - 1].strip().lstrip("\ufeff") if at - 1 > previous else ""
        if re.fullmatch(r"[0-9]{1,9}", line):
            return line
        if self.timing is TIMING:
            self._warn("index", "the cue has no number", at + 1)
        return ""

    def _body(self, start: int, end: int, expected: int) -> tuple[str, ...]:
        """The text between two timing lines, without the number of the next cue."""
        body = self.lines[start:end]
        if end < len(self.lines) and _is_index(body, expected):
            body.pop()
        while body and (not body[-1].strip() or (self.timing is SBV_TIMING and body[-1].strip() == _SBV_END)):
            body.pop()
        body = body[next((i for i, line in enumerate(body) if line.strip()), 0) :]
        kept = tuple(line for line in body if line.strip())
        if len(kept) < len(body):
            self._warn("blank", "a blank line inside the cue was taken out", start + 1)
        return kept

    def _cue(self, number: str, found: re.Match[str], body: tuple[str, ...], line: int) -> Cue:
        groups = found.groups()
        start, end = _milliseconds(groups[:5]), _milliseconds(groups[5:10])
        if start < 0 or end < 0:
            self._warn("negative", "a time before zero was set to zero", line)
            start, end = max(0, start), max(0, end)
        if end < start:
            self._warn("order", "the cue ends before it starts", line)
        if len(groups) > 10 and groups[10].strip():
            self._warn("position", f"coordinates after the times are ignored: {groups[10].strip()[:40]!r}", line)
        return Cue(number, Span(start, end), body, settings=TOP if _TOP.search("".join(body)) else None, at_line=line)

    def _warn(self, code: str, message: str, line: int) -> None:
        self.warnings.append(Remark(code, message, line))


def _is_index(body: list[str], expected: int) -> bool:
    """Whether the number right above a timing is its index, and not text of a file that writes none."""
    if not body or not re.fullmatch(r"[0-9]{1,9}", body[-1].strip()):
        return False
    return len(body) == 1 or not body[-2].strip() or body[-1].strip() == str(expected)


def _milliseconds(groups: tuple[str | None, ...]) -> int:
    sign, hours, minutes, seconds, fraction = groups
    # ",5" is half a second: the digits are a decimal fraction.
    ms = int(((fraction or "") + "000")[:3])
    total = ((int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)) * 1000 + ms
    return -total if sign else total


def render(document: Document) -> tuple[str, tuple[Remark, ...]]:
    """The document as SubRip, and what could not be kept."""
    import pysrt

    remarks: list[Remark] = []
    items = []
    for index, cue in enumerate(document.cues, 1):
        lines = [line.replace("\r", " ").replace("\n", " ").replace("\0", "\ufffd") for line in plain_lines(cue)]
        lines = [
            line.replace("-->", "->") if len(line) < _LONGEST and (TIMING.match(line) or _BROKEN.search(line)) else line
            for line in lines
        ]
        kept = [line for line in lines if line.strip()]
        if len(kept) < len(lines) and kept:
            remarks.append(Remark("blank", f"cue {index}: a blank line inside it was taken out", cue.at_line))
        if cue.settings is not None and cue.settings.line == 0 and kept and not _TOP.search("".join(kept)):
            kept[0] = "{\\an8}" + kept[0]
        start, end = max(0, cue.span.start_ms), max(0, cue.span.end_ms)
        items.append(
            pysrt.SubRipItem(index, pysrt.SubRipTime(0, 0, 0, start), pysrt.SubRipTime(0, 0, 0, end), "\n".join(kept))
        )
    if any(cue.settings and (cue.settings.region or cue.settings.vertical) for cue in document.cues):
        remarks.append(Remark("position", "SubRip holds no regions and no vertical text: they were left out"))
    if any(cue.webvtt and cue.speaker for cue in document.cues):
        remarks.append(Remark("voice", "SubRip holds no speakers: voices were left out"))
    if document.styles or any(cue.style for cue in document.cues):
        remarks.append(Remark("style", "SubRip holds no styles: they were left out"))
    return "\n".join(str(item) for item in pysrt.SubRipFile(items)), tuple(remarks)
