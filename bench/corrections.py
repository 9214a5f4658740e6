"""What one correction costs: `python bench/corrections.py FILM [--to es] [--out FOLDER] [--only 1,2,3]`.

The film is dubbed once, then ten corrections of different kinds are made, one after the other, and the dub is made
again after each: words of the target and of the source, by `--edits` and in the delivered subtitles, a voice, times.
For each the seconds of a clock and of the processor are printed, and what was made anew; then a plain run, in which all
ten must hold. With --out the dub of an earlier run is corrected, in the store that LOCALIZE_STORE names; with --only a
part of the ten (1 to 10) and of the plain runs before (0) and after them (11), so that a long film can be measured in
parts.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def dub(film: Path, to: str, out: Path, *more: str | Path) -> tuple[dict[str, Any], float, float]:
    """Run the command; its JSON, seconds of a clock, seconds of the processor."""
    before, began = os.times(), time.monotonic()
    command = [sys.executable, "-m", "localize", "dub", film, "--to", to, "-o", out, "-q", "--json", *more]
    done = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(done.stdout), time.monotonic() - began, cpu


def clips(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Line -> what is heard of it."""
    timeline = json.loads(Path(result["targets"][0]["timeline"]).read_text("utf-8"))
    return {clip["segment"]: clip for clip in timeline["clips"]}


def edited(lines: list[str], at: int, **change: Any) -> dict[str, Any]:
    """An edits file with one correction."""
    return {"schema": 1, "edits": [{"segment": lines[at], **change}]}


def corrected(delivered: Path, number: int, folder: Path) -> Path:
    """A copy of delivered subtitles with one word of the cue `number` exchanged."""
    cues = delivered.read_text("utf-8").split("\n\n")
    head, text = cues[number].rsplit("\n", 1)
    cues[number] = head + "\n" + re.sub(r"[^\W\d_]{4,}", "siempre", text, count=1)
    copy = folder / delivered.name
    copy.write_text("\n\n".join(cues), "utf-8")
    return copy


def corrections(to: str, master: dict[str, Any], voices: list[str]) -> list[tuple[str, Any]]:
    """Ten corrections, far from one another: what each is, and an edits file or (language, cue)."""
    lines, source = [segment["id"] for segment in master["segments"]], master["source_language"]
    voice = next(v for v in voices if v != voices[0])
    at = [n * max(1, len(lines) // 10) for n in range(10)]
    start = master["segments"][at[5]]["start_ms"]
    return [
        ("target words", edited(lines, at[0], translation={to: "No lo sé."})),
        ("longer target words", edited(lines, at[1], translation={to: "No lo sé, de verdad que no."})),
        ("source words", edited(lines, at[2], source="I do not know.")),
        ("voice", edited(lines, at[3], voice=voice)),
        ("left as it is", edited(lines, at[4], voice="original")),
        ("times", edited(lines, at[5], start_ms=start + 100)),
        ("target and voice", edited(lines, at[6], translation={to: "Tal vez."}, voice=voice)),
        ("delivered target", (to, 1)),
        ("delivered source", (source, 2)),
        ("a number", edited(lines, at[9], translation={to: "Son 21 euros."})),
    ]


def given(change: Any, to: str, stem: Path, folder: Path) -> tuple[str, Path]:
    """A correction as an option of the command."""
    if isinstance(change, tuple):
        language, cue = change
        option = "--translation" if language == to else "--transcript"
        return option, corrected(stem.with_name(f"{stem.name}.{language}.srt"), cue, folder)
    path = folder / "edits.json"
    path.write_text(json.dumps(change), "utf-8")
    return "--edits", path


def described(clip: dict[str, Any] | None) -> Any:
    """What of a line a correction settles."""
    return clip and (clip["text"], clip["voice"], clip["source"])


def measure(film: Path, to: str, out: Path, folder: Path, only: Sequence[int]) -> None:
    """Dub, correct ten times, dub plainly; those of `only`."""
    stem, times = out / film.stem, []
    if 0 in only:
        _, wall, cpu = dub(film, to, out)
        print(f"{'plain run before':<22}{wall:8.1f} s{cpu:8.1f} CPU s", flush=True)
    before = json.loads(stem.with_name(f"{stem.name}.{to}.timeline.json").read_text("utf-8"))
    master = json.loads(stem.with_name(f"{stem.name}.master.json").read_text("utf-8"))
    last = {clip["segment"]: clip for clip in before["clips"]}
    changes = corrections(to, master, [clip["voice"] for clip in before["clips"]])
    for number, (kind, change) in enumerate(changes, 1):
        if number not in only:
            continue
        result, wall, cpu = dub(film, to, out, *given(change, to, stem, folder))
        times.append((wall, cpu))
        made = ", ".join(f"{s['name']} {s['made']}" for s in result["stages"] if s["made"])
        print(f"{kind:<22}{wall:8.1f} s{cpu:8.1f} CPU s  made: {made}", flush=True)
        last = clips(result)
    if times:
        walls, cpus = zip(*times)
        print(f"{'median':<22}{statistics.median(walls):8.1f} s{statistics.median(cpus):8.1f} CPU s", flush=True)
    if len(changes) + 1 in only:
        result, wall, cpu = dub(film, to, out)
        print(f"{'plain run after':<22}{wall:8.1f} s{cpu:8.1f} CPU s")
        now = clips(result)
        kept = sum(described(now.get(line)) == described(clip) for line, clip in last.items())
        held = json.loads(stem.with_name(f"{stem.name}.edits.json").read_text("utf-8"))["edits"]
        print(f"{len(held)} corrections are kept, {kept} of {len(last)} lines are what they were")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a folder of one's own, or that of an earlier dub."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--to", default="es")
    parser.add_argument("--out", type=Path, help="output folder of an earlier dub, which is corrected")
    parser.add_argument("--only", default="0,1,2,3,4,5,6,7,8,9,10,11", metavar="N,…", help="these of the runs [all]")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        out = asked.out or Path(place) / "out"
        measure(asked.film, asked.to, out, Path(place), [int(number) for number in asked.only.split(",")])


if __name__ == "__main__":
    main()
