"""The corrections that hold for a film: those given now, those that lie in the output folder, and those of a review.

A folder is asked by its name, and another film may have the same: `a/film.mp4` and `b/film.mp4`. What people corrected
in one is never put to the other. A film that was exported anew, cut anew or put into another container is the same
film: what was corrected holds where the line still says what it said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

from ..data import Edits, Transcript
from ..errors import LocalizeError, UsageError
from ..events import Run, name_some
from ..inputs import Inputs, tell_used
from ..job import Job
from ..language.script import has_word_spaces
from ..review import Review, derive_edits, derive_terms, review_path
from ..runtime.files import read_json
from ..subtitles.revised import REQUEST_LIMIT
from ..transcription.edits import kept_edits_path
from ..transcription.recalled_edits import Recalled, plain, recall_edits, with_review

Version = Literal["same", "changed", "other"]
"""What a film is to the one that was dubbed into a folder before: its bytes, its words in other bytes, or neither."""
ALIKE = 0.5
"""Share of the shorter film's runs of words that both have, from which they are one film: two episodes of one series
share a twentieth, the recognition of one film after a coarse encoding nine tenths.
"""
RUN = 3
"""Words of a run: every two films have "yes" and "thank you" in common."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """What people corrected, as it is about one film.

    Args:
        edits: that hold.
        kept: those of them that are kept beside the results: not those of a review, which keeps them itself.
        review: whose decisions hold.
        aside: files of the output folder that hold what is not used, and are renamed when the results are delivered.
    """

    edits: Edits
    kept: Edits
    review: Review | None = None
    aside: tuple[Path, ...] = ()


NOTHING = Corrections(Edits(), Edits())


def corrections_of_film(job: Job, inputs: Inputs, run: Run, sha256: str, transcript: Transcript) -> Corrections:
    """The corrections that hold for a film; says which those of earlier runs are, and which do not fit.

    Args:
        job: the request.
        inputs: its files.
        run: told.
        sha256: of the film.
        transcript: before any correction.

    Raises:
        UsageError: subtitles of another film, which lie in the output folder, are given.
    """
    path, reviewed = kept_edits_path(job.folder, job.name), job.review or review_path(job.folder)
    review, given, kept = inputs.review, inputs.edits, inputs.kept_edits
    earlier = _earlier_lines(job, inputs)
    version = compare_films(_film_of(job), sha256, None if earlier is None else list(earlier.values()), transcript)
    aside: list[Path] = []
    if version == "other":
        _refuse_its_subtitles(job, inputs)
        aside += [path] if kept.edits or kept.lines else []
        aside += [reviewed] if review is not None and job.review is None else []
        _tell_other(run, job, aside)
        review, kept = None if job.review is None else review, Edits()
    changed, unsure = version != "same", list[str]()
    decisions = Edits() if review is None else derive_edits(review)
    if version == "changed" and earlier is not None:
        if inputs.revised is not None:
            given = _saying_what_was_heard(given, inputs.revised, earlier)
        kept, unsure = by_place(kept, earlier, transcript)
        decisions, undecided = by_place(decisions, earlier, transcript)
        unsure += undecided
    held = recall_edits(run, transcript, given, kept, path, changed=changed)
    decided = Recalled(held.edits)
    if review is not None:
        if job.review is None:
            tell_used(run, review, reviewed)
        decided = with_review(run, transcript, held.edits, decisions, reviewed, changed=changed)
    if version == "changed":
        _tell_changed(run, job, decided.edits, (*held.lost, *decided.lost, *unsure))
    if (held.lost or unsure) and path.exists():  # the file that is written is without them
        aside.append(path)
    return Corrections(decided.edits, held.edits, review, tuple(dict.fromkeys(aside)))


def with_corrections(inputs: Inputs, corrections: Corrections) -> Inputs:
    """The files of a request, with the corrections and the review that hold for its film."""
    inputs = replace(inputs, edits=corrections.edits)
    if inputs.review is None or corrections.review is not None:
        return inputs
    terms = derive_terms(inputs.review)
    own = tuple(term for term in inputs.glossary.entries if term not in terms)
    return replace(inputs, review=None, recordings={}, glossary=replace(inputs.glossary, entries=own))


def _refuse_its_subtitles(job: Job, inputs: Inputs) -> None:
    """Refuse subtitles of another film, which were read as corrections of it.

    Raises:
        UsageError: they are given.
    """
    if inputs.revised is not None:
        raise UsageError(
            f"{job.folder} holds results of another film called {job.name}, and subtitles that were delivered with "
            f"them are given for {job.input}: name another folder with -o, in which they count as given words",
            folder=str(job.folder),
        )


def _saying_what_was_heard(given: Edits, revised: Edits, heard: Mapping[str, str]) -> Edits:
    """Corrections given now; those from delivered subtitles with what their lines said, by which they are found."""
    ids = {edit.segment for edit in revised.edits}
    edits = (replace(e, heard=e.heard or heard.get(e.segment)) if e.segment in ids else e for e in given.edits)
    return replace(given, edits=tuple(edits))


def by_place(edits: Edits, earlier: Mapping[str, str], now: Transcript) -> tuple[Edits, list[str]]:
    """Corrections of lines that say what others say too, put to the line with the same place among those: in a film
    that was cut anew, ids count other lines.

    Args:
        edits: of the earlier film.
        earlier: line -> what it said there, in order.
        now: this film, before any correction.

    Returns:
        the corrections, and the ids of those that could be of several lines, which are left out.
    """
    before, after = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for name, text in earlier.items():
        before[plain(text)].append(name)
    for segment in now.segments:
        after[plain(segment.text)].append(segment.id)
    placed, unsure = [], []
    for edit in edits.edits:
        one, other = before[plain(edit.heard or "")], after[plain(edit.heard or "")]
        if edit.heard is None or edit.segment not in one or max(len(one), len(other)) < 2:
            placed.append(edit)
        elif len(one) == len(other):
            placed.append(replace(edit, segment=other[one.index(edit.segment)]))
        else:
            unsure.append(edit.segment)
    return replace(edits, edits=tuple(placed)), unsure


def _tell_other(run: Run, job: Job, aside: Sequence[Path]) -> None:
    what = f"; {name_some(path.name for path in aside)} there: not used for this one, and renamed (.bak)" * bool(aside)
    run.warn(
        "other_film",
        f"{job.folder} holds results of another film called {job.name}, which those of {job.input} replace{what}: to "
        "keep both, give each film a folder of its own with -o",
    )


def _tell_changed(run: Run, job: Job, edits: Edits, lost: Sequence[str]) -> None:
    named = [*(change.segment for change in edits.lines), *(edit.segment for edit in edits.edits)]
    if not named and not lost:
        return
    rest = f", and {len(lost)} corrections do not fit any more: {name_some(lost)}" if lost else ""
    run.warn(
        "film_changed",
        f"{job.input} is not the file that {job.folder} was made of, and says the same words: what was corrected there "
        f"holds for {len(set(named))} lines{rest}; 'localize edits undo {job.folder} --all' takes kept corrections "
        "back, and -o another folder starts without any",
    )


# --- one film or two -------------------------------------------------------------------------------------------------


def compare_films(known: str, sha256: str, earlier: Sequence[str] | None, now: Transcript) -> Version:
    """What a film is to the one of which the results in a folder were made.

    Args:
        known: SHA-256 of that one; "" where nothing tells.
        sha256: of this one.
        earlier: what the lines of that one said before any correction, in order; None where nothing tells.
        now: this one's, before any correction.
    """
    if known == sha256 or (earlier is None and not known):
        return "same"
    if earlier is None:
        return "other"
    spaced = has_word_spaces(now.language)
    one, two = (_words(lines, spaced=spaced) for lines in (earlier, [segment.text for segment in now.segments]))
    size = min(RUN, len(one), len(two))
    if size == 0:
        alike = len(one) == len(two)
    else:
        first, second = (Counter(_runs(words, size)) for words in (one, two))
        alike = (first & second).total() >= ALIKE * min(first.total(), second.total())
    if not alike:
        return "other"
    return "changed" if known else "same"


def _words(lines: Sequence[str], *, spaced: bool) -> list[str]:
    """The words of lines, without case and marks; their characters where no space parts words."""
    text = " ".join(lines).casefold()
    bare = "".join(char if char.isalnum() else " " if spaced else "" for char in text)
    return bare.split() if spaced else list(bare)


def _runs(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(islice(words, start, None) for start in range(size)))


def _film_of(job: Job) -> str:
    """SHA-256 of the film that was dubbed into the output folder; "" where nobody wrote it down."""
    try:
        asked = read_json(job.folder / f"{job.name}.job.json", REQUEST_LIMIT)
    except LocalizeError:
        return ""
    known = asked.get("sha256") if isinstance(asked, dict) else None
    return known if isinstance(known, str) else ""


def _earlier_lines(job: Job, inputs: Inputs) -> dict[str, str] | None:
    """Line -> what it said in the output folder before it was corrected, in order; None where nothing tells."""
    review = inputs.review if job.review is None else None
    begun = {} if review is None else {line.line: line.heard for line in review.lines}
    if inputs.delivered is None:
        return begun or None
    edits = (*inputs.edits.edits, *inputs.kept_edits.edits)
    heard = {**begun, **{edit.segment: edit.heard for edit in edits if edit.heard is not None}}
    return {s.id: heard.get(s.id, s.text) for s in inputs.delivered.sheet.transcript.segments}
