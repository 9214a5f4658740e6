"""What a dub will take (time, disk, memory), known before it begins from what earlier ones took on this machine.

A stage takes some seconds however short the film (engines are loaded), and some for each second of film. Each dub
leaves in the store how many times as long as here its stages took, without the time in which other programs had the
processors: one dub is the calibration, whatever the length of its film and whatever else the machine did meanwhile.
`python bench/outlay.py` prints how near the estimates come.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
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
SCHEMA = 2
LEAST_MS = 5_000
"""Of a film from whose dub the next one's time is estimated."""
ONCE = {
    "ingest": (4.0, 0.12), "sounds": (0.0, 0.035), "transcribe": (0.0, 0.15), "diarize": (0.3, 0.055),
    "watch": (0.0, 0.005), "listen": (0.0, 0.01), "look": (0.2, 0.12),
}  # fmt: skip
"""Seconds that a stage takes, and seconds for each second of film, on two cores of a virtual machine: fitted to the
processor time of dubs of 25, 60 and 105 seconds (bench/outlay.py) and the time on the clock of the sample's."""
EACH = {
    "translate": (1.3, 0.01), "plan": (0.0, 0.008), "synthesize": (6.5, 0.22), "separate": (0.7, 0.025),
    "mix": (0.2, 0.095), "watermark": (0.0, 0.08), "measure": (0.5, 0.25), "deliver": (0.5, 0.03),
}  # fmt: skip
"""The same for the target languages; what is loaded is loaded for the first alone."""
BESIDE = "beside"
OTHERS = {BESIDE: (4.0, 0.05)}
"""What belongs to no stage: packages that are imported, files that are looked at, the ledger."""
UNDRAFTED = "measure"
"""The stage that --draft leaves out."""
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


def estimate_outlay(
    store: Store, path: Path, chosen: Stream, duration_ms: int, languages: int, *, draft: bool = False
) -> Outlay:
    """What a dub will take.

    Args:
        store: that earlier dubs used.
        path: of the film.
        chosen: its stream that is dubbed.
        duration_ms: of it.
        languages: how many it is dubbed into.
        draft: whether the finished dub is left unmeasured.
    """
    known = read_costs(store)
    sound = duration_ms * media.RATE // 1000 * BYTES_A_SAMPLE * max(1, chosen.channels)
    return Outlay(
        seconds=round(estimate_seconds(known, duration_ms, languages, draft=draft)),
        calibrated=bool(known),
        disk_bytes=SOUNDS_KEPT * sound * max(1, languages) + 2 * path.stat().st_size * max(1, languages),
        free_bytes=free_bytes(store),
    )


def estimate_seconds(known: Mapping[str, float], duration_ms: int, languages: int, *, draft: bool = False) -> float:
    """Seconds that a whole dub takes; arguments as for `stage_seconds`."""
    stages = stage_seconds(known, duration_ms, languages, draft=draft)
    return known.get(BESIDE, 1.0) * _usual(BESIDE, duration_ms) + sum(seconds for _, seconds in stages)


def stage_seconds(
    known: Mapping[str, float], duration_ms: int, languages: int, *, dubs: bool = True, draft: bool = False
) -> list[tuple[str, float]]:
    """The stages of a run in order, each with the seconds that it is expected to take.

    Args:
        known: how many times as long as usual they took on this machine (`read_costs`).
        duration_ms: of the film.
        languages: targets.
        dubs: whether they are dubbed, or subtitled alone.
        draft: whether the finished dub is left unmeasured.
    """
    factors = {"watermark": 0.0 if known else 1.0, "look": 0.0, **known}  # few dubs ask the picture
    left_out = {UNDRAFTED} if draft else set()
    targets = [name for name in EACH if (dubs or name == "translate") and name not in left_out]
    found = [(name, factors.get(name, 1.0) * _usual(name, duration_ms)) for name in (*ONCE, *targets)]
    for _ in range(languages - 1):
        found += [(name, factors.get(name, 1.0) * EACH[name][1] * duration_ms / 1000) for name in targets]
    return found if languages else found[: len(ONCE)]


def _usual(name: str, duration_ms: int, languages: int = 1) -> float:
    """Seconds that a stage takes in all on the machine it was measured on."""
    loading, each = (ONCE | EACH | OTHERS)[name]
    return loading + (languages if name in EACH else 1) * each * duration_ms / 1000


def read_costs(store: Store) -> dict[str, float]:
    """Stage -> how many times as long as usual it took on this machine; empty before the first dub."""
    path = store.folder / CALIBRATION
    if not path.exists():
        return {}
    try:
        found = read_json(path, _LIMIT)
        if found["schema"] != SCHEMA:
            return {}
        return {
            name: float(found["factors"][name])
            for name in (*ONCE, *EACH, BESIDE)
            if isinstance(found["factors"].get(name), (int, float)) and 0 <= found["factors"][name] < 10_000
        }
    except (LocalizeError, AttributeError, KeyError, TypeError):
        return {}  # an estimate is all that depends on it


def keep_costs(
    store: Store, stages: Sequence[Finished], duration_ms: int, languages: int, whole_s: float, held_up_s: float = 0.0
) -> None:
    """Keep what the stages of a dub took for the next estimate; of those that found their results in the store nothing
    is learnt.

    Args:
        store: of the run.
        stages: as they ended.
        duration_ms: of the film.
        languages: targets.
        whole_s: seconds of the whole run.
        held_up_s: those of them in which other programs had the processors.
    """
    if duration_ms < LEAST_MS:
        return
    found = read_costs(store)
    new = []
    for name in (*ONCE, *EACH):
        ended = [stage for stage in stages if stage.stage == name]
        lengths = [stage for stage in stages if stage.stage == "synthesize"] if name == "plan" else ended
        if not ended or any(stage.hits > stage.made for stage in lengths):  # a plan's lengths were foretold before it
            continue
        new.append(name)
        found[name] = round(
            sum(stage.seconds - stage.held_up_seconds for stage in ended) / _usual(name, duration_ms, languages), 4
        )
    if "ingest" in new:
        beside = max(0.0, whole_s - sum(stage.seconds for stage in stages)) * (1 - held_up_s / max(whole_s, 1e-9))
        found[BESIDE] = round(beside / _usual(BESIDE, duration_ms), 4)
    if new:
        with suppress(StoreError):  # the dub is delivered: a full disk must not make an error of it
            write_json(store.folder / CALIBRATION, {"schema": SCHEMA, "factors": found})


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
