"""Corrections of earlier runs put to the lines of this one: each to the line that it is about, by what that says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..data import Edit, Edits, LineChange, Span, Transcript
from ..errors import UsageError
from ..events import Run, name_some
from .edits import over
from .line_changes import change_lines


@dataclass(frozen=True, slots=True)
class Recalled:
    """Corrections as they are about a transcript.

    Args:
        edits: that hold.
        lost: the ids that the others named; "s0003 (its times)" where the rest of one holds.
    """

    edits: Edits
    lost: tuple[str, ...] = ()


def recall_edits(
    run: Run, transcript: Transcript, given: Edits, kept: Edits, path: Path, *, changed: bool = False
) -> Recalled:
    """The corrections that hold for a transcript: those given now, and those of earlier runs. A kept one, and a given
    one that says what its line said, belongs to the line that says so, should its id be another's now; one whose line
    is gone is told and left out.

    Args:
        run: told which are used, and which are lost.
        transcript: before any correction.
        given: now; of one line, what they change goes before what earlier ones did.
        kept: of earlier runs.
        path: where those lie, for messages.
        changed: the film is another version of what they were made for: times hold where the line lies near them.
    """
    lines, lost = _recall_changes(transcript, kept.lines, changed=changed)
    lines = (*lines, *given.lines)
    said = change_lines(transcript, lines).segments
    texts = {segment.id: segment.text for segment in said}
    by_id: dict[str, Edit] = {}
    lost += _recall(kept.edits, texts, by_id)
    if changed:
        lost += _drop_times(by_id, {segment.id: segment.span for segment in said})
    if by_id or len(lines) > len(given.lines):
        named = list(dict.fromkeys([*(change.segment for change in lines), *by_id]))
        told = f"corrections of earlier runs hold for {name_some(named)} ({path})"
        run.warn("edits_kept", f"{told}: 'localize edits' lists them and takes them back")
    if lost:
        run.warn(
            "edits_lost",
            f"the lines of {len(lost)} kept corrections are not here any more: {name_some(lost)} of {path}, which is "
            "renamed (.bak) where the results go there",
        )
    elsewhere = _recall_given(run, given, texts, by_id)
    return Recalled(Edits(tuple(by_id.values()), lines), (*lost, *elsewhere))


def _recall_given(run: Run, given: Edits, texts: Mapping[str, str], by_id: dict[str, Edit]) -> list[str]:
    """Put corrections given now over kept ones; the ids of those of lines that say something else, which are told."""
    lost = []
    saying = _saying(texts)
    for edit in given.edits:
        if edit.segment not in texts and edit.heard is None:
            by_id[edit.segment] = edit  # refused when it is applied
        elif (found := _line_of(edit, texts, saying, {})) is not None:
            by_id[found] = over(replace(edit, segment=found), by_id.get(found), texts[found])
        else:
            lost.append(edit.segment)
    if lost:
        run.warn(
            "edits_lost",
            f"{len(lost)} corrections given now are of lines that said something else than any here, and are left out: "
            f"{name_some(lost)}; those that are meant for this film, give without 'heard'",
        )
    return lost


def _drop_times(by_id: dict[str, Edit], spans: Mapping[str, Span]) -> list[str]:
    """Take out of corrections the times between which their line is not; those are told."""
    lost = []
    for name, edit in list(by_id.items()):
        span = spans[name]
        start = span.start_ms if edit.start_ms is None else edit.start_ms
        end = span.end_ms if edit.end_ms is None else edit.end_ms
        if start < span.end_ms and span.start_ms < end:
            continue
        by_id[name] = rest = replace(edit, start_ms=None, end_ms=None)
        if rest == Edit(name, heard=edit.heard):
            del by_id[name]
        lost.append(f"{name} (its times)")
    return lost


def with_review(
    run: Run, transcript: Transcript, held: Edits, review: Edits, path: Path, *, changed: bool = False
) -> Recalled:
    """The corrections that hold together with those of a review, which go before them.

    Args:
        run: told what of the review, or before it, is lost.
        transcript: before any correction.
        held: the other corrections.
        review: what a review comes to.
        path: of review.json, for messages.
        changed: the film is another version of what was reviewed: times hold where the line lies near them.
    """
    before = change_lines(transcript, held.lines)
    changes, lost = _recall_changes(before, review.lines, changed=changed)
    said = change_lines(before, changes).segments
    texts = {segment.id: segment.text for segment in said}
    of_review: dict[str, Edit] = {}
    lost += _recall(review.edits, texts, of_review)
    if changed:
        lost += _drop_times(of_review, {segment.id: segment.span for segment in said})
    if lost:
        run.warn(
            "review_lost",
            f"the lines of {len(lost)} decisions of {path} are not here any more, or say something else: "
            f"{name_some(lost)}; decide them again",
        )
    joined = {name for change in changes for name in (change.segment, change.other)}
    by_id = {edit.segment: edit for edit in held.edits if edit.segment in texts}
    for name in joined & by_id.keys():  # the words and times of before are of another line
        by_id[name] = Edit(name, voice=by_id[name].voice, voices=by_id[name].voices, heard=texts[name])
    for name, edit in of_review.items():
        by_id[name] = over(edit, by_id.get(name), texts[name])
    return Recalled(Edits(tuple(by_id.values()), (*held.lines, *changes)), tuple(lost))


def _recall(kept: Sequence[Edit], texts: dict[str, str], by_id: dict[str, Edit]) -> list[str]:
    """Put kept corrections to the lines that they are about; returns the ids of those whose line is gone."""
    lost = []
    saying = _saying(texts)
    for edit in kept:
        found = _line_of(edit, texts, saying, by_id)
        if found is None:
            lost.append(edit.segment)
        else:
            by_id[found] = replace(edit, segment=found, heard=texts[found])
    return lost


def _recall_changes(
    transcript: Transcript, kept: Sequence[LineChange], *, changed: bool
) -> tuple[tuple[LineChange, ...], list[str]]:
    """Kept changes of lines as they are about this transcript, and the ids of those whose line is gone, or is not where
    it was split.
    """
    held: list[LineChange] = []
    lost = []
    for change in kept:
        lines = {segment.id: segment for segment in change_lines(transcript, held).segments}
        texts = {name: line.text for name, line in lines.items()}
        found = _line_of(Edit(change.segment, heard=change.heard), texts, _saying(texts), {})
        free = change.other not in texts if change.kind == "split" else change.other in texts
        at = change.at_ms
        beside = found and at is not None and not lines[found].span.start_ms < at < lines[found].span.end_ms
        try:
            if found is None or not free or (changed and beside):
                raise UsageError(f"{change.segment} is not here")
            made = replace(change, segment=found, heard=texts[found])
            change_lines(transcript, [*held, made])
            held.append(made)
        except UsageError:
            lost.append(change.segment)
    return tuple(held), lost


def _line_of(edit: Edit, texts: Mapping[str, str], saying: dict[str, list[str]], taken: dict[str, Edit]) -> str | None:
    """The segment that a kept correction is about: the one of its id, else the only other one that says the same."""
    if edit.segment in texts and (edit.heard is None or plain(texts[edit.segment]) == plain(edit.heard)):
        return edit.segment
    same = [] if edit.heard is None else [name for name in saying.get(plain(edit.heard), ()) if name not in taken]
    return same[0] if len(same) == 1 else None


def _saying(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """What lines say -> their ids."""
    saying: dict[str, list[str]] = {}
    for name, text in texts.items():
        saying.setdefault(plain(text), []).append(name)
    return saying


def plain(text: str) -> str:
    """What a line says, without case and spacing."""
    return " ".join(text.casefold().split())
