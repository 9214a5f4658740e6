"""Texts as translation tools hold them: inline codes of TMX 1.4b, XLIFF 2 and 1.2 as marks, and marks as codes.

Codes that stand for italics, bold, underline and the end of a line are known by what both standards call them. Other
codes that stand around words leave the words as they are; one that stands for something itself, and does not say for
what, makes a passage `coded`: nobody can say then that two texts are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import count

from ..runtime.xml_reading import Element
from ..timedtext.content import Builder, nest_tags
from ..timedtext.cues import Mark, MarkKind

LONGEST = 5_000
"""Characters of one text: a cue has 80, a paragraph seldom 2,000."""
_STYLES: dict[str, MarkKind] = {
    "i": "italic", "italic": "italic", "b": "bold", "bold": "bold", "u": "underline", "ulined": "underline",
    "underline": "underline", "underlined": "underline",
}  # fmt: skip
_SPACES = " \t\r\n"
_BREAKS = frozenset({"lb", "br", "newline"})
_XLIFF = {"italic": "xlf:i", "bold": "xlf:b", "underline": "xlf:u"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CODED = frozenset(_XLIFF)
"""Kinds of marks that inline codes say."""
_TMX = {"italic": "italic", "bold": "bold", "underline": "ulined"}


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of a translation file.

    Args:
        text: as it is read, a newline where a line ends.
        marks: how stretches of its lines look.
        coded: a code stands in it of which nobody knows what it stands for.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    coded: bool = False

    @property
    def plain(self) -> str:
        """On one line, white space made single."""
        return " ".join(self.text.split())

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of its marks."""
        return frozenset(mark.kind for mark in self.marks)


def joined(parts: Sequence[Passage]) -> Passage:
    """Passages one after the other, as one."""
    marks, row, column = [], 0, 0
    for part in parts:
        for mark in part.marks:
            shift = column if mark.line == 0 else 0
            marks.append(replace(mark, line=mark.line + row, start=mark.start + shift, end=mark.end + shift))
        before, newline, last = part.text.rpartition("\n")
        row += before.count("\n") + bool(newline)
        column = len(last) if newline else column + len(last)
    return Passage("".join(part.text for part in parts), tuple(marks), any(part.coded for part in parts))


def without_edges(passage: Passage) -> Passage:
    """A passage whose lines have no white space at their ends."""
    lines = passage.text.split("\n")
    kept = [line.strip(_SPACES) for line in lines]
    before = [len(line) - len(line.lstrip(_SPACES)) for line in lines]
    moved = [_moved(mark, before[mark.line], len(kept[mark.line])) for mark in passage.marks]
    return replace(passage, text="\n".join(kept), marks=tuple(mark for mark in moved if mark.end > mark.start))


# --- XLIFF 2 ---------------------------------------------------------------------------------------------------------


def read_xliff_passage(element: Element) -> Passage:
    """The content of a `source` or `target` of XLIFF 2 (section 4.7, inline content), white space at its ends too."""
    reader = _Reader(preserve=element.attributes.get("space") == "preserve")
    reader.xliff(element)
    return reader.passage()


def read_xliff_1_passage(element: Element) -> Passage:
    """The content of a `source` or `target` of XLIFF 1.2 (section 2.4, inline elements)."""
    reader = _Reader(preserve=element.attributes.get("space") == "preserve")
    reader.xliff_1(element)
    return reader.passage()


def read_tmx_passage(element: Element) -> Passage:
    """The content of a `seg` of TMX 1.4b (section 3.3, content markup)."""
    reader = _Reader(preserve=False)
    reader.tmx(element)
    return without_edges(reader.passage())


class _Reader:
    def __init__(self, *, preserve: bool) -> None:
        self._builder = Builder()
        self._preserve = preserve
        self._coded = False
        self._open: dict[str, MarkKind | None] = {}

    def passage(self) -> Passage:
        lines, marks = self._builder.build()
        return Passage("\n".join(lines), marks, self._coded)

    def _say(self, text: str) -> None:
        # A line break of the file is white space; lines end where a code says so.
        self._builder.text(text if self._preserve else re.sub(r"[ \t\r\n]+", " ", text))

    def xliff(self, element: Element) -> None:
        for child in element.children:
            if isinstance(child, str):
                self._say(child)
            elif child.tag == "pc":
                self._around(_xliff_style(child), child)
            elif child.tag == "ph":
                self._stands_for(_kind_of(child), child.attributes.get("equiv"))
            elif child.tag == "sc":
                self._begin(child.attributes.get("id", ""), _xliff_style(child))
            elif child.tag == "ec":
                self._end(child.attributes.get("startRef", child.attributes.get("id", "")))
            elif child.tag == "cp":
                self._coded = True
            else:  # mrk and what later versions add: a remark about the words in it
                self.xliff(child)

    def xliff_1(self, element: Element) -> None:
        for child in element.children:
            if isinstance(child, str):
                self._say(child)
            elif child.tag in ("bx", "bpt"):
                self._begin(_partner(child), _xliff_1_style(child))
            elif child.tag in ("ex", "ept"):
                self._end(_partner(child))
            elif child.tag in ("x", "ph"):
                kind = child.attributes.get("ctype", "").rpartition("-")[2].casefold()
                self._stands_for(kind or _code_name(child.text()), child.attributes.get("equiv-text"))
            elif child.tag == "it":
                self._isolated(_xliff_1_style(child), end=child.attributes.get("pos") == "close")
            else:  # g, and mrk: a remark about the words in it
                style = _xliff_1_style(child) if child.tag == "g" else None
                if style:
                    self._builder.open(style)
                self.xliff_1(child)
                if style:
                    self._builder.close(style)

    def _around(self, style: MarkKind | None, element: Element) -> None:
        if style:
            self._builder.open(style)
        self.xliff(element)
        if style:
            self._builder.close(style)

    def _begin(self, name: str, style: MarkKind | None) -> None:
        self._open[name] = style
        if style:
            self._builder.open(style)

    def _end(self, name: str) -> None:
        style = self._open.pop(name, None)
        if style:
            self._builder.close(style)

    def _stands_for(self, kind: str, text: str | None) -> None:
        if kind in _BREAKS:
            self._builder.newline()
        elif text:
            self._say(text)
        elif text is None:
            self._coded = True

    def tmx(self, element: Element) -> None:
        for child in element.children:
            if isinstance(child, str):
                self._say(child)
            elif child.tag == "bpt":
                self._begin(child.attributes.get("i", ""), _tmx_style(child))
            elif child.tag == "ept":
                self._end(child.attributes.get("i", ""))
            elif child.tag == "hi":
                self.tmx(child)
            elif child.tag == "it":  # the partner of the code is in another segment
                self._isolated(_tmx_style(child), end=child.attributes.get("pos") == "end")
            else:  # ph, ut: the code itself is in the file, what it stands for is not
                self._stands_for(_kind_of(child) or _code_name(child.text()), None)

    def _isolated(self, style: MarkKind | None, *, end: bool) -> None:
        if style is None:
            self._coded = True
        elif end:
            self._builder.close(style)
        else:
            self._builder.open(style)


def _moved(mark: Mark, by: int, length: int) -> Mark:
    """A mark of a line from whose beginning `by` characters were taken, and which has `length` now."""
    return replace(mark, start=max(0, mark.start - by), end=min(length, mark.end - by))


def _kind_of(element: Element) -> str:
    """What a code says it is, without prefixes: "lb", "italic"."""
    found = element.attributes.get("subType") or element.attributes.get("type", "")
    return found.rpartition(":")[2].casefold()


def _code_name(code: str) -> str:
    """The name of a tag written as a code: "<br/>" is "br"."""
    return code.strip().strip("<>/ ").partition(" ")[0].casefold()


def _xliff_style(element: Element) -> MarkKind | None:
    shown = element.attributes.get("dispStart", "") or element.attributes.get("disp", "")
    return _STYLES.get(_kind_of(element)) or _STYLES.get(_code_name(shown))


def _partner(element: Element) -> str:
    """What both codes of a pair are called in XLIFF 1.2."""
    return element.attributes.get("rid") or element.attributes.get("id", "")


def _xliff_1_style(element: Element) -> MarkKind | None:
    kind = element.attributes.get("ctype", "").removeprefix("x-").rpartition("-")[2].casefold()
    return _STYLES.get(kind) or _STYLES.get(_code_name(element.text() if element.tag != "g" else ""))


def _tmx_style(element: Element) -> MarkKind | None:
    return _STYLES.get(_kind_of(element)) or _STYLES.get(_code_name(element.text()))


# --- writing ---------------------------------------------------------------------------------------------------------


def xml_text(text: str) -> str:
    """Text as XML has it, also between double quotes; without the control characters that XML has no form for."""
    return escape(_NO_XML.sub("", text), quote=False).replace('"', "&quot;")


def write_xliff_passage(passage: Passage, counter: Iterator[int]) -> str:
    """The inline content of a `source` or `target`, its codes numbered by `counter`."""

    def opens(kind: MarkKind) -> str:
        return f'<pc id="{next(counter)}" type="fmt" subType="{_XLIFF[kind]}">'

    def breaks() -> str:
        return f'<ph id="{next(counter)}" type="fmt" subType="xlf:lb"/>'

    return _written(passage, _XLIFF, opens, lambda _: "</pc>", breaks)


def write_tmx_passage(passage: Passage) -> str:
    """The content of a `seg`."""
    numbers = count(1)
    running: list[int] = []

    def opens(kind: MarkKind) -> str:
        running.append(next(numbers))
        return f'<bpt i="{running[-1]}" type="{_TMX[kind]}">&lt;{kind[0]}&gt;</bpt>'

    def closes(kind: MarkKind) -> str:
        return f'<ept i="{running.pop()}">&lt;/{kind[0]}&gt;</ept>'

    return _written(passage, _TMX, opens, closes, lambda: '<ph type="lb">&lt;br/&gt;</ph>')


def _written(
    passage: Passage,
    kinds: Collection[str],
    opens: Callable[[MarkKind], str],
    closes: Callable[[MarkKind], str],
    breaks: Callable[[], str],
) -> str:
    """Text and codes; `kinds` are the marks that have one."""
    out: list[str] = []
    for number, line in enumerate(passage.text.split("\n")):
        if number:
            out.append(breaks())
        for piece in nest_tags(line, [mark for mark in passage.marks if mark.line == number], kinds):
            if piece.mark is None:
                out.append(xml_text(piece.text))
            else:
                out.append(opens(piece.mark.kind) if piece.step == "open" else closes(piece.mark.kind))
    return "".join(out)
