"""Terms that reviewers add: which lines say them, and whether their translation follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..data import Segment, Span
from ..review import Review, derive_terms, replay
from ..translation.adherence import term_uses_of
from ..translation.terms import Term

BROKEN = ("missing", "forbidden")


def broken_terms(review: Review, said: Mapping[str, str], language: str) -> list[list[str]]:
    """Line, term and translation, of every line that does not follow a term of the review.

    Args:
        review: of the title.
        said: line -> its translation in the dub that was delivered.
        language: of the dub.
    """
    terms = [term for term in derive_terms(review) if term.language == language]
    targets = {term.source: term.target for term in terms}
    uses = _uses(review, said, terms, language)
    return [[line, term, targets[term]] for line, term, status, _ in uses if status in BROKEN]


def check_term(review: Review, said: Mapping[str, str], term: str, target: str, language: str) -> list[dict[str, str]]:
    """Every line whose source says a term, with how its translation says it: "used", "inflected", "moved", "missing" or
    "forbidden", and the words found.

    Args:
        review: of the title.
        said: line -> its translation in the dub that was delivered.
        term: of the source.
        target: what it is to be called.
        language: of the dub.
    """
    wanted = Term(term, target, review.source_language, language, keep=term == target and not term.islower())
    uses = _uses(review, said, [wanted], language)
    return [{"line": line, "status": status, "found": found} for line, _, status, found in uses]


def _uses(
    review: Review, said: Mapping[str, str], terms: Sequence[Term], language: str
) -> Iterator[tuple[str, str, str, str]]:
    """Line, term, status and the words found, of the words as they are decided."""
    if not terms:
        return
    lines = [line for line in replay(review.lines, review.events).in_order() if line.source]
    segments = [Segment(line.line, Span(line.start_ms, line.end_ms), line.speaker, line.source) for line in lines]
    texts = {line.line: line.translation.get(language) or said.get(line.line) or line.text(language) for line in lines}
    shown = {line: text for line, text in texts.items() if text}
    for use in term_uses_of(segments, shown, terms, review.source_language, language):
        for line in use.lines:
            yield line.segment, use.source, line.status, line.found
