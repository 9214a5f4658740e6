"""THE STORY: how a film becomes a dubbed film, and how it becomes subtitles.

Each step is a plain function over frozen records; leaf calls are remembered in the store, so that running again is
resuming. Consent, ledger and signing are asked anew on every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import __version__, consent, data, media
from .data import Media, Translation
from .delivery import deliverables, disclosure, quality_control, report_html
from .engine_selection import SelectedEngines, formality_wishes, release_engines, require_recogniser, select_engines
from .engines import Synthesizer
from .errors import LocalizeError, QualityError
from .events import Listener, Run, silent
from .inputs import refuse_nonsense
from .isochrony import timeline as align
from .isochrony.synthesize import synthesize
from .job import Job
from .models import Models
from .provenance import Signer
from .runtime.device import Device
from .runtime.files import StagedFolder, read_json, staged_folder, write_json, write_text
from .runtime.store import Store
from .sound.mix import mix_dub
from .sound.watermark import watermark_dialogue
from .source import SourceWords, ingest, subtitle_source_of_file, subtitle_source_of_film, words_of_film
from .speakers import cast_file
from .speakers.assignment import VoicesByLanguage, assign_voices, voices_for_cast_file
from .stages import multilingual
from .subtitles import caption, render
from .transcription import supplied
from .transcription.master import master_json, read_master
from .translation import registers
from .translation.translate import translate
from .translation.variants import add_paraphrases


def open_run(listener: Listener = silent, signer: Signer | None = None, device: Device | None = None) -> Run:
    """A run in the user's own store, home and model folders (`LOCALIZE_STORE`, `LOCALIZE_HOME`, `LOCALIZE_MODELS`).

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


def dub(job: Job, run: Run) -> dict[str, Any]:
    """Dub one file into every language asked for.

    Returns:
        what `localize dub --json` prints.

    Raises:
        LocalizeError: any branch of the tree; nothing is left in the output folder then, except that a `QualityError`
            (only with `job.strict`) comes after everything was delivered.
    """
    refuse_nonsense(job)
    engines = select_engines(job, run)
    source = ingest(job, run, engines.sources(job.to))
    words = words_of_film(job, run, engines, source)
    release_engines(engines.recogniser)
    with staged_folder(job.folder) as stage:
        shown = _targets_delivered_before(job, stage, words)
        spoken: VoicesByLanguage = {}
        targets = [_dub_into(language, job, run, engines, source, words, stage, shown, spoken) for language in job.to]
        run.language = ""
        write_json(stage.folder / f"{job.name}.job.json", _request_json(job, source))
    if job.cast is not None:
        cast_file.write_cast(job.cast, words.people, spoken)
    return _finish(job, run, targets)


def _targets_delivered_before(job: Job, stage: StagedFolder, words: SourceWords) -> list[data.TargetText]:
    """Targets that an earlier run delivered here for the same words, so that the master keeps them."""
    path = stage.target / f"{job.name}.master.json"
    try:
        master = read_master(read_json(path, supplied.MASTER_LIMIT), str(path))
    except LocalizeError:
        return []
    same = [(s.id, s.text) for s in master.sheet.transcript.segments] == [
        (s.id, s.text) for s in words.transcript.segments
    ]
    return [t for t in master.targets if t.translation.language not in job.to] if same else []


def _dub_into(
    language: str,
    job: Job,
    run: Run,
    engines: SelectedEngines,
    source: Media,
    words: SourceWords,
    stage: StagedFolder,
    shown: list[data.TargetText],
    spoken: VoicesByLanguage,
) -> dict[str, Any]:
    transcript, recogniser, synthesizer = words.transcript, require_recogniser(engines), engines.synthesizer
    assert synthesizer is not None
    run.language = language
    unspoken = () if words.translation else tuple(multilingual.kept_lines(transcript, language, engines.translator))
    roles, grants = assign_voices(job, run, source, words, synthesizer, language, unspoken)
    spoken[language] = voices_for_cast_file(roles, transcript, grants)
    translator = None if words.translation else engines.translator(transcript.language, language)
    with run.stage("translate", len(transcript.segments)):
        translation = add_paraphrases(
            _translate_lines(language, job, run, words, None if translator is None else engines.translator)
        )
    speech = synthesize(
        run, transcript, translation, grants, synthesizer, source.duration_ms,
        timing=job.timing, relaxed=job.relaxed,
        on_made=lambda take: consent.note_synthesis(run.home, job.name, language, (take,)),
    )  # fmt: skip
    release_engines(translator, synthesizer)
    consent.note_reused(run.home, job.name, language, speech.takes)
    timeline = align.place_takes(transcript, speech, source.duration_ms)
    left = caption.kept_in_original(transcript, timeline)
    mixed = mix_dub(
        run, source, timeline,
        style=job.bed, dry=job.dry, target=job.loudness, by_speaker="speakers" in job.stems,
        kept=[p for s in transcript.segments if s.id in left for p in s.phrases or (s.span,)],
    )  # fmt: skip
    mixed, marked = watermark_dialogue(run, source, mixed, engines.watermarker)
    report = quality_control.report(
        run, timeline, mixed, recogniser, roles, translation, speech.plans, engines.used(translator)
    )
    package = deliverables.Delivery(
        job.name,
        transcript.language,
        source,
        timeline,
        mixed,
        grants,
        engines.used(translator),
        translator is not None,
        __version__,
        "none" if engines.watermarker is None else engines.watermarker.name,
    )
    report |= _disclose(job, run, package, synthesizer, marked, stage)
    shown.append(
        data.TargetText(
            translation,
            caption.target_words(transcript, translation, timeline),
            caption.chosen_candidates(speech),
            left,
        )
    )
    return _deliver(job, run, package, subtitle_source_of_film(run, source, words), shown, report, stage)


def _disclose(
    job: Job,
    run: Run,
    package: deliverables.Delivery,
    synthesizer: Synthesizer,
    marked: float | None,
    stage: StagedFolder,
) -> dict[str, Any]:
    """Tell people and machines that voices are synthesized; gives what the report says of it."""
    if "spoken" in job.notice:
        take, grant = disclosure.speak_notice(run, job.name, job.purpose, package.timeline.language, synthesizer)
        deliverables.deliver_notice(run, package, take, grant, stage)
    return {
        "disclosure": disclosure.disclosure_labels(translated=package.translated),
        "watermark": {"engine": package.watermark, "confidence": marked},
    }


def _deliver(
    job: Job,
    run: Run,
    package: deliverables.Delivery,
    sheet: data.SubtitleSource,
    shown: Sequence[data.TargetText],
    report: dict[str, Any],
    stage: StagedFolder,
) -> dict[str, Any]:
    source, language = package.media, package.timeline.language
    with run.stage("deliver"):
        made = render.render_all(job, sheet, shown[-1:])
        if "screen" in job.notice:
            made[language] = disclosure.add_screen_notice(run, made[language])
        subtitles = render.write_subtitles(job, run, made, stage)
        tracks = [
            media.SubtitleTrack(str(files["srt"]), tongue)
            for tongue, files in subtitles.items()
            if made[tongue].document.cues  # no container takes a track without a cue
        ]
        stem = f"{job.name}.{language}"
        files = {
            "video": deliverables.deliver_film(run, package, tracks, stage) if source.has_picture else None,
            "audio": deliverables.deliver_mix(run, package, stage),
            **deliverables.deliver_stems(run, package, stage),
            "timeline": stage.folder / f"{stem}.timeline.json",
            "master": stage.folder / f"{job.name}.master.json",
            "report": stage.folder / f"{stem}.report.json",
        }
        if job.burn and files["video"] is not None and made[language].document.cues:
            text = subtitles[language]["srt"]
            files["burnt"] = deliverables.deliver_burnt_film(run, source, files["video"], text, stage, package)
        alone = deliverables.deliver_speaker_stems(run, package, stage)
        write_json(stage.folder / f"{stem}.timeline.json", align.timeline_json(package.timeline))
        write_json(stage.folder / f"{job.name}.master.json", master_json(sheet, shown))
        deliverables.sign_subtitles(
            run, package, [f for by_format in subtitles.values() for f in by_format.values()], stage
        )
    report |= {"subtitles": render.describe_subtitles(made)}
    report["summary"] |= render.summarize_subtitles(made)
    report |= quality_control.costs(run)
    write_json(stage.folder / f"{stem}.report.json", report)
    write_text(stage.folder / f"{stem}.report.html", report_html.render_report(report, job.name))
    return deliverables.target_json(language, files, subtitles, stage, alone) | {"summary": report["summary"]}


def dry_run(job: Job, run: Run) -> dict[str, Any]:
    """Check everything that can be checked without work, and say what `dub` would do.

    Raises:
        LocalizeError: as `dub` would.
    """
    refuse_nonsense(job)
    engines = select_engines(job, run)
    found = media.probe(job.input)
    stream, fallback = media.choose_audio(job.input, found, job.stream, job.source_language, engines.sources(job.to))
    short = media.truncation(job.input, stream)
    return {
        "schema": 1,
        "input": str(job.input),
        "output": str(job.folder),
        "stream": stream.index,
        "note": "; ".join(note for note in (fallback, short) if note),
        "duration_ms": found.duration_ms,
        "from": job.source_language or "detected among " + ", ".join(engines.sources(job.to)),
        "to": list(job.to),
        "engines": engines.used(None) | {"translator": ", ".join(t.fingerprint for t in engines.translators)},
    }


def subtitle(job: Job, run: Run) -> dict[str, Any]:
    """Make subtitles alone: from media, from a subtitle file, or from a master.json.

    Returns:
        what `localize subs --json` prints.

    Raises:
        LocalizeError: any branch of the tree; nothing is left in the output folder then.
    """
    refuse_nonsense(job)
    sheet, words, known, film = subtitle_source_of_file(job, run)
    with staged_folder(job.folder) as stage:
        wanted = [language for language in (job.to or known) if language != sheet.transcript.language]
        shown = [
            known[language] if language in known else _translated(language, job, run, words) for language in wanted
        ]
        made = render.render_all(job, sheet, shown)
        subtitles = render.write_subtitles(job, run, made, stage)
        master = stage.folder / f"{job.name}.master.json"
        write_json(master, master_json(sheet, shown))
        report = stage.folder / f"{job.name}.subtitles.json"
        burnt = {}
        if job.burn and film is not None:
            burnt = {
                tongue: deliverables.deliver_burnt_film(run, film, job.input, subtitles[tongue]["srt"], stage)
                for tongue in (wanted or [sheet.transcript.language])
                if made[tongue].document.cues
            }
        write_json(report, {"schema": 1, "languages": render.describe_subtitles(made)})
        source = sheet.transcript.language
        targets = [
            deliverables.subtitle_target_json(
                language,
                sheet,
                {k: v for k, v in subtitles.items() if k in (language, source)},
                stage,
                {"master": master, "report": report} | ({"burnt": burnt[language]} if language in burnt else {}),
                render.summarize_subtitles({k: v for k, v in made.items() if k in (language, source)}),
            )
            for language in (wanted or [source])
        ]
    if job.cast is not None:
        cast_file.write_cast(job.cast, words.people)
    return _finish(job, run, targets)


def _translated(language: str, job: Job, run: Run, words: SourceWords) -> data.TargetText:
    """One language's words over the source's phrases."""
    source = words.transcript.language
    offer = None if words.translation else select_engines(job, run, hears=False, speaks=False).translator
    if offer is not None:
        offer(source, language)  # Whoever does not translate at all is told before any work.
    with run.stage("translate", len(words.transcript.segments)):
        translation = _translate_lines(language, job, run, words, offer)
    return data.TargetText(translation, caption.target_words(words.transcript, translation), {})


def _translate_lines(
    language: str, job: Job, run: Run, words: SourceWords, offer: multilingual.Offer | None
) -> Translation:
    """What everybody says in another language, addressing people as was wished."""
    wishes = formality_wishes(job, words.glossary)
    addressed, strangers = registers.registers_by_segment(words.transcript.segments, wishes, words.names)
    for who in strangers:
        run.warn("register", f"nobody here is {who}: what was said of how {who} is addressed changes nothing")
    region = job.regions.get(language, "")
    if offer is None:
        return translate(
            run, words.transcript, None, to=language, edits=words.edits, glossary=words.glossary,
            given=words.translation, registers=addressed, region=region,
        )  # fmt: skip
    return multilingual.translate_each(
        run, words.transcript, offer, to=language, edits=words.edits, glossary=words.glossary, registers=addressed,
        region=region,
    )  # fmt: skip


def _request_json(job: Job, source: Media) -> dict[str, Any]:
    """job.json: what was asked for, without any path."""
    named = {
        name: path.name
        for name in ("edits", "transcript", "translation", "glossary", "me", "cast")
        if (path := getattr(job, name))
    }
    return {
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
        "formats": list(job.formats),
        "timing": {"mode": job.timing, "relax": list(job.relaxed)},
        "burn": job.burn,
        "sound": {"bed": job.bed, "dry": job.dry, "loudness": job.loudness, "stems": list(job.stems)},
        **named,
        "version": __version__,
    }


def _finish(job: Job, run: Run, targets: list[dict[str, Any]]) -> dict[str, Any]:
    result = {"schema": 1, "input": str(job.input), "targets": targets, **quality_control.costs(run)}
    if job.strict:
        found = [f"{t['language']}: {text}" for t in targets for text in quality_control.shortfalls(t["summary"])]
        if found:
            raise QualityError(f"{job.input.name} falls short: {'; '.join(found)}", result=result)
    return result
