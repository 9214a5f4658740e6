"""The one model all subtitle formats meet in: cues with integer milliseconds, and what a file says besides them.

Formats live at the edge (`formats.py` and its neighbours). A cue's lines are plain text with the tags
`<i> <b> <u> <s>` and `<font color>`, nothing escaped; or, where `webvtt` is set, WebVTT cue text as the file had it.
`Cue.plain` is the same words in either case.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NotRequired, TypedDict

from ..data import Span
from ..language.script import characters, columns, spaced

# Only what SubRip players know is a tag in plain text: "<3" and "a < b" are words.
_TAGS = re.compile(r"</?(?:i|b|u|s|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
_WEBVTT_TAGS = re.compile(r"<[^>]*(?:>|$)")
_SIMPLE = re.compile(r"</?[ibu]>")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader mended or a writer could not keep; `line` of the file counts from 1, 0 where there is none."""

    code: str
    message: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Region:
    """A WebVTT region (W3C WebVTT, VTTRegion); percentages of the video's size."""

    id: str = ""
    width: float = 100
    lines: float = 3
    region_anchor_x: float = 0
    region_anchor_y: float = 100
    viewport_anchor_x: float = 0
    viewport_anchor_y: float = 100
    scroll: Literal["", "up"] = ""


class RegionJson(TypedDict):
    """A WebVTT region; percentages of the video's size."""

    id: str
    width: float
    lines: float
    region_anchor_x: float
    region_anchor_y: float
    viewport_anchor_x: float
    viewport_anchor_y: float
    scroll: str


class SettingsJson(TypedDict):
    """Where and how a cue is drawn, in the words of W3C WebVTT's VTTCue."""

    vertical: str
    line: float | Literal["auto"]
    snap_to_lines: bool
    line_align: str
    position: float | Literal["auto"]
    position_align: str
    size: float
    align: str
    region: RegionJson | None


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and how a cue is drawn, in the words of W3C WebVTT's VTTCue; None stands for "auto"."""

    vertical: str = ""
    line: float | None = None
    snap_to_lines: bool = True
    line_align: str = "start"
    position: float | None = None
    position_align: str = "auto"
    size: float = 100
    align: str = "center"
    region: Region | None = None

    def to_json(self) -> SettingsJson:
        """The shape `localize lint --json` prints (DESIGN.md section 6.1)."""
        return {
            "vertical": self.vertical,
            "line": "auto" if self.line is None else _number(self.line),
            "snap_to_lines": self.snap_to_lines,
            "line_align": self.line_align,
            "position": "auto" if self.position is None else _number(self.position),
            "position_align": self.position_align,
            "size": _number(self.size),
            "align": self.align,
            "region": None
            if self.region is None
            else {
                "id": self.region.id,
                "width": _number(self.region.width),
                "lines": _number(self.region.lines),
                "region_anchor_x": _number(self.region.region_anchor_x),
                "region_anchor_y": _number(self.region.region_anchor_y),
                "viewport_anchor_x": _number(self.region.viewport_anchor_x),
                "viewport_anchor_y": _number(self.region.viewport_anchor_y),
                "scroll": self.region.scroll,
            },
        }


TOP = Settings(line=0)
"""At the top of the picture."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle.

    Args:
        id: what the file calls it; "" where it does not.
        span: when it is shown. A broken file may say that it ends before it starts.
        lines: its text, one item a line.
        speaker: who speaks, where known; two speakers of one cue are joined by " / ".
        settings: where it is drawn; None where the file does not say.
        style: name of one of the document's styles, for formats that name them.
        webvtt: the lines are WebVTT cue text (entities, `<v>`, `<c>`…) as the file had it.
        sources: ids of the segments the words come from, for cues made here; takes no part in comparison.
        at_line: line of the file its text or timing starts on, 0 where there is none; takes no part in comparison.
    """

    id: str
    span: Span
    lines: tuple[str, ...]
    speaker: str = ""
    settings: Settings | None = None
    style: str = ""
    webvtt: bool = False
    sources: tuple[str, ...] = field(default=(), compare=False)
    at_line: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The payload with its markup, lines joined by a newline."""
        return "\n".join(self.lines)

    @property
    def plain(self) -> tuple[str, ...]:
        """The lines as they are read on the screen: no markup, no entities."""
        if not self.webvtt:
            return tuple(_TAGS.sub("", line) for line in self.lines)
        # A tag may run over a line break, so the text is cleaned whole.
        return tuple(html.unescape(_WEBVTT_TAGS.sub("", self.text)).split("\n"))

    @property
    def characters(self) -> int:
        """Characters with spaces, without markup and newlines: what reading speed is counted in."""
        return sum(map(characters, self.plain))


class CueJson(TypedDict):
    """A cue as its file has it; `settings` for WebVTT only."""

    id: str
    start_ms: int
    end_ms: int
    text: str
    settings: NotRequired[SettingsJson]


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of the file (WebVTT NOTE); it stands before the cue with that index."""

    text: str
    before: int


@dataclass(frozen=True, slots=True)
class Document:
    """A subtitle file, read.

    Args:
        cues: in the order of the file; nothing sorted, merged or dropped.
        language: BCP 47 tag, "" where the file does not say.
        format: what it was read from ("srt", "vtt" …), "" for cues made here.
        comments: for formats that keep them.
        styles: blocks as the format writes them (CSS for WebVTT, style lines for ASS); kept for the same format only.
        regions: of WebVTT.
        header: text of the file's head that must survive (WebVTT header, script info of ASS).
        warnings: what was mended while reading.
    """

    cues: tuple[Cue, ...]
    language: str = ""
    format: str = ""
    comments: tuple[Comment, ...] = ()
    styles: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    header: str = ""
    warnings: tuple[Remark, ...] = field(default=(), compare=False)

    def cues_json(self) -> list[CueJson]:
        """The cues in the shape of `localize lint --json`; `settings` for WebVTT only (DESIGN.md section 6.1)."""
        rows: list[CueJson] = []
        for cue in self.cues:
            row: CueJson = {
                "id": cue.id,
                "start_ms": cue.span.start_ms,
                "end_ms": cue.span.end_ms,
                "text": cue.text,
            }
            if self.format == "vtt":
                row["settings"] = (cue.settings or Settings()).to_json()
            rows.append(row)
        return rows


def plain_lines(cue: Cue) -> tuple[str, ...]:
    """The cue's lines as plain text with `<i> <b> <u>`: what is left of WebVTT cue text in other formats."""
    if not cue.webvtt:
        return cue.lines
    kept = _WEBVTT_TAGS.sub(
        lambda tag: tag.group(0) if _SIMPLE.fullmatch(tag.group(0)) else _simple(tag.group(0)), cue.text
    )
    return tuple(html.unescape(kept).split("\n"))


def _simple(tag: str) -> str:
    """`<i.loud>` as `<i>`; nothing for a tag other formats do not know."""
    found = re.match(r"<([ibu])[.\s]", tag)
    return f"<{found.group(1)}>" if found else ""


def width(text: str) -> int:
    """Columns a text takes on the screen (UAX #11, UAX #29)."""
    return columns(text)


def joined(words: Iterable[str], language: str) -> str:
    """Words set in one line: with spaces, but not in Japanese, Chinese and Thai."""
    return (" " if spaced(language) else "").join(words)


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
