"""What a review says about the work: lines touched, machine words kept, marks, approvals, time."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..delivery.variants import EQUAL, MAIN, list_variants
from ..runtime.files import write_json, write_text
from ..runtime.records import to_json
from .events import CHANGES, Event
from .log import Review
from .state import ReviewLine, State, replay

REPORT = "review.report.json"
TABLE = "review.report.csv"
LONGEST_PAUSE_S = 300
"""Of two decisions of one person farther apart, the time between is no work on the line."""


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """What became of one target language.

    Args:
        lines: there are.
        touched: lines whose source, words, voice or time are not what the machine made them.
        machine_words: that the dub said when the review began, of all lines whose translation is known.
        kept_words: of those, that are still said, in the same order (words as spaces part them).
        reviewed_words: of the same lines as they stand.
        word_edits: from the machine's to the reviewed text.
        edit_rate: those, over the words of the reviewed text, as HTER has
            it (Snover et al. 2006, "A Study of Translation Edit Rate"), without shifts; None where there are none.
        remade: how often a decision made a line anew, those that were taken back among them.
        remade_again: lines for which that was more than once.
        approved: lines with an approval that holds.
        rejected: lines with a rejection that holds.
        stale: lines whose source words changed and that no person translated: the next run does.
    """

    language: str
    lines: int
    touched: int
    machine_words: int
    kept_words: int
    reviewed_words: int
    word_edits: int
    edit_rate: float | None
    remade: int
    remade_again: int
    approved: int
    rejected: int
    stale: int


@dataclass(frozen=True, slots=True)
class MarkFigures:
    """How many QC marks that hold are of a category and severity; `language` "" where they name none."""

    language: str
    category: str
    severity: str
    marks: int


@dataclass(frozen=True, slots=True)
class ChoiceFigures:
    """How two variants fared against each other: the last choice of each person for each line counts.

    Args:
        language: they are in.
        variants: the two.
        lines: that were compared.
        choices: of all people.
        blind: of these, made without knowing which is which.
        offered_first: of these, that fell on what was offered as A.
        wins: variant -> choices for it, "equal" for those that find neither better.
        speakers: speaker -> the same for his or her lines.
    """

    language: str
    variants: tuple[str, str]
    lines: int
    choices: int
    blind: int
    offered_first: int
    wins: dict[str, int]
    speakers: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """The figures of a review.

    Args:
        title: of the dub.
        version: of the review: how many decisions it holds.
        reviewers: name -> decisions.
        decisions: kind -> how many hold.
        undone: decisions that were taken back.
        languages: by target language.
        marks: QC marks, by language, category and severity.
        comments: that hold.
        line_seconds: seconds that people worked on lines: the time since the same person's last decision, where that
            was at most 300 s before.
        worked_lines: lines that the time was spent on.
        comparisons: of variants, by language and pair.
        choices_gone: choices of which a variant is not there any more: no comparison counts them.
    """

    title: str
    version: int
    reviewers: dict[str, int]
    decisions: dict[str, int]
    undone: int
    languages: tuple[LanguageFigures, ...]
    marks: tuple[MarkFigures, ...]
    comments: int
    line_seconds: float
    worked_lines: int
    comparisons: tuple[ChoiceFigures, ...] = ()
    choices_gone: int = 0

    def json(self) -> dict[str, Any]:
        """The content of review.report.json."""
        return {"schema": 1, **to_json(self)}


def measure(review: Review, folder: Path | None = None) -> ReviewReport:
    """The figures of a review as it stands.

    Args:
        review: of a dub.
        folder: of the dub: choices whose variant is not in it any more are not compared; None compares all.
    """
    state = replay(review.lines, review.events)
    choices = choices_that_hold(review, state)
    there = None if folder is None else {MAIN, *list_variants(folder)}
    compared = choices if there is None else [event for event in choices if there.issuperset(event.between)]
    holding = [e for e in review.events if e.number not in state.undone and e.kind != "undo"]
    decisions = Counter(e.kind for e in holding)
    marks = Counter((e.language, e.category or "", e.severity or "") for e in holding if e.kind == "qc")
    seconds = _seconds(review.events)
    return ReviewReport(
        title=review.title,
        version=review.version,
        reviewers=dict(sorted(Counter(e.who for e in review.events).items())),
        decisions=dict(sorted(decisions.items())),
        undone=len(state.undone),
        languages=tuple(_language(review, state, language) for language in review.languages),
        marks=tuple(MarkFigures(*key, count) for key, count in sorted(marks.items())),
        comments=decisions["comment"],
        line_seconds=round(sum(seconds.values()), 3),
        worked_lines=len(seconds),
        comparisons=tuple(_compare(review, compared)),
        choices_gone=len(choices) - len(compared),
    )


def write_report(folder: Path, review: Review) -> ReviewReport:
    """Write review.report.json and review.report.csv beside review.json.

    Raises:
        StoreError: the disk is full.
    """
    report = measure(review, folder)
    write_json(folder / REPORT, report.json())
    write_text(folder / TABLE, report_table(report))
    return report


def report_table(report: ReviewReport) -> str:
    """The figures as CSV, a row each: language, figure, category, severity, value."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("language", "figure", "category", "severity", "value"))
    for name in ("version", "undone", "comments", "line_seconds", "worked_lines", "choices_gone"):
        table.writerow(("", name, "", "", getattr(report, name)))
    for found in report.languages:
        for name, value in to_json(found).items():
            if name != "language":
                table.writerow((found.language, name, "", "", "" if value is None else value))
    for mark in report.marks:
        table.writerow((mark.language, "marks", mark.category, mark.severity, mark.marks))
    for pair in report.comparisons:
        for speaker, wins in {"": pair.wins, **pair.speakers}.items():
            for variant, count in wins.items():
                figure = f"wins of {variant}" + (f", {speaker}" if speaker else "")
                table.writerow((pair.language, figure, " and ".join(pair.variants), "", count))
    return out.getvalue()


def _language(review: Review, state: State, language: str) -> LanguageFigures:
    lines = state.in_order()
    remade = Counter(_remade(review.events, language))
    pairs = list(_before_and_after(review, lines, language))
    machine = sum(len(before) for before, _ in pairs)
    after = sum(len(words) for _, words in pairs)
    edits = sum(_edits(*pair) for pair in pairs)
    return LanguageFigures(
        language=language,
        lines=len(lines),
        touched=sum(_is_touched(line, language) for line in lines),
        machine_words=machine,
        kept_words=sum(_kept(before, words) for before, words in pairs),
        reviewed_words=after,
        word_edits=edits,
        edit_rate=round(edits / after, 4) if after else None,
        remade=remade.total(),
        remade_again=sum(count > 1 for count in remade.values()),
        approved=sum(language in line.approved for line in lines),
        rejected=sum(language in line.rejected for line in lines),
        stale=sum(line.is_stale(language) for line in lines),
    )


def choices_that_hold(review: Review, state: State) -> list[Event]:
    """The choices between variants that were not taken back, in order."""
    return [event for event in review.events if event.kind == "prefer" and event.number not in state.undone]


def _compare(review: Review, choices: Sequence[Event]) -> Iterable[ChoiceFigures]:
    """The choices between each two variants, the main dub named first."""
    speakers = {line.line: line.speaker for line in review.lines}
    last: dict[tuple[str, tuple[str, str]], dict[tuple[str, str], Event]] = {}
    for event in choices:
        first, second = sorted(event.between, key=lambda name: (name != MAIN, name))
        last.setdefault((event.language, (first, second)), {})[event.who, event.line] = event
    for (language, pair), found in sorted(last.items()):
        names = (*pair, EQUAL)
        told = {speaker: dict.fromkeys(names, 0) for speaker in sorted({_speaker(e, speakers) for e in found.values()})}
        for event in found.values():
            told[_speaker(event, speakers)][event.prefers] += 1
        yield ChoiceFigures(
            language=language,
            variants=pair,
            lines=len({line for _, line in found}),
            choices=len(found),
            blind=sum(event.blind is True for event in found.values()),
            offered_first=sum(event.prefers == event.between[0] for event in found.values()),
            wins={name: sum(wins[name] for wins in told.values()) for name in names},
            speakers=told,
        )


def _speaker(event: Event, speakers: Mapping[str, str]) -> str:
    return speakers.get(re.sub(r"-\d+$", "", event.line), "")


def _is_touched(line: ReviewLine, language: str) -> bool:
    own = language in line.translation and line.translation[language] != line.machine.get(language)
    return own or line.reworded or line.reshaped or line.retimed or bool({"", language} & line.voice.keys())


def _remade(events: Iterable[Event], language: str) -> Iterable[str]:
    return (e.line for e in events if e.kind in CHANGES and e.language in ("", language))


def _before_and_after(
    review: Review, lines: Sequence[ReviewLine], language: str
) -> Iterable[tuple[list[str], list[str]]]:
    """Machine words and words now, of lines and of groups of lines that were split and merged; those whose words are
    not known before the next run are left out.
    """
    before = {line.line: line.translation.get(language, "") for line in review.lines}
    for group in _groups(lines):
        if not any(line.is_stale(language) for line in group):
            origins = dict.fromkeys(origin for line in group for origin in line.origins)
            said = " ".join(before[origin] for origin in origins)
            yield said.split(), " ".join(line.text(language) for line in group).split()


def _groups(lines: Sequence[ReviewLine]) -> list[list[ReviewLine]]:
    """Lines that come from the same ones, together."""
    groups: list[list[ReviewLine]] = []
    by_origin: dict[str, int] = {}
    for line in lines:
        at = next((by_origin[o] for o in line.origins if o in by_origin), len(groups))
        if at == len(groups):
            groups.append([])
        groups[at].append(line)
        by_origin |= dict.fromkeys(line.origins, at)
    return groups


def _edits(before: Sequence[str], after: Sequence[str]) -> int:
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(before, after))


def _kept(before: Sequence[str], after: Sequence[str]) -> int:
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(before, after))


def _seconds(events: Sequence[Event]) -> dict[str, float]:
    """Line -> seconds of work."""
    last: dict[str, datetime] = {}
    found: dict[str, float] = {}
    for event in events:
        at = datetime.fromisoformat(event.at)
        since = (at - last[event.who]).total_seconds() if event.who in last else 0.0
        last[event.who] = at
        if event.line and 0 < since <= LONGEST_PAUSE_S:
            found[event.line] = found.get(event.line, 0.0) + since
    return found
