"""What was made of the resources a client gives: terms kept and missing, lines from memories, converted units."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..data import Conversion, MemoryMatch, Segment, Translation
from ..events import LineFault, Warned, name_some
from ..language.inflection import without_accents
from ..language.tags import main_language
from .glossary import Glossary
from .sentences import join_sentences
from .terms import Found, Term, find_forms


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term in one line.

    Args:
        segment: the line whose source says it.
        status: "used" as the glossary has it, "inflected" in another form, "moved" to another line of its sentence,
            "missing", or "forbidden" where a translation stands that the glossary excludes.
        found: the words that say it, "" where none do.
    """

    segment: str
    status: str
    found: str


@dataclass(frozen=True, slots=True)
class TermUse:
    """How a term of the glossary was translated.

    Args:
        source: the term.
        target: its translation by the glossary.
        keep: it is not to be translated.
        note: what the glossary says of it.
        said: how often the source says it.
        used: how often the translation does, inflected or moved too.
        inflected: form -> how often it stands for the term.
        missing: how often it is missing.
        forbidden: form -> how often it stands there although the glossary excludes it.
        lines: each line whose source says it.
    """

    source: str
    target: str
    keep: bool
    note: str
    said: int
    used: int
    inflected: dict[str, int]
    missing: int
    forbidden: dict[str, int]
    lines: tuple[TermLine, ...]


@dataclass(frozen=True, slots=True)
class ResourcesReport:
    """What became of glossary, translation memories and style sheet.

    Args:
        terms: those that the source says, in the order of the glossary.
        unsaid: how many terms of the glossary the source does not say.
        memory: lines taken from memories, and lines offered.
        converted: measurements that were converted, strong words that were softened.
    """

    terms: tuple[TermUse, ...] = ()
    unsaid: int = 0
    memory: tuple[MemoryMatch, ...] = ()
    converted: tuple[Conversion, ...] = ()


def describe_resources(
    segments: Sequence[Segment],
    translation: Translation,
    shown: Mapping[str, str],
    glossary: Glossary,
    source: str,
) -> ResourcesReport:
    """What became of a client's resources in one language.

    Args:
        segments: of the film, as said.
        translation: of them.
        shown: segment -> the words that were delivered; others are not looked at.
        glossary: the terms for this pair of languages.
        source: the film's language.
    """
    own = [s for s in segments if main_language(s.language or source) == main_language(source)]
    uses = term_uses_of(own, shown, glossary.entries, source, translation.language)
    return ResourcesReport(uses, len(glossary.entries) - len(uses), translation.memory, translation.converted)


def term_uses_of(
    segments: Sequence[Segment], shown: Mapping[str, str], terms: Sequence[Term], source: str, language: str
) -> tuple[TermUse, ...]:
    """How each term was translated that the source says.

    Args:
        segments: of the film, as said.
        shown: segment -> the words of its translation; others are not looked at.
        terms: in the order of the glossary.
        source: the film's language.
        language: of the translation.
    """
    spoken = [s for s in segments if s.id in shown]
    if not spoken or not terms:
        return ()
    neighbours = _neighbours(spoken, source)
    said: dict[int, list[tuple[Segment, int]]] = {}
    by_start = _by_start(terms)
    for segment in spoken:
        for number, times in _said(segment.text, terms, by_start, source).items():
            said.setdefault(number, []).append((segment, times))
    return tuple(
        _use(terms[number], lines, shown, neighbours, language) for number, lines in sorted(said.items())
    )  # fmt: skip


def _said(text: str, terms: Sequence[Term], by_start: Mapping[str, Sequence[int]], language: str) -> Counter[int]:
    """Which terms a text says, by their number, and how often; longer terms before the shorter ones inside them."""
    found: Counter[int] = Counter()
    starts = {_start(word) for word in re.findall(r"\w+", text)}
    likely = {number for start in starts for number in by_start.get(start, ())}
    for number in sorted(likely, key=lambda at: -len(terms[at].source)):
        term = terms[number].source
        for match in sorted(_forms(text, term, language), key=lambda f: -f.start):
            found[number] += 1
            text = text[: match.start] + "\x00" * (match.end - match.start) + text[match.end :]
    return found


def _start(word: str) -> str:
    """Letters with which every form of a word begins."""
    return without_accents(word[:2]).casefold()


def _by_start(terms: Sequence[Term]) -> dict[str, list[int]]:
    """The numbers of the terms by how their first words begin."""
    found: dict[str, list[int]] = {}
    for number, term in enumerate(terms):
        first = re.search(r"\w+", term.source)
        if first is not None:
            found.setdefault(_start(first[0]), []).append(number)
    return found


def _forms(text: str, term: str, language: str) -> list[Found]:
    """Where a text says a term; one in lower case in any case, others as written, so that "Bill" is no bill."""
    return list(find_forms(text, (term,), language, any_case=term.islower()))


def _neighbours(segments: Sequence[Segment], language: str) -> dict[str, tuple[str, ...]]:
    """Segment -> the other segments that one of its sentences is spread over."""
    found: dict[str, set[str]] = {}
    for sentence in join_sentences(segments, main_language(language)):
        ids = {segments[at].id for at, _ in sentence.parts}
        for segment in ids:
            found.setdefault(segment, set()).update(ids - {segment})
    return {segment: tuple(sorted(others)) for segment, others in found.items()}


@dataclass(slots=True)
class _Tally:
    """A term's lines while they are counted."""

    used: int = 0
    missing: int = 0
    inflected: Counter[str] = field(default_factory=Counter)
    forbidden: Counter[str] = field(default_factory=Counter)
    lines: list[TermLine] = field(default_factory=list)


def _use(
    term: Term,
    lines: Sequence[tuple[Segment, int]],
    shown: Mapping[str, str],
    neighbours: Mapping[str, tuple[str, ...]],
    language: str,
) -> TermUse:
    tally = _Tally()
    right = (term.target, *term.variants)
    for segment, times in lines:
        text = shown[segment.id]
        banned = [f.text for word in term.forbidden for f in _forms(text, word, language)]
        here = [(f, "") for f in _right_forms(text, right, language, term)]
        beside = [
            (f, other)
            for other in neighbours.get(segment.id, ())
            for f in _right_forms(shown.get(other, ""), right, language, term)
        ]
        found = [*here, *beside][:times]
        missing = max(0, times - len(found))
        tally.used += len(found)
        tally.missing += missing
        tally.inflected.update(f.text for f, _ in found if not f.exact)
        tally.forbidden.update(banned)
        words = ", ".join(dict.fromkeys(f.text + (f" ({other})" if other else "") for f, other in found))
        tally.lines.append(TermLine(segment.id, _status(found, missing, banned), ", ".join(banned) or words))
    return TermUse(
        term.source, term.target, term.keep, term.note, sum(times for _, times in lines), tally.used,
        dict(tally.inflected), tally.missing, dict(tally.forbidden), tuple(tally.lines),
    )  # fmt: skip


def _right_forms(text: str, right: Sequence[str], language: str, term: Term) -> list[Found]:
    if term.keep:  # as it is, and in no other form
        return [found for found in _forms(text, term.target, language) if found.exact]
    return list(find_forms(text, right, language, any_case=True))


def _status(found: Sequence[tuple[Found, str]], missing: int, banned: Sequence[str]) -> str:
    if banned:
        return "forbidden"
    if missing:
        return "missing"
    if any(other for _, other in found):
        return "moved"
    return "inflected" if any(not f.exact for f, _ in found) else "used"


def adherence_warnings(report: ResourcesReport, warned: Iterable[Warned] = ()) -> list[tuple[str, str]]:
    """Warnings, (code, message), of terms that are missing or excluded; each names its lines.

    Args:
        report: of one language.
        warned: before: a line with a fault about the term is not named again.
    """
    known = [warning.fault for warning in warned if warning.fault is not None]
    found = []
    for use in report.terms:
        missing = [
            line.segment
            for line in use.lines
            if line.status == "missing" and not any(_concerns(fault, line.segment, use.source) for fault in known)
        ]
        if missing:
            message = (
                f"{name_some(missing)}: {use.source!r} is not translated as {use.target!r}: check, and use --edits"
            )
            found.append(("term_missing", message))
        banned = [line for line in use.lines if line.status == "forbidden"]
        if banned:
            words = ", ".join(sorted(use.forbidden))
            named = name_some([line.segment for line in banned])
            message = f"{named}: {words!r} stands for {use.source!r}, and the glossary excludes it"
            found.append(("term_forbidden", message))
    return found


def _concerns(fault: LineFault, segment: str, term: str) -> bool:
    """Whether a fault is about a term in a line."""
    return fault.segment == segment and any(term in value for value in fault.values)
