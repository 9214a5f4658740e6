"""Assign a voice to every speaker and obtain the grant for each segment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import consent
from ..data import ORIGINAL, Edits, Media, Segment, Transcript, Voice
from ..engines import Synthesizer, find, names
from ..errors import EngineError, EngineMissing, UsageError
from ..events import Run
from ..language.wordless import is_wordless
from .apart import APART, alike_pairs, scene_partners
from .casting import Role, cast_voices
from .people import People


@dataclass(frozen=True, slots=True)
class VoiceRequest:
    """The voices asked for in one title.

    Args:
        title: of the film; grants can name the titles they are for.
        purpose: "dub", "trailer" or "ad".
        voices: speaker, by id or name -> voice id, or "original".
        recast: voice id -> the voice id that speaks in its place.
        tag: BCP 47 tag of what is spoken, with its region where one was asked for; grants can be for one region.
    """

    title: str
    purpose: str
    voices: Mapping[str, str]
    recast: Mapping[str, str]
    tag: str


@dataclass(frozen=True, slots=True)
class CastLines:
    """The lines to be synthesized and what is known of their speakers.

    Args:
        transcript: who says what.
        names: speaker -> what files call them.
        people: of the series.
        edits: a person's corrections; they can give a line a voice of its own.
        given: every line was given in translation, and is spoken as it stands.
        unspoken: segments that stay in the original, unless a person's edit says what is spoken there.
    """

    transcript: Transcript
    names: Mapping[str, str]
    people: People
    edits: Edits
    given: bool
    unspoken: Collection[str] = ()


def check_wished_voices(run: Run, wished: VoiceRequest) -> None:
    """Refuse voices asked for by name that may not be used, before any work.

    Raises:
        ConsentError: a voice may not be used for this language, title and purpose, or there is no such voice.
    """
    consent.check(run.home, requests_of(wished))
    for voice in wished.recast.values():
        if voice != ORIGINAL:
            consent.card(run.home, voice)


def requests_of(wished: VoiceRequest) -> tuple[consent.Request, ...]:
    """What is asked for the voices that are named."""
    voices = {who: wished.recast.get(voice, voice) for who, voice in wished.voices.items()}
    return tuple(
        consent.Request(voice, who, wished.tag, wished.title, wished.purpose)
        for who, voice in voices.items()
        if voice != ORIGINAL
    )


def assign_voices(
    run: Run, source: Media, lines: CastLines, wished: VoiceRequest, synthesizer: Synthesizer, language: str
) -> tuple[tuple[Role, ...], dict[str, consent.Grant]]:
    """The voice of each speaker and the grant for each segment; checked on every run, never from the store.

    Raises:
        UsageError: a voice is asked for somebody who does not speak.
        ConsentError: a voice may not be used for this language, title and purpose.
        EngineMissing: the synthesizer cannot speak with a voice.
    """
    roles = _cast(run, source, lines, wished, language)
    own = {e.segment: voice for e in lines.edits.edits if (voice := e.voices.get(language, e.voice))}
    if unused := sorted(set(wished.recast) - {*(r.voice for r in roles), *own.values()}):
        run.warn("recast", f"--recast {unused[0]}=… changes nothing: {unused[0]} would not be heard")
    roles = tuple(
        replace(r, voice=wished.recast[r.voice], reason=f"instead of {r.voice}") if r.voice in wished.recast else r
        for r in roles
    )
    roles = _with_alike(run, roles, lines.transcript)
    recorded = {e.segment for e in lines.edits.edits if language in e.takes and own[e.segment] not in wished.recast}
    own = {segment: wished.recast.get(voice, voice) for segment, voice in own.items()}
    wanted = {who: v for who, v in {**{r.speaker: r.voice for r in roles}, **own}.items() if v != ORIGINAL}
    requests = [
        consent.Request(v, who, wished.tag, wished.title, wished.purpose, recorded=who in recorded)
        for who, v in wanted.items()
    ]
    granted = consent.check(run.home, requests)
    for grant in granted.values():
        if not grant.request.recorded:
            _check_speaks(synthesizer, grant)
        if grant.terms.territory:
            run.warn("territory", f"the voice {grant.voice.id} may be heard in {grant.terms.territory} only")
    return roles, _grants_by_segment(lines, own, granted, language)


def _cast(run: Run, source: Media, lines: CastLines, wished: VoiceRequest, language: str) -> tuple[Role, ...]:
    """The voice of every speaker: the one asked for, else the one in the cast file, else the nearest stock voice."""
    cards = [card for card in consent.unrevoked(run.home) if card.stock]
    elsewhere = {name.casefold() for p in lines.people.known for name in (p.id, p.name)}
    speakers = dict.fromkeys(s.speaker for s in lines.transcript.segments)
    asked = match_voices(wished.voices, speakers, lines.names, elsewhere)
    kept = {s: v for s, v in lines.people.voices(language).items() if s not in asked}
    absent = {p.voices[language] for p in lines.people.known if p.id not in lines.people.here and language in p.voices}
    roles = cast_voices(run.store, source.speech, lines.transcript, kept | asked, cards, language, absent)
    return tuple(
        replace(r, name=lines.names.get(r.speaker, ""), reason="as in the cast file" if r.speaker in kept else r.reason)
        for r in roles
    )


def _with_alike(run: Run, roles: tuple[Role, ...], transcript: Transcript) -> tuple[Role, ...]:
    """The roles with those of their scenes whose voice is not told from theirs; one warning says how many pairs."""
    voices = {r.speaker: r.voice for r in roles if r.voice != ORIGINAL}
    pairs = list(alike_pairs(voices, scene_partners(transcript)))
    if not pairs:
        return roles
    named = [
        f"{one} ({voices[one]}) and {other} ({voices[other]}): "
        + ("not measured" if found is None else f"alike by {found:.2f}")
        for one, other, found in pairs
    ]
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    run.warn(
        "voices_alike",
        f"speakers of one scene have voices that are not known to be told apart (cosine above {APART:.2f}), pairs: "
        f"{len(pairs)}: {'; '.join(named[:3])}{more}; choose others with --voice (`localize voices audition`)",
    )
    with_whom = {
        r.speaker: tuple(b if a == r.speaker else a for a, b, _ in pairs if r.speaker in (a, b)) for r in roles
    }
    return tuple(replace(r, alike=with_whom[r.speaker]) for r in roles)


def _grants_by_segment(
    lines: CastLines, own: Mapping[str, str], granted: Mapping[str, consent.Grant], language: str
) -> dict[str, consent.Grant]:
    grants = {}
    for segment in lines_to_dub(lines, language):
        who = segment.id if segment.id in own else segment.speaker
        if who in granted:
            grants[segment.id] = granted[who]
    return grants


def lines_to_dub(lines: CastLines, language: str) -> tuple[Segment, ...]:
    """The lines that are dubbed where their speaker is: a laugh needs no translation, and no other voice laughs it as
    well.
    """
    chosen = {e.segment for e in lines.edits.edits if e.translation or e.voice or language in e.voices}
    return tuple(
        segment
        for segment in lines.transcript.segments
        if lines.given
        or segment.id in chosen
        or not (segment.id in lines.unspoken or is_wordless(segment.text, lines.transcript.language))
    )


def voices_for_cast_file(
    roles: tuple[Role, ...], transcript: Transcript, grants: Mapping[str, consent.Grant]
) -> dict[str, tuple[str, str]]:
    """Speaker -> voice, and the grant under which it speaks, or "": what a cast file keeps."""
    found = {}
    for role in roles:
        given = (grants[s.id] for s in transcript.segments if s.speaker == role.speaker and s.id in grants)
        found[role.speaker] = (role.voice, next((g.id for g in given if g.voice.id == role.voice), ""))
    return found


def match_voices(
    wanted: Mapping[str, str], speakers: Collection[str], names: Mapping[str, str], elsewhere: Collection[str]
) -> dict[str, str]:
    """Voices asked for by speaker id or name, as speaker id -> voice; people of the series who are not in this film are
    ignored.

    Args:
        wanted: speaker, by id or name -> voice.
        speakers: of the film, in the order in which they are named to a person.
        names: speaker -> what they are called.
        elsewhere: ids and names of people of the series, in lower case.

    Raises:
        UsageError: there is no such speaker, or one is named twice with different voices.
    """
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
        if _can_speak_with(card.voice, kind, recorded=not card.licensed):
            found.append(name)
    return tuple(found)


def _can_speak_with(voice: Voice, engine: Any, *, recorded: bool) -> bool:
    """A voice is data for one engine, or a recording for any that clones; asked of an engine or of its class."""
    return voice.engine == engine.name or (recorded and bool(engine.clones))
