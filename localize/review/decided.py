"""What a review comes to for the pipeline: corrections in the form of `--edits`, changed cues, terms."""

from __future__ import annotations

from ..data import Edit, Edits
from ..subtitles.cue_edits import CueEdit
from ..translation.terms import Term
from .log import Review
from .state import ReviewLine, replay


def derive_edits(review: Review) -> Edits:
    """The corrections that hold, in the order of the lines; what `--edits` would be given to the same effect."""
    state = replay(review.lines, review.events)
    found = (_edit(line) for line in state.in_order())
    return Edits(tuple(edit for edit in found if edit is not None), tuple(state.changes))


def derive_cue_edits(review: Review | None) -> tuple[CueEdit, ...]:
    """The changes of cues that hold, in the order they were made."""
    if review is None:
        return ()
    return tuple(
        CueEdit(e.language, e.profile, e.before, e.after, e.number, e.who)
        for e in replay(review.lines, review.events).cue_edits
    )


def derive_terms(review: Review | None) -> tuple[Term, ...]:
    """The terms that hold; of several for one the last."""
    if review is None:
        return ()
    terms = {
        (e.language, e.term): Term(
            e.term, e.text or "", review.source_language, e.language, keep=e.term == e.text and not e.term.islower()
        )
        for e in replay(review.lines, review.events).terms
    }
    return tuple(terms.values())


def _edit(line: ReviewLine) -> Edit | None:
    """What is to be changed of a line; None for nothing. Of one that was split or merged all is said, so that nothing
    depends on how the words lie in another run.
    """
    timed, worded = line.retimed or line.reshaped, line.reworded or line.reshaped
    if not (timed or worded or line.translation or line.voice or line.takes or line.guides):
        return None
    return Edit(
        line.line,
        line.source if worded else None,
        dict(line.translation),
        line.voice.get(""),
        line.start_ms if timed else None,
        line.end_ms if timed else None,
        line.heard,
        {language: line.chosen_voice(language) for language in (*line.voice, *line.takes) if language},
        {language: take.file for language, take in line.takes.items()},
        dict(line.guides),
    )
