"""Who is dubbed by which voice, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..consent import Card
from ..data import Blob, Segment, Span, Transcript
from ..errors import NoGrant, UsageError
from ..store import Store, step

ORIGINAL = "original"
"""Instead of a voice: this speaker stays as recorded."""
BETWEEN_HZ = 160.0
"""Median pitch that parts most men's voices from most women's (Baken & Orlikoff 2000: about 120 and 210 Hz)."""
SAMPLE_MS = 20_000


@dataclass(frozen=True, slots=True)
class Role:
    """One speaker's voice; `voice` is "original" for a speaker who is not dubbed."""

    speaker: str
    voice: str
    reason: str


@step(version=1)
def pitch(store: Store, speech: Blob, spans: tuple[Span, ...]) -> float:
    """Median fundamental of the voiced sound in `spans` of a 16 kHz track, in Hz; 0.0 where none is found."""
    import librosa
    import numpy as np
    import soundfile

    parts = []
    with soundfile.SoundFile(store.path(speech)) as file:
        per_ms = file.samplerate // 1000
        for span in spans:
            file.seek(min(file.frames, span.start_ms * per_ms))
            parts.append(file.read(span.length_ms * per_ms, dtype="float32"))
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if len(samples) < 4096:
        return 0.0
    found = librosa.yin(samples, fmin=65, fmax=400, sr=16_000, frame_length=1024, hop_length=320)
    loud = librosa.feature.rms(y=samples, frame_length=1024, hop_length=320)[0][: len(found)]
    heard = found[loud > 0.4 * float(np.percentile(loud, 95))]
    return round(float(np.median(heard)), 1) if len(heard) else 0.0


def cast(
    store: Store,
    speech: Blob,
    transcript: Transcript,
    wanted: Mapping[str, str],
    cards: Sequence[Card],
    language: str,
) -> tuple[Role, ...]:
    """A voice for every speaker: the one asked for, else a stock voice of the same register.

    Native voices come first, then others that speak the language too, each used once; only when all of a register are
    taken is one used again: a voice shared is less wrong than a woman spoken by a man.

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
    native = [c.voice for c in cards if language in c.voice.languages]
    others = [c.voice for c in cards if language in c.also and c.voice not in native]
    taken = [v for v in wanted.values() if v != ORIGINAL]
    roles = []
    for speaker in speakers:
        if speaker in wanted:
            roles.append(Role(speaker, wanted[speaker], "asked for"))
            continue
        if not native and not others:
            raise NoGrant(
                f"no voice here speaks {language}: enroll one, or leave {speaker} with --voice {speaker}=original"
            )
        hertz = pitch(store, speech, _sample([s for s in transcript.segments if s.speaker == speaker]))
        gender = "female" if hertz > BETWEEN_HZ else "male"
        fitting = [v for v in (*native, *others) if not hertz or v.gender == gender] or [*native, *others]
        chosen = min(fitting, key=lambda v: (taken.count(v.id), fitting.index(v)))
        taken.append(chosen.id)
        why = f"median pitch {hertz:.0f} Hz" if hertz else "pitch unknown"
        tongue = "native" if chosen in native else f"{'/'.join(chosen.languages)}, speaks {language} too,"
        roles.append(Role(speaker, chosen.id, f"{why}, {tongue} {chosen.gender} voice"))
    return tuple(roles)


def _sample(segments: Sequence[Segment]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for phrase in (p for s in segments for p in (s.phrases or (s.span,))):
        if sum(s.length_ms for s in spans) >= SAMPLE_MS:
            break
        spans.append(phrase)
    return tuple(spans)
