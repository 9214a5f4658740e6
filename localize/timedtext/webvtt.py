"""WebVTT, read by the algorithm of the W3C, whatever a file holds, and written so that it comes back the same.

Source: https://www.w3.org/TR/webvtt1/#file-parsing, section 6: "WebVTT parser algorithm", "Collect a WebVTT block",
"WebVTT cue timings and settings parsing", "WebVTT region settings parsing", "WebVTT cue text tokenizer". Checked with
the public web-platform-tests (webvtt/parsing/file-parsing). Our own, because no Python library follows that algorithm.
Cue text (entities, voices, classes, ruby) is `vtt_text.py`.

One file of more than 400 lines, because a format's reader and writer are one class and change together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from ..data import Span
from ..errors import MediaError
from .cues import Comment, Cue, Diagnostic, Document, Origin, Region, Settings
from .losses import Losses
from .sample import Sample
from .srt import rewrite_block
from .vtt_text import HOLDS, colour_styles, content, is_colour_style, left_out, payload

_SPACE = " \t\n\f\r"
_TIME = re.compile(r"(?:([0-9]+):)?([0-9]{2}):([0-9]{2})\.([0-9]{3})(?![0-9])")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)%\Z")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_LANGUAGE = re.compile(r"^Language:\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)\s*$", re.MULTILINE)


class WebVtt:
    """WebVTT (.vtt)."""

    name = "vtt"
    label = "WebVTT"
    suffixes: tuple[str, ...] = (".vtt",)
    binary = False
    writable = True
    holds = HOLDS
    lacks = "struck-out text, fonts and their sizes, writing directions, styles by name, drawings"

    def detect(self, sample: Sample) -> bool:
        """Its signature; what is called .vtt is held against it."""
        return sample.text.startswith("WEBVTT") or sample.suffix == ".vtt"

    def read(self, text: str, name: str) -> Document:
        """Read a WebVTT file.

        Args:
            text: the decoded file, byte order mark taken off.
            name: of the file, for messages.

        Raises:
            MediaError: the signature is missing.
        """
        text = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
        if not re.match(r"WEBVTT(?:[ \t\n]|\Z)", text):
            raise MediaError(f"{name}:1: not a WebVTT file: it does not start with WEBVTT", file=name, line=1)
        return _Parser(text.split("\n"), name).document()

    def write(self, document: Document, frame_rate: Fraction) -> tuple[str, tuple[Diagnostic, ...]]:  # noqa: ARG002
        """The document as WebVTT, and what could not be kept."""
        losses = Losses(self.label)
        return render(document, losses), losses.remarks()

    def payload(self, cue: Cue, document: Document, losses: Losses, number: int) -> list[str]:
        """The lines of a cue's text as the format writes them; what it cannot hold is counted."""
        losses.marks(cue, number, HOLDS)
        losses.cue(cue, number, "", names=True)
        if document.format == "vtt" and cue.as_read and cue.origin is not None and cue.origin.format == "vtt":
            lines = [line for line in cue.origin.payload.split("\n") if line]
            return [line.replace("-->", "--&gt;") for line in lines]
        if any("\n" in line or "\r" in line or not line.strip() for line in cue.lines):
            losses.add("text", "blank lines or line breaks inside a line taken out", number, cue.at_line)
        return [line for line in payload(cue, losses, number) if line]

    def block(self, old: Sequence[str], cue: Cue, before: Cue, document: Document) -> list[str]:
        """The lines of a changed cue in its file: only the times, the settings or the text where only those changed."""
        timing = _timing_line if (cue.span, cue.settings) != (before.span, before.settings) else None
        return rewrite_block(old, cue, document, self.payload if not cue.as_read else None, timing)


@dataclass(slots=True)
class _Block:
    """What one block held; at most one of the four is set."""

    cue: Cue | None = None
    style: str | None = None
    region: Region | None = None
    comment: str | None = None


@dataclass(slots=True)
class _Parser:
    lines: list[str]
    name: str
    at: int = 1
    seen_cue: bool = False
    cues: list[Cue] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)

    def document(self) -> Document:
        """Steps 7 to 15 of the parser algorithm."""
        header = self.lines[0][6:].strip(_SPACE)
        if self.at < len(self.lines):
            if self.lines[self.at]:
                start = self.at
                self._block(in_header=True)
                header = "\n".join([header, *self.lines[start : self.at]]).strip("\n")
            else:
                self.at += 1
        while self._skip_empty():
            self._keep(self._block())
        self._tell_left_out()
        language = _LANGUAGE.search(header)
        return Document(
            tuple(self.cues),
            language.group(1) if language else "",
            "vtt",
            tuple(self.comments),
            tuple(style for style in self.styles if not is_colour_style(style)),
            tuple(self.regions),
            header,
            tuple(self.warnings),
        )

    def _tell_left_out(self) -> None:
        texts = ((cue.at_line, cue.origin.payload) for cue in self.cues if cue.origin is not None)
        found = [(line, part) for line, text in texts if "<" in text for part in left_out(text)]
        if found:
            line, part = found[0]
            told = f"what begins with < is no tag of WebVTT in {len(found)} places, and left out as players do"
            self._warn("tag", f"{told}: {part[:40]!r}; the sign is written &lt;", line, loss=True)

    def _skip_empty(self) -> bool:
        while self.at < len(self.lines) and not self.lines[self.at]:
            self.at += 1
        return self.at < len(self.lines)

    def _keep(self, block: _Block) -> None:
        if block.cue is not None:
            self.cues.append(block.cue)
        elif block.style is not None:
            self.styles.append(block.style)
        elif block.region is not None:
            self.regions.append(block.region)
        elif block.comment is not None:
            self.comments.append(Comment(block.comment, len(self.cues)))

    def _block(self, *, in_header: bool = False) -> _Block:
        """Collect a WebVTT block: everything up to an empty line or an arrow that starts another cue."""
        first = previous = self.at
        buffer: list[str] = []
        cue: Cue | None = None
        kind = ""
        seen_arrow = False
        count = 0
        while self.at < len(self.lines):  # 11
            line = self.lines[self.at]
            self.at += 1
            count += 1
            if "-->" in line:  # 11.4
                if in_header or not (count == 1 or (count == 2 and not seen_arrow)):
                    self.at = previous
                    break
                seen_arrow = True
                previous = self.at
                cue = self._timings(line, buffer[0] if buffer else "")
                first = self.at - 1 - len(buffer[:1])
                if cue is not None:
                    buffer, self.seen_cue = [], True
            elif not line:  # 11.5
                break
            else:  # 11.6
                if not in_header and count == 2 and not self.seen_cue and buffer:
                    kind = buffer[0].rstrip(_SPACE) if buffer[0].rstrip(_SPACE) in ("STYLE", "REGION") else ""
                    buffer = [] if kind else buffer
                buffer.append(line)
                previous = self.at
        if cue is not None:
            return _Block(cue=self._with_text(cue, buffer, first + 1))
        if kind == "STYLE":
            return _Block(style="\n".join(buffer))
        if kind == "REGION":
            return _Block(region=_region("\n".join(buffer)))
        if re.match(r"NOTE(?:[ \t]|\Z)", buffer[0] if buffer else ""):
            return _Block(comment="\n".join(buffer)[4:].strip(" \t\n"))
        if not in_header and buffer:
            self._warn(
                "ignored",
                "a block that is no cue, style, region or note is ignored, as players do",
                first + 1,
            )
        return _Block()

    def _timings(self, line: str, identifier: str) -> Cue | None:
        """Collect WebVTT cue timings and settings."""
        number = self.at
        left = line.lstrip(_SPACE)
        start = _TIME.match(left)
        rest = left[start.end() :].lstrip(_SPACE) if start else ""
        end = _TIME.match(rest[3:].lstrip(_SPACE)) if rest.startswith("-->") else None
        if start is None or end is None or int(start.group(2)) > 59 or int(start.group(3)) > 59 or not _sound(end):
            self._warn("timing", f"no cue: its timing cannot be read: {line[:80]!r}", number, loss=True)
            return None
        tail = end.string[end.end() :]
        span = Span(_milliseconds(start), _milliseconds(end))
        if span.end_ms <= span.start_ms:
            self._warn("order", "the cue does not end after it starts", number)
        return Cue(identifier, span, (), settings=self._settings(tail), at_line=number)

    def _with_text(self, cue: Cue, buffer: list[str], first: int) -> Cue:
        text = "\n".join(buffer)
        lines, marks = content(text)
        last = cue.at_line + len(buffer)
        origin = Origin("vtt", first, last, cue.at_line, cue.at_line + 1, text, lines, marks)
        speaker = " / ".join(dict.fromkeys(mark.value for mark in marks if mark.kind == "voice"))
        return replace(cue, lines=lines, marks=marks, speaker=speaker, origin=origin)

    def _settings(self, text: str) -> Settings | None:
        """Parse the WebVTT cue settings; None where none of them says anything."""
        settings = Settings()
        for name, value in _pairs(text):
            settings = self._setting(settings, name, value)
        return None if settings == Settings() else settings

    def _setting(self, settings: Settings, name: str, value: str) -> Settings:
        if name == "region":
            return replace(settings, region=next((r for r in reversed(self.regions) if r.id == value), None))
        if name == "vertical" and value in ("rl", "lr"):
            return replace(settings, vertical=value)
        if name == "line":
            return _line(settings, value)
        if name == "position":
            place, _, align = value.partition(",")
            if (number := _percent(place)) is not None:
                known = align in ("line-left", "center", "line-right")
                settings = replace(
                    settings, position=number, position_align=align if known else settings.position_align
                )
        elif name == "size" and (number := _percent(value)) is not None:
            return replace(settings, size=number)
        elif name == "align" and value in ("start", "center", "end", "left", "right"):
            return replace(settings, align=value)
        return settings

    def _warn(self, code: str, message: str, line: int, *, loss: bool = False) -> None:
        self.warnings.append(Diagnostic(code, message, line, loss=loss))


def _line(settings: Settings, value: str) -> Settings:
    place, _, align = value.partition(",")
    if place.endswith("%"):
        number = _percent(place)
    else:
        number = _float(place) if _NUMBER.match(place) else None
    if number is None or math.isinf(number):  # beyond the largest double it stays "auto"
        return settings
    return replace(
        settings,
        line=number,
        snap_to_lines=not place.endswith("%"),
        line_align=align if align in ("start", "center", "end") else settings.line_align,
    )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for setting in re.split(r"[ \t\n\f\r]+", text):
        name, colon, value = setting.partition(":")
        if colon and name and value:
            yield name, value


def _region(text: str) -> Region:
    """Collect WebVTT region settings."""
    region = Region()
    for name, value in _pairs(text):
        if name == "id":
            region = replace(region, id=value)
        elif name == "width" and (number := _percent(value)) is not None:
            region = replace(region, width=number)
        elif name == "lines" and re.fullmatch(r"[0-9]+", value):
            region = replace(region, lines=_float(value))
        elif name in ("regionanchor", "viewportanchor"):
            x, _, y = value.partition(",")
            across, down = _percent(x), _percent(y)
            if across is not None and down is not None:
                if name == "regionanchor":
                    region = replace(region, region_anchor_x=across, region_anchor_y=down)
                else:
                    region = replace(region, viewport_anchor_x=across, viewport_anchor_y=down)
        elif name == "scroll" and value == "up":
            region = replace(region, scroll="up")
    return region


def _percent(text: str) -> float | None:
    found = _PERCENT.match(text)
    number = _float(found.group(1)) if found else 101.0
    return number if number <= 100 else None


def _float(text: str) -> float:
    # Whole numbers stay exact, "-0" is 0; what no double holds is infinite.
    number = float(text) or 0.0
    return int(text) if "." not in text and len(text) <= 300 else number


def _sound(time: re.Match[str]) -> bool:
    return int(time.group(2)) <= 59 and int(time.group(3)) <= 59


def _milliseconds(time: re.Match[str]) -> int:
    # Hours may have any number of digits; beyond 300 they are no number a computer prints.
    hours = int((time.group(1) or "0")[-300:])
    return ((hours * 60 + int(time.group(2))) * 60 + int(time.group(3))) * 1000 + int(time.group(4))


# --- writing ---------------------------------------------------------------------------------------------------------


def render(document: Document, losses: Losses) -> str:
    """The document as WebVTT; what cannot be kept is counted."""
    same = document.format == "vtt"
    losses.document(document, comments=True, styles=same, regions=True)
    if any(cue.settings and cue.settings.region not in {None, *document.regions} for cue in document.cues):
        losses.add("position", "cues in regions that the file does not define lost them")
    header = document.header if same else ""
    if document.language and not header:
        header = f"\nLanguage: {document.language}"
    out = ["WEBVTT" + (" " + header if header and not header.startswith("\n") else header)]
    out += [f"STYLE\n{style}" for style in document.styles if style and same]
    out += [f"STYLE\n{style}" for style in colour_styles(document)]
    out += [_region_block(region) for region in document.regions]
    comments: dict[int, list[str]] = {}
    for comment in document.comments:
        comments.setdefault(comment.before, []).append(_note(comment.text, losses))
    for index, cue in enumerate(document.cues):
        out += comments.pop(index, [])
        out.append(_cue_block(cue, document, index, losses))
    for rest in comments.values():
        out += rest
    return "\n\n".join(out) + "\n"


def _note(text: str, losses: Losses) -> str:
    kept = re.sub(r"\n{2,}", "\n", text.replace("\r", "\n").replace("\0", "\ufffd").replace("-->", "->").strip(" \t\n"))
    if kept != text:
        losses.add("comment", "comments respelt: no empty line and no arrow may stand in one")
    return f"NOTE {kept}"


def _cue_block(cue: Cue, document: Document, index: int, losses: Losses) -> str:
    lines = WebVtt().payload(cue, document, losses, index + 1)
    if cue.span.start_ms < 0 or cue.span.end_ms < 0:
        losses.add("timing", "times before zero set to zero", index + 1, cue.at_line)
    head = f"{timestamp(cue.span.start_ms)} --> {timestamp(cue.span.end_ms)}{_setting_text(cue.settings)}"
    name = _one_line(cue.id).replace("-->", "->")
    if name != cue.id:
        losses.add("id", "identifiers respelt", index + 1, cue.at_line)
    return "\n".join([*([name] if name else []), head, *lines])


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", "\ufffd")


def _timing_line(old: str, cue: Cue) -> str:
    """The line with new times; its settings stay as they are written unless they were changed."""
    times = re.match(r"[ \t\f]*[0-9:.]+[ \t\f]*-->[ \t\f]*[0-9:.]+", old)
    tail = old[times.end() :] if times else ""
    parser = _Parser([], "")
    parser.regions = [cue.settings.region] if cue.settings and cue.settings.region else []
    if parser._settings(tail) != cue.settings:
        tail = _setting_text(cue.settings)
    return f"{timestamp(cue.span.start_ms)} --> {timestamp(cue.span.end_ms)}{tail}"


def timestamp(ms: int) -> str:
    """`hh:mm:ss.ttt`; a time before zero is written as zero."""
    seconds, ms = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def _setting_text(settings: Settings | None) -> str:
    if settings is None:
        return ""
    words = [f"vertical:{settings.vertical}"] if settings.vertical else []
    if settings.line is not None:
        unit = "" if settings.snap_to_lines else "%"
        align = f",{settings.line_align}" if settings.line_align != "start" else ""
        words.append(f"line:{_text(settings.line)}{unit}{align}")
    if settings.position is not None:
        align = f",{settings.position_align}" if settings.position_align != "auto" else ""
        words.append(f"position:{_text(settings.position)}%{align}")
    if settings.size != 100:
        words.append(f"size:{_text(settings.size)}%")
    if settings.align != "center":
        words.append(f"align:{settings.align}")
    if settings.region is not None and settings.region.id:
        words.append(f"region:{settings.region.id}")
    return "".join(" " + word for word in words)


def _region_block(region: Region) -> str:
    lines = [f"id:{region.id}"] if region.id else []
    lines += [f"width:{_text(region.width)}%", f"lines:{_text(region.lines)}"]
    lines.append(f"regionanchor:{_text(region.region_anchor_x)}%,{_text(region.region_anchor_y)}%")
    lines.append(f"viewportanchor:{_text(region.viewport_anchor_x)}%,{_text(region.viewport_anchor_y)}%")
    lines += ["scroll:up"] if region.scroll else []
    return "\n".join(["REGION", *lines])


def _text(number: float) -> str:
    return format(Decimal(repr(number)), "f") if number != int(number) else str(int(number))
