"""Who speaks with which voice, and by whose leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from .. import consent
from ..data import ORIGINAL, Media, Transcript, Voice
from ..engines import Synthesizer, find, names
from ..errors import EngineError, EngineMissing, UsageError
from ..events import Run
from ..job import Job
from ..source import SourceWords
from .casting import Role, cast_voices, is_wordless

VoicesByLanguage = dict[str, dict[str, tuple[str, str]]]
"""Language -> speaker -> voice and grant."""


def assign_voices(
    job: Job,
    run: Run,
    source: Media,
    words: SourceWords,
    synthesizer: Synthesizer,
    language: str,
    unspoken: Collection[str] = (),
) -> tuple[tuple[Role, ...], dict[str, consent.Grant]]:
    """Who speaks with which voice, and the grant for each segment: asked anew on every run, store or no store.

    `unspoken` are segments that stay in the original, unless a person's edit says what is spoken there.
    """
    transcript = words.transcript
    revoked = consent.revocations(run.home)
    cards = [consent.card(run.home, v.id) for v in consent.voices(run.home) if v.id not in revoked]
    cards = [card for card in cards if card.stock]
    elsewhere = {name.casefold() for p in words.people.known for name in (p.id, p.name)}
    asked = _by_speaker(job.voices, transcript, words.names, elsewhere)
    kept = {s: v for s, v in words.people.voices(language).items() if s not in asked}
    roles = cast_voices(run.store, source.speech, transcript, kept | asked, cards, language)
    roles = tuple(
        replace(r, name=words.names.get(r.speaker, ""), reason=f"as in {job.cast}" if r.speaker in kept else r.reason)
        for r in roles
    )
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
    chosen = {e.segment for e in words.edits.edits if e.translation or e.voice}
    for segment in transcript.segments:
        stays = segment.id in unspoken or is_wordless(segment.text, transcript.language)
        if words.translation is None and segment.id not in chosen and stays:
            continue  # a laugh needs no translation, and no other voice laughs it as well
        who = segment.id if segment.id in own else segment.speaker
        if who in granted:
            grants[segment.id] = granted[who]
    return roles, grants


def voices_for_cast_file(
    roles: tuple[Role, ...], transcript: Transcript, grants: Mapping[str, consent.Grant]
) -> dict[str, tuple[str, str]]:
    """Speaker -> voice, and the grant under which it speaks, or "": what a cast file keeps."""
    found = {}
    for role in roles:
        given = (grants[s.id] for s in transcript.segments if s.speaker == role.speaker and s.id in grants)
        found[role.speaker] = (role.voice, next((g.id for g in given if g.voice.id == role.voice), ""))
    return found


def _by_speaker(
    wanted: Mapping[str, str], transcript: Transcript, names: Mapping[str, str], elsewhere: Collection[str]
) -> dict[str, str]:
    """What was asked for speakers by id or by name, by id; people of the series who are not in this film are let be.

    Raises:
        UsageError: there is no such speaker, or one is named twice with different voices.
    """
    speakers = list(dict.fromkeys(s.speaker for s in transcript.segments))
    called: dict[str, list[str]] = {}
    for speaker in speakers:
        called.setdefault(names.get(speaker, speaker).casefold(), []).append(speaker)
    found: dict[str, str] = {}
    for who, voice in wanted.items():
        meant = [who] if who in speakers else called.get(who.casefold(), [])
        if not meant and who.casefold() in elsewhere:
            continue
        if not meant:
            shown = ", ".join(f"{s} ({names[s]})" if s in names else s for s in speakers)
            raise UsageError(f"no speaker is called {who!r}: there are {shown}", speaker=who)
        for speaker in meant:
            if found.setdefault(speaker, voice) != voice:
                raise UsageError(f"--voice gives {speaker} two voices, {found[speaker]} and {voice}", speaker=who)
    return found


def _check_speaks(synthesizer: Synthesizer, grant: consent.Grant) -> None:
    voice = grant.voice
    if not _can_speak_with(voice, synthesizer, recorded=grant.kind == "person"):
        raise EngineMissing(
            f"{synthesizer.name} cannot speak as {voice.id}, which is made for {voice.engine}: "
            f"pip install 'localize-toolkit[{voice.engine}]' and give --engine synthesizer={voice.engine}",
            voice=voice.id,
        )


def synthesizers_for(card: consent.Card) -> tuple[str, ...]:
    """The installed synthesizers that can speak with a voice, by name."""
    found = []
    for name in names("synthesizer"):
        try:
            kind = find("synthesizer", name)
        except EngineError:
            continue
        if _can_speak_with(card.voice, kind, recorded=not card.stock):
            found.append(name)
    return tuple(found)


def _can_speak_with(voice: Voice, engine: Any, *, recorded: bool) -> bool:
    """A voice is data for one engine, or a recording for any that clones; asked of an engine or of its class."""
    return voice.engine == engine.name or (recorded and bool(engine.clones))
