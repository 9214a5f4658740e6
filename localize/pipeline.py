"""THE STORY: how a film becomes a dubbed film, and how it becomes subtitles.

Each step is a plain function over frozen records; leaf calls are remembered in the store, so that running again is
resuming. Consent, ledger and signing are asked anew on every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import __version__, consent, media, page, quality
from .crew import Crew, assemble, hearing
from .data import Edits, Media, Transcript
from .engines import Synthesizer
from .errors import EngineMissing, MediaError, QualityError, UsageError
from .events import Listener, Run, silent
from .job import Job, read_edits
from .models import Models
from .stages import align, caption, deliver, given
from .stages.cast import ORIGINAL, Role, cast
from .stages.diarize import diarize
from .stages.mix import mix
from .stages.rewrite import widened
from .stages.synthesize import synthesize
from .stages.transcribe import transcribe
from .stages.translate import Glossary, apply_edits, read_glossary, translate
from .store import Store, write_json, write_text
from .subtitles import profiles


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, and what a person gave to change how it is said."""

    transcript: Transcript
    edits: Edits
    glossary: Glossary
    translation: tuple[str, ...] | None = None


def open_run(listener: Listener = silent) -> Run:
    """A run in the user's own store, home and model folders (`LOCALIZE_STORE`, `LOCALIZE_HOME`, `LOCALIZE_MODELS`).

    Args:
        listener: told what happens.
    """
    run: Run

    def damaged(message: str) -> None:
        run.warn("store_damaged", message)

    run = Run(
        Store.open(damaged),
        consent.Home.open(),
        Models(say=lambda message: run.warn("model_assembled", message)),
        listener,
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
    _check(job)
    crew = assemble(job, run)
    source = _ingest(job, run)
    words = _words(job, run, crew, source)
    with deliver.staging(job.folder) as stage:
        shown: list[caption.Target] = []
        targets = [_dub_into(language, job, run, crew, source, words, stage, shown) for language in job.to]
        write_json(stage.folder / f"{job.name}.job.json", _request(job, source))
    return _finished(job, run, targets)


def _ingest(job: Job, run: Run) -> Media:
    """The source, probed and decoded; says so when another stream than the one wished for is used."""
    with run.stage("ingest"):
        source = media.ingest(run.store, job.input, stream=job.stream, language=job.source_language)
    if source.fallback:
        run.warn("stream", f"{job.input.name}: {source.fallback}")
    return source


def _dub_into(
    language: str,
    job: Job,
    run: Run,
    crew: Crew,
    source: Media,
    words: Words,
    stage: deliver.Staging,
    shown: list[caption.Target],
) -> dict[str, Any]:
    transcript, recogniser, synthesizer = words.transcript, hearing(crew), crew.synthesizer
    assert synthesizer is not None
    roles, grants = _voices(job, run, source, words, synthesizer, language)
    translator = None if words.translation else crew.translator(transcript.language, language)
    with run.stage("translate", len(transcript.segments)):
        translation = widened(
            translate(
                run,
                transcript,
                translator,
                to=language,
                edits=words.edits,
                glossary=words.glossary,
                given=words.translation,
            )
        )
    speech = synthesize(
        run, transcript, translation, grants, synthesizer, source.duration_ms,
        on_made=lambda take: consent.note_synthesis(run.home, job.name, language, (take,)),
    )  # fmt: skip
    timeline = align.align(transcript, speech, source.duration_ms)
    mixed = mix(run, source, timeline)
    report = quality.report(run, timeline, mixed, recogniser, roles, speech.plans, crew.used(translator))
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
    )
    shown.append(
        caption.Target(translation, caption.target_words(transcript, translation, timeline), caption.chosen_of(speech))
    )
    return _deliver(job, run, package, transcript, shown, report, stage)


def _deliver(
    job: Job,
    run: Run,
    package: deliver.Package,
    transcript: Transcript,
    shown: Sequence[caption.Target],
    report: dict[str, Any],
    stage: deliver.Staging,
) -> dict[str, Any]:
    source, language = package.media, package.timeline.language
    sheet = caption.Sheet(transcript, source.duration_ms, source.frame_rate, source.offset_ms)
    with run.stage("deliver"):
        subtitles = _captions(job, sheet, shown[-1:], stage)
        tracks = [media.SubtitleTrack(str(files["srt"]), tongue) for tongue, files in subtitles.items()]
        stem = f"{job.name}.{language}"
        files = {
            "video": deliver.signed_film(run, package, tracks, stage) if source.has_picture else None,
            "audio": deliver.signed_mix(run, package, stage),
            **deliver.stems(run.store, package, stage),
            "timeline": stage.folder / f"{stem}.timeline.json",
            "master": stage.folder / f"{job.name}.master.json",
            "report": stage.folder / f"{stem}.report.json",
        }
        write_json(stage.folder / f"{stem}.timeline.json", align.public(package.timeline))
        write_json(stage.folder / f"{job.name}.master.json", caption.master(sheet, shown))
    report |= quality.costs(run)
    write_json(stage.folder / f"{stem}.report.json", report)
    write_text(stage.folder / f"{stem}.report.html", page.page(report, job.name))
    return deliver.outcome(language, files, subtitles, stage) | {"summary": report["summary"]}


def rehearse(job: Job, run: Run) -> dict[str, Any]:
    """Check everything that can be checked without work, and say what `dub` would do.

    Raises:
        LocalizeError: as `dub` would.
    """
    _check(job)
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
    _check(job)
    sheet, words, known = _sheet(job, run)
    with deliver.staging(job.folder) as stage:
        wanted = [language for language in (job.to or known) if language != sheet.transcript.language]
        shown = [
            known[language] if language in known else _translated(language, job, run, words) for language in wanted
        ]
        subtitles = _captions(job, sheet, shown, stage)
        master = stage.folder / f"{job.name}.master.json"
        write_json(master, caption.master(sheet, shown))
        targets = [
            deliver.subtitled(
                language,
                sheet,
                {k: v for k, v in subtitles.items() if k in (language, sheet.transcript.language)},
                stage,
                master,
            )
            for language in (wanted or [sheet.transcript.language])
        ]
    return _finished(job, run, targets)


def _sheet(job: Job, run: Run) -> tuple[caption.Sheet, Words, dict[str, caption.Target]]:
    """What subtitles are made from, and the translations that are there already."""
    if not given.is_words(job.input):
        crew = assemble(job, run, speaks=False)
        source = _ingest(job, run)
        words = _words(job, run, crew, source)
        return caption.Sheet(words.transcript, source.duration_ms, source.frame_rate, source.offset_ms), words, {}
    found = given.read(run, job.input, job.source_language)
    edits = read_edits(job.edits)
    words = Words(apply_edits(found.transcript, edits), edits, _glossary(job), _texts(job, run))
    if found.master is None:
        end = max(s.span.end_ms for s in words.transcript.segments)
        return caption.Sheet(words.transcript, end, "24/1"), words, {}
    known = {t.translation.language: t for t in found.master.targets}
    return caption.Sheet(words.transcript, found.master.duration_ms, found.master.frame_rate), words, known


def _translated(language: str, job: Job, run: Run, words: Words) -> caption.Target:
    """One language's words over the source's phrases."""
    source = words.transcript.language
    if source == given.UNKNOWN and not words.translation:
        raise UsageError(f"{job.input} does not say its language: give --from")
    translator = (
        None if words.translation else assemble(job, run, hears=False, speaks=False).translator(source, language)
    )
    with run.stage("translate", len(words.transcript.segments)):
        translation = translate(
            run,
            words.transcript,
            translator,
            to=language,
            edits=words.edits,
            glossary=words.glossary,
            given=words.translation,
        )
    return caption.Target(translation, caption.target_words(words.transcript, translation), {})


def _captions(
    job: Job, sheet: caption.Sheet, shown: Sequence[caption.Target], stage: deliver.Staging
) -> dict[str, dict[str, Path]]:
    """Subtitles of every target and of the source: language -> format -> file."""
    texts = {t.translation.language: caption.flat(t.words, sheet.transcript) for t in shown}
    texts.setdefault(sheet.transcript.language, caption.source_words(sheet.transcript))
    return {
        language: caption.write(
            caption.caption(words, language, job.profile, sheet), stage.folder, job.name, job.formats
        )
        for language, words in texts.items()
    }


def _words(job: Job, run: Run, crew: Crew, source: Media) -> Words:
    """What is said in a film: recognised or given, then corrected."""
    edits, glossary = read_edits(job.edits), _glossary(job)
    lines = given.read(run, job.translation, None).transcript.segments if job.translation else ()
    if job.transcript is not None:
        language = job.source_language
        transcript = given.read(run, job.transcript, language).transcript
        if transcript.language == given.UNKNOWN:
            transcript = replace(transcript, language=_only_source(job, crew))
        transcript = given.settle(run.store, source, transcript)
    else:
        among = crew.sources(job.to) or tuple(sorted(hearing(crew).languages))
        heard = transcribe(run, source, hearing(crew), job.source_language, among)
        transcript = diarize(run, source, heard)
        if lines:
            cut = given.recut(transcript, lines)
            lost = sum(len(s.words) for s in transcript.segments) - sum(len(s.words) for s in cut.segments)
            if lost:
                run.warn(
                    "undubbed",
                    f"{lost} spoken words lie outside every cue of {job.translation}: they stay in the original",
                )
            transcript = given.settle(run.store, source, cut)
    corrected = apply_edits(transcript, edits)
    kept = {s.id: s.span for s in transcript.segments}
    moved = tuple(s if kept[s.id] == s.span else replace(s, phrases=(s.span,), words=()) for s in corrected.segments)
    return Words(replace(corrected, segments=moved), edits, glossary, tuple(s.text for s in lines) or None)


def _only_source(job: Job, crew: Crew) -> str:
    """The language of a transcript that does not say it, where only one is possible."""
    sources = crew.sources(job.to)
    if len(sources) != 1:
        raise UsageError(f"{job.transcript} does not say its language: give --from")
    return sources[0]


def _texts(job: Job, run: Run) -> tuple[str, ...] | None:
    if job.translation is None:
        return None
    return tuple(s.text for s in given.read(run, job.translation, None).transcript.segments)


def _glossary(job: Job) -> Glossary:
    return read_glossary(job.glossary) if job.glossary else Glossary()


def _voices(
    job: Job, run: Run, source: Media, words: Words, synthesizer: Synthesizer, language: str
) -> tuple[tuple[Role, ...], dict[str, consent.Grant]]:
    """Who speaks with which voice, and the grant for each segment: asked anew on every run, store or no store."""
    transcript = words.transcript
    revoked = consent.revocations(run.home)
    cards = [consent.card(run.home, v.id) for v in consent.voices(run.home) if v.id not in revoked]
    cards = [card for card in cards if card.stock]
    roles = cast(run.store, source.speech, transcript, job.voices, cards, language)
    own = {e.segment: e.voice for e in words.edits.edits if e.voice}
    wanted = {r.speaker: r.voice for r in roles if r.voice != ORIGINAL} | {
        s: v for s, v in own.items() if v != ORIGINAL
    }
    granted = consent.check(run.home, [consent.Request(v, who, language, job.name) for who, v in wanted.items()])
    for grant in granted.values():
        _check_speaks(synthesizer, grant)
    grants = {}
    for segment in transcript.segments:
        who = segment.id if segment.id in own else segment.speaker
        if who in granted:
            grants[segment.id] = granted[who]
    return roles, grants


def _check_speaks(synthesizer: Synthesizer, grant: consent.Grant) -> None:
    """A voice is data for one engine, or a recording for any that clones."""
    voice = grant.voice
    if voice.engine != synthesizer.name and not (synthesizer.clones and grant.kind == "person"):
        raise EngineMissing(
            f"{synthesizer.name} cannot speak as {voice.id}, which is made for {voice.engine}: "
            f"pip install 'localize-toolkit[{voice.engine}]' and give --engine synthesizer={voice.engine}",
            voice=voice.id,
        )


def _check(job: Job) -> None:
    """Refuse at once what can be seen to be wrong without any work."""
    for language in (*job.to, *((job.source_language,) if job.source_language else ())):
        media.canonical_language(language)
    if repeated := sorted({language for language in job.to if job.to.count(language) > 1}):
        raise UsageError(f"--to names {repeated[0]} twice")
    if job.source_language in job.to and len(job.to) == 1 and job.translation is None:
        raise UsageError(
            f"{job.input.name} would go from {job.source_language} to {job.source_language}: name another --to"
        )
    if job.translation is not None and len(job.to) > 1:
        raise UsageError("--translation holds one language: give one --to with it")
    for language in job.to or ("en",):
        profiles.load(job.profile, language)
    caption.check_formats(job.formats)
    for path in (job.input, job.transcript, job.translation):
        if path is not None and not path.exists():
            raise MediaError(f"{path} does not exist", file=str(path))
    deliver.check_writable(job.folder)


def _request(job: Job, source: Media) -> dict[str, Any]:
    """job.json: what was asked for, without any path."""
    named = {
        name: path.name for name in ("edits", "transcript", "translation", "glossary") if (path := getattr(job, name))
    }
    return {
        "schema": 1,
        "input": job.input.name,
        "sha256": source.source.sha256,
        "to": list(job.to),
        "from": job.source_language,
        "stream": job.stream,
        "voices": dict(job.voices),
        "engines": dict(job.engines),
        "profile": job.profile,
        "formats": list(job.formats),
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
