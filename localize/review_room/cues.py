"""The subtitles of a dub for the page: cues by any profile as the next run makes them, each held against the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..data import Span
from ..errors import LocalizeError, UsageError
from ..subtitles import measures, profiles, score
from ..subtitles.caption import RenderedSubtitles
from ..subtitles.cue_edits import CueEdit, ShownCue, edit_cues, shown
from ..subtitles.profiles import Profile
from ..subtitles.render import render_source, render_target
from ..subtitles.timing import TimingRules
from ..timedtext import formats
from ..timedtext.cues import Cue, Document
from ..timedtext.frames import frame_at, frame_rate, time_of
from ..transcription.master import Master
from .dub_folder import ReviewedDub

OFFERED = ("netflix", "mobile", "easy", "netflix-sdh", "netflix-kids", "bbc", "bilingual")


def offered_profiles(dub: ReviewedDub, language: str, asked: Sequence[str]) -> list[dict[str, Any]]:
    """The profiles that can be looked at: first those that were delivered.

    Args:
        dub: what was delivered.
        language: of the dub.
        asked: names that the request has.
    """
    report = dub.reports[language]
    delivered = list(asked) or [found.profile for found in report.subtitles.values()][:1] or ["netflix"]
    found = []
    for name in dict.fromkeys((*delivered, *OFFERED)):
        try:
            profile = profiles.load(name, language)
        except LocalizeError:
            continue  # a file of the client that is not here any more
        label = profiles.label(name)
        found.append({"name": name, "label": label, "title": profile.title, "delivered": name in delivered})
    return found


def require_offered(dub: ReviewedDub, name: str, asked: Sequence[str]) -> str:
    """The name of a profile that is offered; the first of them is that of the delivery.

    Raises:
        UsageError: it is not: a name may be a path.
    """
    offered = [entry["name"] for entry in offered_profiles(dub, dub.languages[0], asked)]
    if name not in offered:
        raise UsageError(f"there is no profile {name[:40]}")
    return str(offered[0])


def subtitles_json(
    dub: ReviewedDub, language: str, name: str, edits: Sequence[CueEdit], asked: Sequence[str]
) -> dict[str, Any]:
    """The cues of one language by one profile, with a person's changes.

    Args:
        dub: what was delivered.
        language: of the subtitles: a target, or what is spoken in the film.
        name: of the profile.
        edits: every change of cues that holds.
        asked: profiles of the request; that of the delivery is the first.

    Raises:
        UsageError: there is no such profile or language.
    """
    main = require_offered(dub, name, asked) == name
    master, label = dub.master, profiles.label(name)
    profile = profiles.load(name, language)
    rate, shots = frame_rate(master.sheet.frame_rate), master.sheet.shots or ()
    own: dict[ShownCue, int] = {}
    lost: tuple[CueEdit, ...] = ()
    if main and _keeps_given(dub, language):
        path = dub.delivered(f"{language}.srt")
        if path is None:
            raise UsageError(f"{language}: the subtitles keep the cues of a given file, and were not delivered")
        document = formats.parse(path.read_bytes(), path.name)
        cues, editable = document.cues, False
    else:
        made = dub.rendered.get((language, name)) or rendered(master, language, name)
        dub.rendered[language, name] = made
        mine = [edit for edit in edits if (edit.language, edit.profile) == (language, label)]
        done, lost = edit_cues(made, mine, shots)
        cues, editable = done.document.cues, True
        own = {cue: edit.number for edit in mine if edit not in lost for cue in edit.after}
    return {
        "language": language,
        "profile": {"name": name, "label": label, **_limits(profile)},
        "editable": editable,
        "cues": [_cue_json(cue, own) for cue in _checked(cues, profile, language, rate, shots)],
        "lost": [{"number": edit.number, "who": edit.who, "start_ms": edit.before[0].start_ms,
                  "lines": list(edit.before[0].lines)} for edit in lost],
    }  # fmt: skip


def rendered(master: Master, language: str, name: str) -> RenderedSubtitles:
    """The subtitles of one language as a run makes them, before a person's changes.

    Raises:
        UsageError: the film has no words in it.
    """
    if language == master.sheet.transcript.language:
        return render_source(name, master.sheet)
    for target in master.targets:
        if target.translation.language == language:
            return render_target(name, master.sheet, target)
    raise UsageError(f"there are no subtitles in {language}")


def check_cues(
    data: Sequence[Mapping[str, Any]], language: str, name: str, rate: str, shots: Sequence[int]
) -> list[dict[str, Any]]:
    """Cues that somebody is writing, held against the rules of a profile, with times on frames and where the nearest
    cuts are for them.

    Args:
        data: neighbouring cues: start_ms, end_ms, lines.
        language: of the text.
        name: of the profile.
        rate: of the picture.
        shots: cut times in milliseconds.

    Raises:
        UsageError: they are no cues.
    """
    profile, frames = profiles.load(name, language), frame_rate(rate)
    cues = [_read(entry, frames) for entry in data]
    rules = TimingRules.of(profile, frames, shots)
    return [
        {"snapped": list(_snapped(entry["cue"].span, rules)), **_cue_json(entry, {})}
        for entry in _checked(cues, profile, language, frames, shots)
    ]


def _read(data: Mapping[str, Any], rate: Fraction) -> Cue:
    try:
        start, end, lines = data["start_ms"], data["end_ms"], data["lines"]
        good = all(type(ms) is int and 0 <= ms < 10**9 for ms in (start, end)) and start < end
        if not good or not all(isinstance(line, str) and len(line) <= 500 for line in lines) or len(lines) > 10:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError("a cue has start_ms before end_ms, and lines") from error
    on_frames = [time_of(frame_at(ms, rate), rate) for ms in (start, end)]
    return Cue("", Span(on_frames[0], max(on_frames[0] + 1, on_frames[1])), tuple(lines))


def _snapped(span: Span, rules: TimingRules) -> tuple[int, int]:
    """A cue's times moved to cuts as near as the profile cares: the start to the cut, the end as many frames before it
    as must lie between two cues.
    """
    start, end = frame_at(span.start_ms, rules.rate), frame_at(span.end_ms, rules.rate)
    near_start = min(rules.cuts, key=lambda cut: abs(cut - start), default=start)
    near_end = min((cut - rules.gap for cut in rules.cuts), key=lambda at: abs(at - end), default=end)
    start = near_start if abs(near_start - start) <= rules.far else start
    end = near_end if abs(near_end - end) <= rules.far and near_end > start else end
    return time_of(start, rules.rate), time_of(end, rules.rate)


def _checked(
    cues: Sequence[Cue], profile: Profile, language: str, rate: Fraction, shots: Sequence[int]
) -> list[dict[str, Any]]:
    """Each cue with its figures, and with what it breaks."""
    report = score.lint(Document(tuple(cues), language), profile, language, rate, shots)
    broken: dict[int, list[dict[str, Any]]] = {}
    for finding in report.findings:
        broken.setdefault(finding.cue, []).append({"rule": finding.rule, "detail": finding.detail})
    return [
        {
            "cue": cue,
            "speed": round(measures.speed(cue, profile), 1),
            "lengths": [profile.length(line) for line in cue.plain],
            "broken": broken.get(number, []),
        }
        for number, cue in enumerate(cues, 1)
    ]


def _cue_json(entry: dict[str, Any], own: Mapping[Any, int]) -> dict[str, Any]:
    cue: Cue = entry.pop("cue")
    return {
        "start_ms": cue.span.start_ms,
        "end_ms": cue.span.end_ms,
        "lines": list(cue.plain),
        "sources": list(cue.sources),
        "edited": own.get(shown(cue)),
        **entry,
    }


def _limits(profile: Profile) -> dict[str, Any]:
    return {
        "title": profile.title,
        "lines": profile.lines,
        "chars": profile.chars,
        "speed": profile.words_per_minute or profile.cps,
        "counts": "words" if profile.words_per_minute else "characters",
        "gap": profile.gap,
        "shortest_ms": int(profile.min_duration * 1000),
        "longest_ms": int(profile.max_duration * 1000),
    }


def _keeps_given(dub: ReviewedDub, language: str) -> bool:
    """Whether the delivered subtitles of a language keep a given file's cues."""
    found = (report.subtitles.get(language) for report in dub.reports.values())
    return any(entry is not None and entry.mode == "template" for entry in found)
