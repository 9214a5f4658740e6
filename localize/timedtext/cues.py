"""The model of timed text that all formats share: cues with integer milliseconds, marks, comments, regions, losses.

A cue's `lines` are what is read on the screen, nothing escaped and no markup; how stretches of them look and who says
them are `marks` beside the text, as positions in a line. So `<b>` in `lines` is always four letters of text, and a
bold word is always a `Mark`. Formats live at the edge (`formats.py` and its neighbours).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from ..data import Span
from ..language.script import characters, has_word_spaces
from .cue_json import CueJson, SettingsJson

MarkKind = Literal[
    "italic", "bold", "underline", "strike", "colour", "background", "face", "size", "ruby", "voice", "class", "lang",
    "direction", "time", "tag",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something a reader mended or a writer could not keep.

    Args:
        code: for programs.
        message: for people.
        line: of the file, from 1; 0 where there is none.
        count: how many times it happened.
        cue: the first cue it happened to, from 1; 0 where it is about no cue.
        loss: something of the file is not in the document, or not in the file that was written.
    """

    code: str
    message: str
    line: int = 0
    count: int = 1
    cue: int = 0
    loss: bool = False


def odd_times(start_ms: int, end_ms: int) -> tuple[str, str] | None:
    """Code and message of a remark on a cue that no player shows by its times; None for one that is shown."""
    if end_ms < start_ms:
        return "order", "the cue ends before it starts"
    return ("no_duration", "the cue ends as it starts, so that no player shows it") if end_ms == start_ms else None


@dataclass(frozen=True, slots=True)
class Mark:
    """How a stretch of one line looks, or who says it.

    Args:
        line: index into `Cue.lines`.
        start: first character of the stretch.
        end: the character after it; equal to `start` for a point.
        kind: "italic", "bold", "underline", "strike": no value. "colour", "background": `#rrggbb`, or `#rrggbbaa` where
            it is not opaque. "face": name of a font; "size": as the file says it. "ruby": the annotation. "voice": who
            speaks. "class": of WebVTT. "lang": BCP 47 tag. "direction": "rtl" or "ltr". Points: "time", milliseconds
            when the text after it is sung or said; "tag", an ASS override as the file has it, with its braces.
        value: as the kind asks for.
    """

    line: int
    start: int
    end: int
    kind: MarkKind
    value: str = ""


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
"""At the top of the picture, in the middle."""

_ROWS = (Settings(), Settings(line=50, snap_to_lines=False, line_align="center"), TOP)
_ALIGNS = ("left", "center", "right")


def settings_at(place: int) -> Settings | None:
    """The settings of one of the nine places of a number pad: 1 is bottom left, 2 bottom centre (None), 9 top right."""
    row, column = divmod(place - 1, 3)
    return None if place == 2 else replace(_ROWS[row], align=_ALIGNS[column])


def place_of(settings: Settings | None) -> int:
    """The nearest of the nine places (1 to 9 as on a number pad): where two cues differ in it, they do not collide."""
    if settings is None:
        return 2
    return 3 * _row(settings) + _column(settings) + 1


def _row(settings: Settings) -> int:
    if settings.line is None:
        height = settings.region.viewport_anchor_y if settings.region else 100.0
    elif settings.snap_to_lines:
        # WebVTT counts about fifteen lines from the top, negative ones from the bottom.
        height = (settings.line if settings.line >= 0 else 15 + settings.line) * 100 / 15
    else:
        height = settings.line
    return 2 if height < 34 else 1 if height < 67 else 0


def _column(settings: Settings) -> int:
    if settings.position is None:
        if settings.region is not None:
            across = settings.region.viewport_anchor_x
            return 0 if across < 34 else 1 if across < 67 else 2
        return {"left": 0, "start": 0, "right": 2, "end": 2}.get(settings.align, 1)
    return 0 if settings.position < 34 else 1 if settings.position < 67 else 2


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a cue stands in its file, and how it was written there.

    Args:
        format: of the file.
        first: first line of the cue's block, from 1 (its number or identifier).
        last: last line of its text.
        timing: line of its times.
        body: first line of its text, `last` + 1 where it has none.
        payload: the text as the file has it, lines joined by a newline, markup and escapes kept.
        lines: `Cue.lines` as read, to tell whether the text was changed since.
        marks: `Cue.marks` as read.
        start: for formats that are not made of lines, the first byte of the element in the text as UTF-8.
        end: the byte after the element.
        fields: names of the fields of its line, for formats whose files name them (ASS).
        settings: `Cue.settings` as read, for formats whose payload says the place.
    """

    format: str
    first: int
    last: int
    timing: int
    body: int
    payload: str
    lines: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    start: int = 0
    end: int = 0
    fields: tuple[str, ...] = ()
    settings: Settings | None = None


_ENDED = re.compile(r"[.!?…。！？؟।\])♪”»\"-]\s*\Z")
"""A line that ends a sentence, or breaks one off."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle.

    Args:
        id: what the file calls it; "" where it does not.
        span: when it is shown. A broken file may say that it ends before it starts.
        lines: what is read on the screen, one item a line; no markup, nothing escaped.
        speaker: who speaks, where known; several speakers of one cue are joined by " / ", and its marks of kind "voice"
            say who says what.
        settings: where it is drawn; None where the file does not say (at the bottom, in the middle).
        style: name of one of the document's styles, for formats that name them.
        marks: how stretches of the lines look, in order of place.
        forced: to be shown even where subtitles are switched off (TTML forcedDisplay).
        extras: what only its own format understands, as pairs of name and value: "ass:Layer", "stl:CS" …
        sources: ids of the segments the words come from, for cues made here; takes no part in comparison.
        at_line: line of the file its times stand on, 0 where there is none; takes no part in comparison.
        origin: its place in the file; takes no part in comparison.
    """

    id: str
    span: Span
    lines: tuple[str, ...]
    speaker: str = ""
    settings: Settings | None = None
    style: str = ""
    marks: tuple[Mark, ...] = ()
    forced: bool = False
    extras: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = field(default=(), compare=False)
    at_line: int = field(default=0, compare=False)
    origin: Origin | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The payload with its markup, as the file had it, or its lines where there is no file or they were changed."""
        return self.origin.payload if self.origin and self.as_read else "\n".join(self.lines)

    @property
    def plain(self) -> tuple[str, ...]:
        """The lines as they are read on the screen."""
        return self.lines

    @property
    def characters(self) -> int:
        """Characters with spaces, without markup and newlines: what reading speed is counted in."""
        return sum(map(characters, self.lines))

    @property
    def as_read(self) -> bool:
        """Whether the text is still what the file had."""
        return self.origin is not None and self.origin.lines == self.lines and self.origin.marks == self.marks

    @property
    def placed_as_read(self) -> bool:
        """Whether both text and place are still what the payload says, in formats that say the place there."""
        return self.as_read and self.origin is not None and self.origin.settings == self.settings

    @property
    def place(self) -> int:
        """Which of the nine places it stands in (1 to 9 as on a number pad)."""
        return place_of(self.settings)

    @property
    def whole_voice(self) -> str:
        """Who says all of it, by its marks; "" where nobody does."""
        voices = self.voices()
        covered = {
            m.line
            for m in self.marks
            if m.kind == "voice" and m.line < len(self.lines) and m.start == 0 and m.end == len(self.lines[m.line])
        }
        return voices[0] if len(voices) == 1 and len(covered) == len(self.lines) else ""

    def voices(self, line: int | None = None) -> tuple[str, ...]:
        """Who speaks in it, or in one of its lines, by marks; of two voices, one inside the other, the inner one."""
        marks = [mark for mark in self.marks if mark.kind == "voice"]
        if line is None:
            return tuple(dict.fromkeys(mark.value for mark in marks))
        begun = {m.value: (m.line, m.start) for m in sorted(marks, key=lambda m: (m.line, m.start), reverse=True)}
        mine, heard = [mark for mark in marks if mark.line == line], []
        for mark in mine:
            inner = {at for m in mine if begun[m.value] > begun[mark.value] for at in range(m.start, m.end)}
            if not inner or any(self.lines[line][at].isalnum() for at in {*range(mark.start, mark.end)} - inner):
                heard.append(mark.value)
        return tuple(dict.fromkeys(heard))


def cue_text(cue: Cue) -> str:
    """The text of a cue as a translator's stage takes it: a newline where a line ends, white space made single."""
    return "\n".join(" ".join(line.split()) for line in cue.lines if line.strip())


def cue_voices(cue: Cue) -> tuple[tuple[str, ...], ...]:
    """For each line of `cue_text` who speaks in it, by the cue's marks: voices, else the colours of whole lines that
    end a sentence (BBC Subtitle Guidelines, "Colours": each speaker has one); empty where no mark says so.
    """
    rows = [number for number, line in enumerate(cue.lines) if line.strip()]
    if any(mark.kind == "voice" for mark in cue.marks):
        return tuple(map(cue.voices, rows))
    colours = {mark.line: mark for mark in cue.marks if mark.kind == "colour"}
    if not colours:
        return ()
    whole = all(mark.start == 0 and mark.end == len(cue.lines[row]) for row, mark in colours.items())
    spoken = [colours[row].value if row in colours else "" for row in rows]
    parted = (cue.lines[row] for row, (one, other) in zip(rows, pairwise(spoken)) if one != other)
    return tuple((colour,) for colour in spoken) if whole and all(map(_ENDED.search, parted)) else ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of the file (WebVTT NOTE, ASS Comment); it stands before the cue with the index `before`.

    `raw` is the line as an ASS file has it: its times, style and effect.
    """

    text: str
    before: int
    raw: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Opaque:
    """An event without dialogue: kept for its own format only; not shown, read or translated.

    Args:
        kind: "drawing" (vector graphics), "effect" (what a karaoke template made of a line), "part" (anything else).
        raw: as the file has it.
        before: index of the cue it stands before.
        format: whose it is.
    """

    kind: str
    raw: str
    before: int
    format: str


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
        opaque: events of the file that are no dialogue.
        encoding: the text was decoded with; "" for cues made here and for binary formats.
        start_ms: the programme's own start, taken off all times (TCP of EBU STL); 0 where it has none.
    """

    cues: tuple[Cue, ...]
    language: str = ""
    format: str = ""
    comments: tuple[Comment, ...] = ()
    styles: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    header: str = ""
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False)
    opaque: tuple[Opaque, ...] = ()
    encoding: str = field(default="", compare=False)
    start_ms: int = 0

    @property
    def losses(self) -> tuple[Diagnostic, ...]:
        """What of the file is not in the document: where there is any, the file must not be overwritten."""
        return tuple(remark for remark in self.warnings if remark.loss)

    def cues_json(self) -> list[CueJson]:
        """The cues in the shape of `localize lint --json`; `settings` for WebVTT only (DESIGN.md section 6.1)."""
        rows: list[CueJson] = []
        for cue in self.cues:
            row: CueJson = {
                "id": cue.id, "start_ms": cue.span.start_ms, "end_ms": cue.span.end_ms, "text": cue.text,
            }  # fmt: skip
            if self.format == "vtt":
                row["settings"] = (cue.settings or Settings()).to_json()
            rows.append(row)
        return rows


def join_words(words: Iterable[str], language: str) -> str:
    """Words set in one line: with spaces, but not in Japanese, Chinese and Thai."""
    return (" " if has_word_spaces(language) else "").join(words)


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
