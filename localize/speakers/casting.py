"""Cast a voice for every speaker: the nearest stock voice that is apart from others of the scene, or the one asked for.

A voice is near that has the speaker's register, pitch, range and timbre, and speaks the language natively. All speakers
are cast together: the sum of their distances, and of what pairs cost whose voices are alike (`apart.py`), is as low as
exchanges of one or two voices can make it. Nothing in it is drawn by chance. The people of a series are cast together
in the same way (`series.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..consent import Card
from ..data import Blob, Span, Transcript, Voice
from ..errors import NoGrant, UsageError
from ..media import excerpts
from ..runtime.store import Store, package_version, step
from ..signal.embeddings import EMBEDDING_MODEL
from ..signal.pitch import pitch_track
from .apart import SAME_SERIES, Company, company_in, keep_apart
from .prints import likeness, mean_embedding, spans_for_print
from .stock_sound import Sound, stock_sounds

BETWEEN_HZ = 160.0
"""Median pitch that parts most men's voices from most women's (Baken & Orlikoff 2000: about 120 and 210 Hz)."""
SAMPLE_MS = 20_000
UNSURE_SEMITONES = 2.0
"""So near to `BETWEEN_HZ` a voice says nothing of who speaks."""
OTHER_GENDER, NOT_NATIVE, BLENDED = 12.0, 8.0, 6.0
"""What a voice of the other gender, one that only also speaks the language, and a blend are worse by: in semitones of
pitch. A blend of native voices is taken before an accent, and where native voices are used up or too alike."""
SAME_PITCH_ST = 2.0
"""Nearer in pitch is no nearer: so far apart are the medians of one speaker in two episodes of a series (0.6 to 2.7
semitones over ten episodes with two lines each, `bench/casting.py`)."""
RANGE, MOST_RANGE_ST = 0.2, 6.0
"""What a semitone of the pitch's range counts, and the most that are counted: it says how lively somebody speaks."""
TIMBRE = 4.0
"""What a print at right angles to the speaker's counts: two people of one register have cosines of 0.2 to 0.7."""
TIMBRE_MS = 10_000
"""So much of a speaker tells the timbre; a second of speech costs 0.05 s of one core."""
ORDER = 1e-6
"""Of two voices as good as each other the one listed first is taken."""


@dataclass(frozen=True, slots=True)
class Role:
    """One speaker's voice and the reason for it; `voice` is "original" for a speaker who is not dubbed.

    Args:
        speaker: "S1" …
        voice: the voice's id.
        reason: why.
        name: of the speaker, where one is known.
        alike: speakers of the same scenes whose voice is too like this one to be told from it, or was never measured.
    """

    speaker: str
    voice: str
    reason: str
    name: str = ""
    alike: tuple[str, ...] = ()


def median_pitch(store: Store, speech: Blob, spans: tuple[Span, ...]) -> float:
    """Median fundamental of the voiced sound in `spans` of a 16 kHz track, in Hz; 0.0 where none is found."""
    return measure_pitch(store, speech, spans)[0]


@step(version=1)
def measure_pitch(store: Store, speech: Blob, spans: tuple[Span, ...]) -> tuple[float, float]:
    """Median fundamental of the voiced sound in `spans` of a 16 kHz track, in Hz, and the range from its 10th to its
    90th percentile, in semitones; 0.0 where none is found.
    """
    import numpy as np

    samples = excerpts(store, speech, spans)
    if len(samples) < 4096:
        return 0.0, 0.0
    found, loud = pitch_track(samples)
    heard = found[loud > 0.4 * float(np.percentile(loud, 95))]
    if not len(heard):
        return 0.0, 0.0
    low, middle, high = np.percentile(heard, [10, 50, 90])
    return round(float(middle), 1), round(float(12 * np.log2(high / low)), 1)


def heard_genders(store: Store, speech: Blob, transcript: Transcript) -> dict[str, str]:
    """Segment -> "female" or "male" by the speaker's median pitch; segments of speakers in between are left out.

    Args:
        store: for the pitch, measured once.
        speech: the source's 16 kHz track.
        transcript: with speakers.
    """
    found: dict[str, str] = {}
    for speaker in dict.fromkeys(s.speaker for s in transcript.segments):
        hertz = median_pitch(store, speech, sample_spans(transcript, speaker))
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
    elsewhere: Collection[str] = (),
) -> tuple[Role, ...]:
    """A voice for every speaker: the one asked for, else the nearest stock voice that is apart from those of the scene.

    As long as there are voices, everybody gets one of his own, chosen so that all together are as near as can be and
    voices of one scene are told apart. Then voices are used again: first those that nobody else of the same scene has.

    Args:
        store: for the pitch, measured once.
        speech: the source's 16 kHz track.
        transcript: with speakers.
        wanted: speaker -> voice id or "original".
        cards: the voices that can be offered without being asked for.
        language: of the dub.
        elsewhere: voices of people of the series who are not in this film: others are taken where they are as near.

    Raises:
        UsageError: `wanted` names a speaker who is not there.
        NoGrant: no voice speaks the language.
    """
    speakers = list(dict.fromkeys(s.speaker for s in transcript.segments))
    if unknown := sorted(set(wanted) - set(speakers)):
        raise UsageError(f"no speaker is called {unknown[0]!r}: there are {', '.join(speakers)}", speaker=unknown[0])
    roles = {speaker: Role(speaker, voice, "asked for") for speaker, voice in wanted.items()}
    open_parts = [speaker for speaker in speakers if speaker not in wanted]
    offered = voices_speaking(cards, language)
    if open_parts and not offered:
        raise NoGrant(
            f"no voice here speaks {language}: enroll one, or leave {open_parts[0]} "
            f"with --voice {open_parts[0]}=original"
        )
    sounds = {who: speaker_sound(store, speech, transcript, who) for who in open_parts}
    known = {voice.id: voice for voice in offered}
    fixed = {role.speaker: voice for role in roles.values() if (voice := known.get(role.voice))}

    def distance(who: str, voice: Voice) -> float:
        return voice_distance(sounds[who], voice, language) + SAME_SERIES * (voice.id in elsewhere)

    given = choose_voices(store, sounds, fixed, offered, distance, company_in(transcript))
    for speaker in open_parts:
        roles[speaker] = _role(speaker, sounds[speaker].hertz, {**fixed, **given}, language)
    return tuple(roles[speaker] for speaker in speakers)


def choose_voices(
    store: Store,
    sounds: Mapping[str, Sound],
    fixed: Mapping[str, Voice],
    offered: Sequence[Voice],
    distance: Callable[[str, Voice], float],
    company: Company,
) -> dict[str, Voice]:
    """A voice for each of some speakers, all chosen together.

    Args:
        store: for the assignment, made once.
        sounds: of the speakers; of those equally near to a voice the first gets it.
        fixed: the voices of others, which stay.
        offered: the voices that can be given.
        distance: of a voice from a speaker.
        company: of all of them.
    """
    names = {voice.name for voice in fixed.values()}
    free = [voice for voice in offered if voice.name not in names]
    given = _assign_nearest(store, list(sounds), free, distance)
    for who in sounds:
        if who not in given:
            given[who] = _share_voice(who, offered, {**fixed, **given}, company.scenes[who], distance)
    # In an order of how they sound, so that the outcome does not depend on who speaks first.
    by_sound = sorted(sounds, key=lambda who: (sounds[who].hertz, sounds[who].range_st, sounds[who].print))
    return keep_apart({who: given[who] for who in by_sound}, fixed, offered, distance, company)


def nearest_voices(
    store: Store, speech: Blob, transcript: Transcript, speaker: str, cards: Sequence[Card], language: str
) -> tuple[Role, ...]:
    """All voices that speak the language, for one speaker, the nearest first; as `cast_voices` measures it."""
    sound = speaker_sound(store, speech, transcript, speaker)
    offered = sorted(voices_speaking(cards, language), key=lambda voice: voice_distance(sound, voice, language))
    return tuple(_role(speaker, sound.hertz, {speaker: voice}, language) for voice in offered)


def speaker_sound(store: Store, speech: Blob, transcript: Transcript, speaker: str) -> Sound:
    """How a speaker sounds; without a print where too little is heard, or nothing here makes prints."""
    spans = sample_spans(transcript, speaker)
    hertz, range_st = measure_pitch(store, speech, spans)
    if not package_version(EMBEDDING_MODEL):
        return Sound(hertz, range_st)
    return Sound(hertz, range_st, mean_embedding(store, speech, spans_for_print(transcript, speaker, TIMBRE_MS)))


def voices_speaking(cards: Sequence[Card], language: str) -> list[Voice]:
    """The voices that speak a language, native ones first; of one person under two names the first."""
    native = [c.voice for c in cards if language in c.voice.languages]
    others = [c.voice for c in cards if language in c.also and c.voice not in native]
    first: dict[str, Voice] = {}
    for voice in (*native, *others):
        first.setdefault(voice.name, voice)
    return list(first.values())


def voice_distance(speaker: Sound, voice: Voice, language: str) -> float:
    """The distance of a voice from a speaker, in semitones or their equivalent."""
    own = stock_sounds().get(voice.id, Sound())
    hertz = speaker.hertz
    apart = max(0.0, 12 * abs(math.log2(hertz / own.hertz)) - SAME_PITCH_ST) if hertz and own.hertz else 0.0
    gender = "female" if hertz > BETWEEN_HZ else "male"
    apart += OTHER_GENDER if hertz and voice.gender != gender else 0.0
    if speaker.range_st and own.range_st:
        apart += RANGE * min(MOST_RANGE_ST, abs(speaker.range_st - own.range_st))
    if speaker.print and own.print:
        apart += TIMBRE * (1 - likeness(speaker.print, own.print))
    return apart + (0.0 if language in voice.languages else NOT_NATIVE) + (BLENDED if voice.parents else 0.0)


def _assign_nearest(
    store: Store, speakers: Sequence[str], voices: Sequence[Voice], distance: Callable[[str, Voice], float]
) -> dict[str, Voice]:
    """Assign each speaker a voice of their own while there are enough, minimising the total distance."""
    if not speakers or not voices:
        return {}
    last = len(speakers)
    costs = tuple(  # of ways as good as each other, those who speak first get a voice, and the first voice
        tuple(distance(who, voice) + ORDER * (1000 * row + n * (last - row)) for n, voice in enumerate(voices))
        for row, who in enumerate(speakers)
    )
    return {speakers[row]: voices[column] for row, column in assign_cheapest(store, costs)}


@step(version=1)
def assign_cheapest(store: Store, costs: tuple[tuple[float, ...], ...]) -> tuple[tuple[int, int], ...]:
    """The pairs of row and column, each used once, whose costs have the least sum. It is kept, since loading scipy's
    solver takes longer than all else that a dub made again does.
    """
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(costs)
    return tuple((int(row), int(column)) for row, column in zip(rows, columns))


def _share_voice(
    speaker: str,
    voices: Sequence[Voice],
    given: Mapping[str, Voice],
    company: frozenset[str],
    distance: Callable[[str, Voice], float],
) -> Voice:
    """The nearest voice unused in the speaker's scenes, else the one least used there."""
    near = [voice.name for other, voice in given.items() if other in company]
    return min(voices, key=lambda v: (near.count(v.name), distance(speaker, v)))


def _role(speaker: str, hertz: float, given: Mapping[str, Voice], language: str) -> Role:
    voice = given[speaker]
    own = stock_sounds().get(voice.id, Sound()).hertz
    tongue = "native" if language in voice.languages else f"{'/'.join(voice.languages)}, speaks {language} too,"
    why = f"median pitch {hertz:.0f} Hz" if hertz else "pitch unknown"
    why += f", {tongue} {voice.gender} voice" + (f" of {own:.0f} Hz" if own else "")
    sharing = [other for other, v in given.items() if v.name == voice.name and other != speaker]
    return Role(speaker, voice.id, why + (f"; shared with {', '.join(sharing)}" if sharing else ""))


def sample_spans(transcript: Transcript, speaker: str) -> tuple[Span, ...]:
    """Where a speaker's pitch is measured: the first stretches, `SAMPLE_MS` of them."""
    spans: list[Span] = []
    for phrase in (p for s in transcript.segments if s.speaker == speaker for p in (s.phrases or (s.span,))):
        if sum(s.length_ms for s in spans) >= SAMPLE_MS:
            break
        spans.append(phrase)
    return tuple(spans)
