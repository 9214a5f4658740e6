"""How near `--dry-run` comes to what a dub takes: `python bench/outlay.py [--keep FOLDER]`.

The sample is dubbed once into an empty store: the calibration. Then three films are estimated by it and dubbed, each
into a store that has nothing else of it: the sample again, its first 25 seconds, and a film of other speech and another
length (105 seconds where ../shared is, else the sample's last 40). Seconds on the clock are what `--dry-run` says; they
hang on what else the machine does, so that the load is printed, and the same estimate made of processor time beside it:
stage by stage from the calibration's processor time, and held against that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from commands import Cost, weigh

from localize.delivery.outlay import CALIBRATION, estimate_seconds, keep_costs, read_costs
from localize.events import Finished
from localize.media import ffmpeg
from localize.runtime.store import Store

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "samples" / "episode.mp4"
MEDIA = ROOT.parent / "shared" / "media"
OTHERS = (MEDIA / "1_english/sonnet/p001_sonnet1.mp3", MEDIA / "4_video/sintel_trailer_480x204.mp4")
LIMIT = 0.30
ASKED = ("--from", "en", "--to", "es", "-o", "out")


def _ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([ffmpeg(), "-v", "error", "-y", *map(str, arguments)], check=True)


def make_films(folder: Path) -> list[Path]:
    """The films that are estimated."""
    short, long = folder / "short.mp4", folder / "long.mp4"
    _ffmpeg("-i", SAMPLE, "-t", "25", "-map", "0", "-c:v", "copy", "-c:a", "aac", "-b:a", "128k", short)
    if not all(path.exists() for path in OTHERS):
        _ffmpeg("-ss", "20", "-i", SAMPLE, "-map", "0", "-c:v", "copy", "-c:a", "aac", "-b:a", "128k", long)
        return [SAMPLE, short, long]
    inputs = [part for path in OTHERS for part in ("-i", path)]
    joined = "[0:a:0][1:a:0]concat=n=2:v=0:a=1[sound]"
    picture = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=12"]
    chosen = ["-filter_complex", joined, "-map", "[sound]", "-map", "2:v", "-shortest"]
    _ffmpeg(*inputs, *picture, *chosen, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-ac", "2", long)
    return [SAMPLE, short, long]


def cpu_calibration(folder: Path, made: Cost, duration_ms: int) -> dict[str, float]:
    """The calibration that a dub would have left if processor time were time."""
    store = Store(folder)
    store.folder.mkdir(parents=True, exist_ok=True)
    stages = [Finished(s["name"], s["cpu_seconds"], s["hits"], s["made"], s["language"]) for s in made.result["stages"]]
    keep_costs(store, stages, duration_ms, 1, made.cpu_seconds)
    return read_costs(store)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where an estimate is off by more than the limit."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--keep", type=Path, help="where films and results stay [nowhere]")
    kept: Path | None = asked.parse_args(arguments).keep
    with tempfile.TemporaryDirectory() as temporary:
        folder = kept or Path(temporary)
        films = make_films(folder)
        first = folder / "calibration"
        first.mkdir(exist_ok=True)
        made = weigh(first, "dub", SAMPLE, *ASKED)
        print(
            f"calibration: {made.seconds:.0f} s, {made.cpu_seconds:.0f} of processors, load {made.load:.1f}", flush=True
        )
        print("film       length   said  took   off   by processors: said  took   off   load")
        worst = 0.0
        for number, film in enumerate(films):
            own = folder / f"film{number}"
            (own / "store").mkdir(parents=True, exist_ok=True)
            shutil.copy(first / "store" / CALIBRATION, own / "store" / CALIBRATION)
            plan = weigh(own, "dub", film, *ASKED, "--dry-run").result
            costs = cpu_calibration(folder / "cpu", made, 59_600)
            took = weigh(own, "dub", film, *ASKED)
            (own / "stages.json").write_text(
                json.dumps([took.seconds, took.cpu_seconds, took.result["stages"]]), "utf-8"
            )
            said, cpu_said = plan["outlay"]["seconds"], estimate_seconds(costs, plan["duration_ms"], 1)
            off, cpu_off = said / took.seconds - 1, cpu_said / took.cpu_seconds - 1
            worst = max(worst, abs(cpu_off))
            print(
                f"{film.stem:<10} {plan['duration_ms'] / 1000:5.1f} s {said:5.0f} {took.seconds:5.0f} {off:+5.0%}"
                f"                  {cpu_said:5.0f} {took.cpu_seconds:5.0f} {cpu_off:+5.0%}   {took.load:4.1f}",
                flush=True,
            )
    print(f"farthest by processors: {worst:.0%} (limit {LIMIT:.0%})")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
