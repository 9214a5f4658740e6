"""Convert between markup and marks; shared by all formats with tags.

`Builder` collects text with styles switched on and off and gives lines and marks in one canonical form, so that two
formats that say the same give equal cues. `nested` turns a line and its marks into properly nested tags again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from .cues import Cue, Mark, MarkKind

POINTS: frozenset[str] = frozenset({"time", "tag"})
DEFAULTS = {"colour": "#ffffff", "direction": "ltr"}
"""Values that are no mark: text is white and runs as its letters do."""

_ORDER = {
    kind: rank
    for rank, kind in enumerate(
        ("ruby", "voice", "lang", "direction", "class", "face", "size", "background", "colour", "bold", "italic",
         "underline", "strike", "time", "tag")
    )
}  # fmt: skip
"""Which mark stands outside where two cover the same stretch."""


@dataclass(slots=True)
class _Stretch:
    line: int
    start: int
    end: int
    serial: int


class _Style(NamedTuple):
    kind: MarkKind
    value: str
    serial: int


@dataclass(slots=True)
class Builder:
    """Collects a cue's text: `text`, `open`, `close`, `point` in the order of the file, then `build`."""

    pieces: list[list[str]] = field(default_factory=lambda: [[]])
    length: int = 0
    styles: list[_Style] = field(default_factory=list)
    running: dict[tuple[MarkKind, str], _Stretch] = field(default_factory=dict)
    done: list[Mark] = field(default_factory=list)
    count: int = 0

    def open(self, kind: MarkKind, value: str = "", serial: int = 0) -> None:
        """Switch a style on for the text to come; two rubies that touch are one where their `serial` is the same."""
        self.count += 1
        self.styles.append(_Style(kind, value, serial or self.count))

    def close(self, kind: MarkKind, value: str | None = None) -> bool:
        """Switch the innermost style of a kind off; False where none is on."""
        for index in range(len(self.styles) - 1, -1, -1):
            if self.styles[index].kind == kind and value in (None, self.styles[index].value):
                del self.styles[index]
                return True
        return False

    def close_all(self, kind: MarkKind) -> None:
        """Switch all styles of a kind off."""
        self.styles = [style for style in self.styles if style.kind != kind]

    def point(self, kind: MarkKind, value: str) -> None:
        """A mark without length, here."""
        at = len(self.pieces) - 1
        self.done.append(Mark(at, self.length, self.length, kind, value))

    def text(self, text: str) -> None:
        """Text, with newlines where lines end."""
        for number, piece in enumerate(text.split("\n")):
            if number:
                self.newline()
            if piece:
                self._append(piece)

    def newline(self) -> None:
        """The next text begins a line."""
        self.pieces.append([])
        self.length = 0

    def _append(self, piece: str) -> None:
        line, start = len(self.pieces) - 1, self.length
        self.pieces[-1].append(piece)
        self.length += len(piece)
        for kind, value, serial in self._effective():
            stretch = self.running.get((kind, value))
            joins = stretch is not None and stretch.line == line and stretch.end == start
            if stretch is not None and joins and (kind != "ruby" or stretch.serial == serial):
                stretch.end = self.length
                continue
            if stretch is not None:
                self._finish(kind, value, stretch)
            self.running[kind, value] = _Stretch(line, start, self.length, serial)

    def _effective(self) -> Iterator[_Style]:
        """The styles that show: the innermost of each kind, all classes; none that only says the default."""
        seen = set()
        for style in reversed(self.styles):
            key = (style.kind, style.value if style.kind == "class" else "")
            if key not in seen:
                seen.add(key)
                if style.value != DEFAULTS.get(style.kind, " "):
                    yield style

    def _finish(self, kind: MarkKind, value: str, stretch: _Stretch) -> None:
        self.done.append(Mark(stretch.line, stretch.start, stretch.end, kind, value))

    def build(self) -> tuple[tuple[str, ...], tuple[Mark, ...]]:
        """The lines, without those that show nothing, and the marks in their order."""
        for (kind, value), stretch in self.running.items():
            self._finish(kind, value, stretch)
        self.running = {}
        return tidy(["".join(line) for line in self.pieces], self.done)


def tidy(lines: Sequence[str], marks: Sequence[Mark]) -> tuple[tuple[str, ...], tuple[Mark, ...]]:
    """Lines without the blank ones, and their marks in canonical order; a point of a blank line moves to the next."""
    shown = [bool(line.strip()) for line in lines]
    if all(shown):
        return tuple(lines), tuple(sorted(marks, key=_rank)) if len(marks) > 1 else tuple(marks)
    numbers, count = [], 0
    for visible in shown:
        numbers.append(count)
        count += visible
    kept = tuple(line for line, visible in zip(lines, shown) if visible)
    moved = []
    for mark in marks:
        if shown[mark.line]:
            moved.append(replace(mark, line=numbers[mark.line]))
        elif mark.kind in POINTS and kept:
            after = numbers[mark.line]
            at = 0 if after < count else len(kept[-1])
            moved.append(replace(mark, line=min(after, count - 1), start=at, end=at))
    return kept, tuple(sorted(moved, key=_rank))


def _rank(mark: Mark) -> tuple[int, int, int, int, str]:
    # Points keep the order of the file; sorting is stable.
    if mark.kind in POINTS:
        return mark.line, mark.start, 0, 0, ""
    return mark.line, mark.start, -mark.end, _ORDER[mark.kind], mark.value


def marks_by_line(cue: Cue) -> dict[int, list[Mark]]:
    """The marks of each line that has any."""
    found: dict[int, list[Mark]] = {}
    for mark in cue.marks:
        found.setdefault(mark.line, []).append(mark)
    return found


class Piece(NamedTuple):
    """One step of writing a line: a tag to open or close, a point, or text."""

    step: Literal["open", "close", "point", "text"]
    text: str = ""
    mark: Mark | None = None


def nest_tags(line: str, marks: Sequence[Mark], kinds: Collection[str]) -> Iterator[Piece]:
    """A line as text and properly nested tags.

    Args:
        line: the text.
        marks: of this line.
        kinds: the marks that the format writes; others are passed over.
    """
    wanted = sorted(_unbroken([m for m in marks if m.kind in kinds]), key=_nesting)
    if not wanted:
        if line:
            yield Piece("text", line)
        return
    edges = sorted({0, len(line), *(m.start for m in wanted), *(m.end for m in wanted)})
    stack: list[Mark] = []
    waiting = 0
    for at, following in zip(edges, [*edges[1:], None]):
        yield from _closing(stack, at)
        while waiting < len(wanted) and wanted[waiting].start <= at:
            mark = wanted[waiting]
            waiting += 1
            if mark.kind in POINTS:
                yield Piece("point", "", mark)
            elif mark.end > at:
                stack.append(mark)
                yield Piece("open", "", mark)
        if following is not None and following > at:
            yield Piece("text", line[at:following])


def _unbroken(marks: Sequence[Mark]) -> Sequence[Mark]:
    """Marks parted where they cross the edge of a ruby base, which cannot be parted itself."""
    rubies = [mark for mark in marks if mark.kind == "ruby"]
    if not rubies:
        return marks
    cuts = sorted({at for ruby in rubies for at in (ruby.start, ruby.end)})
    out: list[Mark] = []
    for mark in marks:
        if mark.kind in POINTS or mark.kind == "ruby":
            out.append(mark)
            continue
        edges = [mark.start, *(at for at in cuts if mark.start < at < mark.end), mark.end]
        out += [replace(mark, start=start, end=end) for start, end in zip(edges, edges[1:])]
    return out


def _nesting(mark: Mark) -> tuple[int, int, int, int]:
    if mark.kind in POINTS:
        return mark.start, 0, 0, 0
    return mark.start, 1, -mark.end, _ORDER[mark.kind]


def _closing(stack: list[Mark], at: int) -> Iterator[Piece]:
    """Close what ends here; what lies above it on the stack and goes on is closed and opened again."""
    first = next((i for i, mark in enumerate(stack) if mark.end <= at), None)
    if first is None:
        return
    above = stack[first:]
    for mark in reversed(above):
        yield Piece("close", "", mark)
    del stack[first:]
    for mark in above:
        if mark.end > at:
            stack.append(mark)
            yield Piece("open", "", mark)


def merge_marks(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks in canonical order, those that touch and say the same as one."""
    out: list[Mark] = []
    last: dict[tuple[int, str, str], int] = {}
    for mark in sorted(marks, key=_rank):
        key = (mark.line, mark.kind, mark.value)
        before = last.get(key)
        if mark.kind not in POINTS and mark.kind != "ruby" and before is not None and out[before].end >= mark.start:
            out[before] = replace(out[before], end=max(out[before].end, mark.end))
            continue
        last[key] = len(out)
        out.append(mark)
    return tuple(sorted(out, key=_rank))


def reflowed(
    lines: Sequence[str], marks: Sequence[Mark], wanted: Sequence[str], joint: str
) -> tuple[tuple[str, ...], tuple[Mark, ...]] | None:
    """The same text and marks broken into other lines.

    Args:
        lines: as they were.
        marks: of these.
        wanted: the lines as they shall be: the same letters; which spaces stand inside is taken from `lines`.
        joint: what stands between two lines that become one.

    Returns:
        lines and marks; None where the letters differ, or a ruby base would be parted.
    """
    flat, old = _flatten(lines, marks, joint)
    starts = _starts_in(flat, wanted)
    if starts is None:
        return None
    builder = Builder()
    edges = sorted({0, len(flat), *starts, *(at for _, first, last, _ in old for at in (first, last))})
    for number, at in enumerate(edges):
        for mark, _, last, _ in old:
            if last == at and mark.kind not in POINTS:
                builder.close(mark.kind, mark.value)
        if at in starts:
            builder.newline()
        for mark, first, _, serial in old:
            if first == at and mark.kind in POINTS:
                builder.point(mark.kind, mark.value)
            elif first == at:
                builder.open(mark.kind, mark.value, serial)
        if number + 1 < len(edges):
            builder.text(flat[at : edges[number + 1]])
    return _trim(*builder.build()) if not _parts_ruby(old, starts) else None


_Flat = tuple[Mark, int, int, int]


def _flatten(lines: Sequence[str], marks: Sequence[Mark], joint: str) -> tuple[str, list[_Flat]]:
    """All lines as one, and the marks with their places in it; those that go on over a line's end as one."""
    begins, at = [], 0
    for line in lines:
        begins.append(at)
        at += len(line) + len(joint)
    out: list[_Flat] = []
    for serial, mark in enumerate(marks, 1):
        first, last = begins[mark.line] + mark.start, begins[mark.line] + mark.end
        before = next(
            (i for i, (m, _, end, _) in enumerate(out)
             if (m.kind, m.value) == (mark.kind, mark.value) and end + len(joint) == begins[mark.line] == first),
            None,
        )  # fmt: skip
        if before is not None and mark.kind not in {*POINTS, "ruby"}:
            out[before] = (out[before][0], out[before][1], last, serial)
        else:
            out.append((mark, first, last, serial))
    return joint.join(lines), out


def _starts_in(flat: str, wanted: Sequence[str]) -> set[int] | None:
    """Where the lines after the first begin in the text; None where it has other letters."""
    if "".join(flat.split()) != "".join("".join(wanted).split()):
        return None
    letters = [at for at, char in enumerate(flat) if not char.isspace()]
    counts = [sum(not char.isspace() for char in line) for line in wanted]
    begins = [sum(counts[:number]) for number in range(1, len(counts))]
    return {letters[at] for at in begins if at < len(letters)}


def _parts_ruby(marks: Sequence[_Flat], starts: set[int]) -> bool:
    return any(mark.kind == "ruby" and first < at < last for mark, first, last, _ in marks for at in starts)


def _trim(lines: tuple[str, ...], marks: tuple[Mark, ...]) -> tuple[tuple[str, ...], tuple[Mark, ...]]:
    """Without the spaces at the ends of the lines that were broken."""
    kept = tuple(line.rstrip() for line in lines)
    cut = [
        replace(mark, start=min(mark.start, len(kept[mark.line])), end=min(mark.end, len(kept[mark.line])))
        for mark in marks
    ]
    return kept, merge_marks([mark for mark in cut if mark.kind in POINTS or mark.start < mark.end])


_NAMED = {
    "white": "#ffffff", "lime": "#00ff00", "cyan": "#00ffff", "red": "#ff0000", "yellow": "#ffff00",
    "magenta": "#ff00ff", "blue": "#0000ff", "black": "#000000", "green": "#008000", "silver": "#c0c0c0",
    "gray": "#808080", "grey": "#808080", "maroon": "#800000", "purple": "#800080", "fuchsia": "#ff00ff",
    "olive": "#808000", "navy": "#000080", "teal": "#008080", "aqua": "#00ffff", "transparent": "#00000000",
    "orange": "#ffa500", "pink": "#ffc0cb", "brown": "#a52a2a",
}  # fmt: skip
"""Named colours of TTML2 (section 8.3.12, the sixteen of HTML 4) and those that SubRip files use besides."""


def colour(text: str) -> str:
    """A colour as `#rrggbb`, or `#rrggbbaa` where it is not opaque; "" for what is none.

    Args:
        text: a name, `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(r,g,b)` or `rgba(r,g,b,a)` with bytes (TTML2 8.3.12).
    """
    text = text.strip().strip("\"'").lower()
    if text in _NAMED:
        return _NAMED[text]
    if found := re.fullmatch(r"#?([0-9a-f]{6})([0-9a-f]{2})?", text):
        alpha = found[2] if found[2] not in (None, "ff") else ""
        return f"#{found[1]}{alpha}"
    if found := re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", text):
        return "#" + "".join(digit * 2 for digit in found.groups())
    if found := re.fullmatch(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*(\d{1,3})\s*)?\)", text):
        parts = [min(255, int(number)) for number in found.groups() if number is not None]
        digits = "".join(f"{part:02x}" for part in parts)
        return f"#{digits[:6]}" + (digits[6:] if digits[6:] != "ff" else "")
    return ""


_SIMPLE = {"italic": "i", "bold": "b", "underline": "u"}


def to_simple_tags(lines: Sequence[str], marks: Sequence[Mark]) -> str:
    """Lines with `<i> <b> <u>`: what is shown of a format whose own markup nobody wants to read."""
    if not any(mark.kind in _SIMPLE for mark in marks):
        return "\n".join(lines)
    out = []
    for number, line in enumerate(lines):
        for piece in nest_tags(line, [mark for mark in marks if mark.line == number], _SIMPLE):
            tag = _SIMPLE[piece.mark.kind] if piece.mark else ""
            out.append(piece.text if not piece.mark else f"<{'/' if piece.step == 'close' else ''}{tag}>")
        out.append("\n")
    return "".join(out[:-1])
