"""Measure a subtitle file against a profile: a score table, and one finding for every cue that breaks a rule.

The measures and their targets are those of the project's subtitle specification; times are compared with one
millisecond of tolerance, because SubRip and WebVTT round to milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from ..data import Span
from ..errors import MediaError
from . import srt, webvtt
from .cues import Cue, Document, Remark, joined
from .grammar import Break, boundary
from .profiles import Profile
from .timing import Ask, Rules, frame_at, schedule

TARGETS = {
    "cps": 98.0,
    "cpl": 100.0,
    "lines": 100.0,
    "duration": 99.0,
    "gap": 100.0,
    "shot": 95.0,
    "break": 95.0,
    "sync": 95.0,
    "integrity": 100.0,
    "all_pass": 95.0,
}
"""Per cent that a file must reach to conform, by measure."""

_SYNC_FRAMES = 2
_TOLERANCE_MS = 1
_DASHED = re.compile(r"\s*[-–—‐]\s*\S")
# What is not spoken ends like a sentence: [a sound], (a sound), ♪ a song ♪.
_NOT_SPEECH = re.compile(r"[\])♪]$")


@dataclass(frozen=True, slots=True)
class Finding:
    """One cue that breaks one rule.

    Args:
        cue: counted from 1, in the order of the file.
        line: of the file; 0 where there is none.
        rule: a key of `TARGETS`.
        measured: what it is, in the rule's unit (characters a second, characters, frames, milliseconds …).
        limit: what it may be.
        detail: the same for a person.
    """

    cue: int
    line: int
    rule: str
    measured: float
    limit: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What `lint` found.

    Args:
        profile: the profile's name.
        score: per cent by measure, None where nothing could be measured; also `cues` and `cps_p95`.
        findings: in the order of the cues.
    """

    profile: str
    score: dict[str, float | None]
    findings: tuple[Finding, ...]

    @property
    def conforms(self) -> bool:
        """Whether every measure reaches its target."""
        for rule, target in TARGETS.items():
            value = self.score.get(rule)
            if value is not None and value < target:
                return False
        return True

    def to_json(self, document: Document, source: str) -> dict[str, Any]:
        """What `localize lint --json` prints (DESIGN.md section 6.1).

        Args:
            document: what was measured.
            source: the file as the user named it.
        """
        return {
            "schema": 1,
            "input": source,
            "format": document.format,
            "profile": self.profile,
            "conforms": self.conforms,
            "score": self.score,
            "warnings": [{"code": w.code, "message": w.message, "line": w.line} for w in document.warnings],
            "findings": [
                {
                    "cue": f.cue,
                    "line": f.line,
                    "rule": f.rule,
                    "measured": f.measured,
                    "limit": f.limit,
                    "detail": f.detail,
                }
                for f in self.findings
            ],
            "cues": document.cues_json(),
        }

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """The score table for a terminal: measure, value, target."""
        for rule, target in TARGETS.items():
            value = self.score.get(rule)
            yield (
                rule.replace("_", "-"),
                "not measured" if value is None else f"{value:.1f} %",
                f">= {target:g} %",
            )


@dataclass(slots=True)
class _Tally:
    """Findings of one rule, and what they are a share of."""

    checked: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def score(self) -> float | None:
        return round(100.0 * (1 - len(self.findings) / self.checked), 2) if self.checked else None


def lint(
    document: Document,
    profile: Profile,
    language: str,
    frame_rate: Fraction,
    shots: Sequence[int] = (),
    *,
    speech: Sequence[Span] | None = None,
    reference: Sequence[str] | None = None,
) -> Report:
    """Measure a document.

    Args:
        document: the cues.
        profile: the limits.
        language: BCP 47 tag of the text, for the forbidden splits.
        frame_rate: of the video.
        shots: cut times in milliseconds; without them `shot` is not measured.
        speech: the spans of the spoken words, in order; without them `sync` is not measured.
        reference: the words that must all be shown, in order; without them `integrity` means that the cues survive being
            written and read.
    """
    rules = Rules.of(profile, frame_rate, shots)
    cues = document.cues
    tallies = {
        "cps": _cps(cues, profile),
        "cpl": _cpl(cues, profile),
        "lines": _lines(cues, profile),
        "duration": _duration(cues, profile),
        "gap": _gap(cues, rules),
        "shot": _shot(cues, rules),
        "break": _break(cues, language, profile),
        "sync": _sync(cues, rules, speech) if speech is not None else _Tally(),
    }
    score: dict[str, float | None] = {rule: tally.score for rule, tally in tallies.items()}
    score["integrity"] = _integrity(document, reference, language)
    findings = sorted((f for tally in tallies.values() for f in tally.findings), key=lambda f: f.cue)
    failed = {finding.cue for finding in findings}
    score["all_pass"] = round(100.0 * (1 - len(failed) / len(cues)), 2) if cues else None
    speeds = sorted(_speed(cue, profile) for cue in cues if cue.span.length_ms > 0)
    score["cps_p95"] = round(speeds[min(len(speeds) - 1, int(len(speeds) * 0.95))], 2) if speeds else None
    score["cues"] = len(cues)
    return Report(profile.name, score, tuple(findings))


# --- the rules -------------------------------------------------------------------------------------------------------


def _read(cue: Cue, profile: Profile) -> tuple[str, ...]:
    """The lines whose speed and breaks count: of bilingual cues those above."""
    return cue.plain[: profile.lines] if profile.bilingual else cue.plain


def _size(cue: Cue, profile: Profile) -> float:
    lines = _read(cue, profile)
    return sum(profile.length(line) for line in lines) if profile.full_width else float(sum(map(len, lines)))


def _speed(cue: Cue, profile: Profile) -> float:
    seconds = cue.span.length_ms / 1000
    if profile.words_per_minute:
        return sum(len(line.split()) for line in _read(cue, profile)) * 60 / seconds
    return _size(cue, profile) / seconds


def _cps(cues: Sequence[Cue], profile: Profile) -> _Tally:
    tally = _Tally()
    limit = profile.words_per_minute or profile.cps
    unit = "words a minute" if profile.words_per_minute else "characters a second"
    for number, cue in enumerate(cues, 1):
        size = _size(cue, profile)
        if not size:
            continue
        tally.checked += 1
        length = cue.span.length_ms
        words = sum(len(line.split()) for line in _read(cue, profile))
        if profile.reading_ms(size, words) > length + _TOLERANCE_MS:
            speed = round(_speed(cue, profile), 2) if length > 0 else 1e9
            tally.findings.append(
                Finding(number, cue.at_line, "cps", speed, limit, f"{speed:g} {unit}, at most {limit:g}")
            )
    return tally


def _cpl(cues: Sequence[Cue], profile: Profile) -> _Tally:
    tally = _Tally()
    for number, cue in enumerate(cues, 1):
        for line in cue.plain:
            tally.checked += 1
            if (length := profile.length(line)) > profile.chars:
                detail = f"a line of {length:g} characters, at most {profile.chars}"
                tally.findings.append(Finding(number, cue.at_line, "cpl", length, profile.chars, detail))
    return tally


def _lines(cues: Sequence[Cue], profile: Profile) -> _Tally:
    tally = _Tally(checked=len(cues))
    limit = profile.lines * (2 if profile.bilingual else 1)
    for number, cue in enumerate(cues, 1):
        count = len(cue.plain) if cue.text else 0
        if count > limit:
            detail = f"{count} lines, at most {limit}"
            tally.findings.append(Finding(number, cue.at_line, "lines", count, limit, detail))
        elif cue.webvtt and any(line.count("<v") > 1 for line in cue.lines):
            tally.findings.append(Finding(number, cue.at_line, "lines", 2, 1, "two speakers in one line"))
    return tally


def _duration(cues: Sequence[Cue], profile: Profile) -> _Tally:
    tally = _Tally(checked=len(cues))
    shortest, longest = float(profile.min_duration * 1000), float(profile.max_duration * 1000)
    for number, cue in enumerate(cues, 1):
        length = cue.span.length_ms
        if not shortest - _TOLERANCE_MS <= length <= longest + _TOLERANCE_MS:
            limit = shortest if length < shortest else longest
            detail = f"shown for {length} ms, {'at least' if length < shortest else 'at most'} {limit:.0f}"
            tally.findings.append(Finding(number, cue.at_line, "duration", length, round(limit, 2), detail))
    return tally


def _gap(cues: Sequence[Cue], rules: Rules) -> _Tally:
    tally = _Tally(checked=max(0, len(cues) - 1))
    frame = float(1000 / rules.rate)
    for number, (cue, follower) in enumerate(pairwise(cues), 1):
        gap = follower.span.start_ms - cue.span.end_ms
        if abs(gap - rules.gap * frame) <= _TOLERANCE_MS or gap >= rules.apart * frame - _TOLERANCE_MS:
            continue
        measured = round(gap / frame, 2)
        what = "overlaps the next cue by" if gap < 0 else "the gap after it is"
        detail = f"{what} {abs(measured):g} frames; allowed are {rules.gap}, and {rules.apart} or more"
        tally.findings.append(
            Finding(
                number,
                cue.at_line,
                "gap",
                measured,
                rules.gap if gap < rules.gap * frame else rules.apart,
                detail,
            )
        )
    return tally


def _shot(cues: Sequence[Cue], rules: Rules) -> _Tally:
    tally = _Tally()
    if not rules.cuts:
        return tally
    for number, cue in enumerate(cues, 1):
        start, end = frame_at(cue.span.start_ms, rules.rate), frame_at(cue.span.end_ms, rules.rate)
        for frame, wrong, what in (
            (start, rules.start_breaks_cut(start), "starts"),
            (end, rules.end_breaks_cut(end), "ends"),
        ):
            nearest = min(rules.cuts, key=lambda cut: abs(cut - frame))
            if not wrong and abs(nearest - frame) > rules.far + 1:
                continue
            tally.checked += 1
            if wrong:
                away = frame - nearest
                detail = f"{what} {abs(away)} frames {'after' if away > 0 else 'before'} a cut"
                tally.findings.append(Finding(number, cue.at_line, "shot", away, 0, detail))
    return tally


def _break(cues: Sequence[Cue], language: str, profile: Profile) -> _Tally:
    tally = _Tally()
    for number, cue in enumerate(cues, 1):
        lines = [line.strip() for line in _read(cue, profile) if line.strip()]
        following = cues[number] if number < len(cues) else None
        after = next((line.strip() for line in following.plain if line.strip()), "") if following else ""
        apart = (
            following is None
            or following.span.start_ms - cue.span.end_ms > 2000
            or following.speaker != cue.speaker
        )
        for left, right in [
            *pairwise(lines),
            *([(lines[-1], after)] if lines and after and not apart else []),
        ]:
            if _DASHED.match(right) or _NOT_SPEECH.search(left) or right[:1] in "[(♪":
                continue
            kind = (
                boundary(left.split()[-1], right.split()[0], language)
                if " " in left + right or language[:2] not in ("ja", "zh")
                else boundary(left[-1], right[0], language)
            )
            if kind == Break.SENTENCE:
                continue
            tally.checked += 1
            if kind == Break.FORBIDDEN:
                detail = f"parts {left.split()[-1]!r} from {right.split()[0]!r}"
                tally.findings.append(Finding(number, cue.at_line, "break", 1, 0, detail))
    return tally


def _sync(cues: Sequence[Cue], rules: Rules, speech: Sequence[Span]) -> _Tally:
    """In-times against the first word heard, out-times against the last; what the shot table moves is excused."""
    tally = _Tally(checked=len(cues))
    words = list(speech)
    frame = float(1000 / rules.rate)
    slack = _SYNC_FRAMES * frame + _TOLERANCE_MS
    for number, (cue, mine) in enumerate(zip(cues, _shared_out(cues, words)), 1):
        if not mine:
            tally.findings.append(
                Finding(number, cue.at_line, "sync", 0, 1, "no word is heard while it is shown")
            )
            continue
        early = cue.span.start_ms - mine[0].start_ms
        late = cue.span.end_ms - max(word.end_ms for word in mine)
        start, end = frame_at(cue.span.start_ms, rules.rate), frame_at(cue.span.end_ms, rules.rate)
        first = frame_at(mine[0].start_ms, rules.rate)
        if abs(early) > slack and (not rules.cuts or abs(start - rules.start_for_cut(first)) > 1):
            detail = (
                f"starts {early} ms after its first word is heard"
                if early > 0
                else f"starts {-early} ms before its first word"
            )
            tally.findings.append(Finding(number, cue.at_line, "sync", early, round(slack), detail))
        elif late > rules.linger_ms + slack:
            detail = f"stays {late} ms after its last word"
            tally.findings.append(Finding(number, cue.at_line, "sync", late, rules.linger_ms, detail))
        elif cue.span.length_ms >= rules.longest * frame - slack:
            continue
        elif late < -slack and not (
            -late <= (rules.near + rules.gap + 1) * frame and end + rules.gap in rules.cuts
        ):
            tally.findings.append(
                Finding(number, cue.at_line, "sync", late, 0, f"goes {-late} ms before its last word ends")
            )
    return tally


def _shared_out(cues: Sequence[Cue], words: Sequence[Span]) -> Iterator[list[Span]]:
    """The words each cue shows: by their number where it is that of the text, else by the nearness of their middles."""
    counts = [sum(len(line.split()) for line in cue.plain) for cue in cues]
    if sum(counts) == len(words):
        ends = list(accumulate(counts))
        yield from (list(words[end - count : end]) for count, end in zip(counts, ends))
        return
    at = 0
    for number, cue in enumerate(cues, 1):
        until = cue.span.end_ms + 1000
        if number < len(cues):
            follower = cues[number].span.start_ms
            until = min(until, max((cue.span.end_ms + follower) // 2, follower - 500))
        since = cue.span.start_ms - 500
        mine = []
        while at < len(words) and _middle(words[at]) < until:
            if _middle(words[at]) >= since:
                mine.append(words[at])
            at += 1
        yield mine


def _middle(span: Span) -> int:
    return (span.start_ms + span.end_ms) // 2


def _integrity(document: Document, reference: Sequence[str] | None, language: str) -> float | None:
    """Words kept in their order, and cues that come back the same from SubRip and WebVTT."""
    if not document.cues:
        return None
    score = 100.0
    if reference is not None:
        shown = _bare(" ".join(" ".join(cue.plain) for cue in document.cues), language)
        wanted = _bare(" ".join(reference), language)
        score = 100.0 if shown == wanted else round(100.0 * _kept(wanted, shown), 2)
    texts: tuple[tuple[Callable[[Document], tuple[str, Any]], Callable[[str, str], Document]], ...] = (
        (srt.render, srt.parse),
        (webvtt.render, webvtt.parse),
    )
    for render, parse in texts:
        try:
            again = parse(render(document)[0], "again").cues
        except MediaError:
            return 0.0
        want = [(cue.span, _spoken(cue)) for cue in document.cues]
        same = sum(a == b for a, b in zip(want, [(cue.span, _spoken(cue)) for cue in again]))
        score = min(score, round(100.0 * same / max(len(want), len(again)), 2))
    return score


def _spoken(cue: Cue) -> str:
    return " ".join(" ".join(cue.plain).split())


def _bare(text: str, language: str) -> list[str]:
    """Words only (characters, where there are no spaces): what a dash or a label adds is no word of the text."""
    words = [re.sub(r"[^\w'’]+", "", word) for word in re.sub(r"\[[^\]]*\]", " ", text).split()]
    return list("".join(words)) if joined("ab", language) == "ab" else [word for word in words if word]


def _kept(wanted: Sequence[str], shown: Sequence[str]) -> float:
    from difflib import SequenceMatcher

    matched = sum(
        block.size for block in SequenceMatcher(None, wanted, shown, autojunk=False).get_matching_blocks()
    )
    return min(0.9999, matched / max(1, len(wanted), len(shown)))


# --- mending ---------------------------------------------------------------------------------------------------------


def fix(
    document: Document, profile: Profile, language: str, frame_rate: Fraction, shots: Sequence[int] = ()
) -> tuple[Document, tuple[Remark, ...]]:
    """Mend what is mechanical: order, overlaps, gaps, frames, cuts, lines that are too long or too many.

    No word is changed. A cue's span is taken as the time it is heard, so out-times move later by no more than the
    profile lets a cue linger, and earlier only where another cue or a cut asks for it.

    Returns:
        the document, and a remark for every cue that changed.
    """
    from .segment import rewrapped

    order = sorted(range(len(document.cues)), key=lambda i: (document.cues[i].span.start_ms, i))
    cues = [document.cues[i] for i in order]
    asks = [
        Ask(
            Span(max(0, cue.span.start_ms), max(cue.span.start_ms + 1, cue.span.end_ms, 1)),
            profile.reading_ms(_size(cue, profile), sum(len(line.split()) for line in cue.plain)),
        )
        for cue in cues
    ]
    remarks = []
    fixed = []
    for number, (cue, span) in enumerate(zip(cues, schedule(asks, profile, frame_rate, shots)), 1):
        lines = cue.lines
        # Markup is kept out of harm's way: only plain lines are broken anew.
        if cue.plain == cue.lines and (
            len(lines) > profile.lines or any(profile.length(line) > profile.chars for line in lines)
        ):
            lines = rewrapped(cue.lines, language, profile) or lines
        if lines != cue.lines:
            remarks.append(Remark("lines", f"cue {number}: its lines were broken anew", cue.at_line))
        if span != cue.span:
            remarks.append(
                Remark(
                    "timing",
                    f"cue {number}: {cue.span.start_ms}-{cue.span.end_ms} ms became {span.start_ms}-{span.end_ms} ms",
                    cue.at_line,
                )
            )
        fixed.append(replace(cue, span=span, lines=lines))
    if order != sorted(order):
        remarks.append(Remark("order", "the cues were put in order of time"))
    return replace(document, cues=tuple(fixed), warnings=()), tuple(remarks)
