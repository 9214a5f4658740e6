"""TMX 1.4b (LISA OSCAR), translation memories: read a unit at a time, and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..runtime.xml_reading import Element, open_xml, read_records
from .passages import Passage, read_tmx_passage, write_tmx_passage, xml_text

SUFFIXES = frozenset({".tmx"})
LARGEST = 1_000_000_000
"""Bytes of a file."""
MOST_VARIANTS = 200
"""Texts of one unit."""
MACHINE = "x-localize-machine"
"""A property of units that no person has seen: they are offered, and not taken for a person's."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A text in one language, `language` as the file has it."""

    language: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class TmxUnit:
    """A unit: the same text in several languages.

    Args:
        variants: its texts.
        changed: when, as TMX writes it ("20250131T120000Z", which sorts); "" where the file does not say.
        machine: no person has seen it.
        id: what the file calls it.
        line: of the file, on which it starts.
    """

    variants: tuple[Variant, ...]
    changed: str = ""
    machine: bool = False
    id: str = ""
    line: int = 0


def read_tmx(path: Path) -> Iterator[TmxUnit]:
    """The units of a TMX file of version 1.1 to 1.4.

    Raises:
        UsageError: it cannot be read, is no TMX, or is refused (see `runtime/xml_reading.py`); the message names the
            line.
    """
    seen = False
    with open_xml(path, "") as file:
        for found in read_records(file, ("tu",), heads=("tmx",), limit=LARGEST):
            if found.tag == "tmx":
                seen = True
            elif seen:
                yield _unit(found, path)
    if not seen:
        raise UsageError(f"{path} is no TMX: it has no element tmx", path=str(path))


def _unit(element: Element, path: Path) -> TmxUnit:
    variants: list[Variant] = []
    dates = [_date(element)]
    for variant in element.elements("tuv"):
        if len(variants) == MOST_VARIANTS:
            raise UsageError(f"{path}:{element.line}: a unit in more than {MOST_VARIANTS} languages", path=str(path))
        seg = variant.first("seg")
        if seg is not None:
            variants.append(Variant(variant.attributes.get("lang", ""), read_tmx_passage(seg)))
            dates.append(_date(variant))
    machine = any(prop.attributes.get("type") == MACHINE for prop in element.elements("prop"))
    return TmxUnit(tuple(variants), max(dates), machine, element.attributes.get("tuid", ""), element.line)


def _date(element: Element) -> str:
    return element.attributes.get("changedate") or element.attributes.get("creationdate", "")


def write_tmx(units: Sequence[TmxUnit], source: str, version: str) -> str:
    """A TMX 1.4 document.

    Args:
        units: to be written.
        source: tag of the language translated from.
        version: of localize.
    """
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<tmx version="1.4">',
        f' <header creationtool="localize" creationtoolversion="{xml_text(version)}" segtype="block" o-tmf="localize"',
        f'  adminlang="en" srclang="{xml_text(source)}" datatype="plaintext"/>',
        " <body>",
    ]
    for unit in units:
        rows.append(f'  <tu tuid="{xml_text(unit.id)}">' if unit.id else "  <tu>")
        if unit.machine:
            rows.append(f'   <prop type="{MACHINE}">yes</prop>')
        for variant in unit.variants:
            content = write_tmx_passage(variant.passage)
            rows.append(f'   <tuv xml:lang="{xml_text(variant.language)}"><seg>{content}</seg></tuv>')
        rows.append("  </tu>")
    return "\n".join([*rows, " </body>", "</tmx>", ""])
