"""The review of a dub: what people decide about its lines, and what comes of it.

`review.json` in the delivered folder is the one model: an append-only list of events (`events.py`) over the lines as
they were when the review began (`log.py`). Everything else is derived from it: the lines as they stand (`state.py`),
corrections for the pipeline (`decided.py`), figures (`figures.py`).
"""

from .approval import (
    are_same_words,
    delivered_words,
    note_approvals,
    require_approved,
    require_approved_folder,
    unapproved,
)
from .decided import derive_cue_edits, derive_edits, derive_terms
from .events import FIELDS, Event, read_draft
from .figures import ReviewReport, measure, write_report
from .log import Review, append, open_review, read_review, review_path
from .state import MachineLine, ReviewLine, State, Verdict, replay
from .takes import keep_take, read_takes, takes_folder

__all__ = [
    "FIELDS",
    "Event",
    "MachineLine",
    "Review",
    "ReviewLine",
    "ReviewReport",
    "State",
    "Verdict",
    "append",
    "are_same_words",
    "delivered_words",
    "derive_cue_edits",
    "derive_edits",
    "derive_terms",
    "keep_take",
    "measure",
    "note_approvals",
    "open_review",
    "read_draft",
    "read_review",
    "read_takes",
    "replay",
    "require_approved",
    "require_approved_folder",
    "review_path",
    "takes_folder",
    "unapproved",
    "write_report",
]
