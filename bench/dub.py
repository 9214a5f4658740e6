"""What a dub costs, stage by stage, beside the bare engines: `python bench/dub.py [FILE] [--minutes N]`.

Prints seconds per stage and minute of source, our overhead over faster-whisper and kokoro-onnx called directly with the
same weights on the same words, and the peak memory of a source of N minutes (default 20) built by repeating FILE.
Everything is measured in one run, side by side, with an empty store each time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from localize.media import ffmpeg

SAMPLE = Path(__file__).parents[1] / "samples" / "episode.mp4"


def dub(source: Path, folder: Path) -> tuple[dict[str, Any], int, float]:
    """Dub in a process of its own: what it printed, its peak memory in MB, and its seconds."""
    environment = {**os.environ, "LOCALIZE_STORE": str(folder / "store"), "LOCALIZE_HOME": str(folder / "home")}
    command = [
        sys.executable,
        "-m",
        "localize",
        "dub",
        str(source),
        "--to",
        "es",
        "-o",
        str(folder / "out"),
        "--json",
        "-q",
    ]
    began = time.monotonic()
    with (folder / "result.json").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        raise SystemExit(f"the dub of {source} failed")
    return json.loads((folder / "result.json").read_text()), usage.ru_maxrss // 1024, seconds


def bare_recogniser(folder: Path, result: dict[str, Any]) -> float:
    """Seconds faster-whisper takes alone: the same weights on the same windows of the same track."""
    script = """
import json, sys, time
from pathlib import Path
from localize.engines import load
from localize.models import Models
from localize.runtime.store import Store
from localize import media
from localize.transcription.transcribe import speech_spans, windows_of
from localize.engines.whisper_guards import read
store = Store(Path(sys.argv[2]))
found = media.ingest(store, Path(sys.argv[1]), stream=None, language=None)
windows = windows_of(speech_spans(store, found.speech), found.duration_ms)
began = time.monotonic()
from faster_whisper import WhisperModel
model = WhisperModel(str(Models().path("whisper-base")), device="cpu", compute_type="int8", local_files_only=True)
for window in windows:
    segments, _ = model.transcribe(read(store.path(found.speech), window), language="en", beam_size=5, temperature=0.0,
        condition_on_previous_text=False, word_timestamps=True, vad_filter=True,
        vad_parameters={"min_silence_duration_ms": 500, "speech_pad_ms": 200})
    list(segments)
print(time.monotonic() - began)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, result["input"], str(folder / "store")],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def bare_synthesizer(result: dict[str, Any]) -> tuple[float, float]:
    """Seconds kokoro-onnx takes alone for the same lines in the same voices, model loading included, and how many
    seconds of sound come of it: we speak slower or faster than it does, so that costs are compared for equal sound.
    """
    script = """
import json, sys, tempfile, time
from pathlib import Path
import numpy as np
from localize.models import Models
from localize.consent import stock_folder
clips = json.loads(Path(sys.argv[1]).read_text())["clips"]
styles = {c["voice"]: np.fromfile(stock_folder() / c["voice"] / "style.bin", "<f4").reshape(-1, 1, 256) for c in clips}
with tempfile.NamedTemporaryFile(suffix=".npz") as file:
    np.savez(file, **styles)
    file.flush()
    began = time.monotonic()
    from kokoro_onnx import Kokoro
    engine = Kokoro(str(Models().path("kokoro-82m-int8") / "kokoro.onnx"), file.name)
    made = sum(len(engine.create(c["text"], voice=c["voice"], lang="es", trim=False)[0]) for c in clips)
    print(time.monotonic() - began, made / 24000)
"""
    timeline = result["targets"][0]["timeline"]
    done = subprocess.run([sys.executable, "-c", script, timeline], capture_output=True, text=True, check=True)
    seconds, made = map(float, done.stdout.split()[-2:])
    return seconds, made


def spoken_seconds(result: dict[str, Any]) -> float:
    """Sound our synthesizer rendered: every clip, and the half second of silence a model adds around a line."""
    clips = json.loads(Path(result["targets"][0]["timeline"]).read_text())["clips"]
    return sum((b - a) / 1000 for c in clips for a, b in c["dub"]["phrases"]) + 0.5 * len(clips)


def repeated(source: Path, minutes: int, folder: Path) -> Path:
    """The source again and again until it lasts `minutes`."""
    target = folder / f"{minutes}min.mp4"
    command = [
        ffmpeg(),
        "-v",
        "error",
        "-stream_loop",
        "-1",
        "-i",
        str(source),
        "-t",
        str(60 * minutes),
        "-c",
        "copy",
        str(target),
    ]
    subprocess.run(command, check=True)
    return target


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--minutes", type=int, default=20, help="length of the long source; 0 leaves it out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        result, peak, seconds = dub(arguments.file, folder)
        minutes = json.loads(Path(result["targets"][0]["timeline"]).read_text())["duration_ms"] / 60_000
        print(f"{arguments.file.name}: {minutes:.2f} minutes, {seconds:.1f} s in all, peak {peak} MB")
        for stage in result["stages"]:
            print(f"  {stage['name']:<12} {stage['seconds'] / minutes:7.2f} s a minute of source")
        took = {s["name"]: s["seconds"] for s in result["stages"]}
        bare = bare_recogniser(folder, result)
        ours = took["transcribe"]
        print(f"  faster-whisper alone {bare:.1f} s, our stage {ours:.1f} s: {100 * (ours / bare - 1):+.0f} %")
        bare, made = bare_synthesizer(result)
        theirs, ours = bare / made, took["synthesize"] / spoken_seconds(result)
        over = 100 * (ours / theirs - 1)
        print(f"  kokoro-onnx alone {theirs:.3f} s a second of sound, our stage {ours:.3f}: {over:+.0f} %")
        _, _, again = dub(arguments.file, folder)
        print(f"second run: {again:.2f} s, {100 * again / seconds:.1f} % of the first")
        if arguments.minutes:
            long = repeated(arguments.file, arguments.minutes, folder)
            (folder / "long").mkdir()
            _, peak, seconds = dub(long, folder / "long")
            print(f"{arguments.minutes} minutes of the same: {seconds:.0f} s, peak {peak} MB")
    print(f"this process itself peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
