"""TBX (ISO 30042), Core and Basic, of 2008 and 2019: the terms of each concept in all their languages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError
from ..language.tags import main_language
from ..runtime.xml_reading import Element, open_xml, read_records
from .terms import Term

LARGEST = 64_000_000
"""Bytes of a file."""
LONGEST = 400
"""Characters of a term."""
MOST_TERMS = 200_000
MOST_LANGUAGES = 200
"""Of one concept."""
_STATUS = ("administrativeStatus", "normativeAuthorization")
_FORBIDDEN = ("deprecatedTerm", "supersededTerm", "rejectedTerm")
_ADMITTED = ("admittedTerm", "variant")


@dataclass(slots=True)
class _Language:
    """The terms of a concept in one language, by how they may be used."""

    preferred: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)


def read_tbx(path: Path, to: Collection[str]) -> tuple[Term, ...]:
    """The terms of a TBX file.

    The first preferred term of a concept is its translation, further ones and those that are admitted are right too,
    deprecated and superseded ones are not to be used.

    Args:
        path: the file.
        to: languages that are translated into; empty for any.

    Raises:
        UsageError: it cannot be read, is no TBX, or is refused (see `runtime/xml_reading.py`); the message names the
            line.
    """
    found: list[Term] = []
    concepts = 0
    wanted = {main_language(tag) for tag in to}
    with open_xml(path, "the glossary ") as file:
        for entry in read_records(file, ("termEntry", "conceptEntry"), limit=LARGEST):
            concepts += 1
            found += _terms(entry, wanted, path)
            if len(found) > MOST_TERMS:
                raise UsageError(f"{path} has more than {MOST_TERMS} terms", path=str(path))
    if not concepts:
        raise UsageError(f"{path} is no TBX: it has no termEntry and no conceptEntry", path=str(path))
    return tuple(found)


def _terms(entry: Element, wanted: Collection[str], path: Path) -> Iterator[Term]:
    if sum(1 for _ in entry.elements("langSet", "langSec")) > MOST_LANGUAGES:
        raise UsageError(f"{path}:{entry.line}: a concept in more than {MOST_LANGUAGES} languages", path=str(path))
    languages: dict[str, _Language] = {}
    for section in entry.elements("langSet", "langSec"):
        said = _language(section, path)
        known = languages.setdefault(section.attributes.get("lang", ""), _Language())
        known.preferred += said.preferred
        known.forbidden += said.forbidden
    note = "; ".join(
        text for found in entry.elements("descrip", "note", "descripGrp") if (text := " ".join(found.text().split()))
    )[: 2 * LONGEST]
    for source_language, sources in languages.items():
        for language, targets in languages.items():
            same = main_language(source_language) == main_language(language)
            if same or not targets.preferred or (wanted and main_language(language) not in wanted):
                continue
            first, *others = targets.preferred
            for source in (*sources.preferred, *sources.forbidden):
                right, wrong = tuple(others), tuple(targets.forbidden)
                yield Term(source, first, source_language, language, right, wrong, note=note)


def _language(section: Element, path: Path) -> _Language:
    found, admitted = _Language(), []
    for group in section.every("tig", "termGrp", "termSec"):
        term = group.first("term")
        text = "" if term is None else " ".join(term.text().split())
        if len(text) > LONGEST:
            raise UsageError(f"{path}:{group.line}: a term of more than {LONGEST} characters", path=str(path))
        status = _status(group)
        if not text:
            continue
        if status.startswith(_FORBIDDEN):
            found.forbidden.append(text)
        elif status.startswith(_ADMITTED):
            admitted.append(text)
        else:
            found.preferred.append(text)
    found.preferred += admitted
    return found


def _status(group: Element) -> str:
    """The administrative status of a term: as a `termNote` of TBX 2008 and of DCA style, or an element of DCT style."""
    for note in group.every("termNote", *_STATUS):
        if note.tag in _STATUS or note.attributes.get("type") in _STATUS:
            return note.text().strip()
    return ""
