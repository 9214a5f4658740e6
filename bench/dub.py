"""What a dub costs beside the bare engines: `python bench/dub.py [FILE]`.

Dubs FILE into Spanish from an empty store and prints its processor seconds for each stage. Then it lets each engine do
the same work alone, called directly with the same weights, and prints their processor seconds side by side, their sum,
and what the whole dub costs over it: DeepFilterNet3 on the mean of the channels; faster-whisper on the windows of the
source and on those of the dub; CTranslate2 on the sentences; kokoro-onnx on the lines that were spoken, as many seconds
of sound as were spoken; DNSMOS on the dub. Loading is counted on both sides. Decoding, cuts, diarization, mixing,
encoding and loudness have no engine beside them: they are in our figure alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from commands import Cost, weigh

SAMPLE = Path(__file__).parents[1] / "samples" / "episode.mp4"


SETUP = """
import json, os, sys, tempfile
from pathlib import Path
import numpy as np
import soundfile
from localize import media
from localize.data import Span
from localize.models import Models
from localize.runtime.store import Store
from localize.transcription.transcribe import detect_speech_spans, recognition_windows
result, store = json.loads(Path(sys.argv[1]).read_text()), Store(Path(sys.argv[2]))
film = media.ingest(store, Path(result["input"]), stream=None, language=None)
timeline = json.loads(Path(result["targets"][0]["timeline"]).read_text())
clips = timeline["clips"]
spoken = [Span(p[0][0], p[-1][1]) for p in (clip["dub"]["phrases"] for clip in clips)]
dialogue, rate = soundfile.read(result["targets"][0]["dialogue"], dtype="float32", always_2d=True)
import soxr
dialogue = soxr.resample(dialogue[:, np.abs(dialogue).sum(axis=0).argmax()], rate, 16_000).astype("float32")
def cpu():
    return sum(os.times()[:4])
def sleeping(path):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
"""
"""What each engine's script begins with, not counted: the film as it was decoded, and what was spoken. Threads of
onnxruntime sleep while they wait, as ours do: on a busy machine spinning ones would make the engines look dearer.
"""

WHISPER = """
def windows_of(sound, windows, language):
    global model
    for window in windows:
        part = sound[16 * window.start_ms : 16 * window.end_ms]
        segments, _ = model.transcribe(part, language=language, beam_size=5, temperature=0.0, vad_filter=True,
            condition_on_previous_text=False, word_timestamps=True,
            vad_parameters={"min_silence_duration_ms": 500, "speech_pad_ms": 200})
        list(segments)
heard = recognition_windows(detect_speech_spans(store, film.speech), film.duration_ms)
speech, _ = soundfile.read(store.path(film.speech), dtype="float32")
said = recognition_windows(spoken, film.duration_ms)
began = cpu()
from faster_whisper import WhisperModel
model = WhisperModel(str(Models().path("whisper-base")), device="cpu", compute_type="int8", local_files_only=True)
"""

ENGINES = {
    "DeepFilterNet3": (
        "ingest",
        """
sound, _ = soundfile.read(store.path(film.original), dtype="float32", always_2d=True)
mean = np.ascontiguousarray(sound.mean(axis=1))
began = cpu()
from localize.signal.denoise import Denoiser  # the library has no other way to be called from Python
Denoiser().process(mean, last=True)
print(cpu() - began)
""",
    ),
    "faster-whisper, source": ("transcribe", WHISPER + "windows_of(speech, heard, 'en')\nprint(cpu() - began)\n"),
    "faster-whisper, dub": ("measure", WHISPER + "windows_of(dialogue, said, 'es')\nprint(cpu() - began)\n"),
    "DNSMOS": (
        "measure",
        """
parts = [dialogue[16 * a : 16 * b] for clip in clips for a, b in clip["dub"]["phrases"]]
sound = np.concatenate([piece for part in parts for piece in (part, np.zeros(4_800, np.float32))])
from importlib.util import find_spec
model = Path(find_spec("speechmos").origin).parent / "dnsmos_models" / "sig_bak_ovr.onnx"
began = cpu()
session = sleeping(model)
for start in range(0, len(sound) - 144_160 + 1, 16_000):
    session.run(None, {"input_1": sound[None, start : start + 144_160]})
print(cpu() - began)
""",
    ),
    "CTranslate2": (
        "translate",
        """
master = json.loads(Path(result["targets"][0]["master"]).read_text())
lines = [segment["text"] for segment in master["segments"] if segment["text"]]
folder = str(Models().path("dialogue-en-es"))
began = cpu()
import ctranslate2, sentencepiece
pieces = sentencepiece.SentencePieceProcessor(folder + "/source.spm")
runner = ctranslate2.Translator(folder, compute_type="int8")
rows = [[*pieces.encode_as_pieces(line), "</s>"] for line in lines]
runner.translate_batch(rows, beam_size=6, num_hypotheses=6, return_scores=True)
print(cpu() - began)
""",
    ),
    "kokoro-onnx": (
        "synthesize",
        """
from localize.consent import stock_folder
styles = {c["voice"]: np.fromfile(stock_folder() / c["voice"] / "style.bin", "<f4").reshape(-1, 1, 256) for c in clips}
with tempfile.NamedTemporaryFile(suffix=".npz") as file:
    np.savez(file, **styles)
    file.flush()
    began = cpu()
    from kokoro_onnx import Kokoro
    engine = Kokoro.from_session(sleeping(Models().path("kokoro-82m-int8") / "kokoro.onnx"), file.name)
    loaded = cpu()
    made = sum(len(engine.create(c["text"], voice=c["voice"], lang="es", trim=False)[0]) for c in clips) / 24_000
# Ours speaks slower or faster than it does, with half a second of silence around a line: costs of equal sound.
ours = sum((b - a) / 1000 for c in clips for a, b in c["dub"]["phrases"]) + 0.5 * len(clips)
print(loaded - began + (cpu() - loaded) * ours / made)
""",
    ),
}
"""Engine -> the stage that calls it, and the same work by it alone, which prints its processor seconds."""


def bare_seconds(script: str, folder: Path) -> float:
    """Processor seconds of one engine alone, in a process of its own, on the work of the dub in `folder`."""
    command = [sys.executable, "-c", SETUP + script, str(folder / "result.json"), str(folder / "store")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def compare(dubbed: Cost, folder: Path) -> None:
    """Print the stages of a dub, each engine's own cost beside, and the whole over their sum."""
    bare = {name: (stage, bare_seconds(script, folder)) for name, (stage, script) in ENGINES.items()}
    print(f"{'stage':<14}{'CPU s':>8}   the engine alone")
    for stage in dubbed.result["stages"]:
        alone = ", ".join(f"{name} {spent:.1f}" for name, (where, spent) in bare.items() if where == stage["name"])
        print(f"{stage['name']:<14}{stage['cpu_seconds']:8.1f}   {alone}")
    engines = sum(spent for _, spent in bare.values())
    over = dubbed.cpu_seconds / engines
    print(f"the whole dub {dubbed.cpu_seconds:.1f} CPU s, its engines alone {engines:.1f}: {over:.2f} times as much")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=SAMPLE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command = ("dub", arguments.file.resolve(), "--to", "es", "-o", folder / "out")
        first = weigh(folder, *command)
        timeline = json.loads(Path(first.result["targets"][0]["timeline"]).read_text())
        length = timeline["duration_ms"] / 1000
        print(
            f"{arguments.file.name}: {length:.1f} s, dubbed in {first.seconds:.1f} s ({first.seconds / length:.2f} x), "
            f"{first.cpu_seconds:.1f} CPU s ({first.cpu_seconds / length:.2f} a second), peak {first.peak_mb} MB; "
            f"load of the machine {first.load:.1f}"
        )
        # Before the engines alone: their script has no key to the store, and makes results of it anew.
        again = weigh(folder, *command)
        compare(first, folder)
        share = 100 * again.cpu_seconds / first.cpu_seconds
        print(f"second run: {again.seconds:.2f} s, {again.cpu_seconds:.2f} CPU s, {share:.1f} % of the first")


if __name__ == "__main__":
    main()
