"""Bounded reading of XML from outside, record by record: TMX, XLIFF, TBX and the parts of a spreadsheet.

What XML can do to a reader is refused: entities (they explode, and reach for other files), a document type with
declarations of its own, elements nested too deeply, a file or a record of absurd size. A document type that only names
its DTD is passed over, as translation tools write one into every TMX; the DTD is never looked for, so that an entity
it might have declared is refused too rather than lost. Prefixes are ignored: names are compared by their local part.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat

from ..errors import UsageError
from .reading import open_plain

DEEPEST = 60
"""Elements inside one another."""
MOST_PARTS = 200_000
"""Elements and texts of one record."""
CHUNK = 1 << 16
"""Bytes parsed at once."""


@dataclass(slots=True)
class Element:
    """An element of a record.

    Args:
        tag: local name.
        attributes: by local name.
        line: of the file, on which it starts.
        children: elements and text.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element | str] = field(default_factory=list)

    def elements(self, *tags: str) -> Iterator[Element]:
        """Its child elements, of some names only where any are given."""
        for child in self.children:
            if not isinstance(child, str) and (not tags or child.tag in tags):
                yield child

    def every(self, *tags: str) -> Iterator[Element]:
        """All elements of some names below it."""
        for child in self.elements():
            if child.tag in tags:
                yield child
            yield from child.every(*tags)

    def first(self, tag: str) -> Element | None:
        """Its first child element of a name."""
        return next(self.elements(tag), None)

    def text(self) -> str:
        """All text below it."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class XmlError(ValueError):
    """What cannot be read; `line` of the file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_records(
    file: BinaryIO, records: Collection[str], *, heads: Collection[str] = (), limit: int
) -> Iterator[Element]:
    """The records of an XML file in their order; what is no part of one is passed over.

    Args:
        file: open to read bytes; a record is in memory only while the caller holds it.
        records: names of elements, each given when it ends, with all that is in it.
        heads: names of elements given when they start, with their attributes alone.
        limit: most bytes to read.

    Raises:
        XmlError: no XML, or XML that is refused.
        OSError: it cannot be read.
    """
    reader = _Reader(frozenset(records), frozenset(heads))
    size = 0
    while True:
        chunk = file.read(CHUNK)
        size += len(chunk)
        if size > limit:
            raise XmlError(f"it is too large: at most {limit} bytes are read", reader.line)
        reader.feed(chunk, last=not chunk)
        yield from reader.ready
        reader.ready.clear()
        if not chunk:
            return


def read_zip_records(
    file: zipfile.ZipFile, part: str, records: Collection[str], *, heads: Collection[str] = (), limit: int
) -> Iterator[Element]:
    """The records of one part of a zip file (`read_records`), unpacked no further than `limit` bytes.

    Raises:
        ValueError: it is not there, cannot be unpacked, is no XML or is refused; the message names part and line.
    """
    try:
        with file.open(part) as opened:
            yield from read_records(cast("BinaryIO", opened), records, heads=heads, limit=limit)
    except XmlError as error:
        raise ValueError(f"{part}:{error.line}: {error}") from error
    except (KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValueError(f"{part} cannot be unpacked: {error}") from error


@contextmanager
def open_xml(path: Path, what: str) -> Iterator[BinaryIO]:
    """Open an XML file that a person named; what cannot be read is an error that names file and line.

    Args:
        path: the file.
        what: it is to a person, before its path in the message: "the glossary "; "" for nothing.

    Raises:
        UsageError: it cannot be opened, or what reads it in the block finds no XML, or XML that is refused.
    """
    try:
        with open_plain(path) as file:
            yield file
    except XmlError as error:
        raise UsageError(f"{path}:{error.line}: {error}", path=str(path), line=error.line) from error
    except OSError as error:
        raise UsageError(f"cannot read {what}{path}: {error.strerror or error}", path=str(path)) from error


class _Reader:
    """An expat parser that keeps the elements of the record it is in."""

    def __init__(self, records: frozenset[str], heads: frozenset[str]) -> None:
        self.ready: list[Element] = []
        self._records, self._heads = records, heads
        self._stack: list[Element] = []
        self._depth = self._parts = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, chunk: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            raise XmlError(f"not well-formed XML: {expat.ErrorString(error.code)}", error.lineno) from error
        except XmlError:
            raise
        except (LookupError, ValueError) as error:  # an encoding that expat or Python does not have
            raise XmlError(f"its encoding cannot be read ({error}): save it as UTF-8", self.line) from error

    def _refuse(self, why: str) -> None:
        raise XmlError(f"{why}: refused", self.line)

    def _doctype(self, _name: str, _system: str | None, _public: str | None, own: int) -> None:
        if own:
            self._refuse("a document type with declarations of its own")

    def _entity(self, *_: object) -> None:
        self._refuse("an entity is declared")

    def _skipped(self, name: str, _parameter: int) -> None:
        self._refuse(f"the entity &{name}; is not declared here, write the character itself")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"elements nested deeper than {DEEPEST}")
        tag = tag.rpartition(":")[2]
        if not self._stack and tag not in self._records and tag not in self._heads:
            return
        local = {key.rpartition(":")[2]: value for key, value in attributes.items() if not key.startswith("xmlns")}
        element = Element(tag, local, self.line)
        if not self._stack and tag in self._heads:
            self.ready.append(element)
            return
        self._count()
        if self._stack:
            self._stack[-1].children.append(element)
        self._stack.append(element)

    def _end(self, _tag: str) -> None:
        self._depth -= 1
        if self._stack:  # inside a record every element is on the stack
            element = self._stack.pop()
            if not self._stack:
                self.ready.append(element)

    def _text(self, data: str) -> None:
        if self._stack:
            self._count()
            self._stack[-1].children.append(data)

    def _count(self) -> None:
        self._parts = self._parts + 1 if len(self._stack) else 1
        if self._parts > MOST_PARTS:
            self._refuse(f"one record of more than {MOST_PARTS} parts")
