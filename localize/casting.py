"""Who speaks with which voice, and by whose leave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import consent
from .data import Media, Voice
from .engines import Synthesizer, find, names
from .errors import EngineError, EngineMissing
from .events import Run
from .intake import Words
from .job import Job
from .stages.cast import ORIGINAL, Role, cast


def voices_of(
    job: Job, run: Run, source: Media, words: Words, synthesizer: Synthesizer, language: str
) -> tuple[tuple[Role, ...], dict[str, consent.Grant]]:
    """Who speaks with which voice, and the grant for each segment: asked anew on every run, store or no store."""
    transcript = words.transcript
    revoked = consent.revocations(run.home)
    cards = [consent.card(run.home, v.id) for v in consent.voices(run.home) if v.id not in revoked]
    cards = [card for card in cards if card.stock]
    roles = cast(run.store, source.speech, transcript, job.voices, cards, language)
    own = {e.segment: e.voice for e in words.edits.edits if e.voice}
    if unused := sorted(set(job.recast) - {*(r.voice for r in roles), *own.values()}):
        run.warn("recast", f"--recast {unused[0]}=… changes nothing: {unused[0]} would not be heard")
    roles = tuple(
        replace(r, voice=job.recast[r.voice], reason=f"instead of {r.voice}") if r.voice in job.recast else r
        for r in roles
    )
    own = {segment: job.recast.get(voice, voice) for segment, voice in own.items()}
    wanted = {r.speaker: r.voice for r in roles if r.voice != ORIGINAL} | {
        s: v for s, v in own.items() if v != ORIGINAL
    }
    requests = [consent.Request(v, who, language, job.name, job.purpose) for who, v in wanted.items()]
    granted = consent.check(run.home, requests)
    for grant in granted.values():
        _check_speaks(synthesizer, grant)
        if grant.terms.territory:
            run.warn("territory", f"the voice {grant.voice.id} may be heard in {grant.terms.territory} only")
    grants = {}
    for segment in transcript.segments:
        who = segment.id if segment.id in own else segment.speaker
        if who in granted:
            grants[segment.id] = granted[who]
    return roles, grants


def _check_speaks(synthesizer: Synthesizer, grant: consent.Grant) -> None:
    voice = grant.voice
    if not _suits(voice, synthesizer, recorded=grant.kind == "person"):
        raise EngineMissing(
            f"{synthesizer.name} cannot speak as {voice.id}, which is made for {voice.engine}: "
            f"pip install 'localize-toolkit[{voice.engine}]' and give --engine synthesizer={voice.engine}",
            voice=voice.id,
        )


def speakers_of(card: consent.Card) -> tuple[str, ...]:
    """The installed synthesizers that can speak with a voice, by name."""
    found = []
    for name in names("synthesizer"):
        try:
            kind = find("synthesizer", name)
        except EngineError:
            continue
        if _suits(card.voice, kind, recorded=not card.stock):
            found.append(name)
    return tuple(found)


def _suits(voice: Voice, engine: Any, *, recorded: bool) -> bool:
    """A voice is data for one engine, or a recording for any that clones; asked of an engine or of its class."""
    return voice.engine == engine.name or (recorded and bool(engine.clones))
