"""What a dub will take (time, disk, memory), known before it begins from what earlier ones took on this machine.

Each dub leaves in the store what its stages took for a second of film, once for each target: one dub is the
calibration. Until there is one, the figures are those measured on two cores of a virtual machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .. import media
from ..data import Stream
from ..errors import LocalizeError, StoreError
from ..events import Finished
from ..runtime.files import read_json, write_json
from ..runtime.store import Store

CALIBRATION = "costs.json"
_LIMIT = 100_000
LOADING_S = 5.0
"""Of a dub, however short: engines are loaded."""
LEAST_MS = 5_000
"""Of a film from whose dub the next one's time is estimated."""
ONCE = {"ingest": 0.50, "transcribe": 0.62, "diarize": 0.49, "watch": 0.05, "listen": 0.01}
"""Seconds that a stage takes for a second of film; measured on the sample episode (59.6 s, six people)."""
EACH = {
    "translate": 0.08, "plan": 0.08, "synthesize": 1.25, "separate": 0.42, "mix": 0.08, "watermark": 0.08,
    "measure": 0.31, "deliver": 0.03,
}  # fmt: skip
"""The same for each target language. `separate` is done for the first alone where the others dub the same lines."""
PEAK_BYTES = 2_000_000_000
"""Memory at most, however long the film: the limit that `tests/e2e/test_long.py` sets a dub."""
SOUNDS_KEPT = 8
"""Sounds of the film's length and channels in the store and in the output folder: original, voices, bed, dialogue and
mix, before and after loudness, and what is delivered of them."""
BYTES_A_SAMPLE = 3


@dataclass(frozen=True, slots=True)
class Outlay:
    """What a dub will take.

    Args:
        seconds: until it is done, if nothing of it is in the store.
        calibrated: earlier dubs on this machine say so.
        disk_bytes: in the store and the output folder together.
        free_bytes: on the disk of the store.
        memory_bytes: at most.
    """

    seconds: int
    calibrated: bool
    disk_bytes: int
    free_bytes: int
    memory_bytes: int = PEAK_BYTES


def estimate_outlay(store: Store, path: Path, chosen: Stream, duration_ms: int, languages: int) -> Outlay:
    """What a dub will take.

    Args:
        store: that earlier dubs used.
        path: of the film.
        chosen: its stream that is dubbed.
        duration_ms: of it.
        languages: how many it is dubbed into.
    """
    known = read_costs(store)
    costs = stage_seconds(known, duration_ms, languages)
    sound = duration_ms * media.RATE // 1000 * BYTES_A_SAMPLE * max(1, chosen.channels)
    return Outlay(
        seconds=round(LOADING_S + sum(seconds for _, seconds in costs)),
        calibrated=bool(known),
        disk_bytes=SOUNDS_KEPT * sound * max(1, languages) + 2 * path.stat().st_size * max(1, languages),
        free_bytes=free_bytes(store),
    )


def stage_seconds(
    known: Mapping[str, float], duration_ms: int, languages: int, *, dubs: bool = True
) -> list[tuple[str, float]]:
    """The stages of a run in order, each with the seconds that it is expected to take.

    Args:
        known: what they took for a second of film on this machine (`read_costs`).
        duration_ms: of the film.
        languages: targets.
        dubs: whether they are dubbed, or subtitled alone.
    """
    once = {**ONCE, **{name: cost for name, cost in known.items() if name in ONCE}}
    each = {**EACH, **{name: cost for name, cost in known.items() if name in EACH}}
    if known:
        each["watermark"] = known.get("watermark", 0.0)
    targets = [name for name in each if dubs or name == "translate"] * languages
    return [(name, (once | each)[name] * duration_ms / 1000) for name in (*once, *targets)]


def read_costs(store: Store) -> dict[str, float]:
    """Stage -> seconds for a second of film that it took on this machine; empty before the first dub."""
    path = store.folder / CALIBRATION
    if not path.exists():
        return {}
    try:
        found = read_json(path, _LIMIT)
        return {
            name: float(found["stages"][name])
            for name in (*ONCE, *EACH)
            if isinstance(found["stages"].get(name), (int, float)) and 0 <= found["stages"][name] < 1000
        }
    except (LocalizeError, AttributeError, KeyError, TypeError):
        return {}  # an estimate is all that depends on it


def keep_costs(store: Store, stages: Sequence[Finished], duration_ms: int, languages: int) -> None:
    """Keep what the stages of a dub took for the next estimate; of those that found their results in the store nothing
    is learnt.

    Args:
        store: of the run.
        stages: as they ended.
        duration_ms: of the film.
        languages: targets.
    """
    if duration_ms < LEAST_MS:
        return
    found = read_costs(store)
    for name in (*ONCE, *EACH):
        ended = [stage for stage in stages if stage.stage == name]
        lengths = [stage for stage in stages if stage.stage == "synthesize"] if name == "plan" else ended
        if not ended or any(stage.hits > stage.made for stage in lengths):  # a plan's lengths were foretold before it
            continue
        shared = languages if name in EACH else 1
        rest = 1 - LOADING_S / max(2 * LOADING_S, _total(stages))
        found[name] = round(rest * sum(stage.seconds for stage in ended) / shared / (duration_ms / 1000), 4)
    if found:
        with suppress(StoreError):  # the dub is delivered: a full disk must not make an error of it
            write_json(store.folder / CALIBRATION, {"schema": 1, "stages": found})


def _total(stages: Iterable[Finished]) -> float:
    return sum(stage.seconds for stage in stages)


def free_bytes(store: Store) -> int:
    """Bytes that are free where a store lies."""
    folder = store.folder.absolute()
    return shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free


UNSURE = (0.7, 1.3)
"""How far an estimate may be off after a dub of another film on the same machine."""
UNKNOWN = (0.5, 3.0)
"""The same before the first dub."""


def spread(found: Outlay) -> tuple[int, int]:
    """Least and most seconds that a dub takes."""
    least, most = UNSURE if found.calibrated else UNKNOWN
    return round(least * found.seconds), round(most * found.seconds)


def describe_outlay(found: Outlay) -> str:
    """One line for a person."""
    said = "by what earlier dubs took here" if found.calibrated else "by another machine: the first dub measures yours"
    minutes, seconds = divmod(found.seconds, 60)
    time = f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
    disk = f"{found.disk_bytes / 1e9:.1f} GB of disk ({found.free_bytes / 1e9:.1f} free)"
    return f"about {time} ({said}), {disk}, up to {found.memory_bytes / 1e9:.1f} GB of memory"
