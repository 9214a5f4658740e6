"""The pipeline: `dub` makes a dubbed film of a source, `subtitle` makes subtitles; `dry_run` checks a dub without work.

Over 400 lines: two stories, of a dub and of subtitles, that are told by the same steps.

Each step is a plain function over frozen records; leaf calls are remembered in the store, so that running again is
resuming. Consent, ledger and signing are asked anew on every run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from . import consent, media
from .data import Media, Mix, Speech, SubtitleSource, TargetText, Timeline, Translation
from .delivery import deliverables, disclosure
from .delivery.deliverables import Delivery
from .delivery.quality_control import add_review, measure_dub
from .delivery.report import Report, SubtitleSummary, WatermarkReport
from .delivery.report_html import render_report
from .delivery.request_json import RequestJson
from .delivery.results import (
    DubPlan,
    DubResult,
    FilmOutlook,
    SubtitleResult,
    SubtitleTargetResult,
    TargetResult,
    run_warnings,
    stage_costs,
)
from .engine_selection import (
    SelectedEngines,
    registers_wanted,
    release_engines,
    require_recogniser,
    require_synthesizer,
    select_engines,
)
from .errors import LocalizeError, QualityError, UsageError
from .events import Listener, Run, silent
from .inputs import Inputs, read_inputs, require_speakers, require_targets
from .isochrony.synthesize import synthesize
from .isochrony.timeline import place_takes, timeline_json
from .job import Job
from .language.turns import on_one_line
from .models import Models
from .provenance import Signer
from .runtime.device import Device
from .runtime.files import StagedFolder, read_json, staged_folder, write_json, write_text
from .runtime.store import Store
from .runtime.threads import single_threaded_blas
from .runtime.version import __version__
from .sound.mix import mix_dub
from .sound.watermark import watermark_dialogue
from .source import (
    SourceWords,
    check_film,
    in_lines,
    ingest,
    plan_film,
    source_template,
    spoken_inputs,
    subtitle_source_of_file,
    subtitle_source_of_film,
    target_template,
    voices_by_line,
    words_of_file,
    words_of_film,
)
from .speakers.assignment import CastLines, VoiceRequest, assign_voices, voices_for_cast_file
from .speakers.cast_file import write_cast
from .speakers.casting import Role, heard_genders
from .subtitles.caption import RenderedSubtitles, chosen_candidates, kept_in_original, target_words
from .subtitles.profiles import label
from .subtitles.render import (
    Rendering,
    describe_subtitles,
    passing_percent,
    refuse_to_replace_signed,
    render_all,
    render_more,
    shortened_lines,
    subtitles_json,
    write_subtitles,
)
from .subtitles.template import Template
from .transcription.master import master_json, read_master
from .transcription.supplied import MASTER_LIMIT
from .translation.multilingual import Offer, translate_each, untranslated_lines
from .translation.registers import genders_by_segment, registers_by_segment
from .translation.review import Review, estimate_translation, review
from .translation.translate import translate
from .translation.variants import add_paraphrases

REQUEST_LIMIT = 1_000_000
"""Bytes of a job.json."""
Outcome = TypeVar("Outcome", DubResult, SubtitleResult)


def open_run(listener: Listener = silent, signer: Signer | None = None, device: Device | None = None) -> Run:
    """Open a run with the user's store, home and model folders (`LOCALIZE_STORE`, `LOCALIZE_HOME`, `LOCALIZE_MODELS`).

    Args:
        listener: told what happens.
        signer: signs the deliverables; None for the home's own key.
        device: what engines compute on; None for a GPU where there is one, and every core.
    """
    run: Run

    def damaged(message: str) -> None:
        run.warn("store_damaged", message)

    run = Run(
        Store.open(damaged),
        consent.Home.open(),
        Models(say=lambda message: run.warn("model_assembled", message), device=device),
        listener,
        signer,
    )
    return run


@single_threaded_blas()
def dub(job: Job, run: Run) -> DubResult:
    """Dub one file into every target language.

    Raises:
        LocalizeError: any branch of the tree; nothing is left in the output folder then, except that a `QualityError`
            (only with `job.strict`) comes after everything was delivered.
    """
    require_targets(job)
    inputs = spoken_inputs(read_inputs(job, run), job.to[0])
    found = check_film(job)
    require_speakers(job, inputs)
    engines = select_engines(job, inputs, run)
    among = engines.sources(job.to)
    mux = plan_film(job, run, found, among)
    source = ingest(job, run, among)
    words = words_of_film(job, inputs, run, engines, source)
    release_engines(engines.recogniser)
    with staged_folder(job.folder) as stage:
        known = _targets_delivered_before(job, stage, words)
        film = Film(job, inputs, engines, source, mux, words, stage)
        dubs: list[Dub] = []
        for language in job.to:
            dubs.append(_dub_into(language, film, run, [*known, *(d.text for d in dubs)]))
        run.language = ""
        write_json(stage.folder / f"{job.name}.job.json", _request_json(job, source))
    if job.cast is not None:
        write_cast(job.cast, words.people, {d.result.language: d.voices for d in dubs})
    result = DubResult(job.input, stage_costs(run), run_warnings(run), tuple(d.result for d in dubs))
    return _require_quality(job, result)


@dataclass(frozen=True, slots=True)
class Film:
    """What all targets of one dub share; `mux` is the result of the trial mux, None for audio without a picture."""

    job: Job
    inputs: Inputs
    engines: SelectedEngines
    source: Media
    mux: media.FilmPlan | None
    words: SourceWords
    stage: StagedFolder


@dataclass(frozen=True, slots=True)
class Dub:
    """The outcome of one target: its result, its text for master.json, its voices for the cast file."""

    result: TargetResult
    text: TargetText
    voices: Mapping[str, tuple[str, str]]


def _targets_delivered_before(job: Job, stage: StagedFolder, words: SourceWords) -> list[TargetText]:
    """Targets that an earlier run delivered here for the same words, so that the master keeps them."""
    path = stage.target / f"{job.name}.master.json"
    try:
        master = read_master(read_json(path, MASTER_LIMIT), str(path))
    except LocalizeError:
        return []
    same = [(s.id, s.text) for s in master.sheet.transcript.segments] == [
        (s.id, s.text) for s in words.transcript.segments
    ]
    return [t for t in master.targets if t.translation.language not in job.to] if same else []


def _dub_into(language: str, film: Film, run: Run, before: Sequence[TargetText]) -> Dub:
    """Dub one target: voices, translation, synthesis, timeline, mix, measurement, files."""
    job, engines, source, words = film.job, film.engines, film.source, film.words
    synthesizer, transcript = require_synthesizer(engines), words.transcript
    run.language = language
    roles, grants = _assign_voices(language, film, run)
    offer = None if words.translation else engines.translator
    translator = None if offer is None else offer(transcript.language, language)
    heard = heard_genders(run.store, source.speech, transcript)
    heard |= {segment: grant.voice.gender for segment, grant in grants.items()}
    noted = len(run.noted)
    with run.stage("translate", len(transcript.segments)):
        translation = add_paraphrases(_translate_lines(language, job, film.inputs, run, words, offer, genders=heard))
    warned = run.noted[noted:]
    speech = synthesize(
        run, transcript, translation, grants, synthesizer, source.duration_ms,
        timing=job.timing, relaxed=job.relaxed,
        on_made=lambda take: consent.note_synthesis(run.home, job.name, language, (take,)),
    )  # fmt: skip
    release_engines(translator, synthesizer)
    consent.note_reused(run.home, job.name, language, speech.takes)
    timeline = place_takes(transcript, speech, source.duration_ms)
    mixed, marked = watermark_dialogue(run, source, _mix(film, run, timeline), engines.watermarker)
    used = engines.used(translator)
    report = measure_dub(run, timeline, mixed, require_recogniser(engines), roles, translation, speech.plans, used)
    report = add_review(report, transcript, translation, warned)
    text = _target_text(film, translation, timeline, speech)
    delivery = Delivery(
        name=job.name, source_language=transcript.language, media=source, timeline=timeline, mixed=mixed,
        grants=grants, engines=used, translated=translator is not None, version=__version__,
        watermark="none" if engines.watermarker is None else engines.watermarker.name,
    )  # fmt: skip
    if "spoken" in job.notice:
        take, grant = disclosure.speak_notice(run, job.name, job.purpose, language, synthesizer)
        deliverables.deliver_notice(run, delivery, take, grant, film.stage)
    report = replace(
        report,
        disclosure=disclosure.disclosure_labels(translated=delivery.translated),
        version=__version__,
        watermark=WatermarkReport(delivery.watermark, marked),
    )
    result = _deliver(film, run, delivery, [*before, text], report)
    return Dub(result, text, voices_for_cast_file(roles, transcript, grants))


def _assign_voices(language: str, film: Film, run: Run) -> tuple[tuple[Role, ...], dict[str, consent.Grant]]:
    job, words = film.job, film.words
    given = words.translation is not None
    unspoken = () if given else tuple(untranslated_lines(words.transcript, language, film.engines.translator))
    lines = CastLines(words.transcript, words.names, words.people, film.inputs.edits, given, unspoken)
    wished = VoiceRequest(job.name, job.purpose, job.voices, job.recast)
    return assign_voices(run, film.source, lines, wished, require_synthesizer(film.engines), language)


def _mix(film: Film, run: Run, timeline: Timeline) -> Mix:
    job, segments = film.job, film.words.transcript.segments
    kept = kept_in_original(film.words.transcript, timeline)
    return mix_dub(
        run, film.source, timeline,
        style=job.bed, dry=job.dry, target=job.loudness, by_speaker="speakers" in job.stems,
        kept=[p for s in segments if s.id in kept for p in s.phrases or (s.span,)],
    )  # fmt: skip


def _target_text(film: Film, translation: Translation, timeline: Timeline, speech: Speech) -> TargetText:
    transcript = film.words.transcript
    return TargetText(
        translation,
        target_words(transcript, translation, timeline),
        chosen_candidates(speech),
        kept_in_original(transcript, timeline),
    )


def _deliver(film: Film, run: Run, delivery: Delivery, texts: Sequence[TargetText], report: Report) -> TargetResult:
    """Write one target's files into the staged folder; the last of `texts` is this target's."""
    job, stage, source, language = film.job, film.stage, delivery.media, delivery.timeline.language
    sheet = subtitle_source_of_film(run, source, film.words)
    stem = stage.folder / f"{job.name}.{language}"
    master, burnt = stage.folder / f"{job.name}.master.json", None
    with run.stage("deliver"):
        kept = source_template(job, film.inputs, sheet, film.words.names)
        templates = {sheet.transcript.language: kept} if kept else {}
        made = render_all(job.profile, sheet, texts[-1:], templates, run)
        if "screen" in job.notice:
            made[language] = disclosure.add_screen_notice(run, made[language])
        subtitles = write_subtitles(run, made, stage.folder, job.name, job.formats)
        more = render_more(run, job.renderings, sheet, texts[-1:], stage.folder, job.name, job.formats, templates)
        video, refused = deliverables.build_film(run, delivery, _tracks(made, subtitles), stage, film.mux)
        audio = deliverables.deliver_mix(run, delivery, stage)
        stems = deliverables.deliver_stems(run, delivery, stage)
        if job.burn and video is not None and made[language].document.cues:
            burnt = deliverables.deliver_burnt_film(run, source, video, subtitles[language]["srt"], stage, delivery)
        alone = deliverables.deliver_speaker_stems(run, delivery, stage)
        write_json(stem.with_name(f"{stem.name}.timeline.json"), timeline_json(delivery.timeline))
        write_json(master, master_json(sheet, texts, __version__))
        deliverables.sign_subtitles(run, delivery, _subtitle_files(subtitles, more), stage)
    others = {profile: describe_subtitles(rendering.made) for profile, rendering in more.items()}
    report = _complete_report(replace(report, film_refused=refused or None, renderings=others), run, made)
    write_json(stem.with_name(f"{stem.name}.report.json"), report.json())
    write_text(stem.with_name(f"{stem.name}.report.html"), render_report(report, job.name))
    return TargetResult(
        language=language, summary=report.summary, film_refused=report.film_refused,
        video=stage.final_or_none(video), audio=stage.final(audio), dialogue=stage.final(stems["dialogue"]),
        bed=stage.final(stems["bed"]), burnt=stage.final_or_none(burnt),
        timeline=stage.final(stem.with_name(f"{stem.name}.timeline.json")), master=stage.final(master),
        report=stage.final(stem.with_name(f"{stem.name}.report.json")),
        subtitles=_final(stage, subtitles), renderings=_final_renderings(stage, more),
        speakers={who: stage.final(path) for who, path in alone.items()},
    )  # fmt: skip


def _tracks(
    made: Mapping[str, RenderedSubtitles], files: Mapping[str, Mapping[str, Path]]
) -> list[media.SubtitleTrack]:
    """The soft subtitle tracks of the film; a language without a cue is left out, since no container takes it."""
    return [
        media.SubtitleTrack(str(by_format["srt"]), tongue)
        for tongue, by_format in files.items()
        if made[tongue].document.cues
    ]


def _complete_report(report: Report, run: Run, made: Mapping[str, RenderedSubtitles]) -> Report:
    """Complete the report with subtitle figures, stage costs and warnings."""
    summary = replace(
        report.summary,
        subtitles_all_pass=passing_percent(made),
        subtitles_conform=all(found.report.conforms for found in made.values()),
        shortened=shortened_lines(made),
    )
    return replace(
        report,
        summary=summary,
        subtitles=describe_subtitles(made),
        stages=stage_costs(run),
        warnings=run_warnings(run),
    )


def _final(stage: StagedFolder, files: Mapping[str, Mapping[str, Path]]) -> dict[str, dict[str, Path]]:
    return {tongue: {fmt: stage.final(path) for fmt, path in by_format.items()} for tongue, by_format in files.items()}


def _final_renderings(
    stage: StagedFolder, more: Mapping[str, Rendering], only: Sequence[str] = ()
) -> dict[str, dict[str, dict[str, Path]]]:
    """The places of the files of further profiles; `only` some languages, all where it is empty."""
    return {
        profile: _final(stage, {k: v for k, v in rendering.files.items() if not only or k in only})
        for profile, rendering in more.items()
    }


def _subtitle_files(subtitles: Mapping[str, Mapping[str, Path]], more: Mapping[str, Rendering]) -> list[Path]:
    """Every subtitle file that was made."""
    by_language = [subtitles, *(rendering.files for rendering in more.values())]
    return [f for languages in by_language for by_format in languages.values() for f in by_format.values()]


@single_threaded_blas()
def dry_run(job: Job, run: Run) -> DubPlan:
    """Check everything that needs no work, and return what `dub` would do.

    Raises:
        LocalizeError: as `dub` would.
    """
    require_targets(job)
    inputs = read_inputs(job, run)
    found = check_film(job)
    require_speakers(job, inputs)
    engines = select_engines(job, inputs, run)
    among = engines.sources(job.to)
    stream, fallback = media.choose_audio(job.input, found, job.stream, job.source_language, among)
    short = media.describe_truncation(job.input, stream)
    mux = plan_film(job, run, found, among)
    return DubPlan(
        input=job.input,
        output=job.folder,
        stream=stream.index,
        note="; ".join(note for note in (fallback, short) if note),
        film=None if mux is None else FilmOutlook(mux.suffix or None, mux.reason or None),
        duration_ms=found.duration_ms,
        source=job.source_language or "detected among " + ", ".join(engines.sources(job.to)),
        to=job.to,
        engines=engines.used(None) | {"translator": ", ".join(t.fingerprint for t in engines.translators)},
        warnings=run_warnings(run),
    )


@single_threaded_blas()
def subtitle(job: Job, run: Run) -> SubtitleResult:
    """Make subtitles from media, from a subtitle file, or from a master.json.

    Raises:
        LocalizeError: any branch of the tree; nothing is left in the output folder then.
    """
    inputs = read_inputs(job, run)
    known: dict[str, TargetText] = {}
    film: Media | None = None
    engines: SelectedEngines | None = None
    if inputs.words is None:
        check_film(job)
        engines = select_engines(job, inputs, run, speaks=False)
        film = ingest(job, run, engines.sources(job.to) if job.to else ())
        words = words_of_film(job, inputs, run, engines, film)
        sheet = subtitle_source_of_film(run, film, words)
        words = replace(words, transcript=sheet.transcript)
    else:
        if _needs_translation(job, inputs):
            engines = select_engines(job, inputs, run, hears=False, speaks=False)
        words = words_of_file(inputs)
        sheet, known = subtitle_source_of_file(inputs, words)
    source = sheet.transcript.language
    wanted = [language for language in (job.to or known) if language != source]
    kept = source_template(job, inputs, sheet, words.names)
    templates = {source: kept} if kept else {}
    with staged_folder(job.folder) as stage:
        texts: list[TargetText] = []
        reviews: dict[str, Review] = {}
        for language in wanted:
            if language in known:
                texts.append(known[language])
                continue
            genders = {} if film is None else heard_genders(run.store, film.speech, words.transcript)
            before = len(run.noted)
            text, template = _translate_target(language, job, inputs, run, words, engines, sheet, kept, genders)
            texts.append(text)
            if found := estimate_translation(words.transcript, text.translation, run.noted[before:]):
                reviews[language] = review(words.transcript, text.translation, found)
            templates |= {language: template} if template else {}
        made = render_all(job.profile, sheet, texts, templates, run)
        own = "" if _delivered_profile(job) == job.profile else label(job.profile)
        subtitles = write_subtitles(run, made, stage.folder, job.name, job.formats, own)
        more = render_more(run, job.renderings, sheet, texts, stage.folder, job.name, job.formats, templates)
        refuse_to_replace_signed(stage, _subtitle_files(subtitles, more))
        write_json(stage.folder / f"{job.name}.master.json", master_json(sheet, texts, __version__))
        write_json(stage.folder / f"{job.name}.subtitles.json", subtitles_json(made, more, reviews))
        burnt = _burn_films(job, run, film, made, subtitles, wanted or [source], stage)
        targets = tuple(
            _subtitle_target(
                language, sheet, made, subtitles, more, job.name, stage, burnt.get(language), reviews.get(language)
            )
            for language in (wanted or [source])
        )
    if job.cast is not None:
        write_cast(job.cast, words.people)
    return _require_quality(job, SubtitleResult(job.input, stage_costs(run), run_warnings(run), targets))


def _delivered_profile(job: Job) -> str:
    """The profile whose subtitles have the plain names in the folder: that of the dub there, else the job's own."""
    try:
        asked = read_json(job.folder / f"{job.name}.job.json", REQUEST_LIMIT)
    except UsageError:
        return job.profile
    named = asked.get("profile") if isinstance(asked, dict) else None
    return named if isinstance(named, str) else job.profile


def _needs_translation(job: Job, inputs: Inputs) -> bool:
    """Whether a target language is missing in the given file."""
    assert inputs.words is not None
    master = inputs.words.master
    there = {t.translation.language for t in master.targets} if master else set()
    return not inputs.translation and bool(set(job.to) - there - {inputs.words.transcript.language})


def _burn_films(
    job: Job,
    run: Run,
    film: Media | None,
    made: Mapping[str, RenderedSubtitles],
    files: Mapping[str, Mapping[str, Path]],
    languages: Sequence[str],
    stage: StagedFolder,
) -> dict[str, Path]:
    """Language -> the film with burned-in subtitles, where asked for."""
    if not job.burn or film is None:
        return {}
    return {
        language: deliverables.deliver_burnt_film(run, film, job.input, files[language]["srt"], stage)
        for language in languages
        if made[language].document.cues
    }


def _subtitle_target(
    language: str,
    sheet: SubtitleSource,
    made: Mapping[str, RenderedSubtitles],
    files: Mapping[str, Mapping[str, Path]],
    more: Mapping[str, Rendering],
    name: str,
    stage: StagedFolder,
    burnt: Path | None,
    reviewed: Review | None,
) -> SubtitleTargetResult:
    """One language of `subs`, with the source's subtitles beside it."""
    both = {k: v for k, v in made.items() if k in (language, sheet.transcript.language)}
    return SubtitleTargetResult(
        language=language,
        summary=SubtitleSummary(
            segments=len(sheet.transcript.segments),
            subtitles_all_pass=passing_percent(both),
            subtitles_conform=all(found.report.conforms for found in both.values()),
            shortened=shortened_lines(both),
            review=reviewed.ids if reviewed else (),
            likely_wrong=reviewed.likely_wrong if reviewed else 0,
        ),
        frame_rate=sheet.frame_rate,
        master=stage.target / f"{name}.master.json",
        report=stage.target / f"{name}.subtitles.json",
        subtitles=_final(stage, {k: v for k, v in files.items() if k in both}),
        burnt=stage.final_or_none(burnt),
        renderings=_final_renderings(stage, more, tuple(both)),
    )


def _translate_target(
    language: str,
    job: Job,
    inputs: Inputs,
    run: Run,
    words: SourceWords,
    engines: SelectedEngines | None,
    sheet: SubtitleSource,
    kept: Template | None,
    genders: Mapping[str, str],
) -> tuple[TargetText, Template | None]:
    """One language's words over the source's phrases, and the given cues that they are shown in."""
    source = words.transcript.language
    offer = None if words.translation or engines is None else engines.translator
    if offer is not None:
        offer(source, language)  # whoever does not translate at all is told before any work
    lined = replace(words, transcript=in_lines(words.transcript, kept))
    with run.stage("translate", len(words.transcript.segments)):
        translation = _translate_lines(language, job, inputs, run, lined, offer, voices_by_line(kept), genders)
    template = target_template(job, inputs, sheet, kept, translation)
    flat = replace(translation, lines=tuple(on_one_line(line) for line in translation.lines))
    return TargetText(flat, target_words(words.transcript, flat), {}), template


def _translate_lines(
    language: str,
    job: Job,
    inputs: Inputs,
    run: Run,
    words: SourceWords,
    offer: Offer | None,
    voices: Mapping[str, Sequence[Sequence[str]]] | None = None,
    genders: Mapping[str, str] | None = None,
) -> Translation:
    """Translate every segment, with the registers asked for and the genders of the voices that are heard."""
    wishes = registers_wanted(job, inputs.glossary)
    addressed, strangers = registers_by_segment(words.transcript.segments, wishes, words.names)
    for who in strangers:
        run.warn("register", f"nobody here is {who}: what was said of how {who} is addressed changes nothing")
    region = job.regions.get(language, "")
    said, strangers = genders_by_segment(
        words.transcript.segments, {**words.people.genders(), **job.genders}, words.names, genders or {}
    )
    for who in strangers:
        run.warn("gender", f"nobody here is {who}: what was said of how {who} says 'I' changes nothing")
    if offer is None:
        return translate(
            run, words.transcript, None, to=language, edits=inputs.edits, glossary=inputs.glossary,
            given=words.translation, registers=addressed, region=region, names=tuple(words.names.values()),
            voices=voices, genders=said,
        )  # fmt: skip
    return translate_each(
        run, words.transcript, offer, to=language, edits=inputs.edits, glossary=inputs.glossary,
        registers=addressed, region=region, names=tuple(words.names.values()), voices=voices,
        genders=said,
    )  # fmt: skip


def _request_json(job: Job, source: Media) -> RequestJson:
    """The content of job.json."""
    named: dict[str, Any] = {
        name: path.name
        for name in ("edits", "transcript", "translation", "glossary", "me", "cast")
        if (path := getattr(job, name))
    }
    asked: RequestJson = {
        "schema": 1,
        "input": job.input.name,
        "sha256": source.source.sha256,
        "to": list(job.to),
        "regions": dict(job.regions),
        "from": job.source_language,
        "stream": job.stream,
        "voices": dict(job.voices),
        "speakers": job.speakers,
        "engines": dict(job.engines),
        "profile": job.profile,
        "renderings": list(job.renderings),
        "formats": list(job.formats),
        "timing": {"mode": job.timing, "relax": list(job.relaxed)},
        "burn": job.burn,
        "sound": {"bed": job.bed, "dry": job.dry, "loudness": job.loudness, "stems": list(job.stems)},
        "version": __version__,
    }
    return cast("RequestJson", {**asked, **named})


def _require_quality(job: Job, result: Outcome) -> Outcome:
    """Return the result, or raise under --strict where it falls short."""
    if job.strict:
        found = [f"{t.language}: {text}" for t in result.targets for text in t.shortfalls()]
        if found:
            raise QualityError(f"{job.input.name} falls short: {'; '.join(found)}", result=result)
    return result
