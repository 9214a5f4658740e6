"""Subtitles without a dub: `subtitle` makes them of media, of a subtitle file, or of a master.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .data import Candidate, Line, Media, SubtitleSource, TargetText
from .delivery import deliverables
from .delivery.kept_files import set_aside, set_corrections_aside
from .delivery.outlay import read_costs, stage_seconds
from .delivery.report import SubtitleSummary
from .delivery.results import SubtitleResult, SubtitleTargetResult, require_quality, run_warnings, stage_costs
from .delivery.unchanged import as_delivered, digest_of, keep_result, look_at, recall_result
from .engine_selection import SelectedEngines, registers_wanted, select_engines
from .errors import UsageError
from .events import Expected, Run
from .inputs import Inputs, check_edits, edits_as_read, read_inputs
from .job import Job
from .language.turns import on_one_line
from .media import Probe
from .review import derive_cue_edits
from .runtime.files import StagedFolder, read_json, staged_folder, write_json
from .runtime.threads import single_threaded_blas
from .runtime.version import __version__
from .source.earlier_film import with_corrections
from .source.film_check import check_film, require_lines_within
from .source.given_cues import in_lines, source_template, target_template, voices_by_line, warn_of_recut
from .source.words import (
    SourceWords,
    ingest,
    on_sound_clock,
    subtitle_source_of_file,
    subtitle_source_of_film,
    targets_to_keep,
    warn_of_changed_lines,
    words_of_file,
    words_of_film,
)
from .speakers.cast_file import write_cast
from .speakers.casting import heard_genders
from .subtitles.caption import RenderedSubtitles, target_words
from .subtitles.profiles import label, load_each
from .subtitles.render import (
    Files,
    Rendering,
    final_files,
    final_renderings,
    passing_percent,
    refuse_to_replace_signed,
    render_all,
    render_more,
    shortened_lines,
    shown_texts,
    subtitle_files,
    subtitles_json,
    write_subtitles,
)
from .subtitles.revised import REQUEST_LIMIT
from .subtitles.shorten import lengths_to_read
from .subtitles.template import Template
from .transcription.edits import keep_edits
from .transcription.master import master_json
from .translation.adherence import ResourcesReport
from .translation.multilingual import Brief
from .translation.resources import (
    known_lines,
    offer_needed,
    report_resources,
    translate_with_resources,
)
from .translation.review import Review, estimate_translation, review


@single_threaded_blas()
def subtitle(job: Job, run: Run) -> SubtitleResult:
    """Make subtitles from media, from a subtitle file, or from a master.json.

    Raises:
        LocalizeError: any branch of the tree; nothing is left in the output folder then, except that a `QualityError`
            (only with `job.strict`) comes after everything was delivered.
    """
    asked = look_at(run, job, [] if job.cast is None else [job.cast])
    inputs = read_inputs(job, run)
    check_edits(inputs)
    warn_of_recut(job, inputs, run)
    film = check_film(job) if inputs.words is None else None
    if film is not None:
        require_lines_within(job, inputs, film)
    engines = _select_engines(job, inputs, run)
    if engines is None:  # cutting cues anew takes no longer than finding out that nothing changed, and needs no home
        asked = None
    fingerprints = {} if engines is None else engines.fingerprints() | {"style sheet": digest_of(inputs.style)}
    if earlier := recall_result(run, asked, SubtitleResult, lambda _: fingerprints):
        return require_quality(earlier) if job.strict else earlier
    source = (
        _source_of_file(job, inputs, run, engines)
        if film is None or engines is None
        else _source_of_film(job, inputs, run, engines, film)
    )
    sheet, language = source.sheet, source.sheet.transcript.language
    wanted = [target for target in (job.to or source.known) if target != language]
    with staged_folder(job.folder) as stage:
        texts, templates, reviews = _translate_targets(wanted, source, job, run)
        edits = derive_cue_edits(source.inputs.review)
        made = render_all(job.profile, sheet, texts, templates, run.warn, edits)
        own = "" if _delivered_profile(job) == job.profile else label(job.profile)
        files = write_subtitles(run, made, stage.folder, job.name, job.formats, own)
        more = render_more(run, job.renderings, sheet, texts, stage.folder, job.name, job.formats, templates, edits)
        refuse_to_replace_signed(stage, subtitle_files(files, more))
        others = targets_to_keep(job, inputs, run, sheet.transcript, [t.translation.language for t in texts])
        write_json(stage.folder / f"{job.name}.master.json", master_json(sheet, [*others, *texts], __version__))
        resources = _report_resources(texts, made, source, job, run)
        report = subtitles_json(made, more, resources, reviews)
        write_json(stage.folder / f"{job.name}.subtitles.json", report)
        done = Subtitles(job, source, made, files, more, reviews, stage)
        targets = tuple(_target_result(target, done, run) for target in wanted or [language])
        if not keep_edits(run, stage, job.name, source.words.corrections.kept, edits_as_read(job, inputs)):
            asked = None
        set_aside(run, stage, job.name, job.read_files, noted=engines is not None)
        set_corrections_aside(stage, source.words.corrections.aside)
    asked = as_delivered(asked, stage)
    if job.cast is not None:
        write_cast(job.cast, source.words.people)
    result = SubtitleResult(job.input, stage_costs(run), run_warnings(run), targets)
    keep_result(run, asked, result, fingerprints, ())
    return require_quality(result) if job.strict else result


@dataclass(frozen=True, slots=True)
class Source:
    """What all subtitles of one request are made from.

    Args:
        inputs: the files that the request names.
        words: the transcript.
        sheet: the transcript with shot changes and sound events.
        engines: None where nothing is recognised and nothing translated.
        media: the decoded film; None where a subtitle file or master.json was given.
        known: language -> the translation that a given master.json holds already.
        template: the given cues that are kept; None where they are cut anew, or nobody gave any.
    """

    inputs: Inputs
    words: SourceWords
    sheet: SubtitleSource
    engines: SelectedEngines | None
    media: Media | None
    known: Mapping[str, TargetText]
    template: Template | None


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What was made of a request, in the staged folder: by the job's profile, and by further ones.

    `reviews` has each language that was translated here.
    """

    job: Job
    source: Source
    made: Mapping[str, RenderedSubtitles]
    files: Files
    more: Mapping[str, Rendering]
    reviews: Mapping[str, Review]
    stage: StagedFolder


def _select_engines(job: Job, inputs: Inputs, run: Run) -> SelectedEngines | None:
    """The engines; None where nothing is recognised, and nothing is left to translate."""
    recognises = inputs.words is None
    if not recognises and not _needs_translation(job, inputs):
        return None
    return select_engines(job, inputs, run, recognises=recognises, synthesizes=False)


def _source_of_film(job: Job, inputs: Inputs, run: Run, engines: SelectedEngines, found: Probe) -> Source:
    """Decode the film; recognise its words, or take over given ones."""
    costs = stage_seconds(read_costs(run.store), found.duration_ms, len(job.to), dubs=False)
    run.emit(Expected(tuple(costs)))
    film = ingest(job, run, engines.sources(job.to) if job.to else ())
    inputs = on_sound_clock(inputs, film)
    words = words_of_film(job, inputs, run, engines, film)
    inputs = with_corrections(inputs, words.corrections)
    sheet = subtitle_source_of_film(run, film, words)
    words = replace(words, transcript=sheet.transcript)
    return Source(inputs, words, sheet, engines, film, {}, source_template(job, inputs, sheet, words.names))


def _source_of_file(job: Job, inputs: Inputs, run: Run, engines: SelectedEngines | None) -> Source:
    """The words of a subtitle file or master.json."""
    if inputs.edits.lines:
        warn_of_changed_lines(run, inputs)
    words = words_of_file(inputs)
    sheet, known = subtitle_source_of_file(inputs, words)
    return Source(inputs, words, sheet, engines, None, known, source_template(job, inputs, sheet, words.names))


def _needs_translation(job: Job, inputs: Inputs) -> bool:
    """Whether a target language is missing in the given file."""
    assert inputs.words is not None
    master = inputs.words.master
    there = {t.translation.language for t in master.targets} if master else set()
    return not inputs.translation and bool(set(job.to) - there - {inputs.words.transcript.language})


def _translate_targets(
    wanted: Sequence[str], source: Source, job: Job, run: Run
) -> tuple[list[TargetText], dict[str, Template], dict[str, Review]]:
    """The words of every target, language -> the given cues that subtitles keep, and -> what to read first."""
    texts: list[TargetText] = []
    reviews: dict[str, Review] = {}
    transcript = source.words.transcript
    templates = {source.sheet.transcript.language: source.template} if source.template else {}
    for language in wanted:
        if language in source.known and not source.inputs.translation:
            texts.append(_with_known_lines(source.known[language], source, job, run))
            continue
        noted = len(run.noted)
        text, template = _translate_target(language, source, job, run)
        texts.append(text)
        if estimates := estimate_translation(transcript, text.translation, run.noted[noted:]):
            reviews[language] = review(transcript, text.translation, estimates)
        templates |= {language: template} if template else {}
    return texts, templates, reviews


def _translate_target(language: str, source: Source, job: Job, run: Run) -> tuple[TargetText, Template | None]:
    """One language's words over the source's phrases, and the given cues that they are shown in."""
    inputs, words = source.inputs, source.words
    lined, region = in_lines(words.transcript, source.template), _region(language, source, job)
    known = known_lines(
        run, inputs.resources, lined, to=language, region=region, edits=inputs.edits, given=bool(words.translation),
        keeps_marks=source.template is not None,
    )  # fmt: skip
    everybody = None if words.translation or source.engines is None else source.engines.translator
    offer = offer_needed(everybody, inputs.resources, known, lined, inputs.edits, language)
    if offer is not None:
        offer(words.transcript.language, language)  # where nobody translates, this raises before any line is translated
    film = source.media
    heard = {} if film is None else heard_genders(run.store, film.speech, words.transcript)
    brief = Brief(
        region=region,
        names=words.names,
        registers=registers_wanted(job, inputs.glossary),
        genders={**words.people.genders(), **job.genders},
        heard=heard,
        voices=voices_by_line(source.template),
        given=words.translation,
        # Cues that are kept show the best wording, as it is.
        lengths=lengths_to_read(
            () if source.template else lined.segments, load_each((job.profile, *job.renderings), language)
        ),
    )
    with run.target(language), run.stage("translate", len(words.transcript.segments)):
        translation = translate_with_resources(
            run, lined, offer, inputs.resources, known, brief, to=language, edits=inputs.edits, flat=False
        )
    template = target_template(job, inputs, source.sheet, source.template, translation, known.passages)
    flat = replace(translation, lines=tuple(on_one_line(line) for line in translation.lines))
    return TargetText(flat, target_words(words.transcript, flat), {}), template


def _region(language: str, source: Source, job: Job) -> str:
    return source.inputs.resources.region(language, job.regions.get(language, ""))


def _with_known_lines(target: TargetText, source: Source, job: Job, run: Run) -> TargetText:
    """The words that a master.json has in a language, with what a person gives now: edits, a translator's file, and,
    where no person wrote the line, memories.
    """
    inputs, made, transcript = source.inputs, target.translation, source.words.transcript
    if not (inputs.edits.edits or inputs.returned or inputs.memories):
        return target
    region = _region(made.language, source, job)
    known = known_lines(run, inputs.resources, transcript, to=made.language, region=region, edits=inputs.edits)
    written = {line.segment for line in made.lines if line.edited} - known.passages.keys()
    taken = known.without(written)
    edits = taken.over(inputs.edits, made.language, flat=True).edits
    given = {e.segment: e.translation[made.language] for e in edits if made.language in e.translation}
    lines = tuple(
        Line(line.segment, (Candidate(given[line.segment], 0.0),), edited=True) if line.segment in given else line
        for line in made.lines
    )
    changed = replace(made, lines=lines, memory=taken.matches or made.memory)
    fresh = {words.segment: words for words in target_words(transcript, changed) if words.segment in given}
    return replace(
        target,
        translation=changed,
        words=tuple(fresh.get(words.segment, words) for words in target.words),
        chosen={segment: at for segment, at in target.chosen.items() if segment not in given},
    )


def _report_resources(
    texts: Sequence[TargetText], made: Mapping[str, RenderedSubtitles], source: Source, job: Job, run: Run
) -> dict[str, ResourcesReport]:
    """Target language -> what became of the client's resources in its subtitles."""
    found = {}
    for text in texts:
        language = text.translation.language
        found[language] = report_resources(
            run, source.inputs.resources, source.sheet.transcript, text.translation,
            shown_texts(text, made[language]), _region(language, source, job),
        )  # fmt: skip
    return found


def _delivered_profile(job: Job) -> str:
    """The profile whose subtitles have the plain names in the folder: that of the dub there, else the job's own."""
    try:
        asked = read_json(job.folder / f"{job.name}.job.json", REQUEST_LIMIT)
    except UsageError:
        return job.profile
    named = asked.get("profile") if isinstance(asked, dict) else None
    return named if isinstance(named, str) else job.profile


def _burn_film(language: str, done: Subtitles, run: Run) -> Path | None:
    """The film with the subtitles of one language in its picture, where asked for."""
    film = done.source.media
    if not done.job.burn or film is None or not done.made[language].document.cues:
        return None
    return deliverables.deliver_burnt_film(run, film, done.job.input, done.files[language]["srt"], done.stage)


def _target_result(language: str, done: Subtitles, run: Run) -> SubtitleTargetResult:
    """One language of `subs`, with the source's subtitles beside it."""
    sheet, stage, name = done.source.sheet, done.stage, done.job.name
    reviewed = done.reviews.get(language)
    both = {k: v for k, v in done.made.items() if k in (language, sheet.transcript.language)}
    return SubtitleTargetResult(
        language=language,
        summary=SubtitleSummary(
            segments=len(sheet.transcript.segments),
            subtitles_all_pass=passing_percent(both),
            subtitles_conform=all(found.report.conforms for found in both.values()),
            shortened=shortened_lines(both),
            review=reviewed.ids if reviewed else (),
            likely_wrong=reviewed.likely_wrong if reviewed else None,
        ),
        frame_rate=sheet.frame_rate,
        master=stage.target / f"{name}.master.json",
        report=stage.target / f"{name}.subtitles.json",
        subtitles=final_files(stage, {k: v for k, v in done.files.items() if k in both}),
        burnt=stage.final_or_none(_burn_film(language, done, run)),
        renderings=final_renderings(stage, done.more, tuple(both)),
    )
