r"""ASS override blocks, `{\an8\i1}`: in ASS itself, and in SubRip files, whose players know them too.

What has a name in the model becomes a mark or a place; all else (`\k`, `\fad`, `\pos`, comments in braces) becomes a
point of kind "tag", with its braces, so that it survives where the format knows it. Source of the tags: Aegisub's and
libass's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .content import Builder, colour
from .cues import Cue, MarkKind, Settings, place_of, settings_at

_TAG = re.compile(r"\\([^\\()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)?)?[^\\()]*)")
_SWITCH = re.compile(r"([ibus])(\d*)")
_SWITCHES: dict[str, MarkKind] = {"i": "italic", "b": "bold", "u": "underline", "s": "strike"}
_LEGACY = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}
r"""`\a` of SSA to places of a number pad."""
SCRIPT_SIZE = (384.0, 288.0)
"""Of the picture where a script does not say (libass, and what it assumes for SubRip)."""
ONLY_POSITION = re.compile(r"\{\\pos\([^()]*\)\}")
POSITION = re.compile(r"\\(?:pos|move)\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)")


@dataclass(frozen=True, slots=True)
class Style:
    """What a style or a run of text looks like, in kinds of marks."""

    marks: Mapping[MarkKind, str] = field(default_factory=dict)
    place: int = 2


@dataclass(slots=True)
class Reader:
    r"""Applies override blocks to the text being collected.

    Args:
        builder: of the text.
        base: how the event's style looks.
        styles: all styles, for `\rNAME`.
        wraps: `\n` breaks the line, as in wrapping style 2.
    """

    builder: Builder
    base: Style = field(default_factory=Style)
    styles: Mapping[str, Style] = field(default_factory=dict)
    wraps: bool = False
    place: int = 0
    drawing: bool = False
    position: tuple[float, float] | None = None

    def start(self) -> None:
        """Switch on what the style says."""
        for kind, value in self.base.marks.items():
            self.builder.open(kind, value)

    def read(self, block: str) -> None:
        """Apply one block, braces included."""
        inner = block[1:-1]
        if "\\" not in inner:
            self.builder.point("tag", block)
            return
        rest = inner[: inner.index("\\")] + "".join(
            found.group(0) for found in _TAG.finditer(inner) if not self._is_known(found.group(1))
        )
        if rest:
            self.builder.point("tag", f"{{{rest}}}")
        if found := POSITION.search(inner):
            self.position = self.position or _point(found)

    def _is_known(self, tag: str) -> bool:
        name = tag.strip()
        if switch := _SWITCH.fullmatch(name):
            self._switch(_SWITCHES[switch[1]], switch[2])
            return True
        if found := re.fullmatch(r"(an?)(\d{1,2})", name):
            number = int(found[2])
            place = _LEGACY.get(number, 0) if found[1] == "a" else number if 1 <= number <= 9 else 0
            self.place = self.place or place
            return bool(place)
        if found := re.fullmatch(r"1?c(?:&?H?([0-9A-Fa-f]{1,8})&?)?", name):
            self._set("colour", from_ass_colour(found[1]) if found[1] else self.base.marks.get("colour", ""))
            return True
        if name.startswith("fn"):
            self._set("face", name[2:].strip() or self.base.marks.get("face", ""))
            return True
        return self._other(name)

    def _other(self, name: str) -> bool:
        if found := re.fullmatch(r"p(\d+)", name):
            self.drawing = found[1] != "0"
        elif found := re.fullmatch(r"q([0-3])", name):
            self.wraps = found[1] == "2"
        elif name == "r" or name[1:] in self.styles:
            look = self.styles.get(name[1:], self.base) if name[0] == "r" else None
            if look is None:
                return False
            for kind in ("italic", "bold", "underline", "strike", "colour", "face"):
                self.builder.close_all(kind)
            for kind, value in look.marks.items():
                self.builder.open(kind, value)
            return name == "r"
        return False

    def _switch(self, kind: MarkKind, number: str) -> None:
        on = int(number) not in range(1) if number else kind in self.base.marks
        if kind == "bold" and number and 1 < int(number) < 600:
            on = False
        self.builder.close_all(kind)
        if on:
            self.builder.open(kind)

    def _set(self, kind: MarkKind, value: str) -> None:
        self.builder.close_all(kind)
        if value:
            self.builder.open(kind, value)


def settings_for(place: int, position: tuple[float, float] | None, size: tuple[float, float]) -> Settings | None:
    """Where a cue stands: one of the nine places, or a point of the script's picture that its anchor lies on."""
    if position is None:
        return settings_at(place)
    row, column = divmod(place - 1, 3)
    x, y = (round(max(0.0, min(100.0, 100 * at / full)), 3) for at, full in zip(position, size))
    return Settings(
        line=y, snap_to_lines=False, line_align=("end", "center", "start")[row], position=x,
        position_align=("line-left", "center", "line-right")[column], align=("left", "center", "right")[column],
    )  # fmt: skip


def anchor_of(cue: Cue) -> int:
    r"""The place of `\an`: for a cue that a tag of its own puts on a point, the corner that lies on it."""
    settings = cue.settings
    if settings is None or settings.snap_to_lines or not is_placed(cue):
        return place_of(settings)
    row = {"end": 0, "center": 1, "start": 2}[settings.line_align]
    return 3 * row + {"left": 1, "right": 3}.get(settings.align, 2)


def is_placed(cue: Cue) -> bool:
    """Whether one of its own tags puts it on a point."""
    return any(mark.kind == "tag" and POSITION.search(mark.value) for mark in cue.marks)


def _point(found: re.Match[str]) -> tuple[float, float] | None:
    try:
        return float(found[1]), float(found[2])
    except ValueError:
        return None


def from_ass_colour(digits: str) -> str:
    """`BBGGRR` or `AABBGGRR` in hexadecimal digits as `#rrggbb`."""
    digits = digits.rjust(6, "0")[-6:]
    return colour(f"#{digits[4:6]}{digits[2:4]}{digits[:2]}")


def to_ass_colour(value: str) -> str:
    """`#rrggbb` as `&HBBGGRR&`."""
    return f"&H{value[5:7]}{value[3:5]}{value[1:3]}&".upper()
