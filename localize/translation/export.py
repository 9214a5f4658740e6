"""Write the lines of a film for a translation tool: TMX, a memory; XLIFF 2, work for a translator that comes back.

What a machine translated is marked as that in both: in TMX by a property, so that it is offered later and never taken
for a person's; in XLIFF by the state "initial" and as a candidate of kind "mt", by which a line that the translator
changed is known even where a tool keeps no states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypedDict

from ..data import Candidate, Line, MemoryMatch, Segment, Span
from ..errors import UsageError
from ..events import Run
from ..language.tags import canonical_language, main_language
from ..runtime.files import write_text
from ..runtime.version import __version__
from ..timedtext.cues import Cue, Document
from ..timedtext.webvtt import timestamp
from ..transcription.lines import cue_number
from ..transcription.master import Master
from ..transcription.supplied import UNKNOWN_LANGUAGE, SuppliedWords, is_supplied_text, read_supplied
from .passages import CODED, Passage
from .tmx import SUFFIXES as TMX
from .tmx import TmxUnit, Variant, write_tmx
from .xliff import SUFFIXES as XLIFF
from .xliff import Offer, Part, Unit, write_xliff


@dataclass(frozen=True, slots=True)
class ExportedLine:
    """A line in both languages.

    Args:
        segment: where and by whom it is said.
        source: its words.
        target: their translation; None where there is none.
        final: a person wrote the translation, or it came from a memory.
        matches: what memories have for it.
    """

    segment: Segment
    source: Passage
    target: Passage | None
    final: bool
    matches: tuple[MemoryMatch, ...] = ()


class ExportJson(TypedDict):
    """What `localize export --json` prints.

    Args:
        file: that was written.
        lines: in it.
        translated: of these, lines that have a translation.
        machine: of these, lines that no person has seen.
    """

    schema: Literal[1]
    source: str
    file: str
    format: str
    source_language: str
    language: str
    lines: int
    translated: int
    machine: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    source: Path
    file: Path
    format: str
    source_language: str
    language: str
    lines: tuple[ExportedLine, ...] = field(default=())

    def json(self) -> ExportJson:
        """What `localize export --json` prints."""
        done = [line for line in self.lines if line.target is not None]
        return {
            "schema": 1,
            "source": str(self.source),
            "file": str(self.file),
            "format": self.format,
            "source_language": self.source_language,
            "language": self.language,
            "lines": len(self.lines),
            "translated": len(done),
            "machine": sum(not line.final for line in done),
        }


def export(
    source: Path,
    file: Path,
    run: Run,
    *,
    to: str | None = None,
    source_language: str | None = None,
    translation: Path | None = None,
    encoding: str | None = None,
) -> Exported:
    """Write the lines of a film as TMX or XLIFF 2, by the suffix of `file`.

    Args:
        source: a master.json, the folder of a dub, or a subtitle file.
        file: to be written; TMX holds the lines that have a translation, XLIFF all of them.
        run: warns of repairs in given files.
        to: target language, with a region where one is wished; None for the only one there is.
        source_language: of a subtitle file that does not say it.
        translation: subtitles in the target language, cue for cue those of `source`.
        encoding: of given subtitle files; None to find it out.

    Raises:
        UsageError: there is nothing to write, a language is not known, or the suffix is another.
        MediaError: a file cannot be read.
    """
    suffix = file.suffix.lower()
    if suffix not in TMX | XLIFF:
        raise UsageError(f"{file}: translation files are written as .tmx, .xlf or .xliff", file=str(file))
    path = _master_in(source) if source.is_dir() else source
    if not is_supplied_text(path):
        raise UsageError(f"{path} holds no words: give a master.json, its folder, or a subtitle file", file=str(path))
    given = read_supplied(run, path, source_language, encoding)
    language = given.transcript.language
    if language == UNKNOWN_LANGUAGE:
        raise UsageError(f"{path} does not say its language: give it with --from", file=str(path))
    target = _target_language(path, given, to, translation, run, encoding)
    if translation is not None:
        lines = _of_pair(given, read_supplied(run, translation, None, encoding), path, translation)
    elif given.master is not None:
        lines = _of_master(given.master, target)
    else:
        lines = [ExportedLine(s, _passage(given.document, s), None, final=False) for s in _spoken(given)]
    is_tmx = suffix in TMX
    if is_tmx and not any(line.target for line in lines):
        raise UsageError(f"{path} has no line in {target}: a memory would be empty", file=str(path))
    write = _tmx if is_tmx else _xliff
    write_text(file, write(lines, given, language, target, path.name))
    return Exported(path, file, "tmx" if is_tmx else "xliff", language, target, tuple(lines))


def _master_in(folder: Path) -> Path:
    found = sorted(folder.glob("*.master.json"))
    if not found:
        raise UsageError(f"{folder} holds no master.json: give the folder that 'localize dub' or 'localize subs' wrote")
    if len(found) > 1:
        raise UsageError(f"{folder} holds {len(found)} master.json: name the file", file=str(folder))
    return found[0]


def _target_language(
    path: Path, given: SuppliedWords, to: str | None, translation: Path | None, run: Run, encoding: str | None
) -> str:
    """The language translated into: as asked for, that of the translation, or the only one that a master has."""
    there = [t.translation.language for t in given.master.targets] if given.master else []
    if to is not None:
        main = canonical_language(to)
        if translation is None and given.master is not None and main not in there:
            known = f"it has {', '.join(there)}" if there else "it has no translation"
            raise UsageError(f"{path} has no translation into {to}: {known}", file=str(path))
        return to
    if translation is not None:
        own = read_supplied(run, translation, None, encoding).transcript.language
        there = [] if own == UNKNOWN_LANGUAGE else [own]
    if len(there) != 1:
        which = f"one of {', '.join(there)}" if there else "the language to translate into"
        raise UsageError(f"name {which} with --to", file=str(path))
    return there[0]


# --- lines -----------------------------------------------------------------------------------------------------------


def _spoken(given: SuppliedWords) -> list[Segment]:
    return [s for s in given.transcript.segments if s.text.strip()]


def _of_master(master: Master, to: str) -> list[ExportedLine]:
    """The lines of a master.json with the translation that was chosen for each."""
    main = main_language(to)
    target = next(t for t in master.targets if main_language(t.translation.language) == main)
    lines = {line.segment: line for line in target.translation.lines}
    matches: dict[str, list[MemoryMatch]] = {}
    for match in target.translation.memory:
        matches.setdefault(match.segment, []).append(match)
    found = []
    for segment in master.sheet.transcript.segments:
        if not segment.text.strip():
            continue
        line = lines.get(segment.id)
        chosen = None if line is None else _chosen(line, target.chosen)
        passage = None if chosen is None or not chosen.text.strip() else Passage(chosen.text)
        final = line is not None and line.edited
        found.append(
            ExportedLine(segment, Passage(segment.text), passage, final, tuple(matches.get(segment.id, ())))
        )  # fmt: skip
    return found


def _chosen(line: Line, chosen: Mapping[str, int]) -> Candidate | None:
    return line.candidates[chosen.get(line.segment, 0)] if line.candidates else None


def _of_pair(given: SuppliedWords, other: SuppliedWords, path: Path, translation: Path) -> list[ExportedLine]:
    """The cues of two files, one for one: by their number, and in the same order of time."""
    theirs = {segment.id: segment for segment in other.transcript.segments}
    own = given.transcript.segments
    if theirs.keys() != {segment.id for segment in own}:
        raise UsageError(
            f"{path} has {len(own)} cues and {translation} {len(theirs)}: only files that have them one for one are "
            "paired",
            file=str(translation),
        )
    apart = [s.id for s in own if s.span.overlap_ms(theirs[s.id].span) == 0]
    if len(apart) * 10 > len(own):
        raise UsageError(
            f"{translation} is not timed as {path} is ({len(apart)} cues never meet)", file=str(translation)
        )
    found = []
    for segment in _spoken(given):
        line = theirs[segment.id]
        target = _passage(other.document, line) if line.text.strip() else None
        found.append(ExportedLine(segment, _passage(given.document, segment), target, final=target is not None))
    return found


def _passage(document: Document | None, segment: Segment) -> Passage:
    """The words of a segment as its cue has them: its lines, and what italics, bold and underline it has."""
    if document is None:
        return Passage(segment.text)
    cue = _without_blank_lines(document.cues[cue_number(segment.id) - 1])
    return Passage("\n".join(cue.lines), tuple(mark for mark in cue.marks if mark.kind in CODED))


def _without_blank_lines(cue: Cue) -> Cue:
    rows = [number for number, line in enumerate(cue.lines) if line.strip()]
    marks = tuple(replace(m, line=rows.index(m.line)) for m in cue.marks if m.line in rows)
    return replace(cue, lines=tuple(cue.lines[row] for row in rows), marks=marks)


# --- files -----------------------------------------------------------------------------------------------------------


def _tmx(lines: Sequence[ExportedLine], given: SuppliedWords, source: str, to: str, _name: str) -> str:
    units = [
        TmxUnit((Variant(source, line.source), Variant(to, line.target)), machine=not line.final, id=line.segment.id)
        for line in lines
        if line.target is not None
    ]
    return write_tmx(units, source, __version__)


def _xliff(lines: Sequence[ExportedLine], given: SuppliedWords, source: str, to: str, name: str) -> str:
    units, offers = [], {}
    for line in lines:
        state = "initial" if line.target is None or not line.final else "reviewed"
        part = Part(line.source, line.target, state)
        units.append(Unit(line.segment.id, (part,), notes=tuple(_notes(line, given.names))))
        offers[line.segment.id] = list(_offers(line))
    return write_xliff(units, source, to, name, offers)


def _notes(line: ExportedLine, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a translator sees of a line: who says it, when and how long, and which memory it came from."""
    who, span = line.segment.speaker, line.segment.span
    yield "speaker", f"{names[who]} ({who})" if who in names else who
    yield "time", f"{_clock(span)}, {span.length_ms / 1000:.1f} s"
    for match in line.matches:
        if match.used:
            yield "memory", f"from memory: {match.file}"


def _clock(span: Span) -> str:
    return f"{timestamp(span.start_ms)} to {timestamp(span.end_ms)}"


def _offers(line: ExportedLine) -> Iterator[Offer]:
    """A machine's translation, and what memories offer."""
    if line.target is not None and not line.final:
        yield Offer("mt", line.source.plain, line.target.plain, "localize")
    for match in line.matches:
        if not match.used:
            yield Offer("tm", match.source, " ".join(match.text.split()), match.file, match.likeness)


def describe_export(done: Exported) -> str:
    """One line for a person."""
    said: dict[str, Any] = dict(done.json())
    parts = [f"{said['lines']} lines, {done.source_language} to {done.language}"]
    if said["translated"]:
        parts.append(f"{said['translated']} translated")
    if said["machine"]:
        parts.append(f"{said['machine']} by machine")
    return f"{done.file}: {', '.join(parts)}"
