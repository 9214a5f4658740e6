"""Approvals: which lines lack one, and their record in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..consent import Home, ledger
from ..data import TargetText, Transcript
from ..errors import QualityError
from ..events import name_some
from ..runtime.files import disk_errors
from .log import Review, open_review, read_delivered, review_path
from .state import replay

LEDGER_KIND = "approval"


def unapproved(review: Review, language: str, said: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The lines without an approval that holds in a target language, in order of time; lines without words need none.

    Args:
        review: of the title.
        language: target.
        said: line -> its words now: an approval of other words does not hold. None where they are not known yet.
    """
    lines = [line for line in replay(review.lines, review.events).in_order() if line.source.strip()]
    missing = []
    for line in lines:
        found = line.approved.get(language)
        other = said is not None and found is not None and not are_same_words(found.text, said.get(line.line, ""))
        if found is None or other or (said is not None and line.line not in said):
            missing.append(line.line)
    known = {line.line for line in lines}
    return (*missing, *(name for name in said or () if name not in known))


def are_same_words(one: str, other: str) -> bool:
    """Whether an approval of one text holds for another: spaces do not count."""
    return one.split() == other.split()


def require_approved(
    review: Review | None,
    languages: Iterable[str],
    said: Mapping[str, Mapping[str, str]] | None = None,
    **details: object,
) -> None:
    """Refuse lines that nobody approved.

    Args:
        review: of the title; None where there is none.
        languages: targets.
        said: target language -> line -> its words now; None where they are not known yet.
        details: of the error.

    Raises:
        QualityError: naming them.
    """
    for language in languages:
        if review is None:
            raise QualityError(
                f"{language}: no line is approved, for there is no review.json: dub without --strict, then approve "
                "the lines with 'localize review'", **details,
            )  # fmt: skip
        missing = unapproved(review, language, None if said is None else said.get(language, {}))
        if missing:
            raise QualityError(
                f"{language}: {len(missing)} of {len(review.lines)} lines are not approved, or changed since: "
                f"{name_some(missing)}; approve them with 'localize review'", **details,
            )  # fmt: skip


def require_approved_folder(folder: Path) -> None:
    """Refuse a delivered folder with lines that nobody approved as they are delivered.

    Raises:
        QualityError: naming them.
        UsageError: it is no delivered folder, or its review.json is none.
    """
    _, master = read_delivered(folder)
    review = open_review(folder) if review_path(folder).exists() else None
    said = delivered_words(master.sheet.transcript, master.targets)
    require_approved(review, said, said)


def delivered_words(transcript: Transcript, targets: Iterable[TargetText]) -> dict[str, dict[str, str]]:
    """Target language -> line -> its words, of every line that has some in the source."""
    spoken = [s.id for s in transcript.segments if s.text.strip()]
    found = {}
    for target in targets:
        texts = target.said
        found[target.translation.language] = {name: texts.get(name, "") for name in spoken}
    return found


def note_approvals(home: Home, review: Review) -> int:
    """Write the approvals that hold into the ledger, each once: title, line, language, who, when, and the words' hash.

    A review is a file that anybody with the folder can write: the ledger says what it said, not who sat there.

    Returns:
        how many were new.

    Raises:
        StoreError: the ledger cannot be written.
    """
    with disk_errors(str(home.ledger)):
        noted = {
            (r.get("line"), r.get("language"), r.get("who"), r.get("decided"))
            for r in ledger.records_of_kind(home, LEDGER_KIND, review.title)
        }
    entries = []
    for line in replay(review.lines, review.events).in_order():
        for language, found in line.approved.items():
            if (line.line, language, found.who, found.at) not in noted:
                digest = hashlib.sha256(found.text.encode()).hexdigest()
                fields = {
                    "title": review.title, "line": line.line, "language": language, "who": found.who,
                    "decided": found.at, "words_sha256": digest,
                }  # fmt: skip
                entries.append((LEDGER_KIND, fields))
    if entries:
        ledger.append_all(home, entries)
    return len(entries)
