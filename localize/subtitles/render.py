"""From the words of a film to its subtitle files: every language by the job's profile, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data import SubtitleSource, TargetText
from ..errors import UsageError
from ..events import Run
from ..job import Job
from ..runtime.files import StagedFolder, read_json
from . import caption, profiles
from .caption import RenderedSubtitles

ASKED_LIMIT = 1_000_000

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Renderings = Mapping[str, tuple[Mapping[str, RenderedSubtitles], Mapping[str, Mapping[str, Path]]]]
"""Profile -> captions and files, each by language."""


def render_all(job: Job, sheet: SubtitleSource, shown: Sequence[TargetText]) -> dict[str, RenderedSubtitles]:
    """Subtitles of every target and of the source, by language.

    Raises:
        UsageError: nobody knows the profile.
    """
    source = sheet.transcript.language
    made = {t.translation.language: render_target(job.profile, sheet, t) for t in shown}
    if source not in made:
        made[source] = render_source(job.profile, sheet)
    return made


def render_target(name: str, sheet: SubtitleSource, target: TargetText) -> RenderedSubtitles:
    """The subtitles of one target by the profile of that name."""
    language = target.translation.language
    profile = profiles.load(name, language)
    shown = target
    if profile.forced:
        shown = replace(target, words=tuple(w for w in target.words if w.segment in target.forced))
    below = caption.source_words(sheet.transcript) if profile.bilingual else ()
    return caption.render_subtitles(caption.target_choices(shown, sheet.transcript), language, profile, sheet, below)


def render_source(name: str, sheet: SubtitleSource) -> RenderedSubtitles:
    """The subtitles in the language that is spoken: those who understand it must read nothing."""
    language = sheet.transcript.language
    profile = profiles.load(name, language)
    choices = () if profile.forced else caption.source_choices(sheet.transcript)
    return caption.render_subtitles(choices, language, profile, sheet)


def label(profile: str) -> str:
    """What a profile is called in a file's name: "easy", "cinema" of "house.toml#cinema" and of "cinema.toml"."""
    path, _, table = profile.partition("#")
    return re.sub(r"[^\w-]", "_", table or (Path(path).stem if path.lower().endswith(".toml") else path))[:40]


def delivered_profile(job: Job, folder: Path) -> str:
    """The profile whose subtitles have the plain names in a folder: that of the dub there, else the job's own."""
    try:
        asked = read_json(folder / f"{job.name}.job.json", ASKED_LIMIT)
    except UsageError:
        return job.profile
    named = asked.get("profile") if isinstance(asked, dict) else None
    return named if isinstance(named, str) else job.profile


def renderings(
    job: Job, run: Run, sheet: SubtitleSource, shown: Sequence[TargetText], stage: StagedFolder
) -> Renderings:
    """Subtitles by every further profile of a job, profile -> captions and files by language."""
    found: dict[str, tuple[dict[str, RenderedSubtitles], dict[str, dict[str, Path]]]] = {}
    for profile in job.renderings:
        made = render_all(replace(job, profile=profile), sheet, shown)
        found[profile] = made, write_subtitles(replace(job, profile=profile), run, made, stage, label(profile))
    return found


def refuse_unsigned(stage: StagedFolder, files: Sequence[Path]) -> None:
    """Refuse to put other words in the place of subtitles whose manifest lies beside them.

    Raises:
        UsageError: naming the file.
    """
    for path in files:
        there = stage.final(path)
        if not Path(f"{there}.c2pa").exists() or (there.is_file() and there.read_bytes() == path.read_bytes()):
            continue
        raise UsageError(
            f"{there} is signed, and these subtitles are others: name another folder with -o, or another --profile, "
            "or dub again",
            file=str(there),
        )


def write_subtitles(
    job: Job, run: Run, made: Mapping[str, RenderedSubtitles], stage: StagedFolder, label: str = ""
) -> dict[str, dict[str, Path]]:
    """The files of all languages, language -> format -> file; what falls short of the profile is told as a warning.

    Args:
        job: the request, with the profile.
        run: told what falls short.
        made: subtitles by language.
        stage: where the files are made.
        label: of the profile, where it is not the one of the delivery.
    """
    made = {language: _cleaned(run, found) for language, found in made.items()}
    for language, found in made.items():
        if not found.document.cues:
            why = (
                "nothing is marked as heard in another language"
                if profiles.load(job.profile, language).forced
                else "nobody says anything"
            )
            run.warn("subtitles_empty", f"subtitles in {language} are empty: {why}")
        score = found.report.score.get("all_pass")
        if not found.report.conforms and score is not None:
            fast = sum(f.rule == "cps" for f in found.report.findings)
            why = f", {fast} of them too fast: shorter lines (--edits) would mend it" if fast else ""
            failing = len({f.cue for f in found.report.findings})
            run.warn(
                "subtitles_short",
                f"subtitles in {language}: {failing} of {len(found.document.cues)} cues break a rule of "
                f"{found.report.profile}{why}",
            )
    return {
        language: caption.write(found, stage.folder, job.name, job.formats, label) for language, found in made.items()
    }


def _cleaned(run: Run, found: RenderedSubtitles) -> RenderedSubtitles:
    """The captions without control characters (ESC, BEL …), which given words can hold and a terminal obeys."""
    cues = tuple(replace(c, lines=tuple(_CONTROLS.sub("", line) for line in c.lines)) for c in found.document.cues)
    changed = sum(a.lines != b.lines for a, b in zip(cues, found.document.cues))
    if not changed:
        return found
    run.warn("controls", f"subtitles in {found.language}: control characters were left out of {changed} cues")
    return replace(found, document=replace(found.document, cues=cues))


def describe_subtitles(made: Mapping[str, RenderedSubtitles]) -> dict[str, Any]:
    """How the subtitles came about, by language, for the report."""
    return {language: caption.describe_rendering(found) for language, found in made.items()}


def summarize_subtitles(made: Mapping[str, RenderedSubtitles]) -> dict[str, Any]:
    """For summaries: the share of cues that pass every rule, and how many segments were shortened, by language."""
    return {
        "subtitles_all_pass": {language: found.report.score.get("all_pass") for language, found in made.items()},
        "subtitles_conform": all(found.report.conforms for found in made.values()),
        "shortened": {language: len(found.fitted.shortenings) for language, found in made.items()},
    }
