"""Recognisers side by side on the same Whisper base weights: `python bench/engines.py [FILE] [--rounds N]`.

Prints seconds and ratios for the speech of FILE (default: the sample episode): faster_whisper as the product calls it,
faster-whisper called directly with the same options, and openai-whisper (extra `whisper`) on the same weights, re-laid
by `tools/relay_whisper.py`. Each round hears the first two, one after the other; the least of the rounds counts, since
what else the machine does can only add. openai-whisper is heard once. `wall_s` is by the clock, `cpu_s` what all cores
together worked: on a machine that others use too, only the second says anything.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from localize import media  # noqa: E402
from localize.data import Span  # noqa: E402
from localize.engines import load  # noqa: E402
from localize.engines.whisper_guards import (  # noqa: E402
    BEAM,
    NO_SPEECH,
    PARTED,
    SILENCE_S,
    read_span,
)
from localize.models import Models  # noqa: E402
from localize.runtime.store import Store  # noqa: E402
from localize.transcription.transcribe import detect_speech_spans, recognition_windows  # noqa: E402


def bare(model: Any, audio: Path, windows: tuple[Span, ...]) -> None:
    """faster-whisper with the product's options and nothing around it."""
    for window in windows:
        segments, _ = model.transcribe(
            read_span(audio, window), language="en", beam_size=BEAM, temperature=0.0, condition_on_previous_text=False,
            word_timestamps=True, no_speech_threshold=NO_SPEECH, log_prob_threshold=None,
            compression_ratio_threshold=None, hallucination_silence_threshold=SILENCE_S, vad_filter=True,
            vad_parameters=PARTED,
        )  # fmt: skip
        list(segments)


def product(engine: Any, audio: Path, windows: tuple[Span, ...]) -> None:
    """An engine as the transcribe stage calls it."""
    for window in windows:
        engine.recognise(audio, window, "en")


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds that a piece of work takes: by the clock, and of all cores together."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - worked


def least(times: list[tuple[float, float]]) -> dict[str, float]:
    """The least of each kind."""
    wall, cpu = (round(min(column), 2) for column in zip(*times))
    return {"wall_s": wall, "cpu_s": cpu}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("file", nargs="?", type=Path, default=ROOT / "samples" / "episode.mp4")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    models = Models()
    with tempfile.TemporaryDirectory() as place:
        store = Store(Path(place) / "store")
        found = media.ingest(store, chosen.file, stream=None, language=None)
        audio = store.path(found.speech)
        windows = recognition_windows(detect_speech_spans(store, found.speech), found.duration_ms)
        ours = load("recogniser", "faster_whisper:whisper-base", models)
        theirs = ours._model  # the same object: loading and memory are no part of the comparison
        product(ours, audio, windows[:1])  # the first call warms up
        rounds = [
            (timed(lambda: product(ours, audio, windows)), timed(lambda: bare(theirs, audio, windows)))
            for _ in range(chosen.rounds)
        ]
        through, direct = (least(list(column)) for column in zip(*rounds))
        result: dict[str, Any] = {
            "speech_s": round(sum(w.length_ms for w in windows) / 1000, 1),
            "faster_whisper_through_us": through,
            "faster_whisper_directly": direct,
            "our_overhead": {kind: round(through[kind] / direct[kind] - 1, 3) for kind in through},
        }
        if find_spec("whisper"):
            from relay_whisper import write

            checkpoint = Path(place) / "base.pt"
            write(checkpoint, models)
            openai = load("recogniser", f"whisper:{checkpoint}", models)
            product(openai, audio, windows[:1])
            slow = least([timed(lambda: product(openai, audio, windows))])
            result["openai_whisper"] = slow
            result["times_faster_than_openai_whisper"] = {k: round(slow[k] / through[k], 1) for k in slow}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
