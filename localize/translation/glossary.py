"""Glossaries: required terms, and the register (T-V form) between speakers; from TSV, XLSX and TBX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..language.tags import OTHER_REGION, main_language, region_rank
from ..runtime import reading
from .registers import PAIR
from .tbx import read_tbx
from .term_tables import Table, read_headings, read_rows, read_workbook
from .terms import Term

SUFFIXES = (".tsv", ".xlsx", ".tbx")

# --- what people give ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glossary:
    """A user's terms, (source, target), and registers, ("S1>S2", "usted").

    Args:
        terms: for any pair of languages.
        registers: who is addressed how.
        entries: terms that say more: their languages, other right words, what not to say.
        remarks: what of the file is not used, for people.
    """

    terms: tuple[tuple[str, str], ...] = ()
    registers: tuple[tuple[str, str], ...] = ()
    entries: tuple[Term, ...] = ()
    remarks: tuple[str, ...] = ()

    def between(self, source: str, to: str, region: str = "") -> Glossary:
        """The terms that hold for one pair of languages: of several for one term that for the region, then the first.

        Args:
            source: the film's language.
            to: the language translated into.
            region: where the audience is at home, "" for anywhere.
        """
        best: dict[str, tuple[int, Term]] = {}
        for term in self.all_entries():
            if term.source_language and main_language(term.source_language) != main_language(source):
                continue
            if term.language and main_language(term.language) != main_language(to):
                continue
            rank = region_rank(term.language, region) if term.language else 0
            if rank != OTHER_REGION and (term.source not in best or rank < best[term.source][0]):
                best[term.source] = rank, term
        found = tuple(term for _, term in best.values())
        return Glossary(tuple((term.source, term.target) for term in found), self.registers, found)

    def all_entries(self) -> tuple[Term, ...]:
        """Its terms as records."""
        pairs = (Term(s, t, keep=s == t and not s.islower()) for s, t in self.terms)
        return (*pairs, *self.entries)

    def under(self, other: Glossary) -> Glossary:
        """Both glossaries as one; `other` holds where the two differ."""
        said = {term.source for term in other.all_entries()}
        return Glossary(
            (*other.terms, *(pair for pair in self.terms if pair[0] not in said)),
            tuple({**dict(self.registers), **dict(other.registers)}.items()),
            (*other.entries, *(term for term in self.entries if term.source not in said)),
            (*other.remarks, *self.remarks),
        )


def read_glossary(path: Path | None, to: Sequence[str] = ()) -> Glossary:
    """Read a glossary; no path, none.

    A workbook (.xlsx) and a text file may begin with a row of headings, by which its columns are known. A text file
    without one has a term a line, source and target parted by one tab; "#" begins a remark, and "@S1>S2", a tab and
    "usted" say how two people address each other. UTF-8. TBX (.tbx) is read too.

    Args:
        path: the file.
        to: languages that are translated into; terms in others are left out. Empty for any.

    Raises:
        UsageError: the file cannot be read, or a line is no term; the message names file and line.
    """
    if path is None:
        return Glossary()
    if path.suffix.lower() == ".tbx":
        terms = read_tbx(path, to)
        remarks = () if terms else (f"{path} has no term in {', '.join(to)}: nothing is required",)
        return Glossary(entries=terms, remarks=remarks)
    if path.suffix.lower() == ".xlsx":
        return _of_table(read_workbook(path, to), path)
    rows = _text_rows(path)
    if rows and (headings := read_headings(dict(enumerate(rows[0][1])))) is not None:
        cells = [(number, dict(enumerate(row))) for number, row in rows[1:]]
        return _of_table(read_rows(headings, cells, str(path), to), path)
    return _plain_glossary(rows, path)


def _text_rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a text file that are neither empty nor remarks: number from 1, cells with white space made single."""
    try:
        if path.stat().st_size > 4_000_000:
            raise UsageError(f"{path} is larger than 4 MB: no glossary", path=str(path))
        rows = reading.read_bytes(path, 4_000_000).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the glossary {path}: {cause}", path=str(path)) from error
    found = []
    for number, row in enumerate(rows, start=1):
        try:
            text = row.decode("utf-8").strip(" \r")
        except UnicodeDecodeError as error:
            message = f"{path}:{number}: not UTF-8: save it as text in UTF-8"
            raise UsageError(message, path=str(path), line=number) from error
        if not text.strip() or text.startswith("#"):
            continue
        cells = [" ".join(cell.split()) for cell in text.split("\t")]
        if len(text) > 400 * len(cells) or not "".join(cells).isprintable():
            raise UsageError(f"{path}:{number}: too long, or not plain text", path=str(path), line=number)
        found.append((number, cells))
    return found


def _plain_glossary(rows: Sequence[tuple[int, list[str]]], path: Path) -> Glossary:
    """A text file without headings."""
    terms: dict[str, str] = {}
    for number, (source, *rest) in rows:
        if not (source and len(rest) == 1 and rest[0]):
            raise UsageError(f"{path}:{number}: write source, one tab, target", path=str(path), line=number)
        if len(source) + len(rest[0]) > 400:
            raise UsageError(f"{path}:{number}: too long, or not plain text", path=str(path), line=number)
        if terms.setdefault(source, rest[0]) != rest[0]:
            message = f"{path}:{number}: {source!r} has another target above"
            raise UsageError(message, path=str(path), line=number)
    pairs = {s[1:]: target for s, target in terms.items() if s.startswith("@") and PAIR.fullmatch(s[1:])}
    return Glossary(tuple((s, t) for s, t in terms.items() if s[1:] not in pairs), tuple(pairs.items()))


def _of_table(table: Table, path: Path) -> Glossary:
    """A glossary with headings; two rows for one term must agree."""
    said: dict[tuple[str, str, str], str] = {}
    for term in table.terms:
        key = (term.source, term.source_language, term.language)
        if said.setdefault(key, term.target) != term.target:
            where = f" in {term.language}" if term.language else ""
            raise UsageError(f"{path}: {term.source!r} has two translations{where}: {said[key]!r} and {term.target!r}; "
                             "leave one, and write the other under 'variants'", path=str(path))  # fmt: skip
    return Glossary((), tuple(dict(table.registers).items()), tuple(dict.fromkeys(table.terms)), tuple(table.remarks))
