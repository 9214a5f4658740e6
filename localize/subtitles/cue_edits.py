"""Cues that a person changed in delivered subtitles, laid over the cues that a profile makes.

An edit names the cues that were seen, and what they become. It is found again by their words, near where they stood: so
it holds when the dub is made again, cues were cut elsewhere, or a line is heard a little earlier. Where the words are
others it has no place any more: it is left out, and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..data import Span
from ..timedtext.cues import Cue
from ..timedtext.frames import frame_at, time_of
from . import score
from .caption import RenderedSubtitles, have_own_time
from .measures import words_by_cue
from .words import SOUND

NEAR_MS = 3000
"""How far the words of an edit may have moved: farther off, the same words are another line."""


@dataclass(frozen=True, slots=True)
class ShownCue:
    """A cue as it is read: when, and its lines."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CueEdit:
    """A person's change of cues that stand one after the other.

    Args:
        language: of the subtitles.
        profile: label of the profile that made them, as in file names.
        before: the cues that were seen.
        after: what they are from now on.
        number: of the decision, for messages.
        who: decided it.
    """

    language: str
    profile: str
    before: tuple[ShownCue, ...]
    after: tuple[ShownCue, ...]
    number: int = 0
    who: str = ""


def edit_cues(
    found: RenderedSubtitles, edits: Sequence[CueEdit], shots: Sequence[int] = ()
) -> tuple[RenderedSubtitles, tuple[CueEdit, ...]]:
    """Subtitles with a person's changes, measured anew.

    Args:
        found: as the profile makes them.
        edits: of their language and profile, in the order they were made.
        shots: cut times in milliseconds.

    Returns:
        the subtitles, and the edits that have no place in them any more: of cues that kept a given file's form, all.
    """
    if not edits:
        return found, ()
    if found.mode == "template":
        return found, tuple(edits)
    cues, lost = list(found.document.cues), []
    for edit in edits:
        made = _changed(cues, edit, found)
        if made is None:
            lost.append(edit)
        else:
            cues = made
    if len(lost) == len(edits):
        return found, tuple(lost)
    return _measured(found, tuple(cues), shots), tuple(lost)


def shown(cue: Cue) -> ShownCue:
    """A cue as an edit names it."""
    return ShownCue(cue.span.start_ms, cue.span.end_ms, cue.plain)


def _changed(cues: list[Cue], edit: CueEdit, found: RenderedSubtitles) -> list[Cue] | None:
    """The cues after one edit; None where it has no place."""
    place = _find(cues, edit.before)
    if place is None:
        return None
    first, end = place
    seen = cues[first:end]
    by = seen[0].span.start_ms - edit.before[0].start_ms
    low = cues[first - 1].span.end_ms if first else 0
    high = cues[end].span.start_ms if end < len(cues) else None
    sources = tuple(dict.fromkeys(source for cue in seen for source in cue.sources))
    made = []
    for number, cue in enumerate(edit.after):
        span = _moved(cue, by, found) if by else Span(cue.start_ms, cue.end_ms)
        if by:  # where it stood is not known to be free
            span = Span(max(low, span.start_ms), span.end_ms if high is None else min(high, span.end_ms))
        if span.length_ms <= 0:
            return None
        like = seen[min(number, len(seen) - 1)]
        marks = like.marks if like.lines == cue.lines else ()
        made.append(replace(like, span=span, lines=cue.lines, marks=marks, sources=sources, origin=None))
        low = span.end_ms
    return [*cues[:first], *made, *cues[end:]]


def _moved(cue: ShownCue, by: int, found: RenderedSubtitles) -> Span:
    start, end = (
        time_of(frame_at(max(0, ms + by), found.frame_rate), found.frame_rate) for ms in (cue.start_ms, cue.end_ms)
    )
    return Span(start, max(start, end))


def _find(cues: Sequence[Cue], before: Sequence[ShownCue]) -> tuple[int, int] | None:
    """From which cue up to which the words of an edit are shown, as near as they can be to where they were."""
    wanted = [word for cue in before for word in _words(cue.lines)]
    at = before[0].start_ms
    best: tuple[int, int, int] | None = None
    for first, cue in enumerate(cues):
        off = abs(cue.span.start_ms - at)
        if off > NEAR_MS or (best is not None and off >= best[0]):
            continue
        end = _end(cues, first, wanted)
        if end is not None:
            best = off, first, end
    return None if best is None else best[1:]


def _end(cues: Sequence[Cue], first: int, wanted: Sequence[str]) -> int | None:
    """The cue after those that show exactly these words, from `first` on; None where they do not."""
    said: list[str] = []
    for end in range(first, len(cues)):
        said += _words(cues[end].lines)
        if said == wanted:
            return end + 1
        if len(said) >= len(wanted) or said != wanted[: len(said)]:
            return None
    return None


def _words(lines: Sequence[str]) -> list[str]:
    return [word for line in lines for word in line.split()]


def _measured(found: RenderedSubtitles, cues: tuple[Cue, ...], shots: Sequence[int]) -> RenderedSubtitles:
    """The subtitles with other cues. What a person wrote is what is to be shown, and has no time in the sound."""
    document = replace(found.document, cues=cues)
    known = words_by_cue(found.document.cues, [word.span for word in found.fitted.words])
    own_time = have_own_time(found.fitted.words)
    own = {id(cue): at for cue, at in zip(found.document.cues, known)}
    speech: list[Span] = []
    timed: list[bool] = []
    reference: list[str] = []
    for cue in cues:
        if (mine := own.get(id(cue))) is not None:
            words = [found.fitted.words[at] for at in mine]
            speech += [word.span for word in words]
            timed += [own_time[at] for at in mine]
            reference += [word.text for word in words if word.speaker != SOUND]
        else:
            written = _words(cue.lines)
            speech += [cue.span] * len(written)
            timed += [False] * len(written)
            reference += written
    bilingual = found.profile.bilingual
    report = score.lint(
        document, found.profile, found.language, found.frame_rate, shots,
        speech=None if bilingual else speech, timed=timed, reference=None if bilingual else reference,
    )  # fmt: skip
    return replace(found, document=document, fitted=replace(found.fitted, cues=cues), report=report)
