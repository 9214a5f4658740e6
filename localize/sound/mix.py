"""Mix the dub over the bed: dialogue stem, one stem a speaker, full mix.

A dubbed line gets the level, the panning and the room (`acoustics.py`) of the line it replaces. Bed and dialogue add up
to the mix. Audio is processed in blocks of ten seconds, as 24-bit integers wherever nothing is to be changed.

Over 400 lines: levels, panning and rendering of one mix work on the same clips and are read together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..data import Blob, Media, Mix, Room, Span, Timeline
from ..media import (
    BLOCK,
    NOWHERE,
    RATE,
    Loudness,
    Place,
    digest_of,
    loudness,
    read_block,
    to_int24,
    write_blocks,
)
from ..runtime.store import Store, step
from .acoustics import apply_reverberation, estimate_reverberation, take_samples
from .bandwidth import apply_band, measure_bands
from .bed import Bed, dubbed_regions, make_bed
from .loudness import (
    REACH,
    SILENT_LUFS,
    SOURCE,
    NormalizedStems,
    Stems,
    apply_limiter,
    limiter_gain,
    normalize_loudness,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..events import Run

    Samples = NDArray[np.float32]


CEILING_DBTP = -1.2
"""For the dub and what lies under it; 0.2 dB are left for encoders and for how peaks between samples are measured."""
PEAK_DBTP = -1.0
GAIN_DB = (-40.0, 20.0)
"""A line's level follows the source's within this range of the engine's own level."""
APART_DB, FOLLOWS_DB = 8.0, 1.5
"""A whisper lost in the music or a shout is brought towards the other lines beyond the first, by the second at most:
two such lines are three decibels off."""
SCENE_MS = 4_000
"""Where nobody speaks for this long the place may change, and with it the room."""
ROOM_MS = 6_000
"""A speaker's room in a scene is estimated from so much speech; with less, the speaker's of the whole film is taken."""
VOICE_MS = 30_000
"""The spectrum of a dub's voice in a room is taken from so much of its speech."""
LOUDNESS_TOLERANCE = 0.4
ROUNDS = 3
ABSENT_DB = -26.0
"""A channel in which the voice is this much weaker than where it is loudest does not have it."""
MIDDLE_DB = 1.5
"""Channels no further apart than this have the voice alike."""


@dataclass(frozen=True, slots=True)
class MixClip:
    """One clip with the spans of its source line."""

    audio: Blob
    at_ms: int
    phrases: tuple[Span, ...]
    source_phrases: tuple[Span, ...]
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class LevelledClip:
    """A clip with its gain, and its panning gain in each dialogue channel."""

    audio: Blob
    at_ms: int
    gain_db: float
    places: tuple[float, ...]
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What the last mix of a dub came to.

    Args:
        rooms: name -> room, see `estimate_rooms`.
        shift_db: by how much all lines were moved together.
        clips: as they were mixed.
    """

    rooms: tuple[tuple[str, Room], ...]
    shift_db: float
    clips: tuple[LevelledClip, ...]


@dataclass(frozen=True, slots=True)
class MixFiles:
    """The files of one rendering."""

    full: Blob
    dialogue: Blob


def mix_dub(
    run: Run,
    media: Media,
    timeline: Timeline,
    *,
    style: str = "separate",
    dry: bool = False,
    target: str = SOURCE,
    by_speaker: bool = False,
    kept: Sequence[Span] = (),
    on_dialogue: Callable[[Blob, Blob], None] = lambda _dialogue, _bed: None,
) -> Mix:
    """Mix the dub of one target.

    The dub is first put at the levels of the source's lines; while the whole then differs from the original's loudness
    by more than 0.4 LU, all lines are moved together, three times at most.

    Args:
        run: store and listener.
        media: the source.
        timeline: every line of the dub.
        style: of the bed: "separate", or "duck" for voice-over.
        dry: leave the room of the source's voices out.
        target: what the whole is to be as loud as (see `loudness.loudness_target`).
        by_speaker: also render a dialogue stem for every speaker.
        kept: where the source speaks and stays, beside a studio's M&E.
        on_dialogue: called with dialogue stem and bed as soon as they are known, while the whole is still measured; not
            at all where the stem is changed to meet `target`.
    """
    clips = mix_clips(timeline)
    with run.stage("separate"):
        bed = make_bed(run, media, [p for c in clips for p in c.source_phrases], style=style, kept=kept)
    with run.stage("mix"):
        acoustics: dict[str, Room] = {}
        if not dry:
            clips, acoustics = _place_in_rooms(run.store, media, bed, limit_bands(run.store, media, bed, clips))
        source = loudness(run.store, media.original)
        place = mix_place(media, timeline)
        levelled, made, shift = _match_level(run.store, media, bed, clips, source, place)
        run.store.remember_last(f"{place} settled", Settled(tuple(acoustics.items()), shift, levelled))
        if target == SOURCE:
            on_dialogue(made.dialogue, bed.audio)
        speakers = _stems_by_speaker(run.store, media, bed, levelled, place) if by_speaker else {}
        heard = tuple(sorted(p for c in clips for p in c.phrases))
        done = normalize_loudness(
            run.store, media, Stems(made.full, made.dialogue, bed.audio, bed.under, speakers), target, heard, place
        )
    _warn(run, done, target)
    return Mix(
        full=done.stems.full,
        dialogue=done.stems.dialogue,
        bed=done.stems.bed,
        loudness_lufs=done.measured.integrated_lufs,
        true_peak_dbtp=done.measured.true_peak_dbtp,
        source_loudness_lufs=source.integrated_lufs,
        speakers=tuple(sorted(done.stems.speakers.items())),
        bed_made=bed.made,
        target=target,
        dialogue_lufs=done.dialogue_lufs,
        delivered_lufs=done.delivered.integrated_lufs,
        delivered_dbtp=done.delivered.true_peak_dbtp,
        rooms=tuple(sorted(acoustics.items())),
    )


def mix_clips(timeline: Timeline) -> tuple[MixClip, ...]:
    """The lines of a dub as they are mixed."""
    return tuple(MixClip(c.take.audio, c.at_ms, c.phrases, c.source_phrases, c.speaker) for c in timeline.clips)


def mix_place(media: Media, timeline: Timeline) -> str:
    """What is mixed, however it sounds at the moment (see `media.Place`)."""
    return f"{media.original.sha256} {timeline.language}"


def _warn(run: Run, done: NormalizedStems, target: str) -> None:
    peak = done.measured.true_peak_dbtp
    if target == SOURCE and peak > PEAK_DBTP:
        run.warn(
            "source_peak",
            f"the mix peaks at {peak:+.1f} dBTP: the source itself does where nobody is dubbed, and stays as it is "
            "(--loudness ebu, say, limits it)",
        )
    if done.missed:
        run.warn("loudness", f"the sound misses --loudness {target}: {done.missed}")


def limit_bands(store: Store, media: Media, bed: Bed, clips: tuple[MixClip, ...]) -> tuple[MixClip, ...]:
    """The clips, those in the band of a telephone or radio whose source line is."""
    if bed.voices is None or not clips:
        return clips
    bands = measure_bands(store, media, bed, tuple(c.source_phrases for c in clips), tuple(c.speaker for c in clips))
    return tuple(
        replace(c, audio=apply_band(store, c.audio, band)) if band.levels_db else c for c, band in zip(clips, bands)
    )


def _place_in_rooms(
    store: Store, media: Media, bed: Bed, clips: tuple[MixClip, ...]
) -> tuple[tuple[MixClip, ...], dict[str, Room]]:
    """The clips in the rooms of their source lines, and the rooms, see `estimate_rooms`."""
    rooms = estimate_rooms(store, media, bed, clips)
    names = rooms_of_lines(clips)
    placed = tuple(
        replace(c, audio=apply_reverberation(store, c.audio, rooms.get(name) or rooms[c.speaker])) if rooms else c
        for c, name in zip(clips, names)
    )
    return placed, rooms


def estimate_rooms(store: Store, media: Media, bed: Bed, clips: Sequence[MixClip]) -> dict[str, Room]:
    """Speaker -> room, and "S1 from 83.2 s" -> the speaker's room in the scene from there, for a speaker of several
    scenes and where there is enough speech; empty where the source's voices could not be separated.

    What is heard of the source in a scene is held against the dub's voice in the whole film, which no room has changed:
    a corrected line leaves the rooms of its scene as they are, and with them all other lines.
    """
    if bed.voices is None or not clips:
        return {}
    groups: dict[str, list[MixClip]] = {}
    for clip, name in zip(clips, rooms_of_lines(clips)):
        groups.setdefault(name, []).append(clip)
        groups.setdefault(clip.speaker, []).append(clip)
    lengths = {name: sum(p.length_ms for c in own for p in c.source_phrases) for name, own in groups.items()}
    speakers = {c.speaker for c in clips}
    asked = sorted(
        name
        for name, own in groups.items()
        if name in speakers or (lengths[name] >= ROOM_MS and len(own) < len(groups[own[0].speaker]))
    )
    said = tuple(tuple(p for c in groups[name] for p in c.source_phrases) for name in asked)
    voices = {speaker: tuple(c.audio for c in longest_lines(groups[speaker])) for speaker in speakers}
    spoken = tuple(voices[groups[name][0].speaker] for name in asked)
    return dict(zip(asked, estimate_reverberation(store, media, bed, said, spoken)))


def longest_lines(clips: Sequence[MixClip]) -> list[MixClip]:
    """The clips of the longest source lines, as many as tell a voice's spectrum: so few that a correction of most lines
    leaves it as it is.
    """
    found, left = [], VOICE_MS
    for clip in sorted(clips, key=lambda c: (-sum(p.length_ms for p in c.source_phrases), c.source_phrases[0])):
        if left <= 0:
            break
        found.append(clip)
        left -= sum(p.length_ms for p in clip.source_phrases)
    return sorted(found, key=lambda c: c.source_phrases[0])


def rooms_of_lines(clips: Sequence[MixClip]) -> list[str]:
    """For each clip the name of its speaker's room in its scene; clips are in order of time."""
    names, begun, heard = [], 0, None
    for clip in clips:
        start = clip.source_phrases[0].start_ms
        if heard is None or start - heard >= SCENE_MS:
            begun = start
        heard = max(heard or 0, clip.source_phrases[-1].end_ms)
        names.append(f"{clip.speaker} from {begun / 1000:.1f} s")
    return names


def _match_level(
    store: Store, media: Media, bed: Bed, clips: tuple[MixClip, ...], source: Loudness, place: str
) -> tuple[tuple[LevelledClip, ...], MixFiles, float]:
    """Set the gains of all lines so that the whole is as loud as the source; by how many dB they moved together."""
    levelled, moved = level_clips(store, media, bed, clips), 0.0
    heard = dubbed_regions([p for c in clips for p in (*c.phrases, *c.source_phrases)])
    made = render_mix(store, media, bed, levelled, heard, place)
    away = source.integrated_lufs - loudness(store, made.full, media.channel_layout).integrated_lufs
    for number in range(ROUNDS):
        if not clips or abs(away) <= LOUDNESS_TOLERANCE or source.integrated_lufs <= SILENT_LUFS:
            break
        # The bed does not move, so the lines must move by more than the whole is off.
        shift = max(-4.0, min(4.0, 1.3 * away))
        tried = tuple(replace(c, gain_db=round(c.gain_db + shift, 2)) for c in levelled)
        trial = render_mix(store, media, bed, tried, heard, f"{place} moved {number}")
        left = source.integrated_lufs - loudness(store, trial.full, media.channel_layout).integrated_lufs
        if abs(left) >= abs(away):
            break
        levelled, made, away, moved = tried, trial, left, moved + shift
    return levelled, made, moved


def _stems_by_speaker(
    store: Store, media: Media, bed: Bed, clips: tuple[LevelledClip, ...], place: str
) -> dict[str, Blob]:
    """Speaker -> a dialogue stem of this speaker's lines; together they are the dialogue."""
    return {
        s: render_dialogue(store, media, bed.channels, clips, s, Place(f"{place} dialogue of {s}"))
        for s in sorted({c.speaker for c in clips})
    }


def level_clips(store: Store, media: Media, bed: Bed, clips: tuple[MixClip, ...]) -> tuple[LevelledClip, ...]:
    """Set every clip's gain and panning to those of the source line it replaces, both measured where they are heard."""
    import numpy as np

    # Music is left out where it can be.
    heard, channels = (bed.voices, tuple(range(len(bed.channels)))) if bed.voices else (media.original, bed.channels)
    lines = line_powers(store, heard, channels, tuple(c.source_phrases for c in clips))
    wanted = [_decibels(float(np.mean(powers))) for powers in lines]
    own = take_levels(store, tuple((c.audio, tuple(p.shifted(-c.at_ms) for p in c.phrases)) for c in clips))
    known = [w for w in wanted if w > -60]
    typical = float(np.median(known)) if known else -23.0
    done = []
    for clip, powers, want, have in zip(clips, lines, wanted, own):
        near = min(max(want, typical - APART_DB), typical + APART_DB)
        target = min(max(near, want - FOLLOWS_DB), want + FOLLOWS_DB) if want > -60 else typical
        gain = round(min(max(target - have, GAIN_DB[0]), GAIN_DB[1]), 2)
        done.append(LevelledClip(clip.audio, clip.at_ms, gain, panning_gains(powers), clip.speaker))
    return tuple(done)


def panning_gains(powers: Sequence[float]) -> tuple[float, ...]:
    """Panning gains of a voice among channels in which it has these powers; their squares average to one."""
    import numpy as np

    found = np.asarray(powers, np.float64)
    if found.max(initial=0.0) < 10 ** (SILENT_LUFS / 10):
        return (1.0,) * len(found)
    found = np.where(found < found.max() * 10 ** (ABSENT_DB / 10), 0.0, found)
    if found.min() > found.max() * 10 ** (-MIDDLE_DB / 10):
        return (1.0,) * len(found)
    return tuple(round(float(g), 4) for g in np.sqrt(found / found.mean()))


@step(version=1, each="takes")
def take_levels(store: Store, takes: Sequence[tuple[Blob, tuple[Span, ...]]]) -> tuple[float, ...]:
    """The level in dB of each take where it is heard."""
    return tuple(_level(take_samples(store, audio), RATE, spans) for audio, spans in takes)


@step(version=1, each="lines")
def line_powers(
    store: Store, voices: Blob, channels: tuple[int, ...], lines: Sequence[tuple[Span, ...]]
) -> tuple[tuple[float, ...], ...]:
    """Mean power of each source line in each of some channels of a sound."""
    import numpy as np

    found = []
    with read_block(store, voices) as file:
        for phrases in lines:
            total, count = np.zeros(len(channels)), 0
            for phrase in phrases:
                file.seek(min(file.frames, phrase.start_ms * RATE // 1000))
                samples = file.read(phrase.length_ms * RATE // 1000, dtype="float32", always_2d=True)[:, channels]
                total += (samples.astype(np.float64) ** 2).sum(axis=0)
                count += len(samples)
            found.append(tuple(float(x) for x in total / max(count, 1)))
    return tuple(found)


def _level(samples: Samples, rate: int, spans: Sequence[Span]) -> float:
    import numpy as np

    parts = [samples[s.start_ms * rate // 1000 : s.end_ms * rate // 1000] for s in spans]
    heard = np.concatenate(parts) if parts else samples[:0]
    return _decibels(float((heard.astype(np.float64) ** 2).mean())) if len(heard) else -90.0


def _decibels(power: float) -> float:
    import numpy as np

    return float(10 * np.log10(power + 1e-9))


def render_mix(
    store: Store,
    media: Media,
    bed: Bed,
    clips: tuple[LevelledClip, ...],
    heard: tuple[Span, ...],
    place: str = "",
) -> MixFiles:
    """Full mix and dialogue: 48 kHz, 24-bit, the source's channels, its length to the sample.

    Where source or dub speak, in `heard`, the whole is kept from peaking; elsewhere it is the source's. Of the mix that
    was made last in this `place` (see `media.Place`) the blocks that are as they were are kept.
    """
    spoken = render_dialogue(store, media, bed.channels, clips, place=Place(place and f"{place} dialogue"))
    parts = (bed.under, spoken)
    full = apply_limiter(store, parts, parts, 0.0, CEILING_DBTP, heard, Place(place and f"{place} mix"))
    return MixFiles(full, spoken)


@step(version=2)
def render_dialogue(
    store: Store,
    media: Media,
    channels: tuple[int, ...],
    clips: tuple[LevelledClip, ...],
    speaker: str | None = None,
    place: Place = NOWHERE,
) -> Blob:
    """A dialogue stem in the source's channels: all clips, turned down where they peak, or one speaker's."""
    chosen = clips if speaker is None else tuple(c for c in clips if c.speaker == speaker)

    def block_at(number: int) -> NDArray[np.int32]:
        start = number * BLOCK
        return dialogue_block(store, media, channels, chosen, clips, start, min(BLOCK, media.samples - start))

    keys = [
        digest_of(f"{channels} {speaker}", *_clips_in_block(store, clips, start))
        for start in range(0, media.samples, BLOCK)
    ]
    return write_blocks(store, place, keys, (media.samples, media.channels, RATE), block_at)


def dialogue_block(
    store: Store,
    media: Media,
    channels: tuple[int, ...],
    chosen: Sequence[LevelledClip],
    clips: Sequence[LevelledClip],
    start: int,
    length: int,
) -> NDArray[np.int32]:
    """A stretch of a dialogue stem: the chosen clips, turned down where all clips together peak."""
    import numpy as np

    count = len(channels)
    voices = np.zeros((length, media.channels), np.int32)
    spoken = _voices_in_block(store, chosen, count, start, length)
    if spoken is not None:
        around = _voices_in_block(store, clips, count, start - REACH, length + 2 * REACH)
        assert around is not None
        down = limiter_gain(around, CEILING_DBTP)[REACH : REACH + length]
        voices[:, list(channels)] = to_int24(spoken * down[:, np.newaxis])
    return voices


def _clips_in_block(store: Store, clips: Sequence[LevelledClip], start: int) -> list[str]:
    """What of the clips decides about a block, in words: each with its place in it."""
    near = _clips_near(store, clips, start - REACH, start + BLOCK + REACH)
    return [f"{clip.audio.sha256} {first - start} {clip.gain_db} {clip.places} {clip.speaker}" for first, clip in near]


def _voices_in_block(
    store: Store, clips: Sequence[LevelledClip], channels: int, start: int, count: int
) -> NDArray[np.float64] | None:
    """The dub's voices in one block, shape (count, channels); None without speech."""
    import numpy as np

    block = None
    for first, clip in _clips_near(store, clips, start, start + count):
        voice = take_samples(store, clip.audio)
        a, b = max(first, start), min(first + len(voice), start + count)
        if a < b:
            block = np.zeros((count, channels)) if block is None else block
            block[a - start : b - start] += np.outer(
                voice[a - first : b - first] * 10 ** (clip.gain_db / 20), clip.places
            )
    return block


def _clips_near(
    store: Store, clips: Sequence[LevelledClip], start: int, end: int
) -> Iterator[tuple[int, LevelledClip]]:
    for clip in clips:
        first = clip.at_ms * RATE // 1000
        # Of 32 bits at 48 kHz, or of 24 bits at 8 kHz or more: then at most two samples at 48 kHz a byte.
        longest = clip.audio.size // 4 if clip.audio.suffix == ".au" else 2 * clip.audio.size
        if first < end and first + longest > start:
            yield first, clip
