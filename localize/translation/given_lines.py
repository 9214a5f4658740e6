"""A given translation with other lines than its source: paired, and what could not be placed is told with its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..data import Segment, Transcript
from ..errors import UsageError
from ..events import Run
from ..transcription.given import place_of
from ..transcription.supplied import SuppliedWords
from .pairing import Pairing, Side, pair_lines

LEAST = 0.5
"""Share of the lines of either file that must find a partner."""
_MEET = 0.9
_NAMED = 6
"""Lines that a warning names."""


def agree(source: SuppliedWords, target: SuppliedWords) -> bool:
    """Whether two given files have the same lines, so that line N belongs to line N: as many, at the same times."""
    ours, theirs = source.transcript.segments, target.transcript.segments
    if len(ours) != len(theirs) or not (source.timed and target.timed):
        return False
    by_id = {line.id: line for line in theirs}
    if by_id.keys() != {line.id for line in ours}:
        return False
    numbered = sum(line.span.overlap_ms(by_id[line.id].span) > 0 for line in ours)
    ordered = sum(a.span.overlap_ms(b.span) > 0 for a, b in zip(ours, theirs))
    return max(numbered, ordered) >= _MEET * len(ours)


def pair_given(
    run: Run, source: SuppliedWords, target: SuppliedWords, source_path: Path, target_path: Path
) -> Pairing | None:
    """Pair a given translation with given words; None where the times that tell are still to be found in the sound.

    Args:
        run: told which lines have no partner.
        source: the words that are spoken.
        target: their translation.
        source_path: of the words, for messages.
        target_path: of the translation, for messages.

    Raises:
        UsageError: most lines of one have no partner in the other.
    """
    if target.timed and not source.timed:
        _require_most(
            pair_lines(_side(source), _side(target)), source.transcript.segments, target, str(source_path), target_path
        )
        return None
    same = bool(source.blocks) and bool(target.blocks) and _same_file(source_path, target_path)
    found = pair_lines(_side(source), _side(target), same_rows=same)
    _tell(run, found, source.transcript.segments, source, target, (str(source_path), target_path))
    return found


def pair_with_film(
    run: Run,
    transcript: Transcript,
    source: SuppliedWords | None,
    target: SuppliedWords,
    lines: Sequence[Segment],
    paths: tuple[Path, Path],
) -> Pairing:
    """Pair a given translation with what is heard in the film: by time where it has times, else by length.

    Args:
        run: told which lines have no partner.
        transcript: recognised, or a script with the times that were found.
        source: that script; None where there is none.
        target: the translation as its file has it.
        lines: the same as a voice says them.
        paths: of the script or the film, and of the translation, for messages.

    Raises:
        UsageError: most lines of one have no partner in the other.
    """
    names = source.names if source else {}
    heard = Side(transcript.segments, transcript.language, target.timed, names, {})
    theirs = lines if target.timed else _in_order(lines)
    found = pair_lines(
        heard, Side(tuple(theirs), target.transcript.language, target.timed, target.names, target.blocks)
    )
    _tell(run, found, transcript.segments, source, target, (str(paths[0]), paths[1]))
    return found


def _side(given: SuppliedWords) -> Side:
    segments = given.transcript.segments
    lines = segments if given.timed else _in_order(segments)
    return Side(tuple(lines), given.transcript.language, given.timed, given.names, given.blocks)


def _in_order(lines: Sequence[Segment]) -> tuple[Segment, ...]:
    """Lines without times in the order of their file."""
    return tuple(sorted(lines, key=lambda line: line.id))


def _same_file(a: Path, b: Path) -> bool:
    return a.absolute() == b.absolute() or (a.exists() and b.exists() and a.samefile(b))


def _spoken(found: Pairing, ours: Sequence[Segment]) -> int:
    """How many lines of the source hold words."""
    return len(ours) - sum(not line.text for line in found.lines) + len(found.missing)


def _require_most(found: Pairing, ours: Sequence[Segment], target: SuppliedWords, own: str, path: Path) -> None:
    theirs, spoken = len(target.transcript.segments), _spoken(found, ours)
    if len(found.missing) > (1 - LEAST) * max(1, spoken) or len(found.unplaced) > (1 - LEAST) * max(1, theirs):
        raise UsageError(
            f"{path}: {theirs - len(found.unplaced)} of its {theirs} lines belong to {spoken - len(found.missing)} of "
            f"the {spoken} of {own}: it is no translation of these lines, or in another order",
            file=str(path),
        )


def _places(ids: Sequence[str], lines: Sequence[Segment], given: SuppliedWords | None) -> list[tuple[str, Segment]]:
    """Some lines by their ids, each with its place in the file that has them, or its id where it was recognised."""
    by_id = {line.id: line for line in lines}
    return [(place_of(given, name) if given else name, by_id[name]) for name in ids]


def _tell_joined(
    run: Run,
    found: Pairing,
    ours: Sequence[Segment],
    source: SuppliedWords | None,
    target: SuppliedWords,
    files: tuple[str, Path],
) -> None:
    if found.joined:
        own, path = files
        said = _quoted(_places(found.joined, ours, source))
        run.warn(
            "translation_paired",
            f"{path} has other lines than {own}, {len(target.transcript.segments)} for {len(ours)}: they are paired by "
            f"time, length and names; {len(found.joined)} lines take words of several or share those of one: {said}",
        )


def _tell(
    run: Run,
    found: Pairing,
    ours: Sequence[Segment],
    source: SuppliedWords | None,
    target: SuppliedWords,
    files: tuple[str, Path],
) -> None:
    own, path = files
    theirs = target.transcript.segments
    _require_most(found, ours, target, own, path)
    spoken = _spoken(found, ours)
    _tell_joined(run, found, ours, source, target, files)
    if found.unplaced:
        said = _quoted(_places(found.unplaced, theirs, target))
        run.warn(
            "translation_unplaced",
            f"{path}: {len(found.unplaced)} of {len(theirs)} lines have no place in {own} and are not spoken: {said}",
        )
    if found.missing:
        names = _places(found.missing, ours, source)
        run.warn(
            "translation_missing",
            f"{path}: {len(found.missing)} of {spoken} lines of {own} have no translation and stay as they are: "
            f"{_quoted(names)}",
        )


def _quoted(lines: Sequence[tuple[str, Segment]]) -> str:
    shown = "; ".join(f"{place} {_short(line.text)!r}" for place, line in lines[:_NAMED])
    return shown + (f"; and {len(lines) - _NAMED} more" if len(lines) > _NAMED else "")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
