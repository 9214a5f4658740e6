"""The pipeline of a dub: `dub` makes a dubbed film of a source, `learn_people` hears who speaks in it, `dry_run` checks
the same request without work.

Over 400 lines: the story of a dub is read from top to bottom. `subtitle` (`subtitling.py`) makes subtitles by the same
steps.

Each step is a plain function over frozen records; leaf calls are remembered in the store, so that running again is
resuming. Consent, ledger and signing are asked anew on every run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path

from . import consent, media
from .data import (
    Blob,
    Media,
    Mix,
    PhraseOnScreen,
    PhraseProsody,
    Plan,
    Span,
    Speech,
    SubtitleSource,
    TargetText,
    Timeline,
    Translation,
    VocalSound,
    phrases_of,
)
from .delivery import deliverables, disclosure
from .delivery.deliverables import Delivery, Sounds
from .delivery.delivered import measure_delivered, measure_shifts
from .delivery.kept_files import set_aside, set_corrections_aside
from .delivery.line_clips import LineClips, begin_dub_clips, begin_source_clips, deliver_line_clips
from .delivery.listening import begin_to_listen, stem_place
from .delivery.outlay import estimate_outlay, keep_costs, read_costs, stage_seconds
from .delivery.quality_control import add_on_screen, add_prosody, add_review, add_vocal_sounds, measure_dub
from .delivery.report import Report, WatermarkReport
from .delivery.report_html import render_report
from .delivery.results import (
    DubPlan,
    DubResult,
    FilmOutlook,
    TargetResult,
    require_quality,
    run_warnings,
    stage_costs,
)
from .delivery.unchanged import Asked, as_delivered, digest_of, keep_result, look_at, recall_result
from .dub_subtitles import (
    DubSubtitles,
    RenderedCues,
    render_subtitles,
    soft_tracks,
    subtitle_folder,
    write_dub_subtitles,
)
from .engine_selection import (
    SelectedEngines,
    choose_engines,
    load_beside,
    load_soon,
    registers_wanted,
    release_engines,
    require_recogniser,
    require_synthesizer,
    select_engines,
    voices_wished,
)
from .errors import MediaError
from .events import Expected, Listener, Mixed, Run, silent
from .inputs import (
    Inputs,
    check_edits,
    edits_as_read,
    read_inputs,
    require_speakers,
    require_targets,
    warn_of_given_cues,
    warn_of_strange_edits,
)
from .isochrony.expression import director
from .isochrony.guide import Guide, read_guide
from .isochrony.placement import BY_PICTURE
from .isochrony.recorded import Recorded
from .isochrony.synthesize import lengths_to_speak, synthesize
from .isochrony.timeline import place_takes, timeline_json
from .job import Job, named_folders, request_json
from .models import Models
from .provenance import Signer
from .review import delivered_words, derive_edits, note_approvals, require_approved, review_path
from .runtime.device import Device
from .runtime.files import StagedFolder, staged_folder, write_json, write_text
from .runtime.starvation import held_up_seconds, usage_so_far
from .runtime.store import Store
from .runtime.threads import begin, beside, single_threaded_blas
from .runtime.version import __version__
from .sound.bed import begin_bed
from .sound.loudness import SOURCE
from .sound.mix import mix_dub
from .sound.preview import preview_dub
from .sound.watermark import watermark_dialogue
from .source.earlier_film import with_corrections
from .source.film_check import FilmCheck, check_film, checked_files, plan_film, require_lines_within, warn_of_film
from .source.given_cues import warn_of_recut
from .source.words import (
    SourceWords,
    hear_sounds,
    ingest,
    on_sound_clock,
    spoken_inputs,
    subtitle_source_of_film,
    targets_to_keep,
    warn_of_given_times,
    words_of_film,
)
from .speakers.assignment import (
    CastLines,
    VoiceRequest,
    assign_voices,
    lines_to_dub,
    requests_of,
    voices_for_cast_file,
)
from .speakers.cast_file import write_cast
from .speakers.casting import Role, heard_genders
from .speakers.series import FilmPeople, people_of_film
from .subtitles.caption import RenderedSubtitles, chosen_candidates, kept_in_original, target_words
from .subtitles.profiles import load_each
from .subtitles.render import (
    describe_subtitles,
    final_files,
    final_renderings,
    passing_percent,
    shortened_lines,
)
from .subtitles.revised import take_revised
from .subtitles.shorten import lengths_to_read
from .subtitling import subtitle
from .transcription.edits import add_edits, keep_edits, refuse_contradictions
from .transcription.faces import FaceNetworks
from .transcription.master import master_json
from .transcription.on_screen import find_on_screen, lines_off_screen
from .transcription.prosody import measure_prosody
from .translation.known_lines import KnownLines
from .translation.multilingual import Brief, Offer, untranslated_lines
from .translation.resources import (
    known_lines,
    offer_needed,
    report_resources,
    translate_with_resources,
)
from .translation.style_sheet import StyleSheet, read_style
from .translation.variants import add_paraphrases

__all__ = ["dry_run", "dub", "open_run", "subtitle"]


def open_run(
    listener: Listener = silent,
    signer: Signer | None = None,
    device: Device | None = None,
    *,
    before: Run | None = None,
    keep_engines: bool = False,
    previews: bool = False,
) -> Run:
    """Open a run with the user's store, home and model folders (`LOCALIZE_STORE`, `LOCALIZE_HOME`, `LOCALIZE_MODELS`).

    Args:
        listener: receives the events.
        signer: signs the deliverables; None for the home's own key.
        device: what engines compute on; None for a GPU where there is one, and every core.
        before: a run of this process whose store and loaded engines are used again; consent is asked anew.
        keep_engines: engines stay loaded for a run that follows.
        previews: the listener hears of changed lines before the whole is mixed, see `Previewed`.
    """
    home = consent.Home.open()
    run = Run(
        Store.open(home.folder) if before is None else before.store,
        home,
        Models(say=lambda message: run.warn("model_assembled", message), device=device)
        if before is None
        else before.models,
        listener,
        signer,
        keep_engines=keep_engines,
        previews=previews,
    )
    run.hear_store()
    return run


@single_threaded_blas()
def dub(job: Job, run: Run, film_check: FilmCheck | None = None) -> DubResult:
    """Dub one file into every target language.

    Args:
        job: the request.
        run: store, home, models, and who hears of it.
        film_check: what `check_request` found of the film before; None where nobody has looked.

    Raises:
        LocalizeError: any branch of the tree; nothing is left in the output folder then, except that a `QualityError`
            (only with `job.strict`) comes after everything was delivered.
    """
    began, known_stages = usage_so_far(), len(run.stages)
    asked = look_at(run, job, [] if job.cast is None else [job.cast])
    if earlier := _recalled(job, run, asked):
        return earlier
    checked = _check_request(job, run, film_check)
    fingerprints = checked.fingerprints()
    film = _hear(checked, run)
    job, inputs, source, words = film.job, film.inputs, film.source, film.words
    with staged_folder(job.folder) as stage:
        known = targets_to_keep(job, inputs, run, words.transcript)
        dubs: list[Dub] = []
        for language in job.to:
            with run.target(language):
                dubs.append(_dub_into(language, film, stage, run, [*known, *(d.text for d in dubs)]))
        write_json(stage.folder / f"{job.name}.job.json", request_json(job, source.source.sha256))
        media.require_unchanged(source.source)
        if not keep_edits(run, stage, job.name, words.corrections.kept, edits_as_read(job, checked.inputs)):
            asked = None
        for made in dubs:  # the last look before the files are in place
            consent.confirm(run.home, made.grants)
        if inputs.review is not None:
            note_approvals(run.home, inputs.review)
        set_aside(run, stage, job.name, job.read_files)
        set_corrections_aside(stage, words.corrections.aside)
    asked = as_delivered(asked, stage)
    if job.cast is not None:
        write_cast(job.cast, words.people, {d.result.language: d.voices for d in dubs})
    ended = usage_so_far()
    keep_costs(
        run.store, run.stages[known_stages:], source.duration_ms, len(job.to),
        ended.clock_s - began.clock_s, held_up_seconds(began, ended),
    )  # fmt: skip
    result = DubResult(job.input, stage_costs(run), run_warnings(run), tuple(d.result for d in dubs))
    keep_result(run, asked, result, fingerprints, [grant for made in dubs for grant in made.grants])
    if job.strict and job.review_required:
        said = delivered_words(words.transcript, [made.text for made in dubs])
        require_approved(inputs.review, job.to, said, result=result)
    return require_quality(result) if job.strict else result


@single_threaded_blas()
def learn_people(job: Job, run: Run, film_check: FilmCheck | None = None) -> FilmPeople:
    """Hear who speaks in a film of a series, and measure how they sound, so that the cast can be written when all films
    are heard. Nothing else is made; what was heard is in the store for `dub`.

    Raises:
        LocalizeError: as `dub` would.
    """
    film = hear_film(job, run, film_check)
    words, dubbed = film.words, {}
    for language in job.to:
        dubbed[language] = frozenset(s.speaker for s in lines_to_dub(_cast_lines(language, film), language))
    return people_of_film(run.store, film.source.speech, words.transcript, words.people.heard, words.names, dubbed)


def hear_film(job: Job, run: Run, film_check: FilmCheck | None = None) -> Film:
    """What all targets of a dub share: the request checked, the sound decoded, who says what and when."""
    return _hear(_check_request(job, run, film_check), run)


def _hear(checked: Checked, run: Run) -> Film:
    job, engines = checked.job, checked.engines
    costs = stage_seconds(read_costs(run.store), checked.film.found.duration_ms, len(job.to), draft=job.draft)
    run.emit(Expected(tuple(costs)))
    if checked.inputs.transcript is None:
        load_beside(run.store, media.decode, engines.recogniser)
    source = ingest(job, run, engines.sources(job.to))
    run.store.make_ahead(media.loudness, source.original)
    inputs = on_sound_clock(checked.inputs, source)
    source, sounds = hear_sounds(inputs, run, engines, source)
    words = words_of_film(job, inputs, run, engines, source)
    release_engines(engines.recogniser, engines.diarizer, soon=run.keep_engines)
    if run.previews or inputs.edits.edits:  # a corrected line is spoken soon
        load_soon(engines.synthesizer)
    sheet = subtitle_source_of_film(run, source, words)
    with run.stage("listen"):
        prosody = measure_prosody(run.store, source.speech, words.transcript.segments)
    on_screen = _look(run, source, words, checked.faces)
    inputs = with_corrections(inputs, words.corrections)
    return Film(job, inputs, engines, source, checked.film.mux, words, sheet, prosody, on_screen, sounds)


def check_request(job: Job, run: Run) -> FilmCheck | DubResult:
    """Check all of a request that needs no engine and no decoding, before work on several films begins.

    Returns:
        what `dub` would give at once, where it would deliver what lies there; else what the film was found to be, for
        `learn_people` and `dub`, which read again what may be another by then: files of words, the cast, grants.

    Raises:
        LocalizeError: as `dub` would.
    """
    asked = look_at(run, job, [] if job.cast is None else [job.cast])
    return _recalled(job, run, asked) or _check_request(job, run).film


def _recalled(job: Job, run: Run, asked: Asked | None) -> DubResult | None:
    """The result that lies there, where nothing has changed since. No file of the request is read for it, but for the
    style sheet, which names others: they are those of the run that left the result, and so is all that they hold.
    """
    if run.keep_engines or (job.strict and job.review_required):  # for a run that follows, or for its words
        return None
    aside = Run(run.store, run.home, run.models)  # the whole run, if there is one, says it in its order

    def engines(before: Mapping[str, str]) -> Mapping[str, str]:
        chosen = choose_engines(job, aside, translates=before.get("lines") != GIVEN, required=False)
        return _fingerprints(chosen, read_style(job.style, job.to), given=before.get("lines") == GIVEN)

    wished = [request for voices in voices_wished(job) for request in requests_of(voices)]
    earlier = recall_result(run, asked, DubResult, engines, wished)
    if earlier is None:
        return None
    for event in aside.engaged:
        run.emit(event)
    return require_quality(earlier) if job.strict else earlier


GIVEN = "given in translation"


def _fingerprints(engines: SelectedEngines, style: StyleSheet, *, given: bool) -> dict[str, str]:
    """Of the engines, of what files that the request names name themselves, and where the lines are from."""
    return engines.fingerprints() | {"style sheet": digest_of(style), "lines": GIVEN if given else "translated"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A request whose files were read and checked, its engines selected and its film planned: what a dub and a dry run
    know before any work.
    """

    job: Job
    inputs: Inputs
    engines: SelectedEngines
    film: FilmCheck
    faces: FaceNetworks | None

    def fingerprints(self) -> dict[str, str]:
        """What the result depends on beside the request and its files."""
        return _fingerprints(self.engines, self.inputs.style, given=bool(self.inputs.translation))


def _check_request(job: Job, run: Run, before: FilmCheck | None = None) -> Checked:
    """Check everything that needs no engine; what was found of the film before counts while its files are the same."""
    require_targets(job)
    job, inputs = _read_request(job, run)
    inputs = spoken_inputs(inputs, job.to[0])
    check_edits(inputs)
    warn_of_recut(job, inputs, run)
    known = before if before is not None and before.holds(job) else None
    files = checked_files(job)
    found = check_film(job) if known is None else known.found
    require_lines_within(job, inputs, found)
    require_speakers(job, inputs)
    if job.strict and job.review_required:
        require_approved(inputs.review, job.to)
    warn_of_given_cues(job, inputs, run)
    engines = select_engines(job, inputs, run)
    faces = FaceNetworks(run.models) if job.timing == BY_PICTURE else None
    film = known or FilmCheck(found, plan_film(job, found, engines.sources(job.to)), files)
    warn_of_film(job, run, film.mux)
    return Checked(job, inputs, engines, film, faces)


def _look(run: Run, source: Media, words: SourceWords, faces: FaceNetworks | None) -> tuple[PhraseOnScreen, ...]:
    """Whose lips are seen, where the picture is asked; nothing, and a warning, where it cannot be read."""
    if faces is None:
        return ()
    if not source.has_picture:
        run.warn("lips", "--timing lips: there is no picture, so no line needs to follow lips")
    with run.stage("look"):
        try:
            return find_on_screen(run.store, source, words.transcript.segments, faces)
        except MediaError as error:
            run.warn("lips", f"--timing lips: every line follows its source strictly: {error.message}")
            return ()


def _read_request(job: Job, run: Run) -> tuple[Job, Inputs]:
    """The files of a request; given subtitles that are those of the last run are no given words, but corrections."""
    given_back, corrected = take_revised(job, run)
    job = replace(
        job,
        transcript=None if "transcript" in given_back else job.transcript,
        translation=None if "translation" in given_back else job.translation,
    )
    inputs = read_inputs(job, run)
    if inputs.review is not None:
        refuse_contradictions(corrected, derive_edits(inputs.review), job.review or review_path(job.folder))
    edits = add_edits(corrected, inputs.edits)
    return job, replace(inputs, edits=edits, revised=corrected if given_back else None)


@dataclass(frozen=True, slots=True)
class Film:
    """What all targets of one dub share.

    Args:
        mux: the result of the trial mux; None for audio without a picture.
        words: as they are dubbed.
        sheet: as they are shown in subtitles.
        prosody: how the actors say them.
        on_screen: whether they are seen to; nothing where the picture was not asked.
        sounds: of voices, without words: they stay as they are; None where nothing could tell them.
    """

    job: Job
    inputs: Inputs
    engines: SelectedEngines
    source: Media
    mux: media.FilmPlan | None
    words: SourceWords
    sheet: SubtitleSource
    prosody: tuple[PhraseProsody, ...]
    on_screen: tuple[PhraseOnScreen, ...]
    sounds: tuple[VocalSound, ...] | None


@dataclass(frozen=True, slots=True)
class Dub:
    """The outcome of one target: its result, its text for master.json, its voices for the cast file, and grants."""

    result: TargetResult
    text: TargetText
    voices: Mapping[str, tuple[str, str]]
    grants: tuple[consent.Grant, ...]


def _dub_into(language: str, film: Film, stage: StagedFolder, run: Run, before: Sequence[TargetText]) -> Dub:
    """Dub one target: voices, translation, synthesis, timeline, mix, measurement, files."""
    job, engines, source, words = film.job, film.engines, film.source, film.words
    synthesizer, transcript = require_synthesizer(engines), words.transcript
    roles, grants = _assign_voices(language, film, run)
    resources = film.inputs.resources
    region = resources.region(language, job.regions.get(language, ""))
    known = known_lines(
        run, resources, transcript, to=language, region=region, edits=film.inputs.edits, given=bool(words.translation)
    )
    everybody = None if words.translation else engines.translator
    offer = offer_needed(everybody, resources, known, transcript, film.inputs.edits, language)
    translator = None if offer is None else offer(transcript.language, language)
    if "clips" in job.deliver:
        begin_source_clips(run.store, source.original, [s.span for s in transcript.segments if s.id in grants])
    noted = len(run.noted)
    recorded, guides = _recorded_lines(language, film, run, grants), _guided_lines(language, film, run, grants)
    with run.stage("translate", len(transcript.segments)):
        translation = add_paraphrases(_translate(language, film, run, offer, known, region, grants))
    warned = run.noted[noted:]
    speech = synthesize(
        run, transcript, translation, grants, synthesizer, source.duration_ms,
        timing=job.timing, relaxed=_relaxed(film), held=job.held, pronunciations=film.inputs.pronunciations,
        on_planned=lambda plans: _begin_bed(film, run, plans),
        direct=director(transcript, translation, film.prosody, job.expression, guides), guides=guides,
        on_made=lambda take: consent.note_synthesis(run.home, job.name, language, (take,)), recorded=recorded,
        on_screen=film.on_screen, sounds=[sound.span for sound in film.sounds or ()],
    )  # fmt: skip
    soon = run.keep_engines or language != job.to[-1] or "spoken" in job.notice
    release_engines(translator, synthesizer, soon=soon)
    consent.note_reused(run.home, job.name, language, speech.takes)
    consent.confirm(run.home, grants.values())
    timeline = place_takes(transcript, speech, source.duration_ms)
    text = _target_text(film, translation, timeline, speech)
    _preview(film, run, timeline)
    with beside(lambda: render_subtitles(job, film.inputs, film.sheet, words.names, text, timeline)) as rendered:
        mixed, marked = watermark_dialogue(run, source, _mix(film, run, timeline), engines.watermarker)
        if "clips" in job.deliver:
            begin_dub_clips(run.store, timeline, mixed)
        run.emit(Mixed(language, run.store.path(mixed.full), run.store.path(mixed.dialogue), timeline.clips))
    used = engines.used(translator)
    delivery = Delivery(
        name=job.name, source_language=transcript.language, media=source, timeline=timeline, mixed=mixed,
        grants=grants, engines=used, translated=translator is not None, version=__version__,
        watermark="none" if engines.watermarker is None else engines.watermarker.name, variant=job.variant or "",
        flac="flac" in job.deliver,
    )  # fmt: skip
    consent.confirm(run.home, grants.values())
    heard = dict(grants)
    if "spoken" in job.notice:
        take, heard["notice"] = disclosure.speak_notice(run, job.name, job.purpose, language, synthesizer)
        deliverables.deliver_notice(run, delivery, take, heard["notice"], stage)
    with beside(lambda: deliverables.deliver_sounds(run, delivery, stage, job.deliver)) as sounds:
        # The dialogue has been listened to since it was mixed: meanwhile the film is made.
        files = _write_files(film, stage, run, delivery, rendered(), [*before, text])
        report = measure_dub(
            run, timeline, mixed, require_recogniser(engines), roles, translation, speech.plans, used, draft=job.draft
        )
    release_engines(engines.recogniser, soon=run.keep_engines or language != job.to[-1])
    report = add_review(report, transcript, translation, warned)
    report = add_on_screen(add_prosody(report, film.prosody, job.expression), film.on_screen)
    report = add_vocal_sounds(report, film.sounds, transcript, timeline)
    spoken = {clip.take.segment: clip.take.text for clip in timeline.clips}
    kept_terms = report_resources(run, resources, transcript, translation, spoken, region)
    report = replace(
        report,
        resources=kept_terms,
        consent={grant.voice.id: grant.basis for grant in grants.values()},
        disclosure=disclosure.disclosure_labels(translated=delivery.translated),
        version=__version__,
        watermark=WatermarkReport(delivery.watermark, marked),
    )
    consent.confirm(run.home, heard.values())
    report = measure_delivered(run, report, timeline, mixed, files.film, files.shifts)
    result = _deliver(film, stage, run, files, sounds(), report)
    return Dub(result, text, voices_for_cast_file(roles, transcript, grants), tuple(heard.values()))


def _assign_voices(language: str, film: Film, run: Run) -> tuple[tuple[Role, ...], dict[str, consent.Grant]]:
    job, lines = film.job, _cast_lines(language, film)
    wished = VoiceRequest(job.name, job.purpose, job.voices, job.recast, job.spoken_tag(language))
    return assign_voices(run, film.source, lines, wished, require_synthesizer(film.engines), language)


def _cast_lines(language: str, film: Film) -> CastLines:
    words, given = film.words, film.words.translation is not None
    unspoken = () if given else tuple(untranslated_lines(words.transcript, language, film.engines.translator))
    return CastLines(words.transcript, words.names, words.people, film.inputs.edits, given, unspoken)


def _recorded_lines(language: str, film: Film, run: Run, grants: Mapping[str, consent.Grant]) -> dict[str, Recorded]:
    """Segment -> the recording that is heard in it, under its person's consent; told where one is heard no more."""
    found = {}
    for edit in film.inputs.edits.edits:
        if language not in edit.takes:
            continue
        grant = grants.get(edit.segment)
        if grant is None or not grant.request.recorded:
            run.warn("take_unused", f"line {edit.segment} is not heard as it was recorded: its voice was recast")
            continue
        found[edit.segment] = recording = film.inputs.recordings[edit.takes[language]]
        if recording.clipped:
            run.warn("take_clipped", f"the recording of line {edit.segment} is clipped: record it again less loud")
    return found


def _guided_lines(language: str, film: Film, run: Run, grants: Mapping[str, consent.Grant]) -> dict[str, Guide]:
    """Segment -> the reading that leads its voice; nobody is heard in it, so that no consent is asked."""
    speakers = {s.id: s.speaker for s in film.words.transcript.segments}
    found = {}
    for edit in film.inputs.edits.edits:
        if language in edit.guides and edit.segment in grants:
            actor = [p for p in film.prosody if speakers[p.segment] == speakers[edit.segment]]
            recording = film.inputs.recordings[edit.guides[language]]
            found[edit.segment] = read_guide(run.store, edit.segment, recording, actor)
    return found


def _translate(
    language: str,
    film: Film,
    run: Run,
    offer: Offer | None,
    known: KnownLines,
    region: str,
    grants: Mapping[str, consent.Grant],
) -> Translation:
    job, words, inputs = film.job, film.words, film.inputs
    original = tuple(s for s in words.transcript.segments if s.id not in grants)
    heard = heard_genders(run.store, film.source.speech, replace(words.transcript, segments=original))
    heard |= {segment: grant.voice.gender for segment, grant in grants.items()}
    synthesized = {segment: grant for segment, grant in grants.items() if not grant.request.recorded}
    spoken = lengths_to_speak(
        run.store, words.transcript, synthesized, require_synthesizer(film.engines), language, inputs.pronunciations
    )
    read = lengths_to_read(words.transcript.segments, load_each((job.profile, *job.renderings), language))
    brief = Brief(
        region=region,
        names=words.names,
        registers=registers_wanted(job, inputs.glossary),
        genders={**words.people.genders(), **job.genders},
        heard=heard,
        given=words.translation,
        lengths=lambda segment, text: spoken(segment, text) | read(segment, text),
    )
    return translate_with_resources(
        run, words.transcript, offer, inputs.resources, known, brief, to=language, edits=inputs.edits, flat=True
    )


def _relaxed(film: Film) -> tuple[str, ...]:
    """The speakers and lines that need not follow their source closely: those a person names, and those nobody sees
    speak, unless a person names them or their speaker as to be held.
    """
    held = set(film.job.held)
    segments = {s.id: s.speaker for s in film.words.transcript.segments}
    unseen = sorted(lines_off_screen(film.on_screen))
    return (*film.job.relaxed, *(line for line in unseen if not held & {line, segments[line]}))


def _begin_bed(film: Film, run: Run, plans: Sequence[Plan]) -> None:
    """Begin to separate the voices while the lines of these plans are spoken, and to load what rooms are made by."""
    begin(partial(import_module, "scipy.signal"), "beside: scipy.signal")
    spoken = {plan.segment for plan in plans}
    segments = film.words.transcript.segments
    phrases = [p for s in segments if s.id in spoken for p in phrases_of(s)]
    kept = [p for s in segments if s.text and s.id not in spoken for p in phrases_of(s)]
    kept += [sound.span for sound in film.sounds or ()]
    begin_bed(run.store, film.source, phrases, kept)


def _mix(film: Film, run: Run, timeline: Timeline) -> Mix:
    job = film.job
    measured = not job.draft and film.engines.watermarker is None  # the stem as it is mixed is the one delivered

    def measure(stem: Blob, bed: Blob) -> None:
        if measured:
            recogniser = require_recogniser(film.engines)
            begin_to_listen(run.store, recogniser, stem, timeline, stem_place(bed, timeline.language))

    return mix_dub(
        run, film.source, timeline,
        style=job.bed, dry=job.dry, target=job.loudness, by_speaker="speakers" in job.stems,
        kept=_staying(film, timeline), on_dialogue=measure,
    )  # fmt: skip


def _preview(film: Film, run: Run, timeline: Timeline) -> None:
    """Tell somebody who waits for a corrected line what changes, before other work takes the time of that."""
    if run.previews and film.job.loudness == SOURCE:
        kept = _staying(film, timeline)
        preview_dub(run, film.source, timeline, style=film.job.bed, dry=film.job.dry, kept=kept)


def _staying(film: Film, timeline: Timeline) -> list[Span]:
    """Where the original is heard as it is: lines that stay, and sounds of voices."""
    kept = kept_in_original(film.words.transcript, timeline)
    stays = [p for s in film.words.transcript.segments if s.id in kept for p in s.phrases or (s.span,)]
    return stays + [sound.span for sound in film.sounds or ()]


def _target_text(film: Film, translation: Translation, timeline: Timeline, speech: Speech) -> TargetText:
    transcript = film.words.transcript
    return TargetText(
        translation,
        target_words(transcript, translation, timeline),
        chosen_candidates(speech),
        kept_in_original(transcript, timeline),
    )


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The staged files of one target but for its sounds and its report.

    Args:
        film: None where none is delivered, or none could be made: `refused` says why then.
        burnt: the film with its subtitles in the picture.
        clips: see `line_clips.deliver_line_clips`.
        shifts: see `delivered.measure_shifts`; none of a draft.
    """

    film: Path | None
    refused: str | None
    burnt: Path | None
    clips: Mapping[str, LineClips]
    shifts: Mapping[str, int | None]
    shown: DubSubtitles
    timeline: Path
    master: Path


def _write_files(
    film: Film, stage: StagedFolder, run: Run, delivery: Delivery, cues: RenderedCues, texts: Sequence[TargetText]
) -> WrittenFiles:
    """Write one target's film, subtitles, lines alone, timeline and master.json; the last of `texts` is its own."""
    job, language = film.job, delivery.timeline.language
    timeline = stage.folder / f"{job.name}.{language}.timeline.json"
    master = stage.folder / f"{job.name}.master.json"
    with run.stage("deliver"), subtitle_folder(job, stage) as folder:
        shown = write_dub_subtitles(job, run, film.sheet, cues, texts[-1], folder)
        mux = film.mux if "video" in job.deliver else None
        video, refused = deliverables.build_film(run, delivery, soft_tracks(shown), stage, mux)
        burnt = None
        if job.burn and video is not None and shown.made[language].document.cues:
            drawn = shown.files[language]["srt"]
            burnt = deliverables.deliver_burnt_film(run, delivery.media, video, drawn, stage, delivery)
        clips = deliver_line_clips(run, delivery, stage) if "clips" in job.deliver else {}
        heard = None if job.draft else video
        shifts = measure_shifts(run.store, delivery.timeline, delivery.media, delivery.mixed, heard) if heard else {}
        write_json(timeline, timeline_json(delivery.timeline))
        write_json(master, master_json(film.sheet, texts, __version__, film.prosody, film.on_screen))
        deliverables.sign_subtitles(run, delivery, shown.wanted, stage)
    return WrittenFiles(video, refused or None, burnt, clips, shifts, shown, timeline, master)


def _deliver(
    film: Film, stage: StagedFolder, run: Run, files: WrittenFiles, sounds: Sounds, report: Report
) -> TargetResult:
    """Complete one target's report, and say where its files will lie."""
    job, shown, stem = film.job, files.shown, f"{film.job.name}.{report.language}"
    figures = stage.folder / f"{stem}.report.json"
    others = {profile: describe_subtitles(rendering.made) for profile, rendering in shown.more.items()}
    report = _complete_report(replace(report, film_refused=files.refused, renderings=others), run, shown.made)
    write_json(figures, report.json())
    if "report" in job.deliver:
        page = render_report(report, job.name, files.clips, named_folders(job))
        write_text(stage.folder / f"{stem}.report.html", page)
    deliverables.warn_of_older(run, stage, stem)
    return TargetResult(
        language=report.language, summary=report.summary, film_refused=report.film_refused,
        video=stage.final_or_none(files.film), audio=stage.final_or_none(sounds.mix),
        dialogue=stage.final_or_none(sounds.stems.get("dialogue")), bed=stage.final_or_none(sounds.stems.get("bed")),
        burnt=stage.final_or_none(files.burnt),
        timeline=stage.final(files.timeline), master=stage.final(files.master), report=stage.final(figures),
        subtitles=final_files(stage, shown.files) if shown.wanted else {},
        renderings=final_renderings(stage, shown.more),
        speakers={who: stage.final(path) for who, path in sounds.speakers.items()},
    )  # fmt: skip


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


@single_threaded_blas()
def dry_run(job: Job, run: Run) -> DubPlan:
    """Check everything that needs no engine, and return what `dub` would do. The sound is decoded once, so that what
    it lacks is known.

    Raises:
        LocalizeError: as `dub` would.
    """
    checked = _check_request(job, run)
    job, engines, found, mux = checked.job, checked.engines, checked.film.found, checked.film.mux
    warn_of_strange_edits(job, checked.inputs, run)
    stream, fallback = media.choose_audio(job.input, found, job.stream, job.source_language, engines.sources(job.to))
    given = checked.inputs.is_translated or not engines.translators
    translators = () if given else engines.likely(job.source_language, job.to)
    clock, faults = media.check_sound(job.input, stream)
    for code, fault in faults:
        run.warn(code, f"{job.input.name}: {fault}")
    warn_of_given_times(job, checked.inputs, run, clock)
    # Where films stand one after the other in a file it states the length of the last.
    joined = clock.length_ms > found.duration_ms + 1000
    duration_ms = clock.length_ms if joined else found.duration_ms
    return DubPlan(
        input=job.input,
        output=job.folder,
        stream=stream.index,
        note=fallback,
        film=None if mux is None else FilmOutlook(mux.suffix or None, mux.reason or None),
        duration_ms=duration_ms,
        source=job.source_language or "detected among " + ", ".join(engines.sources(job.to)),
        to=job.to,
        engines=engines.used(None) | {"translator": " | ".join(t.fingerprint for t in translators)},
        warnings=run_warnings(run),
        outlay=estimate_outlay(run.store, job.input, stream, duration_ms, len(job.to), draft=job.draft),
    )
