"""Lines whose translation is known before anybody translates: a translator's XLIFF file, and translation memories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..data import Edit, Edits, MemoryMatch, Segment
from ..errors import UsageError
from ..events import Run, name_some
from ..language.tags import main_language
from ..language.turns import spoken_text, turns_of
from .memory import Memory, normal_text, recall
from .passages import Passage
from .xliff import Unit, read_xliff


@dataclass(frozen=True, slots=True)
class Returned:
    """A translator's XLIFF file: where it lies, its languages and units."""

    path: Path
    source: str
    target: str
    units: tuple[Unit, ...]

    @property
    def complete(self) -> bool:
        """Whether every unit that says something is translated."""
        return all(unit.finished for unit in self.units if unit.source.plain and not unit.kept)


@dataclass(frozen=True, slots=True)
class KnownLines:
    """What is known of the lines of a film.

    Args:
        texts: segment -> its final translation; a newline where its lines are known.
        passages: segment -> the same as its translator marked it, where an XLIFF file has it.
        matches: what was found in memories, used or offered.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    passages: Mapping[str, Passage] = field(default_factory=dict)
    matches: tuple[MemoryMatch, ...] = ()

    def over(self, edits: Edits, language: str, *, flat: bool) -> Edits:
        """A person's corrections, and as more of them the known lines, which nobody translates again.

        Args:
            edits: they win over what is known from elsewhere.
            language: of the known lines.
            flat: on one line, for a voice.
        """
        by_id = {edit.segment: edit for edit in edits.edits}
        for segment, text in self.texts.items():
            edit = by_id.get(segment) or Edit(segment)
            said = " ".join(text.split()) if flat else text
            by_id[segment] = replace(edit, translation={language: said, **edit.translation})
        return Edits(tuple(by_id.values()))

    def without(self, segments: Collection[str]) -> KnownLines:
        """The same, but nothing is taken from a memory for some segments; it is offered there."""
        texts = {segment: text for segment, text in self.texts.items() if segment not in segments}
        matches = tuple(replace(m, used=False) if m.segment in segments else m for m in self.matches)
        return replace(self, texts=texts, matches=matches)

    def covers(self, segments: Sequence[Segment], edits: Edits, language: str) -> bool:
        """Whether nothing is left to translate."""
        edited = {edit.segment for edit in edits.edits if language in edit.translation}
        return all(s.id in self.texts or s.id in edited for s in segments if s.text.strip())


def read_returned(path: Path, to: Sequence[str]) -> Returned:
    """Read an XLIFF file that a translator gave back.

    Raises:
        UsageError: it cannot be read, is for another language than the one asked for, or nothing in it is translated.
    """
    if not path.is_file():
        raise UsageError(f"{path} does not exist", path=str(path))
    found = read_xliff(path)
    if to and found.target and main_language(found.target) != main_language(to[0]):
        raise UsageError(f"{path} is a translation into {found.target}, and --to is {to[0]}", path=str(path))
    if not any(unit.finished for unit in found.units):
        raise UsageError(
            f"{path} holds no finished translation: its {len(found.units)} units have no target, or the state initial",
            path=str(path),
        )
    return Returned(path, found.source, found.target, found.units)


def find_known_lines(
    run: Run,
    segments: Sequence[Segment],
    *,
    source: str,
    to: str,
    region: str,
    edits: Edits,
    memories: Sequence[Memory],
    returned: Returned | None,
) -> KnownLines:
    """Every line whose translation is known, and what memories offer for the others; warns of what is not used.

    Args:
        run: warns of units that are no line of the film, or not finished.
        segments: the film's lines with their words as they are now.
        source: their language.
        to: the language translated into.
        region: where the audience is at home, "" for anywhere.
        edits: lines that a person gave: nothing is looked for there.
        memories: looked through in their order.
        returned: a translator's file.
    """
    given = {edit.segment for edit in edits.edits if to in edit.translation}
    passages = {} if returned is None else _returned_lines(run, segments, returned, source)
    found = recall(memories, segments, source, to, region, {*given, *passages})
    texts = {name: passage.text for name, passage in passages.items()}
    return KnownLines({**found.texts, **texts}, passages, found.matches)


# --- a translator's file ---------------------------------------------------------------------------------------------


def _returned_lines(run: Run, segments: Sequence[Segment], given: Returned, source: str) -> dict[str, Passage]:
    said = [unit for unit in given.units if unit.source.plain and not unit.kept]
    found: dict[str, Passage] = {}
    strange: list[str] = []
    untranslated: list[str] = []
    for unit, lines in zip(said, _lines_of_units(segments, said)):
        fitting = {line.id: target for line in lines if (target := _fitting(unit, line, source)) is not None}
        if not unit.finished:
            untranslated += fitting or [unit.id]
        elif fitting:
            found |= fitting
        else:
            strange.append(unit.id)
    _tell(run, given, found, strange, [name for name in untranslated if name not in found])
    return found


def _lines_of_units(segments: Sequence[Segment], units: Sequence[Unit]) -> Iterator[list[Segment]]:
    """For each unit the lines it may be the translation of: that of its name, else those with its words.

    Another tool names its units otherwise. Where it has one text several times, each is that of one line, in order; the
    last is that of all lines that are left.
    """
    by_id = {segment.id: segment for segment in segments}
    waiting: dict[str, list[Segment]] = {}
    for segment in segments:
        waiting.setdefault(normal_text(segment.text), []).append(segment)
    times = Counter(normal_text(unit.source.plain) for unit in units if unit.id not in by_id)
    for unit in units:
        text = normal_text(unit.source.plain)
        if unit.id in by_id:
            yield [by_id[unit.id]]
            continue
        times[text] -= 1
        lines = waiting.get(text, [])
        mine = lines[:1] if times[text] else lines[:]
        del lines[: len(mine)]
        yield mine


def _fitting(unit: Unit, segment: Segment, language: str) -> Passage | None:
    """The translation of a unit for a segment; None where that says something else by now."""
    if normal_text(unit.source.plain) == normal_text(segment.text):
        return unit.target
    said = spoken_text(turns_of(unit.source.text, language))  # of a dub: no label, no sound in brackets
    if normal_text(said) != normal_text(segment.text):
        return None
    return Passage(spoken_text(turns_of(unit.target.text, language)))


def _tell(
    run: Run, given: Returned, found: Mapping[str, Passage], strange: Sequence[str], untranslated: Sequence[str]
) -> None:
    name = given.path.name
    if strange:
        run.warn(
            "translation_unused",
            f"{name}: {name_some(strange)} say other words than the film has there: their translations are not used; "
            "give the transcript that the file was exported from",
        )
    if untranslated:
        run.warn("translation_open", f"{name}: {name_some(untranslated)} are not finished: they are translated here")
    stateless = [unit.id for unit in given.units if unit.stateless]
    if stateless:
        run.warn(
            "translation_stateless",
            f"{name}: {len(stateless)} translations have no state; as they are there, they are taken as finished",
        )
    for problem, units in (
        ("have no italics, bold or underline where the source has", [u for u in given.units if _lost_marks(u)]),
        ("hold codes that nobody can read here, which are left out", [u for u in given.units if u.target.coded]),
    ):
        if named := [unit.id for unit in units if unit.id in found]:
            run.warn("translation_codes", f"{name}: {name_some(named)} {problem}: check these lines")
    if remarks := [unit.id for unit in given.units for category, _ in unit.notes if category not in OWN_NOTES]:
        run.warn("translation_notes", f"{name}: there are notes of a person on {name_some(remarks)}: read them there")


OWN_NOTES = ("speaker", "time", "memory")
"""Categories of the notes that `localize export` writes."""


def _lost_marks(unit: Unit) -> bool:
    return bool(unit.finished and unit.source.kinds - unit.target.kinds)
