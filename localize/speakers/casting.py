"""Cast a voice for every speaker: the stock voice nearest in pitch and register, or the one asked for."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..consent import Card
from ..data import Blob, Segment, Span, Transcript, Voice
from ..errors import NoGrant, UsageError
from ..media import excerpts
from ..runtime.store import Store, step
from ..signal.pitch import pitch_track

BETWEEN_HZ = 160.0
"""Median pitch that parts most men's voices from most women's (Baken & Orlikoff 2000: about 120 and 210 Hz)."""
SAMPLE_MS = 20_000
SCENE_GAP_MS = 10_000
"""Nobody speaks for this long between two scenes."""
UNSURE_SEMITONES = 2.0
"""So near to `BETWEEN_HZ` a voice says nothing of who speaks."""
OTHER_GENDER, NOT_NATIVE = 12.0, 8.0
"""What a voice of the other gender, and one that only also speaks the language, are worse by: in semitones of pitch."""
ORDER = 1e-6
"""Of two voices as good as each other the one listed first is taken."""


@dataclass(frozen=True, slots=True)
class Role:
    """One speaker's voice and the reason for it; `voice` is "original" for a speaker who is not dubbed."""

    speaker: str
    voice: str
    reason: str
    name: str = ""


@step(version=2)
def median_pitch(store: Store, speech: Blob, spans: tuple[Span, ...]) -> float:
    """Median fundamental of the voiced sound in `spans` of a 16 kHz track, in Hz; 0.0 where none is found."""
    import numpy as np

    samples = excerpts(store, speech, spans)
    if len(samples) < 4096:
        return 0.0
    found, loud = pitch_track(samples)
    heard = found[loud > 0.4 * float(np.percentile(loud, 95))]
    return round(float(np.median(heard)), 1) if len(heard) else 0.0


def heard_genders(store: Store, speech: Blob, transcript: Transcript) -> dict[str, str]:
    """Segment -> "female" or "male" by the speaker's median pitch; segments of speakers in between are left out.

    Args:
        store: for the pitch, measured once.
        speech: the source's 16 kHz track.
        transcript: with speakers.
    """
    found: dict[str, str] = {}
    for speaker in dict.fromkeys(s.speaker for s in transcript.segments):
        hertz = median_pitch(store, speech, _sample_spans([s for s in transcript.segments if s.speaker == speaker]))
        if hertz and abs(12 * math.log2(hertz / BETWEEN_HZ)) >= UNSURE_SEMITONES:
            found[speaker] = "female" if hertz > BETWEEN_HZ else "male"
    return {s.id: found[s.speaker] for s in transcript.segments if s.speaker in found}


def cast_voices(
    store: Store,
    speech: Blob,
    transcript: Transcript,
    wanted: Mapping[str, str],
    cards: Sequence[Card],
    language: str,
) -> tuple[Role, ...]:
    """A voice for every speaker: the one asked for, else the nearest stock voice in pitch and register.

    As long as there are voices, everybody gets one of his own, chosen so that all together are as near as can be. Then
    voices are used again: first those that nobody else of the same scene has.

    Args:
        store: for the pitch, measured once.
        speech: the source's 16 kHz track.
        transcript: with speakers.
        wanted: speaker -> voice id or "original".
        cards: the voices that can be offered without being asked for.
        language: of the dub.

    Raises:
        UsageError: `wanted` names a speaker who is not there.
        NoGrant: no voice speaks the language.
    """
    speakers = list(dict.fromkeys(s.speaker for s in transcript.segments))
    if unknown := sorted(set(wanted) - set(speakers)):
        raise UsageError(f"no speaker is called {unknown[0]!r}: there are {', '.join(speakers)}", speaker=unknown[0])
    roles = {speaker: Role(speaker, voice, "asked for") for speaker, voice in wanted.items()}
    open_parts = [speaker for speaker in speakers if speaker not in wanted]
    offered = _voices_speaking(cards, language)
    if open_parts and not offered:
        raise NoGrant(
            f"no voice here speaks {language}: enroll one, or leave {open_parts[0]} "
            f"with --voice {open_parts[0]}=original"
        )
    heights = {
        speaker: median_pitch(store, speech, _sample_spans([s for s in transcript.segments if s.speaker == speaker]))
        for speaker in open_parts
    }
    known = {voice.id: voice for voice in offered}
    names = {voice.name for role in roles.values() if (voice := known.get(role.voice))}
    free = [voice for voice in offered if voice.name not in names and voice.id not in wanted.values()]
    given = _assign_nearest(heights, free, language)
    for speaker in open_parts:
        if speaker not in given:
            others = {**{s: known[r.voice] for s, r in roles.items() if r.voice in known}, **given}
            given[speaker] = _share_voice(
                speaker, heights[speaker], offered, others, _scene_partners(transcript, speaker), language
            )
        roles[speaker] = _role(speaker, heights[speaker], given, language)
    return tuple(roles[speaker] for speaker in speakers)


def _voices_speaking(cards: Sequence[Card], language: str) -> list[Voice]:
    """The voices that speak a language, native ones first; of one person under two names the first."""
    native = [c.voice for c in cards if language in c.voice.languages]
    others = [c.voice for c in cards if language in c.also and c.voice not in native]
    first: dict[str, Voice] = {}
    for voice in (*native, *others):
        first.setdefault(voice.name, voice)
    return list(first.values())


def _distance(hertz: float, voice: Voice, language: str) -> float:
    """The distance of a voice from a speaker, in semitones or their equivalent."""
    own = _stock_pitch().get(voice.id, 0.0)
    apart = 12 * abs(math.log2(hertz / own)) if hertz and own else 0.0
    gender = "female" if hertz > BETWEEN_HZ else "male"
    apart += OTHER_GENDER if hertz and voice.gender != gender else 0.0
    return apart + (0.0 if language in voice.languages else NOT_NATIVE)


@cache
def _stock_pitch() -> dict[str, float]:
    path = Path(__file__).with_name("stock_pitch.toml")
    return {voice: float(hertz) for voice, hertz in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def _assign_nearest(heights: Mapping[str, float], voices: Sequence[Voice], language: str) -> dict[str, Voice]:
    """Assign each speaker a voice of their own while there are enough, minimising the total distance."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    if not heights or not voices:
        return {}
    speakers = list(heights)
    last = len(speakers)
    costs = [  # of ways as good as each other, those who speak first get a voice, and the first voice
        [
            _distance(heights[who], voice, language) + ORDER * (1000 * row + n * (last - row))
            for n, voice in enumerate(voices)
        ]
        for row, who in enumerate(speakers)
    ]
    rows, columns = linear_sum_assignment(np.array(costs))
    return {speakers[row]: voices[column] for row, column in zip(rows, columns)}


def _share_voice(
    speaker: str,
    hertz: float,
    voices: Sequence[Voice],
    given: Mapping[str, Voice],
    company: frozenset[str],
    language: str,
) -> Voice:
    """The nearest voice unused in the speaker's scenes, else the one least used there."""
    near = [voice.name for other, voice in given.items() if other in company]
    return min(voices, key=lambda v: (near.count(v.name), _distance(hertz, v, language)))


def _scene_partners(transcript: Transcript, speaker: str) -> frozenset[str]:
    """Who else speaks in the scenes in which a speaker does."""
    found: set[str] = set()
    scene: set[str] = set()
    end_ms = 0
    for segment in sorted(transcript.segments, key=lambda s: s.span):
        if segment.span.start_ms - end_ms > SCENE_GAP_MS:
            found |= scene if speaker in scene else set()
            scene = set()
        scene.add(segment.speaker)
        end_ms = max(end_ms, segment.span.end_ms)
    found |= scene if speaker in scene else set()
    return frozenset(found - {speaker})


def _role(speaker: str, hertz: float, given: Mapping[str, Voice], language: str) -> Role:
    voice = given[speaker]
    own = _stock_pitch().get(voice.id)
    tongue = "native" if language in voice.languages else f"{'/'.join(voice.languages)}, speaks {language} too,"
    why = f"median pitch {hertz:.0f} Hz" if hertz else "pitch unknown"
    why += f", {tongue} {voice.gender} voice" + (f" of {own:.0f} Hz" if own else "")
    sharing = [other for other, v in given.items() if v.name == voice.name and other != speaker]
    return Role(speaker, voice.id, why + (f"; shared with {', '.join(sharing)}" if sharing else ""))


def _sample_spans(segments: Sequence[Segment]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for phrase in (p for s in segments for p in (s.phrases or (s.span,))):
        if sum(s.length_ms for s in spans) >= SAMPLE_MS:
            break
        spans.append(phrase)
    return tuple(spans)
