"""Corrections by a person (`--edits`): read, checked, applied to a transcript, and kept beside the results, so that
they hold in every later run of the title.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data import Edit, Edits, LineChange, Span, Transcript
from ..errors import UsageError
from ..events import Run, name_some
from ..runtime.files import StagedFolder, read_json, write_json
from ..runtime.records import from_json, to_json
from ..runtime.upgrades import present_schema, upgraded
from .line_changes import LINE_ID, change_lines

KIND = "edits file"
EDITS_LIMIT = 64_000_000
LATEST_MS = 10**9


def read_edits(path: Path | None) -> Edits:
    """Read a person's corrections (`--edits`; DESIGN.md 6.1).

    Raises:
        UsageError: unreadable or of another shape; the message names the file and the field.
    """
    if path is None:
        return Edits()
    data = read_json(path, EDITS_LIMIT)
    try:
        data = upgraded(KIND, data, str(path))
    except ValueError as error:
        wanted = f'{path} is no {KIND}: it must hold {{"schema": 1, "edits": [...]}}'
        raise UsageError(wanted, file=str(path)) from error
    del data["schema"]
    try:
        edits = from_json(Edits, data)
    except ValueError as error:
        raise UsageError(f"{path}: {error}", file=str(path)) from error
    for edit in edits.edits:
        times = [t for t in (edit.start_ms, edit.end_ms) if t is not None]
        if any(not 0 <= t < LATEST_MS for t in times) or (len(times) == 2 and times[0] >= times[1]):
            raise UsageError(f"{path}: the times of segment {edit.segment} leave no time to speak in", file=str(path))
    if recorded := next((edit.segment for edit in edits.edits if edit.takes or edit.guides), ""):
        raise UsageError(
            f"{path}: segment {recorded} has a recording, which lies beside a review.json: give that as --review",
            file=str(path),
        )
    times_named = Counter(edit.segment for edit in edits.edits)
    if repeated := min((name for name, times in times_named.items() if times > 1), default=""):
        raise UsageError(f"{path}: segment {repeated} is edited twice", file=str(path))
    for change in edits.lines:
        _check_change(change, path)
    return edits


def _check_change(change: LineChange, path: Path) -> None:
    whole = change.at_ms is not None and change.word is not None
    if whole is not (change.kind == "split") or not 0 <= (change.at_ms or 0) < LATEST_MS or (change.word or 0) < 0:
        raise UsageError(
            f"{path}: a split of {change.segment} needs at_ms and word, a merge has neither", file=str(path)
        )
    if not LINE_ID.fullmatch(change.other):
        raise UsageError(f"{path}: {change.other[:40]!r} is no id of a line", file=str(path))


def check_segments(transcript: Transcript, edits: Edits) -> None:
    """Refuse edits of lines that nobody says; those that they split or merge are taken as changed.

    Raises:
        UsageError: one names a segment that is not there.
    """
    transcript = change_lines(transcript, edits.lines)
    _require_segments(transcript, edits)


def _require_segments(transcript: Transcript, edits: Edits) -> None:
    if unknown := {edit.segment for edit in edits.edits} - {segment.id for segment in transcript.segments}:
        raise UsageError(
            f"the edits name a segment that is not there: {min(unknown)}; `localize explain OUTDIR` lists them all",
            segment=min(unknown),
        )


def apply_edits(transcript: Transcript, edits: Edits) -> Transcript:
    """Apply corrections of words and times to a transcript; idempotent. Its lines are split and merged already.

    Words keep their times where their number stays the same, and lose them otherwise.

    Raises:
        UsageError: an edit names a segment that is not there, or a span that ends before it starts.
    """
    _require_segments(transcript, edits)
    by_id = {edit.segment: edit for edit in edits.edits}
    segments = []
    for segment in transcript.segments:
        edit = by_id.get(segment.id)
        if edit is not None and edit.source is not None and edit.source != segment.text:
            texts = edit.source.split()
            known = segment.words if len(texts) == len(segment.words) else ()
            words = tuple(replace(word, text=text) for word, text in zip(known, texts))
            segment = replace(segment, text=edit.source, words=words)  # noqa: PLW2901
        if edit is not None:
            start = segment.span.start_ms if edit.start_ms is None else edit.start_ms
            end = segment.span.end_ms if edit.end_ms is None else edit.end_ms
            if not 0 <= start < end:
                raise UsageError(f"the edit of {segment.id} ends before it starts", segment=segment.id)
            segment = replace(segment, span=Span(start, end))  # noqa: PLW2901
        segments.append(segment)
    return replace(transcript, segments=tuple(segments))


# --- corrections of earlier runs -------------------------------------------------------------------------------------


def kept_edits_path(folder: Path, title: str) -> Path:
    """Where the corrections of a title are kept: beside its results."""
    return folder / f"{title}.edits.json"


def edits_json(edits: Edits) -> dict[str, Any]:
    """The content of NAME.edits.json; it can be given to `--edits` as well."""
    entries = [
        {name: value for name, value in to_json(edit).items() if value not in (None, {})} for edit in edits.edits
    ]
    changes = [{name: value for name, value in to_json(change).items() if value is not None} for change in edits.lines]
    return {"schema": present_schema(KIND), "edits": entries, **({"lines": changes} if changes else {})}


def keep_edits(run: Run, stage: StagedFolder, title: str, edits: Edits, read: Edits) -> bool:
    """Write the corrections of a title beside its results, where there are any. What was changed in that file while the
    run worked stays as it was changed, and is told: the results are without it.

    Args:
        run: told of what was changed.
        stage: of the results.
        title: of the results.
        edits: to be kept.
        read: what that file held when the run read it.

    Returns:
        whether it holds now what it held then.
    """
    path = kept_edits_path(stage.target, title)
    try:
        there = read_edits(path) if path.exists() else Edits()
    except UsageError as error:
        unwritten = [e.segment for e in edits.edits if e not in read.edits]
        unwritten += [change.segment for change in edits.lines if change not in read.lines]
        lost = (
            f"; not written into it: the corrections of {name_some(list(dict.fromkeys(unwritten)))}"
            if unwritten
            else ""
        )
        run.warn("edits_changed", f"{error.message}; it was changed while this run worked, and stays so{lost}")
        return False
    wanted = bool(edits.edits or edits.lines)
    if there != read:
        edits, changed = _merge(edits, read, there)
        run.warn(
            "edits_changed",
            f"{path} was changed while this run worked: what it says of {name_some(changed)} stays, and is not in "
            "these results; run the same command again",
        )
    if wanted and (edits.edits or edits.lines):
        write_json(kept_edits_path(stage.folder, title), edits_json(edits))
    return there == read


def _merge(kept: Edits, read: Edits, there: Edits) -> tuple[Edits, list[str]]:
    """Corrections to be kept, but of lines that somebody else changed since they were read what that one says of them;
    and the ids of those lines.
    """
    before, after = ({edit.segment: edit for edit in edits.edits} for edits in (read, there))
    changed = [name for name in dict.fromkeys([*after, *before]) if before.get(name) != after.get(name)]
    first = [after[name] for name in changed if name in after]  # of two that are about one line, the first is taken
    rest = [edit for edit in kept.edits if edit.segment not in changed]
    lines = kept.lines
    if there.lines != read.lines:
        differ = [c for c in (*there.lines, *read.lines) if c not in there.lines or c not in read.lines]
        changed += [change.segment for change in differ]
        lines = (*there.lines, *(change for change in kept.lines if change not in (*read.lines, *there.lines)))
    return Edits((*first, *rest), lines), list(dict.fromkeys(changed))


def refuse_contradictions(given: Edits, review: Edits, path: Path) -> None:
    """Refuse corrections given now that say something else of a line than a review does: only one can be heard.

    Raises:
        UsageError: naming the line.
    """
    decided = {edit.segment: edit for edit in review.edits}
    changed = {name for change in review.lines for name in (change.segment, change.other)}
    both = [change.segment for change in given.lines if {change.segment, change.other} & changed]
    for edit in given.edits:
        other = decided.get(edit.segment)
        if edit.segment in changed or (other is not None and _contradict(edit, other)):
            both.append(edit.segment)
    if both:
        raise UsageError(
            f"the corrections given now and {path} say different things of {both[0]}: change it in the review",
            line=both[0],
        )


def _contradict(one: Edit, other: Edit) -> bool:
    plain = ((getattr(one, n), getattr(other, n)) for n in ("source", "voice", "start_ms", "end_ms"))
    tables = ((one.translation, other.translation), (one.voices, other.voices))  # a recording has both
    return any(None not in (a, b) and a != b for a, b in plain) or any(
        a[language] != b[language] for a, b in tables for language in a.keys() & b.keys()
    )


def add_edits(first: Edits, more: Edits) -> Edits:
    """Corrections of two kinds together; of one line, what the second change goes before the first."""
    by_id = {edit.segment: edit for edit in first.edits}
    for edit in more.edits:
        by_id[edit.segment] = over(edit, by_id.get(edit.segment), edit.heard)
    return Edits(tuple(by_id.values()), (*first.lines, *more.lines))


def over(edit: Edit, before: Edit | None, heard: str | None) -> Edit:
    """A correction on top of an earlier one of the same line; `heard` is what that line says."""
    if before is None:
        return replace(edit, heard=heard)
    return Edit(
        edit.segment,
        before.source if edit.source is None else edit.source,
        {**before.translation, **edit.translation},
        edit.voice or before.voice,
        before.start_ms if edit.start_ms is None else edit.start_ms,
        before.end_ms if edit.end_ms is None else edit.end_ms,
        heard,
        {**before.voices, **edit.voices},
        {**before.takes, **edit.takes},
        {**before.guides, **edit.guides},
    )


def kept_edits(folder: Path) -> dict[Path, Edits]:
    """File -> the corrections kept in it, of every title of an output folder.

    Raises:
        UsageError: there is no such folder; a file cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder of a dub: name the one that -o named", folder=str(folder))
    return {path: read_edits(path) for path in sorted(folder.glob("*.edits.json"))}


def undo_edits(folder: Path, segments: Sequence[str]) -> tuple[str, ...]:
    """Take back corrections that are kept in an output folder; the next run goes without them.

    Args:
        folder: of the results.
        segments: ids; none for all.

    Returns:
        the ids of the lines whose corrections are taken back.

    Raises:
        UsageError: one has none; nothing is changed then.
    """
    kept = kept_edits(folder)
    known = {edit.segment for edits in kept.values() for edit in edits.edits}
    known |= {change.segment for edits in kept.values() for change in edits.lines}
    if unknown := [segment for segment in segments if segment not in known]:
        listed = ", ".join(sorted(known)) or "none at all"
        raise UsageError(f"no correction of {unknown[0]} is kept in {folder}: there are {listed}", segment=unknown[0])
    for path, edits in kept.items():
        left = tuple(e for e in edits.edits if segments and e.segment not in segments)
        changes = tuple(change for change in edits.lines if segments and change.segment not in segments)
        write_json(path, edits_json(Edits(left, changes))) if left or changes else path.unlink()
    return tuple(sorted(set(segments) or known))
