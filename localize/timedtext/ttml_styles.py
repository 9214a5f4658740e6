"""Styles and regions of TTML: references, inheritance, and the place of a region in the words of the model.

Source: TTML2 (https://www.w3.org/TR/ttml2/), section 10.4 "Style Resolution Processing"; the mapping of regions to
places follows "TTML to WebVTT mapping" (https://w3c.github.io/ttml-webvtt-mapping/), sections on origin and extent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .content import colour
from .cues import TOP, MarkKind, Settings, settings_at
from .ttml_tree import Node

_STYLES = frozenset(
    {"color", "fontStyle", "fontWeight", "textDecoration", "fontFamily", "fontSize", "backgroundColor", "textAlign",
     "direction", "display", "visibility", "displayAlign", "origin", "extent", "position", "writingMode", "ruby",
     "forcedDisplay"}
)  # fmt: skip
_INHERITED = frozenset(
    {"color", "fontStyle", "fontWeight", "textDecoration", "textAlign", "direction", "visibility", "forcedDisplay"}
)
_LENGTH = re.compile(r"([+-]?\d{1,6}(?:\.\d{1,9})?)(%|px|c|rw|rh|em)?")
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Box:
    """A region: where it lies, in per cent of the picture, and how text stands in it."""

    x: float = 0.0
    y: float = 0.0
    width: float = 100.0
    height: float = 100.0
    display_align: str = "before"
    text_align: str = "start"


@dataclass(slots=True)
class Styles:
    """The head of a document: styles and regions by name.

    Args:
        root: the `tt` element.
    """

    root: Node
    named: dict[str, Node] = field(default_factory=dict)
    regions: dict[str, Node] = field(default_factory=dict)
    initial: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for head in self.root.elements("head"):
            for node in head.every("style"):
                self.named.setdefault(node.attributes.get("id", ""), node)
            for node in head.every("initial"):
                self.initial |= _own(node)
            for node in head.every("region"):
                self.regions.setdefault(node.attributes.get("id", ""), node)

    def specified_look(self, node: Node, depth: int = 0) -> dict[str, str]:
        """What an element says of its look: by reference, by `style` children, and in line, the last winning."""
        found: dict[str, str] = {}
        for name in node.attributes.get("style", "").split():
            style = self.named.get(name)
            if style is not None and style is not node and depth < _DEEPEST:
                found |= self.specified_look(style, depth + 1)
        for child in node.elements("style") if node.tag in {"region", "body", "div", "p", "span"} else ():
            found |= self.specified_look(child, depth + 1)
        return found | _own(node)

    def computed_look(self, node: Node, parent: Mapping[str, str]) -> dict[str, str]:
        """An element's look inside its parent's."""
        inherited = {name: value for name, value in parent.items() if name in _INHERITED}
        own = self.specified_look(node)
        if "textDecoration" in own:
            own["textDecoration"] = _add_decorations(inherited.get("textDecoration", ""), own["textDecoration"])
        return inherited | own

    def box(self, region: Node, text_align: str) -> Box:
        """Where a region lies."""
        look = self.initial | self.specified_look(region)
        x, y = self._pair(look.get("origin", ""), (0.0, 0.0))
        width, height = self._pair(look.get("extent", ""), (100.0, 100.0))
        if "origin" not in look and "position" in look:
            x, y = self._position(look["position"], width, height)
        return Box(x, y, width, height, look.get("displayAlign", "before"), text_align)

    def _pair(self, text: str, otherwise: tuple[float, float]) -> tuple[float, float]:
        parts = text.split()
        if len(parts) != 2:
            return otherwise
        across, down = (self._per_cent(part, axis) for axis, part in enumerate(parts))
        return otherwise if across is None or down is None else (across, down)

    def _per_cent(self, text: str, axis: int) -> float | None:
        found = _LENGTH.fullmatch(text)
        if found is None:
            return None
        number = float(found[1])
        if found[2] in {"%", "rw", "rh"}:
            return number
        if found[2] == "c":
            cells = self.root.attributes.get("cellResolution", "32 15").split()
            return 100 * number / _positive(cells, axis, (32.0, 15.0)[axis])
        if found[2] == "px":
            extent = [part.removesuffix("px") for part in self.root.attributes.get("extent", "").split()]
            return 100 * number / _positive(extent, axis, (1920.0, 1080.0)[axis])
        return None

    def _position(self, text: str, width: float, height: float) -> tuple[float, float]:
        """`tts:position`: a share of the room that the region leaves (TTML2 10.2.37), two values only."""
        words = {"left": 0.0, "top": 0.0, "center": 50.0, "right": 100.0, "bottom": 100.0}
        shares = [words.get(part, self._per_cent(part, axis) or 0.0) for axis, part in enumerate(text.split()[:2])]
        across, down = (*shares, 50.0, 50.0)[:2]
        return (100 - width) * across / 100, (100 - height) * down / 100


def _add_decorations(inherited: str, specified: str) -> str:
    """Decorations add up: each is on until its own `no…` or `none` takes it away (TTML2, `tts:textDecoration`)."""
    found = dict.fromkeys(inherited.split())
    for value in specified.split():
        off = value.removeprefix("no")
        if value == "none":
            found.clear()
        elif off != value:
            found.pop(off[:1].lower() + off[1:], None)
        else:
            found[value] = None
    return " ".join(found) or "none"


def _own(node: Node) -> dict[str, str]:
    return {name: value.strip() for name, value in node.attributes.items() if name in _STYLES}


def _positive(parts: list[str], axis: int, otherwise: float) -> float:
    try:
        return float(parts[axis]) if float(parts[axis]) > 0 else otherwise
    except (IndexError, ValueError):
        return otherwise


def marks_of(look: Mapping[str, str]) -> Iterator[tuple[MarkKind, str]]:
    """A computed look as kinds of marks; fonts, sizes and backgrounds only where a span names them."""
    if look.get("fontStyle") in {"italic", "oblique"}:
        yield "italic", ""
    if look.get("fontWeight") == "bold":
        yield "bold", ""
    decoration = look.get("textDecoration", "").split()
    if "underline" in decoration:
        yield "underline", ""
    if "lineThrough" in decoration:
        yield "strike", ""
    if (value := colour(look.get("color", ""))) and value != "#ffffff":
        yield "colour", value
    if look.get("direction") == "rtl":
        yield "direction", "rtl"
    if value := colour(look.get("span backgroundColor", "")):
        yield "background", value
    if look.get("span fontFamily"):
        yield "face", look["span fontFamily"]
    if look.get("span fontSize"):
        yield "size", look["span fontSize"]


def settings_of(box: Box) -> Settings | None:
    """A region's place: one of the nine where it lies like one, else exactly."""
    left, right = box.text_align in {"start", "left"}, box.text_align in {"end", "right"}
    row = _row(box)
    if row is not None and box.width >= 60 and abs(box.x + box.width / 2 - 50) <= 1:
        return settings_at(3 * row + (1 if left else 3 if right else 2))
    line, line_align = {
        "after": (box.y + box.height, "end"),
        "center": (box.y + box.height / 2, "center"),
    }.get(box.display_align, (box.y, "start"))
    position, align = (box.x, "line-left") if left else (box.x + box.width, "line-right")
    if not left and not right:
        position, align = box.x + box.width / 2, "center"
    text = {"start": "start", "left": "left", "end": "end", "right": "right"}.get(box.text_align, "center")
    return Settings(
        line=_clamp(line), snap_to_lines=False, line_align=line_align, position=_clamp(position),
        position_align=align, size=_clamp(box.width), align=text,
    )  # fmt: skip


def _row(box: Box) -> int | None:
    if box.display_align == "before":
        return 2 if box.y < 34 else None
    if box.display_align == "center":
        return 1 if abs(box.y + box.height / 2 - 50) <= 1 else None
    return 0 if box.y + box.height >= 67 else None


def box_of(settings: Settings | None) -> Box:
    """The region for a place; its text stands where the place asks for it, as far as a region can say."""
    if settings is None or settings == TOP:
        return Box(10, 10 if settings else 50, 80, 40, "before" if settings else "after", "center")
    align = settings.align
    if settings in (settings_at(place) for place in range(1, 10)):
        if settings.line is None:
            return Box(10, 50, 80, 40, "after", align)
        return Box(10, 10, 80, 40, "before", align) if settings.snap_to_lines else Box(10, 30, 80, 40, "center", align)
    width = settings.size
    natural = {"start": 0.0, "left": 0.0, "end": 100.0, "right": 100.0}.get(align, 50.0)
    position = natural if settings.position is None else settings.position
    anchor = settings.position_align
    if anchor == "auto":
        anchor = {0.0: "line-left", 100.0: "line-right"}.get(natural, "center")
    x = position - {"line-left": 0.0, "line-right": width}.get(anchor, width / 2)
    x = max(0.0, min(100.0 - width, x))
    line = _height(settings)
    if settings.line_align == "end" or settings.line is None:
        return Box(x, 0, width, line, "after", align)
    if settings.line_align == "center":
        half = min(line, 100 - line)
        return Box(x, line - half, width, 2 * half, "center", align)
    return Box(x, line, width, 100 - line, "before", align)


def _height(settings: Settings) -> float:
    if settings.line is None:
        return settings.region.viewport_anchor_y if settings.region else 90.0
    if not settings.snap_to_lines:
        return settings.line
    return _clamp((settings.line if settings.line >= 0 else 15 + settings.line) * 100 / 15)


def _clamp(value: float) -> float:
    value = round(max(0.0, min(100.0, value)), 3)
    return int(value) if value == int(value) else value
