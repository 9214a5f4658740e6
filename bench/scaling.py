"""How cost grows: `python bench/scaling.py [--lines 10,100,1000,10000] [--minutes 1,5,20] [--cores 16]`.

Each is measured only where it is asked for, from an empty store every time:

- `--lines`: subtitles of so many one-line cues of everyday English, to Spanish, and what a further line costs, from one
  number of lines to the next.
- `--minutes`: the sample again and again until it lasts so long, dubbed into Spanish, and what a further second costs.
- `--cores`: the sample dubbed on one core and on two. For each stage Amdahl's law (AFIPS 1967) gives the share that
  more cores make shorter, and from it the seconds on so many; a stage that two cores do not shorten counts as one
  that none will. What runs beside another stage counts in the stage that waits for it. That is a forecast, no
  measurement.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice, product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from commands import Cost, weigh

from localize.media import ffmpeg

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "episode.mp4"
SUBJECTS = (
    "I", "We", "They", "My sister", "The doctor", "Your brother", "The neighbors", "Our teacher", "The old man", "Anna",
    "His wife", "The children", "The driver", "Her boss", "Somebody", "The police", "My friend", "The girl", "Peter",
    "That woman", "The students", "Your father",
)  # fmt: skip
ACTIONS = (
    "lost the keys", "called a taxi", "saw the letter", "opened the window", "bought some bread", "told the truth",
    "heard the news", "missed the train", "found a small dog", "forgot the umbrella", "left the house", "sold the car",
    "broke the glass", "wrote a long note", "closed the door", "needed some help", "read the whole book", "fed the cat",
    "cooked dinner", "took a picture", "wanted a coffee", "asked for money", "paid the bill", "looked at the map",
)  # fmt: skip
TIMES = (
    "yesterday", "last night", "this morning", "after lunch", "before the party", "on Monday", "again", "at home",
    "in the kitchen", "near the river", "two days ago", "at the station", "last summer", "again and again",
    "at the hotel", "for the first time", "without a word", "in the end", "on the way home",
)  # fmt: skip
"""Of these 10,560 sentences are made."""


def clock(ms: int) -> str:
    """SubRip's way to write a time."""
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def write_lines(path: Path, count: int) -> None:
    """A SubRip file of so many cues, four seconds each, whose sentences differ."""
    # Neighbours differ in all three parts, as lines of a film do.
    sentences = (f"{who} {did} {when}." for when, did, who in product(TIMES, ACTIONS, SUBJECTS))
    cues = [
        f"{at + 1}\n{clock(4000 * at)} --> {clock(4000 * at + 3800)}\n{text}\n"
        for at, text in enumerate(islice(sentences, count))
    ]
    if len(cues) < count:
        raise SystemExit(f"there are {len(cues)} sentences: ask for fewer lines")
    path.write_text("\n".join(cues), "utf-8")


def measure_lines(counts: Sequence[int], folder: Path) -> None:
    """Print what subtitles of so many lines cost."""
    print(f"{'lines':>8}{'s':>9}{'CPU s':>9}{'lines/s':>9}{'MiB':>7}{'load':>7}   CPU ms for a further line")
    before: tuple[int, Cost] | None = None
    for count in sorted(counts):
        place = folder / f"{count} lines"
        place.mkdir()
        write_lines(place / "lines.en.srt", count)
        cost = weigh(place, "subs", "lines.en.srt", "--to", "es", "-o", "out")
        further = f"{1000 * (cost.cpu_seconds - before[1].cpu_seconds) / (count - before[0]):9.1f}" if before else ""
        print(
            f"{count:8}{cost.seconds:9.1f}{cost.cpu_seconds:9.1f}{count / cost.seconds:9.0f}{cost.peak_mb:7}"
            f"{cost.load:7.1f}   {further}",
            flush=True,
        )
        before = count, cost


def repeated(source: Path, minutes: int, target: Path) -> Path:
    """The source again and again until it lasts so long."""
    length = ["-t", str(60 * minutes), "-c", "copy"]
    command = [ffmpeg(), "-v", "error", "-stream_loop", "-1", "-i", str(source), *length, str(target)]
    subprocess.run(command, check=True)
    return target


def measure_minutes(lengths: Sequence[int], folder: Path) -> None:
    """Print what dubs of so many minutes cost."""
    print(f"{'minutes':>8}{'s':>9}{'x':>7}{'CPU s':>9}{'MiB':>7}{'load':>7}   s and CPU s for a further second")
    before: tuple[int, Cost] | None = None
    for minutes in sorted(lengths):
        place = folder / f"{minutes} minutes"
        place.mkdir()
        film = repeated(SAMPLE, minutes, place / "film.mp4")
        cost = weigh(place, "dub", film, "--to", "es", "-o", "out")
        further = ""
        if before is not None:
            more = 60 * (minutes - before[0])
            clock_s, cpu_s = cost.seconds - before[1].seconds, cost.cpu_seconds - before[1].cpu_seconds
            further = f"{clock_s / more:6.2f}{cpu_s / more:7.2f}"
        print(
            f"{minutes:8}{cost.seconds:9.1f}{cost.seconds / minutes / 60:7.2f}{cost.cpu_seconds:9.1f}{cost.peak_mb:7}"
            f"{cost.load:7.1f}   {further}",
            flush=True,
        )
        before = minutes, cost


def on_cores(one: float, two: float, cores: int) -> float:
    """Seconds on so many cores, by Amdahl's law from those on one and on two."""
    shared = min(max(2 * (one - two), 0.0), one)
    return one - shared + shared / cores


def foretell_cores(cores: int, folder: Path) -> None:
    """Print what the sample takes on one core and on two, and would take on so many."""
    own = sorted(os.sched_getaffinity(0))
    if len(own) < 2:
        raise SystemExit("two cores are needed to tell what a second one brings")
    costs = [weigh(folder / f"{n} cores", "dub", SAMPLE, "--to", "es", "-o", "out", cores=own[:n]) for n in (1, 2)]
    stages = [{stage["name"]: stage["seconds"] for stage in cost.result["stages"]} for cost in costs]
    rows = [(name, stages[0][name], stages[1].get(name, 0.0)) for name in stages[0]]
    rest = [cost.seconds - sum(own.values()) for cost, own in zip(costs, stages)]
    print(f"{'stage':<14}{'1 core, s':>10}{'2 cores':>10}{cores:>6} cores (foretold)")
    for name, one, two in (*rows, ("start and end", *rest)):
        print(f"{name:<14}{one:10.1f}{two:10.1f}{on_cores(one, two, cores):6.1f}")
    many = sum(on_cores(one, two, cores) for _, one, two in (*rows, ("", *rest)))
    print(f"{'all':<14}{costs[0].seconds:10.1f}{costs[1].seconds:10.1f}{many:6.1f}")
    loads = ", ".join(f"{cost.load:.1f}" for cost in costs)
    print(f"{costs[1].seconds / many:.1f} times as fast as on two; loads of the machine {loads}")


def numbers(text: str) -> list[int]:
    """Numbers with commas between."""
    return [int(part) for part in text.split(",")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=numbers, default=[])
    parser.add_argument("--minutes", type=numbers, default=[])
    parser.add_argument("--cores", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        if asked.lines:
            measure_lines(asked.lines, Path(place))
        if asked.minutes:
            measure_minutes(asked.minutes, Path(place))
        if asked.cores:
            foretell_cores(asked.cores, Path(place))


if __name__ == "__main__":
    main()
