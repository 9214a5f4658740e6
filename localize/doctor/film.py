"""`doctor FILE`: what a film holds, what is wrong with it, what a dub of it will deliver, and what that needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import media
from ..consent import Home
from ..data import SoundClock, Stream
from ..delivery.outlay import estimate_outlay, spread
from ..engine_selection import engine_pairs
from ..errors import MediaError
from ..models import Models
from ..runtime.records import to_json
from ..runtime.store import Store


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a dub cannot make good; `code` is that of the dub's own warning where it has one."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FilmCheckup:
    """What a film holds, and what becomes of it.

    Args:
        file: its path.
        ok: whether it can be dubbed.
        container: ffmpeg's name.
        duration_ms: as its header says.
        streams: all of them.
        chosen: index of the stream that would be dubbed; None without sound.
        note: why that one.
        sound: the clock of that stream, from decoding it; None without sound.
        problems: what a dub cannot make good.
        delivers: the suffix of the film that can be made; "" for none, and for sound alone.
        delivered_sound: what the dub's track will be, in words.
        left_out: streams of the source that the film will not hold, in words.
        seconds: estimated with the embedded engines, least and most.
        disk_bytes: needed in the store and the output folder together.
        free_bytes: on the disk of the store.
        memory_bytes: needed at most.
    """

    file: str
    ok: bool
    container: str
    duration_ms: int
    streams: tuple[Stream, ...]
    chosen: int | None
    note: str
    sound: SoundClock | None
    problems: tuple[Problem, ...]
    delivers: str
    delivered_sound: str
    left_out: str
    seconds: tuple[int, int]
    disk_bytes: int
    free_bytes: int
    memory_bytes: int

    def json(self) -> dict[str, Any]:
        """What `localize doctor FILE --json` prints."""
        return {"schema": 1, **to_json(self)}


def examine_film(path: Path, stream: int | str | None = None, language: str | None = None) -> FilmCheckup:
    """Examine a film before it is dubbed: its sound is decoded once, nothing is kept.

    Args:
        path: the film.
        stream: as for a dub: an index, a language, or "a:1"; None to choose.
        language: of the source, where it is known.

    Raises:
        MediaError: it cannot be read, or has no such stream.
    """
    found = media.probe(path)
    chosen, note = media.choose_audio(path, found, stream, language, _translated_languages())
    plan = media.plan_film(path, found, chosen)
    problems = []
    clock = None
    try:
        clock, faults = media.check_sound(path, chosen)
        problems += [Problem(code, words) for code, words in faults]
    except MediaError as error:
        problems.append(Problem("undecodable", error.message))
    if plan is not None and plan.reason:
        code, what = (
            ("container_changed", f"a film will be {plan.suffix}") if plan.suffix else ("film_not_muxed", "no film")
        )
        problems.append(Problem(code, f"{what}: {plan.reason}"))
    left_out = plan.left_out if plan is not None else ""
    if plan is not None and plan.recoded:
        problems.append(
            Problem("sound_recoded", f"sound {plan.recoded} becomes FLAC in {plan.suffix}, the same samples")
        )
    if left_out:
        problems.append(Problem("streams_left_out", f"a film in {plan.suffix if plan else ''} cannot hold {left_out}"))
    duration_ms = max(found.duration_ms, 0 if clock is None else clock.length_ms)
    outlay = estimate_outlay(Store.open(Home.open().folder), path, chosen, duration_ms, 1)
    disk, free = outlay.disk_bytes, outlay.free_bytes
    if disk > free:
        problems.append(Problem("disk", f"{disk / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free"))
    return FilmCheckup(
        file=str(path), ok=clock is not None, container=found.container, duration_ms=duration_ms,
        streams=found.streams, chosen=chosen.index, note=note, sound=clock, problems=tuple(problems),
        delivers=plan.suffix if plan else "", delivered_sound=_sound(plan, chosen), left_out=left_out,
        seconds=spread(outlay), disk_bytes=disk, free_bytes=free, memory_bytes=outlay.memory_bytes,
    )  # fmt: skip


def _translated_languages() -> tuple[str, ...]:
    """The languages from which something here translates into one that something here speaks; none for all."""
    pairs = [pair for pair in engine_pairs(Models()) if pair.synthesizer.engine]
    found = sorted({pair.pair.partition("->")[0] for pair in pairs})
    return () if "any" in found else tuple(found)


def _sound(plan: media.FilmPlan | None, chosen: Stream) -> str:
    """The dub's track, in words."""
    shape = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(chosen.channels, f"{chosen.channels} channels")
    if plan is None or not plan.suffix:
        return f"PCM, 48 kHz, 24 bit, {shape}"
    return f"{media.dub_codec(plan.suffix, chosen)}, 48 kHz, {shape}"
