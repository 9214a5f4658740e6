"""A TTML file as a tree with lines and byte positions, refusing what XML can do to a reader.

Entities and document types are refused: no subtitle needs them, and they can explode. Prefixes are looked at by their
local names alone, as players do: files use `tts:` without declaring it, and old and new namespaces alike. (What is read
record by record and without byte positions goes through `runtime/xml_reading.py`.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from ..errors import MediaError

_DEEPEST = 60


@dataclass(slots=True)
class Node:
    """An element.

    Args:
        tag: local name.
        attributes: by local name.
        line: it starts on.
        start: first byte in the text as UTF-8.
        end: the byte after it.
        children: elements and text.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    start: int
    end: int = 0
    children: list[Node | str] = field(default_factory=list)

    def elements(self, *tags: str) -> Iterator[Node]:
        """Its child elements, of some names only where any are given."""
        for child in self.children:
            if not isinstance(child, str) and (not tags or child.tag in tags):
                yield child

    def every(self, tag: str) -> Iterator[Node]:
        """All elements of a name below it."""
        for child in self.elements():
            if child.tag == tag:
                yield child
            yield from child.every(tag)

    def text(self) -> str:
        """All text below it."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


def to_bytes(text: str) -> bytes:
    """The text as the bytes whose positions the nodes name: the XML declaration gives way to spaces."""
    declaration = re.match(r"\s*<\?xml[^>]*\?>", text)
    if declaration:
        blank = re.sub(r"[^\r\n]", " ", declaration.group(0))
        text = blank + text[declaration.end() :]
    return text.encode("utf-8", "replace")


def parse_tree(text: str, name: str) -> Node:
    """The root element.

    Raises:
        MediaError: no XML, a document type or an entity, or elements nested too deep.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = Node("", {}, 0, 0)
    stack = [top]

    def refuse(*_: object) -> None:
        raise MediaError(
            f"{name}:{parser.CurrentLineNumber}: a document type or an entity is declared: refused", file=name
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise MediaError(
                f"{name}:{parser.CurrentLineNumber}: elements nested deeper than {_DEEPEST}: refused", file=name
            )
        local = {key.rpartition(":")[2]: value for key, value in attributes.items() if not key.startswith("xmlns")}
        node = Node(tag.rpartition(":")[2], local, parser.CurrentLineNumber, parser.CurrentByteIndex)
        stack[-1].children.append(node)
        stack.append(node)

    def end(tag: str) -> None:
        node = stack.pop()
        node.end = parser.CurrentByteIndex

    def characters(data: str) -> None:
        stack[-1].children.append(data)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(to_bytes(text), True)
    except expat.ExpatError as error:
        raise MediaError(
            f"{name}:{error.lineno}: not well-formed XML: {expat.ErrorString(error.code)}", file=name
        ) from error
    return next(top.elements())
