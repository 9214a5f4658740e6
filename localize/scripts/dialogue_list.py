"""Dialogue lists: tables whose columns say who speaks, when, and what; in the source's and other languages.

Columns are found by the words of their headings (`headings.toml`), else by what stands in them. Which column holds the
dialogue depends on what the list is given for: the words that are spoken, or their translation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Literal

from ..errors import UsageError
from ..language.identify import identify
from ..language.inflection import without_accents
from ..language.tags import main_language, tag_of_name
from ..timedtext.cues import Diagnostic
from .script import MOST_NAME, Aside, Script, ScriptLine, clean_name, clean_text, has_words, split_label
from .timecodes import Timecode, are_fractions_of_a_day, day_fraction, read_range

Use = Literal["source", "target"]
_LOOKED_AT = 40
"""Rows in which a row of headings is looked for: title, client and date stand above it."""

_HEADING = {
    without_accents(name): kind
    for kind, names in tomllib.loads(
        resources.files(__package__).joinpath("headings.toml").read_text(encoding="utf-8")
    ).items()
    for name in names
}
TEXTS = ("text", "source", "target", "language")
"""Kinds of columns that hold dialogue."""
_NEARLY_ALL = 0.7
_LONG = 12
"""Mean characters from which a column without a heading can hold dialogue."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a script is wanted.

    Args:
        use: "source" for the words that are spoken, "target" for their translation.
        language: of them, BCP 47; "" where it is not known.
        other: the language that is not wanted: of the translation, or of the source; "" where it is not known.
        called: names of people that are known otherwise, such as those of a cast.
    """

    use: Use = "source"
    language: str = ""
    other: str = ""
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its place for messages, its texts by column, and the columns whose cell is one with that above."""

    place: str
    cells: Mapping[int, str]
    merged: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that belong together; `name` for messages."""

    rows: tuple[Row, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what: kind by column, with the language of those whose heading names one, and its text."""

    kinds: Mapping[int, str]
    languages: Mapping[int, str] = field(default_factory=dict)
    headings: Mapping[int, str] = field(default_factory=dict)

    def first(self, kind: str) -> int | None:
        """The first column of a kind."""
        return min((column for column, own in self.kinds.items() if own == kind), default=None)

    def named(self, column: int) -> str:
        """What a column is called to a person."""
        return repr(self.headings[column]) if column in self.headings else f"column {column + 1}"


def read_headings(row: Row) -> Columns | None:
    """What the columns of a row of headings say; None for a row that is none: it names a column of dialogue and one
    more.
    """
    kinds: dict[int, str] = {}
    languages: dict[int, str] = {}
    for column, text in row.cells.items():
        kind, language = _heading(text)
        if kind:
            kinds[column] = kind
        if language:
            languages[column] = language
    texts = sum(kind in TEXTS for kind in kinds.values())
    if not texts or len(kinds) < 2 or 2 * len(kinds) < len(row.cells):
        return None
    return Columns(kinds, languages, {column: " ".join(text.split())[:40] for column, text in row.cells.items()})


def _heading(text: str) -> tuple[str, str]:
    """The kind and the language of a heading: "Dialogue (Spanish)" -> "text", "es"."""
    written = " ".join(clean_text(text).split()).casefold().strip(" :*.")
    name = without_accents(written)
    if len(name) > 60:
        return "", ""
    if name in _HEADING or f"{name}." in _HEADING:
        return _HEADING.get(name) or _HEADING[f"{name}."], ""
    found = re.fullmatch(r"(.+?)\s*[(\[:/–-]\s*(.+?)[)\]]?", name)
    if found and found[1] in _HEADING:
        return _HEADING[found[1]], tag_of_name(found[2])
    for word in name.split():
        rest = name.replace(word, " ").strip(" -()[]")
        if _HEADING.get(word) in TEXTS and (language := tag_of_name(" ".join(rest.split()))):
            return _HEADING[word], language
    language = tag_of_name(written) or tag_of_name(name)
    return ("language" if language else ""), language


def find_columns(table: Table) -> tuple[Columns, int] | None:
    """The columns of a table by their headings, and the index of the row after these; None where there are none."""
    for at, row in enumerate(table.rows[:_LOOKED_AT]):
        if (columns := read_headings(row)) is not None:
            return _without_numbers(columns, table.rows[at + 1 :]), at + 1
    return None


def _without_numbers(columns: Columns, rows: Sequence[Row]) -> Columns:
    """A column "Line" or "Text" that holds numbers alone counts the lines."""
    kinds = dict(columns.kinds)
    for column, kind in columns.kinds.items():
        texts = [row.cells[column] for row in rows if column in row.cells]
        others = any(other in TEXTS for own, other in kinds.items() if own != column)
        if kind in TEXTS and others and texts and all(re.fullmatch(r"[\d.\-/#\s]+", text) for text in texts):
            kinds[column] = "other"
    return Columns(kinds, columns.languages, columns.headings)


def infer_columns(table: Table) -> Columns | None:
    """The columns of a table without headings by what stands in them; None where there is no column of dialogue."""
    count = max(1, len(table.rows))
    kinds: dict[int, str] = {}
    for column in sorted({column for row in table.rows for column in row.cells}):
        texts = [row.cells[column] for row in table.rows if column in row.cells]
        if 2 * len(texts) >= count and (kind := _kind_of_content(texts, {*kinds.values()})):
            kinds[column] = kind
    if kinds and "text" not in kinds.values():
        return None
    return Columns(kinds) if kinds else None


def _columns_by_content(table: Table) -> tuple[Columns | None, int]:
    """The columns by what stands in them, and where the rows begin: behind a first row that has no time where the
    others have one, which heads them in words that nobody here knows.
    """
    rest = infer_columns(Table(table.rows[1:], table.name))
    start = None if rest is None else rest.first("start")
    if start is not None and table.rows and not re.search(r"\d", table.rows[0].cells.get(start, "")):
        return rest, 1
    return infer_columns(table), 0


def _kind_of_content(texts: Sequence[str], known: set[str]) -> str:
    times = sum(_has_clock(text) for text in texts)
    if times >= 0.8 * len(texts) or _are_seconds(texts):
        return "end" if "start" in known else "start"
    words = [clean_text(text) for text in texts]
    if not any(re.search(r"[^\W\d_]{2}", text) for text in words):
        return ""
    capitals = sum(text.upper() == text and len(text) <= MOST_NAME for text in words)
    short = all(len(text) <= 25 and len(text.split()) <= 3 and not re.search(r"[.!?…]$", text) for text in words)
    if "speaker" not in known and "text" not in known and (capitals >= 0.8 * len(words) or short):
        return "speaker"
    return "text" if sum(map(len, words)) / len(words) >= _LONG or any(text[-1:] in ".!?…" for text in words) else ""


def _has_clock(text: str) -> bool:
    return ":" in text and read_range(text)[0] is not None


def _are_seconds(texts: Sequence[str]) -> bool:
    """Whether a column holds seconds with fractions, none before the one above it."""
    if len(texts) < 2 or not all(re.fullmatch(r"\d{1,6}[.,]\d{1,9}", text) for text in texts):
        return False
    numbers = [float(text.replace(",", ".")) for text in texts]
    return numbers == sorted(numbers) and numbers[0] < numbers[-1]


def choose_text(columns: Columns, want: Wanted) -> int:
    """The column that holds what is wanted.

    Raises:
        UsageError: none does, or several could.
    """
    use, language = want.use, want.language
    wanted, spared = main_language(language), main_language(want.other)
    texts = [column for column, kind in sorted(columns.kinds.items()) if kind in TEXTS]
    of_language = [c for c in texts if wanted and main_language(columns.languages.get(c, "")) == wanted]
    exact = [c for c in of_language if columns.languages[c].casefold() == language.casefold()]
    left = [
        c for c in texts if not columns.languages.get(c) or main_language(columns.languages[c]) != spared or not spared
    ]
    opposite = "target" if use == "source" else "source"
    choices = (
        exact, of_language, [c for c in left if columns.kinds[c] == use],
        [c for c in left if columns.kinds[c] == "text" and not columns.languages.get(c)],
        [c for c in left if columns.kinds[c] != opposite and (not wanted or not columns.languages.get(c))],
        [] if wanted else [c for c in left if columns.kinds[c] != opposite],
    )  # fmt: skip
    found = next((choice for choice in choices if choice), [])
    what = "the words that are spoken" if use == "source" else "the translation"
    if not found:
        there = ", ".join(columns.named(c) for c in texts) or "none"
        raise UsageError(
            f"no column holds {what}{f' in {language}' if language else ''}; of dialogue there are: {there}"
        )
    if len(found) > 1 and found is not exact:
        several = " and ".join(columns.named(c) for c in found)
        named = "'Source' or 'Original'" if use == "source" else "'Translation'"
        also = "" if use == "target" else ", and say which with --from"
        raise UsageError(f"{several} could hold {what}: head one of them {named}, or with its language{also}")
    return found[0]


def _with_languages(columns: Columns, rows: Sequence[Row]) -> Columns:
    """Columns of dialogue that are alike by their headings are told apart by the language of their texts."""
    alike = [c for c, kind in columns.kinds.items() if kind in ("text", "language") and c not in columns.languages]
    if len(alike) < 2:
        return columns
    texts = {c: " ".join(row.cells[c] for row in rows if c in row.cells) for c in alike}
    found = {c: language for c, text in texts.items() if (language := identify(text))}
    return Columns(columns.kinds, {**columns.languages, **found}, columns.headings)


def read_table(table: Table, want: Wanted) -> Script:
    """The dialogue of a table.

    Args:
        table: its rows, with or without headings.
        want: which of its columns.

    Raises:
        UsageError: no column, or several, could be the dialogue.
    """
    known, first = find_columns(table) or _columns_by_content(table)
    if known is None:
        raise UsageError(
            "no column of dialogue was found: head the columns 'Timecode', 'Character' and 'Dialogue', or so"
        )
    known = _with_languages(known, table.rows[first:])
    text = choose_text(known, want)
    reader = _Reader(known, text, _time_reader(known, table.rows[first:]))
    for row in table.rows[first:]:
        reader.row(row)
    reader.set_aside_headings()
    reader.unread = _unread(known, table.rows[first:])
    for row in table.rows[: max(0, first - bool(known.headings))]:
        reader.aside.add("rows above the headings" if known.headings else "rows of headings", row.place)
    return Script("dialogue list", tuple(reader.found), tuple(reader.remarks()), known.languages.get(text, ""))


def _unread(columns: Columns, rows: Sequence[Row]) -> list[str]:
    """The columns whose headings say nothing that is known here, as they are called, where anything stands in them."""
    strange = [c for c in columns.headings if c not in columns.kinds and c not in columns.languages]
    return [columns.named(c) for c in strange if any(row.cells.get(c, "").strip() for row in rows)]


class _Times:
    """How the times of a table are read."""

    def __init__(self, columns: Columns, *, fractions: bool) -> None:
        self.start, self.end, self._fractions = columns.first("start"), columns.first("end"), fractions

    def read(self, text: str) -> tuple[Timecode | None, Timecode | None]:
        bare = text.strip().replace(",", ".")
        if self._fractions and re.fullmatch(r"\d?\.?\d+(?:[eE]-\d+)?", bare):
            return day_fraction(bare), None
        return read_range(text)


def _time_reader(columns: Columns, rows: Sequence[Row]) -> _Times:
    places = [c for c in (columns.first("start"), columns.first("end")) if c is not None]
    bare = [
        row.cells[c] for c in places for row in rows if c in row.cells and _heading(row.cells[c])[0] != columns.kinds[c]
    ]
    numbers = [text for text in bare if ":" not in text and re.search(r"\d", text)]
    return _Times(columns, fractions=are_fractions_of_a_day(numbers))


@dataclass(slots=True)
class _Reader:
    columns: Columns
    text: int
    times: _Times
    found: list[ScriptLine] = field(default_factory=list)
    aside: Aside = field(default_factory=Aside)
    mended: list[Diagnostic] = field(default_factory=list)
    unread: Sequence[str] = ()
    speaker: str = ""
    rows: int = 0

    def row(self, row: Row) -> None:
        if (again := read_headings(row)) is not None and again.kinds.keys() <= self.columns.kinds.keys():
            self.aside.add("rows of headings", row.place)
            return
        if not row.cells:
            return
        speaker = self._speaker(row)
        text = row.cells.get(self.text, "")
        name, words = split_label(text, (speaker,) if speaker else ())
        start, end = self._times_of(row) if text.strip() else (None, None)
        if not has_words(words) and not (words and start and end):
            if any(column not in (self.text,) for column in row.cells) or text.strip():
                self.aside.add("rows without dialogue" if not text.strip() else "sounds and directions", row.place)
            return
        self.rows += 1
        self.found.append(ScriptLine(words, row.place, name or speaker, start, end, self.rows))

    def set_aside_headings(self) -> None:
        """Where nearly every row has a time and a speaker, one that has neither is a heading ("SCENE 2")."""
        bare = [line for line in self.found if line.start is None and not line.speaker]
        whole = sum(line.start is not None and bool(line.speaker) for line in self.found)
        if bare and whole >= _NEARLY_ALL * (len(self.found) - len(bare)) and whole >= len(bare):
            self.found = [line for line in self.found if line.start is not None or line.speaker]
            for line in bare:
                self.aside.add("rows without a time and a speaker", line.place)

    def _speaker(self, row: Row) -> str:
        column = self.columns.first("speaker")
        if column is None:
            return ""
        if column not in row.cells:
            return self.speaker if column in row.merged else ""
        self.speaker = clean_name(row.cells[column])
        return self.speaker if len(self.speaker) <= MOST_NAME else ""

    def _times_of(self, row: Row) -> tuple[Timecode | None, Timecode | None]:
        start, end = self._time(row, self.times.start)
        own, _ = self._time(row, self.times.end)
        end = own or end
        if start is not None and end is not None and (end.ms, end.frames) <= (start.ms, start.frames):
            self._mend(row, "ends before it begins: when it ends is found in the sound")
            end = None
        return start, end

    def _time(self, row: Row, column: int | None) -> tuple[Timecode | None, Timecode | None]:
        text = "" if column is None else row.cells.get(column, "").strip()
        if not text or not re.search(r"\d", text):
            return None, None
        start, end = self.times.read(text)
        if start is None:
            self._mend(row, f"{text[:30]!r} is no time: when the line is said is found in the sound")
        return start, end

    def _mend(self, row: Row, what: str) -> None:
        self.mended.append(Diagnostic("timecode", f"{row.place}: {what}"))

    def remarks(self) -> Iterator[Diagnostic]:
        yield from self.mended[:10]
        if len(self.mended) > 10:
            yield Diagnostic("timecode", f"{len(self.mended) - 10} more rows have times that cannot be used")
        if self.unread:
            named = ", ".join(self.unread)
            yield Diagnostic("not_read", f"nothing is known by these headings, and nothing of them is read: {named}")
        yield from self.aside.remarks()
