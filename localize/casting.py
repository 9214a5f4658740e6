"""Who speaks with which voice, and by whose leave."""

from __future__ import annotations

from . import consent
from .data import Media
from .engines import Synthesizer
from .errors import EngineMissing
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
