"""The decisions of a review as the page shows them: each line as it should be, and whether the dub is so yet."""

from __future__ import annotations

from typing import Any

from ..data import ORIGINAL, Segment
from ..review import Review, ReviewLine, Verdict, are_same_words, replay
from ..review.events import CHANGES
from .dub_folder import ReviewedDub
from .terms import broken_terms

REFINED_MS = 250
"""How far the edges of a given line may be moved to where it is heard, and a little more."""


def decisions_json(review: Review, dub: ReviewedDub, language: str) -> dict[str, Any]:
    """A review for the page: its events, what was taken back, and each line as it should be."""
    state = replay(review.lines, review.events)
    delivered = {segment.id: segment for segment in dub.master.sheet.transcript.segments}
    said, voices = dub.said(language), dub.voices(language)
    recorded, guided = dub.recorded(language), dub.guided(language)
    touched = {event.line for event in review.events if event.kind in CHANGES}
    return {
        "terms": broken_terms(review, said, language),
        "version": review.version,
        "events": [event.json() for event in review.events],
        "undone": sorted(state.undone),
        "lines": [
            _decided_json(
                line,
                delivered.get(line.line),
                said.get(line.line),
                voices.get(line.line),
                recorded.get(line.line, ""),
                guided.get(line.line, ""),
                language,
                touched=line.line in touched,
            )
            for line in state.in_order()
        ],
    }


def _decided_json(
    line: ReviewLine,
    delivered: Segment | None,
    said: str | None,
    voice: str | None,
    recorded: str,
    guided: str,
    language: str,
    *,
    touched: bool,
) -> dict[str, Any]:
    """A line as it stands; `pending` where the dub that was delivered is not so yet; approved where the words are those
    that were approved: another run may have brought others.

    Args:
        line: as decided.
        delivered: the same in the dub; None where it has no such line.
        said: its translation in the dub.
        voice: that speaks it in the dub.
        recorded: SHA-256 of the recording that is heard in the dub, or "".
        guided: SHA-256 of the reading that its voice follows in the dub, or "".
        language: of the dub.
        touched: somebody changed it once; what else differs comes of another run, and is as delivered.
    """
    wanted, own = line.chosen_voice(language), line.takes.get(language)
    take, guide = own.file if own else "", line.guides.get(language, "")
    stale = line.is_stale(language)
    untold = delivered is None or (line.reworded and delivered.text != line.source)
    text = said if said is not None and not untold and (stale or not touched) else line.text(language)
    approved = line.approved.get(language)
    pending = (
        untold
        or (said is not None and text != said)
        or (wanted not in ("", voice or ORIGINAL))
        or (take != recorded and (touched or bool(take)))
        or (guide != guided and (touched or bool(guide)))
        or (line.retimed and delivered is not None and _moved(line, delivered) > REFINED_MS)
    )
    return {
        "id": line.line,
        "speaker": line.speaker,
        "start_ms": line.start_ms,
        "end_ms": line.end_ms,
        "source": line.source,
        "text": "" if wanted == ORIGINAL else text,
        "stale": stale and untold,
        "voice": wanted,
        "take": take,
        "guide": guide,
        "retimed": line.retimed,
        "written": {tag: len(words.split()) for tag, words in line.translation.items()},
        "pending": pending,
        "approved": _verdict(approved if approved is not None and are_same_words(approved.text, text) else None),
        "rejected": _verdict(line.rejected.get(language)),
        "comments": list(line.comments),
        "marks": list(line.marks),
    }


def _moved(line: ReviewLine, delivered: Segment) -> int:
    """By how many ms an edge of a line is from where it was delivered."""
    return max(abs(line.start_ms - delivered.span.start_ms), abs(line.end_ms - delivered.span.end_ms))


def _verdict(found: Verdict | None) -> dict[str, Any] | None:
    return None if found is None else {"who": found.who, "at": found.at}
