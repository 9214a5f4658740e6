"""The reviews of many titles together: what a season's dubs cost people, and what they said of them."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..delivery.variants import FOLDER as VARIANTS
from ..errors import LocalizeError, UsageError
from ..runtime.files import write_json, write_text
from ..runtime.reading import begins_with
from ..runtime.records import to_json
from ..runtime.spreadsheet import escape_formula
from .figures import ChoiceFigures, LanguageFigures, MarkFigures, ReviewReport, measure
from .log import open_review, review_path

_HEADINGS = ("title", "language", "figure", "category", "severity", "value")
SEASON_HEAD = ",".join(_HEADINGS) + "\n"
_FIGURES = b'{\n "schema": 1,\n "titles": '
"""How the two files of a season begin."""
_COUNTED = tuple(f.name for f in fields(LanguageFigures) if f.name not in ("language", "edit_rate"))


@dataclass(frozen=True, slots=True)
class TitleReview:
    """The review of one title of a season.

    Args:
        folder: where it lies.
        title: what its files are called.
        reviewed: somebody decided something; without that its lines count nowhere.
        figures: of its review; None where it cannot be read.
        error: why not.
    """

    folder: str
    title: str
    reviewed: bool = False
    figures: ReviewReport | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SeasonLanguage(LanguageFigures):
    """One target language over all reviewed titles.

    Args:
        titles: that have a review and this language.
        kept_share: of the machine's words, how many are still said (0 to 1); None where there are none.
        approved_share: of the lines, how many are approved (0 to 1).
    """

    titles: int
    kept_share: float | None
    approved_share: float | None


@dataclass(frozen=True, slots=True)
class SeasonReport:
    """What the reviews of many titles come to; sums and shares are of those titles that somebody reviewed.

    Args:
        titles: each, also those without a review.
        reviewed: how many have one.
        unread: how many have one that cannot be read.
        languages: the figures of each target language over all reviewed titles.
        marks: QC marks, by language, category and severity.
        comments: that hold.
        line_seconds: seconds that people worked on lines.
        worked_lines: lines that the time was spent on.
        comparisons: of variants, by language and pair.
    """

    titles: tuple[TitleReview, ...]
    reviewed: int
    unread: int
    languages: tuple[SeasonLanguage, ...]
    marks: tuple[MarkFigures, ...]
    comments: int
    line_seconds: float
    worked_lines: int
    comparisons: tuple[ChoiceFigures, ...]

    def json(self) -> dict[str, Any]:
        """What `localize review --summary --json` prints of a folder with many titles."""
        return {"schema": 1, **to_json(self)}


def measure_season(folders: Iterable[Path]) -> SeasonReport:
    """The figures of the reviews in many folders; nothing is written.

    Args:
        folders: of one title each.
    """
    return join_titles([measure_title(folder) for folder in folders])


def join_titles(titles: Sequence[TitleReview]) -> SeasonReport:
    """The figures of titles that were measured, together."""
    found = [one.figures for one in titles if one.reviewed and one.figures is not None]
    marks = Counter[tuple[str, str, str]]()
    for mark in (mark for figures in found for mark in figures.marks):
        marks[mark.language, mark.category, mark.severity] += mark.marks
    by_language: dict[str, list[LanguageFigures]] = {}
    for one in (one for figures in found for one in figures.languages):
        by_language.setdefault(one.language, []).append(one)
    return SeasonReport(
        titles=tuple(titles),
        reviewed=len(found),
        unread=sum(one.error is not None for one in titles),
        languages=tuple(_language(name, each) for name, each in sorted(by_language.items())),
        marks=tuple(MarkFigures(*key, count) for key, count in sorted(marks.items())),
        comments=sum(figures.comments for figures in found),
        line_seconds=round(sum(figures.line_seconds for figures in found), 3),
        worked_lines=sum(figures.worked_lines for figures in found),
        comparisons=tuple(_add_choices(figures.comparisons for figures in found)),
    )


def titles_in(folder: Path) -> tuple[Path, ...]:
    """The folders of the titles that lie in a folder, as `localize batch` leaves them; variants are no titles."""
    found = {path.parent for path in folder.rglob("*.master.json")} if folder.is_dir() else set()
    return tuple(sorted(path for path in found if path.parent.name != VARIANTS))


def season_path(report: Path) -> Path:
    """Where the figures of a season lie, beside the report of its batch: `batch.season.json`, its table `.csv`."""
    return report.with_name(f"{report.stem.removesuffix('.report')}.season.json")


def write_season(path: Path, folders: Sequence[Path]) -> SeasonReport:
    """Write the figures of the reviews of many titles, and their table beside them with the suffix ".csv".

    Raises:
        StoreError: the disk is full or cannot be written.
    """
    report = measure_season(folders)
    write_text(path.with_suffix(".csv"), season_table(report))
    write_json(path, report.json())
    return report


def refuse_to_replace_season(path: Path) -> None:
    """Refuse to write the figures of a season in the place of anything but earlier ones.

    Raises:
        UsageError: naming the file.
    """
    for place, beginning in ((path, _FIGURES), (path.with_suffix(".csv"), SEASON_HEAD.encode())):
        if os.path.lexists(place) and not begins_with(place, beginning):
            raise UsageError(f"{place} is of something else, and would be replaced: name another report with --report")


def measure_title(folder: Path) -> TitleReview:
    """The review in one folder."""
    known = sorted(folder.glob("*.master.json"))
    name = known[0].name.removesuffix(".master.json") if known else folder.name
    try:
        figures = measure(open_review(folder), folder)
    except LocalizeError as error:
        wrong = error.message if known or review_path(folder).exists() else None
        return TitleReview(str(folder), name, error=wrong)
    return TitleReview(str(folder), name, figures.version > 0, figures)


def _language(name: str, each: Sequence[LanguageFigures]) -> SeasonLanguage:
    total: dict[str, int] = {field: sum(getattr(one, field) for one in each) for field in _COUNTED}
    return SeasonLanguage(
        language=name,
        edit_rate=_share(total["word_edits"], total["reviewed_words"]),
        titles=len(each),
        kept_share=_share(total["kept_words"], total["machine_words"]),
        approved_share=_share(total["approved"], total["lines"]),
        **total,
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _add_choices(each: Iterable[Sequence[ChoiceFigures]]) -> Iterable[ChoiceFigures]:
    """Comparisons of the same two variants over all titles; speakers of several titles need not be the same people."""
    found: dict[tuple[str, tuple[str, str]], list[ChoiceFigures]] = {}
    for one in (one for several in each for one in several):
        found.setdefault((one.language, one.variants), []).append(one)
    for (language, pair), several in sorted(found.items()):
        speakers: dict[str, Counter[str]] = {}
        for speaker, wins in (item for one in several for item in one.speakers.items()):
            speakers.setdefault(speaker, Counter()).update(wins)
        yield ChoiceFigures(
            language=language,
            variants=pair,
            lines=sum(one.lines for one in several),
            choices=sum(one.choices for one in several),
            blind=sum(one.blind for one in several),
            offered_first=sum(one.offered_first for one in several),
            wins={name: sum(one.wins[name] for one in several) for name in several[0].wins},
            speakers={speaker: dict(wins) for speaker, wins in sorted(speakers.items())},
        )


def season_table(report: SeasonReport) -> str:
    """The figures as CSV, a row each: title ("" for all together), language, figure, category, severity, value."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_HEADINGS)
    for one in report.titles:
        state = "error" if one.error else "reviewed" if one.reviewed else "not reviewed"
        name = escape_formula(one.title)
        table.writerow((name, "", "state", "", "", state))
        if one.reviewed and one.figures is not None:
            table.writerows(_rows(name, one.figures.languages, one.figures.marks, one.figures.comparisons))
    table.writerow(("", "", "reviewed", "", "", report.reviewed))
    table.writerows(_rows("", report.languages, report.marks, report.comparisons))
    return out.getvalue()


def _rows(
    title: str,
    languages: Sequence[LanguageFigures],
    marks: Sequence[MarkFigures],
    comparisons: Sequence[ChoiceFigures],
) -> Iterable[tuple[object, ...]]:
    for one in languages:
        for name, value in to_json(one).items():
            if name != "language":
                yield title, one.language, name, "", "", "" if value is None else value
    for mark in marks:
        yield title, mark.language, "marks", mark.category, mark.severity, mark.marks
    for pair in comparisons:
        for name, count in pair.wins.items():
            yield title, pair.language, f"wins of {name}", " and ".join(pair.variants), "", count
