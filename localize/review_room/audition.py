"""Audition: a line of a dub in three voices, to be listened to before one is chosen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import consent
from ..data import ORIGINAL, Phrase, Segment, Span, Take
from ..delivery.report import Report
from ..engine_selection import require_synthesizer
from ..engines import Synthesizer
from ..errors import UsageError
from ..events import Run
from ..isochrony.synthesize import natural_lengths, speak
from ..job import Job
from ..language.spoken import normalize_text, without_phonemes
from ..pipeline import Film, hear_film
from ..runtime.files import atomic_folder, disk_errors, write_json
from ..runtime.records import to_json
from ..runtime.store import Store
from ..signal.embeddings import EMBEDDING_HZ, mean_embedding
from ..signal.pitch import pitch_track
from ..signal.speech_quality import speech_quality
from ..speakers.apart import APART, scene_partners
from ..speakers.assignment import match_voices
from ..speakers.casting import Role, nearest_voices, speaker_sound
from ..speakers.prints import likeness
from ..speakers.stock_sound import stock_likeness
from .dub_folder import ReviewedDub, read_dub
from .film import find_origin

CANDIDATES = 3
FASTEST = 1.25
"""A candidate speaks no faster than this against its own pace: heard alone, it may last longer than the line."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line in one voice.

    Args:
        file: its WAV in the folder.
        voice: the voice's id, as `--voice` takes it.
        now: whether the dub has it.
        reason: how near it is to the speaker.
        consent: what its use rests on.
        duration_ms: from its first sound to its last; the line of the source lasts `Audition.source_ms`.
        pitch_hz: median of the recording.
        dnsmos: quality (Reddy et al. 2022, overall), 1 to 5; null where the packages for it are not installed.
        likeness: to the actor, cosine of prints; null where one of them could not be made.
        nearest: the most alike voice of a scene partner, cosine; null where there is none, or none was measured.
        partner: whose voice that is; "" for nobody's.
    """

    file: str
    voice: str
    now: bool
    reason: str
    consent: str
    duration_ms: int
    pitch_hz: float
    dnsmos: float | None
    likeness: float | None
    nearest: float | None
    partner: str


@dataclass(frozen=True, slots=True)
class Audition:
    """What was rendered: a line of a speaker, and its candidates, the nearest voice first."""

    title: str
    language: str
    speaker: str
    line: str
    text: str
    source_ms: int
    candidates: tuple[Candidate, ...]


def audition(
    folder: Path,
    speaker: str,
    run: Run,
    *,
    language: str | None = None,
    line: str = "",
    film: Path | None = None,
    into: Path | None = None,
) -> Audition:
    """Render a line of a dub in the three nearest voices that are apart from each other and from the speaker's scenes.

    Args:
        folder: of the dub.
        speaker: id or name.
        run: store, home and models.
        language: of the dub; None for the only one.
        line: id; "" for the speaker's line that is nearest to four seconds.
        film: the source, where it does not lie near the folder.
        into: a new folder for the recordings and `audition.json`; None for `NAME.audition-SPEAKER.LANG` in the dub's.

    Raises:
        UsageError: no such dub, language, speaker or line; the dub cannot be made again; the folder is there.
        ConsentError: a voice may not be used.
    """
    dub = read_dub(folder)
    language = _language(dub, language)
    origin = find_origin(folder, dub.title, film)
    if origin.job is None:
        raise UsageError(origin.missing, folder=str(folder))
    return audition_of(dub, origin.job, speaker, run, language=language, line=line, into=into)


def audition_of(
    dub: ReviewedDub, job: Job, speaker: str, run: Run, *, language: str, line: str = "", into: Path | None = None
) -> Audition:
    """The same of a dub that was read, by the request that makes it again; raises as `audition`."""
    heard = hear_film(replace(job, to=(language,)), run)
    words = heard.words
    speakers = dict.fromkeys(s.speaker for s in words.transcript.segments)
    (who,) = match_voices({speaker: ORIGINAL}, speakers, words.names, ()) or {speaker: ""}
    segment, text = _line(dub, language, who, line, words.transcript.segments)
    target = into or audition_folder(dub.folder, dub.title, language, who)
    if target.exists():
        raise UsageError(f"{target} is there already: name another folder with -o, or move it away", file=str(target))
    run.home.require_outside(target)
    with disk_errors(f"the folder {target}"), atomic_folder(target) as draft:
        found = _render(run, heard, dub.reports[language], segment, text, draft)
        made = Audition(dub.title, language, who, segment.id, text, segment.span.length_ms, tuple(found))
        write_json(draft / "audition.json", {"schema": 1, **to_json(made)})
    return made


def audition_folder(folder: Path, title: str, language: str, speaker: str) -> Path:
    """Where an audition lies that is given no folder: under no name that a dub delivers, which would be in its way."""
    return folder / f"{title}.audition-{speaker}.{language}"


def _language(dub: ReviewedDub, wanted: str | None) -> str:
    if wanted is None and len(dub.languages) > 1:
        raise UsageError(f"name one of the languages of the dub with --to: {', '.join(dub.languages)}")
    if wanted not in (None, *dub.languages):
        raise UsageError(f"the dub is not in {wanted}: it is in {', '.join(dub.languages)}")
    return wanted or dub.languages[0]


def _line(
    dub: ReviewedDub, language: str, speaker: str, wanted: str, segments: Sequence[Segment]
) -> tuple[Segment, str]:
    """The line to be spoken and its words."""
    said = dub.said(language)
    lines = [s for s in segments if s.speaker == speaker and said.get(s.id)]
    if wanted:
        lines = [s for s in lines if s.id == wanted]
    if not lines:
        raise UsageError(
            f"{speaker} says no line {wanted or 'at all'} in the {language} dub: `localize explain` lists them"
        )
    segment = min(lines, key=lambda s: (abs(s.span.length_ms - 4000), s.id))
    return segment, said[segment.id]


def voices_now(report: Report) -> dict[str, str]:
    """Speaker -> the voice of the dub: that of most of the lines that are spoken for them, which a person may have
    changed; of nobody who is heard in the original or in recordings alone.
    """
    spoken: dict[str, Counter[str]] = {}
    for line in report.lines:
        if line.voice != ORIGINAL and not line.recorded:
            spoken.setdefault(line.speaker, Counter())[line.voice] += 1
    return {who: voices.most_common(1)[0][0] for who, voices in spoken.items()}


def _choose(roles: Sequence[Role], now: str, partners: Sequence[str], licensed: frozenset[str]) -> list[Role]:
    """The voice that the dub has, and the nearest that are apart from the partners' and from each other."""
    chosen = [role for role in roles if role.voice == now]
    for near in (True, False):
        for role in roles:
            others = (*partners, *(c.voice for c in chosen)) if near else tuple(c.voice for c in chosen)
            apart = all((stock_likeness(role.voice, other) or 0.0) <= APART for other in others)
            if len(chosen) < CANDIDATES and apart and role.voice in licensed and role not in chosen:
                chosen.append(role)
    return chosen[:CANDIDATES]


def _render(run: Run, film: Film, report: Report, segment: Segment, text: str, folder: Path) -> Iterator[Candidate]:
    job, words, language = film.job, film.words, report.language
    synthesizer = require_synthesizer(film.engines)
    cards = [c for c in consent.unrevoked(run.home) if c.licensed and c.voice.engine == synthesizer.name]
    now = voices_now(report)
    others = {who: now[who] for who in scene_partners(words.transcript)[segment.speaker] if who in now}
    roles = nearest_voices(run.store, film.source.speech, words.transcript, segment.speaker, cards, language)
    chosen = _choose(roles, now.get(segment.speaker, ""), list(others.values()), frozenset(c.voice.id for c in cards))
    actor = speaker_sound(run.store, film.source.speech, words.transcript, segment.speaker).print
    for number, role in enumerate(chosen, start=1):
        request = consent.Request(role.voice, segment.speaker, job.spoken_tag(language), job.name, job.purpose)
        grant = consent.check(run.home, [request])[segment.speaker]
        take = _speak(run, synthesizer, grant, language, segment, text)
        consent.note_reused(run.home, job.name, language, (take,))
        file = f"{number}-{re.sub(r'[^a-z0-9_-]', '_', role.voice)}.wav"
        (folder / file).write_bytes(run.store.path(take.audio).read_bytes())
        pitch, quality, own = _listen(run.store, take)
        near = [(found, who) for who, v in others.items() if (found := stock_likeness(role.voice, v)) is not None]
        nearest, partner = max(near, default=(None, ""))
        yield Candidate(
            file, role.voice, role.voice == now.get(segment.speaker), role.reason, grant.basis, take.duration_ms,
            pitch, quality, likeness(actor, own) if actor and own else None, nearest, partner,
        )  # fmt: skip


def _speak(
    run: Run, synthesizer: Synthesizer, grant: consent.Grant, language: str, segment: Segment, text: str
) -> Take:
    """The line in a voice, as long as the source's unless it would be hurried."""
    spoken = without_phonemes(normalize_text(text, language))
    ((natural,),) = natural_lengths(run.store, synthesizer, grant, language, ((spoken,),))
    length = max(round(natural / FASTEST), min(natural, segment.span.length_ms))
    sound = speak(run.store, synthesizer, grant, language, (Phrase(spoken, Span(0, length)),))
    made = (sound.audio, sound.duration_ms, sound.phrases, sound.words)
    return Take(
        segment.id, text, *made, voice=grant.voice.id, grant=grant.id, natural_ms=natural, fit=sound.fit, spoken=spoken
    )


def _listen(store: Store, take: Take) -> tuple[float, float | None, tuple[float, ...]]:
    """Median pitch in Hz, DNSMOS, and print of a take; None and nothing where they cannot be measured here."""
    import numpy as np
    import soundfile
    import soxr

    samples, rate = soundfile.read(store.path(take.audio), dtype="float32")
    heard = soxr.resample(samples, rate, EMBEDDING_HZ)
    pitch, loud = pitch_track(heard)
    voiced = pitch[loud > 0.4 * float(np.percentile(loud, 95))]
    try:
        quality = round(speech_quality(heard), 2)
        own = mean_embedding(heard)
    except ImportError:  # the extra `offline` is not installed
        return round(float(np.median(voiced)), 1), None, ()
    return round(float(np.median(voiced)), 1), quality, () if own is None else tuple(map(float, own))
