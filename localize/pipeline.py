"""THE STORY: how a film becomes a dubbed film, and how it becomes subtitles.

Each step is a plain function over frozen records; leaf calls are remembered in the store, so that running again is
resuming. Consent, ledger and signing are asked anew on every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import __version__, consent, media, page, quality, series, subtitling
from .casting import Spoken, kept_voices, voices_of
from .crew import Crew, addressing, assemble, hearing, rest
from .data import Media, Translation
from .device import Device
from .engines import Synthesizer, Translator
from .errors import LocalizeError, QualityError
from .events import Listener, Run, silent
from .intake import Words, ingest, refuse_nonsense, sheet, sheet_of, words_of
from .job import Job, read_json
from .models import Models
from .provenance import Signer
from .stages import align, caption, deliver, given, notice, registers
from .stages.master import master as master_json
from .stages.master import read_master
from .stages.mix import mix
from .stages.rewrite import widened
from .stages.synthesize import synthesize
from .stages.translate import translate
from .stages.watermark import watermark
from .store import Store, write_json, write_text


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
    crew = assemble(job, run)
    source = ingest(job, run)
    words = words_of(job, run, crew, source)
    rest(crew.recogniser)
    with deliver.staging(job.folder) as stage:
        shown = _made_before(job, stage, words)
        spoken: Spoken = {}
        targets = [_dub_into(language, job, run, crew, source, words, stage, shown, spoken) for language in job.to]
        run.language = ""
        write_json(stage.folder / f"{job.name}.job.json", _request(job, source))
    if job.cast is not None:
        series.keep(job.cast, words.people, spoken)
    return _finished(job, run, targets)


def _made_before(job: Job, stage: deliver.Staging, words: Words) -> list[caption.Target]:
    """Targets that an earlier run delivered here for the same words, so that the master keeps them."""
    path = stage.target / f"{job.name}.master.json"
    try:
        master = read_master(read_json(path, given.MASTER_LIMIT), str(path))
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
    crew: Crew,
    source: Media,
    words: Words,
    stage: deliver.Staging,
    shown: list[caption.Target],
    spoken: Spoken,
) -> dict[str, Any]:
    transcript, recogniser, synthesizer = words.transcript, hearing(crew), crew.synthesizer
    assert synthesizer is not None
    run.language = language
    roles, grants = voices_of(job, run, source, words, synthesizer, language)
    spoken[language] = kept_voices(roles, transcript, grants)
    translator = None if words.translation else crew.translator(transcript.language, language)
    with run.stage("translate", len(transcript.segments)):
        translation = widened(_said(language, job, run, words, translator))
    speech = synthesize(
        run, transcript, translation, grants, synthesizer, source.duration_ms,
        timing=job.timing, relaxed=job.relaxed,
        on_made=lambda take: consent.note_synthesis(run.home, job.name, language, (take,)),
    )  # fmt: skip
    rest(translator, synthesizer)
    consent.note_reused(run.home, job.name, language, speech.takes)
    timeline = align.align(transcript, speech, source.duration_ms)
    left = caption.undubbed(transcript, timeline)
    mixed = mix(
        run, source, timeline,
        style=job.bed, dry=job.dry, target=job.loudness, by_speaker="speakers" in job.stems,
        kept=[p for s in transcript.segments if s.id in left for p in s.phrases or (s.span,)],
    )  # fmt: skip
    mixed, marked = watermark(run, source, mixed, crew.watermarker)
    report = quality.report(run, timeline, mixed, recogniser, roles, translation, speech.plans, crew.used(translator))
    package = deliver.Package(
        job.name,
        transcript.language,
        source,
        timeline,
        mixed,
        grants,
        crew.used(translator),
        translator is not None,
        __version__,
        "none" if crew.watermarker is None else crew.watermarker.name,
    )
    report |= _disclosed(job, run, package, synthesizer, marked, stage)
    shown.append(
        caption.Target(
            translation,
            caption.target_words(transcript, translation, timeline),
            caption.chosen_of(speech),
            left,
        )
    )
    return _deliver(job, run, package, sheet(run, source, words), shown, report, stage)


def _disclosed(
    job: Job, run: Run, package: deliver.Package, synthesizer: Synthesizer, marked: float | None, stage: deliver.Staging
) -> dict[str, Any]:
    """Tell people and machines that voices are synthesized; gives what the report says of it."""
    if "spoken" in job.notice:
        take, grant = notice.spoken(run, job.name, job.purpose, package.timeline.language, synthesizer)
        deliver.signed_notice(run, package, take, grant, stage)
    return {
        "disclosure": notice.labels(translated=package.translated),
        "watermark": {"engine": package.watermark, "confidence": marked},
    }


def _deliver(
    job: Job,
    run: Run,
    package: deliver.Package,
    sheet: caption.Sheet,
    shown: Sequence[caption.Target],
    report: dict[str, Any],
    stage: deliver.Staging,
) -> dict[str, Any]:
    source, language = package.media, package.timeline.language
    with run.stage("deliver"):
        made = subtitling.captions(job, sheet, shown[-1:])
        if "screen" in job.notice:
            made[language] = notice.shown(run, made[language])
        subtitles = subtitling.written(job, run, made, stage)
        tracks = [
            media.SubtitleTrack(str(files["srt"]), tongue)
            for tongue, files in subtitles.items()
            if made[tongue].document.cues  # no container takes a track without a cue
        ]
        stem = f"{job.name}.{language}"
        files = {
            "video": deliver.signed_film(run, package, tracks, stage) if source.has_picture else None,
            "audio": deliver.signed_mix(run, package, stage),
            **deliver.stems(run, package, stage),
            "timeline": stage.folder / f"{stem}.timeline.json",
            "master": stage.folder / f"{job.name}.master.json",
            "report": stage.folder / f"{stem}.report.json",
        }
        if job.burn and files["video"] is not None and made[language].document.cues:
            text = subtitles[language]["srt"]
            files["burnt"] = deliver.burnt_film(run, source, files["video"], text, stage, package)
        alone = deliver.speaker_stems(run, package, stage)
        write_json(stage.folder / f"{stem}.timeline.json", align.public(package.timeline))
        write_json(stage.folder / f"{job.name}.master.json", master_json(sheet, shown))
        deliver.signed_texts(run, package, [f for by_format in subtitles.values() for f in by_format.values()], stage)
    report |= {"subtitles": subtitling.told(made)}
    report["summary"] |= subtitling.summary(made)
    report |= quality.costs(run)
    write_json(stage.folder / f"{stem}.report.json", report)
    write_text(stage.folder / f"{stem}.report.html", page.page(report, job.name))
    return deliver.outcome(language, files, subtitles, stage, alone) | {"summary": report["summary"]}


def rehearse(job: Job, run: Run) -> dict[str, Any]:
    """Check everything that can be checked without work, and say what `dub` would do.

    Raises:
        LocalizeError: as `dub` would.
    """
    refuse_nonsense(job)
    crew = assemble(job, run)
    found = media.probe(job.input)
    stream, fallback = media.choose_audio(job.input, found, job.stream, job.source_language)
    return {
        "schema": 1,
        "input": str(job.input),
        "output": str(job.folder),
        "stream": stream.index,
        "note": fallback,
        "duration_ms": found.duration_ms,
        "from": job.source_language or "detected among " + ", ".join(crew.sources(job.to)),
        "to": list(job.to),
        "engines": crew.used(None) | {"translator": ", ".join(t.fingerprint for t in crew.translators)},
    }


def subtitle(job: Job, run: Run) -> dict[str, Any]:
    """Make subtitles alone: from media, from a subtitle file, or from a master.json.

    Returns:
        what `localize subs --json` prints.

    Raises:
        LocalizeError: any branch of the tree; nothing is left in the output folder then.
    """
    refuse_nonsense(job)
    sheet, words, known, film = sheet_of(job, run)
    with deliver.staging(job.folder) as stage:
        wanted = [language for language in (job.to or known) if language != sheet.transcript.language]
        shown = [
            known[language] if language in known else _translated(language, job, run, words) for language in wanted
        ]
        made = subtitling.captions(job, sheet, shown)
        subtitles = subtitling.written(job, run, made, stage)
        master = stage.folder / f"{job.name}.master.json"
        write_json(master, master_json(sheet, shown))
        report = stage.folder / f"{job.name}.subtitles.json"
        burnt = {}
        if job.burn and film is not None:
            burnt = {
                tongue: deliver.burnt_film(run, film, job.input, subtitles[tongue]["srt"], stage)
                for tongue in (wanted or [sheet.transcript.language])
                if made[tongue].document.cues
            }
        write_json(report, {"schema": 1, "languages": subtitling.told(made)})
        source = sheet.transcript.language
        targets = [
            deliver.subtitled(
                language,
                sheet,
                {k: v for k, v in subtitles.items() if k in (language, source)},
                stage,
                {"master": master, "report": report} | ({"burnt": burnt[language]} if language in burnt else {}),
                subtitling.summary({k: v for k, v in made.items() if k in (language, source)}),
            )
            for language in (wanted or [source])
        ]
    if job.cast is not None:
        series.keep(job.cast, words.people)
    return _finished(job, run, targets)


def _translated(language: str, job: Job, run: Run, words: Words) -> caption.Target:
    """One language's words over the source's phrases."""
    source = words.transcript.language
    translator = (
        None if words.translation else assemble(job, run, hears=False, speaks=False).translator(source, language)
    )
    with run.stage("translate", len(words.transcript.segments)):
        translation = _said(language, job, run, words, translator)
    return caption.Target(translation, caption.target_words(words.transcript, translation), {})


def _said(language: str, job: Job, run: Run, words: Words, translator: Translator | None) -> Translation:
    """What everybody says in another language, addressing people as was wished."""
    wishes = addressing(job, words.glossary)
    addressed, strangers = registers.of_segments(words.transcript.segments, wishes, words.names)
    for who in strangers:
        run.warn("register", f"nobody here is {who}: what was said of how {who} is addressed changes nothing")
    return translate(
        run,
        words.transcript,
        translator,
        to=language,
        edits=words.edits,
        glossary=words.glossary,
        given=words.translation,
        registers=addressed,
        region=job.regions.get(language, ""),
    )


def _request(job: Job, source: Media) -> dict[str, Any]:
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


def _finished(job: Job, run: Run, targets: list[dict[str, Any]]) -> dict[str, Any]:
    result = {"schema": 1, "input": str(job.input), "targets": targets, **quality.costs(run)}
    if job.strict:
        found = [f"{t['language']}: {text}" for t in targets for text in quality.shortfalls(t["summary"])]
        if found:
            raise QualityError(f"{job.input.name} falls short: {'; '.join(found)}", result=result)
    return result
