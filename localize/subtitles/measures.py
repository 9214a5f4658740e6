"""The measures of a subtitle file, one function each: how many cues were checked, and a finding for each that fails.

Over 400 lines, since each measure is one function beside the others it is read with.

Times are compared with one millisecond of tolerance, because SubRip and WebVTT round to milliseconds.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from ..data import Span
from ..errors import MediaError
from ..language.boundaries import Break, boundary
from ..language.script import characters, has_word_spaces, inside_word, split_words
from ..timedtext.content import to_simple_tags
from ..timedtext.cues import Cue, Document, join_words
from ..timedtext.frames import frame_at
from ..timedtext.srt import SubRip
from ..timedtext.webvtt import WebVtt
from .profiles import Profile
from .style import find_faults as style_faults
from .timing import TimingRules

_NO_FRAMES = Fraction(25)
"""For formats that count none."""
_SYNC_FRAMES = 2
_TOLERANCE_MS = 1
_FADE_MS = 100
"""A voice decays this much longer in a reverberant space, or under music, than its last word lasts."""
_DASHES = ("-", "–", "—", "‐")
_DASHED = re.compile(r"\s*[-–—‐]\s*\S")
# What is not spoken ends like a sentence: [a sound], (a sound), ♪ a song ♪.
_PADDED_TAG = re.compile(r" +(</?[ibu]>) +")
_NOT_SPEECH = re.compile(r"[\])♪]$")


@dataclass(frozen=True, slots=True)
class Finding:
    """One cue that breaks one rule.

    Args:
        cue: counted from 1, in the order of the file.
        line: of the file; 0 where there is none.
        rule: a key of `TARGETS`, or of `style.sources()` for what the measure `style` finds.
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


@dataclass(slots=True)
class Tally:
    """Findings of one rule, and what they are a share of."""

    checked: int = 0
    findings: list[Finding] = field(default_factory=list)
    a_cue: bool = False
    """Cues are counted, and several findings in one are one."""

    @property
    def score(self) -> float | None:
        """Per cent that passed; None where nothing was checked."""
        failed = len({f.cue for f in self.findings if f.measured > f.limit}) if self.a_cue else len(self.findings)
        return round(100.0 * (1 - failed / self.checked), 2) if self.checked else None


def reading_lines(cue: Cue, profile: Profile) -> tuple[str, ...]:
    """The lines that count for reading speed and breaks: of bilingual cues the upper ones."""
    return cue.plain[: profile.lines] if profile.bilingual else cue.plain


def text_length(cue: Cue, profile: Profile) -> float:
    """Characters to read, in the unit of the profile."""
    lines = reading_lines(cue, profile)
    return sum(profile.length(line) for line in lines) if profile.full_width else float(sum(map(characters, lines)))


def _count_words(cue: Cue, profile: Profile) -> int:
    return sum(len(line.split()) for line in reading_lines(cue, profile))


def speed(cue: Cue, profile: Profile) -> float:
    """Characters a second, or words a minute where the profile counts those."""
    seconds = cue.span.length_ms / 1000
    if profile.words_per_minute:
        return _count_words(cue, profile) * 60 / seconds
    return text_length(cue, profile) / seconds


def cps(cues: Sequence[Cue], profile: Profile) -> Tally:
    """Reading speed, in characters a second or words a minute."""
    tally = Tally()
    limit = profile.words_per_minute or profile.cps
    unit = "words a minute" if profile.words_per_minute else "characters a second"
    for number, cue in enumerate(cues, 1):
        length = text_length(cue, profile)
        if not length:
            continue
        tally.checked += 1
        shown = cue.span.length_ms
        words = _count_words(cue, profile) if profile.words_per_minute else 0
        if profile.reading_ms(length, words) > shown + _TOLERANCE_MS:
            said = _count_words(cue, profile) * 60 if profile.words_per_minute else length
            fast = round(said * 1000 / shown, 2) if shown > 0 else 1e9
            detail = f"{fast:g} {unit}, at most {limit:g}"
            tally.findings.append(Finding(number, cue.at_line, "cps", fast, limit, detail))
    return tally


def cpl(cues: Sequence[Cue], profile: Profile) -> Tally:
    """Characters a line."""
    tally = Tally()
    for number, cue in enumerate(cues, 1):
        for line in cue.plain:
            tally.checked += 1
            if (length := profile.length(line)) > profile.chars:
                detail = f"a line of {length:g} characters, at most {profile.chars}"
                tally.findings.append(Finding(number, cue.at_line, "cpl", length, profile.chars, detail))
    return tally


def lines(cues: Sequence[Cue], profile: Profile) -> Tally:
    """Lines a cue, and speakers a line."""
    tally = Tally(checked=len(cues))
    limit = profile.lines * (2 if profile.bilingual else 1)
    for number, cue in enumerate(cues, 1):
        count = len(cue.plain) if cue.text else 0
        if count > limit:
            detail = f"{count} lines, at most {limit}"
            tally.findings.append(Finding(number, cue.at_line, "lines", count, limit, detail))
        elif cue.marks and any(len(cue.voices(row)) > 1 for row in range(len(cue.lines))):
            tally.findings.append(Finding(number, cue.at_line, "lines", 2, 1, "two speakers in one line"))
    return tally


def duration(cues: Sequence[Cue], profile: Profile) -> Tally:
    """How long cues are shown."""
    tally = Tally(checked=len(cues))
    shortest, longest = float(profile.min_duration * 1000), float(profile.max_duration * 1000)
    for number, cue in enumerate(cues, 1):
        length = cue.span.length_ms
        if not shortest - _TOLERANCE_MS <= length <= longest + _TOLERANCE_MS:
            limit = shortest if length < shortest else longest
            detail = f"shown for {length} ms, {'at least' if length < shortest else 'at most'} {limit:.0f}"
            tally.findings.append(Finding(number, cue.at_line, "duration", length, round(limit, 2), detail))
    return tally


def tracks(cues: Sequence[Cue]) -> list[list[int]]:
    """The cues that follow each other at one place of the picture, in order of time, as indices.

    A sign at the top may stand as long as it likes beside dialogue at the bottom.
    """
    found: dict[int, list[int]] = {}
    starts = [cue.span.start_ms for cue in cues]
    for index in sorted(range(len(cues)), key=starts.__getitem__):
        found.setdefault(cues[index].place, []).append(index)
    return list(found.values())


def gap(cues: Sequence[Cue], rules: TimingRules) -> Tally:
    """The gaps between neighbours at one place."""
    found = tracks(cues)
    tally = Tally(checked=sum(len(track) - 1 for track in found))
    frame = float(1000 / rules.rate)
    for first, second in sorted(pair for track in found for pair in pairwise(track)):
        cue, follower = cues[first], cues[second]
        gap = follower.span.start_ms - cue.span.end_ms
        if abs(gap - rules.gap * frame) <= _TOLERANCE_MS or gap >= rules.apart * frame - _TOLERANCE_MS:
            continue
        measured = round(gap / frame, 2)
        what = "overlaps the next cue by" if gap < 0 else "the gap after it is"
        detail = f"{what} {abs(measured):g} frames; allowed are {rules.gap}, and {rules.apart} or more"
        limit = rules.gap if gap < rules.gap * frame else rules.apart
        tally.findings.append(Finding(first + 1, cue.at_line, "gap", measured, limit, detail))
    return tally


def shot(cues: Sequence[Cue], rules: TimingRules) -> Tally:
    """In-times and out-times near cuts."""
    tally = Tally()
    if not rules.cuts:
        return tally
    for number, cue in enumerate(cues, 1):
        start, end = frame_at(cue.span.start_ms, rules.rate), frame_at(cue.span.end_ms, rules.rate)
        for frame, wrong, what in (
            (start, rules.start_breaks_cut(start), "starts"),
            (end, rules.end_breaks_cut(end), "ends"),
        ):
            at = bisect_left(rules.cuts, frame)
            nearest = min(rules.cuts[max(0, at - 1) : at + 1], key=lambda cut: abs(cut - frame))
            if not wrong and abs(nearest - frame) > rules.far + 1:
                continue
            tally.checked += 1
            if wrong:
                away = frame - nearest
                detail = f"{what} {abs(away)} frames {'after' if away > 0 else 'before'} a cut"
                tally.findings.append(Finding(number, cue.at_line, "shot", away, 0, detail))
    return tally


def breaks(cues: Sequence[Cue], language: str, profile: Profile) -> Tally:
    """Line and cue ends inside sentences that part what belongs together."""
    tally = Tally()
    for number, cue in enumerate(cues, 1):
        lines = [line.strip() for line in reading_lines(cue, profile) if line.strip()]
        following = cues[number] if number < len(cues) else None
        after = next((line.strip() for line in following.plain if line.strip()), "") if following else ""
        apart = (
            following is None or following.span.start_ms - cue.span.end_ms > 2000 or following.speaker != cue.speaker
        )
        for left, right in [
            *pairwise(lines),
            *([(lines[-1], after)] if lines and after and not apart else []),
        ]:
            if _DASHED.match(right) or left[-1] in "])♪" or right[:1] in "[(♪":
                continue
            kind = boundary(left.split()[-1], right.split()[0], language)
            # Between cues a sentence often ends without a mark.
            inner = right is not after and not has_word_spaces(language) and kind > Break.CLAUSE
            if inner and inside_word(left, right, language):
                kind = Break.FORBIDDEN
            if kind == Break.SENTENCE:
                continue
            tally.checked += 1
            if kind == Break.FORBIDDEN:
                detail = f"parts {_edge(left, language)!r} from {_edge(right, language, first=True)!r}"
                tally.findings.append(Finding(number, cue.at_line, "break", 1, 0, detail))
    return tally


def style(cues: Sequence[Cue], language: str, profile: Profile) -> Tally:
    """Cues that keep to the style guide of their language."""
    lines = [_tagged_lines(cue) for cue in cues]
    gaps = [following.span.start_ms - cue.span.end_ms for cue, following in pairwise(cues)]
    tally = Tally(checked=len(cues), a_cue=True)
    for at, fault in style_faults(lines, language, profile.chars, gaps):
        tally.findings.append(Finding(at + 1, cues[at].at_line, fault.rule, int(not fault.habit), 0, fault.detail))
    return tally


def _tagged_lines(cue: Cue) -> tuple[str, ...]:
    """The lines with simple tags: SubRip's as they stand in the file, so that an unclosed one is seen; WebVTT shows
    several spaces as one (CSS white-space: pre-line).
    """
    kind = cue.origin.format if cue.origin else ""
    if kind == "srt":
        return tuple(cue.text.split("\n"))
    lines = to_simple_tags(cue.lines, cue.marks).split("\n")
    if kind == "vtt":
        lines = [re.sub(r" +", " ", _PADDED_TAG.sub(r" \1", line)).strip() for line in lines]
    return tuple(lines)


def _edge(line: str, language: str, *, first: bool = False) -> str:
    """The word a line ends or starts with."""
    word = line.split()[0 if first else -1]
    parts = split_words(word, language)
    return parts[0 if first else -1] if parts else word


def sync(cues: Sequence[Cue], rules: TimingRules, speech: Sequence[Span], timed: Sequence[bool] | None = None) -> Tally:
    """In-times against the first word heard, out-times against the last; what the shot table moves is excused.

    Args:
        cues: in order of time.
        rules: the profile's limits in frames, and the cuts.
        speech: when each word of the cues is heard, in order.
        timed: whether it has a time of its own; a cue whose first word has none is not measured by its in-time, one
            whose last word has none not by its out-time, and not at all without both.
    """
    tally = Tally()
    words = list(speech)
    own = list(timed) if timed is not None else [True] * len(words)
    if not any(own):
        return tally
    for number, (cue, mine) in enumerate(zip(cues, words_by_cue(cues, words)), 1):
        if not mine:
            tally.checked += 1
            tally.findings.append(Finding(number, cue.at_line, "sync", 0, 1, "no word is heard while it is shown"))
            continue
        last = max(mine, key=lambda at: words[at].end_ms)
        if not (own[mine[0]] or own[last]):
            continue
        tally.checked += 1
        first = words[mine[0]].start_ms if own[mine[0]] else None
        before = cues[number - 2].span.end_ms if number > 1 else None
        found = _off_words(cue.span, first, words[last].end_ms if own[last] else None, before, rules)
        if found is not None:
            tally.findings.append(Finding(number, cue.at_line, "sync", *found))
    return tally


def _off_words(
    shown: Span, first_ms: int | None, last_ms: int | None, before_ms: int | None, rules: TimingRules
) -> tuple[int, int, str] | None:
    """What is wrong with a cue's times against its words: measured, limit, in words; None where nothing is.

    Args:
        shown: the cue.
        first_ms: when its first word is heard, None where nobody timed it.
        last_ms: when its last word ends, None where nobody timed it.
        before_ms: when the cue before ends.
        rules: the profile's limits.
    """
    frame = float(1000 / rules.rate)
    slack = _SYNC_FRAMES * frame + _TOLERANCE_MS
    start, end = frame_at(shown.start_ms, rules.rate), frame_at(shown.end_ms, rules.rate)
    if first_ms is not None:
        early = shown.start_ms - first_ms
        if abs(early) > slack and not _moved_by_cut(start, frame_at(first_ms, rules.rate), before_ms, rules):
            what = "after its first word is heard" if early > 0 else "before its first word"
            return early, round(slack), f"starts {abs(early)} ms {what}"
    if last_ms is None:
        return None
    late = shown.end_ms - last_ms
    if late > rules.linger_ms + slack:
        return late, rules.linger_ms, f"stays {late} ms after its last word"
    if shown.length_ms >= rules.longest * frame - slack:
        return None
    if late < -slack and not (-late <= (rules.near + rules.gap + 1) * frame and end + rules.gap in rules.cuts):
        return late, 0, f"goes {-late} ms before its last word ends"
    return None


def _moved_by_cut(start: int, first: int, before_ms: int | None, rules: TimingRules) -> bool:
    """Whether the shot table and the gap rule say that a cue heard from frame `first` on starts at frame `start`.

    A cue before it that must end 2 frames before a cut leaves a gap that must close; then the cue starts on the cut.
    """
    if not rules.cuts:
        return False
    if abs(start - rules.start_for_cut(first)) <= 1:
        return True
    closes = before_ms is not None and frame_at(before_ms, rules.rate) + rules.gap == start
    return closes and start in rules.cuts and 0 < first - start <= rules.near


def measure_sync_by_voice(cues: Sequence[Cue], rules: TimingRules, phrases: Sequence[Span]) -> Tally:
    """In-times and out-times against where a voice is heard, for words nobody timed (another language, a file from
    elsewhere): a cue that starts inside a phrase is in step where the cue before showed the phrase's beginning.
    """
    tally = Tally()
    slack = _SYNC_FRAMES * float(1000 / rules.rate) + _TOLERANCE_MS
    heard = sorted(phrases)
    for number, cue in enumerate(cues, 1):
        if all(_NOT_SPEECH.search(line) for line in cue.plain):
            continue
        tally.checked += 1
        before = cues[number - 2].span.end_ms if number > 1 else -1
        after = cues[number].span.start_ms if number < len(cues) else 1 << 60
        found = _out_of_step(cue.span, (before, after), rules, heard, slack)
        if found is not None:
            tally.findings.append(Finding(number, cue.at_line, "sync", *found))
    return tally


def _out_of_step(
    shown: Span, around: tuple[int, int], rules: TimingRules, heard: Sequence[Span], slack: float
) -> tuple[int, int, str] | None:
    """What is wrong with a cue's times: measured, limit, in words; None where nothing is."""
    mine = [p for p in heard if p.end_ms > shown.start_ms + slack and p.start_ms < shown.end_ms - slack]
    if not mine:
        return 0, 1, "no voice is heard while it is shown"
    late = shown.start_ms - mine[0].start_ms
    start, first = frame_at(shown.start_ms, rules.rate), frame_at(mine[0].start_ms, rules.rate)
    if not _moved_by_cut(start, first, around[0], rules):
        if late < -slack:
            return late, round(slack), f"starts {-late} ms before a voice is heard"
        if late > slack and around[0] <= mine[0].start_ms + slack:
            return late, round(slack), f"starts {late} ms after a voice is heard"
    frame = float(1000 / rules.rate)
    over = shown.end_ms - mine[-1].end_ms
    if over > rules.linger_ms + slack:
        return over, rules.linger_ms, f"stays {over} ms after the voice"
    excused = (
        around[1] < mine[-1].end_ms + slack
        or shown.length_ms >= rules.longest * frame - slack
        or (
            frame_at(shown.end_ms, rules.rate) + rules.gap in rules.cuts
            and -over <= (rules.near + rules.gap + 1) * frame
        )
    )
    if over < -slack - _FADE_MS and not excused:
        return over, 0, f"goes {-over} ms before the voice ends"
    return None


def words_by_cue(cues: Sequence[Cue], words: Sequence[Span]) -> Iterator[list[int]]:
    """Indices of the words each cue shows: by their number where it is that of the text, else by the nearness of their
    middles.
    """
    counts = [sum(word not in _DASHES for line in cue.plain for word in line.split()) for cue in cues]
    if sum(counts) == len(words):
        ends = list(accumulate(counts))
        yield from (list(range(end - count, end)) for count, end in zip(counts, ends))
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
                mine.append(at)
            at += 1
        yield mine


def _middle(span: Span) -> int:
    return (span.start_ms + span.end_ms) // 2


def integrity(document: Document, reference: Sequence[str] | None, language: str) -> float | None:
    """Words kept in their order, and cues that come back the same from SubRip and WebVTT."""
    if not document.cues:
        return None
    score = 100.0
    if reference is not None:
        shown = _bare(" ".join(" ".join(cue.plain) for cue in document.cues), language)
        wanted = _bare(" ".join(reference), language)
        score = 100.0 if shown == wanted else round(100.0 * _share_kept(wanted, shown), 2)
    # Those that cannot fail are not tried. With the cue after each: a number in a last line is told from the next cue's
    # number by what follows.
    doubtful = {at for index, cue in enumerate(document.cues) if not _harmless(cue) for at in (index, index + 1)}
    tried = tuple(document.cues[at] for at in sorted(doubtful) if at < len(document.cues))
    return min(score, *(_survives(document, tried, fmt) for fmt in (SubRip(), WebVtt()))) if tried else score


def _survives(document: Document, tried: tuple[Cue, ...], fmt: SubRip | WebVtt) -> float:
    """Per cent of the document's cues that come back from a format, of which some are tried."""
    try:
        again = fmt.read(fmt.write(replace(document, cues=tried, comments=(), opaque=()), _NO_FRAMES)[0], "again").cues
    except MediaError:
        return round(100.0 * (1 - len(tried) / len(document.cues)), 2)
    same = sum((a.span, _speech_frames(a)) == (b.span, _speech_frames(b)) for a, b in zip(tried, again))
    wrong = max(len(tried), len(again)) - same
    return max(0.0, round(100.0 * (1 - wrong / len(document.cues)), 2))


_MARKUP = re.compile(r"[<>&{}\\\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029]|\A\W*\d*\W*\Z")
_HOUR_MS = 3_600_000


def _harmless(cue: Cue) -> bool:
    """Whether there is nothing in a cue that a format could take for something else: no markup, no line that is a
    number or blank, no speaker, times of a film.
    """
    return (
        bool(cue.lines)
        and not cue.speaker
        and 0 <= cue.span.start_ms < cue.span.end_ms < 99 * _HOUR_MS
        and not (cue.marks and any(mark.kind not in ("italic", "bold", "underline") for mark in cue.marks))
        and not any(_MARKUP.search(line) for line in cue.lines)
    )


_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that set the direction of a text, which writers add and nobody sees (UAX #9)."""


def _speech_frames(cue: Cue) -> str:
    return " ".join(" ".join(cue.plain).translate(_DIRECTIONS).split())


def _bare(text: str, language: str) -> list[str]:
    """Words only (characters, where there are no spaces): what a dash or a label adds is no word of the text."""
    words = [re.sub(r"[^\w'’]+", "", word) for word in re.sub(r"\[[^\]]*\]", " ", text).split()]
    return list("".join(words)) if join_words("ab", language) == "ab" else [word for word in words if word]


def _share_kept(wanted: Sequence[str], shown: Sequence[str]) -> float:
    from difflib import SequenceMatcher

    matched = sum(block.size for block in SequenceMatcher(None, wanted, shown, autojunk=False).get_matching_blocks())
    return min(0.9999, matched / max(1, len(wanted), len(shown)))
