"""What many workers bring, and that they change nothing: `python bench/workers.py [FOLDER] [--films 8] [--seconds 6]
[--ray]`.

The films of a folder, else pieces of the sample film, are dubbed into Spanish by `localize batch` in several ways, each
into an empty store and home: on one core, one film after another; on two cores, one after another; on two cores with
`--jobs 2`; with `--ray` on two cores with `--on ray`. Every way is taken once before any is taken again (`--rounds`).
Printed for each: seconds of the clock and of the processor, films a minute, against one core, and the load of the
machine; then whether timelines and casts are equal to the byte, and dialogue and bed to the sample. The exit code is 1
where they are not. A ratio says something only where the two cores have nothing else to do: look at the load.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent))

import soundfile
from commands import weigh

from localize.media import run_ffmpeg, url

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "episode.mp4"
PR_SET_CHILD_SUBREAPER = 36
SAMPLES = ("*/*.es.dialogue.wav", "*/*.bed.wav")
"""Signed files: a signature holds the time, so what is compared is the sound."""
BYTES = ("*/*.es.timeline.json", "cast.toml")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to dub a season.

    Args:
        name: for people.
        cores: how many it may use.
        options: of `localize batch`.
    """

    name: str
    cores: int
    options: tuple[str, ...] = ()


WAYS = (Way("one core", 1), Way("two cores", 2), Way("--jobs 2", 2, ("--jobs", "2")))
RAY = Way("--on ray", 2, ("--on", "ray"))


@dataclass(frozen=True, slots=True)
class Taken:
    """What one way took: seconds of the clock and of the processor, and the load of the machine at the end."""

    seconds: float
    cpu_seconds: float
    load: float


def cut_films(folder: Path, count: int, seconds: float) -> Path:
    """Write pieces of the sample film, one after the other."""
    folder.mkdir()
    for number in range(count):
        begin = ["-v", "error", "-ss", f"{number * seconds:.3f}", "-t", f"{seconds:.3f}", "-i", url(SAMPLE)]
        run_ffmpeg([*begin, "-c:v", "libx264", "-preset", "ultrafast", url(folder / f"e{number:02}.mp4")], "film")
    return folder


def dub_season(films: Path, place: Path, way: Way) -> Taken:
    """Dub all films in one way."""
    cores = sorted(os.sched_getaffinity(0))[: way.cores]
    before = _spent()
    options = ("--to", "es", "--from", "en", "-o", "out", *way.options)
    cost = weigh(place, "batch", films.absolute(), *options, cores=cores)
    with suppress(ChildProcessError):
        while True:  # workers are children of a child, which ends after the command
            os.wait()
    return Taken(cost.seconds, _spent() - before, cost.load)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def digests(out: Path) -> dict[str, str]:
    """Of each file that is to be the same in every way."""
    found = {}
    for pattern in (*BYTES, *SAMPLES):
        for path in sorted(out.glob(pattern)):
            data = soundfile.read(path, dtype="int32")[0].tobytes() if pattern in SAMPLES else path.read_bytes()
            found[str(path.relative_to(out))] = hashlib.sha256(data).hexdigest()
    return found


def show(taken: dict[Way, list[Taken]], films: int) -> None:
    """Print the medians of all rounds."""
    print(f"{'':<12}{'clock s':>9}{'CPU s':>9}{'films/min':>11}{'x one core':>12}{'load':>7}")
    one = median(each.seconds for each in taken[WAYS[0]])
    for way, rounds in taken.items():
        seconds, cpu = median(each.seconds for each in rounds), median(each.cpu_seconds for each in rounds)
        load = max(each.load for each in rounds)
        print(f"{way.name:<12}{seconds:9.1f}{cpu:9.1f}{60 * films / seconds:11.2f}{one / seconds:12.2f}{load:7.1f}")


def compare(found: dict[Way, dict[str, str]]) -> bool:
    """Print what differs; whether nothing does."""
    (first, wanted), *others = found.items()
    same = bool(wanted)
    for way, own in others:
        different = sorted(name for name in wanted.keys() | own.keys() if wanted.get(name) != own.get(name))
        same = same and not different
        print(f"{way.name} and {first.name}: {len(wanted)} files compared, different: {', '.join(different) or 'none'}")
    return same


def measure(films: Path, place: Path, ways: Sequence[Way], rounds: int) -> bool:
    """Dub, print, compare; whether all is the same."""
    taken: dict[Way, list[Taken]] = {way: [] for way in ways}
    found: dict[Way, dict[str, str]] = {}
    for number in range(rounds):
        for way in ways:
            own = place / f"{number} {way.name}"
            taken[way].append(dub_season(films, own, way))
            found[way] = digests(own / "out")
            print(f"{time.strftime('%H:%M:%S')} {way.name}: {taken[way][-1].seconds:.1f} s", flush=True)
    show(taken, sum(name.endswith(".timeline.json") for name in found[ways[0]]))
    return compare(found)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="with films in English; pieces of the sample without it")
    parser.add_argument("--films", type=int, default=8, help="pieces of the sample")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each piece")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--ray", action="store_true", help="also by workers of Ray")
    asked = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("two cores are needed to tell what a second one brings")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    with tempfile.TemporaryDirectory() as name:
        films = asked.folder or cut_films(Path(name) / "films", asked.films, asked.seconds)
        ways = (*WAYS, RAY) if asked.ray else WAYS
        sys.exit(not measure(films, Path(name), ways, asked.rounds))


if __name__ == "__main__":
    main()
