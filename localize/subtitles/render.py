"""Render the subtitle files of a film in every language, by the job's profile and further ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from ..data import SubtitleSource, TargetText
from ..errors import UsageError
from ..events import Run, name_some
from ..runtime.files import StagedFolder
from ..runtime.records import to_json
from ..timedtext.cues import Cue, Diagnostic
from ..translation.adherence import ResourcesReport
from ..translation.review import Review
from . import caption, profiles
from .caption import RenderedSubtitles
from .cue_edits import CueEdit, edit_cues
from .profiles import Profile
from .template import Template, render_template

Files = Mapping[str, Mapping[str, Path]]
"""Language -> format -> file."""
_DROPPED = {
    "cue": "cues after the end of the film",
    "time": "times of single words",
    "ruby": "ruby annotations",
    "tag": "ASS overrides",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def render_all(
    profile: str,
    sheet: SubtitleSource,
    shown: Sequence[TargetText],
    templates: Mapping[str, Template] | None = None,
    warn: Callable[[str, str], object] | None = None,
    edits: Sequence[CueEdit] = (),
) -> dict[str, RenderedSubtitles]:
    """Subtitles of every target and of the source, by language.

    Args:
        profile: name of the profile.
        sheet: of the source.
        shown: the targets.
        templates: language -> the given cues that are kept; other languages are cut by the profile.
        warn: called with code and message of each warning: of marks that a template could not keep, of edits that have
            no place.
        edits: a person's changes of cues, of any profile.

    Raises:
        UsageError: there is no such profile.
    """
    source, templates = sheet.transcript.language, templates or {}
    made = {}
    for target in shown:
        language = target.translation.language
        below, kept = templates.get(source), templates.get(language)
        if kept is not None and _can_keep(kept, below, profiles.load(profile, language), target.forced):
            made[language] = _render_template(profile, sheet, kept, warn, below)
        else:
            made[language] = render_target(profile, sheet, target)
    if source not in made:
        kept = templates.get(source)
        made[source] = _render_template(profile, sheet, kept, warn) if kept else render_source(profile, sheet)
    return _with_edits(made, profiles.label(profile), edits, sheet, warn)


def _with_edits(
    made: dict[str, RenderedSubtitles],
    label: str,
    edits: Sequence[CueEdit],
    sheet: SubtitleSource,
    warn: Callable[[str, str], object] | None,
) -> dict[str, RenderedSubtitles]:
    """The subtitles with a person's changes of cues; tells those that have no place any more."""
    done = {}
    for language, found in made.items():
        own = [edit for edit in edits if (edit.language, edit.profile) == (language, label)]
        done[language], lost = edit_cues(found, own, sheet.shots or ())
        if lost and warn is not None:
            why = "a given file's cues are kept" if found.mode == "template" else "their words are not shown there now"
            told = [f"{edit.before[0].start_ms / 1000:.1f} s {' '.join(edit.before[0].lines)!r}" for edit in lost]
            warn(
                "cues_lost",
                f"subtitles in {language} ({label}): {len(lost)} changed cues of the review have no place, since "
                f"{why}: {name_some(told)}; look at them again with 'localize review'",
            )
    return done


def _can_keep(kept: Template, below: Template | None, profile: Profile, forced: frozenset[str]) -> bool:
    """Whether given cues can be shown by a profile: a bilingual one needs the source's cue for each, a forced one those
    that say that they are.
    """
    if profile.forced and forced and not any(cue.forced for cue in kept.document.cues):
        return False
    return not profile.bilingual or (below is not None and len(below.document.cues) == len(kept.document.cues))


def _render_template(
    name: str,
    sheet: SubtitleSource,
    template: Template,
    warn: Callable[[str, str], object] | None,
    below: Template | None = None,
) -> RenderedSubtitles:
    found, dropped = render_template(template, profiles.load(name, template.language), sheet, below)
    for kind, count in dropped.items():
        what = _DROPPED.get(kind, f"marks ({kind})")
        if warn is not None and count:
            warn("template", f"subtitles in {template.language}: {count} {what} of the given file are left out")
    return found


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


@dataclass(frozen=True, slots=True)
class Rendering:
    """Subtitles by a further profile: as cues and as files, each by language."""

    made: Mapping[str, RenderedSubtitles]
    files: Files


def render_more(
    run: Run,
    profiles_wanted: Sequence[str],
    sheet: SubtitleSource,
    shown: Sequence[TargetText],
    folder: Path,
    name: str,
    formats: Sequence[str],
    templates: Mapping[str, Template] | None = None,
    edits: Sequence[CueEdit] = (),
) -> dict[str, Rendering]:
    """Subtitles by every further profile, profile -> rendering; files are called NAME.LANG.PROFILE.FORMAT.

    Args:
        run: receives warnings about what falls short.
        profiles_wanted: names of profiles.
        sheet: of the source.
        shown: the targets.
        folder: where the files go.
        name: of the title.
        formats: to be written.
        templates: as `render_all` takes them.
        edits: as `render_all` takes them.
    """
    found = {}
    for profile in profiles_wanted:
        made = render_all(profile, sheet, shown, templates, run.warn, edits)
        found[profile] = Rendering(made, write_subtitles(run, made, folder, name, formats, profiles.label(profile)))
    return found


def subtitle_files(made: Files, more: Mapping[str, Rendering]) -> list[Path]:
    """Every file that was written: of the delivery, then of each further profile."""
    by_language = [made, *(rendering.files for rendering in more.values())]
    return [f for languages in by_language for by_format in languages.values() for f in by_format.values()]


def final_files(stage: StagedFolder, files: Files) -> dict[str, dict[str, Path]]:
    """Where staged files will be, language -> format -> file."""
    return {tongue: {fmt: stage.final(path) for fmt, path in by_format.items()} for tongue, by_format in files.items()}


def final_renderings(
    stage: StagedFolder, more: Mapping[str, Rendering], only: Sequence[str] = ()
) -> dict[str, dict[str, dict[str, Path]]]:
    """Where the files of further profiles will be, profile -> language -> format -> file.

    Args:
        stage: where they were written.
        more: profile -> rendering.
        only: the languages wanted; all where it is empty.
    """
    return {
        profile: final_files(stage, {k: v for k, v in rendering.files.items() if not only or k in only})
        for profile, rendering in more.items()
    }


def refuse_to_replace_signed(stage: StagedFolder, paths: Sequence[Path]) -> None:
    """Refuse to put other words in the place of subtitles whose manifest lies beside them.

    Raises:
        UsageError: naming the file.
    """
    for path in paths:
        there = stage.final(path)
        if not Path(f"{there}.c2pa").exists() or (there.is_file() and there.read_bytes() == path.read_bytes()):
            continue
        raise UsageError(
            f"{there} is signed, and these subtitles are others: name another folder with -o, or another --profile, "
            "or dub again",
            file=str(there),
        )


def write_subtitles(
    run: Run,
    made: Mapping[str, RenderedSubtitles],
    folder: Path,
    name: str,
    formats: Sequence[str],
    label: str = "",
) -> dict[str, dict[str, Path]]:
    """The files of all languages, language -> format -> file; what falls short of the profile is a warning.

    Args:
        run: receives warnings about what falls short.
        made: language -> its subtitles.
        folder: where the files go.
        name: of the title; a file is called NAME.LANG.FORMAT.
        formats: to be written; SRT always is.
        label: of the profile, where it is not the one of the delivery: NAME.LANG.LABEL.FORMAT.
    """
    made = {language: _without_controls(run, found) for language, found in made.items()}
    for language, found in made.items():
        if not found.document.cues:
            why = "nothing is marked as heard in another language" if found.profile.forced else "nobody says anything"
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
        language: caption.write(found, folder, name, formats, label, _tell_losses(run, found))
        for language, found in made.items()
    }


def _tell_losses(run: Run, found: RenderedSubtitles) -> Callable[[Path, Diagnostic], None]:
    """A function that warns of what a format cannot hold of a given file; what was made here is made for its format."""

    def tell(path: Path, remark: Diagnostic) -> None:
        if found.mode == "template":
            run.warn(remark.code, f"{path.name}: {remark.message}")

    return tell


def _without_controls(run: Run, found: RenderedSubtitles) -> RenderedSubtitles:
    """The subtitles without control characters (ESC, BEL …), which given words can hold and terminals execute."""
    cues = tuple(_without_controls_in(cue) for cue in found.document.cues)
    changed = sum(a.lines != b.lines for a, b in zip(cues, found.document.cues))
    if not changed:
        return found
    run.warn("controls", f"subtitles in {found.language}: control characters were left out of {changed} cues")
    return replace(found, document=replace(found.document, cues=cues))


def _without_controls_in(cue: Cue) -> Cue:
    if not any(_CONTROLS.search(line) for line in cue.lines):
        return cue
    kept = [[len(_CONTROLS.sub("", line[:at])) for at in range(len(line) + 1)] for line in cue.lines]
    marks = tuple(replace(m, start=kept[m.line][m.start], end=kept[m.line][m.end]) for m in cue.marks)
    return replace(cue, lines=tuple(_CONTROLS.sub("", line) for line in cue.lines), marks=marks)


def describe_subtitles(made: Mapping[str, RenderedSubtitles]) -> dict[str, caption.SubtitleReport]:
    """How the subtitles came about, by language, for the report."""
    return {language: caption.describe_rendering(found) for language, found in made.items()}


ReportJson = Annotated[dict[str, Any], caption.SubtitleReport]
ResourcesJson = Annotated[dict[str, Any], ResourcesReport]


class SubtitlesJson(TypedDict):
    """NAME.subtitles.json: how the subtitles of each language came about; `renderings` by further profiles.

    Args:
        resources: target language -> what became of glossary, translation memories and style sheet.
        review: target language -> what of its translation to read first.
    """

    schema: Literal[1]
    languages: dict[str, ReportJson]
    renderings: NotRequired[dict[str, dict[str, ReportJson]]]
    resources: NotRequired[dict[str, ResourcesJson]]
    review: NotRequired[dict[str, Annotated[dict[str, Any], Review]]]


def subtitles_json(
    made: Mapping[str, RenderedSubtitles],
    more: Mapping[str, Rendering],
    resources: Mapping[str, ResourcesReport],
    reviews: Mapping[str, Review],
) -> SubtitlesJson:
    """The content of NAME.subtitles.json.

    Args:
        made: by language.
        more: further profile -> what was made by it.
        resources: target language -> what became of glossary, memories and style sheet.
        reviews: language that was translated here -> the lines to be read first.
    """
    found: SubtitlesJson = {"schema": 1, "languages": to_json(describe_subtitles(made))}
    if more:
        found["renderings"] = {profile: to_json(describe_subtitles(one.made)) for profile, one in more.items()}
    if resources:
        found["resources"] = {language: to_json(report) for language, report in resources.items()}
    if reviews:
        found["review"] = {language: to_json(review) for language, review in reviews.items()}
    return found


def shown_texts(target: TargetText, found: RenderedSubtitles) -> dict[str, str]:
    """Segment -> the words that its subtitles show: shortened where they had to be."""
    texts = {words.segment: words.text for words in target.words}
    return texts | {s.segment_id: s.after for s in found.fitted.shortenings if s.segment_id in texts}


def passing_percent(made: Mapping[str, RenderedSubtitles]) -> dict[str, float | None]:
    """Language -> % of the cues that pass every rule of the profile."""
    return {language: found.report.score.get("all_pass") for language, found in made.items()}


def shortened_lines(made: Mapping[str, RenderedSubtitles]) -> dict[str, int]:
    """Language -> how many segments were written shorter than said."""
    return {language: len(found.fitted.shortenings) for language, found in made.items()}
