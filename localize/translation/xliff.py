"""XLIFF 2.0 and 2.1 (OASIS): units read with their states, notes and machine suggestions, and written; 1.2 is read too.

Read by our own code, see ADR 2: the kept library is under a strong copyleft licence and flattens inline codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from ..errors import UsageError
from ..runtime.xml_reading import Element, open_xml, read_records
from .passages import (
    LONGEST,
    Passage,
    joined,
    read_xliff_1_passage,
    read_xliff_passage,
    without_edges,
    write_xliff_passage,
    xml_text,
)

SUFFIXES = frozenset({".xlf", ".xliff"})
LARGEST = 256_000_000
"""Bytes of a file."""
MOST_UNITS = 200_000
MOST_SEGMENTS = 1_000
"""Of one unit."""
NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
MATCHES = "urn:oasis:names:tc:xliff:matches:2.0"
STATES = ("initial", "translated", "reviewed", "final")
"""Of a segment, in the order of the work (XLIFF 2.1, section 4.3.1.30)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of a unit.

    Args:
        source: what is to be translated.
        target: the translation; None where the file has none.
        state: one of `STATES`, "" where the file does not say.
    """

    source: Passage
    target: Passage | None
    state: str = ""

    @property
    def finished(self) -> bool:
        """Whether somebody calls the translation done; a tool that keeps no states says so by the text alone."""
        return self.target is not None and bool(self.target.plain) and self.state != "initial"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: one line of a film, or one text of anything else.

    Args:
        id: what the file calls it; of what was written here, the segment's id.
        parts: its segments, in the order of the source.
        order: the indexes of `parts` in the order of the target.
        machine: what a machine offered for it, "" where nothing did.
        notes: (category, text).
        line: of the file, on which it starts; 0 for a unit made here.
        kept: it must not be translated.
    """

    id: str
    parts: tuple[Part, ...]
    order: tuple[int, ...] = ()
    machine: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    line: int = 0
    kept: bool = False

    @property
    def source(self) -> Passage:
        """The whole source."""
        return without_edges(joined([part.source for part in self.parts]))

    @property
    def target(self) -> Passage:
        """The whole translation; parts that have none are left out."""
        order = self.order or range(len(self.parts))
        return without_edges(joined([found for at in order if (found := self.parts[at].target) is not None]))

    @property
    def finished(self) -> bool:
        """Whether all of it is translated by a person: done by its state, or other than the machine had it."""
        said = [part for part in self.parts if part.source.plain]
        if all(part.finished for part in said):
            return bool(said)
        there = all(part.target is not None and part.target.plain for part in said)
        return bool(said) and there and bool(self.machine) and self.machine != self.target.plain

    @property
    def stateless(self) -> bool:
        """Whether it is taken as translated although no state says so."""
        return self.finished and any(part.target is not None and not part.state for part in self.parts)


@dataclass(frozen=True, slots=True)
class Xliff:
    """An XLIFF file: tags of both languages, "" for a target that it does not name, and its units."""

    source: str
    target: str
    units: tuple[Unit, ...] = field(default=())


# --- reading ---------------------------------------------------------------------------------------------------------


def read_xliff(path: Path) -> Xliff:
    """Read an XLIFF file, 2.0, 2.1 or 1.2.

    Raises:
        UsageError: it cannot be read, is no XLIFF, or is refused (see `runtime/xml_reading.py`); the message names the
            line.
    """
    source = target = kind = ""
    units: list[Unit] = []
    records = ("unit", "trans-unit", "skeleton", "skl")
    with open_xml(path, "") as file:
        for found in read_records(file, records, heads=("xliff", "file"), limit=LARGEST):
            if found.tag == "xliff":
                kind = _kind_of_units(found, path)
                source, target = found.attributes.get("srcLang", ""), found.attributes.get("trgLang", "")
                continue
            if found.tag == "file":
                source, target = _languages_of_file(found, path, (source, target))
                continue
            if found.tag in ("skeleton", "skl"):
                continue  # the file that the units were taken from: nothing of it is a unit
            if found.tag != kind:
                raise UsageError(f"{path}:{found.line}: no XLIFF 2.0, 2.1 or 1.2", path=str(path))
            units.append(_unit(found, path) if kind == "unit" else _unit_1(found, path))
            if len(units) > MOST_UNITS:
                raise UsageError(f"{path} has more than {MOST_UNITS} units", path=str(path))
    if not kind:
        raise UsageError(f"{path} is no XLIFF: it has no element xliff", path=str(path))
    return Xliff(source, target, tuple(units))


def _kind_of_units(head: Element, path: Path) -> str:
    """What a file of this version calls a unit."""
    version = head.attributes.get("version", "")
    if version == "1.2":
        return "trans-unit"
    if not version.startswith("2."):
        raise UsageError(
            f"{path} is XLIFF {version[:10] or 'without version'}: 2.0, 2.1 and 1.2 are read: save it as one of them",
            path=str(path),
        )
    return "unit"


def _languages_of_file(head: Element, path: Path, known: tuple[str, str]) -> tuple[str, str]:
    """The languages that a file element of XLIFF 1.2 names; those of another file must be the same."""
    own = head.attributes.get("source-language", ""), head.attributes.get("target-language", "")
    if any(own) and any(known) and own != known:
        raise UsageError(f"{path}:{head.line}: files of several languages: give them one by one", path=str(path))
    return own if any(own) else known


_STATES_OF_1 = {
    "new": "initial", "needs-translation": "initial", "needs-l10n": "initial", "needs-adaptation": "initial",
    "translated": "translated", "needs-review-translation": "translated", "needs-review-adaptation": "translated",
    "needs-review-l10n": "translated", "signed-off": "reviewed", "final": "final",
}  # fmt: skip
"""States of XLIFF 1.2 (section 2.3, `state`) by those of 2."""
_MADE = frozenset("mt-suggestion leveraged-mt fuzzy-match leveraged-tm tm-suggestion leveraged-inherited".split())
"""Values of `state-qualifier` of a text that nobody has looked at."""


def _unit_1(element: Element, path: Path) -> Unit:
    """A unit of XLIFF 1.2: one part; its own segmentation (`seg-source`) divides the same text."""
    source, target = element.first("source"), element.first("target")
    said = Passage("") if source is None else read_xliff_1_passage(source)
    if len(said.text) > LONGEST:
        raise UsageError(f"{path}:{element.line}: a text of more than {LONGEST} characters", path=str(path))
    text = None if target is None else read_xliff_1_passage(target)
    approved = element.attributes.get("approved") == "yes"
    state = "final" if approved else _STATES_OF_1.get(target.attributes.get("state", ""), "") if target else ""
    made = target is not None and target.attributes.get("state-qualifier", "") in _MADE and not approved
    machine = text.plain if made and text is not None else _machine_1(element)
    state = state or ("initial" if made else "")
    notes = tuple((note.attributes.get("from", ""), " ".join(note.text().split())) for note in element.elements("note"))
    return Unit(
        element.attributes.get("id", ""),
        (Part(said, text, state),),
        (0,),
        machine,
        notes,
        element.line,
        element.attributes.get("translate") == "no",
    )


def _machine_1(element: Element) -> str:
    """What a machine translated, by the alternatives of a unit."""
    for other in element.elements("alt-trans"):
        target = other.first("target")
        origin = other.attributes.get("origin", "").casefold()
        if target is not None and (origin == "mt" or "mt-" in target.attributes.get("state-qualifier", "")):
            return read_xliff_1_passage(target).plain
    return ""


def _unit(element: Element, path: Path) -> Unit:
    parts: list[Part] = []
    places: list[int] = []
    for child in element.elements("segment", "ignorable"):
        if len(parts) == MOST_SEGMENTS:
            raise UsageError(f"{path}:{element.line}: a unit of more than {MOST_SEGMENTS} segments", path=str(path))
        parts.append(_part(child))
        order = child.first("target")
        places.append(_whole(order.attributes.get("order", "") if order else "", len(parts)))
    for passage in (part.source for part in parts):
        if len(passage.text) > LONGEST:
            raise UsageError(f"{path}:{element.line}: a text of more than {LONGEST} characters", path=str(path))
    order_of = sorted(range(len(parts)), key=lambda at: (places[at], at))
    notes = tuple(
        (note.attributes.get("category", ""), " ".join(note.text().split()))
        for group in element.elements("notes")
        for note in group.elements("note")
    )
    return Unit(
        element.attributes.get("id", ""),
        tuple(parts),
        tuple(order_of),
        _machine(element),
        notes,
        element.line,
        element.attributes.get("translate") == "no",
    )


def _part(element: Element) -> Part:
    source, target = element.first("source"), element.first("target")
    found = Passage("") if source is None else read_xliff_passage(source)
    if element.tag == "ignorable":  # white space and codes between segments: the same in both languages
        gap = found if found.text or source is None or not source.text() else Passage(" ")
        return Part(gap, gap if target is None else read_xliff_passage(target), "final")
    state = element.attributes.get("state", "")
    return Part(found, None if target is None else read_xliff_passage(target), state if state in STATES else "")


def _machine(element: Element) -> str:
    """What a machine translated, by the translation candidates of the unit (XLIFF 2.1, module `mtc`)."""
    for group in element.elements("matches"):
        for match in group.elements("match"):
            if match.attributes.get("type") == "mt" and (target := match.first("target")) is not None:
                return read_xliff_passage(target).plain
    return ""


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else otherwise


# --- writing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A translation offered beside a unit: by a machine ("mt"), or from a memory ("tm") with its likeness in %."""

    kind: str
    source: str
    target: str
    origin: str
    likeness: int = 0


def write_xliff(
    units: Sequence[Unit], source: str, target: str, original: str, offers: Mapping[str, Sequence[Offer]]
) -> str:
    """An XLIFF 2.0 document.

    Args:
        units: each with one part.
        source: tag of the language translated from.
        target: tag of the language translated into.
        original: what the units were taken from, a file's name.
        offers: unit -> translations offered for it.
    """
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xliff xmlns="{NAMESPACE}" xmlns:mtc="{MATCHES}" version="2.0" srcLang="{xml_text(source)}" '
        f'trgLang="{xml_text(target)}">',
        f' <file id="f1" original="{xml_text(original)}">',
    ]
    for unit in units:
        rows += _unit_rows(unit, offers.get(unit.id, ()))
    return "\n".join([*rows, " </file>", "</xliff>", ""])


def _unit_rows(unit: Unit, offers: Sequence[Offer]) -> Iterator[str]:
    counter = count(1)
    yield f'  <unit id="{xml_text(unit.id)}">'
    if offers:
        yield "   <mtc:matches>"
        for offer in offers:
            yield from _match_rows(offer, unit.id)
        yield "   </mtc:matches>"
    if unit.notes:
        yield "   <notes>"
        for category, text in unit.notes:
            yield f'    <note category="{xml_text(category)}">{xml_text(text)}</note>'
        yield "   </notes>"
    part = unit.parts[0]
    state = f' state="{part.state}"' if part.state else ""
    yield f'   <segment id="{xml_text(unit.id)}-1"{state}>'
    yield f"    <source>{write_xliff_passage(part.source, counter)}</source>"
    if part.target is not None:
        # A code of the target is that of the source with its number: both are counted from the same.
        yield f"    <target>{write_xliff_passage(part.target, count(1))}</target>"
    yield "   </segment>"
    yield "  </unit>"


def _match_rows(offer: Offer, unit: str) -> Iterator[str]:
    likeness = f' similarity="{offer.likeness}"' if offer.kind == "tm" else ""
    yield f'    <mtc:match ref="#{xml_text(unit)}-1" type="{offer.kind}" origin="{xml_text(offer.origin)}"{likeness}>'
    yield f"     <source>{xml_text(offer.source)}</source>"
    yield f"     <target>{xml_text(offer.target)}</target>"
    yield "    </mtc:match>"
