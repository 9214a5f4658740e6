"""Tables of terms (KNP lists: key names and phrases) by their header: which column says what, rows into terms."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError
from ..language.tags import main_language, tag_of_name
from ..runtime.spreadsheet import Sheet, read_sheets
from .terms import Term

LONGEST = 400
"""Characters of a cell."""
MOST_LANGUAGES = 100
MOST_TERMS = 200_000
_HEADINGS = {
    "source": "source|source term|source text|original|original term|term|name|key name|phrase|english term|kn&p|knp",
    "target": "target|target term|target text|translation|translated term|approved translation|equivalent",
    "keep": "dnt|do not translate|do-not-translate|don't translate|keep|non-translatable|untranslatable|dnt?",
    "register": "register|formality|form of address|t-v|tu/vous|tu/usted",
    "variants": "variants|variant|also|synonyms|synonym|also allowed|allowed|alternatives|aka",
    "forbidden": "forbidden|not allowed|do not use|avoid|deprecated|never",
    "note": "note|notes|comment|comments|context|definition|description|type|category|part of speech|pos|gender|"
            "status|remarks|explanation|translator note|translator notes|character|season|episode",
}  # fmt: skip
_HEADING = {name: kind for kind, names in _HEADINGS.items() for name in names.split("|")}
_YES = frozenset({"yes", "y", "true", "x", "1", "dnt", "keep", "do not translate", "✓", "✔"})
_NO = frozenset({"", "no", "n", "false", "0", "-", "–"})
_PARTS = re.compile(r"\s*[;|]\s*")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a column says: a kind of `_HEADINGS`, or "language" with its tag; "" where nobody knows. `text` of it."""

    kind: str
    language: str = ""
    text: str = ""


@dataclass(slots=True)
class Table:
    """What was found in a table of terms.

    Args:
        terms: of all rows.
        registers: (who, register).
        remarks: what is not used, for people.
    """

    terms: list[Term] = field(default_factory=list)
    registers: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_headings(cells: Mapping[int, str]) -> dict[int, Heading] | None:
    """What the columns of a row of headings say; None for a row that is none.

    A row is one where it names a source and a target, or two languages.
    """
    found = {column: _heading(text) for column, text in cells.items()}
    kinds = [heading.kind for heading in found.values()]
    languages = {main_language(h.language) for h in found.values() if h.language}
    sources = kinds.count("source")
    if sources + len(languages) < 2 and not (sources and {"target", "keep"} & set(kinds)):
        return None
    return found


def _heading(text: str) -> Heading:
    name = " ".join(text.split()).casefold().rstrip(":* ")
    if name in _HEADING:
        return Heading(_HEADING[name], "", text)
    # "Target (Spanish)", "Spanish translation", "source: en"
    bare = re.sub(r"\b(source|target|term|translation|text)\b", " ", name)
    kind = "source" if re.search(r"\bsource\b", name) else "language"
    language = tag_of_name(" ".join(re.sub(r"^[\s:(\[]+|[\s:)\]]+$", "", bare).split()))
    return Heading(kind if language else "", language, text)


def read_rows(
    headings: Mapping[int, Heading],
    rows: Sequence[tuple[int, Mapping[int, str]]],
    place: str,
    to: Collection[str],
) -> Table:
    """The rows under a header as terms.

    Args:
        headings: of the columns.
        rows: (number, cells).
        place: of the table, for messages, such as "film.xlsx".
        to: languages that are translated into; empty for any.

    Raises:
        UsageError: a row contradicts itself, or is too long; the message names it.
    """
    found = Table()
    empty = 0
    if sum(heading.kind == "language" for heading in headings.values()) > MOST_LANGUAGES:
        raise UsageError(f"{place}: more than {MOST_LANGUAGES} columns of languages")
    for number, cells in rows:
        if len(found.terms) > MOST_TERMS:
            raise UsageError(f"{place}:{number}: more than {MOST_TERMS} terms for the languages asked for")
        row = _Row(headings, cells, f"{place}:{number}", number)
        row.check()
        terms = list(row.terms({main_language(tag) for tag in to}))
        found.terms += terms
        found.registers += row.registers()
        empty += row.says_something and not terms and not row.registers()
    if empty:
        found.remarks.append(f"{place}: {empty} rows have no term for the languages asked for: nothing is required")
    unknown = [repr(h.text[:40]) for h in headings.values() if not h.kind and h.text.strip()]
    if unknown:
        found.remarks.append(f"{place}: columns that are not known here are not read: {', '.join(unknown)}")
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    headings: Mapping[int, Heading]
    cells: Mapping[int, str]
    place: str
    number: int

    def check(self) -> None:
        for text in self.cells.values():
            if len(text) > LONGEST:
                raise UsageError(f"{self.place}: a cell of more than {LONGEST} characters", line=self.number)

    def _of(self, kind: str) -> str:
        return "; ".join(text for column, text in self._columns() if self.headings[column].kind == kind)

    def _columns(self) -> Iterator[tuple[int, str]]:
        for column, text in sorted(self.cells.items()):
            if column in self.headings and (said := " ".join(text.split())):
                yield column, said

    @property
    def says_something(self) -> bool:
        return bool(self._sources())

    def _sources(self) -> list[tuple[str, str]]:
        """(language, text) of the source; of columns of languages, each can be it."""
        named = [(self.headings[c].language, text) for c, text in self._columns() if self.headings[c].kind == "source"]
        return named[:1] or self._languages()

    def _languages(self) -> list[tuple[str, str]]:
        return [(self.headings[c].language, t) for c, t in self._columns() if self.headings[c].kind == "language"]

    def _keep(self) -> bool:
        said = self._of("keep").casefold()
        if said not in _YES | _NO:
            raise UsageError(
                f"{self.place}: {said[:40]!r} is neither yes nor no to 'do not translate': write yes, or nothing",
                line=self.number,
            )
        return said in _YES

    def terms(self, to: Collection[str]) -> Iterator[Term]:
        sources, keep = self._sources(), self._keep()
        targets = [("", text) for c, text in self._columns() if self.headings[c].kind == "target"]
        targets += [(tag, text) for tag, text in self._languages() if keep or not to or main_language(tag) in to]
        variants, forbidden = _listed(self._of("variants")), _listed(self._of("forbidden"))
        note = self._of("note")
        for source_language, source in sources:
            if keep:
                yield self._kept(source_language, source, targets, note)
                continue
            for language, target in targets:
                if language and main_language(language) == main_language(source_language):
                    continue
                if target.casefold() in {"dnt", "do not translate"}:
                    yield Term(source, source, source_language, language, keep=True, note=note)
                else:
                    yield Term(source, target, source_language, language, variants, forbidden, note=note)

    def _kept(self, language: str, source: str, targets: Sequence[tuple[str, str]], note: str) -> Term:
        others = [text for own, text in targets if (own or "-") != language and text.casefold() != source.casefold()]
        if others:
            raise UsageError(
                f"{self.place}: {source!r} is not to be translated, and has the translation {others[0]!r}: "
                "leave out one of them",
                line=self.number,
            )
        return Term(source, source, language, "", keep=True, note=note)

    def registers(self) -> list[tuple[str, str]]:
        register, sources = self._of("register"), self._sources()
        return [(sources[0][1], register)] if register and sources else []


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in _PARTS.split(text) if part)


def read_workbook(path: Path, to: Collection[str]) -> Table:
    """The terms of a workbook: of the first of its sheets that has a row of headings.

    Raises:
        UsageError: it cannot be read, or no sheet names a source and a target; the message names the sheet and row.
    """
    try:
        sheets = read_sheets(path)
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the glossary {path}: {cause}", path=str(path)) from error
    for sheet in sheets:
        for at, (_, cells) in enumerate(sheet.rows[:10]):
            headings = read_headings(cells)
            if headings is not None:
                found = read_rows(headings, sheet.rows[at + 1 :], f"{path}:{sheet.name}", to)
                found.remarks += _workbook_remarks(path, sheet, sheets)
                return found
    raise UsageError(
        f"{path}: no sheet has a row of headings that names a source and a target, such as 'Source' and 'Spanish'",
        path=str(path),
    )


def _workbook_remarks(path: Path, sheet: Sheet, sheets: Sequence[Sheet]) -> Iterator[str]:
    others = [other.name for other in sheets if other is not sheet and other.rows]
    if others:
        yield f"{path}: only the sheet {sheet.name!r} is read, not {', '.join(map(repr, others[:5]))}"
    if sheet.formulas:
        cells = ", ".join(sheet.formulas[:5])
        yield f"{path}: formulas are not computed; the values stored with them are read ({cells})"
