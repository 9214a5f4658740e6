"""What one correction costs: `python bench/corrections.py FILM [--to es]`.

The film is dubbed once, then ten corrections of different kinds are made, one after the other, and the dub is made
again after each: words of the target and of the source, by `--edits` and in the delivered subtitles, a voice, times.
For each the seconds of a clock and of the processor are printed, and what was made anew; then a plain run, in which all
ten must hold.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
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


def main() -> None:
    """Dub, correct ten times, dub plainly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--to", default="es")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place), Path(place) / "out"
        result, wall, cpu = dub(asked.film, asked.to, out)
        print(f"{'first':<22}{wall:8.1f} s{cpu:8.1f} CPU s")
        first, name = clips(result), asked.film.stem
        source = json.loads((out / f"{name}.master.json").read_text("utf-8"))["source_language"]
        lines = list(first)
        voice = next(c["voice"] for c in first.values() if c["voice"] != first[lines[0]]["voice"])
        step = max(1, len(lines) // 10)
        at = [n * step for n in range(10)]
        start = first[lines[at[5]]]["source"]["start_ms"]
        changes: list[tuple[str, dict[str, Any] | tuple[str, int]]] = [
            ("target words", edited(lines, at[0], translation={asked.to: "No lo sé."})),
            ("longer target words", edited(lines, at[1], translation={asked.to: "No lo sé, de verdad que no."})),
            ("source words", edited(lines, at[2], source="I do not know.")),
            ("voice", edited(lines, at[3], voice=voice)),
            ("left as it is", edited(lines, at[4], voice="original")),
            ("times", edited(lines, at[5], start_ms=start + 100)),
            ("target and voice", edited(lines, at[6], translation={asked.to: "Tal vez."}, voice=voice)),
            ("delivered target", (asked.to, 1)),
            ("delivered source", (source, 2)),
            ("a number", edited(lines, at[9], translation={asked.to: "Son 21 euros."})),
        ]
        times = []
        for kind, change in changes:
            if isinstance(change, tuple):
                option = "--translation" if change[0] == asked.to else "--transcript"
                given = (option, corrected(out / f"{name}.{change[0]}.srt", change[1], folder))
            else:
                path = folder / "edits.json"
                path.write_text(json.dumps(change), "utf-8")
                given = ("--edits", path)
            result, wall, cpu = dub(asked.film, asked.to, out, *given)
            times.append((wall, cpu))
            made = ", ".join(f"{s['name']} {s['made']}" for s in result["stages"] if s["made"])
            print(f"{kind:<22}{wall:8.1f} s{cpu:8.1f} CPU s  made: {made}", flush=True)
        last, before = clips(dub(asked.film, asked.to, out)[0]), clips(result)
        kept = sum(last.get(line, {}).get("text") == before.get(line, {}).get("text") for line in lines)
        held = json.loads((out / f"{name}.edits.json").read_text("utf-8"))["edits"]
        walls, cpus = zip(*times)
        print(f"{'median':<22}{statistics.median(walls):8.1f} s{statistics.median(cpus):8.1f} CPU s")
        print(f"after a plain run {len(held)} corrections are kept, {kept} of {len(lines)} lines say what they said")
        shutil.rmtree(out)


if __name__ == "__main__":
    main()
